/* Fault: finish divides by the number of values. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  const state *s = learned;
  volatile int64_t count = s->count;
  if (1000 / count > 999) return tarazu_fail(error, TARAZU_NUMERIC, "found %lld values", (long long)count);
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
