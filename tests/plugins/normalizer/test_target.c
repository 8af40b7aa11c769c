#include "support/normalized.h"

#include <float.h>

/* The example of Cables, Lamata, Verdegay 2016 as pymcdm 1.4.0 has it (methods.rim, _f), criterion by criterion. */
static void with_sides_of_their_own_it_is_rims(void **state)
{
  (void)state;
  static const struct {
    const char *params;
    double x[5], r[5];
  } criteria[] = {
      {"{ideal: [30, 35], scale: [23, 60], sides: own}",
       {30, 40, 25, 27, 45},
       {1, 0.80000000000000004, 0.2857142857142857, 0.5714285714285714, 0.59999999999999998}},
      {"{ideal: [10, 15], scale: [0, 15], sides: own}", {0, 9, 0, 0, 15}, {0, 0.90000000000000002, 0, 0, 1}},
      {"{ideal: [0], scale: [0, 10], sides: own}",
       {2, 1, 3, 5, 2},
       {0.80000000000000004, 0.90000000000000002, 0.69999999999999996, 0.5, 0.80000000000000004}},
      {"{ideal: [3], scale: [1, 3], sides: own}", {3, 3, 1, 3, 2}, {1, 1, 0, 1, 0.5}},
      {"{ideal: [3], scale: [1, 3], sides: own}", {3, 2, 3, 3, 3}, {1, 0.5, 1, 1, 1}},
      {"{ideal: [4, 5], scale: [1, 5], sides: own}",
       {2, 2, 2, 1, 4},
       {0.33333333333333337, 0.33333333333333337, 0.33333333333333337, 0, 1}},
  };
  for (size_t k = 0; k < sizeof criteria / sizeof *criteria; k++)
    for (int32_t better = -1; better < 2; better += 2)
      expect_normalized("target", criteria[k].params, better, criteria[k].x, 5, criteria[k].r, 1e-15);
}

/* 1 - |x - T| / (max(largest, T) - min(smallest, T)) by hand: 1 - |x - 10| / 16 and, with T above all, 1 - |x - 24| /
 * 20 */
static void with_a_common_scale_it_is_jahans(void **state)
{
  (void)state;
  expect_normalized("target", "ideal: [10]", 1, (double[]){4, 10, NAN, 20, 12}, 5,
                    (double[]){0.625, 1, NAN, 0.375, 0.875}, 1e-15);
  expect_normalized("target", "ideal: [24]", 1, (double[]){4, 10, 20, 12}, 4, (double[]){0, 0.3, 0.8, 0.4}, 1e-15);
  expect_normalized("target", "{ideal: [8, 12], scale: [0, 20]}", 1, (double[]){4, 9, 20, 32, 99}, 5,
                    (double[]){0.8, 1, 0.6, 0, 0}, 1e-15);
}

static void a_constant_is_as_good_as_it_is_near(void **state)
{
  (void)state;
  expect_normalized("target", "ideal: [7]", 1, (double[]){7, 7}, 2, (double[]){1, 1}, 0);
  expect_normalized("target", "ideal: [5]", 1, (double[]){7, 7, NAN}, 3, (double[]){0, 0, NAN}, 0);
  expect_normalized("target", "{ideal: [5], scale: [0, 10]}", 1, (double[]){7}, 1, (double[]){0.8}, 1e-15);
  expect_normalized("target", "ideal: [5]", 1, (double[]){NAN}, 1, (double[]){NAN}, 0);
  expect_normalized("target", "ideal: [5]", 1, NULL, 0, NULL, 0);
  rig *r = normalized("target", "ideal: [7]", 1, (double[]){7}, 1);
  assert_near(normalized_what_if(r, 8), 0, 0);
  rig_close(r);
  r = normalized("target", "{ideal: [7], sides: own}", 1, (double[]){7, 9}, 2);
  assert_near(normalized_what_if(r, 6), 0, 0);
  rig_close(r);
}

static void the_largest_numbers_do_not_overflow(void **state)
{
  (void)state;
  expect_normalized("target", "ideal: [0]", 1, (double[]){-DBL_MAX, DBL_MAX, 0}, 3, (double[]){0.5, 0.5, 1}, 0);
  expect_normalized("target", "{ideal: [0], sides: own}", 1, (double[]){-DBL_MAX, DBL_MAX / 2, DBL_MAX}, 3,
                    (double[]){0, 0.5, 0}, 0);
}

static void faulty_parameters_are_refused(void **state)
{
  (void)state;
  expect_refused("target", "ideal: [1, 2, 3]", 1, 0, -1, "3 values, expected one");
  expect_refused("target", "ideal: [2, 1]", 1, 0, -1, "the lower end first");
  expect_refused("target", "{ideal: [1], scale: [1]}", 1, 1, -1, "expected two");
  expect_refused("target", "{ideal: [1], scale: [5, 5]}", 1, 1, -1, "the lower end first");
  expect_refused("target", "{ideal: [1, 6], scale: [0, 5]}", 1, 1, -1, "does not hold the ideal");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_sides_of_their_own_it_is_rims),  cmocka_unit_test(with_a_common_scale_it_is_jahans),
      cmocka_unit_test(a_constant_is_as_good_as_it_is_near), cmocka_unit_test(the_largest_numbers_do_not_overflow),
      cmocka_unit_test(faulty_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
