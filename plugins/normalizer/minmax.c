/* minmax: each value between the smallest (0) and the largest (1) of all customers. */
#include "../shared/normalizer.h"

NORMALIZER_INPUT("what is brought between 0 and 1");
NORMALIZER_OUTPUT("0 the worst customer, 1 the best");

typedef struct minmax {
  normalizer common;
  extent extent;
} minmax;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  normalizer_create(self, context, sizeof(extent));
  return TARAZU_OK;
}

/* A value from outside, of a what-if, is held at the nearer end. */
static double place(const void *self, double x)
{
  const minmax *m = self;
  const extent *e = &m->extent;
  if (!(e->most > e->least)) return 0.5;
  x = between(x, e->least, e->most);
  return m->common.cost ? ratio_of_differences(e->most, x, e->most, e->least)
                        : ratio_of_differences(x, e->least, e->most, e->least);
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
    .id = "minmax",
    .version = "1.0",
    .license = "MIT",
    .summary = "0 for the worst customer, 1 for the best, linear between",
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(minmax),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = extent_learn,
    .merge = extent_merge,
    .finish = normalizer_finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "minmax",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
