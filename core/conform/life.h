/* A strategy's life on a sample, as the host leads it, in guarded memory: what is the host's is read-only and lies
 * between pages out of reach, what a call gives is out of reach after it, learning states are moved between calls.
 * Whatever breaks the contract on the way ends the test (child_fault); what the strategy refuses is its status. */
#ifndef TARAZU_CONFORM_LIFE_H
#define TARAZU_CONFORM_LIFE_H

#include "conform/guard.h"
#include "conform/sample.h"

enum { MOST_OUTPUTS = 32 };

typedef enum task_order { TASKS_IN_ORDER, TASKS_BACKWARDS, TASKS_SIDE_BY_SIDE } task_order;

typedef struct life {
  /* Set before life_create. */
  const sample *of;
  task_order tasks;   /* of host->parallel */
  int shares_forward; /* shares are learned from the first to the last; otherwise backwards */
  int merge_pairs;    /* neighbours are merged first, instead of each into the first */
  int unknown_rows;   /* apply gets rows that are not of the run */
  uint64_t unwanted;  /* bit i: nobody wants output i */
  int disk_full;      /* the writer of a model stops: any error is right */
  int cancel_after;   /* the how manyeth call of progress says that the user has cancelled; 0: none */

  /* Read after calls. */
  const char *function; /* the last one called */
  tarazu_status status; /* its */
  char message[1000];   /* its */
  int ready, progress_calls;

  /* Its own. */
  guard_scope kept;
  void *self;
  struct services *services;
  char *names; /* of customers */
  tarazu_context *context;
} life;

/* Results by customer. */
typedef struct outcome {
  tarazu_status status; /* not OK: nothing else is there */
  const char *function; /* that refused */
  char message[1000];
  int64_t rows;
  uint32_t count;
  struct {
    const char *name;
    uint32_t type;
    void *values; /* NULL: not wanted */
    uint8_t *valid;
    char **labels;
    uint32_t label_count;
  } outputs[MOST_OUTPUTS];
} outcome;

/* Each returns the strategy's status. After one that is not OK only life_end may follow. */
tarazu_status life_create(life *l);
tarazu_status life_begin_learning(life *l); /* the first share alone, so that destroy finds it half done */
tarazu_status life_learn(life *l);          /* learn, merge and finish, or fit; nothing where there is neither */
tarazu_status life_apply(life *l, int64_t batch_rows, int backwards, outcome *out);
tarazu_status life_weights(life *l, double *weights);                                      /* with->many of them */
tarazu_status life_save(life *l, size_t stop_after, unsigned char **bytes, size_t *count); /* free the bytes */
tarazu_status life_load(life *l, const void *bytes, size_t count);
/* Contributions of every row and column, NaN where none; their sum is checked against the scores. */
tarazu_status life_contributions(life *l, const outcome *scores);
tarazu_status life_reasons(life *l, int64_t row);
void life_facts(life *l); /* and labels: that they are what the contract says */
void life_end(life *l);

/* From create to destroy. */
void life_whole(life *l, int64_t batch_rows, int backwards, outcome *out);

/* Batches ready to be applied from several threads at once. */
typedef struct prepared prepared;
prepared *life_prepare(life *l, int64_t first,
                       int64_t rows);            /* not of combiners' rows with gaps; NULL: there are some */
tarazu_status prepared_apply(const prepared *p); /* [any thread] */
uint64_t prepared_hash(const prepared *p);       /* [any thread] of its results */
/* And frees it; status: what its last apply gave. */
void prepared_collect(life *l, prepared *p, tarazu_status status, outcome *out);

void outcome_new(const life *l, outcome *out);
void outcome_free(outcome *out);
/* 1, and how in words, where the second differs from the first; tolerance: of numbers, relative to the larger one. */
int outcome_differs(const outcome *one, const char *one_way, const outcome *other, const char *other_way,
                    double tolerance, text *how);
/* As bytes, to be compared between processes; 0: no room. */
size_t outcome_write(const outcome *from, unsigned char *bytes, size_t room);

#endif
