/* The tables of an experiment, a leaderboard a company, made of what its store holds alone. */
#ifndef TARAZU_EXPERIMENT_BOARDS_H
#define TARAZU_EXPERIMENT_BOARDS_H

#include "experiment/campaign.h"
#include "experiment/leaderboard.h"

typedef struct board {
  const char *company; /* NULL: the experiment has one profile */
  int64_t units, recorded, failed;
  leaderboard found;
} board;

typedef struct boards {
  const campaign *campaign;
  board *items;
  uint32_t count;
  int64_t units, recorded, failed; /* of all */
} boards;

/* A measure of a variant is the mean over its cut-offs and seeds, sample by sample, so that its interval and what is
 * told against the base are of the mean; variants of which a unit is lacking or failed have that as their fault. 1, or
 * 0 with a problem. */
int boards_find(const campaign *c, store *store, int64_t number, arena *arena, boards *out);

void boards_text(const boards *b, text *out, screen to);
void boards_csv(const boards *b, text *out);
void boards_json(const boards *b, text *out);

#endif
