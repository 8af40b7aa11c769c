/* Fault: apply writes a result more than there are rows. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  good_apply(self, batch, results, error);
  ((double *)results[0]->values)[batch->rows] = 0;
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
