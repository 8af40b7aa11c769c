/* waspas: the weighted aggregated sum product assessment, a mixture of weighted sum and weighted product (Zavadskas,
 * Turskis, Antucheviciene, Zakarevicius 2012). */
#include "../shared/products.h"

enum { LAMBDA };

static const tarazu_param params[] = {
    {.name = "lambda",
     .kind = TARAZU_PROPORTION,
     .initial = "50%",
     .least = 0,
     .most = 1,
     .help = "the weighted sum's part of the score; 0: the weighted product alone, 1: the sum alone"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "lambda of the sum and 1 - lambda of the product"},
    {.name = "sum", .type = TARAZU_F64, .better = 1, .help = "Q1, the weighted sum"},
    {.name = "product", .type = TARAZU_F64, .better = 1, .help = "Q2, the weighted product"},
};

typedef struct waspas {
  criteria criteria;
  double lambda;
} waspas;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  ((waspas *)self)->lambda = tarazu_arg(args, LAMBDA)->real;
  tarazu_status status = criteria_create(self, context, "waspas", error);
  return status == TARAZU_OK ? criteria_refuse_costs(self, error) : status;
}

/* Q = lambda Q1 + (1 - lambda) Q2. */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  const double lambda = ((const waspas *)self)->lambda;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_there(self, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    double sum[CRITERIA_CHUNK], product[CRITERIA_CHUNK], score[CRITERIA_CHUNK];
    int64_t rows = criteria_chunk(batch, first);
    weighted_sums(terms, count, first, rows, sum);
    weighted_products(terms, count, first, rows, product);
    for (int64_t i = 0; i < rows; i++) score[i] = lambda * sum[i] + (1 - lambda) * product[i];
    criteria_give(results[0], first, score, rows);
    criteria_give(results[1], first, sum, rows);
    criteria_give(results[2], first, product, rows);
  }
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "waspas",
    .version = "1.0",
    .license = "MIT",
    .summary = "a mixture of weighted sum and weighted product",
    .normalizer = "max",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(waspas),
    .create = create,
    .destroy = criteria_destroy,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "waspas",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
