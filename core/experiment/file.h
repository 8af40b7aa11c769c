/* An experiment's file as typed values: which profiles, what is varied, what is measured, how often. Its reference is
 * docs/experiments/file.md. */
#ifndef TARAZU_EXPERIMENT_FILE_H
#define TARAZU_EXPERIMENT_FILE_H

#include "config/yaml.h"
#include "experiment/paired.h"

typedef struct experiment_company {
  const char *name;    /* "acme"; NULL: the file has `profile:`, not `profiles:` */
  const char *profile; /* its path */
  place place;
} experiment_company;

/* A moment that the past is divided from the future at. */
typedef struct experiment_cut {
  int64_t at; /* microseconds: by the clock of the company's time zone, or a moment where it is zoned */
  int zoned;
  const char *name; /* as calendar_format has it, the store's `cut_off` */
  place place;
} experiment_cut;

typedef enum sample_kind { SAMPLE_GRID, SAMPLE_RANDOM, SAMPLE_LATIN_HYPERCUBE } sample_kind;

enum {
  OUTPUT_TEXT = 1,
  OUTPUT_CSV = 2,
  OUTPUT_JSON = 4,
};

typedef struct experiment {
  const char *path, *name, *description; /* description NULL: none */
  node *root;                            /* all of it, with what it extends */
  experiment_company *companies;
  uint32_t company_count;
  /* what is varied (vary.h) */
  const node *set, *vary; /* maps; NULL: nothing */
  sample_kind sample;
  int64_t sample_count;
  uint64_t sample_seed;
  const char *base; /* label of the variant that others are compared with; NULL: see campaign.h */
  place base_place;
  /* what is measured */
  node *outcomes, *measure; /* NULL: not given */
  int backtest;
  place backtest_place;
  experiment_cut *cuts; /* in order of time */
  uint32_t cut_count;
  double horizon; /* days */
  place horizon_place;
  /* how often */
  int64_t bootstrap; /* samples; 0: none */
  uint64_t bootstrap_seed;
  double level;
  interval_method method;
  correction correction;
  uint64_t *seeds; /* of the runs; none: the profile's */
  uint32_t seed_count;
  place repeat_place;
  /* where to */
  const char *output; /* a folder; NULL: nowhere */
  unsigned formats;   /* OUTPUT_… */
  const char *store;
  place store_place;
  int64_t jobs; /* 0: not given */
} experiment;

/* Reads the file and all it extends; adds every problem it finds. The arena must outlive it. */
void experiment_read(const char *path, arena *arena, problems *problems, experiment *out);

#endif
