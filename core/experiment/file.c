/* Reads the tree of an experiment's file into typed values, section by section; every fault is told, none stops the
 * reading. */
#include "experiment/file.h"

#include "base/calendar.h"
#include "base/file.h"
#include "config/value.h"
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COMPANIES = 1000, MOST_CUTS = 1000, MOST_SAMPLES = 100000, MOST_REPEATS = 10000 };

typedef struct reader {
  arena *arena;
  problems *problems;
  experiment *out;
} reader;

static const char *const known_keys[] = {
    "tarazu_experiment", "name",     "description", "profile", "profiles", "set",   "vary", "sample", "base",
    "measure",           "outcomes", "backtest",    "repeat",  "output",   "store", "jobs", NULL};

static node *given(const node *map, const char *key)
{
  node *value = node_get(map, key);
  return value_is_null(value) ? NULL : value;
}

/* For what one meant to say: a key that is misspelt is not also told to be missing. */
static int is_missing(const node *map, const char *key)
{
  if (given(map, key)) return 0;
  for (uint32_t i = 0; i < map->count; i++) {
    const char *const *same = known_keys;
    while (*same && strcmp(*same, map->entries[i].key->text) != 0) same++;
    if (!*same && text_nearest(map->entries[i].key->text, &key, 1)) return 0;
  }
  return 1;
}

static int expect_map(reader *r, const node *value, const char *what, const char *expected)
{
  char found[80];
  if (value->kind == NODE_MAP) return 1;
  problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found %s, expected %s", what, value_found(value, found),
              expected);
  return 0;
}

/* Text that says something. */
static const char *read_text(reader *r, const node *value, const char *what)
{
  const char *out;
  if (!value || !value_string(value, what, r->problems, &out)) return NULL;
  if (*out) return out;
  problem_add(r->problems, EXIT_PROFILE, value->place, "%s: found empty text, expected some", what);
  return NULL;
}

/* A path as seen from the file that names it. */
static const char *read_path(reader *r, const node *value, const char *what)
{
  const char *path = read_text(r, value, what);
  return path ? file_shorten(r->arena, file_resolve(r->arena, value->place.file, path)) : NULL;
}

/* ---- head -------------------------------------------------------------------------------------------------------- */

static int is_name(const char *word)
{
  if (!*word) return 0;
  for (; *word; word++)
    if (!isalnum((unsigned char)*word) && !strchr("_-", *word)) return 0;
  return 1;
}

/* Names become those of files. */
static int check_name(reader *r, const node *at, const char *what)
{
  if (is_name(at->text)) return 1;
  problem_add(r->problems, EXIT_PROFILE, at->place, "%s: found '%.60s', expected letters, digits, '_' and '-'", what,
              at->text);
  return 0;
}

/* The file's name without its ending. */
static const char *own_name(reader *r, const char *path)
{
  char *name = arena_copy(r->arena, file_name(path));
  name[strcspn(name, ".")] = 0;
  for (char *at = name; *at; at++)
    if (!isalnum((unsigned char)*at) && !strchr("_-", *at)) *at = '_';
  return *name ? name : "experiment";
}

static void read_head(reader *r, const node *root)
{
  const node *version = given(root, "tarazu_experiment"), *name = given(root, "name");
  int64_t number;
  if (!version && node_get(root, "tarazu"))
    problem_add(r->problems, EXIT_PROFILE, node_get_key(root, "tarazu")->place,
                "this is a profile; expected an experiment's file, which begins with 'tarazu_experiment: 1' and names "
                "a profile");
  else if (is_missing(root, "tarazu_experiment"))
    problem_add(r->problems, EXIT_PROFILE, (place){.file = r->out->path},
                "'tarazu_experiment: 1' is missing: the version of the file's format");
  else if (version && value_integer(version, "tarazu_experiment", 0, 0, r->problems, &number) && number != 1)
    problem_add(r->problems, EXIT_PROFILE, version->place, "tarazu_experiment: found format %lld, expected 1",
                (long long)number);
  if (name && read_text(r, name, "name") && check_name(r, name, "name")) r->out->name = name->text;
  r->out->description = read_text(r, given(root, "description"), "description");
}

static void add_company(reader *r, const char *name, const node *value, const char *what, unsigned *room)
{
  const char *path = read_path(r, value, what);
  if (path)
    *arena_push(r->arena, r->out->companies, r->out->company_count, *room) =
        (experiment_company){name, path, value->place};
}

static void read_companies(reader *r, const node *root)
{
  const node *one = given(root, "profile"), *many = given(root, "profiles");
  unsigned room = 0;
  if (one && many)
    problem_add(r->problems, EXIT_PROFILE, node_get_key(root, "profiles")->place,
                "has both 'profile' and 'profiles'; expected one of them");
  if (!one && !many && is_missing(root, "profile") && is_missing(root, "profiles") && !node_get(root, "tarazu"))
    problem_add(r->problems, EXIT_PROFILE, (place){.file = r->out->path},
                "'profile' is missing: the path of the profile that is varied (or `profiles: {NAME: PATH}`)");
  if (one) add_company(r, NULL, one, "profile", &room);
  if (!many || one || !expect_map(r, many, "profiles", "a map of names to paths: {acme: acme.yaml}")) return;
  if (!many->count || many->count > MOST_COMPANIES)
    problem_add(r->problems, EXIT_PROFILE, many->place, "profiles: found %u, expected from 1 to %d", many->count,
                MOST_COMPANIES);
  for (uint32_t i = 0; i < many->count && i < MOST_COMPANIES; i++) {
    const entry *e = &many->entries[i];
    const char *what = arena_format(r->arena, "profiles.%s", e->key->text);
    if (check_name(r, e->key, "profiles")) add_company(r, e->key->text, e->value, what, &room);
  }
}

/* ---- variants ---------------------------------------------------------------------------------------------------- */

/* `grid`, `{random: 100, seed: 1}`, `{latin_hypercube: 100}`. */
static void read_sample(reader *r, const node *value)
{
  static const char *const words[] = {"grid", NULL};
  static const char *const keys[] = {"random", "latin_hypercube", "seed", NULL};
  experiment *x = r->out;
  int unread;
  int64_t seed = 0;
  if (value->kind == NODE_SCALAR) {
    if (!strcmp(value->text, "random") || !strcmp(value->text, "latin_hypercube"))
      problem_add(r->problems, EXIT_PROFILE, value->place, "sample: how many is missing; expected {%s: 100}",
                  value->text);
    else value_choice(value, "sample", words, r->problems, &unread);
    return;
  }
  if (!expect_map(r, value, "sample", "grid, {random: 100} or {latin_hypercube: 100}")) return;
  value_keys(value, "sample", keys, r->problems);
  const node *drawn = node_get(value, "random"), *cube = node_get(value, "latin_hypercube"),
             *start = node_get(value, "seed");
  if (drawn && cube)
    problem_add(r->problems, EXIT_PROFILE, node_get_key(value, "latin_hypercube")->place,
                "sample: has both 'random' and 'latin_hypercube'; expected one of them");
  else if (!drawn && !cube)
    problem_add(r->problems, EXIT_PROFILE, value->place, "sample: expected 'random' or 'latin_hypercube'");
  x->sample = drawn ? SAMPLE_RANDOM : SAMPLE_LATIN_HYPERCUBE;
  if (drawn || cube)
    value_integer(drawn ? drawn : cube, drawn ? "sample.random" : "sample.latin_hypercube", 1, 10000, r->problems,
                  &x->sample_count);
  if (start && value_integer(start, "sample.seed", 0, INT64_MAX, r->problems, &seed)) x->sample_seed = (uint64_t)seed;
}

static void read_variants(reader *r, const node *root)
{
  experiment *x = r->out;
  const node *set = given(root, "set"), *vary = given(root, "vary"), *sample = given(root, "sample");
  if (set && expect_map(r, set, "set", "a map of settings to values: {key_customers.limit: 5%}")) x->set = set;
  if (vary && expect_map(r, vary, "vary", "a map of settings to the values that they take")) x->vary = vary;
  if (sample) read_sample(r, sample);
  if (sample && !vary)
    problem_add(r->problems, EXIT_PROFILE, sample->place, "sample: nothing is varied; expected 'vary' too");
  const node *base = given(root, "base");
  if (!base) return;
  x->base_place = base->place;
  x->base = read_text(r, base, "base");
}

/* ---- backtest ---------------------------------------------------------------------------------------------------- */

static void add_cut(reader *r, int64_t at, int zoned, place where, unsigned *room)
{
  char name[32];
  calendar_format(at, name);
  if (!zoned && strchr(name, 'Z')) *strchr(name, 'Z') = 0;
  *arena_push(r->arena, r->out->cuts, r->out->cut_count, *room) =
      (experiment_cut){at, zoned, arena_copy(r->arena, name), where};
}

static int read_date(reader *r, const node *value, const char *what, int64_t *at, int *zoned)
{
  int64_t unread;
  return value_date(value, what, NULL, r->problems, &unread) && calendar_parse(value->text, at, zoned);
}

static void read_cut_list(reader *r, const node *value, unsigned *room)
{
  int64_t at;
  int zoned;
  const node *const *items = value->kind == NODE_LIST ? (const node *const *)value->items : &value;
  uint32_t count = value->kind == NODE_LIST ? value->count : 1;
  if (!count || count > MOST_CUTS)
    problem_add(r->problems, EXIT_PROFILE, value->place, "backtest.cut_offs: found %u, expected from 1 to %d dates",
                count, MOST_CUTS);
  for (uint32_t i = 0; i < count && i < MOST_CUTS; i++)
    if (read_date(r, items[i], "backtest.cut_offs", &at, &zoned)) add_cut(r, at, zoned, items[i]->place, room);
}

/* A step of whole months by the calendar, or of so many days. */
typedef struct stride {
  int64_t months;
  double days;
} stride;

static int read_stride(reader *r, const node *value, stride *out)
{
  char *end;
  *out = (stride){0};
  if (!value_duration(value, "backtest.every", 1, DBL_MAX, r->problems, &out->days)) return 0;
  long long number = strtoll(value->text, &end, 10);
  while (*end == ' ') end++;
  if (!strncmp(end, "month", 5)) out->months = number;
  if (!strncmp(end, "year", 4)) out->months = 12 * number;
  return 1;
}

static int64_t after_strides(int64_t from, const stride *by, int64_t count)
{
  if (!by->months) return from + (int64_t)llround((double)count * by->days * (double)MICROSECONDS_PER_DAY);
  int year, month, day, last = 31;
  int64_t days = from / MICROSECONDS_PER_DAY - (from % MICROSECONDS_PER_DAY < 0), first, next;
  calendar_date(days, &year, &month, &day);
  int64_t all = (int64_t)year * 12 + month - 1 + count * by->months;
  year = (int)(all / 12);
  month = (int)(all % 12) + 1;
  first = calendar_days(year, month, 1);
  next = month == 12 ? calendar_days(year + 1, 1, 1) : calendar_days(year, month + 1, 1);
  if (next - first < last) last = (int)(next - first);
  return (first + (day < last ? day : last) - 1) * MICROSECONDS_PER_DAY + (from - days * MICROSECONDS_PER_DAY);
}

static void read_rolling(reader *r, const node *section, unsigned *room)
{
  const node *from = given(section, "from"), *to = given(section, "to"), *every = given(section, "every");
  int64_t first, last;
  int zoned, unread, good = 1;
  stride by;
  const node *parts[] = {from, to, every};
  static const char *const names[] = {"from", "to", "every"};
  for (int i = 0; i < 3; i++)
    if (!parts[i]) {
      problem_add(r->problems, EXIT_PROFILE, section->place,
                  "backtest: '%s' is missing; expected cut_offs, or from, to and every", names[i]);
      good = 0;
    }
  if (!good) return;
  good = read_date(r, from, "backtest.from", &first, &zoned);
  good &= read_date(r, to, "backtest.to", &last, &unread);
  if (!read_stride(r, every, &by) || !good) return;
  if (last < first) {
    problem_add(r->problems, EXIT_PROFILE, to->place, "backtest.to: found %s, expected no date before 'from', %s",
                to->text, from->text);
    return;
  }
  for (int64_t i = 0, at = first; at <= last; at = after_strides(first, &by, ++i)) {
    if (i == MOST_CUTS) {
      problem_add(r->problems, EXIT_PROFILE, every->place, "backtest: more than %d cut-offs; expected fewer",
                  MOST_CUTS);
      return;
    }
    add_cut(r, at, zoned, every->place, room);
  }
}

static int by_time(const void *a, const void *b)
{
  const experiment_cut *x = a, *y = b;
  return (x->at > y->at) - (x->at < y->at);
}

static void read_backtest(reader *r, const node *section)
{
  static const char *const keys[] = {"cut_offs", "from", "to", "every", "horizon", NULL};
  experiment *x = r->out;
  unsigned room = 0;
  if (!expect_map(r, section, "backtest", "a map: {cut_offs: [2011-06-01], horizon: 26 weeks}")) return;
  x->backtest = 1;
  x->backtest_place = section->place;
  value_keys(section, "backtest", keys, r->problems);
  const node *list = given(section, "cut_offs"), *horizon = given(section, "horizon");
  const node *rolling = given(section, "from") ? node_get_key(section, "from") : node_get_key(section, "every");
  if (list && rolling)
    problem_add(r->problems, EXIT_PROFILE, rolling->place,
                "backtest: has 'cut_offs' and '%s'; expected cut_offs, or from, to and every", rolling->text);
  if (list) read_cut_list(r, list, &room);
  else read_rolling(r, section, &room);
  if (x->cut_count) qsort(x->cuts, x->cut_count, sizeof *x->cuts, by_time);
  for (uint32_t i = 1; i < x->cut_count; i++)
    if (x->cuts[i].at == x->cuts[i - 1].at)
      problem_add(r->problems, EXIT_PROFILE, x->cuts[i].place, "backtest.cut_offs: %s stands there twice",
                  x->cuts[i].name);
  if (!horizon)
    problem_add(r->problems, EXIT_PROFILE, section->place,
                "backtest: 'horizon' is missing: how long after a cut-off its list is judged, such as 26 weeks");
  else if (value_duration(horizon, "backtest.horizon", 1.0 / 24, 36525, r->problems, &x->horizon))
    x->horizon_place = horizon->place;
}

/* ---- repeats ----------------------------------------------------------------------------------------------------- */

static void read_seeds(reader *r, const node *list)
{
  experiment *x = r->out;
  unsigned room = 0;
  int64_t number;
  char found[80];
  if (list->kind != NODE_LIST || !list->count) {
    problem_add(r->problems, EXIT_PROFILE, list->place, "repeat.seeds: found %s, expected a list: [1, 2, 3]",
                value_found(list, found));
    return;
  }
  for (uint32_t i = 0; i < list->count && i < MOST_REPEATS; i++) {
    if (!value_integer(list->items[i], "repeat.seeds", 0, INT64_MAX, r->problems, &number)) continue;
    for (uint32_t k = 0; k < x->seed_count; k++)
      if (x->seeds[k] == (uint64_t)number)
        problem_add(r->problems, EXIT_PROFILE, list->items[i]->place, "repeat.seeds: %lld stands there twice",
                    (long long)number);
    *arena_push(r->arena, x->seeds, x->seed_count, room) = (uint64_t)number;
  }
}

static int number_of(const char *const *names, const char *name)
{
  int at = 0;
  while (names[at] && strcmp(names[at], name) != 0) at++;
  return at;
}

static void read_repeat(reader *r, const node *section)
{
  static const char *const keys[] = {"bootstrap", "level", "interval", "correction", "seeds", "seed", NULL};
  static const char *const methods[] = {"bca", "percentile", NULL};
  experiment *x = r->out;
  int chosen;
  int64_t seed;
  const node *value;
  if (!expect_map(r, section, "repeat", "a map: {bootstrap: 1000, level: 95%}")) return;
  value_keys(section, "repeat", keys, r->problems);
  x->repeat_place = section->place;
  if ((value = given(section, "bootstrap")))
    value_integer(value, "repeat.bootstrap", 0, MOST_SAMPLES, r->problems, &x->bootstrap);
  if ((value = given(section, "level"))) value_proportion(value, "repeat.level", 0.5, 0.9999, r->problems, &x->level);
  if ((value = given(section, "interval")) && value_choice(value, "repeat.interval", methods, r->problems, &chosen))
    x->method = chosen == number_of(methods, "bca") ? INTERVAL_BCA : INTERVAL_PERCENTILE;
  if ((value = given(section, "correction")) &&
      value_choice(value, "repeat.correction", correction_names, r->problems, &chosen))
    x->correction = (correction)chosen;
  if ((value = given(section, "seeds"))) read_seeds(r, value);
  if ((value = given(section, "seed")) && value_integer(value, "repeat.seed", 0, INT64_MAX, r->problems, &seed))
    x->bootstrap_seed = (uint64_t)seed;
}

/* ---- where to ---------------------------------------------------------------------------------------------------- */

static void read_formats(reader *r, const node *list)
{
  static const char *const names[] = {"text", "csv", "json", NULL};
  const node *const *items = list->kind == NODE_LIST ? (const node *const *)list->items : &list;
  uint32_t count = list->kind == NODE_LIST ? list->count : 1;
  int chosen;
  r->out->formats = 0;
  if (!count)
    problem_add(r->problems, EXIT_PROFILE, list->place, "output.formats: an empty list; expected text, csv or json");
  for (uint32_t i = 0; i < count; i++)
    if (value_choice(items[i], "output.formats", names, r->problems, &chosen)) r->out->formats |= 1u << chosen;
}

static void read_output(reader *r, const node *value)
{
  static const char *const keys[] = {"to", "formats", NULL};
  if (value->kind == NODE_SCALAR) {
    r->out->output = read_path(r, value, "output");
    return;
  }
  if (!expect_map(r, value, "output", "a folder, or a map: {to: out, formats: [csv, json]}")) return;
  value_keys(value, "output", keys, r->problems);
  if (given(value, "to")) r->out->output = read_path(r, given(value, "to"), "output.to");
  else problem_add(r->problems, EXIT_PROFILE, value->place, "output: 'to' is missing: a folder for the results");
  if (given(value, "formats")) read_formats(r, given(value, "formats"));
}

static void read_places(reader *r, const node *root)
{
  experiment *x = r->out;
  const node *store = given(root, "store"), *jobs = given(root, "jobs"), *output = given(root, "output");
  x->store = file_resolve(r->arena, x->path, "tarazu.db");
  if (store) {
    const char *path = read_path(r, store, "store");
    if (path) x->store = path;
    x->store_place = store->place;
  }
  if (output) read_output(r, output);
  if (jobs) value_integer(jobs, "jobs", 1, 256, r->problems, &x->jobs);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void read_sections(reader *r, node *root)
{
  experiment *x = r->out;
  const node *section;
  read_head(r, root);
  read_companies(r, root);
  read_variants(r, root);
  if ((section = given(root, "backtest"))) read_backtest(r, section);
  if ((section = given(root, "repeat"))) read_repeat(r, section);
  read_places(r, root);
  x->outcomes = given(root, "outcomes");
  x->measure = given(root, "measure");
  if (x->backtest && !x->outcomes && is_missing(root, "outcomes"))
    problem_add(r->problems, EXIT_PROFILE, x->backtest_place,
                "backtest: there are no 'outcomes', so that nothing is judged by what came after");
}

void experiment_read(const char *path, arena *home, problems *faults, experiment *out)
{
  reader r = {home, faults, out};
  *out = (experiment){.path = arena_copy(home, path),
                      .sample = SAMPLE_GRID,
                      .bootstrap = 1000,
                      .level = 0.95,
                      .method = INTERVAL_BCA,
                      .correction = CORRECTION_HOLM,
                      .formats = OUTPUT_TEXT | OUTPUT_CSV | OUTPUT_JSON};
  out->name = own_name(&r, path);
  out->root = yaml_read_extended(path, home, faults, NULL);
  if (!out->root) return;
  if (!out->root->count) {
    problem_add(faults, EXIT_PROFILE, (place){.file = out->path},
                "the file is empty; expected 'tarazu_experiment: 1', 'profile' and 'measure' at least");
    return;
  }
  if (node_get(out->root, "tarazu_experiment") || !node_get(out->root, "tarazu"))
    value_keys(out->root, "the experiment", known_keys, faults);
  read_sections(&r, out->root);
}
