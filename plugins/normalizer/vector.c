/* vector: each value over the Euclidean length of the whole column, r = x / sqrt(sum of squares) (Hwang, Yoon 1981); of
 * a cost 1 - r. */
#include "../shared/normalizer.h"
#include "../shared/squares.h"

NORMALIZER_INPUT("what is divided by the column's length");
NORMALIZER_OUTPUT("the value over the column's length");

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

/* Nulls are zeros here: they add nothing to a length. */
static double entry(const tarazu_column *column, int64_t row)
{
  return tarazu_is_valid(column, row) ? ((const double *)column->values)[row] : 0;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  const tarazu_column *column = batch->columns[0];
  double block[TARAZU_BLOCK];
  for (int64_t first = 0; first < batch->rows; first += TARAZU_BLOCK) {
    int64_t rows = batch->rows - first < TARAZU_BLOCK ? batch->rows - first : TARAZU_BLOCK;
    for (int64_t i = 0; i < rows; i++) block[i] = entry(column, first + i);
    squares_add(state, squares_of(block, rows));
  }
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  squares_add(into, *(const squares *)from);
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
