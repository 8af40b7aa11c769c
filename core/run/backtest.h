/* A profile as an experiment runs it: as of another moment, without what would carry the future or an earlier list into
 * it, and refused where nobody can tell what was known by then. */
#ifndef TARAZU_RUN_BACKTEST_H
#define TARAZU_RUN_BACKTEST_H

#include "run/plan.h"
#include "run/session.h"

/* The tree to be run, sharing what is the same with the one that was given. */
node *backtest_tree(const session_trial *trial, arena *arena);
/* Of a plan: tables that have no dates and do not say that they are timeless. 1, or 0 with problems. */
int backtest_check(const plan *plan, const session_trial *trial);

#endif
