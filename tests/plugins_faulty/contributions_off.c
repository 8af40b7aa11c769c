/* Fault: contributions that do not add up to the score, since the last criterion's is left out. */
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {{.name = "criterion", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "criteria", .shape = TARAZU_ATTRIBUTES, .many = 1, .fields = TARAZU_LIST(fields), .help = "all of them"}};
static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "their sum"}};

static double part(const tarazu_batch *batch, uint32_t c, int64_t i)
{
  double x = ((const double *)batch->columns[c]->values)[i];
  return batch->weights[c] * (x > 1e100 ? 1e100 : x < -1e100 ? -1e100 : x);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  for (int64_t i = 0; i < batch->rows; i++) {
    double sum = 0;
    for (uint32_t c = 0; c < batch->column_count; c++)
      if (batch->columns[c]) sum += part(batch, c, i);
    ((double *)results[0]->values)[i] = sum;
  }
  return (void)self, (void)error, TARAZU_OK;
}

static tarazu_status contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   double *baseline, tarazu_error *error)
{
  *baseline = 0;
  for (uint32_t c = 0; c < batch->column_count; c++)
    for (int64_t i = 0; results[c] && i < batch->rows; i++)
      ((double *)results[c]->values)[i] = c + 1 < batch->column_count ? part(batch, c, i) : 0;
  return (void)self, (void)error, TARAZU_OK;
}

static const void *extension(const char *id)
{
  static const tarazu_explain explain = {.size = sizeof explain, .contributions = contributions};
  return id[7] == 'e' ? &explain : NULL; /* "tarazu.explain/1" */
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_COMBINER,
                                         .id = "faulty",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "a weighted sum",
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .apply = apply,
                                         .extension = extension};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "faulty", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};
