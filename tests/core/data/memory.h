/* A source over a table in memory, in any order, in any number of parts, in chunks of any size, for tests of loading.
 */
#ifndef TESTS_CORE_DATA_MEMORY_H
#define TESTS_CORE_DATA_MEMORY_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/table.h"

enum { MEMORY_COLUMNS = 48, MEMORY_CHUNK = 700, MEMORY_PARTS = 16 };

typedef struct cell {
  int there;
  int64_t integer; /* I64, BOOL, TIME, CIVIL */
  double real;
  const char *text;
} cell;

typedef struct memory_column {
  const char *name;
  uint32_t type;
  cell *cells;
} memory_column;

typedef struct memory {
  memory_column columns[MEMORY_COLUMNS];
  uint32_t column_count;
  int64_t rows;
  int64_t *order;
  uint32_t parts;
  int64_t largest_chunk;
  uint64_t seed;
  int lines;          /* tell line numbers; only where rows come in order */
  unsigned gives;     /* aggregates it can give, a bit each */
  int counts_rows;    /* gives COUNT without an expression */
  int opened, closed; /* readers */
  int aggregated;     /* readers of aggregates */
  void (*spoil)(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes); /* breaks a chunk; NULL: nothing */
  tarazu_status fails; /* what the second read of a part returns */
  tarazu_status plan_fails;
  int32_t plan_item;
} memory;

typedef struct memory_part {
  int64_t at, end;
  uint64_t random;
  int reads;
  tarazu_column columns[MEMORY_COLUMNS];
  const tarazu_column *pointers[MEMORY_COLUMNS];
  int64_t bytes[MEMORY_COLUMNS];
  int64_t *values[MEMORY_COLUMNS];
  uint8_t valid[MEMORY_COLUMNS][MEMORY_CHUNK / 8 + 1];
  tarazu_dictionary dictionaries[MEMORY_COLUMNS];
  int64_t offsets[MEMORY_COLUMNS][MEMORY_CHUNK + 2];
  char *strings[MEMORY_COLUMNS];
  tarazu_chunk chunk;
} memory_part;

typedef struct memory_reader {
  memory *rows; /* what it reads: the table, or one row a key */
  memory computed;
  uint32_t columns[MEMORY_COLUMNS];
  uint32_t column_count;
  int timed; /* the time's column, -1: none */
  tarazu_request request;
  memory_part parts[MEMORY_PARTS];
} memory_reader;

TARAZU_UNUSED static uint64_t memory_random(uint64_t *state)
{
  *state += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = *state;
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

TARAZU_UNUSED static cell *memory_add(memory *self, const char *name, uint32_t type)
{
  memory_column *added = &self->columns[self->column_count++];
  *added = (memory_column){name, type, calloc((size_t)self->rows + 1, sizeof(cell))};
  for (int64_t i = 0; i < self->rows; i++) added->cells[i].there = 1;
  return added->cells;
}

TARAZU_UNUSED static memory *memory_new(int64_t rows)
{
  memory *self = calloc(1, sizeof *self);
  *self = (memory){.rows = rows, .parts = 1, .largest_chunk = MEMORY_CHUNK, .plan_item = -1};
  self->order = calloc((size_t)rows + 1, sizeof *self->order);
  for (int64_t i = 0; i < rows; i++) self->order[i] = i;
  return self;
}

TARAZU_UNUSED static void memory_shuffle(memory *self, uint64_t seed)
{
  for (int64_t i = 0; i < self->rows; i++) self->order[i] = i;
  for (int64_t i = self->rows - 1; i > 0 && seed; i--) {
    int64_t other = (int64_t)(memory_random(&seed) % (uint64_t)(i + 1)), swap = self->order[i];
    self->order[i] = self->order[other];
    self->order[other] = swap;
  }
}

TARAZU_UNUSED static void memory_free(memory *self)
{
  for (uint32_t c = 0; c < self->column_count; c++) free(self->columns[c].cells);
  free(self->order);
  free(self);
}

static uint32_t memory_find(const memory *self, const char *name)
{
  for (uint32_t c = 0; c < self->column_count; c++)
    if (!strcmp(self->columns[c].name, name)) return c;
  return UINT32_MAX;
}

/* ---- aggregates, the plain way ------------------------------------------------------------------------------- */

TARAZU_UNUSED static int cell_order(uint32_t type, const cell *a, const cell *b)
{
  if (!a->there || !b->there) return a->there - b->there;
  if (type == TARAZU_F64) return (a->real > b->real) - (a->real < b->real);
  if (type == TARAZU_TEXT) return strcmp(a->text, b->text);
  return (a->integer > b->integer) - (a->integer < b->integer);
}

static int64_t floor_to(int64_t value, int64_t by)
{
  int64_t rest = value % by;
  return (value - (rest < 0 ? rest + by : rest)) / by;
}

/* An aggregate over the rows for which `mine` is set; times in UTC. */
TARAZU_UNUSED static cell memory_aggregate(const memory *self, const tarazu_want *as, uint32_t time, const char *mine)
{
  uint32_t at = as->expression ? memory_find(self, as->expression) : UINT32_MAX;
  int64_t day = INT64_C(86400000000), period = as->period / day * day, first = INT64_MAX;
  if (!period) period = day;
  int64_t *seen = calloc((size_t)self->rows + 1, sizeof *seen), distinct = 0, count = 0;
  double *reals = calloc((size_t)self->rows + 1, sizeof *reals);
  int64_t whole = 0;
  const cell *best = NULL;
  int64_t best_time = 0;
  for (int64_t i = 0; i < self->rows && time != UINT32_MAX; i++)
    if (mine[i] && self->columns[time].cells[i].integer < first) first = self->columns[time].cells[i].integer;
  for (int64_t i = 0; i < self->rows; i++) {
    if (!mine[i]) continue;
    const cell *value = at == UINT32_MAX ? NULL : &self->columns[at].cells[i];
    int64_t moment = time == UINT32_MAX ? 0 : self->columns[time].cells[i].integer;
    if (value && !value->there) continue;
    if (as->windowed && moment <= as->since) continue;
    if (as->span == TARAZU_FIRST_PERIOD && floor_to(moment, period) != floor_to(first, period)) continue;
    if (as->span == TARAZU_LATER_PERIODS && floor_to(moment, period) == floor_to(first, period)) continue;
    int known = 0;
    for (int64_t k = 0; k < distinct; k++) known |= seen[k] == floor_to(moment, period);
    if (!known) seen[distinct++] = floor_to(moment, period);
    if (value) reals[count] = self->columns[at].type == TARAZU_F64 ? value->real : (double)value->integer;
    if (value) whole += value->integer;
    count++;
    if (!value) continue;
    int order = best ? cell_order(self->columns[at].type, value, best) : 0;
    int later = best ? (moment > best_time) - (moment < best_time) : 0;
    if (!best || (as->aggregate == TARAZU_MIN && order < 0) || (as->aggregate == TARAZU_MAX && order > 0) ||
        (as->aggregate == TARAZU_FIRST && (later < 0 || (!later && order < 0))) ||
        (as->aggregate == TARAZU_LAST && (later > 0 || (!later && order > 0)))) {
      best = value;
      best_time = moment;
    }
  }
  cell out = {0};
  if (as->aggregate == TARAZU_COUNT) out = (cell){.there = 1, .integer = count};
  else if (as->aggregate == TARAZU_PERIODS) out = (cell){.there = 1, .integer = distinct};
  else if (as->aggregate == TARAZU_SUM || as->aggregate == TARAZU_MEAN) {
    /* amounts of these tests are multiples of 1/64, so that plain sums are exact */
    double sum = 0;
    for (int64_t k = 0; k < count; k++) sum += reals[k];
    int mean = as->aggregate == TARAZU_MEAN;
    out = (cell){.there = !mean || count > 0, .integer = whole, .real = mean ? sum / (double)count : sum};
  } else if (best) out = *best;
  free(seen);
  free(reals);
  return out;
}

/* ---- the interface ------------------------------------------------------------------------------------------ */

static tarazu_status memory_plan(void *given, const tarazu_request *request, tarazu_error *error)
{
  memory *self = given;
  if (self->plan_fails) {
    error->item = self->plan_item;
    return tarazu_fail(error, self->plan_fails, "made to fail");
  }
  for (uint32_t i = 0; i < request->wants.count; i++) {
    const tarazu_want *as = tarazu_at(&request->wants, i);
    if (as->aggregate && (!(self->gives >> as->aggregate & 1) || (!as->expression && !self->counts_rows)))
      return TARAZU_NO_RESULT;
    if (as->expression && memory_find(self, as->expression) == UINT32_MAX) {
      error->item = (int32_t)i;
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no column '%s'", as->expression);
    }
  }
  return TARAZU_OK;
}

static int same_key(const memory *self, uint32_t key, int64_t a, int64_t b)
{
  const cell *left = &self->columns[key].cells[a], *right = &self->columns[key].cells[b];
  if (left->there != right->there) return 0;
  return !left->there || !cell_order(self->columns[key].type, left, right);
}

static uint32_t aggregate_type(const memory *self, const tarazu_want *as)
{
  if (as->aggregate == TARAZU_COUNT || as->aggregate >= TARAZU_PERIODS) return TARAZU_I64;
  uint32_t type = self->columns[memory_find(self, as->expression)].type;
  if (as->aggregate == TARAZU_SUM && type == TARAZU_BOOL) return TARAZU_I64;
  return as->aggregate == TARAZU_MEAN ? TARAZU_F64 : type;
}

static int has_key(const memory *self, uint32_t key, int64_t row)
{
  const cell *it = &self->columns[key].cells[row];
  return it->there && (self->columns[key].type != TARAZU_TEXT || *it->text);
}

static cell count_undated(const memory *self, uint32_t time, const char *mine)
{
  cell out = {.there = 1};
  for (int64_t i = 0; i < self->rows; i++) out.integer += mine && mine[i] && !self->columns[time].cells[i].there;
  return out;
}

/* One row a key, or one row where there is none. */
static void memory_compute(memory_reader *reader, const memory *self)
{
  const tarazu_request *request = &reader->request;
  memory *out = &reader->computed;
  uint32_t key = request->keys[0] ? memory_find(self, request->keys[0]) : UINT32_MAX;
  uint32_t time = request->time ? memory_find(self, request->time) : UINT32_MAX;
  *out = (memory){.rows = self->rows, .parts = self->parts, .largest_chunk = self->largest_chunk, .seed = self->seed};
  out->order = calloc((size_t)self->rows + 1, sizeof *out->order);
  if (key != UINT32_MAX) memory_add(out, "key", self->columns[key].type);
  for (uint32_t i = 0; i < request->wants.count; i++)
    memory_add(out, "want", aggregate_type(self, tarazu_at(&request->wants, i)));
  char *mine = calloc((size_t)self->rows + 1, 1), *done = calloc((size_t)self->rows + 1, 1);
  char *dated = calloc((size_t)self->rows + 1, 1);
  int64_t rows = 0;
  int counts_undated = 0;
  for (uint32_t i = 0; i < request->wants.count; i++)
    counts_undated |= ((const tarazu_want *)tarazu_at(&request->wants, i))->aggregate == TARAZU_UNDATED;
  for (int64_t n = 0; n < self->rows; n++) {
    int64_t first = self->order[n];
    if (done[first]) continue;
    int any = 0, keyed = key == UINT32_MAX || has_key(self, key, first);
    for (int64_t i = 0; i < self->rows; i++) {
      const cell *moment = time == UINT32_MAX ? NULL : &self->columns[time].cells[i];
      mine[i] = key == UINT32_MAX || same_key(self, key, first, i);
      dated[i] = mine[i] && (!moment || (moment->there ? moment->integer <= request->until : !keyed && counts_undated));
      done[i] |= mine[i];
      any |= dated[i] || (mine[i] && !moment->there && counts_undated);
    }
    if (!any) continue;
    if (key != UINT32_MAX) out->columns[0].cells[rows] = self->columns[key].cells[first];
    for (uint32_t i = 0; i < request->wants.count; i++) {
      const tarazu_want *as = tarazu_at(&request->wants, i);
      out->columns[i + (key != UINT32_MAX)].cells[rows] = as->aggregate == TARAZU_UNDATED
                                                              ? count_undated(self, time, keyed ? mine : NULL)
                                                              : memory_aggregate(self, as, time, dated);
    }
    out->order[rows] = rows;
    rows++;
  }
  free(mine);
  free(dated);
  free(done);
  out->rows = rows;
  reader->rows = out;
  reader->column_count = out->column_count;
  for (uint32_t c = 0; c < out->column_count; c++) reader->columns[c] = c;
  reader->timed = -1;
}

static tarazu_status memory_open(void *given, const tarazu_request *request, void **out, uint32_t *parts,
                                 tarazu_error *error)
{
  memory *self = given;
  (void)error;
  memory_reader *reader = calloc(1, sizeof *reader);
  *out = reader;
  reader->request = *request;
  reader->rows = self;
  reader->timed = -1;
  self->opened++;
  int aggregated = request->wants.count && ((const tarazu_want *)request->wants.items)->aggregate;
  self->aggregated += aggregated;
  if (aggregated) {
    memory_compute(reader, self);
  } else {
    for (int k = 0; k < 2; k++)
      if (request->keys[k]) reader->columns[reader->column_count++] = memory_find(self, request->keys[k]);
    if (request->time) {
      reader->timed = (int)memory_find(self, request->time);
      reader->columns[reader->column_count++] = (uint32_t)reader->timed;
    }
    for (uint32_t i = 0; i < request->wants.count; i++)
      reader->columns[reader->column_count++] =
          memory_find(self, ((const tarazu_want *)tarazu_at(&request->wants, i))->expression);
  }
  *parts = self->parts;
  for (uint32_t p = 0; p < self->parts; p++) {
    memory_part *part = &reader->parts[p];
    part->at = reader->rows->rows * p / self->parts;
    part->end = reader->rows->rows * (p + 1) / self->parts;
    part->random = self->seed + p;
    for (uint32_t c = 0; c < reader->column_count; c++) {
      part->values[c] = calloc(MEMORY_CHUNK, sizeof(int64_t));
      part->strings[c] = calloc(MEMORY_CHUNK, 40);
    }
  }
  return TARAZU_OK;
}

/* Strings plainly, or by codes into a dictionary in another order with a string that nobody uses. */
static void memory_texts(memory_part *part, uint32_t c, int64_t rows, const cell *const *cells)
{
  int64_t *offsets = part->offsets[c];
  char *bytes = part->strings[c];
  int coded = (int)(memory_random(&part->random) & 1);
  int32_t *codes = (int32_t *)(void *)part->values[c];
  int64_t count = 0;
  offsets[0] = 0;
  for (int64_t i = 0; i < rows; i++) {
    int64_t at = coded ? rows - 1 - i : i;
    const char *string = cells[at]->there ? cells[at]->text : "";
    size_t length = strlen(string);
    assert_true(length < 40);
    memcpy(bytes + offsets[count], string, length);
    offsets[count + 1] = offsets[count] + (int64_t)length;
    if (coded) codes[at] = cells[at]->there ? (int32_t)count : -7; /* what lies under a null does not count */
    count++;
  }
  if (coded) offsets[count + 1] = offsets[count], count++;
  part->dictionaries[c] = (tarazu_dictionary){sizeof(tarazu_dictionary), (uint32_t)count, offsets, bytes};
  part->columns[c].dictionary = &part->dictionaries[c];
  part->columns[c].values = coded ? codes : NULL;
  part->bytes[c] = coded ? rows * 4 : 0;
}

static void memory_column_out(memory_part *part, uint32_t c, uint32_t type, int64_t rows, const cell *const *cells)
{
  int nulls = (int)(memory_random(&part->random) % 4 == 0);
  memset(part->valid[c], 0, sizeof part->valid[c]);
  for (int64_t i = 0; i < rows; i++) {
    nulls |= !cells[i]->there;
    if (cells[i]->there) part->valid[c][i >> 3] |= (uint8_t)(1u << (i & 7));
  }
  part->columns[c] =
      (tarazu_column){.size = sizeof(tarazu_column), .type = type, .valid = nulls ? part->valid[c] : NULL};
  part->columns[c].values = part->values[c];
  part->bytes[c] = rows * (type == TARAZU_BOOL ? 1 : 8);
  for (int64_t i = 0; i < rows; i++) {
    double real = cells[i]->there ? cells[i]->real : (double)NAN;
    if (type == TARAZU_F64) memcpy(&part->values[c][i], &real, sizeof real);
    else if (type == TARAZU_BOOL) ((uint8_t *)part->values[c])[i] = cells[i]->there ? (uint8_t)cells[i]->integer : 77;
    else if (type != TARAZU_TEXT) part->values[c][i] = cells[i]->there ? cells[i]->integer : INT64_MIN;
  }
  if (type == TARAZU_TEXT) memory_texts(part, c, rows, cells);
}

static int is_after(const memory_reader *reader, int64_t row)
{
  if (reader->timed < 0) return 0;
  const memory_column *time = &reader->rows->columns[reader->timed];
  int64_t until = time->type == TARAZU_CIVIL ? reader->request.until_civil : reader->request.until;
  return time->cells[row].there && time->cells[row].integer > until;
}

static tarazu_status memory_read(const void *given, void *reading, uint32_t number, const tarazu_chunk **chunk,
                                 tarazu_error *error)
{
  const memory *self = given;
  memory_reader *reader = reading;
  memory_part *part = &reader->parts[number];
  *chunk = NULL;
  if (self->fails && part->reads++) return tarazu_fail(error, self->fails, "made to fail");
  if (part->at >= part->end) return TARAZU_OK;
  int64_t wanted = (int64_t)(memory_random(&part->random) % (uint64_t)(self->largest_chunk + 1)), rows = 0;
  static _Thread_local const cell *cells[MEMORY_CHUNK];
  int64_t picked[MEMORY_CHUNK];
  int64_t line = self->lines ? part->at + 2 : 0; /* after a line of names */
  while (rows < wanted && part->at < part->end) {
    int64_t row = reader->rows->order[part->at++];
    if (!is_after(reader, row)) picked[rows++] = row;
  }
  for (uint32_t c = 0; c < reader->column_count; c++) {
    const memory_column *from = &reader->rows->columns[reader->columns[c]];
    for (int64_t i = 0; i < rows; i++) cells[i] = &from->cells[picked[i]];
    memory_column_out(part, c, from->type, rows, cells);
    part->pointers[c] = &part->columns[c];
  }
  part->chunk = (tarazu_chunk){sizeof(tarazu_chunk), reader->column_count, rows, line, part->pointers, part->bytes};
  if (self->spoil) self->spoil(&part->chunk, (tarazu_column **)part->pointers, part->bytes);
  *chunk = &part->chunk;
  return TARAZU_OK;
}

static tarazu_status memory_fingerprint(const void *self, void *reader, char digits[65], tarazu_error *error)
{
  (void)self;
  (void)reader;
  (void)error;
  memcpy(digits, "abc", 4);
  return TARAZU_OK;
}

static void memory_close(const void *given, void *reading)
{
  memory_reader *reader = reading;
  ((memory *)(uintptr_t)given)->closed++;
  if (!reader) return;
  for (int p = 0; p < MEMORY_PARTS; p++)
    for (int c = 0; c < MEMORY_COLUMNS; c++) {
      free(reader->parts[p].values[c]);
      free(reader->parts[p].strings[c]);
    }
  for (uint32_t c = 0; c < reader->computed.column_count; c++) free(reader->computed.columns[c].cells);
  free(reader->computed.order);
  free(reader);
}

static const tarazu_source memory_source = {.size = sizeof memory_source,
                                            .plan = memory_plan,
                                            .open = memory_open,
                                            .read = memory_read,
                                            .fingerprint = memory_fingerprint,
                                            .close = memory_close};

/* A table over it; wants and sets are the caller's. */
TARAZU_UNUSED static table memory_table(memory *self, const char *name, uint32_t shape, const char *key,
                                        const char *time)
{
  return (table){.name = name,
                 .place = {.file = "profile.yaml", .line = 3, .column = 1},
                 .shape = shape,
                 .source = &memory_source,
                 .self = self,
                 .request = {.size = sizeof(tarazu_request),
                             .shape = shape,
                             .table = name,
                             .keys = {key, NULL},
                             .time = time,
                             .until = INT64_MAX,
                             .until_civil = INT64_MAX}};
}

/* ---- a load and what came of it ------------------------------------------------------------------------------ */

typedef struct outcome {
  int good;
  population people;
  dictionary *strings;
  problems *problems;
  text told;
} outcome;

TARAZU_UNUSED static outcome memory_load(table *tables, uint32_t count, int threads, const zone *in)
{
  outcome out = {.strings = dictionary_new(), .problems = problems_new()};
  load_options options = {.pool = pool_new(threads), .zone = in};
  out.good = tables_load(tables, count, &options, &out.people, out.strings, out.problems);
  assert_int_equal(out.good, !problems_errors(out.problems));
  problems_print(out.problems, &out.told, 0);
  pool_free(options.pool);
  return out;
}

TARAZU_UNUSED static void outcome_free(outcome *self, table *tables, uint32_t count)
{
  tables_free(tables, count);
  population_free(&self->people);
  dictionary_free(self->strings);
  problems_free(self->problems);
  text_free(&self->told);
}

TARAZU_UNUSED static int64_t person(const outcome *self, const char *key)
{
  return dictionary_find(self->people.names, key, strlen(key));
}

#endif
