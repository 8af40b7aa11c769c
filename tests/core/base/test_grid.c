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
  grid_print(&g, &out, (screen){0});
  assert_string_equal(text_string(&out), "name             n  why\n"
                                         "tarazu ترازو     1\n"
                                         "b             1000  because\n"
                                         "                22\n");
  text_free(&out);
  grid_print(&g, &out, (screen){.colour = 1});
  assert_memory_equal(text_string(&out), "\033[1mname", 8);
  assert_non_null(strstr(text_string(&out), "why\033[0m\ntarazu"));
  text_free(&out);
  arena_free(home);
}

/* A table of four columns on a screen. */
static void shown(uint32_t width, uint64_t optional, text *out)
{
  arena *home = arena_new();
  grid g = grid_new(home, 4, 2);
  const char *cells[] = {"name",
                         "share_captured of revenue",
                         "why it is so",
                         "extra",
                         "بازار بزرگ تهران",
                         "0.25",
                         "no real difference from the base",
                         "a"};
  for (int i = 0; i < 8; i++) grid_cell(&g, cells[i]);
  grid_fit(&g, width, optional);
  assert_int_equal(g.hidden, width && width < 53 ? optional : 0);
  grid_print(&g, out, (screen){.width = width});
  arena_free(home);
}

static void a_table_is_wrapped_to_its_screen(void **state)
{
  static const char *const whole =
      "name              share_captured of revenue  why it is so                      extra\n"
      "بازار بزرگ تهران                       0.25  no real difference from the base  a\n";
  text out = {0};
  (void)state;
  shown(0, 8, &out);
  assert_string_equal(text_string(&out), whole);
  text_free(&out);
  shown(84, 8, &out);
  assert_string_equal(text_string(&out), whole);
  text_free(&out);
  /* Heads first, then what is aligned to the left, down to 18. */
  shown(83, 8, &out);
  assert_string_equal(text_string(&out),
                      "name                     share_captured of  why it is so                      extra\n"
                      "                                   revenue\n"
                      "بازار بزرگ تهران                      0.25  no real difference from the base  a\n");
  text_free(&out);
}

static void what_has_no_room_is_left_out(void **state)
{
  text out = {0};
  (void)state;
  shown(53, 8, &out);
  assert_string_equal(text_string(&out), "name                share_  why it is so        extra\n"
                                         "                  captured\n"
                                         "                        of\n"
                                         "                   revenue\n"
                                         "بازار بزرگ تهران      0.25  no real difference  a\n"
                                         "                            from the base\n");
  text_free(&out);
  shown(52, 8, &out);
  assert_null(strstr(text_string(&out), "extra"));
  assert_non_null(strstr(text_string(&out), "no real difference from\n"));
  for (const char *line = text_string(&out); *line; line += strcspn(line, "\n") + 1)
    assert_in_range(text_columns(line, strcspn(line, "\n")), 1, 52);
  text_free(&out);
  /* Too narrow for what must be there: nothing is cut. */
  shown(10, 8, &out);
  assert_non_null(strstr(text_string(&out), "no real difference\n"));
  text_free(&out);
}

static void an_empty_grid_prints_nothing(void **state)
{
  arena *home = arena_new();
  text out = {0};
  grid g = grid_new(home, 3, 0);
  (void)state;
  grid_print(&g, &out, (screen){.colour = 1});
  assert_int_equal((int)out.length, 0);
  arena_free(home);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_are_aligned_and_no_line_ends_with_a_blank),
      cmocka_unit_test(a_table_is_wrapped_to_its_screen),
      cmocka_unit_test(what_has_no_room_is_left_out),
      cmocka_unit_test(an_empty_grid_prints_nothing),
  };
  return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
