/* The bootstrap: customers drawn with replacement, all measures of all variants on the same samples, and the intervals
 * that come of it. */
#ifndef TARAZU_EXPERIMENT_RESAMPLE_H
#define TARAZU_EXPERIMENT_RESAMPLE_H

#include "base/pool.h"
#include "experiment/measures.h"
#include <stdatomic.h>

/* Two resamplings with the same members draw the same customers, whatever the threads, today or after a resume: what
 * was measured on them can be compared pair by pair. */
typedef struct resampling {
  int64_t customers;
  int64_t samples; /* 0: no bootstrap; intervals are unknown */
  uint64_t seed;
} resampling;

/* How often each customer is in sample number `sample`, which has as many members as there are customers. */
void resample_counts(const resampling *r, int64_t sample, uint8_t *counts);

/* For the acceleration of BCa: samples without one customer, beyond 2,000 customers without one group of 200. */
int64_t resample_groups(const resampling *r);
void resample_without(const resampling *r, int64_t group, uint8_t *counts);

/* A measure's numbers: the value itself, then one a sample, then one a group. They are all that intervals and
 * comparisons need, and may be stored. */
int64_t resample_length(const resampling *r); /* 1 + samples + groups */
/* numbers[i] takes resample_length numbers of measure i. threads NULL: this thread alone. stop NULL, or when it points
 * to what is not 0 the work ends. 1; 0: no memory; -1: stopped. */
int resample_measures(const resampling *r, const measure *const *measures, uint32_t count, pool *threads,
                      atomic_int *stop, double *const *numbers);

typedef enum interval_method {
  INTERVAL_BCA,        /* bias-corrected and accelerated (Efron 1987) */
  INTERVAL_PERCENTILE, /* Efron 1981 */
  INTERVAL_NONE        /* nothing can be said: low and high are NAN */
} interval_method;
const char *interval_method_name(interval_method method); /* "BCa" */

typedef struct interval {
  double low, high;
  interval_method method; /* percentile in place of BCa where all samples lie on one side of the value */
  int64_t undefined;      /* samples on which the measure is NAN; beyond a twentieth of them there is no interval */
} interval;

/* How far the skew of a measure bends its interval: the acceleration, from its numbers of groups. */
double resample_acceleration(const double *without, int64_t groups);

/* level: 0.95. 1, or 0: no memory. */
int resample_interval(const resampling *r, const double *numbers, double level, interval_method method, interval *out);

#endif
