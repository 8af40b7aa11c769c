#include "support/combined.h"

/* pyDecision's; pymcdm 1.4.0 adds S- as though costs were benefits. */
static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {
      0.875041315824, 0.800906524552, 0.696846089372, 0.966328972392, 0.999397013888, 0.791180794446, 1};
  expect_scores("copras", NULL, seven(NULL), expected, 1e-11);
}

/* JMcDM of July 2026. */
static void a_published_choice_of_compressors_is_reproduced(void **state)
{
  (void)state;
  static const double compressors[] = {
      2.50, 240, 57,  45,  1.10,  0.333333, 2.50, 285, 60,  75,  4.00,  0.428571, 4.50, 320, 100, 65,  7.50,  1.111111,
      4.50, 365, 100, 90,  7.50,  1.111111, 5.00, 400, 100, 90,  11.00, 1.111111, 2.50, 225, 60,  45,  1.10,  0.333333,
      2.50, 270, 57,  60,  4.00,  0.428571, 4.50, 330, 100, 70,  7.50,  1.111111, 4.50, 365, 100, 80,  7.50,  1.111111,
      5.00, 380, 110, 65,  8.00,  1.111111, 2.50, 285, 65,  80,  4.00,  0.400000, 4.00, 280, 75,  65,  4.00,  0.400000,
      4.50, 365, 102, 95,  7.50,  1.111111, 4.50, 400, 102, 95,  7.50,  1.111111, 6.00, 450, 110, 95,  11.00, 1.176471,
      6.00, 510, 110, 105, 11.00, 1.176471, 6.00, 330, 140, 110, 18.50, 1.395349, 2.50, 240, 65,  80,  4.00,  0.400000,
      4.00, 280, 75,  75,  4.00,  0.400000, 4.50, 355, 102, 95,  7.50,  1.111111, 4.50, 385, 102, 90,  7.50,  1.111111,
      5.00, 385, 114, 95,  7.50,  1.000000, 6.00, 400, 110, 90,  11.00, 1.000000, 6.00, 480, 110, 95,  15.00, 1.000000,
      6.00, 440, 140, 100, 18.50, 1.200000, 6.00, 500, 140, 100, 18.50, 1.200000, 5.00, 450, 125, 100, 15.00, 1.714286,
      6.00, 500, 150, 125, 18.50, 1.714286, 6.00, 515, 180, 140, 22.00, 2.307692, 7.00, 550, 200, 150, 30.00, 2.307692,
      6.00, 500, 180, 140, 15.00, 2.307692, 6.00, 500, 180, 140, 18.50, 2.307692, 6.00, 500, 180, 140, 22.00, 2.307692,
      7.00, 500, 180, 140, 30.00, 2.307692, 7.00, 500, 200, 140, 37.00, 2.307692, 7.00, 500, 200, 140, 45.00, 2.307692,
      7.00, 500, 200, 140, 55.00, 2.307692, 7.00, 500, 200, 140, 75.00, 2.307692};
  static const int32_t better[] = {1, 1, 1, 1, 1, -1};
  static const double expected[] = {0.44194, 0.44395, 0.41042, 0.44403, 0.48177, 0.44074, 0.42430, 0.41737,
                                    0.43474, 0.44382, 0.46625, 0.48602, 0.45019, 0.45825, 0.51953, 0.54265,
                                    0.56134, 0.45588, 0.49532, 0.44788, 0.45014, 0.48126, 0.51586, 0.56243,
                                    0.58709, 0.60091, 0.51850, 0.61085, 0.65888, 0.75650, 0.61430, 0.63486,
                                    0.65542, 0.72065, 0.77680, 0.82379, 0.88253, 1.00000};
  expect_scores("copras", NULL, (criteria){38, 6, compressors, NULL, better, NULL}, expected, 1e-5);
}

static double by_the_book(const criteria *c, int64_t row)
{
  double plus[64] = {0}, minus[64] = {0}, total = 0, all = 0, reciprocals = 0, most = 0;
  for (uint32_t k = 0; k < c->count; k++) total += c->weights[k];
  for (uint32_t k = 0; k < c->count; k++) {
    double sum = 0;
    for (int64_t i = 0; i < c->rows; i++) sum += c->values[i * c->count + k];
    for (int64_t i = 0; i < c->rows; i++)
      (c->better[k] < 0 ? minus : plus)[i] += c->weights[k] / total * c->values[i * c->count + k] / sum;
  }
  for (int64_t i = 0; i < c->rows; i++) all += minus[i], reciprocals += 1 / minus[i];
  for (int64_t i = 0; i < c->rows; i++) {
    plus[i] += all / (minus[i] * reciprocals);
    most = fmax(most, plus[i]);
  }
  return plus[row] / most;
}

static void random_data_agree_with_the_book(void **state)
{
  (void)state;
  for (uint64_t trial = 0; trial < 20; trial++) {
    double x[64 * 5], expected[64];
    uint64_t seed = trial;
    for (int i = 0; i < 64 * 5; i++) x[i] = next_uniform(&seed) + 0.01;
    const criteria c = {64, 5, x, (double[]){3, 1, 2, 0, 1}, (int32_t[]){1, -1, 1, -1, -1}, NULL};
    for (int i = 0; i < 64; i++) expected[i] = by_the_book(&c, i);
    expect_scores("copras", NULL, c, expected, 1e-13);
  }
}

static void customers_without_cost_share_what_low_costs_are_worth(void **state)
{
  (void)state;
  const criteria c = {4, 2, (double[]){1, 0, 1, 0, 1, 3, 1, 1}, NULL, (int32_t[]){1, -1}, NULL};
  const double q = .125 + .25, rest = .125;
  expect_scores("copras", NULL, c, (const double[]){1, 1, rest / q, rest / q}, 1e-15);
  const criteria nearly = {4, 2, (double[]){1, 1e-9, 1, 1e-9, 1, 3, 1, 1}, NULL, (int32_t[]){1, -1}, NULL};
  expect_scores("copras", NULL, nearly, (const double[]){1, 1, rest / q, rest / q}, 1e-8);
  const criteria free_of_cost = {2, 2, (double[]){1, 0, 3, 0}, NULL, (int32_t[]){1, -1}, NULL};
  expect_scores("copras", NULL, free_of_cost, (const double[]){1. / 3, 1}, 1e-15);
}

static void only_benefits_are_shares_and_only_costs_reciprocals(void **state)
{
  (void)state;
  const criteria benefits = {3, 1, (double[]){1, 2, 4}, NULL, NULL, NULL};
  expect_scores("copras", NULL, benefits, (const double[]){.25, .5, 1}, 1e-15);
  const criteria costs = {3, 1, (double[]){1, 2, 4}, NULL, (int32_t[]){-1}, NULL};
  expect_scores("copras", NULL, costs, (const double[]){1, .5, .25}, 1e-15);
}

/* All four have what everybody has. */
static void who_lacks_a_kind_of_criterion_is_judged_by_the_other(void **state)
{
  (void)state;
  const criteria c = {4, 2, (double[]){1, 2, 1, 2, 1, NAN, NAN, 2}, NULL, (int32_t[]){1, -1}, NULL};
  rig *r = combined("copras", &c);
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, 0, i), 1, 1e-15);
  rig_close(r);
}

static void what_has_no_share_is_refused(void **state)
{
  (void)state;
  const criteria negative = {2, 1, (double[]){4, -1}, NULL, NULL, NULL};
  expect_refusal("copras", NULL, negative, TARAZU_BAD_DATA, "criterion 'c0' is -1; expected values from 0 on");
  const criteria huge = {2, 1, (double[]){1e308, 1e308}, NULL, NULL, NULL};
  expect_refusal("copras", NULL, huge, TARAZU_NUMERIC, "sum is too large");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(a_published_choice_of_compressors_is_reproduced),
      cmocka_unit_test(random_data_agree_with_the_book),
      cmocka_unit_test(customers_without_cost_share_what_low_costs_are_worth),
      cmocka_unit_test(only_benefits_are_shares_and_only_costs_reciprocals),
      cmocka_unit_test(who_lacks_a_kind_of_criterion_is_judged_by_the_other),
      cmocka_unit_test(what_has_no_share_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
