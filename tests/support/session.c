/* Tables in and results out for tests of whole runs. */
#include "support/session.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- memory that goes at once -------------------------------------------------------------------------------- */

typedef struct kept {
  struct kept *next;
} kept;

static void *keep(kept **list, size_t bytes)
{
  kept *k = calloc(1, sizeof *k + 16 + bytes);
  if (!k) abort();
  k->next = *list;
  *list = k;
  return (char *)k + 16;
}

static void let_go(kept *list)
{
  while (list) {
    kept *next = list->next;
    free(list);
    list = next;
  }
}

/* ---- arrays -------------------------------------------------------------------------------------------------- */

static void release_schema(struct ArrowSchema *schema)
{
  for (int64_t i = 0; i < schema->n_children; i++)
    if (schema->children[i]->release) schema->children[i]->release(schema->children[i]);
  let_go(schema->private_data);
  schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
  for (int64_t i = 0; i < array->n_children; i++)
    if (array->children[i]->release) array->children[i]->release(array->children[i]);
  let_go(array->private_data);
  array->release = NULL;
}

typedef struct table_stream {
  given *columns;
  uint32_t count;
  int64_t rows, at, batch_rows;
  int64_t *order;
  kept *memory;
} table_stream;

static char *copy_text(kept **list, const char *text)
{
  char *copy = keep(list, strlen(text) + 1);
  return strcpy(copy, text);
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  const table_stream *t = stream->private_data;
  kept *memory = NULL;
  *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = t->count, .release = release_schema};
  out->children = keep(&memory, (t->count + 1) * sizeof *out->children);
  for (uint32_t i = 0; i < t->count; i++) {
    kept *own = NULL;
    out->children[i] = keep(&memory, sizeof **out->children);
    *out->children[i] = (struct ArrowSchema){.flags = ARROW_FLAG_NULLABLE, .release = release_schema};
    out->children[i]->format = copy_text(&own, t->columns[i].format);
    out->children[i]->name = copy_text(&own, t->columns[i].name);
    out->children[i]->private_data = own;
  }
  out->private_data = memory;
  return 0;
}

static int is_null(const given *column, int64_t row)
{
  if (*column->format == 'g') return isnan(((const double *)column->values)[row]);
  if (*column->format == 'u') return !((const char *const *)column->values)[row];
  return ((const int64_t *)column->values)[row] == INT64_MIN;
}

static void fill_texts(const given *column, const int64_t *order, int64_t first, int64_t rows, kept **memory,
                       struct ArrowArray *out)
{
  const char *const *texts = column->values;
  int32_t *offsets = keep(memory, (size_t)(rows + 1) * sizeof *offsets), at = 0;
  for (int64_t i = 0; i < rows; i++) {
    const char *text = texts[order[first + i]];
    offsets[i + 1] = offsets[i] + (text ? (int32_t)strlen(text) : 0);
  }
  char *bytes = keep(memory, (size_t)offsets[rows] + 1);
  for (int64_t i = 0; i < rows; i++, at = offsets[i])
    if (texts[order[first + i]]) memcpy(bytes + at, texts[order[first + i]], (size_t)(offsets[i + 1] - at));
  out->n_buffers = 3;
  out->buffers[1] = offsets;
  out->buffers[2] = bytes;
}

static void fill_array(const given *column, const int64_t *order, int64_t first, int64_t rows, struct ArrowArray *out)
{
  kept *memory = NULL;
  uint8_t *valid = keep(&memory, (size_t)rows / 8 + 1);
  *out = (struct ArrowArray){.length = rows, .n_buffers = 2, .release = release_array};
  out->buffers = keep(&memory, 3 * sizeof *out->buffers);
  for (int64_t i = 0; i < rows; i++) {
    int null = is_null(column, order[first + i]);
    out->null_count += null;
    if (!null) valid[i >> 3] = (uint8_t)(valid[i >> 3] | 1u << (i & 7));
  }
  out->buffers[0] = out->null_count ? valid : NULL;
  if (*column->format == 'u') {
    fill_texts(column, order, first, rows, &memory, out);
  } else {
    uint64_t *values = keep(&memory, (size_t)(rows + 1) * sizeof *values);
    for (int64_t i = 0; i < rows; i++) values[i] = ((const uint64_t *)column->values)[order[first + i]];
    out->buffers[1] = values;
  }
  out->private_data = memory;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  table_stream *t = stream->private_data;
  int64_t rows = t->rows - t->at < t->batch_rows ? t->rows - t->at : t->batch_rows;
  kept *memory = NULL;
  *out = (struct ArrowArray){0};
  if (!rows) return 0;
  *out = (struct ArrowArray){.length = rows, .n_buffers = 1, .n_children = t->count, .release = release_array};
  out->buffers = keep(&memory, sizeof *out->buffers);
  out->children = keep(&memory, (t->count + 1) * sizeof *out->children);
  for (uint32_t i = 0; i < t->count; i++) {
    out->children[i] = keep(&memory, sizeof **out->children);
    fill_array(&t->columns[i], t->order, t->at, rows, out->children[i]);
  }
  out->private_data = memory;
  t->at += rows;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
  (void)stream;
  return NULL;
}

static void release_stream(struct ArrowArrayStream *stream)
{
  table_stream *t = stream->private_data;
  let_go(t->memory);
  free(t);
  stream->release = NULL;
}

static const void *copy_values(kept **memory, const given *column, int64_t rows)
{
  void *copy = keep(memory, (size_t)(rows + 1) * 8);
  if (rows) memcpy(copy, column->values, (size_t)rows * 8);
  for (int64_t i = 0; *column->format == 'u' && i < rows; i++) {
    const char *text = ((const char *const *)column->values)[i];
    ((const char **)copy)[i] = text ? copy_text(memory, text) : NULL;
  }
  return copy;
}

void stream_make(struct ArrowArrayStream *out, const given *columns, uint32_t count, int64_t rows, arrival how)
{
  table_stream *t = calloc(1, sizeof *t);
  if (!t) abort();
  t->count = count;
  t->rows = rows;
  t->batch_rows = how.batch_rows ? how.batch_rows : INT64_MAX;
  t->columns = keep(&t->memory, (count + 1) * sizeof *t->columns);
  t->order = keep(&t->memory, (size_t)(rows + 1) * sizeof *t->order);
  for (int64_t i = 0; i < rows; i++) t->order[i] = how.order ? how.order[i] : i;
  for (uint32_t i = 0; i < count; i++)
    t->columns[i] = (given){copy_text(&t->memory, columns[i].name), copy_text(&t->memory, columns[i].format),
                            copy_values(&t->memory, &columns[i], rows)};
  *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                   .get_next = get_next,
                                   .get_last_error = get_last_error,
                                   .release = release_stream,
                                   .private_data = t};
}

/* ---- sessions ------------------------------------------------------------------------------------------------ */

void trial_new(trial *t)
{
  /* Verdicts about plugins are kept for the tests of one build together, away from the user's own. */
  setenv("XDG_CACHE_HOME", BUILD_DIR "/tests/cache", 1);
  *t = (trial){.options = {.size = sizeof t->options, .threads = 2}};
  t->options.plugin_path = BUILD_DIR "/plugins:" BUILD_DIR "/tests/plugins_run";
  strcpy(t->folder, "/tmp/tarazu-run-XXXXXX");
  if (!mkdtemp(t->folder)) fail_msg("no folder for the test");
}

static void remove_folder(const char *path)
{
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char inner[4096];
    struct stat about;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (lstat(inner, &about) == 0 && S_ISDIR(about.st_mode)) remove_folder(inner);
    else unlink(inner);
  }
  if (folder) closedir(folder);
  rmdir(path);
}

void trial_free(trial *t)
{
  tarazu_close(t->session);
  t->session = NULL;
  remove_folder(t->folder);
}

int trial_open(trial *t, const char *profile)
{
  tarazu_close(t->session);
  t->session = NULL;
  trial_write(t, "profile.yaml", profile);
  return tarazu_open(trial_path(t, "profile.yaml"), &t->options, &t->session);
}

int trial_push_as(trial *t, const char *table, int64_t rows, const given *columns, uint32_t count, arrival how)
{
  struct ArrowArrayStream stream;
  stream_make(&stream, columns, count, rows, how);
  return tarazu_push(t->session, table, &stream);
}

int trial_run(trial *t)
{
  return tarazu_run(t->session);
}

int trial_errors(const trial *t)
{
  int count = 0;
  for (const char *at = tarazu_problems(t->session, 0, 0); (at = strstr(at, "error: ")); at++) count++;
  return count;
}

/* ---- files --------------------------------------------------------------------------------------------------- */

const char *trial_path(const trial *t, const char *name)
{
  static char paths[8][256];
  static atomic_uint next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", t->folder, name);
  return path;
}

void trial_write(const trial *t, const char *name, const char *bytes)
{
  FILE *file = fopen(trial_path(t, name), "wb");
  if (!file || fwrite(bytes, 1, strlen(bytes), file) != strlen(bytes) || fclose(file) != 0)
    fail_msg("%s cannot be written", trial_path(t, name));
}

char *trial_file(const trial *t, const char *name)
{
  FILE *file = fopen(trial_path(t, name), "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *bytes = calloc((size_t)size + 1, 1);
  if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) fail_msg("%s cannot be read", name);
  fclose(file);
  return bytes;
}

static int count_files(const char *path)
{
  DIR *folder = opendir(path);
  int count = 0;
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char inner[4096];
    struct stat about;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (lstat(inner, &about) == 0 && S_ISDIR(about.st_mode)) count += count_files(inner);
    else count++;
  }
  if (folder) closedir(folder);
  return count;
}

int trial_file_count(const trial *t)
{
  return count_files(t->folder);
}

void trial_use_plugin(trial *t, const char *plugin)
{
  static char path[4096];
  char from[4096], to[512];
  snprintf(to, sizeof to, "%s", trial_path(t, "plugin"));
  if (mkdir(to, 0700) != 0) fail_msg("%s cannot be made", to);
  snprintf(from, sizeof from, "%s/tests/%s.so", BUILD_DIR, plugin);
  strcat(to, "/one.so");
  if (access(from, R_OK) != 0 || symlink(from, to) != 0) fail_msg("there is no %s", from);
  snprintf(path, sizeof path, "%s/plugins:%s/plugin", BUILD_DIR, t->folder);
  t->options.plugin_path = path;
}

/* ---- results ------------------------------------------------------------------------------------------------- */

typedef struct cell {
  int there;
  double real;
  int64_t whole;
  const char *text; /* of texts, and of whole numbers as digits */
} cell;

struct sheet {
  uint32_t count;
  int64_t rows;
  char **names;
  cell **cells; /* by column, then row */
  kept *memory;
};

static int bit(const void *bits, int64_t index)
{
  return ((const uint8_t *)bits)[index >> 3] >> (index & 7) & 1;
}

static const char *text_at(sheet *s, const struct ArrowArray *array, const char *format, int64_t at)
{
  int64_t begin, end;
  if (*format == 'U') {
    begin = ((const int64_t *)array->buffers[1])[at];
    end = ((const int64_t *)array->buffers[1])[at + 1];
  } else {
    begin = ((const int32_t *)array->buffers[1])[at];
    end = ((const int32_t *)array->buffers[1])[at + 1];
  }
  char *text = keep(&s->memory, (size_t)(end - begin) + 1);
  if (end > begin) memcpy(text, (const char *)array->buffers[2] + begin, (size_t)(end - begin));
  return text;
}

static cell read_cell(sheet *s, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t row)
{
  int64_t at = array->offset + row;
  cell c = {.there = !array->buffers[0] || bit(array->buffers[0], at), .real = NAN};
  if (!c.there) return c;
  if (schema->dictionary) {
    int32_t code = ((const int32_t *)array->buffers[1])[at];
    if (strcmp(schema->format, "i") != 0) fail_msg("codes of type '%s'", schema->format);
    c.text = text_at(s, array->dictionary, schema->dictionary->format, array->dictionary->offset + code);
  } else if (*schema->format == 'g') {
    c.real = ((const double *)array->buffers[1])[at];
  } else if (*schema->format == 'l' || !strncmp(schema->format, "tsu", 3)) {
    char digits[32];
    c.whole = ((const int64_t *)array->buffers[1])[at];
    c.real = (double)c.whole;
    snprintf(digits, sizeof digits, "%lld", (long long)c.whole);
    c.text = copy_text(&s->memory, digits);
  } else if (*schema->format == 'b') {
    c.whole = bit(array->buffers[1], at);
    c.real = (double)c.whole;
  } else if (*schema->format == 'u' || *schema->format == 'U') {
    c.text = text_at(s, array, schema->format, at);
  } else {
    fail_msg("column '%s' has the type '%s'", schema->name, schema->format);
  }
  return c;
}

static void read_batch(sheet *s, const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
  for (uint32_t i = 0; i < s->count; i++) {
    s->cells[i] = realloc(s->cells[i], (size_t)(s->rows + batch->length) * sizeof **s->cells);
    if (!s->cells[i]) abort();
    for (int64_t r = 0; r < batch->length; r++)
      s->cells[i][s->rows + r] = read_cell(s, schema->children[i], batch->children[i], batch->offset + r);
  }
  s->rows += batch->length;
}

sheet *sheet_read(trial *t, const char *table)
{
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  sheet *s = calloc(1, sizeof *s);
  if (!s) abort();
  int status = tarazu_results(t->session, table, &stream);
  if (status) fail_msg("no table '%s': %s", table, tarazu_problems(t->session, 0, 0));
  assert_int_equal(stream.get_schema(&stream, &schema), 0);
  s->count = (uint32_t)schema.n_children;
  s->names = keep(&s->memory, (s->count + 1) * sizeof *s->names);
  s->cells = keep(&s->memory, (s->count + 1) * sizeof *s->cells);
  for (uint32_t i = 0; i < s->count; i++) s->names[i] = copy_text(&s->memory, schema.children[i]->name);
  for (;;) {
    struct ArrowArray batch = {0};
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    if (!batch.release) break;
    read_batch(s, &schema, &batch);
    batch.release(&batch);
  }
  schema.release(&schema);
  stream.release(&stream);
  return s;
}

void sheet_free(sheet *s)
{
  if (!s) return;
  for (uint32_t i = 0; i < s->count; i++) free(s->cells[i]);
  let_go(s->memory);
  free(s);
}

int64_t sheet_rows(const sheet *s)
{
  return s->rows;
}

uint32_t sheet_columns(const sheet *s)
{
  return s->count;
}

const char *sheet_column(const sheet *s, uint32_t index)
{
  return s->names[index];
}

static int find_column(const sheet *s, const char *column)
{
  for (uint32_t i = 0; i < s->count; i++)
    if (!strcmp(s->names[i], column)) return (int)i;
  return -1;
}

int sheet_has(const sheet *s, const char *column)
{
  return find_column(s, column) >= 0;
}

static const cell *cell_at(const sheet *s, const char *column, int64_t row)
{
  int index = find_column(s, column);
  if (index < 0 || row < 0 || row >= s->rows) {
    fail_msg("no column '%s', or no row %lld in it", column, (long long)row);
    abort(); /* not reached */
  }
  return &s->cells[index][row];
}

double sheet_real(const sheet *s, const char *column, int64_t row)
{
  return cell_at(s, column, row)->real;
}

const char *sheet_text(const sheet *s, const char *column, int64_t row)
{
  return cell_at(s, column, row)->text;
}

int64_t sheet_find(const sheet *s, const char *key)
{
  for (int64_t r = 0; r < s->rows; r++)
    if (s->cells[0][r].text && !strcmp(s->cells[0][r].text, key)) return r;
  fail_msg("no row '%s'", key);
  return -1;
}

double sheet_real_of(const sheet *s, const char *key, const char *column)
{
  return sheet_real(s, column, sheet_find(s, key));
}

const char *sheet_text_of(const sheet *s, const char *key, const char *column)
{
  return sheet_text(s, column, sheet_find(s, key));
}

char *sheet_bytes(const sheet *s, size_t *count)
{
  char *bytes = NULL;
  FILE *out = open_memstream(&bytes, count);
  if (!out) abort();
  for (uint32_t i = 0; i < s->count; i++) {
    fprintf(out, "%s\n", s->names[i]);
    for (int64_t r = 0; r < s->rows; r++) {
      const cell *c = &s->cells[i][r];
      fwrite(&c->there, sizeof c->there, 1, out);
      fwrite(&c->real, sizeof c->real, 1, out);
      fprintf(out, "%s\n", c->text ? c->text : "");
    }
  }
  fclose(out);
  return bytes;
}
