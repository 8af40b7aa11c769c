/* What a customer pays at a time: gamma-gamma, or without a distribution by credibility. */
#include <math.h>

#include "clv.h"

/* Correlation of x and the mean spend: gamma-gamma assumes none. */
static double correlation(const keyed *spenders, int64_t count)
{
  double n = (double)count, x_mean = 0, z_mean = 0, xx = 0, zz = 0, xz = 0;
  for (int64_t i = 0; i < count; i++) {
    x_mean += (double)spenders[i].key / n;
    z_mean += spenders[i].value / (double)spenders[i].key / n;
  }
  for (int64_t i = 0; i < count; i++) {
    double x = (double)spenders[i].key - x_mean, z = spenders[i].value / (double)spenders[i].key - z_mean;
    xx += x * x;
    zz += z * z;
    xz += x * z;
  }
  return xx > 0 && zz > 0 ? xz / sqrt(xx * zz) : NAN;
}

/* Credibility (Buehlmann, Straub 1970): the mean of x purchases varies about the population's by between + within / x.
 * Both come from the least-squares line of its squared deviation over 1 / x; then the mean, by their weights. */
static void fit_empirical(spend_model *s, const keyed *spenders, int64_t count)
{
  double n = (double)count, total = 0, purchases = 0, u = 0, uu = 0, d = 0, ud = 0, weights = 0, sum = 0;
  for (int64_t i = 0; i < count; i++) {
    total += spenders[i].value;
    purchases += (double)spenders[i].key;
  }
  s->mean = total / purchases;
  for (int64_t i = 0; i < count; i++) {
    double v = 1 / (double)spenders[i].key, z = spenders[i].value * v - s->mean;
    u += v / n;
    uu += v * v / n;
    d += z * z / n;
    ud += v * z * z / n;
  }
  double spread = uu - u * u, slope = spread > 1e-12 ? (ud - u * d) / spread : 0;
  s->within = fmin(fmax(slope, 0), d / u);
  s->between = d - s->within * u;
  for (int64_t i = 0; i < count; i++) {
    double weight = 1 / fmax(s->between + s->within / (double)spenders[i].key, 1e-300);
    if (d <= 0) weight = 1;
    weights += weight;
    sum += weight * spenders[i].value / (double)spenders[i].key;
  }
  s->mean = sum / weights;
}

/* Moves those with positive spend to the front. */
static int64_t keep_positive(keyed *spenders, int64_t count)
{
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++)
    if (spenders[i].value > 0) spenders[kept++] = spenders[i];
  return kept;
}

tarazu_status spend_fit(spend_model *s, int32_t asked, keyed *spenders, keyed *room, int64_t count, double penalty,
                        const tarazu_host *host)
{
  *s = (spend_model){.kind = SPEND_NOTHING, .correlation = NAN};
  for (int k = 0; k < PARAMETERS; k++) s->gamma_gamma.deviation[k] = -1;
  if (!count) return TARAZU_OK;
  keyed *sorted = sort_keyed(spenders, room, count);
  s->kind = SPEND_EMPIRICAL;
  fit_empirical(s, sorted, count);
  s->correlation = correlation(sorted, count);
  int64_t positive = keep_positive(sorted, count);
  s->customers = (double)positive;
  s->not_positive = (double)(count - positive);
  if (asked == SPEND_EMPIRICAL) return TARAZU_OK;
  tarazu_status status = fit_gamma_gamma(sorted, positive, penalty, host, &s->gamma_gamma);
  if (!status && !s->gamma_gamma.failure) s->kind = SPEND_GAMMA_GAMMA;
  return status;
}

/* The gamma-gamma model with the same mean, the variance `about` of that mean and `within` of a purchase:
 * mean = p gamma / (q - 1), about = mean^2 / (q - 2), within = mean^2 / p (q - 1) / (q - 2). */
static spend with_moments(double mean, double about, double within)
{
  const double most = 1e6; /* no spread at all */
  double square = mean * mean, q = 2 + fmin(most, about > 0 ? square / about : most);
  double p = fmin(most, within > 0 ? square / within * (q - 1) / (q - 2) : most);
  return (spend){mean, p, q, mean * (q - 1) / p};
}

spend spend_of(const spend_model *s, double x, double total)
{
  if (s->kind == SPEND_GAMMA_GAMMA) {
    const double *theta = s->gamma_gamma.theta;
    double paid = x > 0 ? fmax(total, 0) : 0; /* more came back than was bought: as if all had */
    return (spend){gamma_gamma_mean(theta, x, paid), theta[P], theta[P] * x + theta[Q], theta[GAMMA] + paid};
  }
  if (!(x > 0)) return with_moments(s->mean, s->between, s->within);
  double noise = s->within / x, trust = s->between > 0 ? s->between / (s->between + noise) : 0;
  return with_moments(trust * total / x + (1 - trust) * s->mean, trust * noise, s->within);
}
