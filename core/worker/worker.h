/* The worker: a small program in which one isolated plugin lives, and what its files share. */
#ifndef TARAZU_WORKER_WORKER_H
#define TARAZU_WORKER_WORKER_H

#include "base/text.h"
#include "isolate/area.h"
#include "isolate/wire.h"
#include <stddef.h>
#include <tarazu/plugin.h>

/* needed.c: what the dynamic linker will ask for once files cannot be opened any more. Libraries of the system are
 * loaded beforehand; the plugin itself and what lies beside it are opened, and served by path. 1, or 0 with a reason.
 */
int needed_prepare(const char *path, char *why, size_t room);
int needed_file(const char *path); /* open; -1: none of these */

/* sandbox.c: from sandbox_close on, this process and its threads can reach nothing but what they hold already. */
void sandbox_watch(wire_note *note);                    /* how it ends is told there */
void sandbox_limit(int64_t memory);                     /* bytes; of files_granted more than of others */
int sandbox_close(char *why, size_t room);              /* 1, or 0 with a reason */
void sandbox_cut_off(void);                             /* its sockets are gone, though the host is not */
void sandbox_lost_thread(void);                         /* one of the worker's own has ended */
void sandbox_tell_end(int pipe);                        /* what ends it by force is told there, too */
void sandbox_loaded(void);                              /* no more files are served */
void sandbox_spare_stack(void);                         /* of the calling thread */
void sandbox_inputs(int (*holds)(const void *address)); /* whether it lies in an area `in` */

/* files.c: what a source or a sink may do with files, before any thread is made. grants: as in wire_start. 1, or 0 with
 * a reason. */
int files_restrict(const char *plugin, const char *grants, uint32_t count, char *why, size_t room);
int files_granted(void);       /* whether that was done */
int files_allow(void *filter); /* 0, or libseccomp's fault */
/* A call that the filter stopped: 1, with its result; 0: it is forbidden. */
int files_answer(int number, const uintptr_t arguments[6], long *answer);

/* serve.c: the channels, each a thread that answers one call after the other. */
int serve_begin(const int *sockets, uint32_t count, uint32_t threads); /* 1, or 0 */
void serve_strategy(const tarazu_strategy *strategy);
int serve_holds_input(const void *address);
int serve_has_lost(void); /* a channel's thread has ended, so that the host would wait in vain */

/* services.c: what the plugin asks of its host. */
typedef struct channel channel;
struct pool;
void services_begin(struct pool *pool);
void services_fill(tarazu_host *host);

/* A reader of a source, or a writer of a sink. */
typedef struct worker_handle {
  void *of;
  const tarazu_chunk **chunks; /* by part, the one that was read last */
  uint32_t parts;
} worker_handle;

/* One strategy under one name. host comes first: plugins hand it back to the services. */
typedef struct worker_instance {
  tarazu_host host;
  tarazu_context context;
  tarazu_args args;
  struct arena *arena;
  void *self;
  const char *name; /* what its random numbers hang on, with the seed */
  uint64_t seed;
  const tarazu_dictionary *people; /* the customers' keys; NULL: none */
  struct worker_state *states;
  uint64_t state_count;
  size_t state_size;
  worker_handle handles[WIRE_HANDLES];
} worker_instance;

channel *services_channel(void); /* of the call that this thread works for */
void services_set_channel(channel *channel);
wire_in *channel_in(channel *channel);
wire_out *channel_out(channel *channel);
text *channel_held(channel *channel);                  /* what the host will fetch */
char *channel_results(channel *channel, size_t *room); /* behind the head of out */
const tarazu_batch *channel_batch(channel *channel);   /* the one in `in`; NULL: no memory */
const char *channel_bytes(channel *channel);           /* behind the head of in */

/* files_calls.c: the calls of sources and sinks. */
tarazu_status source_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error, int64_t *value);
tarazu_status sink_call(channel *c, const wire_call *call, worker_instance *in, tarazu_error *error);
const tarazu_strategy *serve_loaded(void);

#endif
