/* Arrow in and out: hand-made arrays of every type, with offsets, bitmaps that begin within a byte, and slices. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/arrow.h"

/* ---- streams made by hand ------------------------------------------------------------------------------------ */

typedef struct made {
  const char *name, *format;
  const char *strings_format; /* of a dictionary; NULL: none */
  struct ArrowArray array;
} made;

typedef struct hand {
  made *columns;
  int count;
  int64_t rows, offset; /* of the batch itself */
  int batches, given;
  int schemas, arrays, streams; /* still to be released */
  const char *fails;
} hand;

static void release_schema(struct ArrowSchema *schema)
{
  for (int64_t i = 0; i < schema->n_children; i++) {
    free(schema->children[i]->dictionary);
    free(schema->children[i]);
  }
  free(schema->children);
  ((hand *)schema->private_data)->schemas--;
  schema->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  hand *self = stream->private_data;
  self->schemas++;
  *out =
      (struct ArrowSchema){.format = "+s", .n_children = self->count, .release = release_schema, .private_data = self};
  out->children = calloc((size_t)self->count + 1, sizeof(struct ArrowSchema *));
  for (int i = 0; i < self->count; i++) {
    out->children[i] = calloc(1, sizeof *out->children[i]);
    *out->children[i] = (struct ArrowSchema){.format = self->columns[i].format, .name = self->columns[i].name};
    if (!self->columns[i].strings_format) continue;
    out->children[i]->dictionary = calloc(1, sizeof(struct ArrowSchema));
    out->children[i]->dictionary->format = self->columns[i].strings_format;
  }
  return 0;
}

static void release_array(struct ArrowArray *array)
{
  free(array->children);
  ((hand *)array->private_data)->arrays--;
  array->release = NULL;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  hand *self = stream->private_data;
  *out = (struct ArrowArray){0};
  if (self->fails) return 5;
  if (self->given++ >= self->batches) return 0;
  static const void *no_buffers[1];
  self->arrays++;
  *out = (struct ArrowArray){.length = self->rows,
                             .offset = self->offset,
                             .n_buffers = 1,
                             .buffers = no_buffers,
                             .n_children = self->count,
                             .release = release_array,
                             .private_data = self};
  out->children = calloc((size_t)self->count + 1, sizeof(struct ArrowArray *));
  for (int i = 0; i < self->count; i++) out->children[i] = &self->columns[i].array;
  return 0;
}

static const char *last_error(struct ArrowArrayStream *stream)
{
  return ((hand *)stream->private_data)->fails;
}

static void release_stream(struct ArrowArrayStream *stream)
{
  ((hand *)stream->private_data)->streams--;
  stream->release = NULL;
}

static arrow_source *take(hand *self, tarazu_error *error)
{
  *error = (tarazu_error){.size = sizeof *error, .row = -1, .param = -1, .item = -1};
  self->streams = 1;
  self->given = 0;
  struct ArrowArrayStream stream = {get_schema, get_next, last_error, release_stream, self};
  arrow_source *source = arrow_source_new(&stream, error);
  assert_int_equal(self->streams, 0);
  return source;
}

static void give_back(hand *self, arrow_source *source)
{
  arrow_source_free(source);
  assert_int_equal(self->schemas, 0);
  assert_int_equal(self->arrays, 0);
}

/* Reads one column of all parts, in order; calls check for each row. */
typedef void row_check(const tarazu_column *got, int64_t row, int64_t number);

static int64_t read_column(arrow_source *source, const char *name, uint32_t threads, row_check *check)
{
  const tarazu_source *interface = arrow_source_interface();
  tarazu_want want = {.expression = name};
  tarazu_request request = {.size = sizeof request,
                            .threads = threads,
                            .until = INT64_MAX,
                            .until_civil = INT64_MAX,
                            .wants = {&want, 1, sizeof want}};
  tarazu_error error = {.size = sizeof error};
  void *reader;
  uint32_t parts;
  int64_t number = 0;
  assert_int_equal(interface->open(source, &request, &reader, &parts, &error), TARAZU_OK);
  for (uint32_t p = 0; p < parts; p++)
    for (const tarazu_chunk *chunk;;) {
      assert_int_equal(interface->read(source, reader, p, &chunk, &error), TARAZU_OK);
      if (!chunk) break;
      assert_int_equal(chunk->column_count, 1);
      assert_int_equal(chunk->first_line, number + 1);
      for (int64_t i = 0; i < chunk->rows; i++) check(chunk->columns[0], i, number++);
    }
  interface->close(source, reader);
  return number;
}

/* ---- every type --------------------------------------------------------------------------------------------- */

/* Values 0 .. 9 of which a batch of 6 begins at the batch's offset 1 and the array's offset 2: rows 3 .. 8. Row 4 is
 * null. */
enum { FIRST = 3, COUNT = 6, NULL_ROW = 4 };
static const uint8_t bitmap[] = {0xef, 0x03};
static uint32_t expected_type;
static double expected[16];
static int64_t expected_micros[16];

static void check_value(const tarazu_column *got, int64_t row, int64_t number)
{
  int64_t at = FIRST + number % COUNT;
  assert_int_equal(got->type, expected_type);
  assert_int_equal(tarazu_is_valid(got, row), at != NULL_ROW);
  if (at == NULL_ROW) return;
  switch (got->type) {
  case TARAZU_F64: assert_true(((const double *)got->values)[row] == expected[at]); break;
  case TARAZU_BOOL: assert_int_equal(((const uint8_t *)got->values)[row], (int)expected[at]); break;
  case TARAZU_I64: assert_int_equal(((const int64_t *)got->values)[row], (int64_t)expected[at]); break;
  default: assert_int_equal(((const int64_t *)got->values)[row], expected_micros[at]); break;
  }
}

static void check_type(const char *format, const void *values, uint32_t type)
{
  const void *buffers[] = {bitmap, values};
  made columns[] = {
      {"v", format, NULL, {.length = 8, .null_count = 1, .offset = 2, .n_buffers = 2, .buffers = buffers}}};
  hand stream = {.columns = columns, .count = 1, .rows = COUNT, .offset = 1, .batches = 3};
  tarazu_error error;
  arrow_source *source = take(&stream, &error);
  assert_non_null(source);
  expected_type = type;
  for (uint32_t threads = 1; threads < 5; threads++)
    assert_int_equal(read_column(source, "v", threads, check_value), 3 * COUNT);
  give_back(&stream, source);
}

#define CHECK_NUMBERS(format, type, ...)                                           \
  do {                                                                             \
    static const type values[10] = {__VA_ARGS__};                                  \
    for (int i = 0; i < 10; i++) expected[i] = (double)values[i];                  \
    check_type(format, values, strchr("fg", *(format)) ? TARAZU_F64 : TARAZU_I64); \
  } while (0)

static void test_numbers_of_every_width(void **unused)
{
  (void)unused;
  CHECK_NUMBERS("c", int8_t, 0, 1, 2, -128, 4, 127, -1, 7, 8, 9);
  CHECK_NUMBERS("C", uint8_t, 0, 1, 2, 255, 4, 128, 0, 7, 8, 9);
  CHECK_NUMBERS("s", int16_t, 0, 1, 2, -32768, 4, 32767, -1, 7, 8, 9);
  CHECK_NUMBERS("S", uint16_t, 0, 1, 2, 65535, 4, 32768, 0, 7, 8, 9);
  CHECK_NUMBERS("i", int32_t, 0, 1, 2, INT32_MIN, 4, INT32_MAX, -1, 7, 8, 9);
  CHECK_NUMBERS("I", uint32_t, 0, 1, 2, UINT32_MAX, 4, 5, 6, 7, 8, 9);
  CHECK_NUMBERS("l", int64_t, 0, 1, 2, -(INT64_C(1) << 53), 4, INT64_C(1) << 53, -1, 7, 8, 9);
  CHECK_NUMBERS("L", uint64_t, 0, 1, 2, UINT64_C(1) << 53, 4, 5, 6, 7, 8, 9);
  CHECK_NUMBERS("f", float, 0, 1, 2, 0.1f, 4, -1.5f, 1e38f, 7, 8, 9);
  CHECK_NUMBERS("g", double, 0, 1, 2, 0.1, 4, -1.5, 1e308, 7, 8, 9);
}

static void test_half_floats(void **unused)
{
  (void)unused;
  /* IEEE 754: 1, -2, the largest, the smallest subnormal, the smallest normal */
  static const uint16_t halves[10] = {0, 0, 0, 0x3c00, 0, 0xc000, 0x7bff, 0x0001, 0x0400, 0};
  static const double values[10] = {0, 0, 0, 1, 0, -2, 65504, 0x1p-24, 0x1p-14, 0};
  memcpy(expected, values, sizeof values);
  check_type("e", halves, TARAZU_F64);
}

static void test_truth_values_come_from_bits(void **unused)
{
  (void)unused;
  static const uint8_t bits[] = {0xa8, 0x01};
  for (int i = 0; i < 10; i++) expected[i] = bits[i / 8] >> (i % 8) & 1;
  check_type("b", bits, TARAZU_BOOL);
}

static void test_dates_and_moments_of_every_unit(void **unused)
{
  (void)unused;
  static const int32_t days[10] = {0, 1, 2, -1, 4, 16000, 6, 7, 8, 9};
  for (int i = 0; i < 10; i++) expected_micros[i] = days[i] * INT64_C(86400000000);
  check_type("tdD", days, TARAZU_CIVIL);
  static const int64_t moments[10] = {0, 1, 2, -1, 4, 1700000000, -1001, 999, -999, 9};
  static const struct {
    const char *format;
    uint32_t type;
    int64_t times, over;
  } units[] = {{"tss:", TARAZU_CIVIL, 1000000, 1}, {"tss:UTC", TARAZU_TIME, 1000000, 1},
               {"tsm:", TARAZU_CIVIL, 1000, 1},    {"tsm:Asia/Tehran", TARAZU_TIME, 1000, 1},
               {"tsu:", TARAZU_CIVIL, 1, 1},       {"tsu:+03:30", TARAZU_TIME, 1, 1},
               {"tsn:", TARAZU_CIVIL, 1, 1000},    {"tsn:UTC", TARAZU_TIME, 1, 1000},
               {"tdm", TARAZU_CIVIL, 1000, 1}};
  for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
    for (int i = 0; i < 10; i++) {
      int64_t micros = moments[i] * units[u].times / units[u].over;
      if (moments[i] < 0 && moments[i] % units[u].over) micros--; /* down, also before 1970 */
      expected_micros[i] = micros;
    }
    check_type(units[u].format, moments, units[u].type);
  }
}

static void test_decimals_become_the_nearest_doubles(void **unused)
{
  (void)unused;
  static const struct {
    uint64_t low, high;
    const char *text;
  } decimals[10] = {{0, 0, "0"},
                    {0, 0, "0"},
                    {0, 0, "0"},
                    {1990, 0, "19.90"},
                    {0, 0, "0"},
                    {(uint64_t)-1, (uint64_t)-1, "-0.01"},
                    {UINT64_C(12345678901234567890), 0, "123456789012345678.90"},
                    {0, 1, "184467440737095516.16"},
                    {10, 0, "0.1"},
                    {0, 0, "0"}};
  uint64_t values[20];
  for (int i = 0; i < 10; i++) {
    values[2 * i] = decimals[i].low;
    values[2 * i + 1] = decimals[i].high;
    expected[i] = strtod(decimals[i].text, NULL);
  }
  check_type("d:38,2", values, TARAZU_F64);
  check_type("d:38,2,128", values, TARAZU_F64);
  for (int i = 0; i < 10; i++) {
    char shifted[64];
    snprintf(shifted, sizeof shifted, "%se5", decimals[i].text);
    expected[i] = strtod(shifted, NULL);
  }
  check_type("d:38,-3", values, TARAZU_F64);
}

/* ---- texts -------------------------------------------------------------------------------------------------- */

static const char *const words[] = {"zero", "", "two", "drei", "", "fünf", "六", "seven", "8", "nine"};

static void check_word(const tarazu_column *got, int64_t row, int64_t number)
{
  int64_t at = FIRST + number % COUNT;
  assert_int_equal(got->type, TARAZU_TEXT);
  assert_int_equal(tarazu_is_valid(got, row), at != NULL_ROW);
  if (at == NULL_ROW) return;
  int64_t code = got->values ? ((const int32_t *)got->values)[row] : row;
  assert_in_range((uint64_t)code, 0, got->dictionary->count - 1);
  const int64_t *offset = &got->dictionary->offsets[code];
  assert_int_equal(offset[1] - offset[0], strlen(words[at]));
  assert_memory_equal(got->dictionary->bytes + offset[0], words[at], strlen(words[at]));
}

static void check_texts(made *text)
{
  hand stream = {.columns = text, .count = 1, .rows = COUNT, .offset = 1, .batches = 2};
  tarazu_error error;
  arrow_source *source = take(&stream, &error);
  assert_non_null(source);
  assert_int_equal(read_column(source, text->name, 2, check_word), 2 * COUNT);
  give_back(&stream, source);
}

static void test_texts_plain_large_and_by_codes_of_any_width(void **unused)
{
  (void)unused;
  char bytes[100] = "";
  int32_t small[12] = {0};
  int64_t large[12] = {0};
  for (int i = 0; i < 10; i++) {
    strcat(bytes, words[i]);
    small[i + 1] = (int32_t)strlen(bytes);
    large[i + 1] = small[i + 1];
  }
  const void *plain[] = {bitmap, small, bytes}, *wide[] = {bitmap, large, bytes};
  made text = {"v", "u", NULL, {.length = 8, .null_count = 1, .offset = 2, .n_buffers = 3, .buffers = plain}};
  check_texts(&text);
  text.format = "U";
  text.array.buffers = wide;
  check_texts(&text);
  /* A dictionary that is a slice of one string: row i has code i, string i at offset i. */
  struct ArrowArray strings = {
      .length = 9, .offset = 1, .n_buffers = 3, .buffers = (const void *[]){NULL, small, bytes}};
  struct ArrowArray large_strings = strings;
  large_strings.buffers = (const void *[]){NULL, large, bytes};
  static const int8_t bytes_codes[] = {0, 0, 1, 2, -9, 4, 5, 6, 7, 8};
  static const uint16_t short_codes[] = {0, 0, 1, 2, 999, 4, 5, 6, 7, 8};
  static const uint64_t long_codes[] = {0, 0, 1, 2, UINT64_MAX, 4, 5, 6, 7, 8};
  const struct {
    const char *format;
    const void *codes;
  } widths[] = {{"c", bytes_codes}, {"S", short_codes}, {"L", long_codes}};
  for (int w = 0; w < 3; w++)
    for (int is_large = 0; is_large < 2; is_large++) {
      const void *buffers[] = {bitmap, widths[w].codes};
      made coded = {"v",
                    widths[w].format,
                    is_large ? "U" : "u",
                    {.length = 8,
                     .null_count = 1,
                     .offset = 2,
                     .n_buffers = 2,
                     .buffers = buffers,
                     .dictionary = is_large ? &large_strings : &strings}};
      check_texts(&coded);
    }
  /* The null is in the dictionary: string 3 of it. */
  static const uint8_t string_bitmap[] = {0xef, 0xff};
  static const int8_t codes[] = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  strings.buffers = (const void *[]){string_bitmap, small, bytes};
  strings.null_count = 1;
  made null_inside = {
      "v",
      "c",
      "u",
      {.length = 8, .offset = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, codes}, .dictionary = &strings}};
  check_texts(&null_inside);
}

/* ---- the source --------------------------------------------------------------------------------------------- */

static void expect_no_source(hand *stream, const char *reason)
{
  tarazu_error error;
  assert_null(take(stream, &error));
  assert_non_null(strstr(error.message, reason));
  give_back(stream, NULL);
}

static void test_streams_that_fail_or_do_not_match_are_refused_and_released(void **unused)
{
  (void)unused;
  int64_t values[] = {1, 2, 3};
  const void *buffers[] = {NULL, values};
  made good = {"v", "l", NULL, {.length = 3, .n_buffers = 2, .buffers = buffers}};
  hand stream = {.columns = &good, .count = 1, .rows = 3, .batches = 1, .fails = "no more paper"};
  expect_no_source(&stream, "no more paper");
  stream.fails = NULL;
  stream.rows = 4;
  expect_no_source(&stream, "column 'v' of an Arrow batch does not match");
  stream.rows = 3;
  stream.offset = 1;
  expect_no_source(&stream, "column 'v'");
  stream.offset = 0;
  good.array.n_buffers = 3;
  expect_no_source(&stream, "column 'v'");
  good.array.n_buffers = 2;
  good.array.offset = -1;
  expect_no_source(&stream, "column 'v'");
}

static tarazu_status try_read(arrow_source *source, const char *name, tarazu_error *error)
{
  const tarazu_source *interface = arrow_source_interface();
  tarazu_want want = {.expression = name};
  tarazu_request request = {.size = sizeof request, .wants = {&want, 1, sizeof want}};
  *error = (tarazu_error){.size = sizeof *error};
  void *reader = NULL;
  uint32_t parts;
  const tarazu_chunk *chunk;
  tarazu_status status = interface->open(source, &request, &reader, &parts, error);
  if (status == TARAZU_OK) status = interface->read(source, reader, 0, &chunk, error);
  interface->close(source, reader);
  return status;
}

static void test_values_beyond_our_types_are_told(void **unused)
{
  (void)unused;
  static const uint64_t unsigned_values[] = {1, UINT64_MAX};
  static const int64_t moments[] = {0, INT64_MAX};
  static const int32_t backwards[] = {0, 5, 2};
  static const int8_t codes[] = {0, 3};
  static const int32_t offsets[] = {0, 1, 2, 3};
  struct ArrowArray strings = {.length = 3, .n_buffers = 3, .buffers = (const void *[]){NULL, offsets, "abc"}};
  made columns[] = {
      {"unsigned", "L", NULL, {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, unsigned_values}}},
      {"moments", "tss:", NULL, {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, moments}}},
      {"backwards", "u", NULL, {.length = 2, .n_buffers = 3, .buffers = (const void *[]){NULL, backwards, "abcde"}}},
      {"codes",
       "c",
       "u",
       {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, codes}, .dictionary = &strings}},
      {"list", "+l", NULL, {.length = 2}},
  };
  static const char *const reasons[] = {"beyond 2^63 - 1", "a date out of range", "run backwards",
                                        "index out of range"};
  hand stream = {.columns = columns, .count = 5, .rows = 2, .batches = 1};
  tarazu_error error;
  arrow_source *source = take(&stream, &error);
  assert_non_null(source);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(try_read(source, columns[i].name, &error), TARAZU_BAD_DATA);
    assert_non_null(strstr(error.message, reasons[i]));
    assert_non_null(strstr(error.message, columns[i].name));
  }
  assert_int_equal(try_read(source, "list", &error), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(error.message, "'+l'"));
  assert_int_equal(try_read(source, "absent", &error), TARAZU_BAD_PARAMETER);
  assert_int_equal(error.item, 0);
  give_back(&stream, source);
}

static void test_the_plan_knows_columns_and_leaves_aggregates_to_the_host(void **unused)
{
  (void)unused;
  static const double reals[] = {1, 2};
  static const int64_t whole[] = {1, 2};
  made columns[] = {{"r", "g", NULL, {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, reals}}},
                    {"k", "l", NULL, {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, whole}}},
                    {"t", "tsu:", NULL, {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, whole}}}};
  hand stream = {.columns = columns, .count = 3, .rows = 2, .batches = 1};
  tarazu_error error;
  arrow_source *source = take(&stream, &error);
  const tarazu_source *interface = arrow_source_interface();
  tarazu_list described;
  assert_int_equal(interface->describe(source, NULL, &described, &error), TARAZU_OK);
  assert_int_equal(described.count, 3);
  assert_string_equal(((const tarazu_source_column *)tarazu_at(&described, 2))->declared, "tsu:");
  assert_int_equal(((const tarazu_source_column *)tarazu_at(&described, 2))->type, TARAZU_CIVIL);
  tarazu_want sum = {.expression = "r", .aggregate = TARAZU_SUM};
  tarazu_request request = {.size = sizeof request, .keys = {"k", NULL}, .time = "t", .wants = {&sum, 1, sizeof sum}};
  assert_int_equal(interface->plan(source, &request, &error), TARAZU_NO_RESULT);
  request.keys[0] = "r";
  assert_int_equal(interface->plan(source, &request, &error), TARAZU_BAD_PARAMETER);
  assert_int_equal(error.item, -3);
  request.keys[0] = request.keys[1] = "k";
  request.time = "k";
  assert_int_equal(interface->plan(source, &request, &error), TARAZU_BAD_PARAMETER);
  assert_int_equal(error.item, -5);
  request.where = "r > 1";
  assert_int_equal(interface->plan(source, &request, &error), TARAZU_BAD_PARAMETER);
  assert_int_equal(error.item, -2);
  give_back(&stream, source);
}

static void test_rows_after_the_end_are_left_out(void **unused)
{
  (void)unused;
  static const int64_t times[] = {5, 1, 9, 3, 7, 3};
  static const uint8_t there[] = {0x37}; /* row 3 has no date */
  static const int32_t offsets[] = {0, 1, 2, 3, 4, 5, 6};
  made columns[] = {
      {"t", "tsu:UTC", NULL, {.length = 6, .null_count = 1, .n_buffers = 2, .buffers = (const void *[]){there, times}}},
      {"k", "u", NULL, {.length = 6, .n_buffers = 3, .buffers = (const void *[]){NULL, offsets, "abcdef"}}}};
  hand stream = {.columns = columns, .count = 2, .rows = 6, .batches = 1};
  tarazu_error error;
  arrow_source *source = take(&stream, &error);
  const tarazu_source *interface = arrow_source_interface();
  tarazu_request request = {.size = sizeof request, .keys = {"k", NULL}, .time = "t", .until = 5, .until_civil = 0};
  void *reader;
  uint32_t parts;
  const tarazu_chunk *chunk;
  assert_int_equal(interface->open(source, &request, &reader, &parts, &error), TARAZU_OK);
  assert_int_equal(parts, 1);
  assert_int_equal(interface->read(source, reader, 0, &chunk, &error), TARAZU_OK);
  assert_int_equal(chunk->rows, 4);
  assert_int_equal(chunk->bytes[1], 32);
  static const char kept[] = "abdf";
  for (int i = 0; i < 4; i++) {
    const tarazu_column *key = chunk->columns[0];
    int64_t code = ((const int32_t *)key->values)[i];
    assert_int_equal(key->dictionary->bytes[key->dictionary->offsets[code]], kept[i]);
    assert_int_equal(tarazu_is_valid(chunk->columns[1], i), i != 2);
  }
  interface->close(source, reader);
  give_back(&stream, source);
}

static void test_the_fingerprint_is_of_values_not_of_what_lies_under_nulls(void **unused)
{
  (void)unused;
  int64_t values[] = {1, 2, 3};
  uint8_t there[] = {0x05};
  made columns[] = {
      {"v", "l", NULL, {.length = 3, .null_count = 1, .n_buffers = 2, .buffers = (const void *[]){there, values}}}};
  hand stream = {.columns = columns, .count = 1, .rows = 3, .batches = 1};
  char digits[4][65];
  for (int i = 0; i < 4; i++) {
    if (i == 1) values[1] = 77; /* a null's */
    if (i == 2) values[2] = 4;
    if (i == 3) columns[0].name = "w";
    tarazu_error error;
    arrow_source *source = take(&stream, &error);
    assert_int_equal(arrow_source_interface()->fingerprint(source, NULL, digits[i], &error), TARAZU_OK);
    give_back(&stream, source);
  }
  assert_string_equal(digits[0], digits[1]);
  assert_string_not_equal(digits[1], digits[2]);
  assert_string_not_equal(digits[2], digits[3]);
}

/* ---- out, and in again -------------------------------------------------------------------------------------- */

enum { OUT = 29 };
static column out_columns[5];

static void check_out(const tarazu_column *got, int64_t row, int64_t number)
{
  const column *sent = NULL;
  for (int c = 0; c < 5; c++)
    if (out_columns[c].type == got->type) sent = &out_columns[c];
  assert_non_null(sent);
  assert_int_equal(tarazu_is_valid(got, row), column_is_valid(sent, number));
  if (!column_is_valid(sent, number)) return;
  size_t width = column_width(sent->type);
  assert_memory_equal((const char *)got->values + (size_t)row * width, (char *)sent->values + (size_t)number * width,
                      width);
  if (got->type == TARAZU_TEXT) assert_int_equal(got->dictionary->count, sent->dictionary->count);
}

static void count_release(void *argument)
{
  ++*(int *)argument;
}

static void test_columns_go_out_and_come_in_the_same(void **unused)
{
  (void)unused;
  static const uint32_t types[] = {TARAZU_F64, TARAZU_I64, TARAZU_BOOL, TARAZU_TIME, TARAZU_TEXT};
  static const int64_t offsets[] = {0, 1, 3, 3, 6};
  tarazu_dictionary strings = {sizeof strings, 4, offsets, "abbccc"};
  arrow_field fields[5];
  static const char *const names[] = {"f", "i", "b", "t", "s"};
  for (int c = 0; c < 5; c++) {
    column *made_column = &out_columns[c];
    assert_true(column_new(made_column, types[c], OUT, c != 1));
    for (int64_t i = 0; i < OUT; i++) {
      if (c != 1 && (i * 7 + c) % 5 == 0) made_column->valid[i / 8] &= (uint8_t) ~(1u << (i % 8));
      if (types[c] == TARAZU_F64) ((double *)made_column->values)[i] = (double)i / 3;
      else if (types[c] == TARAZU_BOOL) ((uint8_t *)made_column->values)[i] = i % 3 == 0;
      else if (types[c] == TARAZU_TEXT) ((int32_t *)made_column->values)[i] = (int32_t)(i % 4);
      else ((int64_t *)made_column->values)[i] = i * 1000003 - 5;
    }
    if (types[c] == TARAZU_TEXT) made_column->dictionary = &strings;
    fields[c] = (arrow_field){names[c], made_column};
  }
  static const int64_t sizes[] = {1, 3, 8, 11, OUT, 1000, 0};
  for (int s = 0; s < 7; s++) {
    int released = 0;
    struct ArrowArrayStream stream;
    assert_true(arrow_export(fields, 5, OUT, sizes[s], &stream, count_release, &released));
    tarazu_error error = {.size = sizeof error};
    arrow_source *source = arrow_source_new(&stream, &error);
    assert_non_null(source);
    assert_int_equal(released, 0); /* its batches still use the columns */
    for (int c = 0; c < 5; c++) assert_int_equal(read_column(source, names[c], 3, check_out), OUT);
    arrow_source_free(source);
    assert_int_equal(released, 1);
  }
  for (int c = 0; c < 5; c++) column_free(&out_columns[c]);
}

static void test_a_child_may_be_moved_away_from_its_batch(void **unused)
{
  (void)unused;
  column reals;
  int released = 0;
  assert_true(column_new(&reals, TARAZU_F64, 10, 0));
  ((double *)reals.values)[7] = 7.5;
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray batch, child, end;
  assert_true(arrow_export(&(arrow_field){"r", &reals}, 1, 10, 5, &stream, count_release, &released));
  assert_int_equal(stream.get_schema(&stream, &schema), 0);
  assert_string_equal(schema.format, "+s");
  assert_string_equal(schema.children[0]->name, "r");
  assert_string_equal(schema.children[0]->format, "g");
  assert_int_equal(stream.get_next(&stream, &batch), 0);
  batch.release(&batch);
  assert_int_equal(stream.get_next(&stream, &batch), 0);
  child = *batch.children[0];
  batch.children[0]->release = NULL;
  batch.release(&batch);
  assert_int_equal(stream.get_next(&stream, &end), 0);
  assert_null(end.release);
  stream.release(&stream);
  assert_int_equal(released, 0);
  assert_true(((const double *)child.buffers[1])[child.offset + 2] == 7.5);
  child.release(&child);
  assert_int_equal(released, 1);
  schema.release(&schema);
  column_free(&reals);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers_of_every_width),
      cmocka_unit_test(test_half_floats),
      cmocka_unit_test(test_truth_values_come_from_bits),
      cmocka_unit_test(test_dates_and_moments_of_every_unit),
      cmocka_unit_test(test_decimals_become_the_nearest_doubles),
      cmocka_unit_test(test_texts_plain_large_and_by_codes_of_any_width),
      cmocka_unit_test(test_streams_that_fail_or_do_not_match_are_refused_and_released),
      cmocka_unit_test(test_values_beyond_our_types_are_told),
      cmocka_unit_test(test_the_plan_knows_columns_and_leaves_aggregates_to_the_host),
      cmocka_unit_test(test_rows_after_the_end_are_left_out),
      cmocka_unit_test(test_the_fingerprint_is_of_values_not_of_what_lies_under_nulls),
      cmocka_unit_test(test_columns_go_out_and_come_in_the_same),
      cmocka_unit_test(test_a_child_may_be_moved_away_from_its_batch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
