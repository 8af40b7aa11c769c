/* What the run store holds, told: its runs in a list, one run, the best variants, and all of it as CSV. */
#ifndef TARAZU_EXPERIMENT_RUNS_H
#define TARAZU_EXPERIMENT_RUNS_H

#include "base/terminal.h"
#include "experiment/store.h"

/* A line a run. */
void runs_list_text(const store_run *runs, uint32_t count, arena *arena, text *out, screen to);
void runs_list_json(const store_run *runs, uint32_t count, text *out);
/* What one run was, what it measured, and its list. 1, or 0 with a problem. */
int runs_show_text(store *store, const store_run *run, arena *arena, text *out, screen to);
int runs_show_json(store *store, const store_run *run, arena *arena, text *out);

/* A variant by one measure: the mean of its runs, of several cut-offs and repeats. */
typedef struct best_variant {
  const store_run *run; /* the newest of them */
  double value;
  double low, high; /* of a single run's interval; NAN: none, or several runs */
  int64_t runs;     /* that have a value */
} best_variant;

typedef struct best_list {
  const char *measure;
  int better; /* 1: more, -1: less, 0: neither, largest first */
  best_variant *variants;
  uint32_t count;
  const char **measures; /* all that these runs have, in order of their first sight */
  uint32_t measure_count;
} best_list;

/* Of variants, oldest first, with measures, best first; of several experiments of one name the newest counts; by: a
 * measure's name, or its first word where that names one alone; NULL: the first measure. measure NULL: there is none of
 * that name. 1, or 0 with a problem. */
int runs_best(store *store, const store_run *runs, uint32_t count, const char *by, arena *arena, best_list *out);
void runs_best_text(const best_list *best, arena *arena, text *out, screen to);
void runs_best_json(const best_list *best, text *out);

/* All runs with their measures. 1, or 0 with a problem. */
int runs_export(store *store, const store_run *runs, uint32_t count, arena *arena, text *out);
/* One run's customers, in rank order. */
int runs_export_run(store *store, const store_run *run, arena *arena, text *out);

/* "combine.plugin=topsis", or of a run of its own its profile. */
const char *run_label(const store_run *run, arena *arena);

#endif
