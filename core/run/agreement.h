/* How far two rankings of the same things agree. Pure functions; nothing here knows of customers or runs. */
#ifndef TARAZU_RUN_AGREEMENT_H
#define TARAZU_RUN_AGREEMENT_H

#include <stdint.h>

/* Ranks from 1, the largest value first, ties sharing the mean of their places. 0: no memory. */
int agreement_ranks(const double *values, int64_t count, double *ranks);

/* x and y are ranks, or any values of which more is better; NAN: fewer than two things, or all of one side are equal,
 * so that nothing can be said; -2: no memory. */

/* Pearson's correlation of the ranks (Spearman 1904), ties at the mean of their places. */
double agreement_spearman(const double *x, const double *y, int64_t count);
/* Pairs in the same order less pairs in the opposite one, corrected for ties (Kendall 1945), in O(n log n) (Knight
 * 1966). */
double agreement_kendall(const double *x, const double *y, int64_t count);
/* Pairs that stand in one order in x and in the opposite one in y, those that tie on a side left out. -2: no memory. */
double agreement_discordant(const double *x, const double *y, int64_t count);

/* The next two take ranks from 1 and weigh the top more; of one thing 1. */

/* r_w of Pinto da Costa and Soares 2005. */
double agreement_weighted_spearman(const double *x, const double *y, int64_t count);
/* WS of Salabun and Urbaniak 2020: x is the reference. */
double agreement_ws(const double *x, const double *y, int64_t count);

/* x and y are orders: the things' numbers (0 to things - 1, each at most once), best first. */

/* The share of the first k that both have; k is at most the shorter order's length. */
double agreement_overlap(const int64_t *x, const int64_t *y, int64_t k, int64_t things);
/* Rank-biased overlap, extrapolated from the first k (Webber, Moffat, Zobel 2010, equation 32 for lists of one length):
 * persistence is p, the chance that a reader goes on to the next place. -2: no memory. */
double agreement_rank_biased_overlap(const int64_t *x, const int64_t *y, int64_t k, int64_t things, double persistence);

#endif
