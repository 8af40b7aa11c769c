/* Combiners that learn quantities of a whole score (the largest weighted sum, say), which change with the weights: they
 * learn in stages, a pass each. The first stage is of the criteria (criteria_learn), the others are of quantities that
 * the combiner measures by what it has learned so far.
 *
 * A combiner's own struct begins with a `staged`. It writes `measure`, which gives a chunk of its quantities, and
 * finish, which calls staged_finish and sees to what a stage has learned. */
#ifndef PLUGINS_SHARED_STAGED_H
#define PLUGINS_SHARED_STAGED_H

#include "criteria.h"

enum { STAGED_QUANTITIES = 4 };

typedef struct staged {
  criteria criteria;
  criterion_summary learned[STAGED_QUANTITIES]; /* in the last stage */
  uint32_t stage;                               /* that is being learned; 0: of the criteria */
  uint32_t reserved;
} staged;

typedef double staged_chunk[STAGED_QUANTITIES][CRITERIA_CHUNK];

/* Quantities of rows [first, first + rows); their number. */
typedef uint32_t staged_measure(const void *self, const criterion_term *terms, uint32_t count, int64_t first,
                                int64_t rows, staged_chunk quantities);

static size_t staged_state_size(const void *self)
{
  uint32_t count = ((const criteria *)self)->count;
  return (count > STAGED_QUANTITIES ? count : STAGED_QUANTITIES) * sizeof(criterion_summary);
}

/* Rows for which no criterion counts have no score, and nothing is learned of them. */
__attribute__((always_inline)) static inline tarazu_status staged_learn(const void *self, void *state,
                                                                        const tarazu_batch *batch, tarazu_error *error,
                                                                        staged_measure *measure)
{
  const staged *s = self;
  criterion_term terms[MOST_CRITERIA];
  if (!s->stage) return criteria_learn(self, state, batch, error);
  uint32_t count = criteria_shares(&s->criteria, batch, terms);
  for (int64_t first = 0; count && first < batch->rows; first += CRITERIA_CHUNK) {
    staged_chunk quantities;
    int64_t rows = criteria_chunk(batch, first);
    uint32_t measured = measure(self, terms, count, first, rows, quantities);
    for (uint32_t q = 0; q < measured; q++) {
      const criterion_summary chunk = criterion_summarize(quantities[q], rows);
      criterion_widen((criterion_summary *)state + q, &chunk);
    }
  }
  return TARAZU_OK;
}

TARAZU_UNUSED static tarazu_status staged_merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)error;
  uint32_t count = (uint32_t)(staged_state_size(self) / sizeof(criterion_summary));
  for (uint32_t c = 0; c < count; c++)
    criterion_widen((criterion_summary *)into + c, (const criterion_summary *)from + c);
  return TARAZU_OK;
}

/* Keeps what was learned and goes on to the next stage; after the last one back to the first, for another time. */
static inline void staged_finish(void *self, const void *state, uint32_t stages, int32_t *again)
{
  staged *s = self;
  if (!s->stage) memcpy(s->criteria.of, state, criteria_state_size(self));
  else memcpy(s->learned, state, sizeof s->learned);
  s->stage = s->stage + 1 < stages ? s->stage + 1 : 0;
  *again = s->stage > 0;
}

#endif
