/* tarazu-worker: started by libtarazu for a strategy that a profile isolates, or for the first look at a plugin's file;
 * talks to it over file 3. It prepares what loading needs, gives up everything else, and only then loads the plugin. */
#include "catalog/catalog.h"
#include "catalog/probe.h"
#include "worker/worker.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONTROL = 3 };
#define PROBE_MEMORY (INT64_C(2) << 30) /* bytes */

static _Noreturn void refuse(int unable, const char *message)
{
  wire_ready ready = {.unable = unable};
  snprintf(ready.message, sizeof ready.message, "%s", message);
  socket_send(CONTROL, &ready, sizeof ready, NULL, 0);
  _exit(1);
}

/* The message that began it, with path, id and grants behind it. */
typedef struct order {
  wire_start start;
  char words[5 * 4096];
} order;

static const tarazu_strategy *find(const tarazu_plugin *plugin, uint32_t role, const char *id)
{
  for (const tarazu_strategy *const *s = plugin->strategies; *s; s++)
    if ((*s)->role == role && !strcmp((*s)->id, id)) return *s;
  return NULL;
}

static const tarazu_strategy *load(const char *path, uint32_t role, const char *id, uint32_t *abi_minor)
{
  char why[600];
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(why, sizeof why, "cannot be loaded: %.500s", dlerror());
    refuse(0, why);
  }
  const tarazu_plugin *plugin = dlsym(handle, "tarazu_plugin_v1");
  if (!plugin) refuse(0, "not a tarazu plugin (no symbol tarazu_plugin_v1)");
  if (!declaration_check(plugin, why)) refuse(0, why);
  *abi_minor = plugin->abi_minor;
  const tarazu_strategy *strategy = find(plugin, role, id);
  if (!strategy) refuse(0, "is another file than the one that was probed");
  return strategy;
}

/* Where memory runs short, the system ends this process before others. */
static void offer_itself(void)
{
  FILE *file = fopen("/proc/self/oom_score_adj", "w");
  if (!file) return;
  fputs("1000", file);
  fclose(file);
}

/* Nothing is said any more, until the host lets go. Where plugins may start threads, and so end them, those that the
 * host waits for are looked after meanwhile. */
static _Noreturn void wait_for_end(void)
{
  char rest[8];
  for (;;) {
    ssize_t length = socket_receive(CONTROL, rest, sizeof rest, NULL, NULL);
    if (length > 0) continue;
    if (length == 0) _exit(0);
    if (errno != EAGAIN && errno != EWOULDBLOCK) break;
    if (!serve_has_lost()) continue;
    sandbox_lost_thread();
    _exit(1);
  }
  sandbox_cut_off();
  _exit(0);
}

static int work(void)
{
  static order given;
  int files[WIRE_CHANNELS + 1], count = WIRE_CHANNELS + 1;
  char why[600];
  ssize_t length = socket_receive(CONTROL, &given, sizeof given - 1, files, &count);
  const wire_start *start = &given.start;
  if (length < (ssize_t)sizeof *start || count < 2 || start->channels + 1 != (uint32_t)count) {
    fprintf(stderr, "tarazu-worker: started by libtarazu alone\n");
    return 2;
  }
  if (length == sizeof given - 1) refuse(1, "the paths of its files are too long");
  const char *path = given.words, *id = path + strlen(path) + 1;
  wire_note *note = mmap(NULL, sizeof *note, PROT_READ | PROT_WRITE, MAP_SHARED, files[0], 0);
  if (note == MAP_FAILED) refuse(1, strerror(errno));
  close(files[0]);
  sandbox_watch(note);
  sandbox_spare_stack();
  offer_itself();
  if (!needed_prepare(path, why, sizeof why)) refuse(0, why);
  if ((start->role == TARAZU_SOURCE || start->role == TARAZU_SINK) &&
      !files_restrict(path, id + strlen(id) + 1, start->grants, why, sizeof why))
    refuse(1, why);
  if (!serve_begin(files + 1, start->channels, start->threads)) refuse(1, "its threads cannot be started");
  const struct timeval now_and_then = {.tv_usec = 200000};
  if (files_granted()) setsockopt(CONTROL, SOL_SOCKET, SO_RCVTIMEO, &now_and_then, sizeof now_and_then);
  sandbox_limit(start->memory);
  if (!sandbox_close(why, sizeof why)) refuse(1, why);
  wire_ready ready = {.good = 1};
  serve_strategy(load(path, start->role, id, &ready.abi_minor));
  sandbox_loaded();
  socket_send(CONTROL, &ready, sizeof ready, NULL, 0);
  wait_for_end();
}

/* The first look at a file: nothing is asked of it but what it declares. Where the kernel has no filters or no rules of
 * files, what it has of them holds. */
static _Noreturn void probe(const char *path)
{
  static wire_note end;
  char why[600];
  sandbox_watch(&end);
  sandbox_spare_stack();
  sandbox_tell_end(PROBE_PIPE);
  if (!needed_prepare(path, why, sizeof why)) probe_tell_fault(why, PROBE_PIPE);
  files_restrict(path, "", 0, why, sizeof why);
  sandbox_limit(PROBE_MEMORY);
  sandbox_close(why, sizeof why);
  probe_tell(path, PROBE_PIPE);
}

int main(int count_of_words, char **words)
{
  if (count_of_words == 3 && !strcmp(words[1], PROBE_WORD)) probe(words[2]);
  return work();
}
