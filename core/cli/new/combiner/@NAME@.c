/* @NAME@: the weighted mean of the criteria, drawn toward the customer's weakest one. */
#include <tarazu/plugin.h>

enum { WEAKEST };
static const tarazu_param params[] = {
    {.name = "weakest",
     .kind = TARAZU_PROPORTION,
     .initial = "25%",
     .least = 0,
     .most = 1,
     .help = "how far the score goes from the mean to the weakest criterion"},
};
static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "a criterion"}};
static const tarazu_input inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(fields),
     .help = "the criteria to combine"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "between the mean and the weakest criterion"},
};

typedef struct combiner {
  const tarazu_context *context;
  double weakest;
} combiner;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  *(combiner *)self = (combiner){context, tarazu_arg(args, WEAKEST)->real};
  return TARAZU_OK;
}

/* More is better after a normalizer; without one a cost comes as it is, and counts against her. */
static double value_of(const combiner *c, const tarazu_batch *batch, uint32_t column, int64_t row)
{
  double x = ((const double *)batch->columns[column]->values)[row];
  return tarazu_bound_at(c->context, column)->better < 0 ? -x : x;
}

/* There are no nulls: a criterion that these customers lack is a column NULL of weight 0. */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const combiner *c = self;
  double *score = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    double mean = 0, least = 0;
    int some = 0;
    for (uint32_t k = 0; k < batch->column_count; k++) {
      if (!batch->columns[k] || !(batch->weights[k] > 0)) continue;
      double x = value_of(c, batch, k, i);
      mean += batch->weights[k] * x;
      if (!some++ || x < least) least = x;
    }
    if (some) score[i] = (1 - c->weakest) * mean + c->weakest * least;
    else tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "@NAME@",
    .version = "1.0",
    .license = "MIT",
    .summary = "the weighted mean, drawn toward the weakest criterion",
    .normalizer = "minmax",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(combiner),
    .create = create,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "@NAME@",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
