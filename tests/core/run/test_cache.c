/* The cache as blocks of bytes by key: in memory and on disk within their bounds, and safe against files that were cut
 * short, damaged, deleted, or are somebody else's to write. */
#include "base/hash.h"
#include "run/cache.h"
#include "run/identity.h"
#include "support/session.h"
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static cache_key key_of(const char *name)
{
  cache_key key;
  hash_sha256(name, strlen(name), key.digits);
  return key;
}

static void put(cache *c, const char *name, char fill, size_t count)
{
  cache_key key = key_of(name);
  void *bytes = cache_bytes_new(count);
  assert_non_null(bytes);
  memset(bytes, fill, count);
  cache_release(c, cache_keep(c, &key, bytes, count));
}

/* Whether it is there, whole. */
static int there(cache *c, const char *name, char fill, size_t expected)
{
  cache_key key = key_of(name);
  cache_entry *entry = cache_find(c, &key);
  size_t count;
  if (!entry) return 0;
  const char *bytes = cache_entry_bytes(entry, &count);
  int good = count == expected && (uintptr_t)bytes % 64 == 0;
  for (size_t i = 0; good && i < count; i++) good = bytes[i] == fill;
  cache_release(c, entry);
  return good;
}

static const char *file_of(const trial *t, const char *name)
{
  static char path[300];
  cache_key key = key_of(name);
  snprintf(path, sizeof path, "%s/%s.stage", trial_path(t, "cache"), key.digits);
  return path;
}

static int64_t bytes_in(const char *folder)
{
  int64_t all = 0;
  DIR *at = opendir(folder);
  for (struct dirent *one; at && (one = readdir(at));) {
    struct stat about;
    if (fstatat(dirfd(at), one->d_name, &about, 0) == 0 && S_ISREG(about.st_mode)) all += about.st_size;
  }
  closedir(at);
  return all;
}

static void entries_outlive_the_process(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  cache *c = cache_open(trial_path(&t, "cache"), 0, 0);
  assert_false(there(c, "a", 'a', 1000));
  put(c, "a", 'a', 1000);
  put(c, "b", 'b', 1);
  assert_true(there(c, "a", 'a', 1000));
  cache_free(c);
  c = cache_open(trial_path(&t, "cache"), 0, 0);
  assert_true(there(c, "a", 'a', 1000));
  assert_true(there(c, "b", 'b', 1));
  assert_false(there(c, "c", 'c', 1));
  cache_free(c);
  struct stat about;
  assert_int_equal(stat(trial_path(&t, "cache"), &about), 0);
  assert_int_equal(about.st_mode & 0777, 0700);
  assert_int_equal(stat(file_of(&t, "a"), &about), 0);
  assert_int_equal(about.st_mode & 0777, 0600);
  trial_free(&t);
}

/* A file at every length, and with every byte changed. */
static void damaged_entries_are_removed(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  for (int kind = 0; kind < 2; kind++)
    for (long at = 0; at < 328; at += kind ? 1 : 8) {
      cache *c = cache_open(trial_path(&t, "cache"), 0, 0);
      put(c, "a", 'a', 200);
      cache_free(c);
      if (kind) {
        if (at >= 104 && at < 128) continue; /* reserved bytes mean nothing */
        FILE *file = fopen(file_of(&t, "a"), "r+");
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 1, file);
        fclose(file);
      } else {
        assert_int_equal(truncate(file_of(&t, "a"), at), 0);
      }
      c = cache_open(trial_path(&t, "cache"), 0, 0);
      if (there(c, "a", 'a', 200)) fail_msg("%s at %ld was not noticed", kind ? "a change" : "the end", at);
      assert_int_equal(access(file_of(&t, "a"), F_OK), -1);
      put(c, "a", 'a', 200);
      cache_free(c);
    }
  trial_free(&t);
}

static void what_others_can_write_to_is_not_used(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  arena *home = arena_new();
  cache *c = cache_open(trial_path(&t, "cache"), 0, 0);
  put(c, "a", 'a', 100);
  put(c, "b", 'b', 100);
  cache_free(c);
  chmod(file_of(&t, "a"), 0666);
  char real[300];
  snprintf(real, sizeof real, "%s.real", file_of(&t, "b"));
  assert_int_equal(rename(file_of(&t, "b"), real), 0);
  assert_int_equal(symlink(real, file_of(&t, "b")), 0);
  c = cache_open(trial_path(&t, "cache"), 0, 0);
  assert_null(cache_fault(c, home));
  assert_false(there(c, "a", 'a', 100));
  assert_false(there(c, "b", 'b', 100));
  cache_free(c);
  chmod(trial_path(&t, "cache"), 0777);
  c = cache_open(trial_path(&t, "cache"), 0, 0);
  assert_words(cache_fault(c, home), "can be written to by others");
  put(c, "d", 'd', 100);
  assert_true(there(c, "d", 'd', 100)); /* in memory */
  cache_free(c);
  assert_int_equal(access(file_of(&t, "d"), F_OK), -1);
  arena_free(home);
  trial_free(&t);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  arena *home = arena_new();
  trial_write(&t, "file", "x");
  cache *c = cache_open(trial_path(&t, "file/cache"), 0, 0);
  assert_words(cache_fault(c, home), "cannot be made: Not a directory");
  put(c, "a", 'a', 100);
  assert_true(there(c, "a", 'a', 100));
  cache_free(c);
  c = cache_open(trial_path(&t, "file"), 0, 0);
  assert_words(cache_fault(c, home), "is no folder");
  cache_free(c);
  arena_free(home);
  trial_free(&t);
}

static void a_folder_may_be_deleted_at_any_moment(void **state)
{
  trial t;
  char command[300];
  (void)state;
  trial_new(&t);
  arena *home = arena_new();
  cache *c = cache_open(trial_path(&t, "cache"), 0, 1);
  put(c, "a", 'a', 5000);
  cache_free(c);
  c = cache_open(trial_path(&t, "cache"), 0, 1);
  cache_key key = key_of("a");
  cache_entry *used = cache_find(c, &key);
  assert_non_null(used);
  snprintf(command, sizeof command, "rm -r '%s'", trial_path(&t, "cache"));
  assert_int_equal(system(command), 0);
  size_t count;
  const char *bytes = cache_entry_bytes(used, &count);
  assert_int_equal(bytes[4999], 'a'); /* what is in use stays */
  cache_release(c, used);
  assert_false(there(c, "a", 'a', 5000));
  put(c, "b", 'b', 100);
  assert_true(there(c, "b", 'b', 100));
  assert_null(cache_fault(c, home));
  cache_free(c);
  arena_free(home);
  trial_free(&t);
}

static void both_bounds_hold(void **state)
{
  enum { MANY = 40, EACH = 100000, MOST = 1000000 };
  trial t;
  char name[20];
  (void)state;
  trial_new(&t);
  cache *c = cache_open(trial_path(&t, "cache"), MOST, MOST);
  put(c, "first", 'f', EACH);
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "%d", i);
    put(c, name, 'x', EACH);
    assert_true(bytes_in(trial_path(&t, "cache")) <= MOST);
    struct timespec old[2] = {{0, 0}, {1000 + i, 0}}; /* in the order of their making, whatever the clock's steps */
    utimensat(AT_FDCWD, file_of(&t, name), old, 0);
  }
  put(c, "large", 'l', MOST / 2 + 1); /* of more than half of the bound */
  assert_int_equal(access(file_of(&t, "large"), F_OK), -1);
  cache_free(c);
  c = cache_open(trial_path(&t, "cache"), MOST, MOST);
  snprintf(name, sizeof name, "%d", MANY - 1);
  assert_true(there(c, name, 'x', EACH));
  assert_false(there(c, "0", 'x', EACH));
  cache_free(c);
  c = cache_open(NULL, 0, MOST);
  put(c, "old", 'o', EACH);
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "%d", i);
    put(c, name, 'x', EACH);
  }
  assert_false(there(c, "old", 'o', EACH));
  assert_true(there(c, name, 'x', EACH));
  cache_free(c);
  trial_free(&t);
}

/* What a killed process left half written. */
static void part_files_of_the_dead_are_removed(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  cache *c = cache_open(trial_path(&t, "cache"), 0, 0);
  trial_write(&t, "cache/dead.part", "half");
  trial_write(&t, "cache/alive.part", "half");
  struct timespec old[2] = {{0, 0}, {1000, 0}};
  utimensat(AT_FDCWD, trial_path(&t, "cache/dead.part"), old, 0);
  put(c, "a", 'a', 100);
  assert_int_equal(access(trial_path(&t, "cache/dead.part"), F_OK), -1);
  assert_int_equal(access(trial_path(&t, "cache/alive.part"), F_OK), 0);
  cache_free(c);
  trial_free(&t);
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

typedef struct waiting {
  cache *cache;
  cache_key key;
  atomic_int stop, done;
} waiting;

static void *wait_for(void *argument)
{
  waiting *w = argument;
  cache_claim(w->cache, &w->key, 1, w, &w->stop);
  atomic_store(&w->done, 1);
  return NULL;
}

static void who_claims_second_waits(void **state)
{
  waiting w = {.cache = cache_open(NULL, 0, 0), .key = key_of("a")};
  pthread_t thread;
  int first = 0;
  (void)state;
  cache_claim(w.cache, &w.key, 1, &first, &w.stop);
  assert_int_equal(pthread_create(&thread, NULL, wait_for, &w), 0);
  usleep(120000);
  assert_int_equal(atomic_load(&w.done), 0);
  cache_disclaim(w.cache, NULL, &first);
  pthread_join(thread, NULL);
  assert_int_equal(atomic_load(&w.done), 1);
  cache_disclaim(w.cache, &w.key, &w);
  cache_claim(w.cache, &w.key, 1, &first, &w.stop);
  atomic_store(&w.stop, 1); /* whoever is cancelled does not wait */
  wait_for(&w);
  cache_free(w.cache);
}

/* ---- what data are ------------------------------------------------------------------------------------------------
 */

static const char *identity_of(cache *c, const char *location)
{
  static cache_key keys[4];
  static int next;
  cache_key *key = &keys[next++ % 4];
  return location_identity(c, location, key) ? key->digits : NULL;
}

static void set_times(const char *path, time_t at)
{
  struct timespec times[2] = {{at, 0}, {at, 0}};
  utimensat(AT_FDCWD, path, times, 0);
}

static void files_are_known_by_their_contents(void **state)
{
  trial t;
  char first[65];
  (void)state;
  trial_new(&t);
  cache *c = cache_open(trial_path(&t, "cache"), 0, 0);
  trial_write(&t, "a.csv", "id\n1\n");
  const char *path = trial_path(&t, "a.csv");
  snprintf(first, sizeof first, "%s", identity_of(c, path));
  set_times(path, 1000000);
  assert_string_equal(identity_of(c, path), first); /* touched */
  trial_write(&t, "a.csv", "id\n2\n");
  set_times(path, 1000000); /* of the same length and time */
  assert_string_not_equal(identity_of(c, path), first);
  trial_write(&t, "a.csv", "id\n1\n");
  assert_string_equal(identity_of(c, path), first);
  assert_null(identity_of(c, trial_path(&t, "b.csv")));
  assert_null(identity_of(c, "postgres://host/base"));
  assert_null(identity_of(c, t.folder));
  cache_free(c);
  trial_free(&t);
}

static void patterns_are_all_that_they_may_mean(void **state)
{
  trial t;
  char before[65];
  static const char *const matter[] = {"two/b.csv", "two/deep/c.csv"};
  (void)state;
  trial_new(&t);
  cache *c = cache_open(NULL, 0, 0);
  mkdir(trial_path(&t, "two"), 0700);
  mkdir(trial_path(&t, "two/deep"), 0700);
  trial_write(&t, "two/a.csv", "id\n1\n");
  snprintf(before, sizeof before, "%s", identity_of(c, trial_path(&t, "two/*.csv")));
  trial_write(&t, "two/notes.txt", "x");
  assert_string_equal(identity_of(c, trial_path(&t, "two/*.csv")), before);
  for (int i = 0; i < 2; i++) {
    const char *pattern = i ? "two/**/*.csv" : "t?o/*.csv";
    snprintf(before, sizeof before, "%s", identity_of(c, trial_path(&t, pattern)));
    trial_write(&t, matter[i], "id\n2\n");
    assert_string_not_equal(identity_of(c, trial_path(&t, pattern)), before);
  }
  assert_null(identity_of(c, trial_path(&t, "two/*.parquet")));
  cache_free(c);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_outlive_the_process),           cmocka_unit_test(damaged_entries_are_removed),
      cmocka_unit_test(what_others_can_write_to_is_not_used),  cmocka_unit_test(a_folder_that_cannot_be_made_is_told),
      cmocka_unit_test(a_folder_may_be_deleted_at_any_moment), cmocka_unit_test(both_bounds_hold),
      cmocka_unit_test(part_files_of_the_dead_are_removed),    cmocka_unit_test(who_claims_second_waits),
      cmocka_unit_test(files_are_known_by_their_contents),     cmocka_unit_test(patterns_are_all_that_they_may_mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
