/* Measures of agreement between rankings. */
#include "run/agreement.h"

#include "run/engine.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NO_MEMORY = -2 };

int agreement_ranks(const double *values, int64_t count, double *ranks)
{
  int64_t valid;
  int64_t *order = order_descending(values, NULL, count, &valid);
  if (!order) return 0;
  for (int64_t i = 0, next; i < count; i = next) {
    for (next = i + 1; next < count && values[order[next]] == values[order[i]];) next++;
    for (int64_t k = i; k < next; k++) ranks[order[k]] = (double)(i + next + 1) / 2;
  }
  free(order);
  return 1;
}

/* ---- by distance ------------------------------------------------------------------------------------------- */

static double correlation(const double *x, const double *y, int64_t count)
{
  double middle = (double)(count + 1) / 2, xx = 0, yy = 0, xy = 0;
  for (int64_t i = 0; i < count; i++) {
    xx += (x[i] - middle) * (x[i] - middle);
    yy += (y[i] - middle) * (y[i] - middle);
    xy += (x[i] - middle) * (y[i] - middle);
  }
  return xx > 0 && yy > 0 ? fmax(-1, fmin(1, xy / sqrt(xx) / sqrt(yy))) : (double)NAN;
}

double agreement_spearman(const double *x, const double *y, int64_t count)
{
  double *ranks = malloc(((size_t)count * 2 + 1) * sizeof *ranks), r = NO_MEMORY;
  if (ranks && agreement_ranks(x, count, ranks) && agreement_ranks(y, count, ranks + count))
    r = correlation(ranks, ranks + count, count);
  free(ranks);
  return r;
}

/* r_w = 1 - 6 sum (R - Q)^2 ((n - R + 1) + (n - Q + 1)) / (n^4 + n^3 - n^2 - n). */
double agreement_weighted_spearman(const double *x, const double *y, int64_t count)
{
  double n = (double)count, sum = 0;
  if (count < 2) return count == 1 ? 1 : (double)NAN;
  for (int64_t i = 0; i < count; i++) sum += (x[i] - y[i]) * (x[i] - y[i]) * ((n - x[i] + 1) + (n - y[i] + 1));
  return 1 - 6 * sum / (n * n * n * n + n * n * n - n * n - n);
}

/* WS = 1 - sum 2^-R |R - Q| / max(|1 - R|, |n - R|). */
double agreement_ws(const double *x, const double *y, int64_t count)
{
  double n = (double)count, sum = 0;
  if (count < 2) return count == 1 ? 1 : (double)NAN;
  for (int64_t i = 0; i < count; i++) {
    double furthest = fmax(fabs(1 - x[i]), fabs(n - x[i]));
    sum += exp2(-x[i]) * fabs(x[i] - y[i]) / furthest;
  }
  return 1 - sum;
}

/* ---- by pairs ---------------------------------------------------------------------------------------------- */

typedef struct pair {
  double x, y;
} pair;

static int by_both(const void *a, const void *b)
{
  const pair *p = a, *q = b;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  return (p->y > q->y) - (p->y < q->y);
}

/* Sorts by y, stably, and counts how many neighbours would have to change places. */
static double exchanges(pair *items, pair *room, int64_t count)
{
  double total = 0;
  for (int64_t width = 1; width < count; width *= 2) {
    for (int64_t first = 0; first < count; first += 2 * width) {
      int64_t middle = first + width < count ? first + width : count;
      int64_t end = first + 2 * width < count ? first + 2 * width : count, a = first, b = middle, to = first;
      while (a < middle && b < end) {
        if (items[b].y < items[a].y) {
          total += (double)(middle - a);
          room[to++] = items[b++];
        } else {
          room[to++] = items[a++];
        }
      }
      while (a < middle) room[to++] = items[a++];
      while (b < end) room[to++] = items[b++];
    }
    memcpy(items, room, (size_t)count * sizeof *items);
  }
  return total;
}

/* Pairs of items that stand side by side and are the same in x (which 0), y (1) or both (2). */
static double tied(const pair *items, int64_t count, int which)
{
  double total = 0;
  for (int64_t i = 0, next; i < count; i = next) {
    for (next = i + 1;
         next < count && (which == 1 || items[next].x == items[i].x) && (which == 0 || items[next].y == items[i].y);)
      next++;
    total += (double)(next - i) * (double)(next - i - 1) / 2;
  }
  return total;
}

/* tau_b = (C - D) / sqrt((n0 - n1) (n0 - n2)), with C + D = n0 - n1 - n2 + n3. */
double agreement_kendall(const double *x, const double *y, int64_t count)
{
  pair *items = malloc(((size_t)count * 2 + 1) * sizeof *items);
  if (!items) return NO_MEMORY;
  for (int64_t i = 0; i < count; i++) items[i] = (pair){x[i], y[i]};
  qsort(items, (size_t)count, sizeof *items, by_both);
  double all = (double)count * (double)(count - 1) / 2, of_x = tied(items, count, 0), of_both = tied(items, count, 2);
  double discordant = exchanges(items, items + count, count), of_y = tied(items, count, 1);
  free(items);
  double untied = (all - of_x) * (all - of_y);
  return untied > 0 ? (all - of_x - of_y + of_both - 2 * discordant) / sqrt(untied) : (double)NAN;
}

double agreement_discordant(const double *x, const double *y, int64_t count)
{
  pair *items = malloc(((size_t)count * 2 + 1) * sizeof *items);
  if (!items) return NO_MEMORY;
  for (int64_t i = 0; i < count; i++) items[i] = (pair){x[i], y[i]};
  qsort(items, (size_t)count, sizeof *items, by_both);
  double discordant = exchanges(items, items + count, count);
  free(items);
  return discordant;
}

/* ---- by what the first places hold -------------------------------------------------------------------------- */

double agreement_overlap(const int64_t *x, const int64_t *y, int64_t k, int64_t things)
{
  double shared = 0;
  uint8_t *seen = calloc((size_t)things + 1, 1);
  if (!seen) return NO_MEMORY;
  for (int64_t i = 0; i < k; i++) seen[x[i]] = 1;
  for (int64_t i = 0; i < k; i++) shared += seen[y[i]];
  free(seen);
  return k > 0 ? shared / (double)k : (double)NAN;
}

/* RBO_ext = X_k / k p^k + (1 - p) / p sum over d of X_d / d p^d, X_d what the first d of both share. */
double agreement_rank_biased_overlap(const int64_t *x, const int64_t *y, int64_t k, int64_t things, double persistence)
{
  double shared = 0, sum = 0, weight = 1;
  uint8_t *seen = calloc((size_t)things + 1, 1);
  if (!seen) return NO_MEMORY;
  for (int64_t d = 1; d <= k; d++) {
    shared += seen[x[d - 1]]++ > 0;
    shared += seen[y[d - 1]]++ > 0;
    sum += shared / (double)d * weight;
    weight *= persistence;
  }
  free(seen);
  if (k < 1) return (double)NAN;
  return shared / (double)k * weight + (1 - persistence) * sum;
}
