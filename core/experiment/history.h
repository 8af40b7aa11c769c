/* One customer through the runs of a store: where she stood, and what moved her from one run to the next of the same
 * profile: her own data, settings or her rivals. docs/experiments/store.md tells how that is found. */
#ifndef TARAZU_EXPERIMENT_HISTORY_H
#define TARAZU_EXPERIMENT_HISTORY_H

#include "experiment/differences.h"
#include "experiment/store.h"
#include "run/compare.h"

/* What was measured of her by a criterion that both runs have, where it differs. */
typedef struct measured_change {
  const char *criterion;
  double before, after; /* NAN: nothing */
} measured_change;

typedef struct history_step {
  store_run run;
  int found;               /* she is among the run's customers */
  store_standing standing; /* where found */
  double place;            /* her rank; where she has none, behind all others */
  /* Against the step before; the first has none. */
  double moved;                  /* places gained; NAN: the first */
  sameness settings, data;       /* of the whole run */
  int own;                       /* 1: something else was measured of her; 0: the same; -1: not known */
  attribution by;                /* of moved */
  measured_change *measured;     /* largest relative changes first */
  setting_difference *differing; /* settings that can change a score; where settings are DIFFERENT */
  uint32_t measured_count, differing_count;
} history_step;

typedef struct history {
  const char *profile; /* NULL: runs without one */
  const char *company;
  history_step *steps; /* oldest first, from the run before the first that knew her on */
  uint32_t count;
} history;

/* Her histories by profile, in the order of the newest run, the newest last; filter: of runs, its customer ignored.
 * Only runs of their own that did not fail are looked at. *count 0: none of them knows her. 1, or 0 with a problem. */
int history_find(store *store, const char *customer, const store_filter *filter, arena *arena, history **out,
                 uint32_t *count);

void history_text(const char *customer, const history *histories, uint32_t count, arena *arena, text *out, screen to);
void history_json(const char *customer, const history *histories, uint32_t count, text *out);

#endif
