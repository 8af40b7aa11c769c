/* The duckdb source, driven through the ABI alone: small files that the tests write, the real data where it is there,
 * sums against arithmetic of 128 bits. */
#include <dirent.h>
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <tarazu/plugin.h>

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

enum { DAY = 86400 };
#define US INT64_C(1000000)

/* ---- the plugin -------------------------------------------------------------------------------------------------- */

static const tarazu_strategy *strategy;
static const tarazu_source *source;
static void *self;
static char folder[] = "/tmp/tarazu-duckdb-XXXXXX";
static char scratch[64];
static int allowed_questions; /* progress says stop once it is 0; negative: never */

static int progress(const tarazu_host *host, double done)
{
  (void)host;
  assert_true(done >= 0 && done <= 1);
  if (allowed_questions == 0) return 0;
  if (allowed_questions > 0) allowed_questions--;
  return 1;
}

static const tarazu_host host = {.size = sizeof host, .progress = progress};
static const tarazu_context context = {.size = sizeof context, .host = &host};

static tarazu_error clean_error(void)
{
  return (tarazu_error){.size = sizeof(tarazu_error), .row = -1, .param = -1, .item = -1};
}

static int set_up(void **state)
{
  (void)state;
  void *library = dlopen(BUILD_DIR "/plugins/source/duckdb.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) fail_msg("%s", dlerror());
  const tarazu_plugin *plugin = dlsym(library, "tarazu_plugin_v1");
  assert_non_null(plugin);
  strategy = plugin->strategies[0];
  source = strategy->extension("tarazu.source/1");
  assert_non_null(source);
  self = calloc(1, strategy->self_size);
  tarazu_error error = clean_error();
  if (strategy->create(self, &context, NULL, &error) != TARAZU_OK) fail_msg("%s", error.message);
  assert_non_null(mkdtemp(folder));
  snprintf(scratch, sizeof scratch, "%s/scratch", folder);
  mkdir(scratch, 0700);
  allowed_questions = -1;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  strategy->destroy(self);
  free(self);
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

/* ---- files, requests, results ------------------------------------------------------------------------------------ */

static char *path_of(const char *name)
{
  static char paths[8][512];
  static unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static const char *write_file(const char *name, const char *text)
{
  const char *path = path_of(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  assert_int_equal(fclose(file), 0);
  return path;
}

static tarazu_request request_of(const char *location, const char *key, const tarazu_want *wants, uint32_t count)
{
  return (tarazu_request){.size = sizeof(tarazu_request),
                          .shape = TARAZU_EVENTS,
                          .table = "t",
                          .location = location,
                          .keys = {key, NULL},
                          .until = INT64_MAX,
                          .until_civil = INT64_MAX,
                          .memory = INT64_C(512) << 20,
                          .scratch = scratch,
                          .wants = {wants, count, sizeof *wants},
                          .threads = 2};
}
#define REQUEST(location, key, wants) request_of(location, key, wants, sizeof(wants) / sizeof *(wants))

static void show_value(const tarazu_column *column, int64_t row, char *to, size_t size)
{
  static const char kinds[] = " fibtxrc";
  if (!tarazu_is_valid(column, row)) {
    snprintf(to, size, "-");
    return;
  }
  char kind = kinds[column->type];
  if (kind == 'f') snprintf(to, size, "f%.17g", ((const double *)column->values)[row]);
  else if (kind == 'b') snprintf(to, size, "b%d", ((const uint8_t *)column->values)[row]);
  else if (kind == 'x') {
    const tarazu_dictionary *texts = column->dictionary;
    int64_t code = column->values ? ((const int32_t *)column->values)[row] : row;
    snprintf(to, size, "%.*s", (int)(texts->offsets[code + 1] - texts->offsets[code]),
             texts->bytes + texts->offsets[code]);
  } else snprintf(to, size, "%c%lld", kind, (long long)((const int64_t *)column->values)[row]);
}

/* A result's rows as lines, one letter before a value for its type, null as -; sorted, so that order does not count. */
typedef struct lines {
  char **items;
  size_t count, room;
  char fingerprint[65];
} lines;

static int compare_lines(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_rows(lines *to, const tarazu_chunk *chunk)
{
  for (int64_t row = 0; row < chunk->rows; row++) {
    char line[1024] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < chunk->column_count; i++) {
      if (i) line[length++] = ' ';
      show_value(chunk->columns[i], row, line + length, sizeof line - length);
      length += strlen(line + length);
    }
    if (to->count == to->room) {
      to->room = to->room ? 2 * to->room : 64;
      to->items = realloc(to->items, to->room * sizeof *to->items);
      assert_non_null(to->items);
    }
    to->items[to->count++] = strdup(line);
  }
}

static void free_lines(lines *done)
{
  for (size_t i = 0; i < done->count; i++) free(done->items[i]);
  free(done->items);
}

static tarazu_status read_all(const tarazu_request *request, lines *out, tarazu_error *error)
{
  void *reader = NULL;
  uint32_t parts = 0;
  *out = (lines){0};
  *error = clean_error();
  tarazu_status status = source->plan(self, request, error);
  if (status == TARAZU_OK) status = source->open(self, request, &reader, &parts, error);
  for (uint32_t part = 0; part < parts && status == TARAZU_OK; part++) {
    const tarazu_chunk *chunk = NULL;
    while ((status = source->read(self, reader, part, &chunk, error)) == TARAZU_OK && chunk) {
      for (uint32_t i = 0; i < chunk->column_count; i++) {
        uint32_t type = chunk->columns[i]->type;
        int64_t width = type == TARAZU_BOOL ? 1 : type == TARAZU_TEXT ? 0 : 8;
        assert_int_equal(chunk->bytes[i], chunk->rows * width);
      }
      add_rows(out, chunk);
    }
  }
  if (status == TARAZU_OK) status = source->fingerprint(self, reader, out->fingerprint, error);
  source->close(self, reader);
  if (out->count) qsort(out->items, out->count, sizeof *out->items, compare_lines);
  return status;
}

static void expect_rows(const tarazu_request *request, const char *expected)
{
  lines got;
  tarazu_error error;
  if (read_all(request, &got, &error) != TARAZU_OK) fail_msg("%s", error.message);
  char text[8192] = "";
  for (size_t i = 0; i < got.count; i++) {
    strncat(text, got.items[i], sizeof text - strlen(text) - 1);
    strncat(text, "\n", sizeof text - strlen(text) - 1);
  }
  free_lines(&got);
  assert_string_equal(text, expected);
}

/* said: a part of the message */
static void expect_error(const tarazu_request *request, tarazu_status expected, int item, const char *said)
{
  lines got;
  tarazu_error error;
  tarazu_status status = read_all(request, &got, &error);
  free_lines(&got);
  if (status != expected || !strstr(error.message, said))
    fail_msg("status %d, expected %d: \"%s\" does not say \"%s\"", (int)status, (int)expected, error.message, said);
  assert_int_equal(error.item, item);
  assert_null(strchr(error.message, '\n'));
}

static const char *data_file(const char *name)
{
  static char path[1024];
  const char *data = getenv("TARAZU_DATA");
  if (data) snprintf(path, sizeof path, "%s/%s", data, name);
  else snprintf(path, sizeof path, "%s/../shared/data/%s", SOURCE_DIR, name);
  if (access(path, R_OK) == 0) return path;
  print_message("%s is not there: skipped\n", path);
  return NULL;
}

/* ---- reading rows ------------------------------------------------------------------------------------------------ */

static void keys_of_text_files_stay_as_they_are_written(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "id", .type = TARAZU_F64}};
  tarazu_request csv = REQUEST(write_file("k.csv", "id,x\n00001,1\n1,2\n\" 2 \",3\n,4\n1e3,5\n"), "ID", wants);
  expect_rows(&csv, " 2  f2\n- -\n00001 f1\n1 f1\n1e3 f1000\n");
  tarazu_request json = REQUEST(write_file("k.json", "[{\"id\":\"007\"},{\"id\":7},{\"id\":null}]"), "id", wants);
  expect_rows(&json, "- -\n007 f7\n7 f7\n");
}

static void a_text_column_stays_as_written_while_expressions_see_its_number(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "zip", .type = TARAZU_TEXT},
                                      {.expression = "zip + 1", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(write_file("z.csv", "id,zip\na,1.50\nb,99\n"), "id", wants);
  expect_rows(&request, "a 1.50 f2.5\nb 99 f100\n");
}

static void every_type_comes_as_it_is_or_as_it_is_wanted(void **state)
{
  (void)state;
  const char *path = write_file("t.csv", "id,n,x,yes,day,at,zoned,word\n"
                                         "a,3,1.5,true,1970-01-02,1970-01-01 00:00:01,1970-01-01 01:00:00+01,w\n"
                                         "b,,,,,,,\n");
  static const tarazu_want own[] = {{.expression = "n"},   {.expression = "x"},  {.expression = "yes"},
                                    {.expression = "day"}, {.expression = "at"}, {.expression = "zoned"},
                                    {.expression = "word"}};
  tarazu_request request = REQUEST(path, "id", own);
  expect_rows(&request, "a f3 f1.5 b1 c86400000000 c1000000 t0 w\nb - - - - - - -\n");
  static const tarazu_want wanted[] = {
      {.expression = "n", .type = TARAZU_I64},
      {.expression = "x", .type = TARAZU_F64},
      {.expression = "x > 1", .type = TARAZU_BOOL},
      {.expression = "day", .type = TARAZU_TIME},
      {.expression = "CAST(x AS DECIMAL(10, 3))", .type = TARAZU_F64},
      {.expression = "n", .type = TARAZU_TEXT},
      {.expression = "CAST(n AS HUGEINT) * 1000000000000000000000", .type = TARAZU_F64}};
  request = REQUEST(path, "id", wanted);
  expect_rows(&request, "a i3 f1.5 b1 c86400000000 f1.5 3 f3e+21\nb - - - - - - -\n");
}

static void a_whole_number_is_never_rounded_into_being(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.name = "n", .expression = "x", .type = TARAZU_I64}};
  tarazu_request request = REQUEST(write_file("w.csv", "id,x\na,3\nb,2.5\n"), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, 0, "customer 'b', 'n': 2.5 is not a whole number");
}

/* DuckDB's own reader takes such a column for BIGINT from its first 20,480 rows, and then 12.5 for 13. */
static void a_fraction_after_many_whole_numbers_is_not_rounded(void **state)
{
  (void)state;
  static const char *const names[] = {"late.csv", "late.ndjson"};
  for (int json = 0; json < 2; json++) {
    FILE *file = fopen(path_of(names[json]), "wb");
    if (!json) fputs("id,x\n", file);
    for (int i = 0; i < 30000; i++) fprintf(file, json ? "{\"id\":\"a\",\"x\":%d}\n" : "a,%d\n", i % 7);
    fputs(json ? "{\"id\":\"b\",\"x\":12.5}\n" : "b,12.5\n", file);
    fclose(file);
    static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
                                        {.expression = "x * 2", .type = TARAZU_F64, .aggregate = TARAZU_MAX}};
    tarazu_request request = REQUEST(path_of(names[json]), "id", wants);
    expect_rows(&request, "a f89995 f12\nb f12.5 f25\n"); /* 4285 * 21 + 0 + 1 + 2 + 3 + 4 */
  }
}

static void a_wrong_value_is_told_with_file_and_line(void **state)
{
  (void)state;
  FILE *file = fopen(path_of("bad.csv"), "wb");
  fputs("id,x\n", file);
  for (int i = 0; i < 40000; i++) fprintf(file, "a,%d\n", i);
  fputs("b,twelve\n", file);
  fclose(file);
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(path_of("bad.csv"), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, 0, "bad.csv, line 40002: 'x': found 'twelve', expected a number");
}

static void a_wrong_value_is_told_with_its_customer_and_its_place(void **state)
{
  (void)state;
  static const struct {
    const char *rows, *where, *value;
    uint32_t type, aggregate;
    int32_t item;
    const char *said;
  } cases[] = {
      {"b,2024-01-01,5\nc,2024-01-02,x\nb,2024-01-03,y", NULL, "v", TARAZU_F64, TARAZU_SUM, 1,
       "customer 'b', 'amount': found 'y', expected a number"},
      {"b,2024-01-01,5\n,2024-01-02,x", NULL, "v", TARAZU_F64, TARAZU_MIN, 1,
       "a row without a key, 'amount': found 'x'"},
      {"b,2024-01-01,5\nb,2024-01-02,nan", NULL, "v", TARAZU_F64, TARAZU_SUM, 1,
       "customer 'b', 'amount': found nan, expected a finite"},
      {"b,2024-01-01,maybe", NULL, "v", TARAZU_BOOL, TARAZU_NONE, 1, "'amount': found 'maybe', expected true or false"},
      {"b,2024-01-01,1e30", NULL, "v", TARAZU_I64, TARAZU_NONE, 1,
       "customer 'b', 'amount': 1e+30 is not a whole number"},
      {"b,2024-01-32,1", NULL, "v", TARAZU_F64, TARAZU_SUM, -5,
       "customer 'b', 'time': found '2024-01-32', expected a date"},
      {"b,2024-01-01,x", NULL, "CAST(v AS INTEGER)", TARAZU_F64, TARAZU_SUM, 1,
       "amount: CAST(v AS INTEGER): Could not convert string 'x'"},
      {"b,2024-01-01,x", "CAST(v AS INTEGER) > 0", "1", TARAZU_F64, TARAZU_SUM, -2,
       "where: CAST(v AS INTEGER) > 0: Could not"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[200];
    snprintf(text, sizeof text, "id,t,v\n%s\n", cases[i].rows);
    const tarazu_want wants[] = {
        {.name = "label", .expression = "id", .type = TARAZU_TEXT, .aggregate = cases[i].aggregate ? TARAZU_MAX : 0},
        {.name = "amount", .expression = cases[i].value, .type = cases[i].type, .aggregate = cases[i].aggregate}};
    tarazu_request request = REQUEST(write_file("whose.csv", text), "id", wants);
    request.time = "t";
    request.where = cases[i].where;
    expect_error(&request, TARAZU_BAD_DATA, cases[i].item, cases[i].said);
  }
}

static void an_all_null_column_and_a_header_alone_are_fine(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64},
                                      {.expression = "y", .type = TARAZU_TIME}};
  tarazu_request request = REQUEST(write_file("n.csv", "id,x,y\na,,\nb,,\n"), "id", wants);
  expect_rows(&request, "a - -\nb - -\n");
  request = REQUEST(write_file("h.csv", "id,x,y\n"), "id", wants);
  expect_rows(&request, "");
  request = REQUEST(write_file("0.csv", ""), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, -1, "is empty");
}

static void delimiters_quotes_and_line_ends_of_the_world_are_read(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x y", .type = TARAZU_TEXT},
                                      {.expression = "n", .type = TARAZU_F64}};
  static const char *const files[][2] = {{"semicolon.csv", "id;x y;n\na;\"p;\"\"q\"\"\";1\nb;é,;2\n"},
                                         {"tab.tsv", "id\tx y\tn\na\tp;\"q\"\t1\nb\té,\t2\n"},
                                         {"crlf.csv", "id,x y,n\r\na,\"p;\"\"q\"\"\",1\r\nb,\"é,\",2\r\n"},
                                         {"mixed.csv", "id,x y,n\na,\"p;\"\"q\"\"\",1\r\nb,\"é,\",2\n"},
                                         {"bom.csv", "\xef\xbb\xbfid,x y,n\na,\"p;\"\"q\"\"\",1\nb,\"é,\",2\n"},
                                         {"noend.csv", "id|x y|n\na|\"p;\"\"q\"\"\"|1\nb|é,|2"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    tarazu_request request = REQUEST(write_file(files[i][0], files[i][1]), "id", wants);
    expect_rows(&request, "a p;\"q\" f1\nb é, f2\n");
  }
}

static void rows_of_unequal_length_are_an_error(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(write_file("u.csv", "id,x\na,1,2\nb,3\n"), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, -1, "u.csv");
  FILE *file = fopen(path_of("u2.csv"), "wb");
  fputs("id,x\n", file);
  for (int i = 0; i < 40000; i++) fprintf(file, "a,%d\n", i);
  fputs("b,1,2\n", file);
  fclose(file);
  request = REQUEST(path_of("u2.csv"), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, -1, "line 40002: 3 values where the header has 2");
}

static void what_is_no_csv_file_is_told_with_its_line(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  static const char *const cases[][2] = {
      {"id,x\n\na,1\nb\n", "line 4: 1 value where the header has 2"},
      {"\xef\xbb\xbfid,x\r\n\"a\nb\",1\r\nc,\"2\r\n", "line 4: a quote is opened that is never closed"},
      {"id,x\n\"a\"b,1\n", "line 2: a quoted value goes on after its quote"},
      {"id,x\na,1\nJos\xe9,2\n", "line 3: the byte 0xE9 is no UTF-8"},
      {"id,x\na,1\n\xed\xa0\x80,2\n", "line 3: the byte 0xED is no UTF-8"},
      {"id,x,X\na,1,2\n", "its header names two columns"},
      {"id,\"x\ny\",\"x\ny\"\na,1,2\n", "its header names two columns"},
      {"\xfe\xff\0i", "is UTF-16"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tarazu_request request = REQUEST(write_file("broken.csv", cases[i][0]), "id", wants);
    expect_error(&request, TARAZU_BAD_DATA, -1, cases[i][1]);
  }
  /* where only the reading comes upon it */
  FILE *file = fopen(path_of("late.csv"), "wb");
  fputs("id,x\n", file);
  for (int i = 0; i < 40000; i++) fprintf(file, "\"%d\",%d\n", i, i);
  fputs("\"Jos\xe9\",2\n", file);
  fclose(file);
  tarazu_request request = REQUEST(path_of("late.csv"), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, -1, "late.csv, line 40002: the byte 0xE9 is no UTF-8");
  assert_int_equal(mkfifo(path_of("pipe.csv"), 0600), 0);
  request = REQUEST(path_of("pipe.csv"), "id", wants);
  expect_error(&request, TARAZU_BAD_PARAMETER, -1, "pipe.csv is not a regular file");
}

static void files_of_a_glob_are_matched_by_their_columns_names(void **state)
{
  (void)state;
  mkdir(path_of("g"), 0700);
  write_file("g/1.csv", "id,x,y\na,1,2\n");
  write_file("g/2.csv", "id,y,x\nb,3,4\n");
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}, {.expression = "y", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(path_of("g/*.csv"), "id", wants);
  expect_rows(&request, "a f1 f2\nb f4 f3\n");
}

static void a_file_named_like_a_pattern_is_itself(void **state)
{
  (void)state;
  write_file("a1.csv", "id,x\nwrong,1\n");
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(write_file("a[1].csv", "id,x\nright,'1\n"), "id", wants);
  expect_error(&request, TARAZU_BAD_DATA, 0, "'1");
  request = REQUEST(write_file("a[1].csv", "id,x\nright,1\n"), "id", wants);
  expect_rows(&request, "right f1\n");
  request = REQUEST(write_file("it's.csv", "i\"d,it's\nright,1\n"), "i\"d", wants);
  static const tarazu_want quoted[] = {{.expression = "it's", .type = TARAZU_F64}};
  request = REQUEST(path_of("it's.csv"), "i\"d", quoted);
  expect_rows(&request, "right f1\n");
}

static void where_and_edges(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "rating * 2 -- twice", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(write_file("e.csv", "from,to,rating\n1,2,10\n2,3,-1\n3,1,4\n"), "from", wants);
  request.keys[1] = "to";
  request.where = "rating > 0";
  expect_rows(&request, "1 2 f20\n3 1 f8\n");
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

static void nothing_after_until_comes_out_and_undated_rows_do(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_request request =
      REQUEST(write_file("d.csv", "id,t,x\na,1970-01-01,1\na,1970-01-02,2\na,1970-01-03,3\na,,4\n"), "id", wants);
  request.time = "t";
  request.until = 0;
  request.until_civil = DAY * US;
  expect_rows(&request, "a - f4\na c0 f1\na c86400000000 f2\n");
  static const tarazu_want sums[] = {{.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
                                     {.aggregate = TARAZU_COUNT},
                                     {.expression = "t", .type = TARAZU_TIME, .aggregate = TARAZU_MAX}};
  request = REQUEST(path_of("d.csv"), "id", sums);
  request.time = "t";
  request.until_civil = DAY * US;
  expect_rows(&request, "a f3 i2 c86400000000\n");
}

static void numbers_are_seconds_and_zones_are_kept(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "1", .type = TARAZU_I64}};
  tarazu_request request = REQUEST(write_file("s.csv", "id,t\na,1289241912\nb,0.5\nc,\n"), "id", wants);
  request.time = "t";
  request.until = 1289241911 * US;
  expect_rows(&request, "b t500000 i1\nc - i1\n");
  request.time = "to_timestamp(t)";
  request.until = INT64_MAX;
  expect_rows(&request, "a t1289241912000000 i1\nb t500000 i1\nc - i1\n");
  request = REQUEST(write_file("zones.csv", "id,t\na,1970-01-01 02:00:00+02\nb,1970-01-01 02:00:00Z\n"), "id", wants);
  request.time = "t";
  request.until = 3600 * US;
  expect_rows(&request, "a t0 i1\n");
}

static void what_only_looks_like_seconds_is_an_error(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "1", .type = TARAZU_I64}};
  tarazu_request request = REQUEST(write_file("ms.csv", "id,t\na,1289241912000\n"), "id", wants);
  request.time = "t";
  expect_error(&request, TARAZU_BAD_DATA, -5, "is no time in seconds");
  request = REQUEST(write_file("ymd.csv", "id,t\na,20110102\n"), "id", wants);
  request.time = "t";
  expect_error(&request, TARAZU_BAD_DATA, -5, "if it is a date, write strptime");
  request.time = "strptime(CAST(CAST(t AS BIGINT) AS VARCHAR), '%Y%m%d')";
  expect_rows(&request, "a c1293926400000000 i1\n");
}

static void text_is_a_clock_without_zone_and_never_guessed(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "1", .type = TARAZU_I64}};
  tarazu_request request = REQUEST(write_file("us.csv", "id,t\na,01/02/1970\n"), "id", wants);
  request.time = "t";
  expect_error(&request, TARAZU_BAD_DATA, -5, "01/02/1970");
  request.time = "strptime(t, '%d/%m/%Y')";
  expect_rows(&request, "a c2678400000000 i1\n");
  request = REQUEST(write_file("t.ndjson", "{\"id\":\"a\",\"t\":\"1970-01-02T00:00:00\"}\n{\"id\":\"b\",\"t\":null}\n"),
                    "id", wants);
  request.time = "t";
  expect_rows(&request, "a c86400000000 i1\nb - i1\n");
  request = REQUEST(write_file("z.ndjson", "{\"id\":\"a\",\"t\":\"1970-01-02T00:00:00+01:00\"}\n"), "id", wants);
  request.time = "t";
  expect_error(&request, TARAZU_BAD_DATA, -5, "has a time zone: write CAST(");
  request.time = "CAST(t AS TIMESTAMPTZ)";
  expect_rows(&request, "a t82800000000 i1\n");
}

/* ---- aggregates -------------------------------------------------------------------------------------------------- */

static void aggregates_of_groups_windows_and_nothing(void **state)
{
  (void)state;
  const char *path = write_file("agg.csv", "id,t,x,w\n"
                                           "a,1969-12-31,1,z\na,1970-01-01,2,y\na,1970-01-08,4,\n"
                                           "b,1970-01-07,,q\n"
                                           ",1970-01-01,5,p\n");
  static const tarazu_want wants[] = {
      {.aggregate = TARAZU_COUNT},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_COUNT},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_MEAN},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_MIN},
      {.expression = "w", .type = TARAZU_TEXT, .aggregate = TARAZU_MAX},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM, .windowed = 1, .since = 0, .since_civil = 0},
      {.expression = "CAST(x AS INTEGER)", .type = TARAZU_I64, .aggregate = TARAZU_SUM, .windowed = 1},
      {.expression = "CAST(x AS INTEGER)", .type = TARAZU_I64, .aggregate = TARAZU_MEAN},
      {.aggregate = TARAZU_PERIODS, .period = DAY * US},
      {.aggregate = TARAZU_PERIODS, .period = 7 * DAY * US}};
  tarazu_request request = REQUEST(path, "id", wants);
  request.time = "t";
  expect_rows(&request, "- i1 i1 f5 f5 f5 p f0 i0 f5 i1 i1\n"
                        "a i3 i3 f7 f2.3333333333333335 f1 z f4 i4 f2.3333333333333335 i3 i3\n"
                        "b i1 i0 f0 - - q f0 i0 - i1 i1\n");
  request.keys[0] = NULL; /* of the whole table */
  expect_rows(&request, "i5 i4 f12 f3 f1 z f4 i4 f3 i4 i3\n");
  request.where = "x > 100";
  expect_rows(&request, "i0 i0 f0 - - - f0 i0 - i0 i0\n");
}

static void aggregates_of_times_that_are_text(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {
      {.aggregate = TARAZU_COUNT},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
      {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM, .windowed = 1, .since = 0, .since_civil = 0},
      {.expression = "t", .type = TARAZU_TIME, .aggregate = TARAZU_MAX},
      {.aggregate = TARAZU_PERIODS, .period = 7 * DAY * US}};
  const char *rows = "{\"id\":\"a\",\"t\":\"1969-12-31T12:00:00\",\"x\":1}\n"
                     "{\"id\":\"a\",\"t\":\"1970-01-01T12:00:00\",\"x\":2}\n"
                     "{\"id\":\"a\",\"t\":\"1970-01-02T00:00:00\",\"x\":4}\n"
                     "{\"id\":\"a\",\"t\":\"1970-02-02T00:00:00\",\"x\":8}\n";
  tarazu_request request = REQUEST(write_file("aggregates.ndjson", rows), "id", wants);
  request.time = "t";
  request.until = request.until_civil = 2 * DAY * US;
  expect_rows(&request, "a i3 f7 f6 c86400000000 i2\n");
  request.location = write_file("nobody.csv", "id,t,x\n");
  expect_rows(&request, "");
}

static void undated_rows_are_counted_beside_the_events(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
                                      {.aggregate = TARAZU_COUNT},
                                      {.aggregate = TARAZU_UNDATED}};
  const char *path =
      write_file("undated.csv", "id,t,x\na,1970-01-02,1\na,,2\nb,,3\n,,4\n,1970-01-02,5\na,1970-01-09,6\n");
  tarazu_request request = REQUEST(path, "id", wants);
  request.time = "t";
  expect_rows(&request, "- f14 i2 i2\na f7 i2 i0\n");
  request.until = request.until_civil = 2 * DAY * US;
  expect_rows(&request, "- f14 i2 i2\na f1 i1 i0\n");
  path = write_file("undated_numbers.json", "[{\"id\":7,\"t\":\"1970-01-02\",\"x\":1},{\"id\":8,\"x\":2}]");
  request = REQUEST(path, "CAST(id AS BIGINT)", wants);
  request.time = "t";
  expect_rows(&request, "- f2 i0 i1\ni7 f1 i1 i0\n");
  request.time = NULL;
  expect_error(&request, TARAZU_NO_RESULT, 2, "undated");
}

static void what_it_cannot_give_exactly_is_left_to_the_host(void **state)
{
  (void)state;
  const char *path = write_file("no.csv", "id,t,x\na,1970-01-01 00:00:00+00,1\n");
  static const tarazu_want first[] = {{.name = "f", .expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_FIRST}};
  static const tarazu_want later[] = {
      {.name = "s", .expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM, .span = TARAZU_LATER_PERIODS}};
  static const tarazu_want periods[] = {{.aggregate = TARAZU_COUNT},
                                        {.name = "p", .aggregate = TARAZU_PERIODS, .period = DAY * US}};
  tarazu_request request = REQUEST(path, "id", first);
  expect_error(&request, TARAZU_NO_RESULT, 0, "f");
  request = REQUEST(path, "id", later);
  expect_error(&request, TARAZU_NO_RESULT, 0, "s");
  request = REQUEST(path, "id", periods);
  request.time = "t";
  expect_error(&request, TARAZU_NO_RESULT, 1, "p");
}

/* A sum of terms that are whole multiples of 2^-40, over a count, as the nearest double, ties to even: in integers. */
static double nearest(int128 sum, int64_t count)
{
  uint128 rest = sum < 0 ? -(uint128)sum : (uint128)sum;
  int exponent = -40;
  if (rest == 0) return 0;
  for (; !(rest >> 126); exponent--) rest <<= 1;
  uint128 divisor = (uint64_t)count, quotient = rest / divisor;
  int inexact = rest % divisor != 0;
  for (; quotient >> 54; exponent++) {
    inexact |= (int)(quotient & 1);
    quotient >>= 1;
  }
  int up = (quotient & 1) && (inexact || (quotient & 2)); /* 54 bits: the last one is the half */
  double nearest_size = ldexp((double)(uint64_t)((quotient >> 1) + (unsigned)up), exponent + 1);
  return sum < 0 ? -nearest_size : nearest_size;
}

static uint64_t next_random(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* Every step-th row of the terms, round and round until all are written. */
static void write_terms(const char *name, const double *terms, int count, int step)
{
  FILE *file = fopen(path_of(name), "wb");
  assert_non_null(file);
  fputs("id,x\n", file);
  for (int i = 0, at = 0; i < count; i++, at = (at + step) % count) fprintf(file, "%d,%.17g\n", at % 3, terms[at]);
  fclose(file);
}

static const tarazu_want sum_and_mean[] = {{.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
                                           {.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_MEAN}};

static void sums_and_means_of_doubles_are_exact_in_any_order(void **state)
{
  (void)state;
  enum { COUNT = 5003 };
  static double terms[COUNT];
  static const unsigned ranges[] = {1, 4, 16, 48};
  static const int steps[] = {1, 2, 17, 5002};
  uint64_t random = 88172645463325252u;
  for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
    int128 sums[3] = {0};
    int64_t counts[3] = {0};
    for (int i = 0; i < COUNT; i++) {
      int128 whole = (int128)(next_random(&random) >> 11) << next_random(&random) % ranges[r];
      if (next_random(&random) & 1) whole = -whole;
      terms[i] = ldexp((double)whole, -40); /* 53 bits: a double */
      sums[i % 3] += whole;
      counts[i % 3]++;
    }
    char expected[512] = "";
    for (int k = 0; k < 3; k++)
      snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%d f%.17g f%.17g\n", k,
               nearest(sums[k], 1), nearest(sums[k], counts[k]));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
      write_terms("terms.csv", terms, COUNT, steps[i]);
      tarazu_request request = REQUEST(path_of("terms.csv"), "id", sum_and_mean);
      request.threads = (uint32_t)i % 3 + 1;
      expect_rows(&request, expected);
    }
  }
}

static void sums_across_all_exponents_are_exact_too(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"a,1e308\na,1\na,-1e308\n", "a f1 f0.33333333333333331\n"},
      {"a,1e308\na,1e308\na,-1e308\na,-1e308\na,4\n", "a f4 f0.80000000000000004\n"},
      {"a,9007199254740992\na,1\n", "a f9007199254740992 f4503599627370496\n"},
      {"a,9007199254740992\na,1\na,1e-300\n", "a f9007199254740994 f3002399751580331\n"},
      {"a,9007199254740992\na,1\na,-1e-300\n", "a f9007199254740992 f3002399751580331\n"},
      {"a,1e300\na,1e-320\na,-1e300\n", "a f9.9998886718268301e-321 f3.3349431094284142e-321\n"},
      {"a,4.9406564584124654e-324\na,0\n", "a f4.9406564584124654e-324 f0\n"},
      {"a,1.4821969375237396e-323\na,0\n", "a f1.4821969375237396e-323 f9.8813129168249309e-324\n"},
      {"a,1.5e308\na,1.5e308\n", "a finf f1.5e+308\n"},
      {"a,0.1\na,0.2\na,-0.3\n", "a f2.7755575615628914e-17 f9.2518585385429707e-18\n"},
      {"a,-0\na,0\n", "a f0 f0\n"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[256];
    snprintf(text, sizeof text, "id,x\n%s", cases[i][0]);
    tarazu_request request = REQUEST(write_file("range.csv", text), "id", sum_and_mean);
    expect_rows(&request, cases[i][1]);
  }
}

static void decimals_and_wide_integers_are_rounded_once(void **state)
{
  (void)state;
  /* 9007199254740993 lies halfway between two doubles; .01 more, or a third of thrice as much, decides */
  const char *path = write_file("dec.csv", "id,x,k\na,9007199254740993.01,1\nb,9007199254740993,1\n"
                                           "c,0.10,9223372036854775807\nc,0.20,9223372036854775807\nc,0.40,\n");
  static const tarazu_want wants[] = {
      {.expression = "CAST(x AS DECIMAL(38, 2))", .type = TARAZU_F64, .aggregate = TARAZU_SUM},
      {.expression = "CAST(x AS DECIMAL(38, 2))", .type = TARAZU_F64, .aggregate = TARAZU_MEAN},
      {.expression = "CAST(x AS DECIMAL(38, 2))", .type = TARAZU_F64, .aggregate = TARAZU_MAX},
      {.expression = "CAST(k AS BIGINT)", .type = TARAZU_F64, .aggregate = TARAZU_SUM}};
  tarazu_request request = REQUEST(path, "id", wants);
  request.where = "id = 'c'";
  request.wants.count = 3;
  expect_rows(&request, "c f0.69999999999999996 f0.23333333333333334 f0.40000000000000002\n");
  static const tarazu_want text[] = {
      {.expression = "CAST(CAST(x AS DECIMAL(20, 2)) * 100 AS HUGEINT)", .type = TARAZU_F64, .aggregate = TARAZU_MAX}};
  request = REQUEST(write_file("dec.csv", "id,x\na,0.5\n"), "id", text);
  expect_rows(&request, "a f50\n");
}

static void an_infinite_value_is_an_error_and_not_a_sum(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    tarazu_request request =
        REQUEST(write_file("inf.csv", i ? "id,x\na,1\na,nan\n" : "id,x\na,1\na,inf\n"), "id", sum_and_mean);
    expect_error(&request, TARAZU_BAD_DATA, 0, "expected a finite number or nothing");
    static const tarazu_want least[] = {{.expression = "x", .type = TARAZU_F64, .aggregate = TARAZU_MIN}};
    request = REQUEST(path_of("inf.csv"), "id", least);
    expect_error(&request, TARAZU_BAD_DATA, 0, "expected a finite number or nothing");
  }
}

/* ---- Parquet ----------------------------------------------------------------------------------------------------- */

/* DuckDB itself writes the files. */
static void run_duckdb(const char *statement)
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

static void parquet_comes_in_its_own_types(void **state)
{
  (void)state;
  char statement[1024];
  snprintf(statement, sizeof statement,
           "COPY (SELECT 7::INTEGER AS i, 7::UBIGINT AS u, '007' AS s, 9007199254740993.01::DECIMAL(18,2) AS d, "
           "TIMESTAMPTZ '1970-01-01 00:00:01+00' AS z, TIMESTAMP_NS '1970-01-01 00:00:01' AS ns, 0.5::FLOAT AS f, "
           "18446744073709551615::UBIGINT AS big, [1,2] AS list) TO '%s' (FORMAT parquet)",
           path_of("p.parquet"));
  run_duckdb(statement);
  static const tarazu_want wants[] = {{.expression = "i"}, {.expression = "u"},   {.expression = "s"},
                                      {.expression = "d"}, {.expression = "z"},   {.expression = "ns"},
                                      {.expression = "f"}, {.expression = "big"}, {.expression = "list"}};
  tarazu_request request = REQUEST(path_of("p.parquet"), "i", wants);
  expect_rows(&request, "i7 i7 f7 007 f9007199254740994 t1000000 c1000000 f0.5 f1.8446744073709552e+19 [1, 2]\n");
  request.keys[0] = "u";
  request.wants.count = 1;
  expect_rows(&request, "7 i7\n");
}

/* ---- what is there, and what is wrong ---------------------------------------------------------------------------- */

static void columns_are_described(void **state)
{
  (void)state;
  tarazu_error error = clean_error();
  tarazu_list columns = {0};
  tarazu_request request = {.size = sizeof request,
                            .location = write_file("c.csv", "Customer ID,n,d,yes\nA-1,1,2020-01-31,true\n")};
  if (source->describe(self, &request, &columns, &error) != TARAZU_OK) fail_msg("%s", error.message);
  static const tarazu_source_column expected[] = {{"Customer ID", "VARCHAR", TARAZU_TEXT, 0},
                                                  {"n", "DOUBLE", TARAZU_F64, 0},
                                                  {"d", "DATE", TARAZU_CIVIL, 0},
                                                  {"yes", "BOOLEAN", TARAZU_BOOL, 0}};
  assert_int_equal(columns.count, 4);
  for (uint32_t i = 0; i < columns.count; i++) {
    const tarazu_source_column *column = tarazu_at(&columns, i);
    assert_string_equal(column->name, expected[i].name);
    assert_string_equal(column->declared, expected[i].declared);
    assert_int_equal(column->type, expected[i].type);
  }
}

static void mistakes_are_found_without_reading_and_told_with_their_place(void **state)
{
  (void)state;
  const char *path = write_file("m.csv", "id,x,d\na,1,2020-01-01\n");
  static const struct {
    const char *key, *time, *where, *want;
    uint32_t type;
    int item;
    const char *said;
  } cases[] = {
      {"id", NULL, NULL, "y", TARAZU_F64, 0, "there is no column \"y\""},
      {"idd", NULL, NULL, "x", TARAZU_F64, -3, "there is no column \"idd\""},
      {"id", "day", NULL, "x", TARAZU_F64, -5, "there is no column \"day\""},
      {"id", NULL, "x >", "x", TARAZU_F64, -2, "syntax error"},
      {"id", NULL, "z > 1", "x", TARAZU_F64, -2, "there is no column \"z\""},
      {"id", NULL, NULL, "d", TARAZU_F64, 0, "d is a date, and a number is wanted"},
      {"id", "x > 1", NULL, "x", TARAZU_F64, -5, "x > 1 is true or false, and a date is wanted"},
      {"id", NULL, NULL, "x; DROP TABLE source", TARAZU_F64, 0, "syntax error"},
      {"id", NULL, NULL, "x, 2", TARAZU_F64, 0, "x, 2 is a structure, and a number is wanted"},
      {"id", NULL, NULL, "x), (2", TARAZU_F64, 0, "it must be one expression"},
      {"id", NULL, NULL, "1) FROM read_csv('/etc/passwd') --", TARAZU_F64, 0, "syntax error"},
      {"id", NULL, NULL, "(SELECT max(x) FROM source)", TARAZU_F64, 0, "a query within it is not allowed"},
      {"id", NULL, "EXISTS (FROM read_text('/etc/passwd'))", "x", TARAZU_F64, -2, "a query within it is not allowed"},
      {"id", NULL, NULL, "row_number() OVER ()", TARAZU_F64, 0, "a window function is not allowed"},
      {"id", NULL, NULL, "sum(x)", TARAZU_F64, 0, "sum(x)"},
      {NULL, NULL, NULL, "sum(x)", TARAZU_F64, 0, "sum(x)"},
      {"id", NULL, NULL, "COLUMNS(*)", TARAZU_F64, 0, "* stands for many columns"},
      {"id", NULL, NULL, "x + $1", TARAZU_F64, 0, "parameters"},
      {"id", NULL, NULL, "random()", TARAZU_F64, 0, "another result in every run"},
      {"id", "current_date", NULL, "x", TARAZU_F64, -5, "another result in every run"},
      {"id", NULL, NULL, "upper(x, 2)", TARAZU_TEXT, 0, "No function matches"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tarazu_want wants[] = {{.name = "w", .expression = cases[i].want, .type = cases[i].type}};
    tarazu_request request = REQUEST(path, cases[i].key, wants);
    request.time = cases[i].time;
    request.where = cases[i].where;
    expect_error(&request, TARAZU_BAD_PARAMETER, cases[i].item, cases[i].said);
  }
}

static void columns_without_values_are_text_unless_an_expression_tells_their_type(void **state)
{
  (void)state;
  static const char *const bare[] = {"x * 2", "x > 2", "x + to_days(3)"};
  static const struct {
    const char *text, *rows;
  } files[] = {{"id,x\n", ""}, {"id,x\na,\nb,\n", "a -\nb -\n"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    for (size_t k = 0; k < sizeof bare / sizeof *bare; k++) {
      tarazu_want wants[] = {{.name = "w", .expression = bare[k], .type = TARAZU_F64}};
      tarazu_request request = REQUEST(write_file("v.csv", files[i].text), "id", wants);
      expect_error(&request, TARAZU_BAD_PARAMETER, 0, "a CSV column without any value is taken for text");
    }
    tarazu_want wants[] = {{.name = "w", .expression = "CAST(x AS DOUBLE) * 2", .type = TARAZU_F64}};
    tarazu_request request = REQUEST(write_file("v.csv", files[i].text), "id", wants);
    expect_rows(&request, files[i].rows);
  }
}

static void missing_files_and_folders_are_told(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.name = "w", .expression = "x", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(path_of("absent.csv"), "id", wants);
  expect_error(&request, TARAZU_BAD_PARAMETER, -1, "no file ");
  request.location = path_of("absent/x.csv");
  expect_error(&request, TARAZU_BAD_PARAMETER, -1, "no folder ");
  request.location = path_of("absent*.csv");
  expect_error(&request, TARAZU_BAD_PARAMETER, -1, "no file ");
  mkdir(path_of("folder.csv"), 0700);
  request.location = path_of("folder.csv");
  expect_error(&request, TARAZU_BAD_PARAMETER, -1, "is a folder");
  request.location = write_file("broken.parquet", "PAR1 no");
  expect_error(&request, TARAZU_BAD_DATA, -1, "broken.parquet");
  request.location = write_file("broken.json", "{\"id\": ");
  expect_error(&request, TARAZU_BAD_DATA, -1, "broken.json");
}

/* An expression has no way to name a file; should one be found, the database still opens nothing outside the folder. */
static void a_file_outside_the_folder_cannot_be_reached(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.name = "w", .expression = "getenv('HOME')", .type = TARAZU_TEXT}};
  tarazu_request request = REQUEST(write_file("o.csv", "id,x\na,1\n"), "id", wants);
  expect_error(&request, TARAZU_BAD_PARAMETER, 0, "getenv");
  static const tarazu_want statement[] = {
      {.name = "w", .expression = "1); SET memory_limit = '1MB'; SELECT (1", .type = TARAZU_I64}};
  tarazu_request other = REQUEST(path_of("o.csv"), "id", statement);
  expect_error(&other, TARAZU_BAD_PARAMETER, 0, "");
  static const tarazu_want settings[] = {
      {.expression = "current_setting('enable_external_access')::VARCHAR", .type = TARAZU_TEXT},
      {.expression = "current_setting('autoload_known_extensions')::VARCHAR", .type = TARAZU_TEXT},
      {.expression = "current_setting('autoinstall_known_extensions')::VARCHAR", .type = TARAZU_TEXT},
      {.expression = "current_setting('TimeZone')", .type = TARAZU_TEXT},
      {.expression = "list_sort(current_setting('allowed_directories'))::VARCHAR", .type = TARAZU_TEXT}};
  request = REQUEST(path_of("o.csv"), "id", settings);
  char expected[512];
  snprintf(expected, sizeof expected, "a false false false UTC [%s/, %s/scratch/]\n", folder, folder);
  expect_rows(&request, expected);
}

/* Tables of one folder share a database; of two folders each has its own, though both are there at once. */
static void tables_of_two_folders_keep_to_their_own(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_error error = clean_error();
  tarazu_list columns;
  void *first = self;
  mkdir(path_of("beside"), 0700);
  tarazu_request near = REQUEST(write_file("near.csv", "id,x\na,1\n"), "id", wants);
  tarazu_request far = REQUEST(write_file("beside/far.csv", "id,x\nb,2\n"), "id", wants);
  assert_int_equal(source->describe(first, &far, &columns, &error), TARAZU_OK);
  self = calloc(1, strategy->self_size);
  assert_non_null(self);
  assert_int_equal(strategy->create(self, &context, NULL, &error), TARAZU_OK);
  expect_rows(&near, "a f1\n");
  strategy->destroy(self);
  free(self);
  self = first;
  expect_rows(&far, "b f2\n");
}

/* ---- the rest of the contract ------------------------------------------------------------------------------------ */

static void the_fingerprint_is_of_the_bytes(void **state)
{
  (void)state;
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  char seen[3][65];
  static const char *const texts[] = {"id,x\na,1\n", "id,x\na,1\n", "id,x\na,2\n"};
  for (int i = 0; i < 3; i++) {
    tarazu_request request = REQUEST(write_file(i == 1 ? "f1.csv" : "f0.csv", texts[i]), "id", wants);
    lines got;
    tarazu_error error;
    if (read_all(&request, &got, &error) != TARAZU_OK) fail_msg("%s", error.message);
    memcpy(seen[i], got.fingerprint, sizeof seen[i]);
    assert_int_equal(strlen(seen[i]), 32);
    assert_int_equal(strspn(seen[i], "0123456789abcdef"), 32);
    free_lines(&got);
  }
  assert_string_equal(seen[0], seen[1]);
  assert_string_not_equal(seen[0], seen[2]);
}

typedef struct reading {
  void *reader;
  uint32_t part;
  int64_t rows;
  double sum;
  tarazu_status status;
} reading;

static void *read_part(void *argument)
{
  reading *own = argument;
  const tarazu_chunk *chunk = NULL;
  tarazu_error error = clean_error();
  while ((own->status = source->read(self, own->reader, own->part, &chunk, &error)) == TARAZU_OK && chunk) {
    own->rows += chunk->rows;
    for (int64_t i = 0; i < chunk->rows; i++) own->sum += ((const double *)chunk->columns[1]->values)[i];
  }
  return NULL;
}

static void write_many(const char *name, int rows)
{
  FILE *file = fopen(path_of(name), "wb");
  assert_non_null(file);
  fputs("id,x\n", file);
  for (int i = 0; i < rows; i++) fprintf(file, "customer-%d,%d\n", i % 1000, i);
  fclose(file);
}

static void parts_side_by_side_give_every_row_once(void **state)
{
  (void)state;
  enum { ROWS = 300000, MOST = 8 };
  write_many("parts.csv", ROWS);
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(path_of("parts.csv"), "id", wants);
  request.threads = 3;
  void *reader = NULL;
  uint32_t parts = 0;
  tarazu_error error = clean_error();
  assert_int_equal(source->open(self, &request, &reader, &parts, &error), TARAZU_OK);
  assert_in_range(parts, 1, MOST);
  reading readings[MOST] = {0};
  pthread_t threads[MOST];
  for (uint32_t i = 0; i < parts; i++) {
    readings[i] = (reading){.reader = reader, .part = i};
    assert_int_equal(pthread_create(&threads[i], NULL, read_part, &readings[i]), 0);
  }
  int64_t rows = 0;
  double sum = 0;
  for (uint32_t i = 0; i < parts; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(readings[i].status, TARAZU_OK);
    rows += readings[i].rows;
    sum += readings[i].sum;
  }
  source->close(self, reader);
  assert_int_equal(rows, ROWS);
  assert_true(sum == 0.5 * ROWS * (ROWS - 1));
}

static void a_reader_closed_before_its_end_stops(void **state)
{
  (void)state;
  write_many("early.csv", 200000);
  static const tarazu_want wants[] = {{.expression = "x", .type = TARAZU_F64}};
  tarazu_request request = REQUEST(path_of("early.csv"), "id", wants);
  for (int reads = 0; reads < 3; reads++) {
    void *reader = NULL;
    uint32_t parts = 0;
    const tarazu_chunk *chunk = NULL;
    tarazu_error error = clean_error();
    assert_int_equal(source->open(self, &request, &reader, &parts, &error), TARAZU_OK);
    for (int i = 0; i < reads; i++) assert_int_equal(source->read(self, reader, 0, &chunk, &error), TARAZU_OK);
    source->close(self, reader);
  }
  source->close(self, NULL);
}

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* To its end the query takes some 40 seconds, in steps (DuckDB's vectors of 2,048 rows) of a few hundredths: that it
 * was interrupted, and not only called so when it was through, shows in the time. */
static void a_query_stops_when_the_host_says_so(void **state)
{
  (void)state;
  write_many("long.csv", 2000000);
  static const tarazu_want wants[] = {
      {.expression = "list_sum(range(CAST(x AS BIGINT) % 7 + 4000))", .type = TARAZU_F64, .aggregate = TARAZU_SUM}};
  tarazu_request request = REQUEST(path_of("long.csv"), "id", wants);
  request.threads = 1;
  lines got;
  tarazu_error error;
  allowed_questions = 1;
  double start = seconds();
  tarazu_status status = read_all(&request, &got, &error);
  double taken = seconds() - start;
  allowed_questions = -1;
  free_lines(&got);
  assert_int_equal(status, TARAZU_CANCELLED);
  if (taken > 15) fail_msg("it went on for %.1f seconds", taken);
}

static void more_groups_than_memory_go_to_the_scratch_folder(void **state)
{
  (void)state;
  enum { ROWS = 2500000 }; /* of some 140 bytes each in DuckDB's hash table */
  FILE *file = fopen(path_of("spill.csv"), "wb");
  fputs("id,x\n", file);
  for (int i = 0; i < ROWS; i++) fprintf(file, "a-customer-with-a-long-name-%d,0.1\n", i * 7 % ROWS);
  fclose(file);
  tarazu_request request = REQUEST(path_of("spill.csv"), "id", sum_and_mean);
  request.memory = INT64_C(300) << 20;
  request.threads = 1;
  lines got;
  tarazu_error error;
  if (read_all(&request, &got, &error) != TARAZU_OK) fail_msg("%s", error.message);
  assert_int_equal(got.count, ROWS);
  assert_string_equal(got.items[0], "a-customer-with-a-long-name-0 f0.10000000000000001 f0.10000000000000001");
  free_lines(&got);
}

/* ---- real data --------------------------------------------------------------------------------------------------- */

/* One row of a whole table: count and sum. */
static void expect_facts(const char *name, const char *expression, int64_t count, double sum)
{
  const char *path = data_file(name);
  if (!path) skip();
  tarazu_want wants[] = {{.aggregate = TARAZU_COUNT},
                         {.expression = expression, .type = TARAZU_F64, .aggregate = TARAZU_SUM}};
  tarazu_request request = REQUEST(path, NULL, wants);
  lines got;
  tarazu_error error;
  if (read_all(&request, &got, &error) != TARAZU_OK) fail_msg("%s", error.message);
  long long rows;
  double found;
  assert_int_equal(got.count, 1);
  assert_int_equal(sscanf(got.items[0], "i%lld f%lf", &rows, &found), 2);
  assert_int_equal(rows, count);
  if (fabs(found - sum) > 0.005) fail_msg("%s: %.17g, not %.2f", name, found, sum);
  free_lines(&got);
}

static void the_real_data_add_up(void **state)
{
  (void)state;
  expect_facts("cdnow/orders.csv", "amount", 69659, 2500315.63);
  expect_facts("cdnow/sample_orders.csv", "1", 6919, 6919);
  expect_facts("online_retail/invoices.csv", "TotalPrice", 18532, 8911407.90);
  expect_facts("telco/services.csv", "Total Revenue", 7043, 21371131.69);
  expect_facts("telco/services.csv", "Number of Referrals", 7043, 13747);
  expect_facts("bitcoin_otc/ratings.csv", "CASE WHEN rating > 0 THEN 1 ELSE 0 END", 35592, 32029);
  expect_facts("completejourney/transactions.csv", "1", 75000, 75000);
}

static void real_customers_are_counted(void **state)
{
  (void)state;
  static const struct {
    const char *file, *key, *time;
    size_t customers;
  } cases[] = {{"cdnow/orders.csv", "customer_id", "date", 23570},
               {"online_retail/invoices.csv", "CustomerID", "InvoiceDate", 4338},
               {"telco/status.csv", "Customer ID", NULL, 7043}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *path = data_file(cases[i].file);
    if (!path) skip();
    static const tarazu_want wants[] = {{.aggregate = TARAZU_COUNT}};
    tarazu_request request = REQUEST(path, cases[i].key, wants);
    request.time = cases[i].time;
    lines got;
    tarazu_error error;
    if (read_all(&request, &got, &error) != TARAZU_OK) fail_msg("%s", error.message);
    assert_int_equal(got.count, cases[i].customers);
    free_lines(&got);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_of_text_files_stay_as_they_are_written),
      cmocka_unit_test(a_text_column_stays_as_written_while_expressions_see_its_number),
      cmocka_unit_test(every_type_comes_as_it_is_or_as_it_is_wanted),
      cmocka_unit_test(a_whole_number_is_never_rounded_into_being),
      cmocka_unit_test(a_fraction_after_many_whole_numbers_is_not_rounded),
      cmocka_unit_test(a_wrong_value_is_told_with_file_and_line),
      cmocka_unit_test(a_wrong_value_is_told_with_its_customer_and_its_place),
      cmocka_unit_test(an_all_null_column_and_a_header_alone_are_fine),
      cmocka_unit_test(delimiters_quotes_and_line_ends_of_the_world_are_read),
      cmocka_unit_test(rows_of_unequal_length_are_an_error),
      cmocka_unit_test(what_is_no_csv_file_is_told_with_its_line),
      cmocka_unit_test(files_of_a_glob_are_matched_by_their_columns_names),
      cmocka_unit_test(a_file_named_like_a_pattern_is_itself),
      cmocka_unit_test(where_and_edges),
      cmocka_unit_test(nothing_after_until_comes_out_and_undated_rows_do),
      cmocka_unit_test(numbers_are_seconds_and_zones_are_kept),
      cmocka_unit_test(what_only_looks_like_seconds_is_an_error),
      cmocka_unit_test(text_is_a_clock_without_zone_and_never_guessed),
      cmocka_unit_test(aggregates_of_groups_windows_and_nothing),
      cmocka_unit_test(aggregates_of_times_that_are_text),
      cmocka_unit_test(undated_rows_are_counted_beside_the_events),
      cmocka_unit_test(what_it_cannot_give_exactly_is_left_to_the_host),
      cmocka_unit_test(sums_and_means_of_doubles_are_exact_in_any_order),
      cmocka_unit_test(sums_across_all_exponents_are_exact_too),
      cmocka_unit_test(decimals_and_wide_integers_are_rounded_once),
      cmocka_unit_test(an_infinite_value_is_an_error_and_not_a_sum),
      cmocka_unit_test(parquet_comes_in_its_own_types),
      cmocka_unit_test(columns_are_described),
      cmocka_unit_test(mistakes_are_found_without_reading_and_told_with_their_place),
      cmocka_unit_test(columns_without_values_are_text_unless_an_expression_tells_their_type),
      cmocka_unit_test(missing_files_and_folders_are_told),
      cmocka_unit_test(a_file_outside_the_folder_cannot_be_reached),
      cmocka_unit_test(tables_of_two_folders_keep_to_their_own),
      cmocka_unit_test(the_fingerprint_is_of_the_bytes),
      cmocka_unit_test(parts_side_by_side_give_every_row_once),
      cmocka_unit_test(a_reader_closed_before_its_end_stops),
      cmocka_unit_test(a_query_stops_when_the_host_says_so),
      cmocka_unit_test(more_groups_than_memory_go_to_the_scratch_folder),
      cmocka_unit_test(the_real_data_add_up),
      cmocka_unit_test(real_customers_are_counted),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
