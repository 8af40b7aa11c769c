/* The smallest changes as a part of a customer's page, and as JSON. */
#include "base/grid.h"
#include "run/smallest.h"
#include <math.h>
#include <string.h>

typedef struct printed {
  const engine *e;
  const smallest_changes *found;
  grid cells;
} printed;

static const char *name_of(const printed *p, uint32_t criterion)
{
  return p->e->plan->profile->criteria[criterion].name;
}

static void add_shift(printed *p, const shift *one, const char *prefix)
{
  double by = one->to - one->from;
  grid_cellf(&p->cells, "%s%s", prefix, name_of(p, one->criterion));
  grid_cellf(&p->cells, "%.6g", one->from);
  grid_cellf(&p->cells, "%.10g", one->to);
  grid_cellf(&p->cells, "%+.4g", by);
  if (isnan(one->seen_to)) grid_cell(&p->cells, "");
  else grid_cellf(&p->cells, "%.4g to %.4g", one->seen_from, one->seen_to);
}

static void add_change(printed *p, const smallest_change *c, int is_weight)
{
  for (uint32_t k = 0; k < c->count; k++) {
    add_shift(p, &c->shifts[k], k ? "and " : "");
    int last = k + 1 == c->count;
    if (last && !is_weight) grid_cellf(&p->cells, "%.2f", c->size);
    else grid_cell(&p->cells, "");
    const char *note = c->tried ? "" : "as what-if rows say, not tried on everybody";
    grid_cell(&p->cells, !last ? "" : c->any ? "next to nothing is enough" : note);
  }
}

/* Criteria without a change, those of one reason in a line. */
static void print_none(const printed *p, const smallest_change *all, uint32_t count, text *out)
{
  for (uint32_t i = 0; i < count; i++) {
    int told = !all[i].why;
    for (uint32_t k = 0; !told && k < i; k++) told = all[k].why && !strcmp(all[k].why, all[i].why);
    if (told) continue;
    text_add(out, all[i].why);
    for (uint32_t k = i; k < count; k++)
      if (all[k].why && !strcmp(all[k].why, all[i].why))
        text_addf(out, "%s%s", k == i ? ": " : ", ", name_of(p, all[k].shifts[0].criterion));
    text_add(out, "\n");
  }
}

static void print_changes(printed *p, const char *what, const smallest_change *all, uint32_t count, int is_weight,
                          text *out)
{
  const char *heads[] = {what, "from", "to", "change", is_weight ? "" : "seen as", is_weight ? "" : "spreads", ""};
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; i++) found += !all[i].why;
  p->cells = grid_new(p->e->arena, 7, 2 | 4 | 8 | 16 | 32);
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) grid_cell(&p->cells, heads[i]);
  for (uint32_t i = 0; i < count; i++)
    if (!all[i].why) add_change(p, &all[i], is_weight);
  if (found) grid_print(&p->cells, out, (screen){0});
  else text_addf(out, "%s\n", what);
  print_none(p, all, count, out);
  text_add(out, "\n");
}

void smallest_print(const engine *e, const smallest_changes *found, text *out)
{
  printed p = {.e = e, .found = found};
  const char *what = found->listed ? "take her off the list" : "bring her onto the list";
  if (found->why) {
    text_addf(out, "No change of a value or a weight would %s: %s.\n\n", what, found->why);
    return;
  }
  text_addf(out, "The smallest changes that would %s, all else as it is:\n\n", what);
  print_changes(&p, "one value", found->values, found->count, 0, out);
  if (found->pair_count) print_changes(&p, "two values", found->pairs, found->pair_count, 0, out);
  else if (found->count > 1)
    text_addf(out, "two values\n%s\n\n", found->why_pairs ? found->why_pairs : "none ask for less than one alone");
  print_changes(&p, "one weight", found->weights, found->count, 1, out);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void add_number(text *out, const char *name, double value)
{
  text_addf(out, ", \"%s\": ", name);
  text_add_number(out, value);
}

static void json_shift(const engine *e, const shift *one, int is_weight, text *out)
{
  text_add(out, "{\"criterion\": ");
  text_add_json(out, e->plan->profile->criteria[one->criterion].name);
  add_number(out, "from", one->from);
  add_number(out, "to", one->to);
  if (is_weight) return;
  add_number(out, "normalized_from", one->seen_from);
  add_number(out, "normalized_to", one->seen_to);
}

static void json_change(const engine *e, const smallest_change *c, int is_weight, text *out)
{
  if (c->count > 1) {
    text_add(out, "{\"of\": [");
    for (uint32_t k = 0; k < c->count; k++) {
      text_add(out, k ? ", " : "");
      json_shift(e, &c->shifts[k], 0, out);
      text_add(out, "}");
    }
    text_add(out, "]");
  } else {
    json_shift(e, &c->shifts[0], is_weight, out);
  }
  add_number(out, "size", c->size);
  text_addf(out, ", \"tried\": %s, \"any\": %s, \"none\": ", c->tried ? "true" : "false", c->any ? "true" : "false");
  text_add_json(out, c->why);
  text_add(out, "}");
}

static void json_changes(const engine *e, const char *name, const smallest_change *changes, uint32_t count,
                         int is_weight, text *out)
{
  text_addf(out, ", \"%s\": [", name);
  for (uint32_t i = 0; i < count; i++) {
    text_add(out, i ? ", " : "");
    json_change(e, &changes[i], is_weight, out);
  }
  text_add(out, "]");
}

void smallest_print_json(const engine *e, const smallest_changes *found, text *out)
{
  uint32_t count = found->why ? 0 : found->count;
  text_addf(out, ", \"changes\": {\"toward\": \"%s\", \"none\": ", found->listed ? "off the list" : "onto the list");
  text_add_json(out, found->why ? found->why : found->why_pairs);
  json_changes(e, "one_value", found->values, count, 0, out);
  json_changes(e, "two_values", found->pairs, found->why ? 0 : found->pair_count, 0, out);
  json_changes(e, "one_weight", found->weights, count, 1, out);
  text_add(out, "}");
}
