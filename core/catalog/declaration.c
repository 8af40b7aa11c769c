/* Checks what a plugin declares of itself against the rules of tarazu/plugin.h, as far as they can be checked without
 * creating an instance. Parameters have a file of their own, declaration_params.c. */
#include "catalog/declaration.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/declaration_check.h"
#include <string.h>

enum { MOST_ITEMS = 4096 }; /* of one list: more is a count that was never written */

static const char *const role_names[] = {"?",        "scorer",    "normalizer", "weigher",
                                         "combiner", "segmenter", "source",     "sink"};
enum { ROLE_COUNT = sizeof role_names / sizeof *role_names };

const char *role_name(uint32_t role)
{
  return role_names[role < ROLE_COUNT ? role : 0];
}

uint32_t role_by_name(const char *name)
{
  for (uint32_t role = 1; role < ROLE_COUNT; role++)
    if (!strcmp(name, role_names[role])) return role;
  return 0;
}

/* ---- what all checks share --------------------------------------------------------------------------------- */

int declaration_fault(const declaration *d, const char *format, ...)
{
  va_list arguments;
  int length = snprintf(d->why, FAULT_ROOM, "%s", d->subject);
  va_start(arguments, format);
  vsnprintf(d->why + length, FAULT_ROOM - (size_t)length, format, arguments);
  va_end(arguments);
  return 0;
}

int declaration_is_line(const char *string)
{
  if (!string || !*string || !text_is_utf8(string, strlen(string))) return 0;
  for (; *string; string++)
    if ((unsigned char)*string < ' ' || *string == 0x7f) return 0;
  return 1;
}

int declaration_is_name(const char *string)
{
  if (!string || *string < 'a' || *string > 'z') return 0;
  return string[strspn(string, "abcdefghijklmnopqrstuvwxyz0123456789_")] == 0;
}

int declaration_list(const declaration *d, const tarazu_list *list, size_t least, const char *what)
{
  if (!list->count) return 1;
  if (!list->items) return declaration_fault(d, ": %u %s are counted, but there is no list", list->count, what);
  if (list->count > MOST_ITEMS)
    return declaration_fault(d, ": %u %s; at most %d make sense", list->count, what, MOST_ITEMS);
  if (list->stride < least || list->stride % 8)
    return declaration_fault(d, ": the list of %s has a stride of %u bytes; version 1's is %zu", what, list->stride,
                             least);
  return 1;
}

/* Names are unique identifiers. Every declared item begins with its name. */
int declaration_names(const declaration *d, const tarazu_list *list, const char *what, const char *within,
                      int may_repeat)
{
  for (uint32_t i = 0; i < list->count; i++) {
    const char *name = *(const char *const *)tarazu_at(list, i);
    if (!name) return declaration_fault(d, ": %s%s %u has no name", within, what, i + 1);
    if (!declaration_is_name(name))
      return declaration_fault(d, ": %s%s '%.64s' is no name of small letters, digits and '_'", within, what, name);
    for (uint32_t k = 0; !may_repeat && k < i; k++)
      if (!strcmp(name, *(const char *const *)tarazu_at(list, k)))
        return declaration_fault(d, ": two %ss are called '%s%s'", what, within, name);
  }
  return 1;
}

/* ---- inputs ------------------------------------------------------------------------------------------------ */

static const tarazu_param *param_by_name(const tarazu_strategy *s, const char *name, size_t length)
{
  for (uint32_t i = 0; i < s->params.count; i++) {
    const tarazu_param *param = tarazu_at(&s->params, i);
    if (strlen(param->name) == length && !memcmp(param->name, name, length)) return param;
  }
  return NULL;
}

static int check_duration(const declaration *d, const tarazu_field *field, const char *use, const char *name)
{
  const tarazu_param *param = name ? param_by_name(d->strategy, name, strlen(name)) : NULL;
  if (!name) return 1;
  if (!param)
    return declaration_fault(d, ": the %s of field '%s' is parameter '%s', which does not exist", use, field->name,
                             name);
  if (param->kind != TARAZU_DURATION)
    return declaration_fault(d, ": the %s of field '%s' is parameter '%s', which is no duration", use, field->name,
                             name);
  return 1;
}

static int is_choice(const tarazu_param *param, const char *value, size_t length)
{
  for (const char *const *choice = param->choices; *choice; choice++)
    if (strlen(*choice) == length && !memcmp(*choice, value, length)) return 1;
  return 0;
}

/* One condition of `when`: "half_life", "!half_life" or "measure=margin". */
static int check_condition(const declaration *d, const tarazu_field *field, const char *term, size_t length)
{
  int negated = length && *term == '!';
  const char *name = term + negated, *equals = memchr(term, '=', length);
  size_t name_length = equals ? (size_t)(equals - name) : length - (size_t)negated;
  const tarazu_param *param = equals && negated ? NULL : param_by_name(d->strategy, name, name_length);
  if (!param)
    return declaration_fault(d, ": field '%s' depends on '%.*s', which names no parameter", field->name, (int)length,
                             term);
  if (equals) {
    if (param->kind == TARAZU_CHOICE && is_choice(param, equals + 1, length - name_length - 1)) return 1;
    return declaration_fault(d, ": field '%s' depends on '%.*s', which is no choice of that parameter", field->name,
                             (int)length, term);
  }
  if (param->initial || !param->optional)
    return declaration_fault(d, ": field '%s' depends on '%.*s', but that parameter is always given", field->name,
                             (int)length, term);
  return 1;
}

static int check_when(const declaration *d, const tarazu_field *field)
{
  const char *at = field->when;
  while (at) {
    size_t length = strcspn(at, ",");
    if (!check_condition(d, field, at, length)) return 0;
    at = at[length] ? at + length + 1 : NULL;
  }
  return 1;
}

static int check_aggregate(const declaration *d, const tarazu_input *input, const tarazu_field *field)
{
  if (field->aggregate > TARAZU_PERIODS)
    return declaration_fault(d, ": field '%s' has the unknown aggregate %u", field->name, field->aggregate);
  if (field->span > TARAZU_LATER_PERIODS)
    return declaration_fault(d, ": field '%s' has the unknown span %u", field->name, field->span);
  if (field->aggregate == TARAZU_NONE && field->span != TARAZU_ALL)
    return declaration_fault(d, ": field '%s' has a span but no aggregate", field->name);
  if (field->aggregate != TARAZU_NONE && input->shape != TARAZU_EVENTS)
    return declaration_fault(d, ": field '%s' is an aggregate, but input '%s' is not of events", field->name,
                             input->name);
  if ((field->aggregate == TARAZU_SUM || field->aggregate == TARAZU_MEAN) &&
      (field->type == TARAZU_TEXT || field->type == TARAZU_TIME))
    return declaration_fault(d, ": field '%s' sums what is no number", field->name);
  return check_duration(d, field, "period", field->period) && check_duration(d, field, "window", field->window) &&
         check_when(d, field);
}

static int check_field(const declaration *d, const tarazu_input *input, uint32_t index)
{
  const tarazu_field *field = tarazu_at(&input->fields, index);
  int end = input->shape == TARAZU_EDGES && index < 2;
  if (!declaration_is_line(field->help))
    return declaration_fault(d, ": field '%s.%s' without help of one line", input->name, field->name);
  if (field->type < TARAZU_F64 || field->type > TARAZU_ROW)
    return declaration_fault(d, ": field '%s.%s' has the unknown type %u", input->name, field->name, field->type);
  if (end && field->type != TARAZU_ROW)
    return declaration_fault(d, ": field '%s.%s' is an end of edges, so its type is a row", input->name, field->name);
  if (!end && field->type == TARAZU_ROW)
    return declaration_fault(d, ": field '%s.%s' is a row, which only the first two fields of edges are", input->name,
                             field->name);
  return check_aggregate(d, input, field);
}

static int check_input(const declaration *d, uint32_t index)
{
  const tarazu_input *input = tarazu_at(&d->strategy->inputs, index);
  char within[96];
  snprintf(within, sizeof within, "%.80s.", input->name);
  if (!declaration_is_line(input->help))
    return declaration_fault(d, ": input '%s' without help of one line", input->name);
  if (input->shape < TARAZU_ATTRIBUTES || input->shape > TARAZU_EDGES)
    return declaration_fault(d, ": input '%s' has the unknown shape %u", input->name, input->shape);
  if (input->bind && !declaration_is_line(input->bind))
    return declaration_fault(d, ": input '%s' binds to a name that is none", input->name);
  if (input->many && index + 1 < d->strategy->inputs.count)
    return declaration_fault(d, ": input '%s' takes many columns; only the last input may", input->name);
  if (!declaration_list(d, &input->fields, FIELD_VERSION_1, "fields")) return 0;
  if (input->fields.count < (input->shape == TARAZU_EDGES ? 2u : 1u))
    return declaration_fault(d, ": input '%s' without fields%s", input->name,
                             input->shape == TARAZU_EDGES ? " for the ends of an edge" : "");
  if (!declaration_names(d, &input->fields, "field", within, 1)) return 0;
  for (uint32_t i = 0; i < input->fields.count; i++)
    if (!check_field(d, input, i)) return 0;
  return 1;
}

/* What a role is given is the role's affair: a normalizer one criterion, a combiner all. */
static int check_role_inputs(const declaration *d)
{
  const tarazu_strategy *s = d->strategy;
  const tarazu_input *first = s->inputs.count ? tarazu_at(&s->inputs, 0) : NULL;
  int one = s->inputs.count == 1 && first->shape == TARAZU_ATTRIBUTES;
  if (s->role == TARAZU_COMBINER && !(one && first->many))
    return declaration_fault(d, ": its input must be one, of attributes, that takes many: the criteria");
  if (s->role == TARAZU_NORMALIZER && !(one && !first->many && first->fields.count == 1))
    return declaration_fault(d, ": its input must be one, of attributes, with one field: a criterion");
  return 1;
}

/* ---- outputs ----------------------------------------------------------------------------------------------- */

static int is_number(uint32_t type)
{
  return type == TARAZU_F64 || type == TARAZU_I64 || type == TARAZU_BOOL;
}

/* An interval's end belongs to a number that is itself no end. */
static int check_meaning(const declaration *d, const tarazu_output *output)
{
  const tarazu_list *outputs = &d->strategy->outputs;
  const tarazu_output *of;
  if (output->meaning > TARAZU_UPPER)
    return declaration_fault(d, ": output '%s' has the unknown meaning %u", output->name, output->meaning);
  if (output->meaning == TARAZU_VALUE) return 1;
  of = output->of < outputs->count ? tarazu_at(outputs, output->of) : NULL;
  if (!of)
    return declaration_fault(d, ": output '%s' is an end of output %u, which does not exist", output->name, output->of);
  if (of->meaning != TARAZU_VALUE)
    return declaration_fault(d, ": output '%s' is an end of '%s', which is an end itself", output->name, of->name);
  if (of->type != output->type || !(is_number(of->type) || of->type == TARAZU_TIME))
    return declaration_fault(d, ": output '%s' is an end of '%s', but their types do not make an interval",
                             output->name, of->name);
  return 1;
}

static int check_output(const declaration *d, uint32_t index)
{
  const tarazu_strategy *s = d->strategy;
  const tarazu_output *output = tarazu_at(&s->outputs, index);
  if (!declaration_is_line(output->help))
    return declaration_fault(d, ": output '%s' without help of one line", output->name);
  if (output->type < TARAZU_F64 || output->type > TARAZU_TEXT)
    return declaration_fault(d, ": output '%s' has the unknown type %u", output->name, output->type);
  if (index == 0 && s->role != TARAZU_SEGMENTER && !is_number(output->type))
    return declaration_fault(d, ": its first output '%s' is the score, but no number", output->name);
  if (index > 0 && (!strcmp(output->name, "normalized") || !strcmp(output->name, "contribution")))
    return declaration_fault(d, ": output '%s' has a name that the results' own columns end in", output->name);
  if (output->type == TARAZU_TEXT && !s->labels)
    return declaration_fault(d, ": output '%s' is text, without labels", output->name);
  if (output->better < -1 || output->better > 1)
    return declaration_fault(d, ": output '%s' says better %d; expected 1, -1 or 0", output->name, output->better);
  return check_meaning(d, output);
}

/* ---- functions and extensions ------------------------------------------------------------------------------ */

static int scores(uint32_t role)
{
  return role == TARAZU_SCORER || role == TARAZU_NORMALIZER || role == TARAZU_COMBINER || role == TARAZU_SEGMENTER;
}

static int check_functions(const declaration *d)
{
  const tarazu_strategy *s = d->strategy;
  if (scores(s->role) && !s->apply) return declaration_fault(d, " without apply");
  if (s->role == TARAZU_WEIGHER && !s->weights) return declaration_fault(d, " without weights");
  if (s->role != TARAZU_WEIGHER && s->weights) return declaration_fault(d, " with weights, which only a weigher gives");
  if (s->learn && s->fit) return declaration_fault(d, " with both learn and fit; expected one of them");
  if (s->learn && !s->state_size) return declaration_fault(d, " with learn but without state_size");
  if (s->learn && !s->merge) return declaration_fault(d, " with learn but without merge");
  if (s->learn && !s->finish) return declaration_fault(d, " with learn but without finish");
  if (!s->learn && (s->state_size || s->merge || s->finish))
    return declaration_fault(d, " with %s but without learn",
                             s->state_size ? "state_size"
                             : s->merge    ? "merge"
                                           : "finish");
  if (!s->save != !s->load)
    return declaration_fault(d, " with %s but without %s", s->save ? "save" : "load", s->save ? "load" : "save");
  if (s->save && s->flags & TARAZU_BY_ROW)
    return declaration_fault(d, " with save, though it cannot do without row numbers");
  return 1;
}

static const void *extension_of(const tarazu_strategy *s, const char *id)
{
  if (s->extension == proxied_extension) {
    const proxied_strategy *p = (const proxied_strategy *)(const void *)s;
    return p->extension(p, id);
  }
  return s->extension ? s->extension(id) : NULL;
}

const void *proxied_extension(const char *id)
{
  (void)id;
  return NULL;
}

/* Every extension begins with its size. */
static const void *sized_extension(const tarazu_strategy *s, const char *id, size_t least)
{
  const uint32_t *size = extension_of(s, id);
  return size && *size >= least ? size : NULL;
}

const tarazu_explain *strategy_explain(const tarazu_strategy *strategy)
{
  return sized_extension(strategy, "tarazu.explain/1", EXPLAIN_VERSION_1);
}

const tarazu_source *strategy_source(const tarazu_strategy *strategy)
{
  return sized_extension(strategy, "tarazu.source/1", SOURCE_VERSION_1);
}

const tarazu_sink *strategy_sink(const tarazu_strategy *strategy)
{
  return sized_extension(strategy, "tarazu.sink/1", SINK_VERSION_1);
}

static int check_size(const declaration *d, const char *id, size_t least, int required)
{
  const uint32_t *size = extension_of(d->strategy, id);
  if (!size) return !required || declaration_fault(d, " without extension %s", id);
  if (*size >= least) return 1;
  return declaration_fault(d, ": extension %s has %u bytes; version 1's has %zu", id, *size, least);
}

static int check_accepts(const declaration *d, const char *const *accepts)
{
  if (!accepts || !*accepts) return declaration_fault(d, " accepts no location");
  for (; *accepts; accepts++)
    if (!declaration_is_line(*accepts)) return declaration_fault(d, " accepts a location that is no line of text");
  return 1;
}

static int check_source(const declaration *d)
{
  if (!check_size(d, "tarazu.source/1", SOURCE_VERSION_1, 1)) return 0;
  const tarazu_source *s = strategy_source(d->strategy);
  const char *lacks = !s->describe      ? "describe"
                      : !s->plan        ? "plan"
                      : !s->open        ? "open"
                      : !s->read        ? "read"
                      : !s->fingerprint ? "fingerprint"
                      : !s->close       ? "close"
                                        : NULL;
  return lacks ? declaration_fault(d, " without %s", lacks) : check_accepts(d, s->accepts);
}

static int check_sink(const declaration *d)
{
  if (!check_size(d, "tarazu.sink/1", SINK_VERSION_1, 1)) return 0;
  const tarazu_sink *s = strategy_sink(d->strategy);
  const uint32_t known = TARAZU_CUSTOMERS | TARAZU_CRITERIA | TARAZU_FACTS | TARAZU_CHANGES;
  const char *lacks = !s->open      ? "open"
                      : !s->table   ? "table"
                      : !s->write   ? "write"
                      : !s->prepare ? "prepare"
                      : !s->commit  ? "commit"
                      : !s->close   ? "close"
                                    : NULL;
  if (lacks) return declaration_fault(d, " without %s", lacks);
  if (!s->tables || s->tables & ~known) return declaration_fault(d, " wants the unknown tables 0x%x", s->tables);
  return check_accepts(d, s->accepts);
}

static int check_extensions(const declaration *d)
{
  if (!check_size(d, "tarazu.explain/1", EXPLAIN_VERSION_1, 0)) return 0;
  if (d->strategy->role == TARAZU_SOURCE) return check_source(d);
  return d->strategy->role != TARAZU_SINK || check_sink(d);
}

/* ---- strategies -------------------------------------------------------------------------------------------- */

static int check_about(const declaration *d)
{
  const tarazu_strategy *s = d->strategy;
  const uint32_t known = TARAZU_SERIAL | TARAZU_BY_ROW | TARAZU_LEARNS_WEIGHTS | TARAZU_USUAL;
  int prefers = s->role == TARAZU_COMBINER || s->role == TARAZU_WEIGHER || s->role == TARAZU_SEGMENTER;
  if (!declaration_is_line(s->version)) return declaration_fault(d, " without version");
  if (!declaration_is_line(s->summary)) return declaration_fault(d, " without summary of one line");
  if (!declaration_is_line(s->license)) return declaration_fault(d, " without license");
  if (s->normalizer && !declaration_is_name(s->normalizer))
    return declaration_fault(d, ": its normalizer '%.64s' is no name", s->normalizer);
  if (s->normalizer && !prefers) return declaration_fault(d, " asks for a normalizer, which its role never sees");
  if (s->flags & ~known) return declaration_fault(d, " has the unknown flags 0x%x", s->flags & ~known);
  if (s->flags & TARAZU_LEARNS_WEIGHTS && s->role != TARAZU_COMBINER)
    return declaration_fault(d, " says that it learns weights, which only a combiner does");
  if (s->flags & TARAZU_USUAL && s->role != TARAZU_COMBINER && s->role != TARAZU_WEIGHER)
    return declaration_fault(d, " says that it is the usual one, which only a combiner or a weigher can be");
  return 1;
}

static int check_strategy(declaration *d, uint32_t index)
{
  const tarazu_strategy *s = d->strategy;
  snprintf(d->subject, sizeof d->subject, "strategy %u", index + 1);
  if (s->size < STRATEGY_VERSION_1)
    return declaration_fault(d, " has %u bytes; version 1's has %zu", s->size, STRATEGY_VERSION_1);
  if (!s->role || s->role >= ROLE_COUNT) return declaration_fault(d, " has the unknown role %u", s->role);
  snprintf(d->subject, sizeof d->subject, "%s %u", role_name(s->role), index + 1);
  if (!s->id) return declaration_fault(d, " without id");
  snprintf(d->subject, sizeof d->subject, "%s '%.64s'", role_name(s->role), s->id);
  if (!declaration_is_name(s->id)) return declaration_fault(d, ": its id is no name of small letters, digits and '_'");
  if (!check_about(d) || !check_functions(d)) return 0;
  if (!declaration_params(d, &s->params, "")) return 0;
  if (!declaration_list(d, &s->inputs, INPUT_VERSION_1, "inputs") || !declaration_names(d, &s->inputs, "input", "", 0))
    return 0;
  for (uint32_t i = 0; i < s->inputs.count; i++)
    if (!check_input(d, i)) return 0;
  if (!check_role_inputs(d)) return 0;
  if (!declaration_list(d, &s->outputs, OUTPUT_VERSION_1, "outputs") ||
      !declaration_names(d, &s->outputs, "output", "", 0))
    return 0;
  if (!s->outputs.count && scores(s->role)) return declaration_fault(d, " without outputs");
  for (uint32_t i = 0; i < s->outputs.count; i++)
    if (!check_output(d, i)) return 0;
  return check_extensions(d);
}

int declaration_check(const tarazu_plugin *plugin, char why[FAULT_ROOM])
{
  declaration d = {.why = why, .subject = "the descriptor"};
  why[0] = 0;
  if (plugin->size < VERSION_1(tarazu_plugin, abi_minor))
    return declaration_fault(&d, " has %u bytes; version 1's has %zu", plugin->size, PLUGIN_VERSION_1);
  if (plugin->abi_minor > TARAZU_ABI_MINOR) {
    snprintf(why, FAULT_ROOM, "needs ABI 1.%u, this host speaks 1.%u", plugin->abi_minor, TARAZU_ABI_MINOR);
    return 0;
  }
  if (plugin->size < PLUGIN_VERSION_1)
    return declaration_fault(&d, " has %u bytes; version 1's has %zu", plugin->size, PLUGIN_VERSION_1);
  if (!declaration_is_line(plugin->name)) return declaration_fault(&d, " without name");
  if (!plugin->strategies || !plugin->strategies[0]) return declaration_fault(&d, " offers no strategy");
  for (uint32_t i = 0; plugin->strategies[i]; i++) {
    d.strategy = plugin->strategies[i];
    if (!check_strategy(&d, i)) return 0;
    if (d.strategy->flags & TARAZU_USUAL && plugin->abi_minor < 1)
      return declaration_fault(&d, " says that it is the usual one, for which its plugin must need ABI 1.1");
    for (uint32_t k = 0; k < i; k++)
      if (plugin->strategies[k]->role == d.strategy->role && !strcmp(plugin->strategies[k]->id, d.strategy->id))
        return declaration_fault(&d, " is offered twice");
  }
  return 1;
}
