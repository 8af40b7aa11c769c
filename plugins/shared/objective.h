/* What two weighers measure and a third one multiplies: the divergence of a criterion's shares from even ones (entropy)
 * and the loss that comes to a criterion where another one is at its best (CILOS). */
#ifndef PLUGINS_SHARED_OBJECTIVE_H
#define PLUGINS_SHARED_OBJECTIVE_H

#include "weigher.h"

/* d = 1 - e, e = -sum p ln p / ln n with p = x / sum x, of n customers. With u = p n this is the mean of
 * u ln u - (u - 1), over ln n: no term is negative, so nothing cancels, and equal values give 0 exactly. */
static inline double divergence_of(const tarazu_column *column, int64_t rows, column_summary s)
{
  long_sum sum = {0, 0};
  if (s.count < 2 || !(s.mean > 0) || s.least == s.most) return 0;
  for (int64_t i = 0; i < rows; i++) {
    if (!tarazu_is_valid(column, i)) continue;
    double u = weigher_value(column, i) / s.mean, over = u - 1;
    long_sum_add(&sum, u > 0 ? u * (fabs(over) < 0.5 ? log1p(over) : log(u)) - over : 1);
  }
  double d = long_sum_value(&sum) / (double)s.count / log((double)s.count);
  return d > 0 ? d : 0;
}

/* One a criterion. 0: with an error. */
TARAZU_UNUSED static int divergences(const weigher *w, const tarazu_batch *customers, double *d, tarazu_error *error)
{
  for (uint32_t c = 0; c < w->count; c++) {
    column_summary s = summarize(customers->columns[c], customers->rows);
    if (s.count && s.least < 0) {
      tarazu_fail(error, TARAZU_BAD_DATA,
                  "criterion '%s' has the value %g; entropy is of shares of a whole, so of values from 0 on",
                  weigher_criterion(w, c), s.least);
      return 0;
    }
    d[c] = divergence_of(customers->columns[c], customers->rows, s);
  }
  return 1;
}

/* ---- CILOS: the criterion impact loss (Zavadskas, Podvezko 2016) ------------------------------------------- */

/* A value as a benefit: of a cost min x / x. */
static inline double impact_value(const weigher *w, uint32_t criterion, column_summary s, double x)
{
  return weigher_is_cost(w, criterion) ? s.least / x : x;
}

/* The customer, among those who have every criterion, who is best in one: the first one, where several are. -1: nobody.
 */
static inline int64_t best_customer(const weigher *w, const tarazu_batch *customers, uint32_t criterion)
{
  int64_t best = -1;
  for (int64_t i = 0; i < customers->rows; i++) {
    if (!weigher_has_all(w, customers, i)) continue;
    double x = weigher_value(customers->columns[criterion], i);
    double most = best < 0 ? 0 : weigher_value(customers->columns[criterion], best);
    if (best < 0 || (weigher_is_cost(w, criterion) ? x < most : x > most)) best = i;
  }
  return best;
}

/* The matrix of losses p_ij = (x_jj - a_ij) / x_jj, with a_ij the value of criterion j where criterion i is best. */
static inline void impact_losses(const weigher *w, const tarazu_batch *customers, const uint32_t *used, uint32_t count,
                                 const column_summary *s, double *p)
{
  for (uint32_t i = 0; i < count; i++) {
    int64_t row = best_customer(w, customers, used[i]);
    for (uint32_t j = 0; j < count && row >= 0; j++) {
      int64_t own = best_customer(w, customers, used[j]);
      double most = impact_value(w, used[j], s[used[j]], weigher_value(customers->columns[used[j]], own));
      double here = impact_value(w, used[j], s[used[j]], weigher_value(customers->columns[used[j]], row));
      p[i * count + j] = (most - here) / most;
    }
  }
}

/* F q = 0 with F = P less its columns' sums on the diagonal. That is the balance of a Markov chain which goes from j to
 * i with the rate p_ij; eliminating states without a subtraction loses no digit (Grassmann, Taksar, Heyman 1985). A
 * rate of at least 1e-13 keeps the chain in one piece where there are no losses. */
static inline void impact_balance(double *p, double *q, uint32_t count)
{
  for (uint32_t k = 0; k < count * count; k++) p[k] = p[k] > 0 ? p[k] + 1e-13 : 1e-13;
  for (uint32_t n = count - 1; n > 0; n--) {
    double out = 0;
    for (uint32_t i = 0; i < n; i++) out += p[i * count + n];
    for (uint32_t j = 0; j < n; j++) p[n * count + j] /= out;
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t j = 0; j < n; j++)
        if (i != j) p[i * count + j] += p[i * count + n] * p[n * count + j];
  }
  q[0] = 1;
  double sum = 1;
  for (uint32_t n = 1; n < count; n++) {
    q[n] = 0;
    for (uint32_t j = 0; j < n; j++) q[n] += q[j] * p[n * count + j];
    sum += q[n];
  }
  for (uint32_t n = 0; n < count; n++) q[n] /= sum;
}

/* One a criterion, adding up to 1; a constant criterion has none of it. 0: with an error. */
TARAZU_UNUSED static int impacts(const weigher *w, const tarazu_batch *customers, double *q, tarazu_error *error)
{
  column_summary s[MOST_CRITERIA];
  uint32_t used[MOST_CRITERIA], count = 0;
  double share[MOST_CRITERIA];
  for (uint32_t c = 0; c < w->count; c++) {
    s[c] = summarize(customers->columns[c], customers->rows);
    int cost = weigher_is_cost(w, c);
    if (s[c].count && (cost ? !(s[c].least > 0) : s[c].least < 0)) {
      tarazu_fail(error, TARAZU_BAD_DATA, "criterion '%s' has the value %g; a loss is a share, of %s",
                  weigher_criterion(w, c), s[c].least, cost ? "costs above 0" : "values from 0 on");
      return 0;
    }
    q[c] = 0;
    if (s[c].count && s[c].least < s[c].most) used[count++] = c;
  }
  double *p = calloc((size_t)count * count + 1, sizeof *p);
  if (!p) {
    tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %u criteria", (unsigned)w->count);
    return 0;
  }
  if (count && best_customer(w, customers, used[0]) >= 0) {
    impact_losses(w, customers, used, count, s, p);
    impact_balance(p, share, count);
    for (uint32_t k = 0; k < count; k++) q[used[k]] = share[k];
  }
  free(p);
  return 1;
}

#endif
