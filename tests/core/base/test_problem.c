/* Problems: gathered from threads, each once, told in order with the line and a caret under the right place. */
#include "base/problem.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka needs the headers above
#include <cmocka.h>

static void assert_printed(const problems *all, const char *expected)
{
  text out = {0};
  problems_print(all, &out, 0);
  assert_string_equal(text_string(&out), expected);
  text_free(&out);
}

/* One error on line 7 of "p.yaml", printed. */
static void assert_shown(const char *line, int column, int length, const char *shown)
{
  problems *all = problems_new();
  problem_add(all, EXIT_PROFILE, (place){"p.yaml", line, 7, column, length}, "wrong");
  text expected = {0};
  text_addf(&expected, "p.yaml:7:%d: error: wrong\n%s", column, shown);
  assert_printed(all, expected.bytes);
  text_free(&expected);
  problems_free(all);
}

static void an_error_shows_its_line_and_a_caret(void **state)
{
  (void)state;
  problems *all = problems_new();
  const place where = {"profile.yaml", "    wieght: 3\n    next: 4", 12, 5, 6};
  problem_add(all, EXIT_PROFILE, where, "unknown key '%s'", "wieght");
  const char *const known[] = {"plugin", "weight"};
  problem_nearest(all, "wieght", known, 2);
  problem_nearest(all, "nothing like it", known, 2);
  assert_printed(all, "profile.yaml:12:5: error: unknown key 'wieght'\n"
                      "   12 |     wieght: 3\n"
                      "      |     ^~~~~~\n"
                      "  did you mean 'weight'?\n");
  problems_free(all);
}

static void places_may_be_less_than_whole(void **state)
{
  (void)state;
  problems *all = problems_new();
  problem_add(all, EXIT_USAGE, NOWHERE, "no profile given");
  problem_add(all, EXIT_PROFILE, (place){.file = "a.yaml"}, "cannot be read");
  problem_add(all, EXIT_PROFILE, (place){.file = "a.yaml", .line = 3}, "odd line");
  problem_add(all, EXIT_PROFILE, (place){.file = "a.yaml", .line = 3, .column = 2}, "odd place");
  problem_add(all, EXIT_PROFILE, (place){.file = "a.yaml", .line = 123456, .column = 1, .line_text = "x"}, "far down");
  assert_printed(all, "error: no profile given\n"
                      "a.yaml: error: cannot be read\n"
                      "a.yaml:3: error: odd line\n"
                      "a.yaml:3:2: error: odd place\n"
                      "a.yaml:123456:1: error: far down\n"
                      "123456 | x\n"
                      "       | ^\n");
  problems_free(all);
}

static void problems_come_in_order_of_place_then_of_arrival(void **state)
{
  (void)state;
  problems *all = problems_new();
  problem_add(all, EXIT_DATA, (place){.file = "b", .line = 1, .column = 1}, "sixth");
  problem_warn(all, (place){.file = "a", .line = 10, .column = 1}, "fifth");
  problem_add(all, EXIT_PROFILE, (place){.file = "a", .line = 2, .column = 9}, "third");
  problem_add(all, EXIT_PROFILE, (place){.file = "a", .line = 2, .column = 9}, "fourth");
  problem_add(all, EXIT_PROFILE, (place){.file = "a", .line = 2, .column = 3}, "second");
  problem_warn(all, NOWHERE, "first");
  assert_printed(all, "warning: first\n"
                      "a:2:3: error: second\n"
                      "a:2:9: error: third\n"
                      "a:2:9: error: fourth\n"
                      "a:10:1: warning: fifth\n"
                      "b:1:1: error: sixth\n");
  assert_int_equal(problems_status(all), EXIT_DATA);
  problems_free(all);
}

static void equal_problems_are_told_once(void **state)
{
  (void)state;
  problems *all = problems_new();
  const place here = {.file = "a", .line = 1, .column = 1};
  for (int i = 0; i < 3; i++) {
    problem_add(all, EXIT_DATA, here, "same");
    problem_hint(all, "hint");
    problem_add(all, EXIT_DATA, (place){.file = "a", .line = 1, .column = 2}, "same");
    problem_warn(all, here, "same");
    problem_add(all, EXIT_DATA, NOWHERE, "same");
  }
  problem_add(all, EXIT_DATA, here, "same");
  problem_hint(all, "another hint");
  assert_int_equal(problems_errors(all), 3);
  assert_int_equal(problems_warnings(all), 1);
  assert_printed(all, "error: same\n"
                      "a:1:1: error: same\n"
                      "  hint\n"
                      "  another hint\n"
                      "a:1:1: warning: same\n"
                      "a:1:2: error: same\n");
  problems_free(all);
}

static void thousands_of_problems_stay_apart(void **state)
{
  (void)state;
  problems *all = problems_new();
  for (int round = 0; round < 2; round++) {
    for (int i = 20000; i > 0; i--) problem_add(all, EXIT_DATA, (place){.file = "a", .line = i}, "m%d", i % 10);
  }
  assert_int_equal(problems_errors(all), 20000);
  text out = {0};
  problems_print(all, &out, 0);
  const char *at = out.bytes;
  for (int i = 1; i <= 20000; i++) {
    char line[40];
    snprintf(line, sizeof line, "a:%d: error: m%d\n", i, i % 10);
    assert_memory_equal(at, line, strlen(line));
    at += strlen(line);
  }
  assert_int_equal(*at, 0);
  text_free(&out);
  problems_free(all);
}

static void nothing_wrong_is_good(void **state)
{
  (void)state;
  problems *all = problems_new();
  problem_hint(all, "to nothing");
  assert_int_equal(problems_status(all), EXIT_GOOD);
  problem_warn(all, NOWHERE, "only told");
  assert_int_equal(problems_status(all), EXIT_GOOD);
  assert_int_equal(problems_errors(all), 0);
  assert_int_equal(problems_warnings(all), 1);
  problem_add(all, EXIT_OUTPUT, NOWHERE, "first");
  problem_add(all, EXIT_DATA, NOWHERE, "second");
  assert_int_equal(problems_status(all), EXIT_OUTPUT);
  problems_free(all);
  problems_free(NULL);
}

static void warnings_are_single_lines_in_order(void **state)
{
  (void)state;
  problems *all = problems_new();
  problem_warn(all, (place){.file = "b.csv", .line = 4}, "two\nlines");
  problem_hint(all, "a hint");
  problem_add(all, EXIT_DATA, (place){.file = "a.csv"}, "an error");
  problem_warn(all, (place){.file = "a.csv"}, "earlier");
  problem_warn(all, NOWHERE, "placeless");
  assert_int_equal(problems_warnings(all), 3);
  assert_string_equal(problems_warning(all, 0), "placeless");
  assert_string_equal(problems_warning(all, 1), "a.csv: earlier");
  assert_string_equal(problems_warning(all, 2), "b.csv:4: two lines; a hint");
  assert_null(problems_warning(all, 3));
  problems_free(all);
}

static void the_caret_stands_under_characters_and_not_bytes(void **state)
{
  (void)state;
  /* é is two bytes and one column: the caret for byte 9 stands in column 8. */
  assert_shown("clé: a, b", 9, 1, "    7 | clé: a, b\n      |        ^\n");
  assert_shown("客户: x", 9, 1, "    7 | 客户: x\n      |       ^\n");
  assert_shown("客户: x", 1, 6, "    7 | 客户: x\n      | ^~~~\n");
  assert_shown("e\xCC\x81t: x", 4, 1, "    7 | e\xCC\x81t: x\n      |  ^\n");
  assert_shown("clé: x", 3, 1, "    7 | clé: x\n      |   ^\n");
  assert_shown("clé", 4, 1, "    7 | clé\n      |   ^\n"); /* the middle of a character is the character */
}

static void tabs_are_blanks_up_to_the_next_eighth_column(void **state)
{
  (void)state;
  assert_shown("\ta: 1", 2, 1, "    7 |         a: 1\n      |         ^\n");
  assert_shown("ab\tc", 4, 1, "    7 | ab      c\n      |         ^\n");
  assert_shown("a\tb", 2, 1, "    7 | a       b\n      |  ^~~~~~~\n");
}

static void what_a_terminal_would_obey_is_replaced(void **state)
{
  (void)state;
  assert_shown("a\x1b[31mb", 7, 1, "    7 | a\xEF\xBF\xBD[31mb\n      |       ^\n");
  assert_shown("a\xFF\xC2\x9B z", 6, 1, "    7 | a\xEF\xBF\xBD\xEF\xBF\xBD z\n      |     ^\n");
  problems *all = problems_new();
  problem_add(all, EXIT_DATA, (place){.file = "x\x1by"}, "bad '\x07\n\xFF'");
  assert_printed(all, "x\xEF\xBF\xBDy: error: bad '\xEF\xBF\xBD \xEF\xBF\xBD'\n");
  problems_free(all);
}

static void a_caret_at_or_behind_the_end_stays_at_the_end(void **state)
{
  (void)state;
  assert_shown("abc", 4, 1, "    7 | abc\n      |    ^\n");
  assert_shown("abc", 99, 5, "    7 | abc\n      |    ^\n");
  assert_shown("abc\r\ndef", 2, 50, "    7 | abc\n      |  ^~\n");
  assert_shown("", 1, 1, "    7 | \n      | ^\n");
  assert_shown("\n", 1, 3, "    7 | \n      | ^\n");
  assert_shown("abc", 2, -3, "    7 | abc\n      |  ^\n");
}

/* The printed line and caret line of one error in a long line. */
static void long_line(const char *line, size_t column, int length, char shown[1000], char caret[1000])
{
  problems *all = problems_new();
  text out = {0};
  problem_add(all, EXIT_PROFILE, (place){"p", line, 1, (int)column, length}, "wrong");
  problems_print(all, &out, 0);
  assert_int_equal(sscanf(out.bytes, "%*[^\n]\n    1 | %999[^\n]\n      | %999[^\n]", shown, caret), 2);
  const char *bar = strchr(strrchr(out.bytes, '|'), ' ');
  snprintf(caret, 1000, "%.*s", (int)strcspn(bar + 1, "\n"), bar + 1);
  text_free(&out);
  problems_free(all);
}

/* Each word of the line says where it stands, so that what is above the caret can be checked wherever the cut fell. */
static void a_long_line_is_cut_around_the_caret(void **state)
{
  (void)state;
  text line = {0};
  char shown[1000], caret[1000], word[10];
  for (int i = 0; i < 20000; i++) text_addf(&line, "%s%06d|", i % 3 ? "é" : "客", i);
  const size_t starts[] = {0, 1, 5, 9, 10, 100, 150, 1000, 10000, 19990, 19998, 19999};
  for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
    snprintf(word, sizeof word, "%06zu", starts[k]);
    size_t column = (size_t)(strstr(line.bytes, word) - line.bytes) + 1;
    long_line(line.bytes, column, 6, shown, caret);
    assert_true(text_is_utf8(shown, strlen(shown)));
    assert_true(text_columns(shown, strlen(shown)) <= 102);
    const char *above = strstr(shown, word);
    assert_non_null(above);
    assert_string_equal(strchr(caret, '^'), "^~~~~~");
    assert_int_equal(text_columns(shown, (size_t)(above - shown)), strcspn(caret, "^"));
    assert_int_equal(strncmp(shown, "…", 3) == 0, starts[k] > 8);
    assert_int_equal(strcmp(shown + strlen(shown) - 3, "…") == 0, starts[k] < 19992);
  }
  text_free(&line);
}

static void an_underline_does_not_leave_a_line_that_is_cut(void **state)
{
  (void)state;
  char line[3000], shown[1000], caret[1000];
  memset(line, 'x', sizeof line - 1);
  line[sizeof line - 1] = 0;
  long_line(line, 50, 2900, shown, caret);
  assert_true(strlen(caret) <= 101);
  long_line(line, 1500, 1400, shown, caret);
  assert_true(strlen(caret) <= 101);
  assert_true(strcspn(caret, "^") < 60);
}

static void a_long_line_of_broken_bytes_is_shown(void **state)
{
  (void)state;
  char line[4000], shown[1000], caret[1000];
  for (int byte = 0x80; byte < 0x100; byte += 0x15) {
    memset(line, byte, sizeof line - 1);
    line[sizeof line - 1] = 0;
    long_line(line, 2000, 3, shown, caret);
    assert_true(text_is_utf8(shown, strlen(shown)));
    assert_non_null(strchr(caret, '^'));
  }
}

static void colours_change_nothing_but_colours(void **state)
{
  (void)state;
  problems *all = problems_new();
  problem_add(all, EXIT_PROFILE, (place){"p", "abc", 1, 2, 2}, "wrong");
  problem_warn(all, (place){"p", "abc", 1, 3, 1}, "odd");
  text coloured = {0}, plain = {0}, stripped = {0};
  problems_print(all, &coloured, 1);
  problems_print(all, &plain, 0);
  int escapes = 0;
  for (size_t i = 0; i < coloured.length; i++) {
    if (coloured.bytes[i] != '\033') {
      text_add_n(&stripped, coloured.bytes + i, 1);
      continue;
    }
    escapes++;
    while (coloured.bytes[i] != 'm') i++;
  }
  assert_true(escapes > 0);
  assert_string_equal(stripped.bytes, plain.bytes);
  text_free(&coloured);
  text_free(&plain);
  text_free(&stripped);
  problems_free(all);
}

static void json_holds_the_same(void **state)
{
  (void)state;
  problems *all = problems_new();
  text out = {0};
  problems_print_json(all, &out);
  assert_string_equal(out.bytes, "[]");
  text_free(&out);
  problem_add(all, EXIT_PROFILE, (place){"p.yaml", "x", 3, 5, 1}, "say \"%s\"", "hi\xFF");
  problem_hint(all, "one");
  problem_hint(all, "two");
  problem_warn(all, NOWHERE, "odd");
  problems_print_json(all, &out);
  assert_string_equal(
      out.bytes, "[\n"
                 " {\"severity\": \"warning\", \"status\": 0, \"file\": null, \"message\": \"odd\", \"hints\": []},\n"
                 " {\"severity\": \"error\", \"status\": 3, \"file\": \"p.yaml\", \"line\": 3, \"column\": 5, "
                 "\"message\": \"say \\\"hi\xEF\xBF\xBD\\\"\", \"hints\": [\"one\", \"two\"]}\n"
                 "]");
  text_free(&out);
  problems_free(all);
}

static void the_place_need_not_outlive_the_call(void **state)
{
  (void)state;
  problems *all = problems_new();
  char file[] = "p.yaml", line[] = "abc", argument[] = "why";
  problem_add(all, EXIT_PROFILE, (place){file, line, 1, 1, 3}, "%s", argument);
  memset(file, '?', sizeof file - 1);
  memset(line, '?', sizeof line - 1);
  memset(argument, '?', sizeof argument - 1);
  assert_printed(all, "p.yaml:1:1: error: why\n    1 | abc\n      | ^~~\n");
  problems_free(all);
}

enum { THREADS = 4, EACH = 500 };

typedef struct crowd {
  problems *all;
  int number;
} crowd;

static void *complain(void *argument)
{
  crowd *self = argument;
  for (int i = 0; i < EACH; i++) {
    place where = {"p", "text", self->number + 1, i + 1, 1};
    problem_add(self->all, EXIT_DATA, where, "of thread %d", self->number);
    problem_hint(self->all, "hint %d of %d", i, self->number);
    problem_warn(self->all, NOWHERE, "from all %d", i);
    problems_errors(self->all);
    if (i % 100 == 0) problems_warning(self->all, 0);
  }
  return NULL;
}

/* A hint goes to its own thread's problem, whatever the others add in between. */
static void threads_do_not_mix(void **state)
{
  (void)state;
  problems *all = problems_new();
  pthread_t threads[THREADS];
  crowd crowds[THREADS];
  for (int i = 0; i < THREADS; i++) {
    crowds[i] = (crowd){all, i};
    assert_int_equal(pthread_create(&threads[i], NULL, complain, &crowds[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  assert_int_equal(problems_errors(all), THREADS * EACH);
  assert_int_equal(problems_warnings(all), EACH);
  text out = {0};
  problems_print_json(all, &out);
  const char *at = out.bytes;
  for (int i = 0; i < THREADS; i++) {
    for (int k = 0; k < EACH; k++) {
      char expected[100];
      snprintf(expected, sizeof expected, "\"message\": \"of thread %d\", \"hints\": [\"hint %d of %d\"]", i, k, i);
      at = strstr(at, "\"severity\": \"error\"");
      assert_non_null(at);
      at = strstr(at, "\"message\"");
      assert_memory_equal(at, expected, strlen(expected));
    }
  }
  text_free(&out);
  problems_free(all);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_error_shows_its_line_and_a_caret),
      cmocka_unit_test(places_may_be_less_than_whole),
      cmocka_unit_test(problems_come_in_order_of_place_then_of_arrival),
      cmocka_unit_test(equal_problems_are_told_once),
      cmocka_unit_test(thousands_of_problems_stay_apart),
      cmocka_unit_test(nothing_wrong_is_good),
      cmocka_unit_test(warnings_are_single_lines_in_order),
      cmocka_unit_test(the_caret_stands_under_characters_and_not_bytes),
      cmocka_unit_test(tabs_are_blanks_up_to_the_next_eighth_column),
      cmocka_unit_test(what_a_terminal_would_obey_is_replaced),
      cmocka_unit_test(a_caret_at_or_behind_the_end_stays_at_the_end),
      cmocka_unit_test(a_long_line_is_cut_around_the_caret),
      cmocka_unit_test(an_underline_does_not_leave_a_line_that_is_cut),
      cmocka_unit_test(a_long_line_of_broken_bytes_is_shown),
      cmocka_unit_test(colours_change_nothing_but_colours),
      cmocka_unit_test(json_holds_the_same),
      cmocka_unit_test(the_place_need_not_outlive_the_call),
      cmocka_unit_test(threads_do_not_mix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
