/* Fault: destroy forgets what create asked for. */
#include "faulty.h"

static tarazu_status faulty_create(void *self, const tarazu_context *context, const tarazu_args *args,
                                   tarazu_error *error)
{
  ((instance *)self)->room = malloc(100);
  return good_create(self, context, args, error);
}
#define CREATE faulty_create

static void faulty_destroy(void *self)
{
  ((instance *)self)->room = NULL;
}
#define DESTROY faulty_destroy

#include "faulty_scorer.h"
