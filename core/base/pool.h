/* A fixed set of threads that run numbered tasks. */
#ifndef TARAZU_BASE_POOL_H
#define TARAZU_BASE_POOL_H

#include <stdint.h>

typedef struct pool pool;
typedef void pool_task(void *argument, int64_t index, int worker);

pool *pool_new(int threads); /* threads counts the caller, who works too; NULL: no memory or no threads to be had */
void pool_free(pool *pool);  /* NULL is fine */
int pool_threads(const pool *pool);

/* Runs task(argument, 0 .. count - 1, worker) and returns when all are done; worker is below pool_threads, and no two
 * tasks of one worker run at once. Called from inside a task of the same pool it runs them one after the other. */
void pool_run(pool *pool, int64_t count, pool_task *task, void *argument);

int pool_processors(void); /* those this process may use */

#endif
