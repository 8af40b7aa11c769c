/* spotis: how near a customer is to the ideal on scales that the profile gives, so that no other customer can change it
 * (stable preference ordering towards ideal solution: Dezert, Tchamova, Han, Tacnet 2020). */
#include "../shared/additive.h"
#include "../shared/bounds.h"

enum { CRITERIA };

static const tarazu_param params[] = {
    {.name = "criteria",
     .kind = TARAZU_RECORDS,
     .optional = 1,
     .fields = TARAZU_LIST(bounds_fields),
     .help = "scales of single criteria, in their units; only with all of them given do scores not depend on others"},
};
static const tarazu_output outputs[] = {
    {.name = "score", .type = TARAZU_F64, .better = 1, .help = "1 - D: 1 the ideal in every criterion, 0 furthest"},
};

typedef struct spotis {
  bounds bounds;
} spotis;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  return bounds_create(self, context, args, CRITERIA, "spotis", error);
}

static uint32_t take(const void *self, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA])
{
  return criteria_shares(self, batch, terms);
}

/* w (1 - d) with d = |x - s*| / |s_max - s_min| (equations 1 and 2), which sums to 1 - D. Where a scale has no length
 * everybody is at the ideal. */
static void part(const void *self, const criterion_term *term, const double *restrict x, int64_t rows,
                 double *restrict nearness)
{
  scale_of s = bounds_of(self, term);
  double length = s.b / 2 - s.a / 2;
  bounded t = {x, term->w, s.a, s.b, s.c, s.d, length, length, term->column};
  if (length > 0) bounds_distances(&t, 0, rows, nearness);
  for (int64_t i = 0; i < rows; i++) nearness[i] = term->w * (length > 0 ? 1 - nearness[i] : 1);
}

ADDITIVE(take, part);

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_COMBINER,
    .id = "spotis",
    .version = "1.0",
    .license = "MIT",
    .summary = "near the ideal on fixed scales, whoever else is there",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(criteria_inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(spotis),
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
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "spotis",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
