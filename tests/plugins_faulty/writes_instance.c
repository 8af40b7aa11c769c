/* Fault: apply counts its calls in the instance. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  ((instance *)(uintptr_t)self)->rows++;
  return good_apply(self, batch, results, error);
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
