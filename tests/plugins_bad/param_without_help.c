/* A parameter that nobody can understand. */
#include "bad.h"

static const tarazu_param params[] = {{.name = "share", .kind = TARAZU_PROPORTION, .initial = "5%"}};
static const tarazu_strategy strategy = {SCORER("param_without_help"), .params = TARAZU_LIST(params),
                                         .apply = copy_values};
PLUGIN(strategy);
