/* Sorts the few judgements that one customer has, and the many that it may have. */
#ifndef STANDING_SORT_H
#define STANDING_SORT_H

#include <stdint.h>
#include <stdlib.h>

enum { FEW = 16 };

static inline int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* By insertion where they are few: a call for each comparison would cost more than the sort. */
static inline void sort_values(double *values, int64_t count)
{
  if (count > FEW) {
    qsort(values, (size_t)count, sizeof *values, ascending);
    return;
  }
  for (int64_t i = 1; i < count; i++) {
    double value = values[i];
    int64_t at = i;
    for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

#endif
