/* Fault: apply works in room of the instance's, which threads share. */
#include "faulty.h"

static tarazu_status faulty_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  ((instance *)self)->room = calloc(1 << 17, sizeof(double));
  if (!((instance *)self)->room) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the room");
  return good_create(self, context, args, error);
}
#define CREATE faulty_create

static tarazu_status faulty_apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                                  tarazu_error *error)
{
  double *room = ((const instance *)self)->room;
  good_apply(self, batch, results, error);
  for (int64_t i = 0; i < batch->rows; i++) room[i] = ((const double *)results[0]->values)[i];
  for (int64_t i = 0; i < batch->rows; i++) ((double *)results[0]->values)[i] = room[i];
  return TARAZU_OK;
}
#define APPLY faulty_apply

#include "faulty_scorer.h"
