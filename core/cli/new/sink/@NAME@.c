/* @NAME@: writes the customers in rank order as lines of a file *.@NAME@, with a tab between values. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <tarazu/plugin.h>

/* The file is a temporary one: tarazu gives it its name once every output of the run is prepared. */
static tarazu_status open_file(const void *self, const tarazu_target *target, void **writer, tarazu_error *error)
{
  (void)self;
  *writer = fopen(target->location, "wb");
  if (*writer) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "'%s': %s", target->location, strerror(errno));
}

static tarazu_status begin_table(const void *self, void *writer, const tarazu_table *table, tarazu_error *error)
{
  (void)self, (void)error;
  for (uint32_t i = 0; i < table->columns.count; i++)
    fprintf(writer, "%s%s", i ? "\t" : "", ((const tarazu_bound *)tarazu_at(&table->columns, i))->name);
  fputc('\n', writer);
  return TARAZU_OK;
}

/* A tab or a line's end within a text would look like the value's: it becomes a blank. */
static void write_text(FILE *file, const tarazu_dictionary *dictionary, int32_t code)
{
  for (int64_t i = dictionary->offsets[code]; i < dictionary->offsets[code + 1]; i++)
    fputc(strchr("\t\r\n", dictionary->bytes[i]) ? ' ' : dictionary->bytes[i], file);
}

static void write_value(FILE *file, const tarazu_column *column, int64_t row)
{
  if (!column || !tarazu_is_valid(column, row)) return;
  switch (column->type) {
  case TARAZU_F64: fprintf(file, "%.17g", ((const double *)column->values)[row]); break;
  case TARAZU_BOOL: fprintf(file, "%d", ((const uint8_t *)column->values)[row]); break;
  case TARAZU_TEXT: write_text(file, column->dictionary, ((const int32_t *)column->values)[row]); break;
  default: fprintf(file, "%lld", (long long)((const int64_t *)column->values)[row]);
  }
}

static tarazu_status write_rows(const void *self, void *writer, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)error;
  for (int64_t row = 0; row < batch->rows; row++)
    for (uint32_t i = 0; i < batch->column_count; i++) {
      write_value(writer, batch->columns[i], row);
      fputc(i + 1 < batch->column_count ? '\t' : '\n', writer);
    }
  return TARAZU_OK;
}

/* What could not be written shows here at the latest. */
static tarazu_status prepare(const void *self, void *writer, tarazu_error *error)
{
  (void)self;
  if (fflush(writer) == 0 && !ferror(writer)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the file cannot be written: %s", strerror(errno));
}

static tarazu_status commit(const void *self, void *writer, tarazu_error *error)
{
  (void)self, (void)writer, (void)error;
  return TARAZU_OK;
}

static void close_file(const void *self, void *writer)
{
  (void)self;
  if (writer) fclose(writer);
}

static const tarazu_sink sink = {
    .size = sizeof sink,
    .tables = TARAZU_CUSTOMERS,
    .accepts = (const char *const[]){"*.@NAME@", NULL},
    .open = open_file,
    .table = begin_table,
    .write = write_rows,
    .prepare = prepare,
    .commit = commit,
    .close = close_file,
};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.sink/1") ? NULL : &sink;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SINK,
    .id = "@NAME@",
    .version = "1.0",
    .license = "MIT",
    .summary = "lines with a tab between values",
    .extension = extension,
};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "@NAME@",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
