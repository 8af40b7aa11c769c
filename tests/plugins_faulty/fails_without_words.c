/* Fault: create refuses without saying why. */
#include "faulty.h"

static tarazu_status faulty_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  if (tarazu_arg(args, 0)->real > 0.9) return TARAZU_BAD_PARAMETER;
  return good_create(self, context, args, error);
}
#define CREATE faulty_create

#include "faulty_scorer.h"
