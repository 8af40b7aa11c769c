/* Sorting against qsort, on orders that trouble sorts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/order.h"

static int by_both(const void *a, const void *b)
{
  const order_item *left = a, *right = b;
  if (left->by != right->by) return left->by < right->by ? -1 : 1;
  return (left->index > right->index) - (left->index < right->index);
}

static int larger_index_first(const void *argument, int64_t a, int64_t b)
{
  (void)argument;
  return (b > a) - (b < a);
}

static int64_t value_of(int kind, int64_t i, int64_t count)
{
  switch (kind) {
  case 0: return i;
  case 1: return -i;
  case 2: return 0;
  case 3: return i % 7;
  case 4: return i < count / 2 ? i : count - i;
  case 5: return i % 2 ? INT64_MAX - i : INT64_MIN + i;
  default: return (int64_t)((uint64_t)i * UINT64_C(0x9e3779b97f4a7c15));
  }
}

static void test_every_order_is_sorted_stably_and_by_ties(void **unused)
{
  (void)unused;
  enum { MOST = 1200 };
  static order_item items[MOST], sorted[MOST], scratch[MOST];
  for (int kind = 0; kind < 7; kind++)
    for (int64_t count = 0; count < MOST; count += count < 70 ? 1 : 113) {
      for (int64_t i = 0; i < count; i++) items[i] = sorted[i] = (order_item){value_of(kind, i, count), i};
      int was_in_order = 1;
      for (int64_t i = 1; i < count; i++) was_in_order &= items[i - 1].by <= items[i].by;
      qsort(sorted, (size_t)count, sizeof *sorted, by_both);
      int in_order = order_sort(items, scratch, count, NULL, NULL);
      assert_memory_equal(items, sorted, (size_t)count * sizeof *items);
      assert_int_equal(in_order, was_in_order);
      order_sort(items, scratch, count, larger_index_first, NULL);
      for (int64_t i = 1; i < count; i++)
        assert_true(items[i - 1].by < items[i].by ||
                    (items[i - 1].by == items[i].by && items[i - 1].index > items[i].index));
    }
}

static void test_doubles_and_their_integers_compare_alike(void **unused)
{
  (void)unused;
  static const double values[] = {-1e308, -2, -1, -0x1p-1074, 0, 0x1p-1074, 1, 1.5, 2, 1e308};
  for (int i = 1; i < 10; i++) assert_true(order_of_double(values[i - 1]) < order_of_double(values[i]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_order_is_sorted_stably_and_by_ties),
      cmocka_unit_test(test_doubles_and_their_integers_compare_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
