/* Outcomes: sessions that run scorers alone, on a window of the data, and what is kept of them. */
#include "experiment/outcome.h"

#include "config/value.h"
#include "run/uses.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the criteria ------------------------------------------------------------------------------------------- */

static node *scalar(const char *words, place where, arena *home)
{
  node *out = arena_alloc(home, sizeof *out);
  *out = (node){.kind = NODE_SCALAR, .place = where, .text = words};
  return out;
}

static void put(node *map, const char *key, node *value, arena *home)
{
  map->entries[map->count++] = (entry){scalar(key, value->place, home), value};
}

/* A criterion as a profile has them: what says how it counts in a score is of no account here, but called for. */
static node *as_criterion(const node *value, arena *home)
{
  node *out = arena_alloc(home, sizeof *out);
  *out = (node){.kind = NODE_MAP, .place = value->place};
  out->entries = arena_array(home, (size_t)value->count + 3, sizeof *out->entries);
  for (uint32_t i = 0; value->kind == NODE_MAP && i < value->count; i++) out->entries[out->count++] = value->entries[i];
  if (value->kind == NODE_SCALAR) put(out, "plugin", scalar(value->text, value->place, home), home);
  put(out, "dimension", scalar("financial", value->place, home), home);
  put(out, "better", scalar("more", value->place, home), home);
  return out;
}

int outcomes_add(outcomes *to, const char *name, const node *value, const char *what, arena *home, problems *faults)
{
  static const char *const known[] = {"plugin", "params", "input", "missing", "model", NULL};
  char found[80];
  if (value->kind == NODE_LIST || value_is_null(value)) {
    problem_add(faults, EXIT_PROFILE, value->place, "%s: found %s, expected a criterion: {plugin: NAME, …}", what,
                value_found(value, found));
    return 0;
  }
  if (value->kind == NODE_MAP && !value_keys(value, what, known, faults)) return 0;
  if (!to->criteria) {
    to->criteria = arena_alloc(home, sizeof *to->criteria);
    *to->criteria = (node){.kind = NODE_MAP, .place = value->place};
  }
  entry *grown = arena_array(home, (size_t)to->count + 1, sizeof *grown);
  if (to->count) memcpy(grown, to->criteria->entries, to->count * sizeof *grown);
  grown[to->count] = (entry){scalar(name, value->place, home), as_criterion(value, home)};
  to->criteria->entries = grown;
  to->criteria->count = ++to->count;
  return 1;
}

int outcomes_read(const node *section, arena *home, problems *faults, outcomes *out)
{
  char found[80];
  int good = 1;
  *out = (outcomes){0};
  if (!section || value_is_null(section)) return 1;
  if (section->kind != NODE_MAP) {
    problem_add(faults, EXIT_PROFILE, section->place, "outcomes: found %s, expected a map: NAME: {plugin: …}",
                value_found(section, found));
    return 0;
  }
  for (uint32_t i = 0; i < section->count; i++) {
    const entry *e = &section->entries[i];
    good &= outcomes_add(out, e->key->text, e->value, arena_format(home, "outcomes.%s", e->key->text), home, faults);
    if (out->count) out->criteria->entries[out->count - 1].key->place = e->key->place;
  }
  return good;
}

const node *outcome_named(const outcomes *of, const char *name)
{
  size_t length = strcspn(name, ".");
  for (uint32_t i = 0; i < of->count; i++) {
    const node *key = of->criteria->entries[i].key;
    if (strlen(key->text) == length && !strncmp(key->text, name, length)) return key;
  }
  return NULL;
}

/* ---- sessions ----------------------------------------------------------------------------------------------- */

/* The profile's tree with these criteria in place of its own, and nothing that weighs them. */
static node *tree_of(const node *root, const node *criteria, arena *home)
{
  static const char *const kept[] = {"tarazu", "company", "currency", "time_zone", "seed", "as_of", "data"};
  node *out = arena_alloc(home, sizeof *out);
  *out = (node){.kind = NODE_MAP, .place = root->place};
  out->entries = arena_array(home, sizeof kept / sizeof *kept + 1, sizeof *out->entries);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (node_get(root, kept[i]))
      out->entries[out->count++] = (entry){node_get_key(root, kept[i]), node_get(root, kept[i])};
  if (criteria) put(out, "criteria", (node *)criteria, home);
  return out;
}

static tarazu_session *open_on(const outcome_window *window, const node *root, int64_t as_of, int later,
                               problems *faults)
{
  tarazu_options options = {.size = sizeof options};
  session_trial trial = {.root = root,
                         .files = window->files,
                         .backtest = window->backtest,
                         .as_of = as_of,
                         .as_of_place = window->cut_off_place,
                         .has_after = window->backtest && later,
                         .after = window->cut_off,
                         .scorers_only = 1,
                         .lock_of = window->lock_of,
                         .stop = window->stop};
  tarazu_session *session;
  if (window->options)
    memcpy(&options, window->options, window->options->size < sizeof options ? window->options->size : sizeof options);
  options.size = sizeof options;
  options.settings = NULL; /* they are in the tree */
  options.save_models = options.store = NULL;
  options.progress = NULL;
  if (session_open_trial(window->path, &trial, &options, &session)) {
    problems_take(faults, session_problems(session), NULL, NULL);
    tarazu_close(session);
    return NULL;
  }
  if (window->cache) session_use_cache(session, window->cache);
  return session;
}

/* Closes a session; 1, or 0 where it told errors. Warnings of outcomes are not told: empty tables, columns without a
 * value are to be expected in a window. */
static int close_with(tarazu_session *session, problems *faults)
{
  int good = !problems_errors(session_problems(session));
  if (!good) problems_take(faults, session_problems(session), NULL, NULL);
  tarazu_close(session);
  return good;
}

int64_t outcome_until(const zone *clock, int64_t cut_off, double days)
{
  return zone_from_civil(clock, zone_to_civil(clock, cut_off) + (int64_t)llround(days * (double)MICROSECONDS_PER_DAY));
}

/* ---- the universe ------------------------------------------------------------------------------------------- */

struct universe {
  arena *home;
  dictionary *names; /* code i is customer i */
  const node *root;  /* the profile's tree, with what its own criteria settle of the tables */
};

/* What a table is follows from what reads it; outcomes may read less, or nothing, of it and yet mean the same table. */
static node *settled_table(const table_plan *t, const node *value, arena *home)
{
  static const char *const shapes[] = {NULL, "attributes", "events", "edges"};
  const table_profile *f = t->profile;
  node *out = arena_alloc(home, sizeof *out), *columns;
  *out = *value;
  if (value->kind != NODE_MAP || (!t->want_count && !t->set_count)) return out;
  out->entries = arena_array(home, (size_t)value->count + 2, sizeof *out->entries);
  memcpy(out->entries, value->entries, value->count * sizeof *out->entries);
  if (!node_get(value, "shape") && f->shape) put(out, "shape", scalar(shapes[f->shape], value->place, home), home);
  const node *named = node_get(value, "columns");
  if (!f->time || node_get(value, "known_at") || (named && node_get(named, "time"))) return out;
  columns = arena_alloc(home, sizeof *columns);
  *columns = (node){.kind = NODE_MAP, .place = value->place};
  columns->entries = arena_array(home, (named ? named->count : 0) + 1, sizeof *columns->entries);
  for (uint32_t i = 0; named && i < named->count; i++) columns->entries[columns->count++] = named->entries[i];
  put(columns, "time", scalar(arena_copy(home, f->time), f->time_place, home), home);
  for (uint32_t i = 0; i < out->count; i++)
    if (!strcmp(out->entries[i].key->text, "columns")) {
      out->entries[i].value = columns;
      return out;
    }
  put(out, "columns", columns, home);
  return out;
}

static const node *settled_root(tarazu_session *planned, const node *root, arena *home)
{
  const plan *p = session_engine(planned)->plan;
  node *out = arena_alloc(home, sizeof *out), *data = arena_alloc(home, sizeof *data);
  const node *given = node_get(root, "data");
  *out = *root;
  *data = *given;
  data->entries = arena_array(home, (size_t)given->count + 1, sizeof *data->entries);
  for (uint32_t i = 0; i < given->count; i++) {
    data->entries[i] = given->entries[i];
    for (uint32_t t = 0; t < p->table_count; t++)
      if ((int)t != p->previous && !strcmp(p->tables[t].profile->name, given->entries[i].key->text))
        data->entries[i].value = settled_table(&p->tables[t], given->entries[i].value, home);
  }
  out->entries = arena_array(home, (size_t)root->count + 1, sizeof *out->entries);
  for (uint32_t i = 0; i < root->count; i++) {
    out->entries[i] = root->entries[i];
    if (!strcmp(root->entries[i].key->text, "data")) out->entries[i].value = data;
  }
  return out;
}

static int take_names(universe *self, const population *people)
{
  for (int64_t i = 0; i < people->count; i++) {
    size_t length;
    const char *name = dictionary_string(people->names, (int32_t)i, &length);
    if (dictionary_add(self->names, name, length) < 0) return 0;
  }
  return 1;
}

universe *universe_find(const outcome_window *last, problems *faults)
{
  arena *home = arena_new();
  universe *self = arena_alloc(home, sizeof *self);
  *self = (universe){.home = home, .names = dictionary_new()};
  tarazu_session *session =
      open_on(last, tree_of(last->root, node_get(last->root, "criteria"), home), last->cut_off, 0, faults);
  int good = session != NULL;
  if (good && session_load(session) == TARAZU_GOOD) {
    self->root = settled_root(session, last->root, home);
    if (!self->names || !take_names(self, &session_engine(session)->people))
      problem_add(session_problems(session), EXIT_INTERNAL, NOWHERE, "no memory for the names of the customers");
  }
  if (good) good = close_with(session, faults);
  if (good) return self;
  universe_free(self);
  return NULL;
}

void universe_free(universe *self)
{
  if (!self) return;
  dictionary_free(self->names);
  arena_free(self->home);
}

int64_t universe_count(const universe *self)
{
  return dictionary_count(self->names);
}

const char *universe_name(const universe *self, int64_t customer, size_t *length)
{
  return dictionary_string(self->names, (int32_t)customer, length);
}

/* Customers come in the same order mostly, so that the next one is looked at before she is searched for. */
void universe_rows(const universe *self, const population *people, int64_t *out)
{
  int64_t next = 0, count = universe_count(self);
  for (int64_t i = 0; i < people->count; i++) {
    size_t length, there = 0;
    const char *name = dictionary_string(people->names, (int32_t)i, &length);
    const char *guess = next < count ? dictionary_string(self->names, (int32_t)next, &there) : NULL;
    out[i] =
        guess && there == length && !memcmp(guess, name, length) ? next : dictionary_find(self->names, name, length);
    if (out[i] >= 0) next = out[i] + 1;
  }
}

/* ---- measuring ---------------------------------------------------------------------------------------------- */

typedef struct value_column {
  const char *name;
  double *values; /* by customer of the universe */
} value_column;

/* What an outcome was measured on. */
typedef struct used_column {
  const char *table, *from, *column;
} used_column;

struct outcome_values {
  arena *home;
  value_column *columns;
  uint32_t count;
  unsigned room;
  used_column *used; /* without a backtest */
  uint32_t used_count;
  unsigned used_room;
};

static double value_at(const column *c, int64_t row)
{
  if (c->type == TARAZU_F64) return ((const double *)c->values)[row];
  if (c->type == TARAZU_BOOL) return ((const uint8_t *)c->values)[row];
  return (double)((const int64_t *)c->values)[row];
}

/* missing: what stands where there is no value, NAN: nothing. */
static int take_column(outcome_values *self, const char *name, const column *from, double missing, const int64_t *rows,
                       int64_t count)
{
  value_column *to = arena_push(self->home, self->columns, self->count, self->room);
  *to = (value_column){name, malloc(((size_t)count + 1) * sizeof(double))};
  if (!to->values) return 0;
  for (int64_t i = 0; i < count; i++) to->values[i] = NAN;
  for (int64_t i = 0; i < from->rows; i++)
    if (rows[i] >= 0) to->values[rows[i]] = column_is_valid(from, i) ? value_at(from, i) : missing;
  return 1;
}

static int is_number(uint32_t type)
{
  return type == TARAZU_F64 || type == TARAZU_I64 || type == TARAZU_BOOL;
}

/* Each outcome under its name, its further outputs as NAME.OUTPUT. */
static int take_values(outcome_values *self, tarazu_session *session, const universe *whom)
{
  const engine *e = session_engine(session);
  const plan *p = e->plan;
  int64_t *rows = malloc(((size_t)e->people.count + 1) * sizeof *rows), count = universe_count(whom);
  int good = rows != NULL;
  if (good) universe_rows(whom, &e->people, rows);
  for (uint32_t i = 0; good && i < p->profile->criterion_count; i++) {
    const step *s = p->raw[i]->maker;
    const criterion_profile *c = &p->profile->criteria[i];
    const char *name = arena_copy(self->home, c->name);
    double missing = c->missing.rule == MISSING_VALUE ? c->missing.value : NAN;
    good = take_column(self, name, &p->measured[i]->column, missing, rows, count);
    for (uint32_t k = 0; good && k < s->output_count; k++) {
      const tarazu_output *o = tarazu_at(&s->strategy->outputs, k);
      if (is_number(o->type))
        good = take_column(self, arena_format(self->home, "%s.%s", name, o->name), &s->outputs[k].column, missing, rows,
                           count);
    }
  }
  free(rows);
  if (!good) problem_add(session_problems(session), EXIT_INTERNAL, NOWHERE, "no memory for the outcomes");
  return good;
}

const double *outcome_column(const outcome_values *self, const char *name)
{
  for (uint32_t i = 0; self && i < self->count; i++)
    if (!strcmp(self->columns[i].name, name)) return self->columns[i].values;
  return NULL;
}

void outcome_values_free(outcome_values *self)
{
  if (!self) return;
  for (uint32_t i = 0; i < self->count; i++) free(self->columns[i].values);
  arena_free(self->home);
}

/* ---- how far the data reach ---------------------------------------------------------------------------------- */

static const double LEAST_COVERED = 0.9;

static const char *day_of(int64_t moment, char out[32])
{
  calendar_format(moment, out);
  return out;
}

/* Outcomes of a horizon that the data do not cover are too small, and smallest for whom buys late. Data may be silent
 * for a day, or for a little at the end, by chance. */
static int check_cover(const outcome_window *window, const char *name, int64_t latest, int is_all, problems *faults)
{
  char until[32], found[32];
  double covered = (double)(latest - window->cut_off) / (double)(window->until - window->cut_off);
  if (latest >= window->until - MICROSECONDS_PER_DAY) return 1;
  day_of(window->until, until);
  day_of(latest, found);
  if (is_all && covered < LEAST_COVERED) {
    problem_add(faults, EXIT_PROFILE, window->cut_off_place,
                "outcomes are measured up to %s, but the data that they are measured on end on %s: %s%.0f %% of the "
                "horizon; expected an earlier cut-off or a shorter horizon",
                until, found, covered < 0 ? "before the cut-off, " : "", 100 * fmax(covered, 0));
    return 0;
  }
  problem_warn(faults, window->cut_off_place,
               "outcomes are measured up to %s, but the latest date in table '%s' is %s: %.0f %% of the horizon", until,
               name, found, 100 * fmax(covered, 0));
  return 1;
}

static int covers(const outcome_window *window, const node *tree, problems *faults)
{
  tarazu_session *session = open_on(window, tree, window->until, 1, faults);
  int64_t most = INT64_MIN;
  int good = session != NULL;
  if (!good) return 0;
  if (session_plan(session)) {
    engine *e = session_engine(session);
    const char *longest = NULL;
    int64_t *latest = arena_array(session_arena(session), (size_t)e->plan->table_count + 1, sizeof *latest);
    engine_latest(e, latest);
    for (uint32_t i = 0; i < e->plan->table_count && !problems_errors(e->problems); i++)
      if (latest[i] > most) most = latest[i], longest = e->plan->tables[i].profile->name;
    if (longest) good = check_cover(window, longest, most, 1, faults);
    for (uint32_t i = 0; good && i < e->plan->table_count && !problems_errors(e->problems); i++)
      if (latest[i] > INT64_MIN && latest[i] < most)
        check_cover(window, e->plan->tables[i].profile->name, latest[i], 0, faults);
  }
  return close_with(session, faults) && good;
}

/* ---- columns that outcomes and criteria share ----------------------------------------------------------------- */

/* The columns of a table's source; count 0: it does not tell. */
static tarazu_list columns_of(const engine *e, uint32_t t)
{
  tarazu_list out = {0};
  tarazu_error ignored = {.size = sizeof ignored, .row = -1, .param = -1, .item = -1};
  const table *of = e->tables ? &e->tables[t] : NULL;
  if (!of || !of->source || !of->source->describe) return out;
  if (of->source->describe(of->self, &of->request, &out, &ignored) != TARAZU_OK) return (tarazu_list){0};
  return out;
}

static int is_word(char c)
{
  return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether an expression speaks of a column: as a word of its own, in any case, as sources have it. NULL: of whole rows.
 */
static int speaks_of(const char *expression, const char *name)
{
  size_t length = strlen(name);
  if (!expression) return !strcmp(name, "*");
  for (const char *at = expression; *at && length; at++)
    if (!strncasecmp(at, name, length) && (at == expression || !is_word(at[-1])) && !is_word(at[length])) return 1;
  return 0;
}

static void use_column(outcome_values *self, const table_profile *f, const char *name)
{
  for (uint32_t i = 0; i < self->used_count; i++)
    if (!strcmp(self->used[i].table, f->name) && !strcmp(self->used[i].column, name)) return;
  *arena_push(self->home, self->used, self->used_count, self->used_room) =
      (used_column){arena_copy(self->home, f->name), arena_copy(self->home, f->from), arena_copy(self->home, name)};
}

static void use_expression(outcome_values *self, const table_profile *f, const tarazu_list *columns,
                           const char *expression)
{
  uint32_t found = 0;
  for (uint32_t c = 0; expression && c < columns->count; c++) {
    const char *name = ((const tarazu_source_column *)tarazu_at(columns, c))->name;
    if (!speaks_of(expression, name)) continue;
    use_column(self, f, name);
    found++;
  }
  if (!found) use_column(self, f, expression ? expression : "*");
}

/* What one place of a scorer's batches is made of; edges are their two ends. 0: of no table. */
static int expressions_of(const plan *p, const binding *b, const char *out[2])
{
  const table_plan *t = b->kind == BOUND_NOT || b->kind == BOUND_SERIES ? NULL : &p->tables[b->table];
  if (!t) return 0;
  out[1] = NULL;
  if (b->kind == BOUND_WANT) out[0] = t->wants[b->item].as.expression;
  else if (b->kind == BOUND_SET) out[0] = t->wants[t->sets[b->item].wants[b->column]].as.expression;
  else out[0] = t->profile->edge[b->kind == BOUND_TO];
  return 1;
}

static void take_used(outcome_values *self, tarazu_session *session)
{
  engine *e = session_engine(session);
  const plan *p = e->plan;
  if (!engine_connect(e)) return;
  for (uint32_t i = 0; i < p->step_count; i++)
    for (uint32_t k = 0; p->steps[i]->kind == STEP_SCORER && k < p->steps[i]->count; k++) {
      const binding *b = &p->steps[i]->bindings[k];
      const char *expression[2];
      if (!expressions_of(p, b, expression)) continue;
      tarazu_list columns = columns_of(e, b->table);
      use_expression(self, p->tables[b->table].profile, &columns, expression[0]);
    }
}

static int same_table(const used_column *used, const table_profile *f)
{
  return !strcmp(used->table, f->name) || (used->from && f->from && !strcmp(used->from, f->from));
}

int outcomes_apart(const outcome_values *later, tarazu_session *session)
{
  const engine *e = session_engine(session);
  const plan *p = e->plan;
  int good = 1;
  for (uint32_t i = 0; later && i < p->step_count; i++)
    for (uint32_t k = 0; p->steps[i]->kind == STEP_SCORER && k < p->steps[i]->count; k++) {
      const binding *b = &p->steps[i]->bindings[k];
      const char *expression[2];
      if (!expressions_of(p, b, expression)) continue;
      const table_profile *f = p->tables[b->table].profile;
      for (uint32_t u = 0; u < later->used_count; u++) {
        if (!same_table(&later->used[u], f) || !speaks_of(expression[0], later->used[u].column)) continue;
        problem_add(session_problems(session), EXIT_PROFILE, p->steps[i]->place,
                    "%s is measured on '%s' of table '%s', and so is an outcome: it would be judged by what it knows; "
                    "expected another column, or a backtest",
                    p->steps[i]->subject, later->used[u].column, f->name);
        good = 0;
      }
    }
  return good;
}

/* ---- the interface ------------------------------------------------------------------------------------------ */

int outcomes_check(const outcomes *of, const outcome_window *window, int later, problems *faults)
{
  arena *home = arena_new();
  int good = 1;
  tarazu_session *session = of->count ? open_on(window, tree_of(window->root, of->criteria, home),
                                                later ? window->until : window->cut_off, later, faults)
                                      : NULL;
  if (session && tarazu_check(session) == TARAZU_GOOD && window->uses)
    uses_lock(session_engine(session)->plan, window->uses_home, window->uses);
  if (of->count) good = session && close_with(session, faults);
  arena_free(home);
  return good;
}

outcome_values *outcomes_measure(const outcomes *of, const outcome_window *window, int later, const universe *whom,
                                 problems *faults)
{
  arena *home = arena_new();
  outcome_values *self = arena_alloc(home, sizeof *self);
  *self = (outcome_values){.home = home};
  if (!of->count) return self;
  const node *tree = tree_of(whom->root, of->criteria, home);
  int good = !window->backtest || !later || covers(window, tree, faults);
  tarazu_session *session = good ? open_on(window, tree, later ? window->until : window->cut_off, later, faults) : NULL;
  good = session != NULL;
  if (good && session_measure(session) == TARAZU_GOOD && take_values(self, session, whom) && later && !window->backtest)
    take_used(self, session);
  if (good) good = close_with(session, faults);
  if (good) return self;
  outcome_values_free(self);
  return NULL;
}
