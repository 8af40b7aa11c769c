#include "support/combined.h"

/* Siregar, Tampubolon, Parapat, Malau, Hutagalung 2021, as pymcdm tests it. */
static void a_published_selection_is_reproduced(void **state)
{
  (void)state;
  static const double people[] = {1.5, 3,   5, 3.3, 2, 7,    5,   3.35, 3, 1,    5,     3.07, 2.2, 4,
                                  5,   3.5, 2, 5,   3, 3.09, 3.2, 2,    3, 3.48, 2.775, 3,    5,   3.27};
  static const double shares[] = {.3, .2, .1, .4};
  static const int32_t better[] = {-1, 1, 1, 1};
  static const double expected[] = {.1801, .2345, .0625, .1757, .1683, .0742, .1197};
  expect_scores("moora", NULL, (criteria){7, 4, people, shares, better, NULL}, expected, 5e-5);
}

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.0649858659497, 0.0378175877243, -0.0159513745791, 0.104885568902,
                                    0.118903760432,  0.0360913772787, 0.121408320353};
  expect_scores("moora", NULL, seven(NULL), expected, 1e-12);
}

static void any_size_and_zeros_are_no_fault(void **state)
{
  (void)state;
  static const double sizes[] = {1e-300, 1, 1e300};
  for (int i = 0; i < 3; i++) {
    const double s = sizes[i];
    const criteria c = {3, 2, (double[]){3 * s, 0, 4 * s, 0, -5 * s, 0}, NULL, NULL, NULL};
    const double length = sqrt(50);
    expect_scores("moora", NULL, c, (const double[]){1.5 / length, 2 / length, -2.5 / length}, 1e-15);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_published_selection_is_reproduced),
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(any_size_and_zeros_are_no_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
