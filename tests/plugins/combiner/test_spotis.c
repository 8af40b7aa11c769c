#include "support/combined.h"

/* Dezert, Tchamova, Han, Tacnet 2020, examples 1 and 2, as pymcdm and JMcDM test them. */
static void the_papers_examples_are_reproduced(void **state)
{
  (void)state;
  static const double first[] = {10.5, -3.1, 1.7, -4.7, 0, 3.4, 8.1, .3, 1.3, 3.2, 7.3, -5.3};
  static const double cars[] = {15000, 4.3, 99,  42, 737, 15290, 5,   116, 42, 892,
                                15350, 5,   114, 45, 952, 15490, 5.3, 123, 45, 1120};
  static const double of_first[] = {1 - .1989, 1 - .3705, 1 - .3063, 1 - .7491};
  static const double of_cars[] = {1 - .4779, 1 - .5781, 1 - .5558, 1 - .5801};
  static const double expected[] = {1 - .1841, 1 - .0734, 1 - .0842, 1 - .1920};
  static const char ranges[] = "criteria: [{criterion: c0, range: [-5, 12]}, {criterion: c1, range: [-6, 10]}, "
                               "{criterion: c2, range: [-8, 5]}]";
  static const char car_ranges[] = "criteria: [{criterion: c0, range: [14000, 16000]}, {criterion: c1, range: [3, 8]}, "
                                   "{criterion: c2, range: [80, 140]}, {criterion: c3, range: [35, 60]}, "
                                   "{criterion: c4, range: [650, 1300]}]";
  static const char expectations[] = "criteria: [{criterion: c0, range: [14000, 16000], ideal: [15300]}, "
                                     "{criterion: c1, range: [3, 8], ideal: [4]}, "
                                     "{criterion: c2, range: [80, 140], ideal: [115]}, "
                                     "{criterion: c3, range: [35, 60], ideal: [50]}, "
                                     "{criterion: c4, range: [650, 1300], ideal: [900]}]";
  const double weights[] = {5, 4, 4, 1, 3};
  const int32_t better[] = {-1, -1, -1, 1, 1}, of_three[] = {1, -1, 1};
  expect_scores("spotis", ranges, (criteria){4, 3, first, (double[]){.2, .3, .5}, of_three, NULL}, of_first, 5e-5);
  expect_scores("spotis", car_ranges, (criteria){4, 5, cars, weights, better, NULL}, of_cars, 2e-4);
  expect_scores("spotis", expectations, (criteria){4, 5, cars, weights, better, NULL}, expected, 1e-4);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double given[] = {0.456904761905, 0.548476190476, 0.593428571429, 0.391523809524,
                                 0.419714285714, 0.493714285714, 0.374666666667};
  static const double data[] = {0.465496608079, 0.572617946346, 0.688268115942, 0.344263336417,
                                0.368,          0.554521276596, 0.318483657108};
  static const double ideals[] = {0.122142857143, 0.222285714286, 0.334666666667, 0.140095238095,
                                  0.206380952381, 0.302952380952, 0.0972380952381};

  static const char ranges[] = "criteria: [{criterion: c0, range: [0, 8]}, {criterion: c1, range: [10, 40]}, "
                               "{criterion: c2, range: [0, 10]}, {criterion: c3, range: [50, 400]}]";
  static const char points[] =
      "criteria: [{criterion: c0, range: [0, 8], ideal: [5]}, {criterion: c1, range: [10, 40], "
      "ideal: [20]}, {criterion: c2, range: [0, 10], ideal: [6]}, "
      "{criterion: c3, range: [50, 400], ideal: [100]}]";
  const double *distances[] = {given, data, ideals};
  const char *params[] = {ranges, NULL, points};
  for (int k = 0; k < 3; k++) {
    double expected[SEVEN];
    for (int i = 0; i < SEVEN; i++) expected[i] = 1 - distances[k][i];
    expect_scores("spotis", params[k], seven(NULL), expected, 1e-12);
  }
}

static void with_ranges_no_other_customer_changes_a_score(void **state)
{
  (void)state;
  static const char ranges[] = "criteria: [{criterion: c0, range: [0, 100]}]";
  const criteria many = {4, 1, (double[]){10, 50, 90, 99}, NULL, NULL, NULL};
  const criteria one = {1, 1, (double[]){50}, NULL, NULL, NULL};
  expect_scores("spotis", ranges, many, (const double[]){.1, .5, .9, .99}, 1e-15);
  expect_scores("spotis", ranges, one, (const double[]){.5}, 1e-15);
}

static void values_beyond_a_range_count_as_its_end_and_are_told(void **state)
{
  (void)state;
  static const char ranges[] = "criteria: [{criterion: c0, range: [0, 10]}]";
  const criteria c = {3, 1, (double[]){-5, 5, 70}, NULL, NULL, NULL};
  expect_scores("spotis", ranges, c, (const double[]){0, .5, 1}, 1e-15);
  rig *r = combined_with("spotis", ranges, &c);
  const tarazu_fact *fact = rig_fact(r, "beyond_range_c0");
  assert_non_null(fact);
  assert_int_equal(fact->level, 1);
  assert_string_equal(fact->text, "'c0' goes from -5 to 70, beyond its range, 0 to 10, whose ends count instead");
  rig_close(r);
  r = combined("spotis", &c);
  assert_null(rig_fact(r, "beyond_range_c0"));
  rig_close(r);
}

static void faulty_scales_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *params, *says;
  } faults[] = {
      {"criteria: [{criterion: c0, range: [5, 5]}]", "expected the lower end first"},
      {"criteria: [{criterion: c0, range: [5]}]", "found 1 values; expected two"},
      {"criteria: [{criterion: c0, ideal: [1, 2, 3]}]", "found 3 values; expected one"},
      {"criteria: [{criterion: c0, range: [0, 5], ideal: [6]}]", "does not hold its ideal"},
      {"criteria: [{criterion: c0}, {criterion: c0}]", "a second time"},
  };
  for (int i = 0; i < 5; i++)
    expect_refusal("spotis", faults[i].params, seven(NULL), TARAZU_BAD_PARAMETER, faults[i].says);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_papers_examples_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(with_ranges_no_other_customer_changes_a_score),
      cmocka_unit_test(values_beyond_a_range_count_as_its_end_and_are_told),
      cmocka_unit_test(faulty_scales_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
