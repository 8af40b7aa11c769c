/* vector: each value over the Euclidean length of the whole column, r = x / sqrt(sum of squares) (Hwang, Yoon 1981); of
 * a cost 1 - r. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "what is divided by the column's length"},
};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value), .help = "one criterion"},
};
static const tarazu_output outputs[] = {
    {.name = "normalized", .type = TARAZU_F64, .better = 1, .help = "the value over the column's length"},
};

enum { LANES = 4 };

/* The sum of squares is sum * 4^exponent, so that neither 1e200 nor 1e-200 is lost in squaring. All zeros: sum 0. */
typedef struct squares {
  double sum;
  int32_t exponent, reserved;
} squares;

typedef struct vector {
  squares squares;
  int32_t cost, reserved;
} vector;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  ((vector *)self)->cost = tarazu_bound_at(context, 0)->better < 0;
  return TARAZU_OK;
}

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(squares);
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

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  ((vector *)self)->squares = *(const squares *)state;
  *again = 0;
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const vector *v = self;
  const tarazu_column *column = batch->columns[0];
  const double *x = column->values;
  double *normalized = results[0]->values;
  double root = sqrt(v->squares.sum), length = ldexp(root, v->squares.exponent);
  int plain = isnormal(length); /* otherwise the length alone is out of range: scale the value instead */
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(column, i)) {
      tarazu_set_null(results[0], i);
      continue;
    }
    double r = plain ? x[i] / length : root > 0 ? ldexp(x[i], -v->squares.exponent) / root : 0;
    normalized[i] = v->cost ? 1 - r : r;
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const vector *v = self;
  if (writer->write(writer, &v->squares, sizeof v->squares)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  vector *v = self;
  if (count != sizeof v->squares) return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of vector: %zu bytes", count);
  memcpy(&v->squares, bytes, count);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "vector",
    .version = "1.0",
    .license = "MIT",
    .summary = "each value over the Euclidean length of all of them",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(vector),
    .create = create,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = save,
    .load = load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "vector",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
