#include "support/segmented.h"

#include <stdio.h>

static rig *grouped(const double *values, int64_t count, const char *params)
{
  return segmented("quantiles", params, "value", values, count);
}

static void groups_are_equally_large(void **state)
{
  (void)state;
  const double x[] = {8, 1, 7, 2, 6, 3, 5, 4};
  expect_segments(grouped(x, 8, NULL), (const char *[]){"Q4", "Q1", "Q4", "Q1", "Q3", "Q2", "Q3", "Q2"});
  expect_segments(grouped(x, 8, "{groups: 2, names: [low, high]}"),
                  (const char *[]){"high", "low", "high", "low", "high", "low", "high", "low"});
  rig *r = grouped(x, 8, NULL);
  assert_near(rig_value(r, 1, 0), 4, 0);
  assert_near(rig_value(r, 1, 1), 1, 0);
  assert_near(fact_value(r, "cut_1"), 3, 0);
  assert_near(fact_value(r, "cut_3"), 7, 0);
  assert_near(fact_value(r, "customers_in_Q2"), 2, 0);
  rig_close(r);
}

/* ⌊n below / N⌋ + 1, counted out. */
static void any_column_agrees_with_counting(void **state)
{
  (void)state;
  enum { N = 700 };
  double x[N];
  uint64_t seed = 3;
  for (int round = 0; round < 12; round++) {
    for (int i = 0; i < N; i++) x[i] = floor((3 + 40 * round) * next_uniform(&seed));
    int n = 2 + round * 3;
    char params[40];
    snprintf(params, sizeof params, "groups: %d", n);
    rig *r = grouped(x, N, params);
    for (int i = 0; i < N; i++) {
      int below = 0;
      for (int j = 0; j < N; j++) below += x[j] < x[i];
      assert_near(rig_value(r, 1, i), floor((double)n * below / N) + 1, 0);
    }
    rig_close(r);
  }
}

static void ties_stay_whole_and_groups_without_customers_are_told(void **state)
{
  (void)state;
  rig *r = grouped((double[]){0, 0, 0, 0, 0, 0, 5, 9}, 8, NULL);
  assert_segments(r, (const char *[]){"Q1", "Q1", "Q1", "Q1", "Q1", "Q1", "Q4", "Q4"});
  assert_fact_says(r, "groups_filled", 1, "only 2 of 4 groups");
  rig_close(r);
  r = grouped((double[]){3, 3, 3}, 3, "groups: 5");
  assert_segments(r, (const char *[]){"Q1", "Q1", "Q1"});
  assert_fact_says(r, "groups_filled", 1, "only 1 of 5");
  rig_close(r);
  r = grouped((double[]){0.0, -0.0, 1, 2}, 4, "groups: 2");
  assert_segments(r, (const char *[]){"Q1", "Q1", "Q2", "Q2"});
  assert_null(rig_fact(r, "groups_filled"));
  rig_close(r);
}

static void who_has_no_value_has_no_group_unless_it_has_a_name(void **state)
{
  (void)state;
  const double x[] = {NAN, 1, 2};
  expect_segments(grouped(x, 3, "groups: 2"), (const char *[]){"-", "Q1", "Q2"});
  rig *r = grouped(x, 3, "{groups: 2, missing: unknown}");
  assert_segments(r, (const char *[]){"unknown", "Q1", "Q2"});
  assert_near(rig_value(r, 1, 0), (double)NAN, 0);
  assert_near(fact_value(r, "customers_in_unknown"), 1, 0);
  rig_close(r);
  expect_segments(grouped(x, 3, "{groups: 2, names: [low, high], missing: low}"),
                  (const char *[]){"low", "low", "high"});
}

/* Who is not of the run stands where her value does; of nobody's values nothing is learned. */
static void others_are_placed_by_the_cuts(void **state)
{
  (void)state;
  rig *r = grouped((double[]){1, 2, 3, 4}, 4, NULL);
  rig_f64(r, "value", (double[]){-9, 2.5, 99}, 3);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  expect_segments(r, (const char *[]){"Q1", "Q2", "Q4"});
  r = grouped((double[]){NAN}, 1, NULL);
  rig_f64(r, "value", (double[]){1}, 1);
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  expect_segments(r, (const char *[]){"-"});
}

static void names_must_fit(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "quantiles");
  rig_f64(r, "value", (double[]){1}, 1);
  expect_refusal(r, "{groups: 3, names: [a, b]}", 1, -1, "2 names for 3 groups");
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_are_equally_large),
      cmocka_unit_test(any_column_agrees_with_counting),
      cmocka_unit_test(ties_stay_whole_and_groups_without_customers_are_told),
      cmocka_unit_test(who_has_no_value_has_no_group_unless_it_has_a_name),
      cmocka_unit_test(others_are_placed_by_the_cuts),
      cmocka_unit_test(names_must_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
