/* attribute: a column of an attribute table as a criterion, as it is. */
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "any number a customer has"},
};
static const tarazu_input inputs[] = {
    {.name = "value",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(value_fields),
     .help = "the column, or another criterion's output"},
};
static const tarazu_output outputs[] = {
    {.name = "value", .type = TARAZU_F64, .better = 1, .help = "the column's value; null where it has none"},
};

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  const tarazu_column *column = batch->columns[0];
  if (!batch->rows) return TARAZU_OK;
  memcpy(results[0]->values, column->values, (size_t)batch->rows * sizeof(double));
  if (column->valid) memcpy(results[0]->valid, column->valid, (size_t)(batch->rows + 7) / 8);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "attribute",
    .version = "1.0",
    .summary = "a column as it is",
    .license = "MIT",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .apply = apply,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "attribute",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
