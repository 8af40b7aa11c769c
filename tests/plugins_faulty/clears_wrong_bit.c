/* Fault: the validity bit of the next row is cleared. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++)
    if (!takes(batch->columns[0], i) && (i + 1) % 8) tarazu_set_null(results[0], i + 1);
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
