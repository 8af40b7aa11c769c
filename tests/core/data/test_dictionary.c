/* Dictionaries: codes by first sight, one at a time or many, through all growth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data/dictionary_many.h"

enum { STRINGS = 20000 };

static size_t string_of(int i, char out[24])
{
  return (size_t)snprintf(out, 24, "%x%s", (unsigned)i * 2654435761u, i % 3 ? "" : "-tail");
}

static void check_all(const dictionary *all)
{
  assert_int_equal(dictionary_count(all), STRINGS);
  const tarazu_dictionary *view = dictionary_view(all);
  assert_int_equal(view->count, STRINGS);
  for (int i = 0; i < STRINGS; i++) {
    char bytes[24];
    size_t count = string_of(i, bytes), found;
    assert_int_equal(dictionary_find(all, bytes, count), i);
    assert_memory_equal(dictionary_string(all, i, &found), bytes, count);
    assert_int_equal(found, count);
    assert_int_equal(view->offsets[i + 1] - view->offsets[i], count);
  }
  assert_int_equal(dictionary_find(all, "never", 5), -1);
}

static void test_codes_are_by_first_sight(void **unused)
{
  (void)unused;
  dictionary *all = dictionary_new();
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < STRINGS; i++) {
      char bytes[24];
      size_t count = string_of(i, bytes);
      assert_int_equal(dictionary_add(all, bytes, count), i);
    }
  check_all(all);
  dictionary_free(all);
}

static void test_many_at_once_are_as_one_by_one(void **unused)
{
  (void)unused;
  dictionary *all = dictionary_new();
  char bytes[DICTIONARY_MANY][24];
  dictionary_item items[DICTIONARY_MANY];
  int32_t codes[DICTIONARY_MANY];
  for (int first = 0; first < STRINGS; first += DICTIONARY_MANY / 2) {
    /* each string twice, in one call */
    size_t many = 0;
    for (int i = first; i < first + DICTIONARY_MANY / 2 && i < STRINGS; i++)
      for (int twice = 0; twice < 2; twice++, many++)
        items[many] = (dictionary_item){bytes[many], string_of(i, bytes[many])};
    assert_true(dictionary_add_many(all, items, many, codes));
    for (size_t k = 0; k < many; k++) assert_int_equal(codes[k], first + (int)k / 2);
  }
  check_all(all);
  dictionary_free(all);
}

static void test_empty_strings_zero_bytes_and_prefixes_differ(void **unused)
{
  (void)unused;
  dictionary *all = dictionary_new();
  assert_int_equal(dictionary_find(all, "", 0), -1);
  assert_int_equal(dictionary_add(all, "", 0), 0);
  assert_int_equal(dictionary_add(all, "\0", 1), 1);
  assert_int_equal(dictionary_add(all, "\0\0", 2), 2);
  assert_int_equal(dictionary_add(all, "ab", 1), 3);
  assert_int_equal(dictionary_add(all, "ab", 2), 4);
  assert_int_equal(dictionary_add(all, NULL, 0), 0);
  assert_int_equal(dictionary_find(all, "\0", 1), 1);
  dictionary_free(all);
  dictionary_free(NULL);
}

static void a_borrowed_dictionary_finds_and_never_grows(void **state)
{
  dictionary *whose = dictionary_new();
  dictionary_buffers lent;
  char word[20];
  (void)state;
  for (int i = 0; i < 500; i++) {
    int length = snprintf(word, sizeof word, "word %d", i);
    assert_int_equal(dictionary_add(whose, word, (size_t)length), i);
  }
  dictionary_lend(whose, &lent);
  dictionary *borrower = dictionary_borrow(&lent);
  assert_non_null(borrower);
  assert_int_equal(dictionary_count(borrower), 500);
  assert_int_equal(dictionary_find(borrower, "word 321", 8), 321);
  assert_int_equal(dictionary_find(borrower, "word 500", 8), -1);
  assert_int_equal(dictionary_add(borrower, "word 7", 6), 7);
  assert_int_equal(dictionary_add(borrower, "new", 3), -1);
  dictionary_free(borrower);
  assert_int_equal(dictionary_find(whose, "word 321", 8), 321);
  lent.slots++; /* a table of another size than it says */
  assert_null(dictionary_borrow(&lent));
  dictionary_free(whose);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_codes_are_by_first_sight),
      cmocka_unit_test(test_many_at_once_are_as_one_by_one),
      cmocka_unit_test(a_borrowed_dictionary_finds_and_never_grows),
      cmocka_unit_test(test_empty_strings_zero_bytes_and_prefixes_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
