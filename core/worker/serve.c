/* The channels of a worker: each answers one call of the host after the other with the plugin's functions. What the
 * host says is believed. */
#include "base/arena.h"
#include "base/pool.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "isolate/packet.h"
#include "worker/worker.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct channel {
  int socket;
  area in, out;
  pthread_t thread;
  text held; /* what the host will fetch */
  /* views of the batches at hand */
  tarazu_column *columns;
  const tarazu_column **pointers;
  tarazu_result *results;
  tarazu_result **result_pointers;
  tarazu_batch *batches;
  const tarazu_batch **batch_pointers;
  size_t column_room, result_room, batch_room;
};

enum { MOST_INSTANCES = 256, MOST_DICTIONARIES = 4096 };

static channel *channels;
static uint32_t channel_count;
static const tarazu_strategy *_Atomic loaded;
static pthread_mutex_t tables_lock = PTHREAD_MUTEX_INITIALIZER; /* of the tables below */
static worker_instance *instances[MOST_INSTANCES];
static tarazu_dictionary dictionaries[MOST_DICTIONARIES];

wire_in *channel_in(channel *c)
{
  return (wire_in *)(void *)c->in.bytes;
}

wire_out *channel_out(channel *c)
{
  return (wire_out *)(void *)c->out.bytes;
}

text *channel_held(channel *c)
{
  return &c->held;
}

char *channel_results(channel *c, size_t *room)
{
  *room = c->out.size - WIRE_OUT_HEAD;
  return c->out.bytes + WIRE_OUT_HEAD;
}

const char *channel_bytes(channel *c)
{
  return c->in.bytes + sizeof(wire_in);
}

const tarazu_strategy *serve_loaded(void)
{
  return atomic_load(&loaded);
}

void serve_strategy(const tarazu_strategy *strategy)
{
  atomic_store(&loaded, strategy);
}

int serve_holds_input(const void *address)
{
  const char *at = address;
  for (uint32_t i = 0; i < channel_count; i++)
    if (channels[i].in.bytes && at >= channels[i].in.bytes && at < channels[i].in.bytes + channels[i].in.size) return 1;
  for (int i = 1; i < MOST_DICTIONARIES && dictionaries[i].size; i++) {
    const char *from = (const char *)dictionaries[i].offsets;
    if (at >= from && at < dictionaries[i].bytes + dictionaries[i].offsets[dictionaries[i].count]) return 1;
  }
  return 0;
}

/* Room for count more items in place of what is there; 0: no memory. */
static int make_room(void *items, size_t *room, size_t count, size_t item)
{
  void **at = items;
  if (count <= *room && *at) return 1;
  free(*at);
  *room = count + 16;
  return (*at = malloc(*room * item)) != NULL;
}

/* ---- batches ----------------------------------------------------------------------------------------------- */

static const void *in_at(const channel *c, uint64_t at)
{
  return at ? c->in.bytes + at : NULL;
}

static void view_columns(channel *c, uint64_t list, size_t at, uint32_t count)
{
  const wire_column *columns = in_at(c, list);
  for (uint32_t i = 0; i < count; i++) {
    const wire_column *from = &columns[i];
    c->pointers[at + i] = from->there ? &c->columns[at + i] : NULL;
    c->columns[at + i] = (tarazu_column){.size = sizeof(tarazu_column),
                                         .type = from->type,
                                         .values = in_at(c, from->values),
                                         .valid = in_at(c, from->valid),
                                         .offsets = in_at(c, from->offsets),
                                         .dictionary = from->dictionary ? &dictionaries[from->dictionary] : NULL};
  }
}

static void view_results(channel *c, const wire_batch *from)
{
  const wire_result *results = in_at(c, from->results);
  for (uint32_t i = 0; i < from->result_count; i++) {
    const wire_result *r = &results[i];
    c->result_pointers[i] = r->there ? &c->results[i] : NULL;
    if (!r->there) continue;
    c->results[i] = (tarazu_result){.size = sizeof(tarazu_result),
                                    .type = r->type,
                                    .values = c->out.bytes + r->values,
                                    .valid = (uint8_t *)c->out.bytes + r->valid};
    memset(c->results[i].values, wire_mark(r->type), r->bytes);
    memset(c->results[i].valid, 0xff, ((size_t)from->rows + 7) / 8);
  }
}

/* Views of `count` batches that follow one another, and of the first one's results; 0: no memory. */
static int view_batches(channel *c, uint64_t count)
{
  size_t columns = 0, results = 0;
  const wire_batch *from = in_at(c, sizeof(wire_in));
  for (uint64_t i = 0; i < count; i++, from = in_at(c, from->next)) {
    columns += from->column_count;
    results = from->result_count > results ? from->result_count : results;
  }
  size_t same = c->column_room, same_result = c->result_room, same_batch = c->batch_room;
  if (!make_room(&c->columns, &same, columns, sizeof *c->columns) ||
      !make_room(&c->pointers, &c->column_room, columns, sizeof *c->pointers) ||
      !make_room(&c->results, &same_result, results, sizeof *c->results) ||
      !make_room(&c->result_pointers, &c->result_room, results, sizeof *c->result_pointers) ||
      !make_room(&c->batches, &same_batch, count, sizeof *c->batches) ||
      !make_room(&c->batch_pointers, &c->batch_room, count, sizeof *c->batch_pointers))
    return 0;
  from = in_at(c, sizeof(wire_in));
  columns = 0;
  for (uint64_t i = 0; i < count; i++, from = in_at(c, from->next)) {
    view_columns(c, from->columns, columns, from->column_count);
    view_results(c, from);
    c->batches[i] = (tarazu_batch){.size = sizeof(tarazu_batch),
                                   .space = from->space,
                                   .first_row = from->first_row,
                                   .rows = from->rows,
                                   .columns = c->pointers + columns,
                                   .weights = in_at(c, from->weights),
                                   .row_numbers = in_at(c, from->row_numbers),
                                   .column_count = from->column_count};
    c->batch_pointers[i] = &c->batches[i];
    columns += from->column_count;
  }
  return 1;
}

const tarazu_batch *channel_batch(channel *c)
{
  return view_batches(c, 1) ? &c->batches[0] : NULL;
}

/* ---- states ------------------------------------------------------------------------------------------------ */

typedef struct worker_state {
  void *bytes;
} worker_state;

/* The state of a number, which is made where it is not there yet; NULL: no memory. */
static void *state_of(worker_instance *in, uint64_t number)
{
  pthread_mutex_lock(&tables_lock);
  if (number >= in->state_count) {
    uint64_t count = number + 64;
    worker_state *more = realloc(in->states, count * sizeof *more);
    if (more) {
      memset(more + in->state_count, 0, (count - in->state_count) * sizeof *more);
      in->states = more;
      in->state_count = count;
    }
  }
  void *bytes = number < in->state_count ? in->states[number].bytes : NULL;
  if (!bytes && number < in->state_count) {
    size_t size = (in->state_size + 63) & ~(size_t)63;
    if (posix_memalign(&bytes, 64, size ? size : 64) != 0) bytes = NULL;
    if (bytes) memset(bytes, 0, size);
    in->states[number].bytes = bytes;
  }
  pthread_mutex_unlock(&tables_lock);
  return bytes;
}

static void states_free(worker_instance *in)
{
  for (uint64_t i = 0; i < in->state_count; i++) free(in->states[i].bytes);
  free(in->states);
  in->states = NULL;
  in->state_count = 0;
}

/* ---- life -------------------------------------------------------------------------------------------------- */

static tarazu_status create(channel *c, const wire_call *call, tarazu_error *error)
{
  const tarazu_strategy *s = atomic_load(&loaded);
  arena *memory = arena_new();
  worker_instance *in = arena_alloc(memory, sizeof *in);
  packet from = {c->in.bytes + sizeof(wire_in), c->in.bytes + sizeof(wire_in) + call->size, memory, 0};
  in->arena = memory;
  in->name = packet_string(&from);
  in->seed = (uint64_t)packet_i64(&from);
  uint32_t people = packet_u32(&from);
  in->people = people ? &dictionaries[people] : NULL;
  services_fill(&in->host);
  packet_context(&from, &in->context);
  in->context.host = &in->host;
  packet_args(&from, &in->args);
  in->self = calloc(1, s->self_size + 64);
  pthread_mutex_lock(&tables_lock);
  instances[call->instance] = in;
  pthread_mutex_unlock(&tables_lock);
  if (!in->self) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  if (from.broken) return tarazu_fail(error, TARAZU_INTERNAL, "its worker was not told what it is created with");
  return s->create ? s->create(in->self, &in->context, &in->args, error) : TARAZU_OK;
}

static void destroy(worker_instance *in, uint32_t number)
{
  const tarazu_strategy *s = atomic_load(&loaded);
  if (s->destroy && in->self) s->destroy(in->self);
  states_free(in);
  free(in->self);
  pthread_mutex_lock(&tables_lock);
  instances[number] = NULL;
  pthread_mutex_unlock(&tables_lock);
  arena_free(in->arena);
}

/* ---- what is fetched --------------------------------------------------------------------------------------- */

typedef struct text_writer {
  tarazu_writer writer;
  text *out;
} text_writer;

static int take_bytes(const tarazu_writer *writer, const void *bytes, size_t count)
{
  text *out = ((const text_writer *)(const void *)writer)->out;
  if (count) text_add_n(out, bytes, count);
  return 1;
}

static void hold_labels(channel *c, const worker_instance *in, uint32_t output)
{
  uint32_t count = 0;
  const char *const *labels = atomic_load(&loaded)->labels(in->self, output, &count);
  packet_add_u32(&c->held, labels ? count : 0);
  for (uint32_t i = 0; labels && i < count; i++) packet_add_string(&c->held, labels[i]);
}

static void hold_facts(channel *c, const worker_instance *in)
{
  tarazu_list facts = atomic_load(&loaded)->facts(in->self);
  packet_add_u32(&c->held, facts.count);
  for (uint32_t i = 0; i < facts.count; i++) {
    const tarazu_fact *f = tarazu_at(&facts, i);
    packet_add_string(&c->held, f->name);
    packet_add_string(&c->held, f->text);
    packet_add_real(&c->held, f->value);
    packet_add_real(&c->held, f->error);
    packet_add_u32(&c->held, (uint32_t)f->level);
  }
}

static void fetch(channel *c, const wire_call *call)
{
  if (call->index <= c->held.length && call->size <= c->held.length - call->index &&
      call->size <= c->out.size - WIRE_OUT_HEAD && call->size)
    memcpy(c->out.bytes + WIRE_OUT_HEAD, c->held.bytes + call->index, call->size);
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

static tarazu_status share(const wire_call *call, int file)
{
  area a;
  if (area_map(&a, file, call->size, 0) != 0) return TARAZU_NO_MEMORY;
  const wire_dictionary *head = (const void *)a.bytes;
  const int64_t *offsets = (const void *)(head + 1);
  pthread_mutex_lock(&tables_lock);
  dictionaries[call->index] = (tarazu_dictionary){.size = sizeof(tarazu_dictionary),
                                                  .count = (uint32_t)head->count,
                                                  .offsets = offsets,
                                                  .bytes = (const char *)(offsets + head->count + 1)};
  pthread_mutex_unlock(&tables_lock);
  close(file);
  return TARAZU_OK;
}

static tarazu_status learn_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error,
                                int64_t *value)
{
  const tarazu_strategy *s = atomic_load(&loaded);
  void *state = call->op == OP_STATE_SIZE ? NULL : state_of(in, call->index);
  if (call->op == OP_STATE_SIZE) {
    states_free(in);
    in->state_size = s->state_size(in->self);
    return TARAZU_OK;
  }
  if (!state) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to learn in");
  if (call->op == OP_LEARN) {
    if (!view_batches(c, 1)) return TARAZU_NO_MEMORY;
    return s->learn(in->self, state, &c->batches[0], error);
  }
  if (call->op == OP_MERGE) {
    void *from = state_of(in, call->other);
    return from ? s->merge(in->self, state, from, error) : TARAZU_NO_MEMORY;
  }
  int32_t again = 0;
  tarazu_status status = s->finish(in->self, state, &again, error);
  *value = again;
  states_free(in);
  return status;
}

static tarazu_status row_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error)
{
  const tarazu_strategy *s = atomic_load(&loaded);
  text_writer writer = {{.size = sizeof(tarazu_writer), .write = take_bytes}, &c->held};
  if (!view_batches(c, call->op == OP_FIT ? call->index : 1))
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for its views of the data");
  switch (call->op) {
  case OP_FIT: return s->fit(in->self, c->batch_pointers, (uint32_t)call->index, error);
  case OP_APPLY: return s->apply(in->self, &c->batches[0], c->result_pointers, error);
  case OP_CONTRIBUTIONS: {
    double baseline = 0;
    tarazu_status status =
        strategy_explain(s)->contributions(in->self, &c->batches[0], c->result_pointers, &baseline, error);
    channel_out(c)->baseline = baseline;
    return status;
  }
  default: return strategy_explain(s)->reasons(in->self, &c->batches[0], &writer.writer, error);
  }
}

static tarazu_status other_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error)
{
  const tarazu_strategy *s = atomic_load(&loaded);
  text_writer writer = {{.size = sizeof(tarazu_writer), .write = take_bytes}, &c->held};
  switch (call->op) {
  case OP_DESCRIBE: packet_add_strategy(&c->held, s); return TARAZU_OK;
  case OP_CREATE: return create(c, call, error);
  case OP_DESTROY: destroy(in, call->instance); return TARAZU_OK;
  case OP_SAVE: return s->save(in->self, &writer.writer, error);
  case OP_LOAD: return s->load(in->self, c->in.bytes + sizeof(wire_in), call->size, error);
  case OP_WEIGHTS:
    return s->weights(in->self, (double *)(void *)(c->out.bytes + WIRE_OUT_HEAD), (uint32_t)call->index, error);
  case OP_LABELS: hold_labels(c, in, (uint32_t)call->index); return TARAZU_OK;
  case OP_FACTS: hold_facts(c, in); return TARAZU_OK;
  default: return tarazu_fail(error, TARAZU_INTERNAL, "its worker does not know the call");
  }
}

static tarazu_status answer(channel *c, const wire_call *call, int file, int64_t *value)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  wire_out *out = channel_out(c);
  tarazu_status status;
  if (call->op == OP_SHARE) return share(call, file);
  if (call->op == OP_FETCH) {
    fetch(c, call);
    return TARAZU_OK;
  }
  pthread_mutex_lock(&tables_lock);
  worker_instance *in = call->instance < MOST_INSTANCES ? instances[call->instance] : NULL;
  pthread_mutex_unlock(&tables_lock);
  out->progress = -1;
  out->log_bytes = out->log_lost = 0;
  c->held.length = 0;
  switch (call->op) {
  case OP_STATE_SIZE:
  case OP_LEARN:
  case OP_MERGE:
  case OP_FINISH: status = learn_call(c, call, in, &error, value); break;
  case OP_FIT:
  case OP_APPLY:
  case OP_CONTRIBUTIONS:
  case OP_REASONS: status = row_call(c, call, in, &error); break;
  case OP_SOURCE_DESCRIBE:
  case OP_SOURCE_PLAN:
  case OP_SOURCE_OPEN:
  case OP_SOURCE_READ:
  case OP_SOURCE_CHUNK:
  case OP_SOURCE_FINGERPRINT:
  case OP_SOURCE_CLOSE: status = source_call(c, call, in, &error, value); break;
  case OP_SINK_OPEN:
  case OP_SINK_TABLE:
  case OP_SINK_WRITE:
  case OP_SINK_PREPARE:
  case OP_SINK_COMMIT:
  case OP_SINK_CLOSE: status = sink_call(c, call, in, &error); break;
  default: status = other_call(c, call, in, &error); break;
  }
  if (c->held.length) *value = (int64_t)c->held.length;
  if (status != TARAZU_OK) out->error = error;
  return status;
}

/* Takes over the areas that come with a call. */
static int take_areas(channel *c, const wire_call *call, const int *files, int count)
{
  int at = 0;
  if (call->in_size) {
    area_free(&c->in);
    if (at >= count || area_map(&c->in, files[at], call->in_size, 0) != 0) return -1;
    close(files[at++]);
    c->in.file = -1;
  }
  if (call->out_size) {
    area_free(&c->out);
    if (at >= count || area_map(&c->out, files[at], call->out_size, 1) != 0) return -1;
    close(files[at++]);
    c->out.file = -1;
  }
  return at;
}

static void *serve(void *argument)
{
  channel *c = argument;
  wire_call call;
  int files[3];
  sandbox_spare_stack();
  services_set_channel(c);
  for (;;) {
    int count = 3;
    ssize_t length = socket_receive(c->socket, &call, sizeof call, files, &count);
    if (length < 0) sandbox_cut_off();
    if (length != sizeof call) _exit(0);
    int used = take_areas(c, &call, files, count);
    if (used < 0) _exit(1);
    wire_reply reply = {.number = call.number};
    reply.status = (int32_t)answer(c, &call, used < count ? files[used] : -1, &reply.value);
    if (socket_send(c->socket, &reply, sizeof reply, NULL, 0) == sizeof reply) continue;
    sandbox_cut_off();
    _exit(0);
  }
}

int serve_has_lost(void)
{
  for (uint32_t i = 0; i < channel_count; i++)
    if (pthread_tryjoin_np(channels[i].thread, NULL) == 0) return 1;
  return 0;
}

int serve_begin(const int *sockets, uint32_t count, uint32_t threads)
{
  channels = calloc(count, sizeof *channels);
  pool *workers = pool_new((int)threads);
  if (!channels || !workers) return 0;
  services_begin(workers);
  channel_count = count;
  sandbox_inputs(serve_holds_input);
  for (uint32_t i = 0; i < count; i++) {
    channels[i] = (channel){.socket = sockets[i], .in.file = -1, .out.file = -1};
    if (pthread_create(&channels[i].thread, NULL, serve, &channels[i]) != 0) return 0;
  }
  return 1;
}
