/* Writes to nowhere as soon as it is loaded. */
#include "bad.h"

__attribute__((constructor)) static void misbehave(void)
{
  static volatile uintptr_t nowhere = 8;
  *(volatile int *)nowhere = 1;
}

static const tarazu_strategy strategy = {SCORER("crash_at_load"), .apply = copy_values};
PLUGIN(strategy);
