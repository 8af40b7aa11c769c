/* Fault: finish aborts where there is nothing to learn. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  if (!((const state *)learned)->count) abort();
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
