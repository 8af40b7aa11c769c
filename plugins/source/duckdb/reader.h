/* One request being read: the running query, its chunks by part, and the fingerprint of the files. */
#ifndef TARAZU_SOURCE_DUCKDB_READER_H
#define TARAZU_SOURCE_DUCKDB_READER_H

#include "query.h"

typedef struct reader reader;

/* The relation lives as long as the reader. host may be NULL. */
tarazu_status reader_open(reader **out, uint32_t *parts, relation *data, const tarazu_request *request,
                          const tarazu_host *host, tarazu_error *error);
tarazu_status reader_read(reader *from, uint32_t part, const tarazu_chunk **chunk, tarazu_error *error);
tarazu_status reader_fingerprint(reader *from, char digits[65], tarazu_error *error);
void reader_close(reader *from); /* NULL is fine */

#endif
