/* What the bad plugins have in common: everything but their one fault. */
#ifndef TESTS_PLUGINS_BAD_BAD_H
#define TESTS_PLUGINS_BAD_BAD_H

#include <tarazu/plugin.h>

/* Fields and outputs of a scorer that takes one number a customer. */
TARAZU_UNUSED static const tarazu_field value_fields[] = {
    {.name = "value", .type = TARAZU_F64, .help = "any number of the customer"},
};
TARAZU_UNUSED static const tarazu_input value_inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value_fields), .help = "any number"},
};
TARAZU_UNUSED static const tarazu_output score_outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the number again"},
};

TARAZU_UNUSED static tarazu_status copy_values(const void *self, const tarazu_batch *batch,
                                               tarazu_result *const *results, tarazu_error *error)
{
  const tarazu_column *column = batch->columns[0];
  const double *values = column->values;
  double *scores = results[0]->values;
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    scores[i] = values[i];
    if (!tarazu_is_valid(column, i)) tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

/* The first members of a good scorer, and of the plugin that offers it. */
#define SCORER(name)                                                                                        \
  .size = sizeof(tarazu_strategy), .role = TARAZU_SCORER, .id = (name), .version = "1.0", .license = "MIT", \
  .summary = "a plugin with a fault, for tests", .inputs = TARAZU_LIST(value_inputs),                       \
  .outputs = TARAZU_LIST(score_outputs)
#define PLUGIN(strategy)                                                 \
  const tarazu_plugin tarazu_plugin_v1 = {                               \
      .size = sizeof(tarazu_plugin),                                     \
      .name = "bad",                                                     \
      .strategies = (const tarazu_strategy *const[]){&(strategy), NULL}, \
  }

#endif
