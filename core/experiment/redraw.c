/* Bootstrap samples of a run's customers, combined anew by a second session of the same profile. */
#include "experiment/redraw.h"

#include "run/rescore.h"
#include <stdlib.h>
#include <string.h>

typedef struct drawing {
  engine *from, *to;
  resampling by;
  uint8_t *counts; /* by row: how often she is in the sample */
  int64_t *rows;   /* of the sample, a row for each time */
  uint8_t *seen;
} drawing;

/* A customer who was drawn twice has two rows, and two seats where both are chosen: a sample has as many seats as the
 * run. */
static void draw(drawing *d, int64_t sample)
{
  int64_t at = 0;
  resample_counts(&d->by, sample, d->counts);
  for (int64_t i = 0; i < d->by.customers; i++)
    for (uint8_t k = 0; k < d->counts[i]; k++) d->rows[at++] = i;
}

static int take_list(drawing *d, arena *home, ranked_list *out)
{
  selection chosen;
  int good = select_key_customers(d->to, &chosen);
  int64_t *members = arena_array(home, (size_t)(good ? chosen.count : 0) + 1, sizeof *members), count = 0;
  const uint8_t *key = good ? chosen.key.values : NULL;
  memset(d->seen, 0, (size_t)d->by.customers);
  for (int64_t i = 0; good && i < d->to->people.count; i++) {
    int64_t row = d->to->order[i], who = d->rows[row];
    if (!key[row] || d->seen[who]) continue;
    d->seen[who] = 1;
    members[count++] = who;
  }
  *out = (ranked_list){members, count};
  selection_free(&chosen);
  return good;
}

static int draw_all(drawing *d, arena *home, redrawn *out)
{
  int good = 1;
  for (uint32_t i = 0; good && i < out->count; i++) {
    draw(d, i);
    const rescoring asked = {.from = d->from, .rows = d->rows, .count = d->by.customers};
    good = rescore(d->to, &asked) && take_list(d, home, &out->lists[i]);
    rescore_undo(d->to);
  }
  return good;
}

int redraw_lists(tarazu_session *ran, uint32_t count, uint64_t seed, arena *home, problems *faults, redrawn *out)
{
  tarazu_session *again;
  engine *from = session_engine(ran);
  size_t customers = (size_t)from->people.count;
  drawing d = {.from = from, .by = {from->people.count, count, seed}};
  *out = (redrawn){arena_array(home, (size_t)count + 1, sizeof *out->lists), count, from->people.count};
  int good = session_again(ran, &again) == TARAZU_GOOD && session_plan(again);
  d.counts = malloc(customers + 1);
  d.seen = malloc(customers + 1);
  d.rows = malloc((customers + 1) * sizeof *d.rows);
  if (!d.counts || !d.seen || !d.rows) {
    problem_add(faults, EXIT_INTERNAL, NOWHERE, "no memory to draw customers anew");
    good = 0;
  }
  if (good) {
    d.to = session_engine(again);
    d.to->cancelled = from->cancelled;
    good = draw_all(&d, home, out);
  }
  if (again) problems_take(faults, session_problems(again), NULL, NULL);
  tarazu_close(again);
  free(d.counts);
  free(d.seen);
  free(d.rows);
  return good;
}
