/* manual: the weights that the profile gives, one a criterion. */
#include <tarazu/plugin.h>

static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "a criterion; its values are not looked at"},
};
static const tarazu_input inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(value),
     .help = "the criteria to weigh"},
};

typedef struct manual {
  const tarazu_context *context;
} manual;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  double sum = 0;
  ((manual *)self)->context = context;
  for (uint32_t i = 0; i < context->columns.count; i++) {
    const tarazu_bound *criterion = tarazu_bound_at(context, i);
    if (!(criterion->weight >= 0)) {
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the weight of '%s' is %g, a weight cannot be negative",
                         criterion->name, criterion->weight);
    }
    sum += criterion->weight;
  }
  if (sum > 0) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "every weight is 0, at least one criterion must count");
}

static tarazu_status weights(const void *self, double *weights, uint32_t count, tarazu_error *error)
{
  (void)error;
  for (uint32_t i = 0; i < count; i++) weights[i] = tarazu_bound_at(((const manual *)self)->context, i)->weight;
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "manual",
    .version = "1.0",
    .license = "MIT",
    .summary = "the weights that the profile gives",
    .inputs = TARAZU_LIST(inputs),
    .flags = TARAZU_USUAL,
    .self_size = sizeof(manual),
    .create = create,
    .weights = weights,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 1,
    .name = "manual",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
