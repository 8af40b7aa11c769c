/* cocoso: three ways to put a weighted sum and a sum of powers together, and a compromise of the three (combined
 * compromise solution: Yazdani, Zarate, Zavadskas, Turskis 2019). */
#include "../shared/products.h"
#include "../shared/staged.h"

enum { LAMBDA };

static const tarazu_param params[] = {
    {.name = "lambda",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "the weighted sum's part in the third way; the sum of powers has the rest"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "k, the compromise of the three"},
    {.name = "mean", .type = TARAZU_F64, .better = 1, .help = "k_a, the part of all customers' sums"},
    {.name = "relative", .type = TARAZU_F64, .better = 1, .help = "k_b, how many times the worst customer's sums"},
    {.name = "balanced", .type = TARAZU_F64, .better = 1, .help = "k_c, the part of the best customer's sums"},
};

enum { S, P, S_POSITIVE, P_POSITIVE, QUANTITIES, STAGES = 2 };

typedef struct cocoso {
  staged staged;
  double lambda;
} cocoso;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ((cocoso *)self)->lambda = tarazu_arg(args, LAMBDA)->real;
  tarazu_status status = criteria_create(self, context, "cocoso", error);
  return status == TARAZU_OK ? criteria_refuse_costs(self, error) : status;
}

/* S = sum of w r and P = sum of r^w (equations 4 and 5). P is a sum of as many powers as a customer has criteria: that
 * of who lacks some is taken for all of them. The least above zero is learned apart, since S and P are divided by it.
 */
static uint32_t measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                        staged_chunk q)
{
  const criteria *c = self;
  uint32_t all = 0;
  for (uint32_t k = 0; k < c->count; k++) all += c->of[k].seen > 0;
  weighted_sums(terms, count, first, rows, q[S]);
  for (int64_t i = 0; i < rows; i++) q[P][i] = 0;
  for (uint32_t k = 0; k < count; k++) {
    const double *r = terms[k].x + first;
    const double w = terms[k].w;
    for (int64_t i = 0; i < rows; i++) q[P][i] += r[i] > 0 ? pow(r[i], w) : 0;
  }
  for (int64_t i = 0; i < rows; i++) {
    q[S][i] = q[S][i] > 0 ? criteria_held(q[S][i]) : 0;
    q[P][i] = count ? criteria_held(q[P][i] * ((double)all / count)) : 0;
    q[S_POSITIVE][i] = q[S][i] > 0 ? q[S][i] : CRITERIA_FAR;
    q[P_POSITIVE][i] = q[P][i] > 0 ? q[P][i] : CRITERIA_FAR;
  }
  return QUANTITIES;
}

/* The first stage only learns which criteria somebody has and weigh something. */
static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  if (((const staged *)self)->stage) return staged_learn(self, state, batch, error, measure);
  for (uint32_t k = 0; k < batch->column_count; k++)
    if (batch->columns[k] && batch->weights[k] > 0) ((criterion_summary *)state + k)->seen += batch->rows;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)error;
  staged_finish(self, state, STAGES, again);
  return TARAZU_OK;
}

static double part(double of, double whole)
{
  return whole > 0 ? criteria_held(of / criteria_held(whole)) : 0;
}

/* k = (k_a k_b k_c)^(1/3) + (k_a + k_b + k_c) / 3 (equations 6 to 9). */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const cocoso *c = self;
  const criterion_summary *of = c->staged.learned;
  const double lambda = c->lambda, sum = of[S].sum + of[S].rest + of[P].sum + of[P].rest;
  const double most = lambda * of[S].most + (1 - lambda) * of[P].most;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&c->staged.criteria, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk q;
    double score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(self, terms, count, first, rows, q);
    for (int64_t i = 0; i < rows; i++) {
      double s = q[S][i], p = q[P][i], ka = part(criteria_held(p + s), sum);
      double kb = criteria_held(part(s, of[S_POSITIVE].least) + part(p, of[P_POSITIVE].least));
      double kc = part(lambda * s + (1 - lambda) * p, most);
      score[i] = cbrt(ka) * cbrt(kb) * cbrt(kc) + (ka + kb + kc) / 3;
      q[0][i] = ka, q[1][i] = kb, q[2][i] = kc;
    }
    criteria_give(results[0], first, score, rows);
    for (uint32_t o = 0; o < 3; o++) criteria_give(results[o + 1], first, q[o], rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "cocoso",
    .version = "1.0",
    .license = "MIT",
    .summary = "a compromise of three ways to put sums and powers together",
    .normalizer = "minmax",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_LEARNS_WEIGHTS,
    .self_size = sizeof(cocoso),
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
    .name = "cocoso",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
