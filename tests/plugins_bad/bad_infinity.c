/* Gives the last row of every batch an infinite score. */
#include "bad.h"
#include <math.h>

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  tarazu_status status = copy_values(self, batch, results, error);
  if (batch->rows) ((double *)results[0]->values)[batch->rows - 1] = INFINITY;
  return status;
}

static const tarazu_strategy strategy = {SCORER("bad_infinity"), .apply = apply};
PLUGIN(strategy);
