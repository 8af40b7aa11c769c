/* Plugin files on a path of folders, and whether they can be trusted. */
#ifndef TARAZU_CATALOG_FIND_H
#define TARAZU_CATALOG_FIND_H

#include "base/arena.h"
#include <stdint.h>
#include <sys/stat.h>

/* What changes with every change of a file, by whatever means: nobody can set status_changed. */
typedef struct file_state {
  dev_t device;
  ino_t number; /* 0: there is no file */
  int64_t size;
  int64_t changed, status_changed; /* nanoseconds since 1970 */
} file_state;

typedef struct found_file {
  const char *path;   /* as found */
  const char *target; /* what it is once symbolic links are followed */
  const char *fault;  /* why it is passed over; NULL: it may be probed */
  file_state state;
} found_file;

file_state find_state(const struct stat *about);
int find_is_same(const file_state *a, const file_state *b);

/* Folders separated by ':'; in each, and in its folders, the files *.so, in the order of their names. A file that is
 * found twice (by a link, or by a folder named twice) counts once. */
found_file *find_plugins(const char *path, arena *arena, uint32_t *count);

#endif
