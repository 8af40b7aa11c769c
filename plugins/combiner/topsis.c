/* topsis: how near a customer is to the best value of every criterion and how far from the worst (Hwang, Yoon 1981). */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

static const tarazu_field value[] = {
    {.name = "value", .type = TARAZU_F64, .help = "a criterion, normalized"},
};
static const tarazu_input inputs[] = {
    {.name = "criteria",
     .bind = "criteria",
     .shape = TARAZU_ATTRIBUTES,
     .many = 1,
     .fields = TARAZU_LIST(value),
     .help = "the criteria to combine"},
};
static const tarazu_output outputs[] = {
    {.name = "score",
     .type = TARAZU_F64,
     .better = 1,
     .help = "1 the best in every criterion, 0 the worst in every one"},
};

enum { CHUNK = 256, TILE = 8, LANES = 4, MOST_CRITERIA = 256 };

/* TILE rows side by side, wherever they begin. */
typedef double lanes __attribute__((vector_size(TILE * sizeof(double)), aligned(sizeof(double)), may_alias));

/* Compiled for each width of vector, and chosen when the plugin is loaded. No row's result depends on the width:
 * nothing is added across rows, and nothing contracted. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORS
#endif

/* Of one criterion over all customers; seen 0: nobody has a value. Zeroed bytes are an empty one. */
typedef struct ideal {
  double least, most;
  int64_t seen;
} ideal;

typedef struct topsis {
  const tarazu_context *context;
  ideal *ideals; /* one a criterion */
  uint32_t count, reserved;
  double scale; /* a power of two that brings the widest criterion near 1, so that no square leaves a double's range */
} topsis;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  topsis *t = self;
  if (context->columns.count > MOST_CRITERIA) {
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%u criteria, topsis takes %d", (unsigned)context->columns.count,
                       MOST_CRITERIA);
  }
  t->context = context;
  t->count = context->columns.count;
  t->ideals = calloc(t->count + 1u, sizeof *t->ideals);
  t->scale = 1;
  return t->ideals ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)t->count);
}

static void destroy(void *self)
{
  free(((topsis *)self)->ideals);
}

static size_t state_size(const void *self)
{
  return ((const topsis *)self)->count * sizeof(ideal);
}

static void widen(ideal *into, ideal more)
{
  if (!more.seen) return;
  if (!into->seen || more.least < into->least) into->least = more.least;
  if (!into->seen || more.most > into->most) into->most = more.most;
  into->seen += more.seen;
}

/* Lanes, because one running minimum would wait for itself at every value. */
static ideal range(const double *x, int64_t rows)
{
  double least[LANES], most[LANES];
  for (int k = 0; k < LANES; k++) least[k] = most[k] = x[0];
  int64_t whole = rows - rows % LANES;
  for (int64_t i = 0; i < whole; i += LANES)
    for (int k = 0; k < LANES; k++) {
      least[k] = x[i + k] < least[k] ? x[i + k] : least[k];
      most[k] = x[i + k] > most[k] ? x[i + k] : most[k];
    }
  ideal all = {x[rows - 1], x[rows - 1], 0};
  for (int64_t i = whole; i < rows; i++) widen(&all, (ideal){x[i], x[i], 1});
  for (int k = 0; k < LANES; k++) widen(&all, (ideal){least[k], most[k], 1});
  all.seen = rows;
  return all;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t c = 0; c < batch->column_count; c++)
    if (batch->columns[c] && batch->rows) widen((ideal *)state + c, range(batch->columns[c]->values, batch->rows));
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)error;
  for (uint32_t c = 0; c < ((const topsis *)self)->count; c++) widen((ideal *)into + c, ((const ideal *)from)[c]);
  return TARAZU_OK;
}

static void settle(topsis *t)
{
  double widest = 0;
  for (uint32_t c = 0; c < t->count; c++) {
    double half = t->ideals[c].most / 2 - t->ideals[c].least / 2;
    if (half > widest) widest = half;
  }
  t->scale = widest > 0 ? ldexp(1, -(ilogb(widest) < -1000 ? -1000 : ilogb(widest))) : 1;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  topsis *t = self;
  memcpy(t->ideals, state, state_size(t));
  settle(t);
  *again = 0;
  return TARAZU_OK;
}

/* v+ and v- of one criterion, and its values times its weight: v = w r (steps 2 and 3). */
typedef struct term {
  const double *r;
  double w, best, worst;
} term;

static term term_of(const topsis *t, const tarazu_batch *batch, uint32_t column)
{
  const ideal *i = &t->ideals[column];
  int cost = tarazu_bound_at(t->context, column)->better < 0;
  double w = batch->weights[column] * t->scale;
  return (term){batch->columns[column]->values, w, w * (cost ? i->least : i->most), w * (cost ? i->most : i->least)};
}

/* The criteria that are there and that somebody has; their number. */
static uint32_t take_terms(const topsis *t, const tarazu_batch *batch, term terms[MOST_CRITERIA])
{
  uint32_t count = 0;
  for (uint32_t c = 0; c < t->count; c++)
    if (batch->columns[c] && t->ideals[c].seen) terms[count++] = term_of(t, batch, c);
  return count;
}

/* The squares of S+ and S- (step 4), TILE rows at a time with their sums in registers, so that every criterion is read
 * evenly and once and nothing else is. */
VECTORS static void distances(double *near, double *far, const term *terms, uint32_t count, int64_t first, int64_t rows)
{
  int64_t whole = rows - rows % TILE;
  for (int64_t i = 0; i < whole; i += TILE) {
    lanes to_best = {0}, to_worst = {0};
    for (uint32_t k = 0; k < count; k++) {
      lanes v = terms[k].w * *(const lanes *)(terms[k].r + first + i);
      lanes down = v - terms[k].best, up = v - terms[k].worst;
      to_best += down * down;
      to_worst += up * up;
    }
    *(lanes *)(near + i) = to_best;
    *(lanes *)(far + i) = to_worst;
  }
  for (int64_t i = whole; i < rows; i++) {
    near[i] = far[i] = 0;
    for (uint32_t k = 0; k < count; k++) {
      double v = terms[k].w * terms[k].r[first + i], down = v - terms[k].best, up = v - terms[k].worst;
      near[i] += down * down;
      far[i] += up * up;
    }
  }
}

/* C = S- / (S+ + S-) (step 5); where best and worst are one in every criterion there is neither near nor far. */
VECTORS static void closeness(double *restrict score, const double *restrict near, const double *restrict far,
                              int64_t rows)
{
  for (int64_t i = 0; i < rows; i++) {
    double to_worst = sqrt(far[i]), both = sqrt(near[i]) + to_worst;
    double numerator = both > 0 ? to_worst : 0.5, denominator = both > 0 ? both : 1;
    score[i] = numerator / denominator;
  }
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  term terms[MOST_CRITERIA];
  double near[CHUNK], far[CHUNK];
  uint32_t count = take_terms(self, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CHUNK) {
    int64_t rows = batch->rows - first < CHUNK ? batch->rows - first : CHUNK;
    distances(near, far, terms, count, first, rows);
    closeness((double *)results[0]->values + first, near, far, rows);
  }
  return TARAZU_OK;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const topsis *t = self;
  if (writer->write(writer, t->ideals, state_size(t))) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  topsis *t = self;
  if (count != state_size(t))
    return tarazu_fail(error, TARAZU_BAD_DATA, "not a model of topsis over %u criteria: %zu bytes", (unsigned)t->count,
                       count);
  memcpy(t->ideals, bytes, count);
  settle(t);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "topsis",
    .version = "1.0",
    .license = "MIT",
    .summary = "near the best value of every criterion, far from the worst",
    .normalizer = "vector",
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(topsis),
    .create = create,
    .destroy = destroy,
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
    .name = "topsis",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
