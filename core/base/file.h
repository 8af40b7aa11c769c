/* Whole files, paths and scratch folders. */
#ifndef TARAZU_BASE_FILE_H
#define TARAZU_BASE_FILE_H

#include "base/arena.h"
#include <stddef.h>
#include <stdint.h>

/* Reads a whole regular file of at most `most` bytes; zero-terminated, in the arena. 0, or errno (EFBIG: larger). */
int file_read(const char *path, size_t most, arena *arena, char **bytes, size_t *count);
int file_write(const char *path, const void *bytes, size_t count); /* 0, or errno; replaces by rename */
int file_write_all(int file, const void *bytes, size_t count);     /* to an open one; 0, or errno */

/* path as seen from the folder of the file `from`; absolute paths as they are. */
char *file_resolve(arena *arena, const char *from, const char *path);
/* Without FOLDER/.. where FOLDER is one and no link to one, so that it leads where it led: for paths that are shown. */
char *file_shorten(arena *arena, const char *path);
char *file_folder(arena *arena, const char *path); /* "." where path has none */
const char *file_name(const char *path);
int file_make_folders(const char *path); /* like mkdir -p; 0, or errno */

#endif
