/* The section `measure` of an experiment: what is asked, of which outcome, prediction, baseline, cost. */
#ifndef TARAZU_EXPERIMENT_ASKED_H
#define TARAZU_EXPERIMENT_ASKED_H

#include "experiment/measures.h"
#include "experiment/outcome.h"

/* Which lists a measure of stability compares. */
typedef enum asked_between { BETWEEN_USUAL, BETWEEN_CUT_OFFS, BETWEEN_REPEATS, BETWEEN_SAMPLES } asked_between;

/* A name and where it stands; text NULL: not given, or not called for. */
typedef struct asked_name {
  const char *text;
  place place;
} asked_name;

typedef struct asked_measure {
  measure_id id;
  const char *name; /* "share_captured of revenue"; unique */
  place place;
  asked_name outcome;    /* NAME or NAME.OUTPUT of an outcome */
  asked_name prediction; /* what is compared with the outcome: "score", a criterion, CRITERION.OUTPUT, a dimension */
  asked_name baseline, cost;        /* a criterion or CRITERION.OUTPUT; of what is measured beside, its name there */
  int baseline_beside, cost_beside; /* 1: by that name in asked_measures.beside */
  asked_name dimension;
  int64_t k;          /* 0: not given */
  double persistence; /* of rank_biased_overlap */
  asked_between between;
  int64_t samples; /* of BETWEEN_SAMPLES: so many lists on customers drawn anew */
} asked_measure;

/* Whether lists of several runs are called for: of stability, but for lists that one run is enough for. */
int asked_of_lists(const asked_measure *measure);

/* What an item may hold: the measure's own name, then `name`, then what the measure takes; NULL ends. */
enum { ASKED_KEYS = 8 };
void asked_keys(measure_id id, const char *keys[ASKED_KEYS]);

typedef struct asked_measures {
  asked_measure *items;
  uint32_t count;
  outcomes beside; /* baselines and costs that are criteria of their own, measured as of the cut-off */
} asked_measures;

/* A list of measures: `seconds`, `{share_captured: revenue}`, `{mae: purchases, prediction: lifetime_value}`. later:
 * the outcomes that there are. 1, or 0 with problems. The section and the arena outlive out. */
int measures_read(const node *section, const outcomes *later, arena *arena, problems *problems, asked_measures *out);

#endif
