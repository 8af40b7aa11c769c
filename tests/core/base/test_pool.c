/* The pool: every task once, each worker one task at a time, nested and concurrent runs. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
// cmocka needs the headers above
#include <cmocka.h>

enum { TASKS = 5000, MOST_THREADS = 8 };

/* cmocka's assertions belong to the test's own thread, so tasks only write down what they saw. */
typedef struct record {
  pool *pool;
  int times[TASKS]; /* plain, so that a task run twice at once is a race for the sanitizer too */
  int64_t of_worker[MOST_THREADS];
  _Atomic int inside[MOST_THREADS];
  _Atomic int overlaps, bad_workers;
  pthread_t thread;
  _Atomic int other_threads;
} record;

static void note(void *argument, int64_t index, int worker)
{
  record *seen = argument;
  if (worker < 0 || worker >= pool_threads(seen->pool)) {
    atomic_fetch_add(&seen->bad_workers, 1);
    return;
  }
  if (atomic_fetch_add(&seen->inside[worker], 1) != 0) atomic_fetch_add(&seen->overlaps, 1);
  seen->times[index]++;
  seen->of_worker[worker]++;
  if (!pthread_equal(seen->thread, pthread_self())) atomic_fetch_add(&seen->other_threads, 1);
  atomic_fetch_sub(&seen->inside[worker], 1);
}

static record *record_new(pool *workers)
{
  record *made = calloc(1, sizeof *made);
  assert_non_null(made);
  made->pool = workers;
  made->thread = pthread_self();
  return made;
}

static void assert_each_once(const record *seen, int64_t count)
{
  int64_t sum = 0;
  for (int64_t i = 0; i < TASKS; i++) assert_int_equal(seen->times[i], i < count);
  for (int i = 0; i < MOST_THREADS; i++) sum += seen->of_worker[i];
  assert_int_equal(sum, count);
  assert_int_equal(seen->overlaps, 0);
  assert_int_equal(seen->bad_workers, 0);
}

static void every_task_runs_once(void **state)
{
  (void)state;
  const int64_t counts[] = {0, 1, 2, 7, TASKS};
  for (int threads = 1; threads <= MOST_THREADS; threads++) {
    pool *workers = pool_new(threads);
    assert_non_null(workers);
    assert_int_equal(pool_threads(workers), threads);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
      record *seen = record_new(workers);
      pool_run(workers, counts[i], note, seen);
      assert_each_once(seen, counts[i]);
      free(seen);
    }
    pool_free(workers);
  }
}

static void one_thread_is_the_callers(void **state)
{
  (void)state;
  pool *workers = pool_new(1);
  record *seen = record_new(workers);
  pool_run(workers, TASKS, note, seen);
  assert_each_once(seen, TASKS);
  assert_int_equal(seen->other_threads, 0);
  free(seen);
  pool_free(workers);
}

/* Both tasks wait for the other to have begun, which only two threads can. */
static void meet(void *argument, int64_t index, int worker)
{
  _Atomic int *here = argument;
  (void)index, (void)worker;
  atomic_fetch_add(here, 1);
  while (atomic_load(here) < 2) sched_yield();
}

static void tasks_run_at_the_same_time(void **state)
{
  (void)state;
  pool *workers = pool_new(2);
  for (int i = 0; i < 200; i++) {
    _Atomic int here = 0;
    pool_run(workers, 2, meet, &here);
    assert_int_equal(here, 2);
  }
  pool_free(workers);
}

typedef struct nest {
  pool *outer, *other;
  int64_t sums[64], other_sums[64];
  _Atomic int elsewhere;
} nest;

typedef struct inner {
  nest *nest;
  int64_t *sum;
  pthread_t thread;
  int worker;
} inner;

static void add_serially(void *argument, int64_t index, int worker)
{
  inner *in = argument;
  if (!pthread_equal(in->thread, pthread_self()) || in->worker != worker) atomic_fetch_add(&in->nest->elsewhere, 1);
  *in->sum = *in->sum * 3 + index; /* the order shows */
}

static void add_anywhere(void *argument, int64_t index, int worker)
{
  (void)worker;
  atomic_fetch_add((_Atomic int64_t *)argument, index);
}

static void run_nested(void *argument, int64_t index, int worker)
{
  nest *all = argument;
  inner in = {all, &all->sums[index], pthread_self(), worker};
  _Atomic int64_t sum = 0;
  pool_run(all->outer, 10, add_serially, &in);
  if (all->other) {
    pool_run(all->other, 10, add_anywhere, &sum);
    all->other_sums[index] = sum;
  }
}

static void a_nested_run_is_serial_and_the_same_worker(void **state)
{
  (void)state;
  int64_t expected = 0;
  for (int i = 0; i < 10; i++) expected = expected * 3 + i;
  for (int threads = 1; threads <= 4; threads++) {
    nest all = {.outer = pool_new(threads), .other = pool_new(2)};
    pool_run(all.outer, 64, run_nested, &all);
    for (int i = 0; i < 64; i++) {
      assert_int_equal(all.sums[i], expected);
      assert_int_equal(all.other_sums[i], 45);
    }
    assert_int_equal(all.elsewhere, 0);
    pool_free(all.other);
    pool_free(all.outer);
  }
}

/* From a task of one pool into another and back into the first. */
typedef struct round_trip {
  pool *first, *second;
  _Atomic int64_t sum;
} round_trip;

static void back(void *argument, int64_t index, int worker)
{
  round_trip *trip = argument;
  (void)index;
  if (worker == 0) pool_run(trip->first, 4, add_anywhere, &trip->sum);
}

static void forth(void *argument, int64_t index, int worker)
{
  round_trip *trip = argument;
  (void)index, (void)worker;
  pool_run(trip->second, 1, back, trip);
}

static void pools_may_call_each_other_and_back(void **state)
{
  (void)state;
  round_trip trip = {.first = pool_new(2), .second = pool_new(1)};
  pool_run(trip.first, 8, forth, &trip);
  assert_int_equal(trip.sum, 8 * 6);
  pool_free(trip.second);
  pool_free(trip.first);
}

static void *run_from_outside(void *argument)
{
  record *seen = argument;
  pool_run(seen->pool, TASKS, note, seen);
  return NULL;
}

static void two_callers_take_turns(void **state)
{
  (void)state;
  pool *workers = pool_new(3);
  for (int i = 0; i < 20; i++) {
    pthread_t other;
    record *a = record_new(workers), *b = record_new(workers);
    assert_int_equal(pthread_create(&other, NULL, run_from_outside, a), 0);
    run_from_outside(b);
    pthread_join(other, NULL);
    assert_each_once(a, TASKS);
    assert_each_once(b, TASKS);
    free(a);
    free(b);
  }
  pool_free(workers);
}

static void short_runs_follow_each_other(void **state)
{
  (void)state;
  pool *workers = pool_new(4);
  _Atomic int64_t sum = 0;
  for (int i = 0; i < 3000; i++) pool_run(workers, 3, add_anywhere, &sum);
  assert_int_equal(sum, 9000);
  pool_free(workers);
}

static volatile sig_atomic_t interrupted_main;
static pthread_t main_thread;

static void on_interrupt(int signal)
{
  (void)signal;
  interrupted_main = pthread_equal(pthread_self(), main_thread) ? 1 : 2;
}

static void signals_reach_the_caller(void **state)
{
  (void)state;
  struct sigaction action = {.sa_handler = on_interrupt}, before;
  main_thread = pthread_self();
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  pool *workers = pool_new(4);
  for (int i = 0; i < 20; i++) {
    interrupted_main = 0;
    kill(getpid(), SIGUSR1);
    while (!interrupted_main) sched_yield();
    assert_int_equal(interrupted_main, 1);
  }
  pool_free(workers);
  sigaction(SIGUSR1, &before, NULL);
}

static void processors_are_those_of_this_process(void **state)
{
  (void)state;
  assert_true(pool_processors() >= 1);
  cpu_set_t before, one;
  if (sched_getaffinity(0, sizeof before, &before) != 0) skip();
  CPU_ZERO(&one);
  for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  if (sched_setaffinity(0, sizeof one, &one) != 0) skip();
  int processors = pool_processors();
  sched_setaffinity(0, sizeof before, &before);
  assert_int_equal(processors, 1);
}

static void odd_calls_are_fine(void **state)
{
  (void)state;
  pool_free(NULL);
  pool *workers = pool_new(0);
  assert_int_equal(pool_threads(workers), 1);
  pool_run(workers, -5, note, NULL);
  pool_free(workers);
  pool_free(pool_new(6));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_task_runs_once),
      cmocka_unit_test(one_thread_is_the_callers),
      cmocka_unit_test(tasks_run_at_the_same_time),
      cmocka_unit_test(a_nested_run_is_serial_and_the_same_worker),
      cmocka_unit_test(pools_may_call_each_other_and_back),
      cmocka_unit_test(two_callers_take_turns),
      cmocka_unit_test(short_runs_follow_each_other),
      cmocka_unit_test(signals_reach_the_caller),
      cmocka_unit_test(processors_are_those_of_this_process),
      cmocka_unit_test(odd_calls_are_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
