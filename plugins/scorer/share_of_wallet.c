/* share_of_wallet: what part of what comparable customers reach a customer brings. */
#include "../shared/frontier.h"

static const tarazu_output outputs[] = {
    {.name = "share", .type = TARAZU_F64, .better = 1, .help = "own value over the frontier, at most 1"},
    {.name = "frontier", .type = TARAZU_F64, .better = 0, .help = "what comparable customers reach"},
    {.name = "peers", .type = TARAZU_I64, .better = 0, .unit = "customers", .help = "that the frontier was learned of"},
};

/* Of a wallet of nothing no share can be told. */
static int share(double own, double wallet, double *score)
{
  if (!(wallet > 0)) return 0;
  *score = own / wallet;
  return 1;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  return frontier_apply(self, batch, results, share, error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "share_of_wallet",
    .version = "1.0",
    .summary = "share of what comparable customers reach (quantile frontier)",
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
    .name = "share_of_wallet",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
