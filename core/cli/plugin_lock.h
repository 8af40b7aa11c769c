/* tarazu plugin lock: writes down the exact plugins that a profile uses. */
#ifndef TARAZU_CLI_PLUGIN_LOCK_H
#define TARAZU_CLI_PLUGIN_LOCK_H

#include "cli/command.h"

/* path: of the profile. An exit status. */
int plugin_lock(invocation *asked, const char *path);

#endif
