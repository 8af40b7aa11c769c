/* tarazu/tarazu.h: the host as a library: open a profile, push tables, run, read the results.
 *
 * Tables go in and results come out by the Arrow C data interface, so any language that speaks Arrow can be the other
 * side. Every pointer that is returned is borrowed and lives until the next call on the session, unless said otherwise.
 * A session is used by one thread at a time; tarazu_cancel alone may be called from any thread and from a signal
 * handler.
 */
#ifndef TARAZU_TARAZU_H
#define TARAZU_TARAZU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TARAZU_API __attribute__((visibility("default")))
#else
#define TARAZU_API
#endif

/* The Arrow C data interface and C stream interface, as their specification gives them
 * (https://arrow.apache.org/docs/format/CDataInterface.html, CStreamInterface.html). */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4
struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};
#endif

/* What a call came to: 0 is good; the same numbers are the command's exit statuses. */
typedef enum tarazu_result_code {
  TARAZU_GOOD = 0,
  TARAZU_FAULT_INTERNAL = 1, /* a fault of tarazu's own, or no memory */
  TARAZU_FAULT_USAGE = 2,    /* options that make no sense */
  TARAZU_FAULT_PROFILE = 3,  /* what the profile says cannot be done */
  TARAZU_FAULT_DATA = 4,     /* the data break what the profile or a method assumes */
  TARAZU_FAULT_PLUGIN = 5,   /* a plugin cannot be loaded, or broke its contract */
  TARAZU_FAULT_OUTPUT = 6,   /* results cannot be written */
  TARAZU_STOPPED = 130       /* tarazu_cancel */
} tarazu_result_code;

typedef struct tarazu_session tarazu_session;

/* Options of a session; zero everywhere is a good start, but for size. */
typedef struct tarazu_options {
  uint32_t size;               /* sizeof(tarazu_options) */
  uint32_t threads;            /* 0: one a processor */
  int64_t batch;               /* rows of one apply; 0: 2048. Results do not depend on it. */
  int64_t memory;              /* bytes that sources may use; 0: a quarter of the machine's */
  const char *plugin_path;     /* folders with ':' between; NULL: TARAZU_PLUGIN_PATH, else where tarazu is installed */
  const char *const *settings; /* "combine.plugin=topsis" laid over the profile, NULL-terminated; NULL: none */
  /* How far a run is, from 0 to 1 (negative: unknown), from the session's own thread or one of its pool's; NULL: nobody
   * asks. */
  void (*progress)(void *argument, const char *stage, double done);
  void *argument;
  const char *save_models; /* a folder, for what strategies learned, each as NAME.model; NULL: nothing is kept */
  const char *store;       /* a run store (tarazu.db) that tarazu_publish records in; NULL: the profile's, if any */
  uint32_t locked;         /* 1: no plugin runs but those of the profile's lock file, as they are in it */
  uint32_t reserved;
} tarazu_options;

TARAZU_API const char *tarazu_version(void); /* "0.1.0"; static */

/* Reads a profile and all it extends. *session is set even where the profile is faulty, so that its problems can be
 * read; it is NULL only when there is no memory. Close it in any case. */
TARAZU_API int tarazu_open(const char *profile, const tarazu_options *options, tarazu_session **session);
TARAZU_API void tarazu_close(tarazu_session *session); /* NULL is fine */

/* Gives a table of the profile its rows: the stream is handed over, also when the call fails. The table's `from` may
 * then be left out or is ignored. Before tarazu_check and tarazu_run. */
TARAZU_API int tarazu_push(tarazu_session *session, const char *table, struct ArrowArrayStream *stream);

/* Everything that can be known without data: keys, types, ranges, bindings, cycles, plugins. */
TARAZU_API int tarazu_check(tarazu_session *session);
/* The whole pipeline up to the selection and its reasons; writes nothing. */
TARAZU_API int tarazu_run(tarazu_session *session);
/* After a run: writes every output of the profile and the models to be saved, all or none, with the manifest beside the
 * outputs, and records the run where the profile or the options name a store. */
TARAZU_API int tarazu_publish(tarazu_session *session);

/* After a run: a table of results, "customers" (in rank order), "criteria" or "facts", as a stream that is the caller's
 * to release, before the session is closed. */
TARAZU_API int tarazu_results(tarazu_session *session, const char *table, struct ArrowArrayStream *out);
TARAZU_API const char *tarazu_manifest(tarazu_session *session); /* JSON; after a run */
/* After a run: why one customer stands where she stands, as text for people or as JSON. */
TARAZU_API int tarazu_explain_customer(tarazu_session *session, const char *customer, int json, const char **out);

/* Everything that went wrong or was warned of so far, as a person reads it (with the source line) or as JSON; "" or
 * "[]". */
TARAZU_API const char *tarazu_problems(tarazu_session *session, int json, int colour);

TARAZU_API void tarazu_cancel(
    tarazu_session *session); /* any thread, signal handlers too: the call under way ends soon */

#ifdef __cplusplus
}
#endif
#endif
