/* Referrals as a graph: who brought whom, each pair once, in compressed rows by referrer; how many lie on cycles; which
 * of the referred would have joined anyway. For the strategies that put a value on referrals. */
#ifndef PLUGINS_SHARED_REFERRALS_H
#define PLUGINS_SHARED_REFERRALS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <tarazu/plugin.h>

typedef struct referrals {
  int64_t rows, count;               /* customers; distinct referrals */
  int64_t *start;                    /* those of referrer i are [start[i], start[i + 1]) */
  int64_t *to;                       /* the referred, ascending for each referrer */
  int64_t *edge;                     /* the first row of the table that says so */
  int64_t *referrers;                /* distinct ones, of each customer */
  uint64_t *brings;                  /* a bit for each customer who brought somebody: small enough to stay at hand */
  int64_t shared;                    /* referrals of those who were brought by another one already */
  int64_t selves, repeated, outside; /* rows left out: of oneself, said before, before the window */
} referrals;

static inline void referrals_free(referrals *g)
{
  free(g->start);
  free(g->to);
  free(g->edge);
  free(g->referrers);
  free(g->brings);
  *g = (referrals){0};
}

static inline int referrals_brings(const referrals *g, int64_t row)
{
  return (int)(g->brings[row >> 6] >> (row & 63) & 1);
}

/* from and to of count rows, sorted by from, then to, as the host does (and by time, so that the earliest of repeated
 * referrals is the one that counts). time NULL: undated; otherwise only referrals after since. 0: no memory. */
static inline int referrals_make(referrals *g, int64_t rows, const int64_t *from, const int64_t *to, int64_t count,
                                 const int64_t *time, int64_t since)
{
  *g = (referrals){.rows = rows};
  g->start = calloc((size_t)rows + 1, sizeof *g->start);
  g->referrers = calloc((size_t)rows + 1, sizeof *g->referrers);
  g->brings = calloc((size_t)rows / 64 + 1, sizeof *g->brings);
  g->to = malloc(((size_t)count + 1) * sizeof *g->to);
  g->edge = malloc(((size_t)count + 1) * sizeof *g->edge);
  if (!g->start || !g->referrers || !g->brings || !g->to || !g->edge) return 0;
  for (int64_t e = 0; e < count; e++) {
    int repeats = e > 0 && from[e] == from[e - 1] && to[e] == to[e - 1];
    if (from[e] == to[e]) {
      g->selves++;
    } else if (repeats) {
      g->repeated++;
    } else if (time && time[e] <= since) {
      g->outside++;
    } else {
      g->start[from[e] + 1]++;
      g->shared += g->referrers[to[e]]++ > 0;
      g->brings[from[e] >> 6] |= UINT64_C(1) << (from[e] & 63);
      g->to[g->count] = to[e];
      g->edge[g->count++] = e;
    }
  }
  for (int64_t i = 0; i < rows; i++) g->start[i + 1] += g->start[i];
  return 1;
}

/* ---- cycles ---- */

/* A depth-first search (Tarjan 1972) without recursion, which a long chain would break. */
typedef struct referrals_search {
  const referrals *g;
  int64_t *number, *low; /* of each customer: when she was met, from 1; the earliest that she leads back to */
  int64_t *next;         /* the referral to follow next */
  int64_t *path, *open;  /* stacks: the way to where one is; those whose component is not yet known */
  int64_t *component;    /* 0: not yet known */
  int64_t depth, opened, met, components;
} referrals_search;

static inline void referrals_meet(referrals_search *s, int64_t row)
{
  s->number[row] = s->low[row] = ++s->met;
  s->next[row] = s->g->start[row];
  s->path[s->depth++] = s->open[s->opened++] = row;
}

static inline void referrals_leave(referrals_search *s, int64_t row)
{
  s->depth--;
  if (s->depth && s->low[row] < s->low[s->path[s->depth - 1]]) s->low[s->path[s->depth - 1]] = s->low[row];
  if (s->low[row] != s->number[row]) return;
  s->components++;
  do s->component[s->open[--s->opened]] = s->components;
  while (s->open[s->opened] != row);
}

static inline void referrals_search_from(referrals_search *s, int64_t first)
{
  referrals_meet(s, first);
  while (s->depth) {
    int64_t row = s->path[s->depth - 1];
    if (s->next[row] == s->g->start[row + 1]) {
      referrals_leave(s, row);
      continue;
    }
    int64_t to = s->g->to[s->next[row]++];
    if (!s->number[to]) referrals_meet(s, to);
    else if (!s->component[to] && s->number[to] < s->low[row]) s->low[row] = s->number[to];
  }
}

/* Customers who are below no one without a referrer, where all have one at most: they are on a cycle or below one. From
 * the top down everybody is met once, and only who brought somebody needs a second look. -1: no memory. */
static inline int64_t referrals_descend(const referrals *g)
{
  int64_t *open = malloc(((size_t)g->rows + 1) * sizeof *open), opened = 0, met = 0;
  if (!open) return -1;
  for (int64_t i = 0; i < g->rows; i++) {
    if (g->referrers[i]) continue;
    met++;
    if (referrals_brings(g, i)) open[opened++] = i;
    while (opened) {
      int64_t row = open[--opened];
      met += g->start[row + 1] - g->start[row];
      for (int64_t e = g->start[row]; e < g->start[row + 1]; e++)
        if (referrals_brings(g, g->to[e])) open[opened++] = g->to[e];
    }
  }
  free(open);
  return g->rows - met;
}

/* Takes away who has no referrer, again and again (Kahn 1962); who is left, if anybody, is on a cycle or below one. -1:
 * no memory. */
static inline int64_t referrals_peel(const referrals *g)
{
  size_t rows = (size_t)g->rows + 1;
  int64_t *left = malloc(2 * rows * sizeof *left), opened = 0, gone = 0;
  if (!left) return -1;
  int64_t *open = left + rows;
  for (int64_t i = 0; i < g->rows; i++)
    if (!(left[i] = g->referrers[i])) open[opened++] = i;
  for (; opened; gone++) {
    int64_t row = open[--opened];
    for (int64_t e = g->start[row]; e < g->start[row + 1]; e++)
      if (!--left[g->to[e]]) open[opened++] = g->to[e];
  }
  free(left);
  return g->rows - gone;
}

/* Referrals that lie on a cycle: both ends are in the same strongly connected component. -1: no memory. Most tables
 * have none, which is seen sooner than components. */
static inline int64_t referrals_in_cycles(const referrals *g)
{
  int64_t left = g->shared ? referrals_peel(g) : referrals_descend(g);
  if (left <= 0) return left;
  size_t rows = (size_t)g->rows + 1;
  int64_t *memory = calloc(6 * rows, sizeof *memory), count = 0;
  if (!memory) return -1;
  referrals_search s = {.g = g,
                        .number = memory,
                        .low = memory + rows,
                        .next = memory + 2 * rows,
                        .path = memory + 3 * rows,
                        .open = memory + 4 * rows,
                        .component = memory + 5 * rows};
  for (int64_t i = 0; i < g->rows; i++)
    if (!s.number[i]) referrals_search_from(&s, i);
  for (int64_t i = 0; i < g->rows; i++)
    for (int64_t e = g->start[i]; e < g->start[i + 1]; e++) count += s.component[i] == s.component[g->to[e]];
  free(memory);
  return count;
}

/* ---- who would have joined anyway ---- */

typedef struct referrals_anyway {
  double share;  /* of the referrals that do not say */
  double error;  /* its standard error where it was estimated, otherwise -1 */
  int64_t known; /* referrals that say */
} referrals_anyway;

/* What a row of the column says, or instead. *good is set to 0 where it is no proportion. */
static inline double referrals_says(const tarazu_column *column, int64_t row, double instead, int *good)
{
  if (!column || !tarazu_is_valid(column, row)) return instead;
  double says = ((const double *)column->values)[row];
  *good &= says >= 0 && says <= 1;
  return says;
}

/* Puts into each[e] the chance that the referred of distinct referral e would have joined anyway: what the column says
 * (NULL: there is none), else *given, else, where given is NULL, the mean of those that say (0 where none does). */
static inline tarazu_status referrals_join_anyway(const referrals *g, const tarazu_column *column, const double *given,
                                                  double *each, referrals_anyway *out, tarazu_error *error)
{
  double sum = 0;
  *out = (referrals_anyway){.error = -1};
  for (int64_t i = 0; i < g->rows; i++)
    for (int64_t e = g->start[i]; e < g->start[i + 1]; e++) {
      int good = 1;
      double says = referrals_says(column, g->edge[e], 0, &good);
      if (!good) {
        error->row = i;
        return tarazu_fail(error, TARAZU_BAD_DATA,
                           "a referral's joined_anyway is %.10g; expected a chance from 0 to 1, or nothing", says);
      }
      if (!column || !tarazu_is_valid(column, g->edge[e])) continue;
      out->known++;
      sum += says;
    }
  double n = (double)out->known, p = out->known ? sum / n : 0;
  out->share = given ? *given : p;
  if (!given && out->known > 1) out->error = sqrt(fmax(p * (1 - p), 0) / n);
  for (int64_t e = 0; e < g->count; e++) {
    int good = 1;
    each[e] = referrals_says(column, g->edge[e], out->share, &good);
  }
  return TARAZU_OK;
}

/* ---- telling ---- */

/* The few of the largest size, largest first; equal ones in the order in which they come. */
typedef struct referrals_top {
  struct {
    double size;
    int64_t item;
  } best[3];
  int count;
} referrals_top;

static inline void referrals_rank(referrals_top *top, double size, int64_t item)
{
  int at = top->count;
  while (at > 0 && size > top->best[at - 1].size) at--;
  if (at == 3) return;
  for (int i = top->count < 3 ? top->count : 2; i > at; i--) top->best[i] = top->best[i - 1];
  top->best[at].size = size;
  top->best[at].item = item;
  if (top->count < 3) top->count++;
}

/* An amount for people: whole from 1,000 on, else four digits. */
static inline const char *referrals_amount(double amount, char out[40])
{
  snprintf(out, 40, fabs(amount) >= 1000 && fabs(amount) < 1e15 ? "%.0f" : "%.4g", amount);
  return out;
}

#endif
