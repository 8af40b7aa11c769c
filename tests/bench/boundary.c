/* The price of the plugin boundary: weighted_sum over 6 columns of 2,048 rows, linked in, and loaded through the ABI.
 *   boundary linked|plugin|engine COUNT    COUNT batches, for a program that counts instructions
 *   boundary time                          nanoseconds a batch of each, as medians of interleaved rounds
 * engine is the plugin as a run calls it: columns' windows made, results marked beforehand and checked afterwards. */
#include "../../plugins/combiner/weighted_sum.c"

#include "bench.h"
#include "run/engine.h"
#include <dlfcn.h>
#include <stdio.h>

enum { COLUMNS = 6, ROWS = 2048, BATCHES = 256, ROUNDS = 301 };

typedef struct bench {
  weighted_sum linked_self, plugin_self;
  const tarazu_strategy *plugin;
  tarazu_bound bound[COLUMNS];
  tarazu_context context;
  column criteria[COLUMNS], score;
  double weights[COLUMNS];
  frame frame;
  int64_t batches;
} bench;

static int fill(bench *b)
{
  for (int c = 0; c < COLUMNS; c++) {
    b->bound[c] = (tarazu_bound){.name = "criterion", .type = TARAZU_F64, .better = 1};
    b->weights[c] = 1.0 / COLUMNS;
    if (!column_new(&b->criteria[c], TARAZU_F64, ROWS, 0)) return 0;
    for (int i = 0; i < ROWS; i++) ((double *)b->criteria[c].values)[i] = (i * 37 + c * 11) % 1009 / 1009.0;
  }
  b->context = (tarazu_context){.size = sizeof b->context, .columns = TARAZU_LIST(b->bound)};
  return column_new(&b->score, TARAZU_F64, ROWS, 1) && frame_new(&b->frame, COLUMNS, 1, ROWS);
}

static void set_batch(bench *b)
{
  frame *f = &b->frame;
  for (uint32_t c = 0; c < COLUMNS; c++) {
    f->columns[c] = column_window(&b->criteria[c], 0, ROWS, f->bits + c * f->room);
    f->pointers[c] = &f->columns[c];
  }
  f->batch = (tarazu_batch){
      .size = sizeof f->batch, .rows = ROWS, .columns = f->pointers, .weights = b->weights, .column_count = COLUMNS};
}

static const tarazu_strategy *load(void)
{
  void *library = dlopen(BUILD_DIR "/plugins/combiner/weighted_sum.so", RTLD_NOW | RTLD_LOCAL);
  const tarazu_plugin *found = library ? dlsym(library, "tarazu_plugin_v1") : NULL;
  if (!found) fprintf(stderr, "boundary: %s\n", dlerror());
  return found ? found->strategies[0] : NULL;
}

static void call_linked(void *argument)
{
  bench *b = argument;
  tarazu_error error = {.size = sizeof error};
  for (int64_t i = 0; i < b->batches; i++) {
    if (apply(&b->linked_self, &b->frame.batch, b->frame.result_pointers, &error) != TARAZU_OK) abort();
    BENCH_BARRIER();
  }
}

static void call_plugin(void *argument)
{
  bench *b = argument;
  tarazu_error error = {.size = sizeof error};
  for (int64_t i = 0; i < b->batches; i++) {
    if (b->plugin->apply(&b->plugin_self, &b->frame.batch, b->frame.result_pointers, &error) != TARAZU_OK) abort();
    BENCH_BARRIER();
  }
}

static void call_engine(void *argument)
{
  bench *b = argument;
  tarazu_error error = {.size = sizeof error};
  for (int64_t i = 0; i < b->batches; i++) {
    set_batch(b);
    frame_result(&b->frame, 0, &b->score, 0, ROWS);
    if (b->plugin->apply(&b->plugin_self, &b->frame.batch, b->frame.result_pointers, &error) != TARAZU_OK) abort();
    if (!frame_accept(NULL, NULL, &b->frame, 0, "score", 0, &b->score, 0, ROWS, NULL)) abort();
    BENCH_BARRIER();
  }
}

static const char *const names[] = {"linked", "plugin", "engine"};
static bench_work *const calls[] = {call_linked, call_plugin, call_engine};
enum { MODES = sizeof calls / sizeof *calls };

static int tell_times(bench *b)
{
  double seconds[MODES];
  b->batches = BATCHES;
  bench_interleave(calls, MODES, ROUNDS, b, seconds);
  for (int i = 0; i < MODES; i++) printf("%s %.1f\n", names[i], seconds[i] / BATCHES * 1e9);
  return 0;
}

int main(int count, char **words)
{
  static bench b;
  tarazu_error error = {.size = sizeof error};
  b.plugin = load();
  if (!b.plugin || !fill(&b)) return 1;
  create(&b.linked_self, &b.context, NULL, &error);
  if (b.plugin->create(&b.plugin_self, &b.context, NULL, &error) != TARAZU_OK) return 1;
  set_batch(&b);
  frame_result(&b.frame, 0, &b.score, 0, ROWS);
  if (count == 2 && !strcmp(words[1], "time")) return tell_times(&b);
  for (int i = 0; count == 3 && i < MODES; i++) {
    if (strcmp(words[1], names[i]) != 0) continue;
    b.batches = atoll(words[2]);
    calls[i](&b);
    return 0;
  }
  fprintf(stderr, "boundary: boundary time, or boundary linked|plugin|engine COUNT\n");
  return 2;
}
