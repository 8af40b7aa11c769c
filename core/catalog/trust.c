/* Owners and modes: who but root and the user could change a file, or put another one in its place. */
#include "catalog/trust.h"

#include "base/file.h"
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The group that many systems make for each user, of her name and with nobody else in it: with their usual umask all
 * folders that she makes can be written to by it. */
static int is_private_group(gid_t group)
{
  struct passwd who, *user = NULL;
  struct group of, *named = NULL;
  char words[2][4096];
  if (getpwuid_r(geteuid(), &who, words[0], sizeof words[0], &user) != 0 || !user || user->pw_gid != group) return 0;
  if (getgrgid_r(group, &of, words[1], sizeof words[1], &named) != 0 || !named) return 0;
  if (strcmp(named->gr_name, user->pw_name) != 0) return 0;
  for (char **member = named->gr_mem; *member; member++)
    if (strcmp(*member, user->pw_name) != 0) return 0;
  return 1;
}

static const char *owner_fault(const struct stat *about, arena *memory)
{
  if (about->st_uid == 0 || about->st_uid == geteuid()) return NULL;
  return arena_format(memory, "belongs to user %ld, who is neither root nor you", (long)about->st_uid);
}

static const char *mode_fault(const struct stat *about, arena *memory)
{
  if (!(about->st_mode & (S_IWGRP | S_IWOTH))) return NULL;
  return arena_format(memory, "others can write to it (mode %04o)", (unsigned)about->st_mode & 07777);
}

const char *trust_fault(const struct stat *about, arena *memory)
{
  const char *fault = owner_fault(about, memory);
  return fault ? fault : mode_fault(about, memory);
}

/* In a folder with the sticky bit (/tmp) nobody moves what is another's, and what lies below was found to be nobody
 * else's. */
static int is_closed(const struct stat *about)
{
  return (about->st_mode & S_ISVTX) || (!(about->st_mode & S_IWOTH) && is_private_group(about->st_gid));
}

static const char *folder_fault(const char *folder, arena *memory)
{
  struct stat about;
  if (stat(folder, &about) != 0) return NULL; /* gone: whatever is below is told to be, too */
  const char *fault = owner_fault(&about, memory);
  if (!fault && !is_closed(&about)) fault = mode_fault(&about, memory);
  return fault ? arena_format(memory, "lies in %s: %s", folder, fault) : NULL;
}

/* Who can change a folder that the program itself lies in can change the program: then the rest is vain. It is what
 * lets a tree that another user has cloned be built and tried in. */
static int holds_program(const char *folder, const char *program)
{
  size_t length = strlen(folder);
  return !strncmp(program, folder, length) && (folder[length - 1] == '/' || program[length] == '/');
}

/* From the folder of an absolute path up to the root. */
static const char *fault_from(const char *path, const char *program, arena *memory)
{
  const char *fault = NULL;
  for (const char *at = path; !fault && strcmp(at, "/") != 0;) {
    at = file_folder(memory, at);
    if (!holds_program(at, program)) fault = folder_fault(at, memory);
  }
  return fault;
}

const char *trust_fault_above(const char *path, arena *memory)
{
  char program[PATH_MAX] = "", here[PATH_MAX], real[PATH_MAX];
  if (!realpath("/proc/self/exe", program)) *program = 0;
  if (*path != '/') path = arena_format(memory, "%s/%s", getcwd(here, sizeof here) ? here : "", path);
  /* As it is written, for who could turn a link in it elsewhere, and as it is. */
  const char *fault = fault_from(path, program, memory);
  return fault || !realpath(path, real) ? fault : fault_from(real, program, memory);
}
