#include "support/normalized.h"

#include <float.h>

#define POINTS "points: [{x: -40, y: 0}, {x: 0, y: 0.2}, {x: 25, y: 0.9}, {x: 60, y: 1}]"

/* numpy 2.4.6, interp */
static void values_are_read_off_the_line_through_the_points(void **state)
{
  (void)state;
  expect_normalized("piecewise", POINTS, 1, (double[]){-49.92, 46.46, -2.81, 6.41, -32, -54.39, 80, NAN}, 8,
                    (double[]){0, 0.96131428571428579, 0.18595, 0.37947999999999998, 0.04, 0, 1, NAN}, 1e-15);
  expect_normalized("piecewise", POINTS, 1, (double[]){-40, 0, 25, 60}, 4, (double[]){0, 0.2, 0.9, 1}, 0);
  expect_normalized("piecewise", POINTS, 1, NULL, 0, NULL, 0);
}

static void a_costs_points_fall(void **state)
{
  (void)state;
  expect_normalized("piecewise", "points: [{x: 0, y: 1}, {x: 10, y: 0.5}, {x: 100, y: 0}]", -1,
                    (double[]){-5, 5, 10, 55, 1e300}, 5, (double[]){1, 0.75, 0.5, 0.25, 0}, 1e-15);
}

static void points_may_rise_and_fall(void **state)
{
  (void)state;
  expect_normalized("piecewise", "points: [{x: 0, y: 0}, {x: 10, y: 1}, {x: 30, y: 0}]", 1, (double[]){5, 10, 15, 30},
                    4, (double[]){0.5, 1, 0.75, 0}, 1e-15);
}

static void points_beyond_half_of_all_doubles_do_not_overflow(void **state)
{
  (void)state;
  expect_normalized("piecewise", "points: [{x: -1.6e308, y: 0}, {x: 1.6e308, y: 1}]", 1,
                    (double[]){-DBL_MAX, 0, 0.8e308}, 3, (double[]){0, 0.5, 0.75}, 1e-15);
}

static void faulty_points_are_refused(void **state)
{
  (void)state;
  expect_refused("piecewise", "points: [{x: 0, y: 0}]", 1, 0, -1, "1 points, expected two");
  expect_refused("piecewise", "points: [{x: 0, y: 0}, {x: 5, y: 1}, {x: 5, y: 2}]", 1, 0, 2, "5 after 5");
  expect_refused("piecewise", "points: [{x: 0, y: 1}, {x: 5, y: 0}]", 1, 0, -1, "`better: less`");
  expect_refused("piecewise", "points: [{x: 0, y: 0}, {x: 5, y: 1}]", -1, 0, -1, "points that fall");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_read_off_the_line_through_the_points),
      cmocka_unit_test(a_costs_points_fall),
      cmocka_unit_test(points_may_rise_and_fall),
      cmocka_unit_test(points_beyond_half_of_all_doubles_do_not_overflow),
      cmocka_unit_test(faulty_points_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
