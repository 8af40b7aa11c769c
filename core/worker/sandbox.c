/* The filter: a list of the system calls that calculating, loading and answering need. Any other one is not carried out
 * but ends the process, after a handler has noted which it was. While the plugin is being loaded that handler gives the
 * dynamic linker the few files that were opened for it, so that even then no file can be opened. */
#include "catalog/probe.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1 /* which reserves terabytes of memory, and tells of crashes itself */
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static wire_note *note;
static volatile sig_atomic_t loading = 1;
static int told_end = -1;
static FILE *usage; /* of memory; opened while files can be */
static int (*holds_input)(const void *address);

/* ---- registers --------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
static uintptr_t argument_of(const ucontext_t *context, int index)
{
  static const int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  return (uintptr_t)context->uc_mcontext.gregs[registers[index]];
}
static void give_back(ucontext_t *context, long value)
{
  context->uc_mcontext.gregs[REG_RAX] = value;
}
#elif defined(__aarch64__)
static uintptr_t argument_of(const ucontext_t *context, int index)
{
  return (uintptr_t)context->uc_mcontext.regs[index];
}
static void give_back(ucontext_t *context, long value)
{
  context->uc_mcontext.regs[0] = (unsigned long)value;
}
#else
#error "isolation knows the registers of x86-64 and AArch64 alone"
#endif

/* ---- what a forbidden call is ------------------------------------------------------------------------------- */

typedef struct deed {
  int number; /* of the system call */
  int text;   /* which argument is a path; -1: none */
  const char *words;
} deed;

#ifndef __NR_open
#define __NR_open    (-1)
#define __NR_stat    (-2)
#define __NR_access  (-3)
#define __NR_fork    (-4)
#define __NR_vfork   (-5)
#define __NR_unlink  (-6)
#define __NR_rename  (-7)
#define __NR_mkdir   (-8)
#define __NR_rmdir   (-9)
#define __NR_link    (-11)
#define __NR_symlink (-12)
#define __NR_chmod   (-13)
#endif
#ifndef __NR_renameat
#define __NR_renameat (-10)
#endif

static const deed deeds[] = {
    {__NR_openat, 1, "tried to open the file"},
    {__NR_open, 0, "tried to open the file"},
    {__NR_newfstatat, 1, "tried to look at the file"},
    {__NR_stat, 0, "tried to look at the file"},
    {__NR_statx, 1, "tried to look at the file"},
    {__NR_access, 0, "tried to look at the file"},
    {__NR_faccessat, 1, "tried to look at the file"},
    {__NR_unlink, 0, "tried to remove the file"},
    {__NR_unlinkat, 1, "tried to remove the file"},
    {__NR_rmdir, 0, "tried to remove the folder"},
    {__NR_rename, 0, "tried to rename the file"},
    {__NR_renameat, 1, "tried to rename the file"},
    {__NR_renameat2, 1, "tried to rename the file"},
    {__NR_link, 0, "tried to link the file"},
    {__NR_linkat, 1, "tried to link the file"},
    {__NR_symlink, 0, "tried to make a link to the file"},
    {__NR_symlinkat, 0, "tried to make a link to the file"},
    {__NR_chmod, 0, "tried to change the rights of the file"},
    {__NR_fchmodat, 1, "tried to change the rights of the file"},
    {__NR_truncate, 0, "tried to empty the file"},
    {__NR_chdir, 0, "tried to go to the folder"},
    {__NR_mkdir, 0, "tried to make the folder"},
    {__NR_mkdirat, 1, "tried to make the folder"},
    {__NR_execve, 0, "tried to run the program"},
    {__NR_execveat, 1, "tried to run the program"},
    {__NR_socket, -1, "tried to open a network socket"},
    {__NR_socketpair, -1, "tried to open a socket"},
    {__NR_connect, -1, "tried to reach the network"},
    {__NR_fork, -1, "tried to start a process"},
    {__NR_vfork, -1, "tried to start a process"},
    {__NR_clone, -1, "tried to start a process or a thread"},
    {__NR_clone3, -1, "tried to start a process or a thread"},
    {__NR_kill, -1, "tried to send a signal to a process"},
    {__NR_tkill, -1, "tried to send a signal to a process"},
    {__NR_tgkill, -1, "tried to send a signal to a process"},
    {__NR_ptrace, -1, "tried to trace a process"},
    {__NR_process_vm_readv, -1, "tried to read the memory of a process"},
    {__NR_process_vm_writev, -1, "tried to write to the memory of a process"},
    {__NR_prlimit64, -1, "tried to change its limits"},
    {__NR_rt_sigaction, -1, "tried to undo the filter's handler"},
    {__NR_mmap, -1, "tried to share memory"},
    {__NR_memfd_create, -1, "tried to make a file in memory"},
    {__NR_exit, -1, "tried to end its thread"},
};

static void say(const char *words, const char *path, long number)
{
  size_t at = 0;
  char digits[24];
  for (; *words && at + 1 < sizeof note->what; words++) note->what[at++] = *words;
  if (path) {
    const char *parts[] = {" '", path, "'"};
    for (int i = 0; i < 3; i++)
      for (const char *c = parts[i]; *c && at + 2 < sizeof note->what; c++) note->what[at++] = *c;
  }
  if (number >= 0) {
    int length = 0;
    for (long rest = number; rest || !length; rest /= 10) digits[length++] = (char)('0' + rest % 10);
    while (length && at + 1 < sizeof note->what) note->what[at++] = digits[--length];
  }
  note->what[at] = 0;
}

static _Noreturn void tell_forbidden(int number, const ucontext_t *context)
{
  note->number = number;
  note->loaded = !loading;
  const deed *found = NULL;
  for (size_t i = 0; i < sizeof deeds / sizeof *deeds && !found; i++)
    if (deeds[i].number == number) found = &deeds[i];
  const char *path = found && found->text >= 0 ? (const char *)argument_of(context, found->text) : NULL;
  note->kind = NOTE_FORBIDDEN;
  if (found) say(found->words, path && (uintptr_t)path > 4096 ? path : NULL, -1);
  else say("tried the forbidden system call number ", NULL, number);
  if (told_end >= 0) {
    syscall(SYS_write, told_end, PROBE_ENDED, sizeof PROBE_ENDED - 1);
    syscall(SYS_write, told_end, note->what, strlen(note->what));
  }
  for (;;) syscall(SYS_exit_group, 3);
}

/* ---- handlers ---------------------------------------------------------------------------------------------- */

/* Files that the C library looks at by itself, and can do without: they are just not there. */
static int is_of_the_library(int number, const ucontext_t *context)
{
  static const char *const paths[] = {"/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu/online",
                                      "/sys/devices/system/cpu/possible", "/proc/stat", "/proc/cpuinfo"};
  if (number != __NR_openat && number != __NR_open) return 0;
  const char *path = (const char *)argument_of(context, number == __NR_openat);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (!strcmp(paths[i], path)) return 1;
  return 0;
}

/* What the dynamic linker asks while it loads: 1, with what it is given. */
static int serve_linker(int number, const ucontext_t *context, long *answer)
{
  if (number != __NR_openat && number != __NR_newfstatat && number != __NR_open && number != __NR_stat &&
      number != __NR_access && number != __NR_faccessat && number != __NR_readlinkat)
    return 0;
  int of_folder = number == __NR_openat || number == __NR_newfstatat;
  const char *path = (const char *)argument_of(context, of_folder);
  *answer = -EACCES;
  if (number != __NR_openat && number != __NR_open) return 1;
  int file = needed_file(path);
  *answer = -ENOENT;
  if (file < 0) return 1;
  lseek(file, 0, SEEK_SET);
  *answer = dup(file);
  return 1;
}

static int answer_file(int number, const ucontext_t *context, long *answer)
{
  uintptr_t arguments[6];
  for (int i = 0; i < 6; i++) arguments[i] = argument_of(context, i);
  return files_answer(number, arguments, answer);
}

static void on_forbidden(int signal_number, siginfo_t *about, void *given)
{
  ucontext_t *context = given;
  int number = about->si_syscall, before = errno;
  long answer;
  (void)signal_number;
  const char *path = number == __NR_newfstatat ? (const char *)argument_of(context, 1) : "";
  /* fstat of an open file, as the C library calls it. */
  if (number == __NR_newfstatat && path && !*path && argument_of(context, 3) & AT_EMPTY_PATH)
    answer = syscall(SYS_fstat, (int)argument_of(context, 0), (struct stat *)argument_of(context, 2)) ? -errno : 0;
  else if (is_of_the_library(number, context)) answer = -ENOENT;
  else if (!(loading && serve_linker(number, context, &answer)) && !answer_file(number, context, &answer))
    tell_forbidden(number, context);
  give_back(context, answer);
  errno = before;
}

static void on_crash(int number, siginfo_t *about, void *context)
{
  uintptr_t address = (uintptr_t)about->si_addr;
  (void)context;
  if (note->kind == NOTE_NOTHING) {
    note->number = number;
    note->loaded = !loading;
    note->where = about->si_code <= 0                                         ? WHERE_UNKNOWN
                  : holds_input && holds_input(about->si_addr)                ? WHERE_INPUTS
                  : address < 4096 && (number == SIGSEGV || number == SIGBUS) ? WHERE_NULL
                                                                              : WHERE_UNKNOWN;
    note->kind = NOTE_CRASH;
  }
  signal(number, SIG_DFL);
  sigset_t one; /* which is blocked while its handler runs */
  sigemptyset(&one);
  sigaddset(&one, number);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  raise(number);
}

void sandbox_inputs(int (*holds)(const void *address))
{
  holds_input = holds;
}

void sandbox_spare_stack(void)
{
  enum { SPARE = 1 << 16 };
  stack_t spare = {.ss_sp = malloc(SPARE), .ss_size = SPARE};
  if (spare.ss_sp && !SANITIZED) sigaltstack(&spare, NULL);
}

void sandbox_watch(wire_note *to)
{
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
  note = to;
  usage = fopen("/proc/self/statm", "r");
  struct sigaction forbidden = {.sa_sigaction = on_forbidden, .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_NODEFER)};
  struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK)};
  sigaction(SIGSYS, &forbidden, NULL);
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes && !SANITIZED; i++) sigaction(crashes[i], &crash, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static void blame(const char *words)
{
  if (note->kind != NOTE_NOTHING) return;
  say(words, NULL, -1);
  note->kind = NOTE_FORBIDDEN;
}

void sandbox_cut_off(void)
{
  blame("closed what connects it with its host");
}

void sandbox_lost_thread(void)
{
  blame("ended a thread that is not its own");
}

void sandbox_tell_end(int pipe)
{
  told_end = pipe;
}

void sandbox_loaded(void)
{
  loading = 0;
  note->loaded = 1;
}

/* ---- limits ------------------------------------------------------------------------------------------------ */

/* Private memory that is there before the plugin is: stacks, what the loader keeps. */
static int64_t memory_in_use(void)
{
  unsigned long total = 0, resident, shared, code, library, data = 0;
  if (usage && fscanf(usage, "%lu %lu %lu %lu %lu %lu", &total, &resident, &shared, &code, &library, &data) != 6)
    data = 0;
  if (usage) fclose(usage);
  return (int64_t)data * sysconf(_SC_PAGESIZE);
}

static void limit(__rlimit_resource_t what, rlim_t value)
{
  setrlimit(what, &(struct rlimit){value, value});
}

void sandbox_limit(int64_t memory)
{
  enum { FILES = 256, GRANTED_FILES = 1024 };
  limit(RLIMIT_CORE, 0);
  if (files_granted()) {
    limit(RLIMIT_NOFILE, GRANTED_FILES);
  } else {
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, FILES);
    limit(RLIMIT_NPROC, 0);
  }
  if (!SANITIZED) limit(RLIMIT_DATA, (rlim_t)(memory + memory_in_use()));
}

/* ---- the filter -------------------------------------------------------------------------------------------- */

static int allow_all(scmp_filter_ctx filter)
{
  static const int allowed[] = {SCMP_SYS(read),
                                SCMP_SYS(write),
                                SCMP_SYS(readv),
                                SCMP_SYS(writev),
                                SCMP_SYS(pread64),
                                SCMP_SYS(lseek),
                                SCMP_SYS(recvmsg),
                                SCMP_SYS(sendmsg),
                                SCMP_SYS(recvfrom),
                                SCMP_SYS(sendto),
                                SCMP_SYS(close),
                                SCMP_SYS(dup),
                                SCMP_SYS(fstat),
                                SCMP_SYS(munmap),
                                SCMP_SYS(mprotect),
                                SCMP_SYS(mremap),
                                SCMP_SYS(madvise),
                                SCMP_SYS(brk),
                                SCMP_SYS(futex),
                                SCMP_SYS(rt_sigreturn),
                                SCMP_SYS(rt_sigprocmask),
                                SCMP_SYS(sigaltstack),
                                SCMP_SYS(exit_group),
                                SCMP_SYS(getpid),
                                SCMP_SYS(getppid),
                                SCMP_SYS(gettid),
                                SCMP_SYS(getuid),
                                SCMP_SYS(geteuid),
                                SCMP_SYS(getgid),
                                SCMP_SYS(getegid),
                                SCMP_SYS(clock_gettime),
                                SCMP_SYS(clock_getres),
                                SCMP_SYS(gettimeofday),
                                SCMP_SYS(time),
                                SCMP_SYS(nanosleep),
                                SCMP_SYS(clock_nanosleep),
                                SCMP_SYS(sched_yield),
                                SCMP_SYS(sched_getaffinity),
                                SCMP_SYS(getcpu),
                                SCMP_SYS(sysinfo),
                                SCMP_SYS(uname),
                                SCMP_SYS(getrandom),
                                SCMP_SYS(restart_syscall),
                                SCMP_SYS(membarrier),
                                SCMP_SYS(getrusage),
                                SCMP_SYS(rseq),
                                SCMP_SYS(set_robust_list)};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
    int status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (status) return status;
  }
  return 0;
}

/* Calls that are good or not by what is asked. */
static int allow_some(scmp_filter_ctx filter)
{
  const scmp_datum_t anonymous = MAP_SHARED | MAP_ANONYMOUS;
  const struct scmp_arg_cmp own = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
  int status = 0;
  /* Memory, but none that is shared without a file: no limit counts that. */
  for (scmp_datum_t flags = 0; !status && flags < 4; flags++) {
    scmp_datum_t of = (flags & 1 ? MAP_SHARED : 0) | (flags & 2 ? MAP_ANONYMOUS : 0);
    if (of != anonymous)
      status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A3(SCMP_CMP_MASKED_EQ, anonymous, of));
  }
  if (!status) status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, own);
  if (!status) /* the limits may be looked at */
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0, 0),
                              SCMP_A2(SCMP_CMP_EQ, 0, 0));
  if (!status)
    status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, SCMP_A0(SCMP_CMP_NE, SIGSYS, 0));
  if (!status) /* whether something is a terminal: nothing is */
    status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
  return status;
}

int sandbox_close(char *why, size_t room)
{
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
  int status = filter ? 0 : -ENOMEM;
  if (!status) status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (!status) status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
  if (!status) status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  if (!status) status = allow_all(filter);
  if (!status) status = allow_some(filter);
  if (!status) status = files_allow(filter);
  if (!status) status = seccomp_load(filter);
  if (filter) seccomp_release(filter);
  if (!status) return 1;
  snprintf(why, room, "this system's kernel does not take the filter of system calls (seccomp): %s", strerror(-status));
  return 0;
}
