/* Cronbach's alpha, Feldt's interval and the statistics of single items, from the items' covariances. */
#include <math.h>
#include <stdlib.h>

#include "reliability.h"

int item_sums_make(item_sums *s, int64_t items)
{
  size_t k = (size_t)items;
  *s = (item_sums){.items = items,
                   .origin = calloc(k + 1, sizeof *s->origin),
                   .sums = calloc(k + 1, sizeof *s->sums),
                   .products = calloc(k * k + 1, sizeof *s->products)};
  if (s->origin && s->sums && s->products) return 1;
  item_sums_free(s);
  return 0;
}

void item_sums_free(item_sums *s)
{
  free(s->origin);
  free(s->sums);
  free(s->products);
  *s = (item_sums){0};
}

void item_sums_add(item_sums *s, const double *answers)
{
  int64_t k = s->items;
  double total = 0;
  if (!s->respondents++)
    for (int64_t i = 0; i < k; i++) s->origin[i] = answers[i];
  for (int64_t i = 0; i < k; i++) {
    double x = answers[i] - s->origin[i];
    total += x;
    s->sums[i] += x;
    for (int64_t j = i; j < k; j++) s->products[i * k + j] += x * (answers[j] - s->origin[j]);
  }
  s->total += total;
  s->total_squares += total * total;
}

static double covariance(const item_sums *s, int64_t i, int64_t j)
{
  double n = (double)s->respondents;
  double product = s->products[i <= j ? i * s->items + j : j * s->items + i];
  return (product - s->sums[i] * s->sums[j] / n) / (n - 1);
}

double item_variance(const item_sums *s, int64_t item)
{
  return fmax(covariance(s, item, item), 0);
}

double item_mean(const item_sums *s, int64_t item)
{
  return s->origin[item] + s->sums[item] / (double)s->respondents;
}

static double trace(const item_sums *s)
{
  double sum = 0;
  for (int64_t i = 0; i < s->items; i++) sum += item_variance(s, i);
  return sum;
}

/* What is left where variances cancel (items that offset each other) is rounding. */
static double beyond_rounding(double variance, double of)
{
  return variance > 1e-12 * of ? variance : 0;
}

double scale_variance(const item_sums *s)
{
  double n = (double)s->respondents;
  return beyond_rounding((s->total_squares - s->total * s->total / n) / (n - 1), trace(s));
}

/* alpha = k / (k - 1) (1 - sum of V_i / V_T), for k items of variance V_i whose sum has V_T (Cronbach 1951). */
static double alpha_of(double k, double items_variance, double V_T)
{
  return k > 1 && V_T > 0 ? k / (k - 1) * (1 - items_variance / V_T) : (double)NAN;
}

double cronbach_alpha(const item_sums *s)
{
  return s->respondents > 1 ? alpha_of((double)s->items, trace(s), scale_variance(s)) : (double)NAN;
}

/* The covariance of an item with the sum of the others, and that sum's variance. */
static double rest_covariance(const item_sums *s, int64_t item, double *variance)
{
  double c = 0;
  for (int64_t j = 0; j < s->items; j++)
    if (j != item) c += covariance(s, item, j);
  *variance = beyond_rounding(scale_variance(s) - 2 * c - item_variance(s, item), trace(s));
  return c;
}

double alpha_without(const item_sums *s, int64_t item)
{
  double V;
  if (s->respondents < 2) return (double)NAN;
  rest_covariance(s, item, &V);
  return alpha_of((double)s->items - 1, trace(s) - item_variance(s, item), V);
}

double item_rest_correlation(const item_sums *s, int64_t item)
{
  double V;
  if (s->respondents < 2) return (double)NAN;
  double c = rest_covariance(s, item, &V), own = item_variance(s, item);
  return V > 0 && own > 0 ? fmax(fmin(c / sqrt(own * V), 1), -1) : (double)NAN;
}

/* ---- Feldt's interval ---- */

/* ln Gamma(x), x > 0: Stirling's series beyond 10, brought there by Gamma(x + 1) = x Gamma(x). (The C library's is not
 * safe for concurrent calls.) */
static double log_gamma(double x)
{
  double product = 1;
  for (; x < 10; x++) product *= x;
  double y = 1 / (x * x);
  double series = (1 / 12.0 - y * (1 / 360.0 - y * (1 / 1260.0 - y * (1 / 1680.0 - y / 1188.0)))) / x;
  return (x - 0.5) * log(x) - x + 0.91893853320467274178 + series - log(product);
}

/* The continued fraction of the incomplete beta function by Lentz's method as Thompson and Barnett (1986) changed it,
 * for x below (a + 1) / (a + b + 2), where it takes about sqrt(max(a, b)) steps. */
static double beta_fraction(double x, double a, double b)
{
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs(d) < tiny ? tiny : d);
  double h = d;
  for (int m = 1; m < 1000000; m++) {
    double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (int part = 0; part < 2; part++) {
      double by = part ? odd : even;
      d = 1 + by * d;
      c = 1 + by / c;
      d = 1 / (fabs(d) < tiny ? tiny : d);
      c = fabs(c) < tiny ? tiny : c;
      h *= c * d;
    }
    if (fabs(c * d - 1) < 1e-15) break;
  }
  return h;
}

/* I_x(a, b) where x = 1 / (1 + e^-z), so that neither x nor 1 - x loses digits. */
static double beta_below(double z, double a, double b)
{
  double log_x = -log1p(exp(-z)), log_rest = -log1p(exp(z)), x = exp(log_x), rest = exp(log_rest);
  if (z < -700) return 0;
  if (z > 700) return 1;
  double front = exp(a * log_x + b * log_rest - log_gamma(a) - log_gamma(b) + log_gamma(a + b));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(rest, b, a) / b;
}

/* F = d2 / d1 x / (1 - x) for x of Beta(d1 / 2, d2 / 2), by halving the interval of ln(x / (1 - x)). */
double f_quantile(double p, double d1, double d2)
{
  double low = -700, high = 700;
  for (int i = 0; i < 80; i++) {
    double z = (low + high) / 2;
    if (beta_below(z, d1 / 2, d2 / 2) < p) low = z;
    else high = z;
  }
  return d2 / d1 * exp((low + high) / 2);
}

/* (1 - alpha) / (1 - estimate) is F-distributed with n - 1 and (n - 1)(k - 1) degrees of freedom (Feldt 1965). */
void feldt_interval(double alpha, int64_t items, int64_t respondents, double confidence, double *lower, double *upper)
{
  double d1 = (double)respondents - 1, d2 = d1 * ((double)items - 1), tail = (1 - confidence) / 2;
  *lower = 1 - (1 - alpha) * f_quantile(1 - tail, d1, d2);
  *upper = 1 - (1 - alpha) * f_quantile(tail, d1, d2);
}
