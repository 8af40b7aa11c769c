/* What a source may not do and what data may not hold: each gets its one error, with the place, the key, the value and
 * the line. */
#include "memory.h"

#include <stdio.h>

enum { ROWS = 900 };

static memory *orders_new(void)
{
  memory *self = memory_new(ROWS);
  cell *key = memory_add(self, "customer", TARAZU_TEXT), *at = memory_add(self, "at", TARAZU_TIME);
  cell *amount = memory_add(self, "amount", TARAZU_F64), *count = memory_add(self, "count", TARAZU_I64);
  cell *label = memory_add(self, "label", TARAZU_TEXT), *flag = memory_add(self, "flag", TARAZU_BOOL);
  static const char *const keys[] = {"ann", "bob", "çelik"};
  for (int i = 0; i < ROWS; i++) {
    key[i].text = keys[i % 3];
    at[i].integer = i;
    amount[i].real = i / 4.0;
    count[i].integer = i;
    label[i].text = "x";
    flag[i].integer = i % 2;
  }
  self->lines = 1;
  return self;
}

/* Loads `expression` as a type in rows and expects one error of a status that has the words in it. */
static void expect(memory *orders, const char *expression, uint32_t type, exit_status status, const char *words)
{
  want wanted = {.as = {.name = "wanted", .expression = expression, .type = type},
                 .place = {.file = "profile.yaml", .line = 7, .column = 5}};
  const uint32_t chosen[] = {0};
  want_set set = {.count = 1, .wants = chosen};
  for (int threads = 1; threads < 3; threads++) {
    table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
    loaded.wants = &wanted;
    loaded.want_count = 1;
    loaded.sets = &set;
    loaded.set_count = 1;
    orders->parts = (uint32_t)threads;
    outcome got = memory_load(&loaded, 1, threads, NULL);
    assert_false(got.good);
    assert_int_equal(problems_errors(got.problems), 1);
    if (problems_status(got.problems) != status || !strstr(text_string(&got.told), words))
      print_error("%s", text_string(&got.told));
    assert_int_equal(problems_status(got.problems), status);
    assert_non_null(strstr(text_string(&got.told), words));
    assert_int_equal(orders->opened, orders->closed);
    outcome_free(&got, &loaded, 1);
  }
}

/* ---- data --------------------------------------------------------------------------------------------------- */

static void test_what_is_not_finite_is_told_with_its_customer_and_line(void **unused)
{
  (void)unused;
  memory *orders = orders_new();
  cell *amount = orders->columns[2].cells;
  amount[100].real = (double)NAN;
  expect(
      orders, "amount", TARAZU_F64, EXIT_DATA,
      "profile.yaml:7:5: error: table 'orders', line 102, customer 'bob': 'wanted' is NaN, expected a finite number");
  amount[100].real = -(double)INFINITY;
  expect(orders, "amount", TARAZU_F64, EXIT_DATA, "'wanted' is infinite");
  amount[100].there = 0; /* a null by the bitmap hides what lies under it */
  amount[101].real = (double)INFINITY;
  expect(orders, "amount", 0, EXIT_DATA, "line 103, customer 'çelik': 'wanted' is infinite");
  memory_free(orders);
}

static void test_values_of_another_type_are_told(void **unused)
{
  (void)unused;
  memory *orders = orders_new();
  orders->columns[4].cells[0].there = 0;
  orders->columns[4].cells[1].text = "twelve";
  expect(orders, "label", TARAZU_F64, EXIT_DATA,
         "line 3, customer 'bob': 'wanted' is the text 'twelve', expected a number");
  expect(orders, "label", TARAZU_TIME, EXIT_DATA, "expected a date");
  expect(orders, "amount", TARAZU_I64, EXIT_DATA, "line 3, customer 'bob': 'wanted' is 0.25, expected an integer");
  expect(orders, "count", TARAZU_BOOL, EXIT_DATA, "line 4, customer 'çelik': 'wanted' is 2, expected true or false");
  expect(orders, "amount", TARAZU_TEXT, EXIT_DATA, "'wanted' is 0, expected a text");
  expect(orders, "flag", TARAZU_TEXT, EXIT_DATA, "'wanted' is false, expected a text");
  expect(orders, "at", TARAZU_F64, EXIT_DATA, "'wanted' is 1970-01-01, expected a number");
  orders->columns[3].cells[5].integer = (INT64_C(1) << 53) + 1;
  expect(orders, "count", TARAZU_F64, EXIT_DATA, "line 7, customer 'çelik': 'wanted' is 9007199254740993");
  orders->columns[2].cells[1].real = 1e19;
  orders->columns[2].cells[0].real = 1;
  expect(orders, "amount", TARAZU_I64, EXIT_DATA, "'wanted' is 1e+19, expected an integer");
  memory_free(orders);
}

static void test_texts_must_be_utf8(void **unused)
{
  (void)unused;
  memory *orders = orders_new();
  orders->columns[4].cells[7].text = "caf\xe9";
  expect(orders, "label", TARAZU_TEXT, EXIT_DATA, "table 'orders', line 9: a text is not UTF-8");
  orders->columns[0].cells[3].text = "\xff";
  expect(orders, "amount", TARAZU_F64, EXIT_DATA, "table 'orders', line 5: a text is not UTF-8");
  memory_free(orders);
}

static void test_a_customer_without_a_key_is_an_error_only_where_customers_are_told(void **unused)
{
  (void)unused;
  memory *customers = orders_new();
  customers->columns[0].cells[4].there = 0;
  table loaded = memory_table(customers, "customers", TARAZU_ATTRIBUTES, "customer", NULL);
  outcome got = memory_load(&loaded, 1, 1, NULL);
  assert_true(got.good);
  assert_int_equal(loaded.counts.null_keys, 1);
  outcome_free(&got, &loaded, 1);
  loaded.is_customers = 1;
  got = memory_load(&loaded, 1, 1, NULL);
  assert_false(got.good);
  assert_non_null(strstr(text_string(&got.told), "table 'customers', line 6: a customer without a key"));
  outcome_free(&got, &loaded, 1);
  memory_free(customers);
}

/* ---- the contract of chunks --------------------------------------------------------------------------------- */

static tarazu_dictionary broken;
static int64_t broken_offsets[MEMORY_CHUNK + 2];

static void fewer_columns(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)columns, (void)bytes;
  chunk->column_count--;
}
static void negative_rows(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)columns, (void)bytes;
  chunk->rows = -1;
}
static void small_chunk(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)columns, (void)bytes;
  chunk->size = 8;
}
static void no_column(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[2] = NULL;
}
static void small_column(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[1]->size = 8;
}
static void few_bytes(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)columns;
  bytes[2]--;
}
static void no_values(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[1]->values = NULL;
}
static void unknown_type(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[2]->type = 99;
}
static void row_type(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[2]->type = TARAZU_ROW;
}
static void real_key(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[0]->type = TARAZU_F64;
}
static void real_time(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[1]->type = TARAZU_F64;
}
static void no_dictionary(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  columns[0]->dictionary = NULL;
}
static void few_strings(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)chunk, (void)bytes;
  broken = *columns[0]->dictionary;
  broken.count = 0;
  columns[0]->dictionary = &broken;
}
static void backward_offsets(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)bytes;
  broken = *columns[0]->dictionary;
  for (int64_t i = 0; i <= chunk->rows; i++) broken_offsets[i] = 2 * (chunk->rows - i);
  broken.offsets = broken_offsets;
  columns[0]->dictionary = &broken;
}
static void negative_offsets(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)bytes;
  broken = *columns[0]->dictionary;
  for (int64_t i = 0; i <= chunk->rows; i++) broken_offsets[i] = i - 100;
  broken.offsets = broken_offsets;
  columns[0]->dictionary = &broken;
}
static void strange_code(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  static int32_t codes[MEMORY_CHUNK];
  for (int64_t i = 0; i < chunk->rows; i++) codes[i] = i % 2 ? -1 : 1 << 30;
  columns[0]->values = codes;
  columns[0]->valid = NULL;
  bytes[0] = chunk->rows * 4;
}
static void half_true(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  static uint8_t truths[MEMORY_CHUNK];
  memset(truths, 2, sizeof truths);
  columns[2]->type = TARAZU_BOOL;
  columns[2]->values = truths;
  columns[2]->valid = NULL;
  bytes[2] = chunk->rows;
}
static void late_rows(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  static int64_t times[MEMORY_CHUNK];
  for (int i = 0; i < MEMORY_CHUNK; i++) times[i] = INT64_MAX;
  (void)chunk, (void)bytes;
  columns[1]->values = times;
  columns[1]->valid = NULL;
}
static void changing_type(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes)
{
  (void)bytes;
  if (chunk->first_line > 100) columns[2]->type = TARAZU_I64;
}

static void test_chunks_that_break_the_contract_are_the_plugins_fault(void **unused)
{
  (void)unused;
  static const struct {
    void (*spoil)(tarazu_chunk *chunk, tarazu_column **columns, int64_t *bytes);
    const char *words;
  } cases[] = {
      {fewer_columns, "a chunk of 2 columns where 3 were asked for"},
      {negative_rows, "a chunk of -1 rows"},
      {small_chunk, "a chunk of an older size, 8 bytes"},
      {no_column, "column 2 is missing"},
      {small_column, "column 1 is missing or of an older size"},
      {few_bytes, "column 2 has"},
      {no_values, "column 1 has 0 bytes"},
      {unknown_type, "column 2 has type 99"},
      {row_type, "column 2 has type 6"},
      {real_key, "key 0 has type 1"},
      {real_time, "the time, column 1 has type 1"},
      {no_dictionary, "column 0 is text without a dictionary"},
      {few_strings, ""},
      {backward_offsets, "out of range"},
      {negative_offsets, "out of range"},
      {strange_code, "out of range"},
      {half_true, "a truth value that is neither 0 nor 1"},
      {late_rows, "dated after the moment"},
      {changing_type, "the type of a column changed between two chunks"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    memory *orders = orders_new();
    orders->spoil = cases[i].spoil;
    orders->largest_chunk = 50;
    want wanted = {.as = {.name = "wanted", .expression = "amount"}};
    const uint32_t chosen[] = {0};
    want_set set = {.count = 1, .wants = chosen};
    table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
    loaded.wants = &wanted;
    loaded.want_count = 1;
    loaded.sets = &set;
    loaded.set_count = 1;
    loaded.request.until = INT64_MAX - 1;
    outcome got = memory_load(&loaded, 1, 1, NULL);
    assert_false(got.good);
    if (!strstr(text_string(&got.told), cases[i].words)) print_error("%zu: %s", i, text_string(&got.told));
    assert_int_equal(problems_status(got.problems), EXIT_PLUGIN);
    assert_non_null(strstr(text_string(&got.told), cases[i].words));
    assert_non_null(strstr(text_string(&got.told), "table 'orders': its source broke the contract"));
    outcome_free(&got, &loaded, 1);
    memory_free(orders);
  }
}

/* ---- failing sources ---------------------------------------------------------------------------------------- */

static void test_a_sources_own_errors_keep_their_meaning_and_place(void **unused)
{
  (void)unused;
  static const struct {
    tarazu_status status;
    exit_status exit;
  } cases[] = {{TARAZU_BAD_PARAMETER, EXIT_PROFILE}, {TARAZU_BAD_DATA, EXIT_DATA},       {TARAZU_NUMERIC, EXIT_DATA},
               {TARAZU_NO_MEMORY, EXIT_INTERNAL},    {TARAZU_CANCELLED, EXIT_CANCELLED}, {TARAZU_INTERNAL, EXIT_PLUGIN},
               {TARAZU_NO_RESULT, EXIT_PLUGIN}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    memory *orders = orders_new();
    orders->fails = cases[i].status;
    expect(orders, "amount", TARAZU_F64, cases[i].exit, "table 'orders': made to fail");
    orders->fails = TARAZU_OK;
    orders->plan_fails = cases[i].status;
    orders->plan_item = 0;
    expect(orders, "amount", TARAZU_F64, cases[i].exit, "profile.yaml:7:5: error: table 'orders': made to fail");
    orders->plan_item = -2;
    expect(orders, "amount", TARAZU_F64, cases[i].exit, "profile.yaml:3:1: error: table 'orders': made to fail");
    memory_free(orders);
  }
}

static int stop(void *argument, double done)
{
  (void)argument;
  assert_true(done >= 0 && done <= 1);
  return 0;
}

static void test_cancelling_stops_the_reading(void **unused)
{
  (void)unused;
  memory *orders = orders_new();
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
  outcome got = {.strings = dictionary_new(), .problems = problems_new()};
  load_options options = {.pool = pool_new(2), .progress = stop};
  assert_false(tables_load(&loaded, 1, &options, &got.people, got.strings, got.problems));
  assert_int_equal(problems_status(got.problems), EXIT_CANCELLED);
  pool_free(options.pool);
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

static void test_what_needs_dates_or_keys_says_so(void **unused)
{
  (void)unused;
  memory *orders = orders_new();
  want wants[] = {{.as = {.name = "first", .expression = "amount", .aggregate = TARAZU_FIRST}},
                  {.as = {.name = "recent", .aggregate = TARAZU_COUNT, .windowed = 1}}};
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", NULL);
  loaded.wants = wants;
  loaded.want_count = 2;
  outcome got = memory_load(&loaded, 1, 1, NULL);
  assert_int_equal(problems_status(got.problems), EXIT_PROFILE);
  assert_int_equal(problems_errors(got.problems), 2);
  assert_non_null(strstr(text_string(&got.told), "'first' needs dates"));
  outcome_free(&got, &loaded, 1);
  loaded = memory_table(orders, "orders", TARAZU_EDGES, "customer", NULL);
  got = memory_load(&loaded, 1, 1, NULL);
  assert_int_equal(problems_status(got.problems), EXIT_PROFILE);
  outcome_free(&got, &loaded, 1);
  want sum = {.as = {.name = "labels", .expression = "label", .aggregate = TARAZU_SUM}};
  loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
  loaded.wants = &sum;
  loaded.want_count = 1;
  got = memory_load(&loaded, 1, 1, NULL);
  assert_int_equal(problems_status(got.problems), EXIT_PROFILE);
  assert_non_null(strstr(text_string(&got.told), "'labels' holds texts, which cannot be added up"));
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

static void test_sums_beyond_doubles_name_the_customer(void **unused)
{
  (void)unused;
  memory *orders = orders_new();
  for (int i = 0; i < ROWS; i++) orders->columns[2].cells[i].real = i % 3 == 1 ? 1e308 : 1;
  want sum = {.as = {.name = "revenue", .expression = "amount", .type = TARAZU_F64, .aggregate = TARAZU_SUM}};
  table loaded = memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at");
  loaded.wants = &sum;
  loaded.want_count = 1;
  outcome got = memory_load(&loaded, 1, 2, NULL);
  assert_int_equal(problems_status(got.problems), EXIT_DATA);
  assert_non_null(strstr(text_string(&got.told), "customer 'bob': the sum of 'revenue' is beyond what doubles hold"));
  outcome_free(&got, &loaded, 1);
  memory_free(orders);
}

static void test_an_empty_table_is_warned_of(void **unused)
{
  (void)unused;
  memory *orders = orders_new(), *none = memory_new(0);
  memory_add(none, "customer", TARAZU_I64);
  memory_add(none, "amount", TARAZU_F64);
  want wants[] = {{.as = {.name = "amount", .expression = "amount"}},
                  {.as = {.name = "most", .expression = "amount", .aggregate = TARAZU_MAX}}};
  const uint32_t chosen[] = {0};
  want_set set = {.count = 1, .wants = chosen};
  table tables[] = {memory_table(orders, "orders", TARAZU_EVENTS, "customer", "at"),
                    memory_table(none, "visits", TARAZU_EVENTS, "customer", NULL)};
  tables[1].wants = wants;
  tables[1].want_count = 2;
  tables[1].sets = &set;
  tables[1].set_count = 1;
  outcome got = memory_load(tables, 2, 2, NULL);
  assert_true(got.good);
  assert_int_equal(problems_warnings(got.problems), 1);
  assert_non_null(strstr(problems_warning(got.problems, 0), "table 'visits' has no row"));
  assert_int_equal(wants[1].column.nulls, 3);
  assert_int_equal(set.rows, 0);
  assert_int_equal(set.offsets[3], 0);
  outcome_free(&got, tables, 2);
  memory_free(orders);
  memory_free(none);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_not_finite_is_told_with_its_customer_and_line),
      cmocka_unit_test(test_values_of_another_type_are_told),
      cmocka_unit_test(test_texts_must_be_utf8),
      cmocka_unit_test(test_a_customer_without_a_key_is_an_error_only_where_customers_are_told),
      cmocka_unit_test(test_chunks_that_break_the_contract_are_the_plugins_fault),
      cmocka_unit_test(test_a_sources_own_errors_keep_their_meaning_and_place),
      cmocka_unit_test(test_cancelling_stops_the_reading),
      cmocka_unit_test(test_what_needs_dates_or_keys_says_so),
      cmocka_unit_test(test_sums_beyond_doubles_name_the_customer),
      cmocka_unit_test(test_an_empty_table_is_warned_of),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
