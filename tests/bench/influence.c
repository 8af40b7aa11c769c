/* PageRank over a million customers and ten million edges: the plugin as a run calls it, with one thread and with two,
 * beside igraph's PRPACK, each from the same list of edges on, building the graph included; and a control loop that
 * gathers from memory in the same pattern, which tells how much a second thread can gain on this machine.
 *   influence [CUSTOMERS EDGES]    a line each: edges, the largest difference of the ranks times customers, the
 *                                  iterations, and by name the median seconds
 */
#include "base/pool.h"
#include "bench.h"
#include <dlfcn.h>
#include <igraph/igraph.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { ROUNDS = 5, TASKS = 256, SWEEPS = 10 };

typedef struct bench_host {
  tarazu_host host;
  pool *pool;
} bench_host;

typedef struct bench {
  int64_t customers, edges;
  int64_t *from, *to;
  igraph_integer_t *pairs; /* the same for igraph */
  bench_host one, two;
  const tarazu_strategy *strategy;
  void *self;
  double *rank, *peer_rank;
  double iterations;
  uint32_t *column; /* of the control loop */
  double *y, *sums;
} bench;

static void fail(const char *what)
{
  fprintf(stderr, "influence: %s\n", what);
  exit(1);
}

static void *need(void *memory)
{
  if (!memory) fail("no memory");
  return memory;
}

/* ---- the graph ---- */

static uint64_t seed = 88172645463325252u;

/* Marsaglia (2003). */
static double uniform(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (double)(seed >> 11) * 0x1p-53;
}

static int by_value(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* A customer's rank r among n is drawn with density r^(-1/2), so that degrees fall off as a power law with exponent 3
 * on either end; ranks are spread over the rows by a multiplication. Sorted as the host sorts. */
static int64_t draw(int64_t n, int64_t factor)
{
  double u = uniform();
  return (int64_t)((double)n * u * u) * factor % n;
}

static void make_edges(bench *b)
{
  int64_t *both = need(malloc((size_t)b->edges * sizeof *both));
  for (int64_t e = 0; e < b->edges; e++)
    both[e] = draw(b->customers, 611953) * b->customers + draw(b->customers, 700001);
  qsort(both, (size_t)b->edges, sizeof *both, by_value);
  b->from = need(malloc((size_t)b->edges * sizeof *b->from));
  b->to = need(malloc((size_t)b->edges * sizeof *b->to));
  b->pairs = need(malloc(2 * (size_t)b->edges * sizeof *b->pairs));
  b->column = need(malloc((size_t)b->edges * sizeof *b->column));
  int64_t kept = 0; /* neither loops nor repeats, which the plugin drops and merges */
  for (int64_t e = 0; e < b->edges; e++) {
    int64_t from = both[e] / b->customers, to = both[e] % b->customers;
    if (from == to || (e && both[e] == both[e - 1])) continue;
    b->from[kept] = b->pairs[2 * kept] = from;
    b->to[kept] = b->pairs[2 * kept + 1] = to;
    b->column[kept++] = (uint32_t)to;
  }
  b->edges = kept;
  free(both);
}

/* ---- the host ---- */

typedef struct host_task {
  void (*task)(void *argument, int64_t index);
  void *argument;
} host_task;

static int go_on(const tarazu_host *host, double done)
{
  (void)host, (void)done;
  return 1;
}

static void run_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  const host_task *t = argument;
  t->task(t->argument, index);
}

static void in_pool(const tarazu_host *host, int64_t count, void (*task)(void *, int64_t), void *argument)
{
  host_task t = {task, argument};
  pool_run(((const bench_host *)host)->pool, count, run_task, &t);
}

static void make_hosts(bench *b)
{
  bench_host *hosts[2] = {&b->one, &b->two};
  for (int i = 0; i < 2; i++) {
    *hosts[i] = (bench_host){.host = {.size = sizeof hosts[i]->host, .progress = go_on, .parallel = in_pool}};
    hosts[i]->pool = need(pool_new(i + 1));
  }
}

/* ---- the works ---- */

static void load(bench *b)
{
  void *library = dlopen(BUILD_DIR "/plugins/scorer/influence.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(dlerror());
  b->strategy = ((const tarazu_plugin *)dlsym(library, "tarazu_plugin_v1"))->strategies[0];
  b->self = need(malloc(b->strategy->self_size));
}

/* The profile's words for the defaults that matter here. */
static void arguments(const tarazu_strategy *strategy, tarazu_value *values)
{
  for (uint32_t i = 0; i < strategy->params.count; i++) {
    const tarazu_param *param = tarazu_at(&strategy->params, i);
    double number = param->initial ? strtod(param->initial, NULL) : 0;
    int percent = param->initial && strchr(param->initial, '%');
    values[i] = (tarazu_value){.given = param->initial != NULL,
                               .real = percent ? number / 100 : number,
                               .integer = param->kind == TARAZU_CHOICE ? 0 : (int64_t)number};
  }
}

static void fit_with(bench *b, const bench_host *host)
{
  enum { COLUMNS = 6 };
  tarazu_value values[16];
  tarazu_bound bound[COLUMNS] = {{.name = "from", .type = TARAZU_ROW, .space = 1},
                                 {.name = "to", .type = TARAZU_ROW, .space = 1}};
  tarazu_error error = {.size = sizeof error};
  arguments(b->strategy, values);
  tarazu_args args = {{values, b->strategy->params.count, sizeof values[0]}};
  tarazu_context context = {.size = sizeof context, .host = &host->host, .columns = TARAZU_LIST(bound)};
  tarazu_column from = {.size = sizeof from, .type = TARAZU_ROW, .values = b->from};
  tarazu_column to = {.size = sizeof to, .type = TARAZU_ROW, .values = b->to};
  const tarazu_column *of_edges[COLUMNS] = {&from, &to}, *none[COLUMNS] = {NULL};
  tarazu_batch customers = {.size = sizeof customers, .rows = b->customers, .columns = none, .column_count = COLUMNS};
  tarazu_batch edges = {
      .size = sizeof edges, .space = 1, .rows = b->edges, .columns = of_edges, .column_count = COLUMNS};
  const tarazu_batch *spaces[] = {&customers, &edges};
  memset(b->self, 0, b->strategy->self_size);
  if (b->strategy->create(b->self, &context, &args, &error) || b->strategy->fit(b->self, spaces, 2, &error))
    fail(error.message);
}

static void finish(bench *b)
{
  b->strategy->destroy(b->self);
}

static void with_one(void *argument)
{
  bench *b = argument;
  fit_with(b, &b->one);
  finish(b);
}

static void with_two(void *argument)
{
  bench *b = argument;
  fit_with(b, &b->two);
  finish(b);
}

static void with_peer(void *argument)
{
  bench *b = argument;
  igraph_t graph;
  igraph_vector_int_t edges = {0};
  igraph_vector_t rank;
  igraph_vector_int_view(&edges, b->pairs, 2 * b->edges);
  igraph_vector_init(&rank, 0);
  if (igraph_create(&graph, &edges, b->customers, IGRAPH_DIRECTED) ||
      igraph_pagerank(&graph, IGRAPH_PAGERANK_ALGO_PRPACK, &rank, NULL, igraph_vss_all(), IGRAPH_DIRECTED, 0.85, NULL,
                      NULL))
    fail("igraph could not rank");
  memcpy(b->peer_rank, VECTOR(rank), (size_t)b->customers * sizeof *b->peer_rank);
  igraph_vector_destroy(&rank);
  igraph_destroy(&graph);
}

static void control_task(void *argument, int64_t task, int worker)
{
  (void)worker;
  bench *b = argument;
  int64_t end = b->edges * (task + 1) / TASKS;
  double sum = 0;
  for (int64_t e = b->edges * task / TASKS; e < end; e++) sum += b->y[b->column[e]];
  b->sums[task] = sum;
}

static void control(bench *b, pool *threads)
{
  for (int i = 0; i < SWEEPS; i++) {
    pool_run(threads, TASKS, control_task, b);
    BENCH_BARRIER();
  }
}

static void control_one(void *argument)
{
  control(argument, ((bench *)argument)->one.pool);
}

static void control_two(void *argument)
{
  control(argument, ((bench *)argument)->two.pool);
}

/* ---- agreement ---- */

static void read_ranks(bench *b)
{
  tarazu_error error = {.size = sizeof error};
  tarazu_batch batch = {.size = sizeof batch, .rows = b->customers};
  uint8_t *valid = need(malloc((size_t)b->customers / 8 + 1));
  tarazu_result ranks = {.size = sizeof ranks, .type = TARAZU_F64, .values = b->rank, .valid = valid};
  tarazu_result *const results[] = {&ranks, NULL, NULL};
  fit_with(b, &b->two);
  if (b->strategy->apply(b->self, &batch, results, &error)) fail(error.message);
  tarazu_list facts = b->strategy->facts(b->self);
  for (uint32_t i = 0; i < facts.count; i++) {
    const tarazu_fact *fact = tarazu_at(&facts, i);
    if (!strcmp(fact->name, "iterations")) b->iterations = fact->value;
  }
  finish(b);
  free(valid);
}

static double difference(bench *b)
{
  double largest = 0;
  with_peer(b);
  read_ranks(b);
  for (int64_t i = 0; i < b->customers; i++) {
    double away = fabs(b->rank[i] - b->peer_rank[i]);
    if (away > largest) largest = away;
  }
  return largest * (double)b->customers;
}

int main(int count, char **words)
{
  static const char *const names[] = {"two_threads", "one_thread", "igraph", "control_two", "control_one"};
  static bench_work *const works[] = {with_two, with_one, with_peer, control_two, control_one};
  static bench b;
  double medians[BENCH_WORKS];
  b.customers = count > 2 ? strtoll(words[1], NULL, 10) : 1000000;
  b.edges = count > 2 ? strtoll(words[2], NULL, 10) : 10000000;
  make_edges(&b);
  make_hosts(&b);
  load(&b);
  b.rank = need(calloc((size_t)b.customers, sizeof *b.rank));
  b.peer_rank = need(calloc((size_t)b.customers, sizeof *b.peer_rank));
  b.y = need(malloc((size_t)b.customers * sizeof *b.y));
  b.sums = need(calloc(TASKS, sizeof *b.sums));
  for (int64_t i = 0; i < b.customers; i++) b.y[i] = uniform();
  printf("edges %lld\n", (long long)b.edges);
  printf("difference %.3g\n", difference(&b));
  printf("iterations %g\n", b.iterations);
  bench_interleave(works, 5, ROUNDS, &b, medians);
  for (int i = 0; i < 5; i++) printf("%s %.4f\n", names[i], medians[i]);
  return 0;
}
