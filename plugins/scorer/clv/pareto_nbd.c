/* Pareto/NBD (Schmittlein, Morrison, Colombo 1987): purchases are Poisson with a rate that is gamma(r, alpha) among
 * customers, lifetimes exponential with a rate that is gamma(s, beta). */
#include <math.h>

#include "models.h"

enum { R, ALPHA, S, BETA };

/* The integral over the moment of death tau in (t_x, T), times what all histories with x share:
 *   L = Gamma(r + x) / Gamma(r) alpha^-x (alive + integral of dead(tau))
 *   alive     = (1 + T / alpha)^-(r + x) (1 + T / beta)^-s
 *   dead(tau) = s / (beta + tau) (1 + tau / beta)^-s (1 + tau / alpha)^-(r + x)
 * This is the likelihood before the integral is written as hypergeometric functions (Fader, Hardie 2005, "A note on
 * deriving the Pareto/NBD model", eq. 12). The difference of two of these, which the closed form takes, cancels where
 * t_x is near T, overflows where x is large and changes form where alpha = beta; the integral of a positive, falling
 * function does none of it, and its gradient comes with it. */
typedef struct moments {
  double weight;           /* of alive and dead, over exp(top) */
  double dead;             /* of that */
  double log_a, log_b;     /* sums by weight of ln(1 + tau / alpha), ln(1 + tau / beta); tau is T for the living */
  double share_a, share_b; /* of tau / (alpha + tau), tau / (beta + tau) */
  double dead_beta;        /* of beta / (beta + tau), of the dead */
} moments;

static void add(moments *m, const double *theta, double weight, double tau, double log_a, double log_b, double over_b)
{
  m->weight += weight;
  m->log_a += weight * log_a;
  m->log_b += weight * log_b;
  m->share_a += weight * (tau / (theta[ALPHA] + tau));
  m->share_b += weight * (tau * over_b);
}

/* How fast dead falls at tau, in u below. */
static double steepness(const double *theta, double k, double least, double tau)
{
  return k * (least + tau) / (theta[ALPHA] + tau) + (theta[S] + 1) * (least + tau) / (theta[BETA] + tau);
}

/* Gauss's rule on panels in u = ln(1 + tau / min(alpha, beta)) from t_x on: there the singularities keep a distance of
 * pi from the line, so that eight points are good to about 1e-14 on 1.5, if the integrand falls by e^-6 at most; and of
 * the two logarithms one is u itself. */
static void add_dead(moments *m, const double *theta, double k, double t_x, double T, double top)
{
  const double widest = 1.5, steepest = 6, negligible = -45;
  const int a_is_least = theta[ALPHA] < theta[BETA];
  double least = fmin(theta[ALPHA], theta[BETA]), over_most = 1 / fmax(theta[ALPHA], theta[BETA]);
  double start = least + t_x, log_start = log1p(t_x / least), whole = log1p((T - t_x) / start), u = 0;
  while (u < whole) {
    double width = fmin(widest, whole - u), strongest = -INFINITY;
    while (width * steepness(theta, k, least, t_x + start * expm1(u + width)) > steepest) width /= 2;
    for (int i = 0; i < GAUSS_POINTS; i++) {
      double v = u + width * (1 + gauss_at[i]) / 2, grown = expm1(v), tau = t_x + start * grown;
      double of_least = log_start + v, of_most = log1p(tau * over_most);
      double log_a = a_is_least ? of_least : of_most, log_b = a_is_least ? of_most : of_least;
      double fall = -k * log_a - theta[S] * log_b - top, over_b = 1 / (theta[BETA] + tau);
      double weight = gauss_weight[i] * width / 2 * start * (1 + grown) * theta[S] * over_b * exp(fall);
      if (fall > strongest) strongest = fall;
      add(m, theta, weight, tau, log_a, log_b, over_b);
      m->dead += weight;
      m->dead_beta += weight * theta[BETA] * over_b;
    }
    if (strongest < negligible) break;
    u += width;
    if (whole - u < 1e-15 * whole) break;
  }
}

/* top: the logarithm of the largest weight. */
static moments of_history(const double *theta, double x, double t_x, double T, double *top)
{
  moments m = {0};
  double k = theta[R] + x, log_a = log1p(T / theta[ALPHA]), log_b = log1p(T / theta[BETA]);
  *top = -k * log1p(t_x / theta[ALPHA]) - theta[S] * log1p(t_x / theta[BETA]);
  add(&m, theta, exp(-k * log_a - theta[S] * log_b - *top), T, log_a, log_b, 1 / (theta[BETA] + T));
  if (T > t_x) add_dead(&m, theta, k, t_x, T, *top);
  return m;
}

/* What histories with the same x share. */
typedef struct part {
  double constant, by_r;
} part;

static part of_purchases(const double *theta, double x)
{
  return (part){log_rise(theta[R], x) - x * log(theta[ALPHA]), theta[R] * rise_slope(theta[R], x)};
}

static double row(const double *theta, const part *p, double x, double t_x, double T, double *gradient)
{
  double top;
  moments m = of_history(theta, x, t_x, T, &top);
  gradient[R] = p->by_r - theta[R] * m.log_a / m.weight;
  gradient[ALPHA] = -x + (theta[R] + x) * m.share_a / m.weight;
  gradient[S] = (m.dead - theta[S] * m.log_b) / m.weight;
  gradient[BETA] = (theta[S] * m.share_b - m.dead_beta) / m.weight;
  return p->constant + top + log(m.weight);
}

static double log_likelihood(const double *theta, double x, double t_x, double T, double *gradient)
{
  double own[PARAMETERS];
  part p = of_purchases(theta, x);
  return row(theta, &p, x, t_x, T, gradient ? gradient : own);
}

static double sum(const likelihood *l, int64_t from, int64_t to, double *gradient)
{
  double total = 0, one_row[PARAMETERS], unit = l->of->unit;
  part p = {0};
  for (int i = 0; i < PARAMETERS; i++) gradient[i] = 0;
  for (int64_t i = from; i < to; i++) {
    const history *h = &l->of->rows[i];
    if (i == from || h->x != h[-1].x) p = of_purchases(l->theta, h->x);
    total += h->count * row(l->theta, &p, h->x, h->t_x * unit, h->T * unit, one_row);
    for (int k = 0; k < PARAMETERS; k++) gradient[k] += h->count * one_row[k];
  }
  return total;
}

static double alive(const double *theta, double x, double t_x, double T)
{
  double top;
  moments m = of_history(theta, x, t_x, T, &top);
  return fmin(
      1, fmax(0, exp(-(theta[R] + x) * log1p(T / theta[ALPHA]) - theta[S] * log1p(T / theta[BETA]) - top) / m.weight));
}

/* Of one who is alive her rate is gamma(r', alpha') and she outlives t with chance (1 + t / beta')^-s. She buys at t
 * with density E[lambda] times that, pairs with E[lambda^2] t times that; her first purchase falls at t with density
 * E[lambda e^(-lambda t)] times that. */
static future ahead(const double *theta, double x, double t_x, double T, const horizon *h)
{
  double r = theta[R] + x, alpha = theta[ALPHA] + T, beta = theta[BETA] + T, s = theta[S], some = 0;
  future f = {.alive = alive(theta, x, t_x, T)};
  const double steep = 6; /* as in BG/NBD */
  int halvings = horizon_halvings(h, fmin(alpha * fmin(1, steep / (r + 1)), beta * fmin(1, steep / (s + 1))));
  for (int j = halvings; j >= 0; j--) {
    const panel *p = j == halvings ? &h->head[j] : &h->tail[j];
    for (int i = 0; i < GAUSS_POINTS; i++) {
      double t = p->at[i], outlives = exp(-s * log1p(t / beta));
      f.purchases += p->weight[i] * outlives;
      f.discounted += p->discounted[i] * outlives;
      f.pairs += p->weight[i] * t * outlives;
      some += p->weight[i] * outlives * exp(-(r + 1) * log1p(t / alpha));
    }
  }
  f.purchases *= r / alpha;
  f.discounted *= r / alpha;
  f.pairs *= 2 * (r / alpha) * ((r + 1) / alpha);
  f.none = fmax(0, 1 - r / alpha * some);
  return f;
}

/* P(n by tau) of one who never drops out, times weight. */
static void add_counts(const double *theta, double tau, double weight, double *chance, int most)
{
  double just = weight * exp(-theta[R] * log1p(tau / theta[ALPHA])), share = tau / (theta[ALPHA] + tau);
  for (int n = 0; n <= most; n++) {
    chance[n] += just;
    just *= (theta[R] + n) / (n + 1) * share;
  }
}

/* Alive at T, or dead at tau before it; panels as above. */
static void counts(const double *theta, double T, double *chance, int most)
{
  for (int n = 0; n <= most; n++) chance[n] = 0;
  add_counts(theta, T, exp(-theta[S] * log1p(T / theta[BETA])), chance, most);
  double least = fmin(theta[ALPHA], theta[BETA]), whole = log1p(T / least), u = 0;
  const double widest = 1, steepest = 4;
  while (u < whole) {
    double width = fmin(widest, whole - u);
    while (width * steepness(theta, theta[R] + most, least, least * expm1(u + width)) > steepest) width /= 2;
    for (int i = 0; i < GAUSS_POINTS; i++) {
      double grown = expm1(u + width * (1 + gauss_at[i]) / 2), tau = least * grown;
      double weight = gauss_weight[i] * width / 2 * least * (1 + grown) * theta[S] / (theta[BETA] + tau);
      add_counts(theta, tau, weight * exp(-theta[S] * log1p(tau / theta[BETA])), chance, most);
    }
    u += width;
    if (whole - u < 1e-15 * whole) break;
  }
}

const family pareto_nbd = {
    "pareto_nbd", {"r", "alpha", "s", "beta"}, {ALPHA, BETA}, log_likelihood, sum, alive, ahead, counts,
};
