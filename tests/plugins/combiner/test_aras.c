#include "support/combined.h"

/* Zavadskas, Turskis 2010; the figures are pymcdm's, which differ a little from the paper's rounded ones. */
static void the_papers_microclimates_with_given_optima_are_reproduced(void **state)
{
  (void)state;
  static const double rooms[] = {7.6, 46,  18,  390, .1,  11,  5.5, 32,  21,  360, .05, 11,  5.3, 32,  21,  290, .05,
                                 11,  5.7, 37,  19,  270, .05, 9,   4.2, 38,  19,  240, .1,  8,   4.4, 38,  19,  260,
                                 .1,  8,   3.9, 42,  16,  270, .1,  5,   7.9, 44,  20,  400, .05, 6,   8.1, 44,  20,
                                 380, .05, 6,   4.5, 46,  18,  320, .1,  7,   5.7, 48,  20,  320, .05, 11,  5.2, 48,
                                 20,  310, .05, 11,  7.1, 49,  19,  280, .1,  12,  6.9, 50,  16,  250, .05, 10};
  static const double shares[] = {.21, .16, .26, .17, .12, .08};
  static const int32_t better[] = {1, 1, 1, 1, -1, -1};
  static const double expected[] = {.6706, .6564, .6269, .6315, .5464, .5580, .5658,
                                    .7762, .7734, .6003, .6772, .6628, .6334, .6511};
  static const char optima[] =
      "optima: [{criterion: c0, value: 15}, {criterion: c1, value: 50}, {criterion: c2, value: "
      "24.5}, {criterion: c3, value: 400}, {criterion: c4, value: 0.05}, {criterion: c5, value: 5}]";
  expect_scores("aras", optima, (criteria){14, 6, rooms, shares, better, NULL}, expected, 5e-5);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.586221812728, 0.590058348658, 0.480943804425, 0.689341201811,
                                    0.741167380951, 0.531159661257, 0.710841855212};
  static const double with_optima[] = {0.499490120541, 0.501251590718, 0.412022020204, 0.587156372553,
                                       0.630183343305, 0.45466821188,  0.606830397544};
  static const char optima[] = "optima: [{criterion: c0, value: 7}, {criterion: c1, value: 12}, "
                               "{criterion: c2, value: 10}, {criterion: c3, value: 60}]";
  expect_scores("aras", NULL, seven(NULL), expected, 1e-12);
  expect_scores("aras", optima, seven(NULL), with_optima, 1e-12);
}

/* JMcDM of July 2026. */
static void another_peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double mat[] = {105000, 105, 10, 4,      300, 10, 120000, 110, 15, 4,      500, 8,  150000, 120, 12,
                               3,      550, 12, 115000, 105, 20, 4,      600, 9,  135000, 115, 15, 5,      400, 9};
  static const double shares[] = {.05, .20, .10, .15, .10, .40};
  static const int32_t better[] = {-1, 1, -1, 1, 1, -1};
  static const double expected[] = {.81424068, .89288620, .76415790, .84225462, .86540635};
  expect_scores("aras", NULL, (criteria){5, 6, mat, shares, better, NULL}, expected, 1e-8);
}

static void the_optimum_has_one_and_zeros_are_no_fault(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){4, 0, 2, 0, 0, 0}, NULL, NULL, NULL};
  expect_scores("aras", NULL, c, (const double[]){1, 0.5, 0}, 1e-15);
  const criteria nothing = {2, 1, (double[]){0, 0}, NULL, NULL, NULL};
  expect_scores("aras", NULL, nothing, (const double[]){0, 0}, 0);
}

static void a_what_if_without_cost_counts_as_a_thousandth(void **state)
{
  (void)state;
  const criteria c = {2, 1, (double[]){4, 8}, NULL, (const int32_t[]){-1}, NULL};
  rig *r = combined("aras", &c);
  assert_near(rig_value(r, 0, 0), 1, 1e-15);
  assert_near(scored_what_if(r, c, (const double[]){2}), 2, 1e-15);
  assert_near(scored_what_if(r, c, (const double[]){0}), 1000, 1e-12);
  assert_near(scored_what_if(r, c, (const double[]){-5}), 1000, 1e-12);
  rig_close(r);
}

static void what_has_no_share_is_refused(void **state)
{
  (void)state;
  const criteria negative = {2, 1, (double[]){4, -1}, NULL, NULL, NULL};
  expect_refusal("aras", NULL, negative, TARAZU_BAD_DATA, "criterion 'c0' is -1; expected values from 0 on");
  const criteria free_cost = {2, 1, (double[]){4, 0}, NULL, (const int32_t[]){-1}, NULL};
  expect_refusal("aras", NULL, free_cost, TARAZU_BAD_DATA, "criterion 'c0' is 0; expected costs above zero");
  const criteria huge = {2, 1, (double[]){1e308, 1e308}, NULL, NULL, NULL};
  expect_refusal("aras", NULL, huge, TARAZU_NUMERIC, "sum is too large");
  expect_refusal("aras", "optima: [{criterion: c0, value: 0}]", negative, TARAZU_BAD_PARAMETER,
                 "expected a value above");
  expect_refusal("aras", "optima: [{criterion: c0, value: 1}, {criterion: c0, value: 1}]", negative,
                 TARAZU_BAD_PARAMETER, "a second time");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_papers_microclimates_with_given_optima_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(another_peers_figures_are_reproduced),
      cmocka_unit_test(the_optimum_has_one_and_zeros_are_no_fault),
      cmocka_unit_test(a_what_if_without_cost_counts_as_a_thousandth),
      cmocka_unit_test(what_has_no_share_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
