/* gini: a criterion weighs in proportion to its Gini coefficient, how far it is in few hands (Gini 1912; as weights Li,
 * Wang, Cui 2009). */
#include "../shared/order.h"
#include "../shared/weigher.h"

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return weigher_create(self, context, "gini", error);
}

/* G = sum over i, k of |x_i - x_k| / (2 n^2 mean); of sorted values the same as sum of (2 i - n - 1) x_i / (n^2 mean),
 * i from 1 (Dixon et al. 1987). Values are taken less the mean, so that large ones lose no digits. */
static double coefficient(const ordered *items, int64_t count, double mean)
{
  long_sum sum = {0, 0};
  double n = (double)count;
  for (int64_t i = 0; i < count; i++) long_sum_add(&sum, (double)(2 * i + 1 - count) * (items[i].value / mean - 1));
  return long_sum_value(&sum) / (n * n);
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  for (uint32_t c = 0; c < w->count; c++) {
    column_summary s = summarize(spaces[0]->columns[c], spaces[0]->rows);
    int64_t values;
    w->measure[c] = 0;
    if (s.count && s.least < 0)
      return tarazu_fail(error, TARAZU_BAD_DATA,
                         "criterion '%s' has the value %g; the Gini coefficient is of values from 0 on",
                         weigher_criterion(w, c), s.least);
    if (s.count < 2 || s.least == s.most) continue;
    ordered *items = order_column(spaces[0]->columns[c], spaces[0]->rows, &values);
    if (!items)
      return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to sort criterion '%s'", weigher_criterion(w, c));
    w->measure[c] = coefficient(items, values, s.mean);
    free(items);
  }
  return weigher_settle(w, "gini", error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "gini",
    .version = "1.0",
    .license = "MIT",
    .summary = "the more a criterion is in few hands, the more it weighs",
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
    .name = "gini",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
