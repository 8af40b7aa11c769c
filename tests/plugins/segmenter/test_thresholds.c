#include "support/segmented.h"

#define SIZES "cuts: [1000, 50000], names: [small, medium, large]"

static rig *banded(const double *values, int64_t count, const char *params)
{
  return segmented("thresholds", params, "value", values, count);
}

static void a_value_is_between_its_cuts(void **state)
{
  (void)state;
  rig *r = banded((double[]){999.99, 1000, 49999, 50000, -5, NAN}, 6, "{" SIZES "}");
  assert_segments(r, (const char *[]){"small", "medium", "medium", "large", "small", "-"});
  assert_near(rig_value(r, 1, 3), 3, 0);
  assert_near(rig_value(r, 1, 5), (double)NAN, 0);
  assert_near(fact_value(r, "customers_in_small"), 2, 0);
  assert_near(fact_value(r, "customers_in_no_segment"), 1, 0);
  assert_near(fact_value(r, "cut_2"), 50000, 0);
  rig_close(r);
}

static void the_profile_says_where_a_cut_itself_belongs(void **state)
{
  (void)state;
  expect_segments(banded((double[]){1000, 1000.01, 50000}, 3, "{" SIZES ", on_cut: below}"),
                  (const char *[]){"small", "medium", "medium"});
}

static void bands_of_one_name_are_one_segment(void **state)
{
  (void)state;
  rig *r = banded((double[]){1, 2, 3, NAN}, 4, "{cuts: [1.5, 2.5], names: [odd, usual, odd], missing: usual}");
  assert_segments(r, (const char *[]){"odd", "usual", "odd", "usual"});
  assert_near(fact_value(r, "customers_in_odd"), 2, 0);
  assert_near(fact_value(r, "customers_in_usual"), 2, 0);
  rig_close(r);
  expect_segments(banded((double[]){1, 2}, 2, "{cuts: [], names: [all]}"), (const char *[]){"all", "all"});
}

static void cuts_and_names_that_do_not_fit_are_refused(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "thresholds");
  rig_f64(r, "value", (double[]){1}, 1);
  expect_refusal(r, "{cuts: [3, 2], names: [a, b, c]}", 0, 1, "2 does not after 3");
  expect_refusal(r, "{cuts: [3, 3], names: [a, b, c]}", 0, 1, "ascend");
  expect_refusal(r, "{cuts: [3], names: [a, b, c]}", 1, -1, "3 names for 2 bands");
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_is_between_its_cuts),
      cmocka_unit_test(the_profile_says_where_a_cut_itself_belongs),
      cmocka_unit_test(bands_of_one_name_are_one_segment),
      cmocka_unit_test(cuts_and_names_that_do_not_fit_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
