/* How sure the list is: stochastic multicriteria acceptability analysis. Weights, and values where scorers give
 * intervals, are drawn again and again, and it is counted who is on the list. */
#ifndef TARAZU_RUN_CONFIDENCE_H
#define TARAZU_RUN_CONFIDENCE_H

#include "run/select.h"

/* A key customer is on the list in at least that share of the draws; somebody else is near it from NEAR on. */
#define CONFIDENCE_FIRM   0.95
#define CONFIDENCE_LIKELY 0.60
#define CONFIDENCE_NEAR   0.05

struct confidence {
  int64_t draws;
  uint32_t band_count;
  int64_t bands[MOST_BANDS];
  uint64_t uncertain;        /* bit c set where the values of criterion c were drawn */
  int has_list;              /* the profile asks for key customers; what follows, but for the bands, is of their list */
  column probability;        /* F64 by row: share of the draws with the customer on the list */
  column within[MOST_BANDS]; /* F64: share of the draws with her rank within the band; null: no score */
  column level;              /* TEXT: firm, likely, open; null: not on the list, nor near it */
  column central[64];        /* F64 by criterion: mean weight of the draws with her on the list; null: not a member */
  tarazu_dictionary words;
  int64_t firm, likely, open; /* members */
  int64_t near;               /* others, from CONFIDENCE_NEAR on */
  double overlap;             /* mean probability of the members: the share of the list that another draw keeps */
};

/* The standard error of a probability that was found in so many draws. */
double confidence_error(const confidence *confidence, double probability);
const char *confidence_word(const confidence *confidence, int64_t row); /* NULL: none */
/* How weights were drawn: "a Dirichlet distribution around the given weights, concentration 20". In the arena. */
const char *confidence_weights(const profile *profile, arena *home);

/* Into e->confidence, which stays NULL where the profile does not ask for it. 1, or 0 with a problem. */
int confidence_measure(engine *e, const selection *selection);
void confidence_free(confidence *confidence); /* NULL is fine */

#endif
