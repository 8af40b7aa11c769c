/* A plugin as one was written for version 1.1 of the ABI, with what that version added: a scorer whose reasons name the
 * customer, and a weigher that is the usual one. It is built with the header of that version for ever. */
#include "plugin_1_1.h"
#include <string.h>

/* ---- frozen_named ------------------------------------------------------------------------------------------ */

static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "what is scored"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "a column or a criterion"}};
static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "half the value"}};

typedef struct named {
  const tarazu_host *host;
} named;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  ((named *)self)->host = context->host;
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)error;
  const double *value = batch->columns[0]->values;
  double *score = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (tarazu_is_valid(batch->columns[0], i)) score[i] = value[i] / 2;
    else tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const tarazu_host *host = ((const named *)self)->host;
  const char *name = row->first_row >= 0 ? host->customer(host, row->first_row) : NULL;
  (void)error;
  if (!name) return TARAZU_OK;
  writer->write(writer, "this is ", 8);
  writer->write(writer, name, strlen(name));
  writer->write(writer, "\n", 1);
  return TARAZU_OK;
}

static const void *extension(const char *id)
{
  static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};
  return strcmp(id, "tarazu.explain/1") == 0 ? &explain : NULL;
}

static const tarazu_strategy frozen_named = {.size = sizeof frozen_named,
                                             .role = TARAZU_SCORER,
                                             .id = "frozen_named",
                                             .version = "1.1",
                                             .summary = "half a value, and whose it is",
                                             .license = "MIT",
                                             .inputs = TARAZU_LIST(inputs),
                                             .outputs = TARAZU_LIST(outputs),
                                             .self_size = sizeof(named),
                                             .create = create,
                                             .apply = apply,
                                             .extension = extension};

/* ---- frozen_alike ------------------------------------------------------------------------------------------ */

static const tarazu_input criteria[] = {{.name = "criteria",
                                         .bind = "criteria",
                                         .shape = TARAZU_ATTRIBUTES,
                                         .fields = TARAZU_LIST(fields),
                                         .many = 1,
                                         .help = "what is weighed"}};

static tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t i = 0; i < count; i++) out[i] = 1;
  return TARAZU_OK;
}

static const tarazu_strategy frozen_alike = {.size = sizeof frozen_alike,
                                             .role = TARAZU_WEIGHER,
                                             .id = "frozen_alike",
                                             .version = "1.1",
                                             .summary = "all criteria alike",
                                             .license = "MIT",
                                             .flags = TARAZU_USUAL,
                                             .inputs = TARAZU_LIST(criteria),
                                             .weights = weights};

const tarazu_plugin tarazu_plugin_v1 = {.size = sizeof tarazu_plugin_v1,
                                        .abi_minor = 1,
                                        .name = "scorer_1_1",
                                        .strategies =
                                            (const tarazu_strategy *const[]){&frozen_named, &frozen_alike, NULL}};
