/* Fault: the merged mean is the mean of two means, whatever their weights. */
#include "faulty.h"

static tarazu_status faulty_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  state *s = into;
  const state *t = from;
  double one = s->count ? s->sum / (double)s->count : 0, other = t->count ? t->sum / (double)t->count : 0;
  s->count += t->count;
  s->sum = (one + other) / 2 * (double)s->count;
  return (void)self, (void)error, TARAZU_OK;
}
#define MERGE faulty_merge

#include "faulty_scorer.h"
