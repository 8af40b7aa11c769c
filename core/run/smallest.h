/* The smallest change that would bring one customer into the list of key customers, or take her out of it: of one
 * criterion's value, of two criteria's, of one weight. */
#ifndef TARAZU_RUN_SMALLEST_H
#define TARAZU_RUN_SMALLEST_H

#include "run/select.h"
#include "run/what_if.h"

/* One value, or one weight, that would be another. */
typedef struct shift {
  uint32_t criterion;
  double from, to;
  double seen_from, seen_to; /* of a value, as the combiner sees it; NAN: it cannot be said */
} shift;

typedef struct smallest_change {
  uint32_t count; /* of shifts: 1 or 2 */
  shift shifts[2];
  double size; /* of values: in the criteria's spreads, of two the root of the sum of squares; of a weight: by itself */
  const char *why; /* there is none: words that follow its name; NULL: it was found */
  int tried;       /* it turns a run combined anew, and nine tenths of it do not; 0: it is as what-if rows say */
  int any;         /* next to nothing is enough, so that there is no smallest one: a small one is told */
} smallest_change;

enum { MOST_PAIRS = 3 };

typedef struct smallest_changes {
  int listed;                        /* she is on the list: these take her out; 0: they bring her in */
  const char *why;                   /* no change would: why; NULL: they were looked for */
  smallest_change *values, *weights; /* one a criterion */
  uint32_t count;
  smallest_change pairs[MOST_PAIRS]; /* those that ask for less than either alone, the smallest first */
  uint32_t pair_count;
  const char *why_pairs; /* they were not looked for; NULL: they were */
} smallest_changes;

/* w: of the run that ended with the list `chosen`. Strings live in its arena. 1, or 0 with a problem. */
int smallest_find(what_if *w, const selection *chosen, smallest_changes *out);

/* For explain.c: a part of a customer's page, and a member of the JSON object. */
void smallest_print(const engine *e, const smallest_changes *found, text *out);
void smallest_print_json(const engine *e, const smallest_changes *found, text *out);

#endif
