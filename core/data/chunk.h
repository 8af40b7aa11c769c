/* Chunks of a source: taken for what they are only once they are checked, since plugins make them. */
#ifndef TARAZU_DATA_CHUNK_H
#define TARAZU_DATA_CHUNK_H

#include <stddef.h>
#include <stdint.h>
#include <tarazu/plugin.h>

/* What the columns must be: key_count keys, a time if timed, then others of any type. */
typedef struct chunk_shape {
  uint32_t key_count;
  uint32_t timed; /* 0 or 1 */
  uint32_t others;
} chunk_shape;

/* 1, or 0 and why the chunk breaks the contract. Texts are left to chunk_text, BOOL values to who reads them. */
int chunk_check(const tarazu_chunk *chunk, const chunk_shape *shape, char why[160]);

/* The bytes of a TEXT column's valid row; 0: its code or its offsets lead outside of the dictionary. */
int chunk_text(const tarazu_column *column, int64_t row, const char **bytes, size_t *count);

#endif
