/* Crashes, told by a signal handler: whose plugin it was, on which criterion. */
#include "cli/crash.h"

#include "base/problem.h"
#include "run/engine.h"
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WATCHED_BY_A_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED_BY_A_SANITIZER 1 /* whose report of a crash says more */
#endif
#ifndef WATCHED_BY_A_SANITIZER
#define WATCHED_BY_A_SANITIZER 0
#endif

static const struct {
  int number;
  const char *name;
} faults[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"}};
enum { FAULTS = sizeof faults / sizeof *faults };

/* A handler may call nothing that takes a lock: bytes are copied into one line by hand. */
static size_t put(char *line, size_t at, size_t room, const char *words)
{
  while (*words && at < room) line[at++] = *words++;
  return at;
}

static void tell(int number)
{
  static atomic_flag begun = ATOMIC_FLAG_INIT;
  static _Thread_local volatile sig_atomic_t telling;
  char line[1024];
  if (telling) _exit(EXIT_INTERNAL);
  telling = 1;
  while (atomic_flag_test_and_set(&begun)) pause(); /* other threads crash of the same; the first one ends them all */
  size_t at = 0;
  const char *running = engine_running(), *name = "a signal";
  for (int i = 0; i < FAULTS; i++)
    if (faults[i].number == number) name = faults[i].name;
  at = put(line, at, sizeof line - 1, "\nerror: ");
  at = put(line, at, sizeof line - 1, running ? running : "tarazu itself");
  at = put(line, at, sizeof line - 1, " crashed (");
  at = put(line, at, sizeof line - 1, name);
  at = put(line, at, sizeof line - 1, running ? ")" : "): a fault of tarazu's own");
  line[at++] = '\n';
  ssize_t told = write(STDERR_FILENO, line, at);
  (void)told; /* there is nobody else to tell */
  _exit(running ? EXIT_PLUGIN : EXIT_INTERNAL);
}

void crash_watch(void)
{
  /* A stack of its own, so that one that is full can be told of too. */
  static char stack[1 << 16];
  if (WATCHED_BY_A_SANITIZER) return;
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction action = {.sa_handler = tell, .sa_flags = (int)(SA_ONSTACK | SA_NODEFER)};
  for (int i = 0; i < FAULTS; i++) sigaction(faults[i].number, &action, NULL);
}
