/* A list whose items are smaller than version 1's parameters. */
#include "bad.h"

static const tarazu_param params[] = {
    {.name = "share", .kind = TARAZU_PROPORTION, .initial = "5%", .help = "any share"}};
static const tarazu_strategy strategy = {SCORER("small_stride"), .params = {params, 1, sizeof *params - 8},
                                         .apply = copy_values};
PLUGIN(strategy);
