/* What the files of the measures share. */
#ifndef TARAZU_EXPERIMENT_MEASURE_INNER_H
#define TARAZU_EXPERIMENT_MEASURE_INNER_H

#include "experiment/measures.h"

enum { ON_LIST = 1, ON_EARLIER = 2 };

/* Customers in an order, the largest first; arrays by place. */
typedef struct lineup {
  int64_t count;
  uint32_t *row;
  double *gain;  /* the outcome */
  double *value; /* what they stand in the order of */
  uint8_t *last; /* 1: the next one does not tie with this one */
  uint8_t *mark; /* ON_LIST, ON_EARLIER */
} lineup;

typedef double measure_function(const measure *m, const uint8_t *counts, void *room);

enum { MEASURE_OWNED = 40 };

struct measure {
  measure_id id;
  int64_t customers, count;
  measure_function *value_of;
  size_t room;
  lineup everyone; /* in the order of their rows */
  lineup by_score, by_outcome, by_baseline;
  lineup members; /* of either list, in the order of their rows; value: cost */
  double *parts;  /* of members, by member and dimension: size of the contribution */
  uint32_t dimensions, dimension;
  int64_t k;
  double *discounts;     /* sums of the first 0, 1, 2 … */
  uint32_t *gain_number; /* by place in by_score: distinct outcomes above 0 … least first, from 1 */
  int64_t gain_numbers;
  void *owned[MEASURE_OWNED];
  int owned_count;
};

static inline double times(const uint8_t *counts, uint32_t row)
{
  return counts ? counts[row] : 1;
}

/* list_measures.c */
measure_function value_captured, share_captured, share_of_best, against_baseline, lift_of_list, gini_of_gains,
    normalized_gini, ndcg, precision_of_list, recall_of_list, list_cost, value_per_cost, dimension_share,
    balance_of_dimensions, list_overlap, list_turnover;
/* score_measures.c */
measure_function score_spearman, score_kendall, score_auc, score_brier, score_mae, score_rmse, calibration_error;

#endif
