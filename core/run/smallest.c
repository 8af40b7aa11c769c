/* Looks for the smallest change: along straight paths away from what is, first by guesses (smallest_guess.c) where
 * what-if rows can be scored, then by combining everybody anew until the change turns the list and nine tenths of it
 * do not. */
#include "run/smallest.h"

#include "base/nth.h"
#include "run/smallest_inner.h"
#include "run/stranger.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  STEPS = 64, /* of a guessed path, growing */
  FINER = 32, /* each round between two steps */
  ROUNDS = 3,
  RUN_STEPS = 16, /* of a path that is gone by whole runs */
  RUN_HALVINGS = 8,
  LINE_RUNS = 2 * (RUN_STEPS + RUN_HALVINGS),
  TRIAL_RUNS = 5, /* that trying one change takes, as a rule */
  MOST_RUNS = 4000,
  MOST_ROWS = 20000000, /* customers combined anew, over all runs */
  RAYS = 48,            /* directions of two values */
  RUN_RAYS = 12
};
static const char unsought[] = "not looked for among so many customers";
static const double CLOSE = 0.99; /* a change is the smallest one if this much of it is not enough */
static const double LEAST = 1e-6; /* of a path: what is told where next to nothing is enough, as among equals */

/* ---- paths --------------------------------------------------------------------------------------------------- */

double path_at(const search *s, const path *p, uint32_t k, double at, int shy)
{
  double way = (p->toward[k] - p->from[k]) * at;
  if (p->count && s->whole[p->criterion[k]])
    way = copysign(shy ? floor(fabs(way) + 1e-9) : ceil(fabs(way) - 1e-9), way);
  else if (at == 1) return p->toward[k];
  return p->from[k] + way;
}

void weights_with(const engine *e, uint32_t criterion, double weight, double *weights)
{
  double own = e->weights[criterion];
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++)
    weights[i] = i == criterion ? weight : e->weights[i] * (1 - weight) / (1 - own);
}

static int64_t runs_left(const search *s)
{
  return s->most_asked - s->w->asked;
}

/* Whether a place on the path turns the list, everybody combined anew; what a strategy refuses turns nothing. */
static int turns(search *s, const path *p, double at, int shy)
{
  double values[2], weights[64];
  int listed;
  if (p->count) {
    for (uint32_t k = 0; k < p->count; k++) values[k] = path_at(s, p, k, at, shy);
    listed = what_if_values(s->w, p->count, p->criterion, values);
  } else {
    weights_with(s->e, p->criterion[0], path_at(s, p, 0, at, shy), weights);
    listed = what_if_weights(s->w, weights);
  }
  return listed >= 0 && listed != s->listed;
}

/* ---- along a path, by guesses -------------------------------------------------------------------------------- */

static int guess_places(search *s, const path *p, const double *places, int64_t count, uint8_t *turned)
{
  const double *values[2] = {s->values, s->values + GUESS_ROOM};
  double weights[64];
  if (p->count) {
    for (uint32_t k = 0; k < p->count; k++)
      for (int64_t i = 0; i < count; i++)
        s->values[(size_t)k * GUESS_ROOM + (size_t)i] = path_at(s, p, k, places[i], 0);
    return guess_values(s, p->count, p->criterion, values, count, turned);
  }
  for (int64_t i = 0; i < count; i++) {
    weights_with(s->e, p->criterion[0], path_at(s, p, 0, places[i], 0), weights);
    int said = guess_weights(s, weights);
    if (said < 0) return 0;
    turned[i] = (uint8_t)said;
    if (said) {
      memset(turned + i, 1, (size_t)(count - i)); /* the first one is all that is asked for */
      break;
    }
  }
  return 1;
}

/* The first place that seems to turn the list; NAN: none does. */
static double guess_path(search *s, const path *p)
{
  double places[STEPS], low = 0, high = NAN;
  uint8_t turned[STEPS];
  for (int i = 0; i < STEPS; i++) places[i] = (double)(i + 1) * (i + 1) / (STEPS * STEPS);
  if (!guess_places(s, p, places, STEPS, turned)) return NAN;
  for (int i = STEPS; i-- > 0;)
    if (turned[i]) high = places[i], low = i ? places[i - 1] : 0;
  for (int round = 0; round < ROUNDS && !isnan(high); round++) {
    double stride = (high - low) / FINER;
    for (int i = 0; i < FINER; i++) places[i] = i + 1 == FINER ? high : low + stride * (i + 1);
    if (!guess_places(s, p, places, FINER, turned)) return NAN;
    for (int i = FINER; i-- > 0;)
      if (turned[i]) high = places[i], low = i ? places[i - 1] : low;
  }
  return high;
}

/* ---- along a path, by runs ----------------------------------------------------------------------------------- */

static double halve(search *s, const path *p, double low, double high)
{
  while (low < CLOSE * high && high > LEAST && runs_left(s) > 0) {
    double half = low + (high - low) / 2;
    if (turns(s, p, half, 0)) high = half;
    else low = half;
  }
  return fmax(high, LEAST);
}

static double run_path(search *s, const path *p, int steps)
{
  double low = 0;
  for (int i = 1; i <= steps; i++) {
    double at = (double)i * i / (steps * steps);
    if (turns(s, p, at, 0)) return halve(s, p, low, at);
    low = at;
  }
  return NAN;
}

/* From a guess to a place that turns the list, with none at nine tenths of it; NAN: there is none up to the end. */
static double settle(search *s, const path *p, double at)
{
  static const double out[] = {1.001, 1.01, 1.05, 1.2, 1.5, 2, 4, 16}, in[] = {0.99, 0.9, 0.7, 0.4};
  double low = at = fmax(at, LEAST);
  if (turns(s, p, at, 0)) {
    if (at == LEAST) return at;
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
      if (!turns(s, p, in[i] * at, 0)) return halve(s, p, in[i] * at, i ? in[i - 1] * at : at);
    }
    return halve(s, p, 0, in[3] * at);
  }
  for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
    double farther = fmin(1, out[i] * at);
    if (turns(s, p, farther, 0)) return halve(s, p, low, farther);
    if (farther == 1) break;
    low = farther;
  }
  return low < 1 && turns(s, p, 1, 0) ? halve(s, p, low, 1) : NAN;
}

/* The next number farther out that is as fine as four digits of the change. */
static double rounded(double from, double to, int whole)
{
  double way = fabs(to - from), scale = way > 0 ? pow(10, 3 - floor(log10(way))) : INFINITY;
  double far = to * scale;
  if (!isfinite(far) || (whole && scale >= 1)) return to;
  return (to > from ? ceil(far - 1e-9) : floor(far + 1e-9)) / scale;
}

enum { SMALLEST = 1, ANY = 2 };

/* The path's end is put where it turns the list, in few digits where these do it too; 0: it turns nothing, or nine
 * tenths of it do as well. ANY: next to nothing turns it. */
static int try_path(search *s, path *p, double at)
{
  for (int again = 0; again < 3 && !isnan(at = settle(s, p, at)); again++) {
    path found = *p, few;
    for (uint32_t k = 0; k < p->count || !k; k++) found.toward[k] = path_at(s, p, k, at, 0);
    few = found;
    for (uint32_t k = 0; k < p->count || !k; k++) {
      few.toward[k] = rounded(few.from[k], few.toward[k], p->count && s->whole[p->criterion[k]]);
      double most = p->count ? s->most[p->criterion[k]] : 1, least = p->count ? s->least[p->criterion[k]] : 0;
      few.toward[k] = fmin(fmax(few.toward[k], least), most);
    }
    if (turns(s, &few, 1, 0)) found = few;
    *p = found;
    if (at == LEAST && !(p->count == 1 && s->whole[p->criterion[0]])) return ANY;
    if (!turns(s, &found, 0.9, 1)) return SMALLEST;
    at = 0.9;
  }
  return 0;
}

/* ---- what is told of a path ---------------------------------------------------------------------------------- */

static double size_of(const search *s, const path *p)
{
  double size = 0;
  if (!p->count) return fabs(p->toward[0] - p->from[0]);
  for (uint32_t k = 0; k < p->count; k++) {
    double part = (p->toward[k] - p->from[k]) / s->spread[p->criterion[k]];
    size += part * part;
  }
  return sqrt(size);
}

static void tell(const search *s, const path *p, int tried, smallest_change *to)
{
  *to = (smallest_change){
      .count = p->count ? p->count : 1, .size = size_of(s, p), .tried = tried > 0, .any = tried == ANY};
  for (uint32_t k = 0; k < to->count; k++) {
    shift *one = &to->shifts[k];
    uint8_t there = 0;
    *one = (shift){p->criterion[k], p->from[k], p->toward[k], NAN, NAN};
    if (!p->count || !s->guesses) continue;
    if (s->is_seen[p->criterion[k]]) one->seen_from = s->seen[p->criterion[k]];
    if (!strangers_normalize(s->e, p->criterion[k], &one->to, NULL, 1, &one->seen_to, &there) || !there)
      one->seen_to = NAN;
  }
}

static void tell_none(uint32_t criterion, double from, const char *why, smallest_change *to)
{
  *to = (smallest_change){.count = 1, .why = why, .size = NAN, .shifts = {{criterion, from, NAN, NAN, NAN}}};
}

/* ---- candidates ---------------------------------------------------------------------------------------------- */

/* Ways in which one value, or one weight, or two values, could turn the list; the nearer first. */
typedef struct candidate {
  path ways[2];
  double places[2]; /* NAN: none is known */
  double size;      /* of the first, as guessed; INFINITY: nothing was guessed */
  smallest_change *to;
} candidate;

static void order_ways(const search *s, candidate *c)
{
  double sizes[2] = {INFINITY, INFINITY};
  for (int w = 0; w < 2; w++) {
    path whole = c->ways[w];
    if (isnan(c->places[w])) continue;
    for (uint32_t k = 0; k < whole.count || !k; k++) whole.toward[k] = path_at(s, &c->ways[w], k, c->places[w], 0);
    sizes[w] = size_of(s, &whole);
  }
  if (sizes[1] < sizes[0]) {
    path way = c->ways[0];
    double at = c->places[0];
    c->ways[0] = c->ways[1], c->places[0] = c->places[1];
    c->ways[1] = way, c->places[1] = at;
  }
  c->size = fmin(sizes[0], sizes[1]);
}

static void seek(search *s, candidate *c, int guess)
{
  for (int w = 0; w < 2; w++)
    c->places[w] = guess && c->ways[w].toward[0] != c->ways[w].from[0] ? guess_path(s, &c->ways[w]) : NAN;
  order_ways(s, c);
}

/* By whole runs alone, both ways; the nearer one counts. */
static void seek_by_runs(search *s, candidate *c)
{
  for (int w = 0; w < 2; w++)
    c->places[w] = c->ways[w].toward[0] != c->ways[w].from[0] ? run_path(s, &c->ways[w], RUN_STEPS) : NAN;
  order_ways(s, c);
}

static void keep_guess(const search *s, candidate *c)
{
  path p = c->ways[0];
  for (uint32_t k = 0; k < p.count || !k; k++) p.toward[k] = path_at(s, &c->ways[0], k, c->places[0], 0);
  tell(s, &p, 0, c->to);
}

/* What turns the run: the nearer of the guesses that do, else what whole runs find, as far as there are runs left. */
static void try_candidate(search *s, candidate *c, int guessed, const char *none)
{
  if (c->size < INFINITY && runs_left(s) < TRIAL_RUNS) {
    keep_guess(s, c);
    return;
  }
  for (int w = 0; w < 2; w++) {
    path p = c->ways[w];
    int found = !isnan(c->places[w]) && runs_left(s) >= TRIAL_RUNS ? try_path(s, &p, c->places[w]) : 0;
    if (!found) continue;
    tell(s, &p, found, c->to);
    return;
  }
  int sought = runs_left(s) >= LINE_RUNS;
  if (sought) seek_by_runs(s, c);
  for (int w = 0; sought && w < 2; w++) {
    path p = c->ways[w];
    int found = isnan(c->places[w]) ? 0 : try_path(s, &p, c->places[w]);
    if (!found) continue;
    tell(s, &p, found, c->to);
    return;
  }
  const path *p = &c->ways[0];
  tell_none(p->criterion[0], p->from[0], sought || guessed ? none : unsought, c->to);
}

/* ---- one value ----------------------------------------------------------------------------------------------- */

/* Her own values, the span of all customers', and their spread: from the first decile to the last, or, where these are
 * the same, the span. 0: no memory. */
static int measure_criteria(search *s)
{
  double *all = malloc(((size_t)s->e->people.count + 1) * sizeof *all), gap;
  for (uint32_t i = 0; all && i < s->criteria; i++) {
    const column *c = &s->e->plan->raw[i]->column, *filled = &s->e->plan->measured[i]->column;
    int64_t count = 0;
    s->least[i] = INFINITY;
    s->most[i] = -INFINITY;
    for (int64_t r = 0; r < c->rows; r++) {
      if (!measured_value(c, r, &all[count])) continue;
      s->least[i] = fmin(s->least[i], all[count]);
      s->most[i] = fmax(s->most[i], all[count++]);
    }
    s->whole[i] = c->type != TARAZU_F64;
    s->there[i] = (uint8_t)measured_value(filled, s->row, &s->own[i]);
    gap = count ? (double)(count - 1) / 10 : 0;
    s->spread[i] =
        count ? value_at_place(all, count, (int64_t)ceil(9 * gap)) - value_at_place(all, count, (int64_t)gap) : 0;
    if (!(s->spread[i] > 0)) s->spread[i] = s->most[i] - s->least[i];
  }
  free(all);
  return all != NULL;
}

static const char *cannot_change(const search *s, uint32_t i)
{
  if (!s->there[i]) return "she has no value";
  if (!(s->spread[i] > 0)) return "all customers have the same value";
  return NULL;
}

/* Toward the least and the most that any customer has. */
static candidate value_candidate(const search *s, uint32_t i, smallest_change *to)
{
  candidate c = {.to = to};
  for (int w = 0; w < 2; w++)
    c.ways[w] = (path){.count = 1, .criterion = {i}, .from = {s->own[i]}, .toward = {w ? s->most[i] : s->least[i]}};
  return c;
}

static candidate weight_candidate(const search *s, uint32_t i, smallest_change *to)
{
  candidate c = {.to = to};
  for (int w = 0; w < 2; w++) c.ways[w] = (path){.criterion = {i}, .from = {s->e->weights[i]}, .toward = {w}};
  return c;
}

/* ---- two values ---------------------------------------------------------------------------------------------- */

/* Straight away from her values, in the spreads of both, as far as any customer is. */
static path ray(const search *s, uint32_t i, uint32_t k, double angle)
{
  double stride[2] = {cos(angle) * s->spread[i], sin(angle) * s->spread[k]}, far = INFINITY;
  path p = {.count = 2, .criterion = {i, k}, .from = {s->own[i], s->own[k]}};
  for (int j = 0; j < 2; j++) {
    double end = stride[j] > 0 ? s->most[p.criterion[j]] : s->least[p.criterion[j]];
    far = fmin(far, fmax(0, (end - p.from[j]) / stride[j]));
  }
  for (int j = 0; j < 2; j++) p.toward[j] = p.from[j] + far * stride[j];
  return p;
}

/* The ray of a fan that asks for least, and where on it; by guesses or by runs. */
static double best_ray(search *s, uint32_t i, uint32_t k, double angle, double stride, int count, int by_runs,
                       path *best, double *best_angle)
{
  double least = INFINITY;
  for (int r = 0; r < count; r++) {
    double heading = angle + stride * r;
    path p = ray(s, i, k, heading), whole;
    if (!(size_of(s, &p) > 0)) continue;
    double at = by_runs ? run_path(s, &p, RUN_STEPS / 2) : guess_path(s, &p);
    if (isnan(at)) continue;
    whole = p;
    for (uint32_t j = 0; j < 2; j++) whole.toward[j] = path_at(s, &p, j, at, 0);
    if (!(size_of(s, &whole) < least)) continue;
    least = size_of(s, &whole);
    *best = p;
    *best_angle = heading;
    best->toward[0] = whole.toward[0], best->toward[1] = whole.toward[1];
  }
  return least;
}

static void find_pair(search *s, uint32_t i, uint32_t k, candidate *c)
{
  const double turn = 2 * acos(-1);
  path finer;
  double angle, other, size = INFINITY;
  c->size = INFINITY;
  if (!s->guesses) {
    if (runs_left(s) >= RUN_RAYS * LINE_RUNS)
      c->size = best_ray(s, i, k, turn / RUN_RAYS / 2, turn / RUN_RAYS, RUN_RAYS, 1, &c->ways[0], &angle);
    return;
  }
  c->size = best_ray(s, i, k, turn / RAYS / 2, turn / RAYS, RAYS, 0, &c->ways[0], &angle);
  for (double stride = turn / RAYS / 4; c->size < INFINITY && stride > turn / RAYS / 64; stride /= 4) {
    size = best_ray(s, i, k, angle - 4 * stride, stride, 9, 0, &finer, &other);
    if (!(size < c->size)) continue;
    c->size = size;
    c->ways[0] = finer;
    angle = other;
  }
}

/* ---- all of it ----------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
  const candidate *x = a, *y = b;
  if (x->size != y->size) return x->size < y->size ? -1 : 1;
  return x->to < y->to ? -1 : x->to > y->to;
}

/* Pairs that ask for clearly less than either of their values alone. */
static uint32_t find_pairs(search *s, const smallest_changes *out, candidate *pairs)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < s->criteria; i++)
    for (uint32_t k = i + 1; k < s->criteria; k++) {
      const smallest_change *one = &out->values[i], *two = &out->values[k];
      candidate c = {.places = {1, NAN}};
      if (cannot_change(s, i) || cannot_change(s, k)) continue;
      if (s->e->weights[i] <= 0 && s->e->weights[k] <= 0) continue;
      find_pair(s, i, k, &c);
      double alone = fmin(one->why ? INFINITY : one->size, two->why ? INFINITY : two->size);
      if (c.size < CLOSE * alone) pairs[count++] = c;
    }
  qsort(pairs, count, sizeof *pairs, by_size);
  return count;
}

static void try_pairs(search *s, smallest_changes *out)
{
  uint32_t room = s->criteria * s->criteria / 2 + 1;
  candidate *pairs = malloc(room * sizeof *pairs);
  uint32_t count = pairs ? find_pairs(s, out, pairs) : 0;
  for (uint32_t i = 0; i < count && out->pair_count < MOST_PAIRS; i++) {
    smallest_change *to = &out->pairs[out->pair_count];
    path p = pairs[i].ways[0];
    pairs[i].to = to;
    int tried = runs_left(s) >= TRIAL_RUNS, found = tried ? try_path(s, &p, 1) : 0;
    if (!tried) keep_guess(s, &pairs[i]);
    else if (found) tell(s, &p, found, to);
    else continue;
    out->pair_count++;
  }
  free(pairs);
}

static void try_in_order(search *s, candidate *all, uint32_t count, int guess, const char *none)
{
  for (uint32_t i = 0; i < count; i++) seek(s, &all[i], guess);
  qsort(all, count, sizeof *all, by_size);
  for (uint32_t i = 0; i < count; i++) try_candidate(s, &all[i], guess, none);
}

static void try_values(search *s, smallest_changes *out)
{
  candidate all[64];
  uint32_t count = 0;
  for (uint32_t i = 0; i < s->criteria; i++) {
    const char *why = cannot_change(s, i);
    if (why) tell_none(i, s->there[i] ? s->own[i] : NAN, why, &out->values[i]);
    else all[count++] = value_candidate(s, i, &out->values[i]);
  }
  try_in_order(s, all, count, s->guesses, "no value that a customer has is enough");
}

/* Where everybody can be combined anew often enough, weights need no guess. */
static void try_weights(search *s, smallest_changes *out)
{
  candidate all[64];
  uint32_t count = 0;
  for (uint32_t i = 0; i < s->criteria; i++) {
    if (s->e->weights[i] >= 1) tell_none(i, 1, "it has all the weight", &out->weights[i]);
    else all[count++] = weight_candidate(s, i, &out->weights[i]);
  }
  int guess = s->rivals != NULL && runs_left(s) < 2 * LINE_RUNS * (int64_t)count;
  try_in_order(s, all, count, guess, "no weight is enough");
}

/* Why no change can do it; NULL: it may. */
static const char *hopeless(const search *s)
{
  const selection *c = s->chosen;
  if (selection_by_hand(s->e, s->row)) return s->listed ? "she is pinned" : "she is excluded by hand";
  if (!s->listed && c->unpinned < 1) return "pins take all the seats";
  if (s->listed && !s->e->plan->capacity && !s->e->plan->profile->floor_count && c->line_count <= c->unpinned)
    return "there is a seat for everyone who may be chosen";
  return NULL;
}

static int look(search *s, smallest_changes *out)
{
  arena *home = s->e->arena;
  out->count = s->criteria;
  out->values = arena_array(home, s->criteria + 1, sizeof *out->values);
  out->weights = arena_array(home, s->criteria + 1, sizeof *out->weights);
  if (!measure_criteria(s) || !guesses_prepare(s)) return 0;
  int64_t all = s->most_asked;
  s->most_asked = all / 2;
  try_values(s, out);
  s->most_asked = all - all / 4;
  try_weights(s, out);
  s->most_asked = all;
  try_pairs(s, out);
  if (!s->guesses && !out->pair_count && runs_left(s) < RUN_RAYS * LINE_RUNS) out->why_pairs = unsought;
  return 1;
}

int smallest_find(what_if *w, const selection *chosen, smallest_changes *out)
{
  engine *e = w->from;
  search s = {.w = w, .e = e, .chosen = chosen, .row = w->row, .criteria = e->plan->profile->criterion_count};
  problems *own = e->problems;
  s.listed = ((const uint8_t *)chosen->key.values)[w->row];
  *out = (smallest_changes){.listed = s.listed, .why = hopeless(&s)};
  if (out->why) return 1;
  int64_t most = MOST_ROWS / (e->people.count + 1);
  s.most_asked = most < MOST_RUNS ? most : MOST_RUNS;
  e->problems = w->to->problems; /* what a guess is refused with is no fault of the run's */
  int good = look(&s, out);
  e->problems = own;
  atomic_store(&e->failed, 0);
  guesses_free(&s);
  if (atomic_load(e->cancelled)) problem_add(own, EXIT_CANCELLED, NOWHERE, "cancelled");
  else if (!good) problem_add(own, EXIT_INTERNAL, NOWHERE, "no memory for what would change the list");
  return !problems_errors(own);
}
