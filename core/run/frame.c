/* Batches as plugins see them: windows of columns in, and results out that are checked before they count. */
#include "run/engine.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What every byte of a value holds that was not written, so that marking is one memset: of reals a NaN that no
 * calculation makes, of codes a negative one, of whole numbers one that nobody means, of switches neither 0 nor 1. */
enum { MARK_REAL = 0xff, MARK = 0xa5 };
#define UNWRITTEN_BITS UINT64_MAX
#define UNWRITTEN_I64  ((int64_t)UINT64_C(0xa5a5a5a5a5a5a5a5))
#define UNWRITTEN_CODE ((int32_t)0xa5a5a5a5)

int frame_new(frame *f, uint32_t columns, uint32_t results, int64_t rows)
{
  *f = (frame){.room = ((size_t)rows + 7) / 8 + 8};
  f->columns = calloc(columns + 1, sizeof *f->columns);
  f->pointers = calloc(columns + 1, sizeof *f->pointers);
  f->bits = malloc((columns + 1) * f->room);
  f->results = calloc(results + 1, sizeof *f->results);
  f->result_pointers = calloc(results + 1, sizeof *f->result_pointers);
  f->valid = malloc((results + 1) * f->room);
  if (f->columns && f->pointers && f->bits && f->results && f->result_pointers && f->valid) return 1;
  frame_free(f);
  return 0;
}

void frame_free(frame *f)
{
  free(f->columns);
  free(f->pointers);
  free(f->bits);
  free(f->results);
  free(f->result_pointers);
  free(f->valid);
  *f = (frame){0};
}

static const column *bound_column(const engine *e, const binding *b)
{
  switch (b->kind) {
  case BOUND_WANT: return &e->tables[b->table].wants[b->item].column;
  case BOUND_SET: return &e->tables[b->table].sets[b->item].columns[b->column];
  case BOUND_SERIES: return &b->series->column;
  default: return NULL;
  }
}

void frame_window(const engine *e, const step *s, int64_t first, int64_t rows, frame *f)
{
  for (uint32_t i = 0; i < s->count; i++) {
    const column *c = s->bound && s->bound[i].space ? NULL : bound_column(e, &s->bindings[i]);
    f->pointers[i] = NULL;
    if (!c) continue;
    f->columns[i] = column_window(c, first, rows, f->bits + i * f->room);
    f->pointers[i] = &f->columns[i];
  }
  f->batch = (tarazu_batch){
      .size = sizeof f->batch, .first_row = first, .rows = rows, .columns = f->pointers, .column_count = s->count};
}

void frame_result(frame *f, uint32_t index, column *to, int64_t first, int64_t rows)
{
  uint8_t *valid = f->valid + index * f->room;
  memset(valid, 0xff, ((size_t)rows + 7) / 8);
  f->results[index] = (tarazu_result){.size = sizeof(tarazu_result), .type = to->type, .valid = valid};
  f->results[index].values = (char *)to->values + (size_t)first * column_width(to->type);
  f->result_pointers[index] = &f->results[index];
  memset(f->results[index].values, to->type == TARAZU_F64 ? MARK_REAL : MARK, (size_t)rows * column_width(to->type));
}

static int is_valid(const uint8_t *valid, int64_t i)
{
  return (valid[i >> 3] >> (i & 7)) & 1;
}

/* What is wrong with value i; NULL: nothing. */
static const char *fault_of(const tarazu_result *r, int64_t i, uint32_t codes)
{
  if (r->type == TARAZU_F64) {
    double value = ((const double *)r->values)[i];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (bits == UNWRITTEN_BITS) return "left a value unwritten";
    if (isnan(value)) return "returned NaN; a value that cannot be said is a null";
    return isinf(value) ? "returned infinity" : NULL;
  }
  if (r->type == TARAZU_TEXT) {
    int32_t code = ((const int32_t *)r->values)[i];
    if (code == UNWRITTEN_CODE) return "left a value unwritten";
    return code < 0 || (uint32_t)code >= codes ? "returned a code that has no label" : NULL;
  }
  if (r->type == TARAZU_BOOL) {
    uint8_t value = ((const uint8_t *)r->values)[i];
    if (value == MARK) return "left a value unwritten";
    return value > 1 ? "returned a switch that is neither 0 nor 1" : NULL;
  }
  return ((const int64_t *)r->values)[i] == UNWRITTEN_I64 ? "left a value unwritten" : NULL;
}

/* Two values side by side: a vector whatever the compiler makes of loops. Wider ones would leave its registers. */
typedef uint64_t pair __attribute__((vector_size(2 * sizeof(uint64_t)), aligned(sizeof(uint64_t)), may_alias));

/* A real that is not finite has all bits of its exponent set, and one more carries into the sign. */
static int all_finite(const uint64_t *bits, int64_t rows)
{
  const uint64_t exponent = UINT64_C(0x7ff0000000000000), one = UINT64_C(0x0010000000000000);
  pair even = {0}, odd = {0};
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    even |= (*(const pair *)(bits + i) & exponent) + one;
    odd |= (*(const pair *)(bits + i + 2) & exponent) + one;
  }
  even |= odd;
  uint64_t carried = even[0] | even[1];
  for (; i < rows; i++) carried |= (bits[i] & exponent) + one;
  return !(carried >> 63);
}

/* A cheap look at all values at once; only where it finds something are they looked at one by one. */
static int looks_whole(const tarazu_result *r, int64_t rows, uint32_t codes)
{
  if (r->type == TARAZU_F64) return all_finite(r->values, rows);
  if (r->type == TARAZU_TEXT) {
    const int32_t *values = r->values;
    int outside = 0;
    for (int64_t i = 0; i < rows; i++) outside |= (uint32_t)values[i] >= codes;
    return !outside;
  }
  if (r->type == TARAZU_BOOL) {
    const uint8_t *values = r->values;
    int outside = 0;
    for (int64_t i = 0; i < rows; i++) outside |= values[i] > 1;
    return !outside;
  }
  const int64_t *values = r->values;
  int unwritten = 0;
  for (int64_t i = 0; i < rows; i++) unwritten |= values[i] == UNWRITTEN_I64;
  return !unwritten;
}

static int all_valid(const uint8_t *valid, int64_t rows)
{
  int64_t whole = rows / 8, i = 0;
  uint64_t words = UINT64_MAX, word;
  for (; i + 8 <= whole; i += 8) {
    memcpy(&word, valid + i, sizeof word);
    words &= word;
  }
  if (words != UINT64_MAX) return 0;
  uint8_t all = 0xff;
  for (; i < whole; i++) all &= valid[i];
  if (rows & 7) all &= (uint8_t)(valid[whole] | (0xff << (rows & 7)));
  return all == 0xff;
}

int frame_accept(engine *e, const instance *in, frame *f, uint32_t index, const char *output, uint32_t codes,
                 column *to, int64_t first, int64_t rows, const int64_t *row_numbers)
{
  tarazu_result *r = &f->results[index];
  int whole = all_valid(r->valid, rows);
  if (whole && looks_whole(r, rows, codes)) {
    if (to->valid) bits_copy(to->valid, first, r->valid, 0, rows);
    return 1;
  }
  size_t width = column_width(to->type);
  for (int64_t i = 0; i < rows; i++) {
    if (!is_valid(r->valid, i)) {
      memset((char *)r->values + (size_t)i * width, 0, width); /* so that equal results are equal bytes */
      continue;
    }
    const char *fault = fault_of(r, i, codes);
    if (!fault) continue;
    tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
    if (f->batch.first_row >= 0) error.row = row_numbers ? row_numbers[i] : first + i;
    tarazu_fail(&error, TARAZU_INTERNAL, "%s in output '%s'", fault, output);
    return instance_failed(e, in, "", TARAZU_INTERNAL, &error);
  }
  bits_copy(to->valid, first, r->valid, 0, rows);
  return 1;
}
