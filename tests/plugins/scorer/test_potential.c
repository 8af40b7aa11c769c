/* The potential scorer, and with it the quantile frontier that it shares with share_of_wallet: against brute force over
 * all lines through the data, by group and size, and what cannot be compared. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POTENTIAL, FRONTIER, PEERS };

static rig *open_values(const double *values, int64_t count, const char *const *groups, const double *size,
                        const double *other_size)
{
  rig *r = rig_open("scorer", "potential");
  rig_f64(r, "value.value", values, count);
  if (groups) rig_text(r, "group.group", groups, count);
  if (size) rig_f64(r, "employees", size, count);
  if (other_size) rig_f64(r, "branches", other_size, count);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

/* ---- without sizes: an order statistic ---- */

static void the_frontier_of_all_is_their_quantile(void **state)
{
  (void)state;
  double values[10];
  for (int i = 0; i < 10; i++) values[i] = (i * 7 % 10 + 1) * 10; /* 10 to 100 */
  rig *r = open_values(values, 10, NULL, NULL, NULL);
  score(r, "{quantile: 80%}");
  for (int i = 0; i < 10; i++) {
    assert_near(rig_value(r, FRONTIER, i), 80, 0);
    assert_near(rig_value(r, POTENTIAL, i), fmax(80 - values[i], 0), 0);
    assert_int_equal(rig_integer(r, PEERS, i), 10);
  }
  assert_near(rig_fact(r, "share_beyond_frontier")->value, 0.2, 1e-15);
  rig_close(r);
}

static void groups_have_frontiers_of_their_own_unless_they_are_small(void **state)
{
  (void)state;
  const double values[] = {1, 2, 3, 100, 200, 300, 7, 1000, 5};
  const char *const groups[] = {"a", "a", "a", "bakeries", "bakeries", "bakeries", "c", NULL, "a"};
  rig *r = open_values(values, 9, groups, NULL, NULL);
  score(r, "{quantile: 70%, least_peers: 3}");
  static const double frontiers[] = {3, 3, 3, 300, 300, 300, 200, 200, 3}; /* of all: the 7th of nine, 200 */
  for (int i = 0; i < 9; i++) assert_near(rig_value(r, FRONTIER, i), frontiers[i], 0);
  assert_int_equal(rig_integer(r, PEERS, 0), 4);
  assert_int_equal(rig_integer(r, PEERS, 6), 9);
  assert_near(rig_fact(r, "groups")->value, 2, 0);
  assert_near(rig_fact(r, "customers_of_small_groups")->value, 1, 0);
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* ---- with sizes: the regression quantile ---- */

static double loss(const double *y, const double *x, const double *z, int n, double tau, const double *b)
{
  double sum = 0;
  for (int i = 0; i < n; i++) {
    double e = y[i] - b[0] - b[1] * x[i] - (z ? b[2] * z[i] : 0);
    sum += e > 0 ? tau * e : (tau - 1) * e;
  }
  return sum;
}

/* The least loss of all planes through three (lines through two) of the points, among which a solution is (Koenker,
 * Bassett 1978, theorem 3.1). */
static double least_loss(const double *y, const double *x, const double *z, int n, double tau)
{
  double best = INFINITY, b[3] = {0};
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      for (int k = 0; k < (z ? j : 1); k++) {
        if (z) {
          double x1 = x[j] - x[i], x2 = x[k] - x[i], z1 = z[j] - z[i], z2 = z[k] - z[i], d = x1 * z2 - x2 * z1;
          if (fabs(d) < 1e-12) continue;
          b[1] = ((y[j] - y[i]) * z2 - (y[k] - y[i]) * z1) / d;
          b[2] = ((y[k] - y[i]) * x1 - (y[j] - y[i]) * x2) / d;
        } else {
          if (x[i] == x[j]) continue;
          b[1] = (y[i] - y[j]) / (x[i] - x[j]);
        }
        b[0] = y[i] - b[1] * x[i] - (z ? b[2] * z[i] : 0);
        best = fmin(best, loss(y, x, z, n, tau, b));
      }
  return best;
}

static void no_plane_has_less_loss(void **state)
{
  (void)state;
  static const double quantiles[] = {0.5, 0.8, 0.9, 0.95};
  uint64_t seed = 6;
  for (int run = 0; run < 60; run++) {
    enum { MOST = 40 };
    double y[MOST], x[MOST], z[MOST];
    int n = 8 + (int)(next_uniform(&seed) * (MOST - 8)), two = run % 2, whole = run % 5 == 0;
    double tau = quantiles[run % 4];
    for (int i = 0; i < n; i++) {
      x[i] = 1000 * next_uniform(&seed);
      z[i] = next_uniform(&seed);
      y[i] = 500 + x[i] * (1 + next_uniform(&seed)) + 200 * z[i] + (run % 3 ? 0 : 5e5 * (next_uniform(&seed) < 0.05));
      if (whole) y[i] = floor(y[i] / 100), x[i] = floor(x[i] / 200); /* ties */
    }
    rig *r = open_values(y, n, NULL, x, two ? z : NULL);
    char params[60];
    snprintf(params, sizeof params, "{quantile: %g, least_peers: 2}", tau);
    score(r, params);
    assert_null(rig_fact(r, "frontiers_not_converged"));
    double sum = 0, least = least_loss(y, x, two ? z : NULL, n, tau);
    int floored = 0; /* a frontier at 0 is no plane any more, and then loses less */
    for (int i = 0; i < n; i++) {
      double e = y[i] - rig_value(r, FRONTIER, i);
      sum += e > 0 ? tau * e : (tau - 1) * e;
      floored |= rig_value(r, FRONTIER, i) == 0;
    }
    if (!floored) assert_near(sum, least, 1e-7 * (1 + least));
    assert_true(sum <= least + 1e-7 * (1 + least));
    rig_close(r);
  }
}

/* At most a share of 1 - tau lies beyond and at most tau within (Koenker, Bassett 1978, theorem 3.4); all of Engel's
 * and any other data. */
static void as_many_are_beyond_as_the_quantile_says(void **state)
{
  (void)state;
  enum { CUSTOMERS = 6000 };
  static double y[CUSTOMERS], x[CUSTOMERS], z[CUSTOMERS];
  static const char *groups[CUSTOMERS];
  uint64_t seed = 1;
  for (int i = 0; i < CUSTOMERS; i++) {
    x[i] = exp(8 * next_uniform(&seed));
    z[i] = floor(5 * next_uniform(&seed));
    y[i] = next_uniform(&seed) * (10 * x[i] + 300 * z[i]) / next_uniform(&seed);
    groups[i] = i % 3 ? "grocers" : "hotels";
  }
  rig *r = open_values(y, CUSTOMERS, groups, x, z);
  score(r, "{quantile: 90%}");
  for (int group = 0; group < 2; group++) {
    int beyond = 0, within = 0, all = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
      if ((i % 3 > 0) != group) continue;
      double e = y[i] - rig_value(r, FRONTIER, i);
      all++;
      beyond += e > 1e-6 * (1 + y[i]);
      within += e < -1e-6 * (1 + y[i]);
    }
    assert_true(beyond <= 0.1 * all + 1 && within <= 0.9 * all + 1);
  }
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* Equivariance (Koenker, Bassett 1978, theorem 3.2): another currency, another unit of size. */
static void units_do_not_matter(void **state)
{
  (void)state;
  enum { CUSTOMERS = 100 };
  double y[CUSTOMERS], x[CUSTOMERS], dear[CUSTOMERS], small[CUSTOMERS];
  uint64_t seed = 12;
  for (int i = 0; i < CUSTOMERS; i++) {
    x[i] = 1 + 50 * next_uniform(&seed);
    y[i] = 20 + x[i] * 3 * next_uniform(&seed);
    dear[i] = y[i] * 1e6;
    small[i] = x[i] * 1e-9 - 7e-9;
  }
  rig *r = open_values(y, CUSTOMERS, NULL, x, NULL), *s = open_values(dear, CUSTOMERS, NULL, small, NULL);
  score(r, NULL);
  score(s, NULL);
  for (int i = 0; i < CUSTOMERS; i++)
    assert_near(rig_value(s, FRONTIER, i) / 1e6, rig_value(r, FRONTIER, i), 1e-6 * rig_value(r, FRONTIER, i));
  rig_close(r);
  rig_close(s);
}

static void one_absurd_customer_does_not_move_the_frontier(void **state)
{
  (void)state;
  enum { CUSTOMERS = 200 };
  double y[CUSTOMERS], x[CUSTOMERS];
  uint64_t seed = 12;
  for (int i = 0; i < CUSTOMERS; i++) {
    x[i] = i;
    y[i] = 10 + i * (1 + next_uniform(&seed));
  }
  y[100] = 1e7;
  rig *r = open_values(y, CUSTOMERS, NULL, x, NULL);
  score(r, NULL);
  double before = rig_value(r, FRONTIER, 150);
  rig_close(r);
  y[100] = 1.7e308;
  r = open_values(y, CUSTOMERS, NULL, x, NULL);
  score(r, NULL);
  assert_near(rig_value(r, FRONTIER, 150), before, 1e-5 * before);
  rig_close(r);
}

static void a_size_that_says_nothing_is_left_out(void **state)
{
  (void)state;
  enum { CUSTOMERS = 50 };
  double y[CUSTOMERS], x[CUSTOMERS], twice[CUSTOMERS], flat[CUSTOMERS];
  for (int i = 0; i < CUSTOMERS; i++) {
    x[i] = i;
    twice[i] = 2 * i + 5;
    flat[i] = 3;
    y[i] = 100 + 10 * i - i * 7 % 5;
  }
  rig *alone = open_values(y, CUSTOMERS, NULL, x, NULL), *r = open_values(y, CUSTOMERS, NULL, x, twice);
  score(alone, NULL);
  score(r, NULL);
  assert_non_null(rig_fact(r, "frontiers_without_some_size"));
  for (int i = 0; i < CUSTOMERS; i++) assert_near(rig_value(r, FRONTIER, i), rig_value(alone, FRONTIER, i), 1e-6);
  rig_close(r);
  r = open_values(y, CUSTOMERS, NULL, flat, NULL);
  score(r, NULL);
  assert_near(rig_fact(r, "share_beyond_frontier")->value, 0.1, 1e-15);
  rig_close(r);
  r = open_values(flat, CUSTOMERS, NULL, x, NULL); /* all bring the same */
  score(r, NULL);
  for (int i = 0; i < CUSTOMERS; i++) assert_near(rig_value(r, POTENTIAL, i), 0, 0);
  rig_close(r);
  rig_close(alone);
}

/* ---- edges ---- */

static void unknown_and_negative_values(void **state)
{
  (void)state;
  const double values[] = {NAN, -50, 100, 40, 80, 60}, size[] = {1, 1, 1, NAN, 1, 1};
  rig *r = open_values(values, 6, NULL, size, NULL);
  score(r, "{quantile: 75%}"); /* of -50, 60, 80, 100: 80 */
  assert_true(isnan(rig_value(r, POTENTIAL, 0)));
  assert_near(rig_value(r, FRONTIER, 0), 80, 0);
  assert_near(rig_value(r, POTENTIAL, 1), 80, 0);
  assert_near(rig_value(r, POTENTIAL, 2), 0, 0);
  assert_true(isnan(rig_value(r, POTENTIAL, 3)) && isnan(rig_value(r, FRONTIER, 3)));
  rig_close(r);
}

static void one_customer_none_and_too_many_sizes(void **state)
{
  (void)state;
  rig *r = open_values((double[]){5}, 1, NULL, (double[]){2}, NULL);
  score(r, NULL);
  assert_near(rig_value(r, POTENTIAL, 0), 0, 0);
  assert_int_equal(rig_fact(r, "customers")->level, 1);
  check_reload(r);
  rig_close(r);
  r = open_values((double[]){NAN, NAN}, 2, NULL, NULL, NULL);
  score(r, NULL);
  assert_true(isnan(rig_value(r, POTENTIAL, 0)) && isnan(rig_value(r, FRONTIER, 1)));
  check_reload(r);
  rig_close(r);
  r = open_values(NULL, 0, NULL, NULL, NULL);
  score(r, NULL);
  rig_close(r);
  r = open_values((double[]){5}, 1, NULL, NULL, NULL);
  for (int i = 0; i < 9; i++)
    rig_f64(
        r, &"a\0b\0c\0d\0e\0f\0g\0h\0i" [2 * i], (double[]) { 1 }, 1);
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

static void a_user_can_cancel(void **state)
{
  (void)state;
  rig *r = open_values((double[]){1}, 1, NULL, NULL, NULL);
  r->cancel_after = 1;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

static void an_explanation_tells_what_others_reach(void **state)
{
  (void)state;
  const double values[] = {10, 20, 30, 40, 50}, size = 1;
  rig *r = open_values(values, 5, NULL, (double[]){1, 1, 1, 1, 1}, NULL);
  score(r, "{quantile: 80%}");
  for (uint8_t known = 0; known <= 1; known++) {
    const tarazu_column value = {.size = sizeof value, .type = TARAZU_F64, .values = values};
    const tarazu_column employees = {.size = sizeof value, .type = TARAZU_F64, .values = &size, .valid = &known};
    assert_reasons(r, (const tarazu_column *const[]){&value, NULL, &employees}, 3,
                   known ? "80 % of 5 comparable customers stay below 40\n" : "her size is not known\n");
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_frontier_of_all_is_their_quantile),
      cmocka_unit_test(groups_have_frontiers_of_their_own_unless_they_are_small),
      cmocka_unit_test(no_plane_has_less_loss),
      cmocka_unit_test(as_many_are_beyond_as_the_quantile_says),
      cmocka_unit_test(units_do_not_matter),
      cmocka_unit_test(one_absurd_customer_does_not_move_the_frontier),
      cmocka_unit_test(a_size_that_says_nothing_is_left_out),
      cmocka_unit_test(unknown_and_negative_values),
      cmocka_unit_test(one_customer_none_and_too_many_sizes),
      cmocka_unit_test(a_user_can_cancel),
      cmocka_unit_test(an_explanation_tells_what_others_reach),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
