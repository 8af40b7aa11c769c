/* Parameters: what a profile gives and what a strategy declares, turned into the values it is created with. */
#include "catalog/args.h"

#include "base/calendar.h"
#include "catalog/declaration.h"
#include "config/value.h"
#include <math.h>
#include <string.h>

/* What reading needs wherever it is in a profile's parameters. */
typedef struct reading {
  const char *subject;
  const void *zone;
  args_column *column;
  void *argument;
  arena *arena;
  problems *problems;
} reading;

static int read_value(const reading *r, const tarazu_param *param, const char *path, node *given, tarazu_value *out);

/* "criterion 'x': bands[2].points", as messages call a value. */
static const char *named(const reading *r, const char *path)
{
  return arena_format(r->arena, "%s: %s", r->subject, path);
}

/* ---- single values ---- */

/* A range's end as a whole number that lies within it. */
static int64_t whole(double bound)
{
  if (bound >= 0x1p63) return INT64_MAX;
  return bound <= -0x1p63 ? INT64_MIN : (int64_t)bound;
}

static int read_integer(const reading *r, const tarazu_param *param, const char *path, const node *given, int64_t *out)
{
  return value_integer(given, named(r, path), whole(ceil(param->least)), whole(floor(param->most)), r->problems, out);
}

static int read_switch(const reading *r, const char *path, const node *given, int64_t *out)
{
  int on = 0, good = value_switch(given, named(r, path), r->problems, &on);
  *out = on;
  return good;
}

static int read_choice(const reading *r, const tarazu_param *param, const char *path, const node *given,
                       tarazu_value *out)
{
  int choice = 0;
  if (!value_choice(given, named(r, path), param->choices, r->problems, &choice)) return 0;
  out->integer = choice;
  out->text = param->choices[choice];
  return 1;
}

static int read_column(const reading *r, const char *path, const node *given, tarazu_value *out)
{
  if (!value_string(given, named(r, path), r->problems, &out->text)) return 0;
  out->integer = r->column ? r->column(r->argument, out->text) : -1;
  if (out->integer >= 0) return 1;
  problem_add(r->problems, EXIT_PROFILE, given->place, "%s: there is no column '%.60s'; expected one of its inputs",
              named(r, path), out->text);
  return 0;
}

/* A number of a list, where "80%" is 0.8. */
static int read_real(const reading *r, const tarazu_param *param, const char *path, const node *given, double *out)
{
  if (given->kind == NODE_SCALAR && strchr(given->text, '%'))
    return value_proportion(given, named(r, path), param->least, param->most, r->problems, out);
  return value_real(given, named(r, path), param->least, param->most, r->problems, out);
}

/* ---- lists ---- */

static const char *item_path(const reading *r, const char *path, uint32_t index)
{
  return arena_format(r->arena, "%s[%u]", path, (unsigned)index);
}

static int read_reals(const reading *r, const tarazu_param *param, const char *path, const node *list,
                      tarazu_value *out)
{
  int good = 1;
  double *reals = arena_array(r->arena, list->count, sizeof *reals);
  for (uint32_t i = 0; i < list->count; i++)
    good &= read_real(r, param, item_path(r, path, i), list->items[i], &reals[i]);
  out->reals = reals;
  return good;
}

static int read_strings(const reading *r, const char *path, const node *list, tarazu_value *out)
{
  int good = 1;
  const char **texts = arena_array(r->arena, list->count, sizeof *texts);
  for (uint32_t i = 0; i < list->count; i++)
    good &= value_string(list->items[i], named(r, item_path(r, path, i)), r->problems, &texts[i]);
  out->texts = texts;
  return good;
}

/* ---- maps: the parameters, and the records in them ---- */

static const tarazu_param *param_at(const tarazu_list *params, uint32_t index)
{
  return tarazu_at(params, index);
}

/* Tells every key of the map that is none of the declared names. noun: "parameter" or "field". */
static int check_names(const reading *r, const tarazu_list *params, const node *map, const char *subject,
                       const char *noun)
{
  int good = 1;
  const char **names = arena_array(r->arena, params->count, sizeof *names);
  text expected = {0};
  for (uint32_t i = 0; i < params->count; i++) {
    names[i] = param_at(params, i)->name;
    text_addf(&expected, "%s%s", i ? ", " : params->count > 1 ? "one of " : "", names[i]);
  }
  for (uint32_t i = 0; i < map->count; i++) {
    const node *key = map->entries[i].key;
    uint32_t at = 0;
    while (at < params->count && strcmp(names[at], key->text) != 0) at++;
    if (at < params->count) continue;
    problem_add(r->problems, EXIT_PROFILE, key->place, "%s: unknown %s '%.60s'; expected %s", subject, noun, key->text,
                params->count ? text_string(&expected) : "none, for it has no parameters");
    problem_nearest(r->problems, key->text, names, params->count);
    good = 0;
  }
  text_free(&expected);
  return good;
}

static const char *words_for(uint32_t kind)
{
  switch (kind) {
  case TARAZU_REAL: return "a number";
  case TARAZU_INTEGER: return "a whole number";
  case TARAZU_SWITCH: return "true or false";
  case TARAZU_CHOICE: return "one of its choices";
  case TARAZU_DURATION: return "a duration such as 90 days";
  case TARAZU_PROPORTION: return "a proportion such as 12%";
  case TARAZU_DATE: return "a date such as 2011-12-10";
  case TARAZU_REALS: return "a list of numbers, [1, 2.5]";
  case TARAZU_STRINGS: return "a list of texts, [a, b]";
  case TARAZU_RECORDS: return "a list of maps, [{…}]";
  case TARAZU_COLUMN: return "the name of a column";
  default: return "text";
  }
}

/* The node of a default, which declaration_check has found to be a value that a profile could give. */
static node *default_node(const reading *r, const tarazu_param *param)
{
  if (param->kind == TARAZU_REALS || param->kind == TARAZU_STRINGS || param->kind == TARAZU_RECORDS)
    return declaration_default_list(param, r->arena);
  node *made = arena_alloc(r->arena, sizeof *made);
  int is_text = param->kind == TARAZU_STRING || param->kind == TARAZU_CHOICE || param->kind == TARAZU_COLUMN;
  *made = (node){.kind = NODE_SCALAR, .quoted = is_text, .text = param->initial};
  return made;
}

/* Errors go to the plugin's account, but that a default column is not there is for the profile to mend. */
static int read_default(const reading *r, const tarazu_param *param, const char *path, place where, tarazu_value *out)
{
  problems *faults = problems_new();
  reading quiet = *r;
  quiet.problems = faults;
  node *initial = default_node(r, param);
  int good = initial && read_value(&quiet, param, path, initial, out);
  problems_free(faults);
  if (good) return 1;
  if (param->kind == TARAZU_COLUMN) {
    problem_add(r->problems, EXIT_PROFILE, where,
                "%s: there is no column '%.60s', which it means by default; expected one of its inputs", named(r, path),
                param->initial);
    problem_hint(r->problems, "name it by the parameter '%s'", param->name);
  } else {
    problem_add(r->problems, EXIT_PLUGIN, where, "%s: the plugin's default, '%.200s', is not %s that it accepts itself",
                named(r, path), param->initial, words_for(param->kind));
  }
  return 0;
}

static const char *choices_of(const reading *r, const tarazu_param *param)
{
  const char *all = "one of ";
  for (uint32_t i = 0; param->choices && param->choices[i]; i++)
    all = arena_format(r->arena, "%s%s%s", all, i ? ", " : "", param->choices[i]);
  return all;
}

static int read_absent(const reading *r, const tarazu_param *param, const char *path, place where, const char *subject,
                       const char *noun, tarazu_value *out)
{
  if (param->initial) return read_default(r, param, path, where, out);
  if (param->optional) return 1;
  problem_add(r->problems, EXIT_PROFILE, where, "%s: the %s '%s' is missing; expected %s", subject, noun, param->name,
              param->kind == TARAZU_CHOICE ? choices_of(r, param) : words_for(param->kind));
  if (param->help) problem_hint(r->problems, "%s: %s", param->name, param->help);
  return 0;
}

static int read_record(const reading *r, const tarazu_list *fields, const char *path, node *map, tarazu_args *out)
{
  const char *subject = named(r, path);
  tarazu_value *values = arena_array(r->arena, fields->count, sizeof *values);
  *out = (tarazu_args){{values, fields->count, (uint32_t)sizeof *values}};
  if (map->kind != NODE_MAP) {
    char found[80];
    problem_add(r->problems, EXIT_PROFILE, map->place, "%s: found %s, expected a map", subject,
                value_found(map, found));
    return 0;
  }
  int good = check_names(r, fields, map, subject, "field");
  for (uint32_t i = 0; i < fields->count; i++) {
    const tarazu_param *field = param_at(fields, i);
    node *given = node_get(map, field->name);
    const char *inner = arena_format(r->arena, "%s.%s", path, field->name);
    good &= value_is_null(given) ? read_absent(r, field, inner, map->place, subject, "field", &values[i])
                                 : read_value(r, field, inner, given, &values[i]);
  }
  return good;
}

static int read_records(const reading *r, const tarazu_param *param, const char *path, const node *list,
                        tarazu_value *out)
{
  int good = 1;
  tarazu_args *records = arena_array(r->arena, list->count, sizeof *records);
  for (uint32_t i = 0; i < list->count; i++)
    good &= read_record(r, &param->fields, item_path(r, path, i), list->items[i], &records[i]);
  out->records = records;
  return good;
}

static int read_list(const reading *r, const tarazu_param *param, const char *path, const node *list, tarazu_value *out)
{
  if (list->kind != NODE_LIST) {
    char found[80];
    problem_add(r->problems, EXIT_PROFILE, list->place, "%s: found %s, expected %s", named(r, path),
                value_found(list, found), words_for(param->kind));
    return 0;
  }
  out->count = list->count;
  if (param->kind == TARAZU_REALS) return read_reals(r, param, path, list, out);
  if (param->kind == TARAZU_STRINGS) return read_strings(r, path, list, out);
  return read_records(r, param, path, list, out);
}

/* A value that is there: its count is 1, or that of a list's items. */
static int read_value(const reading *r, const tarazu_param *param, const char *path, node *given, tarazu_value *out)
{
  const char *what = named(r, path);
  out->given = 1;
  out->count = 1;
  switch (param->kind) {
  case TARAZU_REAL: return value_real(given, what, param->least, param->most, r->problems, &out->real);
  case TARAZU_INTEGER: return read_integer(r, param, path, given, &out->integer);
  case TARAZU_SWITCH: return read_switch(r, path, given, &out->integer);
  case TARAZU_CHOICE: return read_choice(r, param, path, given, out);
  case TARAZU_DURATION: return value_duration(given, what, param->least, param->most, r->problems, &out->real);
  case TARAZU_PROPORTION: return value_proportion(given, what, param->least, param->most, r->problems, &out->real);
  case TARAZU_DATE: return value_date(given, what, r->zone, r->problems, &out->integer);
  case TARAZU_REALS:
  case TARAZU_STRINGS:
  case TARAZU_RECORDS: return read_list(r, param, path, given, out);
  case TARAZU_COLUMN: return read_column(r, path, given, out);
  default: return value_string(given, what, r->problems, &out->text);
  }
}

int args_read(const tarazu_strategy *strategy, node *params, place where, const char *subject, const void *clock,
              args_column *column, void *argument, arena *memory, problems *faults, args *out)
{
  const tarazu_list *declared = &strategy->params;
  const reading r = {subject, clock, column, argument, memory, faults};
  tarazu_value *values = arena_array(memory, declared->count, sizeof *values);
  const node **nodes = arena_array(memory, declared->count, sizeof *nodes);
  *out = (args){.args = {{values, declared->count, (uint32_t)sizeof *values}}, .nodes = nodes};
  if (!value_is_null(params)) out->params = params;
  int good = 1;
  if (out->params && params->kind != NODE_MAP) {
    char found[80];
    problem_add(faults, EXIT_PROFILE, params->place, "%s: params: found %s, expected a map", subject,
                value_found(params, found));
    return 0;
  }
  if (out->params) good = check_names(&r, declared, params, subject, "parameter");
  for (uint32_t i = 0; i < declared->count; i++) {
    const tarazu_param *param = param_at(declared, i);
    node *given = node_get(out->params, param->name);
    if (value_is_null(given)) {
      good &= read_absent(&r, param, param->name, given ? given->place : where, subject, "parameter", &values[i]);
    } else {
      nodes[i] = given;
      good &= read_value(&r, param, param->name, given, &values[i]);
    }
  }
  return good;
}

place args_place(const args *read, const tarazu_error *error, place otherwise)
{
  if (error->param < 0 || (uint32_t)error->param >= read->args.values.count) return otherwise;
  const node *given = read->nodes[error->param];
  if (!given) return otherwise;
  if (given->kind == NODE_LIST && error->item >= 0 && (uint32_t)error->item < given->count)
    return given->items[error->item]->place;
  return given->place;
}

/* ---- written ------------------------------------------------------------------------------------------------- */

static void write_value(const tarazu_param *param, const tarazu_value *value, text *out)
{
  char date[32];
  if (!value->given) {
    text_add(out, "null");
    return;
  }
  switch (param->kind) {
  case TARAZU_REAL:
  case TARAZU_DURATION:
  case TARAZU_PROPORTION: text_add_number(out, value->real); break;
  case TARAZU_INTEGER: text_addf(out, "%lld", (long long)value->integer); break;
  case TARAZU_SWITCH: text_add(out, value->integer ? "true" : "false"); break;
  case TARAZU_DATE:
    calendar_format(value->integer, date);
    text_add_json(out, date);
    break;
  case TARAZU_REALS:
  case TARAZU_STRINGS:
  case TARAZU_RECORDS:
    text_add(out, "[");
    for (uint32_t i = 0; i < value->count; i++) {
      if (i) text_add(out, ", ");
      if (param->kind == TARAZU_REALS) text_add_number(out, value->reals[i]);
      else if (param->kind == TARAZU_STRINGS) text_add_json(out, value->texts[i]);
      else args_write(&param->fields, &value->records[i], out);
    }
    text_add(out, "]");
    break;
  default: text_add_json(out, value->text); break;
  }
}

void args_write(const tarazu_list *declared, const tarazu_args *given, text *out)
{
  text_add(out, "{");
  for (uint32_t i = 0; i < declared->count; i++) {
    const tarazu_param *param = tarazu_at(declared, i);
    if (i) text_add(out, ", ");
    text_add_json(out, param->name);
    text_add(out, ": ");
    write_value(param, tarazu_arg(given, i), out);
  }
  text_add(out, "}");
}
