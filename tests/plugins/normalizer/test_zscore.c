#include "support/normalized.h"

#include <float.h>
#include <stdlib.h>

/* scikit-learn 1.9.1, StandardScaler */
static const double x[] = {-49.92, 46.46, -2.81, 6.41, -32, -54.39, -60.1, -42.08};
static const double z[] = {-0.76008772241050604, 2.0183602816069244,   0.5980019794909377,  0.86379665262894045,
                           -0.24348896507503856, -0.88894913118782404, -1.0535573289771945, -0.53407576607623897};

static void values_are_measured_in_standard_deviations(void **state)
{
  (void)state;
  expect_normalized("zscore", NULL, 1, x, 8, z, 2e-15);
  double less[8];
  for (int i = 0; i < 8; i++) less[i] = -z[i];
  expect_normalized("zscore", NULL, -1, x, 8, less, 2e-15);
}

/* numpy 2.4.6, (x - x.mean()) / x.std(ddof=1) */
static void a_sample_has_one_degree_of_freedom_less(void **state)
{
  (void)state;
  expect_normalized("zscore", "deviation: sample", 1, x, 8,
                    (double[]){-0.71099696028836279, 1.8880031642114203, 0.55937963096692656, 0.80800778149491981,
                               -0.22776307119274009, -0.83153577079379992, -0.98551264058933585, -0.49958213380902777},
                    2e-15);
}

static void the_clamp_holds_outliers(void **state)
{
  (void)state;
  double held[8];
  for (int i = 0; i < 8; i++) held[i] = fmax(-0.8, fmin(0.8, z[i]));
  expect_normalized("zscore", "clamp: 0.8", 1, x, 8, held, 2e-15);
  rig *r = normalized("zscore", "clamp: 3", -1, (double[]){0, 0x1p-1074}, 2);
  assert_near(normalized_what_if(r, DBL_MAX), -3, 0);
  rig_close(r);
}

static void without_a_spread_all_are_at_the_mean(void **state)
{
  (void)state;
  expect_normalized("zscore", NULL, 1, (double[]){0.1, 0.1, NAN, 0.1}, 4, (double[]){0, 0, NAN, 0}, 0);
  expect_normalized("zscore", "deviation: sample", -1, (double[]){7}, 1, (double[]){0}, 0);
  expect_normalized("zscore", NULL, 1, (double[]){NAN}, 1, (double[]){NAN}, 0);
  expect_normalized("zscore", NULL, 1, NULL, 0, NULL, 0);
}

static void no_size_and_no_distance_from_zero_costs_precision(void **state)
{
  (void)state;
  const double even[] = {-1, 1}, ends[] = {-0x1p1023, 0x1p1023};
  expect_normalized("zscore", NULL, 1, ends, 2, even, 0);
  expect_normalized("zscore", NULL, 1, (double[]){-DBL_MAX, DBL_MAX}, 2, even, 0);
  expect_normalized("zscore", NULL, 1, (double[]){0, 0x1p-1074}, 2, even, 0);
  expect_normalized("zscore", NULL, 1, (double[]){1e15, 1e15 + 1, 1e15 + 2}, 3,
                    (double[]){-1.2247448713915890, 0, 1.2247448713915890}, 1e-15);
}

/* Shares are merged; the first values are far from the rest, where one running sum would lose them. */
static void many_rows_agree_with_the_formula_in_any_batch(void **state)
{
  (void)state;
  enum { N = 150000 };
  double *v = calloc(N, sizeof *v);
  long double sum = 0, squares = 0;
  int64_t n = 0;
  uint64_t seed = 21;
  for (int i = 0; i < N; i++) {
    v[i] = i % 17 ? (i < 3000 ? 1e9 : 0) + 1000 * next_uniform(&seed) : (double)NAN;
    if (!isnan(v[i])) sum += (long double)v[i], n++;
  }
  for (int i = 0; i < N; i++)
    if (!isnan(v[i])) squares += ((long double)v[i] - sum / n) * ((long double)v[i] - sum / n);
  rig *r = normalized("zscore", NULL, 1, v, N);
  assert_int_equal(r->passes, 2);
  for (int i = 0; i < N; i++)
    assert_near(rig_value(r, 0, i), (double)(((long double)v[i] - sum / n) / sqrtl(squares / n)), 1e-13);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_measured_in_standard_deviations),
      cmocka_unit_test(a_sample_has_one_degree_of_freedom_less),
      cmocka_unit_test(the_clamp_holds_outliers),
      cmocka_unit_test(without_a_spread_all_are_at_the_mean),
      cmocka_unit_test(no_size_and_no_distance_from_zero_costs_precision),
      cmocka_unit_test(many_rows_agree_with_the_formula_in_any_batch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
