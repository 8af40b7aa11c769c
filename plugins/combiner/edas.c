/* edas: evaluation based on distance from average solution: how far a customer is above the average in each criterion,
 * and how far below (Keshavarz Ghorabaee, Zavadskas, Olfat, Turskis 2015). */
#include "../shared/staged.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "AS, between 0 and 1 for the customers of the run"},
    {.name = "positive", .type = TARAZU_F64, .better = 1, .help = "SP, how far above the average"},
    {.name = "negative", .type = TARAZU_F64, .better = -1, .help = "SN, how far below the average"},
};

enum { SP, SN, QUANTITIES, STAGES = 2 };

typedef struct edas {
  staged staged;
} edas;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return criteria_create(self, context, "edas", error);
}

/* PDA and NDA, max(0, x - AV) / AV and max(0, AV - x) / AV, of costs the other way round (equations 5 to 8), and their
 * weighted sums SP and SN (9 and 10). Zeros throughout have an average of 0, from which nobody is away. */
VECTORS static void add_distances(double w, double average, const double *restrict x, int64_t rows, double *restrict sp,
                                  double *restrict sn)
{
  for (int64_t i = 0; i < rows; i++) {
    double distance = w * criteria_held((x[i] - average) / average);
    sp[i] += distance > 0 ? distance : 0;
    sn[i] += distance < 0 ? -distance : 0;
  }
}

static uint32_t measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first, int64_t rows,
                        staged_chunk quantities)
{
  (void)self;
  for (int64_t i = 0; i < rows; i++) quantities[SP][i] = quantities[SN][i] = 0;
  for (uint32_t k = 0; k < count; k++) {
    double average = criterion_mean(terms[k].of), *up = quantities[terms[k].cost ? SN : SP];
    double *down = quantities[terms[k].cost ? SP : SN];
    if (average > 0) add_distances(terms[k].w, average, terms[k].x + first, rows, up, down);
  }
  return QUANTITIES;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  return staged_learn(self, state, batch, error, measure);
}

/* Distances are measured by the average, which must be well above what rounding leaves of an average of zero. */
static tarazu_status check_averages(const criteria *c, tarazu_error *error)
{
  for (uint32_t k = 0; k < c->count; k++) {
    const criterion_summary *of = &c->of[k];
    double mean = of->seen ? criterion_mean(of) : 1, size = of->most > -of->least ? of->most : -of->least;
    if (!(mean < CRITERIA_FAR))
      return tarazu_fail(error, TARAZU_NUMERIC, "criterion '%s' has an average of %g, which is too large",
                         tarazu_bound_at(c->context, k)->name, mean);
    if (of->seen && (of->least < 0 || of->most > 0) && !(mean > 1e-12 * size))
      return tarazu_fail(error, TARAZU_BAD_DATA,
                         "criterion '%s' has an average of %g; distances from it are measured by it, so it must be "
                         "above zero (normalized by minmax any will do)",
                         tarazu_bound_at(c->context, k)->name, mean);
  }
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  staged *s = self;
  staged_finish(self, state, STAGES, again);
  return s->stage == 1 ? check_averages(&s->criteria, error) : TARAZU_OK;
}

/* AS = (NSP + NSN) / 2 with NSP = SP / max SP and NSN = 1 - SN / max SN (equations 11 to 13). */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const staged *s = self;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_shares(&s->criteria, batch, terms);
  double most_sp = s->learned[SP].most, most_sn = s->learned[SN].most;
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk q;
    double score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    measure(self, terms, count, first, rows, q);
    for (int64_t i = 0; i < rows; i++) {
      double nsp = most_sp > 0 ? q[SP][i] / most_sp : 0, nsn = 1 - (most_sn > 0 ? q[SN][i] / most_sn : 0);
      score[i] = (criteria_held(nsp) + criteria_held(nsn)) / 2;
    }
    criteria_give(results[0], first, score, rows);
    criteria_give(results[1], first, q[SP], rows);
    criteria_give(results[2], first, q[SN], rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "edas",
    .version = "1.0",
    .license = "MIT",
    .summary = "how far above the average, and how far below",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .flags = TARAZU_LEARNS_WEIGHTS,
    .self_size = sizeof(edas),
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
    .name = "edas",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
