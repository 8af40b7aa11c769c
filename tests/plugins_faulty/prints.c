/* Fault: apply tells the world. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  if (batch->rows) printf("scoring %lld rows\n", (long long)batch->rows);
  return good_apply(self, batch, results, error);
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
