/* Weighers, combiners and a segmenter for tests of the engine: weights out of parameters or data, a baseline that is
 * not zero, a combiner that cannot score rows of nobody, one to which more is not always better, a segmenter that needs
 * no column. */
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value_field[] = {{.name = "value", .type = TARAZU_F64, .help = "a criterion"}};
static const tarazu_input inputs[] = {{.name = "criteria",
                                       .bind = "criteria",
                                       .shape = TARAZU_ATTRIBUTES,
                                       .many = 1,
                                       .fields = TARAZU_LIST(value_field),
                                       .help = "all criteria"}};
static const tarazu_output outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "the score"}};

/* ---- listed: weights as the parameter gives them ---- */

static const tarazu_param listed_params[] = {
    {.name = "weights", .kind = TARAZU_REALS, .help = "one a criterion, in the order of the input"}};

typedef struct listed {
  const tarazu_args *args;
} listed;

static tarazu_status listed_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  (void)context, (void)error;
  ((listed *)self)->args = args;
  return TARAZU_OK;
}

static tarazu_status listed_weights(const void *self, double *weights, uint32_t count, tarazu_error *error)
{
  const tarazu_value *given = tarazu_arg(((const listed *)self)->args, 0);
  (void)error;
  for (uint32_t i = 0; i < count && i < given->count; i++) weights[i] = given->reals[i];
  return TARAZU_OK;
}

static const tarazu_strategy weigh_listed = {.size = sizeof weigh_listed,
                                             .role = TARAZU_WEIGHER,
                                             .id = "listed",
                                             .version = "1.0",
                                             .license = "MIT",
                                             .summary = "weights as given",
                                             .params = TARAZU_LIST(listed_params),
                                             .inputs = TARAZU_LIST(inputs),
                                             .self_size = sizeof(listed),
                                             .create = listed_create,
                                             .weights = listed_weights};

/* ---- present: a criterion weighs as many customers as have it and reach 1 in what minmax makes of it ---- */

typedef struct present {
  uint32_t columns;
  double counts[64];
} present;

static tarazu_status present_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                    tarazu_error *error)
{
  (void)args, (void)error;
  ((present *)self)->columns = context->columns.count;
  return TARAZU_OK;
}

static size_t present_state(const void *self)
{
  return ((const present *)self)->columns * sizeof(double);
}

static tarazu_status present_learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)error;
  for (uint32_t c = 0; c < ((const present *)self)->columns; c++)
    for (int64_t i = 0; i < batch->rows; i++)
      if (tarazu_is_valid(batch->columns[c], i) && ((const double *)batch->columns[c]->values)[i] == 1)
        ((double *)state)[c]++;
  return TARAZU_OK;
}

static tarazu_status present_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)error;
  for (uint32_t c = 0; c < ((const present *)self)->columns; c++) ((double *)into)[c] += ((const double *)from)[c];
  return TARAZU_OK;
}

static tarazu_status present_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  present *p = self;
  (void)error;
  memcpy(p->counts, state, present_state(self));
  *again = 0;
  return TARAZU_OK;
}

static tarazu_status present_weights(const void *self, double *weights, uint32_t count, tarazu_error *error)
{
  (void)error;
  memcpy(weights, ((const present *)self)->counts, count * sizeof *weights);
  return TARAZU_OK;
}

static const tarazu_strategy weigh_present = {.size = sizeof weigh_present,
                                              .role = TARAZU_WEIGHER,
                                              .id = "present",
                                              .version = "1.0",
                                              .license = "MIT",
                                              .summary = "weights out of the data",
                                              .normalizer = "minmax",
                                              .inputs = TARAZU_LIST(inputs),
                                              .self_size = sizeof(present),
                                              .create = present_create,
                                              .state_size = present_state,
                                              .learn = present_learn,
                                              .merge = present_merge,
                                              .finish = present_finish,
                                              .weights = present_weights};

/* ---- from_ten: 10 and the weighted sum of the raw values ---- */

static tarazu_status from_ten_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                    tarazu_error *error)
{
  double *score = results[0]->values;
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    score[i] = 10;
    for (uint32_t c = 0; c < batch->column_count; c++)
      if (batch->columns[c]) score[i] += batch->weights[c] * ((const double *)batch->columns[c]->values)[i];
  }
  return TARAZU_OK;
}

static tarazu_status from_ten_contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                            double *baseline, tarazu_error *error)
{
  (void)self, (void)error;
  *baseline = 10;
  for (uint32_t c = 0; c < batch->column_count; c++)
    for (int64_t i = 0; results[c] && i < batch->rows; i++)
      ((double *)results[c]->values)[i] = batch->weights[c] * ((const double *)batch->columns[c]->values)[i];
  return TARAZU_OK;
}

static const tarazu_explain from_ten_explain = {.size = sizeof from_ten_explain,
                                                .contributions = from_ten_contributions};

static const void *from_ten_extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &from_ten_explain;
}

static const tarazu_strategy from_ten = {.size = sizeof from_ten,
                                         .role = TARAZU_COMBINER,
                                         .id = "from_ten",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "10 and the weighted sum",
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .apply = from_ten_apply,
                                         .extension = from_ten_extension};

/* ---- by_row: the same, but it asks for the row numbers, and gives a second output ---- */

static const tarazu_output by_row_outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the score"},
    {.name = "row", .type = TARAZU_I64, .help = "the row's number"},
};

static tarazu_status by_row_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  if (batch->first_row < 0) return tarazu_fail(error, TARAZU_INTERNAL, "rows without numbers");
  for (int64_t i = 0; results[1] && i < batch->rows; i++)
    ((int64_t *)results[1]->values)[i] = batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
  return from_ten_apply(self, batch, results, error);
}

static const tarazu_strategy by_row = {.size = sizeof by_row,
                                       .role = TARAZU_COMBINER,
                                       .id = "by_row",
                                       .version = "1.0",
                                       .license = "MIT",
                                       .summary = "needs row numbers",
                                       .inputs = TARAZU_LIST(inputs),
                                       .outputs = TARAZU_LIST(by_row_outputs),
                                       .flags = TARAZU_BY_ROW,
                                       .apply = by_row_apply};

/* ---- relearned: 10 and the sum by the weights that it learned, whatever it is applied with ---- */

static tarazu_status relearned_learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  memcpy(state, batch->weights, batch->column_count * sizeof(double));
  return TARAZU_OK;
}

static tarazu_status relearned_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)into, (void)from, (void)error;
  return TARAZU_OK;
}

static tarazu_status relearned_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                     tarazu_error *error)
{
  tarazu_batch learned = *batch;
  learned.weights = ((const present *)self)->counts;
  return from_ten_apply(self, &learned, results, error);
}

static const tarazu_strategy relearned = {.size = sizeof relearned,
                                          .role = TARAZU_COMBINER,
                                          .id = "relearned",
                                          .version = "1.0",
                                          .license = "MIT",
                                          .summary = "10 and the sum by weights that it learned",
                                          .inputs = TARAZU_LIST(inputs),
                                          .outputs = TARAZU_LIST(outputs),
                                          .flags = TARAZU_LEARNS_WEIGHTS,
                                          .self_size = sizeof(present),
                                          .create = present_create,
                                          .state_size = present_state,
                                          .learn = relearned_learn,
                                          .merge = relearned_merge,
                                          .finish = present_finish,
                                          .apply = relearned_apply};

/* ---- tent: the nearer the values to 6 the better, so that more is not always better ---- */

static tarazu_status tent_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                tarazu_error *error)
{
  double *score = results[0]->values;
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    score[i] = 0;
    for (uint32_t c = 0; c < batch->column_count; c++) {
      if (!batch->columns[c]) continue;
      double value = ((const double *)batch->columns[c]->values)[i];
      score[i] -= batch->weights[c] * (value > 6 ? value - 6 : 6 - value);
    }
  }
  return TARAZU_OK;
}

static const tarazu_strategy tent = {.size = sizeof tent,
                                     .role = TARAZU_COMBINER,
                                     .id = "tent",
                                     .version = "1.0",
                                     .license = "MIT",
                                     .summary = "how near to 6",
                                     .inputs = TARAZU_LIST(inputs),
                                     .outputs = TARAZU_LIST(outputs),
                                     .apply = tent_apply};

/* ---- constant: everybody in the segment that the parameter names, whatever columns there are or are not ---- */

static const tarazu_param constant_params[] = {
    {.name = "segments", .kind = TARAZU_REALS, .help = "the first one counts"}};
static const tarazu_input constant_inputs[] = {{.name = "columns",
                                                .shape = TARAZU_ATTRIBUTES,
                                                .optional = 1,
                                                .many = 1,
                                                .fields = TARAZU_LIST(value_field),
                                                .help = "any, which are not looked at"}};

static tarazu_status constant_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                    tarazu_error *error)
{
  const tarazu_value *given = tarazu_arg(((const listed *)self)->args, 0);
  double *segment = results[0]->values;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) segment[i] = given->count ? given->reals[0] : -1;
  return TARAZU_OK;
}

static const tarazu_strategy constant = {.size = sizeof constant,
                                         .role = TARAZU_SEGMENTER,
                                         .id = "constant",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "one segment for all",
                                         .params = TARAZU_LIST(constant_params),
                                         .inputs = TARAZU_LIST(constant_inputs),
                                         .outputs = TARAZU_LIST(outputs),
                                         .self_size = sizeof(listed),
                                         .create = listed_create,
                                         .apply = constant_apply};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "methods",
    .strategies = (const tarazu_strategy *const[]){&weigh_listed, &weigh_present, &from_ten, &by_row, &relearned, &tent,
                                                   &constant, NULL},
};
