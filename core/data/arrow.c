/* A source over an Arrow stream: its batches are kept and read piece by piece, parts being runs of batches. */
#include "data/arrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "data/arrow_cells.h"

typedef struct arrow_batch {
  struct ArrowArray array;
  tarazu_dictionary *strings; /* a column each: of dictionary-encoded ones; offsets owned */
  int64_t first_row;
} arrow_batch;

struct arrow_source {
  struct ArrowSchema schema;
  uint32_t column_count;
  arrow_type *types;
  tarazu_source_column *columns; /* what describe tells */
  arrow_batch *batches;
  size_t batch_count, batch_room;
  int64_t rows;
};

#define NO_COLUMN UINT32_MAX

/* ---- taking a stream ---------------------------------------------------------------------------------------- */

static tarazu_status take_schema(arrow_source *self, struct ArrowArrayStream *stream, tarazu_error *error)
{
  if (stream->get_schema(stream, &self->schema)) {
    const char *why = stream->get_last_error ? stream->get_last_error(stream) : NULL;
    return tarazu_fail(error, TARAZU_BAD_DATA, "the Arrow stream has no schema: %s", why ? why : "no reason given");
  }
  const struct ArrowSchema *schema = &self->schema;
  if (!schema->format || strcmp(schema->format, "+s") != 0 || schema->n_children < 0 ||
      schema->n_children > UINT32_MAX / 2)
    return tarazu_fail(error, TARAZU_BAD_DATA, "the Arrow stream is not one of record batches");
  self->column_count = (uint32_t)schema->n_children;
  self->types = calloc((size_t)self->column_count + 1, sizeof *self->types);
  self->columns = calloc((size_t)self->column_count + 1, sizeof *self->columns);
  if (!self->types || !self->columns) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the Arrow schema");
  for (uint32_t c = 0; c < self->column_count; c++) {
    const struct ArrowSchema *child = schema->children[c];
    self->types[c] = arrow_type_of(child);
    self->columns[c] = (tarazu_source_column){.name = child->name ? child->name : "",
                                              .declared = child->format ? child->format : "",
                                              .type = self->types[c].type};
  }
  return TARAZU_OK;
}

static tarazu_status check_batch(const arrow_source *self, const struct ArrowArray *array, tarazu_error *error)
{
  if (array->length < 0 || array->offset < 0 || array->n_children != (int64_t)self->column_count)
    return tarazu_fail(error, TARAZU_BAD_DATA, "an Arrow batch does not match its schema");
  if (array->null_count != 0 && array->n_buffers > 0 && array->buffers && array->buffers[0])
    return tarazu_fail(error, TARAZU_BAD_DATA, "an Arrow batch has rows that are null as a whole");
  for (uint32_t c = 0; c < self->column_count; c++)
    if (!arrow_array_fits(&self->types[c], array->children[c]) ||
        array->children[c]->length < array->offset + array->length)
      return tarazu_fail(error, TARAZU_BAD_DATA, "column '%.100s' of an Arrow batch does not match its schema",
                         self->columns[c].name);
  return TARAZU_OK;
}

static tarazu_status keep_batch(arrow_source *self, struct ArrowArray *array, tarazu_error *error)
{
  if (self->batch_count == self->batch_room) {
    size_t room = self->batch_room ? self->batch_room * 2 : 16;
    arrow_batch *batches = realloc(self->batches, room * sizeof *batches);
    if (!batches) {
      array->release(array);
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the Arrow batches");
    }
    self->batches = batches;
    self->batch_room = room;
  }
  arrow_batch *batch = &self->batches[self->batch_count++];
  *batch = (arrow_batch){.array = *array, .first_row = self->rows};
  tarazu_status status = check_batch(self, array, error);
  if (status != TARAZU_OK) return status;
  self->rows += array->length;
  batch->strings = calloc((size_t)self->column_count + 1, sizeof *batch->strings);
  for (uint32_t c = 0; c < self->column_count && batch->strings; c++)
    if (self->types[c].layout == ARROW_CODES &&
        !arrow_strings(self->types[c].string_width, array->children[c]->dictionary, &batch->strings[c]))
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for an Arrow dictionary");
  return batch->strings ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for an Arrow batch");
}

static tarazu_status take_batches(arrow_source *self, struct ArrowArrayStream *stream, tarazu_error *error)
{
  for (;;) {
    struct ArrowArray array = {0};
    if (stream->get_next(stream, &array)) {
      const char *why = stream->get_last_error ? stream->get_last_error(stream) : NULL;
      return tarazu_fail(error, TARAZU_BAD_DATA, "the Arrow stream failed: %s", why ? why : "no reason given");
    }
    if (!array.release) return TARAZU_OK;
    tarazu_status status = keep_batch(self, &array, error);
    if (status != TARAZU_OK) return status;
  }
}

arrow_source *arrow_source_new(struct ArrowArrayStream *stream, tarazu_error *error)
{
  arrow_source *self = calloc(1, sizeof *self);
  tarazu_status status =
      self ? take_schema(self, stream, error) : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for an Arrow stream");
  if (status == TARAZU_OK) status = take_batches(self, stream, error);
  if (stream->release) stream->release(stream);
  if (status == TARAZU_OK) return self;
  arrow_source_free(self);
  return NULL;
}

void arrow_source_free(arrow_source *self)
{
  if (!self) return;
  for (size_t b = 0; b < self->batch_count; b++) {
    arrow_batch *batch = &self->batches[b];
    for (uint32_t c = 0; batch->strings && c < self->column_count; c++) free((void *)batch->strings[c].offsets);
    free(batch->strings);
    if (batch->array.release) batch->array.release(&batch->array);
  }
  if (self->schema.release) self->schema.release(&self->schema);
  free(self->batches);
  free(self->types);
  free(self->columns);
  free(self);
}

/* ---- what is asked ------------------------------------------------------------------------------------------ */

static uint32_t find_column(const arrow_source *self, const char *name)
{
  for (uint32_t c = 0; name && c < self->column_count; c++)
    if (!strcmp(self->columns[c].name, name)) return c;
  return NO_COLUMN;
}

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error)
{
  (void)request;
  (void)error;
  const arrow_source *source = self;
  *columns = (tarazu_list){source->columns, source->column_count, sizeof *source->columns};
  return TARAZU_OK;
}

/* A column that is there and of one of the types (a bit each); else the error with the item at fault. */
static tarazu_status check_column(const arrow_source *self, const char *name, unsigned types, const char *expected,
                                  int32_t item, tarazu_error *error)
{
  uint32_t c = find_column(self, name);
  error->item = item;
  if (c == NO_COLUMN)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the pushed table has no column '%.200s'", name ? name : "");
  if (!(types >> self->columns[c].type & 1u) || !self->columns[c].type)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "column '%.200s' of the pushed table has the Arrow type '%.40s', expected %s", name,
                       self->columns[c].declared, expected);
  error->item = -1;
  return TARAZU_OK;
}

static tarazu_status plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  const unsigned keys = 1u << TARAZU_I64 | 1u << TARAZU_TEXT, times = 1u << TARAZU_TIME | 1u << TARAZU_CIVIL;
  tarazu_status status = TARAZU_OK;
  if (request->where) {
    error->item = -2;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "a pushed table takes no 'where', filter it before");
  }
  for (int k = 0; k < 2 && status == TARAZU_OK; k++)
    if (request->keys[k]) status = check_column(self, request->keys[k], keys, "integers or texts", -3 - k, error);
  if (status == TARAZU_OK && request->time) status = check_column(self, request->time, times, "dates", -5, error);
  for (uint32_t i = 0; i < request->wants.count && status == TARAZU_OK; i++) {
    const tarazu_want *as = tarazu_at(&request->wants, i);
    if (as->aggregate) return TARAZU_NO_RESULT;
    status = check_column(self, as->expression, ~0u, "numbers, texts, truth values or dates", (int32_t)i, error);
  }
  return status;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

typedef struct arrow_part {
  size_t batch, end; /* the next batch, and the one after the last */
  int64_t row;       /* the next row of it */
  arrow_cells *cells;
  const tarazu_column **columns;
  int64_t *bytes;
  tarazu_chunk chunk;
  int32_t codes[ARROW_PIECE]; /* of strings, where rows are left out */
} arrow_part;

typedef struct arrow_reader {
  uint32_t *columns; /* those asked for, in order */
  uint32_t count;
  uint32_t time; /* its place among them; NO_COLUMN */
  int64_t until, until_civil;
  arrow_part *parts;
  uint32_t part_count;
} arrow_reader;

static void close_reader(const void *self, void *given)
{
  (void)self;
  arrow_reader *reader = given;
  if (!reader) return;
  for (uint32_t p = 0; reader->parts && p < reader->part_count; p++) {
    free(reader->parts[p].cells);
    free(reader->parts[p].columns);
    free(reader->parts[p].bytes);
  }
  free(reader->parts);
  free(reader->columns);
  free(reader);
}

static uint32_t parts_for(const arrow_source *self, const tarazu_request *request)
{
  uint32_t threads = request->threads ? request->threads : 1;
  return self->batch_count < threads ? (uint32_t)self->batch_count : threads;
}

static int parts_new(arrow_reader *reader, size_t batches)
{
  reader->parts = calloc((size_t)reader->part_count + 1, sizeof *reader->parts);
  if (!reader->parts) return 0;
  for (uint32_t p = 0; p < reader->part_count; p++) {
    arrow_part *part = &reader->parts[p];
    part->batch = batches * p / reader->part_count;
    part->end = batches * (p + 1) / reader->part_count;
    part->cells = calloc((size_t)reader->count + 1, sizeof *part->cells);
    part->columns = calloc((size_t)reader->count + 1, sizeof(tarazu_column *));
    part->bytes = calloc((size_t)reader->count + 1, sizeof *part->bytes);
    if (!part->cells || !part->columns || !part->bytes) return 0;
    for (uint32_t c = 0; c < reader->count; c++) part->columns[c] = &part->cells[c].column;
  }
  return 1;
}

static tarazu_status open_reader(void *self, const tarazu_request *request, void **out, uint32_t *parts,
                                 tarazu_error *error)
{
  const arrow_source *source = self;
  tarazu_status status = plan(self, request, error);
  if (status != TARAZU_OK) return status;
  arrow_reader *reader = calloc(1, sizeof *reader);
  *out = reader;
  if (!reader) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to read a pushed table");
  reader->until = request->until;
  reader->until_civil = request->until_civil;
  reader->time = NO_COLUMN;
  reader->columns = calloc((size_t)request->wants.count + 4, sizeof *reader->columns);
  if (!reader->columns) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to read a pushed table");
  for (int k = 0; k < 2; k++)
    if (request->keys[k]) reader->columns[reader->count++] = find_column(source, request->keys[k]);
  if (request->time) {
    reader->time = reader->count;
    reader->columns[reader->count++] = find_column(source, request->time);
  }
  for (uint32_t i = 0; i < request->wants.count; i++)
    reader->columns[reader->count++] =
        find_column(source, ((const tarazu_want *)tarazu_at(&request->wants, i))->expression);
  reader->part_count = *parts = parts_for(source, request);
  if (!parts_new(reader, source->batch_count))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to read a pushed table");
  return TARAZU_OK;
}

/* Moves row `from` to row `to`, which is not after it. */
static void move_row(arrow_part *part, uint32_t count, int64_t from, int64_t to)
{
  for (uint32_t c = 0; c < count; c++) {
    arrow_cells *cells = &part->cells[c];
    size_t width = column_width(cells->column.type);
    bits_copy(cells->valid, to, cells->valid, from, 1);
    if (cells->column.values)
      memmove((char *)cells->values + (size_t)to * width, (char *)cells->values + (size_t)from * width, width);
  }
  part->codes[to] = (int32_t)from;
}

/* Leaves out what is dated after the moment that nothing may be dated after. */
static int64_t leave_out(const arrow_reader *reader, arrow_part *part, int64_t rows)
{
  if (reader->time == NO_COLUMN) return rows;
  const tarazu_column *time = &part->cells[reader->time].column;
  int64_t until = time->type == TARAZU_CIVIL ? reader->until_civil : reader->until, kept = 0;
  const int64_t *moments = time->values;
  for (int64_t i = 0; i < rows; i++) {
    if (tarazu_is_valid(time, i) && moments[i] > until) continue;
    move_row(part, reader->count, i, kept++);
  }
  for (uint32_t c = 0; c < reader->count && kept < rows; c++)
    if (!part->cells[c].column.values) part->cells[c].column.values = part->codes;
  return kept;
}

static tarazu_status read_piece(const arrow_source *self, const arrow_reader *reader, arrow_part *part, int64_t rows,
                                tarazu_error *error)
{
  const arrow_batch *batch = &self->batches[part->batch];
  for (uint32_t c = 0; c < reader->count; c++) {
    uint32_t index = reader->columns[c];
    tarazu_status status = arrow_read(&self->types[index], batch->array.children[index], &batch->strings[index],
                                      batch->array.offset + part->row, rows, &part->cells[c], error);
    if (status == TARAZU_OK) continue;
    char why[200];
    snprintf(why, sizeof why, "%.199s", error->message);
    return tarazu_fail(error, status, "column '%.200s' of the pushed table: %s", self->columns[index].name, why);
  }
  int64_t kept = leave_out(reader, part, rows);
  for (uint32_t c = 0; c < reader->count; c++) {
    const tarazu_column *all = &part->cells[c].column;
    part->bytes[c] = all->values ? kept * (int64_t)column_width(all->type) : 0;
  }
  /* Rows have numbers here, from 1 on; they are lines only while none is left out. */
  part->chunk = (tarazu_chunk){.size = sizeof part->chunk,
                               .column_count = reader->count,
                               .rows = kept,
                               .first_line = kept == rows ? batch->first_row + part->row + 1 : 0,
                               .columns = part->columns,
                               .bytes = part->bytes};
  return TARAZU_OK;
}

static tarazu_status read_part(const void *given, void *reading, uint32_t number, const tarazu_chunk **chunk,
                               tarazu_error *error)
{
  const arrow_source *self = given;
  const arrow_reader *reader = reading;
  arrow_part *part = &reader->parts[number];
  *chunk = NULL;
  while (part->batch < part->end && part->row >= self->batches[part->batch].array.length) {
    part->batch++;
    part->row = 0;
  }
  if (part->batch >= part->end) return TARAZU_OK;
  int64_t rows = self->batches[part->batch].array.length - part->row;
  if (rows > ARROW_PIECE) rows = ARROW_PIECE;
  tarazu_status status = read_piece(self, reader, part, rows, error);
  part->row += rows;
  if (status == TARAZU_OK) *chunk = &part->chunk;
  return status;
}

/* ---- the fingerprint ---------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t count)
{
  return hash_bytes(bytes, count, hash);
}

static uint64_t mix_piece(uint64_t hash, const arrow_cells *cells, int64_t rows)
{
  const tarazu_column *all = &cells->column;
  for (int64_t i = 0; i < rows; i++) {
    uint8_t there = (uint8_t)tarazu_is_valid(all, i);
    if (all->type != TARAZU_TEXT || !there) {
      hash = mix(hash, &there, 1);
      continue;
    }
    int64_t code = all->values ? ((const int32_t *)all->values)[i] : i;
    const int64_t *offset = &all->dictionary->offsets[code];
    hash = mix(hash, all->dictionary->bytes + offset[0], (size_t)(offset[1] - offset[0]));
  }
  if (all->type == TARAZU_TEXT) return hash;
  return mix(hash, cells->values, (size_t)rows * column_width(all->type));
}

/* Of names, types and values, column by column and batch by batch; nulls and what lies under them are all the same. */
static tarazu_status fingerprint(const void *given, void *reader, char digits[65], tarazu_error *error)
{
  (void)reader;
  const arrow_source *self = given;
  arrow_cells *cells = malloc(sizeof *cells);
  if (!cells) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for a fingerprint");
  uint64_t hash = (uint64_t)self->rows;
  tarazu_status status = TARAZU_OK;
  for (uint32_t c = 0; c < self->column_count; c++) {
    hash = mix(hash, self->columns[c].name, strlen(self->columns[c].name));
    hash = mix(hash, self->columns[c].declared, strlen(self->columns[c].declared));
    for (size_t b = 0; b < self->batch_count && self->columns[c].type; b++) {
      const arrow_batch *batch = &self->batches[b];
      for (int64_t row = 0; row < batch->array.length; row += ARROW_PIECE) {
        int64_t rows = batch->array.length - row < ARROW_PIECE ? batch->array.length - row : ARROW_PIECE;
        tarazu_error ignored = {.size = sizeof ignored}; /* of a column that nobody asked for, maybe */
        if (arrow_read(&self->types[c], batch->array.children[c], &batch->strings[c], batch->array.offset + row, rows,
                       cells, &ignored) == TARAZU_OK)
          hash = mix_piece(hash, cells, rows);
      }
    }
  }
  free(cells);
  snprintf(digits, 65, "%016llx", (unsigned long long)hash);
  return status;
}

const tarazu_source *arrow_source_interface(void)
{
  static const char *const accepts[] = {NULL};
  static const tarazu_source interface = {.size = sizeof interface,
                                          .accepts = accepts,
                                          .describe = describe,
                                          .plan = plan,
                                          .open = open_reader,
                                          .read = read_part,
                                          .fingerprint = fingerprint,
                                          .close = close_reader};
  return &interface;
}
