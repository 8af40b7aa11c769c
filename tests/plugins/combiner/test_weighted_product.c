#include "support/combined.h"

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double by_max[] = {0.582113630548, 0.526861995124, 0.445213152905, 0.660253510669,
                                  0.673644754937, 0.445221545027, 0.683865088577};
  static const double by_sum[] = {0.134111793136, 0.121382498525, 0.102571613394, 0.152114256725,
                                  0.155199434063, 0.102573546835, 0.157554072743};
  expect_scores("weighted_product", NULL, seven("max"), by_max, 1e-11);
  expect_scores("weighted_product", NULL, seven("sum"), by_sum, 1e-11);
}

/* JMcDM of July 2026, wpm. */
static void another_peers_machine_choice_is_reproduced(void **state)
{
  (void)state;
  static const double machines[] = {3,   12.5, 2, 120, 14, 3, 5,   15, 3, 110, 38, 4,   3,   13, 2,
                                    120, 19,   3, 4,   14, 2, 100, 31, 4, 3,   15, 1.5, 125, 40, 4};
  static const double shares[] = {.221, .159, .175, .127, .117, .201};
  static const int32_t better[] = {1, -1, -1, 1, -1, 1};
  static const double expected[] = {.7975224331331, .7532541470585, .7647463553356, .7873956894791, .7674278741782};
  expect_scores("weighted_product", NULL, (criteria){5, 6, machines, shares, better, "max"}, expected, 1e-12);
}

static void only_ratios_count(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){1, 8, 2, 4, 4, 2}, (double[]){1, 1}, NULL, "max"};
  rig *r = combined("weighted_product", &c);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, 0, i), sqrt(0.25), 1e-15);
  rig_close(r);
}

static void nothing_in_one_criterion_is_nothing(void **state)
{
  (void)state;
  const criteria c = {4, 2, (double[]){0, 8, -1, 8, 2, 8, 2, 0}, (double[]){1, 3}, NULL, "max"};
  static const double expected[] = {0, 0, 1, 0};
  expect_scores("weighted_product", NULL, c, expected, 1e-15);
  const criteria weightless = {2, 2, (double[]){0, 8, 2, 8}, (double[]){0, 3}, NULL, "max"};
  expect_scores("weighted_product", NULL, weightless, (const double[]){1, 1}, 1e-15);
}

static void a_cost_must_have_been_turned(void **state)
{
  (void)state;
  expect_refusal("weighted_product", NULL, seven(NULL), TARAZU_BAD_PARAMETER, "criterion 'c1' comes as a cost");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(another_peers_machine_choice_is_reproduced),
      cmocka_unit_test(only_ratios_count),
      cmocka_unit_test(nothing_in_one_criterion_is_nothing),
      cmocka_unit_test(a_cost_must_have_been_turned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
