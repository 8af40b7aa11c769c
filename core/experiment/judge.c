/* From a session that ran, and what came later, to the numbers of each measure; and from lists to their stability. */
#include "experiment/judge.h"

#include "catalog/json.h"
#include "experiment/redraw.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a plan lacks ---------------------------------------------------------------------------------------- */

static int is_number(uint32_t type)
{
  return type == TARAZU_F64 || type == TARAZU_I64 || type == TARAZU_BOOL;
}

/* What a name means in a run: the score, a criterion, CRITERION.OUTPUT, a dimension's score. NULL: nothing. */
static const series *named_series(const plan *p, const char *name)
{
  const series *found = plan_series(p, name);
  int dimension = found ? -1 : profile_dimension(p->profile, name);
  if (found || !p->combiner) return found;
  if (!strcmp(name, "score")) return p->score;
  return dimension >= 0 ? &p->combiner->outputs[p->combiner->strategy->outputs.count + (uint32_t)dimension] : NULL;
}

static void tell_names(const plan *p, const char *word, problems *faults)
{
  const profile *f = p->profile;
  const char **names = NULL;
  uint32_t count = 0;
  unsigned room = 0;
  for (uint32_t i = 0; i < f->criterion_count; i++) {
    const step *s = p->raw[i] ? p->raw[i]->maker : NULL;
    *arena_push(p->arena, names, count, room) = f->criteria[i].name;
    for (uint32_t k = 0; s && k < s->output_count; k++) {
      const tarazu_output *o = tarazu_at(&s->strategy->outputs, k);
      *arena_push(p->arena, names, count, room) = arena_format(p->arena, "%s.%s", f->criteria[i].name, o->name);
    }
  }
  problem_nearest(faults, word, names, count);
}

static int check_series(const plan *p, const asked_measure *m, const asked_name *name, const char *as, problems *faults)
{
  if (!name->text) return 1;
  const series *s = named_series(p, name->text);
  if (s && is_number(s->type)) return 1;
  problem_add(faults, EXIT_PROFILE, name->place,
              s ? "measure '%s': %s '%s' is no number"
                : "measure '%s': the profile has no criterion or output '%s' for %s",
              m->name, s ? as : name->text, s ? name->text : as);
  if (!s) tell_names(p, name->text, faults);
  return 0;
}

static int check_dimension(const plan *p, const asked_measure *m, problems *faults)
{
  const profile *f = p->profile;
  const char **names = arena_array(p->arena, (size_t)f->dimension_count + 1, sizeof *names);
  if (!m->dimension.text || profile_dimension(f, m->dimension.text) >= 0) return 1;
  for (uint32_t i = 0; i < f->dimension_count; i++) names[i] = f->dimensions[i].name;
  problem_add(faults, EXIT_PROFILE, m->dimension.place, "measure '%s': the profile has no dimension '%s'", m->name,
              m->dimension.text);
  problem_nearest(faults, m->dimension.text, names, f->dimension_count);
  return 0;
}

static int check_outcome(const asked_measure *m, const judge_later *later, problems *faults)
{
  if (!m->outcome.text || !later || !later->later || outcome_column(later->later, m->outcome.text)) return 1;
  problem_add(faults, EXIT_PROFILE, m->outcome.place, "measure '%s': the outcome has no numeric output '%s'", m->name,
              strchr(m->outcome.text, '.') ? strchr(m->outcome.text, '.') + 1 : m->outcome.text);
  return 0;
}

int judge_check(const asked_measures *asked, tarazu_session *planned, const judge_later *later, problems *faults)
{
  const plan *p = session_engine(planned)->plan;
  int good = 1, lists = p->profile->limit >= 0 || p->profile->unlimited;
  for (uint32_t i = 0; i < asked->count; i++) {
    const asked_measure *m = &asked->items[i];
    good &= check_series(p, m, &m->prediction, "the prediction", faults);
    if (!m->baseline_beside) good &= check_series(p, m, &m->baseline, "the baseline", faults);
    if (!m->cost_beside) good &= check_series(p, m, &m->cost, "the cost", faults);
    good &= check_dimension(p, m, faults) & check_outcome(m, later, faults);
    if (lists || !(measure_list[m->id].needs & (MEASURE_NEEDS_LIST | MEASURE_NEEDS_LISTS))) continue;
    problem_add(faults, EXIT_PROFILE, m->place,
                "measure '%s' is of a list, but the profile chooses nobody; expected `key_customers: {limit: …}`",
                m->name);
    good = 0;
  }
  return good;
}

/* ---- one run ---------------------------------------------------------------------------------------------------- */

/* A run's columns by customer of the universe, each made once. */
typedef struct bench {
  arena *arena;
  problems *problems;
  const engine *engine;
  const judge_later *by;
  int64_t *rows; /* by row of the run */
  int64_t customers;
  const series **made_of;
  double **made;
  uint32_t made_count;
  uint8_t *known; /* 1: in the run */
  uint8_t *chosen;
  const double **parts; /* by dimension */
  uint32_t *dimension;  /* by dimension of the profile its number in parts, or UINT32_MAX */
  uint32_t dimensions;
} bench;

static double value_at(const column *c, int64_t row)
{
  if (!column_is_valid(c, row)) return NAN;
  if (c->type == TARAZU_F64) return ((const double *)c->values)[row];
  if (c->type == TARAZU_BOOL) return ((const uint8_t *)c->values)[row];
  return (double)((const int64_t *)c->values)[row];
}

static double *fresh_column(const bench *b)
{
  double *out = arena_array(b->arena, (size_t)b->customers + 1, sizeof *out);
  for (int64_t i = 0; i < b->customers; i++) out[i] = NAN;
  return out;
}

static const double *run_column(bench *b, const char *name)
{
  const series *s = named_series(b->engine->plan, name);
  for (uint32_t i = 0; i < b->made_count; i++)
    if (b->made_of[i] == s) return b->made[i];
  double *out = fresh_column(b);
  for (int64_t i = 0; i < b->engine->people.count; i++)
    if (b->rows[i] >= 0) out[b->rows[i]] = value_at(&s->column, i);
  b->made_of[b->made_count] = s;
  return b->made[b->made_count++] = out;
}

/* Who was no customer at the cut-off has no outcome, whatever she did later. */
static const double *later_column(const bench *b, const asked_measure *m)
{
  const double *from = outcome_column(b->by->later, m->outcome.text);
  double *out = fresh_column(b);
  int64_t unknown = 0, all = 0;
  for (int64_t i = 0; i < b->customers; i++) {
    if (!b->known[i]) continue;
    out[i] = from[i];
    unknown += isnan(from[i]);
    all++;
  }
  if (unknown)
    problem_warn(b->problems, m->outcome.place,
                 "measure '%s': '%s' has no value for %lld of %lld customers, who are left out; where nothing is none, "
                 "say `missing: 0` in the outcome",
                 m->name, m->outcome.text, (long long)unknown, (long long)all);
  return out;
}

static void take_list(bench *b, const selection *chosen)
{
  const uint8_t *key = chosen->key.values;
  b->known = arena_array(b->arena, (size_t)b->customers + 1, 1);
  b->chosen = arena_array(b->arena, (size_t)b->customers + 1, 1);
  for (int64_t i = 0; i < b->engine->people.count; i++) {
    if (b->rows[i] < 0) continue;
    b->known[b->rows[i]] = 1;
    b->chosen[b->rows[i]] = key[i];
  }
}

/* The criteria's contributions summed by dimension. Dimensions without a criterion do not count, but for those that
 * always exist: a profile of financial criteria alone is out of balance, and not beyond it. */
static void take_parts(bench *b)
{
  const plan *p = b->engine->plan;
  const profile *f = p->profile;
  const series *contributions = p->combiner->outputs + p->combiner->strategy->outputs.count + f->dimension_count;
  double **parts = arena_array(b->arena, (size_t)f->dimension_count + 1, sizeof *parts);
  b->dimension = arena_array(b->arena, (size_t)f->dimension_count + 1, sizeof *b->dimension);
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    int used = d < 2; /* financial, non_financial */
    for (uint32_t c = 0; c < f->criterion_count; c++) used |= !strcmp(f->criteria[c].dimension, f->dimensions[d].name);
    b->dimension[d] = used ? b->dimensions : UINT32_MAX;
    if (used) parts[b->dimensions++] = arena_array(b->arena, (size_t)b->customers + 1, sizeof **parts);
  }
  for (uint32_t c = 0; c < f->criterion_count; c++) {
    double *to = parts[b->dimension[profile_dimension(f, f->criteria[c].dimension)]];
    for (int64_t i = 0; i < b->engine->people.count; i++)
      if (b->rows[i] >= 0 && column_is_valid(&contributions[c].column, i))
        to[b->rows[i]] += ((const double *)contributions[c].column.values)[i];
  }
  b->parts = (const double **)parts;
}

static const double *beside_or_run(bench *b, const asked_name *name, int beside)
{
  if (!name->text) return NULL;
  return beside ? outcome_column(b->by->beside, name->text) : run_column(b, name->text);
}

static measure *make_measure(bench *b, const asked_measure *m)
{
  unsigned needs = measure_list[m->id].needs;
  measure_fault fault;
  if ((m->outcome.text && !b->by->later) || ((m->baseline_beside || m->cost_beside) && !b->by->beside)) {
    problem_add(b->problems, EXIT_INTERNAL, m->place, "measure '%s': what it needs was not measured", m->name);
    return NULL;
  }
  judged j = {.customers = b->customers,
              .chosen = b->chosen,
              .k = m->k,
              .score =
                  needs & MEASURE_NEEDS_SCORE ? run_column(b, m->prediction.text ? m->prediction.text : "score") : NULL,
              .outcome = m->outcome.text ? later_column(b, m) : NULL,
              .baseline = beside_or_run(b, &m->baseline, m->baseline_beside),
              .cost = beside_or_run(b, &m->cost, m->cost_beside)};
  if (needs & MEASURE_NEEDS_CONTRIBUTIONS) {
    if (!b->parts) take_parts(b);
    j.contributions = b->parts;
    j.dimensions = b->dimensions;
    if (m->dimension.text) j.dimension = b->dimension[profile_dimension(b->engine->plan->profile, m->dimension.text)];
  }
  measure *made = measure_new(m->id, &j, &fault);
  if (made) return made;
  if (fault.row >= 0) {
    size_t length;
    const char *name = universe_name(b->by->universe, fault.row, &length);
    problem_add(b->problems, EXIT_DATA, m->place, "measure '%s', customer '%.*s': %s", m->name, (int)length, name,
                fault.message);
  } else {
    problem_add(b->problems, EXIT_DATA, m->place, "measure '%s': %s", m->name, fault.message);
  }
  return NULL;
}

/* Of customers, and so drawn again. */
static int is_of_customers(const asked_measure *m)
{
  measure_kind kind = measure_list[m->id].kind;
  return kind != MEASURE_OF_STABILITY && kind != MEASURE_OF_COST;
}

static void take_tables(const asked_measures *asked, measure *const *made, arena *home, judgement *out)
{
  for (uint32_t i = 0; i < asked->count; i++) {
    measure_id id = asked->items[i].id;
    if (id == MEASURE_CALIBRATION_ERROR) {
      out->calibration[i] = arena_array(home, CALIBRATION_ROWS, sizeof **out->calibration);
      measure_calibration(made[i], out->calibration[i]);
    } else if (id == MEASURE_GINI || id == MEASURE_NORMALIZED_GINI) {
      out->gains[i] = arena_array(home, JUDGE_GAINS, sizeof **out->gains);
      measure_gains(made[i], out->gains[i], JUDGE_GAINS);
    }
  }
}

static int find_numbers(const asked_measures *asked, measure *const *made, const judge_options *how, arena *home,
                        problems *faults, judgement *out)
{
  const measure **ready = arena_array(home, (size_t)asked->count + 1, sizeof *ready);
  double **numbers = arena_array(home, (size_t)asked->count + 1, sizeof *numbers);
  uint32_t count = 0;
  size_t length = (size_t)resample_length(&out->resampling);
  for (uint32_t i = 0; i < asked->count; i++) {
    if (!made[i]) continue;
    ready[count] = made[i];
    numbers[count++] = out->numbers[i] = arena_array(home, length, sizeof(double));
  }
  int status = count ? resample_measures(&out->resampling, ready, count, how->threads, how->stop, numbers) : 1;
  if (status < 0) problem_add(faults, EXIT_CANCELLED, NOWHERE, "cancelled");
  if (!status) problem_add(faults, EXIT_INTERNAL, NOWHERE, "no memory for the measures");
  return status > 0;
}

static double stability_wanted(measure_id id, const list_stability *found)
{
  if (id == MEASURE_LIST_STABILITY) return found->stability;
  return id == MEASURE_OVERLAP ? found->overlap : found->rank_biased_overlap;
}

/* Stability between samples needs one run alone. Lists are drawn once, as many as asked for at most; a measure that
 * asks for fewer takes the first ones. */
static int find_redrawn(const asked_measures *asked, tarazu_session *ran, uint64_t seed, arena *home, problems *faults,
                        judgement *out)
{
  redrawn lists = {0};
  int64_t most = 0;
  for (uint32_t i = 0; i < asked->count; i++)
    if (asked->items[i].samples > most) most = asked->items[i].samples;
  if (most && !redraw_lists(ran, (uint32_t)most, seed, home, faults, &lists)) return 0;
  for (uint32_t i = 0; i < asked->count; i++) {
    const asked_measure *m = &asked->items[i];
    list_stability found;
    if (m->between != BETWEEN_SAMPLES) continue;
    if (!stability_of(lists.lists, m->samples, lists.customers, m->persistence, 0.95, &found)) {
      problem_add(faults, EXIT_INTERNAL, m->place, "measure '%s': no memory for its lists", m->name);
      return 0;
    }
    out->numbers[i] = arena_alloc(home, sizeof(double));
    out->numbers[i][0] = stability_wanted(m->id, &found);
  }
  return 1;
}

int judge_run(const asked_measures *asked, tarazu_session *ran, const judge_later *by, const judge_options *how,
              arena *home, problems *faults, judgement *out)
{
  const engine *e = session_engine(ran);
  bench b = {.arena = home, .problems = faults, .engine = e, .by = by, .customers = universe_count(by->universe)};
  measure **made = arena_array(home, (size_t)asked->count + 1, sizeof *made);
  size_t most = (size_t)asked->count + 1;
  *out = (judgement){.resampling = {b.customers, how->samples, how->seed}};
  out->numbers = arena_array(home, most, sizeof *out->numbers);
  out->calibration = arena_array(home, most, sizeof *out->calibration);
  out->gains = arena_array(home, most, sizeof *out->gains);
  int good = outcomes_apart(by->later, ran);
  if (!good) problems_take(faults, session_problems(ran), NULL, NULL);
  if (!judge_check(asked, ran, by, faults) || !good) return 0;
  b.rows = arena_array(home, (size_t)e->people.count + 1, sizeof *b.rows);
  b.made_of = arena_array(home, 3 * most, sizeof *b.made_of);
  b.made = arena_array(home, 3 * most, sizeof *b.made);
  universe_rows(by->universe, &e->people, b.rows);
  take_list(&b, session_selection(ran));
  for (uint32_t i = 0; i < asked->count; i++) {
    const asked_measure *m = &asked->items[i];
    if (is_of_customers(m)) {
      good &= (made[i] = make_measure(&b, m)) != NULL;
    } else if (measure_list[m->id].kind == MEASURE_OF_COST) {
      out->numbers[i] = arena_alloc(home, sizeof(double));
      out->numbers[i][0] = m->id == MEASURE_SECONDS ? how->seconds : how->memory;
    }
  }
  good = good && find_numbers(asked, made, how, home, faults, out);
  good = good && find_redrawn(asked, ran, how->seed, home, faults, out);
  if (good) take_tables(asked, made, home, out);
  for (uint32_t i = 0; i < asked->count; i++) measure_free(made[i]);
  return good;
}

/* ---- tables -------------------------------------------------------------------------------------------------------
 */

static void write_calibration(json *j, const calibration_row *rows)
{
  json_open(j, "calibration", '[');
  for (int i = 0; i < CALIBRATION_ROWS; i++) {
    json_open(j, NULL, '{');
    json_number(j, "customers", (double)rows[i].customers);
    json_number(j, "least", rows[i].least);
    json_number(j, "most", rows[i].most);
    json_number(j, "predicted", rows[i].predicted);
    json_number(j, "actual", rows[i].actual);
    json_close(j, '}');
  }
  json_close(j, ']');
}

static void write_gains(json *j, const gains_point *points)
{
  json_open(j, "gains", '[');
  for (int i = 0; i < JUDGE_GAINS; i++) {
    json_open(j, NULL, '{');
    json_number(j, "share", points[i].share);
    json_number(j, "gain", points[i].gain);
    json_number(j, "lift", points[i].lift);
    json_number(j, "best", points[i].best);
    json_close(j, '}');
  }
  json_close(j, ']');
}

void judge_tables_json(const asked_measures *asked, const judgement *of, text *out)
{
  json j = {.out = out};
  json_open(&j, NULL, '{');
  for (uint32_t i = 0; i < asked->count; i++) {
    if (!of->calibration[i] && !of->gains[i]) continue;
    json_open(&j, asked->items[i].name, '{');
    if (of->calibration[i]) write_calibration(&j, of->calibration[i]);
    else write_gains(&j, of->gains[i]);
    json_close(&j, '}');
  }
  json_close(&j, '}');
}

/* ---- stability ------------------------------------------------------------------------------------------------------
 */

/* Lists of one company as customers' numbers. */
typedef struct lists {
  ranked_list *of; /* of NULL: not there */
  int64_t **numbers;
  uint32_t count;
  int64_t customers; /* numbers are below it */
} lists;

static void lists_free(lists *l)
{
  for (uint32_t i = 0; l->numbers && i < l->count; i++) free(l->numbers[i]);
  free(l->numbers);
  free(l->of);
}

/* Customers are numbered as they are first seen; those who are on no list have the numbers behind. */
static int number_lists(const kept_list *from, uint32_t count, lists *out)
{
  dictionary *names = dictionary_new();
  int good;
  *out = (lists){
      .of = calloc(count + 1, sizeof *out->of), .numbers = calloc(count + 1, sizeof *out->numbers), .count = count};
  good = names && out->of && out->numbers;
  for (uint32_t i = 0; good && i < count; i++) {
    if (!from[i].keys) continue;
    if (from[i].customers > out->customers) out->customers = from[i].customers;
    good = (out->numbers[i] = malloc(((size_t)from[i].count + 1) * sizeof(int64_t))) != NULL;
    for (int64_t k = 0; good && k < from[i].count; k++)
      good = (out->numbers[i][k] = dictionary_add(names, from[i].keys[k], strlen(from[i].keys[k]))) >= 0;
    out->of[i] = (ranked_list){out->numbers[i], from[i].count};
  }
  if (good && (int64_t)dictionary_count(names) > out->customers) out->customers = dictionary_count(names);
  dictionary_free(names);
  return good;
}

/* A mean under way. */
typedef struct mean {
  double sum;
  int64_t count;
} mean;

static void add_to(mean *m, double value)
{
  if (isnan(value)) return;
  m->sum += value;
  m->count++;
}

static double mean_of(const mean *m)
{
  return m->count ? m->sum / (double)m->count : NAN;
}

static double wanted(measure_id id, const list_change *change)
{
  if (id == MEASURE_TURNOVER) return change->turnover;
  return id == MEASURE_OVERLAP ? change->overlap : change->rank_biased_overlap;
}

static int along_cut_offs(const asked_measure *m, const lists *l, uint32_t cut_offs, uint32_t repeats, mean *out)
{
  for (uint32_t r = 0; r < repeats; r++)
    for (uint32_t c = 1; c < cut_offs; c++) {
      const ranked_list *earlier = &l->of[(c - 1) * repeats + r], *later = &l->of[c * repeats + r];
      list_change change;
      if (!earlier->of || !later->of) continue;
      if (!stability_change(earlier, later, l->customers, m->persistence, &change)) return 0;
      add_to(out, wanted(m->id, &change));
    }
  return 1;
}

/* Lists that are there, out of count of them that are so far apart, taken all together. */
static int all_together(const asked_measure *m, const lists *l, uint32_t first, uint32_t count, uint32_t apart,
                        double level, mean *out, interval *between)
{
  ranked_list *there = calloc((size_t)count + 1, sizeof *there);
  list_stability found;
  int64_t have = 0;
  if (!there) return 0;
  for (uint32_t i = 0; i < count; i++)
    if (l->of[first + i * apart].of) there[have++] = l->of[first + i * apart];
  int good = have < 2 || stability_of(there, have, l->customers, m->persistence, level, &found);
  free(there);
  if (!good || have < 2) return good;
  add_to(out, stability_wanted(m->id, &found));
  if (m->id == MEASURE_LIST_STABILITY)
    *between = (interval){.low = found.low, .high = found.high, .method = INTERVAL_NONE};
  return 1;
}

int judge_stability(const asked_measure *m, const kept_list *from, uint32_t cut_offs, uint32_t repeats, double level,
                    double *value, interval *between)
{
  static const interval unknown = {.low = NAN, .high = NAN, .method = INTERVAL_NONE};
  int over_time =
      m->id == MEASURE_TURNOVER || m->between == BETWEEN_CUT_OFFS || (m->between == BETWEEN_USUAL && repeats < 2);
  mean all = {0};
  lists l;
  *between = unknown;
  int good = number_lists(from, cut_offs * repeats, &l);
  uint32_t sets = over_time ? repeats : cut_offs;
  if (good && over_time && m->id != MEASURE_LIST_STABILITY) {
    good = along_cut_offs(m, &l, cut_offs, repeats, &all);
  } else {
    for (uint32_t s = 0; good && s < sets; s++)
      good = over_time ? all_together(m, &l, s, cut_offs, repeats, level, &all, between)
                       : all_together(m, &l, s * repeats, repeats, 1, level, &all, between);
  }
  *value = mean_of(&all);
  if (sets > 1) *between = unknown; /* of a mean of several there is none */
  lists_free(&l);
  return good;
}
