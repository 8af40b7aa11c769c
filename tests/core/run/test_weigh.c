/* Weights: of one weigher, of several in a blend, within dimensions, out of data. */
#include "support/session.h"
#include <stdio.h>

#define THREE                                                                                   \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\ncriteria:\n" \
  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}, weight: 1}\n"    \
  "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}, weight: 2}\n"    \
  "  c: {plugin: attribute, dimension: non_financial, input: {value: customers.c}, weight: 5}\n"

static int run(trial *t, const char *more)
{
  char yaml[2000];
  snprintf(yaml, sizeof yaml, THREE "%s", more);
  int status = trial_open(t, yaml);
  int pushed = trial_push(t, "customers", 4, TEXTS("id", "w", "x", "y", "z"), REALS("a", 1, 2, 3, 3),
                          REALS("b", 5, 4, 3, 2), REALS("c", NAN, NAN, 0, 7));
  int ran = trial_run(t);
  return status ? status : pushed ? pushed : ran;
}

static void assert_weights(const char *more, double a, double b, double c)
{
  trial t;
  trial_new(&t);
  assert_good(&t, run(&t, more));
  sheet *s = sheet_read(&t, "criteria");
  assert_near(sheet_real_of(s, "a", "weight"), a, 1e-15);
  assert_near(sheet_real_of(s, "b", "weight"), b, 1e-15);
  assert_near(sheet_real_of(s, "c", "weight"), c, 1e-15);
  sheet_free(s);
  trial_free(&t);
}

static void the_profiles_weights_count_where_it_names_no_weigher(void **state)
{
  (void)state;
  assert_weights("", 0.125, 0.25, 0.625);
  assert_weights("weigh: manual\n", 0.125, 0.25, 0.625);
  assert_weights("weigh: {plugin: manual}\n", 0.125, 0.25, 0.625);
}

static void a_weighers_weights_are_brought_to_a_sum_of_one(void **state)
{
  (void)state;
  assert_weights("weigh: {plugin: listed, params: {weights: [3, 0, 1]}}\n", 0.75, 0, 0.25);
  assert_weights("weigh: {plugin: listed, params: {weights: [3e300, 0, 1e300]}}\n", 0.75, 0, 0.25);
}

static void a_blend_is_the_mean_by_shares(void **state)
{
  (void)state;
  assert_weights("weigh:\n  - {plugin: manual, share: 1}\n"
                 "  - {plugin: listed, share: 3, params: {weights: [200, 100, 100]}}\n",
                 (0.125 + 3 * 0.5) / 4, (0.25 + 3 * 0.25) / 4, (0.625 + 3 * 0.25) / 4);
  assert_weights("weigh:\n  - {plugin: manual, share: 100%}\n"
                 "  - {plugin: listed, share: 0, params: {weights: [1, 0, 0]}}\n",
                 0.125, 0.25, 0.625);
  /* no shares: equal ones; the same weigher twice is that weigher */
  assert_weights("weigh:\n  - {plugin: listed, params: {weights: [1, 0, 0]}}\n"
                 "  - {plugin: listed, params: {weights: [0, 0, 1]}}\n",
                 0.5, 0, 0.5);
  assert_weights("weigh: [{plugin: manual}, {plugin: manual}]\n", 0.125, 0.25, 0.625);
}

static void a_blend_is_rescaled_within_the_dimensions(void **state)
{
  const double a = (0.125 + 0.5) / 2, b = (0.25 + 0.25) / 2;
  (void)state;
  assert_weights("dimensions: {financial: 0.9, non_financial: 0.1}\nweigh:\n  - {plugin: manual}\n"
                 "  - {plugin: listed, params: {weights: [2, 1, 1]}}\n",
                 0.9 * a / (a + b), 0.9 * b / (a + b), 0.1);
}

/* present counts who reaches 1 after minmax: of a two (y, z), of b one (w), of c one (z); the others do not have it. */
static void a_weigher_learns_from_what_its_normalizer_makes_of_the_criteria(void **state)
{
  (void)state;
  assert_weights("weigh: present\n", 0.5, 0.25, 0.25);
}

static void a_weigher_may_name_the_criteria_in_any_order(void **state)
{
  (void)state;
  assert_weights("weigh: {plugin: listed, input: {criteria: [c, a, b]}, params: {weights: [5, 3, 2]}}\n", 0.3, 0.2,
                 0.5);
}

static void weights_that_cannot_be_are_refused(void **state)
{
  static const struct {
    const char *weigh, *words;
    int status;
  } cases[] = {
      {"{plugin: listed, params: {weights: [1, -1, 2]}}", "gave criterion 'b' the weight -1", TARAZU_FAULT_PLUGIN},
      {"{plugin: listed, params: {weights: [1, 1]}}", "gave criterion 'c' the weight nan", TARAZU_FAULT_PLUGIN},
      {"{plugin: listed, params: {weights: [0, 0, 0]}}", "all weights are 0", TARAZU_FAULT_DATA},
      {"{plugin: listed, input: {criteria: [a, b]}, params: {weights: [1, 1]}}", "weigh every criterion once",
       TARAZU_FAULT_PROFILE},
      {"{plugin: listed, input: {criteria: [a, b, b]}, params: {weights: [1, 1, 1]}}", "weigh every criterion once",
       TARAZU_FAULT_PROFILE},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    trial t;
    char more[300];
    trial_new(&t);
    snprintf(more, sizeof more, "weigh: %s\n", cases[i].weigh);
    assert_int_equal(run(&t, more), cases[i].status);
    assert_told(&t, cases[i].words);
    assert_int_equal(trial_errors(&t), 1);
    trial_free(&t);
  }
}

static void a_dimension_whose_criteria_weigh_nothing_leaves_its_weight(void **state)
{
  trial t;
  (void)state;
  assert_weights("dimensions: {financial: 0.5, non_financial: 0.5}\n"
                 "weigh: {plugin: listed, params: {weights: [1, 3, 0]}}\n",
                 0.25, 0.75, 0);
  trial_new(&t);
  assert_good(&t, run(&t, "dimensions: {financial: 0.5, non_financial: 0.5}\n"
                          "weigh: {plugin: listed, params: {weights: [1, 3, 0]}}\n"));
  assert_told(&t, "dimension 'non_financial' has weight but its criteria weigh nothing");
  trial_free(&t);
  trial_new(&t);
  assert_int_equal(run(&t, "dimensions: {financial: 0, non_financial: 1}\n"
                           "weigh: {plugin: listed, params: {weights: [1, 3, 0]}}\n"),
                   TARAZU_FAULT_PROFILE);
  assert_told(&t, "no dimension that has criteria has weight");
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_profiles_weights_count_where_it_names_no_weigher),
      cmocka_unit_test(a_weighers_weights_are_brought_to_a_sum_of_one),
      cmocka_unit_test(a_blend_is_the_mean_by_shares),
      cmocka_unit_test(a_blend_is_rescaled_within_the_dimensions),
      cmocka_unit_test(a_weigher_learns_from_what_its_normalizer_makes_of_the_criteria),
      cmocka_unit_test(a_weigher_may_name_the_criteria_in_any_order),
      cmocka_unit_test(weights_that_cannot_be_are_refused),
      cmocka_unit_test(a_dimension_whose_criteria_weigh_nothing_leaves_its_weight),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
