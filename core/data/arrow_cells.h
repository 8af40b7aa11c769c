/* Arrow arrays of all the types that are taken, read as the ABI's columns. */
#ifndef TARAZU_DATA_ARROW_CELLS_H
#define TARAZU_DATA_ARROW_CELLS_H

#include <tarazu/plugin.h>
#include <tarazu/tarazu.h>

enum { ARROW_PIECE = 65536 };

/* How the values of a field lie in its buffers. */
typedef enum arrow_layout {
  ARROW_OTHER = 0, /* none that is taken */
  ARROW_NULLS,
  ARROW_BITS,
  ARROW_INTEGERS,
  ARROW_FLOATS,
  ARROW_DECIMALS,
  ARROW_DAYS,
  ARROW_MOMENTS,
  ARROW_STRINGS,
  ARROW_CODES
} arrow_layout;

typedef struct arrow_type {
  arrow_layout layout;
  uint32_t type;      /* tarazu_type; 0 with ARROW_OTHER */
  int width;          /* bytes of a value; of strings, of an offset */
  int is_signed;      /* integers, codes */
  int scale;          /* decimals: digits after the point */
  int64_t per_second; /* moments */
  int string_width;   /* codes: bytes of an offset of the dictionary's strings */
} arrow_type;

/* What a schema's format says. */
arrow_type arrow_type_of(const struct ArrowSchema *schema);
/* 1, or 0 where an array's buffers cannot be what its type calls for. */
int arrow_array_fits(const arrow_type *type, const struct ArrowArray *array);

/* Room for ARROW_PIECE values of one column. */
typedef struct arrow_cells {
  tarazu_column column;
  tarazu_dictionary dictionary;
  int64_t values[ARROW_PIECE];
  int64_t offsets[ARROW_PIECE + 1];
  uint8_t valid[ARROW_PIECE / 8];
} arrow_cells;

/* Reads rows [first, first + rows) of an array into out, rows at most ARROW_PIECE. With codes the dictionary's offsets
 * must be given, converted. TARAZU_BAD_DATA, with the row at fault, where a value does not fit our types. */
tarazu_status arrow_read(const arrow_type *type, const struct ArrowArray *array, const tarazu_dictionary *strings,
                         int64_t first, int64_t rows, arrow_cells *out, tarazu_error *error);
/* The strings of a dictionary array with offsets of 64 bits, those to be freed with free; 0: no memory. */
int arrow_strings(int string_width, const struct ArrowArray *array, tarazu_dictionary *out);

#endif
