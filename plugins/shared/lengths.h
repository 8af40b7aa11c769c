/* Criteria over the length of their columns, x* = x / sqrt(sum of x^2), costs as they come: what the MOORA methods
 * learn of each criterion. A combiner's own struct begins with a `lengths`. */
#ifndef PLUGINS_SHARED_LENGTHS_H
#define PLUGINS_SHARED_LENGTHS_H

#include "criteria.h"
#include "squares.h"

typedef struct length_summary {
  criterion_summary summary;
  squares squares;
} length_summary;

typedef struct lengths {
  criteria criteria;
  squares *squares; /* one a criterion */
} lengths;

TARAZU_UNUSED static tarazu_status lengths_create(lengths *l, const tarazu_context *context, const char *id,
                                                  tarazu_error *error)
{
  tarazu_status status = criteria_create(&l->criteria, context, id, error);
  if (status != TARAZU_OK) return status;
  l->squares = calloc(l->criteria.count + 1u, sizeof *l->squares);
  return l->squares ? TARAZU_OK
                    : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)l->criteria.count);
}

TARAZU_UNUSED static void lengths_destroy(void *self)
{
  free(((lengths *)self)->squares);
  criteria_destroy(self);
}

TARAZU_UNUSED static size_t lengths_state_size(const void *self)
{
  return ((const criteria *)self)->count * sizeof(length_summary);
}

TARAZU_UNUSED static tarazu_status lengths_learn(const void *self, void *state, const tarazu_batch *batch,
                                                 tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t c = 0; c < batch->column_count; c++) {
    if (!batch->columns[c] || !batch->rows) continue;
    length_summary *of = (length_summary *)state + c;
    const criterion_summary block = criterion_summarize(batch->columns[c]->values, batch->rows);
    criterion_widen(&of->summary, &block);
    squares_add(&of->squares, squares_of(batch->columns[c]->values, batch->rows));
  }
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status lengths_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)error;
  for (uint32_t c = 0; c < ((const criteria *)self)->count; c++) {
    length_summary *to = (length_summary *)into + c;
    const length_summary *more = (const length_summary *)from + c;
    criterion_widen(&to->summary, &more->summary);
    squares_add(&to->squares, more->squares);
  }
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status lengths_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  lengths *l = self;
  const length_summary *of = state;
  for (uint32_t c = 0; c < l->criteria.count; c++) {
    l->criteria.of[c] = of[c].summary;
    l->squares[c] = of[c].squares;
  }
  *again = 0;
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status lengths_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const lengths *l = self;
  for (uint32_t c = 0; c < l->criteria.count; c++) {
    const length_summary of = {l->criteria.of[c], l->squares[c]};
    if (!writer->write(writer, &of, sizeof of))
      return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
  }
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status lengths_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  lengths *l = self;
  if (count != lengths_state_size(self))
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model over %u criteria: %zu bytes, expected %zu",
                       (unsigned)l->criteria.count, count, lengths_state_size(self));
  for (uint32_t c = 0; c < l->criteria.count; c++) {
    length_summary of;
    memcpy(&of, (const char *)bytes + c * sizeof of, sizeof of);
    l->criteria.of[c] = of.summary;
    l->squares[c] = of.squares;
  }
  return TARAZU_OK;
}

/* x* of a chunk; all zeros: 0. */
VECTORS static void lengths_over(double half, double rest, double root, const double *restrict x, int64_t rows,
                                 double *restrict ratio)
{
  for (int64_t i = 0; i < rows; i++) ratio[i] = criteria_held(x[i] * half * rest / root);
}

TARAZU_UNUSED static void lengths_ratios(const lengths *l, const criterion_term *term, const double *x, int64_t rows,
                                         double *ratio)
{
  const squares *s = &l->squares[term->column];
  double half, rest;
  squares_scale(s->exponent, &half, &rest);
  if (s->sum > 0) lengths_over(half, rest, sqrt(s->sum), x, rows, ratio);
  else memset(ratio, 0, (size_t)rows * sizeof *ratio);
}

#endif
