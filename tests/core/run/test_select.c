/* Who becomes a key customer, and the words for it: pins, exclusions, floors, the previous list, rank. */
#include "support/properties.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Scores as they are: 10 and the mean of a and b. */
#define HEAD HEAD_OF("from_ten")
#define HEAD_OF(combiner)                                                                           \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: " combiner "\ncriteria:\n" \
  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"                   \
  "  b: {plugin: attribute, dimension: non_financial, input: {value: customers.b}}\n"

/* Ten customers, c0 the best in a, c9 in b; by score: c0 (a 18, b 0) … c9 (a 0, b 9). */
static const char *const ids[] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"};
static const double a[] = {18, 16, 14, 12, 10, 8, 6, 4, 2, 0};
static const double b[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static int run_yaml(trial *t, const char *yaml)
{
  const given columns[] = {{"id", "u", ids}, {"a", "g", a}, {"b", "g", b}};
  int opened = trial_open(t, yaml);
  int pushed = trial_push_as(t, "customers", 10, columns, 3, (arrival){0, NULL});
  int ran = trial_run(t);
  return opened ? opened : pushed ? pushed : ran;
}

static int run_ten(trial *t, const char *more)
{
  char yaml[4000];
  snprintf(yaml, sizeof yaml, HEAD "%s", more);
  return run_yaml(t, yaml);
}

static void assert_list(trial *t, const char *expected)
{
  char list[100] = "";
  sheet *s = sheet_read(t, "customers");
  for (int64_t i = 0; i < sheet_rows(s); i++)
    if (sheet_real(s, "key_customer", i) > 0) {
      if (*list) strcat(list, " ");
      strcat(list, sheet_text(s, "customer", i));
    }
  assert_string_equal(list, expected);
  sheet_free(s);
}

/* The decision's words; the grounds that may follow are a test of their own. */
static void assert_reason(trial *t, const char *customer, const char *expected)
{
  sheet *s = sheet_read(t, "customers");
  char decision[512];
  snprintf(decision, sizeof decision, "%s", sheet_text_of(s, customer, "reason"));
  char *grounds = strstr(decision, "; most by ");
  if (grounds) *grounds = 0;
  assert_string_equal(decision, expected);
  sheet_free(s);
}

/* The list that a rule of the ten gives, as "c0 c1". */
static void assert_rule(const char *rule, const char *expected)
{
  trial t;
  trial_new(&t);
  assert_good(&t, run_ten(&t, rule));
  assert_list(&t, expected);
  trial_free(&t);
}

/* ---- the limit ------------------------------------------------------------------------------------------------- */

static void a_limit_is_a_count_or_a_share_rounded_down(void **state)
{
  (void)state;
  assert_rule("key_customers: {limit: 3}\n", "c0 c1 c2");
  assert_rule("key_customers: {limit: 1}\n", "c0");
  assert_rule("key_customers: {limit: 30%}\n", "c0 c1 c2");
  assert_rule("key_customers: {limit: 39.9%}\n", "c0 c1 c2");
  assert_rule("key_customers: {limit: 70%}\n",
              "c0 c1 c2 c3 c4 c5 c6"); /* 0.7 * 10 is below 7 in doubles of some order */
  assert_rule("key_customers: {limit: 100%}\n", "c0 c1 c2 c3 c4 c5 c6 c7 c8 c9");
  assert_rule("key_customers: {limit: 0.1%}\n", "c0"); /* at least one */
}

static void more_seats_than_customers_seat_all(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_ten(&t, "key_customers: {limit: 50}\n"));
  assert_list(&t, "c0 c1 c2 c3 c4 c5 c6 c7 c8 c9");
  assert_reason(&t, "c9", "rank 10, within the limit of 50");
  trial_free(&t);
}

static void nobody_is_key_where_nobody_asks(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_ten(&t, ""));
  assert_list(&t, "");
  assert_reason(&t, "c0", "the profile asks for no key customers");
  trial_free(&t);
}

/* The weighted sum of a over 18 and b over 9, half each: c0 is a alone, c9 b alone, c4 nearly both alike. */
static void a_reason_ends_with_what_lifts_the_score(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_yaml(&t, HEAD_OF("weighted_sum") "key_customers: {limit: 10}\n"));
  sheet *s = sheet_read(&t, "customers");
  assert_non_null(strstr(sheet_text_of(s, "c0", "reason"), "; most by a"));
  assert_null(strstr(sheet_text_of(s, "c0", "reason"), "; most by a, b"));
  assert_null(strstr(sheet_text_of(s, "c1", "reason"), "; most by a, b")); /* b lifts by less than half of a */
  assert_non_null(strstr(sheet_text_of(s, "c9", "reason"), "; most by b"));
  assert_non_null(strstr(sheet_text_of(s, "c4", "reason"), "; most by a, b"));
  sheet_free(s);
  trial_free(&t);
}

static void rank_decides_and_says_so(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_ten(&t, "key_customers: {limit: 3}\n"));
  assert_reason(&t, "c0", "rank 1, within the limit of 3");
  assert_reason(&t, "c2", "rank 3, within the limit of 3");
  assert_reason(&t, "c3", "beyond the limit of 3");
  trial_free(&t);
}

static void equals_are_seated_by_key_and_never_beyond_the_limit(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 2, require: {financial: 0.5}}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "y", "x", "w", "z"), REALS("a", 5, 5, 5, 5),
                             REALS("b", 5, 5, 5, 5)));
  assert_good(&t, trial_run(&t));
  assert_list(&t, "w x"); /* ties stand at half: the floor of 50 % holds nobody back */
  assert_reason(&t, "w", "rank 1, within the limit of 2");
  assert_reason(&t, "x", "rank 1, 2 in line, within the limit of 2");
  assert_reason(&t, "y", "beyond the limit of 2");
  trial_free(&t);
}

/* ---- floors ---------------------------------------------------------------------------------------------------- */

/* b's percentiles are (i + 0.5) / 10. */
static void a_floor_is_on_the_percentile_unless_said_otherwise(void **state)
{
  trial t;
  (void)state;
  assert_rule("key_customers: {limit: 3, require: {non_financial: 0.3}}\n", "c3 c4 c5");
  assert_rule("key_customers: {limit: 3, require: {non_financial: 35%}}\n", "c3 c4 c5"); /* at the floor is enough */
  assert_rule("key_customers: {limit: 3, require: {non_financial: 36%}}\n", "c4 c5 c6");
  assert_rule("key_customers: {limit: 3, require: {non_financial: {least: 0.3, of: percentile}}}\n", "c3 c4 c5");
  assert_rule("key_customers: {limit: 3, require: {non_financial: {least: 12, of: score}}}\n", "c2 c3 c4");
  assert_rule("key_customers: {limit: 3, require: {non_financial: {least: 12.001, of: score}}}\n", "c3 c4 c5");
  assert_rule("key_customers: {limit: 5, require: {non_financial: 0.3, financial: 0.5}}\n", "c3 c4");
  trial_new(&t);
  assert_good(
      &t,
      run_ten(&t, "key_customers:\n  limit: 2\n  require: {non_financial: 0.25, financial: {least: 16, of: score}}\n"));
  assert_list(&t, "c2 c3");
  assert_reason(&t, "c0", "non_financial is below the floor, the 25 % point of all customers");
  assert_reason(&t, "c2", "rank 3, 1 in line, within the limit of 2");
  assert_reason(&t, "c4", "beyond the limit of 2");
  assert_reason(&t, "c7", "financial is below the floor of 16");
  trial_free(&t);
}

static void nobody_who_meets_the_floors_is_an_empty_list_and_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_ten(&t, "key_customers: {limit: 3, require: {non_financial: {least: 100, of: score}}}\n"));
  assert_list(&t, "");
  assert_told(&t, "nobody meets what the profile requires; the list is empty");
  trial_free(&t);
}

static void who_cannot_be_scored_in_a_dimension_misses_its_floor(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 3, require: {non_financial: 0}}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "w", "x", "y", "z"), REALS("a", 9, 1, NAN, NAN),
                             REALS("b", NAN, 1, 1, NAN)));
  assert_good(&t, trial_run(&t));
  assert_list(&t, "x y");
  assert_reason(&t, "w", "non_financial cannot be scored, and it has a floor");
  assert_reason(&t, "z", "non_financial cannot be scored, and it has a floor");
  trial_free(&t);
}

/* ---- by hand --------------------------------------------------------------------------------------------------- */

static void pins_and_exclusions_come_first_with_their_reasons(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t,
              run_ten(&t, "key_customers:\n  limit: 3\n  require: {financial: 0.5}\n"
                          "  pin:\n    - {customer: c9, reason: opens a market, author: Ö. Nil, until: 2030-06-30}\n"
                          "  exclude:\n    - {customer: c0, reason: \"bankrupt, sadly\", author: legal}\n"));
  assert_list(&t, "c1 c2 c9");
  assert_reason(&t, "c9", "pinned by Ö. Nil until 2030-06-30: opens a market");
  assert_reason(&t, "c0", "excluded by legal: bankrupt, sadly");
  assert_reason(&t, "c1", "rank 2, 1 in line, within the limit of 3");
  assert_reason(&t, "c3", "3 in line, but pins take 1 of the 3 seats");
  assert_reason(&t, "c4", "beyond the limit of 3");
  assert_reason(&t, "c8", "financial is below the floor, the 50 % point of all customers");
  trial_free(&t);
}

static void a_pin_seats_even_one_without_a_score(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers:\n  limit: 1\n  pin: [{customer: x, reason: r, author: au}]\n"));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "w", "x"), REALS("a", 9, NAN), REALS("b", 9, NAN)));
  assert_good(&t, trial_run(&t));
  assert_list(&t, "x");
  assert_reason(&t, "w", "1 in line, but pins take 1 of the 1 seats");
  trial_free(&t);
}

static void more_pins_than_seats_are_an_error(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_int_equal(run_ten(&t, "key_customers:\n  limit: 1\n  pin:\n    - {customer: c1, reason: r, author: x}\n"
                               "    - {customer: c2, reason: r, author: x}\n"),
                   TARAZU_FAULT_PROFILE);
  assert_told(&t, "2 customers are pinned, but the limit is 1");
  assert_int_equal(trial_errors(&t), 1);
  trial_free(&t);
  /* as many pins as seats are fine */
  assert_rule("key_customers:\n  limit: 1\n  pin: [{customer: c1, reason: r, author: x}]\n", "c1");
}

static void a_stranger_by_hand_is_told_and_left_out(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_ten(&t, "key_customers:\n  limit: 1\n  pin: [{customer: c99, reason: r, author: x}]\n"
                              "  exclude: [{customer: c98, reason: r, author: x}]\n"));
  assert_told(&t, "pinned customer 'c99' is not among the customers");
  assert_told(&t, "excluded customer 'c98' is not among the customers");
  assert_list(&t, "c0");
  trial_free(&t);
}

/* One pin until a date, one as_of: whether it holds. */
static int holds(const char *zone, const char *as_of, const char *until)
{
  trial t;
  char more[500];
  snprintf(more, sizeof more, "key_customers:\n  limit: 1\n  pin: [{customer: c9, reason: r, author: x, until: %s}]\n",
           until);
  trial_new(&t);
  const char *settings[] = {NULL, NULL, NULL};
  char set[2][100];
  snprintf(set[0], sizeof set[0], "as_of=%s", as_of);
  snprintf(set[1], sizeof set[1], "time_zone=\"%s\"", zone);
  settings[0] = set[0];
  settings[1] = set[1];
  t.options.settings = settings;
  assert_good(&t, run_ten(&t, more));
  sheet *s = sheet_read(&t, "customers");
  int held = sheet_real_of(s, "c9", "key_customer") > 0;
  if (!held) assert_told(&t, "the pin of customer 'c9' ended on ");
  else assert_not_told(&t, "ended on");
  sheet_free(s);
  trial_free(&t);
  return held;
}

static void a_decision_holds_to_the_end_of_its_last_day(void **state)
{
  (void)state;
  assert_true(holds("UTC", "2020-01-01", "2020-01-02"));
  assert_true(holds("UTC", "2020-01-01", "2020-01-01"));
  assert_true(holds("UTC", "2020-01-01T23:59:59", "2020-01-01"));
  assert_false(holds("UTC", "2020-01-02", "2020-01-01"));
  assert_true(holds("+03:30", "2020-01-01", "2020-01-01"));
  assert_true(holds("+03:30", "2020-01-01T20:29:59Z", "2020-01-01"));
  assert_false(holds("+03:30", "2020-01-01T20:30:00Z", "2020-01-01"));
  assert_true(holds("UTC", "2020-01-01T12:00:00", "2020-01-01T12:00:00"));
  assert_false(holds("UTC", "2020-01-01T12:00:01", "2020-01-01T12:00:00"));
}

static void the_last_day_is_told_on_the_profiles_clock(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  t.options.settings = (const char *const[]){"time_zone=\"+03:30\"", NULL};
  assert_good(&t, run_ten(&t, "key_customers:\n  limit: 1\n"
                              "  pin: [{customer: c9, reason: r, author: x, until: 2020-01-05}]\n"
                              "  exclude: [{customer: c0, reason: r, author: x, until: 2019-01-05}]\n"));
  assert_reason(&t, "c9", "pinned by x until 2020-01-05: r");
  assert_told(&t, "the exclusion of customer 'c0' ended on 2019-01-05 and no longer counts");
  trial_free(&t);
}

/* ---- the previous list ----------------------------------------------------------------------------------------- */

static int no_duckdb(void)
{
  if (access(BUILD_DIR "/plugins/source/duckdb.so", R_OK) == 0 && access(BUILD_DIR "/libduckdb.so", R_OK) == 0)
    return 0;
  print_message("skipped: the duckdb source is not built\n");
  return 1;
}

static void members_stay_within_their_margin(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "customer,key_customer\nc3,true\nc4,true\nc5,true\nc0,true\nc1,false\nc77,true\n");
  assert_good(&t, run_ten(&t, "key_customers: {limit: 3, keep_within: 5, previous: old.csv}\n"));
  assert_list(&t, "c0 c3 c4");
  assert_reason(&t, "c0", "rank 1, within the limit of 3; on the previous list too");
  assert_reason(&t, "c3", "kept: on the previous list and 4 in line, within 5");
  assert_reason(&t, "c4", "kept: on the previous list and 5 in line, within 5");
  assert_reason(&t, "c5", "left the list: beyond 5 in line");
  assert_reason(&t, "c1", "2 in line, but members of the previous list within 5 keep their seats");
  assert_reason(&t, "c6", "beyond the limit of 3");
  assert_words(tarazu_manifest(t.session), "\"kept_from_previous\": 2");
  assert_words(tarazu_manifest(t.session), "\"customers\": 10"); /* c77 is nobody */
  trial_free(&t);
}

static void without_a_margin_the_previous_list_only_shows_in_the_words(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "customer,key_customer\nc3,true\nc0,true\n");
  assert_good(&t, run_ten(&t, "key_customers: {limit: 2, previous: old.csv}\n"));
  assert_list(&t, "c0 c1");
  assert_reason(&t, "c3", "left the list: beyond 2 in line");
  trial_free(&t);
}

static void a_shrunk_list_keeps_its_best_members(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "customer,key_customer\nc2,true\nc3,true\nc4,true\nc5,true\n");
  assert_good(&t, run_ten(&t, "key_customers:\n  limit: 3\n  keep_within: 60%\n  previous: old.csv\n"
                              "  pin: [{customer: c9, reason: r, author: x}]\n"));
  assert_list(&t, "c2 c3 c9");
  assert_reason(&t, "c4", "left the list: all 3 seats are taken");
  assert_reason(&t, "c0", "1 in line, but members of the previous list within 6 keep their seats");
  trial_free(&t);
}

static void a_list_may_be_any_table(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "who,since\nc3,2019\nc9,2018\n");
  assert_good(&t, run_ten(&t, "key_customers:\n  limit: 2\n  keep_within: 4\n"
                              "  previous: {from: old.csv, key: who, where: since > 2018}\n"));
  assert_list(&t, "c0 c3");
  trial_free(&t);
}

static void a_list_that_is_not_there_yet_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_ten(&t, "key_customers: {limit: 2, keep_within: 4, previous: none_yet.csv}\n"));
  assert_list(&t, "c0 c1");
  assert_told(&t, "there is no list");
  assert_words(tarazu_manifest(t.session), "none_yet.csv");
  trial_free(&t);
}

static void a_pushed_table_called_previous_is_another(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "customer,key_customer\nc1,true\n");
  assert_good(&t,
              trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  previous: {key: id}\ncombine: from_ten\n"
                             "criteria:\n  a: {plugin: attribute, dimension: financial, input: {value: previous.a}}\n"
                             "key_customers: {limit: 1, keep_within: 2, previous: old.csv}\n"));
  assert_good(&t, trial_push(&t, "previous", 2, TEXTS("id", "c0", "c1"), REALS("a", 2, 1)));
  assert_good(&t, trial_run(&t));
  assert_list(&t, "c1");
  trial_free(&t);
}

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

/* Hours by customer, beside a and b. */
static int run_hours(trial *t, const char *rule, const double hours[10])
{
  char yaml[4000];
  const given columns[] = {{"id", "u", ids}, {"a", "g", a}, {"b", "g", b}, {"hours", "g", hours}};
  snprintf(yaml, sizeof yaml, HEAD "%s", rule);
  int opened = trial_open(t, yaml);
  int pushed = opened ? opened : trial_push_as(t, "customers", 10, columns, 4, (arrival){0, NULL});
  return pushed ? pushed : trial_run(t);
}

static const double hours[] = {5, 4, 9, 2, 1, 3, 8, 0, 7, 1};

static void who_does_not_fit_is_passed_over_and_the_next_who_does_is_taken(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 12}}\n", hours));
  assert_list(&t, "c0 c1 c3 c4 c7"); /* 5 4 - 2 1 - - 0 */
  assert_reason(&t, "c1", "rank 2, within the capacity of 12 (she takes 4)");
  assert_reason(&t, "c2", "3 in line, but she takes 9 and 3 of the capacity of 12 is left");
  assert_reason(&t, "c9", "10 in line, but she takes 1 and 0 of the capacity of 12 is left");
  assert_words(tarazu_manifest(t.session), "\"capacity\": {\"total\": 12, \"taken\": 12, \"passed_over\": 5}");
  assert_good(&t, run_hours(&t, "key_customers: {limit: 3, capacity: {of: customers.hours, total: 12}}\n", hours));
  assert_list(&t, "c0 c1 c3");
  assert_reason(&t, "c0", "rank 1, within the limit of 3 and the capacity of 12 (she takes 5)");
  assert_reason(&t, "c2", "3 in line, but she takes 9 and 3 of the capacity of 12 is left");
  assert_reason(&t, "c4", "beyond the limit of 3");
  trial_free(&t);
}

static void nobody_who_goes_into_the_capacity_is_an_empty_list_and_told(void **state)
{
  trial t;
  static const double much[] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
  (void)state;
  trial_new(&t);
  assert_good(&t, run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 4.9}}\n", much));
  assert_list(&t, "");
  assert_told(&t, "nobody goes into the capacity; the list is empty");
  assert_good(&t, run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 50}}\n", much));
  assert_list(&t, "c0 c1 c2 c3 c4 c5 c6 c7 c8 c9");
  trial_free(&t);
}

static void decimals_fill_the_capacity_to_the_brim(void **state)
{
  trial t;
  static const double tenths[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
  (void)state;
  trial_new(&t);
  assert_good(&t, run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 0.3}}\n", tenths));
  assert_list(&t, "c0 c1 c2");
  trial_free(&t);
}

static void pins_take_of_the_capacity_first(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, run_hours(&t,
                            "key_customers:\n  capacity: {of: customers.hours, total: 12}\n"
                            "  pin: [{customer: c6, reason: r, author: x}]\n",
                            hours));
  assert_list(&t, "c1 c6 c7"); /* of 4: 5 no, 4 yes */
  assert_int_equal(run_hours(&t,
                             "key_customers:\n  capacity: {of: customers.hours, total: 7}\n"
                             "  pin: [{customer: c6, reason: r, author: x}]\n",
                             hours),
                   TARAZU_FAULT_PROFILE);
  assert_told(&t, "customers who are pinned take 8, but the capacity is 7");
  trial_free(&t);
}

static void a_cost_may_be_a_criterion(void **state)
{
  (void)state;
  assert_rule("key_customers: {capacity: {of: b, total: 3}}\n", "c0 c1 c2");               /* 0 + 1 + 2 */
  assert_rule("key_customers: {capacity: {of: {criterion: a}, total: 20}}\n", "c0 c8 c9"); /* 18, 2, 0 */
}

static void who_takes_nobody_knows_what_is_an_error_unless_said_otherwise(void **state)
{
  trial t;
  static const double gaps[] = {5, NAN, 2, 1, 1, 1, NAN, 1, 1, 1};
  static const double negative[] = {5, 1, 2, 1, 1, -1, 1, 1, 1, 1};
  (void)state;
  trial_new(&t);
  assert_int_equal(run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 8}}\n", gaps),
                   TARAZU_FAULT_DATA);
  assert_told(&t, "customer 'c1' (and others) has no value of 'customers.hours'");
  assert_good(&t, run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 8, missing: 1}}\n", gaps));
  assert_list(&t, "c0 c1 c2");
  assert_good(&t,
              run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 8, missing: leave_out}}\n", gaps));
  assert_list(&t, "c0 c2 c3");
  assert_reason(&t, "c1", "no value of customers.hours, which the capacity counts");
  assert_int_equal(run_hours(&t,
                             "key_customers:\n  capacity: {of: customers.hours, total: 8, missing: leave_out}\n"
                             "  pin: [{customer: c1, reason: r, author: x}]\n",
                             gaps),
                   TARAZU_FAULT_DATA);
  assert_told(&t, "customer 'c1', who is pinned, has no value of 'customers.hours'");
  assert_int_equal(run_hours(&t, "key_customers: {capacity: {of: customers.hours, total: 8}}\n", negative),
                   TARAZU_FAULT_DATA);
  assert_told(&t, "customer 'c5' takes -1 of 'customers.hours'; expected at least 0");
  trial_free(&t);
}

static void members_who_no_longer_fit_leave(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "customer,key_customer\nc2,true\nc6,true\nc4,true\n");
  assert_good(&t, run_hours(&t,
                            "key_customers:\n  keep_within: 8\n  previous: old.csv\n"
                            "  capacity: {of: customers.hours, total: 12}\n",
                            hours));
  assert_list(&t, "c2 c3 c4 c7"); /* of 12: members 9 and 1, not 8; then 2 of the others */
  assert_reason(&t, "c2", "kept: on the previous list and 3 in line, within 8");
  assert_reason(&t, "c6", "left the list: 7 in line, but she takes 8 and 0 of the capacity of 12 is left");
  trial_free(&t);
}

/* ---- dominance --------------------------------------------------------------------------------------------------- */

#define TENT                                                                                        \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: tent\ncriteria:\n"         \
  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"                   \
  "  b: {plugin: attribute, dimension: non_financial, better: less, input: {value: customers.b}}\n" \
  "  c: {plugin: attribute, dimension: financial, weight: 0, input: {value: customers.c}}\n"

/* The combiner likes values near 6; more of a, less of b and none of c are better. */
static void one_who_is_at_least_as_good_in_everything_goes_ahead(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, TENT "key_customers: {limit: 2}\n"));
  assert_good(&t, trial_push(&t, "customers", 5, TEXTS("id", "u", "v", "w", "x", "y"), REALS("a", 6, 5, 4, 9, 9),
                             REALS("b", 6, 6, 6, 7, 5), REALS("c", 0, 0, 9, 0, 0)));
  assert_good(&t, trial_run(&t)); /* by score: u, v, w, then x and y */
  assert_list(&t, "u y");
  assert_reason(&t, "y",
                "rank 4, 1 in line, within the limit of 2; ahead of 'u', whom she is at least as good as in "
                "every criterion");
  assert_reason(&t, "u", "rank 1, 2 in line, within the limit of 2");
  assert_reason(&t, "v",
                "3 in line, behind customers who are at least as good in every criterion as others ahead of "
                "her: beyond the limit of 2");
  assert_reason(&t, "x", "beyond the limit of 2"); /* better than none in b */
  assert_words(tarazu_manifest(t.session), "\"ahead_by_dominance\": 1");
  assert_good(&t, trial_open(&t, TENT "key_customers: {limit: 1}\n"));
  assert_good(
      &t, trial_push(&t, "customers", 2, TEXTS("id", "u", "y"), REALS("a", 6, 9), REALS("b", 6, 6), REALS("c", 0, 0)));
  assert_good(&t, trial_run(&t));
  assert_reason(&t, "u", "2 in line, behind 'y', who is at least as good in every criterion: beyond the limit of 1");
  assert_reason(&t, "y", /* all have ranks of their own, which stay what they are */
                "rank 2, 1 in line, within the limit of 1; ahead of 'u', whom she is at least as good as in "
                "every criterion");
  sheet *s = sheet_read(&t, "customers");
  assert_string_equal(sheet_text(s, "customer", 0), "u");
  assert_near(sheet_real(s, "rank", 0), 1, 0);
  sheet_free(s);
  trial_free(&t);
}

static void floors_exclusions_and_the_previous_list_come_before_and_after_dominance(void **state)
{
  trial t;
  (void)state;
  if (no_duckdb()) skip();
  trial_new(&t);
  trial_write(&t, "old.csv", "customer,key_customer\nu,true\n");
  const given columns[] = {TEXTS("id", "u", "x", "y"), REALS("a", 6, 9, 9), REALS("b", 6, 6, 5), REALS("c", 0, 0, 0)};
  static const char *const rules[][2] = {
      {"  limit: 1\n", "y"}, /* who dominates x, too */
      {"  limit: 1\n  exclude: [{customer: y, reason: r, author: x}]\n", "x"},
      {"  limit: 1\n  require: {non_financial: {least: -0.5, of: score}}\n", "x"}, /* y is 1 from 6 */
      {"  limit: 1\n  keep_within: 3\n  previous: old.csv\n", "u"},
      {"  limit: 1\n  keep_within: 2\n  previous: old.csv\n", "y"}, /* u stands third */
      {"  limit: 1\n  pin: [{customer: u, reason: r, author: x}]\n", "u"},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    char yaml[2000];
    snprintf(yaml, sizeof yaml, TENT "key_customers:\n%s", rules[i][0]);
    assert_good(&t, trial_open(&t, yaml));
    assert_good(&t, trial_push_as(&t, "customers", 3, columns, 4, (arrival){0, NULL}));
    assert_good(&t, trial_run(&t));
    assert_list(&t, rules[i][1]);
  }
  trial_free(&t);
}

static void alike_customers_dominate_nobody(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, TENT "key_customers: {limit: 2}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "y", "x", "w", "z"), REALS("a", 5, 5, 5, 5),
                             REALS("b", 5, 5, 5, 5), REALS("c", 1, 2, 3, 4)));
  assert_good(&t, trial_run(&t));
  assert_list(&t, "w x");
  assert_words(tarazu_manifest(t.session), "\"ahead_by_dominance\": 0");
  trial_free(&t);
}

/* Equal scores by different values: the one who is better all the same does not wait for the order of keys. */
static void a_tie_goes_to_the_better_one(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, TENT "key_customers: {limit: 1}\n"));
  assert_good(
      &t, trial_push(&t, "customers", 2, TEXTS("id", "u", "v"), REALS("a", 4, 8), REALS("b", 6, 6), REALS("c", 0, 0)));
  assert_good(&t, trial_run(&t));
  assert_list(&t, "v");
  trial_free(&t);
}

/* Against the definition: nobody in line is left out whom one of the list is dominated by; whoever is on the list is
 * there by score or ahead of one whom she dominates; and the count is what the limit allows. */
static void nobody_is_passed_over_for_one_whom_she_dominates(void **state)
{
  enum { COUNT = 80 };
  uint64_t seed = 11;
  int64_t moved = 0;
  (void)state;
  for (int round = 0; round < 60; round++) {
    trial t;
    char keys[COUNT][4], yaml[2000];
    const char *texts[COUNT];
    double x[COUNT], y[COUNT], z[COUNT];
    int levels = 2 + round % 12;
    for (int i = 0; i < COUNT; i++) {
      snprintf(keys[i], sizeof keys[i], "c%02d", i);
      texts[i] = keys[i];
      x[i] = floor(levels * next_uniform(&seed));
      y[i] = next_uniform(&seed) < 0.1 ? NAN : floor(levels * next_uniform(&seed));
      z[i] = 0;
    }
    const given columns[] = {{"id", "u", texts}, {"a", "g", x}, {"b", "g", y}, {"c", "g", z}};
    const int limit = 1 + (int)(30 * next_uniform(&seed));
    trial_new(&t);
    snprintf(yaml, sizeof yaml, TENT "key_customers: {limit: %d}\n", limit);
    assert_good(&t, trial_open(&t, yaml));
    assert_good(&t, trial_push_as(&t, "customers", COUNT, columns, 4, (arrival){0, NULL}));
    assert_good(&t, trial_run(&t));
    sheet *s = sheet_read(&t, "customers");
    int taken = 0;
    for (int64_t i = 0; i < COUNT; i++) {
      double own[2] = {sheet_real(s, "a", i), -sheet_real(s, "b", i)};
      int key = sheet_real(s, "key_customer", i) > 0, dominates_earlier = 0;
      taken += key;
      for (int64_t k = 0; k < COUNT; k++) {
        double other[2] = {sheet_real(s, "a", k), -sheet_real(s, "b", k)};
        int alike = isnan(own[1]) == isnan(other[1]);
        int least = own[0] >= other[0] && (isnan(own[1]) || own[1] >= other[1]);
        int better = own[0] > other[0] || own[1] > other[1];
        if (!alike || !least || !better) continue;
        if (!key && sheet_real(s, "key_customer", k) > 0)
          fail_msg("round %d: %s stands behind %s", round, sheet_text(s, "customer", i), sheet_text(s, "customer", k));
        dominates_earlier |= k < i;
      }
      int said = strstr(sheet_text(s, "reason", i), "ahead of '") != NULL;
      if (key) assert_int_equal(said, dominates_earlier);
      if (key && i >= limit) assert_true(said);
      moved += key && i >= limit;
    }
    assert_int_equal(taken, limit);
    sheet_free(s);
    trial_free(&t);
  }
  assert_true(moved > 20);
}

/* ---- all rules at once, against the rules written out again ------------------------------------------------------ */

enum { MANY = 60 };

typedef struct member {
  int id;
  double a, b;
  int pinned, excluded, listed, key;
} member;

static double score_of(const member *m)
{
  return 10 + m->a / 2 + m->b / 2;
}

static int by_score(const void *left, const void *right)
{
  const member *x = left, *y = right;
  if (score_of(x) != score_of(y)) return score_of(x) > score_of(y) ? -1 : 1;
  return x->id < y->id ? -1 : 1;
}

static double percentile_of_b(const member *all, const member *one)
{
  double below = 0;
  for (int i = 0; i < MANY; i++) below += all[i].b < one->b ? 1 : all[i].b == one->b ? 0.5 : 0;
  return below / MANY;
}

static void choose(member *all, int limit, int within, double floor_of_b)
{
  member *line[MANY];
  int count = 0, taken = 0;
  qsort(all, MANY, sizeof *all, by_score);
  for (int i = 0; i < MANY; i++) {
    taken += all[i].key = all[i].pinned;
    if (!all[i].pinned && !all[i].excluded && percentile_of_b(all, &all[i]) >= floor_of_b) line[count++] = &all[i];
  }
  for (int i = 0; i < count && i < within; i++)
    if (line[i]->listed && taken < limit) taken += line[i]->key = 1;
  for (int i = 0; i < count; i++)
    if (!line[i]->key && taken < limit) taken += line[i]->key = 1;
}

static void all_rules_together_choose_as_written_out(void **state)
{
  uint64_t seed = 5;
  (void)state;
  if (no_duckdb()) skip();
  for (int round = 0; round < 20; round++) {
    trial t;
    member all[MANY];
    char keys[MANY][4];
    const char *texts[MANY];
    double as[MANY], bs[MANY];
    char yaml[8000], list[2000] = "customer,key_customer\n", pins[2000] = "", exclusions[2000] = "", line[100];
    int limit = 4 + (int)(20 * next_uniform(&seed)), within = limit + (int)(10 * next_uniform(&seed)), pinned = 0;
    double least = floor(50 * next_uniform(&seed)) / 100;
    for (int i = 0; i < MANY; i++) {
      member *m = &all[i];
      *m = (member){.id = i, .a = floor(10 * next_uniform(&seed)), .b = floor(10 * next_uniform(&seed))};
      snprintf(keys[i], sizeof keys[i], "c%02d", i);
      texts[i] = keys[i], as[i] = m->a, bs[i] = m->b;
      m->listed = next_uniform(&seed) < 0.3;
      m->pinned = next_uniform(&seed) < 0.05 && pinned < 4;
      pinned += m->pinned;
      m->excluded = !m->pinned && next_uniform(&seed) < 0.1;
      snprintf(line, sizeof line, "c%02d,%s\n", i, m->listed ? "true" : "false");
      strcat(list, line);
      snprintf(line, sizeof line, "    - {customer: c%02d, reason: r, author: x}\n", i);
      if (m->pinned) strcat(pins, line);
      if (m->excluded) strcat(exclusions, line);
    }
    snprintf(yaml, sizeof yaml,
             HEAD "key_customers:\n  limit: %d\n  keep_within: %d\n  previous: old.csv\n"
                  "  require: {non_financial: %g}\n%s%s%s%s",
             limit, within, least, *pins ? "  pin:\n" : "", pins, *exclusions ? "  exclude:\n" : "", exclusions);
    trial_new(&t);
    trial_write(&t, "old.csv", list);
    const given columns[] = {{"id", "u", texts}, {"a", "g", as}, {"b", "g", bs}};
    assert_good(&t, trial_open(&t, yaml));
    assert_good(&t, trial_push_as(&t, "customers", MANY, columns, 3, (arrival){0, NULL}));
    assert_good(&t, trial_run(&t));
    choose(all, limit, within, least);
    sheet *s = sheet_read(&t, "customers");
    int seats = 0;
    for (int i = 0; i < MANY; i++) {
      snprintf(line, sizeof line, "c%02d", all[i].id);
      int key = sheet_real_of(s, line, "key_customer") > 0;
      seats += key;
      if (key != all[i].key)
        fail_msg("round %d: %s is %d: %s\n%s\n%s", round, line, key, sheet_text_of(s, line, "reason"), yaml, list);
    }
    assert_true(seats <= limit);
    sheet_free(s);
    trial_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_limit_is_a_count_or_a_share_rounded_down),
      cmocka_unit_test(more_seats_than_customers_seat_all),
      cmocka_unit_test(nobody_is_key_where_nobody_asks),
      cmocka_unit_test(a_reason_ends_with_what_lifts_the_score),
      cmocka_unit_test(rank_decides_and_says_so),
      cmocka_unit_test(equals_are_seated_by_key_and_never_beyond_the_limit),
      cmocka_unit_test(a_floor_is_on_the_percentile_unless_said_otherwise),
      cmocka_unit_test(nobody_who_meets_the_floors_is_an_empty_list_and_told),
      cmocka_unit_test(who_cannot_be_scored_in_a_dimension_misses_its_floor),
      cmocka_unit_test(pins_and_exclusions_come_first_with_their_reasons),
      cmocka_unit_test(a_pin_seats_even_one_without_a_score),
      cmocka_unit_test(more_pins_than_seats_are_an_error),
      cmocka_unit_test(a_stranger_by_hand_is_told_and_left_out),
      cmocka_unit_test(a_decision_holds_to_the_end_of_its_last_day),
      cmocka_unit_test(the_last_day_is_told_on_the_profiles_clock),
      cmocka_unit_test(members_stay_within_their_margin),
      cmocka_unit_test(without_a_margin_the_previous_list_only_shows_in_the_words),
      cmocka_unit_test(a_shrunk_list_keeps_its_best_members),
      cmocka_unit_test(a_list_may_be_any_table),
      cmocka_unit_test(a_list_that_is_not_there_yet_is_told),
      cmocka_unit_test(a_pushed_table_called_previous_is_another),
      cmocka_unit_test(who_does_not_fit_is_passed_over_and_the_next_who_does_is_taken),
      cmocka_unit_test(nobody_who_goes_into_the_capacity_is_an_empty_list_and_told),
      cmocka_unit_test(decimals_fill_the_capacity_to_the_brim),
      cmocka_unit_test(pins_take_of_the_capacity_first),
      cmocka_unit_test(a_cost_may_be_a_criterion),
      cmocka_unit_test(who_takes_nobody_knows_what_is_an_error_unless_said_otherwise),
      cmocka_unit_test(members_who_no_longer_fit_leave),
      cmocka_unit_test(one_who_is_at_least_as_good_in_everything_goes_ahead),
      cmocka_unit_test(floors_exclusions_and_the_previous_list_come_before_and_after_dominance),
      cmocka_unit_test(alike_customers_dominate_nobody),
      cmocka_unit_test(a_tie_goes_to_the_better_one),
      cmocka_unit_test(nobody_is_passed_over_for_one_whom_she_dominates),
      cmocka_unit_test(all_rules_together_choose_as_written_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
