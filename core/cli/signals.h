/* Ctrl-C and SIGTERM: the first one asks what is under way to stop, a second one ends the program at once. */
#ifndef TARAZU_CLI_SIGNALS_H
#define TARAZU_CLI_SIGNALS_H

#include <stdatomic.h>

void signals_watch(atomic_int *stop); /* becomes 1; it lives until signals_leave */
void signals_leave(void);

#endif
