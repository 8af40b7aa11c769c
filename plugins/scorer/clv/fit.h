/* Estimates parameters by maximum likelihood, and judges the estimate. */
#ifndef CLV_FIT_H
#define CLV_FIT_H

#include <tarazu/plugin.h>

#include "models.h"

typedef enum fit_failure {
  FIT_GOOD,
  FIT_TOO_FEW,       /* repeat buyers */
  FIT_NOT_CONVERGED, /* the maximum was not reached */
  FIT_NOT_FINITE,    /* no likelihood at all */
  FIT_INFINITE_MEAN  /* gamma-gamma: the mean spend is infinite */
} fit_failure;

/* Flat, as it is saved. */
typedef struct estimate {
  int32_t failure;
  int32_t unidentified; /* the likelihood is flat in some direction: no deviations */
  int32_t evaluations;
  int32_t at_bound[PARAMETERS]; /* -1 lower, 1 upper */
  int32_t reserved;
  double theta[PARAMETERS];
  double deviation[PARAMETERS]; /* standard error of ln theta; negative: none */
  double log_likelihood;        /* without penalty */
} estimate;

/* The customers that a likelihood is of, and a sample of them to look for a start on (which may be the same). */
typedef struct sampled {
  const cohort *all, *sample;
} sampled;

enum { FEWEST_REPEATERS = 10 };

/* Both: TARAZU_OK, with a failure in the estimate or not; TARAZU_CANCELLED or TARAZU_NO_MEMORY. */
tarazu_status fit_family(const family *of, sampled customers, double penalty, const tarazu_host *host, estimate *e);
tarazu_status fit_gamma_gamma(const keyed *customers, int64_t count, double penalty, const tarazu_host *host,
                              estimate *e);

/* The log-likelihood of a cohort at theta; NAN: no memory, or cancelled. */
double cohort_log_likelihood(const family *of, const cohort *c, const double *theta, const tarazu_host *host);

/* What is expected of a cohort: customers with 0 .. most - 1 repeat purchases, and with most or more. */
void expected_counts(const family *of, const cohort *c, const double *theta, double *expected, int most);

const char *failure_text(int failure);

#endif
