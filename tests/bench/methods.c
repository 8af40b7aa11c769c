/* Combining and grouping a million customers and more, for what is told beside peers and sorts.
 *   methods promethee THREADS                        a line each: sort and promethee, seconds (medians of rounds in
 * turn); 1 million x 8, fit and apply against sorting eight columns methods score COMBINER ROWS COLUMNS THREADS FILE
 * seconds of normalizing, learning and applying (a median). FILE gets the matrix row by row, FILE.scores the scores
 *   methods kmeans ROWS K STARTS THREADS SEED FILE   seconds, inertia and iterations; FILE gets the columns,
 * standardized, row by row 3: there is no such strategy. */
#include "../../plugins/shared/order.h"
#include "strategies.h"
#include <math.h>

enum { ROUNDS = 5, SORTED_ROWS = 1000000, SORTED_COLUMNS = 8, GROUPED_COLUMNS = 6, NO_SUCH = 3 };

typedef struct bench {
  pool *pool;
  bench_host host;
  int64_t rows;
  uint32_t count;
  double *columns[BENCH_COLUMNS];
  double weights[BENCH_COLUMNS];
  double *scores;
  uint8_t *valid;
  const tarazu_strategy *combiner, *normalizer;
  bench_table table;      /* as a combiner sees it */
  bench_strategy running; /* of the round at hand */
  ordered *items[SORTED_COLUMNS];
} bench;

/* ---- data -------------------------------------------------------------------------------------------------- */

static uint64_t seed = 88172645463325252u;

/* Marsaglia (2003). */
static double uniform(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (double)(seed >> 11) * 0x1p-53;
}

static void make_room(bench *b, int64_t rows, uint32_t count, int threads, uint64_t draws)
{
  if (rows < 1 || count < 1 || count > BENCH_COLUMNS || threads < 1) bench_fail("sizes are above 0");
  b->rows = rows;
  b->count = count;
  b->pool = bench_need(pool_new(threads));
  b->host = bench_make_host(b->pool, draws);
  b->scores = bench_need(calloc((size_t)rows, sizeof *b->scores));
  b->valid = bench_need(malloc((size_t)rows / 8 + 1));
  for (uint32_t c = 0; c < count; c++) {
    b->columns[c] = bench_need(malloc((size_t)rows * sizeof(double)));
    b->weights[c] = 1.0 / count;
  }
}

/* Amounts: many small ones, few large ones, all different. */
static void make_amounts(bench *b)
{
  for (uint32_t c = 0; c < b->count; c++)
    for (int64_t i = 0; i < b->rows; i++) b->columns[c][i] = 100 * exp(2 * (uniform() + uniform() + uniform() - 1.5));
}

/* Around k centres that overlap, so that Lloyd's iterations are many; each column in units of its own. */
static void make_groups(bench *b, int k)
{
  double centres[BENCH_COLUMNS * BENCH_COLUMNS];
  for (int i = 0; i < k * (int)b->count; i++) centres[i] = 10 * uniform();
  for (int64_t i = 0; i < b->rows; i++) {
    const double *centre = centres + (int)(uniform() * k) * (int)b->count;
    for (uint32_t c = 0; c < b->count; c++) {
      double around = uniform() + uniform() + uniform() + uniform() - 2; /* of deviation 0.58 */
      b->columns[c][i] = (c + 1) * (centre[c] + 4 * around);
    }
  }
}

static void write_rows(const bench *b, const double *shift, const double *scale, const char *path)
{
  FILE *file = bench_need(fopen(path, "wb"));
  double row[BENCH_COLUMNS];
  for (int64_t i = 0; i < b->rows; i++) {
    for (uint32_t c = 0; c < b->count; c++)
      row[c] = scale ? (b->columns[c][i] - shift[c]) / scale[c] : b->columns[c][i];
    if (fwrite(row, sizeof *row, b->count, file) != b->count) bench_fail("the matrix could not be written");
  }
  if (fclose(file)) bench_fail("the matrix could not be written");
}

static void write_scores(const bench *b, const char *path)
{
  char name[4096];
  snprintf(name, sizeof name, "%s.scores", path);
  FILE *file = bench_need(fopen(name, "wb"));
  if (fwrite(b->scores, sizeof(double), (size_t)b->rows, file) != (size_t)b->rows || fclose(file))
    bench_fail("the scores could not be written");
}

/* ---- a combiner over all customers ------------------------------------------------------------------------- */

static void apply_share(void *argument, int64_t share, int worker)
{
  (void)worker;
  bench *b = argument;
  tarazu_error error = {.size = sizeof error};
  bench_block *block = bench_block_new(b->count);
  int64_t end = (share + 1) * TARAZU_SHARE < b->rows ? (share + 1) * TARAZU_SHARE : b->rows;
  for (int64_t first = share * TARAZU_SHARE; first < end; first += TARAZU_BLOCK) {
    int64_t rows = end - first < TARAZU_BLOCK ? end - first : TARAZU_BLOCK;
    tarazu_result score = {
        .size = sizeof score, .type = TARAZU_F64, .values = b->scores + first, .valid = b->valid + first / 8};
    tarazu_result *const results[8] = {&score};
    const tarazu_batch *batch = bench_fill(block, &b->table, first, rows);
    if (b->running.strategy->apply(b->running.self, batch, results, &error)) bench_fail(error.message);
  }
  free(block);
}

static void apply_all(bench *b)
{
  memset(b->valid, 0xff, (size_t)b->rows / 8 + 1);
  pool_run(b->pool, (b->rows + TARAZU_SHARE - 1) / TARAZU_SHARE, apply_share, b);
}

static void fit_all(bench *b)
{
  tarazu_column whole[BENCH_COLUMNS];
  const tarazu_column *pointers[BENCH_COLUMNS];
  tarazu_error error = {.size = sizeof error};
  tarazu_batch all = {
      .size = sizeof all, .rows = b->rows, .columns = pointers, .weights = b->weights, .column_count = b->count};
  for (uint32_t c = 0; c < b->count; c++) {
    whole[c] = (tarazu_column){.size = sizeof whole[c], .type = TARAZU_F64, .values = b->columns[c]};
    pointers[c] = &whole[c];
  }
  if (b->running.strategy->fit(b->running.self, (const tarazu_batch *const[]){&all}, 1, &error))
    bench_fail(error.message);
}

static void learn_normalizers(bench *b, bench_strategy *normalizers)
{
  for (uint32_t c = 0; c < b->count; c++) {
    const double *column = b->columns[c];
    const bench_table alone = {.columns = &column, .count = 1, .rows = b->rows};
    bench_prepare(&normalizers[c], b->normalizer, &b->host, 1);
    bench_create(&normalizers[c]);
    bench_learn(&normalizers[c], &alone, b->pool);
  }
}

/* From the columns as they are to the scores. */
static void score(void *argument)
{
  bench *b = argument;
  static bench_strategy normalizers[BENCH_COLUMNS];
  b->table = (bench_table){.columns = (const double *const *)b->columns,
                           .count = b->count,
                           .rows = b->rows,
                           .normalizers = b->normalizer ? normalizers : NULL,
                           .weights = b->weights};
  if (b->normalizer) learn_normalizers(b, normalizers);
  bench_prepare(&b->running, b->combiner, &b->host, b->count);
  bench_create(&b->running);
  if (b->combiner->fit) fit_all(b);
  else bench_learn(&b->running, &b->table, b->pool);
  apply_all(b);
  bench_destroy(&b->running);
  for (uint32_t c = 0; b->normalizer && c < b->count; c++) bench_destroy(&normalizers[c]);
}

static int find_combiner(bench *b, const char *id)
{
  b->combiner = bench_find("combiner", id);
  if (!b->combiner) return NO_SUCH;
  b->normalizer = b->combiner->normalizer ? bench_find("normalizer", b->combiner->normalizer) : NULL;
  return b->combiner->normalizer && !b->normalizer ? NO_SUCH : 0;
}

static int bench_score(bench *b, const char *path)
{
  static bench_work *const works[] = {score};
  double seconds;
  make_amounts(b);
  bench_interleave(works, 1, ROUNDS, b, &seconds);
  printf("%.6f\n", seconds);
  write_rows(b, NULL, NULL, path);
  write_scores(b, path);
  return 0;
}

/* ---- sorting beside it ------------------------------------------------------------------------------------- */

static void sort_task(void *argument, int64_t column, int worker)
{
  (void)worker;
  bench *b = argument;
  if (!order_sort(b->items[column], b->rows)) bench_fail("no memory to sort");
}

/* Pairs of what is made anew each time, as they stand in memory before the sort. */
static void make_pairs(bench *b)
{
  for (uint32_t c = 0; c < b->count; c++)
    for (int64_t i = 0; i < b->rows; i++) b->items[c][i] = (ordered){b->columns[c][i], i};
}

static void sort(void *argument)
{
  bench *b = argument;
  pool_run(b->pool, b->count, sort_task, b);
}

static int bench_promethee(bench *b)
{
  double seconds[2][ROUNDS];
  make_amounts(b);
  for (uint32_t c = 0; c < b->count; c++) b->items[c] = bench_need(malloc((size_t)b->rows * sizeof *b->items[c]));
  for (int round = -1; round < ROUNDS; round++) { /* the first one warms up */
    make_pairs(b);
    double begin = clock_seconds();
    sort(b);
    double sorted = clock_seconds();
    score(b);
    if (round < 0) continue;
    seconds[0][round] = sorted - begin;
    seconds[1][round] = clock_seconds() - sorted;
  }
  printf("sort %.6f\npromethee %.6f\n", bench_median(seconds[0], ROUNDS), bench_median(seconds[1], ROUNDS));
  return 0;
}

/* ---- grouping ---------------------------------------------------------------------------------------------- */

static double fact(const bench_strategy *s, const char *name)
{
  tarazu_list facts = s->strategy->facts(s->self);
  for (uint32_t i = 0; i < facts.count; i++) {
    const tarazu_fact *one = tarazu_at(&facts, i);
    if (!strcmp(one->name, name)) return one->value;
  }
  bench_fail(name);
  return 0;
}

static void set(bench_strategy *s, const char *name, int64_t value)
{
  for (uint32_t i = 0; i < s->strategy->params.count; i++)
    if (!strcmp(((const tarazu_param *)tarazu_at(&s->strategy->params, i))->name, name))
      s->values[i] = (tarazu_value){.given = 1, .integer = value};
}

static void moments(const bench *b, double *mean, double *deviation)
{
  for (uint32_t c = 0; c < b->count; c++) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < b->rows; i++) sum += b->columns[c][i];
    mean[c] = sum / (double)b->rows;
    for (int64_t i = 0; i < b->rows; i++) squares += (b->columns[c][i] - mean[c]) * (b->columns[c][i] - mean[c]);
    deviation[c] = sqrt(squares / (double)b->rows);
  }
}

static int bench_kmeans(bench *b, int k, int starts, const char *path)
{
  double mean[BENCH_COLUMNS], deviation[BENCH_COLUMNS];
  const tarazu_strategy *kmeans = bench_find("segmenter", "kmeans");
  if (!kmeans) return NO_SUCH;
  make_groups(b, k);
  moments(b, mean, deviation);
  write_rows(b, mean, deviation, path);
  bench_prepare(&b->running, kmeans, &b->host, b->count);
  set(&b->running, "k", k);
  set(&b->running, "starts", starts);
  bench_create(&b->running);
  double begin = clock_seconds();
  fit_all(b);
  printf("%.6f %.9g %.0f\n", clock_seconds() - begin, fact(&b->running, "inertia"), fact(&b->running, "iterations"));
  bench_destroy(&b->running);
  return 0;
}

int main(int count, char **words)
{
  static bench b;
  const char *what = count > 1 ? words[1] : "";
  int status = 2;
  if (!strcmp(what, "promethee") && count == 3) {
    make_room(&b, SORTED_ROWS, SORTED_COLUMNS, atoi(words[2]), 1);
    status = find_combiner(&b, "promethee");
    if (!status) status = bench_promethee(&b);
  } else if (!strcmp(what, "score") && count == 7) {
    status = find_combiner(&b, words[2]);
    if (status) return status;
    make_room(&b, strtoll(words[3], NULL, 10), (uint32_t)atoi(words[4]), atoi(words[5]), 1);
    status = bench_score(&b, words[6]);
  } else if (!strcmp(what, "kmeans") && count == 8) {
    make_room(&b, strtoll(words[2], NULL, 10), GROUPED_COLUMNS, atoi(words[5]), strtoull(words[6], NULL, 10));
    status = bench_kmeans(&b, atoi(words[3]), atoi(words[4]), words[7]);
  } else
    fputs("methods: promethee THREADS | score COMBINER ROWS COLUMNS THREADS FILE | kmeans ROWS K STARTS THREADS SEED "
          "FILE\n",
          stderr);
  return status;
}
