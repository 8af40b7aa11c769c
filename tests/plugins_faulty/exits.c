/* Fault: finish ends the host where it does not like the data. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  if (!((const state *)learned)->count) exit(3);
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
