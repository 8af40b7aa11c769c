/* Ends the process that loads it. */
#include "bad.h"
#include <stdlib.h>

__attribute__((constructor)) static void misbehave(void)
{
  exit(0);
}

static const tarazu_strategy strategy = {SCORER("exit_at_load"), .apply = copy_values};
PLUGIN(strategy);
