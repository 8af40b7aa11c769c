/* An experiment's file as typed values. What is wrong with files is tried in tests/experiments_bad. */
#include "experiment/file.h"
#include "support/session.h"
#include <stdio.h>

typedef struct given_file {
  trial t;
  arena *home;
  problems *faults;
  experiment of;
} given_file;

static const experiment *read_file(given_file *g, const char *lines)
{
  trial_new(&g->t);
  g->home = arena_new();
  g->faults = problems_new();
  trial_write(&g->t, "which_one.yaml", arena_format(g->home, "tarazu_experiment: 1\n%s", lines));
  experiment_read(trial_path(&g->t, "which_one.yaml"), g->home, g->faults, &g->of);
  if (problems_errors(g->faults)) {
    text out = {0};
    problems_print(g->faults, &out, 0);
    fail_msg("%s", text_string(&out));
  }
  return &g->of;
}

static void given_free(given_file *g)
{
  problems_free(g->faults);
  arena_free(g->home);
  trial_free(&g->t);
}

static void what_is_left_out_is_the_usual(void **state)
{
  (void)state;
  given_file g;
  const experiment *x = read_file(&g, "profile: in/p.yaml\n");
  assert_string_equal(x->name, "which_one");
  assert_null(x->description);
  assert_int_equal(x->company_count, 1);
  assert_null(x->companies[0].name);
  assert_string_equal(x->companies[0].profile, trial_path(&g.t, "in/p.yaml"));
  assert_string_equal(x->store, trial_path(&g.t, "tarazu.db"));
  assert_null(x->output);
  assert_int_equal(x->bootstrap, 1000);
  assert_true(x->level == 0.95 && x->method == INTERVAL_BCA && x->correction == CORRECTION_HOLM);
  assert_true(!x->seed_count && !x->backtest && !x->jobs && x->sample == SAMPLE_GRID);
  given_free(&g);
}

static void what_is_said_counts(void **state)
{
  (void)state;
  given_file g;
  const experiment *x = read_file(
      &g, "name: a-b_1\ndescription: Why?\nprofiles: {acme: a.yaml, bolt: b/b.yaml}\nvary: {a: [1]}\n"
          "sample: {random: 7, seed: 3}\nbase: a=1\njobs: 3\nstore: s/t.db\noutput: {to: r, formats: [json]}\n"
          "repeat: {bootstrap: 0, level: 90%, interval: percentile, correction: benjamini_hochberg, seeds: "
          "[4, 0], seed: 8}\n");
  assert_string_equal(x->name, "a-b_1");
  assert_string_equal(x->description, "Why?");
  assert_int_equal(x->company_count, 2);
  assert_string_equal(x->companies[1].name, "bolt");
  assert_string_equal(x->companies[1].profile, trial_path(&g.t, "b/b.yaml"));
  assert_true(x->sample == SAMPLE_RANDOM && x->sample_count == 7 && x->sample_seed == 3 && x->jobs == 3);
  assert_string_equal(x->base, "a=1");
  assert_string_equal(x->store, trial_path(&g.t, "s/t.db"));
  assert_string_equal(x->output, trial_path(&g.t, "r"));
  assert_int_equal(x->formats, OUTPUT_JSON);
  assert_true(x->bootstrap == 0 && x->level == 0.9 && x->method == INTERVAL_PERCENTILE);
  assert_true(x->correction == CORRECTION_BENJAMINI_HOCHBERG && x->bootstrap_seed == 8);
  assert_int_equal(x->seed_count, 2);
  assert_true(x->seeds[0] == 4 && x->seeds[1] == 0);
  given_free(&g);
}

/* The names of all cut-offs. */
static const char *cuts_of(given_file *g, const char *backtest)
{
  text out = {0};
  char lines[400];
  snprintf(lines, sizeof lines, "profile: p.yaml\noutcomes: {a: b}\nbacktest: %s\n", backtest);
  const experiment *x = read_file(g, lines);
  for (uint32_t i = 0; i < x->cut_count; i++) text_addf(&out, "%s%s", i ? " " : "", x->cuts[i].name);
  const char *kept = arena_copy(g->home, text_string(&out));
  text_free(&out);
  return kept;
}

static void assert_cuts(const char *backtest, const char *expected)
{
  given_file g;
  assert_string_equal(cuts_of(&g, backtest), expected);
  given_free(&g);
}

static void cut_offs_are_listed_or_roll(void **state)
{
  (void)state;
  assert_cuts("{cut_offs: 2024-01-01, horizon: 26 weeks}", "2024-01-01");
  assert_cuts("{cut_offs: [2024-07-01, 2023-12-31], horizon: 26 weeks}", "2023-12-31 2024-07-01");
  assert_cuts("{cut_offs: ['2024-07-01 09:30', 2024-07-01T10:30:00Z], horizon: 1 day}",
              "2024-07-01T09:30:00 2024-07-01T10:30:00Z");
  assert_cuts("{from: 2024-01-01, to: 2024-02-01, every: 2 weeks, horizon: 26 weeks}",
              "2024-01-01 2024-01-15 2024-01-29");
  /* by the calendar, where a month has the day */
  assert_cuts("{from: 2023-10-31, to: 2024-03-31, every: 1 month, horizon: 1 year}",
              "2023-10-31 2023-11-30 2023-12-31 2024-01-31 2024-02-29 2024-03-31");
  assert_cuts("{from: 2024-02-29, to: 2026-03-01, every: 1 year, horizon: 1 year}", "2024-02-29 2025-02-28 2026-02-28");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_left_out_is_the_usual),
      cmocka_unit_test(what_is_said_counts),
      cmocka_unit_test(cut_offs_are_listed_or_roll),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
