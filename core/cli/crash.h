/* What is left to tell when the program crashes. */
#ifndef TARAZU_CLI_CRASH_H
#define TARAZU_CLI_CRASH_H

/* From here on a crash ends the program with a line on standard error and the exit status of its cause: a plugin that
 * was running, with what it was doing, or tarazu itself. */
void crash_watch(void);

#endif
