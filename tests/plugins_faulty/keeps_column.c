/* Fault: a learning state keeps a pointer into a column, which goes when learn returns. */
#include "faulty.h"

static tarazu_status faulty_learn(const void *self, void *into, const tarazu_batch *batch, tarazu_error *error)
{
  if (batch->rows) ((state *)into)->place = batch->columns[0]->values;
  return good_learn(self, into, batch, error);
}
#define LEARN faulty_learn

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  const state *s = learned;
  good_finish(self, learned, again, error);
  if (s->place && *s->place > 1e300) ((instance *)self)->mean = 0;
  return TARAZU_OK;
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
