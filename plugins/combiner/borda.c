/* borda: the weighted mean, over the criteria, of the share of the others whom a customer beats (Borda 1781; ties as in
 * Black 1976). Only the order within each criterion counts. */
#include "../shared/ranks.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "1 the first in every criterion, 0 the last in each"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return rankings_create(self, context, "borda", error);
}

static double points(const rankings *r, const tarazu_batch *batch, uint32_t criterion, int64_t i)
{
  return r->of[criterion].count ? batch->weights[criterion] * ranking_share(r, criterion, batch, i) : 0;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const rankings *r = self;
  double *score = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    score[i] = 0;
    for (uint32_t c = 0; c < r->count; c++)
      if (batch->columns[c]) score[i] += points(r, batch, c, i);
  }
  return TARAZU_OK;
}

static tarazu_status contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   double *baseline, tarazu_error *error)
{
  (void)error;
  *baseline = 0;
  for (uint32_t c = 0; c < batch->column_count; c++)
    for (int64_t i = 0; results[c] && i < batch->rows; i++) {
      if (batch->columns[c]) ((double *)results[c]->values)[i] = points(self, batch, c, i);
      else tarazu_set_null(results[c], i);
    }
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .contributions = contributions};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "borda",
    .version = "1.0",
    .license = "MIT",
    .summary = "the share of the others whom a customer beats, averaged over the criteria",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(rankings),
    .create = create,
    .destroy = rankings_destroy,
    .fit = rankings_fit,
    .save = rankings_save,
    .load = rankings_load,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "borda",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
