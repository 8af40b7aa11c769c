/* libtarazu's public face: a session takes a profile through opening, checking, running, publishing and explaining. */
#include <tarazu/tarazu.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/arrow.h"
#include "run/backtest.h"
#include "run/confidence.h"
#include "run/explain.h"
#include "run/manifest.h"
#include "run/publish.h"
#include "run/scratch.h"
#include "run/session.h"
#include "run/shapley.h"
#include "run/stages.h"
#include "run/uses.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BATCH (INT64_C(1) << 32) /* rows; so that sums of rows stay far from the end of an integer */

typedef struct pushed_table {
  char *name;
  arrow_source *source;
} pushed_table;

/* A result stream's rows in order, kept until the session goes. */
typedef struct exported {
  column *columns;
  uint32_t count;
  struct exported *next;
} exported;

struct tarazu_session {
  arena *arena;
  problems *problems;
  catalog *catalog;
  lock lock;  /* of a session that is locked */
  int barred; /* the lock does not hold */
  tarazu_options options;
  node *root;
  const char *const *files;
  session_trial trial; /* root NULL: no experiment's */
  profile profile;
  plan plan;
  engine engine;
  selection selection;
  results results;
  pushed_table *pushed;
  uint32_t pushed_count;
  unsigned pushed_room;
  atomic_int cancelled;
  int planned, ran;
  text words, manifest;
  scratch_folder scratch;
  cache *cache;
  int64_t recorded;
  exported *exports;
};

TARAZU_API const char *tarazu_version(void)
{
  return TARAZU_VERSION;
}

/* ---- opening ----------------------------------------------------------------------------------------------- */

const char *plugin_path_default(arena *home)
{
  const char *given = getenv("TARAZU_PLUGIN_PATH");
  Dl_info here;
  char self[4096];
  if (given && *given) return arena_copy(home, given);
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  const char *from[2] = {NULL, NULL};
  if (dladdr((void *)(uintptr_t)tarazu_version, &here) && here.dli_fname) from[0] = arena_copy(home, here.dli_fname);
  if (length > 0) from[1] = arena_copy_n(home, self, (size_t)length);
  for (int i = 0; i < 2; i++) {
    static const char *const tails[] = {"plugins", "tarazu/plugins", "../lib/tarazu/plugins"};
    for (size_t k = 0; from[i] && k < sizeof tails / sizeof *tails; k++) {
      const char *folder = arena_format(home, "%s/%s", file_folder(home, from[i]), tails[k]);
      if (access(folder, R_OK | X_OK) == 0) return folder;
    }
  }
  return "";
}

const char *plugin_cache_default(arena *home)
{
  const char *base = getenv("XDG_CACHE_HOME"), *user = getenv("HOME");
  const char *folder = base && *base == '/'   ? arena_format(home, "%s/tarazu", base)
                       : user && *user == '/' ? arena_format(home, "%s/.cache/tarazu", user)
                                              : NULL;
  if (!folder || file_make_folders(folder) != 0) return NULL;
  return arena_format(home, "%s/plugins", folder);
}

static int status_of(const tarazu_session *s)
{
  return (int)problems_status(s->problems);
}

static node *read_tree(tarazu_session *s, const char *path, const char *const **files)
{
  node *root = yaml_read_extended(path, s->arena, s->problems, files);
  for (const char *const *set = s->options.settings; root && set && *set; set++)
    node_set(root, *set, s->arena, s->problems);
  return root;
}

/* What says which data a run sees: the tables, up to when, and by which clock. */
static const char *const data_keys[] = {"data", "as_of", "time_zone"};

static void take_data(tarazu_session *s, const node *from)
{
  enum { KEYS = sizeof data_keys / sizeof *data_keys };
  entry *entries = arena_array(s->arena, (size_t)s->root->count + KEYS, sizeof *entries);
  uint32_t count = 0;
  for (uint32_t i = 0; i < s->root->count; i++) {
    int of_data = 0;
    for (int k = 0; k < KEYS; k++) of_data |= !strcmp(s->root->entries[i].key->text, data_keys[k]);
    if (!of_data) entries[count++] = s->root->entries[i];
  }
  for (int k = 0; k < KEYS; k++)
    if (node_get(from, data_keys[k]))
      entries[count++] = (entry){node_get_key(from, data_keys[k]), node_get(from, data_keys[k])};
  s->root->entries = entries;
  s->root->count = count;
}

static void read_profile(tarazu_session *s, const char *path, const char *data)
{
  s->root = read_tree(s, path, &s->files);
  const node *other = s->root && data ? read_tree(s, data, NULL) : NULL;
  if (other) take_data(s, other);
  if (s->root && (other || !data))
    profile_read(s->root, arena_copy(s->arena, path), s->arena, s->problems, &s->profile);
}

static void read_trial(tarazu_session *s, const char *path)
{
  const char **files = arena_array(s->arena, 2, sizeof *files);
  files[0] = arena_copy(s->arena, path);
  s->files = s->trial.files ? s->trial.files : files;
  s->root = backtest_tree(&s->trial, s->arena);
  profile_read(s->root, files[0], s->arena, s->problems, &s->profile);
}

/* 0: the lock does not hold, and no plugin is to be used. */
static int open_catalog(tarazu_session *s, const char *path, const char *plugins)
{
  lock *only = s->options.locked ? &s->lock : NULL;
  if (only && !lock_read(path, s->arena, s->problems, only)) return 0;
  s->catalog = catalog_open_locked(plugins, plugin_cache_default(s->arena), only);
  return !only || catalog_check_lock(s->catalog, s->problems);
}

TARAZU_API int tarazu_open(const char *path, const tarazu_options *options, tarazu_session **session)
{
  return session_open_on(path, NULL, options, session);
}

/* A session without a profile yet; NULL: no memory. */
static tarazu_session *new_session(const char *lock_of, const tarazu_options *options)
{
  tarazu_session *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->arena = arena_new();
  s->problems = problems_new();
  if (options) memcpy(&s->options, options, options->size < sizeof *options ? options->size : sizeof *options);
  if (s->options.batch < 0 || s->options.threads > 4096) {
    problem_add(s->problems, EXIT_USAGE, NOWHERE, "threads must be at most 4096 and batch at least 1");
    return s;
  }
  if (s->options.save_models && !*s->options.save_models)
    problem_add(s->problems, EXIT_USAGE, NOWHERE, "the folder to save models in has no name");
  if (s->options.store && !*s->options.store)
    problem_add(s->problems, EXIT_USAGE, NOWHERE, "the run store has no name");
  if (s->options.store) s->options.store = arena_copy(s->arena, s->options.store);
  if (s->options.save_models) s->options.save_models = arena_copy(s->arena, s->options.save_models);
  const char *plugins =
      s->options.plugin_path ? arena_copy(s->arena, s->options.plugin_path) : plugin_path_default(s->arena);
  s->barred = !open_catalog(s, lock_of, plugins);
  return s;
}

/* With which plugins a barred session might go on is not known. */
static int end_opening(tarazu_session *s)
{
  if (s->barred) s->root = NULL;
  return status_of(s);
}

int session_open_on(const char *path, const char *data, const tarazu_options *options, tarazu_session **session)
{
  tarazu_session *s = *session = new_session(path, options);
  if (!s) return TARAZU_FAULT_INTERNAL;
  if (s->catalog) read_profile(s, path, data);
  return end_opening(s);
}

int session_open_trial(const char *path, const session_trial *trial, const tarazu_options *options,
                       tarazu_session **session)
{
  tarazu_session *s = *session = new_session(trial->lock_of ? trial->lock_of : path, options);
  if (!s) return TARAZU_FAULT_INTERNAL;
  s->trial = *trial;
  if (s->catalog) read_trial(s, path);
  return end_opening(s);
}

int session_again(const tarazu_session *s, tarazu_session **again)
{
  tarazu_options options = s->options;
  options.progress = NULL;
  return session_open_trial(s->profile.path, &s->trial, &options, again);
}

static void exports_free(exported *list)
{
  while (list) {
    exported *next = list->next;
    for (uint32_t i = 0; i < list->count; i++) column_free(&list->columns[i]);
    free(list->columns);
    free(list);
    list = next;
  }
}

TARAZU_API void tarazu_close(tarazu_session *s)
{
  if (!s) return;
  exports_free(s->exports);
  results_free(&s->results);
  selection_free(&s->selection);
  confidence_free(s->engine.confidence);
  if (s->planned) {
    engine_free(&s->engine);
    pool_free(s->engine.pool);
  }
  isolation_free(s->plan.isolation);
  for (uint32_t i = 0; i < s->pushed_count; i++) arrow_source_free(s->pushed[i].source);
  scratch_remove(&s->scratch);
  profile_free(&s->profile);
  catalog_free(s->catalog);
  text_free(&s->words);
  text_free(&s->manifest);
  problems_free(s->problems);
  arena_free(s->arena);
  free(s);
}

TARAZU_API void tarazu_cancel(tarazu_session *s)
{
  atomic_store(&s->cancelled, 1);
}

TARAZU_API const char *tarazu_problems(tarazu_session *s, int json, int colour)
{
  text_free(&s->words);
  if (json) problems_print_json(s->problems, &s->words);
  else problems_print(s->problems, &s->words, colour);
  return text_string(&s->words);
}

/* ---- tables ------------------------------------------------------------------------------------------------ */

static pushed_table *find_pushed(const tarazu_session *s, const char *name)
{
  for (uint32_t i = 0; i < s->pushed_count; i++)
    if (!strcmp(s->pushed[i].name, name)) return &s->pushed[i];
  return NULL;
}

static int is_pushed(void *argument, const char *name)
{
  return find_pushed(argument, name) != NULL;
}

TARAZU_API int tarazu_push(tarazu_session *s, const char *name, struct ArrowArrayStream *stream)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  int known = profile_table(&s->profile, name) != NULL && !s->planned && !find_pushed(s, name);
  arrow_source *source = arrow_source_new(stream, &error);
  if (!known) {
    problem_add(s->problems, EXIT_USAGE, NOWHERE, "table '%s' cannot be pushed: %s", name,
                s->planned             ? "the profile was already checked or run"
                : find_pushed(s, name) ? "it was pushed already"
                                       : "the profile's data name no such table");
    arrow_source_free(source);
    return TARAZU_FAULT_USAGE;
  }
  if (!source) {
    problem_add(s->problems, EXIT_DATA, NOWHERE, "table '%s': %s", name, error.message);
    return TARAZU_FAULT_DATA;
  }
  *arena_push(s->arena, s->pushed, s->pushed_count, s->pushed_room) =
      (pushed_table){arena_copy(s->arena, name), source};
  return TARAZU_GOOD;
}

/* ---- running ----------------------------------------------------------------------------------------------- */

static int64_t machine_memory(void)
{
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? (int64_t)pages * size : INT64_C(4) << 30;
}

static void make_scratch(tarazu_session *s)
{
  int number = scratch_make(&s->scratch);
  if (number) problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "cannot make a scratch folder: %s", strerror(number));
}

static int plan_for(tarazu_session *s, arena *home, problems *found, plan *p, engine *e)
{
  *p = (plan){.profile = &s->profile,
              .catalog = s->catalog,
              .arena = home,
              .problems = found,
              .scorers_only = s->trial.scorers_only,
              .threads = s->options.threads ? s->options.threads : (uint32_t)pool_processors()};
  plan_make(p, is_pushed, s);
  *e = (engine){.plan = p,
                .arena = home,
                .problems = found,
                .has_after = s->trial.has_after,
                .after = s->trial.after,
                .unread = s->trial.root != NULL,
                .batch = s->options.batch ? s->options.batch : TARAZU_BLOCK};
  if (e->batch > MOST_BATCH) e->batch = MOST_BATCH;
  e->cancelled = s->trial.stop ? s->trial.stop : &s->cancelled;
  return !problems_errors(found);
}

static int make_plan(tarazu_session *s)
{
  engine *e = &s->engine;
  plan_for(s, s->arena, s->problems, &s->plan, e);
  if (s->trial.root) backtest_check(&s->plan, &s->trial);
  if (problems_errors(s->problems)) return 0;
  if (s->options.locked && !s->trial.root) uses_warn_unused(&s->plan, &s->lock);
  make_scratch(s);
  e->threads = s->plan.threads;
  e->memory = s->options.memory > 0 ? s->options.memory : machine_memory() / 4;
  e->scratch = s->scratch.path;
  e->save_models = s->options.save_models;
  e->cache = s->cache;
  e->progress = s->options.progress;
  e->argument = s->options.argument;
  e->sources = arena_array(s->arena, s->plan.table_count + 1, sizeof *e->sources);
  e->source_selfs = arena_array(s->arena, s->plan.table_count + 1, sizeof *e->source_selfs);
  for (uint32_t i = 0; i < s->plan.table_count; i++) {
    pushed_table *given = find_pushed(s, s->plan.tables[i].profile->name);
    if (!given || (int)i == s->plan.previous) continue;
    e->sources[i] = arrow_source_interface();
    e->source_selfs[i] = given->source;
  }
  s->planned = 1;
  e->pool = pool_new((int)e->threads);
  if (!e->pool) problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "cannot start %u threads", e->threads);
  return !problems_errors(s->problems);
}

TARAZU_API int tarazu_check(tarazu_session *s)
{
  if (!s->root) return status_of(s);
  if (!s->planned && make_plan(s)) {
    engine_check(&s->engine);
    publish_check(&s->engine);
  }
  return status_of(s);
}

int session_plan(tarazu_session *s)
{
  return s->root && !s->planned && !problems_errors(s->problems) && make_plan(s);
}

void session_use_cache(tarazu_session *s, cache *shared)
{
  s->cache = shared;
}

void session_stages(const tarazu_session *s, int64_t *taken, int64_t *made)
{
  engine_stages(&s->engine, taken, made);
}

int session_data_digest(tarazu_session *s, char digits[65])
{
  return s->cache && s->planned && stages_data(&s->engine, s->cache, digits);
}

/* 1, or 0 with a problem. */
static int explain_key_customers(tarazu_session *s)
{
  engine *e = &s->engine;
  const uint8_t *key = s->selection.key.values;
  int64_t count = 0, *rows;
  if (!contributions_baseline(e)) return 0;
  if (contributions_closed(e) || !shapley_possible(e)) return 1;
  if (!(rows = malloc(((size_t)s->selection.count + 1) * sizeof *rows))) {
    problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "no memory to explain %lld customers",
                (long long)s->selection.count);
    return 0;
  }
  for (int64_t i = 0; i < e->people.count; i++)
    if (key[i] && count < s->selection.count) rows[count++] = i;
  int good = shapley_explain(e, rows, count, NULL, &e->shapley);
  free(rows);
  return good;
}

static void time_stage(tarazu_session *s, const char *name, double *since)
{
  engine *e = &s->engine;
  double now = clock_seconds();
  *arena_push(s->arena, e->times, e->time_count, e->time_room) = (stage_time){name, now - *since};
  *since = now;
}

TARAZU_API int tarazu_run(tarazu_session *s)
{
  if (s->planned) {
    problem_add(s->problems, EXIT_USAGE, NOWHERE, "a session runs once, and not after tarazu_check: open another");
    return TARAZU_FAULT_USAGE;
  }
  if (!s->root || !make_plan(s)) return status_of(s);
  engine *e = &s->engine;
  if (!models_check_names(e) || !publish_check(e)) return status_of(s);
  if (!engine_run(e)) return status_of(s) ? status_of(s) : TARAZU_FAULT_INTERNAL;
  double since = clock_seconds();
  if (!select_key_customers(e, &s->selection)) return status_of(s);
  time_stage(s, "select", &since);
  if (!explain_key_customers(s)) return status_of(s);
  time_stage(s, "contributions", &since);
  if (!selection_tell_grounds(e, &s->selection)) {
    problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "no memory for the reasons");
    return status_of(s);
  }
  time_stage(s, "reasons", &since);
  if (!confidence_measure(e, &s->selection)) return status_of(s);
  if (e->confidence) time_stage(s, "confidence", &since);
  if (!models_save(e)) return status_of(s);
  if (!results_make(e, &s->selection, &s->results)) {
    problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "no memory for the results");
    return status_of(s);
  }
  results_warn(&s->results);
  if (!instances_survived(e)) return status_of(s);
  manifest_write(&s->results, s->root, s->files, &s->manifest);
  s->ran = !problems_errors(s->problems);
  return status_of(s);
}

int session_measure(tarazu_session *s)
{
  if (s->root && !s->planned && make_plan(s)) engine_run(&s->engine);
  return status_of(s);
}

int session_load(tarazu_session *s)
{
  if (s->root && !s->planned && make_plan(s)) engine_load(&s->engine);
  return status_of(s);
}

static int not_run(tarazu_session *s)
{
  if (s->ran) return 0;
  problem_add(s->problems, EXIT_USAGE, NOWHERE, "there are no results: run the session first");
  return TARAZU_FAULT_USAGE;
}

int session_publish(tarazu_session *s, const companion *with)
{
  const char *manifest;
  int missing = not_run(s);
  if (missing) return missing;
  if (!publish(&s->engine, &s->results, text_string(&s->manifest), with, &manifest) && !status_of(s))
    return TARAZU_FAULT_INTERNAL;
  return status_of(s);
}

TARAZU_API const char *tarazu_manifest(tarazu_session *s)
{
  return s->ran ? text_string(&s->manifest) : NULL;
}

/* ---- results ----------------------------------------------------------------------------------------------- */

static exported *gather_all(const result_table *t)
{
  exported *x = calloc(1, sizeof *x);
  if (!x || !(x->columns = calloc(t->count + 1, sizeof *x->columns))) {
    free(x);
    return NULL;
  }
  for (uint32_t i = 0; i < t->count; i++, x->count++) {
    if (!column_new(&x->columns[i], t->columns[i].column->type, t->rows, 1)) {
      exports_free(x);
      return NULL;
    }
    results_gather(t, i, 0, t->rows, &x->columns[i]);
    column_count_nulls(&x->columns[i]);
  }
  return x;
}

TARAZU_API int tarazu_results(tarazu_session *s, const char *name, struct ArrowArrayStream *out)
{
  int missing = not_run(s);
  memset(out, 0, sizeof *out);
  if (missing) return missing;
  const result_table *t = results_table(&s->results, name);
  if (!t) {
    problem_add(s->problems, EXIT_USAGE, NOWHERE,
                "there is no table of results '%s'; expected customers, criteria or facts", name);
    return TARAZU_FAULT_USAGE;
  }
  exported *x = gather_all(t);
  arrow_field *fields = arena_array(s->arena, t->count + 1, sizeof *fields);
  for (uint32_t i = 0; x && i < t->count; i++) fields[i] = (arrow_field){t->columns[i].as.name, &x->columns[i]};
  if (!x || !arrow_export(fields, t->count, t->rows, TARAZU_SHARE, out, NULL, NULL)) {
    exports_free(x);
    problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "no memory to hand the results over");
    return TARAZU_FAULT_INTERNAL;
  }
  x->next = s->exports;
  s->exports = x;
  return TARAZU_GOOD;
}

static void nearest_customer(tarazu_session *s, const char *customer)
{
  const engine *e = &s->engine;
  int64_t count = e->people.count < 200000 ? e->people.count : 200000;
  const char **names = malloc(((size_t)count + 1) * sizeof *names);
  for (int64_t i = 0; names && i < count; i++) names[i] = customer_name(e, i);
  if (names) problem_nearest(s->problems, customer, names, (size_t)count);
  free(names);
}

/* By a second plan of the same profile, in which the run's criteria are combined anew. 1, or 0 with a problem. */
static int find_changes(tarazu_session *s, int64_t row, smallest_changes *found)
{
  arena *home = arena_new();
  problems *refused = problems_new();
  plan again;
  engine bench;
  what_if w = {.from = &s->engine, .to = &bench, .row = row};
  int good = plan_for(s, home, refused, &again, &bench);
  bench.pool = s->engine.pool;
  bench.threads = s->engine.threads;
  if (good) good = smallest_find(&w, &s->selection, found);
  else problem_add(s->problems, EXIT_INTERNAL, NOWHERE, "the profile cannot be planned a second time");
  isolation_free(again.isolation);
  problems_free(refused);
  arena_free(home);
  return good;
}

TARAZU_API int tarazu_explain_customer(tarazu_session *s, const char *customer, int json, const char **out)
{
  int missing = not_run(s);
  *out = NULL;
  if (missing) return missing;
  engine *e = &s->engine;
  int64_t row = dictionary_find(e->people.names, customer, strlen(customer));
  if (row < 0) {
    problem_add(s->problems, EXIT_USAGE, NOWHERE, "there is no customer '%s' among the %lld", customer,
                (long long)e->people.count);
    nearest_customer(s, customer);
    return TARAZU_FAULT_USAGE;
  }
  if (!contributions_closed(e) && shapley_possible(e) && !shapley_explain(e, &row, 1, NULL, NULL)) return status_of(s);
  smallest_changes changes, *told = s->profile.limit < 0 ? NULL : &changes;
  if (told && !find_changes(s, row, &changes)) return status_of(s);
  text_free(&s->words);
  if (json) explain_json(&s->results, row, told, &s->words);
  else explain_text(&s->results, row, told, &s->words);
  *out = text_string(&s->words);
  return TARAZU_GOOD;
}

/* ---- what is inside ---------------------------------------------------------------------------------------- */

const char *session_store(const tarazu_session *s, place *where)
{
  *where = s->options.store ? NOWHERE : s->profile.store_place;
  return s->options.store ? s->options.store : s->profile.store;
}

int64_t *session_recorded(tarazu_session *s)
{
  return &s->recorded;
}

atomic_int *session_stop(tarazu_session *s)
{
  return &s->cancelled;
}

arena *session_arena(tarazu_session *s)
{
  return s->arena;
}

const node *session_root(const tarazu_session *s)
{
  return s->root;
}

const profile *session_profile(const tarazu_session *s)
{
  return &s->profile;
}

engine *session_engine(tarazu_session *s)
{
  return &s->engine;
}

const results *session_results(const tarazu_session *s)
{
  return s->ran ? &s->results : NULL;
}

const selection *session_selection(const tarazu_session *s)
{
  return s->ran ? &s->selection : NULL;
}

problems *session_problems(tarazu_session *s)
{
  return s->problems;
}

catalog *session_catalog(tarazu_session *s)
{
  return s->catalog;
}
