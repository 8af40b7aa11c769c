/* Dominance in a line of customers. Most combiners give a dominating customer the higher score, so that there is
 * nothing to find and a sum over each customer's criteria shows it; for what is left, the first of the line stand in
 * trees of boxes, in which whole branches that nobody below could be dominated in are passed over. */
#include "run/dominance.h"

#include "data/buffer.h"
#include "run/stages.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF = 8, DEEPEST = 48, SAMPLE = 2048 };

/* One of the first in line, by the values of her criteria. */
typedef struct point {
  int64_t place;
  uint64_t lacks;
  uint32_t rarest; /* the criterion in which fewest of the line have as much */
  double worth;
} point;

typedef struct box {
  int64_t begin, end; /* points */
  int64_t first;      /* the least place of them */
  int32_t left, right;
} box;

/* The points that lack the same criteria: a tree for each criterion that is the rarest of some, so that whoever has
 * little of it passes the tree over at its root. */
typedef struct group {
  uint64_t lacks;
  double least; /* worth of those whom a customer at the place at hand could stand behind */
  int32_t *roots;
  uint32_t root_count;
} group;

typedef struct search {
  const engine *e;
  const int64_t *line, *places; /* places: by row, from 1; 0: not in line */
  int64_t count, most;
  uint32_t criteria;    /* that weigh */
  const column *of[64]; /* their columns */
  const series *series[64];
  double sign[64]; /* 1, or -1 where less is better */
  double least[64], scale[64];
  int gaps;      /* somebody lacks something */
  double *worth; /* by place */
  point *points; /* of the first `most`, alike ones once, in groups */
  int64_t point_count;
  double *values; /* criteria a point, larger is better */
  box *boxes;
  double *lows; /* criteria a box: the least of its points */
  int32_t box_count, box_room;
  group *groups;
  uint32_t group_count;
  int32_t *roots;      /* of all groups */
  double *sample;      /* criteria × sampled: of each, what some of the line have, rising */
  int64_t sampled[64]; /* how many, by criterion */
} search;

/* ---- the line's worths ------------------------------------------------------------------------------------- */

/* The line is in the order of scores, columns in that of rows: all of it is measured row by row, in pieces side by
 * side, and only the sums are then brought into line. Sums of a block stay in the first cache until all criteria are
 * added. */
enum { PIECE = 65536, BLOCK = 2048 };

typedef struct range {
  double least, most;
} range;

typedef struct measuring {
  search *s;
  int everybody; /* is in line */
  int64_t rows;
  range *ranges; /* criteria a piece */
  double *worth; /* by row */
} measuring;

static int64_t piece_end(const measuring *m, int64_t piece)
{
  return (piece + 1) * PIECE < m->rows ? (piece + 1) * PIECE : m->rows;
}

static void measure_ranges(void *argument, int64_t piece, int worker)
{
  const measuring *m = argument;
  const search *s = m->s;
  (void)worker;
  for (uint32_t i = 0; i < s->criteria; i++) {
    const column *c = s->of[i];
    const double *values = c->values;
    double least = INFINITY, most = -INFINITY;
    for (int64_t r = piece * PIECE; r < piece_end(m, piece); r++) {
      if ((!m->everybody && !s->places[r]) || !column_is_valid(c, r)) continue;
      least = values[r] < least ? values[r] : least;
      most = values[r] > most ? values[r] : most;
    }
    m->ranges[piece * s->criteria + i] = s->sign[i] < 0 ? (range){-most, -least} : (range){least, most};
  }
}

static void measure_block(const search *s, int64_t first, int64_t end, double *worth)
{
  for (int64_t r = first; r < end; r++) worth[r] = 0;
  for (uint32_t i = 0; i < s->criteria; i++) {
    const double *values = s->of[i]->values, sign = s->sign[i], least = s->least[i], scale = s->scale[i];
    if (scale == 0) continue;
    if (!s->of[i]->valid)
      for (int64_t r = first; r < end; r++) worth[r] += scale * (sign * values[r] - least);
    else
      for (int64_t r = first; r < end; r++)
        if (column_is_valid(s->of[i], r)) worth[r] += scale * (sign * values[r] - least);
  }
}

static void measure_worth(void *argument, int64_t piece, int worker)
{
  const measuring *m = argument;
  const search *s = m->s;
  (void)worker;
  for (int64_t first = piece * PIECE; first < piece_end(m, piece); first += BLOCK)
    measure_block(s, first, first + BLOCK < piece_end(m, piece) ? first + BLOCK : piece_end(m, piece), m->worth);
}

/* Into the first of m->ranges. Those of everybody follow from the columns alone, whatever their weights. */
static void find_ranges(search *s, const measuring *m, int64_t pieces)
{
  int known = m->everybody;
  for (uint32_t i = 0; known && i < s->criteria; i++)
    known = stages_recall(s->e, s->series[i], "range", &m->ranges[i], sizeof(range));
  if (known) return;
  pool_run(s->e->pool, pieces, measure_ranges, (void *)(uintptr_t)m);
  for (int64_t k = 1; k < pieces; k++)
    for (uint32_t i = 0; i < s->criteria; i++) {
      range *all = &m->ranges[i], here = m->ranges[k * s->criteria + i];
      if (here.least < all->least) all->least = here.least;
      if (here.most > all->most) all->most = here.most;
    }
  for (uint32_t i = 0; m->everybody && i < s->criteria; i++)
    stages_remember(s->e, s->series[i], "range", &m->ranges[i], sizeof(range));
}

/* What counts of each criterion is w (x - least) / range. Each step of that and of its sum is monotone in floating
 * point too: whoever dominates another has no smaller sum. */
static void choose_criteria(search *s, const range *ranges)
{
  uint32_t weighing = s->criteria;
  s->criteria = 0;
  for (uint32_t i = 0; i < weighing; i++) {
    double least = ranges[i].least, most = ranges[i].most, weight = s->scale[i];
    const column *c = s->of[i];
    if (!(most > least) && !c->valid) continue; /* the same for everybody */
    s->of[s->criteria] = c;
    s->sign[s->criteria] = s->sign[i];
    s->least[s->criteria] = least;
    s->scale[s->criteria] = most > least && isfinite(most - least) ? weight / (most - least) : 0;
    if (!isfinite(s->scale[s->criteria])) s->scale[s->criteria] = 0;
    s->gaps |= c->valid != NULL;
    s->criteria++;
  }
}

/* All criteria that weigh, with their weights for a scale until the ranges are known. */
static void list_criteria(search *s)
{
  const plan *p = s->e->plan;
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    if (!(s->e->weights[i] > 0)) continue;
    s->series[s->criteria] = p->normalized[i];
    s->of[s->criteria] = &p->normalized[i]->column;
    s->sign[s->criteria] = p->normalized[i]->better < 0 ? -1 : 1;
    s->scale[s->criteria++] = s->e->weights[i];
  }
}

/* Whether anybody can dominate one who stands before her: somebody's worth is at least that of one before. Of those
 * behind the first `most`, in the order of rows. */
static int may_be_some(const search *s, const double *worth)
{
  double least = INFINITY;
  for (int64_t k = 0; k < s->most; k++) {
    if (worth[s->line[k]] >= least) return 1;
    least = worth[s->line[k]];
  }
  for (int64_t r = 0; r < s->e->people.count; r++)
    if (worth[r] >= least && s->places[r] > s->most) return 1;
  return 0;
}

/* Finds the criteria and, where anybody may dominate another, the worth of all in line. 0: no memory. */
static int measure_line(search *s)
{
  int64_t rows = s->e->people.count, pieces = (rows + PIECE - 1) / PIECE;
  measuring m = {.s = s, .rows = rows, .everybody = s->count == rows};
  list_criteria(s);
  int good = (m.ranges = malloc(((size_t)pieces * s->criteria + 1) * sizeof *m.ranges)) != NULL;
  if (good) {
    find_ranges(s, &m, pieces);
    choose_criteria(s, m.ranges);
  }
  if (good && s->criteria && s->most > 0) {
    good = (m.worth = buffer_new(rows, sizeof *m.worth, 0)) != NULL;
    if (good) pool_run(s->e->pool, pieces, measure_worth, &m);
    if (good && may_be_some(s, m.worth)) {
      good = (s->worth = buffer_new(s->count, sizeof *s->worth, 0)) != NULL;
      for (int64_t k = 0; good && k < s->count; k++) s->worth[k] = m.worth[s->line[k]];
    }
  }
  free(m.ranges);
  free(m.worth);
  return good;
}

static uint64_t lacks_at(const search *s, int64_t at)
{
  uint64_t lacks = 0;
  for (uint32_t i = 0; s->gaps && i < s->criteria; i++) lacks |= (uint64_t)!column_is_valid(s->of[i], s->line[at]) << i;
  return lacks;
}

/* A criterion that is lacking is 0: the same for all of a group. */
static void values_at(const search *s, int64_t at, uint64_t lacks, double *to)
{
  for (uint32_t i = 0; i < s->criteria; i++)
    to[i] = lacks >> i & 1 ? 0 : s->sign[i] * ((const double *)s->of[i]->values)[s->line[at]];
}

/* ---- points ------------------------------------------------------------------------------------------------ */

static int by_group(const void *a, const void *b)
{
  const point *x = a, *y = b;
  if (x->lacks != y->lacks) return x->lacks < y->lacks ? -1 : 1;
  if (x->rarest != y->rarest) return x->rarest < y->rarest ? -1 : 1;
  if (x->worth != y->worth) return x->worth < y->worth ? -1 : 1;
  return x->place < y->place ? -1 : 1;
}

static int same_values(const search *s, const double *a, const double *b)
{
  for (uint32_t i = 0; i < s->criteria; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Evenly over the line: it decides nothing but how the points are parted. */
static void take_sample(search *s)
{
  for (uint32_t i = 0; i < s->criteria; i++) {
    double *to = s->sample + (size_t)i * SAMPLE;
    int64_t stride = s->count / SAMPLE + 1;
    for (int64_t k = 0; k < s->count; k += stride)
      if (column_is_valid(s->of[i], s->line[k]))
        to[s->sampled[i]++] = s->sign[i] * ((const double *)s->of[i]->values)[s->line[k]];
    qsort(to, (size_t)s->sampled[i], sizeof *to, by_value);
  }
}

static uint32_t rarest_of(const search *s, int64_t at, uint64_t lacks)
{
  double values[64];
  uint32_t rarest = 0;
  int64_t least = INT64_MAX;
  values_at(s, at, lacks, values);
  for (uint32_t i = 0; i < s->criteria; i++) {
    const double *sample = s->sample + (size_t)i * SAMPLE;
    int64_t first = 0, last = s->sampled[i];
    if (lacks >> i & 1) continue;
    while (first < last) { /* the first in the sample who has as much */
      int64_t half = first + (last - first) / 2;
      if (sample[half] < values[i]) first = half + 1;
      else last = half;
    }
    if (s->sampled[i] - first < least) least = s->sampled[i] - first, rarest = i;
  }
  return rarest;
}

/* Lays the points out by group. Of equal points that follow one another only the first in line stays. */
static void lay_out_points(search *s)
{
  take_sample(s);
  for (int64_t k = 0; k < s->most; k++) {
    uint64_t lacks = lacks_at(s, k);
    s->points[k] = (point){k, lacks, rarest_of(s, k, lacks), s->worth[k]};
  }
  qsort(s->points, (size_t)s->most, sizeof *s->points, by_group);
  for (int64_t k = 0; k < s->most; k++) {
    point p = s->points[k];
    double *to = s->values + (size_t)s->point_count * s->criteria;
    values_at(s, p.place, p.lacks, to);
    if (s->point_count && s->points[s->point_count - 1].lacks == p.lacks && same_values(s, to - s->criteria, to))
      continue;
    s->points[s->point_count++] = p;
  }
}

/* ---- boxes ------------------------------------------------------------------------------------------------- */

static void swap_points(search *s, int64_t a, int64_t b)
{
  point p = s->points[a];
  double *x = s->values + (size_t)a * s->criteria, *y = s->values + (size_t)b * s->criteria;
  s->points[a] = s->points[b];
  s->points[b] = p;
  for (uint32_t i = 0; i < s->criteria; i++) {
    double value = x[i];
    x[i] = y[i];
    y[i] = value;
  }
}

/* Splits points at the middle of the criterion that is spread most; where that parts nobody, in halves. */
static int64_t split(search *s, int64_t begin, int64_t end, const double *low)
{
  uint32_t widest = 0;
  double width = -1, at = 0;
  for (uint32_t i = 0; i < s->criteria; i++) {
    double sum = 0;
    for (int64_t k = begin; k < end; k++) sum += s->scale[i] * (s->values[(size_t)k * s->criteria + i] - low[i]);
    if (sum > width) {
      width = sum;
      widest = i;
      at = s->scale[i] > 0 ? low[i] + sum / (double)(end - begin) / s->scale[i] : low[i];
    }
  }
  int64_t middle_point = begin;
  for (int64_t k = begin; k < end; k++)
    if (s->values[(size_t)k * s->criteria + widest] < at) swap_points(s, k, middle_point++);
  return middle_point > begin && middle_point < end ? middle_point : begin + (end - begin) / 2;
}

static int32_t add_box(search *s, int64_t begin, int64_t end, int depth)
{
  if (s->box_count == s->box_room) {
    int32_t room = s->box_room ? 2 * s->box_room : 64;
    box *boxes = realloc(s->boxes, (size_t)room * sizeof *boxes);
    if (boxes) s->boxes = boxes;
    double *lows = realloc(s->lows, (size_t)room * (s->criteria + 1) * sizeof *lows);
    if (lows) s->lows = lows;
    if (!boxes || !lows) return -1;
    s->box_room = room;
  }
  int32_t own = s->box_count++;
  s->boxes[own] = (box){begin, end, INT64_MAX, -1, -1};
  double *low = s->lows + (size_t)own * s->criteria;
  memcpy(low, s->values + (size_t)begin * s->criteria, s->criteria * sizeof *low);
  for (int64_t k = begin; k < end; k++) {
    const double *values = s->values + (size_t)k * s->criteria;
    if (s->points[k].place < s->boxes[own].first) s->boxes[own].first = s->points[k].place;
    for (uint32_t i = 0; i < s->criteria; i++)
      if (values[i] < low[i]) low[i] = values[i];
  }
  if (end - begin <= LEAF || depth >= DEEPEST) return own;
  int64_t at = split(s, begin, end, low);
  int32_t left = add_box(s, begin, at, depth + 1), right = left < 0 ? -1 : add_box(s, at, end, depth + 1);
  if (left < 0 || right < 0) return -1;
  s->boxes[own].left = left;
  s->boxes[own].right = right;
  return own;
}

static int add_groups(search *s)
{
  int32_t *next = s->roots;
  for (int64_t begin = 0, end; begin < s->point_count; begin = end) {
    const point *first = &s->points[begin];
    if (!s->group_count || s->groups[s->group_count - 1].lacks != first->lacks)
      s->groups[s->group_count++] = (group){first->lacks, INFINITY, next, 0};
    for (end = begin + 1;
         end < s->point_count && s->points[end].lacks == first->lacks && s->points[end].rarest == first->rarest;)
      end++;
    *next = add_box(s, begin, end, 0);
    if (*next++ < 0) return 0;
    s->groups[s->group_count - 1].root_count++;
  }
  return 1;
}

static group *group_of(const search *s, uint64_t lacks)
{
  uint32_t begin = 0, end = s->group_count;
  while (begin < end) {
    uint32_t at = begin + (end - begin) / 2;
    if (s->groups[at].lacks < lacks) begin = at + 1;
    else end = at;
  }
  return begin < s->group_count && s->groups[begin].lacks == lacks ? &s->groups[begin] : NULL;
}

/* The first place before `best` of a point that is nowhere above `values` and somewhere below; `best`: there is none.
 */
static int64_t first_below(const search *s, int32_t index, const double *values, int64_t best)
{
  const box *b = &s->boxes[index];
  const double *low = s->lows + (size_t)index * s->criteria;
  if (b->first >= best) return best;
  for (uint32_t i = 0; i < s->criteria; i++)
    if (low[i] > values[i]) return best;
  if (b->left >= 0) {
    best = first_below(s, b->left, values, best);
    return first_below(s, b->right, values, best);
  }
  for (int64_t k = b->begin; k < b->end; k++) {
    const double *other = s->values + (size_t)k * s->criteria;
    int nowhere_above = s->points[k].place < best, below = 0;
    for (uint32_t i = 0; nowhere_above && i < s->criteria; i++) {
      nowhere_above = other[i] <= values[i];
      below |= other[i] < values[i];
    }
    if (nowhere_above && below) best = s->points[k].place;
  }
  return best;
}

/* ---- moves ------------------------------------------------------------------------------------------------- */

static _Thread_local const search *sorting; /* of by_target */

/* Of two who move to one place, one who dominates the other has the larger worth or, where rounding made these equal,
 * is the larger in the first criterion in which they differ. */
static int by_target(const void *a, const void *b)
{
  const dominance_move *x = a, *y = b;
  double mine[64], other[64];
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  if (x->worth != y->worth) return x->worth > y->worth ? -1 : 1;
  values_at(sorting, x->from, lacks_at(sorting, x->from), mine);
  values_at(sorting, y->from, lacks_at(sorting, y->from), other);
  for (uint32_t i = 0; i < sorting->criteria; i++)
    if (mine[i] != other[i]) return mine[i] > other[i] ? -1 : 1;
  return x->from < y->from ? -1 : 1;
}

enum { SOUGHT = 4096 }; /* places of one task */

typedef struct move_task {
  const search *s;
  int64_t *to; /* by place; UNSOUGHT: to be looked for */
} move_task;

enum { UNSOUGHT = -1 };

/* Whom each could dominate at all: somebody before her, of the same group, whose worth is not above hers. */
static void mark_places(const search *s, int64_t *to)
{
  for (int64_t k = 0; k < s->count; k++) {
    group *g = group_of(s, lacks_at(s, k));
    to[k] = g && s->worth[k] >= g->least ? UNSOUGHT : k;
    if (g && k < s->most && s->worth[k] < g->least) g->least = s->worth[k];
  }
}

static void seek_places(void *argument, int64_t index, int worker)
{
  const move_task *t = argument;
  const search *s = t->s;
  int64_t end = (index + 1) * SOUGHT < s->count ? (index + 1) * SOUGHT : s->count;
  double values[64];
  (void)worker;
  for (int64_t k = index * SOUGHT; k < end; k++) {
    if (t->to[k] != UNSOUGHT) continue;
    uint64_t lacks = lacks_at(s, k);
    const group *g = group_of(s, lacks);
    values_at(s, k, lacks, values);
    t->to[k] = k;
    for (uint32_t r = 0; r < g->root_count; r++) t->to[k] = first_below(s, g->roots[r], values, t->to[k]);
  }
}

static int find_moves(search *s, dominance_moves *out)
{
  int64_t room = 0;
  move_task t = {s, malloc((size_t)s->count * sizeof *t.to)};
  int good = t.to != NULL;
  if (good) mark_places(s, t.to);
  if (good) pool_run(s->e->pool, (s->count + SOUGHT - 1) / SOUGHT, seek_places, &t);
  for (int64_t k = 0; good && k < s->count; k++) {
    if (t.to[k] == k) continue;
    if (out->count == room) {
      room = room ? 2 * room : 16;
      dominance_move *items = realloc(out->items, (size_t)room * sizeof *items);
      good = items != NULL;
      if (good) out->items = items;
    }
    if (good) out->items[out->count++] = (dominance_move){k, t.to[k], s->worth[k]};
  }
  free(t.to);
  sorting = s;
  if (good && out->count) qsort(out->items, (size_t)out->count, sizeof *out->items, by_target);
  return good;
}

int dominance_find(const engine *e, const int64_t *line, const int64_t *places, int64_t count, int64_t most,
                   dominance_moves *out)
{
  search s = {.e = e, .line = line, .places = places, .count = count, .most = most < count ? most : count};
  int good = 1;
  *out = (dominance_moves){0};
  good = measure_line(&s);
  if (good && s.worth) {
    good &= (s.points = malloc((size_t)s.most * sizeof *s.points)) != NULL;
    good &= (s.values = malloc((size_t)s.most * s.criteria * sizeof *s.values)) != NULL;
    good &= (s.groups = malloc((size_t)s.most * sizeof *s.groups)) != NULL;
    good &= (s.roots = malloc((size_t)s.most * sizeof *s.roots)) != NULL;
    good &= (s.sample = malloc((size_t)s.criteria * SAMPLE * sizeof *s.sample)) != NULL;
    if (good) lay_out_points(&s);
    good = good && add_groups(&s) && find_moves(&s, out);
  }
  if (!good) {
    free(out->items);
    *out = (dominance_moves){0};
  }
  free(s.worth);
  free(s.points);
  free(s.values);
  free(s.boxes);
  free(s.lows);
  free(s.groups);
  free(s.roots);
  free(s.sample);
  return good;
}
