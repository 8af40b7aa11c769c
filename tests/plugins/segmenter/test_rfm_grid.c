#include "support/rfm_orders.h"
#include "support/segmented.h"

#include <stdio.h>

static rig *opened(const double *recency, const double *frequency, const double *monetary, int64_t count)
{
  rig *r = rig_open("segmenter", "rfm_grid");
  rig_f64(r, "recency", recency, count);
  rig_f64(r, "frequency", frequency, count);
  rig_f64(r, "monetary", monetary, count);
  return r;
}

static rig *grid(const double *recency, const double *frequency, const double *monetary, int64_t count,
                 const char *params)
{
  rig *r = opened(recency, frequency, monetary, count);
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
  return r;
}

static rig *grid_of_orders(const char *params)
{
  static double columns[3][RFM_ORDERS];
  for (int i = 0; i < RFM_ORDERS; i++)
    for (int a = 0; a < 3; a++) columns[a][i] = rfm_orders[i][a];
  return grid(columns[0], columns[1], columns[2], RFM_ORDERS, params);
}

/* Customers, orders and revenue of a segment. */
static void expect_holds(const rig *r, const char *segment, int customers, int orders, int revenue)
{
  int found[3] = {0};
  for (int i = 0; i < RFM_ORDERS; i++) {
    if (strcmp(rig_label(r, 0, i), segment)) continue;
    found[0]++;
    found[1] += rfm_orders[i][1];
    found[2] += rfm_orders[i][2];
  }
  assert_int_equal(found[0], customers);
  assert_int_equal(found[1], orders);
  assert_int_equal(found[2], revenue);
}

/* The summary of segments in the vignette of rfm 0.3.0. */
static void segments_hold_what_the_vignette_of_rfm_says(void **state)
{
  (void)state;
  rig *r = grid_of_orders("binning: shifted");
  expect_holds(r, "About To Sleep", 102, 283, 23449);
  expect_holds(r, "At Risk", 28, 216, 22227);
  expect_holds(r, "Can't Lose Them", 47, 274, 32446);
  expect_holds(r, "Champions", 35, 316, 31646);
  expect_holds(r, "Lost", 148, 393, 35324);
  expect_holds(r, "Loyal Customers", 170, 799, 76562);
  expect_holds(r, "Need Attention", 10, 57, 4562);
  expect_holds(r, "New Customers", 104, 329, 28837);
  expect_holds(r, "Potential Loyalist", 342, 2211, 204856);
  expect_holds(r, "Promising", 9, 28, 4249);
  expect_holds(r, "others", 0, 0, 0);
  rig_close(r);
}

/* The package's own test expects this of the rules before 0.3. */
static void champions_of_the_classic_rules_are_those_of_rfm(void **state)
{
  (void)state;
  rig *r = grid_of_orders("{binning: shifted, standard: classic}");
  expect_holds(r, "Champions", 158, 1234, 120178);
  rig_close(r);
}

/* Its documentation's thresholds, which are its quantiles rounded: no whole number lies between the two, but 297. */
static void cuts_of_the_profile_are_in_the_columns_unit(void **state)
{
  (void)state;
  rig *r = grid_of_orders("{recency_cuts: [115, 181, 297.4, 482], frequency_cuts: [4, 5, 6, 8], "
                          "monetary_cuts: [256, 382, 506.4, 666]}");
  rig *shifted = grid_of_orders("binning: shifted");
  for (int i = 0; i < RFM_ORDERS; i++)
    for (uint32_t o = 1; o < 4; o++) assert_near(rig_value(r, o, i), rig_value(shifted, o, i), 0);
  assert_near(fact_value(r, "recency_cut_5"), 115, 0);
  assert_near(fact_value(r, "recency_cut_2"), 482, 0);
  assert_near(fact_value(r, "monetary_cut_2"), 256, 0);
  rig_close(r);
  rig_close(shifted);
}

/* On a cut a value is past it: of recency the worse. */
static void a_value_on_a_cut_is_past_it(void **state)
{
  (void)state;
  const double x[] = {9, 10, 11};
  rig *r = grid(x, x, x, 3, "{recency_cuts: [10], frequency_cuts: [10], monetary_cuts: []}");
  const double expected[3][3] = {{2, 1, 1}, {1, 2, 1}, {1, 2, 1}};
  for (int i = 0; i < 3; i++)
    for (uint32_t o = 0; o < 3; o++) assert_near(rig_value(r, o + 1, i), expected[i][o], 0);
  rig_close(r);
}

/* ⌊bins · worse / N⌋ + 1, counted out, for as many bins as there can be. */
static void bins_hold_shares_with_ties_whole(void **state)
{
  (void)state;
  enum { N = 300 };
  double columns[3][N];
  uint64_t seed = 7;
  for (int i = 0; i < N; i++)
    for (int a = 0; a < 3; a++) columns[a][i] = floor((4 + 60 * a) * next_uniform(&seed)) - 20;
  rig *r = grid(columns[0], columns[1], columns[2], N, "{recency_bins: 7, frequency_bins: 1, monetary_bins: 30}");
  const int bins[3] = {7, 1, 30};
  for (int i = 0; i < N; i++)
    for (int a = 0; a < 3; a++) {
      int worse = 0;
      for (int j = 0; j < N; j++) worse += a ? columns[a][j] < columns[a][i] : columns[a][j] > columns[a][i];
      assert_near(rig_value(r, (uint32_t)a + 1, i), bins[a] * worse / N + 1, 0);
    }
  rig_close(r);
}

static const char *const five_of_each = "{recency_cuts: [1, 2, 3, 4], frequency_cuts: [2, 3, 4, 5], "
                                        "monetary_cuts: [2, 3, 4, 5]";

/* A customer of each of the 125 cells, and rules tried one after another. */
static void every_cell_goes_to_the_first_rule_that_fits(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    int from[3], to[3];
  } table[10] = {{"Champions", {5, 5, 5}, {5, 5, 5}},       {"Potential Loyalist", {3, 3, 2}, {5, 5, 5}},
                 {"Loyal Customers", {2, 2, 2}, {4, 4, 4}}, {"Promising", {3, 1, 3}, {4, 3, 5}},
                 {"New Customers", {4, 1, 1}, {5, 3, 5}},   {"Can't Lose Them", {1, 3, 4}, {2, 4, 5}},
                 {"At Risk", {1, 2, 4}, {2, 5, 5}},         {"Need Attention", {1, 3, 3}, {3, 5, 5}},
                 {"About To Sleep", {2, 1, 1}, {3, 3, 4}},  {"Lost", {1, 1, 1}, {1, 5, 5}}};
  double columns[3][125];
  char params[200];
  for (int i = 0; i < 125; i++)
    columns[0][i] = 4 - i / 25 + 0.5, columns[1][i] = i / 5 % 5 + 1.5, columns[2][i] = i % 5 + 1.5;
  snprintf(params, sizeof params, "%s}", five_of_each);
  rig *r = grid(columns[0], columns[1], columns[2], 125, params);
  int others = 0;
  for (int i = 0; i < 125; i++) {
    const int s[3] = {i / 25 + 1, i / 5 % 5 + 1, i % 5 + 1};
    const char *expected = "others";
    for (int k = 9; k >= 0; k--) {
      int fits = 1;
      for (int a = 0; a < 3; a++) fits &= s[a] >= table[k].from[a] && s[a] <= table[k].to[a];
      if (fits) expected = table[k].name;
    }
    others += !strcmp(expected, "others");
    assert_string_equal(rig_label(r, 0, i), expected);
    for (uint32_t a = 0; a < 3; a++) assert_near(rig_value(r, a + 1, i), s[a], 0);
  }
  assert_near(fact_value(r, "cells_without_rule"), others, 0);
  assert_near(fact_value(r, "customers_in_others"), others, 0);
  rig_close(r);
}

static void standard_rules_are_reported(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3};
  rig *r = grid(x, x, x, 3, NULL);
  assert_fact_says(r, "cells_without_rule", 0, "10 cells fit no rule and are 'others': r 5, f 5, m 1");
  assert_fact_says(r, "rule_2", 0,
                   "1 of the 36 cells of 'Potential Loyalist' go to earlier rules: r 5, f 5, m 5 to 'Champions'");
  assert_null(rig_fact(r, "rule_1"));
  rig_close(r);
  r = grid(x, x, x, 3, "standard: classic");
  assert_fact_says(r, "rule_9", 1, "nobody can be in 'Can't Lose Them'");
  assert_fact_says(r, "rule_9", 1, "'At Risk'");
  assert_fact_says(r, "rule_4", 1, "nobody can be in 'New Customers'");
  rig_close(r);
}

static void own_rules_with_overlaps_and_gaps_are_told(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, NAN};
  rig *r = grid(x, x, x, 4,
                "{recency_bins: 3, frequency_bins: 3, monetary_bins: 3, others: the rest, missing: strangers, rules: ["
                "{name: best, f: [3], m: [3]}, {name: good, f: [2, 3]}, {name: best, f: [3], m: [2, 3]}, "
                "{name: recent, r: [3, 3], m: [1]}]}");
  assert_segments(r, (const char *[]){"recent", "good", "best", "strangers"});
  assert_fact_says(r, "rule_2", 1, "3 of the 18 cells of 'good' go to earlier rules: r 3, f 3, m 3 to 'best'");
  assert_fact_says(r, "rule_3", 1, "earlier rules take all its cells, r 3, f 3, m 2 'good'");
  assert_fact_says(r, "rule_4", 1, "2 of the 3 cells of 'recent'");
  assert_fact_says(r, "cells_without_rule", 1, "8 cells fit no rule and are 'the rest': r 3, f 1, m 3");
  assert_near(fact_value(r, "customers_in_strangers"), 1, 0);
  rig_close(r);
}

/* Score 1 of 3 is in the lowest fifth, 2 in the third, 3 in the highest; 1 of 2 in the second, 2 in the fourth. */
static void standard_rules_stretch_over_any_number_of_bins(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3}, ago[] = {3, 2, 1};
  rig *r = grid(ago, x, x, 3, "{recency_bins: 3, frequency_bins: 3, monetary_bins: 3}");
  assert_segments(r, (const char *[]){"Lost", "Potential Loyalist", "Champions"});
  rig_close(r);
  r = grid(ago, x, x, 3, "{recency_bins: 10, frequency_bins: 10, monetary_bins: 10}");
  assert_segments(r, (const char *[]){"Lost", "Loyal Customers", "Potential Loyalist"});
  assert_near(rig_value(r, 1, 1), 4, 0); /* of ten, which is in the second fifth */
  assert_near(rig_value(r, 1, 2), 7, 0); /* in the fourth */
  rig_close(r);
  r = grid(ago, x, x, 3, "{recency_bins: 2, frequency_bins: 2, monetary_bins: 2}");
  assert_fact_says(r, "rule_1", 1, "nobody can be in 'Champions': no cell");
  rig_close(r);
}

static void who_lacks_a_value_has_the_other_scores(void **state)
{
  (void)state;
  rig *r = grid((double[]){NAN, 5, 9}, (double[]){1, 2, 3}, (double[]){1, NAN, 3}, 3, NULL);
  assert_null(rig_label(r, 0, 0));
  assert_null(rig_label(r, 0, 1));
  assert_near(rig_value(r, 1, 0), (double)NAN, 0);
  assert_near(rig_value(r, 2, 0), 1, 0);
  assert_near(rig_value(r, 3, 1), (double)NAN, 0);
  assert_near(fact_value(r, "customers_in_no_segment"), 2, 0);
  rig_close(r);
}

static void rules_and_cuts_that_make_no_sense_are_refused(void **state)
{
  (void)state;
  rig *r = opened((double[]){1}, (double[]){1}, (double[]){1}, 1);
  expect_refusal(r, "{frequency_cuts: [2, 1]}", 4, 1, "1 does not after 2");
  expect_refusal(r, "{rules: [{name: a}, {name: b, r: [0, 3]}]}", 8, 1, "'b': r must be [from, to]");
  expect_refusal(r, "{rules: [{name: a, f: [4, 3]}]}", 8, 0, "f must be");
  expect_refusal(r, "{rules: [{name: a, m: [1.5, 3]}]}", 8, 0, "m must be");
  expect_refusal(r, "{monetary_cuts: [10], rules: [{name: a, m: [3]}]}", 8, 0, "from 1 to 2");
  expect_refusal(r, "{rules: [{name: a, m: [1, 2, 3]}]}", 8, 0, "m must be");
  expect_refusal(r, "{rules: [{name: a, m: []}]}", 8, 0, "m must be");
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(segments_hold_what_the_vignette_of_rfm_says),
      cmocka_unit_test(champions_of_the_classic_rules_are_those_of_rfm),
      cmocka_unit_test(cuts_of_the_profile_are_in_the_columns_unit),
      cmocka_unit_test(a_value_on_a_cut_is_past_it),
      cmocka_unit_test(bins_hold_shares_with_ties_whole),
      cmocka_unit_test(every_cell_goes_to_the_first_rule_that_fits),
      cmocka_unit_test(standard_rules_are_reported),
      cmocka_unit_test(own_rules_with_overlaps_and_gaps_are_told),
      cmocka_unit_test(standard_rules_stretch_over_any_number_of_bins),
      cmocka_unit_test(who_lacks_a_value_has_the_other_scores),
      cmocka_unit_test(rules_and_cuts_that_make_no_sense_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
