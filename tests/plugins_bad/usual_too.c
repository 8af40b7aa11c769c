/* A combiner and a weigher that say they are the usual ones, as the shipped ones do: together there is none. */
#include "bad.h"

static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "a criterion"}};
static const tarazu_input inputs[] = {{.name = "criteria",
                                       .bind = "criteria",
                                       .shape = TARAZU_ATTRIBUTES,
                                       .many = 1,
                                       .fields = TARAZU_LIST(fields),
                                       .help = "all criteria"}};

/* The first criterion alone counts. */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++)
    ((double *)results[0]->values)[i] = batch->columns[0] ? ((const double *)batch->columns[0]->values)[i] : 0;
  return TARAZU_OK;
}

static tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t i = 0; i < count; i++) out[i] = 1;
  return TARAZU_OK;
}

static const tarazu_strategy combiner = {.size = sizeof combiner,
                                         .role = TARAZU_COMBINER,
                                         .id = "first_alone",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "the first criterion",
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(score_outputs),
                                         .flags = TARAZU_USUAL,
                                         .apply = apply};
static const tarazu_strategy weigher = {.size = sizeof weigher,
                                        .role = TARAZU_WEIGHER,
                                        .id = "all_alike",
                                        .version = "1.0",
                                        .license = "MIT",
                                        .summary = "every criterion alike",
                                        .inputs = TARAZU_LIST(inputs),
                                        .flags = TARAZU_USUAL,
                                        .weights = weights};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "usual_too",
    .strategies = (const tarazu_strategy *const[]){&combiner, &weigher, NULL},
};
