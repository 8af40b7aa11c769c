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
  const char *more;  /* lines of the profile */
  const char *third; /* of the third criterion: further keys */
} world;

static double fraction(unsigned *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 24);
}

static void make_world(world *w, const char *more, unsigned seed)
{
  *w = (world){.weights = {3, 2, 1}, .more = more, .third = ""};
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
           "  c: {plugin: attribute, dimension: non_financial, weight: %.17g, input: {value: customers.c}%s}\n%s",
           w->weights[0], w->weights[1], w->weights[2], w->third, w->more);
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
  if (listed(&less, row) != is) fail_msg("%s: p%02d: nine tenths of %s are enough", what, row, criterion);
  for (int i = 1; deep && i <= 24; i++) {
    double share = 0.97 * i / 24;
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

/* Ranks 1, 4, 7 and so on, of which 5 are on the list. */
static count assert_world(const world *w, const char *what, int deep)
{
  trial t;
  count found = {0};
  run_world(&t, w);
  const engine *e = session_engine(t.session);
  for (int i = 0; i < 14; i += 3) assert_customer(&t, w, (int)e->order[i], deep, what, &found);
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_every_combiner_the_change_is_enough_and_nine_tenths_are_not),
      cmocka_unit_test(none_that_is_smaller_is_enough),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
