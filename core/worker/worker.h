/* The worker: a small program in which one isolated plugin lives, and what its files share. */
#ifndef TARAZU_WORKER_WORKER_H
#define TARAZU_WORKER_WORKER_H

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
void sandbox_limit(int64_t memory);                     /* bytes */
int sandbox_close(char *why, size_t room);              /* 1, or 0 with a reason */
void sandbox_cut_off(void);                             /* its sockets are gone, though the host is not */
void sandbox_loaded(void);                              /* no more files are served */
void sandbox_spare_stack(void);                         /* of the calling thread */
void sandbox_inputs(int (*holds)(const void *address)); /* whether it lies in an area `in` */

/* serve.c: the channels, each a thread that answers one call after the other. */
int serve_begin(const int *sockets, uint32_t count, uint32_t threads); /* 1, or 0 */
void serve_strategy(const tarazu_strategy *strategy);
int serve_holds_input(const void *address);

/* services.c: what the plugin asks of its host. */
typedef struct channel channel;
struct pool;
void services_begin(struct pool *pool);
void services_fill(tarazu_host *host);

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
} worker_instance;

channel *services_channel(void); /* of the call that this thread works for */
void services_set_channel(channel *channel);
wire_in *channel_in(channel *channel);
wire_out *channel_out(channel *channel);

#endif
