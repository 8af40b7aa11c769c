/* Contributions of criteria to the scores of chosen customers, for combiners without a closed form. */
#ifndef TARAZU_RUN_SHAPLEY_H
#define TARAZU_RUN_SHAPLEY_H

#include "run/engine.h"

/* Whether the combiner gives contributions of its own. */
int contributions_closed(const engine *e);
/* Whether the combiner can score rows that are not rows of the run. */
int shapley_possible(const engine *e);
/* Finds what contributions are counted from, for a customer who has every criterion. 1, or 0 with a problem. */
int contributions_baseline(engine *e);
/* Fills the contributions of these rows, which add up to the score less the score of the reference row, and, unless
 * that is NULL, standard errors, one a row and criterion: 0 where values are exact, NAN where there is none. Adds to
 * the account unless that is NULL. 1, or 0 with a problem. */
int shapley_explain(engine *e, const int64_t *rows, int64_t count, double *errors, shapley_account *account);
/* Orders in which sampled values let criteria join; and up to how many criteria values are exact. */
uint32_t shapley_orders(void);
uint32_t shapley_exact(void);

#endif
