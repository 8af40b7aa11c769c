/* Chunks laid out as bytes: what goes in comes out; what is cut short or altered leads nowhere outside. */
#include "isolate/packed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/chunk.h"
#include "data/column.h"

/* Three rows: a text key by codes, a text key of its own strings, reals with a null. */
static const int64_t offsets[] = {2, 3, 3, 6}, straight[] = {0, 1, 2, 3};
static const tarazu_dictionary words = {.size = sizeof words, .count = 3, .offsets = offsets, .bytes = "..abcd"};
static const tarazu_dictionary letters = {.size = sizeof letters, .count = 3, .offsets = straight, .bytes = "xyz"};
static const int32_t codes[] = {2, 0, 1};
static const double reals[] = {1.5, 0, -2};
static const uint8_t valid[] = {5};
static const tarazu_column columns[] = {
    {.size = sizeof columns[0], .type = TARAZU_TEXT, .values = codes, .dictionary = &words},
    {.size = sizeof columns[0], .type = TARAZU_TEXT, .dictionary = &letters},
    {.size = sizeof columns[0], .type = TARAZU_F64, .values = reals, .valid = valid}};
static const tarazu_column *const pointers[] = {&columns[0], &columns[1], &columns[2]};
static const int64_t bytes[] = {sizeof codes, 0, sizeof reals};
static const tarazu_chunk chunk = {
    .size = sizeof chunk, .column_count = 3, .rows = 3, .first_line = 7, .columns = pointers, .bytes = bytes};
static const chunk_shape shape = {.key_count = 2, .others = 1};

static char *packed(size_t *count)
{
  *count = packed_put(&chunk, NULL, 0);
  char *out = malloc(*count);
  assert_int_equal(packed_put(&chunk, out, *count), *count);
  return out;
}

/* Every byte that a reader of the chunk would look at; under the sanitizer a read outside is one. */
static uint64_t look_at(const tarazu_chunk *of)
{
  char why[160];
  uint64_t sum = 0;
  if (!chunk_check(of, &shape, why)) return 0;
  for (uint32_t c = 0; c < of->column_count; c++)
    for (int64_t row = 0; row < of->rows; row++) {
      const tarazu_column *cells = of->columns[c];
      const char *string;
      size_t length;
      if (!tarazu_is_valid(cells, row)) continue;
      if (cells->type != TARAZU_TEXT) sum += ((const uint8_t *)cells->values)[(size_t)row * column_width(cells->type)];
      else if (chunk_text(cells, row, &string, &length))
        for (size_t i = 0; i < length; i++) sum += (uint8_t)string[i];
    }
  return sum + 1;
}

static void test_a_chunk_comes_back(void **state)
{
  size_t count, length;
  char *laid = packed(&count);
  packed_chunk view = {0};
  const char *string;
  (void)state;
  assert_null(packed_view(&view, laid, count));
  assert_int_equal(view.chunk.rows, 3);
  assert_int_equal(view.chunk.first_line, 7);
  assert_int_equal(view.chunk.column_count, 3);
  assert_memory_equal(view.chunk.bytes, bytes, sizeof bytes);
  assert_memory_equal(view.columns[2].values, reals, sizeof reals);
  assert_true(tarazu_is_valid(&view.columns[2], 0) && !tarazu_is_valid(&view.columns[2], 1));
  assert_null(view.columns[0].valid);
  assert_true(chunk_text(&view.columns[0], 0, &string, &length));
  assert_int_equal(length, 3);
  assert_memory_equal(string, "bcd", 3);
  assert_true(chunk_text(&view.columns[1], 2, &string, &length));
  assert_memory_equal(string, "z", 1);
  assert_int_equal(look_at(&view.chunk), look_at(&chunk));
  packed_free(&view);
  free(laid);
}

static void test_what_has_no_room_is_counted(void **state)
{
  size_t count;
  char *laid = packed(&count);
  (void)state;
  for (size_t room = 0; room < count; room++) {
    char *small = malloc(room + 1);
    small[room] = 17;
    assert_int_equal(packed_put(&chunk, small, room), count);
    assert_int_equal(small[room], 17);
    free(small);
  }
  free(laid);
}

static void test_what_is_cut_short_leads_nowhere(void **state)
{
  size_t count;
  char *laid = packed(&count);
  packed_chunk view = {0};
  (void)state;
  for (size_t most = 0; most < count; most++) {
    char *copy = malloc(most + 1);
    memcpy(copy, laid, most);
    if (!packed_view(&view, copy, most)) look_at(&view.chunk);
    free(copy);
  }
  assert_non_null(packed_view(&view, laid, 8));
  packed_free(&view);
  free(laid);
}

/* Any eight bytes that are a place, a count or a length, whatever they become. */
static void test_what_is_altered_leads_nowhere(void **state)
{
  static const uint64_t lies[] = {0,        1,          7,         8,          64,         1000,
                                  1u << 31, UINT32_MAX, INT64_MAX, UINT64_MAX, 1ull << 40, UINT64_MAX - 63};
  size_t count, refused = 0;
  char *laid = packed(&count);
  packed_chunk view = {0};
  (void)state;
  for (size_t at = 0; at + 8 <= count; at += 4)
    for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
      char *copy = malloc(count);
      memcpy(copy, laid, count);
      memcpy(copy + at, &lies[k], at % 8 ? 4 : 8);
      if (packed_view(&view, copy, count)) refused++;
      else look_at(&view.chunk);
      free(copy);
    }
  assert_true(refused > 100);
  packed_free(&view);
  free(laid);
}

static void test_faults_are_told(void **state)
{
  static const int64_t back[] = {0, 3, 1, 3};
  tarazu_dictionary odd = letters;
  tarazu_column names = columns[1];
  const tarazu_column *one[] = {&names};
  tarazu_chunk of = chunk;
  packed_chunk view = {0};
  char laid[4096] __attribute__((aligned(64)));
  (void)state;
  odd.offsets = back;
  names.dictionary = &odd;
  of.column_count = 1;
  of.columns = one;
  assert_string_equal(packed_view(&view, laid, packed_put(&of, laid, sizeof laid)), "strings out of order");
  of.columns = NULL;
  assert_null(packed_view(&view, laid, packed_put(&of, laid, sizeof laid)));
  assert_null(view.chunk.columns);
  of = chunk;
  of.rows = -5;
  assert_null(packed_view(&view, laid, packed_put(&of, laid, sizeof laid)));
  assert_int_equal(view.chunk.rows, -5); /* for those who check any source's chunk */
  packed_free(&view);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_chunk_comes_back), cmocka_unit_test(test_what_has_no_room_is_counted),
      cmocka_unit_test(test_what_is_cut_short_leads_nowhere), cmocka_unit_test(test_what_is_altered_leads_nowhere),
      cmocka_unit_test(test_faults_are_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
