/* Outputs: all or none, old files until the new ones stand, the manifest beside them. */
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD                                                                                    \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\ncriteria:\n" \
  "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"               \
  "key_customers: {limit: 1}\n"

static void open_with(trial *t, const char *output)
{
  char yaml[2000];
  snprintf(yaml, sizeof yaml, HEAD "%s", output);
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push(t, "customers", 3, TEXTS("id", "ann", "bob", "Çid"), REALS("a", 1, NAN, 2.5)));
}

static int published(trial *t, const char *output)
{
  open_with(t, output);
  assert_good(t, trial_run(t));
  return tarazu_publish(t->session);
}

static void assert_file(const trial *t, const char *name, const char *words)
{
  char *bytes = trial_file(t, name);
  assert_words(bytes, words);
  free(bytes);
}

static void assert_content(const trial *t, const char *name, const char *content)
{
  char *bytes = trial_file(t, name);
  if (!bytes) fail_msg("no file %s", name);
  assert_string_equal(bytes, content);
  free(bytes);
}

static void every_output_is_written_with_a_manifest_beside_the_first(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, published(&t, "output:\n  - {plugin: lines, to: new/folder/scores.lines}\n  - {to: more.lines}\n"));
  assert_file(&t, "new/folder/scores.lines",
              "customer\trank\tscore\tfinancial\tnon_financial\ta\ta_normalized\ta_contribution\tkey_"
              "customer\treason\tcoverage\treason_1\treason_2\treason_3\n"
              "Çid\t1\t12.5\t12.5\t\t2.5\t2.5\t2.5\t1\trank 1, within the limit of 1");
  assert_file(&t, "more.lines", "\nbob\t\t\t\t\t\t\t\t0\tno score: nothing that weighs could be measured\t0\t\t\t\n");
  assert_file(&t, "new/folder/scores.manifest.json", "\"key_customers\": 1");
  assert_int_equal(trial_file_count(&t), 4); /* with the profile */
  trial_free(&t);
}

static void old_files_are_replaced_and_keep_their_rights(void **state)
{
  trial t;
  struct stat about;
  (void)state;
  trial_new(&t);
  trial_write(&t, "scores.lines", "old");
  chmod(trial_path(&t, "scores.lines"), 0640);
  assert_good(&t, published(&t, "output:\n  - {to: scores.lines}\n"));
  assert_file(&t, "scores.lines", "Çid");
  assert_int_equal(stat(trial_path(&t, "scores.lines"), &about), 0);
  assert_int_equal(about.st_mode & 0777, 0640);
  trial_free(&t);
}

static void where_one_output_fails_none_is_written(void **state)
{
  static const char *const steps[] = {"open", "table", "write", "prepare"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    trial t;
    char output[300], words[100];
    trial_new(&t);
    trial_write(&t, "a.lines", "old a");
    trial_write(&t, "b.lines", "old b");
    trial_write(&t, "a.manifest.json", "old manifest");
    snprintf(output, sizeof output,
             "output:\n  - {to: a.lines}\n  - {to: b.lines, plugin: lines, params: {fail: %s}}\n  - {to: c.lines}\n",
             steps[i]);
    assert_int_equal(published(&t, output), TARAZU_FAULT_OUTPUT);
    snprintf(words, sizeof words, "b.lines': fails to %s", steps[i]);
    assert_told(&t, words);
    assert_int_equal(trial_errors(&t), 1);
    assert_content(&t, "a.lines", "old a");
    assert_content(&t, "b.lines", "old b");
    assert_content(&t, "a.manifest.json", "old manifest");
    assert_int_equal(trial_file_count(&t), 4); /* no c, nothing temporary */
    trial_free(&t);
  }
}

static void a_place_that_cannot_be_written_to_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  trial_write(&t, "file", "no folder");
  assert_int_equal(published(&t, "output:\n  - {to: a.lines}\n  - {to: file/b.lines}\n"), TARAZU_FAULT_OUTPUT);
  assert_told(&t, "file/b.lines': Not a directory");
  assert_int_equal(trial_file_count(&t), 2);
  assert_int_equal(mkdir(trial_path(&t, "taken.lines"), 0700), 0);
  assert_int_equal(published(&t, "output:\n  - {to: a.lines}\n  - {to: taken.lines}\n"), TARAZU_FAULT_OUTPUT);
  assert_told(&t, "taken.lines' is there already and is no regular file");
  assert_int_equal(trial_file_count(&t), 2);
  if (geteuid() != 0) { /* root may write anywhere */
    assert_int_equal(mkdir(trial_path(&t, "shut"), 0500), 0);
    assert_int_equal(published(&t, "output:\n  - {to: a.lines}\n  - {to: shut/b.lines}\n"), TARAZU_FAULT_OUTPUT);
    assert_told(&t, "shut/b.lines': Permission denied");
    assert_int_equal(trial_file_count(&t), 2);
  }
  assert_int_equal(published(&t, "output:\n  - {plugin: lines, to: /proc/none/b.lines}\n"), TARAZU_FAULT_OUTPUT);
  trial_free(&t);
}

static void folders_made_for_outputs_go_when_it_fails(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_int_equal(mkdir(trial_path(&t, "there"), 0700), 0);
  assert_int_equal(
      published(&t, "output:\n  - {to: new/one/a.lines}\n  - {to: new/two/b.lines}\n  - {to: there/x/c.lines}\n"
                    "  - {to: new/one/d.lines, plugin: lines, params: {fail: prepare}}\n"),
      TARAZU_FAULT_OUTPUT);
  assert_int_equal(access(trial_path(&t, "new"), F_OK), -1);
  assert_int_equal(access(trial_path(&t, "there/x"), F_OK), -1);
  assert_int_equal(access(trial_path(&t, "there"), F_OK), 0);
  trial_free(&t);
}

static void a_parameter_that_a_sink_finds_bad_is_the_profiles_fault(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_int_equal(published(&t, "output:\n  - {to: a.lines, plugin: lines, params: {fail: parameter}}\n"),
                   TARAZU_FAULT_PROFILE);
  assert_told(&t, "profile.yaml:10:49: error: output 'lines' to");
  assert_told(&t, "finds a parameter that will not do");
  trial_free(&t);
}

static void what_a_sink_refuses_is_told_before_the_run(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  open_with(&t, "output:\n  - {to: a.lines, plugin: lines, params: {fail: sometimes}}\n");
  assert_int_equal(tarazu_check(t.session), TARAZU_FAULT_PROFILE);
  assert_told(&t, "sometimes");
  trial_free(&t);
}

static void the_screen_is_an_output_too(void **state)
{
  trial t;
  char bytes[4000];
  (void)state;
  trial_new(&t);
  fflush(stdout);
  int screen = dup(STDOUT_FILENO);
  assert_non_null(freopen(trial_path(&t, "screen.txt"), "wb", stdout));
  int status = published(&t, "output:\n  - {plugin: lines, to: \"-\"}\n  - {plugin: lines, to: \"-\"}\n");
  fflush(stdout);
  dup2(screen, STDOUT_FILENO);
  close(screen);
  assert_good(&t, status);
  char *said = trial_file(&t, "screen.txt");
  snprintf(bytes, sizeof bytes, "%s", said);
  free(said);
  char *second = strstr(bytes + 1, "customer\trank");
  assert_non_null(second);
  assert_int_equal(second - bytes, strlen(second)); /* the same twice */
  assert_int_equal(trial_file_count(&t), 2);        /* no manifest beside a screen */
  trial_free(&t);
}

static void a_run_without_outputs_writes_nothing(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, published(&t, ""));
  assert_int_equal(trial_file_count(&t), 1);
  trial_free(&t);
}

static void a_previous_list_may_be_the_file_that_is_written(void **state)
{
  trial t;
  (void)state;
  if (access(BUILD_DIR "/plugins/source/duckdb.so", R_OK) != 0 || access(BUILD_DIR "/libduckdb.so", R_OK) != 0 ||
      access(BUILD_DIR "/plugins/sink/duckdb.so", R_OK) != 0)
    skip();
  trial_new(&t);
  for (int run = 0; run < 2; run++) {
    /* first c, b, a by score; then a, b, c: with keep_within 3 the list of one stays as it was */
    assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\n"
                                   "criteria:\n"
                                   "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                   "key_customers: {limit: 1, keep_within: 3, previous: scores.csv}\n"
                                   "output:\n  - {plugin: csv, to: scores.csv}\n"));
    assert_good(&t, trial_push(&t, "customers", 3, TEXTS("id", "a", "b", "c"),
                               ((given){"a", "g", run ? (const double[]){3, 2, 1} : (const double[]){1, 2, 3}})));
    assert_good(&t, trial_run(&t));
    sheet *s = sheet_read(&t, "customers");
    assert_near(sheet_real_of(s, "c", "key_customer"), 1, 0);
    if (!run) assert_told(&t, "there is no list");
    else assert_not_told(&t, "there is no list");
    sheet_free(s);
    assert_good(&t, tarazu_publish(t.session));
  }
  assert_int_equal(trial_file_count(&t), 3);
  trial_free(&t);
}

static void publishing_twice_writes_the_same_again(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, published(&t, "output:\n  - {to: a.lines}\n"));
  char *first = trial_file(&t, "a.lines");
  assert_good(&t, tarazu_publish(t.session));
  assert_content(&t, "a.lines", first);
  free(first);
  trial_free(&t);
}

/* ---- cancelled -----------------------------------------------------------------------------------------------------
 */

typedef struct impatience {
  tarazu_session **session;
  const char *stage; /* cancels when told of it */
  int told;
} impatience;

static void cancel_at(void *argument, const char *stage, double done)
{
  impatience *i = argument;
  (void)done;
  if (strcmp(stage, i->stage) != 0) return;
  i->told = 1;
  tarazu_cancel(*i->session);
}

static void a_cancelled_run_ends_with_130_and_writes_nothing(void **state)
{
  static const char *const stages[] = {"reading", "a", "combine", "writing"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    trial t;
    impatience argument = {&t.session, stages[i], 0};
    trial_new(&t);
    t.options.threads = 1;
    t.options.progress = cancel_at;
    t.options.argument = &argument;
    trial_write(&t, "a.lines", "old");
    open_with(&t, "output:\n  - {to: a.lines}\n");
    int status = trial_run(&t);
    if (i == 3) {
      assert_good(&t, status);
      status = tarazu_publish(t.session);
    } else if (!argument.told) { /* told under another step's name of the same pass */
      assert_good(&t, status);
      trial_free(&t);
      continue;
    }
    assert_int_equal(status, TARAZU_STOPPED);
    assert_content(&t, "a.lines", "old");
    assert_int_equal(trial_file_count(&t), 2);
    trial_free(&t);
  }
}

static void one_cancelled_before_it_begins_reads_nothing(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  open_with(&t, "output:\n  - {to: a.lines}\n");
  tarazu_cancel(t.session);
  assert_int_equal(trial_run(&t), TARAZU_STOPPED);
  assert_int_equal(trial_errors(&t), 1);
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_USAGE);
  assert_int_equal(trial_file_count(&t), 1);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_output_is_written_with_a_manifest_beside_the_first),
      cmocka_unit_test(old_files_are_replaced_and_keep_their_rights),
      cmocka_unit_test(where_one_output_fails_none_is_written),
      cmocka_unit_test(a_place_that_cannot_be_written_to_is_told),
      cmocka_unit_test(folders_made_for_outputs_go_when_it_fails),
      cmocka_unit_test(a_parameter_that_a_sink_finds_bad_is_the_profiles_fault),
      cmocka_unit_test(what_a_sink_refuses_is_told_before_the_run),
      cmocka_unit_test(the_screen_is_an_output_too),
      cmocka_unit_test(a_run_without_outputs_writes_nothing),
      cmocka_unit_test(a_previous_list_may_be_the_file_that_is_written),
      cmocka_unit_test(publishing_twice_writes_the_same_again),
      cmocka_unit_test(a_cancelled_run_ends_with_130_and_writes_nothing),
      cmocka_unit_test(one_cancelled_before_it_begins_reads_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
