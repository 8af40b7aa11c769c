/* The standing scorer: published alphas, alphas by the plain definition, raters put on one footing, and judgements that
 * say nothing. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { STANDING, RATERS, SPREAD };
enum { LEAST, MOST, RATER_EFFECTS, BY, TRIM, REPEATED, METRIC, REPLICATES };
enum { WIDEST = 8 };

static const char *const metrics[] = {"nominal", "ordinal", "interval", "ratio"};

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static const char *rater_name(int64_t rater)
{
  static const char *const names[] = {"anna", "ben", "cleo", "dan", "eve", "finn", "gus", "hana"};
  return names[rater];
}

/* A row a customer, a column a rater, NAN: not judged. */
static rig *open_matrix(const double *matrix, int64_t customers, int64_t raters)
{
  int64_t *offsets = calloc((size_t)customers + 1, sizeof *offsets), count = 0;
  const char **names = malloc((size_t)(customers * raters + 1) * sizeof *names);
  double *scores = malloc((size_t)(customers * raters + 1) * sizeof *scores);
  for (int64_t i = 0; i < customers; i++) {
    for (int64_t k = 0; k < raters; k++) {
      if (isnan(matrix[i * raters + k])) continue;
      names[count] = rater_name(k);
      scores[count++] = matrix[i * raters + k];
    }
    offsets[i + 1] = count;
  }
  rig *r = rig_open("scorer", "standing");
  rig_events(r, "judgements", offsets, customers);
  rig_text(r, "rater", names, count);
  rig_f64(r, "score", scores, count);
  free(offsets);
  free((void *)names);
  free(scores);
  return r;
}

static double alpha_of(rig *r, const char *metric, const char *more)
{
  char params[200];
  snprintf(params, sizeof params, "{metric: %s%s}", metric, more);
  score(r, params);
  return rig_fact(r, "alpha")->value;
}

/* ---- published figures ---- */

/* Four observers, twelve units (Krippendorff 2011, example C): 0.743, 0.815, 0.849, 0.797; more digits by krippendorff
 * 0.9.0. The twelfth unit has one judgement and cannot be compared. */
static const double four_observers[12][4] = {{1, 1, NAN, 1}, {2, 2, 3, 2},   {3, 3, 3, 3},     {3, 3, 3, 3},
                                             {2, 2, 2, 2},   {1, 2, 3, 4},   {4, 4, 4, 4},     {1, 1, 2, 1},
                                             {2, 2, 2, 2},   {NAN, 5, 5, 5}, {NAN, NAN, 1, 1}, {NAN, 3, NAN, NAN}};

static void alpha_is_krippendorffs_own_example(void **state)
{
  (void)state;
  static const double alphas[] = {0.743421052631579, 0.8153875037548814, 0.8491071428571428, 0.7974027747116121};
  static const double published[] = {0.743, 0.815, 0.849, 0.797};
  rig *r = open_matrix(&four_observers[0][0], 12, 4);
  for (int m = 0; m < 4; m++) {
    double alpha = alpha_of(r, metrics[m], "");
    assert_near(alpha, alphas[m], 1e-12);
    assert_near(alpha, published[m], 0.0005);
    assert_near(rig_fact(r, "comparable_judgements")->value, 40, 0);
    double lower = rig_fact(r, "alpha_lower")->value, upper = rig_fact(r, "alpha_upper")->value;
    assert_true(lower < alpha && alpha < upper && upper <= 1);
    assert_int_equal(rig_fact(r, "alpha")->level, 0);
    assert_true((rig_fact(r, "alpha_verdict") != NULL) == (alpha < 0.8));
  }
  assert_true(isnan(rig_value(r, SPREAD, 11)));
  assert_near(rig_value(r, STANDING, 11), 3, 0);
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* Two observers, ten units, binary (Krippendorff 2011, example A): 0.095. */
static void alpha_of_two_observers_and_two_categories(void **state)
{
  (void)state;
  const double x[10][2] = {{0, 0}, {1, 1}, {0, 1}, {0, 0}, {0, 0}, {0, 1}, {0, 1}, {0, 0}, {1, 0}, {0, 0}};
  rig *r = open_matrix(&x[0][0], 10, 2);
  assert_near(alpha_of(r, "nominal", ", least: 0, most: 1"), 0.095, 0.0005);
  assert_non_null(strstr(rig_fact(r, "alpha_verdict")->text, "(nominal) is below 0.667"));
  rig_close(r);
}

/* Two observers, twelve units, five categories (Krippendorff 2011, example B): a a, b b, d b, c c, …: 0.692. */
static void alpha_of_two_observers_and_five_categories(void **state)
{
  (void)state;
  const double x[12][2] = {{1, 1}, {1, 2}, {2, 2}, {2, 2}, {4, 2}, {3, 3},
                           {3, 3}, {3, 3}, {5, 5}, {4, 4}, {4, 4}, {1, 4}};
  rig *r = open_matrix(&x[0][0], 12, 2);
  assert_near(alpha_of(r, "nominal", ""), 0.692, 0.0005);
  rig_close(r);
}

/* Five observers, forty articles, tone from 0 to 3 (Hayes, Krippendorff 2007, table 1). */
static const double news_tone[40][5] = {
    {1, 1, 2, NAN, 2},   {1, 1, 0, 1, NAN}, {2, 3, 3, 3, NAN},   {NAN, 0, 0, NAN, 0}, {0, 0, 0, NAN, 0},
    {0, 0, 0, NAN, 0},   {1, 0, 2, NAN, 1}, {1, NAN, 2, 0, NAN}, {2, 2, 2, NAN, 2},   {2, 1, 1, 1, NAN},
    {NAN, 1, 0, 0, NAN}, {0, 0, 0, 0, NAN}, {1, 2, 2, 2, NAN},   {3, 3, 2, 2, 3},     {1, 1, 1, NAN, 1},
    {1, 1, 1, NAN, 1},   {2, 1, 2, NAN, 2}, {1, 2, 3, 3, NAN},   {1, 1, 0, 1, NAN},   {0, 0, 0, NAN, 0},
    {0, 0, 1, 1, NAN},   {0, 0, NAN, 0, 0}, {2, 3, 3, 3, NAN},   {0, 0, 0, 0, NAN},   {1, 2, NAN, 2, 2},
    {0, 1, 1, 1, NAN},   {0, 0, 0, 1, 0},   {1, 2, 1, 2, NAN},   {1, 1, 2, 2, NAN},   {1, 1, 2, NAN, 2},
    {1, 1, 0, NAN, 0},   {2, 1, 2, 1, NAN}, {2, 2, NAN, 2, 2},   {3, 2, 2, 2, NAN},   {2, 2, 2, NAN, 2},
    {2, 2, 3, NAN, 2},   {2, 2, 2, NAN, 2}, {2, 2, NAN, 1, 2},   {2, 2, 2, 2, NAN},   {1, 1, 1, NAN, 1}};

/* Alpha .7598, interval .7078 to .8078, chance of less than .8 .9473, by their own bootstrap of 10,000 draws. */
static void alpha_of_the_news_is_that_of_hayes_and_krippendorff(void **state)
{
  (void)state;
  rig *r = open_matrix(&news_tone[0][0], 40, 5);
  double alpha = alpha_of(r, "ordinal", ", least: 0, most: 3, replicates: 10000");
  assert_near(alpha, 0.7598, 0.00005);
  assert_near(rig_fact(r, "alpha_lower")->value, 0.7078, 0.0025);
  assert_near(rig_fact(r, "alpha_upper")->value, 0.8078, 0.0025);
  assert_near(rig_fact(r, "chance_below_0.8")->value, 0.9473, 0.01);
  assert_near(rig_fact(r, "alpha")->error, (0.8078 - 0.7078) / 2 / 1.96, 0.001);
  assert_non_null(strstr(rig_fact(r, "alpha_verdict")->text, "0.760 (ordinal) is below 0.8: only tentative"));
  double lower = rig_fact(r, "alpha_lower")->value;
  r->seed = 2;
  alpha_of(r, "ordinal", ", least: 0, most: 3, replicates: 10000");
  assert_true(rig_fact(r, "alpha_lower")->value < lower || rig_fact(r, "alpha_lower")->value > lower);
  alpha_of(r, "ordinal", ", least: 0, most: 3, replicates: 0");
  assert_null(rig_fact(r, "alpha_lower"));
  rig_close(r);
}

/* Figures of krippendorff 0.9.0 for twenty units and five raters, a third of the judgements missing. */
static void alpha_is_that_of_a_peer_where_judgements_are_missing(void **state)
{
  (void)state;
  static const double x[20][5] = {
      {5, 6, NAN, 4, 5},     {6, NAN, NAN, 6, 7}, {1, NAN, NAN, 1, NAN}, {6, NAN, NAN, 7, 7}, {4, 4, NAN, 5, 5},
      {NAN, 4, NAN, NAN, 4}, {5, 6, 5, NAN, NAN}, {NAN, 4, 3, 4, 3},     {7, 7, 7, 6, NAN},   {NAN, 1, 1, 1, NAN},
      {2, 1, 1, NAN, NAN},   {3, 4, 4, 4, NAN},   {NAN, 3, 5, 5, 5},     {3, 3, 3, 4, NAN},   {NAN, 2, 2, 1, 1},
      {1, 1, 1, 2, NAN},     {1, 1, 1, 1, NAN},   {NAN, 2, 2, 2, NAN},   {2, 1, NAN, 1, 3},   {NAN, NAN, 6, NAN, 7}};
  static const double alphas[] = {0.400137741046832, 0.9114453861457977, 0.9193326453388373, 0.8679512605524629};
  rig *r = open_matrix(&x[0][0], 20, 5);
  for (int m = 0; m < 4; m++) assert_near(alpha_of(r, metrics[m], ""), alphas[m], 1e-12);
  rig_close(r);
}

/* ---- against the plain definition ---- */

/* All pairs, value by value, as the definition has it. error: of the mean of M pairs drawn from the coincidences. */
static double plain_alpha(const double *x, int n, int m, int metric, double *error)
{
  double values[400], observed = 0, fourths = 0, expected = 0, pairs = 0;
  int count = 0, units[400], size[100] = {0};
  for (int u = 0; u < n; u++) {
    for (int k = 0; k < m; k++) size[u] += !isnan(x[u * m + k]);
    for (int k = 0; k < m && size[u] > 1; k++) {
      if (isnan(x[u * m + k])) continue;
      values[count] = x[u * m + k];
      units[count++] = u;
    }
    pairs += size[u] * (size[u] - 1) / 2.0;
  }
  for (int i = 0; i < count; i++) {
    for (int j = 0; j < count; j++) {
      double c = values[i], k = values[j], d = c - k;
      if (i == j) continue;
      if (metric == 0) d = c < k || c > k;
      if (metric == 3) d = c + k > 0 ? (c - k) / (c + k) : 0;
      if (metric == 1) {
        d = 0; /* sum of n_g from c to k, less half of n_c and n_k */
        double low = fmin(c, k), high = fmax(c, k), ends = 0;
        for (int g = 0; g < count; g++) {
          d += values[g] >= low && values[g] <= high;
          ends += (!(values[g] < c) && !(values[g] > c)) + (!(values[g] < k) && !(values[g] > k));
        }
        d = low < high ? d - ends / 2 : 0;
      }
      expected += d * d / ((double)count * (count - 1));
      if (units[i] != units[j]) continue;
      observed += d * d / (size[units[i]] - 1.0) / count;
      fourths += d * d * d * d / (size[units[i]] - 1.0) / count;
    }
  }
  *error = sqrt((fourths - observed * observed) / pairs) / expected;
  return 1 - observed / expected;
}

static void random_judgements_agree_with_the_plain_definition(void **state)
{
  (void)state;
  uint64_t seed = 4;
  for (int run = 0; run < 60; run++) {
    int n = 4 + (int)(next_uniform(&seed) * 30), m = 2 + (int)(next_uniform(&seed) * 6);
    int levels = 2 + (int)(next_uniform(&seed) * 40);
    double x[40 * WIDEST], reversed[40 * WIDEST], moved[40 * WIDEST], grown[40 * WIDEST], error;
    for (int i = 0; i < n * m; i++) {
      double level = (i / m) % 5 * 0.15;
      x[i] = floor(levels * fmin(level + 0.5 * next_uniform(&seed), 0.999)) / 2;
      if (i >= 2 * m && next_uniform(&seed) < 0.3) x[i] = (double)NAN;
      moved[i] = 3 * x[i] + 5;
      grown[i] = x[i] * x[i] * x[i];
    }
    for (int i = 0; i < n; i++) /* customers and raters from the last to the first */
      for (int k = 0; k < m; k++) reversed[i * m + k] = x[(n - 1 - i) * m + (m - 1 - k)];
    rig *r = open_matrix(x, n, m), *b = open_matrix(reversed, n, m), *a = open_matrix(moved, n, m),
        *g = open_matrix(grown, n, m);
    static const char *const scale = ", least: 0, most: 10000, replicates: 100";
    for (int metric = 0; metric < 4; metric++) {
      double plain = plain_alpha(x, n, m, metric, &error), alpha = alpha_of(r, metrics[metric], scale);
      assert_near(alpha, plain, 1e-10);
      assert_near(rig_fact(r, "alpha")->error, error, 1e-7);
      assert_near(alpha_of(b, metrics[metric], scale), plain, 1e-10);
      if (metric < 3) assert_near(alpha_of(a, metrics[metric], scale), plain, 1e-10);
      if (metric < 2) assert_near(alpha_of(g, metrics[metric], scale), plain, 1e-10);
    }
    for (int i = 0; i < n; i++) assert_near(rig_value(r, STANDING, i), rig_value(b, STANDING, n - 1 - i), 1e-12);
    check_batches(r);
    check_reload(r);
    rig_close(r);
    rig_close(b);
    rig_close(a);
    rig_close(g);
  }
}

/* Many customers: the interval is then by the normal distribution, which the drawn one comes near. Severity as drawn.
 */
static void of_many_judgements_the_interval_is_normal(void **state)
{
  (void)state;
  enum { MANY = 70000 };
  double *x = malloc((size_t)MANY * 2 * sizeof *x);
  uint64_t seed = 8;
  for (int i = 0; i < MANY; i++) {
    double level = 1 + floor(5 * next_uniform(&seed));
    x[2 * i] = level + (next_uniform(&seed) < 0.3);
    x[2 * i + 1] = level + (next_uniform(&seed) < 0.5) * 1;
  }
  rig *r = open_matrix(x, MANY, 2);
  alpha_of(r, "interval", ", replicates: 200");
  assert_near(rig_fact(r, "alpha_replicates")->value, 200, 0);
  double lower = rig_fact(r, "alpha_lower")->value, upper = rig_fact(r, "alpha_upper")->value;
  alpha_of(r, "interval", "");
  assert_near(rig_fact(r, "alpha_replicates")->value, 0, 0);
  double width = rig_fact(r, "alpha_upper")->value - rig_fact(r, "alpha_lower")->value;
  assert_near(width, 2 * 1.959963984540054 * rig_fact(r, "alpha")->error, 1e-12);
  assert_near(upper - lower, width, 0.2 * width);
  assert_near((upper + lower) / 2, rig_fact(r, "alpha")->value, 0.2 * width);
  assert_near(rig_fact(r, "severity.anna")->value, 0.2, 0.01);
  assert_near(rig_fact(r, "severity.ben")->value, -0.2, 0.01);
  assert_near(rig_fact(r, "chance_below_0.8")->value, 0, 1e-9);
  rig_close(r);
  free(x);
}

/* ---- where alpha is not defined ---- */

static void without_two_raters_or_two_scores_there_is_no_alpha(void **state)
{
  (void)state;
  const double one[3][1] = {{3}, {4}, {5}}, same[2][2] = {{3.3, 3.3}, {3.3, 3.3}};
  for (int m = 0; m < 4; m++) {
    rig *r = open_matrix(&one[0][0], 3, 1);
    alpha_of(r, metrics[m], "");
    assert_non_null(strstr(rig_fact(r, "alpha")->text, "no customer has two raters"));
    assert_int_equal(rig_fact(r, "alpha")->level, 1);
    assert_near(rig_value(r, STANDING, 1), 4, 0);
    check_reload(r);
    rig_close(r);
    r = open_matrix(&same[0][0], 2, 2);
    alpha_of(r, metrics[m], "");
    assert_non_null(strstr(rig_fact(r, "alpha")->text, "are the same"));
    assert_null(rig_fact(r, "agreement.anna"));
    rig_close(r);
  }
  for (int64_t customers = 0; customers < 2; customers++) {
    rig *r = open_matrix((double[]){NAN}, customers, 1);
    score(r, NULL);
    assert_int_equal(rig_fact(r, "judged_customers")->level, 1);
    if (customers) assert_true(isnan(rig_value(r, STANDING, 0)) && rig_integer(r, RATERS, 0) == 0);
    check_reload(r);
    rig_close(r);
  }
  rig *r = open_matrix((double[]){2, 2, 5, 5, 7, 7}, 3, 2); /* all agree */
  for (int m = 0; m < 4; m++) {
    assert_near(alpha_of(r, metrics[m], ""), 1, 0);
    assert_near(rig_fact(r, "alpha_lower")->value, 1, 0);
    assert_null(rig_fact(r, "alpha_verdict"));
  }
  rig_close(r);
}

/* ---- what a customer's judgements come to ---- */

static void judgements_become_one_as_the_profile_says(void **state)
{
  (void)state;
  const double x[2][6] = {{7, 1, 3, 4, 3, 2}, {5, NAN, NAN, 2, NAN, NAN}};
  rig *r = open_matrix(&x[0][0], 2, 6);
  score(r, NULL);
  assert_near(rig_value(r, STANDING, 0), 20 / 6.0, 1e-12);
  assert_near(rig_value(r, SPREAD, 0), sqrt((88 - 400 / 6.0) / 5), 1e-12);
  assert_int_equal(rig_integer(r, RATERS, 1), 2);
  score(r, "{by: median}");
  assert_near(rig_value(r, STANDING, 0), 3, 1e-12);
  assert_near(rig_value(r, STANDING, 1), 3.5, 1e-12);
  score(r, "{by: trimmed_mean}"); /* 20 % of six: one at each end, of two: none */
  assert_near(rig_value(r, STANDING, 0), 3, 1e-12);
  assert_near(rig_value(r, STANDING, 1), 3.5, 1e-12);
  score(r, "{by: trimmed_mean, trim: 49%}");
  assert_near(rig_value(r, STANDING, 0), 3, 1e-12);
  r->unwanted = 1u << SPREAD | 1u << RATERS;
  score(r, "{by: trimmed_mean, trim: 0}");
  assert_near(rig_value(r, STANDING, 0), 20 / 6.0, 1e-12);
  rig_close(r);
}

/* ben judges two points below anna, cleo twice as far from the middle: corrected, all agree. */
static void severe_and_mild_raters_come_to_one_footing(void **state)
{
  (void)state;
  double x[5][2], wide[5][2];
  for (int i = 0; i < 5; i++) {
    x[i][0] = 2 + i;
    x[i][1] = i;
    wide[i][0] = 2 + i;
    wide[i][1] = 4 + 2 * (i - 2);
  }
  rig *r = open_matrix(&x[0][0], 5, 2);
  score(r, "{rater_effects: centre, least: 0}");
  assert_near(rig_fact(r, "severity.anna")->value, -2, 1e-12);
  assert_near(rig_fact(r, "severity.ben")->value, 2, 1e-12);
  assert_near(rig_fact(r, "agreement.ben")->value, 1, 1e-12);
  assert_near(rig_fact(r, "mean.anna")->value, 4, 1e-12);
  assert_near(rig_fact(r, "mean.anna")->error, sqrt(2.5 / 5), 1e-12);
  assert_near(rig_fact(r, "alpha_corrected")->value, 1, 1e-12);
  assert_true(rig_fact(r, "alpha")->value < 0.5);
  for (int i = 0; i < 5; i++) {
    assert_near(rig_value(r, STANDING, i), 1 + i, 1e-12);
    assert_near(rig_value(r, SPREAD, i), 0, 1e-12);
  }
  check_batches(r);
  check_reload(r);
  rig_close(r);
  r = open_matrix(&wide[0][0], 5, 2);
  score(r, "{rater_effects: standardize, least: 0, most: 8}");
  double deviation = sqrt((10 + 40) / 9.0);
  for (int i = 0; i < 5; i++) {
    assert_near(rig_value(r, STANDING, i), 4 + deviation * (i - 2) / sqrt(2.5), 1e-12);
    assert_near(rig_value(r, SPREAD, i), 0, 1e-12);
  }
  check_reload(r);
  rig_close(r);
}

static void a_rater_of_one_judgement_says_nothing_once_corrected(void **state)
{
  (void)state;
  const double x[3][2] = {{2, 7}, {4, NAN}, {NAN, NAN}};
  for (int i = 0; i < 2; i++) {
    rig *r = open_matrix(&x[0][0], 3, 2);
    score(r, i ? "{rater_effects: centre}" : "{rater_effects: standardize}");
    assert_int_equal(rig_fact(r, "raters_of_one_judgement")->level, 1);
    double all = 13 / 3.0, spread = sqrt((4 + 16 + 49 - 169 / 3.0) / 2), stretch = i ? 1 : spread / sqrt(2);
    assert_near(rig_value(r, STANDING, 0), (all - stretch + all) / 2, 1e-12);
    assert_near(rig_value(r, STANDING, 1), all + stretch, 1e-12);
    rig_close(r);
  }
}

/* ---- the same rater, twice ---- */

static rig *open_events(int64_t count, const char *const *raters, const double *scores, const double *days)
{
  int64_t times[16];
  rig *r = rig_open("scorer", "standing");
  rig_events(r, "judgements", (int64_t[]){0, count}, 1);
  for (int64_t i = 0; days && i < count; i++) times[i] = r->as_of - (int64_t)(days[i] * (double)DAY);
  if (days) rig_i64(r, "time", times, count);
  rig_text(r, "rater", raters, count);
  rig_f64(r, "score", scores, count);
  return r;
}

static void of_a_raters_judgements_on_one_customer_the_latest_counts(void **state)
{
  (void)state;
  const char *const raters[] = {"anna", "ben", "anna", "anna", "anna"};
  const double scores[] = {1, 3, 2, 5, 6}, days[] = {30, 20, 10, 5, 5};
  rig *r = open_events(5, raters, scores, days);
  score(r, NULL); /* anna: 5 and 6 on one day */
  assert_near(rig_value(r, STANDING, 0), (5.5 + 3) / 2, 1e-12);
  assert_int_equal(rig_integer(r, RATERS, 0), 2);
  assert_near(rig_fact(r, "judgements_replaced")->value, 3, 0);
  score(r, "{repeated: mean}");
  assert_near(rig_value(r, STANDING, 0), (3.5 + 3) / 2, 1e-12);
  assert_near(rig_fact(r, "judgements_merged")->value, 3, 0);
  rig_close(r);
  r = open_events(5, raters, scores, NULL);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 0);
  assert_non_null(strstr(r->error.message, "anna judged this customer 4 times"));
  score(r, "{repeated: mean}");
  assert_near(rig_value(r, STANDING, 0), 3.25, 1e-12);
  rig_close(r);
}

/* ---- what is refused or left out ---- */

static void judgements_off_the_scale_or_of_nobody_are_told(void **state)
{
  (void)state;
  rig *r = open_events(2, (const char *const[]){"anna", "ben"}, (double[]){3, 8}, NULL);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 0);
  assert_non_null(strstr(r->error.message, "a judgement of 8 by ben is off the scale from 1 to 7"));
  rig_close(r);
  r = open_events(3, (const char *const[]){"anna", NULL, "ben"}, (double[]){3, 7, NAN}, NULL);
  score(r, NULL);
  assert_near(rig_value(r, STANDING, 0), 3, 0);
  assert_int_equal(rig_fact(r, "judgements_without_rater")->level, 1);
  assert_int_equal(rig_create(r, "{least: 7}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, MOST);
  assert_int_equal(rig_create(r, "{least: -3, metric: ratio}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, METRIC);
  rig_close(r);
}

static void ratio_takes_so_many_different_scores_and_says_why(void **state)
{
  (void)state;
  enum { MANY = 2049 };
  double *x = malloc((size_t)MANY * 2 * sizeof *x);
  for (int i = 0; i < 2 * MANY; i++) x[i] = i;
  rig *r = open_matrix(x, MANY, 2);
  assert_int_equal(rig_create(r, "{metric: ratio, least: 0, most: 10000}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_non_null(strstr(r->error.message, "4098 different scores; the metric ratio compares every two"));
  for (int m = 0; m < 3; m++) alpha_of(r, metrics[m], ", least: 0, most: 10000");
  rig_close(r);
  r = open_matrix(x, MANY - 1, 2);
  alpha_of(r, "ratio", ", least: 0, most: 10000, replicates: 10");
  rig_close(r);
  free(x);
}

static void a_saved_model_is_not_taken_by_another_setting(void **state)
{
  (void)state;
  rig *r = open_matrix(&four_observers[0][0], 12, 4);
  score(r, NULL);
  void *saved;
  size_t count;
  assert_int_equal(rig_save(r, &saved, &count), TARAZU_OK);
  static const char *const others[] = {"{most: 8}", "{metric: nominal}", "{rater_effects: centre}", "{repeated: mean}"};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(rig_create(r, others[i]), TARAZU_OK);
    assert_int_equal(rig_load(r, saved, count), TARAZU_BAD_PARAMETER);
  }
  for (size_t less = 1; less < count; less += 7) {
    assert_int_equal(rig_create(r, NULL), TARAZU_OK);
    assert_int_equal(rig_load(r, saved, count - less), TARAZU_BAD_DATA);
  }
  free(saved);
  rig_close(r);
}

static void learning_can_be_cancelled(void **state)
{
  (void)state;
  rig *r = open_matrix(&four_observers[0][0], 12, 4);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  r->cancel_after = 3;
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

/* ---- explaining ---- */

static void an_explanation_tells_who_judged_what(void **state)
{
  (void)state;
  const char *const names[] = {"anna", "ben"};
  rig *r = open_events(2, names, (double[]){3, 6}, (double[]){20, 4});
  score(r, NULL);
  const int64_t offsets[] = {0, 2}, none[] = {0, 0}, times[] = {r->as_of - 20 * DAY, r->as_of - 4 * DAY};
  const int32_t codes[] = {0, 1};
  const tarazu_dictionary d = {.size = sizeof d, .count = 2, .offsets = (const int64_t[]){0, 4, 7}, .bytes = "annazoe"};
  for (int i = 0; i < 2; i++) {
    const int64_t *o = i ? offsets : none;
    const tarazu_column time = {.size = sizeof time, .type = TARAZU_TIME, .values = times, .offsets = o};
    const tarazu_column rater = {
        .size = sizeof rater, .type = TARAZU_TEXT, .values = codes, .offsets = o, .dictionary = &d};
    const tarazu_column given = {
        .size = sizeof given, .type = TARAZU_F64, .values = (const double[]){3, 6}, .offsets = o};
    assert_reasons(r, (const tarazu_column *const[]){&time, &rater, &given}, 3,
                   i ? "mean 4.5 of 2 raters: anna 3, 20 days ago; zoe 6, 4 days ago\n" : "nobody judged\n");
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(alpha_is_krippendorffs_own_example),
      cmocka_unit_test(alpha_of_two_observers_and_two_categories),
      cmocka_unit_test(alpha_of_two_observers_and_five_categories),
      cmocka_unit_test(alpha_of_the_news_is_that_of_hayes_and_krippendorff),
      cmocka_unit_test(alpha_is_that_of_a_peer_where_judgements_are_missing),
      cmocka_unit_test(random_judgements_agree_with_the_plain_definition),
      cmocka_unit_test(of_many_judgements_the_interval_is_normal),
      cmocka_unit_test(without_two_raters_or_two_scores_there_is_no_alpha),
      cmocka_unit_test(judgements_become_one_as_the_profile_says),
      cmocka_unit_test(severe_and_mild_raters_come_to_one_footing),
      cmocka_unit_test(a_rater_of_one_judgement_says_nothing_once_corrected),
      cmocka_unit_test(of_a_raters_judgements_on_one_customer_the_latest_counts),
      cmocka_unit_test(judgements_off_the_scale_or_of_nobody_are_told),
      cmocka_unit_test(ratio_takes_so_many_different_scores_and_says_why),
      cmocka_unit_test(a_saved_model_is_not_taken_by_another_setting),
      cmocka_unit_test(learning_can_be_cancelled),
      cmocka_unit_test(an_explanation_tells_who_judged_what),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
