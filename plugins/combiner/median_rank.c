/* median_rank: the weighted median, over the criteria, of the share of the others whom a customer beats (Cook, Seiford
 * 1978 on median rankings; the weighted median as in Edgeworth 1888). One criterion far from the rest moves nothing. */
#include "../shared/ranks.h"

static const tarazu_output outputs[] = {
    {.name = "score",
     .type = TARAZU_F64,
     .better = 1,
     .help = "half of her weight lies in criteria in which she beats at least this share of the others"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return rankings_create(self, context, "median_rank", error);
}

typedef struct vote {
  double share, w;
} vote;

/* By insertion: the criteria are few. */
static void put_in_order(vote *votes, uint32_t count)
{
  for (uint32_t k = 1; k < count; k++) {
    vote one = votes[k];
    uint32_t at = k;
    for (; at && votes[at - 1].share > one.share; at--) votes[at] = votes[at - 1];
    votes[at] = one;
  }
}

/* Where the weight below and the weight above are equal, the median is the middle of both values. */
static double weighted_median(const vote *votes, uint32_t count)
{
  double all = 0, so_far = 0;
  for (uint32_t k = 0; k < count; k++) all += votes[k].w;
  for (uint32_t k = 0; k < count; k++) {
    so_far += votes[k].w;
    double over = 2 * so_far - all;
    if (fabs(over) <= 1e-12 * all && k + 1 < count) return (votes[k].share + votes[k + 1].share) / 2;
    if (over > 0) return votes[k].share;
  }
  return 0.5;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const rankings *r = self;
  double *score = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    vote votes[MOST_CRITERIA];
    uint32_t count = 0;
    for (uint32_t c = 0; c < r->count; c++)
      if (batch->columns[c] && batch->weights[c] > 0 && r->of[c].count)
        votes[count++] = (vote){ranking_share(r, c, batch, i), batch->weights[c]};
    put_in_order(votes, count);
    score[i] = weighted_median(votes, count);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "median_rank",
    .version = "1.0",
    .license = "MIT",
    .summary = "the middle one of a customer's ranks",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(rankings),
    .create = create,
    .destroy = rankings_destroy,
    .fit = rankings_fit,
    .save = rankings_save,
    .load = rankings_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "median_rank",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
