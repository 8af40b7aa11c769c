#include "support/normalized.h"

#include <float.h>
#include <stdlib.h>

/* pymcdm 1.4.0, logarithmic_normalization */
static const double x[] = {5.157, 24.623, 29.87, 10.148, 11.18, 4.529, 2.962, 3.003};

static void shares_of_logarithms_add_up_to_one(void **state)
{
  (void)state;
  expect_normalized("logarithmic", NULL, 1, x, 8,
                    (double[]){0.098411825469127648, 0.19220235201397132, 0.20379165615974673, 0.13902321286270064,
                               0.14483364297354789, 0.09062134453421436, 0.065145610503344803, 0.065970355483346649},
                    1e-15);
  expect_normalized("logarithmic", NULL, -1, x, 8,
                    (double[]){0.12879831064726749, 0.1153996639980041, 0.11374404912003619, 0.12299668387675704,
                               0.1221666224323503, 0.12991123649511224, 0.13355062707095075, 0.1334328063595219},
                    1e-15);
}

/* scikit-learn 1.9.1, minmax_scale of numpy's sign(x) log1p(|x|) */
static void the_modulus_takes_zeros_and_negatives(void **state)
{
  (void)state;
  double v[] = {-49.92, 46.46, -2.81, 6.41, -32, -54.39, -60.1, -42.08};
  double more[] = {0.022860884134046411, 1, 0.34806118412429332, 0.76706424447609733, 0.077267118173150851,
                   0.012306558250583133, 0, 0.043832854922690401};
  expect_normalized("logarithmic", "form: modulus", 1, v, 8, more, 1e-15);
  double less[8];
  for (int i = 0; i < 8; i++) less[i] = 1 - more[i];
  expect_normalized("logarithmic", "form: modulus", -1, v, 8, less, 1e-15);
  expect_normalized("logarithmic", "form: modulus", 1, (double[]){0, -0.0, NAN, exp(1) - 1}, 4,
                    (double[]){0, 0, NAN, 1}, 0);
  expect_normalized("logarithmic", "form: modulus", 1, (double[]){-DBL_MAX, 0, DBL_MAX}, 3, (double[]){0, 0.5, 1}, 0);
}

static void constants_are_shared_equally_or_half(void **state)
{
  (void)state;
  for (int32_t better = -1; better < 2; better += 2) {
    expect_normalized("logarithmic", NULL, better, (double[]){1, NAN, 1}, 3, (double[]){0.5, NAN, 0.5}, 0);
    expect_normalized("logarithmic", NULL, better, (double[]){0.2, 0.2, 0.2, 0.2}, 4,
                      (double[]){0.25, 0.25, 0.25, 0.25}, 0);
    expect_normalized("logarithmic", NULL, better, (double[]){9}, 1, (double[]){1}, 0);
    expect_normalized("logarithmic", NULL, better, (double[]){NAN}, 1, (double[]){NAN}, 0);
    expect_normalized("logarithmic", "form: modulus", better, (double[]){-4, -4}, 2, (double[]){0.5, 0.5}, 0);
  }
  expect_normalized("logarithmic", NULL, 1, NULL, 0, NULL, 0);
}

static void some_values_may_be_below_one(void **state)
{
  (void)state;
  expect_normalized("logarithmic", NULL, 1, (double[]){0.5, 2, 4}, 3, (double[]){-0.5, 0.5, 1}, 1e-15);
  expect_normalized("logarithmic", NULL, -1, (double[]){0.5, 2, 4}, 3, (double[]){0.75, 0.25, 0}, 1e-15);
}

static void what_has_no_logarithm_and_what_has_no_share_is_refused(void **state)
{
  (void)state;
  expect_unlearnt("logarithmic", NULL, 1, (double[]){2, NAN, 0}, 3, 2, "form: modulus");
  expect_unlearnt("logarithmic", NULL, -1, (double[]){-2, 3}, 2, 0, "above zero");
  expect_unlearnt("logarithmic", NULL, 1, (double[]){0.5, 0.25}, 2, -1, "smaller unit");
  expect_unlearnt("logarithmic", NULL, 1, (double[]){3, 1 / 3., 7, 1 / 7.}, 4, -1, "there are no shares");
}

static void a_what_if_of_zero_is_null(void **state)
{
  (void)state;
  rig *r = normalized("logarithmic", NULL, 1, (double[]){2, 4}, 2);
  assert_near(normalized_what_if(r, 0), (double)NAN, 0);
  assert_near(normalized_what_if(r, 8), 1, 1e-15);
  rig_close(r);
  r = normalized("logarithmic", "form: modulus", 1, (double[]){2, 4}, 2);
  assert_near(normalized_what_if(r, -100), 0, 0);
  assert_near(normalized_what_if(r, 100), 1, 0);
  rig_close(r);
}

/* More than one share, so that states are merged. */
static void many_rows_agree_with_the_formula(void **state)
{
  (void)state;
  enum { N = 150000 };
  double *v = calloc(N, sizeof *v);
  uint64_t seed = 23;
  long double sum = 0;
  int64_t n = 0;
  for (int i = 0; i < N; i++) {
    v[i] = i % 19 ? 0.5 + (i < 70000 ? 10 : 1e6) * next_uniform(&seed) : (double)NAN;
    if (!isnan(v[i])) sum += logl((long double)v[i]), n++;
  }
  for (int32_t better = -1; better < 2; better += 2) {
    rig *r = normalized("logarithmic", NULL, better, v, N);
    for (int i = 0; i < N; i++) {
      long double share = logl((long double)v[i]) / sum;
      assert_near(rig_value(r, 0, i), (double)(better > 0 ? share : (1 - share) / (n - 1)), 1e-17);
    }
    rig_close(r);
  }
  free(v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_of_logarithms_add_up_to_one),
      cmocka_unit_test(the_modulus_takes_zeros_and_negatives),
      cmocka_unit_test(constants_are_shared_equally_or_half),
      cmocka_unit_test(some_values_may_be_below_one),
      cmocka_unit_test(what_has_no_logarithm_and_what_has_no_share_is_refused),
      cmocka_unit_test(a_what_if_of_zero_is_null),
      cmocka_unit_test(many_rows_agree_with_the_formula),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
