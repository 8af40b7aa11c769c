/* What each stage of a run depends on, as one hash: a tree of hashes whose leaves are the contents of the data, the
 * plugins' files, their parameters and the run's own settings. Threads and batches are no part of it, since they change
 * no result. */
#ifndef TARAZU_RUN_STAGE_KEY_H
#define TARAZU_RUN_STAGE_KEY_H

#include "run/engine.h"
#include "run/identity.h"

typedef struct stage_keys {
  cache_key base;    /* this build of tarazu, the C library, the processor */
  cache_key *data;   /* by table: the contents of its files */
  cache_key *tables; /* by table: what is asked of it but its columns */
  cache_key people;  /* who the customers are: of all tables */
  cache_key read;    /* all that is read: of all tables with their columns */
  cache_key *steps;  /* in the plan's order */
} stage_keys;

/* Identifies the data. 0: some of it has no identity, so that there are no keys. */
int stage_keys_open(stage_keys *keys, const engine *e, cache *cache);
/* The latest date of a table, or (-1) of all, from which as_of comes where the profile has none. */
void stage_key_latest(const stage_keys *keys, const engine *e, int index, cache_key *out);
/* The rest, when the tables' requests are filled in, with their moments. */
void stage_keys_fill(stage_keys *keys, const engine *e);

#endif
