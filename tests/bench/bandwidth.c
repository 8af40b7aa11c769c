/* The bandwidth of a combiner's apply over columns of 10 million rows, in batches of 2,048, beside that of a triad
 * a[i] = b[i] + s * c[i] over columns as long, by the same pool of threads in one process.
 *   bandwidth THREADS COMBINER COLUMNS    a line each: name, GB/s, GB/s with write-allocate, GB/s of what is read alone
 * Bytes are counted as STREAM (McCalpin 1995) does, each value read or written once: 24 a row of the triad, 56 of a
 * weighted sum of 6. With write-allocate, the line that a store first brings into the cache counts too: 32 and 64.
 * engine is the plugin as a run calls it: columns' windows made, results marked beforehand and checked afterwards. */
#include "run/engine.h"
#include "strategies.h"
#include <stdio.h>

enum { ROWS = 10000000, BATCH = 2048, TASK = 65536, ROUNDS = 15, MOST_THREADS = 64 };

typedef struct bench {
  pool *pool;
  bench_strategy plugin;
  uint32_t columns;
  column criteria[BENCH_COLUMNS], score;
  double weights[BENCH_COLUMNS];
  frame frames[MOST_THREADS];
} bench;

static int fill(bench *b)
{
  for (uint32_t c = 0; c < b->columns; c++) {
    b->weights[c] = 1.0 / b->columns;
    if (!column_new(&b->criteria[c], TARAZU_F64, ROWS, 0)) return 0;
    double *values = b->criteria[c].values;
    for (int64_t i = 0; i < ROWS; i++) values[i] = (double)((i * 37 + c * 11) % 1009) / 1009;
  }
  for (int t = 0; t < pool_threads(b->pool); t++)
    if (!frame_new(&b->frames[t], b->columns, 1, BATCH)) return 0;
  return column_new(&b->score, TARAZU_F64, ROWS, 1);
}

/* What it learns it learns beforehand. */
static int load(bench *b, const char *combiner)
{
  const tarazu_strategy *found = bench_find("combiner", combiner);
  const double *columns[BENCH_COLUMNS];
  if (!found) return 0;
  for (uint32_t c = 0; c < b->columns; c++) columns[c] = b->criteria[c].values;
  const bench_table customers = {.columns = columns, .count = b->columns, .rows = ROWS, .weights = b->weights};
  bench_prepare(&b->plugin, found, NULL, b->columns);
  bench_create(&b->plugin);
  bench_learn(&b->plugin, &customers, b->pool);
  return 1;
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
  for (uint32_t c = 0; c < b->columns; c++) {
    f->columns[c] = column_window(&b->criteria[c], first, rows, f->bits + c * f->room);
    f->pointers[c] = &f->columns[c];
  }
  f->batch = (tarazu_batch){.size = sizeof f->batch,
                            .first_row = first,
                            .rows = rows,
                            .columns = f->pointers,
                            .weights = b->weights,
                            .column_count = b->columns};
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
    if (b->plugin.strategy->apply(b->plugin.self, &f->batch, f->result_pointers, &error) != TARAZU_OK) abort();
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
  static bench_work *const sweeps[] = {triad, plugin, engine_path};
  enum { SWEEPS = sizeof sweeps / sizeof *sweeps };
  int threads = count == 4 ? atoi(words[1]) : 0;
  b.columns = count == 4 ? (uint32_t)atoi(words[3]) : 0;
  if (threads < 1 || threads > MOST_THREADS || b.columns < 2 || b.columns > BENCH_COLUMNS) {
    fprintf(stderr, "bandwidth: bandwidth THREADS COMBINER COLUMNS, 1 to %d threads, 2 to %d columns\n", MOST_THREADS,
            BENCH_COLUMNS);
    return 2;
  }
  b.pool = pool_new(threads);
  if (!b.pool || !fill(&b) || !load(&b, words[2])) return 1;
  double seconds[SWEEPS];
  bench_interleave(sweeps, SWEEPS, ROUNDS, &b, seconds);
  for (int i = 0; i < SWEEPS; i++) {
    double each = 8e-9 * ROWS / seconds[i], read = i ? b.columns : 2;
    printf("%s %.2f %.2f %.2f\n", names[i], (read + 1) * each, (read + 2) * each, read * each);
  }
  return 0;
}
