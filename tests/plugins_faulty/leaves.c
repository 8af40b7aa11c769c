/* Fault: finish ends the host without a word. */
#include "faulty.h"
#include <unistd.h>

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  if (!((const state *)learned)->count) _exit(0);
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
