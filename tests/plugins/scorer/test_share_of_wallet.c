/* The share_of_wallet scorer: own value over the frontier; the frontier itself is tested with potential. */
#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

enum { SHARE, FRONTIER, PEERS };

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static void the_share_is_own_value_over_the_frontier(void **state)
{
  (void)state;
  const double values[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, NAN, -5};
  rig *r = rig_open("scorer", "share_of_wallet");
  rig_f64(r, "value.value", values, 12);
  score(r, "{quantile: 80%}"); /* of eleven: the ninth, 80 */
  for (int i = 0; i < 12; i++) assert_near(rig_value(r, FRONTIER, i), 80, 0);
  for (int i = 0; i < 10; i++) assert_near(rig_value(r, SHARE, i), fmin(values[i] / 80, 1), 1e-15);
  assert_true(isnan(rig_value(r, SHARE, 10)));
  assert_near(rig_value(r, SHARE, 11), 0, 0);
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* Customers who all bring 3 a head: the frontier is the line, whatever the quantile, and each has all of her wallet. */
static void a_frontier_follows_size(void **state)
{
  (void)state;
  enum { CUSTOMERS = 40 };
  double values[CUSTOMERS], heads[CUSTOMERS];
  for (int i = 0; i < CUSTOMERS; i++) {
    heads[i] = 1 + i;
    values[i] = 3 * heads[i];
  }
  values[7] = 6; /* a quarter of the wallet of 8 heads */
  rig *r = rig_open("scorer", "share_of_wallet");
  rig_f64(r, "value.value", values, CUSTOMERS);
  rig_f64(r, "heads", heads, CUSTOMERS);
  score(r, NULL);
  for (int i = 0; i < CUSTOMERS; i++) {
    assert_near(rig_value(r, FRONTIER, i), 3 * heads[i], 1e-6);
    assert_near(rig_value(r, SHARE, i), i == 7 ? 0.25 : 1, 1e-6);
  }
  rig_close(r);
}

static void of_an_empty_wallet_there_is_no_share(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "share_of_wallet");
  rig_f64(r, "value.value", (double[]){0, 0, -3, NAN}, 4);
  score(r, NULL);
  for (int i = 0; i < 4; i++) assert_true(isnan(rig_value(r, SHARE, i)));
  assert_near(rig_value(r, FRONTIER, 0), 0, 0);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_share_is_own_value_over_the_frontier),
      cmocka_unit_test(a_frontier_follows_size),
      cmocka_unit_test(of_an_empty_wallet_there_is_no_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
