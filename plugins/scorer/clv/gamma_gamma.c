/* Gamma-gamma (Fader, Hardie 2013, "The gamma-gamma model of monetary value"): what a customer pays at a time is
 * gamma(p, nu), and nu is gamma(q, gamma) among customers, whatever the number of purchases. */
#include <math.h>

#include "models.h"

/* The density of the mean z of x purchases (eq. 1a), in terms of the total X = x z:
 *   ln L = -ln B(p x, q) + p x ln(X / (gamma + X)) + q ln(gamma / (gamma + X)) - ln z */
double gamma_gamma_sum(const double *theta, const keyed *customers, int64_t count, double *gradient)
{
  double p = theta[P], q = theta[Q], g = theta[GAMMA], log_g = log(g), psi_q = digamma(q), total = 0;
  double beta = 0, by_shape = 0, both = 0; /* of the last x */
  for (int i = 0; i < SPEND_PARAMETERS; i++) gradient[i] = 0;
  for (int64_t i = 0; i < count; i++) {
    double x = (double)customers[i].key, X = customers[i].value, log_X = log(X), log_all = log(g + X);
    if (!i || customers[i].key != customers[i - 1].key) {
      beta = log_beta(p * x, q);
      both = digamma(p * x + q);
      by_shape = both - digamma(p * x);
    }
    total += -beta + p * x * (log_X - log_all) + q * (log_g - log_all) - log_X + log(x);
    gradient[P] += p * x * (by_shape + log_X - log_all);
    gradient[Q] += q * (both - psi_q + log_g - log_all);
    gradient[GAMMA] += q - (p * x + q) * g / (g + X);
  }
  return total;
}

/* Eq. 5: the mean of a customer's purchases, given what she paid; infinite where p x + q <= 1. */
double gamma_gamma_mean(const double *theta, double x, double total)
{
  double shape = theta[P] * x + theta[Q];
  return shape > 1 ? theta[P] * (theta[GAMMA] + total) / (shape - 1) : (double)INFINITY;
}
