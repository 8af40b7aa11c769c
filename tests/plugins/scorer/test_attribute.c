/* The attribute scorer: what stands in the column comes out, nothing else. */
#include "support/near.h"
#include "support/strategy.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static void values_come_out_as_they_are_and_nulls_stay_null(void **state)
{
  (void)state;
  const double values[] = {3, NAN, -0.0, DBL_MAX, -DBL_MAX, DBL_TRUE_MIN, 0.1, NAN, 1e300, NAN};
  rig *r = rig_open("scorer", "attribute");
  rig_f64(r, "value", values, 10);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  for (int64_t batch = 1; batch <= 11; batch++) {
    assert_int_equal(rig_apply(r, batch), TARAZU_OK);
    for (int i = 0; i < 10; i++) {
      double got = rig_value(r, 0, i);
      if (isnan(values[i])) assert_true(isnan(got));
      else assert_memory_equal(&got, &values[i], sizeof got);
    }
  }
  rig_close(r);
}

static void all_null_and_no_row_are_fine(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "attribute");
  rig_f64(r, "value", (double[]){NAN, NAN}, 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
  assert_true(isnan(rig_value(r, 0, 0)) && isnan(rig_value(r, 0, 1)));
  rig_f64(r, "value", NULL, 0);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
  rig_close(r);
}

static void rows_that_are_not_of_the_run_are_scored_too(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "attribute");
  rig_f64(r, "value", (double[]){7, 8, 9}, 3);
  assert_int_equal(rig_create(r, "{}"), TARAZU_OK);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  assert_near(rig_value(r, 0, 2), 9, 0);
  rig_close(r);
}

static void it_takes_no_parameter(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "attribute");
  rig_f64(r, "value", (double[]){7}, 1);
  assert_int_equal(rig_create(r, "{scale: 2}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_come_out_as_they_are_and_nulls_stay_null),
      cmocka_unit_test(all_null_and_no_row_are_fine),
      cmocka_unit_test(rows_that_are_not_of_the_run_are_scored_too),
      cmocka_unit_test(it_takes_no_parameter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
