/* The loyalty scorer: regularity against the likelihood itself, clumpiness against another implementation and against
 * all histories there are, and what little or odd data come to. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>

#define DAY INT64_C(86400000000)

enum { LOYALTY, TENURE, REGULARITY, INTERVAL, CLUMPINESS, CLUMPY, STILL_THERE, COMMITMENT, OCCASIONS, OUTPUTS };

/* days: before as_of, falling within a customer. */
static rig *open_orders(const int64_t *offsets, int64_t customers, const double *days)
{
  rig *r = rig_open("scorer", "loyalty");
  int64_t count = offsets[customers], *times = calloc((size_t)count + 1, sizeof *times);
  for (int64_t i = 0; i < count; i++) times[i] = r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_events(r, "orders", offsets, customers);
  rig_i64(r, "time", times, count);
  rig_customers(r, customers);
  free(times);
  return r;
}

static void score(rig *r, const char *params)
{
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
}

/* ---- clumpiness ---- */

/* The sample histories of clumpi 1.0.1 (PyPI; load_sample_data, N = 30) and what its get_entropy gives for them. Its
 * period t is 30 - t days before as_of. */
static void clumpiness_is_that_of_another_implementation(void **state)
{
  (void)state;
  static const double t[] = {1, 2,  4,  5,  7,  8,  10, 11, 13, 14, 16, 18, 20, 21, 23, 25, 26, 28, /* Ava */
                             1, 4,  7,  10, 13, 16, 19, 22, 25, 28,                                 /* Chris */
                             1, 2,  3,  4,  5,  6,  7,  8,  9,  28,                                 /* Jack */
                             1, 2,  5,  7,                                                          /* Jane */
                             1, 10, 19, 28};                                                        /* Smith */
  static const int64_t offsets[] = {0, 18, 28, 38, 42, 46};
  static const double h[] = {0.021722583753839064, 0.011293758823612721, 0.36485393879266403, 0.48893838336308659,
                             0.12145840069045677};
  double days[46];
  for (int i = 0; i < 46; i++) days[i] = 30 - t[i];
  rig *r = open_orders(offsets, 5, days);
  score(r, "{clumpiness_window: 30 days}");
  for (int i = 0; i < 5; i++) assert_near(rig_value(r, CLUMPINESS, i), h[i], 1e-13);
  /* and its critical values, 0.074 of 18 occasions, 0.163 of 10, 0.338 of 4, lie well between */
  static const int clumpy[] = {0, 0, 1, 1, 0};
  for (int i = 0; i < 5; i++) assert_int_equal(rig_integer(r, CLUMPY, i), clumpy[i]);
  rig_close(r);
}

/* Of N periods after the first order: as of a window that begins with that order, which then is none of its own. */
static void without_a_window_clumpiness_is_of_what_came_after_the_first_order(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 5, 6, 7}, 3, (double[]){31, 29, 28, 25, 23, 100, 0});
  score(r, NULL);
  const double x[] = {2, 1, 3, 2, 24};
  double h = 1;
  for (int i = 0; i < 5; i++) h += x[i] / 32 * log(x[i] / 32) / log(5);
  assert_near(rig_value(r, CLUMPINESS, 0), h, 1e-14);
  for (int i = 1; i < 3; i++) assert_true(isnan(rig_value(r, CLUMPINESS, i)));
  for (int i = 0; i < 3; i++) assert_true(isnan(rig_value(r, CLUMPY, i)));
  rig_close(r);
}

static double clumpiness_of(const int *t, int n, int N)
{
  double h = 1;
  for (int i = 0, last = 0; i <= n; i++) {
    int next = i < n ? t[i] : N + 1;
    double x = (double)(next - last) / (N + 1);
    h += x * log(x) / log(n + 1);
    last = next;
  }
  return h;
}

static int by_value(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* All 27,405 histories of 4 occasions in 30 days give the share that is at least as clumpy exactly; who is below 5 % is
 * clumpy, but for the error of the draws (its standard deviation is 0.07 %). */
static void clumpy_are_those_whom_few_of_all_histories_reach(void **state)
{
  (void)state;
  enum { N = 30, ALL = 27405 };
  static double h[ALL], sorted[ALL], days[4 * ALL];
  static int64_t offsets[ALL + 1];
  int count = 0, clumpy = 0;
  for (int a = 1; a <= N; a++)
    for (int b = a + 1; b <= N; b++)
      for (int c = b + 1; c <= N; c++)
        for (int d = c + 1; d <= N; d++) {
          const int t[] = {a, b, c, d};
          for (int i = 0; i < 4; i++) days[4 * count + i] = N - t[i];
          sorted[count] = h[count] = clumpiness_of(t, 4, N);
          count++;
          offsets[count] = 4 * count;
        }
  assert_int_equal(count, ALL);
  qsort(sorted, ALL, sizeof *sorted, by_value);
  rig *r = open_orders(offsets, ALL, days);
  score(r, "{clumpiness_window: 30 days, draws: 99999}");
  for (int i = 0; i < ALL; i++) {
    assert_near(rig_value(r, CLUMPINESS, i), h[i], 1e-13);
    if (h[i] > sorted[ALL - (int)(0.046 * ALL)]) assert_int_equal(rig_integer(r, CLUMPY, i), 1);
    if (h[i] < sorted[ALL - (int)(0.054 * ALL)]) assert_int_equal(rig_integer(r, CLUMPY, i), 0);
    clumpy += rig_integer(r, CLUMPY, i) == 1;
  }
  assert_near((double)clumpy / ALL, 0.05, 0.004);
  rig_close(r);
}

static void what_draws_cannot_tell_is_refused(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 1}, 1, (double[]){3});
  assert_int_equal(rig_create(r, "{clumpiness_window: 30 days, significance: 0.5%, draws: 150}"), TARAZU_BAD_PARAMETER);
  assert_string_equal(r->error.message, "150 draws cannot tell a significance of 0.005: that takes 199 or more");
  assert_int_equal(rig_create(r, "{clumpiness_window: 30 days, significance: 0.5%, draws: 199}"), TARAZU_OK);
  assert_int_equal(rig_create(r, "{clumpiness_window: 20 years, period: 1 day}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{clumpiness_window: 20 years, period: 1 week}"), TARAZU_OK);
  assert_int_equal(rig_create(r, "{clumpiness_window: 1 day, period: 7 days}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{tenure_weight: 0, regularity_weight: 0, evenness_weight: 0, commitment_weight: 0}"),
                   TARAZU_BAD_PARAMETER);
  rig_close(r);
}

static void draws_that_would_take_minutes_are_refused(void **state)
{
  (void)state;
  enum { CUSTOMERS = 10 };
  static double days[CUSTOMERS * (CUSTOMERS + 1) / 2];
  static int64_t offsets[CUSTOMERS + 1];
  for (int i = 0, n = 0; i < CUSTOMERS; i++) {
    for (int k = i; k >= 0; k--) days[n++] = k;
    offsets[i + 1] = n;
  }
  rig *r = open_orders(offsets, CUSTOMERS, days);
  assert_int_equal(rig_create(r, "{clumpiness_window: 10 years, draws: 99999}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  assert_true(strstr(r->error.message, "10 numbers of occasions") != NULL);
  rig_close(r);
}

/* ---- regularity ---- */

/* The likelihood of the intervals as shares of their sum, a Dirichlet distribution's with all parameters k. */
static double log_likelihood(const double *x, int n, double k)
{
  double sum = 0, result = lgamma(n * k) - n * lgamma(k);
  for (int i = 0; i < n; i++) sum += x[i];
  for (int i = 0; i < n; i++) result += (k - 1) * log(x[i] / sum);
  return result;
}

typedef double (*curve)(const void *about, double log_k);

static double highest(curve of, const void *about)
{
  const double golden = (sqrt(5) - 1) / 2;
  double low = log(0.05), high = log(100);
  while (high - low > 1e-9) {
    double a = high - golden * (high - low), b = low + golden * (high - low);
    if (of(about, a) > of(about, b)) high = b;
    else low = a;
  }
  return exp((low + high) / 2);
}

enum { CUSTOMERS = 120, MOST = CUSTOMERS * 40 };
typedef struct sample {
  int64_t offsets[CUSTOMERS + 1];
  double days[MOST];
} sample;

/* Intervals are sums of k exponential ones, in whole days. */
static void fill(sample *s, int k, uint64_t seed)
{
  int64_t n = 0;
  for (int i = 0; i < CUSTOMERS; i++) {
    double at = 5000, mean = 20 + 80 * next_uniform(&seed);
    int count = 1 + (int)(next_uniform(&seed) * 25);
    for (int j = 0; j < count; j++) {
      double gap = 0;
      for (int e = 0; e < k; e++) gap -= log(1 - next_uniform(&seed)) * mean / k;
      if (j) at -= fmax(1, round(gap));
      s->days[n++] = at;
    }
    s->offsets[i + 1] = n;
  }
}

static int intervals(const sample *s, int64_t customer, double *x)
{
  int n = 0;
  for (int64_t i = s->offsets[customer] + 1; i < s->offsets[customer + 1]; i++) x[n++] = s->days[i - 1] - s->days[i];
  return n;
}

static double everybodys(const void *about, double log_k)
{
  double x[40], result = 0;
  for (int64_t i = 0; i < CUSTOMERS; i++) {
    int n = intervals(about, i, x);
    if (n > 1) result += log_likelihood(x, n, exp(log_k));
  }
  return result;
}

/* The likelihood of shrinkage + 1 intervals that look like pooled ones: up to a constant. */
typedef struct one {
  const sample *of;
  int64_t customer;
  double shrinkage, pooled;
} one;

static double psi(double x)
{
  double h = 1e-4 * fmax(x, 1e-3);
  return (lgamma(x - 2 * h) - 8 * lgamma(x - h) + 8 * lgamma(x + h) - lgamma(x + 2 * h)) / (12 * h);
}

static double ones(const void *about, double log_k)
{
  const one *o = about;
  double x[40], k = exp(log_k), n = o->shrinkage + 1;
  double expected = n * (psi(o->pooled) - psi(n * o->pooled));
  return log_likelihood(x, intervals(o->of, o->customer, x), k) +
         (o->shrinkage > 0 ? lgamma(n * k) - n * lgamma(k) + k * expected : 0);
}

static void regularity_is_the_likeliest_shape(void **state)
{
  (void)state;
  static sample s;
  for (int k = 1; k <= 3; k += 2) {
    fill(&s, k, 7);
    double pooled = highest(everybodys, &s);
    rig *r = open_orders(s.offsets, CUSTOMERS, s.days);
    score(r, NULL);
    const tarazu_fact *fact = rig_fact(r, "pooled_regularity");
    assert_near(fact->value, pooled, 1e-5 * pooled);
    assert_true(fabs(fact->value - k) < 4 * fact->error); /* it finds what the intervals were made with */
    double h = 1e-3, bend = (everybodys(&s, log(pooled + h)) - 2 * everybodys(&s, log(pooled)) +
                             everybodys(&s, log(pooled - h))) /
                            (h * h);
    assert_near(fact->error, 1 / sqrt(-bend), 1e-3 * fact->error);
    for (int shrinkage = 0; shrinkage <= 4; shrinkage += 2) {
      char params[64];
      snprintf(params, sizeof params, "{shrinkage: %d}", shrinkage);
      score(r, params);
      for (int64_t i = 0; i < CUSTOMERS; i++) {
        int64_t n = s.offsets[i + 1] - s.offsets[i] - 1;
        one o = {&s, i, shrinkage, pooled};
        double expected = n < 2 ? (shrinkage ? pooled : (double)NAN) : highest(ones, &o);
        assert_near(rig_value(r, REGULARITY, i), expected, 2e-5 * (isnan(expected) ? 1 : expected));
      }
    }
    rig_close(r);
  }
}

/* As BTYDplus's estimateRegularity has it, method "wheat": of the last two intervals, by the sample variance. */
static void the_estimate_by_moments_is_told(void **state)
{
  (void)state;
  static sample s;
  fill(&s, 3, 11);
  double m[CUSTOMERS], mean = 0, variance = 0;
  int count = 0;
  for (int64_t i = 0; i < CUSTOMERS; i++) {
    double x[40];
    int n = intervals(&s, i, x);
    if (n > 1) m[count++] = x[n - 1] / (x[n - 1] + x[n - 2]);
  }
  for (int i = 0; i < count; i++) mean += m[i] / count;
  for (int i = 0; i < count; i++) variance += (m[i] - mean) * (m[i] - mean) / (count - 1);
  rig *r = open_orders(s.offsets, CUSTOMERS, s.days);
  score(r, NULL);
  assert_near(rig_fact(r, "wheat_morrison")->value, (1 - 4 * variance) / (8 * variance), 1e-10);
  rig_close(r);
}

/* A customer of 3,000 intervals: her own shape is of all of them, everybody's of runs of 1,024. */
static void long_histories_do_not_break_the_estimate(void **state)
{
  (void)state;
  enum { N = 3001 };
  static double days[N];
  uint64_t seed = 3;
  double at = 0;
  for (int i = N - 1; i >= 0; i--) {
    days[i] = at;
    at += fmax(1, round(-100 * log((1 - next_uniform(&seed)) * (1 - next_uniform(&seed)))));
  }
  rig *r = open_orders((int64_t[]){0, N}, 1, days);
  score(r, "{shrinkage: 0}");
  double own = rig_value(r, REGULARITY, 0);
  assert_near(own, 2, 0.2);
  assert_near(rig_fact(r, "pooled_regularity")->value, own, 0.005 * own);
  rig_close(r);
}

/* ---- what is made of it ---- */

/* P(still there) and the score, from the plain definitions; of whole shapes Q(k, x) is a sum. */
static void the_score_is_the_weighted_mean_of_its_parts(void **state)
{
  (void)state;
  static sample s;
  fill(&s, 2, 5);
  rig *r = open_orders(s.offsets, CUSTOMERS, s.days);
  score(r, "{half_tenure: 1000 days, dropout: 20%, tenure_weight: 2, commitment_weight: 3, evenness_weight: 0.5}");
  double pooled = rig_fact(r, "pooled_interval")->value, sum = 0, count = 0;
  for (int64_t i = 0; i < CUSTOMERS; i++) {
    double first = s.days[s.offsets[i]], last = s.days[s.offsets[i + 1] - 1], k = rig_value(r, REGULARITY, i);
    double n = (double)(s.offsets[i + 1] - s.offsets[i] - 1), interval = (first - last + 2 * pooled) / (n + 2);
    if (n > 0) sum += (first - last) / n;
    count += n > 0;
    assert_near(rig_value(r, TENURE, i), first - last, 1e-9);
    assert_near(rig_value(r, INTERVAL, i), interval, 1e-9);
    double p = rig_value(r, STILL_THERE, i), q = 0, x = k * last / interval; /* Q by a plain sum over its density */
    const int steps = 40000;
    for (int j = 0; j < steps; j++) {
      double u = (j + 0.5) / steps, y = x + u / (1 - u) * fmax(k, 1);
      q += exp((k - 1) * log(y) - y - lgamma(k)) * fmax(k, 1) / ((1 - u) * (1 - u)) / steps;
    }
    if (x > 0) assert_near(p, 0.8 * q / (0.8 * q + 0.2), 1e-6);
    assert_near(rig_value(r, COMMITMENT, i), first * p, 1e-9);
    const double parts[] = {1 - exp2(-(first - last) / 1000), sqrt(k) / (1 + sqrt(k)), 1 - rig_value(r, CLUMPINESS, i),
                            1 - exp2(-first * p / 1000)};
    const double weights[] = {2, 1, 0.5, 3};
    double mean = 0, all = 0;
    for (int j = 0; j < 4; j++)
      if (!isnan(parts[j])) mean += weights[j] * parts[j], all += weights[j];
    assert_near(rig_value(r, LOYALTY, i), mean / all, 1e-12);
    assert_true(rig_value(r, LOYALTY, i) >= 0 && rig_value(r, LOYALTY, i) <= 1);
    assert_int_equal(rig_integer(r, OCCASIONS, i), (int64_t)n + 1);
  }
  assert_near(pooled, sum / count, 1e-9);
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* Each differs from the first in one thing alone. */
static void longer_more_regular_and_more_recent_is_more_loyal(void **state)
{
  (void)state;
  static const double days[] = {100, 80,  60,  40,  20,                       /* the first */
                                200, 180, 160, 140, 120, 100, 80, 60, 40, 20, /* longer */
                                100, 98,  96,  24,  20,                       /* the same span in bursts */
                                400, 380, 360, 340, 320,                      /* the same, long ago */
                                100};                                         /* never again */
  static const int64_t offsets[] = {0, 5, 15, 20, 25, 26};
  rig *r = open_orders(offsets, 5, days);
  score(r, NULL);
  double first = rig_value(r, LOYALTY, 0);
  assert_true(rig_value(r, LOYALTY, 1) > first);
  for (int i = 2; i < 5; i++) assert_true(rig_value(r, LOYALTY, i) < first);
  assert_true(rig_value(r, REGULARITY, 2) < 1 && rig_value(r, REGULARITY, 0) > 1);
  assert_true(rig_value(r, STILL_THERE, 3) < 0.01 && rig_value(r, STILL_THERE, 0) > 0.75);
  score(r, "{dropout: 0%}");
  for (int i = 0; i < 5; i++) assert_near(rig_value(r, STILL_THERE, i), 1, 0);
  rig_close(r);
}

/* ---- little and odd data ---- */

static void orders_of_a_day_are_one_occasion(void **state)
{
  (void)state;
  static const double days[] = {10, 9.9, 9.5, 9.1, 9, 0, 0, 10, 9, 0};
  rig *r = open_orders((int64_t[]){0, 7, 10}, 2, days);
  score(r, NULL);
  /* (9, 10] days before as_of is day 10, exactly 9 is day 9 */
  assert_int_equal(rig_integer(r, OCCASIONS, 0), 3);
  for (uint32_t o = 0; o < OUTPUTS; o++) assert_near(rig_value(r, o, 0), rig_value(r, o, 1), 0);
  assert_near(rig_fact(r, "orders_of_the_same_period")->value, 4, 0);
  score(r, "{period: 1 week}");
  assert_int_equal(rig_integer(r, OCCASIONS, 0), 2);
  rig_close(r);
}

static void of_one_order_no_rhythm_is_told(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 1, 1}, 2, (double[]){50});
  score(r, NULL);
  assert_near(rig_value(r, TENURE, 0), 0, 0);
  assert_near(rig_value(r, REGULARITY, 0), 1, 0); /* nobody has a rhythm: taken as random */
  assert_near(rig_value(r, LOYALTY, 0), (0 + 0.5) / 2, 1e-15);
  const uint32_t unknown[] = {INTERVAL, CLUMPINESS, CLUMPY, STILL_THERE, COMMITMENT};
  for (int i = 0; i < 5; i++) assert_true(isnan(rig_value(r, unknown[i], 0)));
  for (uint32_t o = 0; o < OCCASIONS; o++) assert_true(isnan(rig_value(r, o, 1)));
  assert_int_equal(rig_integer(r, OCCASIONS, 1), 0);
  assert_int_equal(rig_fact(r, "repeat_buyers")->level, 1);
  score(r, "{tenure_weight: 0, regularity_weight: 0, evenness_weight: 0}"); /* commitment alone, which is unknown */
  assert_true(isnan(rig_value(r, LOYALTY, 0)));
  check_batches(r);
  rig_close(r);
}

static void nobody_and_nothing_give_no_number(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0}, 0, NULL);
  score(r, "{clumpiness_window: 1 year}");
  assert_int_equal(rig_fact(r, "buyers")->level, 1);
  rig_close(r);
  r = open_orders((int64_t[]){0, 0, 0}, 2, NULL);
  score(r, "{clumpiness_window: 1 year}");
  assert_true(isnan(rig_value(r, LOYALTY, 1)));
  rig_close(r);
  r = open_orders((int64_t[]){0, 2}, 1, (double[]){-1, -2}); /* after as_of */
  score(r, NULL);
  assert_true(isnan(rig_value(r, LOYALTY, 0)));
  rig_close(r);
}

static void a_perfect_rhythm_is_as_regular_as_is_sought(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 4, 8}, 2, (double[]){30, 20, 10, 0, 21, 14, 7, 0});
  score(r, "{shrinkage: 0}");
  for (int i = 0; i < 2; i++) assert_near(rig_value(r, REGULARITY, i), 100, 0);
  assert_near(rig_fact(r, "pooled_regularity")->value, 100, 0);
  assert_int_equal(rig_fact(r, "pooled_regularity")->level, 1);
  assert_null(rig_fact(r, "wheat_morrison")); /* there is no variance */
  rig_close(r);
}

/* Daily orders fill every period: nothing is clumpy. */
static void a_full_window_is_not_clumpy(void **state)
{
  (void)state;
  double days[20];
  for (int i = 0; i < 20; i++) days[i] = 19 - i;
  rig *r = open_orders((int64_t[]){0, 20}, 1, days);
  score(r, "{clumpiness_window: 20 days}");
  assert_near(rig_value(r, CLUMPINESS, 0), 0, 0);
  assert_int_equal(rig_integer(r, CLUMPY, 0), 0);
  check_reload(r);
  rig_close(r);
}

static void a_model_of_other_periods_is_refused(void **state)
{
  (void)state;
  void *bytes;
  size_t count;
  rig *r = open_orders((int64_t[]){0, 3}, 1, (double[]){30, 20, 3});
  score(r, NULL);
  assert_int_equal(rig_save(r, &bytes, &count), TARAZU_OK);
  assert_int_equal(rig_create(r, "{period: 1 week}"), TARAZU_OK);
  assert_int_equal(rig_load(r, bytes, count), TARAZU_BAD_PARAMETER);
  memset(bytes, 0xff, count);
  assert_int_equal(rig_load(r, bytes, count), TARAZU_BAD_DATA);
  free(bytes);
  rig_close(r);
}

static void an_explanation_tells_the_rhythm(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 4}, 1, (double[]){40, 30, 20, 10});
  score(r, "{shrinkage: 0}");
  const int64_t times[] = {r->as_of - 40 * DAY, r->as_of - 30 * DAY, r->as_of - 20 * DAY, r->as_of - 10 * DAY};
  static const char *const said[] = {"never ordered\n",
                                     "4 occasions over 30 days, the last 10 days ago\n"
                                     "buys regularly: regularity 100 where all have 100 (1 is random)\n"
                                     "clumpiness 0.000634 (0 is evenly spread, 1 all at once)\n"
                                     "expected every 10 days; the chance that she is still there: 81 %\n"};
  for (int i = 0; i < 2; i++) {
    const tarazu_column column = {
        .size = sizeof column, .type = TARAZU_TIME, .values = times, .offsets = (int64_t[]){0, 4 * i}};
    assert_reasons(r, (const tarazu_column *const[]){&column}, 1, said[i]);
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(clumpiness_is_that_of_another_implementation),
      cmocka_unit_test(without_a_window_clumpiness_is_of_what_came_after_the_first_order),
      cmocka_unit_test(clumpy_are_those_whom_few_of_all_histories_reach),
      cmocka_unit_test(what_draws_cannot_tell_is_refused),
      cmocka_unit_test(draws_that_would_take_minutes_are_refused),
      cmocka_unit_test(regularity_is_the_likeliest_shape),
      cmocka_unit_test(the_estimate_by_moments_is_told),
      cmocka_unit_test(long_histories_do_not_break_the_estimate),
      cmocka_unit_test(the_score_is_the_weighted_mean_of_its_parts),
      cmocka_unit_test(longer_more_regular_and_more_recent_is_more_loyal),
      cmocka_unit_test(orders_of_a_day_are_one_occasion),
      cmocka_unit_test(of_one_order_no_rhythm_is_told),
      cmocka_unit_test(nobody_and_nothing_give_no_number),
      cmocka_unit_test(a_perfect_rhythm_is_as_regular_as_is_sought),
      cmocka_unit_test(a_full_window_is_not_clumpy),
      cmocka_unit_test(a_model_of_other_periods_is_refused),
      cmocka_unit_test(an_explanation_tells_the_rhythm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
