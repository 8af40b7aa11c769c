/* Whether one customer would be on the list, were something else than it is: values of her criteria, or the weights.
 * Everybody is normalized, weighed, combined, ranked and chosen from anew, as a run on such data would; what other
 * customers' criteria owe to her data stays. */
#ifndef TARAZU_RUN_WHAT_IF_H
#define TARAZU_RUN_WHAT_IF_H

#include "run/engine.h"

typedef struct what_if {
  engine *from; /* that ran; her cells are changed while a question is answered, and are as before afterwards */
  engine *to;   /* planned by the same profile (rescore.h), with problems of its own */
  int64_t row;
  int64_t asked; /* how many questions */
} what_if;

/* 1 on the list, 0 not on it, -1 where such a run ends with an error. criteria: which, each once; as measured. */
int what_if_values(what_if *w, uint32_t count, const uint32_t *criteria, const double *values);
int what_if_weights(what_if *w, const double *weights); /* one a criterion, summing to 1 */

#endif
