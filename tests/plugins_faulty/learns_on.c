/* Fault: learning again adds to what was learned before. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  double before = ((instance *)self)->mean;
  good_finish(self, learned, again, error);
  ((instance *)self)->mean += before;
  return TARAZU_OK;
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
