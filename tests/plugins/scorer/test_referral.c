/* The referral scorer: small graphs by hand, random ones against powers of the walk upward, large ones that would break
 * a recursion. */
#include "support/near.h"
#include "support/strategy.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE, REFERRED, REACHED };

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
}

static void wrong_parameters_are_refused(void **state)
{
  (void)state;
  rig *r = open_referral(NULL, 0, (double[]){1}, 1);
  assert_int_equal(rig_create(r, "{levels: 0}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{levels: 11}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{decay: 101%}"), TARAZU_BAD_PARAMETER);
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
      cmocka_unit_test(a_long_chain_and_a_wide_star_are_quick),
      cmocka_unit_test(neither_threads_nor_batches_show),
      cmocka_unit_test(an_overflow_is_told_with_its_row),
      cmocka_unit_test(a_user_can_cancel),
      cmocka_unit_test(wrong_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
