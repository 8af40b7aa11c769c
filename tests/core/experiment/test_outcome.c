/* Outcomes: what is measured after a cut-off, whose it is, and how far the data must reach. */
#include "backtested.h"

#define DATA     "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
#define CRITERIA "criteria: {revenue: {plugin: monetary, dimension: financial}}\n"
#define SECONDS  "measure: [seconds]\n"

/* Measured on a profile and these outcomes. */
static int measured(backtested *b, const char *profile_words, const char *experiment)
{
  backtested_profile(b, profile_words);
  return backtested_read(b, experiment) && backtested_measure(b);
}

static double later_of(const backtested *b, const char *outcome, const char *customer)
{
  const double *values = outcome_column(b->later, outcome);
  assert_non_null(values);
  for (int64_t i = 0; i < universe_count(b->universe); i++) {
    size_t length;
    const char *name = universe_name(b->universe, i, &length);
    if (length == strlen(customer) && !memcmp(name, customer, length)) return values[i];
  }
  fail_msg("no customer '%s'", customer);
  return NAN;
}

static const char orders[] = "id,day,amount\nann,2024-01-01,10\nbob,2024-01-05,20\nann,2024-01-10,5\n"
                             "ann,2024-01-11,400\ncid,2024-01-12,900\nbob,2024-01-20,7\nann,2024-01-21,1000\n";

static void everything_that_was_measured_is_by_name(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  if (!measured(&b, DATA CRITERIA,
                "outcomes:\n  revenue: monetary\n  visits: {plugin: rfm, missing: 0}\n"
                "  same: {plugin: attribute, input: {value: revenue}}\n" SECONDS))
    fail_msg("%s", backtested_problems(&b));
  assert_int_equal(universe_count(b.universe), 2); /* cid was no customer yet */
  assert_near(later_of(&b, "revenue", "ann"), 400, 0);
  assert_near(later_of(&b, "revenue", "bob"), 7, 0); /* at the very end */
  assert_near(later_of(&b, "same", "ann"), 400, 0);
  assert_near(later_of(&b, "visits.frequency", "ann"), 1, 0);
  assert_null(outcome_column(b.later, "visits.none"));
  assert_null(outcome_column(b.later, "nothing"));
  backtested_free(&b);
}

/* No order in the horizon: a sum is 0, a mean is not known, and `missing` says otherwise. */
static void nothing_is_what_the_scorer_says_of_it(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv",
              "id,day,amount\nann,2024-01-01,10\nbob,2024-01-05,20\nbob,2024-01-20,7\nann,2024-01-21,1000\n");
  if (!measured(&b, DATA CRITERIA,
                "outcomes:\n  revenue: monetary\n  each: {plugin: monetary, params: {measure: mean}}\n"
                "  none: {plugin: monetary, params: {measure: mean}, missing: 3}\n"
                "  visits: rfm\n  counted: {plugin: rfm, missing: 0}\n" SECONDS))
    fail_msg("%s", backtested_problems(&b));
  assert_near(later_of(&b, "revenue", "ann"), 0, 0);
  assert_true(isnan(later_of(&b, "each", "ann")));
  assert_near(later_of(&b, "none", "ann"), 3, 0);
  assert_near(later_of(&b, "none", "bob"), 7, 0);
  assert_true(isnan(later_of(&b, "visits.frequency", "ann")));
  assert_near(later_of(&b, "counted.frequency", "ann"), 0, 0);
  backtested_free(&b);
}

/* The profile's own criteria say that `orders` are events, dated by `time`; an outcome that does not read them still
 * knows the customers that come of them. */
static void tables_are_what_the_profile_makes_of_them(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", "id,time,amount\nann,2024-01-01,10\nbob,2024-01-05,20\n");
  trial_write(&b.t, "visits.csv", "id,day,amount\nann,2024-01-15,3\nann,2024-01-20,1\n");
  if (!measured(&b,
                "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id}\n"
                "  visits: {from: visits.csv, key: id, columns: {time: day}}\n"
                "criteria: {revenue: {plugin: monetary, dimension: financial, params: {half_life: 9 days}}}\n",
                "outcomes: {calls: {plugin: monetary, input: {orders: visits}}}\n" SECONDS))
    fail_msg("%s", backtested_problems(&b));
  assert_int_equal(universe_count(b.universe), 2);
  assert_near(later_of(&b, "calls", "ann"), 4, 0);
  assert_near(later_of(&b, "calls", "bob"), 0, 0);
  backtested_free(&b);
}

static void data_that_end_before_the_horizon_are_refused_and_nearly_so_warned_of(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", "id,day,amount\nann,2024-01-01,10\nann,2024-01-15,3\n");
  assert_false(measured(&b, DATA CRITERIA, "outcomes: {revenue: monetary}\n" SECONDS));
  assert_fault(&b,
               "experiment.yaml:9:5: error: outcomes are measured up to 2024-01-20, but the data that they are "
               "measured on end on 2024-01-15: 50 % of the horizon; expected an earlier cut-off or a shorter horizon");
  backtested_forgive(&b);
  trial_write(&b.t, "orders.csv", "id,day,amount\nann,2024-01-01,10\n");
  assert_false(backtested_measure(&b));
  assert_fault(&b, "end on 2024-01-01: before the cut-off, 0 % of the horizon");
  backtested_forgive(&b);
  trial_write(&b.t, "orders.csv", "id,day,amount\nann,2024-01-01,10\nann,2024-01-19,3\n");
  assert_true(backtested_measure(&b));
  assert_int_equal(problems_warnings(b.faults), 0); /* a day is no matter */
  b.window.until += 10 * DAY;
  trial_write(&b.t, "orders.csv", "id,day,amount\nann,2024-01-01,10\nann,2024-01-28,3\n");
  assert_true(backtested_measure(&b));
  assert_fault(&b, "warning: outcomes are measured up to 2024-01-30, but the latest date in table 'orders' is "
                   "2024-01-28: 90 % of the horizon");
  backtested_free(&b);
}

static void faults_of_outcomes_are_told_with_their_place(void **state)
{
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  assert_false(measured(&b, DATA CRITERIA, "outcomes:\n  a: [1]\n  b: {plugin: monetary, wight: 2}\n  c:\n" SECONDS));
  assert_fault(&b, "experiment.yaml:2:6: error: outcomes.a: found a list, expected a criterion: {plugin: NAME, …}");
  assert_fault(&b, "experiment.yaml:3:25: error: outcomes.b: unknown key 'wight'");
  assert_fault(&b, "experiment.yaml:4:5: error: outcomes.c: found nothing");
  backtested_forgive(&b);
  assert_false(backtested_read(&b, "outcomes: 3\n" SECONDS));
  assert_fault(&b, "experiment.yaml:1:11: error: outcomes: found the number 3, expected a map: NAME: {plugin: …}");
  backtested_forgive(&b);
  assert_true(
      backtested_read(&b, "outcomes: {a: {plugin: monetry}, b: {plugin: monetary, params: {windw: 3}}}\n" SECONDS));
  assert_false(outcomes_check(&b.outcomes, &b.window, 1, b.faults));
  assert_fault(&b, "did you mean 'monetary'?");
  assert_fault(&b, "did you mean 'window'?");
  backtested_forgive(&b);
  assert_true(backtested_read(&b, "outcomes: {a: monetary}\n" SECONDS));
  assert_true(outcomes_check(&b.outcomes, &b.window, 1, b.faults));
  backtested_free(&b);
}

static void an_outcome_of_a_table_without_dates_is_refused(void **state)
{
  static const char undated[] = DATA "  status: {from: status.csv, key: id}\n" CRITERIA;
  backtested b;
  (void)state;
  backtested_new(&b);
  trial_write(&b.t, "orders.csv", orders);
  trial_write(&b.t, "status.csv", "id,churn\nann,1\nbob,0\n");
  assert_false(
      measured(&b, undated, "outcomes: {churned: {plugin: attribute, input: {value: status.churn}}}\n" SECONDS));
  assert_fault(&b, "table 'status' has no dates, so that a backtest cannot tell");
  backtested_free(&b);
}

static void the_end_of_a_horizon_is_by_the_clock(void **state)
{
  zone *vienna = zone_open("Europe/Vienna");
  int64_t cut_off;
  int zoned;
  (void)state;
  assert_non_null(vienna);
  assert_true(calendar_parse("2024-03-30T23:00:00Z", &cut_off, &zoned)); /* midnight of the 31st, a day of 23 hours */
  assert_int_equal(outcome_until(vienna, cut_off, 1), cut_off + DAY * 23 / 24);
  assert_int_equal(outcome_until(vienna, cut_off, 7), cut_off + 7 * DAY - DAY / 24);
  assert_int_equal(outcome_until(NULL, cut_off, 1.5), cut_off + DAY * 3 / 2);
  zone_free(vienna);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_that_was_measured_is_by_name),
      cmocka_unit_test(nothing_is_what_the_scorer_says_of_it),
      cmocka_unit_test(tables_are_what_the_profile_makes_of_them),
      cmocka_unit_test(data_that_end_before_the_horizon_are_refused_and_nearly_so_warned_of),
      cmocka_unit_test(faults_of_outcomes_are_told_with_their_place),
      cmocka_unit_test(an_outcome_of_a_table_without_dates_is_refused),
      cmocka_unit_test(the_end_of_a_horizon_is_by_the_clock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
