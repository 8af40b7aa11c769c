/* Reason codes: the criteria that count most for a customer, or against her, in plain words. */
#ifndef TARAZU_RUN_GROUNDS_H
#define TARAZU_RUN_GROUNDS_H

#include "run/select.h"

enum { MOST_GROUNDS = 3 };

typedef struct ground {
  uint32_t criterion;
  double worth;  /* for her: what it adds to her score; against her: how much more it adds to a key customer's, on
                    average */
  double better; /* share of the customers with a value whom she is better than, her equals by half; NAN: unknown */
} ground;

/* Whose contributions are there. The largest first; how many there are. */
uint32_t grounds_for(const engine *e, int64_t row, ground *out);
/* The means over the key customers; where there are none she is compared with the baseline. */
uint32_t grounds_against(const engine *e, const selection *chosen, int64_t row, ground *out);
/* Share of customers with a value who are worse, or equal by half: 1 is best; NAN: she has none. */
double grounds_standing(const series *measured, int64_t row);
/* "margin 79911.85 EUR, better than 99.8 % of the customers (+0.3362)" */
void grounds_words(const engine *e, int64_t row, const ground *one, int against, text *out);

/* Three columns by customer, filled for key customers; texts in `words`. 1, or 0: no memory. */
int grounds_columns(engine *e, const selection *chosen, dictionary *words, column *out);

#endif
