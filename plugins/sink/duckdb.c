/* The sinks csv, json and parquet: a run's customers as one file, through a table of DuckDB's. Insertion order makes
 * the same bytes of the same rows: texts are written by TEXT_THREADS, whose lines come one after the other whoever
 * wrote them; Parquet, whose row groups could begin elsewhere, by one. */
#define _GNU_SOURCE
#include "../shared/duckdb.h"

#include <errno.h>

enum { TEXT_THREADS = 2 };

typedef struct sink {
  const duck_api *api;
} sink;

typedef struct writer {
  duckdb_database database;
  duck_session session;
  const char *options; /* of COPY */
  char *location;
  duckdb_appender appender;
  duckdb_data_chunk chunk;
  uint32_t *types; /* tarazu_type of each column */
  uint32_t count;
} writer;

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  (void)context;
  (void)args;
  return duck_load(&((sink *)self)->api, &tarazu_plugin_v1, error);
}

static void close_writer(const void *self, void *argument)
{
  writer *made = argument;
  if (!made) return;
  const duck_api *api = ((const sink *)self)->api;
  if (made->chunk) api->destroy_data_chunk(&made->chunk);
  if (made->appender) api->appender_destroy(&made->appender);
  if (made->session.api) duck_session_close(&made->session);
  if (made->database) api->close(&made->database);
  free(made->types);
  free(made->location);
  free(made);
}

/* The absolute path of a file that need not exist, and of its folder, which must. */
static tarazu_status place_of(const char *location, char **path, char **folder, tarazu_error *error)
{
  const char *slash = strrchr(location, '/');
  char *given = slash ? strndup(location, (size_t)(slash - location) + 1) : strdup(".");
  *folder = given ? realpath(given, NULL) : NULL;
  tarazu_status status = TARAZU_OK;
  if (!given) status = no_memory(error);
  else if (!*folder || access(*folder, W_OK) != 0)
    status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s cannot be written: folder %s: %s", location, given,
                         strerror(errno));
  free(given);
  sql whole = {0};
  if (status == TARAZU_OK)
    sql_add(&whole, "%s%s%s", *folder, strcmp(*folder, "/") == 0 ? "" : "/", slash ? slash + 1 : location);
  if (whole.failed) status = no_memory(error);
  *path = whole.text;
  return status;
}

static tarazu_status open_writer(const sink *self, const tarazu_target *target, const char *options, uint32_t threads,
                                 void **out, tarazu_error *error)
{
  char *folder = NULL;
  writer *made = calloc(1, sizeof *made);
  *out = made;
  if (!made) return no_memory(error);
  made->options = options;
  tarazu_status status = place_of(target->location, &made->location, &folder, error);
  if (status == TARAZU_OK) {
    duck_limits limits = {.folder = folder, .threads = threads, .ordered = true};
    status = duck_database_open(&made->database, self->api, &limits, error);
    if (status == TARAZU_OK) status = duck_session_open(&made->session, self->api, made->database, error);
    if (status == TARAZU_OK) status = duck_lock(&made->session, &limits, error);
  }
  free(folder);
  if (status == TARAZU_OK) return status;
  close_writer(self, made);
  *out = NULL;
  return status;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static duckdb_type stored_as(uint32_t type)
{
  switch (type) {
  case TARAZU_F64: return DUCKDB_TYPE_DOUBLE;
  case TARAZU_BOOL: return DUCKDB_TYPE_BOOLEAN;
  case TARAZU_TIME: return DUCKDB_TYPE_TIMESTAMP_TZ;
  case TARAZU_TEXT: return DUCKDB_TYPE_VARCHAR;
  default: return DUCKDB_TYPE_BIGINT;
  }
}

static const char *declared_as(uint32_t type)
{
  switch (type) {
  case TARAZU_F64: return "DOUBLE";
  case TARAZU_BOOL: return "BOOLEAN";
  case TARAZU_TIME: return "TIMESTAMPTZ";
  case TARAZU_TEXT: return "VARCHAR";
  default: return "BIGINT";
  }
}

static tarazu_status make_table(writer *to, const tarazu_table *table, tarazu_error *error)
{
  sql text = {0};
  sql_add(&text, "CREATE TABLE rows (");
  for (uint32_t i = 0; i < to->count; i++) {
    const tarazu_bound *column = tarazu_at(&table->columns, i);
    to->types[i] = column->type;
    if (i) sql_add(&text, ", ");
    sql_name(&text, column->name);
    sql_add(&text, " %s", declared_as(column->type));
  }
  sql_add(&text, ")");
  tarazu_status status = text.failed ? no_memory(error) : duck_run(&to->session, text.text, error);
  sql_free(&text);
  return status;
}

static tarazu_status make_chunk(writer *to, tarazu_error *error)
{
  const duck_api *api = to->session.api;
  duckdb_logical_type *types = calloc(to->count, sizeof *types);
  if (!types) return no_memory(error);
  for (uint32_t i = 0; i < to->count; i++) types[i] = api->create_logical_type(stored_as(to->types[i]));
  to->chunk = api->create_data_chunk(types, to->count);
  for (uint32_t i = 0; i < to->count; i++) api->destroy_logical_type(&types[i]);
  free(types);
  return to->chunk ? TARAZU_OK : no_memory(error);
}

static tarazu_status begin_table(const void *self, void *argument, const tarazu_table *table, tarazu_error *error)
{
  (void)self;
  writer *to = argument;
  const duck_api *api = to->session.api;
  if (table->kind != TARAZU_CUSTOMERS || to->types || !table->columns.count)
    return tarazu_fail(error, TARAZU_INTERNAL, "one table of customers can be written, not %s", table->name);
  to->count = table->columns.count;
  to->types = calloc(to->count, sizeof *to->types);
  if (!to->types) return no_memory(error);
  tarazu_status status = make_table(to, table, error);
  if (status == TARAZU_OK) status = make_chunk(to, error);
  if (status == TARAZU_OK && api->appender_create(to->session.connection, NULL, "rows", &to->appender) != DuckDBSuccess)
    status = tarazu_fail(error, TARAZU_INTERNAL, "DuckDB gives no appender");
  return status;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static tarazu_status appender_error(const writer *to, tarazu_error *error)
{
  duckdb_error_data reason = to->session.api->appender_error_data(to->appender);
  tarazu_status status = duck_fail(error, TARAZU_INTERNAL, to->location, to->session.api->error_data_message(reason));
  to->session.api->destroy_error_data(&reason);
  return status;
}

static void put_null(const duck_api *api, duckdb_vector vector, idx_t row)
{
  api->vector_ensure_validity_writable(vector);
  api->validity_set_row_invalid(api->vector_get_validity(vector), row);
}

static void put_text(const duck_api *api, duckdb_vector vector, const tarazu_column *column, int64_t first, idx_t rows)
{
  const tarazu_dictionary *strings = column->dictionary;
  const int32_t *codes = column->values;
  for (idx_t i = 0; i < rows; i++) {
    if (!tarazu_is_valid(column, first + (int64_t)i)) continue;
    int64_t code = codes[first + (int64_t)i];
    int64_t start = strings->offsets[code];
    api->vector_assign_string_element_len(vector, i, strings->bytes + start,
                                          (idx_t)(strings->offsets[code + 1] - start));
  }
}

static void put_column(const writer *to, uint32_t index, const tarazu_column *column, int64_t first, idx_t rows)
{
  const duck_api *api = to->session.api;
  duckdb_vector vector = api->data_chunk_get_vector(to->chunk, index);
  for (idx_t i = 0; i < rows; i++)
    if (!column || !tarazu_is_valid(column, first + (int64_t)i)) put_null(api, vector, i);
  if (!column) return;
  size_t width = to->types[index] == TARAZU_BOOL ? 1 : 8;
  if (to->types[index] == TARAZU_TEXT) put_text(api, vector, column, first, rows);
  else memcpy(api->vector_get_data(vector), (const char *)column->values + (size_t)first * width, rows * width);
}

static tarazu_status write_rows(const void *self, void *argument, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self;
  writer *to = argument;
  const duck_api *api = to->session.api;
  idx_t most = api->vector_size();
  for (int64_t first = 0; first < batch->rows; first += (int64_t)most) {
    int64_t left = batch->rows - first;
    idx_t rows = (idx_t)left < most ? (idx_t)left : most;
    api->data_chunk_reset(to->chunk);
    for (uint32_t i = 0; i < to->count; i++)
      put_column(to, i, i < batch->column_count ? batch->columns[i] : NULL, first, rows);
    api->data_chunk_set_size(to->chunk, rows);
    if (api->append_data_chunk(to->appender, to->chunk) != DuckDBSuccess) return appender_error(to, error);
  }
  return TARAZU_OK;
}

static tarazu_status prepare(const void *self, void *argument, tarazu_error *error)
{
  (void)self;
  writer *to = argument;
  if (!to->appender) return tarazu_fail(error, TARAZU_INTERNAL, "no table was given");
  if (to->session.api->appender_close(to->appender) != DuckDBSuccess) return appender_error(to, error);
  sql text = {0};
  sql_add(&text, "COPY rows TO ");
  sql_string(&text, to->location);
  sql_add(&text, " (%s, USE_TMP_FILE false)", to->options);
  tarazu_status status = text.failed ? no_memory(error) : duck_run(&to->session, text.text, error);
  sql_free(&text);
  return status;
}

static tarazu_status commit(const void *self, void *argument, tarazu_error *error)
{
  (void)self;
  (void)argument;
  (void)error;
  return TARAZU_OK;
}

/* ---- three formats ----------------------------------------------------------------------------------------------- */

static tarazu_status open_csv(const void *self, const tarazu_target *target, void **out, tarazu_error *error)
{
  return open_writer(self, target, "FORMAT csv, HEADER true, NULL '', COMPRESSION none", TEXT_THREADS, out, error);
}

static tarazu_status open_json(const void *self, const tarazu_target *target, void **out, tarazu_error *error)
{
  return open_writer(self, target, "FORMAT json, ARRAY true, COMPRESSION none", TEXT_THREADS, out, error);
}

static tarazu_status open_parquet(const void *self, const tarazu_target *target, void **out, tarazu_error *error)
{
  return open_writer(self, target, "FORMAT parquet, COMPRESSION zstd", 1, out, error);
}

#define SINK(format)                                                                  \
  static const char *const format##_accepts[] = {"*." #format, NULL};                 \
  static const tarazu_sink format##_interface = {.size = sizeof format##_interface,   \
                                                 .tables = TARAZU_CUSTOMERS,          \
                                                 .accepts = format##_accepts,         \
                                                 .open = open_##format,               \
                                                 .table = begin_table,                \
                                                 .write = write_rows,                 \
                                                 .prepare = prepare,                  \
                                                 .commit = commit,                    \
                                                 .close = close_writer};              \
  static const void *format##_extension(const char *id)                               \
  {                                                                                   \
    return strcmp(id, "tarazu.sink/1") == 0 ? &format##_interface : NULL;             \
  }                                                                                   \
  static const tarazu_strategy format##_strategy = {.size = sizeof format##_strategy, \
                                                    .role = TARAZU_SINK,              \
                                                    .id = #format,                    \
                                                    .version = "0.1.0",               \
                                                    .summary = format##_summary,      \
                                                    .license = "MIT",                 \
                                                    .self_size = sizeof(sink),        \
                                                    .create = create,                 \
                                                    .extension = format##_extension};

static const char csv_summary[] = "the customers as a CSV file with a header";
static const char json_summary[] = "the customers as a JSON array, one object a customer";
static const char parquet_summary[] = "the customers as a Parquet file";

SINK(csv)
SINK(json)
SINK(parquet)

static const tarazu_strategy *const strategies[] = {&csv_strategy, &json_strategy, &parquet_strategy, NULL};

TARAZU_EXPORT const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1, .name = "duckdb", .author = "the tarazu authors", .strategies = strategies};
