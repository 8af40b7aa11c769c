/* Special functions: gamma, digamma, the hypergeometric function as a mixture over a beta distribution, and the beta
 * prime distribution with its quantiles. */
#include "special.h"

#include <math.h>

/* Abramowitz, Stegun (1964), table 25.4. */
const double gauss_at[GAUSS_POINTS] = {-0.96028985649753623, -0.79666647741362674, -0.52553240991632899,
                                       -0.18343464249564980, 0.18343464249564980,  0.52553240991632899,
                                       0.79666647741362674,  0.96028985649753623};
const double gauss_weight[GAUSS_POINTS] = {0.10122853629037626, 0.22238103445337447, 0.31370664587788729,
                                           0.36268378337836198, 0.36268378337836198, 0.31370664587788729,
                                           0.22238103445337447, 0.10122853629037626};

/* ---- gamma ---- */

static const double half_log_2_pi = 0.91893853320467274178;

/* From 12 on, Stirling's series to B_12 errs by less than 1e-16 (DLMF 5.11.1, 5.11.2). */
static const double stirling_from = 12;

/* ln Gamma(x) less (x - 1/2) ln x - x + ln(2 pi) / 2. */
static double stirling_rest(double x)
{
  double y = 1 / (x * x);
  return (1. / 12 - y * (1. / 360 - y * (1. / 1260 - y * (1. / 1680 - y * (1. / 1188 - y * (691. / 360360)))))) / x;
}

double log_gamma(double x)
{
  double product = 1;
  for (; x < stirling_from; x++) product *= x;
  return (x - 0.5) * log(x) - x + half_log_2_pi + stirling_rest(x) - (product == 1 ? 0 : log(product));
}

double digamma(double x)
{
  double sum = 0;
  for (; x < stirling_from; x++) sum += 1 / x;
  double y = 1 / (x * x);
  return log(x) - 0.5 / x -
         y * (1. / 12 - y * (1. / 120 - y * (1. / 252 - y * (1. / 240 - y * (1. / 132 - y * (691. / 32760)))))) - sum;
}

double log_beta(double a, double b)
{
  double least = a < b ? a : b, most = a < b ? b : a;
  return log_gamma(least) - log_rise(most, least);
}

/* Up to here a product or a sum of so many terms is as quick as the series, and exact. */
static const double few = 16;

static int is_few(double x)
{
  return x <= few && x == floor(x);
}

double log_rise(double a, double x)
{
  if (is_few(x)) {
    /* Ten factors below 1e30 stay in range, and so do those above 1e-30. */
    double sum = 0, product = 1;
    for (int i = 0; i < (int)x; i++) {
      product *= a + i;
      if (product > 1e270 || product < 1e-270) {
        sum += log(product);
        product = 1;
      }
    }
    return product == 1 ? sum : sum + log(product);
  }
  if (a < stirling_from) return log_gamma(a + x) - log_gamma(a);
  /* Stirling's series of both; what cancels is taken out by hand. */
  return (a - 0.5) * log1p(x / a) + x * log(a + x) - x + stirling_rest(a + x) - stirling_rest(a);
}

double rise_slope(double a, double x)
{
  if (is_few(x)) {
    double sum = 0;
    for (int i = 0; i < (int)x; i++) sum += 1 / (a + i);
    return sum;
  }
  return digamma(a + x) - digamma(a);
}

/* ---- the hypergeometric function as a mixture ---- */

/* The mixture's series in w = tau / (1 + tau), times (1 + tau)^-power: 2F1(p, q; c; w), every w below 1 (Pfaff's
 * transformations, DLMF 15.8.1). Term after term for all points at once: they share the coefficients. */
static void series(double p, double q, double c, double power, const double *tau, double *result)
{
  double w[GAUSS_POINTS], term[GAUSS_POINTS];
  for (int i = 0; i < GAUSS_POINTS; i++) {
    w[i] = tau[i] / (1 + tau[i]);
    term[i] = result[i] = 1;
  }
  const double most = w[GAUSS_POINTS - 1], enough = 1e-16 * (1 - most);
  for (double n = 0; n < 1e5; n++) {
    double ratio = (p + n) * (q + n) / ((c + n) * (n + 1));
    for (int i = 0; i < GAUSS_POINTS; i++) {
      term[i] *= ratio * w[i];
      result[i] += term[i];
    }
    if (fabs(term[GAUSS_POINTS - 1]) <= enough * fabs(result[GAUSS_POINTS - 1]) && fabs(ratio) * most < 1) break;
  }
  for (int i = 0; i < GAUSS_POINTS; i++) result[i] *= exp(-power * log1p(tau[i]));
}

void beta_mixture(double k, double a, double b, const double tau[GAUSS_POINTS], double result[GAUSS_POINTS])
{
  /* The first series has terms of one sign where a + b >= k and then converges the faster the larger b is; a little
   * below, its few alternating terms stay small. The second has terms of one sign always, but more of them. Where
   * neither is good (tau huge, or the power of 1 + tau out of range) the integral is. */
  const double most = tau[GAUSS_POINTS - 1], least_excess = -4, most_tau = 50, most_log = 300;
  if (most <= most_tau && a + b - k >= least_excess && a * log1p(most) < most_log)
    series(a + b - k, a, a + b, a, tau, result);
  else if (most <= most_tau && a + b - k < least_excess && k * log1p(most) < most_log)
    series(k, b, a + b, k, tau, result);
  else
    for (int i = 0; i < GAUSS_POINTS; i++) result[i] = beta_mixture_integral(k, a, b, tau[i]);
}

/* The logarithm of the mixture's integrand in y = ln(p / (1 - p)), with its first two derivatives. */
static double integrand(double y, double k, double a, double b, double tau, double *slope, double *bend)
{
  double log_p = y < 0 ? y - log1p(exp(y)) : -log1p(exp(-y)), log_q = log_p - y;
  double p = exp(log_p), q = exp(log_q), u = p * tau / (1 + p * tau);
  /* d ln(1 + p tau) / dy = u q, and its derivative u q (q (1 - u) - p) */
  *slope = a * q - b * p - k * u * q;
  *bend = -(a + b) * p * q - k * u * q * (q * (1 - u) - p);
  return a * log_p + b * log_q - k * log1p(p * tau);
}

static double mode_of(double k, double a, double b, double tau)
{
  /* The slope falls through 0 somewhere: bisection, quickened by Newton's steps. */
  double low = -800, high = 800, slope, bend, y = log(a / b);
  for (int i = 0; i < 200 && high - low > 1e-9; i++) {
    integrand(y, k, a, b, tau, &slope, &bend);
    if (slope > 0) low = y;
    else high = y;
    double next = bend < 0 ? y - slope / bend : (low + high) / 2;
    if (fabs(next - y) < 1e-9) break;
    y = next > low && next < high ? next : (low + high) / 2;
  }
  return y;
}

/* The trapezoidal rule in t, y = mode + width sinh t: the integrand falls doubly exponentially on both sides, as in the
 * method of Takahasi and Mori (1974), and its peak, however narrow, is met by the width. */
double beta_mixture_integral(double k, double a, double b, double tau)
{
  double slope, bend, mode = mode_of(k, a, b, tau);
  double top = integrand(mode, k, a, b, tau, &slope, &bend);
  double width = bend < 0 ? fmin(1, 2 / sqrt(-bend)) : 1, sum = 0;
  const double step = 1. / 16;
  for (int side = -1; side <= 1; side += 2)
    for (int i = side < 0 ? 1 : 0; i < 1024; i++) {
      double t = side * i * step;
      double f = integrand(mode + width * sinh(t), k, a, b, tau, &slope, &bend) - top;
      sum += exp(f) * cosh(t);
      if (i > 16 && f + fabs(t) < -42) break;
    }
  return exp(top + log(sum * step * width) - log_beta(a, b));
}

/* ---- the beta prime distribution ---- */

/* The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated from the front by Lentz's method as
 * modified by Thompson and Barnett (1986); it converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
  const double tiny = 1e-290;
  double f = 1, c = 1, d = 0;
  for (int n = 1; n < 100000; n++) {
    int m = n / 2;
    double numerator = n % 2 ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                             : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + numerator * d;
    c = 1 + numerator / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    if (fabs(c) < tiny) c = tiny;
    f *= c * d;
    if (fabs(c * d - 1) < 1e-15) break;
  }
  return 1 / f;
}

double beta_prime_below(double z, double a, double b)
{
  if (!(z > 0)) return 0;
  if (isinf(z)) return 1;
  double x = z / (1 + z), y = 1 / (1 + z);
  double front = exp(a * log(x) - b * log1p(z) - log_beta(a, b));
  if (x < (a + 1) / (a + b + 2)) return fmin(1, front * beta_fraction(x, a, b) / a);
  return fmax(0, 1 - front * beta_fraction(y, b, a) / b);
}

/* Abramowitz, Stegun (1964), 26.2.23, to about 4e-4: a start only. */
static double rough_normal_quantile(double u)
{
  double tail = u < 0.5 ? u : 1 - u, t = sqrt(-2 * log(tail));
  double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return u < 0.5 ? -z : z;
}

/* ln z such that (cube root of the ratio of two gamma variables, Wilson and Hilferty 1931, Paulson 1942). */
static double rough_beta_prime(double u, double a, double b)
{
  double n = rough_normal_quantile(u), va = 1 / (9 * a), vb = 1 / (9 * b);
  double p = (1 - vb) * (1 - vb) - n * n * vb, q = (1 - va) * (1 - vb);
  double inside = q * q - p * ((1 - va) * (1 - va) - n * n * va);
  double cube = p > 0 && inside >= 0 ? (q + (n < 0 ? -1 : 1) * sqrt(inside)) / p : -1;
  if (cube > 0.05) return log(a / b) + 3 * log(cube);
  /* small z: u = z^a / (a B(a, b)); else the other end, likewise */
  double lower = (log(u * a) + log_beta(a, b)) / a;
  return lower < log(a / b) ? lower : -(log((1 - u) * b) + log_beta(a, b)) / b;
}

double beta_prime_quantile(double u, double a, double b)
{
  double low = -1e4, high = 1e4, y = rough_beta_prime(u, a, b), log_b = log_beta(a, b);
  if (!(y > low && y < high)) y = 0;
  for (int i = 0; i < 200; i++) {
    double z = exp(y), miss = beta_prime_below(z, a, b) - u;
    if (miss > 0) high = y;
    else low = y;
    double density = exp(a * y - (a + b) * (y > 700 ? y : log1p(z)) - log_b);
    double move = density > 0 ? miss / density : (double)INFINITY;
    if (fabs(move) < 1e-7) break;
    double next = y - (fabs(move) < 3 ? move : copysign(3, move));
    y = next > low && next < high ? next : (fmax(low, y - 50) + fmin(high, y + 50)) / 2;
  }
  return exp(y);
}
