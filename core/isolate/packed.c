#include "isolate/packed.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, MOST_COLUMNS = 1 << 16 };

/* Places count from the beginning; 0: none. */
typedef struct packed_head {
  uint32_t size, column_count;
  int64_t rows, first_line;
  uint64_t columns; /* 0: it has none */
} packed_head;

typedef struct packed_column {
  uint32_t size, type;
  uint32_t there, has_dictionary;
  uint64_t values, valid;
  int64_t bytes; /* of values */
  uint64_t offsets, strings, string_bytes;
  uint32_t dictionary_size, count;
} packed_column;

/* ---- writing ----------------------------------------------------------------------------------------------- */

/* As if without end: what does not fit is counted, not written. */
typedef struct writer {
  char *to;
  size_t room, at;
} writer;

static uint64_t place(writer *w, const void *from, size_t count)
{
  size_t here = w->at;
  w->at += (count + ALIGN - 1) / ALIGN * ALIGN;
  if (count && from && w->at <= w->room) memcpy(w->to + here, from, count);
  return here;
}

static void put_dictionary(writer *w, const tarazu_dictionary *d, packed_column *out)
{
  out->has_dictionary = 1;
  out->dictionary_size = d->size;
  out->count = d->count;
  if (d->size < sizeof *d || !d->offsets) return;
  int64_t end = d->offsets[d->count];
  out->offsets = place(w, d->offsets, ((size_t)d->count + 1) * sizeof *d->offsets);
  if (!d->bytes || end <= 0) return;
  out->string_bytes = (uint64_t)end;
  out->strings = place(w, d->bytes, (size_t)end);
}

static void put_column(writer *w, const tarazu_column *c, int64_t bytes, int64_t rows, packed_column *out)
{
  *out = (packed_column){.size = c->size, .type = c->type, .there = 1, .bytes = bytes};
  if (c->size < sizeof *c) return;
  if (c->values) out->values = place(w, c->values, bytes > 0 ? (size_t)bytes : 0);
  if (c->valid && rows > 0) out->valid = place(w, c->valid, ((size_t)rows + 7) / 8);
  if (c->dictionary) put_dictionary(w, c->dictionary, out);
}

size_t packed_put(const tarazu_chunk *chunk, char *to, size_t room)
{
  writer w = {.to = to, .room = room};
  packed_head head = {.size = chunk->size};
  int whole = chunk->size >= sizeof *chunk;
  place(&w, NULL, sizeof head);
  if (whole) {
    head.column_count = chunk->column_count;
    head.rows = chunk->rows;
    head.first_line = chunk->first_line;
  }
  if (whole && chunk->columns && head.column_count <= MOST_COLUMNS) {
    head.columns = place(&w, NULL, head.column_count * sizeof(packed_column));
    for (uint32_t i = 0; i < head.column_count; i++) {
      packed_column column = {0};
      size_t at = head.columns + i * sizeof column;
      const tarazu_column *c = chunk->columns[i];
      if (c) put_column(&w, c, chunk->bytes ? chunk->bytes[i] : 0, head.rows, &column);
      if (at + sizeof column <= room) memcpy(to + at, &column, sizeof column);
    }
  }
  if (sizeof head <= room) memcpy(to, &head, sizeof head);
  return w.at;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

typedef struct bytes {
  const char *from;
  size_t count;
} bytes;

/* NULL: it does not lie within. */
static const void *within(const bytes *b, uint64_t at, uint64_t count)
{
  return at % sizeof(int64_t) == 0 && at <= b->count && count <= b->count - at ? b->from + at : NULL;
}

static const char *view_dictionary(const bytes *b, const packed_column *from, tarazu_dictionary *out)
{
  *out = (tarazu_dictionary){.size = from->dictionary_size, .count = from->count};
  if (!from->offsets) return NULL; /* which is none */
  out->offsets = within(b, from->offsets, ((uint64_t)from->count + 1) * sizeof *out->offsets);
  out->bytes = within(b, from->strings, from->string_bytes);
  if (!out->offsets || !out->bytes) return "a dictionary that is not all there";
  for (uint32_t i = 0; i <= from->count; i++)
    if (out->offsets[i] < (i ? out->offsets[i - 1] : 0)) return "strings out of order";
  return (uint64_t)out->offsets[from->count] <= from->string_bytes ? NULL : "strings that end behind their bytes";
}

static const char *view_column(const bytes *b, const packed_column *from, int64_t rows, tarazu_column *out,
                               tarazu_dictionary *strings)
{
  *out = (tarazu_column){.size = from->size, .type = from->type};
  if (from->values && !(out->values = within(b, from->values, from->bytes > 0 ? (uint64_t)from->bytes : 0)))
    return "values that are not all there";
  if (from->valid && rows > 0 && !(out->valid = within(b, from->valid, ((uint64_t)rows + 7) / 8)))
    return "nulls that are not all there";
  if (!from->has_dictionary) return NULL;
  out->dictionary = strings;
  return view_dictionary(b, from, strings);
}

static int make_room(packed_chunk *view, uint32_t count)
{
  if (view->columns && count <= view->room) return 1;
  packed_free(view);
  view->room = count + 8;
  view->columns = calloc(view->room, sizeof *view->columns);
  view->pointers = calloc(view->room, sizeof *view->pointers);
  view->dictionaries = calloc(view->room, sizeof *view->dictionaries);
  view->bytes = calloc(view->room, sizeof *view->bytes);
  return view->columns && view->pointers && view->dictionaries && view->bytes;
}

const char *packed_view(packed_chunk *view, const char *from, size_t count)
{
  const bytes b = {from, count};
  const packed_head *head = within(&b, 0, sizeof *head);
  if (!head) return "no chunk at all";
  size_t there = head->columns ? head->column_count : 0;
  const packed_column *columns = within(&b, head->columns, there * sizeof *columns);
  if (!columns || head->column_count > MOST_COLUMNS) return "columns that are not all there";
  if (!make_room(view, head->column_count)) return "more columns than there is memory for";
  view->chunk = (tarazu_chunk){.size = head->size < sizeof view->chunk ? head->size : (uint32_t)sizeof view->chunk,
                               .column_count = head->column_count,
                               .rows = head->rows,
                               .first_line = head->first_line,
                               .columns = head->columns ? view->pointers : NULL,
                               .bytes = view->bytes};
  for (uint32_t i = 0; i < there; i++) {
    view->pointers[i] = columns[i].there ? &view->columns[i] : NULL;
    view->bytes[i] = columns[i].bytes;
    const char *why = view_column(&b, &columns[i], head->rows, &view->columns[i], &view->dictionaries[i]);
    if (why) return why;
  }
  return NULL;
}

void packed_free(packed_chunk *view)
{
  free(view->columns);
  free(view->pointers);
  free(view->dictionaries);
  free(view->bytes);
  *view = (packed_chunk){0};
}
