/* target: the nearer to an ideal value or range the better: 1 within it, less evenly with the distance, measured by the
 * scale (Jahan, Bahraminasab, Edwards 2012; with sides of their own: Cables, Lamata, Verdegay 2016). */
#include "../shared/normalizer.h"

NORMALIZER_INPUT("what has an ideal value");
NORMALIZER_OUTPUT("1 within the ideal, 0 at the far end of the scale");

enum { IDEAL, SCALE, SIDES };
enum { COMMON, OWN };
static const tarazu_param params[] = {
    {.name = "ideal", .kind = TARAZU_REALS, .help = "the ideal value, [30], or the ends of the ideal range, [30, 35]"},
    {.name = "scale",
     .kind = TARAZU_REALS,
     .optional = 1,
     .help = "the ends of the scale, which holds the ideal, [0, 60]; absent: those of the data and the ideal"},
    {.name = "sides",
     .kind = TARAZU_CHOICE,
     .initial = "common",
     .choices = (const char *const[]){"common", "own", NULL},
     .help = "what a distance is measured by: the whole scale (common), or the part of it on the same side (own)"},
};

/* As RIM calls them: the scale is from a to b, the ideal from c to d. */
typedef struct target {
  normalizer common;
  extent extent;
  double a, b, c, d;
  int32_t scaled, own; /* scaled: a and b are the profile's */
} target;

static tarazu_status ends(const tarazu_args *args, int32_t param, double *low, double *high, tarazu_error *error)
{
  const tarazu_value *given = tarazu_arg(args, (uint32_t)param);
  if (given->count && given->count <= 2) {
    *low = given->reals[0];
    *high = given->reals[given->count - 1];
    if (given->count == 2 ? *low < *high : param == IDEAL) return TARAZU_OK;
  }
  error->param = param;
  if (given->count == 2)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "from %g to %g: expected the lower end first", given->reals[0],
                       given->reals[1]);
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u values, expected %s", (unsigned)given->count,
                     param == IDEAL ? "one, the ideal, or two, the ends of the ideal range" : "two, the ends");
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  target *t = self;
  normalizer_create(&t->common, context, sizeof t->extent);
  t->own = tarazu_arg(args, SIDES)->integer == OWN;
  t->scaled = (int32_t)tarazu_arg(args, SCALE)->given;
  tarazu_status status = ends(args, IDEAL, &t->c, &t->d, error);
  if (!status && t->scaled) status = ends(args, SCALE, &t->a, &t->b, error);
  if (status || !t->scaled || (t->a <= t->c && t->d <= t->b)) return status;
  error->param = SCALE;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "from %g to %g, which does not hold the ideal, from %g to %g", t->a,
                     t->b, t->c, t->d);
}

/* 1 - distance / measure, and 0 where that is further than the measure. */
static double place(const void *self, double x)
{
  const target *t = self;
  double upper = x < t->c ? t->c : x, lower = x < t->c ? x : t->d, low = t->a, high = t->b;
  if (x >= t->c && x <= t->d) return 1;
  if (t->own && x < t->c) high = t->c;
  if (t->own && x > t->d) low = t->d;
  return high > low ? fmax(0, 1 - ratio_of_differences(upper, lower, high, low)) : 0;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  target t = *(const target *)self;
  if (!t.scaled) {
    t.a = t.extent.seen ? fmin(t.extent.least, t.c) : t.c;
    t.b = t.extent.seen ? fmax(t.extent.most, t.d) : t.d;
  }
  return normalizer_apply(&t, batch, results, place);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "target",
    .version = "1.0",
    .license = "MIT",
    .summary = "the nearer to an ideal value or range the better",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(target),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = extent_learn,
    .merge = extent_merge,
    .finish = normalizer_finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "target",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
