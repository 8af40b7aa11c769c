/* Children: how each end of one is told, and what guarded memory says of a crash. */
#include "conform/child.h"
#include "conform/guard.h"
#include "support/near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static child_note *note;

static void told(void (*body)(void *argument), const char *words)
{
  if (child_run(note, body, NULL)) fail_msg("it passed; expected to be told: %s", words);
  if (!strstr(note->why, words)) fail_msg("told: %s; expected: %s", note->why, words);
}

static void passes(void *argument)
{
  (void)argument;
  note->tries++;
}

static void faults(void *argument)
{
  (void)argument;
  child_fault("found %d", 17);
}

static void prints(void *argument)
{
  (void)argument;
  printf("hello");
}

static void exits(void *argument)
{
  (void)argument;
  child_enter("apply", 0);
  exit(0);
}

static void leaves(void *argument)
{
  (void)argument;
  child_enter("apply", 0);
  _exit(0);
}

static void spins(void *argument)
{
  volatile int on = 1;
  (void)argument;
  child_enter("apply", 0);
  while (on) continue;
}

static void ends_are_told(void **state)
{
  (void)state;
  assert_true(child_run(note, passes, NULL));
  assert_int_equal(note->tries, 1);
  told(faults, "found 17");
  told(prints, "it printed \"hello\"");
  told(exits, "apply called exit");
  told(leaves, "apply ended the whole process (status 0)");
  told(spins, "apply took more than");
}

static volatile char read_here;

static void reads_behind(void *argument)
{
  guard_scope scope = {0};
  const char *bytes = guard_take(&scope, 24, 8, "the tested bytes");
  child_enter("apply", 0);
  read_here = bytes[24];
  (void)argument;
}

static void reads_in_front(void *argument)
{
  guard_scope scope = {0};
  guard_turn();
  const char *bytes = guard_take(&scope, 24, 8, "the tested bytes");
  child_enter("apply", 0);
  read_here = bytes[-1];
  (void)argument;
}

static void writes_what_is_read(void *argument)
{
  guard_scope scope = {0};
  char *bytes = guard_give(&scope, "abc", 4, 1, "the tested bytes");
  child_enter("apply", 0);
  bytes[0] = 'x';
  (void)argument;
}

static void reads_what_is_gone(void *argument)
{
  guard_scope scope = {0};
  const char *bytes = guard_give(&scope, "abc", 4, 1, "the tested bytes");
  guard_drop(&scope);
  child_enter("apply", 0);
  read_here = bytes[0];
  (void)argument;
}

static void crashes_are_explained(void **state)
{
  (void)state;
  told(reads_behind, "past the end of the tested bytes, which has 24 bytes");
  told(reads_in_front, "before the beginning of the tested bytes");
  told(writes_what_is_read, "it wrote to the tested bytes, which it may only read");
  told(reads_what_is_gone, "it used the tested bytes of an earlier call");
}

static void odd_ends_are_watched(void **state)
{
  guard_scope scope = {0};
  (void)state;
  char *bytes = guard_take(&scope, 5, 8, "five bytes");
  assert_null(guard_overrun(&scope));
  bytes[5] = 1;
  assert_string_equal(guard_overrun(&scope), "five bytes");
  guard_drop(&scope);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(ends_are_told), cmocka_unit_test(crashes_are_explained),
                                     cmocka_unit_test(odd_ends_are_watched)};
  note = child_note_new();
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  child_note_free(note);
  return failed;
}
