/* What the duckdb source and the duckdb sinks share: finding DuckDB's library at run time, opening a locked-down
 * database in memory, building SQL text, and turning DuckDB's messages into one clear line.
 * Includers define _GNU_SOURCE (for dladdr) before their first include. */
#ifndef TARAZU_PLUGINS_SHARED_DUCKDB_H
#define TARAZU_PLUGINS_SHARED_DUCKDB_H

#include <dlfcn.h>
#include <duckdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tarazu/plugin.h>
#include <unistd.h>

/* ---- the library ------------------------------------------------------------------------------------------- */

/* Streaming is the one group that DuckDB 1.4 lists as deprecated and for which it has no other C function. */
/* clang-format off */
#define DUCKDB_FUNCTIONS(X) \
  X(create_config) X(set_config) X(destroy_config) X(open_ext) X(close) X(connect) X(disconnect) X(interrupt) \
  X(query) X(query_progress) X(destroy_result) X(result_error) X(result_error_type) X(column_count) \
  X(column_logical_type) X(fetch_chunk) X(free) X(prepare) X(prepare_error) X(destroy_prepare) \
  X(prepared_statement_column_logical_type) X(execute_prepared_streaming) \
  X(create_logical_type) X(destroy_logical_type) X(get_type_id) X(decimal_scale) X(decimal_internal_type) \
  X(create_data_chunk) X(destroy_data_chunk) X(data_chunk_reset) X(data_chunk_get_vector) X(data_chunk_get_size) \
  X(data_chunk_set_size) X(vector_size) X(vector_get_data) X(vector_get_validity) X(vector_ensure_validity_writable) \
  X(validity_set_row_invalid) X(vector_assign_string_element_len) \
  X(create_aggregate_function) X(destroy_aggregate_function) X(aggregate_function_set_name) \
  X(aggregate_function_add_parameter) X(aggregate_function_set_return_type) X(aggregate_function_set_functions) \
  X(aggregate_function_set_extra_info) X(aggregate_function_get_extra_info) X(aggregate_function_set_error) \
  X(register_aggregate_function) \
  X(appender_create) X(append_data_chunk) X(appender_error_data) X(appender_close) X(appender_destroy) \
  X(error_data_message) X(destroy_error_data)
/* clang-format on */

typedef struct duck_api {
#define DUCKDB_MEMBER(name) __typeof__(duckdb_##name) *name;
  DUCKDB_FUNCTIONS(DUCKDB_MEMBER)
#undef DUCKDB_MEMBER
} duck_api;

/* The file that TARAZU_DUCKDB names; else libduckdb.so two folders above the plugin (the build tree's and the installed
 * place), unless others can write to it; else the system's. NODELETE: its threads and thread-local destructors must
 * never lose their code. */
static inline void *duck_library(const void *inside, char *tried, size_t size)
{
  const int flags = RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE;
  const char *named = getenv("TARAZU_DUCKDB");
  if (named && *named) {
    snprintf(tried, size, "%s", named);
    return dlopen(named, flags);
  }
  Dl_info place;
  if (dladdr(inside, &place) && place.dli_fname) {
    const char *slash = strrchr(place.dli_fname, '/');
    snprintf(tried, size, "%.*s../../libduckdb.so", slash ? (int)(slash - place.dli_fname) + 1 : 0, place.dli_fname);
    struct stat about;
    if (stat(tried, &about) == 0) {
      if (!(about.st_mode & (S_IWGRP | S_IWOTH))) return dlopen(tried, flags);
      size_t length = strlen(tried);
      snprintf(tried + length, size - length, ": others can write to it");
      return NULL;
    }
  }
  void *library = dlopen("libduckdb.so", flags);
  if (library) snprintf(tried, size, "libduckdb.so");
  return library;
}

static inline tarazu_status duck_resolve(duck_api *api, const void *inside, tarazu_error *error)
{
  static const char *const names[] = {
#define DUCKDB_NAME(name) "duckdb_" #name,
      DUCKDB_FUNCTIONS(DUCKDB_NAME)
#undef DUCKDB_NAME
  };
  char tried[4096] = "libduckdb.so";
  void *library = duck_library(inside, tried, sizeof tried);
  if (!library)
    return tarazu_fail(error, TARAZU_INTERNAL,
                       "DuckDB's library cannot be loaded (%s): run `make deps`, or build with DUCKDB_DIR=<folder of "
                       "libduckdb.so>, or name the file in TARAZU_DUCKDB",
                       tried);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *symbol = dlsym(library, names[i]);
    if (!symbol)
      return tarazu_fail(error, TARAZU_INTERNAL, "%s has no %s: DuckDB 1.4 is needed (`make deps` brings it)", tried,
                         names[i]);
    /* POSIX gives functions as void *; the members are function pointers, all of one size and in the order of names. */
    memcpy((char *)api + i * sizeof symbol, &symbol, sizeof symbol);
  }
  return TARAZU_OK;
}

/* The functions, resolved once a process: DuckDB's callbacks can only be answered through them, and bring nothing that
 * could be read without. inside: any address within the plugin. */
static inline tarazu_status duck_load(const duck_api **api, const void *inside, tarazu_error *error)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static duck_api functions;
  static bool resolved;
  pthread_mutex_lock(&lock);
  tarazu_status status = resolved ? TARAZU_OK : duck_resolve(&functions, inside, error);
  resolved = status == TARAZU_OK;
  pthread_mutex_unlock(&lock);
  *api = status == TARAZU_OK ? &functions : NULL; /* resolved is for holders of the lock */
  return status;
}

/* ---- text -------------------------------------------------------------------------------------------------- */

/* A string that grows; after failed memory it stays as it is and says so. Zero-initialized is empty. */
typedef struct sql {
  char *text;
  size_t length;
  size_t room;
  bool failed;
} sql;

static inline void sql_bytes(sql *to, const char *bytes, size_t count)
{
  if (to->failed) return;
  if (to->length + count + 1 > to->room) {
    size_t room = 2 * (to->length + count + 1) + 256;
    char *text = realloc(to->text, room);
    if (!text) {
      to->failed = true;
      return;
    }
    to->text = text;
    to->room = room;
  }
  memcpy(to->text + to->length, bytes, count);
  to->length += count;
  to->text[to->length] = 0;
}

TARAZU_PRINTF(2, 3) static inline void sql_add(sql *to, const char *format, ...)
{
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  char small[512];
  int length = vsnprintf(small, sizeof small, format, arguments);
  if (length >= 0 && (size_t)length < sizeof small) {
    sql_bytes(to, small, (size_t)length);
  } else if (length >= 0) {
    char *large = malloc((size_t)length + 1);
    if (large) {
      vsnprintf(large, (size_t)length + 1, format, again);
      sql_bytes(to, large, (size_t)length);
    } else {
      to->failed = true;
    }
    free(large);
  }
  va_end(again);
  va_end(arguments);
}

static inline void sql_quoted(sql *to, const char *text, char quote)
{
  sql_bytes(to, &quote, 1);
  for (; *text; text++) {
    if (*text == quote) sql_bytes(to, &quote, 1);
    sql_bytes(to, text, 1);
  }
  sql_bytes(to, &quote, 1);
}

static inline void sql_name(sql *to, const char *name)
{
  sql_quoted(to, name, '"');
}

static inline void sql_string(sql *to, const char *text)
{
  sql_quoted(to, text, '\'');
}

static inline void sql_free(sql *text)
{
  free(text->text);
  *text = (sql){0};
}

/* ---- messages ---------------------------------------------------------------------------------------------- */

/* The rest of the line that begins with label, within text. */
static inline bool duck_line(const char *text, const char *label, char *value, size_t size)
{
  const char *found = strstr(text, label);
  if (!found) return false;
  found += strlen(label);
  snprintf(value, size, "%.*s", (int)strcspn(found, "\n"), found);
  return true;
}

enum { DUCK_MESSAGE = 900 }; /* bytes of one */

/* DuckDB's messages are pages of advice that a profile cannot follow: what remains is what happened and where. */
static inline void duck_message(const char *message, char out[DUCK_MESSAGE])
{
  char line[300], what[300], file[600];
  if (!message) message = "DuckDB gave no reason";
  if (duck_line(message, "CSV Error on Line: ", line, sizeof line)) {
    if (!duck_line(message, "Error when converting column ", what, sizeof what)) {
      const char *next = strchr(message, '\n');
      char expected[200];
      if (duck_line(message, "Expected Number of Columns: ", expected, sizeof expected))
        snprintf(what, sizeof what, "expected number of columns: %s", expected);
      else snprintf(what, sizeof what, "%.*s", next ? (int)strcspn(next + 1, "\n") : 0, next ? next + 1 : "");
    }
    if (!duck_line(message, "  file = ", file, sizeof file)) snprintf(file, sizeof file, "CSV");
    snprintf(out, DUCK_MESSAGE, "%.400s, line %.20s: %.300s", file, line, what);
    return;
  }
  /* "Binder Error: Referenced column …" */
  const char *kind = strstr(message, "Error: ");
  if (kind && kind - message < 40 && !memchr(message, '\n', (size_t)(kind - message))) message = kind + 7;
  size_t length = strcspn(message, "\n");
  while (length && strchr("!. ", message[length - 1])) length--;
  static const char missing[] = " not found in FROM clause";
  const char *end = strstr(message, missing);
  if (strncmp(message, "Referenced column ", 18) == 0 && end && end < message + length)
    snprintf(out, DUCK_MESSAGE, "there is no column %.*s", (int)(end - message - 18), message + 18);
  else snprintf(out, DUCK_MESSAGE, "%.*s", (int)length, message);
}

static inline tarazu_status duck_fail(tarazu_error *error, tarazu_status status, const char *about, const char *message)
{
  char clear[DUCK_MESSAGE];
  duck_message(message, clear);
  return tarazu_fail(error, status, "%s%s%s", about ? about : "", about && *about ? ": " : "", clear);
}

/* ---- a database in memory ---------------------------------------------------------------------------------- */

/* A connection; the database is the caller's. */
typedef struct duck_session {
  const duck_api *api;
  duckdb_connection connection;
} duck_session;

typedef struct duck_limits {
  const char *folder;  /* the one that may be read (a sink: written), an absolute path */
  const char *scratch; /* for spilling; NULL: none */
  int64_t memory;      /* bytes; 0: DuckDB's own choice */
  uint32_t threads;
  bool ordered; /* rows keep the order in which they were inserted */
} duck_limits;

static inline tarazu_status duck_run(const duck_session *session, const char *statement, tarazu_error *error)
{
  duckdb_result result;
  tarazu_status status = TARAZU_OK;
  if (session->api->query(session->connection, statement, &result) != DuckDBSuccess)
    status = duck_fail(error, TARAZU_INTERNAL, "DuckDB", session->api->result_error(&result));
  session->api->destroy_result(&result);
  return status;
}

static inline void duck_session_close(duck_session *session)
{
  if (session->connection) session->api->disconnect(&session->connection);
  session->connection = NULL;
}

/* Of a database, by its first session. The order matters: external access can only be switched off, which is for good,
 * and the folders must be named before. allowed_directories is a list and TimeZone ICU's own, so neither can be given
 * when the database is opened. */
static inline tarazu_status duck_lock(const duck_session *session, const duck_limits *limits, tarazu_error *error)
{
  sql text = {0};
  sql_add(&text, "SET GLOBAL TimeZone = 'UTC'; SET allowed_directories = [");
  sql_string(&text, limits->folder);
  sql_add(&text, "]; SET enable_external_access = false");
  tarazu_status status =
      text.failed ? tarazu_fail(error, TARAZU_NO_MEMORY, "no memory") : duck_run(session, text.text, error);
  sql_free(&text);
  return status;
}

/* A database in memory, to be locked by its first session; *database is NULL or the caller's to close, also after an
 * error. */
static inline tarazu_status duck_database_open(duckdb_database *database, const duck_api *api,
                                               const duck_limits *limits, tarazu_error *error)
{
  *database = NULL;
  char memory[40], threads[20];
  snprintf(memory, sizeof memory, "%lldB", (long long)limits->memory);
  snprintf(threads, sizeof threads, "%u", limits->threads ? limits->threads : 1u);
  const char *const settings[][2] = {
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      {"temp_directory", limits->scratch ? limits->scratch : ""},
      {"threads", threads},
      {"preserve_insertion_order", limits->ordered ? "true" : "false"},
      {"memory_limit", limits->memory > 0 ? memory : NULL},
  };
  duckdb_config config = NULL;
  if (api->create_config(&config) != DuckDBSuccess) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  tarazu_status status = TARAZU_OK;
  for (size_t i = 0; i < sizeof settings / sizeof *settings && status == TARAZU_OK; i++)
    if (settings[i][1] && api->set_config(config, settings[i][0], settings[i][1]) != DuckDBSuccess)
      status = tarazu_fail(error, TARAZU_INTERNAL, "DuckDB does not take %s = %s", settings[i][0], settings[i][1]);
  char *reason = NULL;
  if (status == TARAZU_OK && api->open_ext(NULL, database, config, &reason) != DuckDBSuccess)
    status = duck_fail(error, TARAZU_INTERNAL, "DuckDB", reason);
  if (reason) api->free(reason);
  api->destroy_config(&config);
  return status;
}

/* session_close also after an error. */
static inline tarazu_status duck_session_open(duck_session *session, const duck_api *api, duckdb_database database,
                                              tarazu_error *error)
{
  *session = (duck_session){.api = api};
  if (api->connect(database, &session->connection) != DuckDBSuccess)
    return tarazu_fail(error, TARAZU_INTERNAL, "DuckDB gives no connection");
  return duck_run(session, "SET enable_progress_bar = true; SET enable_progress_bar_print = false", error);
}

#endif
