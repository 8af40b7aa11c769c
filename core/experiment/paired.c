/* Differences on the same samples, their p-values, corrections for many of them, and the verdict. */
#include "experiment/paired.h"

#include "run/weight_draw.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one difference ---------------------------------------------------------------------------------------------- */

static double normal(double z)
{
  return erfc(-z * 0x1.6a09e667f3bcdp-1) / 2; /* z / sqrt 2 */
}

/* The level of the two-sided interval that ends at 0, less 1: the interval of 1 - p is the widest that leaves 0 out. A
 * sample more counts as being on the far side of 0, so that p is never 0 (Davison, Hinkley 1997, section 4.2). */
static double p_of(const resampling *r, const double *numbers, const interval *of)
{
  const double *values = numbers + 1;
  double far = 1, below = 0, all = 0, sign = numbers[0] < 0 ? -1 : 1;
  for (int64_t i = 0; i < r->samples; i++) {
    if (isnan(values[i])) continue;
    all++;
    far += sign * values[i] <= 0;
    below += (values[i] < numbers[0]) + 0.5 * (values[i] == numbers[0]);
  }
  if (far > all) return 1;
  double tail = far / (all + 1), p = 2 * tail;
  if (of->method == INTERVAL_BCA) {
    /* z[alpha] of Efron 1987 solved for alpha. */
    double z0 = normal_quantile(below / all), a = resample_acceleration(values + r->samples, resample_groups(r));
    double z = sign * normal_quantile(tail) - z0, room = 1 + a * z;
    if (room > 0) p = 2 * normal(sign * (z / room - z0));
  }
  return fmin(p, 1);
}

static int never_differs(const double *numbers, int64_t length)
{
  for (int64_t i = 0; i < length; i++)
    if (numbers[i] > 0 || numbers[i] < 0) return 0;
  return !isnan(numbers[0]);
}

int paired_compare(const resampling *r, const double *base, const double *variant, double level, interval_method method,
                   paired_comparison *out)
{
  int64_t length = resample_length(r);
  double *numbers = malloc((size_t)length * sizeof *numbers);
  if (!numbers) return 0;
  for (int64_t i = 0; i < length; i++) numbers[i] = variant[i] - base[i];
  *out =
      (paired_comparison){.base = base[0], .variant = variant[0], .difference = numbers[0], .verdict = PAIRED_UNKNOWN};
  int good = resample_interval(r, numbers, level, method, &out->interval);
  out->p = out->interval.method == INTERVAL_NONE ? (double)NAN : p_of(r, numbers, &out->interval);
  if (never_differs(numbers, length)) {
    out->verdict = PAIRED_SAME;
    out->p = 1;
  }
  out->adjusted = out->p;
  free(numbers);
  return good;
}

/* ---- many -------------------------------------------------------------------------------------------------------- */

const char *const correction_names[] = {"holm", "benjamini_hochberg", "none", NULL};

typedef struct numbered {
  double p;
  int64_t index;
} numbered;

static int by_p(const void *a, const void *b)
{
  const numbered *x = a, *y = b;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

/* Holm 1979: the i-th smallest of m times m - i + 1, never below the one before. */
static void holm(const numbered *sorted, int64_t m, double *out)
{
  double least = 0;
  for (int64_t i = 0; i < m; i++) {
    least = fmax(least, fmin(1, (double)(m - i) * sorted[i].p));
    out[sorted[i].index] = least;
  }
}

/* Benjamini, Hochberg 1995: the i-th smallest of m times m / i, never above the one after. */
static void benjamini_hochberg(const numbered *sorted, int64_t m, double *out)
{
  double most = 1;
  for (int64_t i = m; i-- > 0;) {
    most = fmin(most, (double)m / (double)(i + 1) * sorted[i].p);
    out[sorted[i].index] = most;
  }
}

int paired_correct(correction how, const double *p, int64_t count, double *out)
{
  numbered *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
  int64_t known = 0;
  if (!sorted) return 0;
  for (int64_t i = 0; i < count; i++) {
    if (!isnan(p[i])) sorted[known++] = (numbered){p[i], i};
    out[i] = p[i];
  }
  qsort(sorted, (size_t)known, sizeof *sorted, by_p);
  if (how == CORRECTION_HOLM) holm(sorted, known, out);
  if (how == CORRECTION_BENJAMINI_HOCHBERG) benjamini_hochberg(sorted, known, out);
  free(sorted);
  return 1;
}

static paired_verdict verdict_of(const paired_comparison *c, int better, double level)
{
  double gain = c->difference * better;
  if (c->verdict == PAIRED_SAME) return PAIRED_SAME;
  if (isnan(c->adjusted)) return PAIRED_UNKNOWN;
  /* A rounding error decides nothing at a level that is met exactly. */
  if (c->adjusted > (1 - level) * (1 + 1e-12) || !(c->difference < 0 || c->difference > 0)) return PAIRED_NONE;
  if (!better) return c->difference > 0 ? PAIRED_MORE : PAIRED_LESS;
  return gain > 0 ? PAIRED_BETTER : PAIRED_WORSE;
}

int paired_judge(correction how, paired_comparison *comparisons, const int *better, int64_t count, double level)
{
  double *p = calloc((size_t)count + 1, sizeof *p);
  if (!p) return 0;
  for (int64_t i = 0; i < count; i++) p[i] = comparisons[i].p;
  int good = paired_correct(how, p, count, p);
  for (int64_t i = 0; good && i < count; i++) {
    comparisons[i].adjusted = p[i];
    comparisons[i].verdict = verdict_of(&comparisons[i], better[i], level);
  }
  free(p);
  return good;
}

/* The smallest p is 2 / (samples + 1), and Holm's first step asks for (1 - level) / comparisons. */
int64_t paired_least_samples(int64_t comparisons, double level)
{
  return comparisons < 1 ? 0 : (int64_t)ceil(2 * (double)comparisons / (1 - level) * (1 - 1e-12) - 1);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

const char *paired_verdict_name(paired_verdict verdict)
{
  static const char *const names[] = {"same", "no_difference", "better", "worse", "more", "less", "unknown"};
  return names[verdict];
}

/* Three digits, or all that are before the point. */
static void add_figure(text *out, double value, int signed_too)
{
  int whole = fabs(value) >= 1000 && fabs(value) < 1e15;
  text_addf(out, whole ? (signed_too ? "%+.0f" : "%.0f") : (signed_too ? "%+.3g" : "%.3g"), value + 0.0);
}

/* The difference in the direction of `sign`, and its interval. */
static void add_interval(const paired_comparison *c, double sign, double level, text *out)
{
  double a = sign * c->interval.low, b = sign * c->interval.high;
  text_addf(out, "%g %% ", level * 100);
  add_figure(out, fmin(a, b), 0);
  text_add(out, " to ");
  add_figure(out, fmax(a, b), 0);
}

void paired_words(const paired_comparison *c, const char *base, double level, text *out)
{
  static const char *const words[] = {[PAIRED_BETTER] = "better than",
                                      [PAIRED_WORSE] = "worse than",
                                      [PAIRED_MORE] = "more than",
                                      [PAIRED_LESS] = "less than"};
  double sign = c->difference < 0 ? -1 : 1;
  switch (c->verdict) {
  case PAIRED_SAME: text_addf(out, "the same as %s", base); return;
  case PAIRED_UNKNOWN: text_add(out, "cannot be said"); return;
  case PAIRED_NONE:
    text_addf(out, "no real difference from %s (", base);
    add_figure(out, c->difference, 1);
    text_add(out, ", ");
    add_interval(c, 1, level, out);
    if (c->p <= 1 - level) text_add(out, "; among so many chance alone makes one");
    break;
  default:
    text_addf(out, "%s %s by ", words[c->verdict], base);
    add_figure(out, fabs(c->difference), 0);
    text_add(out, " (");
    add_interval(c, sign, level, out);
  }
  text_add(out, ")");
}

/* ---- by permutation -----------------------------------------------------------------------------------------------
 */

enum { MOST_EXACT = 20 };

/* Of all signs of those from i on, how many make the sum as far from 0. */
static double as_far(const double *d, int64_t count, double sum, double bound)
{
  if (!count) return fabs(sum) >= bound;
  return as_far(d + 1, count - 1, sum + d[0], bound) + as_far(d + 1, count - 1, sum - d[0], bound);
}

static double signed_sum(const double *d, int64_t count, uint64_t seed, int64_t draw)
{
  random_stream stream = random_open(seed, (uint64_t)draw);
  uint64_t bits = 0;
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    if (i % 64 == 0) bits = random_mix(stream.state += UINT64_C(0x9e3779b97f4a7c15));
    sum += bits & 1 ? d[i] : -d[i];
    bits >>= 1;
  }
  return sum;
}

double paired_permutation(const double *differences, int64_t count, int64_t draws, uint64_t seed)
{
  double *d = malloc(((size_t)count + 1) * sizeof *d), sum = 0, size = 0, far = 0;
  int64_t n = 0;
  if (!d) return (double)NAN;
  for (int64_t i = 0; i < count; i++) {
    if (isnan(differences[i]) || !(differences[i] < 0 || differences[i] > 0)) continue;
    d[n++] = differences[i];
    sum += differences[i];
    size += fabs(differences[i]);
  }
  double bound = fabs(sum) - 1e-12 * size, p; /* sums that are equal but for rounding are equal */
  if (n <= MOST_EXACT) {
    p = as_far(d, n, 0, bound) / exp2((double)n);
  } else {
    for (int64_t i = 0; i < draws; i++) far += fabs(signed_sum(d, n, seed, i)) >= bound;
    p = (far + 1) / ((double)draws + 1);
  }
  free(d);
  return p;
}
