/* The profit scorer: the three kinds of cost, how indirect ones are shared out, and what cannot be said. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

enum {
  PROFIT,
  REVENUE,
  DIRECT,
  SERVICE,
  INDIRECT,
  GROSS_MARGIN,
  CONTRIBUTION_MARGIN,
  PROFIT_MARGIN,
  DIRECT_SHARE,
  SERVICE_SHARE,
  INDIRECT_SHARE,
  OUTPUTS
};

typedef struct books {
  const double *revenue;
  const int64_t *orders;
  const double *cost; /* NULL: not bound */
  const int64_t *orders_costed;
  const double *service; /* NULL: not bound */
  const double *driver;  /* NULL: not bound */
} books;

/* Several fields are of one column: each gets a name to be bound by. */
static rig *open_books(books b, int64_t customers)
{
  rig *r = rig_open("scorer", "profit");
  r->bound[0].name = "revenue";
  r->bound[1].name = "orders_counted";
  r->bound[2].name = "direct";
  r->bound[3].name = "orders_costed";
  rig_f64(r, "revenue", b.revenue, customers);
  rig_i64(r, "orders_counted", b.orders, customers);
  if (b.cost) rig_f64(r, "direct", b.cost, customers);
  if (b.cost) rig_i64(r, "orders_costed", b.orders_costed ? b.orders_costed : b.orders, customers);
  if (b.service) rig_f64(r, "cost_to_serve", b.service, customers);
  if (b.driver) rig_f64(r, "driver.driver", b.driver, customers);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

/* Worked by hand: the large buyer who is served at great cost earns less than the small one who is not, which is the
 * point of the analysis (Turnbull, Zolkiewski 1997). */
static void costs_are_taken_off_in_three_steps(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){1000, 400, 600},
                              .orders = (int64_t[]){10, 2, 8},
                              .cost = (double[]){600, 200, 360},
                              .service = (double[]){250, 20, 30}},
                      3);
  score(r, "{indirect_cost: 200, allocate_by: orders}");
  static const double expected[3][OUTPUTS] = {
      {50, 1000, 600, 250, 100, 0.4, 0.15, 0.05, 600 / 950.0, 250 / 950.0, 100 / 950.0},
      {160, 400, 200, 20, 20, 0.5, 0.45, 0.4, 200 / 240.0, 20 / 240.0, 20 / 240.0},
      {130, 600, 360, 30, 80, 0.4, 0.35, 130 / 600.0, 360 / 470.0, 30 / 470.0, 80 / 470.0},
  };
  for (int i = 0; i < 3; i++)
    for (uint32_t o = 0; o < OUTPUTS; o++) assert_near(rig_value(r, o, i), expected[i][o], 1e-12);
  assert_near(rig_fact(r, "total_profit")->value, 340, 1e-12);
  assert_near(rig_fact(r, "indirect_cost_of_one_unit")->value, 10, 1e-12);
  assert_int_equal(r->passes, 2);
  score(r, "{indirect_cost: 200}");
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, INDIRECT, i), 0.1 * expected[i][REVENUE], 1e-12);
  rig_close(r);
}

static void a_driver_says_who_causes_indirect_costs(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){100, 100, 0, 100},
                              .orders = (int64_t[]){1, 1, 0, 1},
                              .driver = (double[]){3, NAN, 1, 0}},
                      4);
  score(r, "{indirect_cost: 80, allocate_by: driver}");
  static const double profits[] = {40, 100, -20, 100};
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, PROFIT, i), profits[i], 1e-12);
  assert_true(isnan(rig_value(r, PROFIT_MARGIN, 2)));
  assert_near(rig_value(r, INDIRECT_SHARE, 2), 1, 0);
  assert_true(isnan(rig_value(r, DIRECT_SHARE, 3)));
  assert_near(rig_fact(r, "customers_at_a_loss")->value, 1, 0);
  assert_near(rig_fact(r, "total_of_losses")->value, -20, 1e-12);
  rig_close(r);
}

static void an_order_with_one_of_amount_and_cost_makes_profit_unknown(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){100, 100, 50},
                              .orders = (int64_t[]){2, 2, 1},
                              .cost = (double[]){50, 50, 90},
                              .orders_costed = (int64_t[]){2, 1, 2}},
                      3);
  score(r, NULL);
  assert_near(rig_value(r, PROFIT, 0), 50, 0);
  assert_true(isnan(rig_value(r, PROFIT, 1)) && isnan(rig_value(r, PROFIT, 2)));
  assert_true(isnan(rig_value(r, GROSS_MARGIN, 1)));
  assert_near(rig_value(r, REVENUE, 1), 100, 0);
  assert_near(rig_fact(r, "customers_incomplete")->value, 2, 0);
  assert_near(rig_fact(r, "total_revenue")->value, 100, 0);
  rig_close(r);
}

static void who_returned_more_than_she_bought_bears_no_cost_by_revenue(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){-30, 60, 40}, .orders = (int64_t[]){1, 1, 1}}, 3);
  score(r, "{indirect_cost: 10}");
  static const double profits[] = {-30, 54, 36};
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, PROFIT, i), profits[i], 1e-12);
  assert_true(isnan(rig_value(r, GROSS_MARGIN, 0)));
  rig_close(r);
}

static void what_nobody_can_bear_is_told(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){0, -5}, .orders = (int64_t[]){0, 1}}, 2);
  score(r, "{indirect_cost: 10}");
  assert_near(rig_value(r, PROFIT, 0), 0, 0);
  assert_near(rig_value(r, PROFIT, 1), -5, 0);
  assert_int_equal(rig_fact(r, "indirect_cost_not_allocated")->level, 1);
  score(r, NULL);
  assert_null(rig_fact(r, "indirect_cost_not_allocated"));
  rig_close(r);
  r = open_books((books){.revenue = NULL, .orders = NULL}, 0);
  score(r, "{indirect_cost: 10}");
  assert_non_null(rig_fact(r, "indirect_cost_not_allocated"));
  rig_close(r);
}

static void absurd_numbers_are_told(void **state)
{
  (void)state;
  rig *r =
      open_books((books){.revenue = (double[]){1, 2}, .orders = (int64_t[]){1, 1}, .driver = (double[]){1, -1}}, 2);
  assert_int_equal(rig_create(r, "{allocate_by: driver}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 1);
  assert_int_equal(rig_create(r, "{indirect_cost: -1}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
  r = open_books((books){.revenue = (double[]){1, 1e308}, .orders = (int64_t[]){1, 1}, .cost = (double[]){1, -1e308}},
                 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
  r = open_books((books){.revenue = (double[]){1e308, 1e308}, .orders = (int64_t[]){1, 1}}, 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  rig_close(r);
}

/* Profit is revenue less the costs told, all indirect costs are borne, and shares of cost add up, whatever the numbers.
 */
static void the_accounts_add_up(void **state)
{
  (void)state;
  enum { CUSTOMERS = 5000 };
  static double revenue[CUSTOMERS], cost[CUSTOMERS], service[CUSTOMERS], driver[CUSTOMERS];
  static int64_t orders[CUSTOMERS];
  uint64_t seed = 4;
  for (int i = 0; i < CUSTOMERS; i++) {
    orders[i] = (int64_t)(next_uniform(&seed) * 5);
    revenue[i] = orders[i] ? next_uniform(&seed) * 1000 - 50 : 0;
    cost[i] = orders[i] ? next_uniform(&seed) * 500 : 0;
    service[i] = orders[i] ? next_uniform(&seed) * 300 : 0;
    driver[i] = next_uniform(&seed) < 0.1 ? (double)NAN : next_uniform(&seed) * 7;
  }
  static const char *const params[] = {"{indirect_cost: 100000}", "{indirect_cost: 100000, allocate_by: orders}",
                                       "{indirect_cost: 100000, allocate_by: driver}"};
  for (int c = 0; c < 3; c++) {
    rig *r = open_books((books){revenue, orders, cost, NULL, service, driver}, CUSTOMERS);
    score(r, params[c]);
    double indirect = 0, total = 0, losers = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
      double profit = revenue[i] - cost[i] - service[i] - rig_value(r, INDIRECT, i);
      assert_near(rig_value(r, PROFIT, i), profit, 1e-9);
      indirect += rig_value(r, INDIRECT, i);
      total += profit;
      losers += rig_value(r, PROFIT, i) < 0;
      double shares = rig_value(r, DIRECT_SHARE, i) + rig_value(r, SERVICE_SHARE, i) + rig_value(r, INDIRECT_SHARE, i);
      assert_true(isnan(shares) || fabs(shares - 1) < 1e-12);
    }
    assert_near(indirect, 100000, 1e-6);
    assert_near(rig_fact(r, "total_profit")->value, total, 1e-6);
    assert_near(rig_fact(r, "customers_at_a_loss")->value, losers, 0);
    check_batches(r);
    check_reload(r);
    rig_close(r);
  }
}

static void a_saved_model_keeps_the_cost_of_a_unit(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){100, 300}, .orders = (int64_t[]){1, 1}}, 2), *s;
  score(r, "{indirect_cost: 40}");
  void *bytes;
  size_t count;
  assert_int_equal(rig_save(r, &bytes, &count), TARAZU_OK);
  s = open_books((books){.revenue = (double[]){1000}, .orders = (int64_t[]){1}}, 1);
  assert_int_equal(rig_create(s, NULL), TARAZU_OK);
  assert_int_equal(rig_load(s, bytes, count), TARAZU_OK);
  assert_int_equal(rig_apply(s, 10), TARAZU_OK);
  assert_near(rig_value(s, PROFIT, 0), 900, 1e-12);
  assert_int_equal(rig_create(s, "{allocate_by: orders}"), TARAZU_OK);
  assert_int_equal(rig_load(s, bytes, count), TARAZU_BAD_PARAMETER);
  assert_int_equal(s->error.param, 1);
  free(bytes);
  rig_close(r);
  rig_close(s);
}

static void an_explanation_tells_the_account(void **state)
{
  (void)state;
  rig *r = open_books((books){.revenue = (double[]){100}, .orders = (int64_t[]){1}, .cost = (double[]){60}}, 1);
  score(r, "{indirect_cost: 10}");
  for (int64_t costed = 0; costed <= 1; costed++) {
    const tarazu_column columns[] = {
        {.size = sizeof *columns, .type = TARAZU_F64, .values = (double[]){100}},
        {.size = sizeof *columns, .type = TARAZU_I64, .values = (int64_t[]){1}},
        {.size = sizeof *columns, .type = TARAZU_F64, .values = (double[]){60}},
        {.size = sizeof *columns, .type = TARAZU_I64, .values = &costed},
    };
    assert_reasons(r, (const tarazu_column *const[]){&columns[0], &columns[1], &columns[2], &columns[3], NULL, NULL}, 6,
                   costed
                       ? "revenue 100 less direct 60, to serve 0, indirect 10: 30\n"
                       : "revenue 100 less direct 60, to serve 0, indirect 10: 30, of some orders only one of amount "
                         "and cost being known\n");
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(costs_are_taken_off_in_three_steps),
      cmocka_unit_test(a_driver_says_who_causes_indirect_costs),
      cmocka_unit_test(an_order_with_one_of_amount_and_cost_makes_profit_unknown),
      cmocka_unit_test(who_returned_more_than_she_bought_bears_no_cost_by_revenue),
      cmocka_unit_test(what_nobody_can_bear_is_told),
      cmocka_unit_test(absurd_numbers_are_told),
      cmocka_unit_test(the_accounts_add_up),
      cmocka_unit_test(a_saved_model_keeps_the_cost_of_a_unit),
      cmocka_unit_test(an_explanation_tells_the_account),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
