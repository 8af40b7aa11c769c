/* marcos: utility as measured against the best and the worst of every criterion (measurement of alternatives and
 * ranking according to compromise solution: Stevic, Pamucar, Puska, Chatterjee 2020). */
#include "../shared/additive.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "f(K), the utility between worst and best"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  tarazu_status status = criteria_create(self, context, "marcos", error);
  return status == TARAZU_OK ? criteria_refuse_costs(self, error) : status;
}

/* With S the weighted sum of a customer, a that of the ideal and b that of the anti-ideal, K+ = S / a and K- = S / b
 * (equations 10 and 11), f(K-) = K+ / (K+ + K-) = b / (a + b) and f(K+) = a / (a + b) (13 and 14) are the same for all,
 * and equation 12, f(K) = (K+ + K-) / (1 + (1 - f(K+)) / f(K+) + (1 - f(K-)) / f(K-)), comes to S times this, which has
 * its limit 1 / a where b is 0. */
static double factor(double a, double b)
{
  if (b < 0) b = 0;
  if (!(a > 0)) return 1;
  double part = b / a;
  return (1 + part) / (1 + part + part * part) / a;
}

static uint32_t take(const void *self, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  double ideal = 0, worst = 0;
  uint32_t count = criteria_shares(self, batch, terms);
  for (uint32_t k = 0; k < count; k++) {
    ideal += terms[k].w * criteria_held(terms[k].of->most);
    worst += terms[k].w * criteria_held(terms[k].of->least);
  }
  for (uint32_t k = 0; k < count; k++) terms[k].w *= factor(ideal, worst);
  return count;
}

VECTORS static void utilities(double w, const double *restrict n, int64_t rows, double *restrict utility)
{
  for (int64_t i = 0; i < rows; i++) utility[i] = criteria_held(w * criteria_held(n[i]));
}

static void part(const void *self, const criterion_term *term, const double *restrict n, int64_t rows,
                 double *restrict utility)
{
  (void)self;
  utilities(term->w, n, rows, utility);
}

ADDITIVE(take, part);

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "marcos",
    .version = "1.0",
    .license = "MIT",
    .summary = "utility against the best and the worst of every criterion",
    .normalizer = "max",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(criteria),
    .create = create,
    .destroy = criteria_destroy,
    .state_size = criteria_state_size,
    .learn = criteria_learn,
    .merge = criteria_merge,
    .finish = criteria_finish,
    .save = criteria_save,
    .load = criteria_load,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "marcos",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
