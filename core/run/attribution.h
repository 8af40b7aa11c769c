/* What a customer's move between two rankings is due to, when her own data, settings and her rivals' data all changed.
 */
#ifndef TARAZU_RUN_ATTRIBUTION_H
#define TARAZU_RUN_ATTRIBUTION_H

/* What can change from A to B. */
enum { SWITCH_OWN, SWITCH_SETTINGS, SWITCH_RIVALS, SWITCHES };

/* The shares of a move, in places gained: their sum is the move. NAN: not told apart. */
typedef struct attribution {
  double share[SWITCHES];
  double data; /* own data and rivals together, where they cannot be told apart */
  int orders;  /* in which the switches could be turned one by one: 6, or fewer; 0: nothing can be said */
} attribution;

/* Where she stands when some of the switches are at B (bit SWITCH_OWN …) and the others at A. 0: nobody can say. */
typedef int place_task(void *argument, unsigned at_b, double *stands);
/* Shapley's value (Shapley 1953) of each switch over the orders that can be gone: each of their places must be known.
 * Where none can, own data and rivals count as one switch. */
attribution attribute(place_task *task, void *argument);

#endif
