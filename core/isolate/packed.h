/* A source's chunk as one run of bytes, which a worker lays out and its host looks at: a copy of its own, so that
 * nothing changes between the look and the use. */
#ifndef TARAZU_ISOLATE_PACKED_H
#define TARAZU_ISOLATE_PACKED_H

#include <stddef.h>
#include <stdint.h>
#include <tarazu/plugin.h>

/* Bytes that it takes; they are written where there is room for all. */
size_t packed_put(const tarazu_chunk *chunk, char *to, size_t room);

/* Views of such bytes, which must be aligned as malloc's are. */
typedef struct packed_chunk {
  tarazu_chunk chunk;
  tarazu_column *columns;
  const tarazu_column **pointers;
  tarazu_dictionary *dictionaries;
  int64_t *bytes;
  uint32_t room; /* for columns */
} packed_chunk;

/* No view leads out of the bytes, whatever they say; what a chunk has to be besides is checked where any source's are.
 * NULL: good; else what is wrong. The views live until the next call. */
const char *packed_view(packed_chunk *view, const char *bytes, size_t count);
void packed_free(packed_chunk *view);

#endif
