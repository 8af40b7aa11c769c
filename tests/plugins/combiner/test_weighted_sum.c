#include "support/criteria.h"
#include "support/properties.h"

#include <stdlib.h>

/* scikit-criteria's published example: shares of the sum, the last two criteria costs. */
static void a_published_ranking_is_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {.304316, .156260, .167111, .132719, .239594};
  const criteria c = {5,
                      4,
                      (double[]){96, 83, 75, 7, 63, 5, 56, 9, 72, 30, 32, 48, 11, 4, 27, 9, 77, 21, 17, 11},
                      (double[]){8, 5, 6, 7},
                      (int32_t[]){1, 1, -1, -1},
                      "sum"};
  rig *r = combined("weighted_sum", &c);
  for (int i = 0; i < 5; i++) assert_near(rig_value(r, 0, i), expected[i], 5e-7);
  rig_close(r);
}

static void missing_criteria_leave_their_weight_to_the_others(void **state)
{
  (void)state;
  const criteria c = {4,    3,   (double[]){1, 2, 3, NAN, 2, 3, 1, NAN, NAN, NAN, NAN, NAN}, (double[]){1, 2, 5},
                      NULL, NULL};
  rig *r = combined("weighted_sum", &c);
  assert_near(rig_value(r, 0, 0), 20. / 8, 1e-15);
  assert_near(rig_value(r, 0, 1), 19. / 7, 1e-15);
  assert_near(rig_value(r, 0, 2), 1, 1e-15);
  assert_near(rig_value(r, 0, 3), (double)NAN, 0);
  rig_close(r);
}

static void a_cost_that_nobody_normalized_counts_against(void **state)
{
  (void)state;
  const criteria c = {1, 2, (double[]){4, 6}, NULL, (int32_t[]){1, -1}, NULL};
  rig *r = combined("weighted_sum", &c);
  assert_near(rig_value(r, 0, 0), -1, 1e-15);
  rig_close(r);
}

static void contributions_add_up_to_the_score(void **state)
{
  (void)state;
  const criteria c = {3, 3, (double[]){.1, .2, .9, .5, NAN, 0, 1, 1, 1}, (double[]){3, 2, 5}, NULL, NULL};
  rig *r = combined("weighted_sum", &c);
  assert_int_equal(rig_contributions(r, 2), TARAZU_OK);
  assert_near(r->baseline, 0, 0);
  assert_near(rig_contribution(r, 0, 0), .03, 1e-15);
  assert_near(rig_contribution(r, 1, 1), (double)NAN, 0);
  for (int i = 0; i < 3; i++) {
    double sum = 0;
    for (uint32_t k = 0; k < 3; k++) sum += isnan(rig_contribution(r, k, i)) ? 0 : rig_contribution(r, k, i);
    assert_near(sum, rig_value(r, 0, i), 1e-15);
  }
  rig_close(r);
}

/* Odd and even numbers of criteria, weights of zero, and any row's sum the plain one in the order of the criteria. */
static void any_number_of_criteria_agrees_with_the_plain_sum(void **state)
{
  (void)state;
  enum { N = 5000, MOST = 7 };
  double *x = calloc((size_t)N * MOST, sizeof *x), weights[MOST];
  uint64_t seed = 21;
  for (uint32_t count = 1; count <= MOST; count++) {
    double total = 0;
    for (uint32_t k = 0; k < count; k++) total += weights[k] = k == 2 ? 0 : 1 + next_uniform(&seed);
    for (size_t i = 0; i < N * (size_t)count; i++) x[i] = next_uniform(&seed);
    const criteria c = {N, count, x, weights, NULL, NULL};
    rig *r = combined("weighted_sum", &c);
    for (size_t i = 0; i < N; i++) {
      double sum = 0;
      for (uint32_t k = 0; k < count; k++) sum += weights[k] / total * x[i * count + k];
      assert_near(rig_value(r, 0, (int64_t)i), sum, 0);
    }
    check_batches(r);
    rig_close(r);
  }
  free(x);
}

static void no_row_and_one_row_are_no_fault(void **state)
{
  (void)state;
  const criteria none = {0, 2, NULL, NULL, NULL, NULL}, one = {1, 1, (double[]){0.25}, NULL, NULL, "minmax"};
  rig *r = combined("weighted_sum", &none);
  rig_close(r);
  r = combined("weighted_sum", &one);
  assert_near(rig_value(r, 0, 0), 0.5, 0);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_published_ranking_is_reproduced),
      cmocka_unit_test(missing_criteria_leave_their_weight_to_the_others),
      cmocka_unit_test(a_cost_that_nobody_normalized_counts_against),
      cmocka_unit_test(contributions_add_up_to_the_score),
      cmocka_unit_test(any_number_of_criteria_agrees_with_the_plain_sum),
      cmocka_unit_test(no_row_and_one_row_are_no_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
