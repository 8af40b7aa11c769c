/* @NAME@: reads files *.@NAME@ of lines "CUSTOMER VALUE", parted by the line's last blank, as a table of two columns.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { ROWS = 1024, LINE = 512 };

static const tarazu_source_column columns[] = {
    {.name = "customer", .declared = "the line but for its last word", .type = TARAZU_TEXT},
    {.name = "value", .declared = "the last word, a number", .type = TARAZU_F64},
};

/* A file that is being read: the rows of one chunk at a time. */
typedef struct reader {
  FILE *file;
  int64_t line;
  uint64_t hash; /* of all bytes so far: FNV-1a (Fowler, Noll, Vo 1991) */
  char keys[ROWS * LINE];
  int64_t offsets[ROWS + 1];
  double values[ROWS];
  tarazu_dictionary dictionary;
  tarazu_column key, value;
  const tarazu_column **out; /* the key, then a column a want: all of them the value */
  int64_t *bytes;
  tarazu_chunk chunk;
} reader;

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *found, tarazu_error *error)
{
  (void)self, (void)request, (void)error;
  *found = (tarazu_list)TARAZU_LIST(columns);
  return TARAZU_OK;
}

/* What cannot be read is said before anything is read; error->item tells the profile's place. */
static tarazu_status plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  (void)self;
  const char *key = request->keys[0];
  if (request->where && (error->item = -2))
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "files *.@NAME@ are read whole: leave 'where' out");
  if ((request->keys[1] || !key || strcmp(key, "customer")) && (error->item = -3))
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "the key is '%s', expected 'customer'", key ? key : "");
  if (request->time && (error->item = -5))
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "files *.@NAME@ have no dates");
  for (uint32_t i = 0; i < request->wants.count; i++) {
    const tarazu_want *want = tarazu_at(&request->wants, i);
    if (want->aggregate != TARAZU_NONE) return TARAZU_NO_RESULT; /* tarazu asks again, for rows */
    error->item = (int32_t)i;
    if (!want->expression || strcmp(want->expression, "value"))
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no column '%s'; there is 'value'", want->expression);
    if (want->type && want->type != TARAZU_F64)
      return tarazu_fail(error, TARAZU_BAD_PARAMETER, "'value' is a number, and something else is wanted");
  }
  error->item = -1;
  return TARAZU_OK;
}

static void close_file(const void *self, void *opened)
{
  (void)self;
  reader *r = opened;
  if (!r) return;
  if (r->file) fclose(r->file);
  free(r->out);
  free(r->bytes);
  free(r);
}

static tarazu_status open_file(void *self, const tarazu_request *request, void **opened, uint32_t *parts,
                               tarazu_error *error)
{
  (void)self;
  uint32_t count = 1 + request->wants.count;
  reader *r = *opened = calloc(1, sizeof *r);
  *parts = 1;
  if (!r) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to read '%s'", request->location);
  r->out = calloc(count, sizeof *r->out);
  r->bytes = calloc(count, sizeof *r->bytes);
  if (!r->out || !r->bytes) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to read '%s'", request->location);
  r->file = fopen(request->location, "rb");
  if (!r->file) return tarazu_fail(error, TARAZU_BAD_DATA, "'%s': %s", request->location, strerror(errno));
  r->hash = UINT64_C(14695981039346656037);
  r->dictionary = (tarazu_dictionary){.size = sizeof r->dictionary, .offsets = r->offsets, .bytes = r->keys};
  r->key = (tarazu_column){.size = sizeof r->key, .type = TARAZU_TEXT, .dictionary = &r->dictionary};
  r->value = (tarazu_column){.size = sizeof r->value, .type = TARAZU_F64, .values = r->values};
  for (uint32_t i = 0; i < count; i++) {
    r->out[i] = i ? &r->value : &r->key;
    r->bytes[i] = i ? (int64_t)sizeof r->values : 0;
  }
  r->chunk = (tarazu_chunk){.size = sizeof r->chunk, .column_count = count, .columns = r->out, .bytes = r->bytes};
  return TARAZU_OK;
}

/* One line into row `row` of the chunk. */
static tarazu_status take(reader *r, char *line, int64_t row, tarazu_error *error)
{
  size_t length = strlen(line);
  for (size_t i = 0; i < length; i++) r->hash = (r->hash ^ (unsigned char)line[i]) * UINT64_C(1099511628211);
  if (!length || (line[length - 1] != '\n' && !feof(r->file)))
    return tarazu_fail(error, TARAZU_BAD_DATA, "line %lld: a zero byte, or more than %d bytes", (long long)r->line,
                       LINE - 2);
  while (length && strchr("\r\n", line[length - 1])) line[--length] = 0;
  char *blank = strrchr(line, ' '), *end = NULL;
  double value = blank ? strtod(blank + 1, &end) : NAN;
  if (!blank || blank == line || end == blank + 1 || *end || !isfinite(value))
    return tarazu_fail(error, TARAZU_BAD_DATA, "line %lld: '%s', expected CUSTOMER VALUE", (long long)r->line, line);
  memcpy(r->keys + r->offsets[row], line, (size_t)(blank - line));
  r->offsets[row + 1] = r->offsets[row] + (blank - line);
  r->values[row] = value;
  return TARAZU_OK;
}

static tarazu_status read_chunk(const void *self, void *opened, uint32_t part, const tarazu_chunk **chunk,
                                tarazu_error *error)
{
  (void)self, (void)part;
  reader *r = opened;
  char line[LINE];
  int64_t rows = 0;
  r->chunk.first_line = r->line + 1;
  for (tarazu_status status; rows < ROWS && fgets(line, sizeof line, r->file); rows++) {
    r->line++;
    if ((status = take(r, line, rows, error))) return status;
  }
  if (ferror(r->file)) return tarazu_fail(error, TARAZU_BAD_DATA, "line %lld cannot be read", (long long)r->line + 1);
  r->chunk.rows = rows;
  r->dictionary.count = (uint32_t)rows;
  *chunk = rows ? &r->chunk : NULL;
  return TARAZU_OK;
}

static tarazu_status fingerprint(const void *self, void *opened, char digits[65], tarazu_error *error)
{
  (void)self, (void)error;
  snprintf(digits, 65, "%016llx", (unsigned long long)((reader *)opened)->hash);
  return TARAZU_OK;
}

static const tarazu_source source = {
    .size = sizeof source,
    .accepts = (const char *const[]){"*.@NAME@", NULL},
    .describe = describe,
    .plan = plan,
    .open = open_file,
    .read = read_chunk,
    .fingerprint = fingerprint,
    .close = close_file,
};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.source/1") ? NULL : &source;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SOURCE,
    .id = "@NAME@",
    .version = "1.0",
    .license = "MIT",
    .summary = "lines of a customer and a value",
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "@NAME@",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
