/* Results to blocks of the cache and back. Once kept, a column is the cache's: the run goes on with that one and lets
 * its own go, so that nothing is held twice and variants share it. */
#include "run/stages.h"

#include "run/pack.h"
#include "run/stage_key.h"
#include <stdlib.h>
#include <string.h>

struct stages {
  cache *cache;
  stage_keys keys;
  int good; /* there are keys, and the data have not changed under them */
  int claimed;
  int rows_there; /* the tables' columns */
  uint8_t *kept;  /* by step: its results are taken and kept */
  cache_entry **uses;
  uint32_t use_count;
  unsigned use_room;
};

static pthread_mutex_t noting = PTHREAD_MUTEX_INITIALIZER;

void stages_note(instance *in, const char *message)
{
  if (!in->engine->stages) return;
  pthread_mutex_lock(&noting);
  text_add_n(&in->noted, message, strlen(message) + 1);
  pthread_mutex_unlock(&noting);
}

/* ---- entries --------------------------------------------------------------------------------------------------- */

static unpacking hold(engine *e, cache_entry *one)
{
  stages *s = e->stages;
  size_t count;
  *arena_push(e->arena, s->uses, s->use_count, s->use_room) = one;
  const void *bytes = cache_entry_bytes(one, &count);
  return pack_open(bytes, count);
}

/* 1: *u is at the entry's beginning. */
static int find(engine *e, const cache_key *key, unpacking *u)
{
  cache_entry *one = cache_find(e->stages->cache, key);
  if (!one) return 0;
  *u = hold(e, one);
  return 1;
}

/* Keeps what was packed, and gives it back as it lies in the cache. 0: no memory; the run goes on with its own. */
static int keep(engine *e, const cache_key *key, packing *p, unpacking *u)
{
  size_t count;
  void *bytes = pack_make(p, &count);
  cache_entry *one = bytes ? cache_keep(e->stages->cache, key, bytes, count) : NULL;
  arena_free(p->home);
  cache_disclaim(e->stages->cache, key, e);
  if (one) *u = hold(e, one);
  return one != NULL;
}

static cache_key derived(const cache_key *from, const char *what)
{
  hashing h = {0};
  cache_key out;
  hash_text(&h, what);
  hash_key(&h, from);
  hash_done(&h, &out);
  return out;
}

/* ---- dictionaries and columns ---------------------------------------------------------------------------------- */

static void pack_dictionary(packing *p, const dictionary *d)
{
  dictionary_buffers b;
  dictionary_lend(d, &b);
  pack_add_integer(p, b.count);
  pack_add_integer(p, b.slots);
  pack_add(p, b.offsets, ((size_t)b.count + 1) * sizeof *b.offsets);
  pack_add(p, b.bytes, (size_t)b.offsets[b.count]);
  pack_add(p, b.table, b.table_bytes);
}

static dictionary *unpack_dictionary(unpacking *u)
{
  size_t offsets, bytes;
  dictionary_buffers b = {.count = (uint32_t)pack_next_integer(u)};
  b.slots = (uint32_t)pack_next_integer(u);
  b.offsets = pack_next(u, &offsets);
  b.bytes = pack_next(u, &bytes);
  b.table = pack_next(u, &b.table_bytes);
  if (!u->good || offsets != ((size_t)b.count + 1) * sizeof *b.offsets || (size_t)b.offsets[b.count] != bytes)
    return NULL;
  return dictionary_borrow(&b);
}

/* What takes the place of a column lies in the cache and keeps the other's dictionary. */
static void put_in_place(column *to, const column *from)
{
  const tarazu_dictionary *words = to->dictionary;
  column_free(to);
  *to = *from;
  to->dictionary = words;
}

/* ---- who the customers are, and what was found of the tables --------------------------------------------------- */

static int unpack_people(engine *e, unpacking *u)
{
  population people = {.count = pack_next_integer(u)};
  people.key_type = (uint32_t)pack_next_integer(u);
  pack_next_column(u, &people.keys);
  people.names = unpack_dictionary(u);
  if (!u->good || !people.names || people.keys.rows != people.count) {
    dictionary_free(people.names);
    return 0;
  }
  if (people.key_type == TARAZU_TEXT) people.keys.dictionary = dictionary_view(people.names);
  population_free(&e->people);
  e->people = people;
  return 1;
}

static void keep_people(engine *e)
{
  packing p = {.home = arena_new()};
  unpacking u;
  pack_add_integer(&p, e->people.count);
  pack_add_integer(&p, e->people.key_type);
  pack_add_column(&p, &e->people.keys);
  pack_dictionary(&p, e->people.names);
  if (keep(e, &e->stages->keys.people, &p, &u)) unpack_people(e, &u);
}

/* How a column is told of in warnings and counts. */
static void pack_extent(packing *p, const column *c)
{
  pack_add_integer(p, c->rows);
  pack_add_integer(p, c->nulls);
}

static void unpack_extent(unpacking *u, column *c)
{
  *c = (column){.rows = pack_next_integer(u)};
  c->nulls = pack_next_integer(u);
}

static void keep_found(engine *e)
{
  packing p = {.home = arena_new()};
  unpacking u;
  cache_key key = derived(&e->stages->keys.read, "found");
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    const table *t = &e->tables[i];
    pack_add(&p, &t->counts, sizeof t->counts);
    pack_add_text(&p, t->fingerprint);
    pack_add_integer(&p, t->pushed_down);
    for (uint32_t k = 0; k < t->want_count; k++) pack_extent(&p, &t->wants[k].column);
    for (uint32_t k = 0; k < t->set_count; k++)
      for (uint32_t c = 0; c < t->sets[k].count; c++) pack_extent(&p, &t->sets[k].columns[c]);
  }
  keep(e, &key, &p, &u);
}

/* A table as far as warnings are about it: the extents of its columns, and no values. */
static void warn_of(engine *e, unpacking *u, const table *of)
{
  table as = *of;
  as.wants = arena_array(e->arena, of->want_count + 1, sizeof *as.wants);
  as.sets = arena_array(e->arena, of->set_count + 1, sizeof *as.sets);
  for (uint32_t k = 0; k < of->want_count; k++) {
    as.wants[k] = of->wants[k];
    unpack_extent(u, &as.wants[k].column);
  }
  for (uint32_t k = 0; k < of->set_count; k++) {
    as.sets[k] = of->sets[k];
    as.sets[k].columns = arena_array(e->arena, of->sets[k].count + 1, sizeof *as.sets[k].columns);
    for (uint32_t c = 0; c < of->sets[k].count; c++) unpack_extent(u, &as.sets[k].columns[c]);
  }
  if (u->good) table_warn(&as, e->problems);
}

static int unpack_found(engine *e, unpacking *u)
{
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    table *t = &e->tables[i];
    size_t count;
    const void *counts = pack_next(u, &count);
    const char *fingerprint = pack_next_text(u);
    t->pushed_down = (int)pack_next_integer(u);
    if (!u->good || count != sizeof t->counts || !fingerprint || strlen(fingerprint) >= sizeof t->fingerprint) return 0;
    memcpy(&t->counts, counts, sizeof t->counts);
    memcpy(t->fingerprint, fingerprint, strlen(fingerprint) + 1);
    warn_of(e, u, t);
  }
  return u->good;
}

/* ---- the tables' columns --------------------------------------------------------------------------------------- */

static void pack_rows(engine *e, packing *p)
{
  pack_dictionary(p, e->strings);
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    const table *t = &e->tables[i];
    for (uint32_t k = 0; k < t->want_count; k++) pack_add_column(p, &t->wants[k].column);
    for (uint32_t k = 0; k < t->set_count; k++) {
      const want_set *set = &t->sets[k];
      pack_add_integer(p, set->rows);
      pack_add(p, set->offsets, set->offsets ? ((size_t)e->people.count + 1) * sizeof *set->offsets : 0);
      pack_add_column(p, &set->from);
      pack_add_column(p, &set->to);
      for (uint32_t c = 0; c < set->count; c++) pack_add_column(p, &set->columns[c]);
    }
  }
}

static void use_strings(column *c, const dictionary *strings)
{
  if (c->type == TARAZU_TEXT && c->values) c->dictionary = dictionary_view(strings);
}

static int unpack_set(engine *e, unpacking *u, want_set *set)
{
  size_t count;
  set->rows = pack_next_integer(u);
  int64_t *offsets = (int64_t *)(uintptr_t)pack_next(u, &count);
  set->offsets = count ? offsets : NULL;
  set->borrowed = 1;
  pack_next_column(u, &set->from);
  pack_next_column(u, &set->to);
  set->columns = calloc((size_t)set->count + 1, sizeof *set->columns);
  if (!set->columns || (count && count != ((size_t)e->people.count + 1) * sizeof *offsets)) return 0;
  for (uint32_t c = 0; c < set->count; c++) {
    pack_next_column(u, &set->columns[c]);
    set->columns[c].offsets = set->offsets;
    use_strings(&set->columns[c], e->strings);
  }
  return u->good;
}

/* In place of the run's own; where it fails there are no columns at all. */
static int unpack_rows(engine *e, unpacking *u)
{
  dictionary *strings = unpack_dictionary(u);
  int good = strings != NULL;
  tables_free(e->tables, e->plan->table_count);
  if (good) {
    dictionary_free(e->strings);
    e->strings = strings;
  }
  for (uint32_t i = 0; good && i < e->plan->table_count; i++) {
    table *t = &e->tables[i];
    for (uint32_t k = 0; k < t->want_count; k++) {
      pack_next_column(u, &t->wants[k].column);
      use_strings(&t->wants[k].column, e->strings);
    }
    for (uint32_t k = 0; good && k < t->set_count; k++) good = unpack_set(e, u, &t->sets[k]);
  }
  if (good && u->good) return 1;
  tables_free(e->tables, e->plan->table_count);
  return 0;
}

static int take_rows(engine *e)
{
  unpacking u;
  if (find(e, &e->stages->keys.read, &u) && unpack_rows(e, &u)) e->stages->rows_there = 1;
  return e->stages->rows_there;
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static void pack_step(const instance *in, packing *p)
{
  const step *s = in->step;
  tarazu_list facts = instance_facts(in);
  pack_add_copy(p, &in->fill, sizeof in->fill);
  pack_add(p, in->noted.bytes, in->noted.length);
  pack_add(p, in->weights, in->weights ? in->weight_count * sizeof *in->weights : 0);
  pack_add_integer(p, facts.count);
  for (uint32_t i = 0; i < facts.count; i++) {
    const tarazu_fact *f = tarazu_at(&facts, i);
    const double numbers[] = {f->value, f->error, f->level};
    pack_add_text(p, f->name);
    pack_add_text(p, f->text);
    pack_add_copy(p, numbers, sizeof numbers);
  }
  for (uint32_t i = 0; s->kind != STEP_WEIGHER && i < s->output_count; i++) {
    const tarazu_dictionary *words = s->outputs[i].type == TARAZU_TEXT ? s->outputs[i].column.dictionary : NULL;
    pack_add_column(p, &s->outputs[i].column);
    pack_add(p, words ? words->offsets : NULL, words ? ((size_t)words->count + 1) * sizeof *words->offsets : 0);
    pack_add(p, words ? words->bytes : NULL, words ? (size_t)words->offsets[words->count] : 0);
  }
}

static int unpack_facts(engine *e, instance *in, unpacking *u)
{
  int64_t count = pack_next_integer(u);
  if (!u->good || count < 0 || count > (int64_t)u->count) return 0;
  tarazu_fact *facts = arena_array(e->arena, (size_t)count + 1, sizeof *facts);
  for (int64_t i = 0; i < count; i++) {
    size_t length;
    double numbers[3];
    facts[i].name = pack_next_text(u);
    facts[i].text = pack_next_text(u);
    const void *bytes = pack_next(u, &length);
    if (!u->good || length != sizeof numbers || !facts[i].name) return 0;
    memcpy(numbers, bytes, sizeof numbers);
    facts[i].value = numbers[0];
    facts[i].error = numbers[1];
    facts[i].level = (int32_t)numbers[2];
  }
  in->facts = (tarazu_list){facts, (uint32_t)count, sizeof *facts};
  return 1;
}

static int unpack_labels(engine *e, instance *in, uint32_t output, unpacking *u)
{
  size_t offset_bytes, length;
  const int64_t *offsets = pack_next(u, &offset_bytes);
  const char *bytes = pack_next(u, &length);
  if (!u->good || in->step->outputs[output].type != TARAZU_TEXT) return u->good;
  uint32_t count = offset_bytes ? (uint32_t)(offset_bytes / sizeof *offsets - 1) : 0;
  if (!offset_bytes || (size_t)offsets[count] != length) return 0;
  if (!in->labels) in->labels = arena_array(e->arena, in->step->output_count, sizeof *in->labels);
  in->labels[output] =
      (tarazu_dictionary){.size = sizeof(tarazu_dictionary), .count = count, .offsets = offsets, .bytes = bytes};
  in->step->outputs[output].column.dictionary = &in->labels[output];
  return 1;
}

/* Fills the instance in; the columns take the place of those that are there. */
static int unpack_step(engine *e, instance *in, unpacking *u, int tell)
{
  const step *s = in->step;
  size_t count, length;
  const void *fill = pack_next(u, &count);
  if (count != sizeof in->fill) return 0;
  memcpy(&in->fill, fill, sizeof in->fill);
  const char *noted = pack_next(u, &length);
  const void *weights = pack_next(u, &count);
  if (s->kind == STEP_WEIGHER) {
    if (count != e->plan->profile->criterion_count * sizeof *in->weights) return 0;
    in->weights = weights;
    in->weight_count = e->plan->profile->criterion_count;
  }
  if (!unpack_facts(e, in, u)) return 0;
  for (uint32_t i = 0; s->kind != STEP_WEIGHER && i < s->output_count; i++) {
    column c;
    pack_next_column(u, &c);
    if (!u->good || c.type != s->outputs[i].type || c.rows != e->people.count || !c.values) return 0;
    put_in_place(&s->outputs[i].column, &c);
    if (!unpack_labels(e, in, i, u)) return 0;
  }
  for (size_t at = 0; tell && at < length && u->good; at += strlen(noted + at) + 1)
    problem_warn(e->problems, s->place, "%s: %s", s->subject, noted + at);
  return u->good;
}

static void forget_step(instance *in)
{
  for (uint32_t i = 0; i < in->step->output_count; i++) column_free(&in->step->outputs[i].column);
  in->taken = in->done = 0;
  in->weights = NULL;
  in->facts = (tarazu_list){0};
}

static void take_step(engine *e, uint32_t index)
{
  instance *in = &e->instances[index];
  unpacking u;
  in->step = e->plan->steps[index];
  in->engine = e;
  if (!e->stages->kept[index] || !find(e, &e->stages->keys.steps[index], &u)) return;
  in->taken = in->done = unpack_step(e, in, &u, 1);
  if (!in->taken) {
    forget_step(in);
    return;
  }
  cache_disclaim(e->stages->cache, &e->stages->keys.steps[index], e);
  in->explain = in->step->strategy ? strategy_explain(in->step->strategy) : NULL;
}

/* Whether what a step made is without a criterion that was left out: others must not take it for whole. */
static int hangs_on_skipped(const engine *e, const step *s)
{
  if (instance_of(e, s)->skipped) return 1;
  for (uint32_t i = 0; i < s->count; i++)
    if (s->bindings[i].kind == BOUND_SERIES && hangs_on_skipped(e, s->bindings[i].series->maker)) return 1;
  return 0;
}

void stages_keep_step(engine *e, instance *in)
{
  uint32_t index = (uint32_t)(in - e->instances);
  stages *s = e->stages;
  unpacking u;
  if (!s || !s->good || !s->claimed || in->taken || !s->kept[index] || hangs_on_skipped(e, in->step)) return;
  packing p = {.home = arena_new()};
  pack_step(in, &p);
  if (keep(e, &s->keys.steps[index], &p, &u) && in->step->kind != STEP_WEIGHER) {
    tarazu_list live = in->facts;
    unpack_step(e, in, &u, 0);
    in->facts = live; /* the instance's own */
  }
}

/* 0: what follows from this column is not kept. */
static int key_of_column(const engine *e, const series *of, const char *what, cache_key *out)
{
  const stages *s = e->stages;
  const instance *in = s && s->good && s->kept ? instance_of(e, of->maker) : NULL;
  hashing h = {0};
  if (!in || !s->kept[in - e->instances] || hangs_on_skipped(e, of->maker)) return 0;
  hash_text(&h, what);
  hash_key(&h, &s->keys.steps[in - e->instances]);
  hash_integer(&h, of->output);
  hash_done(&h, out);
  return 1;
}

int stages_recall(const engine *e, const series *of, const char *what, void *bytes, size_t count)
{
  cache_key key;
  size_t there;
  cache_entry *one = key_of_column(e, of, what, &key) ? cache_find(e->stages->cache, &key) : NULL;
  if (!one) return 0;
  const void *kept = cache_entry_bytes(one, &there);
  if (there == count) memcpy(bytes, kept, count);
  cache_release(e->stages->cache, one);
  return there == count;
}

const void *stages_lend(engine *e, const series *of, const char *what, size_t *count)
{
  stages *s = e->stages;
  cache_key key;
  cache_entry *one = key_of_column(e, of, what, &key) ? cache_find(s->cache, &key) : NULL;
  if (!one) return NULL;
  *arena_push(e->arena, s->uses, s->use_count, s->use_room) = one;
  return cache_entry_bytes(one, count);
}

int stages_keeps(const engine *e, const series *of)
{
  cache_key key;
  return key_of_column(e, of, "", &key);
}

void stages_remember(const engine *e, const series *of, const char *what, const void *bytes, size_t count)
{
  cache_key key;
  void *kept = key_of_column(e, of, what, &key) ? cache_bytes_new(count) : NULL;
  if (kept) cache_release(e->stages->cache, cache_keep(e->stages->cache, &key, memcpy(kept, bytes, count), count));
}

/* ---- a run's way through the cache ----------------------------------------------------------------------------- */

/* Steps whose results do not hang on scores. What learns for a model that is to be saved, or was read, has to live. */
static void choose_kept(engine *e)
{
  const plan *p = e->plan;
  uint8_t *scored = arena_array(e->arena, p->step_count + 1, 1);
  e->stages->kept = arena_array(e->arena, p->step_count + 1, 1);
  for (uint32_t i = 0; i < p->step_count; i++) {
    const step *s = p->steps[i];
    scored[i] = s->kind == STEP_COMBINER;
    for (uint32_t k = 0; k < s->count; k++)
      for (uint32_t m = 0; s->bindings[k].kind == BOUND_SERIES && m < i; m++)
        scored[i] |= p->steps[m] == s->bindings[k].series->maker && scored[m];
    int saved = e->save_models && s->strategy && (s->strategy->learn || s->strategy->fit);
    e->stages->kept[i] = !scored[i] && !s->model && !saved;
  }
}

void stages_open(engine *e)
{
  if (!e->cache) return;
  e->stages = arena_alloc(e->arena, sizeof *e->stages);
  e->stages->cache = e->cache;
  e->stages->good = stage_keys_open(&e->stages->keys, e, e->cache);
}

int stages_latest(engine *e, int index, int64_t *moment)
{
  unpacking u;
  cache_key key;
  if (!e->stages || !e->stages->good) return 0;
  stage_key_latest(&e->stages->keys, e, index, &key);
  if (!find(e, &key, &u)) return 0;
  *moment = pack_next_integer(&u);
  return u.good;
}

/* The data as they are now, while the keys are of what they were. */
static int data_changed(const engine *e)
{
  const stages *s = e->stages;
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    cache_key now;
    if (!location_identity(s->cache, e->plan->tables[i].profile->from, &now) ||
        strcmp(now.digits, s->keys.data[i].digits) != 0)
      return 1;
  }
  return 0;
}

void stages_keep_latest(engine *e, int index, int64_t moment)
{
  unpacking u;
  cache_key key;
  if (!e->stages || !e->stages->good) return;
  if (data_changed(e)) {
    e->stages->good = 0;
    return;
  }
  packing p = {.home = arena_new()};
  stage_key_latest(&e->stages->keys, e, index, &key);
  pack_add_integer(&p, moment);
  keep(e, &key, &p, &u);
}

static void claim(engine *e)
{
  stages *s = e->stages;
  cache_key *keys = arena_array(e->arena, e->plan->step_count + 1, sizeof *keys);
  uint32_t count = 0;
  keys[count++] = s->keys.read;
  for (uint32_t i = 0; i < e->plan->step_count; i++)
    if (s->kept[i]) keys[count++] = s->keys.steps[i];
  cache_claim(s->cache, keys, count, e, e->cancelled);
  s->claimed = 1;
}

static int reads_table(const step *s)
{
  for (uint32_t i = 0; i < s->count; i++)
    if (s->bindings[i].kind != BOUND_NOT && s->bindings[i].kind != BOUND_SERIES) return 1;
  return 0;
}

/* Whether anything looks at the tables' columns. */
static int needs_rows(const engine *e)
{
  const plan *p = e->plan;
  if (p->previous >= 0 || (p->capacity && reads_table(p->capacity))) return 1;
  for (uint32_t i = 0; i < p->step_count; i++)
    if (!e->instances[i].taken && reads_table(p->steps[i])) return 1;
  return 0;
}

int stages_take(engine *e)
{
  stages *s = e->stages;
  unpacking people, found;
  if (!s || !s->good) return 0;
  stage_keys_fill(&s->keys, e);
  choose_kept(e);
  claim(e);
  cache_key found_key = derived(&s->keys.read, "found");
  int there = find(e, &s->keys.people, &people) && unpack_people(e, &people);
  for (uint32_t i = 0; there && i < e->plan->step_count; i++) take_step(e, i);
  there = there && find(e, &found_key, &found) && unpack_found(e, &found);
  there = there && (!needs_rows(e) || take_rows(e));
  e->read_taken = there;
  if (there) cache_disclaim(s->cache, &s->keys.read, e);
  return there;
}

void stages_keep_tables(engine *e)
{
  stages *s = e->stages;
  unpacking u;
  if (!s || !s->good) return;
  s->rows_there = 1;
  if (data_changed(e)) { /* what was taken was of other data than what was read now */
    s->good = 0;
    for (uint32_t i = 0; i < e->plan->step_count; i++)
      if (e->instances[i].taken) forget_step(&e->instances[i]);
    return;
  }
  keep_people(e);
  keep_found(e);
  packing p = {.home = arena_new()};
  pack_rows(e, &p);
  if (keep(e, &s->keys.read, &p, &u)) unpack_rows(e, &u);
}

void stages_close(engine *e)
{
  if (e->stages && e->stages->claimed) cache_disclaim(e->stages->cache, NULL, e);
}

void stages_free(engine *e)
{
  stages *s = e->stages;
  if (!s) return;
  stages_close(e);
  for (uint32_t i = 0; i < s->use_count; i++) cache_release(s->cache, s->uses[i]);
  s->use_count = 0;
  for (uint32_t i = 0; e->instances && i < e->plan->step_count; i++) text_free(&e->instances[i].noted);
  e->stages = NULL;
}

int stages_data(const engine *e, cache *c, char digits[65])
{
  hashing h = {0};
  cache_key one;
  int good = 1;
  for (uint32_t i = 0; good && i < e->plan->table_count; i++) {
    good = e->plan->tables[i].source && location_identity(c, e->plan->tables[i].profile->from, &one);
    hash_text(&h, e->plan->tables[i].profile->name);
    hash_key(&h, &one);
  }
  hash_done(&h, &one);
  memcpy(digits, one.digits, sizeof one.digits);
  return good;
}

/* ---- instances that are called for after all ------------------------------------------------------------------- */

/* Reading again gives what was read before, unless the data are others by now. */
static int need_rows(engine *e)
{
  if (e->stages->rows_there || take_rows(e)) return 1;
  return e->stages->rows_there = engine_read_again(e) && !data_changed(e);
}

int instance_live(engine *e, instance *in)
{
  const step *s = in->step;
  if (!in->taken || in->created) return 1;
  if (reads_table(s) && !need_rows(e)) {
    if (!problems_errors(e->problems))
      problem_add(e->problems, EXIT_DATA, s->place, "%s: the data are no longer those that were cached; run again",
                  s->subject);
    return 0;
  }
  if (!instance_create(e, in)) return 0;
  return s->kind == STEP_WEIGHER || learn_instance(e, in);
}
