/* One call to a worker: taking a channel, telling, waiting, and taking no word of the answer on trust. */
#include "base/clock.h"
#include "isolate/inner.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FETCH_AT_ONCE = 1 << 20 };
static const double GRACE = 2; /* seconds between a cancellation and the end of what does not heed it */

channel *channel_take(isolated *w)
{
  pthread_mutex_lock(&w->lock);
  while (!w->free) pthread_cond_wait(&w->freed, &w->lock);
  channel *c = w->free;
  w->free = c->next;
  pthread_mutex_unlock(&w->lock);
  return c;
}

void channel_give(isolated *w, channel *c)
{
  pthread_mutex_lock(&w->lock);
  c->next = w->free;
  w->free = c;
  pthread_cond_signal(&w->freed);
  pthread_mutex_unlock(&w->lock);
}

static int grow(area *a, size_t size, size_t head, int sealed, int *fresh)
{
  size_t room = 1 << 16;
  size += head;
  if (a->bytes && a->size >= size) return 1;
  while (room < size) room *= 2;
  area_free(a);
  *fresh = 1;
  return area_new(a, room, sealed) == 0;
}

int channel_reserve(channel *c, size_t in, size_t out)
{
  return grow(&c->in, in, sizeof(wire_in), 1, &c->in_fresh) && grow(&c->out, out, WIRE_OUT_HEAD, 0, &c->out_fresh);
}

/* ---- what comes back --------------------------------------------------------------------------------------- */

/* What was logged, as far as it is well-formed; a copy, since the plugin could still change it. */
static void hand_over_log(const channel *c, const tarazu_host *host)
{
  const wire_out *out = (const wire_out *)(const void *)c->out.bytes;
  uint32_t bytes = out->log_bytes, lost = out->log_lost;
  if ((!bytes && !lost) || bytes > sizeof out->log || !host) return;
  char *copy = malloc(bytes + 1), message[1001];
  if (!copy) return;
  memcpy(copy, out->log, bytes);
  for (uint32_t at = 0; at + 8 <= bytes;) {
    int32_t level;
    uint32_t length;
    memcpy(&level, copy + at, sizeof level);
    memcpy(&length, copy + at + 4, sizeof length);
    at += 8;
    if (length > bytes - at || length >= sizeof message) break;
    memcpy(message, copy + at, length);
    message[length] = 0;
    at += length;
    host->log(host, level, message);
  }
  free(copy);
  if (!lost) return;
  snprintf(message, sizeof message, "%u more messages of this call are left out", lost);
  host->log(host, 1, message);
}

static void take_error(const channel *c, tarazu_status status, tarazu_error *error)
{
  tarazu_error said;
  memcpy(&said, &((const wire_out *)(const void *)c->out.bytes)->error, sizeof said);
  said.message[sizeof said.message - 1] = 0;
  for (char *at = said.message; *at; at++)
    if ((unsigned char)*at < ' ' || *at == 127) *at = ' ';
  error->status = (int32_t)status;
  error->row = said.row;
  error->param = said.param;
  error->item = said.item;
  memcpy(error->message, said.message, sizeof said.message);
}

static tarazu_status gone(isolated *w, tarazu_error *error)
{
  return tarazu_fail(error, TARAZU_INTERNAL, "%.990s", w->fault);
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

static int tell(channel *c, const wire_call *call, int extra)
{
  wire_call told = *call;
  int files[3], count = 0;
  told.in_size = c->in_fresh ? c->in.size : 0;
  told.out_size = c->out_fresh ? c->out.size : 0;
  if (c->in_fresh) files[count++] = c->in.file;
  if (c->out_fresh) files[count++] = c->out.file;
  if (extra >= 0) files[count++] = extra;
  if (socket_send(c->socket, &told, sizeof told, files, count) != sizeof told) return 0;
  /* Mapped on both sides, they need no file any more. */
  if (c->in_fresh) close(c->in.file), c->in.file = -1;
  if (c->out_fresh) close(c->out.file), c->out.file = -1;
  c->in_fresh = c->out_fresh = 0;
  return 1;
}

/* How far it says it is, and whether to go on; 0: it was told to stop and its grace is over. */
static int look_after(const channel *c, const tarazu_host *host, double *stopped)
{
  double done = ((const wire_out *)(const void *)c->out.bytes)->progress;
  if (!host) return 1;
  if (!host->progress(host, done >= 0 && done <= 1 ? done : -1)) {
    __atomic_store_n(&((wire_in *)(void *)c->in.bytes)->stop, 1, __ATOMIC_RELAXED);
    if (!(*stopped > 0)) *stopped = clock_seconds();
  }
  return !(*stopped > 0) || clock_seconds() < *stopped + GRACE;
}

/* 1: answered. 0: it ended, or was ended. */
static int hear(isolated *w, channel *c, const wire_call *call, const tarazu_host *host, wire_reply *reply,
                int *cancelled)
{
  double began = clock_seconds(), stopped = 0;
  char words[200];
  for (;;) {
    ssize_t count = socket_receive(c->socket, reply, sizeof *reply, NULL, NULL);
    if (count == sizeof *reply && reply->number == call->number && reply->status >= TARAZU_OK &&
        reply->status <= TARAZU_INTERNAL)
      return 1;
    if (count > 0) {
      isolated_end(w, "spoke to its host out of turn");
      return 0;
    }
    if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) break;
    if (clock_seconds() - began > w->limits.seconds) {
      snprintf(words, sizeof words, "took longer than the %g second%s that a call may last, and was stopped",
               w->limits.seconds, w->limits.seconds == 1 ? "" : "s");
      isolated_end(w, words);
      return 0;
    }
    if (atomic_load(&w->ended)) break;
    if (!look_after(c, host, &stopped)) {
      *cancelled = 1;
      isolated_end(w, "did not heed that it was to stop");
      return 0;
    }
  }
  isolated_end(w, NULL);
  return 0;
}

static tarazu_status ask(isolated *w, channel *c, wire_call *call, int extra, const tarazu_host *host, int64_t *value,
                         tarazu_error *error)
{
  wire_reply reply;
  int cancelled = 0;
  if (atomic_load(&w->ended)) return gone(w, error);
  if (!channel_reserve(c, 0, 0)) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory to share with its worker");
  call->number = ++c->calls;
  ((wire_in *)(void *)c->in.bytes)->stop = 0;
  if (!tell(c, call, extra)) {
    isolated_end(w, NULL);
    return gone(w, error);
  }
  if (!hear(w, c, call, host, &reply, &cancelled))
    return cancelled ? tarazu_fail(error, TARAZU_CANCELLED, "cancelled") : gone(w, error);
  if (value) *value = reply.value;
  return (tarazu_status)reply.status;
}

tarazu_status channel_call(isolated *w, channel *c, wire_call *call, const tarazu_host *host, int64_t *value,
                           tarazu_error *error)
{
  int heard = !atomic_load(&w->ended);
  tarazu_status status = ask(w, c, call, -1, host, value, error);
  if (!heard || atomic_load(&w->ended) || !c->out.bytes) return status;
  hand_over_log(c, host);
  if (status != TARAZU_OK) take_error(c, status, error);
  return status;
}

char *channel_fetch(isolated *w, channel *c, int64_t count)
{
  tarazu_error error = {.size = sizeof error};
  if (count < 0 || count > INT64_C(1) << 40) return NULL;
  char *bytes = malloc((size_t)count + 1);
  for (int64_t at = 0; bytes && at < count;) {
    size_t once = count - at < FETCH_AT_ONCE ? (size_t)(count - at) : FETCH_AT_ONCE;
    wire_call call = {.op = OP_FETCH, .index = (uint64_t)at, .size = once};
    if (!channel_reserve(c, 0, once) || ask(w, c, &call, -1, NULL, NULL, &error) != TARAZU_OK) {
      free(bytes);
      return NULL;
    }
    memcpy(bytes + at, c->out.bytes + WIRE_OUT_HEAD, once);
    at += (int64_t)once;
  }
  return bytes;
}

/* ---- dictionaries ------------------------------------------------------------------------------------------ */

static int fill_dictionary(const tarazu_dictionary *d, area *to)
{
  size_t offsets = ((size_t)d->count + 1) * sizeof *d->offsets;
  int64_t from = d->offsets[0];
  size_t bytes = (size_t)(d->offsets[d->count] - from);
  wire_dictionary head = {d->count, bytes};
  if (area_new(to, sizeof head + offsets + bytes, 1) != 0) return 0;
  memcpy(to->bytes, &head, sizeof head);
  int64_t *places = (int64_t *)(void *)(to->bytes + sizeof head);
  for (uint32_t i = 0; i <= d->count; i++) places[i] = d->offsets[i] - from;
  if (bytes) memcpy(to->bytes + sizeof head + offsets, d->bytes + from, bytes);
  return 1;
}

/* Its number among the run's, from 1; 0: no memory. */
static uint32_t number_of(isolation *all, const tarazu_dictionary *d)
{
  uint32_t number = 0;
  pthread_mutex_lock(&all->lock);
  for (uint32_t i = 0; i < all->dictionary_count && !number; i++)
    if (all->dictionaries[i].as == d && all->dictionaries[i].count == d->count) number = i + 1;
  shared_dictionary fresh = {.as = d, .count = d->count};
  if (!number && all->dictionary_count < MOST_SHARED && fill_dictionary(d, &fresh.area)) {
    *arena_push(all->arena, all->dictionaries, all->dictionary_count, all->dictionary_room) = fresh;
    number = all->dictionary_count;
  }
  pthread_mutex_unlock(&all->lock);
  return number;
}

static shared_dictionary dictionary_of(isolation *all, uint32_t number)
{
  pthread_mutex_lock(&all->lock);
  shared_dictionary found = all->dictionaries[number - 1];
  pthread_mutex_unlock(&all->lock);
  return found;
}

uint32_t channel_share(isolated *w, channel *c, const tarazu_dictionary *d)
{
  tarazu_error error = {.size = sizeof error};
  uint32_t number = number_of(w->home, d);
  if (!number) return 0;
  pthread_mutex_lock(&w->lock);
  int known = w->knows[number];
  pthread_mutex_unlock(&w->lock);
  if (known) return number;
  /* Two threads may tell it at once: the second telling gives it the same again. */
  shared_dictionary found = dictionary_of(w->home, number);
  wire_call call = {.op = OP_SHARE, .index = number, .size = found.area.size};
  if (ask(w, c, &call, found.area.file, NULL, NULL, &error) != TARAZU_OK) return 0;
  pthread_mutex_lock(&w->lock);
  w->knows[number] = 1;
  pthread_mutex_unlock(&w->lock);
  return number;
}
