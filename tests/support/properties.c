#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

static void *bytes_of(rig *r, int64_t batch, size_t *count)
{
  if (rig_apply(r, batch)) fail_msg("apply in batches of %lld: %s", (long long)batch, r->error.message);
  return rig_bytes(r, count);
}

static void same(rig *r, int64_t batch, const void *expected, size_t count, const char *how)
{
  size_t got_count;
  void *got = bytes_of(r, batch, &got_count);
  if (got_count != count || memcmp(got, expected, count))
    fail_msg("%s: batches of %lld give other bytes", how, (long long)batch);
  free(got);
}

void check_batches(rig *r)
{
  size_t count;
  void *expected = bytes_of(r, 2048, &count);
  for (int i = 0; i < 3; i++) same(r, (int64_t[]){1, 7, 65536}[i], expected, count, "in order");
  int64_t *order = calloc((size_t)r->rows + 1, sizeof *order);
  assert_non_null(order);
  for (int64_t i = 0; i < r->rows; i++) order[i] = r->rows - 1 - i;
  r->order = order;
  r->order_count = r->rows;
  same(r, 100, expected, count, "backwards");
  r->order = NULL;
  free(order);
  free(expected);
}

void check_reload(rig *r)
{
  size_t count, model_count;
  void *expected = bytes_of(r, 2048, &count), *model;
  r->unknown_rows = 1;
  same(r, 2048, expected, count, "rows that are not of the run");
  assert_int_equal(rig_save(r, &model, &model_count), TARAZU_OK);
  assert_int_equal(rig_load(r, model, model_count), TARAZU_OK);
  same(r, 2048, expected, count, "after loading");
  assert_int_equal(rig_load(r, model, model_count - 1), TARAZU_BAD_DATA);
  assert_int_equal(rig_load(r, model, model_count), TARAZU_OK);
  r->unknown_rows = 0;
  free(model);
  free(expected);
}

/* The 64-bit generator of Knuth's MMIX; the high bits are even enough. */
double next_uniform(uint64_t *state)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*state >> 11) * 0x1p-53;
}
