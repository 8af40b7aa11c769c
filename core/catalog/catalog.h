/* Which plugins there are: found on the plugin path, probed in a child process, loaded on demand.
 *
 * A folder is searched for *.so one level deep and one folder level down (plugins/<role>/<name>.so); a folder or file
 * that others can write to, or that belongs to somebody who is neither root nor this user, is passed over with its
 * reason. */
#ifndef TARAZU_CATALOG_CATALOG_H
#define TARAZU_CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/problem.h"
#include <stdint.h>
#include <tarazu/plugin.h>

typedef struct catalog catalog;

/* A plugin file, usable or not. */
typedef struct plugin_file {
  const char *path;
  const char
      *fault; /* one line, why it cannot be used: "not a tarazu plugin (no symbol tarazu_plugin_v1)"; NULL: it can */
  const tarazu_plugin *plugin; /* NULL until it is loaded */
  char sha256[65];             /* "" until catalog_strategy or catalog_accepting gives a strategy of it */
} plugin_file;

/* path: folders separated by ':'. cache: a file for verdicts by path, size and time of change; NULL: none. A verdict
 * holds the ids and roles of a good file's strategies, so that only what is used gets loaded. Probing forks: call it
 * before threads are made. Never fails: what is wrong with a file is its fault. */
catalog *catalog_open(const char *path, const char *cache);
void catalog_free(catalog *catalog); /* NULL is fine; closes what was loaded */

uint32_t catalog_files(const catalog *catalog);
const plugin_file *catalog_file(const catalog *catalog, uint32_t index);

/* The strategy of a role and id, loaded; NULL with one problem: unknown (nearest id, or "is a combiner, not a scorer"),
 * or its file's fault (EXIT_PLUGIN). Two files with one id: an error that names both. */
const tarazu_strategy *catalog_strategy(catalog *catalog, uint32_t role, const char *id, place where,
                                        const plugin_file **file, problems *problems);
/* The strategy of a role (a combiner or a weigher) that says it is the usual one, loaded; NULL with one problem that
 * lists the candidates: none says so, or several do. */
const tarazu_strategy *catalog_usual(catalog *catalog, uint32_t role, place where, const plugin_file **file,
                                     problems *problems);
/* All usable strategies, loaded, by role then id; for lists and pages, so without hashes. */
uint32_t catalog_strategies(catalog *catalog, const tarazu_strategy *const **strategies,
                            const plugin_file *const **files);
/* The source (or sink) whose patterns accept a location; NULL: none does. The longest pattern wins, then the smaller
 * id. */
const tarazu_strategy *catalog_accepting(catalog *catalog, uint32_t role, const char *location,
                                         const plugin_file **file);

const char *role_name(uint32_t role);    /* "scorer"; "?" */
uint32_t role_by_name(const char *name); /* 0: none */

/* Checks a descriptor's declarations: 0 and one line in why, or 1. Reads no further than the sizes it is given. */
int declaration_check(const tarazu_plugin *plugin, char why[512]);

/* The extension, or NULL where a strategy has none or its size is below version 1's. */
const tarazu_explain *strategy_explain(const tarazu_strategy *strategy);
const tarazu_source *strategy_source(const tarazu_strategy *strategy);
const tarazu_sink *strategy_sink(const tarazu_strategy *strategy);

#endif
