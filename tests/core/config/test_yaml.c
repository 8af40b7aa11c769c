/* YAML to nodes: what is understood, where each node says it stands, and what is told of files that are wrong. */
#include "told.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static void lists_maps_and_scalars_are_read(void **state)
{
  (void)state;
  assert_tree("a: 1\nb: [x, 'y', \"z\\n\"]\nc: {d: {e: []}}\n",
              "{\"a\": 1, \"b\": [\"x\", \"y\", \"z\\n\"], \"c\": {\"d\": {\"e\": []}}}");
  assert_tree("- a\n-\n  - b\n  - c: d\n", "[\"a\", [\"b\", {\"c\": \"d\"}]]");
  assert_tree("just text", "\"just text\"");
  assert_tree("a: |\n  one\n  two\nb: >\n  one\n  two\n", "{\"a\": \"one\\ntwo\\n\", \"b\": \"one two\\n\"}");
  assert_tree("a:\r\n  b: 1\r\n", "{\"a\": {\"b\": 1}}");
  assert_tree("%YAML 1.1\n---\na: 1\n...\n", "{\"a\": 1}");
}

static void an_empty_file_is_an_empty_map(void **state)
{
  (void)state;
  assert_tree("", "{}");
  assert_tree("# nothing but words\n", "{}");
  assert_tree("---\n", "{}");
  assert_tree("\xEF\xBB\xBF", "{}");
  assert_tree("~", "null");
}

static void quotes_and_blocks_make_text(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "[3, '3', \"3\", !!str 3, ! 3, |\n 3\n]");
  assert_null(root); /* no block inside of brackets */
  root = told_parse(&t, "- 3\n- '3'\n- \"3\"\n- !!str 3\n- ! 3\n- |\n 3\n");
  const int quoted[] = {0, 1, 1, 1, 1, 1};
  assert_int_equal(root->count, 6);
  for (uint32_t i = 0; i < 6; i++) assert_int_equal(root->items[i]->quoted, quoted[i]);
  told_free(&t);
}

static void assert_place(const node *of, int line, int column, int length)
{
  assert_non_null(of);
  assert_string_equal(of->place.file, "p.yaml");
  assert_int_equal(of->place.line, line);
  assert_int_equal(of->place.column, column);
  assert_int_equal(of->place.length, length);
}

static void every_node_knows_its_place(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "# first\nlimit: 50\nlist: [80%, 95%]\nmap:\n  key: 'two\n    lines'\n  empty:\n");
  assert_place(node_get_key(root, "limit"), 2, 1, 5);
  assert_place(node_get(root, "limit"), 2, 8, 2);
  assert_place(node_get(root, "list"), 3, 7, 10);
  assert_place(node_get(root, "list")->items[1], 3, 13, 3);
  assert_place(node_get(root, "map"), 5, 3, 1);
  assert_place(node_get(node_get(root, "map"), "key"), 5, 8, 4);
  assert_place(node_get(node_get(root, "map"), "empty"), 7, 9, 1);
  assert_int_equal(strncmp(node_get(root, "limit")->place.line_text, "limit: 50\n", 10), 0);
  told_free(&t);
}

static void columns_count_bytes_after_any_character(void **state)
{
  (void)state;
  told t = told_new();
  /* ä has 2 bytes, € 3, U+1F600 4: x stands after 4 + 9 bytes */
  node *root = told_parse(&t, "\xC3\xA4\xE2\x82\xAC: {\xF0\x9F\x98\x80: x}\nb: y\n");
  assert_place(root->entries[0].key, 1, 1, 5);
  assert_place(root->entries[0].value->entries[0].key, 1, 9, 4);
  assert_place(root->entries[0].value->entries[0].value, 1, 15, 1);
  assert_place(node_get(root, "b"), 2, 4, 1);
  told_free(&t);
}

static void lines_are_those_of_an_editor(void **state)
{
  (void)state;
  told t = told_new();
  /* YAML also breaks lines at U+2028, no editor does. */
  node *root = told_parse(&t, "a: 'x\xE2\x80\xA8y'\nb: 1\r\nc: 2\rd: 3\n");
  assert_place(node_get(root, "b"), 2, 4, 1);
  assert_place(node_get(root, "c"), 3, 4, 1);
  assert_place(node_get(root, "d"), 4, 4, 1);
  told_free(&t);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "\xEF\xBB\xBF"
                              "a: 1\nb: 2\n");
  assert_place(node_get(root, "a"), 1, 4, 1);
  assert_place(node_get(root, "b"), 2, 4, 1);
  assert_int_equal(node_get(root, "a")->place.line_text[0], 'a');
  told_free(&t);
}

static void the_source_need_not_outlive_the_call(void **state)
{
  (void)state;
  told t = told_new();
  char name[] = "p.yaml", bytes[] = "key: value";
  node *root = yaml_parse(name, bytes, strlen(bytes), t.arena, t.problems);
  memset(name, 'x', sizeof name - 1);
  memset(bytes, 'x', sizeof bytes - 1);
  assert_place(node_get(root, "key"), 1, 6, 5);
  assert_string_equal(node_get(root, "key")->text, "value");
  assert_string_equal(node_get(root, "key")->place.line_text, "key: value");
  told_free(&t);
}

static void aliases_are_copies_with_the_place_of_what_they_repeat(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "a: &x {b: [1, &y 2]}\nc: *x\nd: *y\n*y : e\n");
  assert_told(&t, "");
  assert_string_equal(told_json(&t, root), "{\"a\": {\"b\": [1, 2]}, \"c\": {\"b\": [1, 2]}, \"d\": 2, \"2\": \"e\"}");
  assert_true(node_get(root, "a") != node_get(root, "c"));
  assert_place(node_get(node_get(root, "c"), "b"), 1, 11, 9);
  told_free(&t);
  assert_tree("- &x 1\n- *x\n- &x 2\n- *x\n", "[1, 1, 2, 2]");
}

static void an_alias_of_nothing_is_told_with_the_nearest(void **state)
{
  (void)state;
  told t = told_new();
  node *root = told_parse(&t, "base: &weights {a: 1}\nx: *wieghts\ny: *y\nz: &z [*z]\n");
  assert_non_null(root);
  assert_told(&t, "p.yaml:2:4: error: the alias '*wieghts' repeats nothing: there is no '&wieghts' above it\n"
                  "    2 | x: *wieghts\n"
                  "      |    ^~~~~~~~\n"
                  "  put text that begins with '*' in quotes\n"
                  "  did you mean 'weights'?\n"
                  "p.yaml:3:4: error: the alias '*y' repeats nothing: there is no '&y' above it\n"
                  "    3 | y: *y\n"
                  "      |    ^~\n"
                  "  put text that begins with '*' in quotes\n"
                  "p.yaml:4:8: error: the alias '*z' stands inside what it repeats\n"
                  "    4 | z: &z [*z]\n"
                  "      |        ^~\n");
  told_free(&t);
}

static void an_alias_bomb_is_told_before_it_goes_off(void **state)
{
  (void)state;
  told t = told_new();
  text yaml = {0};
  text_add(&yaml, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (int i = 1; i < 12; i++) {
    text_addf(&yaml, "a%d: &a%d [", i, i);
    for (int k = 0; k < 10; k++) text_addf(&yaml, k ? ", *a%d" : "*a%d", i - 1);
    text_add(&yaml, "]\n");
  }
  assert_null(told_parse(&t, yaml.bytes));
  assert_int_equal(problems_errors(t.problems), 1);
  assert_tells(&t, "p.yaml:5:");
  assert_tells(&t, "more than 100000 values, counting what aliases repeat");
  text_free(&yaml);
  told_free(&t);
}

static node *parse_list_of(told *t, int count)
{
  text yaml = {0};
  for (int i = 0; i < count; i++) text_add(&yaml, "- x\n");
  node *root = told_parse(t, yaml.bytes);
  text_free(&yaml);
  return root;
}

static void as_many_values_as_allowed_are_read(void **state)
{
  (void)state;
  told t = told_new();
  node *root = parse_list_of(&t, YAML_MOST_NODES - 1); /* and the list itself */
  assert_non_null(root);
  assert_int_equal(root->count, YAML_MOST_NODES - 1);
  assert_null(parse_list_of(&t, YAML_MOST_NODES));
  told_free(&t);
}

static node *parse_nested(told *t, int depth)
{
  text yaml = {0};
  for (int i = 0; i < depth; i++) text_add(&yaml, "[");
  for (int i = 0; i < depth; i++) text_add(&yaml, "]");
  node *root = told_parse(t, yaml.bytes);
  text_free(&yaml);
  return root;
}

static void depth_is_bounded(void **state)
{
  (void)state;
  told t = told_new();
  assert_non_null(parse_nested(&t, YAML_MOST_DEPTH));
  assert_null(parse_nested(&t, YAML_MOST_DEPTH + 1));
  assert_tells(&t, "p.yaml:1:65: error: lists and maps are nested more than 64 deep\n");
  assert_null(parse_nested(&t, 100000));
  told_free(&t);
}

static void aliases_do_not_get_around_the_depth(void **state)
{
  (void)state;
  told t = told_new();
  text yaml = {0};
  text_add(&yaml, "a0: &a0 [x]\n");
  for (int i = 1; i < 80; i++) text_addf(&yaml, "a%d: &a%d [*a%d]\n", i, i, i - 1);
  assert_null(told_parse(&t, yaml.bytes));
  assert_tells(&t, "nested more than 64 deep");
  text_free(&yaml);
  told_free(&t);
}

static void all_that_is_wrong_is_told_and_the_rest_is_read(void **state)
{
  (void)state;
  told t = told_new();
  node *root =
      told_parse(&t, "limit: 3\nlimit: 4\nmap: {a: 1, a: 2}\ntag: !!python/object:os.system [x]\nint: !!int 3\n"
                     "<<: {b: 1}\n[1, 2]: list\n'<<': text\n\"zero\": \"\\0\"\n? a\n");
  assert_told(&t, "p.yaml:2:1: error: the key 'limit' is given twice; expected it once\n"
                  "    2 | limit: 4\n"
                  "      | ^~~~~\n"
                  "  first given at p.yaml:1:1\n"
                  "p.yaml:3:13: error: the key 'a' is given twice; expected it once\n"
                  "    3 | map: {a: 1, a: 2}\n"
                  "      |             ^\n"
                  "  first given at p.yaml:3:7\n"
                  "p.yaml:4:6: error: the tag '!!python/object:os.system'; expected no tag, or !!str before text\n"
                  "    4 | tag: !!python/object:os.system [x]\n"
                  "      |      ^\n"
                  "p.yaml:5:6: error: the tag '!!int'; expected no tag, or !!str before text\n"
                  "    5 | int: !!int 3\n"
                  "      |      ^~~~~~~\n"
                  "p.yaml:6:1: error: text '<<' is YAML's merge key, which is not supported; expected the settings "
                  "themselves, or `extends: file` at the top\n"
                  "    6 | <<: {b: 1}\n"
                  "      | ^~\n"
                  "p.yaml:7:1: error: a list as a key; expected text before the ':'\n"
                  "    7 | [1, 2]: list\n"
                  "      | ^~~~~~\n"
                  "  put text that begins with '[' or '{' in quotes\n"
                  "p.yaml:9:9: error: text with a zero byte; expected text without\n"
                  "    9 | \"zero\": \"\\0\"\n"
                  "      |         ^~~~\n");
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  assert_string_equal(told_json(&t, root), "{\"limit\": 3, \"map\": {\"a\": 1}, \"tag\": [\"x\"], \"int\": \"3\", "
                                           "\"<<\": \"text\", \"zero\": \"\", \"a\": null}");
  told_free(&t);
}

static void keys_without_text_are_told(void **state)
{
  (void)state;
  told t = told_new();
  told_parse(&t, "{? : 1, {a: b}: 2}");
  assert_tells(&t, "p.yaml:1:4: error: nothing before the ':'; expected a key\n");
  assert_tells(&t, "p.yaml:1:9: error: a map as a key; expected text before the ':'\n");
  told_free(&t);
}

static void duplicates_among_many_keys_are_found(void **state)
{
  (void)state;
  told t = told_new();
  text yaml = {0};
  for (int i = 0; i < 20000; i++) text_addf(&yaml, "key%d: x\n", i);
  text_add(&yaml, "key12345: x\n");
  told_parse(&t, yaml.bytes);
  assert_int_equal(problems_errors(t.problems), 1);
  assert_tells(&t, "p.yaml:20001:1: error: the key 'key12345' is given twice");
  assert_tells(&t, "first given at p.yaml:12346:1\n");
  text_free(&yaml);
  told_free(&t);
}

static void reading_ends_after_a_hundred_faults(void **state)
{
  (void)state;
  told t = told_new();
  text yaml = {0};
  for (int i = 0; i < 1000; i++) text_addf(&yaml, "- *none%d\n", i);
  assert_null(told_parse(&t, yaml.bytes));
  assert_int_equal(problems_errors(t.problems), 100);
  text_free(&yaml);
  told_free(&t);
}

static void assert_refused(const char *bytes, size_t count, const char *begin)
{
  told t = told_new();
  assert_null(yaml_parse("p.yaml", bytes, count, t.arena, t.problems));
  assert_int_equal(problems_errors(t.problems), 1);
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  const char *printed = told_printed(&t);
  if (strncmp(printed, begin, strlen(begin)) != 0) fail_msg("expected '%s', got:\n%s", begin, printed);
  told_free(&t);
}

static void bytes_that_are_no_text_are_told(void **state)
{
  (void)state;
  assert_refused("a: b\nc: \xFF\n", 10,
                 "p.yaml:2:4: error: the byte 0xFF is no UTF-8; expected a file saved as UTF-8\n");
  assert_refused("\xC3\xA4: caf\xE9\n", 9, "p.yaml:1:8: error: the byte 0xE9 is no UTF-8");
  assert_refused("a: \xC0\x80\n", 6, "p.yaml:1:4: error: the byte 0xC0 is no UTF-8");
  assert_refused("a: b\xE2\x82", 6, "p.yaml:1:5: error: the byte 0xE2 is no UTF-8");
  assert_refused("a: b\n\x01: 2\n", 9,
                 "p.yaml:2:1: error: the control character U+0001; expected text without such characters\n");
  assert_refused("a: b\nc: \0d\n", 11, "p.yaml:2:4: error: a zero byte; expected text\n");
  assert_refused("\xFF\xFE"
                 "a\0",
                 4, "p.yaml: error: the file is UTF-16; expected a file saved as UTF-8\n");
  assert_refused("\xFE\xFF\0a", 4, "p.yaml: error: the file is UTF-16; expected a file saved as UTF-8\n");
}

static void one_document_is_expected(void **state)
{
  (void)state;
  const char *two = "a: b\n---\nc: d\n";
  assert_refused(two, strlen(two), "p.yaml:2:1: error: a second document begins here; expected one document a file\n");
}

/* ---- files ---- */

static char folder[] = "/tmp/tarazu-yaml-XXXXXX";

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  return rmdir(folder);
}

static void files_are_read(void **state)
{
  (void)state;
  told t = told_new();
  char *path = arena_format(t.arena, "%s/good.yaml", folder);
  FILE *file = fopen(path, "wb");
  fputs("a: [1, 2]\n", file);
  fclose(file);
  node *root = yaml_read(path, t.arena, t.problems);
  assert_told(&t, "");
  assert_string_equal(told_json(&t, root), "{\"a\": [1, 2]}");
  assert_string_equal(root->place.file, path);
  unlink(path);
  told_free(&t);
}

static void assert_unreadable(const char *path, const char *fault)
{
  told t = told_new();
  assert_null(yaml_read(path, t.arena, t.problems));
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  assert_told(&t, arena_format(t.arena, "%s: error: cannot read '%s': %s\n", path, path, fault));
  told_free(&t);
}

static void files_that_cannot_be_read_say_why(void **state)
{
  (void)state;
  told t = told_new();
  assert_unreadable(arena_format(t.arena, "%s/none.yaml", folder), strerror(ENOENT));
  assert_unreadable(folder, "it is a folder; expected a YAML file");
  char *large = arena_format(t.arena, "%s/large.yaml", folder);
  fclose(fopen(large, "wb"));
  assert_int_equal(truncate(large, YAML_MOST_BYTES + 1), 0);
  assert_unreadable(large, "it is larger than 4 MiB; expected a smaller file");
  unlink(large);
  char *loop = arena_format(t.arena, "%s/loop.yaml", folder);
  assert_int_equal(symlink("loop.yaml", loop), 0);
  assert_unreadable(loop, strerror(ELOOP));
  unlink(loop);
  told_free(&t);
}

static void more_bytes_than_a_file_may_have_are_told(void **state)
{
  (void)state;
  char *bytes = malloc(YAML_MOST_BYTES + 1);
  memset(bytes, '\n', YAML_MOST_BYTES + 1);
  assert_refused(bytes, YAML_MOST_BYTES + 1, "p.yaml: error: the file has 4194305 bytes; expected at most 4194304\n");
  told t = told_new();
  assert_non_null(yaml_parse("p.yaml", bytes, YAML_MOST_BYTES, t.arena, t.problems));
  told_free(&t);
  free(bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_maps_and_scalars_are_read),
      cmocka_unit_test(an_empty_file_is_an_empty_map),
      cmocka_unit_test(quotes_and_blocks_make_text),
      cmocka_unit_test(every_node_knows_its_place),
      cmocka_unit_test(columns_count_bytes_after_any_character),
      cmocka_unit_test(lines_are_those_of_an_editor),
      cmocka_unit_test(a_byte_order_mark_is_passed_over),
      cmocka_unit_test(the_source_need_not_outlive_the_call),
      cmocka_unit_test(aliases_are_copies_with_the_place_of_what_they_repeat),
      cmocka_unit_test(an_alias_of_nothing_is_told_with_the_nearest),
      cmocka_unit_test(an_alias_bomb_is_told_before_it_goes_off),
      cmocka_unit_test(as_many_values_as_allowed_are_read),
      cmocka_unit_test(depth_is_bounded),
      cmocka_unit_test(aliases_do_not_get_around_the_depth),
      cmocka_unit_test(all_that_is_wrong_is_told_and_the_rest_is_read),
      cmocka_unit_test(keys_without_text_are_told),
      cmocka_unit_test(duplicates_among_many_keys_are_found),
      cmocka_unit_test(reading_ends_after_a_hundred_faults),
      cmocka_unit_test(bytes_that_are_no_text_are_told),
      cmocka_unit_test(one_document_is_expected),
      cmocka_unit_test(files_are_read),
      cmocka_unit_test(files_that_cannot_be_read_say_why),
      cmocka_unit_test(more_bytes_than_a_file_may_have_are_told),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
