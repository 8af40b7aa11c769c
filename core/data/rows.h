/* One pass over a table: what a source brings, checked, converted to the types wanted and kept part by part in blocks.
 */
#ifndef TARAZU_DATA_ROWS_H
#define TARAZU_DATA_ROWS_H

#include "data/chunk.h"
#include "data/days.h"
#include "data/keys.h"
#include "data/table.h"
#include <stdint.h>

enum { ROWS_PIECE = 4096, ROWS_MESSAGE = 640 };
#define ROWS_TIME UINT32_MAX /* stands for the time where a column's index is asked for */
#define ROWS_NONE (UINT32_MAX - 1)

/* A column of the request. */
typedef struct row_column {
  const char *name; /* for messages */
  place place;      /* of it in the profile */
  uint32_t wanted;  /* tarazu_type, 0: as it comes */
  int presence;     /* only which values are there counts, not what they are */
} row_column;

/* Rows that stay, column by column. */
typedef struct row_block {
  int64_t rows, room;
  int32_t *keys[2];  /* numbers in part.keys */
  int64_t *times;    /* NULL: not kept */
  int64_t *lines;    /* NULL: not kept; 0: unknown */
  void **values;     /* a column each; NULL for presence */
  uint8_t **missing; /* a column each, a byte a value, 1: null; NULL: none is */
} row_block;

/* What stopped a part. */
typedef struct row_fault {
  int status; /* exit_status; 0: none */
  place place;
  char message[ROWS_MESSAGE];
} row_fault;

/* Numbers that a chunk's dictionary codes have got, so that each string is looked up once. */
typedef struct code_map {
  int32_t *numbers; /* -1: not looked up yet */
  uint32_t room;
  int in_use;
} code_map;

typedef struct row_part {
  keys keys[2];
  int32_t *customers[2]; /* by number of key: the customer's row, -1: none */
  row_block **blocks;
  size_t block_count, block_room;
  uint32_t *types;      /* a column each: tarazu_type as kept; 0: none came */
  dictionary **texts;   /* a column each: of TEXT columns */
  int32_t **text_codes; /* a column each: by number in texts, the code of the run */
  table_counts counts;
  int civil; /* its times came without a zone */
  row_fault fault;
  /* of the chunk under way */
  code_map *maps; /* a column of the chunk each */
  int64_t line;   /* of the chunk's first row, 0: unknown */
  int32_t codes[2][ROWS_PIECE];
  int64_t picked[ROWS_PIECE]; /* rows of the chunk that stay */
  days days;
} row_part;

typedef struct rows {
  const table *table;
  tarazu_request request;
  row_column *columns;
  uint32_t column_count;
  uint32_t key_count;
  int aggregated;    /* one row a key, no time */
  uint32_t counting; /* aggregated: the column with the number of events; ROWS_NONE */
  uint32_t undated;  /* aggregated: the column with the number of rows without a date; ROWS_NONE */
  int keep_times;
  int keep_lines;
  const load_options *options;
  double done; /* for progress */
  row_part *parts;
  uint32_t part_count;
  int civil; /* the times came without a zone */
} rows;

/* Opens, reads all parts and closes. 1, or 0 with a problem. Fills counts and, if asked, the fingerprint. */
int rows_read(rows *self, char fingerprint[65], problems *problems);
void rows_free(rows *self);
void block_free(row_block *self, uint32_t columns);
/* The type a column is kept in: that of the first part that has any, F64 where nothing came. 0: parts differ. */
uint32_t rows_type(const rows *self, uint32_t column);
/* Adds the problem that a source's error is, at the place in the profile of what it is about. */
void source_problem(problems *problems, const rows *self, int status, const tarazu_error *error);

#endif
