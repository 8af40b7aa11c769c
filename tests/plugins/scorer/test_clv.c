/* clv as a strategy: what orders become, fallbacks and verdicts, saved models, nulls and edges. */
#include "support/near.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { VALUE, P_ALIVE, PURCHASES, SPEND, LOWER, UPPER, OUTPUTS };
enum { MOST = 4000 };

/* One customer: x repeat purchases, the last t_x days after the first, which was T days before as_of. */
typedef struct person {
  int64_t x, t_x, T; /* T negative: no order */
  double paid;       /* in repeat purchases */
  double least;      /* amount */
} person;

static person people[MOST];

static void put_times(rig *r, const char *name, int64_t count, int last)
{
  int64_t values[MOST];
  for (int64_t i = 0; i < count; i++)
    values[i] = people[i].T < 0 ? INT64_MIN : r->as_of - (people[i].T - (last ? people[i].t_x : 0)) * DAY;
  rig_i64(r, name, values, count);
}

/* Fields of one column get names to be bound by. */
static rig *open_clv(int64_t count)
{
  static const char *const names[] = {"first", "last", "periods", "orders", "paid", "least", "times"};
  rig *r = rig_open("scorer", "clv");
  for (int i = 0; i < 7; i++) r->bound[i].name = names[i];
  int64_t numbers[MOST];
  double amounts[MOST];
  put_times(r, "first", count, 0);
  put_times(r, "last", count, 1);
  for (int64_t i = 0; i < count; i++) numbers[i] = people[i].T < 0 ? 0 : people[i].x + 1;
  rig_i64(r, "periods", numbers, count);
  for (int64_t i = 0; i < count; i++) numbers[i] = people[i].T < 0 ? 0 : people[i].x + 3;
  rig_i64(r, "orders", numbers, count);
  for (int64_t i = 0; i < count; i++) amounts[i] = people[i].paid;
  rig_f64(r, "paid", amounts, count);
  for (int64_t i = 0; i < count; i++) amounts[i] = people[i].T < 0 ? (double)NAN : people[i].least;
  rig_f64(r, "least", amounts, count);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static double uniform(void)
{
  return (rand() + 0.5) / (RAND_MAX + 1.0);
}

/* Customers of rates that differ, half of whom leave; days. */
static void some_people(int64_t count)
{
  srand(4);
  for (int64_t i = 0; i < count; i++) {
    person p = {.T = 100 + rand() % 265, .least = 5};
    double rate = -log(uniform()) * 0.02, life = -log(uniform()) * 300, mean = 10 - 20 * log(uniform());
    for (double t = -log(uniform()) / rate; t < (double)p.T && t < life; t += -log(uniform()) / rate) {
      if ((int64_t)t <= p.t_x) continue;
      p.t_x = (int64_t)t;
      p.x++;
      p.paid += mean * (0.5 + uniform());
    }
    people[i] = p;
  }
}

static const tarazu_fact *fact_of(rig *r, const char *name)
{
  const tarazu_fact *fact = rig_fact(r, name);
  if (!fact) fail_msg("no fact %s", name);
  return fact;
}

/* ---- models ---- */

static void every_model_scores_and_is_judged(void **state)
{
  (void)state;
  static const char *const models[] = {"bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb"};
  some_people(3000);
  for (int m = 0; m < 4; m++) {
    char params[80];
    snprintf(params, sizeof params, "{model: %s, period: 7 days}", models[m]);
    /* weekly purchases, so that histories are of weeks */
    rig *r = open_clv(3000);
    int64_t weeks[MOST];
    for (int i = 0; i < 3000; i++) weeks[i] = 1 + (people[i].x < people[i].t_x / 7 ? people[i].x : people[i].t_x / 7);
    rig_i64(r, "periods", weeks, 3000);
    score(r, params);
    assert_string_equal(fact_of(r, "model")->text, models[m]);
    assert_true(fact_of(r, "verdict")->level < 2);
    assert_true(fact_of(r, "log_likelihood")->value < 0);
    double actual = 0, expected = 0;
    for (int n = 0; n <= 10; n++) {
      char name[40];
      snprintf(name, sizeof name, "actual_repeat_%d%s", n, n == 10 ? "_or_more" : "");
      actual += fact_of(r, name)->value;
      snprintf(name, sizeof name, "expected_repeat_%d%s", n, n == 10 ? "_or_more" : "");
      expected += fact_of(r, name)->value;
    }
    assert_near(actual, 3000, 0);
    assert_near(expected, 3000, 1e-6);
    for (int i = 0; i < 3000; i++) {
      double alive = rig_value(r, P_ALIVE, i), value = rig_value(r, VALUE, i);
      assert_true(alive >= 0 && alive <= 1);
      assert_true(value >= 0 && value <= rig_value(r, PURCHASES, i) * rig_value(r, SPEND, i));
      assert_true(rig_value(r, LOWER, i) >= 0 && rig_value(r, LOWER, i) <= rig_value(r, UPPER, i));
    }
    rig_close(r);
  }
}

/* Every order's day is known here, so that a holdout can be taken apart. */
static void auto_tells_what_it_chose_and_by_what(void **state)
{
  (void)state;
  some_people(600);
  rig *r = open_clv(600);
  int64_t *times = malloc(sizeof(int64_t) * 600 * 400), offsets[MOST + 1] = {0}, count = 0;
  for (int i = 0; i < 600; i++) {
    int64_t first = r->as_of - people[i].T * DAY;
    times[count++] = first;
    /* spread evenly up to the last */
    for (int64_t k = 1; k <= people[i].x; k++) times[count++] = first + people[i].t_x * k / people[i].x * DAY;
    offsets[i + 1] = count;
  }
  rig_events(r, "orders", offsets, 600);
  rig_i64(r, "times", times, count);
  free(times);
  score(r, "{model: auto, period: 1 day, holdout: 90 days}");
  assert_near(fact_of(r, "auto_holdout")->value, 90, 0);
  const char *chosen = fact_of(r, "model")->text;
  double best = -INFINITY;
  const char *winner = NULL;
  static const char *const models[] = {"bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb"};
  for (int m = 0; m < 4; m++) {
    char name[40];
    snprintf(name, sizeof name, "auto_%s", models[m]);
    const tarazu_fact *fact = fact_of(r, name);
    if (fact->level || fact->value <= best) continue;
    best = fact->value;
    winner = models[m];
  }
  assert_string_equal(chosen, winner);
  assert_true(fact_of(r, "holdout_purchases")->value > 50);
  /* Longer than anybody's history: nobody is left to fit, so the likelihood of all decides. */
  score(r, "{model: auto, period: 1 day, holdout: 2000 days}");
  assert_int_equal(fact_of(r, "auto_holdout")->level, 1);
  assert_true(rig_value(r, VALUE, 0) >= 0);
  rig_close(r);
}

/* ---- failures ---- */

static void a_failed_fit_falls_back_and_says_so(void **state)
{
  (void)state;
  for (int i = 0; i < 50; i++) people[i] = (person){i < 5, i < 5 ? 20 : 0, 30, i < 5 ? 40 : 0, 10};
  rig *r = open_clv(50);
  score(r, "{model: pareto_nbd, period: 1 day, fallback: [bg_nbd, empirical]}");
  assert_string_equal(fact_of(r, "model")->text, "empirical");
  assert_int_equal(fact_of(r, "verdict")->level, 2);
  assert_int_equal(fact_of(r, "failed_pareto_nbd")->level, 1);
  assert_int_equal(fact_of(r, "failed_bg_nbd")->level, 1);
  /* (x + 1) / (T + 1500 / 5) a day, for 364 days, of 40 each, and no interval */
  assert_near(rig_value(r, PURCHASES, 0), 2. / 330 * 364, 1e-12);
  assert_near(rig_value(r, PURCHASES, 49), 1. / 330 * 364, 1e-12);
  assert_near(rig_value(r, SPEND, 49), 40, 1e-9);
  double discounted = 0;
  for (int k = 1; k <= 364; k++) discounted += pow(1.1, -k / 365.25) / 330;
  assert_near(rig_value(r, VALUE, 49), 40 * discounted, 1e-6);
  for (int o = 0; o < 3; o++) assert_true(isnan(rig_value(r, (uint32_t[]){P_ALIVE, LOWER, UPPER}[o], 0)));
  /* An empty chain leaves nothing. */
  score(r, "{model: pareto_nbd, period: 1 day, fallback: []}");
  assert_int_equal(fact_of(r, "verdict")->level, 2);
  for (uint32_t o = 0; o < OUTPUTS; o++) assert_true(isnan(rig_value(r, o, 0)));
  assert_int_equal(rig_create(r, "{fallback: [bg_nbd, arima]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.item, 1);
  assert_int_equal(rig_create(r, "{period: 36 hours}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

static void nobody_who_bought_again_is_worth_nothing_said(void **state)
{
  (void)state;
  for (int i = 0; i < 60; i++) people[i] = (person){0, 0, i, 0, 10};
  for (int count = 0; count <= 60; count = count ? count * 60 : 1) { /* no row, one, sixty */
    rig *r = open_clv(count);
    if (!count) rig_customers(r, 0);
    score(r, NULL);
    assert_int_equal(fact_of(r, "verdict")->level, 2);
    for (int i = 0; i < count; i++)
      for (uint32_t o = 0; o < OUTPUTS; o++) assert_true(isnan(rig_value(r, o, i)));
    rig_close(r);
  }
  for (int i = 0; i < 3; i++) people[i] = (person){.T = -1};
  rig *r = open_clv(3);
  score(r, NULL);
  assert_non_null(strstr(fact_of(r, "verdict")->text, "no customer has an order"));
  assert_true(isnan(rig_value(r, VALUE, 2)));
  rig_close(r);
}

static void one_customer_is_no_cohort(void **state)
{
  (void)state;
  people[0] = (person){4, 60, 70, 100, 10};
  rig *r = open_clv(1);
  score(r, "{period: 1 day}");
  assert_string_equal(fact_of(r, "model")->text, "empirical");
  assert_int_equal(fact_of(r, "verdict")->level, 2);
  assert_near(rig_value(r, SPEND, 0), 25, 1e-12);
  rig_close(r);
}

static void customers_who_are_all_alike_are_scored_alike_and_doubted(void **state)
{
  (void)state;
  for (int i = 0; i < 200; i++) people[i] = (person){4, 60, 70, 100, 10};
  rig *r = open_clv(200);
  score(r, "{period: 1 day}");
  assert_true(fact_of(r, "verdict")->level >= 1);
  for (int i = 1; i < 200; i++) assert_near(rig_value(r, VALUE, i), rig_value(r, VALUE, 0), 0);
  rig_close(r);
}

/* ---- spend ---- */

static void returns_are_counted_and_lessen_the_spend(void **state)
{
  (void)state;
  some_people(1000);
  int64_t repeaters = 0, first = -1;
  for (int i = 0; i < 1000; i++) {
    if (!people[i].x) continue;
    repeaters++;
    if (first < 0) first = i;
    if (repeaters > 40) continue;
    people[i].paid = repeaters % 2 ? -5 : 0;
    people[i].least = -8;
  }
  for (int i = 990; i < 1000; i++) people[i].least = 0;
  rig *r = open_clv(1000);
  score(r, "{period: 1 day}");
  assert_near(fact_of(r, "customers_with_returns")->value, 40, 0);
  assert_int_equal(fact_of(r, "customers_with_returns")->level, 1);
  assert_non_null(strstr(fact_of(r, "customers_with_returns")->text, "40 with amounts below 0"));
  assert_near(fact_of(r, "customers_with_free_orders")->value, 10, 0);
  assert_int_equal(fact_of(r, "customers_with_free_orders")->level, 0);
  assert_near(fact_of(r, "spend_not_positive")->value, 40, 0);
  assert_near(fact_of(r, "spend_customers")->value, (double)repeaters - 40, 0);
  /* as if she had bought for nothing: p gamma / (p x + q - 1) */
  double p = fact_of(r, "spend_parameter_p")->value, q = fact_of(r, "spend_parameter_q")->value,
         g = fact_of(r, "spend_parameter_gamma")->value;
  assert_near(rig_value(r, SPEND, first), p * g / (p * (double)people[first].x + q - 1), 1e-9);
  score(r, "{period: 1 day, spend: empirical}");
  assert_near(fact_of(r, "spend_not_positive")->value, 40, 0);
  assert_true(rig_value(r, SPEND, first) < fact_of(r, "spend_mean")->value);
  rig_close(r);
}

/* Every purchase at 20, by everybody: gamma-gamma's p runs off, the mean is 20. */
static void one_price_for_all_is_the_expected_spend(void **state)
{
  (void)state;
  some_people(500);
  for (int i = 0; i < 500; i++) people[i].paid = 20 * (double)people[i].x;
  static const char *const params[] = {"{period: 1 day}", "{period: 1 day, spend: empirical}"};
  for (int s = 0; s < 2; s++) {
    rig *r = open_clv(500);
    score(r, params[s]);
    for (int i = 0; i < 500; i++) assert_near(rig_value(r, SPEND, i), 20, 0.2);
    rig_close(r);
  }
}

/* Their squares are beyond a double: no value, which is told. */
static void amounts_beyond_all_measure_give_no_value_and_say_so(void **state)
{
  (void)state;
  some_people(500);
  for (int i = 0; i < 500; i++) people[i].paid *= 1e200;
  rig *r = open_clv(500);
  score(r, "{period: 1 day, spend: empirical}");
  assert_int_equal(fact_of(r, "spend_model")->level, 2);
  assert_non_null(strstr(fact_of(r, "spend_model")->text, "there is no value"));
  assert_null(rig_fact(r, "spend_mean"));
  for (int i = 0; i < 500; i++) {
    assert_true(isnan(rig_value(r, VALUE, i)) && isnan(rig_value(r, SPEND, i)) && isnan(rig_value(r, UPPER, i)));
    assert_true(rig_value(r, P_ALIVE, i) >= 0);
  }
  rig_close(r);
}

static void the_first_purchase_and_orders_within_a_period_count_once(void **state)
{
  (void)state;
  some_people(300);
  rig *r = open_clv(300);
  score(r, "{period: 1 day}");
  assert_near(fact_of(r, "orders_merged")->value, 2 * 300, 0);
  assert_near(fact_of(r, "customers")->value, 300, 0);
  assert_string_equal(fact_of(r, "fitted_to")->text, "2020-01-01");
  rig_close(r);
}

/* ---- saved ---- */

static void a_saved_model_scores_others_and_knows_what_it_was_fitted_on(void **state)
{
  (void)state;
  some_people(1000);
  rig *r = open_clv(1000);
  score(r, "{period: 1 day}");
  size_t count, other_count, saved_count;
  void *bytes = rig_bytes(r, &count), *saved;
  assert_int_equal(rig_save(r, &saved, &saved_count), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_OK);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 7), TARAZU_OK);
  void *other = rig_bytes(r, &other_count);
  assert_int_equal(count, other_count);
  assert_memory_equal(bytes, other, count);
  assert_string_equal(fact_of(r, "fitted_to")->text, "2020-01-01");
  assert_int_equal(rig_load(r, saved, saved_count - 1), TARAZU_BAD_DATA);
  ((char *)saved)[0] = 'x';
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_BAD_DATA);
  ((char *)saved)[0] = 'c';
  assert_int_equal(rig_create(r, "{period: 1 week}"), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{period: 1 day, model: bg_bb}"), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 0);
  /* Another horizon needs no other model. */
  assert_int_equal(rig_create(r, "{period: 1 day, horizon: 1 day}"), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_OK);
  free(bytes);
  free(other);
  free(saved);
  rig_close(r);
}

static void those_without_orders_are_null_and_no_more_is_said_than_wanted(void **state)
{
  (void)state;
  some_people(500);
  people[3].T = -1;
  rig *r = open_clv(500);
  r->unwanted = 0x3e;
  score(r, "{period: 1 day}");
  assert_true(isnan(rig_value(r, VALUE, 3)));
  assert_true(rig_value(r, VALUE, 4) >= 0);
  assert_near(fact_of(r, "customers")->value, 499, 0);
  r->cancel_after = r->progress_calls + 1;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

static void histories_longer_than_can_be_are_refused(void **state)
{
  (void)state;
  people[0] = (person){0, 0, 10, 0, 1};
  people[1] = (person){0, 0, INT64_C(3000000), 0, 1};
  rig *r = open_clv(2);
  assert_int_equal(rig_create(r, "{period: 1 day}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_model_scores_and_is_judged),
      cmocka_unit_test(auto_tells_what_it_chose_and_by_what),
      cmocka_unit_test(a_failed_fit_falls_back_and_says_so),
      cmocka_unit_test(nobody_who_bought_again_is_worth_nothing_said),
      cmocka_unit_test(one_customer_is_no_cohort),
      cmocka_unit_test(customers_who_are_all_alike_are_scored_alike_and_doubted),
      cmocka_unit_test(returns_are_counted_and_lessen_the_spend),
      cmocka_unit_test(one_price_for_all_is_the_expected_spend),
      cmocka_unit_test(amounts_beyond_all_measure_give_no_value_and_say_so),
      cmocka_unit_test(the_first_purchase_and_orders_within_a_period_count_once),
      cmocka_unit_test(a_saved_model_scores_others_and_knows_what_it_was_fitted_on),
      cmocka_unit_test(those_without_orders_are_null_and_no_more_is_said_than_wanted),
      cmocka_unit_test(histories_longer_than_can_be_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
