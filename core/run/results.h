/* The tables of a run's results, with the names that all outputs use. */
#ifndef TARAZU_RUN_RESULTS_H
#define TARAZU_RUN_RESULTS_H

#include "run/engine.h"
#include "run/grounds.h"

typedef struct result_column {
  tarazu_bound as;
  const column *column; /* by row of the table */
} result_column;

typedef struct result_table {
  uint32_t kind; /* TARAZU_CUSTOMERS, … */
  const char *name;
  int64_t rows;
  const int64_t *order; /* rows in the order of output; NULL: as they are */
  result_column *columns;
  uint32_t count;
} result_table;

typedef struct results {
  engine *engine;
  const selection *selection;
  result_table customers, criteria, facts;
  column rank;                  /* I64, by customer */
  column grounds[MOST_GROUNDS]; /* TEXT, by customer: reason codes of the key ones */
  column *own;                  /* of the criteria and facts */
  uint32_t own_count;
  dictionary *words;
} results;

int results_make(engine *e, const selection *selection, results *out); /* 1, or 0: no memory */
/* Adds warnings: what strategies warn of in their facts, criteria that nobody has. */
void results_warn(const results *results);
void results_free(results *results);
const result_table *results_table(const results *results, const char *name); /* NULL: none of that name */

/* Rows [first, first + rows) in the order of output, into columns of at least that many values with bitmaps. */
void results_gather(const result_table *table, uint32_t index, int64_t first, int64_t rows, column *to);

#endif
