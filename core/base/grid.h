/* Tables for people: cells in aligned columns, the first row their heads. */
#ifndef TARAZU_BASE_GRID_H
#define TARAZU_BASE_GRID_H

#include "base/arena.h"
#include "base/terminal.h"
#include "base/text.h"
#include <stdint.h>

typedef struct grid {
  arena *arena;
  uint32_t columns;
  uint64_t right; /* bit c set where column c is aligned to the right */
  const char **cells;
  uint32_t count;
  unsigned room;
  uint64_t hidden; /* bit c set where column c was left out by grid_fit */
  size_t *widths;  /* by column; NULL: as wide as the widest cell */
} grid;

grid grid_new(arena *arena, uint32_t columns, uint64_t right); /* at most 64 columns */
void grid_cell(grid *grid, const char *words);                 /* the next one, row by row; copied; NULL is empty */
__attribute__((format(printf, 2, 3))) void grid_cellf(grid *grid, const char *format, ...);
/* After the last cell, before printing: a table wider than `width` is wrapped, its heads at blanks and behind '_',
 * columns aligned to the left at blanks, the widest first. Where that is not enough, columns with a bit in `optional`
 * are left out, the last first; and if it still is not, the table stays too wide. Width 0: all as wide as it needs. */
void grid_fit(grid *grid, uint32_t width, uint64_t optional);
/* Two blanks between columns, none at the end of a line, heads in bold where there are colours. A row that is not full
 * is filled; what was not fitted before is fitted to the screen. */
void grid_print(grid *grid, text *out, screen to);

#endif
