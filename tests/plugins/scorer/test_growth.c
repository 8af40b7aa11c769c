/* The growth scorer: slopes by the definition, the interval's coverage, and series that have no trend. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

#define DAY INT64_C(86400000000)

enum { GROWTH, LOWER, UPPER, SLOPE, LEVEL, PERIODS };

/* One order in the middle of each 10-day period, the oldest first; NAN: an amount that is not known. */
static rig *open_series(const int64_t *offsets, int64_t customers, const double *amounts)
{
  int64_t count = offsets[customers], *times = calloc((size_t)count + 1, sizeof *times);
  rig *r = rig_open("scorer", "growth");
  rig_events(r, "orders", offsets, customers);
  for (int64_t i = 0; i < customers; i++)
    for (int64_t k = offsets[i]; k < offsets[i + 1]; k++)
      times[k] = r->as_of - ((offsets[i + 1] - 1 - k) * 10 + 5) * DAY;
  rig_i64(r, "time", times, count);
  rig_f64(r, "amount", amounts, count);
  rig_customers(r, customers);
  free(times);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static void a_straight_line_grows_by_its_slope(void **state)
{
  (void)state;
  const double amounts[] = {10, 20, 30, 40, 50, 60, 9, 8, 7, 6, 5, 4, 5, 5, 5, 5, 5, 5};
  rig *r = open_series((int64_t[]){0, 6, 12, 18}, 3, amounts);
  score(r, "{period: 10 days}");
  static const double slopes[] = {10, -1, 0}, levels[] = {35, 6.5, 5};
  for (int i = 0; i < 3; i++) {
    assert_near(rig_value(r, SLOPE, i), slopes[i], 1e-12);
    assert_near(rig_value(r, LEVEL, i), levels[i], 1e-12);
    assert_near(rig_value(r, GROWTH, i), slopes[i] / levels[i], 1e-12);
    assert_near(rig_value(r, LOWER, i), slopes[i] / levels[i], 1e-12);
    assert_near(rig_value(r, UPPER, i), slopes[i] / levels[i], 1e-12);
    assert_int_equal(rig_integer(r, PERIODS, i), 6);
  }
  score(r, "{period: 10 days, measure: absolute}");
  assert_near(rig_value(r, GROWTH, 0), 10, 1e-12);
  score(r, "{period: 10 days, periods: 4}");
  assert_near(rig_value(r, LEVEL, 0), 45, 1e-12);
  rig_close(r);
}

/* Up to 29 % of the points may be anything (Rousseeuw and Leroy 1987): one in eight moves little. */
static void one_wild_period_hardly_moves_the_slope(void **state)
{
  (void)state;
  double amounts[] = {100, 110, 120, 130, 140, 150, 160, 170};
  rig *r = open_series((int64_t[]){0, 8}, 1, amounts);
  score(r, "{period: 10 days, measure: absolute}");
  assert_near(rig_value(r, GROWTH, 0), 10, 1e-12);
  rig_close(r);
  amounts[6] = 1e9;
  r = open_series((int64_t[]){0, 8}, 1, amounts);
  score(r, "{period: 10 days, measure: absolute}");
  assert_near(rig_value(r, GROWTH, 0), 10, 1e-12);
  assert_true(rig_value(r, LOWER, 0) <= 10 && rig_value(r, UPPER, 0) >= 10);
  rig_close(r);
}

/* By hand: the slopes between 10, 15, 14 and 20 are 5, 2, 10/3, -1, 2.5 and 6. */
static void the_slope_is_the_median_of_all_pairs(void **state)
{
  (void)state;
  rig *r = open_series((int64_t[]){0, 4}, 1, (double[]){10, 15, 14, 20});
  score(r, "{period: 10 days, measure: absolute}");
  assert_near(rig_value(r, GROWTH, 0), (2.5 + 10 / 3.0) / 2, 1e-12);
  /* N = 6, variance 4 * 3 * 13 / 18 = 26 / 3; of 90 %: M1 = (6 - 1.645 * 2.944) / 2 = 0.58, less than the least; of 50
   * %: (6 - 0.6745 * 2.944) / 2 = 2.007: the second and the fifth. */
  assert_true(isnan(rig_value(r, LOWER, 0)) && isnan(rig_value(r, UPPER, 0)));
  score(r, "{period: 10 days, measure: absolute, confidence: 50%}");
  assert_near(rig_value(r, LOWER, 0), 2, 1e-12);
  assert_near(rig_value(r, UPPER, 0), 5, 1e-12);
  rig_close(r);
}

static void periods_without_orders_are_0_and_those_before_the_first_are_not_there(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "growth");
  rig_events(r, "orders", (int64_t[]){0, 4, 5, 5, 7}, 4);
  /* the order of 10 days ago stands at the border, which belongs to the older period */
  int64_t days[] = {35, 33, 12, 0, 31, 500, 10}, times[7];
  for (int i = 0; i < 7; i++) times[i] = r->as_of - days[i] * DAY;
  rig_i64(r, "time", times, 7);
  rig_f64(r, "amount", (double[]){1, 2, 7, 4, 8, 3, 5}, 7);
  rig_customers(r, 4);
  score(r, "{period: 10 days, periods: 6}");
  assert_int_equal(rig_integer(r, PERIODS, 0), 4); /* 3, 0, 7, 4 */
  assert_near(rig_value(r, LEVEL, 0), 3.5, 1e-12);
  assert_near(rig_value(r, SLOPE, 0), (1.0 / 3 + 2) / 2, 1e-12); /* -3, 2, 1/3, 7, 2, -3 */
  assert_near(rig_value(r, SLOPE, 1), -4.0 / 3, 1e-12);          /* 8, 0, 0, 0: -8, -4, -8/3, 0, 0, 0 */
  assert_true(isnan(rig_value(r, SLOPE, 2)));
  assert_int_equal(rig_integer(r, PERIODS, 3), 6); /* 0, 0, 0, 0, 5, 0 */
  assert_near(rig_value(r, SLOPE, 3), 0, 0);
  rig_close(r);
}

static void few_periods_or_no_level_have_no_growth(void **state)
{
  (void)state;
  const double amounts[] = {1, 2, 3, 0, 0, 0, 5, NAN, NAN, NAN, NAN, -5, -6, -7, -8};
  rig *r = open_series((int64_t[]){0, 3, 7, 11, 11, 15}, 5, amounts);
  score(r, "{period: 10 days}");
  for (int i = 0; i < 5; i++) assert_true(isnan(rig_value(r, GROWTH, i)) && isnan(rig_value(r, LOWER, i)));
  assert_true(isnan(rig_value(r, SLOPE, 0)) && isnan(rig_value(r, SLOPE, 2)) && isnan(rig_value(r, SLOPE, 3)));
  assert_near(rig_value(r, LEVEL, 1), 0, 0);
  assert_near(rig_value(r, SLOPE, 4), -1, 1e-12);
  assert_int_equal(rig_integer(r, PERIODS, 2), 0);
  score(r, "{period: 10 days, measure: absolute, least_periods: 2}");
  assert_near(rig_value(r, GROWTH, 0), 1, 1e-12);
  assert_near(rig_value(r, GROWTH, 4), -1, 1e-12);
  assert_int_equal(rig_create(r, "{periods: 3, least_periods: 4}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 2);
  rig_close(r);
  r = open_series((int64_t[]){0}, 0, NULL);
  score(r, NULL);
  rig_close(r);
}

static void amounts_beyond_a_double_are_told_by_row(void **state)
{
  (void)state;
  rig *r = open_series((int64_t[]){0, 4, 8}, 2, (double[]){1, 2, 3, 4, -1e308, 1e308, -1e308, 1e308});
  assert_int_equal(rig_create(r, "{period: 10 days}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

/* Series without a trend, of noise with heavy tails: their interval holds 0 in at least the share of cases asked. */
static void the_interval_covers_what_it_says(void **state)
{
  (void)state;
  enum { CUSTOMERS = 4000, LENGTH = 12 };
  int64_t *offsets = calloc(CUSTOMERS + 1, sizeof *offsets);
  double *amounts = calloc(CUSTOMERS * LENGTH, sizeof *amounts);
  uint64_t seed = 9;
  for (int i = 0; i < CUSTOMERS; i++) offsets[i + 1] = (i + 1) * LENGTH;
  for (int i = 0; i < CUSTOMERS * LENGTH; i++) amounts[i] = 100 / (0.01 + next_uniform(&seed));
  rig *r = open_series(offsets, CUSTOMERS, amounts);
  score(r, "{period: 10 days, periods: 12, confidence: 90%}");
  int covered = 0;
  for (int i = 0; i < CUSTOMERS; i++) covered += rig_value(r, LOWER, i) <= 0 && rig_value(r, UPPER, i) >= 0;
  assert_in_range(covered, (int)(CUSTOMERS * 0.89), (int)(CUSTOMERS * 0.94));
  check_batches(r);
  rig_close(r);
  free(offsets);
  free(amounts);
}

/* Twice the amounts, twice the slope and the same relative growth; a level added moves no slope; turned round in time
 * the slope turns its sign. */
static void the_slope_follows_scale_shift_and_time(void **state)
{
  (void)state;
  enum { LENGTH = 8 };
  uint64_t seed = 2;
  for (int run = 0; run < 50; run++) {
    double amounts[4 * LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      amounts[i] = 1 + floor(next_uniform(&seed) * 50);
      amounts[LENGTH + i] = 2 * amounts[i];
      amounts[2 * LENGTH + i] = amounts[i] + 1000;
      amounts[4 * LENGTH - 1 - i] = amounts[i];
    }
    rig *r = open_series((int64_t[]){0, LENGTH, 2 * LENGTH, 3 * LENGTH, 4 * LENGTH}, 4, amounts);
    score(r, "{period: 10 days}");
    double slope = rig_value(r, SLOPE, 0);
    assert_near(rig_value(r, SLOPE, 1), 2 * slope, 1e-12);
    assert_near(rig_value(r, GROWTH, 1), rig_value(r, GROWTH, 0), 1e-12);
    assert_near(rig_value(r, SLOPE, 2), slope, 1e-10);
    assert_near(rig_value(r, SLOPE, 3), -slope, 1e-12);
    assert_near(rig_value(r, LOWER, 3), -rig_value(r, UPPER, 0), 1e-12);
    assert_true(rig_value(r, LOWER, 0) <= rig_value(r, GROWTH, 0) && rig_value(r, GROWTH, 0) <= rig_value(r, UPPER, 0));
    rig_close(r);
  }
}

static void an_explanation_tells_the_trend(void **state)
{
  (void)state;
  rig *r = open_series((int64_t[]){0, 6}, 1, (double[]){10, 20, 30, 40, 50, 60});
  score(r, "{period: 10 days}");
  int64_t times[6];
  for (int i = 0; i < 6; i++) times[i] = r->as_of - (5 - i) * 10 * DAY;
  for (int64_t n = 2; n <= 6; n += 4) {
    const int64_t offsets[] = {6 - n, 6};
    const tarazu_column time = {.size = sizeof time, .type = TARAZU_TIME, .values = times, .offsets = offsets};
    const tarazu_column amount = {
        .size = sizeof amount, .type = TARAZU_F64, .values = (double[]){10, 20, 30, 40, 50, 60}, .offsets = offsets};
    assert_reasons(r, (const tarazu_column *const[]){&time, &amount}, 2,
                   n == 6 ? "6 periods of 35 in the median; +10 a period, between +10 and +10\n"
                          : "2 periods since the first order, fewer than 4: no trend\n");
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_straight_line_grows_by_its_slope),
      cmocka_unit_test(one_wild_period_hardly_moves_the_slope),
      cmocka_unit_test(the_slope_is_the_median_of_all_pairs),
      cmocka_unit_test(periods_without_orders_are_0_and_those_before_the_first_are_not_there),
      cmocka_unit_test(few_periods_or_no_level_have_no_growth),
      cmocka_unit_test(amounts_beyond_a_double_are_told_by_row),
      cmocka_unit_test(the_interval_covers_what_it_says),
      cmocka_unit_test(the_slope_follows_scale_shift_and_time),
      cmocka_unit_test(an_explanation_tells_the_trend),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
