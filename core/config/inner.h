/* What the files of this folder share and nobody else needs. */
#ifndef TARAZU_CONFIG_INNER_H
#define TARAZU_CONFIG_INNER_H

#include "config/yaml.h"
#include <yaml.h>

/* Bytes to be read as YAML, and how messages call them. */
typedef struct yaml_source {
  const char *file;  /* in the arena; of places */
  const char *bytes; /* in the arena, zero-terminated; the first line of places begins here */
  size_t count;
  size_t start;       /* where the YAML begins in them */
  exit_status status; /* of errors */
  uint32_t *nodes;    /* how many were made so far, of all that count together against YAML_MOST_NODES */
} yaml_source;

/* As yaml_parse, but nothing at all is an empty scalar. */
node *yaml_build(const yaml_source *source, arena *arena, problems *problems);
/* As yaml_read. asked: the place that asks for the file, for errors of reading it; NULL: the file itself. */
node *yaml_read_counted(const char *path, const place *asked, uint32_t *nodes, arena *arena, problems *problems);

/* Adds what libyaml complains of, in words that help the author of a profile. at: where it stopped; context: what it
 * was reading there, line 0: unknown. bytes: the source from `at` on. */
void syntax_problem(const yaml_parser_t *parser, exit_status status, place at, place context, const char *bytes,
                    problems *problems);

/* Lays a map over another: maps deeply, everything else replaced, null removes, another plugin takes the old one's
 * params, model and hash away. Nodes of `over` become the base's. */
void node_merge(node *base, const node *over, arena *arena);

/* Strings by number, found by hash, so that a map of many keys does not take the square of their count. From {0}. */
typedef struct names {
  const char **words;
  uint32_t *slots; /* a word's number + 1; 0: free; twice as many as there is room for words */
  uint32_t count, room;
} names;

#define NAMES_NONE UINT32_MAX
uint32_t names_find(const names *names, const char *word);        /* NAMES_NONE: not there */
uint32_t names_add(names *names, arena *arena, const char *word); /* its number, the old one where it was there */

#endif
