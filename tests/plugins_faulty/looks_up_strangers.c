/* Fault: what was learned of a row is looked up for rows that are not of the run. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  instance *s = self;
  s->rows = ((const state *)learned)->count;
  free(s->room);
  s->room = calloc((size_t)s->rows + 1, sizeof *s->room);
  if (!s->room) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %lld rows", (long long)s->rows);
  for (int64_t i = 0; i < s->rows; i++) s->room[i] = 1;
  return good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  const instance *s = self;
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t row = batch->row_numbers ? batch->row_numbers[i] : batch->first_row + i;
    if (row < 0 || row >= s->rows) ((double *)results[0]->values)[i] = (double)NAN;
  }
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
