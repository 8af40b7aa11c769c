#include "support/criteria.h"
#include "support/properties.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static void a_published_ranking_is_reproduced(void **state)
{
  (void)state;
  static const double expected[] = {0.5037, 0.6581, 0.7482, 0.3340};
  const criteria c = {4, 3, (double[]){5, 8, 4, 7, 6, 8, 8, 8, 6, 7, 4, 6}, (double[]){.3, .4, .3}, NULL, "vector"};
  rig *r = combined("topsis", &c);
  for (int i = 0; i < 4; i++) assert_near(rig_value(r, 0, i), expected[i], 5e-5);
  rig_close(r);
}

/* The method as the book writes it: row by row, ideal and distances one after the other; nulls left out. */
static double by_the_book(const criteria *c, int64_t row)
{
  double near = 0, far = 0, total = 0;
  const double *x = c->values;
  for (uint32_t k = 0; k < c->count; k++)
    if (!isnan(x[(size_t)row * c->count + k])) total += c->weights[k];
  for (uint32_t k = 0; k < c->count; k++) {
    double mine = x[(size_t)row * c->count + k], best = -DBL_MAX, worst = DBL_MAX, w = c->weights[k] / total;
    if (isnan(mine)) continue;
    for (int64_t i = 0; i < c->rows; i++) {
      double v = x[(size_t)i * c->count + k];
      if (v > best) best = v;
      if (v < worst) worst = v;
    }
    if (c->better && c->better[k] < 0) {
      double swap = best;
      best = worst;
      worst = swap;
    }
    near += pow(w * (mine - best), 2);
    far += pow(w * (mine - worst), 2);
  }
  return near + far > 0 ? sqrt(far) / (sqrt(near) + sqrt(far)) : 0.5;
}

static double *sample(const criteria *c, uint64_t seed, int gaps)
{
  double *x = calloc((size_t)c->rows * c->count, sizeof *x);
  assert_non_null(x);
  for (size_t i = 0; i < (size_t)c->rows * c->count; i++) {
    x[i] = next_uniform(&seed);
    if (gaps && next_uniform(&seed) < 0.1) x[i] = (double)NAN;
  }
  return x;
}

static void any_number_of_criteria_agrees_with_the_book(void **state)
{
  (void)state;
  static const double weights[] = {1, 2.5, 0, 3, 0.25, 1};
  static const int32_t better[] = {1, -1, 1, 1, -1, 1};
  for (uint32_t count = 1; count <= 6; count++)
    for (int gaps = 0; gaps < 2; gaps++) {
      criteria c = {300, count, NULL, weights, better, NULL};
      double *x = sample(&c, count, gaps);
      c.values = x;
      rig *r = combined("topsis", &c);
      for (int64_t i = 0; i < c.rows; i++) {
        double total = 0;
        for (uint32_t k = 0; k < count; k++) total += isnan(x[(size_t)i * count + k]) ? 0 : weights[k];
        assert_near(rig_value(r, 0, i), total > 0 ? by_the_book(&c, i) : (double)NAN, 1e-14);
      }
      check_batches(r);
      rig_close(r);
      free(x);
    }
}

static void best_in_all_is_one_and_worst_in_all_zero(void **state)
{
  (void)state;
  const criteria c = {3, 2, (double[]){1, 9, 5, 5, 0, 2}, (double[]){1, 1}, NULL, NULL};
  const criteria d = {3, 2, (double[]){9, 9, 5, 5, 0, 2}, (double[]){1, 1}, (int32_t[]){1, 1}, "vector"};
  rig *r = combined("topsis", &d);
  assert_near(rig_value(r, 0, 0), 1, 0);
  assert_near(rig_value(r, 0, 2), 0, 0);
  rig_close(r);
  r = combined("topsis", &c);
  assert_true(rig_value(r, 0, 0) < 1 && rig_value(r, 0, 2) == 0);
  rig_close(r);
}

static void a_customer_no_worse_anywhere_scores_no_less(void **state)
{
  (void)state;
  static const double weights[] = {2, 1, 1};
  criteria c = {200, 3, NULL, weights, NULL, "vector"};
  double *x = sample(&c, 33, 0);
  for (size_t i = 0; i < 300; i++) x[300 + i] = x[i] + (i % 3 == 1 ? 0 : 0.1); /* row k + 100 dominates row k */
  c.values = x;
  rig *r = combined("topsis", &c);
  for (int64_t i = 0; i < 100; i++) assert_true(rig_value(r, 0, i + 100) > rig_value(r, 0, i));
  rig_close(r);
  free(x);
}

static void identical_customers_tie_to_the_bit(void **state)
{
  (void)state;
  static const double weights[] = {1, 2, 3, 4, 5};
  criteria c = {4000, 5, NULL, weights, NULL, NULL};
  double *x = sample(&c, 35, 0);
  for (size_t i = 1; i < 4000; i += 3) memcpy(x + i * 5, x, 5 * sizeof *x);
  c.values = x;
  rig *r = combined("topsis", &c);
  for (int64_t i = 1; i < 4000; i += 3) assert_near(rig_value(r, 0, i), rig_value(r, 0, 0), 0);
  rig_close(r);
  free(x);
}

static void when_all_are_equal_everybody_has_a_half(void **state)
{
  (void)state;
  const criteria same = {3, 2, (double[]){4, 0, 4, 0, 4, 0}, (double[]){1, 1}, NULL, "vector"};
  rig *r = combined("topsis", &same);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, 0, i), 0.5, 0);
  rig_close(r);
  const criteria one = {1, 1, (double[]){4}, (double[]){1}, NULL, "vector"};
  r = combined("topsis", &one);
  assert_near(rig_value(r, 0, 0), 0.5, 0);
  rig_close(r);
}

static void a_constant_or_weightless_criterion_changes_nothing(void **state)
{
  (void)state;
  criteria c = {3, 1, (double[]){1, 4, 2}, (double[]){1}, NULL, NULL};
  rig *r = combined("topsis", &c);
  double alone[3];
  for (int i = 0; i < 3; i++) alone[i] = rig_value(r, 0, i);
  rig_close(r);
  c = (criteria){3, 3, (double[]){1, 7, 3, 4, 7, 1, 2, 7, 2}, (double[]){1, 1, 0}, NULL, NULL};
  r = combined("topsis", &c);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, 0, i), alone[i], 1e-15);
  rig_close(r);
}

static void a_criterion_that_nobody_has_is_left_out(void **state)
{
  (void)state;
  const criteria c = {2, 2, (double[]){1, NAN, 3, NAN}, (double[]){1, 1}, NULL, "vector"};
  rig *r = combined("topsis", &c);
  assert_near(rig_value(r, 0, 0), 0, 0);
  assert_near(rig_value(r, 0, 1), 1, 0);
  /* A what-if may have it all the same: nothing was learned to measure it by. */
  const criteria other = {1, 2, (double[]){1.5, 5}, (double[]){1, 1}, NULL, NULL};
  criteria_bind(r, &other);
  r->unknown_rows = 1;
  double learned = 1 / sqrt(10), most = 3 / sqrt(10);
  assert_int_equal(rig_apply(r, 1), TARAZU_OK);
  assert_near(rig_value(r, 0, 0), (1.5 - learned) / ((1.5 - learned) + (1.5 - most)), 1e-15);
  rig_close(r);
}

static void values_of_any_size_neither_overflow_nor_vanish(void **state)
{
  (void)state;
  static const double sizes[] = {1e-300, 1e-160, 1, 1e160, 1e307, 0x1p-1070};
  for (int i = 0; i < 6; i++) {
    double s = sizes[i];
    const criteria c = {3, 2, (double[]){0, 16 * s, 4 * s, 8 * s, 16 * s, 0}, (double[]){1, 1}, NULL, NULL};
    rig *r = combined("topsis", &c);
    assert_near(rig_value(r, 0, 0), 0.5, 1e-15);
    double near = sqrt(12 * 12 + 8 * 8), far = sqrt(4 * 4 + 8 * 8);
    assert_near(rig_value(r, 0, 1), far / (near + far), 1e-15);
    rig_close(r);
  }
}

static void rows_are_rescored_with_new_weights_without_learning(void **state)
{
  (void)state;
  double weights[] = {1, 1};
  const criteria c = {3, 2, (double[]){1, 9, 5, 5, 9, 1}, weights, NULL, NULL};
  rig *r = combined("topsis", &c);
  assert_near(rig_value(r, 0, 0), 0.5, 1e-15);
  rig_bound(r, "c0")->weight = 3;
  assert_int_equal(rig_apply(r, 2), TARAZU_OK);
  assert_near(rig_value(r, 0, 0), 0.25, 1e-15);
  assert_near(rig_value(r, 0, 2), 0.75, 1e-15);
  rig_close(r);
}

static void a_model_is_saved_and_loaded(void **state)
{
  (void)state;
  static const double weights[] = {1, 2, 3};
  criteria c = {70000, 3, NULL, weights, NULL, NULL};
  double *x = sample(&c, 41, 1);
  c.values = x;
  rig *r = combined("topsis", &c);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_published_ranking_is_reproduced),
      cmocka_unit_test(any_number_of_criteria_agrees_with_the_book),
      cmocka_unit_test(best_in_all_is_one_and_worst_in_all_zero),
      cmocka_unit_test(a_customer_no_worse_anywhere_scores_no_less),
      cmocka_unit_test(identical_customers_tie_to_the_bit),
      cmocka_unit_test(when_all_are_equal_everybody_has_a_half),
      cmocka_unit_test(a_constant_or_weightless_criterion_changes_nothing),
      cmocka_unit_test(a_criterion_that_nobody_has_is_left_out),
      cmocka_unit_test(values_of_any_size_neither_overflow_nor_vanish),
      cmocka_unit_test(rows_are_rescored_with_new_weights_without_learning),
      cmocka_unit_test(a_model_is_saved_and_loaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
