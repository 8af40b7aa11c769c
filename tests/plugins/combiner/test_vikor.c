#include "support/combined.h"

/* Opricovic, Tzeng 2004, the mountain climbing; Yang, Wu 2020; both as pymcdm tests them. */
static void published_examples_are_reproduced(void **state)
{
  (void)state;
  static const double mountains[] = {1, 3000, 2, 3750, 5, 4500};
  static const double five[] = {78, 56, 34, 6, 4, 45, 3, 97, 18, 2, 50, 63, 9, 14, 11, 92, 85, 9, 100, 29};
  const int32_t better[] = {-1, 1};
  expect_scores("vikor", NULL, (criteria){3, 2, mountains, NULL, better, NULL}, (const double[]){0, 1, 0}, 1e-15);
  static const double expected[] = {1 - .5679, 1 - .7667, 0, 1 - .7493, 1};
  expect_scores("vikor", NULL, (criteria){5, 4, five, NULL, NULL, NULL}, expected, 5e-5);
}

/* S and R are scikit-criteria 0.10's. */
static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double q[] = {
      0.436599832643, 0.577587155851, 0.876620180476, 0.0713608552655, 0.212235998786, 0.819155678192, 0};
  static const double majority[] = {
      0.413178272015, 0.64338473238, 0.95064807219, 0.0703735948399, 0.165237975415, 0.710649085107, 0};
  static const double s[] = {0.4654966080789, 0.572617946346,  0.688268115942, 0.3442633364169,
                             0.368,           0.5545212765957, 0.3184836571076};
  static const double regret[] = {0.2521739130435, 0.25, 0.3304347826087, 0.1386666666667, 0.2, 0.4, 0.118085106383};
  const criteria c = seven(NULL);
  rig *r = combined("vikor", &c), *other = combined_with("vikor", "v: 80%", &c);
  for (int i = 0; i < SEVEN; i++) {
    assert_near(rig_value(r, 0, i), 1 - q[i], 1e-12);
    assert_near(rig_value(r, 1, i), s[i], 1e-12);
    assert_near(rig_value(r, 2, i), regret[i], 1e-12);
    assert_near(rig_value(r, 3, i), q[i], 1e-12);
    assert_near(rig_value(other, 0, i), 1 - majority[i], 1e-12);
  }
  check_batches(r);
  rig_close(r);
  rig_close(other);
}

static void expect_set(criteria c, const char *params, double advantage, int stable, const char *members)
{
  rig *r = combined_with("vikor", params, &c);
  const tarazu_fact *lead = rig_fact(r, "acceptable_advantage"), *firm = rig_fact(r, "acceptable_stability");
  const tarazu_fact *set = rig_fact(r, "compromise_set");
  assert_true(lead && firm && set);
  assert_near(lead->value, advantage, 1e-8);
  assert_int_equal(strncmp(lead->text, advantage >= 1. / (double)(c.rows - 1) ? "yes" : "no", 2), 0);
  assert_near(firm->value, stable, 0);
  assert_string_equal(set->text, members);
  rig_close(r);
}

/* scikit-criteria 0.10: its sets are {c3, c6} of the seven, {c1, c2, c3} and {c1, c2}. */
static void the_compromise_set_agrees_with_a_peer(void **state)
{
  (void)state;
  const criteria tied = {4, 3, (double[]){4, 4, 4, 7, 6, 8, 8, 8, 6, 6, 8, 8}, (double[]){.3, .4, .3}, NULL, NULL};
  const criteria close = {4, 3, (double[]){5, 8, 4, 7, 6, 8, 8, 8, 6, 7, 4, 6}, (double[]){.3, .4, .3}, NULL, NULL};
  expect_set(seven(NULL), NULL, 0.0713608552655, 1, "c6, c3");
  expect_set(tied, NULL, 0, 1, "c2, c3, c1");
  expect_set(close, NULL, 0.25, 1, "c2, c1");
}

static double by_the_book(const criteria *c, double v, int64_t row, double *s_of, double *r_of)
{
  double least[2] = {HUGE_VAL, HUGE_VAL}, most[2] = {-HUGE_VAL, -HUGE_VAL}, mine[2] = {0, 0}, total = 0;
  for (uint32_t k = 0; k < c->count; k++) total += c->weights[k];
  for (int64_t i = 0; i < c->rows; i++) {
    double s = 0, r = 0;
    for (uint32_t k = 0; k < c->count; k++) {
      double best = -HUGE_VAL, worst = HUGE_VAL, sign = c->better ? c->better[k] : 1;
      for (int64_t j = 0; j < c->rows; j++) {
        best = fmax(best, sign * c->values[j * c->count + k]);
        worst = fmin(worst, sign * c->values[j * c->count + k]);
      }
      double regret = c->weights[k] / total * (best - sign * c->values[i * c->count + k]) / (best - worst);
      s += regret;
      r = fmax(r, regret);
    }
    least[0] = fmin(least[0], s), most[0] = fmax(most[0], s);
    least[1] = fmin(least[1], r), most[1] = fmax(most[1], r);
    if (i == row) mine[0] = s, mine[1] = r;
  }
  *s_of = mine[0] - least[0], *r_of = mine[1] - least[1];
  return v * *s_of / (most[0] - least[0]) + (1 - v) * *r_of / (most[1] - least[1]);
}

static void random_sets_agree_with_the_conditions_as_written(void **state)
{
  (void)state;
  enum { N = 9, TRIALS = 60 };
  int alone = 0, many = 0;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    double x[3 * N], q[N], s, regret, sorted[N];
    uint64_t seed = trial;
    int first = 0, size = 0, stable = 0;
    for (int i = 0; i < 3 * N; i++) x[i] = next_uniform(&seed);
    const criteria c = {N, 3, x, (double[]){.5, .3, .2}, (int32_t[]){1, -1, 1}, NULL};
    for (int i = 0; i < N; i++) sorted[i] = q[i] = by_the_book(&c, trial % 2 ? .9 : .1, i, &s, &regret);
    for (int i = 1; i < N; i++)
      for (int k = i; k && sorted[k] < sorted[k - 1]; k--) {
        double swap = sorted[k];
        sorted[k] = sorted[k - 1];
        sorted[k - 1] = swap;
      }
    while (q[first] > sorted[0]) first++;
    by_the_book(&c, .5, first, &s, &regret);
    stable = s <= 1e-15 || regret <= 1e-15;
    int advantage = sorted[1] - sorted[0] >= 1. / (N - 1);
    if (advantage) size = stable ? 1 : 2;
    else
      while (size < N && sorted[size] - sorted[0] < 1. / (N - 1)) size++;
    rig *r = combined_with("vikor", trial % 2 ? "v: 90%" : "v: 10%", &c);
    assert_near(rig_fact(r, "compromise_set")->value, size, 0);
    assert_near(rig_fact(r, "acceptable_stability")->value, stable, 0);
    for (int i = 0; i < N; i++) assert_near(rig_value(r, 3, i), q[i], 1e-13);
    alone += advantage && stable;
    many += !advantage;
    rig_close(r);
  }
  assert_true(alone > 5 && many > 5);
}

/* c0 is the best by S, c1 by R; c2 is far before both, and in the set with the second: Q of 0.0507 and 0.16, DQ 1/11.
 */
static void an_unstable_first_is_in_the_set_with_the_second(void **state)
{
  (void)state;
  const double x[12 * 4] = {0, 1, 1, 1, .6, .6, .6, .6, .48, .48, 1, 1, 1};
  const criteria c = {12, 4, x, NULL, NULL, NULL};
  expect_set(c, "v: 80%", .16 - (.8 * .01 / .75 + .2 * .2), 0, "c2, c1");
}

static void thousands_of_equals_are_counted(void **state)
{
  (void)state;
  enum { N = 5000 };
  double *x = calloc(2 * N, sizeof *x);
  assert_non_null(x);
  for (int i = 0; i < N; i++) x[2 * i] = i % 2, x[2 * i + 1] = i % 2;
  const criteria c = {N, 2, x, NULL, NULL, NULL};
  rig *r = combined("vikor", &c);
  assert_int_equal(r->passes, 4);
  assert_near(rig_fact(r, "compromise_set")->value, N / 2, 0);
  assert_string_equal(rig_fact(r, "compromise_set")->text, "c1, c3, c5, c7, c9, c11, c13, c15 and 2492 more");
  rig_close(r);
  free(x);
}

static void one_customer_is_the_compromise_and_constants_regret_nothing(void **state)
{
  (void)state;
  const criteria one = {1, 2, (double[]){4, 5}, NULL, NULL, NULL};
  expect_scores("vikor", NULL, one, (const double[]){1}, 0);
  rig *r = combined("vikor", &one);
  assert_string_equal(rig_fact(r, "compromise_set")->text, "c0");
  assert_int_equal(r->passes, 3);
  rig_close(r);
  const criteria c = {3, 2, (double[]){0, 7, 5, 7, 10, 7}, NULL, NULL, NULL};
  expect_scores("vikor", NULL, c, (const double[]){0, .5, 1}, 1e-15);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_examples_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(the_compromise_set_agrees_with_a_peer),
      cmocka_unit_test(random_sets_agree_with_the_conditions_as_written),
      cmocka_unit_test(an_unstable_first_is_in_the_set_with_the_second),
      cmocka_unit_test(thousands_of_equals_are_counted),
      cmocka_unit_test(one_customer_is_the_compromise_and_constants_regret_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
