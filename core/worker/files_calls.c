/* The calls of sources and sinks. What the host says is believed. */
#include "base/arena.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "isolate/packed.h"
#include "isolate/packet.h"
#include "worker/worker.h"
#include <stdlib.h>
#include <string.h>

static packet packet_in(channel *c, const wire_call *call, arena *memory)
{
  const char *bytes = channel_bytes(c);
  return (packet){bytes, bytes + call->size, memory, 0};
}

/* ---- sources ----------------------------------------------------------------------------------------------- */

static tarazu_status open_reader(const tarazu_source *s, worker_instance *in, const tarazu_request *request,
                                 worker_handle *handle, int64_t *value, tarazu_error *error)
{
  tarazu_status status = s->open(in->self, request, &handle->of, &handle->parts, error);
  if (status != TARAZU_OK) return status;
  *value = handle->parts;
  if (handle->parts > WIRE_PARTS) return TARAZU_OK; /* which the host refuses */
  handle->chunks = calloc((size_t)handle->parts + 1, sizeof *handle->chunks);
  return handle->chunks ? TARAZU_OK : tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for its parts");
}

/* Of those that say what is wanted. */
static tarazu_status request_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error,
                                  int64_t *value)
{
  const tarazu_source *s = strategy_source(serve_loaded());
  arena *memory = arena_new();
  packet from = packet_in(c, call, memory);
  tarazu_request request;
  tarazu_list columns = {0};
  tarazu_status status;
  packet_request(&from, &request);
  switch (call->op) {
  case OP_SOURCE_DESCRIBE:
    status = s->describe(in->self, &request, &columns, error);
    if (status == TARAZU_OK) packet_add_source_columns(channel_held(c), &columns);
    break;
  case OP_SOURCE_PLAN: status = s->plan(in->self, &request, error); break;
  default: status = open_reader(s, in, &request, &in->handles[call->index], value, error); break;
  }
  arena_free(memory);
  return status;
}

static tarazu_status read_part(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error,
                               int64_t *value)
{
  worker_handle *handle = &in->handles[call->index];
  const tarazu_chunk **chunk = &handle->chunks[call->other];
  size_t room;
  char *out = channel_results(c, &room);
  if (call->op == OP_SOURCE_READ) {
    *chunk = NULL;
    tarazu_status status =
        strategy_source(serve_loaded())->read(in->self, handle->of, (uint32_t)call->other, chunk, error);
    if (status != TARAZU_OK) return status;
  }
  *value = *chunk ? (int64_t)packed_put(*chunk, out, room) : -1;
  return TARAZU_OK;
}

tarazu_status source_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error, int64_t *value)
{
  const tarazu_source *s = strategy_source(serve_loaded());
  worker_handle *handle = &in->handles[call->index];
  char digits[65] = "";
  tarazu_status status;
  switch (call->op) {
  case OP_SOURCE_READ:
  case OP_SOURCE_CHUNK: return read_part(c, call, in, error, value);
  case OP_SOURCE_FINGERPRINT:
    status = s->fingerprint(in->self, handle->of, digits, error);
    if (status == TARAZU_OK) text_add_n(channel_held(c), digits, strnlen(digits, sizeof digits));
    return status;
  case OP_SOURCE_CLOSE:
    s->close(in->self, handle->of);
    free(handle->chunks);
    *handle = (worker_handle){0};
    return TARAZU_OK;
  default: return request_call(c, call, in, error, value);
  }
}

/* ---- sinks ------------------------------------------------------------------------------------------------- */

static tarazu_status told_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error)
{
  const tarazu_sink *s = strategy_sink(serve_loaded());
  worker_handle *handle = &in->handles[call->index];
  packet from = packet_in(c, call, in->arena); /* a writer may keep what it was told until it is closed */
  if (call->op == OP_SINK_OPEN) {
    tarazu_target target;
    packet_target(&from, &target);
    return s->open(in->self, &target, &handle->of, error);
  }
  tarazu_table table;
  packet_table(&from, &table);
  return s->table(in->self, handle->of, &table, error);
}

tarazu_status sink_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error)
{
  const tarazu_sink *s = strategy_sink(serve_loaded());
  worker_handle *handle = &in->handles[call->index];
  const tarazu_batch *batch;
  switch (call->op) {
  case OP_SINK_WRITE:
    batch = channel_batch(c);
    if (!batch) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for its views of the data");
    return s->write(in->self, handle->of, batch, error);
  case OP_SINK_PREPARE: return s->prepare(in->self, handle->of, error);
  case OP_SINK_COMMIT: return s->commit(in->self, handle->of, error);
  case OP_SINK_CLOSE:
    s->close(in->self, handle->of);
    *handle = (worker_handle){0};
    return TARAZU_OK;
  default: return told_call(c, call, in, error);
  }
}
