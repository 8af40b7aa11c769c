/* weighted_product: the product of the criteria, each to the power of its weight (Bridgman 1922; Miller, Starr 1969):
 * in it only ratios count, so that twice as good in one criterion is worth the same wherever it starts. */
#include "../shared/products.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "the product; 0 where one factor is not above zero"},
};

typedef struct weighted_product {
  criteria criteria;
} weighted_product;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  tarazu_status status = criteria_create(self, context, "weighted_product", error);
  return status == TARAZU_OK ? criteria_refuse_costs(self, error) : status;
}

/* P = product over j of r_j^w_j. */
static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)error;
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = criteria_there(self, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK)
    weighted_products(terms, count, first, criteria_chunk(batch, first), (double *)results[0]->values + first);
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "weighted_product",
    .version = "1.0",
    .license = "MIT",
    .summary = "weights as powers, multiplied: only ratios count",
    .normalizer = "max",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(weighted_product),
    .create = create,
    .destroy = criteria_destroy,
    .apply = apply,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "weighted_product",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
