/* XXH3 and SHA-256 behind four names, so that nothing else depends on whose code computes them. */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PIECE = 1 << 20 };

uint64_t hash_bytes(const void *bytes, size_t count, uint64_t seed)
{
  return XXH3_64bits_withSeed(bytes, count, seed);
}

uint64_t hash_u64(uint64_t value)
{
  return XXH3_64bits(&value, sizeof value);
}

double hash_uniform(uint64_t seed, const char *name, const char *key, size_t length, int64_t row, uint32_t draw)
{
  uint64_t h = hash_bytes(name, strlen(name), seed);
  h = key ? hash_bytes(key, length, h) : hash_u64(h ^ hash_u64((uint64_t)row));
  h = hash_u64(h + UINT64_C(0x9e3779b97f4a7c15) * (draw + 1));
  return (double)(h >> 11) * 0x1p-53;
}

static void write_digits(SHA256_CTX *sha, char digits[65])
{
  static const char hexadecimal[] = "0123456789abcdef";
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256_Final(digest, sha);
  for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
    digits[2 * i] = hexadecimal[digest[i] >> 4];
    digits[2 * i + 1] = hexadecimal[digest[i] & 15];
  }
  digits[64] = 0;
}

void hash_sha256(const void *bytes, size_t count, char digits[65])
{
  SHA256_CTX sha;
  SHA256_Init(&sha);
  if (count) SHA256_Update(&sha, bytes, count);
  write_digits(&sha, digits);
}

static int feed(SHA256_CTX *sha, int file, uint8_t *piece)
{
  for (;;) {
    ssize_t count = read(file, piece, PIECE);
    if (count == 0) return 0;
    if (count > 0) {
      SHA256_Update(sha, piece, (size_t)count);
    } else if (errno != EINTR) {
      return errno;
    }
  }
}

int hash_open_file(int file, char digits[65])
{
  int status = ENOMEM;
  uint8_t *piece = malloc(PIECE);
  digits[0] = 0;
  if (piece) {
    SHA256_CTX sha;
    SHA256_Init(&sha);
    status = feed(&sha, file, piece);
    if (!status) write_digits(&sha, digits);
  }
  free(piece);
  return status;
}

int hash_file(const char *path, char digits[65])
{
  digits[0] = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  int status = hash_open_file(file, digits);
  close(file);
  return status;
}
