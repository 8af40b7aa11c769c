/* Checks declared parameters: names, kinds, ranges, choices, and that each default is a value which a profile could
 * give. */
#include "base/calendar.h"
#include "catalog/declaration.h"
#include "catalog/declaration_check.h"
#include "config/value.h"
#include <math.h>
#include <string.h>

enum { MOST_DEPTH = 4 }; /* of records in records */

static int check_value(const declaration *d, const tarazu_param *param, const char *path, const node *value);

node *declaration_default_list(const tarazu_param *param, arena *memory)
{
  problems *faults = problems_new();
  const char *document = arena_format(memory, "list: %s\n", param->initial);
  node *root = yaml_parse(param->name, document, strlen(document), memory, faults);
  problems_free(faults);
  node *list = root ? node_get(root, "list") : NULL;
  return list && list->kind == NODE_LIST ? list : NULL;
}

/* ---- defaults ---------------------------------------------------------------------------------------------- */

static int is_word(const char *written, const char *const *words)
{
  for (; *words; words++)
    if (!strcmp(written, *words)) return 1;
  return 0;
}

/* A number with its kind's unit, in the unit of the range. */
static int parse_number(const tarazu_param *param, const char *written, double *out)
{
  const char *why;
  int64_t whole;
  size_t length = strlen(written);
  switch (param->kind) {
  case TARAZU_INTEGER:
    if (!value_parse_integer(written, &whole)) return 0;
    *out = (double)whole;
    return 1;
  case TARAZU_DURATION: return value_parse_duration(written, out, &why);
  case TARAZU_PROPORTION: return value_parse_proportion(written, out, &why);
  case TARAZU_REALS:
    if (length && written[length - 1] == '%') return value_parse_proportion(written, out, &why);
    return value_parse_real(written, out);
  default: return value_parse_real(written, out);
  }
}

static int check_number(const declaration *d, const tarazu_param *param, const char *path, const char *written)
{
  double number;
  if (!parse_number(param, written, &number) || !isfinite(number))
    return declaration_fault(d, ": the default '%.64s' of parameter '%s' cannot be read", written, path);
  if ((param->least != 0 || param->most != 0) && (number < param->least || number > param->most))
    return declaration_fault(d, ": the default '%.64s' of parameter '%s' is out of its range, %g to %g", written, path,
                             param->least, param->most);
  return 1;
}

static int check_scalar(const declaration *d, const tarazu_param *param, const char *path, const char *written)
{
  static const char *const switches[] = {"true", "false", "yes", "no", "on", "off", NULL};
  int64_t moment;
  int zoned, good = 1;
  switch (param->kind) {
  case TARAZU_REAL:
  case TARAZU_INTEGER:
  case TARAZU_DURATION:
  case TARAZU_PROPORTION: return check_number(d, param, path, written);
  case TARAZU_SWITCH: good = is_word(written, switches); break;
  case TARAZU_CHOICE: good = is_word(written, param->choices); break;
  case TARAZU_DATE: good = calendar_parse(written, &moment, &zoned); break;
  default: good = declaration_is_line(written); break;
  }
  if (good) return 1;
  return declaration_fault(d, ": the default '%.64s' of parameter '%s' is none of its values", written, path);
}

static int check_record(const declaration *d, const tarazu_param *param, const char *path, const node *record)
{
  char inner[128];
  if (record->kind != NODE_MAP)
    return declaration_fault(d, ": the default of parameter '%s' has an item that is no map", path);
  for (uint32_t i = 0; i < record->count; i++) {
    uint32_t k = 0;
    while (k < param->fields.count &&
           strcmp(((const tarazu_param *)tarazu_at(&param->fields, k))->name, record->entries[i].key->text) != 0)
      k++;
    if (k == param->fields.count)
      return declaration_fault(d, ": the default of parameter '%s' has the unknown field '%.64s'", path,
                               record->entries[i].key->text);
  }
  for (uint32_t k = 0; k < param->fields.count; k++) {
    const tarazu_param *field = tarazu_at(&param->fields, k);
    const node *value = node_get(record, field->name);
    snprintf(inner, sizeof inner, "%.60s.%.60s", path, field->name);
    if (!value && !field->initial && !field->optional)
      return declaration_fault(d, ": the default of parameter '%s' lacks the field '%s'", path, field->name);
    if (value && !check_value(d, field, inner, value)) return 0;
  }
  return 1;
}

static int check_items(const declaration *d, const tarazu_param *param, const char *path, const node *list)
{
  for (uint32_t i = 0; i < list->count; i++) {
    const node *item = list->items[i];
    if (param->kind == TARAZU_RECORDS) {
      if (!check_record(d, param, path, item)) return 0;
      continue;
    }
    if (item->kind != NODE_SCALAR)
      return declaration_fault(d, ": the default of parameter '%s' has an item that is no single value", path);
    if (param->kind == TARAZU_REALS && !check_number(d, param, path, item->text)) return 0;
  }
  return 1;
}

static int is_list(uint32_t kind)
{
  return kind == TARAZU_REALS || kind == TARAZU_STRINGS || kind == TARAZU_RECORDS;
}

/* A value inside of a list of records. */
static int check_value(const declaration *d, const tarazu_param *param, const char *path, const node *value)
{
  if (value->kind == NODE_LIST && is_list(param->kind)) return check_items(d, param, path, value);
  if (value->kind == NODE_SCALAR && !is_list(param->kind)) return check_scalar(d, param, path, value->text);
  return declaration_fault(d, ": the default of '%s' is not of its kind", path);
}

static int check_default(const declaration *d, const tarazu_param *param, const char *path)
{
  if (!param->initial) return 1;
  if (param->optional) return declaration_fault(d, ": parameter '%s' may be absent, though it has a default", path);
  if (!is_list(param->kind)) return check_scalar(d, param, path, param->initial);
  arena *memory = arena_new();
  node *list = declaration_default_list(param, memory);
  int good = list ? check_items(d, param, path, list)
                  : declaration_fault(d, ": the default '%.64s' of parameter '%s' is no list", param->initial, path);
  arena_free(memory);
  return good;
}

/* ---- the rest ---------------------------------------------------------------------------------------------- */

static int check_range(const declaration *d, const tarazu_param *param, const char *path)
{
  int none = param->kind == TARAZU_SWITCH || param->kind == TARAZU_STRING || param->kind == TARAZU_CHOICE ||
             param->kind == TARAZU_COLUMN;
  if (!(param->least <= param->most)) /* NaN too */
    return declaration_fault(d, ": the range of parameter '%s' is empty, %g to %g", path, param->least, param->most);
  if (none && (param->least != 0 || param->most != 0))
    return declaration_fault(d, ": parameter '%s' has a range, but its kind has none", path);
  return 1;
}

static int check_choices(const declaration *d, const tarazu_param *param, const char *path)
{
  if (param->kind != TARAZU_CHOICE)
    return !param->choices || declaration_fault(d, ": parameter '%s' has choices, but is no choice", path);
  if (!param->choices || !*param->choices) return declaration_fault(d, ": parameter '%s' without choices", path);
  for (const char *const *choice = param->choices; *choice; choice++) {
    if (!declaration_is_line(*choice))
      return declaration_fault(d, ": parameter '%s' has a choice that is no word", path);
    for (const char *const *other = param->choices; other < choice; other++)
      if (!strcmp(*other, *choice))
        return declaration_fault(d, ": parameter '%s' has the choice '%.64s' twice", path, *choice);
  }
  return 1;
}

static int check_fields(const declaration *d, const tarazu_param *param, const char *path)
{
  char within[128];
  const char *at = path;
  int depth = 0;
  if (param->kind != TARAZU_RECORDS)
    return !param->fields.count || declaration_fault(d, ": parameter '%s' has fields, but is no list of records", path);
  if (!param->fields.count) return declaration_fault(d, ": parameter '%s' without fields", path);
  while ((at = strchr(at, '.'))) at++, depth++;
  if (depth >= MOST_DEPTH) return declaration_fault(d, ": parameter '%s' has records too deep in records", path);
  snprintf(within, sizeof within, "%.120s.", path);
  return declaration_params(d, &param->fields, within);
}

int declaration_params(const declaration *d, const tarazu_list *params, const char *within)
{
  char path[128];
  if (!declaration_list(d, params, PARAM_VERSION_1, "parameters") ||
      !declaration_names(d, params, "parameter", within, 0))
    return 0;
  for (uint32_t i = 0; i < params->count; i++) {
    const tarazu_param *param = tarazu_at(params, i);
    snprintf(path, sizeof path, "%.64s%.60s", within, param->name);
    if (!declaration_is_line(param->help))
      return declaration_fault(d, ": parameter '%s' without help of one line", path);
    if (param->kind < TARAZU_REAL || param->kind > TARAZU_COLUMN)
      return declaration_fault(d, ": parameter '%s' has the unknown kind %u", path, param->kind);
    if (!check_range(d, param, path) || !check_choices(d, param, path) || !check_fields(d, param, path) ||
        !check_default(d, param, path))
      return 0;
  }
  return 1;
}
