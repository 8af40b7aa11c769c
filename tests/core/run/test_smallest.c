/* The smallest change, applied to the data or to the profile, moves the customer over the line in a run of its own;
 * nine tenths of it do not; and no other that is clearly smaller does. */
#include "catalog/catalog.h"
#include "config/yaml.h"
#include "run/session.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

enum { PEOPLE = 30, CRITERIA = 3 };

/* A world: what three criteria measure of thirty customers, and what follows them in the profile. */
typedef struct world {
  double x[CRITERIA][PEOPLE];
  double weights[CRITERIA];
  const char *more;   /* lines of the profile */
  const char *third;  /* of the third criterion: further keys */
  const char *scorer; /* of the third criterion */
} world;

static double fraction(unsigned *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 24);
}

static void make_world(world *w, const char *more, unsigned seed)
{
  *w = (world){.weights = {3, 2, 1}, .more = more, .third = "", .scorer = "attribute"};
  for (int i = 0; i < PEOPLE; i++) {
    w->x[0][i] = exp(2 * fraction(&seed));
    w->x[1][i] = 1 + 9 * fraction(&seed);
    w->x[2][i] = 1 + floor(5 * fraction(&seed)); /* many ties */
  }
}

static void run_world(trial *t, const world *w)
{
  char words[2000];
  const char *ids[PEOPLE];
  char names[PEOPLE][8];
  for (int i = 0; i < PEOPLE; i++) {
    snprintf(names[i], sizeof names[i], "p%02d", i);
    ids[i] = names[i];
  }
  snprintf(words, sizeof words,
           "tarazu: 1\nas_of: 2020-01-01\ndata: {customers: {key: id}}\ncriteria:\n"
           "  a: {plugin: attribute, dimension: financial, weight: %.17g, input: {value: customers.a}}\n"
           "  b: {plugin: attribute, dimension: non_financial, weight: %.17g, input: {value: customers.b}}\n"
           "  c: {plugin: %s, dimension: non_financial, weight: %.17g, input: {value: customers.c}%s}\n%s",
           w->weights[0], w->weights[1], w->scorer, w->weights[2], w->third, w->more);
  trial_new(t);
  assert_good(t, trial_open(t, words));
  const given columns[] = {{"id", "u", ids}, {"a", "g", w->x[0]}, {"b", "g", w->x[1]}, {"c", "g", w->x[2]}};
  assert_good(t, trial_push_as(t, "customers", PEOPLE, columns, 4, (arrival){0, NULL}));
  assert_good(t, trial_run(t));
}

static int listed(const world *w, int row)
{
  trial t;
  run_world(&t, w);
  int is = ((const uint8_t *)session_selection(t.session)->key.values)[row];
  trial_free(&t);
  return is;
}

/* ---- what is told ------------------------------------------------------------------------------------------------ */

typedef struct told {
  arena *memory;
  problems *faults;
  const node *changes;
} told;

static told explain(trial *t, int row)
{
  told out = {arena_new(), problems_new(), NULL};
  char name[8];
  const char *words;
  snprintf(name, sizeof name, "p%02d", row);
  assert_good(t, tarazu_explain_customer(t->session, name, 1, &words));
  const node *root = yaml_parse("explanation", arena_copy(out.memory, words), strlen(words), out.memory, out.faults);
  assert_int_equal(problems_errors(out.faults), 0);
  out.changes = node_get(root, "changes");
  assert_non_null(out.changes);
  return out;
}

static void forget(told *t)
{
  problems_free(t->faults);
  arena_free(t->memory);
}

static const char *text_of(const node *map, const char *key)
{
  const node *value = node_get(map, key);
  if (!value || value->kind != NODE_SCALAR) fail_msg("no '%s'", key);
  return value->text;
}

static double real_of(const node *map, const char *key)
{
  return strtod(text_of(map, key), NULL);
}

static int is_found(const node *change)
{
  return !strcmp(text_of(change, "none"), "null");
}

/* ---- applied ----------------------------------------------------------------------------------------------------- */

/* A share of a change, in the data or the weights. */
static world applied(const world *w, int row, const node *change, double share)
{
  world other = *w;
  const node *of = node_get(change, "of");
  for (uint32_t k = 0; k < (of ? of->count : 1); k++) {
    const node *one = of ? of->items[k] : change;
    int c = text_of(one, "criterion")[0] - 'a';
    double from = real_of(one, "from"), to = real_of(one, "to");
    other.x[c][row] = share == 1 ? to : from + (to - from) * share;
  }
  return other;
}

static world weighed(const world *w, const node *change, double share)
{
  world other = *w;
  int c = text_of(change, "criterion")[0] - 'a';
  double from = real_of(change, "from"), to = real_of(change, "to"), all = 0;
  double weight = share == 1 ? to : from + (to - from) * share;
  for (int i = 0; i < CRITERIA; i++) all += w->weights[i];
  assert_near(from, w->weights[c] / all, 1e-12);
  for (int i = 0; i < CRITERIA; i++)
    other.weights[i] = i == c ? weight : w->weights[i] / all * (1 - weight) / (1 - from);
  return other;
}

typedef struct count {
  int values, pairs, weights; /* that were found */
} count;

/* Applied it turns the list, nine tenths of it do not; and, where deep, none of many smaller shares does. */
static void assert_turns(const world *w, int row, int is, const node *change, int of_weight, int deep, const char *what)
{
  world all = of_weight ? weighed(w, change, 1) : applied(w, row, change, 1);
  world less = of_weight ? weighed(w, change, 0.9) : applied(w, row, change, 0.9);
  const char *criterion = node_get(change, "of") ? "a pair" : text_of(change, "criterion");
  assert_string_equal(text_of(change, "tried"), "true");
  if (listed(&all, row) == is) fail_msg("%s: p%02d: the change of %s turns nothing", what, row, criterion);
  if (!strcmp(text_of(change, "any"), "true")) return; /* there is no smallest one */
  if (listed(&less, row) != is) fail_msg("%s: p%02d: nine tenths of %s are enough", what, row, criterion);
  for (int i = 1; deep && i <= 12; i++) {
    double share = 0.97 * i / 12;
    world some = of_weight ? weighed(w, change, share) : applied(w, row, change, share);
    if (listed(&some, row) != is) fail_msg("%s: p%02d: %.3f of %s are enough", what, row, share, criterion);
  }
}

/* Where nothing was found, no value within the span of all customers' turns the list. */
static void assert_none(const world *w, int row, int is, const node *change, const char *what)
{
  int c = text_of(change, "criterion")[0] - 'a';
  double least = INFINITY, most = -INFINITY;
  if (strcmp(text_of(change, "none"), "no value that a customer has is enough") != 0) return;
  for (int i = 0; i < PEOPLE; i++) least = fmin(least, w->x[c][i]), most = fmax(most, w->x[c][i]);
  for (int i = 0; i <= 20; i++) {
    world other = *w;
    other.x[c][row] = i == 20 ? most : least + (most - least) * i / 20;
    if (listed(&other, row) != is)
      fail_msg("%s: p%02d: %g in %s turns the list, and nothing was told", what, row, other.x[c][row],
               text_of(change, "criterion"));
  }
}

static void assert_customer(trial *t, const world *w, int row, int deep, const char *what, count *found)
{
  int is = ((const uint8_t *)session_selection(t->session)->key.values)[row];
  told out = explain(t, row);
  const node *values = node_get(out.changes, "one_value"), *pairs = node_get(out.changes, "two_values"),
             *weights = node_get(out.changes, "one_weight");
  assert_string_equal(text_of(out.changes, "toward"), is ? "off the list" : "onto the list");
  for (uint32_t i = 0; i < values->count; i++) {
    if (is_found(values->items[i])) assert_turns(w, row, is, values->items[i], 0, deep, what);
    else if (deep) assert_none(w, row, is, values->items[i], what);
    found->values += is_found(values->items[i]);
  }
  for (uint32_t i = 0; i < pairs->count; i++) assert_turns(w, row, is, pairs->items[i], 0, 0, what);
  for (uint32_t i = 0; i < weights->count; i++) {
    if (is_found(weights->items[i])) assert_turns(w, row, is, weights->items[i], 1, deep, what);
    found->weights += is_found(weights->items[i]);
  }
  found->pairs += (int)pairs->count;
  forget(&out);
}

/* Ranks 2, 6, 10 and 14, of which 5 are on the list. */
static count assert_world(const world *w, const char *what, int deep)
{
  trial t;
  count found = {0};
  run_world(&t, w);
  const engine *e = session_engine(t.session);
  for (int i = 1; i < 14; i += 4) assert_customer(&t, w, (int)e->order[i], deep, what, &found);
  trial_free(&t);
  return found;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void by_every_combiner_the_change_is_enough_and_nine_tenths_are_not(void **state)
{
  const tarazu_strategy *const *all;
  const plugin_file *const *files;
  trial first;
  world w;
  int tried = 0;
  (void)state;
  make_world(&w, "combine: weighted_sum\nkey_customers: {limit: 5}\n", 1);
  run_world(&first, &w);
  uint32_t strategies = catalog_strategies(session_catalog(first.session), &all, &files);
  for (uint32_t i = 0; i < strategies; i++) {
    char more[200];
    if (all[i]->role != TARAZU_COMBINER) continue;
    snprintf(more, sizeof more, "combine: %s\nkey_customers: {limit: 5}\n", all[i]->id);
    make_world(&w, more, 7);
    count found = assert_world(&w, all[i]->id, 0);
    if (!found.values) fail_msg("%s: no change of a value was found", all[i]->id);
    if (!found.weights) fail_msg("%s: no change of a weight was found", all[i]->id);
    tried++;
  }
  assert_in_range(tried, 24, 1000); /* tests' own among them: by row numbers, not monotone, weights learned */
  trial_free(&first);
}

static void none_that_is_smaller_is_enough(void **state)
{
  static const char *const combiners[] = {"weighted_sum", "topsis", "tent", "by_row", "vikor"};
  (void)state;
  for (size_t i = 0; i < sizeof combiners / sizeof *combiners; i++) {
    char more[200];
    world w;
    snprintf(more, sizeof more, "combine: %s\nkey_customers: {limit: 5}\n", combiners[i]);
    make_world(&w, more, 11 + (unsigned)i);
    assert_world(&w, combiners[i], 1);
  }
}

/* ---- at the edges ------------------------------------------------------------------------------------------------ */

static void assert_no_change(const world *w, int row, const char *why)
{
  trial t;
  const char *words;
  char name[8];
  run_world(&t, w);
  told out = explain(&t, row);
  assert_string_equal(text_of(out.changes, "none"), why);
  assert_int_equal(node_get(out.changes, "one_value")->count, 0);
  forget(&out);
  snprintf(name, sizeof name, "p%02d", row);
  assert_good(&t, tarazu_explain_customer(t.session, name, 0, &words));
  assert_words(words, "No change of a value or a weight would");
  assert_words(words, why);
  trial_free(&t);
}

static void where_nothing_can_help_the_reason_is_told(void **state)
{
  world w;
  (void)state;
  make_world(&w, "key_customers: {limit: 3, pin: [{customer: p04, reason: r, author: a}]}\n", 3);
  assert_no_change(&w, 4, "she is pinned");
  w.more = "key_customers: {limit: 3, exclude: [{customer: p04, reason: r, author: a}]}\n";
  assert_no_change(&w, 4, "she is excluded by hand");
  w.more = "key_customers: {limit: 1, pin: [{customer: p04, reason: r, author: a}]}\n";
  assert_no_change(&w, 5, "pins take all the seats");
  w.more = "key_customers: {limit: 30}\n";
  assert_no_change(&w, 5, "there is a seat for everyone who may be chosen");
  w.more = "key_customers: {limit: 3, exclude: [{customer: p04, reason: r, author: a, until: 2019-01-01}]}\n";
  assert_world(&w, "an exclusion that is over", 0);
}

/* Everybody the same: the first by key are chosen, and nobody has a value to change to. */
static void equals_have_nothing_to_change_but_what_is_told(void **state)
{
  world w;
  trial t;
  (void)state;
  make_world(&w, "key_customers: {limit: 3}\n", 3);
  for (int c = 0; c < CRITERIA; c++)
    for (int i = 0; i < PEOPLE; i++) w.x[c][i] = 2;
  run_world(&t, &w);
  for (int row = 2; row < 4; row++) {
    told out = explain(&t, row);
    for (uint32_t i = 0; i < CRITERIA; i++) {
      assert_string_equal(text_of(node_get(out.changes, "one_value")->items[i], "none"),
                          "all customers have the same value");
      assert_string_equal(text_of(node_get(out.changes, "one_weight")->items[i], "none"), "no weight is enough");
    }
    assert_int_equal(node_get(out.changes, "two_values")->count, 0);
    forget(&out);
  }
  trial_free(&t);
}

/* A tie at the edge goes by key: the later one of two equals gets in by next to nothing. */
static void of_two_equals_the_later_one_needs_the_least_step(void **state)
{
  world w;
  trial t;
  (void)state;
  make_world(&w, "key_customers: {limit: 5}\n", 5);
  run_world(&t, &w);
  const engine *e = session_engine(t.session);
  int last = (int)e->order[4], other = last;
  trial_free(&t);
  for (int i = 0; i < PEOPLE && other == last; i++)
    if (i > last) other = i;
  assert_true(other > last);
  for (int c = 0; c < CRITERIA; c++) w.x[c][other] = w.x[c][last];
  assert_int_equal(listed(&w, last), 1);
  assert_int_equal(listed(&w, other), 0);
  run_world(&t, &w);
  told out = explain(&t, other);
  const node *values = node_get(out.changes, "one_value"), *first = NULL;
  for (uint32_t i = 0; i < values->count; i++) /* where she has the most already, no value is more */
    if (is_found(values->items[i]) && (!first || real_of(values->items[i], "size") < real_of(first, "size")))
      first = values->items[i];
  assert_non_null(first);
  assert_string_equal(text_of(first, "any"), "true");
  assert_true(real_of(first, "size") < 1e-3);
  world more = applied(&w, other, first, 1);
  assert_int_equal(listed(&more, other), 1);
  forget(&out);
  trial_free(&t);
}

static void every_rule_of_the_list_has_its_say(void **state)
{
  static const char *const rules[] = {
      "key_customers: {limit: 5, require: {non_financial: 60%}}\n",
      "key_customers: {limit: 5, require: {financial: {least: 0.2, of: score}}}\n",
      "dimensions: {financial: 30%, non_financial: 70%}\ncombine: vikor\n"
      "key_customers: {limit: 5, require: {financial: 50%}}\n",
      "key_customers: {limit: 5, capacity: {of: c, total: 16}}\n",
      "key_customers: {capacity: {of: b, total: 40}}\n",
      "key_customers: {limit: 6, pin: [{customer: p01, reason: r, author: a}, {customer: p02, reason: r, author: "
      "a}]}\n",
      "weigh: entropy\nkey_customers: {limit: 5}\n",
      "normalize: percentile\nkey_customers: {limit: 5}\n",
      "normalize: logarithmic\ncombine: owa\nkey_customers: {limit: 5}\n",
  };
  count all = {0};
  (void)state;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    world w;
    int by_hand = strstr(rules[i], "weigh: entropy") != NULL; /* weights that a profile does not give */
    make_world(&w, rules[i], 21 + (unsigned)i);
    trial t;
    run_world(&t, &w);
    const engine *e = session_engine(t.session);
    for (int k = 0; k < 14; k += 3) {
      int row = (int)e->order[k], is = ((const uint8_t *)session_selection(t.session)->key.values)[row];
      if (row == 1 || row == 2) continue; /* pinned in one of the worlds */
      told out = explain(&t, row);
      const node *values = node_get(out.changes, "one_value"), *pairs = node_get(out.changes, "two_values"),
                 *weights = node_get(out.changes, "one_weight");
      for (uint32_t v = 0; v < values->count; v++) {
        if (!is_found(values->items[v])) continue;
        assert_turns(&w, row, is, values->items[v], 0, 0, rules[i]);
        all.values++;
      }
      for (uint32_t v = 0; v < pairs->count; v++) assert_turns(&w, row, is, pairs->items[v], 0, 0, rules[i]);
      for (uint32_t v = 0; v < weights->count && !by_hand && !strstr(rules[i], "dimensions"); v++)
        if (is_found(weights->items[v])) assert_turns(&w, row, is, weights->items[v], 1, 0, rules[i]);
      all.pairs += (int)pairs->count;
      forget(&out);
    }
    trial_free(&t);
  }
  assert_true(all.values > 50 && all.pairs > 5);
}

/* p00 to p04 are the members, who stay within 8 in line: to get in takes five, to fall out nine. */
static void a_member_falls_out_where_members_are_no_longer_kept(void **state)
{
  world w;
  trial t;
  (void)state;
  make_world(&w, "", 2);
  trial_new(&t);
  trial_write(&t, "list.csv", "customer,key_customer\np00,true\np01,true\np02,true\np03,true\np04,true\n");
  char more[300];
  snprintf(more, sizeof more, "key_customers: {limit: 5, keep_within: 8, previous: %s}\n", trial_path(&t, "list.csv"));
  w.more = more;
  for (int i = 0; i < PEOPLE; i++) { /* p00 leads, p01 next, and so on */
    for (int c = 0; c < CRITERIA; c++) w.x[c][i] = PEOPLE - i;
  }
  trial run;
  count found = {0};
  run_world(&run, &w);
  assert_customer(&run, &w, 3, 1, "a member", &found);
  assert_customer(&run, &w, 7, 1, "a stranger", &found);
  told member = explain(&run, 3), stranger = explain(&run, 7);
  const node *one = node_get(member.changes, "one_value")->items[0];
  assert_true(is_found(one));
  w.x[0][3] = real_of(one, "to");
  forget(&member);
  forget(&stranger);
  trial_free(&run);
  run_world(&run, &w);
  assert_true(session_selection(run.session)->place[3] == 9); /* beyond the eighth place, not the fifth */
  trial_free(&run);
  trial_free(&t);
}

static void what_she_lacks_is_not_made_up_and_what_is_filled_in_is_her_value(void **state)
{
  world w;
  trial t;
  (void)state;
  make_world(&w, "key_customers: {limit: 5}\n", 9);
  run_world(&t, &w);
  int row = (int)session_engine(t.session)->order[7];
  trial_free(&t);
  w.x[1][row] = NAN;
  run_world(&t, &w);
  told out = explain(&t, row);
  assert_string_equal(text_of(node_get(out.changes, "one_value")->items[1], "none"), "she has no value");
  forget(&out);
  trial_free(&t);
  w.x[1][row] = 9;
  w.x[2][row] = NAN;
  w.third = ", missing: 2";
  run_world(&t, &w);
  out = explain(&t, row);
  assert_near(real_of(node_get(out.changes, "one_value")->items[2], "from"), 2, 0);
  count found = {0};
  forget(&out);
  int is = ((const uint8_t *)session_selection(t.session)->key.values)[row];
  out = explain(&t, row);
  const node *values = node_get(out.changes, "one_value");
  for (uint32_t i = 0; i < values->count; i++)
    if (is_found(values->items[i])) assert_turns(&w, row, is, values->items[i], 0, 0, "filled"), found.values++;
  assert_true(found.values > 0);
  forget(&out);
  trial_free(&t);
}

/* A criterion in whole numbers is changed by whole numbers: so many are enough, one less is not. */
static void whole_numbers_stay_whole(void **state)
{
  world w;
  trial t;
  int found = 0;
  (void)state;
  make_world(&w, "key_customers: {limit: 5}\n", 31);
  w.scorer = "typed";
  w.weights[2] = 4;
  for (int i = 0; i < PEOPLE; i++) w.x[2][i] = 3 * w.x[2][i] + i % 3;
  run_world(&t, &w);
  assert_int_equal(session_engine(t.session)->plan->raw[2]->column.type, TARAZU_I64);
  for (int k = 0; k < 12; k++) {
    int row = (int)session_engine(t.session)->order[k];
    told out = explain(&t, row);
    const node *c = node_get(out.changes, "one_value")->items[2];
    if (is_found(c)) {
      double from = real_of(c, "from"), to = real_of(c, "to");
      int is = listed(&w, row);
      world all = w, less = w;
      assert_near(to, floor(to), 0);
      assert_string_equal(text_of(c, "any"), "false");
      all.x[2][row] = to;
      less.x[2][row] = to > from ? to - 1 : to + 1;
      assert_int_equal(listed(&all, row), !is);
      assert_int_equal(listed(&less, row), is);
      found++;
    }
    forget(&out);
  }
  assert_true(found > 3);
  trial_free(&t);
}

/* Her cells are as before once it is told. */
static void asking_changes_nothing(void **state)
{
  world w;
  trial t;
  (void)state;
  make_world(&w, "combine: topsis\nkey_customers: {limit: 5}\n", 9);
  w.x[1][3] = NAN;
  w.third = ", missing: median";
  w.x[2][3] = NAN;
  run_world(&t, &w);
  told first = explain(&t, 3), other = explain(&t, 8), again = explain(&t, 3);
  const node *a = node_get(first.changes, "one_value"), *b = node_get(again.changes, "one_value");
  for (uint32_t i = 0; i < a->count; i++) assert_string_equal(text_of(a->items[i], "to"), text_of(b->items[i], "to"));
  forget(&first);
  forget(&other);
  forget(&again);
  const plan *p = session_engine(t.session)->plan;
  assert_int_equal(column_is_valid(&p->raw[1]->column, 3), 0);
  assert_int_equal(column_is_valid(&p->raw[2]->column, 3), 0);
  assert_int_equal(p->raw[1]->column.nulls, 1);
  for (int i = 0; i < PEOPLE; i++) assert_near(((const double *)p->raw[0]->column.values)[i], w.x[0][i], 0);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_every_combiner_the_change_is_enough_and_nine_tenths_are_not),
      cmocka_unit_test(none_that_is_smaller_is_enough),
      cmocka_unit_test(where_nothing_can_help_the_reason_is_told),
      cmocka_unit_test(equals_have_nothing_to_change_but_what_is_told),
      cmocka_unit_test(of_two_equals_the_later_one_needs_the_least_step),
      cmocka_unit_test(every_rule_of_the_list_has_its_say),
      cmocka_unit_test(a_member_falls_out_where_members_are_no_longer_kept),
      cmocka_unit_test(what_she_lacks_is_not_made_up_and_what_is_filled_in_is_her_value),
      cmocka_unit_test(whole_numbers_stay_whole),
      cmocka_unit_test(asking_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
