#include "support/combined.h"

/* Ulutas, Karabasevic, Popovic, Stanujkic, Nguyen, Karakoy 2020, as pymcdm tests it. */
static void a_published_choice_of_stackers_is_reproduced(void **state)
{
  (void)state;
  static const double stackers[] = {660, 1000, 1600, 18,   1200, 800, 1000, 1600, 24,   900,  980,  1000, 2500, 24,
                                    900, 920,  1500, 1600, 24,   900, 1380, 1500, 1500, 24,   1150, 1230, 1000, 1600,
                                    24,  1150, 680,  1500, 1600, 18,  1100, 960,  2000, 1600, 12,   1150};
  static const double shares[] = {.1061, .3476, .3330, .1185, .0949};
  static const int32_t better[] = {-1, 1, 1, 1, 1};
  static const double expected[] = {.5649, .5543, .6410, .6174, .6016, .5453, .6282, .6543};
  expect_scores("marcos", NULL, (criteria){8, 5, stackers, shares, better, "max"}, expected, 5e-5);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.555001529803, 0.555113685311, 0.453594861253, 0.66525549184,
                                    0.696892718709, 0.495819107586, 0.683359194681};
  expect_scores("marcos", NULL, seven("max"), expected, 1e-12);
}

static void an_anti_ideal_of_nothing_is_the_limit(void **state)
{
  (void)state;
  const criteria c = {3, 1, (double[]){0, 1, 4}, NULL, NULL, "max"};
  expect_scores("marcos", NULL, c, (const double[]){0, 0.25, 1}, 1e-15);
  const criteria nearly = {3, 1, (double[]){1e-9, 1, 4}, NULL, NULL, "max"};
  expect_scores("marcos", NULL, nearly, (const double[]){0, 0.25, 1}, 1e-9);
  const criteria losses = {3, 1, (double[]){-2, 1, 4}, NULL, NULL, "max"};
  expect_scores("marcos", NULL, losses, (const double[]){-0.5, 0.25, 1}, 1e-15);
}

/* K+ = K- = 1, f(K+) = f(K-) = 1/2: f(K) = 2 / (1 + 1 + 1). */
static void all_equal_have_two_thirds(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){4, 1, 4, 1, 4, 1}, NULL, NULL, "max"};
  expect_scores("marcos", NULL, c, (const double[]){2. / 3, 2. / 3, 2. / 3}, 1e-15);
}

static void a_cost_must_have_been_turned(void **state)
{
  (void)state;
  expect_refusal("marcos", NULL, seven(NULL), TARAZU_BAD_PARAMETER, "criterion 'c1' comes as a cost");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_published_choice_of_stackers_is_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(an_anti_ideal_of_nothing_is_the_limit),
      cmocka_unit_test(all_equal_have_two_thirds),
      cmocka_unit_test(a_cost_must_have_been_turned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
