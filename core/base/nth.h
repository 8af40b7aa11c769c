/* The nth smallest of many values: medians and other points of a distribution. */
#ifndef TARAZU_BASE_NTH_H
#define TARAZU_BASE_NTH_H

#include <stdint.h>

/* The value that would stand at `at` (from 0, below count), were the values sorted. None is NaN. They are put into
 * another order: none before `at` is larger than it, none behind it smaller. */
double value_at_place(double *values, int64_t count, int64_t at);

#endif
