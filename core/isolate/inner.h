/* What the files of this folder share on the host's side. */
#ifndef TARAZU_ISOLATE_INNER_H
#define TARAZU_ISOLATE_INNER_H

#include "base/text.h"
#include "catalog/catalog.h"
#include "isolate/area.h"
#include "isolate/isolate.h"
#include "isolate/wire.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct channel {
  int socket;
  area in, out;
  int in_fresh, out_fresh; /* the worker has not been told of them yet */
  uint64_t calls;
  struct channel *next; /* of those that nobody uses */
} channel;

typedef struct shared_dictionary {
  const tarazu_dictionary *as;
  uint32_t count;
  area area;
} shared_dictionary;

enum { MOST_SHARED = 4000, MOST_INSTANCES = 256 };

struct isolation {
  arena *arena;
  uint32_t threads;
  struct isolated *first;
  pthread_mutex_t lock; /* of the dictionaries */
  shared_dictionary *dictionaries;
  uint32_t dictionary_count;
  unsigned dictionary_room;
};

struct isolated {
  isolation *home;
  struct isolated *next;
  proxied_strategy proxy; /* as the engine sees it */
  tarazu_explain explain; /* its extensions */
  tarazu_source source;
  tarazu_sink sink;
  const char *file;   /* the plugin's */
  uint32_t abi_minor; /* that the plugin asks of its host */
  uint32_t has;       /* functions of the plugin's */
  isolate_limits limits;
  int pid, control;
  const wire_note *note;
  area note_area;
  pthread_mutex_t lock;
  pthread_cond_t freed;
  channel channels[WIRE_CHANNELS];
  uint32_t channel_count;
  channel *free;
  uint8_t knows[MOST_SHARED + 1]; /* dictionaries, by number */
  uint8_t taken[MOST_INSTANCES];  /* numbers of instances */
  atomic_int ended;
  char fault[ISOLATE_WHY]; /* once it has ended */
};

/* call.c: a channel for one call. */
channel *channel_take(isolated *w);
void channel_give(isolated *w, channel *c);
/* Room in both areas behind their heads; 0: no memory. */
int channel_reserve(channel *c, size_t in, size_t out);
/* Sends the call and waits for the answer; the error is filled where the status is not TARAZU_OK. What the plugin
 * logged is handed to the host, whose progress may end the waiting; host NULL: there is none yet. */
tarazu_status channel_call(isolated *w, channel *c, wire_call *call, const tarazu_host *host, int64_t *value,
                           tarazu_error *error);
/* Bytes that the worker holds after a call that gave their number, as a copy to be freed; NULL: no memory, or it ended.
 */
char *channel_fetch(isolated *w, channel *c, int64_t count);
/* The worker's number of a dictionary; 0: it could not be shared. */
uint32_t channel_share(isolated *w, channel *c, const tarazu_dictionary *d);

/* isolate.c: the process has ended, or must: finds out how. */
void isolated_end(isolated *w, const char *because);

/* remote.c: the functions of w->proxy, and those of its extensions. */
void remote_fill(isolated *w);
void remote_fill_source(tarazu_source *out); /* remote_source.c */
void remote_fill_sink(tarazu_sink *out);     /* remote_sink.c */

/* An instance: what the engine keeps as the plugin's self. */
typedef struct remote {
  isolated *worker;
  const char *name;
  uint64_t seed;
  const tarazu_dictionary *people;
  const tarazu_host *host;
  uint32_t number; /* of the worker's instance; 0: not created */
  atomic_ullong states;
  arena *kept;    /* labels and facts, which the engine may look at until destroy */
  arena *columns; /* a source's, until it is asked again */
  tarazu_list facts;
  int has_facts;                 /* asked for once, so that they do not change between two looks at them */
  uint8_t handles[WIRE_HANDLES]; /* numbers of readers and writers that are in use */
} remote;

wire_call remote_call(const remote *r, uint32_t op);
tarazu_status remote_no_memory(tarazu_error *error);
/* A call without data. */
tarazu_status remote_plain(const remote *r, wire_call *call, int64_t *value, tarazu_error *error);
/* One with a packet. */
tarazu_status remote_told(const remote *r, wire_call *call, const text *said, int64_t *value, tarazu_error *error);
/* One about a batch, with results or without. */
tarazu_status remote_batch(const remote *r, wire_call *call, const tarazu_batch *batch, tarazu_result *const *results,
                           uint32_t result_count, double *baseline, tarazu_error *error);
/* One whose value is how much the worker holds, with a packet or NULL; gets that, to be freed. */
tarazu_status remote_fetch(const remote *r, wire_call *call, const text *said, char **bytes, int64_t *count,
                           tarazu_error *error);
/* The lowest number of a reader or writer that is free; WIRE_HANDLES: none is. */
uint32_t remote_handle(remote *r);

#endif
