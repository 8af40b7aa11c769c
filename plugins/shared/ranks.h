/* Criteria as rankings: every criterion's distinct values in ascending order with how many customers lie below each,
 * and each customer's place among them. What combiners learn (in fit) that only look at who is above whom, or that need
 * sorted columns. A cost's sign is turned, so that more is always better.
 *
 * A combiner's own struct begins with a `rankings`; rankings_create, rankings_destroy, rankings_fit, rankings_save and
 * rankings_load do its life. */
#ifndef PLUGINS_SHARED_RANKS_H
#define PLUGINS_SHARED_RANKS_H

#include "criteria.h"
#include "order.h"

#include <math.h>

typedef struct ranking {
  int64_t count;    /* customers with a value */
  int64_t distinct; /* of their values */
  double *value;    /* ascending; one a distinct value */
  int64_t *below;   /* customers below it; below[distinct] is count */
  int32_t *place;   /* one a customer: the index of her value; NULL in a loaded model, and where none are held */
  int cost;
} ranking;

/* What a combiner does with a criterion that has been ranked while its customers are still at hand in their order. 0:
 * no memory. */
typedef int ranked(void *self, uint32_t criterion, const ordered *items);

typedef struct rankings {
  const tarazu_context *context;
  ranking *of; /* one a criterion */
  uint32_t count, reserved;
  int64_t rows; /* customers whose places are known */
  ranked *then; /* called in fit, the criteria side by side, in place of holding places; NULL: places are held */
} rankings;

TARAZU_UNUSED static tarazu_status rankings_create(rankings *r, const tarazu_context *context, const char *id,
                                                   tarazu_error *error)
{
  r->context = context;
  r->count = context->columns.count;
  if (r->count > MOST_CRITERIA)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, %s takes %d", (unsigned)r->count, id, MOST_CRITERIA);
  r->of = calloc(r->count + 1u, sizeof *r->of);
  if (!r->of) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)r->count);
  for (uint32_t c = 0; c < r->count; c++) r->of[c].cost = tarazu_bound_at(context, c)->better < 0;
  return TARAZU_OK;
}

static inline void ranking_forget(ranking *r)
{
  free(r->value);
  free(r->below);
  free(r->place);
  *r = (ranking){.cost = r->cost};
}

TARAZU_UNUSED static void rankings_destroy(void *self)
{
  rankings *r = self;
  for (uint32_t c = 0; r->of && c < r->count; c++) ranking_forget(&r->of[c]);
  free(r->of);
}

/* ---- fitting ----------------------------------------------------------------------------------------------- */

/* rows < 0: no places. 0: no memory. */
static inline int ranking_room(ranking *r, int64_t values, int64_t rows)
{
  size_t room = (size_t)values + 1;
  r->value = malloc(room * sizeof *r->value);
  r->below = malloc(room * sizeof *r->below);
  if (rows >= 0) r->place = malloc(((size_t)rows + 1) * sizeof *r->place);
  return r->value && r->below && (rows < 0 || r->place);
}

static inline void ranking_settle(ranking *r, const ordered *items, int64_t count)
{
  r->count = count;
  for (int64_t i = 0; i < count; i++) {
    if (!i || items[i].value != items[i - 1].value) {
      r->value[r->distinct] = items[i].value;
      r->below[r->distinct++] = i;
    }
    if (r->place) r->place[items[i].row] = (int32_t)(r->distinct - 1);
  }
  r->below[r->distinct] = count;
}

/* Costs: from the largest to the smallest, which is ascending once their signs are turned. */
static inline void ranking_turn(ordered *items, int64_t count)
{
  for (int64_t i = 0; i < count / 2; i++) {
    ordered swap = items[i];
    items[i] = items[count - 1 - i];
    items[count - 1 - i] = swap;
  }
  for (int64_t i = 0; i < count; i++) items[i].value = 0 - items[i].value;
}

typedef struct ranking_work {
  rankings *model;
  const tarazu_batch *customers;
  int lacking[MOST_CRITERIA]; /* 1: no memory for it */
} ranking_work;

TARAZU_UNUSED static void ranking_fit_one(void *argument, int64_t index)
{
  ranking_work *w = argument;
  ranking *r = &w->model->of[index];
  const tarazu_column *column = w->customers->columns[index];
  int64_t count;
  ranking_forget(r);
  if (!column) return;
  ordered *items = order_column(column, w->customers->rows, &count);
  if (items && r->cost) ranking_turn(items, count);
  w->lacking[index] = !items || !ranking_room(r, count, w->model->then ? -1 : w->customers->rows);
  if (!w->lacking[index]) ranking_settle(r, items, count);
  if (!w->lacking[index] && w->model->then) w->lacking[index] = !w->model->then(w->model, (uint32_t)index, items);
  free(items);
}

/* The criteria side by side. */
TARAZU_UNUSED static tarazu_status rankings_fit(void *self, const tarazu_batch *const *spaces, uint32_t count,
                                                tarazu_error *error)
{
  (void)count;
  rankings *r = self;
  ranking_work w = {.model = r, .customers = spaces[0]};
  r->rows = spaces[0]->rows;
  if (r->rows > INT32_MAX)
    return tarazu_fail(error, TARAZU_BAD_DATA, "%lld customers; whole columns are sorted of at most %d",
                       (long long)r->rows, INT32_MAX);
  r->context->host->parallel(r->context->host, r->count, ranking_fit_one, &w);
  for (uint32_t c = 0; c < r->count; c++)
    if (w.lacking[c])
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort criterion '%s'",
                         tarazu_bound_at(r->context, c)->name);
  return TARAZU_OK;
}

/* ---- looking up -------------------------------------------------------------------------------------------- */

/* The place of row i of a batch, or -1 where it is no row of the run, or its place is not known. */
static inline int64_t ranking_place(const rankings *r, uint32_t criterion, const tarazu_batch *batch, int64_t i)
{
  if (batch->first_row < 0 || !r->of[criterion].place) return -1;
  int64_t row = batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
  return row < r->rows ? r->of[criterion].place[row] : -1;
}

/* The first of the distinct values that is not below x (a cost's sign turned already). */
static inline int64_t ranking_find(const ranking *r, double x)
{
  int64_t least = 0, most = r->distinct;
  while (least < most) {
    int64_t middle = least + (most - least) / 2;
    if (r->value[middle] < x) least = middle + 1;
    else most = middle;
  }
  return least;
}

/* How many customers are below row i of a batch in one criterion, and how many are her equal (herself among them, if
 * she is of the run). */
typedef struct standing_of {
  double below, equal;
} standing_of;

static inline standing_of ranking_standing(const rankings *r, uint32_t criterion, const tarazu_batch *batch, int64_t i)
{
  const ranking *one = &r->of[criterion];
  int64_t place = ranking_place(r, criterion, batch, i);
  int equal = 1;
  if (place < 0) {
    double x = ((const double *)batch->columns[criterion]->values)[i];
    if (one->cost) x = 0 - x;
    place = ranking_find(one, x);
    equal = place < one->distinct && one->value[place] == x;
  }
  int64_t below = one->below[place];
  return (standing_of){(double)below, equal ? (double)(one->below[place + 1] - below) : 0};
}

/* The share of the others who are below, a tie counting half: 1 the best, 0 the worst. */
static inline double ranking_share(const rankings *r, uint32_t criterion, const tarazu_batch *batch, int64_t i)
{
  standing_of s = ranking_standing(r, criterion, batch, i);
  int64_t count = r->of[criterion].count;
  if (count < 2) return 0.5;
  double ties = s.equal > 0 ? s.equal - 1 : 0, share = (s.below + ties / 2) / (double)(count - 1);
  return share < 1 ? share : 1;
}

/* ---- models: of each criterion the number of values, the values, how many customers lie below the next ---- */

TARAZU_UNUSED static tarazu_status rankings_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const rankings *r = self;
  for (uint32_t c = 0; c < r->count; c++) {
    const ranking *one = &r->of[c];
    size_t values = (size_t)one->distinct;
    if (!writer->write(writer, &one->distinct, sizeof one->distinct) ||
        (values && (!writer->write(writer, one->value, values * sizeof *one->value) ||
                    !writer->write(writer, one->below + 1, values * sizeof *one->below))))
      return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
  }
  return TARAZU_OK;
}

/* Whether values ascend and counts grow. */
static inline int ranking_is_sound(const ranking *r)
{
  for (int64_t i = 0; i < r->distinct; i++) {
    if (!isfinite(r->value[i]) || r->below[i + 1] <= r->below[i]) return 0;
    if (i && r->value[i] <= r->value[i - 1]) return 0;
  }
  return 1;
}

/* *bytes moves on; 0: not a model, or no memory. */
static inline int ranking_load(ranking *r, const char **bytes, size_t *left)
{
  int64_t distinct;
  ranking_forget(r);
  if (*left < sizeof distinct) return 0;
  memcpy(&distinct, *bytes, sizeof distinct);
  *bytes += sizeof distinct;
  *left -= sizeof distinct;
  const size_t each = sizeof *r->value + sizeof *r->below;
  if (distinct < 0 || (uint64_t)distinct > *left / each || !ranking_room(r, distinct, -1)) return 0;
  size_t values = (size_t)distinct;
  r->distinct = distinct;
  r->below[0] = 0;
  memcpy(r->value, *bytes, values * sizeof *r->value);
  memcpy(r->below + 1, *bytes + values * sizeof *r->value, values * sizeof *r->below);
  *bytes += values * each;
  *left -= values * each;
  r->count = r->below[distinct];
  return ranking_is_sound(r);
}

TARAZU_UNUSED static tarazu_status rankings_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  rankings *r = self;
  const char *at = bytes;
  size_t left = count;
  int good = 1;
  r->rows = 0;
  for (uint32_t c = 0; good && c < r->count; c++) good = ranking_load(&r->of[c], &at, &left);
  if (good && !left) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_DATA, "not a model over %u criteria: %zu bytes", (unsigned)r->count, count);
}

#endif
