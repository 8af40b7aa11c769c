/* What the command needs of a session beyond tarazu.h: where plugins and the cache of their verdicts are when nobody
 * says, and what is inside of one that ran. */
#ifndef TARAZU_RUN_SESSION_H
#define TARAZU_RUN_SESSION_H

#include "base/arena.h"
#include "run/cache.h"
#include "run/publish.h"
#include "run/results.h"
#include <tarazu/tarazu.h>

const char *plugin_path_default(arena *home);
const char *plugin_cache_default(arena *home); /* NULL: there is no place for one */

/* As tarazu_open, with what another profile says of the data (`data`, `as_of`, `time_zone`) in place of its own; data
 * NULL: its own. */
int session_open_on(const char *profile, const char *data, const tarazu_options *options, tarazu_session **session);
/* How an experiment opens a session. `output`, `store`, `confidence` and `key_customers.previous` of the profile are as
 * if they were not there; as nothing is published, the results lack the reason codes (`reason_1` and on). */
typedef struct session_trial {
  const node *root; /* the profile's tree, all merged and varied; borrowed, and only read: threads may share it */
  const char *const *files; /* it was read from, for the manifest; NULL: `path` alone */
  int backtest; /* as_of counts, whatever the profile says; tables without dates are refused unless they are timeless */
  int64_t as_of;
  place as_of_place; /* of the cut-off in the experiment's file, for messages */
  int has_after;     /* of dated tables only rows later than `after` reach a strategy */
  int64_t after;
  int scorers_only;    /* nothing is weighed, combined or selected: session_measure, not tarazu_run */
  const char *lock_of; /* whose lock a locked session holds to; NULL: the profile's */
  atomic_int *stop;    /* what is not 0 there ends the run soon; NULL: tarazu_cancel alone does */
} session_trial;

/* As tarazu_open, of a tree; path: of the profile, from whose folder paths are seen. */
int session_open_trial(const char *path, const session_trial *trial, const tarazu_options *options,
                       tarazu_session **session);
/* Another one of the same profile and options as an experiment's, which may have run. */
int session_again(const tarazu_session *session, tarazu_session **again);
/* Runs the scorers alone, of a session that was opened for them. An exit status. */
int session_measure(tarazu_session *session);
/* Reads the tables alone. An exit status. */
int session_load(tarazu_session *session);

/* Plans without data, so that the engine can be given what another run has computed. 1, or 0 with problems. */
int session_plan(tarazu_session *session);

/* Before tarazu_check, tarazu_run and session_plan: stages' results are taken from the cache and left there. It
 * outlives the session; sessions share it. */
void session_use_cache(tarazu_session *session, cache *shared);
/* After a run: stages whose results came from the cache, and those that were computed. */
void session_stages(const tarazu_session *session, int64_t *taken, int64_t *made);
/* Of a planned session: the contents of all files that its tables name. 0: a source reads something else. */
int session_data_digest(tarazu_session *session, char digits[65]);

/* tarazu_publish, along with someone (NULL: nobody). */
int session_publish(tarazu_session *session, const companion *with);
/* Where runs are to be recorded, and where that is asked for: the options' store, else the profile's; NULL: nowhere. */
const char *session_store(const tarazu_session *session, place *where);

int64_t *session_recorded(tarazu_session *session); /* the run's number in that store, set by who records; 0: none */

atomic_int *session_stop(tarazu_session *session); /* what tarazu_cancel sets */
arena *session_arena(tarazu_session *session);
const node *session_root(const tarazu_session *session); /* the profile's tree, all merged; NULL: it cannot be read */
const profile *session_profile(const tarazu_session *session);
engine *session_engine(tarazu_session *session);                   /* after session_plan or tarazu_run */
const results *session_results(const tarazu_session *session);     /* NULL: it has not run */
const selection *session_selection(const tarazu_session *session); /* NULL: it has not run */
problems *session_problems(tarazu_session *session);
catalog *session_catalog(tarazu_session *session);

#endif
