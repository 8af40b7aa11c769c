/* What the files of the smallest change share: a search, its paths, and guesses at what the run would say. */
#ifndef TARAZU_RUN_SMALLEST_INNER_H
#define TARAZU_RUN_SMALLEST_INNER_H

#include "run/smallest.h"

enum { GUESS_ROOM = 4096 }; /* what-if rows of one guess */

typedef struct ladder { /* a dimension's scores of all others with a floor on it, rising */
  double *scores;
  int64_t count;
} ladder;

/* One customer's cells and what stands between her and the list. */
typedef struct search {
  what_if *w;
  engine *e;
  const selection *chosen;
  int64_t row;
  uint32_t criteria;
  int listed;
  int64_t most_asked; /* of w: no more questions after these */
  /* by criterion, as measured */
  uint8_t there[64], whole[64]; /* whole: in whole numbers */
  double own[64], least[64], most[64], spread[64];
  /* guesses */
  int guesses;     /* what-if rows can be scored */
  int64_t rival;   /* outside: the one she has to pass; on the list: the one she has to fall behind; -1: nobody */
  double seen[64]; /* her values as the combiner sees them */
  uint8_t is_seen[64];
  double *columns;                  /* criteria × GUESS_ROOM: these, again and again */
  double *varied, *scores, *values; /* 2, 1, 2 × GUESS_ROOM */
  uint8_t *missing;                 /* GUESS_ROOM */
  ladder *ladders;                  /* one a floor */
  /* guesses at weights */
  int64_t *rivals; /* rows, those that lack the same side by side, hers first */
  int64_t rival_count;
  double *rival_values, *rival_scores; /* criteria × rival_count, by column; rival_count */
  int64_t places;                      /* fewer ahead of her: on the list */
} search;

/* From her values, or the given weight, straight toward others; a place on it is a share from 0 to 1. */
typedef struct path {
  uint32_t count; /* of criteria; 0: the weight of criterion[0] */
  uint32_t criterion[2];
  double from[2], toward[2];
} path;

/* Value k at a place; whole numbers are the next ones farther out, or (shy) nearer by. */
double path_at(const search *s, const path *p, uint32_t k, double at, int shy);
/* The weights with one of them set and the others in their proportions. */
void weights_with(const engine *e, uint32_t criterion, double weight, double *weights);

/* Room and rivals for guesses; 1, or 0: no memory. */
int guesses_prepare(search *s);
void guesses_free(search *s);
/* Whether what-if rows with these values in place of hers turn the list; by row. 0: it cannot be said. */
int guess_values(search *s, uint32_t count, const uint32_t *criterion, const double *const *values, int64_t rows,
                 uint8_t *turned);
/* Whether other weights do, 1 or 0; -1: it cannot be said. */
int guess_weights(search *s, const double *weights);

#endif
