/* vector: each value over the Euclidean length of the whole column, r = x / sqrt(sum of squares) (Hwang, Yoon 1981); of
 * a cost 1 - r. */
#include "../shared/normalizer.h"

NORMALIZER_INPUT("what is divided by the column's length");
NORMALIZER_OUTPUT("the value over the column's length");

enum { LANES = 4 };

/* The sum of squares is sum * 4^exponent, so that neither 1e200 nor 1e-200 is lost in squaring. All zeros: sum 0. */
typedef struct squares {
  double sum;
  int32_t exponent, reserved;
} squares;

typedef struct vector {
  normalizer common;
  squares squares;
} vector;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  normalizer_create(self, context, sizeof(squares));
  return TARAZU_OK;
}

static void add(squares *into, squares more)
{
  if (!(more.sum > 0)) return;
  if (!(into->sum > 0)) *into = more;
  else if (into->exponent >= more.exponent) into->sum += ldexp(more.sum, 2 * (more.exponent - into->exponent));
  else *into = (squares){more.sum + ldexp(into->sum, 2 * (into->exponent - more.exponent)), more.exponent, 0};
}

/* Nulls are zeros here: they add nothing to a length. */
static double entry(const tarazu_column *column, int64_t row)
{
  return tarazu_is_valid(column, row) ? ((const double *)column->values)[row] : 0;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  const tarazu_column *column = batch->columns[0];
  double most = 0, lanes[LANES] = {0};
  for (int64_t i = 0; i < batch->rows; i++) {
    double size = fabs(entry(column, i));
    if (size > most) most = size;
  }
  if (!(most > 0)) return TARAZU_OK;
  int exponent = ilogb(most);
  /* 2^-exponent in two exact factors, since it can be outside the range of a double where 2^exponent is in it */
  double half = ldexp(1, -exponent / 2), rest = ldexp(1, -exponent - -exponent / 2);
  for (int64_t i = 0; i < batch->rows; i++) {
    double scaled = entry(column, i) * half * rest;
    lanes[i % LANES] += scaled * scaled;
  }
  add(state, (squares){(lanes[0] + lanes[1]) + (lanes[2] + lanes[3]), exponent, 0});
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  add(into, *(const squares *)from);
  return TARAZU_OK;
}

/* The length is root * 2^exponent; plain 0: as one number it would be out of range. */
typedef struct measure {
  double root, length;
  int exponent, plain, cost;
} measure;

static double place(const void *measured, double x)
{
  const measure *m = measured;
  double r = m->plain ? x / m->length : m->root > 0 ? ldexp(x, -m->exponent) / m->root : 0;
  return m->cost ? 1 - r : r;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const vector *v = self;
  double root = sqrt(v->squares.sum), length = ldexp(root, v->squares.exponent);
  const measure m = {root, length, v->squares.exponent, isnormal(length), v->common.cost};
  return normalizer_apply(&m, batch, results, place);
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "vector",
    .version = "1.0",
    .license = "MIT",
    .summary = "each value over the Euclidean length of all of them",
    .inputs = TARAZU_LIST(normalizer_inputs),
    .outputs = TARAZU_LIST(normalizer_outputs),
    .self_size = sizeof(vector),
    .create = create,
    .state_size = normalizer_state_size,
    .learn = learn,
    .merge = merge,
    .finish = normalizer_finish,
    .save = normalizer_save,
    .load = normalizer_load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "vector",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
