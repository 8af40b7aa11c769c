/* The files of a source's or a sink's worker. Landlock, rules of the kernel's that nobody in this process can take
 * back, lets it read or write what the host granted, and read libraries; the filter lets calls about files through to
 * it. What Landlock refuses would be an error that a plugin may keep to itself: calls that open, make, rename or remove
 * come by the filter's handler, which makes them in the plugin's place, so that a refusal ends the process and is told.
 */
#include "worker/worker.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ull << 13) /* since ABI 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14) /* since ABI 3 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ull << 15) /* since ABI 5 */
#endif

enum { MOST_PATH = 4096 };
static const uint64_t first_rights = (1ull << 13) - 1; /* those of ABI 1 */
static const uint64_t of_a_file = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t writing =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER;

static int on;
static uint64_t key; /* the last argument of a call that the handler makes; it opens nothing that Landlock does not */

int files_granted(void)
{
  return on;
}

/* ---- rules ------------------------------------------------------------------------------------------------- */

typedef struct ruleset {
  int file;
  uint64_t known; /* rights that this kernel knows */
  int fault;      /* errno of the first rule that it did not take */
} ruleset;

/* What is not there needs no rule. */
static void allow(ruleset *r, const char *path, uint64_t rights)
{
  struct stat about;
  int file = open(path, O_PATH | O_CLOEXEC);
  if (file < 0) return;
  if (fstat(file, &about) == 0 && !S_ISDIR(about.st_mode)) rights &= of_a_file;
  struct landlock_path_beneath_attr rule = {.allowed_access = rights & r->known, .parent_fd = file};
  if (syscall(SYS_landlock_add_rule, r->file, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 && !r->fault) r->fault = errno;
  close(file);
}

/* A location: a file, with what databases keep beside one; or the folder that a pattern's files are beneath. */
static void allow_location(ruleset *r, const char *location)
{
  static const char *const beside[] = {"", ".wal", "-wal", "-shm", "-journal"};
  char path[MOST_PATH + 16];
  size_t plain = strcspn(location, "*?[{");
  if (!location[plain] || access(location, F_OK) == 0) {
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
      snprintf(path, sizeof path, "%s%s", location, beside[i]);
      allow(r, path, reading);
    }
    return;
  }
  while (plain && location[plain - 1] != '/') plain--;
  snprintf(path, sizeof path, "%.*s", plain ? (int)plain : 1, plain ? location : ".");
  allow(r, path, reading);
}

/* Where the system's libraries were loaded from, there are those that a plugin loads while it works. */
static int allow_folder_of(struct dl_phdr_info *about, size_t size, void *argument)
{
  char folder[MOST_PATH];
  (void)size;
  snprintf(folder, sizeof folder, "%s", about->dlpi_name ? about->dlpi_name : "");
  char *slash = strrchr(folder, '/');
  if (slash && slash > folder) {
    *slash = 0;
    allow(argument, folder, LANDLOCK_ACCESS_FS_READ_FILE);
  }
  return 0;
}

/* A plugin may bring a library that it loads while it works: in its own folder, or in one of the two above. */
static void allow_libraries(ruleset *r, const char *plugin)
{
  static const char *const above[] = {"", "/..", "/../.."};
  char folder[MOST_PATH + 16], path[MOST_PATH + 300];
  const char *slash = strrchr(plugin, '/');
  for (size_t i = 0; slash && i < sizeof above / sizeof *above; i++) {
    snprintf(folder, sizeof folder, "%.*s%s", (int)(slash - plugin), plugin, above[i]);
    DIR *list = opendir(folder);
    for (const struct dirent *entry; list && (entry = readdir(list));) {
      if (strncmp(entry->d_name, "lib", 3) != 0 || !strstr(entry->d_name, ".so")) continue;
      snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      allow(r, path, LANDLOCK_ACCESS_FS_READ_FILE);
    }
    if (list) closedir(list);
  }
}

static void allow_system(ruleset *r)
{
  static const char *const read[] = {"/etc/ld.so.cache", "/etc/localtime", "/dev/urandom"};
  for (size_t i = 0; i < sizeof read / sizeof *read; i++) allow(r, read[i], LANDLOCK_ACCESS_FS_READ_FILE);
  allow(r, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE);
  dl_iterate_phdr(allow_folder_of, r);
}

static uint64_t rights_of(long abi)
{
  return first_rights | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0) |
         (abi >= 5 ? LANDLOCK_ACCESS_FS_IOCTL_DEV : 0);
}

int files_restrict(const char *plugin, const char *grants, uint32_t count, char *why, size_t room)
{
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  ruleset r = {.known = abi > 0 ? rights_of(abi) : 0};
  const struct landlock_ruleset_attr handled = {.handled_access_fs = r.known};
  r.file = abi > 0 ? (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0) : -1;
  if (r.file < 0) {
    snprintf(why, room, "this system's kernel cannot keep its files apart (Landlock): %s", strerror(errno));
    return 0;
  }
  for (uint32_t i = 0; i < count; i++, grants += strlen(grants) + 1) {
    if (*grants == GRANT_READ) allow_location(&r, grants + 1);
    else allow(&r, grants + 1, writing);
  }
  allow_libraries(&r, plugin);
  allow_system(&r);
  if (!r.fault && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, r.file, 0) != 0))
    r.fault = errno;
  close(r.file);
  if (!r.fault && getrandom(&key, sizeof key, 0) != sizeof key) r.fault = EIO;
  on = !r.fault;
  if (!on)
    snprintf(why, room, "this system's kernel does not take the rules of its files (Landlock): %s", strerror(r.fault));
  return on;
}

/* ---- the filter -------------------------------------------------------------------------------------------- */

/* Calls about files that are open; and threads, which databases cannot do without. */
static int allow_plain(scmp_filter_ctx filter)
{
  static const int allowed[] = {SCMP_SYS(getcwd),    SCMP_SYS(getdents64), SCMP_SYS(statfs),    SCMP_SYS(fstatfs),
                                SCMP_SYS(pwrite64),  SCMP_SYS(preadv),     SCMP_SYS(pwritev),   SCMP_SYS(ftruncate),
                                SCMP_SYS(fallocate), SCMP_SYS(fsync),      SCMP_SYS(fdatasync), SCMP_SYS(flock),
                                SCMP_SYS(fadvise64), SCMP_SYS(umask),      SCMP_SYS(exit)};
  static const int controls[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,     F_GETLK,
                                 F_SETLK, F_SETLKW,        F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
  int status = 0;
  for (size_t i = 0; !status && i < sizeof allowed / sizeof *allowed; i++)
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
  for (size_t i = 0; !status && i < sizeof controls / sizeof *controls; i++)
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                              SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)controls[i], 0));
  return status;
}

static int allow_threads(scmp_filter_ctx filter)
{
  const scmp_datum_t apart =
      CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  int status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | apart, CLONE_THREAD));
  /* What it asks for lies in memory, where no filter sees it: the C library then asks by clone. */
  if (!status) status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (!status) status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
  if (!status)
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
  return status;
}

/* Calls that the handler makes. Before ABI 3 Landlock does not mind truncation: by a file that may be written alone. */
static int allow_with_key(scmp_filter_ctx filter)
{
  static const int keyed[] = {SCMP_SYS(unlink),    SCMP_SYS(unlinkat),   SCMP_SYS(rmdir),    SCMP_SYS(mkdir),
                              SCMP_SYS(mkdirat),   SCMP_SYS(rename),     SCMP_SYS(renameat), SCMP_SYS(renameat2),
                              SCMP_SYS(access),    SCMP_SYS(faccessat),  SCMP_SYS(stat),     SCMP_SYS(lstat),
                              SCMP_SYS(statx),     SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
                              SCMP_SYS(faccessat2)};
  static const scmp_datum_t emptying[][2] = {
      {O_TRUNC, 0}, {O_TRUNC | O_ACCMODE, O_TRUNC | O_WRONLY}, {O_TRUNC | O_ACCMODE, O_TRUNC | O_RDWR}};
  const struct scmp_arg_cmp own = SCMP_A5(SCMP_CMP_EQ, key, 0);
  int status = 0;
  for (size_t i = 0; !status && i < sizeof keyed / sizeof *keyed; i++)
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, keyed[i], 1, own);
  for (size_t i = 0; !status && i < sizeof emptying / sizeof *emptying; i++)
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 2, own,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, emptying[i][0], emptying[i][1]));
  return status;
}

int files_allow(void *filter)
{
  int status = on ? allow_plain(filter) : 0;
  if (!status && on) status = allow_threads(filter);
  if (!status && on) status = allow_with_key(filter);
  return status;
}

/* ---- the handler ------------------------------------------------------------------------------------------- */

#ifndef __NR_open /* of AArch64 */
#define __NR_open     (-1)
#define __NR_stat     (-2)
#define __NR_access   (-3)
#define __NR_unlink   (-6)
#define __NR_rename   (-7)
#define __NR_mkdir    (-8)
#define __NR_rmdir    (-9)
#define __NR_lstat    (-14)
#define __NR_readlink (-15)
#endif
#ifndef __NR_renameat
#define __NR_renameat (-10)
#endif

typedef enum deed { OPENS, LOOKS, CHANGES, RENAMES } deed;
typedef struct file_call {
  int number;
  deed deed;
  int folder, path; /* which arguments they are; folder -1: the working one */
} file_call;

static const file_call file_calls[] = {
    {__NR_openat, OPENS, 0, 1},      {__NR_open, OPENS, -1, 0},      {__NR_unlinkat, CHANGES, 0, 1},
    {__NR_unlink, CHANGES, -1, 0},   {__NR_rmdir, CHANGES, -1, 0},   {__NR_mkdirat, CHANGES, 0, 1},
    {__NR_mkdir, CHANGES, -1, 0},    {__NR_rename, RENAMES, -1, 0},  {__NR_renameat, RENAMES, 0, 1},
    {__NR_renameat2, RENAMES, 0, 1}, {__NR_access, LOOKS, -1, 0},    {__NR_faccessat, LOOKS, 0, 1},
    {__NR_faccessat2, LOOKS, 0, 1},  {__NR_stat, LOOKS, -1, 0},      {__NR_lstat, LOOKS, -1, 0},
    {__NR_statx, LOOKS, 0, 1},       {__NR_newfstatat, LOOKS, 0, 1}, {__NR_readlink, LOOKS, -1, 0},
    {__NR_readlinkat, LOOKS, 0, 1}};

/* Libraries like to know of the machine, and do without: none of that is there. */
static int is_of_the_machine(const char *path)
{
  return (uintptr_t)path > MOST_PATH && (!strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5));
}

static int may(int folder, const char *path, int mode)
{
  return syscall(SYS_faccessat, folder, path, mode, 0, 0, key) == 0;
}

/* Whether the folder that a path is in may be written to, as far as its owner is concerned. */
static int may_change(int folder, const char *path)
{
  char above[MOST_PATH];
  size_t length = strnlen(path, sizeof above - 1);
  while (length > 1 && path[length - 1] == '/') length--;
  while (length && path[length - 1] != '/') length--;
  memcpy(above, path, length);
  above[length] = 0;
  return may(folder, length ? above : ".", W_OK);
}

/* Whether it was Landlock that refused what the files' owners allow. */
static int was_landlock(const file_call *call, const uintptr_t arguments[6])
{
  int folder = call->folder < 0 ? AT_FDCWD : (int)arguments[call->folder];
  const char *path = (const char *)arguments[call->path];
  int flags = (int)arguments[call->path + 1], how = flags & O_ACCMODE;
  switch (call->deed) {
  case OPENS:
    if (may(folder, path, how == O_RDONLY ? R_OK : how == O_WRONLY ? W_OK : R_OK | W_OK)) return 1;
    return flags & O_CREAT && !may(folder, path, F_OK) && may_change(folder, path);
  case CHANGES: return may_change(folder, path);
  case RENAMES:
    if (may_change(folder, path)) return 1;
    return call->folder < 0 ? may_change(AT_FDCWD, (const char *)arguments[1])
                            : may_change((int)arguments[2], (const char *)arguments[3]);
  default: return 0;
  }
}

int files_answer(int number, const uintptr_t arguments[6], long *answer)
{
  const uintptr_t *a = arguments;
  const file_call *call = NULL;
  for (size_t i = 0; on && i < sizeof file_calls / sizeof *file_calls && !call; i++)
    if (file_calls[i].number == number) call = &file_calls[i];
  if (!call || a[5] == key) return 0; /* with the key: what the handler did for it is forbidden, too */
  *answer = -ENOENT;
  if (is_of_the_machine((const char *)a[call->path])) return 1;
  long result = number == __NR_open ? syscall(SYS_openat, AT_FDCWD, a[0], a[1], a[2], 0, key)
                                    : syscall(number, a[0], a[1], a[2], a[3], a[4], key);
  *answer = result < 0 ? -errno : result;
  return *answer != -EACCES || !was_landlock(call, arguments);
}
