/* How a strategy learns: in passes over fixed blocks and shares, merged in order, or at once on whole columns. */
#include "run/engine.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_PASSES = 10000 }; /* a strategy that is never done is a fault of it */

static const tarazu_error fresh_error = {.size = sizeof(tarazu_error), .row = -1, .param = -1, .item = -1};

/* Rows of a space: 0 the customers, else the edges of input space - 1. */
static const want_set *edges_of(const engine *e, const step *s, uint32_t space)
{
  for (uint32_t i = 0; i < s->count; i++)
    if (s->bound && s->bound[i].space == space && s->bindings[i].kind >= BOUND_SET && s->bindings[i].kind <= BOUND_TO)
      return &e->tables[s->bindings[i].table].sets[s->bindings[i].item];
  return NULL;
}

static int64_t rows_of(const engine *e, const step *s, uint32_t space)
{
  const want_set *set = space ? edges_of(e, s, space) : NULL;
  return space ? (set ? set->rows : 0) : e->people.count;
}

/* Points the frame at rows of a space of edges. */
static void edge_window(const engine *e, const step *s, uint32_t space, int64_t first, int64_t rows, frame *f)
{
  const want_set *set = edges_of(e, s, space);
  for (uint32_t i = 0; i < s->count; i++) {
    const binding *b = &s->bindings[i];
    f->pointers[i] = NULL;
    if (s->bound[i].space != space || b->kind == BOUND_NOT || !set) continue;
    const column *c = b->kind == BOUND_FROM ? &set->from : b->kind == BOUND_TO ? &set->to : &set->columns[b->column];
    f->columns[i] = column_window(c, first, rows, f->bits + i * f->room);
    f->pointers[i] = &f->columns[i];
  }
  f->batch = (tarazu_batch){.size = sizeof f->batch,
                            .space = space,
                            .first_row = first,
                            .rows = rows,
                            .columns = f->pointers,
                            .column_count = s->count};
}

/* ---- passes ------------------------------------------------------------------------------------------------ */

typedef struct share {
  uint32_t space;
  int64_t first, rows;
} share;

typedef struct pass {
  engine *e;
  instance *in;
  share *shares;
  int64_t share_count;
  char *states;
  size_t state_size;
  frame *frames;              /* one a worker */
  combiner_scratch **scratch; /* one a worker, for combiners */
} pass;

static int learn_block(pass *p, const share *sh, void *state, int64_t first, int64_t rows, int worker)
{
  const step *s = p->in->step;
  tarazu_error error = fresh_error;
  if (s->kind == STEP_COMBINER) return combine_learn_block(p->e, p->in, state, first, rows, p->scratch[worker]);
  if (sh->space) edge_window(p->e, s, sh->space, first, rows, &p->frames[worker]);
  else frame_window(p->e, s, first, rows, &p->frames[worker]);
  engine_enter(p->in, "learn");
  tarazu_status status = s->strategy->learn(p->in->self, state, &p->frames[worker].batch, &error);
  engine_leave();
  return status == TARAZU_OK || instance_failed(p->e, p->in, " could not learn", status, &error);
}

static void learn_share(void *argument, int64_t index, int worker)
{
  pass *p = argument;
  const share *sh = &p->shares[index];
  for (int64_t at = 0; at < sh->rows && !engine_stopped(p->e) && !p->in->skipped; at += TARAZU_BLOCK) {
    int64_t rows = sh->rows - at < TARAZU_BLOCK ? sh->rows - at : TARAZU_BLOCK;
    if (!learn_block(p, sh, p->states + (size_t)index * p->state_size, sh->first + at, rows, worker)) return;
  }
}

static int merge_and_finish(pass *p, int32_t *again)
{
  const tarazu_strategy *s = p->in->step->strategy;
  tarazu_error error = fresh_error;
  tarazu_status status = TARAZU_OK;
  engine_enter(p->in, "merge");
  for (int64_t i = 1; i < p->share_count && status == TARAZU_OK; i++)
    status = s->merge(p->in->self, p->states, p->states + (size_t)i * p->state_size, &error);
  engine_enter(p->in, "finish");
  *again = 0;
  if (status == TARAZU_OK) status = s->finish(p->in->self, p->states, again, &error);
  engine_leave();
  return status == TARAZU_OK || instance_failed(p->e, p->in, " could not finish learning", status, &error);
}

static int make_shares(pass *p)
{
  const step *s = p->in->step;
  uint32_t spaces = s->strategy->inputs.count + 1;
  for (int counting = 1; counting >= 0; counting--) {
    p->share_count = 0;
    for (uint32_t space = 0; space < spaces; space++) {
      int64_t all = rows_of(p->e, s, space);
      for (int64_t first = 0; first < all; first += TARAZU_SHARE, p->share_count++)
        if (!counting)
          p->shares[p->share_count] = (share){space, first, all - first < TARAZU_SHARE ? all - first : TARAZU_SHARE};
    }
    if (counting && !(p->shares = calloc((size_t)p->share_count + 1, sizeof *p->shares))) return 0;
  }
  if (!p->share_count) p->share_count = 1; /* nothing to see: an empty share still finishes */
  return 1;
}

static void pass_free(pass *p)
{
  int workers = pool_threads(p->e->pool);
  for (int i = 0; p->frames && i < workers; i++) frame_free(&p->frames[i]);
  for (int i = 0; p->scratch && i < workers; i++) combiner_scratch_free(p->scratch[i]);
  free(p->frames);
  free(p->scratch);
  free(p->states);
  free(p->shares);
}

static int pass_new(pass *p, engine *e, instance *in)
{
  int workers = pool_threads(e->pool), good;
  *p = (pass){.e = e, .in = in};
  p->frames = calloc((size_t)workers, sizeof *p->frames);
  p->scratch = calloc((size_t)workers, sizeof *p->scratch);
  good = p->frames && p->scratch && make_shares(p);
  for (int i = 0; good && i < workers; i++) {
    good = frame_new(&p->frames[i], in->step->count, 0, TARAZU_BLOCK);
    if (good && in->step->kind == STEP_COMBINER) good = (p->scratch[i] = combiner_scratch_new(e, TARAZU_BLOCK)) != NULL;
  }
  if (good) return 1;
  pass_free(p);
  return 0;
}

static int no_memory(engine *e, const instance *in)
{
  tarazu_error error = fresh_error;
  tarazu_fail(&error, TARAZU_NO_MEMORY, "no memory to learn in");
  return instance_failed(e, in, "", TARAZU_NO_MEMORY, &error);
}

static int learn_in_passes(engine *e, instance *in)
{
  pass p;
  int32_t again = 1;
  int good = 1;
  if (!pass_new(&p, e, in)) return no_memory(e, in);
  for (int count = 0; again && good; count++) {
    p.state_size = in->step->strategy->state_size(in->self);
    p.state_size = (p.state_size + 63) & ~(size_t)63; /* states of two threads share no cache line */
    free(p.states);
    p.states = NULL;
    size_t all = p.state_size * (size_t)p.share_count;
    if (posix_memalign((void **)&p.states, 64, all ? all : 64)) {
      p.states = NULL;
      good = no_memory(e, in);
      break;
    }
    memset(p.states, 0, all);
    pool_run(e->pool, p.share_count, learn_share, &p);
    good = !engine_stopped(e) && !in->skipped && merge_and_finish(&p, &again);
    if (good && again && count == MOST_PASSES) {
      tarazu_error error = fresh_error;
      tarazu_fail(&error, TARAZU_INTERNAL, "asked for more than %d passes over the data", MOST_PASSES);
      good = instance_failed(e, in, "", TARAZU_INTERNAL, &error);
    }
  }
  pass_free(&p);
  return good;
}

/* ---- at once ----------------------------------------------------------------------------------------------- */

/* The weights of the criteria that a combiner combines, over their sum. */
static const double *weights_of(const engine *e, const instance *in, double weights[64])
{
  double sum = 0;
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++) {
    weights[i] = in->criteria >> i & 1 ? e->weights[i] : 0;
    sum += weights[i];
  }
  for (uint32_t i = 0; sum > 0 && i < e->plan->profile->criterion_count; i++) weights[i] /= sum;
  return weights;
}

static int fit_at_once(engine *e, instance *in)
{
  const step *s = in->step;
  double weights[64];
  uint32_t spaces = s->strategy->inputs.count + 1, count = 0;
  frame *frames = calloc(spaces, sizeof *frames);
  const tarazu_batch **batches = calloc(spaces, sizeof *batches);
  int good = frames && batches;
  for (uint32_t i = 0; good && i < spaces; i++) {
    if (i && !edges_of(e, s, i)) continue;
    frame *f = &frames[count];
    good = frame_new(f, s->count, 0, 8);
    if (!good) break;
    if (i) edge_window(e, s, i, 0, rows_of(e, s, i), f);
    else frame_window(e, s, 0, e->people.count, f);
    f->batch.weights = s->kind == STEP_COMBINER ? weights_of(e, in, weights) : NULL;
    batches[count++] = &f->batch;
  }
  if (!good) {
    no_memory(e, in);
  } else {
    tarazu_error error = fresh_error;
    engine_enter(in, "fit");
    tarazu_status status = s->strategy->fit(in->self, batches, count, &error);
    engine_leave();
    good = status == TARAZU_OK || instance_failed(e, in, " could not learn", status, &error);
  }
  for (uint32_t i = 0; frames && i < spaces; i++) frame_free(&frames[i]);
  free(frames);
  free(batches);
  return good;
}

int learn_instance(engine *e, instance *in)
{
  const tarazu_strategy *s = in->step->strategy;
  engine_progress(e, in->step->name, -1);
  if (s->learn) return learn_in_passes(e, in);
  if (s->fit) return fit_at_once(e, in);
  return 1;
}
