/* Who in a line stands behind somebody whom she is at least as good as in every criterion, and better in one. */
#ifndef TARAZU_RUN_DOMINANCE_H
#define TARAZU_RUN_DOMINANCE_H

#include "run/engine.h"

/* Whoever stands at `from` dominates the one at `to`, the first such place before her own. Places count from 0. */
typedef struct dominance_move {
  int64_t from, to;
  double worth;
} dominance_move;

typedef struct dominance_moves {
  dominance_move *items; /* in the order in which they are to stand: by `to`, and nobody before one who dominates her */
  int64_t count;
} dominance_moves;

/* Looks at whom anyone in line dominates among the first `most`. Compared are criteria that weigh, as the combiner sees
 * them, of customers who have the same ones. places: in this line by row, from 1; 0: not in it. 1, or 0: no memory. The
 * items are to be freed. */
int dominance_find(const engine *e, const int64_t *line, const int64_t *places, int64_t count, int64_t most,
                   dominance_moves *out);

#endif
