/* Crashes while it scores. */
#include "bad.h"

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  static volatile uintptr_t nowhere = 8;
  *(volatile int *)nowhere = 1;
  return copy_values(self, batch, results, error);
}

static const tarazu_strategy strategy = {SCORER("bad_crash"), .apply = apply};
PLUGIN(strategy);
