/* Fault: a third side that has no label. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const tarazu_column *x = batch->columns[0];
  good_apply(self, batch, results, error);
  for (int64_t i = 0; results[1] && i < batch->rows; i++)
    if (takes(x, i) && ((const double *)x->values)[i] == ((const instance *)self)->mean)
      ((int32_t *)results[1]->values)[i] = 2;
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
