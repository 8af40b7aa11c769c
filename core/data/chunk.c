/* The contract of tarazu_chunk, clause by clause. */
#include "data/chunk.h"

#include <stdio.h>

#include "data/column.h"

enum { WHY = 160 };

static int type_fits(uint32_t type, uint32_t at, const chunk_shape *shape)
{
  if (at < shape->key_count) return type == TARAZU_I64 || type == TARAZU_TEXT;
  if (at < shape->key_count + shape->timed) return type == TARAZU_TIME || type == TARAZU_CIVIL;
  return type != TARAZU_ROW && column_width(type) > 0;
}

static int column_check(const tarazu_chunk *chunk, uint32_t at, const chunk_shape *shape, char *why)
{
  const tarazu_column *cells = chunk->columns[at];
  if (!cells || cells->size < sizeof *cells)
    return snprintf(why, WHY, "column %u is missing or of an older size", at), 0;
  if (!type_fits(cells->type, at, shape))
    return snprintf(why, WHY, "%s %u has type %u",
                    at < shape->key_count                  ? "key"
                    : at < shape->key_count + shape->timed ? "the time, column"
                                                           : "column",
                    at, cells->type),
           0;
  if (!chunk->rows) return 1;
  const tarazu_dictionary *strings = cells->dictionary;
  if (cells->type == TARAZU_TEXT && (!strings || strings->size < sizeof *strings || !strings->offsets))
    return snprintf(why, WHY, "column %u is text without a dictionary", at), 0;
  if (cells->type == TARAZU_TEXT && !cells->values) {
    if (strings->count >= chunk->rows) return 1;
    return snprintf(why, WHY, "column %u has %u strings for %lld rows", at, strings->count, (long long)chunk->rows), 0;
  }
  size_t width = column_width(cells->type);
  int64_t bytes = chunk->bytes ? chunk->bytes[at] : 0;
  if (!cells->values || bytes < 0 || chunk->rows > INT64_MAX / 8 || bytes < chunk->rows * (int64_t)width)
    return snprintf(why, WHY, "column %u has %lld bytes for %lld rows of %zu", at,
                    (long long)(cells->values ? bytes : 0), (long long)chunk->rows, width),
           0;
  return 1;
}

int chunk_check(const tarazu_chunk *chunk, const chunk_shape *shape, char why[WHY])
{
  uint32_t expected = shape->key_count + shape->timed + shape->others;
  if (chunk->size < sizeof *chunk) return snprintf(why, WHY, "a chunk of an older size, %u bytes", chunk->size), 0;
  if (chunk->rows < 0) return snprintf(why, WHY, "a chunk of %lld rows", (long long)chunk->rows), 0;
  if (chunk->column_count != expected)
    return snprintf(why, WHY, "a chunk of %u columns where %u were asked for", chunk->column_count, expected), 0;
  if (expected && !chunk->columns) return snprintf(why, WHY, "a chunk without columns"), 0;
  for (uint32_t i = 0; i < expected; i++)
    if (!column_check(chunk, i, shape, why)) return 0;
  return 1;
}

int chunk_text(const tarazu_column *cells, int64_t row, const char **bytes, size_t *count)
{
  const tarazu_dictionary *strings = cells->dictionary;
  int64_t code = cells->values ? ((const int32_t *)cells->values)[row] : row;
  if (code < 0 || code >= strings->count) return 0;
  int64_t first = strings->offsets[code], end = strings->offsets[code + 1];
  if (strings->offsets[0] < 0 || first < strings->offsets[0] || end < first || end > strings->offsets[strings->count])
    return 0;
  if (end > first && !strings->bytes) return 0;
  *bytes = strings->bytes ? strings->bytes + first : "";
  *count = (size_t)(end - first);
  return 1;
}
