/* Fault: destroy frees its room twice. */
#include "faulty.h"

static void faulty_destroy(void *self)
{
  instance *s = self;
  if (!s->room) s->room = malloc(2000);
  free(s->room);
  good_destroy(self);
}
#define DESTROY faulty_destroy

#include "faulty_scorer.h"
