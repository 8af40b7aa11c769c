/* Files read and replaced whole, and paths. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// cmocka needs the headers above
#include <cmocka.h>

typedef struct bench {
  arena *memory;
  char folder[40];
} bench;

static int set_up(void **state)
{
  bench *made = calloc(1, sizeof *made);
  if (!made) return -1;
  made->memory = arena_new();
  strcpy(made->folder, "/tmp/tarazu-file-XXXXXX");
  *state = made;
  return mkdtemp(made->folder) ? 0 : -1;
}

static int tear_down(void **state)
{
  bench *made = *state;
  char *command = arena_format(made->memory, "rm -rf '%s'", made->folder);
  int status = system(command);
  arena_free(made->memory);
  free(made);
  return status;
}

static char *inside(bench *b, const char *name)
{
  return arena_format(b->memory, "%s/%s", b->folder, name);
}

static void what_is_written_is_read(void **state)
{
  bench *b = *state;
  char *path = inside(b, "file"), *bytes;
  size_t count;
  assert_int_equal(file_write(path, "a\0b\n", 4), 0);
  assert_int_equal(file_read(path, 4, b->memory, &bytes, &count), 0);
  assert_int_equal(count, 4);
  assert_memory_equal(bytes, "a\0b\n\0", 5);
  assert_int_equal(file_write(path, NULL, 0), 0);
  assert_int_equal(file_read(path, 0, b->memory, &bytes, &count), 0);
  assert_int_equal(count, 0);
  assert_string_equal(bytes, "");
}

static void a_file_that_is_too_large_is_refused(void **state)
{
  bench *b = *state;
  char *path = inside(b, "file"), *bytes;
  size_t count;
  assert_int_equal(file_write(path, "12345", 5), 0);
  assert_int_equal(file_read(path, 4, b->memory, &bytes, &count), EFBIG);
  assert_null(bytes);
  assert_int_equal(count, 0);
  assert_int_equal(file_read(path, 5, b->memory, &bytes, &count), 0);
}

/* /proc says 0 bytes of files that have some. */
static void a_file_of_unknown_size_is_read_to_its_end(void **state)
{
  bench *b = *state;
  char *bytes;
  size_t count;
  if (access("/proc/self/status", R_OK) != 0) {
    print_message("no /proc here\n");
    skip();
  }
  assert_int_equal(file_read("/proc/self/status", 1 << 20, b->memory, &bytes, &count), 0);
  assert_true(count > 100);
  assert_int_equal(strlen(bytes), count);
  assert_int_equal(file_read("/proc/self/status", 10, b->memory, &bytes, &count), EFBIG);
}

static void only_regular_files_are_read(void **state)
{
  bench *b = *state;
  char *bytes, *pipe_path = inside(b, "pipe");
  size_t count;
  assert_int_equal(file_read(inside(b, "none"), 100, b->memory, &bytes, &count), ENOENT);
  assert_int_equal(file_read(b->folder, 100, b->memory, &bytes, &count), EISDIR);
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  assert_int_equal(file_read(pipe_path, 100, b->memory, &bytes, &count), EINVAL); /* and does not wait */
  assert_int_equal(file_read("/dev/zero", 100, b->memory, &bytes, &count), EINVAL);
}

static void writing_replaces_and_leaves_nothing_beside(void **state)
{
  bench *b = *state;
  char *path = inside(b, "file"), *bytes;
  size_t count;
  assert_int_equal(file_write(path, "old", 3), 0);
  int reader = open(path, O_RDONLY);
  assert_true(reader >= 0);
  assert_int_equal(file_write(path, "new!", 4), 0);
  char seen[10] = {0};
  assert_int_equal(read(reader, seen, sizeof seen), 3); /* who had it open still reads the old one */
  assert_string_equal(seen, "old");
  close(reader);
  assert_int_equal(file_read(path, 100, b->memory, &bytes, &count), 0);
  assert_string_equal(bytes, "new!");
  assert_int_equal(file_write(inside(b, "none/file"), "x", 1), ENOENT);
  assert_int_equal(mkdir(inside(b, "folder"), 0700), 0);
  assert_int_not_equal(file_write(inside(b, "folder"), "x", 1), 0);
  char *command = arena_format(b->memory, "test \"$(ls -A '%s')\" = 'file\nfolder'", b->folder);
  assert_int_equal(system(command), 0);
}

static void the_umask_decides_who_may_read(void **state)
{
  bench *b = *state;
  char *path = inside(b, "file");
  struct stat about;
  mode_t before = umask(027);
  assert_int_equal(file_write(path, "x", 1), 0);
  umask(before);
  assert_int_equal(stat(path, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0640);
}

static void paths_resolve_from_the_file_that_names_them(void **state)
{
  bench *b = *state;
  assert_string_equal(file_resolve(b->memory, "config/demo.yaml", "data/x.csv"), "config/data/x.csv");
  assert_string_equal(file_resolve(b->memory, "demo.yaml", "data/x.csv"), "data/x.csv");
  assert_string_equal(file_resolve(b->memory, "/a/b.yaml", "../x.csv"), "/a/../x.csv");
  assert_string_equal(file_resolve(b->memory, "/b.yaml", "x.csv"), "/x.csv");
  assert_string_equal(file_resolve(b->memory, "config/demo.yaml", "/x.csv"), "/x.csv");
  assert_string_equal(file_resolve(b->memory, NULL, "x.csv"), "x.csv");
}

static void the_way_up_from_a_folder_is_not_shown(void **state)
{
  bench *b = *state;
  const char *folder = arena_format(b->memory, "%s/real", b->folder),
             *link = arena_format(b->memory, "%s/link", b->folder);
  assert_int_equal(mkdir(folder, 0700), 0);
  assert_int_equal(mkdir(arena_format(b->memory, "%s/inner", folder), 0700), 0);
  assert_int_equal(symlink(arena_format(b->memory, "%s/inner", folder), link), 0);
#define SHORT(from, to)                                                                  \
  assert_string_equal(file_shorten(b->memory, arena_format(b->memory, from, b->folder)), \
                      arena_format(b->memory, to, b->folder))
  SHORT("%s/real/../x.csv", "%s/x.csv");
  SHORT("%s/real/inner/../../x.csv", "%s/x.csv");
  SHORT("%s/real/inner/../..", "%s/");
  SHORT("%s/link/../x.csv", "%s/link/../x.csv"); /* it leads to real/x.csv */
  SHORT("%s/none/../x.csv", "%s/none/../x.csv"); /* nowhere, as it stands */
  SHORT("%s/real/..x", "%s/real/..x");
  SHORT("%s/real/./../x", "%s/real/./../x");
  SHORT("%s/real/../real/../*.csv", "%s/*.csv");
  assert_string_equal(file_shorten(b->memory, "/../x"), "/../x");
  assert_string_equal(file_shorten(b->memory, "../../x"), "../../x");
  assert_string_equal(file_shorten(b->memory, "x.csv"), "x.csv");
  assert_string_equal(file_shorten(b->memory, "/tmp/../x"), "/x");
}

static void folder_and_name_part_at_the_last_slash(void **state)
{
  bench *b = *state;
  assert_string_equal(file_folder(b->memory, "a/b/c"), "a/b");
  assert_string_equal(file_folder(b->memory, "a//c"), "a");
  assert_string_equal(file_folder(b->memory, "c"), ".");
  assert_string_equal(file_folder(b->memory, "/c"), "/");
  assert_string_equal(file_folder(b->memory, "//c"), "/");
  assert_string_equal(file_name("a/b/c.so"), "c.so");
  assert_string_equal(file_name("c.so"), "c.so");
  assert_string_equal(file_name("a/"), "");
}

static void folders_are_made_with_those_above(void **state)
{
  bench *b = *state;
  struct stat about;
  assert_int_equal(file_make_folders(inside(b, "a/b//c/")), 0);
  assert_int_equal(stat(inside(b, "a/b/c"), &about), 0);
  assert_true(S_ISDIR(about.st_mode));
  assert_int_equal(file_make_folders(inside(b, "a/b/c")), 0);
  assert_int_equal(file_make_folders("."), 0);
  assert_int_equal(file_make_folders("/"), 0);
  assert_int_equal(file_make_folders(""), ENOENT);
  assert_int_equal(file_write(inside(b, "file"), "x", 1), 0);
  assert_int_equal(file_make_folders(inside(b, "file")), ENOTDIR);
  assert_int_equal(file_make_folders(inside(b, "file/below")), ENOTDIR);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_file_that_is_too_large_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_file_of_unknown_size_is_read_to_its_end, set_up, tear_down),
      cmocka_unit_test_setup_teardown(only_regular_files_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writing_replaces_and_leaves_nothing_beside, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_umask_decides_who_may_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(paths_resolve_from_the_file_that_names_them, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_way_up_from_a_folder_is_not_shown, set_up, tear_down),
      cmocka_unit_test_setup_teardown(folder_and_name_part_at_the_last_slash, set_up, tear_down),
      cmocka_unit_test_setup_teardown(folders_are_made_with_those_above, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
