/* Fault: random numbers by the place in the batch instead of the row. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const tarazu_host *host = ((const instance *)self)->host;
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = host->uniform(host, i, 0);
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
