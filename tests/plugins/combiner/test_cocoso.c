#include "support/combined.h"

/* Yazdani, Zarate, Zavadskas, Turskis 2019; the digits are JMcDM's of July 2026. The table's k_b of
 * the fourth, 3.682, does not give the table's own k of 2.416. */
static void the_papers_robots_are_reproduced(void **state)
{
  (void)state;
  static const double robots[] = {60,     .4,   2540, 500,  990, 6.35, .15,  1016, 3000, 1041, 6.8, .1,
                                  1727.2, 1500, 1676, 10,   .2,  1000, 2000, 965,  2.5,  .1,   560, 500,
                                  915,    4.5,  .08,  1016, 350, 508,  3,    .1,   1778, 1000, 920};
  static const double shares[] = {.036, .192, .326, .326, .12};
  static const int32_t better[] = {1, -1, 1, 1, 1};
  static const double expected[] = {2.0413128390265998, 2.787989783418825,  2.8823497955972495, 2.4160457689259287,
                                    1.2986918936013303, 1.4431429073391682, 2.519094173200623};
  static const double ka[] = {.131, .175, .18, .163, .088, .097, .165};
  static const double kb[] = {3.245, 4.473, 4.64, 3.682, 2, 2.225, 3.951};
  static const double kc[] = {.724, .973, 1, .906, .487, .54, .915};
  const criteria c = {7, 5, robots, shares, better, "minmax"};
  expect_scores("cocoso", NULL, c, expected, 1e-12);
  rig *r = combined("cocoso", &c);
  for (int i = 0; i < 7; i++) {
    assert_near(rig_value(r, 1, i), ka[i], 1e-3);
    if (i != 3) assert_near(rig_value(r, 2, i), kb[i], 1e-2);
    assert_near(rig_value(r, 3, i), kc[i], 1e-3);
  }
  rig_close(r);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double half[] = {2.35371322168, 1.49528512158, 1.47491210378, 2.5953864254,
                                2.48287049232, 1.94922073,    2.64861454467};
  static const double fifth[] = {2.36606327564, 1.48769112481, 1.48660475458, 2.59750721998,
                                 2.48407700876, 1.95896266865, 2.64861454467};
  expect_scores("cocoso", NULL, seven("minmax"), half, 1e-10);
  expect_scores("cocoso", "lambda: 20%", seven("minmax"), fifth, 1e-10);
}

static void the_worst_in_all_is_measured_by_the_worst_above_zero(void **state)
{
  (void)state;
  const criteria c = {3, 1, (double[]){0, .25, 1}, NULL, NULL, NULL};
  rig *r = combined("cocoso", &c);
  static const double relative[] = {0, 2, 8};
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, 2, i), relative[i], 1e-15);
  assert_near(rig_value(r, 0, 0), 0, 0);
  rig_close(r);
}

static void who_lacks_a_criterion_is_not_short_of_a_power(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){.5, .5, .5, NAN, 1, 1}, NULL, NULL, NULL};
  rig *r = combined("cocoso", &c);
  double whole = 2 * sqrt(.5), single = 2 * .5;
  assert_near(rig_value(r, 1, 1) / rig_value(r, 1, 0), (.5 + single) / (.5 + whole), 1e-15);
  rig_close(r);
}

static void a_cost_must_have_been_turned(void **state)
{
  (void)state;
  expect_refusal("cocoso", NULL, seven(NULL), TARAZU_BAD_PARAMETER, "criterion 'c1' comes as a cost");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_papers_robots_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(the_worst_in_all_is_measured_by_the_worst_above_zero),
      cmocka_unit_test(who_lacks_a_criterion_is_not_short_of_a_power),
      cmocka_unit_test(a_cost_must_have_been_turned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
