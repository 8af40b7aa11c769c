/* equal: every criterion weighs the same (Dawes, Corrigan 1974: hard to beat where judgements are poor). */
#include "../shared/weigher.h"

static tarazu_status weights(const void *self, double *weights, uint32_t count, tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t c = 0; c < count; c++) weights[c] = 1;
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "equal",
    .version = "1.0",
    .license = "MIT",
    .summary = "every criterion weighs the same",
    .inputs = TARAZU_LIST(weigher_inputs),
    .weights = weights,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "equal",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
