/* logarithmic: each value's share of the logarithms, r = ln x / sum(ln x) (Zavadskas, Turskis 2008); or the modulus
 * transformation L(x) = sign(x) ln(1 + |x|) (John, Draper 1980), which takes zeros and negatives, between its smallest
 * and its largest. */
#include "../shared/normalizer.h"

NORMALIZER_INPUT("what the logarithm is taken of; of form product above zero");
NORMALIZER_OUTPUT("the share of the logarithms, or of form modulus 0 the worst customer, 1 the best");

enum { FORM };
enum { PRODUCT, MODULUS };
static const tarazu_param params[] = {
    {.name = "form",
     .kind = TARAZU_CHOICE,
     .initial = "product",
     .choices = (const char *const[]){"product", "modulus", NULL},
     .help = "product: the share of the product's logarithm, of values above zero; modulus: sign(x) ln(1 + |x|) of any "
             "values, from 0 to 1"},
};

enum { LANES = 4 };
#define LEAST_PART 1e-9 /* the sum of the logarithms that some are below and others above zero, against their sizes */

typedef struct logs {
  extent extent;
  double sum;   /* of ln x */
  double sizes; /* of |ln x| */
} logs;

typedef struct logarithmic {
  normalizer common;
  logs logs;
  int32_t product, reserved;
} logarithmic;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)error;
  logarithmic *l = self;
  normalizer_create(&l->common, context, sizeof l->logs);
  l->product = tarazu_arg(args, FORM)->integer == PRODUCT;
  return TARAZU_OK;
}

static tarazu_status learn_logs(logs *state, const tarazu_batch *batch, tarazu_error *error)
{
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double sums[LANES] = {0}, sizes[LANES] = {0};
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    if (!(x[i] > 0)) {
      error->row = normalizer_row(batch, i);
      return tarazu_fail(error, TARAZU_BAD_DATA,
                         "%g has no logarithm: expected values above zero, or the parameter form: modulus", x[i]);
    }
    double logarithm = log(x[i]);
    sums[i % LANES] += logarithm;
    sizes[i % LANES] += fabs(logarithm);
  }
  state->sum += (sums[0] + sums[1]) + (sums[2] + sums[3]);
  state->sizes += (sizes[0] + sizes[1]) + (sizes[2] + sizes[3]);
  return TARAZU_OK;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  logs *l = state;
  tarazu_status status = ((const logarithmic *)self)->product ? learn_logs(l, batch, error) : TARAZU_OK;
  return status ? status : extent_learn(self, &l->extent, batch, error);
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  logs *l = into;
  const logs *more = from;
  extent_widen(&l->extent, &more->extent);
  l->sum += more->sum;
  l->sizes += more->sizes;
  return TARAZU_OK;
}

/* Of logarithms that add up to less than nothing the largest value would have the smallest share. */
static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  const logs *l = state;
  int differ = l->extent.most > l->extent.least;
  if (((const logarithmic *)self)->product && differ && !(l->sum > LEAST_PART * l->sizes))
    return tarazu_fail(
        error, TARAZU_BAD_DATA,
        "the logarithms add up to %g, of which there are no shares: expected values mostly above 1 (in a "
        "smaller unit), or the parameter form: modulus",
        l->sum);
  return normalizer_finish(self, state, again, error);
}

static double modulus(double x)
{
  return copysign(log1p(fabs(x)), x);
}

typedef struct measure {
  double least, most; /* of L(x) */
  int cost;
} measure;

static double place_modulus(const void *measured, double x)
{
  const measure *m = measured;
  double at = between(modulus(x), m->least, m->most);
  if (!(m->most > m->least)) return 0.5;
  return (m->cost ? m->most - at : at - m->least) / (m->most - m->least);
}

static double place_product(const void *self, double x)
{
  const logarithmic *l = self;
  double n = (double)l->logs.extent.seen;
  if (!(l->logs.extent.most > l->logs.extent.least)) return 1 / n;
  double r = x > 0 ? log(x) / l->logs.sum : (double)NAN; /* a what-if may ask for zero */
  return l->common.cost ? (1 - r) / (n - 1) : r;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const logarithmic *l = self;
  if (l->product) return normalizer_apply(self, batch, results, place_product);
  const measure m = {modulus(l->logs.extent.least), modulus(l->logs.extent.most), l->common.cost};
  return normalizer_apply(&m, batch, results, place_modulus);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "logarithmic",
    .version = "1.0",
    .license = "MIT",
    .summary = "logarithms, so that the many small ones are told apart",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(logarithmic),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "logarithmic",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
