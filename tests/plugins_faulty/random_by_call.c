/* Fault: random numbers of the C library's, another one at each call. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = (double)(rand() % 1000);
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
