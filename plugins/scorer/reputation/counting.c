/* Methods that look at a customer's own ratings alone: beta reputation, Wilson's lower bound, the plain mean. */
#include "../../shared/distributions.h"
#include "reputation.h"

#include <math.h>

/* Beta reputation (Josang and Ismail 2002): a rating v in [-1, 1] of weight w is w (1 + v) / 2 of positive evidence r
 * and w (1 - v) / 2 of negative s; the posterior is Beta(r + C a, s + C (1 - a)) with the prior's strength C and mean
 * a, in the paper 2 and 1/2. */
typedef struct posterior {
  double alpha, beta;
} posterior;

static posterior beta_posterior(const reputation *rep, const evidence *v)
{
  double a = rating_unit(rep, rep->prior_mean), C = rep->prior_strength;
  double r = v->weight > 0 ? v->weight * rating_unit(rep, v->sum / v->weight) : 0;
  r = fmin(fmax(r, 0), v->weight);
  double s = v->weight - r;
  return (posterior){r + C * a, s + C * (1 - a)};
}

/* Its expectation, (r + 1) / (r + s + 2) with the paper's prior. */
static double beta_expectation(posterior p)
{
  return p.alpha + p.beta > 0 ? p.alpha / (p.alpha + p.beta) : NAN;
}

/* Bisection: once an instance. P(|Z| > z) = erfc(z / sqrt 2). */
double normal_quantile(double confidence)
{
  double low = 0, high = 40;
  for (int i = 0; i < 200 && low < high; i++) {
    double z = (low + high) / 2;
    if (erfc(z / sqrt(2)) > 1 - confidence) low = z;
    else high = z;
  }
  return (low + high) / 2;
}

/* Ends of the score interval (Wilson 1927) of a share p = positive / n, where n > 0 need not be whole:
 *   (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), above and below times n. */
static void wilson_interval(double positive, double n, double z, double *lower, double *upper)
{
  double p = positive / n, middle = positive + z * z / 2, half = z * sqrt(n * p * (1 - p) + z * z / 4);
  *lower = fmax((middle - half) / (n + z * z), 0);
  *upper = fmin((middle + half) / (n + z * z), 1);
}

static double wilson_lower(const reputation *r, const evidence *v)
{
  double lower = 0, upper;
  if (v->weight > 0) wilson_interval(v->positive, v->weight, r->z, &lower, &upper);
  return lower;
}

/* (sum + k m) / (n + k): with k = 0 the plain mean. */
static double shrunk_mean(const reputation *r, const evidence *v)
{
  double k = r->prior_strength, n = v->weight;
  return n > 0 && !(k > 0) ? v->sum / n : n + k > 0 ? (v->sum + k * r->prior_mean) / (n + k) : NAN;
}

/* The mean of all ratings, which m is unless the profile says otherwise; NAN: there is none. */
static double grand_mean(const reputation *r)
{
  double weight = 0, sum = 0;
  for (int64_t i = 0; i < r->rows; i++) {
    evidence v = ratings_evidence(r, i);
    weight += v.weight;
    sum += v.sum;
  }
  return weight > 0 ? sum / weight : NAN;
}

static double score_of(const reputation *r, int64_t row)
{
  evidence v = ratings_evidence(r, row);
  switch (r->method) {
  case BETA: return beta_expectation(beta_posterior(r, &v));
  case WILSON: return wilson_lower(r, &v);
  default: return shrunk_mean(r, &v);
  }
}

tarazu_status count_ratings(reputation *r, tarazu_error *error)
{
  (void)error;
  if (r->method == MEAN && !r->prior_mean_given) r->prior_mean = grand_mean(r);
  for (int64_t i = 0; i < r->rows; i++) r->score[i] = score_of(r, i);
  return TARAZU_OK;
}

int rating_interval(const reputation *r, int64_t row, double *lower, double *upper)
{
  evidence v = ratings_evidence(r, row);
  if (r->method == WILSON) {
    *lower = 0;
    *upper = 1;
    if (v.weight > 0) wilson_interval(v.positive, v.weight, r->z, lower, upper);
    return 1;
  }
  posterior p = beta_posterior(r, &v);
  if (r->method != BETA || !(p.alpha + p.beta > 0)) return 0;
  *lower = *upper = p.alpha > 0;
  if (!(p.alpha > 0) || !(p.beta > 0)) return 1;
  *lower = beta_quantile((1 - r->confidence) / 2, p.alpha, p.beta);
  *upper = beta_quantile((1 + r->confidence) / 2, p.alpha, p.beta);
  return 1;
}
