/* Finds the maximum of a smooth function of a few variables within a box. */
#ifndef CLV_MAXIMIZE_H
#define CLV_MAXIMIZE_H

enum { MOST_VARIABLES = 4 };

/* The value at `at`, and its gradient; a value that is not finite says that the point is out of the question. */
typedef double objective(void *data, const double *at, double *gradient);

typedef struct problem {
  objective *value;
  void *data;
  int count; /* of variables */
  double least[MOST_VARIABLES], most[MOST_VARIABLES];
} problem;

typedef struct maximum {
  double at[MOST_VARIABLES];
  double value;
  double gradient[MOST_VARIABLES];
  double covariance[MOST_VARIABLES][MOST_VARIABLES]; /* minus the inverse Hessian; 0 of what stands at a bound */
  double decrement;                                  /* g' C g: twice what one more step of Newton's would gain */
  int at_bound[MOST_VARIABLES];                      /* -1 or 1 */
  int curved;                                        /* the Hessian is negative definite off the bounds */
  int evaluations;
} maximum;

/* Climbs from m->at by quasi-Newton steps until the gradient is below tolerance, or nothing is gained any more. */
void climb(const problem *p, maximum *m, double tolerance);

/* Newton's steps from m->at, which should be near the maximum; then the covariance there. */
void polish(const problem *p, maximum *m, double decrement);

#endif
