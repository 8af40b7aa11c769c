#include "support/combined.h"

static void peers_figures_are_reproduced(void **state)
{
  (void)state;
  static const double half[] = {0.585610386703, 0.5580440928,   0.463341023457, 0.683194937153,
                                0.706681248436, 0.485754711908, 0.70460882634};
  static const double fifth[] = {0.58351233301,  0.539334834194, 0.452464301126, 0.669430081263,
                                 0.686859352337, 0.46143481178,  0.692162583683};
  expect_scores("waspas", NULL, seven("max"), half, 1e-11);
  expect_scores("waspas", "lambda: 20%", seven("max"), fifth, 1e-11);
}

/* JMcDM of July 2026. */
static void another_peers_machine_choice_is_reproduced(void **state)
{
  (void)state;
  static const double machines[] = {3,   12.5, 2, 120, 14, 3, 5,   15, 3, 110, 38, 4,   3,   13, 2,
                                    120, 19,   3, 4,   14, 2, 100, 31, 4, 3,   15, 1.5, 125, 40, 4};
  static const double shares[] = {.221, .159, .175, .127, .117, .201};
  static const int32_t better[] = {1, -1, -1, 1, -1, 1};
  static const double expected[] = {.805021, .775060, .770181, .796424, .788239};
  expect_scores("waspas", NULL, (criteria){5, 6, machines, shares, better, "max"}, expected, 1e-6);
}

static void its_ends_are_the_sum_and_the_product(void **state)
{
  (void)state;
  const criteria c = seven("max");
  rig *sum = combined_with("waspas", "lambda: 1", &c), *product = combined_with("waspas", "lambda: 0", &c);
  rig *both = combined("waspas", &c), *alone = combined("weighted_product", &c), *plain = combined("weighted_sum", &c);
  for (int i = 0; i < SEVEN; i++) {
    assert_near(rig_value(sum, 0, i), rig_value(plain, 0, i), 1e-15);
    assert_near(rig_value(product, 0, i), rig_value(alone, 0, i), 0);
    assert_near(rig_value(both, 1, i), rig_value(plain, 0, i), 1e-15);
    assert_near(rig_value(both, 2, i), rig_value(alone, 0, i), 0);
  }
  rig_close(sum);
  rig_close(product);
  rig_close(both);
  rig_close(alone);
  rig_close(plain);
}

static void a_cost_must_have_been_turned(void **state)
{
  (void)state;
  expect_refusal("waspas", NULL, seven(NULL), TARAZU_BAD_PARAMETER, "criterion 'c1' comes as a cost");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(peers_figures_are_reproduced),
      cmocka_unit_test(another_peers_machine_choice_is_reproduced),
      cmocka_unit_test(its_ends_are_the_sum_and_the_product),
      cmocka_unit_test(a_cost_must_have_been_turned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
