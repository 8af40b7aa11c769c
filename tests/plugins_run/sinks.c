/* A sink of plain lines that can fail at any step, so that "all or none" can be seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

enum { FAIL_NEVER, FAIL_OPEN, FAIL_TABLE, FAIL_WRITE, FAIL_PREPARE, FAIL_COMMIT, FAIL_PARAMETER };
static const char *const steps[] = {"never", "open", "table", "write", "prepare", "commit", "parameter", NULL};
static const tarazu_param params[] = {
    {.name = "fail", .kind = TARAZU_CHOICE, .initial = "never", .choices = steps, .help = "the step that fails"}};

typedef struct lines {
  int64_t fail;
} lines;

typedef struct writer {
  FILE *file;
  tarazu_table table;
} writer;

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context, (void)error;
  ((lines *)self)->fail = tarazu_arg(args, 0)->integer;
  return TARAZU_OK;
}

static tarazu_status may_fail(const void *self, int64_t step, tarazu_error *error)
{
  if (((const lines *)self)->fail == FAIL_PARAMETER && step == FAIL_TABLE) {
    error->param = 0;
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "finds a parameter that will not do");
  }
  if (((const lines *)self)->fail != step) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "fails to %s", steps[step]);
}

static tarazu_status open_file(const void *self, const tarazu_target *target, void **out, tarazu_error *error)
{
  writer *w = calloc(1, sizeof *w);
  *out = w;
  if (!w || !(w->file = fopen(target->location, "wb")))
    return tarazu_fail(error, TARAZU_INTERNAL, "cannot open '%s'", target->location);
  return may_fail(self, FAIL_OPEN, error);
}

static tarazu_status begin_table(const void *self, void *to, const tarazu_table *table, tarazu_error *error)
{
  writer *w = to;
  w->table = *table;
  for (uint32_t i = 0; i < table->columns.count; i++)
    fprintf(w->file, "%s%s", i ? "\t" : "", ((const tarazu_bound *)tarazu_at(&table->columns, i))->name);
  fprintf(w->file, "\n");
  return may_fail(self, FAIL_TABLE, error);
}

static void write_cell(FILE *file, const tarazu_column *c, int64_t row)
{
  if (!tarazu_is_valid(c, row)) return;
  if (c->type == TARAZU_F64) fprintf(file, "%.17g", ((const double *)c->values)[row]);
  else if (c->type == TARAZU_I64) fprintf(file, "%lld", (long long)((const int64_t *)c->values)[row]);
  else if (c->type == TARAZU_BOOL) fprintf(file, "%d", ((const uint8_t *)c->values)[row]);
  else if (c->type == TARAZU_TEXT) {
    int32_t code = ((const int32_t *)c->values)[row];
    const int64_t *offsets = c->dictionary->offsets;
    fprintf(file, "%.*s", (int)(offsets[code + 1] - offsets[code]), c->dictionary->bytes + offsets[code]);
  }
}

static tarazu_status write_rows(const void *self, void *to, const tarazu_batch *batch, tarazu_error *error)
{
  writer *w = to;
  for (int64_t r = 0; r < batch->rows; r++) {
    for (uint32_t i = 0; i < batch->column_count; i++) {
      if (i) fputc('\t', w->file);
      write_cell(w->file, batch->columns[i], r);
    }
    fputc('\n', w->file);
  }
  return may_fail(self, FAIL_WRITE, error);
}

static tarazu_status prepare(const void *self, void *to, tarazu_error *error)
{
  if (fflush(((writer *)to)->file) != 0) return tarazu_fail(error, TARAZU_INTERNAL, "cannot be flushed");
  return may_fail(self, FAIL_PREPARE, error);
}

static tarazu_status commit(const void *self, void *to, tarazu_error *error)
{
  (void)to;
  return may_fail(self, FAIL_COMMIT, error);
}

static void close_file(const void *self, void *to)
{
  writer *w = to;
  (void)self;
  if (w && w->file) fclose(w->file);
  free(w);
}

static const char *const accepts[] = {"*.lines", "-", NULL};
static const tarazu_sink sink = {.size = sizeof sink,
                                 .tables = TARAZU_CUSTOMERS,
                                 .accepts = accepts,
                                 .open = open_file,
                                 .table = begin_table,
                                 .write = write_rows,
                                 .prepare = prepare,
                                 .commit = commit,
                                 .close = close_file};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.sink/1") ? NULL : &sink;
}

static const tarazu_strategy strategy = {.size = sizeof strategy,
                                         .role = TARAZU_SINK,
                                         .id = "lines",
                                         .version = "1.0",
                                         .license = "MIT",
                                         .summary = "plain lines",
                                         .params = TARAZU_LIST(params),
                                         .self_size = sizeof(lines),
                                         .create = create,
                                         .extension = extension};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "sinks",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
