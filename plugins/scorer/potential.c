/* potential: how much more a customer could bring, going by what comparable customers reach. */
#include "../shared/frontier.h"

static const tarazu_output outputs[] = {
    {.name = "potential",
     .type = TARAZU_F64,
     .better = 1,
     .help = "frontier less own value, at least 0, in its currency"},
    {.name = "frontier", .type = TARAZU_F64, .better = 0, .help = "what comparable customers reach"},
    {.name = "peers", .type = TARAZU_I64, .better = 0, .unit = "customers", .help = "that the frontier was learned of"},
};

static int distance(double own, double wallet, double *score)
{
  *score = wallet - own;
  return 1;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  return frontier_apply(self, batch, results, distance, error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "potential",
    .version = "1.0",
    .summary = "distance to what comparable customers reach, in currency (quantile frontier)",
    .license = "MIT",
    .params = TARAZU_LIST(frontier_params),
    .inputs = TARAZU_LIST(frontier_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(frontier),
    .create = frontier_create,
    .destroy = frontier_destroy,
    .fit = frontier_fit_all,
    .save = frontier_save,
    .load = frontier_load,
    .apply = apply,
    .facts = frontier_facts,
    .extension = frontier_extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "potential",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
