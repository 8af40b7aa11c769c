/* Scorers that show what a host does for a strategy: outputs of every type, one call at a time, random numbers, tasks
 * side by side, log lines. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value_field[] = {{.name = "value", .type = TARAZU_F64, .help = "any number"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(value_field), .help = "any number"}};

/* ---- typed: the value's whole part, whether it is positive, its sign in words ---- */

static const tarazu_output typed_outputs[] = {
    {.name = "floor", .type = TARAZU_I64, .better = 1, .unit = "steps", .help = "the whole part"},
    {.name = "half", .type = TARAZU_F64, .better = 1, .help = "half of the value"},
    {.name = "positive", .type = TARAZU_BOOL, .better = 1, .help = "whether it is above 0"},
    {.name = "sign", .type = TARAZU_TEXT, .help = "in words"},
};
static const char *const signs[] = {"negative", "zero", "positive"};

static tarazu_status typed_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                 tarazu_error *error)
{
  const double *values = batch->columns[0]->values;
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++)
    for (int k = 0; k < 4; k++) {
      double value = values[i];
      if (!results[k]) continue;
      if (!tarazu_is_valid(batch->columns[0], i)) tarazu_set_null(results[k], i);
      else if (k == 0) ((int64_t *)results[k]->values)[i] = (int64_t)floor(value);
      else if (k == 1) ((double *)results[k]->values)[i] = value / 2;
      else if (k == 2) ((uint8_t *)results[k]->values)[i] = value > 0;
      else ((int32_t *)results[k]->values)[i] = value < 0 ? 0 : value > 0 ? 2 : 1;
    }
  return TARAZU_OK;
}

static const char *const *typed_labels(const void *self, uint32_t output, uint32_t *count)
{
  (void)self;
  *count = output == 3 ? 3 : 0;
  return output == 3 ? signs : NULL;
}

static const tarazu_strategy typed = {.size = sizeof typed,
                                      .role = TARAZU_SCORER,
                                      .id = "typed",
                                      .version = "1.0",
                                      .license = "MIT",
                                      .summary = "outputs of every type",
                                      .inputs = TARAZU_LIST(inputs),
                                      .outputs = TARAZU_LIST(typed_outputs),
                                      .apply = typed_apply,
                                      .labels = typed_labels};

/* ---- positive: a switch as the score ---- */

static const tarazu_output positive_outputs[] = {
    {.name = "positive", .type = TARAZU_BOOL, .better = 1, .help = "whether the value is above 0"}};

static tarazu_status positive_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                    tarazu_error *error)
{
  const double *values = batch->columns[0]->values;
  (void)self, (void)error;
  for (int64_t i = 0; i < batch->rows; i++) {
    ((uint8_t *)results[0]->values)[i] = values[i] > 0;
    if (!tarazu_is_valid(batch->columns[0], i)) tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static const tarazu_strategy positive = {.size = sizeof positive,
                                         .role = TARAZU_SCORER,
                                         .id = "positive",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "a switch as the score",
                                         .inputs = TARAZU_LIST(inputs),
                                         .outputs = TARAZU_LIST(positive_outputs),
                                         .apply = positive_apply};

/* ---- one_by_one: fails where two calls of it overlap ---- */

static const tarazu_output score_outputs[] = {{.name = "score", .type = TARAZU_F64, .better = 1, .help = "the value"}};

typedef struct one_by_one {
  atomic_int *inside;
} one_by_one;

static tarazu_status one_create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  one_by_one *o = self;
  (void)context, (void)args, (void)error;
  o->inside = calloc(1, sizeof *o->inside);
  return o->inside ? TARAZU_OK : TARAZU_NO_MEMORY;
}

static void one_destroy(void *self)
{
  free(((one_by_one *)self)->inside);
}

static tarazu_status one_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                               tarazu_error *error)
{
  const one_by_one *o = self;
  const double *values = batch->columns[0]->values;
  double *scores = results[0]->values, noise = 0;
  if (atomic_fetch_add(o->inside, 1)) return tarazu_fail(error, TARAZU_INTERNAL, "two calls at a time");
  for (int64_t i = 0; i < batch->rows; i++) {
    for (int k = 0; k < 100; k++) noise += sqrt((double)k + fabs(values[i]));
    scores[i] = noise < 0 ? 0 : values[i];
    if (!tarazu_is_valid(batch->columns[0], i)) tarazu_set_null(results[0], i);
  }
  atomic_fetch_sub(o->inside, 1);
  return TARAZU_OK;
}

static const tarazu_strategy one = {.size = sizeof one,
                                    .role = TARAZU_SCORER,
                                    .id = "one_by_one",
                                    .version = "1.0",
                                    .license = "MIT",
                                    .summary = "one call at a time",
                                    .inputs = TARAZU_LIST(inputs),
                                    .outputs = TARAZU_LIST(score_outputs),
                                    .flags = TARAZU_SERIAL,
                                    .self_size = sizeof(one_by_one),
                                    .create = one_create,
                                    .destroy = one_destroy,
                                    .apply = one_apply};

/* ---- served: random numbers by customer, and a fit that shares its work out ---- */

typedef struct served {
  const tarazu_host *host;
  int64_t squares; /* the sum of the squares of 0 to 999, by tasks side by side */
} served;

typedef struct squares {
  int64_t of[1000];
} squares;

static tarazu_status served_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  (void)args, (void)error;
  ((served *)self)->host = context->host;
  return TARAZU_OK;
}

static void square(void *argument, int64_t index)
{
  ((squares *)argument)->of[index] = index * index;
}

static tarazu_status served_fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  served *s = self;
  squares all = {{0}};
  (void)spaces, (void)count;
  s->host->parallel(s->host, 1000, square, &all);
  for (int i = 0; i < 1000; i++) s->squares += all.of[i];
  s->host->log(s->host, 1, "fitted with care");
  if (!s->host->progress(s->host, 1)) return TARAZU_CANCELLED;
  if (s->squares != 332833500) return tarazu_fail(error, TARAZU_INTERNAL, "the tasks were not all run once");
  return TARAZU_OK;
}

static tarazu_status served_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const served *s = self;
  double *scores = results[0]->values;
  (void)error;
  for (int64_t i = 0; i < batch->rows; i++) scores[i] = s->host->uniform(s->host, batch->first_row + i, 0);
  return TARAZU_OK;
}

static const tarazu_strategy serve = {.size = sizeof serve,
                                      .role = TARAZU_SCORER,
                                      .id = "served",
                                      .version = "1.0",
                                      .license = "MIT",
                                      .summary = "uses what the host offers",
                                      .inputs = TARAZU_LIST(inputs),
                                      .outputs = TARAZU_LIST(score_outputs),
                                      .flags = TARAZU_BY_ROW,
                                      .self_size = sizeof(served),
                                      .create = served_create,
                                      .fit = served_fit,
                                      .apply = served_apply};

/* ---- telling: facts of every kind, and reasons ---- */

static tarazu_list telling_facts(const void *self)
{
  static const tarazu_fact facts[] = {
      {.name = "likelihood", .value = -9582.43, .error = 0.5},
      {.name = "verdict", .text = "a good \"fit\"", .error = -1},
      {.name = "bound", .text = "r stands at a bound", .value = 2, .error = 0.25, .level = 1},
      {.name = "spread", .value = INFINITY, .error = -1, .level = 1},
      {.name = "trust", .value = 0, .error = -1, .level = 2},
  };
  (void)self;
  return (tarazu_list)TARAZU_LIST(facts);
}

static tarazu_status telling_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   tarazu_error *error)
{
  (void)self, (void)error;
  memcpy(results[0]->values, batch->columns[0]->values, (size_t)batch->rows * sizeof(double));
  for (int64_t i = 0; i < batch->rows; i++)
    if (!tarazu_is_valid(batch->columns[0], i)) tarazu_set_null(results[0], i);
  return TARAZU_OK;
}

static tarazu_status telling_reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                                     tarazu_error *error)
{
  static const char words[] = "she is worth ", more[] = "more than a dozen";
  double value = ((const double *)row->columns[0]->values)[0];
  (void)self, (void)error;
  if (value <= 12) return TARAZU_OK;
  writer->write(writer, words, sizeof words - 1);
  writer->write(writer, more, sizeof more - 1);
  return TARAZU_OK;
}

static const tarazu_explain telling_explain = {.size = sizeof telling_explain, .reasons = telling_reasons};

static const void *telling_extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &telling_explain;
}

static const tarazu_strategy telling = {.size = sizeof telling,
                                        .role = TARAZU_SCORER,
                                        .id = "telling",
                                        .version = "1.0",
                                        .license = "MIT",
                                        .summary = "tells facts and reasons",
                                        .inputs = TARAZU_LIST(inputs),
                                        .outputs = TARAZU_LIST(score_outputs),
                                        .apply = telling_apply,
                                        .facts = telling_facts,
                                        .extension = telling_extension};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "scorers",
    .strategies = (const tarazu_strategy *const[]){&typed, &positive, &one, &serve, &telling, NULL},
};
