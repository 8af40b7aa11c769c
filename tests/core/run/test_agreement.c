#include "run/agreement.h"

#include "support/near.h"
#include "support/properties.h"
#include <stdlib.h>

/* Ties on both sides. SciPy 1.17: spearmanr and kendalltau. */
static void correlations_with_ties_agree_with_a_peer(void **state)
{
  static const double x[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}, y[] = {2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5};
  (void)state;
  assert_near(agreement_spearman(x, y, 12), 0.1415796863640157, 1e-15);
  assert_near(agreement_kendall(x, y, 12), 0.17109647770728875, 1e-15);
}

/* 1 to 5 with two neighbours swapped, published; a longer one by pymcdm 1.4.0, rw and ws. */
static void measures_that_weigh_the_top_are_the_published_ones(void **state)
{
  static const double ranks[] = {1, 2, 3, 4, 5}, top[] = {2, 1, 3, 4, 5}, bottom[] = {1, 2, 3, 5, 4};
  static const double a[] = {1, 2, 3, 4, 5, 6, 7}, b[] = {3, 1, 2, 7, 4, 5, 6};
  (void)state;
  assert_near(agreement_ws(ranks, top, 5), .791667, 5e-7);
  assert_near(agreement_weighted_spearman(ranks, top, 5), .85, 1e-15);
  assert_near(agreement_ws(ranks, bottom, 5), .971354, 5e-7);
  assert_near(agreement_weighted_spearman(ranks, bottom, 5), .95, 1e-15);
  assert_near(agreement_weighted_spearman(a, b, 7), 0.7053571428571428, 1e-15);
  assert_near(agreement_ws(a, b, 7), 0.67734375, 1e-15);
}

static void the_same_ranking_agrees_and_the_opposite_one_does_not(void **state)
{
  double x[100], y[100];
  int64_t order[100], turned[100];
  (void)state;
  for (int i = 0; i < 100; i++) {
    order[i] = i;
    turned[i] = 99 - i;
    x[i] = i;
    y[i] = 99 - i;
  }
  assert_near(agreement_spearman(x, x, 100), 1, 1e-15);
  assert_near(agreement_spearman(x, y, 100), -1, 1e-15);
  assert_near(agreement_kendall(x, x, 100), 1, 1e-15);
  assert_near(agreement_kendall(x, y, 100), -1, 1e-15);
  assert_near(agreement_rank_biased_overlap(order, order, 100, 100, 0.9), 1, 1e-15);
  assert_near(agreement_overlap(order, order, 10, 100), 1, 0);
  assert_near(agreement_overlap(order, turned, 50, 100), 0, 0);
  assert_near(agreement_overlap(order, turned, 60, 100), 20.0 / 60, 1e-15);
}

/* ---- by definition ----------------------------------------------------------------------------------------- */

static double pairs(const double *x, const double *y, int count)
{
  double agree = 0, in_x = 0, in_y = 0;
  for (int i = 0; i < count; i++)
    for (int k = 0; k < i; k++) {
      int a = (x[i] > x[k]) - (x[i] < x[k]), b = (y[i] > y[k]) - (y[i] < y[k]);
      agree += a * b;
      in_x += a * a;
      in_y += b * b;
    }
  return in_x > 0 && in_y > 0 ? agree / sqrt(in_x * in_y) : (double)NAN;
}

static void kendall_agrees_with_comparing_every_pair(void **state)
{
  uint64_t seed = 1;
  (void)state;
  for (int count = 0; count < 120; count++) {
    double x[120], y[120];
    for (int i = 0; i < count; i++) {
      x[i] = floor(next_uniform(&seed) * (count % 7 ? 1000 : 5));
      y[i] = floor(next_uniform(&seed) * (count % 5 ? 1000 : 4));
    }
    assert_near(agreement_kendall(x, y, count), pairs(x, y, count), 1e-14);
  }
}

/* Webber, Moffat and Zobel: the mean of the overlaps at every depth, weighed by the reader's patience; beyond the last
 * depth the overlap is taken to stay. */
static double by_depth(const int64_t *x, const int64_t *y, int64_t k, double p)
{
  double sum = 0, last = 0;
  for (int64_t d = 1; d <= 4000; d++) {
    if (d <= k) {
      last = 0;
      for (int64_t i = 0; i < d; i++)
        for (int64_t j = 0; j < d; j++) last += x[i] == y[j];
      last /= (double)d;
    }
    sum += (1 - p) * pow(p, (double)(d - 1)) * last;
  }
  return sum;
}

static void rank_biased_overlap_agrees_with_its_definition(void **state)
{
  uint64_t seed = 2;
  (void)state;
  for (int trial = 0; trial < 30; trial++) {
    int64_t x[60], y[60];
    for (int i = 0; i < 60; i++) x[i] = y[i] = i;
    for (int i = 59; i > 0; i--) {
      int a = (int)(next_uniform(&seed) * (i + 1)), b = (int)(next_uniform(&seed) * (i + 1));
      int64_t swap = x[i];
      x[i] = x[a];
      x[a] = swap;
      swap = y[i];
      y[i] = y[b];
      y[b] = swap;
    }
    for (int64_t k = 1; k <= 30; k += 7)
      assert_near(agreement_rank_biased_overlap(x, y, k, 60, 0.9), by_depth(x, y, k, 0.9), 1e-13);
  }
}

static void ties_share_the_mean_of_their_places(void **state)
{
  double ranks[5];
  (void)state;
  assert_int_equal(agreement_ranks((double[]){2, 9, 2, 1, 2}, 5, ranks), 1);
  assert_near(ranks[0], 3, 0);
  assert_near(ranks[1], 1, 0);
  assert_near(ranks[2], 3, 0);
  assert_near(ranks[3], 5, 0);
  assert_near(ranks[4], 3, 0);
}

static void where_nothing_can_be_said_nothing_is(void **state)
{
  static const double one[] = {4}, alike[] = {2, 2, 2}, more[] = {1, 2, 3};
  static const int64_t orders[] = {0};
  (void)state;
  assert_near(agreement_spearman(one, one, 1), NAN, 0);
  assert_near(agreement_spearman(alike, more, 3), NAN, 0);
  assert_near(agreement_kendall(one, one, 1), NAN, 0);
  assert_near(agreement_kendall(more, alike, 3), NAN, 0);
  assert_near(agreement_kendall(more, more, 0), NAN, 0);
  assert_near(agreement_ws(one, one, 1), 1, 0);
  assert_near(agreement_weighted_spearman(one, one, 1), 1, 0);
  assert_near(agreement_overlap(orders, orders, 0, 1), NAN, 0);
  assert_near(agreement_rank_biased_overlap(orders, orders, 0, 1, 0.9), NAN, 0);
}

static void pairs_in_opposite_orders_are_counted(void **state)
{
  unsigned seed = 5;
  (void)state;
  for (int n = 0; n < 40; n++) {
    double x[40], y[40], expected = 0;
    for (int i = 0; i < n; i++) {
      seed = seed * 1664525u + 1013904223u;
      x[i] = seed >> 28;
      seed = seed * 1664525u + 1013904223u;
      y[i] = seed >> 28;
    }
    for (int i = 0; i < n; i++)
      for (int k = 0; k < i; k++) expected += (x[i] - x[k]) * (y[i] - y[k]) < 0;
    assert_near(agreement_discordant(x, y, n), expected, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(correlations_with_ties_agree_with_a_peer),
      cmocka_unit_test(measures_that_weigh_the_top_are_the_published_ones),
      cmocka_unit_test(the_same_ranking_agrees_and_the_opposite_one_does_not),
      cmocka_unit_test(kendall_agrees_with_comparing_every_pair),
      cmocka_unit_test(rank_biased_overlap_agrees_with_its_definition),
      cmocka_unit_test(ties_share_the_mean_of_their_places),
      cmocka_unit_test(where_nothing_can_be_said_nothing_is),
      cmocka_unit_test(pairs_in_opposite_orders_are_counted),
  };
  return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
