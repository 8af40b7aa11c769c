/* Columns: their memory, their windows, and copies of bits at any offset. */
#include "data/column.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "data/buffer.h"

enum { ALIGNMENT = 64 };
/* From here on in huge pages: columns are gone through in the order of ranks as well as of rows, and small pages miss
 * the processor's table of pages at nearly every step. */
#define LARGE     ((size_t)4 << 20)
#define HUGE_PAGE ((size_t)2 << 20)

void *buffer_new(int64_t count, size_t width, int zeroed)
{
  size_t bytes;
  if (count < 0 || __builtin_mul_overflow((size_t)count, width, &bytes) || bytes > SIZE_MAX - 2 * ALIGNMENT)
    return NULL;
  size_t padded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (!padded) padded = ALIGNMENT;
  int large = padded >= LARGE && padded <= SIZE_MAX - HUGE_PAGE;
  char *buffer = large ? aligned_alloc(HUGE_PAGE, (padded + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE)
                       : aligned_alloc(ALIGNMENT, padded);
  if (!buffer) return NULL;
  if (large) madvise(buffer, padded, MADV_HUGEPAGE);
  if (zeroed) memset(buffer, 0, padded);
  else memset(buffer + bytes, 0, padded - bytes);
  return buffer;
}

size_t column_width(uint32_t type)
{
  switch (type) {
  case TARAZU_F64:
  case TARAZU_I64:
  case TARAZU_TIME:
  case TARAZU_ROW:
  case TARAZU_CIVIL: return 8;
  case TARAZU_TEXT: return 4;
  case TARAZU_BOOL: return 1;
  default: return 0;
  }
}

static int make(column *self, uint32_t type, int64_t rows, int zeroed, int with_valid)
{
  *self = (struct column){.type = type, .rows = rows};
  self->values = buffer_new(rows, column_width(type), zeroed);
  if (!self->values) return 0;
  if (!with_valid) return 1;
  self->valid = buffer_new(rows / 8 + 1, 1, 1);
  if (!self->valid) {
    column_free(self);
    return 0;
  }
  memset(self->valid, 0xff, (size_t)(rows / 8));
  if (rows % 8) self->valid[rows / 8] = (uint8_t)((1u << (rows % 8)) - 1);
  return 1;
}

int column_new(column *self, uint32_t type, int64_t rows, int with_valid)
{
  return make(self, type, rows, 1, with_valid);
}

int column_new_unset(column *self, uint32_t type, int64_t rows, int with_valid)
{
  return make(self, type, rows, 0, with_valid);
}

int column_own(column *self)
{
  column own;
  if (self->shared != COLUMN_BORROWED || !self->values) return 1;
  if (!make(&own, self->type, self->rows, 0, self->valid != NULL)) return 0;
  memcpy(own.values, self->values, (size_t)self->rows * column_width(self->type));
  if (self->valid) memcpy(own.valid, self->valid, (size_t)(self->rows / 8 + 1));
  own.shared = self->offsets ? COLUMN_SHARED_OFFSETS : COLUMN_OWN;
  own.nulls = self->nulls;
  own.offsets = self->offsets;
  own.dictionary = self->dictionary;
  *self = own;
  return 1;
}

void column_free(column *self)
{
  if (self->shared != COLUMN_BORROWED) {
    free(self->values);
    free(self->valid);
  }
  if (self->shared == COLUMN_OWN) free(self->offsets);
  *self = (struct column){0};
}

void column_count_nulls(column *self)
{
  self->nulls = 0;
  if (!self->valid) return;
  int64_t there = 0;
  int64_t i = 0;
  for (uint64_t word; i + 8 <= self->rows / 8; i += 8) {
    memcpy(&word, self->valid + i, sizeof word);
    there += word == UINT64_MAX ? 64 : __builtin_popcountll(word);
  }
  for (; i < self->rows / 8; i++) there += __builtin_popcount(self->valid[i]);
  if (self->rows % 8) there += __builtin_popcount(self->valid[self->rows / 8] & ((1u << (self->rows % 8)) - 1));
  self->nulls = self->rows - there;
  if (self->nulls) return;
  free(self->valid);
  self->valid = NULL;
}

void bits_copy(uint8_t *to, int64_t to_bit, const uint8_t *from, int64_t from_bit, int64_t count)
{
  int64_t done = 0;
  if (((to_bit | from_bit) & 7) == 0) {
    done = count & ~INT64_C(7);
    memcpy(to + (to_bit >> 3), from + (from_bit >> 3), (size_t)(done >> 3));
  }
  while (done < count) {
    int64_t at = to_bit + done, source = from_bit + done;
    int shift = (int)(source & 7);
    if ((at & 7) == 0 && count - done >= 8) {
      unsigned byte = from[source >> 3];
      if (shift) byte = byte >> shift | (unsigned)from[(source >> 3) + 1] << (8 - shift);
      to[at >> 3] = (uint8_t)byte;
      done += 8;
    } else {
      unsigned bit = (unsigned)(from[source >> 3] >> shift) & 1u, mask = 1u << (at & 7);
      to[at >> 3] = (uint8_t)((to[at >> 3] & ~mask) | (bit ? mask : 0));
      done++;
    }
  }
}

tarazu_column column_window(const column *self, int64_t first, int64_t rows, uint8_t *bits)
{
  tarazu_column window = {.size = sizeof window, .type = self->type, .dictionary = self->dictionary};
  if (self->offsets) {
    window.values = self->values;
    window.valid = self->valid;
    window.offsets = self->offsets + first;
    return window;
  }
  window.values = (const char *)self->values + (size_t)first * column_width(self->type);
  if (self->valid && first % 8 == 0) {
    window.valid = self->valid + first / 8;
  } else if (self->valid) {
    bits_copy(bits, 0, self->valid, first, rows);
    window.valid = bits;
  }
  return window;
}
