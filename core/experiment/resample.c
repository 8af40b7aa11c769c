/* Bootstrap samples, what measures are on them, and intervals. */
#include "experiment/resample.h"

#include "run/weight_draw.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ONE_BY_ONE = 2000, GROUPS = 200 };

/* ---- samples --------------------------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 wide;

/* The keyed numbers of random_uniform, as whole numbers below `customers`; the counts are of one byte: that one of more
 * than 255 customers is drawn more than 255 times has a chance of 1 in 10^500. */
void resample_counts(const resampling *r, int64_t sample, uint8_t *counts)
{
  random_stream stream = random_open(r->seed, (uint64_t)sample);
  uint64_t state = stream.state, customers = (uint64_t)r->customers;
  memset(counts, 0, (size_t)r->customers);
  for (int64_t i = 0; i < r->customers; i++) {
    state += UINT64_C(0x9e3779b97f4a7c15);
    counts[(uint64_t)((wide)random_mix(state) * customers >> 64)]++;
  }
}

int64_t resample_groups(const resampling *r)
{
  if (!r->samples || r->customers < 2) return 0;
  return r->customers <= MOST_ONE_BY_ONE ? r->customers : GROUPS;
}

/* Groups are of one size, so that a sum loses as many terms with each; who is left over stays in all samples. */
void resample_without(const resampling *r, int64_t group, uint8_t *counts)
{
  int64_t groups = resample_groups(r), size = r->customers / groups;
  memset(counts, 1, (size_t)r->customers);
  for (int64_t i = 0; i < size; i++) counts[group + i * groups] = 0;
}

int64_t resample_length(const resampling *r)
{
  return 1 + r->samples + resample_groups(r);
}

/* ---- measures -------------------------------------------------------------------------------------------------- */

typedef struct scratch {
  uint8_t *counts;
  void *room;
} scratch;

typedef struct work {
  const resampling *r;
  const measure *const *measures;
  uint32_t count;
  atomic_int *stop;
  double *const *numbers;
  scratch *scratches; /* one a worker */
} work;

static void run_one(void *argument, int64_t index, int worker)
{
  const work *w = argument;
  const scratch *s = &w->scratches[worker];
  const uint8_t *counts = index ? s->counts : NULL;
  if (w->stop && atomic_load(w->stop)) return;
  if (index > w->r->samples) resample_without(w->r, index - 1 - w->r->samples, s->counts);
  else if (index) resample_counts(w->r, index - 1, s->counts);
  for (uint32_t i = 0; i < w->count; i++) w->numbers[i][index] = measure_value(w->measures[i], counts, s->room);
}

static int scratches_new(work *w, int workers)
{
  size_t room = 0;
  if (!(w->scratches = calloc((size_t)workers, sizeof *w->scratches))) return 0;
  for (uint32_t i = 0; i < w->count; i++)
    if (measure_room(w->measures[i]) > room) room = measure_room(w->measures[i]);
  for (int i = 0; i < workers; i++) {
    w->scratches[i].counts = malloc((size_t)w->r->customers + 1);
    w->scratches[i].room = malloc(room + 1);
    if (!w->scratches[i].counts || !w->scratches[i].room) return 0;
  }
  return 1;
}

static void scratches_free(work *w, int workers)
{
  for (int i = 0; w->scratches && i < workers; i++) {
    free(w->scratches[i].counts);
    free(w->scratches[i].room);
  }
  free(w->scratches);
}

int resample_measures(const resampling *r, const measure *const *measures, uint32_t count, pool *threads,
                      atomic_int *stop, double *const *numbers)
{
  work w = {.r = r, .measures = measures, .count = count, .stop = stop, .numbers = numbers};
  int workers = threads ? pool_threads(threads) : 1, good = scratches_new(&w, workers);
  int64_t length = resample_length(r);
  if (good && threads) pool_run(threads, length, run_one, &w);
  for (int64_t i = 0; good && !threads && i < length; i++) run_one(&w, i, 0);
  scratches_free(&w, workers);
  if (!good) return 0;
  return stop && atomic_load(stop) ? -1 : 1;
}

/* ---- intervals ------------------------------------------------------------------------------------------------- */

const char *interval_method_name(interval_method method)
{
  static const char *const names[] = {"BCa", "percentile", "none"};
  return names[method];
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Between the two values that the place lies between (Hyndman, Fan 1996, definition 7). */
static double quantile(const double *sorted, int64_t count, double p)
{
  double at_p = p * (double)(count - 1), below = floor(at_p);
  int64_t at = (int64_t)below;
  if (at + 1 >= count) return sorted[count - 1];
  return sorted[at] + (at_p - below) * (sorted[at + 1] - sorted[at]);
}

/* Efron 1987, equation 4.1: the share of the samples below the value, ties half. */
static double bias_of(const double *sorted, int64_t count, double value)
{
  double below = 0;
  for (int64_t i = 0; i < count; i++) below += (sorted[i] < value) + 0.5 * (sorted[i] == value);
  return normal_quantile(below / (double)count);
}

double resample_acceleration(const double *without, int64_t groups)
{
  double mean = 0, squares = 0, cubes = 0;
  int64_t known = 0;
  for (int64_t i = 0; i < groups; i++) {
    if (isnan(without[i])) continue;
    mean += without[i];
    known++;
  }
  for (int64_t i = 0; i < groups; i++) {
    double U = known ? mean / (double)known - without[i] : 0;
    if (isnan(U)) continue;
    squares += U * U;
    cubes += U * U * U;
  }
  return squares > 0 ? cubes / (6 * squares * sqrt(squares)) : 0;
}

static double normal(double z)
{
  return erfc(-z * 0x1.6a09e667f3bcdp-1) / 2; /* z / sqrt 2 */
}

/* Efron 1987, equation 3.7 with z[alpha] of section 4. */
static double shifted(double z0, double a, double alpha)
{
  double z = z0 + normal_quantile(alpha), room = 1 - a * z;
  if (room <= 0) return z > 0;
  return normal(z0 + z / room);
}

int resample_interval(const resampling *r, const double *numbers, double level, interval_method method, interval *out)
{
  const double *values = numbers + 1, *without = values + r->samples;
  double *sorted = malloc(((size_t)r->samples + 1) * sizeof *sorted), low = (1 - level) / 2, high = 1 - low, z0;
  int64_t count = 0;
  if (!sorted) return 0;
  for (int64_t i = 0; i < r->samples; i++)
    if (!isnan(values[i])) sorted[count++] = values[i];
  *out = (interval){(double)NAN, (double)NAN, INTERVAL_NONE, r->samples - count};
  if (count > 1 && !isnan(numbers[0]) && out->undefined * 20 <= r->samples) {
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    out->method = INTERVAL_PERCENTILE;
    if (method == INTERVAL_BCA && sorted[0] < sorted[count - 1] && isfinite(z0 = bias_of(sorted, count, numbers[0]))) {
      double a = resample_acceleration(without, resample_groups(r));
      low = shifted(z0, a, low);
      high = shifted(z0, a, high);
      out->method = INTERVAL_BCA;
    }
    out->low = quantile(sorted, count, low);
    out->high = quantile(sorted, count, high);
  }
  free(sorted);
  return 1;
}
