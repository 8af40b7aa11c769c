/* Opens the run store and records in it: each run in one transaction that begins as a writer's, so that several
 * processes take turns. */
#include "experiment/store.h"

#include "base/file.h"
#include "base/hash.h"
#include "experiment/store_inner.h"
#include "run/compare.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long one waits for others, in milliseconds. One run of a million customers takes seconds to write. Who reads
 * waits only where a file is locked altogether, or to be migrated. */
static int patience(store_use what)
{
  return what == STORE_WRITE ? 120000 : 5000;
}

/* ---- SQLite's calls -------------------------------------------------------------------------------------------- */

int store_failed(store *s, const char *doing)
{
  int code = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;
  exit_status status = s->use == STORE_WRITE ? EXIT_OUTPUT : EXIT_DATA;
  if (code == SQLITE_NOTADB)
    problem_add(s->problems, status, s->where, "'%s' is no run store: it is no SQLite database", s->path);
  else if (code == SQLITE_CORRUPT)
    problem_add(s->problems, status, s->where,
                "the run store '%s' is damaged: %s; `sqlite3 FILE .recover` may save what is left", s->path,
                sqlite3_errmsg(s->db));
  else if (code == SQLITE_BUSY)
    problem_add(s->problems, status, s->where,
                "cannot %s the run store '%s': another process has locked it for %d seconds", doing, s->path,
                patience(s->use) / 1000);
  else
    problem_add(s->problems, code == SQLITE_NOMEM ? EXIT_INTERNAL : status, s->where,
                "cannot %s the run store '%s': %s", doing, s->path,
                s->db ? sqlite3_errmsg(s->db) : "there is no memory");
  return 0;
}

int store_execute(store *s, const char *sql, const char *doing)
{
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_failed(s, doing);
}

static const char *doing_of(const store *s)
{
  return s->use == STORE_WRITE ? "write" : "read";
}

sqlite3_stmt *store_statement(store *s, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK) store_failed(s, doing_of(s));
  return statement;
}

int store_step(store *s, sqlite3_stmt *statement)
{
  int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return 1;
  if (code == SQLITE_DONE) return 0;
  store_failed(s, doing_of(s));
  return -1;
}

void store_bind_text(sqlite3_stmt *statement, int at, const char *words)
{
  if (words) sqlite3_bind_text(statement, at, words, -1, SQLITE_STATIC);
  else sqlite3_bind_null(statement, at);
}

void store_bind_real(sqlite3_stmt *statement, int at, double value)
{
  if (isnan(value)) sqlite3_bind_null(statement, at);
  else sqlite3_bind_double(statement, at, value);
}

const char *store_text(sqlite3_stmt *statement, int at, arena *home)
{
  const char *words = (const char *)sqlite3_column_text(statement, at);
  return words ? arena_copy(home, words) : NULL;
}

double store_real(sqlite3_stmt *statement, int at)
{
  return sqlite3_column_type(statement, at) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, at);
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

static int system_failed(store *s, int number)
{
  problem_add(s->problems,
              s->use == STORE_WRITE ? EXIT_OUTPUT
              : number == ENOENT    ? EXIT_USAGE
                                    : EXIT_DATA,
              s->where, number == ENOENT ? "there is no run store '%s'" : "cannot open the run store '%s': %s", s->path,
              strerror(number));
  return 0;
}

static int open_file(store *s)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, number = 0;
  if (s->use == STORE_WRITE) {
    arena *home = arena_new();
    number = file_make_folders(file_folder(home, s->path));
    arena_free(home);
    if (number) return system_failed(s, number);
    flags |= SQLITE_OPEN_CREATE;
  } else if (access(s->path, R_OK) != 0) {
    return system_failed(s, errno);
  }
  if (s->use == STORE_WRITE && access(s->path, F_OK) == 0 && access(s->path, W_OK) != 0) return system_failed(s, errno);
  if (s->use == STORE_READ && access(s->path, W_OK) != 0) flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK) return store_failed(s, "open");
  sqlite3_extended_result_codes(s->db, 0);
  sqlite3_busy_timeout(s->db, patience(s->use));
  return store_execute(s, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", "open");
}

store *store_open(const char *path, store_use what, place where, problems *faults)
{
  store *s = calloc(1, sizeof *s);
  char *copy = s ? malloc(strlen(path) + 1) : NULL;
  if (!copy) {
    problem_add(faults, EXIT_INTERNAL, where, "no memory to open the run store '%s'", path);
    free(s);
    return NULL;
  }
  strcpy(copy, path);
  *s = (store){.path = copy, .use = what, .where = where, .problems = faults};
  if (!open_file(s) || !store_migrate(s)) {
    store_close(s);
    return NULL;
  }
  return s;
}

void store_close(store *s)
{
  if (!s) return;
  store_rollback(s);
  sqlite3_close(s->db);
  free(s->path);
  free(s);
}

const char *store_path(const store *s)
{
  return s->path;
}

/* ---- what a manifest tells ------------------------------------------------------------------------------------- */

typedef struct told {
  const char *version, *profile, *company, *as_of, *settings, *settings_sha256, *data_sha256;
  double seconds;
} told;

static const char *scalar(const node *map, const char *key)
{
  const node *value = node_get(map, key);
  return value && value->kind == NODE_SCALAR && (value->quoted || strcmp(value->text, "null") != 0) ? value->text
                                                                                                    : NULL;
}

static const char *digest_of(arena *home, const text *words)
{
  char digest[65];
  hash_sha256(text_string(words), words->length, digest);
  return arena_copy(home, digest);
}

/* NULL: not told. */
static const char *settings_digest(const node *manifest, const char *settings, arena *home)
{
  text words = {0};
  int is_told = manifest_settings(manifest, home, &words);
  if (!is_told && settings) text_add(&words, settings);
  const char *digest = is_told || settings ? digest_of(home, &words) : NULL;
  text_free(&words);
  return digest;
}

static const char *data_digest(const node *manifest, arena *home)
{
  text words = {0};
  const char *digest = manifest_data(manifest, &words) ? digest_of(home, &words) : NULL;
  text_free(&words);
  return digest;
}

static double all_seconds(const node *seconds)
{
  double sum = NAN;
  for (uint32_t i = 0; seconds && seconds->kind == NODE_MAP && i < seconds->count; i++) {
    double part = strtod(seconds->entries[i].value->text ? seconds->entries[i].value->text : "0", NULL);
    sum = isnan(sum) ? part : sum + part;
  }
  return sum;
}

static told read_manifest(const store_record *r, arena *home)
{
  problems *unread = problems_new();
  const node *root =
      r->manifest ? yaml_parse("manifest", arena_copy(home, r->manifest), strlen(r->manifest), home, unread) : NULL;
  const node *of = node_get(root, "profile"), *settings = node_get(of, "settings");
  told t = {.version = scalar(root, "tarazu"),
            .profile = r->profile ? r->profile : scalar(of, "path"),
            .company = scalar(root, "company"),
            .as_of = scalar(root, "as_of"),
            .settings = r->settings,
            .data_sha256 = root ? data_digest(root, home) : NULL,
            .seconds = r->seconds > 0 ? r->seconds : all_seconds(node_get(root, "seconds"))};
  text words = {0};
  if (!t.settings && settings) {
    node_write_json(settings, &words);
    t.settings = arena_copy(home, text_string(&words));
    text_free(&words);
  }
  t.settings_sha256 = settings_digest(root, t.settings, home);
  problems_free(unread);
  return t;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

/* Wall clock, which no result depends on. */
static void now(char out[32])
{
  struct tm at;
  time_t moment = time(NULL);
  gmtime_r(&moment, &at);
  strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &at);
}

static int finish(store *s, sqlite3_stmt *statement)
{
  int good = statement && store_step(s, statement) == 0;
  sqlite3_finalize(statement);
  return good;
}

int64_t store_experiment(store *s, const char *key, const char *name, const char *file, const char *settings)
{
  char began[32];
  int64_t id = 0;
  now(began);
  sqlite3_stmt *add = store_statement(s, "INSERT INTO experiment (key, name, file, settings, began) "
                                         "VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING");
  if (!add) return 0;
  const char *values[] = {key, name, file, settings, began};
  for (int i = 0; i < 5; i++) store_bind_text(add, i + 1, values[i]);
  if (!finish(s, add)) return 0;
  sqlite3_stmt *find = store_statement(s, "SELECT id FROM experiment WHERE key = ?");
  if (!find) return 0;
  store_bind_text(find, 1, key);
  if (store_step(s, find) == 1) id = sqlite3_column_int64(find, 0);
  sqlite3_finalize(find);
  return id;
}

static const char *cut_off_of(const store_variant *v)
{
  return v->experiment && v->cut_off ? v->cut_off : "";
}

/* The run of a variant that is there already, and how it ended; 0: none, -1: a problem. */
static int64_t find_variant(store *s, const store_variant *v, int *status)
{
  int64_t id = 0;
  sqlite3_stmt *find = store_statement(
      s, "SELECT id, status FROM run WHERE experiment = ? AND variant = ? AND repeat = ? AND cut_off = ?");
  if (!find) return -1;
  sqlite3_bind_int64(find, 1, v->experiment);
  store_bind_text(find, 2, v->key);
  sqlite3_bind_int64(find, 3, v->repeat);
  store_bind_text(find, 4, cut_off_of(v));
  int found = store_step(s, find);
  if (found < 0) id = -1;
  if (found == 1) {
    id = sqlite3_column_int64(find, 0);
    *status = sqlite3_column_int(find, 1);
  }
  sqlite3_finalize(find);
  return id;
}

int store_has(store *s, const store_variant *variant)
{
  int status = 0;
  int64_t id = find_variant(s, variant, &status);
  return id < 0 ? -1 : id > 0 && status == 0;
}

static int remove_run(store *s, int64_t id)
{
  sqlite3_stmt *statement = store_statement(s, "DELETE FROM run WHERE id = ?");
  if (statement) sqlite3_bind_int64(statement, 1, id);
  return finish(s, statement);
}

static int64_t listed_of(const store_record *r)
{
  int64_t listed = 0;
  store_standing one;
  for (int64_t i = 0; i < r->standing_count; i++) {
    r->standing(r->argument, i, &one);
    listed += one.listed != 0;
  }
  return listed;
}

static int add_run(store *s, const store_record *r, int64_t *id)
{
  arena *home = arena_new();
  told t = read_manifest(r, home);
  char began[32];
  const store_variant *v = &r->variant;
  sqlite3_stmt *add = store_statement(
      s,
      "INSERT INTO run (experiment, variant, label, repeat, cut_off, began, seconds, version, profile, company, as_of, "
      "settings_sha256, data_sha256, settings, manifest, customers, scored, listed, whole, status, problem) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  now(began);
  if (add) {
    if (v->experiment) sqlite3_bind_int64(add, 1, v->experiment);
    store_bind_text(add, 2, v->experiment ? v->key : NULL);
    store_bind_text(add, 3, v->label);
    sqlite3_bind_int64(add, 4, v->experiment ? v->repeat : 0);
    store_bind_text(add, 5, cut_off_of(v));
    store_bind_text(add, 6, began);
    store_bind_real(add, 7, t.seconds);
    const char *words[] = {t.version ? t.version : TARAZU_VERSION,
                           t.profile,
                           t.company,
                           t.as_of,
                           t.settings_sha256,
                           t.data_sha256,
                           t.settings,
                           r->manifest};
    for (int i = 0; i < 8; i++) store_bind_text(add, 8 + i, words[i]);
    sqlite3_bind_int64(add, 16, r->customers);
    sqlite3_bind_int64(add, 17, r->scored);
    sqlite3_bind_int64(add, 18, listed_of(r));
    sqlite3_bind_int(add, 19, r->standing_count == r->customers);
    sqlite3_bind_int(add, 20, r->status);
    store_bind_text(add, 21, r->problem);
  }
  int good = finish(s, add);
  *id = sqlite3_last_insert_rowid(s->db);
  arena_free(home);
  return good;
}

/* Runs the statement for its next row. */
static int again(store *s, sqlite3_stmt *statement)
{
  int good = store_step(s, statement) == 0;
  sqlite3_reset(statement);
  return good;
}

static int add_measures(store *s, const store_record *r, int64_t id)
{
  sqlite3_stmt *add = store_statement(
      s, "INSERT INTO measure (run, name, value, low, high, better, samples) VALUES (?, ?, ?, ?, ?, ?, ?)");
  int good = add != NULL;
  for (uint32_t i = 0; good && i < r->measure_count; i++) {
    const store_measure *m = &r->measures[i];
    sqlite3_bind_int64(add, 1, id);
    store_bind_text(add, 2, m->name);
    store_bind_real(add, 3, m->value);
    store_bind_real(add, 4, m->low);
    store_bind_real(add, 5, m->high);
    sqlite3_bind_int(add, 6, m->better);
    if (m->samples) sqlite3_bind_blob64(add, 7, m->samples, m->sample_count * sizeof(double), SQLITE_STATIC);
    else sqlite3_bind_null(add, 7);
    good = again(s, add);
  }
  sqlite3_finalize(add);
  return good;
}

static int add_criteria(store *s, const store_record *r, int64_t id)
{
  sqlite3_stmt *add = store_statement(
      s, "INSERT INTO criterion (run, number, name, dimension, plugin, weight, better) VALUES (?, ?, ?, ?, ?, ?, ?)");
  int good = add != NULL;
  for (uint32_t i = 0; good && i < r->criterion_count; i++) {
    const store_criterion *c = &r->criteria[i];
    sqlite3_bind_int64(add, 1, id);
    sqlite3_bind_int64(add, 2, i);
    store_bind_text(add, 3, c->name);
    store_bind_text(add, 4, c->dimension);
    store_bind_text(add, 5, c->plugin);
    store_bind_real(add, 6, c->weight);
    sqlite3_bind_int(add, 7, c->better);
    good = again(s, add);
  }
  sqlite3_finalize(add);
  return good;
}

/* The customer's number in this store; -1: a problem. */
static int64_t customer_number(store *s, sqlite3_stmt *find, sqlite3_stmt *add, const store_standing *one)
{
  sqlite3_bind_text64(find, 1, one->key, one->key_length, SQLITE_STATIC, SQLITE_UTF8);
  int found = store_step(s, find);
  int64_t number = found == 1 ? sqlite3_column_int64(find, 0) : -1;
  sqlite3_reset(find);
  if (found) return number;
  sqlite3_bind_text64(add, 1, one->key, one->key_length, SQLITE_STATIC, SQLITE_UTF8);
  return again(s, add) ? sqlite3_last_insert_rowid(s->db) : -1;
}

static int add_standing(store *s, sqlite3_stmt *add, int64_t customer, const store_standing *one, uint32_t criteria)
{
  sqlite3_bind_int64(add, 2, customer);
  if (one->rank) sqlite3_bind_int64(add, 3, one->rank);
  else sqlite3_bind_null(add, 3);
  store_bind_real(add, 4, one->score);
  sqlite3_bind_int(add, 5, one->listed != 0);
  if (one->reason_length) sqlite3_bind_text64(add, 6, one->reason, one->reason_length, SQLITE_STATIC, SQLITE_UTF8);
  else sqlite3_bind_null(add, 6);
  if (one->measured) sqlite3_bind_blob64(add, 7, one->measured, criteria * sizeof(double), SQLITE_STATIC);
  else sqlite3_bind_null(add, 7);
  return again(s, add);
}

static int add_standings(store *s, const store_record *r, int64_t id)
{
  sqlite3_stmt *find = store_statement(s, "SELECT id FROM customer WHERE key = ?");
  sqlite3_stmt *name = store_statement(s, "INSERT INTO customer (key) VALUES (?)");
  sqlite3_stmt *add = store_statement(
      s, "INSERT INTO standing (run, customer, rank, score, listed, reason, measured) VALUES (?, ?, ?, ?, ?, ?, ?)");
  int good = find && name && add;
  if (good) sqlite3_bind_int64(add, 1, id);
  for (int64_t i = 0; good && i < r->standing_count; i++) {
    store_standing one;
    r->standing(r->argument, i, &one);
    int64_t customer = customer_number(s, find, name, &one);
    good = customer >= 0 && add_standing(s, add, customer, &one, r->criterion_count);
  }
  sqlite3_finalize(find);
  sqlite3_finalize(name);
  sqlite3_finalize(add);
  return good;
}

static int write_record(store *s, const store_record *r, int64_t *id)
{
  int status = 0;
  int64_t there = r->variant.experiment ? find_variant(s, &r->variant, &status) : 0;
  if (there < 0) return 0;
  if (there && (!status || r->status)) { /* done already, perhaps by another process just now */
    *id = there;
    return 1;
  }
  if (there && !remove_run(s, there)) return 0;
  return add_run(s, r, id) && add_measures(s, r, *id) && add_criteria(s, r, *id) && add_standings(s, r, *id);
}

int store_prepare(store *s, const store_record *record, int64_t *id)
{
  int64_t unread;
  if (!store_execute(s, "BEGIN IMMEDIATE", "write")) return 0;
  s->writing = 1;
  /* What is still in memory goes to the disk, so that of all that can fail nothing is left for store_commit but a few
   * bytes. */
  if (write_record(s, record, id ? id : &unread) &&
      (sqlite3_db_cacheflush(s->db) == SQLITE_OK || store_failed(s, "write")))
    return 1;
  store_rollback(s);
  return 0;
}

int store_commit(store *s)
{
  int good = store_execute(s, "COMMIT", "write");
  if (!good) store_rollback(s);
  s->writing = 0;
  return good;
}

void store_rollback(store *s)
{
  if (s->db && s->writing && !sqlite3_get_autocommit(s->db)) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  s->writing = 0;
}

int store_add(store *s, const store_record *record, int64_t *id)
{
  return store_prepare(s, record, id) && store_commit(s);
}
