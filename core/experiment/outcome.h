/* What came later: criteria measured as of the end of a backtest's horizon, on what is dated after its cut-off alone,
 * and what is measured beside a run as of the cut-off, such as a baseline. Values are by the customers of a universe
 * that all cut-offs of a company share. docs/experiments/backtest.md */
#ifndef TARAZU_EXPERIMENT_OUTCOME_H
#define TARAZU_EXPERIMENT_OUTCOME_H

#include "base/calendar.h"
#include "run/session.h"
#include <stdatomic.h>

/* Criteria that no variant is made of. */
typedef struct outcomes {
  node *criteria; /* a map, complete enough for a profile; NULL: none */
  uint32_t count; /* of them */
} outcomes;

/* The section `outcomes`; NULL: none. Faults are told, those that only a profile can show later. 1, or 0 with problems.
 * The section and the arena outlive out. */
int outcomes_read(const node *section, arena *arena, problems *problems, outcomes *out);
/* One more, under a name of the caller's; value: `{plugin: …}` or a plugin's name. what: in messages. */
int outcomes_add(outcomes *to, const char *name, const node *value, const char *what, arena *arena, problems *problems);
const node *outcome_named(const outcomes *of, const char *name); /* its key; NULL: none. `NAME.OUTPUT`: that of NAME */

/* Of whom, and when. Borrowed. */
typedef struct outcome_window {
  const char *path; /* the company's profile */
  const node *root; /* its tree as all variants share it, so that all are judged by the same outcomes */
  const char *const *files;
  const tarazu_options *options;
  cache *cache;           /* of stages' results; NULL: none */
  int backtest;           /* 0: everything is of the profile's own as_of, and of all data */
  int64_t cut_off, until; /* until: cut-off + horizon */
  place cut_off_place;    /* for messages */
  const char *lock_of;    /* whose lock locked sessions hold to */
  lock *uses;             /* outcomes_check notes here what would run, in uses_home; NULL: nowhere */
  arena *uses_home;
  atomic_int *stop; /* when it points to what is not 0 the work ends; NULL: nothing does */
} outcome_window;

/* The end of a horizon of so many days: by this clock, so that a change of clocks does not move it. */
int64_t outcome_until(const zone *clock, int64_t cut_off, double days);

/* Everyone who was a customer as of a (the last) cut-off: what is judged, and drawn again for intervals. */
typedef struct universe universe;
universe *universe_find(const outcome_window *last, problems *problems); /* NULL with problems */
void universe_free(universe *universe);                                  /* NULL is fine */
int64_t universe_count(const universe *universe);
const char *universe_name(const universe *universe, int64_t customer, size_t *length);
/* By row of a run its customer's number in the universe; -1: she is not in it. out has people->count places. */
void universe_rows(const universe *universe, const population *people, int64_t *out);

/* Plans them without data, to tell what is wrong. later: they are outcomes; 0: they are measured as of the cut-off. 1,
 * or 0 with problems. */
int outcomes_check(const outcomes *of, const outcome_window *window, int later, problems *problems);

/* One cut-off's values. [any thread] Reading them. */
typedef struct outcome_values outcome_values;
/* NULL with problems, also where the data end long before the horizon does. A little before is a warning. */
outcome_values *outcomes_measure(const outcomes *of, const outcome_window *window, int later, const universe *of_whom,
                                 problems *problems);
void outcome_values_free(outcome_values *values); /* NULL is fine */
/* By customer of the universe, NAN: not known; of `NAME` or `NAME.OUTPUT`. NULL: there is none such. */
const double *outcome_column(const outcome_values *values, const char *name);

/* Without a backtest what an outcome was measured on must not feed a criterion too: of a session that is planned or ran
 * tells every column that does. 1, or 0 with problems (the session's). With a backtest always 1. */
int outcomes_apart(const outcome_values *later, tarazu_session *session);

#endif
