/* A command of the tarazu program: its name, its options, its help, and what it does. */
#ifndef TARAZU_CLI_COMMAND_H
#define TARAZU_CLI_COMMAND_H

#include "base/problem.h"
#include "base/terminal.h"
#include "catalog/catalog.h"
#include "cli/options.h"

typedef struct command command;

/* What the command line asks for. Fields whose option a command does not have stay zero. */
typedef struct invocation {
  const command *command;
  arena *arena;
  strings operands;
  int help, quiet, json, locked;
  const char *plugins;         /* NULL: the usual places */
  const char *save_models;     /* run: a folder; NULL */
  const char *store;           /* a run store; NULL */
  const char *cache;           /* a folder for stages' results; NULL: none */
  const char *only, *params;   /* plugin check */
  const char *role, *language; /* plugin new */
  strings settings;            /* key=value, laid over the profile */
  int64_t threads, batch, memory;
  int64_t customers, orders, seed, years; /* demo */
  strings asked;                          /* compare: customers by key */
  strings parts, methods;                 /* robustness */
  int64_t sample, runs;                   /* robustness; negative: not given */
  const char *profile, *in, *by;          /* runs, history: a profile's path or its end, an experiment, a measure */
  int64_t jobs;                           /* experiment */
  int csv, no_cache;
  int experiment; /* schema */
  int64_t latest; /* runs, history: only so many, the newest */
} invocation;

/* tarazu preview: the list would change. No fault, so that it is no exit_status. */
enum { STATUS_CHANGES = 10 };

struct command {
  const char *name;
  const char *operands; /* "PROFILE CUSTOMER" */
  uint32_t least_operands, most_operands;
  const char *summary; /* one line */
  const char *details; /* what to know, with examples */
  const option *options;
  int (*act)(invocation *asked); /* an exit status */
};

extern const command command_run, command_preview, command_check, command_explain, command_compare, command_robustness,
    command_experiment, command_runs, command_history, command_plugin, command_schema, command_demo;

#define OPTION_HELP                                                            \
  {                                                                            \
    "help", OPTION_SWITCH, offsetof(invocation, help), NULL, "this text", 0, 0 \
  }
#define OPTION_QUIET                                                                          \
  {                                                                                           \
    "quiet", OPTION_SWITCH, offsetof(invocation, quiet), NULL, "say nothing but errors", 0, 0 \
  }
#define OPTION_JSON(h)                                               \
  {                                                                  \
    "json", OPTION_SWITCH, offsetof(invocation, json), NULL, h, 0, 0 \
  }
#define OPTION_PLUGINS                                                                                              \
  {                                                                                                                 \
    "plugins", OPTION_STRING, offsetof(invocation, plugins), "FOLDERS", "where plugins are, with ':' between", 0, 0 \
  }
#define OPTION_SET                                                                                 \
  {                                                                                                \
    "set", OPTION_STRINGS, offsetof(invocation, settings), "KEY=VALUE",                            \
        "change a setting of the profile, such as combine.plugin=topsis; as often as needed", 0, 0 \
  }
#define OPTION_LOCKED                                                                                                 \
  {                                                                                                                   \
    "locked", OPTION_SWITCH, offsetof(invocation, locked), NULL, "run the plugins of the lock file and no others", 0, \
        0                                                                                                             \
  }
#define OPTION_SAVE_MODELS                                                                  \
  {                                                                                         \
    "save-models", OPTION_STRING, offsetof(invocation, save_models), "FOLDER",              \
        "keep what strategies learned, each as NAME.model, for `model:` in a profile", 0, 0 \
  }
#define OPTION_CACHE                                                                                 \
  {                                                                                                  \
    "cache", OPTION_STRING, offsetof(invocation, cache), "FOLDER",                                   \
        "take what was computed before from this folder, and leave there what is computed now", 0, 0 \
  }
#define OPTION_STORE(h)                                                  \
  {                                                                      \
    "store", OPTION_STRING, offsetof(invocation, store), "FILE", h, 0, 0 \
  }
#define OPTION_PROFILE                                               \
  {                                                                  \
    "profile", OPTION_STRING, offsetof(invocation, profile), "PATH", \
        "only runs of this profile: its path or the end of it", 0, 0 \
  }
#define OPTION_LATEST                                                                                   \
  {                                                                                                     \
    "latest", OPTION_INTEGER, offsetof(invocation, latest), "N", "only the newest N runs", 1, INT64_MAX \
  }
#define OPTION_THREADS                                                                                           \
  {                                                                                                              \
    "threads", OPTION_INTEGER, offsetof(invocation, threads), "N", "threads to use; 0: one a processor", 0, 1024 \
  }
#define OPTION_BATCH                                                             \
  {                                                                              \
    "batch", OPTION_INTEGER, offsetof(invocation, batch), "ROWS",                \
        "rows handed to a strategy at once; no result depends on it", 1, 1 << 24 \
  }
#define OPTION_MEMORY                                                                               \
  {                                                                                                 \
    "memory", OPTION_BYTES, offsetof(invocation, memory), "SIZE",                                   \
        "what sources may use, such as 512M; a quarter of the machine's", 1 << 24, INT64_C(1) << 50 \
  }
#define OPTION_END               \
  {                              \
    NULL, 0, 0, NULL, NULL, 0, 0 \
  }

/* tarazu COMMAND: a message and where to read more, on stderr; EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_fault(const invocation *asked, const char *format, ...);

/* The plugins where --plugins says, else in the usual places. */
catalog *command_catalog(const invocation *asked);

/* Writes to standard output; EXIT_GOOD, or EXIT_OUTPUT with a message. */
int output_write(const text *out);
/* Whether a person reads the file descriptor, on a terminal that knows colours. */
int output_colour(int descriptor);
screen output_screen(void); /* what standard output is shown on */

#endif
