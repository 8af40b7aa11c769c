#include "conform/child.h"

#include "base/clock.h"
#include "conform/guard.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1 /* which reserves terabytes of addresses, and is slower */
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
  CALL_SECONDS = 2, /* of the processor, for a call on few rows */
  ROWS_A_SECOND = 20000,
  PATIENCE = 6, /* times as much by the clock on the wall, for a busy machine */
  CHILD_SECONDS = 240,
  PRINTED = 1 << 20,
  MOST_MEMORY = 1 << 30
};

static child_note *own;
static int printed_to = -1;
static pid_t self;

child_note *child_note_new(void)
{
  enum { SHARED = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE };
  /* cppcheck-suppress invalidFunctionArg; memory without a file has -1 */
  void *shared = mmap(NULL, sizeof(child_note), PROT_READ | PROT_WRITE, SHARED, -1, 0);
  /* cppcheck-suppress memleak; the caller owns it */
  return shared == MAP_FAILED ? NULL : shared;
}

void child_note_free(child_note *note)
{
  if (note) munmap(note, sizeof *note);
}

child_note *child_own_note(void)
{
  return own;
}

/* ---- how a child ends -------------------------------------------------------------------------------------- */

static _Noreturn void end(int how)
{
  own->ended = how;
  _exit(0);
}

void child_fault(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(own->why, sizeof own->why, format, arguments);
  va_end(arguments);
  end(2);
}

static const char *signal_word(int number)
{
  switch (number) {
  case SIGSEGV: return "SIGSEGV";
  case SIGBUS: return "SIGBUS";
  case SIGFPE: return "SIGFPE, such as a whole number divided by zero";
  case SIGILL: return "SIGILL";
  case SIGABRT: return "SIGABRT: abort or a failed assertion";
  case SIGXFSZ: return "SIGXFSZ: it wrote too much";
  case SIGXCPU: return "SIGXCPU: it used too much of the processor";
  case SIGKILL: return "SIGKILL: too much time or memory";
  default: return "a signal";
  }
}

/* The process ends here anyway: that snprintf is not made for handlers can do no harm beyond it. */
static void on_crash(int number, siginfo_t *about, void *context)
{
  char detail[400] = "";
  (void)context;
  int memory = number == SIGSEGV || number == SIGBUS;
  if (memory && !guard_explain(about->si_addr, detail, sizeof detail)) {
    if ((uintptr_t)about->si_addr < 4096) snprintf(detail, sizeof detail, "it followed a null pointer");
    else snprintf(detail, sizeof detail, "at address %p, which is no buffer of the host's", about->si_addr);
  }
  if (own->calling) child_fault("%s crashed (%s)%s%s", own->calling, signal_word(number), *detail ? ": " : "", detail);
  child_fault("a thread or a handler of the plugin's crashed (%s)%s%s", signal_word(number), *detail ? ": " : "",
              detail);
}

static void on_time(int number)
{
  child_fault("%s took more than %s, and was stopped", own->calling ? own->calling : "it",
              number == SIGPROF ? "the seconds of processor time that such a call has" : "its time");
}

/* Registered before the plugin runs, so called after what it registers. */
static void on_exit_call(void)
{
  if (getpid() != self) _exit(1);
  child_fault("%s called exit, which ends the host", own->calling ? own->calling : "a thread of its");
}

/* ---- its surroundings -------------------------------------------------------------------------------------- */

static size_t address_space(void)
{
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file && fscanf(file, "%lu", &pages) != 1) pages = 0;
  if (file) fclose(file);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(void)
{
  const struct rlimit no_core = {0, 0}, seconds = {CHILD_SECONDS, CHILD_SECONDS + 5}, file = {1u << 28, 1u << 28};
  struct rlimit memory = {address_space() + MOST_MEMORY, RLIM_INFINITY};
  memory.rlim_max = memory.rlim_cur;
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_CPU, &seconds);
  setrlimit(RLIMIT_FSIZE, &file);
  if (!SANITIZED) setrlimit(RLIMIT_AS, &memory);
}

static void watch_signals(void)
{
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGXFSZ, SIGXCPU};
  static char stack[1 << 16];
  sigset_t none;
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_NODEFER)};
  struct sigaction late = {.sa_handler = on_time, .sa_flags = (int)SA_ONSTACK};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigaction(crashes[i], &crash, NULL);
  sigaction(SIGPROF, &late, NULL);
  sigaction(SIGALRM, &late, NULL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void be_child(child_note *note, void (*body)(void *argument), void *argument, int output)
{
  own = note;
  self = getpid();
  printed_to = output;
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  set_limits();
  watch_signals();
  atexit(on_exit_call);
  body(argument);
  fflush(NULL);
  end(1);
}

void child_enter(const char *function, int64_t rows)
{
  time_t seconds = (CALL_SECONDS + rows / ROWS_A_SECOND) * (SANITIZED ? 20 : 1);
  own->calling = function;
  setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {.tv_sec = seconds}}, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {.tv_sec = seconds * PATIENCE}}, NULL);
}

void child_leave(void)
{
  own->calling = NULL;
  setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
}

/* ---- the checker's side ------------------------------------------------------------------------------------ */

/* Its end, or that of its patience. */
static int wait_for(pid_t child, int *status)
{
  double deadline = clock_seconds() + 2 * CHILD_SECONDS;
  long pause = 50000; /* nanoseconds */
  for (;;) {
    pid_t ended = waitpid(child, status, WNOHANG);
    if (ended == child) return 1;
    if (ended < 0 && errno != EINTR) return 0;
    if (clock_seconds() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, status, 0);
      return 0;
    }
    nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
    if (pause < 2000000) pause += pause / 4;
  }
}

/* What the child wrote to where people read, shortened; 1: something. */
static int printed(int output, char words[200])
{
  ssize_t count = pread(output, words, 190, 0);
  if (count <= 0) return 0;
  words[count] = 0;
  for (ssize_t i = 0; i < count; i++)
    if ((unsigned char)words[i] < ' ') words[i] = ' ';
  return 1;
}

static void judge(child_note *note, int in_time, int status)
{
  const char *calling = note->calling ? note->calling : "the plugin";
  if (note->ended == 1 || note->ended == 2) return;
  note->ended = 2;
  if (!in_time) snprintf(note->why, sizeof note->why, "%s did not come to an end, and was stopped", calling);
  else if (WIFSIGNALED(status))
    snprintf(note->why, sizeof note->why, "%s was ended by %s", calling, signal_word(WTERMSIG(status)));
  else snprintf(note->why, sizeof note->why, "%s ended the whole process (status %d)", calling, WEXITSTATUS(status));
}

int child_run(child_note *note, void (*body)(void *argument), void *argument)
{
  int status = 0, output = memfd_create("output", MFD_CLOEXEC);
  char words[200];
  note->ended = 0;
  note->calling = NULL;
  note->why[0] = 0;
  fflush(NULL);
  pid_t child = output < 0 ? -1 : fork();
  if (child == 0) be_child(note, body, argument, output);
  if (child < 0) {
    snprintf(note->why, sizeof note->why, "no process could be started for it: %s", strerror(errno));
    if (output >= 0) close(output);
    return 0;
  }
  judge(note, wait_for(child, &status), status);
  if (note->ended == 1 && printed(output, words)) {
    note->ended = 2;
    snprintf(note->why, sizeof note->why, "it printed \"%s\"; what there is to say goes to host->log", words);
  } else if (printed(output, words)) {
    size_t length = strlen(note->why);
    snprintf(note->why + length, sizeof note->why - length, "; before that it printed \"%s\"", words);
  }
  close(output);
  return note->ended == 1;
}
