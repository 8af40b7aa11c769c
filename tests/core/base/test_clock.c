/* The clock goes forward, in seconds. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
// cmocka needs the headers above
#include <cmocka.h>

static void seconds_pass(void **state)
{
  (void)state;
  double before = clock_seconds();
  nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  double passed = clock_seconds() - before;
  assert_true(passed >= 0.019);
  assert_true(passed < 60);
}

static void it_never_goes_back(void **state)
{
  (void)state;
  double last = clock_seconds();
  for (int i = 0; i < 10000; i++) {
    double now = clock_seconds();
    assert_true(now >= last);
    last = now;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(seconds_pass), cmocka_unit_test(it_never_goes_back)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
