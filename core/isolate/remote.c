/* The functions of an isolated strategy: each lays its arguments out in shared memory, has the worker call the
 * plugin's, and copies what came of it. A learning state stays with the worker; the host's holds its number. */
#include "data/column.h"
#include "isolate/inner.h"
#include "isolate/packet.h"
#include <stdlib.h>
#include <string.h>

typedef struct remote_state {
  uint64_t number; /* 0: the worker has not made it yet */
} remote_state;

void isolated_bind(void *self, isolated *of, const char *name, uint64_t seed, const tarazu_dictionary *people)
{
  remote *r = self;
  r->worker = of;
  r->name = name;
  r->seed = seed;
  r->people = people;
}

/* ---- batches ----------------------------------------------------------------------------------------------- */

static size_t aligned(size_t size)
{
  return (size + WIRE_ALIGN - 1) / WIRE_ALIGN * WIRE_ALIGN;
}

static size_t bits_room(int64_t count)
{
  return aligned(((size_t)count + 7) / 8 + 8);
}

/* Values of a column's window; of events, those that the window's rows own. */
static int64_t values_of(const tarazu_column *c, int64_t rows)
{
  return c->offsets ? c->offsets[rows] - c->offsets[0] : rows;
}

static size_t batch_room(const tarazu_batch *b)
{
  size_t room = aligned(sizeof(wire_batch)) + aligned(b->column_count * sizeof(wire_column)) +
                aligned(b->column_count * sizeof(wire_result));
  if (b->weights) room += aligned(b->column_count * sizeof(double));
  if (b->row_numbers) room += aligned((size_t)b->rows * sizeof(int64_t));
  for (uint32_t i = 0; i < b->column_count; i++) {
    const tarazu_column *c = b->columns[i];
    if (!c) continue;
    int64_t count = values_of(c, b->rows);
    room += aligned((size_t)count * column_width(c->type) + 8) + (c->valid ? bits_room(count) : 0);
    if (c->offsets) room += aligned(((size_t)b->rows + 1) * sizeof(int64_t));
  }
  return room;
}

/* A place in an area that is written from its beginning on. */
static uint64_t put_at(size_t *at, size_t size)
{
  uint64_t here = *at;
  *at += aligned(size);
  return here;
}

static void put_column(isolated *w, channel *to, const tarazu_column *c, int64_t rows, size_t *at, wire_column *out)
{
  char *bytes = to->in.bytes;
  int64_t count = values_of(c, rows), first = c->offsets ? c->offsets[0] : 0;
  size_t width = column_width(c->type);
  *out = (wire_column){.type = c->type, .there = 1};
  out->values = put_at(at, (size_t)count * width + 8);
  if (count) memcpy(bytes + out->values, (const char *)c->values + (size_t)first * width, (size_t)count * width);
  if (c->valid) {
    out->valid = *at;
    *at += bits_room(count);
    bits_copy((uint8_t *)bytes + out->valid, 0, c->valid, first, count);
  }
  if (c->offsets) {
    out->offsets = put_at(at, ((size_t)rows + 1) * sizeof(int64_t));
    int64_t *offsets = (int64_t *)(void *)(bytes + out->offsets);
    for (int64_t i = 0; i <= rows; i++) offsets[i] = c->offsets[i] - first;
  }
  if (c->dictionary) out->dictionary = channel_share(w, to, c->dictionary);
}

/* Lays a batch out at *at, which is moved behind it; there must be room. */
static wire_batch *put_batch(isolated *w, channel *to, const tarazu_batch *b, size_t *at)
{
  char *bytes = to->in.bytes;
  wire_batch *out = (wire_batch *)(void *)(bytes + put_at(at, sizeof *out));
  *out = (wire_batch){.first_row = b->first_row, .rows = b->rows, .space = b->space, .column_count = b->column_count};
  out->columns = put_at(at, b->column_count * sizeof(wire_column));
  wire_column *columns = (wire_column *)(void *)(bytes + out->columns);
  if (b->weights) {
    out->weights = put_at(at, b->column_count * sizeof(double));
    memcpy(bytes + out->weights, b->weights, b->column_count * sizeof(double));
  }
  if (b->row_numbers) {
    out->row_numbers = put_at(at, (size_t)b->rows * sizeof(int64_t));
    memcpy(bytes + out->row_numbers, b->row_numbers, (size_t)b->rows * sizeof(int64_t));
  }
  for (uint32_t i = 0; i < b->column_count; i++) {
    if (b->columns[i]) put_column(w, to, b->columns[i], b->rows, at, &columns[i]);
    else columns[i] = (wire_column){0};
  }
  return out;
}

/* ---- results ----------------------------------------------------------------------------------------------- */

static size_t results_room(tarazu_result *const *results, uint32_t count, int64_t rows)
{
  size_t room = 0;
  for (uint32_t i = 0; i < count; i++)
    if (results[i]) room += aligned((size_t)rows * column_width(results[i]->type)) + bits_room(rows);
  return room;
}

static void put_results(channel *to, tarazu_result *const *results, uint32_t count, wire_batch *batch, size_t *at)
{
  size_t out = WIRE_OUT_HEAD;
  batch->results = put_at(at, count * sizeof(wire_result));
  batch->result_count = count;
  wire_result *list = (wire_result *)(void *)(to->in.bytes + batch->results);
  for (uint32_t i = 0; i < count; i++) {
    list[i] = (wire_result){0};
    if (!results[i]) continue;
    size_t bytes = (size_t)batch->rows * column_width(results[i]->type);
    list[i] = (wire_result){.type = results[i]->type, .there = 1, .bytes = bytes, .values = put_at(&out, bytes)};
    list[i].valid = out;
    out += bits_room(batch->rows);
  }
}

/* From where the host had them put; what they are is checked where any plugin's results are. */
static void take_results(const channel *from, tarazu_result *const *results, uint32_t count, int64_t rows)
{
  size_t at = WIRE_OUT_HEAD;
  for (uint32_t i = 0; i < count; i++) {
    if (!results[i]) continue;
    size_t bytes = (size_t)rows * column_width(results[i]->type);
    memcpy(results[i]->values, from->out.bytes + put_at(&at, bytes), bytes);
    memcpy(results[i]->valid, from->out.bytes + at, ((size_t)rows + 7) / 8);
    at += bits_room(rows);
  }
}

tarazu_status remote_no_memory(tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to share with its worker");
}

wire_call remote_call(const remote *r, uint32_t op)
{
  return (wire_call){.op = op, .instance = r->number};
}

tarazu_status remote_batch(const remote *r, wire_call *call, const tarazu_batch *batch, tarazu_result *const *results,
                           uint32_t result_count, double *baseline, tarazu_error *error)
{
  isolated *w = r->worker;
  channel *c = channel_take(w);
  size_t at = sizeof(wire_in);
  size_t in = batch_room(batch) + aligned(result_count * sizeof(wire_result));
  tarazu_status status = TARAZU_OK;
  if (!channel_reserve(c, in, results_room(results, result_count, batch->rows))) status = remote_no_memory(error);
  if (status == TARAZU_OK) {
    wire_batch *put = put_batch(w, c, batch, &at);
    if (result_count) put_results(c, results, result_count, put, &at);
    status = channel_call(w, c, call, r->host, NULL, error);
    if (status == TARAZU_OK && result_count) take_results(c, results, result_count, batch->rows);
    if (status == TARAZU_OK && baseline)
      memcpy(baseline, &((const wire_out *)(const void *)c->out.bytes)->baseline, sizeof *baseline);
  }
  channel_give(w, c);
  return status;
}

tarazu_status remote_plain(const remote *r, wire_call *call, int64_t *value, tarazu_error *error)
{
  channel *c = channel_take(r->worker);
  tarazu_status status = channel_call(r->worker, c, call, r->host, value, error);
  channel_give(r->worker, c);
  return status;
}

tarazu_status remote_told(const remote *r, wire_call *call, const text *said, int64_t *value, tarazu_error *error)
{
  channel *c = channel_take(r->worker);
  tarazu_status status = channel_reserve(c, said->length, 0) ? TARAZU_OK : remote_no_memory(error);
  if (status == TARAZU_OK) {
    call->size = said->length;
    memcpy(c->in.bytes + sizeof(wire_in), said->bytes, said->length);
    status = channel_call(r->worker, c, call, r->host, value, error);
  }
  channel_give(r->worker, c);
  return status;
}

/* ---- life -------------------------------------------------------------------------------------------------- */

/* The lowest number that no instance has, from 1; 0: there is none. */
static uint32_t take_number(isolated *w)
{
  uint32_t number = 1;
  pthread_mutex_lock(&w->lock);
  while (number < MOST_INSTANCES && w->taken[number]) number++;
  if (number < MOST_INSTANCES) w->taken[number] = 1;
  else number = 0;
  pthread_mutex_unlock(&w->lock);
  return number;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  remote *r = self;
  isolated *w = r->worker;
  text said = {0};
  tarazu_status status = TARAZU_OK;
  r->host = context->host;
  r->number = take_number(w);
  if (!r->number) return tarazu_fail(error, TARAZU_INTERNAL, "has too many instances");
  channel *c = channel_take(w);
  if (!channel_reserve(c, 0, 0)) status = remote_no_memory(error);
  uint32_t people = status == TARAZU_OK && r->people ? channel_share(w, c, r->people) : 0;
  packet_add_string(&said, r->name);
  packet_add_i64(&said, (int64_t)r->seed);
  packet_add_u32(&said, people);
  packet_add_context(&said, context);
  packet_add_args(&said, args);
  if (status == TARAZU_OK && !channel_reserve(c, said.length, 0)) status = remote_no_memory(error);
  if (status == TARAZU_OK) {
    wire_call call = remote_call(r, OP_CREATE);
    call.size = said.length;
    memcpy(c->in.bytes + sizeof(wire_in), said.bytes, said.length);
    status = channel_call(w, c, &call, r->host, NULL, error);
  }
  channel_give(w, c);
  text_free(&said);
  return status;
}

static void destroy(void *self)
{
  remote *r = self;
  tarazu_error error = {.size = sizeof error};
  wire_call call = remote_call(r, OP_DESTROY);
  if (r->number && !isolated_fault(r->worker)) remote_plain(r, &call, NULL, &error);
  if (r->number) {
    pthread_mutex_lock(&r->worker->lock);
    r->worker->taken[r->number] = 0;
    pthread_mutex_unlock(&r->worker->lock);
  }
  arena_free(r->kept);
  arena_free(r->columns);
}

uint32_t remote_handle(remote *r)
{
  uint32_t number = 0;
  while (number < WIRE_HANDLES && r->handles[number]) number++;
  if (number < WIRE_HANDLES) r->handles[number] = 1;
  return number;
}

/* ---- learning ---------------------------------------------------------------------------------------------- */

static size_t state_size(const void *self)
{
  const remote *r = self;
  tarazu_error error = {.size = sizeof error};
  wire_call call = remote_call(r, OP_STATE_SIZE);
  remote_plain(r, &call, NULL, &error); /* where it has ended, learning says so */
  return sizeof(remote_state);
}

static uint64_t number_of(const remote *r, remote_state *state)
{
  atomic_ullong *states = (atomic_ullong *)(uintptr_t)&r->states;
  if (!state->number) state->number = atomic_fetch_add(states, 1) + 1;
  return state->number;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  const remote *r = self;
  wire_call call = remote_call(r, OP_LEARN);
  call.index = number_of(r, state);
  return remote_batch(r, &call, batch, NULL, 0, NULL, error);
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  const remote *r = self;
  remote_state other = *(const remote_state *)from;
  wire_call call = remote_call(r, OP_MERGE);
  call.index = number_of(r, into);
  call.other = number_of(r, &other);
  return remote_plain(r, &call, NULL, error);
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  remote *r = self;
  remote_state one = *(const remote_state *)state;
  wire_call call = remote_call(r, OP_FINISH);
  int64_t value = 0;
  call.index = number_of(r, &one);
  tarazu_status status = remote_plain(r, &call, &value, error);
  *again = value != 0;
  atomic_store(&r->states, 0);
  return status;
}

static tarazu_status fit(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error)
{
  const remote *r = self;
  channel *c = channel_take(r->worker);
  size_t at = sizeof(wire_in), room = 0;
  tarazu_status status = TARAZU_OK;
  for (uint32_t i = 0; i < count; i++) room += batch_room(spaces[i]);
  if (!channel_reserve(c, room, 0)) status = remote_no_memory(error);
  if (status == TARAZU_OK) {
    wire_call call = remote_call(r, OP_FIT);
    call.index = count;
    for (uint32_t i = 0; i < count; i++) {
      wire_batch *put = put_batch(r->worker, c, spaces[i], &at);
      put->next = at;
    }
    status = channel_call(r->worker, c, &call, r->host, NULL, error);
  }
  /* Whole columns went over: the memory is given back. */
  area_free(&c->in);
  channel_give(r->worker, c);
  return status;
}

/* ---- what comes in pieces ---------------------------------------------------------------------------------- */

tarazu_status remote_fetch(const remote *r, wire_call *call, const text *said, char **bytes, int64_t *count,
                           tarazu_error *error)
{
  channel *c = channel_take(r->worker);
  tarazu_status status = channel_reserve(c, said ? said->length : 0, 0) ? TARAZU_OK : remote_no_memory(error);
  *count = 0;
  *bytes = NULL;
  if (said && status == TARAZU_OK) {
    call->size = said->length;
    memcpy(c->in.bytes + sizeof(wire_in), said->bytes, said->length);
  }
  if (status == TARAZU_OK) status = channel_call(r->worker, c, call, r->host, count, error);
  if (status == TARAZU_OK && (*count < 0 || *count > r->worker->limits.memory))
    status = tarazu_fail(error, TARAZU_INTERNAL, "has %lld bytes to tell, more than the memory that it may use",
                         (long long)*count);
  if (status == TARAZU_OK && !(*bytes = channel_fetch(r->worker, c, *count))) status = remote_no_memory(error);
  channel_give(r->worker, c);
  return status;
}

static tarazu_status save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  const remote *r = self;
  wire_call call = remote_call(r, OP_SAVE);
  char *bytes;
  int64_t count;
  tarazu_status status = remote_fetch(r, &call, NULL, &bytes, &count, error);
  if (status == TARAZU_OK && count) writer->write(writer, bytes, (size_t)count);
  free(bytes);
  return status;
}

static tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  const remote *r = self;
  channel *c = channel_take(r->worker);
  wire_call call = remote_call(r, OP_LOAD);
  tarazu_status status = channel_reserve(c, count, 0) ? TARAZU_OK : remote_no_memory(error);
  call.size = count;
  if (status == TARAZU_OK && count) memcpy(c->in.bytes + sizeof(wire_in), bytes, count);
  if (status == TARAZU_OK) status = channel_call(r->worker, c, &call, r->host, NULL, error);
  channel_give(r->worker, c);
  return status;
}

static packet kept_packet(const remote *self, wire_call *call, char **bytes)
{
  remote *r = (remote *)(uintptr_t)self;
  tarazu_error error = {.size = sizeof error};
  int64_t count;
  if (!r->kept) r->kept = arena_new();
  if (remote_fetch(r, call, NULL, bytes, &count, &error) != TARAZU_OK) count = 0;
  return (packet){*bytes, *bytes ? *bytes + count : NULL, r->kept, 0};
}

static const char *const *labels(const void *self, uint32_t output, uint32_t *count)
{
  const remote *r = self;
  wire_call call = remote_call(r, OP_LABELS);
  char *bytes;
  call.index = output;
  packet from = kept_packet(r, &call, &bytes);
  *count = packet_count(&from, sizeof(uint32_t));
  const char **out = arena_array(r->kept, (size_t)*count + 1, sizeof *out);
  for (uint32_t i = 0; i < *count; i++)
    if (!(out[i] = packet_string(&from))) out[i] = "";
  free(bytes);
  return *count ? out : NULL;
}

static tarazu_list facts(const void *self)
{
  remote *r = (remote *)(uintptr_t)self;
  wire_call call = remote_call(r, OP_FACTS);
  char *bytes;
  if (r->has_facts) return r->facts;
  packet from = kept_packet(r, &call, &bytes);
  uint32_t count = packet_count(&from, 28);
  tarazu_fact *out = arena_array(r->kept, (size_t)count + 1, sizeof *out);
  for (uint32_t i = 0; i < count; i++) {
    tarazu_fact *f = &out[i];
    f->name = packet_string(&from);
    f->text = packet_string(&from);
    f->value = packet_real(&from);
    f->error = packet_real(&from);
    f->level = (int32_t)packet_u32(&from);
    if (!f->name) f->name = "";
  }
  free(bytes);
  r->facts = (tarazu_list){out, from.broken ? 0 : count, (uint32_t)sizeof *out};
  r->has_facts = 1;
  return r->facts;
}

/* ---- rows -------------------------------------------------------------------------------------------------- */

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const remote *r = self;
  wire_call call = remote_call(r, OP_APPLY);
  return remote_batch(r, &call, batch, results, r->worker->proxy.as.outputs.count, NULL, error);
}

static tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  const remote *r = self;
  channel *c = channel_take(r->worker);
  wire_call call = remote_call(r, OP_WEIGHTS);
  size_t bytes = count * sizeof *out;
  call.index = count;
  tarazu_status status = channel_reserve(c, 0, bytes) ? TARAZU_OK : remote_no_memory(error);
  if (status == TARAZU_OK) {
    memcpy(c->out.bytes + WIRE_OUT_HEAD, out, bytes);
    status = channel_call(r->worker, c, &call, r->host, NULL, error);
  }
  if (status == TARAZU_OK) memcpy(out, c->out.bytes + WIRE_OUT_HEAD, bytes);
  channel_give(r->worker, c);
  return status;
}

static tarazu_status contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                   double *baseline, tarazu_error *error)
{
  const remote *r = self;
  wire_call call = remote_call(r, OP_CONTRIBUTIONS);
  return remote_batch(r, &call, batch, results, batch->column_count, baseline, error);
}

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const remote *r = self;
  isolated *w = r->worker;
  channel *c = channel_take(w);
  wire_call call = remote_call(r, OP_REASONS);
  size_t at = sizeof(wire_in);
  int64_t count = 0;
  char *bytes = NULL;
  tarazu_status status = channel_reserve(c, batch_room(row), 0) ? TARAZU_OK : remote_no_memory(error);
  if (status == TARAZU_OK) {
    put_batch(w, c, row, &at);
    status = channel_call(w, c, &call, r->host, &count, error);
  }
  if (status == TARAZU_OK && !(bytes = channel_fetch(w, c, count))) status = remote_no_memory(error);
  channel_give(w, c);
  if (status == TARAZU_OK && count) writer->write(writer, bytes, (size_t)count);
  free(bytes);
  return status;
}

/* ---- the strategy ------------------------------------------------------------------------------------------ */

static const void *extension(const proxied_strategy *strategy, const char *id)
{
  const isolated *w = (const void *)((const char *)strategy - offsetof(isolated, proxy));
  if (!strcmp(id, "tarazu.explain/1")) return w->explain.size ? &w->explain : NULL;
  if (!strcmp(id, "tarazu.source/1")) return w->source.size ? &w->source : NULL;
  return !strcmp(id, "tarazu.sink/1") && w->sink.size ? &w->sink : NULL;
}

void remote_fill(isolated *w)
{
  tarazu_strategy *s = &w->proxy.as;
  uint32_t has = w->has;
  s->self_size = sizeof(remote);
  s->create = create; /* whatever the plugin's has: the worker must be told of the instance */
  s->destroy = destroy;
  s->state_size = has & HAS_STATE ? state_size : NULL;
  s->learn = has & HAS_LEARN ? learn : NULL;
  s->merge = has & HAS_MERGE ? merge : NULL;
  s->finish = has & HAS_FINISH ? finish : NULL;
  s->fit = has & HAS_FIT ? fit : NULL;
  s->save = has & HAS_SAVE ? save : NULL;
  s->load = has & HAS_LOAD ? load : NULL;
  s->apply = has & HAS_APPLY ? apply : NULL;
  s->weights = has & HAS_WEIGHTS ? weights : NULL;
  s->labels = has & HAS_LABELS ? labels : NULL;
  s->facts = has & HAS_FACTS ? facts : NULL;
  s->extension = proxied_extension;
  w->proxy.extension = extension;
  if (has & (HAS_CONTRIBUTIONS | HAS_REASONS))
    w->explain = (tarazu_explain){.size = sizeof w->explain,
                                  .contributions = has & HAS_CONTRIBUTIONS ? contributions : NULL,
                                  .reasons = has & HAS_REASONS ? reasons : NULL};
  if (s->role == TARAZU_SOURCE) remote_fill_source(&w->source);
  if (s->role == TARAZU_SINK) remote_fill_sink(&w->sink);
}
