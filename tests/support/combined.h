/* Combiners against published figures: scores of a whole table, and one table on which peers were run. */
#ifndef TESTS_SUPPORT_COMBINED_H
#define TESTS_SUPPORT_COMBINED_H

#include "support/criteria.h"
#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

/* Seven customers, four criteria, the second and the fourth a cost: the figures of peers on it are of pymcdm 1.4.0
 * unless another one is named. */
enum { SEVEN = 7 };
static const double seven_values[] = {3.1, 20,  5.5, 140, 4.7, 35, 2.1, 90, 2.2, 28,  7.9, 310, 4.7, 15,
                                      4.4, 220, 6.0, 31,  3.3, 75, 1.4, 22, 9.6, 180, 5.2, 18,  6.1, 260};
static const double seven_weights[] = {.4, .25, .2, .15};
static const int32_t seven_better[] = {1, -1, 1, -1};

static inline criteria seven(const char *normalizer)
{
  return (criteria){SEVEN, 4, seven_values, seven_weights, seven_better, normalizer};
}

/* The first output's values. */
static inline void expect_scores(const char *combiner, const char *params, criteria c, const double *expected,
                                 double tolerance)
{
  rig *r = combined_with(combiner, params, &c);
  for (int64_t i = 0; i < c.rows; i++) assert_near(rig_value(r, 0, i), expected[i], tolerance);
  check_batches(r);
  if (r->strategy->save) check_reload(r);
  rig_close(r);
}

/* One customer who is not of the run, by what was learned. */
static inline double scored_what_if(rig *r, criteria c, const double *row)
{
  c.rows = 1;
  c.values = row;
  criteria_bind(r, &c);
  r->unknown_rows = 1;
  if (rig_apply(r, 1)) fail_msg("%s: %s", r->strategy->id, r->error.message);
  return rig_value(r, 0, 0);
}

/* Creating with these parameters, or learning these values, ends with this message. */
static inline void expect_refusal(const char *combiner, const char *params, criteria c, tarazu_status status,
                                  const char *says)
{
  rig *r = rig_open("combiner", combiner);
  criteria_bind(r, &c);
  tarazu_status got = rig_create(r, params);
  if (!got) got = rig_learn(r);
  assert_int_equal(got, status);
  if (!strstr(r->error.message, says)) fail_msg("no \"%s\" in: %s", says, r->error.message);
  rig_close(r);
}

#endif
