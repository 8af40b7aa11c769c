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

/* ---- what a variant lacks ---------------------------------------------------------------------------------------- */

static void what_a_variant_lacks_is_told_with_its_place(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_profile(&b, profile_words);
  assert_true(backtested_read(&b, EXPERIMENT "- {mae: revenue, prediction: habits}\n"
                                             "- {against_baseline: revenue, baseline: habit.monetry}\n"
                                             "- dimension_share: finacial\n- lift: purchases.none\n"
                                             "- {mae: counted, prediction: visits}\n"));
  assert_true(backtested_measure(&b));
  assert_false(backtested_judge(&b, b.window.root, 0));
  assert_fault(&b, "experiment.yaml:6:30: error: measure 'mae of revenue by habits': the profile has no criterion or "
                   "output 'habits' for the prediction");
  assert_fault(&b, "did you mean 'habit'?");
  assert_fault(&b, "experiment.yaml:7:41: error:");
  assert_fault(&b, "no criterion or output 'habit.monetry' for the baseline");
  assert_fault(&b, "did you mean 'habit.monetary'?");
  assert_fault(&b, "experiment.yaml:8:20: error: measure 'dimension_share of finacial': the profile has no dimension "
                   "'finacial'");
  assert_fault(&b, "did you mean 'financial'?");
  assert_fault(&b, "experiment.yaml:9:9: error: measure 'lift of purchases.none': the outcome has no numeric output "
                   "'none'");
  assert_int_equal(problems_errors(b.faults), 4);
  backtested_forgive(&b);
  const char *no_list =
      arena_format(b.home, "%.*s", (int)(strstr(profile_words, "key_customers") - profile_words), profile_words);
  backtested_profile(&b, no_list);
  assert_true(backtested_read(&b, EXPERIMENT "- lift: revenue\n- gini: revenue\n"));
  assert_false(backtested_judge(&b, b.window.root, 0));
  assert_fault(&b,
               "experiment.yaml:6:3: error: measure 'lift of revenue' is of a list, but the profile chooses nobody");
  assert_int_equal(problems_errors(b.faults), 1); /* gini asks for no list */
  backtested_free(&b);
}

static void faults_of_values_name_the_customer(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_profile(&b, profile_words);
  assert_true(backtested_read(&b, EXPERIMENT "- auc: revenue\n"));
  assert_true(backtested_measure(&b));
  assert_false(backtested_judge(&b, b.window.root, 0));
  assert_fault(&b, "experiment.yaml:6:3: error: measure 'auc of revenue', customer 'ann': auc: the outcome is 400; "
                   "expected 0 or 1");
  backtested_free(&b);
}

static void outcomes_that_are_not_known_are_warned_of(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_run(&b, profile_words, "outcomes: {visits: rfm}\nmeasure: [{mae: visits.frequency, prediction: visits}]\n",
                 0);
  assert_near(backtested_value(&b, "mae of visits.frequency by visits"), 0.5, 0); /* of ann and bob */
  assert_fault(&b, "warning: measure 'mae of visits.frequency by visits': 'visits.frequency' has no value for 1 of 3 "
                   "customers, who are left out");
  backtested_free(&b);
}

/* ---- balance -------------------------------------------------------------------------------------------------------
 */

static void balance_is_of_the_dimensions_of_the_profile(void **state)
{
  static const char two[] = "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
                            "criteria:\n"
                            "  revenue: {plugin: monetary, dimension: financial, weight: 1}\n"
                            "  habit: {plugin: rfm, dimension: financial, weight: 0}\n"
                            "  visits: {plugin: attribute, dimension: non_financial, weight: 1,\n"
                            "           input: {value: habit.frequency}}\n"
                            "normalize: max\nkey_customers: {limit: 1}\n";
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_run(&b, two, "measure: [balance, dimension_share: financial, {dimension_share: non_financial}]\n", 0);
  /* ann: revenue 15 of 20, visits 2 of 2, half the weight each: 0.375 and 0.5 of her 0.875 */
  double p = 0.375 / 0.875;
  assert_near(backtested_value(&b, "dimension_share of financial"), p, 1e-15);
  assert_near(backtested_value(&b, "dimension_share of non_financial"), 1 - p, 1e-15);
  assert_near(backtested_value(&b, "balance"), -(p * log(p) + (1 - p) * log(1 - p)) / log(2), 1e-14);
  backtested_free(&b);
}

/* ---- one universe for all cut-offs ----------------------------------------------------------------------------- */

static void who_was_no_customer_yet_counts_for_nothing(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_profile(&b, profile_words);
  assert_true(backtested_read(&b, EXPERIMENT "- share_captured: revenue\n- {mae: counted, prediction: visits}\n"));
  outcome_window last = b.window;
  last.cut_off = CUT_OFF + 2 * DAY; /* cid has come */
  b.universe = universe_find(&last, b.faults);
  assert_non_null(b.universe);
  assert_int_equal(universe_count(b.universe), 4);
  assert_true(backtested_measure(&b));
  if (!backtested_judge(&b, b.window.root, 200)) fail_msg("%s", backtested_problems(&b));
  assert_int_equal(b.judgement.resampling.customers, 4);
  assert_near(backtested_value(&b, "share_captured of revenue"), 400.0 / 407, 1e-15); /* her 900 are not of it */
  assert_near(backtested_value(&b, "mae of counted by visits"), 2 / 3.0, 1e-15);
  assert_no_words(backtested_problems(&b), "warning");
  backtested_free(&b);
}

/* By samples drawn here as resample.h says, and sums by hand. */
static void samples_are_of_customers(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_run(&b, profile_words, EXPERIMENT "- share_captured: revenue\n- seconds\n- list_stability\n", 50);
  const resampling *r = &b.judgement.resampling;
  const double *numbers = b.judgement.numbers[0];
  assert_int_equal(r->samples, 50);
  assert_int_equal(resample_length(r), 1 + 50 + 3);
  assert_null(b.judgement.numbers[2]);
  for (int64_t i = 0; i < 50; i++) {
    uint8_t counts[3]; /* ann, bob, dan */
    resample_counts(r, i, counts);
    double all = 400.0 * counts[0] + 7.0 * counts[1];
    if (all > 0) assert_near(numbers[1 + i], 400.0 * counts[0] / all, 1e-15);
    else assert_true(isnan(numbers[1 + i]));
  }
  backtested_free(&b);
}

/* ---- without a backtest ---------------------------------------------------------------------------------------- */

#define CHURN                                                                                                     \
  "tarazu: 1\nas_of: 2024-01-10\ndata:\n  customers: {from: churn.csv, key: id, columns: {stays: \"1 - churn\", " \
  "gone: \"churn * 1\"}}\n"                                                                                       \
  "  copy: {from: churn.csv, key: id}\n"                                                                          \
  "criteria:\n  spend: {plugin: attribute, dimension: financial, input: {value: customers.spend}}\n"              \
  "key_customers: {limit: 1}\n"

static void an_outcome_and_a_criterion_of_one_column_are_refused(void **state)
{
  static const char *const leaks[] = {"customers.churn", "customers.stays", "copy.CHURN", "copy.churn"};
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "churn.csv", "id,spend,churn,churn_risk\nann,3,1,0.5\nbob,2,0,0.25\ncid,1,0,0.75\n");
  backtested_profile(&b, CHURN);
  b.window.backtest = 0;
  assert_true(backtested_read(&b, "outcomes: {churned: {plugin: attribute, input: {value: customers.churn}}}\n"
                                  "measure: [auc: churned, {auc: churned, prediction: spend, name: by spend}]\n"));
  if (!backtested_measure(&b) || !backtested_judge(&b, b.window.root, 0)) fail_msg("%s", backtested_problems(&b));
  assert_near(backtested_value(&b, "by spend"), 1, 0);
  for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++) {
    backtested_forgive(&b);
    node *root = yaml_read_extended(b.window.path, b.home, b.faults, NULL);
    assert_true(node_set(root, arena_format(b.home, "criteria.spend.input.value=%s", leaks[i]), b.home, b.faults));
    assert_false(backtested_judge(&b, root, 0));
    assert_fault(&b, "criterion 'spend' is measured on '");
    assert_fault(&b, "and so is an outcome: it would be judged by what it knows");
  }
  backtested_forgive(&b);
  node *root = yaml_read_extended(b.window.path, b.home, b.faults, NULL);
  assert_true(node_set(root, "criteria.spend.input.value=customers.churn_risk", b.home, b.faults));
  if (!backtested_judge(&b, root, 0)) fail_msg("%s", backtested_problems(&b)); /* another column, though alike */
  backtested_free(&b);
}

/* Twice with one cache of stages: the second time nothing is asked of a source, and everything is the same, the refusal
 * of a leak too. */
static void a_cache_changes_nothing(void **state)
{
  backtested b;
  (void)state;
  for (int round = 0; round < 2; round++) {
    cache *shared = cache_open(NULL, 0, 0);
    double first = NAN;
    for (int time = 0; time < 2; time++) {
      backtested_new(&b);
      b.cache = shared;
      trial_write(&b.t, "orders.csv", orders);
      trial_write(&b.t, "churn.csv", "id,spend,churn\nann,3,1\nbob,2,0\ncid,1,0\n");
      backtested_profile(&b, round ? CHURN : profile_words);
      b.window.backtest = !round;
      assert_true(backtested_read(
          &b, round ? "outcomes: {churned: {plugin: attribute, input: {value: customers.gone}}}\nmeasure: [auc]\n"
                    : EXPERIMENT "- share_captured: revenue\n"));
      for (int again = 0; again < 2; again++) {
        universe_free(b.universe);
        b.universe = NULL;
        assert_true(backtested_measure(&b));
        if (!backtested_judge(&b, b.window.root, 0)) fail_msg("%s", backtested_problems(&b));
        double value = b.judgement.numbers[0][0];
        if (!time && !again) first = value;
        assert_near(value, first, 0);
        node *root = yaml_read_extended(b.window.path, b.home, b.faults, NULL);
        if (!round) continue;
        assert_true(node_set(root, "criteria.spend.input.value=customers.stays", b.home, b.faults));
        assert_false(backtested_judge(&b, root, 0));
        assert_fault(&b, "is measured on 'churn' of table 'customers', and so is an outcome");
        backtested_forgive(&b);
      }
      backtested_free(&b);
    }
    cache_free(shared);
  }
}

/* ---- tables -------------------------------------------------------------------------------------------------------
 */

static void tables_come_as_json(void **state)
{
  backtested b;
  text out = {0};
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  backtested_run(&b, profile_words,
                 EXPERIMENT "- {calibration_error: counted, prediction: visits}\n- gini: revenue\n- seconds\n", 0);
  judge_tables_json(&b.asked, &b.judgement, &out);
  node *root = yaml_parse("tables", text_string(&out), out.length, b.home, b.faults);
  assert_no_fault(&b);
  assert_int_equal(root->count, 2);
  const node *calibration = node_get(node_get(root, "calibration_error of counted by visits"), "calibration");
  const node *gains = node_get(node_get(root, "gini of revenue"), "gains");
  assert_int_equal(calibration->count, CALIBRATION_ROWS);
  assert_int_equal(gains->count, JUDGE_GAINS);
  assert_string_equal(node_get(gains->items[JUDGE_GAINS - 1], "gain")->text, "1");
  text_free(&out);
  backtested_free(&b);
}

/* ---- stability ------------------------------------------------------------------------------------------------------
 */

#define LIST(...)                                                                                                     \
  {                                                                                                                   \
    .keys = (const char *const[]){__VA_ARGS__}, .count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), \
    .customers = 10,                                                                                                  \
  }

static double stability(measure_id id, asked_between between, const kept_list *lists, uint32_t cut_offs,
                        uint32_t repeats, interval *of)
{
  asked_measure m = {.id = id, .between = between, .persistence = 0.9};
  interval ignored;
  double value;
  assert_true(judge_stability(&m, lists, cut_offs, repeats, 0.95, &value, of ? of : &ignored));
  return value;
}

static void lists_are_compared_along_cut_offs_or_among_repeats(void **state)
{
  /* two cut-offs, two repeats each */
  const kept_list lists[] = {LIST("a", "b"), LIST("a", "c"), LIST("b", "a"), LIST("d", "c")};
  const kept_list dates[] = {LIST("a", "b", "c", "d"), LIST("a", "b", "x", "d"), LIST("y", "z", "w", "v")};
  interval of;
  (void)state;
  assert_near(stability(MEASURE_OVERLAP, BETWEEN_USUAL, lists, 2, 2, NULL), (0.5 + 0) / 2, 0);
  assert_near(stability(MEASURE_OVERLAP, BETWEEN_CUT_OFFS, lists, 2, 2, NULL), (1 + 0.5) / 2, 0);
  assert_near(stability(MEASURE_TURNOVER, BETWEEN_USUAL, lists, 2, 2, NULL), (0 + 0.5) / 2, 0);
  assert_near(stability(MEASURE_OVERLAP, BETWEEN_USUAL, dates, 3, 1, NULL), (0.75 + 0) / 2, 0);
  assert_near(stability(MEASURE_TURNOVER, BETWEEN_USUAL, dates, 3, 1, NULL), (0.25 + 1) / 2, 0);
  ranked_list one = {(const int64_t[]){0, 1}, 2}, other = {(const int64_t[]){1, 0}, 2};
  list_change change;
  assert_true(stability_change(&one, &other, 10, 0.9, &change));
  assert_near(
      stability(MEASURE_RANK_BIASED_OVERLAP, BETWEEN_CUT_OFFS, (const kept_list[]){lists[0], lists[2]}, 2, 1, NULL),
      change.rank_biased_overlap, 1e-15);
  /* Nogueira 2018, of n = 10: p = 1, 1/2, 1/2 of a, b, c; k = 2: 1 - (2 (1/4 2) / 10) / (0.2 0.8) = 0.375 */
  assert_near(stability(MEASURE_LIST_STABILITY, BETWEEN_USUAL, lists, 1, 2, &of), 0.375, 1e-12);
  const kept_list three[] = {lists[0], lists[1], lists[0]}; /* 1 - (3/2 (2/9 2) / 10) / 0.16 */
  assert_near(stability(MEASURE_LIST_STABILITY, BETWEEN_USUAL, three, 1, 3, &of), 7.0 / 12, 1e-12);
  assert_true(of.low < 7.0 / 12 && of.high > 7.0 / 12);
  stability(MEASURE_LIST_STABILITY, BETWEEN_USUAL, lists, 2, 2, &of);
  assert_true(isnan(of.low)); /* of a mean over cut-offs there is none */
}

/* Against an oracle: samples drawn here, each combined by hand. Each customer has two criteria of weights 3 and 1 that
 * `max` normalizes anew in each sample, so that who is drawn changes the order of those who are. */
static void lists_on_customers_drawn_anew_are_compared(void **state)
{
  enum { PEOPLE = 12, LISTS = 25, SEATS = 3 };
  static const double x[PEOPLE] = {9, 8, 7.5, 7, 6, 5.5, 5, 4, 3, 2, 1, 0.5};
  static const double y[PEOPLE] = {1, 9, 2, 30, 8, 3, 12, 7, 25, 4, 11, 5};
  ranked_list lists[LISTS];
  int64_t members[LISTS][SEATS];
  const resampling by = {PEOPLE, LISTS, 5};
  backtested b;
  list_stability expected;
  text table_text = {0};
  (void)state;
  text_add(&table_text, "id,x,y\n");
  for (int i = 0; i < PEOPLE; i++) text_addf(&table_text, "c%02d,%g,%g\n", i, x[i], y[i]);
  for (int s = 0; s < LISTS; s++) {
    uint8_t counts[PEOPLE];
    double most_x = 0, most_y = 0;
    int seats = SEATS, count = 0;
    resample_counts(&by, s, counts);
    for (int i = 0; i < PEOPLE; i++)
      if (counts[i]) most_x = fmax(most_x, x[i]), most_y = fmax(most_y, y[i]);
    while (seats > 0) {
      int best = -1;
      double top = -1;
      for (int i = 0; i < PEOPLE; i++) {
        double score = 0.75 * (x[i] / most_x) + 0.25 * (y[i] / most_y);
        if (counts[i] && score > top) best = i, top = score;
      }
      members[s][count++] = best;
      seats -= counts[best];
      counts[best] = 0;
    }
    lists[s] = (ranked_list){members[s], count};
  }
  assert_true(stability_of(lists, LISTS, PEOPLE, 0.9, 0.95, &expected));
  backtested_new(&b);
  trial_write(&b.t, "customers.csv", text_string(&table_text));
  backtested_profile(&b, "tarazu: 1\nas_of: 2024-01-10\ndata: {customers: {from: customers.csv, key: id}}\n"
                         "criteria:\n"
                         "  x: {plugin: attribute, dimension: financial, weight: 3, input: {value: customers.x}}\n"
                         "  y: {plugin: attribute, dimension: financial, weight: 1, input: {value: customers.y}}\n"
                         "normalize: max\nkey_customers: {limit: 3}\n");
  b.window.backtest = 0;
  assert_true(backtested_read(&b, "measure:\n- {overlap: , between: samples, samples: 25}\n"
                                  "- {rank_biased_overlap: , between: samples, samples: 25, persistence: 0.9}\n"
                                  "- {list_stability: , between: samples, samples: 25}\n"
                                  "- {list_stability: , between: samples, name: of 20}\n"));
  if (!backtested_measure(&b) || !backtested_judge(&b, b.window.root, 0)) fail_msg("%s", backtested_problems(&b));
  assert_near(backtested_value(&b, "overlap between samples"), expected.overlap, 1e-12);
  assert_near(backtested_value(&b, "rank_biased_overlap between samples"), expected.rank_biased_overlap, 1e-12);
  assert_near(backtested_value(&b, "list_stability between samples"), expected.stability, 1e-12);
  assert_true(expected.overlap > 0.2 && expected.overlap < 0.9);
  assert_true(stability_of(lists, 20, PEOPLE, 0.98, 0.95, &expected));
  assert_near(backtested_value(&b, "of 20"), expected.stability, 1e-12);
  text_free(&table_text);
  backtested_free(&b);
}

static void lists_that_are_not_there_are_passed_over(void **state)
{
  const kept_list lists[] = {LIST("a", "b"), {0}, LIST("a", "b")};
  (void)state;
  assert_near(stability(MEASURE_OVERLAP, BETWEEN_REPEATS, lists, 1, 3, NULL), 1, 0);
  assert_true(isnan(stability(MEASURE_TURNOVER, BETWEEN_USUAL, lists, 3, 1, NULL)));
  assert_true(isnan(stability(MEASURE_LIST_STABILITY, BETWEEN_USUAL, lists, 1, 1, NULL)));
  assert_true(isnan(stability(MEASURE_OVERLAP, BETWEEN_USUAL, lists, 1, 1, NULL)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(measures_of_the_list_are_those_by_hand),
      cmocka_unit_test(measures_of_scores_take_any_prediction),
      cmocka_unit_test(what_a_variant_lacks_is_told_with_its_place),
      cmocka_unit_test(faults_of_values_name_the_customer),
      cmocka_unit_test(outcomes_that_are_not_known_are_warned_of),
      cmocka_unit_test(balance_is_of_the_dimensions_of_the_profile),
      cmocka_unit_test(who_was_no_customer_yet_counts_for_nothing),
      cmocka_unit_test(samples_are_of_customers),
      cmocka_unit_test(an_outcome_and_a_criterion_of_one_column_are_refused),
      cmocka_unit_test(a_cache_changes_nothing),
      cmocka_unit_test(tables_come_as_json),
      cmocka_unit_test(lists_are_compared_along_cut_offs_or_among_repeats),
      cmocka_unit_test(lists_on_customers_drawn_anew_are_compared),
      cmocka_unit_test(lists_that_are_not_there_are_passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
