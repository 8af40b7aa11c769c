/* How good a list, scores, contributions are, judged by what came later: each measure by its name, what it needs and
 * its value, on the customers as they are or on a bootstrap sample of them. Pure functions; nothing here knows of runs.
 */
#ifndef TARAZU_EXPERIMENT_MEASURES_H
#define TARAZU_EXPERIMENT_MEASURES_H

#include <stddef.h>
#include <stdint.h>

typedef enum measure_id {
  /* of the list */
  MEASURE_VALUE_CAPTURED,
  MEASURE_SHARE_CAPTURED,
  MEASURE_SHARE_OF_BEST,
  MEASURE_AGAINST_BASELINE,
  MEASURE_LIFT,
  MEASURE_GINI,
  MEASURE_NORMALIZED_GINI,
  MEASURE_NDCG,
  MEASURE_NDCG_EXPONENTIAL,
  MEASURE_PRECISION,
  MEASURE_RECALL,
  MEASURE_LIST_COST,
  MEASURE_VALUE_PER_COST,
  /* of the scores */
  MEASURE_SPEARMAN,
  MEASURE_KENDALL,
  MEASURE_AUC,
  MEASURE_BRIER,
  MEASURE_MAE,
  MEASURE_RMSE,
  MEASURE_CALIBRATION_ERROR,
  /* of balance */
  MEASURE_DIMENSION_SHARE,
  MEASURE_BALANCE,
  /* of stability: against one other list */
  MEASURE_OVERLAP,
  MEASURE_TURNOVER,
  /* of stability: of ordered or many lists (stability.h); measure_new refuses them */
  MEASURE_RANK_BIASED_OVERLAP,
  MEASURE_LIST_STABILITY,
  /* of cost: told by who ran; measure_new refuses them */
  MEASURE_SECONDS,
  MEASURE_MEMORY,
  MEASURE_COUNT
} measure_id;

typedef enum measure_kind {
  MEASURE_OF_LIST,
  MEASURE_OF_SCORES,
  MEASURE_OF_BALANCE,
  MEASURE_OF_STABILITY,
  MEASURE_OF_COST
} measure_kind;

enum {
  MEASURE_NEEDS_LIST = 1,
  MEASURE_NEEDS_SCORE = 2,
  MEASURE_NEEDS_OUTCOME = 4,
  MEASURE_NEEDS_BASELINE = 8,
  MEASURE_NEEDS_COST = 16,
  MEASURE_NEEDS_CONTRIBUTIONS = 32,
  MEASURE_NEEDS_DIMENSION = 64, /* which one */
  MEASURE_TAKES_K = 128,        /* may be given a k */
  MEASURE_NEEDS_EARLIER = 256,  /* a list of an earlier date or another repeat */
  MEASURE_NEEDS_LISTS = 512,    /* several, of repeats or dates */
  MEASURE_NEEDS_RUN = 1024
};

/* What a measure's value is in. */
typedef enum measure_unit {
  MEASURE_IN_OUTCOME, /* in what the outcome is in */
  MEASURE_IN_COST,    /* in what the cost is in */
  MEASURE_IN_SHARES,  /* of 1 */
  MEASURE_IN_RATIO,   /* times, or a coefficient */
  MEASURE_IN_SECONDS,
  MEASURE_IN_BYTES
} measure_unit;

typedef struct measure_about {
  const char *name; /* "share_captured" */
  measure_kind kind;
  int better;     /* 1: more is better, -1: less, 0: neither, it only tells */
  unsigned needs; /* MEASURE_NEEDS_… */
  measure_unit unit;
  const char *help; /* one line */
} measure_about;

/* By id, MEASURE_COUNT of them. */
extern const measure_about measure_list[MEASURE_COUNT];
int measure_find(const char *name, measure_id *out); /* 1, or 0: none has that name */
/* The nearest name to one that is none; NULL: none is near. */
const char *measure_nearest(const char *name);
const char *measure_kind_name(measure_kind kind); /* "list" */
int measure_is_sampled(measure_id id); /* it is found anew on each bootstrap sample: all but stability and cost */

/* What is judged, by customer; what a measure does not need may be NULL or 0. Borrowed until measure_new returns. */
typedef struct judged {
  int64_t customers;
  const double *score;    /* what ranks, or what was predicted; NAN: none */
  const uint8_t *chosen;  /* 1: on the list */
  const uint8_t *earlier; /* 1: on the list that this one is compared with */
  const double *outcome;  /* what came later; NAN: not known, the customer is left out of the measure */
  const double *baseline; /* what the list is compared with is made by, such as revenue so far; NAN: none, ranks last */
  const double *cost;     /* of having a customer on the list; NAN is a fault where the customer is on it */
  const double *const *contributions; /* by dimension, by customer; NAN: nothing */
  uint32_t dimensions;
  uint32_t dimension; /* whose share */
  int64_t k; /* ndcg, ndcg_exponential: so many first places; 0: all. precision, recall: so long is the best list; 0: as
                long as the list */
} judged;

typedef struct measure_fault {
  int64_t row; /* the customer at fault; -1: none */
  char message[240];
} measure_fault;

/* A measure made ready: sorted once, so that each value costs one pass. Threads may share it. */
typedef struct measure measure;

/* NULL with a fault: what is lacking, what a value should have been, no memory. */
measure *measure_new(measure_id id, const judged *what, measure_fault *fault);
void measure_free(measure *m); /* NULL is fine */

int64_t measure_customers(const measure *m); /* those it is found on: whose outcome, and where needed score, is known */
size_t measure_room(const measure *m);       /* bytes of scratch that measure_value needs; 0: none */

/* counts: how often each of the customers (all of them, left out or not) is in the sample; NULL: everyone once. Where
 * nothing can be said, such as a share of nothing, NAN: see docs/experiments/measures.md. No allocation. */
double measure_value(const measure *m, const uint8_t *counts, void *room);

/* ---- tables ------------------------------------------------------------------------------------------------- */

/* One row of a calibration table: customers from the lowest predictions to the highest, in tenths; equal predictions
 * stay together, so that a tenth may be empty. */
typedef struct calibration_row {
  int64_t customers;
  double least, most;       /* prediction */
  double predicted, actual; /* means */
} calibration_row;
enum { CALIBRATION_ROWS = 10 };
/* Of MEASURE_CALIBRATION_ERROR alone. */
void measure_calibration(const measure *m, calibration_row rows[CALIBRATION_ROWS]);

/* One point of a cumulative gains curve: the first `share` of the customers by score have `gain` of the outcome, and
 * `lift` times what as many customers have on average; `best` is the best order's gain. Equal scores gain evenly. */
typedef struct gains_point {
  double share, gain, lift, best;
} gains_point;
/* At 1/count, 2/count … 1; of MEASURE_GINI and MEASURE_NORMALIZED_GINI alone. Nothing to gain: NAN. */
void measure_gains(const measure *m, gains_point *points, uint32_t count);

#endif
