/* Fault: the score grows with the day on which it is computed. */
#include "faulty.h"
#include <time.h>

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  double today = (double)(time(NULL) / 86400);
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] += today;
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
