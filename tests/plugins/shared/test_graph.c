/* Edges as compressed rows: random ones against a dense matrix, many at once against turning them round twice, whatever
 * the threads. */
#include "../../../plugins/shared/graph.h"

#include "base/pool.h"
#include "support/near.h"
#include "support/properties.h"

#include <stdio.h>

enum { SMALL = 24, DAY = 86400 };

/* ---- a host ---- */

typedef struct test_host {
  tarazu_host host;
  pool *pool;
} test_host;

typedef struct host_task {
  void (*task)(void *argument, int64_t index);
  void *argument;
  int64_t last;
} host_task;

static void run_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  const host_task *t = argument;
  t->task(t->argument, t->last - index); /* from the last to the first */
}

static void in_pool(const tarazu_host *host, int64_t count, void (*task)(void *, int64_t), void *argument)
{
  host_task t = {task, argument, count - 1};
  pool_run(((const test_host *)host)->pool, count, run_task, &t);
}

static const char *customer(const tarazu_host *host, int64_t row)
{
  static char name[24];
  (void)host;
  snprintf(name, sizeof name, "c%lld", (long long)row);
  return name;
}

static test_host host_with(int threads)
{
  return (test_host){{.size = sizeof(tarazu_host), .parallel = in_pool, .customer = customer}, pool_new(threads)};
}

/* ---- edges ---- */

typedef struct tie {
  int64_t from, to, time;
  double weight;
  int known;
} tie;

static int by_ends(const void *a, const void *b)
{
  const tie *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->weight > y->weight) - (x->weight < y->weight);
}

typedef struct table {
  graph_source source;
  tarazu_column weight, time;
  int64_t *from, *to, *times;
  double *weights;
  uint8_t *valid;
} table;

static void table_make(table *t, const test_host *host, tie *ties, int64_t rows, int64_t count)
{
  qsort(ties, (size_t)count, sizeof *ties, by_ends);
  t->from = calloc((size_t)count + 1, 8);
  t->to = calloc((size_t)count + 1, 8);
  t->times = calloc((size_t)count + 1, 8);
  t->weights = calloc((size_t)count + 1, 8);
  t->valid = calloc((size_t)count / 8 + 1, 1);
  for (int64_t e = 0; e < count; e++) {
    t->from[e] = ties[e].from;
    t->to[e] = ties[e].to;
    t->times[e] = ties[e].time;
    t->weights[e] = ties[e].weight;
    if (ties[e].known) t->valid[e >> 3] = (uint8_t)(t->valid[e >> 3] | 1 << (e & 7));
  }
  t->weight = (tarazu_column){.type = TARAZU_F64, .values = t->weights, .valid = t->valid};
  t->time = (tarazu_column){.type = TARAZU_TIME, .values = t->times};
  t->source = (graph_source){.host = &host->host, .rows = rows, .edges = count, .from = t->from, .to = t->to};
}

static void table_free(table *t)
{
  free(t->from);
  free(t->to);
  free(t->times);
  free(t->weights);
  free(t->valid);
}

static void random_ties(tie *ties, int64_t rows, int64_t count, uint64_t *seed)
{
  for (int64_t e = 0; e < count; e++)
    ties[e] = (tie){(int64_t)(next_uniform(seed) * (double)rows), (int64_t)(next_uniform(seed) * (double)rows),
                    -(int64_t)(next_uniform(seed) * 40) * DAY * 1000000, floor(next_uniform(seed) * 8) - 2,
                    next_uniform(seed) < 0.9};
}

/* ---- against a dense matrix ---- */

typedef struct matrix {
  double sum[SMALL][SMALL];
  int64_t edges[SMALL][SMALL];
  graph_counts counts;
} matrix;

static double weight_of(const graph_source *s, const tie *t)
{
  double weight = s->weight ? t->weight : 1;
  return s->time ? weight * pow(2, (double)t->time / 1e6 / DAY / s->half_life) : weight;
}

static void matrix_make(matrix *m, const graph_source *s, const tie *ties, int64_t count)
{
  *m = (matrix){.counts.given = count};
  for (int64_t e = 0; e < count; e++) {
    const tie *t = &ties[e];
    double weight = weight_of(s, t);
    if (t->from == t->to) m->counts.selves++;
    else if (s->weight && !t->known) m->counts.unknown++;
    else if (weight < 0 && s->negatives == GRAPH_DROP) m->counts.negative++;
    else if (s->repeats == GRAPH_APART && !(weight < 0) && !(weight > 0) && !s->zeros) m->counts.weightless++;
    else {
      int64_t before = m->edges[t->from][t->to]++;
      if (before && s->repeats != GRAPH_APART) m->counts.repeated++;
      if (!before || s->repeats != GRAPH_ONCE) m->sum[t->from][t->to] += weight;
    }
  }
  for (int i = 0; i < SMALL && s->repeats != GRAPH_APART; i++)
    for (int j = 0; j < SMALL; j++) {
      if (!m->edges[i][j]) continue;
      m->edges[i][j] = m->sum[i][j] < 0 || m->sum[i][j] > 0 || s->zeros;
      m->counts.weightless += !m->edges[i][j];
    }
}

static void assert_matrix(const graph *g, const matrix *m, int turned)
{
  double sum[SMALL][SMALL] = {{0}};
  int64_t edges[SMALL][SMALL] = {{0}};
  for (int64_t row = 0; row < g->rows; row++)
    for (int64_t e = g->start[row]; e < g->start[row + 1]; e++) {
      uint32_t column = g->column[e];
      assert_true(e == g->start[row] || g->column[e - 1] <= column);
      sum[turned ? column : row][turned ? row : column] += graph_weight(g, e);
      edges[turned ? column : row][turned ? row : column]++;
    }
  assert_int_equal(g->start[g->rows], g->edges);
  for (int i = 0; i < SMALL; i++)
    for (int j = 0; j < SMALL; j++) {
      assert_near(sum[i][j], m->sum[i][j], 1e-12);
      assert_int_equal(edges[i][j], m->edges[i][j]);
    }
}

static void assert_counts(const graph *g, const graph_counts *got, const graph_counts *expected)
{
  assert_int_equal(got->given, expected->given);
  assert_int_equal(got->selves, expected->selves);
  assert_int_equal(got->unknown, expected->unknown);
  assert_int_equal(got->negative, expected->negative);
  assert_int_equal(got->weightless, expected->weightless);
  assert_int_equal(got->repeated, expected->repeated);
  assert_int_equal(got->given, g->edges + got->selves + got->unknown + got->negative + got->weightless + got->repeated);
}

static void every_rule_gives_the_matrix_that_it_says(void **state)
{
  (void)state;
  test_host host = host_with(2);
  uint64_t seed = 3;
  for (int run = 0; run < 720; run++) {
    tie ties[200];
    int64_t count = (int64_t)(next_uniform(&seed) * 200), rows = 1 + (int64_t)(next_uniform(&seed) * SMALL);
    table t;
    random_ties(ties, rows, count, &seed);
    table_make(&t, &host, ties, rows, count);
    t.source.weight = run % 2 ? &t.weight : NULL;
    t.source.time = run % 3 ? &t.time : NULL;
    t.source.half_life = 10;
    t.source.repeats = (graph_repeats[]){GRAPH_ADD, GRAPH_ONCE, GRAPH_APART}[run / 6 % 3];
    t.source.negatives = run / 18 % 2 ? GRAPH_DROP : GRAPH_KEEP;
    t.source.zeros = run / 36 % 2;
    graph out, in;
    graph_counts counts;
    tarazu_error error = {.size = sizeof error};
    matrix m;
    matrix_make(&m, &t.source, ties, count);
    assert_int_equal(graph_make(&out, &counts, &t.source, &error), TARAZU_OK);
    assert_int_equal(graph_transpose(&in, &out, &host.host, &error), TARAZU_OK);
    assert_counts(&out, &counts, &m.counts);
    assert_matrix(&out, &m, 0);
    assert_matrix(&in, &m, 1);
    double sums[SMALL];
    graph_sums(&in, &host.host, sums);
    for (int64_t j = 0; j < rows; j++) {
      double sum = 0;
      for (int i = 0; i < SMALL; i++) sum += m.sum[i][j];
      assert_near(sums[j], sum, 1e-11);
    }
    graph_free(&out);
    graph_free(&in);
    table_free(&t);
  }
  pool_free(host.pool);
}

/* ---- many edges ---- */

static void assert_same(const graph *a, const graph *b)
{
  assert_int_equal(a->rows, b->rows);
  assert_int_equal(a->edges, b->edges);
  assert_memory_equal(a->start, b->start, (size_t)(a->rows + 1) * sizeof *a->start);
  assert_memory_equal(a->column, b->column, (size_t)a->edges * sizeof *a->column);
  assert_int_equal(a->weight != NULL, b->weight != NULL);
  if (a->weight) assert_memory_equal(a->weight, b->weight, (size_t)a->edges * sizeof *a->weight);
}

/* A third of all edges is from one customer, so that parts are uneven. */
static void threads_do_not_show_and_turning_twice_changes_nothing(void **state)
{
  (void)state;
  enum { ROWS = 70000, EDGES = 300000 };
  uint64_t seed = 11;
  tie *ties = calloc(EDGES, sizeof *ties);
  random_ties(ties, ROWS, EDGES, &seed);
  for (int e = 0; e < EDGES; e += 3) ties[e].from = 12345;
  for (int weighted = 0; weighted < 2; weighted++) {
    graph first = {0};
    for (int threads = 1; threads <= 4; threads++) {
      test_host host = host_with(threads);
      table t;
      table_make(&t, &host, ties, ROWS, EDGES);
      t.source.weight = weighted ? &t.weight : NULL;
      t.source.negatives = GRAPH_DROP;
      graph out, in, back;
      graph_counts counts;
      tarazu_error error = {.size = sizeof error};
      assert_int_equal(graph_make(&out, &counts, &t.source, &error), TARAZU_OK);
      assert_int_equal(graph_transpose(&in, &out, &host.host, &error), TARAZU_OK);
      assert_int_equal(graph_transpose(&back, &in, &host.host, &error), TARAZU_OK);
      assert_same(&back, &out);
      if (threads > 1) assert_same(&in, &first);
      graph_free(&first);
      first = in;
      graph_free(&out);
      graph_free(&back);
      table_free(&t);
      pool_free(host.pool);
    }
    graph_free(&first);
  }
  free(ties);
}

/* ---- edges of the contract ---- */

static void an_old_edge_fades_and_one_of_the_future_is_of_today(void **state)
{
  (void)state;
  test_host host = host_with(1);
  tie ties[] = {{0, 1, 0, 3, 1}, {0, 2, INT64_C(-864000000000), 3, 1}, {1, 2, INT64_C(864000000000), 3, 1}};
  table t;
  table_make(&t, &host, ties, 3, 3);
  t.source.weight = &t.weight;
  t.source.time = &t.time;
  t.source.half_life = 10;
  graph g;
  graph_counts counts;
  tarazu_error error = {.size = sizeof error};
  assert_int_equal(graph_make(&g, &counts, &t.source, &error), TARAZU_OK);
  assert_near(g.weight[0], 3, 0);
  assert_near(g.weight[1], 1.5, 0);
  assert_near(g.weight[2], 3, 0);
  graph_free(&g);
  t.source.least = 2; /* and what is left of the old one is too little */
  assert_int_equal(graph_make(&g, &counts, &t.source, &error), TARAZU_OK);
  assert_int_equal(g.edges, 2);
  assert_int_equal(counts.weightless, 1);
  graph_free(&g);
  table_free(&t);
  pool_free(host.pool);
}

static void weights_that_cannot_be_are_told_with_both_ends(void **state)
{
  (void)state;
  test_host host = host_with(2);
  const double weights[][2] = {{1, -3}, {INFINITY, 1}, {1e308, 1e308}};
  const char *const words[] = {"c2 weighs -3, expected 0 or more", "more than a double", "more than a double"};
  for (int i = 0; i < 3; i++) {
    tie ties[] = {{0, 1, 0, 1, 1}, {1, 2, 0, weights[i][0], 1}, {1, 2, 0, weights[i][1], 1}};
    table t;
    table_make(&t, &host, ties, 3, 3);
    t.source.weight = &t.weight;
    graph g;
    graph_counts counts;
    tarazu_error error = {.size = sizeof error};
    assert_int_equal(graph_make(&g, &counts, &t.source, &error), TARAZU_BAD_DATA);
    assert_non_null(strstr(error.message, words[i]));
    assert_int_equal(error.row, 1);
    assert_null(g.column);
    table_free(&t);
  }
  pool_free(host.pool);
}

static void nobody_and_no_edge_are_graphs_too(void **state)
{
  (void)state;
  test_host host = host_with(2);
  for (int64_t rows = 0; rows < 3; rows++) {
    tie none[1] = {{0}};
    table t;
    table_make(&t, &host, none, rows, 0);
    graph out, in;
    graph_counts counts;
    tarazu_error error = {.size = sizeof error};
    assert_int_equal(graph_make(&out, &counts, &t.source, &error), TARAZU_OK);
    assert_int_equal(graph_transpose(&in, &out, &host.host, &error), TARAZU_OK);
    for (int64_t i = 0; i <= rows; i++) assert_int_equal(in.start[i] + out.start[i], 0);
    graph_free(&out);
    graph_free(&in);
    table_free(&t);
  }
  pool_free(host.pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_gives_the_matrix_that_it_says),
      cmocka_unit_test(threads_do_not_show_and_turning_twice_changes_nothing),
      cmocka_unit_test(an_old_edge_fades_and_one_of_the_future_is_of_today),
      cmocka_unit_test(weights_that_cannot_be_are_told_with_both_ends),
      cmocka_unit_test(nobody_and_no_edge_are_graphs_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
