/* Fault: a weigher that gives the first criterion less than nothing. */
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {{.name = "criterion", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "criteria", .shape = TARAZU_ATTRIBUTES, .many = 1, .fields = TARAZU_LIST(fields), .help = "all of them"}};

static tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  for (uint32_t i = 0; i < count; i++) out[i] = i ? 1 : -0.25;
  return (void)self, (void)error, TARAZU_OK;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_WEIGHER,
                                         .id = "faulty",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "equal weights, but for one",
                                         .inputs = TARAZU_LIST(inputs),
                                         .weights = weights};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "faulty", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};
