/* What a run takes from the cache and leaves in it: who the customers are, what was read of the tables, and each step's
 * results, by the keys of stage_key.h. The combiner, and what depends on its scores, is always made anew: it differs
 * in every variant that is worth running, and is as quick as reading it. */
#ifndef TARAZU_RUN_STAGES_H
#define TARAZU_RUN_STAGES_H

#include "run/engine.h"

/* Before anything is read; the tables' requests are filled in, but for their moments. Without e->cache, and where the
 * data have no identity, nothing is taken or kept. */
void stages_open(engine *e);
/* The latest date of a table, or (-1) of all data: 1 where it is known. */
int stages_latest(engine *e, int index, int64_t *moment);
void stages_keep_latest(engine *e, int index, int64_t moment);
/* With the moments: takes all that is there. 1: no source has to be asked, and the tables' columns are there as far as
 * steps need them. */
int stages_take(engine *e);
/* After reading in place of that. */
void stages_keep_tables(engine *e);
/* After a step's outputs are complete; of a weigher, after its weights. */
void stages_keep_step(engine *e, instance *in);
/* Some bytes that follow from a column alone, under a name: 1: they were there. */
int stages_recall(const engine *e, const series *of, const char *what, void *bytes, size_t count);
/* The same in place, until stages_free; NULL: they are not there. */
const void *stages_lend(engine *e, const series *of, const char *what, size_t *count);
int stages_keeps(const engine *e, const series *of); /* whether what is remembered of it stays */
void stages_remember(const engine *e, const series *of, const char *what, const void *bytes, size_t count);
void stages_close(engine *e); /* nothing more is kept: others need not wait; what was taken stays */
void stages_free(engine *e);

void stages_note(instance *in, const char *message); /* [any thread] what a strategy told while it worked */

/* Of the data of a run whose requests are filled in; 0: they have no identity. */
int stages_data(const engine *e, struct cache *cache, char digits[65]);

#endif
