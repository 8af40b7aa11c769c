/* `extends`: files laid one over another, and what is told where that cannot be done. */
#include "told.h"
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/tarazu-extends-XXXXXX";

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
  (void)about, (void)kind, (void)walk;
  return remove(path);
}

static int remove_folder(void **state)
{
  (void)state;
  return chdir("/") || nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *path, const char *yaml)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fputs(yaml, file);
  fclose(file);
}

static void assert_merged(const char *path, const char *json, const char *read)
{
  told t = told_new();
  const char *const *files;
  node *root = yaml_read_extended(path, t.arena, t.problems, &files);
  assert_told(&t, "");
  assert_string_equal(told_json(&t, root), json);
  text names = {0};
  for (; *files; files++) text_addf(&names, names.length ? " %s" : "%s", *files);
  assert_string_equal(text_string(&names), read);
  text_free(&names);
  told_free(&t);
}

static void a_file_goes_over_the_one_it_extends(void **state)
{
  (void)state;
  write_file("base.yaml", "a: 1\nmap: {x: 1, deep: {y: 2, z: 3}}\nlist: [1, 2, 3]\ngone: 1\nscalar: 1\n");
  write_file("top.yaml",
             "extends: base.yaml\nmap: {deep: {y: 5}, new: 6}\nlist: [9]\ngone: null\nscalar: {m: 1}\nb: 2\n");
  assert_merged("top.yaml",
                "{\"a\": 1, \"map\": {\"x\": 1, \"deep\": {\"y\": 5, \"z\": 3}, \"new\": 6}, \"list\": [9], "
                "\"scalar\": {\"m\": 1}, \"b\": 2}",
                "top.yaml base.yaml");
}

static void a_file_without_extends_is_read_as_it_is(void **state)
{
  (void)state;
  write_file("plain.yaml", "a: null\nb: 1\n");
  assert_merged("plain.yaml", "{\"a\": null, \"b\": 1}", "plain.yaml");
  write_file("nothing.yaml", "extends:\nb: 1\n");
  assert_merged("nothing.yaml", "{\"b\": 1}", "nothing.yaml");
  write_file("empty.yaml", "");
  assert_merged("empty.yaml", "{}", "empty.yaml");
}

static void later_files_win_and_the_file_over_all(void **state)
{
  (void)state;
  write_file("one.yaml", "a: 1\nb: 1\nc: 1\n");
  write_file("two.yaml", "b: 2\nc: 2\nd: 2\n");
  write_file("both.yaml", "extends: [one.yaml, two.yaml]\nc: 3\n");
  assert_merged("both.yaml", "{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 2}", "both.yaml one.yaml two.yaml");
}

static void paths_are_relative_to_the_file_they_stand_in(void **state)
{
  (void)state;
  mkdir("shared", 0700);
  mkdir("shared/deep", 0700);
  write_file("shared/deep/root.yaml", "a: 1\n");
  write_file("shared/middle.yaml", "extends: deep/root.yaml\nb: 2\n");
  write_file("leaf.yaml", "extends: shared/middle.yaml\nc: 3\n");
  assert_merged("leaf.yaml", "{\"a\": 1, \"b\": 2, \"c\": 3}", "leaf.yaml shared/middle.yaml shared/deep/root.yaml");
}

static void a_file_that_two_extend_is_no_cycle(void **state)
{
  (void)state;
  write_file("root.yaml", "a: 1\n");
  write_file("left.yaml", "extends: root.yaml\nb: 2\n");
  write_file("right.yaml", "extends: ./root.yaml\nc: 3\n");
  write_file("bottom.yaml", "extends: [left.yaml, right.yaml]\n");
  assert_merged("bottom.yaml", "{\"a\": 1, \"b\": 2, \"c\": 3}", "bottom.yaml left.yaml root.yaml right.yaml");
}

static void nodes_keep_the_place_where_they_were_written(void **state)
{
  (void)state;
  write_file("base.yaml", "map:\n  x: 1\n  y: 2\n");
  write_file("top.yaml", "extends: base.yaml\nmap: {y: 3}\n");
  told t = told_new();
  node *map = node_get(yaml_read_extended("top.yaml", t.arena, t.problems, NULL), "map");
  assert_string_equal(node_get(map, "x")->place.file, "base.yaml");
  assert_int_equal(node_get(map, "x")->place.line, 2);
  assert_string_equal(node_get(map, "y")->place.file, "top.yaml");
  assert_string_equal(node_get_key(map, "y")->place.file, "top.yaml");
  assert_string_equal(map->place.file, "top.yaml");
  told_free(&t);
}

static void assert_fails(const char *path, const char *printed)
{
  told t = told_new();
  const char *const *files;
  assert_null(yaml_read_extended(path, t.arena, t.problems, &files));
  assert_told(&t, printed);
  assert_int_equal(problems_status(t.problems), EXIT_PROFILE);
  told_free(&t);
}

static void a_cycle_is_shown(void **state)
{
  (void)state;
  write_file("a.yaml", "extends: b.yaml\n");
  write_file("b.yaml", "extends: [c.yaml]\n");
  write_file("c.yaml", "x: 1\nextends: ./b.yaml\n");
  assert_fails("a.yaml",
               "c.yaml:2:10: error: 'extends' goes in a circle: b.yaml \xE2\x86\x92 c.yaml \xE2\x86\x92 ./b.yaml; "
               "expected files that end somewhere\n"
               "    2 | extends: ./b.yaml\n"
               "      |          ^~~~~~~~\n");
  write_file("self.yaml", "extends: self.yaml\n");
  assert_fails("self.yaml",
               "self.yaml:1:10: error: 'extends' goes in a circle: self.yaml \xE2\x86\x92 self.yaml; expected "
               "files that end somewhere\n"
               "    1 | extends: self.yaml\n"
               "      |          ^~~~~~~~~\n");
}

static void a_link_does_not_hide_a_cycle(void **state)
{
  (void)state;
  write_file("real.yaml", "extends: link.yaml\n");
  assert_int_equal(symlink("real.yaml", "link.yaml"), 0);
  told t = told_new();
  assert_null(yaml_read_extended("real.yaml", t.arena, t.problems, NULL));
  assert_tells(&t, "'extends' goes in a circle: real.yaml \xE2\x86\x92 link.yaml;");
  told_free(&t);
}

static void a_missing_base_is_told_where_it_is_asked_for(void **state)
{
  (void)state;
  told t = told_new();
  write_file("top.yaml", "a: 1\nextends: [none.yaml, .]\n");
  assert_fails("top.yaml", arena_format(t.arena,
                                        "top.yaml:2:11: error: cannot read 'none.yaml': %s\n"
                                        "    2 | extends: [none.yaml, .]\n"
                                        "      |           ^~~~~~~~~\n"
                                        "top.yaml:2:22: error: cannot read '.': it is a folder; expected a YAML file\n"
                                        "    2 | extends: [none.yaml, .]\n"
                                        "      |                      ^\n",
                                        strerror(ENOENT)));
  told_free(&t);
}

static void extends_must_be_paths(void **state)
{
  (void)state;
  write_file("map.yaml", "extends: {a: b}\n");
  assert_fails("map.yaml", "map.yaml:1:10: error: extends: found a map, expected text\n"
                           "    1 | extends: {a: b}\n"
                           "      |          ^~~~~~\n");
  write_file("list.yaml", "extends: [[a], '']\n");
  assert_fails("list.yaml", "list.yaml:1:11: error: extends: found a list, expected text\n"
                            "    1 | extends: [[a], '']\n"
                            "      |           ^~~\n"
                            "list.yaml:1:16: error: extends: found empty text, expected the path of a file\n"
                            "    1 | extends: [[a], '']\n"
                            "      |                ^~\n");
}

static void a_file_must_be_a_map(void **state)
{
  (void)state;
  write_file("list.yaml", "- a\n");
  assert_fails("list.yaml", "list.yaml:1:1: error: found a list, expected a map: lines of 'key: value'\n"
                            "    1 | - a\n"
                            "      | ^\n");
  write_file("text.yaml", "just text\n");
  assert_fails("text.yaml", "text.yaml:1:1: error: found text 'just text', expected a map: lines of 'key: value'\n"
                            "    1 | just text\n"
                            "      | ^~~~~~~~~\n");
}

/* A file that extends another twice doubles what is read at each level. */
static void files_are_bounded(void **state)
{
  (void)state;
  for (int i = 0; i < 30; i++) {
    char name[32], yaml[64];
    snprintf(name, sizeof name, "n%d.yaml", i);
    snprintf(yaml, sizeof yaml, i < 29 ? "extends: [n%d.yaml, n%d.yaml]\n" : "a: 1\n", i + 1, i + 1);
    write_file(name, yaml);
  }
  told t = told_new();
  assert_null(yaml_read_extended("n0.yaml", t.arena, t.problems, NULL));
  assert_tells(&t, "n16.yaml:1:11: error: more than 16 files are extended; expected fewer\n");
  assert_int_equal(problems_errors(t.problems), 1);
  told_free(&t);
  t = told_new();
  assert_non_null(yaml_read_extended("n29.yaml", t.arena, t.problems, NULL));
  told_free(&t);
}

static void faults_of_all_files_are_told(void **state)
{
  (void)state;
  write_file("base.yaml", "a: 1\na: 2\n");
  write_file("top.yaml", "extends: base.yaml\nb: 1\nb: 2\n");
  told t = told_new();
  assert_non_null(yaml_read_extended("top.yaml", t.arena, t.problems, NULL));
  assert_tells(&t, "base.yaml:2:1: error: the key 'a' is given twice");
  assert_tells(&t, "top.yaml:3:1: error: the key 'b' is given twice");
  told_free(&t);
}

static void values_of_all_files_count_together(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    FILE *file = fopen(i ? "many1.yaml" : "many0.yaml", "wb");
    fprintf(file, "%slist%d:\n", i ? "extends: many0.yaml\n" : "", i);
    for (int k = 0; k < YAML_MOST_NODES * 6 / 10; k++) fputs("- x\n", file);
    fclose(file);
  }
  told t = told_new();
  assert_non_null(yaml_read_extended("many0.yaml", t.arena, t.problems, NULL));
  assert_null(yaml_read_extended("many1.yaml", t.arena, t.problems, NULL));
  assert_tells(&t, "more than 100000 values");
  told_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_goes_over_the_one_it_extends),
      cmocka_unit_test(a_file_without_extends_is_read_as_it_is),
      cmocka_unit_test(later_files_win_and_the_file_over_all),
      cmocka_unit_test(paths_are_relative_to_the_file_they_stand_in),
      cmocka_unit_test(a_file_that_two_extend_is_no_cycle),
      cmocka_unit_test(nodes_keep_the_place_where_they_were_written),
      cmocka_unit_test(a_cycle_is_shown),
      cmocka_unit_test(a_link_does_not_hide_a_cycle),
      cmocka_unit_test(a_missing_base_is_told_where_it_is_asked_for),
      cmocka_unit_test(extends_must_be_paths),
      cmocka_unit_test(a_file_must_be_a_map),
      cmocka_unit_test(files_are_bounded),
      cmocka_unit_test(faults_of_all_files_are_told),
      cmocka_unit_test(values_of_all_files_count_together),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
