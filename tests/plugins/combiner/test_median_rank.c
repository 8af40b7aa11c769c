#include "support/criteria.h"
#include "support/properties.h"

#include <stdlib.h>

static double share_of(const criteria *c, int64_t row, uint32_t k)
{
  double a = c->values[row * c->count + k], beaten = -0.5, others = -1;
  for (int64_t i = 0; i < c->rows; i++) {
    double b = c->values[i * c->count + k];
    if (isnan(b)) continue;
    others++;
    beaten += a > b ? 1 : a == b ? 0.5 : 0;
  }
  return others > 0 ? beaten / others : 0.5;
}

/* The definition: a value with at most half of the weight below it and at most half above it; the middle of all such.
 */
static double by_definition(const criteria *c, int64_t row)
{
  double least = 2, most = -1, total = 0;
  for (uint32_t k = 0; k < c->count; k++)
    if (!isnan(c->values[row * c->count + k])) total += c->weights[k];
  for (uint32_t m = 0; m < c->count; m++) {
    double below = 0, above = 0;
    if (isnan(c->values[row * c->count + m]) || c->weights[m] <= 0) continue;
    double middle = share_of(c, row, m);
    for (uint32_t k = 0; k < c->count; k++) {
      if (isnan(c->values[row * c->count + k])) continue;
      double share = share_of(c, row, k);
      if (share < middle) below += c->weights[k];
      if (share > middle) above += c->weights[k];
    }
    if (2 * below > total || 2 * above > total) continue;
    if (middle < least) least = middle;
    if (middle > most) most = middle;
  }
  return total > 0 ? (least + most) / 2 : (double)NAN;
}

static void any_data_agree_with_the_definition(void **state)
{
  static const double weights[] = {2, 1, 0, 3, 2};
  (void)state;
  for (int trial = 0; trial < 5; trial++) {
    uint64_t seed = (uint64_t)trial;
    criteria c = {trial < 2 ? trial + 1 : 150, 5, NULL, weights, NULL, NULL};
    double *x = calloc((size_t)c.rows * 5, sizeof *x);
    assert_non_null(x);
    for (int64_t i = 0; i < c.rows * 5; i++) {
      x[i] = floor(next_uniform(&seed) * 20);
      if (trial > 2 && i % 5 && next_uniform(&seed) < 0.2) x[i] = (double)NAN;
    }
    c.values = x;
    rig *r = combined("median_rank", &c);
    for (int64_t i = 0; i < c.rows; i++) assert_near(rig_value(r, 0, i), by_definition(&c, i), 1e-14);
    check_batches(r);
    check_reload(r);
    rig_close(r);
    free(x);
  }
}

static void one_criterion_far_from_the_rest_moves_nothing(void **state)
{
  double before = NAN;
  (void)state;
  for (int trial = 0; trial < 2; trial++) {
    const criteria c = {3, 3, (double[]){1, 1, trial ? 9 : 1, 2, 2, 2, 3, 3, 3}, NULL, NULL, NULL};
    rig *r = combined("median_rank", &c);
    if (trial) assert_near(rig_value(r, 0, 0), before, 0);
    before = rig_value(r, 0, 0);
    assert_near(before, 0, 0);
    rig_close(r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_data_agree_with_the_definition),
      cmocka_unit_test(one_criterion_far_from_the_rest_moves_nothing),
  };
  return cmocka_run_group_tests_name("median_rank", tests, NULL, NULL);
}
