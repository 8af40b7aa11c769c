/* Sorts and counts purchase histories. */
#include "history.h"

#include <stdlib.h>

/* Byte by byte from the lowest (radix sort); bytes that all keys share are passed over. */
keyed *sort_keyed(keyed *items, keyed *room, int64_t count)
{
  uint64_t all = ~UINT64_C(0), any = 0;
  for (int64_t i = 0; i < count; i++) {
    all &= items[i].key;
    any |= items[i].key;
  }
  for (int shift = 0; shift < 64; shift += 8) {
    if (!((all ^ any) >> shift & 255)) continue;
    int64_t place[257] = {0};
    for (int64_t i = 0; i < count; i++) place[(items[i].key >> shift & 255) + 1]++;
    for (int b = 0; b < 256; b++) place[b + 1] += place[b];
    for (int64_t i = 0; i < count; i++) room[place[items[i].key >> shift & 255]++] = items[i];
    keyed *other = items;
    items = room;
    room = other;
  }
  return items;
}

static void add(cohort *c, uint64_t key, double count)
{
  history *h = &c->rows[c->row_count++];
  *h = (history){.count = count,
                 .x = (int32_t)(key >> 42),
                 .t_x = (int32_t)(key >> 21 & MOST_TIME),
                 .T = (int32_t)(key & MOST_TIME)};
  c->customers += count;
  c->purchases += count * h->x;
  c->time += count * h->T * c->unit;
  if (h->x) c->repeaters += count;
  if (h->T > c->most_T) c->most_T = h->T;
}

int cohort_make(cohort *c, const keyed *sorted, int64_t count, double unit)
{
  int64_t distinct = count > 0;
  for (int64_t i = 1; i < count; i++) distinct += sorted[i].key != sorted[i - 1].key;
  *c = (cohort){.unit = unit, .rows = malloc((size_t)(distinct + 1) * sizeof(history))};
  if (!c->rows) return 0;
  for (int64_t i = 0, from = 0; i < count; i++) {
    if (i + 1 < count && sorted[i + 1].key == sorted[i].key) continue;
    add(c, sorted[i].key, (double)(i + 1 - from));
    from = i + 1;
  }
  return 1;
}

void cohort_free(cohort *c)
{
  free(c->rows);
  c->rows = NULL;
}
