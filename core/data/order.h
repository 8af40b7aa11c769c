/* Sorting of numbered items by an integer, with a comparison for equal ones. */
#ifndef TARAZU_DATA_ORDER_H
#define TARAZU_DATA_ORDER_H

#include <stdint.h>

typedef struct order_item {
  int64_t by;
  int64_t index;
} order_item;

/* Below 0, 0 or above 0, for two items equal in `by`. */
typedef int order_ties(const void *argument, int64_t a, int64_t b);

/* Sorts count items; scratch holds as many. ties NULL: equal ones keep their order. 1: they were in order already. */
int order_sort(order_item *items, order_item *scratch, int64_t count, order_ties *ties, const void *argument);

/* Integers that compare as the doubles do; of a double that is not NaN. */
static inline int64_t order_of_double(double value)
{
  union {
    double real;
    int64_t bits;
  } as = {value};
  return as.bits < 0 ? as.bits ^ INT64_MAX : as.bits;
}

#endif
