#include "support/near.h"
#include "support/strategy.h"

#include <string.h>

static rig *with(const double *weights, uint32_t count)
{
  static const char *const names[] = {"revenue", "referrals", "trust"};
  rig *r = rig_open("weigher", "manual");
  for (uint32_t i = 0; i < count; i++) {
    rig_f64(r, names[i], (double[]){1, NAN}, 2);
    rig_bound(r, names[i])->weight = weights[i];
  }
  return r;
}

static void the_profiles_weights_come_back(void **state)
{
  (void)state;
  double weights[3];
  rig *r = with((double[]){3, 0, 0.5}, 3);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  assert_near(weights[0], 3, 0);
  assert_near(weights[1], 0, 0);
  assert_near(weights[2], 0.5, 0);
  rig_close(r);
}

static void a_negative_weight_is_refused(void **state)
{
  (void)state;
  rig *r = with((double[]){1, -1}, 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "'referrals'"));
  rig_close(r);
}

static void nothing_but_zeros_is_refused(void **state)
{
  (void)state;
  rig *r = with((double[]){0, 0}, 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "every weight is 0"));
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_profiles_weights_come_back),
      cmocka_unit_test(a_negative_weight_is_refused),
      cmocka_unit_test(nothing_but_zeros_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
