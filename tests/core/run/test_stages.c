/* What a run takes from the cache: everything but what hangs on the setting that changed, and the same bytes as without
 * a cache, whatever was there before. */
#include "run/session.h"
#include "support/session.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROFILE                                                                                                      \
  "tarazu: 1\nas_of: 2024-03-01\nseed: 7\ndata:\n"                                                                   \
  "  customers: {from: customers.csv, key: id}\n"                                                                    \
  "  orders: {from: 'orders*.csv', key: id, columns: {time: day, amount: amount}}\n"                                 \
  "criteria:\n"                                                                                                      \
  "  revenue: {plugin: monetary, dimension: financial, weight: 2}\n"                                                 \
  "  recent: {plugin: monetary, dimension: financial, params: {window: 30 days}}\n"                                  \
  "  habit: {plugin: rfm, dimension: financial}\n"                                                                   \
  "  joy: {plugin: attribute, dimension: non_financial, input: {value: customers.joy}, missing: median}\n"           \
  "  again: {plugin: attribute, dimension: non_financial, input: {value: revenue}}\n"                                \
  "weigh: entropy\ncombine: {plugin: weighted_sum}\n"                                                                \
  "segments:\n  class: {plugin: pareto, input: {value: revenue}}\n  tier: {plugin: pareto, input: {value: score}}\n" \
  "key_customers: {limit: 2}\n"

typedef struct stage_trial {
  trial t;
  cache *shared;
} stage_trial;

static void write_customers(const stage_trial *s, const char *joy_of_dan)
{
  char words[200];
  snprintf(words, sizeof words, "id,joy,town\nann,5,Rey\nbob,,Tus\ncid,2,Rey\ndan,%s,Qom\neve,4,Qom\n", joy_of_dan);
  trial_write(&s->t, "customers.csv", words);
}

static void begin(stage_trial *s)
{
  trial_new(&s->t);
  s->shared = cache_open(NULL, 0, 0);
  write_customers(s, "3");
  trial_write(&s->t, "orders1.csv",
              "id,day,amount\nann,2024-01-05,10\nann,2024-02-20,20.5\nbob,2024-02-25,7\ncid,2024-01-01,99\n"
              "dan,2024-02-10,31\ndan,2024-02-11,3\neve,2023-12-01,12\n");
}

static void end(stage_trial *s)
{
  trial_free(&s->t);
  cache_free(s->shared);
}

static int run_with(stage_trial *s, const char *words, const char *const *settings, cache *with)
{
  s->t.options.settings = settings;
  assert_good(&s->t, trial_open(&s->t, words));
  if (with) session_use_cache(s->t.session, with);
  return trial_run(&s->t);
}

/* The names of the steps that the session at hand computed, each between blanks; "read" where it read the data. */
static const char *made(const stage_trial *s)
{
  static char words[2000];
  const engine *e = session_engine(s->t.session);
  snprintf(words, sizeof words, "%s", e->read_taken ? " " : " read ");
  for (uint32_t i = 0; i < e->plan->step_count; i++)
    if (!e->instances[i].taken)
      snprintf(words + strlen(words), sizeof words - strlen(words), "%s ", e->plan->steps[i]->name);
  return words;
}

static char *all_bytes(stage_trial *s)
{
  static const char *const tables[] = {"customers", "criteria", "facts"};
  text all = {0};
  for (int i = 0; i < 3; i++) {
    size_t count;
    sheet *of = sheet_read(&s->t, tables[i]);
    char *bytes = sheet_bytes(of, &count);
    for (size_t k = 0; k < count; k++) text_addf(&all, "%02x", (unsigned char)bytes[k]);
    free(bytes);
    sheet_free(of);
  }
  return all.bytes;
}

/* Runs a variant with the cache and without: the same results, to the bit. Leaves the one with the cache. */
static void run_both(stage_trial *s, const char *words, const char *const *settings)
{
  assert_good(&s->t, run_with(s, words, settings, NULL));
  char *without = all_bytes(s);
  assert_good(&s->t, run_with(s, words, settings, s->shared));
  char *with = all_bytes(s);
  assert_string_equal(with, without);
  free(with);
  free(without);
}

/* ---- one thing changes ------------------------------------------------------------------------------------------ */

static void the_same_again_computes_the_combining_alone(void **state)
{
  stage_trial s;
  (void)state;
  begin(&s);
  run_both(&s, PROFILE, NULL);
  assert_words(made(&s), " read ");
  assert_words(made(&s), " revenue ");
  run_both(&s, PROFILE, NULL);
  assert_string_equal(made(&s), " combine tier ");
  int64_t taken, computed;
  session_stages(s.t.session, &taken, &computed);
  assert_int_equal(computed, 2);
  assert_words(tarazu_manifest(s.t.session), "\"cache\": {\"taken\": ");
  end(&s);
}

typedef struct change {
  const char *setting;
  const char *is_made[8], *is_taken[8];
} change;

/* Every single thing that a step depends on, and what does not. */
static const change changes[] = {
    {"criteria.revenue.weight=5", {"combine"}, {"read", "revenue", "revenue.normalize", "joy.normalize", "class"}},
    {"key_customers.limit=3", {"combine"}, {"read", "revenue", "entropy", "revenue.normalize"}},
    {"combine=topsis", {"combine"}, {"read", "revenue", "recent", "joy", "joy.filled", "class"}},
    {"dimensions={financial: 0.7, non_financial: 0.3}", {"combine"}, {"read", "revenue", "revenue.normalize"}},
    {"criteria.recent.params.window=60 days", {"read", "recent", "recent.normalize"}, {"revenue", "joy", "again"}},
    {"criteria.habit.params.bins=3", {"habit", "habit.normalize"}, {"read", "revenue"}},
    {"criteria.joy.missing=worst", {"joy.filled", "joy.normalize"}, {"read", "joy", "revenue", "revenue.normalize"}},
    {"criteria.joy.missing=1", {"joy.filled", "joy.normalize"}, {"read", "joy"}},
    {"criteria.joy.better=less", {"joy.filled", "joy.normalize"}, {"read", "revenue.normalize"}},
    {"criteria.again.input.value=recent", {"again", "again.normalize"}, {"read", "revenue", "recent"}},
    {"criteria.joy.normalize=max", {"joy.normalize"}, {"read", "joy", "joy.filled", "revenue.normalize"}},
    {"segments.class.params.cuts=[60%, 95%]", {"class"}, {"read", "revenue", "revenue.normalize"}},
    {"seed=8", {"revenue", "joy", "revenue.normalize", "class"}, {NULL}},
    {"as_of=2024-02-22", {"read", "revenue", "joy", "revenue.normalize"}, {NULL}},
    {"time_zone=Asia/Tehran", {"read", "revenue", "joy"}, {NULL}},
    {"data.orders.where=amount > 5", {"read", "revenue", "joy"}, {NULL}},
    {"data.orders.columns.amount=amount * 2", {"read", "revenue", "again"}, {"joy", "joy.normalize"}},
    {"data.customers.columns={joy: joy * 2}", {"read", "joy", "joy.filled"}, {"revenue", "recent", "again"}},
};

static int is_among(const char *names, const char *name)
{
  char word[100];
  snprintf(word, sizeof word, " %s ", name);
  return strstr(names, word) != NULL;
}

static void a_change_is_computed_and_nothing_else(void **state)
{
  (void)state;
  stage_trial s;
  begin(&s);
  assert_good(&s.t, run_with(&s, PROFILE, NULL, s.shared));
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    const char *settings[] = {changes[i].setting, NULL};
    if (run_with(&s, PROFILE, settings, NULL) != TARAZU_GOOD) { /* a parameter that does not exist, say */
      fail_msg("%s: %s", changes[i].setting, tarazu_problems(s.t.session, 0, 0));
    }
    run_both(&s, PROFILE, settings);
    const char *names = made(&s);
    for (int k = 0; k < 8 && changes[i].is_made[k]; k++)
      if (!is_among(names, changes[i].is_made[k]))
        fail_msg("%s: '%s' was taken; made:%s", changes[i].setting, changes[i].is_made[k], names);
    for (int k = 0; k < 8 && changes[i].is_taken[k]; k++)
      if (is_among(names, changes[i].is_taken[k]))
        fail_msg("%s: '%s' was made anew; made:%s", changes[i].setting, changes[i].is_taken[k], names);
    run_both(&s, PROFILE, settings);
    assert_false(is_among(made(&s), "read"));
  }
  end(&s);
}

/* A name keys random numbers and stands in messages. */
static void another_name_is_another_step(void **state)
{
  stage_trial s;
  char renamed[sizeof PROFILE];
  (void)state;
  begin(&s);
  assert_good(&s.t, run_with(&s, PROFILE, NULL, s.shared));
  memcpy(renamed, PROFILE, sizeof renamed);
  memcpy(strstr(renamed, "joy: {plugin"), "fun", 3);
  run_both(&s, renamed, NULL);
  assert_words(made(&s), " fun ");
  assert_no_words(made(&s), " revenue ");
  end(&s);
}

/* ---- data ------------------------------------------------------------------------------------------------------- */

static void other_contents_are_read(void **state)
{
  stage_trial s;
  (void)state;
  begin(&s);
  run_both(&s, PROFILE, NULL);
  write_customers(&s, "1");
  run_both(&s, PROFILE, NULL);
  assert_words(made(&s), " read ");
  assert_words(made(&s), " joy ");
  write_customers(&s, "3"); /* as at first: its stages are still there */
  run_both(&s, PROFILE, NULL);
  assert_string_equal(made(&s), " combine tier ");
  trial_write(&s.t, "orders2.csv", "id,day,amount\nbob,2024-02-26,700\n"); /* the pattern means it, too */
  run_both(&s, PROFILE, NULL);
  assert_words(made(&s), " revenue ");
  end(&s);
}

static void the_latest_date_is_of_the_data(void **state)
{
  static const char *const from_data[] = {"as_of=null", NULL};
  stage_trial s;
  (void)state;
  begin(&s);
  run_both(&s, PROFILE, from_data);
  run_both(&s, PROFILE, from_data);
  assert_string_equal(made(&s), " combine tier ");
  trial_write(&s.t, "orders2.csv", "id,day,amount\nbob,2024-02-28,1\n");
  run_both(&s, PROFILE, from_data);
  assert_words(tarazu_manifest(s.t.session), "\"as_of\": \"2024-02-28\"");
  end(&s);
}

/* Rows in memory have no identity that another run could know them by. */
static void pushed_tables_are_not_cached(void **state)
{
  static const char words[] = "tarazu: 1\nas_of: 2024-01-01\ndata:\n  customers: {key: id}\ncriteria:\n"
                              "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n";
  stage_trial s;
  (void)state;
  begin(&s);
  for (int round = 0; round < 2; round++) {
    assert_good(&s.t, trial_open(&s.t, words));
    session_use_cache(s.t.session, s.shared);
    assert_good(&s.t, trial_push(&s.t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, 2 + round)));
    assert_good(&s.t, trial_run(&s.t));
    assert_words(made(&s), " read a ");
  }
  end(&s);
}

/* ---- plugins ---------------------------------------------------------------------------------------------------- */

/* A byte behind the end changes nothing that a loader sees, but the file is another. */
static void another_plugin_file_is_another_step(void **state)
{
  stage_trial s;
  char command[2000], folder[200], duckdb[1000];
  const char *build = getenv("BUILD_DIR");
  (void)state;
  if (!build) skip();
  begin(&s);
  snprintf(folder, sizeof folder, "%s", trial_path(&s.t, "plugins"));
  snprintf(command, sizeof command, "cp -R '%s/plugins' '%s' && chmod -R go-w '%s'", build, folder, folder);
  snprintf(duckdb, sizeof duckdb, "%s/libduckdb.so", build);
  assert_int_equal(system(command), 0);
  setenv("TARAZU_DUCKDB", duckdb, 1);
  s.t.options.plugin_path = folder;
  run_both(&s, PROFILE, NULL);
  run_both(&s, PROFILE, NULL);
  assert_string_equal(made(&s), " combine tier ");
  snprintf(command, sizeof command, "printf x >>'%s/scorer/monetary.so'", folder);
  assert_int_equal(system(command), 0);
  run_both(&s, PROFILE, NULL);
  assert_words(made(&s), " revenue recent "); /* in the plan's order */
  assert_words(made(&s), " again ");
  assert_no_words(made(&s), " joy ");
  assert_no_words(made(&s), " read ");
  unsetenv("TARAZU_DUCKDB");
  end(&s);
}

/* ---- instances -------------------------------------------------------------------------------------------------- */

static void explanations_are_the_same(void **state)
{
  stage_trial s;
  const char *words;
  (void)state;
  begin(&s);
  assert_good(&s.t, run_with(&s, PROFILE, NULL, NULL));
  assert_good(&s.t, tarazu_explain_customer(s.t.session, "dan", 0, &words));
  char *without = strdup(words);
  assert_good(&s.t, run_with(&s, PROFILE, NULL, s.shared));
  assert_good(&s.t, run_with(&s, PROFILE, NULL, s.shared));
  assert_string_equal(made(&s), " combine tier ");
  assert_good(&s.t, tarazu_explain_customer(s.t.session, "dan", 0, &words));
  assert_string_equal(words, without);
  free(without);
  end(&s);
}

/* ---- threads ---------------------------------------------------------------------------------------------------- */

typedef struct variant {
  stage_trial *s;
  const char *setting;
  int64_t taken, made;
  int status;
} variant;

static void *run_variant(void *argument)
{
  variant *v = argument;
  const char *settings[] = {v->setting, NULL};
  tarazu_options options = v->s->t.options;
  tarazu_session *session;
  options.settings = settings;
  v->status = tarazu_open(trial_path(&v->s->t, "profile.yaml"), &options, &session);
  session_use_cache(session, v->s->shared);
  if (!v->status) v->status = tarazu_run(session);
  session_stages(session, &v->taken, &v->made);
  tarazu_close(session);
  return NULL;
}

/* Who comes later waits for who came first. */
static void threads_compute_each_stage_once(void **state)
{
  enum { THREADS = 6 };
  static const char *const settings[THREADS] = {"criteria.revenue.weight=1",
                                                "criteria.revenue.weight=2",
                                                "criteria.revenue.weight=3",
                                                "key_customers.limit=1",
                                                "combine=topsis",
                                                "key_customers.limit=4"};
  stage_trial s;
  variant variants[THREADS];
  pthread_t threads[THREADS];
  int64_t reads = 0;
  (void)state;
  begin(&s);
  trial_write(&s.t, "profile.yaml", PROFILE);
  for (int i = 0; i < THREADS; i++) {
    variants[i] = (variant){.s = &s, .setting = settings[i]};
    assert_int_equal(pthread_create(&threads[i], NULL, run_variant, &variants[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(variants[i].status, TARAZU_GOOD);
    reads += variants[i].taken == 0;
  }
  assert_int_equal(reads, 1);
  end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_again_computes_the_combining_alone),
      cmocka_unit_test(a_change_is_computed_and_nothing_else),
      cmocka_unit_test(another_name_is_another_step),
      cmocka_unit_test(other_contents_are_read),
      cmocka_unit_test(the_latest_date_is_of_the_data),
      cmocka_unit_test(pushed_tables_are_not_cached),
      cmocka_unit_test(another_plugin_file_is_another_step),
      cmocka_unit_test(explanations_are_the_same),
      cmocka_unit_test(threads_compute_each_stage_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
