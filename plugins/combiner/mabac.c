/* mabac: how far a customer is above or below the border of each criterion, the geometric mean of all customers
 * (multi-attributive border approximation area comparison: Pamucar, Cirovic 2015). */
#include "../shared/additive.h"

#include <math.h>

static const tarazu_output outputs[] = {
    {.name = "score",
     .type = TARAZU_F64,
     .better = 1,
     .help = "distance from the border: above 0 on the upper side, below 0 on the lower one"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  tarazu_status status = criteria_create(self, context, "mabac", error);
  return status == TARAZU_OK ? criteria_refuse_costs(self, error) : status;
}

/* Of each criterion ln(1 + n), whose mean is the logarithm of the border before weights (step 4). */
static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const criteria *c = self;
  for (uint32_t k = 0; k < c->count; k++) {
    tarazu_status status =
        criteria_demand(c, batch, k, -1, 1, "values above -1, of which a geometric mean of 1 + n can be taken", error);
    if (status != TARAZU_OK) return status;
    for (int64_t first = 0; batch->columns[k] && first < batch->rows; first += CRITERIA_CHUNK) {
      double logarithm[CRITERIA_CHUNK];
      const double *n = (const double *)batch->columns[k]->values + first;
      int64_t rows = criteria_chunk(batch, first);
      for (int64_t i = 0; i < rows; i++) logarithm[i] = n[i] > -1 ? log1p(n[i]) : 0;
      const criterion_summary chunk = criterion_summarize(logarithm, rows);
      criterion_widen((criterion_summary *)state + k, &chunk);
    }
  }
  return TARAZU_OK;
}

/* q = v - g with v = w (n + 1) and g = w times the geometric mean of n + 1 (steps 3 to 5); the score is their sum. */
VECTORS static void distances(const criterion_term *term, const double *restrict n, int64_t rows, double *restrict q)
{
  const double w = term->w, g = exp(criterion_mean(term->of));
  for (int64_t i = 0; i < rows; i++) q[i] = w * (criteria_held(n[i]) + 1 - g);
}

static void part(const void *self, const criterion_term *term, const double *restrict n, int64_t rows,
                 double *restrict q)
{
  (void)self;
  distances(term, n, rows, q);
}

static uint32_t take(const void *self, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  return criteria_shares(self, batch, terms);
}

ADDITIVE(take, part);

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "mabac",
    .version = "1.0",
    .license = "MIT",
    .summary = "above or below the border that all customers make together",
    .normalizer = "minmax",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(criteria),
    .create = create,
    .destroy = criteria_destroy,
    .state_size = criteria_state_size,
    .learn = learn,
    .merge = criteria_merge,
    .finish = criteria_finish,
    .save = criteria_save,
    .load = criteria_load,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "mabac",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
