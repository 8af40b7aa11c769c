/* The JSON Schema of profiles: the format's own keys, and for every strategy its parameters and inputs, which hold
 * where its name stands under `plugin`. Nothing is required that a profile could have from the one it extends. */
#include "base/arena.h"
#include "catalog/declaration.h"
#include "catalog/describe.h"
#include "catalog/json.h"
#include "catalog/words.h"
#include "config/value.h"
#include <string.h>

#define NAME_PATTERN     "^[A-Za-z_][A-Za-z0-9_]*$"
#define DURATION_PATTERN "^[+]?([0-9]+[.]?[0-9]*|[.][0-9]+) *(hour|day|week|month|year)s?$"
#define PERCENT_PATTERN  "^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+) *%$"
#define DATE_PATTERN     "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?$"

typedef struct schema {
  json json;
  arena *arena;
  const tarazu_strategy *const *strategies;
  uint32_t count;
} schema;

static void write_strings(json *j, const char *key, const char *const *strings)
{
  json_open(j, key, '[');
  for (; *strings; strings++) json_text(j, NULL, *strings);
  json_close(j, ']');
}
#define STRINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void reference(json *j, const char *key, const char *definition)
{
  json_open(j, key, '{');
  json_key(j, "$ref");
  text_addf(j->out, "\"#/$defs/%s\"", definition);
  json_close(j, '}');
}

/* {"type": …, "description": …} */
static void simple(json *j, const char *key, const char *type, const char *description)
{
  json_open(j, key, '{');
  json_text(j, "type", type);
  json_text(j, "description", description);
  json_close(j, '}');
}

static void pattern(json *j, const char *key, const char *expression)
{
  json_open(j, key, '{');
  json_text(j, "type", "string");
  json_text(j, "pattern", expression);
  json_close(j, '}');
}

/* A scalar that a text may be written as: YAML reads a bare 12 as a number. */
static void text_types(json *j)
{
  write_strings(j, "type", STRINGS("string", "number", "boolean"));
}

/* ---- parameters -------------------------------------------------------------------------------------------- */

static void write_param(schema *s, const tarazu_param *param);

static void write_range(json *j, const tarazu_param *p)
{
  if (has_least(p)) json_number(j, "minimum", p->least);
  if (has_most(p)) json_number(j, "maximum", p->most);
}

/* A number, or the same as a percentage. */
static void write_number_or_percent(json *j, const tarazu_param *p)
{
  json_open(j, "anyOf", '[');
  json_open(j, NULL, '{');
  json_text(j, "type", "number");
  write_range(j, p);
  json_close(j, '}');
  pattern(j, NULL, PERCENT_PATTERN);
  json_close(j, ']');
}

static void write_items(schema *s, const tarazu_param *p)
{
  json *j = &s->json;
  json_text(j, "type", "array");
  json_open(j, "items", '{');
  if (p->kind == TARAZU_REALS) write_number_or_percent(j, p);
  if (p->kind == TARAZU_STRINGS) text_types(j);
  if (p->kind == TARAZU_RECORDS) {
    json_text(j, "type", "object");
    json_open(j, "properties", '{');
    for (uint32_t i = 0; i < p->fields.count; i++) write_param(s, tarazu_at(&p->fields, i));
    json_close(j, '}');
    json_open(j, "required", '[');
    for (uint32_t i = 0; i < p->fields.count; i++) {
      const tarazu_param *field = tarazu_at(&p->fields, i);
      if (!field->initial && !field->optional) json_text(j, NULL, field->name);
    }
    json_close(j, ']');
    json_bool(j, "additionalProperties", 0);
  }
  json_close(j, '}');
}

static void write_kind(schema *s, const tarazu_param *p)
{
  json *j = &s->json;
  switch (p->kind) {
  case TARAZU_REAL:
  case TARAZU_INTEGER:
    json_text(j, "type", p->kind == TARAZU_REAL ? "number" : "integer");
    write_range(j, p);
    break;
  case TARAZU_SWITCH:
    json_key(j, "enum");
    text_add(j->out, "[true, false, \"yes\", \"no\", \"on\", \"off\"]");
    break;
  case TARAZU_CHOICE: write_strings(j, "enum", p->choices); break;
  case TARAZU_PROPORTION: write_number_or_percent(j, p); break;
  case TARAZU_DURATION:
    json_key(j, "anyOf");
    text_addf(j->out, "[{\"const\": 0}, {\"type\": \"string\", \"pattern\": \"%s\"}]", DURATION_PATTERN);
    break;
  case TARAZU_DATE:
    json_text(j, "type", "string");
    json_text(j, "pattern", DATE_PATTERN);
    break;
  case TARAZU_REALS:
  case TARAZU_STRINGS:
  case TARAZU_RECORDS: write_items(s, p); break;
  case TARAZU_COLUMN: json_text(j, "type", "string"); break;
  default: text_types(j); break;
  }
}

/* Numbers and switches of a default as such, everything else as the text that a profile would hold. */
static void write_scalar(json *j, const char *key, const char *written, int quoted)
{
  double number;
  int on = !strcmp(written, "true") || !strcmp(written, "yes") || !strcmp(written, "on");
  int off = !strcmp(written, "false") || !strcmp(written, "no") || !strcmp(written, "off");
  if (!quoted && value_parse_real(written, &number)) json_number(j, key, number);
  else if (!quoted && (on || off)) json_bool(j, key, on);
  else json_text(j, key, written);
}

static void write_node(json *j, const char *key, const node *value)
{
  if (value->kind == NODE_SCALAR) {
    write_scalar(j, key, value->text, value->quoted);
    return;
  }
  json_open(j, key, value->kind == NODE_LIST ? '[' : '{');
  for (uint32_t i = 0; i < value->count; i++)
    if (value->kind == NODE_LIST) write_node(j, NULL, value->items[i]);
    else write_node(j, value->entries[i].key->text, value->entries[i].value);
  json_close(j, value->kind == NODE_LIST ? ']' : '}');
}

static void write_default(schema *s, const tarazu_param *p)
{
  if (!p->initial) return;
  if (p->kind == TARAZU_REALS || p->kind == TARAZU_STRINGS || p->kind == TARAZU_RECORDS) {
    const node *list = declaration_default_list(p, s->arena);
    if (list) write_node(&s->json, "default", list);
  } else {
    write_scalar(&s->json, "default", p->initial, p->kind == TARAZU_CHOICE || p->kind == TARAZU_STRING);
  }
}

static void write_param(schema *s, const tarazu_param *p)
{
  const char *range = p->kind == TARAZU_DURATION ? range_words(p, s->arena) : "";
  json_open(&s->json, p->name, '{');
  json_text(&s->json, "description",
            arena_format(s->arena, "%s%s%s%s%s%s", p->help, p->unit && *p->unit ? " (" : "",
                         p->unit && *p->unit ? p->unit : "", p->unit && *p->unit ? ")" : "", *range ? "; " : "",
                         range));
  write_kind(s, p);
  write_default(s, p);
  json_close(&s->json, '}');
}

/* ---- inputs ------------------------------------------------------------------------------------------------ */

/* Whether an earlier field of the input has the same name. */
static int is_repeated(const tarazu_input *input, uint32_t index)
{
  const char *name = ((const tarazu_field *)tarazu_at(&input->fields, index))->name;
  for (uint32_t i = 0; i < index; i++)
    if (!strcmp(name, ((const tarazu_field *)tarazu_at(&input->fields, i))->name)) return 1;
  return 0;
}

/* A table with the fields that the input takes, or one column of any kind. */
static void write_input(json *j, const tarazu_input *input)
{
  int single = input->shape == TARAZU_ATTRIBUTES && input->fields.count == 1;
  json_open(j, input->name, '{');
  json_text(j, "description", input->help);
  if (input->many) {
    json_text(j, "type", "array");
    json_key(j, "items");
    text_add(j->out, "{\"type\": \"string\"}");
    json_close(j, '}');
    return;
  }
  json_open(j, "anyOf", '[');
  json_key(j, NULL);
  text_add(j->out, "{\"type\": \"string\"}");
  json_open(j, NULL, '{');
  json_text(j, "type", "object");
  json_open(j, "properties", '{');
  simple(j, "from", "string", "the table");
  /* The ends of an edge are the table's own, by its `edge`. */
  for (uint32_t i = input->shape == TARAZU_EDGES ? 2 : 0; i < input->fields.count; i++) {
    const tarazu_field *field = tarazu_at(&input->fields, i);
    if (!is_repeated(input, i)) simple(j, field->name, "string", field->help);
  }
  json_close(j, '}');
  write_strings(j, "required", STRINGS("from"));
  json_bool(j, "additionalProperties", 0);
  json_close(j, '}');
  if (single) reference(j, NULL, "output_of_criterion");
  json_close(j, ']');
  json_close(j, '}');
}

/* Whether the name is an input's, or a field's of an earlier input of attributes. */
static int is_taken(const tarazu_strategy *strategy, uint32_t before, const char *name)
{
  for (uint32_t i = 0; i < strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&strategy->inputs, i);
    if (!strcmp(input->name, name)) return 1;
    for (uint32_t k = 0; i < before && input->shape == TARAZU_ATTRIBUTES && k < input->fields.count; k++)
      if (!strcmp(((const tarazu_field *)tarazu_at(&input->fields, k))->name, name)) return 1;
  }
  return 0;
}

/* Fields of attributes may stand by their own names, too. */
static void write_field_inputs(json *j, const tarazu_strategy *strategy)
{
  for (uint32_t i = 0; i < strategy->inputs.count; i++) {
    const tarazu_input *input = tarazu_at(&strategy->inputs, i);
    for (uint32_t k = 0; k < input->fields.count && !input->many && input->shape == TARAZU_ATTRIBUTES; k++) {
      const tarazu_field *field = tarazu_at(&input->fields, k);
      if (is_repeated(input, k) || is_taken(strategy, i, field->name)) continue;
      json_open(j, field->name, '{');
      json_text(j, "description", field->help);
      json_open(j, "anyOf", '[');
      json_key(j, NULL);
      text_add(j->out, "{\"type\": \"string\"}");
      reference(j, NULL, "output_of_criterion");
      json_close(j, ']');
      json_close(j, '}');
    }
  }
}

/* ---- strategies -------------------------------------------------------------------------------------------- */

static int is_first(const schema *s, uint32_t index)
{
  for (uint32_t i = 0; i < index; i++)
    if (s->strategies[i]->role == s->strategies[index]->role && !strcmp(s->strategies[i]->id, s->strategies[index]->id))
      return 0;
  return 1;
}

/* The ids of a role, each with its summary, which editors show beside it. */
static void write_ids(schema *s, uint32_t role)
{
  json *j = &s->json;
  json_open(j, arena_format(s->arena, "%s_id", role_name(role)), '{');
  json_text(j, "type", "string");
  json_open(j, "oneOf", '[');
  for (uint32_t i = 0; i < s->count; i++) {
    if (s->strategies[i]->role != role || !is_first(s, i)) continue;
    json_open(j, NULL, '{');
    json_text(j, "const", s->strategies[i]->id);
    json_text(j, "description", s->strategies[i]->summary);
    json_close(j, '}');
  }
  if (!j->begun) json_bool(j, NULL, 0); /* an empty oneOf is no schema */
  json_close(j, ']');
  json_close(j, '}');
}

static void write_strategy(schema *s, const tarazu_strategy *strategy, int inputs)
{
  json *j = &s->json;
  json_open(j, NULL, '{');
  json_key(j, "if");
  text_add(j->out, "{\"properties\": {\"plugin\": {\"const\": ");
  text_add_json(j->out, strategy->id);
  text_add(j->out, "}}, \"required\": [\"plugin\"]}");
  json_open(j, "then", '{');
  json_open(j, "properties", '{');
  json_open(j, "params", '{');
  write_strings(j, "type", STRINGS("object", "null"));
  json_open(j, "properties", '{');
  for (uint32_t i = 0; i < strategy->params.count; i++) write_param(s, tarazu_at(&strategy->params, i));
  json_close(j, '}');
  json_bool(j, "additionalProperties", 0);
  json_close(j, '}');
  if (inputs) {
    json_open(j, "input", '{');
    write_strings(j, "type", STRINGS("object", "null"));
    json_open(j, "properties", '{');
    write_field_inputs(j, strategy);
    for (uint32_t i = 0; i < strategy->inputs.count; i++) write_input(j, tarazu_at(&strategy->inputs, i));
    json_close(j, '}');
    json_bool(j, "additionalProperties", 0);
    json_close(j, '}');
  }
  json_close(j, '}');
  json_close(j, '}');
  json_close(j, '}');
}

/* The beginning of a map that names a strategy: `plugin` and `params`, and `input` where the role has any. */
static void open_use(schema *s, const char *key, uint32_t role, int inputs)
{
  json *j = &s->json;
  json_open(j, key, '{');
  write_strings(j, "type", STRINGS("object", "null"));
  json_open(j, "properties", '{');
  reference(j, "plugin", arena_format(s->arena, "%s_id", role_name(role)));
  json_open(j, "sha256", '{');
  write_strings(j, "type", STRINGS("string", "number", "null"));
  json_text(j, "pattern", "^[0-9A-Fa-f]{64}$");
  json_text(j, "description", "the plugin's file must have this SHA-256");
  json_close(j, '}');
  json_open(j, "params", '{');
  write_strings(j, "type", STRINGS("object", "null"));
  json_close(j, '}');
  reference(j, "isolate", "isolate");
  if (role == TARAZU_SCORER || role == TARAZU_SEGMENTER) {
    json_key(j, "on_failure");
    text_add(j->out, "{\"enum\": [\"stop\", \"skip\"], \"default\": \"stop\", \"description\": \"whether a run goes on "
                     "without it where it fails\"}");
  }
  if (!inputs) return;
  json_open(j, "input", '{');
  write_strings(j, "type", STRINGS("object", "null"));
  json_close(j, '}');
}

static void close_use(schema *s, uint32_t role, int inputs)
{
  json *j = &s->json;
  json_close(j, '}');
  json_bool(j, "additionalProperties", 0);
  json_open(j, "allOf", '[');
  for (uint32_t i = 0; i < s->count; i++)
    if (s->strategies[i]->role == role && is_first(s, i)) write_strategy(s, s->strategies[i], inputs);
  if (!j->begun) json_bool(j, NULL, 1); /* an empty allOf is no schema */
  json_close(j, ']');
  json_close(j, '}');
}

static void model(json *j)
{
  simple(j, "model", "string", "a saved model: what it has learned comes from there");
}

/* The id alone, or a map. */
static void write_use(schema *s, const char *name, uint32_t role, int inputs, int loads, int share)
{
  json *j = &s->json;
  json_open(j, name, '{');
  json_open(j, "anyOf", '[');
  reference(j, NULL, arena_format(s->arena, "%s_id", role_name(role)));
  open_use(s, NULL, role, inputs);
  if (loads) model(j);
  if (share) reference(j, "share", "weight");
  close_use(s, role, inputs);
  json_close(j, ']');
  json_close(j, '}');
}

/* ---- the format's own keys --------------------------------------------------------------------------------- */

static void write_criterion(schema *s)
{
  json *j = &s->json;
  open_use(s, "criterion", TARAZU_SCORER, 1);
  simple(j, "dimension", "string", "financial, non_financial or one of your own");
  json_key(j, "weight");
  text_add(j->out, "{\"type\": \"number\", \"minimum\": 0, \"default\": 1, "
                   "\"description\": \"its share among the criteria of its dimension\"}");
  json_key(j, "better");
  text_add(j->out, "{\"enum\": [\"more\", \"less\"], \"description\": \"which end is the good one\"}");
  reference(j, "normalize", "normalizer_of_criterion");
  model(j);
  reference(j, "missing", "missing");
  close_use(s, TARAZU_SCORER, 1);
}

static void write_table(schema *s)
{
  json *j = &s->json;
  open_use(s, "table", TARAZU_SOURCE, 0);
  simple(j, "from", "string", "a file, a pattern of files, or a connection");
  simple(j, "key", "string", "the column that names the customer");
  json_key(j, "edge");
  text_add(j->out, "{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"minItems\": 2, \"maxItems\": 2, "
                   "\"description\": \"the columns that name the two customers of an edge, [from, to]\"}");
  json_key(j, "columns");
  text_add(j->out, "{\"type\": [\"object\", \"null\"], \"additionalProperties\": {\"type\": [\"string\", \"number\", "
                   "\"boolean\", \"null\"]}, \"description\": \"names, and the columns or expressions they stand for; "
                   "time dates a row\"}");
  simple(j, "where", "string", "only rows for which this holds");
  simple(j, "known_at", "string", "the column that says since when a row has been known");
  simple(j, "timeless", "boolean", "a table without dates that was true all along, so that a backtest may use it");
  json_key(j, "shape");
  text_add(j->out, "{\"enum\": [\"attributes\", \"events\", \"edges\"]}");
  close_use(s, TARAZU_SOURCE, 0);
}

static void write_output(schema *s)
{
  open_use(s, "output", TARAZU_SINK, 0);
  simple(&s->json, "to", "string", "a file, or - for the screen");
  close_use(s, TARAZU_SINK, 0);
}

/* A map of names of the profile's own choosing; null takes an entry of the extended profile away. */
static void write_named(schema *s, const char *key, const char *definition, const char *description)
{
  json *j = &s->json;
  json_open(j, key, '{');
  json_text(j, "description", description);
  write_strings(j, "type", STRINGS("object", "null"));
  json_open(j, "propertyNames", '{');
  json_text(j, "pattern", NAME_PATTERN);
  json_close(j, '}');
  reference(j, "additionalProperties", definition);
  json_close(j, '}');
}

/* The definitions that no plugin has a part in. */
static void write_fixed_definitions(json *j)
{
  json_key(j, "weight");
  text_add(j->out,
           "{\"anyOf\": [{\"type\": \"number\", \"minimum\": 0}, {\"type\": \"string\", \"pattern\": \"" PERCENT_PATTERN
           "\"}]}");
  json_key(j, "date");
  text_add(j->out, "{\"type\": \"string\", \"pattern\": \"" DATE_PATTERN "\"}");
  pattern(j, "duration", DURATION_PATTERN);
  json_key(j, "missing");
  text_add(j->out, "{\"anyOf\": [{\"enum\": [\"leave_out\", \"median\", \"worst\"]}, {\"type\": \"number\"}], "
                   "\"description\": \"what stands for a missing value; by default it is left out\"}");
  json_key(j, "count_or_share");
  text_add(
      j->out,
      "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1}, {\"type\": \"string\", \"pattern\": \"" PERCENT_PATTERN
      "\"}]}");
  json_key(j, "floor");
  text_add(j->out, "{\"anyOf\": [{\"$ref\": \"#/$defs/weight\"}, {\"type\": \"object\", \"properties\": "
                   "{\"least\": {\"anyOf\": [{\"type\": \"number\"}, {\"$ref\": \"#/$defs/weight\"}]}, "
                   "\"of\": {\"enum\": [\"percentile\", \"score\"]}}, "
                   "\"required\": [\"least\"], \"additionalProperties\": false}, {\"type\": \"null\"}]}");
  json_key(j, "decisions");
  text_add(j->out, "{\"type\": [\"array\", \"null\"], \"items\": {\"type\": \"object\", \"properties\": "
                   "{\"customer\": {\"type\": [\"string\", \"number\"]}, \"reason\": {\"type\": \"string\"}, "
                   "\"author\": {\"type\": \"string\"}, \"until\": {\"$ref\": \"#/$defs/date\"}}, "
                   "\"required\": [\"customer\", \"reason\", \"author\"], \"additionalProperties\": false}}");
  json_key(j, "isolate");
  text_add(j->out,
           "{\"anyOf\": [{\"enum\": [\"process\", \"none\"]}, {\"type\": \"object\", \"properties\": {\"memory\": "
           "{\"type\": \"string\", \"default\": \"2G\"}, \"time\": {\"type\": \"string\", \"default\": "
           "\"5 minutes\"}}, \"additionalProperties\": false}, {\"type\": \"null\"}], \"description\": "
           "\"in a process of its own, behind a filter of system calls\"}");
  json_key(j, "output_of_criterion");
  text_add(j->out, "{\"type\": \"object\", \"properties\": {\"criterion\": {\"type\": \"string\"}, \"output\": "
                   "{\"type\": \"string\"}}, \"required\": [\"criterion\"], \"additionalProperties\": false}");
}

static void write_key_customers(json *j)
{
  json_open(j, "key_customers", '{');
  json_text(j, "description", "who is on the short list");
  write_strings(j, "type", STRINGS("object", "null"));
  json_open(j, "properties", '{');
  reference(j, "limit", "count_or_share");
  reference(j, "keep_within", "count_or_share");
  json_key(j, "capacity");
  text_add(j->out, "{\"type\": [\"object\", \"null\"], \"properties\": {\"of\": {\"anyOf\": [{\"type\": \"string\"}, "
                   "{\"$ref\": \"#/$defs/output_of_criterion\"}]}, \"total\": {\"type\": \"number\", "
                   "\"exclusiveMinimum\": 0}, \"missing\": {\"anyOf\": [{\"const\": \"leave_out\"}, {\"type\": "
                   "\"number\", \"minimum\": 0}]}}, \"required\": [\"of\", \"total\"], \"additionalProperties\": "
                   "false, \"description\": \"what key customers may take together\"}");
  json_key(j, "previous");
  text_add(j->out, "{\"anyOf\": [{\"type\": \"string\"}, {\"$ref\": \"#/$defs/table\"}], \"description\": "
                   "\"the list of last time, whose members stay while they rank within keep_within\"}");
  json_key(j, "require");
  text_add(j->out, "{\"type\": [\"object\", \"null\"], \"additionalProperties\": {\"$ref\": \"#/$defs/floor\"}, "
                   "\"description\": \"what a key customer must reach in a dimension\"}");
  reference(j, "pin", "decisions");
  reference(j, "exclude", "decisions");
  json_close(j, '}');
  json_bool(j, "additionalProperties", 0);
  json_close(j, '}');
}

static void write_confidence(json *j)
{
  json_key(j, "confidence");
  text_add(
      j->out,
      "{\"type\": [\"object\", \"null\"], \"description\": \"how sure the list is, by drawing weights and values\", "
      "\"properties\": {\"draws\": {\"type\": \"integer\", \"minimum\": 100, \"maximum\": 1000000, \"default\": "
      "10000}, "
      "\"weights\": {\"description\": \"how weights are drawn\", \"anyOf\": "
      "[{\"enum\": [\"given\", \"order\", \"any\"]}, {\"type\": \"null\"}, "
      "{\"type\": \"object\", \"properties\": {\"concentration\": {\"type\": \"number\", \"minimum\": 0.01, "
      "\"maximum\": 1000000, \"default\": 20}}, \"required\": [\"concentration\"], \"additionalProperties\": false}, "
      "{\"type\": \"object\", \"properties\": {\"intervals\": {\"type\": \"object\", \"minProperties\": 1, "
      "\"additionalProperties\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/weight\"}, \"minItems\": 2, "
      "\"maxItems\": 2}}}, \"required\": [\"intervals\"], \"additionalProperties\": false}]}, "
      "\"values\": {\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"string\", \"pattern\": \"" PERCENT_PATTERN
      "\"}, {\"type\": \"null\"}], \"description\": \"whether values are drawn where scorers give intervals, or the "
      "chance with which these hold\"}, "
      "\"bands\": {\"type\": [\"array\", \"null\"], \"items\": {\"type\": \"integer\", \"minimum\": 1}, \"maxItems\": "
      "16, "
      "\"description\": \"ranks within which a customer's chance to be is told\"}}, \"additionalProperties\": false}");
}

static void write_head(json *j)
{
  json_key(j, "tarazu");
  text_add(j->out, "{\"const\": 1, \"description\": \"the version of the profile's format\"}");
  json_key(j, "extends");
  text_add(j->out, "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}], "
                   "\"description\": \"profiles that this one is laid over\"}");
  simple(j, "company", "string", "whose customers these are");
  simple(j, "description", "string", "what this profile is for");
  simple(j, "currency", "string", "of all money, as EUR");
  json_key(j, "as_of");
  text_add(j->out, "{\"anyOf\": [{\"$ref\": \"#/$defs/date\"}, {\"type\": \"null\"}], \"description\": "
                   "\"nothing dated later counts\"}");
  simple(j, "time_zone", "string", "where days begin: UTC, +03:30, Europe/London");
  json_key(j, "seed");
  text_add(j->out, "{\"type\": \"integer\", \"minimum\": 0, \"description\": \"of random numbers\"}");
}

static void write_sections(schema *s)
{
  json *j = &s->json;
  write_named(s, "data", "table", "the tables that strategies read");
  write_named(s, "criteria", "criterion", "what is measured of each customer");
  reference(j, "missing", "missing");
  json_key(j, "dimensions");
  text_add(j->out,
           "{\"type\": [\"object\", \"null\"], \"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/$defs/weight\"}, "
           "{\"type\": \"null\"}]}, \"description\": \"the weight of each dimension\"}");
  reference(j, "normalize", "normalizer");
  json_key(j, "weigh");
  text_add(j->out, "{\"anyOf\": [{\"$ref\": \"#/$defs/weigher\"}, {\"type\": \"array\", \"items\": "
                   "{\"$ref\": \"#/$defs/weigher\"}}]}");
  reference(j, "combine", "combiner");
  write_named(s, "segments", "segmenter", "groups of customers");
  write_key_customers(j);
  write_confidence(j);
  json_key(j, "output");
  text_add(j->out, "{\"type\": [\"array\", \"null\"], \"items\": {\"$ref\": \"#/$defs/output\"}, \"description\": "
                   "\"where the results go\"}");
  reference(j, "isolate", "isolate");
  json_key(j, "store");
  text_add(j->out, "{\"type\": [\"string\", \"null\"], \"description\": \"a run store that each run is recorded in, as "
                   "tarazu.db\"}");
}

static void write_definitions(schema *s)
{
  for (uint32_t role = TARAZU_SCORER; role <= TARAZU_SINK; role++) write_ids(s, role);
  write_table(s);
  write_criterion(s);
  write_use(s, "normalizer", TARAZU_NORMALIZER, 0, 0, 0); /* for all criteria: no model is of all */
  write_use(s, "normalizer_of_criterion", TARAZU_NORMALIZER, 0, 1, 0);
  write_use(s, "weigher", TARAZU_WEIGHER, 1, 1, 1);
  write_use(s, "combiner", TARAZU_COMBINER, 1, 1, 0);
  write_use(s, "segmenter", TARAZU_SEGMENTER, 1, 1, 0);
  write_output(s);
  write_fixed_definitions(&s->json);
}

void describe_definitions(catalog *c, json *to)
{
  const plugin_file *const *files;
  schema s = {.json = *to, .arena = arena_new()};
  s.count = catalog_strategies(c, &s.strategies, &files);
  write_definitions(&s);
  *to = s.json;
  arena_free(s.arena);
}

void describe_schema(catalog *c, text *out)
{
  const plugin_file *const *files;
  schema s = {.json = {.out = out}, .arena = arena_new()};
  json *j = &s.json;
  s.count = catalog_strategies(c, &s.strategies, &files);
  json_open(j, NULL, '{');
  json_text(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
  json_text(j, "title", "a profile of tarazu");
  json_text(j, "type", "object");
  json_open(j, "properties", '{');
  write_head(j);
  write_sections(&s);
  json_close(j, '}');
  json_bool(j, "additionalProperties", 0);
  json_open(j, "$defs", '{');
  write_definitions(&s);
  json_close(j, '}');
  json_close(j, '}');
  text_add(out, "\n");
  arena_free(s.arena);
}
