/* What sources and sinks are asked, as bytes. */
#include "isolate/packet.h"

/* ---- sources ----------------------------------------------------------------------------------------------- */

static void add_wants(text *out, const tarazu_list *wants)
{
  packet_add_u32(out, wants->count);
  for (uint32_t i = 0; i < wants->count; i++) {
    const tarazu_want *w = tarazu_at(wants, i);
    packet_add_string(out, w->name);
    packet_add_string(out, w->expression);
    packet_add_u32(out, w->type);
    packet_add_u32(out, w->aggregate);
    packet_add_u32(out, w->span);
    packet_add_u32(out, w->windowed);
    packet_add_i64(out, w->period);
    packet_add_i64(out, w->since);
    packet_add_i64(out, w->since_civil);
  }
}

static tarazu_list take_wants(packet *from)
{
  uint32_t count = packet_count(from, 48);
  tarazu_want *wants = arena_array(from->arena, (size_t)count + 1, sizeof *wants);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_want *w = &wants[i];
    w->name = packet_string(from);
    w->expression = packet_string(from);
    w->type = packet_u32(from);
    w->aggregate = packet_u32(from);
    w->span = packet_u32(from);
    w->windowed = packet_u32(from);
    w->period = packet_i64(from);
    w->since = packet_i64(from);
    w->since_civil = packet_i64(from);
  }
  return (tarazu_list){wants, count, (uint32_t)sizeof *wants};
}

void packet_add_request(text *out, const tarazu_request *r)
{
  packet_add_u32(out, r->shape);
  packet_add_string(out, r->table);
  packet_add_string(out, r->location);
  packet_add_string(out, r->where);
  packet_add_string(out, r->keys[0]);
  packet_add_string(out, r->keys[1]);
  packet_add_string(out, r->time);
  packet_add_i64(out, r->until);
  packet_add_i64(out, r->until_civil);
  packet_add_i64(out, r->memory);
  packet_add_string(out, r->scratch);
  packet_add_u32(out, r->threads);
  add_wants(out, &r->wants);
}

void packet_request(packet *from, tarazu_request *out)
{
  *out = (tarazu_request){.size = sizeof *out};
  out->shape = packet_u32(from);
  out->table = packet_string(from);
  out->location = packet_string(from);
  out->where = packet_string(from);
  out->keys[0] = packet_string(from);
  out->keys[1] = packet_string(from);
  out->time = packet_string(from);
  out->until = packet_i64(from);
  out->until_civil = packet_i64(from);
  out->memory = packet_i64(from);
  out->scratch = packet_string(from);
  out->threads = packet_u32(from);
  out->wants = take_wants(from);
}

void packet_add_source_columns(text *out, const tarazu_list *columns)
{
  packet_add_u32(out, columns->count);
  for (uint32_t i = 0; i < columns->count; i++) {
    const tarazu_source_column *c = tarazu_at(columns, i);
    packet_add_string(out, c->name);
    packet_add_string(out, c->declared);
    packet_add_u32(out, c->type);
  }
}

tarazu_list packet_source_columns(packet *from)
{
  uint32_t count = packet_count(from, 12);
  tarazu_source_column *columns = arena_array(from->arena, (size_t)count + 1, sizeof *columns);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_source_column *c = &columns[i];
    c->name = packet_string(from);
    c->declared = packet_string(from);
    c->type = packet_u32(from);
    if (!c->name) c->name = "";
    if (!c->declared) c->declared = "";
  }
  return (tarazu_list){columns, from->broken ? 0 : count, (uint32_t)sizeof *columns};
}

/* ---- sinks ------------------------------------------------------------------------------------------------- */

void packet_add_target(text *out, const tarazu_target *t)
{
  packet_add_u32(out, t->terminal);
  packet_add_string(out, t->location);
  packet_add_string(out, t->manifest);
  packet_add_u32(out, t->width);
}

void packet_target(packet *from, tarazu_target *out)
{
  *out = (tarazu_target){.size = sizeof *out};
  out->terminal = packet_u32(from);
  out->location = packet_string(from);
  out->manifest = packet_string(from);
  out->width = packet_u32(from);
}

void packet_add_table(text *out, const tarazu_table *t)
{
  packet_add_u32(out, t->kind);
  packet_add_string(out, t->name);
  packet_add_i64(out, t->rows);
  packet_add_bound(out, &t->columns);
}

void packet_table(packet *from, tarazu_table *out)
{
  *out = (tarazu_table){.size = sizeof *out};
  out->kind = packet_u32(from);
  out->name = packet_string(from);
  out->rows = packet_i64(from);
  out->columns = packet_bound(from);
}
