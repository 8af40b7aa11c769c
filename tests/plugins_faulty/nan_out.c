/* Fault: the score is divided by the mean, which may be 0. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] /= ((const instance *)self)->mean;
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
