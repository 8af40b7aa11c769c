/* Whole files read and replaced, and paths taken apart and put together. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Asks for one byte more than expected, so that a file that grew, or one of unknown size (/proc), is read to its end.
 */
static int read_all(int file, size_t most, size_t expected, arena *memory, char **bytes, size_t *count)
{
  size_t room = expected + 1, length = 0;
  char *buffer = arena_alloc(memory, room + 1);
  for (;;) {
    ssize_t got = read(file, buffer + length, room - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    length += (size_t)got;
    if (length > most) return EFBIG;
    if (length < room) continue;
    char *larger = arena_alloc(memory, 2 * room + 1);
    memcpy(larger, buffer, length);
    buffer = larger;
    room *= 2;
  }
  buffer[length] = 0;
  *bytes = buffer;
  *count = length;
  return 0;
}

/* O_NONBLOCK: the open of a named pipe must not wait for a writer; it means nothing to a regular file. */
int file_read(const char *path, size_t most, arena *memory, char **bytes, size_t *count)
{
  *bytes = NULL;
  *count = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return errno;
  struct stat about;
  int status = 0;
  if (fstat(file, &about) != 0) status = errno;
  else if (S_ISDIR(about.st_mode)) status = EISDIR;
  else if (!S_ISREG(about.st_mode)) status = EINVAL;
  else if ((uintmax_t)about.st_size > most) status = EFBIG;
  else status = read_all(file, most, (size_t)about.st_size, memory, bytes, count);
  close(file);
  return status;
}

/* A new file beside the target; the process and a number make its name one that nobody else writes. Created by open and
 * not by mkstemp, so that the user's umask decides who may read it. */
static int open_beside(const char *path, arena *memory, char **name)
{
  for (int attempt = 0; attempt < 1000; attempt++) {
    *name = arena_format(memory, "%s.%ld-%d.part", path, (long)getpid(), attempt);
    int file = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

int file_write_all(int file, const void *bytes, size_t count)
{
  const char *rest = bytes;
  while (count) {
    ssize_t written = write(file, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    rest += written;
    count -= (size_t)written;
  }
  return 0;
}

int file_write(const char *path, const void *bytes, size_t count)
{
  arena *names = arena_new();
  char *beside = NULL;
  int file = open_beside(path, names, &beside);
  int status = file < 0 ? errno : 0;
  if (file >= 0) {
    status = file_write_all(file, bytes, count);
    if (close(file) != 0 && !status) status = errno;
    if (!status && rename(beside, path) != 0) status = errno;
    if (status) unlink(beside);
  }
  arena_free(names);
  return status;
}

char *file_resolve(arena *memory, const char *from, const char *path)
{
  const char *slash = from ? strrchr(from, '/') : NULL;
  if (path[0] == '/' || !slash) return arena_copy(memory, path);
  return arena_format(memory, "%.*s/%s", (int)(slash - from), from, path);
}

/* Whether the first `length` bytes of a path lead to a folder that is no link. */
static int is_folder(arena *memory, const char *path, size_t length)
{
  struct stat about;
  return lstat(arena_copy_n(memory, path, length), &about) == 0 && S_ISDIR(about.st_mode);
}

char *file_shorten(arena *memory, const char *path)
{
  char *out = arena_copy(memory, path);
  size_t from = 0;
  for (char *up; (up = strstr(out + from, "/.."));) {
    char *name = up;
    while (name > out && name[-1] != '/') name--;
    size_t length = (size_t)(up - name);
    int goes_up = up[3] == '/' || !up[3];
    int is_name = length && !(length == 1 && *name == '.') && !(length == 2 && name[0] == '.' && name[1] == '.');
    if (!goes_up || !is_name || !is_folder(memory, out, (size_t)(up - out))) {
      from = (size_t)(up + 3 - out);
      continue;
    }
    char *rest = up[3] ? up + 4 : up + 3;
    memmove(name, rest, strlen(rest) + 1);
    from = 0;
  }
  return *out ? out : arena_copy(memory, ".");
}

char *file_folder(arena *memory, const char *path)
{
  const char *end = strrchr(path, '/');
  if (!end) return arena_copy(memory, ".");
  while (end > path && end[-1] == '/') end--;
  return end == path ? arena_copy(memory, "/") : arena_copy_n(memory, path, (size_t)(end - path));
}

const char *file_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int make_folder(const char *path)
{
  if (mkdir(path, 0777) == 0) return 0;
  struct stat about;
  int status = errno;
  if (status != EEXIST) return status;
  if (stat(path, &about) != 0) return errno;
  return S_ISDIR(about.st_mode) ? 0 : ENOTDIR;
}

int file_make_folders(const char *path)
{
  int status = make_folder(path);
  if (status != ENOENT || !*path) return status;
  arena *names = arena_new();
  char *name = arena_copy(names, path);
  status = 0;
  for (char *at = name + 1; *at && !status; at++) {
    if (*at != '/') continue;
    *at = 0;
    status = make_folder(name);
    *at = '/';
  }
  if (!status) status = make_folder(path);
  arena_free(names);
  return status;
}
