/* Purchase histories, equal ones counted once. */
#ifndef CLV_HISTORY_H
#define CLV_HISTORY_H

#include <stdint.h>

/* x repeat purchases, the last one t_x after the first purchase, watched for T after it; times in units. */
typedef struct history {
  double count; /* customers who have it */
  int32_t x, t_x, T;
  int32_t reserved;
} history;

/* Rows rise by x, then t_x, then T. unit: what one unit of time is in the model's periods (1, but of data that are not
 * in whole periods). */
typedef struct cohort {
  history *rows;
  int64_t row_count;
  double unit;
  double customers, purchases, time; /* sums over customers of 1, x and T */
  double repeaters;                  /* customers with x > 0 */
  int32_t most_T;
} cohort;

/* 21 bits each: periods of a day for 5,700 years. */
enum { MOST_TIME = (1 << 21) - 1 };

/* A history as a key that sorts as rows do; 0 <= x, t_x <= T <= MOST_TIME, x <= MOST_TIME. */
static inline uint64_t history_key(int64_t x, int64_t t_x, int64_t T)
{
  return (uint64_t)x << 42 | (uint64_t)t_x << 21 | (uint64_t)T;
}

typedef struct keyed {
  uint64_t key;
  double value;
} keyed;

/* Sorts by key, equal ones staying in their order. room: as many; gives where the sorted ones are, in either. */
keyed *sort_keyed(keyed *items, keyed *room, int64_t count);

/* Counts equal keys; the values do not matter. 0: no memory. Sorted keys alone need no room. */
int cohort_make(cohort *c, const keyed *sorted, int64_t count, double unit);
void cohort_free(cohort *c);

#endif
