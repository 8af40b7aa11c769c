/* A scorer that cannot score. */
#include "bad.h"

static const tarazu_strategy strategy = {SCORER("scorer_without_apply")};
PLUGIN(strategy);
