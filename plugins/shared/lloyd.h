/* k-means over points: centres chosen far from each other (k-means++, Arthur, Vassilvitskii 2007, with several
 * candidates a step as in their section 5), then moved to the mean of the points that are nearest to them until nothing
 * changes (Lloyd 1982). Sums are of fixed tasks, added in their order. */
#ifndef PLUGINS_SHARED_LLOYD_H
#define PLUGINS_SHARED_LLOYD_H

#include "points.h"

enum { PIECE = 128 * TILE, MOST_CANDIDATES = 8 };

typedef struct lloyd {
  const points *points;
  uint32_t k;         /* of this run: fewer than asked where fewer points differ */
  uint32_t converged; /* 1: by the rule, not by the number of iterations */
  int64_t iterations, changed;
  double inertia;   /* the sum of squared distances to the nearest centre */
  double *centres;  /* k × columns */
  double *moved;    /* their next place */
  double *sizes;    /* points of each */
  int32_t *label;   /* of each point */
  double *closest;  /* of each point, while centres are chosen: the squared distance; 0 beyond the last one */
  double *parts;    /* of each task: sums, sizes, inertia, changed; or the candidates' potentials */
  size_t part_size; /* doubles of one task */
  const double *candidates[MOST_CANDIDATES];
  double chosen[MOST_CANDIDATES * MOST_COLUMNS];
  uint32_t candidate_count, keep; /* keep: the first candidate becomes a centre */
} lloyd;

static inline void lloyd_free(lloyd *l)
{
  free(l->centres);
  free(l->moved);
  free(l->sizes);
  free(l->label);
  free(l->closest);
  free(l->parts);
  *l = (lloyd){0};
}

/* Room for up to k centres. 0: no memory. */
static inline int lloyd_begin(lloyd *l, const points *p, uint32_t k)
{
  size_t room = (size_t)p->count + TILE, values = (size_t)k * p->columns + 1;
  *l = (lloyd){.points = p, .part_size = values + k + 2 + MOST_CANDIDATES};
  l->centres = calloc(values, sizeof *l->centres);
  l->moved = calloc(values, sizeof *l->moved);
  l->sizes = calloc(k + 1u, sizeof *l->sizes);
  l->label = calloc(room, sizeof *l->label);
  l->closest = calloc(room, sizeof *l->closest);
  l->parts = calloc((size_t)p->tasks * l->part_size + 1, sizeof *l->parts);
  return l->centres && l->moved && l->sizes && l->label && l->closest && l->parts;
}

/* ---- the loops --------------------------------------------------------------------------------------------- */

/* The nearest centre of every point of so many tiles (the first one of equally near ones), the squared distance to it
 * and, where `second` is there, to the next nearest one. */
VECTORS static void nearest_centres(const double *tiles, int64_t count, uint32_t columns, const double *centres,
                                    uint32_t k, int32_t *label, double *distance, double *second)
{
  for (int64_t t = 0; t < count; t++) {
    const lanes *x = (const lanes *)tiles + t * columns;
    lanes best = (lanes){0} + HUGE_VAL, next = best;
    masks who = {0};
    for (uint32_t j = 0; j < k; j++) {
      const double *m = centres + (size_t)j * columns;
      lanes d = {0};
      for (uint32_t c = 0; c < columns; c++) {
        lanes off = x[c] - m[c];
        d += off * off;
      }
      masks closer = d < best;
      if (second) {
        lanes larger = (lanes)((closer & (masks)best) | (~closer & (masks)d));
        masks below = larger < next;
        next = (lanes)((below & (masks)larger) | (~below & (masks)next));
      }
      best = (lanes)((closer & (masks)d) | (~closer & (masks)best));
      who = (closer & (int64_t)j) | (~closer & who);
    }
    *(lanes *)(distance + t * TILE) = best;
    if (second) *(lanes *)(second + t * TILE) = next;
    for (int lane = 0; lane < TILE; lane++) label[t * TILE + lane] = (int32_t)who[lane];
  }
}

/* The sum of the least of what is known and the squared distance to one more centre; kept where `keep` is there. */
VECTORS static double narrow(const double *tiles, int64_t count, uint32_t columns, const double *m,
                             const double *closest, double *keep)
{
  lanes sum = {0};
  double all = 0;
  for (int64_t t = 0; t < count; t++) {
    const lanes *x = (const lanes *)tiles + t * columns;
    lanes known = *(const lanes *)(closest + t * TILE), d = {0};
    for (uint32_t c = 0; c < columns; c++) {
      lanes off = x[c] - m[c];
      d += off * off;
    }
    masks closer = d < known;
    known = (lanes)((closer & (masks)d) | (~closer & (masks)known));
    if (keep) *(lanes *)(keep + t * TILE) = known;
    sum += known;
  }
  for (int lane = 0; lane < TILE; lane++) all += sum[lane];
  return all;
}

static inline int64_t tiles_of(int64_t count)
{
  return (count + TILE - 1) / TILE;
}

/* ---- choosing centres -------------------------------------------------------------------------------------- */

TARAZU_UNUSED static void narrow_task(void *argument, int64_t task)
{
  lloyd *l = argument;
  const points *p = l->points;
  int64_t first = task * p->each;
  double *part = l->parts + (size_t)task * l->part_size;
  for (uint32_t i = 0; i < l->candidate_count; i++)
    part[i] = narrow(points_at(p, first), tiles_of(points_end(p, task) - first), p->columns, l->candidates[i],
                     l->closest + first, l->keep ? l->closest + first : NULL);
}

/* The potential with each candidate. */
static inline void try_candidates(lloyd *l, uint32_t keep, double *potentials)
{
  const points *p = l->points;
  l->keep = keep;
  p->host->parallel(p->host, p->tasks, narrow_task, l);
  for (uint32_t i = 0; i < l->candidate_count; i++) {
    potentials[i] = 0;
    for (int64_t task = 0; task < p->tasks; task++) potentials[i] += l->parts[(size_t)task * l->part_size + i];
  }
}

/* A point by D² sampling, u in [0, 1): its chance is its part of the potential. tasks: the potential of each task. */
static inline int64_t draw_point(const lloyd *l, const double *tasks, double potential, double u)
{
  const points *p = l->points;
  double wanted = u * potential, before = 0;
  int64_t task = 0, found = 0;
  while (task < p->tasks - 1 && before + tasks[task] <= wanted) before += tasks[task++];
  for (int64_t i = task * p->each; i < points_end(p, task); i++) {
    if (l->closest[i] > 0) found = i;
    before += l->closest[i];
    if (before > wanted && l->closest[i] > 0) return i;
  }
  while (!(l->closest[found] > 0)) found++; /* rounding led past the last one that is away from all centres */
  return found;
}

static inline void take_point(const points *p, int64_t i, double *to)
{
  const double *at = points_at(p, i);
  for (uint32_t c = 0; c < p->columns; c++) to[c] = at[c * TILE];
}

/* k-means++; stream: which random numbers. Leaves off where every point is a centre's own: there are fewer than k. */
static inline void choose_centres(lloyd *l, uint32_t k, int64_t stream)
{
  const points *p = l->points;
  const tarazu_host *host = p->host;
  uint32_t draw = 0, candidates = 2 + (uint32_t)log(k);
  double potentials[MOST_CANDIDATES], tasks[MOST_TASKS];
  if (candidates > MOST_CANDIDATES) candidates = MOST_CANDIDATES;
  for (int64_t i = 0; i < p->count; i++) l->closest[i] = HUGE_VAL;
  take_point(p, (int64_t)(host->uniform(host, -1 - stream, draw++) * (double)p->count), l->centres);
  l->candidates[0] = l->centres;
  for (l->k = 1;; l->k++) {
    l->candidate_count = 1;
    try_candidates(l, 1, potentials);
    if (l->k == k || !(potentials[0] > 0)) return;
    for (int64_t task = 0; task < p->tasks; task++) tasks[task] = l->parts[(size_t)task * l->part_size];
    double potential = potentials[0];
    for (uint32_t i = 0; i < candidates; i++) {
      take_point(p, draw_point(l, tasks, potential, host->uniform(host, -1 - stream, draw++)),
                 l->chosen + i * p->columns);
      l->candidates[i] = l->chosen + i * p->columns;
    }
    l->candidate_count = candidates;
    try_candidates(l, 0, potentials);
    uint32_t best = 0;
    for (uint32_t i = 1; i < candidates; i++)
      if (potentials[i] < potentials[best]) best = i;
    double *centre = l->centres + (size_t)l->k * p->columns;
    memcpy(centre, l->candidates[best], p->columns * sizeof *centre);
    l->candidates[0] = centre;
  }
}

/* ---- moving them ------------------------------------------------------------------------------------------- */

/* A task's part: the sums of each centre's points, their numbers, the inertia, how many changed their centre. */
static inline void add_piece(lloyd *l, int64_t first, int64_t count, double *part)
{
  const points *p = l->points;
  double distance[PIECE], inertia[4] = {0};
  int32_t label[PIECE];
  double *sizes = part + (size_t)l->k * p->columns;
  int64_t changed = 0;
  nearest_centres(points_at(p, first), tiles_of(count), p->columns, l->centres, l->k, label, distance, NULL);
  for (int64_t i = 0; i < count; i++) {
    const double *x = points_at(p, first + i);
    double *sum = part + (size_t)label[i] * p->columns;
    for (uint32_t c = 0; c < p->columns; c++) sum[c] += x[c * TILE];
    sizes[label[i]]++;
    inertia[i % 4] += distance[i];
    changed += label[i] != l->label[first + i];
    l->label[first + i] = label[i];
  }
  sizes[l->k] += (inertia[0] + inertia[1]) + (inertia[2] + inertia[3]);
  sizes[l->k + 1] += (double)changed;
}

TARAZU_UNUSED static void assign_task(void *argument, int64_t task)
{
  lloyd *l = argument;
  double *part = l->parts + (size_t)task * l->part_size;
  memset(part, 0, l->part_size * sizeof *part);
  for (int64_t first = task * l->points->each, end = points_end(l->points, task); first < end; first += PIECE)
    add_piece(l, first, end - first < PIECE ? end - first : PIECE, part);
}

/* Every point to its nearest centre; moved has the sums. */
static inline void assign(lloyd *l)
{
  const points *p = l->points;
  size_t values = (size_t)l->k * p->columns;
  p->host->parallel(p->host, p->tasks, assign_task, l);
  memset(l->moved, 0, values * sizeof *l->moved);
  memset(l->sizes, 0, l->k * sizeof *l->sizes);
  l->inertia = 0;
  l->changed = 0;
  for (int64_t task = 0; task < p->tasks; task++) {
    const double *part = l->parts + (size_t)task * l->part_size;
    for (size_t i = 0; i < values; i++) l->moved[i] += part[i];
    for (uint32_t j = 0; j < l->k; j++) l->sizes[j] += part[values + j];
    l->inertia += part[values + l->k];
    l->changed += (int64_t)part[values + l->k + 1];
  }
}

/* The point that is farthest from its centre among those who do not have theirs alone; -1: all are on their centres. */
static inline int64_t farthest_point(const lloyd *l)
{
  const points *p = l->points;
  int64_t found = -1;
  double farthest = 0;
  for (int64_t i = 0; i < p->count; i++) {
    const double *x = points_at(p, i), *m = l->centres + (size_t)l->label[i] * p->columns;
    double distance = 0;
    if (l->sizes[l->label[i]] < 2) continue;
    for (uint32_t c = 0; c < p->columns; c++) distance += (x[c * TILE] - m[c]) * (x[c * TILE] - m[c]);
    if (distance > farthest) farthest = distance, found = i;
  }
  return found;
}

/* A centre that nobody is nearest to goes to the point that is worst off. */
static inline void fill_empty(lloyd *l)
{
  const points *p = l->points;
  for (uint32_t j = 0; j < l->k; j++) {
    if (l->sizes[j] > 0) continue;
    int64_t i = farthest_point(l);
    if (i < 0) return;
    int32_t from = l->label[i];
    const double *x = points_at(p, i);
    for (uint32_t c = 0; c < p->columns; c++) {
      l->moved[(size_t)from * p->columns + c] -= x[c * TILE];
      l->moved[(size_t)j * p->columns + c] = x[c * TILE];
    }
    l->sizes[from]--;
    l->sizes[j] = 1;
    l->label[i] = (int32_t)j;
  }
}

/* The sum of the squares of the ways that the centres went. */
static inline double move_centres(lloyd *l)
{
  uint32_t columns = l->points->columns;
  double way = 0;
  for (uint32_t j = 0; j < l->k; j++)
    for (uint32_t c = 0; c < columns && l->sizes[j] > 0; c++) {
      double *centre = &l->centres[(size_t)j * columns + c], next = l->moved[(size_t)j * columns + c] / l->sizes[j];
      way += (next - *centre) * (next - *centre);
      *centre = next;
    }
  return way;
}

/* The rule of stopping: nobody changes her centre, or the centres' squared ways add up to at most `tolerance`. */
typedef struct lloyd_rule {
  double tolerance;
  int64_t most; /* iterations */
} lloyd_rule;

/* One run from centres chosen by `stream`. done, of: what to tell of progress. 0: cancelled. */
TARAZU_UNUSED static int lloyd_run(lloyd *l, uint32_t k, int64_t stream, const lloyd_rule *rule, double done, double of)
{
  const points *p = l->points;
  choose_centres(l, k, stream);
  for (int64_t i = 0; i < p->count; i++) l->label[i] = -1;
  l->converged = 0;
  for (l->iterations = 0; !l->converged && l->iterations < rule->most;) {
    if (!p->host->progress(p->host, (done + (double)l->iterations / (double)rule->most) / of)) return 0;
    assign(l);
    l->iterations++;
    l->converged = !l->changed; /* the centres are their points' means already */
    if (l->converged) return 1;
    fill_empty(l);
    l->converged = move_centres(l) <= rule->tolerance;
  }
  assign(l);
  return 1;
}

/* The mean of the columns' variances, which a relative tolerance is of; the scales' centres are the means. */
TARAZU_UNUSED static double mean_variance(const points *p)
{
  int64_t values = tiles_of(p->count) * p->columns;
  lanes squares = {0};
  double all = 0;
  for (int64_t t = 0; t < values; t++) squares += ((const lanes *)p->tiles)[t] * ((const lanes *)p->tiles)[t];
  for (int lane = 0; lane < TILE; lane++) all += squares[lane];
  return values ? all / ((double)p->count * p->columns) : 0;
}

#endif
