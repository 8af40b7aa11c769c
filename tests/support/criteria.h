/* Criteria for combiners: a table of customers by criteria, each column brought through a normalizer first. */
#ifndef TESTS_SUPPORT_CRITERIA_H
#define TESTS_SUPPORT_CRITERIA_H

#include "support/near.h"
#include "support/strategy.h"

typedef struct criteria {
  int64_t rows;
  uint32_t count;
  const double *values;   /* row by row; NAN: null */
  const double *weights;  /* NULL: all 1 */
  const int32_t *better;  /* NULL: all +1 */
  const char *normalizer; /* NULL: the values as they are, costs as costs */
} criteria;

/* The combiner with these criteria, learned and applied. */
rig *combined(const char *combiner, const criteria *criteria);
/* The same with parameters, as a profile writes them; the criteria are called c0, c1, … */
rig *combined_with(const char *combiner, const char *params, const criteria *criteria);
/* Its columns again from other values, without learning anew. */
void criteria_bind(rig *r, const criteria *criteria);

#endif
