/* A recorded run as one side of a comparison. */
#ifndef TARAZU_EXPERIMENT_RECALLED_H
#define TARAZU_EXPERIMENT_RECALLED_H

#include "experiment/store.h"
#include "run/compare.h"

typedef struct recalled {
  ranking ranking; /* where only the list was recorded, one without ranks */
  dictionary *names, *reasons;
  column reason;
} recalled;

/* 1, or 0 with a problem. */
int recall(store *store, const store_run *run, arena *arena, problems *problems, recalled *out);
void recalled_free(recalled *recalled); /* {0} is fine */

/* The run's manifest as a tree; NULL: it has none. */
const node *recall_manifest(store *store, int64_t run, arena *arena);
/* Whether two runs have the same settings and data, by their digests, or where one has none by their manifests. */
void recall_sameness(store *store, const store_run *a, const store_run *b, sameness *settings, sameness *data);

#endif
