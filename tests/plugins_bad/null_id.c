/* A strategy that no profile could name. */
#include "bad.h"

static const tarazu_strategy strategy = {SCORER(NULL), .apply = copy_values};
PLUGIN(strategy);
