/* Contributions where a combiner offers no closed form: Shapley values of the criteria, absent ones at the reference
 * row, the median customer (Shapley 1953; for scores, Strumbelj and Kononenko 2010). Exact up to EXACT criteria, by
 * sampled orders above. */
#include "run/shapley.h"

#include "base/hash.h"
#include "base/nth.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT = 12, PAIRS = 256, ROOM = 1 << EXACT };

typedef struct game {
  engine *e;
  uint32_t criteria, players;
  uint32_t player[64];        /* the criteria that the customer has and that weigh */
  double own[64];             /* by player */
  double weights[64];         /* by criterion */
  double *columns;            /* players × room */
  double *worth;              /* of each coalition asked for */
  const double *pointers[64]; /* by criterion */
  int64_t room;
} game;

uint32_t shapley_orders(void)
{
  return 2 * PAIRS;
}

uint32_t shapley_exact(void)
{
  return EXACT;
}

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

/* ---- the median customer ----------------------------------------------------------------------------------- */

typedef struct median_task {
  engine *e;
  atomic_int failed;
} median_task;

static void find_median(void *argument, int64_t criterion, int worker)
{
  median_task *t = argument;
  const column *c = &t->e->plan->normalized[criterion]->column;
  const double *values = c->values;
  double *there = malloc(((size_t)c->rows + 1) * sizeof *there);
  int64_t count = 0;
  (void)worker;
  if (!there) {
    atomic_store(&t->failed, 1);
    return;
  }
  for (int64_t r = 0; r < c->rows; r++)
    if (column_is_valid(c, r)) there[count++] = values[r];
  if (count) {
    double upper = value_at_place(there, count, count / 2), lower = upper;
    for (int64_t k = 0; count % 2 == 0 && k < count / 2; k++)
      if (!k || there[k] > lower) lower = there[k];
    t->e->reference[criterion] = middle(lower, upper);
  }
  free(there);
}

/* Medians of what the combiner sees; looked for once. */
static int find_reference(engine *e)
{
  median_task t = {.e = e};
  if (e->reference) return 1;
  e->reference = arena_array(e->arena, 64, sizeof *e->reference);
  pool_run(e->pool, e->plan->profile->criterion_count, find_median, &t);
  if (atomic_load(&t.failed)) e->reference = NULL;
  return e->reference != NULL;
}

/* ---- games ------------------------------------------------------------------------------------------------- */

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
    g->columns[(size_t)k * (size_t)g->room + (size_t)at] = members >> k & 1 ? g->own[k] : g->e->reference[g->player[k]];
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

/* Lets the criteria of two orders, one the reverse of the other, join one by one; `at`: where their worths go. */
static void put_orders(game *g, int64_t at, const uint32_t *order)
{
  uint32_t n = g->players;
  for (int back = 0; back < 2; back++, at += n + 1) {
    uint64_t members = 0;
    put_coalition(g, at, 0);
    for (uint32_t k = 0; k < n; k++) {
      members |= UINT64_C(1) << order[back ? n - 1 - k : k];
      put_coalition(g, at + k + 1, members);
    }
  }
}

/* Means over PAIRS orders and their reversals (antithetic permutations; Castro, Gomez, Tejada 2009; Mitchell, Cooper,
 * Frank, Holmes 2022). Pairs are independent of one another, so that their spread gives the mean's standard error. */
static int play_sampled(game *g, uint64_t seed, double *phi, double *errors)
{
  uint32_t n = g->players, orders[PAIRS][64];
  uint64_t state = seed;
  int64_t pair_rows = 2 * ((int64_t)n + 1), at_once = g->room / pair_rows;
  double squares[64] = {0};
  for (uint32_t k = 0; k < n; k++) phi[k] = 0;
  for (int64_t done = 0; done < PAIRS; done += at_once) {
    int64_t pairs = PAIRS - done < at_once ? PAIRS - done : at_once;
    for (int64_t p = 0; p < pairs; p++) {
      shuffle(orders[done + p], n, &state);
      put_orders(g, p * pair_rows, orders[done + p]);
    }
    if (!combine_rows(g->e, g->pointers, g->weights, pairs * pair_rows, g->worth)) return 0;
    for (int64_t p = 0; p < pairs; p++) {
      const double *there = g->worth + p * pair_rows, *back = there + n + 1;
      for (uint32_t k = 0; k < n; k++) {
        uint32_t player = orders[done + p][k];
        double gain = (there[k + 1] - there[k] + back[n - k] - back[n - 1 - k]) / 2;
        double before = phi[player];
        phi[player] += (gain - before) / (double)(done + p + 1);
        squares[player] += (gain - before) * (gain - phi[player]);
      }
    }
  }
  for (uint32_t k = 0; k < n; k++) errors[k] = sqrt(squares[k] / (PAIRS - 1) / PAIRS);
  return 1;
}

/* ---- customers --------------------------------------------------------------------------------------------- */

typedef struct crowd {
  engine *e;
  const int64_t *rows;
  int64_t count, share; /* share: rows of one task */
  double *phi, *errors; /* criteria a row; NAN: no player */
  game *games;          /* one a worker */
  atomic_int failed;
} crowd;

/* Customers' samples are their own, whatever the others are. */
static uint64_t seed_of(const engine *e, int64_t row)
{
  size_t length;
  const char *key = dictionary_string(e->people.names, (int32_t)row, &length);
  return hash_bytes(key, length, e->plan->profile->seed);
}

static int play(game *g, int64_t row, double *phi, double *errors)
{
  double gains[64], doubts[64] = {0};
  seat_players(g, row);
  if (!g->players) return 1;
  int good = g->players <= EXACT ? play_exactly(g, gains) : play_sampled(g, seed_of(g->e, row), gains, doubts);
  for (uint32_t k = 0; good && k < g->players; k++) {
    phi[g->player[k]] = gains[k];
    errors[g->player[k]] = doubts[k];
  }
  return good;
}

static void play_some(void *argument, int64_t index, int worker)
{
  crowd *c = argument;
  game *g = &c->games[worker];
  uint32_t criteria = c->e->plan->profile->criterion_count;
  int64_t end = (index + 1) * c->share < c->count ? (index + 1) * c->share : c->count;
  if (!g->columns) {
    *g = (game){.e = c->e, .criteria = criteria, .room = ROOM};
    g->columns = malloc(criteria * (size_t)ROOM * sizeof *g->columns);
    g->worth = malloc((size_t)ROOM * sizeof *g->worth);
  }
  for (int64_t i = index * c->share; i < end && !atomic_load(&c->failed); i++) {
    double *phi = c->phi + (size_t)i * criteria, *errors = c->errors + (size_t)i * criteria;
    for (uint32_t k = 0; k < criteria; k++) phi[k] = errors[k] = NAN;
    if (!column_is_valid(&c->e->plan->score->column, c->rows[i])) continue;
    if (!g->columns || !g->worth || !play(g, c->rows[i], phi, errors)) atomic_store(&c->failed, 1);
  }
}

/* Bitmaps are shared between rows: one thread writes them. */
static void keep(crowd *c, shapley_account *account)
{
  engine *e = c->e;
  const plan *p = e->plan;
  uint32_t criteria = p->profile->criterion_count;
  series *contributions = &p->combiner->outputs[p->combiner->strategy->outputs.count + p->profile->dimension_count];
  for (int64_t i = 0; i < c->count; i++) {
    uint32_t players = 0;
    for (uint32_t k = 0; k < criteria; k++) {
      double phi = c->phi[(size_t)i * criteria + k], error = c->errors[(size_t)i * criteria + k];
      column *to = &contributions[k].column;
      int64_t row = c->rows[i];
      if (isnan(phi)) continue;
      ((double *)to->values)[row] = phi;
      to->nulls -= !column_is_valid(to, row);
      if (to->valid) to->valid[row >> 3] = (uint8_t)(to->valid[row >> 3] | 1u << (row & 7));
      if (error > account->largest_error) account->largest_error = error;
      players++;
    }
    account->exact += players && players <= EXACT;
    account->sampled += players > EXACT;
  }
}

int shapley_explain(engine *e, const int64_t *rows, int64_t count, double *errors, shapley_account *account)
{
  shapley_account unasked = {0};
  size_t cells = ((size_t)count + 1) * e->plan->profile->criterion_count;
  crowd c = {.e = e, .rows = rows, .count = count, .share = 16};
  c.phi = malloc(cells * sizeof *c.phi);
  c.errors = malloc(cells * sizeof *c.errors);
  c.games = calloc((size_t)pool_threads(e->pool), sizeof *c.games);
  int good = c.phi && c.errors && c.games && find_reference(e);
  if (good) pool_run(e->pool, (count + c.share - 1) / c.share, play_some, &c);
  good = good && !atomic_load(&c.failed);
  if (good) keep(&c, account ? account : &unasked);
  if (good && errors) memcpy(errors, c.errors, (size_t)count * e->plan->profile->criterion_count * sizeof *errors);
  for (int i = 0; c.games && i < pool_threads(e->pool); i++) {
    free(c.games[i].columns);
    free(c.games[i].worth);
  }
  free(c.games);
  free(c.phi);
  free(c.errors);
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
  if (!find_reference(e)) return no_memory(e);
  for (uint32_t k = 0; k < g.players; k++) values[k] = e->reference[g.player[k]];
  if (!combine_rows(e, g.pointers, g.weights, 1, &score)) return no_memory(e);
  e->baseline = score;
  return 1;
}
