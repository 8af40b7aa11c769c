/* Edges between customers as compressed rows: what each row points to, in ascending order, and the same turned round.
 * For strategies whose whole is sums over a row's edges. Everything is built in parallel by the host, in parts that the
 * data alone fix, so that neither threads nor their number show. A plugin that includes this says abi_minor = 1, since
 * messages name customers.
 *
 *   graph_source s = {.host = host, .rows = customers, .edges = batch->rows, .from = …, .to = …, .weight = column};
 *   graph out = {0}, in = {0};
 *   graph_counts counts;
 *   tarazu_status status = graph_make(&out, &counts, &s, error);
 *   if (!status) status = graph_transpose(&in, &out, host, error);
 *   for (int64_t e = in.start[row]; e < in.start[row + 1]; e++) sum += graph_weight(&in, e) * x[in.column[e]];
 *   graph_free(&out);
 *   graph_free(&in);
 */
#ifndef PLUGINS_SHARED_GRAPH_H
#define PLUGINS_SHARED_GRAPH_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define GRAPH_DAY 86400e6 /* microseconds */

enum { GRAPH_PARTS = 256, GRAPH_PART_EDGES = 16384, GRAPH_BUCKET_BITS = 8 };

typedef struct graph {
  int64_t rows, edges;
  int64_t *start;   /* rows + 1: the edges of row i are [start[i], start[i + 1]) */
  uint32_t *column; /* the other end; ascending within a row */
  double *weight;   /* NULL: all 1 */
} graph;

/* Edges that go the same way between the same two. */
typedef enum graph_repeats {
  GRAPH_ADD,  /* are one, their weights added; unweighted ones weigh as many as they are */
  GRAPH_ONCE, /* are one: the first of them in the host's order */
  GRAPH_APART /* stay what they are, side by side in the host's order */
} graph_repeats;

typedef enum graph_negatives { GRAPH_REFUSE, GRAPH_DROP, GRAPH_KEEP } graph_negatives;

typedef struct graph_source {
  const tarazu_host *host;
  int64_t rows, edges;
  const int64_t *from, *to;    /* in the host's order */
  const tarazu_column *weight; /* doubles; NULL: each edge weighs 1 */
  const tarazu_column *time;   /* NULL: all count fully, else weight * 2^(-(as_of - time) / half_life) */
  int64_t as_of;
  double half_life; /* days */
  graph_repeats repeats;
  graph_negatives negatives; /* weights below 0 */
  int zeros;                 /* 1: edges that weigh 0 stay; 0: they are dropped, be it that they faded to 0 */
  double least;              /* without zeros: edges no farther from 0 than this are dropped, too */
} graph_source;

/* Edges that were given, and what became of those that are no edges of the graph. */
typedef struct graph_counts {
  int64_t given;
  int64_t selves;     /* dropped: from a customer to herself */
  int64_t unknown;    /* dropped: no weight or no date */
  int64_t negative;   /* dropped by GRAPH_DROP */
  int64_t weightless; /* dropped: of weight 0, or within least of it */
  int64_t
      repeated; /* went into an edge between the same two, or came after it; with GRAPH_APART, which keeps them, 0 */
} graph_counts;

static inline double graph_weight(const graph *g, int64_t edge)
{
  return g->weight ? g->weight[edge] : 1;
}

static inline void graph_free(graph *g)
{
  free(g->start);
  free(g->column);
  free(g->weight);
  *g = (graph){0};
}

/* ---- parts ---- */

/* Into how many parts work over the rows is cut. */
static inline int64_t graph_parts(const graph *g)
{
  int64_t parts = 1 + (g->edges + g->rows) / GRAPH_PART_EDGES;
  return parts < GRAPH_PARTS ? parts : GRAPH_PARTS;
}

/* The first row of a part, of about as many edges and rows as each other; of part `parts` the number of rows. */
static inline int64_t graph_part_row(const graph *g, int64_t part, int64_t parts)
{
  double work = (double)(g->edges + g->rows) * (double)part / (double)parts;
  int64_t low = 0, high = g->rows;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if ((double)(g->start[middle] + middle) < work) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* ---- reading the host's edges ---- */

/* Edges [first, last) are all those of rows [first_row, last_row). */
typedef struct graph_part {
  int64_t first, last, first_row, last_row;
  int64_t kept;
  int64_t lower; /* by how many places its edges move down when all are joined */
  int64_t fault; /* the first edge that cannot be; -1: none */
  graph_counts counts;
} graph_part;

typedef struct graph_reading {
  const graph_source *source;
  graph *g;
  graph_part *parts;
  int64_t part_count;
  int weighted;
} graph_reading;

/* The first edge from `edge` on that is of another row than the one before it. */
static inline int64_t graph_row_begin(const graph_source *s, int64_t edge)
{
  if (edge <= 0 || edge >= s->edges) return edge;
  int64_t row = s->from[edge - 1], high = s->edges;
  while (edge < high) {
    int64_t middle = edge + (high - edge) / 2;
    if (s->from[middle] <= row) edge = middle + 1;
    else high = middle;
  }
  return edge;
}

static inline void graph_cut(graph_reading *r)
{
  const graph_source *s = r->source;
  int64_t next = 0, parts = r->part_count;
  for (int64_t i = 0; i < parts; i++) {
    int64_t first = next;
    next = graph_row_begin(s, (int64_t)((double)s->edges * (double)(i + 1) / (double)parts));
    if (i == parts - 1) next = s->edges;
    r->parts[i] = (graph_part){.first = first,
                               .last = next,
                               .first_row = i == 0             ? 0
                                            : first < s->edges ? s->from[first]
                                                               : s->rows,
                               .last_row = next < s->edges ? s->from[next] : s->rows,
                               .fault = -1};
  }
}

static inline int graph_repeats_last(const graph_source *s, int64_t edge, int64_t first)
{
  return edge > first && s->from[edge] == s->from[edge - 1] && s->to[edge] == s->to[edge - 1];
}

static inline void graph_read_plain(graph_reading *r, graph_part *p)
{
  const graph_source *s = r->source;
  int64_t at = p->first, row = p->first_row;
  for (int64_t e = p->first; e < p->last; e++) {
    while (row <= s->from[e]) r->g->start[row++] = at;
    if (s->from[e] == s->to[e]) p->counts.selves++;
    else if (s->repeats != GRAPH_APART && graph_repeats_last(s, e, p->first)) p->counts.repeated++;
    else r->g->column[at++] = (uint32_t)s->to[e];
  }
  while (row < p->last_row) r->g->start[row++] = at;
  p->kept = at - p->first;
}

/* An edge's weight, with its age taken off; 0: it is none, and has been counted. An edge of the future is of today. */
static inline int graph_read_weight(const graph_source *s, int64_t edge, graph_part *p, double *weight)
{
  double w = 1;
  if ((s->weight && !tarazu_is_valid(s->weight, edge)) || (s->time && !tarazu_is_valid(s->time, edge))) {
    p->counts.unknown++;
    return 0;
  }
  if (s->weight) w = ((const double *)s->weight->values)[edge];
  if (!isfinite(w) || (w < 0 && s->negatives == GRAPH_REFUSE)) {
    if (p->fault < 0) p->fault = edge;
    return 0;
  }
  if (w < 0 && s->negatives == GRAPH_DROP) {
    p->counts.negative++;
    return 0;
  }
  if (s->time) {
    double days = ((double)s->as_of - (double)((const int64_t *)s->time->values)[edge]) / GRAPH_DAY;
    if (days > 0) w *= exp2(-days / s->half_life);
  }
  *weight = w;
  return 1;
}

/* Edges [e, end) between the same two as one: how many of them made it. */
static inline int64_t graph_read_run(const graph_source *s, int64_t e, int64_t end, graph_part *p, double *sum)
{
  int64_t count = 0;
  for (; e < end; e++) {
    double weight;
    if (!graph_read_weight(s, e, p, &weight)) continue;
    if (s->repeats == GRAPH_ONCE && count) weight = 0;
    *sum += weight;
    count++;
  }
  return count;
}

static inline void graph_read_weighted(graph_reading *r, graph_part *p)
{
  const graph_source *s = r->source;
  int64_t at = p->first, row = p->first_row, end;
  for (int64_t e = p->first; e < p->last; e = end) {
    while (row <= s->from[e]) r->g->start[row++] = at;
    end = e + 1;
    if (s->from[e] == s->to[e]) {
      p->counts.selves++;
      continue;
    }
    while (s->repeats != GRAPH_APART && end < p->last && graph_repeats_last(s, end, e)) end++;
    double sum = 0;
    int64_t count = graph_read_run(s, e, end, p, &sum);
    if (!count) continue;
    p->counts.repeated += count - 1;
    if (fabs(sum) <= s->least && !s->zeros) {
      p->counts.weightless++;
      continue;
    }
    if (!isfinite(sum) && p->fault < 0) p->fault = e;
    r->g->column[at] = (uint32_t)s->to[e];
    r->g->weight[at++] = sum;
  }
  while (row < p->last_row) r->g->start[row++] = at;
  p->kept = at - p->first;
}

static inline void graph_read_part(void *argument, int64_t index)
{
  graph_reading *r = argument;
  if (r->weighted) graph_read_weighted(r, &r->parts[index]);
  else graph_read_plain(r, &r->parts[index]);
}

static inline void graph_lower_part(void *argument, int64_t index)
{
  graph_reading *r = argument;
  const graph_part *p = &r->parts[index];
  for (int64_t row = p->first_row; row < p->last_row; row++) r->g->start[row] -= p->lower;
}

/* Closes the gaps that dropped edges left between the parts. */
static inline void graph_join(graph_reading *r)
{
  graph *g = r->g;
  int64_t at = 0;
  for (int64_t i = 0; i < r->part_count; i++) {
    graph_part *p = &r->parts[i];
    p->lower = p->first - at;
    if (p->lower && p->kept) {
      memmove(g->column + at, g->column + p->first, (size_t)p->kept * sizeof *g->column);
      if (g->weight) memmove(g->weight + at, g->weight + p->first, (size_t)p->kept * sizeof *g->weight);
    }
    at += p->kept;
  }
  g->edges = at;
  g->start[g->rows] = at;
  if (at < r->source->edges) r->source->host->parallel(r->source->host, r->part_count, graph_lower_part, r);
}

static inline void graph_shrink(graph *g)
{
  void *fewer = realloc(g->column, ((size_t)g->edges + 1) * sizeof *g->column);
  if (fewer) g->column = fewer;
  fewer = g->weight ? realloc(g->weight, ((size_t)g->edges + 1) * sizeof *g->weight) : NULL;
  if (fewer) g->weight = fewer;
}

static inline tarazu_status graph_no_memory(tarazu_error *error, int64_t rows, int64_t edges)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld edges between %lld customers", (long long)edges,
                     (long long)rows);
}

static inline tarazu_status graph_tell_fault(const graph_source *s, int64_t edge, tarazu_error *error)
{
  double weight = s->weight ? ((const double *)s->weight->values)[edge] : 1;
  const char *to = s->host->customer(s->host, s->to[edge]);
  error->row = s->from[edge];
  if (weight < 0 && isfinite(weight))
    return tarazu_fail(error, TARAZU_BAD_DATA, "the edge to %s weighs %g, expected 0 or more", to ? to : "?", weight);
  return tarazu_fail(error, TARAZU_BAD_DATA, "the edges to %s weigh more than a double holds", to ? to : "?");
}

/* One reading; the parts' counts added up. */
static inline tarazu_status graph_read(graph_reading *r, graph_counts *counts, tarazu_error *error)
{
  const graph_source *s = r->source;
  graph *g = r->g;
  *g = (graph){.rows = s->rows};
  g->start = malloc(((size_t)s->rows + 1) * sizeof *g->start);
  g->column = malloc(((size_t)s->edges + 1) * sizeof *g->column);
  if (r->weighted) g->weight = malloc(((size_t)s->edges + 1) * sizeof *g->weight);
  if (!g->start || !g->column || (r->weighted && !g->weight)) return graph_no_memory(error, s->rows, s->edges);
  graph_cut(r);
  s->host->parallel(s->host, r->part_count, graph_read_part, r);
  *counts = (graph_counts){.given = s->edges};
  for (int64_t i = 0; i < r->part_count; i++) {
    const graph_part *p = &r->parts[i];
    if (p->fault >= 0) return graph_tell_fault(s, p->fault, error);
    counts->selves += p->counts.selves;
    counts->unknown += p->counts.unknown;
    counts->negative += p->counts.negative;
    counts->weightless += p->counts.weightless;
    counts->repeated += p->counts.repeated;
  }
  graph_join(r);
  return TARAZU_OK;
}

/* The graph of the host's edges. It is empty after an error. Without weights and dates a first reading takes it that
 * nothing is repeated, which saves two thirds of the memory and mostly is so. */
static inline tarazu_status graph_make(graph *g, graph_counts *counts, const graph_source *source, tarazu_error *error)
{
  int64_t parts = 1 + source->edges / GRAPH_PART_EDGES;
  graph_reading r = {.source = source,
                     .g = g,
                     .part_count = parts < GRAPH_PARTS ? parts : GRAPH_PARTS,
                     .weighted = source->weight || source->time};
  *g = (graph){0};
  if (source->rows > (int64_t)UINT32_MAX)
    return tarazu_fail(error, TARAZU_BAD_DATA, "%lld customers are more than a graph of 2^32 - 1 holds",
                       (long long)source->rows);
  r.parts = malloc((size_t)r.part_count * sizeof *r.parts);
  tarazu_status status = r.parts ? graph_read(&r, counts, error) : graph_no_memory(error, source->rows, source->edges);
  if (!status && !r.weighted && source->repeats == GRAPH_ADD && counts->repeated) {
    graph_free(g);
    r.weighted = 1;
    status = graph_read(&r, counts, error);
  }
  if (status) graph_free(g);
  else if (g->edges < source->edges) graph_shrink(g);
  free(r.parts);
  return status;
}

/* ---- turning round ---- */

/* By a counting sort in two rounds: edges go by the leading bits of their column into at most 256 buckets, whose rows
 * then fit a cache. Both keep the order, so the new columns ascend as well. */
typedef struct graph_turning {
  const graph *from;
  graph *to;
  int64_t parts, buckets;
  int shift;
  int64_t *place; /* of each part and bucket: how many edges, then where the next one goes */
  struct graph_end {
    uint32_t row, column;
  } * ends;
  double *weight;
} graph_turning;

static inline void graph_count_part(void *argument, int64_t part)
{
  graph_turning *t = argument;
  const graph *g = t->from;
  int64_t *count = t->place + part * t->buckets;
  int64_t end = g->start[graph_part_row(g, part + 1, t->parts)];
  for (int64_t e = g->start[graph_part_row(g, part, t->parts)]; e < end; e++) count[g->column[e] >> t->shift]++;
}

/* From how many to where: bucket by bucket, within one part by part. The first part's places are the buckets'. */
static inline void graph_place(graph_turning *t)
{
  int64_t at = 0;
  for (int64_t bucket = 0; bucket < t->buckets; bucket++)
    for (int64_t part = 0; part < t->parts; part++) {
      int64_t *place = &t->place[part * t->buckets + bucket], count = *place;
      *place = at;
      at += count;
    }
}

static inline void graph_scatter_part(void *argument, int64_t part)
{
  graph_turning *t = argument;
  const graph *g = t->from;
  int64_t *place = t->place + part * t->buckets;
  int64_t last = graph_part_row(g, part + 1, t->parts);
  for (int64_t row = graph_part_row(g, part, t->parts); row < last; row++)
    for (int64_t e = g->start[row]; e < g->start[row + 1]; e++) {
      int64_t at = place[g->column[e] >> t->shift]++;
      t->ends[at] = (struct graph_end){(uint32_t)row, g->column[e]};
      if (t->weight) t->weight[at] = g->weight[e];
    }
}

/* Afterwards the last part's places are where the buckets end. */
static inline void graph_sort_bucket(void *argument, int64_t bucket)
{
  graph_turning *t = argument;
  graph *g = t->to;
  const int64_t *ends = t->place + (t->parts - 1) * t->buckets;
  int64_t begin = bucket ? ends[bucket - 1] : 0, end = ends[bucket], at = begin;
  int64_t first = bucket << t->shift, last = (bucket + 1) << t->shift;
  if (last > g->rows) last = g->rows;
  for (int64_t row = first; row < last; row++) g->start[row] = 0;
  for (int64_t e = begin; e < end; e++) g->start[t->ends[e].column]++;
  for (int64_t row = first; row < last; row++) {
    int64_t count = g->start[row];
    g->start[row] = at;
    at += count;
  }
  for (int64_t e = begin; e < end; e++) {
    int64_t to = g->start[t->ends[e].column]++;
    g->column[to] = t->ends[e].row;
    if (t->weight) g->weight[to] = t->weight[e];
  }
  for (int64_t row = last - 1; row > first; row--) g->start[row] = g->start[row - 1];
  g->start[first] = begin;
}

/* The same edges the other way: row i of `to` are the edges of `from` whose column is i. It is empty after an error. */
static inline tarazu_status graph_transpose(graph *to, const graph *from, const tarazu_host *host, tarazu_error *error)
{
  graph_turning t = {.from = from, .to = to, .parts = graph_parts(from)};
  size_t edges = (size_t)from->edges + 1;
  while ((from->rows - 1) >> t.shift >= (1 << GRAPH_BUCKET_BITS)) t.shift++;
  t.buckets = from->rows ? ((from->rows - 1) >> t.shift) + 1 : 0;
  *to = (graph){.rows = from->rows, .edges = from->edges};
  to->start = malloc(((size_t)from->rows + 1) * sizeof *to->start);
  to->column = malloc(edges * sizeof *to->column);
  t.ends = malloc(edges * sizeof *t.ends);
  t.place = calloc((size_t)(t.parts * t.buckets) + 1, sizeof *t.place);
  if (from->weight) {
    to->weight = malloc(edges * sizeof *to->weight);
    t.weight = malloc(edges * sizeof *t.weight);
  }
  int good = to->start && to->column && t.ends && t.place && (!from->weight || (to->weight && t.weight));
  if (good) {
    host->parallel(host, t.parts, graph_count_part, &t);
    graph_place(&t);
    host->parallel(host, t.parts, graph_scatter_part, &t);
    host->parallel(host, t.buckets, graph_sort_bucket, &t);
    to->start[to->rows] = to->edges;
  } else {
    graph_free(to);
  }
  free(t.ends);
  free(t.place);
  free(t.weight);
  return good ? TARAZU_OK : graph_no_memory(error, from->rows, from->edges);
}

/* ---- sums ---- */

typedef struct graph_summing {
  const graph *g;
  double *sums;
} graph_summing;

static inline void graph_sum_part(void *argument, int64_t part)
{
  const graph_summing *s = argument;
  int64_t parts = graph_parts(s->g), last = graph_part_row(s->g, part + 1, parts);
  for (int64_t row = graph_part_row(s->g, part, parts); row < last; row++) {
    double sum = 0;
    for (int64_t e = s->g->start[row]; s->g->weight && e < s->g->start[row + 1]; e++) sum += s->g->weight[e];
    s->sums[row] = s->g->weight ? sum : (double)(s->g->start[row + 1] - s->g->start[row]);
  }
}

/* The weight of each row's edges together; unweighted, how many they are. */
static inline void graph_sums(const graph *g, const tarazu_host *host, double *sums)
{
  graph_summing s = {g, sums};
  host->parallel(host, graph_parts(g), graph_sum_part, &s);
}

#endif
