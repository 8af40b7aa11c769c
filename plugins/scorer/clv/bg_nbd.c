/* BG/NBD (Fader, Hardie, Lee 2005) and its variant MBG/NBD (Batislam, Denizel, Filiztekin 2007): purchases are Poisson
 * with a rate that is gamma(r, alpha) among customers; after each purchase a customer drops out with a chance that is
 * beta(a, b); in the variant she may drop out after her first purchase too. m is 0 in the former, 1 in the latter. */
#include <math.h>

#include "models.h"

enum { R, ALPHA, A, B };

/* What rows of the same x share. With
 *   alive  (alpha + T)^-(r + x)
 *   dead   a / (b + x + m - 1) (alpha + t_x)^-(r + x), none where x + m = 0
 *   L = Gamma(r + x) / Gamma(r) alpha^r B(a, b + x + m) / B(a, b) (alive + dead)
 * (Fader, Hardie, Lee 2005, eq. 6; Batislam et al. 2007, eq. 5). A power of alpha is taken out of both:
 * (alpha + T)^-(r + x) = alpha^-(r + x) (1 + T / alpha)^-(r + x). */
typedef struct part {
  double constant, power, log_odds; /* log_odds: of dead, ln a / (b + x + m - 1) */
  double by_r, by_alpha, by_a, by_b, by_b_dead;
} part;

static part of_purchases(const double *theta, int m, double x)
{
  double r = theta[R], a = theta[A], b = theta[B], n = x + m;
  return (part){
      .constant = log_rise(r, x) - x * log(theta[ALPHA]) + log_rise(b, n) - log_rise(a + b, n),
      .power = r + x,
      .log_odds = n > 0 ? log(a) - log(b + n - 1) : -(double)INFINITY,
      .by_r = r * rise_slope(r, x),
      .by_alpha = -x,
      .by_a = -a * rise_slope(a + b, n),
      .by_b = b * (rise_slope(b, n) - rise_slope(a + b, n)),
      .by_b_dead = n > 0 ? -b / (b + n - 1) : 0,
  };
}

/* The chance that she is dead over that of being alive, in logarithms; log_* is ln(1 + time / alpha). */
static inline double log_dead(const part *p, double log_tx, double log_T)
{
  return p->log_odds + p->power * (log_T - log_tx);
}

static inline double row(const double *theta, const part *p, double log_tx, double share_tx, double log_T,
                         double share_T, double *gradient)
{
  double odds = log_dead(p, log_tx, log_T), e = exp(-fabs(odds));
  double most = 1 / (1 + e), dead = odds > 0 ? most : e * most, alive = odds > 0 ? e * most : most;
  double mean_log = alive * log_T + dead * log_tx;
  gradient[R] = p->by_r - theta[R] * mean_log;
  gradient[ALPHA] = p->by_alpha + p->power * (alive * share_T + dead * share_tx);
  gradient[A] = p->by_a + dead;
  gradient[B] = p->by_b + dead * p->by_b_dead;
  return p->constant - p->power * log_T + (odds > 0 ? odds : 0) - log(most);
}

static double one(const double *theta, int m, double x, double t_x, double T, double *gradient)
{
  double own[PARAMETERS], alpha = theta[ALPHA];
  part p = of_purchases(theta, m, x);
  return row(theta, &p, log1p(t_x / alpha), t_x / (alpha + t_x), log1p(T / alpha), T / (alpha + T),
             gradient ? gradient : own);
}

static double sum(const likelihood *l, int m, int64_t from, int64_t to, double *gradient)
{
  double total = 0, one_row[PARAMETERS];
  part p = {0};
  for (int i = 0; i < PARAMETERS; i++) gradient[i] = 0;
  for (int64_t i = from; i < to; i++) {
    const history *h = &l->of->rows[i];
    if (i == from || h->x != h[-1].x) p = of_purchases(l->theta, m, h->x);
    total += h->count * row(l->theta, &p, l->by_time.log_a[h->t_x], l->by_time.share_a[h->t_x], l->by_time.log_a[h->T],
                            l->by_time.share_a[h->T], one_row);
    for (int k = 0; k < PARAMETERS; k++) gradient[k] += h->count * one_row[k];
  }
  return total;
}

static double alive(const double *theta, int m, double x, double t_x, double T)
{
  double n = x + m;
  if (n <= 0) return 1;
  double log_odds = log(theta[A]) - log(theta[B] + n - 1);
  return 1 / (1 + exp(log_odds + (theta[R] + x) * log1p((T - t_x) / (theta[ALPHA] + t_x))));
}

/* Of one who is alive her rate is gamma(r', alpha'), her chance of dropping out after a purchase P is beta(a, b').
 * Given both she buys at t from now with density lambda e^(-lambda P t), and the pairs of purchases whose later one is
 * at t have density lambda^2 t (1 - P) e^(-lambda P t), as the earlier one falls anywhere before and must not be her
 * last. Over lambda and P: r' / alpha' E[(1 + P t / alpha')^-(r' + 1)], and likewise with one more of b'. Integrating
 * it avoids the closed form's (Fader, Hardie, Lee 2005, eq. 10) division by a - 1. */
static void ahead_alive(future *f, double r, double alpha, double a, double b, const horizon *h)
{
  const double steep = 6; /* a first panel over which the density falls by no more than e^-6 */
  int halvings = horizon_halvings(h, alpha * fmin(1, steep / (r + 1)));
  double pair_rate = 2 * (r / alpha) * ((r + 1) / alpha) * (b / (a + b));
  for (int j = halvings; j >= 0; j--) {
    const panel *p = j == halvings ? &h->head[j] : &h->tail[j];
    double tau[GAUSS_POINTS], first[GAUSS_POINTS], later[GAUSS_POINTS];
    for (int i = 0; i < GAUSS_POINTS; i++) tau[i] = p->at[i] / alpha;
    beta_mixture(r + 1, a, b, tau, first);
    beta_mixture(r + 2, a, b + 1, tau, later);
    for (int i = 0; i < GAUSS_POINTS; i++) {
      f->purchases += p->weight[i] * first[i] * (r / alpha);
      f->discounted += p->discounted[i] * first[i] * (r / alpha);
      f->pairs += p->weight[i] * p->at[i] * later[i] * pair_rate;
    }
  }
  f->none = exp(-r * log1p(h->length / alpha)); /* nobody drops out without a purchase */
}

static future ahead(const double *theta, int m, double x, double t_x, double T, const horizon *h)
{
  future f = {.alive = alive(theta, m, x, t_x, T)};
  ahead_alive(&f, theta[R] + x, theta[ALPHA] + T, theta[A], theta[B] + x + m, h);
  return f;
}

/* Fader, Hardie, Lee (2005), eq. 8: alive after n purchases and just n by T, or dead after the n-th and n by T at
 * least. The purchases of one who never drops out are negative binomial. */
static void counts(const double *theta, int m, double T, double *chance, int most)
{
  double r = theta[R], a = theta[A], b = theta[B], share = T / (theta[ALPHA] + T);
  double just = exp(-r * log1p(T / theta[ALPHA])), below = 0, survived = m ? b / (a + b) : 1;
  for (int n = 0; n <= most; n++) {
    chance[n] = survived * just;
    if (n + m > 0) chance[n] += survived * a / (b + n + m - 1) * fmax(0, 1 - below);
    below += just;
    just *= (r + n) / (n + 1) * share;
    survived *= (b + n + m) / (a + b + n + m);
  }
}

/* ---- the two families ---- */

static double bg_one(const double *theta, double x, double t_x, double T, double *gradient)
{
  return one(theta, 0, x, t_x, T, gradient);
}

static double mbg_one(const double *theta, double x, double t_x, double T, double *gradient)
{
  return one(theta, 1, x, t_x, T, gradient);
}

static double bg_sum(const likelihood *l, int64_t from, int64_t to, double *gradient)
{
  return sum(l, 0, from, to, gradient);
}

static double mbg_sum(const likelihood *l, int64_t from, int64_t to, double *gradient)
{
  return sum(l, 1, from, to, gradient);
}

static double bg_alive(const double *theta, double x, double t_x, double T)
{
  return alive(theta, 0, x, t_x, T);
}

static double mbg_alive(const double *theta, double x, double t_x, double T)
{
  return alive(theta, 1, x, t_x, T);
}

static future bg_ahead(const double *theta, double x, double t_x, double T, const horizon *h)
{
  return ahead(theta, 0, x, t_x, T, h);
}

static future mbg_ahead(const double *theta, double x, double t_x, double T, const horizon *h)
{
  return ahead(theta, 1, x, t_x, T, h);
}

static void bg_counts(const double *theta, double T, double *chance, int most)
{
  counts(theta, 0, T, chance, most);
}

static void mbg_counts(const double *theta, double T, double *chance, int most)
{
  counts(theta, 1, T, chance, most);
}

const family bg_nbd = {
    "bg_nbd", {"r", "alpha", "a", "b"}, {ALPHA, -1}, bg_one, bg_sum, bg_alive, bg_ahead, bg_counts,
};
const family mbg_nbd = {
    "mbg_nbd", {"r", "alpha", "a", "b"}, {ALPHA, -1}, mbg_one, mbg_sum, mbg_alive, mbg_ahead, mbg_counts,
};
