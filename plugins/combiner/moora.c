/* moora: benefits less costs, each over the length of its column (the ratio system of multi-objective optimization on
 * the basis of ratio analysis: Brauers, Zavadskas 2006). */
#include "../shared/additive.h"
#include "../shared/lengths.h"

static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "y, the benefits' ratios less the costs'"},
};

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)args;
  return lengths_create(self, context, "moora", error);
}

static uint32_t take(const void *self, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  return criteria_shares(self, batch, terms);
}

/* w x* with x* = x / sqrt(sum of x^2) (equation 2), of a cost with its sign turned (equation 3). */
static void part(const void *self, const criterion_term *term, const double *restrict x, int64_t rows,
                 double *restrict ratio)
{
  lengths_ratios(self, term, x, rows, ratio);
  for (int64_t i = 0; i < rows; i++) ratio[i] *= term->cost ? -term->w : term->w;
}

ADDITIVE(take, part);

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "moora",
    .version = "1.0",
    .license = "MIT",
    .summary = "benefits less costs, each over its column's length",
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(lengths),
    .create = create,
    .destroy = lengths_destroy,
    .state_size = lengths_state_size,
    .learn = lengths_learn,
    .merge = lengths_merge,
    .finish = lengths_finish,
    .save = lengths_save,
    .load = lengths_load,
    .apply = apply,
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "moora",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
