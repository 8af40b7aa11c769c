/* BG/BB (Fader, Hardie, Shang 2010): at each of n opportunities one who is alive buys with a chance that is beta(alpha,
 * beta) among customers; before each she drops out with a chance that is beta(gamma, delta). */
#include <math.h>
#include <stddef.h>

#include "models.h"

enum { ALPHA, BETA, C, DELTA }; /* C: gamma */

/* The likelihood (eq. 5) is a sum of terms
 *   B(alpha + x, beta + i - x) / B(alpha, beta) times B(gamma, delta + n) / B(gamma, delta)           i = n: alive
 *                                               times B(gamma + 1, delta + i) / B(gamma, delta)        t_x <= i < n:
 * dead of which each follows from the one before. Here a term with its logarithmic derivatives. */
typedef struct term {
  double value;
  double by[PARAMETERS];
} term;

/* ln of the beta functions' ratios at i, with the derivatives, `dead` 1 or 0. */
static double log_term(const double *theta, double x, double i, double dead, double *by)
{
  double a = theta[ALPHA], b = theta[BETA], c = theta[C], d = theta[DELTA];
  double all = rise_slope(a + b, i), ends = rise_slope(c + d, i + dead);
  by[ALPHA] = rise_slope(a, x) - all;
  by[BETA] = rise_slope(b, i - x) - all;
  by[C] = rise_slope(c, dead) - ends;
  by[DELTA] = rise_slope(d, i) - ends;
  return log_rise(a, x) + log_rise(b, i - x) - log_rise(a + b, i) + log_rise(c, dead) + log_rise(d, i) -
         log_rise(c + d, i + dead);
}

/* From the dead term at i to that at i + 1. */
static void next(const double *theta, double x, double i, term *t)
{
  double a = theta[ALPHA], b = theta[BETA], c = theta[C], d = theta[DELTA];
  double buys = 1 / (b + i - x), all = 1 / (a + b + i), lasts = 1 / (d + i), ends = 1 / (c + d + i + 1);
  t->value *= (b + i - x) * all * (d + i) * ends;
  t->by[ALPHA] -= all;
  t->by[BETA] += buys - all;
  t->by[C] -= ends;
  t->by[DELTA] += lasts - ends;
}

/* The dead of (x, t_x) up to n, over exp(top), the first term: they fall with i. by: sums of value times derivative. */
typedef struct dead_sum {
  double top, value, by[PARAMETERS], reached;
  term at; /* the next one */
} dead_sum;

static void begin(dead_sum *s, const double *theta, double x, double t_x)
{
  *s = (dead_sum){.reached = t_x, .at = {.value = 1}};
  s->top = log_term(theta, x, t_x, 1, s->at.by);
}

static void reach(dead_sum *s, const double *theta, double x, double n)
{
  for (; s->reached < n; s->reached++) {
    s->value += s->at.value;
    for (int k = 0; k < PARAMETERS; k++) s->by[k] += s->at.value * s->at.by[k];
    next(theta, x, s->reached, &s->at);
  }
}

static double row(const double *theta, const dead_sum *s, double x, double n, double *gradient)
{
  double by[PARAMETERS], alive = log_term(theta, x, n, 0, by), top = fmax(alive, s->top);
  double living = exp(alive - top), dead = exp(s->top - top), all = living + dead * s->value;
  for (int k = 0; k < PARAMETERS; k++) gradient[k] = theta[k] * (living * by[k] + dead * s->by[k]) / all;
  return top + log(all);
}

static double log_likelihood(const double *theta, double x, double t_x, double n, double *gradient)
{
  double own[PARAMETERS];
  dead_sum s;
  begin(&s, theta, x, t_x);
  reach(&s, theta, x, n);
  return row(theta, &s, x, n, gradient ? gradient : own);
}

/* Rows of the same x and t_x rise by n: each goes on with the sum of the one before. */
static double sum(const likelihood *l, int64_t from, int64_t to, double *gradient)
{
  double total = 0, one_row[PARAMETERS];
  dead_sum s = {0};
  for (int i = 0; i < PARAMETERS; i++) gradient[i] = 0;
  for (int64_t i = from; i < to; i++) {
    const history *h = &l->of->rows[i];
    if (i == from || h->x != h[-1].x || h->t_x != h[-1].t_x) begin(&s, l->theta, h->x, h->t_x);
    reach(&s, l->theta, h->x, h->T);
    total += h->count * row(l->theta, &s, h->x, h->T, one_row);
    for (int k = 0; k < PARAMETERS; k++) gradient[k] += h->count * one_row[k];
  }
  return total;
}

/* Eq. 7, of any opportunity ahead. */
double bg_bb_alive(const double *theta, double x, double t_x, double n, double ahead)
{
  double own[PARAMETERS], last = log_likelihood(theta, x, t_x, n, NULL);
  double living = log_term(theta, x, n, 0, own);
  double lasts = log_rise(theta[DELTA] + n, ahead) - log_rise(theta[C] + theta[DELTA] + n, ahead);
  return fmin(1, exp(living + lasts - last));
}

static double alive(const double *theta, double x, double t_x, double n)
{
  return bg_bb_alive(theta, x, t_x, n, 1);
}

/* Of one who is alive at n + 1 the chance of buying is beta(alpha + x, beta + n - x), that of dropping out beta(gamma,
 * delta + n + 1). lasts: alive at n + k; first: P(the first purchase is the k-th). */
static future ahead(const double *theta, double x, double t_x, double n, const horizon *h)
{
  future f = {.alive = alive(theta, x, t_x, n), .none = 1};
  double a = theta[ALPHA] + x, b = theta[BETA] + n - x, c = theta[C], d = theta[DELTA] + n + 1;
  double lasts = 1, first = a / (a + b), discount = 1, pair = (a / (a + b)) * ((a + 1) / (a + b + 1));
  double periods = fmax(1, floor(h->length + 1e-9));
  for (double k = 1; k <= periods; k++) {
    discount /= h->divisor;
    f.purchases += lasts * a / (a + b);
    f.discounted += discount * lasts * a / (a + b);
    f.pairs += 2 * (k - 1) * lasts * pair;
    f.none -= lasts * first;
    lasts *= (d + k - 1) / (c + d + k - 1);
    first *= (b + k - 1) / (a + b + k);
  }
  f.none = fmax(0, f.none);
  return f;
}

/* C(i, x) times the term at i: eq. 8. */
static void counts(const double *theta, double n, double *chance, int most)
{
  double by[PARAMETERS], a = theta[ALPHA], b = theta[BETA], c = theta[C], d = theta[DELTA];
  for (int x = 0; x <= most; x++) {
    chance[x] = 0;
    if (x > n) continue;
    double ways = log_gamma(n + 1) - log_gamma(x + 1.) - log_gamma(n - x + 1);
    chance[x] = exp(ways + log_term(theta, x, n, 0, by));
    double value = exp(log_term(theta, x, x, 1, by));
    for (double i = x; i < n; i++) {
      chance[x] += value;
      value *= (i + 1) / (i + 1 - x) * (b + i - x) / (a + b + i) * (d + i) / (c + d + i + 1);
    }
  }
}

const family bg_bb = {
    "bg_bb", {"alpha", "beta", "gamma", "delta"}, {-1, -1}, log_likelihood, sum, alive, ahead, counts,
};
