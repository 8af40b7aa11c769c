/* Customers around four centres in three columns, for tests of what groups them; peers made the same ones in Python by
 * the same generator. */
#ifndef TESTS_SUPPORT_BLOBS_H
#define TESTS_SUPPORT_BLOBS_H

#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

enum { BLOBS = 4, BLOB_COLUMNS = 3, BLOB_ROWS = 600 };

typedef struct blobs {
  double x[BLOB_COLUMNS][BLOB_ROWS];
  int of[BLOB_ROWS];
} blobs;

/* The product of two uniforms chooses a centre, so that sizes differ; the sum of four is nearly normal. */
static inline blobs *blobs_new(void)
{
  static const double centres[BLOBS][BLOB_COLUMNS] = {{0, 0, 0}, {6, 1, -2}, {-3, 8, 1}, {4, -6, 5}};
  static const double widths[BLOB_COLUMNS] = {1, 2, 0.5};
  blobs *b = test_malloc(sizeof *b);
  uint64_t seed = 29;
  for (int i = 0; i < BLOB_ROWS; i++) {
    double first = next_uniform(&seed), second = next_uniform(&seed);
    b->of[i] = (int)(first * second * 4);
    for (int c = 0; c < BLOB_COLUMNS; c++) {
      double sum = 0;
      for (int u = 0; u < 4; u++) sum += next_uniform(&seed);
      b->x[c][i] = (sum - 2) * widths[c] + centres[b->of[i]][c];
    }
  }
  return b;
}

/* A segmenter with a, b and c as columns, created. */
static inline rig *blobs_rig(const char *segmenter, const char *params, const blobs *b, int64_t rows)
{
  rig *r = rig_open("segmenter", segmenter);
  for (int c = 0; c < BLOB_COLUMNS; c++) rig_f64(r, (const char *[]){"a", "b", "c"}[c], b->x[c], rows);
  if (rig_create(r, params)) fail_msg("%s {%s}: %s", segmenter, params ? params : "", r->error.message);
  return r;
}

static inline rig *grouped(rig *r)
{
  if (rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s: %s", r->strategy->id, r->error.message);
  return r;
}

/* A segmenter over columns of its own, learned and applied; NAN: null. */
static inline rig *grouped_columns(const char *segmenter, const char *params, const double *const *columns,
                                   uint32_t count, int64_t rows)
{
  static const char *const names[] = {"a", "b", "c", "d"};
  rig *r = rig_open("segmenter", segmenter);
  for (uint32_t c = 0; c < count; c++) rig_f64(r, names[c], columns[c], rows);
  if (rig_create(r, params)) fail_msg("%s {%s}: %s", segmenter, params ? params : "", r->error.message);
  return grouped(r);
}

static inline double fact_of(const rig *r, const char *name)
{
  const tarazu_fact *fact = rig_fact(r, name);
  if (!fact) fail_msg("no fact '%s'", name);
  return fact->value;
}

/* The same bytes of a model from two fits, between which threads race. */
static inline void check_threads(rig *r)
{
  void *first, *second;
  size_t first_count, second_count;
  assert_int_equal(rig_save(r, &first, &first_count), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_save(r, &second, &second_count), TARAZU_OK);
  assert_int_equal(first_count, second_count);
  assert_memory_equal(first, second, first_count);
  free(first);
  free(second);
}

/* These parameters are refused. */
static inline void expect_refused_by(const char *segmenter, const char *params, int32_t param, int32_t item,
                                     const char *says)
{
  rig *r = rig_open("segmenter", segmenter);
  rig_f64(r, "a", (const double[]){1, 2}, 2);
  assert_int_equal(rig_create(r, params), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, param);
  assert_int_equal(r->error.item, item);
  if (!strstr(r->error.message, says)) fail_msg("no \"%s\" in: %s", says, r->error.message);
  rig_close(r);
}

#endif
