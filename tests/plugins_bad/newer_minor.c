/* Needs a host of a later minor version. */
#include "bad.h"

static const tarazu_strategy strategy = {SCORER("newer_minor"), .apply = copy_values};
const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .abi_minor = TARAZU_ABI_MINOR + 1,
    .name = "newer_minor",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
