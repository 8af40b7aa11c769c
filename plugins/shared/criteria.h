/* What combiners have in common: the input that they all take, what most of them learn of a criterion in one pass (its
 * extremes and its sum), and the list of criteria that count for a batch.
 *
 * A combiner's own struct begins with a `criteria`; where its method learns nothing else, criteria_destroy,
 * criteria_state_size, criteria_learn, criteria_merge, criteria_finish, criteria_save and criteria_load are its
 * functions as they are, and all that it writes itself is create (which calls criteria_create) and apply. */
#ifndef PLUGINS_SHARED_CRITERIA_H
#define PLUGINS_SHARED_CRITERIA_H

#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { MOST_CRITERIA = 256, CRITERIA_LANES = 4, CRITERIA_CHUNK = 256 };

/* Parts of a score are held within it, either way, so that no sum of them leaves a double's range. */
#define CRITERIA_FAR 1e100

/* Compiled for each width of vector, and chosen when the plugin is loaded. Of use for loops that add nothing across
 * rows: then no row's result depends on the width. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORS
#endif

static const tarazu_field criteria_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "a criterion, normalized"},
};
TARAZU_UNUSED static const tarazu_input criteria_inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(criteria_fields),
     .help = "the criteria to combine"},
};

/* Of one criterion over all customers; seen 0: nobody has a value. Zeroed bytes are an empty one. The sum is
 * compensated (Neumaier 1974): its true value is sum + rest. */
typedef struct criterion_summary {
  int64_t seen;
  double least, most, sum, rest;
} criterion_summary;

typedef struct criteria {
  const tarazu_context *context;
  criterion_summary *of; /* one a criterion */
  uint32_t count, reserved;
} criteria;

TARAZU_UNUSED static tarazu_status criteria_create(criteria *c, const tarazu_context *context, const char *id,
                                                   tarazu_error *error)
{
  c->context = context;
  c->count = context->columns.count;
  if (c->count > MOST_CRITERIA)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, %s takes %d", (unsigned)c->count, id, MOST_CRITERIA);
  c->of = calloc(c->count + 1u, sizeof *c->of);
  return c->of ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)c->count);
}

TARAZU_UNUSED static void criteria_destroy(void *self)
{
  free(((criteria *)self)->of);
}

/* 1: less is better. A normalizer has turned costs round already; without one they come as they are. */
static inline int criteria_is_cost(const criteria *c, uint32_t column)
{
  return tarazu_bound_at(c->context, column)->better < 0;
}

static inline double criterion_mean(const criterion_summary *s)
{
  return (s->sum + s->rest) / (double)s->seen;
}

/* For methods whose values come normalized. */
TARAZU_UNUSED static tarazu_status criteria_refuse_costs(const criteria *c, tarazu_error *error)
{
  for (uint32_t k = 0; k < c->count; k++)
    if (criteria_is_cost(c, k))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "criterion '%s' comes as a cost; expected values of which more is better: normalize it",
                         tarazu_bound_at(c->context, k)->name);
  return TARAZU_OK;
}

/* ---- learning ---------------------------------------------------------------------------------------------- */

static inline int64_t criteria_row(const tarazu_batch *batch, int64_t i)
{
  return batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
}

/* Whether the method can take the values of a criterion in a block: all from `least` on, or all above it. The error
 * names the first that it cannot. What weighs nothing changes nothing and may be anything. */
TARAZU_UNUSED static tarazu_status criteria_demand(const criteria *c, const tarazu_batch *batch, uint32_t column,
                                                   double least, int above, const char *expected, tarazu_error *error)
{
  if (!batch->columns[column] || !(batch->weights[column] > 0)) return TARAZU_OK;
  const double *x = batch->columns[column]->values;
  int fault = 0;
  for (int64_t i = 0; i < batch->rows; i++) fault |= above ? x[i] <= least : x[i] < least;
  for (int64_t i = 0; fault && i < batch->rows; i++) {
    if (above ? x[i] > least : x[i] >= least) continue;
    error->row = criteria_row(batch, i);
    return tarazu_fail(error, TARAZU_BAD_DATA, "criterion '%s' is %g; expected %s (normalized by minmax any will do)",
                       tarazu_bound_at(c->context, column)->name, x[i], expected);
  }
  return TARAZU_OK;
}

static inline void criterion_add_up(criterion_summary *s, double x)
{
  double sum = s->sum + x, larger = __builtin_fabs(s->sum) >= __builtin_fabs(x) ? s->sum : x;
  s->rest += (larger - sum) + (larger == x ? s->sum : x);
  s->sum = sum;
}

static inline void criterion_widen(criterion_summary *into, const criterion_summary *more)
{
  if (!more->seen) return;
  if (!into->seen || more->least < into->least) into->least = more->least;
  if (!into->seen || more->most > into->most) into->most = more->most;
  into->seen += more->seen;
  criterion_add_up(into, more->sum);
  into->rest += more->rest;
}

/* Of one block. Lanes, because one running minimum would wait for itself at every value. */
static inline criterion_summary criterion_summarize(const double *x, int64_t rows)
{
  double least[CRITERIA_LANES], most[CRITERIA_LANES], sum[CRITERIA_LANES] = {0};
  criterion_summary all = {0};
  int64_t whole = rows - rows % CRITERIA_LANES;
  for (int k = 0; k < CRITERIA_LANES; k++) least[k] = most[k] = x[0];
  for (int64_t i = 0; i < whole; i += CRITERIA_LANES)
    for (int k = 0; k < CRITERIA_LANES; k++) {
      least[k] = x[i + k] < least[k] ? x[i + k] : least[k];
      most[k] = x[i + k] > most[k] ? x[i + k] : most[k];
      sum[k] += x[i + k];
    }
  for (int k = 0; k < CRITERIA_LANES; k++) {
    const criterion_summary lane = {1, least[k], most[k], sum[k], 0};
    criterion_widen(&all, &lane);
  }
  for (int64_t i = whole; i < rows; i++) {
    const criterion_summary one = {1, x[i], x[i], x[i], 0};
    criterion_widen(&all, &one);
  }
  all.seen = rows;
  return all;
}

TARAZU_UNUSED static size_t criteria_state_size(const void *self)
{
  return ((const criteria *)self)->count * sizeof(criterion_summary);
}

TARAZU_UNUSED static tarazu_status criteria_learn(const void *self, void *state, const tarazu_batch *batch,
                                                  tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t c = 0; c < batch->column_count; c++) {
    if (!batch->columns[c] || !batch->rows) continue;
    const criterion_summary block = criterion_summarize(batch->columns[c]->values, batch->rows);
    criterion_widen((criterion_summary *)state + c, &block);
  }
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status criteria_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)error;
  for (uint32_t c = 0; c < ((const criteria *)self)->count; c++)
    criterion_widen((criterion_summary *)into + c, (const criterion_summary *)from + c);
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status criteria_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  memcpy(((criteria *)self)->of, state, criteria_state_size(self));
  *again = 0;
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status criteria_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  if (writer->write(writer, ((const criteria *)self)->of, criteria_state_size(self))) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

TARAZU_UNUSED static tarazu_status criteria_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  criteria *c = self;
  if (count != criteria_state_size(self))
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model over %u criteria: %zu bytes, expected %zu",
                       (unsigned)c->count, count, criteria_state_size(self));
  memcpy(c->of, bytes, count);
  return TARAZU_OK;
}

/* ---- what counts for a batch ------------------------------------------------------------------------------- */

/* A criterion that the batch's customers have, that somebody had when it was learned, and that weighs something. */
typedef struct criterion_term {
  const double *x;
  double w;
  const criterion_summary *of;
  uint32_t column;
  int cost; /* 1: less is better */
} criterion_term;

/* Their number. */
static inline uint32_t criteria_terms(const criteria *c, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  uint32_t count = 0;
  for (uint32_t k = 0; k < c->count; k++)
    if (batch->columns[k] && c->of[k].seen && batch->weights[k] > 0)
      terms[count++] =
          (criterion_term){batch->columns[k]->values, batch->weights[k], &c->of[k], k, criteria_is_cost(c, k)};
  return count;
}

/* The same with weights that add up to 1 again where one was left out because nobody had it. */
static inline uint32_t criteria_shares(const criteria *c, const tarazu_batch *batch,
                                       criterion_term terms[MOST_CRITERIA])
{
  uint32_t count = criteria_terms(c, batch, terms), weighing = 0;
  double sum = 0;
  for (uint32_t k = 0; k < c->count; k++) weighing += batch->columns[k] && batch->weights[k] > 0;
  for (uint32_t k = 0; k < count; k++) sum += terms[k].w;
  for (uint32_t k = 0; weighing > count && k < count; k++) terms[k].w /= sum;
  return count;
}

/* The same for methods that learn nothing. */
static inline uint32_t criteria_there(const criteria *c, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  uint32_t count = 0;
  for (uint32_t k = 0; k < c->count; k++)
    if (batch->columns[k] && batch->weights[k] > 0)
      terms[count++] =
          (criterion_term){batch->columns[k]->values, batch->weights[k], &c->of[k], k, criteria_is_cost(c, k)};
  return count;
}

/* The best and the worst value that was seen. */
static inline double criterion_best(const criterion_term *t)
{
  return t->cost ? t->of->least : t->of->most;
}

static inline double criterion_worst(const criterion_term *t)
{
  return t->cost ? t->of->most : t->of->least;
}

static inline double criteria_held(double x)
{
  return x > CRITERIA_FAR ? CRITERIA_FAR : x < -CRITERIA_FAR ? -CRITERIA_FAR : x;
}

/* Rows of the chunk that begins at `first`. */
static inline int64_t criteria_chunk(const tarazu_batch *batch, int64_t first)
{
  return batch->rows - first < CRITERIA_CHUNK ? batch->rows - first : CRITERIA_CHUNK;
}

/* A chunk of an output, if somebody wants it. */
static inline void criteria_give(tarazu_result *result, int64_t first, const double *values, int64_t rows)
{
  if (result) memcpy((double *)result->values + first, values, (size_t)rows * sizeof *values);
}

#endif
