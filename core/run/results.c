/* Lays out what a run found as tables: one row a customer, a criterion, a fact. */
#include "run/results.h"

#include "data/sum.h"
#include "run/confidence.h"
#include "run/grounds.h"
#include "run/stages.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- customers --------------------------------------------------------------------------------------------- */

static void add(result_table *t, const char *name, const column *from, const char *unit, int better)
{
  t->columns[t->count++] = (result_column){{.name = name, .unit = unit, .type = from->type, .better = better}, from};
}

static int rank_column(results *r)
{
  const engine *e = r->engine;
  if (e->scored == e->people.count) {
    r->rank = (column){.type = TARAZU_I64, .shared = COLUMN_BORROWED, .rows = e->people.count, .values = e->rank};
    return 1;
  }
  if (!column_new_unset(&r->rank, TARAZU_I64, e->people.count, 1)) return 0;
  for (int64_t i = 0; i < e->people.count; i++) {
    ((int64_t *)r->rank.values)[i] = e->rank[i];
    if (!e->rank[i]) r->rank.valid[i >> 3] = (uint8_t)(r->rank.valid[i >> 3] & ~(1u << (i & 7)));
  }
  column_count_nulls(&r->rank);
  return 1;
}

static void add_criterion(results *r, result_table *t, uint32_t index)
{
  const plan *p = r->engine->plan;
  const step *scorer = p->raw[index]->maker;
  const series *contribution =
      &p->combiner->outputs[p->combiner->strategy->outputs.count + p->profile->dimension_count + index];
  const char *name = p->profile->criteria[index].name;
  add(t, name, &p->raw[index]->column, p->raw[index]->unit, p->raw[index]->better);
  add(t, arena_format(r->engine->arena, "%s_normalized", name), &p->normalized[index]->column, NULL,
      p->normalized[index]->better);
  add(t, contribution->name, &contribution->column, NULL, 1);
  for (uint32_t i = 1; i < scorer->output_count; i++)
    add(t, scorer->outputs[i].name, &scorer->outputs[i].column, scorer->outputs[i].unit, scorer->outputs[i].better);
}

/* After the columns that are always there. */
static void add_confidence(results *r, result_table *t)
{
  const engine *e = r->engine;
  const confidence *c = e->confidence;
  if (!c) return;
  if (c->has_list) add(t, "key_probability", &c->probability, NULL, 1);
  for (uint32_t i = 0; i < c->band_count; i++)
    add(t, arena_format(e->arena, "within_%lld", (long long)c->bands[i]), &c->within[i], NULL, 1);
  if (!c->has_list) return;
  add(t, "confidence", &c->level, NULL, 0);
  for (uint32_t i = 0; i < e->plan->profile->criterion_count; i++)
    add(t, arena_format(e->arena, "%s_central_weight", e->plan->profile->criteria[i].name), &c->central[i], NULL, 0);
}

static int lay_out_customers(results *r)
{
  engine *e = r->engine;
  const plan *p = e->plan;
  const profile *f = p->profile;
  result_table *t = &r->customers;
  uint32_t own = p->combiner->strategy->outputs.count, room = 32 + f->dimension_count + f->criterion_count + own;
  for (uint32_t i = 0; i < p->step_count; i++) room += 3 + p->steps[i]->output_count;
  *t = (result_table){.kind = TARAZU_CUSTOMERS, .name = "customers", .rows = e->people.count, .order = e->order};
  t->columns = arena_array(e->arena, room, sizeof *t->columns);
  if (!rank_column(r)) return 0;
  add(t, "customer", &e->people.keys, NULL, 0);
  add(t, "rank", &r->rank, NULL, -1);
  add(t, "score", &p->score->column, NULL, 1);
  for (uint32_t d = 0; d < f->dimension_count; d++) {
    int used = 0;
    for (uint32_t i = 0; i < f->criterion_count; i++) used |= !strcmp(f->criteria[i].dimension, f->dimensions[d].name);
    if (used || d < 2) add(t, f->dimensions[d].name, &p->combiner->outputs[own + d].column, NULL, 1);
  }
  for (uint32_t i = 0; i < f->criterion_count; i++) add_criterion(r, t, i);
  for (uint32_t i = 1; i < own; i++)
    add(t,
        arena_format(e->arena, "score_%s",
                     ((const tarazu_output *)tarazu_at(&p->combiner->strategy->outputs, i))->name),
        &p->combiner->outputs[i].column, NULL, 0);
  for (uint32_t i = 0; i < f->segment_count; i++) {
    const step *s = p->segmenters[i];
    for (uint32_t k = 0; k < s->output_count; k++)
      add(t, s->outputs[k].name, &s->outputs[k].column, s->outputs[k].unit, 0);
  }
  add(t, "key_customer", &r->selection->key, NULL, 0);
  add(t, "reason", &r->selection->reason, NULL, 0);
  add(t, "coverage", &e->coverage, NULL, 1);
  if (!e->unread && !grounds_columns(e, r->selection, r->words, r->grounds)) return 0;
  for (int k = 0; !e->unread && k < MOST_GROUNDS; k++)
    add(t, arena_format(e->arena, "reason_%d", k + 1), &r->grounds[k], NULL, 0);
  add_confidence(r, t);
  return 1;
}

/* ---- criteria and facts ------------------------------------------------------------------------------------ */

/* The small tables' columns are made row by row: a text or a number a cell. */
static column *own_column(results *r, result_table *t, const char *name, uint32_t type)
{
  column *c = &r->own[r->own_count++];
  if (!column_new(c, type, t->rows, 1)) return NULL;
  add(t, name, c, NULL, 0);
  return c;
}

static void set_text(results *r, column *c, int64_t row, const char *words)
{
  if (words) ((int32_t *)c->values)[row] = dictionary_add(r->words, words, strlen(words));
  else c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] & ~(1u << (row & 7)));
}

static void set_real(column *c, int64_t row, double value)
{
  if (isfinite(value)) ((double *)c->values)[row] = value;
  else c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] & ~(1u << (row & 7)));
}

typedef struct spread_of {
  double least, most, mean;
} spread_of;

static spread_of measure(const column *c)
{
  spread_of s = {NAN, NAN, NAN};
  const double *values = c->values;
  for (int64_t i = 0; i < c->rows; i++) {
    if (!column_is_valid(c, i)) continue;
    if (!(s.least <= values[i])) s.least = values[i];
    if (!(s.most >= values[i])) s.most = values[i];
  }
  if (!isnan(s.least)) s.mean = mean_exact(values, c->valid, c->rows);
  return s;
}

/* The exact mean of a million costs more than a pass of a combiner. */
static spread_of spread(engine *e, const series *of)
{
  spread_of s;
  if (stages_recall(e, of, "spread", &s, sizeof s)) return s;
  s = measure(&of->column);
  stages_remember(e, of, "spread", &s, sizeof s);
  return s;
}

static int lay_out_criteria(results *r)
{
  static const char *const texts[] = {"criterion", "dimension", "plugin", "normalizer", "better"};
  static const char *const reals[] = {"weight", "missing", "least", "mean", "most"};
  engine *e = r->engine;
  const plan *p = e->plan;
  result_table *t = &r->criteria;
  column *words[5], *numbers[5];
  *t = (result_table){.kind = TARAZU_CRITERIA, .name = "criteria", .rows = p->profile->criterion_count};
  t->columns = arena_array(e->arena, 10, sizeof *t->columns);
  for (int i = 0; i < 5; i++)
    if (!(words[i] = own_column(r, t, texts[i], TARAZU_TEXT))) return 0;
  for (int i = 0; i < 5; i++)
    if (!(numbers[i] = own_column(r, t, reals[i], TARAZU_F64))) return 0;
  for (uint32_t i = 0; i < p->profile->criterion_count; i++) {
    const criterion_profile *c = &p->profile->criteria[i];
    const step *normalizer = p->normalized[i]->maker;
    spread_of s = spread(e, p->measured[i]);
    const char *cells[] = {c->name, c->dimension, c->scorer.plugin,
                           normalizer->kind == STEP_NORMALIZER ? normalizer->strategy->id : NULL,
                           p->raw[i]->better < 0 ? "less" : "more"};
    double values[] = {e->weights[i], (double)p->raw[i]->column.nulls, s.least, s.mean, s.most};
    for (int k = 0; k < 5; k++) {
      set_text(r, words[k], i, cells[k]);
      set_real(numbers[k], i, values[k]);
    }
  }
  return 1;
}

static int64_t count_facts(const engine *e)
{
  int64_t count = 0;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    count += instance_facts(&e->instances[i]).count;
  }
  return count;
}

static int lay_out_facts(results *r)
{
  static const char *const levels[] = {"fact", "warning", "not to be trusted"};
  engine *e = r->engine;
  result_table *t = &r->facts;
  *t = (result_table){.kind = TARAZU_FACTS, .name = "facts", .rows = count_facts(e)};
  t->columns = arena_array(e->arena, 6, sizeof *t->columns);
  column *of = own_column(r, t, "of", TARAZU_TEXT), *name = own_column(r, t, "fact", TARAZU_TEXT),
         *words = own_column(r, t, "text", TARAZU_TEXT);
  column *value = own_column(r, t, "value", TARAZU_F64), *deviation = own_column(r, t, "standard_error", TARAZU_F64),
         *level = own_column(r, t, "level", TARAZU_TEXT);
  int64_t row = 0;
  if (!of || !name || !words || !value || !deviation || !level) return 0;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    tarazu_list facts = instance_facts(&e->instances[i]);
    for (uint32_t k = 0; k < facts.count && row < t->rows; k++, row++) {
      const tarazu_fact *f = tarazu_at(&facts, k);
      set_text(r, of, row, e->plan->steps[i]->name);
      set_text(r, name, row, f->name);
      set_text(r, words, row, f->text);
      set_real(value, row, f->text && f->value == 0 && f->error < 0 ? NAN : f->value);
      set_real(deviation, row, f->error < 0 ? NAN : f->error);
      set_text(r, level, row, levels[f->level < 0 || f->level > 2 ? 2 : f->level]);
    }
  }
  return 1;
}

static int is_empty(const column *c)
{
  for (int64_t i = 0; i < c->rows; i++)
    if (column_is_valid(c, i)) return 0;
  return 1;
}

/* What a strategy warns of in its own facts, at its place in the profile; of many the first. */
static void warn_of_facts(const results *r, const step *s, const tarazu_list *facts)
{
  enum { MOST = 5 };
  static const char *const words[] = {"", "", "not to be trusted: "};
  problems *found = r->engine->problems;
  uint32_t told = 0;
  for (uint32_t i = 0; i < facts->count; i++) {
    const tarazu_fact *f = tarazu_at(facts, i);
    int32_t level = f->level < 0 || f->level > 2 ? 2 : f->level;
    if (level == 0 || told++ >= MOST) continue;
    if (f->text && f->value == 0) problem_warn(found, s->place, "%s: %s%s", s->subject, words[level], f->text);
    else if (f->text)
      problem_warn(found, s->place, "%s: %s%s (%s %.6g)", s->subject, words[level], f->text, f->name, f->value);
    else problem_warn(found, s->place, "%s: %s%s is %.6g", s->subject, words[level], f->name, f->value);
  }
  if (told > MOST)
    problem_warn(found, s->place, "%s: %u more warnings of this kind are among the facts of the manifest", s->subject,
                 told - MOST);
}

void results_warn(const results *r)
{
  const engine *e = r->engine;
  const profile *f = e->plan->profile;
  for (uint32_t i = 0; i < e->plan->step_count; i++) {
    const step *s = e->plan->steps[i];
    tarazu_list facts = instance_facts(&e->instances[i]);
    warn_of_facts(r, s, &facts);
  }
  for (uint32_t i = 0; e->people.count && i < f->criterion_count; i++)
    if (is_empty(&e->plan->raw[i]->column) && !criterion_skipped(e, i))
      problem_warn(e->problems, f->criteria[i].place,
                   "criterion '%s' has a value for no customer, so it decides nothing", f->criteria[i].name);
}

int results_make(engine *e, const selection *chosen, results *out)
{
  *out = (results){.engine = e, .selection = chosen, .words = dictionary_new()};
  out->own = arena_array(e->arena, 16, sizeof *out->own);
  if (!out->words || !lay_out_customers(out) || !lay_out_criteria(out) || !lay_out_facts(out)) return 0;
  for (int k = 0; k < MOST_GROUNDS; k++) out->grounds[k].dictionary = dictionary_view(out->words);
  for (uint32_t i = 0; i < out->own_count; i++) {
    column_count_nulls(&out->own[i]);
    if (out->own[i].type == TARAZU_TEXT) out->own[i].dictionary = dictionary_view(out->words);
  }
  return 1;
}

void results_free(results *r)
{
  column_free(&r->rank);
  for (int k = 0; k < MOST_GROUNDS; k++) column_free(&r->grounds[k]);
  for (uint32_t i = 0; i < r->own_count; i++) column_free(&r->own[i]);
  dictionary_free(r->words);
  *r = (results){0};
}

const result_table *results_table(const results *r, const char *name)
{
  const result_table *all[] = {&r->customers, &r->criteria, &r->facts};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (!strcmp(all[i]->name, name)) return all[i];
  return NULL;
}

/* Inlined with a constant width: a copy of any width would be a call a cell. */
static inline void gather_values(char *to, const char *from, const int64_t *order, int64_t rows, size_t width)
{
  for (int64_t i = 0; i < rows; i++) memcpy(to + (size_t)i * width, from + (size_t)order[i] * width, width);
}

static void gather_nulls(const column *from, const int64_t *order, int64_t first, int64_t rows, column *to)
{
  for (int64_t i = 0; i < rows; i++) {
    if (column_is_valid(from, order ? order[i] : first + i)) continue;
    to->valid[i >> 3] = (uint8_t)(to->valid[i >> 3] & ~(1u << (i & 7)));
    to->nulls++;
  }
}

void results_gather(const result_table *t, uint32_t index, int64_t first, int64_t rows, column *to)
{
  const column *from = t->columns[index].column;
  const int64_t *order = t->order ? t->order + first : NULL;
  size_t width = column_width(from->type);
  to->dictionary = from->dictionary;
  memset(to->valid, 0xff, ((size_t)rows + 7) / 8);
  to->nulls = 0;
  if (!order) memcpy(to->values, (const char *)from->values + (size_t)first * width, (size_t)rows * width);
  else if (width == 8) gather_values(to->values, from->values, order, rows, 8);
  else if (width == 4) gather_values(to->values, from->values, order, rows, 4);
  else gather_values(to->values, from->values, order, rows, width);
  if (from->valid) gather_nulls(from, order, first, rows, to);
}
