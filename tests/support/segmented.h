/* Segmenters for tests: columns in, the names of the customers' segments out. */
#ifndef TESTS_SUPPORT_SEGMENTED_H
#define TESTS_SUPPORT_SEGMENTED_H

#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

/* Learned and applied, of one column. */
static inline rig *segmented(const char *id, const char *params, const char *field, const double *values, int64_t count)
{
  rig *r = rig_open("segmenter", id);
  rig_f64(r, field, values, count);
  if (rig_create(r, params)) fail_msg("%s {%s}: %s", id, params ? params : "", r->error.message);
  if (rig_learn(r)) fail_msg("%s {%s} learns: %s", id, params ? params : "", r->error.message);
  if (rig_apply(r, 2048)) fail_msg("%s {%s} is applied: %s", id, params ? params : "", r->error.message);
  return r;
}

static inline void assert_segments(const rig *r, const char *const *expected)
{
  for (int64_t i = 0; i < r->rows; i++) {
    const char *got = rig_label(r, 0, i);
    if (strcmp(got ? got : "-", expected[i]))
      fail_msg("customer %d is %s, not %s", (int)i, got ? got : "-", expected[i]);
  }
}

/* "-": null. */
static inline void expect_segments(rig *r, const char *const *expected)
{
  assert_segments(r, expected);
  rig_close(r);
}

static inline double fact_value(const rig *r, const char *name)
{
  const tarazu_fact *fact = rig_fact(r, name);
  if (!fact) fail_msg("no fact '%s'", name);
  return fact->value;
}

/* A fact with a text of that level which holds these words. */
static inline void assert_fact_says(const rig *r, const char *name, int32_t level, const char *words)
{
  const tarazu_fact *fact = rig_fact(r, name);
  if (!fact || !fact->text) fail_msg("no fact '%s' with a text", name);
  if (!strstr(fact->text, words)) fail_msg("no \"%s\" in: %s", words, fact->text);
  assert_int_equal(fact->level, level);
}

/* The instance that these parameters would make is refused. */
static inline void expect_refusal(rig *r, const char *params, int32_t param, int32_t item, const char *says)
{
  assert_int_equal(rig_create(r, params), TARAZU_BAD_PARAMETER);
  if (!strstr(r->error.message, says)) fail_msg("no \"%s\" in: %s", says, r->error.message);
  assert_int_equal(r->error.param, param);
  assert_int_equal(r->error.item, item);
}

#endif
