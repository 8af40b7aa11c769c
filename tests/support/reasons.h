/* What a strategy says of one row in its own words ("tarazu.explain/1"), for tests. */
#ifndef TESTS_SUPPORT_REASONS_H
#define TESTS_SUPPORT_REASONS_H

#include "support/near.h"
#include "support/strategy.h"

#include <string.h>

typedef struct reason_lines {
  tarazu_writer writer;
  char text[1000];
} reason_lines;

static inline int reason_append(const tarazu_writer *writer, const void *bytes, size_t count)
{
  reason_lines *l = (reason_lines *)(uintptr_t)writer;
  strncat(l->text, bytes, count);
  return 1;
}

/* columns: of the row alone, as in a batch of one row. */
static inline void assert_reasons(const rig *r, const tarazu_column *const *columns, uint32_t count,
                                  const char *expected)
{
  const tarazu_explain *explain = r->strategy->extension("tarazu.explain/1");
  reason_lines l = {.writer = {.size = sizeof l.writer, .write = reason_append}};
  tarazu_error error = {.size = sizeof error};
  const tarazu_batch row = {.size = sizeof row, .first_row = -1, .rows = 1, .columns = columns, .column_count = count};
  assert_int_equal(explain->reasons(rig_self(r), &row, &l.writer, &error), TARAZU_OK);
  assert_string_equal(l.text, expected);
  assert_null(r->strategy->extension("tarazu.explain/2"));
}

#endif
