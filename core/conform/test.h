/* The tests of strategies that turn columns into columns: each is tried on one made-up sample at a time, in a child. */
#ifndef TARAZU_CONFORM_TEST_H
#define TARAZU_CONFORM_TEST_H

#include "conform/child.h"
#include "conform/life.h"

typedef struct trial {
  const sample *of;
  int pass;       /* of tests that compare two processes: 0, then 1 */
  size_t *cursor; /* in the note's data, of such tests */
  uint32_t index; /* of the sample */
} trial;

enum { MOST_KINDS = 8, SOME_ROWS = -1, NO_ROWS = -2 };

typedef struct sample_kind {
  twist twist;
  int rows; /* SOME_ROWS: another number for each; 0: the list of kinds ends */
  int each; /* samples of this kind for each accepted setting */
} sample_kind;

typedef struct column_test {
  const char *name;
  const char *tells; /* what holds where it passes */
  int (*applies)(const tarazu_strategy *strategy);
  void (*body)(const trial *t);
  int passes;      /* 2: run in two processes */
  int each_column; /* a sample more for each column, which is null in it */
  sample_kind kinds[MOST_KINDS];
} column_test;

extern const column_test column_tests[]; /* ends with a name NULL */

/* Used by the test of parameters too: whether the sample was accepted. */
int trial_is_accepted(const trial *t, outcome *refusal);

#endif
