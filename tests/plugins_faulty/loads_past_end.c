/* Fault: load reads eight bytes, however many there are. */
#include "faulty.h"

static tarazu_status faulty_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  memcpy(&((instance *)self)->mean, bytes, sizeof(double));
  if (count != sizeof(double)) return tarazu_fail(error, TARAZU_BAD_DATA, "found %zu bytes, expected 8", count);
  return TARAZU_OK;
}
#define LOAD faulty_load

#include "faulty_scorer.h"
