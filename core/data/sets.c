/* Sets: each customer's rows sorted by time (edges: by the other end), then by the set's own columns. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "data/buffer.h"
#include "data/group.h"
#include "data/order.h"

/* One thread's. */
typedef struct scratch {
  order_item *items; /* twice the room */
  int64_t *values;
  int64_t room;
} scratch;

typedef struct sorting {
  const grouped *from;
  const int64_t *order; /* what comes before the columns; NULL: nothing */
  cells *columns;       /* to be compared and moved */
  uint32_t count;
  cells to;         /* edges: moved as well; values NULL: none */
  scratch *scratch; /* one a worker */
  atomic_int failed;
} sorting;

static int compare_rows(const void *argument, int64_t a, int64_t b)
{
  const sorting *self = argument;
  for (uint32_t c = 0; c < self->count; c++) {
    int order = cells_compare(&self->columns[c], a, b);
    if (order) return order;
  }
  return 0;
}

static int make_room(scratch *self, int64_t count)
{
  if (count <= self->room) return 1;
  free(self->items);
  free(self->values);
  self->room = 0;
  self->items = malloc((size_t)count * 2 * sizeof *self->items);
  self->values = malloc((size_t)count * sizeof *self->values);
  if (!self->items || !self->values) return 0;
  self->room = count;
  return 1;
}

#define PERMUTE(type, array)                                                  \
  do {                                                                        \
    type *moved = (type *)(void *)with->values, *all = (array);               \
    for (int64_t i = 0; i < count; i++) moved[i] = all[with->items[i].index]; \
    memcpy(all + first, moved, (size_t)count * sizeof *all);                  \
  } while (0)

static void permute(const scratch *with, const cells *moving, int64_t first, int64_t count)
{
  if (!moving->values) return;
  if (column_width(moving->type) == 8) PERMUTE(int64_t, moving->values);
  else if (column_width(moving->type) == 4) PERMUTE(int32_t, moving->values);
  else PERMUTE(uint8_t, moving->values);
  if (moving->missing) PERMUTE(uint8_t, moving->missing);
}

static void sort_groups(void *argument, int64_t first, int64_t end, int worker)
{
  sorting *self = argument;
  scratch *with = &self->scratch[worker];
  const int64_t *offsets = self->from->offsets;
  for (int64_t group = first; group < end; group++) {
    int64_t start = offsets[group], count = offsets[group + 1] - start;
    if (count < 2) continue;
    if (!make_room(with, count)) {
      self->failed = 1;
      return;
    }
    for (int64_t i = 0; i < count; i++)
      with->items[i] = (order_item){self->order ? self->order[start + i] : 0, start + i};
    if (order_sort(with->items, with->items + count, count, compare_rows, self)) continue;
    for (uint32_t c = 0; c < self->count; c++) permute(with, &self->columns[c], start, count);
    permute(with, &self->to, start, count);
  }
}

/* A column's cells for one set: the last one to use them takes them, others copy. */
static int claim(cells *from, uint32_t *uses, int64_t count, cells *out)
{
  *out = *from;
  if (--*uses == 0) {
    from->values = NULL;
    from->missing = NULL;
    return 1;
  }
  size_t width = column_width(from->type);
  out->missing = NULL;
  if (!(out->values = buffer_new(count, width, 0))) return 0;
  memcpy(out->values, from->values, (size_t)count * width);
  if (!from->missing) return 1;
  if (!(out->missing = buffer_new(count, 1, 0))) return 0;
  memcpy(out->missing, from->missing, (size_t)count);
  return 1;
}

static int to_column(cells *from, int64_t count, const tarazu_dictionary *strings, column *out)
{
  *out = (column){.type = from->type, .rows = count, .values = from->values};
  if (from->type == TARAZU_TEXT) out->dictionary = strings;
  from->values = NULL;
  if (!from->missing) return 1;
  if (!(out->valid = buffer_new(count / 8 + 1, 1, 1))) return 0;
  for (int64_t i = 0; i < count; i++) out->valid[i >> 3] |= (uint8_t)(!from->missing[i] << (i & 7));
  free(from->missing);
  from->missing = NULL;
  column_count_nulls(out);
  return 1;
}

static int sort_set(sorting *self, pool *threads)
{
  int workers = pool_threads(threads);
  self->scratch = calloc((size_t)workers, sizeof *self->scratch);
  if (!self->scratch) return 0;
  group_run(self->from, threads, sort_groups, self);
  for (int w = 0; w < workers; w++) {
    free(self->scratch[w].items);
    free(self->scratch[w].values);
  }
  free(self->scratch);
  return !self->failed;
}

/* The ends of edges: whose group a row is in, and the other one. */
static int fill_ends(want_set *set, const grouped *from, cells *to)
{
  if (!column_new(&set->from, TARAZU_ROW, from->rows, 0)) return 0;
  int64_t *ends = set->from.values;
  for (int64_t group = 0; group < from->groups; group++)
    for (int64_t i = from->offsets[group]; i < from->offsets[group + 1]; i++) ends[i] = group;
  return to_column(to, from->rows, NULL, &set->to);
}

static int finish_set(want_set *set, sorting *sorted, const tarazu_dictionary *strings)
{
  const grouped *from = sorted->from;
  if (!(set->columns = calloc((size_t)set->count + 1, sizeof *set->columns))) return 0;
  set->rows = from->rows;
  if (sorted->to.values && !fill_ends(set, from, &sorted->to)) return 0;
  if (!from->to) {
    size_t bytes = ((size_t)from->groups + 1) * sizeof *set->offsets;
    if (!(set->offsets = malloc(bytes))) return 0;
    memcpy(set->offsets, from->offsets, bytes);
  }
  for (uint32_t c = 0; c < set->count; c++) {
    if (!to_column(&sorted->columns[c], from->rows, strings, &set->columns[c])) return 0;
    set->columns[c].offsets = set->offsets;
    set->columns[c].shared = COLUMN_SHARED_OFFSETS;
  }
  return 1;
}

/* The cells that a column's index means, to be taken from. */
typedef struct store {
  cells *columns;    /* those of the groups, then the time's, then the other end's */
  uint32_t *uses;    /* by sets still to come */
  uint32_t time, to; /* where those stand */
} store;

static int fill_set(want_set *set, grouped *from, store *shelf, const uint32_t *wanted,
                    const tarazu_dictionary *strings, pool *threads)
{
  sorting sorted = {.from = from, .order = from->to ? from->to : from->times, .count = set->count};
  sorted.columns = calloc((size_t)set->count + 1, sizeof *sorted.columns);
  int good = sorted.columns != NULL;
  for (uint32_t c = 0; c < set->count && good; c++) {
    uint32_t index = wanted[set->wants[c]] == ROWS_TIME ? shelf->time : wanted[set->wants[c]];
    good = claim(&shelf->columns[index], &shelf->uses[index], from->rows, &sorted.columns[c]);
  }
  if (good && from->to) good = claim(&shelf->columns[shelf->to], &shelf->uses[shelf->to], from->rows, &sorted.to);
  good = good && sort_set(&sorted, threads) && finish_set(set, &sorted, strings);
  for (uint32_t c = 0; sorted.columns && c < set->count; c++) {
    free(sorted.columns[c].values);
    free(sorted.columns[c].missing);
  }
  free(sorted.columns);
  free(sorted.to.values);
  return good;
}

static int uses_time(const want_set *set, const uint32_t *wanted)
{
  for (uint32_t c = 0; c < set->count; c++)
    if (wanted[set->wants[c]] == ROWS_TIME) return 1;
  return 0;
}

int sets_fill(table *of, grouped *from, const uint32_t *wanted, const tarazu_dictionary *strings, pool *threads)
{
  store shelf = {.time = from->column_count, .to = from->column_count + 1};
  shelf.columns = calloc((size_t)from->column_count + 2, sizeof *shelf.columns);
  shelf.uses = calloc((size_t)from->column_count + 2, sizeof *shelf.uses);
  int good = shelf.columns && shelf.uses;
  if (good) {
    memcpy(shelf.columns, from->columns, from->column_count * sizeof *shelf.columns);
    memset(from->columns, 0, from->column_count * sizeof *from->columns);
    shelf.columns[shelf.time] = (cells){TARAZU_TIME, from->times, NULL};
    shelf.columns[shelf.to] = (cells){TARAZU_ROW, from->to, NULL};
    /* Times stay for the sets still to be ordered by them: they go to the last set, or to none. */
    shelf.uses[shelf.time] = of->set_count && !uses_time(&of->sets[of->set_count - 1], wanted);
    shelf.uses[shelf.to] = of->set_count;
    for (uint32_t s = 0; s < of->set_count; s++)
      for (uint32_t c = 0; c < of->sets[s].count; c++) {
        uint32_t index = wanted[of->sets[s].wants[c]];
        shelf.uses[index == ROWS_TIME ? shelf.time : index]++;
      }
    for (uint32_t s = 0; s < of->set_count && good; s++)
      good = fill_set(&of->sets[s], from, &shelf, wanted, strings, threads);
    memcpy(from->columns, shelf.columns, from->column_count * sizeof *from->columns);
    from->times = shelf.columns[shelf.time].values;
    from->to = shelf.columns[shelf.to].values;
  }
  free(shelf.columns);
  free(shelf.uses);
  return good;
}
