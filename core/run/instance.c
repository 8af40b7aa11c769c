/* A strategy's life in a run: its services, its creation, and what becomes of its errors. */
#include "base/hash.h"
#include "data/dictionary.h"
#include "run/stages.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is running, for the handler of a crash ----------------------------------------------------------- */

static _Thread_local const instance *running;
static _Thread_local const char *running_function;
static _Thread_local char running_words[512];
static _Thread_local int calls_plugins;  /* this thread is the host's */
static _Atomic(const instance *) latest; /* whom any thread called last */

void engine_enter(const instance *in, const char *function)
{
  calls_plugins = 1;
  atomic_store_explicit(&latest, in, memory_order_relaxed);
  running = in;
  running_function = function;
}

void engine_leave(void)
{
  running = NULL;
}

/* Only copies bytes, so that a signal handler may call it. */
static size_t put(char *to, size_t at, size_t room, const char *words)
{
  while (words && *words && at + 1 < room) to[at++] = *words++;
  to[at] = 0;
  return at;
}

const char *engine_running(void)
{
  size_t at = 0, room = sizeof running_words;
  const instance *in = running || calls_plugins ? running : atomic_load_explicit(&latest, memory_order_relaxed);
  if (!in) return NULL;
  at = put(running_words, at, room, in->step->subject);
  at = put(running_words, at, room, " (plugin '");
  at = put(running_words, at, room, in->step->strategy->id);
  at = put(running_words, at, room, "', ");
  at = put(running_words, at, room, in->step->file ? in->step->file->path : "");
  at = put(running_words, at, room, ") in ");
  put(running_words, at, room, running ? running_function : "a thread of its own");
  return running_words;
}

/* ---- services ---------------------------------------------------------------------------------------------- */

int engine_stopped(const engine *e)
{
  return atomic_load_explicit(e->cancelled, memory_order_relaxed) ||
         atomic_load_explicit(&e->failed, memory_order_relaxed);
}

void engine_progress(engine *e, const char *stage, double done)
{
  if (e->progress) e->progress(e->argument, stage, done);
}

static const instance *owner(const tarazu_host *host)
{
  return (const instance *)(const void *)host;
}

static void service_log(const tarazu_host *host, int32_t level, const char *message)
{
  const instance *in = owner(host);
  if (level <= 0) return;
  problem_warn(in->engine->problems, in->step->place, "%s: %s", in->step->subject, message);
  stages_note((instance *)(uintptr_t)host, message);
}

static int service_progress(const tarazu_host *host, double done)
{
  const instance *in = owner(host);
  engine_progress(in->engine, in->step->name, done);
  return !engine_stopped(in->engine);
}

static double service_uniform(const tarazu_host *host, int64_t row, uint32_t draw)
{
  const instance *in = owner(host);
  const engine *e = in->engine;
  size_t length = 0;
  const char *key = row >= 0 && e->people.names ? dictionary_string(e->people.names, (int32_t)row, &length) : NULL;
  return hash_uniform(e->plan->profile->seed, in->step->name, key, length, row, draw);
}

typedef struct parallel_task {
  void (*task)(void *argument, int64_t index);
  void *argument;
  const instance *in;
} parallel_task;

static void run_parallel_task(void *argument, int64_t index, int worker)
{
  const parallel_task *t = argument;
  (void)worker;
  const instance *before = running;
  engine_enter(t->in, "parallel work");
  t->task(t->argument, index);
  running = before;
}

static void service_parallel(const tarazu_host *host, int64_t count, void (*task)(void *argument, int64_t index),
                             void *argument)
{
  parallel_task t = {task, argument, owner(host)};
  pool_run(t.in->engine->pool, count, run_parallel_task, &t);
}

static const char *service_customer(const tarazu_host *host, int64_t row)
{
  return customer_name(owner(host)->engine, row);
}

/* ---- errors ------------------------------------------------------------------------------------------------ */

const char *customer_name(const engine *e, int64_t row)
{
  size_t length;
  if (row < 0 || row >= e->people.count) return NULL;
  const char *key = dictionary_string(e->people.names, (int32_t)row, &length);
  return arena_copy_n(e->arena, key, length);
}

exit_status plugin_status(tarazu_status status)
{
  switch (status) {
  case TARAZU_BAD_PARAMETER: return EXIT_PROFILE;
  case TARAZU_BAD_DATA:
  case TARAZU_NO_RESULT:
  case TARAZU_NUMERIC: return EXIT_DATA;
  case TARAZU_NO_MEMORY: return EXIT_INTERNAL;
  case TARAZU_CANCELLED: return EXIT_CANCELLED;
  default: return EXIT_PLUGIN;
  }
}

/* What the profile asks for wrongly is for the profile to mend, and a cancellation is no failure. What has scored
 * cannot be left out any more. */
static int may_be_skipped(const instance *in, tarazu_status status)
{
  return in->step->skip && !in->done && status != TARAZU_BAD_PARAMETER && status != TARAZU_CANCELLED;
}

int instance_failed(engine *e, const instance *in, const char *doing, tarazu_status status, const tarazu_error *error)
{
  const step *s = in->step;
  int skips = may_be_skipped(in, status);
  /* One failure is told; the others follow from stopping. */
  if (atomic_exchange(skips ? &instance_of(e, s)->skipped : &e->failed, 1)) return 0;
  if (status == TARAZU_CANCELLED) {
    problem_add(e->problems, EXIT_CANCELLED, NOWHERE, "cancelled");
    return 0;
  }
  char message[sizeof error->message];
  memcpy(message, error->message, sizeof message);
  message[sizeof message - 1] = 0;
  place where = args_place(&s->args, error, s->place);
  size_t length;
  int known = error->row >= 0 && error->row < e->people.count;
  const char *key = known ? dictionary_string(e->people.names, (int32_t)error->row, &length) : NULL;
  text words = {0};
  text_addf(&words, "%s (plugin '%s')%s: %s%s%.*s%s", s->subject, s->strategy->id,
            plugin_status(status) == EXIT_PLUGIN ? doing : "", *message ? message : "it failed without a word",
            key ? " (customer '" : "", key ? (int)length : 0, key ? key : "", key ? "')" : "");
  if (skips) {
    instance *left_out = instance_of(e, s);
    snprintf(left_out->why, sizeof left_out->why, "%s", text_string(&words));
    problem_warn(e->problems, where, "%s; the run goes on without it", text_string(&words));
  } else {
    problem_add(e->problems, plugin_status(status), where, "%s", text_string(&words));
  }
  text_free(&words);
  return 0;
}

int instances_survived(engine *e)
{
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    const instance *in = &e->instances[i];
    const char *why = in->step->isolated ? isolated_fault(in->step->isolated) : NULL;
    if (!why || in->skipped) continue;
    tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
    tarazu_fail(&error, TARAZU_INTERNAL, "%.990s", why);
    return instance_failed(e, in, " could not tell what it found", TARAZU_INTERNAL, &error);
  }
  return 1;
}

/* ---- life -------------------------------------------------------------------------------------------------- */

int instance_create(engine *e, instance *in)
{
  const step *s = in->step;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  in->engine = e;
  in->host = (tarazu_host){.size = sizeof in->host,
                           .abi_minor = TARAZU_ABI_MINOR,
                           .log = service_log,
                           .progress = service_progress,
                           .uniform = service_uniform,
                           .parallel = service_parallel,
                           .customer = service_customer};
  in->context = (tarazu_context){.size = sizeof in->context, .host = &in->host, .as_of = e->as_of};
  in->context.columns = (tarazu_list){s->bound, s->count, sizeof *s->bound};
  in->explain = strategy_explain(s->strategy);
  in->self = calloc(1, s->strategy->self_size + 64);
  if (!in->self) {
    problem_add(e->problems, EXIT_INTERNAL, s->place, "%s: no memory", s->subject);
    return 0;
  }
  if (s->isolated)
    isolated_bind(in->self, s->isolated, s->name, e->plan->profile->seed,
                  e->people.names ? dictionary_view(e->people.names) : NULL);
  pthread_mutex_init(&in->turn, NULL);
  in->created = 1;
  if (!s->strategy->create) return 1;
  engine_enter(in, "create");
  tarazu_status status = s->strategy->create(in->self, &in->context, &s->args.args, &error);
  engine_leave();
  if (status == TARAZU_OK) return 1;
  instance_failed(e, in, " refused to begin", status, &error);
  atomic_store(&e->failed, 0); /* so that every criterion's parameters are told */
  return atomic_load(&in->skipped);
}

void instance_destroy(instance *in)
{
  if (in->created && in->step->strategy->destroy) {
    engine_enter(in, "destroy");
    in->step->strategy->destroy(in->self);
    engine_leave();
  }
  if (in->created) pthread_mutex_destroy(&in->turn);
  if (in->created) free(in->self);
  in->created = 0;
  const instance *gone = in;
  atomic_compare_exchange_strong(&latest, &gone, NULL);
}

tarazu_batch instance_batch(const instance *in, const tarazu_batch *batch)
{
  tarazu_batch given = *batch;
  if (in->model) given.first_row = -1, given.row_numbers = NULL;
  return given;
}

tarazu_status instance_apply(instance *in, const tarazu_batch *batch, tarazu_result *const *results,
                             tarazu_error *error)
{
  tarazu_batch given = instance_batch(in, batch);
  int serial = (in->step->strategy->flags & TARAZU_SERIAL) != 0;
  if (serial) pthread_mutex_lock(&in->turn);
  engine_enter(in, "apply");
  tarazu_status status = in->step->strategy->apply(in->self, &given, results, error);
  engine_leave();
  if (in->model) error->row = -1; /* it counts from a row that it was not told */
  if (serial) pthread_mutex_unlock(&in->turn);
  return status;
}

tarazu_list instance_facts(const instance *in)
{
  const tarazu_strategy *s = in->step->strategy;
  if (in->taken) return in->facts;
  if (in->skipped) return (tarazu_list){0};
  return s && s->facts && in->created ? s->facts(in->self) : (tarazu_list){0};
}

instance *instance_of(const engine *e, const step *s)
{
  for (uint32_t i = 0; i < e->plan->step_count; i++)
    if (e->plan->steps[i] == s) return &e->instances[i];
  return NULL;
}
