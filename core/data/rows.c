/* Reading: parts side by side on the pool, each into blocks of its own; what a chunk says is checked before it is used.
 */
#include "data/rows.h"

#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/column.h"

/* Blocks grow to a size where allocating is rare and one that is nearly empty wastes little. */
enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 65536 };

typedef struct read_pass {
  rows *rows;
  void *reader;
  _Atomic uint32_t first_fault; /* parts after it need not go on */
} read_pass;

/* A chunk under way. */
typedef struct intake {
  rows *rows;
  row_part *part;
  const tarazu_chunk *chunk;
} intake;

__attribute__((format(printf, 4, 5))) static int fail(row_part *self, exit_status status, place where,
                                                      const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  self->fault.status = (int)status;
  self->fault.place = where;
  vsnprintf(self->fault.message, sizeof self->fault.message, format, arguments);
  va_end(arguments);
  return 0;
}

static int no_memory(intake *in)
{
  return fail(in->part, EXIT_INTERNAL, in->rows->table->place, "table '%s': no memory for its rows",
              in->rows->table->name);
}

static int breach(intake *in, const char *why)
{
  return fail(in->part, EXIT_PLUGIN, in->rows->table->place, "table '%s': its source broke the contract: %s",
              in->rows->table->name, why);
}

/* ---- words for messages ------------------------------------------------------------------------------------- */

static const char *type_words(uint32_t type)
{
  switch (type) {
  case TARAZU_F64: return "a number";
  case TARAZU_I64: return "an integer";
  case TARAZU_BOOL: return "true or false";
  case TARAZU_TIME:
  case TARAZU_CIVIL: return "a date";
  default: return "a text";
  }
}

/* At most `most` bytes, cut between characters. */
static int cut_length(const char *bytes, size_t count, size_t most)
{
  if (count <= most) return (int)count;
  while (most && ((unsigned char)bytes[most] & 0xc0) == 0x80) most--;
  return (int)most;
}

static void value_words(const tarazu_column *cells, int64_t row, char out[120])
{
  const char *bytes;
  size_t count;
  switch (cells->type) {
  case TARAZU_F64: snprintf(out, 120, "%.15g", ((const double *)cells->values)[row]); break;
  case TARAZU_I64: snprintf(out, 120, "%lld", (long long)((const int64_t *)cells->values)[row]); break;
  case TARAZU_BOOL: snprintf(out, 120, "%s", ((const uint8_t *)cells->values)[row] ? "true" : "false"); break;
  case TARAZU_TEXT:
    if (!chunk_text(cells, row, &bytes, &count)) count = 0, bytes = "";
    snprintf(out, 120, "the text '%.*s'", cut_length(bytes, count, 80), bytes);
    break;
  default: calendar_format(((const int64_t *)cells->values)[row], out); break;
  }
}

/* "table 'orders', line 12, customer '17850'" for row i of the piece. */
static void row_words(const intake *in, int64_t row, int64_t i, char out[320])
{
  int at = snprintf(out, 320, "table '%.60s'", in->rows->table->name);
  if (in->part->line > 0) at += snprintf(out + at, 320 - (size_t)at, ", line %lld", (long long)(in->part->line + row));
  for (uint32_t k = 0; k < in->rows->key_count; k++) {
    char buffer[24];
    size_t count;
    const char *key = keys_text(&in->part->keys[k], in->part->codes[k][i], buffer, &count);
    at += snprintf(out + at, 320 - (size_t)at, "%s'%.*s'", k ? " to " : ", customer ", cut_length(key, count, 60), key);
  }
}

/* ---- texts -------------------------------------------------------------------------------------------------- */

/* A map pays where a chunk's rows share their strings. */
static int open_maps(intake *in)
{
  const tarazu_chunk *chunk = in->chunk;
  for (uint32_t c = 0; c < chunk->column_count; c++) {
    const tarazu_column *cells = chunk->columns[c];
    code_map *map = &in->part->maps[c];
    map->in_use = cells->type == TARAZU_TEXT && cells->values && cells->dictionary->count / 4 <= chunk->rows;
    if (!map->in_use) continue;
    if (map->room < cells->dictionary->count) {
      int32_t *numbers = realloc(map->numbers, cells->dictionary->count * sizeof *numbers);
      if (!numbers) return no_memory(in);
      map->numbers = numbers;
      map->room = cells->dictionary->count;
    }
    if (map->room) memset(map->numbers, 0xff, cells->dictionary->count * sizeof *map->numbers);
  }
  return 1;
}

static int not_utf8(intake *in, int64_t row)
{
  char line[40] = "";
  if (in->part->line > 0) snprintf(line, sizeof line, ", line %lld", (long long)(in->part->line + row));
  return fail(in->part, EXIT_DATA, in->rows->table->place, "table '%s'%s: a text is not UTF-8", in->rows->table->name,
              line);
}

/* The number that a row's text has got in this chunk already; NULL: no map is kept. */
static int32_t *mapped(const intake *in, uint32_t c, int64_t row)
{
  const tarazu_column *cells = in->chunk->columns[c];
  const code_map *map = &in->part->maps[c];
  if (!map->in_use) return NULL;
  int32_t code = ((const int32_t *)cells->values)[row];
  return code >= 0 && (uint32_t)code < cells->dictionary->count ? &map->numbers[code] : NULL;
}

/* The number of a text in a column's dictionary; -1: a fault. */
static int32_t text_number(intake *in, uint32_t c, int64_t row, dictionary *texts)
{
  int32_t *known = mapped(in, c, row);
  if (known && *known >= 0) return *known;
  const char *bytes;
  size_t count;
  if (!chunk_text(in->chunk->columns[c], row, &bytes, &count))
    return breach(in, "a text's code or offsets are out of range"), -1;
  uint32_t before = dictionary_count(texts);
  int32_t number = dictionary_add(texts, bytes, count);
  if (number < 0) return no_memory(in), -1;
  if ((uint32_t)number == before && !text_is_utf8(bytes, count)) return not_utf8(in, row), -1;
  if (known) *known = number;
  return number;
}

/* Numbers the texts of `count` rows, at most DICTIONARY_MANY, that are keys. */
static int number_texts(intake *in, uint32_t c, const int64_t *which, size_t count, int32_t *numbers)
{
  keys *key = &in->part->keys[c];
  dictionary_item items[DICTIONARY_MANY];
  uint32_t before = key->count;
  for (size_t i = 0; i < count; i++)
    if (!chunk_text(in->chunk->columns[c], which[i], &items[i].bytes, &items[i].count))
      return breach(in, "a key's code or offsets are out of range");
  if (!keys_add_texts(key, items, count, numbers)) return no_memory(in);
  for (size_t i = 0; i < count; i++) {
    if ((uint32_t)numbers[i] >= before && !text_is_utf8(items[i].bytes, items[i].count)) return not_utf8(in, which[i]);
    int32_t *known = mapped(in, c, which[i]);
    if (known) *known = numbers[i];
  }
  return 1;
}

/* ---- keys and times ----------------------------------------------------------------------------------------- */

static int is_empty_text(const tarazu_column *cells, int64_t row)
{
  const char *bytes;
  size_t count;
  return cells->type == TARAZU_TEXT && chunk_text(cells, row, &bytes, &count) && !count;
}

static int64_t number_at(const intake *in, uint32_t index, int64_t row)
{
  const tarazu_column *cells = in->chunk->columns[in->rows->key_count + index];
  return cells->type == TARAZU_I64 && tarazu_is_valid(cells, row) ? ((const int64_t *)cells->values)[row] : 0;
}

static int64_t events_of(const intake *in, int64_t row)
{
  if (!in->rows->aggregated || in->rows->counting == ROWS_NONE) return 1;
  return number_at(in, in->rows->counting, row);
}

/* Of a row of aggregates: the rows without a date, which make nobody a customer. */
static int64_t undated_of(const intake *in, int64_t row)
{
  return in->rows->aggregated && in->rows->undated != ROWS_NONE ? number_at(in, in->rows->undated, row) : 0;
}

/* Marks rows without a key, and aggregates of undated rows alone, by codes below 0. */
static int mark_keyless(intake *in, int64_t first, int64_t count)
{
  row_part *part = in->part;
  for (int64_t i = 0; i < count; i++) {
    int keyed = 1;
    for (uint32_t k = 0; k < in->rows->key_count; k++) {
      const tarazu_column *key = in->chunk->columns[k];
      keyed &= tarazu_is_valid(key, first + i) && !is_empty_text(key, first + i);
    }
    int64_t events = events_of(in, first + i), undated = undated_of(in, first + i);
    part->codes[0][i] = part->codes[1][i] = keyed && (events || !undated) ? 0 : -1;
    part->counts.null_times += undated;
    if (keyed) continue;
    part->counts.null_keys += events;
    if (!in->rows->table->is_customers) continue;
    char line[40] = "";
    if (part->line > 0) snprintf(line, sizeof line, ", line %lld", (long long)(part->line + first + i));
    return fail(
        part, EXIT_DATA, in->rows->table->place,
        "table '%s'%s: a customer without a key; each row of the table that says who the customers are needs one",
        in->rows->table->name, line);
  }
  return 1;
}

static int mark_dateless(intake *in, int64_t first, int64_t count)
{
  const tarazu_column *cells = in->chunk->columns[in->rows->key_count];
  const int64_t *times = cells->values;
  int64_t until = cells->type == TARAZU_CIVIL ? in->rows->request.until_civil : in->rows->request.until;
  if (cells->type == TARAZU_CIVIL) in->part->civil = 1;
  for (int64_t i = 0; i < count; i++) {
    if (in->part->codes[0][i] < 0) continue;
    if (!tarazu_is_valid(cells, first + i)) {
      in->part->counts.null_times++;
      in->part->codes[0][i] = in->part->codes[1][i] = -1;
    } else if (times[first + i] > until) {
      return breach(in, "a row dated after the moment that nothing may be dated after");
    }
  }
  return 1;
}

static int number_text_keys(intake *in, uint32_t k, int64_t first, int64_t count)
{
  int32_t *codes = in->part->codes[k], numbers[DICTIONARY_MANY];
  int64_t which[DICTIONARY_MANY];
  for (int64_t i = 0; i < count;) {
    size_t many = 0;
    for (; i < count && many < DICTIONARY_MANY; i++) {
      if (codes[i] < 0) continue;
      const int32_t *known = mapped(in, k, first + i);
      if (known && *known >= 0) codes[i] = *known;
      else which[many++] = first + i;
    }
    if (!number_texts(in, k, which, many, numbers)) return 0;
    for (size_t n = 0; n < many; n++) codes[which[n] - first] = numbers[n];
  }
  return 1;
}

static int number_keys(intake *in, uint32_t k, int64_t first, int64_t count)
{
  const tarazu_column *cells = in->chunk->columns[k];
  keys *key = &in->part->keys[k];
  int32_t *codes = in->part->codes[k];
  if (!key->type) key->type = cells->type;
  if (key->type != cells->type) return breach(in, "the type of a key changed between two chunks");
  if (key->type == TARAZU_I64)
    return keys_add_integers(key, (const int64_t *)cells->values + first, count, codes) ? 1 : no_memory(in);
  return number_text_keys(in, k, first, count);
}

/* ---- values ------------------------------------------------------------------------------------------------- */

static int misfit(intake *in, uint32_t c, uint32_t to, int64_t row, int64_t i)
{
  const tarazu_column *cells = in->chunk->columns[in->chunk->column_count - in->rows->column_count + c];
  char where[320], value[120];
  row_words(in, row, i, where);
  value_words(cells, row, value);
  return fail(in->part, EXIT_DATA, in->rows->columns[c].place, "%s: '%.60s' is %s, expected %s", where,
              in->rows->columns[c].name, value, type_words(to));
}

static int not_finite(intake *in, uint32_t c, double value, int64_t row, int64_t i)
{
  char where[320];
  row_words(in, row, i, where);
  const tarazu_want *as = in->rows->aggregated ? tarazu_at(&in->rows->request.wants, c) : NULL;
  if (as && isinf(value) && (as->aggregate == TARAZU_SUM || as->aggregate == TARAZU_MEAN))
    return fail(in->part, EXIT_DATA, in->rows->columns[c].place, "%s: the sum of '%.60s' is beyond what a number holds",
                where, in->rows->columns[c].name);
  return fail(in->part, EXIT_DATA, in->rows->columns[c].place, "%s: '%.60s' is %s, expected a finite number or nothing",
              where, in->rows->columns[c].name, isnan(value) ? "NaN" : "infinite");
}

static int put_number(double value, uint32_t to, void *out, int64_t at)
{
  if (to == TARAZU_F64) {
    ((double *)out)[at] = value + 0.0; /* one zero only: -0 becomes 0 */
  } else if (to == TARAZU_I64) {
    if (!(value >= -0x1p63 && value < 0x1p63) || value != floor(value)) return 0;
    ((int64_t *)out)[at] = (int64_t)value;
  } else if (to == TARAZU_BOOL) {
    if (value != 0 && value != 1) return 0;
    ((uint8_t *)out)[at] = value != 0;
  } else {
    return 0;
  }
  return 1;
}

static int put_integer(intake *in, uint32_t c, int64_t value, uint32_t to, void *out, int64_t at)
{
  if (to == TARAZU_I64) {
    ((int64_t *)out)[at] = value;
  } else if (to == TARAZU_F64) {
    double real = (double)value;
    if (real >= 0x1p63 || (int64_t)real != value) return 0;
    ((double *)out)[at] = real;
  } else if (to == TARAZU_BOOL) {
    if (value != 0 && value != 1) return 0;
    ((uint8_t *)out)[at] = (uint8_t)value;
  } else if (to == TARAZU_TEXT) {
    char digits[24];
    int32_t number = dictionary_add(in->part->texts[c], digits, integer_text(value, digits));
    if (number < 0) return no_memory(in);
    ((int32_t *)out)[at] = number;
  } else {
    return 0;
  }
  return 1;
}

/* One valid value. 0: it does not fit, or a fault is set. */
static inline int put_value(intake *in, uint32_t c, uint32_t from_index, int64_t row, uint32_t to, void *out,
                            int64_t at)
{
  const tarazu_column *from = in->chunk->columns[from_index];
  int64_t moment;
  switch (from->type) {
  case TARAZU_F64: return put_number(((const double *)from->values)[row], to, out, at);
  case TARAZU_I64: return put_integer(in, c, ((const int64_t *)from->values)[row], to, out, at);
  case TARAZU_BOOL:
    if (((const uint8_t *)from->values)[row] > 1) return breach(in, "a truth value that is neither 0 nor 1");
    return to != TARAZU_TEXT && put_integer(in, c, ((const uint8_t *)from->values)[row], to, out, at);
  case TARAZU_TIME:
  case TARAZU_CIVIL:
    if (to != TARAZU_TIME) return 0;
    moment = ((const int64_t *)from->values)[row];
    ((int64_t *)out)[at] = from->type == TARAZU_CIVIL ? days_moment(&in->part->days, moment) : moment;
    return 1;
  case TARAZU_TEXT:
    if (to != TARAZU_TEXT) return 0;
    return (((int32_t *)out)[at] = text_number(in, from_index, row, in->part->texts[c])) >= 0;
  default: return 0;
  }
}

static void put_null(uint32_t type, void *out, int64_t at)
{
  size_t width = column_width(type);
  memset((char *)out + (size_t)at * width, 0, width);
}

static uint8_t *missing_of(row_block *block, uint32_t c)
{
  if (!block->missing[c]) block->missing[c] = calloc((size_t)block->room, 1);
  return block->missing[c];
}

/* Doubles without nulls, the most frequent case. */
static int put_doubles(intake *in, uint32_t c, const double *from, double *out, int64_t count)
{
  const int64_t *picked = in->part->picked;
  int bad = 0;
  for (int64_t i = 0; i < count; i++) {
    double value = from[picked[i]];
    bad |= value - value != 0;
    out[i] = value + 0.0;
  }
  for (int64_t i = 0; bad && i < count; i++)
    if (!isfinite(from[picked[i]])) return not_finite(in, c, from[picked[i]], picked[i], i);
  return 1;
}

/* Appends `count` picked rows of column c. */
static int put_column(intake *in, uint32_t c, row_block *block, int64_t count)
{
  row_part *part = in->part;
  uint32_t index = in->chunk->column_count - in->rows->column_count + c, type = part->types[c];
  const tarazu_column *from = in->chunk->columns[index];
  int64_t at = block->rows;
  void *out = block->values[c];
  if (from->type == TARAZU_F64 && type == TARAZU_F64 && out && !from->valid)
    return put_doubles(in, c, from->values, (double *)out + at, count);
  for (int64_t i = 0; i < count; i++) {
    int64_t row = part->picked[i];
    if (!tarazu_is_valid(from, row)) {
      uint8_t *missing = missing_of(block, c);
      if (!missing) return no_memory(in);
      missing[at + i] = 1;
      if (out) put_null(type, out, at + i);
      continue;
    }
    if (from->type == TARAZU_F64 && !isfinite(((const double *)from->values)[row]))
      return not_finite(in, c, ((const double *)from->values)[row], row, i);
    if (out && !put_value(in, c, index, row, type, out, at + i))
      return part->fault.status ? 0 : misfit(in, c, type, row, i);
  }
  return 1;
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

void block_free(row_block *self, uint32_t columns)
{
  if (!self) return;
  free(self->keys[0]);
  free(self->keys[1]);
  free(self->times);
  free(self->lines);
  for (uint32_t c = 0; c < columns; c++) {
    if (self->values) free(self->values[c]);
    if (self->missing) free(self->missing[c]);
  }
  free(self->values);
  free(self->missing);
  free(self);
}

static row_block *block_new(const rows *of, const uint32_t *types, int64_t room)
{
  row_block *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  size_t count = (size_t)room, columns = (size_t)of->column_count + 1;
  self->room = room;
  int good = (self->values = calloc(columns, sizeof *self->values)) &&
             (self->missing = calloc(columns, sizeof *self->missing));
  for (uint32_t k = 0; k < of->key_count; k++) good = good && (self->keys[k] = malloc(count * sizeof *self->keys[k]));
  if (of->keep_times) good = good && (self->times = malloc(count * sizeof *self->times));
  if (of->keep_lines) good = good && (self->lines = malloc(count * sizeof *self->lines));
  for (uint32_t c = 0; c < of->column_count; c++)
    if (!of->columns[c].presence) good = good && (self->values[c] = malloc(count * column_width(types[c])));
  if (good) return self;
  block_free(self, self->values && self->missing ? of->column_count : 0);
  return NULL;
}

/* The block that takes the next rows; NULL: no memory. */
static row_block *block_with_room(intake *in)
{
  row_part *part = in->part;
  row_block *last = part->block_count ? part->blocks[part->block_count - 1] : NULL;
  if (last && last->rows < last->room) return last;
  if (part->block_count == part->block_room) {
    size_t room = part->block_room ? part->block_room * 2 : 16;
    row_block **blocks = realloc(part->blocks, room * sizeof(row_block *));
    if (!blocks) return NULL;
    part->blocks = blocks;
    part->block_room = room;
  }
  int64_t room = !last ? FIRST_BLOCK : last->room < LARGEST_BLOCK ? last->room * 2 : LARGEST_BLOCK;
  row_block *next = block_new(in->rows, part->types, room);
  if (next) part->blocks[part->block_count++] = next;
  return next;
}

/* ---- chunks ------------------------------------------------------------------------------------------------- */

/* Appends the picked rows; the codes of keys stand in line with them. */
static int append(intake *in, row_block *block, int64_t count)
{
  row_part *part = in->part;
  for (uint32_t k = 0; k < in->rows->key_count; k++)
    memcpy(block->keys[k] + block->rows, part->codes[k], (size_t)count * sizeof *part->codes[k]);
  if (block->times) {
    const tarazu_column *cells = in->chunk->columns[in->rows->key_count];
    const int64_t *times = cells->values;
    int64_t *out = block->times + block->rows;
    for (int64_t i = 0; i < count; i++) {
      int64_t time = times[part->picked[i]];
      out[i] = cells->type == TARAZU_CIVIL ? days_moment(&part->days, time) : time;
    }
  }
  for (int64_t i = 0; block->lines && i < count; i++)
    block->lines[block->rows + i] = part->line > 0 ? part->line + part->picked[i] : 0;
  for (uint32_t c = 0; c < in->rows->column_count; c++)
    if (!put_column(in, c, block, count)) return 0;
  block->rows += count;
  return 1;
}

/* Rows from before what the run looks at: nothing of them but who their customers are. */
static int is_before(const intake *in, int64_t row)
{
  const table *of = in->rows->table;
  if (!of->has_after || !in->rows->request.time || in->rows->aggregated) return 0;
  const tarazu_column *cells = in->chunk->columns[in->rows->key_count];
  return ((const int64_t *)cells->values)[row] <= (cells->type == TARAZU_CIVIL ? of->after_civil : of->after);
}

static int take_piece(intake *in, row_block *block, int64_t first, int64_t count)
{
  row_part *part = in->part;
  if (!mark_keyless(in, first, count)) return 0;
  if (in->rows->request.time && !in->rows->aggregated && !mark_dateless(in, first, count)) return 0;
  for (uint32_t k = 0; k < in->rows->key_count; k++)
    if (!number_keys(in, k, first, count)) return 0;
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++) {
    if (part->codes[0][i] < 0 || is_before(in, first + i)) continue;
    part->picked[kept] = first + i;
    part->codes[0][kept] = part->codes[0][i];
    part->codes[1][kept] = part->codes[1][i];
    kept++;
  }
  return append(in, block, kept);
}

/* Types as they will be kept, from the first chunk on. */
static int settle_types(intake *in)
{
  for (uint32_t c = 0; c < in->rows->column_count; c++) {
    uint32_t from = in->chunk->columns[in->chunk->column_count - in->rows->column_count + c]->type;
    uint32_t type = in->rows->columns[c].wanted ? in->rows->columns[c].wanted : from;
    if (type == TARAZU_CIVIL) type = TARAZU_TIME;
    if (in->part->types[c] && in->part->types[c] != type)
      return breach(in, "the type of a column changed between two chunks");
    in->part->types[c] = type;
    if (type == TARAZU_TEXT && !in->rows->columns[c].presence && !in->part->texts[c] &&
        !(in->part->texts[c] = dictionary_new()))
      return no_memory(in);
  }
  return 1;
}

static int take_chunk(rows *self, row_part *part, const tarazu_chunk *chunk)
{
  intake in = {self, part, chunk};
  chunk_shape shape = {self->key_count, self->request.time && !self->aggregated, self->column_count};
  char why[160];
  if (!chunk_check(chunk, &shape, why)) return breach(&in, why);
  if (!chunk->rows) return 1;
  part->line = chunk->first_line;
  if (!settle_types(&in) || !open_maps(&in)) return 0;
  if (!self->aggregated) part->counts.rows += chunk->rows;
  for (int64_t first = 0; first < chunk->rows;) {
    row_block *block = block_with_room(&in);
    if (!block) return no_memory(&in);
    int64_t count = chunk->rows - first, room = block->room - block->rows;
    if (count > ROWS_PIECE) count = ROWS_PIECE;
    if (count > room) count = room;
    for (int64_t i = 0; self->aggregated && i < count; i++)
      part->counts.rows += events_of(&in, first + i) + undated_of(&in, first + i);
    if (!take_piece(&in, block, first, count)) return 0;
    first += count;
  }
  return 1;
}

/* ---- parts -------------------------------------------------------------------------------------------------- */

/* The exit status that stands for a source's own error. */
static exit_status status_of(int status)
{
  switch (status) {
  case TARAZU_BAD_PARAMETER: return EXIT_PROFILE;
  case TARAZU_BAD_DATA:
  case TARAZU_NUMERIC: return EXIT_DATA;
  case TARAZU_NO_MEMORY: return EXIT_INTERNAL;
  case TARAZU_CANCELLED: return EXIT_CANCELLED;
  default: return EXIT_PLUGIN;
  }
}

static const char *words_of(const tarazu_error *error)
{
  return *error->message ? error->message : "its source failed without saying why";
}

static place place_of(const rows *self, const tarazu_error *error)
{
  const table *of = self->table;
  place found = NOWHERE;
  if (error->item >= 0 && (uint32_t)error->item < self->column_count) found = self->columns[error->item].place;
  else if (error->item == -2) found = of->where_place;
  else if (error->item == -3 || error->item == -4) found = of->key_place;
  else if (error->item == -5) found = of->time_place;
  return found.file ? found : of->place;
}

void source_problem(problems *out, const rows *self, int status, const tarazu_error *error)
{
  problem_add(out, status_of(status), place_of(self, error), "table '%s': %s", self->table->name, words_of(error));
}

static void read_part(void *argument, int64_t index, int worker)
{
  (void)worker;
  read_pass *pass = argument;
  rows *self = pass->rows;
  row_part *part = &self->parts[index];
  const load_options *options = self->options;
  while (!part->fault.status && pass->first_fault > (uint32_t)index) {
    const tarazu_chunk *chunk = NULL;
    tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
    if (options->progress && !options->progress(options->argument, self->done)) {
      fail(part, EXIT_CANCELLED, NOWHERE, "cancelled");
      break;
    }
    tarazu_status status = self->table->source->read(self->table->self, pass->reader, (uint32_t)index, &chunk, &error);
    error.message[sizeof error.message - 1] = 0;
    if (status != TARAZU_OK)
      fail(part, status_of((int)status), place_of(self, &error), "table '%s': %.500s", self->table->name,
           words_of(&error));
    else if (!chunk) break;
    else take_chunk(self, part, chunk);
  }
  uint32_t first = pass->first_fault;
  while (part->fault.status && (uint32_t)index < first &&
         !atomic_compare_exchange_weak(&pass->first_fault, &first, (uint32_t)index))
    continue;
  for (uint32_t c = 0; part->maps && c < self->key_count + 1 + self->column_count; c++) {
    free(part->maps[c].numbers);
    part->maps[c] = (code_map){0};
  }
}

static int parts_new(rows *self, uint32_t count)
{
  size_t columns = (size_t)self->column_count + 1;
  self->parts = calloc(count ? count : 1, sizeof *self->parts);
  if (!self->parts) return 0;
  self->part_count = count;
  for (uint32_t p = 0; p < count; p++) {
    row_part *part = &self->parts[p];
    part->days.zone = self->options->zone;
    part->types = calloc(columns, sizeof *part->types);
    part->texts = calloc(columns, sizeof *part->texts);
    part->text_codes = calloc(columns, sizeof *part->text_codes);
    part->maps = calloc(columns + self->key_count + 1, sizeof *part->maps);
    if (!part->types || !part->texts || !part->text_codes || !part->maps) return 0;
  }
  return 1;
}

static int end_parts(rows *self, problems *out)
{
  for (uint32_t p = 0; p < self->part_count; p++) {
    const row_fault *fault = &self->parts[p].fault;
    if (fault->status) {
      problem_add(out, (exit_status)fault->status, fault->place, "%s", fault->message);
      return 0;
    }
    self->civil |= self->parts[p].civil;
  }
  for (uint32_t c = 0; c < self->column_count; c++) {
    if (rows_type(self, c)) continue;
    problem_add(out, EXIT_PLUGIN, self->table->place,
                "table '%s': its source broke the contract: '%s' has one type in one part and another in another",
                self->table->name, self->columns[c].name);
    return 0;
  }
  return 1;
}

int rows_read(rows *self, char fingerprint[65], problems *out)
{
  const table *of = self->table;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  read_pass pass = {.rows = self, .first_fault = UINT32_MAX};
  uint32_t parts = 0;
  int good = 0;
  tarazu_status status = of->source->open(of->self, &self->request, &pass.reader, &parts, &error);
  if (status != TARAZU_OK) {
    source_problem(out, self, (int)status, &error);
    goto out;
  }
  if (!parts_new(self, parts)) {
    problem_add(out, EXIT_INTERNAL, of->place, "table '%s': no memory for its %u parts", of->name, parts);
    goto out;
  }
  pool_run(self->options->pool, parts, read_part, &pass);
  if (!end_parts(self, out)) goto out;
  status = fingerprint ? of->source->fingerprint(of->self, pass.reader, fingerprint, &error) : TARAZU_OK;
  if (status != TARAZU_OK) source_problem(out, self, (int)status, &error);
  if (fingerprint) fingerprint[64] = 0;
  good = status == TARAZU_OK;
out:
  of->source->close(of->self, pass.reader);
  return good;
}

uint32_t rows_type(const rows *self, uint32_t c)
{
  uint32_t type = 0;
  if (self->columns[c].wanted) return self->columns[c].wanted;
  for (uint32_t p = 0; p < self->part_count; p++) {
    uint32_t here = self->parts[p].types[c];
    if (here && type && here != type) return 0;
    if (here) type = here;
  }
  return type ? type : TARAZU_F64;
}

void rows_free(rows *self)
{
  for (uint32_t p = 0; p < self->part_count; p++) {
    row_part *part = &self->parts[p];
    for (size_t b = 0; b < part->block_count; b++) block_free(part->blocks[b], self->column_count);
    for (uint32_t c = 0; c < self->column_count; c++) {
      if (part->texts) dictionary_free(part->texts[c]);
      if (part->text_codes) free(part->text_codes[c]);
    }
    for (int k = 0; k < 2; k++) {
      keys_free(&part->keys[k]);
      free(part->customers[k]);
    }
    free(part->blocks);
    free(part->types);
    free(part->texts);
    free(part->text_codes);
    free(part->maps);
  }
  free(self->parts);
  self->parts = NULL;
  self->part_count = 0;
}
