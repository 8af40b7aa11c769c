/* Pieces of memory side by side in one block, each aligned to 64 bytes and padded with zeros, so that columns can be
 * used where they lie. */
#ifndef TARAZU_RUN_PACK_H
#define TARAZU_RUN_PACK_H

#include "base/arena.h"
#include "data/column.h"
#include <stddef.h>
#include <stdint.h>

typedef struct piece {
  const void *bytes;
  size_t count;
} piece;

/* To write: pieces are borrowed until pack_make. */
typedef struct packing {
  arena *home;
  piece *pieces;
  uint32_t count;
  unsigned room;
} packing;

void pack_add(packing *p, const void *bytes, size_t count);
void pack_add_copy(packing *p, const void *bytes, size_t count);
void pack_add_text(packing *p, const char *words); /* NULL is another text than "" */
void pack_add_integer(packing *p, int64_t value);
void pack_add_column(packing *p, const column *c); /* without its dictionary; one without values stays so */
void *pack_make(const packing *p, size_t *count);  /* from cache_bytes_new; NULL: no memory */

/* To read, in the order of the adding. After a fault everything is empty and `good` is 0. */
typedef struct unpacking {
  const unsigned char *bytes;
  const uint64_t *lengths;
  uint64_t count, next;
  size_t at, end;
  int good;
} unpacking;

unpacking pack_open(const void *bytes, size_t count);
const void *pack_next(unpacking *u, size_t *count);
const char *pack_next_text(unpacking *u); /* in the block */
int64_t pack_next_integer(unpacking *u);
void pack_next_column(unpacking *u, column *out); /* its buffers are the block's */

#endif
