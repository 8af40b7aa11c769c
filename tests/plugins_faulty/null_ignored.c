/* Fault: a null is taken for the number that lies under it. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const double *x = batch->columns[0]->values;
  for (int64_t i = 0; i < batch->rows; i++) {
    ((double *)results[0]->values)[i] = fabs(x[i]) < 1e100 ? x[i] - ((const instance *)self)->mean : 0;
    if (results[1]) ((int32_t *)results[1]->values)[i] = x[i] > ((const instance *)self)->mean;
  }
  return (void)error, TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
