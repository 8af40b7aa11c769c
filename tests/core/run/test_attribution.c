#include "run/attribution.h"

#include "support/near.h"

/* A game by a table: where she stands by which switches are at B; NAN: nobody can say. */
static int by_table(void *argument, unsigned at_b, double *stands)
{
  *stands = ((const double *)argument)[at_b];
  return !isnan(*stands);
}

static void what_adds_up_by_itself_is_given_to_each(void **state)
{
  double places[8];
  (void)state;
  for (unsigned at = 0; at < 8; at++)
    places[at] =
        20 - 5.0 * (at >> SWITCH_OWN & 1) - 3.0 * (at >> SWITCH_SETTINGS & 1) + 2.0 * (at >> SWITCH_RIVALS & 1);
  attribution a = attribute(by_table, places);
  assert_int_equal(a.orders, 6);
  assert_near(a.share[SWITCH_OWN], 5, 0);
  assert_near(a.share[SWITCH_SETTINGS], 3, 0);
  assert_near(a.share[SWITCH_RIVALS], -2, 0);
}

/* Two causes that only work together share alike; the third gets nothing. */
static void what_only_works_together_is_shared_alike(void **state)
{
  double places[8];
  (void)state;
  for (unsigned at = 0; at < 8; at++) places[at] = at >> SWITCH_OWN & at >> SWITCH_RIVALS & 1 ? 4 : 10;
  attribution a = attribute(by_table, places);
  assert_near(a.share[SWITCH_OWN], 3, 1e-15);
  assert_near(a.share[SWITCH_RIVALS], 3, 1e-15);
  assert_near(a.share[SWITCH_SETTINGS], 0, 0);
}

static double fraction(unsigned *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (double)(*state >> 8) / (1 << 24);
}

/* Shapley's formula: sum over coalitions S without i of |S|! (2 - |S|)! / 3! (v(S + i) - v(S)). */
static double by_formula(const double *v, unsigned i)
{
  static const double weights[] = {1.0 / 3, 1.0 / 6, 1.0 / 3};
  double sum = 0;
  for (unsigned s = 0; s < 8; s++)
    if (!(s >> i & 1)) sum += weights[__builtin_popcount(s)] * (v[s] - v[s | 1u << i]);
  return sum;
}

static void shares_are_shapleys_and_add_up(void **state)
{
  unsigned seed = 7;
  (void)state;
  for (int round = 0; round < 500; round++) {
    double places[8], sum = 0;
    for (int at = 0; at < 8; at++) places[at] = floor(1 + 1000 * fraction(&seed));
    attribution a = attribute(by_table, places);
    for (unsigned i = 0; i < SWITCHES; i++) {
      assert_near(a.share[i], by_formula(places, i), 1e-10);
      sum += a.share[i];
    }
    assert_near(sum, places[0] - places[7], 1e-10);
  }
}

/* Each subset of the six places between may be unknown: whatever is told adds up, and nothing is told of what cannot
 * be reached. */
static void shares_add_up_over_the_orders_that_can_be_gone(void **state)
{
  unsigned seed = 11;
  (void)state;
  for (unsigned unknown = 0; unknown < 64; unknown++) {
    double places[8];
    for (unsigned at = 0; at < 8; at++)
      places[at] = at && at < 7 && unknown >> (at - 1) & 1 ? NAN : floor(100 * fraction(&seed));
    attribution a = attribute(by_table, places);
    int gone = 0,
        jointly = !isnan(places[1u << SWITCH_SETTINGS]) + !isnan(places[1u << SWITCH_OWN | 1u << SWITCH_RIVALS]);
    for (unsigned i = 0; i < 3; i++)
      for (unsigned k = 0; k < 3; k++)
        if (i != k) gone += !isnan(places[1u << i]) && !isnan(places[1u << i | 1u << k]);
    assert_int_equal(a.orders, gone ? gone : jointly);
    if (gone) assert_near(a.share[0] + a.share[1] + a.share[2], places[0] - places[7], 1e-10);
    else if (jointly) assert_near(a.share[SWITCH_SETTINGS] + a.data, places[0] - places[7], 1e-10);
    else assert_true(isnan(a.share[SWITCH_SETTINGS]) && isnan(a.data));
    if (!gone) assert_true(isnan(a.share[SWITCH_OWN]) && isnan(a.share[SWITCH_RIVALS]));
    if (gone) assert_true(isnan(a.data));
  }
}

static void nothing_is_told_where_she_stands_nowhere(void **state)
{
  double places[8] = {NAN, 1, 2, 3, 4, 5, 6, 7};
  (void)state;
  attribution a = attribute(by_table, places);
  assert_int_equal(a.orders, 0);
  assert_true(isnan(a.share[SWITCH_OWN]) && isnan(a.share[SWITCH_SETTINGS]) && isnan(a.data));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_adds_up_by_itself_is_given_to_each),
      cmocka_unit_test(what_only_works_together_is_shared_alike),
      cmocka_unit_test(shares_are_shapleys_and_add_up),
      cmocka_unit_test(shares_add_up_over_the_orders_that_can_be_gone),
      cmocka_unit_test(nothing_is_told_where_she_stands_nowhere),
  };
  return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
