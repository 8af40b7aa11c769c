/* Fault: finish goes one call deeper for every value. */
#include "faulty.h"

static double depth(int64_t left)
{
  volatile char room[4096] = {0};
  return left > 0 ? depth(left - 1) + room[left % 4096] : 0;
}

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  return depth(((const state *)learned)->count * 1000) < 0 ? TARAZU_OK : good_finish(self, learned, again, error);
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
