/* YAML files to trees of nodes that remember where each was written. libyaml parses; this checks what it leaves open:
 * size, depth, duplicate keys, alias expansion, encoding. */
#ifndef TARAZU_CONFIG_YAML_H
#define TARAZU_CONFIG_YAML_H

#include "base/arena.h"
#include "base/problem.h"
#include <stdint.h>

enum { YAML_MOST_BYTES = 4 << 20, YAML_MOST_NODES = 100000, YAML_MOST_DEPTH = 64, YAML_MOST_EXTENDS = 16 };

typedef enum node_kind { NODE_SCALAR = 1, NODE_LIST, NODE_MAP } node_kind;

typedef struct node node;
typedef struct entry {
  node *key;
  node *value;
} entry;
struct node {
  node_kind kind;
  int quoted;       /* a scalar in quotes or a block: always text, never a number, null or bool */
  int laid;         /* a key that --set, or a variant of an experiment, has put where there was none */
  place place;      /* of the value; after a merge, in the file where it was written */
  const char *text; /* of a scalar; UTF-8 without a zero byte */
  uint32_t count;
  node **items;   /* of a list */
  entry *entries; /* of a map, in the order of the file */
};

/* The root of a file. An empty file is an empty map. Aliases are expanded, within YAML_MOST_NODES. NULL where it cannot
 * be read any further (no such file, broken syntax, a bomb). After lesser errors (a key given twice, a tag, an unknown
 * alias) what is left of the tree, so that the rest can be checked and told too: whether all went well, problems_errors
 * says. */
node *yaml_read(const char *path, arena *arena, problems *problems);
node *yaml_parse(const char *name, const char *bytes, size_t count, arena *arena, problems *problems);

/* As yaml_read, then `extends: path` (or a list of paths, later ones win over earlier, the file over all) resolved
 * against the file it stands in and merged: maps deeply, everything else replaced; `key: null` removes a key; where a
 * map names another `plugin` than the one beneath, the `params`, `model` and `sha256` beneath fall away. A cycle is an
 * error that shows the cycle. The result has no `extends`, and is a map. *files: every file read, in order, each once,
 * NULL-terminated; files may be NULL. YAML_MOST_NODES is for all of them together. */
node *yaml_read_extended(const char *path, arena *arena, problems *problems, const char *const **files);

node *node_get(const node *map, const char *key);     /* NULL where absent; only looks into maps */
node *node_get_key(const node *map, const char *key); /* the key's own node, for its place */

node *node_copy(const node *given, arena *arena); /* all of it, but for texts and places, which are borrowed */

/* "a.b.c=value" as YAML laid over the tree, as by `extends`: a map goes over a map, null (or nothing) removes a key
 * that is there, another plugin takes the params, model and hash of the old one away. Missing maps are made; `a.2.b`
 * goes into a list by number from 0. What it sets has its place in the file "--set". Errors are EXIT_USAGE and name the
 * assignment, and the nearest key where one is not there. 0: failed.
 */
int node_set(node *root, const char *assignment, arena *arena, problems *problems);

/* The same with a value of another file, which keeps its place and is copied; `where` is the key's, for faults, which
 * are EXIT_PROFILE. */
int node_lay(node *root, const char *key, place where, const node *value, arena *arena, problems *problems);

/* The canonical text of a tree (keys in order of the file, strings quoted): what a manifest hashes and prints. */
void node_write_json(const node *node, text *out);

#endif
