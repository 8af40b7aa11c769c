/* Sources and sinks: taken through their calls on files in a folder of the test's own, which is all that they may
 * change. */
#include "base/clock.h"
#include "catalog/catalog.h"
#include "conform/child.h"
#include "conform/conform.h"
#include "conform/guard.h"
#include "conform/life.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the test's folder ------------------------------------------------------------------------------------- */

typedef struct file_trial {
  const tarazu_strategy *strategy;
  const setting *with;
  char folder[64]; /* what is in it the strategy is told of; beside it stands what it must leave alone */
  sample *empty;   /* of no data: its life is what create needs */
} file_trial;

static void write_file(const char *path, const char *words)
{
  FILE *file = fopen(path, "w");
  if (!file || fputs(words, file) < 0 || fclose(file) != 0) child_fault("the test's file '%s' cannot be written", path);
}

/* Names and sizes of all that is in a folder, sorted; free it with text_free. */
static void list_folder(const char *path, text *out)
{
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    char inner[400];
    struct stat about;
    snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.' && stat(inner, &about) == 0)
      text_addf(out, "'%s' (%lld bytes) ", entries[i]->d_name, S_ISDIR(about.st_mode) ? 0 : (long long)about.st_size);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

static void remove_folder(const char *path)
{
  DIR *folder = opendir(path);
  struct dirent *inside;
  while (folder && (inside = readdir(folder))) {
    char inner[400];
    snprintf(inner, sizeof inner, "%s/%s", path, inside->d_name);
    if (!strcmp(inside->d_name, ".") || !strcmp(inside->d_name, "..")) continue;
    if (unlink(inner) != 0) remove_folder(inner);
  }
  if (folder) closedir(folder);
  rmdir(path);
}

/* The end of a location that the patterns accept: ".csv" of "*.csv", "" of "-"; NULL: of no file. */
static const char *ending(const char *const *accepts)
{
  const char *screen = NULL;
  for (; *accepts; accepts++) {
    if (!strncmp(*accepts, "*.", 2) && !strpbrk(*accepts + 1, "*?[/:")) return *accepts + 1;
    if (!strcmp(*accepts, "-")) screen = "";
  }
  return screen;
}

/* ---- what both share --------------------------------------------------------------------------------------- */

static tarazu_error fresh(void)
{
  return (tarazu_error){.size = sizeof(tarazu_error), .row = -1, .param = -1, .item = -1};
}

/* A refusal must be one in words, and is expected where `refuses` says so. */
static void expect(const char *function, tarazu_status status, const tarazu_error *error, int refuses, const char *what)
{
  child_leave();
  if (status < TARAZU_OK || status > TARAZU_INTERNAL)
    child_fault("%s returned %d, which is no status", function, status);
  if (status && !error->message[0]) child_fault("%s failed with status %d without a message", function, status);
  if (!status && refuses) child_fault("%s accepted %s; expected an error", function, what);
  if (status && !refuses) child_fault("%s failed on %s: %s", function, what, error->message);
}

static life begin_life(const file_trial *t)
{
  life l = {.of = t->empty};
  if (life_create(&l)) child_fault("create refused the defaults: %s", l.message);
  return l;
}

static void test_life(const file_trial *t)
{
  for (int i = 0; i < 20; i++) {
    life one = begin_life(t), other = begin_life(t);
    life_end(&one);
    life_end(&other);
  }
}

/* ---- sinks ------------------------------------------------------------------------------------------------- */

enum { TABLE_ROWS = 203, TABLE_COLUMNS = 7 };

/* What stands in a table of results, roughly: a key, a rank, numbers, texts, some of it missing. */
static const tarazu_bound table_columns[TABLE_COLUMNS] = {
    {.name = "customer", .type = TARAZU_TEXT},     {.name = "rank", .type = TARAZU_I64},
    {.name = "score", .type = TARAZU_F64},         {.name = "margin", .type = TARAZU_F64, .dimension = "financial"},
    {.name = "key_customer", .type = TARAZU_BOOL}, {.name = "reason", .type = TARAZU_TEXT},
    {.name = "since", .type = TARAZU_TIME}};

static void fill_cell(uint32_t column, int64_t row, void *at)
{
  dice d = dice_of(3, (uint64_t)row, column);
  double real = dice_chance(&d, 0.1) ? 1e300 : dice_chance(&d, 0.1) ? -0.0 : dice_unit(&d);
  int64_t whole = column == 1 ? row + 1 : dice_chance(&d, 0.05) ? INT64_MIN : (int64_t)(dice_bits(&d) >> 20);
  int32_t code = (int32_t)dice_below(&d, sample_words()->count);
  uint8_t on = (uint8_t)dice_below(&d, 2);
  if (column == 6) whole = (17000 + dice_below(&d, 2000)) * INT64_C(86400000000);
  if (table_columns[column].type == TARAZU_F64) memcpy(at, &real, sizeof real);
  else if (table_columns[column].type == TARAZU_TEXT) memcpy(at, &code, sizeof code);
  else if (table_columns[column].type == TARAZU_BOOL) memcpy(at, &on, sizeof on);
  else memcpy(at, &whole, sizeof whole);
}

static size_t cell_width(uint32_t type)
{
  return type == TARAZU_BOOL ? 1 : type == TARAZU_TEXT ? 4 : 8;
}

/* Rows [first, first + rows) in guarded memory, read-only. */
static const tarazu_batch *table_batch(guard_scope *scope, int64_t first, int64_t rows)
{
  tarazu_column columns[TABLE_COLUMNS];
  const tarazu_column *pointers[TABLE_COLUMNS];
  tarazu_dictionary words = *sample_words();
  words.bytes = guard_give(scope, words.bytes, (size_t)words.offsets[words.count], 1, "the dictionary's bytes");
  words.offsets = guard_give(scope, words.offsets, (words.count + 1) * 8, 8, "the dictionary's offsets");
  const tarazu_dictionary *dictionary = guard_give(scope, &words, sizeof words, 8, "the dictionary");
  for (uint32_t c = 0; c < TABLE_COLUMNS; c++) {
    uint32_t type = table_columns[c].type;
    size_t each = cell_width(type), bits = (size_t)(rows + 7) / 8;
    char *cells = guard_take(scope, (size_t)rows * each, each, "the values of a table's column");
    uint8_t *valid = guard_take(scope, bits, 1, "the validity bits of a table's column");
    memset(valid, 0xff, bits);
    for (int64_t i = 0; i < rows; i++) {
      fill_cell(c, first + i, cells + (size_t)i * each);
      if (c >= 2 && (first + i) % 5 == c % 5) valid[i >> 3] = (uint8_t)(valid[i >> 3] & ~(1u << (i & 7)));
    }
    guard_writable(cells, 0);
    guard_writable(valid, 0);
    columns[c] = (tarazu_column){.size = sizeof *columns, .type = type, .values = cells, .valid = valid};
    if (type == TARAZU_TEXT) columns[c].dictionary = dictionary;
  }
  const tarazu_column *given = guard_give(scope, columns, sizeof columns, 8, "the columns' structs");
  for (uint32_t c = 0; c < TABLE_COLUMNS; c++) pointers[c] = &given[c];
  tarazu_batch batch = {.size = sizeof batch, .first_row = first, .rows = rows, .column_count = TABLE_COLUMNS};
  batch.columns = guard_give(scope, pointers, sizeof pointers, 8, "the batch's list of columns");
  return guard_give(scope, &batch, sizeof batch, 8, "the batch");
}

static void write_tables(const tarazu_sink *sink, const life *l, void *writer, int64_t rows, int64_t batch_rows)
{
  static const char *const names[] = {"customers", "criteria", "facts", "changes"};
  for (uint32_t k = 0; k < 4; k++) {
    tarazu_error error = fresh();
    guard_scope scope = {0};
    if (!(sink->tables >> k & 1)) continue;
    tarazu_table about = {.size = sizeof about, .kind = 1u << k, .name = names[k], .rows = rows};
    about.columns = (tarazu_list){guard_give(&scope, table_columns, sizeof table_columns, 8, "the table's columns"),
                                  TABLE_COLUMNS, sizeof *table_columns};
    const tarazu_table *table = guard_give(&scope, &about, sizeof about, 8, "the table");
    child_enter("table", 0);
    expect("table", sink->table(l->self, writer, table, &error), &error, 0, "a table of results");
    for (int64_t first = 0; first < rows; first += batch_rows) {
      guard_scope inner = {0};
      guard_turn();
      const tarazu_batch *batch = table_batch(&inner, first, rows - first < batch_rows ? rows - first : batch_rows);
      child_enter("write", batch->rows);
      expect("write", sink->write(l->self, writer, batch, &error), &error, 0, "a batch of results");
      guard_drop(&inner);
    }
    guard_drop(&scope);
  }
}

static char *read_whole(const char *path, size_t *count)
{
  FILE *file = fopen(path, "rb");
  char *bytes = malloc(1 << 22);
  if (!file || !bytes) child_fault("after commit there is no file '%s': %s", path, strerror(errno));
  *count = fread(bytes, 1, 1 << 22, file);
  fclose(file);
  return bytes;
}

/* A whole output; what it wrote, which is to be freed. */
static char *write_output(const file_trial *t, const char *name, int64_t rows, int64_t batch_rows, size_t *count)
{
  const tarazu_sink *sink = strategy_sink(t->strategy);
  char location[200];
  snprintf(location, sizeof location, "%s/%s", t->folder, name);
  tarazu_target target = {.size = sizeof target, .location = location, .manifest = "{}", .width = 100};
  tarazu_error error = fresh();
  void *writer = NULL;
  life l = begin_life(t);
  child_enter("open", 0);
  expect("open", sink->open(l.self, &target, &writer, &error), &error, 0, "a new file");
  write_tables(sink, &l, writer, rows, batch_rows);
  child_enter("prepare", rows);
  expect("prepare", sink->prepare(l.self, writer, &error), &error, 0, "a whole output");
  child_enter("commit", rows);
  expect("commit", sink->commit(l.self, writer, &error), &error, 0, "a whole output");
  child_enter("close", rows);
  sink->close(l.self, writer);
  child_leave();
  life_end(&l);
  return read_whole(location, count);
}

static const char *sink_name(const file_trial *t, char name[100])
{
  const char *end = ending(strategy_sink(t->strategy)->accepts);
  snprintf(name, 100, "out%s", end ? end : "");
  return end ? name : NULL;
}

static void test_output(const file_trial *t)
{
  static const int64_t batches[] = {1, 7, 2048};
  char name[100];
  size_t count, other_count;
  char *usual = write_output(t, sink_name(t, name), TABLE_ROWS, 64, &count);
  for (int i = 0; i < 3; i++) {
    char *other = write_output(t, name, TABLE_ROWS, batches[i], &other_count);
    if (count != other_count || memcmp(usual, other, count) != 0)
      child_fault("it wrote other bytes in batches of %lld rows than in batches of 64", (long long)batches[i]);
    free(other);
  }
  free(usual);
  free(write_output(t, name, 0, 64, &count));
  free(write_output(t, name, 1, 64, &count));
}

static void test_stays_in_place(const file_trial *t)
{
  char name[100], expected[200];
  size_t count;
  text before = {0}, after = {0}, inside = {0};
  list_folder(".", &before);
  free(write_output(t, sink_name(t, name), TABLE_ROWS, 64, &count));
  list_folder(".", &after);
  list_folder(t->folder, &inside);
  if (strcmp(text_string(&before), text_string(&after)) != 0)
    child_fault("it wrote outside of its location: beside its folder there is %s; before there was %s",
                text_string(&after), text_string(&before));
  snprintf(expected, sizeof expected, "'%s' (%zu bytes) ", name, count);
  if (strcmp(text_string(&inside), expected) != 0)
    child_fault("it left %sin its folder; expected %salone", text_string(&inside), expected);
  text_free(&before);
  text_free(&after);
  text_free(&inside);
}

/* Closed in the middle, and where nothing can be written. */
static void test_output_errors(const file_trial *t)
{
  const tarazu_sink *sink = strategy_sink(t->strategy);
  char name[100], location[200], nowhere[200];
  snprintf(location, sizeof location, "%s/%s", t->folder, sink_name(t, name));
  snprintf(nowhere, sizeof nowhere, "%s/no/such/folder/%s", t->folder, name);
  life l = begin_life(t);
  tarazu_error error = fresh();
  tarazu_target target = {.size = sizeof target, .location = location, .manifest = "{}"};
  void *writer = NULL;
  sink->close(l.self, NULL);
  for (int rows = 0; rows <= TABLE_ROWS; rows += TABLE_ROWS) {
    child_enter("open", 0);
    expect("open", sink->open(l.self, &target, &writer, &error), &error, 0, "a new file");
    if (rows) write_tables(sink, &l, writer, rows, 64);
    child_enter("close", 0);
    sink->close(l.self, writer);
    child_leave();
  }
  target.location = nowhere;
  writer = NULL;
  error = fresh();
  child_enter("open", 0);
  tarazu_status status = sink->open(l.self, &target, &writer, &error);
  if (!status) { /* it may only find out when it writes */
    child_leave();
    child_enter("prepare", 0);
    status = sink->prepare(l.self, writer, &error);
  }
  expect("open or prepare", status, &error, 1, "a location in a folder that is not there");
  child_enter("close", 0);
  sink->close(l.self, writer);
  child_leave();
  life_end(&l);
}

/* ---- sources ----------------------------------------------------------------------------------------------- */

static const char *const orders_csv = "customer_id,day,amount,note\n"
                                      "b,2019-05-02,12.5,Bäckerei\n"
                                      "a,2019-05-01,-3,\"a, b\"\n"
                                      "b,2019-06-01,,客户\n"
                                      "c,2019-01-31,1e3,\n";
enum { ORDERS = 4 };

static const char *source_ending(const tarazu_source *source)
{
  for (const char *const *a = source->accepts; *a; a++)
    if (!strcmp(*a, "*.csv")) return ".csv";
  return NULL;
}

static tarazu_request request_for(const char *location, const tarazu_want *wants, uint32_t count)
{
  static char scratch[200];
  if (!getcwd(scratch, sizeof scratch)) child_fault("the test's folder has gone");
  return (tarazu_request){.size = sizeof(tarazu_request),
                          .shape = TARAZU_EVENTS,
                          .table = "orders",
                          .location = location,
                          .keys = {"customer_id", NULL},
                          .time = "day",
                          .until = INT64_MAX,
                          .until_civil = INT64_MAX,
                          .memory = 256 << 20,
                          .scratch = scratch,
                          .wants = {wants, count, sizeof *wants},
                          .threads = 1};
}

static const tarazu_want orders_wants[] = {{.name = "amount", .expression = "amount", .type = TARAZU_F64},
                                           {.name = "note", .expression = "note", .type = TARAZU_TEXT}};

/* One chunk: sizes and types as the host checks them; adds up what is in it. */
static void check_chunk(const tarazu_chunk *chunk, int64_t *rows, double *sum)
{
  if (chunk->column_count != 4)
    child_fault("a chunk has %u columns; expected key, time and two wants", chunk->column_count);
  for (uint32_t c = 0; c < chunk->column_count; c++) {
    const tarazu_column *column = chunk->columns[c];
    if (column->type < TARAZU_F64 || column->type > TARAZU_CIVIL)
      child_fault("column %u of a chunk has the type %u", c + 1, column->type);
    if (column->values && chunk->bytes[c] < (int64_t)cell_width(column->type) * chunk->rows)
      child_fault("column %u of a chunk of %lld rows has %lld bytes", c + 1, (long long)chunk->rows,
                  (long long)chunk->bytes[c]);
    if (column->type == TARAZU_TEXT && !column->dictionary) child_fault("a TEXT column of a chunk has no dictionary");
  }
  if (chunk->columns[2]->type != TARAZU_F64)
    child_fault("a column wanted as numbers came as type %u", chunk->columns[2]->type);
  *rows += chunk->rows;
  for (int64_t i = 0; i < chunk->rows; i++)
    if (tarazu_is_valid(chunk->columns[2], i)) *sum += ((const double *)chunk->columns[2]->values)[i];
}

static void read_orders(const file_trial *t, const life *l, const char *location, char digits[65])
{
  const tarazu_source *source = strategy_source(t->strategy);
  tarazu_request request = request_for(location, orders_wants, 2);
  tarazu_error error = fresh();
  void *reader = NULL;
  uint32_t parts = 0;
  int64_t rows = 0;
  double sum = 0;
  child_enter("plan", 0);
  expect("plan", source->plan(l->self, &request, &error), &error, 0, "plain columns of a table");
  child_enter("open", 0);
  expect("open", source->open(l->self, &request, &reader, &parts, &error), &error, 0, "a table");
  if (!parts) child_fault("open gives no part to read");
  for (uint32_t p = 0; p < parts; p++)
    for (;;) {
      const tarazu_chunk *chunk = NULL;
      child_enter("read", 0);
      expect("read", source->read(l->self, reader, p, &chunk, &error), &error, 0, "a table");
      if (!chunk) break;
      check_chunk(chunk, &rows, &sum);
    }
  if (rows != ORDERS || sum != 1009.5) /* 12.5 - 3 + 1000 */
    child_fault("it read %lld rows with amounts of %g in all; expected %d and 1009.5", (long long)rows, sum, ORDERS);
  memset(digits, 0x7f, 65);
  child_enter("fingerprint", 0);
  expect("fingerprint", source->fingerprint(l->self, reader, digits, &error), &error, 0, "a table");
  size_t length = strnlen(digits, 65);
  if (length == 65 || strspn(digits, "0123456789abcdefABCDEF") != length)
    child_fault("the fingerprint is not up to 64 hexadecimal digits and a zero byte");
  child_enter("close", 0);
  source->close(l->self, reader);
  child_leave();
}

static const char *orders_file(const file_trial *t, char location[200])
{
  const char *end = source_ending(strategy_source(t->strategy));
  snprintf(location, 200, "%s/orders%s", t->folder, end ? end : "");
  write_file(location, orders_csv);
  return location;
}

static void test_reading(const file_trial *t)
{
  char location[200], first[65], second[65];
  text before = {0}, after = {0};
  size_t count;
  orders_file(t, location);
  list_folder(t->folder, &before);
  life l = begin_life(t);
  read_orders(t, &l, location, first);
  read_orders(t, &l, location, second);
  if (strcmp(first, second) != 0) child_fault("the fingerprint of the same file is another one the second time");
  life_end(&l);
  list_folder(t->folder, &after);
  if (strcmp(text_string(&before), text_string(&after)) != 0)
    child_fault("after reading there is %sin the folder; before there was %s", text_string(&after),
                text_string(&before));
  char *bytes = read_whole(location, &count);
  if (count != strlen(orders_csv) || memcmp(bytes, orders_csv, count) != 0)
    child_fault("it changed the file that it read");
  free(bytes);
  text_free(&before);
  text_free(&after);
}

static void test_describe(const file_trial *t)
{
  const tarazu_source *source = strategy_source(t->strategy);
  char location[200];
  tarazu_list columns = {0};
  tarazu_error error = fresh();
  tarazu_request request = {.size = sizeof request, .location = orders_file(t, location)};
  static const char *const names[] = {"customer_id", "day", "amount", "note"};
  life l = begin_life(t);
  child_enter("describe", 0);
  expect("describe", source->describe(l.self, &request, &columns, &error), &error, 0, "a table");
  if (columns.count != 4) child_fault("describe finds %u columns; expected 4", columns.count);
  for (uint32_t i = 0; i < 4; i++) {
    const tarazu_source_column *column = tarazu_at(&columns, i);
    if (!column->name || strcmp(column->name, names[i]) != 0)
      child_fault("describe calls column %u '%s'; expected '%s'", i + 1, column->name ? column->name : "", names[i]);
    if (column->type > TARAZU_CIVIL) child_fault("describe gives column '%s' the type %u", names[i], column->type);
  }
  life_end(&l);
}

/* A refusal by plan or, at the latest, by open or read. */
static void expect_refusal(const file_trial *t, const tarazu_request *request, int32_t item, const char *what)
{
  const tarazu_source *source = strategy_source(t->strategy);
  tarazu_error error = fresh();
  void *reader = NULL;
  uint32_t parts = 0;
  life l = begin_life(t);
  child_enter("plan", 0);
  tarazu_status status = source->plan(l.self, request, &error);
  if (!status) status = source->open(l.self, request, &reader, &parts, &error);
  for (uint32_t p = 0; !status && p < parts; p++) {
    const tarazu_chunk *chunk = NULL;
    do status = source->read(l.self, reader, p, &chunk, &error);
    while (!status && chunk);
  }
  expect("plan, open or read", status, &error, 1, what);
  if (item != -1 && error.item != item)
    child_fault("the error on %s is about item %d; expected %d (%s)", what, error.item, item, error.message);
  source->close(l.self, reader);
  life_end(&l);
}

static void test_refusals(const file_trial *t)
{
  char location[200], missing[200];
  const char *end = source_ending(strategy_source(t->strategy));
  tarazu_want wrong[] = {orders_wants[0], {.name = "x", .expression = "no_such_column", .type = TARAZU_F64}};
  snprintf(missing, sizeof missing, "%s/no_such_file%s", t->folder, end ? end : "");
  tarazu_request request = request_for(missing, orders_wants, 2);
  expect_refusal(t, &request, -1, "a location where nothing is");
  life l = begin_life(t);
  strategy_source(t->strategy)->close(l.self, NULL);
  life_end(&l);
  if (!end) return;
  request = request_for(orders_file(t, location), wrong, 2);
  expect_refusal(t, &request, 1, "a column that is not there");
  request = request_for(location, orders_wants, 2);
  request.keys[0] = "no_such_key";
  expect_refusal(t, &request, -3, "a key that is not there");
  request = request_for(location, orders_wants, 2);
  request.time = "no_such_time";
  expect_refusal(t, &request, -5, "a time that is not there");
  request = request_for(location, orders_wants, 2);
  request.where = "no_such_column > 1";
  expect_refusal(t, &request, -2, "a where of a column that is not there");
}

/* ---- running them ------------------------------------------------------------------------------------------ */

typedef struct file_test {
  const char *name, *tells;
  int (*applies)(const tarazu_strategy *strategy);
  void (*body)(const file_trial *t);
} file_test;

static int any(const tarazu_strategy *s)
{
  return s->role != 0;
}

static int writes_files(const tarazu_strategy *s)
{
  return s->role == TARAZU_SINK && ending(strategy_sink(s)->accepts);
}

static int is_source(const tarazu_strategy *s)
{
  return s->role == TARAZU_SOURCE;
}

static int reads_csv(const tarazu_strategy *s)
{
  return is_source(s) && source_ending(strategy_source(s));
}

static const file_test file_tests[] = {
    {"lifecycle", "made and destroyed, two side by side", any, test_life},
    {"output", "tables of all types, in batches of any size the same bytes, twice", writes_files, test_output},
    {"place", "nothing is written but the file at its location", writes_files, test_stays_in_place},
    {"errors", "closed in the middle; a location that cannot be written", writes_files, test_output_errors},
    {"describe", "the columns of a CSV file", reads_csv, test_describe},
    {"reading", "a CSV file comes out as it is, and stays as it was", reads_csv, test_reading},
    {"refusals", "files, columns and keys that are not there", is_source, test_refusals},
    {NULL, NULL, NULL, NULL}};

typedef struct file_run {
  const file_test *test;
  file_trial *trial;
} file_run;

/* In a folder of its own, which is the working folder and where temporary files go. */
static void run_file_test(void *argument)
{
  file_run *r = argument;
  char work[] = "/tmp/tarazu-check-XXXXXX";
  if (!mkdtemp(work) || chdir(work) != 0) child_fault("no folder can be made in /tmp: %s", strerror(errno));
  snprintf(r->trial->folder, sizeof r->trial->folder, "%s/given", work);
  memcpy(child_own_note()->data, work, sizeof work); /* for the parent, which removes it */
  if (mkdir(r->trial->folder, 0700) != 0) child_fault("no folder can be made in /tmp: %s", strerror(errno));
  setenv("TMPDIR", work, 1);
  r->trial->empty = sample_new(r->trial->with, STYLE_WHOLE, TWIST_NONE, 0, 1, -1);
  r->test->body(r->trial);
  child_own_note()->tries++;
  sample_free(r->trial->empty);
}

void conform_files(conform_report *report, const tarazu_strategy *s, arena *memory)
{
  const char *why = NULL, *params = report->request->params ? report->request->params : "{}";
  dice d = dice_of(report->request->seed, 1, 1);
  child_note *note = child_note_new();
  file_trial trial = {.strategy = s, .with = setting_of(s, params, BIND_ALL, &d, memory, &why)};
  for (const file_test *test = file_tests; note && test->name; test++) {
    double begun = clock_seconds();
    file_run r = {test, &trial};
    if (!test->applies(s) || !conform_wants(report->request, s, test->name)) continue;
    conform_result *out = conform_add(report, conform_name(s, memory), test->name, test->tells, memory);
    note->tries = 0;
    note->data[0] = 0;
    out->passed = trial.with && child_run(note, run_file_test, &r);
    if (!out->passed) out->why = arena_copy(memory, trial.with ? note->why : why);
    if (note->data[0]) remove_folder((const char *)note->data);
    out->tries = note->tries;
    out->seconds = clock_seconds() - begun;
  }
  child_note_free(note);
}
