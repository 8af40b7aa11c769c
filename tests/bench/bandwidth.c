/* The bandwidth of weighted_sum over 6 columns of 10 million rows, in batches of 2,048, beside that of a triad
 * a[i] = b[i] + s * c[i] over columns as long, by the same pool of threads in one process.
 *   bandwidth THREADS    a line each: name, GB/s, GB/s with write-allocate
 * Bytes are counted as STREAM (McCalpin 1995) does, each value read or written once: 24 a row of the triad, 56 of the
 * weighted sum. With write-allocate, the line that a store first brings into the cache counts too: 32 and 64.
 * engine is the plugin as a run calls it: columns' windows made, results marked beforehand and checked afterwards. */
#include "bench.h"
#include "run/engine.h"
#include <dlfcn.h>
#include <stdio.h>

enum { COLUMNS = 6, ROWS = 10000000, BATCH = 2048, TASK = 65536, ROUNDS = 15, MOST_THREADS = 64 };

typedef struct bench {
  pool *pool;
  const tarazu_strategy *plugin;
  void *self;
  tarazu_bound bound[COLUMNS];
  tarazu_context context;
  column criteria[COLUMNS], score;
  double weights[COLUMNS];
  frame frames[MOST_THREADS];
} bench;

static int fill(bench *b)
{
  for (int c = 0; c < COLUMNS; c++) {
    b->bound[c] = (tarazu_bound){.name = "criterion", .type = TARAZU_F64, .better = 1};
    b->weights[c] = 1.0 / COLUMNS;
    if (!column_new(&b->criteria[c], TARAZU_F64, ROWS, 0)) return 0;
    double *values = b->criteria[c].values;
    for (int64_t i = 0; i < ROWS; i++) values[i] = (double)((i * 37 + c * 11) % 1009) / 1009;
  }
  for (int t = 0; t < pool_threads(b->pool); t++)
    if (!frame_new(&b->frames[t], COLUMNS, 1, BATCH)) return 0;
  return column_new(&b->score, TARAZU_F64, ROWS, 1);
}

static int load(bench *b)
{
  tarazu_error error = {.size = sizeof error};
  void *library = dlopen(BUILD_DIR "/plugins/combiner/weighted_sum.so", RTLD_NOW | RTLD_LOCAL);
  const tarazu_plugin *found = library ? dlsym(library, "tarazu_plugin_v1") : NULL;
  if (!found) {
    fprintf(stderr, "bandwidth: %s\n", dlerror());
    return 0;
  }
  b->plugin = found->strategies[0];
  b->self = calloc(1, b->plugin->self_size);
  b->context = (tarazu_context){.size = sizeof b->context, .columns = TARAZU_LIST(b->bound)};
  return b->self && b->plugin->create(b->self, &b->context, NULL, &error) == TARAZU_OK;
}

/* ---- the loops ----------------------------------------------------------------------------------------------- */

static int64_t rows_of(int64_t task)
{
  int64_t left = ROWS - task * TASK;
  return left < TASK ? left : TASK;
}

static void triad_loop(double *restrict a, const double *restrict b, const double *restrict c, double s, int64_t rows)
{
  for (int64_t i = 0; i < rows; i++) a[i] = b[i] + s * c[i];
}

static void triad_task(void *argument, int64_t index, int worker)
{
  bench *b = argument;
  (void)worker;
  double *a = b->score.values;
  const double *x = b->criteria[0].values, *y = b->criteria[1].values;
  triad_loop(a + index * TASK, x + index * TASK, y + index * TASK, 3, rows_of(index));
}

static void set_batch(bench *b, frame *f, int64_t first, int64_t rows)
{
  for (uint32_t c = 0; c < COLUMNS; c++) {
    f->columns[c] = column_window(&b->criteria[c], first, rows, f->bits + c * f->room);
    f->pointers[c] = &f->columns[c];
  }
  f->batch = (tarazu_batch){.size = sizeof f->batch,
                            .first_row = first,
                            .rows = rows,
                            .columns = f->pointers,
                            .weights = b->weights,
                            .column_count = COLUMNS};
}

static void apply_task(bench *b, int64_t index, frame *f, int checked)
{
  tarazu_error error = {.size = sizeof error};
  int64_t end = index * TASK + rows_of(index);
  for (int64_t first = index * TASK; first < end; first += BATCH) {
    int64_t rows = end - first < BATCH ? end - first : BATCH;
    tarazu_result result = {.size = sizeof result,
                            .type = TARAZU_F64,
                            .values = (double *)b->score.values + first,
                            .valid = b->score.valid + first / 8};
    set_batch(b, f, first, rows);
    f->results[0] = result;
    f->result_pointers[0] = &f->results[0];
    if (checked) frame_result(f, 0, &b->score, first, rows);
    if (b->plugin->apply(b->self, &f->batch, f->result_pointers, &error) != TARAZU_OK) abort();
    if (checked && !frame_accept(NULL, NULL, f, 0, "score", 0, &b->score, first, rows, NULL)) abort();
  }
}

static void plugin_task(void *argument, int64_t index, int worker)
{
  apply_task(argument, index, &((bench *)argument)->frames[worker], 0);
}

static void engine_task(void *argument, int64_t index, int worker)
{
  apply_task(argument, index, &((bench *)argument)->frames[worker], 1);
}

/* ---- one sweep over all rows each ------------------------------------------------------------------------------ */

static void sweep(bench *b, pool_task *task)
{
  pool_run(b->pool, (ROWS + TASK - 1) / TASK, task, b);
  BENCH_BARRIER();
}

static void triad(void *argument)
{
  sweep(argument, triad_task);
}

static void plugin(void *argument)
{
  sweep(argument, plugin_task);
}

static void engine_path(void *argument)
{
  sweep(argument, engine_task);
}

int main(int count, char **words)
{
  static bench b;
  static const char *const names[] = {"triad", "plugin", "engine"};
  static const double values[] = {3, COLUMNS + 1, COLUMNS + 1}; /* read or written, a row */
  static bench_work *const sweeps[] = {triad, plugin, engine_path};
  enum { SWEEPS = sizeof sweeps / sizeof *sweeps };
  int threads = count == 2 ? atoi(words[1]) : 0;
  if (threads < 1 || threads > MOST_THREADS) {
    fprintf(stderr, "bandwidth: bandwidth THREADS, 1 to %d\n", MOST_THREADS);
    return 2;
  }
  b.pool = pool_new(threads);
  if (!b.pool || !fill(&b) || !load(&b)) return 1;
  double seconds[SWEEPS];
  bench_interleave(sweeps, SWEEPS, ROUNDS, &b, seconds);
  for (int i = 0; i < SWEEPS; i++)
    printf("%s %.2f %.2f\n", names[i], values[i] * 8e-9 * ROWS / seconds[i],
           (values[i] + 1) * 8e-9 * ROWS / seconds[i]);
  return 0;
}
