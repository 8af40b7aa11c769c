/* What an experiment found: each variant by each measure with its interval, compared with the base, best first, and
 * which knob matters; as text, CSV and JSON. */
#ifndef TARAZU_EXPERIMENT_LEADERBOARD_H
#define TARAZU_EXPERIMENT_LEADERBOARD_H

#include "base/arena.h"
#include "base/terminal.h"
#include "experiment/effects.h"
#include "experiment/paired.h"

typedef struct board_measure {
  measure_id id;
  const char *name; /* "share_captured of margin"; in CSV and JSON as it is */
} board_measure;

typedef struct board_knob {
  const char *name; /* "combine.plugin" */
  knob by;
  const char *const *words; /* by level: "topsis" */
} board_knob;

typedef struct board_variant {
  const char *name;
  const char *fault;            /* why it could not be run; NULL: it was */
  const double *const *numbers; /* by measure, of the resampling; of stability and cost the value alone; NULL: no value.
                                   Of a variant with a fault NULL altogether */
  const interval *given;        /* by measure, of those without samples; method INTERVAL_NONE: none. NULL: of none */
} board_variant;

typedef struct board_entry {
  double value; /* NAN: none */
  interval between;
  paired_comparison against; /* the base; of the base itself, and without samples, PAIRED_UNKNOWN */
} board_entry;

typedef struct leaderboard {
  /* given, borrowed */
  resampling resampling;
  double level; /* 0.95 */
  interval_method method;
  correction correction; /* over the variants, for each measure apart */
  const board_measure *measures;
  uint32_t measure_count; /* the first one decides the order */
  const board_variant *variants;
  int64_t variant_count;
  int64_t base; /* the variant that others are compared with */
  const board_knob *knobs;
  uint32_t knob_count;
  arena *arena;
  /* found, in the arena */
  board_entry *entries;   /* by variant and measure */
  int64_t *order;         /* variants, best first by the first measure, those without a value last */
  int64_t comparisons;    /* by each measure at most so many */
  const effects *effects; /* by measure; count 0: nothing was varied, too many levels, or no samples of it */
} leaderboard;

int leaderboard_find(leaderboard *b); /* 1, or 0: no memory */
const board_entry *leaderboard_entry(const leaderboard *b, int64_t variant, uint32_t measure);

void leaderboard_text(const leaderboard *b, text *out, screen to);
void leaderboard_csv(const leaderboard *b, text *out);
void leaderboard_json(const leaderboard *b, text *out);

#endif
