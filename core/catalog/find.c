/* Looks for plugin files. Whoever can write to a plugin, or to the folder it lies in, can run code as the user: such
 * files are told, not loaded. */
#include "catalog/find.h"

#include "base/file.h"
#include "catalog/trust.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct finding {
  arena *arena;
  found_file *files;
  unsigned count, room;
  const char *sound; /* the last folder that links lead to and that can be trusted */
} finding;

static int64_t nanoseconds(struct timespec time)
{
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

file_state find_state(const struct stat *about)
{
  return (file_state){about->st_dev, about->st_ino, about->st_size, nanoseconds(about->st_mtim),
                      nanoseconds(about->st_ctim)};
}

int find_is_same(const file_state *a, const file_state *b)
{
  return a->device == b->device && a->number == b->number && a->size == b->size && a->changed == b->changed &&
         a->status_changed == b->status_changed;
}

static void add(finding *f, found_file file)
{
  const file_state *state = &file.state;
  for (unsigned i = 0; state->number && i < f->count; i++)
    if (f->files[i].state.device == state->device && f->files[i].state.number == state->number) return;
  *arena_push(f->arena, f->files, f->count, f->room) = file;
}

/* NULL where a folder can be trusted. */
static const char *folder_fault(finding *f, const char *path, struct stat *about)
{
  if (stat(path, about) != 0) return arena_format(f->arena, "cannot be read: %s", strerror(errno));
  if (!S_ISDIR(about->st_mode)) return "is no folder";
  const char *fault = trust_fault(about, f->arena);
  return fault ? fault : trust_fault_above(path, f->arena);
}

/* A link's own folder was looked at on the way; here the one that the file truly lies in. */
static const char *file_fault(finding *f, const char *path, const char *target, const struct stat *about)
{
  struct stat of_folder;
  if (!S_ISREG(about->st_mode)) return "is no regular file";
  const char *fault = trust_fault(about, f->arena);
  if (fault || !strcmp(path, target)) return fault;
  const char *folder = file_folder(f->arena, target);
  if (f->sound && !strcmp(f->sound, folder)) return NULL;
  fault = folder_fault(f, folder, &of_folder);
  if (!fault) f->sound = folder;
  return fault ? arena_format(f->arena, "its folder %s: %s", folder, fault) : NULL;
}

static void add_file(finding *f, const char *path)
{
  struct stat about;
  found_file file = {.path = path, .target = path};
  char *target = realpath(path, NULL);
  if (!target || stat(target, &about) != 0) {
    file.fault = arena_format(f->arena, "cannot be read: %s", strerror(errno));
    free(target);
    add(f, file);
    return;
  }
  file.target = arena_copy(f->arena, target);
  free(target);
  file.fault = file_fault(f, path, file.target, &about);
  file.state = find_state(&about);
  add(f, file);
}

static int is_plugin(const char *name)
{
  size_t length = strlen(name);
  return length > 3 && !strcmp(name + length - 3, ".so");
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The paths in a folder but for hidden ones, in the order of their bytes, which no locale changes. 0, or errno. */
static int list(finding *f, const char *folder, const char ***paths, unsigned *count)
{
  unsigned room = 0;
  DIR *stream = opendir(folder);
  *paths = NULL;
  *count = 0;
  if (!stream) return errno;
  for (struct dirent *entry; (entry = readdir(stream));)
    if (entry->d_name[0] != '.')
      *arena_push(f->arena, *paths, *count, room) = arena_format(f->arena, "%s/%s", folder, entry->d_name);
  closedir(stream);
  if (*count) qsort(*paths, *count, sizeof **paths, compare_names);
  return 0;
}

static void search(finding *f, const char *folder, int depth)
{
  struct stat about;
  const char **paths = NULL;
  unsigned count = 0;
  const char *fault = folder_fault(f, folder, &about);
  int status = fault ? 0 : list(f, folder, &paths, &count);
  if (status) fault = arena_format(f->arena, "cannot be read: %s", strerror(status));
  if (fault) add(f, (found_file){.path = folder, .target = folder, .fault = fault});
  for (unsigned i = 0; i < count; i++) {
    if (is_plugin(paths[i])) add_file(f, paths[i]);
    else if (!depth && stat(paths[i], &about) == 0 && S_ISDIR(about.st_mode)) search(f, paths[i], depth + 1);
  }
}

found_file *find_plugins(const char *path, arena *memory, uint32_t *count)
{
  finding f = {.arena = memory};
  for (const char *at = path; *at;) {
    size_t length = strcspn(at, ":"), trimmed = length;
    while (trimmed > 1 && at[trimmed - 1] == '/') trimmed--;
    if (trimmed) search(&f, arena_copy_n(memory, at, trimmed), 0);
    at += length + (at[length] == ':');
  }
  *count = f.count;
  return f.files;
}
