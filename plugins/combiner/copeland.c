/* copeland: every two customers are compared, the one who is ahead in criteria of more weight wins; the score is the
 * share of duels won less that of duels lost (Copeland 1951; Saari, Merlin 1996). A customer who would win every duel,
 * the Condorcet winner, comes first. */
#include "../shared/criteria.h"

#include <math.h>

enum { MOST_CUSTOMERS = 20000 };

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "duels won less duels lost, as a share of all"},
    {.name = "won", .type = TARAZU_I64, .better = 1, .unit = "duels", .help = "customers whom she beats"},
    {.name = "lost", .type = TARAZU_I64, .better = -1, .unit = "duels", .help = "customers who beat her"},
};

typedef struct copeland {
  const tarazu_context *context;
  uint32_t count, reserved;
  int64_t rows;
  double *values; /* rows × count, as benefits; NaN: none */
} copeland;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  copeland *c = self;
  c->context = context;
  c->count = context->columns.count;
  if (c->count <= MOST_CRITERIA) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, copeland takes %d", (unsigned)c->count, MOST_CRITERIA);
}

static void destroy(void *self)
{
  free(((copeland *)self)->values);
}

static double as_benefit(const copeland *c, uint32_t criterion, double x)
{
  return tarazu_bound_at(c->context, criterion)->better < 0 ? 0 - x : x;
}

static int make_room(copeland *c, int64_t rows)
{
  free(c->values);
  c->rows = rows;
  c->values = malloc(((size_t)rows * c->count + 1) * sizeof *c->values);
  return c->values != NULL;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  (void)count;
  copeland *c = self;
  const tarazu_batch *all = spaces[0];
  if (all->rows > MOST_CUSTOMERS)
    return tarazu_fail(
        error, TARAZU_BAD_DATA,
        "%lld customers; copeland compares every two of them and takes at most %d (borda, which needs no "
        "duels, takes any number)",
        (long long)all->rows, MOST_CUSTOMERS);
  if (!make_room(c, all->rows))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld customers", (long long)all->rows);
  for (uint32_t k = 0; k < c->count; k++)
    for (int64_t i = 0; i < all->rows; i++) {
      const tarazu_column *column = all->columns[k];
      int there = column && tarazu_is_valid(column, i);
      c->values[i * c->count + k] = there ? as_benefit(c, k, ((const double *)column->values)[i]) : (double)NAN;
    }
  return TARAZU_OK;
}

/* The weight in which a is ahead of b less that in which b is ahead, over the criteria that both have: comparing with
 * NaN is false. Rounding must not make a winner of what is even. */
static int duel(const double *a, const double *b, const double *w, uint32_t count)
{
  double ahead = 0, behind = 0;
  for (uint32_t k = 0; k < count; k++) {
    ahead += a[k] > b[k] ? w[k] : 0;
    behind += a[k] < b[k] ? w[k] : 0;
  }
  if (fabs(ahead - behind) <= 1e-12) return 0;
  return ahead > behind ? 1 : -1;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const copeland *c = self;
  double *score = results[0]->values, mine[MOST_CRITERIA], others = c->rows > 1 ? (double)(c->rows - 1) : 1;
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t won = 0, lost = 0;
    for (uint32_t k = 0; k < c->count; k++)
      mine[k] = batch->columns[k] ? as_benefit(c, k, ((const double *)batch->columns[k]->values)[i]) : (double)NAN;
    for (int64_t other = 0; other < c->rows; other++) {
      int outcome = duel(mine, c->values + other * c->count, batch->weights, c->count);
      won += outcome > 0;
      lost += outcome < 0;
    }
    score[i] = (double)(won - lost) / others;
    if (results[1]) ((int64_t *)results[1]->values)[i] = won;
    if (results[2]) ((int64_t *)results[2]->values)[i] = lost;
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const copeland *c = self;
  if (writer->write(writer, &c->rows, sizeof c->rows) &&
      writer->write(writer, c->values, (size_t)c->rows * c->count * sizeof *c->values))
    return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  copeland *c = self;
  size_t row = c->count * sizeof *c->values;
  int64_t rows = -1;
  if (count >= sizeof rows) memcpy(&rows, bytes, sizeof rows);
  if (!row || rows < 0 || rows > MOST_CUSTOMERS || count != sizeof rows + (size_t)rows * row)
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of copeland over %u criteria: %zu bytes",
                       (unsigned)c->count, count);
  if (!make_room(c, rows)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the model");
  memcpy(c->values, (const char *)bytes + sizeof rows, count - sizeof rows);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "copeland",
    .version = "1.0",
    .license = "MIT",
    .summary = "duels between every two customers, won less lost",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(copeland),
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .save = save,
    .load = load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "copeland",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
