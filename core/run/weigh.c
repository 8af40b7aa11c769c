/* From weighers to one weight a criterion: blended, then rescaled within the dimensions that the profile weighs. */
#include "run/stages.h"
#include <math.h>
#include <string.h>

static int bad_weights(engine *e, const instance *in, tarazu_status status, const char *what)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  tarazu_fail(&error, status, "%s", what);
  return instance_failed(e, in, "", status, &error);
}

/* Which criterion stands at each place of a weigher's input: a profile may name them in any order. */
static int find_criteria(const engine *e, const step *s, uint32_t *criteria)
{
  uint32_t count = e->plan->profile->criterion_count;
  uint64_t seen = 0;
  if (s->count - s->first_many != count) return 0;
  for (uint32_t i = 0; i < count; i++) {
    int index = profile_criterion(e->plan->profile, s->bound[s->first_many + i].name);
    if (index < 0 || seen >> index & 1) return 0;
    seen |= UINT64_C(1) << index;
    criteria[i] = (uint32_t)index;
  }
  return 1;
}

/* One weigher's weights, in the order of the criteria and summing to 1. */
static int ask(engine *e, instance *in, double *weights)
{
  const step *s = in->step;
  uint32_t criteria = e->plan->profile->criterion_count;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  double sum = 0, given[64];
  uint32_t at[64];
  if (in->taken) {
    memcpy(weights, in->weights, criteria * sizeof *weights);
    return 1;
  }
  for (uint32_t i = 0; i < criteria; i++) given[i] = NAN;
  if (!find_criteria(e, s, at)) return bad_weights(e, in, TARAZU_BAD_PARAMETER, "it must weigh every criterion once");
  engine_enter(in, "weights");
  tarazu_status status = s->strategy->weights(in->self, given, criteria, &error);
  engine_leave();
  if (status != TARAZU_OK) return instance_failed(e, in, " could not weigh", status, &error);
  for (uint32_t i = 0; i < criteria; i++) weights[at[i]] = given[i];
  for (uint32_t i = 0; i < criteria; i++) {
    if (!isfinite(weights[i]) || weights[i] < 0) {
      tarazu_fail(&error, TARAZU_INTERNAL, "gave criterion '%s' the weight %g", e->plan->profile->criteria[i].name,
                  weights[i]);
      return instance_failed(e, in, "", TARAZU_INTERNAL, &error);
    }
    sum += weights[i];
  }
  if (!(sum > 0))
    return bad_weights(e, in, TARAZU_NO_RESULT, "all weights are 0; at least one criterion must weigh something");
  for (uint32_t i = 0; i < criteria; i++) weights[i] /= sum;
  double *kept = arena_array(e->arena, criteria + 1, sizeof *kept);
  in->weights = memcpy(kept, weights, criteria * sizeof *kept);
  in->weight_count = criteria;
  stages_keep_step(e, in);
  return 1;
}

/* Within each dimension the weights are shares of the dimension's own weight. */
static int rescale_within_dimensions(engine *e)
{
  const profile *f = e->plan->profile;
  double all = 0;
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    double sum = 0, weight = f->dimensions[d].weight > 0 ? f->dimensions[d].weight : 0;
    uint32_t members = 0;
    for (uint32_t i = 0; i < f->criterion_count; i++)
      if (!strcmp(f->criteria[i].dimension, f->dimensions[d].name)) {
        sum += e->weights[i];
        members++;
      }
    if (!(sum > 0) && weight > 0)
      problem_warn(e->problems, f->dimensions[d].place,
                   "dimension '%s' has weight but %s; the other dimensions share it", f->dimensions[d].name,
                   members ? "its criteria weigh nothing" : "no criteria");
    for (uint32_t i = 0; i < f->criterion_count; i++)
      if (!strcmp(f->criteria[i].dimension, f->dimensions[d].name))
        e->weights[i] = sum > 0 ? weight * e->weights[i] / sum : 0;
    if (sum > 0) all += weight;
  }
  for (uint32_t i = 0; all > 0 && i < f->criterion_count; i++) e->weights[i] /= all;
  if (all > 0) return 1;
  problem_add(e->problems, EXIT_PROFILE, f->dimensions[0].place,
              "dimensions: no dimension that has criteria has weight");
  return 0;
}

static void add_up_dimensions(engine *e)
{
  const profile *f = e->plan->profile;
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    e->dimension_weights[d] = 0;
    for (uint32_t i = 0; i < f->criterion_count; i++)
      if (!strcmp(f->criteria[i].dimension, f->dimensions[d].name)) e->dimension_weights[d] += e->weights[i];
  }
}

int weigh(engine *e)
{
  const profile *f = e->plan->profile;
  double shares = 0, one[64];
  if (e->fixed) {
    memcpy(e->weights, e->fixed, f->criterion_count * sizeof *e->weights);
    add_up_dimensions(e);
    return 1;
  }
  memset(e->weights, 0, f->criterion_count * sizeof *e->weights);
  for (uint32_t i = 0; i < f->weigher_count; i++) shares += f->weighers[i].share;
  for (uint32_t i = 0; i < f->weigher_count; i++) {
    if (!ask(e, instance_of(e, e->plan->weighers[i]), one)) return 0;
    for (uint32_t k = 0; k < f->criterion_count; k++) e->weights[k] += f->weighers[i].share / shares * one[k];
  }
  if (f->dimension_weights && !rescale_within_dimensions(e)) return 0;
  add_up_dimensions(e);
  return 1;
}
