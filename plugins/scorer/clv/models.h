/* The models of buying and dropping out: likelihoods, the chance of being alive, the purchases to come. Parameters
 * stand in the order in which `families` names them; times are in periods. A history is x repeat purchases, the last
 * one t_x after the first purchase, watched for T after it. */
#ifndef CLV_MODELS_H
#define CLV_MODELS_H

#include "history.h"
#include "special.h"

enum { PARAMETERS = 4 };

typedef enum family_id { BG_NBD, MBG_NBD, PARETO_NBD, BG_BB, FAMILIES } family_id;

/* ---- the time ahead ---- */

/* One panel of the time ahead: the integral of f over it is the sum of weight[i] f(at[i]), and that of f times the
 * discount, which falls at the end of each period, the sum of discounted[i] f(at[i]). */
typedef struct panel {
  double at[GAUSS_POINTS], weight[GAUSS_POINTS], discounted[GAUSS_POINTS];
} panel;

/* What changes fast soon and slowly later, as all these rates do, is integrated on [0, L / 2^j] and the panels
 * [L / 2^(i + 1), L / 2^i] for i < j, where j is of the customer. */
enum { HALVINGS = 40 };

typedef struct horizon {
  double length;  /* L, in periods */
  double divisor; /* 1 + d of one period */
  panel head[HALVINGS + 1], tail[HALVINGS];
} horizon;

void horizon_make(horizon *h, double length, double discount_a_period);

/* How many halvings a first panel of at most `scale` takes. */
int horizon_halvings(const horizon *h, double scale);

/* Purchases N in the time ahead: the chance of being alive and, of one who is, the moments. */
typedef struct future {
  double alive;
  double purchases;  /* E[N] */
  double discounted; /* E of the sum over purchases of their discount */
  double pairs;      /* E[N (N - 1)] */
  double none;       /* P(N = 0) */
} future;

/* ---- families ---- */

/* ln(1 + t / scale) and t / (scale + t) by t, in units; the second pair is Pareto/NBD's. */
typedef struct tables {
  const double *log_a, *share_a, *log_b, *share_b;
} tables;

typedef struct likelihood {
  const cohort *of;
  const double *theta;
  tables by_time;
} likelihood;

typedef struct family {
  const char *name;
  const char *parameters[PARAMETERS];
  int scales[2]; /* parameters that are times; -1: none */
  /* of one history, and its gradient by the logarithms of the parameters (NULL: not wanted) */
  double (*log_likelihood)(const double *theta, double x, double t_x, double T, double *gradient);
  /* of rows [from, to), weighted by their counts */
  double (*sum)(const likelihood *l, int64_t from, int64_t to, double *gradient);
  /* that she will still buy */
  double (*alive)(const double *theta, double x, double t_x, double T);
  future (*ahead)(const double *theta, double x, double t_x, double T, const horizon *h);
  /* P(X(T) = 0 .. most) of one who is new at 0 */
  void (*counts)(const double *theta, double T, double *chance, int most);
} family;

extern const family *const families[FAMILIES];

extern const family bg_nbd, mbg_nbd, pareto_nbd, bg_bb;

/* BG/BB: P(alive at opportunity n + ahead). The paper's tables and alive() have ahead 1. */
double bg_bb_alive(const double *theta, double x, double t_x, double n, double ahead);

/* ---- spend ---- */

/* Gamma-gamma: amounts of a customer are gamma(p, nu), nu gamma(q, gamma). total: of x purchases. */
enum { P, Q, GAMMA, SPEND_PARAMETERS };

/* Of count customers, .key x and .value total; those with the same x should follow one another. */
double gamma_gamma_sum(const double *theta, const keyed *customers, int64_t count, double *gradient);
double gamma_gamma_mean(const double *theta, double x, double total);

/* ---- value ---- */

/* Of the spend of a customer: the mean of her purchases, and the gamma-gamma model that gives its spread. */
typedef struct spend {
  double mean, p, q, gamma; /* q, gamma: of nu, given what she has spent */
} spend;

/* The interval that the discounted spend of the time ahead falls into with chance `coverage`. */
void value_interval(const future *f, const spend *s, double coverage, double *lower, double *upper);

#endif
