/* sum: each value's share of the column's sum, r = x / sum(x); of a cost the share of the reciprocals,
 * r = (1/x) / sum(1/x), so that half the cost is twice as good. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what is shared out; not negative, and as a cost above zero"},
};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value), .help = "one criterion"},
};
static const tarazu_output outputs[] = {
    {.name = "normalized", .type = TARAZU_F64, .better = 1, .help = "the share; all shares add up to 1"},
};

enum { LANES = 4 };

typedef struct sum {
  double total;
  int32_t cost, reserved;
} sum;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  ((sum *)self)->cost = tarazu_bound_at(context, 0)->better < 0;
  return TARAZU_OK;
}

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(double);
}

static tarazu_status no_share(const tarazu_batch *batch, int64_t row, double x, int cost, tarazu_error *error)
{
  error->row = batch->row_numbers ? batch->row_numbers[row] : batch->first_row + row;
  return tarazu_fail(error, TARAZU_BAD_DATA,
                     cost ? "%g has no reciprocal that could be shared out: normalizing a cost by its sum takes values "
                            "above zero (minmax and percentile take any)"
                          : "%g is negative, a sum's share cannot be: normalizing by the sum takes values from zero on "
                            "(minmax and percentile take any)",
                     x);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  int cost = ((const sum *)self)->cost;
  double lanes[LANES] = {0};
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    double part = cost ? 1 / x[i] : x[i];
    if (!(part >= 0) || !isfinite(part)) return no_share(batch, i, x[i], cost, error);
    lanes[i % LANES] += part;
  }
  *(double *)state += (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  *(double *)into += *(const double *)from;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  sum *s = self;
  s->total = *(const double *)state;
  *again = 0;
  if (isfinite(s->total)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_NUMERIC, "the sum of the column is too large for a number");
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const sum *s = self;
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double *normalized = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    double part = s->cost ? 1 / x[i] : x[i];
    /* A what-if may ask for a cost of zero, of which there is no share. */
    if (!tarazu_is_valid(column, i) || !isfinite(part)) tarazu_set_null(results[0], i);
    else normalized[i] = s->total > 0 ? part / s->total : 0;
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const sum *s = self;
  if (writer->write(writer, &s->total, sizeof s->total)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  sum *s = self;
  if (count != sizeof s->total) return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of sum: %zu bytes", count);
  memcpy(&s->total, bytes, count);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "sum",
    .version = "1.0",
    .license = "MIT",
    .summary = "each value's share of the sum of all of them",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(sum),
    .create = create,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = save,
    .load = load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "sum",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
