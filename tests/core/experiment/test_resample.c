#include "experiment/resample.h"

#include "support/properties.h"
#include "twenty.h"
#include <string.h>

/* Numbers of one measure on 999 samples of the twenty. */
static const resampling many = {.customers = TWENTY, .samples = 999, .seed = 7};

static double *numbers_of(const resampling *r, measure_id id, judged what, pool *threads)
{
  measure *m = made(id, what);
  double *numbers = test_malloc((size_t)resample_length(r) * sizeof *numbers);
  assert_int_equal(resample_measures(r, (const measure *const[]){m}, 1, threads, NULL, (double *const[]){numbers}), 1);
  measure_free(m);
  return numbers;
}

/* ---- samples ---------------------------------------------------------------------------------------------------- */

/* The generator written in Python draws the same twenty. */
static void samples_are_those_of_the_generator(void **state)
{
  static const int drawn[] = {19, 17, 18, 1, 14, 3, 4, 13, 17, 12, 6, 14, 9, 16, 3, 18, 18, 8, 12, 16};
  uint8_t counts[TWENTY], expected[TWENTY] = {0};
  (void)state;
  for (int i = 0; i < TWENTY; i++) expected[drawn[i]]++;
  resample_counts(&many, 0, counts);
  assert_memory_equal(counts, expected, TWENTY);
}

/* Each customer is in a sample as often as in another: 0, 1, 2 … times with the binomial's chances. */
static void customers_are_drawn_evenly(void **state)
{
  enum { PEOPLE = 1000, SAMPLES = 400 };
  resampling r = {.customers = PEOPLE, .samples = SAMPLES, .seed = 3};
  double times[4] = {0}, first_half = 0;
  uint8_t counts[PEOPLE];
  (void)state;
  for (int64_t b = 0; b < SAMPLES; b++) {
    int64_t all = 0;
    resample_counts(&r, b, counts);
    for (int i = 0; i < PEOPLE; i++) {
      all += counts[i];
      if (counts[i] < 4) times[counts[i]]++;
      if (i < PEOPLE / 2) first_half += counts[i];
    }
    assert_int_equal(all, PEOPLE);
  }
  for (int k = 0; k < 4; k++) {
    double chance = exp(lgamma(PEOPLE + 1) - lgamma(k + 1) - lgamma(PEOPLE - k + 1) + k * log(1.0 / PEOPLE) +
                        (PEOPLE - k) * log1p(-1.0 / PEOPLE));
    double n = (double)PEOPLE * SAMPLES;
    assert_near(times[k], n * chance, 4 * sqrt(n * chance * (1 - chance)));
  }
  assert_near(first_half, PEOPLE * SAMPLES / 2.0, 4 * sqrt(PEOPLE * SAMPLES / 4.0));
}

static void groups_leave_everyone_out_once(void **state)
{
  static const int64_t people[] = {2, 20, 2000, 2001, 5499};
  (void)state;
  for (size_t k = 0; k < sizeof people / sizeof *people; k++) {
    resampling r = {.customers = people[k], .samples = 10, .seed = 1};
    int64_t groups = resample_groups(&r), never = 0;
    uint8_t counts[5500];
    int left_out[5500] = {0};
    assert_int_equal(groups, people[k] <= 2000 ? people[k] : 200);
    for (int64_t g = 0; g < groups; g++) {
      int64_t without = 0;
      resample_without(&r, g, counts);
      for (int64_t i = 0; i < people[k]; i++) {
        without += !counts[i];
        left_out[i] += !counts[i];
      }
      assert_int_equal(without, people[k] / groups);
    }
    for (int64_t i = 0; i < people[k]; i++) {
      assert_in_range(left_out[i], 0, 1);
      never += !left_out[i];
    }
    assert_int_equal(never, people[k] % groups);
  }
}

static void threads_and_company_change_nothing(void **state)
{
  judged j = {.customers = TWENTY, .score = twenty_score, .outcome = twenty_money, .chosen = twenty_first};
  int64_t length = resample_length(&many);
  double *alone[MEASURE_COUNT], *together[MEASURE_COUNT];
  measure *measures[MEASURE_COUNT];
  uint32_t count = 0;
  pool *threads = pool_new(4);
  (void)state;
  assert_non_null(threads);
  for (measure_id id = 0; id < MEASURE_COUNT; id++) {
    unsigned has = MEASURE_NEEDS_LIST | MEASURE_NEEDS_SCORE | MEASURE_NEEDS_OUTCOME | MEASURE_TAKES_K;
    if (measure_list[id].needs & ~has || id == MEASURE_AUC || id == MEASURE_BRIER || id == MEASURE_NDCG_EXPONENTIAL)
      continue;
    alone[count] = numbers_of(&many, id, j, NULL);
    together[count] = test_malloc((size_t)length * sizeof(double));
    measures[count++] = made(id, j);
  }
  assert_int_equal(resample_measures(&many, (const measure *const *)measures, count, threads, NULL, together), 1);
  for (uint32_t i = 0; i < count; i++) {
    assert_memory_equal(alone[i], together[i], (size_t)length * sizeof(double));
    test_free(alone[i]);
    test_free(together[i]);
    measure_free(measures[i]);
  }
  assert_true(count >= 12);
  pool_free(threads);
}

static void work_can_be_stopped(void **state)
{
  atomic_int stop = 1;
  measure *m = made(MEASURE_MAE, (judged){.customers = TWENTY, .score = twenty_score, .outcome = twenty_money});
  double *numbers = test_calloc((size_t)resample_length(&many), sizeof *numbers);
  (void)state;
  assert_int_equal(resample_measures(&many, (const measure *const[]){m}, 1, NULL, &stop, (double *const[]){numbers}),
                   -1);
  assert_near(numbers[0], 0, 0);
  test_free(numbers);
  measure_free(m);
}

/* ---- intervals --------------------------------------------------------------------------------------------------- */

/* scipy.stats.bootstrap, BCa and percentile, given the statistic on these 999 samples (bootstrap_result). */
static void intervals_agree_with_a_peer(void **state)
{
  double predicted[TWENTY];
  judged money = {.customers = TWENTY, .score = twenty_score, .outcome = twenty_money, .chosen = twenty_best};
  judged kept = {.customers = TWENTY, .score = twenty_score, .outcome = twenty_kept};
  judged ahead = {.customers = TWENTY, .score = predicted, .outcome = twenty_money};
  const struct {
    measure_id id;
    const judged *of;
    double value, low, high, percentile_low, percentile_high;
  } expected[] = {
      {MEASURE_VALUE_CAPTURED, &money, 815, 240, 1952.0248007886034, 175, 1650},
      {MEASURE_SHARE_CAPTURED, &money, 0.7477064220183486, 0.368025551705285, 0.9390156527816846, 0.3304047269637755,
       0.9304590961098398},
      {MEASURE_AUC, &kept, 0.795, 0.5180822350063521, 0.9479166666666666, 0.5757575757575757, 0.9740699404761904},
      {MEASURE_MAE, &ahead, 51.5, 35.52804393800536, 76.19870640928593, 33.493750000000006, 72.29999999999995}};
  (void)state;
  for (int i = 0; i < TWENTY; i++) predicted[i] = 150 * twenty_score[i];
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    double *numbers = numbers_of(&many, expected[i].id, *expected[i].of, NULL), about = 1e-11 * expected[i].value;
    interval found;
    assert_near(numbers[0], expected[i].value, about);
    assert_int_equal(resample_interval(&many, numbers, .95, INTERVAL_BCA, &found), 1);
    assert_int_equal(found.method, INTERVAL_BCA);
    assert_near(found.low, expected[i].low, about);
    assert_near(found.high, expected[i].high, about);
    assert_int_equal(resample_interval(&many, numbers, .95, INTERVAL_PERCENTILE, &found), 1);
    assert_near(found.low, expected[i].percentile_low, about);
    assert_near(found.high, expected[i].percentile_high, about);
    assert_int_equal(found.undefined, 0);
    test_free(numbers);
  }
}

/* Of a mean the acceleration is a sixth of the skewness over sqrt n, which groups find as well as single ones. */
static void groups_find_the_acceleration(void **state)
{
  enum { PEOPLE = 40000 };
  double *outcome = test_malloc(PEOPLE * sizeof *outcome), *zero = test_calloc(PEOPLE, sizeof *zero);
  double mean = 0, two = 0, three = 0;
  uint64_t seed = 4;
  resampling r = {.customers = PEOPLE, .samples = 1, .seed = 1};
  (void)state;
  for (int i = 0; i < PEOPLE; i++) mean += outcome[i] = exp(-1.5 * log(next_uniform(&seed) + 1e-3)) / PEOPLE;
  for (int i = 0; i < PEOPLE; i++) {
    double d = outcome[i] - mean / PEOPLE;
    two += d * d;
    three += d * d * d;
  }
  double *numbers = numbers_of(&r, MEASURE_MAE, (judged){.customers = PEOPLE, .score = zero, .outcome = outcome}, NULL);
  double a = resample_acceleration(numbers + 1 + r.samples, resample_groups(&r));
  assert_near(a, three / (6 * two * sqrt(two)), 3 * sqrt(15 / 200.0) / 6 / sqrt(200));
  assert_true(a > 0);
  test_free(numbers);
  test_free(outcome);
  test_free(zero);
}

static void an_interval_of_nothing_is_told_as_such(void **state)
{
  static const double same[TWENTY] = {0};
  static const uint8_t one[TWENTY] = {1};
  judged alike = {.customers = TWENTY, .score = same, .outcome = same};
  judged rare = {.customers = TWENTY, .chosen = one, .outcome = twenty_money};
  interval found;
  (void)state;
  double *numbers = numbers_of(&many, MEASURE_SPEARMAN, alike, NULL); /* of no value */
  assert_int_equal(resample_interval(&many, numbers, .95, INTERVAL_BCA, &found), 1);
  assert_int_equal(found.method, INTERVAL_NONE);
  assert_near(found.low, NAN, 0);
  assert_int_equal(found.undefined, 999);
  test_free(numbers);
  numbers = numbers_of(&many, MEASURE_MAE, alike, NULL); /* always 0 */
  assert_int_equal(resample_interval(&many, numbers, .95, INTERVAL_BCA, &found), 1);
  assert_int_equal(found.method, INTERVAL_PERCENTILE);
  assert_near(found.low, 0, 0);
  assert_near(found.high, 0, 0);
  test_free(numbers);
  numbers = numbers_of(&many, MEASURE_LIFT, rare, NULL); /* a third of the samples have nobody of the list */
  assert_int_equal(resample_interval(&many, numbers, .95, INTERVAL_BCA, &found), 1);
  assert_int_equal(found.method, INTERVAL_NONE);
  assert_in_range(found.undefined, 250, 450);
  test_free(numbers);
}

static void without_samples_there_is_no_interval(void **state)
{
  resampling none = {.customers = TWENTY};
  interval found;
  (void)state;
  assert_int_equal(resample_length(&none), 1);
  double *numbers = numbers_of(&none, MEASURE_MAE,
                               (judged){.customers = TWENTY, .score = twenty_score, .outcome = twenty_money}, NULL);
  assert_int_equal(resample_interval(&none, numbers, .95, INTERVAL_BCA, &found), 1);
  assert_int_equal(found.method, INTERVAL_NONE);
  test_free(numbers);
  for (int64_t customers = 0; customers < 2; customers++) {
    resampling few = {.customers = customers, .samples = 50, .seed = 1};
    numbers = numbers_of(&few, MEASURE_MAE,
                         (judged){.customers = customers, .score = twenty_score, .outcome = twenty_money}, NULL);
    assert_int_equal(resample_interval(&few, numbers, .95, INTERVAL_BCA, &found), 1);
    assert_int_equal(found.method, customers ? INTERVAL_PERCENTILE : INTERVAL_NONE);
    assert_near(found.low, customers ? 119.1 : NAN, 1e-13);
    test_free(numbers);
  }
}

/* Customers drawn from a skewed world, whose share of value is known: the intervals hold it about as often as they
 * say. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state)
{
  enum { WORLDS = 400, PEOPLE = 150 };
  resampling r = {.customers = PEOPLE, .samples = 400, .seed = 5};
  double held[2] = {0}, outcome[PEOPLE];
  uint8_t chosen[PEOPLE];
  uint64_t seed = 12;
  (void)state;
  for (int w = 0; w < WORLDS; w++) {
    for (int i = 0; i < PEOPLE; i++) {
      chosen[i] = next_uniform(&seed) < .3;
      outcome[i] = -log(1 - next_uniform(&seed)) * (chosen[i] ? 3 : 1); /* share: .9 / (.9 + .7) */
    }
    double *numbers = numbers_of(&r, MEASURE_SHARE_CAPTURED,
                                 (judged){.customers = PEOPLE, .outcome = outcome, .chosen = chosen}, NULL);
    for (int method = 0; method < 2; method++) {
      interval found;
      assert_int_equal(resample_interval(&r, numbers, .95, (interval_method)method, &found), 1);
      held[method] += found.low <= .9 / 1.6 && .9 / 1.6 <= found.high;
    }
    test_free(numbers);
  }
  print_message("held by BCa %.3f, by percentiles %.3f of %d\n", held[0] / WORLDS, held[1] / WORLDS, WORLDS);
  for (int method = 0; method < 2; method++)
    assert_near(held[method] / WORLDS, .95, 3.3 * sqrt(.95 * .05 / WORLDS)); /* the binomial error */
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(samples_are_those_of_the_generator),
                                     cmocka_unit_test(customers_are_drawn_evenly),
                                     cmocka_unit_test(groups_leave_everyone_out_once),
                                     cmocka_unit_test(threads_and_company_change_nothing),
                                     cmocka_unit_test(work_can_be_stopped),
                                     cmocka_unit_test(intervals_agree_with_a_peer),
                                     cmocka_unit_test(groups_find_the_acceleration),
                                     cmocka_unit_test(an_interval_of_nothing_is_told_as_such),
                                     cmocka_unit_test(without_samples_there_is_no_interval),
                                     cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
