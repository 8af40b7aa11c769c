#include "support/near.h"
#include "support/strategy.h"

#include <string.h>

static rig *with(const char *params)
{
  static const char *const names[] = {"revenue", "referrals", "trust", "fit"};
  rig *r = rig_open("weigher", "rank_order");
  for (int i = 0; i < 4; i++) rig_f64(r, names[i], (double[]){1, NAN}, 2);
  rig_create(r, params);
  return r;
}

/* Weights in the order of revenue, referrals, trust, fit. */
static void check(const char *params, const double *expected, double tolerance)
{
  double weights[4], sum = 0;
  rig *r = with(params);
  if (r->error.status) fail_msg("%s: %s", params, r->error.message);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (int i = 0; i < 4; i++) sum += weights[i];
  for (int i = 0; i < 4; i++) assert_near(weights[i] / sum, expected[i], tolerance);
  rig_close(r);
}

/* Tables of Barron and Barrett 1996 and of Stillwell, Seaver and Edwards 1981, four criteria. */
static void published_tables_are_reproduced(void **state)
{
  (void)state;
  check("order: [fit, revenue, referrals, trust]", (double[]){.2708, .1458, .0625, .5208}, 5e-5);
  check("{order: [revenue, referrals, trust, fit], method: sum}", (double[]){.4, .3, .2, .1}, 1e-15);
  check("{order: [revenue, referrals, trust, fit], method: reciprocal}", (double[]){.48, .24, .16, .12}, 1e-15);
  check("{order: [revenue, referrals, trust, fit], method: exponent, exponent: 2}",
        (double[]){16.0 / 30, 9.0 / 30, 4.0 / 30, 1.0 / 30}, 1e-15);
}

static void criteria_as_important_share_their_places(void **state)
{
  (void)state;
  check("{order: [revenue = trust, referrals, fit], method: sum}", (double[]){.35, .2, .35, .1}, 1e-15);
  check("order: ['revenue = trust=referrals =fit']", (double[]){.25, .25, .25, .25}, 1e-15);
}

static void exponents_go_from_equal_weights_over_sum(void **state)
{
  (void)state;
  check("{order: [revenue, referrals, trust, fit], method: exponent, exponent: 0}", (double[]){.25, .25, .25, .25}, 0);
  check("{order: [revenue, referrals, trust, fit], method: exponent, exponent: 1}", (double[]){.4, .3, .2, .1}, 1e-15);
}

static void an_order_that_is_none_is_told_with_its_place(void **state)
{
  static const struct {
    const char *params, *words;
    int32_t item;
  } bad[] = {
      {"order: [revenue, trust, fit]", "criterion 'referrals' is not in the order; every one has a place", -1},
      {"order: [revenue, trust, fit, revenue]", "criterion 'revenue' stands in the order a second time", 3},
      {"order: [revenue, trst]", "found 'trst'; expected one of the criteria revenue, referrals, trust, fit", 1},
      {"order: [revenue, ' = ']", "found no name; expected a criterion", 1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rig *r = with(bad[i].params);
    assert_int_equal(r->error.status, TARAZU_BAD_PARAMETER);
    if (!strstr(r->error.message, bad[i].words)) fail_msg("%s: %s", bad[i].params, r->error.message);
    assert_int_equal(r->error.param, 0);
    assert_int_equal(r->error.item, bad[i].item);
    rig_close(r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_tables_are_reproduced),
      cmocka_unit_test(criteria_as_important_share_their_places),
      cmocka_unit_test(exponents_go_from_equal_weights_over_sum),
      cmocka_unit_test(an_order_that_is_none_is_told_with_its_place),
  };
  return cmocka_run_group_tests_name("rank_order", tests, NULL, NULL);
}
