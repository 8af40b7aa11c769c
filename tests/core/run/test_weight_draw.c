/* Weights drawn at random: each rule's distribution against its own formulas. */
#include "run/weight_draw.h"
#include "support/near.h"
#include <math.h>
#include <string.h>

enum { DRAWS = 40000 };

typedef struct moments {
  double mean[DRAW_MOST], variance[DRAW_MOST], most[DRAW_MOST], least[DRAW_MOST];
} moments;

static moments measure(const weight_level *l)
{
  moments m = {0};
  double w[DRAW_MOST];
  for (uint32_t i = 0; i < l->count; i++) m.least[i] = 1;
  for (int d = 0; d < DRAWS; d++) {
    random_stream stream = random_open(7, (uint64_t)d);
    double sum = 0;
    weight_level_draw(l, &stream, w);
    for (uint32_t i = 0; i < l->count; i++) {
      sum += w[i];
      m.mean[i] += w[i] / DRAWS;
      m.variance[i] += w[i] * w[i] / DRAWS;
      m.most[i] = fmax(m.most[i], w[i]);
      m.least[i] = fmin(m.least[i], w[i]);
    }
    assert_near(sum, 1, 1e-12);
  }
  for (uint32_t i = 0; i < l->count; i++) m.variance[i] -= m.mean[i] * m.mean[i];
  return m;
}

static weight_level level_of(weight_rule rule, uint32_t count, const double *given)
{
  weight_level l = {.rule = rule, .count = count, .concentration = 20};
  memcpy(l.given, given, count * sizeof *given);
  for (uint32_t i = 0; i < count; i++) l.most[i] = 1;
  return l;
}

static void prepare(weight_level *l)
{
  const char *why;
  if (!weight_level_prepare(l, &why)) fail_msg("%s", why);
}

/* scipy 1.17.1: scipy.stats.norm.ppf. */
static void quantiles_of_the_normal_distribution_are_exact(void **state)
{
  (void)state;
  assert_near(normal_quantile(0.5), 0, 0);
  assert_near(normal_quantile(0.975), 1.959963984540054, 1e-14);
  assert_near(normal_quantile(0.025), -1.959963984540054, 1e-14);
  assert_near(normal_quantile(0.95), 1.6448536269514722, 1e-14);
  assert_near(normal_quantile(1e-10), -6.361340902404056, 1e-12);
  assert_near(normal_quantile(1e-20), -9.262340089798408, 1e-12);
}

/* Of a Dirichlet distribution with c w: mean w, variance w (1 - w) / (c + 1). */
static void around_given_weights_is_a_dirichlet_distribution(void **state)
{
  static const double given[] = {0.5, 0.3, 0.15, 0.05, 0};
  (void)state;
  for (double c = 0.5; c < 400; c *= 8) {
    weight_level l = level_of(WEIGHTS_CONCENTRATION, 5, given);
    l.concentration = c;
    prepare(&l);
    moments m = measure(&l);
    for (int i = 0; i < 5; i++) {
      double variance = given[i] * (1 - given[i]) / (c + 1);
      assert_near(m.mean[i], given[i], 5 * sqrt(variance / DRAWS));
      assert_near(m.variance[i], variance, 0.06 * variance);
    }
    assert_near(m.most[4], 0, 0);
  }
}

/* Uniform over the simplex of n: mean 1 / n, and P(w <= x) = 1 - (1 - x)^(n - 1). */
static void any_weights_are_uniform_over_the_simplex(void **state)
{
  static const double given[] = {0.4, 0.1, 0.4, 0.1};
  (void)state;
  weight_level l = level_of(WEIGHTS_ANY, 4, given);
  double w[4];
  int below = 0;
  prepare(&l);
  moments m = measure(&l);
  for (int i = 0; i < 4; i++) assert_near(m.mean[i], 0.25, 5 * sqrt(0.0375 / DRAWS));
  for (int d = 0; d < DRAWS; d++) {
    random_stream stream = random_open(8, (uint64_t)d);
    weight_level_draw(&l, &stream, w);
    below += w[2] <= 0.3;
  }
  assert_near((double)below / DRAWS, 1 - 0.7 * 0.7 * 0.7, 5 * 0.5 / sqrt(DRAWS));
}

/* The means are the rank order centroid (Barron, Barrett 1996): of the k-th of n, the sum of 1 / (n i) over i >= k. */
static void ordered_weights_have_the_rank_order_centroid(void **state)
{
  static const double given[] = {0.2, 0.5, 0.05, 0.25};
  static const int place_of[] = {2, 0, 3, 1};
  (void)state;
  weight_level l = level_of(WEIGHTS_ORDER, 4, given);
  double w[4];
  prepare(&l);
  moments m = measure(&l);
  for (int i = 0; i < 4; i++) {
    double centroid = 0;
    for (int k = place_of[i] + 1; k <= 4; k++) centroid += 0.25 / k;
    assert_near(m.mean[i], centroid, 5 * 0.15 / sqrt(DRAWS));
  }
  for (int d = 0; d < 1000; d++) {
    random_stream stream = random_open(9, (uint64_t)d);
    weight_level_draw(&l, &stream, w);
    assert_true(w[1] >= w[3] && w[3] >= w[0] && w[0] >= w[2]);
  }
}

/* Of two that are given the same, either is the heavier one half of the time: both have the mean of their places. */
static void equals_have_no_order(void **state)
{
  static const double given[] = {0.25, 0.5, 0.25};
  (void)state;
  weight_level l = level_of(WEIGHTS_ORDER, 3, given);
  double w[3];
  int larger = 0;
  prepare(&l);
  moments m = measure(&l);
  double both = ((1.0 / 2 + 1.0 / 3) / 3 + (1.0 / 3) / 3) / 2;
  assert_near(m.mean[0], both, 5 * 0.15 / sqrt(DRAWS));
  assert_near(m.mean[2], both, 5 * 0.15 / sqrt(DRAWS));
  for (int d = 0; d < DRAWS; d++) {
    random_stream stream = random_open(10, (uint64_t)d);
    weight_level_draw(&l, &stream, w);
    larger += w[0] > w[2];
  }
  assert_near((double)larger / DRAWS, 0.5, 5 * 0.5 / sqrt(DRAWS));
}

/* Means over the part of the simplex within the intervals, by a fine grid. */
static void grid_means(const weight_level *l, double mean[3])
{
  enum { CELLS = 1500 };
  double count = 0;
  mean[0] = mean[1] = mean[2] = 0;
  for (int i = 0; i < CELLS; i++)
    for (int k = 0; k < CELLS; k++) {
      double w[3] = {(i + 0.5) / CELLS, (k + 0.5) / CELLS};
      w[2] = 1 - w[0] - w[1];
      int within = 1;
      for (int c = 0; c < 3; c++) within &= w[c] >= l->least[c] && w[c] <= l->most[c];
      for (int c = 0; c < 3 && within; c++) mean[c] += w[c];
      count += within;
    }
  for (int c = 0; c < 3; c++) mean[c] /= count;
}

static void weights_within_intervals_are_uniform_there(void **state)
{
  static const double given[] = {0.4, 0.3, 0.3};
  static const double ends[][3][2] = {
      {{0.1, 0.6}, {0, 1}, {0.2, 0.4}}, {{0, 0.45}, {0.3, 0.5}, {0.2, 0.9}}, {{0.5, 0.52}, {0, 0.3}, {0.2, 0.6}}};
  (void)state;
  for (int walks = 0; walks < 2; walks++)
    for (int k = 0; k < 3; k++) {
      weight_level l = level_of(WEIGHTS_INTERVALS, 3, given);
      double mean[3];
      for (int i = 0; i < 3; i++) {
        l.least[i] = ends[k][i][0];
        l.most[i] = ends[k][i][1];
      }
      prepare(&l);
      if (walks) l.walks = 1;
      moments m = measure(&l);
      grid_means(&l, mean);
      for (int i = 0; i < 3; i++) {
        assert_near(m.mean[i], mean[i], 2e-3);
        assert_true(m.least[i] >= l.least[i] - 1e-12 && m.most[i] <= l.most[i] + 1e-12);
      }
    }
}

/* Twenty weights in narrow intervals that a point of the simplex hardly ever lies in. */
static void narrow_intervals_are_walked_through(void **state)
{
  enum { COUNT = 20, WALKS = 4000 };
  double given[COUNT], w[COUNT], sum = 0, squares = 0;
  (void)state;
  for (int i = 0; i < COUNT; i++) given[i] = 1.0 / COUNT;
  weight_level l = level_of(WEIGHTS_INTERVALS, COUNT, given);
  for (int i = 0; i < COUNT; i++) {
    l.least[i] = 0.03;
    l.most[i] = 0.07;
  }
  prepare(&l);
  assert_true(l.walks);
  for (int d = 0; d < WALKS; d++) {
    random_stream stream = random_open(11, (uint64_t)d);
    weight_level_draw(&l, &stream, w);
    for (int i = 0; i < COUNT; i++) {
      assert_true(w[i] >= 0.03 - 1e-12 && w[i] <= 0.07 + 1e-12);
      sum += w[i];
      squares += (w[i] - 0.05) * (w[i] - 0.05) / (COUNT * WALKS);
    }
  }
  assert_near(sum, WALKS, 1e-6);
  /* uniforms given their sum: the variance of one of them, less a share of 1 / 20 */
  double variance = 0.04 * 0.04 / 12 * (1 - 1.0 / COUNT);
  assert_near(squares, variance, 0.03 * variance);
}

static void intervals_that_leave_one_point_give_it(void **state)
{
  static const double given[] = {0.5, 0.5};
  (void)state;
  weight_level l = level_of(WEIGHTS_INTERVALS, 2, given);
  l.least[0] = l.most[0] = 0.3;
  l.least[1] = 0.7;
  prepare(&l);
  moments m = measure(&l);
  assert_near(m.mean[0], 0.3, 1e-12);
  assert_near(m.mean[1], 0.7, 1e-12);
}

static void intervals_without_weights_are_refused(void **state)
{
  static const double given[] = {0.5, 0.5};
  const char *why;
  (void)state;
  weight_level l = level_of(WEIGHTS_INTERVALS, 2, given);
  l.least[0] = l.least[1] = 0.6;
  assert_false(weight_level_prepare(&l, &why));
  assert_non_null(strstr(why, "more than 100 %"));
  l.least[0] = l.least[1] = 0;
  l.most[0] = l.most[1] = 0.4;
  assert_false(weight_level_prepare(&l, &why));
  assert_non_null(strstr(why, "less than 100 %"));
}

static void the_same_draw_is_the_same_whenever_it_is_asked_for(void **state)
{
  static const double given[] = {0.4, 0.3, 0.3};
  double first[3], again[3], other[3];
  (void)state;
  weight_level l = level_of(WEIGHTS_CONCENTRATION, 3, given);
  prepare(&l);
  random_stream a = random_open(1, 5), b = random_open(1, 5), c = random_open(2, 5);
  weight_level_draw(&l, &a, first);
  weight_level_draw(&l, &b, again);
  weight_level_draw(&l, &c, other);
  assert_memory_equal(first, again, sizeof first);
  assert_memory_not_equal(first, other, sizeof first);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_of_the_normal_distribution_are_exact),
      cmocka_unit_test(around_given_weights_is_a_dirichlet_distribution),
      cmocka_unit_test(any_weights_are_uniform_over_the_simplex),
      cmocka_unit_test(ordered_weights_have_the_rank_order_centroid),
      cmocka_unit_test(equals_have_no_order),
      cmocka_unit_test(weights_within_intervals_are_uniform_there),
      cmocka_unit_test(narrow_intervals_are_walked_through),
      cmocka_unit_test(intervals_that_leave_one_point_give_it),
      cmocka_unit_test(intervals_without_weights_are_refused),
      cmocka_unit_test(the_same_draw_is_the_same_whenever_it_is_asked_for),
  };
  return cmocka_run_group_tests_name("weight_draw", tests, NULL, NULL);
}
