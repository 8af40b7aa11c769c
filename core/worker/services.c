/* The host's services as a worker gives them: most of them here and now, so that asking costs no message. */
#include "base/arena.h"
#include "base/hash.h"
#include "base/pool.h"
#include "worker/worker.h"
#include <pthread.h>
#include <string.h>

static _Thread_local channel *current;
static pool *threads;

channel *services_channel(void)
{
  return current;
}

void services_set_channel(channel *to)
{
  current = to;
}

void services_begin(pool *of)
{
  threads = of;
}

static const worker_instance *owner(const tarazu_host *host)
{
  return (const worker_instance *)(const void *)host;
}

/* Kept for the host until the call is over; what does not fit is counted. */
static void service_log(const tarazu_host *host, int32_t level, const char *message)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  size_t length = strnlen(message, 1000);
  (void)host;
  if (!current) return;
  wire_out *out = channel_out(current);
  pthread_mutex_lock(&lock);
  if (out->log_bytes + 8 + length > sizeof out->log) {
    out->log_lost++;
  } else {
    char *to = out->log + out->log_bytes;
    uint32_t count = (uint32_t)length;
    memcpy(to, &level, sizeof level);
    memcpy(to + 4, &count, sizeof count);
    memcpy(to + 8, message, length);
    out->log_bytes += 8 + count;
  }
  pthread_mutex_unlock(&lock);
}

static int service_progress(const tarazu_host *host, double done)
{
  (void)host;
  if (!current) return 1;
  channel_out(current)->progress = done;
  return !__atomic_load_n(&channel_in(current)->stop, __ATOMIC_RELAXED);
}

static const char *key_of(const worker_instance *in, int64_t row, size_t *length)
{
  const tarazu_dictionary *d = in->people;
  if (!d || row < 0 || row >= d->count) return NULL;
  *length = (size_t)(d->offsets[row + 1] - d->offsets[row]);
  return d->bytes + d->offsets[row];
}

static double service_uniform(const tarazu_host *host, int64_t row, uint32_t draw)
{
  const worker_instance *in = owner(host);
  size_t length = 0;
  const char *key = in->people && row >= 0 ? key_of(in, row, &length) : NULL;
  return hash_uniform(in->seed, in->name, key, length, row, draw);
}

typedef struct parallel_task {
  void (*task)(void *argument, int64_t index);
  void *argument;
  channel *channel;
} parallel_task;

static void run_parallel_task(void *argument, int64_t index, int worker)
{
  const parallel_task *t = argument;
  channel *before = current;
  (void)worker;
  current = t->channel;
  t->task(t->argument, index);
  current = before;
}

static void service_parallel(const tarazu_host *host, int64_t count, void (*task)(void *argument, int64_t index),
                             void *argument)
{
  parallel_task t = {task, argument, current};
  (void)host;
  pool_run(threads, count, run_parallel_task, &t);
}

static const char *service_customer(const tarazu_host *host, int64_t row)
{
  const worker_instance *in = owner(host);
  size_t length = 0;
  const char *key = key_of(in, row, &length);
  return key ? arena_copy_n(in->arena, key, length) : NULL;
}

void services_fill(tarazu_host *host)
{
  *host = (tarazu_host){.size = sizeof *host,
                        .abi_minor = TARAZU_ABI_MINOR,
                        .log = service_log,
                        .progress = service_progress,
                        .uniform = service_uniform,
                        .parallel = service_parallel,
                        .customer = service_customer};
}
