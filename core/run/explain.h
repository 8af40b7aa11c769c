/* Why one customer stands where she stands, in words and numbers. */
#ifndef TARAZU_RUN_EXPLAIN_H
#define TARAZU_RUN_EXPLAIN_H

#include "run/results.h"
#include "run/smallest.h"

/* The row's contributions must be there (shapley_explain) where the combiner has no closed form. changes: what would
 * bring her onto the list or take her off it; NULL: there is no list. */
void explain_text(const results *results, int64_t row, const smallest_changes *changes, text *out);
void explain_json(const results *results, int64_t row, const smallest_changes *changes, text *out);

#endif
