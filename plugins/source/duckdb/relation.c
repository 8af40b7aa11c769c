/* From a location to files, dialect and columns. What DuckDB would guess and could guess wrong without a word is fixed
 * here: numbers in text are DOUBLE (a column that its sampling takes for BIGINT silently rounds a later 12.5 to 13),
 * dates are ISO 8601 or stay text (01/02/2011 has two readings), the first line is the header. */
#define _GNU_SOURCE
#include "relation.h"

#include "csv.h"

#include <errno.h>
#include <limits.h>
#include <strings.h>

enum { MOST_COLUMNS = 4096, LEAST_BUFFER = 1 << 22, LARGEST_BUFFER = 1 << 25 };

/* No date or timestamp format: JSON's own detection of timestamps drops a zone without a word. */
#define NO_TIMESTAMPS "%%Y (never)"

/* ---- small tools ------------------------------------------------------------------------------------------------- */

static tarazu_status no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
}

static bool ends_with(const char *text, size_t length, const char *end)
{
  size_t count = strlen(end);
  return length >= count && strncasecmp(text + length - count, end, count) == 0;
}

static size_t string_of(duckdb_string_t *item, const char **bytes)
{
  *bytes = item->value.inlined.length <= 12 ? item->value.inlined.inlined : item->value.pointer.ptr;
  return item->value.inlined.length;
}

static tarazu_status chunk_rows(const duck_session *session, duckdb_data_chunk chunk, idx_t columns,
                                tarazu_status (*row)(void *argument, const char *const *values, tarazu_error *error),
                                void *argument, tarazu_error *error)
{
  tarazu_status status = TARAZU_OK;
  idx_t rows = session->api->data_chunk_get_size(chunk);
  for (idx_t r = 0; r < rows && status == TARAZU_OK; r++) {
    char *values[8] = {0};
    for (idx_t c = 0; c < columns; c++) {
      duckdb_vector vector = session->api->data_chunk_get_vector(chunk, c);
      const uint64_t *validity = session->api->vector_get_validity(vector);
      if (validity && !(validity[r >> 6] >> (r & 63) & 1)) continue;
      const char *bytes;
      size_t count = string_of((duckdb_string_t *)session->api->vector_get_data(vector) + r, &bytes);
      values[c] = strndup(bytes, count);
      if (!values[c]) status = no_memory(error);
    }
    if (status == TARAZU_OK) status = row(argument, (const char *const *)values, error);
    for (idx_t c = 0; c < columns; c++) free(values[c]);
  }
  return status;
}

tarazu_status relation_rows(const duck_session *session, const char *statement,
                            tarazu_status (*row)(void *argument, const char *const *values, tarazu_error *error),
                            void *argument, tarazu_error *error)
{
  const duck_api *api = session->api;
  duckdb_result result;
  tarazu_status status = TARAZU_OK;
  if (api->query(session->connection, statement, &result) != DuckDBSuccess) {
    status = duck_fail(error, TARAZU_BAD_PARAMETER, NULL, api->result_error(&result));
  } else {
    duckdb_data_chunk chunk;
    idx_t columns = api->column_count(&result);
    if (columns > 8) columns = 8;
    while (status == TARAZU_OK && (chunk = api->fetch_chunk(result)) != NULL) {
      status = chunk_rows(session, chunk, columns, row, argument, error);
      api->destroy_data_chunk(&chunk);
    }
  }
  api->destroy_result(&result);
  return status;
}

int64_t relation_column(const relation *data, const char *name)
{
  for (uint32_t i = 0; i < data->column_count; i++)
    if (strcasecmp(data->columns[i].name, name) == 0) return i;
  return -1;
}

uint32_t relation_type(duckdb_type type)
{
  switch (type) {
  case DUCKDB_TYPE_TINYINT:
  case DUCKDB_TYPE_SMALLINT:
  case DUCKDB_TYPE_INTEGER:
  case DUCKDB_TYPE_BIGINT:
  case DUCKDB_TYPE_UTINYINT:
  case DUCKDB_TYPE_USMALLINT:
  case DUCKDB_TYPE_UINTEGER: return TARAZU_I64;
  case DUCKDB_TYPE_UBIGINT:
  case DUCKDB_TYPE_HUGEINT:
  case DUCKDB_TYPE_UHUGEINT:
  case DUCKDB_TYPE_DECIMAL:
  case DUCKDB_TYPE_FLOAT:
  case DUCKDB_TYPE_DOUBLE: return TARAZU_F64;
  case DUCKDB_TYPE_BOOLEAN: return TARAZU_BOOL;
  case DUCKDB_TYPE_DATE:
  case DUCKDB_TYPE_TIMESTAMP:
  case DUCKDB_TYPE_TIMESTAMP_S:
  case DUCKDB_TYPE_TIMESTAMP_MS:
  case DUCKDB_TYPE_TIMESTAMP_NS: return TARAZU_CIVIL;
  case DUCKDB_TYPE_TIMESTAMP_TZ: return TARAZU_TIME;
  default: return TARAZU_TEXT;
  }
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static tarazu_status kind_of(relation *data, tarazu_error *error)
{
  const char *name = data->location;
  size_t length = strlen(name);
  if (ends_with(name, length, ".gz")) length -= 3;
  data->lines = ends_with(name, length, ".ndjson") || ends_with(name, length, ".jsonl");
  data->strict = true;
  if (ends_with(name, length, ".tsv")) data->delimiter = '\t';
  if (ends_with(name, length, ".csv") || ends_with(name, length, ".tsv")) data->kind = READ_CSV;
  else if (ends_with(name, length, ".json") || data->lines) data->kind = READ_JSON;
  else if (ends_with(name, length, ".parquet")) data->kind = READ_PARQUET;
  else return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: not a name of CSV, TSV, JSON, NDJSON or Parquet", name);
  return TARAZU_OK;
}

/* The folder is the location's up to its last slash before any wildcard; resolved, so that it is what gets locked. */
static tarazu_status find_folder(relation *data, bool literal, tarazu_error *error)
{
  const char *location = data->location;
  size_t fixed = literal ? strlen(location) : strcspn(location, "*?[");
  while (fixed && location[fixed - 1] != '/') fixed--;
  char *given = fixed ? strndup(location, fixed) : strdup(".");
  if (!given) return no_memory(error);
  data->folder = realpath(given, NULL);
  tarazu_status status =
      data->folder ? TARAZU_OK
                   : tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: no folder %s: %s", location, given, strerror(errno));
  free(given);
  if (status != TARAZU_OK) return status;
  data->fixed = fixed;
  sql pattern = {0};
  sql_add(&pattern, "%s%s", data->folder, strcmp(data->folder, "/") == 0 ? "" : "/");
  for (const char *c = location + fixed; *c; c++) {
    if (literal && strchr("*?[", *c)) sql_add(&pattern, "[%c]", *c); /* a class of one: the character itself */
    else sql_bytes(&pattern, c, 1);
  }
  if (strpbrk(data->folder, "*?[")) /* DuckDB would take it for a wildcard, and a class of one for a folder fails */
    status =
        tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: a folder with *, ? or [ in its name cannot be read", location);
  if (pattern.failed) {
    sql_free(&pattern);
    return no_memory(error);
  }
  data->pattern = pattern.text;
  return status;
}

void relation_name(const relation *data, const char *path, char name[RELATION_NAME])
{
  size_t folder = strlen(data->folder);
  folder += strcmp(data->folder, "/") != 0;
  snprintf(name, RELATION_NAME, "%.*s%s", (int)data->fixed, data->location,
           strlen(path) > folder ? path + folder : path);
}

static tarazu_status check_file(const relation *data, const char *path, tarazu_error *error)
{
  struct stat there;
  char name[RELATION_NAME];
  relation_name(data, path, name);
  if (stat(path, &there) != 0) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: %s", name, strerror(errno));
  if (!S_ISREG(there.st_mode)) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s is not a regular file", name);
  if (access(path, R_OK) == 0) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s cannot be read: %s", name, strerror(errno));
}

static tarazu_status add_file(void *argument, const char *const *values, tarazu_error *error)
{
  relation *into = argument;
  char **files = realloc(into->files, (into->file_count + 1) * sizeof *files);
  if (!files) return no_memory(error);
  into->files = files;
  files[into->file_count] = strdup(values[0] ? values[0] : "");
  return files[into->file_count++] ? TARAZU_OK : no_memory(error);
}

static tarazu_status find_files(relation *data, tarazu_error *error)
{
  sql text = {0};
  sql_add(&text, "SELECT file FROM glob(");
  sql_string(&text, data->pattern);
  sql_add(&text, ") ORDER BY file");
  tarazu_status status =
      text.failed ? no_memory(error) : relation_rows(&data->planning, text.text, add_file, data, error);
  sql_free(&text);
  if (status == TARAZU_OK && data->file_count == 0)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "no file %s", data->location);
  for (uint32_t i = 0; i < data->file_count && status == TARAZU_OK; i++)
    status = check_file(data, data->files[i], error);
  if (status == TARAZU_OK && stat(data->files[0], &data->first) != 0)
    status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s: %s", data->location, strerror(errno));
  return status;
}

/* ---- the files themselves ---------------------------------------------------------------------------------------- */

static bool is_compressed(const char *name)
{
  return ends_with(name, strlen(name), ".gz");
}

/* An array without an object, which DuckDB would give a column "json". */
static tarazu_status check_json(const char *path, const char *name, tarazu_error *error)
{
  FILE *file = fopen(path, "rb");
  if (!file) return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s cannot be read: %s", name, strerror(errno));
  char seen[3] = "";
  for (int c; strlen(seen) < 2 && (c = getc(file)) != EOF;)
    if (!strchr(" \t\r\n", c)) seen[strlen(seen)] = (char)c;
  fclose(file);
  if (*seen && strcmp(seen, "[]") != 0) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_BAD_DATA, "%s has no rows, and so no columns", name);
}

static tarazu_status look_at_first(relation *data, tarazu_error *error)
{
  const char *path = data->files[0];
  char name[RELATION_NAME];
  relation_name(data, path, name);
  if (is_compressed(path) || data->kind == READ_PARQUET) return TARAZU_OK;
  if (data->kind == READ_CSV) return csv_look(path, name, &data->delimiter, &data->strict, error);
  return data->file_count == 1 ? check_json(path, name, error) : TARAZU_OK;
}

bool relation_fault(const relation *data, char *message, size_t size)
{
  char name[RELATION_NAME];
  bool found = false;
  for (uint32_t i = 0; i < data->file_count && !found && data->kind == READ_CSV && data->delimiter; i++) {
    relation_name(data, data->files[i], name);
    found = !is_compressed(data->files[i]) && csv_fault(data->files[i], name, data->delimiter, message, size);
  }
  return found;
}

/* ---- columns ----------------------------------------------------------------------------------------------------- */

static void csv_options(const relation *data, sql *to)
{
  sql_add(to,
          ", header = true, quote = '\"', escape = '\"', comment = '', dateformat = '%%Y-%%m-%%d'"
          ", hive_partitioning = false, strict_mode = %s",
          data->strict ? "true" : "false");
  if (data->delimiter) sql_add(to, ", delim = '%c'", data->delimiter);
}

static void column_types(const relation *data, const reading *readings, sql *to)
{
  static const char *const read_as[] = {NULL, "VARCHAR", "TIMESTAMP"};
  sql_add(to, "{");
  for (uint32_t i = 0; i < data->column_count; i++) {
    if (i) sql_add(to, ", ");
    sql_string(to, data->columns[i].name);
    sql_add(to, ": ");
    const char *type = readings ? read_as[readings[i]] : NULL;
    sql_string(to, type ? type : data->columns[i].declared);
  }
  sql_add(to, "}");
}

/* One file is read by the columns that were found, without a second look at it; of several, whose columns may stand in
 * another order, DuckDB looks at each and matches them by name. */
void relation_scan(const relation *data, const reading *readings, int64_t memory, sql *to)
{
  static const char *const functions[] = {"read_csv(", "read_json(", "read_parquet("};
  sql_add(to, "%s", functions[data->kind]);
  sql_string(to, data->pattern);
  if (data->kind == READ_CSV) {
    csv_options(data, to);
    /* DuckDB holds several buffers of 32 MiB a thread, which a small limit would have nothing left beside */
    int64_t buffer = memory / 32;
    if (memory > 0 && buffer < LARGEST_BUFFER)
      sql_add(to, ", buffer_size = %lld", (long long)(buffer < LEAST_BUFFER ? LEAST_BUFFER : buffer));
    bool alone = data->file_count == 1 && data->delimiter;
    sql_add(to, alone ? ", auto_detect = false, columns = " : ", types = ");
    column_types(data, readings, to);
  } else if (data->kind == READ_JSON) {
    sql_add(to, ", format = '%s', dateformat = '%%Y-%%m-%%d', hive_partitioning = false, columns = ",
            data->lines ? "newline_delimited" : "auto");
    column_types(data, readings, to);
  }
  sql_add(to, ")");
}

static void detection(const relation *data, sql *to)
{
  static const char *const functions[] = {"read_csv(", "read_json(", "read_parquet("};
  sql_add(to, "DESCRIBE SELECT * FROM %s", functions[data->kind]);
  sql_string(to, data->pattern);
  if (data->kind == READ_CSV) {
    csv_options(data, to);
    sql_add(to, ", auto_type_candidates = ['BOOLEAN', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'DOUBLE', 'VARCHAR']");
  } else if (data->kind == READ_JSON) {
    sql_add(to,
            ", format = '%s', dateformat = '%%Y-%%m-%%d', timestampformat = '" NO_TIMESTAMPS "', "
            "hive_partitioning = false",
            data->lines ? "newline_delimited" : "auto");
  }
  sql_add(to, ")");
}

/* A JSON column's type in which no number is a whole one: DOUBLE for BIGINT, UBIGINT and HUGEINT, nested ones too. What
 * DuckDB leaves as JSON, a column now of texts, now of numbers, is text. */
static char *without_integers(const char *declared)
{
  static const char *const integers[] = {"UBIGINT", "BIGINT", "UHUGEINT", "HUGEINT"};
  sql out = {0};
  bool quoted = false;
  if (strcmp(declared, "JSON") == 0) declared = "VARCHAR";
  while (*declared) {
    size_t skip = 0;
    for (size_t i = 0; i < sizeof integers / sizeof *integers && !quoted && !skip; i++)
      if (strncmp(declared, integers[i], strlen(integers[i])) == 0) skip = strlen(integers[i]);
    if (*declared == '"') quoted = !quoted;
    if (skip) sql_add(&out, "DOUBLE");
    else sql_bytes(&out, declared, 1);
    declared += skip ? skip : 1;
  }
  if (out.failed) sql_free(&out);
  return out.text;
}

static tarazu_status add_column(void *argument, const char *const *values, tarazu_error *error)
{
  relation *into = argument;
  if (into->column_count == MOST_COLUMNS)
    return tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s has more than %d columns", into->location, MOST_COLUMNS);
  tarazu_source_column *columns = realloc(into->columns, (into->column_count + 1) * sizeof *columns);
  if (!columns) return no_memory(error);
  into->columns = columns;
  char *name = strdup(values[0] ? values[0] : "");
  char *declared = into->kind == READ_JSON ? without_integers(values[1]) : strdup(values[1]);
  columns[into->column_count++] = (tarazu_source_column){.name = name, .declared = declared};
  return name && declared ? TARAZU_OK : no_memory(error);
}

static tarazu_status make_table(relation *data, tarazu_error *error)
{
  const duck_api *api = data->planning.api;
  sql text = {0};
  sql_add(&text, "CREATE TEMP TABLE source (");
  for (uint32_t i = 0; i < data->column_count; i++) {
    if (i) sql_add(&text, ", ");
    sql_name(&text, data->columns[i].name);
    sql_add(&text, " %s", data->columns[i].declared);
  }
  sql_add(&text, ")");
  tarazu_status status = text.failed ? no_memory(error) : duck_run(&data->planning, text.text, error);
  sql_free(&text);
  duckdb_prepared_statement all = NULL;
  if (status == TARAZU_OK && api->prepare(data->planning.connection, "SELECT * FROM source", &all) != DuckDBSuccess)
    status = duck_fail(error, TARAZU_INTERNAL, data->location, api->prepare_error(all));
  for (uint32_t i = 0; i < data->column_count && status == TARAZU_OK; i++) {
    duckdb_logical_type type = api->prepared_statement_column_logical_type(all, i);
    data->columns[i].type = relation_type(api->get_type_id(type));
    api->destroy_logical_type(&type);
  }
  api->destroy_prepare(&all);
  return status;
}

static tarazu_status find_columns(relation *data, tarazu_error *error)
{
  sql text = {0};
  detection(data, &text);
  tarazu_status status =
      text.failed ? no_memory(error) : relation_rows(&data->planning, text.text, add_column, data, error);
  sql_free(&text);
  if (status == TARAZU_BAD_PARAMETER) {
    char reason[sizeof error->message];
    memcpy(reason, error->message, sizeof reason);
    if (relation_fault(data, error->message, sizeof error->message)) return TARAZU_BAD_DATA;
    bool dialect = strncmp(reason, "Error when sniffing", 19) == 0;
    return tarazu_fail(error, TARAZU_BAD_DATA, "%s: %.700s", data->location,
                       dialect ? "not a CSV file with a header and as many values in each line" : reason);
  }
  return status == TARAZU_OK ? make_table(data, error) : status;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

bool relation_fits(const relation *data, const char *location)
{
  struct stat now;
  return strcmp(data->location, location) == 0 && stat(data->files[0], &now) == 0 && now.st_ino == data->first.st_ino &&
         now.st_size == data->first.st_size && now.st_mtim.tv_sec == data->first.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == data->first.st_mtim.tv_nsec;
}

void relation_close(relation *data)
{
  if (!data || --data->users) return;
  if (data->planning.api) duck_session_close(&data->planning);
  database_leave(data->plans);
  database_leave(data->reads);
  for (uint32_t i = 0; i < data->file_count; i++) free(data->files[i]);
  for (uint32_t i = 0; i < data->column_count; i++) {
    free((void *)(uintptr_t)data->columns[i].name);
    free((void *)(uintptr_t)data->columns[i].declared);
  }
  free(data->files);
  free(data->columns);
  free(data->location);
  free(data->folder);
  free(data->pattern);
  free(data);
}

tarazu_status relation_open(relation **out, const duck_api *api, const char *location, tarazu_error *error)
{
  relation *made = calloc(1, sizeof *made);
  *out = NULL;
  if (!made || !(made->location = strdup(location))) {
    free(made);
    return no_memory(error);
  }
  made->users = 1;
  struct stat there;
  bool literal = stat(location, &there) == 0;
  tarazu_status status = kind_of(made, error);
  if (status == TARAZU_OK && literal && S_ISDIR(there.st_mode))
    status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s is a folder, not a file", location);
  if (status == TARAZU_OK && literal && !S_ISREG(there.st_mode))
    status = tarazu_fail(error, TARAZU_BAD_PARAMETER, "%s is not a regular file", location);
  if (status == TARAZU_OK) status = find_folder(made, literal, error);
  if (status == TARAZU_OK) {
    duck_limits limits = {.folder = made->folder, .threads = 1};
    status = database_open(&made->plans, &made->planning, api, &limits, error);
  }
  if (status == TARAZU_OK) status = find_files(made, error);
  if (status == TARAZU_OK) status = look_at_first(made, error);
  if (status == TARAZU_OK) status = find_columns(made, error);
  if (status == TARAZU_OK) *out = made;
  else relation_close(made);
  return status;
}
