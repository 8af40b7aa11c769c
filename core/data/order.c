/* Merge sort from runs made by insertion: stable, no bad case, and one look over items that come in order. */
#include "data/order.h"

#include <string.h>

enum { RUN = 16 };

static inline int in_order(const order_item *a, const order_item *b, order_ties *ties, const void *argument)
{
  if (a->by != b->by) return a->by < b->by;
  return !ties || ties(argument, a->index, b->index) <= 0;
}

static void insertion(order_item *items, int64_t count, order_ties *ties, const void *argument)
{
  for (int64_t i = 1; i < count; i++) {
    order_item item = items[i];
    int64_t at = i;
    while (at > 0 && !in_order(&items[at - 1], &item, ties, argument)) {
      items[at] = items[at - 1];
      at--;
    }
    items[at] = item;
  }
}

static void merge(const order_item *from, int64_t middle, int64_t count, order_item *to, order_ties *ties,
                  const void *argument)
{
  int64_t a = 0, b = middle, at = 0;
  while (a < middle && b < count) {
    if (in_order(&from[a], &from[b], ties, argument)) to[at++] = from[a++];
    else to[at++] = from[b++];
  }
  memcpy(to + at, from + a, (size_t)(middle - a) * sizeof *to);
  memcpy(to + at + (middle - a), from + b, (size_t)(count - b) * sizeof *to);
}

int order_sort(order_item *items, order_item *scratch, int64_t count, order_ties *ties, const void *argument)
{
  int64_t sorted = 1;
  while (sorted < count && in_order(&items[sorted - 1], &items[sorted], ties, argument)) sorted++;
  if (sorted >= count) return 1;
  for (int64_t at = 0; at < count; at += RUN)
    insertion(items + at, count - at < RUN ? count - at : RUN, ties, argument);
  order_item *from = items, *to = scratch;
  for (int64_t width = RUN; width < count; width *= 2) {
    for (int64_t at = 0; at < count; at += 2 * width) {
      int64_t length = count - at < 2 * width ? count - at : 2 * width;
      merge(from + at, width < length ? width : length, length, to + at, ties, argument);
    }
    order_item *swap = from;
    from = to;
    to = swap;
  }
  if (from != items) memcpy(items, from, (size_t)count * sizeof *items);
  return 0;
}
