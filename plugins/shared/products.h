/* Weighted sums and weighted products of normalized criteria, a chunk of rows at a time. */
#ifndef PLUGINS_SHARED_PRODUCTS_H
#define PLUGINS_SHARED_PRODUCTS_H

#include "criteria.h"

#include <math.h>

/* Sum over j of w_j x_ij. */
static inline void weighted_sums(const criterion_term *terms, uint32_t count, int64_t first, int64_t rows, double *sum)
{
  for (int64_t i = 0; i < rows; i++) sum[i] = 0;
  for (uint32_t k = 0; k < count; k++) {
    const double *x = terms[k].x + first;
    const double w = terms[k].w;
    for (int64_t i = 0; i < rows; i++) sum[i] += w * criteria_held(x[i]);
  }
}

/* Product over j of x_ij^w_j; 0 where one x is not above zero. */
static inline void weighted_products(const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                                     double *product)
{
  double logarithm[CRITERIA_CHUNK] = {0};
  uint8_t nothing[CRITERIA_CHUNK] = {0};
  for (uint32_t k = 0; k < count; k++) {
    const double *x = terms[k].x + first;
    const double w = terms[k].w;
    for (int64_t i = 0; i < rows; i++) {
      if (x[i] > 0) logarithm[i] += w * log(x[i] < CRITERIA_FAR ? x[i] : CRITERIA_FAR);
      else nothing[i] = 1;
    }
  }
  for (int64_t i = 0; i < rows; i++) product[i] = nothing[i] || !count ? 0 : exp(logarithm[i]);
}

#endif
