/* idocriw: the entropy weights times the CILOS ones (integrated determination of objective criteria weights, Zavadskas,
 * Podvezko 2016). */
#include "../shared/objective.h"

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return weigher_create(self, context, "idocriw", error);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  double d[MOST_CRITERIA], sum = 0;
  if (!divergences(w, spaces[0], d, error)) return (tarazu_status)error->status;
  if (!impacts(w, spaces[0], w->measure, error)) return (tarazu_status)error->status;
  for (uint32_t c = 0; c < w->count; c++) sum += d[c];
  for (uint32_t c = 0; c < w->count; c++) w->measure[c] *= sum > 0 ? d[c] / sum : 0;
  return weigher_settle(w, "importance", error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "idocriw",
    .version = "1.0",
    .license = "MIT",
    .summary = "uneven criteria that lose little where others are best weigh most",
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
    .name = "idocriw",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
