/* What the parts of the reputation scorer share: its instance, the ratings by who was rated, and the methods. */
#ifndef REPUTATION_H
#define REPUTATION_H

#include <tarazu/plugin.h>

typedef enum method { BETA, WILSON, EIGENTRUST, FAIRNESS_GOODNESS, REV2, MEAN } method;
typedef enum off_scale { OFF_SCALE_ERROR, OFF_SCALE_LEAVE_OUT, OFF_SCALE_CLAMP } off_scale;
typedef enum repeated { REPEATED_LATEST, REPEATED_ALL } repeated;
typedef enum cold_start { COLD_START_MEAN, COLD_START_MIDDLE } cold_start;

/* Places of the columns. */
enum { FROM, TO, TIME, RATING, PRE_TRUST };

/* Ratings by who was rated (other: the rater), or by who rated (other: the rated). A customer's are [start[row],
 * start[row + 1]), in the order of the others' rows. */
typedef struct rating_lists {
  int64_t *start;
  uint32_t *other;
  double *value;  /* on the scale */
  double *weight; /* by recency; NULL: all 1 */
} rating_lists;

static inline double rating_weight(const rating_lists *lists, int64_t item)
{
  return lists->weight ? lists->weight[item] : 1;
}

/* What was passed over while the edges were read. */
typedef struct passed_over {
  int64_t selves, off_scale, missing, repeated, forgotten;
} passed_over;

enum { MOST_FACTS = 20 };

typedef struct reputation {
  const tarazu_host *host;
  int64_t as_of;

  /* parameters */
  int64_t method, off_scale, repeated, cold_start;
  double least, most, neutral;
  double half_life; /* days; 0: every rating counts fully */
  int prior_mean_given;
  double prior_strength, prior_mean; /* the mean on the scale */
  double confidence, z;              /* z: the standard normal's quantile at (1 + confidence) / 2 */
  double pre_trust;
  double alpha1, beta1, gamma1, gamma2;
  double tolerance;
  int64_t iterations;

  /* fitted */
  int64_t rows;
  rating_lists received; /* kept: reasons name them */
  double *score;         /* one a customer, as the next ones; NAN: none */
  double *fairness;      /* NULL where the method has none */
  double *share;         /* of EIGENTRUST: what each received rating carries to the rated, one an item */
  passed_over passed;
  int64_t rounds;
  double change; /* of the last round */
  double default_fairness, default_goodness;
  tarazu_fact facts[MOST_FACTS];
  uint32_t fact_count;
} reputation;

/* ---- ratings.c ---- */

/* Reads the edges into r->received and *given, both by row; checks scale and weights. Both are the caller's to free. */
tarazu_status ratings_read(reputation *r, const tarazu_batch *edges, rating_lists *given, tarazu_error *error);
void ratings_free(rating_lists *lists);

/* A rating's place on the scale: 0 at least, 1 at most; and the same from -1 to 1. */
double rating_unit(const reputation *r, double value);
double rating_signed(const reputation *r, double value);

/* What a customer's received ratings come to, by weight. */
typedef struct evidence {
  int64_t count;
  double weight;   /* sum of the weights */
  double sum;      /* of weight times value */
  double positive; /* weight of those above neutral */
} evidence;
evidence ratings_evidence(const reputation *r, int64_t row);

/* ---- counting.c: methods that look at a customer's own ratings alone ---- */

tarazu_status count_ratings(reputation *r, tarazu_error *error);
double normal_quantile(double confidence); /* the z of a two-sided interval */
/* The interval of a customer's score; 0: the method has none, or nothing is known of her. */
int rating_interval(const reputation *r, int64_t row, double *lower, double *upper);

/* ---- spreading.c: methods in which a rating counts by who gave it ---- */

tarazu_status fit_eigentrust(reputation *r, const tarazu_column *pre_trusted, tarazu_error *error);
tarazu_status fit_fairness_goodness(reputation *r, const rating_lists *given, tarazu_error *error);
tarazu_status fit_rev2(reputation *r, const rating_lists *given, tarazu_error *error);
/* The weight that an item of r->received has in its customer's score, beside her others. */
double rating_say(const reputation *r, int64_t row, int64_t item);

/* ---- facts ---- */

tarazu_fact *reputation_tell(reputation *r, const char *name, double value);

#endif
