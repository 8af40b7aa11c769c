/* The complaints scorer: handling, waiting, what is open, what recurs, per order, and what is refused. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

#define DAY INT64_C(86400000000)

enum { BURDEN, HANDLING, WAITING, SURCHARGES, COUNT, UNRESOLVED, RECURRING, DAYS, PER_ORDER, OUTPUTS };

static void bind_days(rig *r, const char *field, const double *days, int64_t count)
{
  int64_t *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++)
    times[i] = isnan(days[i]) ? INT64_MIN : r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_i64(r, field, times, count);
  free(times);
}

typedef struct given {
  const double *opened, *resolved; /* days before as_of; NAN: null */
  const double *severity, *cost;   /* NULL: not bound */
  const int64_t *orders;           /* how many; NULL: not bound */
} given;

static rig *open_given(const int64_t *offsets, int64_t customers, given g)
{
  rig *r = rig_open("scorer", "complaints");
  int64_t count = offsets[customers];
  rig_events(r, "complaints", offsets, customers);
  bind_days(r, "complaints.time", g.opened, count);
  bind_days(r, "resolved", g.resolved, count);
  if (g.severity) rig_f64(r, "severity", g.severity, count);
  if (g.cost) rig_f64(r, "cost", g.cost, count);
  if (g.orders) rig_i64(r, "orders.time", g.orders, customers);
  rig_customers(r, customers);
  return r;
}

static void score(rig *r, const char *params)
{
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
}

static void handling_is_the_known_cost_or_that_of_its_severity(void **state)
{
  (void)state;
  rig *r = open_given((int64_t[]){0, 1, 2, 3, 4}, 4,
                      (given){.opened = (double[]){9, 9, 9, 9},
                              .resolved = (double[]){9, 9, 9, 9},
                              .severity = (double[]){1, 5, NAN, 3},
                              .cost = (double[]){NAN, NAN, NAN, 12}});
  score(r, NULL);
  static const double handling[] = {50, 150, 50, 12};
  for (int i = 0; i < 4; i++) {
    assert_near(rig_value(r, HANDLING, i), handling[i], 1e-12);
    assert_near(rig_value(r, BURDEN, i), handling[i], 1e-12);
    assert_near(rig_value(r, DAYS, i), 0, 0);
  }
  assert_near(rig_fact(r, "cost_assumed")->value, 3, 0);
  score(r, "{cost: 20, severity_step: 10%}");
  assert_near(rig_value(r, HANDLING, 1), 28, 1e-12);
  rig_close(r);
}

/* Resolved tomorrow is open today. */
static void what_is_open_waits_until_as_of_and_costs_more(void **state)
{
  (void)state;
  rig *r = open_given((int64_t[]){0, 1, 2, 3, 4}, 4,
                      (given){.opened = (double[]){40, 40, 40, 40}, .resolved = (double[]){30, NAN, -1, 0}});
  score(r, "{cost_a_day: 2, unresolved: 300%, cost: 10}");
  static const double days[] = {10, NAN, NAN, 40}, waiting[] = {20, 80, 80, 80}, surcharges[] = {0, 30, 30, 0};
  for (int i = 0; i < 4; i++) {
    assert_near(rig_value(r, WAITING, i), waiting[i], 1e-12);
    assert_near(rig_value(r, SURCHARGES, i), surcharges[i], 1e-12);
    assert_near(rig_value(r, BURDEN, i), 10 + waiting[i] + surcharges[i], 1e-12);
    assert_near(rig_value(r, DAYS, i), days[i], 1e-12);
    assert_int_equal(rig_integer(r, UNRESOLVED, i), isnan(days[i]));
  }
  assert_near(rig_fact(r, "oldest_open_days")->value, 40, 1e-12);
  assert_near(rig_fact(r, "days_to_resolve")->value, 25, 1e-12);
  rig_close(r);
}

static void one_soon_after_another_costs_more(void **state)
{
  (void)state;
  static const double opened[] = {300, 210, 119, 119, 100}, resolved[] = {300, 210, 119, 119, 100};
  rig *r = open_given((int64_t[]){0, 5}, 1, (given){.opened = opened, .resolved = resolved});
  score(r, "{cost: 10, recurrence: 40%}"); /* after 90 days just so, after 91 not, at once, after 19 */
  assert_int_equal(rig_integer(r, RECURRING, 0), 3);
  assert_near(rig_value(r, BURDEN, 0), 50 + 3 * 4, 1e-12);
  score(r, "{cost: 10, recurrence: 40%, window: 250 days}"); /* the one of 300 days ago is still its cause */
  assert_int_equal(rig_integer(r, COUNT, 0), 4);
  assert_int_equal(rig_integer(r, RECURRING, 0), 3);
  score(r, "{window: 119 days}"); /* open at its far end */
  assert_int_equal(rig_integer(r, COUNT, 0), 1);
  score(r, "{recurs_within: 0 days}");
  assert_int_equal(rig_integer(r, RECURRING, 0), 1);
  rig_close(r);
}

static void complaints_per_order_need_orders(void **state)
{
  (void)state;
  const given g = {.opened = (double[]){9, 8, 7}, .resolved = (double[]){9, 8, 7}, .orders = (int64_t[]){4, 0, 6}};
  rig *r = open_given((int64_t[]){0, 2, 3, 3}, 3, g);
  score(r, NULL);
  static const double rates[] = {0.5, NAN, 0};
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, PER_ORDER, i), rates[i], 0);
  assert_near(rig_value(r, BURDEN, 2), 0, 0);
  rig_close(r);
  r = open_given((int64_t[]){0, 2, 3, 3}, 3, (given){g.opened, g.resolved, NULL, NULL, NULL});
  score(r, NULL);
  for (int i = 0; i < 3; i++) assert_true(isnan(rig_value(r, PER_ORDER, i)));
  rig_close(r);
}

static void no_complaint_costs_nothing(void **state)
{
  (void)state;
  rig *r = open_given((int64_t[]){0, 0, 0}, 2, (given){0});
  score(r, NULL);
  for (uint32_t o = 0; o < DAYS; o++) assert_near(rig_value(r, o, 1), 0, 0);
  assert_true(isnan(rig_value(r, DAYS, 1)));
  assert_near(rig_fact(r, "complaints")->value, 0, 0);
  rig_close(r);
  r = open_given((int64_t[]){0}, 0, (given){0});
  score(r, NULL);
  rig_close(r);
  r = open_given((int64_t[]){0, 1}, 1, (given){.opened = (double[]){-2}, .resolved = (double[]){NAN}}); /* to come */
  score(r, NULL);
  assert_near(rig_value(r, BURDEN, 0), 0, 0);
  rig_close(r);
}

static void dates_that_contradict_are_told(void **state)
{
  (void)state;
  rig *r = open_given((int64_t[]){0, 1}, 1, (given){.opened = (double[]){5}, .resolved = (double[]){6}});
  score(r, "{cost_a_day: 3}");
  assert_near(rig_value(r, BURDEN, 0), 50, 0);
  assert_near(rig_value(r, DAYS, 0), 0, 0);
  assert_int_equal(rig_fact(r, "resolved_before_made")->level, 1);
  rig_close(r);
}

static void refused(given g, const char *params, tarazu_status status, const char *message)
{
  g.opened = g.resolved = (double[]){3, 3};
  rig *r = open_given((int64_t[]){0, 1, 2}, 2, g);
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), status);
  assert_int_equal(r->error.row, 1);
  assert_string_equal(r->error.message, message);
  rig_close(r);
}

static void odd_data_name_the_customer(void **state)
{
  (void)state;
  refused((given){.severity = (double[]){5, 6}}, NULL, TARAZU_BAD_DATA, "a complaint's severity is 6: expected 1 to 5");
  refused((given){.severity = (double[]){9, 0}}, "{severities: 10}", TARAZU_BAD_DATA,
          "a complaint's severity is 0: expected 1 to 10");
  refused((given){.cost = (double[]){5, -6}}, NULL, TARAZU_BAD_DATA, "a complaint's cost is -6: expected 0 to inf");
  rig *r =
      open_given((int64_t[]){0, 1, 2}, 2,
                 (given){.opened = (double[]){3, 3}, .resolved = (double[]){1, NAN}, .cost = (double[]){0, 1.7e308}});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

static void the_burden_is_that_of_the_plain_definition(void **state)
{
  (void)state;
  enum { CUSTOMERS = 400, MOST = CUSTOMERS * 6 };
  static double opened[MOST], resolved[MOST], severity[MOST], cost[MOST];
  static int64_t offsets[CUSTOMERS + 1], orders[CUSTOMERS];
  uint64_t seed = 13;
  int64_t n = 0;
  for (int i = 0; i < CUSTOMERS; i++) {
    double at = 400;
    for (int k = (int)(next_uniform(&seed) * 7); k > 0; k--, n++) {
      opened[n] = at -= 60 * next_uniform(&seed);
      resolved[n] = next_uniform(&seed) < 0.2 ? (double)NAN : at - 100 * next_uniform(&seed);
      severity[n] = next_uniform(&seed) < 0.2 ? (double)NAN : 1 + floor(5 * next_uniform(&seed));
      cost[n] = next_uniform(&seed) < 0.5 ? (double)NAN : 300 * next_uniform(&seed);
    }
    offsets[i + 1] = n;
    orders[i] = (int64_t)(next_uniform(&seed) * 9);
  }
  rig *r = open_given(offsets, CUSTOMERS, (given){opened, resolved, severity, cost, orders});
  score(r, "{cost: 30, severity_step: 20%, cost_a_day: 1.5, unresolved: 70%, recurrence: 25%, recurs_within: 30 days, "
           "window: 360 days}");
  for (int i = 0; i < CUSTOMERS; i++) {
    double sum = 0, count = 0;
    for (int64_t k = offsets[i]; k < offsets[i + 1]; k++) {
      if (opened[k] >= 360) continue;
      int is_open = isnan(resolved[k]) || resolved[k] < 0;
      double handling = isnan(cost[k]) ? 30 * (1 + 0.2 * ((isnan(severity[k]) ? 1 : severity[k]) - 1)) : cost[k];
      sum += handling + 1.5 * (opened[k] - (is_open ? 0 : resolved[k])) + (is_open ? 0.7 * handling : 0);
      if (k > offsets[i] && opened[k - 1] - opened[k] <= 30) sum += 0.25 * handling;
      count++;
    }
    assert_near(rig_value(r, BURDEN, i), sum, 1e-7);
    assert_near(rig_value(r, PER_ORDER, i), orders[i] ? count / (double)orders[i] : (double)NAN, 1e-15);
    assert_near(rig_value(r, HANDLING, i) + rig_value(r, WAITING, i) + rig_value(r, SURCHARGES, i),
                rig_value(r, BURDEN, i), 1e-9);
  }
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

static void an_explanation_names_what_is_open(void **state)
{
  (void)state;
  static const double cost[] = {100, 20};
  rig *r = open_given((int64_t[]){0, 2}, 1,
                      (given){.opened = (double[]){50, 45}, .resolved = (double[]){30, NAN}, .cost = cost});
  score(r, "{cost_a_day: 1}");
  const int64_t opened[] = {r->as_of - 50 * DAY, r->as_of - 45 * DAY}, resolved[] = {r->as_of - 30 * DAY, 0};
  const uint8_t valid = 1;
  static const char *const said[] = {"no complaint, which is no proof of satisfaction\n",
                                     "2 complaints of mean severity 1: handling 120, waiting 65, surcharges 30\n"
                                     "1 resolved, after 20 days in the mean\n"
                                     "1 open, the oldest for 45 days\n"
                                     "1 within 90 days of another one\n"};
  for (int all = 0; all < 2; all++) {
    const int64_t offsets[] = {0, 2 * all};
    const tarazu_column columns[] = {{.size = sizeof *columns, .values = opened, .offsets = offsets},
                                     {.size = sizeof *columns, .values = resolved, .valid = &valid, .offsets = offsets},
                                     {.size = sizeof *columns, .values = cost, .offsets = offsets}};
    assert_reasons(r, (const tarazu_column *const[]){&columns[0], &columns[1], NULL, &columns[2], NULL}, 5, said[all]);
  }
  rig_close(r);
}

static void silence_is_told_with_the_time_looked_back_on(void **state)
{
  (void)state;
  rig *r = open_given((int64_t[]){0, 1}, 1, (given){.opened = (double[]){50}, .resolved = (double[]){30}});
  score(r, "{window: 40 days}");
  const int64_t opened[] = {r->as_of - 50 * DAY}, resolved[] = {r->as_of - 30 * DAY}, offsets[] = {0, 1};
  const tarazu_column columns[] = {{.size = sizeof *columns, .values = opened, .offsets = offsets},
                                   {.size = sizeof *columns, .values = resolved, .offsets = offsets}};
  assert_reasons(r, (const tarazu_column *const[]){&columns[0], &columns[1], NULL, NULL, NULL}, 5,
                 "no complaint in the last 40 days, which is no proof of satisfaction\n");
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(handling_is_the_known_cost_or_that_of_its_severity),
      cmocka_unit_test(what_is_open_waits_until_as_of_and_costs_more),
      cmocka_unit_test(one_soon_after_another_costs_more),
      cmocka_unit_test(complaints_per_order_need_orders),
      cmocka_unit_test(no_complaint_costs_nothing),
      cmocka_unit_test(dates_that_contradict_are_told),
      cmocka_unit_test(odd_data_name_the_customer),
      cmocka_unit_test(the_burden_is_that_of_the_plain_definition),
      cmocka_unit_test(an_explanation_names_what_is_open),
      cmocka_unit_test(silence_is_told_with_the_time_looked_back_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
