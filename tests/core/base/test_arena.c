/* Arenas: what they hand out is zeroed, aligned, apart, and stays. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
// cmocka needs the headers above
#include <cmocka.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
  (void)state;
  arena *memory = arena_new();
  enum { COUNT = 3000 };
  static unsigned char *pieces[COUNT];
  for (size_t i = 0; i < COUNT; i++) {
    size_t size = i % 7 == 0 ? i * 3 : i % 40;
    pieces[i] = arena_alloc(memory, size);
    assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
    for (size_t k = 0; k < size; k++) assert_int_equal(pieces[i][k], 0);
    memset(pieces[i], (int)(i % 251) + 1, size);
  }
  for (size_t i = 0; i < COUNT; i++) {
    size_t size = i % 7 == 0 ? i * 3 : i % 40;
    for (size_t k = 0; k < size; k++) assert_int_equal(pieces[i][k], i % 251 + 1);
  }
  arena_free(memory);
}

static void a_piece_larger_than_any_block_is_whole(void **state)
{
  (void)state;
  arena *memory = arena_new();
  char *small = arena_copy(memory, "before");
  const size_t size = 5u << 20;
  char *large = arena_alloc(memory, size);
  memset(large, 'x', size);
  char *after = arena_copy(memory, "after");
  assert_string_equal(small, "before");
  assert_string_equal(after, "after");
  assert_int_equal(large[size - 1], 'x');
  arena_free(memory);
}

static void copies_end_in_zero(void **state)
{
  (void)state;
  arena *memory = arena_new();
  assert_null(arena_copy(memory, NULL));
  assert_string_equal(arena_copy(memory, ""), "");
  assert_string_equal(arena_copy_n(memory, "abcdef", 3), "abc");
  assert_string_equal(arena_copy_n(memory, NULL, 0), "");
  assert_memory_equal(arena_copy_n(memory, "a\0b", 3), "a\0b", 4);
  assert_string_equal(arena_format(memory, "%s-%d", "x", 42), "x-42");
  assert_string_equal(arena_format(memory, "%s", ""), "");
  assert_int_equal(strlen(arena_format(memory, "%0*d", 10000, 7)), 10000);
  arena_free(memory);
}

static void a_pushed_array_keeps_its_items(void **state)
{
  (void)state;
  arena *memory = arena_new();
  int *items = NULL;
  uint32_t count = 0, room = 0;
  for (int i = 0; i < 10000; i++) *arena_push(memory, items, count, room) = i;
  assert_int_equal(count, 10000);
  assert_true(room >= count);
  for (int i = 0; i < 10000; i++) assert_int_equal(items[i], i);
  arena_free(memory);
}

static void freeing_null_is_fine(void **state)
{
  (void)state;
  arena_free(NULL);
  arena_free(arena_new());
}

/* In a child of its own, whose one line goes to a pipe. */
static void an_impossible_size_ends_the_process_with_one_line(void **state)
{
  (void)state;
  int ends[2], status;
  char line[200] = {0};
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    arena_array(arena_new(), SIZE_MAX / 2, 3);
    _exit(99);
  }
  close(ends[1]);
  assert_true(read(ends[0], line, sizeof line - 1) > 0);
  close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 1);
  assert_string_equal(line, "tarazu: out of memory\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
      cmocka_unit_test(a_piece_larger_than_any_block_is_whole),
      cmocka_unit_test(copies_end_in_zero),
      cmocka_unit_test(a_pushed_array_keeps_its_items),
      cmocka_unit_test(freeing_null_is_fine),
      cmocka_unit_test(an_impossible_size_ends_the_process_with_one_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
