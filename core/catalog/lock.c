/* Lock files written, read and compared. */
#include "catalog/lock.h"

#include "base/file.h"
#include "config/value.h"
#include "config/yaml.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *lock_path(const char *profile, arena *memory)
{
  static const char *const endings[] = {".yaml", ".yml"};
  size_t length = strlen(profile);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t ending = strlen(endings[i]);
    if (length > ending && profile[length - ending - 1] != '/' && !strcmp(profile + length - ending, endings[i]))
      length -= ending;
  }
  return arena_format(memory, "%.*s.lock", (int)length, profile);
}

lock lock_new(const char *profile, arena *memory)
{
  text command = {0};
  text_add(&command, "tarazu plugin lock ");
  text_add_shell(&command, profile);
  lock out = {
      .file = lock_path(profile, memory), .profile = profile, .command = arena_copy(memory, text_string(&command))};
  text_free(&command);
  return out;
}

const char *sha256_read(const char *given, arena *memory)
{
  size_t length = strlen(given);
  if (length != 64 || strspn(given, "0123456789abcdefABCDEF") != length) return NULL;
  char *digits = arena_copy(memory, given);
  for (char *at = digits; *at; at++) *at = (char)tolower((unsigned char)*at);
  return digits;
}

/* The folder that a lock's paths start from, as plugins' paths are: without links. Ends with a slash. */
static const char *folder_of(const char *file, arena *memory)
{
  char real[PATH_MAX];
  const char *folder = file_folder(memory, file);
  if (realpath(folder, real)) folder = real;
  return arena_format(memory, "%s%s", folder, strcmp(folder, "/") != 0 ? "/" : "");
}

/* ---- what is in one ---------------------------------------------------------------------------------------- */

locked_plugin *lock_by_path(const lock *l, const char *path)
{
  for (uint32_t i = 0; i < l->count; i++)
    if (!strcmp(l->plugins[i].path, path)) return &l->plugins[i];
  return NULL;
}

locked_plugin *lock_by_strategy(const lock *l, const char *name)
{
  for (uint32_t i = 0; i < l->count; i++)
    for (uint32_t k = 0; k < l->plugins[i].strategy_count; k++)
      if (!strcmp(l->plugins[i].strategies[k].name, name)) return &l->plugins[i];
  return NULL;
}

static locked_plugin *add_plugin(lock *l, const locked_plugin *plugin, arena *memory)
{
  uint32_t at = l->count;
  arena_push(memory, l->plugins, l->count, l->room);
  for (; at > 0 && strcmp(l->plugins[at - 1].path, plugin->path) > 0; at--) l->plugins[at] = l->plugins[at - 1];
  l->plugins[at] = *plugin;
  return &l->plugins[at];
}

void lock_add(lock *l, const char *path, const char *sha256, const char *abi, const char *name, const char *version,
              arena *memory)
{
  locked_plugin *p = lock_by_path(l, path);
  if (!p) p = add_plugin(l, &(locked_plugin){.path = path, .sha256 = sha256, .abi = abi}, memory);
  for (uint32_t i = 0; i < p->strategy_count; i++)
    if (!strcmp(p->strategies[i].name, name)) return;
  locked_strategy *grown = arena_array(memory, p->strategy_count + 1, sizeof *grown);
  uint32_t at = 0;
  while (at < p->strategy_count && strcmp(p->strategies[at].name, name) < 0) at++;
  if (p->strategy_count) memcpy(grown, p->strategies, at * sizeof *grown);
  grown[at] = (locked_strategy){name, version};
  if (p->strategy_count) memcpy(grown + at + 1, p->strategies + at, (p->strategy_count - at) * sizeof *grown);
  p->strategies = grown;
  p->strategy_count++;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

void lock_write(const lock *l, arena *memory, text *out)
{
  const char *folder = folder_of(l->file, memory), *profile = file_name(l->profile);
  text_addf(
      out,
      "# The plugins that %s uses, to the byte. `tarazu plugin lock` writes this file, and with `--locked` no others\n"
      "# run.\n"
      "tarazu_lock: 1\n"
      "plugins:%s\n",
      profile, l->count ? "" : " []");
  for (uint32_t i = 0; i < l->count; i++) {
    const locked_plugin *p = &l->plugins[i];
    size_t length = strlen(folder);
    text_add(out, "  - path: ");
    text_add_json(out, strncmp(p->path, folder, length) != 0 ? p->path : p->path + length);
    text_addf(out, "\n    sha256: %s\n    abi: \"%s\"\n    strategies: {", p->sha256, p->abi);
    for (uint32_t k = 0; k < p->strategy_count; k++) {
      text_add(out, k ? ", " : "");
      text_add_json(out, p->strategies[k].name);
      text_add(out, ": ");
      text_add_json(out, p->strategies[k].version);
    }
    text_add(out, "}\n");
  }
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

typedef struct reader {
  lock *out;
  arena *arena;
  problems *problems;
  const char *folder;
} reader;

static void expected(reader *r, const node *found, const char *what, const char *wanted)
{
  char words[80];
  problem_add(r->problems, EXIT_PROFILE, found->place, "%s: found %s, expected %s", what, value_found(found, words),
              wanted);
}

/* Text that must be there; NULL with a problem. */
static const char *text_of(reader *r, const node *map, const char *key, const char *what)
{
  const node *value = node_get(map, key);
  const char *out = NULL, *whole = arena_format(r->arena, "%s: %s", what, key);
  if (!value) problem_add(r->problems, EXIT_PROFILE, map->place, "%s: '%s' is missing", what, key);
  else if (value_string(value, whole, r->problems, &out) && !*out) expected(r, value, whole, "some text");
  return out;
}

static void read_strategies(reader *r, const node *map, const char *what, locked_plugin *p)
{
  const node *value = node_get(map, "strategies");
  if (!value) {
    problem_add(r->problems, EXIT_PROFILE, map->place, "%s: 'strategies' is missing", what);
    return;
  }
  if (value->kind != NODE_MAP) {
    expected(r, value, arena_format(r->arena, "%s: strategies", what), "a map of ROLE/ID to versions");
    return;
  }
  p->strategies = arena_array(r->arena, value->count, sizeof *p->strategies);
  for (uint32_t i = 0; i < value->count; i++) {
    const char *version = NULL;
    if (value_string(value->entries[i].value, what, r->problems, &version))
      p->strategies[p->strategy_count++] = (locked_strategy){value->entries[i].key->text, version};
  }
}

static void read_plugin(reader *r, const node *item, const char *what)
{
  static const char *const known[] = {"path", "sha256", "abi", "strategies", NULL};
  if (item->kind != NODE_MAP) {
    expected(r, item, what, "a map of path, sha256, abi and strategies");
    return;
  }
  value_keys(item, what, known, r->problems);
  locked_plugin p = {.path = text_of(r, item, "path", what)};
  const char *sha256 = text_of(r, item, "sha256", what);
  p.abi = text_of(r, item, "abi", what);
  if (sha256 && !(p.sha256 = sha256_read(sha256, r->arena)))
    expected(r, node_get(item, "sha256"), arena_format(r->arena, "%s: sha256", what), "64 hexadecimal digits");
  read_strategies(r, item, what, &p);
  if (!p.path || !p.sha256) return;
  p.place = node_get(item, "path")->place;
  if (*p.path != '/') p.path = arena_format(r->arena, "%s%s", r->folder, p.path);
  if (lock_by_path(r->out, p.path))
    problem_add(r->problems, EXIT_PROFILE, p.place, "%s: its path is given twice", what);
  else add_plugin(r->out, &p, r->arena);
}

static void read_root(reader *r, const node *root)
{
  static const char *const known[] = {"tarazu_lock", "plugins", NULL};
  const node *version = node_get(root, "tarazu_lock"), *plugins = node_get(root, "plugins");
  int64_t number;
  if (root->kind != NODE_MAP || !version) {
    problem_add(r->problems, EXIT_PROFILE, (place){.file = r->out->file}, "'tarazu_lock: 1' is missing");
    return;
  }
  value_keys(root, "the lock", known, r->problems);
  if (value_integer(version, "tarazu_lock", 0, 0, r->problems, &number) && number != 1)
    problem_add(r->problems, EXIT_PROFILE, version->place, "tarazu_lock: found format %lld, expected 1",
                (long long)number);
  if (!plugins || plugins->kind != NODE_LIST) {
    if (plugins) expected(r, plugins, "plugins", "a list of plugins");
    else problem_add(r->problems, EXIT_PROFILE, (place){.file = r->out->file}, "'plugins' is missing");
    return;
  }
  for (uint32_t i = 0; i < plugins->count; i++)
    read_plugin(r, plugins->items[i], arena_format(r->arena, "plugins[%u]", i));
}

int lock_read(const char *profile, arena *memory, problems *faults, lock *out)
{
  size_t before = problems_errors(faults);
  *out = lock_new(profile, memory);
  if (access(out->file, F_OK) != 0) {
    problem_add(faults, EXIT_PROFILE, (place){.file = out->file}, "there is no such file, which --locked asks for");
    problem_hint(faults, "`%s` writes it", out->command);
    return 0;
  }
  reader r = {out, memory, faults, folder_of(out->file, memory)};
  const node *root = yaml_read(out->file, memory, faults);
  if (root) read_root(&r, root);
  if (problems_errors(faults) == before) return 1;
  problem_hint(faults, "`%s` writes the file anew", out->command);
  return 0;
}

/* ---- comparing --------------------------------------------------------------------------------------------- */

/* "combiner/topsis 1.2, normalizer/vector 1.0" */
static void list_strategies(const locked_plugin *p, text *out)
{
  for (uint32_t i = 0; i < p->strategy_count; i++)
    text_addf(out, "%s%s %s", i ? ", " : "", p->strategies[i].name, p->strategies[i].version);
}

static int same_strategies(const locked_plugin *a, const locked_plugin *b)
{
  if (a->strategy_count != b->strategy_count) return 0;
  for (uint32_t i = 0; i < a->strategy_count; i++)
    if (strcmp(a->strategies[i].name, b->strategies[i].name) != 0 ||
        strcmp(a->strategies[i].version, b->strategies[i].version) != 0)
      return 0;
  return 1;
}

static void tell_changed(const locked_plugin *old, const locked_plugin *p, text *out)
{
  text_addf(out, "changed %s:", p->path);
  if (!same_strategies(old, p)) {
    text_add(out, " ");
    list_strategies(old, out);
    text_add(out, " → ");
    list_strategies(p, out);
    text_add(out, strcmp(old->sha256, p->sha256) != 0 ? "," : "");
  }
  if (strcmp(old->sha256, p->sha256) != 0) text_addf(out, " SHA-256 %.12s… → %.12s…", old->sha256, p->sha256);
  text_add(out, "\n");
}

uint32_t lock_differences(const lock *before, const lock *now, text *out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < now->count; i++) {
    const locked_plugin *p = &now->plugins[i], *old = before ? lock_by_path(before, p->path) : NULL;
    if (old && !strcmp(old->sha256, p->sha256) && same_strategies(old, p)) continue;
    count++;
    if (old) {
      tell_changed(old, p, out);
      continue;
    }
    text_addf(out, "added %s (", p->path);
    list_strategies(p, out);
    text_add(out, ")\n");
  }
  for (uint32_t i = 0; before && i < before->count; i++) {
    if (lock_by_path(now, before->plugins[i].path)) continue;
    text_addf(out, "removed %s\n", before->plugins[i].path);
    count++;
  }
  return count;
}
