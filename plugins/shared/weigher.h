/* What weighers have in common: the criteria they look at, the weights they keep, and what they report. A weigher's own
 * struct begins with a `weigher`; weigher_create, weigher_destroy, weigher_weights, weigher_facts, weigher_save and
 * weigher_load do its life, and its fit fills `measure` and ends with weigher_settle. */
#ifndef PLUGINS_SHARED_WEIGHER_H
#define PLUGINS_SHARED_WEIGHER_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { MOST_CRITERIA = 256, WEIGHER_NAME = 100 };

static const tarazu_field weigher_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "a criterion"},
};
TARAZU_UNUSED static const tarazu_input weigher_inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(weigher_fields),
     .help = "the criteria to weigh"},
};

typedef struct weigher {
  const tarazu_context *context;
  double *measure; /* one a criterion: how much it tells, in proportion to which it weighs */
  tarazu_fact *facts;
  char (*names)[WEIGHER_NAME]; /* of facts */
  uint32_t count, fact_count;
} weigher;

TARAZU_UNUSED static tarazu_status weigher_create(weigher *w, const tarazu_context *context, const char *id,
                                                  tarazu_error *error)
{
  w->context = context;
  w->count = context->columns.count;
  if (w->count > MOST_CRITERIA)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, %s takes %d", (unsigned)w->count, id, MOST_CRITERIA);
  w->measure = calloc(w->count + 1u, sizeof *w->measure);
  w->facts = calloc(w->count + 1u, sizeof *w->facts);
  w->names = calloc(w->count + 1u, sizeof *w->names);
  if (w->measure && w->facts && w->names) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)w->count);
}

TARAZU_UNUSED static void weigher_destroy(void *self)
{
  weigher *w = self;
  free(w->measure);
  free(w->facts);
  free(w->names);
}

static inline const char *weigher_criterion(const weigher *w, uint32_t criterion)
{
  return tarazu_bound_at(w->context, criterion)->name;
}

static inline int weigher_is_cost(const weigher *w, uint32_t criterion)
{
  return tarazu_bound_at(w->context, criterion)->better < 0;
}

static inline double weigher_value(const tarazu_column *column, int64_t row)
{
  return ((const double *)column->values)[row];
}

/* 1: the customer has every criterion. */
static inline int weigher_has_all(const weigher *w, const tarazu_batch *customers, int64_t row)
{
  for (uint32_t c = 0; c < w->count; c++)
    if (!tarazu_is_valid(customers->columns[c], row)) return 0;
  return 1;
}

/* A sum whose rest is carried along (Neumaier 1974): the same to the last digits whatever the number of customers. */
typedef struct long_sum {
  double sum, rest;
} long_sum;

static inline void long_sum_add(long_sum *s, double x)
{
  double sum = s->sum + x;
  s->rest += fabs(s->sum) >= fabs(x) ? (s->sum - sum) + x : (x - sum) + s->sum;
  s->sum = sum;
}

static inline double long_sum_value(const long_sum *s)
{
  return s->sum + s->rest;
}

/* The values of one column: how many, their extremes and mean. */
typedef struct column_summary {
  int64_t count;
  double least, most, mean;
} column_summary;

TARAZU_UNUSED static column_summary summarize(const tarazu_column *column, int64_t rows)
{
  column_summary s = {0, 0, 0, 0};
  long_sum sum = {0, 0};
  for (int64_t i = 0; column && i < rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    double x = weigher_value(column, i);
    if (!s.count || x < s.least) s.least = x;
    if (!s.count || x > s.most) s.most = x;
    s.count++;
    long_sum_add(&sum, x);
  }
  if (s.count) s.mean = long_sum_value(&sum) / (double)s.count;
  return s;
}

/* Tells what each criterion's measure is, "entropy_revenue"; where none tells anything (one customer, all alike) they
 * weigh the same, and that is told. */
TARAZU_UNUSED static tarazu_status weigher_settle(weigher *w, const char *what, tarazu_error *error)
{
  double sum = 0;
  w->fact_count = 0;
  for (uint32_t c = 0; c < w->count; c++) {
    if (!isfinite(w->measure[c]) || w->measure[c] < 0)
      return tarazu_fail(error, TARAZU_NUMERIC, "the %s of criterion '%s' is too large for a number", what,
                         weigher_criterion(w, c));
    snprintf(w->names[c], WEIGHER_NAME, "%s_%s", what, weigher_criterion(w, c));
    w->facts[w->fact_count++] = (tarazu_fact){.name = w->names[c], .value = w->measure[c], .error = -1};
    sum += w->measure[c];
  }
  if (!isfinite(sum)) return tarazu_fail(error, TARAZU_NUMERIC, "the measures' sum is too large for a number");
  if (sum > 0) return TARAZU_OK;
  for (uint32_t c = 0; c < w->count; c++) w->measure[c] = 1;
  w->facts[w->fact_count++] = (tarazu_fact){
      .name = "verdict", .text = "no criterion tells customers apart, so all weigh the same", .error = -1, .level = 1};
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status weigher_weights(const void *self, double *weights, uint32_t count,
                                                   tarazu_error *error)
{
  (void)error;
  memcpy(weights, ((const weigher *)self)->measure, count * sizeof *weights);
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_list weigher_facts(const void *self)
{
  const weigher *w = self;
  return (tarazu_list){w->facts, w->fact_count, sizeof *w->facts};
}

TARAZU_UNUSED static tarazu_status weigher_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const weigher *w = self;
  if (writer->write(writer, w->measure, w->count * sizeof *w->measure)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

TARAZU_UNUSED static tarazu_status weigher_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  weigher *w = self;
  if (count != w->count * sizeof *w->measure)
    return tarazu_fail(error, TARAZU_BAD_DATA, "not weights of %u criteria: %zu bytes", (unsigned)w->count, count);
  memcpy(w->measure, bytes, count);
  return TARAZU_OK;
}

#endif
