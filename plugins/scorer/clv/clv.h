/* What the files of this plugin share: the fitted model, as it is saved, and the instance. */
#ifndef CLV_CLV_H
#define CLV_CLV_H

#include <tarazu/plugin.h>

#include "fit.h"

#define MICROSECONDS_PER_DAY INT64_C(86400000000)

enum { EMPIRICAL = FAMILIES, AUTO = FAMILIES + 1, NOTHING = FAMILIES + 2 }; /* beside the families */
enum { SPEND_GAMMA_GAMMA, SPEND_EMPIRICAL, SPEND_NOTHING };

/* Histories counted by purchases: 0 .. MOST_COUNTED - 1, and MOST_COUNTED or more. */
enum { MOST_COUNTED = 10 };

/* How spend differs among customers and within one. */
typedef struct spend_model {
  int32_t kind;
  int32_t reserved;
  estimate gamma_gamma;
  double mean, between, within; /* empirical: a customer's mean has variance `between`, a purchase `within` about it */
  double customers;             /* repeat buyers whose repeat spend is positive */
  double not_positive;          /* repeat buyers whose repeat spend is not */
  double correlation;           /* of x and the mean spend, among customers; NAN: unknown */
} spend_model;

/* How `auto` came to its choice. */
typedef struct choice {
  int32_t made;              /* 0: was not asked; 1: by holdout; 2: by likelihood, as there is no holdout */
  int32_t failure[FAMILIES]; /* of the fit to the earlier time */
  int32_t reserved;
  double holdout;             /* periods */
  double customers;           /* who had bought before it */
  double purchases;           /* repeat purchases in it */
  double score[FAMILIES];     /* log-likelihood of it a customer, given the time before; NAN: none */
  double predicted[FAMILIES]; /* purchases in it */
} choice;

/* Flat: saved as it stands. */
typedef struct model {
  char version[8];
  int32_t asked, asked_spend;
  int32_t family; /* a family, EMPIRICAL or NOTHING */
  int32_t tried[FAMILIES];
  int32_t reserved;
  double period;        /* days */
  int64_t as_of, first; /* what it was fitted on: to when, and from the first order */
  double customers, repeaters, orders, merged, purchases, time;
  double with_returns, with_free; /* customers whose least amount is below 0, and is 0 */
  double distinct;                /* histories */
  estimate estimates[FAMILIES];
  double actual[MOST_COUNTED + 1], expected[MOST_COUNTED + 1];
  choice choice;
  spend_model spend;
} model;

/* By history, what is ahead of those who were fitted; empty after load, or where histories differ too much. */
typedef struct outlook {
  uint64_t *keys;
  future *ahead;
  int32_t *places; /* index + 1, at the key's hash; 0: free */
  int32_t shift, reserved;
} outlook;

enum { MOST_FACTS = 96, MOST_TEXT = 240 };

typedef struct clv {
  const tarazu_host *host;
  int64_t as_of;
  int32_t asked, asked_spend;
  int32_t declared[FAMILIES + 1], declared_length; /* what to try, in order, as the profile says */
  int32_t chain[FAMILIES + 1], chain_length;       /* the same, behind what auto has chosen */
  double period;                                   /* days */
  double horizon_days, coverage, penalty, holdout; /* holdout: periods; 0: not given */
  model model;
  horizon horizon;
  outlook outlook;
  tarazu_fact facts[MOST_FACTS];
  char names[MOST_FACTS][32], texts[MOST_FACTS][MOST_TEXT];
  uint32_t fact_count;
} clv;

/* Periods since 1970-01-01, rounded down. */
static inline int64_t period_number(double period_days, int64_t time)
{
  int64_t period = (int64_t)period_days * MICROSECONDS_PER_DAY;
  return time / period - (time % period < 0);
}

/* How it is called in profiles and facts. */
const char *choice_name(int32_t number);

/* Sorts the spenders (.key x, .value the total of x purchases) by x and fits; their order is that of the customers. */
tarazu_status spend_fit(spend_model *s, int32_t asked, keyed *spenders, keyed *room, int64_t count, double penalty,
                        const tarazu_host *host);
spend spend_of(const spend_model *s, double x, double total);

/* Fits every family to the time before the holdout and scores it on the holdout. */
tarazu_status choose(clv *c, const tarazu_batch *customers, const tarazu_column *times);

future look_ahead(const clv *c, int64_t x, int64_t t_x, int64_t T);

void outlook_make(clv *c, const cohort *of);
const future *outlook_find(const clv *c, uint64_t key); /* NULL: not there */
void outlook_free(clv *c);

/* Fills c->facts from c->model. */
void report(clv *c);

#endif
