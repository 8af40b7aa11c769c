/* rim: near a reference ideal that may lie anywhere on a criterion's scale, a value or a range of them (reference ideal
 * method: Cables, Lamata, Verdegay 2016). */
#include "../shared/bounds.h"

enum { CRITERIA };

static const tarazu_param params[] = {
    {.name = "criteria",
     .kind = TARAZU_RECORDS,
     .optional = 1,
     .fields = TARAZU_LIST(bounds_fields),
     .help = "scales and reference ideals of single criteria, in their units; absent: the better end is ideal"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "1 ideal in every criterion, 0 furthest in every one"},
};

typedef struct rim {
  bounds bounds;
} rim;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  return bounds_create(self, context, args, CRITERIA, "rim", error);
}

/* With y = 1 - d (definition 1): the squares of I+ = sqrt(sum of (w y - w)^2) and I- = sqrt(sum of (w y)^2) (step 5).
 */
VECTORS static void variations(double w, const double *restrict distance, int64_t rows, double *restrict plus,
                               double *restrict minus)
{
  for (int64_t i = 0; i < rows; i++) {
    double from_ideal = w * distance[i], from_worst = w * (1 - distance[i]);
    plus[i] += from_ideal * from_ideal;
    minus[i] += from_worst * from_worst;
  }
}

/* R = I- / (I+ + I-) (step 6); where no criterion tells customers apart there is neither. */
VECTORS static void indices(const double *restrict plus, const double *restrict minus, int64_t rows,
                            double *restrict score)
{
  for (int64_t i = 0; i < rows; i++) {
    double from_worst = sqrt(minus[i]), both = sqrt(plus[i]) + from_worst;
    score[i] = (both > 0 ? from_worst : 0.5) / (both > 0 ? both : 1);
  }
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  bounded terms[MOST_CRITERIA];
  uint32_t count = bounds_terms(self, batch, 1, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    double plus[CRITERIA_CHUNK] = {0}, minus[CRITERIA_CHUNK] = {0}, distance[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    for (uint32_t k = 0; k < count; k++) {
      bounds_distances(&terms[k], first, rows, distance);
      variations(terms[k].w, distance, rows, plus, minus);
    }
    indices(plus, minus, rows, (double *)results[0]->values + first);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "rim",
    .version = "1.0",
    .license = "MIT",
    .summary = "near an ideal that may lie anywhere on the scale",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(rim),
    .create = create,
    .destroy = bounds_destroy,
    .state_size = criteria_state_size,
    .learn = criteria_learn,
    .merge = criteria_merge,
    .finish = bounds_finish,
    .save = criteria_save,
    .load = bounds_load,
    .apply = apply,
    .facts = bounds_facts,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "rim",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
