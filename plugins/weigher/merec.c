/* merec: the method based on the removal effects of criteria: a criterion weighs the more, the more the customers'
 * overall performance changes without it (Keshavarz-Ghorabaee, Amiri, Zavadskas, Turskis, Antucheviciene 2021). */
#include "../shared/weigher.h"

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return weigher_create(self, context, "merec", error);
}

/* |ln n_ij| of step 2: n = min x / x of a benefit, x / max x of a cost. */
static double logarithm(const weigher *w, uint32_t criterion, column_summary s, double x)
{
  return fabs(weigher_is_cost(w, criterion) ? log(x) - log(s.most) : log(s.least) - log(x));
}

/* Adds the removal effects E_j of one customer, |S'_ij - S_i| with S_i = ln(1 + (1/m) sum_k |ln n_ik|) and S'_ij the
 * same without k = j (steps 3 to 5). */
static void add_effects(const weigher *w, const double *logarithms, long_sum *effects)
{
  double sum = 0, m = w->count;
  for (uint32_t c = 0; c < w->count; c++) sum += logarithms[c];
  for (uint32_t c = 0; c < w->count; c++) {
    double part = logarithms[c] / m;
    long_sum_add(&effects[c], -log1p(-part / (1 + sum / m)));
  }
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  const tarazu_batch *all = spaces[0];
  column_summary s[MOST_CRITERIA];
  long_sum effects[MOST_CRITERIA] = {{0, 0}};
  for (uint32_t c = 0; c < w->count; c++) {
    s[c] = summarize(all->columns[c], all->rows);
    if (s[c].count && !(s[c].least > 0))
      return tarazu_fail(error, TARAZU_BAD_DATA,
                         "criterion '%s' has the value %g; merec takes logarithms, so values above 0",
                         weigher_criterion(w, c), s[c].least);
  }
  for (int64_t i = 0; i < all->rows; i++) {
    double logarithms[MOST_CRITERIA];
    if (!weigher_has_all(w, all, i)) continue;
    for (uint32_t c = 0; c < w->count; c++) logarithms[c] = logarithm(w, c, s[c], weigher_value(all->columns[c], i));
    add_effects(w, logarithms, effects);
  }
  for (uint32_t c = 0; c < w->count; c++) w->measure[c] = long_sum_value(&effects[c]);
  return weigher_settle(w, "removal_effect", error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "merec",
    .version = "1.0",
    .license = "MIT",
    .summary = "the more the whole changes without a criterion, the more it weighs",
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(weigher),
    .create = create,
    .destroy = weigher_destroy,
    .fit = fit,
    .save = weigher_save,
    .load = weigher_load,
    .weights = weigher_weights,
    .facts = weigher_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "merec",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
