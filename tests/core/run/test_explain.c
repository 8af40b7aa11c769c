/* Why one customer stands where she stands: as text, and as JSON that a parser reads back. */
#include "config/yaml.h"
#include "support/session.h"
#include <stdlib.h>

#define PROFILE                                                                                                       \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: weighted_sum\n"                              \
  "criteria:\n"                                                                                                       \
  "  spent: {plugin: telling, dimension: financial, weight: 3, input: {value: customers.spent}}\n"                    \
  "  complaints: {plugin: attribute, dimension: non_financial, better: less, input: {value: customers.complaints}}\n" \
  "segments:\n  tier: {plugin: pareto, input: {value: spent}, params: {cuts: [50%], names: [\"gold \\\"x\\\"\", "     \
  "rest]}}\n"                                                                                                         \
  "key_customers:\n  limit: 1\n  exclude: [{customer: eva, reason: \"left \\\"us\\\"\", author: Ä}]\n"

/* spent normalized: 0, .5, 1, -, .25; complaints: 1, 0, .5, .75, - */
static void run(trial *t)
{
  trial_new(t);
  assert_good(t, trial_open(t, PROFILE));
  assert_good(t, trial_push(t, "customers", 5, TEXTS("id", "ann", "bob", "cid \"Q\" ü", "dan", "eva"),
                            REALS("spent", 10, 20, 30, NAN, 15), REALS("complaints", 0, 4, 2, 1, NAN)));
  assert_good(t, trial_run(t));
}

static void the_text_tells_place_parts_and_neighbours(void **state)
{
  trial t;
  const char *out;
  (void)state;
  run(&t);
  assert_good(&t, tarazu_explain_customer(t.session, "bob", 0, &out));
  assert_words(out, "Customer bob: rank 3 of 5, score 0.3750\n");
  assert_words(out, "Not a key customer: beyond the limit of 1\n");
  assert_words(out, "score 0.3750 = baseline 0.0000 + contributions 0.3750");
  assert_words(out, "financial: 0.5000, better than 62 % of the customers"); /* two below, half of herself, of four */
  assert_words(out, "the last key customer is 'cid \"Q\" ü', rank 1, score 0.8750");
  assert_words(out, "spent: she is worth more than a dozen");
  assert_no_words(out, "coverage");
  assert_good(&t, tarazu_explain_customer(t.session, "cid \"Q\" ü", 0, &out));
  assert_words(out, "Key customer: rank 1, within the limit of 1");
  assert_words(out, "tier: gold \"x\"");
  assert_words(out, "the first customer who is not key is 'dan', rank 2, score 0.7500");
  assert_good(&t, tarazu_explain_customer(t.session, "dan", 0, &out));
  assert_words(out, "coverage 25 %");
  assert_words(out, "tier: -");
  assert_good(&t, tarazu_explain_customer(t.session, "eva", 0, &out));
  assert_words(out, "Not a key customer: excluded by Ä: left \"us\"");
  assert_good(&t, tarazu_explain_customer(t.session, "ann", 0, &out));
  assert_no_words(out, "she is worth");
  trial_free(&t);
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

static void the_json_reads_back(void **state)
{
  trial t;
  const char *out;
  (void)state;
  run(&t);
  arena *memory = arena_new();
  problems *faults = problems_new();
  assert_good(&t, tarazu_explain_customer(t.session, "cid \"Q\" ü", 1, &out));
  node *root = yaml_parse("explanation", out, strlen(out), memory, faults);
  assert_int_equal(problems_errors(faults), 0);
  assert_string_equal(text_of(root, "customer"), "cid \"Q\" ü");
  assert_near(real_of(root, "rank"), 1, 0);
  assert_near(real_of(root, "customers"), 5, 0);
  assert_near(real_of(root, "score"), 0.75 + 0.25 * 0.5, 1e-15);
  assert_string_equal(text_of(root, "key_customer"), "true");
  assert_near(real_of(root, "coverage"), 1, 0);
  assert_near(real_of(node_get(root, "dimensions"), "non_financial"), 0.5, 1e-15);
  assert_string_equal(text_of(node_get(root, "segments"), "tier"), "gold \"x\"");
  const node *reasons = node_get(root, "reasons");
  assert_int_equal(reasons->count, 1); /* what the text says, too */
  assert_string_equal(text_of(reasons->items[0], "of"), "spent");
  assert_string_equal(text_of(reasons->items[0], "text"), "she is worth more than a dozen");
  assert_int_equal(node_get(root, "models")->count, 0);
  const node *criteria = node_get(root, "criteria");
  assert_int_equal(criteria->count, 2);
  const node *complaints = criteria->items[1];
  assert_string_equal(text_of(complaints, "criterion"), "complaints");
  assert_string_equal(text_of(complaints, "dimension"), "non_financial");
  assert_near(real_of(complaints, "value"), 2, 0);
  assert_near(real_of(complaints, "normalized"), 0.5, 0);
  assert_near(real_of(complaints, "contribution"), 0.125, 1e-15);
  assert_near(real_of(complaints, "weight"), 0.25, 1e-15);
  assert_near(real_of(complaints, "better_than"), 1.5 / 4,
              1e-15); /* of four with a value one is worse; less is better */
  assert_good(&t, tarazu_explain_customer(t.session, "ann", 1, &out));
  reasons = node_get(yaml_parse("explanation", out, strlen(out), memory, faults), "reasons");
  assert_int_equal(reasons->count, 0);
  assert_good(&t, tarazu_explain_customer(t.session, "dan", 1, &out));
  root = yaml_parse("explanation", out, strlen(out), memory, faults);
  const node *spent = node_get(root, "criteria")->items[0];
  assert_string_equal(text_of(spent, "value"), "null");
  assert_string_equal(text_of(spent, "contribution"), "null");
  assert_string_equal(text_of(spent, "better_than"), "null");
  assert_string_equal(text_of(node_get(root, "segments"), "tier"), "null");
  assert_string_equal(text_of(node_get(root, "dimensions"), "financial"), "null");
  problems_free(faults);
  arena_free(memory);
  trial_free(&t);
}

static void one_without_a_score_is_explained_too(void **state)
{
  trial t;
  const char *out;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, PROFILE));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "ann", "eva"), REALS("spent", NAN, 1),
                             REALS("complaints", NAN, 1)));
  assert_good(&t, trial_run(&t));
  assert_good(&t, tarazu_explain_customer(t.session, "ann", 0, &out));
  assert_words(out, "Customer ann\n");
  assert_words(out, "no score: nothing that weighs could be measured");
  assert_good(&t, tarazu_explain_customer(t.session, "ann", 1, &out));
  assert_words(out, "\"rank\": null");
  assert_words(out, "\"score\": null");
  trial_free(&t);
}

static void a_stranger_is_told_with_the_nearest_name(void **state)
{
  trial t;
  const char *out = "something";
  (void)state;
  run(&t);
  assert_int_equal(tarazu_explain_customer(t.session, "boob", 0, &out), TARAZU_FAULT_USAGE);
  assert_null(out);
  assert_told(&t, "there is no customer 'boob' among the 5");
  assert_told(&t, "did you mean 'bob'?");
  assert_int_equal(tarazu_explain_customer(t.session, "", 1, &out), TARAZU_FAULT_USAGE);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_text_tells_place_parts_and_neighbours),
      cmocka_unit_test(the_json_reads_back),
      cmocka_unit_test(one_without_a_score_is_explained_too),
      cmocka_unit_test(a_stranger_is_told_with_the_nearest_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
