/* What the files of the run store share: the connection, and SQLite's calls with problems in place of codes. */
#ifndef TARAZU_EXPERIMENT_STORE_INNER_H
#define TARAZU_EXPERIMENT_STORE_INNER_H

#include "experiment/store.h"
#include <sqlite3.h>

struct store {
  sqlite3 *db;
  char *path;
  store_use use;
  place where;
  problems *problems;
  int writing; /* between store_prepare and its end */
};

/* Each adds a problem that says what could not be done. 0. */
int store_failed(store *s, const char *doing);
/* Statements without rows. 1, or 0 with a problem. */
int store_execute(store *s, const char *sql, const char *doing);
/* NULL with a problem. */
sqlite3_stmt *store_statement(store *s, const char *sql);
/* 1: a row; 0: no more; -1: a problem. */
int store_step(store *s, sqlite3_stmt *statement);

/* store_schema.c: makes or migrates the tables. 1, or 0 with a problem. */
int store_migrate(store *s);

/* NULL and NAN are SQL's null. */
void store_bind_text(sqlite3_stmt *statement, int at, const char *words);
void store_bind_real(sqlite3_stmt *statement, int at, double value);
const char *store_text(sqlite3_stmt *statement, int at, arena *home); /* NULL: null */
double store_real(sqlite3_stmt *statement, int at);                   /* NAN: null */

#endif
