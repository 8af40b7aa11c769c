/* Strategies that run in a process of their own, behind a filter of system calls: to the engine each is a strategy like
 * any other, whose functions hand the call over. docs/plugins/isolation.md says what that protects from. */
#ifndef TARAZU_ISOLATE_ISOLATE_H
#define TARAZU_ISOLATE_ISOLATE_H

#include "base/arena.h"
#include <stdint.h>
#include <tarazu/plugin.h>

/* The isolated strategies of one run. */
typedef struct isolation isolation;
/* One of them, with its process. */
typedef struct isolated isolated;

typedef struct isolate_limits {
  int64_t memory; /* bytes that the plugin may use */
  double seconds; /* that one call may last */
} isolate_limits;

enum { ISOLATE_WHY = 1200 };

/* threads: of the host that may call at once. */
isolation *isolation_new(uint32_t threads);
void isolation_free(isolation *all); /* NULL is fine; ends every process */

/* What a source or a sink may do with files; NULL: nothing. */
typedef struct isolate_access {
  const char *read;  /* the location of a source: a file, or a pattern of files; NULL: none */
  const char *write; /* a folder, with all beneath it; NULL: none */
} isolate_access;

/* Starts a process that loads the plugin, with no file; the strategy lives as long as `all`. NULL: one line in why.
 * *unable: isolation itself is not to be had here. */
const tarazu_strategy *isolation_start(isolation *all, const char *file, uint32_t role, const char *id,
                                       const isolate_limits *limits, isolated **out, char why[ISOLATE_WHY],
                                       int *unable);

/* Another process in place of the first one, with files of its own to work on, once its instances are gone: of a source
 * or a sink, which is asked about its declarations and parameters without. 1, or 0 with one line in why. */
int isolated_begin(isolated *of, const isolate_access *access, char why[ISOLATE_WHY]);

/* What an instance needs beyond its context; before create, in its zeroed self. people: the customers' keys, or NULL;
 * name and people outlive the instance. */
void isolated_bind(void *self, isolated *of, const char *name, uint64_t seed, const tarazu_dictionary *people);

uint32_t isolated_abi_minor(const isolated *of); /* that the plugin asks of its host */

/* How its process ended, where that was not asked of it; NULL: it is well. */
const char *isolated_fault(const isolated *of);

#endif
