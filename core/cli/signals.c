/* What Ctrl-C stops. */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

/* A signal handler is handed nothing, so this must be reachable by name. */
static _Atomic(atomic_int *) under_way;

static void stop_it(int number)
{
  (void)number;
  atomic_int *stop = atomic_load(&under_way);
  if (stop) atomic_store(stop, 1);
}

void signals_watch(atomic_int *stop)
{
  struct sigaction action = {.sa_handler = stop_it, .sa_flags = (int)SA_RESETHAND};
  atomic_store(&under_way, stop);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

void signals_leave(void)
{
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  atomic_store(&under_way, NULL);
}
