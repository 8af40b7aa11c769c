/* Loads plugin files in child processes, to learn what they are without risking this one. */
#ifndef TARAZU_CATALOG_PROBE_H
#define TARAZU_CATALOG_PROBE_H

#include "catalog/verdict.h"
#include <tarazu/plugin.h>

/* Fills every verdict that is not known yet and whose file has no fault. Forks: call it before threads are made. */
void probe_files(const found_file *files, verdict *verdicts, uint32_t count, arena *arena);

/* Loads a file into this process: its handle and its checked descriptor, or NULL with one line in *fault (*passing: it
 * lies in something besides the file). */
void *probe_load(const char *path, arena *arena, const tarazu_plugin **plugin, const char **fault, int *passing);

#endif
