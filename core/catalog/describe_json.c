/* What declarations say, as JSON. */
#include "catalog/describe.h"
#include "catalog/json.h"
#include "catalog/words.h"
#include <math.h>

static void write_params(json *j, const char *key, const tarazu_list *params)
{
  json_open(j, key, '[');
  for (uint32_t i = 0; i < params->count; i++) {
    const tarazu_param *p = tarazu_at(params, i);
    json_open(j, NULL, '{');
    json_text(j, "name", p->name);
    json_text(j, "kind", kind_name(p->kind));
    json_text(j, "help", p->help);
    json_text(j, "unit", p->unit);
    json_text(j, "default", p->initial);
    json_bool(j, "required", !p->initial && !p->optional);
    if (has_least(p)) json_number(j, "least", p->least);
    if (has_most(p)) json_number(j, "most", p->most);
    if (p->kind == TARAZU_CHOICE) {
      json_open(j, "choices", '[');
      for (const char *const *choice = p->choices; *choice; choice++) json_text(j, NULL, *choice);
      json_close(j, ']');
    }
    if (p->fields.count) write_params(j, "fields", &p->fields);
    json_close(j, '}');
  }
  json_close(j, ']');
}

static void write_field(json *j, const tarazu_field *field)
{
  static const char *const spans[] = {NULL, "first_period", "later_periods"};
  json_open(j, NULL, '{');
  json_text(j, "name", field->name);
  json_text(j, "type", type_name(field->type));
  json_text(j, "help", field->help);
  json_text(j, "aggregate", aggregate_name(field->aggregate));
  json_text(j, "span", spans[field->span]);
  json_text(j, "period", field->period);
  json_text(j, "window", field->window);
  json_text(j, "when", field->when);
  json_bool(j, "optional", field->optional != 0);
  json_close(j, '}');
}

static void write_inputs(json *j, const tarazu_list *inputs)
{
  json_open(j, "inputs", '[');
  for (uint32_t i = 0; i < inputs->count; i++) {
    const tarazu_input *input = tarazu_at(inputs, i);
    json_open(j, NULL, '{');
    json_text(j, "name", input->name);
    json_text(j, "shape", shape_name(input->shape));
    json_text(j, "bind", input->bind ? input->bind : input->name);
    json_text(j, "help", input->help);
    json_bool(j, "optional", input->optional != 0);
    json_bool(j, "many", input->many != 0);
    json_open(j, "fields", '[');
    for (uint32_t k = 0; k < input->fields.count; k++) write_field(j, tarazu_at(&input->fields, k));
    json_close(j, ']');
    json_close(j, '}');
  }
  json_close(j, ']');
}

static void write_outputs(json *j, const tarazu_list *outputs)
{
  json_open(j, "outputs", '[');
  for (uint32_t i = 0; i < outputs->count; i++) {
    const tarazu_output *o = tarazu_at(outputs, i);
    json_open(j, NULL, '{');
    json_text(j, "name", o->name);
    json_text(j, "type", type_name(o->type));
    json_text(j, "unit", o->unit);
    json_text(j, "help", o->help);
    if (o->better) json_text(j, "better", o->better > 0 ? "more" : "less");
    json_text(j, "end", meaning_name(o->meaning));
    if (o->meaning) json_text(j, "of", ((const tarazu_output *)tarazu_at(outputs, o->of))->name);
    json_close(j, '}');
  }
  json_close(j, ']');
}

static void write_accepts(json *j, const char *const *accepts)
{
  json_open(j, "accepts", '[');
  for (; *accepts; accepts++) json_text(j, NULL, *accepts);
  json_close(j, ']');
}

static void write_about(json *j, const tarazu_strategy *s, const plugin_file *file)
{
  json_text(j, "role", role_name(s->role));
  json_text(j, "id", s->id);
  json_text(j, "version", s->version);
  json_text(j, "summary", s->summary);
  json_text(j, "license", s->license);
  json_bool(j, "usual", (s->flags & TARAZU_USUAL) != 0);
  if (!file) return;
  json_text(j, "plugin", file->plugin ? file->plugin->name : NULL);
  json_text(j, "file", file->path);
  json_text(j, "sha256", file->sha256[0] ? file->sha256 : NULL);
}

void describe_strategy_json(const tarazu_strategy *s, const plugin_file *file, text *out)
{
  json j = {.out = out};
  json_open(&j, NULL, '{');
  write_about(&j, s, file);
  json_text(&j, "normalizer", s->normalizer);
  json_bool(&j, "serial", (s->flags & TARAZU_SERIAL) != 0);
  json_bool(&j, "by_row", (s->flags & TARAZU_BY_ROW) != 0);
  json_bool(&j, "learns_weights", (s->flags & TARAZU_LEARNS_WEIGHTS) != 0);
  json_bool(&j, "whole_columns", s->fit != NULL);
  json_bool(&j, "saves", s->save != NULL);
  if (s->role == TARAZU_SOURCE) write_accepts(&j, strategy_source(s)->accepts);
  if (s->role == TARAZU_SINK) write_accepts(&j, strategy_sink(s)->accepts);
  write_params(&j, "params", &s->params);
  write_inputs(&j, &s->inputs);
  write_outputs(&j, &s->outputs);
  json_close(&j, '}');
}

void describe_list_json(catalog *c, text *out)
{
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  json j = {.out = out};
  uint32_t count = catalog_strategies(c, &strategies, &files);
  json_open(&j, NULL, '{');
  json_open(&j, "strategies", '[');
  for (uint32_t i = 0; i < count; i++) {
    json_open(&j, NULL, '{');
    write_about(&j, strategies[i], files[i]);
    json_close(&j, '}');
  }
  json_close(&j, ']');
  json_open(&j, "faults", '[');
  for (uint32_t i = 0; i < catalog_files(c); i++) {
    const plugin_file *file = catalog_file(c, i);
    if (!file->fault) continue;
    json_open(&j, NULL, '{');
    json_text(&j, "file", file->path);
    json_text(&j, "fault", file->fault);
    json_close(&j, '}');
  }
  json_close(&j, ']');
  json_close(&j, '}');
  text_add(out, "\n");
}
