/* The influence scorer: PageRank beside igraph's, LeaderRank and Katz beside dense matrices that are solved, the value
 * of those influenced beside a walk from each of them, and what must hold for all. */
#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

#include <igraph/igraph.h>
#include <stdlib.h>
#include <string.h>

enum { INFLUENCE, VALUE, INFLUENCED };
enum { MOST = 40, DAY = 86400 };

typedef struct tie {
  int64_t from, to;
  double weight;
  int64_t time;
} tie;

typedef struct given {
  const tie *ties;
  int64_t count, customers;
  int weighted, timed;
  const double *restart, *value;
} given;

static int by_ends(const void *a, const void *b)
{
  const tie *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->weight > y->weight) - (x->weight < y->weight);
}

/* Binds edges as the host would: sorted. A weight of NAN is none. */
static rig *open_influence(const given *g)
{
  rig *r = rig_open("scorer", "influence");
  size_t room = (size_t)g->count + 1;
  tie *sorted = calloc(room, sizeof *sorted);
  int64_t *from = calloc(room, 8), *to = calloc(room, 8), *time = calloc(room, 8);
  double *weight = calloc(room, 8);
  if (g->count) memcpy(sorted, g->ties, (size_t)g->count * sizeof *sorted);
  qsort(sorted, (size_t)g->count, sizeof *sorted, by_ends);
  for (int64_t e = 0; e < g->count; e++) {
    from[e] = sorted[e].from;
    to[e] = sorted[e].to;
    weight[e] = sorted[e].weight;
    time[e] = r->as_of + sorted[e].time;
  }
  rig_i64(r, "from", from, g->count);
  rig_i64(r, "to", to, g->count);
  if (g->weighted) rig_f64(r, "weight", weight, g->count);
  if (g->timed) rig_i64(r, "time", time, g->count);
  if (g->restart) rig_f64(r, "restart", g->restart, g->customers);
  if (g->value) rig_f64(r, "value", g->value, g->customers);
  rig_customers(r, g->customers);
  free(sorted);
  free(from);
  free(to);
  free(time);
  free(weight);
  return r;
}

static void score(rig *r, const char *params)
{
  if (rig_create(r, params)) fail_msg("create: %s", r->error.message);
  if (rig_learn(r)) fail_msg("fit: %s", r->error.message);
  if (rig_apply(r, 2048)) fail_msg("apply: %s", r->error.message);
}

static rig *scored(const given *g, const char *params)
{
  rig *r = open_influence(g);
  score(r, params);
  return r;
}

static double fact(const rig *r, const char *name)
{
  const tarazu_fact *f = rig_fact(r, name);
  return f ? f->value : (double)NAN;
}

/* ---- dense matrices ---- */

/* weight[i][j]: of the influence of i on j. */
typedef struct dense {
  int n;
  double weight[MOST][MOST], on[MOST]; /* on: all influence on a customer */
} dense;

static void dense_make(dense *d, const given *g, int influencer_from)
{
  memset(d, 0, sizeof *d);
  d->n = (int)g->customers;
  for (int64_t e = 0; e < g->count; e++) {
    int64_t i = influencer_from ? g->ties[e].from : g->ties[e].to,
            j = influencer_from ? g->ties[e].to : g->ties[e].from;
    if (i == j) continue;
    double weight = g->weighted ? g->ties[e].weight : 1;
    d->weight[i][j] += weight;
    d->on[j] += weight;
  }
}

/* Solves a x = b by elimination with pivots; both are overwritten. */
static void solve(int n, double a[][MOST + 1], double *b, double *x)
{
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(a[i][k]) > fabs(a[pivot][k])) pivot = i;
    for (int j = 0; j < n; j++) {
      double swap = a[k][j];
      a[k][j] = a[pivot][j];
      a[pivot][j] = swap;
    }
    double swap = b[k];
    b[k] = b[pivot];
    b[pivot] = swap;
    for (int i = k + 1; i < n; i++) {
      double factor = a[i][k] / a[k][k];
      for (int j = k; j < n; j++) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (int k = n - 1; k >= 0; k--) {
    x[k] = b[k];
    for (int j = k + 1; j < n; j++) x[k] -= a[k][j] * x[j];
    x[k] /= a[k][k];
  }
}

/* Lü, Zhang, Yeung, Zhou (2011) with the ground customer as the last row: the stationary state of the walk, all N of it
 * together, then her part shared out. */
static void leader_rank(const dense *d, double ground, double *rank)
{
  static double a[MOST + 1][MOST + 1];
  double b[MOST + 1] = {0}, s[MOST + 1];
  int n = d->n;
  for (int i = 0; i <= n; i++)
    for (int j = 0; j <= n; j++) {
      double weight = i == n && j == n ? 0 : i == n || j == n ? ground : d->weight[i][j];
      double out = j == n ? n * ground : d->on[j] + ground;
      a[i][j] = weight / out - (i == j);
    }
  for (int j = 0; j <= n; j++) a[n][j] = 1; /* in place of one equation too many */
  b[n] = n;
  solve(n + 1, a, b, s);
  for (int i = 0; i < n; i++) rank[i] = s[i] + s[n] / n;
}

/* Katz (1953): x = a W (1 + x). */
static void katz(const dense *d, double attenuation, double *x)
{
  static double a[MOST + 1][MOST + 1];
  double b[MOST + 1] = {0};
  for (int i = 0; i < d->n; i++)
    for (int j = 0; j < d->n; j++) {
      a[i][j] = (i == j) - attenuation * d->weight[i][j];
      b[i] += attenuation * d->weight[i][j];
    }
  solve(d->n, a, b, x);
}

/* What each customer's value does, customer by customer: on every step it goes to those who influence where it stands;
 * what would come back to her on the second step stays where it is. */
static void trace(const dense *d, const double *value, int levels, double passed_on, double *owed)
{
  for (int i = 0; i < d->n; i++) owed[i] = 0;
  for (int k = 0; k < d->n; k++) {
    double here[MOST] = {0}, next[MOST];
    if (!(d->on[k] > 0) || isnan(value[k])) continue;
    for (int i = 0; i < d->n; i++) here[i] = value[k] * d->weight[i][k] / d->on[k];
    for (int level = 1; level <= levels; level++) {
      memset(next, 0, sizeof next);
      for (int i = 0; i < d->n; i++) {
        double goes = level < levels && d->on[i] > 0 ? passed_on * here[i] : 0;
        owed[i] += here[i] - goes;
        for (int t = 0; t < d->n && goes != 0; t++) {
          double part = goes * d->weight[t][i] / d->on[i];
          if (level == 1 && t == k) owed[i] += part;
          else next[t] += part;
        }
      }
      memcpy(here, next, sizeof here);
    }
  }
}

/* ---- random graphs ---- */

static int64_t random_below(uint64_t *seed, int64_t limit)
{
  return (int64_t)(next_uniform(seed) * (double)limit);
}

/* Few edges among many or many among few; some customers may have none. */
static given random_graph(tie *ties, uint64_t *seed, int loops)
{
  given g = {.ties = ties, .customers = 1 + random_below(seed, MOST), .weighted = next_uniform(seed) < 0.5};
  int64_t count = random_below(seed, 200);
  for (int64_t e = 0; e < count; e++) {
    tie t = {random_below(seed, g.customers), random_below(seed, g.customers), 0.1 + 5 * next_uniform(seed), 0};
    if (t.from != t.to || loops) ties[g.count++] = t;
  }
  return g;
}

/* ---- beside igraph ---- */

/* PRPACK; reset NULL: PageRank. Edges lead to whom influence comes from. */
static void peer_rank(const given *g, double damping, const double *reset, int turned, double *rank)
{
  igraph_t graph;
  igraph_vector_int_t edges;
  igraph_vector_t result, weights, start;
  igraph_vector_int_init(&edges, 2 * g->count);
  igraph_vector_init(&weights, g->count);
  igraph_vector_init(&start, g->customers);
  igraph_vector_init(&result, 0);
  for (int64_t e = 0; e < g->count; e++) {
    VECTOR(edges)[2 * e] = turned ? g->ties[e].to : g->ties[e].from;
    VECTOR(edges)[2 * e + 1] = turned ? g->ties[e].from : g->ties[e].to;
    VECTOR(weights)[e] = g->ties[e].weight;
  }
  for (int64_t i = 0; reset && i < g->customers; i++) VECTOR(start)[i] = isnan(reset[i]) ? 0 : reset[i];
  assert_int_equal(igraph_create(&graph, &edges, g->customers, IGRAPH_DIRECTED), IGRAPH_SUCCESS);
  assert_int_equal(igraph_personalized_pagerank(&graph, IGRAPH_PAGERANK_ALGO_PRPACK, &result, NULL, igraph_vss_all(),
                                                IGRAPH_DIRECTED, damping, reset ? &start : NULL,
                                                g->weighted ? &weights : NULL, NULL),
                   IGRAPH_SUCCESS);
  for (int64_t i = 0; i < g->customers; i++) rank[i] = VECTOR(result)[i];
  igraph_vector_int_destroy(&edges);
  igraph_vector_destroy(&weights);
  igraph_vector_destroy(&start);
  igraph_vector_destroy(&result);
  igraph_destroy(&graph);
}

static void pagerank_equals_igraph(void **state)
{
  (void)state;
  uint64_t seed = 1;
  for (int run = 0; run < 300; run++) {
    tie ties[200];
    given g = random_graph(ties, &seed, 0);
    double damping = run % 3 ? 0.85 : 0.3 + 0.65 * next_uniform(&seed), rank[MOST], sum = 0;
    char params[100];
    snprintf(params, sizeof params, "{damping: %.17g, influencer: %s}", damping, run % 2 ? "from" : "to");
    peer_rank(&g, damping, NULL, run % 2, rank);
    rig *r = scored(&g, params);
    for (int64_t i = 0; i < g.customers; i++) {
      assert_near(rig_value(r, INFLUENCE, i), rank[i], 1e-9);
      sum += rig_value(r, INFLUENCE, i);
    }
    assert_near(sum, 1, 1e-12);
    assert_near(fact(r, "residual"), 0, 1e-10);
    rig_close(r);
  }
}

static void personalized_pagerank_equals_igraph(void **state)
{
  (void)state;
  uint64_t seed = 2;
  for (int run = 0; run < 300; run++) {
    tie ties[200];
    given g = random_graph(ties, &seed, 0);
    double restart[MOST], rank[MOST];
    for (int64_t i = 0; i < g.customers; i++)
      restart[i] = next_uniform(&seed) < 0.2 ? (double)NAN : floor(4 * next_uniform(&seed)) * 0.7;
    restart[random_below(&seed, g.customers)] = 0.5;
    g.restart = restart;
    peer_rank(&g, 0.85, restart, 0, rank);
    rig *r = scored(&g, "{method: personalized_pagerank}");
    for (int64_t i = 0; i < g.customers; i++) assert_near(rig_value(r, INFLUENCE, i), rank[i], 1e-9);
    rig_close(r);
  }
}

/* Large enough to be worked on in parts; igraph's own tolerance is 1e-10. */
static void a_large_graph_equals_igraph_and_no_thread_shows(void **state)
{
  (void)state;
  enum { CUSTOMERS = 20000, EDGES = 150000 };
  uint64_t seed = 3;
  tie *ties = calloc(EDGES, sizeof *ties);
  double *rank = calloc(CUSTOMERS, sizeof *rank), *value = calloc(CUSTOMERS, sizeof *value);
  for (int e = 0; e < EDGES; e++) {
    double u = next_uniform(&seed);
    ties[e] = (tie){random_below(&seed, CUSTOMERS), (int64_t)(CUSTOMERS * u * u * u), next_uniform(&seed), 0};
    if (ties[e].from == ties[e].to) ties[e].to = (ties[e].to + 1) % CUSTOMERS;
  }
  for (int i = 0; i < CUSTOMERS; i++) value[i] = next_uniform(&seed);
  given g = {.ties = ties, .count = EDGES, .customers = CUSTOMERS, .weighted = 1, .value = value};
  peer_rank(&g, 0.85, NULL, 0, rank);
  rig *r = scored(&g, "{levels: 3}");
  for (int64_t i = 0; i < CUSTOMERS; i++) assert_near(rig_value(r, INFLUENCE, i), rank[i], 1e-10);
  static const char *const all[] = {"{levels: 3}", "{method: leader_rank}", "{method: katz, influencer: from}"};
  for (int m = 0; m < 3; m++) {
    size_t count, other_count;
    score(r, all[m]);
    void *bytes = rig_bytes(r, &count);
    for (int again = 0; again < 3; again++) {
      assert_int_equal(rig_learn(r), TARAZU_OK); /* on the same instance, two threads taking what comes */
      assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
      void *other = rig_bytes(r, &other_count);
      assert_int_equal(other_count, count);
      assert_memory_equal(bytes, other, count);
      free(other);
    }
    check_batches(r);
    free(bytes);
  }
  rig_close(r);
  free(ties);
  free(rank);
  free(value);
}

/* ---- beside dense matrices ---- */

static void leader_rank_is_the_walk_with_a_ground_customer(void **state)
{
  (void)state;
  uint64_t seed = 4;
  for (int run = 0; run < 300; run++) {
    tie ties[200];
    given g = random_graph(ties, &seed, 1);
    dense d;
    double rank[MOST], sum = 0, all = 0, distinct = 0;
    dense_make(&d, &g, run % 2);
    for (int i = 0; i < d.n; i++)
      for (int j = 0; j < d.n; j++) {
        all += d.weight[i][j];
        distinct += d.weight[i][j] > 0;
      }
    leader_rank(&d, distinct > 0 ? all / distinct : 1, rank);
    rig *r = scored(&g, run % 2 ? "{method: leader_rank, influencer: from}" : "{method: leader_rank}");
    for (int64_t i = 0; i < g.customers; i++) {
      assert_near(rig_value(r, INFLUENCE, i), rank[i], 1e-8);
      sum += rig_value(r, INFLUENCE, i);
    }
    assert_near(sum, (double)g.customers, 1e-10);
    rig_close(r);
  }
}

static void katz_is_the_solution_of_its_equation(void **state)
{
  (void)state;
  uint64_t seed = 5;
  for (int run = 0; run < 300; run++) {
    tie ties[200];
    given g = random_graph(ties, &seed, 1);
    dense d;
    double x[MOST], widest = 0;
    dense_make(&d, &g, run % 2);
    for (int j = 0; j < d.n; j++) widest = fmax(widest, d.on[j]); /* no smaller than the spectral radius */
    double attenuation = widest > 0 ? 0.9 * next_uniform(&seed) / widest + 1e-6 : 0.5;
    char params[100];
    snprintf(params, sizeof params, "{method: katz, attenuation: %.17g, influencer: %s}", attenuation,
             run % 2 ? "from" : "to");
    katz(&d, attenuation, x);
    rig *r = scored(&g, params);
    for (int64_t i = 0; i < g.customers; i++) assert_near(rig_value(r, INFLUENCE, i), x[i], 1e-9 * (1 + x[i]));
    score(r, run % 2 ? "{method: katz, influencer: from}" : "{method: katz}");
    katz(&d, fact(r, "attenuation"), x);
    for (int64_t i = 0; i < g.customers; i++) {
      assert_true(x[i] >= -1e-9); /* below 0 where the sum does not end */
      assert_near(rig_value(r, INFLUENCE, i), x[i], 1e-9 * (1 + x[i]));
    }
    rig_close(r);
  }
}

/* networkx 3.2, katz_centrality(path_graph(3), alpha=0.1): 1 + x here, scaled to a length of 1. */
static void katz_of_a_path_equals_networkx(void **state)
{
  (void)state;
  const tie path[] = {{0, 1, 1, 0}, {1, 0, 1, 0}, {1, 2, 1, 0}, {2, 1, 1, 0}};
  const double published[] = {0.5598852584152165, 0.6107839182711449, 0.5598852584152162};
  rig *r = scored(&(given){.ties = path, .count = 4, .customers = 3}, "{method: katz, attenuation: 0.1}");
  double length = 0;
  for (int i = 0; i < 3; i++) length += pow(1 + rig_value(r, INFLUENCE, i), 2);
  for (int i = 0; i < 3; i++) assert_near((1 + rig_value(r, INFLUENCE, i)) / sqrt(length), published[i], 1e-9);
  rig_close(r);
}

/* The path's spectral radius is the square root of 2; all of the limit's bounds fall together on a cycle. */
static void katz_refuses_an_attenuation_that_is_too_large(void **state)
{
  (void)state;
  const tie path[] = {{0, 1, 1, 0}, {1, 0, 1, 0}, {1, 2, 1, 0}, {2, 1, 1, 0}};
  rig *r = open_influence(&(given){.ties = path, .count = 4, .customers = 3});
  score(r, "{method: katz, attenuation: 0.7, most_iterations: 5000}");
  assert_near(rig_value(r, INFLUENCE, 1), (2 * 0.7 + 2 * 0.49) / (1 - 2 * 0.49), 1e-7);
  assert_int_equal(rig_create(r, "{method: katz, attenuation: 0.72}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 3);
  assert_non_null(strstr(r->error.message, "0.72 is too large"));
  assert_non_null(strstr(r->error.message, "radius of the edges, about 0.7071;"));
  assert_int_equal(rig_create(r, "{method: katz, attenuation: 1e300}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  static const char *const few[] = {"{method: katz, most_iterations: 1}",
                                    "{method: katz, attenuation: 0.7, most_iterations: 2}"};
  for (int k = 0; k < 2; k++) {
    assert_int_equal(rig_create(r, few[k]), TARAZU_OK);
    assert_int_equal(rig_learn(r), k ? TARAZU_OK : TARAZU_NUMERIC);
    if (!k) assert_int_equal(r->error.param, 6);
  }
  score(r, "{method: katz}");
  assert_true(fact(r, "attenuation") > 0.58 && fact(r, "attenuation") <= 0.85 / sqrt(2) + 1e-12);
  rig_close(r);
  const tie cycle[] = {{0, 1, 1, 0}, {1, 2, 1, 0}, {2, 0, 1, 0}};
  r = open_influence(&(given){.ties = cycle, .count = 3, .customers = 3});
  assert_int_equal(rig_create(r, "{method: katz, attenuation: 1}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  score(r, "{method: katz, attenuation: 0.9}");
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, INFLUENCE, i), 9, 1e-8);
  rig_close(r);
}

/* Where no walk comes round, the sum ends whatever the attenuation. */
static void katz_of_a_chain_ends_with_it(void **state)
{
  (void)state;
  const tie chain[] = {{0, 1, 1, 0}, {1, 2, 1, 0}, {2, 3, 1, 0}};
  rig *r = scored(&(given){.ties = chain, .count = 3, .customers = 4}, "{method: katz, attenuation: 10}");
  const double status[] = {0, 10, 110, 1110};
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, INFLUENCE, i), status[i], 0);
  assert_near(fact(r, "residual"), 0, 0);
  rig_close(r);
}

static void value_is_owed_as_walks_from_each_customer_tell(void **state)
{
  (void)state;
  uint64_t seed = 6;
  for (int run = 0; run < 300; run++) {
    tie ties[200];
    given g = random_graph(ties, &seed, 1);
    dense d;
    double value[MOST], owed[MOST], influenced = 0, sum = 0, passed_on = next_uniform(&seed);
    int levels = 1 + (int)random_below(&seed, 5);
    for (int64_t i = 0; i < g.customers; i++)
      value[i] = next_uniform(&seed) < 0.1 ? (double)NAN : 100 * next_uniform(&seed) - 10;
    g.value = value;
    dense_make(&d, &g, run % 2);
    trace(&d, value, levels, passed_on, owed);
    char params[160];
    snprintf(params, sizeof params, "{influencer: %s, levels: %d, passed_on: %.17g, value_share: 30%%}",
             run % 2 ? "from" : "to", levels, passed_on);
    rig *r = scored(&g, params);
    for (int64_t i = 0; i < g.customers; i++) {
      assert_near(rig_value(r, VALUE, i), 0.3 * owed[i], 1e-10);
      sum += rig_value(r, VALUE, i);
      if (d.on[i] > 0 && !isnan(value[i])) influenced += value[i];
    }
    assert_near(sum, 0.3 * influenced, 1e-9); /* nothing twice, nothing lost */
    assert_near(fact(r, "value_of_influenced"), influenced, 1e-9);
    assert_near(fact(r, "value_owed"), sum, 1e-9);
    rig_close(r);
  }
}

/* ---- by hand ---- */

/* 1 and 2 follow 0 with 3 parts of 4, and 3; 0 follows 4. */
static void value_by_hand(void **state)
{
  (void)state;
  const tie ties[] = {{1, 0, 3, 0}, {1, 3, 1, 0}, {2, 0, 5, 0}, {0, 4, 1, 0}};
  const double value[] = {1000, 80, 10, 7, 9};
  given g = {.ties = ties, .count = 4, .customers = 5, .weighted = 1, .value = value};
  rig *r = scored(&g, "{levels: 1}");
  const double direct[] = {60 + 10, 0, 0, 20, 1000};
  for (int i = 0; i < 5; i++) assert_near(rig_value(r, VALUE, i), direct[i], 1e-12);
  score(r, "{levels: 2, passed_on: 40%, value_share: 50%}");
  assert_near(rig_value(r, VALUE, 0), 0.5 * 0.6 * 70, 1e-12);
  assert_near(rig_value(r, VALUE, 4), 0.5 * (1000 + 0.4 * 70), 1e-12);
  assert_near(rig_value(r, VALUE, 3), 0.5 * 20, 1e-12);
  assert_int_equal(rig_integer(r, INFLUENCED, 0), 2);
  assert_int_equal(rig_integer(r, INFLUENCED, 1), 0);
  rig_close(r);
}

static void two_who_influence_each_other_do_not_get_their_own_value_back(void **state)
{
  (void)state;
  const tie ties[] = {{0, 1, 1, 0}, {1, 0, 1, 0}};
  const double value[] = {100, 7};
  rig *r = scored(&(given){.ties = ties, .count = 2, .customers = 2, .value = value}, "{levels: 9}");
  assert_near(rig_value(r, VALUE, 0), 7, 0);
  assert_near(rig_value(r, VALUE, 1), 100, 0);
  rig_close(r);
}

static void a_missing_value_counts_0_and_is_told(void **state)
{
  (void)state;
  const tie ties[] = {{0, 1, 1, 0}, {2, 1, 1, 0}};
  const double value[] = {NAN, 1, 5};
  rig *r = scored(&(given){.ties = ties, .count = 2, .customers = 3, .value = value}, NULL);
  assert_near(rig_value(r, VALUE, 1), 5, 0);
  assert_near(fact(r, "influenced_without_value"), 1, 0);
  assert_int_equal(rig_fact(r, "influenced_without_value")->level, 1);
  rig_close(r);
  r = scored(&(given){.ties = ties, .count = 2, .customers = 3}, NULL);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, VALUE, i), NAN, 0); /* not bound */
  rig_close(r);
}

/* ---- small and empty graphs ---- */

static const char *const every_method[] = {"{method: pagerank}", "{method: leader_rank}", "{method: katz}"};

/* No edge, nobody tied: all are alike; also where all that there is is a loop or weighs nothing. */
static void without_edges_all_are_alike(void **state)
{
  (void)state;
  const tie loops[] = {{0, 0, 1, 0}, {1, 1, 2, 0}, {1, 1, 1, 0}}, nothing[] = {{0, 1, 0, 0}, {1, 0, 0, 0}};
  const given all[] = {{.customers = 0},
                       {.customers = 1},
                       {.customers = 3},
                       {.ties = loops, .count = 3, .customers = 2, .weighted = 1},
                       {.ties = nothing, .count = 2, .customers = 2, .weighted = 1}};
  for (int k = 0; k < 5; k++)
    for (int m = 0; m < 3; m++) {
      const given *g = &all[k];
      rig *r = scored(g, every_method[m]);
      for (int64_t i = 0; i < g->customers; i++) {
        double alike = m == 0 ? 1 / (double)g->customers : m == 1 ? 1 : 0;
        assert_near(rig_value(r, INFLUENCE, i), alike, 1e-15);
        assert_int_equal(rig_integer(r, INFLUENCED, i), 0);
      }
      assert_near(fact(r, "edges"), 0, 0);
      assert_near(fact(r, "dropped"), (double)g->count, 0);
      assert_near(fact(r, "uninfluenced"), (double)g->customers, 0);
      rig_close(r);
    }
}

static void on_a_cycle_all_are_alike_and_an_isolated_one_is_least(void **state)
{
  (void)state;
  tie cycle[10];
  for (int i = 0; i < 10; i++) cycle[i] = (tie){i, (i + 1) % 10, 1, 0};
  for (int m = 0; m < 3; m++) {
    rig *r = scored(&(given){.ties = cycle, .count = 10, .customers = 11}, every_method[m]);
    for (int i = 1; i < 10; i++) assert_near(rig_value(r, INFLUENCE, i), rig_value(r, INFLUENCE, 0), 1e-12);
    assert_true(rig_value(r, INFLUENCE, 10) < rig_value(r, INFLUENCE, 0));
    rig_close(r);
  }
}

static void the_centre_of_a_star_has_most_influence(void **state)
{
  (void)state;
  tie star[20];
  for (int i = 0; i < 20; i++) star[i] = (tie){i + 1, 0, 1, 0};
  for (int m = 0; m < 3; m++) {
    rig *r = scored(&(given){.ties = star, .count = 20, .customers = 21}, every_method[m]);
    for (int i = 2; i < 21; i++) assert_near(rig_value(r, INFLUENCE, i), rig_value(r, INFLUENCE, 1), 1e-15);
    assert_true(rig_value(r, INFLUENCE, 0) > rig_value(r, INFLUENCE, 1));
    rig_close(r);
  }
}

/* ---- properties ---- */

static void assert_alike(const rig *a, const rig *b, int64_t customers, double tolerance)
{
  for (int64_t i = 0; i < customers; i++) {
    assert_near(rig_value(a, INFLUENCE, i), rig_value(b, INFLUENCE, i), tolerance);
    assert_near(rig_value(a, VALUE, i), rig_value(b, VALUE, i), tolerance);
    assert_int_equal(rig_integer(a, INFLUENCED, i), rig_integer(b, INFLUENCED, i));
  }
}

/* Other units of weight, other directions, repeated edges, loops, and edges that weigh nothing. */
static void what_says_the_same_scores_the_same(void **state)
{
  (void)state;
  uint64_t seed = 7;
  for (int run = 0; run < 60; run++) {
    static tie ties[200], other[1000];
    double value[MOST];
    given g = random_graph(ties, &seed, 0);
    g.weighted = 1;
    g.value = value;
    for (int64_t i = 0; i < g.customers; i++) value[i] = next_uniform(&seed);
    rig *first = scored(&g, every_method[run % 3]), *second;
    given scaled = g, repeated = g, turned = g;
    scaled.ties = repeated.ties = turned.ties = other;
    for (int64_t e = 0; e < g.count; e++) {
      other[e] = ties[e];
      other[e].weight *= 1024;
    }
    second = scored(&scaled, every_method[run % 3]);
    assert_alike(first, second, g.customers, 1e-12);
    rig_close(second);
    for (int64_t e = 0; e < g.count; e++) {
      const tie *t = &ties[e];
      memcpy(&other[4 * e],
             (tie[]){{t->from, t->to, t->weight / 4, 0},
                     {t->from, t->to, t->weight * 3 / 4, 0},
                     {t->from, t->from, 3, 0},
                     {t->to, (t->to + 1) % g.customers, 0, 0}},
             4 * sizeof *other);
    }
    repeated.count = 4 * g.count;
    second = scored(&repeated, every_method[run % 3]);
    assert_alike(first, second, g.customers, 1e-12);
    rig_close(second);
    char params[100];
    snprintf(params, sizeof params, "{influencer: from, %s", every_method[run % 3] + 1);
    for (int64_t e = 0; e < g.count; e++) other[e] = (tie){ties[e].to, ties[e].from, ties[e].weight, 0};
    second = scored(&turned, params);
    assert_alike(first, second, g.customers, 1e-12);
    rig_close(second);
    rig_close(first);
  }
}

static void names_of_rows_do_not_matter(void **state)
{
  (void)state;
  uint64_t seed = 8;
  for (int run = 0; run < 30; run++) {
    static tie ties[200], moved[200];
    given g = random_graph(ties, &seed, 0), other = g;
    int64_t n = g.customers;
    for (int64_t e = 0; e < g.count; e++) moved[e] = (tie){n - 1 - ties[e].from, n - 1 - ties[e].to, ties[e].weight, 0};
    other.ties = moved;
    rig *a = scored(&g, every_method[run % 3]), *b = scored(&other, every_method[run % 3]);
    for (int64_t i = 0; i < n; i++) assert_near(rig_value(a, INFLUENCE, i), rig_value(b, INFLUENCE, n - 1 - i), 1e-12);
    rig_close(a);
    rig_close(b);
  }
}

/* Weights far from 1 change nothing but for what they are to one another; beyond all measure they are refused. */
static void huge_and_tiny_weights(void **state)
{
  (void)state;
  for (int m = 0; m < 2; m++) {
    rig *plain = scored(
        &(given){.ties = (tie[]){{0, 1, 1, 0}, {0, 2, 3, 0}, {1, 2, 1, 0}}, .count = 3, .customers = 3, .weighted = 1},
        every_method[m]);
    for (int k = 0; k < 2; k++) {
      double unit = k ? 1e-240 : 1e240;
      tie ties[] = {{0, 1, unit, 0}, {0, 2, 3 * unit, 0}, {1, 2, unit, 0}};
      rig *r = scored(&(given){.ties = ties, .count = 3, .customers = 3, .weighted = 1}, every_method[m]);
      for (int i = 0; i < 3; i++) assert_near(rig_value(r, INFLUENCE, i), rig_value(plain, INFLUENCE, i), 1e-12);
      rig_close(r);
    }
    rig_close(plain);
  }
  const tie beyond[] = {{0, 1, 1e300, 0}};
  rig *r = open_influence(&(given){.ties = beyond, .count = 1, .customers = 2, .weighted = 1});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 0);
  rig_close(r);
}

static void an_edge_of_one_half_life_weighs_half(void **state)
{
  (void)state;
  const int64_t age = INT64_C(-30) * DAY * 1000000;
  const tie aged[] = {{0, 1, 2, age}, {0, 2, 3, 0}, {1, 0, 1, 2 * age}, {2, 0, 1, 0}};
  const tie said[] = {{0, 1, 1, 0}, {0, 2, 3, 0}, {1, 0, 0.25, 0}, {2, 0, 1, 0}};
  given g = {.ties = aged, .count = 4, .customers = 3, .weighted = 1, .timed = 1};
  given h = {.ties = said, .count = 4, .customers = 3, .weighted = 1};
  rig *a = scored(&g, "{method: leader_rank, half_life: 30 days}"), *b = scored(&h, "{method: leader_rank}");
  for (int i = 0; i < 3; i++) assert_near(rig_value(a, INFLUENCE, i), rig_value(b, INFLUENCE, i), 0);
  rig_close(a);
  rig_close(b);
  g.weighted = h.weighted = 0; /* dates alone: one each, faded */
  a = scored(&g, "{half_life: 30 days}");
  b = scored(&(given){.ties = (tie[]){{0, 1, 0.5, 0}, {0, 2, 1, 0}, {1, 0, 0.25, 0}, {2, 0, 1, 0}},
                      .count = 4,
                      .customers = 3,
                      .weighted = 1},
             NULL);
  for (int i = 0; i < 3; i++) assert_near(rig_value(a, INFLUENCE, i), rig_value(b, INFLUENCE, i), 0);
  rig_close(a);
  rig_close(b);
}

/* ---- what is told ---- */

static void what_was_dropped_is_told(void **state)
{
  (void)state;
  const tie ties[] = {{0, 1, 1, 0}, {0, 1, 2, 0}, {1, 1, 1, 0}, {1, 2, NAN, 0}, {2, 0, 0, 0}};
  rig *r = scored(&(given){.ties = ties, .count = 5, .customers = 3, .weighted = 1}, NULL);
  assert_near(fact(r, "nodes"), 3, 0);
  assert_near(fact(r, "edges"), 1, 0);
  assert_near(fact(r, "merged"), 1, 0);
  assert_near(fact(r, "dropped"), 3, 0);
  assert_near(fact(r, "dropped_self_edges"), 1, 0);
  assert_near(fact(r, "dropped_without_weight"), 1, 0);
  assert_near(fact(r, "dropped_unknown"), 1, 0);
  assert_int_equal(rig_fact(r, "dropped_unknown")->level, 1);
  assert_near(fact(r, "uninfluenced"), 2, 0);
  rig_close(r);
}

static void what_has_not_converged_is_told(void **state)
{
  (void)state;
  tie path[20];
  for (int i = 0; i < 20; i++) path[i] = (tie){i, (i * 7 + 1) % 20, 1, 0};
  for (int m = 0; m < 3; m++) {
    char params[100];
    snprintf(params, sizeof params, "{most_iterations: 3, %s%s", m == 2 ? "attenuation: 0.3, " : "",
             every_method[m] + 1);
    rig *r = scored(&(given){.ties = path, .count = 19, .customers = 20}, params);
    assert_near(fact(r, "iterations"), 3, 0);
    assert_int_equal(rig_fact(r, "residual")->level, 1);
    score(r, every_method[m]);
    assert_int_equal(rig_fact(r, "residual")->level, 0);
    assert_true(fact(r, "iterations") > 3);
    rig_close(r);
  }
}

typedef struct told {
  tarazu_writer writer;
  char text[1000];
} told;

static int append(const tarazu_writer *writer, const void *bytes, size_t count)
{
  strncat(((told *)(uintptr_t)writer)->text, bytes, count);
  return 1;
}

static void assert_told_of(const rig *r, int64_t row, const char *expected)
{
  const tarazu_explain *explain = r->strategy->extension("tarazu.explain/1");
  told t = {.writer = {.size = sizeof t.writer, .write = append}};
  tarazu_error error = {.size = sizeof error};
  const tarazu_batch batch = {.size = sizeof batch, .first_row = row, .rows = 1};
  assert_int_equal(explain->reasons(rig_self(r), &batch, &t.writer, &error), TARAZU_OK);
  assert_string_equal(t.text, expected);
}

/* Katz by hand: 4's status is a (w + w x) over her followers: 1 and 2 have none of their own, 3 has 0's. */
static void reasons_name_those_through_whom_influence_comes(void **state)
{
  (void)state;
  const tie ties[] = {{0, 3, 2, 0}, {1, 4, 1, 0}, {2, 4, 1, 0}, {3, 4, 4, 0}, {5, 4, 2, 0}};
  const double value[] = {5, 10, 10, 10, 0, 7};
  given g = {.ties = ties, .count = 5, .customers = 6, .weighted = 1, .value = value};
  rig *r = scored(&g, "{method: katz, attenuation: 0.5, levels: 1}");
  /* x3 = 1, x4 = 0.5 (1 + 1 + 4 * 2 + 2) = 6, mean 7/6 */
  assert_near(rig_value(r, INFLUENCE, 4), 6, 1e-12);
  assert_told_of(
      r, 4,
      "influences 4 customers directly; 5.14 times the mean influence, the largest parts through c3 (66.7 %), "
      "c5 (16.7 %), c1 (8.33 %)\nof what others are worth, 37 is owed to her\n");
  assert_told_of(r, 0, "influences nobody; 0 times the mean influence\n");
  rig_close(r);
  /* Of PageRank and LeaderRank the parts and what everybody has make up the whole. */
  for (int m = 0; m < 2; m++) {
    const tie one[] = {{0, 1, 1, 0}};
    r = scored(&(given){.ties = one, .count = 1, .customers = 2}, every_method[m]);
    double of_zero = rig_value(r, INFLUENCE, 0), of_one = rig_value(r, INFLUENCE, 1);
    char expected[200];
    snprintf(expected, sizeof expected,
             "influences 1 customer directly; %.3g times the mean influence, the largest parts through c0 (%.3g %%)\n",
             m ? of_one : 2 * of_one, 100 * (of_one - of_zero) / of_one);
    assert_told_of(r, 1, expected);
    assert_null(r->strategy->extension("tarazu.explain/2"));
    rig_close(r);
  }
}

/* ---- faults ---- */

static void a_restart_must_be_there_and_add_up(void **state)
{
  (void)state;
  const tie one[] = {{0, 1, 1, 0}};
  given g = {.ties = one, .count = 1, .customers = 2};
  rig *r = open_influence(&g);
  assert_int_equal(rig_create(r, "{method: personalized_pagerank}"), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "needs the input restart"));
  rig_close(r);
  const double restarts[][2] = {{1, -1}, {0, 0}, {NAN, NAN}};
  for (int k = 0; k < 3; k++) {
    g.restart = restarts[k];
    r = open_influence(&g);
    assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
    assert_non_null(strstr(r->error.message, "takes no restart"));
    assert_int_equal(rig_create(r, "{method: personalized_pagerank}"), TARAZU_OK);
    assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
    assert_int_equal(r->error.row, k ? -1 : 1);
    rig_close(r);
  }
}

static void a_negative_weight_is_told_with_both_ends(void **state)
{
  (void)state;
  const tie ties[] = {{0, 1, 1, 0}, {2, 1, -4, 0}};
  rig *r = open_influence(&(given){.ties = ties, .count = 2, .customers = 3, .weighted = 1});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 2);
  assert_non_null(strstr(r->error.message, "c1 weighs -4, expected 0 or more"));
  rig_close(r);
}

static void a_value_beyond_a_double_is_told(void **state)
{
  (void)state;
  const tie ties[] = {{0, 2, 1, 0}, {1, 2, 1, 0}};
  const double value[] = {1e308, 1e308, 0};
  rig *r = open_influence(&(given){.ties = ties, .count = 2, .customers = 3, .value = value});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 2);
  rig_close(r);
}

static void a_user_can_cancel(void **state)
{
  (void)state;
  tie path[20];
  for (int i = 0; i < 20; i++) path[i] = (tie){i, (i * 7 + 1) % 20, 1, 0};
  for (int m = 0; m < 3; m++) {
    rig *r = open_influence(&(given){.ties = path, .count = 19, .customers = 20});
    assert_int_equal(rig_create(r, every_method[m]), TARAZU_OK);
    r->cancel_after = 2;
    assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
    rig_close(r);
  }
}

static void wrong_parameters_are_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {"{method: hits}", "{influencer: both}",   "{damping: 100%}",
                                      "{damping: -1%}", "{attenuation: 0.1}",   "{method: katz, attenuation: 0}",
                                      "{tolerance: 0}", "{most_iterations: 0}", "{value_share: 101%}",
                                      "{levels: 0}",    "{passed_on: -1%}",     "{half_life: 0}"};
  rig *r = open_influence(&(given){.customers = 1});
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (rig_create(r, wrong[i]) != TARAZU_BAD_PARAMETER) fail_msg("%s was taken", wrong[i]);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pagerank_equals_igraph),
      cmocka_unit_test(personalized_pagerank_equals_igraph),
      cmocka_unit_test(a_large_graph_equals_igraph_and_no_thread_shows),
      cmocka_unit_test(leader_rank_is_the_walk_with_a_ground_customer),
      cmocka_unit_test(katz_is_the_solution_of_its_equation),
      cmocka_unit_test(katz_of_a_path_equals_networkx),
      cmocka_unit_test(katz_refuses_an_attenuation_that_is_too_large),
      cmocka_unit_test(katz_of_a_chain_ends_with_it),
      cmocka_unit_test(value_is_owed_as_walks_from_each_customer_tell),
      cmocka_unit_test(value_by_hand),
      cmocka_unit_test(two_who_influence_each_other_do_not_get_their_own_value_back),
      cmocka_unit_test(a_missing_value_counts_0_and_is_told),
      cmocka_unit_test(without_edges_all_are_alike),
      cmocka_unit_test(on_a_cycle_all_are_alike_and_an_isolated_one_is_least),
      cmocka_unit_test(the_centre_of_a_star_has_most_influence),
      cmocka_unit_test(what_says_the_same_scores_the_same),
      cmocka_unit_test(names_of_rows_do_not_matter),
      cmocka_unit_test(huge_and_tiny_weights),
      cmocka_unit_test(an_edge_of_one_half_life_weighs_half),
      cmocka_unit_test(what_was_dropped_is_told),
      cmocka_unit_test(what_has_not_converged_is_told),
      cmocka_unit_test(reasons_name_those_through_whom_influence_comes),
      cmocka_unit_test(a_restart_must_be_there_and_add_up),
      cmocka_unit_test(a_negative_weight_is_told_with_both_ends),
      cmocka_unit_test(a_value_beyond_a_double_is_told),
      cmocka_unit_test(a_user_can_cancel),
      cmocka_unit_test(wrong_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
