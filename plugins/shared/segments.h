/* What segmenters share: segments by name, how many customers are in each, who has none; and bands of one value, for
 * those that cut a column in pieces (quantiles, natural breaks, thresholds). */
#ifndef PLUGINS_SHARED_SEGMENTS_H
#define PLUGINS_SHARED_SEGMENTS_H

#include "facts.h"

#include <math.h>

/* Names that a profile gives, or that were made up, may repeat: places with the same name are one segment. */
typedef struct segment_list {
  const char **labels; /* distinct, in the order in which they are first named */
  int32_t *codes;      /* of each place: its segment */
  int64_t *customers;  /* in each segment; the last one: in none */
  char (*made)[24];
  uint32_t count, places;
  int32_t missing; /* the segment of who lacks a value; -1: none */
  uint32_t reserved;
} segment_list;

static inline void segments_free(segment_list *l)
{
  free((void *)l->labels);
  free(l->codes);
  free(l->customers);
  free(l->made);
  *l = (segment_list){0};
}

/* The segment of that name, a new one where there is none yet; there is room. */
static inline int32_t segment_named(segment_list *l, const char *name)
{
  uint32_t at = 0;
  while (at < l->count && strcmp(l->labels[at], name) != 0) at++;
  if (at == l->count) l->labels[l->count++] = name;
  return (int32_t)at;
}

/* names: one a place. missing: a TARAZU_STRING that may be absent. 0: no memory. */
static inline int segments_take(segment_list *l, const char *const *names, uint32_t places, const tarazu_value *missing)
{
  l->labels = calloc(places + 2u, sizeof *l->labels);
  l->codes = calloc(places + 1u, sizeof *l->codes);
  l->customers = calloc(places + 2u, sizeof *l->customers);
  if (!l->labels || !l->codes || !l->customers) return 0;
  l->places = places;
  for (uint32_t i = 0; i < places; i++) l->codes[i] = segment_named(l, names[i]);
  l->missing = missing && missing->given ? segment_named(l, missing->text) : -1;
  return 1;
}

/* As segments_take, with names made up: "Q1", "Q2", … 0: no memory. */
TARAZU_UNUSED static inline int segments_make(segment_list *l, const char *before, uint32_t places,
                                              const tarazu_value *missing)
{
  const char **names = calloc(places + 1u, sizeof *names);
  l->made = calloc(places + 1u, sizeof *l->made);
  int good = names && l->made;
  for (uint32_t i = 0; good && i < places; i++) {
    snprintf(l->made[i], sizeof l->made[i], "%s%u", before, (unsigned)i + 1);
    names[i] = l->made[i];
  }
  good = good && segments_take(l, names, places, missing);
  free((void *)names);
  return good;
}

/* The segment of a place, -1: of none. */
static inline int32_t segment_at(const segment_list *l, int64_t place)
{
  return place < 0 ? l->missing : l->codes[place];
}

/* Writes it; in a result every value is a code, of nulls too. */
static inline void segment_write(const segment_list *l, tarazu_result *result, int64_t row, int64_t place)
{
  int32_t code = segment_at(l, place);
  ((int32_t *)result->values)[row] = code < 0 ? 0 : code;
  if (code < 0) tarazu_set_null(result, row);
}

static inline void segments_forget(segment_list *l)
{
  memset(l->customers, 0, (l->count + 1u) * sizeof *l->customers);
}

static inline void segments_add(segment_list *l, int64_t place)
{
  int32_t code = segment_at(l, place);
  l->customers[code < 0 ? (int32_t)l->count : code]++;
}

/* Facts that segments_tell adds at most. */
static inline uint32_t segments_facts(const segment_list *l)
{
  return l->count + 2;
}

static inline void segments_tell(const segment_list *l, fact_list *facts)
{
  int64_t all = 0;
  for (uint32_t i = 0; i < l->count; i++) all += l->customers[i];
  fact_add(facts, (double)all, "customers");
  for (uint32_t i = 0; i < l->count; i++) fact_add(facts, (double)l->customers[i], "customers_in_%s", l->labels[i]);
  if (l->customers[l->count]) fact_add(facts, (double)l->customers[l->count], "customers_in_no_segment");
}

TARAZU_UNUSED TARAZU_PRINTF(4, 5) static inline tarazu_status
    segments_refuse(tarazu_error *error, int32_t param, int32_t item, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  error->param = param;
  error->item = item;
  error->status = TARAZU_BAD_PARAMETER;
  return TARAZU_BAD_PARAMETER;
}

/* Cuts that do not rise, with their place; -1: all do. */
TARAZU_UNUSED static inline int32_t segments_fallen(const double *cuts, uint32_t count)
{
  for (uint32_t i = 1; i < count; i++)
    if (!(cuts[i] > cuts[i - 1])) return (int32_t)i;
  return -1;
}

/* How many cuts, which rise, a value reaches: x >= cut, or where a cut belongs below it, x > cut. */
static inline uint32_t cuts_reached(const double *cuts, uint32_t count, double x, int belongs_below)
{
  uint32_t low = 0, high = count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (belongs_below ? x > cuts[middle] : x >= cuts[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* ---- bands of one value ------------------------------------------------------------------------------------- */

/* A segmenter whose output 0 is the segment and output 1 the band's number from 1, of the lowest values, on. Its struct
 * begins with this. */
typedef struct banded {
  segment_list segments; /* a place a band */
  fact_list facts;
  double *cuts; /* places - 1, rising; infinity: nobody reaches it */
  int32_t belongs_below;
  int32_t known; /* 0: nobody had a value to learn the cuts from */
} banded;

static inline void banded_free(banded *b)
{
  segments_free(&b->segments);
  facts_free(&b->facts);
  free(b->cuts);
}

/* When the segments are taken. own_facts: beside those of segments and cuts. 0: no memory. */
static inline int banded_begin(banded *b, uint32_t own_facts)
{
  b->cuts = calloc(b->segments.places + 1u, sizeof *b->cuts);
  return b->cuts && facts_begin(&b->facts, segments_facts(&b->segments) + b->segments.places + own_facts);
}

static inline uint32_t banded_cuts(const banded *b)
{
  return b->segments.places - 1;
}

static inline int64_t band_of(const banded *b, const tarazu_column *column, int64_t row)
{
  if (!b->known || !tarazu_is_valid(column, row)) return -1;
  return cuts_reached(b->cuts, banded_cuts(b), ((const double *)column->values)[row], b->belongs_below);
}

static inline void banded_count(banded *b, const tarazu_column *column, int64_t rows)
{
  segments_forget(&b->segments);
  for (int64_t i = 0; i < rows; i++) segments_add(&b->segments, band_of(b, column, i));
}

/* Counts and cuts; the list is begun anew. */
static inline void banded_tell(banded *b)
{
  b->facts.count = 0;
  segments_tell(&b->segments, &b->facts);
  for (uint32_t k = 0; b->known && k < banded_cuts(b); k++)
    if (isfinite(b->cuts[k])) fact_add(&b->facts, b->cuts[k], "cut_%u", (unsigned)k + 1);
}

TARAZU_UNUSED static tarazu_status banded_apply(const void *self, const tarazu_batch *batch,
                                                tarazu_result *const *results, tarazu_error *error)
{
  const banded *b = self;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t band = band_of(b, batch->columns[0], i);
    segment_write(&b->segments, results[0], i, band);
    if (!results[1]) continue;
    ((int64_t *)results[1]->values)[i] = band + 1;
    if (band < 0) tarazu_set_null(results[1], i);
  }
  return TARAZU_OK;
}

TARAZU_UNUSED static const char *const *banded_labels(const void *self, uint32_t output, uint32_t *count)
{
  const banded *b = self;
  (void)output;
  *count = b->segments.count;
  return b->segments.labels;
}

TARAZU_UNUSED static tarazu_list banded_facts(const void *self)
{
  const banded *b = self;
  return (tarazu_list){b->facts.items, b->facts.count, sizeof *b->facts.items};
}

/* A model: known, the cuts, the customers in each segment. */
static inline size_t banded_model_size(const banded *b)
{
  return sizeof(int64_t) + banded_cuts(b) * sizeof *b->cuts + (b->segments.count + 1u) * sizeof *b->segments.customers;
}

TARAZU_UNUSED static tarazu_status banded_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const banded *b = self;
  int64_t known = b->known;
  int good = writer->write(writer, &known, sizeof known);
  if (good && banded_cuts(b)) good = writer->write(writer, b->cuts, banded_cuts(b) * sizeof *b->cuts);
  good = good && writer->write(writer, b->segments.customers, (b->segments.count + 1u) * sizeof *b->segments.customers);
  return good ? TARAZU_OK : tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
}

TARAZU_UNUSED static tarazu_status banded_load(banded *b, const void *bytes, size_t count, tarazu_error *error)
{
  const char *at = bytes;
  int64_t known;
  size_t cuts = banded_cuts(b) * sizeof *b->cuts;
  if (count != banded_model_size(b))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the saved model is of other segments, or damaged: %zu bytes, not %zu",
                       count, banded_model_size(b));
  memcpy(&known, at, sizeof known);
  if (cuts) memcpy(b->cuts, at + sizeof known, cuts);
  memcpy(b->segments.customers, at + sizeof known + cuts, count - sizeof known - cuts);
  b->known = known != 0;
  return TARAZU_OK;
}

#endif
