#include "support/combined.h"

/* Pamucar, Cirovic 2015, as pymcdm tests it. */
static void the_papers_forklifts_are_reproduced(void **state)
{
  (void)state;
  static const double forklifts[] = {
      22600, 3800, 2,     5,    1.06,  3.00, 3.5,   2.8,  24.5, 6.5,  19500, 4200, 3,     2,    0.95,  3.00, 3.4,  2.2,
      24,    7.0,  21700, 4000, 1,     3,    1.25,  3.20, 3.3,  2.5,  24.5,  7.3,  20600, 3800, 2,     5,    1.05, 3.25,
      3.2,   2.0,  22.5,  11.0, 22500, 3800, 4,     3,    1.35, 3.20, 3.7,   2.1,  23,    6.3,  23250, 4210, 3,    5,
      1.45,  3.60, 3.5,   2.8,  23.5,  7.0,  20300, 3850, 2,    5,    0.90,  3.25, 3.0,   2.6,  21.5,  6.0};
  static const double shares[] = {.146, .144, .119, .121, .115, .101, .088, .068, .050, .048};
  static const int32_t better[] = {-1, 1, 1, 1, -1, -1, 1, 1, 1, 1};
  static const double expected[] = {.0826, .2183, -.0488, .0246, -.0704, .0465, .0464};
  expect_scores("mabac", NULL, (criteria){7, 10, forklifts, shares, better, "minmax"}, expected, 5e-5);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.0469304301765, -0.0601909080906, -0.175841077687, 0.168163701839,
                                    0.144427038255,  -0.0420942383403, 0.193943381148};
  expect_scores("mabac", NULL, seven("minmax"), expected, 1e-12);
}

static void everybody_is_on_the_border_where_all_are_equal(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){4, 1, 4, 1, 4, 1}, NULL, NULL, "minmax"};
  expect_scores("mabac", NULL, c, (const double[]){0, 0, 0}, 1e-15);
}

static void what_has_no_geometric_mean_is_refused(void **state)
{
  (void)state;
  const criteria c = {2, 1, (double[]){4, -1}, NULL, NULL, NULL};
  expect_refusal("mabac", NULL, c, TARAZU_BAD_DATA, "criterion 'c0' is -1; expected values above -1");
  expect_refusal("mabac", NULL, seven(NULL), TARAZU_BAD_PARAMETER, "criterion 'c1' comes as a cost");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_papers_forklifts_are_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(everybody_is_on_the_border_where_all_are_equal),
      cmocka_unit_test(what_has_no_geometric_mean_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
