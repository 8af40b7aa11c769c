/* Runs recorded along with their outputs, through the library. */
#include "experiment/store.h"

#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char profile_text[] =
    "tarazu: 1\n"
    "as_of: 2026-01-01\n"
    "data:\n  customers: {key: id}\n"
    "criteria:\n"
    "  spend: {plugin: attribute, dimension: financial, input: {value: customers.spend}}\n"
    "  ties: {plugin: attribute, dimension: non_financial, input: {value: customers.ties}}\n"
    "combine: weighted_sum\n"
    "key_customers: {limit: 1}\n"
    "output: [{to: out/scores.csv}]\n"
    "store: runs/tarazu.db\n";

static void run_trial(trial *t, const char *words)
{
  assert_good(t, trial_open(t, words));
  assert_good(t, trial_push(t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("spend", 10, 5, NAN),
                            REALS("ties", 3, 4, 0)));
  assert_good(t, trial_run(t));
}

static store *store_of(trial *t, problems *faults)
{
  store *s = store_open(trial_path(t, "runs/tarazu.db"), STORE_READ, NOWHERE, faults);
  assert_non_null(s);
  return s;
}

static void publishing_records_everyone_in_the_profile_s_store(void **state)
{
  (void)state;
  trial t;
  trial_new(&t);
  run_trial(&t, profile_text);
  assert_good(&t, tarazu_publish(t.session));
  problems *faults = problems_new();
  arena *home = arena_new();
  store *s = store_of(&t, faults);
  store_run *runs;
  store_standing *who;
  store_criterion *criteria;
  uint32_t count;
  int64_t standings;
  assert_true(store_runs(s, NULL, home, &runs, &count));
  assert_int_equal(count, 1);
  assert_true(runs[0].all);
  assert_string_equal(runs[0].as_of, "2026-01-01");
  assert_int_equal(runs[0].profile[0], '/');
  assert_string_equal(store_manifest(s, runs[0].id, home), tarazu_manifest(t.session));
  assert_true(store_criteria(s, runs[0].id, home, &criteria, &count));
  assert_int_equal(count, 2);
  assert_string_equal(criteria[1].name, "ties");
  assert_string_equal(criteria[1].plugin, "attribute");
  assert_near(criteria[0].weight + criteria[1].weight, 1, 1e-15);
  assert_true(store_standings(s, runs[0].id, 0, home, &who, &standings));
  assert_int_equal(standings, 3);
  sheet *told = sheet_read(&t, "customers");
  for (int64_t i = 0; i < 3; i++) {
    assert_string_equal(who[i].key, sheet_text(told, "customer", i));
    assert_int_equal(who[i].rank, (int64_t)sheet_real(told, "rank", i));
    assert_near(who[i].score, sheet_real(told, "score", i), 0);
    assert_int_equal(who[i].listed, (int)sheet_real(told, "key_customer", i));
    assert_near(who[i].measured[0], sheet_real(told, "spend", i), 0);
    assert_near(who[i].measured[1], sheet_real(told, "ties", i), 0);
  }
  /* Reasons are kept within twice the list's length. */
  for (int64_t i = 0; i < 2; i++) assert_string_equal(who[i].reason, sheet_text(told, "reason", i));
  assert_null(who[2].reason);
  sheet_free(told);
  store_close(s);
  arena_free(home);
  problems_free(faults);
  trial_free(&t);
}

static uint32_t runs_in(trial *t)
{
  problems *faults = problems_new();
  arena *home = arena_new();
  store *s = store_of(t, faults);
  store_run *runs;
  uint32_t count;
  assert_true(store_runs(s, NULL, home, &runs, &count));
  store_close(s);
  arena_free(home);
  problems_free(faults);
  return count;
}

static void outputs_that_fail_are_not_recorded(void **state)
{
  (void)state;
  trial t;
  trial_new(&t);
  run_trial(&t, profile_text);
  assert_good(&t, tarazu_publish(t.session));
  assert_int_equal(runs_in(&t), 1);
  run_trial(&t, profile_text);
  remove(trial_path(&t, "out/scores.csv"));
  remove(trial_path(&t, "out/scores.manifest.json"));
  assert_int_equal(mkdir(trial_path(&t, "out/scores.manifest.json"), 0755), 0); /* where the manifest must go */
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_OUTPUT);
  assert_int_equal(runs_in(&t), 1);
  assert_int_not_equal(access(trial_path(&t, "out/scores.csv"), F_OK), 0);
  trial_free(&t);
}

static void a_store_that_cannot_be_written_leaves_no_output(void **state)
{
  (void)state;
  trial t;
  trial_new(&t);
  run_trial(&t, profile_text);
  trial_write(&t, "runs", "a file where the folder should be");
  assert_int_equal(tarazu_publish(t.session), TARAZU_FAULT_OUTPUT);
  assert_told(&t, "cannot open the run store");
  assert_int_not_equal(access(trial_path(&t, "out/scores.csv"), F_OK), 0);
  trial_free(&t);
}

static void the_options_store_goes_before_the_profile_s(void **state)
{
  (void)state;
  trial t;
  trial_new(&t);
  t.options.store = trial_path(&t, "other.db");
  run_trial(&t, profile_text);
  assert_good(&t, tarazu_publish(t.session));
  assert_int_equal(access(trial_path(&t, "other.db"), F_OK), 0);
  assert_int_not_equal(access(trial_path(&t, "runs"), F_OK), 0);
  t.options.store = "";
  assert_int_equal(trial_open(&t, profile_text), TARAZU_FAULT_USAGE);
  assert_told(&t, "the run store has no name");
  trial_free(&t);
}

static void a_store_is_no_place_of_an_output_or_a_table(void **state)
{
  (void)state;
  trial t;
  trial_new(&t);
  assert_int_equal(trial_open(&t, "tarazu: 1\ndata:\n  customers: {from: a.csv, key: id}\n"
                                  "criteria: {spend: {plugin: attribute, input: {value: customers.spend}}}\n"
                                  "output: [{to: b.csv}]\nstore: b.csv\n"),
                   TARAZU_FAULT_PROFILE);
  assert_told(&t, "store: an output goes to 'b.csv' too");
  assert_int_equal(
      trial_open(&t, "tarazu: 1\ndata:\n  customers: {from: a.csv, key: id}\n"
                     "criteria: {spend: {plugin: attribute, input: {value: customers.spend}}}\nstore: a.csv\n"),
      TARAZU_FAULT_PROFILE);
  assert_told(&t, "a run never writes over its data");
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(publishing_records_everyone_in_the_profile_s_store),
      cmocka_unit_test(outputs_that_fail_are_not_recorded),
      cmocka_unit_test(a_store_that_cannot_be_written_leaves_no_output),
      cmocka_unit_test(the_options_store_goes_before_the_profile_s),
      cmocka_unit_test(a_store_is_no_place_of_an_output_or_a_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
