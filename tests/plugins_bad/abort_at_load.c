/* Aborts as soon as it is loaded. */
#include "bad.h"
#include <stdlib.h>

__attribute__((constructor)) static void misbehave(void)
{
  abort();
}

static const tarazu_strategy strategy = {SCORER("abort_at_load"), .apply = copy_values};
PLUGIN(strategy);
