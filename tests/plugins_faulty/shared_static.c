/* Fault: apply works in static room, which threads share. */
#include "faulty.h"

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  static double room[TARAZU_BLOCK];
  int64_t rows = batch->rows < TARAZU_BLOCK ? batch->rows : TARAZU_BLOCK;
  memcpy(room, batch->columns[0]->values, (size_t)rows * sizeof *room);
  return room[0] < -1e200 ? TARAZU_OK : good_apply(self, batch, results, error);
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
