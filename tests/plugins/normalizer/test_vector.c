#include "support/properties.h"

#include <float.h>
#include <stdlib.h>

static rig *learned(const double *values, int64_t count, int32_t better)
{
  rig *r = rig_open("normalizer", "vector");
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

static void values_are_divided_by_the_columns_length(void **state)
{
  (void)state;
  expect((double[]){3, -4, NAN}, 3, 1, (double[]){0.6, -0.8, NAN});
  expect((double[]){3, -4, NAN}, 3, -1, (double[]){0.4, 1.8, NAN});
}

static void a_column_of_zeros_is_zero(void **state)
{
  (void)state;
  expect((double[]){0, -0.0, NAN}, 3, 1, (double[]){0, 0, NAN});
  expect((double[]){0, 0}, 2, -1, (double[]){1, 1});
  expect((double[]){NAN}, 1, 1, (double[]){NAN});
  expect(NULL, 0, 1, NULL);
}

static void a_constant_is_one_over_the_root_of_their_number(void **state)
{
  (void)state;
  expect((double[]){5, 5, 5, 5}, 4, 1, (double[]){0.5, 0.5, 0.5, 0.5});
  expect((double[]){-5}, 1, 1, (double[]){-1});
}

static void squares_neither_overflow_nor_vanish(void **state)
{
  (void)state;
  expect((double[]){3e200, 4e200}, 2, 1, (double[]){0.6, 0.8});
  expect((double[]){3e-200, 4e-200}, 2, 1, (double[]){0.6, 0.8});
  expect((double[]){DBL_MAX, DBL_MAX, DBL_MAX, -DBL_MAX}, 4, 1, (double[]){0.5, 0.5, 0.5, -0.5});
  expect((double[]){0x3p-1074, 0x4p-1074}, 2, 1, (double[]){0.6, 0.8});
  expect((double[]){1e300, 1e-300}, 2, 1, (double[]){1, 0});
}

static void multiplying_a_column_changes_nothing(void **state)
{
  (void)state;
  enum { N = 5000 };
  double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
  uint64_t seed = 5;
  for (int i = 0; i < N; i++) y[i] = 3.7 * (x[i] = next_uniform(&seed) - 0.5);
  rig *a = learned(x, N, 1), *b = learned(y, N, 1);
  for (int i = 0; i < N; i++) assert_near(rig_value(a, 0, i), rig_value(b, 0, i), 1e-15);
  rig_close(a);
  rig_close(b);
  free(x);
  free(y);
}

static void many_rows_agree_with_the_formula_in_any_batch(void **state)
{
  (void)state;
  enum { N = 150000 };
  double *x = calloc(N, sizeof *x);
  long double sum = 0;
  uint64_t seed = 7;
  for (int i = 0; i < N; i++) {
    x[i] = i % 13 ? 1e6 * next_uniform(&seed) * next_uniform(&seed) : (double)NAN;
    if (!isnan(x[i])) sum += (long double)x[i] * x[i];
  }
  rig *r = learned(x, N, 1);
  for (int i = 0; i < N; i++) assert_near(rig_value(r, 0, i), (double)(x[i] / sqrtl(sum)), 1e-16);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_divided_by_the_columns_length),
      cmocka_unit_test(a_column_of_zeros_is_zero),
      cmocka_unit_test(a_constant_is_one_over_the_root_of_their_number),
      cmocka_unit_test(squares_neither_overflow_nor_vanish),
      cmocka_unit_test(multiplying_a_column_changes_nothing),
      cmocka_unit_test(many_rows_agree_with_the_formula_in_any_batch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
