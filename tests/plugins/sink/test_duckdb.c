/* The sinks csv, json and parquet, driven through the ABI alone: what they write, byte for byte, and what they refuse.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <tarazu/plugin.h>

static const tarazu_plugin *plugin;
static char folder[] = "/tmp/tarazu-sink-XXXXXX";

static tarazu_error clean_error(void)
{
  return (tarazu_error){.size = sizeof(tarazu_error), .row = -1, .param = -1, .item = -1};
}

static int set_up(void **state)
{
  (void)state;
  void *library = dlopen(BUILD_DIR "/plugins/sink/duckdb.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) fail_msg("%s", dlerror());
  plugin = dlsym(library, "tarazu_plugin_v1");
  assert_non_null(plugin);
  assert_non_null(mkdtemp(folder));
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

static const tarazu_strategy *strategy_of(const char *id)
{
  for (const tarazu_strategy *const *s = plugin->strategies; *s; s++)
    if (strcmp((*s)->id, id) == 0) return *s;
  fail_msg("no sink %s", id);
  return NULL;
}

static char *path_of(const char *name)
{
  static char paths[8][256];
  static unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static char *text_of(const char *path, size_t *count)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = calloc(1, 1 << 22);
  assert_non_null(text);
  size_t length = fread(text, 1, (1 << 22) - 1, file);
  fclose(file);
  if (count) *count = length;
  return text;
}

/* ---- a table of results ------------------------------------------------------------------------------------------ */

static const tarazu_bound bounds[] = {{.name = "customer", .type = TARAZU_TEXT},
                                      {.name = "rank", .type = TARAZU_I64},
                                      {.name = "score \"x\"", .type = TARAZU_F64},
                                      {.name = "key_customer", .type = TARAZU_BOOL},
                                      {.name = "since", .type = TARAZU_TIME}};
enum { COLUMNS = 5 };

/* Writes rows numbered from 0 in batches: three texts in turn, every third score and since null. */
static tarazu_status write_result(const char *id, const char *location, int64_t rows, int64_t batch_rows,
                                  tarazu_error *error)
{
  static const int64_t offsets[] = {0, 5, 13, 13};
  const tarazu_dictionary names = {
      .size = sizeof names, .count = 3, .offsets = offsets, .bytes = "Zo\xc3\xab ;a,\"b\"\nc"};
  const tarazu_strategy *strategy = strategy_of(id);
  const tarazu_sink *sink = strategy->extension("tarazu.sink/1");
  void *self = calloc(1, strategy->self_size), *writer = NULL;
  *error = clean_error();
  tarazu_status status = strategy->create(self, NULL, NULL, error);
  tarazu_target target = {.size = sizeof target, .location = location, .manifest = "{}"};
  if (status == TARAZU_OK) status = sink->open(self, &target, &writer, error);
  tarazu_table table = {.size = sizeof table,
                        .kind = TARAZU_CUSTOMERS,
                        .name = "customers",
                        .rows = rows,
                        .columns = TARAZU_LIST(bounds)};
  if (status == TARAZU_OK) status = sink->table(self, writer, &table, error);
  size_t most = (size_t)batch_rows;
  int32_t *codes = calloc(most, sizeof *codes);
  int64_t *ranks = calloc(most, sizeof *ranks), *times = calloc(most, sizeof *times);
  double *scores = calloc(most, sizeof *scores);
  uint8_t *keys = calloc(most, 1), *valid = calloc(most, 1);
  for (int64_t first = 0; first < rows && status == TARAZU_OK; first += batch_rows) {
    int64_t count = rows - first < batch_rows ? rows - first : batch_rows;
    memset(valid, 0, most);
    for (int64_t i = 0; i < count; i++) {
      int64_t row = first + i;
      codes[i] = (int32_t)(row % 3);
      ranks[i] = row + 1;
      scores[i] = (double)row / 10;
      keys[i] = row % 2 == 0;
      times[i] = row * INT64_C(86400000000);
      if (row % 3) valid[i / 8] = (uint8_t)(valid[i / 8] | 1 << i % 8);
    }
    const tarazu_column columns[COLUMNS] = {
        {.size = sizeof *columns, .type = TARAZU_TEXT, .values = codes, .dictionary = &names},
        {.size = sizeof *columns, .type = TARAZU_I64, .values = ranks},
        {.size = sizeof *columns, .type = TARAZU_F64, .values = scores, .valid = valid},
        {.size = sizeof *columns, .type = TARAZU_BOOL, .values = keys},
        {.size = sizeof *columns, .type = TARAZU_TIME, .values = times, .valid = valid}};
    const tarazu_column *pointers[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) pointers[i] = &columns[i];
    tarazu_batch batch = {
        .size = sizeof batch, .first_row = first, .rows = count, .columns = pointers, .column_count = COLUMNS};
    status = sink->write(self, writer, &batch, error);
  }
  if (status == TARAZU_OK) status = sink->prepare(self, writer, error);
  if (status == TARAZU_OK) status = sink->commit(self, writer, error);
  sink->close(self, writer);
  if (strategy->destroy) strategy->destroy(self);
  free(self);
  free(codes);
  free(ranks);
  free(times);
  free(scores);
  free(keys);
  free(valid);
  return status;
}

static void write_well(const char *id, const char *location, int64_t rows, int64_t batch_rows)
{
  tarazu_error error;
  if (write_result(id, location, rows, batch_rows, &error) != TARAZU_OK) fail_msg("%s", error.message);
}

static void expect_text(const char *path, const char *expected)
{
  char *text = text_of(path, NULL);
  assert_string_equal(text, expected);
  free(text);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static const char three_rows[] = "customer,rank,\"score \"\"x\"\"\",key_customer,since\n"
                                 "Zo\xc3\xab ,1,,true,\n"
                                 "\";a,\"\"b\"\"\nc\",2,0.1,false,1970-01-02 00:00:00+00\n"
                                 "\"\",3,0.2,true,1970-01-03 00:00:00+00\n";

static void csv_has_a_header_quotes_and_empty_nulls(void **state)
{
  (void)state;
  write_well("csv", path_of("three.csv"), 3, 3);
  expect_text(path_of("three.csv"), three_rows);
}

static void json_is_one_array_with_an_object_a_customer(void **state)
{
  (void)state;
  write_well("json", path_of("three.json"), 3, 2);
  expect_text(
      path_of("three.json"),
      "[\n"
      "\t{\"customer\":\"Zo\xc3\xab \",\"rank\":1,\"score \\\"x\\\"\":null,\"key_customer\":true,\"since\":null},\n"
      "\t{\"customer\":\";a,\\\"b\\\"\\nc\",\"rank\":2,\"score \\\"x\\\"\":0.1,\"key_customer\":false,"
      "\"since\":\"1970-01-02 00:00:00+00\"},\n"
      "\t{\"customer\":\"\",\"rank\":3,\"score \\\"x\\\"\":0.2,\"key_customer\":true,"
      "\"since\":\"1970-01-03 00:00:00+00\"}\n"
      "]\n");
}

/* DuckDB itself reads the file. */
static void query_duckdb(const char *statement)
{
  void *library = dlopen(BUILD_DIR "/libduckdb.so", RTLD_LAZY | RTLD_LOCAL);
  if (!library) fail_msg("%s", dlerror());
  int (*open)(const char *, void **);
  int (*connect)(void *, void **);
  int (*query)(void *, const char *, void *);
  void (*disconnect)(void **);
  void (*close)(void **);
  *(void **)(void *)&open = dlsym(library, "duckdb_open");
  *(void **)(void *)&connect = dlsym(library, "duckdb_connect");
  *(void **)(void *)&query = dlsym(library, "duckdb_query");
  *(void **)(void *)&disconnect = dlsym(library, "duckdb_disconnect");
  *(void **)(void *)&close = dlsym(library, "duckdb_close");
  void *database = NULL, *connection = NULL;
  assert_int_equal(open(NULL, &database), 0);
  assert_int_equal(connect(database, &connection), 0);
  assert_int_equal(query(connection, statement, NULL), 0);
  disconnect(&connection);
  close(&database);
}

static void parquet_keeps_types_and_values(void **state)
{
  (void)state;
  char statement[1024];
  write_well("parquet", path_of("three.parquet"), 3, 1);
  snprintf(statement, sizeof statement,
           "SET TimeZone = 'UTC'; COPY (FROM read_parquet('%s')) TO '%s' (FORMAT csv, HEADER true)",
           path_of("three.parquet"), path_of("back.csv"));
  query_duckdb(statement);
  expect_text(path_of("back.csv"), three_rows);
  snprintf(
      statement, sizeof statement,
      "COPY (SELECT string_agg(column_type, ' ') AS t FROM (DESCRIBE FROM read_parquet('%s'))) TO '%s' (FORMAT csv)",
      path_of("three.parquet"), path_of("types.csv"));
  query_duckdb(statement);
  expect_text(path_of("types.csv"), "t\nVARCHAR BIGINT DOUBLE BOOLEAN TIMESTAMP WITH TIME ZONE\n");
}

static void no_customer_is_a_header_or_an_empty_array(void **state)
{
  (void)state;
  write_well("csv", path_of("none.csv"), 0, 1);
  expect_text(path_of("none.csv"), "customer,rank,\"score \"\"x\"\"\",key_customer,since\n");
  write_well("json", path_of("none.json"), 0, 1);
  char *text = text_of(path_of("none.json"), NULL);
  assert_int_equal(strspn(text, "[] \t\n"), strlen(text));
  assert_non_null(strchr(text, '['));
  free(text);
  write_well("parquet", path_of("none.parquet"), 0, 1);
}

static void the_bytes_do_not_depend_on_the_batches(void **state)
{
  (void)state;
  static const char *const ids[] = {"csv", "json", "parquet"};
  static const int64_t batches[] = {7, 2048, 20000};
  for (int i = 0; i < 3; i++) {
    size_t expected_count = 0;
    char *expected = NULL;
    for (int b = 0; b < 3; b++) {
      size_t count;
      write_well(ids[i], path_of("batches"), 20000, batches[b]);
      char *text = text_of(path_of("batches"), &count);
      if (expected) {
        assert_int_equal(count, expected_count);
        assert_memory_equal(text, expected, count);
        free(text);
      } else {
        expected = text;
        expected_count = count;
      }
    }
    free(expected);
  }
}

/* The host has made the temporary file with the target's rights: it is written into, not replaced. */
static void a_file_that_is_there_keeps_its_rights(void **state)
{
  (void)state;
  const char *path = path_of(".scores.csv.a1b2");
  FILE *file = fopen(path, "wb");
  for (int i = 0; i < 1000; i++) fputs("older and longer\n", file);
  fclose(file);
  assert_int_equal(chmod(path, 0640), 0);
  write_well("csv", path, 3, 3);
  expect_text(path, three_rows);
  struct stat there;
  assert_int_equal(stat(path, &there), 0);
  assert_int_equal(there.st_mode & 0777, 0640);
}

static void what_cannot_be_written_is_told(void **state)
{
  (void)state;
  tarazu_error error;
  assert_int_equal(write_result("csv", path_of("absent/x.csv"), 3, 3, &error), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(error.message, "No such file or directory"));
  mkdir(path_of("folder.csv"), 0700);
  assert_int_not_equal(write_result("csv", path_of("folder.csv"), 3, 3, &error), TARAZU_OK);
  assert_non_null(strstr(error.message, "folder.csv"));
  assert_null(strchr(error.message, '\n'));
  if (access("/dev/full", W_OK) == 0 && access("/dev", W_OK) == 0) { /* whose folder must be ours to write, too */
    assert_int_not_equal(write_result("csv", "/dev/full", 20000, 2048, &error), TARAZU_OK);
    assert_non_null(strstr(error.message, "No space left"));
  }
}

static void a_writer_closed_before_its_end_leaves_nothing(void **state)
{
  (void)state;
  const tarazu_strategy *strategy = strategy_of("csv");
  const tarazu_sink *sink = strategy->extension("tarazu.sink/1");
  void *self = calloc(1, strategy->self_size), *writer = NULL;
  tarazu_error error = clean_error();
  assert_int_equal(strategy->create(self, NULL, NULL, &error), TARAZU_OK);
  tarazu_target target = {.size = sizeof target, .location = path_of("never.csv")};
  assert_int_equal(sink->open(self, &target, &writer, &error), TARAZU_OK);
  tarazu_table table = {
      .size = sizeof table, .kind = TARAZU_CUSTOMERS, .name = "customers", .columns = TARAZU_LIST(bounds)};
  assert_int_equal(sink->table(self, writer, &table, &error), TARAZU_OK);
  sink->close(self, writer);
  sink->close(self, NULL);
  free(self);
  assert_int_not_equal(access(path_of("never.csv"), F_OK), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(csv_has_a_header_quotes_and_empty_nulls),
      cmocka_unit_test(json_is_one_array_with_an_object_a_customer),
      cmocka_unit_test(parquet_keeps_types_and_values),
      cmocka_unit_test(no_customer_is_a_header_or_an_empty_array),
      cmocka_unit_test(the_bytes_do_not_depend_on_the_batches),
      cmocka_unit_test(a_file_that_is_there_keeps_its_rights),
      cmocka_unit_test(what_cannot_be_written_is_told),
      cmocka_unit_test(a_writer_closed_before_its_end_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
