/* A small host for tests of strategies: it loads one plugin, binds columns that stand in memory, and takes the strategy
 * through its life (create, learn or fit, save, load, apply) as the engine does, by the contract of tarazu/plugin.h.
 *
 *   rig *r = rig_open("normalizer", "minmax");        BUILD_DIR/plugins/normalizer/minmax.so
 *   rig_f64(r, "value", (double[]){1, NAN, 3}, 3);    NAN: null
 *   assert_int_equal(rig_create(r, NULL), TARAZU_OK); parameters as a profile writes them, NULL: defaults
 *   assert_int_equal(rig_learn(r), TARAZU_OK);        learn, merge, finish, or fit; nothing where there is neither
 *   assert_int_equal(rig_apply(r, 2048), TARAZU_OK);  in batches of 2,048 rows
 *   assert_near(rig_value(r, 0, 2), 1, 0);            output 0 of row 2; NAN: null
 *   rig_close(r);
 *
 * Every buffer that a plugin gets is allocated to the byte, so that the address sanitizer sees a step too far; learning
 * states are moved in memory between calls, so that a pointer in one does not survive; shares are learned last to
 * first. A wrong use of the rig itself (a field that does not exist) ends the process with a message. Results that the
 * host would refuse (NaN, infinity, a code without a label) make rig_apply return TARAZU_INTERNAL. */
#ifndef TESTS_SUPPORT_STRATEGY_H
#define TESTS_SUPPORT_STRATEGY_H

#include <stdint.h>
#include <tarazu/plugin.h>

enum { RIG_COLUMNS = 64, RIG_OUTPUTS = 32 };

typedef struct rig {
  /* Set before rig_create; rig_open gives the values in brackets. */
  int64_t as_of; /* [2020-01-01] */
  uint64_t seed; /* [1] of uniform */
  tarazu_bound
      bound[RIG_COLUMNS]; /* what each column is: weight, better, dimension, unit may be set freely; see rig_bound */
  uint32_t bound_count;

  /* Set at any time. */
  int unknown_rows;     /* [0] 1: apply gives first_row -1, as for rows that are not of the run */
  const int64_t *order; /* [NULL] apply goes through these rows, order_count of them, which do not follow one another */
  int64_t order_count;
  uint64_t unwanted; /* [0] bit i: nobody wants output i */
  int cancel_after;  /* [0] the how manyeth call of progress says that the user has cancelled; 0: none does */

  /* Read after calls. */
  const tarazu_strategy *strategy;
  tarazu_error error; /* of the last call */
  int64_t rows;       /* customers */
  int passes;         /* that the last rig_learn took */
  int progress_calls;
  double baseline; /* of rig_contributions */
  char log[4096];  /* lines logged since rig_open, as far as they fit */
  struct rig_inside *inside;
} rig;

rig *rig_open(const char *role, const char *name); /* the strategy with the id name, else the file's first one */
void rig_close(rig *rig);                          /* destroys the instance too; NULL is fine */

/* ---- columns. Values are copied. field is the field's name, "input.field" where two inputs share it, "field#2" for
 * the second of an input's fields with that name, or the input's name where it has one field; for an input of `many`
 * columns each call with a new name adds one. count is the number of customers, for events and edges that of their
 * rows. A column asked as an aggregate is given here as the aggregate already (COUNT and PERIODS as I64, MEAN as F64).
 * What is not bound is told to the strategy as such. ---- */
void rig_f64(rig *rig, const char *field, const double *values, int64_t count); /* NAN: null */
void rig_i64(rig *rig, const char *field, const int64_t *values,
             int64_t count); /* I64, TIME, ROW by declaration; INT64_MIN: null */
void rig_bool(rig *rig, const char *field, const int8_t *values, int64_t count);      /* negative: null */
void rig_text(rig *rig, const char *field, const char *const *values, int64_t count); /* NULL: null */
void rig_events(rig *rig, const char *input, const int64_t *offsets,
                int64_t customers);              /* customers + 1 offsets; before its columns */
void rig_customers(rig *rig, int64_t customers); /* only where no column says how many */
tarazu_bound *rig_bound(rig *rig, const char *field);

/* ---- life. Each returns the strategy's status, with the rest in rig->error. rig_create may be called again: the old
 * instance is destroyed first. ---- */
tarazu_status rig_create(rig *rig,
                         const char *params); /* YAML; a faulty one is TARAZU_BAD_PARAMETER with the message */
tarazu_status rig_learn(rig *rig);
/* Results are kept by row until the next call. Combiners: rows that lack the same criteria go together, the weights
 * being those of rig->bound, rescaled to 1; a row without any criterion is null. */
tarazu_status rig_apply(rig *rig, int64_t batch_rows);
tarazu_status rig_contributions(rig *rig, int64_t batch_rows); /* "tarazu.explain/1" */
tarazu_status rig_weights(rig *rig, double *weights);          /* weighers: bound_count of them */
tarazu_status rig_save(rig *rig, void **bytes, size_t *count); /* free the bytes */
tarazu_status rig_load(rig *rig, const void *bytes,
                       size_t count); /* a new instance, made with the same parameters, loads */
tarazu_status rig_reload(rig *rig);   /* save, then load */
const void *rig_self(const rig *rig); /* the instance, for a source's or sink's functions */

/* ---- results, of output by its number ---- */
double rig_value(const rig *rig, uint32_t output, int64_t row);        /* F64, I64, BOOL as a double; NAN: null */
int64_t rig_integer(const rig *rig, uint32_t output, int64_t row);     /* I64, TIME, BOOL; INT64_MIN: null */
const char *rig_label(const rig *rig, uint32_t output, int64_t row);   /* TEXT; NULL: null */
double rig_contribution(const rig *rig, uint32_t column, int64_t row); /* NAN: none */
const tarazu_fact *rig_fact(const rig *rig, const char *name);         /* NULL: not told */

/* Every byte of all wanted results and validity bits, to compare two runs by; free it. */
void *rig_bytes(const rig *rig, size_t *count);

#endif
