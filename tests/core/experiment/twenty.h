/* Twenty customers whose scores and outcomes tie here and there, on which peers were run: scikit-learn 1.9.1 and SciPy
 * 1.17.1 where a test names no other. And measures made in one line. */
#ifndef TESTS_CORE_EXPERIMENT_TWENTY_H
#define TESTS_CORE_EXPERIMENT_TWENTY_H

#include "experiment/measures.h"
#include "support/near.h"
#include <stdlib.h>

enum { TWENTY = 20 };
static const double twenty_score[] = {.9, .85, .85, .7, .65, .6, .6,  .6, .5, .45,
                                      .4, .35, .3,  .3, .25, .2, .15, .1, .1, .05};
static const double twenty_money[] = {120, 0, 310, 80, 80, 15, 0, 210, 40, 40, 0, 95, 0, 10, 0, 60, 0, 0, 5, 25};
static const double twenty_grade[] = {3, 0, 4, 2, 2, 1, 0, 4, 1, 1, 0, 3, 0, 1, 0, 2, 0, 0, 0, 1};
static const double twenty_kept[] = {1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0};
/* The five with most money, and the five with the best scores. */
static const uint8_t twenty_best[] = {1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
static const uint8_t twenty_first[TWENTY] = {1, 1, 1, 1, 1};

static inline measure *made(measure_id id, judged what)
{
  measure_fault fault;
  measure *m = measure_new(id, &what, &fault);
  if (!m) fail_msg("%s", fault.message);
  return m;
}

static inline double value_on(measure_id id, judged what, const uint8_t *counts)
{
  measure *m = made(id, what);
  void *room = malloc(measure_room(m) + 1);
  double value = measure_value(m, counts, room);
  free(room);
  measure_free(m);
  return value;
}

static inline double value_of(measure_id id, judged what)
{
  return value_on(id, what, NULL);
}

static inline void expect_fault(measure_id id, judged what, int64_t row, const char *says)
{
  measure_fault fault;
  assert_null(measure_new(id, &what, &fault));
  assert_int_equal(fault.row, row);
  assert_string_equal(fault.message, says);
}

#endif
