/* Fault: create opens a file that nobody closes. */
#include "faulty.h"

static tarazu_status faulty_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  FILE *file = fopen("/dev/null", "r");
  if (file) setvbuf(file, NULL, _IONBF, 0);
  return good_create(self, context, args, error);
}
#define CREATE faulty_create

#include "faulty_scorer.h"
