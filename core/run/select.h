/* Who the key customers are, and why each customer is one or is not. */
#ifndef TARAZU_RUN_SELECT_H
#define TARAZU_RUN_SELECT_H

#include "run/engine.h"

typedef struct selection {
  int64_t limit;       /* seats */
  int64_t keep_within; /* place in line up to which a member of the previous list stays */
  int64_t count;       /* seats taken */
  int64_t kept;        /* of them, members of the previous list who would not have been chosen anew */
  int64_t *place;      /* in line by row, from 1: in rank order among those who may be chosen; 0: may not */
  int64_t unpinned;    /* seats that pins leave */
  column key;          /* BOOL */
  column reason;       /* TEXT */
  dictionary *reasons;
} selection;

/* In order of precedence: exclusions and pins, floors, the previous list, rank. 1, or 0 with problems. */
int select_key_customers(engine *e, selection *out);
/* After contributions are known: adds to each key customer's reason the one or two criteria that lift her score most.
 */
int selection_tell_grounds(engine *e, selection *selection); /* 1, or 0: no memory */
void selection_free(selection *selection);

#endif
