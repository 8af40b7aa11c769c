/* entropy: a criterion weighs the more, the more unevenly it is shared out among the customers: one less its entropy
 * (Shannon 1948; Zeleny 1982; Hwang, Yoon 1981). */
#include "../shared/objective.h"

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return weigher_create(self, context, "entropy", error);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  if (!divergences(w, spaces[0], w->measure, error)) return (tarazu_status)error->status;
  return weigher_settle(w, "divergence", error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "entropy",
    .version = "1.0",
    .license = "MIT",
    .summary = "the more unevenly a criterion is shared out, the more it weighs",
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(weigher),
    .create = create,
    .destroy = weigher_destroy,
    .fit = fit,
    .save = weigher_save,
    .load = weigher_load,
    .weights = weigher_weights,
    .facts = weigher_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "entropy",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
