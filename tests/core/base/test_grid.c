#include "base/grid.h"

#include "support/near.h"
#include <string.h>

static void columns_are_aligned_and_no_line_ends_with_a_blank(void **state)
{
  arena *home = arena_new();
  text out = {0};
  grid g = grid_new(home, 3, 2);
  (void)state;
  const char *cells[] = {"name", "n", "why", "tarazu ترازو", "1", "", "b", "1000", "because"};
  for (int i = 0; i < 9; i++) grid_cell(&g, cells[i]);
  grid_cell(&g, NULL);
  grid_cellf(&g, "%d", 22);
  grid_print(&g, &out, 0);
  assert_string_equal(text_string(&out), "name             n  why\n"
                                         "tarazu ترازو     1\n"
                                         "b             1000  because\n"
                                         "                22\n");
  text_free(&out);
  grid_print(&g, &out, 1);
  assert_memory_equal(text_string(&out), "\033[1mname", 8);
  assert_non_null(strstr(text_string(&out), "why\033[0m\ntarazu"));
  text_free(&out);
  arena_free(home);
}

static void an_empty_grid_prints_nothing(void **state)
{
  arena *home = arena_new();
  text out = {0};
  grid g = grid_new(home, 3, 0);
  (void)state;
  grid_print(&g, &out, 1);
  assert_int_equal((int)out.length, 0);
  arena_free(home);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_are_aligned_and_no_line_ends_with_a_blank),
      cmocka_unit_test(an_empty_grid_prints_nothing),
  };
  return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
