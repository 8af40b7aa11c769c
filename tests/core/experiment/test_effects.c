#include "experiment/effects.h"

#include "support/properties.h"
#include <string.h>

/* One value a variant, without samples. */
static const resampling none = {.customers = 10};

typedef struct values {
  double of[1024];
  const double *numbers[1024];
} values;

static values *values_new(const double *from, int count)
{
  values *v = test_malloc(sizeof *v);
  for (int i = 0; i < count; i++) {
    v->of[i] = from[i];
    v->numbers[i] = &v->of[i];
  }
  return v;
}

static effects found_of(const double *from, int count, const knob *knobs, uint32_t knob_count)
{
  effects e;
  values *v = values_new(from, count);
  assert_int_equal(effects_find(&none, v->numbers, count, knobs, knob_count, .95, &e), 1);
  test_free(v);
  return e;
}

/* ---- figures of a peer ------------------------------------------------------------------------------------------- */

/* A partial, unbalanced grid. statsmodels 0.15.0: anova_lm of type 2 over the whole sum of squares, R squared, and what
 * a:b takes off the residual. */
static void a_partial_grid_agrees_with_a_peer(void **state)
{
  static const int32_t a[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 1, 2, 0, 1};
  static const int32_t b[] = {0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1};
  static const int32_t c[] = {0, 0, 1, 1, 0, 2, 2, 1, 0, 2, 2, 1, 1, 0};
  static const double y[] = {3.1, 4.7, 2.2, 5.9, 7.4, 8.8, 4.1, 6.6, 3.9, 5.2, 6.3, 7.7, 4.4, 7.1};
  const knob knobs[] = {{a, 3}, {b, 2}, {c, 3}};
  effects e = found_of(y, 14, knobs, 3);
  (void)state;
  assert_int_equal(e.count, 6);
  assert_near(e.of[0].share, 0.5002277655424907, 1e-13);
  assert_near(e.of[1].share, 0.37876849503315424, 1e-13);
  assert_near(e.of[2].share, 0.02232368225354946, 1e-13);
  assert_near(e.additive, 0.9303717407159788, 1e-13);
  assert_int_equal(e.of[3].first, 0);
  assert_int_equal(e.of[3].second, 1);
  assert_near(e.of[3].share, 0.03480389792795817, 1e-13);
  assert_int_equal(e.of[3].freedom, 2);
  assert_int_equal(e.of[0].freedom, 2);
  assert_int_equal(e.of[0].confused, 0);
  assert_int_equal(e.variants, 14);
  effects_free(&e);
}

/* ---- by definition ------------------------------------------------------------------------------------------------
 */

/* On a full grid: the variance of a level's means over the whole variance; of a pair, of the cells' means less both. */
static void a_full_grid_agrees_with_the_variance_of_means(void **state)
{
  enum { A = 4, B = 3, C = 5, ALL = A * B * C };
  int32_t a[ALL], b[ALL], c[ALL];
  double y[ALL], mean = 0, whole = 0, of_a[A] = {0}, of_c[C] = {0}, of_ac[A][C] = {{0}}, main_a = 0, pair = 0;
  uint64_t seed = 5;
  (void)state;
  for (int i = 0; i < ALL; i++) {
    a[i] = i % A;
    b[i] = i / A % B;
    c[i] = i / A / B;
    y[i] = a[i] + 2 * c[i] * (a[i] == 2) + next_uniform(&seed) * 3;
    mean += y[i] / ALL;
  }
  for (int i = 0; i < ALL; i++) {
    whole += (y[i] - mean) * (y[i] - mean) / ALL;
    of_a[a[i]] += (y[i] - mean) * A / ALL;
    of_c[c[i]] += (y[i] - mean) * C / ALL;
    of_ac[a[i]][c[i]] += (y[i] - mean) * A * C / ALL;
  }
  for (int i = 0; i < A; i++) {
    main_a += of_a[i] * of_a[i] / A;
    for (int k = 0; k < C; k++) pair += pow(of_ac[i][k] - of_a[i] - of_c[k], 2) / A / C;
  }
  effects e = found_of(y, ALL, (const knob[]){{a, A}, {b, B}, {c, C}}, 3);
  assert_near(e.of[0].share, main_a / whole, 1e-13);
  assert_near(e.of[4].share, pair / whole, 1e-13);
  assert_int_equal(e.of[4].freedom, (A - 1) * (C - 1));
  assert_near(e.additive, e.of[0].share + e.of[1].share + e.of[2].share, 1e-13);
  assert_near(e.mean, mean, 1e-14);
  assert_near(e.deviation, sqrt(whole), 1e-14);
  effects_free(&e);
}

/* Ishigami and Homma (1990), a = 7, b = 0.1, on a grid of 5, 5 and 40 midpoints: the first-order indices, published as
 * 0.314, 0.442 and 0, and of the first and third together 0.244. */
static void the_shares_are_sobols(void **state)
{
  enum { ALL = 5 * 5 * 40 };
  static const int32_t sides[] = {5, 5, 40};
  static int32_t x[3][ALL];
  static double y[ALL];
  (void)state;
  for (int i = 0; i < ALL; i++) {
    double z[3];
    for (int k = 0, rest = i; k < 3; rest /= sides[k++]) {
      x[k][i] = rest % sides[k];
      z[k] = acos(-1) * (2 * (x[k][i] + .5) / sides[k] - 1);
    }
    y[i] = sin(z[0]) + 7 * pow(sin(z[1]), 2) + .1 * pow(z[2], 4) * sin(z[0]);
  }
  effects e = found_of(y, ALL, (const knob[]){{x[0], 5}, {x[1], 5}, {x[2], 40}}, 3);
  assert_near(e.of[0].share, .314, .003);
  assert_near(e.of[1].share, .442, .003);
  assert_near(e.of[2].share, 0, 1e-13);
  assert_near(e.of[4].share, .244, .003);
  effects_free(&e);
}

/* ---- what must hold -----------------------------------------------------------------------------------------------
 */

static void names_of_levels_scale_and_order_change_nothing(void **state)
{
  enum { ALL = 24 };
  int32_t a[ALL], b[ALL], other_a[ALL], other_b[ALL];
  double y[ALL], other_y[ALL];
  uint64_t seed = 8;
  (void)state;
  for (int i = 0; i < ALL; i++) {
    a[i] = i % 4;
    b[i] = (int32_t)(next_uniform(&seed) * 3);
    y[i] = a[i] * a[i] + b[i] + next_uniform(&seed);
    other_a[ALL - 1 - i] = (a[i] + 2) % 4 + 1; /* a level 0 that no variant has */
    other_b[ALL - 1 - i] = 2 - b[i];
    other_y[ALL - 1 - i] = 1e6 - 1000 * y[i];
  }
  effects e = found_of(y, ALL, (const knob[]){{a, 4}, {b, 3}}, 2);
  effects f = found_of(other_y, ALL, (const knob[]){{other_a, 5}, {other_b, 3}}, 2);
  for (int i = 0; i < 3; i++) {
    assert_near(e.of[i].share, f.of[i].share, 1e-9);
    assert_int_equal(e.of[i].freedom, f.of[i].freedom);
    assert_true(i > 1 || (e.of[i].share >= 0 && e.of[i].share <= 1));
  }
  assert_true(e.of[0].share > .8);
  effects_free(&e);
  effects_free(&f);
}

/* The third knob is always turned with the first; the fourth never is. */
static void knobs_that_cannot_be_told_apart_are_told_so(void **state)
{
  static const int32_t a[] = {0, 1, 0, 1, 0, 1}, b[] = {0, 0, 1, 1, 2, 2}, fixed[6] = {0};
  static const double y[] = {1, 2, 3, 4, 5, 7};
  effects e = found_of(y, 6, (const knob[]){{a, 2}, {b, 3}, {a, 2}, {fixed, 1}}, 4);
  (void)state;
  assert_near(e.of[0].share, NAN, 0);
  assert_int_equal(e.of[0].freedom, 0);
  assert_int_equal(e.of[0].confused, 1);
  assert_int_equal(e.of[2].confused, 1);
  assert_int_equal(e.of[1].confused, 0);
  assert_true(e.of[1].share > .5);
  assert_near(e.of[3].share, NAN, 0);
  assert_int_equal(e.of[3].confused, 0);
  assert_near(e.of[5].share, NAN, 0); /* a and what goes with it: not all levels occur together */
  effects_free(&e);
}

static void variants_without_a_value_are_left_out(void **state)
{
  static const int32_t a[] = {0, 1, 0, 1, 1}, b[] = {0, 0, 1, 1, 2};
  static const double y[] = {1, 2, 3, 5, NAN};
  effects e = found_of(y, 5, (const knob[]){{a, 2}, {b, 3}}, 2), f = found_of(y, 4, (const knob[]){{a, 2}, {b, 2}}, 2);
  int64_t count;
  values *v = values_new(y, 5);
  (void)state;
  assert_int_equal(e.variants, 4);
  for (int i = 0; i < 3; i++) assert_near(e.of[i].share, f.of[i].share, 1e-15);
  assert_near(effects_level_mean(v->numbers, 5, &(knob){a, 2}, 1, &count), 3.5, 0);
  assert_int_equal(count, 2);
  assert_near(effects_level_mean(v->numbers, 5, &(knob){b, 3}, 2, &count), NAN, 0);
  effects_free(&e);
  effects_free(&f);
  test_free(v);
}

static void where_nothing_varies_nothing_is_said(void **state)
{
  static const int32_t a[] = {0, 1, 0}, b[] = {0, 0, 1};
  static const double same[] = {.1 + .2, .3, .3}, missing[] = {NAN, NAN, NAN};
  const knob knobs[] = {{a, 2}, {b, 2}};
  effects e = found_of(same, 3, knobs, 2), f = found_of(missing, 3, knobs, 2), g = found_of(same, 1, knobs, 2);
  effects h = found_of(same, 3, NULL, 0);
  (void)state;
  assert_near(e.of[0].share, NAN, 0);
  assert_near(e.additive, NAN, 0);
  assert_near(e.deviation, 0, 0);
  assert_near(f.of[0].share, NAN, 0);
  assert_near(f.mean, NAN, 0);
  assert_near(g.of[1].share, NAN, 0);
  assert_int_equal(h.count, 0);
  effects_free(&e);
  effects_free(&f);
  effects_free(&g);
  effects_free(&h);
}

static void too_many_levels_are_refused(void **state)
{
  const knob knobs[] = {{NULL, 300}, {NULL, 213}};
  effects e;
  (void)state;
  assert_int_equal(effects_find(&none, NULL, 0, knobs, 2, .95, &e), -1);
  assert_null(e.of);
}

/* ---- intervals ----------------------------------------------------------------------------------------------------
 */

/* Sixteen variants of a measure on 300 customers: the first knob makes a difference beyond what chance makes of the
 * customers, the second makes none at all. */
static void intervals_come_from_the_samples_that_all_share(void **state)
{
  enum { PEOPLE = 300, VARIANTS = 16 };
  resampling r = {.customers = PEOPLE, .samples = 499, .seed = 11};
  int32_t a[VARIANTS], b[VARIANTS];
  double outcome[PEOPLE], score[PEOPLE];
  double *numbers[VARIANTS];
  uint64_t seed = 21;
  (void)state;
  for (int i = 0; i < PEOPLE; i++) outcome[i] = 10 * next_uniform(&seed);
  for (int v = 0; v < VARIANTS; v++) {
    measure_fault fault;
    a[v] = v % 4;
    b[v] = v / 4;
    for (int i = 0; i < PEOPLE; i++) score[i] = outcome[i] + (2 + a[v]) * (next_uniform(&seed) - .5);
    measure *m = measure_new(MEASURE_MAE, &(judged){.customers = PEOPLE, .score = score, .outcome = outcome}, &fault);
    assert_non_null(m);
    numbers[v] = test_malloc((size_t)resample_length(&r) * sizeof(double));
    assert_int_equal(resample_measures(&r, (const measure *const[]){m}, 1, NULL, NULL, &numbers[v]), 1);
    measure_free(m);
  }
  effects e;
  assert_int_equal(
      effects_find(&r, (const double *const *)numbers, VARIANTS, (const knob[]){{a, 4}, {b, 4}}, 2, .95, &e), 1);
  assert_true(e.of[0].share > .9);
  assert_true(e.of[0].share_between.low > .7 && e.of[0].share_between.high <= 1);
  assert_true(e.of[1].share_between.low >= 0 && e.of[1].share_between.high < .2);
  assert_true(e.of[0].share_between.low < e.of[0].share && e.of[0].share < e.of[0].share_between.high);
  assert_true(e.of[0].share_between.method != INTERVAL_NONE);
  effects_free(&e);
  for (int v = 0; v < VARIANTS; v++) test_free(numbers[v]);
}

/* ---- levels -------------------------------------------------------------------------------------------------------
 */

static void numbers_become_levels(void **state)
{
  static const double few[] = {3, 1, 2, 3, 1}, ties[] = {1, 1, 1, 1, 1, 1, 2, 3, 4};
  double many[100];
  int32_t level[100], count[5] = {0};
  (void)state;
  assert_int_equal(effects_levels(few, 5, 5, level), 3);
  assert_memory_equal(level, ((const int32_t[]){2, 0, 1, 2, 0}), 5 * sizeof *level);
  for (int i = 0; i < 100; i++) many[i] = i * 37 % 100;
  assert_int_equal(effects_levels(many, 100, 5, level), 5);
  for (int i = 0; i < 100; i++) {
    assert_int_equal(level[i], (int)many[i] / 20);
    count[level[i]]++;
  }
  for (int l = 0; l < 5; l++) assert_int_equal(count[l], 20);
  assert_int_equal(effects_levels(ties, 9, 3, level), 2); /* the six that are equal stay together */
  for (int i = 0; i < 9; i++) assert_int_equal(level[i], i >= 6);
  assert_int_equal(effects_levels(few, 0, 5, level), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_partial_grid_agrees_with_a_peer),
                                     cmocka_unit_test(a_full_grid_agrees_with_the_variance_of_means),
                                     cmocka_unit_test(the_shares_are_sobols),
                                     cmocka_unit_test(names_of_levels_scale_and_order_change_nothing),
                                     cmocka_unit_test(knobs_that_cannot_be_told_apart_are_told_so),
                                     cmocka_unit_test(variants_without_a_value_are_left_out),
                                     cmocka_unit_test(where_nothing_varies_nothing_is_said),
                                     cmocka_unit_test(too_many_levels_are_refused),
                                     cmocka_unit_test(intervals_come_from_the_samples_that_all_share),
                                     cmocka_unit_test(numbers_become_levels)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
