/* Fault: any bytes do for a model. */
#include "faulty.h"

static tarazu_status faulty_load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  double mean = 0;
  memcpy(&mean, bytes, count < sizeof mean ? count : sizeof mean);
  ((instance *)self)->mean = fabs(mean) < 1e100 ? mean : 0;
  return (void)error, TARAZU_OK;
}
#define LOAD faulty_load

#include "faulty_scorer.h"
