/* The engagement scorer: small cases by hand, random graphs against powers of dense matrices, and that no euro is lost
 * or counted twice, whatever the graph. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { TOTAL, OWN, REFERRAL, INFLUENCE, KNOWLEDGE };

typedef struct edge {
  int64_t from, to;
  double number; /* joined_anyway, or a weight; NAN: null */
} edge;

static int by_columns(const void *a, const void *b)
{
  const edge *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* Binds a table of edges as the host would, sorted; edges becomes sorted, too. number: the third field, or NULL. */
static void bind_edges(rig *r, const char *input, edge *edges, int64_t count, const char *number)
{
  char field[60];
  int64_t *ends = calloc((size_t)count + 1, 2 * sizeof *ends), *to = ends + count;
  double *numbers = calloc((size_t)count + 1, sizeof *numbers);
  if (count) qsort(edges, (size_t)count, sizeof *edges, by_columns);
  for (int64_t e = 0; e < count; e++) {
    ends[e] = edges[e].from;
    to[e] = edges[e].to;
    numbers[e] = edges[e].number;
  }
  snprintf(field, sizeof field, "%s.from", input);
  rig_i64(r, field, ends, count);
  snprintf(field, sizeof field, "%s.to", input);
  rig_i64(r, field, to, count);
  if (number) rig_f64(r, number, numbers, count);
  free(ends);
  free(numbers);
}

static rig *open_engagement(const double *lifetime, int64_t customers)
{
  rig *r = rig_open("scorer", "engagement");
  rig_f64(r, "lifetime_value", lifetime, customers);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  tarazu_status status = rig_learn(r);
  if (status) fail_msg("%s", r->error.message);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static void check(const rig *r, int64_t row, double own, double referral, double influence, double knowledge)
{
  assert_near(rig_value(r, OWN, row), own, 1e-9);
  assert_near(rig_value(r, REFERRAL, row), referral, 1e-9);
  assert_near(rig_value(r, INFLUENCE, row), influence, 1e-9);
  assert_near(rig_value(r, KNOWLEDGE, row), knowledge, 1e-9);
  assert_near(rig_value(r, TOTAL, row), own + referral + influence + knowledge, 1e-9);
}

/* The sum of all engagement value is that of all lifetime values and of what is new. */
static void check_conserved(const rig *r, double expected, double size)
{
  double sum = 0;
  for (int64_t i = 0; i < r->rows; i++) sum += rig_value(r, TOTAL, i);
  assert_near(sum, expected, 1e-9 * size);
  assert_near(rig_fact(r, "total_before")->value, expected, 1e-9 * size);
  assert_near(rig_fact(r, "total_after")->value, expected, 1e-9 * size);
  assert_true(rig_fact(r, "imbalance")->value <= 1e-9);
}

/* ---- by hand ---- */

static void without_edges_it_is_the_lifetime_value(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){5, -3, 0}, 3);
  score(r, NULL);
  check(r, 0, 5, 0, 0, 0);
  check(r, 1, -3, 0, 0, 0);
  check_conserved(r, 2, 8);
  rig_close(r);
}

/* The sale needs both who brought and who was brought, neither is worth anything alone: each one's Shapley value is
 * half. Had she joined anyway with chance p, it is (1 - p) / 2 for the referrer. */
static void half_goes_to_who_brought_her(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){10, 100, 200}, 3);
  bind_edges(r, "referrals", (edge[]){{0, 1, NAN}, {0, 2, 0.75}}, 2, "joined_anyway");
  score(r, "{joined_anyway: 0}");
  check(r, 0, 10, 50 + 25, 0, 0);
  check(r, 1, 50, 0, 0, 0);
  check(r, 2, 175, 0, 0, 0);
  assert_near(rig_fact(r, "moved_by_referral")->value, 75, 1e-12);
  score(r, NULL); /* the one who says stands for the other */
  check(r, 0, 10, 12.5 + 25, 0, 0);
  assert_near(rig_fact(r, "joined_anyway")->value, 0.75, 1e-15);
  check_conserved(r, 310, 310);
  bind_edges(r, "referrals", (edge[]){{0, 1, NAN}, {0, 2, NAN}}, 2, "joined_anyway");
  score(r, NULL);
  check(r, 0, 10, 150, 0, 0);
  assert_int_equal(rig_fact(r, "joined_anyway")->level, 1);
  rig_close(r);
}

static void levels_pass_on_what_came(void **state)
{
  (void)state;
  edge chain[] = {{0, 1, 0}, {1, 2, 0}, {2, 3, 0}};
  rig *r = open_engagement((double[]){0, 0, 0, 80}, 4);
  bind_edges(r, "referrals", chain, 3, NULL);
  score(r, NULL);
  check(r, 3, 40, 0, 0, 0);
  check(r, 2, 0, 20, 0, 0);
  check(r, 1, 0, 10, 0, 0);
  check(r, 0, 0, 10, 0, 0);
  score(r, "{levels: 1}");
  check(r, 2, 0, 40, 0, 0);
  score(r, "{passed_on: 100%, levels: 2}");
  check(r, 2, 0, 0, 0, 0);
  check(r, 1, 0, 40, 0, 0);
  score(r, "{referral_share: 100%, passed_on: 0}");
  check(r, 3, 0, 0, 0, 0);
  check(r, 2, 0, 80, 0, 0);
  rig_close(r);
}

static void several_referrers_share_equally_and_each_counts_once(void **state)
{
  (void)state;
  edge edges[] = {{0, 2, 0}, {1, 2, 0}, {0, 2, 0}, {2, 2, 0}};
  rig *r = open_engagement((double[]){0, 0, 60}, 3);
  bind_edges(r, "referrals", edges, 4, NULL);
  score(r, NULL);
  check(r, 0, 0, 15, 0, 0);
  check(r, 1, 0, 15, 0, 0);
  check(r, 2, 30, 0, 0, 0);
  assert_near(rig_fact(r, "referrals")->value, 2, 0);
  assert_near(rig_fact(r, "self_referrals")->value, 1, 0);
  assert_near(rig_fact(r, "repeated_referrals")->value, 1, 0);
  rig_close(r);
}

/* Each brought the other: what is passed on comes back. */
static void in_a_circle_nothing_is_lost(void **state)
{
  (void)state;
  edge pair[] = {{0, 1, 0}, {1, 0, 0}};
  rig *r = open_engagement((double[]){100, 0}, 2);
  bind_edges(r, "referrals", pair, 2, NULL);
  score(r, "{levels: 2}");
  check(r, 0, 50, 25, 0, 0);
  check(r, 1, 0, 25, 0, 0);
  check_conserved(r, 100, 100);
  rig_close(r);
}

/* 2 follows 0 and 1, 0 three times as much: they are owed three quarters and one of the share. */
static void influence_is_divided_by_weight(void **state)
{
  (void)state;
  edge edges[] = {{2, 0, 2}, {2, 1, 1}, {2, 0, 1}, {1, 1, 9}, {0, 1, NAN}, {1, 2, 0}};
  rig *r = open_engagement((double[]){8, 0, 100}, 3);
  bind_edges(r, "influences", edges, 6, "weight");
  score(r, "{influence_share: 20%}");
  check(r, 0, 8, 0, 15, 0);
  check(r, 1, 0, 0, 5, 0);
  check(r, 2, 80, 0, 0, 0);
  assert_near(rig_fact(r, "influences")->value, 2, 0);
  assert_near(rig_fact(r, "self_influences")->value, 1, 0);
  assert_int_equal(rig_fact(r, "influences_without_weight")->level, 1);
  score(r, "{influence_share: 20%, influencer: from}"); /* 2 influences 0 and 1 */
  check(r, 0, 8 - 1.6, 0, 0, 0);
  check(r, 2, 100, 0, 1.6, 0);
  rig_close(r);
}

static void what_is_new_is_added(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){10, 20}, 2);
  rig_f64(r, "knowledge_value", (double[]){NAN, 7}, 2);
  rig_f64(r, "saved_acquisition", (double[]){5, NAN}, 2);
  rig_f64(r, "rewards", (double[]){2, 0}, 2);
  score(r, NULL);
  check(r, 0, 10, 3, 0, 0);
  check(r, 1, 20, 0, 0, 7);
  check_conserved(r, 40, 44);
  rig_close(r);
}

static void a_missing_lifetime_value_counts_0_and_is_told(void **state)
{
  (void)state;
  edge edges[] = {{0, 1, 0}};
  rig *r = open_engagement((double[]){NAN, 40}, 2);
  bind_edges(r, "referrals", edges, 1, NULL);
  score(r, NULL);
  check(r, 0, 0, 20, 0, 0);
  assert_near(rig_fact(r, "without_lifetime_value")->value, 1, 0);
  assert_int_equal(rig_fact(r, "without_lifetime_value")->level, 1);
  assert_string_equal(rig_fact(r, "without_lifetime_value")->text, "1 customer has no lifetime value; it counts as 0");
  rig_close(r);
}

/* ---- claims ---- */

static void claims_are_paid_for_by_all_alike(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){100, 300, -50}, 3);
  rig_f64(r, "referral_value", (double[]){40, NAN, 0}, 3);
  score(r, NULL);
  check(r, 0, 90, 40, 0, 0);
  check(r, 1, 270, 0, 0, 0);
  check(r, 2, -50, 0, 0, 0);
  assert_int_equal(rig_fact(r, "claimed_by_referral")->level, 0);
  check_conserved(r, 350, 450);
  rig_close(r);
}

static void claims_beyond_what_there_is_are_cut_with_a_warning(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){100, 300}, 2);
  rig_f64(r, "influence_value", (double[]){120, 40}, 2);
  score(r, "{influence_share: 10%}");
  check(r, 0, 90, 0, 30, 0);
  check(r, 1, 270, 0, 10, 0);
  assert_near(rig_fact(r, "claimed_by_influence")->value, 160, 0);
  assert_int_equal(rig_fact(r, "claimed_by_influence")->level, 1);
  assert_string_equal(rig_fact(r, "claimed_by_influence")->text,
                      "influence_value claims 160 of others' lifetime value, more than the share of it that is given, "
                      "and was cut to 40: the rest would be counted twice");
  assert_near(rig_fact(r, "moved_by_influence")->value, 40, 1e-12);
  check_conserved(r, 400, 400);
  rig_close(r);
  r = open_engagement((double[]){0, -3}, 2); /* nobody can pay */
  rig_f64(r, "referral_value", (double[]){5, -1}, 2);
  score(r, NULL);
  check(r, 0, 0, 0, 0, 0);
  check(r, 1, -3, 0, 0, 0);
  assert_int_equal(rig_fact(r, "claimed_by_referral")->level, 1);
  rig_close(r);
}

static void claims_beside_edges_are_only_compared(void **state)
{
  (void)state;
  edge edges[] = {{0, 1, 0}};
  rig *r = open_engagement((double[]){0, 100}, 2);
  bind_edges(r, "referrals", edges, 1, NULL);
  rig_f64(r, "referral_value", (double[]){100, 0}, 2);
  score(r, NULL);
  check(r, 0, 0, 50, 0, 0);
  assert_int_equal(rig_fact(r, "claimed_by_referral")->level, 1);
  assert_string_equal(
      rig_fact(r, "claimed_by_referral")->text,
      "referral_value claims 100 where the edges move 50; it is not used, and added to the lifetime values "
      "it would count the rest twice");
  rig_f64(r, "referral_value", (double[]){50, 0}, 2);
  score(r, NULL);
  assert_int_equal(rig_fact(r, "claimed_by_referral")->level, 0);
  rig_close(r);
}

/* ---- against dense matrices ---- */

enum { CUSTOMERS = 20 };

typedef double matrix[CUSTOMERS][CUSTOMERS]; /* part[i][j]: of what j divides, what i is owed */

static void parts_of_referrals(matrix part, const edge *edges, int64_t count, double share)
{
  double referrers[CUSTOMERS] = {0};
  int there[CUSTOMERS][CUSTOMERS] = {{0}};
  memset(part, 0, sizeof(matrix));
  for (int64_t e = 0; e < count; e++) {
    int64_t i = edges[e].from, j = edges[e].to;
    if (i == j || there[i][j]) continue; /* sorted as the host does: the first one counts */
    there[i][j] = 1;
    referrers[j]++;
    part[i][j] = 1 - (isnan(edges[e].number) ? share : edges[e].number);
  }
  for (int i = 0; i < CUSTOMERS; i++)
    for (int j = 0; j < CUSTOMERS; j++)
      if (there[i][j]) part[i][j] /= referrers[j];
}

static void parts_of_influences(matrix part, const edge *edges, int64_t count)
{
  double strength[CUSTOMERS] = {0};
  memset(part, 0, sizeof(matrix));
  for (int64_t e = 0; e < count; e++) {
    if (edges[e].from == edges[e].to || isnan(edges[e].number)) continue;
    part[edges[e].to][edges[e].from] += edges[e].number;
    strength[edges[e].from] += edges[e].number;
  }
  for (int i = 0; i < CUSTOMERS; i++)
    for (int j = 0; j < CUSTOMERS; j++)
      if (strength[j] > 0) part[i][j] /= strength[j];
}

/* What i has of j's euro in the end: a euro of j's goes level by level to those who are owed, and at each of them what
 * is not owed further stays. Walked for each j alone, by whole matrices of powers. */
static void plain_divide(matrix part, const double *value, double share, double passed_on, int levels, double *given,
                         double *received)
{
  double owed[CUSTOMERS] = {0};
  for (int j = 0; j < CUSTOMERS; j++)
    for (int i = 0; i < CUSTOMERS; i++) owed[j] += part[i][j];
  for (int j = 0; j < CUSTOMERS; j++) {
    double at[CUSTOMERS] = {0};
    at[j] = share * value[j];
    given[j] += at[j] * owed[j];
    for (int level = 1; level <= levels; level++) {
      double next[CUSTOMERS] = {0};
      for (int k = 0; k < CUSTOMERS; k++)
        for (int i = 0; i < CUSTOMERS; i++) next[i] += part[i][k] * at[k];
      for (int i = 0; i < CUSTOMERS; i++) {
        double further = level < levels ? passed_on : 0;
        received[i] += next[i] * (1 - further * owed[i]);
        at[i] = next[i] * further;
      }
    }
  }
}

static int64_t random_edges(edge *edges, int64_t most, int64_t customers, int kinds)
{
  int64_t count = rand() % (most + 1);
  for (int64_t e = 0; e < count; e++) {
    double number = rand() % kinds / (double)(kinds - 1);
    edges[e] = (edge){rand() % customers, rand() % customers, rand() % 5 ? number : (double)NAN};
  }
  return count;
}

static void random_graphs_agree_with_dense_matrices(void **state)
{
  (void)state;
  srand(3);
  static matrix by_referral, by_influence;
  for (int run = 0; run < 300; run++) {
    edge brought[80], followed[80];
    double value[CUSTOMERS], lifetime[CUSTOMERS], knowledge[CUSTOMERS], all = 0, size = 0;
    int64_t b = random_edges(brought, 80, CUSTOMERS, 2), f = random_edges(followed, 80, CUSTOMERS, 7);
    for (int i = 0; i < CUSTOMERS; i++) {
      value[i] = lifetime[i] = rand() % 2000 - 500;
      if (rand() % 9 == 0) lifetime[i] = NAN, value[i] = 0;
      knowledge[i] = rand() % 100;
      all += value[i] + knowledge[i];
      size += fabs(value[i]) + knowledge[i];
    }
    int levels = 1 + rand() % 10;
    double passed_on = rand() % 101 / 100.0, p = rand() % 71 / 100.0, q = rand() % 31 / 100.0, a = rand() % 101 / 100.0;
    rig *r = open_engagement(lifetime, CUSTOMERS);
    bind_edges(r, "referrals", brought, b, "joined_anyway");
    bind_edges(r, "influences", followed, f, "weight");
    rig_f64(r, "knowledge_value", knowledge, CUSTOMERS);
    char params[200];
    snprintf(params, sizeof params,
             "{levels: %d, passed_on: %.2f, referral_share: %.2f, influence_share: %.2f, joined_anyway: %.2f}", levels,
             passed_on, p, q, a);
    score(r, params);
    double given[CUSTOMERS] = {0}, referral[CUSTOMERS] = {0}, influence[CUSTOMERS] = {0};
    parts_of_referrals(by_referral, brought, b, a);
    parts_of_influences(by_influence, followed, f);
    plain_divide(by_referral, value, p, passed_on, levels, given, referral);
    plain_divide(by_influence, value, q, passed_on, levels, given, influence);
    for (int i = 0; i < CUSTOMERS; i++) check(r, i, value[i] - given[i], referral[i], influence[i], knowledge[i]);
    check_conserved(r, all, size);
    rig_close(r);
  }
}

/* ---- properties ---- */

enum { MANY = 5000 };

static rig *open_large(double *all, double *size)
{
  srand(4);
  edge *edges = calloc(4 * MANY, sizeof *edges);
  double *columns = calloc(4 * MANY, sizeof *columns), *knowledge = columns + MANY, *saved = columns + 2 * MANY;
  double *rewards = columns + 3 * MANY;
  *all = *size = 0;
  for (int i = 0; i < MANY; i++) {
    columns[i] = rand() % 11 ? pow(10, rand() % 9) * (rand() % 1000 - 200) / 7.0 : (double)NAN;
    knowledge[i] = rand() % 3 ? 0 : rand() / 1e4;
    saved[i] = rand() % 100;
    rewards[i] = rand() % 50;
    double value = isnan(columns[i]) ? 0 : columns[i];
    *all += value + knowledge[i] + saved[i] - rewards[i];
    *size += fabs(value) + knowledge[i] + saved[i] + rewards[i];
  }
  rig *r = open_engagement(columns, MANY);
  for (int e = 0; e < 4 * MANY; e++) edges[e] = (edge){rand() % MANY, rand() % MANY, rand() % 4 / 3.0};
  for (int e = 0; e < MANY; e++) edges[e].to = e % 2 ? (edges[e].from + 1) % MANY : edges[e].from; /* circles, selves */
  bind_edges(r, "referrals", edges, 4 * MANY, "joined_anyway");
  for (int e = 0; e < 4 * MANY; e++) edges[e] = (edge){rand() % MANY, rand() % 9 ? rand() % MANY : 7, rand() % 50};
  bind_edges(r, "influences", edges, 4 * MANY, "weight");
  rig_f64(r, "knowledge_value", knowledge, MANY);
  rig_f64(r, "saved_acquisition", saved, MANY);
  rig_f64(r, "rewards", rewards, MANY);
  free(edges);
  free(columns);
  return r;
}

static void no_euro_is_lost_or_counted_twice(void **state)
{
  (void)state;
  double all, size;
  rig *r = open_large(&all, &size);
  score(r, "{influence_share: 40%, referral_share: 60%, levels: 10, passed_on: 90%}");
  check_conserved(r, all, size);
  score(r, "{influence_share: 100%, referral_share: 0}");
  check_conserved(r, all, size);
  rig_close(r);
}

static void neither_batches_nor_threads_show(void **state)
{
  (void)state;
  double all, size;
  rig *r = open_large(&all, &size);
  score(r, "{influence_share: 20%}");
  check_batches(r);
  size_t count, other_count;
  void *bytes = rig_bytes(r, &count);
  score(r, "{influence_share: 20%}");
  void *other = rig_bytes(r, &other_count);
  assert_int_equal(count, other_count);
  assert_memory_equal(bytes, other, count);
  free(bytes);
  free(other);
  rig_close(r);
}

/* Nothing owed: the lifetime value and what is new. Nothing passed on: one level. */
static void limits_of_the_parameters(void **state)
{
  (void)state;
  double all, size;
  rig *r = open_large(&all, &size);
  score(r, "{influence_share: 0, referral_share: 0}");
  assert_near(rig_fact(r, "moved_by_referral")->value, 0, 0);
  assert_near(rig_fact(r, "moved_by_influence")->value, 0, 0);
  score(r, "{influence_share: 20%, passed_on: 0}");
  size_t count, other_count;
  void *bytes = rig_bytes(r, &count);
  score(r, "{influence_share: 20%, levels: 1}");
  void *other = rig_bytes(r, &other_count);
  assert_int_equal(count, other_count);
  assert_memory_equal(bytes, other, count);
  free(bytes);
  free(other);
  rig_close(r);
}

static void a_higher_share_moves_more_from_the_brought_to_who_brought(void **state)
{
  (void)state;
  edge edges[] = {{0, 1, 0}, {0, 2, 0}};
  rig *r = open_engagement((double[]){1, 50, 70}, 3);
  bind_edges(r, "referrals", edges, 2, NULL);
  double before = -1;
  for (int share = 0; share <= 100; share += 10) {
    char params[40];
    snprintf(params, sizeof params, "{referral_share: %d%%}", share);
    score(r, params);
    assert_true(rig_value(r, TOTAL, 0) > before);
    before = rig_value(r, TOTAL, 0);
  }
  rig_close(r);
}

static void no_row_one_row_no_edge(void **state)
{
  (void)state;
  rig *r = open_engagement(NULL, 0);
  bind_edges(r, "referrals", NULL, 0, NULL);
  bind_edges(r, "influences", NULL, 0, NULL);
  score(r, "{influence_share: 10%}");
  rig_close(r);
  edge self[] = {{0, 0, 1}};
  r = open_engagement((double[]){3}, 1);
  bind_edges(r, "referrals", self, 1, NULL);
  bind_edges(r, "influences", self, 1, "weight");
  score(r, "{influence_share: 10%}");
  check(r, 0, 3, 0, 0, 0);
  rig_close(r);
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

static void reasons_name_the_three_who_owe_most(void **state)
{
  (void)state;
  edge brought[] = {{0, 1, 0}, {0, 2, 0}}, followed[] = {{2, 0, 1}, {3, 0, 1}};
  rig *r = open_engagement((double[]){5, 100, 40, 2000}, 4);
  bind_edges(r, "referrals", brought, 2, NULL);
  bind_edges(r, "influences", followed, 2, "weight");
  score(r, "{influence_share: 10%}");
  says(r, 0,
       "keeps 5 of a lifetime value of 5; by referral 70, influence 204, knowledge 0\n"
       "c3 owes 200 for having been influenced\nc1 owes 50 for having been brought\nc2 owes 20 for having been "
       "brought\n");
  says(r, 3, "keeps 1800 of a lifetime value of 2000; by referral 0, influence 0, knowledge 0\n");
  assert_null(r->strategy->extension("tarazu.explain/2"));
  rig_close(r);
}

/* ---- faults ---- */

static void influence_needs_a_share_and_a_share_needs_influence(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){1}, 1);
  assert_int_equal(rig_create(r, "{influence_share: 10%}"), TARAZU_BAD_PARAMETER);
  rig_f64(r, "influence_value", (double[]){1}, 1);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 1);
  assert_int_equal(rig_create(r, "{influence_share: 60%}"), TARAZU_BAD_PARAMETER);
  assert_string_equal(r->error.message,
                      "referral_share 0.5 and influence_share 0.6 are more than the whole lifetime value together");
  rig_close(r);
}

static void faulty_edges_are_refused_with_their_row(void **state)
{
  (void)state;
  edge negative[] = {{0, 1, -1}}, impossible[] = {{1, 0, 2}}, huge[] = {{1, 0, DBL_MAX}, {1, 2, DBL_MAX}};
  rig *r = open_engagement((double[]){1, 2, 3}, 3);
  bind_edges(r, "influences", negative, 1, "weight");
  assert_int_equal(rig_create(r, "{influence_share: 10%}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 0);
  bind_edges(r, "influences", huge, 2, "weight");
  assert_int_equal(rig_create(r, "{influence_share: 10%}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
  r = open_engagement((double[]){1, 2, 3}, 3);
  bind_edges(r, "referrals", impossible, 1, "joined_anyway");
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

static void an_overflow_is_told(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){1, DBL_MAX}, 2);
  rig_f64(r, "knowledge_value", (double[]){1, DBL_MAX}, 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

static void a_user_can_cancel(void **state)
{
  (void)state;
  double all, size;
  rig *r = open_large(&all, &size);
  r->cancel_after = 2;
  assert_int_equal(rig_create(r, "{influence_share: 10%}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

static void wrong_parameters_are_refused(void **state)
{
  (void)state;
  rig *r = open_engagement((double[]){1}, 1);
  assert_int_equal(rig_create(r, "{referral_share: 101%}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{levels: 0}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{passed_on: -1%}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_edges_it_is_the_lifetime_value),
      cmocka_unit_test(half_goes_to_who_brought_her),
      cmocka_unit_test(levels_pass_on_what_came),
      cmocka_unit_test(several_referrers_share_equally_and_each_counts_once),
      cmocka_unit_test(in_a_circle_nothing_is_lost),
      cmocka_unit_test(influence_is_divided_by_weight),
      cmocka_unit_test(what_is_new_is_added),
      cmocka_unit_test(a_missing_lifetime_value_counts_0_and_is_told),
      cmocka_unit_test(claims_are_paid_for_by_all_alike),
      cmocka_unit_test(claims_beyond_what_there_is_are_cut_with_a_warning),
      cmocka_unit_test(claims_beside_edges_are_only_compared),
      cmocka_unit_test(random_graphs_agree_with_dense_matrices),
      cmocka_unit_test(no_euro_is_lost_or_counted_twice),
      cmocka_unit_test(neither_batches_nor_threads_show),
      cmocka_unit_test(limits_of_the_parameters),
      cmocka_unit_test(a_higher_share_moves_more_from_the_brought_to_who_brought),
      cmocka_unit_test(no_row_one_row_no_edge),
      cmocka_unit_test(reasons_name_the_three_who_owe_most),
      cmocka_unit_test(influence_needs_a_share_and_a_share_needs_influence),
      cmocka_unit_test(faulty_edges_are_refused_with_their_row),
      cmocka_unit_test(an_overflow_is_told),
      cmocka_unit_test(a_user_can_cancel),
      cmocka_unit_test(wrong_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
