/* Fault: finish waits for a value that never comes. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  const volatile int64_t *count = &((const state *)learned)->count;
  while (!*count) continue;
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
