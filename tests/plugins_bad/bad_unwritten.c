/* Says that all is well, and leaves its result as it was. */
#include "bad.h"

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)batch, (void)results, (void)error;
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {SCORER("bad_unwritten"), .apply = apply};
PLUGIN(strategy);
