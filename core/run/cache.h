/* What was computed once, by the hash of what it depends on: blocks of bytes that never change, in memory and in a
 * folder that processes share. Knows nothing of what the bytes mean.
 *
 * The folder may be deleted at any moment, whole or in part, and any process that writes into it may be killed: an
 * entry is written beside its name and renamed, and is used only where its own hash holds. A folder or file that
 * belongs to somebody else, or that others can write to, is not used. */
#ifndef TARAZU_RUN_CACHE_H
#define TARAZU_RUN_CACHE_H

#include "base/arena.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cache cache;
typedef struct cache_entry cache_entry;
typedef struct cache_key {
  char digits[65]; /* a SHA-256 */
} cache_key;

/* folder NULL: in memory alone. Bounds in bytes, 0: 2 GiB on disk, an eighth of the machine's memory; what was used
 * least recently goes first, and what is in use does not go. NULL: no memory. [any thread] all calls below. */
cache *cache_open(const char *folder, int64_t most_on_disk, int64_t most_in_memory);
void cache_free(cache *cache); /* after all entries were released; NULL is fine */
/* Why the folder cannot be used, or no longer written to, as one line; NULL: it can. */
const char *cache_fault(cache *cache, arena *home);
const char *cache_folder_default(arena *home); /* $XDG_CACHE_HOME/tarazu/stages; NULL: there is no place for one */

/* Both give a use of the entry, for cache_release; NULL: it is not there, or no memory. */
cache_entry *cache_find(cache *cache, const cache_key *key);
/* bytes: from cache_bytes_new, handed over. */
cache_entry *cache_keep(cache *cache, const cache_key *key, void *bytes, size_t count);
void *cache_bytes_new(size_t count);                  /* aligned to 64 bytes; NULL: no memory */
void cache_release(cache *cache, cache_entry *entry); /* NULL is fine */
/* Aligned to 64 bytes; they live as long as the use. */
const void *cache_entry_bytes(const cache_entry *entry, size_t *count);

/* So that two threads do not compute the same: waits until nobody makes any of these, then claims those that are not
 * in the cache. Whoever holds a claim claims nothing more, so nobody waits for a circle. Ends early when stop is set.
 */
void cache_claim(cache *cache, const cache_key *keys, uint32_t count, const void *owner, const atomic_int *stop);
/* Made, or given up: one, or (NULL) all that the owner still holds. */
void cache_disclaim(cache *cache, const cache_key *key, const void *owner);

#endif
