#include "support/properties.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static rig *created(const double *values, int64_t count, int32_t better)
{
  rig *r = rig_open("normalizer", "sum");
  rig_f64(r, "value", values, count);
  rig_bound(r, "value")->better = better;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  return r;
}

static void expect(const double *values, int64_t count, int32_t better, const double *expected)
{
  rig *r = created(values, count, better);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
  for (int64_t i = 0; i < count; i++) assert_near(rig_value(r, 0, i), expected[i], 1e-15);
  rig_close(r);
}

static void refused(const double *values, int64_t count, int32_t better, tarazu_status status, int64_t row,
                    const char *says)
{
  rig *r = created(values, count, better);
  assert_int_equal(rig_learn(r), status);
  assert_int_equal(r->error.status, status);
  assert_int_equal(r->error.row, row);
  assert_non_null(strstr(r->error.message, says));
  rig_close(r);
}

static void shares_add_up_to_one(void **state)
{
  (void)state;
  expect((double[]){1, 3, NAN, 0, 4}, 5, 1, (double[]){0.125, 0.375, NAN, 0, 0.5});
  expect((double[]){1, 2, NAN, 4}, 4, -1, (double[]){4. / 7, 2. / 7, NAN, 1. / 7});
}

static void a_constant_is_shared_equally(void **state)
{
  (void)state;
  expect((double[]){9, 9, 9, 9}, 4, 1, (double[]){0.25, 0.25, 0.25, 0.25});
  expect((double[]){9, 9}, 2, -1, (double[]){0.5, 0.5});
  expect((double[]){9}, 1, 1, (double[]){1});
}

static void nothing_to_share_is_zero(void **state)
{
  (void)state;
  expect((double[]){0, -0.0, NAN}, 3, 1, (double[]){0, 0, NAN});
  expect((double[]){NAN}, 1, 1, (double[]){NAN});
  expect((double[]){NAN}, 1, -1, (double[]){NAN});
  expect(NULL, 0, 1, NULL);
}

static void values_without_a_share_are_refused_with_their_row(void **state)
{
  (void)state;
  refused((double[]){1, NAN, -2}, 3, 1, TARAZU_BAD_DATA, 2, "negative");
  refused((double[]){1, 0}, 2, -1, TARAZU_BAD_DATA, 1, "reciprocal");
  refused((double[]){-1, 1}, 2, -1, TARAZU_BAD_DATA, 0, "reciprocal");
  refused((double[]){1, 1e-310}, 2, -1, TARAZU_BAD_DATA, 1, "reciprocal");
  double x[3000];
  for (int i = 0; i < 3000; i++) x[i] = i == 2500 ? -1 : 1;
  refused(x, 3000, 1, TARAZU_BAD_DATA, 2500, "negative");
}

static void a_sum_beyond_all_doubles_is_told(void **state)
{
  (void)state;
  refused((double[]){DBL_MAX, DBL_MAX}, 2, 1, TARAZU_NUMERIC, -1, "too large");
}

static void a_cost_of_zero_in_a_what_if_is_null(void **state)
{
  (void)state;
  rig *r = created((double[]){1, 1}, 2, -1);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  rig_f64(r, "value", (double[]){0, 2}, 2);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  assert_near(rig_value(r, 0, 0), (double)NAN, 0);
  assert_near(rig_value(r, 0, 1), 0.25, 0);
  rig_close(r);
}

static void many_rows_agree_with_the_formula_in_any_batch(void **state)
{
  (void)state;
  enum { N = 150000 };
  double *x = calloc(N, sizeof *x);
  uint64_t seed = 9;
  for (int32_t better = -1; better < 2; better += 2) {
    long double sum = 0;
    for (int i = 0; i < N; i++) {
      x[i] = i % 7 ? 1 + 1e4 * next_uniform(&seed) : (double)NAN;
      if (!isnan(x[i])) sum += better > 0 ? (long double)x[i] : 1 / (long double)x[i];
    }
    rig *r = created(x, N, better);
    assert_int_equal(rig_learn(r), TARAZU_OK);
    check_batches(r);
    check_reload(r);
    for (int i = 0; i < N; i++)
      assert_near(rig_value(r, 0, i), (double)((better > 0 ? (long double)x[i] : 1 / (long double)x[i]) / sum), 1e-17);
    rig_close(r);
  }
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_add_up_to_one),
      cmocka_unit_test(a_constant_is_shared_equally),
      cmocka_unit_test(nothing_to_share_is_zero),
      cmocka_unit_test(values_without_a_share_are_refused_with_their_row),
      cmocka_unit_test(a_sum_beyond_all_doubles_is_told),
      cmocka_unit_test(a_cost_of_zero_in_a_what_if_is_null),
      cmocka_unit_test(many_rows_agree_with_the_formula_in_any_batch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
