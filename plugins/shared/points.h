/* Customers as points, for methods that group them by distance or density: columns brought to one scale, the customers
 * who have all of them laid out in tiles for vector loops, tasks that are fixed by the number of points alone (so that
 * no result depends on threads), and the groups' names, their order and their facts.
 *
 * The struct of a segmenter that uses this begins with a `grouping`. */
#ifndef PLUGINS_SHARED_POINTS_H
#define PLUGINS_SHARED_POINTS_H

#include "facts.h"
#include "names.h"

#include <math.h>

enum { MOST_COLUMNS = 64, MOST_GROUPS = 100, TILE = 8, MOST_TASKS = 64, LEAST_TASK = 1024, GROUP_NAME = 24 };

/* TILE points side by side in one column, wherever they begin; and what comparing two of them gives. */
typedef double lanes __attribute__((vector_size(TILE * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef int64_t masks __attribute__((vector_size(TILE * sizeof(int64_t)), aligned(sizeof(double)), may_alias));

/* Compiled for each width of vector, and chosen when the plugin is loaded. Sums are taken lane by lane, so that no
 * result depends on the width. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORS
#endif

/* ---- declarations ------------------------------------------------------------------------------------------ */

static const tarazu_field points_fields[] = {
    {.name = "column", .type = TARAZU_F64, .help = "a criterion or a column of numbers"},
};
static const tarazu_input points_inputs[] = {
    {.name = "columns",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(points_fields),
     .help = "what customers are compared by: criteria and columns of numbers, as they come"},
};

enum { BY_ZSCORE, BY_RANGE, AS_THEY_ARE };
static const char *const standardizations[] = {"zscore", "range", "none", NULL};
enum { BY_SIZE, BY_FIRST_COLUMN };
static const char *const orders[] = {"size", "first_column", NULL};

#define PARAM_STANDARDIZE                                                                           \
  {                                                                                                 \
    .name = "standardize", .kind = TARAZU_CHOICE, .choices = standardizations, .initial = "zscore", \
    .help = "how columns come to one scale: (x - mean) / deviation; over the range; not at all"     \
  }
#define PARAM_ORDER                                                                                      \
  {                                                                                                      \
    .name = "order", .kind = TARAZU_CHOICE, .choices = orders, .initial = "size",                        \
    .help = "which segment is the first: the largest, or the one with the best mean of the first column" \
  }
#define PARAM_NAMES(what, of)                                                                                          \
  {                                                                                                                    \
    .name = "names", .kind = TARAZU_STRINGS, .optional = 1, .help = "the segments' names in their order, one " what of \
  }

/* ---- a grouping -------------------------------------------------------------------------------------------- */

/* z = (x - centre) / scale; scale 0: the same for all, which tells nothing. */
typedef struct point_scale {
  double centre, scale;
} point_scale;

typedef struct grouping {
  const tarazu_context *context;
  int64_t standardize, order;
  const tarazu_value *names; /* not given: "cluster 1", … */
  uint32_t bound;            /* columns that the profile names */
  uint32_t columns;          /* those of them that tell anything */
  uint32_t groups;           /* of the model */
  uint32_t reserved;
  point_scale scales[MOST_COLUMNS]; /* one a bound column */
  const char *labels[MOST_GROUPS];
  char generated[MOST_GROUPS][GROUP_NAME];
  fact_list facts;
} grouping;

/* The names can only be counted where the number of groups is given (asked, parameter `count`); 0: it is not. */
static inline tarazu_status grouping_take_names(grouping *g, const tarazu_value *names, int32_t param, uint32_t asked,
                                                const char *count, tarazu_error *error)
{
  g->names = names;
  if (!names->given) return TARAZU_OK;
  error->param = param;
  if (!asked)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "names call for '%s': how many segments there are to be", count);
  if (names->count != asked)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u names for %u segments", (unsigned)names->count,
                       (unsigned)asked);
  for (uint32_t i = 0; i < names->count; i++)
    for (uint32_t k = 0; k < i; k++) {
      if (strcmp(names->texts[i], names->texts[k]) != 0) continue;
      error->item = (int32_t)i;
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "two segments are called '%s'", names->texts[i]);
    }
  error->param = -1;
  return TARAZU_OK;
}

static inline tarazu_status grouping_create(grouping *g, const tarazu_context *context, int64_t standardize,
                                            int64_t order, tarazu_error *error)
{
  g->context = context;
  g->bound = context->columns.count;
  g->standardize = standardize;
  g->order = order;
  if (!g->bound)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                       "there is no column to compare customers by: name some as the "
                       "input 'columns'");
  if (g->bound > MOST_COLUMNS)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u columns, expected at most %d", (unsigned)g->bound,
                       MOST_COLUMNS);
  return TARAZU_OK;
}

static inline void grouping_name(grouping *g)
{
  for (uint32_t j = 0; j < g->groups; j++) {
    snprintf(g->generated[j], GROUP_NAME, "cluster %u", (unsigned)j + 1);
    g->labels[j] = g->names->given ? g->names->texts[j] : g->generated[j];
  }
}

TARAZU_UNUSED static const char *const *grouping_labels(const void *self, uint32_t output, uint32_t *count)
{
  (void)output;
  const grouping *g = self;
  *count = g->groups;
  return g->labels;
}

TARAZU_UNUSED static tarazu_list grouping_facts(const void *self)
{
  const grouping *g = self;
  return (tarazu_list){g->facts.items, g->facts.count, sizeof *g->facts.items};
}

static inline const char *grouping_column(const grouping *g, uint32_t column)
{
  return tarazu_bound_at(g->context, column)->name;
}

/* ---- scales ------------------------------------------------------------------------------------------------ */

/* Squares of all values and their sums stay finite. */
static const double LARGEST_VALUE = 1e140;
/* What one who was not of the run is at most taken to be away, in the scale's units. */
static const double FARTHEST = 1e100;

/* What is known of one column over the points' rows. */
typedef struct column_extent {
  double least, most, mean, deviation;
} column_extent;

typedef struct scale_work {
  const tarazu_batch *customers;
  const int64_t *rows;
  int64_t count;
  column_extent of[MOST_COLUMNS];
} scale_work;

/* Of y = (x - least) / (most - least), of which nothing can overflow, vanish or be cancelled, in two passes. */
static inline void extent_deviate(column_extent *e, const double *x, const int64_t *rows, int64_t count)
{
  double range = e->most - e->least, sums[4] = {0}, squares[4] = {0};
  for (int64_t i = 0; i < count; i++) sums[i % 4] += (x[rows[i]] - e->least) / range;
  double mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / (double)count;
  for (int64_t i = 0; i < count; i++) {
    double off = (x[rows[i]] - e->least) / range - mean;
    squares[i % 4] += off * off;
  }
  e->mean = e->least + mean * range;
  e->deviation = sqrt(((squares[0] + squares[1]) + (squares[2] + squares[3])) / (double)count) * range;
}

TARAZU_UNUSED static void extent_of_column(void *argument, int64_t index)
{
  scale_work *w = argument;
  const double *x = w->customers->columns[index]->values;
  column_extent *e = &w->of[index];
  *e = (column_extent){x[w->rows[0]], x[w->rows[0]], x[w->rows[0]], 0};
  for (int64_t i = 1; i < w->count; i++) {
    double value = x[w->rows[i]];
    e->least = value < e->least ? value : e->least;
    e->most = value > e->most ? value : e->most;
  }
  if (e->most > e->least && fabs(e->most) <= LARGEST_VALUE && fabs(e->least) <= LARGEST_VALUE)
    extent_deviate(e, x, w->rows, w->count);
}

/* A power of two that brings the widest column near 1: columns that are taken as they are keep their proportions, and
 * their digits. */
static inline double common_scale(const column_extent *of, uint32_t count)
{
  double widest = 0;
  for (uint32_t c = 0; c < count; c++) widest = fmax(widest, of[c].most - of[c].least);
  int power = widest > 0 ? ilogb(widest) : 0;
  return ldexp(1, power < -1000 ? -1000 : power);
}

static inline tarazu_status grouping_scale(grouping *g, const tarazu_batch *customers, const int64_t *rows,
                                           int64_t count, tarazu_error *error)
{
  scale_work w = {.customers = customers, .rows = rows, .count = count};
  memset(g->scales, 0, sizeof g->scales);
  g->columns = 0;
  if (!count) return TARAZU_OK;
  g->context->host->parallel(g->context->host, g->bound, extent_of_column, &w);
  double common = common_scale(w.of, g->bound);
  for (uint32_t c = 0; c < g->bound; c++) {
    const column_extent *e = &w.of[c];
    if (fabs(e->most) > LARGEST_VALUE || fabs(e->least) > LARGEST_VALUE)
      return tarazu_fail(error, TARAZU_NUMERIC, "column '%s' has values beyond %g, whose squares cannot be summed",
                         grouping_column(g, c), LARGEST_VALUE);
    double scale = g->standardize == BY_ZSCORE ? e->deviation : e->most - e->least;
    if (scale > 0 && g->standardize == AS_THEY_ARE) scale = common;
    g->scales[c] = (point_scale){e->mean, scale};
    g->columns += scale > 0;
  }
  return TARAZU_OK;
}

/* What one of the scale is in the columns' own unit, where they are taken as they are. */
static inline double grouping_unit(const grouping *g)
{
  double unit = 1;
  for (uint32_t c = 0; c < g->bound && g->standardize == AS_THEY_ARE; c++)
    if (g->scales[c].scale > 0) unit = g->scales[c].scale;
  return unit;
}

/* ---- points ------------------------------------------------------------------------------------------------ */

/* Column c of point i stands at tiles[(i / TILE * columns + c) * TILE + i % TILE]; what fills the last tile is 0. */
typedef struct points {
  const tarazu_host *host;
  double *tiles;
  int64_t *rows; /* of the customers, ascending */
  int64_t count;
  int64_t each; /* points of one task, whole tiles */
  int64_t tasks;
  uint32_t columns, reserved;
} points;

static inline void points_free(points *p)
{
  free(p->tiles);
  free(p->rows);
  *p = (points){0};
}

static inline const double *points_at(const points *p, int64_t i)
{
  return p->tiles + (i / TILE * p->columns) * TILE + i % TILE;
}

static inline int64_t points_end(const points *p, int64_t task)
{
  int64_t end = (task + 1) * p->each;
  return end < p->count ? end : p->count;
}

/* One customer into her lane of a tile. 0: she lacks a column; her lane is then 0. */
static inline int point_place(const grouping *g, const tarazu_batch *batch, int64_t row, double *lane)
{
  int whole = 1;
  for (uint32_t c = 0; c < g->bound; c++) {
    const tarazu_column *column = batch->columns[c];
    int valid = column && tarazu_is_valid(column, row);
    whole &= valid;
    if (!(g->scales[c].scale > 0)) continue;
    double z = valid ? (((const double *)column->values)[row] - g->scales[c].centre) / g->scales[c].scale : 0;
    *lane = z > FARTHEST ? FARTHEST : z < -FARTHEST ? -FARTHEST : z;
    lane += TILE;
  }
  return whole;
}

typedef struct place_work {
  const grouping *grouping;
  const tarazu_batch *customers;
  points *points;
} place_work;

TARAZU_UNUSED static void place_task(void *argument, int64_t task)
{
  const place_work *w = argument;
  const points *p = w->points;
  for (int64_t i = task * p->each; i < points_end(p, task); i++)
    point_place(w->grouping, w->customers, p->rows[i], (double *)(uintptr_t)points_at(p, i));
}

static inline int64_t whole_rows(const tarazu_batch *customers, int64_t *rows)
{
  int64_t count = 0;
  for (uint32_t c = 0; c < customers->column_count; c++)
    if (!customers->columns[c]) return 0;
  for (int64_t i = 0; i < customers->rows; i++) {
    int whole = 1;
    for (uint32_t c = 0; c < customers->column_count; c++) whole &= tarazu_is_valid(customers->columns[c], i);
    rows[count] = i;
    count += whole;
  }
  return count;
}

/* Learns the scales of the customers who have every column, and lays these out. Free it. */
TARAZU_UNUSED static tarazu_status points_make(points *p, grouping *g, const tarazu_batch *customers,
                                               tarazu_error *error)
{
  *p = (points){.host = g->context->host, .rows = malloc(((size_t)customers->rows + 1) * sizeof *p->rows)};
  if (!p->rows) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)customers->rows);
  p->count = whole_rows(customers, p->rows);
  tarazu_status status = grouping_scale(g, customers, p->rows, p->count, error);
  if (status != TARAZU_OK) return status;
  int64_t tiles = (p->count + TILE - 1) / TILE, each = (tiles + MOST_TASKS - 1) / MOST_TASKS * TILE;
  p->columns = g->columns;
  p->each = each < LEAST_TASK ? LEAST_TASK : each;
  p->tasks = (p->count + p->each - 1) / p->each;
  p->tiles = calloc((size_t)tiles * TILE * p->columns + 1, sizeof *p->tiles);
  if (!p->tiles) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)p->count);
  place_work w = {g, customers, p};
  p->host->parallel(p->host, p->tasks, place_task, &w);
  return TARAZU_OK;
}

/* ---- the order of groups ----------------------------------------------------------------------------------- */

/* Negative: a comes before b. means: of each group in the columns' scales. Equal groups keep their order. */
static inline int groups_compare(const grouping *g, const double *means, const double *sizes, uint32_t a, uint32_t b)
{
  const double *of_a = means + (size_t)a * g->columns, *of_b = means + (size_t)b * g->columns;
  if (g->order == BY_SIZE && sizes[a] != sizes[b]) return sizes[a] > sizes[b] ? -1 : 1;
  uint32_t at = 0;
  for (uint32_t c = 0; c < g->bound; c++) {
    if (!(g->scales[c].scale > 0)) continue;
    double ahead = of_a[at] - of_b[at];
    at++;
    if (ahead != 0) return (tarazu_bound_at(g->context, c)->better < 0 ? -ahead : ahead) > 0 ? -1 : 1;
  }
  return 0;
}

/* place[i]: the group that comes as number i. */
TARAZU_UNUSED static void groups_order(const grouping *g, const double *means, const double *sizes, uint32_t *place)
{
  for (uint32_t i = 0; i < g->groups; i++) {
    uint32_t at = i;
    for (; at > 0 && groups_compare(g, means, sizes, i, place[at - 1]) < 0; at--) place[at] = place[at - 1];
    place[at] = i;
  }
}

/* ---- facts that all have ----------------------------------------------------------------------------------- */

enum { FACTS_OF_POINTS = 4 };

/* means: in the order of the groups. Room for groups × columns. */
TARAZU_UNUSED static void tell_means(grouping *g, const double *means)
{
  for (uint32_t j = 0; j < g->groups; j++)
    for (uint32_t c = 0, at = 0; c < g->bound; c++) {
      const point_scale *s = &g->scales[c];
      double z = s->scale > 0 ? means[(size_t)j * g->columns + at++] : 0;
      fact_add(&g->facts, s->centre + s->scale * z, "mean_of_%s_in_%s", grouping_column(g, c), g->labels[j]);
    }
}

/* Room for FACTS_OF_POINTS and one a column. */
TARAZU_UNUSED static void tell_points(grouping *g, const tarazu_batch *customers, const points *p, uint32_t asked)
{
  fact_add(&g->facts, (double)p->count, "customers");
  if (p->count < customers->rows)
    fact_say(&g->facts, fact_add(&g->facts, (double)(customers->rows - p->count), "left_out"), 0,
             "%lld customers lack a column and are in no segment", (long long)(customers->rows - p->count));
  for (uint32_t c = 0; c < g->bound && p->count; c++)
    if (!(g->scales[c].scale > 0))
      fact_say(&g->facts, fact_add(&g->facts, 0, "constant_%s", grouping_column(g, c)), 1,
               "'%s' is the same for all and tells nothing", grouping_column(g, c));
  if (g->groups < asked)
    fact_say(&g->facts, fact_add(&g->facts, g->groups, "verdict"), 1,
             "only %u customers differ: %u segments in place of %u", (unsigned)g->groups, (unsigned)g->groups,
             (unsigned)asked);
  fact_add(&g->facts, g->groups, "segments");
}

/* ---- models: the number of groups, the scales; what a method adds follows ---------------------------------- */

static inline int grouping_write(const grouping *g, const tarazu_writer *writer)
{
  int64_t groups = g->groups;
  return writer->write(writer, &groups, sizeof groups) &&
         writer->write(writer, g->scales, g->bound * sizeof *g->scales);
}

/* 0: damaged. */
static inline int grouping_read(grouping *g, saved_part *p, uint32_t most)
{
  int64_t groups;
  memset(g->scales, 0, sizeof g->scales);
  if (!part_read(p, &groups, sizeof groups) || groups < 0 || groups > (int64_t)most ||
      !part_read(p, g->scales, g->bound * sizeof *g->scales))
    return 0;
  g->groups = (uint32_t)groups;
  g->columns = 0;
  for (uint32_t c = 0; c < g->bound; c++) {
    const point_scale *s = &g->scales[c];
    if (!isfinite(s->centre) || !isfinite(s->scale) || s->scale < 0) return 0;
    g->columns += s->scale > 0;
  }
  grouping_name(g);
  return 1;
}

static inline int all_finite(const double *x, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

#endif
