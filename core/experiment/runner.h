/* Runs the units of an experiment that its store does not have yet, several at once, and records each as soon as it is
 * done: whatever ends the program loses at most those in flight. */
#ifndef TARAZU_EXPERIMENT_RUNNER_H
#define TARAZU_EXPERIMENT_RUNNER_H

#include "experiment/campaign.h"

typedef struct run_progress {
  int64_t units; /* all of the experiment */
  int64_t there; /* of them, that the store had before */
  int64_t done;  /* now, those that failed too */
  int64_t failed;
  double seconds; /* since the first one began */
} run_progress;

typedef struct runner {
  campaign *campaign; /* checked */
  store *store;       /* open for writing */
  int64_t experiment; /* its number there */
  /* After each unit; [any thread, one at a time]. NULL: nobody asks. */
  void (*tell)(void *argument, const run_progress *at);
  void *argument;
  /* found */
  run_progress at;
  int status; /* EXIT_GOOD, or what the first unit that failed, in their order, ended with */
} runner;

/* 1: all units were tried, and those that failed are recorded as that; 0: it could not go on, with a problem of the
 * campaign's (a store that cannot be written, outcomes that cannot be measured, cancelled). */
int runner_run(runner *r);

#endif
