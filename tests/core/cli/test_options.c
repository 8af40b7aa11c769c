/* The parser of command lines. */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct fields {
  int quiet;
  int64_t threads, memory;
  const char *plugins;
  strings settings;
} fields;

static const option table[] = {
    {"quiet", OPTION_SWITCH, offsetof(fields, quiet), NULL, "say nothing", 0, 0},
    {"threads", OPTION_INTEGER, offsetof(fields, threads), "N", "threads", 0, 64},
    {"memory", OPTION_BYTES, offsetof(fields, memory), "SIZE", "memory", 1024, INT64_C(1) << 40},
    {"plugins", OPTION_STRING, offsetof(fields, plugins), "FOLDERS", "folders", 0, 0},
    {"set", OPTION_STRINGS, offsetof(fields, settings), "KEY=VALUE", "a setting", 0, 0},
    {NULL, 0, 0, NULL, NULL, 0, 0}};

typedef struct parsed {
  arena *arena;
  fields fields;
  strings operands;
  text fault;
  int good;
} parsed;

/* words: with blanks between. */
static parsed parse(const char *words)
{
  parsed p = {.arena = arena_new()};
  char *copy = arena_copy(p.arena, words), *list[32];
  int count = 0;
  for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) list[count++] = word;
  p.good = options_parse(table, count, list, &p.fields, &p.operands, p.arena, &p.fault);
  return p;
}

static void parsed_free(parsed *p)
{
  arena_free(p->arena);
  text_free(&p->fault);
}

static void assert_fault(const char *words, const char *fault)
{
  parsed p = parse(words);
  assert_false(p.good);
  assert_string_equal(text_string(&p.fault), fault);
  parsed_free(&p);
}

static void test_values_stand_behind_a_blank_or_an_equals_sign(void **state)
{
  (void)state;
  parsed p = parse("--threads 3 --plugins=a:b --quiet");
  assert_true(p.good);
  assert_int_equal(p.fields.threads, 3);
  assert_string_equal(p.fields.plugins, "a:b");
  assert_int_equal(p.fields.quiet, 1);
  assert_int_equal(p.operands.count, 0);
  parsed_free(&p);
}

static void test_options_and_operands_mix(void **state)
{
  (void)state;
  parsed p = parse("one --quiet two - --threads 1 three");
  assert_true(p.good);
  assert_int_equal(p.operands.count, 4);
  assert_string_equal(p.operands.items[0], "one");
  assert_string_equal(p.operands.items[2], "-");
  assert_string_equal(p.operands.items[3], "three");
  assert_null(p.operands.items[4]);
  parsed_free(&p);
}

static void test_after_two_dashes_all_are_operands(void **state)
{
  (void)state;
  parsed p = parse("--quiet -- --threads -7 --");
  assert_true(p.good);
  assert_int_equal(p.operands.count, 3);
  assert_string_equal(p.operands.items[0], "--threads");
  assert_string_equal(p.operands.items[2], "--");
  assert_int_equal(p.fields.threads, 0);
  parsed_free(&p);
}

static void test_a_repeated_option_adds_to_a_list_and_replaces_a_value(void **state)
{
  (void)state;
  parsed p = parse("--set a=1 --threads 2 --set=b.c=2=3 --threads 5");
  assert_true(p.good);
  assert_int_equal(p.fields.settings.count, 2);
  assert_string_equal(p.fields.settings.items[0], "a=1");
  assert_string_equal(p.fields.settings.items[1], "b.c=2=3");
  assert_null(p.fields.settings.items[2]);
  assert_int_equal(p.fields.threads, 5);
  parsed_free(&p);
}

static void test_sizes_have_powers_of_1024(void **state)
{
  (void)state;
  static const struct {
    const char *words;
    int64_t bytes;
  } cases[] = {{"--memory 2048", 2048},
               {"--memory 4K", 4096},
               {"--memory 512M", INT64_C(512) << 20},
               {"--memory 1.5G", INT64_C(3) << 29},
               {"--memory 2GiB", INT64_C(2) << 30},
               {"--memory 2GB", INT64_C(2) << 30},
               {"--memory 1T", INT64_C(1) << 40},
               {"--memory 1024B", 1024}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    parsed p = parse(cases[i].words);
    assert_true(p.good);
    assert_int_equal(p.fields.memory, cases[i].bytes);
    parsed_free(&p);
  }
}

static void test_a_size_that_is_none_is_told(void **state)
{
  (void)state;
  static const char *const cases[] = {"--memory M",   "--memory 1Q",  "--memory 1023", "--memory 2T",
                                      "--memory -1G", "--memory nan", "--memory 1iB",  "--memory 1MM"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    parsed p = parse(cases[i]);
    assert_false(p.good);
    assert_non_null(strstr(text_string(&p.fault), "expected a size"));
    parsed_free(&p);
  }
}

static void test_faults_say_what_was_expected(void **state)
{
  (void)state;
  assert_fault("--treads 2", "unknown option '--treads'; did you mean '--threads'?");
  assert_fault("--treads=2", "unknown option '--treads'; did you mean '--threads'?");
  assert_fault("-threads", "unknown option '-threads'; did you mean '--threads'?");
  assert_fault("--frobnicate", "unknown option '--frobnicate'");
  assert_fault("--threads", "--threads needs a value: --threads N");
  assert_fault("--threads x", "--threads is 'x'; expected a whole number from 0 to 64");
  assert_fault("--threads 65", "--threads is '65'; expected a whole number from 0 to 64");
  assert_fault("--quiet=1", "--quiet takes no value, but has '1'");
}

static void test_help_has_a_line_an_option(void **state)
{
  (void)state;
  text out = {0};
  options_describe(table, &out);
  assert_non_null(strstr(text_string(&out), "  --quiet                say nothing\n"));
  assert_non_null(strstr(text_string(&out), "  --set KEY=VALUE        a setting\n"));
  text_free(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values_stand_behind_a_blank_or_an_equals_sign),
      cmocka_unit_test(test_options_and_operands_mix),
      cmocka_unit_test(test_after_two_dashes_all_are_operands),
      cmocka_unit_test(test_a_repeated_option_adds_to_a_list_and_replaces_a_value),
      cmocka_unit_test(test_sizes_have_powers_of_1024),
      cmocka_unit_test(test_a_size_that_is_none_is_told),
      cmocka_unit_test(test_faults_say_what_was_expected),
      cmocka_unit_test(test_help_has_a_line_an_option),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
