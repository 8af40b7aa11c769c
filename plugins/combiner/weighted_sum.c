/* weighted_sum: the sum of weight times value over the criteria (Churchman, Ackoff 1954; MacCrimmon 1968). */
#include "../shared/criteria.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the weighted sum of the criteria"},
};

enum { TILE = 8 };

/* TILE rows side by side, wherever they begin. */
typedef double lanes __attribute__((vector_size(TILE * sizeof(double)), aligned(sizeof(double)), may_alias));

typedef struct weighted_sum {
  const tarazu_context *context;
} weighted_sum;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  ((weighted_sum *)self)->context = context;
  if (context->columns.count <= MOST_CRITERIA) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, weighted_sum takes %d",
                     (unsigned)context->columns.count, MOST_CRITERIA);
}

/* Without a normalizer a cost comes as it is, and then counts against the customer. */
static double weight_of(const void *self, const tarazu_batch *batch, uint32_t column)
{
  int cost = tarazu_bound_at(((const weighted_sum *)self)->context, column)->better < 0;
  return cost ? -batch->weights[column] : batch->weights[column];
}

typedef struct term {
  const double *x;
  double w;
} term;

/* TILE rows at a time with their sums in a register, so that every criterion is read evenly and once. */
VECTORS static void add_up(double *score, const term *terms, uint32_t count, int64_t rows)
{
  int64_t whole = rows - rows % TILE;
  for (int64_t i = 0; i < whole; i += TILE) {
    lanes sum = {0};
    for (uint32_t k = 0; k < count; k++) sum += terms[k].w * *(const lanes *)(terms[k].x + i);
    *(lanes *)(score + i) = sum;
  }
  for (int64_t i = whole; i < rows; i++) {
    score[i] = 0;
    for (uint32_t k = 0; k < count; k++) score[i] += terms[k].w * terms[k].x[i];
  }
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  term terms[MOST_CRITERIA];
  uint32_t count = 0;
  for (uint32_t c = 0; c < batch->column_count; c++)
    if (batch->columns[c]) terms[count++] = (term){batch->columns[c]->values, weight_of(self, batch, c)};
  add_up(results[0]->values, terms, count, batch->rows);
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
    const double *x = batch->columns[c]->values;
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
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_USUAL,
    .self_size = sizeof(weighted_sum),
    .create = create,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "weighted_sum",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
