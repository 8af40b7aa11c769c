/* The part of the cache that lies on disk: a file an entry, written beside its name and renamed, verified before it is
 * used, bounded by deleting what was used least recently. */
#ifndef TARAZU_RUN_CACHE_FOLDER_H
#define TARAZU_RUN_CACHE_FOLDER_H

#include "run/cache.h"

typedef struct cache_folder {
  const char *path;
  int64_t most;
  int64_t held;     /* bytes as of the last look, and what was written since */
  int looked;       /* held is known */
  unsigned written; /* since then, by this process */
  unsigned parts;   /* temporary names given */
  int usable;       /* can be read */
  int writable;
  char fault[512]; /* "": none */
} cache_folder;

/* Makes the folder where it is not there. */
void cache_folder_open(cache_folder *out, const char *path, int64_t most);
/* A file mapped: *map for munmap, the entry's own bytes behind its header. 0: it is not there, or not to be used. */
int cache_folder_find(const cache_folder *folder, const cache_key *key, void **map, size_t *mapped, const void **bytes,
                      size_t *count);
void cache_folder_keep(cache_folder *folder, const cache_key *key, const void *bytes, size_t count);

#endif
