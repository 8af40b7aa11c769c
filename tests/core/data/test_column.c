/* Columns: padding, nulls, windows at any row, copies of bits at any offset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/column.h"

static int bit(const uint8_t *bits, int64_t at)
{
  return bits[at >> 3] >> (at & 7) & 1;
}

static void test_new_columns_are_aligned_zeroed_and_padded(void **unused)
{
  (void)unused;
  static const uint32_t types[] = {TARAZU_F64, TARAZU_I64, TARAZU_BOOL, TARAZU_TIME, TARAZU_TEXT, TARAZU_ROW};
  for (int t = 0; t < 6; t++)
    for (int64_t rows = 0; rows < 140; rows += 7) {
      column all;
      assert_true(column_new(&all, types[t], rows, 1));
      assert_int_equal((uintptr_t)all.values % 64, 0);
      size_t bytes = (size_t)rows * column_width(types[t]);
      for (size_t i = 0; i < (bytes + 63) / 64 * 64; i++) assert_int_equal(((char *)all.values)[i], 0);
      for (int64_t i = 0; i < (rows + 511) / 512 * 512; i++) assert_int_equal(bit(all.valid, i), i < rows);
      column_free(&all);
      assert_null(all.values);
    }
  column all;
  assert_false(column_new(&all, TARAZU_F64, -1, 0));
  assert_false(column_new(&all, TARAZU_F64, INT64_MAX / 4, 1));
}

static void test_nulls_are_counted_and_a_bitmap_without_any_is_dropped(void **unused)
{
  (void)unused;
  column all;
  assert_true(column_new(&all, TARAZU_I64, 19, 1));
  all.valid[0] = 0x7e;
  all.valid[2] = 0xf9; /* beyond row 18 nothing counts */
  column_count_nulls(&all);
  assert_int_equal(all.nulls, 4);
  assert_false(column_is_valid(&all, 0));
  all.valid[0] = all.valid[2] = 0xff;
  column_count_nulls(&all);
  assert_int_equal(all.nulls, 0);
  assert_null(all.valid);
  column_free(&all);
}

static void test_bits_are_copied_from_and_to_any_place_and_no_others_touched(void **unused)
{
  (void)unused;
  uint8_t from[9], to[9], before[9];
  for (int i = 0; i < 9; i++) {
    from[i] = (uint8_t)(i * 73 + 41);
    before[i] = (uint8_t)(i * 151 + 7);
  }
  for (int from_bit = 0; from_bit < 20; from_bit++)
    for (int to_bit = 0; to_bit < 20; to_bit++)
      for (int count = 0; count <= 50; count++) {
        memcpy(to, before, sizeof to);
        bits_copy(to, to_bit, from, from_bit, count);
        for (int i = 0; i < 72; i++) {
          int inside = i >= to_bit && i < to_bit + count;
          assert_int_equal(bit(to, i), inside ? bit(from, i - to_bit + from_bit) : bit(before, i));
        }
      }
}

static void test_windows_show_the_rows_they_are_of(void **unused)
{
  (void)unused;
  column all;
  uint8_t bits[16];
  assert_true(column_new(&all, TARAZU_I64, 100, 1));
  for (int i = 0; i < 100; i++) {
    ((int64_t *)all.values)[i] = i;
    if (i % 3 == 0) all.valid[i / 8] &= (uint8_t) ~(1u << (i % 8));
  }
  for (int first = 0; first < 100; first += 3) {
    tarazu_column window = column_window(&all, first, 100 - first, bits);
    for (int i = 0; i < 100 - first; i++) {
      assert_int_equal(((const int64_t *)window.values)[i], first + i);
      assert_int_equal(tarazu_is_valid(&window, i), (first + i) % 3 != 0);
    }
  }
  column_free(&all);
}

static void test_windows_of_events_are_of_groups(void **unused)
{
  (void)unused;
  int64_t offsets[] = {0, 2, 2, 5};
  column all;
  assert_true(column_new(&all, TARAZU_F64, 5, 1));
  all.offsets = offsets;
  all.shared = 1;
  all.valid[0] = 0x17;
  tarazu_column window = column_window(&all, 1, 2, NULL);
  assert_int_equal(window.offsets[0], 2);
  assert_int_equal(window.offsets[2], 5);
  assert_ptr_equal(window.values, all.values); /* offsets count from the values, and so do the bits */
  assert_false(tarazu_is_valid(&window, 3));
  column_free(&all);
  assert_int_equal(offsets[3], 5);
}

static void a_borrowed_column_is_copied_before_it_is_written_to(void **state)
{
  column whose, other;
  (void)state;
  assert_int_equal(column_new(&whose, TARAZU_F64, 70, 1), 1);
  for (int i = 0; i < 70; i++) ((double *)whose.values)[i] = i;
  whose.valid[8] = 0x3d; /* value 65 is null */
  whose.nulls = 1;
  other = whose;
  other.shared = COLUMN_BORROWED;
  column_free(&other); /* lets the other's be */
  other = whose;
  other.shared = COLUMN_BORROWED;
  assert_int_equal(column_own(&other), 1);
  assert_ptr_not_equal(other.values, whose.values);
  ((double *)other.values)[69] = -1;
  other.valid[8] = 0;
  assert_true(((double *)whose.values)[69] == 69 && column_is_valid(&whose, 69) && !column_is_valid(&whose, 65));
  assert_true(((double *)other.values)[7] == 7 && column_is_valid(&other, 7) && !column_is_valid(&other, 69));
  const void *own = other.values;
  assert_int_equal(column_own(&other), 1);
  assert_ptr_equal(other.values, own);
  column_free(&other);
  column_free(&whose);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_new_columns_are_aligned_zeroed_and_padded),
      cmocka_unit_test(test_nulls_are_counted_and_a_bitmap_without_any_is_dropped),
      cmocka_unit_test(test_bits_are_copied_from_and_to_any_place_and_no_others_touched),
      cmocka_unit_test(test_windows_show_the_rows_they_are_of),
      cmocka_unit_test(a_borrowed_column_is_copied_before_it_is_written_to),
      cmocka_unit_test(test_windows_of_events_are_of_groups),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
