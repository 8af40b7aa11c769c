/* Combiners whose score is a sum of one part a criterion: what their apply and their contributions share. Such a
 * combiner writes two functions, which are inlined here: `take`, the criteria that count for a batch with whatever the
 * method makes of their weights, and `part`, the parts of one criterion for the rows of a chunk. */
#ifndef PLUGINS_SHARED_ADDITIVE_H
#define PLUGINS_SHARED_ADDITIVE_H

#include "criteria.h"

typedef uint32_t additive_take(const void *self, const tarazu_batch *batch, criterion_term terms[MOST_CRITERIA]);
typedef void additive_part(const void *self, const criterion_term *term, const double *restrict x, int64_t rows,
                           double *restrict part);

__attribute__((always_inline)) static inline tarazu_status additive_apply(const void *self, const tarazu_batch *batch,
                                                                          tarazu_result *const *results,
                                                                          additive_take *take, additive_part *part)
{
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = take(self, batch, terms);
  for (int64_t first = 0; first < batch->rows; first += CRITERIA_CHUNK) {
    int64_t rows = criteria_chunk(batch, first);
    double *score = (double *)results[0]->values + first, one[CRITERIA_CHUNK];
    for (int64_t i = 0; i < rows; i++) score[i] = 0;
    for (uint32_t k = 0; k < count; k++) {
      part(self, &terms[k], terms[k].x + first, rows, one);
      for (int64_t i = 0; i < rows; i++) score[i] += one[i];
    }
  }
  return TARAZU_OK;
}

/* Of a criterion that weighs nothing, or that nobody had when it was learned, the part is 0. */
__attribute__((always_inline)) static inline tarazu_status additive_contributions(const void *self,
                                                                                  const tarazu_batch *batch,
                                                                                  tarazu_result *const *results,
                                                                                  double *baseline, additive_take *take,
                                                                                  additive_part *part)
{
  criterion_term terms[MOST_CRITERIA];
  uint32_t count = take(self, batch, terms), next = 0;
  *baseline = 0;
  for (uint32_t c = 0; c < batch->column_count; c++) {
    int counts = next < count && terms[next].column == c;
    if (results[c] && !batch->columns[c]) memset(results[c]->valid, 0, (size_t)(batch->rows + 7) / 8);
    else if (results[c] && counts) part(self, &terms[next], terms[next].x, batch->rows, results[c]->values);
    else if (results[c]) memset(results[c]->values, 0, (size_t)batch->rows * sizeof(double));
    next += (uint32_t)counts;
  }
  return TARAZU_OK;
}

/* apply, contributions and extension of such a combiner. */
#define ADDITIVE(take, part)                                                                                     \
  static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,         \
                             tarazu_error *error)                                                                \
  {                                                                                                              \
    return (void)error, additive_apply(self, batch, results, take, part);                                        \
  }                                                                                                              \
  static tarazu_status contributions(const void *self, const tarazu_batch *batch, tarazu_result *const *results, \
                                     double *baseline, tarazu_error *error)                                      \
  {                                                                                                              \
    return (void)error, additive_contributions(self, batch, results, baseline, take, part);                      \
  }                                                                                                              \
  static const tarazu_explain explain = {.size = sizeof explain, .contributions = contributions};                \
  static const void *extension(const char *id)                                                                   \
  {                                                                                                              \
    return strcmp(id, "tarazu.explain/1") ? NULL : &explain;                                                     \
  }                                                                                                              \
  static const void *extension(const char *id)

#endif
