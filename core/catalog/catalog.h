/* Which plugins there are: found on the plugin path, probed in a child process, loaded on demand.
 *
 * A folder is searched for *.so one level deep and one folder level down (plugins/<role>/<name>.so); a folder or file
 * that others can write to, or that belongs to somebody who is neither root nor this user, is passed over with its
 * reason, and so is one in whose place they could put another. */
#ifndef TARAZU_CATALOG_CATALOG_H
#define TARAZU_CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/problem.h"
#include "catalog/lock.h"
#include <stdint.h>
#include <tarazu/plugin.h>

typedef struct catalog catalog;

/* A plugin file, usable or not. */
typedef struct plugin_file {
  const char *path;
  const char *target; /* what path is once symbolic links are followed */
  const char
      *fault; /* one line, why it cannot be used: "not a tarazu plugin (no symbol tarazu_plugin_v1)"; NULL: it can */
  const tarazu_plugin *plugin; /* NULL until it is loaded */
  char sha256[65];             /* "" until catalog_strategy or catalog_accepting gives a strategy of it */
} plugin_file;

/* The exact file that a profile insists on. NULL, or sha256 NULL: it does not. */
typedef struct plugin_pin {
  const char *sha256;
  place place;
} plugin_pin;

/* path: folders separated by ':'. cache: a file for verdicts by path, size and time of change; NULL: none. A verdict
 * holds the ids and roles of a good file's strategies, so that only what is used gets loaded. Probing forks: call it
 * before threads are made. Never fails: what is wrong with a file is its fault. */
catalog *catalog_open(const char *path, const char *cache);
/* The same of the files alone that a lock holds, as it holds them: no code of any other file runs. NULL: as above. */
catalog *catalog_open_locked(const char *path, const char *cache, lock *lock);
void catalog_free(catalog *catalog); /* NULL is fine; closes what was loaded */

const lock *catalog_lock(const catalog *catalog); /* NULL: it has none */
/* What a lock holds and cannot be used as it is held: a problem each (EXIT_PLUGIN), at its place in the lock. 1: none.
 */
int catalog_check_lock(const catalog *catalog, problems *problems);

uint32_t catalog_files(const catalog *catalog);
const plugin_file *catalog_file(const catalog *catalog, uint32_t index);

/* The strategy of a role and id, loaded; NULL with one problem: unknown (nearest id, or "is a combiner, not a scorer"),
 * its file's fault, or another file than the pin's, which is then not loaded (EXIT_PLUGIN). Two files with one id: an
 * error that names both. */
const tarazu_strategy *catalog_strategy(catalog *catalog, uint32_t role, const char *id, place where,
                                        const plugin_pin *pin, const plugin_file **file, problems *problems);
/* The strategy of a role (a combiner or a weigher) that says it is the usual one, loaded; NULL with one problem that
 * lists the candidates: none says so, or several do. */
const tarazu_strategy *catalog_usual(catalog *catalog, uint32_t role, place where, const plugin_file **file,
                                     problems *problems);
/* The file of a strategy (*id NULL: of the usual one, whose id is put there), which another process is to load: it is
 * not loaded here. NULL with one problem, as of the two above. */
const plugin_file *catalog_unloaded(catalog *catalog, uint32_t role, const char **id, place where,
                                    const plugin_pin *pin, problems *problems);
/* Once that process has loaded it: whether the file is still the one that was measured. 0: its fault says so. */
int catalog_stayed(catalog *catalog, const plugin_file *file);
/* All usable strategies, loaded, by role then id; for lists and pages, so without hashes. */
uint32_t catalog_strategies(catalog *catalog, const tarazu_strategy *const **strategies,
                            const plugin_file *const **files);
/* The source (or sink) whose patterns accept a location; NULL: none does, or, with a problem, it is another file than
 * the pin's. The longest pattern wins, then the smaller id. */
const tarazu_strategy *catalog_accepting(catalog *catalog, uint32_t role, const char *location, const plugin_pin *pin,
                                         const plugin_file **file, problems *problems);
/* Its file, for another process to load, and its id; NULL as above. */
const plugin_file *catalog_accepting_unloaded(catalog *catalog, uint32_t role, const char *location,
                                              const plugin_pin *pin, const char **id, problems *problems);
/* Of a catalog with a lock a line below the newest problem: what it hides, and what to do. */
void catalog_hint_lock(const catalog *catalog, problems *problems);

const char *role_name(uint32_t role);    /* "scorer"; "?" */
uint32_t role_by_name(const char *name); /* 0: none */

/* A strategy of the host's that stands for another process's: which extensions it has hangs on which one it is. */
typedef struct proxied_strategy {
  tarazu_strategy as; /* its extension is proxied_extension */
  const void *(*extension)(const struct proxied_strategy *strategy, const char *id);
} proxied_strategy;
const void *proxied_extension(const char *id); /* a mark, which no plugin can have; NULL */

/* Checks a descriptor's declarations: 0 and one line in why, or 1. Reads no further than the sizes it is given. */
int declaration_check(const tarazu_plugin *plugin, char why[512]);

/* The extension, or NULL where a strategy has none or its size is below version 1's. */
const tarazu_explain *strategy_explain(const tarazu_strategy *strategy);
const tarazu_source *strategy_source(const tarazu_strategy *strategy);
const tarazu_sink *strategy_sink(const tarazu_strategy *strategy);

#endif
