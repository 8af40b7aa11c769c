/* Fault: finish always asks for one more pass. */
#include "faulty.h"

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  *again = 1;
  return good_finish(self, learned, &(int32_t){0}, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
