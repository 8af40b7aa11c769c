/* geometric: the weighted geometric mean of the dimensions, or of the criteria: no score without every kind of value,
 * for a strength in one cannot make up for nothing in the other (as in the human development index, UNDP 2010; Bridgman
 * 1922). */
#include "../shared/criteria.h"

#include <float.h>
#include <math.h>

enum { OVER, FLOOR };
enum { DIMENSIONS, CRITERIA };

static const char *const overs[] = {"dimensions", "criteria", NULL};
static const tarazu_param params[] = {
    {.name = "over",
     .kind = TARAZU_CHOICE,
     .choices = overs,
     .initial = "dimensions",
     .help = "dimensions: weighted means within them, multiplied; criteria: each one by itself"},
    {.name = "floor",
     .kind = TARAZU_REAL,
     .initial = "0",
     .least = 0,
     .most = HUGE_VAL,
     .help = "what is below it counts as much as it; 0: who has nothing of one kind has no score"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the product, each factor to the power of its weight"},
};

typedef struct geometric {
  double floor;
  uint32_t factors, reserved;
  uint32_t factor_of[MOST_CRITERIA]; /* by criterion */
} geometric;

/* The factor of a criterion's dimension: that of the first criterion which has it. */
static uint32_t find_factor(const geometric *g, const tarazu_context *context, uint32_t criterion)
{
  const char *dimension = tarazu_bound_at(context, criterion)->dimension;
  for (uint32_t c = 0; dimension && c < criterion; c++) {
    const char *other = tarazu_bound_at(context, c)->dimension;
    if (other && !strcmp(other, dimension)) return g->factor_of[c];
  }
  return g->factors;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  geometric *g = self;
  g->floor = tarazu_arg(args, FLOOR)->real;
  if (context->columns.count > MOST_CRITERIA)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, geometric takes %d", (unsigned)context->columns.count,
                       MOST_CRITERIA);
  for (uint32_t c = 0; c < context->columns.count; c++) {
    if (tarazu_bound_at(context, c)->better < 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER,
                         "criterion '%s' comes as a cost; a product takes values of which more is better: normalize it",
                         tarazu_bound_at(context, c)->name);
    int alone = tarazu_arg(args, OVER)->integer == CRITERIA;
    g->factor_of[c] = alone ? g->factors : find_factor(g, context, c);
    if (g->factor_of[c] == g->factors) g->factors++;
  }
  return TARAZU_OK;
}

/* Product over the factors f of x_f^(W_f), x_f the mean of the factor's criteria by their weights, W_f their sum. */
static double product(const geometric *g, const double *sum, const double *weight)
{
  double logarithm = 0, all = 0;
  for (uint32_t f = 0; f < g->factors; f++) all += weight[f];
  for (uint32_t f = 0; f < g->factors; f++) {
    if (!(weight[f] > 0)) continue;
    double x = sum[f] / weight[f];
    if (x < g->floor) x = g->floor;
    if (x > DBL_MAX) x = DBL_MAX; /* a mean at the end of doubles, rounded */
    if (!(x > 0)) return 0;
    logarithm += weight[f] / all * log(x);
  }
  return fmin(exp(logarithm), DBL_MAX);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const geometric *g = self;
  double *score = results[0]->values, sum[MOST_CRITERIA], weight[MOST_CRITERIA];
  for (int64_t i = 0; i < batch->rows; i++) {
    for (uint32_t f = 0; f < g->factors; f++) sum[f] = weight[f] = 0;
    for (uint32_t c = 0; c < batch->column_count; c++) {
      if (!batch->columns[c]) continue;
      sum[g->factor_of[c]] += batch->weights[c] * ((const double *)batch->columns[c]->values)[i];
      weight[g->factor_of[c]] += batch->weights[c];
    }
    score[i] = product(g, sum, weight);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "geometric",
    .version = "1.0",
    .license = "MIT",
    .summary = "no score without both kinds of value",
    .normalizer = "minmax",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(geometric),
    .create = create,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "geometric",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
