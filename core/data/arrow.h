/* The Arrow C data interface (arrow.apache.org/docs/format/CDataInterface.html): streams in as a source, columns out.
 */
#ifndef TARAZU_DATA_ARROW_H
#define TARAZU_DATA_ARROW_H

#include "data/column.h"
#include <tarazu/plugin.h>
#include <tarazu/tarazu.h> /* the Arrow structs alone */

/* A source over one stream that was handed over: its vtable and its self, for table.source and table.self. The stream
 * is read to its end at once and kept, so that it can be read more than once. Types taken: integers of every width,
 * floats, bool, utf8 and large utf8 (plain and dictionary-encoded), date32 and date64, timestamps of every unit with or
 * without a zone, decimal128; nulls everywhere. keys, time and wants are plain column names (no expressions). */
typedef struct arrow_source arrow_source;
arrow_source *arrow_source_new(struct ArrowArrayStream *stream,
                               tarazu_error *error); /* takes the stream, also on error */
void arrow_source_free(arrow_source *source);        /* NULL is fine */
const tarazu_source *arrow_source_interface(void);   /* self: the arrow_source */

/* A stream of one record batch a batch_rows rows over columns; the columns stay borrowed until the stream is released.
 */
typedef struct arrow_field {
  const char *name;
  const column *column;
} arrow_field;
int arrow_export(const arrow_field *fields, uint32_t count, int64_t rows, int64_t batch_rows,
                 struct ArrowArrayStream *out, void (*released)(void *argument), void *argument);

#endif
