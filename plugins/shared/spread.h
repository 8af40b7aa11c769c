/* How values spread around their mean, for normalizers: z = (x - mean) / deviation.
 *
 * Two passes over a column. The first finds its extent; the second takes the mean and the sum of squared deviations of
 * y = (x - least) / (most - least), block by block, merged by Chan, Golub, LeVeque 1979 ("Updating formulae and a
 * pairwise algorithm for computing sample variances"). z is the same for x and y, and of y nothing can overflow, vanish
 * or be cancelled, however large, small or far from zero the x are.
 *
 * The struct of a normalizer that uses this is { normalizer; spread; … }. */
#ifndef PLUGINS_SHARED_SPREAD_H
#define PLUGINS_SHARED_SPREAD_H

#include "normalizer.h"

typedef struct spread {
  extent extent;
  int64_t count;  /* of the second pass */
  double mean;    /* of y */
  double squares; /* the sum of (y - mean)^2 */
} spread;

typedef struct spread_normalizer {
  normalizer common;
  spread model;
  int32_t second, reserved; /* 1: in the second pass */
} spread_normalizer;

enum { SPREAD_LANES = 4 };

/* 1: all the same, or nobody has a value; there is no deviation. */
static inline int spread_is_none(const spread *s)
{
  return !(s->extent.most > s->extent.least);
}

static inline double spread_y(const spread *s, double x)
{
  return ratio_of_differences(x, s->extent.least, s->extent.most, s->extent.least);
}

static inline void spread_add(spread *into, const spread *more)
{
  if (!more->count) return;
  double n = (double)into->count, m = (double)more->count, apart = more->mean - into->mean;
  into->squares += more->squares + apart * apart * (n * m / (n + m));
  into->mean += apart * (m / (n + m));
  into->count += more->count;
}

/* The mean and squares of one block, the squares about the block's own mean. */
static inline spread spread_of(const spread *known, const tarazu_batch *batch)
{
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double sums[SPREAD_LANES] = {0}, squares[SPREAD_LANES] = {0};
  spread block = {0};
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    sums[i % SPREAD_LANES] += spread_y(known, x[i]);
    block.count++;
  }
  if (!block.count) return block;
  block.mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / (double)block.count;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    double off = spread_y(known, x[i]) - block.mean;
    squares[i % SPREAD_LANES] += off * off;
  }
  block.squares = (squares[0] + squares[1]) + (squares[2] + squares[3]);
  return block;
}

TARAZU_UNUSED static tarazu_status spread_learn(const void *self, void *state, const tarazu_batch *batch,
                                                tarazu_error *error)
{
  const spread_normalizer *n = self;
  spread *s = state;
  if (!n->second) return extent_learn(self, &s->extent, batch, error);
  const spread block = spread_of(&n->model, batch);
  spread_add(s, &block);
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status spread_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  extent_widen(&((spread *)into)->extent, &((const spread *)from)->extent);
  spread_add(into, from);
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status spread_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  spread_normalizer *n = self;
  const extent found = n->second ? n->model.extent : ((const spread *)state)->extent;
  n->model = *(const spread *)state;
  n->model.extent = found;
  n->second = *again = !n->second && !spread_is_none(&n->model);
  return TARAZU_OK;
}

/* The deviation of y; sample 1: over n - 1. Above zero where there is a spread: some y is 0 and another 1. */
static inline double spread_deviation(const spread *s, int sample)
{
  return sqrt(s->squares / (double)(s->count - !!sample));
}

#endif
