#include "support/normalized.h"

#include <float.h>

/* pymcdm 1.4.0, linear_normalization and (mirror) max_normalization */
static const double x[] = {5.157, 24.623, 29.87, 10.148, 11.18, 4.529, 2.962, 3.003};

static void values_are_parts_of_the_largest(void **state)
{
  (void)state;
  expect_normalized("max", NULL, 1, x, 8,
                    (double[]){0.17264814194844325, 0.82433880147304994, 1, 0.33973886842986273, 0.37428858386340808,
                               0.15162370271175091, 0.099163039839303649, 0.10053565450284567},
                    1e-15);
  expect_normalized("max", NULL, -1, x, 8,
                    (double[]){0.57436494085708745, 0.12029403403322098, 0.099163039839303649, 0.29188017343318884,
                               0.26493738819320217, 0.65400750717597711, 1, 0.98634698634698637},
                    1e-15);
  expect_normalized("max", "costs: mirror", -1, x, 8,
                    (double[]){0.82735185805155675, 0.17566119852695006, 0, 0.66026113157013722, 0.62571141613659198,
                               0.84837629728824915, 0.90083696016069637, 0.89946434549715437},
                    1e-15);
}

/* scikit-learn 1.9.1, MaxAbsScaler */
static void values_of_both_signs_are_parts_of_the_largest_in_size(void **state)
{
  (void)state;
  expect_normalized("max", NULL, 1, (double[]){-49.92, 46.46, -2.81, 6.41, -32, -54.39, -60.1, -42.08}, 8,
                    (double[]){-0.83061564059900173, 0.77304492512479206, -0.046755407653910147, 0.10665557404326123,
                               -0.53244592346089847, -0.90499168053244594, -1, -0.70016638935108144},
                    1e-15);
  expect_normalized("max", "costs: mirror", -1, (double[]){-4, 2, NAN}, 3, (double[]){2, 0.5, NAN}, 0);
}

static void zeros_and_nobody_are_defined(void **state)
{
  (void)state;
  expect_normalized("max", NULL, 1, (double[]){0, -0.0, NAN}, 3, (double[]){0, 0, NAN}, 0);
  expect_normalized("max", "costs: mirror", -1, (double[]){0, 0}, 2, (double[]){1, 1}, 0);
  expect_normalized("max", NULL, -1, (double[]){NAN, NAN}, 2, (double[]){NAN, NAN}, 0);
  expect_normalized("max", NULL, 1, NULL, 0, NULL, 0);
  expect_normalized("max", NULL, 1, (double[]){DBL_MAX, -DBL_MAX, 0x1p-1074}, 3, (double[]){1, -1, 0}, 0);
  expect_normalized("max", NULL, -1, (double[]){DBL_MAX, 0x1p-1074}, 2, (double[]){0, 1}, 0);
}

static void a_cost_without_a_reciprocal_is_refused_with_its_row(void **state)
{
  (void)state;
  expect_unlearnt("max", NULL, -1, (double[]){3, NAN, 0}, 3, 2, "costs: mirror");
  expect_unlearnt("max", NULL, -1, (double[]){3, -1, 2}, 3, 1, "not above zero");
}

static void a_what_if_beyond_the_best_is_beyond_one(void **state)
{
  (void)state;
  rig *r = normalized("max", NULL, 1, (double[]){2, 4}, 2);
  assert_near(normalized_what_if(r, 6), 1.5, 0);
  rig_close(r);
  r = normalized("max", NULL, -1, (double[]){2, 4}, 2);
  assert_near(normalized_what_if(r, 1), 2, 0);
  assert_near(normalized_what_if(r, 0), (double)NAN, 0);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_parts_of_the_largest),
      cmocka_unit_test(values_of_both_signs_are_parts_of_the_largest_in_size),
      cmocka_unit_test(zeros_and_nobody_are_defined),
      cmocka_unit_test(a_cost_without_a_reciprocal_is_refused_with_its_row),
      cmocka_unit_test(a_what_if_beyond_the_best_is_beyond_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
