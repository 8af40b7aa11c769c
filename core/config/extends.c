/* `extends`: the files that a profile builds on, read, checked for cycles, and laid one over another. */
#include "base/file.h"
#include "config/inner.h"
#include "config/value.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A file being read, and the one that asked for it. */
typedef struct link {
  const struct link *asker;
  const char *path; /* as messages call it */
  const char *real; /* without symbolic links and "..", to know it by */
} link;

typedef struct extender {
  arena *arena;
  problems *problems;
  uint32_t nodes; /* of all files together */
  uint32_t extended;
  const char **files;
  names known; /* the real paths of files */
  uint32_t count, room;
} extender;

static const char *real_path(arena *memory, const char *path)
{
  char real[PATH_MAX];
  return arena_copy(memory, realpath(path, real) ? real : path);
}

static int in_cycle(extender *e, const link *this, const place *asked)
{
  const link *again = this->asker;
  while (again && strcmp(again->real, this->real) != 0) again = again->asker;
  if (!again) return 0;
  char *cycle = arena_copy(e->arena, this->path);
  for (const link *at = this->asker; at; at = at == again ? NULL : at->asker)
    cycle = arena_format(e->arena, "%s → %s", at->path, cycle);
  problem_add(e->problems, EXIT_PROFILE, *asked, "'extends' goes in a circle: %s; expected files that end somewhere",
              cycle);
  return 1;
}

static void note_file(extender *e, const link *this)
{
  if (names_add(&e->known, e->arena, this->real) < e->count) return;
  *arena_push(e->arena, e->files, e->count, e->room) = arena_copy(e->arena, this->path);
}

/* Takes the value of `extends` out of a map, so that no one takes it for a setting. */
static node *take_extends(node *map)
{
  for (uint32_t i = 0; i < map->count; i++) {
    if (strcmp(map->entries[i].key->text, "extends") != 0) continue;
    node *value = map->entries[i].value;
    memmove(&map->entries[i], &map->entries[i + 1], (map->count - i - 1) * sizeof *map->entries);
    map->count--;
    return value;
  }
  return NULL;
}

static node *read_with_bases(extender *e, const char *path, const link *asker, const place *asked);

/* The file that one entry names, laid over *merged. 0 after errors. */
static int add_base(extender *e, const node *given, const link *asker, node **merged)
{
  const char *path;
  if (!value_string(given, "extends", e->problems, &path)) return 0;
  if (!*path) {
    problem_add(e->problems, EXIT_PROFILE, given->place, "extends: found empty text, expected the path of a file");
    return 0;
  }
  if (e->extended++ >= YAML_MOST_EXTENDS) {
    problem_add(e->problems, EXIT_PROFILE, given->place, "more than %d files are extended; expected fewer",
                (int)YAML_MOST_EXTENDS);
    return 0;
  }
  node *base = read_with_bases(e, file_resolve(e->arena, asker->path, path), asker, &given->place);
  if (!base) return 0;
  if (*merged) node_merge(*merged, base, e->arena);
  else *merged = base;
  return 1;
}

static node *read_with_bases(extender *e, const char *path, const link *asker, const place *asked)
{
  link this = {asker, path, real_path(e->arena, path)};
  if (in_cycle(e, &this, asked)) return NULL;
  node *own = yaml_read_counted(path, asked, &e->nodes, e->arena, e->problems);
  if (!own) return NULL;
  note_file(e, &this);
  if (own->kind != NODE_MAP) {
    char found[80];
    problem_add(e->problems, EXIT_PROFILE, own->place, "found %s, expected a map: lines of 'key: value'",
                value_found(own, found));
    return NULL;
  }
  node *extends = take_extends(own), *merged = NULL;
  if (value_is_null(extends)) return own;
  int good = 1;
  if (extends->kind == NODE_LIST)
    for (uint32_t i = 0; i < extends->count && e->extended <= YAML_MOST_EXTENDS; i++)
      good &= add_base(e, extends->items[i], &this, &merged);
  else good = add_base(e, extends, &this, &merged);
  if (!good || !merged) return good ? own : NULL;
  node_merge(merged, own, e->arena);
  return merged;
}

node *yaml_read_extended(const char *path, arena *memory, problems *faults, const char *const **files)
{
  extender e = {.arena = memory, .problems = faults};
  node *root = read_with_bases(&e, arena_copy(memory, path), NULL, NULL);
  *arena_push(memory, e.files, e.count, e.room) = NULL;
  if (files) *files = (const char *const *)e.files;
  return root;
}
