/* Trees of nodes: looking into them, settings of the command line laid over them, and their canonical text. */
#include "told.h"

static void keys_are_looked_up_in_maps_alone(void **state)
{
  (void)state;
  told t = told_new();
  const node *root = told_parse(&t, "a: {b: 1}\nc: [d]\ne: f\n");
  assert_string_equal(node_get(node_get(root, "a"), "b")->text, "1");
  assert_string_equal(node_get_key(root, "c")->text, "c");
  assert_null(node_get(root, "b"));
  assert_null(node_get_key(root, "b"));
  assert_null(node_get(node_get(root, "c"), "d"));
  assert_null(node_get(node_get(root, "e"), "f"));
  assert_null(node_get(NULL, "a"));
  told_free(&t);
}

static void assert_set(const char *yaml, const char *assignment, const char *json)
{
  told t = told_new();
  node *root = told_parse(&t, yaml);
  int good = node_set(root, assignment, t.arena, t.problems);
  assert_told(&t, "");
  assert_true(good);
  assert_string_equal(told_json(&t, root), json);
  told_free(&t);
}

static void a_setting_goes_over_what_is_there(void **state)
{
  (void)state;
  assert_set("a: 1\nb: 2\n", "a=3", "{\"a\": 3, \"b\": 2}");
  assert_set("a: {b: {c: 1, d: 2}}", "a.b.c=x y", "{\"a\": {\"b\": {\"c\": \"x y\", \"d\": 2}}}");
  assert_set("a: 1", "a='3'", "{\"a\": \"3\"}");
  assert_set("a: 1", "a=[1, {b: 80%}]", "{\"a\": [1, {\"b\": \"80%\"}]}");
  assert_set("a: [1, 2]", "a={b: 1}", "{\"a\": {\"b\": 1}}");
  assert_set("a: 1", "a=b=c", "{\"a\": \"b=c\"}");
  assert_set("a: 1", "a= 2 # two", "{\"a\": 2}");
}

static void missing_maps_are_made(void **state)
{
  (void)state;
  assert_set("a: 1", "b.c.d=2", "{\"a\": 1, \"b\": {\"c\": {\"d\": 2}}}");
  assert_set("a:\n", "a.b=2", "{\"a\": {\"b\": 2}}");
  assert_set("a: ~\n", "a.b=2", "{\"a\": {\"b\": 2}}");
  assert_set("", "a=2", "{\"a\": 2}");
}

static void lists_are_entered_by_number(void **state)
{
  (void)state;
  assert_set("a: [x, {b: 1}, z]", "a.1.b=2", "{\"a\": [\"x\", {\"b\": 2}, \"z\"]}");
  assert_set("a: [x, y]", "a.0=z", "{\"a\": [\"z\", \"y\"]}");
  assert_set("a: {0: x}", "a.0=z", "{\"a\": {\"0\": \"z\"}}");
}

static void a_map_goes_over_a_map_and_null_removes(void **state)
{
  (void)state;
  assert_set("a: {b: 1, c: {d: 2}}", "a={c: {e: 3}}", "{\"a\": {\"b\": 1, \"c\": {\"d\": 2, \"e\": 3}}}");
  assert_set("a: {b: 1, c: 2}", "a={b: null}", "{\"a\": {\"c\": 2}}");
  assert_set("a: {b: 1, c: 2}", "a.b=null", "{\"a\": {\"c\": 2}}");
  assert_set("a: 1\nb: 2", "a=", "{\"b\": 2}");
  assert_set("a: 1", "a={}", "{\"a\": {}}");
  assert_set("a: 1", "a='null'", "{\"a\": \"null\"}");
}

static void another_plugin_takes_the_parameters_of_the_old_one_away(void **state)
{
  (void)state;
  const char *const given = "combine: {plugin: owa, params: {orness: 0.3}, model: m, normalize: minmax}";
  assert_set(given, "combine.plugin=vikor", "{\"combine\": {\"plugin\": \"vikor\", \"normalize\": \"minmax\"}}");
  assert_set(given, "combine={plugin: vikor, params: {v: 0.5}}",
             "{\"combine\": {\"plugin\": \"vikor\", \"normalize\": \"minmax\", \"params\": {\"v\": 0.5}}}");
  assert_set(given, "combine.plugin=owa",
             "{\"combine\": {\"plugin\": \"owa\", \"params\": {\"orness\": 0.3}, \"model\": \"m\", "
             "\"normalize\": \"minmax\"}}");
  assert_set(given, "combine={params: {weights: [1]}}",
             "{\"combine\": {\"plugin\": \"owa\", \"params\": {\"orness\": 0.3, \"weights\": [1]}, \"model\": \"m\", "
             "\"normalize\": \"minmax\"}}");
}

static void what_an_alias_repeats_is_set_on_its_own(void **state)
{
  (void)state;
  assert_set("a: &x {b: 1}\nc: *x\n", "c.b=2", "{\"a\": {\"b\": 1}, \"c\": {\"b\": 2}}");
}

static void what_is_set_has_its_place_in_the_assignment(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "a: 1\n");
  assert_true(node_set(root, "b.cc=many [", t.arena, t.problems));
  const node *key = node_get_key(node_get(root, "b"), "cc"), *value = node_get(node_get(root, "b"), "cc");
  assert_string_equal(value->place.file, "--set");
  assert_int_equal(value->place.line, 1);
  assert_int_equal(value->place.column, 6);
  assert_int_equal(value->place.length, 6);
  assert_string_equal(value->place.line_text, "b.cc=many [");
  assert_int_equal(key->place.column, 3);
  assert_int_equal(key->place.length, 2);
  told_free(&t);
}

static void assert_unset(const char *yaml, const char *assignment, const char *printed)
{
  told t = told_new();
  node *root = told_parse(&t, yaml);
  const char *before = told_json(&t, root);
  assert_false(node_set(root, assignment, t.arena, t.problems));
  assert_told(&t, printed);
  assert_int_equal(problems_status(t.problems), EXIT_USAGE);
  assert_string_equal(told_json(&t, root), before);
  told_free(&t);
}

static void what_cannot_be_set_is_a_fault_of_usage(void **state)
{
  (void)state;
  assert_unset("a: 1", "a", "error: 'a': no '='; expected key=value or key.key=value\n");
  assert_unset("a: 1", "", "error: '': no '='; expected key=value or key.key=value\n");
  assert_unset("a: 1", "=1", "error: '=1': an empty key; expected key=value or key.key=value\n");
  assert_unset("a: 1", "a..b=1", "error: 'a..b=1': an empty key; expected key=value or key.key=value\n");
  assert_unset("a: 1", "a.=1", "error: 'a.=1': an empty key; expected key=value or key.key=value\n");
  assert_unset("a: 1", ".a=1", "error: '.a=1': an empty key; expected key=value or key.key=value\n");
  assert_unset("limit: 1", "limit.most=1",
               "--set:1:7: error: 'limit.most=1': cannot set 'most' in the number 1; expected a map or a list\n"
               "    1 | limit.most=1\n"
               "      |       ^~~~\n");
  assert_unset("a: [x, y]", "a.2=1",
               "--set:1:3: error: 'a.2=1': no item '2' in the list; expected a number from 0 to 1\n"
               "    1 | a.2=1\n"
               "      |   ^\n");
  assert_unset("a: []", "a.0=1",
               "--set:1:3: error: 'a.0=1': no item '0' in an empty list\n"
               "    1 | a.0=1\n"
               "      |   ^\n");
  assert_unset("a: [x, y]", "a.0=null",
               "--set:1:3: error: 'a.0=null': cannot remove from a list; expected a whole new list\n"
               "    1 | a.0=null\n"
               "      |   ^\n");
  assert_unset(
      "criteria: {word_of_mouth: 1}", "criteria.word_of_muoth=null",
      "--set:1:10: error: 'criteria.word_of_muoth=null': there is no 'word_of_muoth' to remove; expected a key "
      "that is set\n"
      "    1 | criteria.word_of_muoth=null\n"
      "      |          ^~~~~~~~~~~~~\n"
      "  did you mean 'word_of_mouth'?\n");
  assert_unset("a: 1", "b.c=null",
               "--set:1:1: error: 'b.c=null': there is no 'b' to remove; expected a key that is set\n"
               "    1 | b.c=null\n"
               "      | ^\n");
  assert_unset("a: 1", "a=[1, 2",
               "--set:1:8: error: something that is no item of the list in brackets; expected ',' or ']' before it\n"
               "    1 | a=[1, 2\n"
               "      |        ^\n");
  assert_unset("a: 1", "a={b: 1, b: 2}",
               "--set:1:10: error: the key 'b' is given twice; expected it once\n"
               "    1 | a={b: 1, b: 2}\n"
               "      |          ^\n"
               "  first given at --set:1:4\n");
}

/* `over` is the one key of another file's map: a setting and its value. */
static int lay(told *t, node *root, const char *over)
{
  const node *from = yaml_parse("e.yaml", over, strlen(over), t->arena, t->problems);
  assert_non_null(from);
  return node_lay(root, from->entries[0].key->text, from->entries[0].key->place, from->entries[0].value, t->arena,
                  t->problems);
}

static void a_value_of_another_file_is_laid_over_and_stays_whole(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "a: {plugin: x, params: {k: 1}}\nb: {c: 1}\n");
  const char *over = "{plugin: y, params: {v: 2}}";
  const node *value = yaml_parse("e.yaml", over, strlen(over), t.arena, t.problems);
  assert_true(node_lay(root, "a", NOWHERE, value, t.arena, t.problems));
  assert_true(node_lay(root, "d.e", NOWHERE, value, t.arena, t.problems));
  assert_true(lay(&t, root, "a.params.v: 3"));
  assert_true(lay(&t, root, "b.c: ~"));
  assert_string_equal(told_json(&t, root), "{\"a\": {\"plugin\": \"y\", \"params\": {\"v\": 3}}, \"b\": {}, "
                                           "\"d\": {\"e\": {\"plugin\": \"y\", \"params\": {\"v\": 2}}}}");
  assert_string_equal(told_json(&t, value), "{\"plugin\": \"y\", \"params\": {\"v\": 2}}");
  const node *laid = node_get(node_get(root, "d"), "e");
  assert_string_equal(laid->place.file, "e.yaml");
  assert_true(node_get_key(root, "d")->laid);
  assert_false(node_get_key(root, "a")->laid);
  assert_told(&t, "");
  told_free(&t);
}

static void what_cannot_be_laid_is_told_where_its_key_stands(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "a: [1]\nb: x\n");
  assert_false(lay(&t, root, "  a.3: 2"));
  assert_false(lay(&t, root, "b.c: 2"));
  assert_false(lay(&t, root, "'b..c': 2"));
  assert_false(lay(&t, root, "bb: ~"));
  assert_told(&t, "e.yaml:1:1: error: 'b..c': an empty key; expected KEY or KEY.KEY, such as combine.plugin\n"
                  "    1 | 'b..c': 2\n"
                  "      | ^~~~~~\n"
                  "e.yaml:1:1: error: 'bb': there is no 'bb' to remove; expected a key that is set\n"
                  "    1 | bb: ~\n"
                  "      | ^~\n"
                  "  did you mean 'b'?\n"
                  "e.yaml:1:3: error: 'b.c': cannot set 'c' in text 'x'; expected a map or a list\n"
                  "    1 | b.c: 2\n"
                  "      |   ^\n"
                  "e.yaml:1:5: error: 'a.3': no item '3' in the list; expected a number from 0 to 0\n"
                  "    1 |   a.3: 2\n"
                  "      |     ^\n");
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  told_free(&t);
}

static void broken_bytes_and_endless_paths_are_refused(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "a: 1");
  assert_false(node_set(root, "a=\xFF", t.arena, t.problems));
  assert_tells(&t, "no UTF-8");
  text path = {0};
  for (int i = 0; i < 1000; i++) text_add(&path, "b.");
  text_add(&path, "c=1");
  assert_false(node_set(root, path.bytes, t.arena, t.problems));
  assert_tells(&t, "too many keys");
  text_free(&path);
  told_free(&t);
}

static void the_canonical_text_tells_text_from_numbers(void **state)
{
  (void)state;
  assert_tree("[1, -2.5, 1e3, 0, -0.5, 0.0]", "[1, -2.5, 1e3, 0, -0.5, 0.0]");
  assert_tree("['1', +1, .5, 5., 007, 0x1F, .nan, .inf, 1_000, 1e999, -]",
              "[\"1\", \"+1\", \".5\", \"5.\", \"007\", \"0x1F\", \".nan\", \".inf\", \"1_000\", \"1e999\", \"-\"]");
  assert_tree("[true, false, yes, 'true', null, ~, 'null', '']",
              "[true, false, \"yes\", \"true\", null, null, \"null\", \"\"]");
  assert_tree("{\"a\\\"b\": \"\\t\\u00e4\"}", "{\"a\\\"b\": \"\\t\xC3\xA4\"}");
  assert_tree("{a: [], b: {}, c: }", "{\"a\": [], \"b\": {}, \"c\": null}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_are_looked_up_in_maps_alone),
      cmocka_unit_test(a_setting_goes_over_what_is_there),
      cmocka_unit_test(missing_maps_are_made),
      cmocka_unit_test(lists_are_entered_by_number),
      cmocka_unit_test(a_map_goes_over_a_map_and_null_removes),
      cmocka_unit_test(another_plugin_takes_the_parameters_of_the_old_one_away),
      cmocka_unit_test(what_an_alias_repeats_is_set_on_its_own),
      cmocka_unit_test(what_is_set_has_its_place_in_the_assignment),
      cmocka_unit_test(what_cannot_be_set_is_a_fault_of_usage),
      cmocka_unit_test(a_value_of_another_file_is_laid_over_and_stays_whole),
      cmocka_unit_test(what_cannot_be_laid_is_told_where_its_key_stands),
      cmocka_unit_test(broken_bytes_and_endless_paths_are_refused),
      cmocka_unit_test(the_canonical_text_tells_text_from_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
