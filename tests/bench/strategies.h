/* Strategies for benchmarks, taken through their lives as the engine does: loaded, created with their defaults, learned
 * in blocks of shares over a pool of threads, normalizers right before the combiner that they feed. */
#ifndef TESTS_BENCH_STRATEGIES_H
#define TESTS_BENCH_STRATEGIES_H

#include "base/pool.h"
#include "bench.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { BENCH_COLUMNS = 64, BENCH_PARAMS = 32 };

static inline void bench_fail(const char *what)
{
  fprintf(stderr, "bench: %s\n", what);
  exit(1);
}

static inline void *bench_need(void *memory)
{
  if (!memory) bench_fail("no memory");
  return memory;
}

/* ---- the host ---------------------------------------------------------------------------------------------- */

typedef struct bench_host {
  tarazu_host host;
  pool *pool;
  uint64_t seed;
} bench_host;

typedef struct bench_task {
  void (*task)(void *argument, int64_t index);
  void *argument;
} bench_task;

static inline void bench_run_task(void *argument, int64_t index, int worker)
{
  (void)worker;
  const bench_task *t = argument;
  t->task(t->argument, index);
}

static inline void bench_parallel(const tarazu_host *host, int64_t count, void (*task)(void *, int64_t), void *argument)
{
  bench_task t = {task, argument};
  pool_run(((const bench_host *)host)->pool, count, bench_run_task, &t);
}

static inline int bench_go_on(const tarazu_host *host, double done)
{
  return (void)host, (void)done, 1;
}

static inline const char *bench_customer(const tarazu_host *host, int64_t row)
{
  return (void)host, (void)row, "somebody";
}

/* splitmix64's last step (Steele, Lea, Flood 2014). */
static inline uint64_t bench_mix(uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static inline double bench_uniform(const tarazu_host *host, int64_t row, uint32_t draw)
{
  uint64_t seed = ((const bench_host *)host)->seed;
  return (double)(bench_mix(bench_mix(bench_mix(seed) ^ (uint64_t)row) ^ draw) >> 11) * 0x1p-53;
}

static inline bench_host bench_make_host(pool *threads, uint64_t seed)
{
  return (bench_host){{.size = sizeof(tarazu_host),
                       .abi_minor = TARAZU_ABI_MINOR,
                       .progress = bench_go_on,
                       .uniform = bench_uniform,
                       .parallel = bench_parallel,
                       .customer = bench_customer},
                      threads,
                      seed};
}

/* ---- a strategy -------------------------------------------------------------------------------------------- */

typedef struct bench_strategy {
  const tarazu_strategy *strategy;
  void *self;
  tarazu_bound bound[BENCH_COLUMNS];
  tarazu_context context;
  tarazu_value values[BENCH_PARAMS];
  tarazu_args args;
} bench_strategy;

/* The one with this id; NULL: it is not there. */
static inline const tarazu_strategy *bench_find(const char *role, const char *id)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/plugins/%s/%s.so", BUILD_DIR, role, id);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const tarazu_plugin *found = library ? dlsym(library, "tarazu_plugin_v1") : NULL;
  return found ? found->strategies[0] : NULL;
}

static inline tarazu_value bench_default(const tarazu_param *param)
{
  if (!param->initial) return (tarazu_value){0};
  double number = strtod(param->initial, NULL) / (strchr(param->initial, '%') ? 100 : 1);
  tarazu_value value = {.given = 1, .real = number, .integer = (int64_t)number};
  if (param->kind == TARAZU_CHOICE)
    while (param->choices[value.integer] && strcmp(param->choices[value.integer], param->initial) != 0) value.integer++;
  return value;
}

/* Of so many columns that are all benefits, with the parameters' defaults; change s->values before bench_create. */
static inline void bench_prepare(bench_strategy *s, const tarazu_strategy *strategy, const bench_host *host,
                                 uint32_t columns)
{
  *s = (bench_strategy){.strategy = strategy, .self = bench_need(calloc(1, strategy->self_size + 64))};
  for (uint32_t c = 0; c < columns; c++)
    s->bound[c] = (tarazu_bound){.name = "criterion", .type = TARAZU_F64, .better = 1, .weight = 1};
  for (uint32_t i = 0; i < strategy->params.count; i++) s->values[i] = bench_default(tarazu_at(&strategy->params, i));
  s->args.values = (tarazu_list){s->values, strategy->params.count, sizeof *s->values};
  s->context = (tarazu_context){
      .size = sizeof s->context, .host = host ? &host->host : NULL, .columns = {s->bound, columns, sizeof *s->bound}};
}

static inline void bench_create(bench_strategy *s)
{
  tarazu_error error = {.size = sizeof error};
  if (s->strategy->create && s->strategy->create(s->self, &s->context, &s->args, &error)) bench_fail(error.message);
}

static inline void bench_destroy(bench_strategy *s)
{
  if (s->strategy->destroy) s->strategy->destroy(s->self);
  free(s->self);
  s->self = NULL;
}

/* ---- learning ---------------------------------------------------------------------------------------------- */

/* Customers by columns without nulls, and the normalizers between them and who takes them; NULL: none. */
typedef struct bench_table {
  const double *const *columns;
  uint32_t count;
  int64_t rows;
  bench_strategy *normalizers;
  const double *weights;
} bench_table;

/* Room for a block of every column as it is seen. */
typedef struct bench_block {
  tarazu_column columns[BENCH_COLUMNS];
  const tarazu_column *pointers[BENCH_COLUMNS];
  tarazu_batch batch;
  double seen[];
} bench_block;

static inline bench_block *bench_block_new(uint32_t columns)
{
  return bench_need(calloc(1, sizeof(bench_block) + (size_t)columns * TARAZU_BLOCK * sizeof(double)));
}

static inline void bench_see(bench_block *b, const bench_table *t, uint32_t number, int64_t first, int64_t rows)
{
  tarazu_column raw = {.size = sizeof raw, .type = TARAZU_F64, .values = t->columns[number] + first};
  b->columns[number] = raw;
  b->pointers[number] = &b->columns[number];
  if (!t->normalizers) return;
  uint8_t valid[TARAZU_BLOCK / 8];
  tarazu_error error = {.size = sizeof error};
  const bench_strategy *n = &t->normalizers[number];
  const tarazu_column *pointer = &raw;
  const tarazu_batch batch = {
      .size = sizeof batch, .first_row = first, .rows = rows, .columns = &pointer, .column_count = 1};
  tarazu_result result = {
      .size = sizeof result, .type = TARAZU_F64, .values = b->seen + (size_t)number * TARAZU_BLOCK, .valid = valid};
  memset(valid, 0xff, sizeof valid);
  if (n->strategy->apply(n->self, &batch, (tarazu_result *const[]){&result}, &error)) bench_fail(error.message);
  b->columns[number].values = result.values;
}

/* The block of so many rows, at most TARAZU_BLOCK, as the taker of the table sees it. */
static inline const tarazu_batch *bench_fill(bench_block *b, const bench_table *t, int64_t first, int64_t rows)
{
  for (uint32_t c = 0; c < t->count; c++) bench_see(b, t, c, first, rows);
  b->batch = (tarazu_batch){.size = sizeof b->batch,
                            .first_row = first,
                            .rows = rows,
                            .columns = b->pointers,
                            .weights = t->weights,
                            .column_count = t->count};
  return &b->batch;
}

typedef struct bench_pass {
  const bench_strategy *of;
  const bench_table *table;
  char *states;
  size_t state_size;
} bench_pass;

static inline void bench_learn_share(void *argument, int64_t share, int worker)
{
  (void)worker;
  const bench_pass *p = argument;
  tarazu_error error = {.size = sizeof error};
  bench_block *b = bench_block_new(p->table->count);
  int64_t end = (share + 1) * TARAZU_SHARE < p->table->rows ? (share + 1) * TARAZU_SHARE : p->table->rows;
  for (int64_t first = share * TARAZU_SHARE; first < end; first += TARAZU_BLOCK) {
    int64_t rows = end - first < TARAZU_BLOCK ? end - first : TARAZU_BLOCK;
    if (p->of->strategy->learn(p->of->self, p->states + (size_t)share * p->state_size,
                               bench_fill(b, p->table, first, rows), &error))
      bench_fail(error.message);
  }
  free(b);
}

/* As many passes as it asks for; nothing where it does not learn by blocks. */
static inline void bench_learn(bench_strategy *s, const bench_table *customers, pool *threads)
{
  tarazu_error error = {.size = sizeof error};
  int64_t shares = (customers->rows + TARAZU_SHARE - 1) / TARAZU_SHARE;
  for (int32_t again = s->strategy->learn != NULL; again;) {
    bench_pass p = {s, customers, NULL, s->strategy->state_size(s->self)};
    again = 0;
    p.states = bench_need(calloc((size_t)shares + 1, p.state_size));
    pool_run(threads, shares, bench_learn_share, &p);
    for (int64_t share = 1; share < shares; share++)
      if (s->strategy->merge(s->self, p.states, p.states + (size_t)share * p.state_size, &error))
        bench_fail(error.message);
    if (s->strategy->finish(s->self, p.states, &again, &error)) bench_fail(error.message);
    free(p.states);
  }
}

#endif
