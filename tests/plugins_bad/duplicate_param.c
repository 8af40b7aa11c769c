/* Two parameters of one name. */
#include "bad.h"

static const tarazu_param params[] = {
    {.name = "share", .kind = TARAZU_PROPORTION, .initial = "5%", .help = "any share"},
    {.name = "share", .kind = TARAZU_REAL, .initial = "1", .help = "any number"},
};
static const tarazu_strategy strategy = {SCORER("duplicate_param"), .params = TARAZU_LIST(params),
                                         .apply = copy_values};
PLUGIN(strategy);
