/* The payment scorer: what lateness costs, what is open, what is lost, and what nobody could know at as_of. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

#define DAY INT64_C(86400000000)

enum { COST, DAYS_LATE, LATE_SHARE, FINANCING, BAD_DEBT, OVERDUE, OUTPUTS };

typedef struct invoices {
  const double *written, *due, *paid; /* days before as_of; NAN: null; due NULL: not bound */
  const double *amount, *written_off; /* written_off NULL: not bound */
} invoices;

static void bind_days(rig *r, const char *field, const double *days, int64_t count)
{
  int64_t *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++)
    times[i] = isnan(days[i]) ? INT64_MIN : r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_i64(r, field, times, count);
  free(times);
}

static rig *open_invoices(const int64_t *offsets, int64_t customers, invoices in)
{
  int64_t count = offsets[customers];
  rig *r = rig_open("scorer", "payment");
  rig_events(r, "invoices", offsets, customers);
  bind_days(r, "time", in.written, count);
  if (in.due) bind_days(r, "due", in.due, count);
  bind_days(r, "paid", in.paid, count);
  rig_f64(r, "amount", in.amount, count);
  if (in.written_off) rig_f64(r, "written_off", in.written_off, count);
  rig_customers(r, customers);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

/* 36,500 paid 20 days late at 10 % a year cost 36,500 * 20 / 365 * 0.1 = 200. */
static void a_late_payment_costs_the_capital_that_it_tied_up(void **state)
{
  (void)state;
  rig *r = open_invoices((int64_t[]){0, 2}, 1,
                         (invoices){.written = (double[]){150, 100},
                                    .due = (double[]){120, 70},
                                    .paid = (double[]){100, 75},
                                    .amount = (double[]){36500, 109500}});
  score(r, "{cost_of_capital: 10%}");
  assert_near(rig_value(r, COST, 0), 200, 1e-9);
  assert_near(rig_value(r, FINANCING, 0), 200, 1e-9);
  assert_near(rig_value(r, DAYS_LATE, 0), 5, 1e-12); /* 20 days of a quarter of the amounts */
  assert_near(rig_value(r, LATE_SHARE, 0), 0.25, 1e-12);
  assert_near(rig_value(r, BAD_DEBT, 0), 0, 0);
  assert_near(rig_value(r, OVERDUE, 0), 0, 0);
  rig_close(r);
}

static void terms_say_when_an_invoice_is_due_that_does_not_say_so(void **state)
{
  (void)state;
  const double written[] = {100, 100}, due[] = {60, NAN}, paid[] = {50, 50}, amount[] = {1, 1};
  rig *r = open_invoices((int64_t[]){0, 1, 2}, 2, (invoices){written, due, paid, amount, NULL});
  score(r, NULL);
  assert_near(rig_value(r, DAYS_LATE, 0), 10, 1e-12);
  assert_near(rig_value(r, DAYS_LATE, 1), 20, 1e-12);
  rig_close(r);
  r = open_invoices((int64_t[]){0, 1, 2}, 2, (invoices){written, NULL, paid, amount, NULL});
  score(r, "{terms: 7 weeks}");
  assert_near(rig_value(r, DAYS_LATE, 0), 1, 1e-12);
  rig_close(r);
}

/* Paid tomorrow is not known today. */
static void what_is_open_waits_until_as_of(void **state)
{
  (void)state;
  rig *r = open_invoices((int64_t[]){0, 1, 2, 3, 4}, 4,
                         (invoices){.written = (double[]){40, 40, 20, 40},
                                    .paid = (double[]){NAN, -1, NAN, 0},
                                    .amount = (double[]){100, 100, 100, 100}});
  score(r, NULL);
  static const double days[] = {10, 10, 0, 10}, overdue[] = {100, 100, 0, 0};
  for (int i = 0; i < 4; i++) {
    assert_near(rig_value(r, DAYS_LATE, i), days[i], 1e-12);
    assert_near(rig_value(r, OVERDUE, i), overdue[i], 0);
  }
  rig_close(r);
}

static void debts_that_will_not_be_paid_cost_themselves(void **state)
{
  (void)state;
  rig *r = open_invoices((int64_t[]){0, 1, 2, 3, 4}, 4,
                         (invoices){.written = (double[]){200, 200, 200, 30},
                                    .paid = (double[]){NAN, 10, 170, NAN},
                                    .amount = (double[]){100, 100, 100, 100},
                                    .written_off = (double[]){40, NAN, 900, -5}});
  score(r, "{cost_of_capital: 0%}");
  static const double bad[] = {40, 0, 100, 0}, later[] = {100, 0, 100, 0};
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, COST, i), bad[i], 0);
  score(r, "{cost_of_capital: 0%, lost_after: 90 days}");
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, BAD_DEBT, i), later[i], 0);
  rig_close(r);
}

static void who_has_no_invoice_has_no_cost_to_tell(void **state)
{
  (void)state;
  rig *r = open_invoices((int64_t[]){0, 0, 2, 3}, 3,
                         (invoices){.written = (double[]){90, 90, 500},
                                    .paid = (double[]){NAN, NAN, 1},
                                    .amount = (double[]){-100, NAN, 100}});
  score(r, "{window: 1 year}");
  for (int i = 0; i < 3; i++)
    for (uint32_t o = 0; o < OUTPUTS; o++) assert_true(isnan(rig_value(r, o, i)));
  score(r, NULL);
  assert_true(rig_value(r, COST, 2) > 0);
  rig_close(r);
  r = open_invoices((int64_t[]){0}, 0, (invoices){.written = NULL, .paid = NULL, .amount = NULL});
  score(r, NULL);
  rig_close(r);
}

static void amounts_beyond_a_double_are_told_by_row(void **state)
{
  (void)state;
  rig *r = open_invoices(
      (int64_t[]){0, 1, 2}, 2,
      (invoices){.written = (double[]){90, 90}, .paid = (double[]){NAN, NAN}, .amount = (double[]){100, 1.7e308}});
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

/* Against the plain definition, and that nothing improves by paying later. */
static void the_cost_is_that_of_the_plain_definition(void **state)
{
  (void)state;
  enum { CUSTOMERS = 300, MOST = 3000 };
  static double written[MOST], due[MOST], paid[MOST], later[MOST], amount[MOST];
  static int64_t offsets[CUSTOMERS + 1];
  uint64_t seed = 8;
  int64_t n = 0;
  for (int i = 0; i < CUSTOMERS; i++) {
    for (int k = (int)(next_uniform(&seed) * 10); k > 0; k--, n++) {
      written[n] = next_uniform(&seed) * 300;
      due[n] = written[n] - floor(next_uniform(&seed) * 60);
      paid[n] = next_uniform(&seed) < 0.2 ? (double)NAN : written[n] - next_uniform(&seed) * 100;
      later[n] = paid[n] - 5;
      amount[n] = next_uniform(&seed) * 1000 - 100;
    }
    offsets[i + 1] = n;
  }
  rig *r = open_invoices(offsets, CUSTOMERS, (invoices){written, due, paid, amount, NULL});
  rig *s = open_invoices(offsets, CUSTOMERS, (invoices){written, due, later, amount, NULL});
  score(r, "{cost_of_capital: 12%}");
  score(s, "{cost_of_capital: 12%}");
  for (int i = 0; i < CUSTOMERS; i++) {
    double cost = 0, total = 0;
    for (int64_t k = offsets[i]; k < offsets[i + 1]; k++) {
      if (amount[k] <= 0) continue;
      double end = isnan(paid[k]) || paid[k] < 0 ? 0 : paid[k]; /* days before as_of */
      total += amount[k];
      if (due[k] > end) cost += amount[k] * (due[k] - end) / 365 * 0.12;
    }
    assert_near(rig_value(r, COST, i), total > 0 ? cost : (double)NAN, 1e-6);
    if (total > 0) assert_true(rig_value(s, COST, i) >= rig_value(r, COST, i));
  }
  check_batches(r);
  rig_close(r);
  rig_close(s);
}

static void an_explanation_tells_what_was_late(void **state)
{
  (void)state;
  rig *r = open_invoices((int64_t[]){0, 1}, 1,
                         (invoices){.written = (double[]){50}, .paid = (double[]){10}, .amount = (double[]){3650}});
  score(r, "{cost_of_capital: 10%}");
  const int64_t written = r->as_of - 50 * DAY, paid = r->as_of - 10 * DAY;
  for (int64_t n = 0; n <= 1; n++) {
    const int64_t offsets[] = {0, n};
    const tarazu_column columns[] = {
        {.size = sizeof *columns, .type = TARAZU_TIME, .values = &written, .offsets = offsets},
        {.size = sizeof *columns, .type = TARAZU_TIME, .values = &paid, .offsets = offsets},
        {.size = sizeof *columns, .type = TARAZU_F64, .values = (double[]){3650}, .offsets = offsets}};
    assert_reasons(r, (const tarazu_column *const[]){&columns[0], NULL, &columns[1], &columns[2], NULL}, 5,
                   n ? "invoices of 3650, 100.0 % of it late, 10 days in the mean: 10 of interest; lost 0, overdue 0\n"
                     : "no invoice\n");
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_late_payment_costs_the_capital_that_it_tied_up),
      cmocka_unit_test(terms_say_when_an_invoice_is_due_that_does_not_say_so),
      cmocka_unit_test(what_is_open_waits_until_as_of),
      cmocka_unit_test(debts_that_will_not_be_paid_cost_themselves),
      cmocka_unit_test(who_has_no_invoice_has_no_cost_to_tell),
      cmocka_unit_test(amounts_beyond_a_double_are_told_by_row),
      cmocka_unit_test(the_cost_is_that_of_the_plain_definition),
      cmocka_unit_test(an_explanation_tells_what_was_late),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
