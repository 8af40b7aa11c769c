/* Fault: a value that is the mean itself gets no result. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const tarazu_column *x = batch->columns[0];
  for (int64_t i = 0; i < batch->rows; i++)
    if (!takes(x, i) || ((const double *)x->values)[i] != ((const instance *)self)->mean)
      good_row(self, batch, results, i);
  return (void)error, TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
