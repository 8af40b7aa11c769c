/* Lists compared two by two, and many at once. */
#include "experiment/stability.h"

#include "run/agreement.h"
#include "run/weight_draw.h"
#include <math.h>
#include <stdlib.h>

enum { NO_MEMORY = -2 };

/* Of an empty list with another: nothing in common; of two, the same. */
static double rank_biased(const ranked_list *a, const ranked_list *b, int64_t customers, double persistence)
{
  int64_t k = a->count < b->count ? a->count : b->count;
  if (!k) return a->count == b->count;
  return agreement_rank_biased_overlap(a->of, b->of, k, customers, persistence);
}

int stability_change(const ranked_list *earlier, const ranked_list *later, int64_t customers, double persistence,
                     list_change *out)
{
  int64_t longer = earlier->count > later->count ? earlier->count : later->count;
  uint8_t *seen = calloc((size_t)customers + 1, 1);
  *out = (list_change){0};
  if (!seen) return 0;
  for (int64_t i = 0; i < earlier->count; i++) seen[earlier->of[i]] = 1;
  for (int64_t i = 0; i < later->count; i++) out->stayed += seen[later->of[i]];
  free(seen);
  out->left = earlier->count - out->stayed;
  out->entered = later->count - out->stayed;
  out->overlap = longer ? (double)out->stayed / (double)longer : 1;
  out->turnover = earlier->count ? (double)out->left / (double)earlier->count : (double)NAN;
  out->rank_biased_overlap = rank_biased(earlier, later, customers, persistence);
  return out->rank_biased_overlap > NO_MEMORY;
}

void stability_shares(const ranked_list *lists, int64_t count, int64_t customers, double *shares)
{
  for (int64_t i = 0; i < customers; i++) shares[i] = 0;
  for (int64_t i = 0; i < count; i++)
    for (int64_t k = 0; k < lists[i].count; k++) shares[lists[i].of[k]]++;
  for (int64_t i = 0; i < customers && count; i++) shares[i] /= (double)count;
}

/* Pair number t of those of 0, 1, 2 …: (1, 0), (2, 0), (2, 1), (3, 0) … */
static void pair_at(int64_t t, int64_t *a, int64_t *b)
{
  *a = (int64_t)((1 + sqrt(1 + 8 * (double)t)) / 2);
  while (*a * (*a - 1) / 2 > t) --*a;
  while (*a * (*a + 1) / 2 <= t) ++*a;
  *b = t - *a * (*a - 1) / 2;
}

static int compare_pairs(const ranked_list *lists, int64_t count, int64_t customers, double persistence,
                         list_stability *out)
{
  double all = (double)count * (double)(count - 1) / 2, overlaps = 0, rank_biased_overlaps = 0;
  int64_t pairs = all < STABILITY_MOST_PAIRS ? (int64_t)all : STABILITY_MOST_PAIRS;
  if (!pairs) return 1;
  out->least_overlap = 1;
  for (int64_t i = 0; i < pairs; i++) {
    int64_t a, b;
    list_change change;
    pair_at((int64_t)(all * ((double)i / (double)pairs)), &a, &b);
    if (!stability_change(&lists[b], &lists[a], customers, persistence, &change)) return 0;
    overlaps += change.overlap;
    rank_biased_overlaps += change.rank_biased_overlap;
    out->least_overlap = fmin(out->least_overlap, change.overlap);
  }
  out->overlap = overlaps / (double)pairs;
  out->rank_biased_overlap = rank_biased_overlaps / (double)pairs;
  return 1;
}

/* The influence of a list on the estimate (Nogueira, Sechidis, Brown 2018, theorem 7), with Phi as the estimate, k its
 * length, K the mean length, d customers and shared the sum of p over its members. */
static double influence(double shared, double k, double K, double d, double Phi)
{
  double variance = K / d * (1 - K / d);
  return (shared / d - k * K / (d * d) + Phi / 2 * (2 * k * K / (d * d) - k / d - K / d + 1)) / variance;
}

/* Phi = 1 - mean of M / (M - 1) p (1 - p) / (K / d (1 - K / d)) of M lists, p a customer's share of them (definition
 * 4), and its interval (corollary 9). */
static void correct_for_chance(const ranked_list *lists, int64_t count, int64_t customers, const double *p,
                               double level, list_stability *out)
{
  double M = (double)count, d = (double)customers, K = 0, spread = 0, mean = 0, squares = 0;
  for (int64_t i = 0; i < customers; i++) {
    K += p[i];
    spread += p[i] * (1 - p[i]);
    out->always += p[i] >= 1;
    out->sometimes += p[i] > 0 && p[i] < 1;
  }
  out->stability = out->low = out->high = (double)NAN;
  if (count < 2 || !(K > 0) || out->always == customers) return;
  double Phi = 1 - M / (M - 1) * spread / d / (K / d * (1 - K / d));
  for (int64_t i = 0; i < count; i++) {
    double shared = 0, before = mean;
    for (int64_t k = 0; k < lists[i].count; k++) shared += p[lists[i].of[k]];
    double phi = influence(shared, (double)lists[i].count, K, d, Phi);
    mean += (phi - mean) / (double)(i + 1);
    squares += (phi - before) * (phi - mean);
  }
  double reach = normal_quantile((1 + level) / 2) * sqrt(4 / (M * M) * fmax(squares, 0));
  out->stability = Phi;
  out->low = Phi - reach;
  out->high = fmin(Phi + reach, 1);
}

int stability_of(const ranked_list *lists, int64_t count, int64_t customers, double persistence, double level,
                 list_stability *out)
{
  double *shares = malloc(((size_t)customers + 1) * sizeof *shares);
  *out = (list_stability){.lists = count, .overlap = NAN, .least_overlap = NAN, .rank_biased_overlap = NAN};
  if (!shares) return 0;
  stability_shares(lists, count, customers, shares);
  correct_for_chance(lists, count, customers, shares, level, out);
  free(shares);
  return compare_pairs(lists, count, customers, persistence, out);
}
