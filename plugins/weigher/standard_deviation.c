/* standard_deviation: a criterion weighs in proportion to its standard deviation (Diakoulaki, Mavrotas, Papayannakis
 * 1995; Wang, Luo 2010). */
#include "../shared/weigher.h"

enum { SCALE };
enum { RANGE, MEAN, NONE };

static const char *const scales[] = {"range", "mean", "none", NULL};
static const tarazu_param params[] = {
    {.name = "scale",
     .kind = TARAZU_CHOICE,
     .choices = scales,
     .initial = "range",
     .help = "what the deviation is divided by, so that units do not weigh: the range, the mean, or nothing"},
};

typedef struct standard_deviation {
  weigher weigher;
  int64_t scale;
} standard_deviation;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ((standard_deviation *)self)->scale = tarazu_arg(args, SCALE)->integer;
  return weigher_create(self, context, "standard_deviation", error);
}

/* Over n - 1, of values brought near 1 by the range, so that no square leaves a double's range. */
static double deviation(const tarazu_column *column, int64_t rows, column_summary s)
{
  double range = s.most - s.least;
  long_sum sum = {0, 0};
  if (s.count < 2 || !(range > 0)) return 0;
  for (int64_t i = 0; i < rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    double d = (weigher_value(column, i) - s.mean) / range;
    long_sum_add(&sum, d * d);
  }
  return range * sqrt(long_sum_value(&sum) / (double)(s.count - 1));
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  weigher *w = self;
  int64_t scale = ((standard_deviation *)self)->scale;
  for (uint32_t c = 0; c < w->count; c++) {
    column_summary s = summarize(spaces[0]->columns[c], spaces[0]->rows);
    double unit = scale == RANGE ? s.most - s.least : scale == MEAN ? fabs(s.mean) : 1;
    double found = deviation(spaces[0]->columns[c], spaces[0]->rows, s);
    if (found > 0 && !(unit > 0))
      return tarazu_fail(error, TARAZU_BAD_DATA, "criterion '%s' has the mean 0, by which nothing can be divided",
                         weigher_criterion(w, c));
    w->measure[c] = found > 0 ? found / unit : 0;
  }
  return weigher_settle(w, "deviation", error);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_WEIGHER,
    .id = "standard_deviation",
    .version = "1.0",
    .license = "MIT",
    .summary = "the more a criterion varies, the more it weighs",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(weigher_inputs),
    .self_size = sizeof(standard_deviation),
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
    .name = "standard_deviation",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
