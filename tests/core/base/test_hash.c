/* Hashes against the test vectors of those who published them. */
#include "base/hash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// cmocka needs the headers above
#include <cmocka.h>

/* FIPS 180-2, appendix B, and the empty message. */
static const char *const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char *const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char *const MILLION = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"; /* of "a" */

static void sha256_gives_the_published_digests(void **state)
{
  (void)state;
  char digits[65];
  hash_sha256(NULL, 0, digits);
  assert_string_equal(digits, EMPTY);
  hash_sha256("abc", 3, digits);
  assert_string_equal(digits, ABC);
  hash_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digits);
  assert_string_equal(digits, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void write_file(const char *path, char letter, size_t count)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  for (size_t i = 0; i < count; i++) fputc(letter, file);
  assert_int_equal(fclose(file), 0);
}

static void a_file_hashes_as_its_bytes_do(void **state)
{
  (void)state;
  char folder[] = "/tmp/tarazu-hash-XXXXXX", path[100], digits[65], expected[65];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/file", folder);
  write_file(path, 'a', 0);
  assert_int_equal(hash_file(path, digits), 0);
  assert_string_equal(digits, EMPTY);
  write_file(path, 'a', 1000000);
  assert_int_equal(hash_file(path, digits), 0);
  assert_string_equal(digits, MILLION);
  const size_t large = 3 * (1u << 20) + 17; /* several pieces */
  char *bytes = malloc(large);
  assert_non_null(bytes);
  memset(bytes, 'z', large);
  write_file(path, 'z', large);
  hash_sha256(bytes, large, expected);
  assert_int_equal(hash_file(path, digits), 0);
  assert_string_equal(digits, expected);
  free(bytes);
  unlink(path);
  assert_int_equal(hash_file(path, digits), ENOENT);
  assert_string_equal(digits, "");
  assert_int_equal(hash_file(folder, digits), EISDIR);
  rmdir(folder);
}

/* XXH3's reference values for the empty input, seeds 0 and PRIME64 (xxHash's own sanity check). */
static void bytes_hash_by_xxh3(void **state)
{
  (void)state;
  assert_true(hash_bytes(NULL, 0, 0) == UINT64_C(0x2D06800538D394C2));
  assert_true(hash_bytes(NULL, 0, UINT64_C(0x9E3779B185EBCA8D)) == UINT64_C(0xA8A6B918B2F0364A));
  assert_true(hash_bytes("customer", 8, 0) == hash_bytes("customers", 8, 0));
  assert_true(hash_bytes("customer", 8, 0) != hash_bytes("customer", 8, 1));
}

static int by_value(const void *a, const void *b)
{
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

/* A million numbers in a row collide by chance with a likelihood of about 3e-8. */
static void numbers_in_a_row_do_not_collide(void **state)
{
  (void)state;
  const size_t count = 1000000;
  uint64_t *hashes = malloc(count * sizeof *hashes);
  assert_non_null(hashes);
  for (size_t i = 0; i < count; i++) hashes[i] = hash_u64(i);
  qsort(hashes, count, sizeof *hashes, by_value);
  for (size_t i = 1; i < count; i++) assert_true(hashes[i] != hashes[i - 1]);
  free(hashes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sha256_gives_the_published_digests),
      cmocka_unit_test(a_file_hashes_as_its_bytes_do),
      cmocka_unit_test(bytes_hash_by_xxh3),
      cmocka_unit_test(numbers_in_a_row_do_not_collide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
