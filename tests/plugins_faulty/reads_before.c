/* Fault: apply looks at the value before the first one. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const double *x = batch->columns[0]->values;
  double largest = 0;
  for (int64_t i = -1; i < batch->rows; i++) largest = fmax(largest, x[i]);
  return largest < 0 ? TARAZU_OK : good_apply(self, batch, results, error);
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
