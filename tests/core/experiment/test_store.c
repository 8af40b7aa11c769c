#include "experiment/store.h"

#include "base/file.h"
#include "support/near.h"
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder of its own, a store in it, and what went wrong. */
typedef struct desk {
  char folder[64], path[96];
  arena *arena;
  problems *problems;
} desk;

static desk *desk_new(void)
{
  desk *d = test_malloc(sizeof *d);
  strcpy(d->folder, "/tmp/tarazu-store-XXXXXX");
  assert_non_null(mkdtemp(d->folder));
  snprintf(d->path, sizeof d->path, "%s/tarazu.db", d->folder);
  d->arena = arena_new();
  d->problems = problems_new();
  return d;
}

static void desk_free(desk *d)
{
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", d->folder);
  assert_int_equal(system(command), 0);
  problems_free(d->problems);
  arena_free(d->arena);
  test_free(d);
}

static void expect_told(desk *d, exit_status status, const char *words)
{
  text said = {0};
  problems_print(d->problems, &said, 0);
  if (!strstr(text_string(&said), words)) fail_msg("no \"%s\" in: %s", words, text_string(&said));
  assert_int_equal(problems_status(d->problems), status);
  text_free(&said);
}

static store *opened(desk *d, store_use use_as)
{
  store *s = store_open(d->path, use_as, NOWHERE, d->problems);
  if (!s) {
    text said = {0};
    problems_print(d->problems, &said, 0);
    fail_msg("%s", text_string(&said));
  }
  return s;
}

/* What is in the file by SQLite's own account. */
static int64_t asked(const char *path, const char *sql)
{
  sqlite3 *db;
  sqlite3_stmt *statement;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  sqlite3_busy_timeout(db, 60000); /* what a killed writer left is put right by one at a time */
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  int64_t number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return number;
}

static void executed(const char *path, const char *sql)
{
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
  sqlite3_close(db);
}

/* Three customers, two criteria. */
static const char *const keys[] = {"ann", "bob", "cid"};
static const double values[3][2] = {{10, 0.5}, {5, NAN}, {-1, 0}};

static void stand(void *argument, int64_t i, store_standing *out)
{
  (void)argument;
  *out = (store_standing){.key = keys[i],
                          .key_length = 3,
                          .rank = i < 2 ? i + 1 : 0,
                          .score = i < 2 ? 1.0 / (double)(i + 1) : NAN,
                          .listed = i == 0,
                          .measured = values[i]};
  if (i) return;
  out->reason = "rank 1 is within the limit of 1";
  out->reason_length = strlen(out->reason);
}

static const store_criterion two_criteria[] = {
    {.name = "spend", .dimension = "financial", .plugin = "monetary", .weight = 0.75, .better = 1},
    {.name = "complaints", .dimension = "non_financial", .plugin = "complaints", .weight = 0.25, .better = -1}};
static const char manifest[] =
    "{\"tarazu\": \"0.1.0\", \"company\": \"Acme\", \"as_of\": \"2026-01-01\",\n"
    " \"profile\": {\"path\": \"/acme/profile.yaml\", \"settings\": {\"tarazu\": \"1\", \"seed\": \"7\"}},\n"
    " \"data\": [{\"table\": \"orders\", \"fingerprint\": \"0123\"}], \"seconds\": {\"load\": 1.25, \"score\": 0.5}}";

static store_record three_customers(void)
{
  return (store_record){.manifest = manifest,
                        .criteria = two_criteria,
                        .criterion_count = 2,
                        .customers = 3,
                        .scored = 2,
                        .standing_count = 3,
                        .standing = stand};
}

static void added(desk *d, store *s, const store_record *r, int64_t *id)
{
  if (store_add(s, r, id)) return;
  text said = {0};
  problems_print(d->problems, &said, 0);
  fail_msg("%s", text_string(&said));
}

static store_run only_run(desk *d, store *s, const store_filter *f)
{
  store_run *runs;
  uint32_t count;
  assert_true(store_runs(s, f, d->arena, &runs, &count));
  assert_int_equal(count, 1);
  return runs[0];
}

/* ---- recording ------------------------------------------------------------------------------------------------- */

static void a_run_is_read_back_as_it_was_recorded(void **state)
{
  (void)state;
  desk *d = desk_new();
  store *s = opened(d, STORE_WRITE);
  const double samples[] = {0.5, NAN, 0.25};
  const store_measure measures[] = {{"share_captured", 0.5, 0.25, 0.75, 1, samples, 3},
                                    {"lift", NAN, NAN, NAN, 1, 0, 0}};
  store_record r = three_customers();
  r.measures = measures;
  r.measure_count = 2;
  int64_t id = 0;
  added(d, s, &r, &id);
  store_close(s);
  s = opened(d, STORE_READ);
  store_run run = only_run(d, s, NULL);
  assert_int_equal(run.id, id);
  assert_int_equal(run.experiment, 0);
  assert_null(run.variant);
  assert_null(run.cut_off);
  assert_string_equal(run.profile, "/acme/profile.yaml");
  assert_string_equal(run.company, "Acme");
  assert_string_equal(run.as_of, "2026-01-01");
  assert_near(run.seconds, 1.75, 0);
  assert_int_equal(run.customers, 3);
  assert_int_equal(run.scored, 2);
  assert_int_equal(run.listed, 1);
  assert_int_equal(run.all, 1);
  assert_int_equal(strlen(run.began), strlen("2026-01-01T00:00:00Z"));
  assert_string_equal(store_manifest(s, id, d->arena), manifest);
  assert_string_equal(store_settings(s, id, d->arena), "{\"tarazu\": \"1\", \"seed\": \"7\"}");
  store_measure *m;
  store_criterion *c;
  store_standing *who, one;
  uint32_t count;
  int64_t standing;
  int found;
  assert_true(store_measures(s, id, d->arena, &m, &count));
  assert_int_equal(count, 2);
  assert_string_equal(m[0].name, "share_captured");
  assert_near(m[0].high, 0.75, 0);
  assert_int_equal(m[0].sample_count, 3);
  assert_memory_equal(m[0].samples, samples, sizeof samples);
  assert_true(isnan(m[1].value) && isnan(m[1].low));
  assert_null(m[1].samples);
  assert_true(store_criteria(s, id, d->arena, &c, &count));
  assert_int_equal(count, 2);
  assert_string_equal(c[1].plugin, "complaints");
  assert_int_equal(c[1].better, -1);
  assert_near(c[0].weight, 0.75, 0);
  assert_true(store_standings(s, id, 0, d->arena, &who, &standing));
  assert_int_equal(standing, 3);
  for (int i = 0; i < 3; i++) {
    assert_string_equal(who[i].key, keys[i]);
    assert_memory_equal(who[i].measured, values[i], sizeof values[i]);
  }
  assert_int_equal(who[2].rank, 0);
  assert_true(isnan(who[2].score));
  assert_string_equal(who[0].reason, "rank 1 is within the limit of 1");
  assert_null(who[1].reason);
  assert_true(store_standings(s, id, 1, d->arena, &who, &standing));
  assert_int_equal(standing, 1);
  assert_true(store_standing_of(s, id, "bob", d->arena, &one, &found) && found);
  assert_int_equal(one.rank, 2);
  assert_true(store_standing_of(s, id, "eve", d->arena, &one, &found) && !found);
  assert_int_equal(store_ahead(s, id, 0.75, NULL), 1);
  assert_int_equal(store_ahead(s, id, 0.75, "ann"), 0);
  assert_int_equal(store_ahead(s, id, NAN, "bob"), 1);
  store_close(s);
  desk_free(d);
}

static void runs_are_found_by_what_they_are(void **state)
{
  (void)state;
  desk *d = desk_new();
  store *s = opened(d, STORE_WRITE);
  store_record r = three_customers();
  int64_t first, second, third, experiment = store_experiment(s, "e0", "weights", "weights.yaml", "{}");
  added(d, s, &r, &first);
  r.profile = "/other/list.yaml";
  added(d, s, &r, &second);
  r.variant =
      (store_variant){.experiment = experiment, .key = "v", .label = "a=1", .repeat = 2, .cut_off = "2025-01-01"};
  r.standing_count = 1;
  added(d, s, &r, &third);
  assert_int_equal(only_run(d, s, &(store_filter){.profile = "profile.yaml"}).id, first);
  assert_int_equal(only_run(d, s, &(store_filter){.profile = "/acme/profile.yaml"}).id, first);
  assert_int_equal(only_run(d, s, &(store_filter){.profile = "list.yaml", .experiment = -1}).id, second);
  store_run variant = only_run(d, s, &(store_filter){.in = "weights"});
  assert_int_equal(variant.id, third);
  assert_string_equal(variant.label, "a=1");
  assert_string_equal(variant.cut_off, "2025-01-01");
  assert_int_equal(variant.repeat, 2);
  assert_int_equal(variant.all, 0);
  assert_int_equal(only_run(d, s, &(store_filter){.experiment = experiment}).id, third);
  assert_int_equal(only_run(d, s, &(store_filter){.latest = 1}).id, third);
  store_run *runs;
  uint32_t count;
  assert_true(store_runs(s, &(store_filter){.customer = "cid"}, d->arena, &runs, &count));
  assert_int_equal(count, 2); /* of the variant only the list is kept */
  assert_int_equal(runs[0].id, first);
  assert_true(store_runs(s, &(store_filter){.profile = "file.yaml"}, d->arena, &runs, &count));
  assert_int_equal(count, 0); /* a name is no end of a longer one */
  store_close(s);
  desk_free(d);
}

static void a_variant_is_recorded_once(void **state)
{
  (void)state;
  desk *d = desk_new();
  store *s = opened(d, STORE_WRITE);
  int64_t experiment = store_experiment(s, "e0", "weights", NULL, NULL), first, second;
  assert_int_equal(store_experiment(s, "e0", "weights", NULL, NULL), experiment);
  store_record r = three_customers();
  r.variant = (store_variant){.experiment = experiment, .key = "v"};
  assert_int_equal(store_has(s, &r.variant), 0);
  added(d, s, &r, &first);
  assert_int_equal(store_has(s, &r.variant), 1);
  added(d, s, &r, &second);
  assert_int_equal(first, second);
  r.variant.repeat = 1;
  assert_int_equal(store_has(s, &r.variant), 0);
  added(d, s, &r, &second);
  r.variant = (store_variant){.experiment = experiment, .key = "v", .cut_off = "2025-01-01"};
  added(d, s, &r, &second);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM run"), 3);
  store_close(s);
  desk_free(d);
}

static void a_variant_that_failed_is_replaced_by_one_that_did_not(void **state)
{
  (void)state;
  desk *d = desk_new();
  store *s = opened(d, STORE_WRITE);
  store_record good = three_customers(), bad = {.status = EXIT_DATA, .problem = "no orders"};
  bad.variant = good.variant = (store_variant){.experiment = store_experiment(s, "e0", NULL, NULL, NULL), .key = "v"};
  int64_t id;
  added(d, s, &bad, &id);
  assert_int_equal(store_has(s, &bad.variant), 0);
  assert_string_equal(only_run(d, s, NULL).problem, "no orders");
  added(d, s, &good, &id);
  assert_int_equal(store_has(s, &bad.variant), 1);
  added(d, s, &bad, &id);
  store_run run = only_run(d, s, &(store_filter){.good = 1});
  assert_int_equal(run.id, id);
  assert_null(run.problem);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM standing"), 3);
  store_close(s);
  desk_free(d);
}

static void what_is_not_committed_is_not_seen_and_goes(void **state)
{
  (void)state;
  desk *d = desk_new();
  store *s = opened(d, STORE_WRITE);
  store_record r = three_customers();
  int64_t id;
  assert_true(store_prepare(s, &r, &id));
  assert_int_equal(asked(d->path, "SELECT count(*) FROM run"), 0);
  store_rollback(s);
  assert_true(store_prepare(s, &r, &id));
  store_close(s);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM run"), 0);
  desk_free(d);
}

/* Other data, another date: other digests. Another order of the file's keys or another profile's name: not. */
static void digests_tell_settings_and_data_apart(void **state)
{
  (void)state;
  desk *d = desk_new();
  store *s = opened(d, STORE_WRITE);
  store_record r = three_customers();
  int64_t id;
  const char *other_data =
      "{\"as_of\": \"2026-01-01\", \"profile\": {\"path\": \"x\", \"settings\": {\"tarazu\": \"1\", "
      "\"seed\": \"7\"}}, \"data\": [{\"table\": \"orders\", \"fingerprint\": \"4567\"}]}";
  const char *other_list =
      "{\"as_of\": \"2026-01-01\", \"profile\": {\"path\": \"x\", \"settings\": {\"tarazu\": \"1\", \"seed\": \"8\"}}, "
      "\"data\": [{\"table\": \"orders\", \"fingerprint\": \"0123\"}, {\"table\": \"previous\", \"fingerprint\": "
      "\"9\"}]}";
  added(d, s, &r, &id);
  r.manifest = other_data;
  added(d, s, &r, &id);
  r.manifest = other_list;
  added(d, s, &r, &id);
  store_run *runs;
  uint32_t count;
  assert_true(store_runs(s, NULL, d->arena, &runs, &count));
  assert_int_equal(count, 3);
  assert_string_equal(runs[0].settings_sha256, runs[1].settings_sha256);
  assert_string_not_equal(runs[0].data_sha256, runs[1].data_sha256);
  assert_string_not_equal(runs[0].settings_sha256, runs[2].settings_sha256);
  assert_string_equal(runs[0].data_sha256, runs[2].data_sha256);
  store_close(s);
  desk_free(d);
}

/* ---- several processes ------------------------------------------------------------------------------------------- */

enum { VARIANTS = 60 };

/* Records variants [first, last), each with a repeat of its own. Ends the process. */
static void work(const char *path, int64_t first, int64_t last)
{
  problems *faults = problems_new();
  store *s = store_open(path, STORE_WRITE, NOWHERE, faults);
  store_record r = three_customers();
  int good = s != NULL;
  if (good) r.variant = (store_variant){.experiment = store_experiment(s, "e0", "both", NULL, NULL), .key = "v"};
  for (int64_t i = first; good && i < last; i++) {
    r.variant.repeat = i;
    good = r.variant.experiment && store_add(s, &r, NULL);
  }
  text said = {0};
  problems_print(faults, &said, 0);
  fputs(text_string(&said), stderr);
  _exit(good ? 0 : 1);
}

static pid_t begin_work(const char *path, int64_t first, int64_t last)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody writing */
    work(path, first, last);
  }
  return child;
}

/* All begin on a file that is not there yet, and share a third of the variants. */
static void processes_that_write_at_once_lose_and_double_nothing(void **state)
{
  (void)state;
  desk *d = desk_new();
  int status;
  pid_t children[3];
  for (int i = 0; i < 3; i++) children[i] = begin_work(d->path, i * VARIANTS / 3, VARIANTS / 3 * (i + 2));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_int_equal(status, 0);
  }
  assert_int_equal(asked(d->path, "SELECT count(*) FROM experiment"), 1);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM run"), VARIANTS / 3 * 4);
  assert_int_equal(asked(d->path, "SELECT count(DISTINCT repeat) FROM run"), VARIANTS / 3 * 4);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM standing"), VARIANTS / 3 * 4 * 3);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM customer"), 3);
  desk_free(d);
}

/* Whatever a killed writer had committed is there, whole; nothing else is; and others go on. */
static void a_killed_writer_loses_the_run_in_flight_alone(void **state)
{
  (void)state;
  desk *d = desk_new();
  store_close(opened(d, STORE_WRITE));
  for (int round = 1; round <= 8; round++) {
    int status;
    int64_t before = asked(d->path, "SELECT count(*) FROM run");
    pid_t child = begin_work(d->path, round * 1000000, (round + 1) * 1000000);
    while (asked(d->path, "SELECT count(*) FROM run") == before) usleep(1000);
    usleep((useconds_t)(1300 * round));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    int64_t runs = asked(d->path, "SELECT count(*) FROM run");
    assert_int_equal(asked(d->path, "SELECT count(*) FROM standing"), 3 * runs);
    assert_int_equal(asked(d->path, "SELECT count(*) FROM criterion"), 2 * runs);
    /* those of a round are without a gap */
    assert_int_equal(asked(d->path,
                           "SELECT count(*) FROM (SELECT max(repeat) - min(repeat) + 1 - count(*) AS gap FROM run "
                           "GROUP BY repeat / 1000000) WHERE gap"),
                     0);
  }
  store *s = opened(d, STORE_WRITE);
  store_record r = three_customers();
  added(d, s, &r, NULL);
  store_close(s);
  desk_free(d);
}

/* ---- files that are no store of this version ----------------------------------------------------------------------
 */

static void plant_version_1(desk *d)
{
  char *bytes;
  size_t count;
  assert_int_equal(file_read(SOURCE_DIR "/tests/core/experiment/store_v1.sql", 1 << 20, d->arena, &bytes, &count), 0);
  executed(d->path, bytes);
  assert_int_equal(asked(d->path, "PRAGMA user_version"), 1);
}

static void a_store_of_version_1_is_migrated_with_all_it_holds(void **state)
{
  (void)state;
  desk *d = desk_new();
  plant_version_1(d);
  store *s = opened(d, STORE_READ);
  assert_int_equal(asked(d->path, "PRAGMA user_version"), STORE_VERSION);
  store_run *runs;
  store_measure *m;
  store_standing one;
  uint32_t count;
  int found;
  assert_true(store_runs(s, NULL, d->arena, &runs, &count));
  assert_int_equal(count, 2);
  assert_int_equal(runs[0].status, 0);
  assert_string_equal(runs[1].experiment_name, "weights");
  assert_true(store_measures(s, 2, d->arena, &m, &count));
  assert_int_equal(count, 1);
  assert_near(m[0].low, 0.125, 0);
  assert_null(m[0].samples);
  assert_true(store_standing_of(s, 1, "ann", d->arena, &one, &found) && found);
  assert_near(one.measured[0], 10, 0);
  assert_int_equal(store_has(s, &(store_variant){.experiment = 1, .key = "v1", .repeat = 4, .cut_off = "2025-06-01"}),
                   1);
  store_close(s);
  s = opened(d, STORE_WRITE);
  store_record r = three_customers();
  int64_t id;
  added(d, s, &r, &id);
  assert_int_equal(id, 3);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM customer"), 3);
  store_close(s);
  desk_free(d);
}

static void processes_may_migrate_at_once(void **state)
{
  (void)state;
  desk *d = desk_new();
  plant_version_1(d);
  pid_t children[4];
  int status;
  for (int i = 0; i < 4; i++) children[i] = begin_work(d->path, 0, 2);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_int_equal(status, 0);
  }
  assert_int_equal(asked(d->path, "SELECT count(*) FROM run"), 4);
  desk_free(d);
}

static void a_migration_that_fails_leaves_the_file_as_it_was(void **state)
{
  (void)state;
  desk *d = desk_new();
  plant_version_1(d);
  executed(d->path, "CREATE INDEX standing_score ON standing (score)"); /* what the last step of the migration adds */
  assert_null(store_open(d->path, STORE_WRITE, NOWHERE, d->problems));
  expect_told(d, EXIT_OUTPUT, "cannot migrate the run store");
  assert_int_equal(asked(d->path, "PRAGMA user_version"), 1);
  assert_int_equal(asked(d->path, "SELECT count(*) FROM pragma_table_info('run') WHERE name = 'status'"), 0);
  desk_free(d);
}

static void a_newer_store_is_refused(void **state)
{
  (void)state;
  desk *d = desk_new();
  store_close(opened(d, STORE_WRITE));
  executed(d->path, "PRAGMA user_version = 99");
  assert_null(store_open(d->path, STORE_WRITE, NOWHERE, d->problems));
  expect_told(d, EXIT_OUTPUT, "is of version 99, which a newer tarazu has made; this one");
  assert_int_equal(asked(d->path, "PRAGMA user_version"), 99);
  desk_free(d);
}

static void write_bytes(const char *path, const char *bytes, size_t count, long at)
{
  FILE *file = fopen(path, at ? "r+b" : "wb");
  assert_non_null(file);
  assert_int_equal(fseek(file, at, SEEK_SET), 0);
  assert_int_equal(fwrite(bytes, 1, count, file), count);
  fclose(file);
}

static void what_is_no_store_is_told_apart(void **state)
{
  (void)state;
  desk *d = desk_new();
  char words[4096];
  memset(words, 'x', sizeof words);
  write_bytes(d->path, words, sizeof words, 0);
  assert_null(store_open(d->path, STORE_WRITE, NOWHERE, d->problems));
  expect_told(d, EXIT_OUTPUT, "is no run store: it is no SQLite database");
  desk_free(d);

  d = desk_new();
  executed(d->path, "CREATE TABLE theirs (x)");
  assert_null(store_open(d->path, STORE_WRITE, NOWHERE, d->problems));
  expect_told(d, EXIT_OUTPUT, "another program's database, and no run store");
  assert_int_equal(asked(d->path, "SELECT count(*) FROM sqlite_schema"), 1);
  desk_free(d);

  d = desk_new();
  write_bytes(d->path, "", 0, 0);
  assert_null(store_open(d->path, STORE_READ, NOWHERE, d->problems));
  expect_told(d, EXIT_DATA, "an empty file, and no run store");
  desk_free(d);

  d = desk_new();
  assert_null(store_open(d->path, STORE_READ, NOWHERE, d->problems));
  expect_told(d, EXIT_USAGE, "there is no run store");
  assert_int_not_equal(access(d->path, F_OK), 0);
  desk_free(d);
}

static void a_damaged_store_is_told(void **state)
{
  (void)state;
  desk *d = desk_new();
  char zeros[4096];
  store *s = opened(d, STORE_WRITE);
  store_record r = three_customers();
  added(d, s, &r, NULL);
  store_close(s);
  memset(zeros, 0xff, sizeof zeros);
  int64_t pages = asked(d->path, "PRAGMA page_count"), size = asked(d->path, "PRAGMA page_size");
  for (int64_t i = 1; i < pages; i++) write_bytes(d->path, zeros, sizeof zeros, (long)(i * size));
  s = store_open(d->path, STORE_READ, NOWHERE, d->problems);
  store_run *runs;
  uint32_t count;
  assert_true(!s || !store_runs(s, NULL, d->arena, &runs, &count));
  expect_told(d, EXIT_DATA, "is damaged");
  store_close(s);
  desk_free(d);
}

/* Who reads does not wait for ever where another program keeps the whole file to itself. */
static void a_locked_store_is_told(void **state)
{
  (void)state;
  desk *d = desk_new();
  sqlite3 *other;
  store_close(opened(d, STORE_WRITE));
  assert_int_equal(sqlite3_open(d->path, &other), SQLITE_OK);
  assert_int_equal(sqlite3_exec(other,
                                "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; "
                                "INSERT INTO customer (key) VALUES ('x'); COMMIT",
                                NULL, NULL, NULL),
                   SQLITE_OK);
  store *s = store_open(d->path, STORE_READ, NOWHERE, d->problems);
  store_run *runs;
  uint32_t count;
  assert_true(!s || !store_runs(s, NULL, d->arena, &runs, &count));
  expect_told(d, EXIT_DATA, "another process has locked it for 5 seconds");
  store_close(s);
  sqlite3_close(other);
  desk_free(d);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
  (void)state;
  desk *d = desk_new();
  char path[160];
  write_bytes(d->path, "", 0, 0);
  snprintf(path, sizeof path, "%s/runs.db", d->path); /* below a file */
  assert_null(store_open(path, STORE_WRITE, NOWHERE, d->problems));
  expect_told(d, EXIT_OUTPUT, "cannot open the run store");
  desk_free(d);
  d = desk_new();
  assert_int_equal(mkdir(d->path, 0755), 0);
  assert_null(store_open(d->path, STORE_WRITE, NOWHERE, d->problems));
  expect_told(d, EXIT_OUTPUT, "cannot open the run store");
  desk_free(d);
}

static void a_folder_is_made_for_a_store(void **state)
{
  (void)state;
  desk *d = desk_new();
  char path[160];
  snprintf(path, sizeof path, "%s/deep/er/runs.db", d->folder);
  store *s = store_open(path, STORE_WRITE, NOWHERE, d->problems);
  assert_non_null(s);
  assert_string_equal(store_path(s), path);
  store_close(s);
  desk_free(d);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_is_read_back_as_it_was_recorded),
      cmocka_unit_test(runs_are_found_by_what_they_are),
      cmocka_unit_test(a_variant_is_recorded_once),
      cmocka_unit_test(a_variant_that_failed_is_replaced_by_one_that_did_not),
      cmocka_unit_test(what_is_not_committed_is_not_seen_and_goes),
      cmocka_unit_test(digests_tell_settings_and_data_apart),
      cmocka_unit_test(processes_that_write_at_once_lose_and_double_nothing),
      cmocka_unit_test(a_killed_writer_loses_the_run_in_flight_alone),
      cmocka_unit_test(a_store_of_version_1_is_migrated_with_all_it_holds),
      cmocka_unit_test(processes_may_migrate_at_once),
      cmocka_unit_test(a_migration_that_fails_leaves_the_file_as_it_was),
      cmocka_unit_test(a_newer_store_is_refused),
      cmocka_unit_test(what_is_no_store_is_told_apart),
      cmocka_unit_test(a_damaged_store_is_told),
      cmocka_unit_test(a_locked_store_is_told),
      cmocka_unit_test(a_place_that_cannot_be_written_is_told),
      cmocka_unit_test(a_folder_is_made_for_a_store),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
