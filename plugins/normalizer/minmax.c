/* minmax: each value between the smallest (0) and the largest (1) of all customers. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what is brought between 0 and 1"},
};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value), .help = "one criterion"},
};
static const tarazu_output outputs[] = {
    {.name = "normalized", .type = TARAZU_F64, .better = 1, .help = "0 the worst customer, 1 the best"},
};

typedef struct extent {
  int64_t count;
  double least, most;
} extent;

typedef struct minmax {
  extent extent;
  int32_t cost, reserved;
} minmax;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  ((minmax *)self)->cost = tarazu_bound_at(context, 0)->better < 0;
  return TARAZU_OK;
}

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(extent);
}

static void widen(extent *e, double least, double most, int64_t count)
{
  if (!e->count || least < e->least) e->least = least;
  if (!e->count || most > e->most) e->most = most;
  e->count += count;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  for (int64_t i = 0; i < batch->rows; i++)
    if (tarazu_is_valid(column, i)) widen(state, x[i], x[i], 1);
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  const extent *e = from;
  if (e->count) widen(into, e->least, e->most, e->count);
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  ((minmax *)self)->extent = *(const extent *)state;
  *again = 0;
  return TARAZU_OK;
}

/* A value from outside, of a what-if, is held at the nearer end. */
static double place(const extent *e, double x, int cost)
{
  if (!(e->most > e->least)) return 0.5;
  double way = cost ? e->most - x : x - e->least, span = e->most - e->least;
  if (!isfinite(span)) { /* only of values beyond half the range of a double, whose halves are exact */
    way = cost ? e->most / 2 - x / 2 : x / 2 - e->least / 2;
    span = e->most / 2 - e->least / 2;
  }
  return way <= 0 ? 0 : way >= span ? 1 : way / span;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const minmax *m = self;
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double *normalized = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i)) tarazu_set_null(results[0], i);
    else normalized[i] = place(&m->extent, x[i], m->cost);
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const minmax *m = self;
  if (writer->write(writer, &m->extent, sizeof m->extent)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  minmax *m = self;
  if (count != sizeof m->extent) return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of minmax: %zu bytes", count);
  memcpy(&m->extent, bytes, count);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "minmax",
    .version = "1.0",
    .license = "MIT",
    .summary = "0 for the worst customer, 1 for the best, linear between",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(minmax),
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
    .name = "minmax",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
