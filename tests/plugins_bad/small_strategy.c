/* A strategy smaller than version 1's. */
#include "bad.h"

static const tarazu_strategy strategy = {
    .size = offsetof(tarazu_strategy, apply), .role = TARAZU_SCORER, .id = "small_strategy"};
PLUGIN(strategy);
