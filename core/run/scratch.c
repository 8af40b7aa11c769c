/* Each folder is locked by the run that uses it. The system lets go of the lock however that run ends, so that whoever
 * gets the lock of a folder knows it to be left behind. A handler of signals could not do as much: it is not called
 * when a process is killed, and may not walk folders. */
#include "run/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char prefix[] = "tarazu-scratch-";
enum { LETTERS = 6, MOST_DEPTH = 16, ATTEMPTS = 100 };

static const char *base_folder(void)
{
  const char *base = getenv("TMPDIR");
  return base && *base == '/' && strlen(base) < 40 ? base : "/tmp";
}

static int open_folder(int in, const char *name)
{
  return openat(in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Empties a folder, which it closes. */
static void empty(int folder, int depth)
{
  DIR *list = folder >= 0 ? fdopendir(folder) : NULL;
  if (!list) {
    if (folder >= 0) close(folder);
    return;
  }
  for (struct dirent *entry; (entry = readdir(list));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (unlinkat(folder, entry->d_name, 0) == 0 || depth == MOST_DEPTH) continue;
    empty(open_folder(folder, entry->d_name), depth + 1);
    unlinkat(folder, entry->d_name, AT_REMOVEDIR);
  }
  closedir(list);
}

/* Whether a folder belongs to this user, and nobody uses it. */
static int is_left_behind(int folder)
{
  struct stat about;
  return fstat(folder, &about) == 0 && about.st_uid == geteuid() && flock(folder, LOCK_EX | LOCK_NB) == 0;
}

static void sweep(const char *base)
{
  DIR *list = opendir(base);
  for (struct dirent *entry; list && (entry = readdir(list));) {
    const char *name = entry->d_name;
    if (strncmp(name, prefix, strlen(prefix)) != 0 || strlen(name) != strlen(prefix) + LETTERS) continue;
    int folder = open_folder(dirfd(list), name);
    if (folder < 0) continue;
    if (is_left_behind(folder)) {
      empty(open_folder(folder, "."), 0);
      unlinkat(dirfd(list), name, AT_REMOVEDIR);
    }
    close(folder);
  }
  if (list) closedir(list);
}

/* Between its making and its locking another run may take it for one left behind: then there is another try. A file
 * system without locks keeps its folders, also those left behind. */
static int lock(scratch_folder *out)
{
  struct stat about;
  out->lock = open_folder(AT_FDCWD, out->path);
  if (out->lock < 0) return 0;
  int taken = flock(out->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (!taken && fstat(out->lock, &about) == 0 && about.st_nlink > 0) return 1;
  close(out->lock);
  return 0;
}

int scratch_make(scratch_folder *out)
{
  const char *base = base_folder();
  sweep(base);
  for (int i = 0; i < ATTEMPTS; i++) {
    snprintf(out->path, sizeof out->path, "%s/%sXXXXXX", base, prefix);
    if (!mkdtemp(out->path)) break;
    if (lock(out)) return 0;
    errno = EAGAIN;
  }
  int number = errno;
  *out->path = 0;
  return number;
}

void scratch_remove(scratch_folder *s)
{
  if (!*s->path) return;
  empty(open_folder(s->lock, "."), 0);
  rmdir(s->path);
  close(s->lock);
  *s->path = 0;
}

void folder_remove(const char *path)
{
  empty(open_folder(AT_FDCWD, path), 0);
  rmdir(path);
}
