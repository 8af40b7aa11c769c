/* A location as DuckDB sees it: its files, how they are to be read, and the columns that are there. */
#ifndef TARAZU_SOURCE_DUCKDB_RELATION_H
#define TARAZU_SOURCE_DUCKDB_RELATION_H

#include "../../shared/duckdb.h"
#include "database.h"

typedef enum reader_kind { READ_CSV, READ_JSON, READ_PARQUET } reader_kind;

typedef struct relation {
  unsigned users; /* who closes it; it lives as long as one has not */
  char *location; /* as it was asked for */
  size_t fixed;   /* how much of it is the folder */
  char *folder;   /* an absolute path; nothing outside it can be read */
  char *pattern;  /* absolute, for DuckDB's glob */
  char **files;   /* in the order of their names */
  uint32_t file_count;
  struct stat first; /* what the first one was when it was looked at */
  reader_kind kind;
  bool lines;                    /* JSON: one object a line, whatever else the file looks like */
  char delimiter;                /* CSV; 0: left to DuckDB */
  bool strict;                   /* CSV: what RFC 4180 does not allow is an error */
  tarazu_source_column *columns; /* names and declared types are owned */
  uint32_t column_count;
  /* It has an empty table of these columns for itself, "source": statements are prepared on it without touching a
   * file. */
  duck_session planning;
  database *plans, *reads; /* planning's; and that of its last reader, kept for the next */
} relation;

tarazu_status relation_open(relation **out, const duck_api *api, const char *location, tarazu_error *error);
/* Whether it is of that location, and its first file is the same still. */
bool relation_fits(const relation *data, const char *location);
void relation_close(relation *data); /* NULL is fine */
/* One of its files as the profile would name it. */
enum { RELATION_NAME = 600 };
void relation_name(const relation *data, const char *path, char name[RELATION_NAME]);
/* Why its CSV files cannot be read, with the line; false: they look well. */
bool relation_fault(const relation *data, char *message, size_t size);

/* How a column is read beside its own type: as it is written, or a CSV file's DATE as the TIMESTAMP of its midnight,
 * which DuckDB reads several times faster than a date of a given format, and as strictly. */
typedef enum reading { READ_AS_DECLARED, READ_AS_TEXT, READ_AS_MOMENT } reading;

/* Appends the table function that reads the files within memory bytes (0: any), column i by readings[i] (NULL: all as
 * declared). */
void relation_scan(const relation *data, const reading *readings, int64_t memory, sql *to);
/* The column of that name, in any case as SQL takes it; -1: none. */
int64_t relation_column(const relation *data, const char *name);
/* tarazu_type of a DuckDB type; TEXT where it can only be shown. */
uint32_t relation_type(duckdb_type type);

/* Calls row with each row of a query all of whose columns are VARCHAR (NULL: null). */
tarazu_status relation_rows(const duck_session *session, const char *statement,
                            tarazu_status (*row)(void *argument, const char *const *values, tarazu_error *error),
                            void *argument, tarazu_error *error);

#endif
