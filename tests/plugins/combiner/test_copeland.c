#include "support/criteria.h"
#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

/* The capital of Tennessee, as in test_borda.c: Nashville beats each other city by majority. */
static const double cities[] = {3, 0, 0, 0, 2, 3, 1, 1, 1, 2, 3, 2, 0, 1, 2, 3};
static const double voters[] = {.42, .26, .15, .17};

static void duels_of_a_known_election(void **state)
{
  static const int64_t won[] = {0, 3, 2, 1};
  const criteria c = {4, 4, cities, voters, NULL, NULL};
  (void)state;
  rig *r = combined("copeland", &c);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(rig_integer(r, 1, i), won[i]);
    assert_int_equal(rig_integer(r, 2, i), 3 - won[i]);
    assert_near(rig_value(r, 0, i), (double)(2 * won[i] - 3) / 3, 1e-15);
  }
  rig_close(r);
}

/* In whole weights, so that a draw is a draw. */
static double by_duels(const criteria *c, int64_t a)
{
  double score = 0;
  for (int64_t b = 0; b < c->rows; b++) {
    double ahead = 0;
    for (uint32_t k = 0; k < c->count; k++) {
      double mine = c->better[k] * c->values[a * c->count + k], other = c->better[k] * c->values[b * c->count + k];
      if (mine > other) ahead += c->weights[k];
      if (mine < other) ahead -= c->weights[k];
    }
    score += ahead > 0 ? 1 : ahead < 0 ? -1 : 0;
  }
  return score / (double)(c->rows > 1 ? c->rows - 1 : 1);
}

static void any_data_agree_with_every_duel(void **state)
{
  static const double weights[] = {2, 1, 0, 3};
  static const int32_t better[] = {1, -1, 1, -1};
  (void)state;
  for (int trial = 0; trial < 5; trial++) {
    uint64_t seed = (uint64_t)trial;
    criteria c = {trial < 2 ? trial + 1 : 120, 4, NULL, weights, better, NULL};
    double *x = calloc((size_t)c.rows * 4, sizeof *x);
    assert_non_null(x);
    for (int64_t i = 0; i < c.rows * 4; i++) {
      x[i] = floor(next_uniform(&seed) * 8);
      if (trial > 2 && i % 4 && next_uniform(&seed) < 0.2) x[i] = (double)NAN;
    }
    c.values = x;
    rig *r = combined("copeland", &c);
    for (int64_t i = 0; i < c.rows; i++) assert_near(rig_value(r, 0, i), by_duels(&c, i), 1e-14);
    check_batches(r);
    check_reload(r);
    rig_close(r);
    free(x);
  }
}

static void too_many_customers_are_refused(void **state)
{
  const double one[] = {1};
  double *x = calloc(20001, sizeof *x);
  (void)state;
  assert_non_null(x);
  const criteria c = {20001, 1, x, one, NULL, NULL};
  rig *r = rig_open("combiner", "copeland");
  criteria_bind(r, &c);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_non_null(strstr(r->error.message, "20001 customers; copeland compares every two of them and takes at most"));
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(duels_of_a_known_election),
      cmocka_unit_test(any_data_agree_with_every_duel),
      cmocka_unit_test(too_many_customers_are_refused),
  };
  return cmocka_run_group_tests_name("copeland", tests, NULL, NULL);
}
