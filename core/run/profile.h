/* A profile as typed values: what the YAML says, checked as far as that is possible without plugins. */
#ifndef TARAZU_RUN_PROFILE_H
#define TARAZU_RUN_PROFILE_H

#include "base/calendar.h"
#include "catalog/catalog.h"
#include "config/yaml.h"
#include <stdint.h>

/* Whether a strategy runs in a process of its own, and what it may use there. */
typedef struct isolate_profile {
  int given;      /* the profile says something */
  int on;         /* in a process of its own */
  int64_t memory; /* bytes */
  double seconds; /* of one call */
  place place;
} isolate_profile;

/* `{plugin: NAME, params: {…}, input: {…}}`, or the name alone. */
typedef struct use {
  const char *plugin; /* NULL: not given */
  int usual;          /* the profile leaves the choice to what is installed */
  place place;        /* of the name */
  plugin_pin pin;     /* the exact file that it must be */
  node *params;       /* a map, or NULL */
  const char *model;  /* what it has learned comes from this file; NULL: it learns */
  place model_place;
  node *input; /* a map, or NULL */
  isolate_profile isolate;
  int skip; /* on_failure: the run goes on without it */
} use;

typedef struct table_profile {
  const char *name, *what; /* what: in messages, "data.orders" */
  place place;
  const char *from; /* resolved against the profile's folder; NULL: pushed by the library's caller */
  place from_place;
  int has_from; /* the profile says, or means to say, where the rows are */
  int faulty;   /* a fault of the table was told: what follows from it is not */
  use source;   /* plugin NULL: by the location */
  const char *key, *edge[2];
  place key_place;
  const char *where;
  place where_place;
  node *columns;    /* a map of names to expressions, or NULL */
  const char *time; /* expression that dates a row: columns.time or known_at; NULL: none so far */
  place time_place;
  uint32_t shape; /* tarazu_shape; 0: as the strategies that use it need it */
  int timeless;   /* its rows have no date, and are true at all times */
  place timeless_place;
} table_profile;

typedef enum missing_rule { MISSING_LEFT_OUT, MISSING_MEDIAN, MISSING_WORST, MISSING_VALUE } missing_rule;

typedef struct missing_profile {
  missing_rule rule;
  double value; /* of MISSING_VALUE */
} missing_profile;

typedef struct criterion_profile {
  const char *name;
  place place;
  use scorer;
  use normalizer; /* plugin NULL: the profile's, else the combiner's */
  const char *dimension;
  place dimension_place;
  double weight;
  int better; /* 0: as the strategy declares */
  missing_profile missing;
} criterion_profile;

typedef struct dimension_profile {
  const char *name;
  place place;
  double weight; /* negative: the profile gives no weight */
} dimension_profile;

typedef struct weigher_profile {
  use use;
  double share; /* in a blend */
} weigher_profile;

typedef struct segment_profile {
  const char *name;
  place place;
  use use;
} segment_profile;

/* A floor that a key customer must reach in a dimension. */
typedef struct floor_profile {
  const char *dimension;
  place place;
  double least;
  int of_score; /* 1: on the dimension's score itself; 0: on its percentile */
} floor_profile;

/* What key customers may take together of something that is limited: account managers' hours, money. */
typedef struct capacity_profile {
  node *of; /* whose value says how much of it a customer takes; NULL: there is no such limit */
  place place;
  double total;
  int has_missing;
  missing_profile missing; /* of a customer without a value; MISSING_LEFT_OUT or MISSING_VALUE */
} capacity_profile;

typedef struct decision_profile { /* a pin or an exclusion */
  const char *customer, *reason, *author;
  place place;
  int64_t until; /* INT64_MAX: for good */
} decision_profile;

typedef struct output_profile {
  use sink;
  place place;
  const char *to; /* resolved; "-" the screen; NULL: faulty */
  int to_given;
  place to_place;
} output_profile;

/* How weights are drawn: not at all, around the given ones, within intervals, in the order of the given ones, any. */
typedef enum weight_rule {
  WEIGHTS_GIVEN,
  WEIGHTS_CONCENTRATION,
  WEIGHTS_INTERVALS,
  WEIGHTS_ORDER,
  WEIGHTS_ANY
} weight_rule;

typedef struct weight_interval { /* of a criterion's share in its dimension, or of a dimension's weight */
  const char *name;
  place place;
  double least, most;
} weight_interval;

enum { MOST_BANDS = 16 };

typedef struct confidence_profile {
  int asked;
  place place;
  int64_t draws;
  weight_rule rule;
  double concentration; /* of the Dirichlet distribution around the given weights */
  weight_interval *intervals;
  uint32_t interval_count;
  double coverage; /* of the intervals that scorers give; 0: values are taken as they are */
  int64_t bands[MOST_BANDS];
  uint32_t band_count;
} confidence_profile;

typedef struct profile {
  const char *path, *company, *time_zone_name, *currency;
  zone *zone; /* NULL: UTC */
  int64_t as_of;
  int has_as_of;
  uint64_t seed;
  table_profile *tables;
  uint32_t table_count;
  int data_faulty; /* there are no tables, and that was told */
  criterion_profile *criteria;
  uint32_t criterion_count;
  dimension_profile *dimensions;
  uint32_t dimension_count;
  int dimension_weights; /* the profile weighs dimensions */
  use normalizer, combiner;
  weigher_profile *weighers;
  uint32_t weigher_count;
  segment_profile *segments;
  uint32_t segment_count;
  /* key customers */
  place key_place;
  int64_t limit; /* 0: by limit_share; negative: no key customers are asked for */
  int unlimited; /* the profile gives no limit, but a capacity */
  double limit_share;
  int64_t keep_within; /* 0: none, or by keep_within_share */
  double keep_within_share;
  capacity_profile capacity;
  table_profile *previous; /* NULL: none */
  floor_profile *floors;
  uint32_t floor_count;
  decision_profile *pins, *exclusions;
  uint32_t pin_count, exclusion_count;
  confidence_profile confidence;
  output_profile *outputs;
  uint32_t output_count;
  isolate_profile isolate; /* of every strategy that says nothing itself */
  const char *store;       /* where runs are recorded, resolved; NULL: nowhere */
  place store_place;
} profile;

/* Fills out from the tree; adds every problem it finds. The tree and the arena must outlive it. */
void profile_read(node *root, const char *path, arena *arena, problems *problems, profile *out);
void profile_free(profile *profile);

table_profile *profile_table(const profile *profile, const char *name);
int profile_criterion(const profile *profile, const char *name); /* its index, or -1 */
int profile_dimension(const profile *profile, const char *name);

#endif
