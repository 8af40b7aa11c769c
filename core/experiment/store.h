/* The run store, tarazu.db: every run and variant with its manifest, settings, measures and list, in one SQLite file
 * that several processes may write. docs/experiments/store.md tells its tables and promises. */
#ifndef TARAZU_EXPERIMENT_STORE_H
#define TARAZU_EXPERIMENT_STORE_H

#include "base/arena.h"
#include "base/problem.h"
#include "run/results.h"
#include <stdint.h>

/* Of the file's tables (PRAGMA user_version); older ones are migrated when they are opened, newer ones refused. */
enum { STORE_VERSION = 3 };

typedef struct store store;

typedef enum store_use {
  STORE_READ, /* the file must be there; faults are EXIT_USAGE (no such file) and EXIT_DATA */
  STORE_WRITE /* made where it is not there, its folder too; faults are EXIT_OUTPUT */
} store_use;

/* NULL with a problem at `where`, NOWHERE being fine. Problems of later calls go to the same place. A store is used by
 * one thread at a time; threads and processes may each open the same file. problems outlives it. */
store *store_open(const char *path, store_use use, place where, problems *problems);
void store_close(store *store); /* rolls back what was not committed; NULL is fine */
const char *store_path(const store *store);

/* ---- writing -------------------------------------------------------------------------------------------------- */

typedef struct store_measure {
  const char *name;        /* "share_captured"; unique in its run */
  double value, low, high; /* low, high: of its interval; NAN: none */
  int better;              /* 1: more is better, -1: less, 0: neither */
  const double *samples;   /* its value in each bootstrap sample, for paired comparisons later; NULL: not kept */
  uint32_t sample_count;
} store_measure;

/* How one customer stands in one run. */
typedef struct store_standing {
  const char *key; /* key_length bytes of text */
  size_t key_length;
  int64_t rank; /* 0: none */
  double score; /* NAN: none */
  int listed;   /* a key customer */
  const char *reason;
  size_t reason_length; /* 0: not kept */
  const double
      *measured; /* by criterion, what was measured of her (before normalizing), NAN: nothing; NULL: not kept */
} store_standing;

typedef struct store_criterion {
  const char *name, *dimension, *plugin;
  double weight; /* its share of the whole */
  int better;
} store_criterion;

/* A variant of an experiment is this and nothing else: there is one run of each. */
typedef struct store_variant {
  int64_t experiment;  /* of store_experiment; 0: a run of its own, and the rest does not matter */
  const char *key;     /* the hash of the variant's settings */
  const char *label;   /* for people: what it varies, "combine.plugin=topsis" */
  int64_t repeat;      /* from 0 */
  const char *cut_off; /* "2011-06-01"; NULL: none */
} store_variant;

/* What is to be recorded. Everything is borrowed. */
typedef struct store_record {
  store_variant variant;
  const char *manifest; /* JSON; NULL: none, as of a variant that failed */
  const char *settings; /* canonical JSON; NULL: the manifest's */
  const char *profile;  /* its path; NULL: the manifest's */
  int status;           /* an exit_status: what a variant that failed ended with */
  const char *problem;  /* why it failed; NULL: it did not */
  double seconds;       /* it took; 0: the sum of the manifest's */
  const store_measure *measures;
  uint32_t measure_count;
  const store_criterion *criteria;
  uint32_t criterion_count;
  int64_t customers, scored; /* in the run, recorded or not */
  /* Those whose standing is recorded: of a run of its own everyone, of a variant the list alone. */
  int64_t standing_count;
  void (*standing)(void *argument, int64_t index,
                   store_standing *out); /* what it points to lives until the next call */
  void *argument;
} store_record;

/* Fills criteria, counts and standings from a run's results, which outlive the record; all: everyone, otherwise the
 * list alone. The rest is the caller's. */
void store_record_results(store_record *record, const results *run, int all, arena *arena);

/* The number of the experiment with this key (the hash of its file, say), made where it is new. 0: a problem. */
int64_t store_experiment(store *store, const char *key, const char *name, const char *file, const char *settings);

/* Records a run in one transaction: all of it or nothing, whatever happens. A variant that is there already stays as it
 * is (*id: its), unless it is one that failed and this one did not: that is replaced. 1, or 0 with a problem. */
int store_add(store *store, const store_record *record, int64_t *id);

/* The same in two steps, for who has other things to publish between: after store_prepare everything is written but not
 * yet to be seen, and other writers wait. store_commit or store_rollback ends it. */
int store_prepare(store *store, const store_record *record, int64_t *id);
int store_commit(store *store);
void store_rollback(store *store); /* fine where nothing was prepared */

/* ---- reading -------------------------------------------------------------------------------------------------- */

typedef struct store_trial {
  int64_t id;
  const char *key, *name, *file, *settings; /* as store_experiment was given them */
} store_trial;
/* All experiments in the order of their beginning. 1, or 0 with a problem. */
int store_experiments(store *store, arena *arena, store_trial **out, uint32_t *count);

typedef struct store_run {
  int64_t id, experiment;                                  /* experiment 0: a run of its own */
  const char *experiment_name, *variant, *label, *cut_off; /* NULL where it is none of an experiment's */
  int64_t repeat;
  const char *began;                               /* when it was recorded, UTC: "2026-03-01T08:15:00Z" */
  double seconds;                                  /* NAN: not known */
  int status;                                      /* 0: good */
  const char *problem;                             /* why it failed; NULL */
  const char *profile, *company, *as_of, *version; /* NULL: not told */
  const char *settings_sha256, *data_sha256;       /* of manifest_settings and manifest_data; NULL: not told */
  int64_t customers, scored, listed;
  int all; /* everyone's standing is recorded, not only the list's */
} store_run;

typedef struct store_filter {
  int64_t id;           /* 0: any */
  int64_t experiment;   /* -1: only runs of their own; 0: any */
  const char *profile;  /* a path, or the end of one; NULL: any */
  const char *in;       /* an experiment's name, key or number; NULL: any */
  const char *customer; /* only runs that know this customer; NULL: any */
  int good;             /* only what did not fail */
  int64_t latest;       /* only so many, the newest; 0: all */
} store_filter;

/* In the order of their recording. 1, or 0 with a problem. */
int store_runs(store *store, const store_filter *filter, arena *arena, store_run **runs, uint32_t *count);
/* 1: the variant is recorded and did not fail; 0: not; -1: a problem. */
int store_has(store *store, const store_variant *variant);
/* 1, or 0 with a problem. samples are read too. */
int store_measures(store *store, int64_t run, arena *arena, store_measure **measures, uint32_t *count);
int store_criteria(store *store, int64_t run, arena *arena, store_criterion **criteria, uint32_t *count);
/* In rank order; listed: the list alone, else everyone who is recorded. measured has as many values as the run has
 * criteria. */
int store_standings(store *store, int64_t run, int listed, arena *arena, store_standing **out, int64_t *count);
/* Every customer of whom there is a standing, by key: the first `most` of them. */
int store_customers(store *store, uint32_t most, arena *arena, const char *const **keys, uint32_t *count);
/* The names of all experiments, and the profiles of all runs of their own. */
int store_names(store *store, int experiments, arena *arena, const char *const **names, uint32_t *count);
/* One customer's; *found 0: the run does not know her. */
int store_standing_of(store *store, int64_t run, const char *customer, arena *arena, store_standing *out, int *found);
/* How many of a run that recorded everyone, but for this customer (NULL: but for nobody), score more than this; NAN:
 * how many have a score. Found by an index. -1: a problem. */
int64_t store_ahead(store *store, int64_t run, double score, const char *but);
/* JSON; NULL: there is none, or a problem. */
const char *store_manifest(store *store, int64_t run, arena *arena);
const char *store_settings(store *store, int64_t run, arena *arena);

#endif
