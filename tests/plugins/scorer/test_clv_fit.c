/* Fitting: the published estimates of CDNOW, parameters found again in simulated customers, prediction intervals, and
 * what happens where there is nothing to find. */
#include "../../../plugins/scorer/clv/fit.h"
#include "../../../plugins/scorer/clv/maximize.h"
#include "support/clv_cohort.h"
#include "support/near.h"

#include <stdlib.h>
#include <string.h>

/* ---- a host of one thread ---- */

static int go_on(const tarazu_host *host, double done)
{
  (void)host, (void)done;
  return 1;
}

static int stop(const tarazu_host *host, double done)
{
  (void)host, (void)done;
  return 0;
}

static void one_by_one(const tarazu_host *host, int64_t count, void (*task)(void *, int64_t), void *argument)
{
  (void)host;
  for (int64_t i = count - 1; i >= 0; i--) task(argument, i);
}

static const tarazu_host host = {.size = sizeof host, .progress = go_on, .parallel = one_by_one};

/* ---- published ---- */

enum { MOST = 60000 };

static keyed histories[MOST], room[MOST], spenders[MOST];

static int read_cdnow(int64_t *count, int64_t *buyers)
{
  const char *folder = getenv("TARAZU_DATA");
  char path[1024], line[200];
  snprintf(path, sizeof path, "%s/cdnow/sample_summary.csv", folder ? folder : SOURCE_DIR "/../shared/data");
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  *count = *buyers = 0;
  while (fgets(line, sizeof line, file)) {
    double id, x, t_x, T, z;
    if (sscanf(line, "%lf,%lf,%lf,%lf,%lf", &id, &x, &t_x, &T, &z) != 5) continue;
    histories[(*count)++].key = history_key((int64_t)x, llround(100 * t_x), llround(100 * T));
    if (x > 0) spenders[(*buyers)++] = (keyed){(uint64_t)x, x * z};
  }
  fclose(file);
  return 1;
}

static void check_estimate(const estimate *e, const double *published, const double *tolerance, int count)
{
  assert_int_equal(e->failure, FIT_GOOD);
  for (int k = 0; k < count; k++) {
    assert_near(e->theta[k], published[k], tolerance[k]);
    assert_true(e->deviation[k] > 0 && !e->at_bound[k]);
  }
}

/* Repeat purchases that the cohort is expected to make from its first ones to 39 weeks after the data end. */
static double tracked(const family *of, const double *theta, const cohort *c)
{
  static horizon h;
  double sum = 0, each = 0;
  int32_t T = -1;
  for (int64_t i = 0; i < c->row_count; i++) {
    if (c->rows[i].T != T) {
      T = c->rows[i].T;
      horizon_make(&h, T * c->unit + 39, 0);
      future f = of->ahead(theta, 0, 0, 0, &h);
      each = f.alive * f.purchases;
    }
    sum += c->rows[i].count * each;
  }
  return sum;
}

/* Fader, Hardie, Lee (2005); Schmittlein, Morrison, Colombo's model and gamma-gamma by Fader and Hardie. The file has
 * two decimals, which moves the likelihoods by 0.004. */
static void estimates_of_cdnow_are_as_published(void **state)
{
  (void)state;
  int64_t count = 0, buyers = 0;
  if (!read_cdnow(&count, &buyers)) {
    print_message("cdnow/sample_summary.csv is not here: skipped\n");
    skip();
  }
  cohort c;
  estimate e;
  assert_true(cohort_make(&c, sort_keyed(histories, room, count), count, 0.01));
  assert_near(c.customers, 2357, 0);
  sampled customers = {&c, &c};
  assert_int_equal(fit_family(&bg_nbd, customers, 0, &host, &e), TARAZU_OK);
  check_estimate(&e, (double[]){0.2426, 4.4136, 0.7929, 2.4259}, (double[]){5e-5, 1e-4, 5e-5, 2e-4}, 4);
  assert_near(e.log_likelihood, -9582.43, 0.005);
  assert_int_equal(fit_family(&pareto_nbd, customers, 0, &host, &e), TARAZU_OK);
  check_estimate(&e, (double[]){0.5532, 10.576, 0.6063, 11.672}, (double[]){1e-4, 2e-3, 1e-4, 5e-3}, 4);
  assert_near(e.log_likelihood, -9594.98, 0.01);
  /* The orders hold 2,457 repeat purchases (of a day each) to week 39 and 1,882 from then to week 78; Pareto/NBD is
   * known to fall short of their sum by 2 %, BG/NBD by 4 % (Fader, Hardie, Lee 2005). */
  assert_near(tracked(&pareto_nbd, e.theta, &c) / (2457 + 1882), 0.98, 0.01);
  assert_near(tracked(&bg_nbd, (double[]){0.2426, 4.4136, 0.7929, 2.4259}, &c) / (2457 + 1882), 0.96, 0.01);
  double expected[8], total = 0;
  expected_counts(&pareto_nbd, &c, e.theta, expected, 7);
  for (int n = 0; n <= 7; n++) total += expected[n];
  assert_near(total, 2357, 1e-6);
  cohort_free(&c);
  assert_int_equal(buyers, 946);
  assert_int_equal(fit_gamma_gamma(sort_keyed(spenders, room, buyers), buyers, 0, &host, &e), TARAZU_OK);
  check_estimate(&e, (double[]){6.25, 3.74, 15.44}, (double[]){0.005, 0.005, 0.01}, 3);
  assert_near(e.log_likelihood, -4055.92, 0.005);
}

/* ---- simulated customers ---- */

static const family *const all[FAMILIES] = {&bg_nbd, &mbg_nbd, &pareto_nbd, &bg_bb};

static const double ahead_for = 52;

static clv_person someone(uint64_t *seed, int f)
{
  return clv_watch(seed, f, clv_truths[f], 26 + floor(50 * clv_uniform(seed)), ahead_for);
}

/* Three standard errors in each of sixteen parameters: by chance 1 seed in 25 fails; this one is fixed. */
static void parameters_of_simulated_customers_are_found_again(void **state)
{
  (void)state;
  const int people = 6000;
  for (int f = 0; f < FAMILIES; f++) {
    const int64_t fine = f == BG_BB ? 1 : 100;
    uint64_t seed = 20240 + (uint64_t)f;
    for (int i = 0; i < people; i++) {
      clv_person p = someone(&seed, f);
      histories[i].key = history_key(p.x, llround((double)fine * p.t_x), fine * (int64_t)p.T);
    }
    cohort c;
    estimate e;
    assert_true(cohort_make(&c, sort_keyed(histories, room, people), people, 1. / (double)fine));
    assert_int_equal(fit_family(all[f], (sampled){&c, &c}, 0, &host, &e), TARAZU_OK);
    assert_int_equal(e.failure, FIT_GOOD);
    for (int k = 0; k < 4; k++) assert_near(log(e.theta[k] / clv_truths[f][k]) / e.deviation[k], 0, 3);
    assert_true(e.log_likelihood >= cohort_log_likelihood(all[f], &c, clv_truths[f], &host));
    cohort_free(&c);
  }
}

/* Parameters are the true ones. The adjusted coverage is the level whatever the distribution; the plain one is what
 * forecasts promise of their intervals, which is more where many are most likely to buy nothing. The donors have ten
 * opportunities at most, so that few counts are possible. */
static void prediction_intervals_hold_as_many_as_they_say(void **state)
{
  (void)state;
  static const double levels[] = {0.5, 0.8, 0.9, 0.95};
  static horizon h;
  for (int f = 0; f <= FAMILIES; f++) {
    const int donors = f == FAMILIES, id = donors ? BG_BB : f, people = 12000;
    const double *theta = donors ? clv_donors : clv_truths[f], later = donors ? 10 : ahead_for;
    clv_coverage coverage[4] = {0};
    uint64_t seed = 77 + (uint64_t)f;
    horizon_make(&h, later, 0);
    for (int i = 0; i < people; i++) {
      clv_person p = donors ? clv_watch(&seed, id, theta, 6, later) : someone(&seed, id);
      future ahead = all[id]->ahead(theta, p.x, p.t_x, p.T, &h);
      spend s = clv_spend(clv_spend_truth, &p);
      for (int k = 0; k < 4; k++) clv_count_interval(&coverage[k], &ahead, &s, levels[k], p.later);
    }
    for (int k = 0; k < 4; k++) {
      const clv_coverage *c = &coverage[k];
      assert_near(c->adjusted / people, levels[k], 0.03);
      assert_near(c->held / people, c->promised / people, 0.03);
      assert_true(c->promised / people >= levels[k]);
    }
  }
}

/* ---- nothing to find ---- */

static void too_few_repeat_buyers_are_told(void **state)
{
  (void)state;
  cohort c;
  estimate e;
  for (int i = 0; i < 100; i++) histories[i].key = history_key(i < 9, i < 9 ? 3 : 0, 10);
  assert_true(cohort_make(&c, sort_keyed(histories, room, 100), 100, 1));
  for (int f = 0; f < FAMILIES; f++) {
    assert_int_equal(fit_family(all[f], (sampled){&c, &c}, 0, &host, &e), TARAZU_OK);
    assert_int_equal(e.failure, FIT_TOO_FEW);
    assert_true(isnan(e.log_likelihood));
  }
  cohort_free(&c);
}

/* All alike: there is no difference among customers to estimate, so parameters run to a bound or stay vague; what comes
 * out is finite and says so. */
static void customers_who_are_all_alike_end_at_a_bound(void **state)
{
  (void)state;
  cohort c;
  estimate e;
  for (int i = 0; i < 500; i++) histories[i].key = history_key(4, 35, 40);
  assert_true(cohort_make(&c, sort_keyed(histories, room, 500), 500, 1));
  assert_int_equal(c.row_count, 1);
  for (int f = 0; f < FAMILIES; f++) {
    assert_int_equal(fit_family(all[f], (sampled){&c, &c}, 0, &host, &e), TARAZU_OK);
    int doubtful = e.failure || e.unidentified;
    for (int k = 0; k < 4; k++) doubtful |= e.at_bound[k] || e.deviation[k] > 2;
    assert_true(doubtful);
  }
  cohort_free(&c);
}

/* A ridge along x + y that flattens out: -(x - y)^2 - exp(-(x + y)). */
static double ridge(void *data, const double *at, double *gradient)
{
  (void)data;
  double across = at[0] - at[1], along = exp(-(at[0] + at[1]));
  gradient[0] = -2 * across + along;
  gradient[1] = 2 * across + along;
  return -across * across - along;
}

/* Its curvature is there at first and lost in rounding later: what is told last holds. */
static void a_covariance_is_there_or_the_maximum_is_not_curved(void **state)
{
  (void)state;
  const problem p = {.value = ridge, .count = 2, .least = {-50, -50}, .most = {50, 50}};
  for (int start = 5; start <= 10; start++) {
    maximum m = {.at = {start, 0}};
    polish(&p, &m, 0);
    assert_true(m.at[0] + m.at[1] > 2 * start);
    assert_true(!m.curved || (m.covariance[0][0] > 0 && m.covariance[1][1] > 0));
  }
}

static void a_penalty_makes_parameters_smaller(void **state)
{
  (void)state;
  uint64_t seed = 5;
  for (int i = 0; i < 2000; i++) {
    clv_person p = someone(&seed, BG_NBD);
    histories[i].key = history_key(p.x, (int64_t)ceil(p.t_x), (int64_t)p.T);
  }
  cohort c;
  estimate plain, penalized;
  assert_true(cohort_make(&c, sort_keyed(histories, room, 2000), 2000, 1));
  fit_family(&bg_nbd, (sampled){&c, &c}, 0, &host, &plain);
  fit_family(&bg_nbd, (sampled){&c, &c}, 0.01, &host, &penalized);
  assert_int_equal(penalized.failure, FIT_GOOD);
  double squares = 0, smaller = 0;
  for (int k = 0; k < 4; k++) {
    squares += plain.theta[k] * plain.theta[k];
    smaller += penalized.theta[k] * penalized.theta[k];
  }
  assert_true(smaller < squares);
  assert_true(penalized.log_likelihood < plain.log_likelihood);
  assert_near(penalized.log_likelihood, cohort_log_likelihood(&bg_nbd, &c, penalized.theta, &host), 1e-6);
  const tarazu_host stopping = {.size = sizeof stopping, .progress = stop, .parallel = one_by_one};
  assert_int_equal(fit_family(&bg_nbd, (sampled){&c, &c}, 0, &stopping, &plain), TARAZU_CANCELLED);
  cohort_free(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(estimates_of_cdnow_are_as_published),
      cmocka_unit_test(parameters_of_simulated_customers_are_found_again),
      cmocka_unit_test(prediction_intervals_hold_as_many_as_they_say),
      cmocka_unit_test(too_few_repeat_buyers_are_told),
      cmocka_unit_test(customers_who_are_all_alike_end_at_a_bound),
      cmocka_unit_test(a_covariance_is_there_or_the_maximum_is_not_curved),
      cmocka_unit_test(a_penalty_makes_parameters_smaller),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
