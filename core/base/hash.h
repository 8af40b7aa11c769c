/* Hashes: XXH3 for tables and fingerprints, SHA-256 for what must not be forged (plugin files, profiles). */
#ifndef TARAZU_BASE_HASH_H
#define TARAZU_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t count, uint64_t seed);
uint64_t hash_u64(uint64_t value);

/* In [0, 1): 53 random bits fixed by seed, name, draw and the key (NULL: the row's number), so that any order of asking
 * gives the same numbers, and any process. */
double hash_uniform(uint64_t seed, const char *name, const char *key, size_t length, int64_t row, uint32_t draw);

/* 64 hexadecimal digits and a zero byte. hash_file and hash_open_file (from where it stands to its end): 0, or errno.
 */
void hash_sha256(const void *bytes, size_t count, char digits[65]);
int hash_file(const char *path, char digits[65]);
int hash_open_file(int file, char digits[65]);

#endif
