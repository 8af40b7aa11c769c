/* Broken YAML: each fault at its place, in words that say what to do about it. */
#include "told.h"

typedef struct sample {
  const char *yaml, *printed; /* the beginning of what is told */
} sample;

static const sample samples[] = {
    {"from: *.csv\n", "p.yaml:1:8: error: a '*', which begins an alias; expected a name behind it, or text that begins "
                      "with '*' in quotes\n"},
    {"a: &\n", "p.yaml:1:5: error: an '&', which begins an anchor"},
    {"a: @x\n", "p.yaml:1:4: error: a value that begins with '@'; expected it in quotes\n"},
    {"a: %x\n", "p.yaml:1:4: error: a value that begins with '%'; expected it in quotes\n"},
    {"a: `x\n", "p.yaml:1:4: error: a value that begins with '`'; expected it in quotes\n"},
    {"a: ]\n", "p.yaml:1:4: error: a value that begins with ']'; expected it in quotes\n"},
    {"where: > 0\n", "p.yaml:1:8: error: text behind '|' or '>', which begin a block of lines; expected it on the next "
                     "lines, or in quotes\n"},
    {"a:\n\tb: 1\n", "p.yaml:2:1: error: a tab in the indentation; expected spaces\n"},
    {"a:\n  b: 1\n\tc: 2\n", "p.yaml:3:1: error: a tab in the indentation; expected spaces\n"},
    {"a: |\n\tx\n", "p.yaml:2:1: error: a tab in the indentation; expected spaces\n"},
    {"a: b: c\n", "p.yaml:1:5: error: a ':' where no key can end"},
    {"a: 1\n  b: 2\n", "p.yaml:2:4: error: a ':' where no key can end"},
    {"a: 1\nlimit 5\nb: 2\n", "p.yaml:2:1: error: text without a ':'; expected 'key: value'\n"},
    {"a: 1\nlimit 5\n", "p.yaml:2:1: error: text without a ':'; expected 'key: value'\n"},
    {"  a: 1\nb: 2\n",
     "p.yaml:2:1: error: something behind the end of the document; expected keys indented like the first one\n"},
    {"a:\n    b: 1\n  c: 2\n",
     "p.yaml:3:3: error: a line that belongs to no map above it; expected a key indented like those beside it\n"
     "    3 |   c: 2\n"
     "      |   ^\n"
     "  the map begins at p.yaml:1:1\n"},
    {"a: 1\n- b\n", "p.yaml:2:1: error: an item of a list among the keys of a map"},
    {"- a\nb: 1\n", "p.yaml:2:1: error: neither an item of the list above nor the end of it"},
    {"a: - b\n", "p.yaml:1:4: error: a '- ' where no list can begin"},
    {"a: [1, 2\nb: 3\n",
     "p.yaml:2:2: error: something that is no item of the list in brackets; expected ',' or ']' before it\n"
     "    2 | b: 3\n"
     "      |  ^\n"
     "  the list in brackets begins at p.yaml:1:4\n"},
    {"a: {b: 1\nc: 2\n",
     "p.yaml:2:2: error: something that is no entry of the map in braces; expected ',' or '}' before it\n"},
    {"a: 'x\nb: 2\n", "p.yaml:1:4: error: text in quotes that never ends; expected the closing quote\n"},
    {"a: 'it's'\n", "p.yaml:1:8: error: text behind a closing quote"},
    {"a: {b: 1\n\tc: 2\n}\n", "p.yaml:2:1: error: a tab in the indentation; expected spaces\n"},
    {"\ta: 1\n", "p.yaml:1:1: error: a tab in the indentation; expected spaces\n"},
    {"a: {b: 1} c\n", "p.yaml:1:11: error: something behind the end of the value; expected the end of the line"},
    {"a: \"x\n---\ny\"\n", "p.yaml:2:1: error: '---' or '...' inside of text in quotes"},
    {"a: \"C:\\dir\"\n", "p.yaml:1:7: error: an unknown escape after '\\'"},
    {"a: \"\\xZZ\"\n", "p.yaml:1:7: error: an incomplete escape"},
    {"a: \"\\ud800\"\n", "p.yaml:1:7: error: an escape that is no Unicode character\n"},
    {"a: !x!y 1\n", "p.yaml:1:4: error: a tag, which profiles do not use"},
    {"a: !<x\n", "p.yaml:1:7: error: a tag, which profiles do not use"},
    {"%YAML 3.0\n---\na: 1\n", "p.yaml:1:1: error: a version of YAML that is not supported; expected 1.1 or 1.2\n"},
    {"a: |0\n x\n", "p.yaml:1:5: error: an indentation of 0"},
    {"a: 1\n: 2\n", "p.yaml:2:1: error: a ':' without a key; expected 'key: value'\n"},
    {"{a: 1, : 2}", "p.yaml:1:8: error: a ':' without a key; expected 'key: value'\n"},
};

static void broken_syntax_is_told_at_its_place(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
    told t = told_new();
    assert_null(told_parse(&t, samples[i].yaml));
    assert_int_equal(problems_errors(t.problems), 1);
    const char *printed = told_printed(&t);
    if (strncmp(printed, samples[i].printed, strlen(samples[i].printed)) != 0)
      fail_msg("expected '%s', got:\n%s", samples[i].printed, printed);
    told_free(&t);
  }
}

static void what_was_told_before_stays_told(void **state)
{
  (void)state;
  told t = told_new();
  assert_null(told_parse(&t, "a: 1\na: 2\nb: [\n"));
  assert_int_equal(problems_errors(t.problems), 2);
  told_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(broken_syntax_is_told_at_its_place),
      cmocka_unit_test(what_was_told_before_stays_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
