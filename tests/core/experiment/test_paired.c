#include "experiment/paired.h"

#include "support/properties.h"
#include "twenty.h"
#include <string.h>

static double *numbers_of(const resampling *r, measure_id id, judged what)
{
  measure *m = made(id, what);
  double *numbers = test_malloc((size_t)resample_length(r) * sizeof *numbers);
  assert_int_equal(resample_measures(r, (const measure *const[]){m}, 1, NULL, NULL, (double *const[]){numbers}), 1);
  measure_free(m);
  return numbers;
}

static paired_comparison compared(const resampling *r, const double *base, const double *variant,
                                  interval_method method)
{
  paired_comparison found;
  assert_int_equal(paired_compare(r, base, variant, .95, method, &found), 1);
  return found;
}

static void expect_words(const paired_comparison *c, const char *words)
{
  text said = {0};
  paired_words(c, "the base", .95, &said);
  assert_string_equal(text_string(&said), words);
  text_free(&said);
}

/* ---- one ----------------------------------------------------------------------------------------------------------
 */

/* scipy.stats.bootstrap of the difference itself, given its values on these samples (bootstrap_result). */
static void the_interval_of_a_difference_agrees_with_a_peer(void **state)
{
  resampling r = {.customers = TWENTY, .samples = 999, .seed = 7};
  double *base = numbers_of(&r, MEASURE_SHARE_CAPTURED,
                            (judged){.customers = TWENTY, .outcome = twenty_money, .chosen = twenty_best});
  double *variant = numbers_of(&r, MEASURE_SHARE_CAPTURED,
                               (judged){.customers = TWENTY, .outcome = twenty_money, .chosen = twenty_first});
  paired_comparison bca = compared(&r, base, variant, INTERVAL_BCA),
                    plain = compared(&r, base, variant, INTERVAL_PERCENTILE);
  (void)state;
  assert_near(bca.difference, -0.20642201834862386, 1e-14);
  assert_near(bca.interval.low, -0.6736036591214412, 1e-13);
  assert_near(bca.interval.high, 0.16004301556770784, 1e-13);
  assert_near(plain.interval.low, -0.6207872478854912, 1e-13);
  assert_near(plain.interval.high, 0.20979330422125164, 1e-13);
  test_free(base);
  test_free(variant);
}

/* Whatever the level, the interval leaves out 0 where p is below what it leaves, but for one sample's weight. */
static void p_is_the_level_at_which_the_interval_ends_at_0(void **state)
{
  enum { PEOPLE = 60 };
  resampling r = {.customers = PEOPLE, .samples = 3999, .seed = 2};
  double outcome[PEOPLE], a[PEOPLE], b[PEOPLE];
  uint64_t seed = 6;
  int sides[2] = {0};
  (void)state;
  for (int trial = 0; trial < 20; trial++) {
    for (int i = 0; i < PEOPLE; i++) {
      outcome[i] = exp(2 * next_uniform(&seed));
      a[i] = outcome[i] + (trial % 2 ? 3 : 3.6) * next_uniform(&seed) * next_uniform(&seed);
      b[i] = outcome[i] + (trial % 2 ? 3.6 : 3) * next_uniform(&seed) * next_uniform(&seed);
    }
    double *base = numbers_of(&r, MEASURE_MAE, (judged){.customers = PEOPLE, .score = a, .outcome = outcome});
    double *variant = numbers_of(&r, MEASURE_MAE, (judged){.customers = PEOPLE, .score = b, .outcome = outcome});
    for (interval_method method = INTERVAL_BCA; method <= INTERVAL_PERCENTILE; method++) {
      paired_comparison c = compared(&r, base, variant, method), inner, outer;
      if (c.p < .01 || c.p > .9) continue;
      assert_int_equal(paired_compare(&r, base, variant, 1 - 1.06 * c.p - .002, method, &inner), 1);
      assert_int_equal(paired_compare(&r, base, variant, 1 - .94 * c.p + .002, method, &outer), 1);
      assert_true(inner.interval.low > 0 || inner.interval.high < 0);
      assert_true(outer.interval.low <= 0 && outer.interval.high >= 0);
      sides[c.difference > 0]++;
    }
    test_free(base);
    test_free(variant);
  }
  assert_true(sides[0] > 2 && sides[1] > 2);
}

static void the_same_list_is_the_same(void **state)
{
  resampling r = {.customers = TWENTY, .samples = 99, .seed = 7};
  judged j = {.customers = TWENTY, .outcome = twenty_money, .chosen = twenty_best};
  double *base = numbers_of(&r, MEASURE_LIFT, j);
  paired_comparison c = compared(&r, base, base, INTERVAL_BCA);
  (void)state;
  assert_int_equal(c.verdict, PAIRED_SAME);
  assert_near(c.p, 1, 0);
  assert_int_equal(paired_judge(CORRECTION_HOLM, &c, (const int[]){1}, 1, .95), 1);
  assert_int_equal(c.verdict, PAIRED_SAME);
  expect_words(&c, "the same as the base");
  test_free(base);
}

static void what_has_no_value_cannot_be_compared(void **state)
{
  static const double nothing[TWENTY];
  resampling r = {.customers = TWENTY, .samples = 99, .seed = 7}, none = {.customers = TWENTY};
  double *base =
      numbers_of(&r, MEASURE_SPEARMAN, (judged){.customers = TWENTY, .score = twenty_score, .outcome = twenty_money});
  double *variant =
      numbers_of(&r, MEASURE_SPEARMAN, (judged){.customers = TWENTY, .score = nothing, .outcome = twenty_money});
  paired_comparison c[2] = {compared(&r, base, variant, INTERVAL_BCA), compared(&none, base, base + 1, INTERVAL_BCA)};
  (void)state;
  assert_int_equal(paired_judge(CORRECTION_HOLM, c, (const int[]){1, 1}, 2, .95), 1);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(c[i].verdict, PAIRED_UNKNOWN);
    assert_near(c[i].p, NAN, 0);
    expect_words(&c[i], "cannot be said");
  }
  assert_near(c[1].difference, base[1] - base[0], 0); /* the value itself is known */
  test_free(base);
  test_free(variant);
}

/* ---- many ---------------------------------------------------------------------------------------------------------
 */

/* statsmodels 0.15.0, multipletests 'holm' and 'fdr_bh'. */
static void corrections_agree_with_a_peer(void **state)
{
  static const double p[] = {.01, .04, .03, NAN, .005, .2, .6, .012};
  static const double holm[] = {.06, .12, .12, NAN, .035, .4, .6, .06};
  static const double hochberg[] = {.028, .056, .0525, NAN, .028, 0.23333333333333336, .6, .028};
  double out[8];
  (void)state;
  assert_int_equal(paired_correct(CORRECTION_HOLM, p, 8, out), 1);
  for (int i = 0; i < 8; i++) assert_near(out[i], holm[i], 1e-15);
  assert_int_equal(paired_correct(CORRECTION_BENJAMINI_HOCHBERG, p, 8, out), 1);
  for (int i = 0; i < 8; i++) assert_near(out[i], hochberg[i], 1e-15);
  assert_int_equal(paired_correct(CORRECTION_NONE, p, 8, out), 1);
  for (int i = 0; i < 8; i++) assert_near(out[i], p[i], 0);
  assert_int_equal(paired_correct(CORRECTION_HOLM, p, 0, out), 1);
}

static void verdicts_are_in_words(void **state)
{
  static const int better[] = {1, -1, 0, 1, 1, -1};
  paired_comparison c[] = {{.difference = .031, .interval = {.012, .05, INTERVAL_BCA, 0}, .p = .001},
                           {.difference = -4, .interval = {-7, -2, INTERVAL_BCA, 0}, .p = .002},
                           {.difference = -.2, .interval = {-.3, -.1, INTERVAL_BCA, 0}, .p = .003},
                           {.difference = .004, .interval = {-.02, .03, INTERVAL_BCA, 0}, .p = .62},
                           {.difference = .1, .interval = {.01, .2, INTERVAL_BCA, 0}, .p = .04},
                           {.difference = 12345, .interval = {9000, 16000, INTERVAL_BCA, 0}, .p = .001}};
  static const char *const words[] = {
      "better than the base by 0.031 (95 % 0.012 to 0.05)",
      "better than the base by 4 (95 % 2 to 7)",
      "less than the base by 0.2 (95 % 0.1 to 0.3)",
      "no real difference from the base (+0.004, 95 % -0.02 to 0.03)",
      "no real difference from the base (+0.1, 95 % 0.01 to 0.2; among so many chance alone makes one)",
      "worse than the base by 12345 (95 % 9000 to 16000)"};
  static const paired_verdict verdicts[] = {PAIRED_BETTER, PAIRED_BETTER, PAIRED_LESS,
                                            PAIRED_NONE,   PAIRED_NONE,   PAIRED_WORSE};
  (void)state;
  for (int i = 0; i < 6; i++) c[i].verdict = PAIRED_UNKNOWN;
  assert_int_equal(paired_judge(CORRECTION_HOLM, c, better, 6, .95), 1);
  for (int i = 0; i < 6; i++) {
    assert_int_equal(c[i].verdict, verdicts[i]);
    expect_words(&c[i], words[i]);
  }
  assert_string_equal(paired_verdict_name(PAIRED_NONE), "no_difference");
}

/* With one sample less not even p = 2 / (samples + 1) passes. */
static void so_many_samples_are_needed(void **state)
{
  (void)state;
  assert_int_equal(paired_least_samples(1, .95), 39);
  assert_int_equal(paired_least_samples(200, .95), 7999);
  assert_int_equal(paired_least_samples(0, .95), 0);
  for (int64_t m = 1; m < 50; m++) {
    double samples = (double)paired_least_samples(m, .99), p = 2 / (samples + 1);
    assert_true((double)m * p <= .01 * (1 + 1e-9));
    assert_true((double)m * 2 / samples > .01);
  }
}

/* ---- by permutation ------------------------------------------------------------------------------------------------
 */

/* scipy.stats.permutation_test, 'samples', every one of the 2^10. */
static void exact_permutations_agree_with_a_peer(void **state)
{
  static const double d[] = {3, -1, 4, 1.5, -2, 6, 0, 2.5, 0, 1};
  (void)state;
  assert_near(paired_permutation(d, 10, 0, 1), 0.09375, 0);
}

static void permutations_agree_with_every_sign(void **state)
{
  uint64_t seed = 8;
  (void)state;
  for (int count = 0; count <= 12; count++) {
    double d[12], sum = 0, far = 0;
    for (int i = 0; i < count; i++) sum += d[i] = floor(9 * next_uniform(&seed)) - 4;
    for (unsigned signs = 0; signs < 1u << count; signs++) {
      double other = 0;
      for (int i = 0; i < count; i++) other += signs >> i & 1 ? d[i] : -d[i];
      far += fabs(other) >= fabs(sum);
    }
    assert_near(paired_permutation(d, count, 0, 1), far / (1u << count), 1e-15);
  }
}

/* Beyond 20 by draws, near what the normal distribution says of so many. */
static void random_permutations_are_near_the_exact_ones(void **state)
{
  double d[400], squares = 0, sum = 0;
  uint64_t seed = 4;
  (void)state;
  for (int i = 0; i < 400; i++) {
    d[i] = next_uniform(&seed) - .45;
    sum += d[i];
    squares += d[i] * d[i];
  }
  double expected = erfc(fabs(sum) / sqrt(2 * squares)), found = paired_permutation(d, 400, 4000, 3);
  assert_near(found, expected, 4 * sqrt(expected * (1 - expected) / 4000) + .002);
  assert_near(found, paired_permutation(d, 400, 4000, 3), 0);
  assert_near(paired_permutation((const double[]){0, 0, NAN}, 3, 9, 1), 1, 0);
}

/* ---- how often the verdict is wrong, and right ----------------------------------------------------------------------
 */

enum { PEOPLE = 150, VARIANTS = 5, SAMPLES = 299 };

/* The outcome with noise: of the base and of each variant as much, but of the last one `noise`. */
static int trial(uint64_t *seed, measure_id id, double noise, paired_comparison *c)
{
  resampling r = {.customers = PEOPLE, .samples = SAMPLES, .seed = *seed};
  double outcome[PEOPLE], score[PEOPLE], *base = NULL;
  int better[VARIANTS], found = 0;
  for (int i = 0; i < PEOPLE; i++) outcome[i] = -log(1 - next_uniform(seed));
  for (int v = 0; v <= VARIANTS; v++) {
    uint8_t chosen[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
      double sum = -3;
      for (int k = 0; k < 6; k++) sum += next_uniform(seed);
      score[i] = outcome[i] + (v == VARIANTS ? noise : 2) * sum;
      chosen[i] = score[i] > 1.5;
    }
    double *numbers =
        numbers_of(&r, id, (judged){.customers = PEOPLE, .score = score, .outcome = outcome, .chosen = chosen});
    if (v) {
      c[v - 1] = compared(&r, base, numbers, INTERVAL_BCA);
      better[v - 1] = measure_list[id].better;
      test_free(numbers);
    } else {
      base = numbers;
    }
  }
  test_free(base);
  assert_int_equal(paired_judge(CORRECTION_HOLM, c, better, VARIANTS, .95), 1);
  for (int v = 0; v < VARIANTS; v++) found += c[v].verdict != PAIRED_NONE && c[v].verdict != PAIRED_SAME;
  return found;
}

/* Where no variant differs, one or more is said to in at most a twentieth of the trials, but for the binomial error. */
static void without_a_difference_none_is_found_but_by_chance(void **state)
{
  enum { TRIALS = 200 };
  static const measure_id ids[] = {MEASURE_SPEARMAN, MEASURE_SHARE_CAPTURED, MEASURE_MAE};
  uint64_t seed = 2026;
  (void)state;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    double wrong = 0;
    paired_comparison c[VARIANTS];
    for (int t = 0; t < TRIALS; t++) wrong += trial(&seed, ids[i], 2, c) > 0;
    print_message("%s: %.3f of families with a false difference\n", measure_list[ids[i]].name, wrong / TRIALS);
    assert_true(wrong / TRIALS <= .05 + 3 * sqrt(.05 * .95 / TRIALS));
  }
}

/* One of five variants has less noise. */
static void a_real_difference_is_found(void **state)
{
  enum { TRIALS = 80 };
  static const struct {
    double noise, least, most;
  } cases[] = {{1.7, 0, .5}, {1, .5, 1}, {.5, .95, 1}};
  uint64_t seed = 77;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double found = 0, wrong = 0;
    paired_comparison c[VARIANTS];
    for (int t = 0; t < TRIALS; t++) {
      int all = trial(&seed, MEASURE_SPEARMAN, cases[i].noise, c), right = c[VARIANTS - 1].verdict == PAIRED_BETTER;
      found += right;
      wrong += all > right;
    }
    print_message("noise %.1f in place of 2: found in %.2f, others falsely in %.3f\n", cases[i].noise, found / TRIALS,
                  wrong / TRIALS);
    assert_true(found / TRIALS >= cases[i].least && found / TRIALS <= cases[i].most);
    assert_true(wrong / TRIALS <= .05 + 3 * sqrt(.05 * .95 / TRIALS));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_interval_of_a_difference_agrees_with_a_peer),
                                     cmocka_unit_test(p_is_the_level_at_which_the_interval_ends_at_0),
                                     cmocka_unit_test(the_same_list_is_the_same),
                                     cmocka_unit_test(what_has_no_value_cannot_be_compared),
                                     cmocka_unit_test(corrections_agree_with_a_peer),
                                     cmocka_unit_test(verdicts_are_in_words),
                                     cmocka_unit_test(so_many_samples_are_needed),
                                     cmocka_unit_test(exact_permutations_agree_with_a_peer),
                                     cmocka_unit_test(permutations_agree_with_every_sign),
                                     cmocka_unit_test(random_permutations_are_near_the_exact_ones),
                                     cmocka_unit_test(without_a_difference_none_is_found_but_by_chance),
                                     cmocka_unit_test(a_real_difference_is_found)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
