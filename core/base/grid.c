/* Tables for people: cells in aligned columns. */
#include "base/grid.h"
#include <string.h>

grid grid_new(arena *home, uint32_t columns, uint64_t right)
{
  return (grid){.arena = home, .columns = columns, .right = right};
}

static void push(grid *g, const char *words)
{
  *arena_push(g->arena, g->cells, g->count, g->room) = words;
}

void grid_cell(grid *g, const char *words)
{
  push(g, words ? arena_copy(g->arena, words) : "");
}

void grid_cellf(grid *g, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  push(g, arena_vformat(g->arena, format, arguments));
  va_end(arguments);
}

static size_t width_of(const char *words)
{
  return (size_t)text_columns(words, strlen(words));
}

static void blanks(text *out, size_t count)
{
  while (count--) text_add(out, " ");
}

/* Blanks are held back until something follows them, so that no line ends with one. */
static void print_row(const grid *g, const char *const *row, const size_t *widths, text *out)
{
  size_t owed = 0;
  for (uint32_t i = 0; i < g->columns; i++) {
    size_t own = width_of(row[i]), gap = widths[i] - own, before = g->right >> i & 1 ? gap : 0;
    if (i) owed += 2;
    if (own) {
      blanks(out, owed + before);
      text_add(out, row[i]);
      owed = gap - before;
    } else {
      owed += widths[i];
    }
  }
}

void grid_print(grid *g, text *out, int colour)
{
  size_t widths[64] = {0};
  while (g->count % g->columns) push(g, "");
  for (uint32_t i = 0; i < g->count; i++) {
    size_t own = width_of(g->cells[i]);
    if (own > widths[i % g->columns]) widths[i % g->columns] = own;
  }
  for (uint32_t at = 0; at < g->count; at += g->columns) {
    if (colour && !at) text_add(out, "\033[1m");
    print_row(g, g->cells + at, widths, out);
    text_add(out, colour && !at ? "\033[0m\n" : "\n");
  }
}
