/* SMAA-2 (Lahdelma, Salminen 2001; Tervonen, Lahdelma 2007): the combiner is applied to every customer again and again,
 * each time with other weights, and other values where scorers give intervals.
 *
 * A block of customers stays in the cache while many draws pass over it. Of a draw only those are kept who may come
 * within the places that are counted: some customers who stand high in something, the scouts, are scored first, and the
 * score of the last place among them is a lower bound of the last place among all. */
#include "run/acceptability.h"

#include "base/hash.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 2048, GROUP = 32, LEAST_SCOUTS = 64, LEAST_DRAWS = 100 };
static const int64_t MOST_CANDIDATES = INT64_C(1) << 22; /* of a group of draws where nobody can be left out */
/* Where each draw learns anew: customers × draws; of combiners that learn from everyone at once, and so may compare
 * everyone with everyone, customers × customers × draws. */
static const double MOST_RELEARNED = 2e8, MOST_COMPARED = 2e10;

/* Customers side by side, those that lack the same criteria together. */
typedef struct block {
  int64_t first, rows;
  uint64_t lacks;
} block;

typedef struct layout {
  int64_t rows;
  int64_t *row_of;
  uint64_t *keys;                                   /* of the customers, for random numbers */
  double *values[64], *raw[64], *down[64], *up[64]; /* normalized; of uncertain criteria as measured, and how far */
  block *blocks;
  int64_t block_count;
} layout;

/* An uncertain criterion. */
typedef struct uncertain {
  const column *value, *lower, *upper;
  instance *normalizer; /* NULL: none */
  double least, most;   /* of all values and ends: no draw goes beyond */
} uncertain;

typedef struct candidate {
  double score;
  uint64_t lot; /* among equals, where seats are given one by one */
  int64_t row;
} candidate;

typedef struct candidates {
  candidate *of;
  int64_t count, room;
} candidates;

typedef struct worker {
  frame frame, normal;
  column score, normalized;
  tarazu_column columns[64];
  const tarazu_column *pointers[64];
  double weights[64];  /* of a block */
  double *drawn, *raw; /* criteria × BLOCK; BLOCK */
  double (*draws)[64]; /* GROUP: weights */
  double bounds[GROUP];
  candidates kept[GROUP];
  double *scratch;
  int64_t scratch_room;
  acceptability counts;
  int64_t mean[64]; /* weights of all draws */
} worker;

typedef struct smaa {
  engine *e;
  const selection *chosen;
  instance *combiner;
  acceptability *out;
  weight_draws weights;
  uncertain of[64];
  uint32_t criteria;
  uint64_t seed;
  layout all, scouts;
  int walks;               /* a capacity: seats are given one by one to whoever still goes into it */
  double pinned, cheapest; /* of the capacity: what pins take, the least that anyone in line does */
  int64_t reach;           /* places in line to keep candidates for: the seats, or so far that a walk should end */
  int64_t seats;           /* counted; 0: nothing to count */
  int64_t in_line;
  int64_t bands[MOST_BANDS]; /* counted; 0: everyone is within */
  uint32_t band_count;
  int64_t widest; /* of the bands counted */
  int group;
  worker *workers;
  atomic_llong done;
} smaa;

static int no_memory(engine *e)
{
  if (!problems_errors(e->problems))
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to find out how sure the list is");
  return 0;
}

/* ---- customers side by side -------------------------------------------------------------------------------- */

typedef struct lacking {
  uint64_t lacks;
  int64_t row;
} lacking;

static int by_gap(const void *a, const void *b)
{
  const lacking *x = a, *y = b;
  if (x->lacks != y->lacks) return x->lacks < y->lacks ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static void layout_free(layout *l)
{
  for (int c = 0; c < 64; c++) {
    free(l->values[c]);
    free(l->raw[c]);
    free(l->down[c]);
    free(l->up[c]);
  }
  free(l->row_of);
  free(l->keys);
  free(l->blocks);
  *l = (layout){0};
}

static double *gathered(const column *from, const layout *l)
{
  double *to = malloc(((size_t)l->rows + 1) * sizeof *to);
  for (int64_t i = 0; to && i < l->rows; i++) to[i] = ((const double *)from->values)[l->row_of[i]];
  return to;
}

/* How far half of the draws reach on one side: a half normal whose end of the interval is at z. */
static double reach(const column *end, int64_t row, double value, double sign, double z)
{
  if (!end || !column_is_valid(end, row)) return 0;
  double far = sign * (((const double *)end->values)[row] - value) / z;
  return far > 0 ? far : 0;
}

static int lay_out_uncertain(const smaa *s, layout *l, uint32_t c)
{
  const uncertain *u = &s->of[c];
  double z = normal_quantile(0.5 + s->e->plan->profile->confidence.coverage / 2);
  l->raw[c] = gathered(u->value, l);
  l->down[c] = calloc((size_t)l->rows + 1, sizeof(double));
  l->up[c] = calloc((size_t)l->rows + 1, sizeof(double));
  if (!l->raw[c] || !l->down[c] || !l->up[c]) return 0;
  for (int64_t i = 0; i < l->rows; i++) {
    int64_t r = l->row_of[i];
    if (!column_is_valid(&s->e->plan->raw[c]->column, r)) continue; /* what was filled in has no interval */
    l->down[c][i] = reach(u->lower, r, l->raw[c][i], -1, z);
    l->up[c][i] = reach(u->upper, r, l->raw[c][i], 1, z);
  }
  return 1;
}

static int lay_out_keys(const smaa *s, layout *l)
{
  l->keys = malloc(((size_t)l->rows + 1) * sizeof *l->keys);
  for (int64_t i = 0; l->keys && i < l->rows; i++) {
    size_t length;
    const char *key = dictionary_string(s->e->people.names, (int32_t)l->row_of[i], &length);
    l->keys[i] = hash_bytes(key, length, s->seed);
  }
  return l->keys != NULL;
}

static int cut_blocks(layout *l, const lacking *rows)
{
  for (int counting = 1; counting >= 0; counting--) {
    l->block_count = 0;
    for (int64_t first = 0, end; first < l->rows; first = end, l->block_count++) {
      for (end = first + 1; end < l->rows && end - first < BLOCK && rows[end].lacks == rows[first].lacks;) end++;
      if (!counting) l->blocks[l->block_count] = (block){first, end - first, rows[first].lacks};
    }
    if (counting && !(l->blocks = malloc(((size_t)l->block_count + 1) * sizeof *l->blocks))) return 0;
  }
  return 1;
}

/* Those of the rows that are marked, out of those that have a score. */
static int lay_out(const smaa *s, const uint8_t *marked, layout *l)
{
  const plan *p = s->e->plan;
  lacking *rows = malloc(((size_t)s->e->scored + 1) * sizeof *rows);
  uint64_t any = 0;
  for (int64_t r = 0; rows && r < s->e->people.count; r++) {
    if (!s->e->rank[r] || (marked && !marked[r])) continue;
    uint64_t lacks = 0;
    for (uint32_t c = 0; c < s->criteria; c++) lacks |= (uint64_t)!column_is_valid(&p->normalized[c]->column, r) << c;
    rows[l->rows++] = (lacking){lacks, r};
    any |= lacks;
  }
  if (rows && any) qsort(rows, (size_t)l->rows, sizeof *rows, by_gap);
  int good = rows && cut_blocks(l, rows) && (l->row_of = malloc(((size_t)l->rows + 1) * sizeof *l->row_of));
  for (int64_t i = 0; good && i < l->rows; i++) l->row_of[i] = rows[i].row;
  free(rows);
  for (uint32_t c = 0; good && c < s->criteria; c++) {
    good = (l->values[c] = gathered(&p->normalized[c]->column, l)) != NULL;
    if (good && s->out->uncertain >> c & 1) good = lay_out_uncertain(s, l, c);
  }
  return good && (!s->out->uncertain || lay_out_keys(s, l));
}

/* ---- uncertain values -------------------------------------------------------------------------------------- */

static const column *interval_end(const series *value, tarazu_meaning meaning)
{
  const step *scorer = value->maker;
  for (uint32_t i = 0; scorer->kind == STEP_SCORER && i < scorer->strategy->outputs.count; i++) {
    const tarazu_output *o = tarazu_at(&scorer->strategy->outputs, i);
    if (o->meaning == (uint32_t)meaning && o->of == value->output && o->type == TARAZU_F64)
      return &scorer->outputs[i].column;
  }
  return NULL;
}

static void widen(uncertain *u, const column *c, int64_t row)
{
  if (!c || !column_is_valid(c, row)) return;
  double value = ((const double *)c->values)[row];
  if (value < u->least) u->least = value;
  if (value > u->most) u->most = value;
}

static void find_range(const engine *e, uncertain *u)
{
  u->least = INFINITY;
  u->most = -INFINITY;
  for (int64_t r = 0; r < e->people.count; r++) {
    widen(u, u->value, r);
    widen(u, u->lower, r);
    widen(u, u->upper, r);
  }
}

/* A combiner or normalizer that is bound to the run's rows cannot take other values. */
static int can_draw(smaa *s, uint32_t c, const step *normalizer)
{
  const step *bound = s->combiner->step->strategy->flags & TARAZU_BY_ROW ? s->combiner->step
                      : normalizer && (normalizer->strategy->flags & TARAZU_BY_ROW || normalizer->count != 1)
                          ? normalizer
                          : NULL;
  if (!bound) return 1;
  problem_warn(s->e->problems, s->e->plan->profile->confidence.place,
               "confidence: the values of '%s' are taken as they are, though it has intervals: '%s' can only be "
               "applied to what the customers have",
               s->e->plan->profile->criteria[c].name, bound->strategy->id);
  return 0;
}

/* 1, or 0 with a problem. */
static int find_uncertain(smaa *s)
{
  const plan *p = s->e->plan;
  for (uint32_t c = 0; c < s->criteria && p->profile->confidence.coverage > 0; c++) {
    uncertain *u = &s->of[c];
    const step *maker = p->normalized[c]->maker;
    const step *normalizer = maker->kind == STEP_NORMALIZER ? maker : NULL;
    *u = (uncertain){.value = &p->measured[c]->column,
                     .lower = interval_end(p->raw[c], TARAZU_LOWER),
                     .upper = interval_end(p->raw[c], TARAZU_UPPER)};
    if ((!u->lower && !u->upper) || !(s->e->weights[c] > 0) || !can_draw(s, c, normalizer)) continue;
    if (normalizer) u->normalizer = instance_of(s->e, normalizer);
    if (normalizer && !instance_live(s->e, u->normalizer)) return 0;
    find_range(s->e, u);
    s->out->uncertain |= UINT64_C(1) << c;
  }
  return 1;
}

/* Values of a block, drawn: half of them below the customer's own and half above, each half a half normal that ends
 * where her interval does with the interval's chance. */
static void draw_raw(const layout *l, const block *b, uint32_t c, const uncertain *u, uint64_t seed, double *to)
{
  uint64_t own = random_mix(seed + c + 1);
  for (int64_t i = 0; i < b->rows; i++) {
    int64_t at = b->first + i;
    double down = l->down[c][at], up = l->up[c][at], value = l->raw[c][at];
    to[i] = value;
    if (!(down > 0) && !(up > 0)) continue;
    double g = normal_quantile(random_unit(random_mix(l->keys[at] ^ own)));
    value += g * (g < 0 ? down : up);
    to[i] = value < u->least ? u->least : value > u->most ? u->most : value;
  }
}

/* Those through the normalizer as it was learned; what it cannot place, and what is certain, stays as it was. */
static int draw_values(smaa *s, worker *w, const layout *l, const block *b, uint32_t c, uint64_t seed, double *to)
{
  uncertain *u = &s->of[c];
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  draw_raw(l, b, c, u, seed, u->normalizer ? w->raw : to);
  if (!u->normalizer) return 1;
  tarazu_column view = {.size = sizeof view, .type = TARAZU_F64, .values = w->raw};
  const tarazu_column *pointer = &view;
  tarazu_batch batch = {.size = sizeof batch, .first_row = -1, .rows = b->rows, .columns = &pointer, .column_count = 1};
  uint32_t outputs = u->normalizer->step->strategy->outputs.count;
  for (uint32_t i = 0; i < outputs; i++) w->normal.result_pointers[i] = NULL;
  w->normal.batch = batch;
  frame_result(&w->normal, 0, &w->normalized, 0, b->rows);
  tarazu_status status = instance_apply(u->normalizer, &batch, w->normal.result_pointers, &error);
  if (status != TARAZU_OK) return instance_failed(s->e, u->normalizer, " could not normalize", status, &error);
  if (!frame_accept(s->e, u->normalizer, &w->normal, 0, "value", 0, &w->normalized, 0, b->rows, NULL)) return 0;
  for (int64_t i = 0; i < b->rows; i++) {
    int64_t at = b->first + i;
    int moved = (l->down[c][at] > 0 || l->up[c][at] > 0) && column_is_valid(&w->normalized, i);
    to[i] = moved ? ((const double *)w->normalized.values)[i] : l->values[c][at];
  }
  return 1;
}

/* ---- scores ------------------------------------------------------------------------------------------------ */

/* The draw's weights over the sum of those that the block's customers have; 0: none of them weighs. */
static int weigh_block(const smaa *s, worker *w, const block *b, const double *weights)
{
  double sum = 0;
  for (uint32_t c = 0; c < s->criteria; c++)
    if (!(b->lacks >> c & 1)) sum += weights[c];
  for (uint32_t c = 0; c < s->criteria; c++) w->weights[c] = b->lacks >> c & 1 || !(sum > 0) ? 0 : weights[c] / sum;
  return sum > 0;
}

/* Into w->score. 1, -1 where nothing that weighs could be measured, or 0 with a problem. */
static int score_block(smaa *s, worker *w, const layout *l, const block *b, const double *weights, uint64_t seed)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  const int64_t *row_numbers = s->out->uncertain ? NULL : l->row_of + b->first;
  if (!weigh_block(s, w, b, weights)) return -1;
  for (uint32_t c = 0; c < s->criteria; c++) {
    const double *values = l->values[c] + b->first;
    if (s->out->uncertain >> c & 1 && !(b->lacks >> c & 1)) {
      double *drawn = w->drawn + (size_t)c * BLOCK;
      if (!draw_values(s, w, l, b, c, seed, drawn)) return 0;
      values = drawn;
    }
    w->columns[c] = (tarazu_column){.size = sizeof(tarazu_column), .type = TARAZU_F64, .values = values};
    w->pointers[c] = b->lacks >> c & 1 ? NULL : &w->columns[c];
  }
  w->frame.batch = (tarazu_batch){.size = sizeof w->frame.batch,
                                  .first_row = row_numbers ? *row_numbers : -1,
                                  .rows = b->rows,
                                  .columns = w->pointers,
                                  .weights = w->weights,
                                  .row_numbers = row_numbers,
                                  .column_count = s->criteria};
  frame_result(&w->frame, 0, &w->score, 0, b->rows);
  tarazu_status status = instance_apply(s->combiner, &w->frame.batch, w->frame.result_pointers, &error);
  if (status != TARAZU_OK) return instance_failed(s->e, s->combiner, " could not score", status, &error);
  return frame_accept(s->e, s->combiner, &w->frame, 0, "score", 0, &w->score, 0, b->rows, row_numbers);
}

/* ---- the last place ---------------------------------------------------------------------------------------- */

static double middle_of(double a, double b, double c)
{
  return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* The k-th largest, k from 1 to count; the values change their order. Equal ones are set aside together (Dijkstra's
 * three parts), so that ties cost nothing. */
static double kth_largest(double *values, int64_t count, int64_t k)
{
  int64_t first = 0, last = count - 1, target = k - 1;
  while (first < last) {
    double pivot = middle_of(values[first], values[first + (last - first) / 2], values[last]);
    int64_t above = first, at = first, below = last;
    while (at <= below) {
      double value = values[at];
      if (value > pivot) {
        values[at++] = values[above];
        values[above++] = value;
      } else if (value < pivot) {
        values[at] = values[below];
        values[below--] = value;
      } else {
        at++;
      }
    }
    if (target < above) last = above - 1;
    else if (target > below) first = below + 1;
    else return pivot;
  }
  return values[target];
}

static int scratch_room(worker *w, int64_t count)
{
  if (count <= w->scratch_room) return 1;
  free(w->scratch);
  w->scratch_room = 0;
  w->scratch = malloc((size_t)count * 2 * sizeof *w->scratch);
  if (w->scratch) w->scratch_room = 2 * count;
  return w->scratch != NULL;
}

static int keep(candidates *c, double score, int64_t row)
{
  if (c->count == c->room) {
    int64_t room = c->room ? 2 * c->room : 1024;
    candidate *more = realloc(c->of, (size_t)room * sizeof *more);
    if (!more) return 0;
    c->of = more;
    c->room = room;
  }
  c->of[c->count++] = (candidate){.score = score, .row = row};
  return 1;
}

/* Two values side by side, and whether each is: a vector whatever the compiler makes of loops. */
typedef double pair __attribute__((vector_size(2 * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef int64_t pair_truth __attribute__((vector_size(2 * sizeof(int64_t))));
enum { LOOK = 16 };

/* Whether any of LOOK scores is at least the bound. */
static int any_within(const double *scores, double bound)
{
  const pair least = {bound, bound};
  pair_truth any = {0, 0};
  for (int k = 0; k < LOOK; k += 2) any |= *(const pair *)(scores + k) >= least;
  return (any[0] | any[1]) != 0;
}

static int keep_row(const worker *w, const layout *l, const block *b, int64_t i, double bound, candidates *to)
{
  double score = ((const double *)w->score.values)[i];
  return !(score >= bound) || !column_is_valid(&w->score, i) || keep(to, score, l->row_of[b->first + i]);
}

/* Those of a scored block that may come within the places. */
static int keep_block(const worker *w, const layout *l, const block *b, double bound, candidates *to)
{
  const double *scores = w->score.values;
  int64_t i = 0;
  for (; i + LOOK <= b->rows; i += LOOK)
    for (int k = 0; k < LOOK && (k || any_within(scores + i, bound)); k++)
      if (!keep_row(w, l, b, i + k, bound, to)) return 0;
  for (; i < b->rows; i++)
    if (!keep_row(w, l, b, i, bound, to)) return 0;
  return 1;
}

static int stands_in_line(const smaa *s, int64_t row)
{
  return s->chosen->place[row] > 0;
}

/* The score of a place among the candidates (of those in line alone), -INFINITY where they are fewer. */
static double score_of_place(const smaa *s, worker *w, const candidates *c, int64_t places, int line)
{
  int64_t count = 0;
  for (int64_t i = 0; i < c->count; i++)
    if (!line || stands_in_line(s, c->of[i].row)) w->scratch[count++] = c->of[i].score;
  return count < places ? -INFINITY : kth_largest(w->scratch, count, places);
}

/* No customer whose score in this draw is below it comes within the places. */
static int find_bound(smaa *s, worker *w, const double *weights, uint64_t seed, double *bound)
{
  candidates *scouts = &w->kept[0]; /* empty until the draws are made */
  *bound = -INFINITY;
  if (!s->scouts.rows) return 1;
  scouts->count = 0;
  for (int64_t i = 0; i < s->scouts.block_count; i++) {
    int good = score_block(s, w, &s->scouts, &s->scouts.blocks[i], weights, seed);
    if (!good || (good > 0 && !keep_block(w, &s->scouts, &s->scouts.blocks[i], -INFINITY, scouts))) return 0;
  }
  if (!scratch_room(w, scouts->count)) return 0;
  double list = s->seats ? score_of_place(s, w, scouts, s->reach, 1) : INFINITY;
  double band = s->widest ? score_of_place(s, w, scouts, s->widest, 0) : INFINITY;
  *bound = list < band ? list : band;
  scouts->count = 0;
  return 1;
}

/* ---- counting ---------------------------------------------------------------------------------------------- */

static void count_one(const smaa *s, acceptability *counts, int64_t *to, int64_t row, int64_t unit,
                      const double *weights)
{
  to[row] += unit;
  if (to != counts->listed || counts->member[row] < 0) return;
  int64_t *central = counts->central + (size_t)counts->member[row] * s->criteria;
  for (uint32_t c = 0; c < s->criteria; c++) central[c] += llround(weights[c] * (double)unit);
}

/* Best first; equals by lots, other ones in each draw. */
static int by_score(const void *a, const void *b)
{
  const candidate *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  if (x->lot != y->lot) return x->lot < y->lot ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

/* Down the line, seats for those who go into what is left of the capacity; counted, or only looked how it ends: 1, or 0
 * where candidates ended before the list was full. */
static int walk_line(const smaa *s, worker *w, const candidates *c, int counted, const double *weights)
{
  int64_t left = s->seats;
  double used = s->pinned;
  for (int64_t i = 0; i < c->count && left && selection_fits(s->e, used, s->cheapest); i++) {
    int64_t row = c->of[i].row;
    if (!stands_in_line(s, row) || !selection_fits(s->e, used, selection_cost(s->e, row))) continue;
    used += selection_cost(s->e, row);
    left--;
    if (counted) count_one(s, &w->counts, w->counts.listed, row, ACCEPTED, weights);
  }
  return !left || !selection_fits(s->e, used, s->cheapest);
}

static void line_up(candidates *c, uint64_t seed)
{
  for (int64_t i = 0; i < c->count; i++) c->of[i].lot = random_mix(seed ^ random_mix((uint64_t)c->of[i].row + 1));
  qsort(c->of, (size_t)c->count, sizeof *c->of, by_score);
}

/* Those before the last place, and those tied at it, who share what is left: whom of equals the list holds is no
 * question of weights. */
static void count_places(const smaa *s, worker *w, const candidates *c, int64_t places, int line, int64_t *to,
                         const double *weights)
{
  double last = score_of_place(s, w, c, places, line);
  int64_t above = 0, tied = 0;
  for (int64_t i = 0; i < c->count; i++) {
    if (line && !stands_in_line(s, c->of[i].row)) continue;
    above += c->of[i].score > last;
    tied += c->of[i].score == last;
  }
  int64_t share = tied ? (int64_t)((double)ACCEPTED * ((double)(places - above) / (double)tied)) : 0;
  for (int64_t i = 0; i < c->count; i++) {
    const candidate *one = &c->of[i];
    if (one->score < last || (line && !stands_in_line(s, one->row))) continue;
    count_one(s, &w->counts, to, one->row, one->score > last ? ACCEPTED : share, weights);
  }
}

static int count_draw(smaa *s, worker *w, const candidates *c, const double *weights)
{
  if (!scratch_room(w, c->count + 1)) return 0;
  for (uint32_t i = 0; i < s->criteria; i++) w->mean[i] += llround(weights[i] * (double)ACCEPTED);
  if (s->seats && !s->walks) count_places(s, w, c, s->seats, 1, w->counts.listed, weights);
  for (uint32_t i = 0; i < s->band_count; i++)
    if (s->bands[i]) count_places(s, w, c, s->bands[i], 0, w->counts.within[i], weights);
  return 1;
}

/* ---- draws ------------------------------------------------------------------------------------------------- */

static uint64_t seed_of(const smaa *s, int64_t draw)
{
  return random_mix(s->seed ^ random_mix((uint64_t)draw * 2 + 1));
}

static void draw_weights(const smaa *s, int64_t draw, double *weights)
{
  random_stream stream = random_open(s->seed, (uint64_t)draw * 2);
  weight_draws_take(&s->weights, &stream, weights);
}

/* One draw again with everyone a candidate. */
static int keep_all(smaa *s, worker *w, const double *weights, uint64_t seed, candidates *to)
{
  to->count = 0;
  for (int64_t i = 0; i < s->all.block_count; i++) {
    const block *b = &s->all.blocks[i];
    int good = engine_stopped(s->e) ? 0 : score_block(s, w, &s->all, b, weights, seed);
    if (!good || (good > 0 && !keep_block(w, &s->all, b, -INFINITY, to))) return 0;
  }
  return 1;
}

static int count_walk(smaa *s, worker *w, candidates *c, const double *weights, uint64_t seed)
{
  line_up(c, seed);
  if (s->scouts.rows && !walk_line(s, w, c, 0, weights)) {
    if (!keep_all(s, w, weights, seed, c)) return 0;
    line_up(c, seed);
  }
  walk_line(s, w, c, 1, weights);
  return 1;
}

/* Draws [first, first + count), whose weights are in w->draws. 1, or 0: stopped, or no memory. */
static int run_draws(smaa *s, worker *w, int64_t first, int count)
{
  for (int g = 0; g < count; g++)
    if (!find_bound(s, w, w->draws[g], seed_of(s, first + g), &w->bounds[g])) return 0;
  for (int g = 0; g < count; g++) w->kept[g].count = 0;
  for (int64_t i = 0; i < s->all.block_count; i++) {
    const block *b = &s->all.blocks[i];
    if (engine_stopped(s->e)) return 0;
    for (int g = 0; g < count; g++) {
      int good = score_block(s, w, &s->all, b, w->draws[g], seed_of(s, first + g));
      if (!good || (good > 0 && !keep_block(w, &s->all, b, w->bounds[g], &w->kept[g]))) return 0;
    }
  }
  for (int g = 0; g < count; g++)
    if (!count_draw(s, w, &w->kept[g], w->draws[g]) ||
        (s->walks && !count_walk(s, w, &w->kept[g], w->draws[g], seed_of(s, first + g))))
      return 0;
  long long done = atomic_fetch_add(&s->done, count) + count;
  engine_progress(s->e, "confidence", (double)done / (double)s->out->draws);
  return 1;
}

static void fail(smaa *s)
{
  if (engine_stopped(s->e)) return;
  atomic_store(&s->e->failed, 1);
  no_memory(s->e);
}

static void run_group(void *argument, int64_t index, int worker_number)
{
  smaa *s = argument;
  worker *w = &s->workers[worker_number];
  int64_t first = index * s->group, left = s->out->draws - first;
  int count = (int)(left < s->group ? left : s->group);
  if (engine_stopped(s->e)) return;
  for (int g = 0; g < count; g++) draw_weights(s, first + g, w->draws[g]);
  if (!run_draws(s, w, first, count)) fail(s);
}

/* A combiner whose learning hangs on the weights learns anew for each draw, one draw after the other. */
static int run_learning(smaa *s)
{
  engine *e = s->e;
  double *given = e->weights;
  instance *usual = s->combiner;
  instance *anew = arena_alloc(e->arena, sizeof *anew);
  worker *w = &s->workers[0];
  int good = 1;
  for (int64_t draw = 0; good && draw < s->out->draws; draw++) {
    *anew = (instance){.step = usual->step, .criteria = usual->criteria, .labels = usual->labels};
    draw_weights(s, draw, w->draws[0]);
    e->weights = w->draws[0];
    good = instance_create(e, anew) && learn_instance(e, anew);
    s->combiner = anew;
    if (good && !run_draws(s, w, draw, 1)) {
      fail(s);
      good = 0;
    }
    s->combiner = usual;
    e->weights = given;
    instance_destroy(anew);
  }
  return good;
}

/* ---- scouts ------------------------------------------------------------------------------------------------ */

static void mark_high(const smaa *s, const int64_t *order, int64_t there, int reversed, int64_t wanted, uint8_t *marked)
{
  int64_t in_line = 0;
  for (int64_t i = 0; i < there && i < 4 * wanted && in_line < wanted; i++) {
    int64_t r = order[reversed ? there - 1 - i : i];
    marked[r] = 1;
    in_line += !s->seats || stands_in_line(s, r);
  }
}

/* Those who stand high by the given weights, and in each criterion. */
static int mark_scouts(const smaa *s, uint8_t *marked)
{
  const engine *e = s->e;
  int64_t places = s->reach > s->widest ? s->reach : s->widest, each = places / 4;
  if (each < LEAST_SCOUTS) each = LEAST_SCOUTS;
  for (int64_t i = 0; i < e->scored; i++) {
    int64_t r = e->order[i], in_line = s->seats ? s->chosen->place[r] : 0;
    marked[r] = i < 2 * s->widest + LEAST_SCOUTS || (in_line && in_line <= 2 * s->reach + LEAST_SCOUTS);
  }
  for (uint32_t c = 0; c < s->criteria; c++) {
    const series *values = e->plan->normalized[c];
    int64_t there;
    int64_t *order = order_descending(values->column.values, values->column.valid, values->column.rows, &there);
    if (!order) return 0;
    mark_high(s, order, there, values->better < 0, each, marked);
    free(order);
  }
  return 1;
}

/* Where most would be scouts there are none: everyone is a candidate. */
static int find_scouts(smaa *s)
{
  uint8_t *marked = calloc((size_t)s->e->people.count + 1, 1);
  int64_t count = 0;
  int good = marked && mark_scouts(s, marked);
  for (int64_t r = 0; good && r < s->e->people.count; r++) count += marked[r] && s->e->rank[r];
  if (good && count <= s->e->scored / 4) good = lay_out(s, marked, &s->scouts);
  free(marked);
  return good;
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

static int counts_new(const smaa *s, acceptability *to)
{
  size_t people = (size_t)s->e->people.count + 1;
  *to = (acceptability){.member = s->out->member, .members = s->out->members};
  if (s->seats && !(to->listed = calloc(people, sizeof *to->listed))) return 0;
  if (s->seats && !(to->central = calloc((size_t)to->members * s->criteria + 1, sizeof *to->central))) return 0;
  for (uint32_t i = 0; i < s->band_count; i++)
    if (s->bands[i] && !(to->within[i] = calloc(people, sizeof **to->within))) return 0;
  return 1;
}

static int worker_new(const smaa *s, worker *w)
{
  uint32_t outputs = s->combiner->step->strategy->outputs.count, most = 1;
  for (uint32_t c = 0; c < s->criteria; c++)
    if (s->of[c].normalizer && s->of[c].normalizer->step->strategy->outputs.count > most)
      most = s->of[c].normalizer->step->strategy->outputs.count;
  int good = frame_new(&w->frame, 1, outputs, BLOCK);
  good = frame_new(&w->normal, 1, most, BLOCK) && good;
  good = column_new(&w->score, TARAZU_F64, BLOCK, 1) && good;
  good = column_new(&w->normalized, TARAZU_F64, BLOCK, 1) && good;
  w->drawn = malloc((size_t)(s->criteria + 1) * BLOCK * sizeof *w->drawn);
  w->raw = malloc(BLOCK * sizeof *w->raw);
  w->draws = malloc(GROUP * sizeof *w->draws);
  return good && w->drawn && w->raw && w->draws && counts_new(s, &w->counts);
}

static void worker_free(worker *w)
{
  frame_free(&w->frame);
  frame_free(&w->normal);
  column_free(&w->score);
  column_free(&w->normalized);
  free(w->drawn);
  free(w->raw);
  free(w->draws);
  free(w->scratch);
  for (int g = 0; g < GROUP; g++) free(w->kept[g].of);
  w->counts.member = NULL;
  acceptability_free(&w->counts);
}

/* Sums of whole numbers: the same whoever counted what. */
static void add_counts(const smaa *s, const acceptability *from, acceptability *to)
{
  for (int64_t r = 0; r < s->e->people.count; r++) {
    if (s->seats) to->listed[r] += from->listed[r];
    for (uint32_t i = 0; i < s->band_count; i++)
      if (s->bands[i]) to->within[i][r] += from->within[i][r];
  }
  for (int64_t i = 0; s->seats && i < to->members * s->criteria; i++) to->central[i] += from->central[i];
}

/* What needs no counting: places for everyone, or for nobody. */
static void fill_certain(const smaa *s, acceptability *out)
{
  int64_t all = out->draws * ACCEPTED;
  int everyone = out->listed && !s->seats && s->in_line && s->chosen->unpinned > 0;
  for (int64_t r = 0; r < s->e->people.count; r++) {
    if (everyone && stands_in_line(s, r)) out->listed[r] = all;
    for (uint32_t i = 0; i < s->band_count; i++)
      if (!s->bands[i] && s->e->rank[r]) out->within[i][r] = all;
    if (!everyone || out->member[r] < 0) continue;
    for (uint32_t c = 0; c < s->criteria; c++)
      for (int t = 0; t < pool_threads(s->e->pool); t++)
        out->central[(size_t)out->member[r] * s->criteria + c] += s->workers[t].mean[c];
  }
}

static int make_out(smaa *s)
{
  acceptability *out = s->out;
  size_t people = (size_t)s->e->people.count + 1;
  int list = s->e->plan->profile->limit >= 0;
  const uint8_t *key = s->chosen->key.values;
  if (!(out->member = malloc(people * sizeof *out->member))) return 0;
  for (int64_t r = 0; r < s->e->people.count; r++) {
    int member = list && key[r] && stands_in_line(s, r) && out->members < INT32_MAX;
    out->member[r] = member ? (int32_t)out->members : -1;
    out->members += member;
    s->in_line += stands_in_line(s, r);
  }
  if (list && !(out->listed = calloc(people, sizeof *out->listed))) return 0;
  if (!(out->central = calloc((size_t)out->members * s->criteria + 1, sizeof *out->central))) return 0;
  for (uint32_t i = 0; i < s->band_count; i++)
    if (!(out->within[i] = calloc(people, sizeof **out->within))) return 0;
  return 1;
}

/* What is to be known of a capacity: a walk should end not much further down the line than it does by the given
 * weights.
 */
static void find_capacity(smaa *s)
{
  const uint8_t *key = s->chosen->key.values;
  int64_t last = 0;
  s->walks = 1;
  s->seats = s->chosen->unpinned;
  s->cheapest = INFINITY;
  for (int64_t r = 0; r < s->e->people.count; r++) {
    int64_t in_line = s->chosen->place[r];
    if (key[r] && !in_line) s->pinned += selection_cost(s->e, r);
    if (!in_line) continue;
    if (selection_cost(s->e, r) < s->cheapest) s->cheapest = selection_cost(s->e, r);
    if (key[r] && in_line > last) last = in_line;
  }
  s->reach = 4 * last + LEAST_SCOUTS < s->in_line ? 4 * last + LEAST_SCOUTS : s->in_line;
}

/* Places that some have and others have not. */
static void find_places(smaa *s)
{
  const confidence_profile *c = &s->e->plan->profile->confidence;
  s->band_count = c->band_count;
  if (s->e->plan->profile->limit >= 0 && s->chosen->unpinned < s->in_line) s->seats = s->chosen->unpinned;
  s->reach = s->seats;
  if (s->e->plan->capacity && s->in_line) find_capacity(s);
  for (uint32_t i = 0; i < s->band_count; i++) {
    s->bands[i] = c->bands[i] < s->e->scored ? c->bands[i] : 0;
    if (s->bands[i] > s->widest) s->widest = s->bands[i];
  }
}

/* How many draws can be afforded where each learns anew. */
static int limit_draws(smaa *s)
{
  const confidence_profile *c = &s->e->plan->profile->confidence;
  const char *id = s->combiner->step->strategy->id;
  int64_t people = s->e->people.count;
  int at_once = s->combiner->step->strategy->fit != NULL;
  double work = at_once ? (double)people * (double)people : (double)people,
         all = at_once ? MOST_COMPARED : MOST_RELEARNED;
  double most = all / fmax(work, 1);
  s->out->draws = c->draws;
  if (!(s->combiner->step->strategy->flags & TARAZU_LEARNS_WEIGHTS) || (double)c->draws <= most) return 1;
  if (most < LEAST_DRAWS) {
    problem_add(s->e->problems, EXIT_PROFILE, c->place,
                "confidence: '%s' learns anew for each draw of weights, which is too much for %lld customers; expected "
                "at most %.0f, or a combiner that does not",
                id, (long long)people, floor(at_once ? sqrt(all / LEAST_DRAWS) : all / LEAST_DRAWS));
    return 0;
  }
  s->out->draws = (int64_t)most;
  problem_warn(s->e->problems, c->place,
               "confidence: '%s' learns anew for each draw of weights: %lld draws in place of %lld", id,
               (long long)s->out->draws, (long long)c->draws);
  return 1;
}

static int run_all(smaa *s)
{
  int threads = pool_threads(s->e->pool);
  int64_t fit = s->scouts.rows ? GROUP : MOST_CANDIDATES / (s->e->scored + 1);
  s->group = (int)(fit < 1 ? 1 : fit > GROUP ? GROUP : fit);
  if (!(s->workers = calloc((size_t)threads, sizeof *s->workers))) return no_memory(s->e);
  int good = 1;
  for (int t = 0; good && t < threads; t++) good = worker_new(s, &s->workers[t]) || no_memory(s->e);
  if (good && s->combiner->step->strategy->flags & TARAZU_LEARNS_WEIGHTS) good = run_learning(s);
  else if (good) pool_run(s->e->pool, (s->out->draws + s->group - 1) / s->group, run_group, s);
  good = good && !engine_stopped(s->e);
  for (int t = 0; good && t < threads; t++) add_counts(s, &s->workers[t].counts, s->out);
  if (good) fill_certain(s, s->out);
  for (int t = 0; t < threads; t++) worker_free(&s->workers[t]);
  free(s->workers);
  return good;
}

int acceptability_measure(engine *e, const selection *chosen, acceptability *out)
{
  smaa *s = calloc(1, sizeof *s);
  *out = (acceptability){0};
  if (!s) return no_memory(e);
  s->e = e;
  s->chosen = chosen;
  s->out = out;
  s->combiner = instance_of(e, e->plan->combiner);
  s->criteria = e->plan->profile->criterion_count;
  s->seed = hash_bytes("confidence", strlen("confidence"), e->plan->profile->seed);
  s->band_count = e->plan->profile->confidence.band_count;
  int good = limit_draws(s) && weight_draws_make(e->plan->profile, e->weights, e->arena, e->problems, &s->weights);
  if (good && !make_out(s)) good = no_memory(e);
  if (good) find_places(s);
  if (good) good = find_uncertain(s);
  if (good && (!find_scouts(s) || !lay_out(s, NULL, &s->all))) good = no_memory(e);
  good = good && run_all(s);
  if (!good && atomic_load(e->cancelled) && !problems_errors(e->problems))
    problem_add(e->problems, EXIT_CANCELLED, NOWHERE, "cancelled");
  layout_free(&s->all);
  layout_free(&s->scouts);
  free(s);
  return good;
}

void acceptability_free(acceptability *a)
{
  free(a->listed);
  for (int i = 0; i < MOST_BANDS; i++) free(a->within[i]);
  free(a->member);
  free(a->central);
  *a = (acceptability){0};
}
