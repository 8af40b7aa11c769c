/* Rows brought together by customer, and what is made of them: sets in order, columns aligned to customers. */
#ifndef TARAZU_DATA_GROUP_H
#define TARAZU_DATA_GROUP_H

#include "data/rows.h"
#include <stdint.h>

enum { GROUP_RANGE = 2048 }; /* customers of one task: a multiple of 8, so that tasks share no byte of a bitmap */

typedef struct cells {
  uint32_t type;
  void *values;
  uint8_t *missing; /* a byte a value; NULL: none is */
} cells;

/* Customer c owns rows [offsets[c], offsets[c + 1]), in no order yet. */
typedef struct grouped {
  int64_t groups;
  int64_t rows;
  int64_t *offsets;
  cells *columns; /* as rows.columns */
  uint32_t column_count;
  int64_t *times;  /* NULL: not kept */
  int64_t *lines;  /* NULL: not kept */
  int64_t *to;     /* edges: the row number of the other end */
  int64_t unknown; /* events of customers who are not in the population */
} grouped;

/* A counting sort of all parts' rows; frees the blocks on the way. 0: no memory. */
int group_rows(rows *from, int64_t customers, pool *pool, grouped *out);
void grouped_free(grouped *self);
cells grouped_cells(const grouped *self, uint32_t index); /* ROWS_TIME too */

/* Below 0, 0 or above 0; nulls first. */
int cells_compare(const cells *self, int64_t a, int64_t b);

/* Runs task over ranges of customers: task(argument, first, end, worker). */
typedef void group_task(void *argument, int64_t first, int64_t end, int worker);
void group_run(const grouped *self, pool *pool, group_task *task, void *argument);

/* Fills the sets of a table, taking what columns it can. columns: by number of want. 0: no memory. */
int sets_fill(table *table, grouped *from, const uint32_t *columns, const tarazu_dictionary *strings, pool *pool);

/* The first value of each group; of none, or of a null: 0 where `zero` is set, else null. 0: no memory. */
int group_align(const grouped *self, uint32_t index, int zero, const tarazu_dictionary *strings, column *out);

#endif
