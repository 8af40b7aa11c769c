#include "support/normalized.h"

#include <float.h>

/* scipy 1.17.1, special.expit, of z by scikit-learn 1.9.1, StandardScaler, and of 0.05 (x - 10) */
static const double x[] = {-49.92, 46.46, -2.81, 6.41, -32, -54.39, -60.1, -42.08};

static void by_default_it_is_the_logistic_of_z(void **state)
{
  (void)state;
  expect_normalized("sigmoid", NULL, 1, x, 8,
                    (double[]){0.31862722102921076, 0.88271135226964847, 0.64519905770290198, 0.70345327306947092,
                               0.4394267301006437, 0.2913267374621063, 0.2585425813212256, 0.36956678302974244},
                    1e-15);
}

static void midpoint_and_steepness_can_be_given(void **state)
{
  (void)state;
  double more[] = {0.047606907300552184, 0.86092571400811446,  0.34513352245770107,  0.45524510334874169,
                   0.10909682119561293,  0.038438461710412646, 0.029170299953100779, 0.06888143039767268};
  expect_normalized("sigmoid", "{midpoint: 10, steepness: 0.05}", 1, x, 8, more, 1e-15);
  double less[8];
  for (int i = 0; i < 8; i++) less[i] = 1 - more[i];
  expect_normalized("sigmoid", "{midpoint: 10, steepness: 0.05}", -1, x, 8, less, 1e-15);
}

/* The mean of 1, 2, 6 is 3, their deviation the root of 14/3. */
static void what_is_not_given_is_learned(void **state)
{
  (void)state;
  double k = sqrt(3. / 14), v[] = {1, 2, 6};
  expect_normalized("sigmoid", "midpoint: 2", 1, v, 3, (double[]){1 / (1 + exp(k)), 0.5, 1 / (1 + exp(-4 * k))}, 1e-15);
  expect_normalized("sigmoid", "steepness: 2", 1, v, 3,
                    (double[]){1 / (1 + exp(4)), 1 / (1 + exp(2)), 1 / (1 + exp(-6))}, 1e-15);
}

static void a_column_without_a_spread_is_half_unless_both_are_given(void **state)
{
  (void)state;
  expect_normalized("sigmoid", NULL, 1, (double[]){7, 7, NAN}, 3, (double[]){0.5, 0.5, NAN}, 0);
  expect_normalized("sigmoid", "midpoint: 3", -1, (double[]){7}, 1, (double[]){0.5}, 0);
  expect_normalized("sigmoid", "steepness: 3", 1, (double[]){7, 7}, 2, (double[]){0.5, 0.5}, 0);
  expect_normalized("sigmoid", "{midpoint: 6, steepness: 1}", 1, (double[]){7}, 1, (double[]){1 / (1 + exp(-1))},
                    1e-16);
  expect_normalized("sigmoid", NULL, 1, (double[]){NAN}, 1, (double[]){NAN}, 0);
  expect_normalized("sigmoid", NULL, 1, NULL, 0, NULL, 0);
}

static void nothing_overflows(void **state)
{
  (void)state;
  double low = 1 / (1 + exp(1));
  expect_normalized("sigmoid", NULL, 1, (double[]){-DBL_MAX, DBL_MAX}, 2, (double[]){low, 1 - low}, 1e-16);
  expect_normalized("sigmoid", "{midpoint: 0, steepness: 1e300}", 1, (double[]){-DBL_MAX, 0, DBL_MAX}, 3,
                    (double[]){0, 0.5, 1}, 0);
  expect_normalized("sigmoid", "{midpoint: -1.7e308, steepness: 1e-300}", -1, (double[]){DBL_MAX, -1.7e308}, 2,
                    (double[]){0, 0.5}, 1e-300);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_default_it_is_the_logistic_of_z),
      cmocka_unit_test(midpoint_and_steepness_can_be_given),
      cmocka_unit_test(what_is_not_given_is_learned),
      cmocka_unit_test(a_column_without_a_spread_is_half_unless_both_are_given),
      cmocka_unit_test(nothing_overflows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
