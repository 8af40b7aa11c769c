/* What the host and the worker of an isolated plugin say to each other.
 *
 * A worker has one control socket and a channel for each thread of the host that may call it at once. A channel is a
 * socket for small messages and two areas of shared memory: `in`, which only the host can write, and `out`, which both
 * can. A call is written into `in`, told by a wire_call, answered by a wire_reply; what the plugin wrote lies in `out`
 * at places that the host chose. The host believes nothing that it finds there: it copies, then checks. */
#ifndef TARAZU_ISOLATE_WIRE_H
#define TARAZU_ISOLATE_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <tarazu/plugin.h>

enum {
  WIRE_CHANNELS = 64, /* at most, so that one message can carry them all */
  WIRE_LOG = 1 << 16, /* bytes of messages that one call may log */
  WIRE_ALIGN = 64,
  WIRE_FOUND_ROOM = 300,
  WIRE_PARTS = 4096,         /* of a reader, at most */
  WIRE_HANDLES = 64,         /* readers or writers of one instance at once */
  WIRE_DESCRIPTION = 1 << 22 /* bytes of a strategy's declarations, at most */
};

/* ---- beginning --------------------------------------------------------------------------------------------- */

/* Over the control socket, with the note and the channels' sockets; behind it the path, the id and the grants,
 * zero-terminated. */
typedef struct wire_start {
  uint32_t channels, threads; /* threads: that the plugin's parallel work may use */
  uint32_t role, abi_minor;
  int64_t memory;          /* bytes */
  uint32_t grants, unused; /* of a source or a sink: how many, each a letter and a path */
} wire_start;
enum {
  GRANT_READ = 'r', /* a location: a file, or a pattern of files */
  GRANT_WRITE = 'w' /* a folder, and all beneath it */
};

/* The answer, once the plugin is loaded behind the filter. */
typedef struct wire_ready {
  int32_t good, unable; /* unable: isolation itself is not to be had */
  uint32_t abi_minor, reserved;
  char message[1000];
} wire_ready;

/* How a worker ended, as it says itself. */
enum { NOTE_NOTHING, NOTE_FORBIDDEN, NOTE_CRASH };
typedef struct wire_note {
  int32_t kind, number; /* number: of the system call, or of the signal */
  int32_t where;        /* of a crash: where it touched memory */
  int32_t loaded;       /* 1: it was past loading */
  char what[WIRE_FOUND_ROOM];
} wire_note;
enum { WHERE_UNKNOWN, WHERE_NULL, WHERE_INPUTS, WHERE_BEYOND };

/* ---- calls ------------------------------------------------------------------------------------------------- */

typedef enum wire_op {
  OP_DESCRIBE = 1, /* value: bytes to fetch */
  OP_FETCH,        /* index: from where, size: how many; into out, behind the head */
  OP_SHARE,        /* a dictionary of number index; with it the area that holds it */
  OP_CREATE,       /* a packet in `in` */
  OP_DESTROY,
  OP_STATE_SIZE,
  OP_LEARN,  /* index: the state */
  OP_MERGE,  /* index: into, other: from */
  OP_FINISH, /* index: the state; value: again */
  OP_FIT,    /* index: how many batches */
  OP_SAVE,   /* value: bytes to fetch */
  OP_LOAD,   /* size: bytes in `in` */
  OP_APPLY,
  OP_CONTRIBUTIONS, /* out: the baseline, in the head */
  OP_REASONS,       /* value: bytes to fetch */
  OP_WEIGHTS,       /* index: how many; out: weights behind the head */
  OP_LABELS,        /* index: the output; value: bytes to fetch */
  OP_FACTS,         /* value: bytes to fetch */
  /* sources; a request is a packet in `in`, index: the reader */
  OP_SOURCE_DESCRIBE, /* value: bytes to fetch */
  OP_SOURCE_PLAN,
  OP_SOURCE_OPEN,        /* value: parts */
  OP_SOURCE_READ,        /* other: the part; value: bytes of its chunk, -1 at the end; into out, where there is room */
  OP_SOURCE_CHUNK,       /* the same chunk once more, where there was no room */
  OP_SOURCE_FINGERPRINT, /* value: bytes to fetch */
  OP_SOURCE_CLOSE,
  /* sinks; index: the writer */
  OP_SINK_OPEN,  /* a packet in `in` */
  OP_SINK_TABLE, /* the same */
  OP_SINK_WRITE,
  OP_SINK_PREPARE,
  OP_SINK_COMMIT,
  OP_SINK_CLOSE
} wire_op;

typedef struct wire_call {
  uint32_t op, instance;
  uint64_t number; /* of the call, which the answer repeats */
  uint64_t index, other, size;
  uint64_t in_size, out_size; /* not 0: with this message comes a new area of this size, in before out */
} wire_call;

typedef struct wire_reply {
  uint64_t number;
  int64_t value;
  int32_t status, reserved;
} wire_reply;

/* The head of `in`. */
typedef struct wire_in {
  int32_t stop; /* the user has cancelled, or another strategy failed */
  int32_t reserved;
  char pad[WIRE_ALIGN - 8];
} wire_in;

/* The head of `out`. */
typedef struct wire_out {
  double progress; /* negative: nothing told */
  double baseline;
  uint32_t log_bytes, log_lost; /* messages in log: level (int32_t), length (uint32_t), bytes */
  tarazu_error error;
  char log[WIRE_LOG];
  char pad[WIRE_ALIGN];
} wire_out;
#define WIRE_OUT_HEAD ((sizeof(wire_out) + WIRE_ALIGN - 1) / WIRE_ALIGN * WIRE_ALIGN)

/* A batch in `in`, behind the head or the batch before it. Places count from the beginning of the area; 0: none. */
typedef struct wire_column {
  uint64_t values, valid, offsets;
  uint32_t type, dictionary; /* a number of OP_SHARE; 0: none */
  uint32_t there, reserved;
} wire_column;

typedef struct wire_result { /* in `out` */
  uint64_t values, valid;
  uint32_t type, there;
  uint64_t bytes; /* of values */
} wire_result;

typedef struct wire_batch {
  int64_t first_row, rows;
  uint64_t weights, row_numbers, columns, results, next; /* next: the batch after it */
  uint32_t space, column_count, result_count, reserved;
} wire_batch;

/* A dictionary's area: this, then count + 1 offsets, then the bytes. */
typedef struct wire_dictionary {
  uint64_t count, bytes;
} wire_dictionary;

/* What unwritten results hold, as core/run/frame.c marks them. */
static inline int wire_mark(uint32_t type)
{
  return type == TARAZU_F64 ? 0xff : 0xa5;
}

#endif
