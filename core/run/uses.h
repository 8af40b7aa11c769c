/* Which plugins a plan uses: for the manifest, and for the lock file. */
#ifndef TARAZU_RUN_USES_H
#define TARAZU_RUN_USES_H

#include "run/plan.h"

typedef struct plugin_use {
  const char *name; /* of the table, the step or the output */
  const tarazu_strategy *strategy;
  const plugin_file *file;
  const isolated *isolated; /* the process that it runs in; NULL: the run's */
} plugin_use;

/* In the order of a run: tables' sources, steps, outputs' sinks. */
plugin_use *uses_of(const plan *plan, arena *arena, uint32_t *count);
/* Adds them to a lock, which may outlive the plan. */
void uses_lock(const plan *plan, arena *arena, lock *lock);
/* Warns of what a lock holds and the plan does not use. */
void uses_warn_unused(const plan *plan, const lock *lock);

#endif
