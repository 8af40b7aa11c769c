/* The plan of a run: which strategies run, on which columns, in which order. Made from a profile and the plugins'
 * declarations alone, so that whatever can be wrong without data is found without data. */
#ifndef TARAZU_RUN_PLAN_H
#define TARAZU_RUN_PLAN_H

#include "catalog/args.h"
#include "catalog/catalog.h"
#include "data/table.h"
#include "isolate/isolate.h"
#include "run/profile.h"

typedef struct step step;

/* A column aligned to the customers that a step makes. */
typedef struct series {
  const char *name; /* in messages and results */
  const char *unit, *dimension;
  double weight; /* of a criterion: what its profile says */
  uint32_t type;
  int better;
  step *maker;
  uint32_t output; /* of the maker */
  column column;   /* filled by the engine */
} series;

/* Where the values of one column of a step's batches come from. */
typedef enum binding_kind { BOUND_NOT, BOUND_WANT, BOUND_SET, BOUND_FROM, BOUND_TO, BOUND_SERIES } binding_kind;
typedef struct binding {
  binding_kind kind;
  uint32_t table, item; /* BOUND_WANT: a want of the table; the others: a set of it */
  uint32_t column;      /* BOUND_SET: in the set */
  series *series;
  place place; /* BOUND_SERIES: where the profile asks for it */
} binding;

typedef enum step_kind {
  STEP_SCORER,
  STEP_CAST, /* the host's: whole numbers and switches as reals */
  STEP_FILL, /* the host's: what `missing:` puts in a gap */
  STEP_NORMALIZER,
  STEP_WEIGHER,
  STEP_COMBINER,
  STEP_SEGMENTER
} step_kind;

/* One strategy at work under one name. */
struct step {
  step_kind kind;
  const char *name;    /* unique; keys its random numbers: "word_of_mouth", "word_of_mouth.normalize", "combine" */
  const char *subject; /* in messages: "criterion 'word_of_mouth'" */
  place place;
  uint32_t index;                  /* of its criterion, weigher, segmentation */
  const tarazu_strategy *strategy; /* NULL for the host's own */
  const plugin_file *file;
  isolated *isolated; /* the process that it runs in; NULL: this one */
  int skip;           /* where it fails, the run goes on without it */
  const char *model;  /* what it has learned comes from this file; NULL: it learns */
  place model_place;
  args args;
  tarazu_bound *bound; /* what stands at each place of its batches */
  binding *bindings;
  uint32_t count;
  uint32_t first_many; /* where the columns of a `many` input begin; == count: none */
  series *outputs;
  uint32_t output_count;
  int mark; /* while ordering */
};

/* What strategies want of one table, in the order of their asking. */
typedef struct table_plan {
  table_profile *profile;
  const tarazu_strategy *source; /* NULL: pushed, or faulty */
  const plugin_file *file;
  isolated *isolated; /* the process that it runs in; NULL: this one */
  args args;
  want *wants;
  double *windows; /* one a want, in days; 0: none */
  uint32_t want_count, want_room, window_room;
  want_set *sets;
  uint32_t set_count, set_room;
} table_plan;

typedef struct output_plan {
  const output_profile *profile;
  const tarazu_strategy *sink;
  const plugin_file *file;
  isolated *isolated; /* the process that it runs in; NULL: this one */
  args args;
} output_plan;

/* Whether a location is a file or a pattern of files, and no scheme's: "postgres:sales". */
int is_file(const char *location);

typedef struct plan {
  profile *profile;
  catalog *catalog;
  arena *arena;
  problems *problems;
  int scorers_only;     /* given: nothing is weighed, combined, segmented or written */
  uint32_t threads;     /* that may call strategies at once */
  isolation *isolation; /* of those that run in processes of their own; NULL: none does. The session frees it */
  table_plan *tables;   /* the profile's, then `previous` */
  uint32_t table_count;
  int previous; /* its index, or -1 */
  step **steps; /* in the order they can run */
  uint32_t step_count, step_room;
  /* by criterion */
  series **raw;        /* as scored */
  series **measured;   /* as reals, gaps filled where the profile says so */
  series **normalized; /* what the combiner sees */
  step **weighers;
  step *combiner;
  series *score;
  step **segmenters;
  step *capacity; /* no step of the run: its one binding is what a key customer takes of the capacity; NULL: none */
  output_plan *outputs;
} plan;

/* 1, or 0 with problems. pushed(argument, name): whether a caller gave the table's rows. */
int plan_make(plan *plan, int (*pushed)(void *argument, const char *name), void *argument);

/* Why a strategy can neither save what it learned nor load it: "learns nothing"; NULL: it can. */
const char *why_no_model(const tarazu_strategy *strategy);

/* A criterion's or segmentation's further output by "name.output"; NULL: none. */
series *plan_series(const plan *plan, const char *name);

#endif
