/* Rankings out of runs and out of files of results. */
#include "run/ranking.h"

#include "base/file.h"
#include "run/scratch.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RANK, SCORE, LISTED, REASON, WANTS };

struct ranking_file {
  engine engine; /* as much of one as a source needs */
  plan plan;
  step step;
  instance instance;
  table table;
  want wants[WANTS];
  args args;
  scratch_folder scratch;
  atomic_int cancelled;
};

/* ---- of a run ------------------------------------------------------------------------------------------------ */

static int take_arrays(ranking *r)
{
  size_t room = (size_t)r->count + 1;
  r->rank = calloc(room, sizeof *r->rank);
  r->score = calloc(room, sizeof *r->score);
  return r->rank && r->score;
}

int ranking_of_run(ranking *out, const char *name, const results *run)
{
  const engine *e = run->engine;
  const column *score = &e->plan->score->column;
  *out = (ranking){.name = name,
                   .count = e->people.count,
                   .scored = e->scored,
                   .listed = run->selection->count,
                   .names = e->people.names,
                   .order = e->order,
                   .key = run->selection->key.values,
                   .reason = &run->selection->reason,
                   .run = run,
                   .arena = e->arena};
  if (!take_arrays(out)) return 0;
  for (int64_t i = 0; i < out->count; i++) {
    out->rank[i] = e->rank[i];
    out->score[i] = column_is_valid(score, i) ? ((const double *)score->values)[i] : NAN;
  }
  return 1;
}

/* ---- of a file ----------------------------------------------------------------------------------------------- */

const char *manifest_beside(arena *home, const char *path)
{
  const char *name = file_name(path), *dot = strrchr(name, '.');
  size_t stem = dot && dot > name ? (size_t)(dot - path) : strlen(path);
  return arena_format(home, "%.*s.manifest.json", (int)stem, path);
}

/* A manifest that is not there, or cannot be understood, only leaves its questions unanswered. */
static const node *read_manifest(arena *home, const char *path)
{
  char *bytes;
  size_t count;
  const char *beside = manifest_beside(home, path);
  if (file_read(beside, YAML_MOST_BYTES, home, &bytes, &count) != 0) return NULL;
  problems *unread = problems_new();
  const node *root = yaml_parse(beside, bytes, count, home, unread);
  if (problems_errors(unread) || !node_get(root, "profile")) root = NULL;
  problems_free(unread);
  return root;
}

/* A source at work for the one table. */
static int make_source(ranking_file *f, const list_source *from, catalog *plugins)
{
  engine *e = &f->engine;
  const plugin_file *file = from->as ? from->as->file : NULL;
  const tarazu_strategy *source = from->as && from->as->source
                                      ? from->as->source
                                      : catalog_accepting(plugins, TARAZU_SOURCE, from->path, NULL, &file, e->problems);
  if (!source) {
    problem_add(e->problems, EXIT_USAGE, from->place,
                "'%s': found neither a profile (.yaml) nor a file of results "
                "that a source reads",
                from->path);
    return 0;
  }
  if (from->as && from->as->source) f->args = from->as->args;
  else if (!args_read(source, NULL, from->place, from->path, NULL, NULL, NULL, e->arena, e->problems, &f->args))
    return 0;
  f->step = (step){.name = "list",
                   .subject = arena_format(e->arena, "'%s'", from->path),
                   .place = from->place,
                   .strategy = source,
                   .file = file,
                   .args = f->args};
  f->instance.step = &f->step;
  return instance_create(e, &f->instance);
}

static void ask(ranking_file *f, const list_source *from)
{
  static const tarazu_want asked[WANTS] = {
      [RANK] = {.name = "rank", .expression = "rank", .type = TARAZU_I64},
      [SCORE] = {.name = "score", .expression = "score", .type = TARAZU_F64},
      [LISTED] = {.name = "key_customer", .expression = "key_customer", .type = TARAZU_BOOL},
      [REASON] = {.name = "reason", .expression = "reason", .type = TARAZU_TEXT},
  };
  f->table = (table){.name = file_name(from->path),
                     .place = from->place,
                     .shape = TARAZU_ATTRIBUTES,
                     .is_customers = 1,
                     .source = source_noted(),
                     .self = &f->instance,
                     .wants = f->wants,
                     .want_count = from->where ? 0 : WANTS};
  for (int i = 0; i < WANTS; i++) f->wants[i].as = asked[i];
  f->table.request = (tarazu_request){.size = sizeof(tarazu_request),
                                      .shape = TARAZU_ATTRIBUTES,
                                      .table = f->table.name,
                                      .location = from->path,
                                      .where = from->where,
                                      .keys = {from->key, NULL},
                                      .until = INT64_MAX,
                                      .until_civil = INT64_MAX,
                                      .memory = f->engine.memory,
                                      .scratch = f->scratch.path,
                                      .threads = 1};
}

static int load(ranking_file *f, const list_source *from, catalog *plugins)
{
  engine *e = &f->engine;
  load_options options = {.pool = e->pool};
  int number = access(from->path, F_OK) == 0 ? 0 : 1;
  if (number && !strpbrk(from->path, "*?[:")) {
    problem_add(e->problems, EXIT_USAGE, from->place, "there is no '%s'", from->path);
    return 0;
  }
  if (!make_source(f, from, plugins)) return 0;
  if (scratch_make(&f->scratch) != 0 || !(e->pool = pool_new(1)) || !(e->strings = dictionary_new())) {
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no room to read '%s' in", from->path);
    return 0;
  }
  options.pool = e->pool;
  ask(f, from);
  return tables_load(&f->table, 1, &options, &e->people, e->strings, e->problems);
}

/* Rank order by the file's own ranks; those without one last. */
static int take_ranks(ranking *r, const ranking_file *f)
{
  const column *rank = &f->wants[RANK].column, *score = &f->wants[SCORE].column, *key = &f->wants[LISTED].column;
  double *places = malloc(((size_t)r->count + 1) * sizeof *places);
  if (!take_arrays(r) || !places) {
    free(places);
    return 0;
  }
  for (int64_t i = 0; i < r->count; i++) {
    int ranked = column_is_valid(rank, i) && column_is_valid(score, i);
    r->rank[i] = ranked ? ((const int64_t *)rank->values)[i] : 0;
    r->score[i] = ranked ? ((const double *)score->values)[i] : NAN;
    r->own_key[i] = column_is_valid(key, i) && ((const uint8_t *)key->values)[i];
    r->listed += r->own_key[i];
    places[i] = -(double)r->rank[i];
  }
  r->own_order = order_descending(places, rank->valid, r->count, &r->scored);
  r->order = r->own_order;
  r->reason = &f->wants[REASON].column;
  free(places);
  return r->own_order != NULL;
}

int ranking_of_file(ranking *out, const list_source *from, catalog *plugins, arena *home, problems *faults)
{
  ranking_file *f = calloc(1, sizeof *f);
  *out = (ranking){.name = from->path, .arena = home, .file = f};
  int good = f != NULL;
  if (good) {
    f->plan = (plan){.catalog = plugins, .arena = home, .problems = faults};
    f->engine = (engine){.plan = &f->plan, .arena = home, .problems = faults, .memory = INT64_C(1) << 30};
    f->engine.cancelled = &f->cancelled;
    if (!load(f, from, plugins)) return 0;
    out->count = f->engine.people.count;
    out->names = f->engine.people.names;
    out->own_key = malloc((size_t)out->count + 1);
    out->key = out->own_key;
    good = out->own_key != NULL;
    if (good && from->where) {
      memset(out->own_key, 1, (size_t)out->count);
      out->listed = out->count;
    } else if (good) {
      good = take_ranks(out, f);
      out->manifest = read_manifest(home, from->path);
    }
  }
  if (!good) problem_add(faults, EXIT_INTERNAL, NOWHERE, "no memory to read '%s' in", from->path);
  return good;
}

void ranking_free(ranking *r)
{
  free(r->rank);
  free(r->score);
  free(r->own_order);
  free(r->own_key);
  if (r->file) {
    engine *e = &r->file->engine;
    tables_free(&r->file->table, 1);
    population_free(&e->people);
    if (r->file->instance.step) instance_destroy(&r->file->instance);
    dictionary_free(e->strings);
    pool_free(e->pool);
    scratch_remove(&r->file->scratch);
    free(r->file);
  }
  *r = (ranking){0};
}

/* ---- what it says -------------------------------------------------------------------------------------------- */

int64_t ranking_find(const ranking *r, const char *customer, size_t count)
{
  return dictionary_find(r->names, customer, count);
}

const char *ranking_name(const ranking *r, int64_t row, size_t *count)
{
  return dictionary_string(r->names, (int32_t)row, count);
}

const char *ranking_reason(const ranking *r, int64_t row)
{
  const column *c = r->reason;
  if (!c || row < 0 || !column_is_valid(c, row) || !c->dictionary) return NULL;
  int32_t code = ((const int32_t *)c->values)[row];
  const int64_t *offsets = c->dictionary->offsets;
  return arena_copy_n(r->arena, c->dictionary->bytes + offsets[code], (size_t)(offsets[code + 1] - offsets[code]));
}

int64_t ranking_place(const ranking *r, double score, int64_t row)
{
  int64_t first = 0, last = r->scored;
  while (first < last) { /* the first in rank order who does not score more */
    int64_t half = first + (last - first) / 2;
    if (isnan(score) || r->score[r->order[half]] > score) first = half + 1;
    else last = half;
  }
  int ahead = row >= 0 && !isnan(r->score[row]) && (isnan(score) || r->score[row] > score);
  return first - ahead + 1;
}
