/* How much lists of the same company differ between repeats (bootstraps, seeds) or dates. */
#ifndef TARAZU_EXPERIMENT_STABILITY_H
#define TARAZU_EXPERIMENT_STABILITY_H

#include "experiment/resample.h"

/* A list: customers' numbers (0 to customers - 1, the same for all lists; of dates, by key), best first. */
typedef struct ranked_list {
  const int64_t *of;
  int64_t count;
} ranked_list;

/* Two lists, the earlier one first. */
typedef struct list_change {
  int64_t stayed, left, entered;
  double overlap;             /* stayed / the longer list; two empty lists: 1 */
  double turnover;            /* left / the earlier list; an empty one: NAN */
  double rank_biased_overlap; /* of the first places both have; one list empty: 0, both: 1 */
} list_change;
/* persistence: in (0, 1), how likely a reader goes on to the next place. 1, or 0: no memory. */
int stability_change(const ranked_list *earlier, const ranked_list *later, int64_t customers, double persistence,
                     list_change *out);

/* Many lists, each as good as the other. */
typedef struct list_stability {
  int64_t lists;
  double overlap;             /* mean over all pairs; fewer than two lists: NAN */
  double least_overlap;       /* of the pair that has least in common */
  double rank_biased_overlap; /* mean over all pairs */
  double stability;           /* Nogueira, Sechidis, Brown 2018: 1 all the same, about 0 drawn by lot; NAN: every list
                                 has nobody, or everybody */
  double low, high;           /* its interval, of the level that was asked for */
  int64_t always, sometimes;  /* customers on all the lists; on some */
} list_stability;
/* 1, or 0: no memory. Of more than STABILITY_MOST_PAIRS pairs that many, evenly chosen, are compared. */
enum { STABILITY_MOST_PAIRS = 5000 };
int stability_of(const ranked_list *lists, int64_t count, int64_t customers, double persistence, double level,
                 list_stability *out);
/* The share of the lists that each customer is on. */
void stability_shares(const ranked_list *lists, int64_t count, int64_t customers, double *shares);

#endif
