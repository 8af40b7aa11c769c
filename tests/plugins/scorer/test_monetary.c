/* The monetary scorer: sums, means and margins, over windows and with decay, by hand and against plain loops. */
#include "support/near.h"
#include "support/strategy.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { AMOUNT_SUM, AMOUNT_COUNT, COST_SUM, COST_COUNT, TIME, AMOUNT, COST };

/* Several fields are of one column: each gets a name of its own to be bound by. */
static rig *open_monetary(void)
{
  static const char *const names[] = {"amount_sum", "amount_count", "cost_sum", "cost_count", "time", "amount", "cost"};
  rig *r = rig_open("scorer", "monetary");
  for (int i = 0; i < 7; i++) r->bound[i].name = names[i];
  return r;
}

static void bind_totals(rig *r, const double *amounts, const int64_t *counts, int64_t customers)
{
  rig_f64(r, "amount_sum", amounts, customers);
  rig_i64(r, "amount_count", counts, customers);
}

/* days: how long before as_of. costs may be NULL. */
static void bind_orders(rig *r, const int64_t *offsets, int64_t customers, const double *days, const double *amounts,
                        const double *costs)
{
  int64_t count = offsets[customers], *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++) times[i] = r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_events(r, "orders", offsets, customers);
  rig_i64(r, "time", times, count);
  rig_f64(r, "amount", amounts, count);
  if (costs) rig_f64(r, "cost", costs, count);
  rig_customers(r, customers);
  free(times);
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

/* ---- without decay ---- */

static void a_sum_is_the_hosts_and_0_without_orders(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_totals(r, (double[]){120.5, 0, -30}, (int64_t[]){4, 0, 1}, 3);
  score(r, NULL);
  assert_near(rig_value(r, 0, 0), 120.5, 0);
  assert_near(rig_value(r, 0, 1), 0, 0);
  assert_near(rig_value(r, 0, 2), -30, 0);
  rig_close(r);
}

static void a_mean_is_null_without_orders(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_totals(r, (double[]){120.5, 0, -30}, (int64_t[]){4, 0, 1}, 3);
  score(r, "{measure: mean}");
  assert_near(rig_value(r, 0, 0), 30.125, 0);
  assert_true(isnan(rig_value(r, 0, 1)));
  assert_near(rig_value(r, 0, 2), -30, 0);
  rig_close(r);
}

static void a_margin_is_amounts_less_costs_and_null_where_a_cost_is_missing(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_totals(r, (double[]){100, 0, 50, 40}, (int64_t[]){2, 0, 3, 1}, 4);
  rig_f64(r, "cost_sum", (double[]){70, 0, 20, 55}, 4);
  rig_i64(r, "cost_count", (int64_t[]){2, 0, 2, 1}, 4);
  score(r, "{measure: margin}");
  assert_near(rig_value(r, 0, 0), 30, 0);
  assert_near(rig_value(r, 0, 1), 0, 0);
  assert_true(isnan(rig_value(r, 0, 2)));
  assert_near(rig_value(r, 0, 3), -15, 0);
  rig_close(r);
}

static void each_field_is_asked_for_only_where_it_is_needed(void **state)
{
  (void)state;
  static const char *const when[] = {
      "!half_life", "!half_life", "!half_life,measure=margin", "!half_life,measure=margin",
      "half_life",  "half_life",  "half_life,measure=margin"};
  rig *r = open_monetary();
  const tarazu_input *orders = tarazu_at(&r->strategy->inputs, 0);
  assert_int_equal(orders->fields.count, 7);
  for (uint32_t i = 0; i < 7; i++) {
    const tarazu_field *field = tarazu_at(&orders->fields, i);
    assert_string_equal(field->when, when[i]);
    assert_true(field->aggregate == TARAZU_NONE || (field->window && !strcmp(field->window, "window")));
  }
  rig_close(r);
}

/* ---- with decay ---- */

static void an_order_halves_with_every_half_life(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_orders(r, (int64_t[]){0, 3, 3, 5}, 3, (double[]){60, 30, 0, 30, 15}, (double[]){100, 100, 100, 40, 10}, NULL);
  score(r, "{half_life: 30 days}");
  assert_near(rig_value(r, 0, 0), 25 + 50 + 100, 1e-12);
  assert_near(rig_value(r, 0, 1), 0, 0);
  assert_near(rig_value(r, 0, 2), 20 + 10 / sqrt(2), 1e-12);
  score(r, "{half_life: 30 days, measure: mean}");
  assert_near(rig_value(r, 0, 0), 100, 1e-12);
  assert_true(isnan(rig_value(r, 0, 1)));
  assert_near(rig_value(r, 0, 2), (20 + 10 / sqrt(2)) / (0.5 + 1 / sqrt(2)), 1e-12);
  rig_close(r);
}

static void margins_decay_too_and_are_null_where_one_side_of_an_order_is_missing(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_orders(r, (int64_t[]){0, 2, 4, 6, 7, 7}, 5, (double[]){10, 0, 10, 0, 10, 0, 5},
              (double[]){100, 50, 100, 50, NAN, 50, NAN}, (double[]){60, 20, NAN, 20, 60, 20, NAN});
  score(r, "{half_life: 10 days, measure: margin}");
  assert_near(rig_value(r, 0, 0), 20 + 30, 1e-12);
  assert_true(isnan(rig_value(r, 0, 1)));
  assert_true(isnan(rig_value(r, 0, 2)));
  assert_near(rig_value(r, 0, 3), 0, 0); /* an order of which nothing is known */
  assert_near(rig_value(r, 0, 4), 0, 0);
  rig_close(r);
}

static void missing_amounts_count_for_nothing(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_orders(r, (int64_t[]){0, 3, 5}, 2, (double[]){20, 10, 0, 20, 10}, (double[]){80, 40, NAN, NAN, NAN}, NULL);
  score(r, "{half_life: 10 days}");
  assert_near(rig_value(r, 0, 0), 20 + 20, 1e-12);
  assert_near(rig_value(r, 0, 1), 0, 0);
  score(r, "{half_life: 10 days, measure: mean}");
  assert_near(rig_value(r, 0, 0), (80 * 0.25 + 40 * 0.5) / 0.75, 1e-12);
  assert_true(isnan(rig_value(r, 0, 1)));
  rig_close(r);
}

static void the_mean_of_one_long_away_is_still_her_mean(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_orders(r, (int64_t[]){0, 3}, 1, (double[]){30002, 30001, 30000}, (double[]){10, 20, NAN}, NULL);
  score(r, "{half_life: 1 day, measure: mean}");
  assert_near(rig_value(r, 0, 0), (10 * 0.5 + 20) / 1.5, 1e-12);
  score(r, "{half_life: 1 day}");
  assert_near(rig_value(r, 0, 0), 0, 0);
  rig_close(r);
}

static void a_window_leaves_out_what_is_as_old_as_itself(void **state)
{
  (void)state;
  rig *r = open_monetary();
  const double tick = 1 / (double)DAY;
  bind_orders(r, (int64_t[]){0, 4, 5}, 2, (double[]){31, 30, 30 - tick, 0, 90}, (double[]){1000, 100, 10, 1, 7}, NULL);
  score(r, "{half_life: 100 years, window: 30 days}");
  assert_near(rig_value(r, 0, 0), 11, 0.01);
  assert_near(rig_value(r, 0, 1), 0, 0);
  score(r, "{half_life: 100 years, window: 30 days, measure: mean}");
  assert_near(rig_value(r, 0, 0), 5.5, 0.01);
  assert_true(isnan(rig_value(r, 0, 1)));
  rig_close(r);
}

/* ---- against plain loops ---- */

enum { CUSTOMERS = 300 };

typedef struct orders {
  int64_t offsets[CUSTOMERS + 1];
  double days[CUSTOMERS * 12], amounts[CUSTOMERS * 12], costs[CUSTOMERS * 12];
} orders;

static orders *some_orders(unsigned seed)
{
  orders *o = calloc(1, sizeof *o);
  srand(seed);
  for (int c = 0; c < CUSTOMERS; c++) {
    int64_t count = rand() % 12;
    o->offsets[c + 1] = o->offsets[c] + count;
    for (int64_t i = o->offsets[c]; i < o->offsets[c + 1]; i++) {
      o->days[i] = (double)(count - (i - o->offsets[c])) * 17.25 + rand() % 17;
      o->amounts[i] = rand() % 20 ? rand() % 10000 / 100.0 - 20 : (double)NAN;
      o->costs[i] = isnan(o->amounts[i]) ? (double)NAN : rand() % 5000 / 100.0;
    }
  }
  return o;
}

static double plainly(const orders *o, int customer, int measure, double half_life, double window)
{
  long double sum = 0, weights = 0;
  for (int64_t i = o->offsets[customer]; i < o->offsets[customer + 1]; i++) {
    if (isnan(o->amounts[i]) || o->days[i] >= window) continue;
    long double weight = powl(0.5L, (long double)o->days[i] / half_life);
    sum += weight * (o->amounts[i] - (measure == 2 ? o->costs[i] : 0));
    weights += weight;
  }
  if (measure == 1) return weights > 0 ? (double)(sum / weights) : (double)NAN;
  return (double)sum;
}

static void all_measures_agree_with_plain_loops(void **state)
{
  (void)state;
  static const char *const measures[] = {"sum", "mean", "margin"};
  orders *o = some_orders(7);
  rig *r = open_monetary();
  bind_orders(r, o->offsets, CUSTOMERS, o->days, o->amounts, o->costs);
  for (int m = 0; m < 3; m++) {
    char params[100];
    snprintf(params, sizeof params, "{measure: %s, half_life: 45 days, window: 120 days}", measures[m]);
    score(r, params);
    for (int c = 0; c < CUSTOMERS; c++) assert_near(rig_value(r, 0, c), plainly(o, c, m, 45, 120), 1e-9);
  }
  rig_close(r);
  free(o);
}

static void neither_batches_nor_neighbours_show(void **state)
{
  (void)state;
  orders *o = some_orders(8);
  int64_t backwards[CUSTOMERS];
  for (int64_t i = 0; i < CUSTOMERS; i++) backwards[i] = CUSTOMERS - 1 - i;
  rig *r = open_monetary();
  bind_orders(r, o->offsets, CUSTOMERS, o->days, o->amounts, o->costs);
  score(r, "{measure: margin, half_life: 10 days}");
  size_t count, other_count;
  void *bytes = rig_bytes(r, &count);
  for (int run = 0; run < 4; run++) {
    r->order = run == 3 ? backwards : NULL;
    r->order_count = CUSTOMERS;
    assert_int_equal(rig_apply(r, (int64_t[]){1, 7, 100000, 13}[run]), TARAZU_OK);
    void *other = rig_bytes(r, &other_count);
    assert_int_equal(count, other_count);
    assert_memory_equal(bytes, other, count);
    free(other);
  }
  free(bytes);
  rig_close(r);
  free(o);
}

static void an_overflow_is_told_with_its_row(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_orders(r, (int64_t[]){0, 1, 3}, 2, (double[]){0, 0, 0}, (double[]){1, DBL_MAX, DBL_MAX}, NULL);
  assert_int_equal(rig_create(r, "{half_life: 10 days}"), TARAZU_OK);
  assert_int_equal(rig_apply(r, 1), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  assert_int_equal(rig_create(r, "{half_life: 10 days, measure: mean}"), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

static void wrong_parameters_are_refused(void **state)
{
  (void)state;
  rig *r = open_monetary();
  bind_totals(r, (double[]){1}, (int64_t[]){1}, 1);
  assert_int_equal(rig_create(r, "{measure: median}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{window: 0 days}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{half_life: -3 days}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sum_is_the_hosts_and_0_without_orders),
      cmocka_unit_test(a_mean_is_null_without_orders),
      cmocka_unit_test(a_margin_is_amounts_less_costs_and_null_where_a_cost_is_missing),
      cmocka_unit_test(each_field_is_asked_for_only_where_it_is_needed),
      cmocka_unit_test(an_order_halves_with_every_half_life),
      cmocka_unit_test(margins_decay_too_and_are_null_where_one_side_of_an_order_is_missing),
      cmocka_unit_test(missing_amounts_count_for_nothing),
      cmocka_unit_test(the_mean_of_one_long_away_is_still_her_mean),
      cmocka_unit_test(a_window_leaves_out_what_is_as_old_as_itself),
      cmocka_unit_test(all_measures_agree_with_plain_loops),
      cmocka_unit_test(neither_batches_nor_neighbours_show),
      cmocka_unit_test(an_overflow_is_told_with_its_row),
      cmocka_unit_test(wrong_parameters_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
