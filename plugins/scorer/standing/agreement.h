/* How far raters agree: Krippendorff's alpha for judgements on four levels of measurement, any of them missing, with
 * the spread that it would have were the judgements drawn anew. */
#ifndef STANDING_AGREEMENT_H
#define STANDING_AGREEMENT_H

#include <stdint.h>
#include <tarazu/plugin.h>

enum { NOMINAL, ORDINAL, INTERVAL, RATIO };

/* All pairs of different values are compared where the metric is ratio. */
enum { MOST_RATIO_VALUES = 4096 };

/* The judgements on unit u are values[starts[u] .. starts[u + 1]), one a rater. */
typedef struct judgements {
  int64_t units;
  const int64_t *starts;
  const double *values;
} judgements;

/* Flat, as it is saved. */
typedef struct agreement {
  int64_t pairable; /* judgements on units that have two or more: n */
  int64_t units;    /* such units */
  int64_t pairs;    /* within units: M */
  int64_t defined;  /* 0: nothing to compare, or no two values differ */
  double alpha, error;
  int64_t drawn; /* replicates behind the next ones; 0: by the normal distribution */
  double lower, upper, below_tentative, below_firm;
} agreement;

/* Krippendorff's two limits: above the first conclusions are tentative, above the second firm (Krippendorff 2004). */
#define TENTATIVE 0.667
#define FIRM      0.8

/* replicates 0: no interval (lower and upper are alpha). */
tarazu_status agree(agreement *a, const judgements *j, int64_t metric, int64_t replicates, const tarazu_host *host,
                    tarazu_error *error);

#endif
