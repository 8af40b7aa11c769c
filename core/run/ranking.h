/* One side of a comparison: who stands where and who is on the list, out of a run or out of a file of results. */
#ifndef TARAZU_RUN_RANKING_H
#define TARAZU_RUN_RANKING_H

#include "run/results.h"

typedef struct ranking_file ranking_file;

/* What is read of a file that lists customers. */
typedef struct list_source {
  const char *path;
  const char *key;      /* the column that names the customer */
  const char *where;    /* only rows for which this holds; NULL: a file of results, with ranks and all */
  const table_plan *as; /* the source that a profile has for it; NULL: the one that accepts the path */
  place place;          /* where a profile names it; NOWHERE */
} list_source;

typedef struct ranking {
  const char *name; /* as the user named it */
  int64_t count, scored, listed;
  const dictionary *names; /* code i is row i */
  const int64_t *order;    /* rows in rank order, those without a rank last; NULL: a list without ranks */
  int64_t *rank;           /* by row, from 1; 0: none; NULL: a list without ranks */
  double *score;           /* by row, NAN: none; NULL: a list without ranks */
  const uint8_t *key;      /* by row */
  const column *reason;    /* TEXT; NULL: none */
  const results *run;      /* NULL: out of a file */
  const node *manifest;    /* beside the file, or of the run; NULL: there is none */
  int64_t *own_order;
  uint8_t *own_key;
  arena *arena;
  ranking_file *file;
} ranking;

/* The run must outlive it. 1, or 0: no memory. */
int ranking_of_run(ranking *out, const char *name, const results *run);
/* 1, or 0 with problems. */
int ranking_of_file(ranking *out, const list_source *from, catalog *catalog, arena *arena, problems *problems);
void ranking_free(ranking *ranking); /* {0} is fine */

int64_t ranking_find(const ranking *ranking, const char *customer, size_t count); /* her row, or -1 */
const char *ranking_name(const ranking *ranking, int64_t row, size_t *count);     /* count bytes */
/* Why she is on the list or not; NULL where nothing says. */
const char *ranking_reason(const ranking *ranking, int64_t row);
/* 1 more than the number of customers but her who score more than this; NAN: than nothing, so behind all. row: hers
 * among them, or -1. */
int64_t ranking_place(const ranking *ranking, double score, int64_t row);
/* out/scores.csv has its manifest in out/scores.manifest.json. */
const char *manifest_beside(arena *arena, const char *path);

#endif
