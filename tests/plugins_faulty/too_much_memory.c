/* Fault: create asks for 8 GiB. */
#include "faulty.h"

static tarazu_status faulty_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  ((instance *)self)->room = malloc((size_t)8 << 30);
  if (!((instance *)self)->room) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for the room");
  return good_create(self, context, args, error);
}
#define CREATE faulty_create

#include "faulty_scorer.h"
