/* What is ahead of each distinct history, worked out once where many customers share few histories. */
#include <stdlib.h>

#include "clv.h"

enum { SHARE = 256 }; /* rows of one task */

typedef struct look {
  const clv *c;
  const cohort *of;
  outlook *to;
} look;

static void look_at_share(void *argument, int64_t index)
{
  const look *l = argument;
  int64_t from = index * SHARE, to = from + SHARE < l->of->row_count ? from + SHARE : l->of->row_count;
  for (int64_t i = from; i < to; i++) {
    const history *h = &l->of->rows[i];
    l->to->ahead[i] = look_ahead(l->c, h->x, h->t_x, h->T);
  }
}

/* Fibonacci hashing, then the next free place. */
static uint64_t place_of(const outlook *o, uint64_t key)
{
  return key * UINT64_C(0x9E3779B97F4A7C15) >> o->shift;
}

static void put_in_place(outlook *o, const cohort *of)
{
  for (int64_t i = 0; i < of->row_count; i++) {
    const history *h = &of->rows[i];
    uint64_t mask = (UINT64_C(1) << (64 - o->shift)) - 1, place;
    o->keys[i] = history_key(h->x, h->t_x, h->T);
    for (place = place_of(o, o->keys[i]); o->places[place]; place = (place + 1) & mask) continue;
    o->places[place] = (int32_t)i + 1;
  }
}

void outlook_make(clv *c, const cohort *of)
{
  outlook *o = &c->outlook;
  outlook_free(c);
  const double worth_it = 2; /* customers a history */
  if (c->model.family >= FAMILIES || of->customers < worth_it * (double)of->row_count) return;
  o->shift = 63;
  while (INT64_C(1) << (64 - o->shift) < 2 * of->row_count) o->shift--;
  o->keys = malloc((size_t)of->row_count * sizeof *o->keys);
  o->ahead = malloc((size_t)of->row_count * sizeof *o->ahead);
  o->places = calloc((size_t)1 << (64 - o->shift), sizeof *o->places);
  if (!o->keys || !o->ahead || !o->places) { /* each customer is looked at by herself then */
    outlook_free(c);
    return;
  }
  look l = {c, of, o};
  c->host->parallel(c->host, (of->row_count + SHARE - 1) / SHARE, look_at_share, &l);
  put_in_place(o, of);
}

const future *outlook_find(const clv *c, uint64_t key)
{
  const outlook *o = &c->outlook;
  if (!o->places) return NULL;
  uint64_t mask = (UINT64_C(1) << (64 - o->shift)) - 1;
  for (uint64_t place = place_of(o, key); o->places[place]; place = (place + 1) & mask)
    if (o->keys[o->places[place] - 1] == key) return &o->ahead[o->places[place] - 1];
  return NULL;
}

void outlook_free(clv *c)
{
  free(c->outlook.keys);
  free(c->outlook.ahead);
  free(c->outlook.places);
  c->outlook = (outlook){0};
}
