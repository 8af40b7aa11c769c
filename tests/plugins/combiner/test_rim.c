#include "support/combined.h"

/* Cables, Lamata, Verdegay 2016, with the sums put right that the paper has wrong, as its authors told pymcdm's. */
static void the_papers_candidates_are_reproduced(void **state)
{
  (void)state;
  static const double candidates[] = {30, 0, 2, 3,  3, 2, 40, 9, 1, 3,  2,  2, 25, 0, 3,
                                      1,  3, 2, 27, 0, 5, 3,  3, 1, 45, 15, 2, 2,  3, 4};
  static const double shares[] = {.2262, .2143, .1786, .1429, .1190, .1190};
  static const double expected[] = {.58663, .75584, .37163, .46658, .74015};

  static const char scales[] =
      "criteria: [{criterion: c0, range: [23, 60], ideal: [30, 35]}, "
      "{criterion: c1, range: [0, 15], ideal: [10, 15]}, {criterion: c2, range: [0, 10], "
      "ideal: [0]}, {criterion: c3, range: [1, 3], ideal: [3]}, {criterion: c4, range: [1, 3], "
      "ideal: [3]}, {criterion: c5, range: [1, 5], ideal: [4, 5]}]";
  expect_scores("rim", scales, (criteria){5, 6, candidates, shares, NULL, NULL}, expected, 5e-6);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.833102976654, 0.650348910288, 0.538687272312, 0.869417311589,
                                    0.586594936031, 0.476930991451, 0.861356611053};
  static const double data[] = {0.493409282336, 0.484685450836, 0.322888660777, 0.659277214033,
                                0.622821085043, 0.394853977336, 0.706051352474};

  static const char scales[] =
      "criteria: [{criterion: c0, range: [0, 8], ideal: [4, 5]}, {criterion: c1, range: [10, 40], "
      "ideal: [10, 20]}, {criterion: c2, range: [0, 10], ideal: [6]}, "
      "{criterion: c3, range: [50, 400], ideal: [100, 120]}]";
  expect_scores("rim", scales, seven(NULL), expected, 1e-11);
  expect_scores("rim", NULL, seven(NULL), data, 1e-11);
}

static void a_scale_is_widened_to_hold_its_ideal(void **state)
{
  (void)state;
  const criteria c = {3, 1, (double[]){0, 5, 10}, NULL, NULL, NULL};
  expect_scores("rim", "criteria: [{criterion: c0, ideal: [20]}]", c, (const double[]){0, .25, .5}, 1e-15);
}

static void constants_change_nothing_and_alone_give_a_half(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){0, 7, 5, 7, 10, 7}, NULL, NULL, NULL};
  const criteria equal = {3, 1, (double[]){7, 7, 7}, NULL, NULL, NULL};
  expect_scores("rim", NULL, c, (const double[]){0, .5, 1}, 1e-15);
  expect_scores("rim", NULL, equal, (const double[]){.5, .5, .5}, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_papers_candidates_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(a_scale_is_widened_to_hold_its_ideal),
      cmocka_unit_test(constants_change_nothing_and_alone_give_a_half),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
