/* Fault: the second result is written whether anybody wants it or not. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++)
    if (takes(batch->columns[0], i)) *((int32_t *)results[1]->values + i) &= 1;
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
