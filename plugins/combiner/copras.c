/* copras: benefits in proportion, and costs in inverse proportion, to those of all customers (complex proportional
 * assessment: Zavadskas, Kaklauskas, Sarka 1994). */
#include "../shared/staged.h"

#include <math.h>

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "N, the part of the most significant customer"},
    {.name = "significance", .type = TARAZU_F64, .better = 1, .help = "Q, the relative significance"},
    {.name = "benefits", .type = TARAZU_F64, .better = 1, .help = "S+, the weighted shares of what is more the better"},
    {.name = "costs", .type = TARAZU_F64, .better = -1, .help = "S-, the weighted shares of what is less the better"},
};

/* Stage 1 measures costs, stage 2 significance. */
enum { MEAN_COST, RECIPROCAL, FREE, STAGE_1 };
enum { Q, S_PLUS, S_MINUS, STAGE_2, STAGES = 3 };

typedef struct copras {
  staged staged;
  double least, cost, shares, free; /* of stage 1: the least S-, the sums of S- and of 1 / S-, customers without cost */
} copras;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return criteria_create(self, context, "copras", error);
}

/* S+ and S-: sums of w x / sum of x over benefits and over costs (steps 2 and 3). Below zero counts as zero. */
VECTORS static void add_shares(double w, double total, const double *restrict x, int64_t rows, double *restrict sum)
{
  for (int64_t i = 0; i < rows; i++) sum[i] += criteria_held(w * ((x[i] > 0 ? x[i] : 0) / total));
}

static double add_kind(const criterion_term *terms, uint32_t count, int cost, int64_t first, int64_t rows, double *sum)
{
  double weight = 0;
  for (int64_t i = 0; i < rows; i++) sum[i] = 0;
  for (uint32_t k = 0; k < count; k++) {
    double total = terms[k].of->sum + terms[k].of->rest;
    if (terms[k].cost != cost || !(total > 0)) continue;
    weight += terms[k].w;
    add_shares(terms[k].w, total, terms[k].x + first, rows, sum);
  }
  return weight;
}

/* S- over the weight of the costs, so that customers whose weights differ, since they lack something, can be compared;
 * nothing where they have no cost at all. */
static uint32_t measure_costs(const void *self, const criterion_term *terms, uint32_t count, int64_t first,
                              int64_t rows, staged_chunk q)
{
  (void)self;
  double weight = add_kind(terms, count, 1, first, rows, q[MEAN_COST]);
  if (!(weight > 0)) return 0;
  for (int64_t i = 0; i < rows; i++) {
    double s = q[MEAN_COST][i] /= weight;
    q[RECIPROCAL][i] = s > 0 ? criteria_held(1 / s) : 0;
    q[FREE][i] = !(s > 0);
  }
  return STAGE_1;
}

/* What low costs add to Q: sum of S- / (S- times the sum of 1 / S-) (step 4). Of customers without any cost this has a
 * limit: they share the sum, and others get nothing. */
static double relief(const copras *c, double s)
{
  if (c->free > 0) return s > 0 ? 0 : c->cost / c->free;
  double floor = c->least / 1000;
  return c->shares > 0 ? criteria_held(c->cost / ((s > floor ? s : floor) * c->shares)) : 0;
}

static uint32_t measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                        staged_chunk q)
{
  add_kind(terms, count, 0, first, rows, q[S_PLUS]);
  double weight = add_kind(terms, count, 1, first, rows, q[S_MINUS]);
  for (int64_t i = 0; i < rows; i++)
    q[Q][i] = q[S_PLUS][i] + (weight > 0 ? weight * relief(self, q[S_MINUS][i] / weight) : 0);
  return STAGE_2;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const staged *s = self;
  tarazu_status status = TARAZU_OK;
  for (uint32_t k = 0; !s->stage && k < s->criteria.count && status == TARAZU_OK; k++)
    status = criteria_demand(&s->criteria, batch, k, 0, 0, "values from 0 on, of which there are shares", error);
  if (status != TARAZU_OK) return status;
  if (s->stage == 1) return staged_learn(self, state, batch, error, measure_costs);
  return staged_learn(self, state, batch, error, measure);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  copras *c = self;
  criteria *all = &c->staged.criteria;
  staged_finish(self, state, STAGES, again);
  const criterion_summary *learned = c->staged.learned;
  if (c->staged.stage == 2) {
    c->least = learned[MEAN_COST].least;
    c->cost = learned[MEAN_COST].sum + learned[MEAN_COST].rest;
    c->shares = learned[RECIPROCAL].sum + learned[RECIPROCAL].rest;
    c->free = learned[FREE].sum;
  }
  for (uint32_t k = 0; k < all->count; k++)
    if (!isfinite(all->of[k].sum + all->of[k].rest))
      return tarazu_fail(error, TARAZU_NUMERIC, "criterion '%s' has values whose sum is too large for a number",
                         tarazu_bound_at(all->context, k)->name);
  return TARAZU_OK;
}

/* N = Q / max Q (step 5). */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const copras *c = self;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&c->staged.criteria, batch, terms);
  double most = c->staged.learned[Q].most;
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk q;
    double score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(self, terms, count, first, rows, q);
    for (int64_t i = 0; i < rows; i++) score[i] = most > 0 ? criteria_held(q[Q][i] / most) : 0;
    criteria_give(results[0], first, score, rows);
    for (uint32_t o = 0; o < STAGE_2; o++) criteria_give(results[o + 1], first, q[o], rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "copras",
    .version = "1.0",
    .license = "MIT",
    .summary = "benefits in proportion, costs in inverse proportion",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_LEARNS_WEIGHTS,
    .self_size = sizeof(copras),
    .create = create,
    .destroy = criteria_destroy,
    .state_size = staged_state_size,
    .learn = learn,
    .merge = staged_merge,
    .finish = finish,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "copras",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
