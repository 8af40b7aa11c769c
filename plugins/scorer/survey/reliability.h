/* How well the items of a scale measure one thing: Cronbach's alpha (1951) with Feldt's interval (1965), and what each
 * item does for it. */
#ifndef SURVEY_RELIABILITY_H
#define SURVEY_RELIABILITY_H

#include <stdint.h>

/* Sums over respondents who answered every item, counted from the first one's answers, so that equal answers leave
 * sums of exactly 0. products is the upper triangle of a matrix of items x items. */
typedef struct item_sums {
  int64_t items, respondents;
  double *origin, *sums, *products;
  double total, total_squares; /* of the respondents' sums over items */
} item_sums;

int item_sums_make(item_sums *s, int64_t items); /* 0: no memory */
void item_sums_free(item_sums *s);
void item_sums_add(item_sums *s, const double *answers); /* one respondent's, all items */

double item_variance(const item_sums *s, int64_t item); /* needs two respondents, as what follows */
double item_mean(const item_sums *s, int64_t item);
double scale_variance(const item_sums *s); /* of the respondents' sums; 0 also where it is rounding alone */

/* NAN: not defined (one item, nobody differs). */
double cronbach_alpha(const item_sums *s);
double alpha_without(const item_sums *s, int64_t item);
double item_rest_correlation(const item_sums *s, int64_t item);

/* The ends of the interval that holds alpha with confidence. */
void feldt_interval(double alpha, int64_t items, int64_t respondents, double confidence, double *lower, double *upper);

/* x below which an F-distributed variable stays with chance p, 0 < p < 1. */
double f_quantile(double p, double d1, double d2);

#endif
