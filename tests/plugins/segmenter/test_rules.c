#include "support/segmented.h"

#include <stdio.h>

/* Columns margin and referrals, of text category. */
static rig *opened(const double *margin, const double *referrals, const char *const *category, int64_t count)
{
  rig *r = rig_open("segmenter", "rules");
  if (category) rig_text(r, "category", category, count);
  rig_f64(r, "margin", margin, count);
  if (referrals) rig_f64(r, "referrals", referrals, count);
  return r;
}

static rig *ruled(rig *r, const char *params)
{
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
  return r;
}

static void the_first_rule_that_holds_wins(void **state)
{
  (void)state;
  rig *r = ruled(opened((double[]){9000, 9000, 10, 10, 0}, (double[]){5, 0, 5, 0, 0},
                        (const char *[]){"retail", "retail", "industry", "industry", "state"}, 5),
                 "rules: [{name: champion, column: margin, from: 5000}, {name: champion, column: referrals, above: 0}, "
                 "{name: big, column: margin, from: 5000}, {name: advocate, column: referrals, from: 1}, "
                 "{name: public, column: category, is: [state, city]}]");
  assert_segments(r, (const char *[]){"champion", "big", "advocate", "others", "public"});
  assert_near(fact_value(r, "customers"), 5, 0);
  assert_near(fact_value(r, "customers_in_others"), 1, 0);
  rig_close(r);
}

static void ends_belong_or_not_as_said(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5};
  expect_segments(ruled(opened(x, NULL, NULL, 5), "{rules: [{name: a, column: margin, from: 2, below: 3}, "
                                                  "{name: b, column: margin, above: 3, to: 4}], otherwise: c}"),
                  (const char *[]){"c", "a", "c", "b", "c"});
  expect_segments(ruled(opened(x, NULL, NULL, 5), "{rules: [{name: a, column: margin, is: [1, 4.0]}, "
                                                  "{name: b, column: margin, is_not: [5]}], otherwise: c}"),
                  (const char *[]){"a", "b", "b", "a", "c"});
}

static void or_begins_another_rule_of_the_same_name(void **state)
{
  (void)state;
  expect_segments(
      ruled(opened((double[]){1, 9, 1, 9}, (double[]){1, 1, 9, 9}, NULL, 4),
            "{rules: [{name: a, column: margin, from: 5}, {name: a, column: referrals, from: 5, or: yes}]}"),
      (const char *[]){"others", "a", "a", "a"});
  expect_segments(ruled(opened((double[]){1, 9}, NULL, NULL, 2),
                        "{rules: [{name: a, column: margin, from: 5}, {name: rest}], otherwise: nobody}"),
                  (const char *[]){"rest", "a"});
}

/* A condition on what is not there does not hold, unless it asks just that. */
static void nulls_meet_only_what_asks_for_them(void **state)
{
  (void)state;
  const double margin[] = {NAN, NAN, 7, NAN}, referrals[] = {1, NAN, NAN, NAN};
  const char *const category[] = {NULL, NULL, NULL, "x"};
  const char *params = "{rules: [{name: low, column: margin, below: 5}, {name: not x, column: category, is_not: [x]}, "
                       "{name: silent, column: referrals, known: no}, {name: silent, column: margin, known: yes}]%s}";
  char with[400];
  snprintf(with, sizeof with, params, "");
  expect_segments(ruled(opened(margin, referrals, category, 4), with),
                  (const char *[]){"others", "-", "silent", "others"});
  snprintf(with, sizeof with, params, ", missing: unknown");
  rig *r = ruled(opened(margin, referrals, category, 4), with);
  assert_segments(r, (const char *[]){"others", "unknown", "silent", "others"});
  assert_near(fact_value(r, "customers_in_unknown"), 1, 0);
  rig_close(r);
}

static rig *reported(const char *params)
{
  return ruled(opened((double[]){1}, (double[]){1}, (const char *[]){"x"}, 1), params);
}

static void rules_that_nobody_can_reach_are_told(void **state)
{
  (void)state;
  rig *r = reported("rules: [{name: a, column: margin, from: 5}, {name: b, column: margin, from: 6}, "
                    "{name: b, column: referrals, from: 1}, {name: c, column: referrals, from: 1}]");
  assert_fact_says(r, "rule_2", 1, "nobody can reach rule 2, 'b': rule 1, 'a', takes all");
  assert_null(rig_fact(r, "rule_1"));
  assert_null(rig_fact(r, "rule_3"));
  rig_close(r);
  r = reported("rules: [{name: a, column: margin, from: 5}, {name: b, column: margin, below: 5}, "
               "{name: c, column: margin, is: [3]}, {name: d, column: referrals, from: 1}]");
  assert_fact_says(r, "rule_3", 1, "rule 2, 'b'");
  assert_null(rig_fact(r, "rule_4")); /* of those without a margin */
  rig_close(r);
  r = reported("rules: [{name: a, column: margin, from: 5}, {name: b, column: margin, below: 5}, "
               "{name: c, column: margin, from: 4, to: 6}, {name: d, column: margin, known: yes}, "
               "{name: e, column: margin, known: no}]");
  assert_fact_says(r, "rule_3", 1, "the rules before it take all");
  assert_fact_says(r, "rule_4", 1, "the rules before it take all");
  assert_null(rig_fact(r, "rule_5"));
  rig_close(r);
  r = reported(
      "rules: [{name: a, column: margin, from: 5}, {name: a, column: margin, below: 5}, "
      "{name: b, column: category, is: [x]}, {name: c, column: category, is_not: [y]}, "
      "{name: d, column: category, is: [x, y]}, {name: d, column: category, is: [x, z]}, {name: e}, {name: f}]");
  assert_fact_says(r, "rule_1", 1, "contradict");
  assert_null(rig_fact(r, "rule_3"));
  assert_fact_says(r, "rule_4", 1, "rule 2, 'b'");
  assert_null(rig_fact(r, "rule_5"));
  assert_fact_says(r, "rule_6", 1, "rule 5, 'e'");
  rig_close(r);
}

/* Rules drawn at random over two columns and a text, against conditions tried one by one, and against every customer
 * that there could be. */
enum { MOST_DRAWN = 8 };

typedef struct drawn {
  int column, kind, low, high; /* kind 0: from low below high, 1: is low, 2: no value */
} drawn;

static const char *const words[] = {NULL, "w0", "w1", "w2", "other"};

/* value: -1 none, then 0 to 7 by halves, of the text 0 to 3. */
static int meets(const drawn *d, double value)
{
  if (d->kind == 2) return value < 0;
  if (value < 0) return 0;
  if (d->kind == 1) return value >= d->low && value <= d->low;
  return value >= d->low && value < d->high;
}

static int first_met(const drawn *d, int count, const double *values)
{
  for (int i = 0; i < count; i += 2)
    if (meets(&d[i], values[d[i].column]) && meets(&d[i + 1], values[d[i + 1].column])) return i / 2;
  return count / 2;
}

static void draw(drawn *d, int count, uint64_t *seed, char *params)
{
  static const char *const columns[] = {"margin", "referrals", "category"};
  params += sprintf(params, "rules: [");
  for (int i = 0; i < count; i++) {
    d[i].column = (int)(3 * next_uniform(seed));
    int kind = (int)(8 * next_uniform(seed));
    d[i].kind = kind == 0 ? 2 : kind < 3 || d[i].column == 2 ? 1 : 0;
    d[i].low = (int)((d[i].column == 2 ? 3 : 6) * next_uniform(seed));
    d[i].high = d[i].low + 1 + (int)(4 * next_uniform(seed));
    params += sprintf(params, "%s{name: s%d, column: %s, ", i ? ", " : "", i / 2, columns[d[i].column]);
    if (d[i].kind == 2) params += sprintf(params, "known: no}");
    else if (d[i].kind == 1) params += sprintf(params, "is: [%s%d]}", d[i].column == 2 ? "w" : "", d[i].low);
    else params += sprintf(params, "from: %d, below: %d}", d[i].low, d[i].high);
  }
  sprintf(params, "]");
}

static void drawn_rules_agree_with_trying_everybody(void **state)
{
  (void)state;
  enum { NUMBERS = 24, ALL = NUMBERS * NUMBERS * 5 };
  static double x[3][ALL];
  static const char *texts[ALL];
  uint64_t seed = 11;
  for (int i = 0; i < ALL; i++) {
    for (int c = 0; c < 2; c++) {
      int step = c ? i / NUMBERS % NUMBERS : i % NUMBERS;
      x[c][i] = step ? (step - 1) / 2. : -1;
    }
    x[2][i] = i / NUMBERS / NUMBERS - 1;
    texts[i] = words[i / NUMBERS / NUMBERS];
  }
  for (int round = 0; round < 60; round++) {
    drawn d[2 * MOST_DRAWN];
    char params[4000], name[20];
    int count = 2 * (1 + round % MOST_DRAWN), reached[MOST_DRAWN + 1] = {0};
    static double margin[ALL], referrals[ALL];
    draw(d, count, &seed, params);
    for (int i = 0; i < ALL; i++) {
      margin[i] = x[0][i] < 0 ? (double)NAN : x[0][i];
      referrals[i] = x[1][i] < 0 ? (double)NAN : x[1][i];
    }
    rig *r = ruled(opened(margin, referrals, texts, ALL), params);
    for (int i = 0; i < ALL; i++) {
      const double values[] = {x[0][i], x[1][i], x[2][i]};
      int expected = first_met(d, count, values), nothing = 1;
      const char *got = rig_label(r, 0, i);
      reached[expected]++;
      snprintf(name, sizeof name, "s%d", expected);
      if (expected < count / 2) assert_string_equal(got ? got : "-", name);
      for (int k = 0; k < count; k++) nothing &= values[d[k].column] < 0;
      if (expected == count / 2) assert_string_equal(got ? got : "-", nothing ? "-" : "others");
    }
    for (int k = 0; k < count / 2; k++) {
      snprintf(name, sizeof name, "rule_%d", k + 1);
      if (!reached[k] != (rig_fact(r, name) != NULL)) fail_msg("{%s}: %s is met by %d", params, name, reached[k]);
    }
    rig_close(r);
  }
}

static void what_makes_no_sense_is_refused(void **state)
{
  (void)state;
  rig *r = opened((double[]){1}, NULL, (const char *[]){"x"}, 1);
  expect_refusal(r, "rules: [{name: a, column: margin, from: 1}, {name: b, column: maargin, from: 1}]", 0, 1,
                 "no column 'maargin'; bound are: category, margin");
  expect_refusal(r, "rules: [{name: a, column: margin}]", 0, 0, "nothing is asked of 'margin'");
  expect_refusal(r, "rules: [{name: a, column: margin, from: 1, above: 1}]", 0, 0, "`from` and `above`");
  expect_refusal(r, "rules: [{name: a, column: margin, is: [x]}]", 0, 0, "'x' is no number");
  expect_refusal(r, "rules: [{name: a, column: category, from: 1}]", 0, 0, "is text");
  expect_refusal(r, "rules: [{name: a, from: 1}]", 0, 0, "without `column`");
  expect_refusal(r, "rules: [{name: a, column: margin, known: no, from: 1}]", 0, 0, "known: no");
  expect_refusal(r, "rules: [{name: a, column: margin, is: [1], is_not: [2]}]", 0, 0, "`is` and `is_not`");
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_rule_that_holds_wins),
      cmocka_unit_test(ends_belong_or_not_as_said),
      cmocka_unit_test(or_begins_another_rule_of_the_same_name),
      cmocka_unit_test(nulls_meet_only_what_asks_for_them),
      cmocka_unit_test(rules_that_nobody_can_reach_are_told),
      cmocka_unit_test(drawn_rules_agree_with_trying_everybody),
      cmocka_unit_test(what_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
