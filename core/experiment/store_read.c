/* Reads the run store: runs, measures, standings. */
#include "experiment/store_inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int store_experiments(store *s, arena *home, store_trial **out, uint32_t *count)
{
  unsigned room = 0;
  int row = -1;
  *out = NULL;
  *count = 0;
  sqlite3_stmt *select = store_statement(s, "SELECT id, key, name, file, settings FROM experiment ORDER BY id");
  while (select && (row = store_step(s, select)) == 1)
    *arena_push(home, *out, *count, room) =
        (store_trial){sqlite3_column_int64(select, 0), store_text(select, 1, home), store_text(select, 2, home),
                      store_text(select, 3, home), store_text(select, 4, home)};
  sqlite3_finalize(select);
  return row == 0;
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

static const char columns[] =
    "SELECT r.id, r.experiment, coalesce(e.name, e.key), r.variant, r.label, r.cut_off, r.repeat, r.began, r.seconds, "
    "r.status, r.problem, r.profile, r.company, r.as_of, r.version, r.settings_sha256, r.data_sha256, r.customers, "
    "r.scored, r.listed, r.whole FROM run r LEFT JOIN experiment e ON e.id = r.experiment WHERE 1";

static store_run read_run(sqlite3_stmt *row, arena *home)
{
  int is_variant = sqlite3_column_type(row, 1) != SQLITE_NULL;
  store_run r = {.id = sqlite3_column_int64(row, 0),
                 .experiment = sqlite3_column_int64(row, 1),
                 .experiment_name = store_text(row, 2, home),
                 .variant = store_text(row, 3, home),
                 .label = store_text(row, 4, home),
                 .cut_off = is_variant && sqlite3_column_bytes(row, 5) ? store_text(row, 5, home) : NULL,
                 .repeat = sqlite3_column_int64(row, 6),
                 .began = store_text(row, 7, home),
                 .seconds = store_real(row, 8),
                 .status = sqlite3_column_int(row, 9),
                 .problem = store_text(row, 10, home),
                 .profile = store_text(row, 11, home),
                 .company = store_text(row, 12, home),
                 .as_of = store_text(row, 13, home),
                 .version = store_text(row, 14, home),
                 .settings_sha256 = store_text(row, 15, home),
                 .data_sha256 = store_text(row, 16, home),
                 .customers = sqlite3_column_int64(row, 17),
                 .scored = sqlite3_column_int64(row, 18),
                 .listed = sqlite3_column_int64(row, 19),
                 .all = sqlite3_column_int(row, 20)};
  return r;
}

/* A path counts as the other's end where a folder ends before it. */
static const char by_profile[] = " AND (r.profile = :profile OR "
                                 "substr(r.profile, -length(:profile) - 1) = '/' || :profile)";

static void write_query(const store_filter *f, text *sql)
{
  text_add(sql, columns);
  if (f->id) text_add(sql, " AND r.id = :id");
  if (f->experiment < 0) text_add(sql, " AND r.experiment IS NULL");
  if (f->experiment > 0) text_add(sql, " AND r.experiment = :experiment");
  if (f->profile) text_add(sql, by_profile);
  if (f->in) text_add(sql, " AND (e.name = :in OR e.key = :in OR CAST(e.id AS TEXT) = :in)");
  if (f->customer)
    text_add(sql, " AND EXISTS (SELECT 1 FROM standing s JOIN customer c ON c.id = s.customer "
                  "WHERE s.run = r.id AND c.key = :customer)");
  if (f->good) text_add(sql, " AND r.status = 0");
  text_add(sql, " ORDER BY r.id DESC");
  if (f->latest) text_add(sql, " LIMIT :latest");
}

static void bind_number(sqlite3_stmt *statement, const char *name, int64_t number)
{
  int at = sqlite3_bind_parameter_index(statement, name);
  if (at) sqlite3_bind_int64(statement, at, number);
}

static void bind_words(sqlite3_stmt *statement, const char *name, const char *words)
{
  int at = sqlite3_bind_parameter_index(statement, name);
  if (at) store_bind_text(statement, at, words);
}

int store_runs(store *s, const store_filter *filter, arena *home, store_run **out, uint32_t *count)
{
  static const store_filter any = {0};
  const store_filter *f = filter ? filter : &any;
  text sql = {0};
  unsigned room = 0;
  int row = -1;
  store_run *runs = NULL;
  *count = 0;
  write_query(f, &sql);
  sqlite3_stmt *select = store_statement(s, text_string(&sql));
  if (select) {
    bind_number(select, ":id", f->id);
    bind_number(select, ":experiment", f->experiment);
    bind_number(select, ":latest", f->latest);
    bind_words(select, ":profile", f->profile);
    bind_words(select, ":in", f->in);
    bind_words(select, ":customer", f->customer);
    while ((row = store_step(s, select)) == 1) *arena_push(home, runs, *count, room) = read_run(select, home);
  }
  sqlite3_finalize(select);
  text_free(&sql);
  for (uint32_t i = 0; i < *count / 2; i++) { /* oldest first */
    store_run kept = runs[i];
    runs[i] = runs[*count - 1 - i];
    runs[*count - 1 - i] = kept;
  }
  *out = runs;
  return row == 0;
}

/* One text of a run's; NULL: there is none, or a problem. */
static const char *words_of(store *s, const char *sql, int64_t run, arena *home)
{
  sqlite3_stmt *select = store_statement(s, sql);
  const char *words = NULL;
  if (!select) return NULL;
  sqlite3_bind_int64(select, 1, run);
  if (store_step(s, select) == 1) words = store_text(select, 0, home);
  sqlite3_finalize(select);
  return words;
}

const char *store_manifest(store *s, int64_t run, arena *home)
{
  return words_of(s, "SELECT manifest FROM run WHERE id = ?", run, home);
}

const char *store_settings(store *s, int64_t run, arena *home)
{
  return words_of(s, "SELECT settings FROM run WHERE id = ?", run, home);
}

/* ---- what belongs to a run --------------------------------------------------------------------------------------- */

/* A blob's numbers; NULL: it is null. */
static const double *read_numbers(sqlite3_stmt *row, int at, arena *home, uint32_t *count)
{
  const void *bytes = sqlite3_column_blob(row, at);
  size_t length = (size_t)sqlite3_column_bytes(row, at) / sizeof(double);
  double *numbers = bytes && length ? arena_array(home, length, sizeof *numbers) : NULL;
  if (numbers) memcpy(numbers, bytes, length * sizeof *numbers);
  *count = numbers ? (uint32_t)length : 0;
  return numbers;
}

int store_measures(store *s, int64_t run, arena *home, store_measure **out, uint32_t *count)
{
  unsigned room = 0;
  int row = -1;
  store_measure *measures = NULL;
  *count = 0;
  sqlite3_stmt *select =
      store_statement(s, "SELECT name, value, low, high, better, samples FROM measure WHERE run = ? ORDER BY rowid");
  if (select) {
    sqlite3_bind_int64(select, 1, run);
    while ((row = store_step(s, select)) == 1) {
      store_measure m = {.name = store_text(select, 0, home),
                         .value = store_real(select, 1),
                         .low = store_real(select, 2),
                         .high = store_real(select, 3),
                         .better = sqlite3_column_int(select, 4)};
      m.samples = read_numbers(select, 5, home, &m.sample_count);
      *arena_push(home, measures, *count, room) = m;
    }
  }
  sqlite3_finalize(select);
  *out = measures;
  return row == 0;
}

int store_criteria(store *s, int64_t run, arena *home, store_criterion **out, uint32_t *count)
{
  unsigned room = 0;
  int row = -1;
  store_criterion *criteria = NULL;
  *count = 0;
  sqlite3_stmt *select =
      store_statement(s, "SELECT name, dimension, plugin, weight, better FROM criterion WHERE run = ? ORDER BY number");
  if (select) {
    sqlite3_bind_int64(select, 1, run);
    while ((row = store_step(s, select)) == 1)
      *arena_push(home, criteria, *count, room) = (store_criterion){.name = store_text(select, 0, home),
                                                                    .dimension = store_text(select, 1, home),
                                                                    .plugin = store_text(select, 2, home),
                                                                    .weight = store_real(select, 3),
                                                                    .better = sqlite3_column_int(select, 4)};
  }
  sqlite3_finalize(select);
  *out = criteria;
  return row == 0;
}

static store_standing read_standing(sqlite3_stmt *row, arena *home)
{
  uint32_t unread;
  store_standing one = {.key = store_text(row, 0, home),
                        .key_length = (size_t)sqlite3_column_bytes(row, 0),
                        .rank = sqlite3_column_int64(row, 1),
                        .score = store_real(row, 2),
                        .listed = sqlite3_column_int(row, 3),
                        .reason = store_text(row, 4, home),
                        .reason_length = (size_t)sqlite3_column_bytes(row, 4)};
  one.measured = read_numbers(row, 5, home, &unread);
  return one;
}

int store_standings(store *s, int64_t run, int listed, arena *home, store_standing **out, int64_t *count)
{
  unsigned room = 0;
  uint32_t found = 0;
  int row = -1;
  store_standing *standings = NULL;
  sqlite3_stmt *select = store_statement(
      s,
      listed
          ? "SELECT c.key, s.rank, s.score, s.listed, s.reason, s.measured FROM standing s JOIN customer c ON c.id = "
            "s.customer WHERE s.run = ? AND s.listed ORDER BY s.rank IS NULL, s.rank, c.key"
          : "SELECT c.key, s.rank, s.score, s.listed, s.reason, s.measured FROM standing s JOIN customer c ON c.id = "
            "s.customer WHERE s.run = ? ORDER BY s.rank IS NULL, s.rank, c.key");
  if (select) {
    sqlite3_bind_int64(select, 1, run);
    while ((row = store_step(s, select)) == 1) *arena_push(home, standings, found, room) = read_standing(select, home);
  }
  sqlite3_finalize(select);
  *out = standings;
  *count = found;
  return row == 0;
}

int store_standing_of(store *s, int64_t run, const char *customer, arena *home, store_standing *out, int *found)
{
  sqlite3_stmt *select = store_statement(
      s, "SELECT c.key, s.rank, s.score, s.listed, s.reason, s.measured FROM customer c JOIN standing s ON "
         "s.run = ? AND s.customer = c.id WHERE c.key = ?");
  *found = 0;
  if (!select) return 0;
  sqlite3_bind_int64(select, 1, run);
  store_bind_text(select, 2, customer);
  int row = store_step(s, select);
  if (row == 1) *out = read_standing(select, home);
  *found = row == 1;
  sqlite3_finalize(select);
  return row >= 0;
}

/* Those who tie share the smaller rank, so that the best of those who do not score more tells how many do. */
int64_t store_ahead(store *s, int64_t run, double score, const char *but)
{
  sqlite3_stmt *select = store_statement(
      s, "SELECT coalesce(CASE WHEN ?2 IS NOT NULL THEN (SELECT rank - 1 FROM standing WHERE run = ?1 AND score <= ?2 "
         "ORDER BY score DESC LIMIT 1) END, scored) - EXISTS (SELECT 1 FROM standing WHERE run = ?1 AND customer = "
         "(SELECT id FROM customer WHERE key = ?3) AND score IS NOT NULL AND (?2 IS NULL OR score > ?2)) "
         "FROM run WHERE id = ?1");
  if (!select) return -1;
  sqlite3_bind_int64(select, 1, run);
  store_bind_real(select, 2, score);
  store_bind_text(select, 3, but);
  int64_t count = store_step(s, select) == 1 ? sqlite3_column_int64(select, 0) : -1;
  sqlite3_finalize(select);
  return count;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static int read_names(store *s, const char *sql, int64_t most, arena *home, const char *const **out, uint32_t *count)
{
  unsigned room = 0;
  int row = -1;
  const char **names = NULL;
  *count = 0;
  sqlite3_stmt *select = store_statement(s, sql);
  if (select) {
    sqlite3_bind_int64(select, 1, most);
    while ((row = store_step(s, select)) == 1) *arena_push(home, names, *count, room) = store_text(select, 0, home);
  }
  sqlite3_finalize(select);
  *out = names;
  return row == 0;
}

int store_customers(store *s, uint32_t most, arena *home, const char *const **keys, uint32_t *count)
{
  return read_names(s, "SELECT key FROM customer ORDER BY key LIMIT ?", most, home, keys, count);
}

int store_names(store *s, int experiments, arena *home, const char *const **names, uint32_t *count)
{
  return read_names(s,
                    experiments ? "SELECT coalesce(name, key) FROM experiment ORDER BY id LIMIT ?"
                                : "SELECT profile FROM run WHERE experiment IS NULL AND profile IS NOT NULL "
                                  "GROUP BY profile ORDER BY max(id) LIMIT ?",
                    -1, home, names, count);
}
