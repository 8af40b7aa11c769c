/* Why one customer stands where she stands, in words and numbers. */
#ifndef TARAZU_RUN_EXPLAIN_H
#define TARAZU_RUN_EXPLAIN_H

#include "run/results.h"

/* The row's contributions must be there (shapley_explain) where the combiner has no closed form. */
void explain_text(const results *results, int64_t row, text *out);
void explain_json(const results *results, int64_t row, text *out);

#endif
