/* Varies a run and counts what changes: rank reversal, weights, parameters, methods. */
#include "run/robustness.h"

#include "run/agreement.h"
#include "run/rescore.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_LENGTH = 10, MOST_MEMBERS = 50, SCAN_STEPS = 16, HALVINGS = 10, MOST_METHODS = 64 };

/* What one look at a variant needs. */
typedef struct study {
  robustness *r;
  engine *base;
  tarazu_session *bench; /* planned like the base, for variants of the same profile */
  double *scores;        /* of the base, by row; NAN: none */
  uint8_t *listed;       /* of the base, by row */
  double *x, *y;         /* room for both sides of a measure */
  uint8_t *now;          /* of the variant, by row of it */
  int64_t *rows;
  double done, total; /* for the progress line */
} study;

static int no_memory(const study *s)
{
  if (!problems_errors(s->base->problems))
    problem_add(s->base->problems, EXIT_INTERNAL, NOWHERE, "no memory to vary the run of %lld customers",
                (long long)s->base->people.count);
  return 0;
}

static int is_cancelled(const study *s)
{
  return atomic_load(s->base->cancelled);
}

static void step_on(study *s, const char *stage)
{
  s->done++;
  engine_progress(s->base, stage, s->total > 0 ? s->done / s->total : -1);
}

static double score_at(const engine *e, int64_t row)
{
  const column *c = &e->plan->score->column;
  return column_is_valid(c, row) ? ((const double *)c->values)[row] : NAN;
}

/* ---- the list of a variant ------------------------------------------------------------------------------------ */

/* Where the profile asks for no list, the first places are one. */
static int find_list(const robustness *r, engine *e, uint8_t *listed)
{
  selection chosen;
  memset(listed, 0, (size_t)e->people.count + 1);
  if (!r->own_list) {
    for (int64_t i = 0; i < r->k && i < e->scored; i++) listed[e->order[i]] = 1;
    return 1;
  }
  int good = select_key_customers(e, &chosen);
  if (good) memcpy(listed, chosen.key.values, (size_t)e->people.count);
  selection_free(&chosen);
  return good;
}

/* Of a variant with the same customers in the same rows. */
static distance measure(study *s, const engine *e)
{
  distance d = {.kendall = NAN, .overlap = NAN};
  int64_t n = 0, shared = 0, before = 0, after = 0;
  for (int64_t i = 0; i < s->base->people.count; i++) {
    double score = score_at(e, i);
    if (!isnan(score) && !isnan(s->scores[i])) {
      s->x[n] = s->scores[i];
      s->y[n++] = score;
    }
    before += s->listed[i];
    after += s->now[i];
    shared += s->listed[i] && s->now[i];
  }
  d.kendall = agreement_kendall(s->x, s->y, n);
  d.out = before - shared;
  d.in = after - shared;
  if (before || after) d.overlap = (double)shared / (double)(before > after ? before : after);
  for (int64_t i = 0; i < s->base->scored && !d.first_out && d.out; i++)
    if (s->listed[s->base->order[i]] && !s->now[s->base->order[i]])
      d.first_out = customer_name(s->base, s->base->order[i]);
  for (int64_t i = 0; i < e->scored && !d.first_in && d.in; i++)
    if (!s->listed[e->order[i]] && s->now[e->order[i]]) d.first_in = customer_name(s->base, e->order[i]);
  return d;
}

static int differs(const study *s)
{
  return memcmp(s->listed, s->now, (size_t)s->base->people.count) != 0;
}

/* ---- one customer less, or twice ------------------------------------------------------------------------------- */

/* Scores that differ by the rounding of sums alone become equal, so that no tie is seen as an order. 0: no memory. */
static int merge_ties(double *scores, int64_t n)
{
  int64_t there, *order = order_descending(scores, NULL, n, &there);
  if (!order) return 0;
  double most = n ? fmax(fabs(scores[order[0]]), fabs(scores[order[n - 1]])) : 0, above = NAN;
  for (int64_t i = 0; i < n; i++) {
    double own = scores[order[i]];
    if (i && above - own <= 1e-12 * most) scores[order[i]] = scores[order[i - 1]];
    above = own;
  }
  free(order);
  return 1;
}

static int compare_others(study *s, const engine *e, int64_t row, reversal *out)
{
  int64_t n = 0, copies = e->people.count > s->base->people.count;
  for (int64_t i = 0; i < e->people.count - copies; i++) {
    int64_t was = s->rows[i];
    double score = score_at(e, i);
    if (was == row) continue;
    out->lost += s->listed[was] && !s->now[i];
    if (isnan(score) || isnan(s->scores[was])) continue;
    s->x[n] = s->scores[was];
    s->y[n++] = score;
  }
  if (!merge_ties(s->x, n) || !merge_ties(s->y, n)) return no_memory(s);
  out->reversed = agreement_discordant(s->x, s->y, n);
  out->pairs = (double)n * (double)(n - 1) / 2;
  if (out->copied && out->is_key && out->lost) out->lost--;
  return out->reversed >= 0 || no_memory(s);
}

static int vary_customer(study *s, int64_t row, int copied)
{
  robustness *r = s->r;
  engine *to = session_engine(s->bench);
  int64_t n = s->base->people.count, count = 0;
  reversal *out = &r->reversals[r->reversal_count];
  *out = (reversal){
      .customer = customer_name(s->base, row), .rank = s->base->rank[row], .is_key = s->listed[row], .copied = copied};
  for (int64_t i = 0; i < n; i++)
    if (copied || i != row) s->rows[count++] = i;
  if (copied) s->rows[count++] = row;
  rescoring asked = {.from = s->base, .rows = s->rows, .count = count};
  int good = rescore(to, &asked) && find_list(r, to, s->now);
  if (good) {
    good = compare_others(s, to, row, out);
    r->reversal_count++;
  }
  r->combined++;
  rescore_undo(to);
  step_on(s, "rank reversal");
  return good;
}

/* The leader, the members, and others evenly over the ranks, each once. */
static int64_t choose_customers(study *s, int64_t *chosen)
{
  const engine *e = s->base;
  int64_t count = 0, members = 0, others = 0, seen = 0;
  uint8_t *taken = calloc((size_t)e->people.count + 1, 1);
  if (!taken) return -1;
  for (int64_t i = 0; i < e->scored; i++) {
    int64_t row = e->order[i];
    if (i && (!s->listed[row] || members == MOST_MEMBERS)) continue;
    members += s->listed[row];
    taken[row] = 1;
    chosen[count++] = row;
  }
  for (int64_t i = 0; i < e->scored; i++) others += !taken[e->order[i]];
  int64_t sample = s->r->sample < others ? s->r->sample : others, drawn = 0;
  for (int64_t i = 0; i < e->scored && drawn < sample; i++) {
    if (taken[e->order[i]]) continue;
    if (seen++ * sample < drawn * others) continue;
    chosen[count++] = e->order[i];
    drawn++;
  }
  free(taken);
  return count;
}

static int find_reversals(study *s)
{
  robustness *r = s->r;
  int64_t room = MOST_MEMBERS + 1 + r->sample + 1, *chosen = malloc((size_t)room * sizeof *chosen);
  int64_t count = chosen ? choose_customers(s, chosen) : -1;
  int good = count >= 0;
  if (good) r->reversals = arena_array(r->arena, (size_t)count * 2 + 1, sizeof *r->reversals);
  s->done = 0;
  s->total = 2 * (double)count;
  for (int copied = 0; copied < 2; copied++)
    for (int64_t i = 0; good && i < count; i++) {
      if (!copied && s->base->people.count < 2) continue;
      good = !is_cancelled(s) && vary_customer(s, chosen[i], copied);
    }
  free(chosen);
  return good;
}

/* ---- one weight ------------------------------------------------------------------------------------------------ */

/* The criterion's weight set, the others in their proportions. */
static void set_weight(const study *s, uint32_t criterion, double weight, double *weights)
{
  double own = s->base->weights[criterion];
  for (uint32_t i = 0; i < s->base->plan->profile->criterion_count; i++)
    weights[i] = i == criterion ? weight : s->base->weights[i] * (1 - weight) / (1 - own);
}

static int vary_weight(study *s, uint32_t criterion, double weight, distance *out)
{
  engine *to = session_engine(s->bench);
  double weights[64];
  set_weight(s, criterion, weight, weights);
  rescoring asked = {.from = s->base, .weights = weights, .same_normalized = 1};
  int good = !is_cancelled(s) && rescore(to, &asked) && find_list(s->r, to, s->now);
  if (good && out) *out = measure(s, to);
  s->r->combined++;
  rescore_undo(to);
  return good;
}

/* From the weight out to `end` in growing steps to the first other list, then by halves between the last two. */
static int scan_weight(study *s, uint32_t criterion, double end, double *found, distance *out)
{
  double from = s->base->weights[criterion], same = from, other = NAN;
  *found = NAN;
  for (int i = 1; i <= SCAN_STEPS && isnan(other); i++) {
    double share = (double)i / SCAN_STEPS, weight = i == SCAN_STEPS ? end : from + (end - from) * share * share;
    if (!vary_weight(s, criterion, weight, NULL)) return 0;
    if (differs(s)) other = weight;
    else same = weight;
  }
  if (isnan(other)) return 1;
  for (int i = 0; i < HALVINGS; i++) {
    double half = same + (other - same) / 2;
    if (!vary_weight(s, criterion, half, NULL)) return 0;
    if (differs(s)) other = half;
    else same = half;
  }
  *found = other;
  return vary_weight(s, criterion, other, out);
}

static int range_of(study *s, uint32_t criterion, weight_range *out)
{
  static const double steps[WEIGHT_STEPS] = {-0.5, -0.25, -0.1, 0.1, 0.25, 0.5};
  double weight = s->base->weights[criterion];
  *out = (weight_range){
      .criterion = s->base->plan->profile->criteria[criterion].name, .weight = weight, .down = NAN, .up = NAN};
  if (weight > 0 && !scan_weight(s, criterion, 0, &out->down, &out->at_down)) return 0;
  if (!scan_weight(s, criterion, 1, &out->up, &out->at_up)) return 0;
  if (!vary_weight(s, criterion, 0, &out->without)) return 0;
  for (int i = 0; i < WEIGHT_STEPS; i++) {
    distance d;
    if (!vary_weight(s, criterion, fmin(1, weight * (1 + steps[i])), &d)) return 0;
    out->overlap[i] = d.overlap;
  }
  return 1;
}

/* A criterion that has all the weight leaves the others no proportions to keep. */
static int find_weights(study *s)
{
  robustness *r = s->r;
  uint32_t count = s->base->plan->profile->criterion_count;
  r->weights = arena_array(r->arena, count + 1, sizeof *r->weights);
  s->done = 0;
  s->total = count;
  for (uint32_t i = 0; i < count; i++) {
    if (s->base->weights[i] < 1 && !range_of(s, i, &r->weights[r->weight_count++])) return 0;
    step_on(s, "weights");
  }
  return 1;
}

/* ---- other sessions -------------------------------------------------------------------------------------------- */

/* A run inside of another one's: whoever cancels that one cancels it. */
typedef struct inner_run {
  study *s;
  tarazu_session *session;
} inner_run;

static void pass_on(void *argument, const char *stage, double done)
{
  inner_run *run = argument;
  (void)stage, (void)done;
  if (is_cancelled(run->s)) tarazu_cancel(run->session);
}

static const char *first_fault(const study *s, tarazu_session *session)
{
  const char *words = session ? tarazu_problems(session, 0, 0) : "no memory", *error = strstr(words, "error: ");
  if (error) words = error + strlen("error: ");
  return arena_copy_n(s->r->arena, words, strcspn(words, "\n"));
}

static int open_variant(inner_run *run, const char *const *settings)
{
  tarazu_options options = *run->s->r->options;
  options.settings = settings;
  options.save_models = NULL;
  options.progress = pass_on;
  options.argument = run;
  return session_open_on(run->s->r->profile, NULL, &options, &run->session) == TARAZU_GOOD;
}

/* The session's settings and one more. */
static const char *const *settings_and(const study *s, const char *more)
{
  const char *const *given = s->r->options->settings;
  uint32_t count = 0;
  while (given && given[count]) count++;
  const char **all = arena_array(s->r->arena, count + 2, sizeof *all);
  for (uint32_t i = 0; i < count; i++) all[i] = given[i];
  all[count] = more;
  return all;
}

/* Combines the base's criteria by a variant of the profile; the caller undoes it. */
static int combine_variant(inner_run *run)
{
  rescoring asked = {.from = run->s->base};
  run->s->r->combined++;
  if (!session_plan(run->session)) return 0;
  engine *to = session_engine(run->session);
  to->cancelled = run->s->base->cancelled;
  return rescore(to, &asked);
}

/* ---- parameters ------------------------------------------------------------------------------------------------ */

/* A numeric parameter as a profile writes it. */
static const char *written(const study *s, const tarazu_param *p, double value)
{
  if (p->kind == TARAZU_INTEGER) return arena_format(s->r->arena, "%.0f", value);
  return arena_format(s->r->arena, "%.10g%s", value, p->kind == TARAZU_DURATION ? " days" : "");
}

/* A tenth more or less, of whole numbers at least 1, of a proportion of 0 ten points; within the range. 0: there is no
 * such step: a tenth of 0 is none. */
static int step_from(const tarazu_param *p, const tarazu_value *v, int sign, double *from, double *to)
{
  int bounded = p->least != 0 || p->most != 0;
  *from = p->kind == TARAZU_INTEGER ? (double)v->integer : v->real;
  double size = fabs(*from) / 10;
  if (p->kind == TARAZU_INTEGER) size = fmax(1, round(size));
  if (p->kind == TARAZU_PROPORTION && size == 0) size = 0.1;
  if (!(size > 0) || !isfinite(size)) return 0;
  *to = *from + sign * size;
  if (bounded) *to = fmin(fmax(*to, p->least), p->most);
  if (!bounded && *from >= 0 && *to < 0) return 0;
  return *to != *from;
}

static int is_numeric(const tarazu_param *p)
{
  return p->kind == TARAZU_REAL || p->kind == TARAZU_INTEGER || p->kind == TARAZU_DURATION ||
         p->kind == TARAZU_PROPORTION;
}

/* `KEY.params.NAME=VALUE` where the plugin stands in a map of its own, else `KEY={plugin: ID, params: {…}}`. */
static const char *assignment(const study *s, const char *key, const char *id, const char *name, const char *value)
{
  const node *at = session_root(s->r->session);
  char part[128];
  for (const char *from = key; at && *from;) {
    size_t length = strcspn(from, ".");
    snprintf(part, sizeof part, "%.*s", (int)length, from);
    if (at->kind == NODE_LIST) at = (uint32_t)atoi(part) < at->count ? at->items[atoi(part)] : NULL;
    else at = node_get(at, part);
    from += length + (from[length] == '.');
  }
  if (at && at->kind == NODE_MAP) return arena_format(s->r->arena, "%s.params.%s=%s", key, name, value);
  return arena_format(s->r->arena, "%s={plugin: %s, params: {%s: %s}}", key, id, name, value);
}

/* Where a profile would set a step's parameters; NULL: they are set elsewhere, or change no list. */
static const char *setting_of(const study *s, const step *p, int *whole)
{
  const profile *f = s->base->plan->profile;
  const node *weigh = node_get(session_root(s->r->session), "weigh");
  *whole = p->kind == STEP_SCORER;
  if (p->kind == STEP_SCORER) return arena_format(s->r->arena, "criteria.%s", p->name);
  if (p->kind == STEP_COMBINER) return "combine";
  if (p->kind == STEP_WEIGHER)
    return weigh && weigh->kind == NODE_LIST ? arena_format(s->r->arena, "weigh.%u", p->index) : "weigh";
  if (p->kind != STEP_NORMALIZER || !strstr(p->name, ".normalize")) return NULL;
  if (f->criteria[p->index].normalizer.plugin)
    return arena_format(s->r->arena, "criteria.%s.normalize", f->criteria[p->index].name);
  return "normalize";
}

static int try_parameter(study *s, parameter_step *p, const char *setting)
{
  inner_run run = {.s = s};
  int good = open_variant(&run, settings_and(s, setting)), ran = 0;
  if (good && p->whole_run) {
    s->r->whole++;
    ran = tarazu_run(run.session) == TARAZU_GOOD && session_engine(run.session)->people.count == s->base->people.count;
    if (!ran && !problems_errors(session_problems(run.session))) p->fault = "other customers";
  } else if (good) {
    ran = combine_variant(&run);
  }
  if (ran) ran = find_list(s->r, session_engine(run.session), s->now);
  if (ran) p->to = measure(s, session_engine(run.session));
  else if (!p->fault) p->fault = first_fault(s, run.session);
  tarazu_close(run.session);
  return !is_cancelled(s);
}

static int try_step(study *s, const step *p, const char *key, int whole, uint32_t index)
{
  robustness *r = s->r;
  const tarazu_param *declared = tarazu_at(&p->strategy->params, index);
  const tarazu_value *v = tarazu_arg(&p->args.args, index);
  double from, to;
  if (!is_numeric(declared) || !v->given) return 1;
  for (int sign = -1; sign <= 1; sign += 2) {
    if (!step_from(declared, v, sign, &from, &to)) continue;
    if (whole && r->whole >= r->most_runs) {
      r->not_run++;
      continue;
    }
    parameter_step *q = arena_push(r->arena, r->parameters, r->parameter_count, r->parameter_room);
    *q = (parameter_step){.setting = arena_format(r->arena, "%s.params.%s", key, declared->name),
                          .given = written(s, declared, from),
                          .varied = written(s, declared, to),
                          .whole_run = whole};
    if (!try_parameter(s, q, assignment(s, key, p->strategy->id, declared->name, q->varied))) return 0;
  }
  return 1;
}

/* A step that takes what it has learned from a model has no parameters to vary. */
static int find_parameters(study *s)
{
  const plan *p = s->base->plan;
  int normalized = 0;
  s->done = 0;
  s->total = p->step_count;
  for (uint32_t i = 0; i < p->step_count; i++) {
    const step *one = p->steps[i];
    int whole;
    const char *key = one->strategy && !one->model ? setting_of(s, one, &whole) : NULL;
    step_on(s, "parameters");
    if (!key || (!strcmp(key, "normalize") && normalized++)) continue;
    for (uint32_t k = 0; k < one->strategy->params.count; k++)
      if (!try_step(s, one, key, whole, k)) return 0;
  }
  return 1;
}

/* ---- methods --------------------------------------------------------------------------------------------------- */

static int take_ranking(study *s, const engine *e, method_result *out)
{
  int64_t n = s->base->people.count, there = 0;
  out->ranks = malloc(((size_t)n + 1) * sizeof *out->ranks);
  out->order = malloc(((size_t)s->r->k + 1) * sizeof *out->order);
  if (!out->ranks || !out->order) return no_memory(s);
  for (int64_t i = 0; i < n; i++) {
    double score = score_at(e, i);
    out->ranks[i] = NAN;
    if (!isnan(score)) s->x[there++] = score;
  }
  if (!agreement_ranks(s->x, there, s->y)) return no_memory(s);
  there = 0;
  for (int64_t i = 0; i < n; i++)
    if (!isnan(score_at(e, i))) out->ranks[i] = s->y[there++];
  for (int64_t i = 0; i < s->r->k; i++) out->order[i] = e->order[i];
  return 1;
}

static int try_method(study *s, const char *id, method_result *out)
{
  const step *own = s->base->plan->combiner;
  inner_run run = {.s = s};
  *out = (method_result){.combiner = id, .own = !strcmp(id, own->strategy->id)};
  if (out->own) return take_ranking(s, s->base, out);
  int good = open_variant(&run, settings_and(s, arena_format(s->r->arena, "combine=%s", id))) && combine_variant(&run);
  const engine *to = good ? session_engine(run.session) : NULL;
  if (to && to->scored < s->r->k) out->fault = "it scores fewer customers than the list has seats";
  else if (to) good = take_ranking(s, to, out);
  else out->fault = first_fault(s, run.session);
  tarazu_close(run.session);
  return !is_cancelled(s) && (good || out->fault);
}

static method_pair pair_of(study *s, const method_result *a, const method_result *b)
{
  method_pair p = {NAN, NAN, NAN, NAN, NAN};
  int64_t n = 0, k = s->r->k;
  if (a->fault || b->fault) return p;
  for (int64_t i = 0; i < s->base->people.count; i++) {
    if (isnan(a->ranks[i]) || isnan(b->ranks[i])) continue;
    s->x[n] = a->ranks[i];
    s->y[n++] = b->ranks[i];
  }
  p.spearman = agreement_spearman(s->x, s->y, n);
  p.kendall = agreement_kendall(s->x, s->y, n);
  p.ws = agreement_ws(s->x, s->y, n);
  p.overlap = agreement_overlap(a->order, b->order, k, s->base->people.count);
  p.rank_biased_overlap =
      agreement_rank_biased_overlap(a->order, b->order, k, s->base->people.count, 1 - 1 / (double)k);
  return p;
}

/* The profile's own first, then those asked for, or all that are installed. */
static uint32_t list_methods(const study *s, const char *ids[MOST_METHODS])
{
  const char *own = s->base->plan->combiner->strategy->id;
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  uint32_t count = 0;
  ids[count++] = own;
  if (s->r->methods) {
    for (const char *const *id = s->r->methods; *id && count < MOST_METHODS; id++)
      if (strcmp(*id, own) != 0) ids[count++] = *id;
    return count;
  }
  uint32_t all = catalog_strategies(session_catalog(s->r->session), &strategies, &files);
  for (uint32_t i = 0; i < all && count < MOST_METHODS; i++)
    if (strategies[i]->role == TARAZU_COMBINER && strcmp(strategies[i]->id, own) != 0) ids[count++] = strategies[i]->id;
  return count;
}

static int find_methods(study *s)
{
  robustness *r = s->r;
  const char *ids[MOST_METHODS];
  uint32_t count = list_methods(s, ids);
  int good = 1;
  r->results = arena_array(r->arena, count, sizeof *r->results);
  r->pairs = arena_array(r->arena, (size_t)count * count, sizeof *r->pairs);
  s->done = 0;
  s->total = count;
  for (; good && r->result_count < count; r->result_count++) {
    good = try_method(s, ids[r->result_count], &r->results[r->result_count]);
    step_on(s, "methods");
  }
  for (uint32_t i = 0; good && i < count; i++)
    for (uint32_t k = 0; k < count; k++) r->pairs[(size_t)i * count + k] = pair_of(s, &r->results[i], &r->results[k]);
  for (uint32_t i = 0; i < count; i++) {
    free(r->results[i].ranks);
    free(r->results[i].order);
    r->results[i].ranks = NULL;
    r->results[i].order = NULL;
  }
  return good;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static int open_bench(study *s)
{
  tarazu_options options = *s->r->options;
  options.progress = NULL;
  options.save_models = NULL;
  if (session_open_on(s->r->profile, NULL, &options, &s->bench) != TARAZU_GOOD || !session_plan(s->bench)) return 0;
  session_engine(s->bench)->cancelled = s->base->cancelled;
  return 1;
}

static int look_at_base(study *s)
{
  const engine *e = s->base;
  size_t room = (size_t)e->people.count + 2;
  s->scores = malloc(room * sizeof *s->scores);
  s->x = malloc(room * sizeof *s->x);
  s->y = malloc(room * sizeof *s->y);
  s->listed = calloc(room, 1);
  s->now = calloc(room, 1);
  s->rows = malloc(room * sizeof *s->rows);
  if (!s->scores || !s->x || !s->y || !s->listed || !s->now || !s->rows) return no_memory(s);
  for (int64_t i = 0; i < e->people.count; i++) s->scores[i] = score_at(e, i);
  const selection *chosen = session_selection(s->r->session);
  s->r->own_list = e->plan->profile->limit >= 0;
  s->r->k = s->r->own_list ? chosen->count : USUAL_LENGTH;
  if (s->r->k > e->scored || !s->r->k) s->r->k = e->scored < USUAL_LENGTH ? e->scored : USUAL_LENGTH;
  if (s->r->own_list) memcpy(s->listed, chosen->key.values, (size_t)e->people.count);
  for (int64_t i = 0; !s->r->own_list && i < s->r->k; i++) s->listed[e->order[i]] = 1;
  return 1;
}

int robustness_find(robustness *r)
{
  study s = {.r = r, .base = session_engine(r->session)};
  int good = look_at_base(&s);
  if (good && s.r->k < 1) {
    problem_add(s.base->problems, EXIT_DATA, NOWHERE, "nobody has a score: there is no list to be varied");
    good = 0;
  }
  good = good && (open_bench(&s) || is_cancelled(&s));
  if (good && r->parts & ROBUST_REVERSAL) good = find_reversals(&s);
  if (good && r->parts & ROBUST_WEIGHTS) good = find_weights(&s);
  if (good && r->parts & ROBUST_PARAMETERS) good = find_parameters(&s);
  if (good && r->parts & ROBUST_METHODS) good = find_methods(&s);
  if (is_cancelled(&s)) problem_add(s.base->problems, EXIT_CANCELLED, NOWHERE, "cancelled"), good = 0;
  else if (!good && !problems_errors(s.base->problems))
    problem_add(s.base->problems, EXIT_INTERNAL, NOWHERE, "the run cannot be varied: %s", first_fault(&s, s.bench));
  tarazu_close(s.bench);
  free(s.scores);
  free(s.x);
  free(s.y);
  free(s.listed);
  free(s.now);
  free(s.rows);
  return good;
}
