/* A request as one SQL statement, and what the columns of its result become. */
#ifndef TARAZU_SOURCE_DUCKDB_QUERY_H
#define TARAZU_SOURCE_DUCKDB_QUERY_H

#include "relation.h"

/* A column that comes out. */
typedef struct output {
  uint32_t type;  /* tarazu_type */
  uint32_t index; /* of the statement's column */
  bool mean;      /* that column is a sum, the next one the count to divide it by */
} output;

typedef struct query {
  char *text;
  output *outputs;
  uint32_t output_count;
  bool aggregated;
} query;

/* Prepares everything on the relation's empty table, so that what can be wrong with expressions and types is found
 * without reading a row. TARAZU_NO_RESULT: an aggregate that this source leaves to the host. Errors set error->item. */
tarazu_status query_make(query *out, const relation *data, const tarazu_request *request, tarazu_error *error);
void query_free(query *made);

#endif
