/* zscore: how many standard deviations each value is above the mean, z = (x - mean) / deviation; of a cost below it. */
#include "../shared/spread.h"

NORMALIZER_INPUT("what is measured in standard deviations");
NORMALIZER_OUTPUT("standard deviations above the mean, below it for a cost");

enum { DEVIATION, CLAMP };
enum { POPULATION, SAMPLE };
static const tarazu_param params[] = {
    {.name = "deviation",
     .kind = TARAZU_CHOICE,
     .initial = "population",
     .choices = (const char *const[]){"population", "sample", NULL},
     .help = "squares over n where the customers are all there are (population), over n - 1 where they are a sample"},
    {.name = "clamp",
     .kind = TARAZU_REAL,
     .optional = 1,
     .least = 1e-3,
     .most = 1e6,
     .help = "z is held between this and its negative, so that no outlier outweighs all; absent: it is not"},
};

typedef struct zscore {
  spread_normalizer spread;
  double most; /* of z in size */
  int32_t sample, reserved;
} zscore;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  zscore *z = self;
  const tarazu_value *clamp = tarazu_arg(args, CLAMP);
  normalizer_create(&z->spread.common, context, sizeof z->spread.model);
  z->sample = tarazu_arg(args, DEVIATION)->integer == SAMPLE;
  z->most = clamp->given ? clamp->real : (double)INFINITY;
  return TARAZU_OK;
}

typedef struct measure {
  const spread *s;
  double deviation, most;
  int32_t cost, none;
} measure;

static double place(const void *measured, double x)
{
  const measure *m = measured;
  double z = m->none ? 0 : (spread_y(m->s, x) - m->s->mean) / m->deviation;
  return between(m->cost ? 0 - z : z, -m->most, m->most);
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const zscore *z = self;
  const spread *s = &z->spread.model;
  int none = spread_is_none(s);
  const measure m = {s, none ? 1 : spread_deviation(s, z->sample), z->most, z->spread.common.cost, none};
  return normalizer_apply(&m, batch, results, place);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "zscore",
    .version = "1.0",
    .license = "MIT",
    .summary = "standard deviations above the mean",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(zscore),
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
    .name = "zscore",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
