/* Normalizers for tests: a column in, its normalized values out. */
#ifndef TESTS_SUPPORT_NORMALIZED_H
#define TESTS_SUPPORT_NORMALIZED_H

#include "support/properties.h"

#include <string.h>

static inline rig *normalizer_made(const char *id, const char *params, int32_t better, const double *values,
                                   int64_t count)
{
  rig *r = rig_open("normalizer", id);
  rig_f64(r, "value", values, count);
  rig_bound(r, "value")->better = better;
  if (rig_create(r, params)) fail_msg("%s {%s}: %s", id, params ? params : "", r->error.message);
  return r;
}

/* Learned and applied. */
static inline rig *normalized(const char *id, const char *params, int32_t better, const double *values, int64_t count)
{
  rig *r = normalizer_made(id, params, better, values, count);
  if (rig_learn(r)) fail_msg("%s {%s} learns: %s", id, params ? params : "", r->error.message);
  if (rig_apply(r, 2048)) fail_msg("%s {%s} is applied: %s", id, params ? params : "", r->error.message);
  return r;
}

static inline void expect_normalized(const char *id, const char *params, int32_t better, const double *values,
                                     int64_t count, const double *expected, double tolerance)
{
  rig *r = normalized(id, params, better, values, count);
  for (int64_t i = 0; i < count; i++)
    if (!isnan(expected[i]) || !isnan(rig_value(r, 0, i))) assert_near(rig_value(r, 0, i), expected[i], tolerance);
  rig_close(r);
}

/* One more value of a customer who is not of the run. */
static inline double normalized_what_if(rig *r, double value)
{
  rig_f64(r, "value", &value, 1);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 1), TARAZU_OK);
  return rig_value(r, 0, 0);
}

/* Learning ends with this error at this row. */
static inline void expect_unlearnt(const char *id, const char *params, int32_t better, const double *values,
                                   int64_t count, int64_t row, const char *says)
{
  rig *r = normalizer_made(id, params, better, values, count);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, row);
  if (!strstr(r->error.message, says)) fail_msg("no \"%s\" in: %s", says, r->error.message);
  rig_close(r);
}

/* These parameters are refused. */
static inline void expect_refused(const char *id, const char *params, int32_t better, int32_t param, int32_t item,
                                  const char *says)
{
  rig *r = rig_open("normalizer", id);
  rig_f64(r, "value", (const double[]){1, 2}, 2);
  rig_bound(r, "value")->better = better;
  assert_int_equal(rig_create(r, params), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, param);
  assert_int_equal(r->error.item, item);
  if (!strstr(r->error.message, says)) fail_msg("no \"%s\" in: %s", says, r->error.message);
  rig_close(r);
}

#endif
