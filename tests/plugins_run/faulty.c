/* A scorer with an output of each type that is wrong in one row, in the way that a parameter says; and one that learns
 * in two passes. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value_field[] = {{.name = "value", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value_field), .help = "any number"}};

/* ---- faulty: the fault is in the row whose value is 13 ---- */

enum { GOOD, NULLS, UNWRITTEN, MINUS_INFINITY, OUT_OF_RANGE, NEGATIVE, EXTREMES };
static const char *const faults[] = {"good",         "nulls",    "unwritten", "minus_infinity",
                                     "out_of_range", "negative", "extremes",  NULL};
static const char *const outputs_by_name[] = {"score", "whole", "flag", "label", NULL};
static const tarazu_param params[] = {
    {.name = "fault", .kind = TARAZU_CHOICE, .choices = faults, .help = "what is wrong"},
    {.name = "in", .kind = TARAZU_CHOICE, .choices = outputs_by_name, .help = "the output at fault"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "a real"},
    {.name = "whole", .type = TARAZU_I64, .help = "a whole number"},
    {.name = "flag", .type = TARAZU_BOOL, .help = "a switch"},
    {.name = "label", .type = TARAZU_TEXT, .help = "a text"},
};

typedef struct faulty {
  int64_t fault, in;
} faulty;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context, (void)error;
  *(faulty *)self = (faulty){tarazu_arg(args, 0)->integer, tarazu_arg(args, 1)->integer};
  return TARAZU_OK;
}

static void write_good(tarazu_result *result, int64_t row)
{
  if (result->type == TARAZU_F64) ((double *)result->values)[row] = 1;
  else if (result->type == TARAZU_I64) ((int64_t *)result->values)[row] = 1;
  else if (result->type == TARAZU_BOOL) ((uint8_t *)result->values)[row] = 1;
  else ((int32_t *)result->values)[row] = 1;
}

static void write_fault(tarazu_result *result, int64_t row, int64_t fault)
{
  switch (fault) {
  case NULLS: tarazu_set_null(result, row); return; /* and its value stays unwritten */
  case UNWRITTEN: return;
  case MINUS_INFINITY: ((double *)result->values)[row] = -INFINITY; return;
  case OUT_OF_RANGE:
    if (result->type == TARAZU_BOOL) ((uint8_t *)result->values)[row] = 2;
    else ((int32_t *)result->values)[row] = 2;
    return;
  case NEGATIVE: ((int32_t *)result->values)[row] = -1; return;
  default:
    if (result->type == TARAZU_F64) ((double *)result->values)[row] = -1.7976931348623157e308;
    else ((int64_t *)result->values)[row] = INT64_MIN;
  }
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const faulty *f = self;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++)
    for (int64_t k = 0; k < 4; k++) {
      int wrong = f->fault != GOOD && k == f->in && ((const double *)batch->columns[0]->values)[i] == 13;
      if (!results[k]) continue;
      if (wrong) write_fault(results[k], i, f->fault);
      else write_good(results[k], i);
    }
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  static const char *const words[] = {"none", "some"};
  (void)self;
  *count = output == 3 ? 2 : 0;
  return output == 3 ? words : NULL;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SCORER,
                                         .id = "faulty",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "wrong in one row",
                                         .params = TARAZU_LIST(params),
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .self_size = sizeof(faulty),
                                         .create = create,
                                         .apply = apply,
                                         .labels = labels};

/* ---- twice: first the mean, then the mean distance from it; counts what it is shown ---- */

typedef struct twice {
  double mean, distance;
  int64_t pass;
} twice;

typedef struct sums {
  double sum;
  int64_t count, blocks, large;
} sums;

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(sums);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const twice *t = self;
  sums *s = state;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    double value = ((const double *)batch->columns[0]->values)[i];
    if (!tarazu_is_valid(batch->columns[0], i)) continue;
    s->sum += t->pass ? fabs(value - t->mean) : value;
    s->count++;
  }
  s->blocks++;
  s->large += batch->rows > TARAZU_BLOCK || batch->first_row % TARAZU_BLOCK != 0;
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  sums *a = into;
  const sums *b = from;
  (void)self, (void)error;
  *a = (sums){a->sum + b->sum, a->count + b->count, a->blocks + b->blocks, a->large + b->large};
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  twice *t = self;
  const sums *s = state;
  double result = s->count ? s->sum / (double)s->count : 0;
  if (s->large) return tarazu_fail(error, TARAZU_INTERNAL, "blocks of another size than agreed");
  if (t->pass) t->distance = result;
  else t->mean = result;
  *again = t->pass++ == 0;
  return TARAZU_OK;
}

static tarazu_status twice_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                 tarazu_error *error)
{
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = ((const twice *)self)->distance;
  return TARAZU_OK;
}

static const tarazu_output twice_outputs[] = {
    {.name = "distance", .type = TARAZU_F64, .better = 1, .help = "the population's, for everybody"}};
static const tarazu_strategy learns_twice = {.size = sizeof learns_twice,
                                             .role = TARAZU_SCORER,
                                             .id = "twice",
                                             .version = "1.0",
                                             .license = "MIT",
                                             .summary = "learns in two passes",
                                             .inputs = TARAZU_LIST(inputs),
                                             .outputs = TARAZU_LIST(twice_outputs),
                                             .self_size = sizeof(twice),
                                             .state_size = state_size,
                                             .learn = learn,
                                             .merge = merge,
                                             .finish = finish,
                                             .apply = twice_apply};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "faulty",
    .strategies = (const tarazu_strategy *const[]){&strategy, &learns_twice, NULL},
};
