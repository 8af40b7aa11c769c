/* A scorer without a fault: a value less the mean of all, and on which side of it that is. Each file of this folder
 * puts one faulty function in the place of one of these, by a macro of its name in capitals, before it includes
 * faulty_scorer.h. */
#ifndef TESTS_PLUGINS_FAULTY_FAULTY_H
#define TESTS_PLUGINS_FAULTY_FAULTY_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

typedef struct instance {
  double mean;
  const tarazu_host *host;
  double *room; /* for those that keep something */
  int64_t rows;
} instance;

typedef struct state {
  double sum;
  int64_t count;
  const double *place; /* for those that keep a pointer */
} state;

TARAZU_UNUSED static tarazu_status good_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                               tarazu_error *error)
{
  ((instance *)self)->host = context->host;
  return (void)args, (void)error, TARAZU_OK;
}

TARAZU_UNUSED static void good_destroy(void *self)
{
  free(((instance *)self)->room);
}

TARAZU_UNUSED static size_t good_state_size(const void *self)
{
  return (void)self, sizeof(state);
}

TARAZU_UNUSED static int takes(const tarazu_column *x, int64_t i)
{
  return tarazu_is_valid(x, i) && fabs(((const double *)x->values)[i]) < 1e100;
}

TARAZU_UNUSED static tarazu_status good_learn(const void *self, void *into, const tarazu_batch *batch,
                                              tarazu_error *error)
{
  state *s = into;
  const tarazu_column *x = batch->columns[0];
  for (int64_t i = 0; i < batch->rows; i++)
    if (takes(x, i)) s->sum += ((const double *)x->values)[i], s->count++;
  return (void)self, (void)error, TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status good_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  state *s = into;
  const state *t = from;
  s->sum += t->sum;
  s->count += t->count;
  return (void)self, (void)error, TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status good_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  const state *s = learned;
  ((instance *)self)->mean = s->count ? s->sum / (double)s->count : 0;
  return (void)again, (void)error, TARAZU_OK;
}

/* One row; the second result may be unwanted. */
TARAZU_UNUSED static void good_row(const instance *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   int64_t i)
{
  const tarazu_column *x = batch->columns[0];
  int there = takes(x, i);
  if (there) ((double *)results[0]->values)[i] = ((const double *)x->values)[i] - self->mean;
  else tarazu_set_null(results[0], i);
  if (!results[1]) return;
  if (there) ((int32_t *)results[1]->values)[i] = ((const double *)x->values)[i] > self->mean;
  else tarazu_set_null(results[1], i);
}

TARAZU_UNUSED static tarazu_status good_apply(const void *self, const tarazu_batch *batch,
                                              tarazu_result *const *results, tarazu_error *error)
{
  for (int64_t i = 0; i < batch->rows; i++) good_row(self, batch, results, i);
  return (void)error, TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status good_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  if (writer->write(writer, &((const instance *)self)->mean, sizeof(double))) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

TARAZU_UNUSED static tarazu_status good_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  double mean;
  if (count != sizeof mean) return tarazu_fail(error, TARAZU_BAD_DATA, "found %zu bytes, expected 8", count);
  memcpy(&mean, bytes, sizeof mean);
  if (!(fabs(mean) < 1e100)) return tarazu_fail(error, TARAZU_BAD_DATA, "found a mean of %g", mean);
  ((instance *)self)->mean = mean;
  return TARAZU_OK;
}

TARAZU_UNUSED static const char *const *good_labels(const void *self, uint32_t output, uint32_t *count)
{
  static const char *const labels[] = {"below", "above"};
  *count = 2;
  return (void)self, (void)output, labels;
}

#endif
