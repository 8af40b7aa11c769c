/* Ranks: largest score first, ties share the smaller rank and stand in the order of their keys. */
#include "run/engine.h"
#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 6, DIGIT_VALUES = 1 << DIGIT_BITS };

/* A whole number that grows as the double falls; -0 and 0 are equal. */
static uint64_t falling_key(double value)
{
  uint64_t bits;
  if (value == 0) value = 0;
  memcpy(&bits, &value, sizeof bits);
  bits = bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
  return ~bits;
}

typedef struct ranked {
  uint64_t key;
  int64_t row;
} ranked;

/* Least significant digit first, each pass stable; a digit that all keys share is passed over. */
static ranked *radix_sort(ranked *from, ranked *spare, int64_t count)
{
  static const int shifts[DIGITS] = {0, 11, 22, 33, 44, 55};
  int64_t(*starts)[DIGIT_VALUES] = calloc(DIGITS, sizeof *starts);
  if (!starts) return NULL;
  for (int64_t i = 0; i < count; i++)
    for (int d = 0; d < DIGITS; d++) starts[d][from[i].key >> shifts[d] & (DIGIT_VALUES - 1)]++;
  for (int d = 0; d < DIGITS; d++) {
    int64_t at = 0;
    if (count && starts[d][from[0].key >> shifts[d] & (DIGIT_VALUES - 1)] == count) continue;
    for (int k = 0; k < DIGIT_VALUES; k++) {
      int64_t here = starts[d][k];
      starts[d][k] = at;
      at += here;
    }
    for (int64_t i = 0; i < count; i++) spare[starts[d][from[i].key >> shifts[d] & (DIGIT_VALUES - 1)]++] = from[i];
    ranked *swap = from;
    from = spare;
    spare = swap;
  }
  free(starts);
  return from;
}

int64_t *order_descending(const double *values, const uint8_t *valid, int64_t count, int64_t *valid_count)
{
  size_t room = (size_t)count + 1;
  ranked *pairs = malloc(room * sizeof *pairs), *spare = malloc(room * sizeof *spare), *sorted = NULL;
  int64_t *order = malloc(room * sizeof *order), there = 0, absent = 0;
  for (int64_t r = 0; pairs && spare && order && r < count; r++) {
    if (!valid || (valid[r >> 3] >> (r & 7) & 1)) pairs[there++] = (ranked){falling_key(values[r]), r};
    else order[count - 1 - absent++] = r;
  }
  if (pairs && spare && order) sorted = radix_sort(pairs, spare, there);
  for (int64_t i = 0; sorted && i < there; i++) order[i] = sorted[i].row;
  for (int64_t i = there, k = count - 1; sorted && i < k; i++, k--) { /* those without a value, in order of rows too */
    int64_t swap = order[i];
    order[i] = order[k];
    order[k] = swap;
  }
  *valid_count = there;
  free(pairs);
  free(spare);
  if (sorted) return order;
  free(order);
  return NULL;
}

int rank_customers(engine *e)
{
  const column *score = &e->plan->score->column;
  const double *values = score->values;
  e->rank = calloc((size_t)e->people.count + 1, sizeof *e->rank);
  e->order = order_descending(values, score->valid, e->people.count, &e->scored);
  if (!e->rank || !e->order) {
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to rank %lld customers", (long long)e->people.count);
    return 0;
  }
  for (int64_t i = 0; i < e->scored; i++) {
    int tied = i && values[e->order[i]] == values[e->order[i - 1]];
    e->rank[e->order[i]] = tied ? e->rank[e->order[i - 1]] : i + 1;
  }
  return 1;
}
