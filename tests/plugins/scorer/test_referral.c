/* The referral scorer: small graphs by hand, random ones against powers of the walk upward, large ones that would break
 * a recursion. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE, REFERRED, REACHED, SAVED, REWARDS, TYPE_ONE, TYPE_TWO };

typedef struct edge {
  int64_t from, to;
} edge;

static int by_ends(const void *a, const void *b)
{
  const edge *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return (x->to > y->to) - (x->to < y->to);
}

/* Binds edges as the host would: sorted. */
static rig *open_referral(const edge *edges, int64_t count, const double *values, int64_t customers)
{
  rig *r = rig_open("scorer", "referral");
  edge *sorted = calloc((size_t)count + 1, sizeof *sorted);
  int64_t *from = calloc((size_t)count + 1, sizeof *from), *to = calloc((size_t)count + 1, sizeof *to);
  if (count) memcpy(sorted, edges, (size_t)count * sizeof *sorted);
  qsort(sorted, (size_t)count, sizeof *sorted, by_ends);
  for (int64_t i = 0; i < count; i++) {
    from[i] = sorted[i].from;
    to[i] = sorted[i].to;
  }
  rig_i64(r, "from", from, count);
  rig_i64(r, "to", to, count);
  rig_f64(r, "value", values, customers);
  free(sorted);
  free(from);
  free(to);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static void check(const rig *r, int64_t row, double value, int64_t referred, int64_t reached)
{
  assert_near(rig_value(r, VALUE, row), value, 1e-12);
  assert_int_equal(rig_integer(r, REFERRED, row), referred);
  assert_int_equal(rig_integer(r, REACHED, row), reached);
}

/* ---- by hand ---- */

static void each_further_level_counts_less(void **state)
{
  (void)state;
  const edge chain[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}};
  rig *r = open_referral(chain, 4, (double[]){1000, 100, 10, 1, 7}, 5);
  score(r, NULL);
  check(r, 0, 100 + 5 + 0.25, 1, 3);
  check(r, 1, 10 + 0.5 + 1.75, 1, 3);
  check(r, 2, 1 + 3.5, 1, 2);
  check(r, 3, 7, 1, 1);
  check(r, 4, 0, 0, 0);
  score(r, "{levels: 1}");
  check(r, 0, 100, 1, 1);
  score(r, "{levels: 10, decay: 100%}");
  check(r, 0, 118, 1, 4);
  score(r, "{levels: 10, decay: 0}");
  check(r, 0, 100, 1, 4);
  rig_close(r);
}

/* 0 and 1 both brought 2, who brought 3: each has half of both. */
static void several_referrers_share_equally_on_every_level(void **state)
{
  (void)state;
  const edge edges[] = {{0, 2}, {1, 2}, {2, 3}};
  rig *r = open_referral(edges, 3, (double[]){0, 0, 60, 8}, 4);
  score(r, NULL);
  check(r, 0, 30 + 0.5 * 4, 1, 2);
  check(r, 1, 30 + 0.5 * 4, 1, 2);
  check(r, 2, 8, 1, 1);
  rig_close(r);
}

/* 0 brought 1 and 3, 1 brought 3 too: 3 is 0's by half, and not once more by way of 1. */
static void only_shortest_paths_count(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {0, 3}, {1, 3}, {3, 4}};
  rig *r = open_referral(edges, 4, (double[]){0, 10, 0, 100, 40}, 5);
  score(r, NULL);
  check(r, 0, 10 + 50 + 0.5 * 20, 2, 3);
  check(r, 1, 50 + 0.5 * 20, 1, 2);
  check(r, 3, 40, 1, 1);
  rig_close(r);
}

/* Two ways of the same length add up: 0 brought 1 and 2, who both brought 3. */
static void shortest_paths_of_equal_length_add_up(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
  rig *r = open_referral(edges, 4, (double[]){0, 1, 2, 100}, 4);
  score(r, NULL);
  check(r, 0, 3 + 50, 2, 3);
  check(r, 1, 50, 1, 1);
  rig_close(r);
}

static void in_a_circle_nobody_counts_herself(void **state)
{
  (void)state;
  const edge circle[] = {{0, 1}, {1, 2}, {2, 0}};
  rig *r = open_referral(circle, 3, (double[]){1, 10, 100}, 3);
  score(r, "{levels: 10}");
  check(r, 0, 10 + 50, 1, 2);
  check(r, 1, 100 + 0.5, 1, 2);
  check(r, 2, 1 + 5, 1, 2);
  rig_close(r);
  const edge pair[] = {{0, 1}, {1, 0}};
  r = open_referral(pair, 2, (double[]){1, 10}, 2);
  score(r, NULL);
  check(r, 0, 10, 1, 1);
  check(r, 1, 1, 1, 1);
  rig_close(r);
}

static void repeated_and_self_referrals_change_nothing_and_are_told(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {0, 1}, {0, 1}, {1, 1}, {1, 1}, {0, 0}, {2, 1}};
  rig *r = open_referral(edges, 7, (double[]){5, 10, 0}, 3);
  score(r, NULL);
  check(r, 0, 5, 1, 1);
  check(r, 1, 0, 0, 0);
  check(r, 2, 5, 1, 1);
  assert_near(rig_fact(r, "referrals")->value, 2, 0);
  assert_near(rig_fact(r, "self_referrals")->value, 3, 0);
  assert_near(rig_fact(r, "repeated_referrals")->value, 2, 0);
  assert_near(rig_fact(r, "referred_customers")->value, 1, 0);
  assert_near(rig_fact(r, "referred_without_value")->value, 0, 0);
  assert_int_equal(rig_fact(r, "referred_without_value")->level, 0);
  rig_close(r);
}

static void a_missing_value_counts_0_and_is_told(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {0, 2}, {1, 3}};
  rig *r = open_referral(edges, 3, (double[]){NAN, NAN, 10, 4}, 4);
  score(r, NULL);
  check(r, 0, 12, 2, 3);
  check(r, 1, 4, 1, 1);
  assert_near(rig_fact(r, "referred_without_value")->value, 1, 0);
  assert_int_equal(rig_fact(r, "referred_without_value")->level, 1);
  assert_string_equal(rig_fact(r, "referred_without_value")->text,
                      "1 customer was brought but without a value; that counts as 0");
  rig_close(r);
}

static void negative_values_cost(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {1, 2}};
  rig *r = open_referral(edges, 2, (double[]){0, -20, 10}, 3);
  score(r, NULL);
  check(r, 0, -15, 1, 2);
  rig_close(r);
}

static void no_referral_no_row_one_row(void **state)
{
  (void)state;
  rig *r = open_referral(NULL, 0, (double[]){3, 4}, 2);
  score(r, NULL);
  check(r, 0, 0, 0, 0);
  check(r, 1, 0, 0, 0);
  rig_close(r);
  r = open_referral(NULL, 0, NULL, 0);
  score(r, NULL);
  rig_close(r);
  const edge self = {0, 0};
  r = open_referral(&self, 1, (double[]){3}, 1);
  score(r, NULL);
  check(r, 0, 0, 0, 0);
  rig_close(r);
}

/* ---- against the walk upward ---- */

enum { CUSTOMERS = 24 };

/* From a customer one goes up to one of her distinct referrers, each as likely: after d steps one stands at i with
 * chance up^d[j][i], which is i's share of j if d is the length of the shortest path from i to j. */
typedef struct plain {
  double up[CUSTOMERS][CUSTOMERS];
  double value[CUSTOMERS];
  int64_t referred[CUSTOMERS], reached[CUSTOMERS];
} plain;

static void plain_up(plain *p, const edge *edges, int64_t count)
{
  memset(p, 0, sizeof *p);
  for (int64_t e = 0; e < count; e++)
    if (edges[e].from != edges[e].to) p->up[edges[e].to][edges[e].from] = 1;
  for (int j = 0; j < CUSTOMERS; j++) {
    double referrers = 0;
    for (int i = 0; i < CUSTOMERS; i++) referrers += p->up[j][i];
    for (int i = 0; i < CUSTOMERS; i++) p->up[j][i] = p->up[j][i] > 0 ? p->up[j][i] / referrers : 0;
  }
}

static void plain_score(plain *p, const double *values, int levels, double decay)
{
  static double now[CUSTOMERS][CUSTOMERS], next[CUSTOMERS][CUSTOMERS];
  static int met[CUSTOMERS][CUSTOMERS];
  memset(met, 0, sizeof met);
  memset(now, 0, sizeof now);
  for (int j = 0; j < CUSTOMERS; j++) now[j][j] = met[j][j] = 1;
  for (int level = 1; level <= levels; level++) {
    memset(next, 0, sizeof next);
    for (int j = 0; j < CUSTOMERS; j++)
      for (int k = 0; k < CUSTOMERS; k++)
        for (int i = 0; i < CUSTOMERS; i++) next[j][i] += now[j][k] * p->up[k][i];
    memcpy(now, next, sizeof now);
    for (int j = 0; j < CUSTOMERS; j++)
      for (int i = 0; i < CUSTOMERS; i++) {
        if (met[j][i] || !(now[j][i] > 0)) continue;
        met[j][i] = 1;
        p->value[i] += pow(decay, level - 1) * now[j][i] * (isnan(values[j]) ? 0 : values[j]);
        p->referred[i] += level == 1;
        p->reached[i]++;
      }
  }
}

static void random_graphs_agree_with_walks_upward(void **state)
{
  (void)state;
  srand(5);
  plain *p = malloc(sizeof *p);
  for (int run = 0; run < 150; run++) {
    edge edges[90];
    double values[CUSTOMERS];
    int64_t count = rand() % 91, levels = 1 + rand() % 10;
    double decay = rand() % 101 / 100.0;
    for (int64_t e = 0; e < count; e++) edges[e] = (edge){rand() % CUSTOMERS, rand() % CUSTOMERS};
    for (int i = 0; i < CUSTOMERS; i++) values[i] = rand() % 12 ? rand() % 1000 / 10.0 - 20 : (double)NAN;
    plain_up(p, edges, count);
    plain_score(p, values, (int)levels, decay);
    char params[80];
    snprintf(params, sizeof params, "{levels: %d, decay: %.2f}", (int)levels, decay);
    rig *r = open_referral(edges, count, values, CUSTOMERS);
    score(r, params);
    for (int i = 0; i < CUSTOMERS; i++) {
      assert_near(rig_value(r, VALUE, i), p->value[i], 1e-9);
      assert_int_equal(rig_integer(r, REFERRED, i), p->referred[i]);
      assert_int_equal(rig_integer(r, REACHED, i), p->reached[i]);
    }
    rig_close(r);
  }
  free(p);
}

/* On one level all that is credited is the value of those who were referred: nothing is lost, nothing counted twice. */
static void one_level_credits_every_value_exactly_once(void **state)
{
  (void)state;
  srand(6);
  edge edges[400];
  double values[100], all = 0;
  int referred[100] = {0};
  for (int e = 0; e < 400; e++) {
    edges[e] = (edge){rand() % 100, rand() % 100};
    if (edges[e].from != edges[e].to) referred[edges[e].to] = 1;
  }
  for (int i = 0; i < 100; i++) {
    values[i] = rand() % 1000;
    all += referred[i] * values[i];
  }
  rig *r = open_referral(edges, 400, values, 100);
  score(r, "{levels: 1}");
  assert_near(rig_fact(r, "credited_value")->value, all, 1e-8);
  rig_close(r);
}

/* ---- customer referral value ---- */

#define YEAR INT64_C(31557600000000) /* microseconds of 365.25 days */

/* A referral as the full table has it; NAN: it does not say. age: how long before as_of. */
typedef struct full {
  int64_t from, to, age;
  double anyway, reward;
} full;

static int by_columns(const void *a, const void *b)
{
  const full *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->age < y->age) - (x->age > y->age);
}

static rig *open_full(const full *edges, int64_t count, const double *values, const double *costs, int64_t customers)
{
  rig *r = rig_open("scorer", "referral");
  full *sorted = calloc((size_t)count + 1, sizeof *sorted);
  int64_t *ends = calloc((size_t)count + 1, 3 * sizeof *ends), *to = ends + count, *time = to + count;
  double *anyway = calloc((size_t)count + 1, 2 * sizeof *anyway), *reward = anyway + count;
  memcpy(sorted, edges, (size_t)count * sizeof *sorted);
  qsort(sorted, (size_t)count, sizeof *sorted, by_columns);
  for (int64_t i = 0; i < count; i++) {
    ends[i] = sorted[i].from;
    to[i] = sorted[i].to;
    time[i] = r->as_of - sorted[i].age;
    anyway[i] = sorted[i].anyway;
    reward[i] = sorted[i].reward;
  }
  rig_i64(r, "from", ends, count);
  rig_i64(r, "to", to, count);
  rig_i64(r, "time", time, count);
  rig_f64(r, "joined_anyway", anyway, count);
  rig_f64(r, "reward", reward, count);
  rig_f64(r, "value", values, customers);
  if (costs) rig_f64(r, "acquisition_cost", costs, customers);
  free(sorted);
  free(ends);
  free(anyway);
  return r;
}

static void check_parts(const rig *r, int64_t row, double value, double saved, double rewards, double type_one)
{
  assert_near(rig_value(r, VALUE, row), value, 1e-9);
  assert_near(rig_value(r, SAVED, row), saved, 1e-9);
  assert_near(rig_value(r, REWARDS, row), rewards, 1e-9);
  assert_near(rig_value(r, TYPE_ONE, row), type_one, 1e-12);
  assert_near(rig_value(r, TYPE_TWO, row), (double)rig_integer(r, REFERRED, row) - type_one, 1e-12);
}

/* Of type one: margin - reward + saved cost; of type two: the saved cost. */
static void who_would_have_joined_anyway_brings_the_saving_alone(void **state)
{
  (void)state;
  const full edges[] = {{0, 1, 0, 0, NAN}, {0, 2, 0, 1, NAN}};
  rig *r = open_full(edges, 2, (double[]){0, 300, 500}, NULL, 3);
  score(r, "{acquisition_cost: 40, reward: 25}");
  check_parts(r, 0, (300 - 25 + 40) + 40, 80, 25, 1);
  score(r, "{acquisition_cost: 40, reward: 25, rewarded: all}");
  check_parts(r, 0, (300 - 25 + 40) + (40 - 25), 80, 50, 1);
  rig_close(r);
}

static void a_given_share_is_of_those_that_do_not_say(void **state)
{
  (void)state;
  const full edges[] = {{0, 1, 0, 0.5, NAN}, {0, 2, 0, NAN, NAN}};
  rig *r = open_full(edges, 2, (double[]){0, 100, 1000}, NULL, 3);
  score(r, "{joined_anyway: 20%, acquisition_cost: 10, reward: 4}");
  check_parts(r, 0, 50 + 800 + 20 - 2 - 3.2, 20, 5.2, 1.3);
  assert_near(rig_fact(r, "joined_anyway")->value, 0.2, 1e-15);
  assert_near(rig_fact(r, "joined_anyway")->error, -1, 0);
  rig_close(r);
}

/* One of four who say would have joined anyway: a quarter, with the standard error of a share, of those who do not. */
static void the_share_is_estimated_from_those_that_say(void **state)
{
  (void)state;
  const full edges[] = {{0, 1, 0, 1, NAN}, {0, 2, 0, 0, NAN},   {0, 3, 0, 0, NAN},
                        {0, 4, 0, 0, NAN}, {5, 4, 0, NAN, NAN}, {5, 4, 0, NAN, NAN}};
  rig *r = open_full(edges, 6, (double[]){0, 1, 10, 100, 1000, 0}, NULL, 6);
  score(r, NULL);
  check_parts(r, 0, 10 + 100 + 500, 0, 0, 3);
  check_parts(r, 5, 0.75 * 500, 0, 0, 0.75);
  assert_near(rig_fact(r, "joined_anyway")->value, 0.25, 1e-15);
  assert_near(rig_fact(r, "joined_anyway")->error, sqrt(0.25 * 0.75 / 4), 1e-15);
  assert_near(rig_fact(r, "referrals_that_say")->value, 4, 0);
  rig_close(r);
  const full silent[] = {{0, 1, 0, NAN, NAN}};
  r = open_full(silent, 1, (double[]){0, 7}, NULL, 2);
  score(r, NULL);
  check_parts(r, 0, 7, 0, 0, 1);
  assert_int_equal(rig_fact(r, "joined_anyway")->level, 1);
  rig_close(r);
}

/* What flowed a year ago is worth 1 + r times as much today; the value is today's already. */
static void the_saving_and_the_reward_are_brought_to_as_of(void **state)
{
  (void)state;
  const full edges[] = {{0, 1, YEAR, 0, 30}, {0, 2, 2 * YEAR, 0, NAN}};
  rig *r = open_full(edges, 2, (double[]){0, 100, 200}, (double[]){0, 50, NAN}, 3);
  score(r, "{discount_rate: 10%, acquisition_cost: 20, reward: 5}");
  double saved = 50 * 1.1 + 20 * 1.21, rewards = 30 * 1.1 + 5 * 1.21;
  check_parts(r, 0, 300 + saved - rewards, saved, rewards, 2);
  rig_close(r);
}

static void only_referrals_of_the_window_count(void **state)
{
  (void)state;
  const full edges[] = {{0, 1, YEAR - 1, 0, 0}, {0, 2, YEAR, 0, 0}, {0, 2, 0, 0, 0}, {3, 1, 2 * YEAR, 0, 0}};
  rig *r = open_full(edges, 4, (double[]){0, 100, 10, 0}, NULL, 4);
  score(r, "{window: 365.25 days}");
  check(r, 0, 100, 1, 1); /* 2 was brought before; said again, it is not another referral */
  check(r, 3, 0, 0, 0);
  assert_near(rig_fact(r, "referrals_before_window")->value, 2, 0);
  assert_near(rig_fact(r, "repeated_referrals")->value, 1, 0);
  rig_close(r);
}

static void of_repeated_referrals_the_earliest_counts(void **state)
{
  (void)state;
  const full edges[] = {{0, 1, 5, 1, 9}, {0, 1, YEAR, 0, 2}};
  rig *r = open_full(edges, 2, (double[]){0, 100}, NULL, 2);
  score(r, NULL);
  check_parts(r, 0, 98, 0, 2, 1);
  rig_close(r);
}

static void defaults_give_the_value_of_the_referred_alone(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {1, 2}, {3, 2}, {2, 0}};
  rig *r = open_referral(edges, 4, (double[]){1, 10, 100, 3}, 4);
  score(r, NULL);
  size_t count, other_count;
  void *bytes = rig_bytes(r, &count);
  score(r, "{acquisition_cost: 0, reward: 0, joined_anyway: 0, credit: every_level, discount_rate: 0}");
  void *other = rig_bytes(r, &other_count);
  assert_int_equal(count, other_count);
  assert_memory_equal(bytes, other, count);
  check_parts(r, 0, 10 + 0.5 * 50, 0, 0, 1);
  assert_null(rig_fact(r, "referrals_before_window"));
  free(bytes);
  free(other);
  rig_close(r);
}

/* The oracle's view of a full table: what each distinct referral brings, by the formula. */
typedef struct scheme {
  double anyway, cost, reward, rate, decay;
  int reward_all, once, levels;
} scheme;

typedef struct oracle {
  double brings[CUSTOMERS][CUSTOMERS], margin[CUSTOMERS][CUSTOMERS],
      saved[CUSTOMERS][CUSTOMERS]; /* referrer, referred */
  int there[CUSTOMERS][CUSTOMERS], distance[CUSTOMERS][CUSTOMERS];
  double value[CUSTOMERS], saved_of[CUSTOMERS], all;
} oracle;

static void oracle_brings(oracle *o, const scheme *s, const full *edges, int64_t count, const double *values,
                          const double *costs)
{
  int referrers[CUSTOMERS] = {0};
  for (int i = 0; i < CUSTOMERS; i++)
    for (int j = 0; j < CUSTOMERS; j++) {
      const full *first = NULL;
      for (int64_t e = 0; e < count; e++)
        if (i != j && edges[e].from == i && edges[e].to == j && (!first || edges[e].age > first->age))
          first = &edges[e];
      if (!first) continue;
      double p = isnan(first->anyway) ? s->anyway : first->anyway, grown = pow(1 + s->rate, (double)first->age / YEAR);
      double a = (isnan(first->reward) ? s->reward : first->reward) * grown;
      o->there[i][j] = 1;
      referrers[j]++;
      o->margin[i][j] = (1 - p) * (isnan(values[j]) ? 0 : values[j]);
      o->saved[i][j] = (isnan(costs[j]) ? s->cost : costs[j]) * grown;
      o->brings[i][j] = -(s->reward_all ? a : (1 - p) * a);
    }
  for (int i = 0; i < CUSTOMERS; i++)
    for (int j = 0; j < CUSTOMERS; j++) {
      if (!o->there[i][j]) continue;
      o->saved[i][j] /= referrers[j];
      o->brings[i][j] += o->margin[i][j] / referrers[j] + o->saved[i][j];
      o->all += o->brings[i][j];
    }
}

/* Floyd and Warshall's shortest paths. */
static void oracle_distances(oracle *o)
{
  for (int i = 0; i < CUSTOMERS; i++)
    for (int j = 0; j < CUSTOMERS; j++) o->distance[i][j] = i == j ? 0 : o->there[i][j] ? 1 : 1000;
  for (int k = 0; k < CUSTOMERS; k++)
    for (int i = 0; i < CUSTOMERS; i++)
      for (int j = 0; j < CUSTOMERS; j++)
        if (o->distance[i][k] + o->distance[k][j] < o->distance[i][j])
          o->distance[i][j] = o->distance[i][k] + o->distance[k][j];
}

/* i is credited of the referral (k, j), d = d(i, j) steps below her, decay^(d - 1) times the chance to come from k up
 * to i in d - 1 steps; with `once` over what all are credited of it. */
static void oracle_score(oracle *o, const scheme *s, const plain *p)
{
  static double power[11][CUSTOMERS][CUSTOMERS];
  memset(power, 0, sizeof power);
  for (int i = 0; i < CUSTOMERS; i++) power[0][i][i] = 1;
  for (int d = 1; d < 11; d++)
    for (int k = 0; k < CUSTOMERS; k++)
      for (int m = 0; m < CUSTOMERS; m++)
        for (int i = 0; i < CUSTOMERS; i++) power[d][k][i] += p->up[k][m] * power[d - 1][m][i];
  for (int k = 0; k < CUSTOMERS; k++)
    for (int j = 0; j < CUSTOMERS; j++) {
      double weights[CUSTOMERS] = {0}, handed = 0;
      if (!o->there[k][j]) continue;
      for (int i = 0; i < CUSTOMERS; i++) {
        int d = o->distance[i][j];
        if (d < 1 || d > s->levels) continue;
        handed += weights[i] = pow(s->decay, d - 1) * power[d - 1][k][i];
      }
      for (int i = 0; i < CUSTOMERS; i++) {
        o->value[i] += weights[i] / (s->once ? handed : 1) * o->brings[k][j];
        o->saved_of[i] += weights[i] / (s->once ? handed : 1) * o->saved[k][j];
      }
    }
}

static double chance(void)
{
  return rand() / (RAND_MAX + 1.0);
}

static int64_t random_table(full *edges, double *values, double *costs)
{
  int64_t count = rand() % 91;
  for (int64_t e = 0; e < count; e++) {
    edges[e] = (full){rand() % CUSTOMERS, rand() % CUSTOMERS, rand() % 100000 * (YEAR / 20000) + e, NAN, NAN};
    if (rand() % 2) edges[e].anyway = rand() % 3 / 2.0;
    if (rand() % 2) edges[e].reward = rand() % 50;
  }
  for (int i = 0; i < CUSTOMERS; i++) {
    values[i] = rand() % 12 ? rand() % 1000 / 10.0 - 20 : (double)NAN;
    costs[i] = rand() % 3 ? rand() % 30 : (double)NAN;
  }
  return count;
}

/* Leaves of a table a forest, whose referrers are all of a smaller number than the referred, or all of a larger one;
 * the same may be said twice. */
static int64_t plant(full *edges, int64_t count, int upward)
{
  int64_t referrer[CUSTOMERS], kept = 0;
  for (int i = 0; i < CUSTOMERS; i++) referrer[i] = -1;
  for (int64_t e = 0; e < count; e++) {
    full *x = &edges[e];
    if (x->from == x->to || (x->from < x->to) != upward) continue;
    if (referrer[x->to] >= 0 && referrer[x->to] != x->from) continue;
    referrer[x->to] = x->from;
    edges[kept++] = *x;
  }
  return kept;
}

/* Every other table is a forest, which is gone through level by level. */
static void random_tables_agree_with_the_formula(void **state)
{
  (void)state;
  srand(15);
  plain *p = malloc(sizeof *p);
  oracle *o = malloc(sizeof *o);
  full edges[90];
  edge ends[90];
  double values[CUSTOMERS], costs[CUSTOMERS];
  for (int run = 0; run < 400; run++) {
    int64_t count = random_table(edges, values, costs);
    if (run % 2) count = plant(edges, count, run % 4 == 1);
    for (int64_t e = 0; e < count; e++) ends[e] = (edge){edges[e].from, edges[e].to};
    scheme s = {.anyway = rand() % 101 / 100.0,
                .cost = rand() % 20,
                .reward = rand() % 10,
                .rate = rand() % 30 / 100.0,
                .decay = rand() % 101 / 100.0,
                .reward_all = rand() % 2,
                .once = rand() % 2,
                .levels = 1 + rand() % 10};
    memset(o, 0, sizeof *o);
    plain_up(p, ends, count);
    oracle_brings(o, &s, edges, count, values, costs);
    oracle_distances(o);
    oracle_score(o, &s, p);
    char params[300];
    snprintf(params, sizeof params,
             "{levels: %d, decay: %.2f, joined_anyway: %.2f, acquisition_cost: %g, reward: %g, discount_rate: %.2f, "
             "rewarded: %s, credit: %s}",
             s.levels, s.decay, s.anyway, s.cost, s.reward, s.rate, s.reward_all ? "all" : "type_one",
             s.once ? "once" : "every_level");
    rig *r = open_full(edges, count, values, costs, CUSTOMERS);
    score(r, params);
    double credited = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
      assert_near(rig_value(r, VALUE, i), o->value[i], 1e-8);
      assert_near(rig_value(r, SAVED, i), o->saved_of[i], 1e-8);
      int64_t reached = 0;
      for (int j = 0; j < CUSTOMERS; j++) reached += j != i && o->distance[i][j] > 0 && o->distance[i][j] <= s.levels;
      assert_int_equal(rig_integer(r, REACHED, i), reached);
      credited += o->value[i];
    }
    assert_near(rig_fact(r, "brought_value")->value, o->all, 1e-8);
    assert_near(rig_fact(r, "credited_value")->value, credited, 1e-8);
    if (s.once || s.levels == 1 || s.decay == 0) assert_near(credited, o->all, 1e-8);
    rig_close(r);
  }
  free(p);
  free(o);
}

/* Where nothing is negative, 1 to 1 + decay + … times what was brought is credited; with `once`, just that. */
static void credit_is_bounded_and_with_once_conserved(void **state)
{
  (void)state;
  srand(16);
  for (int run = 0; run < 100; run++) {
    edge edges[300];
    double values[100];
    for (int e = 0; e < 300; e++) edges[e] = (edge){rand() % 100, rand() % 100};
    for (int i = 0; i < 100; i++) values[i] = chance();
    rig *r = open_referral(edges, 300, values, 100);
    score(r, "{levels: 4, decay: 30%, acquisition_cost: 2, joined_anyway: 60%}");
    double share = rig_fact(r, "credited_share")->value;
    assert_true(share >= 1 && share <= 1 + 0.3 + 0.09 + 0.027);
    score(r, "{levels: 4, decay: 30%, acquisition_cost: 2, joined_anyway: 60%, credit: once}");
    assert_near(rig_fact(r, "credited_share")->value, 1, 1e-12);
    rig_close(r);
  }
}

/* The page's worked example. */
static void the_levels_divide_the_credit(void **state)
{
  (void)state;
  const edge edges[] = {{0, 2}, {1, 2}, {2, 3}};
  rig *r = open_referral(edges, 3, (double[]){0, 0, 60, 8}, 4);
  score(r, "{credit: once}");
  check(r, 0, 30 + 0.25 * 8 / 1.5, 1, 2);
  check(r, 2, 8 / 1.5, 1, 1);
  score(r, "{levels: 1, acquisition_cost: 10, joined_anyway: 50%}");
  check_parts(r, 0, 20, 5, 0, 0.5);
  rig_close(r);
}

static void referrals_in_cycles_are_counted(void **state)
{
  (void)state;
  srand(17);
  oracle *o = malloc(sizeof *o);
  for (int run = 0; run < 200; run++) {
    edge edges[60];
    double values[CUSTOMERS] = {0};
    int64_t count = rand() % 61, cycles = 0;
    memset(o, 0, sizeof *o);
    for (int64_t e = 0; e < count; e++) {
      edges[e] = (edge){rand() % CUSTOMERS, rand() % CUSTOMERS};
      if (edges[e].from != edges[e].to) o->there[edges[e].from][edges[e].to] = 1;
    }
    oracle_distances(o);
    for (int i = 0; i < CUSTOMERS; i++)
      for (int j = 0; j < CUSTOMERS; j++) cycles += o->there[i][j] && o->distance[j][i] < 1000;
    rig *r = open_referral(edges, count, values, CUSTOMERS);
    score(r, NULL);
    assert_near(rig_fact(r, "referrals_in_cycles")->value, (double)cycles, 0);
    rig_close(r);
  }
  free(o);
}

/* ---- reasons ---- */

static void says(const rig *r, int64_t row, const char *expected)
{
  const tarazu_explain *explain = r->strategy->extension("tarazu.explain/1");
  reason_lines l = {.writer = {.size = sizeof l.writer, .write = reason_append}};
  tarazu_error error = {.size = sizeof error};
  const tarazu_batch batch = {.size = sizeof batch, .first_row = row, .rows = 1};
  assert_int_equal(explain->reasons(rig_self(r), &batch, &l.writer, &error), TARAZU_OK);
  assert_string_equal(l.text, expected);
}

static void reasons_name_the_three_that_matter_most(void **state)
{
  (void)state;
  const edge edges[] = {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {1, 6}};
  rig *r = open_referral(edges, 6, (double[]){0, 10, -40, 30, 20, 5, 6}, 7);
  score(r, NULL);
  says(r, 0,
       "brought 5 customers; reached 6 within 3 levels\n"
       "c2 brings -40\nc3 brings 30\nc4 brings 20\n2 others bring 15\nthose whom they brought in turn add 3\n");
  says(r, 1, "brought 1 customer\nc6 brings 6\n");
  says(r, 6, "brought nobody\n");
  score(r, "{acquisition_cost: 1500, reward: 2, joined_anyway: 50%}");
  says(r, 1,
       "brought 1 customer, of whom 0.5 would have joined anyway\nc6 brings 1502: margin 3, saved 1500, reward 1\n");
  assert_null(r->strategy->extension("tarazu.explain/2"));
  rig_close(r);
}

/* ---- large ---- */

static void a_long_chain_and_a_wide_star_are_quick(void **state)
{
  (void)state;
  enum { MANY = 200000 };
  edge *edges = calloc(MANY, sizeof *edges);
  double *values = calloc(MANY, sizeof *values);
  for (int64_t i = 0; i < MANY; i++) {
    values[i] = 1;
    edges[i] = (edge){i, i + 1};
  }
  rig *r = open_referral(edges, MANY - 1, values, MANY);
  score(r, "{levels: 10, decay: 100%}");
  check(r, 0, 10, 1, 10);
  check(r, MANY - 6, 5, 1, 5);
  rig_close(r);
  for (int64_t i = 0; i < MANY; i++) edges[i] = (edge){0, i};
  r = open_referral(edges, MANY, values, MANY);
  score(r, NULL);
  check(r, 0, MANY - 1, MANY - 1, MANY - 1);
  check(r, 5, 0, 0, 0);
  rig_close(r);
  free(edges);
  free(values);
}

static void neither_threads_nor_batches_show(void **state)
{
  (void)state;
  enum { MANY = 3000 };
  srand(9);
  edge *edges = calloc(2 * MANY, sizeof *edges);
  double *values = calloc(MANY, sizeof *values);
  for (int i = 0; i < 2 * MANY; i++) edges[i] = (edge){rand() % MANY, rand() % MANY};
  for (int i = 0; i < MANY; i++) values[i] = rand() / 7.0;
  int64_t picked[3] = {2999, 0, 1500};
  rig *r = open_referral(edges, 2 * MANY, values, MANY);
  score(r, NULL);
  double picked_values[3] = {rig_value(r, VALUE, 2999), rig_value(r, VALUE, 0), rig_value(r, VALUE, 1500)};
  size_t count, other_count;
  void *bytes = rig_bytes(r, &count);
  for (int run = 0; run < 3; run++) {
    assert_int_equal(rig_learn(r), TARAZU_OK); /* again, on the same instance */
    assert_int_equal(rig_apply(r, (int64_t[]){1, 7, 65536}[run]), TARAZU_OK);
    void *other = rig_bytes(r, &other_count);
    assert_memory_equal(bytes, other, count);
    free(other);
  }
  check_batches(r);
  r->order = picked;
  r->order_count = 3;
  assert_int_equal(rig_apply(r, 3), TARAZU_OK);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, VALUE, picked[i]), picked_values[i], 0);
  free(bytes);
  rig_close(r);
  free(edges);
  free(values);
}

/* ---- faults ---- */

static void refuses(const full *edges, int64_t count, const double *costs, int64_t row, const char *words)
{
  rig *r = open_full(edges, count, (double[]){1, 2, 3}, costs, 3);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, row);
  assert_string_equal(r->error.message, words);
  rig_close(r);
}

static void faulty_columns_are_refused_with_their_row(void **state)
{
  (void)state;
  refuses(&(full){1, 2, 0, 1.5, 0}, 1, NULL, 1,
          "a referral's joined_anyway is 1.5; expected a chance from 0 to 1, or nothing");
  refuses(&(full){2, 0, 0, 0, -3}, 1, NULL, 2, "a referral's reward is -3; expected 0 or more, or nothing");
  refuses(&(full){1, 2, 0, 0, 0}, 1, (double[]){0, -1, NAN}, 1,
          "an acquisition_cost of -1; expected 0 or more, or nothing");
}

static void what_needs_dates_is_refused_without(void **state)
{
  (void)state;
  rig *r = open_referral(NULL, 0, (double[]){1}, 1);
  assert_int_equal(rig_create(r, "{window: 1 week}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 8);
  assert_int_equal(rig_create(r, "{discount_rate: 5%}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 7);
  rig_close(r);
}

static void an_overflow_is_told_with_its_row(void **state)
{
  (void)state;
  const edge edges[] = {{1, 0}, {1, 2}};
  rig *r = open_referral(edges, 2, (double[]){DBL_MAX, 0, DBL_MAX}, 3);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

static void a_user_can_cancel(void **state)
{
  (void)state;
  enum { MANY = 1000 };
  edge edges[MANY];
  double values[MANY];
  for (int i = 0; i < MANY; i++) {
    edges[i] = (edge){i, (i * 7 + 1) % MANY};
    values[i] = 1;
  }
  rig *r = open_referral(edges, MANY, values, MANY);
  r->cancel_after = 3;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
  for (int i = 0; i < MANY / 2 - 1; i++) edges[i] = (edge){i, MANY / 2 + i}; /* a forest */
  r = open_referral(edges, MANY / 2 - 1, values, MANY);
  r->cancel_after = 3;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

static void wrong_parameters_are_refused(void **state)
{
  (void)state;
  rig *r = open_referral(NULL, 0, (double[]){1}, 1);
  assert_int_equal(rig_create(r, "{levels: 0}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{levels: 11}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{decay: 101%}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{joined_anyway: -1%}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{acquisition_cost: -1}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{reward: -1}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_further_level_counts_less),
      cmocka_unit_test(several_referrers_share_equally_on_every_level),
      cmocka_unit_test(only_shortest_paths_count),
      cmocka_unit_test(shortest_paths_of_equal_length_add_up),
      cmocka_unit_test(in_a_circle_nobody_counts_herself),
      cmocka_unit_test(repeated_and_self_referrals_change_nothing_and_are_told),
      cmocka_unit_test(a_missing_value_counts_0_and_is_told),
      cmocka_unit_test(negative_values_cost),
      cmocka_unit_test(no_referral_no_row_one_row),
      cmocka_unit_test(random_graphs_agree_with_walks_upward),
      cmocka_unit_test(one_level_credits_every_value_exactly_once),
      cmocka_unit_test(who_would_have_joined_anyway_brings_the_saving_alone),
      cmocka_unit_test(a_given_share_is_of_those_that_do_not_say),
      cmocka_unit_test(the_share_is_estimated_from_those_that_say),
      cmocka_unit_test(the_saving_and_the_reward_are_brought_to_as_of),
      cmocka_unit_test(only_referrals_of_the_window_count),
      cmocka_unit_test(of_repeated_referrals_the_earliest_counts),
      cmocka_unit_test(defaults_give_the_value_of_the_referred_alone),
      cmocka_unit_test(random_tables_agree_with_the_formula),
      cmocka_unit_test(credit_is_bounded_and_with_once_conserved),
      cmocka_unit_test(the_levels_divide_the_credit),
      cmocka_unit_test(referrals_in_cycles_are_counted),
      cmocka_unit_test(reasons_name_the_three_that_matter_most),
      cmocka_unit_test(a_long_chain_and_a_wide_star_are_quick),
      cmocka_unit_test(neither_threads_nor_batches_show),
      cmocka_unit_test(faulty_columns_are_refused_with_their_row),
      cmocka_unit_test(what_needs_dates_is_refused_without),
      cmocka_unit_test(an_overflow_is_told_with_its_row),
      cmocka_unit_test(a_user_can_cancel),
      cmocka_unit_test(wrong_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
