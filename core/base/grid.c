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

/* ---- widths ------------------------------------------------------------------------------------------------------ */

enum { GAP = 2, NARROW = 18 };

/* How many bytes go on one line: as many words as fit a width, one at least. A head is parted behind '_', too. */
static size_t line_of(const char *words, size_t width, int is_head)
{
  size_t end = 0;
  for (size_t i = *words != 0;; i++) {
    if (words[i] && words[i] != ' ' && !(is_head && i && words[i - 1] == '_')) continue;
    if (end && (size_t)text_columns(words, i) > width) return end;
    end = i;
    if (!words[i]) return end;
  }
}

static const char *after_line(const char *words, size_t length)
{
  words += length;
  return words + strspn(words, " ");
}

static size_t longest_word(const char *words, int is_head)
{
  size_t longest = 0;
  for (size_t length; *words; words = after_line(words, length)) {
    length = line_of(words, 0, is_head);
    size_t own = (size_t)text_columns(words, length);
    if (own > longest) longest = own;
  }
  return longest;
}

static size_t wider(size_t a, size_t b)
{
  return a > b ? a : b;
}

static size_t *natural_widths(const grid *g)
{
  size_t *widths = arena_array(g->arena, g->columns, sizeof *widths);
  for (uint32_t i = 0; i < g->count; i++) widths[i % g->columns] = wider(widths[i % g->columns], width_of(g->cells[i]));
  return widths;
}

static size_t table_width(const grid *g)
{
  size_t sum = 0;
  for (uint32_t c = 0; c < g->columns; c++)
    if (!(g->hidden >> c & 1)) sum += g->widths[c] + (sum ? GAP : 0);
  return sum;
}

/* How narrow each column can be made: by its head alone, and by what is aligned to the left, too. */
static void find_least(const grid *g, size_t *by_head, size_t *least)
{
  for (uint32_t c = 0; c < g->columns; c++) {
    size_t head = longest_word(g->cells[c], 1), body = 0, word = NARROW;
    for (uint32_t i = c + g->columns; i < g->count; i += g->columns) {
      body = wider(body, width_of(g->cells[i]));
      if (!(g->right >> c & 1)) word = wider(word, longest_word(g->cells[i], 0));
    }
    by_head[c] = wider(head, body);
    least[c] = g->right >> c & 1 || word > body ? by_head[c] : wider(head, word);
  }
}

/* The widest columns first, none below its least. */
static void narrow(grid *g, uint32_t width, const size_t *least)
{
  for (size_t now = table_width(g); now > width; now--) {
    size_t *widest = NULL;
    for (uint32_t c = 0; c < g->columns; c++)
      if (!(g->hidden >> c & 1) && g->widths[c] > least[c] && (!widest || g->widths[c] > *widest))
        widest = &g->widths[c];
    if (!widest) return;
    --*widest;
  }
}

void grid_fit(grid *g, uint32_t width, uint64_t optional)
{
  while (g->count % g->columns) push(g, "");
  size_t *natural = g->widths = natural_widths(g);
  if (!width || !g->count || table_width(g) <= width) return;
  size_t *by_head = arena_array(g->arena, g->columns, sizeof *by_head);
  size_t *least = arena_array(g->arena, g->columns, sizeof *least);
  find_least(g, by_head, least);
  g->widths = least;
  for (uint32_t c = g->columns; c-- && table_width(g) > width;) g->hidden |= optional & UINT64_C(1) << c;
  g->widths = natural;
  narrow(g, width, by_head);
  narrow(g, width, least);
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

/* One line of a row; rest: what is still to be printed of each cell. Blanks are held back until something follows them,
 * so that no line ends with one. */
static void print_line(const grid *g, const char **rest, int is_head, text *out)
{
  size_t owed = 0, begun = 0;
  for (uint32_t c = 0; c < g->columns; c++) {
    if (g->hidden >> c & 1) continue;
    size_t length = line_of(rest[c], g->widths[c], is_head), own = (size_t)text_columns(rest[c], length);
    size_t gap = g->widths[c] > own ? g->widths[c] - own : 0, before = g->right >> c & 1 ? gap : 0;
    if (begun++) owed += GAP;
    if (own) {
      blanks(out, owed + before);
      text_add_n(out, rest[c], length);
      owed = gap - before;
    } else {
      owed += g->widths[c];
    }
    rest[c] = after_line(rest[c], length);
  }
}

static int is_more(const grid *g, const char *const *rest)
{
  for (uint32_t c = 0; c < g->columns; c++)
    if (!(g->hidden >> c & 1) && *rest[c]) return 1;
  return 0;
}

void grid_print(grid *g, text *out, screen to)
{
  const char *rest[64];
  if (!g->widths) grid_fit(g, to.width, 0);
  for (uint32_t at = 0; at < g->count; at += g->columns) {
    memcpy(rest, g->cells + at, g->columns * sizeof *rest);
    if (to.colour && !at) text_add(out, "\033[1m");
    print_line(g, rest, !at, out);
    while (is_more(g, rest)) {
      text_add(out, "\n");
      print_line(g, rest, !at, out);
    }
    text_add(out, to.colour && !at ? "\033[0m\n" : "\n");
  }
}
