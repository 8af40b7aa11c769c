/* Sessions on a cut-off: nothing later reaches a plugin, whatever the table's shape, and what cannot be dated is
 * refused. Each leak is planted, and the results are those on data cut by hand. */
#include "config/yaml.h"
#include "run/session.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY (INT64_C(86400) * 1000000)

/* An experiment's run of a profile in the trial's folder. */
typedef struct backtest {
  trial t;
  arena *home;
  problems *faults;
} backtest;

static void begin(backtest *b)
{
  trial_new(&b->t);
  b->home = arena_new();
  b->faults = problems_new();
}

static void end(backtest *b)
{
  trial_free(&b->t);
  arena_free(b->home);
  problems_free(b->faults);
}

/* The status of opening; how: all but root. */
static int open_with(backtest *b, const char *words, session_trial how)
{
  trial *t = &b->t;
  tarazu_close(t->session);
  t->session = NULL;
  trial_write(t, "profile.yaml", words);
  how.root = yaml_read_extended(trial_path(t, "profile.yaml"), b->home, b->faults, NULL);
  assert_non_null(how.root);
  how.as_of_place = (place){.file = "experiment.yaml", .line = 7, .column = 3, .length = 1};
  return session_open_trial(trial_path(t, "profile.yaml"), &how, &t->options, &t->session);
}

static int run_as_of(backtest *b, const char *words, int64_t cut_off)
{
  int status = open_with(b, words, (session_trial){.backtest = 1, .as_of = cut_off});
  return status ? status : tarazu_run(b->t.session);
}

static int measure_between(backtest *b, const char *words, int64_t after, int64_t until)
{
  session_trial how = {.backtest = 1, .as_of = until, .has_after = 1, .after = after, .scorers_only = 1};
  int status = open_with(b, words, how);
  return status ? status : session_measure(b->t.session);
}

/* What a criterion (or CRITERION.OUTPUT) is of a customer; NAN: nothing, or no such customer. */
static double measured(const backtest *b, const char *series_name, const char *customer)
{
  const engine *e = session_engine(b->t.session);
  const series *s = plan_series(e->plan, series_name);
  assert_non_null(s);
  int32_t row = dictionary_find(e->people.names, customer, strlen(customer));
  if (row < 0 || !column_is_valid(&s->column, row)) return NAN;
  return s->column.type == TARAZU_F64 ? ((const double *)s->column.values)[row]
                                      : (double)((const int64_t *)s->column.values)[row];
}

static int64_t people(const backtest *b)
{
  return session_engine(b->t.session)->people.count;
}

#define ORDERS                                                                                         \
  "tarazu: 1\nas_of: 2030-01-01\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n" \
  "criteria:\n"                                                                                        \
  "  revenue: {plugin: monetary, dimension: financial}\n"                                              \
  "  recent: {plugin: monetary, dimension: financial, params: {window: 5 days}}\n"                     \
  "  seen: {plugin: witness, dimension: non_financial, input: {events: orders}}\n"                     \
  "  habit: {plugin: rfm, dimension: financial}\n"                                                     \
  "key_customers: {limit: 1}\n"
static const char orders[] = "id,day,amount\n"
                             "ann,2024-01-01,10\n"
                             "bob,2024-01-05,20\n"
                             "ann,2024-01-10,5\n"
                             "ann,2024-01-11,400\n" /* the day after the cut-off */
                             "cid,2024-01-12,900\n" /* a customer of the future */
                             "bob,2024-01-20,7\n"
                             "ann,2024-01-21,1000\n";
static const char orders_cut[] = "id,day,amount\n"
                                 "ann,2024-01-01,10\n"
                                 "bob,2024-01-05,20\n"
                                 "ann,2024-01-10,5\n";
#define CUT_OFF (INT64_C(19732) * DAY) /* 2024-01-10 */
#define UNTIL   (INT64_C(19742) * DAY) /* 2024-01-20 */

static void no_event_after_the_cut_off_reaches_a_plugin(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  assert_good(&b.t, run_as_of(&b, ORDERS, CUT_OFF));
  assert_int_equal(people(&b), 2);
  assert_near(measured(&b, "seen", "ann"), (double)CUT_OFF, 0);
  assert_near(measured(&b, "seen", "bob"), (double)(CUT_OFF - 5 * DAY), 0);
  assert_near(measured(&b, "revenue", "ann"), 15, 0);
  sheet *s = sheet_read(&b.t, "customers");
  size_t count, cut_count;
  char *bytes = sheet_bytes(s, &count);
  sheet_free(s);
  trial_write(&b.t, "orders.csv", orders_cut);
  assert_good(&b.t, run_as_of(&b, ORDERS, CUT_OFF));
  s = sheet_read(&b.t, "customers");
  char *cut = sheet_bytes(s, &cut_count);
  sheet_free(s);
  assert_int_equal(count, cut_count);
  assert_memory_equal(bytes, cut, count);
  free(bytes);
  free(cut);
  end(&b);
}

static void the_cut_off_stands_in_for_the_profile_s_as_of(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  assert_good(&b.t, run_as_of(&b, ORDERS, CUT_OFF));
  assert_int_equal(session_engine(b.t.session)->as_of, CUT_OFF);
  assert_words(tarazu_manifest(b.t.session), "\"as_of\": \"2024-01-10T00:00:00Z\""); /* the settings */
  assert_no_words(tarazu_manifest(b.t.session), "2030");
  end(&b);
}

static void what_a_profile_writes_and_keeps_is_not_heeded(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  trial_write(&b.t, "list.csv", "customer,key_customer\nbob,true\n");
  const char *limit = strstr(ORDERS, "key_customers"),
             *words = arena_format(b.home,
                                   "%.*skey_customers: {limit: 1, keep_within: 2, previous: list.csv}\n"
                                   "output: [{to: out/scores.csv}]\nstore: tarazu.db\nconfidence: {}\n",
                                   (int)(strlen(ORDERS) - strlen(limit)), ORDERS);
  assert_good(&b.t, run_as_of(&b, words, CUT_OFF));
  const selection *chosen = session_selection(b.t.session);
  assert_int_equal(chosen->count, 1);
  assert_int_equal(((const uint8_t *)chosen->key.values)[0], 1); /* ann, though bob was on the list */
  assert_null(session_engine(b.t.session)->confidence);
  assert_good(&b.t, tarazu_publish(b.t.session));
  assert_int_equal(trial_file_count(&b.t), 3); /* profile, orders, list */
  end(&b);
}

/* ---- windows of outcomes ---------------------------------------------------------------------------------------- */

static void outcomes_see_only_what_is_dated_after_the_cut_off(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  assert_good(&b.t, measure_between(&b, ORDERS, CUT_OFF, UNTIL));
  assert_near(measured(&b, "revenue", "ann"), 400, 0);
  assert_near(measured(&b, "revenue", "bob"), 7, 0); /* dated at the very end */
  assert_near(measured(&b, "revenue", "cid"), 900, 0);
  assert_near(measured(&b, "recent", "ann"), 0, 0); /* 11 January is not within 5 days of the 20th */
  assert_near(measured(&b, "recent", "bob"), 7, 0);
  assert_near(measured(&b, "habit.frequency", "ann"), 1, 0);
  assert_near(measured(&b, "seen.earliest", "ann"), (double)(CUT_OFF + DAY), 0);
  assert_near(measured(&b, "seen.latest", "bob"), (double)UNTIL, 0);
  end(&b);
}

static void a_customer_with_nothing_later_is_known_and_has_what_the_scorer_says_of_no_rows(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  assert_good(&b.t, measure_between(&b, ORDERS, CUT_OFF + DAY, UNTIL));
  assert_int_equal(people(&b), 3);
  assert_near(measured(&b, "revenue", "ann"), 0, 0);
  assert_near(measured(&b, "seen.events", "ann"), 0, 0);
  assert_true(isnan(measured(&b, "seen.latest", "ann")));
  end(&b);
}

/* ---- dates without a zone at the boundary ----------------------------------------------------------------------- */

static void dates_without_a_zone_are_the_profile_s(void **state)
{
  /* The cut-off is midnight in Kolkata, 18:30 of the day before in UTC: 23:00 there is before it, whatever UTC says. */
  static const char times[] = "id,day,amount\nann,2024-01-09 23:59:59,1\nann,2024-01-10 00:00:00,2\n"
                              "ann,2024-01-10 00:00:01,4\nbob,2024-01-09 19:00:00,8\nbob,2024-01-10 05:00:00,16\n";
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", times);
  int64_t midnight = CUT_OFF - DAY * 11 / 48; /* 5 h 30 min */
  assert_good(&b.t, run_as_of(&b, ORDERS "time_zone: Asia/Kolkata\n", midnight));
  assert_near(measured(&b, "revenue", "ann"), 3, 0);
  assert_near(measured(&b, "revenue", "bob"), 8, 0);
  assert_near(measured(&b, "seen", "ann"), (double)midnight, 0);
  assert_good(&b.t, measure_between(&b, ORDERS "time_zone: Asia/Kolkata\n", midnight, midnight + DAY));
  assert_near(measured(&b, "revenue", "ann"), 4, 0);
  assert_near(measured(&b, "revenue", "bob"), 16, 0);
  end(&b);
}

/* ---- attributes, edges ------------------------------------------------------------------------------------------ */

#define STATUS                                                                             \
  "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"        \
  "criteria:\n"                                                                            \
  "  revenue: {plugin: monetary, dimension: financial}\n"                                  \
  "  happy: {plugin: attribute, dimension: non_financial, input: {value: status.happy}}\n" \
  "key_customers: {limit: 1}\n"

static const char *with_status(backtest *b, const char *more)
{
  const char *criteria = strstr(STATUS, "criteria:");
  return arena_format(b->home, "%.*s  status: {from: status.csv, key: id%s}\n%s",
                      (int)(strlen(STATUS) - strlen(criteria)), STATUS, more, criteria);
}

static void attributes_known_later_do_not_reach_a_plugin(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  trial_write(&b.t, "status.csv", "id,happy,since\nann,1,2024-01-10\nbob,2,2024-01-11\n");
  const char *words = with_status(&b, ", known_at: since");
  assert_good(&b.t, run_as_of(&b, words, CUT_OFF));
  assert_near(measured(&b, "happy", "ann"), 1, 0);
  assert_true(isnan(measured(&b, "happy", "bob")));
  assert_good(&b.t, measure_between(&b, words, CUT_OFF, UNTIL));
  assert_true(isnan(measured(&b, "happy", "ann")));
  assert_near(measured(&b, "happy", "bob"), 2, 0);
  end(&b);
}

static void undated_attributes_are_refused_with_their_place(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  trial_write(&b.t, "status.csv", "id,happy\nann,1\nbob,2\n");
  assert_int_equal(run_as_of(&b, with_status(&b, ""), CUT_OFF), TARAZU_FAULT_PROFILE);
  assert_told(&b.t, "profile.yaml:4:3: error: table 'status' has no dates");
  assert_told(&b.t, "expected `known_at: COLUMN`, or `timeless: yes`");
  assert_int_equal(trial_errors(&b.t), 1);
  assert_int_equal(run_as_of(&b, with_status(&b, ", timeless: no"), CUT_OFF), TARAZU_FAULT_PROFILE);
  assert_good(&b.t, run_as_of(&b, with_status(&b, ", timeless: yes"), CUT_OFF));
  assert_near(measured(&b, "happy", "bob"), 2, 0);
  assert_good(&b.t, open_with(&b, with_status(&b, ""), (session_trial){.backtest = 0})); /* no backtest, no leak */
  assert_good(&b.t, tarazu_run(b.t.session));
  end(&b);
}

static void a_table_that_nothing_reads_and_nobody_comes_from_may_be_undated(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  trial_write(&b.t, "status.csv", "id,happy\nann,1\n");
  assert_good(&b.t, run_as_of(&b,
                              "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
                              "  status: {from: status.csv, key: id}\n"
                              "criteria: {revenue: {plugin: monetary, dimension: financial}}\n",
                              CUT_OFF));
  /* that of the customers says who is one */
  assert_int_equal(run_as_of(&b,
                             "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
                             "  customers: {from: status.csv, key: id}\n"
                             "criteria: {revenue: {plugin: monetary, dimension: financial}}\n",
                             CUT_OFF),
                   TARAZU_FAULT_PROFILE);
  assert_told(&b.t, "table 'customers' has no dates");
  end(&b);
}

static void undated_events_and_edges_are_refused(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  trial_write(&b.t, "follows.csv", "who,whom,day\nann,bob,2024-01-01\nbob,ann,2024-01-12\n");
  static const char words[] = "tarazu: 1\ndata:\n"
                              "  orders: {from: orders.csv, key: id, shape: events}\n"
                              "  follows: {from: follows.csv, edge: [who, whom]}\n"
                              "criteria:\n  revenue: {plugin: monetary, dimension: financial}\n"
                              "  heard: {plugin: influence, dimension: non_financial, input: {edges: follows}}\n";
  assert_int_equal(run_as_of(&b, words, CUT_OFF), TARAZU_FAULT_PROFILE);
  assert_told(&b.t, "profile.yaml:3:3: error: table 'orders' has no dates");
  assert_told(&b.t, "profile.yaml:4:3: error: table 'follows' has no dates");
  assert_told(&b.t, "expected `columns: {time: COLUMN}`, or `timeless: yes`");
  assert_int_equal(trial_errors(&b.t), 2);
  end(&b);
}

static void edges_dated_later_do_not_reach_a_plugin(void **state)
{
  static const char words[] =
      "tarazu: 1\ndata:\n"
      "  follows: {from: follows.csv, edge: [who, whom], columns: {time: day}}\n"
      "criteria:\n  heard: {plugin: influence, dimension: non_financial, input: {edges: follows}}\n";
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "follows.csv",
              "who,whom,day\nann,bob,2024-01-01\ncid,ann,2024-01-02\nbob,ann,2024-01-12\ndan,bob,2024-01-13\n");
  assert_good(&b.t, run_as_of(&b, words, CUT_OFF));
  assert_int_equal(people(&b), 3);
  double ann = measured(&b, "heard", "ann"), bob = measured(&b, "heard", "bob");
  assert_near(measured(&b, "heard.influenced", "ann"), 1, 0);
  trial_write(&b.t, "follows.csv", "who,whom,day\nann,bob,2024-01-01\ncid,ann,2024-01-02\n");
  assert_good(&b.t, run_as_of(&b, words, CUT_OFF));
  assert_near(measured(&b, "heard", "ann"), ann, 0);
  assert_near(measured(&b, "heard", "bob"), bob, 0);
  end(&b);
}

/* An expression of a row sees that row alone, and the row is not there where it is dated later. */
static void expressions_and_where_do_not_reach_later_rows(void **state)
{
  static const char words[] =
      "tarazu: 1\ndata:\n"
      "  orders: {from: orders.csv, key: id, columns: {time: day, amount: amount * 2}, where: amount < 1000}\n"
      "criteria:\n  revenue: {plugin: monetary, dimension: financial}\n"
      "  seen: {plugin: witness, dimension: non_financial, input: {events: orders}}\n";
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  assert_good(&b.t, run_as_of(&b, words, CUT_OFF));
  assert_near(measured(&b, "revenue", "ann"), 30, 0);
  assert_near(measured(&b, "seen", "ann"), (double)CUT_OFF, 0);
  assert_good(&b.t, measure_between(&b, words, CUT_OFF, UNTIL + 10 * DAY));
  assert_near(measured(&b, "revenue", "ann"), 800, 0); /* the order of 1,000 is not there */
  end(&b);
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static void a_model_fitted_after_the_cut_off_is_refused(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "orders.csv", orders);
  static const char learning[] = "tarazu: 1\nas_of: 2024-01-11\n"
                                 "data:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
                                 "criteria:\n  habit: {plugin: rfm, dimension: financial}\n";
  b.t.options.save_models = arena_copy(b.home, trial_path(&b.t, "models"));
  assert_good(&b.t, trial_open(&b.t, learning));
  assert_good(&b.t, trial_run(&b.t));
  assert_good(&b.t, tarazu_publish(b.t.session));
  b.t.options.save_models = NULL;
  static const char using[] = "tarazu: 1\ndata:\n  orders: {from: orders.csv, key: id, columns: {time: day}}\n"
                              "criteria:\n  habit: {plugin: rfm, dimension: financial,\n"
                              "    model: models/habit.model}\n";
  assert_good(&b.t, run_as_of(&b, using, CUT_OFF + DAY));
  assert_int_equal(run_as_of(&b, using, CUT_OFF), TARAZU_FAULT_PROFILE);
  assert_told(&b.t, "profile.yaml:6:12: error:");
  assert_told(&b.t, "was fitted as of 2024-01-11, later than this run's as_of, 2024-01-10");
  assert_good(&b.t, open_with(&b, using, (session_trial){.backtest = 1, .as_of = CUT_OFF}));
  assert_int_equal(tarazu_check(b.t.session), TARAZU_FAULT_PROFILE); /* before any data is read, too */
  end(&b);
}

/* ---- what nobody reads ------------------------------------------------------------------------------------------- */

/* The manifest up to the seconds. */
static char *manifest_until_seconds(tarazu_session *session)
{
  const char *all = tarazu_manifest(session), *end = strstr(all, "\"seconds\"");
  assert_non_null(end);
  return strndup(all, (size_t)(end - all));
}

/* Reasons are in the records of variants; reason codes are in published results alone. */
static void results_lack_reason_codes_and_nothing_else(void **state)
{
  static const char words[] = "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {from: people.csv, key: id}\n"
                              "criteria:\n"
                              "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                              "  b: {plugin: attribute, dimension: non_financial, input: {value: customers.b}}\n"
                              "key_customers: {limit: 2}\n";
  enum { CODES = 3 };
  backtest b;
  (void)state;
  begin(&b);
  trial_write(&b.t, "people.csv", "id,a,b\nann,1,5\nbob,9,2\ncid,4,\ndan,3,3\n");
  assert_good(&b.t, trial_open(&b.t, words));
  assert_good(&b.t, trial_run(&b.t));
  sheet *usual = sheet_read(&b.t, "customers");
  char *manifest = manifest_until_seconds(b.t.session);
  assert_true(sheet_has(usual, "reason_1"));
  assert_good(&b.t, open_with(&b, words, (session_trial){0}));
  assert_good(&b.t, tarazu_run(b.t.session));
  sheet *tried = sheet_read(&b.t, "customers");
  char *told = manifest_until_seconds(b.t.session);
  assert_string_equal(told, manifest);
  assert_int_equal(sheet_columns(tried), sheet_columns(usual) - CODES);
  for (uint32_t i = 0; i < sheet_columns(usual); i++)
    assert_int_equal(sheet_has(tried, sheet_column(usual, i)), strncmp(sheet_column(usual, i), "reason_", 7) != 0);
  for (int64_t r = 0; r < sheet_rows(usual); r++) {
    assert_string_equal(sheet_text(tried, "customer", r), sheet_text(usual, "customer", r));
    assert_string_equal(sheet_text(tried, "reason", r), sheet_text(usual, "reason", r));
  }
  assert_non_null(strstr(sheet_text(tried, "reason", 0), "; most by "));
  free(told);
  free(manifest);
  sheet_free(tried);
  sheet_free(usual);
  end(&b);
}

/* ---- the word timeless ------------------------------------------------------------------------------------------- */

static void timeless_says_that_there_are_no_dates(void **state)
{
  backtest b;
  (void)state;
  begin(&b);
  assert_int_equal(trial_open(&b.t, with_status(&b, ", known_at: since, timeless: yes")), TARAZU_FAULT_PROFILE);
  assert_told(&b.t, "profile.yaml:4:66: error: data.status: timeless: expected in a table without dates, but "
                    "'known_at' dates its rows");
  assert_int_equal(trial_open(&b.t, with_status(&b, ", timeless: perhaps")), TARAZU_FAULT_PROFILE);
  assert_good(&b.t, trial_open(&b.t, with_status(&b, ", timeless: yes")));
  end(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_event_after_the_cut_off_reaches_a_plugin),
      cmocka_unit_test(the_cut_off_stands_in_for_the_profile_s_as_of),
      cmocka_unit_test(what_a_profile_writes_and_keeps_is_not_heeded),
      cmocka_unit_test(outcomes_see_only_what_is_dated_after_the_cut_off),
      cmocka_unit_test(a_customer_with_nothing_later_is_known_and_has_what_the_scorer_says_of_no_rows),
      cmocka_unit_test(dates_without_a_zone_are_the_profile_s),
      cmocka_unit_test(attributes_known_later_do_not_reach_a_plugin),
      cmocka_unit_test(undated_attributes_are_refused_with_their_place),
      cmocka_unit_test(a_table_that_nothing_reads_and_nobody_comes_from_may_be_undated),
      cmocka_unit_test(undated_events_and_edges_are_refused),
      cmocka_unit_test(edges_dated_later_do_not_reach_a_plugin),
      cmocka_unit_test(expressions_and_where_do_not_reach_later_rows),
      cmocka_unit_test(a_model_fitted_after_the_cut_off_is_refused),
      cmocka_unit_test(results_lack_reason_codes_and_nothing_else),
      cmocka_unit_test(timeless_says_that_there_are_no_dates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
