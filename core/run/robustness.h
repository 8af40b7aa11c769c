/* How much of a list hangs on one customer, one weight, one parameter, one method: the run is varied, and what changes
 * is counted. */
#ifndef TARAZU_RUN_ROBUSTNESS_H
#define TARAZU_RUN_ROBUSTNESS_H

#include "base/terminal.h"
#include "run/session.h"

enum { ROBUST_REVERSAL = 1, ROBUST_WEIGHTS = 2, ROBUST_PARAMETERS = 4, ROBUST_METHODS = 8, ROBUST_ALL = 15 };
enum { WEIGHT_STEPS = 6 }; /* -50 %, -25 %, -10 %, +10 %, +25 %, +50 % */

/* How far a variant's list and ranking are from the run's own. */
typedef struct distance {
  double kendall, overlap; /* of ranks; of the list, as a share of the longer one */
  int64_t out, in;         /* members who leave, others who enter */
  const char *first_out, *first_in;
} distance;

/* One customer dropped, or doubled. */
typedef struct reversal {
  const char *customer;
  int64_t rank;
  int is_key, copied;
  double pairs, reversed; /* of the others: that had an order, and of them that have the opposite one */
  int64_t lost;           /* other members who left the list, without the one whose seat a copy takes */
} reversal;

/* One criterion's weight, the others rescaled. */
typedef struct weight_range {
  const char *criterion;
  double weight;
  double down, up; /* the first weight below and above at which the list is another; NAN: none is */
  distance at_down, at_up, without;
  double overlap[WEIGHT_STEPS];
} weight_range;

typedef struct parameter_step {
  const char *setting; /* as --set takes it: "criteria.margin.params.window" */
  const char *given, *varied;
  const char *fault; /* the variant could not be run; NULL: it was */
  int whole_run;     /* data were read again */
  distance to;
} parameter_step;

typedef struct method_result {
  const char *combiner;
  int own;           /* the profile's, with its parameters */
  const char *fault; /* it could not be run; NULL: it was */
  double *ranks;     /* by customer, mean of ties; NAN: none */
  int64_t *order;    /* the first k */
} method_result;

/* Of methods i and j, as in a comparison; i is WS's reference. */
typedef struct method_pair {
  double spearman, kendall, ws, rank_biased_overlap, overlap;
} method_pair;

typedef struct robustness {
  /* asked */
  const char *profile;           /* its path */
  const tarazu_options *options; /* as the session's */
  tarazu_session *session;       /* that ran */
  unsigned parts;                /* ROBUST_… */
  int64_t sample;                /* customers drawn besides the leader and the members */
  int64_t most_runs;             /* whole runs for parameters */
  const char *const *methods;    /* combiners, NULL-terminated; NULL: every one installed */
  arena *arena;
  /* found */
  int64_t k; /* the list's length, or 10 where the profile asks for no list */
  int own_list;
  reversal *reversals;
  uint32_t reversal_count;
  weight_range *weights;
  uint32_t weight_count;
  parameter_step *parameters;
  uint32_t parameter_count;
  unsigned parameter_room;
  int64_t not_run; /* parameters beyond most_runs */
  method_result *results;
  uint32_t result_count;
  method_pair *pairs;      /* result_count squared */
  int64_t combined, whole; /* how often criteria were combined anew, and data read again */
} robustness;

/* 1, or 0 with a problem of the session's. */
int robustness_find(robustness *r);
void robustness_text(const robustness *r, text *out, screen to);
void robustness_json(const robustness *r, text *out);

#endif
