/* Where the kernel lacks what isolation needs: told as that, before anything of the plugin has run. Each test takes it
 * away in a child of its own, by a filter that answers as such a kernel would. */
#include "isolate/isolate.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOSTILE BUILD_DIR "/tests/plugins_hostile/"

/* From here on this process and its children have no such system call. */
static void take_away(int number)
{
  struct sock_filter program[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
                                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog filter = {sizeof program / sizeof *program, program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    _exit(90);
}

/* 0: it runs; 1: isolation is not to be had, for a reason with these words; 2: something else. */
static int start(const char *file, uint32_t role, const char *words)
{
  const isolate_limits limits = {.memory = INT64_C(1) << 30, .seconds = 20};
  char why[ISOLATE_WHY] = "";
  int unable = 0;
  isolated *started;
  isolation *all = isolation_new(1);
  const tarazu_strategy *found = isolation_start(all, file, role, "hostile", &limits, &started, why, &unable);
  isolation_free(all);
  if (!found) fprintf(stderr, "# %s\n", why);
  return found ? 0 : unable && strstr(why, words) ? 1 : 2;
}

/* What start says in a child without the system call; -1: all are there. */
static int started_without(int number, const char *file, uint32_t role, const char *words)
{
  int status;
  pid_t child = fork();
  if (child == 0) {
    if (number >= 0) take_away(number);
    _exit(start(file, role, words));
  }
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* Whether this kernel has Landlock: the version of what it has. */
static int has_landlock(void)
{
  return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void test_all_roles_start(void **state)
{
  (void)state;
  const int expected = has_landlock() ? 0 : 1;
  assert_int_equal(started_without(-1, HOSTILE "hostile_files.so", TARAZU_SOURCE, "Landlock"), expected);
  assert_int_equal(started_without(-1, HOSTILE "hostile_files.so", TARAZU_SINK, "Landlock"), expected);
  assert_int_equal(started_without(-1, HOSTILE "hostile.so", TARAZU_SCORER, ""), 0);
}

static void test_without_landlock_files_cannot_be_held(void **state)
{
  (void)state;
  const int number = SYS_landlock_create_ruleset;
  assert_int_equal(started_without(number, HOSTILE "hostile_files.so", TARAZU_SOURCE, "Landlock"), 1);
  assert_int_equal(started_without(number, HOSTILE "hostile_files.so", TARAZU_SINK, "Landlock"), 1);
  assert_int_equal(started_without(number, HOSTILE "hostile.so", TARAZU_SCORER, ""), 0);
  if (!has_landlock()) return;
  assert_int_equal(
      started_without(SYS_landlock_restrict_self, HOSTILE "hostile_files.so", TARAZU_SOURCE, "does not take the rules"),
      1);
  assert_int_equal(
      started_without(SYS_landlock_add_rule, HOSTILE "hostile_files.so", TARAZU_SOURCE, "does not take the rules"), 1);
}

static void test_without_filters_nothing_can_be_held(void **state)
{
  (void)state;
  assert_int_equal(started_without(SYS_seccomp, HOSTILE "hostile.so", TARAZU_SCORER, "seccomp"), 1);
  if (!has_landlock()) return;
  assert_int_equal(started_without(SYS_seccomp, HOSTILE "hostile_files.so", TARAZU_SINK, "seccomp"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_roles_start),
                                     cmocka_unit_test(test_without_landlock_files_cannot_be_held),
                                     cmocka_unit_test(test_without_filters_nothing_can_be_held)};
#ifdef __SANITIZE_THREAD__
  (void)tests;
  puts("ok 1 - isolation # SKIP a build with the thread sanitizer cannot isolate\n1..1");
  return 0;
#else
  setenv("TARAZU_WORKER", BUILD_DIR "/tarazu-worker", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
