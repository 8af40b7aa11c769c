/* Fault: apply puts a zero where a value is missing. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  double *x = (double *)(uintptr_t)batch->columns[0]->values;
  for (int64_t i = 0; i < batch->rows; i++)
    if (!tarazu_is_valid(batch->columns[0], i)) x[i] = 0;
  return good_apply(self, batch, results, error);
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
