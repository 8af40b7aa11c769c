/* The run store's tables: made in a new file, migrated in an older one, a newer one refused. */
#include "experiment/store_inner.h"
#include <string.h>
#include <time.h>

/* "TRZU": PRAGMA application_id, so that another program's database is not taken for a store. */
enum { APPLICATION = 0x54525a55 };

/* steps[v] leads from version v to v + 1. A step that was released is never changed: another one follows it. */
static const char *const steps[STORE_VERSION] = {
    "CREATE TABLE experiment (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  key TEXT NOT NULL UNIQUE,\n"
    "  name TEXT,\n"
    "  file TEXT,\n"
    "  settings TEXT,\n"
    "  began TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE run (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  experiment INTEGER REFERENCES experiment (id),\n"
    "  variant TEXT,\n"
    "  label TEXT,\n"
    "  repeat INTEGER NOT NULL DEFAULT 0,\n"
    "  cut_off TEXT NOT NULL DEFAULT '',\n"
    "  began TEXT NOT NULL,\n"
    "  seconds REAL,\n"
    "  version TEXT,\n"
    "  profile TEXT,\n"
    "  company TEXT,\n"
    "  as_of TEXT,\n"
    "  settings_sha256 TEXT,\n"
    "  data_sha256 TEXT,\n"
    "  settings TEXT,\n"
    "  manifest TEXT,\n"
    "  customers INTEGER NOT NULL,\n"
    "  scored INTEGER NOT NULL,\n"
    "  listed INTEGER NOT NULL,\n"
    "  whole INTEGER NOT NULL,\n"
    "  CHECK ((experiment IS NULL) = (variant IS NULL)),\n"
    "  UNIQUE (experiment, variant, repeat, cut_off)\n"
    ") STRICT;\n"
    "CREATE TABLE criterion (\n"
    "  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
    "  number INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  dimension TEXT,\n"
    "  plugin TEXT,\n"
    "  weight REAL,\n"
    "  better INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run, number)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE measure (\n"
    "  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL,\n"
    "  value REAL,\n"
    "  low REAL,\n"
    "  high REAL,\n"
    "  better INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run, name)\n"
    ") STRICT;\n"
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;\n"
    "CREATE TABLE standing (\n"
    "  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
    "  customer INTEGER NOT NULL REFERENCES customer (id),\n"
    "  rank INTEGER,\n"
    "  score REAL,\n"
    "  listed INTEGER NOT NULL,\n"
    "  reason TEXT,\n"
    "  measured BLOB,\n"
    "  PRIMARY KEY (run, customer)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX standing_listed ON standing (run, rank) WHERE listed;\n",

    "ALTER TABLE run ADD COLUMN status INTEGER NOT NULL DEFAULT 0;\n"
    "ALTER TABLE run ADD COLUMN problem TEXT;\n"
    "ALTER TABLE measure ADD COLUMN samples BLOB;\n",

    /* Who would stand ahead of a score is found by it. What the digest is of has changed; without one, manifests tell.
     */
    ("CREATE INDEX standing_score ON standing (run, score);\n"
     "UPDATE run SET settings_sha256 = NULL;\n"),
};

/* A pragma's number; -1 with a problem. */
static int64_t number_of(store *s, const char *sql)
{
  sqlite3_stmt *statement = store_statement(s, sql);
  int64_t number = -1;
  if (statement && store_step(s, statement) == 1) number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return number;
}

/* Two connections that turn a new file to WAL at once get in each other's way without SQLite's waiting for it. */
static int use_wal(store *s)
{
  enum { TRIES = 1000 };
  const struct timespec pause = {.tv_nsec = 10000000};
  int code = SQLITE_OK;
  for (int i = 0; i < TRIES; i++) {
    code = sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (code == SQLITE_OK) return 1;
    if (code != SQLITE_BUSY && code != SQLITE_LOCKED) break;
    nanosleep(&pause, NULL);
  }
  return store_failed(s, "open");
}

static int foreign(store *s, const char *what)
{
  problem_add(s->problems, s->use == STORE_WRITE ? EXIT_OUTPUT : EXIT_DATA, s->where, "'%s' is %s, and no run store",
              s->path, what);
  return 0;
}

static int too_new(store *s, int64_t version)
{
  problem_add(
      s->problems, s->use == STORE_WRITE ? EXIT_OUTPUT : EXIT_DATA, s->where,
      "the run store '%s' is of version %lld, which a newer tarazu has made; this one, %s, knows versions up to "
      "%d",
      s->path, (long long)version, TARAZU_VERSION, STORE_VERSION);
  return 0;
}

/* Whose file it is, and its version; -1 with a problem. */
static int64_t examine(store *s)
{
  int64_t application = number_of(s, "PRAGMA application_id"), version = number_of(s, "PRAGMA user_version");
  if (application < 0 || version < 0) return -1;
  if (application == APPLICATION) {
    if (version > STORE_VERSION) too_new(s, version);
    return version > STORE_VERSION ? -1 : version;
  }
  int64_t tables = number_of(s, "SELECT count(*) FROM sqlite_schema");
  if (tables < 0) return -1;
  if (application || version || tables) {
    foreign(s, "another program's database");
    return -1;
  }
  return 0;
}

/* Within a transaction, since another process may be about the same: whoever comes second finds it done. */
static int migrate(store *s)
{
  char mark[96];
  if (!store_execute(s, "BEGIN IMMEDIATE", "migrate")) return 0;
  int64_t version = examine(s);
  int good = version >= 0;
  for (int64_t v = version; good && v < STORE_VERSION; v++) good = store_execute(s, steps[v], "migrate");
  snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION, STORE_VERSION);
  good = good && store_execute(s, mark, "migrate") && store_execute(s, "COMMIT", "migrate");
  if (!good && !sqlite3_get_autocommit(s->db)) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return good;
}

/* In one transaction, so that what it reads is of one moment: another process may be migrating the file. */
static int64_t examine_at_once(store *s)
{
  if (!store_execute(s, "BEGIN", "read")) return -1;
  int64_t version = examine(s);
  sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return version;
}

int store_migrate(store *s)
{
  int64_t version = examine_at_once(s);
  if (version < 0) return 0;
  if (version == 0 && s->use == STORE_READ) return foreign(s, "an empty file");
  if (version == STORE_VERSION) return s->use == STORE_READ || use_wal(s);
  if (sqlite3_db_readonly(s->db, "main") == 1) {
    problem_add(s->problems, EXIT_DATA, s->where,
                "the run store '%s' is of version %lld and cannot be written, so that it could be brought to version "
                "%d",
                s->path, (long long)version, STORE_VERSION);
    return 0;
  }
  return use_wal(s) && migrate(s);
}
