/* The special functions that the purchase models need, of positive real arguments; each safe for concurrent calls. */
#ifndef CLV_SPECIAL_H
#define CLV_SPECIAL_H

enum { GAUSS_POINTS = 8 };

/* Gauss-Legendre rule on [-1, 1]: exact for polynomials of degree 15. */
extern const double gauss_at[GAUSS_POINTS];
extern const double gauss_weight[GAUSS_POINTS];

double log_gamma(double x);
double digamma(double x);
double log_beta(double a, double b);

/* ln Gamma(a + x) - ln Gamma(a) and its derivative by a, digamma(a + x) - digamma(a), for x >= 0, without the
 * cancellation that a large a would bring. */
double log_rise(double a, double x);
double rise_slope(double a, double x);

/* E[(1 + P tau_i)^-k] of P ~ Beta(a, b), for GAUSS_POINTS rising tau_i >= 0; which is the hypergeometric function
 * 2F1(k, a; a + b; -tau). */
void beta_mixture(double k, double a, double b, const double tau[GAUSS_POINTS], double result[GAUSS_POINTS]);

/* The same of one tau, by another way that needs no series: slower, right for every argument. */
double beta_mixture_integral(double k, double a, double b, double tau);

/* I_x(a, b) where x = z / (1 + z): the chance that a beta prime variable stays below z. */
double beta_prime_below(double z, double a, double b);

/* The z that it stays below with chance u, 0 < u < 1. */
double beta_prime_quantile(double u, double a, double b);

#endif
