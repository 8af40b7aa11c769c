#include "experiment/measures.h"

#include "run/agreement.h"
#include "support/properties.h"
#include "twenty.h"

static judged scores(const double *outcome)
{
  return (judged){.customers = TWENTY, .score = twenty_score, .outcome = outcome};
}

static void peers_agree(void **state)
{
  double predicted[TWENTY];
  judged j = scores(twenty_money);
  (void)state;
  for (int i = 0; i < TWENTY; i++) predicted[i] = 150 * twenty_score[i];
  assert_near(value_of(MEASURE_SPEARMAN, j), 0.4648296626995479, 1e-15);
  assert_near(value_of(MEASURE_KENDALL, j), 0.3479867339249639, 1e-15);
  assert_near(value_of(MEASURE_AUC, scores(twenty_kept)), 0.795, 1e-15);
  assert_near(value_of(MEASURE_BRIER, scores(twenty_kept)), 0.18549999999999997, 1e-15);
  j.score = predicted;
  assert_near(value_of(MEASURE_MAE, j), 51.5, 1e-13);
  assert_near(value_of(MEASURE_RMSE, j), 68.16340660501058, 1e-13);
}

/* calibration_curve, strategy 'quantile'; without ties. */
static void calibration_agrees_with_a_peer(void **state)
{
  static const double actual[] = {.5, 0, .5, .5, 1, .5, 0, 1, 1, 0};
  double predicted[TWENTY];
  calibration_row rows[CALIBRATION_ROWS];
  (void)state;
  for (int i = 0; i < TWENTY; i++) predicted[i] = (i * 7 % 20) / 20.0 + .025;
  judged j = scores(twenty_kept);
  j.score = predicted;
  measure *m = made(MEASURE_CALIBRATION_ERROR, j);
  measure_calibration(m, rows);
  for (int b = 0; b < CALIBRATION_ROWS; b++) {
    assert_int_equal(rows[b].customers, 2);
    assert_near(rows[b].actual, actual[b], 1e-15);
    assert_near(rows[b].predicted, .05 + .1 * b, 1e-15);
    assert_near(rows[b].least, .025 + .1 * b, 1e-15);
    assert_near(rows[b].most, .075 + .1 * b, 1e-15);
  }
  assert_near(measure_value(m, NULL, NULL), .36, 1e-15);
  measure_free(m);
}

/* Eight of ten are predicted alike: their middle is in the fifth tenth, which they fill; others are empty. */
static void equal_predictions_stay_together(void **state)
{
  static const double predicted[] = {5, 5, 5, 5, 5, 5, 5, 5, 1, 9}, outcome[] = {8, 0, 0, 0, 8, 8, 8, 8, 2, 6};
  calibration_row rows[CALIBRATION_ROWS];
  measure *m = made(MEASURE_CALIBRATION_ERROR, (judged){.customers = 10, .score = predicted, .outcome = outcome});
  int64_t customers = 0;
  (void)state;
  measure_calibration(m, rows);
  for (int b = 0; b < CALIBRATION_ROWS; b++) customers += rows[b].customers;
  assert_int_equal(customers, 10);
  assert_int_equal(rows[0].customers, 1);
  assert_int_equal(rows[5].customers, 8);
  assert_int_equal(rows[9].customers, 1);
  assert_near(rows[5].actual, 5, 0);
  assert_near(rows[4].actual, NAN, 0);
  assert_near(measure_value(m, NULL, NULL), (1.0 + 3.0) / 10, 1e-15);
  measure_free(m);
}

static void correlations_agree_with_those_of_rankings(void **state)
{
  uint64_t seed = 1;
  (void)state;
  for (int count = 0; count < 150; count++) {
    double x[150], y[150];
    for (int i = 0; i < count; i++) {
      x[i] = floor(next_uniform(&seed) * (count % 7 ? 1000 : 5));
      y[i] = floor(next_uniform(&seed) * (count % 5 ? 1000 : 4));
    }
    judged j = {.customers = count, .score = x, .outcome = y};
    assert_near(value_of(MEASURE_SPEARMAN, j), agreement_spearman(x, y, count), 1e-13);
    assert_near(value_of(MEASURE_KENDALL, j), agreement_kendall(x, y, count), 1e-13);
  }
}

static void auc_agrees_with_comparing_every_pair(void **state)
{
  uint64_t seed = 2;
  (void)state;
  for (int trial = 0; trial < 80; trial++) {
    double x[40], y[40], won = 0, pairs = 0;
    int count = 1 + trial % 40;
    for (int i = 0; i < count; i++) {
      x[i] = floor(next_uniform(&seed) * 12);
      y[i] = next_uniform(&seed) < .3;
    }
    for (int i = 0; i < count; i++)
      for (int k = 0; k < count; k++) {
        if (y[i] < 1 || y[k] > 0) continue;
        won += (x[i] > x[k]) + (x[i] == x[k]) / 2.0;
        pairs++;
      }
    assert_near(value_of(MEASURE_AUC, (judged){.customers = count, .score = x, .outcome = y}),
                pairs > 0 ? won / pairs : NAN, 1e-14);
  }
}

/* Each drawn so many times is a company of so many alike, for what needs outcomes of 0 and 1. */
static void a_sample_is_worth_what_its_customers_are(void **state)
{
  uint64_t seed = 9;
  (void)state;
  for (int trial = 0; trial < 100; trial++) {
    double x[20], y[20], drawn_x[20], drawn_y[20];
    uint8_t counts[20] = {0};
    int count = 1 + trial % 20, drawn = 0;
    for (int i = 0; i < count; i++) {
      x[i] = floor(next_uniform(&seed) * 9) / 8;
      y[i] = next_uniform(&seed) < .5;
      counts[(int)(next_uniform(&seed) * count)]++;
    }
    for (int i = 0; i < count; i++)
      for (int k = 0; k < counts[i]; k++) {
        drawn_x[drawn] = x[i];
        drawn_y[drawn++] = y[i];
      }
    judged whole = {.customers = count, .score = x, .outcome = y};
    judged part = {.customers = drawn, .score = drawn_x, .outcome = drawn_y};
    for (measure_id id = MEASURE_SPEARMAN; id <= MEASURE_CALIBRATION_ERROR; id++)
      assert_near(value_on(id, whole, counts), value_of(id, part), 1e-14);
  }
}

static void a_perfect_prediction_has_no_error(void **state)
{
  judged j = scores(twenty_money), kept = scores(twenty_kept);
  (void)state;
  j.score = twenty_money;
  kept.score = twenty_kept;
  assert_near(value_of(MEASURE_SPEARMAN, j), 1, 1e-15);
  assert_near(value_of(MEASURE_KENDALL, j), 1, 1e-15);
  assert_near(value_of(MEASURE_MAE, j), 0, 0);
  assert_near(value_of(MEASURE_RMSE, j), 0, 0);
  assert_near(value_of(MEASURE_CALIBRATION_ERROR, j), 0, 0);
  assert_near(value_of(MEASURE_AUC, kept), 1, 0);
  assert_near(value_of(MEASURE_BRIER, kept), 0, 0);
}

static void who_has_no_prediction_is_left_out_of_errors(void **state)
{
  judged j = {.customers = 3, .score = (const double[]){1, NAN, 3}, .outcome = (const double[]){2, 90, 1}};
  (void)state;
  assert_near(value_of(MEASURE_MAE, j), 1.5, 0);
  assert_near(value_of(MEASURE_CALIBRATION_ERROR, j), 1.5, 0);
  measure *m = made(MEASURE_MAE, j);
  assert_int_equal(measure_customers(m), 2);
  measure_free(m);
}

static void where_nothing_can_be_said_nothing_is(void **state)
{
  static const double same[] = {1, 1, 1}, up[] = {0, 0.5, 1};
  (void)state;
  for (measure_id id = MEASURE_SPEARMAN; id <= MEASURE_CALIBRATION_ERROR; id++)
    assert_near(value_of(id, (judged){.customers = 0, .score = up, .outcome = same}), NAN, 0);
  judged constant = {.customers = 3, .score = up, .outcome = same};
  assert_near(value_of(MEASURE_SPEARMAN, constant), NAN, 0);
  assert_near(value_of(MEASURE_KENDALL, constant), NAN, 0);
  assert_near(value_of(MEASURE_AUC, constant), NAN, 0);
  assert_near(value_of(MEASURE_MAE, constant), .5, 1e-15);
  judged one = {.customers = 1, .score = up, .outcome = same};
  assert_near(value_of(MEASURE_SPEARMAN, one), NAN, 0);
  assert_near(value_of(MEASURE_KENDALL, one), NAN, 0);
  assert_near(value_of(MEASURE_MAE, one), 1, 0);
  assert_near(value_of(MEASURE_CALIBRATION_ERROR, one), 1, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(peers_agree),
                                     cmocka_unit_test(calibration_agrees_with_a_peer),
                                     cmocka_unit_test(equal_predictions_stay_together),
                                     cmocka_unit_test(correlations_agree_with_those_of_rankings),
                                     cmocka_unit_test(auc_agrees_with_comparing_every_pair),
                                     cmocka_unit_test(a_sample_is_worth_what_its_customers_are),
                                     cmocka_unit_test(a_perfect_prediction_has_no_error),
                                     cmocka_unit_test(who_has_no_prediction_is_left_out_of_errors),
                                     cmocka_unit_test(where_nothing_can_be_said_nothing_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
