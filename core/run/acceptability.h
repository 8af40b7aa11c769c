/* The draws of stochastic multicriteria acceptability analysis: scores anew in each draw, and how often each customer
 * comes within a number of places. */
#ifndef TARAZU_RUN_ACCEPTABILITY_H
#define TARAZU_RUN_ACCEPTABILITY_H

#include "run/select.h"
#include "run/weight_draw.h"

/* A customer who is within the places in one draw; those tied at the last place share what is left of it. Whole
 * numbers, so that no order of adding shows. */
#define ACCEPTED (INT64_C(1) << 40)

/* What is counted, in units of 1 / ACCEPTED draws. */
typedef struct acceptability {
  int64_t draws;
  uint64_t uncertain;          /* bit c set where the values of criterion c were drawn */
  int64_t *listed;             /* by row; NULL: there is no list */
  int64_t *within[MOST_BANDS]; /* by row, among all who have a score */
  int32_t *member;             /* by row: place in central, -1: no key customer who stood in line */
  int64_t members;
  int64_t *central; /* members × criteria: weights of the draws with the member on the list */
} acceptability;

/* 1, or 0 with a problem. */
int acceptability_measure(engine *e, const selection *selection, acceptability *out);
void acceptability_free(acceptability *acceptability);

#endif
