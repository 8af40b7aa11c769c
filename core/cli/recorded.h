/* What the commands that read a run store share: finding the store, its runs and customers, and the nearest name where
 * something is not there. */
#ifndef TARAZU_CLI_RECORDED_H
#define TARAZU_CLI_RECORDED_H

#include "cli/command.h"
#include "experiment/store.h"

typedef struct reading {
  const invocation *asked;
  store *store;
  problems *problems;
  store_filter filter; /* of --profile and --in */
} reading;

/* The store of --store, else tarazu.db in the current folder. 1, or 0: leave with reading_end. */
int reading_start(reading *reading, const invocation *asked);
/* Tells what went wrong and closes; the status, or the first problem's where there is one. */
int reading_end(reading *reading, int status);

/* The runs of the filter, oldest first. 1, or 0 with a problem, also where there is no experiment or profile of that
 * name. None at all is no problem. */
int reading_runs(reading *reading, store_run **runs, uint32_t *count);
/* "17", or "latest" of the filter's. 1, or 0 with a problem. */
int reading_run(reading *reading, const char *word, store_run *out);

#endif
