/* cilos: a criterion weighs the more, the less of it is lost where another criterion is at its best (criterion impact
 * loss, Zavadskas, Podvezko 2016; Mirkin 1974). */
#include "../shared/objective.h"

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return weigher_create(self, context, "cilos", error);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  if (!impacts(w, spaces[0], w->measure, error)) return (tarazu_status)error->status;
  return weigher_settle(w, "impact", error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "cilos",
    .version = "1.0",
    .license = "MIT",
    .summary = "the less a criterion loses where others are best, the more it weighs",
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
    .name = "cilos",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
