/* Simulated customers of the models of buying and dropping out, and how often prediction intervals hold what they then
 * spend. Of the plugin clv; a program that takes these is linked with its files. */
#ifndef TESTS_SUPPORT_CLV_COHORT_H
#define TESTS_SUPPORT_CLV_COHORT_H

#include "../../plugins/scorer/clv/models.h"

/* Parameters that cohorts are made with; those of the models are of weeks. */
extern const double clv_truths[FAMILIES][PARAMETERS];
extern const double clv_spend_truth[SPEND_PARAMETERS];

/* The donors of Fader, Hardie, Shang (2010, table 2): BG/BB, an opportunity a year. */
extern const double clv_donors[PARAMETERS];

/* In (0, 1); a seed is any number but 0. */
double clv_uniform(uint64_t *seed);

/* The repeat purchases of one customer of a family until `end` periods after the first one. */
typedef void clv_visitor(void *to, double t, double amount);
void clv_live(uint64_t *seed, int family_number, const double *theta, double end, clv_visitor *visit, void *to);

typedef struct clv_person {
  int x;
  double t_x, T, paid, later; /* later: spent after T */
} clv_person;

/* Watched for T periods, then for `ahead` more. */
clv_person clv_watch(uint64_t *seed, int family_number, const double *theta, double T, double ahead);

/* One who has spent p->paid at p->x repeat purchases. */
spend clv_spend(const double *theta, const clv_person *p);

/* How often intervals of one level held what came. An interval holds more than its level where one who buys nothing is
 * likelier than that: no smaller one than [0, 0] is there. `adjusted` is exactly the level for a calibrated forecast: a
 * customer at 0 counts by the share of her forecast's jump there that lies within the level, which is the increase of
 * the non-randomized probability integral transform over it (Czado, Gneiting, Held 2009, eq. 2). */
typedef struct clv_coverage {
  double customers, nothing; /* nothing: the interval is [0, 0] */
  double held, held_nothing; /* of these */
  double promised; /* sum of the chances that forecasts give their intervals: the level, P(0) if that is more */
  double adjusted;
} clv_coverage;

void clv_count_interval(clv_coverage *c, const future *ahead, const spend *s, double level, double later);

#endif
