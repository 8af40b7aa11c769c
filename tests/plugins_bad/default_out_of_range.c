/* A default that a profile could not give. */
#include "bad.h"

static const tarazu_param params[] = {
    {.name = "cap", .kind = TARAZU_DURATION, .initial = "10 years", .least = 1, .most = 365, .help = "the longest"},
};
static const tarazu_strategy strategy = {SCORER("default_out_of_range"), .params = TARAZU_LIST(params),
                                         .apply = copy_values};
PLUGIN(strategy);
