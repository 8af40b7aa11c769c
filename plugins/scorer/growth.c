/* growth: how fast what a customer brings a period grows or shrinks, by a slope that outliers do not move (Theil 1950,
 * Sen 1968), with its confidence interval. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/plugin.h>

#define MICROSECONDS_PER_DAY 86400e6

enum { MOST_PERIODS = 120, MOST_SLOPES = MOST_PERIODS * (MOST_PERIODS - 1) / 2 };
enum { PERIOD, PERIODS, LEAST_PERIODS, CONFIDENCE, MEASURE };
enum { RELATIVE, ABSOLUTE };
enum { TIME, AMOUNT }; /* columns */
enum { GROWTH, LOWER, UPPER, SLOPE, LEVEL, SEEN };

static const char *const measures[] = {"relative", "absolute", NULL};
static const tarazu_param params[] = {
    {.name = "period",
     .kind = TARAZU_DURATION,
     .initial = "3 months",
     .least = 1,
     .most = 36525,
     .help = "amounts are summed over each, counted back from as_of"},
    {.name = "periods",
     .kind = TARAZU_INTEGER,
     .initial = "8",
     .least = 3,
     .most = MOST_PERIODS,
     .help = "how many to look back on"},
    {.name = "least_periods",
     .kind = TARAZU_INTEGER,
     .initial = "4",
     .least = 2,
     .most = MOST_PERIODS,
     .help = "a customer of fewer periods since the first order has no trend"},
    {.name = "confidence",
     .kind = TARAZU_PROPORTION,
     .initial = "90%",
     .least = 0.5,
     .most = 0.999,
     .help = "of the interval"},
    {.name = "measure",
     .kind = TARAZU_CHOICE,
     .initial = "relative",
     .choices = measures,
     .help = "relative: a share of the customer's median period; absolute: in the currency of the amounts"},
};
static const tarazu_field order_fields[] = {
    {.name = "time", .type = TARAZU_TIME, .help = "when the order was placed"},
    {.name = "amount", .type = TARAZU_F64, .help = "what the customer paid; negative for a return"},
};
static const tarazu_input inputs[] = {
    {.name = "orders", .shape = TARAZU_EVENTS, .fields = TARAZU_LIST(order_fields), .help = "what the customer bought"},
};
static const tarazu_output outputs[] = {
    {.name = "growth", .type = TARAZU_F64, .better = 1, .help = "a period, as measure says"},
    {.name = "lower",
     .type = TARAZU_F64,
     .better = 1,
     .meaning = TARAZU_LOWER,
     .of = GROWTH,
     .help = "the interval's lower end; null where the periods are too few for the confidence"},
    {.name = "upper",
     .type = TARAZU_F64,
     .better = 1,
     .meaning = TARAZU_UPPER,
     .of = GROWTH,
     .help = "the interval's upper end"},
    {.name = "slope", .type = TARAZU_F64, .better = 1, .help = "growth a period in the currency of the amounts"},
    {.name = "level", .type = TARAZU_F64, .better = 1, .help = "median of the periods' sums"},
    {.name = "periods", .type = TARAZU_I64, .better = 0, .unit = "periods", .help = "that the trend is of"},
};

typedef struct growth {
  int64_t as_of, period; /* microseconds */
  int64_t periods, least_periods, measure;
  double z; /* standard normal quantile of the confidence, two-sided */
} growth;

/* By bisection of the distribution function: once an instance, to the last digit that matters. */
static double normal_quantile(double p)
{
  double low = 0, high = 10;
  for (int i = 0; i < 60; i++) {
    double middle = (low + high) / 2;
    if (0.5 * erfc(-middle / sqrt(2)) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

static tarazu_status create(void *self, const tarazu_context *context, const tarazu_args *args, tarazu_error *error)
{
  growth *g = self;
  g->as_of = context->as_of;
  g->period = llround(tarazu_arg(args, PERIOD)->real * MICROSECONDS_PER_DAY);
  g->periods = tarazu_arg(args, PERIODS)->integer;
  g->least_periods = tarazu_arg(args, LEAST_PERIODS)->integer;
  g->measure = tarazu_arg(args, MEASURE)->integer;
  g->z = normal_quantile(0.5 + tarazu_arg(args, CONFIDENCE)->real / 2);
  if (g->least_periods <= g->periods) return TARAZU_OK;
  error->param = LEAST_PERIODS;
  return tarazu_fail(error, TARAZU_BAD_PARAMETER, "least_periods of %lld are more than the %lld periods looked at",
                     (long long)g->least_periods, (long long)g->periods);
}

/* ---- one customer ---- */

/* Sums by period, the oldest first, from the period of the first order on: a period without an order is 0, one before
 * she was a customer is not there. Gives how many. */
static int64_t sum_up(const growth *g, const tarazu_batch *batch, int64_t row, double *sums)
{
  const tarazu_column *amounts = batch->columns[AMOUNT];
  const int64_t *time = batch->columns[TIME]->values;
  int64_t first = amounts->offsets[row], last = amounts->offsets[row + 1], count = 0;
  for (int64_t i = first; i < last; i++) {
    if (!tarazu_is_valid(amounts, i) || time[i] > g->as_of) continue;
    int64_t back = (g->as_of - time[i]) / g->period; /* 0: the last one, (as_of - period, as_of] */
    if (!count) {
      count = back < g->periods ? back + 1 : g->periods;
      for (int64_t k = 0; k < count; k++) sums[k] = 0;
    }
    if (back < count) sums[count - 1 - back] += ((const double *)amounts->values)[i];
  }
  return count;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(const double *sorted, int64_t count)
{
  double low = sorted[(count - 1) / 2], high = sorted[count / 2];
  return low == high ? low : low / 2 + high / 2;
}

typedef struct trend {
  double slope, lower, upper, level;
  int bounded; /* lower and upper are there */
} trend;

/* Variance of Kendall's S under no trend, less for ties among the n sums (Kendall 1955; Sen 1968):
 *   (n (n - 1)(2n + 5) - sum over ties of t (t - 1)(2t + 5)) / 18 */
static double kendall_variance(const double *sorted, int64_t n)
{
  double sum = (double)(n * (n - 1) * (2 * n + 5));
  for (int64_t i = 0; i < n;) {
    int64_t t = 1;
    while (i + t < n && sorted[i + t] == sorted[i]) t++;
    sum -= (double)(t * (t - 1) * (2 * t + 5));
    i += t;
  }
  return sum / 18;
}

/* The slope is the median of those between all N pairs of periods. The interval runs from the M1-th least slope to the
 * (M2 + 1)-th, M = (N -+ z sqrt(variance)) / 2 (Sen 1968; Gilbert 1987, ch. 16), whole numbers outward, so that it
 * covers at least what is asked. */
static trend find_trend(const growth *g, const double *sums, int64_t n, double *slopes)
{
  trend t = {0};
  double sorted[MOST_PERIODS];
  int64_t pairs = 0;
  for (int64_t i = 0; i < n; i++) {
    sorted[i] = sums[i];
    for (int64_t j = i + 1; j < n; j++) slopes[pairs++] = (sums[j] - sums[i]) / (double)(j - i);
  }
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  qsort(slopes, (size_t)pairs, sizeof *slopes, ascending);
  t.slope = median(slopes, pairs);
  t.level = median(sorted, n);
  int64_t at = (int64_t)floor(((double)pairs - g->z * sqrt(kendall_variance(sorted, n))) / 2);
  t.bounded = at >= 1;
  t.lower = t.bounded ? slopes[at - 1] : 0;
  t.upper = t.bounded ? slopes[pairs - at] : 0;
  return t;
}

static void put(tarazu_result *result, int64_t row, int known, double value)
{
  if (!result) return;
  if (known) ((double *)result->values)[row] = value;
  else tarazu_set_null(result, row);
}

static int64_t row_number(const tarazu_batch *batch, int64_t row)
{
  if (batch->row_numbers) return batch->row_numbers[row];
  return batch->first_row < 0 ? -1 : batch->first_row + row;
}

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  const growth *g = self;
  double sums[MOST_PERIODS], *slopes = malloc(MOST_SLOPES * sizeof *slopes);
  tarazu_status status = TARAZU_OK;
  if (!slopes) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %d slopes", MOST_SLOPES);
  for (int64_t i = 0; i < batch->rows; i++) {
    int64_t n = sum_up(g, batch, i, sums);
    int known = n >= g->least_periods;
    trend t = {0};
    if (known) t = find_trend(g, sums, n, slopes);
    double unit = g->measure == RELATIVE ? t.level : 1;
    int has_unit = known && unit > 0;
    double growing = has_unit ? t.slope / unit : 0, lower = has_unit ? t.lower / unit : 0;
    double upper = has_unit ? t.upper / unit : 0;
    if (!isfinite(growing) || !isfinite(lower) || !isfinite(upper) || !isfinite(t.slope) || !isfinite(t.level)) {
      error->row = row_number(batch, i);
      status = tarazu_fail(error, TARAZU_NUMERIC, "the trend of the amounts is beyond what a double holds");
      break;
    }
    put(results[GROWTH], i, has_unit, growing);
    put(results[LOWER], i, has_unit && t.bounded, lower);
    put(results[UPPER], i, has_unit && t.bounded, upper);
    put(results[SLOPE], i, known, t.slope);
    put(results[LEVEL], i, known, t.level);
    if (results[SEEN]) ((int64_t *)results[SEEN]->values)[i] = n;
  }
  free(slopes);
  return status;
}

/* ---- explaining ---- */

static tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *writer,
                             tarazu_error *error)
{
  const growth *g = self;
  double sums[MOST_PERIODS], *slopes = malloc(MOST_SLOPES * sizeof *slopes);
  char line[300];
  int length;
  if (!slopes) return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory for %d slopes", MOST_SLOPES);
  int64_t n = sum_up(g, row, 0, sums);
  if (n < g->least_periods) {
    length = snprintf(line, sizeof line, "%lld periods since the first order, fewer than %lld: no trend\n",
                      (long long)n, (long long)g->least_periods);
  } else {
    trend t = find_trend(g, sums, n, slopes);
    length = snprintf(line, sizeof line, "%lld periods of %.6g in the median; %+.6g a period", (long long)n, t.level,
                      t.slope);
    length += t.bounded ? snprintf(line + length, sizeof line - (size_t)length, ", between %+.6g and %+.6g\n", t.lower,
                                   t.upper)
                        : snprintf(line + length, sizeof line - (size_t)length, ", too few for an interval\n");
  }
  free(slopes);
  if (!writer->write(writer, line, (size_t)length)) return tarazu_fail(error, TARAZU_CANCELLED, "not all was written");
  return TARAZU_OK;
}

static const tarazu_explain explain = {.size = sizeof explain, .reasons = reasons};

static const void *extension(const char *id)
{
  return strcmp(id, "tarazu.explain/1") ? NULL : &explain;
}

static const tarazu_strategy strategy = {
    .size = sizeof strategy,
    .role = TARAZU_SCORER,
    .id = "growth",
    .version = "1.0",
    .summary = "robust trend of a customer's amounts by period, with its uncertainty (Theil-Sen)",
    .license = "MIT",
    .params = TARAZU_LIST(params),
    .inputs = TARAZU_LIST(inputs),
    .outputs = TARAZU_LIST(outputs),
    .self_size = sizeof(growth),
    .create = create,
    .apply = apply,
    .extension = extension,
};

const tarazu_plugin tarazu_plugin_v1 = {
    .size = sizeof tarazu_plugin_v1,
    .name = "growth",
    .author = "the tarazu authors",
    .strategies = (const tarazu_strategy *const[]){&strategy, NULL},
};
