/* Comparing two rankings: agreement, who entered and left, who moved most, and what for. */
#include "run/compare.h"

#include "run/agreement.h"
#include "run/stranger.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MOVES = 10, USUAL_LENGTH = 10 };

int comparison_has_ranks(const comparison *c)
{
  return c->sides[0]->rank && c->sides[1]->rank;
}

/* ---- her values in another run -------------------------------------------------------------------------------- */

/* The score that these measured values would have in a run; NAN: none. 0: it cannot be said. */
static int score_stranger(engine *e, const double *raw, const int *measured, double *score)
{
  const plan *p = e->plan;
  uint32_t criteria = p->profile->criterion_count;
  double values[64], weights[64], sum = 0;
  const double *columns[64];
  *score = NAN;
  for (uint32_t i = 0; i < criteria; i++) {
    const step *filler = p->measured[i]->maker;
    int there = measured[i];
    values[i] = raw[i];
    if (!there && filler->kind == STEP_FILL) {
      values[i] = instance_of(e, filler)->fill;
      there = !isnan(values[i]);
    }
    if (!there) values[i] = 0;
    uint8_t given = (uint8_t)there, seen = 0;
    double value = values[i];
    if (!strangers_normalize(e, i, &value, &given, 1, &values[i], &seen)) return 0;
    there = seen;
    columns[i] = there ? &values[i] : NULL;
    weights[i] = there ? e->weights[i] : 0;
    sum += weights[i];
  }
  if (!(sum > 0)) return 1;
  for (uint32_t i = 0; i < criteria; i++) weights[i] /= sum;
  return combine_rows(e, columns, weights, 1, score);
}

/* ---- her place ------------------------------------------------------------------------------------------------ */

typedef struct subject {
  const comparison *c;
  const char *name;
  size_t length;
  int64_t row[2];
} subject;

/* The run of settings and data, each of A (0) or B (1). */
static const results *run_of(const comparison *c, int settings, int data)
{
  if (settings == data) return c->sides[settings]->run;
  if (c->settings == SAME) return c->sides[data]->run;
  if (c->data == SAME) return c->sides[settings]->run;
  return c->cross[settings];
}

static double own_score(const engine *e, int64_t row)
{
  const column *score = &e->plan->score->column;
  return row >= 0 && column_is_valid(score, row) ? ((const double *)score->values)[row] : NAN;
}

static double place_in(const engine *e, double score, int64_t row)
{
  double own = own_score(e, row);
  const double *scores = e->plan->score->column.values;
  int64_t first = 0, last = e->scored;
  while (first < last) {
    int64_t half = first + (last - first) / 2;
    if (isnan(score) || scores[e->order[half]] > score) first = half + 1;
    else last = half;
  }
  return (double)(first - (!isnan(own) && (isnan(score) || own > score)) + 1);
}

/* Her values as the criteria of `settings` measure them on her data, in the run on her rivals' data. */
static int place_by_runs(void *argument, unsigned at_b, double *stands)
{
  const subject *who = argument;
  int own = at_b >> SWITCH_OWN & 1, settings = at_b >> SWITCH_SETTINGS & 1, rivals = at_b >> SWITCH_RIVALS & 1;
  const results *run = run_of(who->c, settings, rivals), *of_her = run_of(who->c, settings, own);
  double raw[64], there_raw, score;
  int measured[64], same = 1;
  if (!run || !of_her) return 0;
  engine *e = run->engine;
  int64_t row = dictionary_find(e->people.names, who->name, who->length);
  int64_t own_row = dictionary_find(of_her->engine->people.names, who->name, who->length);
  if (run == of_her || own_row < 0) { /* as she stands; or without any data of her own she is not there */
    *stands = place_in(e, own_row < 0 ? NAN : own_score(e, row), row);
    return 1;
  }
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++) {
    measured[i] = measured_value(&of_her->engine->plan->raw[i]->column, own_row, &raw[i]);
    same = same && row >= 0 && measured[i] == measured_value(&e->plan->raw[i]->column, row, &there_raw) &&
           raw[i] == there_raw;
  }
  if (same) score = own_score(e, row);
  else if (!strangers_taken(e) || !score_stranger(e, raw, measured, &score)) return 0;
  *stands = place_in(e, score, row);
  return 1;
}

/* Out of files: her score of one file among the other file's, which settings alone cannot have changed. */
static int place_by_scores(void *argument, unsigned at_b, double *stands)
{
  const subject *who = argument;
  const comparison *c = who->c;
  int own = at_b >> SWITCH_OWN & 1, settings = at_b >> SWITCH_SETTINGS & 1, rivals = at_b >> SWITCH_RIVALS & 1;
  if (c->data == SAME) own = rivals = settings;
  else if (c->settings != SAME && (own != settings || rivals != settings)) return 0;
  int64_t row = who->row[rivals], own_row = who->row[own];
  *stands = (double)ranking_place(c->sides[rivals], own_row >= 0 ? c->sides[own]->score[own_row] : NAN, row);
  return 1;
}

static customer_move move_of(const comparison *c, int64_t a, int64_t b)
{
  customer_move m = {.row = {a, b}, .place = {NAN, NAN}, .by = {.share = {NAN, NAN, NAN}, .data = NAN}};
  subject who = {.c = c, .row = {a, b}};
  who.name = a >= 0 ? ranking_name(c->sides[0], a, &who.length) : ranking_name(c->sides[1], b, &who.length);
  if (!comparison_has_ranks(c)) return m;
  for (int k = 0; k < 2; k++)
    m.place[k] = (double)ranking_place(c->sides[k], m.row[k] >= 0 ? c->sides[k]->score[m.row[k]] : NAN, m.row[k]);
  m.by = attribute(c->sides[0]->run && c->sides[1]->run ? place_by_runs : place_by_scores, &who);
  return m;
}

/* ---- agreement ------------------------------------------------------------------------------------------------ */

static int no_memory(const comparison *c)
{
  if (!problems_errors(c->problems))
    problem_add(c->problems, EXIT_INTERNAL, NOWHERE, "no memory to compare %lld customers with %lld",
                (long long)c->sides[0]->count, (long long)c->sides[1]->count);
  return 0;
}

/* The first k of both, as numbers of A's rows, B's strangers behind them. */
static int agree_on_top(comparison *c, const int64_t *row_in_a)
{
  const ranking *a = c->sides[0], *b = c->sides[1];
  agreement_found *g = &c->agreement;
  int64_t k = g->k, *first = malloc(2 * ((size_t)k + 1) * sizeof *first);
  if (!first) return 0;
  int64_t *second = first + k;
  for (int64_t i = 0; i < k; i++) {
    first[i] = a->order[i];
    second[i] = row_in_a[b->order[i]] >= 0 ? row_in_a[b->order[i]] : a->count + b->order[i];
  }
  g->overlap = agreement_overlap(first, second, k, a->count + b->count);
  g->rank_biased_overlap = agreement_rank_biased_overlap(first, second, k, a->count + b->count, g->persistence);
  free(first);
  return g->overlap > -1.5 && g->rank_biased_overlap > -1.5;
}

static int agree(comparison *c, const int64_t *row_in_a)
{
  const ranking *a = c->sides[0], *b = c->sides[1];
  agreement_found *g = &c->agreement;
  size_t room = (size_t)b->count + 1;
  double *x = malloc(2 * room * sizeof *x), *y = x + room, *ranks = malloc(2 * room * sizeof *ranks);
  *g = (agreement_found){.spearman = NAN,
                         .kendall = NAN,
                         .weighted_spearman = NAN,
                         .ws = NAN,
                         .overlap = NAN,
                         .rank_biased_overlap = NAN,
                         .persistence = NAN};
  int64_t n = 0;
  for (int64_t i = 0; x && ranks && i < b->count; i++) {
    if (row_in_a[i] < 0 || !b->rank[i] || !a->rank[row_in_a[i]]) continue;
    x[n] = -(double)a->rank[row_in_a[i]];
    y[n++] = -(double)b->rank[i];
  }
  g->customers = n;
  int good = x && ranks && agreement_ranks(x, n, ranks) && agreement_ranks(y, n, ranks + room);
  if (good) {
    g->spearman = agreement_spearman(x, y, n);
    g->kendall = agreement_kendall(x, y, n);
    g->weighted_spearman = agreement_weighted_spearman(ranks, ranks + room, n);
    g->ws = agreement_ws(ranks, ranks + room, n);
    good = !(g->spearman < -1.5) && !(g->kendall < -1.5);
  }
  free(x);
  free(ranks);
  g->k = a->listed < b->listed ? a->listed : b->listed;
  if (!g->k) g->k = USUAL_LENGTH;
  if (g->k > a->scored) g->k = a->scored;
  if (g->k > b->scored) g->k = b->scored;
  if (g->k < 1) return good;
  g->persistence = 1 - 1 / (double)g->k; /* a reader who looks at k places on average */
  return good && agree_on_top(c, row_in_a);
}

/* ---- who moved ------------------------------------------------------------------------------------------------ */

typedef struct candidate {
  double size;
  int64_t a, b;
} candidate;

/* Moves near the top weigh more: from 2 to 1 is as much as from 200 to 100. */
static void keep_largest(candidate *kept, uint32_t *count, candidate one)
{
  uint32_t at = *count;
  if (at == MOST_MOVES && one.size <= kept[at - 1].size) return;
  if (at < MOST_MOVES) at = (*count)++;
  else at--;
  for (; at && kept[at - 1].size < one.size; at--) kept[at] = kept[at - 1];
  kept[at] = one;
}

static void find_moves(comparison *c, const int64_t *row_in_a)
{
  const ranking *a = c->sides[0], *b = c->sides[1];
  candidate kept[MOST_MOVES];
  uint32_t count = 0;
  for (int64_t i = 0; i < b->scored; i++) {
    int64_t row = b->order[i], before = row_in_a[row];
    if (before < 0 || !a->rank[before] || a->rank[before] == b->rank[row]) continue;
    double size = fabs(log((double)a->rank[before] / (double)b->rank[row]));
    keep_largest(kept, &count, (candidate){size, before, row});
  }
  c->moved = arena_array(c->arena, count + 1, sizeof *c->moved);
  for (; c->moved_count < count; c->moved_count++)
    c->moved[c->moved_count] = move_of(c, kept[c->moved_count].a, kept[c->moved_count].b);
}

static int64_t row_at(const ranking *r, int64_t position)
{
  return r->order ? r->order[position] : position;
}

/* In rank order: of those who entered in B's, of those who left in A's. */
static void find_changes(comparison *c, const int64_t *row_in_a)
{
  const ranking *a = c->sides[0], *b = c->sides[1];
  size_t length;
  c->entered = arena_array(c->arena, (size_t)b->listed + 1, sizeof *c->entered);
  c->left = arena_array(c->arena, (size_t)a->listed + 1, sizeof *c->left);
  for (int64_t i = 0; i < b->count; i++) {
    int64_t row = row_at(b, i), before = row_in_a[row];
    if (!b->key[row]) continue;
    if (before >= 0 && a->key[before]) c->shared++;
    else c->entered[c->entered_count++] = move_of(c, before, row);
  }
  for (int64_t i = 0; i < a->count; i++) {
    int64_t row = row_at(a, i);
    if (!a->key[row]) continue;
    const char *name = ranking_name(a, row, &length);
    int64_t after = ranking_find(b, name, length);
    if (after < 0 || !b->key[after]) c->left[c->left_count++] = move_of(c, row, after);
  }
}

static int find_asked(comparison *c)
{
  uint32_t count = 0;
  while (c->asked && c->asked[count]) count++;
  c->asked_moves = arena_array(c->arena, count + 1, sizeof *c->asked_moves);
  for (uint32_t i = 0; i < count; i++) {
    size_t length = strlen(c->asked[i]);
    int64_t a = ranking_find(c->sides[0], c->asked[i], length), b = ranking_find(c->sides[1], c->asked[i], length);
    if (a < 0 && b < 0) {
      problem_add(c->problems, EXIT_USAGE, NOWHERE, "there is no customer '%s' on either side", c->asked[i]);
      return 0;
    }
    c->asked_moves[c->asked_count++] = move_of(c, a, b);
  }
  return 1;
}

int comparison_make(comparison *c)
{
  const ranking *a = c->sides[0], *b = c->sides[1];
  int64_t *row_in_a = malloc(((size_t)b->count + 1) * sizeof *row_in_a);
  int good = row_in_a != NULL;
  for (int64_t i = 0; good && i < b->count; i++) {
    size_t length;
    const char *name = ranking_name(b, i, &length);
    row_in_a[i] = ranking_find(a, name, length);
  }
  if (good && comparison_has_ranks(c)) good = agree(c, row_in_a);
  if (good) find_changes(c, row_in_a);
  if (good && comparison_has_ranks(c)) find_moves(c, row_in_a);
  good = good && find_asked(c) && !problems_errors(c->problems);
  free(row_in_a);
  return good || no_memory(c);
}
