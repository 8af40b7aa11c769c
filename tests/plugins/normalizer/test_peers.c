#include "support/normalized.h"

/* pymcdm 1.4.0, sum_, vector_ and minmax_normalization, of benefits and costs */
static const double x[] = {5.157, 24.623, 29.87, 10.148, 11.18, 4.529, 2.962, 3.003};
static const double m[] = {-49.92, 46.46, -2.81, 6.41, -32, -54.39, -60.1, -42.08};

static void the_usual_ones_agree_with_their_peers(void **state)
{
  (void)state;
  expect_normalized("sum", NULL, 1, x, 8,
                    (double[]){0.056377907993702986, 0.26918619905544866, 0.3265480146930208, 0.11094105299982507,
                               0.12222319398285812, 0.049512419100927053, 0.032381493790449536, 0.032829718383767706},
                    1e-15);
  expect_normalized("sum", NULL, -1, x, 8,
                    (double[]){0.14391525790327875, 0.030141371279178347, 0.024846701875032087, 0.073134704868664621,
                               0.066383809034634034, 0.16387082910293851, 0.25056414078568817, 0.24714318515058559},
                    1e-15);
  double vector[] = {-0.42093201080507664, 0.39175683537667988,  -0.023694289871038967, 0.054049963727174299,
                     -0.26982821205453628, -0.45862363917644466, -0.50677111076492598,  -0.35482409885171523};
  double minmax[] = {0.095533033033033024, 1, 0.53763138138138133, 0.62415540540540548, 0.26370120120120122,
                     0.053584834834834845, 0, 0.16910660660660662};
  expect_normalized("vector", NULL, 1, m, 8, vector, 1e-15);
  expect_normalized("minmax", NULL, 1, m, 8, minmax, 1e-15);
  for (int i = 0; i < 8; i++) vector[i] = 1 - vector[i], minmax[i] = 1 - minmax[i];
  expect_normalized("vector", NULL, -1, m, 8, vector, 1e-15);
  expect_normalized("minmax", NULL, -1, m, 8, minmax, 1e-15);
}

/* scipy 1.17.1, (stats.rankdata(m) - 0.5) / 8 */
static void percentile_agrees_with_average_ranks(void **state)
{
  (void)state;
  expect_normalized("percentile", NULL, 1, m, 8,
                    (double[]){0.3125, 0.9375, 0.6875, 0.8125, 0.5625, 0.1875, 0.0625, 0.4375}, 1e-15);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_usual_ones_agree_with_their_peers),
      cmocka_unit_test(percentile_agrees_with_average_ranks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
