/* Ranks: largest score first, ties share the smaller rank and stand in the order of their keys. */
#include "data/buffer.h"
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

/* ranks: by row, from 1, ties share the smaller, 0 where there is no value; NULL: nobody asks. *tied: set where there
 * are ties. */
static int64_t *order_and_rank(const double *values, const uint8_t *valid, int64_t count, int64_t *valid_count,
                               int64_t *ranks, int *tied)
{
  ranked *pairs = buffer_new(count, sizeof *pairs, 0), *spare = buffer_new(count, sizeof *spare, 0), *sorted = NULL;
  int64_t *order = buffer_new(count, sizeof *order, 0), there = 0, absent = 0, rank = 0;
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
  for (int64_t i = 0; sorted && ranks && i < there; i++) {
    if (!i || sorted[i].key != sorted[i - 1].key) rank = i + 1;
    else *tied = 1;
    ranks[sorted[i].row] = rank;
  }
  for (int64_t i = there; sorted && ranks && i < count; i++) ranks[order[i]] = 0;
  *valid_count = there;
  free(pairs);
  free(spare);
  if (sorted) return order;
  free(order);
  return NULL;
}

int64_t *order_descending(const double *values, const uint8_t *valid, int64_t count, int64_t *valid_count)
{
  return order_and_rank(values, valid, count, valid_count, NULL, NULL);
}

int rank_customers(engine *e)
{
  const column *score = &e->plan->score->column;
  e->tied = 0;
  e->rank = buffer_new(e->people.count, sizeof *e->rank, 0);
  if (e->rank) e->order = order_and_rank(score->values, score->valid, e->people.count, &e->scored, e->rank, &e->tied);
  if (e->rank && e->order) return 1;
  problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to rank %lld customers", (long long)e->people.count);
  return 0;
}
