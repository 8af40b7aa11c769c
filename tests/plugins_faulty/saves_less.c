/* Fault: the model keeps fewer digits than the instance. */
#include "faulty.h"

static tarazu_status faulty_save(const void *self, const tarazu_writer *writer, tarazu_error *error)
{
  double mean = (double)(float)((const instance *)self)->mean;
  if (writer->write(writer, &mean, sizeof mean)) return TARAZU_OK;
  return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}
#define SAVE faulty_save

#include "faulty_scorer.h"
