/* What normalizers have in common: one column in, one column out, more of which is better; what is learned of the
 * column as flat bytes that are merged, saved and loaded as they are.
 *
 * A normalizer's own struct begins with a `normalizer`, right after it stands its model, which is also its learning
 * state: normalizer_state_size, normalizer_finish, normalizer_save and normalizer_load are then its functions as they
 * are. It writes create (which calls normalizer_create with the size of the model), learn, merge and apply. */
#ifndef PLUGINS_SHARED_NORMALIZER_H
#define PLUGINS_SHARED_NORMALIZER_H

#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

#define NORMALIZER_INPUT(words)                               \
  static const tarazu_field normalizer_fields[] = {           \
      {.name = "value", .type = TARAZU_F64, .help = (words)}, \
  };                                                          \
  static const tarazu_input normalizer_inputs[] = {           \
      {.name = "value",                                       \
       .shape = TARAZU_ATTRIBUTES,                            \
       .fields = TARAZU_LIST(normalizer_fields),              \
       .help = "one criterion"},                              \
  }
#define NORMALIZER_OUTPUT(words)                                                \
  static const tarazu_output normalizer_outputs[] = {                           \
      {.name = "normalized", .type = TARAZU_F64, .better = 1, .help = (words)}, \
  }

typedef struct normalizer {
  uint32_t model_bytes;
  int32_t cost; /* 1: less is better */
} normalizer;

TARAZU_UNUSED static void normalizer_create(normalizer *n, const tarazu_context *context, size_t model_bytes)
{
  n->model_bytes = (uint32_t)model_bytes;
  n->cost = tarazu_bound_at(context, 0)->better < 0;
}

/* ---- the model ----------------------------------------------------------------------------------------------- */

TARAZU_UNUSED static size_t normalizer_state_size(const void *self)
{
  return ((const normalizer *)self)->model_bytes;
}

TARAZU_UNUSED static tarazu_status normalizer_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  normalizer *n = self;
  (void)error;
  memcpy(n + 1, state, n->model_bytes);
  *again = 0;
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status normalizer_written(const tarazu_writer *writer, const void *bytes, size_t count,
                                                      tarazu_error *error)
{
  if (writer->write(writer, bytes, count)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

TARAZU_UNUSED static tarazu_status normalizer_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const normalizer *n = self;
  return normalizer_written(writer, n + 1, n->model_bytes, error);
}

TARAZU_UNUSED static tarazu_status normalizer_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  normalizer *n = self;
  if (count != n->model_bytes)
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of this normalizer: %zu bytes, expected %u", count,
                       (unsigned)n->model_bytes);
  memcpy(n + 1, bytes, count);
  return TARAZU_OK;
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

/* Each value by `place`, which is inlined here. A null stays null; so does what comes out as no number, as a what-if of
 * a cost of zero can where it is divided by. */
__attribute__((always_inline)) static inline tarazu_status normalizer_apply(const void *self, const tarazu_batch *batch,
                                                                            tarazu_result *const *results,
                                                                            double (*place)(const void *, double))
{
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double *normalized = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    double r = tarazu_is_valid(column, i) ? place(self, x[i]) : (double)NAN;
    if (isfinite(r)) normalized[i] = r;
    else tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

/* The place of a value at fault, in learn. */
static inline int64_t normalizer_row(const tarazu_batch *batch, int64_t i)
{
  return batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
}

/* ---- the extent of a column ---------------------------------------------------------------------------------- */

/* seen 0: nobody has a value. Zeroed bytes are an empty one. */
typedef struct extent {
  int64_t seen;
  double least, most;
} extent;

static inline void extent_widen(extent *e, const extent *more)
{
  if (!more->seen) return;
  if (!e->seen || more->least < e->least) e->least = more->least;
  if (!e->seen || more->most > e->most) e->most = more->most;
  e->seen += more->seen;
}

static inline void extent_take(extent *e, double x)
{
  const extent one = {1, x, x};
  extent_widen(e, &one);
}

/* Also functions of a normalizer whose model is an extent and nothing else. */
TARAZU_UNUSED static tarazu_status extent_learn(const void *self, void *state, const tarazu_batch *batch,
                                                tarazu_error *error)
{
  (void)self, (void)error;
  const tarazu_column *column = batch->columns[0];
  for (int64_t i = 0; i < batch->rows; i++)
    if (tarazu_is_valid(column, i)) extent_take(state, ((const double *)column->values)[i]);
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status extent_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  extent_widen(into, from);
  return TARAZU_OK;
}

/* (a - b) / (c - d), c above d. Where a difference is beyond the largest double, those of the halves are taken, which
 * are exact for numbers of that size. */
static inline double ratio_of_differences(double a, double b, double c, double d)
{
  double way = a - b, span = c - d;
  if (isfinite(way) && isfinite(span)) return way / span;
  return (a / 2 - b / 2) / (c / 2 - d / 2);
}

static inline double between(double value, double least, double most)
{
  return value < least ? least : value > most ? most : value;
}

#endif
