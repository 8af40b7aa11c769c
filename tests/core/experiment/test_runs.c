#include "experiment/runs.h"

#include "experiment/recalled.h"
#include "support/near.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct desk {
  char folder[64];
  arena *arena;
  problems *problems;
  store *store;
  int64_t experiment;
} desk;

static desk *desk_new(void)
{
  desk *d = test_malloc(sizeof *d);
  strcpy(d->folder, "/tmp/tarazu-runs-XXXXXX");
  assert_non_null(mkdtemp(d->folder));
  d->arena = arena_new();
  d->problems = problems_new();
  d->store = store_open(arena_format(d->arena, "%s/tarazu.db", d->folder), STORE_WRITE, NOWHERE, d->problems);
  assert_non_null(d->store);
  d->experiment = store_experiment(d->store, "key", "lists", NULL, NULL);
  return d;
}

static void desk_free(desk *d)
{
  char command[128];
  store_close(d->store);
  snprintf(command, sizeof command, "rm -rf '%s'", d->folder);
  assert_int_equal(system(command), 0);
  problems_free(d->problems);
  arena_free(d->arena);
  test_free(d);
}

/* The list of a variant: one member whose key wants quotes in CSV. */
static void stand(void *argument, int64_t i, store_standing *out)
{
  const double *measured = argument;
  (void)i;
  *out = (store_standing){
      .key = "Ann, \"Żółw\"", .key_length = strlen("Ann, \"Żółw\""), .rank = 3, .score = 0.25, .listed = 1};
  out->measured = measured;
  out->reason = "rank 3, 1 in line";
  out->reason_length = strlen(out->reason);
}

static int64_t add(desk *d, const char *variant, const char *cut_off, const store_measure *measures, uint32_t count)
{
  static const store_criterion criteria[] = {{"spend", "financial", "monetary", 0.75, 1},
                                             {"trust", "non_financial", "trust", 0.25, 1}};
  static double measured[] = {12.5, NAN};
  int64_t id;
  store_record r = {.variant = {.experiment = d->experiment, .key = variant, .cut_off = cut_off},
                    .measures = measures,
                    .measure_count = count,
                    .criteria = criteria,
                    .criterion_count = 2,
                    .customers = 9,
                    .scored = 9,
                    .standing_count = 1,
                    .standing = stand,
                    .argument = measured};
  r.variant.label = arena_format(d->arena, "combine=%s", variant);
  assert_true(store_add(d->store, &r, &id));
  return id;
}

/* The same variant, measured with plugins that were built anew. */
static void add_again(desk *d, const char *variant, const char *key, double value)
{
  const store_measure m = {"share_captured of revenue", value, NAN, NAN, 1, NULL, 0};
  store_record r = {.variant = {.experiment = d->experiment, .key = key}, .measures = &m, .measure_count = 1};
  r.variant.label = arena_format(d->arena, "combine=%s", variant);
  assert_true(store_add(d->store, &r, NULL));
}

static int64_t add_value(desk *d, const char *variant, const char *cut_off, double value)
{
  const double samples[] = {1, 2, 3};
  const store_measure m[] = {{"share_captured of revenue", value, value - 0.1, value + 0.1, 1, samples, 3},
                             {"seconds", 10 * value, NAN, NAN, -1, NULL, 0}};
  return add(d, variant, cut_off, m, 2);
}

static store_run *all_runs(desk *d, uint32_t *count)
{
  store_run *runs;
  assert_true(store_runs(d->store, NULL, d->arena, &runs, count));
  return runs;
}

static best_list best_by(desk *d, const char *by)
{
  uint32_t count;
  best_list found;
  const store_run *runs = all_runs(d, &count);
  assert_true(runs_best(d->store, runs, count, by, d->arena, &found));
  return found;
}

/* ---- best -------------------------------------------------------------------------------------------------------- */

static void variants_stand_by_their_mean_over_cut_offs(void **state)
{
  (void)state;
  desk *d = desk_new();
  add_value(d, "topsis", "2025-01-01", 0.5);
  add_value(d, "vikor", "2025-01-01", 0.75);
  add_value(d, "topsis", "2025-07-01", 0.875);
  int64_t newest = add_value(d, "vikor", "2025-07-01", 0.25);
  add_value(d, "codas", NULL, 0.25);
  add_value(d, "none", NULL, NAN);
  best_list best = best_by(d, NULL);
  assert_string_equal(best.measure, "share_captured of revenue");
  assert_int_equal(best.measure_count, 2);
  assert_int_equal(best.count, 3); /* who has no value has no place */
  assert_string_equal(best.variants[0].run->variant, "topsis");
  assert_near(best.variants[0].value, 0.6875, 0);
  assert_int_equal(best.variants[0].runs, 2);
  assert_near(best.variants[0].low, NAN, 0); /* of several runs there is no one interval */
  assert_string_equal(best.variants[1].run->variant, "vikor");
  assert_near(best.variants[1].value, 0.5, 0);
  assert_int_equal(best.variants[1].run->id, newest);
  assert_near(best.variants[2].low, 0.15, 1e-15);
  desk_free(d);
}

static void less_is_better_where_the_measure_says_so(void **state)
{
  (void)state;
  desk *d = desk_new();
  add_value(d, "slow", NULL, 0.9);
  add_value(d, "fast", NULL, 0.1);
  best_list best = best_by(d, "seconds");
  assert_int_equal(best.better, -1);
  assert_string_equal(best.variants[0].run->variant, "fast");
  text out = {0};
  runs_best_text(&best, d->arena, &out, (screen){0});
  assert_non_null(strstr(text_string(&out), "less is better"));
  text_free(&out);
  desk_free(d);
}

static void a_measure_is_named_by_its_first_word_where_one_alone_has_it(void **state)
{
  (void)state;
  desk *d = desk_new();
  const store_measure m[] = {{"gini of margin", 0.5, NAN, NAN, 1, NULL, 0},
                             {"gini of revenue", 0.25, NAN, NAN, 1, NULL, 0},
                             {"lift of revenue", 2, NAN, NAN, 1, NULL, 0}};
  add(d, "a", NULL, m, 3);
  assert_string_equal(best_by(d, "lift").measure, "lift of revenue");
  assert_null(best_by(d, "gini").measure);
  assert_string_equal(best_by(d, "gini of revenue").measure, "gini of revenue");
  assert_null(best_by(d, "lif").measure);
  desk_free(d);
}

static void what_is_measured_anew_stands_for_the_earlier(void **state)
{
  (void)state;
  desk *d = desk_new();
  add_value(d, "a", NULL, 0.9);
  add_value(d, "b", NULL, 0.8);
  d->experiment = store_experiment(d->store, "another key", "lists", NULL, NULL);
  add_value(d, "a", NULL, 0.5);
  add_again(d, "a", "built anew", 0.25);
  d->experiment = store_experiment(d->store, "a third", "others", NULL, NULL);
  add_value(d, "a", NULL, 0.4);
  best_list best = best_by(d, NULL);
  assert_int_equal(best.count, 2);
  assert_string_equal(best.variants[0].run->experiment_name, "others");
  assert_near(best.variants[1].value, 0.25, 0);
  desk_free(d);
}

/* ---- export ------------------------------------------------------------------------------------------------------ */

static void all_runs_are_exported_with_every_measure(void **state)
{
  (void)state;
  desk *d = desk_new();
  uint32_t count;
  const store_measure other = {"lift", 2, 1, 3, 1, NULL, 0};
  add_value(d, "a", "2025-01-01", 0.5);
  add(d, "b, c", NULL, &other, 1);
  const store_run *runs = all_runs(d, &count);
  text out = {0};
  assert_true(runs_export(d->store, runs, count, d->arena, &out));
  const char *words = text_string(&out);
  assert_non_null(strstr(words, ",listed,share_captured of revenue,share_captured of revenue_low,share_captured of "
                                "revenue_high,seconds,seconds_low,seconds_high,lift,lift_low,lift_high\n"));
  assert_non_null(strstr(words, "1,lists,a,combine=a,0,2025-01-01,"));
  assert_non_null(strstr(words, ",9,9,1,0.5,0.4,0.6,5,,,,,\n"));
  assert_non_null(strstr(words, "2,lists,\"b, c\",\"combine=b, c\",0,,"));
  assert_non_null(strstr(words, ",9,9,1,,,,,,,2,1,3\n"));
  text_free(&out);
  desk_free(d);
}

static void one_run_is_exported_with_what_was_measured(void **state)
{
  (void)state;
  desk *d = desk_new();
  uint32_t count;
  add_value(d, "a", NULL, 0.5);
  text out = {0};
  assert_true(runs_export_run(d->store, all_runs(d, &count), d->arena, &out));
  assert_string_equal(text_string(&out), "customer,rank,score,spend,trust,key_customer,reason\n"
                                         "\"Ann, \"\"Żółw\"\"\",3,0.25,12.5,,true,\"rank 3, 1 in line\"\n");
  text_free(&out);
  desk_free(d);
}

/* ---- one and two runs -------------------------------------------------------------------------------------------- */

static void a_failed_variant_is_listed_and_shown_with_its_fault(void **state)
{
  (void)state;
  desk *d = desk_new();
  uint32_t count;
  store_record r = {.variant = {.experiment = d->experiment, .key = "v", .label = "limit=0", .repeat = 2},
                    .status = EXIT_PROFILE,
                    .problem = "limit: found 0\nexpected more",
                    .settings = "{\"limit\": 0}"};
  assert_true(store_add(d->store, &r, NULL));
  const store_run *runs = all_runs(d, &count);
  text out = {0};
  runs_list_text(runs, count, d->arena, &out, (screen){0});
  assert_non_null(strstr(text_string(&out), "limit=0, repeat 2"));
  assert_non_null(strstr(text_string(&out), "failed with status 3: limit: found 0\n"));
  text_free(&out);
  assert_true(runs_show_json(d->store, runs, d->arena, &out));
  assert_non_null(strstr(text_string(&out), "\"problem\": \"limit: found 0\\nexpected more\""));
  assert_non_null(strstr(text_string(&out), "\"settings\": {\"limit\": 0},\n \"manifest\": null}"));
  text_free(&out);
  desk_free(d);
}

static void of_variants_only_the_lists_are_compared(void **state)
{
  (void)state;
  desk *d = desk_new();
  uint32_t count;
  recalled sides[2];
  add_value(d, "a", NULL, 0.5);
  add_value(d, "b", NULL, 0.5);
  const store_run *runs = all_runs(d, &count);
  for (int k = 0; k < 2; k++) assert_true(recall(d->store, &runs[k], d->arena, d->problems, &sides[k]));
  comparison c = {
      .sides = {&sides[0].ranking, &sides[1].ranking}, .names = {"1", "2"}, .arena = d->arena, .problems = d->problems};
  recall_sameness(d->store, &runs[0], &runs[1], &c.settings, &c.data);
  assert_int_equal(c.data, NOT_KNOWN);
  assert_true(comparison_make(&c));
  assert_false(comparison_has_ranks(&c));
  assert_int_equal(c.shared, 1);
  assert_int_equal(c.entered_count + c.left_count, 0);
  recalled_free(&sides[0]);
  recalled_free(&sides[1]);
  desk_free(d);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(variants_stand_by_their_mean_over_cut_offs),
      cmocka_unit_test(less_is_better_where_the_measure_says_so),
      cmocka_unit_test(a_measure_is_named_by_its_first_word_where_one_alone_has_it),
      cmocka_unit_test(what_is_measured_anew_stands_for_the_earlier),
      cmocka_unit_test(all_runs_are_exported_with_every_measure),
      cmocka_unit_test(one_run_is_exported_with_what_was_measured),
      cmocka_unit_test(a_failed_variant_is_listed_and_shown_with_its_fault),
      cmocka_unit_test(of_variants_only_the_lists_are_compared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
