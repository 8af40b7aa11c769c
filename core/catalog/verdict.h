/* What probing a plugin file came to, and the file that remembers verdicts from run to run. */
#ifndef TARAZU_CATALOG_VERDICT_H
#define TARAZU_CATALOG_VERDICT_H

#include "base/arena.h"
#include "base/text.h"
#include "catalog/find.h"
#include <stdint.h>

typedef struct verdict_strategy {
  uint32_t role;
  uint32_t usual; /* 1: it says that it is the usual one of its role */
  const char *id;
  const char **accepts; /* of sources and sinks: patterns of locations */
  uint32_t accept_count;
} verdict_strategy;

typedef struct verdict {
  int known;         /* 0: the file has not been probed yet */
  int passing;       /* another run may come to another end, though the file is the same: not remembered */
  const char *fault; /* one line; NULL: the file is good */
  const char *plugin;
  verdict_strategy *strategies;
  uint32_t strategy_count;
} verdict;

/* As text, ended by VERDICT_END: what a probing child tells, and what the cache holds. */
#define VERDICT_END "end\n"
void verdict_write(const verdict *verdict, text *out);
/* From *at on, which is moved behind it; 0: that is no whole verdict. */
int verdict_read(const char **at, arena *arena, verdict *out);

/* Fills in what the cache at path knows of the files, by path, size, times of change and the host's ABI. A cache that
 * is missing, torn or open to others knows nothing. */
void verdicts_recall(const char *path, const found_file *files, verdict *verdicts, uint32_t count, arena *arena);
/* Replaces the cache; verdicts on files of other folders that still exist are kept. A cache that cannot be written is
 * no error: the next run probes again. */
void verdicts_remember(const char *path, const found_file *files, const verdict *verdicts, uint32_t count,
                       arena *arena);

#endif
