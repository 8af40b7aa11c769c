/* What the data behind a location are, known before a source reads them: the files that it names, by their contents.
 * A location that names no file (postgres://…) has no identity. */
#ifndef TARAZU_RUN_IDENTITY_H
#define TARAZU_RUN_IDENTITY_H

#include "base/text.h"
#include "run/cache.h"

/* Of what a hash is made: pieces fed one after the other, each with its length, so that no two lists look alike. */
typedef struct hashing {
  text words;
} hashing;
void hash_text(hashing *h, const char *words); /* NULL is another text than "" */
void hash_integer(hashing *h, int64_t value);
void hash_real(hashing *h, double value);
void hash_key(hashing *h, const cache_key *key);
void hash_done(hashing *h, cache_key *out); /* and leaves {0} */

/* The contents of the files that a location names. Of a pattern these are all that any source could mean by it:
 * matching names with `*` and `?`, every name where it has other marks, all that lies below where it has `**`. 0: it
 * names no file, or one cannot be read. A file's hash is remembered by path, size, inode and times of change, unless
 * it changed so lately that another change could leave the same time behind. */
int location_identity(cache *cache, const char *location, cache_key *out);

#endif
