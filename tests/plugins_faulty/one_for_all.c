/* Fault: instances share what they learned. */
#include "faulty.h"

static double mean_of_all;

static tarazu_status faulty_finish(void *self, const void *learned, int32_t *again, tarazu_error *error)
{
  good_finish(self, learned, again, error);
  mean_of_all += ((instance *)self)->mean;
  ((instance *)self)->mean = mean_of_all;
  return TARAZU_OK;
}
#define FINISH faulty_finish

#include "faulty_scorer.h"
