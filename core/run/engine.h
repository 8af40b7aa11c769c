/* Carries a plan out: loads the tables, lets each strategy learn, applies them batch by batch, weighs, combines, ranks.
 */
#ifndef TARAZU_RUN_ENGINE_H
#define TARAZU_RUN_ENGINE_H

#include "base/pool.h"
#include "data/table.h"
#include "run/plan.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct engine engine;
typedef struct confidence confidence;
typedef struct stages stages;
struct cache;

/* A saved model that was read: what its strategy had learned, and from what. */
typedef struct model {
  const char *path;
  char sha256[65];     /* of the whole file */
  const char *header;  /* JSON */
  const node *told;    /* the same, parsed */
  const char *payload; /* what the strategy wrote */
  size_t count;        /* bytes of it */
} model;

/* A model that this run learned, ready to be written; or why there is none. */
typedef struct saved_model {
  const step *step;
  const char *why; /* it is not saved: "does not save what it learns"; NULL: it is */
  const char *to;
  const char *bytes;
  size_t count;
  char sha256[65];
} saved_model;

/* One strategy's life in a run. host comes first: plugins hand it back to the services. */
typedef struct instance {
  tarazu_host host;
  engine *engine;
  const step *step;
  void *self;
  tarazu_context context;
  const tarazu_explain *explain; /* NULL: none */
  tarazu_dictionary *labels;     /* of TEXT outputs, one an output */
  const model *model;            /* what it learned comes from there; NULL: it learns */
  int created, done;             /* done: its outputs are complete */
  uint64_t criteria;             /* of a combiner: bit c set where it combines criterion c */
  struct instance *of_dimension; /* of a combiner that learns weights: one a dimension; NULL: itself serves for all */
  pthread_mutex_t turn;          /* held by apply where the strategy is TARAZU_SERIAL */
  double fill;                   /* of STEP_FILL */
  const double *weights;         /* of a weigher that was asked: one a criterion, summing to 1 */
  uint32_t weight_count;
  int taken;          /* its results come from the cache: it was not created, see instance_live */
  tarazu_list facts;  /* of tarazu_fact, where it was taken */
  text noted;         /* what it told while it worked, zero-terminated one after the other, where there is a cache */
  atomic_int skipped; /* it failed, and the run goes on without it */
  char why[1400];     /* it was skipped */
} instance;

/* Whose contributions are Shapley values, and how well they are known. */
typedef struct shapley_account {
  int64_t exact, sampled;
  double largest_error; /* standard error of a sampled one */
} shapley_account;

typedef struct stage_time {
  const char *name;
  double seconds;
} stage_time;

struct engine {
  plan *plan;
  arena *arena;
  problems *problems;
  pool *pool;
  int64_t batch;  /* rows of one apply */
  int64_t memory; /* for sources */
  uint32_t threads;
  const char *scratch;
  atomic_int *cancelled;
  void (*progress)(void *argument, const char *stage, double done);
  void *argument;
  atomic_int failed; /* a problem was added by a worker: the others stop */

  const tarazu_source **sources; /* one a table of the plan; set beforehand where the caller pushed it */
  void **source_selfs;
  uint32_t sources_created;
  table *tables;
  population people;
  dictionary *strings;
  int64_t as_of;
  int has_after; /* given: of dated tables only what is later than `after` is looked at */
  int64_t after;
  instance *instances; /* one a step, in the plan's order */

  double *weights;           /* one a criterion, summing to 1 */
  const double *fixed;       /* weights that are given, so that no weigher is asked; NULL: they are found */
  double *dimension_weights; /* one a dimension: the sum of its criteria's */
  double baseline;           /* of the contributions of customers who have every criterion; NAN: there are none */
  column coverage;           /* share of the weight that a customer's criteria carry */
  double *reference;         /* of Shapley values: the median customer as the combiner sees her; NULL: not looked for */
  shapley_account shapley;
  int64_t *order; /* rows in rank order; those without a score last */
  int64_t *rank;  /* by row, from 1, ties share the smaller; 0: no score */
  int64_t scored;
  int tied; /* some of them share a rank */

  struct cache *cache; /* of stages' results, shared; NULL: none */
  stages *stages;      /* NULL: there is no cache */
  int read_taken;      /* what the tables hold came from there */

  int unread; /* nobody reads the table of customers (an experiment's run): reason codes are not worded */

  confidence *confidence; /* NULL: not asked for, or not measured yet */

  column **borrowed; /* of another run that this one takes over (rescore.c), as are, with borrows_people, the people */
  uint32_t borrowed_count;
  unsigned borrowed_room;
  int borrows_people;

  const char *save_models; /* a folder; NULL: models are not saved */
  saved_model *saved;
  uint32_t saved_count;

  stage_time *times;
  uint32_t time_count;
  unsigned time_room;
};

/* Loads and computes everything up to ranks and segments. 1, or 0 with problems. engine_free in any case. */
int engine_run(engine *e);
/* Reads the tables alone, so that the customers are known. 1, or 0 with problems. engine_free in any case. */
int engine_load(engine *e);
/* By table of the plan the latest date in it, whatever the run's moment; INT64_MIN: none, or nothing reads it. In place
 * of a run. 1, or 0 with problems. */
int engine_latest(engine *e, int64_t *latest);
/* Gives the tables their sources, also where nothing was asked of them. 1, or 0 with problems. */
int engine_connect(engine *e);
/* Creates every instance and lets it go again: what strategies themselves say of their parameters, without data. */
int engine_check(engine *e);
void engine_free(engine *e);

instance *instance_of(const engine *e, const step *s);

/* What an instance reports of itself, or reported when its results were kept. */
tarazu_list instance_facts(const instance *in);
/* Where results came from the cache, the strategy that would have made them: created, and learned anew from the same
 * inputs. 1, or 0 with a problem. */
int instance_live(engine *e, instance *in);
/* Of the tables, when they were not read for the cache's sake: 1, or 0 with problems. */
int engine_read_again(engine *e);

/* How many stages came from the cache (what the tables hold is one), and how many were computed. */
void engine_stages(const engine *e, int64_t *taken, int64_t *made);

/* engine_run in its parts, for a run that takes over what another one has computed (rescore.c). */
int engine_prepare(engine *e);
int engine_run_steps(engine *e); /* those that are not done yet */
int engine_rank(engine *e);

/* Shared by the files of the engine ---------------------------------------------------------------------------- */

int instance_create(engine *e, instance *in);
void instance_destroy(instance *in);
exit_status plugin_status(tarazu_status status);
/* Turns a strategy's error into a problem that names the customer, the place in the profile, the plugin; or, where the
 * profile lets the run go on without it, marks the instance as skipped, with a warning. Returns 0. */
int instance_failed(engine *e, const instance *in, const char *doing, tarazu_status status, const tarazu_error *error);
/* Whether no isolated strategy ended where that could not be told at once: in what has no status to return, such as its
 * facts. 1, or 0 with a problem. */
int instances_survived(engine *e);
/* Whether a criterion has been left out since its scorer or normalizer failed. */
int criterion_skipped(const engine *e, uint32_t criterion);
const char *customer_name(const engine *e, int64_t row);
tarazu_status instance_apply(instance *in, const tarazu_batch *batch, tarazu_result *const *results,
                             tarazu_error *error);

/* A batch as the strategy gets it: to a loaded model the run's rows are no rows of its own. */
tarazu_batch instance_batch(const instance *in, const tarazu_batch *batch);

/* What a signal handler may tell: the plugin and the criterion that this thread is running; of a thread that never
 * called a plugin, and so is a plugin's own, the one that was called last; NULL: none. */
const char *engine_running(void);
/* Around each call of a plugin's function. */
void engine_enter(const instance *in, const char *function);
void engine_leave(void);

/* source.c: the interface of a source whose self is its instance. */
const tarazu_source *source_noted(void);

int engine_stopped(const engine *e); /* cancelled, or a worker failed */
void engine_progress(engine *e, const char *stage, double done);

/* One batch's view of a step's columns; each worker has its own. */
typedef struct frame {
  tarazu_column *columns;
  const tarazu_column **pointers;
  uint8_t *bits; /* scratch for columns whose window does not begin at a byte, room each */
  size_t room;
  tarazu_batch batch;
  /* results of one batch */
  tarazu_result *results;
  tarazu_result **result_pointers;
  uint8_t *valid;
} frame;

int frame_new(frame *f, uint32_t columns, uint32_t results, int64_t rows);
void frame_free(frame *f);
/* Points the frame at rows [first, first + rows) of the customers. */
void frame_window(const engine *e, const step *s, int64_t first, int64_t rows, frame *f);
/* Points result i at rows [first, …) of a column and marks every value as not yet written. */
void frame_result(frame *f, uint32_t index, column *to, int64_t first, int64_t rows);
/* Checks what a strategy wrote (every value, finite, codes that exist) and takes over its nulls. */
int frame_accept(engine *e, const instance *in, frame *f, uint32_t index, const char *output, uint32_t codes,
                 column *to, int64_t first, int64_t rows, const int64_t *row_numbers);

int learn_instance(engine *e, instance *in);                    /* learn or fit, until ready */
int apply_steps(engine *e, step *const *steps, uint32_t count); /* one pass over all customers */

/* combine.c: the combiner's batches, with gaps in the criteria */
uint64_t criteria_of_dimension(const engine *e, uint32_t dimension); /* bit c set where criterion c is of it */
typedef struct combiner_scratch combiner_scratch;
combiner_scratch *combiner_scratch_new(const engine *e, int64_t rows);
void combiner_scratch_free(combiner_scratch *scratch);
int combine_learn_block(engine *e, instance *in, void *state, int64_t first, int64_t rows, combiner_scratch *scratch);
int combine_batch(engine *e, instance *in, int64_t first, int64_t rows, combiner_scratch *scratch);
/* Scores rows that are not rows of the run: columns[i] NULL where criterion i is left out; weights as they are. */
int combine_rows(engine *e, const double *const *columns, const double *weights, int64_t rows, double *scores);
/* The same by one of the combiner's instances: a dimension's own. */
int combine_rows_by(engine *e, instance *in, const double *const *columns, const double *weights, int64_t rows,
                    double *scores);
/* The baseline that the combiner's own contributions of one such row leave of its score. */
int combine_baseline(engine *e, const double *const *columns, const double *weights, double *baseline);

/* model.c: models read and checked as far as that is possible without data, then loaded into new instances; as_of: the
 * run's, INT64_MAX: not known yet. 1, or 0 with problems. */
int models_read(engine *e);
int models_load(engine *e, int64_t as_of);
/* Before a run: whether what it learns can be saved under different names. */
int models_check_names(engine *e);
/* After a run: what it learned, into e->saved. */
int models_save(engine *e);

/* weigh.c: weights from weighers, blended, by dimension */
int weigh(engine *e);
/* rank.c */
int rank_customers(engine *e);
/* Between two values of a column, for medians; finite where both are. */
static inline double middle(double a, double b)
{
  return a == b ? a : a / 2 + b / 2;
}
/* Stable order of count values, largest first; NULL where there is no memory. valid as in a column. */
int64_t *order_descending(const double *values, const uint8_t *valid, int64_t count, int64_t *valid_count);

#endif
