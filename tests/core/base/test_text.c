/* Text: building, JSON, shortest numbers, nearest words, UTF-8 and the columns of a terminal. */
#include "base/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the headers above
#include <cmocka.h>

static void text_grows_and_stays_terminated(void **state)
{
  (void)state;
  text out = {0};
  assert_string_equal(text_string(&out), "");
  text_add(&out, "");
  assert_non_null(out.bytes);
  assert_int_equal(out.bytes[0], 0);
  for (int i = 0; i < 5000; i++) text_addf(&out, "%d,", i % 10);
  text_add_n(&out, "xyz", 2);
  assert_int_equal(out.length, 10002);
  assert_int_equal(strlen(out.bytes), 10002);
  assert_string_equal(out.bytes + 9996, "8,9,xy");
  text_free(&out);
  assert_null(out.bytes);
  assert_int_equal(out.length, 0);
  text_free(&out);
}

static void assert_json(const char *bytes, size_t count, const char *expected)
{
  text out = {0};
  text_add_json_n(&out, bytes, count);
  assert_string_equal(text_string(&out), expected);
  text_free(&out);
}

/* RFC 8259, section 7. */
static void json_strings_are_escaped(void **state)
{
  (void)state;
  text out = {0};
  text_add_json(&out, NULL);
  assert_string_equal(out.bytes, "null");
  text_free(&out);
  assert_json("", 0, "\"\"");
  assert_json("a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"");
  assert_json("\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"");
  assert_json("\x01\x1f\x7f", 3, "\"\\u0001\\u001f\\u007f\"");
  assert_json("a\0b", 3, "\"a\\u0000b\"");
  assert_json("ترازو 😀", strlen("ترازو 😀"), "\"ترازو 😀\"");
  assert_json("x\xff\xc3y", 4, "\"x\xEF\xBF\xBD\xEF\xBF\xBDy\"");
}

static void assert_number(double value, const char *expected)
{
  text out = {0};
  text_add_number(&out, value);
  assert_string_equal(text_string(&out), expected);
  text_free(&out);
}

static void numbers_are_as_a_person_writes_them(void **state)
{
  (void)state;
  assert_number(0, "0");
  assert_number(-0.0, "-0");
  assert_number(1, "1");
  assert_number(-42, "-42");
  assert_number(0.1, "0.1");
  assert_number(-0.25, "-0.25");
  assert_number(8911407.90, "8911407.9");
  assert_number(2500315.63, "2500315.63");
  assert_number(1e14, "100000000000000");
  assert_number(0.1 + 0.2, "0.30000000000000004");
  assert_number(1.0 / 3, "0.3333333333333333");
  assert_number(100, "100");
  assert_number(0.000001, "0.000001");
  assert_number(1.05, "1.05");
  assert_number(NAN, "null");
  assert_number(INFINITY, "null");
  assert_number(-INFINITY, "null");
  assert_number(DBL_MAX, "1.7976931348623157e+308");
  assert_number(DBL_MIN, "2.2250738585072014e-308");
  assert_number(1e22, "1e+22");
}

/* Where the doubles below lie closer than those above (powers of two), and where they hold few digits (subnormals);
 * the digits are those of David Gay's algorithm, as Python's repr prints them. */
static void hard_numbers_are_shortest_too(void **state)
{
  (void)state;
  assert_number(0x1p-44, "5.684341886080802e-14");
  assert_number(0x1p-1074, "5e-324");
  assert_number(9007199254740993.0, "9007199254740992");
  assert_number(5e-324 * 3, "1.5e-323");
  assert_number(9.5e-7, "9.5e-07");
}

static int significant_digits(const char *number)
{
  int count = 0, zeros = 0, begun = 0;
  for (; *number && *number != 'e'; number++) {
    if (*number < '0' || *number > '9') continue;
    if (*number != '0') begun = 1;
    if (!begun) continue;
    count++;
    zeros = *number == '0' ? zeros + 1 : 0;
  }
  return count - zeros;
}

/* Brute force: every precision in turn. */
static int fewest_digits(double value)
{
  char out[40];
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(out, sizeof out, "%.*e", digits - 1, value);
    if (strtod(out, NULL) == value) return significant_digits(out);
  }
  return 99;
}

static void numbers_read_back_and_are_shortest(void **state)
{
  (void)state;
  uint64_t bits = 88172645463325252u;
  for (int i = 0; i < 30000; i++) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    double value;
    uint64_t use = i % 50 == 0 ? bits >> 52 << 52 : bits; /* now and then a power of two */
    memcpy(&value, &use, sizeof value);
    if (i % 3 == 0) value = (double)(int64_t)(bits % 2000000000000) / 100;
    if (i % 3 == 1 && i % 2) value = (double)(bits >> 11) * 0x1p-53;
    if (!isfinite(value)) continue;
    text out = {0};
    text_add_number(&out, value);
    assert_true(strtod(out.bytes, NULL) == value);
    assert_true(significant_digits(out.bytes) <= fewest_digits(value));
    text_free(&out);
  }
}

/* A comma for the point, where the system has such a locale. */
static void numbers_do_not_depend_on_the_locale(void **state)
{
  (void)state;
  const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fa_IR.UTF-8", "fa_IR"};
  const char *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) found = setlocale(LC_ALL, names[i]);
  if (!found) {
    print_message("no locale with a decimal comma here\n");
    skip();
  }
  assert_number(0.1, "0.1");
  assert_number(1.0 / 3, "0.3333333333333333");
  assert_number(1.5e300, "1.5e+300");
  setlocale(LC_ALL, "C");
}

static const char *nearest(const char *word)
{
  static const char *const candidates[] = {"plugin", "dimension", "weight", "weights", "params", "input", "to", "x"};
  return text_nearest(word, candidates, sizeof candidates / sizeof *candidates);
}

static void the_nearest_name_is_found(void **state)
{
  (void)state;
  assert_string_equal(nearest("wieght"), "weight");
  assert_string_equal(nearest("weigth"), "weight");
  assert_string_equal(nearest("WEIGHT"), "weight");
  assert_string_equal(nearest("weightss"), "weights");
  assert_string_equal(nearest("plugn"), "plugin");
  assert_string_equal(nearest("demention"), "dimension");
  assert_string_equal(nearest("param"), "params");
  assert_string_equal(nearest("ot"), "to");
  assert_string_equal(nearest("weight"), "weight");
}

static void what_is_too_far_is_not_meant(void **state)
{
  (void)state;
  assert_null(nearest(""));
  assert_null(nearest("y"));
  assert_null(nearest("colour"));
  assert_null(nearest("pram"));
  assert_null(nearest("dmnsn"));
  assert_null(text_nearest("weight", NULL, 0));
  char huge[5000];
  memset(huge, 'w', sizeof huge - 1);
  huge[sizeof huge - 1] = 0;
  assert_null(nearest(huge));
}

static void letters_are_characters_and_not_bytes(void **state)
{
  (void)state;
  const char *const names[] = {"وزن", "مشتری"};
  assert_string_equal(text_nearest("مشتزی", names, 2), "مشتری");
  assert_string_equal(text_nearest("وژن", names, 2), "وزن");
  const char *const broken[] = {"\xff\xfe", "naïve"};
  assert_string_equal(text_nearest("naive", broken, 2), "naïve");
}

static void the_first_of_equally_near_names_wins(void **state)
{
  (void)state;
  const char *const names[] = {"cat", "cut", "cot"};
  assert_string_equal(text_nearest("cit", names, 3), "cat");
  assert_string_equal(text_nearest("cot", names, 3), "cot");
}

/* The table of well-formed sequences of the Unicode standard (table 3-7), at its edges. */
static void utf8_is_what_unicode_says(void **state)
{
  (void)state;
  const char *const good[] = {"",
                              "a",
                              "\xC2\x80",
                              "\xDF\xBF",
                              "\xE0\xA0\x80",
                              "\xED\x9F\xBF",
                              "\xEE\x80\x80",
                              "\xEF\xBF\xBF",
                              "\xF0\x90\x80\x80",
                              "\xF4\x8F\xBF\xBF"};
  const char *const bad[] = {"\x80",
                             "\xBF",
                             "\xC0\x80",
                             "\xC1\xBF",
                             "\xC2",
                             "\xC2\x41",
                             "\xE0\x9F\xBF",
                             "\xE0\xA0",
                             "\xED\xA0\x80",
                             "\xED\xBF\xBF",
                             "\xF0\x8F\xBF\xBF",
                             "\xF4\x90\x80\x80",
                             "\xF5\x80\x80\x80",
                             "\xF0\x90\x80",
                             "\xFE",
                             "\xFF",
                             "a\xFF"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(text_is_utf8(good[i], strlen(good[i])));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(text_is_utf8(bad[i], strlen(bad[i])));
  assert_true(text_is_utf8("a\0b", 3));
  assert_int_equal(text_character("", 0), 0);
  assert_int_equal(text_character("é", 2), 2);
  assert_int_equal(text_character("é", 1), 0);
}

static int columns(const char *string)
{
  return text_columns(string, strlen(string));
}

static void columns_are_those_of_a_terminal(void **state)
{
  (void)state;
  assert_int_equal(columns(""), 0);
  assert_int_equal(columns("abc"), 3);
  assert_int_equal(columns("é"), 1);
  assert_int_equal(columns("e\xCC\x81"), 1);         /* e and a combining acute accent */
  assert_int_equal(columns("ترازو"), 5);             /* Arabic script */
  assert_int_equal(columns("تَرازو"), 5);             /* with a vowel mark */
  assert_int_equal(columns("می\xE2\x80\x8Cشود"), 5); /* with a zero-width non-joiner */
  assert_int_equal(columns("客户"), 4);
  assert_int_equal(columns("고객"), 4);
  assert_int_equal(columns("\xE1\x84\x80\xE1\x85\xA1"), 2); /* a Hangul syllable of two letters */
  assert_int_equal(columns("ｶﾅ"), 2);                       /* halfwidth */
  assert_int_equal(columns("Ａ"), 2);                       /* fullwidth */
  assert_int_equal(columns("😀"), 2);
  assert_int_equal(columns("€"), 1);
  assert_int_equal(columns("…"), 1);
  assert_int_equal(columns("\x1b"), 0);
  assert_int_equal(columns("a\xFFz"), 3);
}

static void assert_shell(const char *word, const char *expected)
{
  text out = {0};
  text_add_shell(&out, word);
  assert_string_equal(text_string(&out), expected);
  text_free(&out);
}

static void a_shell_takes_a_word_as_one(void **state)
{
  (void)state;
  assert_shell("build/a-b_c.so", "build/a-b_c.so");
  assert_shell("", "''");
  assert_shell("my plugin.so", "'my plugin.so'");
  assert_shell("{a: 'b'}", "'{a: '\\''b'\\''}'");
  assert_shell("$HOME", "'$HOME'");
  assert_shell("~/é.so", "'~/é.so'");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_grows_and_stays_terminated),      cmocka_unit_test(json_strings_are_escaped),
      cmocka_unit_test(a_shell_takes_a_word_as_one),          cmocka_unit_test(numbers_are_as_a_person_writes_them),
      cmocka_unit_test(hard_numbers_are_shortest_too),        cmocka_unit_test(numbers_read_back_and_are_shortest),
      cmocka_unit_test(numbers_do_not_depend_on_the_locale),  cmocka_unit_test(the_nearest_name_is_found),
      cmocka_unit_test(what_is_too_far_is_not_meant),         cmocka_unit_test(letters_are_characters_and_not_bytes),
      cmocka_unit_test(the_first_of_equally_near_names_wins), cmocka_unit_test(utf8_is_what_unicode_says),
      cmocka_unit_test(columns_are_those_of_a_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
