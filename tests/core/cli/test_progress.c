/* The progress line, on a terminal made for the test. */
#include "cli/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct terminal {
  int master, kept; /* kept: what standard error was */
} terminal;

/* Skips the test where the system has no terminals to give (a bare chroot). */
static terminal terminal_open(void)
{
  terminal t = {.master = posix_openpt(O_RDWR | O_NOCTTY)};
  if (t.master < 0) {
    print_message("skipped: no pseudo-terminal is to be had here\n");
    skip();
  }
  assert_int_equal(grantpt(t.master), 0);
  assert_int_equal(unlockpt(t.master), 0);
  int slave = open(ptsname(t.master), O_RDWR | O_NOCTTY);
  assert_true(slave >= 0);
  t.kept = dup(STDERR_FILENO);
  dup2(slave, STDERR_FILENO);
  close(slave);
  setenv("TERM", "xterm", 1);
  return t;
}

static void terminal_close(terminal *t)
{
  dup2(t->kept, STDERR_FILENO);
  close(t->kept);
  close(t->master);
}

/* What has come since the last look. */
static const char *terminal_read(const terminal *t, char bytes[4096])
{
  size_t used = 0;
  struct pollfd ready = {.fd = t->master, .events = POLLIN};
  while (used < 4095 && poll(&ready, 1, 50) > 0) {
    ssize_t got = read(t->master, bytes + used, 4095 - used);
    if (got <= 0) break;
    used += (size_t)got;
  }
  bytes[used] = 0;
  return bytes;
}

static void test_a_long_run_shows_its_stage_and_clears_the_line_at_the_end(void **state)
{
  (void)state;
  char bytes[4096];
  terminal t = terminal_open();
  progress *line = progress_start(0);
  assert_non_null(line);
  usleep(350000);
  progress_tell(line, "reading orders", 0.5);
  const char *seen = terminal_read(&t, bytes);
  assert_non_null(strstr(seen, "reading orders"));
  assert_non_null(strstr(seen, "[###############---------------]  50 %"));
  assert_null(strchr(seen, '\n'));
  progress_end(line);
  assert_string_equal(terminal_read(&t, bytes), "\r\033[K");
  progress_tell(line, "late", 1);
  progress_end(line);
  assert_string_equal(terminal_read(&t, bytes), "");
  progress_free(line);
  terminal_close(&t);
}

static void test_a_short_run_shows_nothing(void **state)
{
  (void)state;
  char bytes[4096];
  terminal t = terminal_open();
  progress *line = progress_start(0);
  progress_tell(line, "reading orders", 0.5);
  progress_end(line);
  assert_string_equal(terminal_read(&t, bytes), "");
  progress_free(line);
  terminal_close(&t);
}

static void test_an_unknown_share_shows_no_bar(void **state)
{
  (void)state;
  char bytes[4096];
  terminal t = terminal_open();
  progress *line = progress_start(0);
  usleep(350000);
  progress_tell(line, "a stage with a name that is far too long for its column", -1);
  const char *seen = terminal_read(&t, bytes);
  assert_non_null(strstr(seen, "a stage with a name that"));
  assert_null(strchr(seen, '#'));
  assert_null(strchr(seen, '%'));
  progress_end(line);
  progress_free(line);
  terminal_close(&t);
}

static void test_nobody_is_shown_a_line_who_did_not_ask(void **state)
{
  (void)state;
  terminal t = terminal_open();
  assert_null(progress_start(1)); /* quiet */
  setenv("TERM", "dumb", 1);
  assert_null(progress_start(0));
  terminal_close(&t);
  int pipes[2], kept = dup(STDERR_FILENO);
  assert_int_equal(pipe(pipes), 0);
  setenv("TERM", "xterm", 1);
  dup2(pipes[1], STDERR_FILENO);
  assert_null(progress_start(0)); /* no terminal */
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(pipes[0]);
  close(pipes[1]);
  progress_tell(NULL, "nothing", 0);
  progress_end(NULL);
  progress_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_long_run_shows_its_stage_and_clears_the_line_at_the_end),
      cmocka_unit_test(test_a_short_run_shows_nothing),
      cmocka_unit_test(test_an_unknown_share_shows_no_bar),
      cmocka_unit_test(test_nobody_is_shown_a_line_who_did_not_ask),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
