/* The variants of experiments by one measure, best first. */
#include "base/grid.h"
#include "experiment/runs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20 };

/* ---- found ------------------------------------------------------------------------------------------------------- */

typedef struct search {
  best_list *best;
  arena *arena;
  unsigned measure_room, room;
} search;

static void note_measure(search *w, const char *name)
{
  best_list *b = w->best;
  for (uint32_t i = 0; i < b->measure_count; i++)
    if (strcmp(b->measures[i], name) == 0) return;
  *arena_push(w->arena, b->measures, b->measure_count, w->measure_room) = arena_copy(w->arena, name);
}

static int same_words(const char *a, const char *b)
{
  return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether the later run stands for the earlier one: of an experiment that was begun anew with other settings under its
 * name, or of the same variant with plugins that were built anew. */
static int supersedes(const store_run *later, const store_run *earlier)
{
  if (later->experiment != earlier->experiment)
    return later->experiment > earlier->experiment && same_words(later->experiment_name, earlier->experiment_name);
  return later->repeat == earlier->repeat && same_words(later->cut_off, earlier->cut_off) &&
         same_words(later->label, earlier->label) && strcmp(later->variant, earlier->variant) != 0;
}

/* Those that no later one stands for. */
static store_run *still_valid(const store_run *runs, uint32_t count, arena *home, uint32_t *kept)
{
  store_run *valid = arena_array(home, (size_t)count + 1, sizeof *valid);
  *kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t later = count;
    while (later > i + 1 && !supersedes(&runs[later - 1], &runs[i])) later--;
    if (later == i + 1) valid[(*kept)++] = runs[i];
  }
  return valid;
}

static int collect_names(store *s, const store_run *runs, uint32_t count, search *w)
{
  for (uint32_t i = 0; i < count; i++) {
    arena *own = arena_new(); /* samples are long */
    store_measure *measures;
    uint32_t found;
    int good = store_measures(s, runs[i].id, own, &measures, &found);
    for (uint32_t k = 0; good && k < found; k++) note_measure(w, measures[k].name);
    arena_free(own);
    if (!good) return 0;
  }
  return 1;
}

/* "share_captured" names "share_captured of revenue" where it is the only one that begins so. */
static const char *measure_named(const best_list *b, const char *by)
{
  const char *only = NULL;
  size_t length = by ? strlen(by) : 0;
  if (!by) return b->measure_count ? b->measures[0] : NULL;
  for (uint32_t i = 0; i < b->measure_count; i++)
    if (strcmp(b->measures[i], by) == 0) return b->measures[i];
  for (uint32_t i = 0; i < b->measure_count; i++) {
    if (strncmp(b->measures[i], by, length) != 0 || b->measures[i][length] != ' ') continue;
    if (only) return NULL;
    only = b->measures[i];
  }
  return only;
}

static int same_variant(const store_run *a, const store_run *b)
{
  return a->experiment == b->experiment && strcmp(a->variant, b->variant) == 0;
}

/* Sums for now; the mean is taken at the end. */
static void take_value(search *w, const store_run *run, const store_measure *m)
{
  best_list *b = w->best;
  uint32_t at = 0;
  b->better = m->better;
  if (isnan(m->value)) return;
  while (at < b->count && !same_variant(b->variants[at].run, run)) at++;
  if (at == b->count)
    *arena_push(w->arena, b->variants, b->count, w->room) = (best_variant){.run = run, .low = m->low, .high = m->high};
  best_variant *v = &b->variants[at];
  v->run = run;
  v->value += m->value;
  if (v->runs++) v->low = v->high = NAN;
}

static int collect_values(store *s, const store_run *runs, uint32_t count, search *w)
{
  for (uint32_t i = 0; i < count; i++) {
    arena *own = arena_new();
    store_measure *measures;
    uint32_t found;
    int good = store_measures(s, runs[i].id, own, &measures, &found);
    for (uint32_t k = 0; good && k < found; k++)
      if (strcmp(measures[k].name, w->best->measure) == 0) take_value(w, &runs[i], &measures[k]);
    arena_free(own);
    if (!good) return 0;
  }
  return 1;
}

static int descending(const void *a, const void *b)
{
  const best_variant *x = a, *y = b;
  if (x->value != y->value) return (x->value < y->value) - (x->value > y->value);
  return (x->run->id > y->run->id) - (x->run->id < y->run->id);
}

static int ascending(const void *a, const void *b)
{
  const best_variant *x = a, *y = b;
  return x->value != y->value ? -descending(a, b) : descending(a, b);
}

int runs_best(store *s, const store_run *all, uint32_t all_count, const char *by, arena *home, best_list *out)
{
  uint32_t count;
  const store_run *runs = still_valid(all, all_count, home, &count);
  search w = {.best = out, .arena = home};
  *out = (best_list){0};
  if (!collect_names(s, runs, count, &w)) return 0;
  if (!(out->measure = measure_named(out, by))) return 1;
  if (!collect_values(s, runs, count, &w)) return 0;
  for (uint32_t i = 0; i < out->count; i++) out->variants[i].value /= (double)out->variants[i].runs;
  if (out->count) qsort(out->variants, out->count, sizeof *out->variants, out->better < 0 ? ascending : descending);
  return 1;
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

static const char *figure(arena *home, double value)
{
  if (isnan(value)) return "-";
  return arena_format(home, fabs(value) >= 1000 && fabs(value) < 1e15 ? "%.0f" : "%.4g", value + 0.0);
}

void runs_best_text(const best_list *b, arena *home, text *out, screen to)
{
  grid g = grid_new(home, 8, 0x7d);
  const char *heads[] = {"place", "variant", b->measure, "from", "to", "runs", "newest run", "experiment"};
  for (int i = 0; i < 8; i++) grid_cell(&g, heads[i]);
  for (uint32_t i = 0; i < b->count && i < SHOWN; i++) {
    const best_variant *v = &b->variants[i];
    grid_cellf(&g, "%u", i + 1);
    grid_cell(&g, v->run->label ? v->run->label : v->run->variant);
    grid_cell(&g, figure(home, v->value));
    grid_cell(&g, figure(home, v->low));
    grid_cell(&g, figure(home, v->high));
    grid_cellf(&g, "%lld", (long long)v->runs);
    grid_cellf(&g, "%lld", (long long)v->run->id);
    grid_cell(&g, v->run->experiment_name);
  }
  grid_print(&g, out, to);
  if (b->count > SHOWN) text_addf(out, "… and %u more, which --json has\n", b->count - SHOWN);
  if (b->better < 0) text_add(out, "less is better\n");
  if (!b->better) text_add(out, "neither more nor less is better: the largest first\n");
}

void runs_best_json(const best_list *b, text *out)
{
  text_add(out, "{\"measure\": ");
  text_add_json(out, b->measure);
  text_addf(out, ", \"better\": %d, \"variants\": [", b->better);
  for (uint32_t i = 0; i < b->count; i++) {
    const best_variant *v = &b->variants[i];
    text_addf(out, "%s\n {\"place\": %u, \"experiment\": ", i ? "," : "", i + 1);
    text_add_json(out, v->run->experiment_name);
    text_add(out, ", \"variant\": ");
    text_add_json(out, v->run->variant);
    text_add(out, ", \"label\": ");
    text_add_json(out, v->run->label);
    const double numbers[] = {v->value, v->low, v->high};
    static const char *const names[] = {"value", "low", "high"};
    for (int k = 0; k < 3; k++) {
      text_addf(out, ", \"%s\": ", names[k]);
      text_add_number(out, numbers[k]);
    }
    text_addf(out, ", \"runs\": %lld, \"newest_run\": %lld}", (long long)v->runs, (long long)v->run->id);
  }
  text_add(out, "]}\n");
}
