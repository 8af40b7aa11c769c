/* max: each value as a part of the largest, r = x / max; of a cost the smallest as a part of each, r = min / x (Stopp
 * 1975), or what is left of the whole, r = 1 - x / max. */
#include "../shared/normalizer.h"

NORMALIZER_INPUT("what is divided by the largest; of costs that are turned by reciprocals above zero");
NORMALIZER_OUTPUT("the part of the best customer's value");

enum { COSTS };
enum { RECIPROCAL, MIRROR };
static const tarazu_param params[] = {
    {.name = "costs",
     .kind = TARAZU_CHOICE,
     .initial = "reciprocal",
     .choices = (const char *const[]){"reciprocal", "mirror", NULL},
     .help =
         "how less becomes better: reciprocal, min / x, so that half the cost is twice as good; mirror, 1 - x / max"},
};

typedef struct max {
  normalizer common;
  extent extent;
  int32_t reciprocal, reserved;
} max;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  max *m = self;
  normalizer_create(&m->common, context, sizeof m->extent);
  m->reciprocal = m->common.cost && tarazu_arg(args, COSTS)->integer == RECIPROCAL;
  return TARAZU_OK;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  for (int64_t i = 0; ((const max *)self)->reciprocal && i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i) || x[i] > 0) continue;
    error->row = normalizer_row(batch, i);
    return tarazu_fail(error, TARAZU_BAD_DATA,
                       "%g is not above zero, and the smallest cost cannot be a part of it: expected costs above zero, "
                       "or the parameter costs: mirror",
                       x[i]);
  }
  return extent_learn(self, state, batch, error);
}

/* The largest in size: where values are below zero too, r keeps their order and stays within -1 and 1. */
static double place(const void *self, double x)
{
  const max *m = self;
  const extent *e = &m->extent;
  if (m->reciprocal) return x > 0 ? e->least / x : (double)NAN; /* a what-if may ask for a cost of zero */
  double size = fmax(fabs(e->least), fabs(e->most)), r = size > 0 ? x / size : 0 * x;
  return m->common.cost ? 1 - r : r;
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
    .id = "max",
    .version = "1.0",
    .license = "MIT",
    .summary = "each value as a part of the largest",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(max),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = learn,
    .merge = extent_merge,
    .finish = normalizer_finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "max",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
