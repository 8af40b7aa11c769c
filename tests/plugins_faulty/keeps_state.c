/* Fault: a learning state points into itself, and states are moved. */
#include "faulty.h"

static tarazu_status faulty_learn(const void *self, void *into, const tarazu_batch *batch, tarazu_error *error)
{
  ((state *)into)->place = &((state *)into)->sum;
  return good_learn(self, into, batch, error);
}
#define LEARN faulty_learn

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  const state *s = learned;
  if (s->place && *s->place > 1e300) return tarazu_fail(error, TARAZU_NUMERIC, "found a sum of %g", *s->place);
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
