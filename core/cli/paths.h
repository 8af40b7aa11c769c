/* Where the program finds its plugins. */
#ifndef TARAZU_CLI_PATHS_H
#define TARAZU_CLI_PATHS_H

#include "base/arena.h"

/* Folders of plugins with ':' between: what was asked for, else TARAZU_PLUGIN_PATH, else the folder plugins beside the
 * running executable (a build), else ../lib/tarazu/plugins seen from it (an installation). */
const char *path_plugins(arena *arena, const char *asked);
/* The file for a catalog's verdicts, in the user's cache folder, which is made; NULL: none to be had. */
const char *path_verdicts(arena *arena);

#endif
