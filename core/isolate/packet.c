#include "isolate/packet.h"

#include "catalog/catalog.h"
#include <string.h>

#define NO_STRING UINT32_MAX
enum { MOST_DEPTH = 8 };

/* ---- values ------------------------------------------------------------------------------------------------ */

void packet_add_bytes(text *out, const void *bytes, size_t count)
{
  if (count) text_add_n(out, bytes, count);
}

void packet_add_u32(text *out, uint32_t value)
{
  packet_add_bytes(out, &value, sizeof value);
}

void packet_add_i64(text *out, int64_t value)
{
  packet_add_bytes(out, &value, sizeof value);
}

void packet_add_real(text *out, double value)
{
  packet_add_bytes(out, &value, sizeof value);
}

void packet_add_string(text *out, const char *string)
{
  size_t length = string ? strlen(string) : 0;
  packet_add_u32(out, string ? (uint32_t)length : NO_STRING);
  packet_add_bytes(out, string, length);
}

static const char *take(packet *from, size_t count)
{
  const char *at = from->at;
  if (from->broken || (size_t)(from->end - at) < count) {
    from->broken = 1;
    return NULL;
  }
  from->at += count;
  return at;
}

uint32_t packet_u32(packet *from)
{
  uint32_t value = 0;
  const char *at = take(from, sizeof value);
  if (at) memcpy(&value, at, sizeof value);
  return value;
}

int64_t packet_i64(packet *from)
{
  int64_t value = 0;
  const char *at = take(from, sizeof value);
  if (at) memcpy(&value, at, sizeof value);
  return value;
}

double packet_real(packet *from)
{
  double value = 0;
  const char *at = take(from, sizeof value);
  if (at) memcpy(&value, at, sizeof value);
  return value;
}

const char *packet_string(packet *from)
{
  uint32_t length = packet_u32(from);
  if (from->broken || length == NO_STRING) return NULL;
  const char *at = take(from, length);
  if (!at || memchr(at, 0, length)) {
    from->broken = 1;
    return NULL;
  }
  return arena_copy_n(from->arena, at, length);
}

uint32_t packet_count(packet *from, size_t least)
{
  uint32_t count = packet_u32(from);
  if (!from->broken && count <= (size_t)(from->end - from->at) / least) return count;
  from->broken = 1;
  return 0;
}

static tarazu_list list_of(const void *items, uint32_t count, size_t stride)
{
  return (tarazu_list){items, count, (uint32_t)stride};
}

static uint32_t count_strings(const char *const *strings)
{
  uint32_t count = 0;
  while (strings && strings[count]) count++;
  return count;
}

void packet_add_strings(text *out, const char *const *strings)
{
  uint32_t count = count_strings(strings);
  packet_add_u32(out, strings != NULL);
  packet_add_u32(out, count);
  for (uint32_t i = 0; i < count; i++) packet_add_string(out, strings[i]);
}

const char *const *packet_strings(packet *from)
{
  int there = packet_u32(from) != 0;
  uint32_t count = packet_count(from, sizeof(uint32_t));
  const char **strings = arena_array(from->arena, (size_t)count + 1, sizeof *strings);
  for (uint32_t i = 0; i < count; i++)
    if (!(strings[i] = packet_string(from))) from->broken = 1;
  return there && !from->broken ? strings : NULL;
}

/* ---- declarations ------------------------------------------------------------------------------------------ */

static void add_params(text *out, const tarazu_list *params)
{
  packet_add_u32(out, params->count);
  for (uint32_t i = 0; i < params->count; i++) {
    const tarazu_param *p = tarazu_at(params, i);
    packet_add_string(out, p->name);
    packet_add_string(out, p->initial);
    packet_add_string(out, p->unit);
    packet_add_string(out, p->help);
    packet_add_real(out, p->least);
    packet_add_real(out, p->most);
    packet_add_strings(out, p->choices);
    packet_add_u32(out, p->kind);
    packet_add_u32(out, p->optional);
    add_params(out, &p->fields);
  }
}

static tarazu_list take_params(packet *from, int depth)
{
  uint32_t count = packet_count(from, 40);
  tarazu_param *params = arena_array(from->arena, (size_t)count + 1, sizeof *params);
  if (depth > MOST_DEPTH) from->broken = 1;
  for (uint32_t i = 0; i < count && !from->broken; i++) {
    tarazu_param *p = &params[i];
    p->name = packet_string(from);
    p->initial = packet_string(from);
    p->unit = packet_string(from);
    p->help = packet_string(from);
    p->least = packet_real(from);
    p->most = packet_real(from);
    p->choices = packet_strings(from);
    p->kind = packet_u32(from);
    p->optional = packet_u32(from);
    p->fields = take_params(from, depth + 1);
  }
  return list_of(params, from->broken ? 0 : count, sizeof *params);
}

static void add_fields(text *out, const tarazu_list *fields)
{
  packet_add_u32(out, fields->count);
  for (uint32_t i = 0; i < fields->count; i++) {
    const tarazu_field *f = tarazu_at(fields, i);
    packet_add_string(out, f->name);
    packet_add_string(out, f->help);
    packet_add_string(out, f->period);
    packet_add_string(out, f->window);
    packet_add_string(out, f->when);
    packet_add_u32(out, f->type);
    packet_add_u32(out, f->aggregate);
    packet_add_u32(out, f->span);
    packet_add_u32(out, f->optional);
  }
}

static tarazu_list take_fields(packet *from)
{
  uint32_t count = packet_count(from, 36);
  tarazu_field *fields = arena_array(from->arena, (size_t)count + 1, sizeof *fields);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_field *f = &fields[i];
    f->name = packet_string(from);
    f->help = packet_string(from);
    f->period = packet_string(from);
    f->window = packet_string(from);
    f->when = packet_string(from);
    f->type = packet_u32(from);
    f->aggregate = packet_u32(from);
    f->span = packet_u32(from);
    f->optional = packet_u32(from);
  }
  return list_of(fields, count, sizeof *fields);
}

static void add_inputs(text *out, const tarazu_list *inputs)
{
  packet_add_u32(out, inputs->count);
  for (uint32_t i = 0; i < inputs->count; i++) {
    const tarazu_input *in = tarazu_at(inputs, i);
    packet_add_string(out, in->name);
    packet_add_string(out, in->bind);
    packet_add_string(out, in->help);
    packet_add_u32(out, in->shape);
    packet_add_u32(out, in->optional);
    packet_add_u32(out, in->many);
    add_fields(out, &in->fields);
  }
}

static tarazu_list take_inputs(packet *from)
{
  uint32_t count = packet_count(from, 28);
  tarazu_input *inputs = arena_array(from->arena, (size_t)count + 1, sizeof *inputs);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_input *in = &inputs[i];
    in->name = packet_string(from);
    in->bind = packet_string(from);
    in->help = packet_string(from);
    in->shape = packet_u32(from);
    in->optional = packet_u32(from);
    in->many = packet_u32(from);
    in->fields = take_fields(from);
  }
  return list_of(inputs, count, sizeof *inputs);
}

static void add_outputs(text *out, const tarazu_list *outputs)
{
  packet_add_u32(out, outputs->count);
  for (uint32_t i = 0; i < outputs->count; i++) {
    const tarazu_output *o = tarazu_at(outputs, i);
    packet_add_string(out, o->name);
    packet_add_string(out, o->unit);
    packet_add_string(out, o->help);
    packet_add_u32(out, o->type);
    packet_add_u32(out, (uint32_t)o->better);
    packet_add_u32(out, o->meaning);
    packet_add_u32(out, o->of);
  }
}

static tarazu_list take_outputs(packet *from)
{
  uint32_t count = packet_count(from, 28);
  tarazu_output *outputs = arena_array(from->arena, (size_t)count + 1, sizeof *outputs);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_output *o = &outputs[i];
    o->name = packet_string(from);
    o->unit = packet_string(from);
    o->help = packet_string(from);
    o->type = packet_u32(from);
    o->better = (int32_t)packet_u32(from);
    o->meaning = packet_u32(from);
    o->of = packet_u32(from);
  }
  return list_of(outputs, count, sizeof *outputs);
}

static uint32_t functions_of(const tarazu_strategy *s)
{
  const tarazu_explain *explain = strategy_explain(s);
  return (s->create ? HAS_CREATE : 0u) | (s->destroy ? HAS_DESTROY : 0u) | (s->state_size ? HAS_STATE : 0u) |
         (s->learn ? HAS_LEARN : 0u) | (s->merge ? HAS_MERGE : 0u) | (s->finish ? HAS_FINISH : 0u) |
         (s->fit ? HAS_FIT : 0u) | (s->save ? HAS_SAVE : 0u) | (s->load ? HAS_LOAD : 0u) | (s->apply ? HAS_APPLY : 0u) |
         (s->weights ? HAS_WEIGHTS : 0u) | (s->labels ? HAS_LABELS : 0u) | (s->facts ? HAS_FACTS : 0u) |
         (explain && explain->contributions ? HAS_CONTRIBUTIONS : 0u) |
         (explain && explain->reasons ? HAS_REASONS : 0u);
}

void packet_add_strategy(text *out, const tarazu_strategy *s)
{
  packet_add_u32(out, s->role);
  packet_add_string(out, s->id);
  packet_add_string(out, s->version);
  packet_add_string(out, s->summary);
  packet_add_string(out, s->license);
  packet_add_string(out, s->normalizer);
  packet_add_u32(out, s->flags);
  packet_add_u32(out, functions_of(s));
  add_params(out, &s->params);
  add_inputs(out, &s->inputs);
  add_outputs(out, &s->outputs);
  const tarazu_source *source = s->role == TARAZU_SOURCE ? strategy_source(s) : NULL;
  const tarazu_sink *sink = s->role == TARAZU_SINK ? strategy_sink(s) : NULL;
  packet_add_strings(out, source ? source->accepts : sink ? sink->accepts : NULL);
  packet_add_u32(out, sink ? sink->tables : 0);
}

int packet_strategy(packet *from, tarazu_strategy *out, uint32_t *has, packet_files *files)
{
  *out = (tarazu_strategy){.size = sizeof *out};
  out->role = packet_u32(from);
  out->id = packet_string(from);
  out->version = packet_string(from);
  out->summary = packet_string(from);
  out->license = packet_string(from);
  out->normalizer = packet_string(from);
  out->flags = packet_u32(from);
  *has = packet_u32(from);
  out->params = take_params(from, 0);
  out->inputs = take_inputs(from);
  out->outputs = take_outputs(from);
  files->accepts = packet_strings(from);
  files->tables = packet_u32(from);
  return !from->broken;
}

/* ---- what an instance is created with ---------------------------------------------------------------------- */

void packet_add_args(text *out, const tarazu_args *args)
{
  packet_add_u32(out, args->values.count);
  for (uint32_t i = 0; i < args->values.count; i++) {
    const tarazu_value *v = tarazu_arg(args, i);
    packet_add_u32(out, v->given);
    packet_add_u32(out, v->count);
    packet_add_real(out, v->real);
    packet_add_i64(out, v->integer);
    packet_add_string(out, v->text);
    packet_add_u32(out, (v->reals ? 1u : 0u) | (v->texts ? 2u : 0u) | (v->records ? 4u : 0u));
    for (uint32_t k = 0; v->reals && k < v->count; k++) packet_add_real(out, v->reals[k]);
    for (uint32_t k = 0; v->texts && k < v->count; k++) packet_add_string(out, v->texts[k]);
    for (uint32_t k = 0; v->records && k < v->count; k++) packet_add_args(out, &v->records[k]);
  }
}

void packet_args(packet *from, tarazu_args *out)
{
  uint32_t count = packet_count(from, 32);
  tarazu_value *values = arena_array(from->arena, (size_t)count + 1, sizeof *values);
  *out = (tarazu_args){list_of(values, count, sizeof *values)};
  for (uint32_t i = 0; i < count && !from->broken; i++) {
    tarazu_value *v = &values[i];
    v->given = packet_u32(from);
    v->count = packet_u32(from);
    v->real = packet_real(from);
    v->integer = packet_i64(from);
    v->text = packet_string(from);
    uint32_t lists = packet_u32(from);
    double *reals = lists & 1 ? arena_array(from->arena, (size_t)v->count + 1, sizeof *reals) : NULL;
    const char **texts = lists & 2 ? arena_array(from->arena, (size_t)v->count + 1, sizeof *texts) : NULL;
    tarazu_args *records = lists & 4 ? arena_array(from->arena, (size_t)v->count + 1, sizeof *records) : NULL;
    for (uint32_t k = 0; reals && k < v->count; k++) reals[k] = packet_real(from);
    for (uint32_t k = 0; texts && k < v->count; k++) texts[k] = packet_string(from);
    for (uint32_t k = 0; records && k < v->count; k++) packet_args(from, &records[k]);
    v->reals = reals;
    v->texts = texts;
    v->records = records;
  }
}

void packet_add_bound(text *out, const tarazu_list *bound)
{
  packet_add_u32(out, bound->count);
  for (uint32_t i = 0; i < bound->count; i++) {
    const tarazu_bound *b = tarazu_at(bound, i);
    packet_add_string(out, b->name);
    packet_add_string(out, b->dimension);
    packet_add_string(out, b->unit);
    packet_add_real(out, b->weight);
    packet_add_u32(out, b->input);
    packet_add_u32(out, b->type);
    packet_add_u32(out, b->space);
    packet_add_u32(out, (uint32_t)b->better);
  }
}

tarazu_list packet_bound(packet *from)
{
  uint32_t count = packet_count(from, 36);
  tarazu_bound *bound = arena_array(from->arena, (size_t)count + 1, sizeof *bound);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_bound *b = &bound[i];
    b->name = packet_string(from);
    b->dimension = packet_string(from);
    b->unit = packet_string(from);
    b->weight = packet_real(from);
    b->input = packet_u32(from);
    b->type = packet_u32(from);
    b->space = packet_u32(from);
    b->better = (int32_t)packet_u32(from);
  }
  return list_of(bound, count, sizeof *bound);
}

void packet_add_context(text *out, const tarazu_context *context)
{
  packet_add_i64(out, context->as_of);
  packet_add_bound(out, &context->columns);
}

void packet_context(packet *from, tarazu_context *out)
{
  out->size = sizeof *out;
  out->as_of = packet_i64(from);
  out->columns = packet_bound(from);
}
