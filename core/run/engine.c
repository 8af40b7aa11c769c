/* The run itself: tables in, then the plan's steps, those that are ready together in one pass over the customers. */
#include "run/engine.h"

#include "base/clock.h"
#include "run/stages.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 16384 }; /* rows of one task of a pass; a multiple of 64, so that no byte of a bitmap is shared */

/* ---- tables ------------------------------------------------------------------------------------------------ */

/* A folder of its own for what an isolated source spills. */
static const char *scratch_of(const engine *e, uint32_t index)
{
  return e->plan->tables[index].isolated ? arena_format(e->arena, "%s/source-%u", e->scratch, index) : e->scratch;
}

/* From here on an isolated source may read its files. 1, or 0 with a problem. */
static int begin_isolated(engine *e, uint32_t index)
{
  const table_plan *t = &e->plan->tables[index];
  const isolate_access access = {.read = t->profile->from, .write = scratch_of(e, index)};
  char why[ISOLATE_WHY];
  if (!t->isolated) return 1;
  int number = mkdir(access.write, 0700) != 0 && errno != EEXIST ? errno : 0;
  if (!number && isolated_begin(t->isolated, &access, why)) return 1;
  problem_add(e->problems, number ? EXIT_INTERNAL : EXIT_PLUGIN, t->profile->from_place, "table '%s': %s%s",
              t->profile->name, number ? "no folder to spill to: " : "its source ", number ? strerror(number) : why);
  return 0;
}

static int create_sources(engine *e)
{
  const plan *p = e->plan;
  int good = 1;
  for (; e->sources_created < p->table_count; e->sources_created++) {
    uint32_t i = e->sources_created;
    const table_plan *t = &p->tables[i];
    if (e->sources[i]) continue; /* pushed */
    step *as = arena_alloc(e->arena, sizeof *as);
    *as = (step){.name = t->profile->name,
                 .subject = arena_format(e->arena, "table '%s'", t->profile->name),
                 .place = t->profile->from_place,
                 .strategy = t->source,
                 .file = t->file,
                 .isolated = t->isolated,
                 .args = t->args};
    if (!begin_isolated(e, i)) return 0;
    instance *in = arena_alloc(e->arena, sizeof *in);
    in->step = as;
    e->source_selfs[i] = in;
    good &= instance_create(e, in);
    e->sources[i] = source_noted();
  }
  return good;
}

static int is_pushed(const engine *e, uint32_t index)
{
  return e->plan->tables[index].source == NULL;
}

static void fill_request(engine *e, uint32_t index)
{
  const table_plan *t = &e->plan->tables[index];
  const table_profile *f = t->profile;
  table *to = &e->tables[index];
  *to = (table){.name = f->name,
                .place = f->from_place,
                .key_place = f->key_place,
                .where_place = f->where_place,
                .time_place = f->time_place,
                .shape = f->shape};
  to->is_customers = f->shape == TARAZU_ATTRIBUTES && !strcmp(f->name, "customers");
  to->is_aside = (int)index == e->plan->previous;
  to->wants = t->wants;
  to->want_count = t->want_count;
  to->sets = t->sets;
  to->set_count = t->set_count;
  tarazu_request *r = &to->request;
  *r = (tarazu_request){.size = sizeof *r,
                        .shape = f->shape,
                        .table = f->name,
                        .location = f->from,
                        .where = f->where,
                        .keys = {f->edge[0] ? f->edge[0] : f->key, f->edge[1]},
                        .time = f->time,
                        .until = INT64_MAX,
                        .until_civil = INT64_MAX,
                        .memory = e->memory,
                        .scratch = scratch_of(e, index),
                        .threads = e->threads};
}

static void set_moments(engine *e)
{
  const profile *f = e->plan->profile;
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    table *t = &e->tables[i];
    t->request.until = e->as_of;
    t->request.until_civil = zone_to_civil(f->zone, e->as_of);
    t->has_after = e->has_after;
    t->after = e->after;
    t->after_civil = zone_to_civil(f->zone, e->after);
    for (uint32_t k = 0; k < t->want_count; k++) {
      double window = e->plan->tables[i].windows[k];
      t->wants[k].as.since = e->as_of - (int64_t)(window * (double)MICROSECONDS_PER_DAY);
      t->wants[k].as.since_civil = zone_to_civil(f->zone, t->wants[k].as.since);
    }
  }
}

static int table_progress(void *argument, double done)
{
  engine *e = argument;
  engine_progress(e, "reading", done);
  return !engine_stopped(e);
}

/* A list that is to be kept from an earlier run may not be there yet. */
static void forgive_missing_previous(engine *e)
{
  plan *p = e->plan;
  if (p->previous < 0 || e->sources[p->previous]) return;
  const table_profile *f = p->tables[p->previous].profile;
  if (strpbrk(f->from, "*?[:") || access(f->from, F_OK) == 0) return;
  problem_warn(e->problems, f->from_place, "previous: there is no list '%s' yet; nobody is kept from it", f->from);
  p->previous = -1;
  p->table_count--;
}

/* The tables with their sources, which are not asked before there is no other way. */
int engine_connect(engine *e)
{
  if (!create_sources(e)) return 0;
  for (uint32_t i = 0; i < e->plan->table_count; i++) {
    e->tables[i].source = e->sources[i];
    e->tables[i].self = e->source_selfs[i];
  }
  return 1;
}

static load_options how_to_load(engine *e)
{
  const profile *f = e->plan->profile;
  return (load_options){.pool = e->pool, .zone = f->zone, .seed = f->seed, .progress = table_progress, .argument = e};
}

static int find_latest(engine *e, int64_t *latest)
{
  const load_options options = how_to_load(e);
  if (stages_latest(e, -1, latest)) return 1;
  if (!engine_connect(e)) return 0;
  if (tables_latest(e->tables, e->plan->table_count, &options, latest, e->problems)) {
    stages_keep_latest(e, -1, *latest);
    return 1;
  }
  if (!problems_errors(e->problems))
    problem_add(e->problems, EXIT_PROFILE, (place){.file = e->plan->profile->path},
                "'as_of' is missing, and no table has a date to take it from");
  return 0;
}

static int load(engine *e)
{
  const profile *f = e->plan->profile;
  const load_options options = how_to_load(e);
  forgive_missing_previous(e);
  for (uint32_t i = 0; i < e->plan->table_count; i++) fill_request(e, i);
  stages_open(e);
  e->as_of = f->as_of;
  if (!f->has_as_of && !find_latest(e, &e->as_of)) return 0;
  set_moments(e);
  if (stages_take(e)) return 1;
  population_free(&e->people); /* where all else was not there */
  if (!engine_connect(e) ||
      !tables_load(e->tables, e->plan->table_count, &options, &e->people, e->strings, e->problems))
    return 0;
  stages_keep_tables(e);
  return 1;
}

int engine_read_again(engine *e)
{
  const load_options options = how_to_load(e);
  population same; /* the run has its own */
  if (!engine_connect(e)) return 0;
  int good = tables_load(e->tables, e->plan->table_count, &options, &same, e->strings, e->problems);
  good = good && same.count == e->people.count;
  population_free(&same);
  return good;
}

/* ---- instances --------------------------------------------------------------------------------------------- */

static int create_instances(engine *e)
{
  int good = 1;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    e->instances[i].step = e->plan->steps[i];
    if (e->plan->steps[i]->strategy && !e->instances[i].taken) good &= instance_create(e, &e->instances[i]);
  }
  return good;
}

/* The texts of the codes of TEXT outputs, as one dictionary an output. */
static int take_labels(engine *e, instance *in)
{
  const step *s = in->step;
  if (!s->strategy) return 1;
  in->labels = arena_array(e->arena, s->output_count, sizeof *in->labels);
  for (uint32_t i = 0; i < s->strategy->outputs.count; i++) {
    uint32_t count = 0;
    if (s->outputs[i].type != TARAZU_TEXT) continue;
    engine_enter(in, "labels");
    const char *const *labels = s->strategy->labels ? s->strategy->labels(in->self, i, &count) : NULL;
    engine_leave();
    text all = {0};
    int64_t *offsets = arena_array(e->arena, (size_t)count + 1, sizeof *offsets);
    for (uint32_t k = 0; labels && k < count; k++) {
      text_add(&all, labels[k]);
      offsets[k + 1] = (int64_t)all.length;
    }
    in->labels[i] = (tarazu_dictionary){.size = sizeof(tarazu_dictionary),
                                        .count = labels ? count : 0,
                                        .offsets = offsets,
                                        .bytes = arena_copy_n(e->arena, text_string(&all), all.length)};
    text_free(&all);
    s->outputs[i].column.dictionary = &in->labels[i];
  }
  return 1;
}

/* ---- the host's own steps ---------------------------------------------------------------------------------- */

/* What `missing:` puts in the gaps: the median, the worst value that was seen, or the profile's own. */
static int find_fill(engine *e, instance *in)
{
  const criterion_profile *c = &e->plan->profile->criteria[in->step->index];
  const series *from = in->step->bindings[0].series;
  int64_t there;
  in->fill = c->missing.value;
  if (criterion_skipped(e, in->step->index)) in->fill = NAN;
  if (c->missing.rule == MISSING_VALUE || isnan(in->fill)) return 1;
  int64_t *order = order_descending(from->column.values, from->column.valid, from->column.rows, &there);
  if (!order) return 0;
  const double *values = from->column.values;
  if (!there) in->fill = NAN; /* nobody has a value: there is none to give */
  else if (c->missing.rule == MISSING_WORST) in->fill = values[order[from->better < 0 ? 0 : there - 1]];
  else in->fill = middle(values[order[(there - 1) / 2]], values[order[there / 2]]);
  free(order);
  return 1;
}

static void cast_rows(const column *from, column *to, int64_t first, int64_t rows)
{
  double *values = to->values;
  for (int64_t r = first; r < first + rows; r++)
    values[r] = from->type == TARAZU_I64 ? (double)((const int64_t *)from->values)[r]
                                         : (double)((const uint8_t *)from->values)[r];
  if (from->valid) bits_copy(to->valid, first, from->valid, first, rows);
}

static void fill_rows(const column *from, column *to, double fill, int64_t first, int64_t rows)
{
  const double *values = from->values;
  double *out = to->values;
  for (int64_t r = first; r < first + rows; r++) {
    if (column_is_valid(from, r)) out[r] = values[r];
    else if (!isnan(fill)) out[r] = fill;
    else to->valid[r >> 3] = (uint8_t)(to->valid[r >> 3] & ~(1u << (r & 7)));
  }
}

/* ---- passes ------------------------------------------------------------------------------------------------ */

typedef struct worker {
  frame *frames; /* one a step of the pass */
  combiner_scratch *combiner;
} worker;

typedef struct apply_pass {
  engine *e;
  instance **steps;
  uint32_t count;
  worker *workers;
  int64_t chunk;
  atomic_llong done;
  atomic_int again; /* a step of it was skipped: what others made of its rows is to be made anew */
} apply_pass;

static int apply_plugin(engine *e, instance *in, frame *f, int64_t first, int64_t rows)
{
  const step *s = in->step;
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  frame_window(e, s, first, rows, f);
  for (uint32_t i = 0; i < s->output_count; i++) frame_result(f, i, &s->outputs[i].column, first, rows);
  tarazu_status status = instance_apply(in, &f->batch, f->result_pointers, &error);
  if (status != TARAZU_OK) return instance_failed(e, in, " could not score", status, &error);
  for (uint32_t i = 0; i < s->output_count; i++) {
    const tarazu_output *o = tarazu_at(&s->strategy->outputs, i);
    if (!frame_accept(e, in, f, i, o->name, in->labels[i].count, &s->outputs[i].column, first, rows, NULL)) return 0;
  }
  return 1;
}

static int apply_one(engine *e, instance *in, worker *w, uint32_t index, int64_t first, int64_t rows)
{
  const step *s = in->step;
  switch (s->kind) {
  case STEP_CAST: cast_rows(&s->bindings[0].series->column, &s->outputs[0].column, first, rows); return 1;
  case STEP_FILL: fill_rows(&s->bindings[0].series->column, &s->outputs[0].column, in->fill, first, rows); return 1;
  case STEP_COMBINER: return combine_batch(e, in, first, rows, w->combiner);
  default: return apply_plugin(e, in, &w->frames[index], first, rows);
  }
}

static void apply_chunk(void *argument, int64_t index, int worker_number)
{
  apply_pass *p = argument;
  engine *e = p->e;
  worker *w = &p->workers[worker_number];
  int64_t begin = index * p->chunk, end = begin + p->chunk < e->people.count ? begin + p->chunk : e->people.count;
  for (int64_t first = begin; first < end; first += e->batch) {
    int64_t rows = end - first < e->batch ? end - first : e->batch;
    for (uint32_t i = 0; i < p->count; i++)
      if (engine_stopped(e) || p->again || !apply_one(e, p->steps[i], w, i, first, rows)) {
        p->again = 1;
        return;
      }
  }
  long long done = atomic_fetch_add(&p->done, end - begin) + (end - begin);
  engine_progress(e, p->steps[0]->step->name, (double)done / (double)e->people.count);
}

static void workers_free(apply_pass *p)
{
  for (int i = 0; p->workers && i < pool_threads(p->e->pool); i++) {
    for (uint32_t k = 0; p->workers[i].frames && k < p->count; k++) frame_free(&p->workers[i].frames[k]);
    free(p->workers[i].frames);
    combiner_scratch_free(p->workers[i].combiner);
  }
  free(p->workers);
}

static int workers_new(apply_pass *p)
{
  int64_t rows = p->e->batch < p->e->people.count ? p->e->batch : p->e->people.count;
  p->workers = calloc((size_t)pool_threads(p->e->pool), sizeof *p->workers);
  if (!p->workers) return 0;
  for (int i = 0; i < pool_threads(p->e->pool); i++) {
    worker *w = &p->workers[i];
    if (!(w->frames = calloc(p->count + 1, sizeof *w->frames))) return 0;
    for (uint32_t k = 0; k < p->count; k++) {
      const step *s = p->steps[k]->step;
      if (!frame_new(&w->frames[k], s->count, s->output_count, rows)) return 0;
      if (s->kind == STEP_COMBINER && !(w->combiner = combiner_scratch_new(p->e, rows))) return 0;
    }
  }
  return 1;
}

static int outputs_new(engine *e, instance *in)
{
  for (uint32_t i = 0; i < in->step->output_count; i++) {
    series *o = &in->step->outputs[i];
    const tarazu_dictionary *labels = o->column.dictionary;
    column_free(&o->column); /* of a pass that is made anew */
    if (!column_new_unset(&o->column, o->type, e->people.count, 1)) return 0;
    o->column.dictionary = labels;
  }
  return 1;
}

static int run_pass(engine *e, instance **steps, uint32_t count)
{
  apply_pass p = {.e = e, .steps = steps, .count = count};
  p.chunk = e->batch > CHUNK ? (e->batch + 63) / 64 * 64 : CHUNK;
  int good = workers_new(&p);
  for (uint32_t i = 0; good && i < count; i++) good = outputs_new(e, steps[i]);
  if (!good) {
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory for the results of %lld customers",
                (long long)e->people.count);
  } else {
    pool_run(e->pool, (e->people.count + p.chunk - 1) / p.chunk, apply_chunk, &p);
    good = !engine_stopped(e) && !p.again;
  }
  workers_free(&p);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t k = 0; good && k < steps[i]->step->output_count; k++)
      column_count_nulls(&steps[i]->step->outputs[k].column);
    steps[i]->done = good;
    if (good) stages_keep_step(e, steps[i]);
  }
  return good;
}

/* ---- the order of passes ----------------------------------------------------------------------------------- */

/* Whether every series that a step reads is complete, or (pending) made batch by batch in the pass at hand. */
static int inputs_ready(const engine *e, const step *s, instance **pending, uint32_t count)
{
  for (uint32_t i = 0; i < s->count; i++) {
    if (s->bindings[i].kind != BOUND_SERIES) continue;
    const instance *maker = instance_of(e, s->bindings[i].series->maker);
    int ready = maker->done;
    for (uint32_t k = 0; !ready && k < count; k++) ready = pending[k] == maker;
    if (!ready) return 0;
  }
  return 1;
}

static int weighers_done(const engine *e)
{
  for (uint32_t i = 0; i < e->plan->profile->weigher_count; i++)
    if (!instance_of(e, e->plan->weighers[i])->done) return 0;
  return 1;
}

/* Whether a step must see its inputs whole before it is applied. */
static int learns(const step *s)
{
  return s->kind == STEP_FILL || (s->strategy && !s->model && (s->strategy->learn || s->strategy->fit));
}

/* A combiner combines every criterion; one that learns weights has an instance of its own for each dimension's. */
static int prepare_combiner(engine *e, instance *in)
{
  const profile *f = e->plan->profile;
  for (uint32_t d = 0; d < f->dimension_count; d++) in->criteria |= criteria_of_dimension(e, d);
  if (!(in->step->strategy->flags & TARAZU_LEARNS_WEIGHTS)) return 1;
  in->of_dimension = arena_array(e->arena, f->dimension_count, sizeof *in->of_dimension);
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    instance *one = &in->of_dimension[d];
    one->step = in->step;
    one->criteria = criteria_of_dimension(e, d);
    if (!one->criteria) continue;
    if (!instance_create(e, one) || !learn_instance(e, one)) return 0;
  }
  return 1;
}

static int make_ready(engine *e, instance *in)
{
  if (in->step->kind == STEP_FILL) return find_fill(e, in);
  if (in->step->kind == STEP_COMBINER && !prepare_combiner(e, in)) return 0;
  if (in->step->strategy && !in->model && !learn_instance(e, in)) return 0;
  return take_labels(e, in);
}

/* Of a step that was skipped, nobody has a value. */
static int leave_out(engine *e, instance *in)
{
  static const int64_t nothing = 0;
  static const tarazu_dictionary none = {.size = sizeof none, .offsets = &nothing, .bytes = ""};
  if (!outputs_new(e, in)) {
    problem_add(e->problems, EXIT_INTERNAL, NOWHERE, "no memory for the results of %lld customers",
                (long long)e->people.count);
    return 0;
  }
  for (uint32_t i = 0; i < in->step->output_count; i++) {
    column *c = &in->step->outputs[i].column;
    memset(c->values, 0, (size_t)e->people.count * column_width(c->type));
    memset(c->valid, 0, ((size_t)e->people.count + 7) / 8);
    column_count_nulls(c);
    if (c->type == TARAZU_TEXT) c->dictionary = &none;
  }
  in->done = 1;
  return 1;
}

/* Runs the pass, without those that fail and may be skipped, until none does. */
static int run_pass_without_skipped(engine *e, instance **pending, uint32_t count)
{
  while (count) {
    uint32_t kept = 0;
    if (run_pass(e, pending, count)) return 1;
    if (engine_stopped(e)) return 0;
    for (uint32_t i = 0; i < count; i++) {
      if (!pending[i]->skipped) pending[kept++] = pending[i];
      else if (!leave_out(e, pending[i])) return 0;
    }
    if (kept == count) return 0;
    count = kept;
  }
  return 1;
}

int criterion_skipped(const engine *e, uint32_t criterion)
{
  const series *made[] = {e->plan->raw[criterion], e->plan->normalized[criterion]};
  for (int i = 0; i < 2; i++) {
    const instance *in = made[i] ? instance_of(e, made[i]->maker) : NULL;
    if (in && in->skipped) return 1;
  }
  return 0;
}

/* Learns what can learn, then applies, in one pass, all that is ready or becomes so within a batch. */
static int next_pass(engine *e, instance **pending, uint32_t *count)
{
  *count = 0;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    instance *in = &e->instances[i];
    const step *s = in->step;
    if (in->done) continue;
    int whole = learns(s);
    int reads = whole || s->kind != STEP_WEIGHER; /* a weigher that does not learn looks at no data */
    if (reads && !inputs_ready(e, s, whole ? NULL : pending, whole ? 0 : *count)) continue;
    if (s->kind == STEP_COMBINER && !weighers_done(e)) continue;
    if (s->kind == STEP_COMBINER && !weigh(e)) return 0;
    if (!in->skipped && !make_ready(e, in) && !in->skipped) return 0;
    if (in->skipped) {
      if (!leave_out(e, in)) return 0;
      continue;
    }
    if (s->kind == STEP_WEIGHER) in->done = 1;
    else pending[(*count)++] = in;
    if (engine_stopped(e)) return 0;
  }
  return run_pass_without_skipped(e, pending, *count);
}

/* Share of the weight that stands on measured criteria. */
static int measure_coverage(engine *e)
{
  const plan *p = e->plan;
  int gaps = 0;
  if (!column_new_unset(&e->coverage, TARAZU_F64, e->people.count, 0)) return 0;
  double *values = e->coverage.values;
  int skipped[64];
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) skipped[i] = criterion_skipped(e, i);
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) gaps |= p->raw[i]->column.valid != NULL || skipped[i];
  for (int64_t r = 0; !gaps && r < e->people.count; r++) values[r] = 1;
  if (!gaps) return 1;
  for (int64_t r = 0; r < e->people.count; r++) {
    double there = 0;
    int all = 1;
    for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
      if (column_is_valid(&p->raw[i]->column, r) && !skipped[i]) there += e->weights[i];
      else if (e->weights[i] > 0) all = 0;
    }
    values[r] = all ? 1 : there;
  }
  return 1;
}

static void time_stage(engine *e, const char *name, double *since)
{
  double now = clock_seconds();
  *arena_push(e->arena, e->times, e->time_count, e->time_room) = (stage_time){name, now - *since};
  *since = now;
}

int engine_prepare(engine *e)
{
  const plan *p = e->plan;
  e->instances = arena_array(e->arena, p->step_count + 1, sizeof *e->instances);
  e->weights = arena_array(e->arena, p->profile->criterion_count + 1, sizeof *e->weights);
  e->dimension_weights = arena_array(e->arena, p->profile->dimension_count + 1, sizeof *e->dimension_weights);
  e->tables = arena_array(e->arena, p->table_count + 1, sizeof *e->tables);
  e->strings = dictionary_new();
  return e->strings != NULL;
}

static int cancelled(engine *e)
{
  if (atomic_load(e->cancelled) && !problems_errors(e->problems))
    problem_add(e->problems, EXIT_CANCELLED, NOWHERE, "cancelled");
  return atomic_load(e->cancelled);
}

/* Pass after pass, until no step becomes ready any more. */
int engine_run_steps(engine *e)
{
  instance **pending = malloc((e->plan->step_count + 1) * sizeof(instance *));
  uint32_t count = 0, before, after = 0;
  int good = pending != NULL;
  for (uint32_t i = 0; i < e->plan->step_count; i++) after += (uint32_t)e->instances[i].done;
  do {
    before = after;
    after = 0;
    good = good && next_pass(e, pending, &count);
    for (uint32_t i = 0; i < e->plan->step_count; i++) after += (uint32_t)e->instances[i].done;
  } while (good && after != before);
  free(pending);
  if (!good) cancelled(e);
  return good;
}

int engine_rank(engine *e)
{
  return measure_coverage(e) && rank_customers(e);
}

int engine_run(engine *e)
{
  double since = clock_seconds();
  if (!engine_prepare(e) || !models_read(e) || !load(e)) {
    stages_close(e);
    cancelled(e);
    return 0;
  }
  time_stage(e, "read", &since);
  if (!create_instances(e) || !models_load(e, e->as_of) || !engine_run_steps(e)) {
    stages_close(e);
    return 0;
  }
  stages_close(e);
  time_stage(e, "score", &since);
  if (e->plan->scorers_only) return !cancelled(e);
  if (!engine_rank(e)) return 0;
  time_stage(e, "rank", &since);
  return !cancelled(e);
}

int engine_load(engine *e)
{
  int good = engine_prepare(e) && load(e);
  stages_close(e);
  return !cancelled(e) && good;
}

int engine_latest(engine *e, int64_t *latest)
{
  const plan *p = e->plan;
  load_options options = how_to_load(e);
  if (!engine_prepare(e)) return 0;
  for (uint32_t i = 0; i < p->table_count; i++) fill_request(e, i);
  stages_open(e);
  for (uint32_t i = 0; i < p->table_count; i++) {
    latest[i] = INT64_MIN;
    if (!e->tables[i].request.time || !(p->tables[i].want_count || p->tables[i].set_count)) continue;
    if (stages_latest(e, (int)i, &latest[i])) continue;
    if (!engine_connect(e)) return 0;
    tables_latest(&e->tables[i], 1, &options, &latest[i], e->problems);
    if (!problems_errors(e->problems)) stages_keep_latest(e, (int)i, latest[i]);
  }
  return !cancelled(e) && !problems_errors(e->problems);
}

int engine_check(engine *e)
{
  const profile *f = e->plan->profile;
  int good = engine_prepare(e);
  good &= models_read(e);
  good &= create_sources(e);
  if (!create_instances(e)) return 0;
  return models_load(e, f->has_as_of ? f->as_of : INT64_MAX) && good;
}

void engine_stages(const engine *e, int64_t *taken, int64_t *made)
{
  *taken = e->read_taken != 0;
  for (uint32_t i = 0; e->instances && i < e->plan->step_count; i++) *taken += e->instances[i].taken;
  *made = (int64_t)e->plan->step_count + 1 - *taken;
}

/* What belongs to the run that this one took it over from. */
static void give_back(engine *e)
{
  if (e->borrows_people) e->people = (population){0};
  for (uint32_t i = 0; i < e->borrowed_count; i++) *e->borrowed[i] = (column){0};
  e->borrowed_count = 0;
  e->borrows_people = 0;
}

void engine_free(engine *e)
{
  give_back(e);
  for (uint32_t i = 0; e->instances && i < e->plan->step_count; i++) {
    for (uint32_t k = 0; k < e->plan->steps[i]->output_count; k++) column_free(&e->plan->steps[i]->outputs[k].column);
    for (uint32_t d = 0; e->instances[i].of_dimension && d < e->plan->profile->dimension_count; d++)
      instance_destroy(&e->instances[i].of_dimension[d]);
    if (e->instances[i].step && e->instances[i].step->strategy) instance_destroy(&e->instances[i]);
  }
  if (e->tables) tables_free(e->tables, e->plan->table_count);
  population_free(&e->people);
  for (uint32_t i = 0; i < e->sources_created; i++)
    if (!is_pushed(e, i) && e->source_selfs[i]) instance_destroy(e->source_selfs[i]);
  dictionary_free(e->strings);
  stages_free(e);
  column_free(&e->coverage);
  free(e->order);
  free(e->rank);
}
