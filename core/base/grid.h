/* Tables for people: cells in aligned columns, the first row their heads. */
#ifndef TARAZU_BASE_GRID_H
#define TARAZU_BASE_GRID_H

#include "base/arena.h"
#include "base/text.h"
#include <stdint.h>

typedef struct grid {
  arena *arena;
  uint32_t columns;
  uint64_t right; /* bit c set where column c is aligned to the right */
  const char **cells;
  uint32_t count;
  unsigned room;
} grid;

grid grid_new(arena *arena, uint32_t columns, uint64_t right); /* at most 64 columns */
void grid_cell(grid *grid, const char *words);                 /* the next one, row by row; copied; NULL is empty */
__attribute__((format(printf, 2, 3))) void grid_cellf(grid *grid, const char *format, ...);
/* Two blanks between columns, none at the end of a line; colour: the heads in bold. A row that is not full is filled.
 */
void grid_print(grid *grid, text *out, int colour);

#endif
