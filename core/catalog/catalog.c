/* The catalog itself: what was found and probed, and the loading of what is asked for. */
#include "catalog/catalog.h"

#include "base/file.h"
#include "base/hash.h"
#include "catalog/find.h"
#include "catalog/probe.h"
#include "catalog/trust.h"
#include "catalog/verdict.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_NAMED = 24 }; /* ids that a message lists */

struct catalog {
  arena *arena;
  uint32_t count;
  found_file *found;
  verdict *verdicts;
  plugin_file *files;
  void **handles;
  lock *lock; /* NULL: every file will do */
};

/* A strategy of a file by its verdict, loaded or not. */
typedef struct offer {
  uint32_t file;
  const verdict_strategy *strategy;
} offer;

static const char CHANGED[] = "has changed since it was looked at; run again once it stays as it is";

static int measure(catalog *c, uint32_t index);

/* ---- opening ----------------------------------------------------------------------------------------------- */

/* Why a lock keeps a file from being looked at; NULL: the lock holds it as it is. */
static const char *lock_fault(catalog *c, uint32_t index)
{
  const char *file = c->lock->file;
  const locked_plugin *as = lock_by_path(c->lock, c->found[index].target);
  if (!as) return arena_format(c->arena, "is not in %s", file);
  if (!measure(c, index)) return c->files[index].fault;
  if (!strcmp(as->sha256, c->files[index].sha256)) return NULL;
  return arena_format(c->arena, "is another file than the locked one: its SHA-256 is %s, expected %s",
                      c->files[index].sha256, as->sha256);
}

static const plugin_file *file_by_target(const catalog *c, const char *target)
{
  for (uint32_t i = 0; i < c->count; i++)
    if (!strcmp(c->files[i].target, target)) return &c->files[i];
  return NULL;
}

const lock *catalog_lock(const catalog *c)
{
  return c->lock;
}

int catalog_check_lock(const catalog *c, problems *faults)
{
  size_t before = problems_errors(faults);
  for (uint32_t i = 0; i < c->lock->count; i++) {
    const locked_plugin *as = &c->lock->plugins[i];
    const plugin_file *file = file_by_target(c, as->path);
    if (file && !file->fault) continue;
    if (!file) problem_add(faults, EXIT_PLUGIN, as->place, "%s is not on the plugin path", as->path);
    else problem_add(faults, EXIT_PLUGIN, as->place, "%s: %s", as->path, file->fault);
    problem_hint(faults, "where that is as it should be, `%s` writes the lock anew", c->lock->command);
  }
  return problems_errors(faults) == before;
}

static void judge(catalog *c, const char *cache)
{
  uint32_t unknown = 0;
  if (cache) verdicts_recall(cache, c->found, c->verdicts, c->count, c->arena);
  for (uint32_t i = 0; i < c->count; i++) unknown += !c->verdicts[i].known && !c->found[i].fault;
  if (!unknown) return;
  probe_files(c->found, c->verdicts, c->count, c->arena);
  if (cache) verdicts_remember(cache, c->found, c->verdicts, c->count, c->arena);
}

catalog *catalog_open(const char *path, const char *cache)
{
  return catalog_open_locked(path, cache, NULL);
}

catalog *catalog_open_locked(const char *path, const char *cache, lock *only)
{
  arena *memory = arena_new();
  catalog *c = arena_alloc(memory, sizeof *c);
  c->arena = memory;
  c->found = find_plugins(path, memory, &c->count);
  c->verdicts = arena_array(memory, c->count, sizeof *c->verdicts);
  c->files = arena_array(memory, c->count, sizeof *c->files);
  c->handles = arena_array(memory, c->count, sizeof *c->handles);
  c->lock = only;
  for (uint32_t i = 0; i < c->count; i++) {
    c->files[i].path = c->found[i].path;
    c->files[i].target = c->found[i].target;
    if (only && !c->found[i].fault) c->found[i].fault = lock_fault(c, i);
  }
  judge(c, cache);
  for (uint32_t i = 0; i < c->count; i++) {
    c->files[i].fault = c->found[i].fault ? c->found[i].fault : c->verdicts[i].fault;
  }
  return c;
}

void catalog_free(catalog *c)
{
  if (!c) return;
  for (uint32_t i = 0; i < c->count; i++)
    if (c->handles[i]) dlclose(c->handles[i]);
  arena_free(c->arena);
}

uint32_t catalog_files(const catalog *c)
{
  return c->count;
}

const plugin_file *catalog_file(const catalog *c, uint32_t index)
{
  return &c->files[index];
}

/* ---- loading ----------------------------------------------------------------------------------------------- */

/* The hash of a file as it was found: what has changed since is another file. */
static int measure(catalog *c, uint32_t index)
{
  plugin_file *file = &c->files[index];
  struct stat before, after;
  file_state state[2];
  const char *fault = NULL;
  if (file->sha256[0]) return 1;
  int opened = open(c->found[index].target, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (opened < 0 || fstat(opened, &before) != 0 || hash_open_file(opened, file->sha256) != 0 ||
      fstat(opened, &after) != 0) {
    fault = arena_format(c->arena, "cannot be read: %s", strerror(errno));
  } else {
    state[0] = find_state(&before);
    state[1] = find_state(&after);
    fault = find_is_same(&state[0], &c->found[index].state) && find_is_same(&state[1], &state[0])
                ? trust_fault(&before, c->arena)
                : CHANGED;
  }
  if (opened >= 0) close(opened);
  if (!fault) return 1;
  file->sha256[0] = 0;
  file->fault = fault;
  return 0;
}

/* Whether the path still leads to what was found, and measured: a file that was put in its place, or written to, has
 * another number or another time of change, which nobody can set back. */
static int is_as_found(const catalog *c, uint32_t index)
{
  struct stat about;
  if (stat(c->found[index].target, &about) != 0) return 0;
  file_state state = find_state(&about);
  return find_is_same(&state, &c->found[index].state);
}

/* The plugin's own descriptor is checked again: a cached verdict may be of another set of libraries. */
static int load(catalog *c, uint32_t index)
{
  plugin_file *file = &c->files[index];
  int passing;
  if (file->fault) return 0;
  if (file->plugin) return 1;
  void *handle = probe_load(c->found[index].target, c->arena, &file->plugin, &file->fault, &passing);
  if (handle && !is_as_found(c, index)) {
    dlclose(handle);
    handle = NULL;
    file->plugin = NULL;
    file->fault = CHANGED;
  }
  c->handles[index] = handle;
  return handle != NULL;
}

static const tarazu_strategy *strategy_in(const tarazu_plugin *plugin, uint32_t role, const char *id)
{
  for (const tarazu_strategy *const *s = plugin->strategies; *s; s++)
    if ((*s)->role == role && !strcmp((*s)->id, id)) return *s;
  return NULL;
}

/* What a pin says of a file that was measured. 1, or 0 with a problem. */
static int fits_pin(const catalog *c, const offer *o, const plugin_pin *as, problems *faults)
{
  const plugin_file *file = &c->files[o->file];
  if (!as || !as->sha256 || !strcmp(as->sha256, file->sha256)) return 1;
  problem_add(faults, EXIT_PLUGIN, as->place,
              "%s '%s' is another file than the pinned one: %s has the SHA-256 %s, expected %s",
              role_name(o->strategy->role), o->strategy->id, file->path, file->sha256, as->sha256);
  problem_hint(faults, "where the file is meant to be another one now, write its hash: `sha256: %s`", file->sha256);
  return 0;
}

/* Loads what a run is going to use, measured first: its hash stands in the manifest, and decides whether it is loaded
 * at all where the profile pins it. NULL: the file has a fault, or, with a problem, does not fit the pin. */
static const tarazu_strategy *take(catalog *c, const offer *o, const plugin_pin *as, const plugin_file **out,
                                   problems *faults)
{
  plugin_file *file = &c->files[o->file];
  if (file->fault || !measure(c, o->file) || !fits_pin(c, o, as, faults) || !load(c, o->file)) return NULL;
  const tarazu_strategy *strategy = strategy_in(file->plugin, o->strategy->role, o->strategy->id);
  if (!strategy) {
    file->fault = "is another file than the one that was probed";
    return NULL;
  }
  if (out) *out = file;
  return strategy;
}

/* ---- by name ----------------------------------------------------------------------------------------------- */

/* Every offer of usable files, in the order of files; of one role, or of all (0). */
static offer *offers(catalog *c, uint32_t role, uint32_t *count)
{
  offer *out = NULL;
  unsigned room = 0;
  *count = 0;
  for (uint32_t i = 0; i < c->count; i++) {
    const verdict *v = &c->verdicts[i];
    for (uint32_t k = 0; !c->files[i].fault && k < v->strategy_count; k++)
      if (!role || v->strategies[k].role == role)
        *arena_push(c->arena, out, *count, room) = (offer){i, &v->strategies[k]};
  }
  return out;
}

/* A file that cannot be used, but is called as its strategy would be: what the user most likely means. */
static const plugin_file *faulty_namesake(const catalog *c, uint32_t role, const char *id)
{
  const plugin_file *found = NULL;
  size_t length = strlen(id);
  for (uint32_t i = 0; i < c->count; i++) {
    const char *name = file_name(c->files[i].path);
    if (!c->files[i].fault || strncmp(name, id, length) != 0 || strcmp(name + length, ".so") != 0) continue;
    const char *folder = file_name(file_folder(c->arena, c->files[i].path));
    if (!strcmp(folder, role_name(role))) return &c->files[i];
    if (!role_by_name(folder)) found = &c->files[i];
  }
  return found;
}

static int compare_words(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ids of a role in the order of the alphabet, and as a message lists them: "one of a, b". */
static const char **ids_of(catalog *c, uint32_t role, uint32_t *count, const char **listed)
{
  offer *all = offers(c, role, count);
  const char **ids = arena_array(c->arena, *count + 1, sizeof *ids);
  text known = {0};
  for (uint32_t i = 0; i < *count; i++) ids[i] = all[i].strategy->id;
  if (*count) qsort(ids, *count, sizeof *ids, compare_words);
  if (*count > 1) text_add(&known, "one of ");
  for (uint32_t i = 0; i < *count && i < MOST_NAMED; i++) text_addf(&known, "%s%s", i ? ", " : "", ids[i]);
  if (*count > MOST_NAMED) text_add(&known, ", …");
  *listed = arena_copy(c->arena, text_string(&known));
  text_free(&known);
  return ids;
}

void catalog_hint_lock(const catalog *c, problems *faults)
{
  if (!c->lock) return;
  problem_hint(faults, "nothing else is used with --locked; where it is meant to be, `%s` writes %s anew",
               c->lock->command, c->lock->file);
}

/* Where there is no strategy of a role: perhaps because of files that are there. */
static void hint_faulty(const catalog *c, problems *faults)
{
  int faulty = 0;
  if (c->lock) {
    catalog_hint_lock(c, faults);
    return;
  }
  for (uint32_t i = 0; i < c->count; i++) faulty |= c->files[i].fault != NULL;
  if (faulty) problem_hint(faults, "what is there cannot be used; `tarazu plugin list` says why");
}

static void tell_unknown(catalog *c, uint32_t role, const char *id, place where, problems *faults)
{
  uint32_t count;
  const char *known, **ids = ids_of(c, role, &count, &known);
  if (!count)
    problem_add(faults, EXIT_PROFILE, where, "unknown %s '%s': the plugin path holds no %s", role_name(role), id,
                role_name(role));
  else problem_add(faults, EXIT_PROFILE, where, "unknown %s '%s'; expected %s", role_name(role), id, known);
  problem_nearest(faults, id, ids, count);
  if (!count) hint_faulty(c, faults);
}

static void tell_missing(catalog *c, uint32_t role, const char *id, place where, problems *faults)
{
  const plugin_file *namesake = faulty_namesake(c, role, id);
  uint32_t count;
  offer *all = offers(c, 0, &count);
  if (c->lock) {
    problem_add(faults, EXIT_PLUGIN, where, "%s '%s' is not in %s", role_name(role), id, c->lock->file);
    catalog_hint_lock(c, faults);
    return;
  }
  if (namesake) {
    problem_add(faults, EXIT_PLUGIN, where, "%s '%s' cannot be used: %s: %s", role_name(role), id, namesake->path,
                namesake->fault);
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (strcmp(all[i].strategy->id, id) != 0) continue;
    problem_add(faults, EXIT_PROFILE, where, "'%s' is a %s, not a %s", id, role_name(all[i].strategy->role),
                role_name(role));
    return;
  }
  tell_unknown(c, role, id, where, faults);
}

/* NULL with one problem. */
static const offer *find_named(catalog *c, uint32_t role, const char *id, place where, problems *faults)
{
  uint32_t count;
  offer *all = offers(c, role, &count);
  const offer *found = NULL;
  for (uint32_t i = 0; i < count; i++) {
    if (strcmp(all[i].strategy->id, id) != 0) continue;
    if (found) {
      problem_add(faults, EXIT_PLUGIN, where, "%s '%s' is offered by two files, %s and %s; expected one",
                  role_name(role), id, c->files[found->file].path, c->files[all[i].file].path);
      return NULL;
    }
    found = &all[i];
  }
  if (!found) tell_missing(c, role, id, where, faults);
  return found;
}

const tarazu_strategy *catalog_strategy(catalog *c, uint32_t role, const char *id, place where, const plugin_pin *as,
                                        const plugin_file **file, problems *faults)
{
  const offer *found = find_named(c, role, id, where, faults);
  if (file) *file = NULL;
  if (!found) return NULL;
  const tarazu_strategy *strategy = take(c, found, as, file, faults);
  if (!strategy && c->files[found->file].fault)
    problem_add(faults, EXIT_PLUGIN, where, "%s '%s' cannot be used: %s: %s", role_name(role), id,
                c->files[found->file].path, c->files[found->file].fault);
  return strategy;
}

/* ---- the usual one ------------------------------------------------------------------------------------------ */

/* "a (plugins/a.so), b (plugins/b.so)": those that say they are the usual one. */
static void tell_several(const catalog *c, const offer *all, uint32_t count, const char *role, place where,
                         problems *faults)
{
  text several = {0};
  for (uint32_t i = 0; i < count; i++)
    if (all[i].strategy->usual)
      text_addf(&several, "%s'%s' (%s)", several.length ? ", " : "", all[i].strategy->id, c->files[all[i].file].path);
  problem_add(faults, EXIT_PROFILE, where, "the profile names no %s, and several say that they are the usual one: %s",
              role, text_string(&several));
  problem_hint(faults, "name the %s that is meant", role);
  text_free(&several);
}

/* NULL with one problem. */
static const offer *find_usual(catalog *c, uint32_t role, place where, problems *faults)
{
  uint32_t count, usual = 0, known_count;
  offer *all = offers(c, role, &count);
  const offer *found = NULL;
  const char *known;
  for (uint32_t i = 0; i < count; i++)
    if (all[i].strategy->usual) found = &all[i], usual++;
  if (usual > 1) {
    tell_several(c, all, count, role_name(role), where, faults);
    return NULL;
  }
  if (!found) {
    ids_of(c, role, &known_count, &known);
    problem_add(faults, c->lock ? EXIT_PLUGIN : EXIT_PROFILE, where, "the profile names no %s, and %s; expected %s",
                role_name(role),
                count     ? "none that is installed says that it is the usual one"
                : c->lock ? arena_format(c->arena, "%s holds none", c->lock->file)
                          : "the plugin path holds none",
                count ? known : "one that is installed");
    if (!count || c->lock) hint_faulty(c, faults);
  }
  return found;
}

const tarazu_strategy *catalog_usual(catalog *c, uint32_t role, place where, const plugin_file **file, problems *faults)
{
  const offer *found = find_usual(c, role, where, faults);
  if (file) *file = NULL;
  if (!found) return NULL;
  const tarazu_strategy *strategy = take(c, found, NULL, file, faults);
  if (!strategy)
    problem_add(faults, EXIT_PLUGIN, where, "%s '%s', the usual one, cannot be used: %s: %s", role_name(role),
                found->strategy->id, c->files[found->file].path, c->files[found->file].fault);
  return strategy;
}

/* ---- for another process ------------------------------------------------------------------------------------- */

const plugin_file *catalog_unloaded(catalog *c, uint32_t role, const char **id, place where, const plugin_pin *as,
                                    problems *faults)
{
  const offer *found = *id ? find_named(c, role, *id, where, faults) : find_usual(c, role, where, faults);
  if (!found) return NULL;
  const plugin_file *file = &c->files[found->file];
  *id = found->strategy->id;
  if (!file->fault && measure(c, found->file)) return fits_pin(c, found, as, faults) ? file : NULL;
  problem_add(faults, EXIT_PLUGIN, where, "%s '%s' cannot be used: %s: %s", role_name(role), *id, file->path,
              file->fault);
  return NULL;
}

int catalog_stayed(catalog *c, const plugin_file *file)
{
  uint32_t index = (uint32_t)(file - c->files);
  if (is_as_found(c, index)) return 1;
  c->files[index].fault = CHANGED;
  return 0;
}

/* ---- all, and by location ---------------------------------------------------------------------------------- */

static int compare_offers(const void *a, const void *b)
{
  const offer *left = a, *right = b;
  if (left->strategy->role != right->strategy->role) return left->strategy->role < right->strategy->role ? -1 : 1;
  int order = strcmp(left->strategy->id, right->strategy->id);
  if (order) return order;
  return left->file < right->file ? -1 : left->file > right->file;
}

uint32_t catalog_strategies(catalog *c, const tarazu_strategy *const **strategies, const plugin_file *const **files)
{
  uint32_t count, loaded = 0;
  offer *all = offers(c, 0, &count);
  const tarazu_strategy **found = arena_array(c->arena, count + 1, sizeof *found);
  const plugin_file **from = arena_array(c->arena, count + 1, sizeof *from);
  if (count) qsort(all, count, sizeof *all, compare_offers);
  for (uint32_t i = 0; i < count; i++) {
    if (!load(c, all[i].file)) continue;
    found[loaded] = strategy_in(c->files[all[i].file].plugin, all[i].strategy->role, all[i].strategy->id);
    from[loaded] = &c->files[all[i].file];
    loaded += found[loaded] != NULL;
  }
  *strategies = found;
  *files = from;
  return loaded;
}

/* The length of the longest pattern that accepts the location, 0: none. The case of letters does not matter: DATA.CSV.
 */
static size_t accepts(const verdict_strategy *s, const char *location)
{
  size_t longest = 0;
  for (uint32_t i = 0; i < s->accept_count; i++) {
    size_t length = strlen(s->accepts[i]);
    if (length > longest && fnmatch(s->accepts[i], location, FNM_CASEFOLD) == 0) longest = length;
  }
  return longest;
}

static const offer *find_accepting(catalog *c, uint32_t role, const char *location)
{
  uint32_t count;
  offer *all = offers(c, role, &count);
  const offer *best = NULL;
  size_t longest = 0;
  for (uint32_t i = 0; i < count; i++) {
    size_t length = accepts(all[i].strategy, location);
    if (!length || length < longest) continue;
    if (length == longest && compare_offers(&all[i], best) > 0) continue;
    longest = length;
    best = &all[i];
  }
  return best;
}

const tarazu_strategy *catalog_accepting(catalog *c, uint32_t role, const char *location, const plugin_pin *as,
                                         const plugin_file **file, problems *faults)
{
  const offer *best = find_accepting(c, role, location);
  if (file) *file = NULL;
  const tarazu_strategy *strategy = best ? take(c, best, as, file, faults) : NULL;
  /* What cannot be loaded after all is now a file with a fault: the next best is asked. */
  return best && c->files[best->file].fault ? catalog_accepting(c, role, location, as, file, faults) : strategy;
}

const plugin_file *catalog_accepting_unloaded(catalog *c, uint32_t role, const char *location, const plugin_pin *as,
                                              const char **id, problems *faults)
{
  const offer *best = find_accepting(c, role, location);
  if (!best) return NULL;
  if (!measure(c, best->file)) return catalog_accepting_unloaded(c, role, location, as, id, faults);
  *id = best->strategy->id;
  return fits_pin(c, best, as, faults) ? &c->files[best->file] : NULL;
}
