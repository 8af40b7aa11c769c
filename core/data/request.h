/* What is asked of a source for one table: which aggregates it gives itself, which columns must come as rows. */
#ifndef TARAZU_DATA_REQUEST_H
#define TARAZU_DATA_REQUEST_H

#include "data/rows.h"

/* One table being loaded. Columns are by number of want: an index into the pass's columns, ROWS_TIME, or ROWS_NONE. */
typedef struct loading {
  table *table;
  const load_options *options;
  rows pushed; /* aggregates by the source */
  rows plain;  /* rows */
  int has_pushed, has_plain;
  uint32_t *pushed_columns;
  uint32_t *plain_columns;
} loading;

/* Settles both passes with the source's plan. 1, or 0 with problems. loading_free in any case. */
int loading_plan(loading *self, problems *problems);
void loading_free(loading *self);

/* Adds the problem that a source has with a request: with the columns that are there, where one is named that is not.
 */
void plan_problem(const rows *pass, int status, const tarazu_error *error, problems *problems);

#endif
