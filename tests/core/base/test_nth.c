/* The value at a place is the one that sorting puts there. */
#include "base/nth.h"
#include "support/near.h"
#include <stdlib.h>

enum { MOST = 200 };

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void it_is_what_sorting_puts_there(void **state)
{
  unsigned seed = 5;
  (void)state;
  for (int count = 1; count <= MOST; count += count < 12 ? 1 : 47)
    for (int kinds = 1; kinds <= 64; kinds *= 4) { /* few kinds: many ties */
      double values[MOST], sorted[MOST], again[MOST];
      for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = sorted[i] = (double)(seed >> 16) / 65536 * kinds - kinds / 2;
        if (kinds < 64) values[i] = sorted[i] = (double)(int)values[i];
      }
      qsort(sorted, (size_t)count, sizeof *sorted, by_value);
      for (int at = 0; at < count; at++) {
        for (int i = 0; i < count; i++) again[i] = values[i];
        assert_near(value_at_place(again, count, at), sorted[at], 0);
        for (int i = 0; i < count; i++) assert_true(i < at ? again[i] <= sorted[at] : again[i] >= sorted[at]);
      }
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_what_sorting_puts_there)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
