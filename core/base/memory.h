/* What the base does when not even a few bytes are to be had. */
#ifndef TARAZU_BASE_MEMORY_H
#define TARAZU_BASE_MEMORY_H

/* Says so in one line and ends the process with status 1: for memory that grows with the profile or with a message,
 * where no error could be built any more. */
_Noreturn void memory_exhausted(void);

#endif
