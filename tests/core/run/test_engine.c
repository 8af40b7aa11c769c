/* The engine: scorers that feed each other, outputs of every type, what the host serves, and plugins that break the
 * contract. */
#include "support/properties.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\n"
#define DAY  INT64_C(86400000000)

/* ---- scorers that feed each other ------------------------------------------------------------------------------ */

static void outputs_feed_other_criteria_whatever_the_order_in_the_profile(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "criteria:\n"
                                      "  last: {plugin: attribute, dimension: financial, input: {value: next}}\n"
                                      "  next: {plugin: attribute, dimension: financial, input: {value: t.half}}\n"
                                      "  mapped: {plugin: attribute, dimension: financial,"
                                      " input: {value: {criterion: t, output: half}}}\n"
                                      "  whole: {plugin: attribute, dimension: financial, input: {value: t}}\n"
                                      "  again: {plugin: attribute, dimension: financial, input: {value: t}}\n"
                                      "  flag: {plugin: attribute, dimension: financial, input: {value: t.positive}}\n"
                                      "  t: {plugin: typed, dimension: non_financial, input: {value: customers.a}}\n"
                                      "  p: {plugin: positive, dimension: non_financial, input: {value: last}}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "w", "x", "y", "z"), REALS("a", 7.5, -3, NAN, 0)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  static const char *const ids[] = {"w", "x", "y", "z"};
  static const double half[] = {3.75, -1.5, NAN, 0}, whole[] = {7, -3, NAN, 0}, flag[] = {1, 0, NAN, 0};
  static const char *const sign[] = {"positive", "negative", NULL, "zero"};
  for (int i = 0; i < 4; i++) {
    assert_near(sheet_real_of(s, ids[i], "last"), half[i], 0);
    assert_near(sheet_real_of(s, ids[i], "next"), half[i], 0);
    assert_near(sheet_real_of(s, ids[i], "mapped"), half[i], 0);
    assert_near(sheet_real_of(s, ids[i], "t_half"), half[i], 0);
    assert_near(sheet_real_of(s, ids[i], "whole"), whole[i], 0);
    assert_near(sheet_real_of(s, ids[i], "again"), whole[i], 0);
    assert_near(sheet_real_of(s, ids[i], "t"), whole[i], 0);
    assert_near(sheet_real_of(s, ids[i], "t_normalized"), whole[i], 0);
    assert_near(sheet_real_of(s, ids[i], "t_positive"), flag[i], 0);
    assert_near(sheet_real_of(s, ids[i], "flag"), flag[i], 0);
    assert_near(sheet_real_of(s, ids[i], "p"), flag[i], 0);
    assert_near(sheet_real_of(s, ids[i], "p_normalized"), flag[i], 0);
    if (sign[i]) assert_string_equal(sheet_text_of(s, ids[i], "t_sign"), sign[i]);
    else assert_null(sheet_text_of(s, ids[i], "t_sign"));
  }
  /* three times the half, twice the whole, the flag; then the whole and the flag */
  assert_near(sheet_real_of(s, "w", "score"), 10 + (3 * 3.75 + 2 * 7 + 1 + 7 + 1) / 8, 1e-14);
  assert_near(sheet_real_of(s, "y", "score"), NAN, 0);
  sheet_free(s);
  trial_free(&t);
}

static void whole_numbers_and_switches_can_have_gaps_filled(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(
      &t, trial_open(&t, HEAD
                     "missing: median\ncriteria:\n"
                     "  t: {plugin: typed, dimension: financial, input: {value: customers.a}}\n"
                     "  p: {plugin: positive, dimension: financial, input: {value: customers.a}, missing: worst}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "w", "x", "y", "z"), REALS("a", 1, 4, NAN, -3)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "y", "t_normalized"), 1, 0);
  assert_near(sheet_real_of(s, "y", "p_normalized"), 0, 0);
  assert_near(sheet_real_of(s, "y", "t"), NAN, 0);
  sheet_free(s);
  trial_free(&t);
}

static void a_further_output_of_events_feeds_a_criterion(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 1970-02-01\ndata:\n"
                                 "  orders: {key: who, columns: {time: day, amount: paid}}\ncombine: from_ten\n"
                                 "criteria:\n"
                                 "  often: {plugin: attribute, dimension: financial, input: {value: rfm.frequency}}\n"
                                 "  rfm: {plugin: rfm, dimension: financial, params: {bins: 2}}\n"
                                 "  sum: {plugin: monetary, dimension: financial}\n"));
  assert_good(
      &t, trial_push(&t, "orders", 6, WHOLE("who", 7, 7, 8, 7, 9, 8),
                     ((given){"day", "tsu:UTC", (const int64_t[]){DAY, 3 * DAY, 2 * DAY, 3 * DAY, 40 * DAY, 9 * DAY}}),
                     REALS("paid", 1.5, 2, 10, NAN, 99, 0.25)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_int_equal(sheet_rows(s), 2); /* 9's only order is after as_of: a stranger still */
  assert_near(sheet_real_of(s, "7", "often"), 3, 0);
  assert_near(sheet_real_of(s, "8", "often"), 2, 0);
  assert_near(sheet_real_of(s, "7", "rfm_recency"), 28, 0);
  assert_near(sheet_real_of(s, "8", "rfm_monetary"), 10.25, 0);
  assert_near(sheet_real_of(s, "8", "sum"), 10.25, 0);
  sheet_free(s);
  trial_free(&t);
}

static void scores_of_dimensions_feed_segmentations(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD
                             "criteria:\n"
                             "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                             "  b: {plugin: attribute, dimension: non_financial, input: {value: customers.b}}\n"
                             "segments:\n"
                             "  tier: {plugin: pareto, params: {cuts: [50%], names: [top, rest]}, input: {value: a}}\n"
                             "  cell: matrix\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "w", "x", "y", "z"), REALS("a", 60, 20, 10, 10),
                             REALS("b", 1, 2, 3, NAN)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_string_equal(sheet_text_of(s, "w", "tier"), "top");
  assert_string_equal(sheet_text_of(s, "x", "tier"), "rest");
  assert_non_null(sheet_text_of(s, "w", "cell"));
  assert_null(sheet_text_of(s, "z", "cell"));
  sheet_free(s);
  trial_free(&t);
}

/* A list of columns that a profile leaves out: all criteria where the strategy says so, else none, however many
 * criteria there are. */
static void columns_left_out_are_all_criteria_or_none(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t,
              trial_open(&t, HEAD "criteria:\n"
                                  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                  "  b: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                  "  c: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                  "  d: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                  "segments:\n"
                                  "  none: {plugin: constant, params: {segments: [7, 8]}}\n"
                                  "  all: {plugin: rules, params: {rules: [{name: large, column: d, from: 20}]}}\n"));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "w", "x"), REALS("a", 60, 10)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "w", "none"), 7, 0);
  assert_string_equal(sheet_text_of(s, "w", "all"), "large");
  assert_string_equal(sheet_text_of(s, "x", "all"), "others");
  sheet_free(s);
  trial_free(&t);
}

static void a_cycle_is_told_with_the_way_round(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  trial_open(&t, HEAD "criteria:\n"
                      "  a: {plugin: attribute, dimension: financial, input: {value: b}}\n"
                      "  b: {plugin: attribute, dimension: financial, input: {value: c}}\n"
                      "  c: {plugin: attribute, dimension: financial, input: {value: a}}\n");
  trial_push(&t, "customers", 1, TEXTS("id", "w"), REALS("a", 1));
  assert_int_equal(trial_run(&t), TARAZU_FAULT_PROFILE);
  assert_told(&t, "a → b → c → a");
  assert_int_equal(trial_errors(&t), 1);
  trial_free(&t);
}

/* ---- what the host serves -------------------------------------------------------------------------------------- */

enum { PEOPLE = 30000 };

static sheet *run_crowd(trial *t, const char *plugin, uint64_t seed)
{
  static int64_t ids[PEOPLE];
  static double values[PEOPLE];
  char yaml[400];
  for (int64_t i = 0; i < PEOPLE; i++) {
    ids[i] = i;
    values[i] = (double)(i % 1000);
  }
  const given columns[] = {{"id", "l", ids}, {"a", "g", values}};
  snprintf(yaml, sizeof yaml,
           HEAD "seed: %d\ncriteria:\n  r: {plugin: %s, dimension: financial, input: {value: customers.a}}\n",
           (int)seed, plugin);
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push_as(t, "customers", PEOPLE, columns, 2, (arrival){0, NULL}));
  assert_good(t, trial_run(t));
  return sheet_read(t, "customers");
}

static void random_numbers_are_of_the_customer_and_the_seed(void **state)
{
  trial t;
  double mean = 0, same = 0;
  (void)state;
  trial_new(&t);
  sheet *one = run_crowd(&t, "served", 1);
  t.options.threads = 5;
  t.options.batch = 13;
  sheet *again = run_crowd(&t, "served", 1), *other = run_crowd(&t, "served", 2);
  for (int64_t i = 0; i < PEOPLE; i++) {
    double value = sheet_real(one, "r", i);
    assert_true(value >= 0 && value < 1);
    assert_near(sheet_real(again, "r", i), value, 0);
    assert_string_equal(sheet_text(again, "customer", i), sheet_text(one, "customer", i));
    same += sheet_real(other, "r", i) == value;
    mean += value / PEOPLE;
  }
  assert_near(mean, 0.5, 4 * sqrt(1.0 / 12 / PEOPLE)); /* four standard deviations of a mean of uniforms */
  assert_true(same < 3);
  assert_told(&t, "criterion 'r': fitted with care");
  sheet_free(one);
  sheet_free(again);
  sheet_free(other);
  trial_free(&t);
}

static void a_serial_strategy_is_called_one_at_a_time(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  t.options.threads = 8;
  t.options.batch = 64;
  sheet_free(run_crowd(&t, "one_by_one", 1));
  trial_free(&t);
}

/* ---- plugins that break the contract --------------------------------------------------------------------------- */

static int run_bad(trial *t, const char *plugin)
{
  char yaml[1000];
  trial_use_plugin(t, plugin);
  snprintf(yaml, sizeof yaml,
           "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\n"
           "criteria:\n"
           "  solid: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
           "  shaky: {plugin: %s, dimension: financial, input: {value: customers.a}}\n"
           "output:\n  - {plugin: table, to: out.txt}\n",
           strchr(plugin, '/') + 1);
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push(t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("a", 1, 2, 3)));
  return trial_run(t);
}

static void a_broken_plugin_is_one_clear_error(void **state)
{
  static const struct {
    const char *plugin, *words;
    int status;
  } cases[] = {
      {"plugins_bad/bad_nan",
       "criterion 'shaky' (plugin 'bad_nan'): returned NaN; a value that cannot be said is a null in output 'score' "
       "(customer 'cid')",
       TARAZU_FAULT_PLUGIN},
      {"plugins_bad/bad_infinity",
       "criterion 'shaky' (plugin 'bad_infinity'): returned infinity in output 'score' (customer 'cid')",
       TARAZU_FAULT_PLUGIN},
      {"plugins_bad/bad_unwritten",
       "criterion 'shaky' (plugin 'bad_unwritten'): left a value unwritten in output 'score' (customer 'ann')",
       TARAZU_FAULT_PLUGIN},
      {"plugins_bad/bad_error",
       "criterion 'shaky' (plugin 'bad_error'): this customer cannot be scored (customer 'ann')", TARAZU_FAULT_DATA},
      {"plugins_bad/bad_endless",
       "criterion 'shaky' (plugin 'bad_endless'): asked for more than 10000 passes over the data", TARAZU_FAULT_PLUGIN},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    trial t;
    struct ArrowArrayStream stream;
    trial_new(&t);
    assert_int_equal(run_bad(&t, cases[i].plugin), cases[i].status);
    assert_told(&t, cases[i].words);
    assert_told(&t, "profile.yaml:7:19"); /* the place of the plugin's name */
    assert_int_equal(trial_errors(&t), 1);
    assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_USAGE);
    assert_int_equal(tarazu_results(t.session, "customers", &stream), TARAZU_FAULT_USAGE);
    assert_null(tarazu_manifest(t.session));
    assert_int_equal(trial_file_count(&t), 2); /* the profile and the plugin */
    trial_free(&t);
  }
}

static void one_error_is_told_however_many_threads_meet_it(void **state)
{
  static int64_t ids[PEOPLE];
  static double values[PEOPLE];
  trial t;
  (void)state;
  for (int64_t i = 0; i < PEOPLE; i++) ids[i] = i;
  const given columns[] = {{"id", "l", ids}, {"a", "g", values}};
  trial_new(&t);
  t.options.threads = 8;
  t.options.batch = 100;
  trial_use_plugin(&t, "plugins_bad/bad_nan");
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncriteria:\n"
                                 "  x: {plugin: bad_nan, dimension: financial, input: {value: customers.a}}\n"));
  assert_good(&t, trial_push_as(&t, "customers", PEOPLE, columns, 2, (arrival){0, NULL}));
  assert_int_equal(trial_run(&t), TARAZU_FAULT_PLUGIN);
  assert_int_equal(trial_errors(&t), 1);
  trial_free(&t);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* The command on a table of `rows` customers; what it says and its exit status. */
static int command_says(trial *t, const char *plugin, int rows, int threads, char *words, size_t room)
{
  char yaml[600], line[1000];
  trial_use_plugin(t, plugin);
  FILE *csv = fopen(trial_path(t, "customers.csv"), "wb");
  fputs("id,a\n", csv);
  for (int i = 0; i < rows; i++) fprintf(csv, "%d,%d\n", i, i);
  fclose(csv);
  snprintf(yaml, sizeof yaml,
           "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {from: customers.csv, key: id}\n"
           "criteria:\n  shaky: {plugin: %s, dimension: financial, input: {value: customers.a}}\n"
           "output:\n  - {plugin: table, to: out.txt}\n",
           strchr(plugin, '/') + 1);
  trial_write(t, "profile.yaml", yaml);
  snprintf(line, sizeof line, "TARAZU_PLUGIN_PATH='%s' '%s/tarazu' run --quiet --threads %d '%s' 2>&1",
           t->options.plugin_path, BUILD_DIR, threads, trial_path(t, "profile.yaml"));
  FILE *output = popen(line, "r");
  size_t count = fread(words, 1, room - 1, output);
  words[count] = 0;
  int status = pclose(output);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_crash_is_told_with_the_plugin_and_the_criterion(void **state)
{
  static const char *const plugins[] = {"plugins_bad/bad_crash", "plugins_run/bottomless"};
  (void)state;
  if (SANITIZED || access(BUILD_DIR "/tarazu", X_OK) != 0 || access(BUILD_DIR "/plugins/source/duckdb.so", R_OK) != 0)
    skip();
  for (int i = 0; i < 2; i++)
    for (int threads = 1; threads <= (i ? 1 : 4); threads += 3) {
      trial t;
      char words[4000], expected[100];
      trial_new(&t);
      assert_int_equal(command_says(&t, plugins[i], 100000, threads, words, sizeof words), TARAZU_FAULT_PLUGIN);
      snprintf(expected, sizeof expected, "error: criterion 'shaky' (plugin '%s', ", strchr(plugins[i], '/') + 1);
      assert_words(words, expected);
      assert_words(words, "one.so) in apply crashed (SIGSEGV)");
      assert_null(trial_file(&t, "out.txt"));
      trial_free(&t);
    }
}

/* In a call of it, and in a thread that it made. */
static void a_crash_of_a_source_is_told_with_the_table(void **state)
{
  static const char *const ways[][2] = {{"read.crash", "in read"}, {"thread.crash", "in a thread of its own"}};
  (void)state;
  if (SANITIZED || access(BUILD_DIR "/tarazu", X_OK) != 0) skip();
  for (int i = 0; i < 2; i++) {
    trial t;
    char line[1000], words[4000], expected[100];
    trial_new(&t);
    trial_use_plugin(&t, "plugins_bad/bad_source");
    snprintf(words, sizeof words,
             "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {from: %s, key: id}\n"
             "criteria:\n  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n",
             ways[i][0]);
    trial_write(&t, "profile.yaml", words);
    snprintf(line, sizeof line, "TMPDIR='%s' TARAZU_PLUGIN_PATH='%s' '%s/tarazu' run --quiet '%s' 2>&1", t.folder,
             t.options.plugin_path, BUILD_DIR, trial_path(&t, "profile.yaml"));
    FILE *output = popen(line, "r");
    words[fread(words, 1, sizeof words - 1, output)] = 0;
    int status = pclose(output);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), TARAZU_FAULT_PLUGIN);
    assert_words(words, "error: table 'customers' (plugin 'bad_source', ");
    snprintf(expected, sizeof expected, "one.so) %s crashed (SIGSEGV)", ways[i][1]);
    assert_words(words, expected);
    trial_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_feed_other_criteria_whatever_the_order_in_the_profile),
      cmocka_unit_test(whole_numbers_and_switches_can_have_gaps_filled),
      cmocka_unit_test(a_further_output_of_events_feeds_a_criterion),
      cmocka_unit_test(scores_of_dimensions_feed_segmentations),
      cmocka_unit_test(columns_left_out_are_all_criteria_or_none),
      cmocka_unit_test(a_cycle_is_told_with_the_way_round),
      cmocka_unit_test(random_numbers_are_of_the_customer_and_the_seed),
      cmocka_unit_test(a_serial_strategy_is_called_one_at_a_time),
      cmocka_unit_test(a_broken_plugin_is_one_clear_error),
      cmocka_unit_test(one_error_is_told_however_many_threads_meet_it),
      cmocka_unit_test(a_crash_is_told_with_the_plugin_and_the_criterion),
      cmocka_unit_test(a_crash_of_a_source_is_told_with_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
