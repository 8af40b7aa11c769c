/* The gamma and beta distributions that plugins share. Expected numbers: SciPy 1.17.1 (special.gammaln, psi, polygamma,
 * gammaincc, stats.beta.ppf). */
#include "support/near.h"

#include "../../../plugins/shared/distributions.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static double relative(double expected, double by)
{
  return fabs(expected) * by;
}

static void gamma_and_its_derivatives_are_those_of_another_library(void **state)
{
  (void)state;
  static const double known[][4] = {{.05, 2.968879201051731, -20.49784499129987, 401.5323573421151},
                                    {.5, 0.5723649429247, -1.963510026021424, 4.93480220054468},
                                    {1, 0, -0.5772156649015329, 1.644934066848227},
                                    {3.7, 1.428072326665388, 1.167153539361511, 0.3100378576700383},
                                    {12, 17.50230784587389, 2.442661679975812, 0.0869018728717684},
                                    {1000, 5905.220423209181, 6.907255195648812, 0.001000500166666633}};
  for (size_t i = 0; i < COUNT(known); i++) {
    assert_near(log_gamma_of(known[i][0]), known[i][1], 1e-14 + relative(known[i][1], 1e-14));
    assert_near(digamma_of(known[i][0]), known[i][2], 1e-14 + relative(known[i][2], 1e-14));
    assert_near(trigamma_of(known[i][0]), known[i][3], relative(known[i][3], 1e-14));
  }
}

static void the_upper_tail_of_the_gamma_distribution_is_that_of_another_library(void **state)
{
  (void)state;
  static const double known[][3] = {
      {.05, .01, 0.1844401942587151}, {.5, .2, 0.5270892568655381},   {1, 3, 0.04978706836786395},
      {3, 2.5, 0.5438131158833297},   {3, 20, 4.555149505589212e-07}, {7.3, 7, 0.4953805573508639},
      {40, 55, 0.01469717952639773},  {100, 80, 0.9828916869648668},  {100, 140, 0.0001610571747125572}};
  for (size_t i = 0; i < COUNT(known); i++)
    assert_near(gamma_above(known[i][0], known[i][1]), known[i][2], relative(known[i][2], 1e-11));
  assert_near(gamma_above(2, 0), 1, 0);
  assert_near(gamma_above(2, 1e9), 0, 0);
  /* of a whole shape a sum of Poisson's chances */
  for (double x = 0.25; x < 40; x *= 1.7) assert_near(gamma_above(2, x), exp(-x) * (1 + x), 1e-13);
}

static void quantiles_of_the_beta_distribution_are_those_of_another_library(void **state)
{
  (void)state;
  static const double known[][4] = {{.05, 1, 1, 0.05},
                                    {.05, .5, .5, 0.006155829702431137},
                                    {.95, 9, 3, 0.921179954333971},
                                    {.05, 9.5, 1.5, 0.6694371967398653},
                                    {.025, 120, 30, 0.7325878420351207},
                                    {.995, .3, 4, 0.5826825817303301},
                                    {.05, .02, 5, 1.121593386680604e-66},
                                    {.5, 2000, 1000, 0.6667037082752489}};
  for (size_t i = 0; i < COUNT(known); i++)
    assert_near(beta_quantile(known[i][0], known[i][1], known[i][2]), known[i][3], relative(known[i][3], 1e-9));
  for (double u = 0.001; u < 1; u += 0.037) { /* the mirror image, and there and back */
    double x = beta_quantile(u, 3.5, 0.7);
    assert_near(1 - x, beta_quantile(1 - u, 0.7, 3.5), 1e-11);
    assert_near(beta_below_logit(log(x / (1 - x)), 3.5, 0.7), u, 1e-10);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gamma_and_its_derivatives_are_those_of_another_library),
      cmocka_unit_test(the_upper_tail_of_the_gamma_distribution_is_that_of_another_library),
      cmocka_unit_test(quantiles_of_the_beta_distribution_are_those_of_another_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
