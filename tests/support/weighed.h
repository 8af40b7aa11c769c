/* Weighers on a table in memory: what they learn of it, and the weights that come out, scaled to 1. */
#ifndef TESTS_SUPPORT_WEIGHED_H
#define TESTS_SUPPORT_WEIGHED_H

#include "support/near.h"
#include "support/strategy.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WEIGHED = 6 };

/* rows × count values row by row, of criteria c0, c1, …; NaN null; better NULL: more in each. */
static inline rig *weigher_made(const char *id, const char *params, const double *x, int64_t rows, uint32_t count,
                                const int32_t *better)
{
  static const char *const names[MOST_WEIGHED] = {"c0", "c1", "c2", "c3", "c4", "c5"};
  rig *r = rig_open("weigher", id);
  double *column = calloc((size_t)rows + 1, sizeof *column);
  assert_non_null(column);
  for (uint32_t c = 0; c < count; c++) {
    for (int64_t i = 0; i < rows; i++) column[i] = x[i * count + c];
    rig_f64(r, names[c], column, rows);
    rig_bound(r, names[c])->better = better ? better[c] : 1;
  }
  free(column);
  if (rig_create(r, params) != TARAZU_OK) fail_msg("%s: %s", id, r->error.message);
  return r;
}

/* Of a weigher that has learned, or needs not. */
static inline void scaled_weights(rig *r, double *weights)
{
  double sum = 0;
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (uint32_t c = 0; c < r->bound_count; c++) sum += weights[c];
  for (uint32_t c = 0; c < r->bound_count; c++) weights[c] /= sum;
}

static inline void learn_weights(rig *r, double *weights)
{
  if (rig_learn(r) != TARAZU_OK) fail_msg("%s", r->error.message);
  scaled_weights(r, weights);
}

#endif
