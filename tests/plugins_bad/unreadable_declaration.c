/* Loads well, but its list of parameters stands nowhere in memory. */
#include "bad.h"

static const tarazu_strategy strategy = {SCORER("unreadable_declaration"),
                                         .params = {(const void *)4096, 3, sizeof(tarazu_param)}, .apply = copy_values};
PLUGIN(strategy);
