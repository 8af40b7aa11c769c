/* Reason codes: which criteria they name, against what, and in which words. */
#include "run/grounds.h"
#include "run/session.h"
#include "support/session.h"
#include <stdio.h>

enum { PEOPLE = 6, CRITERIA = 4 };

/* Weighted sums of raw values, so that a contribution is a quarter of the value. */
static void run(trial *t)
{
  trial_new(t);
  assert_good(t, trial_open(t, "tarazu: 1\nas_of: 2020-01-01\ndata: {customers: {key: id}}\ncombine: from_ten\n"
                               "criteria:\n"
                               "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                               "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"
                               "  c: {plugin: typed, dimension: non_financial, input: {value: customers.c}}\n"
                               "  d: {plugin: attribute, dimension: non_financial, input: {value: customers.d}}\n"
                               "key_customers: {limit: 2}\n"));
  assert_good(t, trial_push(t, "customers", PEOPLE, TEXTS("id", "ann", "bob", "cid", "dan", "eva", "fay"),
                            REALS("a", 4000, 8, 1, 2, 2, NAN), REALS("b", 8, 4, 1, 1, 1, 0),
                            REALS("c", 4, 12, 1, 0, 0, 0), REALS("d", 12, -4, 1, 1, 1, 0)));
  assert_good(t, trial_run(t));
}

/* ann and bob are key. */
static void the_largest_three_are_named_in_their_order(void **state)
{
  trial t;
  (void)state;
  run(&t);
  sheet *s = sheet_read(&t, "customers");
  assert_string_equal(sheet_text_of(s, "ann", "reason_1"), "a 4000.00, better than 90 % of the customers (+1000)");
  assert_string_equal(sheet_text_of(s, "ann", "reason_2"), "d 12, better than 92 % of the customers (+3)");
  assert_string_equal(sheet_text_of(s, "ann", "reason_3"), "b 8, better than 92 % of the customers (+2)");
  assert_string_equal(sheet_text_of(s, "bob", "reason_1"), "c 12 steps, better than 92 % of the customers (+3)");
  assert_string_equal(sheet_text_of(s, "bob", "reason_2"), "a 8, better than 70 % of the customers (+2)");
  assert_string_equal(sheet_text_of(s, "bob", "reason_3"), "b 4, better than 75 % of the customers (+1)");
  for (int k = 2; k < PEOPLE; k++) assert_null(sheet_text(s, "reason_1", k)); /* not key */
  sheet_free(s);
  trial_free(&t);
}

/* What the others lack of the key customers' mean adds up to the difference of the scores. */
static void against_her_is_what_key_customers_have_more(void **state)
{
  trial t;
  const char *out;
  ground found[MOST_GROUNDS];
  (void)state;
  run(&t);
  const engine *e = session_engine(t.session);
  const selection *chosen = session_selection(t.session);
  assert_int_equal(grounds_against(e, chosen, 3, found), 3); /* dan: means are 501, 1.5, 2, 1 */
  assert_int_equal(found[0].criterion, 0);
  assert_near(found[0].worth, 501 - 0.5, 1e-12);
  assert_int_equal(found[1].criterion, 2);
  assert_near(found[1].worth, 2, 1e-12);
  assert_int_equal(found[2].criterion, 1);
  assert_near(found[2].worth, 1.5 - 0.25, 1e-12);
  assert_int_equal(grounds_against(e, chosen, 5, found), 3); /* fay has no a: nothing is said of it */
  assert_int_equal(found[0].criterion, 2);
  assert_good(&t, tarazu_explain_customer(t.session, "dan", 0, &out));
  assert_words(out, "for her:\n  1. a 2, better than 40 % of the customers (+0.5)\n");
  assert_words(out, "against her, beside the key customers' mean:\n"
                    "  1. a 2, better than 40 % of the customers (-500.5)\n"
                    "  2. c 0 steps, better than 25 % of the customers (-2)\n"
                    "  3. b 1, better than 42 % of the customers (-1.25)\n");
  assert_good(&t, tarazu_explain_customer(t.session, "bob", 0, &out));
  assert_words(out, "for her:\n");
  assert_no_words(out, "against her");
  assert_good(&t, tarazu_explain_customer(t.session, "dan", 1, &out));
  assert_words(out, "\"grounds\": {\"for\": [{\"criterion\": \"a\", \"worth\": 0.5, \"better_than\": 0.4");
  assert_words(out, "\"against\": [{\"criterion\": \"a\", \"worth\": -500.5");
  trial_free(&t);
}

/* The columns' pass over everybody counts as one look at each customer does. */
static void columns_say_what_a_look_at_one_says(void **state)
{
  enum { MANY = 500 };
  trial t;
  double x[CRITERIA][MANY];
  const char *ids[MANY];
  char names[MANY][8];
  unsigned seed = 3;
  (void)state;
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof names[i], "p%03d", i);
    ids[i] = names[i];
    for (int c = 0; c < CRITERIA; c++) {
      seed = seed * 1664525u + 1013904223u;
      x[c][i] = seed >> 28 == 3 && c ? NAN : (double)(seed >> 24) / (c + 1);
    }
  }
  trial_new(&t);
  assert_good(
      &t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata: {customers: {key: id}}\ncombine: topsis\n"
                         "criteria:\n"
                         "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                         "  b: {plugin: attribute, dimension: financial, better: less, input: {value: customers.b}}\n"
                         "  c: {plugin: attribute, dimension: non_financial, input: {value: customers.c}}\n"
                         "  d: {plugin: attribute, dimension: non_financial, input: {value: customers.d}}\n"
                         "key_customers: {limit: 60}\n"));
  const given columns[] = {{"id", "u", ids}, {"a", "g", x[0]}, {"b", "g", x[1]}, {"c", "g", x[2]}, {"d", "g", x[3]}};
  assert_good(&t, trial_push_as(&t, "customers", MANY, columns, 5, (arrival){0, NULL}));
  assert_good(&t, trial_run(&t));
  const engine *e = session_engine(t.session);
  sheet *s = sheet_read(&t, "customers");
  int told = 0;
  for (int64_t k = 0; k < MANY; k++) {
    ground found[MOST_GROUNDS];
    int64_t row = e->order[k];
    if (!((const uint8_t *)session_selection(t.session)->key.values)[row]) continue;
    uint32_t count = grounds_for(e, row, found);
    for (uint32_t i = 0; i < MOST_GROUNDS; i++) {
      char code[16];
      text words = {0};
      snprintf(code, sizeof code, "reason_%u", i + 1);
      if (i >= count) {
        assert_null(sheet_text(s, code, k));
        continue;
      }
      found[i].better = grounds_standing(e->plan->raw[found[i].criterion], row);
      grounds_words(e, row, &found[i], 0, &words);
      assert_string_equal(sheet_text(s, code, k), text_string(&words));
      text_free(&words);
      told++;
    }
  }
  assert_true(told > 120);
  sheet_free(s);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_largest_three_are_named_in_their_order),
      cmocka_unit_test(against_her_is_what_key_customers_have_more),
      cmocka_unit_test(columns_say_what_a_look_at_one_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
