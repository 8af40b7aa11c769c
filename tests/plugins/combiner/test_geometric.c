#include "support/criteria.h"
#include "support/properties.h"

#include <string.h>

static rig *with_dimensions(const char *params, const criteria *c, const char *const *dimensions)
{
  static const char *const names[] = {"c0", "c1", "c2", "c3"};
  rig *r = rig_open("combiner", "geometric");
  criteria_bind(r, c);
  for (uint32_t k = 0; k < c->count; k++) rig_bound(r, names[k])->dimension = dimensions[k];
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
  return r;
}

static const char *const two[] = {"financial", "non_financial", "financial", "non_financial"};
static const double weights[] = {3, 1, 1, 2};

static void dimensions_are_multiplied_and_criteria_within_them_averaged(void **state)
{
  const criteria c = {1, 4, (double[]){.8, .5, .4, .2}, weights, NULL, NULL};
  (void)state;
  rig *r = with_dimensions(NULL, &c, two);
  assert_near(rig_value(r, 0, 0), pow((3 * .8 + .4) / 4, 4.0 / 7) * pow((.5 + 2 * .2) / 3, 3.0 / 7), 1e-15);
  rig_close(r);
  r = with_dimensions("over: criteria", &c, two);
  assert_near(rig_value(r, 0, 0), pow(.8, 3.0 / 7) * pow(.5, 1.0 / 7) * pow(.4, 1.0 / 7) * pow(.2, 2.0 / 7), 1e-15);
  rig_close(r);
}

/* The human development index is the geometric mean of three (UNDP, Human Development Report 2013, technical notes). */
static void three_equal_parts_give_the_cube_root_of_their_product(void **state)
{
  static const double equal[] = {1, 1, 1};
  const criteria c = {1, 3, (double[]){.847, .505, .689}, equal, NULL, NULL};
  (void)state;
  rig *r = combined_with("geometric", "over: criteria", &c);
  assert_near(rig_value(r, 0, 0), cbrt(.847 * .505 * .689), 1e-15);
  rig_close(r);
}

static void nothing_of_one_kind_is_no_score_unless_a_floor_says_so(void **state)
{
  const criteria c = {3, 4, (double[]){1, 0, 1, 0, .5, .5, .5, .5, -1, .3, -2, .4}, weights, NULL, NULL};
  (void)state;
  rig *r = with_dimensions(NULL, &c, two);
  assert_near(rig_value(r, 0, 0), 0, 0);
  assert_near(rig_value(r, 0, 1), .5, 1e-15);
  assert_near(rig_value(r, 0, 2), 0, 0); /* less than nothing counts as nothing */
  rig_close(r);
  r = with_dimensions("floor: 0.1", &c, two);
  assert_near(rig_value(r, 0, 0), pow(.1, 3.0 / 7), 1e-15);
  assert_near(rig_value(r, 0, 1), .5, 1e-15);
  rig_close(r);
}

static void a_missing_dimension_is_left_out(void **state)
{
  const criteria c = {2, 4, (double[]){.8, NAN, .4, NAN, NAN, NAN, NAN, NAN}, weights, NULL, NULL};
  (void)state;
  rig *r = with_dimensions(NULL, &c, two);
  assert_near(rig_value(r, 0, 0), (3 * .8 + .4) / 4, 1e-15);
  assert_true(isnan(rig_value(r, 0, 1)));
  check_batches(r);
  rig_close(r);
}

static void costs_that_nothing_normalized_are_refused(void **state)
{
  static const int32_t better[] = {1, -1};
  const criteria c = {1, 2, (double[]){.8, .5}, weights, better, NULL};
  (void)state;
  rig *r = rig_open("combiner", "geometric");
  criteria_bind(r, &c);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "criterion 'c1' comes as a cost"));
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dimensions_are_multiplied_and_criteria_within_them_averaged),
      cmocka_unit_test(three_equal_parts_give_the_cube_root_of_their_product),
      cmocka_unit_test(nothing_of_one_kind_is_no_score_unless_a_floor_says_so),
      cmocka_unit_test(a_missing_dimension_is_left_out),
      cmocka_unit_test(costs_that_nothing_normalized_are_refused),
  };
  return cmocka_run_group_tests_name("geometric", tests, NULL, NULL);
}
