/* Nodes to typed values: what is accepted, what is not, and what is told then. */
#include "base/calendar.h"
#include "config/value.h"
#include "told.h"
#include <float.h>
#include <locale.h>
#include <math.h>

/* The node of `value: YAML`. */
static const node *parse(told *t, const char *yaml)
{
  const node *root = told_parse(t, arena_format(t->arena, "v: %s", yaml));
  assert_non_null(root);
  return node_get(root, "v");
}

/* ---- plain text ---- */

static void reals_are_read_as_yaml_writes_them(void **state)
{
  (void)state;
  const struct {
    const char *text;
    double value;
  } good[] = {{"0", 0},    {"1", 1},     {"-1", -1},       {"+1", 1},      {"1.5", 1.5},
              {".5", 0.5}, {"5.", 5},    {"1e3", 1000},    {"1E+3", 1000}, {"-2.5e-1", -0.25},
              {"007", 7},  {"0.1", 0.1}, {"1e308", 1e308}, {"1e-999", 0},  {"9007199254740993", 9007199254740992.0}};
  const char *const bad[] = {"",      ".",     "-",      "+",     "e5",  "1e",   "1e+",     "0x1F",
                             "1_000", "1,5",   " 1",     "1 ",    "nan", ".nan", "inf",     ".inf",
                             "-.inf", "1e999", "-1e999", "1.2.3", "--1", "1f",   "\xD9\xA1"};
  double value;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    if (!value_parse_real(good[i].text, &value)) fail_msg("'%s' is a number", good[i].text);
    assert_true(value == good[i].value);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (value_parse_real(bad[i], &value)) fail_msg("'%s' is no number", bad[i]);
}

static void integers_are_read_to_their_ends(void **state)
{
  (void)state;
  int64_t value;
  assert_true(value_parse_integer("9223372036854775807", &value) && value == INT64_MAX);
  assert_true(value_parse_integer("-9223372036854775808", &value) && value == INT64_MIN);
  assert_true(value_parse_integer("+5", &value) && value == 5);
  assert_true(value_parse_integer("-0", &value) && value == 0);
  const char *const bad[] = {"",    "-",  "1.0", "1e3", "9223372036854775808",       "-9223372036854775809", "0x1",
                             "1_0", " 1", "1 ",  "a",   "99999999999999999999999999"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (value_parse_integer(bad[i], &value)) fail_msg("'%s' is no whole number", bad[i]);
}

/* A year is 365.25 days, a month a twelfth of it. */
static void sizes_are_bytes(void **state)
{
  (void)state;
  const struct {
    const char *text;
    int64_t bytes;
  } good[] = {{"512M", 536870912}, {"2G", 2147483648}, {"64KiB", 65536}, {"1.5K", 1536}, {"7", 7}, {"7B", 7}, {"0", 0}};
  const char *const bad[] = {"", "lots", "M", "-1M", "2X", "2MiBs", "1e99", "9999999999999G"};
  int64_t bytes;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(value_parse_bytes(good[i].text, &bytes));
    assert_int_equal(bytes, good[i].bytes);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (value_parse_bytes(bad[i], &bytes)) fail_msg("'%s' is no size", bad[i]);
}

static void durations_are_days(void **state)
{
  (void)state;
  const struct {
    const char *text;
    double days;
  } good[] = {{"90 days", 90},
              {"1 day", 1},
              {"52 weeks", 364},
              {"6 hours", 0.25},
              {"10 years", 3652.5},
              {"3 months", 91.3125},
              {"1.5 days", 1.5},
              {"1 week", 7},
              {"90days", 90},
              {"2  days", 2},
              {"0", 0},
              {"0 weeks", 0},
              {"12 months", 365.25},
              {"30 seconds", 30.0 / 86400},
              {"5 minutes", 5.0 / 1440}};
  const char *const bad[] = {"",           "90",     "days",    "90 dayss", "90 d",        "-1 days", "1 day 2 hours",
                             "1e999 days", "x days", "90 Days", "1 s",      "1e308 years", "0.5",     "1_0 days"};
  const char *why;
  double days;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    if (!value_parse_duration(good[i].text, &days, &why)) fail_msg("'%s' is a duration", good[i].text);
    assert_true(fabs(days - good[i].days) < 1e-9);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    why = NULL;
    if (value_parse_duration(bad[i], &days, &why)) fail_msg("'%s' is no duration", bad[i]);
    assert_non_null(why);
  }
}

static void proportions_are_percent_or_parts_of_one(void **state)
{
  (void)state;
  const char *why;
  double value;
  assert_true(value_parse_proportion("12%", &value, &why) && value == 0.12);
  assert_true(value_parse_proportion("0.12", &value, &why) && value == 0.12);
  assert_true(value_parse_proportion("12.5 %", &value, &why) && value == 0.125);
  assert_true(value_parse_proportion("-5%", &value, &why) && value == -0.05);
  assert_true(value_parse_proportion("100%", &value, &why) && value == 1);
  assert_false(value_parse_proportion("12%%", &value, &why));
  assert_false(value_parse_proportion("%", &value, &why));
  assert_false(value_parse_proportion("12 percent", &value, &why));
  assert_non_null(why);
}

static void the_locale_changes_nothing(void **state)
{
  (void)state;
  double value;
  if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) {
    print_message("no locale with a decimal comma here\n");
    skip();
  }
  assert_true(value_parse_real("1.5", &value));
  assert_true(value == 1.5);
  assert_false(value_parse_real("1,5", &value));
  setlocale(LC_ALL, "C");
}

/* ---- nodes ---- */

static void null_is_what_yaml_calls_so_without_quotes(void **state)
{
  (void)state;
  told t = told_new();
  const char *const nulls[] = {"", "~", "null", "Null", "NULL", "# nothing"};
  const char *const others[] = {"''", "'null'", "nULL", "[]", "{}", "0", "none"};
  assert_true(value_is_null(NULL));
  for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++) assert_true(value_is_null(parse(&t, nulls[i])));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(value_is_null(parse(&t, others[i])));
  told_free(&t);
}

static void what_is_found_is_named(void **state)
{
  (void)state;
  told t = told_new();
  char buffer[80];
  assert_string_equal(value_found(NULL, buffer), "nothing");
  assert_string_equal(value_found(parse(&t, "~"), buffer), "nothing");
  assert_string_equal(value_found(parse(&t, "[1]"), buffer), "a list");
  assert_string_equal(value_found(parse(&t, "{a: 1}"), buffer), "a map");
  assert_string_equal(value_found(parse(&t, "[]"), buffer), "an empty list");
  assert_string_equal(value_found(parse(&t, "abc"), buffer), "text 'abc'");
  assert_string_equal(value_found(parse(&t, "3.5"), buffer), "the number 3.5");
  assert_string_equal(value_found(parse(&t, "'3.5'"), buffer), "text '3.5'");
  told_free(&t);
}

static void what_is_found_is_cut_between_characters(void **state)
{
  (void)state;
  told t = told_new();
  for (int pad = 0; pad < 4; pad++) {
    text yaml = {0};
    for (int i = 0; i < pad; i++) text_add(&yaml, "x");
    for (int i = 0; i < 60; i++) text_add(&yaml, "\xE2\x82\xAC");
    char buffer[80];
    value_found(parse(&t, yaml.bytes), buffer);
    assert_true(text_is_utf8(buffer, strlen(buffer)));
    assert_non_null(strstr(buffer, "\xE2\x82\xAC\xE2\x80\xA6'"));
    text_free(&yaml);
  }
  told_free(&t);
}

/* expected: a part of what must be told; NULL: nothing must be. */
static void check(told *t, int good, const char *expected)
{
  if (expected) assert_tells(t, expected);
  else assert_told(t, "");
  assert_int_equal(good, !expected);
  assert_int_equal(problems_status(t->problems), expected ? EXIT_PROFILE : EXIT_GOOD);
}

/* Reads `given`, the value of `v: YAML`, by one of the functions; `p` takes the problems. */
#define CHECK(yaml, call, expected)      \
  do {                                   \
    told t = told_new();                 \
    const node *given = parse(&t, yaml); \
    problems *p = t.problems;            \
    (void)given, (void)p;                \
    check(&t, call, expected);           \
    told_free(&t);                       \
  } while (0)

static void a_whole_number_has_bounds(void **state)
{
  (void)state;
  int64_t out = 0;
  CHECK("50", value_integer(given, "limit", 1, INT64_MAX, p, &out), NULL);
  assert_int_equal(out, 50);
  CHECK("1", value_integer(given, "limit", 1, 5, p, &out), NULL);
  CHECK("5", value_integer(given, "limit", 1, 5, p, &out), NULL);
  CHECK("-7", value_integer(given, "limit", 0, 0, p, &out), NULL);
  assert_int_equal(out, -7);
  out = 99;
  CHECK(
      "many", value_integer(given, "limit", 1, INT64_MAX, p, &out),
      "p.yaml:1:4: error: limit: found text 'many', expected a whole number of at least 1\n    1 | v: many\n      |    "
      "^~~~\n");
  CHECK("0", value_integer(given, "limit", 1, 5, p, &out),
        "limit: found the number 0, expected a whole number from 1 to 5\n");
  CHECK("6", value_integer(given, "limit", 1, 5, p, &out), "found the number 6, expected a whole number from 1 to 5\n");
  CHECK("6", value_integer(given, "limit", INT64_MIN, 5, p, &out), "expected a whole number of at most 5\n");
  CHECK("1.0", value_integer(given, "limit", 0, 0, p, &out), "found the number 1.0, expected a whole number\n");
  CHECK("1e400", value_integer(given, "limit", 0, 0, p, &out), "found text '1e400', expected a whole number\n");
  CHECK("0x10", value_integer(given, "limit", 0, 0, p, &out), "found text '0x10', expected a whole number\n");
  CHECK("1_000", value_integer(given, "limit", 0, 0, p, &out), "numbers are written without separators");
  CHECK(
      "'3'", value_integer(given, "limit", 0, 0, p, &out),
      "limit: found text '3', expected a whole number\n    1 | v: '3'\n      |    ^~~\n  quotes make it text; write it "
      "without them\n");
  CHECK("!!str 3", value_integer(given, "limit", 0, 0, p, &out), "found text '3'");
  CHECK("", value_integer(given, "limit", 0, 0, p, &out), "limit: found nothing, expected a whole number\n");
  CHECK("[1]", value_integer(given, "limit", 0, 0, p, &out), "limit: found a list, expected a whole number\n");
  CHECK("{a: 1}", value_integer(given, "limit", 0, 0, p, &out), "limit: found a map, expected a whole number\n");
  CHECK("1", value_integer(NULL, "limit", 0, 0, p, &out), "error: limit: found nothing, expected a whole number\n");
  assert_int_equal(out, 99);
}

static void a_number_has_bounds(void **state)
{
  (void)state;
  double out = 0;
  CHECK("1.5", value_real(given, "weight", 0, 10, p, &out), NULL);
  assert_true(out == 1.5);
  CHECK("-1e9", value_real(given, "weight", 0, 0, p, &out), NULL);
  CHECK("-1", value_real(given, "weight", 0, INFINITY, p, &out),
        "weight: found the number -1, expected a number of at least 0\n");
  CHECK("2", value_real(given, "weight", -DBL_MAX, 0.5, p, &out), "expected a number of at most 0.5\n");
  CHECK("2", value_real(given, "weight", 0.1, 0.5, p, &out), "expected a number from 0.1 to 0.5\n");
  CHECK(".nan", value_real(given, "weight", 0, 0, p, &out), "weight: found text '.nan', expected a number\n");
  CHECK("1,5", value_real(given, "weight", 0, 0, p, &out), "with a point: 1234.5");
  CHECK("'1.5'", value_real(given, "weight", 0, 0, p, &out), "quotes make it text; write it without them\n");
  CHECK("12%", value_real(given, "weight", 0, 0, p, &out), "weight: found text '12%', expected a number\n");
}

static void a_switch_is_said_in_three_ways(void **state)
{
  (void)state;
  const char *const on[] = {"true", "True", "TRUE", "yes", "on"}, *const off[] = {"false", "no", "No", "off"};
  int out = -1;
  for (size_t i = 0; i < sizeof on / sizeof *on; i++) {
    CHECK(on[i], value_switch(given, "s", p, &out), NULL);
    assert_int_equal(out, 1);
  }
  for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
    CHECK(off[i], value_switch(given, "s", p, &out), NULL);
    assert_int_equal(out, 0);
  }
  CHECK("maybe", value_switch(given, "s", p, &out), "s: found text 'maybe', expected true or false\n");
  CHECK("1", value_switch(given, "s", p, &out), "s: found the number 1, expected true or false\n");
  CHECK("y", value_switch(given, "s", p, &out), "expected true or false\n");
  CHECK("'yes'", value_switch(given, "s", p, &out), "quotes make it text; write it without them\n");
  CHECK("[]", value_switch(given, "s", p, &out), "s: found an empty list, expected true or false\n");
}

static void a_text_is_any_scalar_but_null(void **state)
{
  (void)state;
  const char *out = NULL;
  CHECK("abc def", (value_string(given, "s", p, &out) && !strcmp(out, "abc def")), NULL);
  CHECK("12", (value_string(given, "s", p, &out) && !strcmp(out, "12")), NULL);
  CHECK("''", (value_string(given, "s", p, &out) && !strcmp(out, "")), NULL);
  CHECK("'~'", (value_string(given, "s", p, &out) && !strcmp(out, "~")), NULL);
  CHECK("~", value_string(given, "s", p, &out), "s: found nothing, expected text\n");
  CHECK("[a]", value_string(given, "s", p, &out), "s: found a list, expected text\n");
}

static void a_choice_is_one_of_its_words(void **state)
{
  (void)state;
  static const char *const models[] = {"bg_nbd", "pareto_nbd", "1", NULL};
  static const char *const one[] = {"only", NULL};
  int out = -1;
  CHECK("pareto_nbd", value_choice(given, "model", models, p, &out), NULL);
  assert_int_equal(out, 1);
  CHECK("'bg_nbd'", value_choice(given, "model", models, p, &out), NULL);
  assert_int_equal(out, 0);
  CHECK("1", value_choice(given, "model", models, p, &out), NULL);
  CHECK("bg_nbt", value_choice(given, "model", models, p, &out),
        "model: found text 'bg_nbt', expected one of bg_nbd, pareto_nbd, 1\n    1 | v: bg_nbt\n      |    ^~~~~~\n  "
        "did you "
        "mean 'bg_nbd'?\n");
  CHECK("BG_NBD", value_choice(given, "model", models, p, &out), "did you mean 'bg_nbd'?\n");
  CHECK("[bg_nbd]", value_choice(given, "model", models, p, &out), "model: found a list, expected one of");
  CHECK("x", value_choice(given, "model", one, p, &out), "model: found text 'x', expected only\n");
}

static void a_proportion_has_bounds(void **state)
{
  (void)state;
  double out = 0;
  CHECK("12%", value_proportion(given, "rate", 0, 1, p, &out), NULL);
  assert_true(out == 0.12);
  CHECK("'12%'", value_proportion(given, "rate", 0, 1, p, &out), NULL);
  CHECK("0.5", value_proportion(given, "rate", 0, 1, p, &out), NULL);
  CHECK("250%", value_proportion(given, "rate", 0, 0, p, &out), NULL);
  CHECK("120%", value_proportion(given, "rate", 0, 1, p, &out),
        "rate: found text '120%', expected a proportion from 0 to 1 (12% or 0.12)\n");
  CHECK("12", value_proportion(given, "rate", 0, 1, p, &out), "did you mean '12%'?\n");
  CHECK("'0.12'", value_proportion(given, "rate", 0, 1, p, &out), "quotes make it text; write it without them\n");
  CHECK("many", value_proportion(given, "rate", 0, 0, p, &out),
        "rate: found text 'many', expected a proportion (12% or 0.12)\n");
}

static void a_duration_has_a_unit_and_bounds(void **state)
{
  (void)state;
  double out = 0;
  CHECK("52 weeks", value_duration(given, "horizon", 1, 36525, p, &out), NULL);
  assert_true(out == 364);
  CHECK("'52 weeks'", value_duration(given, "horizon", 0, 0, p, &out), NULL);
  CHECK("0", value_duration(given, "horizon", 0, 0, p, &out), NULL);
  CHECK("90", value_duration(given, "horizon", 1, 36525, p, &out),
        "horizon: found the number 90, expected a duration with its unit, such as 90 days or 52 weeks\n");
  CHECK("soon", value_duration(given, "horizon", 1, 36525, p, &out),
        "horizon: found text 'soon', expected a duration such as 90 days, 52 weeks, 3 months, 10 years or 6 hours\n");
  CHECK("0 days", value_duration(given, "horizon", 1, 36525, p, &out), "expected a duration from 1 to 36525 days\n");
  CHECK("0 days", value_duration(given, "horizon", 1, INFINITY, p, &out), "expected a duration of at least 1 day\n");
  CHECK("0 days", value_duration(given, "horizon", 1.0 / 24, 36525, p, &out),
        "expected a duration from 1 hour to 36525 days\n");
  CHECK("1 second", value_duration(given, "horizon", 1.5 / 24, INFINITY, p, &out),
        "expected a duration of at least 90 minutes\n");
  CHECK("-3 days", value_duration(given, "horizon", 0, 0, p, &out), "expected a duration of at least 0 days\n");
  CHECK("", value_duration(given, "horizon", 0, 0, p, &out), "horizon: found nothing, expected a duration\n");
}

/* 2011-12-10 is day 15,318 since 1970-01-01: 41 years of 365 days, 10 leap days, 343 days of 2011. */
static void a_date_is_a_moment(void **state)
{
  (void)state;
  int64_t out = 0;
  CHECK("2011-12-10", value_date(given, "as_of", NULL, p, &out), NULL);
  assert_true(out == 15318 * MICROSECONDS_PER_DAY);
  zone *east = zone_open("+03:30");
  CHECK("2011-12-10", value_date(given, "as_of", east, p, &out), NULL);
  assert_true(out == 15318 * MICROSECONDS_PER_DAY - INT64_C(12600000000));
  CHECK("2011-12-10T00:00:00Z", value_date(given, "as_of", east, p, &out), NULL);
  assert_true(out == 15318 * MICROSECONDS_PER_DAY);
  zone_free(east);
  CHECK("'2011-12-10'", value_date(given, "as_of", NULL, p, &out), NULL);
  CHECK("10.12.2011", value_date(given, "as_of", NULL, p, &out),
        "as_of: found text '10.12.2011', expected a date such as 2011-12-10");
  CHECK("2011-02-29", value_date(given, "as_of", NULL, p, &out),
        "as_of: found text '2011-02-29', expected a day that the calendar has\n");
  CHECK("[2011-12-10]", value_date(given, "as_of", NULL, p, &out), "as_of: found a list, expected a date");
}

static void unknown_keys_are_told_each(void **state)
{
  (void)state;
  static const char *const known[] = {"plugin", "weight", NULL};
  static const char *const nothing[] = {NULL};
  CHECK("{plugin: a, weight: 1}", value_keys(given, "criteria.x", known, p), NULL);
  CHECK("{}", value_keys(given, "criteria.x", known, p), NULL);
  CHECK("{wieght: 3, zzzzzzzz: 1}", value_keys(given, "criteria.x", known, p),
        "p.yaml:1:5: error: criteria.x: unknown key 'wieght'; expected one of plugin, weight\n"
        "    1 | v: {wieght: 3, zzzzzzzz: 1}\n"
        "      |     ^~~~~~\n"
        "  did you mean 'weight'?\n"
        "p.yaml:1:16: error: criteria.x: unknown key 'zzzzzzzz'; expected one of plugin, weight\n");
  CHECK("{a: 1}", value_keys(given, "x", nothing, p), "x: unknown key 'a'; expected none\n");
  CHECK("[a]", value_keys(given, "criteria.x", known, p), "criteria.x: found a list, expected a map\n");
  CHECK("", value_keys(given, "criteria.x", known, p), "criteria.x: found nothing, expected a map\n");
}

static void many_known_keys_are_cut_short(void **state)
{
  (void)state;
  char words[40][16];
  const char *known[41] = {0};
  for (int i = 0; i < 40; i++) {
    snprintf(words[i], sizeof words[i], "key%d", i);
    known[i] = words[i];
  }
  CHECK("{x: 1}", value_keys(given, "m", known, p), "key22, key23, \xE2\x80\xA6\n");
  known[24] = NULL;
  CHECK("{x: 1}", value_keys(given, "m", known, p), "key22, key23\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reals_are_read_as_yaml_writes_them),
      cmocka_unit_test(integers_are_read_to_their_ends),
      cmocka_unit_test(sizes_are_bytes),
      cmocka_unit_test(durations_are_days),
      cmocka_unit_test(proportions_are_percent_or_parts_of_one),
      cmocka_unit_test(the_locale_changes_nothing),
      cmocka_unit_test(null_is_what_yaml_calls_so_without_quotes),
      cmocka_unit_test(what_is_found_is_named),
      cmocka_unit_test(what_is_found_is_cut_between_characters),
      cmocka_unit_test(a_whole_number_has_bounds),
      cmocka_unit_test(a_number_has_bounds),
      cmocka_unit_test(a_switch_is_said_in_three_ways),
      cmocka_unit_test(a_text_is_any_scalar_but_null),
      cmocka_unit_test(a_choice_is_one_of_its_words),
      cmocka_unit_test(a_proportion_has_bounds),
      cmocka_unit_test(a_duration_has_a_unit_and_bounds),
      cmocka_unit_test(a_date_is_a_moment),
      cmocka_unit_test(unknown_keys_are_told_each),
      cmocka_unit_test(many_known_keys_are_cut_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
