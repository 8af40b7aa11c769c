/* owa: ordered weighted averaging (Yager 1988), with the criteria's own weights (Yager 1996 on quantifier guided
 * aggregation; Torra 1997, WOWA): the weight goes to a customer's best or worst criteria, as the profile likes. */
#include "../shared/criteria.h"

#include <math.h>

enum { ORNESS, ORDER_WEIGHTS };

static const tarazu_param params[] = {
    {.name = "orness",
     .kind = TARAZU_REAL,
     .initial = "0.5",
     .least = 0,
     .most = 1,
     .help = "0: the worst criterion decides; 0.5: the weighted mean; 1: the best one decides"},
    {.name = "order_weights",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "weights of the best, second best, … in place of orness; they need not add up to 1"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "between her worst criterion and her best one"},
};

typedef struct owa {
  const tarazu_context *context;
  double alpha;    /* Q(r) = r^alpha; 0: the best decides, infinity: the worst */
  double *reached; /* of order weights: Q at 0, 1/count, …, 1; NULL: by orness */
  uint32_t count, reserved;
  tarazu_fact facts[1];
} owa;

/* The order weights as a quantifier: their running sums, straight lines between them (Torra 1997). */
static tarazu_status read_order(owa *o, const tarazu_value *given, tarazu_error *error)
{
  double sum = 0;
  error->param = ORDER_WEIGHTS;
  if (!given->count) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found no weight; expected at least one");
  for (uint32_t i = 0; i < given->count; i++) {
    error->item = (int32_t)i;
    if (given->reals[i] < 0)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found %g; expected weights from 0 on", given->reals[i]);
    sum += given->reals[i];
  }
  error->item = -1;
  if (!(sum > 0) || !isfinite(sum))
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the weights add up to %g; expected a sum above 0", sum);
  o->reached = malloc((given->count + 1u) * sizeof *o->reached);
  if (!o->reached) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u weights", (unsigned)given->count);
  o->count = given->count;
  o->reached[0] = 0;
  for (uint32_t i = 0; i < o->count; i++) o->reached[i + 1] = o->reached[i] + given->reals[i] / sum;
  o->reached[o->count] = 1;
  error->param = -1;
  return TARAZU_OK;
}

/* The mean of Q over (0, 1): 1 where the best criterion decides, 0 where the worst does (Yager 1988). */
static void tell_orness(owa *o)
{
  double orness = 1 / (1 + o->alpha);
  if (o->reached) {
    orness = o->count > 1 ? 0 : 0.5;
    for (uint32_t i = 1; i < o->count; i++) orness += o->reached[i] / (o->count - 1);
  }
  o->facts[0] = (tarazu_fact){.name = "orness", .value = orness, .error = -1};
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  owa *o = self;
  double orness = tarazu_arg(args, ORNESS)->real;
  o->context = context;
  if (context->columns.count > MOST_CRITERIA)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, owa takes %d", (unsigned)context->columns.count,
                       MOST_CRITERIA);
  /* The orness of Q(r) = r^alpha is its integral, 1 / (1 + alpha). */
  o->alpha = orness > 0 ? (1 - orness) / orness : HUGE_VAL;
  const tarazu_value *order = tarazu_arg(args, ORDER_WEIGHTS);
  tarazu_status status = order->given ? read_order(o, order, error) : TARAZU_OK;
  tell_orness(o);
  return status;
}

static void destroy(void *self)
{
  free(((owa *)self)->reached);
}

/* Q(r), how much of the score the criteria of share r, the best ones, decide. */
static double quantifier(const owa *o, double r)
{
  if (r <= 0) return 0;
  if (r >= 1) return 1;
  if (!o->reached) return o->alpha > 0 ? pow(r, o->alpha) : 1;
  double at = r * o->count;
  uint32_t whole = (uint32_t)at;
  if (whole >= o->count) return 1;
  return o->reached[whole] + (at - whole) * (o->reached[whole + 1] - o->reached[whole]);
}

typedef struct graded {
  double x, w;
} graded;

/* Best first; by insertion, the criteria being few. */
static void put_in_order(graded *items, uint32_t count)
{
  for (uint32_t k = 1; k < count; k++) {
    graded one = items[k];
    uint32_t at = k;
    for (; at && items[at - 1].x < one.x; at--) items[at] = items[at - 1];
    items[at] = one;
  }
}

/* F = sum over k of (Q(S_k) - Q(S_(k-1))) b_k, with b the values from best to worst and S their weights' running sums.
 */
static double ordered_average(const owa *o, const graded *items, uint32_t count)
{
  double score = 0, so_far = 0, before = 0, all = 0;
  for (uint32_t k = 0; k < count; k++) all += items[k].w;
  for (uint32_t k = 0; k < count; k++) {
    so_far += items[k].w;
    double now = k + 1 == count ? 1 : quantifier(o, so_far / all);
    score += (now - before) * items[k].x;
    before = now;
  }
  return score;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const owa *o = self;
  double *score = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    graded items[MOST_CRITERIA];
    uint32_t count = 0;
    for (uint32_t c = 0; c < batch->column_count; c++) {
      if (!batch->columns[c] || !(batch->weights[c] > 0)) continue;
      double x = ((const double *)batch->columns[c]->values)[i];
      items[count++] = (graded){tarazu_bound_at(o->context, c)->better < 0 ? -x : x, batch->weights[c]};
    }
    put_in_order(items, count);
    score[i] = ordered_average(o, items, count);
  }
  return TARAZU_OK;
}

/* Yager's orness, sum over i of w_i (n - i) / (n - 1) of n order weights; of the quantifier its integral. */
static tarazu_list facts(const void *self)
{
  return (tarazu_list)TARAZU_LIST(((const owa *)self)->facts);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "owa",
    .version = "1.0",
    .license = "MIT",
    .summary = "an average that favours a customer's best or worst criteria",
    .normalizer = "minmax",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(owa),
    .create = create,
    .destroy = destroy,
    .apply = apply,
    .facts = facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "owa",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
