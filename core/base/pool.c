/* The pool: threads asleep until there is a run, which then take its tasks one by one from a common counter, so that
 * uneven tasks even out. A worker that wakes too late for a run misses it, and nobody waits for it. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct worker {
  struct pool *home;
  pthread_t thread;
  int number;
} worker;

struct pool {
  pthread_mutex_t turn; /* held by the one caller whose run it is; taken before lock */
  pthread_mutex_t lock; /* guards everything below but next */
  pthread_cond_t begin, end;
  pool_task *task; /* NULL: no run */
  void *argument;
  int64_t count;
  uint64_t run;
  int busy; /* workers other than the caller inside the run */
  int stopping;
  _Atomic int64_t next;
  int threads;
  worker workers[]; /* [0] is the caller's and has no thread */
};

/* The tasks that this thread is inside of, innermost first: how a nested pool_run knows itself. */
typedef struct frame {
  const pool *pool;
  int worker;
  const struct frame *outer;
} frame;

static _Thread_local const frame *frames;

static void work(pool *self, int number, pool_task *task, void *argument, int64_t count)
{
  const frame here = {self, number, frames};
  frames = &here;
  for (;;) {
    int64_t index = atomic_fetch_add_explicit(&self->next, 1, memory_order_relaxed);
    if (index >= count) break;
    task(argument, index, number);
  }
  frames = here.outer;
}

static void work_until_stopped(const worker *me)
{
  pool *self = me->home;
  uint64_t seen = 0;
  pthread_mutex_lock(&self->lock);
  for (;;) {
    while (!self->stopping && (!self->task || self->run == seen)) pthread_cond_wait(&self->begin, &self->lock);
    if (self->stopping) break;
    seen = self->run;
    self->busy++;
    pool_task *task = self->task;
    void *argument = self->argument;
    int64_t count = self->count;
    pthread_mutex_unlock(&self->lock);
    work(self, me->number, task, argument, count);
    pthread_mutex_lock(&self->lock);
    if (--self->busy == 0) pthread_cond_signal(&self->end);
  }
  pthread_mutex_unlock(&self->lock);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWN_SPARE_STACK 0
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define OWN_SPARE_STACK 0 /* the address sanitizer brings one, and takes away what it finds at the end */
#endif
#ifndef OWN_SPARE_STACK
#define OWN_SPARE_STACK 1
#endif

/* With a spare stack, on which a handler can tell that a task ran over the end of the worker's own. */
static void *worker_main(void *given)
{
  enum { SPARE = 1 << 16 };
  stack_t spare = {.ss_sp = OWN_SPARE_STACK ? malloc(SPARE) : NULL, .ss_size = SPARE}, none = {.ss_flags = SS_DISABLE};
  if (spare.ss_sp) sigaltstack(&spare, NULL);
  work_until_stopped(given);
  if (spare.ss_sp) sigaltstack(&none, NULL);
  free(spare.ss_sp);
  return NULL;
}

static void stop(pool *self, int started)
{
  pthread_mutex_lock(&self->lock);
  self->stopping = 1;
  pthread_cond_broadcast(&self->begin);
  pthread_mutex_unlock(&self->lock);
  for (int i = 1; i < started; i++) pthread_join(self->workers[i].thread, NULL);
  pthread_cond_destroy(&self->begin);
  pthread_cond_destroy(&self->end);
  pthread_mutex_destroy(&self->lock);
  pthread_mutex_destroy(&self->turn);
  free(self);
}

/* Workers take no signals, so that an interrupt reaches the thread that knows what to do with it; but for those of
 * their own faults, which blocked would end the process without a word. */
static int start(pool *self)
{
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
  sigset_t all, before;
  sigfillset(&all);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int started = 1;
  for (; started < self->threads; started++) {
    worker *fresh = &self->workers[started];
    *fresh = (worker){.home = self, .number = started};
    if (pthread_create(&fresh->thread, NULL, worker_main, fresh) != 0) break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

pool *pool_new(int threads)
{
  if (threads < 1) threads = 1;
  pool *fresh = calloc(1, sizeof *fresh + (size_t)threads * sizeof *fresh->workers);
  if (!fresh) return NULL;
  fresh->threads = threads;
  pthread_mutex_init(&fresh->turn, NULL);
  pthread_mutex_init(&fresh->lock, NULL);
  pthread_cond_init(&fresh->begin, NULL);
  pthread_cond_init(&fresh->end, NULL);
  int started = start(fresh);
  if (started == threads) return fresh;
  stop(fresh, started);
  return NULL;
}

void pool_free(pool *self)
{
  if (self) stop(self, self->threads);
}

int pool_threads(const pool *self)
{
  return self->threads;
}

static const frame *frame_of(const pool *self)
{
  const frame *at = frames;
  while (at && at->pool != self) at = at->outer;
  return at;
}

void pool_run(pool *self, int64_t count, pool_task *task, void *argument)
{
  const frame *outer = frame_of(self);
  if (outer) {
    for (int64_t i = 0; i < count; i++) task(argument, i, outer->worker);
    return;
  }
  pthread_mutex_lock(&self->turn);
  atomic_store_explicit(&self->next, 0, memory_order_relaxed);
  const int together = self->threads > 1 && count > 1;
  if (together) {
    pthread_mutex_lock(&self->lock);
    self->task = task;
    self->argument = argument;
    self->count = count;
    self->run++;
    pthread_cond_broadcast(&self->begin);
    pthread_mutex_unlock(&self->lock);
  }
  work(self, 0, task, argument, count);
  if (together) {
    pthread_mutex_lock(&self->lock);
    self->task = NULL;
    while (self->busy) pthread_cond_wait(&self->end, &self->lock);
    pthread_mutex_unlock(&self->lock);
  }
  pthread_mutex_unlock(&self->turn);
}

int pool_processors(void)
{
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) == 0) return CPU_COUNT(&mine);
  long online = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than cpu_set_t can hold */
  return online > 0 ? (int)online : 1;
}
