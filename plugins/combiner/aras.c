/* aras: how much of the optimal customer's utility a customer reaches (additive ratio assessment: Zavadskas, Turskis
 * 2010). */
#include "../shared/additive.h"

#include <math.h>

enum { OPTIMA };
enum { OF_CRITERION, OF_VALUE };

static const tarazu_param record_fields[] = {
    {.name = "criterion", .kind = TARAZU_COLUMN, .help = "the criterion that this is of"},
    {.name = "value", .kind = TARAZU_REAL, .help = "its optimal value, above zero"},
};
static const tarazu_param params[] = {
    {.name = "optima",
     .kind = TARAZU_RECORDS,
     .optional = 1,
     .fields = TARAZU_LIST(record_fields),
     .help = "optimal values that are known; absent: the best of the customers"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "K, the part of the optimal customer's utility"},
};

/* What is learned: of costs the sum is that of the reciprocals. */
typedef struct aras {
  criteria criteria;
  double *optimum; /* one a criterion; NaN: the best customer's */
} aras;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  aras *a = self;
  const tarazu_value *optima = tarazu_arg(args, OPTIMA);
  tarazu_status status = criteria_create(&a->criteria, context, "aras", error);
  if (status != TARAZU_OK) return status;
  a->optimum = malloc((a->criteria.count + 1u) * sizeof *a->optimum);
  if (!a->optimum) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", a->criteria.count);
  for (uint32_t k = 0; k < a->criteria.count; k++) a->optimum[k] = (double)NAN;
  for (uint32_t i = 0; optima->given && i < optima->count; i++) {
    uint32_t column = (uint32_t)tarazu_arg(&optima->records[i], OF_CRITERION)->integer;
    double value = tarazu_arg(&optima->records[i], OF_VALUE)->real;
    const char *name = tarazu_bound_at(context, column)->name;
    error->param = OPTIMA;
    error->item = (int32_t)i;
    if (!isnan(a->optimum[column]))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "criterion '%s' stands here a second time", name);
    if (!(value > 0))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the optimum of '%s' is %g; expected a value above zero", name,
                         value);
    a->optimum[column] = value;
  }
  error->param = error->item = -1;
  return TARAZU_OK;
}

static void destroy(void *self)
{
  free(((aras *)self)->optimum);
  criteria_destroy(self);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const criteria *c = self;
  for (uint32_t k = 0; k < c->count; k++) {
    criterion_summary *of = (criterion_summary *)state + k;
    int cost = criteria_is_cost(c, k);
    if (!batch->columns[k]) continue;
    tarazu_status status = criteria_demand(
        c, batch, k, 0, cost,
        cost ? "costs above zero, which have a reciprocal" : "values from 0 on, of which there are shares", error);
    if (status != TARAZU_OK) return status;
    for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
      double reciprocal[CRITERIA_CHUNK];
      const double *x = (const double *)batch->columns[k]->values + first;
      int64_t rows = criteria_chunk(batch, first);
      criterion_summary chunk = criterion_summarize(x, rows);
      for (int64_t i = 0; cost && i < rows; i++) reciprocal[i] = criteria_held(1 / (x[i] > 0 ? x[i] : 1));
      if (cost) {
        const criterion_summary turned = criterion_summarize(reciprocal, rows);
        chunk.sum = turned.sum;
        chunk.rest = turned.rest;
      }
      criterion_widen(of, &chunk);
    }
  }
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  const criteria *c = self;
  criteria_finish(self, state, again, error);
  for (uint32_t k = 0; k < c->count; k++)
    if (!isfinite(c->of[k].sum + c->of[k].rest))
      return tarazu_fail(error, TARAZU_NUMERIC, "criterion '%s' has values whose sum is too large for a number",
                         tarazu_bound_at(c->context, k)->name);
  return TARAZU_OK;
}

/* The optimal value x_0, or of a cost its reciprocal (equations 2 and 4). */
static double optimum(const aras *a, const criterion_term *term)
{
  double x = isnan(a->optimum[term->column]) ? criterion_best(term) : a->optimum[term->column];
  return term->cost ? criteria_held(1 / x) : x;
}

/* Each weight over the sum of its criterion, the optimum's value among it, and over S_0, the optimum's utility: what is
 * left of K = S / S_0 are sums of this w times x, or 1 / x (equations 3 to 8). Halves, so that no sum is too large. */
static uint32_t take(const void *self, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  const aras *a = self;
  uint32_t count = criteria_shares(&a->criteria, batch, terms);
  double utility = 0;
  for (uint32_t k = 0; k < count; k++) {
    double x = optimum(a, &terms[k]) / 2, half = x + (terms[k].of->sum / 2 + terms[k].of->rest / 2);
    double share = half > 0 ? x / half : 0;
    utility += terms[k].w * share;
    terms[k].w = x > 0 ? terms[k].w * share : 0; /* of x / x_0 */
  }
  for (uint32_t k = 0; utility > 0 && k < count; k++) terms[k].w /= utility;
  return count;
}

/* A what-if's cost of nothing would be worth all there is: less than a thousandth of the least that somebody had, or of
 * the optimum, counts as that. */
VECTORS static void ratios(double w, double best, double floor, const double *restrict x, int64_t rows,
                           double *restrict ratio)
{
  if (floor > 0)
    for (int64_t i = 0; i < rows; i++) ratio[i] = w * (best / (x[i] > floor ? x[i] : floor));
  else
    for (int64_t i = 0; i < rows; i++) ratio[i] = criteria_held(w * ((x[i] > 0 ? x[i] : 0) / best));
}

static void part(const void *self, const criterion_term *term, const double *restrict x, int64_t rows,
                 double *restrict ratio)
{
  const aras *a = self;
  double given = a->optimum[term->column], best = isnan(given) ? criterion_best(term) : given;
  double least = term->of->least < best ? term->of->least : best;
  if (best > 0) ratios(term->w, best, term->cost ? least / 1000 : 0, x, rows, ratio);
  else memset(ratio, 0, (size_t)rows * sizeof *ratio);
}

ADDITIVE(take, part);

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "aras",
    .version = "1.0",
    .license = "MIT",
    .summary = "the part of the optimal customer's utility that a customer reaches",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(aras),
    .create = create,
    .destroy = destroy,
    .state_size = criteria_state_size,
    .learn = learn,
    .merge = criteria_merge,
    .finish = finish,
    .save = criteria_save,
    .load = criteria_load,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "aras",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
