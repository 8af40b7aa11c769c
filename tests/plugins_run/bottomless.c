/* A scorer that calls itself until its thread's stack is full. */
#include <tarazu/plugin.h>

static const tarazu_field value_field[] = {{.name = "value", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value_field), .help = "any number"}};
static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "never given"}};

static volatile int deeper = 1;

static double descend(const double *values, double sum)
{
  volatile double room[512];
  for (int i = 0; i < 512; i++) room[i] = sum + values[0];
  return deeper ? descend(values, room[511]) + room[0] : room[1];
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = descend(batch->columns[0]->values, 0);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "bottomless",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "fills the stack",
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "bottomless",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
