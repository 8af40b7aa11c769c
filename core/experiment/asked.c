/* Reads the section `measure`; every fault is told with its place. */
#include "experiment/asked.h"

#include "config/value.h"
#include <string.h>

/* How likely a reader of a list goes on to the next place: the first fifty weigh about two thirds (Webber, Moffat,
 * Zobel 2010). */
static const double USUAL_PERSISTENCE = 0.98;

/* Lists on customers drawn anew, where nobody says how many. */
enum { USUAL_SAMPLES = 20 };

typedef struct reader {
  arena *arena;
  problems *problems;
  const outcomes *later;
  asked_measures *out;
} reader;

/* A measure under way. */
typedef struct reading {
  reader *r;
  const node *item;
  const char *what; /* "measure[2]" */
  asked_measure *to;
  unsigned needs;
} reading;

static int is_stability(const asked_measure *m)
{
  return measure_list[m->id].kind == MEASURE_OF_STABILITY;
}

int asked_of_lists(const asked_measure *m)
{
  return is_stability(m) && m->between != BETWEEN_SAMPLES;
}

static int fault(const reading *in, const node *at)
{
  char found[80];
  problem_add(in->r->problems, EXIT_PROFILE, at->place, "%s: found %s, expected a name", in->what,
              value_found(at, found));
  return 0;
}

static int take_name(const reading *in, const node *value, asked_name *to)
{
  to->place = value->place;
  if (value->kind != NODE_SCALAR || value_is_null(value) || !*value->text) return fault(in, value);
  to->text = value->text;
  return 1;
}

/* ---- the outcome --------------------------------------------------------------------------------------------- */

static void tell_outcomes(const reading *in, const char *word)
{
  const outcomes *later = in->r->later;
  const char **names = arena_array(in->r->arena, (size_t)later->count + 1, sizeof *names);
  for (uint32_t i = 0; i < later->count; i++) names[i] = later->criteria->entries[i].key->text;
  problem_nearest(in->r->problems, word, names, later->count);
}

static int check_outcome(const reading *in)
{
  const asked_name *name = &in->to->outcome;
  const outcomes *later = in->r->later;
  if (!later->count)
    problem_add(in->r->problems, EXIT_PROFILE, in->to->place,
                "%s: '%s' needs an outcome, but there is none; expected `outcomes: {NAME: {plugin: …}}`", in->what,
                measure_list[in->to->id].name);
  else if (!name->text)
    problem_add(in->r->problems, EXIT_PROFILE, in->to->place, "%s: which outcome? expected `%s: OUTCOME`", in->what,
                measure_list[in->to->id].name);
  else if (!outcome_named(later, name->text)) {
    problem_add(in->r->problems, EXIT_PROFILE, name->place, "%s: there is no outcome '%s'", in->what, name->text);
    tell_outcomes(in, name->text);
  } else {
    return 1;
  }
  return 0;
}

/* What stands behind the measure's own name: the outcome, the dimension, the cost, or nothing. An only outcome need not
 * be named. */
static int read_subject(const reading *in, const node *value)
{
  asked_measure *to = in->to;
  asked_name *subject = in->needs & MEASURE_NEEDS_OUTCOME     ? &to->outcome
                        : in->needs & MEASURE_NEEDS_DIMENSION ? &to->dimension
                        : in->needs & MEASURE_NEEDS_COST      ? &to->cost
                                                              : NULL;
  int given = value && !value_is_null(value);
  if (given && !subject) {
    problem_add(in->r->problems, EXIT_PROFILE, value->place, "%s: '%s' is of nothing else; expected it alone", in->what,
                measure_list[to->id].name);
    return 0;
  }
  if (given && subject == &to->cost && value->kind == NODE_MAP) return 1; /* read as `cost` */
  if (given && !take_name(in, value, subject)) return 0;
  if (subject == &to->outcome && !given && in->r->later->count == 1)
    to->outcome = (asked_name){in->r->later->criteria->entries[0].key->text, to->place};
  if (subject == &to->outcome) return check_outcome(in);
  if (subject == &to->dimension && !given) {
    problem_add(in->r->problems, EXIT_PROFILE, to->place, "%s: which dimension? expected `%s: DIMENSION`", in->what,
                measure_list[to->id].name);
    return 0;
  }
  return 1;
}

/* ---- the further keys ---------------------------------------------------------------------------------------- */

/* A baseline or cost: of the run, or a criterion of its own, measured beside. */
static int read_beside(const reading *in, const node *value, const char *key, asked_name *to, int *beside)
{
  reader *r = in->r;
  if (value->kind != NODE_MAP) return take_name(in, value, to);
  const char *name = arena_format(r->arena, "beside_%u", r->out->beside.count + 1);
  *to = (asked_name){name, value->place};
  *beside = 1;
  return outcomes_add(&r->out->beside, name, value, arena_format(r->arena, "%s: %s", in->what, key), r->arena,
                      r->problems);
}

static int read_further(const reading *in, const char *key, const node *value)
{
  static const char *const betweens[] = {"cut_offs", "repeats", "samples", NULL};
  asked_measure *to = in->to;
  reader *r = in->r;
  const char *what = arena_format(r->arena, "%s: %s", in->what, key);
  int between;
  if (!strcmp(key, "name")) return value_string(value, what, r->problems, &to->name);
  if (!strcmp(key, "prediction")) return take_name(in, value, &to->prediction);
  if (!strcmp(key, "baseline")) return read_beside(in, value, key, &to->baseline, &to->baseline_beside);
  if (!strcmp(key, "cost")) return read_beside(in, value, key, &to->cost, &to->cost_beside);
  if (!strcmp(key, "k")) return value_integer(value, what, 1, INT64_MAX, r->problems, &to->k);
  if (!strcmp(key, "persistence")) return value_real(value, what, 0.01, 0.9999, r->problems, &to->persistence);
  if (!strcmp(key, "samples")) return value_integer(value, what, 2, 1000, r->problems, &to->samples);
  if (!value_choice(value, what, betweens, r->problems, &between)) return 0;
  to->between = (asked_between)(BETWEEN_CUT_OFFS + between);
  return 1;
}

void asked_keys(measure_id id, const char *keys[ASKED_KEYS])
{
  const measure_about *about = &measure_list[id];
  unsigned needs = about->needs;
  uint32_t count = 0;
  keys[count++] = about->name;
  keys[count++] = "name";
  if (needs & MEASURE_NEEDS_SCORE) keys[count++] = "prediction";
  if (needs & MEASURE_NEEDS_BASELINE) keys[count++] = "baseline";
  if (needs & MEASURE_NEEDS_COST) keys[count++] = "cost";
  if (needs & MEASURE_TAKES_K) keys[count++] = "k";
  if (id == MEASURE_RANK_BIASED_OVERLAP) keys[count++] = "persistence";
  if (about->kind == MEASURE_OF_STABILITY && id != MEASURE_TURNOVER) {
    keys[count++] = "between";
    keys[count++] = "samples";
  }
  keys[count] = NULL;
}

static int read_keys(const reading *in)
{
  const char *keys[ASKED_KEYS];
  int good = 1;
  if (in->item->kind != NODE_MAP) return 1;
  asked_keys(in->to->id, keys);
  if (!value_keys(in->item, in->what, keys, in->r->problems)) return 0;
  for (uint32_t i = 0; i < in->item->count; i++) {
    const entry *e = &in->item->entries[i];
    if (strcmp(e->key->text, keys[0]) != 0) good &= read_further(in, e->key->text, e->value);
    else if (in->to->id == MEASURE_LIST_COST && e->value->kind == NODE_MAP) good &= read_further(in, "cost", e->value);
  }
  return good;
}

/* What a measure cannot do without and nobody could guess. */
static int check_complete(const reading *in)
{
  const asked_measure *m = in->to;
  const char *lacks = NULL;
  if (in->needs & MEASURE_NEEDS_BASELINE && !m->baseline.text) lacks = "baseline";
  if (in->needs & MEASURE_NEEDS_COST && !m->cost.text) lacks = "cost";
  if (m->samples && m->between != BETWEEN_SAMPLES) {
    problem_add(in->r->problems, EXIT_PROFILE, m->place, "%s: 'samples' is expected beside `between: samples` alone",
                in->what);
    return 0;
  }
  if (!lacks) return 1;
  problem_add(in->r->problems, EXIT_PROFILE, m->place,
              "%s: '%s' needs a %s: a criterion of the profile, or one of its own, `%s: {plugin: …}`", in->what,
              measure_list[m->id].name, lacks, lacks);
  return 0;
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static void name_it(const reading *in)
{
  asked_measure *m = in->to;
  text out = {0};
  if (m->name) return;
  text_add(&out, measure_list[m->id].name);
  if (m->outcome.text) text_addf(&out, " of %s", m->outcome.text);
  else if (m->dimension.text) text_addf(&out, " of %s", m->dimension.text);
  else if (m->cost.text && !m->cost_beside) text_addf(&out, " of %s", m->cost.text);
  if (m->prediction.text) text_addf(&out, " by %s", m->prediction.text);
  if (m->baseline.text && !m->baseline_beside) text_addf(&out, " by %s", m->baseline.text);
  if (m->between == BETWEEN_SAMPLES) text_add(&out, " between samples");
  if (m->k) text_addf(&out, " at %lld", (long long)m->k);
  m->name = arena_copy(in->r->arena, text_string(&out));
  text_free(&out);
}

static int is_new(const reading *in)
{
  const asked_measures *out = in->r->out;
  for (uint32_t i = 0; i < out->count; i++) {
    if (&out->items[i] == in->to || strcmp(out->items[i].name, in->to->name) != 0) continue;
    problem_add(in->r->problems, EXIT_PROFILE, in->to->place,
                "%s: '%s' is asked for twice (line %d); give one of them a `name`", in->what, in->to->name,
                out->items[i].place.line);
    return 0;
  }
  return 1;
}

/* ---- the list -------------------------------------------------------------------------------------------------- */

/* The key of a map that is a measure's name; NULL: none, or several, and that is told. */
static const entry *measure_of(const reading *in, measure_id *id)
{
  const entry *found = NULL;
  for (uint32_t i = 0; i < in->item->count; i++) {
    const entry *e = &in->item->entries[i];
    if (found && measure_find(e->key->text, id)) {
      problem_add(in->r->problems, EXIT_PROFILE, e->key->place,
                  "%s: found '%s' beside '%s', expected one measure an item", in->what, e->key->text, found->key->text);
      return NULL;
    }
    if (!found && measure_find(e->key->text, id)) found = e;
  }
  if (found) {
    measure_find(found->key->text, id);
    return found;
  }
  const node *first = in->item->count ? in->item->entries[0].key : in->item;
  const char *word = first->text ? first->text : "", *near = NULL;
  for (uint32_t i = 0; i < in->item->count && !near; i++)
    if ((near = measure_nearest(in->item->entries[i].key->text))) first = in->item->entries[i].key, word = first->text;
  problem_add(in->r->problems, EXIT_PROFILE, first->place, "%s: '%s' is no measure", in->what, word);
  if (near) problem_hint(in->r->problems, "did you mean '%s'?", near);
  return NULL;
}

static int read_measure(reading *in)
{
  const node *item = in->item, *value = NULL;
  char found[80];
  in->to->place = item->place;
  if (item->kind == NODE_MAP) {
    const entry *e = measure_of(in, &in->to->id);
    if (!e) return 0;
    in->to->place = e->key->place;
    value = e->value;
  } else if (item->kind != NODE_SCALAR || !measure_find(item->text, &in->to->id)) {
    problem_add(in->r->problems, EXIT_PROFILE, item->place,
                "%s: found %s, expected a measure, as `share_captured: OUTCOME`", in->what, value_found(item, found));
    const char *near = item->kind == NODE_SCALAR ? measure_nearest(item->text) : NULL;
    if (near) problem_hint(in->r->problems, "did you mean '%s'?", near);
    return 0;
  }
  in->needs = measure_list[in->to->id].needs;
  in->to->persistence = USUAL_PERSISTENCE;
  int good = read_subject(in, value);
  good &= read_keys(in);
  if (!good || !check_complete(in)) return 0;
  if (in->to->between == BETWEEN_SAMPLES && !in->to->samples) in->to->samples = USUAL_SAMPLES;
  name_it(in);
  return is_new(in);
}

int measures_read(const node *section, const outcomes *later, arena *home, problems *faults, asked_measures *out)
{
  reader r = {home, faults, later, out};
  char found[80];
  int good = 1;
  *out = (asked_measures){0};
  if (!section || section->kind != NODE_LIST || !section->count) {
    problem_add(faults, EXIT_PROFILE, section ? section->place : NOWHERE,
                "measure: found %s, expected a list of measures, as `- share_captured: OUTCOME`",
                section && section->kind == NODE_LIST ? "an empty list" : value_found(section, found));
    return 0;
  }
  out->items = arena_array(home, section->count, sizeof *out->items);
  for (uint32_t i = 0; i < section->count; i++) {
    reading in = {.r = &r,
                  .item = section->items[i],
                  .what = arena_format(home, "measure[%u]", i),
                  .to = &out->items[out->count]};
    if (read_measure(&in)) out->count++;
    else good = 0, *in.to = (asked_measure){0};
  }
  return good;
}
