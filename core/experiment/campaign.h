/* An experiment under way: its file, its variants laid over each company's profile and checked, and the units of work
 * that come of them. What was found stands in the run store alone, so that it can be gone on with at any time. */
#ifndef TARAZU_EXPERIMENT_CAMPAIGN_H
#define TARAZU_EXPERIMENT_CAMPAIGN_H

#include "experiment/file.h"
#include "experiment/judge.h"
#include "experiment/outcome.h"
#include "experiment/store.h"
#include "experiment/vary.h"
#include "run/session.h"

/* A measure that each unit has besides those asked for: of how many customers its samples are. */
#define CUSTOMERS_JUDGED "customers_judged"

/* As the command line has it. */
typedef struct campaign_options {
  tarazu_options session; /* settings are laid over the profiles; threads, memory: of all runs together, once opened of
                             one */
  const char *store;      /* NULL: the file's */
  int64_t jobs;           /* 0: the file's, else one a processor */
  const char *cache;      /* a folder for stages' results; NULL: in memory alone */
  int uncached;           /* every run computes everything anew */
  lock *uses;             /* checking notes here what would run, in the campaign's arena; NULL: nowhere */
  /* How far checking is; NULL: nobody asks. */
  void (*progress)(void *argument, const char *stage, double done);
  void *argument;
} campaign_options;

typedef struct campaign_company {
  const experiment_company *as;
  node *root;               /* its profile, all merged, with --set and, once checked, `set` */
  const char *const *files; /* it was read from */
  zone *zone;               /* NULL: UTC */
  int64_t *cuts;            /* moments, by cut-off */
  node **trees;             /* by variant */
  const char **keys;        /* by variant: a hash of all that its results hang on */
} campaign_company;

/* One run: the least that is recorded. */
typedef struct campaign_unit {
  uint32_t company, cut, repeat;
  int64_t variant;
} campaign_unit;

typedef struct campaign {
  experiment of;
  campaign_options options;
  variants variants;
  outcomes outcomes;
  asked_measures measures;
  campaign_company *companies;
  int64_t base; /* the variant that the others are compared with: what the file says, else the first profile as it
                   stands where that is among them, else the first one */
  uint32_t cuts, repeats;
  int64_t jobs;
  const char *store;
  const char *settings; /* canonical: all that decides what the experiment finds, but for the data and the plugins */
  char key[65];         /* their hash */
  cache *cache;         /* of all sessions, but that runs leave it aside where they are to be uncached */
  arena *arena;
  problems *problems;
  atomic_int stop; /* set by whoever wants it to end soon */
} campaign;

/* Reads the file and the profiles and makes the variants. 1, or 0 with problems; campaign_close in any case. */
int campaign_open(const char *path, const campaign_options *options, arena *arena, problems *problems, campaign *out);
void campaign_close(campaign *c);

/* Plans every variant, and the outcomes, without data, and gives the variants their keys. 1, or 0 with problems, those
 * of a single variant with its label. */
int campaign_check(campaign *c);

int64_t campaign_units(const campaign *c);
campaign_unit campaign_unit_at(const campaign *c, int64_t index); /* by company, cut-off, repeat, variant */
/* As the store knows it. label: with the company where there are several. */
store_variant campaign_variant(const campaign *c, const campaign_unit *unit, int64_t number, arena *arena);
resampling campaign_resampling(const campaign *c, int64_t customers);
session_trial campaign_trial(campaign *c, const campaign_company *company, const node *root, uint32_t cut);
outcome_window campaign_window(campaign *c, const campaign_company *company, uint32_t cut);

#endif
