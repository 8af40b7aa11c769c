/* tarazu/plugin.h: the whole contract between tarazu and its plugins.
 *
 * A plugin is a shared object that exports one constant, tarazu_plugin_v1, and links nothing of the host. The 1 in that
 * name is the ABI's major number: a change that would break a plugin gets a new symbol, everything else only adds.
 *
 * Rules that hold for every declaration below
 *   growth     a struct that crosses the border begins with its size, or stands in a list that carries its stride;
 *              it only grows at its end, in whole 8-byte steps (no tail padding that a later field could hide in).
 *              A host refuses a plugin whose abi_minor is above its own, so a plugin never meets a struct smaller
 *              than the one it was compiled with; the host reads no further than the size it was given.
 *   ownership  every pointer is borrowed: the host's are valid until the call returns (context's and args' until
 *              destroy), the plugin's static ones for ever, others until destroy. Nobody frees the other's memory.
 *   threads    [serial]   one call at a time on this instance
 *              [parallel] concurrent calls on the same instance, which must not change
 *              [private]  as [parallel], each call with a state of its own
 *   floats     built without contraction and without -ffast-math (pkg-config gives the flags), so that one row's
 *              result does not depend on where in a vector loop it fell
 */
#ifndef TARAZU_PLUGIN_H
#define TARAZU_PLUGIN_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TARAZU_ABI_MINOR 1u
#define TARAZU_BLOCK     2048  /* rows of one learn call */
#define TARAZU_SHARE     65536 /* rows of one learning state */

#if defined(__GNUC__)
#define TARAZU_EXPORT       __attribute__((visibility("default")))
#define TARAZU_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define TARAZU_UNUSED       __attribute__((unused))
#else
#define TARAZU_EXPORT
#define TARAZU_PRINTF(f, a)
#define TARAZU_UNUSED
#endif

/* Items of one type, one stride apart. TARAZU_LIST(array) fills it from a C array. */
typedef struct tarazu_list {
  const void *items;
  uint32_t count;
  uint32_t stride;
} tarazu_list;
#define TARAZU_LIST(array)                                                          \
  {                                                                                 \
    (array), (uint32_t)(sizeof(array) / sizeof *(array)), (uint32_t)sizeof *(array) \
  }

TARAZU_UNUSED static inline const void *tarazu_at(const tarazu_list *list, uint32_t index)
{
  return (const char *)list->items + (size_t)index * list->stride;
}

/* ---- errors ------------------------------------------------------------------------------------------------ */

typedef enum tarazu_status {
  TARAZU_OK = 0,
  TARAZU_BAD_PARAMETER = 1, /* the profile asks for what this strategy cannot do */
  TARAZU_BAD_DATA = 2,      /* the data break a stated assumption */
  TARAZU_NO_RESULT = 3,     /* nothing wrong, but nothing can be said (no repeat buyers, say) */
  TARAZU_NUMERIC = 4,       /* did not converge, overflowed */
  TARAZU_NO_MEMORY = 5,
  TARAZU_CANCELLED = 6,
  TARAZU_INTERNAL = 7
} tarazu_status;

/* The host's buffer for one message. The host sets row, param and item to -1; a plugin that knows the place says it,
 * and the host turns it into a key of the data or a line and column of the profile. */
typedef struct tarazu_error {
  uint32_t size;
  int32_t status;
  int64_t row;   /* absolute row number in its space */
  int32_t param; /* index of the parameter at fault */
  int32_t item;  /* index of the record or list item in it */
  char message[1000];
} tarazu_error;

/* Fills the error and returns the status, so that a function can end with it. */
TARAZU_UNUSED TARAZU_PRINTF(3, 4) static inline tarazu_status
    tarazu_fail(tarazu_error *error, tarazu_status status, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  error->status = (int32_t)status;
  return status;
}

/* ---- data -------------------------------------------------------------------------------------------------- */

typedef enum tarazu_type {
  TARAZU_F64 = 1,  /* double */
  TARAZU_I64 = 2,  /* int64_t */
  TARAZU_BOOL = 3, /* uint8_t, 0 or 1 */
  TARAZU_TIME = 4, /* int64_t, microseconds since 1970-01-01 UTC */
  TARAZU_TEXT = 5, /* int32_t codes into a dictionary, the same dictionary for all of a run */
  TARAZU_ROW = 6,  /* int64_t, a customer's row number (the ends of an edge) */
  TARAZU_CIVIL = 7 /* chunks of a source only: as TARAZU_TIME but of a clock without a zone, which the host
                    * turns into TARAZU_TIME by the profile's time_zone */
} tarazu_type;

/* Strings by code: string i is bytes[offsets[i] .. offsets[i+1]). Codes are of this run: a saved model keeps strings.
 */
typedef struct tarazu_dictionary {
  uint32_t size;
  uint32_t count;
  const int64_t *offsets;
  const char *bytes;
} tarazu_dictionary;

/* A column of a batch. Validity is a bitmap whose bit 0 is the batch's first value, NULL when all are valid. For
 * events, offsets has rows + 1 entries, row i owns values [offsets[i], offsets[i + 1]) counted from values (offsets[0]
 * need not be 0, and valid counts from values too), in time order and among equal times in the order of their other
 * columns' values, so that the order of the source never shows. */
typedef struct tarazu_column {
  uint32_t size;
  uint32_t type; /* tarazu_type */
  const void *values;
  const uint8_t *valid;
  const int64_t *offsets;
  const tarazu_dictionary *dictionary;
} tarazu_column;

/* Rows [first_row, first_row + rows) of a space: the customers (space 0), or the edges of input space - 1, which come
 * sorted by their columns in declared order. columns[i] is context->columns item i, and NULL where that one belongs to
 * another space or is not bound.
 * Combiners: columns never hold nulls; rows that lack a criterion come in a batch of their own with that column NULL
 * and its weight 0, the others rescaled; a dimension's score and an explanation leave criteria out in the same way.
 * (fit is given whole columns, nulls and all.) In apply first_row is -1 where the rows are not rows of the run:
 * what-if, explanations, a loaded model; a strategy may look up by row what it has learned only where first_row is 0 or
 * more. */
typedef struct tarazu_batch {
  uint32_t size;
  uint32_t space;
  int64_t first_row;
  int64_t rows;
  const tarazu_column *const *columns;
  const double *weights;      /* combiners: one a column, summing to 1; otherwise NULL */
  const int64_t *row_numbers; /* of rows that do not follow one another; NULL: first_row + i */
  uint32_t column_count;
  uint32_t reserved;
} tarazu_batch;

/* An output column of the host's: write all values; clear the valid bit of a row that has none. Both are private to the
 * call, so a byte of valid is never shared between threads. A result that nobody wants is NULL (never the first one).
 */
typedef struct tarazu_result {
  uint32_t size;
  uint32_t type;
  void *values;
  uint8_t *valid; /* all bits set on entry */
} tarazu_result;

TARAZU_UNUSED static inline int tarazu_is_valid(const tarazu_column *column, int64_t row)
{
  return !column->valid || ((column->valid[row >> 3] >> (row & 7)) & 1);
}

TARAZU_UNUSED static inline void tarazu_set_null(tarazu_result *result, int64_t row)
{
  result->valid[row >> 3] = (uint8_t)(result->valid[row >> 3] & ~(1u << (row & 7)));
}

/* ---- declarations ------------------------------------------------------------------------------------------ */

typedef enum tarazu_kind {
  TARAZU_REAL = 1,
  TARAZU_INTEGER = 2,
  TARAZU_SWITCH = 3, /* integer, 0 or 1 */
  TARAZU_STRING = 4,
  TARAZU_CHOICE = 5,     /* integer: index into choices */
  TARAZU_DURATION = 6,   /* real, in days; "52 weeks" in a profile */
  TARAZU_PROPORTION = 7, /* real, 1 is all; "12%" in a profile */
  TARAZU_DATE = 8,       /* integer, as TARAZU_TIME */
  TARAZU_REALS = 9,      /* a list of reals; "80%" is 0.8 */
  TARAZU_STRINGS = 10,
  TARAZU_RECORDS = 11, /* a list of records with the given fields: bands, judgements, rules */
  TARAZU_COLUMN = 12   /* integer: index into context->columns, by the name a profile gives it */
} tarazu_kind;

typedef struct tarazu_param {
  const char *name;
  const char *initial; /* the default as a profile would write it */
  const char *unit;
  const char *help;           /* one line */
  double least, most;         /* inclusive; both 0: unbounded */
  const char *const *choices; /* NULL-terminated, for TARAZU_CHOICE */
  tarazu_list fields;         /* of tarazu_param, for TARAZU_RECORDS */
  uint32_t kind;              /* tarazu_kind */
  uint32_t optional;          /* 1: may be absent though it has no default; the value then has given = 0 */
} tarazu_param;

/* A parameter's value, in the order of the declaration; checked by the host against kind, range and choices. */
typedef struct tarazu_value {
  uint32_t given; /* 0: optional and absent; a default counts as given */
  uint32_t count; /* of reals, texts, or records */
  double real;
  int64_t integer;
  const char *text;
  const double *reals;
  const char *const *texts;
  const struct tarazu_args *records; /* count of them, one a record */
} tarazu_value;

typedef struct tarazu_args {
  tarazu_list values; /* of tarazu_value; args stand in arrays, so this struct never grows */
} tarazu_args;

TARAZU_UNUSED static inline const tarazu_value *tarazu_arg(const tarazu_args *args, uint32_t index)
{
  return (const tarazu_value *)tarazu_at(&args->values, index);
}

typedef enum tarazu_shape { TARAZU_ATTRIBUTES = 1, TARAZU_EVENTS = 2, TARAZU_EDGES = 3 } tarazu_shape;

/* One value a customer out of her events; of no event: COUNT, SUM and PERIODS are 0, the others null.
 * SUM and MEAN are the exact sum rounded once, so that neither order nor thread nor source can show. */
typedef enum tarazu_aggregate {
  TARAZU_NONE = 0,
  TARAZU_COUNT,
  TARAZU_SUM,
  TARAZU_MEAN,
  TARAZU_MIN,
  TARAZU_MAX,
  TARAZU_FIRST,
  TARAZU_LAST,
  TARAZU_PERIODS, /* distinct periods with an event */
  TARAZU_UNDATED  /* in a tarazu_want alone: rows that have a key but no date; no other aggregate is of them */
} tarazu_aggregate;

/* Which events an aggregate is of. A period is a whole number of days counted from 1970-01-01. */
typedef enum tarazu_span {
  TARAZU_ALL = 0,
  TARAZU_FIRST_PERIOD = 1, /* those in the period of the customer's first event */
  TARAZU_LATER_PERIODS = 2 /* the others */
} tarazu_span;

typedef struct tarazu_field {
  const char *name; /* fields of an input that share it are of one column: the last `time`, and how many */
  const char *help;
  const char *period; /* the TARAZU_DURATION parameter that gives the period; NULL: one day */
  const char *window; /* the TARAZU_DURATION parameter: only events in (as_of - window, as_of]; NULL: all to as_of */
  const char *when; /* "half_life": not bound unless that parameter is given; "!half_life": if it is; "measure=margin":
                     * unless that TARAZU_CHOICE has this value; "half_life,measure=margin": unless all hold; NULL:
                     * always. So that nothing is read which the parameters do not call for. */
  uint32_t type;    /* tarazu_type, of the column before aggregation; COUNT and PERIODS give I64, MEAN gives F64 */
  uint32_t aggregate; /* tarazu_aggregate */
  uint32_t span;      /* tarazu_span */
  uint32_t optional;
} tarazu_field;

/* An input binds to a table of its shape, or, field by field, to columns: `value: lifetime_value`,
 * `value: {criterion: lifetime_value, output: p_alive}`, `x: financial`, `orders: {from: purchases, amount: margin}`.
 * many: any number of columns like fields[0], named by the profile; only the last input may be so. */
typedef struct tarazu_input {
  const char *name;
  const char *bind; /* where the profile says nothing: "score", "criteria", a table's name; NULL: as name */
  const char *help;
  tarazu_list fields; /* of tarazu_field; of EDGES the first two are TARAZU_ROW, from and to */
  uint32_t shape;     /* tarazu_shape */
  uint32_t optional;
  uint32_t many;
  uint32_t reserved;
} tarazu_input;

typedef enum tarazu_meaning { TARAZU_VALUE = 0, TARAZU_LOWER = 1, TARAZU_UPPER = 2 } tarazu_meaning;

typedef struct tarazu_output {
  const char *name;
  const char *unit;
  const char *help;
  uint32_t type;
  int32_t better;   /* +1 more, -1 less, 0 neither; the profile may override the first one's */
  uint32_t meaning; /* LOWER, UPPER: the ends of the prediction interval of output `of` */
  uint32_t of;
} tarazu_output;

/* ---- the host's services and what a strategy is told ------------------------------------------------------- */

typedef struct tarazu_host {
  uint32_t size;
  uint32_t abi_minor;
  void (*log)(const struct tarazu_host *host, int32_t level, const char *message); /* [parallel] */
  /* [parallel] tells how far a long call is, from 0 to 1; 0: the user has cancelled, return TARAZU_CANCELLED soon. */
  int (*progress)(const struct tarazu_host *host, double done);
  /* [parallel] in [0, 1), fixed by seed, the instance's name in the profile, the customer's key (row < 0: the number
   * itself) and draw. */
  double (*uniform)(const struct tarazu_host *host, int64_t row, uint32_t draw);
  /* [serial] runs task(argument, 0 .. count - 1), several at once, and returns when all are done. For finish, fit and
   * weights. What a task does must depend on its index alone. */
  void (*parallel)(const struct tarazu_host *host, int64_t count, void (*task)(void *argument, int64_t index),
                   void *argument);
  /* Since minor 1 (a plugin that calls it says so). [serial] a customer's key as text, for reasons and facts: who was
   * referred, whose rating weighs most. The host's, until destroy; NULL: there is no such row. */
  const char *(*customer)(const struct tarazu_host *host, int64_t row);
} tarazu_host;

/* What stands at each place of batch->columns: the fields of all inputs in order, then the columns of a `many` input.
 */
typedef struct tarazu_bound {
  const char *name;      /* the field's; of a `many` input the criterion's or the column's */
  const char *dimension; /* of a criterion */
  const char *unit;
  double weight; /* of a criterion: what the profile's `weight:` says, 1 where it is silent; otherwise 0 */
  uint32_t input;
  uint32_t type; /* 0: not bound */
  uint32_t space;
  int32_t better; /* of the values as they come: +1 after a normalizer */
} tarazu_bound;

/* Known without data, so that `tarazu check` can create an instance too. */
typedef struct tarazu_context {
  uint32_t size;
  uint32_t reserved;
  const tarazu_host *host;
  int64_t as_of;       /* as TARAZU_TIME */
  tarazu_list columns; /* of tarazu_bound */
} tarazu_context;

TARAZU_UNUSED static inline const tarazu_bound *tarazu_bound_at(const tarazu_context *context, uint32_t index)
{
  return (const tarazu_bound *)tarazu_at(&context->columns, index);
}

/* Receives bytes; 0: stop. */
typedef struct tarazu_writer {
  uint32_t size;
  uint32_t reserved;
  int (*write)(const struct tarazu_writer *writer, const void *bytes, size_t count);
} tarazu_writer;

/* What a fitted strategy reports of itself: for the manifest, `explain` and reports. */
typedef struct tarazu_fact {
  const char *name; /* "log_likelihood", "parameter_r", "verdict" */
  const char *text; /* NULL: value alone; beside a text, a value of 0 without an error is none */
  double value;
  double error;  /* standard error; negative: none */
  int32_t level; /* 0 fact, 1 warning, 2 the result must not be trusted */
  uint32_t reserved;
} tarazu_fact;

/* ---- strategies -------------------------------------------------------------------------------------------- */

typedef enum tarazu_role {
  TARAZU_SCORER = 1,
  TARAZU_NORMALIZER,
  TARAZU_WEIGHER,
  TARAZU_COMBINER,
  TARAZU_SEGMENTER,
  TARAZU_SOURCE,
  TARAZU_SINK
} tarazu_role;

enum {
  TARAZU_SERIAL = 1, /* apply: one call at a time */
  TARAZU_BY_ROW = 2, /* apply cannot do without row numbers (a graph): never first_row -1; no save, no what-if */
  TARAZU_LEARNS_WEIGHTS = 4, /* a combiner that must learn anew when weights change (VIKOR); others just apply */
  TARAZU_USUAL = 8 /* since minor 1: the one of its role where a profile names none; more than one installed: none is */
};

/* The life of an instance
 *
 *   function  may be called in      leads to         threads
 *   create    -                     new, or ready    [serial]   self: self_size zeroed bytes of the host's; ready
 *                                                               where there is neither learn nor fit
 *   learn     new, ready, learning  learning         [private]  a pass: every block of every space once, in row order
 *                                                               within a share
 *   merge     learning              learning         [serial]   adjacent shares, in order
 *   finish    learning              ready, learning  [serial]   sets again to ask for one more pass
 *   fit       new, ready            ready            [serial]   in place of learn, merge, finish: whole columns;
 *                                                               spaces[0] the customers, then a space a bound input
 *                                                               of edges
 *   save      ready                 ready            [serial]
 *   load      new                   ready            [serial]
 *   apply     ready                 ready            [parallel] writes nothing but its results
 *   weights   ready                 ready            [serial]   weighers
 *   labels    ready                 ready            [serial]   the text of each code of a TEXT output
 *   facts     ready                 ready            [serial]
 *   destroy   any, once             -                [serial]   also after a failed create; self's bytes are the host's
 *
 * A state is state_size flat bytes of the host's, zeroed: the host may copy, ship and cache it, so it holds no pointer.
 * A learn call gets the rows [BLOCK * i, BLOCK * (i + 1)) of its space, or less at the end (and of a combiner, those of
 * them that lack the same criteria); a state sees one SHARE of a space. Both are fixed by the rows alone: a sum in any
 * order within a block comes out the same on every machine size. apply gets batches of any size.
 * After an error only destroy follows. */
typedef struct tarazu_strategy {
  uint32_t size;
  uint32_t role;
  const char *id; /* as profiles name it: "rfm" */
  const char *version;
  const char *summary;
  const char *license;
  const char *normalizer; /* combiners, weighers, segmenters: the normalizer their method calls for; NULL: raw values */
  tarazu_list params;     /* of tarazu_param */
  tarazu_list inputs;     /* of tarazu_input */
  tarazu_list outputs;    /* of tarazu_output; the first one is the score */
  uint32_t flags;
  uint32_t self_size;

  tarazu_status (*create)(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error);
  void (*destroy)(void *self);

  size_t (*state_size)(const void *self);
  tarazu_status (*learn)(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error);
  tarazu_status (*merge)(const void *self, void *into, const void *from, tarazu_error *error);
  tarazu_status (*finish)(void *self, const void *state, int32_t *again, tarazu_error *error);
  tarazu_status (*fit)(void *self, const tarazu_batch *const *spaces, uint32_t count, tarazu_error *error);
  tarazu_status (*save)(const void *self, const tarazu_writer *writer, tarazu_error *error);
  tarazu_status (*load)(void *self, const void *bytes, size_t count, tarazu_error *error);

  tarazu_status (*apply)(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                         tarazu_error *error);
  tarazu_status (*weights)(const void *self, double *weights, uint32_t count, tarazu_error *error);
  const char *const *(*labels)(const void *self, uint32_t output, uint32_t *count);
  tarazu_list (*facts)(const void *self); /* of tarazu_fact */

  const void *(*extension)(const char *id); /* "tarazu.explain/1", "tarazu.source/1", "tarazu.sink/1" */
} tarazu_strategy;

typedef struct tarazu_plugin {
  uint32_t size;
  uint32_t abi_minor; /* the lowest host minor that will do */
  const char *name;
  const char *author;
  const char *homepage;
  const tarazu_strategy *const *strategies; /* NULL-terminated */
} tarazu_plugin;

/* The one symbol that a plugin exports. */
extern TARAZU_EXPORT const tarazu_plugin tarazu_plugin_v1;

/* ---- "tarazu.explain/1" ------------------------------------------------------------------------------------ */

typedef struct tarazu_explain {
  uint32_t size;
  uint32_t reserved;
  /* [parallel] optional, combiners: exact contributions in closed form, one result a column, summing to the score minus
   * *baseline. Where absent the host takes Shapley values by apply, absent criteria at the reference row. */
  tarazu_status (*contributions)(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                 double *baseline, tarazu_error *error);
  /* [serial] optional: why one row has its score, UTF-8 lines of the strategy's own words. */
  tarazu_status (*reasons)(const void *self, const tarazu_batch *row, const tarazu_writer *writer, tarazu_error *error);
} tarazu_explain;

/* ---- "tarazu.source/1" ------------------------------------------------------------------------------------- */

/* Where the host reads aggregates alone, it adds a COUNT without an expression and, of a dated table, an UNDATED, to
 * say how many rows were left out. Rows with a key but no date are UNDATED in their key's row, in one of their own, or
 * all in the row without a key, whose COUNT is of the rows without a key, dated or not. */
typedef struct tarazu_want {
  const char *name;       /* as the declaration calls it */
  const char *expression; /* as the profile writes it; a plain column name where it says nothing */
  uint32_t type;          /* tarazu_type wanted, before the aggregate; 0: whatever it is */
  uint32_t aggregate;     /* tarazu_aggregate, with the next fields; NONE: the rows themselves */
  uint32_t span;          /* tarazu_span */
  uint32_t windowed;      /* 1: only events after since */
  int64_t period;         /* microseconds */
  int64_t since;          /* as TARAZU_TIME */
  int64_t since_civil;    /* the same moment on the profile's clock, where the source's times are CIVIL */
} tarazu_want;

typedef struct tarazu_request {
  uint32_t size;
  uint32_t shape;       /* tarazu_shape */
  const char *table;    /* the profile's name for it, for messages */
  const char *location; /* `from`, a path already resolved against the profile's folder */
  const char *where;    /* NULL: all rows */
  const char
      *keys[2]; /* the key column; of edges, from and to. Both NULL: of the whole table (with aggregates: one row) */
  const char *time;    /* the expression that dates a row; NULL: undated */
  int64_t until;       /* nothing dated after it may come out: as_of, or a backtest's cut-off */
  int64_t until_civil; /* the same moment on the profile's clock */
  int64_t memory;      /* bytes it may use */
  const char *scratch; /* a folder for spilling */
  tarazu_list wants;   /* of tarazu_want: all of them aggregates (one row a key), or none */
  uint32_t threads;    /* it may use */
  uint32_t reserved;
} tarazu_request;

/* A column that is there. */
typedef struct tarazu_source_column {
  const char *name;
  const char *declared; /* its type in the source's own words: "DECIMAL(18,2)" */
  uint32_t type;        /* tarazu_type; 0: none of ours */
  uint32_t reserved;
} tarazu_source_column;

/* Rows as they come, in any order: keys (I64 or TEXT, one or two columns), then the time if asked, then the wants.
 * A row whose time is null comes with a null time: the host counts it. A TEXT column of a chunk has a dictionary of its
 * own; values NULL: value i is string i. Valid until the next read of the same part. bytes: the size of each column's
 * values buffer, checked by the host. */
typedef struct tarazu_chunk {
  uint32_t size;
  uint32_t column_count;
  int64_t rows;
  int64_t first_line; /* of the first row in its file, for messages; 0: unknown */
  const tarazu_column *const *columns;
  const int64_t *bytes;
} tarazu_chunk;

typedef struct tarazu_source {
  uint32_t size;
  uint32_t reserved;
  const char *const *accepts; /* NULL-terminated patterns of locations: "*.csv", "postgres:*" */
  /* [serial] the columns that are there, for check, types and nearest names; valid until the next call. Only location
   * is read of the request. */
  tarazu_status (*describe)(void *self, const tarazu_request *request, tarazu_list *columns, tarazu_error *error);
  /* [serial] without reading rows: TARAZU_OK, or TARAZU_NO_RESULT where this source cannot give an aggregate exactly:
   * the host then asks for plain rows. Another error is the profile's: error->item is the want at fault, -2 the where,
   * -3 and -4 the keys, -5 the time. */
  tarazu_status (*plan)(void *self, const tarazu_request *request, tarazu_error *error);
  /* [serial] parts: how many reads may go side by side. */
  tarazu_status (*open)(void *self, const tarazu_request *request, void **reader, uint32_t *parts, tarazu_error *error);
  /* [private] one call at a time a part, parts side by side; *chunk NULL at the end. */
  tarazu_status (*read)(const void *self, void *reader, uint32_t part, const tarazu_chunk **chunk, tarazu_error *error);
  /* [serial] what the data were, for the manifest: up to 64 hexadecimal digits and a zero byte; after the last read. */
  tarazu_status (*fingerprint)(const void *self, void *reader, char digits[65], tarazu_error *error);
  void (*close)(const void *self, void *reader); /* [serial] also after an error; reader may be NULL */
} tarazu_source;

/* ---- "tarazu.sink/1" --------------------------------------------------------------------------------------- */

enum { TARAZU_CUSTOMERS = 1, TARAZU_CRITERIA = 2, TARAZU_FACTS = 4, TARAZU_CHANGES = 8 }; /* tables a sink can want */

/* Where a sink writes. Sinks never print: what goes to the screen is a file to them, too. */
typedef struct tarazu_target {
  uint32_t size;
  uint32_t terminal; /* 1: a person will read it on a terminal, colour is welcome */
  const char
      *location; /* a file: a temporary path beside the target, renamed by the host once every sink is prepared */
  const char *manifest; /* JSON: what is known of the run before anything is written */
  uint32_t width;       /* of that terminal in columns; 0: no limit */
  uint32_t reserved;
} tarazu_target;

/* One table of a run's results: what its columns are. */
typedef struct tarazu_table {
  uint32_t size;
  uint32_t kind;    /* TARAZU_CUSTOMERS, … */
  const char *name; /* "customers", "criteria", "facts", "changes" */
  int64_t rows;
  tarazu_list columns; /* of tarazu_bound */
} tarazu_table;

/* The order of calls: open, then for each wanted table one table and its writes, then prepare, commit, close. */
typedef struct tarazu_sink {
  uint32_t size;
  uint32_t tables;            /* those it wants, TARAZU_CUSTOMERS | … */
  const char *const *accepts; /* NULL-terminated patterns of targets: "*.csv"; "-" is the screen */
  tarazu_status (*open)(const void *self, const tarazu_target *target, void **writer,
                        tarazu_error *error);                                                             /* [serial] */
  tarazu_status (*table)(const void *self, void *writer, const tarazu_table *table, tarazu_error *error); /* [serial] */
  tarazu_status (*write)(const void *self, void *writer, const tarazu_batch *batch,
                         tarazu_error *error); /* [serial] customers in rank order */
  tarazu_status (*prepare)(const void *self, void *writer,
                           tarazu_error *error); /* [serial] all but visible: flushed, not committed */
  tarazu_status (*commit)(const void *self, void *writer,
                          tarazu_error *error);  /* [serial] of a file, after it was renamed */
  void (*close)(const void *self, void *writer); /* [serial] before commit: rolls back; writer may be NULL */
} tarazu_sink;

#ifdef __cplusplus
}
#endif
#endif
