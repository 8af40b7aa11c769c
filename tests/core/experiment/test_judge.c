/* From sessions and outcomes to the numbers of measures, each worked out by hand; and lists by one another. */
#include "backtested.h"
#include <stdio.h>

/* Up to 10 January ann 15 and bob 20 and dan 3; from the 11th to the 20th ann 400, bob 7, dan 0. */
static const char orders[] = "id,day,amount\nann,2024-01-01,10\nbob,2024-01-05,20\ndan,2024-01-05,3\nann,2024-01-10,5\n"
                             "ann,2024-01-11,400\ncid,2024-01-12,900\nbob,2024-01-20,7\nann,2024-01-21,1000\n";
static const char profile_words[] =
    "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
    "criteria:\n"
    "  revenue: {plugin: monetary, dimension: financial, weight: 0}\n"
    "  habit: {plugin: rfm, dimension: non_financial, weight: 0}\n"
    "  visits: {plugin: attribute, dimension: non_financial, input: {value: habit.frequency}}\n"
    "normalize: max\n"
    "key_customers: {limit: 1}\n";
#define EXPERIMENT                                                                                                \
  "outcomes:\n  revenue: monetary\n  purchases: {plugin: rfm, missing: 0}\n  counted: {plugin: monetary, input: " \
  "{orders: {from: orders, amount: 1}}}\n"                                                                        \
  "measure:\n"

static void measures_of_the_list_are_those_by_hand(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_run(&b, profile_words,
                 EXPERIMENT
                 "- value_captured: revenue\n- share_captured: revenue\n- share_of_best: revenue\n"
                 "- {against_baseline: revenue, baseline: revenue}\n"
                 "- {against_baseline: revenue, baseline: {plugin: monetary, params: {window: 7 days}},"
                 " name: by recent}\n"
                 "- lift: revenue\n- {list_cost: revenue}\n- {value_per_cost: revenue, cost: habit.monetary}\n",
                 0);
  /* ann, with two visits, is chosen */
  assert_near(backtested_value(&b, "value_captured of revenue"), 400, 0);
  assert_near(backtested_value(&b, "share_captured of revenue"), 400.0 / 407, 1e-15);
  assert_near(backtested_value(&b, "share_of_best of revenue"), 1, 0);
  assert_near(backtested_value(&b, "against_baseline of revenue by revenue"), 400.0 / 7, 1e-12);
  assert_near(backtested_value(&b, "by recent"), 400.0 / 7, 1e-12); /* of 3 January on: bob 20, ann 5 */
  assert_near(backtested_value(&b, "lift of revenue"), 400 / (407.0 / 3), 1e-14);
  assert_near(backtested_value(&b, "list_cost of revenue"), 15, 0);
  assert_near(backtested_value(&b, "value_per_cost of revenue"), 400.0 / 15, 1e-14);
  backtested_free(&b);
}

static void measures_of_scores_take_any_prediction(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_run(&b, profile_words,
                 EXPERIMENT "- {mae: purchases.frequency, prediction: visits}\n"
                            "- {mae: counted, prediction: visits}\n- {mae: revenue, prediction: habit.monetary}\n"
                            "- {rmse: revenue, prediction: revenue}\n"
                            "- {spearman: revenue, prediction: revenue}\n- {kendall: revenue}\n- seconds\n- memory\n",
                 0);
  assert_near(backtested_value(&b, "mae of purchases.frequency by visits"), (1 + 0 + 1) / 3.0, 1e-15);
  assert_near(backtested_value(&b, "mae of counted by visits"), (1 + 0 + 1) / 3.0, 1e-15);
  assert_no_words(backtested_problems(&b), "has no value");
  assert_near(backtested_value(&b, "mae of revenue by habit.monetary"), (385 + 13 + 3) / 3.0, 1e-12);
  assert_near(backtested_value(&b, "rmse of revenue by revenue"), sqrt((385.0 * 385 + 169 + 9) / 3), 1e-12);
  assert_near(backtested_value(&b, "spearman of revenue by revenue"), 0.5, 1e-12);   /* ranks 2 1 3 against 1 2 3 */
  assert_near(backtested_value(&b, "kendall of revenue"), 2 / sqrt(2.0 * 3), 1e-12); /* scores 2 1 1 */
  assert_near(backtested_value(&b, "seconds"), 1.5, 0);
  assert_true(isnan(backtested_value(&b, "memory")));
  backtested_free(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(measures_of_the_list_are_those_by_hand),
      cmocka_unit_test(measures_of_scores_take_any_prediction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
