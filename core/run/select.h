/* Who the key customers are, and why each customer is one or is not. */
#ifndef TARAZU_RUN_SELECT_H
#define TARAZU_RUN_SELECT_H

#include "run/engine.h"

typedef struct selection {
  int64_t limit;       /* seats; where there is a capacity alone, as many as customers */
  int64_t keep_within; /* place in line up to which a member of the previous list stays */
  int64_t count;       /* seats taken */
  int64_t kept;        /* of them, members of the previous list who would not have been chosen anew */
  int64_t unpinned;    /* seats that pins leave */
  int64_t advanced;    /* customers who stand in line before one whom they dominate, though not by their score */
  int64_t passed_over; /* customers whom the capacity that was left did not suffice for */
  double used;         /* of the capacity */
  int64_t *line;       /* rows of those who may be chosen, in the order in which they are */
  int64_t line_count;
  int64_t *place;     /* in line by row, from 1; 0: may not be chosen */
  int as_ranked;      /* line and place are the engine's order and rank, and not to be written to */
  int64_t *ahead_of;  /* by row: whose place she has, whom she dominates; -1: she stands by her score; NULL: all do */
  uint8_t *kept_seat; /* by row: 1 for those who are counted in `kept` */
  column key;         /* BOOL */
  column reason;      /* TEXT */
  dictionary *reasons;
} selection;

/* In order of precedence: exclusions and pins, floors, dominance, the previous list, rank; up to the limit and what the
 * capacity suffices for. 1, or 0 with problems. */
int select_key_customers(engine *e, selection *out);
int selection_by_hand(const engine *e, int64_t row);    /* pinned or excluded, as of the run */
int selection_was_listed(const engine *e, int64_t row); /* on the previous list */
/* What a customer takes of the capacity, 0 where there is none; negative: she has no value, and the profile none for
 * her. */
double selection_cost(const engine *e, int64_t row);
/* Whether a cost goes into what is left of the capacity, but for rounding. */
int selection_fits(const engine *e, double used, double cost);
/* After contributions are known: adds to each key customer's reason the one or two criteria that lift her score most.
 */
int selection_tell_grounds(engine *e, selection *selection); /* 1, or 0: no memory */
void selection_free(selection *selection);

#endif
