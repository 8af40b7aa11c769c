/* Loads plugin files in child processes, to learn what they are without risking this one; where there is a worker, it
 * does so behind its filter of system calls. */
#ifndef TARAZU_CATALOG_PROBE_H
#define TARAZU_CATALOG_PROBE_H

#include "catalog/verdict.h"
#include <tarazu/plugin.h>

/* Fills every verdict that is not known yet and whose file has no fault. Forks: call it before threads are made. */
void probe_files(const found_file *files, verdict *verdicts, uint32_t count, arena *arena);

/* Loads a file into this process: its handle and its checked descriptor, or NULL with one line in *fault (*passing: it
 * lies in something besides the file). */
void *probe_load(const char *path, arena *arena, const tarazu_plugin **plugin, const char **fault, int *passing);

/* What the child does, here: loads the file, tells its verdict through the pipe and ends. Where something ends it
 * before, PROBE_ENDED and what it did, told through the pipe, are the verdict. */
_Noreturn void probe_tell(const char *path, int pipe);
/* The same of a file that was found not to be loadable. */
_Noreturn void probe_tell_fault(const char *fault, int pipe);
#define PROBE_ENDED "ended: "

/* The worker is called with this word and the path, its end of the pipe being file PROBE_PIPE. */
#define PROBE_WORD "probe"
enum { PROBE_PIPE = 3 };

#endif
