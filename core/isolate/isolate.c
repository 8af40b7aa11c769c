/* Workers: found, started with nothing but their sockets, and told how they ended. */
#include "isolate/isolate.h"

#include "base/clock.h"
#include "base/program.h"
#include "catalog/catalog.h"
#include "isolate/inner.h"
#include "isolate/packet.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONTROL = 3 };
static const double LOADING = 20; /* seconds, on a busy machine too */

#ifdef __SANITIZE_THREAD__
#define UNABLE "a build with the thread sanitizer, which needs what isolation forbids, cannot isolate"
#else
#define UNABLE NULL
#endif

isolation *isolation_new(uint32_t threads)
{
  arena *memory = arena_new();
  isolation *all = arena_alloc(memory, sizeof *all);
  all->arena = memory;
  all->threads = threads;
  pthread_mutex_init(&all->lock, NULL);
  return all;
}

/* ---- how it ended ------------------------------------------------------------------------------------------ */

static const char *signal_words(int number)
{
  switch (number) {
  case SIGSEGV: return "SIGSEGV";
  case SIGBUS: return "SIGBUS";
  case SIGFPE: return "SIGFPE";
  case SIGILL: return "SIGILL";
  case SIGABRT: return "SIGABRT";
  case SIGTRAP: return "SIGTRAP";
  default: return "a signal";
  }
}

/* Letters of somebody else's for a terminal. */
static void clean(char *words)
{
  for (; *words; words++)
    if ((unsigned char)*words < ' ' || *words == 127) *words = ' ';
}

/* Waits a little for the process to be gone, then ends it; 1: it had ended by itself. */
static int reap(isolated *w, int *status, struct rusage *used)
{
  double deadline = clock_seconds() + 0.5;
  for (;;) {
    pid_t ended = wait4(w->pid, status, WNOHANG, used);
    if (ended == w->pid) return 1;
    if ((ended < 0 && errno != EINTR) || clock_seconds() > deadline) break;
    usleep(1000);
  }
  kill(w->pid, SIGKILL);
  while (wait4(w->pid, status, 0, used) < 0 && errno == EINTR) {
  }
  return 0;
}

static void tell_end(isolated *w, int by_itself, int status, const struct rusage *used)
{
  wire_note note = *w->note;
  note.what[sizeof note.what - 1] = 0;
  clean(note.what);
  const char *loading = note.loaded ? "" : " while it was loaded";
  int64_t most = (int64_t)used->ru_maxrss * 1024;
  char memory[120] = "";
  if (most > w->limits.memory / 2)
    snprintf(memory, sizeof memory, "; it had used %lld MB of memory, and may use %lld MB", (long long)most >> 20,
             (long long)w->limits.memory >> 20);
  if (note.kind == NOTE_FORBIDDEN && *note.what)
    snprintf(w->fault, sizeof w->fault, "%s%s, which isolation forbids", note.what, loading);
  else if (!by_itself) snprintf(w->fault, sizeof w->fault, "closed what connects it with its host%s", loading);
  else if (WIFEXITED(status))
    snprintf(w->fault, sizeof w->fault, "ended its process%s (exit status %d)", loading, WEXITSTATUS(status));
  else if (WTERMSIG(status) == SIGSYS)
    snprintf(w->fault, sizeof w->fault, "made a system call%s that isolation forbids", loading);
  else if (WTERMSIG(status) == SIGKILL)
    snprintf(w->fault, sizeof w->fault, "was killed%s, by itself or for want of memory%s", loading, memory);
  else
    snprintf(w->fault, sizeof w->fault, "crashed%s (%s)%s%s", loading, signal_words(WTERMSIG(status)),
             note.kind != NOTE_CRASH      ? ""
             : note.where == WHERE_INPUTS ? ": it wrote to memory of the host's that it may only read"
             : note.where == WHERE_NULL   ? ": it followed a null pointer"
                                          : "",
             memory);
}

void isolated_end(isolated *w, const char *because)
{
  struct rusage used = {0};
  int status = 0;
  pthread_mutex_lock(&w->lock);
  if (!atomic_load(&w->ended)) {
    if (because) kill(w->pid, SIGKILL);
    int by_itself = reap(w, &status, &used);
    if (because) snprintf(w->fault, sizeof w->fault, "%s", because);
    else tell_end(w, by_itself, status, &used);
    atomic_store(&w->ended, 1);
    pthread_cond_broadcast(&w->freed);
  }
  pthread_mutex_unlock(&w->lock);
}

uint32_t isolated_abi_minor(const isolated *w)
{
  return w->abi_minor;
}

const char *isolated_fault(const isolated *w)
{
  return atomic_load(&w->ended) ? w->fault : NULL;
}

/* ---- its program ------------------------------------------------------------------------------------------- */

/* 0, or errno. */
static int spawn(isolated *w, const char *program, int control)
{
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  sigset_t none, all;
  char *words[] = {(char *)(uintptr_t)program, NULL};
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&how);
  posix_spawnattr_setflags(&how, (short)(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &all);
  posix_spawn_file_actions_adddup2(&files, control, CONTROL);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", 0, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", 1, 0);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", 1, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, CONTROL + 1);
  int number = posix_spawn(&w->pid, program, &files, &how, words, program_surroundings(w->home->arena));
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  return number;
}

/* ---- starting ---------------------------------------------------------------------------------------------- */

static void wait_at_most(int socket, double seconds)
{
  struct timeval slice = {(time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &slice, sizeof slice);
}

static int pair(int ends[2])
{
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : errno;
}

/* The channels' other ends are in files, behind the note. 0, or errno. */
static int open_channels(isolated *w, int *files)
{
  enum { SLICE_MS = 100 };
  int number = area_new(&w->note_area, sizeof(wire_note), 0), ends[2];
  if (number) return number;
  w->note = (const wire_note *)(const void *)w->note_area.bytes;
  files[0] = w->note_area.file;
  for (; w->channel_count < w->home->threads && w->channel_count < WIRE_CHANNELS; w->channel_count++) {
    if ((number = pair(ends)) != 0) return number;
    channel *c = &w->channels[w->channel_count];
    *c = (channel){.socket = ends[0], .in.file = -1, .out.file = -1, .next = w->free};
    w->free = c;
    wait_at_most(ends[0], SLICE_MS / 1000.0);
    files[1 + w->channel_count] = ends[1];
  }
  return 0;
}

static void add_grant(text *order, char kind, const char *path, uint32_t *count)
{
  if (!path) return;
  packet_add_bytes(order, &kind, 1);
  packet_add_bytes(order, path, strlen(path) + 1);
  *count += 1;
}

static int send_order(isolated *w, uint32_t role, const char *id, const isolate_access *access, const int *files)
{
  text order = {0}, grants = {0};
  const char *file = w->file;
  char *whole = realpath(file, NULL); /* as the dynamic linker's places beside it are */
  wire_start start = {.channels = w->channel_count,
                      .threads = w->home->threads,
                      .role = role,
                      .abi_minor = TARAZU_ABI_MINOR,
                      .memory = w->limits.memory};
  if (access) {
    add_grant(&grants, GRANT_READ, access->read, &start.grants);
    add_grant(&grants, GRANT_WRITE, access->write, &start.grants);
  }
  packet_add_bytes(&order, &start, sizeof start);
  packet_add_bytes(&order, whole ? whole : file, strlen(whole ? whole : file) + 1);
  packet_add_bytes(&order, id, strlen(id) + 1);
  packet_add_bytes(&order, grants.bytes, grants.length);
  free(whole);
  text_free(&grants);
  ssize_t sent = socket_send(w->control, order.bytes, order.length, files, 1 + (int)w->channel_count);
  text_free(&order);
  return sent > 0;
}

/* Waits until the plugin is loaded. 1, or 0 with a reason. */
static int hear_ready(isolated *w, char why[ISOLATE_WHY], int *unable)
{
  wire_ready ready = {0};
  wait_at_most(w->control, LOADING);
  ssize_t count = socket_receive(w->control, &ready, sizeof ready, NULL, NULL);
  w->abi_minor = ready.abi_minor;
  if (count == sizeof ready && ready.good) return 1;
  if (count == sizeof ready) {
    ready.message[sizeof ready.message - 1] = 0;
    clean(ready.message);
    isolated_end(w, ready.message);
    *unable = ready.unable;
  } else {
    isolated_end(w, count < 0 ? "took too long to load" : NULL);
  }
  snprintf(why, ISOLATE_WHY, "%s", w->fault);
  return 0;
}

/* What it declares, checked as of a plugin that is loaded here. */
static int hear_declarations(isolated *w, uint32_t role, const char *id, char why[ISOLATE_WHY])
{
  wire_call call = {.op = OP_DESCRIBE};
  tarazu_error error = {.size = sizeof error};
  int64_t size = 0;
  channel *c = channel_take(w);
  tarazu_status status = channel_call(w, c, &call, NULL, &size, &error);
  char *bytes = status == TARAZU_OK && size <= WIRE_DESCRIPTION ? channel_fetch(w, c, size) : NULL;
  channel_give(w, c);
  packet from = {bytes, bytes ? bytes + size : bytes, w->home->arena, 0};
  packet_files about = {0};
  int good = bytes && packet_strategy(&from, &w->proxy.as, &w->has, &about);
  free(bytes);
  snprintf(why, ISOLATE_WHY, "%s", w->fault[0] ? w->fault : "its declarations cannot be read");
  if (!good) return 0;
  remote_fill(w);
  w->source.accepts = w->sink.accepts = about.accepts;
  w->sink.tables = about.tables;
  char fault[512];
  const tarazu_strategy *const strategies[] = {&w->proxy.as, NULL};
  const tarazu_plugin plugin = {
      .size = sizeof plugin, .abi_minor = w->abi_minor, .name = "isolated", .strategies = strategies};
  if (!declaration_check(&plugin, fault)) {
    snprintf(why, ISOLATE_WHY, "%s", fault);
    return 0;
  }
  if (w->proxy.as.role == role && !strcmp(w->proxy.as.id, id)) return 1;
  snprintf(why, ISOLATE_WHY, "is another file than the one that was probed");
  return 0;
}

/* 1, or 0 with a reason. The files of files go to the worker; what stays of them here is closed by the caller. */
static int start(isolated *w, uint32_t role, const char *id, const isolate_access *access, char why[ISOLATE_WHY],
                 int *unable)
{
  int ends[2], files[WIRE_CHANNELS + 1];
  const char *program = program_worker(w->home->arena);
  *unable = 1;
  snprintf(why, ISOLATE_WHY, "its program tarazu-worker is not found beside tarazu; is the installation whole?");
  if (!program) return 0;
  int number = open_channels(w, files);
  if (!number) number = pair(ends);
  if (!number) {
    number = spawn(w, program, ends[1]);
    close(ends[1]);
    if (number) close(ends[0]);
    else w->control = ends[0];
  }
  snprintf(why, ISOLATE_WHY, "no process can be started for it: %s", strerror(number));
  *unable = number != 0;
  int sent = !number && send_order(w, role, id, access, files);
  for (uint32_t i = 0; i < w->channel_count; i++) close(files[1 + i]);
  if (sent) return hear_ready(w, why, unable);
  if (number) return 0;
  isolated_end(w, NULL);
  snprintf(why, ISOLATE_WHY, "%s", w->fault);
  return 0;
}

/* Ends the process, and lets go of all that it was reached by. */
static void stop(isolated *w)
{
  if (w->control >= 0) close(w->control);
  if (w->pid > 0 && !atomic_load(&w->ended)) isolated_end(w, "is no longer needed");
  for (uint32_t i = 0; i < w->channel_count; i++) {
    close(w->channels[i].socket);
    area_free(&w->channels[i].in);
    area_free(&w->channels[i].out);
  }
  area_free(&w->note_area);
  w->control = -1;
  w->channel_count = 0;
  w->free = NULL;
}

const tarazu_strategy *isolation_start(isolation *all, const char *file, uint32_t role, const char *id,
                                       const isolate_limits *limits, isolated **out, char why[ISOLATE_WHY], int *unable)
{
  *out = NULL;
  *unable = 1;
  if (UNABLE) {
    snprintf(why, ISOLATE_WHY, "%s", UNABLE ? UNABLE : "");
    return NULL;
  }
  isolated *w = arena_alloc(all->arena, sizeof *w);
  *w = (isolated){
      .home = all, .file = arena_copy(all->arena, file), .limits = *limits, .control = -1, .note_area.file = -1};
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->freed, NULL);
  w->next = all->first;
  all->first = w;
  if (!start(w, role, id, NULL, why, unable) || !hear_declarations(w, role, id, why)) return NULL;
  *out = w;
  return &w->proxy.as;
}

int isolated_begin(isolated *w, const isolate_access *access, char why[ISOLATE_WHY])
{
  int unable;
  stop(w);
  w->pid = 0;
  w->fault[0] = 0;
  memset(w->knows, 0, sizeof w->knows);
  memset(w->taken, 0, sizeof w->taken);
  atomic_store(&w->ended, 0);
  return start(w, w->proxy.as.role, w->proxy.as.id, access, why, &unable);
}

void isolation_free(isolation *all)
{
  if (!all) return;
  for (isolated *w = all->first; w; w = w->next) {
    stop(w);
    pthread_cond_destroy(&w->freed);
    pthread_mutex_destroy(&w->lock);
  }
  for (uint32_t i = 0; i < all->dictionary_count; i++) area_free(&all->dictionaries[i].area);
  pthread_mutex_destroy(&all->lock);
  arena_free(all->arena);
}
