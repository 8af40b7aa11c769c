/* Contributions where a combiner offers no closed form: Shapley values of the criteria, absent ones at the reference
 * row, the median customer (Shapley 1953; for scores, Strumbelj and Kononenko 2010). Exact up to EXACT criteria, by
 * sampled orders above. */
#include "run/shapley.h"

#include "base/hash.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT = 12, ORDERS = 256 };

typedef struct game {
  engine *e;
  uint32_t criteria, players;
  uint32_t player[64];        /* the criteria that the customer has and that weigh */
  double reference[64];       /* by criterion */
  double own[64];             /* by player */
  double weights[64];         /* by criterion */
  double *columns;            /* players × room */
  double *worth;              /* of each coalition asked for */
  const double *pointers[64]; /* by criterion */
  int64_t room;
} game;

int contributions_closed(const engine *e)
{
  const instance *combiner = instance_of(e, e->plan->combiner);
  return combiner->explain && combiner->explain->contributions;
}

int shapley_possible(const engine *e)
{
  const step *s = e->plan->combiner;
  return !(s->strategy->flags & TARAZU_BY_ROW) && s->strategy->apply;
}

static int no_memory(engine *e)
{
  if (!problems_errors(e->problems))
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory for the contributions of criteria");
  return 0;
}

/* Medians of what the combiner sees. */
static int find_reference(game *g)
{
  for (uint32_t i = 0; i < g->criteria; i++) {
    const column *c = &g->e->plan->normalized[i]->column;
    const double *values = c->values;
    int64_t there;
    int64_t *order = order_descending(values, c->valid, c->rows, &there);
    if (!order) return 0;
    g->reference[i] = there ? middle(values[order[(there - 1) / 2]], values[order[there / 2]]) : 0;
    free(order);
  }
  return 1;
}

/* The players of one customer, and the weights over them alone. */
static void seat_players(game *g, int64_t row)
{
  double sum = 0;
  g->players = 0;
  for (uint32_t i = 0; i < g->criteria; i++) {
    const column *c = &g->e->plan->normalized[i]->column;
    g->weights[i] = column_is_valid(c, row) ? g->e->weights[i] : 0;
    sum += g->weights[i];
    if (g->weights[i] <= 0) continue;
    g->own[g->players] = ((const double *)c->values)[row];
    g->player[g->players++] = i;
  }
  for (uint32_t i = 0; i < g->criteria; i++) {
    g->weights[i] = sum > 0 ? g->weights[i] / sum : 0;
    g->pointers[i] = NULL;
  }
  for (uint32_t k = 0; k < g->players; k++) g->pointers[g->player[k]] = g->columns + (size_t)k * (size_t)g->room;
}

static void put_coalition(game *g, int64_t at, uint64_t members)
{
  for (uint32_t k = 0; k < g->players; k++)
    g->columns[(size_t)k * (size_t)g->room + (size_t)at] = members >> k & 1 ? g->own[k] : g->reference[g->player[k]];
}

/* phi_k = sum over S without k of |S|! (n - |S| - 1)! / n! (v(S + k) - v(S)); the factor is 1 / (n C(n - 1, |S|)). */
static int play_exactly(game *g, double *phi)
{
  uint32_t n = g->players;
  int64_t coalitions = INT64_C(1) << n;
  double share[EXACT + 1];
  for (int64_t s = 0; s < coalitions; s++) put_coalition(g, s, (uint64_t)s);
  if (!combine_rows(g->e, g->pointers, g->weights, coalitions, g->worth)) return 0;
  share[0] = 1.0 / n;
  for (uint32_t s = 1; s < n; s++) share[s] = share[s - 1] * s / (n - s);
  for (uint32_t k = 0; k < n; k++) phi[k] = 0;
  for (int64_t s = 0; s < coalitions; s++)
    for (uint32_t k = 0; k < n; k++)
      if (!(s >> k & 1))
        phi[k] += share[__builtin_popcountll((uint64_t)s)] * (g->worth[s | INT64_C(1) << k] - g->worth[s]);
  return 1;
}

static void shuffle(uint32_t *order, uint32_t n, uint64_t *state)
{
  for (uint32_t i = 0; i < n; i++) order[i] = i;
  for (uint32_t i = n; i > 1; i--) {
    *state = hash_u64(*state + 1);
    uint32_t k = (uint32_t)(*state % i), swap = order[i - 1];
    order[i - 1] = order[k];
    order[k] = swap;
  }
}

/* Means over ORDERS orders and their reversals, in which criteria join one by one. */
static int play_sampled(game *g, uint64_t seed, double *phi)
{
  uint32_t n = g->players, order[64];
  uint64_t state = seed;
  for (uint32_t k = 0; k < n; k++) phi[k] = 0;
  for (int i = 0; i < 2 * ORDERS; i++) {
    if (i % 2 == 0) shuffle(order, n, &state);
    uint64_t members = 0;
    put_coalition(g, 0, 0);
    for (uint32_t k = 0; k < n; k++) {
      members |= UINT64_C(1) << order[i % 2 ? n - 1 - k : k];
      put_coalition(g, k + 1, members);
    }
    if (!combine_rows(g->e, g->pointers, g->weights, n + 1, g->worth)) return 0;
    for (uint32_t k = 0; k < n; k++)
      phi[order[i % 2 ? n - 1 - k : k]] += (g->worth[k + 1] - g->worth[k]) / (2 * ORDERS);
  }
  return 1;
}

static void keep(game *g, int64_t row, const double *phi)
{
  const plan *p = g->e->plan;
  series *contributions = &p->combiner->outputs[p->combiner->strategy->outputs.count + p->profile->dimension_count];
  for (uint32_t k = 0; k < g->players; k++) {
    column *to = &contributions[g->player[k]].column;
    ((double *)to->values)[row] = phi[k];
    to->nulls -= !column_is_valid(to, row);
    to->valid[row >> 3] = (uint8_t)(to->valid[row >> 3] | 1u << (row & 7));
  }
}

int shapley_explain(engine *e, const int64_t *rows, int64_t count)
{
  game g = {.e = e, .criteria = e->plan->profile->criterion_count, .room = INT64_C(1) << EXACT};
  double phi[64];
  g.columns = malloc(64 * (size_t)g.room * sizeof *g.columns);
  g.worth = malloc((size_t)g.room * sizeof *g.worth);
  int good = g.columns && g.worth && find_reference(&g);
  for (int64_t i = 0; good && i < count; i++) {
    const column *first = &e->plan->score->column;
    if (!column_is_valid(first, rows[i])) continue;
    seat_players(&g, rows[i]);
    if (!g.players) continue;
    if (g.players <= EXACT) good = play_exactly(&g, phi);
    else good = play_sampled(&g, hash_u64((uint64_t)rows[i] ^ e->plan->profile->seed), phi);
    if (good) keep(&g, rows[i], phi);
  }
  free(g.columns);
  free(g.worth);
  return good || no_memory(e);
}

/* ---- the baseline ------------------------------------------------------------------------------------------ */

/* The first in rank order who has every criterion that weighs; -1: nobody. */
static int64_t complete_customer(const engine *e)
{
  for (int64_t i = 0; i < e->scored; i++) {
    int all = 1;
    for (uint32_t k = 0; k < e->plan->profile->criterion_count; k++)
      all &= e->weights[k] <= 0 || column_is_valid(&e->plan->normalized[k]->column, e->order[i]);
    if (all) return e->order[i];
  }
  return -1;
}

int contributions_baseline(engine *e)
{
  game g = {.e = e, .criteria = e->plan->profile->criterion_count, .room = 1};
  double values[64], score;
  int64_t row = complete_customer(e);
  int closed = contributions_closed(e);
  e->baseline = NAN;
  if (row < 0 || !shapley_possible(e)) return 1;
  g.columns = values;
  seat_players(&g, row);
  for (uint32_t k = 0; k < g.players; k++) values[k] = g.own[k];
  if (closed) return combine_baseline(e, g.pointers, g.weights, &e->baseline);
  if (!find_reference(&g)) return no_memory(e);
  for (uint32_t k = 0; k < g.players; k++) values[k] = g.reference[g.player[k]];
  if (!combine_rows(e, g.pointers, g.weights, 1, &score)) return no_memory(e);
  e->baseline = score;
  return 1;
}
