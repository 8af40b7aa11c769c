/* Never finishes loading. */
#include "bad.h"
#include <unistd.h>

__attribute__((constructor)) static void misbehave(void)
{
  for (;;) sleep(1);
}

static const tarazu_strategy strategy = {SCORER("hang_at_load"), .apply = copy_values};
PLUGIN(strategy);
