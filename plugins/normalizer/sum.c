/* sum: each value's share of the column's sum, r = x / sum(x); of a cost the share of the reciprocals,
 * r = (1/x) / sum(1/x), so that half the cost is twice as good. */
#include "../shared/normalizer.h"

NORMALIZER_INPUT("what is shared out; not negative, and as a cost above zero");
NORMALIZER_OUTPUT("the share; all shares add up to 1");

enum { LANES = 4 };

typedef struct sum {
  normalizer common;
  double total;
} sum;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  normalizer_create(self, context, sizeof(double));
  return TARAZU_OK;
}

static tarazu_status no_share(const tarazu_batch *batch, int64_t row, double x, int cost, tarazu_error *error)
{
  error->row = normalizer_row(batch, row);
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
  int cost = ((const sum *)self)->common.cost;
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
  if (isfinite(*(const double *)state)) return normalizer_finish(self, state, again, error);
  return tarazu_fail(error, TARAZU_NUMERIC, "the sum of the column is too large for a number");
}

/* A what-if may ask for a cost of zero, of which there is no share: that is no number, and becomes null. */
static double place(const void *self, double x)
{
  const sum *s = self;
  double part = s->common.cost ? 1 / x : x;
  return s->total > 0 ? part / s->total : 0 * part;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  return normalizer_apply(self, batch, results, place);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "sum",
    .version = "1.0",
    .license = "MIT",
    .summary = "each value's share of the sum of all of them",
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(sum),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "sum",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
