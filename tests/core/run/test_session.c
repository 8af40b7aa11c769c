/* The library's public face: the order of calls, faulty profiles and tables, options. */
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

#define PROFILE                                                                                       \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\n  orders: {key: id, columns: {time: " \
  "day}}\ncriteria:\n"                                                                                \
  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"                     \
  "  often: {plugin: attribute, dimension: financial, input: {value: rfm.frequency}}\n"               \
  "  rfm: {plugin: rfm, dimension: financial}\n"

static int push_both(trial *t)
{
  int first = trial_push(t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, 2));
  int second = trial_push(t, "orders", 1, TEXTS("id", "x"), ((given){"day", "tsu:UTC", (const int64_t[]){0}}),
                          REALS("amount", 5));
  return first ? first : second;
}

static void calls_in_order_are_good(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_string_equal(tarazu_problems(t.session, 0, 0), "");
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "x", "often"), 1, 0);
  sheet_free(s);
  assert_good(&t, tarazu_publish(t.session));
  trial_free(&t);
}

static void a_session_runs_once(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  assert_int_equal(trial_run(&t), TARAZU_FAULT_USAGE);
  assert_told(&t, "a session runs once");
  sheet_free(sheet_read(&t, "customers")); /* the results stay */
  trial_free(&t);
}

static void nothing_is_to_be_had_before_a_run(void **state)
{
  trial t;
  struct ArrowArrayStream stream;
  const char *out;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_USAGE);
  assert_int_equal(tarazu_results(t.session, "customers", &stream), TARAZU_FAULT_USAGE);
  assert_null(stream.release);
  assert_int_equal(tarazu_explain_customer(t.session, "x", 0, &out), TARAZU_FAULT_USAGE);
  assert_null(out);
  assert_null(tarazu_manifest(t.session));
  assert_told(&t, "run the session first");
  trial_free(&t);
}

static void a_check_needs_no_data_and_is_no_run(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, tarazu_check(t.session));
  assert_good(&t, tarazu_check(t.session));
  assert_int_equal(trial_run(&t), TARAZU_FAULT_USAGE);
  trial_free(&t);
}

static void unknown_results_are_told(void **state)
{
  trial t;
  struct ArrowArrayStream stream;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  assert_int_equal(tarazu_results(t.session, "clients", &stream), TARAZU_FAULT_USAGE);
  assert_null(stream.release);
  assert_told(&t, "there is no table of results 'clients'; expected customers, criteria or facts");
  trial_free(&t);
}

static void streams_of_results_outlive_each_other(void **state)
{
  trial t;
  struct ArrowArrayStream one, two;
  struct ArrowArray batch;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  assert_good(&t, tarazu_results(t.session, "customers", &one));
  assert_good(&t, tarazu_results(t.session, "customers", &two));
  one.release(&one);
  assert_int_equal(two.get_next(&two, &batch), 0);
  two.release(&two);
  assert_int_equal(batch.length, 2); /* a batch lives on when its stream is gone */
  batch.release(&batch);
  trial_free(&t);
}

/* ---- pushing --------------------------------------------------------------------------------------------------- */

static void a_table_is_pushed_once_and_by_its_name(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, 2)));
  assert_int_equal(trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, 2)), TARAZU_FAULT_USAGE);
  assert_told(&t, "table 'customers' cannot be pushed: it was pushed already");
  assert_int_equal(trial_push(&t, "purchases", 1, TEXTS("id", "x")), TARAZU_FAULT_USAGE);
  assert_told(&t, "table 'purchases' cannot be pushed: the profile's data name no such table");
  trial_free(&t);
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  assert_int_equal(trial_push(&t, "orders", 1, TEXTS("id", "x")), TARAZU_FAULT_USAGE);
  assert_told(&t, "already checked or run");
  trial_free(&t);
}

typedef struct broken {
  int fails_at; /* 0: the schema, 1: the rows */
  int released;
} broken;

static int broken_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  struct ArrowArrayStream good;
  if (((broken *)stream->private_data)->fails_at == 0) return 5;
  stream_make(&good, (const given[]){TEXTS("id", "x"), REALS("a", 1)}, 2, 1, (arrival){0, NULL});
  int status = good.get_schema(&good, out);
  good.release(&good);
  return status;
}

static int broken_rows(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  (void)stream;
  *out = (struct ArrowArray){0};
  return 5;
}

static const char *broken_words(struct ArrowArrayStream *stream)
{
  (void)stream;
  return "the disk is gone";
}

static void broken_release(struct ArrowArrayStream *stream)
{
  ((broken *)stream->private_data)->released++;
  stream->release = NULL;
}

static void a_stream_that_breaks_is_told_and_released(void **state)
{
  (void)state;
  for (int at = 0; at < 2; at++) {
    trial t;
    broken inside = {.fails_at = at};
    struct ArrowArrayStream stream = {broken_schema, broken_rows, broken_words, broken_release, &inside};
    trial_new(&t);
    assert_good(&t, trial_open(&t, PROFILE));
    assert_int_equal(tarazu_push(t.session, "customers", &stream), TARAZU_FAULT_DATA);
    assert_told(&t, "table 'customers': ");
    assert_told(&t, "the disk is gone");
    assert_int_equal(inside.released, 1);
    assert_int_equal(trial_run(&t), TARAZU_FAULT_DATA);
    trial_free(&t);
  }
}

static void a_stream_is_released_where_its_table_is_unknown(void **state)
{
  trial t;
  broken inside = {.fails_at = 1};
  struct ArrowArrayStream stream = {broken_schema, broken_rows, broken_words, broken_release, &inside};
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_int_equal(tarazu_push(t.session, "nobody", &stream), TARAZU_FAULT_USAGE);
  assert_int_equal(inside.released, 1);
  trial_free(&t);
}

static void a_column_of_a_type_that_has_no_meaning_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  int status = trial_push(&t, "customers", 1, TEXTS("id", "x"), ((given){"a", "tDs", (const int64_t[]){1}}));
  trial_push(&t, "orders", 1, TEXTS("id", "x"), ((given){"day", "tsu:UTC", (const int64_t[]){0}}), REALS("amount", 5));
  if (!status) status = trial_run(&t);
  assert_true(status == TARAZU_FAULT_DATA || status == TARAZU_FAULT_PROFILE);
  assert_told(&t, "'a'");
  trial_free(&t);
}

static void a_table_that_nobody_gave_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, 2)));
  assert_int_equal(trial_run(&t), TARAZU_FAULT_PROFILE);
  assert_told(&t, "orders: 'from' is missing");
  trial_free(&t);
}

static void a_column_that_is_not_there_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("b", 1, 2)));
  assert_good(&t, trial_push(&t, "orders", 1, TEXTS("id", "x"), ((given){"day", "tsu:UTC", (const int64_t[]){0}}),
                             REALS("amount", 5)));
  int status = trial_run(&t);
  assert_true(status == TARAZU_FAULT_PROFILE || status == TARAZU_FAULT_DATA);
  assert_told(&t, "'a'");
  assert_int_equal(trial_errors(&t), 1);
  trial_free(&t);
}

/* ---- profiles and options ---------------------------------------------------------------------------------------- */

static void a_faulty_profile_can_be_asked_for_its_problems(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_int_equal(trial_open(&t, "tarazu: 1\ncritera: {}\nlimit: [\n"), TARAZU_FAULT_PROFILE);
  assert_non_null(t.session);
  assert_int_equal(trial_push(&t, "customers", 1, TEXTS("id", "x")), TARAZU_FAULT_USAGE);
  assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_PROFILE);
  assert_int_equal(trial_run(&t), TARAZU_FAULT_PROFILE);
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_USAGE);
  assert_words(tarazu_problems(t.session, 1, 0), "[");
  assert_int_equal(trial_open(&t, "tarazu: 1\ncritera: {}\n"), TARAZU_FAULT_PROFILE);
  assert_told(&t, "unknown key 'critera'");
  assert_int_equal(trial_run(&t), TARAZU_FAULT_PROFILE);
  assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_PROFILE);
  trial_free(&t);
}

static void no_profile_at_all_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_int_equal(tarazu_open("/nowhere/profile.yaml", &t.options, &t.session), TARAZU_FAULT_PROFILE);
  assert_told(&t, "/nowhere/profile.yaml");
  assert_int_equal(trial_run(&t), TARAZU_FAULT_PROFILE);
  trial_free(&t);
}

static void options_that_make_no_sense_are_refused(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  t.options.batch = -1;
  assert_int_equal(trial_open(&t, PROFILE), TARAZU_FAULT_USAGE);
  assert_int_equal(trial_run(&t), TARAZU_FAULT_USAGE);
  assert_int_equal(trial_push(&t, "customers", 1, TEXTS("id", "x")), TARAZU_FAULT_USAGE);
  t.options.batch = 0;
  t.options.threads = 5000;
  assert_int_equal(trial_open(&t, PROFILE), TARAZU_FAULT_USAGE);
  t.options.threads = 1;
  t.options.batch = INT64_MAX; /* absurd, but it has a meaning */
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  trial_free(&t);
}

static void settings_lie_over_the_profile(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  t.options.settings = (const char *const[]){"combine.plugin=from_ten", "criteria.rfm=", "criteria.often=", NULL};
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "y", "score"), 12, 0);
  sheet_free(s);
  t.options.settings = (const char *const[]){"combine.pluggin=from_ten", NULL};
  assert_true(trial_open(&t, PROFILE) != TARAZU_GOOD);
  trial_free(&t);
}

static void a_profile_that_names_no_combiner_takes_the_usual_one(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  assert_words(tarazu_manifest(t.session), "\"role\": \"combiner\", \"plugin\": \"weighted_sum\"");
  assert_words(tarazu_manifest(t.session), "\"role\": \"weigher\", \"plugin\": \"manual\"");
  trial_free(&t);
}

static void without_one_usual_strategy_a_profile_must_name_its_own(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  trial_use_plugin(&t, "plugins_bad/usual_too");
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_PROFILE);
  assert_told(&t, "the profile names no combiner, and several say that they are the usual one: ");
  assert_told(&t, "the profile names no weigher, and several say that they are the usual one: ");
  assert_told(&t, "'all_alike' (");
  assert_told(&t, "'manual' (");
  assert_int_equal(trial_errors(&t), 2);
  assert_good(&t, trial_open(&t, PROFILE "combine: weighted_sum\nweigh: all_alike\n"));
  assert_good(&t, push_both(&t));
  assert_good(&t, tarazu_check(t.session));

  t.options.plugin_path = BUILD_DIR "/plugins/scorer:" BUILD_DIR "/plugins/normalizer:" BUILD_DIR "/tests/plugins_run";
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_PROFILE);
  assert_told(&t, "the profile names no combiner, and none that is installed says that it is the usual one; expected "
                  "one of by_row, from_ten");
  assert_told(&t, "the profile names no weigher, and none that is installed says that it is the usual one; expected "
                  "one of by_sum, listed, present");
  assert_int_equal(trial_errors(&t), 2);
  trial_free(&t);
}

static void older_options_are_shorter(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  setenv("TARAZU_PLUGIN_PATH", t.options.plugin_path, 1);
  t.options.size = 8; /* size and threads alone */
  t.options.batch = -5;
  t.options.settings = (const char *const *)(uintptr_t)8;
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, push_both(&t));
  assert_good(&t, trial_run(&t));
  tarazu_close(t.session);
  assert_good(&t, tarazu_open(trial_path(&t, "profile.yaml"), NULL, &t.session)); /* none at all */
  unsetenv("TARAZU_PLUGIN_PATH");
  trial_free(&t);
  tarazu_close(NULL);
}

static void two_sessions_side_by_side_do_not_meet(void **state)
{
  trial one, two;
  (void)state;
  trial_new(&one);
  trial_new(&two);
  assert_good(&one, trial_open(&one, PROFILE));
  assert_good(&two, trial_open(&two, PROFILE));
  assert_good(&one, push_both(&one));
  tarazu_cancel(two.session);
  assert_good(&one, trial_run(&one));
  assert_good(&two, push_both(&two));
  assert_int_equal(trial_run(&two), TARAZU_STOPPED);
  sheet_free(sheet_read(&one, "customers"));
  trial_free(&two);
  sheet_free(sheet_read(&one, "criteria"));
  trial_free(&one);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calls_in_order_are_good),
      cmocka_unit_test(a_session_runs_once),
      cmocka_unit_test(nothing_is_to_be_had_before_a_run),
      cmocka_unit_test(a_check_needs_no_data_and_is_no_run),
      cmocka_unit_test(unknown_results_are_told),
      cmocka_unit_test(streams_of_results_outlive_each_other),
      cmocka_unit_test(a_table_is_pushed_once_and_by_its_name),
      cmocka_unit_test(a_stream_that_breaks_is_told_and_released),
      cmocka_unit_test(a_stream_is_released_where_its_table_is_unknown),
      cmocka_unit_test(a_column_of_a_type_that_has_no_meaning_is_told),
      cmocka_unit_test(a_table_that_nobody_gave_is_told),
      cmocka_unit_test(a_column_that_is_not_there_is_told),
      cmocka_unit_test(a_faulty_profile_can_be_asked_for_its_problems),
      cmocka_unit_test(no_profile_at_all_is_told),
      cmocka_unit_test(options_that_make_no_sense_are_refused),
      cmocka_unit_test(settings_lie_over_the_profile),
      cmocka_unit_test(a_profile_that_names_no_combiner_takes_the_usual_one),
      cmocka_unit_test(without_one_usual_strategy_a_profile_must_name_its_own),
      cmocka_unit_test(older_options_are_shorter),
      cmocka_unit_test(two_sessions_side_by_side_do_not_meet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
