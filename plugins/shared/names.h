/* The distinct texts of a column (items of a survey, raters, groups) in the order of their bytes, and their place by
 * code: codes are of one run, so a model keeps names and orders what it adds up by them. */
#ifndef PLUGINS_SHARED_NAMES_H
#define PLUGINS_SHARED_NAMES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

/* Name i is bytes[offsets[i] .. offsets[i + 1]), a zero byte at its end included. */
typedef struct name_table {
  char *bytes;
  int64_t *offsets;
  uint32_t count;
  uint32_t reserved;
} name_table;

static inline const char *name_at(const name_table *t, uint32_t index)
{
  return t->bytes + t->offsets[index];
}

static inline void names_free(name_table *t)
{
  free(t->bytes);
  free(t->offsets);
  *t = (name_table){0};
}

/* A copy of texts in their order; texts hold no zero byte. 0: no memory. */
static inline int names_copy(name_table *t, const char *const *texts, const int64_t *lengths, uint32_t count)
{
  int64_t room = 0, at = 0;
  for (uint32_t i = 0; i < count; i++) room += lengths[i] + 1;
  names_free(t);
  t->bytes = malloc((size_t)room + 1);
  t->offsets = malloc((count + 1u) * sizeof *t->offsets);
  if (!t->bytes || !t->offsets) return names_free(t), 0;
  for (uint32_t i = 0; i < count; i++) {
    t->offsets[i] = at;
    memcpy(t->bytes + at, texts[i], (size_t)lengths[i]);
    t->bytes[at + lengths[i]] = 0;
    at += lengths[i] + 1;
  }
  t->offsets[count] = at;
  t->count = count;
  return 1;
}

typedef struct name_found {
  const char *text;
  int64_t length;
} name_found;

static inline int names_compare(const void *a, const void *b)
{
  const name_found *x = a, *y = b;
  size_t both = (size_t)(x->length < y->length ? x->length : y->length);
  int order = memcmp(x->text, y->text, both);
  return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Those of the column's valid values [0, count). 0: no memory. */
static inline int names_gather(name_table *t, const tarazu_column *column, int64_t count)
{
  const tarazu_dictionary *d = column->dictionary;
  const int32_t *codes = column->values;
  uint8_t *seen = calloc((d ? d->count : 0) + 1u, 1);
  uint32_t distinct = 0, at = 0;
  for (int64_t i = column->offsets ? column->offsets[0] : 0; seen && d && i < count; i++) { /* which need not be 0 */
    if (!tarazu_is_valid(column, i)) continue;
    distinct += !seen[codes[i]];
    seen[codes[i]] = 1;
  }
  name_found *found = malloc((distinct + 1u) * sizeof *found);
  const char **texts = malloc((distinct + 1u) * sizeof *texts);
  int64_t *lengths = malloc((distinct + 1u) * sizeof *lengths);
  int good = seen && found && texts && lengths;
  for (uint32_t code = 0; good && d && code < d->count; code++)
    if (seen[code]) found[at++] = (name_found){d->bytes + d->offsets[code], d->offsets[code + 1] - d->offsets[code]};
  if (good) qsort(found, distinct, sizeof *found, names_compare);
  for (uint32_t i = 0; good && i < distinct; i++) texts[i] = found[i].text, lengths[i] = found[i].length;
  good = good && names_copy(t, texts, lengths, distinct);
  free(seen);
  free(found);
  free((void *)texts);
  free(lengths);
  return good;
}

/* The place of a name in a sorted table; -1: it is not there. */
static inline int32_t names_find(const name_table *t, const char *text, int64_t length)
{
  uint32_t low = 0, high = t->count;
  const name_found wanted = {text, length};
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    const name_found here = {name_at(t, middle), t->offsets[middle + 1] - t->offsets[middle] - 1};
    int order = names_compare(&wanted, &here);
    if (!order) return (int32_t)middle;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return -1;
}

/* Places by code, found once each while few are in use: a call's own, so that calls may go side by side. */
enum { LOOKUP_PLACES = 256 };

typedef struct name_lookup {
  const name_table *table;
  const tarazu_column *column;
  int32_t codes[LOOKUP_PLACES], places[LOOKUP_PLACES];
} name_lookup;

static inline void lookup_begin(name_lookup *l, const name_table *table, const tarazu_column *column)
{
  l->table = table;
  l->column = column;
  memset(l->codes, -1, sizeof l->codes);
}

/* The place of the column's value i; -1: it is null, or not in the table. */
static inline int32_t lookup_at(name_lookup *l, int64_t i)
{
  if (!tarazu_is_valid(l->column, i)) return -1;
  int32_t code = ((const int32_t *)l->column->values)[i];
  uint32_t slot = (uint32_t)code % LOOKUP_PLACES;
  if (l->codes[slot] != code) {
    const tarazu_dictionary *d = l->column->dictionary;
    l->codes[slot] = code;
    l->places[slot] = names_find(l->table, d->bytes + d->offsets[code], d->offsets[code + 1] - d->offsets[code]);
  }
  return l->places[slot];
}

/* ---- in saved models: a count, the offsets, the bytes ---- */

static inline int names_write(const name_table *t, const tarazu_writer *writer)
{
  int64_t count = t->count;
  if (!writer->write(writer, &count, sizeof count)) return 0;
  if (!count) return 1;
  return writer->write(writer, t->offsets, ((size_t)count + 1) * sizeof *t->offsets) &&
         writer->write(writer, t->bytes, (size_t)t->offsets[count]);
}

/* The part of a saved model that is not read yet. */
typedef struct saved_part {
  const char *at;
  size_t left;
} saved_part;

/* 0: there are not so many bytes. */
static inline int part_read(saved_part *p, void *to, size_t bytes)
{
  if (bytes > p->left) return 0;
  if (bytes) memcpy(to, p->at, bytes);
  p->at += bytes;
  p->left -= bytes;
  return 1;
}

static inline int names_are_whole(const name_table *t, uint32_t count)
{
  if (t->offsets[0]) return 0;
  for (uint32_t i = 0; i < count; i++)
    if (t->offsets[i + 1] <= t->offsets[i] || t->bytes[t->offsets[i + 1] - 1]) return 0;
  return 1;
}

/* 0: damaged, or no memory. */
static inline int names_read(name_table *t, saved_part *p)
{
  int64_t count, end = 0;
  names_free(t);
  if (!part_read(p, &count, sizeof count) || count < 0 || (uint64_t)count > p->left / sizeof end) return 0;
  if (!count) return 1;
  size_t entries = (size_t)count + 1;
  if (p->left < entries * sizeof end) return 0;
  memcpy(&end, p->at + (size_t)count * sizeof end, sizeof end);
  if (end < 1 || (uint64_t)end > p->left - entries * sizeof end) return 0;
  t->offsets = malloc(entries * sizeof *t->offsets);
  t->bytes = malloc((size_t)end);
  int good =
      t->offsets && t->bytes && part_read(p, t->offsets, entries * sizeof end) && part_read(p, t->bytes, (size_t)end);
  for (int64_t i = 0; good && i < count; i++) good = t->offsets[i] >= 0 && t->offsets[i + 1] <= end;
  if (!good || !names_are_whole(t, (uint32_t)count)) return names_free(t), 0;
  t->count = (uint32_t)count;
  return 1;
}

#endif
