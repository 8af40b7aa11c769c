/* The cache in memory: entries by key with the number of their uses, and who is making which. Files are read, verified
 * and written outside the lock, so that threads do not wait for each other's disk. */
#include "run/cache.h"

#include "base/file.h"
#include "run/cache_folder.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 1024 };

struct cache_entry {
  cache_key key;
  const void *bytes;
  size_t count;
  void *map; /* the file that holds the bytes; NULL: they are the entry's own */
  size_t mapped;
  int64_t uses;
  uint64_t used; /* when last, by the cache's own count */
  cache_entry *next;
};

typedef struct claim {
  cache_key key;
  const void *owner;
} claim;

struct cache {
  pthread_mutex_t lock, writing; /* writing: held around the folder's account */
  pthread_cond_t disclaimed;
  char *path;
  cache_folder folder;
  cache_entry *buckets[BUCKETS];
  int64_t held, most;
  uint64_t clock;
  claim *claims;
  size_t claim_count, claim_room;
};

static int64_t machine_memory(void)
{
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? (int64_t)pages * size : INT64_C(4) << 30;
}

cache *cache_open(const char *folder, int64_t most_on_disk, int64_t most_in_memory)
{
  cache *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  if (folder && !(c->path = strdup(folder))) {
    free(c);
    return NULL;
  }
  pthread_mutex_init(&c->lock, NULL);
  pthread_mutex_init(&c->writing, NULL);
  pthread_cond_init(&c->disclaimed, NULL);
  c->most = most_in_memory > 0 ? most_in_memory : machine_memory() / 8;
  if (c->path) cache_folder_open(&c->folder, c->path, most_on_disk > 0 ? most_on_disk : INT64_C(2) << 30);
  return c;
}

static void entry_free(cache_entry *entry)
{
  if (entry->map) munmap(entry->map, entry->mapped);
  else free((void *)(uintptr_t)entry->bytes);
  free(entry);
}

void cache_free(cache *c)
{
  if (!c) return;
  for (int i = 0; i < BUCKETS; i++)
    while (c->buckets[i]) {
      cache_entry *entry = c->buckets[i];
      c->buckets[i] = entry->next;
      entry_free(entry);
    }
  pthread_cond_destroy(&c->disclaimed);
  pthread_mutex_destroy(&c->writing);
  pthread_mutex_destroy(&c->lock);
  free(c->claims);
  free(c->path);
  free(c);
}

const char *cache_fault(cache *c, arena *home)
{
  pthread_mutex_lock(&c->writing);
  const char *fault = *c->folder.fault ? arena_copy(home, c->folder.fault) : NULL;
  pthread_mutex_unlock(&c->writing);
  return fault;
}

const char *cache_folder_default(arena *home)
{
  const char *base = getenv("XDG_CACHE_HOME"), *user = getenv("HOME");
  if (base && *base == '/') return arena_format(home, "%s/tarazu/stages", base);
  return user && *user == '/' ? arena_format(home, "%s/.cache/tarazu/stages", user) : NULL;
}

/* ---- entries in memory; all of it under the lock ------------------------------------------------------------- */

static cache_entry **bucket_of(cache *c, const cache_key *key)
{
  unsigned number = 0;
  for (int i = 0; i < 3; i++)
    number = number * 16 + (unsigned)(key->digits[i] < 'a' ? key->digits[i] - '0' : key->digits[i] - 'a' + 10);
  return &c->buckets[number % BUCKETS];
}

static cache_entry *find_here(cache *c, const cache_key *key)
{
  for (cache_entry *at = *bucket_of(c, key); at; at = at->next)
    if (!memcmp(at->key.digits, key->digits, 64)) return at;
  return NULL;
}

static cache_entry **least_recent(cache *c)
{
  cache_entry **oldest = NULL;
  for (int i = 0; i < BUCKETS; i++)
    for (cache_entry **at = &c->buckets[i]; *at; at = &(*at)->next)
      if (!(*at)->uses && (!oldest || (*at)->used < (*oldest)->used)) oldest = at;
  return oldest;
}

static void heed_bound(cache *c)
{
  while (c->held > c->most) {
    cache_entry **at = least_recent(c), *gone;
    if (!at) return;
    gone = *at;
    *at = gone->next;
    c->held -= (int64_t)gone->count;
    entry_free(gone);
  }
}

/* Where another thread was faster, its entry, and this one goes. */
static cache_entry *take_in(cache *c, cache_entry *entry)
{
  pthread_mutex_lock(&c->lock);
  cache_entry *there = find_here(c, &entry->key), **bucket = bucket_of(c, &entry->key);
  if (!there) {
    entry->next = *bucket;
    *bucket = entry;
    c->held += (int64_t)entry->count;
  }
  cache_entry *out = there ? there : entry;
  out->uses++;
  out->used = ++c->clock;
  heed_bound(c);
  pthread_mutex_unlock(&c->lock);
  if (there) entry_free(entry);
  return out;
}

/* ---- finding and keeping ------------------------------------------------------------------------------------- */

cache_entry *cache_find(cache *c, const cache_key *key)
{
  pthread_mutex_lock(&c->lock);
  cache_entry *entry = find_here(c, key);
  if (entry) {
    entry->uses++;
    entry->used = ++c->clock;
  }
  pthread_mutex_unlock(&c->lock);
  if (entry || !c->path || !(entry = calloc(1, sizeof *entry))) return entry;
  entry->key = *key;
  if (cache_folder_find(&c->folder, key, &entry->map, &entry->mapped, &entry->bytes, &entry->count))
    return take_in(c, entry);
  free(entry);
  return NULL;
}

void *cache_bytes_new(size_t count)
{
  size_t room = (count + 63) / 64 * 64;
  return aligned_alloc(64, room ? room : 64);
}

cache_entry *cache_keep(cache *c, const cache_key *key, void *bytes, size_t count)
{
  cache_entry *entry = calloc(1, sizeof *entry);
  if (!entry) {
    free(bytes);
    return NULL;
  }
  *entry = (cache_entry){.key = *key, .bytes = bytes, .count = count};
  entry = take_in(c, entry);
  if (!c->path) return entry;
  pthread_mutex_lock(&c->writing);
  cache_folder_keep(&c->folder, key, entry->bytes, entry->count);
  pthread_mutex_unlock(&c->writing);
  return entry;
}

void cache_release(cache *c, cache_entry *entry)
{
  if (!entry) return;
  pthread_mutex_lock(&c->lock);
  entry->uses--;
  heed_bound(c);
  pthread_mutex_unlock(&c->lock);
}

const void *cache_entry_bytes(const cache_entry *entry, size_t *count)
{
  *count = entry->count;
  return entry->bytes;
}

/* ---- claims -------------------------------------------------------------------------------------------------- */

static int is_claimed(const cache *c, const cache_key *keys, uint32_t count)
{
  for (size_t i = 0; i < c->claim_count; i++)
    for (uint32_t k = 0; k < count; k++)
      if (!memcmp(c->claims[i].key.digits, keys[k].digits, 64)) return 1;
  return 0;
}

static void add_claim(cache *c, const cache_key *key, const void *owner)
{
  if (c->claim_count == c->claim_room) {
    size_t room = c->claim_room ? 2 * c->claim_room : 64;
    claim *grown = realloc(c->claims, room * sizeof *grown);
    if (!grown) return; /* the worst of it: two compute the same */
    c->claims = grown;
    c->claim_room = room;
  }
  c->claims[c->claim_count++] = (claim){*key, owner};
}

void cache_claim(cache *c, const cache_key *keys, uint32_t count, const void *owner, const atomic_int *stop)
{
  pthread_mutex_lock(&c->lock);
  while (is_claimed(c, keys, count) && !atomic_load(stop)) {
    struct timespec until; /* whoever cancels does not wake anybody */
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50 * 1000 * 1000;
    if (until.tv_nsec >= 1000000000) {
      until.tv_nsec -= 1000000000;
      until.tv_sec++;
    }
    pthread_cond_timedwait(&c->disclaimed, &c->lock, &until);
  }
  for (uint32_t k = 0; k < count; k++)
    if (!find_here(c, &keys[k])) add_claim(c, &keys[k], owner);
  pthread_mutex_unlock(&c->lock);
}

void cache_disclaim(cache *c, const cache_key *key, const void *owner)
{
  size_t kept = 0;
  pthread_mutex_lock(&c->lock);
  for (size_t i = 0; i < c->claim_count; i++) {
    int goes = c->claims[i].owner == owner && (!key || !memcmp(c->claims[i].key.digits, key->digits, 64));
    if (!goes) c->claims[kept++] = c->claims[i];
  }
  c->claim_count = kept;
  pthread_cond_broadcast(&c->disclaimed);
  pthread_mutex_unlock(&c->lock);
}
