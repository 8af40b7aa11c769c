/* Criteria that another run has measured, normalized, weighed and combined anew. */
#include "run/rescore.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(engine *e)
{
  problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory to combine %lld customers anew",
              (long long)e->people.count);
  return 0;
}

static int64_t row_of(const rescoring *r, int64_t i)
{
  return r->rows ? r->rows[i] : i;
}

/* The rows' values of one column, borrowed where they are all of the run's; one without values stays as it is. */
static int gather(engine *e, const rescoring *r, const column *from, column *to)
{
  if (!from->values || from->offsets) return 1;
  if (!r->rows) {
    *to = *from;
    *arena_push(e->arena, e->borrowed, e->borrowed_count, e->borrowed_room) = to;
    return 1;
  }
  size_t width = column_width(from->type);
  if (!column_new(to, from->type, r->count, 1)) return 0;
  for (int64_t i = 0; i < r->count; i++) {
    int64_t row = row_of(r, i);
    memcpy((char *)to->values + (size_t)i * width, (const char *)from->values + (size_t)row * width, width);
    if (!column_is_valid(from, row)) to->valid[i >> 3] = (uint8_t)(to->valid[i >> 3] & ~(1u << (i & 7)));
  }
  to->dictionary = from->dictionary;
  column_count_nulls(to);
  return 1;
}

/* ---- who and what -------------------------------------------------------------------------------------------- */

/* Keys in the order of the rows; a copy is told apart by its name. */
static int take_people(engine *to, const rescoring *r)
{
  const population *from = &r->from->people;
  if (!r->rows) {
    to->people = *from;
    return 1;
  }
  to->people = (population){.count = r->count, .key_type = from->key_type, .names = dictionary_new()};
  if (!to->people.names) return 0;
  for (int64_t i = 0; i < r->count; i++) {
    size_t length;
    const char *name = dictionary_string(from->names, (int32_t)row_of(r, i), &length);
    for (int copy = 1; dictionary_find(to->people.names, name, length) >= 0; copy++) {
      name = arena_format(to->arena, "%.*s (copy %d)", (int)length, name, copy);
      length = strlen(name);
    }
    if (dictionary_add(to->people.names, name, length) != (int32_t)i) return 0;
  }
  return 1;
}

static int same_text(const char *a, const char *b)
{
  return a == b || (a && b && !strcmp(a, b));
}

static int same_want(const table_plan *a, uint32_t i, const table_plan *b, uint32_t k)
{
  const tarazu_want *x = &a->wants[i].as, *y = &b->wants[k].as;
  return same_text(x->name, y->name) && same_text(x->expression, y->expression) && x->type == y->type &&
         x->aggregate == y->aggregate && x->span == y->span && x->period == y->period && a->windows[i] == b->windows[k];
}

/* Columns of tables that are aligned to customers: the earlier list, what a seat costs, what a weigher looks at. */
static int take_tables(engine *to, const rescoring *r)
{
  plan *p = to->plan;
  const plan *q = r->from->plan;
  if (p->previous >= 0 && q->previous < 0) { /* the list is not there yet */
    p->previous = -1;
    p->table_count--;
  }
  for (uint32_t t = 0; t < p->table_count; t++) {
    to->tables[t].wants = p->tables[t].wants;
    to->tables[t].want_count = p->tables[t].want_count;
    for (uint32_t u = 0; u < q->table_count; u++) {
      if (strcmp(p->tables[t].profile->name, q->tables[u].profile->name) != 0) continue;
      for (uint32_t i = 0; i < p->tables[t].want_count; i++)
        for (uint32_t k = 0; k < q->tables[u].want_count; k++)
          if (!p->tables[t].wants[i].column.values && same_want(&p->tables[t], i, &q->tables[u], k) &&
              !gather(to, r, &q->tables[u].wants[k].column, &p->tables[t].wants[i].column))
            return 0;
    }
  }
  return 1;
}

/* ---- steps --------------------------------------------------------------------------------------------------- */

static const step *same_step(const plan *p, const step *s)
{
  for (uint32_t i = 0; i < p->step_count; i++)
    if (p->steps[i]->kind == s->kind && !strcmp(p->steps[i]->name, s->name)) return p->steps[i];
  return NULL;
}

static int take_outputs(engine *e, const rescoring *r, const step *from, step *to)
{
  for (uint32_t i = 0; i < to->output_count && i < from->output_count; i++)
    if (!gather(e, r, &from->outputs[i].column, &to->outputs[i].column)) return 0;
  return 1;
}

static int is_taken(const rescoring *r, const step *s)
{
  if (s->kind == STEP_SCORER) return 1;
  return r->same_normalized && (s->kind == STEP_CAST || s->kind == STEP_FILL || s->kind == STEP_NORMALIZER);
}

/* Segments change no rank, and where weights are given nobody is asked for them. */
static int is_left_out(const rescoring *r, const step *s)
{
  return s->kind == STEP_SEGMENTER || (r->weights && s->kind == STEP_WEIGHER);
}

static int take_step(engine *to, const rescoring *r, instance *in)
{
  step *s = to->plan->steps[in - to->instances];
  const step *from = same_step(r->from->plan, s);
  in->step = s;
  if (is_left_out(r, s)) {
    in->done = 1;
    in->model = NULL;
    return 1;
  }
  if (!is_taken(r, s)) return !s->strategy || instance_create(to, in);
  in->model = NULL;
  in->done = 1;
  if (from) return take_outputs(to, r, from, s) || no_memory(to);
  problem_add(to->problems, EXIT_INTERNAL, s->place, "%s: there is nothing to take over", s->subject);
  return 0;
}

/* A step that reads rows of events or edges cannot run on what another run has measured. */
static int reads_no_rows(engine *to, const step *s)
{
  if (s->kind == STEP_SCORER || s->kind == STEP_SEGMENTER) return 1;
  for (uint32_t i = 0; i < s->count; i++) {
    binding_kind kind = s->bindings ? s->bindings[i].kind : BOUND_NOT;
    if (kind != BOUND_SET && kind != BOUND_FROM && kind != BOUND_TO) continue;
    problem_add(to->problems, EXIT_PROFILE, s->place, "%s reads a table's rows, so that it needs a whole run",
                s->subject);
    return 0;
  }
  return 1;
}

int rescore(engine *to, const rescoring *asked)
{
  rescoring r = *asked;
  int good = engine_prepare(to) && models_read(to);
  to->borrows_people = !r.rows;
  if (!r.rows) r.count = r.from->people.count;
  to->as_of = r.from->as_of;
  to->fixed = r.weights;
  if (!good) return 0;
  if (!take_people(to, &r) || !take_tables(to, &r)) return no_memory(to);
  for (uint32_t i = 0; i < to->plan->step_count; i++)
    if (!reads_no_rows(to, to->plan->steps[i]) || !take_step(to, &r, &to->instances[i])) return 0;
  return models_load(to, to->as_of) && engine_run_steps(to) && engine_rank(to);
}

void rescore_undo(engine *to)
{
  engine_free(to);
  to->instances = NULL;
  to->tables = NULL;
  to->people = (population){0};
  to->strings = NULL;
  to->coverage = (column){0};
  to->order = to->rank = NULL;
  to->fixed = NULL;
  to->scored = 0;
  atomic_store(&to->failed, 0);
}
