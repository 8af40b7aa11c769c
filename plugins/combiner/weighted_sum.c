/* weighted_sum: the sum of weight times value over the criteria (Churchman, Ackoff 1954; MacCrimmon 1968). */
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "a criterion, normalized"},
};
static const tarazu_input inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(value),
     .help = "the criteria to combine"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the weighted sum of the criteria"},
};

/* Rows summed over all criteria before the next ones, so that the sums stay in the nearest cache. */
enum { CHUNK = 512 };

typedef struct weighted_sum {
  const tarazu_context *context;
} weighted_sum;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  ((weighted_sum *)self)->context = context;
  return TARAZU_OK;
}

/* Without a normalizer a cost comes as it is, and then counts against the customer. */
static double weight_of(const void *self, const tarazu_batch *batch, uint32_t column)
{
  int cost = tarazu_bound_at(((const weighted_sum *)self)->context, column)->better < 0;
  return cost ? -batch->weights[column] : batch->weights[column];
}

static const double *values_of(const tarazu_batch *batch, uint32_t column, int64_t first)
{
  return (const double *)batch->columns[column]->values + first;
}

/* The next column that is there, from `column` on; column_count where there is none. */
static uint32_t present(const tarazu_batch *batch, uint32_t column)
{
  while (column < batch->column_count && !batch->columns[column]) column++;
  return column;
}

static void add(double *restrict sum, const double *restrict x, double w, int64_t rows)
{
  for (int64_t i = 0; i < rows; i++) sum[i] += w * x[i];
}

/* Two columns in one sweep over the sums, in the same order of additions. */
static void add_two(double *restrict sum, const double *restrict x, double w, const double *restrict y, double v,
                    int64_t rows)
{
  for (int64_t i = 0; i < rows; i++) sum[i] = (sum[i] + w * x[i]) + v * y[i];
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  for (int64_t first = 0; first < batch->rows; first += CHUNK) {
    int64_t rows = batch->rows - first < CHUNK ? batch->rows - first : CHUNK;
    double *score = (double *)results[0]->values + first;
    for (int64_t i = 0; i < rows; i++) score[i] = 0;
    for (uint32_t a = present(batch, 0), b; a < batch->column_count; a = present(batch, b + 1)) {
      b = present(batch, a + 1);
      double w = weight_of(self, batch, a);
      const double *x = values_of(batch, a, first);
      if (b == batch->column_count) {
        add(score, x, w, rows);
        break;
      }
      add_two(score, x, w, values_of(batch, b, first), weight_of(self, batch, b), rows);
    }
  }
  return TARAZU_OK;
}

static tarazu_status contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   double *baseline, tarazu_error *error)
{
  (void)error;
  *baseline = 0;
  for (uint32_t c = 0; c < batch->column_count; c++) {
    if (!results[c]) continue;
    if (!batch->columns[c]) {
      memset(results[c]->valid, 0, (size_t)(batch->rows + 7) / 8);
      continue;
    }
    double w = weight_of(self, batch, c), *part = results[c]->values;
    const double *x = values_of(batch, c, 0);
    for (int64_t i = 0; i < batch->rows; i++) part[i] = w * x[i];
  }
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .contributions = contributions};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "weighted_sum",
    .version = "1.0",
    .license = "MIT",
    .summary = "weights times values, added up",
    .normalizer = "minmax",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(weighted_sum),
    .create = create,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "weighted_sum",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
