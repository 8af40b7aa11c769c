/* Reads the tree of a profile into typed values, section by section; every fault is told, none stops the reading. */
#include "run/profile.h"

#include "base/file.h"
#include "config/value.h"
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <tarazu/plugin.h>

typedef struct reader {
  const char *path;
  arena *arena;
  problems *problems;
  profile *out;
} reader;

/* Names that the result's columns take for themselves. */
static const char *const reserved[] = {"customer", "rank",     "score",      "key_customer",
                                       "reason",   "coverage", "criteria",   "reason_1",
                                       "reason_2", "reason_3", "confidence", "key_probability"};
static const char *const reserved_endings[] = {"_normalized", "_contribution", "_central_weight"};

static const char previous[] = "key_customers.previous"; /* in messages */
static const double MOST_WEIGHT = 1e9;

static int is_identifier(const char *name)
{
  if (!isalpha((unsigned char)*name) && *name != '_') return 0;
  for (; *name; name++)
    if (!isalnum((unsigned char)*name) && *name != '_') return 0;
  return 1;
}

static void check_name(reader *r, const char *name, place where, const char *what)
{
  if (!is_identifier(name)) {
    problem_add(r->problems, EXIT_PROFILE, where,
                "%s '%s': expected letters, digits and '_', not beginning with a digit", what, name);
    return;
  }
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (!strcmp(name, reserved[i]))
      problem_add(r->problems, EXIT_PROFILE, where,
                  "%s '%s': this name belongs to a column of the results; choose another", what, name);
  if (!strncmp(name, "within_", 7) && isdigit((unsigned char)name[7]) && !name[7 + strspn(name + 7, "0123456789")])
    problem_add(r->problems, EXIT_PROFILE, where,
                "%s '%s': names such as within_10 belong to the results; choose another", what, name);
  size_t length = strlen(name);
  for (size_t i = 0; i < sizeof reserved_endings / sizeof *reserved_endings; i++) {
    size_t ending = strlen(reserved_endings[i]);
    if (length >= ending && !strcmp(name + length - ending, reserved_endings[i]))
      problem_add(r->problems, EXIT_PROFILE, where,
                  "%s '%s': names that end in '%s' belong to the results; choose another", what, name,
                  reserved_endings[i]);
  }
}

static int expect_map(reader *r, const node *value, const char *what)
{
  char found[80];
  if (value->kind == NODE_MAP) return 1;
  problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected a map", what, value_found(value, found));
  return 0;
}

/* For what one meant to say: a setting that is misspelt is not also told to be missing. */
static int is_missing(const node *map, const char *key, const char *const *known)
{
  if (node_get(map, key)) return 0;
  for (uint32_t i = 0; i < map->count; i++) {
    const char *const *same = known;
    while (*same && strcmp(*same, map->entries[i].key->text) != 0) same++;
    if (!*same && text_nearest(map->entries[i].key->text, &key, 1)) return 0;
  }
  return 1;
}

/* `--set criteria.margn.weight=2`: a setting of what the profile does not have, though it has the like. */
static int is_misnamed(reader *r, const node *map, const node *key, const char *word, const char *needs)
{
  const char **names = arena_array(r->arena, map->count, sizeof *names);
  uint32_t count = 0;
  if (!key->laid) return 0;
  for (uint32_t i = 0; i < map->count; i++)
    if (map->entries[i].key != key) names[count++] = map->entries[i].key->text;
  problem_add(r->problems, EXIT_PROFILE, key->place, "the profile has no %s '%s'; a new one needs %s", word, key->text,
              needs);
  problem_nearest(r->problems, key->text, names, count);
  return 1;
}

/* Text that says something. */
static int read_text(reader *r, const node *value, const char *what, const char **out)
{
  if (!value_string(value, what, r->problems, out)) return 0;
  if (**out) return 1;
  problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found empty text, expected some", what);
  return 0;
}

static const char *read_string(reader *r, node *map, const char *key, const char *what, place *where)
{
  node *value = node_get(map, key);
  const char *out = NULL;
  if (!value) return NULL;
  if (where) *where = value->place;
  return read_text(r, value, what, &out) ? out : NULL;
}

/* A share of a whole that need not be 1: 60%, 0.6, 3. */
static int read_weight(reader *r, const node *value, const char *what, double *out)
{
  char found[80];
  double weight;
  const char *why;
  if (value->kind == NODE_SCALAR && (!value->quoted || strchr(value->text, '%')) &&
      value_parse_proportion(value->text, &weight, &why) && weight >= 0 && weight <= MOST_WEIGHT) {
    *out = weight;
    return 1;
  }
  problem_add(r->problems, EXIT_PROFILE, value->place,
              "%s: found %s, expected a weight of at least 0, such as 60%% or 3", what, value_found(value, found));
  return 0;
}

/* A file's path from the folder of the profile that names it; what has a scheme or stands for the screen as it is. */
static const char *resolve(reader *r, const char *path, place named)
{
  if (strchr(path, ':') && !strchr(path, '/')) return path;
  return file_shorten(r->arena, file_resolve(r->arena, named.file ? named.file : r->path, path));
}

/* `sha256:` beside `plugin`. */
static void read_pin(reader *r, node *map, const char *what, plugin_pin *out)
{
  node *value = node_get(map, "sha256");
  const char *subject = arena_format(r->arena, "%s: sha256", what), *digits = NULL;
  char found[80];
  if (value_is_null(value)) return;
  out->place = value->place;
  if (!value_string(value, subject, r->problems, &digits)) return;
  if ((out->sha256 = sha256_read(digits, r->arena))) return;
  problem_add(r->problems, EXIT_PROFILE, value->place,
              "%s: found %s, expected 64 hexadecimal digits, as `sha256sum FILE` prints them", subject,
              value_found(value, found));
}

enum { LEAST_MEMORY = 16 }; /* MB of what is isolated */

static void read_memory(reader *r, const node *value, const char *what, int64_t *out)
{
  char found[80];
  if (value->kind == NODE_SCALAR && value_parse_bytes(value->text, out) && *out >= (int64_t)LEAST_MEMORY << 20) return;
  problem_add(r->problems, EXIT_PROFILE, value->place, "%s: memory: found %s, expected a size such as 512M or 2G", what,
              value_found(value, found));
}

/* `isolate: process`, `isolate: none`, `isolate: {memory: 512M, time: 30 seconds}`. */
static isolate_profile read_isolate(reader *r, const node *value, const char *of)
{
  static const char *const kinds[] = {"none", "process", NULL}, *const known[] = {"memory", "time", NULL};
  const char *what = of ? arena_format(r->arena, "%s: isolate", of) : "isolate";
  isolate_profile out = {.given = 1, .on = 1, .memory = INT64_C(2) << 30, .seconds = 300, .place = value->place};
  node *part;
  double days;
  if (value->kind != NODE_MAP) {
    value_choice(value, what, kinds, r->problems, &out.on);
    return out;
  }
  value_keys(value, what, known, r->problems);
  if ((part = node_get(value, "memory"))) read_memory(r, part, what, &out.memory);
  if ((part = node_get(value, "time")) &&
      value_duration(part, arena_format(r->arena, "%s: time", what), 0.1 / 86400, 365, r->problems, &days))
    out.seconds = days * 86400;
  return out;
}

/* What a run can do without: its key is among those known. */
static int can_be_left_out(const char *const *known)
{
  while (*known && strcmp(*known, "on_failure") != 0) known++;
  return *known != NULL;
}

static int read_on_failure(reader *r, const node *value, const char *what, const char *const *known)
{
  static const char *const ways[] = {"stop", "skip", NULL};
  int way = 0;
  if (!value_choice(value, arena_format(r->arena, "%s: on_failure", what), ways, r->problems, &way) || !way) return 0;
  if (can_be_left_out(known)) return 1;
  problem_add(r->problems, EXIT_PROFILE, value->place,
              "%s: on_failure: a run cannot do without it; only criteria and segmentations can be left out", what);
  return 0;
}

/* The keys of a map that holds a `use`. */
static void use_keys_of(reader *r, const node *map, const char *what, const char *const *known)
{
  const char **all = NULL;
  uint32_t count = 0;
  unsigned room = 0;
  /* What cannot be left out says so itself, rather than not to know the key. */
  for (; *known; known++) *arena_push(r->arena, all, count, room) = *known;
  *arena_push(r->arena, all, count, room) = node_get(map, "on_failure") ? "on_failure" : NULL;
  *arena_push(r->arena, all, count, room) = NULL;
  value_keys(map, what, all, r->problems);
}

/* The parts of a `use` that stand in a map beside other keys. */
static void read_use_map(reader *r, node *map, const char *what, const char *const *known, use *out)
{
  node *isolate = node_get(map, "isolate"), *on_failure = node_get(map, "on_failure");
  if (isolate && !value_is_null(isolate)) out->isolate = read_isolate(r, isolate, what);
  if (on_failure && !value_is_null(on_failure)) out->skip = read_on_failure(r, on_failure, what, known);
  node *plugin = node_get(map, "plugin");
  if (plugin) {
    out->place = plugin->place;
    value_string(plugin, arena_format(r->arena, "%s: plugin", what), r->problems, &out->plugin);
  }
  read_pin(r, map, what, &out->pin);
  out->params = node_get(map, "params");
  if (out->params && value_is_null(out->params)) out->params = NULL;
  if (out->params && !expect_map(r, out->params, arena_format(r->arena, "%s: params", what))) out->params = NULL;
  node *model = node_get(map, "model");
  const char *path = NULL;
  if (!value_is_null(model))
    path = read_string(r, map, "model", arena_format(r->arena, "%s: model", what), &out->model_place);
  if (path) out->model = resolve(r, path, out->model_place);
  out->input = node_get(map, "input");
  if (out->input && value_is_null(out->input)) out->input = NULL;
  if (out->input && !expect_map(r, out->input, arena_format(r->arena, "%s: input", what))) {
    if (out->input->kind == NODE_SCALAR)
      problem_hint(r->problems, "say which input: `input: {INPUT: %s}`", out->input->text);
    out->input = NULL;
  }
}

/* `minmax` or `{plugin: minmax, params: {…}}`. */
static use read_use(reader *r, node *value, const char *what, const char *const *known)
{
  use out = {0};
  out.place = value->place;
  if (value->kind == NODE_SCALAR) {
    value_string(value, what, r->problems, &out.plugin);
  } else if (expect_map(r, value, what)) {
    use_keys_of(r, value, what, known);
    read_use_map(r, value, what, known, &out);
    if (is_missing(value, "plugin", known))
      problem_add(r->problems, EXIT_PROFILE, value->place, "%s: 'plugin' is missing", what);
  }
  return out;
}

/* ---- data -------------------------------------------------------------------------------------------------- */

static void read_edge(reader *r, node *edge, const char *what, table_profile *table)
{
  char found[80];
  table->key_place = edge->place;
  if (edge->kind != NODE_LIST || edge->count != 2) {
    problem_add(r->problems, EXIT_PROFILE, edge->place, "%s: edge: found %s, expected two columns, [from, to]", what,
                edge->kind == NODE_LIST ? arena_format(r->arena, "a list of %u", edge->count)
                                        : value_found(edge, found));
    return;
  }
  for (int i = 0; i < 2; i++) read_text(r, edge->items[i], arena_format(r->arena, "%s: edge", what), &table->edge[i]);
}

static void read_columns(reader *r, node *columns, const char *what, table_profile *table)
{
  const char *expression;
  if (!expect_map(r, columns, arena_format(r->arena, "%s: columns", what))) return;
  table->columns = columns;
  for (uint32_t i = 0; i < columns->count; i++) {
    entry *e = &columns->entries[i];
    if (!read_text(r, e->value, arena_format(r->arena, "%s: columns.%s", what, e->key->text), &expression)) continue;
    if (!strcmp(e->key->text, "time")) {
      table->time = expression;
      table->time_place = e->value->place;
    }
  }
}

/* Whether the settings that name the rows' customers go together. The table's own name has a say. */
static void check_key(reader *r, node *key, node *value, const char *const *known, const table_profile *table)
{
  const node *edge = node_get(value, "edge"), *as = node_get(value, "shape");
  const char *what = table->what;
  if (edge && node_get(value, "key"))
    problem_add(r->problems, EXIT_PROFILE, edge->place,
                "%s: has both 'key' and 'edge'; a table of edges has 'edge' alone", what);
  else if (edge && table->shape != TARAZU_EDGES && as)
    problem_add(r->problems, EXIT_PROFILE, as->place, "%s: has 'edge', so its shape is edges", what);
  else if (!edge && table->shape == TARAZU_EDGES && as)
    problem_add(r->problems, EXIT_PROFILE, as->place, "%s: edges need 'edge: [from, to]'", what);
  else if (!edge && is_missing(value, "key", known) && is_missing(value, "edge", known))
    problem_add(r->problems, EXIT_PROFILE, key->place,
                "%s: 'key' is missing: the column that names the customer (or 'edge: [from, to]')", what);
}

/* A table that must have one row a customer, because of what it is for. */
static int check_attributes(reader *r, node *value, table_profile *table, const char *because)
{
  const node *edge = node_get(value, "edge"), *as = node_get(value, "shape");
  if (edge)
    problem_add(r->problems, EXIT_PROFILE, edge->place, "%s: %s, one row each: it needs 'key', not 'edge'", table->what,
                because);
  else if (table->shape && table->shape != TARAZU_ATTRIBUTES && as)
    problem_add(r->problems, EXIT_PROFILE, as->place, "%s: %s, one row each: its shape is attributes", table->what,
                because);
  int good = !edge && (!table->shape || table->shape == TARAZU_ATTRIBUTES);
  table->shape = TARAZU_ATTRIBUTES;
  return good;
}

/* `known_at` dates the rows of an attributes table as columns.time dates those of the others. */
static void read_known_at(reader *r, node *value, table_profile *table)
{
  place where = {0};
  const char *since = read_string(r, value, "known_at", arena_format(r->arena, "%s: known_at", table->what), &where);
  if (!since) return;
  if (node_get(value, "edge") || table->shape == TARAZU_EDGES || table->shape == TARAZU_EVENTS || table->time) {
    problem_add(r->problems, EXIT_PROFILE, where,
                "%s: known_at: expected in a table with one row a customer; events and edges are dated by columns.time",
                table->what);
    return;
  }
  table->shape = TARAZU_ATTRIBUTES;
  table->time = since;
  table->time_place = where;
}

static int read_shape(reader *r, node *value, table_profile *table)
{
  static const char *const shapes[] = {"attributes", "events", "edges", NULL};
  node *as = node_get(value, "shape");
  int shape;
  if (as && value_choice(as, arena_format(r->arena, "%s: shape", table->what), shapes, r->problems, &shape))
    table->shape = (uint32_t)shape + 1;
  read_known_at(r, value, table);
  if (!strcmp(table->what, "data.customers")) return check_attributes(r, value, table, "it says who the customers are");
  if (!strcmp(table->what, previous)) return check_attributes(r, value, table, "it lists customers");
  if (!table->shape) table->shape = node_get(value, "edge") ? TARAZU_EDGES : table->time ? TARAZU_EVENTS : 0;
  return 1;
}

/* `timeless: yes`: what a table without dates says was true all along, so that a backtest may use it. */
static void read_timeless(reader *r, const node *value, table_profile *table)
{
  const node *timeless = node_get(value, "timeless");
  if (!timeless || value_is_null(timeless)) return;
  table->timeless_place = timeless->place;
  if (!value_switch(timeless, arena_format(r->arena, "%s: timeless", table->what), r->problems, &table->timeless))
    return;
  if (table->timeless && table->time)
    problem_add(r->problems, EXIT_PROFILE, timeless->place,
                "%s: timeless: expected in a table without dates, but %s dates its rows", table->what,
                node_get(value, "known_at") ? "'known_at'" : "'columns.time'");
}

static void read_table(reader *r, node *key, node *value, const char *what, table_profile *table)
{
  static const char *const known[] = {"from",     "key",    "edge",   "columns", "where",   "known_at", "shape",
                                      "timeless", "plugin", "sha256", "params",  "isolate", NULL};
  *table = (table_profile){.name = key->text, .what = what, .place = key->place};
  size_t before = problems_errors(r->problems);
  if (!expect_map(r, value, what)) {
    if (value->kind == NODE_SCALAR)
      problem_hint(r->problems, "for a file: `%s: {from: %s, key: COLUMN}`", key->text, value->text);
    table->has_from = table->faulty = 1;
    return;
  }
  use_keys_of(r, value, what, known);
  read_use_map(r, value, what, known, &table->source);
  const char *from = read_string(r, value, "from", arena_format(r->arena, "%s: from", what), &table->from_place);
  if (from) table->from = resolve(r, from, table->from_place);
  table->has_from = !is_missing(value, "from", known);
  table->key = read_string(r, value, "key", arena_format(r->arena, "%s: key", what), &table->key_place);
  table->where = read_string(r, value, "where", arena_format(r->arena, "%s: where", what), &table->where_place);
  node *edge = node_get(value, "edge"), *columns = node_get(value, "columns");
  if (edge) read_edge(r, edge, what, table);
  if (columns && !value_is_null(columns)) read_columns(r, columns, what, table);
  if (read_shape(r, value, table)) check_key(r, key, value, known, table);
  read_timeless(r, value, table);
  table->faulty = problems_errors(r->problems) != before;
}

static void read_data(reader *r, node *data)
{
  if (!expect_map(r, data, "data")) {
    r->out->data_faulty = 1;
    return;
  }
  if (!data->count)
    problem_add(r->problems, EXIT_PROFILE, data->place, "data: there is no table; a profile needs at least one");
  r->out->data_faulty = !data->count;
  r->out->tables = arena_array(r->arena, data->count, sizeof(table_profile));
  for (uint32_t i = 0; i < data->count; i++) {
    node *key = data->entries[i].key;
    if (!is_identifier(key->text))
      problem_add(r->problems, EXIT_PROFILE, key->place,
                  "table '%s': expected letters, digits and '_', not beginning with a digit", key->text);
    table_profile *table = &r->out->tables[r->out->table_count++];
    node *value = data->entries[i].value;
    const char *what = arena_format(r->arena, "data.%s", key->text);
    if (value->kind == NODE_MAP && !node_get(value, "key") && !node_get(value, "edge") &&
        is_misnamed(r, data, key, "table", "'from' and 'key'"))
      *table = (table_profile){.name = key->text, .what = what, .place = key->place, .has_from = 1, .faulty = 1};
    else read_table(r, key, value, what, table);
  }
}

/* ---- criteria, dimensions, weights ------------------------------------------------------------------------- */

static missing_profile read_missing(reader *r, const node *value, const char *what)
{
  static const char *const rules[] = {"leave_out", "median", "worst", NULL};
  missing_profile out = {0};
  int rule;
  double number;
  char found[80];
  if (value->kind == NODE_SCALAR && !value->quoted && value_parse_real(value->text, &number))
    return (missing_profile){MISSING_VALUE, number};
  for (rule = 0; rules[rule] && value->kind == NODE_SCALAR; rule++)
    if (!strcmp(value->text, rules[rule])) return (missing_profile){(missing_rule)rule, 0};
  problem_add(r->problems, EXIT_PROFILE, value->place,
              "%s: found %s, expected a number or one of leave_out, median, worst", what, value_found(value, found));
  if (value->kind == NODE_SCALAR && value->quoted && value_parse_real(value->text, &number))
    problem_hint(r->problems, "quotes make it text; write it without them");
  else if (value->kind == NODE_SCALAR) problem_nearest(r->problems, value->text, rules, 3);
  return out;
}

static void read_criterion(reader *r, const node *criteria, const entry *item, missing_profile missing,
                           criterion_profile *out)
{
  static const char *const known[] = {"plugin",    "sha256",  "params", "input",   "dimension",  "weight", "better",
                                      "normalize", "missing", "model",  "isolate", "on_failure", NULL};
  static const char *const use_keys[] = {"plugin", "sha256", "params", "model", "isolate", NULL};
  static const char *const directions[] = {"more", "less", NULL};
  node *key = item->key, *value = item->value;
  const char *what = arena_format(r->arena, "criteria.%s", key->text);
  int direction;
  check_name(r, key->text, key->place, "criterion");
  *out = (criterion_profile){.name = key->text, .place = key->place, .weight = 1, .missing = missing};
  if (!expect_map(r, value, what)) {
    if (value->kind == NODE_SCALAR)
      problem_hint(r->problems, "for a scorer: `%s: {plugin: %s, dimension: DIMENSION}`", key->text, value->text);
    return;
  }
  use_keys_of(r, value, what, known);
  read_use_map(r, value, what, known, &out->scorer);
  int no_plugin = is_missing(value, "plugin", known), no_dimension = is_missing(value, "dimension", known);
  if (no_plugin && is_misnamed(r, criteria, key, "criterion", "'plugin' and 'dimension'")) return;
  if (no_plugin) problem_add(r->problems, EXIT_PROFILE, key->place, "%s: 'plugin' is missing: the scorer", what);
  out->dimension =
      read_string(r, value, "dimension", arena_format(r->arena, "%s: dimension", what), &out->dimension_place);
  if (no_dimension)
    problem_add(r->problems, EXIT_PROFILE, key->place,
                "%s: 'dimension' is missing: financial, non_financial or one of your own", what);
  node *weight = node_get(value, "weight"), *better = node_get(value, "better"),
       *normalize = node_get(value, "normalize"), *absent = node_get(value, "missing");
  if (weight) value_real(weight, arena_format(r->arena, "%s: weight", what), 0, 1e9, r->problems, &out->weight);
  if (better && value_choice(better, arena_format(r->arena, "%s: better", what), directions, r->problems, &direction))
    out->better = direction ? -1 : 1;
  if (normalize) out->normalizer = read_use(r, normalize, arena_format(r->arena, "%s: normalize", what), use_keys);
  if (absent) out->missing = read_missing(r, absent, arena_format(r->arena, "%s: missing", what));
}

static void read_criteria(reader *r, node *criteria, missing_profile missing)
{
  if (!expect_map(r, criteria, "criteria")) return;
  r->out->criteria = arena_array(r->arena, criteria->count, sizeof(criterion_profile));
  for (uint32_t i = 0; i < criteria->count; i++)
    read_criterion(r, criteria, &criteria->entries[i], missing, &r->out->criteria[r->out->criterion_count++]);
  if (!criteria->count)
    problem_add(r->problems, EXIT_PROFILE, criteria->place, "criteria: there is none; a profile needs at least one");
  if (criteria->count > 64)
    problem_add(r->problems, EXIT_PROFILE, criteria->place, "criteria: there are %u; at most 64 can be combined",
                criteria->count);
}

static void nearest_dimension(reader *r, const char *word)
{
  const profile *p = r->out;
  const char **names = arena_array(r->arena, p->dimension_count, sizeof *names);
  uint32_t count = 0;
  for (uint32_t i = 0; i < p->dimension_count; i++)
    if (strcmp(p->dimensions[i].name, word) != 0) names[count++] = p->dimensions[i].name;
  problem_nearest(r->problems, word, names, count);
}

/* The weights that the profile gives. */
static void read_dimension_weights(reader *r, node *dimensions)
{
  profile *p = r->out;
  double sum = 0;
  int good = 1;
  p->dimension_weights = dimensions->count > 0;
  for (uint32_t i = 0; i < dimensions->count; i++) {
    entry *e = &dimensions->entries[i];
    int index = profile_dimension(p, e->key->text);
    size_t before = problems_errors(r->problems);
    check_name(r, e->key->text, e->key->place, "dimension");
    if (problems_errors(r->problems) != before) nearest_dimension(r, e->key->text);
    if (index < 0) index = (int)p->dimension_count++;
    dimension_profile *d = &p->dimensions[index];
    *d = (dimension_profile){.name = e->key->text, .place = e->key->place};
    good &= read_weight(r, e->value, arena_format(r->arena, "dimensions.%s", d->name), &d->weight);
    sum += d->weight;
  }
  if (good && dimensions->count && sum <= 0)
    problem_add(r->problems, EXIT_PROFILE, dimensions->place,
                "dimensions: all weights are 0; at least one must be more");
}

/* The dimension of a criterion: new by being named, but where dimensions are weighed it must be among those. */
static void take_dimension(reader *r, const criterion_profile *c)
{
  profile *p = r->out;
  int index = profile_dimension(p, c->dimension);
  if (p->dimension_weights && (index < 0 || p->dimensions[index].weight < 0)) {
    problem_add(r->problems, EXIT_PROFILE, c->dimension_place,
                "criteria.%s: no weight is given for dimension '%s' under 'dimensions'", c->name, c->dimension);
    nearest_dimension(r, c->dimension);
  } else if (index < 0) {
    check_name(r, c->dimension, c->dimension_place, "dimension");
    p->dimensions[p->dimension_count++] =
        (dimension_profile){.name = c->dimension, .place = c->dimension_place, .weight = -1};
  }
}

/* financial and non_financial exist always; the others are those that the profile names. */
static void read_dimensions(reader *r, node *dimensions)
{
  profile *p = r->out;
  uint32_t listed = dimensions && dimensions->kind == NODE_MAP ? dimensions->count : 0;
  p->dimensions = arena_array(r->arena, listed + p->criterion_count + 2, sizeof(dimension_profile));
  p->dimensions[p->dimension_count++] = (dimension_profile){.name = "financial", .weight = -1};
  p->dimensions[p->dimension_count++] = (dimension_profile){.name = "non_financial", .weight = -1};
  if (dimensions && expect_map(r, dimensions, "dimensions")) read_dimension_weights(r, dimensions);
  for (uint32_t i = 0; i < p->criterion_count; i++)
    if (p->criteria[i].dimension) take_dimension(r, &p->criteria[i]);
  for (uint32_t i = 0; i < p->dimension_count; i++)
    if (profile_criterion(p, p->dimensions[i].name) >= 0)
      problem_add(r->problems, EXIT_PROFILE, p->criteria[profile_criterion(p, p->dimensions[i].name)].place,
                  "criterion '%s': a dimension has the same name; choose another", p->dimensions[i].name);
}

static void read_weighers(reader *r, node *value)
{
  static const char *const known[] = {"plugin", "sha256", "params", "input", "share", "model", "isolate", NULL};
  profile *p = r->out;
  uint32_t count = value->kind == NODE_LIST ? value->count : 1;
  double sum = 0;
  int good = 1;
  if (!count)
    problem_add(r->problems, EXIT_PROFILE, value->place, "weigh: found an empty list, expected at least one weigher");
  p->weighers = arena_array(r->arena, count, sizeof(weigher_profile));
  for (uint32_t i = 0; i < count; i++) {
    node *item = value->kind == NODE_LIST ? value->items[i] : value;
    const char *what = value->kind == NODE_LIST ? arena_format(r->arena, "weigh[%u]", i) : "weigh";
    weigher_profile *w = &p->weighers[p->weigher_count++];
    *w = (weigher_profile){.use = read_use(r, item, what, known), .share = 1};
    node *share = node_get(item, "share");
    if (share) good &= read_weight(r, share, arena_format(r->arena, "%s: share", what), &w->share);
    sum += w->share;
  }
  if (good && count && sum <= 0)
    problem_add(r->problems, EXIT_PROFILE, value->place, "weigh: all shares are 0; at least one must be more");
}

/* ---- segments, key customers, outputs ---------------------------------------------------------------------- */

static void read_segments(reader *r, node *segments)
{
  static const char *const known[] = {"plugin", "sha256", "params", "input", "model", "isolate", "on_failure", NULL};
  profile *p = r->out;
  if (!expect_map(r, segments, "segments")) return;
  p->segments = arena_array(r->arena, segments->count, sizeof(segment_profile));
  for (uint32_t i = 0; i < segments->count; i++) {
    node *key = segments->entries[i].key, *value = segments->entries[i].value;
    check_name(r, key->text, key->place, "segmentation");
    if (value->kind == NODE_MAP && is_missing(value, "plugin", known) &&
        is_misnamed(r, segments, key, "segmentation", "'plugin'"))
      continue;
    if (profile_criterion(p, key->text) >= 0 || profile_dimension(p, key->text) >= 0)
      problem_add(r->problems, EXIT_PROFILE, key->place,
                  "segmentation '%s': a criterion or dimension has the same name; choose another", key->text);
    p->segments[p->segment_count++] = (segment_profile){
        key->text, key->place, read_use(r, value, arena_format(r->arena, "segments.%s", key->text), known)};
  }
}

/* A count (50) or a share of the customers (5%). */
static void read_count_or_share(reader *r, const node *value, const char *what, int64_t *count, double *share)
{
  double number;
  int64_t whole;
  const char *why;
  char found[80];
  int plain = value->kind == NODE_SCALAR && !value->quoted,
      percent = value->kind == NODE_SCALAR && strchr(value->text, '%');
  if (percent && value_parse_proportion(value->text, &number, &why) && number > 0 && number <= 1) {
    *share = number;
  } else if (plain && value_parse_integer(value->text, &whole) && whole > 0) {
    *count = whole;
  } else if (percent) {
    problem_add(r->problems, EXIT_PROFILE, value->place,
                "%s: found %s, expected a share of more than 0%% and at most 100%%", what, value_found(value, found));
  } else {
    problem_add(r->problems, EXIT_PROFILE, value->place,
                "%s: found %s, expected a count of at least 1, or a share such as 5%%", what,
                value_found(value, found));
    if (!plain && value->kind == NODE_SCALAR && value_parse_integer(value->text, &whole))
      problem_hint(r->problems, "quotes make it text; write it without them");
  }
}

static void read_floors(reader *r, node *require)
{
  static const char *const known[] = {"least", "of", NULL};
  static const char *const scales[] = {"percentile", "score", NULL};
  profile *p = r->out;
  if (!expect_map(r, require, "key_customers.require")) return;
  p->floors = arena_array(r->arena, require->count, sizeof(floor_profile));
  for (uint32_t i = 0; i < require->count; i++) {
    node *key = require->entries[i].key, *value = require->entries[i].value, *least = value;
    const char *what = arena_format(r->arena, "key_customers.require.%s", key->text);
    floor_profile *f = &p->floors[p->floor_count++];
    *f = (floor_profile){.dimension = key->text, .place = key->place};
    if (profile_dimension(p, key->text) < 0) {
      problem_add(r->problems, EXIT_PROFILE, key->place, "key_customers.require: no dimension '%s'", key->text);
      nearest_dimension(r, key->text);
    }
    if (value->kind == NODE_MAP) {
      value_keys(value, what, known, r->problems);
      least = node_get(value, "least");
      node *of = node_get(value, "of");
      if (of) value_choice(of, arena_format(r->arena, "%s: of", what), scales, r->problems, &f->of_score);
      if (is_missing(value, "least", known))
        problem_add(r->problems, EXIT_PROFILE, key->place, "%s: 'least' is missing", what);
    }
    if (!least) continue;
    if (f->of_score) value_real(least, what, 0, 0, r->problems, &f->least);
    else value_proportion(least, what, 0, 1, r->problems, &f->least);
  }
}

static decision_profile *read_decisions(reader *r, node *list, const char *what, uint32_t *count)
{
  static const char *const known[] = {"customer", "reason", "author", "until", NULL};
  char found[80];
  *count = 0;
  if (list->kind != NODE_LIST) {
    problem_add(r->problems, EXIT_PROFILE, list->place,
                "%s: found %s, expected a list of {customer, reason, author, until}", what, value_found(list, found));
    return NULL;
  }
  decision_profile *out = arena_array(r->arena, list->count, sizeof *out);
  for (uint32_t i = 0; i < list->count; i++) {
    node *item = list->items[i];
    const char *at = arena_format(r->arena, "%s[%u]", what, i);
    decision_profile *d = &out[(*count)++];
    *d = (decision_profile){.place = item->place, .until = INT64_MAX};
    if (!expect_map(r, item, at)) continue;
    value_keys(item, at, known, r->problems);
    d->customer = read_string(r, item, "customer", arena_format(r->arena, "%s: customer", at), &d->place);
    d->reason = read_string(r, item, "reason", arena_format(r->arena, "%s: reason", at), NULL);
    d->author = read_string(r, item, "author", arena_format(r->arena, "%s: author", at), NULL);
    node *until = node_get(item, "until");
    if (until) value_date(until, arena_format(r->arena, "%s: until", at), r->out->zone, r->problems, &d->until);
    if (is_missing(item, "customer", known))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: 'customer' is missing", at);
    if (is_missing(item, "reason", known))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: 'reason' is missing: it stands in the results", at);
    if (is_missing(item, "author", known))
      problem_add(r->problems, EXIT_PROFILE, item->place, "%s: 'author' is missing: who decided it", at);
  }
  return out;
}

/* A customer is decided on once. */
static void check_decisions(reader *r, const decision_profile *decisions, uint32_t count, const char *what,
                            const char *again, const decision_profile *others, uint32_t other_count)
{
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t k = 0; k < (others == decisions ? i : other_count); k++) {
      const decision_profile *d = &decisions[i], *first = &others[k];
      if (!d->customer || !first->customer || strcmp(d->customer, first->customer) != 0) continue;
      problem_add(r->problems, EXIT_PROFILE, d->place, "%s[%u]: customer '%s' is %s (line %d)", what, i, d->customer,
                  again, first->place.line);
      break;
    }
}

static void check_all_decisions(reader *r)
{
  const profile *p = r->out;
  const char *pin = "key_customers.pin", *exclude = "key_customers.exclude";
  check_decisions(r, p->pins, p->pin_count, pin, "pinned already", p->pins, p->pin_count);
  check_decisions(r, p->exclusions, p->exclusion_count, exclude, "excluded already", p->exclusions, p->exclusion_count);
  check_decisions(r, p->exclusions, p->exclusion_count, exclude, "pinned too", p->pins, p->pin_count);
}

/* `previous: out/scores.csv`: a result of an earlier run; or a table of its own whose rows are the list. */
static void read_previous(reader *r, node *key, node *value)
{
  table_profile *t = arena_alloc(r->arena, sizeof *t);
  if (value->kind == NODE_SCALAR) {
    const char *from;
    if (!read_text(r, value, previous, &from)) return;
    *t = (table_profile){.what = previous,
                         .place = key->place,
                         .from = resolve(r, from, value->place),
                         .from_place = value->place,
                         .has_from = 1,
                         .key = "customer",
                         .where = "key_customer",
                         .shape = TARAZU_ATTRIBUTES};
  } else {
    read_table(r, key, value, previous, t);
  }
  t->name = "previous";
  r->out->previous = t;
}

static void read_capacity_missing(reader *r, const node *value, capacity_profile *c)
{
  static const char what[] = "key_customers.capacity: missing";
  char found[80];
  double number;
  c->has_missing = 1;
  if (value->kind == NODE_SCALAR && !value->quoted && value_parse_real(value->text, &number) && number >= 0)
    c->missing = (missing_profile){MISSING_VALUE, number};
  else if (value->kind != NODE_SCALAR || strcmp(value->text, "leave_out") != 0)
    problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected leave_out or a number of at least 0",
                what, value_found(value, found));
}

/* `capacity: {of: customers.hours, total: 400}`. */
static void read_capacity(reader *r, node *value)
{
  static const char *const known[] = {"of", "total", "missing", NULL};
  static const char what[] = "key_customers.capacity";
  capacity_profile *c = &r->out->capacity;
  node *missing, *total = NULL;
  char found[80];
  if (!expect_map(r, value, what)) return;
  c->place = value->place;
  value_keys(value, what, known, r->problems);
  if ((total = node_get(value, "total")) &&
      value_real(total, "key_customers.capacity: total", 0, 0, r->problems, &c->total) && !(c->total > 0))
    problem_add(r->problems, EXIT_PROFILE, total->place,
                "key_customers.capacity: total: found %s, expected more than 0", value_found(total, found));
  if ((missing = node_get(value, "missing"))) read_capacity_missing(r, missing, c);
  if (is_missing(value, "of", known))
    problem_add(r->problems, EXIT_PROFILE, value->place,
                "key_customers.capacity: 'of' is missing: what a customer takes, as customers.hours");
  if (is_missing(value, "total", known))
    problem_add(r->problems, EXIT_PROFILE, value->place,
                "key_customers.capacity: 'total' is missing: how much there is to share");
  c->of = node_get(value, "of");
}

static void read_key_customers(reader *r, node *value)
{
  static const char *const known[] = {"limit",   "keep_within", "capacity", "previous",
                                      "require", "pin",         "exclude",  NULL};
  profile *p = r->out;
  node *part, *capacity;
  if (!expect_map(r, value, "key_customers")) return;
  p->key_place = value->place;
  value_keys(value, "key_customers", known, r->problems);
  p->limit = 0;
  if ((part = node_get(value, "limit")))
    read_count_or_share(r, part, "key_customers.limit", &p->limit, &p->limit_share);
  else if ((capacity = node_get(value, "capacity")) && !value_is_null(capacity)) p->unlimited = 1;
  else if (is_missing(value, "limit", known) && (capacity || is_missing(value, "capacity", known)))
    problem_add(r->problems, EXIT_PROFILE, value->place,
                "key_customers: 'limit' is missing: a count (50) or a share (5%%)");
  if ((part = node_get(value, "keep_within"))) {
    read_count_or_share(r, part, "key_customers.keep_within", &p->keep_within, &p->keep_within_share);
    if ((p->keep_within && p->limit && p->keep_within < p->limit) ||
        (p->keep_within_share > 0 && p->limit_share > 0 && p->keep_within_share < p->limit_share))
      problem_add(r->problems, EXIT_PROFILE, part->place,
                  "key_customers.keep_within: found %s, which is less than the limit; expected at least as much",
                  part->text);
  }
  if ((part = node_get(value, "capacity")) && !value_is_null(part)) read_capacity(r, part);
  if ((part = node_get(value, "previous")) && !value_is_null(part))
    read_previous(r, node_get_key(value, "previous"), part);
  if ((part = node_get(value, "require")) && !value_is_null(part)) read_floors(r, part);
  if ((part = node_get(value, "pin")) && !value_is_null(part))
    p->pins = read_decisions(r, part, "key_customers.pin", &p->pin_count);
  if ((part = node_get(value, "exclude")) && !value_is_null(part))
    p->exclusions = read_decisions(r, part, "key_customers.exclude", &p->exclusion_count);
  check_all_decisions(r);
}

/* ---- confidence -------------------------------------------------------------------------------------------- */

/* The criteria and, where they are weighed, the dimensions. */
static void nearest_weighed(reader *r, const char *word)
{
  const profile *p = r->out;
  const char **names = arena_array(r->arena, p->criterion_count + p->dimension_count + 1, sizeof *names);
  uint32_t count = 0;
  for (uint32_t i = 0; i < p->criterion_count; i++) names[count++] = p->criteria[i].name;
  for (uint32_t i = 0; i < p->dimension_count && p->dimension_weights; i++) names[count++] = p->dimensions[i].name;
  problem_nearest(r->problems, word, names, count);
}

/* revenue: [10%, 30%] */
static void read_interval(reader *r, const node *key, const node *value, weight_interval *out)
{
  const char *what = arena_format(r->arena, "confidence.weights.intervals.%s", key->text);
  char found[80];
  *out = (weight_interval){.name = key->text, .place = key->place, .most = 1};
  if (profile_criterion(r->out, key->text) < 0 &&
      (!r->out->dimension_weights || profile_dimension(r->out, key->text) < 0)) {
    int dimension = profile_dimension(r->out, key->text) >= 0;
    problem_add(r->problems, EXIT_PROFILE, key->place,
                dimension ? "confidence.weights.intervals: dimension '%s' has no weight under 'dimensions'"
                          : "confidence.weights.intervals: no criterion or dimension '%s'",
                key->text);
    if (!dimension) nearest_weighed(r, key->text);
  }
  if (value->kind != NODE_LIST || value->count != 2) {
    problem_add(
        r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected two shares, such as [10%%, 30%%]", what,
        value->kind == NODE_LIST ? arena_format(r->arena, "a list of %u", value->count) : value_found(value, found));
    return;
  }
  if (value_proportion(value->items[0], what, 0, 1, r->problems, &out->least) &&
      value_proportion(value->items[1], what, 0, 1, r->problems, &out->most) && out->most < out->least)
    problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s above %s, expected the lower end first", what,
                value->items[0]->text, value->items[1]->text);
}

/* Whether weights within the intervals can add up: those of a dimension's criteria, of the dimensions, of all. */
static void check_level(reader *r, const char *dimension, int of_dimensions, const char *what)
{
  const profile *p = r->out;
  const confidence_profile *c = &p->confidence;
  double low = 0, high = 0;
  uint32_t members = 0, named = 0;
  place where = c->place;
  for (uint32_t i = 0; i < p->criterion_count && !of_dimensions; i++)
    members += !dimension || (p->criteria[i].dimension && !strcmp(p->criteria[i].dimension, dimension));
  for (uint32_t i = 0; i < p->dimension_count && of_dimensions; i++) members += p->dimensions[i].weight > 0;
  for (uint32_t i = 0; i < c->interval_count; i++) {
    int criterion = profile_criterion(p, c->intervals[i].name);
    if ((criterion < 0) != of_dimensions) continue;
    if (dimension && (!p->criteria[criterion].dimension || strcmp(p->criteria[criterion].dimension, dimension) != 0))
      continue;
    named++;
    low += c->intervals[i].least;
    high += c->intervals[i].most;
    where = c->intervals[i].place;
  }
  if (!named || (low <= 1 + 1e-12 && (named < members || high >= 1 - 1e-12))) return;
  problem_add(r->problems, EXIT_PROFILE, where, "confidence.weights.intervals: no weights of %s are within: %s", what,
              low > 1 + 1e-12 ? "their lower ends add up to more than 100 %"
                              : "their upper ends add up to less than 100 %");
}

static void check_levels(reader *r)
{
  const profile *p = r->out;
  if (p->dimension_weights) check_level(r, NULL, 1, "the dimensions");
  else check_level(r, NULL, 0, "the criteria");
  for (uint32_t d = 0; d < p->dimension_count && p->dimension_weights; d++)
    check_level(r, p->dimensions[d].name, 0, arena_format(r->arena, "dimension '%s'", p->dimensions[d].name));
}

static void read_intervals(reader *r, node *map)
{
  confidence_profile *c = &r->out->confidence;
  size_t before = problems_errors(r->problems);
  if (!expect_map(r, map, "confidence.weights.intervals")) return;
  if (!map->count)
    problem_add(r->problems, EXIT_PROFILE, map->place,
                "confidence.weights.intervals: there is none; expected at least one, such as revenue: [10%%, 30%%]");
  c->intervals = arena_array(r->arena, map->count + 1, sizeof *c->intervals);
  for (uint32_t i = 0; i < map->count; i++)
    read_interval(r, map->entries[i].key, map->entries[i].value, &c->intervals[c->interval_count++]);
  if (problems_errors(r->problems) == before) check_levels(r);
}

static void read_weight_rule(reader *r, node *value)
{
  static const char *const known[] = {"concentration", "intervals", NULL};
  static const char *const words[] = {"given", "order", "any", NULL};
  static const weight_rule rules[] = {WEIGHTS_GIVEN, WEIGHTS_ORDER, WEIGHTS_ANY};
  const char *what = "confidence.weights";
  confidence_profile *c = &r->out->confidence;
  char found[80];
  if (value->kind == NODE_MAP) {
    node *around = node_get(value, "concentration"), *intervals = node_get(value, "intervals");
    if (!value_keys(value, what, known, r->problems)) return;
    if (!around == !intervals) {
      problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected one of concentration, intervals",
                  what, around ? "both concentration and intervals" : "an empty map");
    } else if (around) {
      value_real(around, "confidence.weights.concentration", 0.01, 1e6, r->problems, &c->concentration);
    } else {
      c->rule = WEIGHTS_INTERVALS;
      read_intervals(r, intervals);
    }
    return;
  }
  for (int i = 0; value->kind == NODE_SCALAR && words[i]; i++)
    if (!strcmp(value->text, words[i])) {
      c->rule = rules[i];
      return;
    }
  problem_add(r->problems, EXIT_PROFILE, value->place,
              "%s: found %s, expected given, order, any, {concentration: 20} or {intervals: {NAME: [10%%, 30%%]}}",
              what, value_found(value, found));
  if (value->kind == NODE_SCALAR && text_nearest(value->text, known, 2))
    problem_hint(r->problems, "say how: {concentration: 20} or {intervals: {NAME: [10%%, 30%%]}}");
  else if (value->kind == NODE_SCALAR) problem_nearest(r->problems, value->text, words, 3);
}

/* `yes`: the intervals that scorers give hold the value with a chance of 90 %; or that chance. */
static void read_values(reader *r, const node *value)
{
  confidence_profile *c = &r->out->confidence;
  int drawn = 1;
  if (value->kind == NODE_SCALAR && strchr(value->text, '%')) {
    value_proportion(value, "confidence.values", 0.01, 0.999, r->problems, &c->coverage);
  } else if (value_switch(value, "confidence.values", r->problems, &drawn)) {
    if (!drawn) c->coverage = 0;
  } else {
    problem_hint(r->problems, "or the chance with which a scorer's interval holds the value, such as 80%%");
  }
}

static void read_bands(reader *r, const node *list)
{
  confidence_profile *c = &r->out->confidence;
  const char *what = "confidence.bands";
  char found[80];
  c->band_count = 0;
  if (list->kind != NODE_LIST || list->count > MOST_BANDS) {
    problem_add(r->problems, EXIT_PROFILE, list->place,
                "%s: found %s, expected a list of at most %d ranks, such as "
                "[10, 50, 100]",
                what, list->kind == NODE_LIST ? arena_format(r->arena, "%u", list->count) : value_found(list, found),
                MOST_BANDS);
    return;
  }
  for (uint32_t i = 0; i < list->count; i++) {
    int64_t rank;
    if (!value_integer(list->items[i], arena_format(r->arena, "%s[%u]", what, i), 1, INT64_C(1000000000), r->problems,
                       &rank))
      continue;
    if (c->band_count && rank <= c->bands[c->band_count - 1])
      problem_add(r->problems, EXIT_PROFILE, list->items[i]->place, "%s[%u]: found %lld after %lld, expected more",
                  what, i, (long long)rank, (long long)c->bands[c->band_count - 1]);
    else c->bands[c->band_count++] = rank;
  }
}

static void read_confidence(reader *r, node *value)
{
  static const char *const known[] = {"draws", "weights", "values", "bands", NULL};
  confidence_profile *c = &r->out->confidence;
  node *part;
  *c = (confidence_profile){.place = value->place,
                            .draws = 10000,
                            .rule = WEIGHTS_CONCENTRATION,
                            .concentration = 20,
                            .coverage = 0.9,
                            .bands = {10, 50, 100},
                            .band_count = 3};
  if (!expect_map(r, value, "confidence")) {
    problem_hint(r->problems, "for the defaults: `confidence: {}`");
    return;
  }
  c->asked = 1;
  value_keys(value, "confidence", known, r->problems);
  if ((part = node_get(value, "draws"))) value_integer(part, "confidence.draws", 100, 1000000, r->problems, &c->draws);
  if ((part = node_get(value, "weights")) && !value_is_null(part)) read_weight_rule(r, part);
  if ((part = node_get(value, "values")) && !value_is_null(part)) read_values(r, part);
  if ((part = node_get(value, "bands")) && !value_is_null(part)) read_bands(r, part);
}

/* Whether two paths lead to one file, also by other words. */
static int same_file(const char *a, const char *b)
{
  struct stat one, other;
  if (!strcmp(a, b)) return 1;
  return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* An output must not take the place of another, or of what is read. The previous list alone may be renewed. */
static void check_target(reader *r, const output_profile *o, const char *what, const char *written)
{
  const profile *p = r->out;
  for (const output_profile *other = p->outputs; other < p->outputs + p->output_count; other++)
    if (other->to && same_file(other->to, o->to)) {
      problem_add(r->problems, EXIT_PROFILE, o->to_place, "%s: two outputs go to '%s'", what, written);
      return;
    }
  for (uint32_t i = 0; i < p->table_count; i++) {
    const char *from = p->tables[i].from;
    if (!from || (!same_file(from, o->to) && fnmatch(from, o->to, FNM_PATHNAME) != 0)) continue;
    problem_add(r->problems, EXIT_PROFILE, o->to_place,
                "%s: to: '%s' is what table '%s' is read from; a run never writes over its data", what, written,
                p->tables[i].name);
    return;
  }
}

static void read_output(reader *r, node *item, const char *what, output_profile *o)
{
  static const char *const known[] = {"plugin", "sha256", "params", "to", "isolate", NULL};
  *o = (output_profile){.place = item->place, .to_place = item->place};
  o->sink.place = item->place;
  if (!expect_map(r, item, what)) {
    if (item->kind == NODE_SCALAR)
      problem_hint(r->problems, strpbrk(item->text, "./") ? "for a file: `- {to: %s}`" : "for a sink: `- {plugin: %s}`",
                   item->text);
    return;
  }
  use_keys_of(r, item, what, known);
  read_use_map(r, item, what, known, &o->sink);
  const char *to = read_string(r, item, "to", arena_format(r->arena, "%s: to", what), &o->to_place);
  o->to_given = to != NULL;
  if (node_get(item, "to") && !to) return;
  o->to = to && strcmp(to, "-") != 0 ? resolve(r, to, o->to_place) : "-";
  if (to && strcmp(to, "-") != 0) check_target(r, o, what, to);
  if (is_missing(item, "to", known) && is_missing(item, "plugin", known))
    problem_add(r->problems, EXIT_PROFILE, item->place, "%s: neither 'plugin' nor 'to' is given", what);
}

static void read_outputs(reader *r, node *list)
{
  profile *p = r->out;
  char found[80];
  if (list->kind != NODE_LIST) {
    problem_add(r->problems, EXIT_PROFILE, list->place, "output: found %s, expected a list of {plugin, to, params}",
                value_found(list, found));
    return;
  }
  p->outputs = arena_array(r->arena, list->count, sizeof(output_profile));
  for (uint32_t i = 0; i < list->count; i++) {
    read_output(r, list->items[i], arena_format(r->arena, "output[%u]", i), &p->outputs[i]);
    p->output_count++;
  }
}

/* The store of runs is no output's place, and nothing that is read. */
static void read_store(reader *r, node *root)
{
  profile *p = r->out;
  const char *to = read_string(r, root, "store", "store", &p->store_place);
  output_profile as = {.to_place = p->store_place};
  if (!to) return;
  p->store = as.to = resolve(r, to, p->store_place);
  for (uint32_t i = 0; i < p->output_count; i++)
    if (p->outputs[i].to && same_file(p->outputs[i].to, p->store)) {
      problem_add(r->problems, EXIT_PROFILE, p->store_place, "store: an output goes to '%s' too", to);
      return;
    }
  check_target(r, &as, "store", to);
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

static const char *const known_keys[] = {"tarazu", "company", "description", "currency",      "as_of",      "time_zone",
                                         "seed",   "data",    "criteria",    "missing",       "dimensions", "normalize",
                                         "weigh",  "combine", "segments",    "key_customers", "confidence", "output",
                                         "store",  "isolate", NULL};

static node *given(const node *root, const char *key)
{
  node *value = node_get(root, key);
  return value_is_null(value) ? NULL : value;
}

static void read_header(reader *r, node *root)
{
  profile *p = r->out;
  node *version = node_get(root, "tarazu"), *value;
  int64_t number;
  if (is_missing(root, "tarazu", known_keys))
    problem_add(r->problems, EXIT_PROFILE, (place){.file = r->path},
                "'tarazu: 1' is missing: the version of the profile's format");
  else if (version && value_integer(version, "tarazu", 0, 0, r->problems, &number) && number != 1)
    problem_add(r->problems, EXIT_PROFILE, version->place, "tarazu: found format %lld, expected 1", (long long)number);
  p->company = read_string(r, root, "company", "company", NULL);
  p->currency = read_string(r, root, "currency", "currency", NULL);
  read_string(r, root, "description", "description", NULL);
  if ((value = node_get(root, "time_zone")) && value_string(value, "time_zone", r->problems, &p->time_zone_name)) {
    p->zone = zone_open(p->time_zone_name);
    if (!p->zone)
      problem_add(r->problems, EXIT_PROFILE, value->place,
                  "time_zone: found '%s', expected UTC, an offset as +03:30, or a name as Europe/London",
                  p->time_zone_name);
  }
  if ((value = node_get(root, "as_of")) && !value_is_null(value))
    p->has_as_of = value_date(value, "as_of", p->zone, r->problems, &p->as_of);
  if ((value = node_get(root, "seed")) && value_integer(value, "seed", 0, INT64_MAX, r->problems, &number))
    p->seed = (uint64_t)number;
}

static void read_sections(reader *r, node *root)
{
  static const char *const use_keys[] = {"plugin", "sha256", "params", "isolate", NULL};
  static const char *const combine_keys[] = {"plugin", "sha256", "params", "input", "model", "isolate", NULL};
  profile *p = r->out;
  place whole = {.file = r->path};
  missing_profile missing = {0};
  node *part;
  if ((part = given(root, "isolate"))) p->isolate = read_isolate(r, part, NULL);
  if ((part = given(root, "data"))) read_data(r, part);
  else p->data_faulty = 1;
  if (is_missing(root, "data", known_keys) || (node_get(root, "data") && !part))
    problem_add(r->problems, EXIT_PROFILE, whole, "'data' is missing: the tables, by name");
  if ((part = given(root, "missing"))) missing = read_missing(r, part, "missing");
  if ((part = given(root, "criteria"))) read_criteria(r, part, missing);
  else if (is_missing(root, "criteria", known_keys) || node_get(root, "criteria"))
    problem_add(r->problems, EXIT_PROFILE, whole, "'criteria' is missing: what is measured of each customer");
  read_dimensions(r, given(root, "dimensions"));
  if ((part = given(root, "normalize"))) p->normalizer = read_use(r, part, "normalize", use_keys);
  if ((part = given(root, "weigh"))) read_weighers(r, part);
  if ((part = given(root, "combine"))) p->combiner = read_use(r, part, "combine", combine_keys);
  else p->combiner = (use){.usual = 1, .place = whole};
  if ((part = given(root, "segments"))) read_segments(r, part);
  if ((part = given(root, "key_customers"))) read_key_customers(r, part);
  if ((part = given(root, "confidence"))) read_confidence(r, part);
  if ((part = given(root, "output"))) read_outputs(r, part);
  if (given(root, "store")) read_store(r, root);
}

void profile_read(node *root, const char *path, arena *home, problems *faults, profile *out)
{
  reader r = {path, home, faults, out};
  *out = (profile){.path = path, .limit = -1, .time_zone_name = "UTC", .data_faulty = 1};
  if (!expect_map(&r, root, "the profile")) return;
  if (!root->count) {
    problem_add(faults, EXIT_PROFILE, (place){.file = path},
                "the profile is empty; expected 'tarazu: 1', 'data' and 'criteria' at least");
    return;
  }
  if (node_get(root, "tarazu_experiment")) {
    problem_add(faults, EXIT_PROFILE, node_get_key(root, "tarazu_experiment")->place,
                "this is an experiment's file; expected a profile");
    problem_hint(faults, "`tarazu experiment run %s` runs it", path);
    return;
  }
  out->data_faulty = 0;
  value_keys(root, "the profile", known_keys, faults);
  read_header(&r, root);
  read_sections(&r, root);
}

void profile_free(profile *p)
{
  if (p) zone_free(p->zone);
}

table_profile *profile_table(const profile *p, const char *name)
{
  for (uint32_t i = 0; i < p->table_count; i++)
    if (!strcmp(p->tables[i].name, name)) return &p->tables[i];
  return NULL;
}

int profile_criterion(const profile *p, const char *name)
{
  for (uint32_t i = 0; i < p->criterion_count; i++)
    if (!strcmp(p->criteria[i].name, name)) return (int)i;
  return -1;
}

int profile_dimension(const profile *p, const char *name)
{
  for (uint32_t i = 0; i < p->dimension_count; i++)
    if (!strcmp(p->dimensions[i].name, name)) return (int)i;
  return -1;
}
