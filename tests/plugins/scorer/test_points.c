/* The points scorer: bands, categories, events with windows and decay, caps, reasons, and rules that contradict. */
#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { POINTS, REASON_1, REASON_2, REASON_3 };

static void score(rig *r, const char *params)
{
  if (rig_create(r, params)) fail_msg("%s", r->error.message);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static rig *open_column(const char *name, const double *values, int64_t count)
{
  rig *r = rig_open("scorer", "points");
  rig_f64(r, name, values, count);
  return r;
}

/* Days before as_of of one customer's events; kinds may be NULL. */
static rig *open_events(const double *days, const char *const *kinds, const double *amounts, int64_t count)
{
  rig *r = rig_open("scorer", "points");
  int64_t *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++) times[i] = r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_events(r, "events", (int64_t[]){0, count}, 1);
  rig_i64(r, "events.time", times, count);
  if (kinds) rig_text(r, "events.category", kinds, count);
  if (amounts) rig_f64(r, "events.amount", amounts, count);
  free(times);
  return r;
}

/* A table of ages as in Siddiqi (2006), ch. 6: what a band's lower end is belongs to it, its upper end to the next. */
static void a_band_holds_its_lower_end_and_not_its_upper(void **state)
{
  (void)state;
  const double ages[] = {-1e300, 24.999, 25, 39.5, 40, 1e300, NAN, -0.0};
  const double expected[] = {-5, -5, 20, 20, 35, 35, NAN, -5};
  rig *r = open_column("customers.age", ages, 8);
  score(r,
        "{rules: [{column: customers.age, below: 25, points: -5},"
        " {column: customers.age, from: 25, below: 40, points: 20}, {column: customers.age, from: 40, points: 35}]}");
  for (int i = 0; i < 8; i++) assert_near(rig_value(r, POINTS, i), expected[i], 0);
  assert_string_equal(rig_label(r, REASON_1, 2), "customers.age from 25 below 40");
  assert_null(rig_label(r, REASON_2, 2));
  assert_null(rig_label(r, REASON_1, 6));
  rig_close(r);
}

static void categories_and_single_values_and_the_rest_get_theirs(void **state)
{
  (void)state;
  const char *const regions[] = {"north", "south", "", "برلین", "northern", NULL, "nor"};
  const double expected[] = {10, 11, 3, 15, 3, 1, 3}; /* with 1 to begin with */
  rig *r = rig_open("scorer", "points");
  rig_text(r, "categories.category_2", regions, 7);
  rig_f64(r, "visits", (double[]){0, 0, 0, 0, 0, 0, 0}, 7);
  score(r,
        "{base: 1, rules: [{column: category_2, is: [north], points: 9}, {column: category_2, is: [south], points: 10},"
        " {column: category_2, is: [برلین, west], points: 14}, {column: category_2, points: 2},"
        " {column: visits, is: [7, 9], points: 100}]}");
  for (int i = 0; i < 7; i++) assert_near(rig_value(r, POINTS, i), expected[i], 0);
  assert_string_equal(rig_label(r, REASON_1, 2), "category_2 otherwise");
  rig_close(r);
  r = open_column("code", (double[]){7, 9, 8, -0.0, NAN}, 5);
  score(r, "{rules: [{column: code, is: [7, 0], points: 1}, {column: code, from: 8, points: 2}]}");
  assert_near(rig_value(r, POINTS, 0), 1, 0);
  assert_near(rig_value(r, POINTS, 1), 2, 0);
  assert_near(rig_value(r, POINTS, 2), 2, 0);
  assert_near(rig_value(r, POINTS, 3), 1, 0);
  assert_true(isnan(rig_value(r, POINTS, 4)));
  rig_close(r);
}

static void each_event_counts_in_its_window_and_fades_evenly(void **state)
{
  (void)state;
  const double days[] = {400, 100, 90, 30, 0};
  const char *const kinds[] = {"complaint", "complaint", "visit", "complaint", NULL};
  rig *r = open_events(days, kinds, NULL, 5);
  score(r, "{rules: [{is: [complaint], points: -8, window: 365 days}]}");
  assert_near(rig_value(r, POINTS, 0), -16, 0);
  score(r, "{rules: [{is: [complaint], points: -8, decay: 200 days}]}");
  assert_near(rig_value(r, POINTS, 0), -8 * (1 - 100 / 200.0) - 8 * (1 - 30 / 200.0), 1e-12);
  score(r, "{rules: [{points: 1}]}");
  assert_near(rig_value(r, POINTS, 0), 5, 0);
  score(r, "{rules: [{points: 1, window: 90 days}]}"); /* (as_of - 90 days, as_of] */
  assert_near(rig_value(r, POINTS, 0), 2, 0);
  score(r, "{rules: [{points: 3, window: 50 days, decay: 60 days}, {is: [visit, call], points: 10}]}");
  assert_near(rig_value(r, POINTS, 0), 3 * 0.5 + 3 + 10, 1e-12);
  assert_string_equal(rig_label(r, REASON_1, 0), "event visit, call");
  assert_string_equal(rig_label(r, REASON_2, 0), "event within 50 days");
  rig_close(r);
}

static void events_by_amount_and_events_without_one(void **state)
{
  (void)state;
  const double days[] = {4, 3, 2, 1}, amounts[] = {99.99, 100, NAN, 5000};
  rig *r = open_events(days, NULL, amounts, 4);
  score(r, "{rules: [{below: 100, points: 1}, {from: 100, points: 5}, {points: 1000}]}");
  assert_near(rig_value(r, POINTS, 0), 11 + 4000, 0);
  rig_close(r);
}

/* Who has no event has the points of none, who has no column that is known has no score. */
static void nothing_known_is_null_and_no_event_is_none(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "points");
  rig_events(r, "events", (int64_t[]){0, 0, 1}, 2);
  rig_i64(r, "events.time", &r->as_of, 1);
  rig_f64(r, "x", (double[]){NAN, NAN}, 2);
  score(r, "{base: 3, rules: [{points: 2}]}");
  assert_near(rig_value(r, POINTS, 0), 3, 0);
  assert_near(rig_value(r, POINTS, 1), 5, 0);
  score(r, "{base: 3, rules: [{column: x, from: 0, points: 2}]}");
  assert_true(isnan(rig_value(r, POINTS, 0)));
  const tarazu_fact *nulls = rig_fact(r, "null_1");
  assert_non_null(nulls);
  assert_near(nulls->value, 2, 0);
  assert_int_equal(rig_fact(r, "rule_1")->level, 1); /* nobody */
  rig_close(r);
}

static void a_group_is_held_between_its_caps(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "points");
  rig_f64(r, "a", (double[]){1, 1, 0, 0}, 4);
  rig_f64(r, "b", (double[]){1, 0, 1, 0}, 4);
  rig_f64(r, "c", (double[]){1, 1, 1, 1}, 4);
  const char *params =
      "{rules: [{column: a, is: [1], points: 30, group: g}, {column: a, is: [0], points: -30, group: g},"
      " {column: b, is: [1], points: 25, group: g}, {column: b, is: [0], points: -25, group: g},"
      " {column: c, is: [1], points: 100}], groups: [{group: g, least: -20, most: 40}]}";
  score(r, params);
  assert_near(rig_value(r, POINTS, 0), 140, 0);
  assert_near(rig_value(r, POINTS, 1), 105, 0);
  assert_near(rig_value(r, POINTS, 2), 95, 0);
  assert_near(rig_value(r, POINTS, 3), 80, 0);
  assert_near(rig_fact(r, "capped_1")->value, 2, 0);
  assert_string_equal(rig_label(r, REASON_1, 1), "c 1");
  assert_string_equal(rig_label(r, REASON_2, 1), "a 1");
  assert_string_equal(rig_label(r, REASON_3, 1), "b 0");
  rig_close(r);
}

/* ---- rules that cannot be ---- */

/* item: the record that is at fault; -1: any. Both others' numbers stand in the message. */
static void refuse(rig *r, const char *params, int item, const char *words)
{
  assert_int_equal(rig_create(r, params), TARAZU_BAD_PARAMETER);
  if (!strstr(r->error.message, words)) fail_msg("'%s' is not in '%s'", words, r->error.message);
  if (item >= 0) assert_int_equal(r->error.item, item);
}

static void overlaps_and_gaps_name_both_rules(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "points");
  rig_f64(r, "x", (double[]){1}, 1);
  rig_text(r, "categories.category", (const char *const[]){"a"}, 1);
  refuse(r, "{rules: [{column: x, below: 5, points: 1}, {column: x, from: 4, points: 1}]}", 1,
         "rules[0] (x below 5) and rules[1] (x from 4) overlap: both take from 4 to below 5");
  assert_int_equal(r->error.param, 0);
  refuse(r,
         "{rules: [{column: x, from: 9, points: 1}, {column: x, below: 5, points: 1}, {column: x, from: 6, below: 9,"
         " points: 1}]}",
         2, "rules[1] (x below 5) ends at 5 and rules[2] (x from 6 below 9) begins at 6");
  refuse(r, "{rules: [{column: x, from: 1, below: 9, points: 1}, {column: x, is: [12, 3], points: 1}]}", 1,
         "both take 3");
  refuse(r, "{rules: [{column: x, is: [3], points: 1}, {column: x, from: 1, below: 9, points: 1}]}", 1, "both take 3");
  refuse(r, "{rules: [{column: x, is: [3], points: 1}, {column: x, is: [3.0], points: 1}]}", 1, "both take 3");
  refuse(r, "{rules: [{column: x, points: 1}, {column: x, points: 2}]}", 1, "both take what no other rule takes");
  refuse(r, "{rules: [{column: category, is: [b, a], points: 1}, {column: category, is: [a], points: 2}]}", 1,
         "both take 'a'");
  score(r, "{rules: [{column: x, below: 1, points: 1}, {column: x, from: 5, points: 2}, {column: x, points: 3}]}");
  assert_near(rig_value(r, POINTS, 0), 3, 0); /* a rule for the rest closes gaps */
  rig_close(r);
  r = open_events((double[]){1}, (const char *const[]){"a"}, (double[]){5}, 1);
  refuse(r, "{rules: [{is: [a, b], from: 1, points: 1}, {is: [b, a], from: 2, points: 1}]}", 1, "overlap");
  refuse(r, "{rules: [{is: [a], points: 1}, {is: [a], points: 1}]}", 1, "both take the same events");
  refuse(r, "{rules: [{below: 1, points: 1}, {from: 2, points: 1}]}", 1, "ends at 1");
  score(r, "{rules: [{is: [a], points: 1}, {is: [a], points: 1, window: 9 days}, {is: [a, b], points: 1}]}");
  assert_near(rig_value(r, POINTS, 0), 3, 0);
  rig_close(r);
}

static void rules_that_say_too_much_or_too_little(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "points");
  rig_f64(r, "customers.x", (double[]){1}, 1);
  rig_text(r, "categories.category", (const char *const[]){"a"}, 1);
  refuse(r, "{rules: []}", -1, "there is no rule");
  refuse(r, "{rules: [{column: y, points: 1}]}", 0, "there is no column 'y'; bound are: category, customers.x");
  refuse(r, "{rules: [{column: customers.x, from: 3, below: 3, points: 1}]}", 0, "holds nothing");
  refuse(r, "{rules: [{column: customers.x, from: 3, is: [1], points: 1}]}", 0, "not both");
  refuse(r, "{rules: [{column: customers.x, is: [1e], points: 1}]}", 0, "'1e' is no number");
  refuse(r, "{rules: [{column: customers.x, is: [], points: 1}]}", 0, "empty list");
  refuse(r, "{rules: [{column: category, from: 1, points: 1}]}", 0, "no bands");
  refuse(r, "{rules: [{column: category, window: 9 days, points: 1}]}", 0, "`window` is for events");
  refuse(r, "{rules: [{points: 1}]}", 0, "`events` is not bound");
  refuse(r, "{rules: [{column: category, points: 1, group: g}], groups: [{group: h, most: 1}]}", 0, "no rule is in");
  assert_int_equal(r->error.param, 1);
  refuse(r, "{rules: [{column: category, points: 1, group: g}], groups: [{group: g}]}", 0, "no cap");
  refuse(r, "{rules: [{column: category, points: 1, group: g}], groups: [{group: g, least: 2, most: 1}]}", 0, "above");
  refuse(r, "{rules: [{column: category, points: 1, group: g}], groups: [{group: g, most: 1}, {group: g, most: 2}]}", 1,
         "both of 'g'");
  rig_close(r);
  r = open_events((double[]){1}, NULL, NULL, 1);
  refuse(r, "{rules: [{is: [a], points: 1}]}", 0, "field `category` of the events is not bound");
  refuse(r, "{rules: [{from: 1, points: 1}]}", 0, "field `amount` of the events is not bound");
  rig_close(r);
}

static void what_no_rule_takes_is_told(void **state)
{
  (void)state;
  rig *r = open_column("x", (double[]){1, 50, NAN, 2}, 4);
  score(r, "{rules: [{column: x, from: 0, below: 10, points: 4}, {column: x, is: [99], points: 7}]}");
  assert_near(rig_value(r, POINTS, 1), 0, 0);
  assert_near(rig_fact(r, "rule_1")->value, 2, 0);
  assert_string_equal(rig_fact(r, "rule_1")->text, "x from 0 below 10: 2 customers, +8 points in all");
  assert_int_equal(rig_fact(r, "rule_2")->level, 1);
  assert_near(rig_fact(r, "not_taken_1")->value, 1, 0);
  assert_int_equal(rig_fact(r, "not_taken_1")->level, 1);
  assert_near(rig_fact(r, "null_1")->value, 1, 0);
  rig_close(r);
}

/* ---- explaining ---- */

typedef struct lines {
  tarazu_writer writer;
  char text[2000];
} lines;

static int append(const tarazu_writer *writer, const void *bytes, size_t count)
{
  lines *l = (lines *)(uintptr_t)writer;
  strncat(l->text, bytes, count);
  return 1;
}

static void reasons_come_the_strongest_first(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "points");
  const int64_t times[] = {r->as_of - 60 * DAY, r->as_of - 30 * DAY}, offsets[] = {0, 2};
  rig_events(r, "events", offsets, 1);
  rig_i64(r, "events.time", times, 2);
  rig_text(r, "categories.category", (const char *const[]){"a"}, 1);
  rig_f64(r, "customers.age", (double[]){31}, 1);
  rig_f64(r, "visits", (double[]){NAN}, 1);
  score(r,
        "{base: 2, rules: [{column: customers.age, from: 18, below: 40, points: 20, name: age}, {column: customers.age,"
        " from: 40, points: 35}, {points: -20, decay: 120 days, name: calls, group: service},"
        " {column: visits, from: 0, points: 1}, {column: category, is: [b], points: 1}],"
        " groups: [{group: service, least: -5}]}");
  assert_near(rig_value(r, POINTS, 0), 2 + 20 - 5, 0);
  const tarazu_column time = {.size = sizeof time, .type = TARAZU_TIME, .values = times, .offsets = offsets};
  const int64_t word_offsets[] = {0, 1};
  const tarazu_dictionary words = {.size = sizeof words, .count = 1, .offsets = word_offsets, .bytes = "a"};
  const int32_t code = 0;
  const double age = 31, visits = 0;
  const uint8_t none = 0;
  const tarazu_column text = {.size = sizeof text, .type = TARAZU_TEXT, .values = &code, .dictionary = &words};
  const tarazu_column ages = {.size = sizeof ages, .type = TARAZU_F64, .values = &age};
  const tarazu_column unknown = {.size = sizeof unknown, .type = TARAZU_F64, .values = &visits, .valid = &none};
  const tarazu_column *const columns[] = {&time, NULL, NULL, &text, NULL, NULL, NULL, NULL, NULL, &ages, &unknown};
  const tarazu_batch row = {.size = sizeof row, .first_row = -1, .rows = 1, .columns = columns, .column_count = 11};
  lines l = {.writer = {.size = sizeof l.writer, .write = append}};
  const tarazu_explain *explain = r->strategy->extension("tarazu.explain/1");
  assert_int_equal(explain->reasons(rig_self(r), &row, &l.writer, &r->error), TARAZU_OK);
  assert_string_equal(l.text, "-25 calls: 2 events, the last 30 days ago\n"
                              "+20 age: 31 (the most is +35)\n"
                              "service: -25 in all, held at -5\n"
                              "no points for visits, which is null\n"
                              "no points for category: no rule takes 'a'\n"
                              "+2 to begin with\n");
  rig_close(r);
}

/* ---- against a plain sum, and the contract ---- */

enum { CUSTOMERS = 700 };

static rig *open_population(int64_t offsets[CUSTOMERS + 1], double *ages, double *days, const char **kinds)
{
  static const char *const words[] = {"visit", "complaint", "call", NULL};
  uint64_t seed = 5;
  rig *r = rig_open("scorer", "points");
  int64_t count = 0, *times = calloc(CUSTOMERS * 4, sizeof *times);
  for (int64_t i = 0; i < CUSTOMERS; i++) {
    offsets[i] = count;
    ages[i] = next_uniform(&seed) < 0.1 ? (double)NAN : floor(next_uniform(&seed) * 60);
    double day = 500;
    for (int k = (int)(next_uniform(&seed) * 5) - 1; k > 0; k--, count++) {
      day -= 1 + floor(next_uniform(&seed) * 120);
      days[count] = day;
      times[count] = r->as_of - (int64_t)day * DAY;
      kinds[count] = words[(int)(next_uniform(&seed) * 4)];
    }
  }
  offsets[CUSTOMERS] = count;
  rig_events(r, "events", offsets, CUSTOMERS);
  rig_i64(r, "events.time", times, count);
  rig_text(r, "events.category", kinds, count);
  rig_f64(r, "age", ages, CUSTOMERS);
  free(times);
  return r;
}

static void scores_are_the_plain_sum_whatever_the_batches(void **state)
{
  (void)state;
  int64_t offsets[CUSTOMERS + 1];
  double ages[CUSTOMERS], days[CUSTOMERS * 4];
  const char *kinds[CUSTOMERS * 4];
  rig *r = open_population(offsets, ages, days, kinds);
  score(r,
        "{base: 10, rules: [{column: age, below: 20, points: -3.5}, {column: age, from: 20, below: 45, points: 8},"
        " {is: [complaint], points: -4, decay: 300 days, group: g}, {is: [visit, call], points: 1.5, window: 200 days,"
        " group: g}], groups: [{group: g, least: -5, most: 2}]}");
  for (int64_t i = 0; i < CUSTOMERS; i++) {
    double g = 0, column = ages[i] < 20 ? -3.5 : ages[i] < 45 ? 8 : 0;
    for (int64_t e = offsets[i]; e < offsets[i + 1]; e++) {
      if (!kinds[e]) continue;
      if (!strcmp(kinds[e], "complaint")) g -= 4 * fmax(0, 1 - days[e] / 300);
      else g += days[e] < 200 ? 1.5 : 0;
    }
    assert_near(rig_value(r, POINTS, i), 10 + column + fmin(fmax(g, -5), 2), 1e-9);
  }
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

static void no_row_is_fine(void **state)
{
  (void)state;
  rig *r = open_column("x", NULL, 0);
  score(r, "{rules: [{column: x, from: 0, points: 4}]}");
  assert_int_equal(rig_fact(r, "rule_1")->level, 0);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_band_holds_its_lower_end_and_not_its_upper),
      cmocka_unit_test(categories_and_single_values_and_the_rest_get_theirs),
      cmocka_unit_test(each_event_counts_in_its_window_and_fades_evenly),
      cmocka_unit_test(events_by_amount_and_events_without_one),
      cmocka_unit_test(nothing_known_is_null_and_no_event_is_none),
      cmocka_unit_test(a_group_is_held_between_its_caps),
      cmocka_unit_test(overlaps_and_gaps_name_both_rules),
      cmocka_unit_test(rules_that_say_too_much_or_too_little),
      cmocka_unit_test(what_no_rule_takes_is_told),
      cmocka_unit_test(reasons_come_the_strongest_first),
      cmocka_unit_test(scores_are_the_plain_sum_whatever_the_batches),
      cmocka_unit_test(no_row_is_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
