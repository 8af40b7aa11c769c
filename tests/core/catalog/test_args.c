/* Parameters: every kind read from a profile or its default, and what is told of those that are wrong. */
#include "../config/told.h"
#include "base/calendar.h"
#include "catalog/args.h"
#include <math.h>

/* As of a later version whose parameters have one more member: only the stride leads from one to the next. */
typedef struct later_param {
  tarazu_param param;
  const char *added;
} later_param;

static const char *const models[] = {"bg_nbd", "pareto_nbd", NULL};

static const later_param band_fields[] = {
    {{.name = "from", .kind = TARAZU_REAL, .help = "where the band begins"}, "x"},
    {{.name = "points", .kind = TARAZU_INTEGER, .initial = "1", .most = 10, .help = "what it gives"}, "x"},
    {{.name = "label", .kind = TARAZU_STRING, .optional = 1, .help = "its name"}, "x"},
};

enum { RATE, BINS, LOG, NAME, MODEL, HORIZON, DISCOUNT, SINCE, CUTS, LABELS, BANDS, BY };
static const later_param all_kinds[] = {
    [RATE] = {{.name = "rate", .kind = TARAZU_REAL, .least = 0, .most = 10}, "x"},
    [BINS] = {{.name = "bins", .kind = TARAZU_INTEGER, .least = 2, .most = 10}, "x"},
    [LOG] = {{.name = "log", .kind = TARAZU_SWITCH}, "x"},
    [NAME] = {{.name = "name", .kind = TARAZU_STRING}, "x"},
    [MODEL] = {{.name = "model", .kind = TARAZU_CHOICE, .choices = models}, "x"},
    [HORIZON] = {{.name = "horizon", .kind = TARAZU_DURATION, .least = 1, .most = 3653}, "x"},
    [DISCOUNT] = {{.name = "discount", .kind = TARAZU_PROPORTION, .most = 1}, "x"},
    [SINCE] = {{.name = "since", .kind = TARAZU_DATE}, "x"},
    [CUTS] = {{.name = "cuts", .kind = TARAZU_REALS, .most = 1}, "x"},
    [LABELS] = {{.name = "labels", .kind = TARAZU_STRINGS}, "x"},
    [BANDS] = {{.name = "bands", .kind = TARAZU_RECORDS, .fields = TARAZU_LIST(band_fields)}, "x"},
    [BY] = {{.name = "by", .kind = TARAZU_COLUMN}, "x"},
};

static const tarazu_strategy strategy = {.size = sizeof strategy, .id = "sample", .params = TARAZU_LIST(all_kinds)};

static int32_t columns(void *argument, const char *name)
{
  const char *const *names = argument;
  for (int32_t i = 0; names[i]; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}

static const char *const names[] = {"amount", "score", NULL};

static int read(told *t, const tarazu_strategy *of, const char *yaml, args *out)
{
  node *params = yaml ? told_parse(t, yaml) : NULL;
  const place where = {.file = "p.yaml", .line = 40, .column = 2, .length = 1};
  return args_read(of, params, where, "criterion 'x'", NULL, columns, (void *)names, t->arena, t->problems, out);
}

static const char good[] =
    "by: score\nrate: 2.5\nbins: 5\nlog: yes\nname: Acme 1\nmodel: pareto_nbd\nhorizon: 52 weeks\n"
    "discount: 12%\nsince: 2011-12-10\ncuts: [80%, 0.95]\nlabels: [A, 'B', 3]\n"
    "bands:\n- {from: 0}\n- {label: top, points: 7, from: -1.5}\n";

static void every_kind_is_read_in_declared_order(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_true(read(&t, &strategy, good, &out));
  assert_told(&t, "");
  assert_int_equal(out.args.values.count, 12);
  for (uint32_t i = 0; i < 12; i++) {
    assert_int_equal(tarazu_arg(&out.args, i)->given, 1);
    assert_non_null(out.nodes[i]);
  }
  assert_true(tarazu_arg(&out.args, RATE)->real == 2.5);
  assert_int_equal(tarazu_arg(&out.args, RATE)->count, 1);
  assert_int_equal(tarazu_arg(&out.args, BINS)->integer, 5);
  assert_int_equal(tarazu_arg(&out.args, LOG)->integer, 1);
  assert_string_equal(tarazu_arg(&out.args, NAME)->text, "Acme 1");
  assert_int_equal(tarazu_arg(&out.args, MODEL)->integer, 1);
  assert_string_equal(tarazu_arg(&out.args, MODEL)->text, "pareto_nbd");
  assert_true(tarazu_arg(&out.args, HORIZON)->real == 364);
  assert_true(tarazu_arg(&out.args, DISCOUNT)->real == 0.12);
  assert_true(tarazu_arg(&out.args, SINCE)->integer == 15318 * MICROSECONDS_PER_DAY);
  assert_int_equal(tarazu_arg(&out.args, BY)->integer, 1);
  assert_string_equal(tarazu_arg(&out.args, BY)->text, "score");
  told_free(&t);
}

static void lists_have_counts(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_true(read(&t, &strategy, good, &out));
  const tarazu_value *cuts = tarazu_arg(&out.args, CUTS), *labels = tarazu_arg(&out.args, LABELS);
  const tarazu_value *bands = tarazu_arg(&out.args, BANDS);
  assert_int_equal(cuts->count, 2);
  assert_true(cuts->reals[0] == 0.8 && cuts->reals[1] == 0.95);
  assert_int_equal(labels->count, 3);
  assert_string_equal(labels->texts[0], "A");
  assert_string_equal(labels->texts[2], "3");
  assert_int_equal(bands->count, 2);
  assert_true(tarazu_arg(&bands->records[0], 0)->real == 0);
  assert_int_equal(tarazu_arg(&bands->records[0], 1)->integer, 1); /* the field's default */
  assert_int_equal(tarazu_arg(&bands->records[0], 2)->given, 0);
  assert_int_equal(tarazu_arg(&bands->records[0], 2)->count, 0);
  assert_true(tarazu_arg(&bands->records[1], 0)->real == -1.5);
  assert_int_equal(tarazu_arg(&bands->records[1], 1)->integer, 7);
  assert_string_equal(tarazu_arg(&bands->records[1], 2)->text, "top");
  told_free(&t);
}

static void assert_wrong(const char *changed, const char *printed)
{
  told t = told_new();
  args out;
  const size_t length = strcspn(changed, ":");
  text yaml = {0};
  for (const char *line = good; *line; line = strchr(line, '\n') + 1)
    if (strncmp(line, changed, length) != 0 || line[length] != ':')
      text_add_n(&yaml, line, (size_t)(strchr(line, '\n') + 1 - line));
  text_addf(&yaml, "%s\n", changed);
  assert_false(read(&t, &strategy, yaml.bytes, &out));
  assert_int_equal(problems_errors(t.problems), 1);
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  assert_tells(&t, printed);
  text_free(&yaml);
  told_free(&t);
}

static void each_kind_tells_what_it_expects(void **state)
{
  (void)state;
  assert_wrong("rate: 11", ":7: error: criterion 'x': rate: found the number 11, expected a number from 0 to 10\n");
  assert_wrong("bins: 1", "criterion 'x': bins: found the number 1, expected a whole number from 2 to 10\n");
  assert_wrong("bins: 2.5", "criterion 'x': bins: found the number 2.5, expected a whole number from 2 to 10\n");
  assert_wrong("log: 2", "criterion 'x': log: found the number 2, expected true or false\n");
  assert_wrong("name: [a]", "criterion 'x': name: found a list, expected text\n");
  assert_wrong("model: paretonbd", "expected one of bg_nbd, pareto_nbd\n");
  assert_wrong("model: paretonbd", "did you mean 'pareto_nbd'?\n");
  assert_wrong("horizon: 90", "criterion 'x': horizon: found the number 90, expected a duration with its unit");
  assert_wrong("horizon: 11 years", "expected a duration from 1 to 3653 days\n");
  assert_wrong("discount: 12", "did you mean '12%'?\n");
  assert_wrong("since: yesterday", "criterion 'x': since: found text 'yesterday', expected a date");
  assert_wrong("cuts: 80%", "criterion 'x': cuts: found text '80%', expected a list of numbers, [1, 2.5]\n");
  assert_wrong("cuts: [80%, 120%]", "criterion 'x': cuts[1]: found text '120%', expected a proportion from 0 to 1");
  assert_wrong("cuts: [0.8, 5]", "criterion 'x': cuts[1]: found the number 5, expected a number from 0 to 1\n");
  assert_wrong("cuts: [0.8, ~]", "criterion 'x': cuts[1]: found nothing, expected a number from 0 to 1\n");
  assert_wrong("cuts: [0.8, '0.9']", "quotes make it text; write it without them\n");
  assert_wrong("labels: {a: b}", "criterion 'x': labels: found a map, expected a list of texts, [a, b]\n");
  assert_wrong("labels: [a, [b]]", "criterion 'x': labels[1]: found a list, expected text\n");
  assert_wrong("by: scores", "criterion 'x': by: there is no column 'scores'; expected one of its inputs\n");
}

static void records_tell_which_field_is_wrong(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_false(
      read(&t, &strategy,
           "rate: 1\nbins: 2\nlog: no\nname: a\nmodel: bg_nbd\nhorizon: 1 day\ndiscount: 0\nsince: 2000-01-01\n"
           "cuts: []\nlabels: []\nby: amount\nbands:\n- {from: 1, point: 2}\n- {points: 11, from: x}\n- top\n- {}\n",
           &out));
  assert_told(
      &t, "p.yaml:13:13: error: criterion 'x': bands[0]: unknown field 'point'; expected one of from, points, label\n"
          "   13 | - {from: 1, point: 2}\n"
          "      |             ^~~~~\n"
          "  did you mean 'points'?\n"
          "p.yaml:14:12: error: criterion 'x': bands[1].points: found the number 11, expected a whole number from 0 "
          "to 10\n"
          "   14 | - {points: 11, from: x}\n"
          "      |            ^~\n"
          "p.yaml:14:22: error: criterion 'x': bands[1].from: found text 'x', expected a number\n"
          "   14 | - {points: 11, from: x}\n"
          "      |                      ^\n"
          "p.yaml:15:3: error: criterion 'x': bands[2]: found text 'top', expected a map\n"
          "   15 | - top\n"
          "      |   ^~~\n"
          "p.yaml:16:3: error: criterion 'x': bands[3]: the field 'from' is missing; expected a number\n"
          "   16 | - {}\n"
          "      |   ^~\n"
          "  from: where the band begins\n");
  told_free(&t);
}

static const tarazu_param modest[] = {
    {.name = "limit", .kind = TARAZU_INTEGER, .least = 1, .most = INFINITY, .help = "how many"},
    {.name = "decay", .kind = TARAZU_DURATION, .optional = 1, .help = "half-life"},
};
static const tarazu_strategy few = {.size = sizeof few, .id = "few", .params = TARAZU_LIST(modest)};

static void what_is_missing_is_told_where_it_should_be(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_false(read(&t, &few, NULL, &out));
  assert_told(&t, "p.yaml:40:2: error: criterion 'x': the parameter 'limit' is missing; expected a whole number\n"
                  "  limit: how many\n");
  told_free(&t);
}

static void all_that_is_missing_is_told(void **state)
{
  (void)state;
  static const char *const expected[] = {
      "'rate' is missing; expected a number\n",
      "'log' is missing; expected true or false\n",
      "'name' is missing; expected text\n",
      "'model' is missing; expected one of bg_nbd, pareto_nbd\n",
      "'horizon' is missing; expected a duration such as 90 days\n",
      "'discount' is missing; expected a proportion such as 12%\n",
      "'since' is missing; expected a date such as 2011-12-10\n",
      "'cuts' is missing; expected a list of numbers, [1, 2.5]\n",
      "'bands' is missing; expected a list of maps, [{\xE2\x80\xA6}]\n",
      "'by' is missing; expected the name of a column\n",
  };
  told t = told_new();
  args out;
  assert_false(read(&t, &strategy, NULL, &out));
  assert_int_equal(problems_errors(t.problems), 12);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) assert_tells(&t, expected[i]);
  told_free(&t);
}

static void null_is_as_good_as_absent(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_true(read(&t, &few, "limit: 3\ndecay: ~\n", &out));
  assert_told(&t, "");
  assert_int_equal(tarazu_arg(&out.args, 0)->integer, 3);
  assert_int_equal(tarazu_arg(&out.args, 1)->given, 0);
  assert_null(out.nodes[1]);
  assert_false(read(&t, &few, "limit:\n", &out));
  assert_tells(&t, "p.yaml:1:7: error: criterion 'x': the parameter 'limit' is missing; expected a whole number\n");
  told_free(&t);
}

static void unknown_parameters_are_told_with_the_nearest(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  const tarazu_strategy none = {.size = sizeof none, .id = "none"};
  assert_false(read(&t, &few, "limit: 3\nlimti: 4\n", &out));
  assert_told(&t, "p.yaml:2:1: error: criterion 'x': unknown parameter 'limti'; expected one of limit, decay\n"
                  "    2 | limti: 4\n"
                  "      | ^~~~~\n"
                  "  did you mean 'limit'?\n");
  assert_false(read(&t, &none, "a: 1\n", &out));
  assert_tells(&t, "unknown parameter 'a'; expected none, for it has no parameters\n");
  assert_true(read(&t, &none, NULL, &out));
  assert_true(read(&t, &none, "{}", &out));
  assert_true(read(&t, &none, "~", &out));
  told_free(&t);
}

static void params_must_be_a_map(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_false(read(&t, &few, "[1]", &out));
  assert_told(&t, "p.yaml:1:1: error: criterion 'x': params: found a list, expected a map\n"
                  "    1 | [1]\n"
                  "      | ^~~\n");
  told_free(&t);
}

static void an_open_range_says_so(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_true(read(&t, &few, "limit: 9223372036854775807", &out));
  assert_true(tarazu_arg(&out.args, 0)->integer == INT64_MAX);
  assert_false(read(&t, &few, "limit: 0", &out));
  assert_tells(&t, "limit: found the number 0, expected a whole number of at least 1\n");
  told_free(&t);
}

static const tarazu_param with_defaults[] = {
    {.name = "rate", .kind = TARAZU_REAL, .initial = "0.5"},
    {.name = "bins", .kind = TARAZU_INTEGER, .initial = "5"},
    {.name = "log", .kind = TARAZU_SWITCH, .initial = "true"},
    {.name = "name", .kind = TARAZU_STRING, .initial = "a: *b"},
    {.name = "model", .kind = TARAZU_CHOICE, .initial = "pareto_nbd", .choices = models},
    {.name = "horizon", .kind = TARAZU_DURATION, .initial = "1 week"},
    {.name = "discount", .kind = TARAZU_PROPORTION, .initial = "12%"},
    {.name = "since", .kind = TARAZU_DATE, .initial = "1970-01-02"},
    {.name = "cuts", .kind = TARAZU_REALS, .initial = "[80%, 95%]"},
    {.name = "labels", .kind = TARAZU_STRINGS, .initial = "[A, B, C]"},
    {.name = "bands", .kind = TARAZU_RECORDS, .initial = "[{from: 3}]", .fields = TARAZU_LIST(band_fields)},
    {.name = "by", .kind = TARAZU_COLUMN, .initial = "score"},
    {.name = "empty", .kind = TARAZU_REALS, .initial = "[]"},
};
static const tarazu_strategy defaults = {.size = sizeof defaults, .params = TARAZU_LIST(with_defaults)};

static void defaults_are_read_as_a_profile_would_write_them(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  assert_true(read(&t, &defaults, NULL, &out));
  assert_told(&t, "");
  for (uint32_t i = 0; i < out.args.values.count; i++) {
    assert_int_equal(tarazu_arg(&out.args, i)->given, 1);
    assert_null(out.nodes[i]);
  }
  assert_null(out.params);
  assert_true(tarazu_arg(&out.args, 0)->real == 0.5);
  assert_int_equal(tarazu_arg(&out.args, 1)->integer, 5);
  assert_int_equal(tarazu_arg(&out.args, 2)->integer, 1);
  assert_string_equal(tarazu_arg(&out.args, 3)->text, "a: *b");
  assert_int_equal(tarazu_arg(&out.args, 4)->integer, 1);
  assert_true(tarazu_arg(&out.args, 5)->real == 7);
  assert_true(tarazu_arg(&out.args, 6)->real == 0.12);
  assert_true(tarazu_arg(&out.args, 7)->integer == MICROSECONDS_PER_DAY);
  assert_true(tarazu_arg(&out.args, 8)->reals[1] == 0.95);
  assert_string_equal(tarazu_arg(&out.args, 9)->texts[2], "C");
  assert_true(tarazu_arg(&tarazu_arg(&out.args, 10)->records[0], 0)->real == 3);
  assert_int_equal(tarazu_arg(&out.args, 11)->integer, 1);
  assert_int_equal(tarazu_arg(&out.args, 12)->count, 0);
  told_free(&t);
}

static void a_default_that_is_none_is_the_plugins_fault(void **state)
{
  (void)state;
  static const tarazu_param wrong[] = {{.name = "bins", .kind = TARAZU_INTEGER, .initial = "many"},
                                       {.name = "cuts", .kind = TARAZU_REALS, .initial = "[1"}};
  const tarazu_strategy faulty = {.size = sizeof faulty, .params = TARAZU_LIST(wrong)};
  told t = told_new();
  args out;
  assert_false(read(&t, &faulty, NULL, &out));
  assert_int_equal(problems_status(t.problems), EXIT_PLUGIN);
  assert_int_equal(problems_errors(t.problems), 2);
  assert_tells(&t, "bins: the plugin's default, 'many', is not a whole number that it accepts itself\n");
  told_free(&t);
}

static void a_default_column_must_be_there(void **state)
{
  (void)state;
  static const tarazu_param by[] = {{.name = "by", .kind = TARAZU_COLUMN, .initial = "revenue"}};
  const tarazu_strategy one = {.size = sizeof one, .params = TARAZU_LIST(by)};
  told t = told_new();
  args out;
  assert_false(read(&t, &one, NULL, &out));
  assert_told(
      &t, "p.yaml:40:2: error: criterion 'x': by: there is no column 'revenue', which it means by default; expected "
          "one of its inputs\n"
          "  name it by the parameter 'by'\n");
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  assert_false(args_read(&one, NULL, NOWHERE, "sink", NULL, NULL, NULL, t.arena, t.problems, &out));
  told_free(&t);
}

static void an_error_of_create_finds_its_place(void **state)
{
  (void)state;
  told t = told_new();
  args out;
  const place other = {.file = "other"};
  assert_true(read(&t, &strategy, good, &out));
  place at = args_place(&out, &(tarazu_error){.row = -1, .param = BINS, .item = -1}, other);
  assert_int_equal(at.line, 3);
  assert_int_equal(at.column, 7);
  at = args_place(&out, &(tarazu_error){.row = -1, .param = CUTS, .item = 1}, other);
  assert_int_equal(at.line, 10);
  assert_int_equal(at.column, 13);
  at = args_place(&out, &(tarazu_error){.row = -1, .param = BANDS, .item = 1}, other);
  assert_int_equal(at.line, 14);
  at = args_place(&out, &(tarazu_error){.row = -1, .param = CUTS, .item = 2}, other);
  assert_int_equal(at.line, 10);
  assert_int_equal(at.column, 7);
  assert_string_equal(args_place(&out, &(tarazu_error){.param = -1, .item = -1}, other).file, "other");
  assert_string_equal(args_place(&out, &(tarazu_error){.param = 12, .item = -1}, other).file, "other");
  assert_true(read(&t, &defaults, NULL, &out));
  assert_string_equal(args_place(&out, &(tarazu_error){.param = 1, .item = -1}, other).file, "other");
  told_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_is_read_in_declared_order),
      cmocka_unit_test(lists_have_counts),
      cmocka_unit_test(each_kind_tells_what_it_expects),
      cmocka_unit_test(records_tell_which_field_is_wrong),
      cmocka_unit_test(what_is_missing_is_told_where_it_should_be),
      cmocka_unit_test(all_that_is_missing_is_told),
      cmocka_unit_test(null_is_as_good_as_absent),
      cmocka_unit_test(unknown_parameters_are_told_with_the_nearest),
      cmocka_unit_test(params_must_be_a_map),
      cmocka_unit_test(an_open_range_says_so),
      cmocka_unit_test(defaults_are_read_as_a_profile_would_write_them),
      cmocka_unit_test(a_default_that_is_none_is_the_plugins_fault),
      cmocka_unit_test(a_default_column_must_be_there),
      cmocka_unit_test(an_error_of_create_finds_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
