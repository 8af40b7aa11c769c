/* Strategies that learn, for tests of saved models: one that tells what rows it is given, one that cannot save, one
 * whose load refuses what an older version wrote, and a weigher. */
#include <math.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value_field[] = {{.name = "value", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input one_value[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value_field), .help = "any number"}};
static const tarazu_input criteria[] = {{.name = "criteria",
                                         .bind = "criteria",
                                         .shape = TARAZU_ATTRIBUTES,
                                         .many = 1,
                                         .fields = TARAZU_LIST(value_field),
                                         .help = "all criteria"}};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the value over the sum of all that were learned"},
    {.name = "known", .type = TARAZU_BOOL, .help = "the row has a number"},
};
static const tarazu_param params[] = {
    {.name = "power", .kind = TARAZU_REAL, .initial = "1", .help = "of no effect"},
    {.name = "span", .kind = TARAZU_DURATION, .optional = 1, .help = "of no effect"},
    {.name = "way",
     .kind = TARAZU_CHOICE,
     .initial = "up",
     .choices = (const char *const[]){"up", "down", NULL},
     .help = "of no effect"},
    {.name = "loud", .kind = TARAZU_SWITCH, .initial = "no", .help = "of no effect"},
    {.name = "until", .kind = TARAZU_DATE, .optional = 1, .help = "of no effect"},
    {.name = "cuts", .kind = TARAZU_REALS, .optional = 1, .help = "of no effect"},
    {.name = "names", .kind = TARAZU_STRINGS, .optional = 1, .help = "of no effect"},
};

typedef struct total {
  double sum;
} total;

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(total);
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t c = 0; c < batch->column_count; c++)
    for (int64_t i = 0; batch->columns[c] && i < batch->rows; i++)
      if (tarazu_is_valid(batch->columns[c], i))
        ((total *)state)->sum += ((const double *)batch->columns[c]->values)[i];
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  ((total *)into)->sum += ((const total *)from)->sum;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  *(total *)self = *(const total *)state;
  *again = 0;
  return TARAZU_OK;
}

/* NaN of -1, a failure of -2. */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const double *values = batch->columns[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    ((double *)results[0]->values)[i] = values[i] == -1 ? NAN : values[i] / ((const total *)self)->sum;
    if (results[1]) ((uint8_t *)results[1]->values)[i] = batch->first_row >= 0;
    if (values[i] != -2) continue;
    error->row = batch->first_row + i;
    return tarazu_fail(error, TARAZU_BAD_DATA, "it is -2");
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  if (((const total *)self)->sum == 13) return tarazu_fail(error, TARAZU_NUMERIC, "13 cannot be saved");
  return writer->write(writer, self, 3) && writer->write(writer, (const char *)self + 3, sizeof(total) - 3)
             ? TARAZU_OK
             : tarazu_fail(error, TARAZU_INTERNAL, "nobody took it");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  if (count != sizeof(total)) return tarazu_fail(error, TARAZU_BAD_DATA, "%zu bytes", count);
  *(total *)self = *(const total *)bytes; /* it begins where any type may */
  return TARAZU_OK;
}

static tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  (void)error;
  for (uint32_t i = 0; i < count; i++) out[i] = i ? 1 : ((const total *)self)->sum;
  return TARAZU_OK;
}

#define LEARNS                                                                                              \
  .version = "1.0", .license = "MIT", .self_size = sizeof(total), .state_size = state_size, .learn = learn, \
  .merge = merge, .finish = finish

static const tarazu_strategy remembered = {.size = sizeof remembered,
                                           .role = TARAZU_SCORER,
                                           .id = "remembered",
                                           .summary = "the share of all that was learned",
                                           .params = TARAZU_LIST(params),
                                           .inputs = TARAZU_LIST(one_value),
                                           .outputs = TARAZU_LIST(outputs),
                                           LEARNS,
                                           .save = save,
                                           .load = load,
                                           .apply = apply};
static const tarazu_strategy forgetful = {.size = sizeof forgetful,
                                          .role = TARAZU_SCORER,
                                          .id = "forgetful",
                                          .summary = "the same, but it saves nothing",
                                          .inputs = TARAZU_LIST(one_value),
                                          .outputs = TARAZU_LIST(outputs),
                                          LEARNS,
                                          .apply = apply};
static const tarazu_strategy weighs_by_sum = {.size = sizeof weighs_by_sum,
                                              .role = TARAZU_WEIGHER,
                                              .id = "by_sum",
                                              .summary = "the first criterion weighs what all values are, the others 1",
                                              .inputs = TARAZU_LIST(criteria),
                                              LEARNS,
                                              .save = save,
                                              .load = load,
                                              .weights = weights};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "models",
    .strategies = (const tarazu_strategy *const[]){&remembered, &forgetful, &weighs_by_sum, NULL},
};
