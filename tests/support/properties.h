/* What must hold for every strategy that turns columns into columns, checked on a rig that has learned. */
#ifndef TESTS_SUPPORT_PROPERTIES_H
#define TESTS_SUPPORT_PROPERTIES_H

#include "support/near.h"
#include "support/strategy.h"

/* Batches of 1, 7, 2,048 and 65,536 rows, and rows from the last to the first, give the same bytes. */
void check_batches(rig *r);
/* A model that was saved and loaded gives the same bytes, to rows of the run and to others; cut short it is refused. */
void check_reload(rig *r);

/* Numbers that look random and are the same everywhere: the next one in [0, 1). */
double next_uniform(uint64_t *state);

#endif
