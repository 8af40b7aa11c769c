#include "support/criteria.h"
#include "support/properties.h"

#include <stdlib.h>

/* The capital of Tennessee: voters near four cities order them by distance; a well-known example of voting theory. By
 * city (Memphis, Nashville, Chattanooga, Knoxville) the place that each group of voters gives it, as points. */
static const double cities[] = {3, 0, 0, 0, 2, 3, 1, 1, 1, 2, 3, 2, 0, 1, 2, 3};
static const double voters[] = {.42, .26, .15, .17};

static void borda_points_of_a_known_election(void **state)
{
  static const double points[] = {126, 194, 173, 107}; /* of 300 */
  const criteria c = {4, 4, cities, voters, NULL, NULL};
  (void)state;
  rig *r = combined("borda", &c);
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, 0, i), points[i] / 300, 1e-15);
  rig_close(r);
}

static double by_counting(const criteria *c, int64_t row)
{
  double score = 0, total = 0;
  for (uint32_t k = 0; k < c->count; k++) {
    double a = c->values[row * c->count + k], beaten = 0, others = -1;
    if (isnan(a)) continue;
    for (int64_t i = 0; i < c->rows; i++) {
      double b = c->values[i * c->count + k] * c->better[k];
      if (isnan(b)) continue;
      others++;
      beaten += a * c->better[k] > b ? 1 : a * c->better[k] == b ? 0.5 : 0;
    }
    score += c->weights[k] * (others > 0 ? (beaten - 0.5) / others : 0.5);
    total += c->weights[k];
  }
  return total > 0 ? score / total : (double)NAN;
}

static void any_data_agree_with_counting(void **state)
{
  static const double weights[] = {2, 1, 0, 3};
  static const int32_t better[] = {1, -1, 1, -1};
  (void)state;
  for (int trial = 0; trial < 5; trial++) {
    uint64_t seed = (uint64_t)trial;
    criteria c = {trial < 2 ? trial + 1 : 200, 4, NULL, weights, better, NULL};
    double *x = calloc((size_t)c.rows * 4, sizeof *x);
    assert_non_null(x);
    for (int64_t i = 0; i < c.rows * 4; i++) {
      x[i] = floor(next_uniform(&seed) * 30) - 15;
      if (trial > 2 && next_uniform(&seed) < 0.2) x[i] = (double)NAN;
    }
    c.values = x;
    rig *r = combined("borda", &c);
    for (int64_t i = 0; i < c.rows; i++) assert_near(rig_value(r, 0, i), by_counting(&c, i), 1e-14);
    assert_int_equal(rig_contributions(r, 64), TARAZU_OK);
    for (int64_t i = 0; i < c.rows; i++) {
      double sum = 0;
      for (uint32_t k = 0; k < 4; k++) sum += isnan(rig_contribution(r, k, i)) ? 0 : rig_contribution(r, k, i);
      if (!isnan(rig_value(r, 0, i))) assert_near(sum, rig_value(r, 0, i), 1e-15);
    }
    check_batches(r);
    check_reload(r);
    rig_close(r);
    free(x);
  }
}

static void strangers_stand_where_their_values_put_them(void **state)
{
  const double one[] = {1};
  criteria c = {4, 1, (double[]){1, 2, 2, 4}, one, NULL, NULL};
  (void)state;
  rig *r = combined("borda", &c);
  r->unknown_rows = 1;
  c.values = (double[]){0, 2, 3, 9};
  criteria_bind(r, &c);
  assert_int_equal(rig_apply(r, 4), TARAZU_OK);
  assert_near(rig_value(r, 0, 0), 0, 0);
  assert_near(rig_value(r, 0, 1), 0.5, 0); /* as the two who have 2 */
  assert_near(rig_value(r, 0, 2), 1, 0);   /* three of four are below: as the best of the run */
  assert_near(rig_value(r, 0, 3), 1, 0);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(borda_points_of_a_known_election),
      cmocka_unit_test(any_data_agree_with_counting),
      cmocka_unit_test(strangers_stand_where_their_values_put_them),
  };
  return cmocka_run_group_tests_name("borda", tests, NULL, NULL);
}
