/* What the host accepts of a strategy's results, value by value and type by type. */
#include "support/session.h"
#include <stdio.h>

enum { PEOPLE = 100 };

/* Customers c000 … c099; the one whose value is 13 is c013. */
static int run(trial *t, const char *fault, const char *in, int64_t batch)
{
  static char names[PEOPLE][8];
  static const char *ids[PEOPLE];
  static double values[PEOPLE];
  char yaml[600];
  for (int i = 0; i < PEOPLE; i++) {
    snprintf(names[i], sizeof names[i], "c%03d", i);
    ids[i] = names[i];
    values[i] = i;
  }
  const given columns[] = {{"id", "u", ids}, {"a", "g", values}};
  snprintf(yaml, sizeof yaml,
           "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\ncriteria:\n"
           "  f: {plugin: faulty, dimension: financial, params: {fault: %s, in: %s}, input: {value: customers.a}}\n",
           fault, in);
  trial_new(t);
  t->options.batch = batch;
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push_as(t, "customers", PEOPLE, columns, 2, (arrival){0, NULL}));
  return trial_run(t);
}

static void good_values_are_taken(void **state)
{
  trial t;
  (void)state;
  assert_int_equal(run(&t, "good", "score", 7), TARAZU_GOOD);
  sheet *s = sheet_read(&t, "customers");
  for (int64_t i = 0; i < PEOPLE; i++) {
    assert_near(sheet_real(s, "f", i), 1, 0);
    assert_near(sheet_real(s, "f_whole", i), 1, 0);
    assert_near(sheet_real(s, "f_flag", i), 1, 0);
    assert_string_equal(sheet_text(s, "f_label", i), "some");
  }
  sheet_free(s);
  trial_free(&t);
}

static void a_null_needs_no_value(void **state)
{
  static const char *const outputs[] = {"score", "whole", "flag", "label"};
  (void)state;
  for (int k = 0; k < 4; k++)
    for (int64_t batch = 1; batch <= 2048; batch *= 8) {
      trial t;
      assert_good(&t, run(&t, "nulls", outputs[k], batch));
      sheet *s = sheet_read(&t, "customers");
      assert_int_equal(isnan(sheet_real_of(s, "c013", "f")), k == 0);
      assert_int_equal(isnan(sheet_real_of(s, "c013", "f_whole")), k == 1);
      assert_int_equal(isnan(sheet_real_of(s, "c013", "f_flag")), k == 2);
      assert_int_equal(sheet_text_of(s, "c013", "f_label") == NULL, k == 3);
      assert_near(sheet_real_of(s, "c012", "f"), 1, 0);
      assert_near(sheet_real_of(s, "c014", "f_flag"), 1, 0);
      sheet_free(s);
      trial_free(&t);
    }
}

static void a_wrong_value_is_told_with_its_customer(void **state)
{
  static const struct {
    const char *fault, *in, *words;
  } cases[] = {
      {"unwritten", "score", "left a value unwritten"},
      {"unwritten", "whole", "left a value unwritten"},
      {"unwritten", "flag", "left a value unwritten"},
      {"unwritten", "label", "left a value unwritten"},
      {"minus_infinity", "score", "returned infinity"},
      {"out_of_range", "flag", "returned a switch that is neither 0 nor 1"},
      {"out_of_range", "label", "returned a code that has no label"},
      {"negative", "label", "returned a code that has no label"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int64_t batch = 1; batch <= 64; batch *= 8) {
      trial t;
      char words[200];
      assert_int_equal(run(&t, cases[i].fault, cases[i].in, batch), TARAZU_FAULT_PLUGIN);
      snprintf(words, sizeof words, "criterion 'f' (plugin 'faulty'): %s in output '%s' (customer 'c013')",
               cases[i].words, cases[i].in);
      assert_told(&t, words);
      assert_int_equal(trial_errors(&t), 1);
      trial_free(&t);
    }
}

static void extreme_values_are_values(void **state)
{
  trial t;
  (void)state;
  assert_good(&t, run(&t, "extremes", "score", 64));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "c013", "f"), -1.7976931348623157e308, 0);
  sheet_free(s);
  trial_free(&t);
  assert_good(&t, run(&t, "extremes", "whole", 64));
  s = sheet_read(&t, "customers");
  assert_string_equal(sheet_text_of(s, "c013", "f_whole"), "-9223372036854775808");
  sheet_free(s);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_values_are_taken),
      cmocka_unit_test(a_null_needs_no_value),
      cmocka_unit_test(a_wrong_value_is_told_with_its_customer),
      cmocka_unit_test(extreme_values_are_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
