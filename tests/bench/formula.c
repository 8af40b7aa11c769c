/* How many rows a second the formula scorer takes on one core: a line for each script, its name and million rows a
 * second of processor time, the median of rounds. */
#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <tarazu/plugin.h>
#include <time.h>

enum { COLUMNS = 4, FIRST = 9, ROWS = 1 << 18, BATCH = 1 << 14, ROUNDS = 7 }; /* FIRST: after the fields of events */

static const char *const names[COLUMNS] = {"revenue", "margin", "visits", "age"};
static const char *const scripts[][2] = {
    {"arithmetic", "revenue * 0.2 + margin"},
    {"four_columns", "if not age then return nil end return math.log(1 + revenue) + margin / (1 + visits) - age / 10"},
    {"power", "margin ^ 2 + revenue"},
    {"loop", "local s = 0 for i = 1, 10 do s = s + margin / i end return s"},
};

static double values[COLUMNS][ROWS], out[BATCH];
static uint8_t known[BATCH / 8], valid[BATCH / 8];

/* Of the column `age` every tenth value is null. */
static void fill(void)
{
  for (int c = 0; c < COLUMNS; c++)
    for (int i = 0; i < ROWS; i++) values[c][i] = (double)((i * 37L + c * 11) % 1009) / 7;
  memset(known, 0xff, sizeof known);
  for (int i = 0; i < BATCH; i += 10) known[i / 8] = (uint8_t)(known[i / 8] & ~(1u << (i % 8)));
}

static int apply_all(const tarazu_strategy *formula, const void *self, tarazu_error *error)
{
  for (int64_t first = 0; first < ROWS; first += BATCH) {
    tarazu_column columns[COLUMNS];
    const tarazu_column *pointers[FIRST + COLUMNS] = {NULL};
    for (int c = 0; c < COLUMNS; c++) {
      columns[c] = (tarazu_column){.size = sizeof *columns, .type = TARAZU_F64, .values = &values[c][first]};
      pointers[FIRST + c] = &columns[c];
    }
    columns[COLUMNS - 1].valid = known;
    memset(valid, 0xff, sizeof valid);
    const tarazu_batch batch = {
        .size = sizeof batch, .first_row = first, .rows = BATCH, .columns = pointers, .column_count = FIRST + COLUMNS};
    tarazu_result result = {.size = sizeof result, .type = TARAZU_F64, .values = out, .valid = valid};
    tarazu_result *const results[] = {&result};
    if (formula->apply(self, &batch, results, error) != TARAZU_OK) return 0;
    BENCH_BARRIER();
  }
  return 1;
}

static double processor_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int measure(const tarazu_strategy *formula, const tarazu_context *context, const char *const *script)
{
  const tarazu_value given[] = {
      {.given = 1, .text = script[1]}, {.given = 1, .integer = 100000}, {.given = 1, .integer = 16}, {.given = 0}};
  const tarazu_args args = {TARAZU_LIST(given)};
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  void *self = calloc(1, formula->self_size);
  double seconds[ROUNDS];
  int good = self && formula->create(self, context, &args, &error) == TARAZU_OK;
  for (int round = 0; round < ROUNDS && good; round++) {
    double begin = processor_seconds();
    good = apply_all(formula, self, &error);
    seconds[round] = processor_seconds() - begin;
  }
  if (good) printf("%s %.1f\n", script[0], ROWS / bench_median(seconds, ROUNDS) / 1e6);
  else fprintf(stderr, "formula: %s\n", error.message);
  if (self) formula->destroy(self);
  free(self);
  return good;
}

int main(void)
{
  void *library = dlopen(BUILD_DIR "/plugins/scorer/formula.so", RTLD_NOW | RTLD_LOCAL);
  const tarazu_plugin *plugin = library ? dlsym(library, "tarazu_plugin_v1") : NULL;
  if (!plugin) {
    fprintf(stderr, "formula: %s\n", dlerror());
    return 1;
  }
  tarazu_bound bound[FIRST + COLUMNS] = {{0}};
  for (int c = 0; c < COLUMNS; c++)
    bound[FIRST + c] = (tarazu_bound){.name = names[c], .type = TARAZU_F64, .input = 1, .better = 1};
  const tarazu_context context = {.size = sizeof context, .columns = TARAZU_LIST(bound)};
  fill();
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
    if (!measure(plugin->strategies[0], &context, scripts[i])) return 1;
  return 0;
}
