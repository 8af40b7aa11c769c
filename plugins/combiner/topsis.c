/* topsis: how near a customer is to the best value of every criterion and how far from the worst (Hwang, Yoon 1981). */
#include "../shared/criteria.h"

#include <math.h>

static const tarazu_output outputs[] = {
    {.name = "score",
     .type = TARAZU_F64,
     .better = 1,
     .help = "1 the best in every criterion, 0 the worst in every one"},
};

enum { CHUNK = 256, TILE = 8 };

/* TILE rows side by side, wherever they begin. */
typedef double lanes __attribute__((vector_size(TILE * sizeof(double)), aligned(sizeof(double)), may_alias));

typedef struct topsis {
  criteria criteria;
  double scale; /* a power of two that brings the widest criterion near 1, so that no square leaves a double's range */
} topsis;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  ((topsis *)self)->scale = 1;
  return criteria_create(self, context, "topsis", error);
}

static void settle(topsis *t)
{
  double widest = 0;
  for (uint32_t c = 0; c < t->criteria.count; c++) {
    double half = t->criteria.of[c].most / 2 - t->criteria.of[c].least / 2;
    if (half > widest) widest = half;
  }
  t->scale = widest > 0 ? ldexp(1, -(ilogb(widest) < -1000 ? -1000 : ilogb(widest))) : 1;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  tarazu_status status = criteria_finish(self, state, again, error);
  settle(self);
  return status;
}

/* v+ and v- of one criterion, and its values times its weight: v = w r (steps 2 and 3). */
typedef struct term {
  const double *r;
  double w, best, worst;
} term;

static uint32_t take_terms(const topsis *t, const tarazu_batch *batch, term terms[MOST_CRITERIA])
{
  criterion_term there[MOST_CRITERIA];
  uint32_t count = criteria_terms(&t->criteria, batch, there);
  for (uint32_t k = 0; k < count; k++) {
    double w = there[k].w * t->scale;
    terms[k] = (term){there[k].x, w, w * criterion_best(&there[k]), w * criterion_worst(&there[k])};
  }
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

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  tarazu_status status = criteria_load(self, bytes, count, error);
  if (status == TARAZU_OK) settle(self);
  return status;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "topsis",
    .version = "1.0",
    .license = "MIT",
    .summary = "near the best value of every criterion, far from the worst",
    .normalizer = "vector",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(topsis),
    .create = create,
    .destroy = criteria_destroy,
    .state_size = criteria_state_size,
    .learn = criteria_learn,
    .merge = criteria_merge,
    .finish = finish,
    .save = criteria_save,
    .load = load,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "topsis",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
