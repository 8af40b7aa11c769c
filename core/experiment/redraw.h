/* Lists on customers drawn anew: what a run measured is normalized, weighed, combined, ranked and selected anew on each
 * bootstrap sample of its customers. How alike the lists are tells how much a list hangs on who happened to be there.
 */
#ifndef TARAZU_EXPERIMENT_REDRAW_H
#define TARAZU_EXPERIMENT_REDRAW_H

#include "experiment/stability.h"
#include "run/session.h"

/* Customers by their rows in the run, best first; each once, however often she was drawn. */
typedef struct redrawn {
  ranked_list *lists;
  uint32_t count;
  int64_t customers; /* of the run */
} redrawn;

/* So many lists of a session that ran, of samples with this seed. 1, or 0 with problems; what is made lives in the
 * arena. */
int redraw_lists(tarazu_session *ran, uint32_t count, uint64_t seed, arena *arena, problems *problems, redrawn *out);

#endif
