/* The models' mathematics against published figures and against integration over the customers' hidden rates, which
 * knows nothing of closed forms. */
#include "../../../plugins/scorer/clv/models.h"
#include "support/near.h"

#include <stdlib.h>
#include <string.h>

static const family *const all[FAMILIES] = {&bg_nbd, &mbg_nbd, &pareto_nbd, &bg_bb};

static const double bg_cdnow[] = {0.2426, 4.4136, 0.7929, 2.4259};
static const double pareto_cdnow[] = {0.5532, 10.576, 0.6063, 11.672};

static double expected_purchases(const family *of, const double *theta, double x, double t_x, double T, double t)
{
  static horizon h;
  horizon_make(&h, t, 0);
  future f = of->ahead(theta, x, t_x, T, &h);
  return f.alive * f.purchases;
}

/* ---- published ---- */

/* Fader, Hardie, Lee (2005), and the authors' spreadsheet of the CDNOW sample. */
static void bg_nbd_of_cdnow_is_as_published(void **state)
{
  (void)state;
  static const double times[] = {0.1429, 1, 3, 31.8571, 32, 78};
  static const double published[] = {0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576};
  static const double rounding[] = {5e-5, 5e-5, 5e-5, 5e-5, 7e-5, 5e-4}; /* the parameters', which grows with time */
  assert_near(expected_purchases(&bg_nbd, bg_cdnow, 2, 30.43, 38.86, 39), 1.226, 5e-4);
  for (int i = 0; i < 6; i++)
    assert_near(expected_purchases(&bg_nbd, bg_cdnow, 0, 0, 0, times[i]), published[i], rounding[i]);
  double chance[1];
  bg_nbd.counts((double[]){0.243, 4.414, 0.793, 2.426}, 39, chance, 0);
  assert_near(chance[0], 0.5737864, 5e-8);
}

static void pareto_nbd_of_cdnow_is_as_published(void **state)
{
  (void)state;
  const double rounded[] = {0.55, 10.56, 0.61, 11.64};
  assert_near(expected_purchases(&pareto_nbd, pareto_cdnow, 26, 30.86, 31, 52), 25.46, 0.005);
  assert_near(expected_purchases(&pareto_nbd, rounded, 0, 0, 0, 1), 0.05077821, 5e-9);
  assert_near(expected_purchases(&pareto_nbd, rounded, 0, 0, 0, 9), 0.38909211, 5e-9);
}

/* Fader, Hardie (2013), table of the first ten customers. */
static void gamma_gamma_of_cdnow_is_as_published(void **state)
{
  (void)state;
  const double theta[] = {6.25, 3.74, 15.44};
  static const double x[] = {2, 1, 0, 0, 0, 7, 1, 0, 2, 0};
  static const double z[] = {22.35, 11.77, 0, 0, 0, 73.74, 11.77, 0, 25.55, 0};
  static const double published[] = {24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17};
  for (int i = 0; i < 10; i++)
    assert_near(gamma_gamma_mean(theta, x[i], x[i] * z[i]), published[i],
                0.05); /* p, q and gamma are rounded; as fitted: tests/cli/test_lifetime.sh */
  assert_true(isinf(gamma_gamma_mean((double[]){6, 0.9, 10}, 0, 0)));
}

/* Fader, Hardie, Shang (2010): the donors of 1995, six opportunities seen, those of the next five years. */
static void bg_bb_of_the_donors_is_as_published(void **state)
{
  (void)state;
  const double theta[] = {1.204, 0.750, 0.657, 2.783};
  assert_near(bg_bb.alive(theta, 6, 6, 6), 0.93, 0.005);
  assert_near(expected_purchases(&bg_bb, theta, 6, 6, 6, 5), 3.75, 0.005);
  assert_near(expected_purchases(&bg_bb, theta, 0, 0, 6, 5), 0.07, 0.005);
}

/* By lifetimes 0.11.3, fitted to the same file, within 39 weeks and still buying. */
static void peers_agree_to_six_digits(void **state)
{
  (void)state;
  const double bg[] = {0.24259292827982148, 4.413532265271809, 0.7928859664406578, 2.4257523826257374};
  const double mbg[] = {0.5248377255676623, 6.182988479133949, 0.8913562809311403, 1.6140000256721425};
  const double pareto[] = {0.5532858183899609, 10.57782731126524, 0.6062410004350223, 11.66879586075};
  const family *const of[] = {&bg_nbd, &mbg_nbd, &pareto_nbd};
  const double *const theta[] = {bg, mbg, pareto};
  static const double purchases[] = {1.2259104241744068, 1.2626707787139375, 1.4550992594246603};
  static const double alive[] = {0.72660914, 0.70612626, 0.8691156098209689};
  for (int i = 0; i < 3; i++) {
    assert_near(expected_purchases(of[i], theta[i], 2, 30.43, 38.86, 39), purchases[i], 1e-8);
    assert_near(of[i]->alive(theta[i], 2, 30.43, 38.86), alive[i], 1e-8);
  }
}

/* ---- brute force ---- */

/* What is true of one customer whose hidden rates are known: u, the rate of buying (or chance of it), v, that of
 * dropping out. */
typedef struct known {
  double likelihood, alive;                /* alive: the part of the likelihood */
  double purchases, pairs, none, none_new; /* of t from now, alive; none_new: of (0, T) */
} known;

static known bg_known(int m, double u, double p, double x, double t_x, double T, double t)
{
  known k = {.alive = pow(1 - p, x + m) * pow(u, x) * exp(-u * T), .none = exp(-u * t)};
  double c = u * p * t;
  k.likelihood = k.alive;
  if (x + m > 0) k.likelihood += p * pow(1 - p, x + m - 1) * pow(u, x) * exp(-u * t_x);
  k.purchases = -expm1(-c) / p;
  /* 1 - (1 + c) e^-c, by its series where it would cancel */
  k.pairs = 2 * (1 - p) * (c < 1e-4 ? c * c / 2 - c * c * c / 3 : 1 - exp(-c) * (1 + c)) / (p * p);
  k.none_new = (m ? p + (1 - p) * exp(-u * T) : exp(-u * T));
  return k;
}

static known pareto_known(double u, double v, double x, double t_x, double T, double t)
{
  known k = {.alive = pow(u, x) * exp(-(u + v) * T)};
  double c = v * t, s = u + v;
  k.likelihood = pow(u, x) * (v / s * exp(-s * t_x) + u / s * exp(-s * T));
  k.purchases = -expm1(-c) * u / v;
  k.pairs = 2 * u * u / (v * v) * (c < 1e-4 ? c * c / 2 - c * c * c / 3 : 1 - exp(-c) * (1 + c));
  k.none = v / s + u / s * exp(-s * t);
  k.none_new = v / s + u / s * exp(-s * T);
  return k;
}

/* alive: at n + 1. */
static known bg_bb_known(double p, double q, double x, double t_x, double n, double t)
{
  known k = {.likelihood = pow(p, x) * pow(1 - p, n - x) * pow(1 - q, n), .none = 1, .none_new = 1};
  k.alive = k.likelihood * (1 - q);
  for (double i = t_x; i < n; i++) k.likelihood += pow(p, x) * pow(1 - p, i - x) * q * pow(1 - q, i);
  for (double i = 1; i <= t; i++) {
    k.purchases += p * pow(1 - q, i - 1);
    k.pairs += 2 * (i - 1) * p * p * pow(1 - q, i - 1);
    k.none -= p * pow(1 - p, i - 1) * pow(1 - q, i - 1);
  }
  for (double i = 1; i <= n; i++) k.none_new -= p * pow(1 - p, i - 1) * pow(1 - q, i);
  return k;
}

static known known_of(int f, double u, double v, double x, double t_x, double T, double t)
{
  if (f == PARETO_NBD) return pareto_known(u, v, x, t_x, T, t);
  return f == BG_BB ? bg_bb_known(u, v, x, t_x, T, t) : bg_known(f == MBG_NBD, u, v, x, t_x, T, t);
}

/* A point of the trapezoidal rule for a gamma variable (in its logarithm) or a beta one (in ln p / (1 - p)). */
static double point(int beta, double a, double b, double y, double *value)
{
  if (!beta) {
    *value = exp(y);
    return exp(a * (y + log(b)) - b * exp(y) - lgamma(a));
  }
  *value = 1 / (1 + exp(-y));
  return exp(-a * log1p(exp(-y)) - b * log1p(exp(y)) + lgamma(a + b) - lgamma(a) - lgamma(b));
}

static void integrate(int f, const double *theta, double x, double t_x, double T, double t, known *to)
{
  const double step = 0.15, far = 30;
  *to = (known){0};
  for (double y = -far; y <= far; y += step) {
    double u, weight = step * point(f == BG_BB, theta[0], theta[1], y, &u);
    if (weight < 1e-18) continue;
    for (double z = -far; z <= far; z += step) {
      double v, both = weight * step * point(f != PARETO_NBD, theta[2], theta[3], z, &v);
      if (both < 1e-22 || v == 1 || u == 0) continue;
      known k = known_of(f, u, v, x, t_x, T, t);
      to->likelihood += both * k.likelihood;
      to->alive += both * k.alive;
      to->purchases += both * k.alive * k.purchases;
      to->pairs += both * k.alive * k.pairs;
      to->none += both * k.alive * k.none;
      to->none_new += both * k.none_new;
    }
  }
}

static const double thetas[][4] = {{1.3, 4.4, 1.1, 2.4}, {0.8, 9, 1.7, 7}, {5, 4, 2.2, 4}, {1.2, 3, 1, 3}};
static const double histories[][3] = {{2, 30, 38}, {0, 0, 12}, {0, 0, 0}, {7, 9, 9}, {25, 60, 61}, {1, 2, 70}};

static void every_family_agrees_with_integration_over_hidden_rates(void **state)
{
  (void)state;
  static horizon h;
  horizon_make(&h, 26, 0);
  for (int f = 0; f < FAMILIES; f++)
    for (size_t j = 0; j < sizeof thetas / sizeof *thetas; j++)
      for (size_t i = 0; i < sizeof histories / sizeof *histories; i++) {
        const double *theta = thetas[j], *t = histories[i];
        known k;
        integrate(f, theta, t[0], t[1], t[2], 26, &k);
        future ahead = all[f]->ahead(theta, t[0], t[1], t[2], &h);
        assert_near(all[f]->log_likelihood(theta, t[0], t[1], t[2], NULL), log(k.likelihood), 1e-7);
        assert_near(all[f]->alive(theta, t[0], t[1], t[2]), k.alive / k.likelihood, 1e-7);
        assert_near(ahead.purchases, k.purchases / k.alive, 1e-6 * (1 + ahead.purchases));
        assert_near(ahead.discounted, ahead.purchases, 1e-6 * (1 + ahead.purchases));
        assert_near(ahead.pairs, k.pairs / k.alive, 1e-6 * (1 + ahead.pairs));
        assert_near(ahead.none, k.none / k.alive, 1e-7);
        double chance[1];
        all[f]->counts(theta, t[2], chance, 0);
        assert_near(chance[0], k.none_new, 1e-7);
      }
}

/* The mean number of purchases by T, over their distribution, is what is expected of a new customer. */
static void chances_of_counts_sum_to_one_and_to_the_mean(void **state)
{
  (void)state;
  enum { MOST = 2000 };
  static double chance[MOST + 1];
  const double light[] = {3, 6, 2, 5}; /* tails that end */
  for (int f = 0; f < FAMILIES; f++) {
    double sum = 0, mean = 0;
    all[f]->counts(light, 30, chance, f == BG_BB ? 40 : MOST);
    for (int n = 0; n <= (f == BG_BB ? 40 : MOST); n++) {
      assert_true(chance[n] >= 0 && chance[n] <= 1);
      sum += chance[n];
      mean += n * chance[n];
    }
    assert_near(sum, 1, 1e-9);
    assert_near(mean, expected_purchases(all[f], light, 0, 0, 0, 30), 1e-6);
  }
}

/* The value of each period's purchases, discounted at its end, one by one. */
static void discount_falls_at_the_end_of_each_period(void **state)
{
  (void)state;
  static horizon h;
  const double rate = 0.01;
  for (int f = 0; f < FAMILIES; f++)
    for (int periods = 1; periods <= 104; periods += 103) {
      double sum = 0, before = 0;
      for (int t = 1; t <= periods; t++) {
        double to = expected_purchases(all[f], thetas[0], 3, 20, 25, t);
        sum += (to - before) * pow(1 + rate, -t);
        before = to;
      }
      horizon_make(&h, periods, rate);
      future ahead = all[f]->ahead(thetas[0], 3, 20, 25, &h);
      assert_near(ahead.alive * ahead.discounted, sum, 1e-6 * sum);
    }
}

/* ---- gradients ---- */

static void gradients_are_those_of_the_likelihood(void **state)
{
  (void)state;
  const double width = 1e-5;
  for (int f = 0; f < FAMILIES; f++)
    for (size_t j = 0; j < sizeof thetas / sizeof *thetas; j++)
      for (size_t i = 0; i < sizeof histories / sizeof *histories; i++) {
        const double *t = histories[i];
        double gradient[4];
        all[f]->log_likelihood(thetas[j], t[0], t[1], t[2], gradient);
        for (int k = 0; k < 4; k++) {
          double up[4], down[4];
          memcpy(up, thetas[j], sizeof up);
          memcpy(down, thetas[j], sizeof down);
          up[k] *= exp(width);
          down[k] *= exp(-width);
          double slope = (all[f]->log_likelihood(up, t[0], t[1], t[2], NULL) -
                          all[f]->log_likelihood(down, t[0], t[1], t[2], NULL)) /
                         (2 * width);
          assert_near(gradient[k], slope, 1e-7 * (1 + fabs(slope)));
        }
      }
}

static void gamma_gamma_has_the_density_of_a_mean_of_amounts(void **state)
{
  (void)state;
  const double theta[] = {2.5, 3, 12}, width = 1e-5;
  for (int x = 1; x <= 9; x += 4) {
    /* over z it integrates to 1, its mean is p gamma / (q - 1) */
    double sum = 0, mean = 0, gradient[3];
    for (double y = -30; y <= 30; y += 0.02) {
      keyed one = {(uint64_t)x, x * exp(y)};
      double density = exp(gamma_gamma_sum(theta, &one, 1, gradient) + y) * 0.02;
      sum += density;
      mean += density * exp(y);
    }
    assert_near(sum, 1, 1e-9);
    assert_near(mean, theta[0] * theta[2] / (theta[1] - 1), 1e-6);
    keyed two[] = {{(uint64_t)x, 30.}, {(uint64_t)x, 7.}};
    gamma_gamma_sum(theta, two, 2, gradient);
    for (int k = 0; k < 3; k++) {
      double up[3], down[3], unused[3];
      memcpy(up, theta, sizeof up);
      memcpy(down, theta, sizeof down);
      up[k] *= exp(width);
      down[k] *= exp(-width);
      double slope = (gamma_gamma_sum(up, two, 2, unused) - gamma_gamma_sum(down, two, 2, unused)) / (2 * width);
      assert_near(gradient[k], slope, 1e-7 * (1 + fabs(slope)));
    }
  }
}

/* ---- extremes ---- */

static int is_chance(double p)
{
  return p >= 0 && p <= 1;
}

static void thousands_of_purchases_and_no_time_at_all_are_no_matter(void **state)
{
  (void)state;
  static const double extreme[][3] = {{5000, 5000, 5000}, {5000, 5000, 9000}, {700, 700, 700},
                                      {300, 310, 5000},   {0, 0, 0},          {0, 0, 100000},
                                      {1, 1, 100000},     {1, 1, 1},          {100000, 100000, 100001}};
  static const double strange[][4] = {
      {0.25, 4.4, 0.8, 2.4}, {1e-4, 1e-3, 1e-4, 1e-3}, {1e4, 1e4, 1e4, 1e4},   {100, 1, 0.01, 1e3},
      {0.01, 1e4, 50, 1e-3}, {0.5, 1e-5, 0.5, 1e-5},   {1e5, 1e-2, 0.3, 1e-4}, {3, 5, 1, 5},
      {1, 1e5, 1e5, 1}};
  static horizon h;
  horizon_make(&h, 52, 0.002);
  for (int f = 0; f < FAMILIES; f++)
    for (size_t j = 0; j < sizeof strange / sizeof *strange; j++)
      for (size_t i = 0; i < sizeof extreme / sizeof *extreme; i++) {
        double gradient[4], x = extreme[i][0], t_x = extreme[i][1], T = extreme[i][2];
        assert_true(isfinite(all[f]->log_likelihood(strange[j], x, t_x, T, gradient)));
        for (int k = 0; k < 4; k++) assert_true(isfinite(gradient[k]));
        future ahead = all[f]->ahead(strange[j], x, t_x, T, &h);
        assert_true(is_chance(ahead.alive) && is_chance(ahead.none));
        assert_true(isfinite(ahead.purchases) && ahead.purchases >= 0 && isfinite(ahead.pairs));
        assert_true(ahead.discounted >= 0 && ahead.discounted <= ahead.purchases * (1 + 1e-9));
      }
}

/* One who bought 1,000 times in 100 periods buys on at about that rate, and the likelihood does not jump where she has
 * been silent for no time at all. */
static void t_x_may_come_as_near_to_T_as_it_likes(void **state)
{
  (void)state;
  for (int f = 0; f < BG_BB; f++) {
    double at = all[f]->log_likelihood(bg_cdnow, 1000, 100, 100, NULL);
    for (double gap = 1e-3; gap > 1e-15; gap /= 10) {
      double near = all[f]->log_likelihood(bg_cdnow, 1000, 100 - gap, 100, NULL);
      assert_near(near, at, 20 * gap + 1e-9);
      assert_true(all[f]->alive(bg_cdnow, 1000, 100 - gap, 100) > 0.9);
    }
  }
  assert_near(pareto_nbd.alive(bg_cdnow, 3, 20, 20), 1, 1e-15);
  assert_near(bg_nbd.alive(bg_cdnow, 0, 0, 300), 1, 0);
}

static void nothing_jumps_where_the_closed_forms_change(void **state)
{
  (void)state;
  /* alpha = beta and s = 1 of Pareto/NBD, a = 1 of BG/NBD */
  for (int i = -3; i <= 3; i++) {
    double d = i * 1e-9;
    const double scales[] = {0.5, 10 + d, 0.6, 10}, equal[] = {0.5, 10, 0.6, 10};
    assert_near(pareto_nbd.log_likelihood(scales, 4, 20, 30, NULL), pareto_nbd.log_likelihood(equal, 4, 20, 30, NULL),
                1e-7);
    const double s[] = {0.5, 10, 1 + d, 12}, one[] = {0.5, 10, 1, 12};
    assert_near(expected_purchases(&pareto_nbd, s, 4, 20, 30, 52), expected_purchases(&pareto_nbd, one, 4, 20, 30, 52),
                1e-7);
    const double a[] = {0.5, 10, 1 + d, 2}, unit[] = {0.5, 10, 1, 2};
    for (int f = BG_NBD; f <= MBG_NBD; f++)
      assert_near(expected_purchases(all[f], a, 4, 20, 30, 52), expected_purchases(all[f], unit, 4, 20, 30, 52), 1e-7);
  }
}

/* ---- special functions ---- */

static void gamma_functions_agree_with_the_c_library(void **state)
{
  (void)state;
  for (double x = 1e-6; x < 1e7; x *= 1.37) {
    assert_near(log_gamma(x), lgamma(x), 2e-14 * (1 + fabs(lgamma(x))));
    assert_near(digamma(x + 1), digamma(x) + 1 / x, 1e-14 * (1 + 1 / x));
  }
  assert_near(digamma(1), -0.57721566490153286, 1e-15);
  /* a product of whole numbers, and what a large a does to a difference */
  assert_near(log_rise(1, 20), lgamma(21), 1e-13);
  assert_near(log_rise(1e9, 3), log(1e9) + log(1e9 + 1) + log(1e9 + 2), 1e-13);
  assert_near(log_rise(1e9, 17) - log_rise(1e9, 16), log(1e9 + 16), 1e-6 * 17);
  assert_near(rise_slope(2.5, 40), digamma(42.5) - digamma(2.5), 1e-14);
  assert_near(rise_slope(7, 0), 0, 0);
}

static void both_ways_to_the_hypergeometric_function_agree(void **state)
{
  (void)state;
  double tau[GAUSS_POINTS], result[GAUSS_POINTS];
  static const double ks[] = {0.5, 1.2, 4, 30, 900}, as[] = {0.05, 0.8, 3, 400}, bs[] = {0.1, 2.4, 60, 2000};
  for (int scale = -4; scale <= 3; scale++) {
    for (int i = 0; i < GAUSS_POINTS; i++) tau[i] = pow(10, scale) * (i + 1) / 4;
    for (int k = 0; k < 5; k++)
      for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++) {
          beta_mixture(ks[k], as[a], bs[b], tau, result);
          for (int i = 0; i < GAUSS_POINTS; i++) {
            double other = beta_mixture_integral(ks[k], as[a], bs[b], tau[i]);
            assert_near(result[i], other, 1e-11 * other + 1e-300);
          }
        }
  }
  /* E[(1 + P)^-1] of P ~ beta(1, 1) is ln 2; of beta(2, 1), 2 (1 - ln 2) */
  for (int i = 0; i < GAUSS_POINTS; i++) tau[i] = 1;
  beta_mixture(1, 1, 1, tau, result);
  assert_near(result[3], log(2), 1e-15);
  assert_near(beta_mixture_integral(1, 2, 1, 1), 2 * (1 - log(2)), 1e-14);
}

static void beta_prime_quantiles_are_inverse(void **state)
{
  (void)state;
  static const double shapes[] = {0.01, 0.3, 1, 6.25, 80, 1e4};
  /* I_x(2, 3) = x^2 (6 - 8 x + 3 x^2) */
  assert_near(beta_prime_below(1, 2, 3), 0.25 * (6 - 4 + 0.75), 1e-13);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      for (double u = 0.001; u < 1; u += 0.111) {
        double z = beta_prime_quantile(u, shapes[i], shapes[j]);
        if (z > 1e-290 && z < 1e290) assert_near(beta_prime_below(z, shapes[i], shapes[j]), u, 1e-7);
      }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bg_nbd_of_cdnow_is_as_published),
      cmocka_unit_test(pareto_nbd_of_cdnow_is_as_published),
      cmocka_unit_test(gamma_gamma_of_cdnow_is_as_published),
      cmocka_unit_test(bg_bb_of_the_donors_is_as_published),
      cmocka_unit_test(peers_agree_to_six_digits),
      cmocka_unit_test(every_family_agrees_with_integration_over_hidden_rates),
      cmocka_unit_test(chances_of_counts_sum_to_one_and_to_the_mean),
      cmocka_unit_test(discount_falls_at_the_end_of_each_period),
      cmocka_unit_test(gradients_are_those_of_the_likelihood),
      cmocka_unit_test(gamma_gamma_has_the_density_of_a_mean_of_amounts),
      cmocka_unit_test(thousands_of_purchases_and_no_time_at_all_are_no_matter),
      cmocka_unit_test(t_x_may_come_as_near_to_T_as_it_likes),
      cmocka_unit_test(nothing_jumps_where_the_closed_forms_change),
      cmocka_unit_test(gamma_functions_agree_with_the_c_library),
      cmocka_unit_test(both_ways_to_the_hypergeometric_function_agree),
      cmocka_unit_test(beta_prime_quantiles_are_inverse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
