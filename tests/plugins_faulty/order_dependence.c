/* Fault: a row's result has the row before it in it. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  double before = 0;
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) {
    double *score = (double *)results[0]->values + i;
    if (!takes(batch->columns[0], i)) continue;
    *score += 0.5 * before;
    before = *score;
  }
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
