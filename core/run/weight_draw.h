/* Weights drawn at random: around given ones, within intervals, in a given order, or any; in dimensions and within. */
#ifndef TARAZU_RUN_WEIGHT_DRAW_H
#define TARAZU_RUN_WEIGHT_DRAW_H

#include "run/profile.h"

/* Numbers that look random, fixed by what the stream was opened with: the same in every thread and order. */
typedef struct random_stream {
  uint64_t state;
} random_stream;

random_stream random_open(uint64_t seed, uint64_t number);
double random_uniform(random_stream *stream); /* in (0, 1) */
/* A number's own bits, well mixed; and in (0, 1) out of such bits. */
uint64_t random_mix(uint64_t number);
double random_unit(uint64_t bits);
/* The standard normal distribution's quantile. */
double normal_quantile(double p);

enum { DRAW_MOST = 64 };

/* Weights that share a whole: the dimensions, or the criteria of one. */
typedef struct weight_level {
  weight_rule rule;
  uint32_t count;
  double given[DRAW_MOST]; /* summing to 1; what weighs 0 weighs 0 in every draw */
  double concentration;
  double least[DRAW_MOST], most[DRAW_MOST]; /* of WEIGHTS_INTERVALS; between 0 and 1 */
  /* made by weight_level_prepare */
  uint32_t drawn;            /* of them, those that are above 0 */
  uint32_t order[DRAW_MOST]; /* these, heaviest first */
  double start[DRAW_MOST];   /* a point within the intervals */
  double length[DRAW_MOST];  /* of each interval */
  double rest;               /* what the lower ends leave */
  int walks;                 /* too few points of the simplex lie within the intervals: a walk, not rejection */
} weight_level;

/* 1, or 0: no weights lie within the intervals, *why says so. */
int weight_level_prepare(weight_level *level, const char **why);
void weight_level_draw(const weight_level *level, random_stream *stream, double *weights);

/* A profile's weights: the dimensions' (where it weighs them) and within each the criteria's. */
typedef struct weight_draws {
  uint32_t criteria, dimensions;    /* dimensions 0: the criteria share one whole */
  weight_level across;              /* dimensions; of one whole the criteria */
  weight_level *within;             /* by dimension */
  uint32_t dimension_of[DRAW_MOST]; /* by criterion */
  uint32_t place[DRAW_MOST];        /* of a criterion in its level */
} weight_draws;

/* weights: one a criterion, summing to 1. 1, or 0 with a problem. */
int weight_draws_make(const profile *profile, const double *weights, arena *home, problems *faults, weight_draws *out);
/* One draw: one weight a criterion, summing to 1. */
void weight_draws_take(const weight_draws *draws, random_stream *stream, double *weights);

#endif
