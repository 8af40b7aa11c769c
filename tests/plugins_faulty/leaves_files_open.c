/* Fault: create opens a file that nobody closes. */
#include <fcntl.h>

#include "faulty.h"

static tarazu_status faulty_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  if (open("/dev/null", O_RDONLY) < 0) return tarazu_fail(error, TARAZU_INTERNAL, "there is no /dev/null");
  return good_create(self, context, args, error);
}
#define CREATE faulty_create

#include "faulty_scorer.h"
