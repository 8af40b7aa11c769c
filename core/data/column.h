/* Owned columns: typed values with a validity bitmap, whole for a run. Plugins see windows of them. */
#ifndef TARAZU_DATA_COLUMN_H
#define TARAZU_DATA_COLUMN_H

#include <stdint.h>
#include <tarazu/plugin.h>

/* Whose the buffers are: the column's; the values and bits alone; none of them. */
enum { COLUMN_OWN, COLUMN_SHARED_OFFSETS, COLUMN_BORROWED };

/* Bit i of valid, from the least significant bit of byte 0 on, says whether value i is there; NULL: all are. Values are
 * aligned to 64 bytes and both buffers are padded with zeros to a multiple of 64. */
typedef struct column {
  uint32_t type;   /* tarazu_type */
  uint32_t shared; /* COLUMN_… */
  int64_t rows;    /* of values */
  int64_t nulls;
  void *values;
  uint8_t *valid;
  int64_t *offsets;                    /* events: groups + 1; otherwise NULL */
  const tarazu_dictionary *dictionary; /* borrowed, TEXT */
} column;

/* 0: no memory. Values are zeroed; with_valid gives a bitmap with all bits set. */
int column_new(column *column, uint32_t type, int64_t rows, int with_valid);
/* The same, but for values that the caller sets all. */
int column_new_unset(column *column, uint32_t type, int64_t rows, int with_valid);
/* Before its values are written to: a column of somebody else's buffers gets its own. 0: no memory. */
int column_own(column *column);
void column_free(column *column);        /* leaves {0} */
size_t column_width(uint32_t type);      /* bytes of one value */
void column_count_nulls(column *column); /* sets nulls from valid, and drops a bitmap that has none */

static inline int column_is_valid(const column *c, int64_t row)
{
  return !c->valid || ((c->valid[row >> 3] >> (row & 7)) & 1);
}

/* A window of rows [first, first + rows) for a batch. bits: scratch of at least (rows + 7) / 8 bytes, used only where
 * first is not a multiple of 8. For events first and rows count groups. */
tarazu_column column_window(const column *column, int64_t first, int64_t rows, uint8_t *bits);
/* Copies count bits. */
void bits_copy(uint8_t *to, int64_t to_bit, const uint8_t *from, int64_t from_bit, int64_t count);

#endif
