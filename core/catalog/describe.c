/* What declarations say, laid out for a terminal. */
#include "catalog/describe.h"

#include "catalog/words.h"
#include <string.h>

enum { MOST_CELLS = 5 };

typedef struct row {
  const char *cells[MOST_CELLS];
} row;
#define ROW(...) ((row){{__VA_ARGS__}})

/* Rows of cells that are printed below each other. */
typedef struct grid {
  arena *arena;
  text *out;
  int colour;
  row *rows;
  unsigned count, room, cells;
} grid;

static void add_row(grid *g, row cells)
{
  *arena_push(g->arena, g->rows, g->count, g->room) = cells;
}

/* The first row is the heading. The last cell is not padded, so that no line ends in spaces. */
static void print_grid(grid *g)
{
  int widths[MOST_CELLS] = {0};
  for (unsigned r = 0; r < g->count; r++)
    for (unsigned k = 0; k < g->cells; k++) {
      int width = text_columns(g->rows[r].cells[k], strlen(g->rows[r].cells[k]));
      if (width > widths[k]) widths[k] = width;
    }
  for (unsigned r = 0; r < g->count; r++) {
    text line = {0};
    for (unsigned k = 0; k < g->cells; k++) {
      const char *cell = g->rows[r].cells[k];
      text_addf(&line, "  %s%*s", cell, widths[k] - text_columns(cell, strlen(cell)), "");
    }
    while (line.length && line.bytes[line.length - 1] == ' ') line.bytes[--line.length] = 0;
    text_addf(g->out, r || !g->colour ? "%s\n" : "\033[2m%s\033[0m\n", text_string(&line));
    text_free(&line);
  }
  g->count = g->room = 0;
  g->rows = NULL;
}

static void print_title(text *out, const char *title, int colour)
{
  text_addf(out, colour ? "\033[1m%s\033[0m\n" : "%s\n", title);
}

/* ---- the list ---------------------------------------------------------------------------------------------- */

static void print_faults(catalog *c, grid *g)
{
  add_row(g, ROW("file", "cannot be used"));
  for (uint32_t i = 0; i < catalog_files(c); i++) {
    const plugin_file *file = catalog_file(c, i);
    if (file->fault) add_row(g, ROW(file->path, file->fault));
  }
  g->cells = 2;
  if (g->count > 1) text_add(g->out, "\n");
  if (g->count > 1) print_grid(g);
}

static int is_usual(const tarazu_strategy *s)
{
  return (s->flags & TARAZU_USUAL) != 0;
}

void describe_list(catalog *c, text *out, int colour)
{
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  grid g = {.arena = arena_new(), .out = out, .colour = colour, .cells = 4};
  uint32_t count = catalog_strategies(c, &strategies, &files);
  add_row(&g, ROW("role", "strategy", "version", "summary"));
  for (uint32_t i = 0; i < count; i++)
    add_row(&g, ROW(role_name(strategies[i]->role), strategies[i]->id, strategies[i]->version,
                    is_usual(strategies[i]) ? arena_format(g.arena, "%s (the usual one)", strategies[i]->summary)
                                            : strategies[i]->summary));
  if (count) print_grid(&g);
  else text_add(out, "no plugins were found\n"), g.count = g.room = 0, g.rows = NULL;
  print_faults(c, &g);
  arena_free(g.arena);
}

/* ---- one strategy ------------------------------------------------------------------------------------------ */

static const char *with_unit(grid *g, const char *words, const char *between, const char *unit)
{
  return unit && *unit ? arena_format(g->arena, "%s%s%s", words, *words ? between : "", unit) : words;
}

static void add_params(grid *g, const tarazu_list *params, const char *indent)
{
  for (uint32_t i = 0; i < params->count; i++) {
    const tarazu_param *p = tarazu_at(params, i);
    add_row(g, ROW(arena_format(g->arena, "%s%s", indent, p->name), kind_name(p->kind),
                   p->initial    ? p->initial
                   : p->optional ? "none"
                                 : "required",
                   with_unit(g, range_words(p, g->arena), " ", p->unit), p->help));
    add_params(g, &p->fields, arena_format(g->arena, "%s  ", indent));
  }
}

static const char *span_words(const tarazu_field *field)
{
  return field->span == TARAZU_FIRST_PERIOD ? " of the first period" : field->span ? " of the later periods" : "";
}

/* "sum of number of the later periods, within window" */
static const char *field_type(grid *g, const tarazu_field *field)
{
  const char *aggregate = aggregate_name(field->aggregate);
  const char *type = aggregate
                         ? arena_format(g->arena, "%s of %s%s", aggregate, type_name(field->type), span_words(field))
                         : type_name(field->type);
  if (field->aggregate == TARAZU_COUNT) type = arena_format(g->arena, "count%s", span_words(field));
  if (field->window) type = arena_format(g->arena, "%s, within '%s'", type, field->window);
  return field->optional ? arena_format(g->arena, "%s, optional", type) : type;
}

static void print_inputs(grid *g, const tarazu_strategy *s)
{
  add_row(g, ROW("input", "of", "what it is"));
  for (uint32_t i = 0; i < s->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->inputs, i);
    const char *of =
        arena_format(g->arena, "%s%s%s%s%s", input->many ? "any number of " : "", shape_name(input->shape),
                     input->bind ? ", else " : "", input->bind ? input->bind : "", input->optional ? ", optional" : "");
    add_row(g, ROW(input->name, of, input->help));
    for (uint32_t k = 0; k < input->fields.count; k++) {
      const tarazu_field *field = tarazu_at(&input->fields, k);
      const char *help = field->when ? arena_format(g->arena, "%s (where %s)", field->help, field->when) : field->help;
      add_row(g, ROW(arena_format(g->arena, "  %s", field->name), field_type(g, field), help));
    }
  }
  g->cells = 3;
  text_add(g->out, "\n");
  print_grid(g);
}

static void print_outputs(grid *g, const tarazu_strategy *s)
{
  add_row(g, ROW("output", "type", "better", "what it is"));
  for (uint32_t i = 0; i < s->outputs.count; i++) {
    const tarazu_output *o = tarazu_at(&s->outputs, i);
    const char *end = o->meaning ? arena_format(g->arena, ", %s end of %s", meaning_name(o->meaning),
                                                ((const tarazu_output *)tarazu_at(&s->outputs, o->of))->name)
                                 : "";
    add_row(g, ROW(o->name, with_unit(g, arena_format(g->arena, "%s%s", type_name(o->type), end), ", ", o->unit),
                   o->better > 0   ? "more"
                   : o->better < 0 ? "less"
                                   : "-",
                   o->help));
  }
  g->cells = 4;
  text_add(g->out, "\n");
  print_grid(g);
}

/* ---- a sample of a profile --------------------------------------------------------------------------------- */

static void sample_inputs(const tarazu_strategy *s, const char *indent, text *out)
{
  int begun = 0;
  for (uint32_t i = 0; i < s->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&s->inputs, i);
    const tarazu_field *field = tarazu_at(&input->fields, 0);
    if (input->many || input->optional) continue;
    if (!begun++) text_addf(out, "%sinput:\n", indent);
    text_addf(out, "%s  %s: ", indent, input->name);
    if (input->bind) text_addf(out, "%s\n", input->bind);
    else if (input->shape == TARAZU_ATTRIBUTES && input->fields.count == 1)
      text_addf(out, "customers.%s\n", field->name);
    else text_addf(out, "%s\n", input->shape == TARAZU_ATTRIBUTES ? "customers" : input->name);
  }
}

static void sample_params(const tarazu_strategy *s, const char *indent, text *out)
{
  int begun = 0;
  for (uint32_t i = 0; i < s->params.count; i++) {
    const tarazu_param *p = tarazu_at(&s->params, i);
    if (p->optional) continue;
    if (!begun++) text_addf(out, "%sparams:\n", indent);
    if (p->initial) text_addf(out, "%s  %s: %s\n", indent, p->name, *p->initial ? p->initial : "''");
    else if (p->kind == TARAZU_CHOICE) text_addf(out, "%s  %s: %s\n", indent, p->name, p->choices[0]);
    else text_addf(out, "%s  %s: …  # %s\n", indent, p->name, kind_name(p->kind));
  }
}

/* A location that the pattern accepts. */
static void sample_location(const char *const *accepts, const char *name, text *out)
{
  for (const char *at = *accepts; *at; at++) {
    if (*at == '*') text_add(out, name);
    else text_add_n(out, at, 1);
  }
  text_add(out, "\n");
}

static void print_sample(const tarazu_strategy *s, text *out)
{
  int flat = s->role == TARAZU_NORMALIZER || s->role == TARAZU_WEIGHER || s->role == TARAZU_COMBINER;
  const char *indent = flat ? "    " : "      ";
  switch (s->role) {
  case TARAZU_SCORER:
    text_addf(out, "  criteria:\n    %s:\n      plugin: %s\n      dimension: financial\n", s->id, s->id);
    break;
  case TARAZU_NORMALIZER: text_addf(out, "  normalize:\n    plugin: %s\n", s->id); break;
  case TARAZU_WEIGHER: text_addf(out, "  weigh:\n    plugin: %s\n", s->id); break;
  case TARAZU_COMBINER: text_addf(out, "  combine:\n    plugin: %s\n", s->id); break;
  case TARAZU_SEGMENTER: text_addf(out, "  segments:\n    %s:\n      plugin: %s\n", s->id, s->id); break;
  case TARAZU_SOURCE:
    text_addf(out, "  data:\n    orders:\n      plugin: %s\n      key: customer_id\n      from: ", s->id);
    sample_location(strategy_source(s)->accepts, "orders", out);
    break;
  default:
    text_addf(out, "  output:\n    - plugin: %s\n      to: ", s->id);
    sample_location(strategy_sink(s)->accepts, "scores", out);
    break;
  }
  if (s->role != TARAZU_NORMALIZER) sample_inputs(s, indent, out);
  sample_params(s, indent, out);
}

void describe_strategy(const tarazu_strategy *s, const plugin_file *file, text *out, int colour)
{
  grid g = {.arena = arena_new(), .out = out, .colour = colour, .cells = MOST_CELLS};
  print_title(out, arena_format(g.arena, "%s %s %s", role_name(s->role), s->id, s->version), colour);
  text_addf(out, "%s\n\n  license     %s\n", s->summary, s->license);
  if (s->normalizer) text_addf(out, "  normalizer  %s\n", s->normalizer);
  if (is_usual(s)) text_addf(out, "  usual       the %s of profiles that name none\n", role_name(s->role));
  if (s->fit) text_add(out, "  memory      holds whole columns while it learns\n");
  if (s->save) text_add(out, "  models      can be saved, and loaded by `model:`\n");
  if (file) text_addf(out, "  file        %s\n", file->path);
  if (s->params.count) {
    text_add(out, "\n");
    add_row(&g, ROW("parameter", "kind", "default", "range", "what it is"));
    add_params(&g, &s->params, "");
    print_grid(&g);
  }
  if (s->inputs.count) print_inputs(&g, s);
  if (s->outputs.count) print_outputs(&g, s);
  text_add(out, "\n");
  print_title(out, "In a profile", colour);
  print_sample(s, out);
  arena_free(g.arena);
}
