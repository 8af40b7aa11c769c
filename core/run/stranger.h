/* Customers who are none of a run, as what it has learned sees them: measured values through its normalizers. */
#ifndef TARAZU_RUN_STRANGER_H
#define TARAZU_RUN_STRANGER_H

#include "run/engine.h"

/* Whether every strategy between the criteria and the score takes rows that are none of its run. */
int strangers_taken(const engine *e);
/* What a criterion measured of a row of the run, as a real; 0: nothing. */
int measured_value(const column *c, int64_t row, double *out);
/* Values of one criterion as the combiner would see them; given and there: a byte a row, 1 where there is a value
 * (given NULL: everywhere). 1, or 0 with a problem. */
int strangers_normalize(engine *e, uint32_t criterion, const double *values, const uint8_t *given, int64_t rows,
                        double *out, uint8_t *there);

#endif
