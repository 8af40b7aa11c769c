/* Which knob matters: what share of a measure's variance over an experiment's variants each setting that was varied
 * accounts for, alone and in pairs, with intervals from the bootstrap samples that all variants share. */
#ifndef TARAZU_EXPERIMENT_EFFECTS_H
#define TARAZU_EXPERIMENT_EFFECTS_H

#include "experiment/resample.h"

/* A setting that was varied. */
typedef struct knob {
  const int32_t *level; /* by variant, 0 to levels - 1 */
  int32_t levels;
} knob;

/* Levels of a setting that is a number: its values in order where at most `most` differ, otherwise up to `most` groups
 * of about as many variants each, equal values together. Returns how many levels there are; -1: no memory. */
int32_t effects_levels(const double *values, int64_t variants, int32_t most, int32_t *level);

/* The first knob's effect alone (second -1), or what the pair does beyond what both do alone. */
typedef struct effect {
  int32_t first, second;
  double share; /* of the variance, 0 to 1; NAN: it cannot be told */
  interval share_between;
  int32_t freedom;  /* how many independent differences between levels the variants show */
  int32_t confused; /* of them, how many cannot be told from other knobs' differences */
} effect;

typedef struct effects {
  int64_t variants; /* those on which the measure has a value */
  double mean;      /* of the measure over them */
  double deviation; /* its standard deviation over them, dividing by their number */
  double
      additive; /* share of the variance that all knobs account for, each alone; the rest is how they work together */
  uint32_t count;
  effect *of; /* the knobs in their order, then their pairs: (0, 1), (0, 2) … */
} effects;

/* numbers: by variant, of one measure and resampling. A pair has no share where its levels do not all occur together,
 * or are more than EFFECTS_MOST_CELLS combinations. Work grows as variants times the square of all levels: more than
 * EFFECTS_MOST_LEVELS in sum is refused by -1. 1; 0: no memory; -1. */
enum { EFFECTS_MOST_LEVELS = 512, EFFECTS_MOST_CELLS = 400 };
int effects_find(const resampling *r, const double *const *numbers, int64_t variants, const knob *knobs,
                 uint32_t knob_count, double level, effects *out);
void effects_free(effects *e);

/* The measure's mean over the variants with this level, and how many they are. */
double effects_level_mean(const double *const *numbers, int64_t variants, const knob *of, int32_t level,
                          int64_t *count);

#endif
