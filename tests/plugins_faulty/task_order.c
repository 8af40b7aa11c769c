/* Fault: what fit learns depends on the order in which the host runs its tasks. */
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "a column"}};
static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "a constant"}};

typedef struct instance {
  const tarazu_host *host;
  double blended;
} instance;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ((instance *)self)->host = context->host;
  return (void)args, (void)error, TARAZU_OK;
}

static void blend(void *argument, int64_t index)
{
  double *blended = argument;
  *blended = 0.5 * *blended + (double)index;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  instance *s = self;
  s->blended = 0;
  s->host->parallel(s->host, 8, blend, &s->blended);
  return (void)spaces, (void)count, (void)error, TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = ((const instance *)self)->blended;
  return (void)error, TARAZU_OK;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "faulty",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "a constant that is learned",
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .self_size = sizeof(instance),
                                         .create = create,
                                         .fit = fit,
                                         .apply = apply};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "faulty", .strategies = (const tarazu_strategy *const[]){&strategy, NULL}};
