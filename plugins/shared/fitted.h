/* Combiners that sort quantities of whole scores (a distance, a sum), which change with the weights: in fit they
 * measure every customer of the run, the columns and then the rows side by side. */
#ifndef PLUGINS_SHARED_FITTED_H
#define PLUGINS_SHARED_FITTED_H

#include "staged.h"

enum { FITTED_ROWS = 65536 };

/* Takes values of one criterion into what is learned of it, a block at a time. */
typedef void fitted_take(void *model, uint32_t column, const double *x, int64_t rows);

typedef struct fitted {
  void *model; /* begins with a `criteria` */
  const tarazu_batch *customers;
  fitted_take *take;
  staged_measure *measure;
  double *quantities[STAGED_QUANTITIES]; /* by row */
  uint8_t *scored;                       /* by row: 0 where no criterion counts */
} fitted;

TARAZU_UNUSED static void fitted_take_column(void *argument, int64_t index)
{
  const fitted *f = argument;
  const tarazu_column *column = f->customers->columns[index];
  double block[TARAZU_BLOCK];
  for (int64_t first = 0; column && first < f->customers->rows; first += TARAZU_BLOCK) {
    int64_t rows = f->customers->rows - first < TARAZU_BLOCK ? f->customers->rows - first : TARAZU_BLOCK, taken = 0;
    for (int64_t i = first; i < first + rows; i++) {
      block[taken] = ((const double *)column->values)[i];
      taken += tarazu_is_valid(column, i);
    }
    if (taken) f->take(f->model, (uint32_t)index, block, taken);
  }
}

/* The criteria that one customer has, her weights rescaled if she lacks some, as a batch gives them. */
static inline uint32_t fitted_terms(const fitted *f, int64_t row, criterion_term *terms)
{
  const criteria *c = f->model;
  uint32_t count = 0, all = 0;
  double sum = 0;
  for (uint32_t k = 0; k < c->count; k++) {
    const tarazu_column *column = f->customers->columns[k];
    const double w = f->customers->weights[k];
    if (!(w > 0)) continue;
    all++;
    if (!column || !tarazu_is_valid(column, row)) continue;
    sum += w;
    terms[count++] = (criterion_term){(const double *)column->values + row, w, &c->of[k], k, criteria_is_cost(c, k)};
  }
  for (uint32_t k = 0; count < all && k < count; k++) terms[k].w /= sum;
  return count;
}

static inline int fitted_is_whole(const fitted *f)
{
  for (uint32_t k = 0; k < f->customers->column_count; k++)
    if (!f->customers->columns[k] || f->customers->columns[k]->valid) return 0;
  return 1;
}

TARAZU_UNUSED static void fitted_measure_rows(void *argument, int64_t index)
{
  fitted *f = argument;
  criterion_term terms[MOST_CRITERIA];
  int64_t first = index * FITTED_ROWS, all = f->customers->rows, step = fitted_is_whole(f) ? CRITERIA_CHUNK : 1;
  int64_t end = first + FITTED_ROWS < all ? first + FITTED_ROWS : all;
  for (int64_t row = first; row < end; row += step) {
    staged_chunk chunk;
    int64_t rows = end - row < step ? end - row : step;
    uint32_t count = fitted_terms(f, row, terms), measured = f->measure(f->model, terms, count, 0, rows, chunk);
    memset(f->scored + row, count > 0, (size_t)rows);
    for (uint32_t q = 0; q < measured; q++)
      if (f->quantities[q]) memcpy(f->quantities[q] + row, chunk[q], (size_t)rows * sizeof(double));
  }
}

static inline void fitted_free(fitted *f)
{
  for (int q = 0; q < STAGED_QUANTITIES; q++) free(f->quantities[q]);
  free(f->scored);
}

/* So many quantities of every customer; fitted_free either way. 0: no memory. */
static inline int fitted_run(fitted *f, uint32_t quantities)
{
  const criteria *c = f->model;
  const tarazu_host *host = c->context->host;
  size_t room = (size_t)f->customers->rows + 1;
  int good = (f->scored = malloc(room)) != NULL;
  for (uint32_t q = 0; q < quantities; q++) good &= (f->quantities[q] = malloc(room * sizeof(double))) != NULL;
  if (!good) return 0;
  memset(c->of, 0, c->count * sizeof *c->of);
  host->parallel(host, c->count, fitted_take_column, f);
  host->parallel(host, (f->customers->rows + FITTED_ROWS - 1) / FITTED_ROWS, fitted_measure_rows, f);
  return 1;
}

#endif
