/* What another run has measured, combined anew: without some customers or with copies of them, by other weights,
 * another combiner, other parameters of normalizers, weighers and combiner. No data are read, and no scorer runs. */
#ifndef TARAZU_RUN_RESCORE_H
#define TARAZU_RUN_RESCORE_H

#include "run/engine.h"

typedef struct rescoring {
  const engine *from;    /* that ran */
  const int64_t *rows;   /* of it, in the order of the new run; one that comes again is a copy. NULL: all */
  int64_t count;         /* of rows */
  const double *weights; /* one a criterion, summing to 1; NULL: weighed anew */
  int same_normalized;   /* rows NULL, and the same normalizers: what they gave is taken over */
} rescoring;

/* Up to the ranks. to: planned (session_plan), by a profile with the same criteria; 1, or 0 with problems of its own.
 * rescore_undo in any case; then it can be used again. */
int rescore(engine *to, const rescoring *asked);
void rescore_undo(engine *to);

#endif
