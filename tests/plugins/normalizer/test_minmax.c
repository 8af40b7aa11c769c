#include "support/properties.h"

#include <float.h>
#include <stdlib.h>

static rig *learned(const double *values, int64_t count, int32_t better)
{
  rig *r = rig_open("normalizer", "minmax");
  rig_f64(r, "value", values, count);
  rig_bound(r, "value")->better = better;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
  return r;
}

static void expect(const double *values, int64_t count, int32_t better, const double *expected)
{
  rig *r = learned(values, count, better);
  for (int64_t i = 0; i < count; i++) assert_near(rig_value(r, 0, i), expected[i], 1e-15);
  rig_close(r);
}

static void the_best_is_one_and_the_worst_zero(void **state)
{
  (void)state;
  expect((double[]){-10, 0, 30}, 3, 1, (double[]){0, 0.25, 1});
  expect((double[]){-10, 0, 30}, 3, -1, (double[]){1, 0.75, 0});
}

static void nulls_stay_nulls(void **state)
{
  (void)state;
  expect((double[]){NAN, 2, 4, NAN, 3}, 5, 1, (double[]){NAN, 0, 1, NAN, 0.5});
  expect((double[]){NAN, NAN}, 2, 1, (double[]){NAN, NAN});
}

static void a_constant_is_half_for_all(void **state)
{
  (void)state;
  expect((double[]){7, 7, NAN, 7}, 4, 1, (double[]){0.5, 0.5, NAN, 0.5});
  expect((double[]){-7}, 1, -1, (double[]){0.5});
  expect((double[]){0, -0.0}, 2, 1, (double[]){0.5, 0.5});
}

static void the_whole_range_of_doubles_does_not_overflow(void **state)
{
  (void)state;
  expect((double[]){-DBL_MAX, 0, DBL_MAX}, 3, 1, (double[]){0, 0.5, 1});
  expect((double[]){-DBL_MAX, DBL_MAX / 2, DBL_MAX}, 3, -1, (double[]){1, 0.25, 0});
  expect((double[]){0, 0x1p-1074, 0x1p-1073}, 3, 1, (double[]){0, 0.5, 1});
}

static void no_row_is_no_fault(void **state)
{
  (void)state;
  expect(NULL, 0, 1, NULL);
}

static void a_value_from_outside_is_held_at_the_end(void **state)
{
  (void)state;
  rig *r = learned((double[]){1, 3}, 2, 1);
  rig_f64(r, "value", (double[]){-5, 10, 2}, 3);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  assert_near(rig_value(r, 0, 0), 0, 0);
  assert_near(rig_value(r, 0, 1), 1, 0);
  assert_near(rig_value(r, 0, 2), 0.5, 0);
  rig_close(r);
}

/* More than one share, so that states are merged. */
static void many_rows_agree_with_the_formula_in_any_batch(void **state)
{
  (void)state;
  enum { N = 150000 };
  double *x = calloc(N, sizeof *x), least = DBL_MAX, most = -DBL_MAX;
  uint64_t seed = 3;
  for (int i = 0; i < N; i++) {
    x[i] = i % 11 ? 1000 * next_uniform(&seed) - 300 : (double)NAN;
    if (x[i] < least) least = x[i];
    if (x[i] > most) most = x[i];
  }
  rig *r = learned(x, N, -1);
  for (int i = 0; i < N; i++) assert_near(rig_value(r, 0, i), (most - x[i]) / (most - least), 1e-15);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_best_is_one_and_the_worst_zero),
      cmocka_unit_test(nulls_stay_nulls),
      cmocka_unit_test(a_constant_is_half_for_all),
      cmocka_unit_test(the_whole_range_of_doubles_does_not_overflow),
      cmocka_unit_test(no_row_is_no_fault),
      cmocka_unit_test(a_value_from_outside_is_held_at_the_end),
      cmocka_unit_test(many_rows_agree_with_the_formula_in_any_batch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
