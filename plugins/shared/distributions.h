/* The gamma and the beta distribution for plugins: their special functions, tails and quantiles, each of positive real
 * arguments and safe for concurrent calls. */
#ifndef PLUGINS_SHARED_DISTRIBUTIONS_H
#define PLUGINS_SHARED_DISTRIBUTIONS_H

#include <math.h>

/* From here on Stirling's series to the term with B_12 errs by less than 1e-15 (DLMF 5.11); below, the recurrence. */
#define DISTRIBUTIONS_FAR 12.0

static inline double log_gamma_of(double x)
{
  double product = 1;
  for (; x < DISTRIBUTIONS_FAR; x++) product *= x;
  double y = 1 / (x * x);
  double rest =
      (1. / 12 - y * (1. / 360 - y * (1. / 1260 - y * (1. / 1680 - y * (1. / 1188 - y * 691. / 360360))))) / x;
  return (x - 0.5) * log(x) - x + 0.91893853320467274178 + rest - log(product);
}

/* Its derivative: DLMF 5.11.2, 5.5.2. */
static inline double digamma_of(double x)
{
  double sum = 0;
  for (; x < DISTRIBUTIONS_FAR; x++) sum += 1 / x;
  double y = 1 / (x * x);
  double rest = y * (1. / 12 - y * (1. / 120 - y * (1. / 252 - y * (1. / 240 - y * (1. / 132 - y * 691. / 32760)))));
  return log(x) - 0.5 / x - rest - sum;
}

/* The derivative of that: DLMF 5.15.8, 5.15.5. */
static inline double trigamma_of(double x)
{
  double sum = 0;
  for (; x < DISTRIBUTIONS_FAR; x++) sum += 1 / (x * x);
  double y = 1 / (x * x);
  double rest = y * (1. / 6 - y * (1. / 30 - y * (1. / 42 - y * (1. / 30 - y * (5. / 66 - y * 691. / 2730))))) / x;
  return sum + 1 / x + 0.5 * y + rest;
}

/* Lentz's evaluation of a continued fraction, as modified by Thompson and Barnett (1986): one step. */
typedef struct fraction {
  double value, c, d;
} fraction;

/* Takes the next pair a / (b + ...); 0 once the value stands still. */
static inline int fraction_step(fraction *f, double a, double b)
{
  const double tiny = 1e-290;
  f->d = b + a * f->d;
  f->c = b + a / f->c;
  if (fabs(f->d) < tiny) f->d = tiny;
  if (fabs(f->c) < tiny) f->c = tiny;
  f->d = 1 / f->d;
  f->value *= f->c * f->d;
  return fabs(f->c * f->d - 1) > 1e-15;
}

enum { DISTRIBUTIONS_STEPS = 100000 };

/* Q(k, x), the chance that a gamma variable of shape k and scale 1 exceeds x: the power series (DLMF 8.11.4) where that
 * is short, else the continued fraction (DLMF 8.9.2). */
static inline double gamma_above(double k, double x)
{
  if (!(x > 0)) return 1;
  double front = exp(k * log(x) - x - log_gamma_of(k));
  if (x < k + 1) {
    double term = 1 / k, sum = term;
    for (int n = 1; n < DISTRIBUTIONS_STEPS && term > 1e-17 * sum; n++) sum += term *= x / (k + n);
    return fmax(0, 1 - front * sum);
  }
  double b = x + 1 - k;
  fraction f = {.value = b, .c = b, .d = 0};
  for (int n = 1; n < DISTRIBUTIONS_STEPS && fraction_step(&f, -n * (n - k), b + 2 * n); n++) continue;
  return fmin(1, front / f.value);
}

/* DLMF 8.17.22; quick for x < (a + 1) / (a + b + 2). */
static inline double beta_fraction_of(double x, double a, double b)
{
  fraction f = {.value = 1, .c = 1, .d = 0};
  for (int n = 1; n < DISTRIBUTIONS_STEPS; n++) {
    int m = n / 2;
    double numerator = n % 2 ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                             : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    if (!fraction_step(&f, numerator, 1)) break;
  }
  return 1 / f.value;
}

/* I_x(a, b), the chance that a beta variable stays below x, where x = e^y / (1 + e^y). */
static inline double beta_below_logit(double y, double a, double b)
{
  double log_x = y < 0 ? y - log1p(exp(y)) : -log1p(exp(-y)), x = exp(log_x), rest = exp(log_x - y);
  double front = exp(a * log_x + b * (log_x - y) - (log_gamma_of(a) + log_gamma_of(b) - log_gamma_of(a + b)));
  if (x < (a + 1) / (a + b + 2)) return fmin(1, front * beta_fraction_of(x, a, b) / a);
  return fmax(0, 1 - front * beta_fraction_of(rest, b, a) / b);
}

/* The x that a beta variable stays below with chance u, 0 < u < 1: Newton's steps within a bisection in the logit of x,
 * in which both ends have room. */
static inline double beta_quantile(double u, double a, double b)
{
  double low = -740, high = 740, y = log(a / b);
  double log_b = log_gamma_of(a) + log_gamma_of(b) - log_gamma_of(a + b);
  for (int i = 0; i < 200 && high - low > 1e-12 * fmax(1, fabs(y)); i++) {
    double miss = beta_below_logit(y, a, b) - u;
    if (miss > 0) high = y;
    else low = y;
    double log_x = y < 0 ? y - log1p(exp(y)) : -log1p(exp(-y));
    double density = exp(a * log_x + b * (log_x - y) - log_b);
    double next = density > 0 ? y - miss / density : (low + high) / 2;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (fabs(next - y) < 1e-13 * fmax(1, fabs(y))) break;
    y = next;
  }
  return 1 / (1 + exp(-y));
}

#endif
