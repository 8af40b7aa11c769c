#include "support/combined.h"

/* Badi, Shetwan, Abdulshahed 2017, as pymcdm tests it; the robots of Keshavarz Ghorabaee and others 2016, by JMcDM of
 * July 2026. */
static void published_examples_are_reproduced(void **state)
{
  (void)state;
  static const double suppliers[] = {45, 3600, 45, .9, 25, 3800, 60, .8, 23, 3100, 35, .9,
                                     14, 3400, 50, .7, 15, 3300, 40, .8, 28, 3000, 30, .6};
  static const double shares[] = {.2857, .3036, .2321, .1786};
  static const double expected[] = {1.3914, .3411, -.2170, -.5381, -.7292, -.2481};
  static const double robots[] = {60,     .4,   2540, 500,  990, 6.35, .15,  1016, 3000, 1041, 6.8, .1,
                                  1727.2, 1500, 1676, 10,   .2,  1000, 2000, 965,  2.5,  .1,   560, 500,
                                  915,    4.5,  .08,  1016, 350, 508,  3,    .1,   1778, 1000, 920};
  static const double of_robots[] = {.512176491,   1.463300035, 1.07153259, -.212467998,
                                     -1.851520552, -1.17167677, .188656204};
  const criteria c = {7, 5, robots, (double[]){.036, .192, .326, .326, .12}, (int32_t[]){1, -1, 1, 1, 1}, "max"};
  expect_scores("codas", NULL, (criteria){6, 4, suppliers, shares, (int32_t[]){1, -1, 1, 1}, "max"}, expected, 1e-3);
  expect_scores("codas", NULL, c, of_robots, 1e-8);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {-0.747353528837, -0.157585165468, -1.62898719798, 0.888986390025,
                                    1.53357560625,   -1.00151324686,  1.11287714288};
  expect_scores("codas", NULL, seven("max"), expected, 1e-11);
}

static double by_pairs(const double *e, const double *t, const uint8_t *there, int64_t count, double tau, int64_t row)
{
  double h = 0;
  for (int64_t k = 0; k < count; k++) {
    if (!there[k]) continue;
    h += e[row] - e[k];
    if (fabs(e[row] - e[k]) >= tau) h += t[row] - t[k];
  }
  return h;
}

static void any_data_agree_with_comparing_every_pair(void **state)
{
  (void)state;
  enum { N = 400 };
  static const char *const params[] = {"tau: 0.02", "tau: 0", "tau: 0.2", "tau: 1"};
  static const double taus[] = {.02, 0, .2, 1};
  for (int trial = 0; trial < 4; trial++)
    for (int gaps = 0; gaps < 2; gaps++) {
      double x[N * 3], e[N], t[N];
      uint8_t there[N];
      uint64_t seed = (uint64_t)trial;
      for (int i = 0; i < N * 3; i++) {
        x[i] = trial % 2 ? floor(next_uniform(&seed) * 8) / 8 : next_uniform(&seed);
        if (gaps && next_uniform(&seed) < 0.3) x[i] = (double)NAN;
      }
      const criteria c = {N, 3, x, (double[]){2, 1, 3}, NULL, NULL};
      rig *r = combined_with("codas", params[trial], &c);
      for (int i = 0; i < N; i++) {
        double total = 0, squares = 0;
        t[i] = 0;
        for (int k = 0; k < 3; k++) total += isnan(x[3 * i + k]) ? 0 : c.weights[k];
        for (int k = 0; k < 3; k++) {
          double least = HUGE_VAL;
          for (int j = 0; j < N; j++) least = fmin(least, x[3 * j + k]);
          if (isnan(x[3 * i + k])) continue;
          double v = c.weights[k] / total * (x[3 * i + k] - least);
          squares += v * v;
          t[i] += v;
        }
        e[i] = sqrt(squares);
        there[i] = total > 0;
        if (there[i]) assert_near(rig_value(r, 1, i), e[i], 1e-15);
        if (there[i]) assert_near(rig_value(r, 2, i), t[i], 1e-15);
        if (there[i]) e[i] = rig_value(r, 1, i), t[i] = rig_value(r, 2, i); /* differences of exactly tau as they are */
      }
      for (int i = 0; i < N; i++)
        if (there[i]) assert_near(rig_value(r, 0, i), by_pairs(e, t, there, N, taus[trial], i), 1e-9);
      check_batches(r);
      rig_close(r);
    }
}

/* What the method is, not a fault of this one: once the straight distance is tau above that of customers who have the
 * larger sum of distances, that counts against her. */
static void a_better_value_can_lower_the_score(void **state)
{
  (void)state;
  const criteria c = {4, 2, (double[]){0, 1, 1, 0, .5, .5, .5, .5}, NULL, NULL, NULL};
  rig *r = combined_with("codas", "tau: 0.05", &c);
  double before = scored_what_if(r, c, (const double[]){.80, 0});
  double after = scored_what_if(r, c, (const double[]){.81, 0});
  /* E rises by .005 against four; the two of (.5, .5), whose T is .5 and no longer hers to pass over, cost .095 each.
   */
  assert_near(after - before, 4 * .005 + 2 * .005 - 2 * (.5 - .405), 1e-12);
  rig_close(r);
}

static void one_customer_is_compared_with_nobody(void **state)
{
  (void)state;
  const criteria one = {1, 2, (double[]){4, 5}, NULL, NULL, "max"};
  expect_scores("codas", NULL, one, (const double[]){0}, 0);
  expect_refusal("codas", NULL, seven(NULL), TARAZU_BAD_PARAMETER, "criterion 'c1' comes as a cost");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_examples_are_reproduced),        cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(any_data_agree_with_comparing_every_pair), cmocka_unit_test(a_better_value_can_lower_the_score),
      cmocka_unit_test(one_customer_is_compared_with_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
