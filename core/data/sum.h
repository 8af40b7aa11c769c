/* Exact sums of doubles, rounded once, in whatever order the terms come.
 * The sum is kept as an expansion, a list of doubles that do not overlap whose mathematical sum is exact
 * (Shewchuk 1997, "Adaptive precision floating-point arithmetic", grow-expansion), then rounded to nearest, ties to
 * even. What does not fit three components goes on in a superaccumulator (Neal 2015). Overflow, and only that, gives
 * infinity. */
#ifndef TARAZU_DATA_SUM_H
#define TARAZU_DATA_SUM_H

#include <stdint.h>

double sum_exact(const double *values, const uint8_t *valid, int64_t count); /* valid as in a column; NULL: all */
/* sum / count, rounded once. */
double mean_exact(const double *values, const uint8_t *valid, int64_t count);

#endif
