#include "support/combined.h"

static void expect_order(const rig *r, const int *ranks, int64_t count)
{
  for (int64_t i = 0; i < count; i++) {
    int before = 1;
    for (int64_t k = 0; k < count; k++) before += rig_value(r, 0, k) > rig_value(r, 0, i);
    assert_int_equal(before, ranks[i]);
  }
}

/* Kracka, Brauers, Zavadskas 2010, as scikit-criteria 0.10 tests it, without weights: seven times those of a seventh
 * each. By the mean of the places three walls would tie. */
static void a_published_choice_of_walls_is_reproduced(void **state)
{
  (void)state;
  static const double walls[] = {33.95, 23.78,  11.45,  39.97, 29.44,  167.10, 3.852, 38.9,   4.17,   6.32,   .01,
                                 4.29,  132.52, 25.184, 37.59, 9.36,   8.23,   4.35,  10.22,  136.71, 10.845, 30.44,
                                 37.59, 13.91,  74.08,  45.10, 198.34, 2.186,  36.21, 14.79,  9.17,   17.77,  17.06,
                                 148.3, 6.610,  37.8,   8.55,  7.97,   2.35,   9.25,  134.83, 11.935};
  static const int32_t better[] = {-1, -1, -1, -1, 1, -1, 1};
  static const double ratio[] = {-1.62447867, -.25233889, -.84635037, -2.23363519, -1.18698242, -.77456208};
  static const double reference[] = {.68934931, .69986697, .59817104, .85955696, .6002238, .61480595};
  static const double product[] = {3.4343, 148689.356, 120.3441, .7882, 16.2917, 252.9155};
  const criteria c = {6, 7, walls, NULL, better, NULL};
  rig *r = combined("multimoora", &c);
  expect_order(r, (const int[]){5, 1, 3, 6, 4, 2}, 6);
  for (int i = 0; i < 6; i++) {
    assert_near(7 * rig_value(r, 1, i), ratio[i], 1e-7);
    assert_near(7 * rig_value(r, 2, i), reference[i], 1e-7);
    if (i) assert_near(7 * (rig_value(r, 3, i) - rig_value(r, 3, 0)), log(product[i] / product[0]), 1e-4);
  }
  check_batches(r);
  rig_close(r);
}

/* scikit-criteria 0.10. */
static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double ratio[] = {.0550748079148, -.1444364924101, -.3191585225647, .0538920876262,
                                 .1361204499342, .0520583096889,  .0838681486397};
  static const double reference[] = {.2608171009331, .468119560271,  .4458432550175, .3245628951212,
                                     .3932204306276, .4137098842386, .3509829879925};
  criteria c = seven(NULL);
  c.weights = NULL;
  rig *r = combined("multimoora", &c);
  expect_order(r, (const int[]){3, 6, 7, 4, 1, 5, 2}, SEVEN);
  for (int i = 0; i < SEVEN; i++) {
    assert_near(4 * rig_value(r, 1, i), ratio[i], 1e-12);
    assert_near(4 * rig_value(r, 2, i), reference[i], 1e-12);
  }
  rig_close(r);
}

static double place_of(const rig *r, uint32_t output, int64_t row, double sign)
{
  double below = 0, others = -1;
  for (int64_t i = 0; i < r->rows; i++) {
    double mine = sign * rig_value(r, output, row), other = sign * rig_value(r, output, i);
    if (isnan(other)) continue;
    others++;
    below += other < mine ? 1 : other == mine && i != row ? 0.5 : 0;
  }
  return below / others;
}

/* Where a customer lacks something, what is a tie may be one in the last digit alone: then a place may be the next. */
static void who_dominates_in_two_ways_comes_first(void **state)
{
  (void)state;
  enum { N = 300 };
  for (int gaps = 0; gaps < 2; gaps++) {
    double x[N * 3];
    uint64_t seed = 5;
    for (int i = 0; i < N * 3; i++) {
      x[i] = floor(next_uniform(&seed) * 12) - 1;
      if (gaps && next_uniform(&seed) < 0.1) x[i] = (double)NAN;
    }
    const criteria c = {N, 3, x, (double[]){3, 1, 2}, (int32_t[]){1, -1, 1}, NULL};
    rig *r = combined("multimoora", &c);
    for (int i = 0; i < N; i++) {
      double a = place_of(r, 1, i, 1), b = place_of(r, 2, i, -1), u = place_of(r, 3, i, 1);
      if (isnan(rig_value(r, 0, i))) continue;
      double middle = fmax(fmin(a, b), fmin(fmax(a, b), u)), weight = 0.25 / (N - 1);
      double expected = (middle + weight * (a + b + u) / 3) / (1 + weight);
      assert_near(rig_value(r, 0, i), expected, gaps ? 1.5 / (N - 1) : 1e-12);
    }
    check_batches(r);
    rig_close(r);
  }
}

static void zeros_in_the_product_come_last_in_the_order_of_the_limit(void **state)
{
  (void)state;
  const criteria c = {4, 2, (double[]){0, 9, 0, 8, 1e-300, 1e-300, 0, 0}, NULL, NULL, NULL};
  rig *r = combined("multimoora", &c);
  assert_true(rig_value(r, 3, 2) > rig_value(r, 3, 0) && rig_value(r, 3, 0) > rig_value(r, 3, 1));
  assert_true(rig_value(r, 3, 1) > rig_value(r, 3, 3));
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_published_choice_of_walls_is_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(who_dominates_in_two_ways_comes_first),
      cmocka_unit_test(zeros_in_the_product_come_last_in_the_order_of_the_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
