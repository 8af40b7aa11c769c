/* A request as one SQL statement, and what the columns of its result become. */
#ifndef TARAZU_SOURCE_DUCKDB_QUERY_H
#define TARAZU_SOURCE_DUCKDB_QUERY_H

#include "value.h"

/* A column that comes out. */
typedef struct output {
  uint32_t type;  /* tarazu_type */
  uint32_t index; /* of the statement's column */
  bool mean;      /* that column is a sum, the next one the count to divide it by */
} output;

/* Asked once reading has failed: whether a part of the request is at fault, and through whose value. */
typedef struct probe {
  int32_t number; /* for error->item */
  bool keyed;     /* a row of the answer is of a key, or of none */
  char *name;     /* each may be NULL, no memory: then it is not asked */
  char *expression;
  char *text; /* gives no row, or one: the key, and what is wrong with its value or null */
} probe;

typedef struct query {
  char *text;
  output *outputs;
  uint32_t output_count;
  probe *probes;
  uint32_t probe_count;
  uint32_t key_count;
  bool aggregated;
} query;

/* Prepares everything on the relation's empty table, so that what can be wrong with expressions and types is found
 * without reading a row. TARAZU_NO_RESULT: an aggregate that this source leaves to the host. Errors set error->item. */
tarazu_status query_make(query *out, const relation *data, const tarazu_request *request, tarazu_error *error);
void query_free(query *made);

#endif
