/* A descriptor that offers nothing. */
#include "bad.h"

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "no_strategies",
    .strategies = (const tarazu_strategy *const[]){NULL},
};
