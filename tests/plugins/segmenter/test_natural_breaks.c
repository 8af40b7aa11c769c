#include "support/segmented.h"

#include <float.h>
#include <stdio.h>

static rig *broken(const double *values, int64_t count, const char *params)
{
  return segmented("natural_breaks", params, "value", values, count);
}

/* The classes end where jenkspy 0.4.1 ends them; the last of its breaks is the greatest value. */
static void expect_breaks(const double *x, int64_t count, int groups, const double *ends)
{
  char params[40];
  snprintf(params, sizeof params, "groups: %d", groups);
  rig *r = broken(x, count, params);
  for (int64_t i = 0; i < count; i++) {
    int class = 1;
    while (x[i] > ends[class - 1]) class ++;
    assert_near(rig_value(r, 1, i), class, 0);
  }
  rig_close(r);
}

static void breaks_are_those_of_jenkspy(void **state)
{
  (void)state;
  expect_breaks((double[]){1.3, 7.1, 7.3, 2.3, 3.9, 4.1, 7.8, 1.2, 4.3, 7.3, 5.0, 4.3}, 12, 3,
                (double[]){2.3, 5.0, 7.8});
  double x[300];
  uint64_t seed = 5;
  for (int i = 0; i < 300; i++) {
    double even = next_uniform(&seed);
    x[i] = floor(1000 * even * even * even);
  }
  expect_breaks(x, 300, 2, (double[]){361, 991});
  expect_breaks(x, 300, 3, (double[]){181, 529, 991});
  expect_breaks(x, 300, 5, (double[]){96, 261, 460, 745, 991});
  expect_breaks(x, 300, 9, (double[]){35, 96, 181, 289, 419, 555, 676, 816, 991});
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* About its own mean, two passes. */
static long double squares_of(const double *x, int count)
{
  long double mean = 0, sum = 0;
  for (int i = 0; i < count; i++) mean += x[i];
  mean /= count ? count : 1;
  for (int i = 0; i < count; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum;
}

/* The least sum of squares of the sorted values in at most so many groups: every way to cut is tried. */
static long double least_of_all(const double *x, int count, int groups)
{
  long double least = squares_of(x, count);
  for (int cut = 1; groups > 1 && cut < count; cut++) {
    long double parts = least_of_all(x, cut, groups - 1) + squares_of(x + cut, count - cut);
    if (parts < least) least = parts;
  }
  return least;
}

static long double squares_within(const rig *r, const double *x, int count, int groups)
{
  long double sum = 0;
  double *own = calloc((size_t)count + 1, sizeof *own);
  assert_non_null(own);
  for (int k = 1; k <= groups; k++) {
    int n = 0;
    for (int i = 0; i < count; i++)
      if ((int)rig_value(r, 1, i) == k) own[n++] = x[i];
    sum += squares_of(own, n);
  }
  free(own);
  return sum;
}

/* kind 0: a few whole numbers; 1: skewed; 2: a swarm and outliers on both sides; 3: two far apart swarms. */
static double draw(int kind, uint64_t *seed)
{
  double u = next_uniform(seed), v = next_uniform(seed);
  switch (kind) {
  case 0: return floor(6 * u) - 2;
  case 1: return pow(u, 6) * 1e5;
  case 2: return v < 0.15 ? (u < 0.5 ? -1e9 : 1e9) * (1 + u) : u;
  default: return v < 0.5 ? u : 1e6 + u;
  }
}

static void no_way_to_cut_is_better(void **state)
{
  (void)state;
  enum { N = 13 };
  uint64_t seed = 17;
  for (int round = 0; round < 160; round++) {
    double x[N], sorted[N];
    int groups = 2 + round % 4;
    char params[40];
    for (int i = 0; i < N; i++) sorted[i] = x[i] = draw(round / 4 % 4, &seed);
    qsort(sorted, N, sizeof *sorted, ascending);
    snprintf(params, sizeof params, "groups: %d", groups);
    rig *r = broken(x, N, params);
    long double least = least_of_all(sorted, N, groups), got = squares_within(r, x, N, groups);
    if (got > least * (1 + 1e-9L)) fail_msg("round %d: %.17Lg, where %.17Lg can be", round, got, least);
    assert_near(fact_value(r, "goodness_of_variance_fit"), (double)(1 - least / squares_of(sorted, N)), 1e-12);
    rig_close(r);
  }
}

static void as_few_groups_as_reach_the_goodness(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 11, 12, 13, 21, 22, 23};
  /* by hand: 1 - 106 / 606 with two groups (1 to 13), 1 - 6 / 606 with three */
  rig *r = broken(x, 9, "goodness: 95%");
  assert_near(fact_value(r, "groups"), 3, 0);
  assert_near(fact_value(r, "goodness_of_variance_fit"), 1 - 6. / 606, 1e-15);
  assert_segments(r, (const char *[]){"class 1", "class 1", "class 1", "class 2", "class 2", "class 2", "class 3",
                                      "class 3", "class 3"});
  rig_close(r);
  r = broken(x, 9, "{goodness: 100%, most: 4}");
  assert_fact_says(r, "groups", 1, "4 groups, the most to try");
  rig_close(r);
  r = broken(x, 9, "{goodness: 0%}");
  assert_near(fact_value(r, "groups"), 1, 0);
  rig_close(r);
}

static void cuts_are_in_the_middle_of_the_gaps(void **state)
{
  (void)state;
  rig *r = broken((double[]){1, 2, 10, 12, NAN}, 5, "{groups: 2, names: [low, high], missing: none}");
  assert_near(fact_value(r, "cut_1"), 6, 0);
  assert_segments(r, (const char *[]){"low", "low", "high", "high", "none"});
  rig_f64(r, "value", (double[]){5.99, 6, 1e9}, 3);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  expect_segments(r, (const char *[]){"low", "high", "high"});
}

/* Neighbours that no number lies between, and values whose squares or differences no double holds. */
static void hard_numbers_are_no_fault(void **state)
{
  (void)state;
  double next = nextafter(1, 2);
  expect_segments(broken((double[]){1, next}, 2, "groups: 2"), (const char *[]){"class 1", "class 2"});
  rig *r = broken((double[]){-DBL_MAX, DBL_MAX, 0, 1, DBL_MIN, 5e-324}, 6, "groups: 3");
  assert_segments(r, (const char *[]){"class 1", "class 3", "class 2", "class 2", "class 2", "class 2"});
  assert_near(fact_value(r, "goodness_of_variance_fit"), 1, 1e-15);
  rig_close(r);
}

static void more_groups_than_values_are_told(void **state)
{
  (void)state;
  rig *r = broken((double[]){4, 4, 9}, 3, "groups: 5");
  assert_segments(r, (const char *[]){"class 1", "class 1", "class 2"});
  assert_fact_says(r, "groups", 1, "only 2 of 5 groups");
  rig_close(r);
  r = broken((double[]){4, 4}, 2, NULL);
  assert_near(fact_value(r, "goodness_of_variance_fit"), 1, 0);
  expect_segments(r, (const char *[]){"class 1", "class 1"});
}

/* A hundred thousand distinct values: each group's mean is nearer to its own members than its neighbour's is, which an
 * optimum must have. */
static void no_customer_is_nearer_to_another_group(void **state)
{
  (void)state;
  enum { N = 100000, K = 6 };
  double *x = calloc(N, sizeof *x), sum[K + 1] = {0}, count[K + 1] = {0}, mean[K + 1] = {0};
  uint64_t seed = 29;
  for (int i = 0; i < N; i++) x[i] = pow(next_uniform(&seed), 4) * 1e4;
  rig *r = broken(x, N, "groups: 6");
  for (int i = 0; i < N; i++) {
    int k = (int)rig_value(r, 1, i);
    sum[k] += x[i];
    count[k]++;
  }
  for (int k = 1; k <= K; k++) mean[k] = sum[k] / count[k];
  for (int i = 0; i < N; i++) {
    int k = (int)rig_value(r, 1, i);
    for (int other = 1; other <= K; other++) assert_true(fabs(x[i] - mean[k]) <= fabs(x[i] - mean[other]) + 1e-7);
  }
  rig_close(r);
  free(x);
}

static void it_can_be_cancelled_and_names_must_fit(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "natural_breaks");
  rig_f64(r, "value", (double[]){1, 2, 3}, 3);
  expect_refusal(r, "{groups: 3, names: [a, b]}", 3, -1, "2 names for 3 groups");
  expect_refusal(r, "{most: 3, names: [a, b]}", 3, -1, "up to 3 groups");
  assert_int_equal(rig_create(r, "groups: 3"), TARAZU_OK);
  r->cancel_after = 1;
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(breaks_are_those_of_jenkspy),
      cmocka_unit_test(no_way_to_cut_is_better),
      cmocka_unit_test(as_few_groups_as_reach_the_goodness),
      cmocka_unit_test(cuts_are_in_the_middle_of_the_gaps),
      cmocka_unit_test(hard_numbers_are_no_fault),
      cmocka_unit_test(more_groups_than_values_are_told),
      cmocka_unit_test(no_customer_is_nearer_to_another_group),
      cmocka_unit_test(it_can_be_cancelled_and_names_must_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
