/* Programs of ours that are no command: beside the one that runs, or its library. */
#ifndef TARAZU_BASE_PROGRAM_H
#define TARAZU_BASE_PROGRAM_H

#include "base/arena.h"

/* The worker, in which plugins are held: what TARAZU_WORKER names, else beside the program or the library (as built),
 * or where they are installed. NULL: there is none. */
const char *program_worker(arena *arena);

/* An environment of what the dynamic linker and the sanitizers go by, and nothing else; NULL-terminated. */
char **program_surroundings(arena *arena);

#endif
