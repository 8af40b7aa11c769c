/* Where the program finds its plugins. */
#include "cli/paths.h"
#include "base/file.h"
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char *path_plugins(arena *memory, const char *asked)
{
  if (asked) return asked;
  const char *environment = getenv("TARAZU_PLUGIN_PATH");
  if (environment && *environment) return environment;
  char executable[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable);
  const char *self = length > 0 ? arena_copy_n(memory, executable, (size_t)length) : "tarazu";
  const char *beside = file_resolve(memory, self, "plugins");
  return access(beside, X_OK) == 0 ? beside : file_resolve(memory, self, "../lib/tarazu/plugins");
}

const char *path_verdicts(arena *memory)
{
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  const char *folder = cache && *cache == '/' ? arena_format(memory, "%s/tarazu", cache)
                       : home && *home == '/' ? arena_format(memory, "%s/.cache/tarazu", home)
                                              : NULL;
  return folder && file_make_folders(folder) == 0 ? arena_format(memory, "%s/plugins", folder) : NULL;
}
