/* Rows in the order of their values: the one sort of strategies that rank whole columns. A radix sort, since it is
 * stable (equal values stay in row order, so results do not depend on the sort) and takes the same time whatever the
 * order of the data. */
#ifndef PLUGINS_SHARED_ORDER_H
#define PLUGINS_SHARED_ORDER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

typedef struct ordered {
  double value;
  int64_t row;
} ordered;

enum { ORDER_BITS = 11, ORDER_PASSES = 6, ORDER_BINS = 1 << ORDER_BITS };

/* Unsigned integers that stand in the order of the doubles: negatives with all bits turned, others with the sign. */
static inline uint64_t order_key(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline uint32_t order_digit(uint64_t key, int pass)
{
  return (uint32_t)(key >> (pass * ORDER_BITS)) & (ORDER_BINS - 1);
}

/* Sorts ascending by value, then row (rows must ascend on entry). 0: no memory. */
static inline int order_sort(ordered *items, int64_t count)
{
  ordered *other = malloc(((size_t)count + 1) * sizeof *other), *from = items, *to = other;
  int64_t(*starts)[ORDER_BINS] = calloc(ORDER_PASSES, sizeof *starts);
  int good = other && starts;
  for (int64_t i = 0; good && i < count; i++) {
    uint64_t key = order_key(items[i].value);
    for (int pass = 0; pass < ORDER_PASSES; pass++) starts[pass][order_digit(key, pass)]++;
  }
  for (int pass = 0; good && count && pass < ORDER_PASSES; pass++) {
    int64_t *start = starts[pass], sum = 0;
    if (start[order_digit(order_key(from[0].value), pass)] == count) continue; /* the same digit everywhere */
    for (int bin = 0; bin < ORDER_BINS; bin++) {
      int64_t here = start[bin];
      start[bin] = sum;
      sum += here;
    }
    for (int64_t i = 0; i < count; i++) to[start[order_digit(order_key(from[i].value), pass)]++] = from[i];
    ordered *swap = from;
    from = to;
    to = swap;
  }
  if (good && from != items) memcpy(items, from, (size_t)count * sizeof *items);
  free(other);
  free(starts);
  return good;
}

/* The valid values of a whole column with their rows, sorted; *count of them. NULL: no memory. Free it. The two zeros
 * are one value. */
static inline ordered *order_column(const tarazu_column *column, int64_t rows, int64_t *count)
{
  const double *x = column->values;
  ordered *items = malloc(((size_t)rows + 1) * sizeof *items);
  int64_t n = 0;
  for (int64_t i = 0; items && i < rows; i++)
    if (tarazu_is_valid(column, i)) items[n++] = (ordered){x[i] + 0.0, i};
  *count = n;
  if (items && order_sort(items, n)) return items;
  free(items);
  return NULL;
}

#endif
