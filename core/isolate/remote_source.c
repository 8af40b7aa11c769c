/* The functions of an isolated source. Its readers stay with the worker; of a chunk the host makes a copy, and looks at
 * every place in it before anything follows one. */
#include "isolate/inner.h"
#include "isolate/packed.h"
#include "isolate/packet.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the worker handed over last of one part. */
typedef struct remote_part {
  char *bytes;
  size_t room;
  packed_chunk view;
} remote_part;

typedef struct remote_reader {
  uint32_t number; /* of the worker's reader */
  uint32_t part_count;
  remote_part *parts;
} remote_reader;

/* What no worker of ours does: its process is ended, and the error is as of any end. */
__attribute__((format(printf, 3, 4))) static tarazu_status broke(const remote *r, tarazu_error *error,
                                                                 const char *format, ...)
{
  char words[200];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  isolated_end(r->worker, words);
  return tarazu_fail(error, TARAZU_INTERNAL, "%s", words);
}

/* Of the memory that it may use a quarter is left to what a source does not count. */
static void add_request(const remote *r, const tarazu_request *request, text *out)
{
  tarazu_request given = *request;
  int64_t most = r->worker->limits.memory / 4 * 3;
  if (given.memory > most) given.memory = most;
  packet_add_request(out, &given);
}

static tarazu_status describe(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error)
{
  remote *r = self;
  text said = {0};
  char *bytes;
  int64_t count;
  wire_call call = remote_call(r, OP_SOURCE_DESCRIBE);
  add_request(r, request, &said);
  tarazu_status status = remote_fetch(r, &call, &said, &bytes, &count, error);
  text_free(&said);
  arena_free(r->columns);
  r->columns = arena_new();
  packet from = {bytes, bytes ? bytes + count : NULL, r->columns, 0};
  *columns = status == TARAZU_OK ? packet_source_columns(&from) : (tarazu_list){0};
  free(bytes);
  return status;
}

static tarazu_status plan(void *self, const tarazu_request *request, tarazu_error *error)
{
  const remote *r = self;
  text said = {0};
  wire_call call = remote_call(r, OP_SOURCE_PLAN);
  add_request(r, request, &said);
  tarazu_status status = remote_told(r, &call, &said, NULL, error);
  text_free(&said);
  return status;
}

static tarazu_status make_parts(const remote *r, remote_reader *reader, int64_t parts, tarazu_error *error)
{
  if (parts < 0 || parts > WIRE_PARTS)
    return broke(r, error, "says that it has %lld parts; expected at most %d", (long long)parts, WIRE_PARTS);
  reader->parts = calloc((size_t)parts + 1, sizeof *reader->parts);
  reader->part_count = (uint32_t)parts;
  return reader->parts ? TARAZU_OK : remote_no_memory(error);
}

static tarazu_status open_reader(void *self, const tarazu_request *request, void **out, uint32_t *parts,
                                 tarazu_error *error)
{
  remote *r = self;
  text said = {0};
  int64_t count = 0;
  remote_reader *reader = calloc(1, sizeof *reader);
  *out = NULL;
  if (!reader) return remote_no_memory(error);
  reader->number = remote_handle(r);
  if (reader->number == WIRE_HANDLES) {
    free(reader);
    return tarazu_fail(error, TARAZU_INTERNAL, "has too many readers");
  }
  *out = reader;
  wire_call call = remote_call(r, OP_SOURCE_OPEN);
  call.index = reader->number;
  add_request(r, request, &said);
  tarazu_status status = remote_told(r, &call, &said, &count, error);
  text_free(&said);
  if (status == TARAZU_OK) status = make_parts(r, reader, count, error);
  *parts = reader->part_count;
  return status;
}

/* Copies what lies in `out` behind its head. */
static tarazu_status take_bytes(const remote *r, const channel *c, remote_part *part, size_t count, tarazu_error *error)
{
  if (part->room < count) {
    free(part->bytes);
    part->room = count + count / 4;
    part->bytes = malloc(part->room);
    if (!part->bytes) part->room = 0;
    if (!part->bytes) return remote_no_memory(error);
  }
  memcpy(part->bytes, c->out.bytes + WIRE_OUT_HEAD, count);
  const char *why = packed_view(&part->view, part->bytes, count);
  return why ? broke(r, error, "handed over a chunk of %s", why) : TARAZU_OK;
}

static tarazu_status read_part(const void *self, void *from, uint32_t index, const tarazu_chunk **chunk,
                               tarazu_error *error)
{
  const remote *r = self;
  const remote_reader *reader = from;
  remote_part *part = &reader->parts[index];
  wire_call call = remote_call(r, OP_SOURCE_READ);
  int64_t count = 0;
  *chunk = NULL;
  channel *c = channel_take(r->worker);
  call.index = reader->number;
  call.other = index;
  tarazu_status status = channel_reserve(c, 0, part->room) ? TARAZU_OK : remote_no_memory(error);
  if (status == TARAZU_OK) {
    call.size = c->out.size - WIRE_OUT_HEAD;
    status = channel_call(r->worker, c, &call, r->host, &count, error);
  }
  if (status == TARAZU_OK && count > r->worker->limits.memory)
    status = broke(r, error, "has a chunk of %lld bytes, more than the memory that it may use", (long long)count);
  if (status == TARAZU_OK && count > 0 && (size_t)count > call.size) {
    int64_t same = 0;
    call.op = OP_SOURCE_CHUNK;
    if (!channel_reserve(c, 0, (size_t)count)) status = remote_no_memory(error);
    call.size = c->out.size - WIRE_OUT_HEAD;
    if (status == TARAZU_OK) status = channel_call(r->worker, c, &call, r->host, &same, error);
  }
  if (status == TARAZU_OK && count >= 0) status = take_bytes(r, c, part, (size_t)count, error);
  channel_give(r->worker, c);
  if (status == TARAZU_OK && count >= 0) *chunk = &part->view.chunk;
  return status;
}

static tarazu_status fingerprint(const void *self, void *from, char digits[65], tarazu_error *error)
{
  const remote *r = self;
  const remote_reader *reader = from;
  wire_call call = remote_call(r, OP_SOURCE_FINGERPRINT);
  char *bytes;
  int64_t count;
  call.index = reader->number;
  tarazu_status status = remote_fetch(r, &call, NULL, &bytes, &count, error);
  memset(digits, 0, 65);
  if (status == TARAZU_OK && count <= 64) memcpy(digits, bytes, (size_t)count);
  if (status == TARAZU_OK && (count > 64 || strspn(digits, "0123456789abcdefABCDEF") != (size_t)count))
    status = broke(r, error, "gives a fingerprint that is no number of 64 hexadecimal digits");
  free(bytes);
  return status;
}

static void close_reader(const void *self, void *from)
{
  remote *r = (remote *)(uintptr_t)self;
  remote_reader *reader = from;
  tarazu_error error = {.size = sizeof error};
  if (!reader) return;
  wire_call call = remote_call(r, OP_SOURCE_CLOSE);
  call.index = reader->number;
  if (!isolated_fault(r->worker)) remote_plain(r, &call, NULL, &error);
  r->handles[reader->number] = 0;
  for (uint32_t i = 0; reader->parts && i < reader->part_count; i++) {
    free(reader->parts[i].bytes);
    packed_free(&reader->parts[i].view);
  }
  free(reader->parts);
  free(reader);
}

void remote_fill_source(tarazu_source *out)
{
  *out = (tarazu_source){.size = sizeof *out,
                         .describe = describe,
                         .plan = plan,
                         .open = open_reader,
                         .read = read_part,
                         .fingerprint = fingerprint,
                         .close = close_reader};
}
