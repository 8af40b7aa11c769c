/* sigmoid: each value on the logistic curve, r = 1 / (1 + exp(-k (x - m))): half at the midpoint m, steepest there and
 * flat far from it. By default m is the mean and k one over the standard deviation (softmax scaling, Pyle 1999). */
#include "../shared/spread.h"

NORMALIZER_INPUT("what is brought between 0 and 1");
NORMALIZER_OUTPUT("between 0 and 1, half at the midpoint");

enum { MIDPOINT, STEEPNESS };
static const tarazu_param params[] = {
    {.name = "midpoint", .kind = TARAZU_REAL, .optional = 1, .help = "the value that gets 1/2; absent: the mean"},
    {.name = "steepness",
     .kind = TARAZU_REAL,
     .optional = 1,
     .least = 1e-300,
     .most = 1e300,
     .help = "k, per unit of the value: one over the distance from the midpoint to 0.73; absent: one over the "
             "standard deviation"},
};

typedef struct sigmoid {
  spread_normalizer spread;
  double midpoint, steepness;
  int32_t midpoint_given, steepness_given;
} sigmoid;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  sigmoid *s = self;
  const tarazu_value *midpoint = tarazu_arg(args, MIDPOINT), *steepness = tarazu_arg(args, STEEPNESS);
  normalizer_create(&s->spread.common, context, sizeof s->spread.model);
  s->midpoint_given = (int32_t)midpoint->given;
  s->midpoint = midpoint->given ? midpoint->real : 0;
  s->steepness_given = (int32_t)steepness->given;
  s->steepness = steepness->given ? steepness->real : 0;
  return TARAZU_OK;
}

/* exp() of what is not above 0 cannot overflow. */
static double logistic(double t)
{
  double e = exp(-fabs(t));
  return t >= 0 ? 1 / (1 + e) : e / (1 + e);
}

typedef struct measure {
  const sigmoid *of;
  const spread *s;
  double deviation; /* of y */
  double mean;      /* of x */
  int none;
} measure;

/* k (x - m). What is learned stands in terms of y = (x - least) / (most - least). */
static double exponent(const measure *m, double x)
{
  const sigmoid *g = m->of;
  if (g->steepness_given) {
    double middle = g->midpoint_given ? g->midpoint : m->mean;
    double way = x - middle;
    return isfinite(way) ? g->steepness * way : 2 * (g->steepness * (x / 2 - middle / 2));
  }
  if (m->none) return 0; /* no deviation to measure by */
  if (!g->midpoint_given) return (spread_y(m->s, x) - m->s->mean) / m->deviation;
  return ratio_of_differences(x, g->midpoint, m->s->extent.most, m->s->extent.least) / m->deviation;
}

static double place(const void *measured, double x)
{
  const measure *m = measured;
  double t = exponent(m, x);
  return logistic(m->of->spread.common.cost ? 0 - t : t);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const sigmoid *g = self;
  const spread *s = &g->spread.model;
  const extent *e = &s->extent;
  measure m = {g, s, 1, e->least, spread_is_none(s)};
  if (!m.none) {
    m.deviation = spread_deviation(s, 0);
    m.mean = e->least * (1 - s->mean) + e->most * s->mean;
  }
  return normalizer_apply(&m, batch, results, place);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "sigmoid",
    .version = "1.0",
    .license = "MIT",
    .summary = "the logistic curve: half at the midpoint, flat far from it",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(sigmoid),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = spread_learn,
    .merge = spread_merge,
    .finish = spread_finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "sigmoid",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
