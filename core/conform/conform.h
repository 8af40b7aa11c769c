/* The conformance checker: tries whether a plugin keeps what include/tarazu/plugin.h asks of it, in child processes. */
#ifndef TARAZU_CONFORM_CONFORM_H
#define TARAZU_CONFORM_CONFORM_H

#include "base/arena.h"
#include "base/text.h"
#include <stdint.h>
#include <tarazu/plugin.h>

typedef struct conform_request {
  const char *file;
  const char *only;   /* TEST, ID, ID/TEST, ROLE/ID or ROLE/ID/TEST; NULL: all */
  const char *params; /* as a profile writes them; NULL: defaults, and what can be made up */
  uint64_t seed;
} conform_request;

/* One test of one strategy. */
typedef struct conform_result {
  const char *strategy; /* "normalizer/sum"; of the file as a whole: its plugin's name */
  const char *test, *tells;
  int passed;
  int64_t tries;
  double seconds;
  /* of a failure */
  const char *why;
  const char *data;   /* what it was tried on, in words; NULL */
  const char *params; /* NULL: has none to do with it */
  const char *table;  /* the smallest data found that fail; NULL */
  const char *replay; /* the command that tries this again */
} conform_result;

typedef struct conform_report {
  const conform_request *request;
  conform_result *results;
  uint32_t count;
  unsigned room;
  uint32_t failed;
  int unknown_test; /* only names nothing that there is */
} conform_report;

/* Forks: call it before threads are made. */
void conform_check(const conform_request *request, arena *arena, conform_report *out);
void conform_print(const conform_report *report, text *out);
void conform_print_json(const conform_report *report, text *out);

/* ---- between the checker's files ---- */

conform_result *conform_add(conform_report *report, const char *strategy, const char *test, const char *tells,
                            arena *arena);
/* Whether the request is about a test of a strategy. */
int conform_wants(const conform_request *request, const tarazu_strategy *strategy, const char *test);
const char *conform_name(const tarazu_strategy *strategy, arena *arena); /* "normalizer/sum" */
void conform_columns(conform_report *report, const tarazu_strategy *strategy, arena *arena);
void conform_files(conform_report *report, const tarazu_strategy *strategy, arena *arena); /* sources and sinks */

#endif
