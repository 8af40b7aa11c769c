/* A lock file: the exact plugins that a profile or an experiment uses, written beside it by `tarazu plugin lock`,
 * insisted on by
 * `--locked`. It is YAML:
 *   tarazu_lock: 1
 *   plugins:
 *     - path: "/usr/lib/tarazu/plugins/combiner/topsis.so"   (from the lock's folder where the plugin lies below it)
 *       sha256: 5c9d…
 *       abi: "1.0"                                           (the lowest host that will do)
 *       strategies: {"combiner/topsis": "1.2"}               (those the profile uses, with their versions) */
#ifndef TARAZU_CATALOG_LOCK_H
#define TARAZU_CATALOG_LOCK_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include <stdint.h>

typedef struct locked_strategy {
  const char *name; /* "combiner/topsis" */
  const char *version;
} locked_strategy;

typedef struct locked_plugin {
  const char *path; /* absolute, without links */
  const char *sha256, *abi;
  locked_strategy *strategies;
  uint32_t strategy_count;
  place place;
  int used;
} locked_plugin;

typedef struct lock {
  const char *file, *profile;
  const char *command;    /* that writes it anew, as a shell takes it */
  locked_plugin *plugins; /* in the order of their paths */
  uint32_t count;
  unsigned room;
} lock;

/* profile.yaml -> profile.lock, beside it. */
const char *lock_path(const char *profile, arena *arena);

/* A lock of nothing yet. */
lock lock_new(const char *profile, arena *arena);
/* 1, or 0 with problems: there is none, or what it says cannot be understood. */
int lock_read(const char *profile, arena *arena, problems *problems, lock *out);
/* Notes that a profile uses a strategy of a file; name and version are borrowed. */
void lock_add(lock *lock, const char *path, const char *sha256, const char *abi, const char *name, const char *version,
              arena *arena);
/* The file's bytes: the same plugins give the same ones. */
void lock_write(const lock *lock, arena *arena, text *out);
/* What differs, a line each: "added …", "removed …", "changed …"; before NULL: all is added. The number of lines. */
uint32_t lock_differences(const lock *before, const lock *now, text *out);

locked_plugin *lock_by_path(const lock *lock, const char *path); /* NULL: none */
locked_plugin *lock_by_strategy(const lock *lock, const char *name);

/* 64 hexadecimal digits, in small letters: in the arena; NULL where the text is none. */
const char *sha256_read(const char *text, arena *arena);

#endif
