/* A scorer for tests of confidence: a value and the ends of its interval as the data say them. */
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "the value"},
    {.name = "lower", .type = TARAZU_F64, .help = "its lower end"},
    {.name = "upper", .type = TARAZU_F64, .help = "its upper end"},
};
static const tarazu_input inputs[] = {
    {.name = "customers", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "what is known of them"}};
static const tarazu_output outputs[] = {
    {.name = "value", .type = TARAZU_F64, .better = 1, .help = "the value"},
    {.name = "lower", .type = TARAZU_F64, .meaning = TARAZU_LOWER, .help = "its lower end"},
    {.name = "upper", .type = TARAZU_F64, .meaning = TARAZU_UPPER, .help = "its upper end"},
};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int c = 0; c < 3; c++)
    for (int64_t i = 0; results[c] && i < batch->rows; i++) {
      if (tarazu_is_valid(batch->columns[c], i))
        ((double *)results[c]->values)[i] = ((const double *)batch->columns[c]->values)[i];
      else tarazu_set_null(results[c], i);
    }
  return TARAZU_OK;
}

static const tarazu_strategy ranged = {.size = sizeof ranged,
                                       .role = TARAZU_SCORER,
                                       .id = "ranged",
                                       .version = "1.0",
                                       .license = "MIT",
                                       .summary = "a value and the ends of its interval",
                                       .inputs = TARAZU_LIST(inputs),
                                       .outputs = TARAZU_LIST(outputs),
                                       .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "ranged", .strategies = (const tarazu_strategy *const[]){&ranged, NULL}};
