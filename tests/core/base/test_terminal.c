#include "base/terminal.h"

#include "support/near.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void a_terminal_tells_its_width(void **state)
{
  int leader = posix_openpt(O_RDWR | O_NOCTTY);
  (void)state;
  if (leader < 0 || grantpt(leader) != 0 || unlockpt(leader) != 0) skip();
  int follower = open(ptsname(leader), O_RDWR | O_NOCTTY);
  if (follower < 0) skip();
  struct winsize size = {.ws_row = 40, .ws_col = 93};
  assert_int_equal(ioctl(leader, TIOCSWINSZ, &size), 0);
  assert_int_equal(terminal_width(follower), 93);
  close(follower);
  close(leader);
}

static void a_pipe_has_none(void **state)
{
  int ends[2];
  (void)state;
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(terminal_width(ends[1]), 0);
  close(ends[0]);
  close(ends[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_terminal_tells_its_width),
      cmocka_unit_test(a_pipe_has_none),
  };
  return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
