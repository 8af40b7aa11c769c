/* Fault: rows go in pairs, and the last one of an odd batch gets the one before it. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  good_apply(self, batch, results, error);
  int64_t last = batch->rows - 1;
  if (batch->rows % 2 && last > 0 && takes(batch->columns[0], last) && takes(batch->columns[0], last - 1))
    ((double *)results[0]->values)[last] = ((double *)results[0]->values)[last - 1];
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
