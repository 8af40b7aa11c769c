#include "support/criteria.h"

#include <stdlib.h>

static const char *const names[] = {"c0", "c1", "c2",  "c3",  "c4",  "c5",  "c6",  "c7",
                                    "c8", "c9", "c10", "c11", "c12", "c13", "c14", "c15"};

static void normalize(const criteria *c, double *column, int32_t better)
{
  rig *r = rig_open("normalizer", c->normalizer);
  rig_f64(r, "value", column, c->rows);
  rig_bound(r, "value")->better = better;
  if (rig_create(r, NULL) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s: %s", c->normalizer, r->error.message);
  for (int64_t i = 0; i < c->rows; i++) column[i] = rig_value(r, 0, i);
  rig_close(r);
}

void criteria_bind(rig *r, const criteria *c)
{
  double *column = calloc((size_t)c->rows + 1, sizeof *column);
  assert_non_null(column);
  assert_true(c->count <= sizeof names / sizeof *names);
  for (uint32_t k = 0; k < c->count; k++) {
    int32_t better = c->better ? c->better[k] : 1;
    for (int64_t i = 0; i < c->rows; i++) column[i] = c->values[(size_t)i * c->count + k];
    if (c->normalizer) normalize(c, column, better);
    rig_f64(r, names[k], column, c->rows);
    rig_bound(r, names[k])->weight = c->weights ? c->weights[k] : 1;
    rig_bound(r, names[k])->better = c->normalizer ? 1 : better;
  }
  free(column);
}

rig *combined(const char *combiner, const criteria *c)
{
  return combined_with(combiner, NULL, c);
}

rig *combined_with(const char *combiner, const char *params, const criteria *c)
{
  rig *r = rig_open("combiner", combiner);
  criteria_bind(r, c);
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s: %s", combiner, r->error.message);
  return r;
}
