/* Plugin files on a path of folders, and whether they can be trusted. */
#ifndef TARAZU_CATALOG_FIND_H
#define TARAZU_CATALOG_FIND_H

#include "base/arena.h"
#include <stdint.h>
#include <sys/stat.h>

typedef struct found_file {
  const char *path;                      /* as found */
  const char *target;                    /* what it is once symbolic links are followed */
  const char *fault;                     /* why it is passed over; NULL: it may be probed */
  int64_t size, changed, status_changed; /* bytes; nanoseconds since 1970 */
} found_file;

/* Folders separated by ':'; in each, and in its folders, the files *.so, in the order of their names. A file that is
 * found twice (by a link, or by a folder named twice) counts once. */
found_file *find_plugins(const char *path, arena *arena, uint32_t *count);

/* NULL, or why the owner or the mode of a file or folder lets others change it. */
const char *find_distrust(const struct stat *about, arena *arena);

#endif
