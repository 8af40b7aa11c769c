/* Scratch folders: gone with the run that made them, and with the next run where that one crashed. */
#include "run/scratch.h"
#include "support/near.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char home[32];

static int set_up(void **state)
{
  (void)state;
  strcpy(home, "/tmp/tarazu-sweep-XXXXXX");
  assert_non_null(mkdtemp(home));
  return setenv("TMPDIR", home, 1);
}

static int tear_down(void **state)
{
  char line[64];
  (void)state;
  unsetenv("TMPDIR");
  snprintf(line, sizeof line, "rm -rf '%s'", home);
  return system(line);
}

static const char *below(const char *folder, const char *name)
{
  static char paths[4][200];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static void fill(const char *folder)
{
  assert_int_equal(close(open(below(folder, "spilled.tmp"), O_CREAT | O_WRONLY, 0600)), 0);
  assert_int_equal(mkdir(below(folder, "deep"), 0700), 0);
  assert_int_equal(mkdir(below(folder, "deep/deeper"), 0700), 0);
  assert_int_equal(close(open(below(folder, "deep/deeper/file"), O_CREAT | O_WRONLY, 0600)), 0);
  assert_int_equal(symlink(home, below(folder, "link")), 0);
}

static int is_there(const char *path)
{
  struct stat about;
  return lstat(path, &about) == 0;
}

static void a_folder_goes_with_all_that_is_in_it(void **state)
{
  scratch_folder s = {0};
  struct stat about;
  char path[64];
  (void)state;
  assert_int_equal(scratch_make(&s), 0);
  assert_int_equal(strncmp(s.path, home, strlen(home)), 0);
  assert_int_equal(stat(s.path, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0700);
  strcpy(path, s.path);
  fill(path);
  scratch_remove(&s);
  assert_false(is_there(path));
  assert_true(is_there(home)); /* the link alone was removed */
  assert_string_equal(s.path, "");
  scratch_remove(&s); /* of none: nothing */
}

static void one_in_use_stays(void **state)
{
  scratch_folder first = {0}, second = {0};
  (void)state;
  assert_int_equal(scratch_make(&first), 0);
  fill(first.path);
  assert_int_equal(scratch_make(&second), 0);
  assert_string_not_equal(first.path, second.path);
  assert_true(is_there(below(first.path, "deep/deeper/file")));
  scratch_remove(&second);
  scratch_remove(&first);
}

/* Killed, so that no handler of its own could have removed it. */
static void the_next_run_removes_what_a_killed_one_left(void **state)
{
  scratch_folder s = {0};
  char path[64] = "";
  int ends[2], status;
  (void)state;
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    if (scratch_make(&s) != 0 || write(ends[1], s.path, sizeof s.path) < 0) _exit(1);
    raise(SIGKILL);
  }
  assert_int_equal(read(ends[0], path, sizeof path), sizeof path);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  close(ends[0]);
  close(ends[1]);
  assert_true(is_there(path));
  fill(path);
  assert_int_equal(scratch_make(&s), 0);
  assert_false(is_there(path));
  scratch_remove(&s);
}

static void what_is_no_scratch_folder_stays(void **state)
{
  static const char *const names[] = {"tarazu-scratch-", "tarazu-scratch-1234567", "tarazu-XXXXXX", "scratch"};
  scratch_folder s = {0};
  (void)state;
  for (int i = 0; i < 4; i++) assert_int_equal(mkdir(below(home, names[i]), 0700), 0);
  assert_int_equal(symlink(home, below(home, "tarazu-scratch-linked")), 0);
  assert_int_equal(close(open(below(home, "tarazu-scratch-a_file"), O_CREAT | O_WRONLY, 0600)), 0);
  assert_int_equal(scratch_make(&s), 0);
  for (int i = 0; i < 4; i++) assert_true(is_there(below(home, names[i])));
  assert_true(is_there(below(home, "tarazu-scratch-linked")));
  assert_true(is_there(below(home, "tarazu-scratch-a_file")));
  scratch_remove(&s);
}

static void without_a_folder_to_make_it_in_it_is_an_error(void **state)
{
  scratch_folder s = {0};
  (void)state;
  setenv("TMPDIR", below(home, "nowhere"), 1);
  assert_int_equal(scratch_make(&s), ENOENT);
  assert_string_equal(s.path, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_folder_goes_with_all_that_is_in_it),          TEST(one_in_use_stays),
      TEST(the_next_run_removes_what_a_killed_one_left),   TEST(what_is_no_scratch_folder_stays),
      TEST(without_a_folder_to_make_it_in_it_is_an_error),
  };
  return cmocka_run_group_tests_name("scratch", tests, NULL, NULL);
}
