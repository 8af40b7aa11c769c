/* The keys of a run's stages, each made of all that its result depends on and of its inputs' keys. */
#include "run/stage_key.h"

#include "base/hash.h"
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <pthread.h>
#include <string.h>
#include <tarazu/tarazu.h>
#include <unistd.h>

static const char format[] = "tarazu stages 1"; /* another where the same key would mean other bytes */

/* ---- what all depends on --------------------------------------------------------------------------------------- */

static cache_key base_key;
static pthread_once_t base_once = PTHREAD_ONCE_INIT;

/* What the compiler's or the C library's functions may choose by: the same build gives the same bytes on one class of
 * processors. */
static void hash_processor(hashing *h)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
  hash_integer(h, __builtin_cpu_supports("sse4.2") != 0);
  hash_integer(h, __builtin_cpu_supports("avx") != 0);
  hash_integer(h, __builtin_cpu_supports("avx2") != 0);
  hash_integer(h, __builtin_cpu_supports("fma") != 0);
  hash_integer(h, __builtin_cpu_supports("avx512f") != 0);
#endif
  hash_text(h, gnu_get_libc_version());
}

/* The file that holds this very code: the library, or a program that has it inside. */
static void make_base(void)
{
  Dl_info here;
  char digits[65] = "";
  hashing h = {0};
  hash_text(&h, format);
  hash_text(&h, TARAZU_VERSION);
  hash_processor(&h);
  int library =
      dladdr((void *)(uintptr_t)tarazu_version, &here) && here.dli_fname && hash_file(here.dli_fname, digits) == 0;
  if (!library && hash_file("/proc/self/exe", digits) != 0) *digits = 0;
  hash_text(&h, digits);
  hash_done(&h, &base_key);
}

static void hash_strategy(hashing *h, const tarazu_strategy *s, const plugin_file *file, const args *given)
{
  text words = {0};
  hash_text(h, s ? s->id : NULL);
  if (!s) return;
  hash_integer(h, s->role);
  hash_text(h, s->version);
  hash_text(h, file ? file->sha256 : NULL);
  args_write(&s->params, &given->args, &words);
  hash_text(h, text_string(&words));
  text_free(&words);
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

int stage_keys_open(stage_keys *keys, const engine *e, cache *c)
{
  const plan *p = e->plan;
  pthread_once(&base_once, make_base);
  *keys = (stage_keys){.base = base_key};
  keys->data = arena_array(e->arena, p->table_count + 1, sizeof *keys->data);
  keys->tables = arena_array(e->arena, p->table_count + 1, sizeof *keys->tables);
  keys->steps = arena_array(e->arena, p->step_count + 1, sizeof *keys->steps);
  for (uint32_t i = 0; i < p->table_count; i++)
    if (!p->tables[i].source || !location_identity(c, p->tables[i].profile->from, &keys->data[i])) return 0;
  return 1;
}

/* What is asked of a table, whatever its columns. */
static void hash_table(hashing *h, const stage_keys *keys, const engine *e, uint32_t index)
{
  const table_plan *t = &e->plan->tables[index];
  const table *asked = &e->tables[index];
  const tarazu_request *r = &asked->request;
  hash_key(h, &keys->base);
  hash_strategy(h, t->source, t->file, &t->args);
  hash_text(h, r->location);
  hash_key(h, &keys->data[index]);
  hash_text(h, asked->name);
  hash_integer(h, asked->shape);
  hash_integer(h, asked->is_customers);
  hash_integer(h, asked->is_aside);
  hash_text(h, r->where);
  hash_text(h, r->keys[0]);
  hash_text(h, r->keys[1]);
  hash_text(h, r->time);
  hash_integer(h, (int64_t)zone_hash(e->plan->profile->zone));
  hash_integer(h, (int64_t)e->plan->profile->seed);
}

static void hash_moments(hashing *h, const table *asked)
{
  hash_integer(h, asked->request.until);
  hash_integer(h, asked->request.until_civil);
  hash_integer(h, asked->has_after);
  hash_integer(h, asked->has_after ? asked->after : 0);
  hash_integer(h, asked->has_after ? asked->after_civil : 0);
}

static void hash_want(hashing *h, const tarazu_want *w)
{
  hash_text(h, w->name);
  hash_text(h, w->expression);
  hash_integer(h, w->type);
  hash_integer(h, w->aggregate);
  hash_integer(h, w->span);
  hash_integer(h, w->windowed);
  hash_integer(h, w->period);
  hash_integer(h, w->since);
  hash_integer(h, w->since_civil);
}

void stage_key_latest(const stage_keys *keys, const engine *e, int index, cache_key *out)
{
  hashing h = {0};
  hash_text(&h, "latest");
  hash_integer(&h, index);
  for (uint32_t i = 0; i < e->plan->table_count; i++)
    if (index < 0 || (int)i == index) hash_table(&h, keys, e, i);
  hash_done(&h, out);
}

static void key_people(stage_keys *keys, const engine *e)
{
  hashing all = {0};
  hash_text(&all, "people");
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    hashing h = {0};
    hash_text(&h, "table");
    hash_table(&h, keys, e, i);
    hash_moments(&h, &e->tables[i]);
    hash_done(&h, &keys->tables[i]);
    if (!e->tables[i].is_aside) hash_key(&all, &keys->tables[i]);
  }
  hash_done(&all, &keys->people);
}

static void key_read(stage_keys *keys, const engine *e)
{
  hashing h = {0};
  hash_text(&h, "read");
  hash_key(&h, &keys->people);
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    const table *t = &e->tables[i];
    hash_key(&h, &keys->tables[i]);
    hash_integer(&h, t->want_count);
    for (uint32_t k = 0; k < t->want_count; k++) hash_want(&h, &t->wants[k].as);
    hash_integer(&h, t->set_count);
    for (uint32_t k = 0; k < t->set_count; k++) {
      hash_integer(&h, t->sets[k].count);
      for (uint32_t c = 0; c < t->sets[k].count; c++) hash_integer(&h, t->sets[k].wants[c]);
    }
  }
  hash_done(&h, &keys->read);
}

/* ---- steps ----------------------------------------------------------------------------------------------------- */

static uint32_t number_of(const plan *p, const step *s)
{
  uint32_t i = 0;
  while (i < p->step_count && p->steps[i] != s) i++;
  return i;
}

static void hash_binding(hashing *h, const stage_keys *keys, const engine *e, const binding *b)
{
  hash_integer(h, b->kind);
  if (b->kind == BOUND_NOT) return;
  if (b->kind == BOUND_SERIES) {
    hash_key(h, &keys->steps[number_of(e->plan, b->series->maker)]);
    hash_integer(h, b->series->output);
    hash_integer(h, b->series->better);
    return;
  }
  const table *t = &e->tables[b->table];
  hash_key(h, &keys->people);
  hash_key(h, &keys->tables[b->table]);
  if (b->kind == BOUND_WANT) {
    hash_want(h, &t->wants[b->item].as);
    return;
  }
  const want_set *set = &t->sets[b->item];
  hash_integer(h, b->column);
  hash_integer(h, set->count);
  for (uint32_t c = 0; c < set->count; c++) hash_want(h, &t->wants[set->wants[c]].as);
}

static void hash_bound(hashing *h, const tarazu_bound *b)
{
  hash_text(h, b->name);
  hash_text(h, b->dimension);
  hash_text(h, b->unit);
  hash_real(h, b->weight);
  hash_integer(h, b->input);
  hash_integer(h, b->type);
  hash_integer(h, b->space);
  hash_integer(h, b->better);
}

static void key_step(stage_keys *keys, const engine *e, uint32_t index)
{
  const step *s = e->plan->steps[index];
  const profile *f = e->plan->profile;
  hashing h = {0};
  hash_text(&h, "step");
  hash_key(&h, &keys->base);
  hash_key(&h, &keys->people);
  hash_integer(&h, s->kind);
  hash_text(&h, s->name);
  hash_strategy(&h, s->strategy, s->file, &s->args);
  hash_text(&h, e->instances[index].model ? e->instances[index].model->sha256 : NULL);
  hash_integer(&h, e->as_of);
  hash_integer(&h, (int64_t)f->seed);
  if (s->kind == STEP_FILL) {
    hash_integer(&h, f->criteria[s->index].missing.rule);
    hash_real(&h, f->criteria[s->index].missing.value);
  }
  if (s->kind == STEP_COMBINER) { /* all that weighs */
    for (uint32_t i = 0; i < f->weigher_count; i++) {
      hash_real(&h, f->weighers[i].share);
      hash_key(&h, &keys->steps[number_of(e->plan, e->plan->weighers[i])]);
    }
    hash_integer(&h, f->dimension_weights);
    for (uint32_t i = 0; i < f->dimension_count; i++) {
      hash_text(&h, f->dimensions[i].name);
      hash_real(&h, f->dimensions[i].weight);
    }
    for (uint32_t i = 0; i < f->criterion_count; i++) hash_text(&h, f->criteria[i].dimension);
    for (uint32_t i = 0; e->fixed && i < f->criterion_count; i++) hash_real(&h, e->fixed[i]);
  }
  hash_integer(&h, s->count);
  for (uint32_t i = 0; i < s->count; i++) {
    if (s->bound) hash_bound(&h, &s->bound[i]);
    hash_binding(&h, keys, e, &s->bindings[i]);
  }
  hash_integer(&h, s->output_count);
  for (uint32_t i = 0; i < s->output_count; i++) {
    hash_text(&h, s->outputs[i].name);
    hash_integer(&h, s->outputs[i].type);
    hash_integer(&h, s->outputs[i].better);
  }
  hash_done(&h, &keys->steps[index]);
}

void stage_keys_fill(stage_keys *keys, const engine *e)
{
  key_people(keys, e);
  key_read(keys, e);
  for (uint32_t i = 0; i < e->plan->step_count; i++) key_step(keys, e, i);
}
