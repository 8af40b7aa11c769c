/* Where plugins and the cache of their verdicts are when nobody says. */
#ifndef TARAZU_RUN_SESSION_H
#define TARAZU_RUN_SESSION_H

#include "base/arena.h"

const char *plugin_path_default(arena *home);
const char *plugin_cache_default(arena *home); /* NULL: there is no place for one */

#endif
