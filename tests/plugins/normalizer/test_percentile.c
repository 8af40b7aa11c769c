#include "support/properties.h"

#include <float.h>
#include <stdlib.h>

static rig *learned(const double *values, int64_t count, int32_t better)
{
  rig *r = rig_open("normalizer", "percentile");
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

static void a_customers_place_is_the_middle_of_hers_and_her_equals(void **state)
{
  (void)state;
  expect((double[]){30, 10, 20, 40}, 4, 1, (double[]){0.625, 0.125, 0.375, 0.875});
  expect((double[]){30, 10, 20, 40}, 4, -1, (double[]){0.375, 0.875, 0.625, 0.125});
  expect((double[]){1, 1, 5, NAN, 1, 9}, 6, 1, (double[]){0.3, 0.3, 0.7, NAN, 0.3, 0.9});
}

static void equals_all_stand_in_the_middle(void **state)
{
  (void)state;
  expect((double[]){7, 7, 7}, 3, 1, (double[]){0.5, 0.5, 0.5});
  expect((double[]){0, -0.0}, 2, -1, (double[]){0.5, 0.5});
  expect((double[]){7, NAN}, 2, 1, (double[]){0.5, NAN});
}

static void nobody_with_a_value_is_no_fault(void **state)
{
  (void)state;
  expect((double[]){NAN, NAN}, 2, 1, (double[]){NAN, NAN});
  expect(NULL, 0, 1, NULL);
}

static void signs_and_sizes_are_ordered_rightly(void **state)
{
  (void)state;
  expect((double[]){DBL_MAX, -DBL_MAX, 0, 0x1p-1074, -0x1p-1074}, 5, 1, (double[]){0.9, 0.1, 0.5, 0.7, 0.3});
}

static void a_value_that_nobody_has_stands_between_two(void **state)
{
  (void)state;
  for (int32_t better = -1; better < 2; better += 2) {
    rig *r = learned((double[]){10, 20, 20, 40}, 4, better);
    double expected[] = {0, 0.125, 0.25, 0.5, 0.75, 0.875, 1};
    rig_f64(r, "value", (double[]){5, 10, 15, 20, 30, 40, 50}, 7);
    r->unknown_rows = 1;
    assert_int_equal(rig_apply(r, 3), TARAZU_OK);
    for (int i = 0; i < 7; i++) assert_near(rig_value(r, 0, i), better > 0 ? expected[i] : 1 - expected[i], 1e-15);
    rig_close(r);
  }
}

static void any_rising_change_of_scale_leaves_all_as_it_is(void **state)
{
  (void)state;
  enum { N = 4000 };
  double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
  uint64_t seed = 13;
  for (int i = 0; i < N; i++) y[i] = exp(x[i] = floor(40 * next_uniform(&seed)) - 20);
  rig *a = learned(x, N, 1), *b = learned(y, N, 1);
  for (int i = 0; i < N; i++) assert_near(rig_value(a, 0, i), rig_value(b, 0, i), 0);
  rig_close(a);
  rig_close(b);
  free(x);
  free(y);
}

static void many_ties_agree_with_counting(void **state)
{
  (void)state;
  enum { N = 3000 };
  double *x = calloc(N, sizeof *x);
  uint64_t seed = 11;
  for (int i = 0; i < N; i++) x[i] = i % 9 ? floor(200 * next_uniform(&seed)) - 100 : (double)NAN;
  rig *r = learned(x, N, 1);
  for (int i = 0; i < N; i++) {
    int below = 0, equal = 0, n = 0;
    for (int k = 0; k < N; k++) {
      below += x[k] < x[i];
      equal += x[k] == x[i];
      n += !isnan(x[k]);
    }
    assert_near(rig_value(r, 0, i), isnan(x[i]) ? (double)NAN : (below + equal / 2.0) / n, 1e-15);
  }
  rig_close(r);
  free(x);
}

static void any_batch_and_a_loaded_model_give_the_same(void **state)
{
  (void)state;
  enum { N = 100000 };
  double *x = calloc(N, sizeof *x);
  uint64_t seed = 17;
  for (int i = 0; i < N; i++) x[i] = i % 5 ? next_uniform(&seed) : floor(10 * next_uniform(&seed)) - 5;
  rig *r = learned(x, N, -1);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_customers_place_is_the_middle_of_hers_and_her_equals),
      cmocka_unit_test(equals_all_stand_in_the_middle),
      cmocka_unit_test(nobody_with_a_value_is_no_fault),
      cmocka_unit_test(signs_and_sizes_are_ordered_rightly),
      cmocka_unit_test(a_value_that_nobody_has_stands_between_two),
      cmocka_unit_test(any_rising_change_of_scale_leaves_all_as_it_is),
      cmocka_unit_test(many_ties_agree_with_counting),
      cmocka_unit_test(any_batch_and_a_loaded_model_give_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
