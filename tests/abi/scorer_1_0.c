/* A plugin as one was written for version 1.0 of the ABI: a scorer that learns and can be saved, and a combiner that
 * explains itself. It is built with the header of that version for ever. */
#include "plugin_1_0.h"
#include <string.h>

/* ---- frozen_spend: a customer's spend over the mean spend of all ------------------------------------------- */

enum { MEASURE, WINDOW, CAP, KEEP_ZERO, BANDS };
enum { TOTAL, LARGEST };
enum { BAND_FROM, BAND_NAME };

static const char *const measures[] = {"total", "largest", NULL};
static const tarazu_param band_fields[] = {
    {.name = "from", .kind = TARAZU_REAL, .help = "the least ratio of the band"},
    {.name = "name", .kind = TARAZU_STRING, .help = "what it is called"},
};
static const tarazu_param spend_params[] = {
    {.name = "measure", .kind = TARAZU_CHOICE, .choices = measures, .initial = "total", .help = "what of the orders"},
    {.name = "window", .kind = TARAZU_DURATION, .least = 1, .most = 36525, .optional = 1, .help = "orders to look at"},
    {.name = "cap", .kind = TARAZU_REAL, .initial = "100", .least = 1, .most = 1e6, .help = "the highest ratio"},
    {.name = "keep_zero", .kind = TARAZU_SWITCH, .initial = "true", .help = "score those who bought nothing 0"},
    {.name = "bands",
     .kind = TARAZU_RECORDS,
     .fields = TARAZU_LIST(band_fields),
     .initial = "[{from: 0, name: low}, {from: 1, name: high}]",
     .help = "bands of the ratio, from the lowest"},
};

enum { COLUMN_TOTAL, COLUMN_LARGEST, COLUMN_COUNT };
static const tarazu_field order_fields[] = {
    {.name = "total",
     .type = TARAZU_F64,
     .aggregate = TARAZU_SUM,
     .window = "window",
     .when = "measure=total",
     .help = "what the orders sum to"},
    {.name = "largest",
     .type = TARAZU_F64,
     .aggregate = TARAZU_MAX,
     .window = "window",
     .when = "measure=largest",
     .help = "the largest order"},
    {.name = "time", .type = TARAZU_TIME, .aggregate = TARAZU_COUNT, .window = "window", .help = "when it was placed"},
};
static const tarazu_input spend_inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "the customer's orders"},
};
static const tarazu_output spend_outputs[] = {
    {.name = "ratio", .type = TARAZU_F64, .better = 1, .help = "spend over the mean spend"},
    {.name = "band", .type = TARAZU_TEXT, .help = "the band of the ratio"},
};

enum { MOST_BANDS = 8 };
typedef struct spend {
  const tarazu_host *host;
  int64_t measure;
  double cap, mean;
  int64_t keep_zero, buyers;
  uint32_t band_count;
  uint32_t unused;
  double from[MOST_BANDS];
  const char *names[MOST_BANDS];
  tarazu_fact facts[2];
} spend;

typedef struct spend_state {
  double sum;
  int64_t buyers;
} spend_state;

static tarazu_status spend_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                  tarazu_error *error)
{
  spend *s = self;
  const tarazu_value *bands = tarazu_arg(args, BANDS);
  s->host = context->host;
  s->measure = tarazu_arg(args, MEASURE)->integer;
  s->cap = tarazu_arg(args, CAP)->real;
  s->keep_zero = tarazu_arg(args, KEEP_ZERO)->integer;
  if (!bands->count || bands->count > MOST_BANDS) {
    error->param = BANDS;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "found %u bands, expected 1 to %d", bands->count, MOST_BANDS);
  }
  s->band_count = bands->count;
  for (uint32_t i = 0; i < s->band_count; i++) {
    s->from[i] = tarazu_arg(&bands->records[i], BAND_FROM)->real;
    s->names[i] = tarazu_arg(&bands->records[i], BAND_NAME)->text;
  }
  return TARAZU_OK;
}

/* The column that the parameters ask for, and whether this customer has a value in it. */
static int value_of(const spend *s, const tarazu_batch *batch, int64_t row, double *value)
{
  const tarazu_column *column = batch->columns[s->measure == LARGEST ? COLUMN_LARGEST : COLUMN_TOTAL];
  const int64_t *count = batch->columns[COLUMN_COUNT]->values;
  if (!count[row] || !tarazu_is_valid(column, row)) return 0;
  *value = ((const double *)column->values)[row];
  return 1;
}

static size_t spend_state_size(const void *self)
{
  (void)self;
  return sizeof(spend_state);
}

static tarazu_status spend_learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  spend_state *st = state;
  double value;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!value_of(self, batch, i, &value)) continue;
    st->sum += value;
    st->buyers++;
  }
  return TARAZU_OK;
}

static tarazu_status spend_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  spend_state *a = into;
  const spend_state *b = from;
  (void)self, (void)error;
  a->sum += b->sum;
  a->buyers += b->buyers;
  return TARAZU_OK;
}

static void state_facts(spend *s)
{
  s->facts[0] = (tarazu_fact){.name = "mean_spend", .value = s->mean, .error = -1};
  s->facts[1] = (tarazu_fact){.name = "buyers", .value = (double)s->buyers, .error = -1};
}

static tarazu_status spend_finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  spend *s = self;
  const spend_state *st = state;
  *again = 0;
  if (!st->buyers) return tarazu_fail(error, TARAZU_NO_RESULT, "nobody has bought anything");
  s->mean = st->sum / (double)st->buyers;
  s->buyers = st->buyers;
  state_facts(s);
  return TARAZU_OK;
}

static tarazu_status spend_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const spend *s = self;
  if (writer->write(writer, &s->mean, sizeof s->mean) && writer->write(writer, &s->buyers, sizeof s->buyers))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status spend_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  spend *s = self;
  if (count != sizeof s->mean + sizeof s->buyers)
    return tarazu_fail(error, TARAZU_BAD_DATA, "a model has %zu bytes, not %zu", sizeof s->mean + sizeof s->buyers,
                       count);
  memcpy(&s->mean, bytes, sizeof s->mean);
  memcpy(&s->buyers, (const char *)bytes + sizeof s->mean, sizeof s->buyers);
  state_facts(s);
  return TARAZU_OK;
}

static int32_t band_of(const spend *s, double ratio)
{
  int32_t band = 0;
  for (uint32_t i = 1; i < s->band_count; i++)
    if (ratio >= s->from[i]) band = (int32_t)i;
  return band;
}

static tarazu_status spend_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                 tarazu_error *error)
{
  const spend *s = self;
  double *ratios = results[0]->values;
  int32_t *bands = results[1] ? results[1]->values : NULL;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    double value = 0;
    int known = value_of(s, batch, i, &value) || s->keep_zero;
    double ratio = value / s->mean;
    ratios[i] = ratio < s->cap ? ratio : s->cap;
    if (bands) bands[i] = band_of(s, ratios[i]);
    if (!known) tarazu_set_null(results[0], i);
    if (!known && bands) tarazu_set_null(results[1], i);
  }
  return TARAZU_OK;
}

static const char *const *spend_labels(const void *self, uint32_t output, uint32_t *count)
{
  const spend *s = self;
  *count = output == 1 ? s->band_count : 0;
  return s->names;
}

static tarazu_list spend_facts(const void *self)
{
  const spend *s = self;
  tarazu_list list = TARAZU_LIST(s->facts);
  return list;
}

static const tarazu_strategy spend_strategy = {
    .size = sizeof(tarazu_strategy),
    .role = TARAZU_SCORER,
    .id = "frozen_spend",
    .version = "1.0",
    .license = "MIT",
    .summary = "a customer's spend over the mean spend",
    .params = TARAZU_LIST(spend_params),
    .inputs = TARAZU_LIST(spend_inputs),
    .outputs = TARAZU_LIST(spend_outputs),
    .self_size = sizeof(spend),
    .create = spend_create,
    .state_size = spend_state_size,
    .learn = spend_learn,
    .merge = spend_merge,
    .finish = spend_finish,
    .save = spend_save,
    .load = spend_load,
    .apply = spend_apply,
    .labels = spend_labels,
    .facts = spend_facts,
};

/* ---- frozen_sum: the weighted sum of the criteria ---------------------------------------------------------- */

static const tarazu_field criteria_fields[] = {
    {.name = "criterion", .type = TARAZU_F64, .help = "a criterion, normalized"},
};
static const tarazu_input sum_inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(criteria_fields),
     .many = 1,
     .help = "all criteria"},
};
static const tarazu_output sum_outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the sum"},
};

static tarazu_status sum_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                               tarazu_error *error)
{
  double *sums = results[0]->values;
  (void)self, (void)error;
  memset(sums, 0, (size_t)batch->rows * sizeof *sums);
  for (uint32_t k = 0; k < batch->column_count; k++) {
    const double *values = batch->columns[k] ? batch->columns[k]->values : NULL;
    for (int64_t i = 0; values && i < batch->rows; i++) sums[i] += batch->weights[k] * values[i];
  }
  return TARAZU_OK;
}

static tarazu_status sum_contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                       double *baseline, tarazu_error *error)
{
  (void)self, (void)error;
  *baseline = 0;
  for (uint32_t k = 0; k < batch->column_count; k++) {
    const double *values = batch->columns[k] ? batch->columns[k]->values : NULL;
    double *parts = results[k] ? results[k]->values : NULL;
    for (int64_t i = 0; parts && i < batch->rows; i++) parts[i] = values ? batch->weights[k] * values[i] : 0;
  }
  return TARAZU_OK;
}

static const tarazu_explain sum_explain = {.size = sizeof sum_explain, .contributions = sum_contributions};

static const void *sum_extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") == 0 ? &sum_explain : NULL;
}

static const tarazu_strategy sum_strategy = {
    .size = sizeof(tarazu_strategy),
    .role = TARAZU_COMBINER,
    .id = "frozen_sum",
    .version = "1.0",
    .license = "MIT",
    .summary = "the weighted sum of the criteria",
    .normalizer = "minmax",
    .inputs = TARAZU_LIST(sum_inputs),
    .outputs = TARAZU_LIST(sum_outputs),
    .apply = sum_apply,
    .extension = sum_extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = 0,
    .name = "scorer_1_0",
    .author = "the authors of tarazu",
    .homepage = "",
    .strategies = (const tarazu_strategy *const[]){&spend_strategy, &sum_strategy, NULL},
};
