/* DuckDB alone: runs statements one after the other, with as many threads as said, and reads the last one's rows.
 *   duckdb_own LIBRARY THREADS STATEMENT…    prints how many rows there were */
#include <dlfcn.h>
#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The functions of the library that is used here. */
typedef struct duck {
  __typeof__(duckdb_create_config) *create_config;
  __typeof__(duckdb_set_config) *set_config;
  __typeof__(duckdb_open_ext) *open_ext;
  __typeof__(duckdb_connect) *connect;
  __typeof__(duckdb_query) *query;
  __typeof__(duckdb_result_error) *result_error;
  __typeof__(duckdb_fetch_chunk) *fetch_chunk;
  __typeof__(duckdb_data_chunk_get_size) *data_chunk_get_size;
  __typeof__(duckdb_destroy_data_chunk) *destroy_data_chunk;
  __typeof__(duckdb_destroy_result) *destroy_result;
} duck;

static const char *const names[] = {"duckdb_create_config",
                                    "duckdb_set_config",
                                    "duckdb_open_ext",
                                    "duckdb_connect",
                                    "duckdb_query",
                                    "duckdb_result_error",
                                    "duckdb_fetch_chunk",
                                    "duckdb_data_chunk_get_size",
                                    "duckdb_destroy_data_chunk",
                                    "duckdb_destroy_result"};

static int load(duck *api, const char *path)
{
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  for (size_t i = 0; library && i < sizeof names / sizeof *names; i++) {
    void *symbol = dlsym(library, names[i]);
    if (!symbol) library = NULL;
    /* POSIX gives functions as void *; the members are function pointers, all of one size and in the order of names. */
    else memcpy((char *)api + i * sizeof symbol, &symbol, sizeof symbol);
  }
  if (!library) fprintf(stderr, "duckdb_own: %s\n", dlerror());
  return library != NULL;
}

static int open_database(const duck *api, const char *threads, duckdb_connection *connection)
{
  duckdb_config config;
  duckdb_database database;
  char *message = NULL;
  if (api->create_config(&config) != DuckDBSuccess || api->set_config(config, "threads", threads) != DuckDBSuccess ||
      api->open_ext(NULL, &database, config, &message) != DuckDBSuccess ||
      api->connect(database, connection) != DuckDBSuccess) {
    fprintf(stderr, "duckdb_own: %s\n", message ? message : "cannot open a database");
    return 0;
  }
  return 1;
}

/* How many rows a statement gives; -1: it failed. */
static long long run(const duck *api, duckdb_connection connection, const char *statement)
{
  duckdb_result result;
  long long rows = 0;
  if (api->query(connection, statement, &result) != DuckDBSuccess) {
    fprintf(stderr, "duckdb_own: %s\n", api->result_error(&result));
    return -1;
  }
  for (duckdb_data_chunk chunk; (chunk = api->fetch_chunk(result)); api->destroy_data_chunk(&chunk))
    rows += (long long)api->data_chunk_get_size(chunk);
  api->destroy_result(&result);
  return rows;
}

int main(int count, char **words)
{
  duck api;
  duckdb_connection connection;
  long long rows = 0;
  if (count < 4) {
    fprintf(stderr, "duckdb_own: duckdb_own LIBRARY THREADS STATEMENT…\n");
    return 2;
  }
  if (!load(&api, words[1]) || !open_database(&api, words[2], &connection)) return 1;
  for (int i = 3; i < count && rows >= 0; i++) rows = run(&api, connection, words[i]);
  if (rows >= 0) printf("%lld\n", rows);
  return rows < 0;
}
