/* Files by their contents, and the patterns that name several. */
#include "run/identity.h"

#include "base/hash.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 20, MOST_FILES = 100000, DEEPEST = 64 };
/* Some file systems count times of change in steps of two seconds. */
enum { RACY_SECONDS = 2 };

void hash_text(hashing *h, const char *words)
{
  if (words) text_addf(&h->words, "%zu:%s;", strlen(words), words);
  else text_add(&h->words, "-;");
}

void hash_integer(hashing *h, int64_t value)
{
  text_addf(&h->words, "i%lld;", (long long)value);
}

void hash_real(hashing *h, double value)
{
  text_addf(&h->words, "r%a;", value);
}

void hash_key(hashing *h, const cache_key *key)
{
  text_addf(&h->words, "k%s;", key->digits);
}

void hash_done(hashing *h, cache_key *out)
{
  hash_sha256(text_string(&h->words), h->words.length, out->digits);
  text_free(&h->words);
}

/* ---- one file ------------------------------------------------------------------------------------------------ */

/* XXH3 of each piece by two seeds: nobody forges data against herself, and SHA-256 of all would take as long as
 * reading them. */
static int hash_contents(int file, cache_key *out)
{
  char *piece = malloc(PIECE);
  hashing h = {0};
  int good = piece != NULL;
  while (good) {
    size_t length = 0;
    ssize_t got = 1;
    while (length < PIECE && got) {
      got = read(file, piece + length, PIECE - length);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) break;
      length += (size_t)got;
    }
    good = got >= 0;
    if (!good || !length) break;
    hash_integer(&h, (int64_t)length);
    hash_integer(&h, (int64_t)hash_bytes(piece, length, 1));
    hash_integer(&h, (int64_t)hash_bytes(piece, length, 2));
  }
  free(piece);
  hash_done(&h, out);
  return good;
}

static void key_of_state(const char *path, const struct stat *s, cache_key *out)
{
  hashing h = {0};
  hash_text(&h, "file");
  hash_text(&h, path);
  hash_integer(&h, (int64_t)s->st_dev);
  hash_integer(&h, (int64_t)s->st_ino);
  hash_integer(&h, s->st_size);
  hash_integer(&h, s->st_mtim.tv_sec);
  hash_integer(&h, s->st_mtim.tv_nsec);
  hash_integer(&h, s->st_ctim.tv_sec);
  hash_integer(&h, s->st_ctim.tv_nsec);
  hash_done(&h, out);
}

static int changed_lately(const struct stat *s)
{
  time_t last = s->st_mtim.tv_sec > s->st_ctim.tv_sec ? s->st_mtim.tv_sec : s->st_ctim.tv_sec;
  return last + RACY_SECONDS >= time(NULL);
}

static int file_identity(cache *c, const char *path, cache_key *out)
{
  struct stat before, after;
  cache_key state;
  size_t count;
  if (stat(path, &before) != 0 || !S_ISREG(before.st_mode)) return 0;
  int lately = changed_lately(&before);
  key_of_state(path, &before, &state);
  cache_entry *known = lately ? NULL : cache_find(c, &state);
  const void *digits = known ? cache_entry_bytes(known, &count) : NULL;
  int good = digits && count == sizeof out->digits;
  if (good) memcpy(out->digits, digits, sizeof out->digits);
  cache_release(c, known);
  if (good) return 1;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return 0;
  good = hash_contents(file, out) && fstat(file, &after) == 0;
  close(file);
  if (!good || lately) return good;
  cache_key then;
  key_of_state(path, &after, &then);
  void *kept = !strcmp(then.digits, state.digits) ? cache_bytes_new(sizeof out->digits) : NULL;
  if (kept) cache_release(c, cache_keep(c, &state, memcpy(kept, out->digits, sizeof out->digits), sizeof out->digits));
  return 1;
}

/* ---- patterns ------------------------------------------------------------------------------------------------ */

typedef struct file_list {
  arena *home;
  const char **paths;
  uint32_t count;
  unsigned room;
  int failed;
} file_list;

/* Whether a name may be meant. A source's own rules for brackets and escapes may differ from ours. */
static int may_match(const char *pattern, const char *name)
{
  return strpbrk(pattern, "[\\{") || fnmatch(pattern, name, FNM_NOESCAPE) == 0;
}

static void add_matching(file_list *all, const char *folder, const char *rest, int depth);

/* One name in a folder: a file at the pattern's end, or a folder to go on in. */
static void add_name(file_list *all, const char *folder, const char *name, const char *pattern, const char *behind,
                     int depth)
{
  struct stat about;
  int deep = !strcmp(pattern, "**");
  if (!deep && !may_match(pattern, name)) return;
  const char *path = arena_format(all->home, "%s/%s", folder, name);
  if (stat(path, &about) != 0) return;
  if (S_ISDIR(about.st_mode)) {
    if (deep)
      add_matching(all, path, arena_format(all->home, "**%s%s", behind ? "/" : "", behind ? behind : ""), depth);
    else if (behind) add_matching(all, path, behind, depth);
  } else if (S_ISREG(about.st_mode) && (!behind || deep)) {
    *arena_push(all->home, all->paths, all->count, all->room) = path;
    all->failed |= all->count > MOST_FILES;
  }
}

static void add_matching(file_list *all, const char *folder, const char *rest, int depth)
{
  const char *slash = strchr(rest, '/');
  const char *pattern = slash ? arena_copy_n(all->home, rest, (size_t)(slash - rest)) : rest;
  const char *behind = slash ? slash + 1 : NULL;
  while (behind && *behind == '/') behind++;
  if (all->failed || (all->failed = depth >= DEEPEST)) return;
  DIR *at = opendir(*folder ? folder : "/");
  if (!at) return;
  for (struct dirent *one; !all->failed && (one = readdir(at));)
    if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0)
      add_name(all, folder, one->d_name, pattern, behind, depth + 1);
  closedir(at);
}

static int by_path(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All that a pattern may mean: a file of that very name, too, and what comes into being beside it later. */
static int list_files(file_list *all, const char *location)
{
  struct stat about;
  size_t fixed = strcspn(location, "*?[");
  if (stat(location, &about) == 0) {
    if (!S_ISREG(about.st_mode)) return 0;
    *arena_push(all->home, all->paths, all->count, all->room) = location;
    return 1;
  }
  if (!location[fixed]) return 0;
  while (fixed && location[fixed - 1] != '/') fixed--;
  const char *folder = fixed > 1 ? arena_copy_n(all->home, location, fixed - 1) : fixed ? "" : ".";
  add_matching(all, folder, location + fixed, 0);
  if (all->count) qsort(all->paths, all->count, sizeof *all->paths, by_path);
  return !all->failed && all->count > 0;
}

int location_identity(cache *c, const char *location, cache_key *out)
{
  file_list all = {.home = arena_new()};
  hashing h = {0};
  cache_key one;
  int good = location && *location && list_files(&all, location);
  for (uint32_t i = 0; good && i < all.count; i++) {
    good = file_identity(c, all.paths[i], &one);
    hash_text(&h, all.paths[i]);
    hash_key(&h, &one);
  }
  hash_done(&h, out);
  arena_free(all.home);
  return good;
}
