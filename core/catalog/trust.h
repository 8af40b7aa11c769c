/* Whether others can change a plugin: then it is told, not loaded, since it runs as the user. */
#ifndef TARAZU_CATALOG_TRUST_H
#define TARAZU_CATALOG_TRUST_H

#include "base/arena.h"
#include <sys/stat.h>

/* NULL, or why the owner or the mode of a file or folder lets others change it. */
const char *trust_fault(const struct stat *about, arena *arena);
/* NULL, or the folder above a path that lets others put something else in the path's place, and why. */
const char *trust_fault_above(const char *path, arena *arena);

#endif
