/* Variants compared with a base on the same bootstrap samples: the difference, its interval, how easily chance alone
 * would make it, corrected for how many comparisons there are, and a verdict in words. */
#ifndef TARAZU_EXPERIMENT_PAIRED_H
#define TARAZU_EXPERIMENT_PAIRED_H

#include "base/text.h"
#include "experiment/resample.h"

typedef enum paired_verdict {
  PAIRED_SAME, /* no sample tells them apart */
  PAIRED_NONE, /* no real difference */
  PAIRED_BETTER,
  PAIRED_WORSE,
  PAIRED_MORE, /* of a measure that is neither better for more nor for less */
  PAIRED_LESS,
  PAIRED_UNKNOWN, /* the measure has no value on a side, or too few samples */
} paired_verdict;

typedef struct paired_comparison {
  double base, variant, difference; /* variant less base */
  interval interval;                /* of the difference */
  double p;                         /* two-sided; NAN: unknown */
  double adjusted;                  /* p, corrected; what the verdict goes by */
  paired_verdict verdict;
} paired_comparison;

/* Numbers of the base and of the variant, of one resampling. adjusted is p; no verdict yet. 1, or 0: no memory. */
int paired_compare(const resampling *r, const double *base, const double *variant, double level, interval_method method,
                   paired_comparison *out);

typedef enum correction { CORRECTION_HOLM, CORRECTION_BENJAMINI_HOCHBERG, CORRECTION_NONE } correction;
extern const char *const correction_names[]; /* "holm", "benjamini_hochberg", "none", NULL */

/* p-values to adjusted ones, in their order (out may be p); NAN stays NAN and counts for nothing. 1, or 0: no memory.
 */
int paired_correct(correction how, const double *p, int64_t count, double *out);

/* Corrects count comparisons as one family and gives each its verdict; better: of the measure of each. */
int paired_judge(correction how, paired_comparison *comparisons, const int *better, int64_t count, double level);

/* Below so many samples not even the clearest difference could pass the correction. */
int64_t paired_least_samples(int64_t comparisons, double level);

const char *paired_verdict_name(paired_verdict verdict); /* "no_difference" */
/* "better than the base by 0.031 (95 % 0.012 to 0.050)", "no real difference (…)". base: what it is called. */
void paired_words(const paired_comparison *c, const char *base, double level, text *out);

/* Exact where at most 20 differences are not 0, otherwise by `draws` random ones: the two-sided p-value that sums of
 * such differences, one a customer, have when each might as well have had the other sign (Fisher 1935). */
double paired_permutation(const double *differences, int64_t count, int64_t draws, uint64_t seed);

#endif
