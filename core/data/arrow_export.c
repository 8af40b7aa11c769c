/* Columns out by the Arrow C data interface: values, bitmaps and dictionaries are lent as they are; only truth values,
 * a byte each with us and a bit with Arrow, are copied. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "data/arrow.h"

/* What a stream and the batches that came of it share; the last one to go gives the columns back. */
typedef struct shared {
  atomic_int holders;
  arrow_field *fields; /* with names of our own */
  uint32_t count;
  int64_t rows, batch_rows, next;
  void (*released)(void *argument);
  void *argument;
} shared;

/* What one array of a batch owns. Each holds the columns for itself, since a consumer may move a child elsewhere and
 * release its parent. */
typedef struct owned {
  shared *with;
  uint8_t *bits;
  const void *buffers[3];
} owned;

static void let_go(shared *self)
{
  if (atomic_fetch_sub(&self->holders, 1) > 1) return;
  if (self->released) self->released(self->argument);
  for (uint32_t i = 0; i < self->count; i++) free((char *)self->fields[i].name);
  free(self->fields);
  free(self);
}

/* ---- the schema --------------------------------------------------------------------------------------------- */

static const char *format_of(uint32_t type)
{
  switch (type) {
  case TARAZU_F64: return "g";
  case TARAZU_BOOL: return "b";
  case TARAZU_TIME: return "tsu:UTC";
  case TARAZU_CIVIL: return "tsu:";
  case TARAZU_TEXT: return "i";
  default: return "l";
  }
}

static void release_schema(struct ArrowSchema *schema)
{
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct ArrowSchema *child = schema->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(schema->children);
  if (schema->dictionary) {
    if (schema->dictionary->release) schema->dictionary->release(schema->dictionary);
    free(schema->dictionary);
  }
  free(schema->private_data); /* the name */
  schema->release = NULL;
}

static int child_schema(const arrow_field *field, struct ArrowSchema *out)
{
  char *name = strdup(field->name);
  *out = (struct ArrowSchema){.format = format_of(field->column->type),
                              .name = name,
                              .flags = ARROW_FLAG_NULLABLE,
                              .release = release_schema,
                              .private_data = name};
  if (!name) return 0;
  if (field->column->type != TARAZU_TEXT) return 1;
  out->dictionary = calloc(1, sizeof *out->dictionary);
  if (!out->dictionary) return 0;
  *out->dictionary = (struct ArrowSchema){.format = "U", .name = "", .release = release_schema};
  return 1;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  const shared *self = stream->private_data;
  *out = (struct ArrowSchema){.format = "+s", .name = "", .release = release_schema};
  out->children = calloc((size_t)self->count + 1, sizeof(struct ArrowSchema *));
  int good = out->children != NULL;
  for (uint32_t i = 0; i < self->count && good; i++) {
    out->children[i] = calloc(1, sizeof *out->children[i]);
    out->n_children = (int64_t)i + 1;
    good = out->children[i] && child_schema(&self->fields[i], out->children[i]);
  }
  if (good) return 0;
  release_schema(out);
  return ENOMEM;
}

/* ---- batches ------------------------------------------------------------------------------------------------ */

static void release_array(struct ArrowArray *array)
{
  owned *self = array->private_data;
  for (int64_t i = 0; array->children && i < array->n_children; i++) {
    struct ArrowArray *child = array->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(array->children);
  if (array->dictionary && array->dictionary->release) array->dictionary->release(array->dictionary);
  free(array->dictionary);
  free(self->bits);
  let_go(self->with);
  free(self);
  array->release = NULL;
}

/* An array without children yet; 0: no memory, and nothing to release. */
static int array_new(shared *with, int64_t length, int64_t buffers, struct ArrowArray *out)
{
  owned *self = calloc(1, sizeof *self);
  if (!self) return 0;
  self->with = with;
  atomic_fetch_add(&with->holders, 1);
  *out = (struct ArrowArray){
      .length = length, .n_buffers = buffers, .buffers = self->buffers, .release = release_array, .private_data = self};
  return 1;
}

static int dictionary_array(shared *with, const tarazu_dictionary *strings, struct ArrowArray **out)
{
  static const int64_t no_offsets[1] = {0};
  *out = calloc(1, sizeof **out);
  if (!*out || !array_new(with, strings ? strings->count : 0, 3, *out)) return 0;
  owned *self = (*out)->private_data;
  self->buffers[1] = strings ? strings->offsets : no_offsets;
  self->buffers[2] = strings && strings->bytes ? strings->bytes : "";
  return 1;
}

static int pack_bits(const column *from, int64_t first, int64_t rows, owned *out)
{
  out->bits = calloc((size_t)rows / 8 + 1, 1);
  if (!out->bits) return 0;
  const uint8_t *values = from->values;
  for (int64_t i = 0; i < rows; i++) out->bits[i >> 3] |= (uint8_t)((values[first + i] != 0) << (i & 7));
  out->buffers[1] = out->bits;
  return 1;
}

/* Arrow's offset counts in values and in bits of the bitmap alike; where values are packed, the bitmap is copied too.
 */
static int column_array(shared *with, const column *from, int64_t first, int64_t rows, struct ArrowArray *out)
{
  if (!array_new(with, rows, 2, out)) return 0;
  owned *self = out->private_data;
  out->null_count = from->valid ? -1 : 0;
  out->offset = first;
  self->buffers[0] = from->valid;
  self->buffers[1] = from->values;
  if (from->type == TARAZU_BOOL) {
    /* The packed bits begin where the batch's first whole byte of the bitmap does. */
    int64_t start = first / 8 * 8;
    out->offset = first - start;
    if (from->valid) self->buffers[0] = from->valid + start / 8;
    return pack_bits(from, start, first - start + rows, self);
  }
  return from->type != TARAZU_TEXT || dictionary_array(with, from->dictionary, &out->dictionary);
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  shared *self = stream->private_data;
  *out = (struct ArrowArray){0};
  if (self->next >= self->rows) return 0;
  int64_t rows = self->rows - self->next < self->batch_rows ? self->rows - self->next : self->batch_rows;
  if (!array_new(self, rows, 1, out)) return ENOMEM;
  out->children = calloc((size_t)self->count + 1, sizeof(struct ArrowArray *));
  int good = out->children != NULL;
  for (uint32_t i = 0; i < self->count && good; i++) {
    out->children[i] = calloc(1, sizeof *out->children[i]);
    out->n_children = (int64_t)i + 1;
    good = out->children[i] && column_array(self, self->fields[i].column, self->next, rows, out->children[i]);
  }
  if (!good) {
    release_array(out);
    return ENOMEM;
  }
  self->next += rows;
  return 0;
}

/* ---- the stream --------------------------------------------------------------------------------------------- */

static const char *last_error(struct ArrowArrayStream *stream)
{
  (void)stream;
  return "no memory";
}

static void release_stream(struct ArrowArrayStream *stream)
{
  let_go(stream->private_data);
  stream->release = NULL;
}

int arrow_export(const arrow_field *fields, uint32_t count, int64_t rows, int64_t batch_rows,
                 struct ArrowArrayStream *out, void (*released)(void *argument), void *argument)
{
  *out = (struct ArrowArrayStream){0};
  shared *self = calloc(1, sizeof *self);
  if (!self) return 0;
  *self = (shared){.holders = 1, .count = count, .rows = rows, .batch_rows = batch_rows > 0 ? batch_rows : rows};
  int good = (self->fields = calloc((size_t)count + 1, sizeof *self->fields)) != NULL;
  for (uint32_t i = 0; i < count && good; i++) {
    self->fields[i] = (arrow_field){strdup(fields[i].name), fields[i].column};
    good = self->fields[i].name != NULL;
  }
  if (!good) {
    if (!self->fields) self->count = 0;
    let_go(self);
    return 0;
  }
  self->released = released;
  self->argument = argument;
  *out = (struct ArrowArrayStream){get_schema, get_next, last_error, release_stream, self};
  return 1;
}
