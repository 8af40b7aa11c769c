/* The tables of results and the manifest: which columns, in which order, and that the manifest is JSON. */
#include "config/yaml.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

#define PROFILE                                                                                              \
  "tarazu: 1\ncompany: \"Nüt & \\\"Bolt\\\"\"\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\n"          \
  "  friends: {edge: [of, to]}\ncombine: by_row\nmissing: worst\n"                                           \
  "criteria:\n"                                                                                              \
  "  t: {plugin: typed, dimension: financial, input: {value: customers.a}}\n"                                \
  "  w: {plugin: telling, dimension: trust, input: {value: customers.b}, better: less, normalize: minmax}\n" \
  "  brought: {plugin: referral, dimension: financial, input: {referrals: friends, value: w}}\n"             \
  "segments:\n  tier: pareto\n  cell: {plugin: matrix, input: {x: financial, y: trust}}\n"                   \
  "key_customers: {limit: 1}\n"

static void run(trial *t)
{
  trial_new(t);
  assert_good(t, trial_open(t, PROFILE));
  assert_good(t,
              trial_push(t, "customers", 3, TEXTS("id", "x", "y", "z"), REALS("a", 1, -2, 3), REALS("b", 5, NAN, 1)));
  assert_good(t, trial_push(t, "friends", 2, TEXTS("of", "x", "x"), TEXTS("to", "y", "z")));
  assert_good(t, trial_run(t));
}

static void columns_come_in_the_order_that_is_promised(void **state)
{
  static const char *const expected[] = {"customer",
                                         "rank",
                                         "score",
                                         "financial",
                                         "non_financial",
                                         "trust",
                                         "t",
                                         "t_normalized",
                                         "t_contribution",
                                         "t_half",
                                         "t_positive",
                                         "t_sign",
                                         "w",
                                         "w_normalized",
                                         "w_contribution",
                                         "brought",
                                         "brought_normalized",
                                         "brought_contribution",
                                         "brought_referred",
                                         "brought_reached",
                                         "brought_saved_acquisition",
                                         "brought_rewards",
                                         "brought_type_one",
                                         "brought_type_two",
                                         "score_row",
                                         "tier",
                                         "cell",
                                         "cell_strategy",
                                         "key_customer",
                                         "reason",
                                         "coverage",
                                         "reason_1",
                                         "reason_2",
                                         "reason_3"};
  const uint32_t count = sizeof expected / sizeof *expected;
  trial t;
  (void)state;
  run(&t);
  sheet *s = sheet_read(&t, "customers");
  for (uint32_t i = 0; i < count && i < sheet_columns(s); i++) assert_string_equal(sheet_column(s, i), expected[i]);
  assert_int_equal(sheet_columns(s), count);
  assert_near(sheet_real_of(s, "x", "brought_referred"), 2, 0);
  sheet_free(s);
  trial_free(&t);
}

static void criteria_tell_what_they_are(void **state)
{
  trial t;
  (void)state;
  run(&t);
  sheet *s = sheet_read(&t, "criteria");
  assert_int_equal(sheet_rows(s), 3);
  assert_string_equal(sheet_text_of(s, "w", "dimension"), "trust");
  assert_string_equal(sheet_text_of(s, "w", "plugin"), "telling");
  assert_string_equal(sheet_text_of(s, "w", "normalizer"), "minmax");
  assert_string_equal(sheet_text_of(s, "w", "better"), "less");
  assert_string_equal(sheet_text_of(s, "t", "better"), "more");
  assert_null(sheet_text_of(s, "t", "normalizer"));
  assert_near(sheet_real_of(s, "w", "missing"), 1, 0);
  assert_near(sheet_real_of(s, "w", "least"), 1, 0); /* the gap is filled with the worst, 5 */
  assert_near(sheet_real_of(s, "w", "mean"), 11.0 / 3, 1e-15);
  assert_near(sheet_real_of(s, "w", "most"), 5, 0);
  assert_near(sheet_real_of(s, "t", "mean"), 2.0 / 3, 1e-15);
  sheet_free(s);
  trial_free(&t);
}

static int64_t find_fact(const sheet *s, const char *of, const char *fact)
{
  for (int64_t i = 0; i < sheet_rows(s); i++)
    if (!strcmp(sheet_text(s, "of", i), of) && !strcmp(sheet_text(s, "fact", i), fact)) return i;
  fail_msg("no fact '%s' of '%s'", fact, of);
  return 0;
}

static void facts_are_what_strategies_report(void **state)
{
  trial t;
  (void)state;
  run(&t);
  sheet *s = sheet_read(&t, "facts");
  int64_t row = find_fact(s, "w", "likelihood");
  assert_near(sheet_real(s, "value", row), -9582.43, 0);
  assert_near(sheet_real(s, "standard_error", row), 0.5, 0);
  assert_null(sheet_text(s, "text", row));
  assert_string_equal(sheet_text(s, "level", row), "fact");
  row = find_fact(s, "w", "verdict");
  assert_string_equal(sheet_text(s, "text", row), "a good \"fit\"");
  assert_near(sheet_real(s, "value", row), NAN, 0);
  assert_near(sheet_real(s, "standard_error", row), NAN, 0);
  row = find_fact(s, "w", "bound"); /* words take no number away */
  assert_string_equal(sheet_text(s, "text", row), "r stands at a bound");
  assert_near(sheet_real(s, "value", row), 2, 0);
  assert_near(sheet_real(s, "standard_error", row), 0.25, 0);
  assert_near(sheet_real(s, "value", find_fact(s, "w", "spread")), NAN, 0); /* infinite: not a number to show */
  assert_string_equal(sheet_text(s, "level", find_fact(s, "w", "spread")), "warning");
  assert_string_equal(sheet_text(s, "level", find_fact(s, "w", "trust")), "not to be trusted");
  sheet_free(s);
  trial_free(&t);
}

/* ---- the manifest --------------------------------------------------------------------------------------------------
 */

static const char *text_of(const node *map, const char *key)
{
  const node *value = node_get(map, key);
  if (!value || value->kind != NODE_SCALAR) fail_msg("no '%s'", key);
  return value->text;
}

static void the_manifest_says_what_ran_on_what(void **state)
{
  trial t;
  (void)state;
  run(&t);
  arena *memory = arena_new();
  problems *faults = problems_new();
  const char *manifest = tarazu_manifest(t.session);
  node *root = yaml_parse("manifest", manifest, strlen(manifest), memory, faults);
  assert_int_equal(problems_errors(faults), 0);
  assert_string_equal(text_of(root, "tarazu"), tarazu_version());
  assert_string_equal(text_of(root, "company"), "Nüt & \"Bolt\"");
  assert_string_equal(text_of(root, "as_of"), "2020-01-01");
  assert_string_equal(text_of(root, "as_of_from"), "profile");
  assert_string_equal(text_of(root, "customers"), "3");
  assert_string_equal(text_of(root, "scored"), "3");
  assert_string_equal(text_of(root, "key_customers"), "1");
  const node *of_profile = node_get(root, "profile");
  assert_int_equal(strlen(text_of(of_profile, "settings_sha256")), 64);
  assert_int_equal(strlen(text_of(node_get(of_profile, "files")->items[0], "sha256")), 64);
  assert_string_equal(text_of(node_get(node_get(of_profile, "settings"), "key_customers"), "limit"), "1");
  const node *data = node_get(root, "data");
  assert_int_equal(data->count, 2);
  assert_string_equal(text_of(data->items[1], "table"), "friends");
  assert_string_equal(text_of(data->items[1], "shape"), "edges");
  assert_string_equal(text_of(data->items[1], "rows"), "2");
  const node *weights = node_get(root, "weights");
  assert_near(strtod(text_of(weights, "brought"), NULL), 1.0 / 3, 1e-15);
  const node *plugins = node_get(root, "plugins");
  for (uint32_t i = 0; i < plugins->count; i++) assert_int_equal(strlen(text_of(plugins->items[i], "sha256")), 64);
  assert_int_equal(node_get(root, "facts")->kind, NODE_LIST);
  assert_int_equal(node_get(root, "criteria")->count, 3);
  problems_free(faults);
  arena_free(memory);
  trial_free(&t);
}

/* Without the seconds and the number of threads, the path of the test's own folder made one. */
static char *timeless(trial *t)
{
  const char *manifest = tarazu_manifest(t->session), *end = strstr(manifest, "\"seconds\"");
  char *copy = strndup(manifest, (size_t)(end - manifest));
  for (char *at = copy; (at = strstr(at, t->folder));) memset(at, '.', strlen(t->folder));
  return copy;
}

static void but_for_the_seconds_it_is_the_same_each_time(void **state)
{
  trial one, two;
  (void)state;
  run(&one);
  trial_new(&two);
  two.options.threads = 7;
  assert_good(&two, trial_open(&two, PROFILE));
  assert_good(
      &two, trial_push(&two, "customers", 3, TEXTS("id", "z", "y", "x"), REALS("a", 3, -2, 1), REALS("b", 1, NAN, 5)));
  assert_good(&two, trial_push(&two, "friends", 2, TEXTS("of", "x", "x"), TEXTS("to", "z", "y")));
  assert_good(&two, trial_run(&two));
  char *left = timeless(&one), *right = timeless(&two);
  for (char **side = (char *[]){left, right, NULL}; *side; side++) /* what was read is told apart by its order */
    for (char *at = *side; (at = strstr(at, "\"fingerprint\": \"")); at += 16) memset(at + 16, '.', 16);
  assert_string_equal(left, right);
  free(left);
  free(right);
  trial_free(&one);
  trial_free(&two);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_come_in_the_order_that_is_promised),
      cmocka_unit_test(criteria_tell_what_they_are),
      cmocka_unit_test(facts_are_what_strategies_report),
      cmocka_unit_test(the_manifest_says_what_ran_on_what),
      cmocka_unit_test(but_for_the_seconds_it_is_the_same_each_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
