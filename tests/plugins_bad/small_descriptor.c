/* A descriptor smaller than version 1's: it says that it ends before its strategies. */
#include "bad.h"

static const tarazu_strategy strategy = {SCORER("small_descriptor"), .apply = copy_values};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = offsetof(tarazu_plugin, strategies),
    .name = "small_descriptor",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
