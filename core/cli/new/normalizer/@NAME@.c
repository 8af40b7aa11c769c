/* @NAME@: each value as a share of the largest one, signs aside; negative for a criterion of which less is better. */
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field fields[] = {{.name = "value", .type = TARAZU_F64, .help = "what is made comparable"}};
static const tarazu_input inputs[] = {
    {.name = "value", .shape = TARAZU_ATTRIBUTES, .fields = TARAZU_LIST(fields), .help = "one criterion"},
};
static const tarazu_output outputs[] = {
    {.name = "share", .type = TARAZU_F64, .better = 1, .help = "from -1 to 1, of the largest value"},
};

/* What is learned, in flat bytes: tarazu zeroes, copies and keeps it. */
typedef struct learned {
  double largest;
} learned;

typedef struct normalizer {
  learned learned;
  int32_t cost; /* 1: less is better */
} normalizer;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args, (void)error;
  ((normalizer *)self)->cost = tarazu_bound_at(context, 0)->better < 0;
  return TARAZU_OK;
}

static size_t state_size(const void *self)
{
  (void)self;
  return sizeof(learned);
}

/* Several shares of the customers are learned side by side, each into a state of its own, ... */
static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  learned *l = state;
  const double *x = batch->columns[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (!tarazu_is_valid(batch->columns[0], i)) continue;
    double size = x[i] < 0 ? -x[i] : x[i];
    if (size > l->largest) l->largest = size;
  }
  return TARAZU_OK;
}

/* ... then put together. */
static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)error;
  const learned *more = from;
  if (more->largest > ((learned *)into)->largest) *(learned *)into = *more;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  memcpy(&((normalizer *)self)->learned, state, sizeof(learned));
  *again = 0;
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  if (writer->write(writer, &((const normalizer *)self)->learned, sizeof(learned))) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  learned *l = &((normalizer *)self)->learned;
  if (count != sizeof *l) return tarazu_fail(error, TARAZU_BAD_DATA, "%zu bytes, expected %zu", count, sizeof *l);
  memcpy(l, bytes, count);
  return TARAZU_OK;
}

/* A what-if may ask for a value beyond the largest that was learned: it is held there. */
static double share_of(const normalizer *n, double x)
{
  double largest = n->learned.largest;
  if (!(largest > 0)) return 0;
  double share = x >= largest ? 1 : x <= -largest ? -1 : x / largest;
  return n->cost ? 0 - share : share;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const double *x = batch->columns[0]->values;
  double *share = results[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    if (tarazu_is_valid(batch->columns[0], i)) share[i] = share_of(self, x[i]);
    else tarazu_set_null(results[0], i);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_NORMALIZER,
    .id = "@NAME@",
    .version = "1.0",
    .license = "MIT",
    .summary = "each value as a share of the largest one",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(normalizer),
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
    .name = "@NAME@",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
