/* The functions of an isolated sink. Its writers stay with the worker; batches go over as the inputs of any strategy.
 */
#include "isolate/inner.h"
#include "isolate/packet.h"
#include <stdlib.h>

/* What a sink's writer is here: the number of the worker's, one more. */
static void *writer_of(uint32_t number)
{
  return (void *)((uintptr_t)number + 1);
}

static wire_call call_about(const remote *r, uint32_t op, const void *writer)
{
  wire_call call = remote_call(r, op);
  call.index = (uintptr_t)writer - 1;
  return call;
}

static tarazu_status open_writer(const void *self, const tarazu_target *target, void **writer, tarazu_error *error)
{
  remote *r = (remote *)(uintptr_t)self;
  text said = {0};
  uint32_t number = remote_handle(r);
  *writer = NULL;
  if (number == WIRE_HANDLES) return tarazu_fail(error, TARAZU_INTERNAL, "has too many writers");
  *writer = writer_of(number);
  wire_call call = call_about(r, OP_SINK_OPEN, *writer);
  packet_add_target(&said, target);
  tarazu_status status = remote_told(r, &call, &said, NULL, error);
  text_free(&said);
  return status;
}

static tarazu_status begin_table(const void *self, void *writer, const tarazu_table *table, tarazu_error *error)
{
  const remote *r = self;
  text said = {0};
  wire_call call = call_about(r, OP_SINK_TABLE, writer);
  packet_add_table(&said, table);
  tarazu_status status = remote_told(r, &call, &said, NULL, error);
  text_free(&said);
  return status;
}

static tarazu_status write_rows(const void *self, void *writer, const tarazu_batch *batch, tarazu_error *error)
{
  const remote *r = self;
  wire_call call = call_about(r, OP_SINK_WRITE, writer);
  return remote_batch(r, &call, batch, NULL, 0, NULL, error);
}

static tarazu_status prepare(const void *self, void *writer, tarazu_error *error)
{
  const remote *r = self;
  wire_call call = call_about(r, OP_SINK_PREPARE, writer);
  return remote_plain(r, &call, NULL, error);
}

static tarazu_status commit(const void *self, void *writer, tarazu_error *error)
{
  const remote *r = self;
  wire_call call = call_about(r, OP_SINK_COMMIT, writer);
  return remote_plain(r, &call, NULL, error);
}

static void close_writer(const void *self, void *writer)
{
  remote *r = (remote *)(uintptr_t)self;
  tarazu_error error = {.size = sizeof error};
  if (!writer) return;
  wire_call call = call_about(r, OP_SINK_CLOSE, writer);
  if (!isolated_fault(r->worker)) remote_plain(r, &call, NULL, &error);
  r->handles[call.index] = 0;
}

void remote_fill_sink(tarazu_sink *out)
{
  *out = (tarazu_sink){.size = sizeof *out,
                       .open = open_writer,
                       .table = begin_table,
                       .write = write_rows,
                       .prepare = prepare,
                       .commit = commit,
                       .close = close_writer};
}
