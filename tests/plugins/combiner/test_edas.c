#include "support/combined.h"

/* Yazdani, Torkayesh, Santibanez-Gonzalez, Otaghsara 2020, as pymcdm tests it; another of JMcDM of July 2026. */
static void published_examples_are_reproduced(void **state)
{
  (void)state;
  static const double energy[] = {3873, 39.55, .27,  .87,   150,  .07,    12,  2130, 5067, 67.26, .23,  .23, 40,  .02,
                                  21,   2200,  2213, 24.69, .08,  .17,    200, .04,  35,   570,   6243, 132, .07, .25,
                                  100,  .04,   16,   100,   8312, 460.47, .05, .21,  25,   .1,    25,   200};
  static const double shares[] = {.131, .113, .126, .125, .126, .129, .132, .117};
  static const int32_t better[] = {-1, -1, -1, 1, 1, -1, 1, 1};
  static const double expected[] = {.841, .632, .883, .457, .104};
  static const double others[] = {5000, 5, 5300, 450, 4500, 5, 5000, 400, 4500, 4, 4700, 400, 4000, 4, 4200, 400,
                                  5000, 4, 7100, 500, 5000, 5, 5400, 450, 5500, 5, 6200, 500, 5000, 4, 5800, 450};
  static const double of_others[] = {.759594, .886016, .697472, .739658, .059083, .731833, .641691, .385194};
  expect_scores("edas", NULL, (criteria){5, 8, energy, shares, better, NULL}, expected, 5e-4);
  expect_scores("edas", NULL, (criteria){8, 4, others, NULL, (int32_t[]){1, 1, -1, -1}, NULL}, of_others, 1e-6);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.496214591166, 0.389539809558, 0.138855792107, 0.67710286849,
                                    0.761822987547, 0.377908262772, 0.75618736736};
  expect_scores("edas", NULL, seven(NULL), expected, 1e-12);
}

static void distances_from_the_average_are_told(void **state)
{
  (void)state;
  const criteria c = {3, 1, (double[]){1, 2, 3}, NULL, NULL, NULL};
  rig *r = combined("edas", &c);
  static const double expected[3][3] = {{0, 0, .5}, {.5, 0, 0}, {1, .5, 0}};
  for (int i = 0; i < 3; i++)
    for (uint32_t o = 0; o < 3; o++) assert_near(rig_value(r, o, i), expected[i][o], 1e-15);
  rig_close(r);
}

static void all_equal_have_a_half_and_zeros_are_no_fault(void **state)
{
  (void)state;
  const criteria equal = {3, 2, (double[]){4, 0, 4, 0, 4, 0}, NULL, NULL, NULL};
  expect_scores("edas", NULL, equal, (const double[]){.5, .5, .5}, 0);
}

static void an_average_that_measures_nothing_is_refused(void **state)
{
  (void)state;
  const criteria opposed = {2, 1, (double[]){4, -4}, NULL, NULL, NULL};
  expect_refusal("edas", NULL, opposed, TARAZU_BAD_DATA, "criterion 'c0' has an average of 0");
  const criteria rounded = {3, 1, (double[]){.1, .2, -.3 + 1e-17}, NULL, NULL, NULL};
  expect_refusal("edas", NULL, rounded, TARAZU_BAD_DATA, "must be above zero");
  const criteria negative = {2, 1, (double[]){-4, -3}, NULL, NULL, NULL};
  expect_refusal("edas", NULL, negative, TARAZU_BAD_DATA, "criterion 'c0' has an average of -3.5");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_examples_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(distances_from_the_average_are_told),
      cmocka_unit_test(all_equal_have_a_half_and_zeros_are_no_fault),
      cmocka_unit_test(an_average_that_measures_nothing_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
