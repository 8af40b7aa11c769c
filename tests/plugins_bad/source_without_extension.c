/* A source that reads nothing. */
#include "bad.h"

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SOURCE,
    .id = "source_without_extension",
    .version = "1.0",
    .license = "MIT",
    .summary = "a plugin with a fault, for tests",
};
PLUGIN(strategy);
