/* What a variant that changes weights costs after the first: 1 million customers × 8 criteria, each variant a session
 * of its own, opened as an experiment opens it, that takes what does not hang on weights from the cache, combines,
 * ranks, selects and makes its results. Beside it, in the same rounds: one pass of the combiner over the same columns
 * (its scores alone, on the same threads) and one sort of the scores. variants FOLDER CUSTOMERS VARIANTS THREADS
 * COMBINER: a line each, first SECONDS, variant MEDIAN, pass MEDIAN, sort MEDIAN, ratio MEDIAN of variant / (pass +
 * sort), then the medians of a variant's stages. */
#include "base/arena.h"
#include "base/problem.h"
#include "bench.h"
#include "config/yaml.h"
#include "run/session.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CRITERIA = 8, MOST_VARIANTS = 1000, MOST_STAGES = 16 };

static uint64_t state = 20240229;

static double draw(void)
{
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state >> 11) * 0x1p-53;
}

static int make_data(const char *folder, const char *combiner, int64_t customers)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/profile.yaml", folder);
  FILE *out = fopen(path, "w");
  if (!out) return 0;
  fprintf(out, "tarazu: 1\ncompany: Variants\nas_of: 2025-01-01\n"
               "data:\n  customers: {from: customers.csv, key: customer}\ncriteria:\n");
  for (int c = 0; c < CRITERIA; c++)
    fprintf(out, "  c%d: {plugin: attribute, dimension: %s, input: {value: customers.c%d}}\n", c,
            c < CRITERIA / 2 ? "financial" : "non_financial", c);
  fprintf(out, "combine: {plugin: %s}\nkey_customers: {limit: 1%%}\noutput:\n  - {plugin: table, to: list.txt}\n",
          combiner);
  if (fclose(out)) return 0;
  snprintf(path, sizeof path, "%s/customers.csv", folder);
  if (!(out = fopen(path, "w"))) return 0;
  fprintf(out, "customer");
  for (int c = 0; c < CRITERIA; c++) fprintf(out, ",c%d", c);
  for (int64_t i = 0; i < customers; i++) {
    fprintf(out, "\nK%07lld", (long long)i);
    for (int c = 0; c < CRITERIA; c++) fprintf(out, ",%.4f", 1000 * draw() * draw());
  }
  fprintf(out, "\n");
  return !fclose(out);
}

/* ---- a variant -------------------------------------------------------------------------------------------------- */

/* The profile's tree with other weights; NULL: told. */
static node *varied_tree(const char *path, arena *home)
{
  problems *found = problems_new();
  node *root = yaml_read_extended(path, home, found, NULL);
  for (int c = 0; root && c < CRITERIA; c++)
    node_set(root, arena_format(home, "criteria.c%d.weight=%.6f", c, 0.05 + draw()), home, found);
  if (problems_errors(found)) {
    text words = {0};
    problems_print(found, &words, 0);
    fputs(text_string(&words), stderr);
    text_free(&words);
    root = NULL;
  }
  problems_free(found);
  return root;
}

/* home: outlives the session. */
static tarazu_session *run_variant(const char *path, cache *shared, uint32_t threads, arena *home)
{
  tarazu_session *session;
  tarazu_options options = {.size = sizeof options, .threads = threads};
  session_trial trial = {.root = varied_tree(path, home)};
  if (!trial.root) return NULL;
  if (session_open_trial(path, &trial, &options, &session) == TARAZU_GOOD) {
    session_use_cache(session, shared);
    if (tarazu_run(session) == TARAZU_GOOD) return session;
  }
  fputs(session ? tarazu_problems(session, 0, 0) : "no memory\n", stderr);
  tarazu_close(session);
  return NULL;
}

/* ---- one pass and one sort ----------------------------------------------------------------------------------------
 */

typedef struct pass {
  engine *e;
  frame frames[64];
  column score;
} pass;

enum { BATCH = 2048, TASK = 16384 };

static void pass_task(void *argument, int64_t index, int worker)
{
  pass *p = argument;
  engine *e = p->e;
  instance *in = instance_of(e, e->plan->combiner);
  tarazu_error error = {.size = sizeof error};
  int64_t end = (index + 1) * TASK < e->people.count ? (index + 1) * TASK : e->people.count;
  for (int64_t first = index * TASK; first < end; first += BATCH) {
    int64_t rows = end - first < BATCH ? end - first : BATCH;
    frame *f = &p->frames[worker];
    frame_window(e, in->step, first, rows, f);
    f->batch.weights = e->weights;
    frame_result(f, 0, &p->score, first, rows);
    if (instance_apply(in, &f->batch, f->result_pointers, &error) != TARAZU_OK) abort();
    if (!frame_accept(e, in, f, 0, "score", 0, &p->score, first, rows, NULL)) abort();
  }
}

static double measure_pass(engine *e)
{
  static pass p;
  p.e = e;
  if (!column_new(&p.score, TARAZU_F64, e->people.count, 1)) abort();
  for (int t = 0; t < pool_threads(e->pool); t++)
    if (!frame_new(&p.frames[t], CRITERIA, 8, BATCH)) abort();
  double begin = clock_seconds();
  pool_run(e->pool, (e->people.count + TASK - 1) / TASK, pass_task, &p);
  double seconds = clock_seconds() - begin;
  for (int t = 0; t < pool_threads(e->pool); t++) frame_free(&p.frames[t]);
  column_free(&p.score);
  return seconds;
}

static double measure_sort(const engine *e)
{
  int64_t there;
  const column *score = &e->plan->score->column;
  double begin = clock_seconds();
  free(order_descending(score->values, score->valid, score->rows, &there));
  return clock_seconds() - begin;
}

int main(int count, char **words)
{
  static double variant[MOST_VARIANTS], one_pass[MOST_VARIANTS], sorts[MOST_VARIANTS], ratios[MOST_VARIANTS];
  static double parts[MOST_STAGES][MOST_VARIANTS];
  static char names[MOST_STAGES][32];
  uint32_t stage_count = 0;
  char path[4096], data[4096];
  struct stat about;
  int variants = count == 6 ? atoi(words[3]) : 0;
  if (variants < 1 || variants > MOST_VARIANTS) {
    fputs("variants: variants FOLDER CUSTOMERS VARIANTS THREADS COMBINER\n", stderr);
    return 2;
  }
  snprintf(path, sizeof path, "%s/profile.yaml", words[1]);
  snprintf(data, sizeof data, "%s/customers.csv", words[1]);
  if (stat(data, &about) != 0 && !make_data(words[1], words[5], atoll(words[2]))) return 1;
  uint32_t threads = (uint32_t)atoi(words[4]);
  cache *shared = cache_open(NULL, 0, INT64_C(1) << 30);
  double begin = clock_seconds();
  arena *home = arena_new();
  tarazu_session *session = shared ? run_variant(path, shared, threads, home) : NULL;
  if (!session) return 1;
  printf("first %.4f\n", clock_seconds() - begin);
  tarazu_close(session);
  arena_free(home);
  for (int i = 0; i < variants; i++) {
    begin = clock_seconds();
    home = arena_new();
    if (!(session = run_variant(path, shared, threads, home))) return 1;
    double ran = clock_seconds() - begin;
    engine *e = session_engine(session);
    one_pass[i] = measure_pass(e);
    sorts[i] = measure_sort(e);
    stage_count = e->time_count < MOST_STAGES ? e->time_count : MOST_STAGES;
    for (uint32_t k = 0; k < stage_count; k++) {
      parts[k][i] = e->times[k].seconds;
      snprintf(names[k], sizeof names[k], "%s", e->times[k].name);
    }
    begin = clock_seconds();
    tarazu_close(session);
    arena_free(home);
    variant[i] = ran + clock_seconds() - begin;
    ratios[i] = variant[i] / (one_pass[i] + sorts[i]);
  }
  printf("variant %.4f\n", bench_median(variant, variants));
  printf("pass %.4f\n", bench_median(one_pass, variants));
  printf("sort %.4f\n", bench_median(sorts, variants));
  printf("ratio %.3f\n", bench_median(ratios, variants));
  for (uint32_t k = 0; k < stage_count; k++) printf("  %s %.4f\n", names[k], bench_median(parts[k], variants));
  cache_free(shared);
  return 0;
}
