/* @NAME@: who stands high and who low between the smallest and the largest value of all customers. */
#include <string.h>
#include <tarazu/plugin.h>

enum { CUT };
static const tarazu_param params[] = {
    {.name = "cut",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "how far up the range, from the smallest value to the largest, 'high' begins"},
};
static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "what is compared"}};
static const tarazu_input inputs[] = {
    {.name = "value",
     .bind = "score",
     .shape = TARAZU_ATTRIBUTES,
     .fields = TARAZU_LIST(fields),
     .help = "what is compared, the score where nothing is said"},
};
static const tarazu_output outputs[] = {{.name = "segment", .type = TARAZU_TEXT, .help = "high or low"}};

enum { LOW, HIGH }; /* codes of the output */
static const char *const names[] = {"low", "high"};

/* What is learned, in flat bytes: tarazu zeroes, copies and keeps it. */
typedef struct learned {
  int64_t seen;
  double least, most;
} learned;

typedef struct segmenter {
  learned learned;
  double cut;
} segmenter;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context, (void)error;
  ((segmenter *)self)->cut = tarazu_arg(args, CUT)->real;
  return TARAZU_OK;
}

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(learned);
}

static void widen(learned *into, learned more)
{
  if (!into->seen || more.least < into->least) into->least = more.least;
  if (!into->seen || more.most > into->most) into->most = more.most;
  into->seen += more.seen;
}

/* Several shares of the customers are learned side by side, each into a state of its own, ... */
static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  const double *x = batch->columns[0]->values;
  for (int64_t i = 0; i < batch->rows; i++)
    if (tarazu_is_valid(batch->columns[0], i)) widen(state, (learned){1, x[i], x[i]});
  return TARAZU_OK;
}

/* ... then put together. */
static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  if (((const learned *)from)->seen) widen(into, *(const learned *)from);
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  memcpy(&((segmenter *)self)->learned, state, sizeof(learned));
  *again = 0;
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  if (writer->write(writer, &((const segmenter *)self)->learned, sizeof(learned))) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  learned *l = &((segmenter *)self)->learned;
  if (count != sizeof *l) return tarazu_fail(error, TARAZU_BAD_DATA, "%zu bytes, expected %zu", count, sizeof *l);
  memcpy(l, bytes, count);
  return TARAZU_OK;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const segmenter *s = self;
  const double *x = batch->columns[0]->values;
  double from = (1 - s->cut) * s->learned.least + s->cut * s->learned.most; /* no difference that could overflow */
  if (from > s->learned.most) from = s->learned.most;
  int32_t *segment = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (tarazu_is_valid(batch->columns[0], i)) segment[i] = x[i] >= from ? HIGH : LOW;
    else tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  (void)self, (void)output;
  *count = sizeof names / sizeof *names;
  return names;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SEGMENTER,
    .id = "@NAME@",
    .version = "1.0",
    .license = "MIT",
    .summary = "high and low, cut between the smallest and the largest value",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(segmenter),
    .create = create,
    .state_size = state_size,
    .learn = learn,
    .merge = merge,
    .finish = finish,
    .save = save,
    .load = load,
    .apply = apply,
    .labels = labels,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "@NAME@",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
