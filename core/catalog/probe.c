/* Probing: a child process loads the file, checks what it declares and tells its verdict through a pipe. A plugin whose
 * constructor crashes, exits or hangs ends its child alone, and how it ended is the verdict. */
#include "catalog/probe.h"

#include "base/clock.h"
#include "base/program.h"
#include "catalog/catalog.h"
#include "catalog/declaration_check.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 8, PROCESSOR_SECONDS = 5 };
static const double PATIENCE = 2; /* seconds */

#ifdef __SANITIZE_THREAD__
enum { CAN_HOLD = 0 }; /* the sanitizer needs what the filter forbids */
#else
enum { CAN_HOLD = 1 };
#endif

/* What a child says once the file is loaded, before its declarations are read. */
#define LOADED "loaded\n"

/* ---- loading ----------------------------------------------------------------------------------------------- */

static const char *without_symbol(void *handle, arena *memory)
{
  char name[] = "tarazu_plugin_v0";
  for (int major = '0'; major <= '9'; major++) {
    name[sizeof name - 2] = (char)major;
    if (major != '1' && dlsym(handle, name)) return arena_format(memory, "built for ABI %c, this host speaks 1", major);
  }
  return "not a tarazu plugin (no symbol tarazu_plugin_v1)";
}

/* The dynamic linker's words without the path that stands before the message anyway. */
static const char *linker_says(const char *path, arena *memory)
{
  const char *said = dlerror();
  size_t length = strlen(path);
  if (!said) said = "the dynamic linker does not say why";
  if (!strncmp(said, path, length) && said[length] == ':') said += length + 1 + (said[length + 1] == ' ');
  return arena_format(memory, "cannot be loaded: %s", said);
}

static void *open_file(const char *path, arena *memory, const char **fault, int *passing)
{
  /* With a slash in it, or the linker would search its own folders. */
  const char *name = strchr(path, '/') ? path : arena_format(memory, "./%s", path);
  void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  *passing = !handle; /* a missing library can be installed */
  if (!handle) *fault = linker_says(name, memory);
  return handle;
}

static const tarazu_plugin *read_descriptor(void *handle, arena *memory, const char **fault)
{
  char why[FAULT_ROOM];
  const tarazu_plugin *plugin = dlsym(handle, "tarazu_plugin_v1");
  if (!plugin) *fault = without_symbol(handle, memory);
  else if (!declaration_check(plugin, why)) *fault = arena_copy(memory, why);
  return *fault ? NULL : plugin;
}

void *probe_load(const char *path, arena *memory, const tarazu_plugin **plugin, const char **fault, int *passing)
{
  *plugin = NULL;
  *fault = NULL;
  void *handle = open_file(path, memory, fault, passing);
  if (handle) *plugin = read_descriptor(handle, memory, fault);
  if (handle && !*plugin) {
    dlclose(handle);
    handle = NULL;
  }
  return handle;
}

/* ---- the child --------------------------------------------------------------------------------------------- */

/* Registered first, so that a plugin which calls exit neither flushes nor undoes what is the parent's. */
static void leave_at_once(void)
{
  _exit(1);
}

/* A session of its own keeps the terminal's Ctrl-C from looking like a crash; a parent that dies takes the child along.
 */
static void settle_child(void)
{
  const struct rlimit no_core = {0, 0}, processor = {PROCESSOR_SECONDS, PROCESSOR_SECONDS};
  sigset_t none;
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGSYS, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_CPU, &processor);
  int nothing = open("/dev/null", O_RDWR);
  for (int file = 0; nothing >= 0 && file <= 2; file++) dup2(nothing, file);
}

static void say(int pipe, const char *bytes, size_t count)
{
  while (count) {
    ssize_t written = write(pipe, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) _exit(1);
    bytes += written;
    count -= (size_t)written;
  }
}

static void copy_patterns(const tarazu_strategy *s, arena *memory, verdict_strategy *out)
{
  const char *const *accepts = s->role == TARAZU_SOURCE ? strategy_source(s)->accepts
                               : s->role == TARAZU_SINK ? strategy_sink(s)->accepts
                                                        : NULL;
  unsigned room = 0;
  for (; accepts && *accepts; accepts++) *arena_push(memory, out->accepts, out->accept_count, room) = *accepts;
}

static void describe_plugin(const tarazu_plugin *plugin, arena *memory, verdict *out)
{
  unsigned room = 0;
  out->plugin = plugin->name;
  for (const tarazu_strategy *const *s = plugin->strategies; *s; s++) {
    verdict_strategy *next = arena_push(memory, out->strategies, out->strategy_count, room);
    *next = (verdict_strategy){.role = (*s)->role, .usual = ((*s)->flags & TARAZU_USUAL) != 0, .id = (*s)->id};
    copy_patterns(*s, memory, next);
  }
}

static _Noreturn void tell(const verdict *v, int pipe)
{
  text said = {0};
  verdict_write(v, &said);
  say(pipe, said.bytes, said.length);
  _exit(0);
}

_Noreturn void probe_tell(const char *path, int pipe)
{
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGTERM, SIGPIPE};
  arena *memory = arena_new();
  verdict v = {.known = 1};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
  atexit(leave_at_once);
  void *handle = open_file(path, memory, &v.fault, &v.passing);
  if (handle) {
    say(pipe, LOADED, strlen(LOADED));
    const tarazu_plugin *plugin = read_descriptor(handle, memory, &v.fault);
    if (plugin) describe_plugin(plugin, memory, &v);
  }
  tell(&v, pipe);
}

_Noreturn void probe_tell_fault(const char *fault, int pipe)
{
  tell(&(verdict){.known = 1, .passing = 1, .fault = fault}, pipe); /* a missing library can be installed */
}

/* Never without the worker where there is one: its filter is what holds code that nobody has looked at. */
static _Noreturn void be_child(const char *path, const char *worker, char *const *surroundings, int pipe)
{
  settle_child();
  if (!worker) probe_tell(path, pipe);
  char *words[] = {(char *)(uintptr_t)worker, PROBE_WORD, (char *)(uintptr_t)path, NULL};
  char why[200];
  if (pipe != PROBE_PIPE) dup2(pipe, PROBE_PIPE);
  fcntl(PROBE_PIPE, F_SETFD, 0);
  close_range(PROBE_PIPE + 1, ~0u, 0);
  execve(worker, words, surroundings);
  snprintf(why, sizeof why, "cannot be looked at: its worker %.100s cannot be started: %s", worker, strerror(errno));
  probe_tell_fault(why, PROBE_PIPE);
}

/* ---- the parent -------------------------------------------------------------------------------------------- */

typedef struct child {
  uint32_t index; /* of its file */
  pid_t pid;
  int pipe; /* -1: closed */
  double deadline;
  text said;
} child;

/* 0, or errno. worker: NULL: the child itself loads the file. */
static int start(child *c, const char *path, const char *worker, char *const *surroundings)
{
  int ends[2];
  c->said = (text){0};
  c->deadline = clock_seconds() + PATIENCE;
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  c->pid = fork();
  int status = c->pid < 0 ? errno : 0;
  if (c->pid == 0) {
    close(ends[0]);
    fcntl(ends[1], F_SETFL, 0); /* the parent alone never waits */
    be_child(path, worker, surroundings, ends[1]);
  }
  close(ends[1]);
  if (status) close(ends[0]);
  else c->pipe = ends[0];
  return status;
}

static int has_verdict(const child *c)
{
  const size_t length = strlen(VERDICT_END);
  return c->said.length > length && !memcmp(c->said.bytes + c->said.length - length, VERDICT_END, length);
}

static int was_loaded(const child *c)
{
  return !strncmp(text_string(&c->said), LOADED, strlen(LOADED));
}

/* What there is to hear, without waiting for more. */
static void hear(child *c)
{
  char bytes[4096];
  ssize_t count;
  while ((count = read(c->pipe, bytes, sizeof bytes)) > 0) text_add_n(&c->said, bytes, (size_t)count);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  close(c->pipe);
  c->pipe = -1;
}

/* A crash belongs to the file; a signal from outside (the system short of memory, an operator) does not. */
static int is_crash(int number)
{
  return number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE || number == SIGABRT ||
         number == SIGTRAP || number == SIGSYS || number == SIGXCPU;
}

static void judge_end(const child *c, int status, arena *memory, verdict *out)
{
  const char *stage = was_loaded(c) ? "while its declarations were read" : "while loading";
  const char *said = text_string(&c->said) + (was_loaded(c) ? strlen(LOADED) : 0);
  *out = (verdict){.known = 1};
  if (!strncmp(said, PROBE_ENDED, strlen(PROBE_ENDED))) {
    out->fault = arena_format(memory, "%.300s %s, which no plugin may", said + strlen(PROBE_ENDED), stage);
  } else if (WIFSIGNALED(status)) {
    out->passing = !is_crash(WTERMSIG(status));
    out->fault =
        arena_format(memory, "%s %s (signal %d)", out->passing ? "was stopped" : "crashed", stage, WTERMSIG(status));
  } else {
    out->fault = arena_format(memory, "exited %s", stage);
  }
}

/* Ends a child that has told its verdict, has ended, or is late; 0: it still runs. */
static int finish(child *c, arena *memory, verdict *out)
{
  int status = 0, told = has_verdict(c), late = !told && clock_seconds() >= c->deadline;
  if (told || late) kill(c->pid, SIGKILL);
  pid_t ended = waitpid(c->pid, &status, told || late ? 0 : WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return 0;
  if (!told && !late && c->pipe >= 0) hear(c); /* what it said before it ended */
  const char *at = text_string(&c->said) + (was_loaded(c) ? strlen(LOADED) : 0);
  if (!has_verdict(c) || !verdict_read(&at, memory, out)) {
    judge_end(c, status, memory, out);
    if (late) out->passing = 0, out->fault = arena_format(memory, "took longer than %g s to load", PATIENCE);
  }
  if (c->pipe >= 0) close(c->pipe);
  text_free(&c->said);
  return 1;
}

/* Waits until a child speaks, falls silent or is late. A closed pipe wakes nobody any more, so the wait is then short.
 */
static void listen_to(child *children, uint32_t count)
{
  struct pollfd waiting[CHILDREN];
  double least = PATIENCE;
  for (uint32_t i = 0; i < count; i++) {
    double left = children[i].pipe < 0 ? 0.001 : children[i].deadline - clock_seconds();
    waiting[i] = (struct pollfd){.fd = children[i].pipe, .events = POLLIN};
    if (left < least) least = left > 0 ? left : 0;
  }
  if (poll(waiting, count, (int)(least * 1000) + 1) <= 0) return;
  for (uint32_t i = 0; i < count; i++)
    if (waiting[i].fd >= 0 && waiting[i].revents) hear(&children[i]);
}

static verdict unprobed(int status, arena *memory)
{
  return (verdict){.known = 1, .passing = 1, .fault = arena_format(memory, "cannot be probed: %s", strerror(status))};
}

void probe_files(const found_file *files, verdict *verdicts, uint32_t count, arena *memory)
{
  child children[CHILDREN];
  uint32_t running = 0, next = 0;
  /* What the user preloads, such as the sanitizer that a plugin was built with, cannot live behind the filter either.
   */
  const char *preloaded = getenv("LD_PRELOAD");
  const char *worker = CAN_HOLD && !(preloaded && *preloaded) ? program_worker(memory) : NULL;
  char *const *surroundings = program_surroundings(memory);
  while (running || next < count) {
    for (; next < count && running < CHILDREN; next++) {
      if (verdicts[next].known || files[next].fault) continue;
      children[running] = (child){.index = next, .pipe = -1};
      int status = start(&children[running], files[next].target, worker, surroundings);
      if (!status) running++;
      else verdicts[next] = unprobed(status, memory);
    }
    if (running) listen_to(children, running);
    for (uint32_t i = 0; i < running;) {
      if (finish(&children[i], memory, &verdicts[children[i].index])) children[i] = children[--running];
      else i++;
    }
  }
}
