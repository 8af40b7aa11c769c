/* A cache entry's file: a header of 128 bytes (a mark, the key, the length and the hash of what follows), then the
 * bytes. A process that dies while it writes leaves a part file, which the next look at the folder removes. */
#include "run/cache_folder.h"

#include "base/file.h"
#include "base/hash.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 128, NAME_ROOM = 4200 };
enum { LOOK_EVERY = 64 };     /* entries written, since other processes write as well */
enum { PART_SECONDS = 3600 }; /* by then whoever wrote it is dead */
static const char mark[24] = "tarazu stage, format 1\n";
static const char ending[] = ".stage", part_ending[] = ".part";

typedef struct header {
  char mark[24];
  char key[64];
  uint64_t count, hash;
  char reserved[24];
} header;
_Static_assert(sizeof(header) == HEADER, "the bytes of an entry begin aligned to 64");

/* ---- the folder ---------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void set_fault(cache_folder *f, const char *format, ...)
{
  va_list arguments;
  if (*f->fault) return;
  va_start(arguments, format);
  vsnprintf(f->fault, sizeof f->fault, format, arguments);
  va_end(arguments);
}

void cache_folder_open(cache_folder *f, const char *path, int64_t most)
{
  struct stat about;
  *f = (cache_folder){.path = path, .most = most};
  int made = mkdir(path, 0700) == 0;
  if (!made && errno == ENOENT) {
    arena *names = arena_new();
    int status = file_make_folders(file_folder(names, path));
    arena_free(names);
    if (status) errno = status;
    else made = mkdir(path, 0700) == 0;
  }
  if (!made && errno != EEXIST) {
    set_fault(f, "the cache folder '%s' cannot be made: %s", path, strerror(errno));
    return;
  }
  if (stat(path, &about) != 0) set_fault(f, "the cache folder '%s' cannot be used: %s", path, strerror(errno));
  else if (!S_ISDIR(about.st_mode)) set_fault(f, "the cache folder '%s' is no folder", path);
  else if (about.st_uid != geteuid()) set_fault(f, "the cache folder '%s' belongs to somebody else", path);
  else if (about.st_mode & (S_IWGRP | S_IWOTH)) set_fault(f, "the cache folder '%s' can be written to by others", path);
  else f->usable = 1;
  f->writable = f->usable;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static int is_mine(const struct stat *about)
{
  return S_ISREG(about->st_mode) && about->st_uid == geteuid() && !(about->st_mode & (S_IWGRP | S_IWOTH));
}

/* Whether a mapped file is what was written under this key. */
static int holds(const void *map, size_t mapped, const cache_key *key)
{
  const header *h = map;
  return !memcmp(h->mark, mark, sizeof mark) && !memcmp(h->key, key->digits, sizeof h->key) &&
         h->count == mapped - HEADER && h->hash == hash_bytes((const char *)map + HEADER, mapped - HEADER, 0);
}

int cache_folder_find(const cache_folder *f, const cache_key *key, void **map, size_t *mapped, const void **bytes,
                      size_t *count)
{
  char name[NAME_ROOM];
  struct stat about;
  if (!f->usable || snprintf(name, sizeof name, "%s/%s%s", f->path, key->digits, ending) >= (int)sizeof name) return 0;
  int file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return 0;
  void *all = MAP_FAILED;
  int mine = fstat(file, &about) == 0 && is_mine(&about);
  if (mine && about.st_size > HEADER)
    all = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  int good = all != MAP_FAILED && holds(all, (size_t)about.st_size, key);
  if (good) futimens(file, NULL); /* used now */
  else if (mine) unlink(name);    /* cut short or damaged */
  close(file);
  if (!good) {
    if (all != MAP_FAILED) munmap(all, (size_t)about.st_size);
    return 0;
  }
  *map = all;
  *mapped = (size_t)about.st_size;
  *bytes = (const char *)all + HEADER;
  *count = *mapped - HEADER;
  return 1;
}

/* ---- the bound ----------------------------------------------------------------------------------------------- */

typedef struct found {
  char name[96];
  int64_t bytes;
  struct timespec used;
} found;

typedef struct found_list {
  found *items;
  size_t count, room;
  int64_t bytes;
} found_list;

static int oldest_first(const void *a, const void *b)
{
  const struct timespec *x = &((const found *)a)->used, *y = &((const found *)b)->used;
  if (x->tv_sec != y->tv_sec) return x->tv_sec < y->tv_sec ? -1 : 1;
  return x->tv_nsec < y->tv_nsec ? -1 : x->tv_nsec > y->tv_nsec;
}

static int ends_with(const char *name, const char *tail)
{
  size_t length = strlen(name), end = strlen(tail);
  return length > end && !strcmp(name + length - end, tail);
}

static int add_found(found_list *all, const char *name, const struct stat *about)
{
  if (all->count == all->room) {
    size_t room = all->room ? 2 * all->room : 256;
    found *grown = realloc(all->items, room * sizeof *grown);
    if (!grown) return 0;
    all->items = grown;
    all->room = room;
  }
  found *one = &all->items[all->count++];
  *one = (found){.bytes = (int64_t)about->st_blocks * 512, .used = about->st_mtim};
  snprintf(one->name, sizeof one->name, "%.95s", name);
  all->bytes += one->bytes;
  return 1;
}

/* The entries of the folder, without part files that the dead have left. Files of other names are nobody's to count. */
static int look(DIR *folder, found_list *all)
{
  struct dirent *at;
  while ((at = readdir(folder))) {
    struct stat about;
    int part = ends_with(at->d_name, part_ending);
    if ((!part && !ends_with(at->d_name, ending)) || strlen(at->d_name) > 95) continue;
    if (fstatat(dirfd(folder), at->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode)) continue;
    if (part && about.st_mtim.tv_sec + PART_SECONDS < time(NULL)) unlinkat(dirfd(folder), at->d_name, 0);
    else if (!add_found(all, at->d_name, &about)) return 0;
  }
  return 1;
}

/* Deletes what was used least recently until `room` bytes more have their place. */
static void make_place(cache_folder *f, int64_t room)
{
  found_list all = {0};
  DIR *folder = opendir(f->path);
  if (!folder) return;
  if (look(folder, &all)) {
    if (all.bytes + room > f->most) {
      if (all.count) qsort(all.items, all.count, sizeof *all.items, oldest_first);
      int64_t goal = f->most - f->most / 8 - room; /* some more, so that not every entry has to look */
      for (size_t i = 0; i < all.count && all.bytes > goal; i++)
        if (!ends_with(all.items[i].name, part_ending) && unlinkat(dirfd(folder), all.items[i].name, 0) == 0)
          all.bytes -= all.items[i].bytes;
    }
    f->held = all.bytes;
    f->looked = 1;
    f->written = 0;
  }
  free(all.items);
  closedir(folder);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

static int write_entry(cache_folder *f, const cache_key *key, const void *bytes, size_t count)
{
  char beside[NAME_ROOM], name[NAME_ROOM];
  header h = {.count = count, .hash = hash_bytes(bytes, count, 0)};
  memcpy(h.mark, mark, sizeof mark);
  memcpy(h.key, key->digits, sizeof h.key);
  if (snprintf(name, sizeof name, "%s/%s%s", f->path, key->digits, ending) >= (int)sizeof name ||
      snprintf(beside, sizeof beside, "%s/%.24s.%ld-%lx-%u%s", f->path, key->digits, (long)getpid(),
               (unsigned long)(uintptr_t)f, f->parts++, part_ending) >= (int)sizeof beside)
    return ENAMETOOLONG;
  int file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0 && errno == ENOENT) { /* somebody deleted the folder; others may make it anew, or delete it again */
    if (mkdir(f->path, 0700) != 0 && errno != EEXIST) return errno;
    file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 && errno == ENOENT) return 0;
  }
  if (file < 0) return errno;
  int status = file_write_all(file, &h, sizeof h);
  if (!status) status = file_write_all(file, bytes, count);
  if (close(file) != 0 && !status) status = errno;
  if (!status && rename(beside, name) != 0 && errno != ENOENT) status = errno;
  if (status) unlink(beside);
  return status;
}

void cache_folder_keep(cache_folder *f, const cache_key *key, const void *bytes, size_t count)
{
  int64_t room = (int64_t)count + HEADER;
  if (!f->writable || room > f->most / 2) return;
  if (!f->looked || f->held + room > f->most || f->written >= LOOK_EVERY) make_place(f, room);
  int status = write_entry(f, key, bytes, count);
  f->written++;
  f->held += room;
  if (!status) return;
  f->writable = 0;
  set_fault(f, "the cache folder '%s' cannot be written to: %s", f->path, strerror(status));
}
