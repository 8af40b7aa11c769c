/* From purchases and spend to value: integrals over the time ahead with and without discount, and the prediction
 * interval. */
#include <math.h>

#include "models.h"

/* ---- the time ahead ---- */

/* Lagrange's polynomial that is 1 at Gauss's point i and 0 at the others. */
static double lagrange(int i, double at)
{
  double product = 1;
  for (int j = 0; j < GAUSS_POINTS; j++)
    if (j != i) product *= (at - gauss_at[j]) / (gauss_at[i] - gauss_at[j]);
  return product;
}

/* The discount is constant within a period and falls at its end; f is interpolated at Gauss's points of the panel, so
 * that a panel may span any number of periods. */
static void panel_make(panel *p, const horizon *h, double from, double to)
{
  double middle = (from + to) / 2, half = (to - from) / 2;
  for (int i = 0; i < GAUSS_POINTS; i++) {
    p->at[i] = middle + half * gauss_at[i];
    p->weight[i] = half * gauss_weight[i];
    p->discounted[i] = 0;
  }
  for (double period = floor(from); period < to; period++) {
    double start = fmax(from, period), end = fmin(to, period + 1);
    double discount = pow(h->divisor, -fmin(period + 1, h->length));
    if (end <= start) continue;
    for (int k = 0; k < GAUSS_POINTS; k++) {
      double t = (start + end) / 2 + (end - start) / 2 * gauss_at[k];
      double weight = discount * (end - start) / 2 * gauss_weight[k];
      for (int i = 0; i < GAUSS_POINTS; i++) p->discounted[i] += weight * lagrange(i, (t - middle) / half);
    }
  }
}

void horizon_make(horizon *h, double length, double discount_a_period)
{
  h->length = length;
  h->divisor = 1 + discount_a_period;
  for (int j = 0; j <= HALVINGS; j++) {
    panel_make(&h->head[j], h, 0, ldexp(length, -j));
    if (j < HALVINGS) panel_make(&h->tail[j], h, ldexp(length, -j - 1), ldexp(length, -j));
  }
}

int horizon_halvings(const horizon *h, double scale)
{
  int j = 0;
  while (j < HALVINGS && ldexp(h->length, -j) > scale) j++;
  return j;
}

/* ---- the prediction interval ---- */

/* Spend of those who buy at all. Given N and nu the total is gamma(p N, nu), so nu times the total depends on N alone:
 * a mixture over N of gamma(p N, 1), which a gamma with the mixture's mean p E[N] and variance p E[N] + p^2 Var[N]
 * stands for. The total is then that scale times gamma' times a beta prime variable (k, q'), heavy tail included. */
typedef struct bought {
  double shape, scale, q;
} bought;

static bought buyers(const future *f, const spend *s)
{
  double some = 1 - f->none, mean = fmax(1, f->purchases / some);
  double variance = fmax(0, f->pairs / some + mean - mean * mean);
  double of_total = s->p * mean + s->p * s->p * variance, shape = s->p * mean * (s->p * mean) / of_total;
  double discount = f->discounted / f->purchases;
  return (bought){shape, of_total / (s->p * mean) * s->gamma * discount, s->q};
}

/* One who buys nothing with more than the chance of the lower tail has 0 as the lower end, and all that may be missed
 * lies above the upper one. */
void value_interval(const future *f, const spend *s, double coverage, double *lower, double *upper)
{
  double zero = 1 - f->alive + f->alive * f->none, some = 1 - zero, tail = (1 - coverage) / 2;
  *lower = *upper = 0;
  if (zero >= coverage || !(f->purchases > 0) || !(some > 0)) return;
  bought b = buyers(f, s);
  if (zero >= tail) {
    *upper = b.scale * beta_prime_quantile((coverage - zero) / some, b.shape, b.q);
    return;
  }
  *lower = b.scale * beta_prime_quantile((tail - zero) / some, b.shape, b.q);
  *upper = b.scale * beta_prime_quantile((1 - tail - zero) / some, b.shape, b.q);
}
