/* Links to a function of the host's, which no plugin may. */
#include "bad.h"

extern const char *tarazu_version(void);

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  return tarazu_version() ? copy_values(self, batch, results, error) : TARAZU_INTERNAL;
}

static const tarazu_strategy strategy = {SCORER("undefined_symbol"), .apply = apply};
PLUGIN(strategy);
