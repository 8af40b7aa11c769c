/* Scores of a whole run against published numbers and against the formulas written out again, with and without gaps. */
#include "support/properties.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

#define HEAD            \
  "tarazu: 1\n"         \
  "as_of: 2020-01-01\n" \
  "data:\n"             \
  "  customers: {key: id}\n"
#define OF(name, dimension, more) \
  "  " name ": {plugin: attribute, dimension: " dimension ", input: {value: customers." name "}" more "}\n"
#define F "financial"
#define N "non_financial"

static sheet *result_of(trial *t, const char *yaml, int64_t rows, const given *columns, uint32_t count)
{
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push_as(t, "customers", rows, columns, count, (arrival){0, NULL}));
  assert_good(t, trial_run(t));
  return sheet_read(t, "customers");
}
#define RESULT(t, yaml, rows, ...)                             \
  result_of((t), (yaml), (rows), (const given[]){__VA_ARGS__}, \
            (uint32_t)(sizeof((const given[]){__VA_ARGS__}) / sizeof(given)))

/* ---- published numbers (oracles: TOPSIS and the weighted sum as their textbooks' examples give them) ---------------
 */

static void topsis_gives_the_published_scores(void **state)
{
  static const double expected[] = {0.5037, 0.6581, 0.7482, 0.3340};
  static const char *const ids[] = {"a", "b", "c", "d"};
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s = RESULT(&t,
                    HEAD "criteria:\n" OF("x", F, ", weight: 0.3") OF("y", N, ", weight: 0.4")
                        OF("z", N, ", weight: 0.3") "combine: topsis\n",
                    4, TEXTS("id", "a", "b", "c", "d"), REALS("x", 5, 7, 8, 7), REALS("y", 8, 6, 8, 4),
                    REALS("z", 4, 8, 6, 6));
  for (int i = 0; i < 4; i++) assert_near(sheet_real_of(s, ids[i], "score"), expected[i], 0.00005);
  assert_near(sheet_real_of(s, "c", "rank"), 1, 0);
  assert_near(sheet_real_of(s, "b", "rank"), 2, 0);
  assert_near(sheet_real_of(s, "a", "rank"), 3, 0);
  assert_near(sheet_real_of(s, "d", "rank"), 4, 0);
  sheet_free(s);
  trial_free(&t);
}

static void the_weighted_sum_gives_the_published_scores(void **state)
{
  static const double expected[] = {.304316, .156260, .167111, .132719, .239594};
  static const char *const ids[] = {"1", "2", "3", "4", "5"};
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s = RESULT(&t,
                    HEAD "normalize: sum\n"
                         "criteria:\n" OF("c1", F, ", weight: 8") OF("c2", F, ", weight: 5")
                             OF("c3", N, ", weight: 6, better: less")
                                 OF("c4", N, ", weight: 7, better: less") "combine: {plugin: weighted_sum}\n",
                    5, WHOLE("id", 1, 2, 3, 4, 5), REALS("c1", 96, 63, 72, 11, 77), REALS("c2", 83, 5, 30, 4, 21),
                    REALS("c3", 75, 56, 32, 27, 17), REALS("c4", 7, 9, 48, 9, 11));
  for (int i = 0; i < 5; i++) assert_near(sheet_real_of(s, ids[i], "score"), expected[i], 0.0000005);
  sheet_free(s);
  trial_free(&t);
}

/* ---- dimensions ----------------------------------------------------------------------------------------------------
 */

static void a_weight_is_its_dimensions_times_its_share(void **state)
{
  static const double expected[] = {0.6 * 3 / 4, 0.6 * 1 / 4, 0.4};
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s =
      RESULT(&t,
             HEAD "criteria:\n" OF("a", F, ", weight: 3") OF("b", F, "")
                 OF("c", N, ", weight: 7") "dimensions: {financial: 60%, non_financial: 0.4}\ncombine: from_ten\n",
             2, TEXTS("id", "x", "y"), REALS("a", 1, 5), REALS("b", 2, 6), REALS("c", 4, 8));
  sheet *criteria = sheet_read(&t, "criteria");
  for (int i = 0; i < 3; i++) assert_near(sheet_real(criteria, "weight", i), expected[i], 1e-15);
  assert_near(sheet_real_of(s, "x", "score"), 10 + 0.45 * 1 + 0.15 * 2 + 0.4 * 4, 1e-14);
  assert_near(sheet_real_of(s, "x", "financial"), 10 + 0.75 * 1 + 0.25 * 2, 1e-14);
  assert_near(sheet_real_of(s, "y", "non_financial"), 18, 1e-14);
  sheet_free(criteria);
  sheet_free(s);
  trial_free(&t);
}

static void a_combiner_that_learns_weights_learns_each_dimensions(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s = RESULT(&t,
                    HEAD "criteria:\n" OF("a", F, ", weight: 3") OF("b", F, "")
                        OF("c", N, "") "dimensions: {financial: 60%, non_financial: 0.4}\ncombine: relearned\n",
                    2, TEXTS("id", "x", "y"), REALS("a", 1, 5), REALS("b", 2, 6), REALS("c", 4, 8));
  assert_near(sheet_real_of(s, "x", "score"), 10 + 0.45 * 1 + 0.15 * 2 + 0.4 * 4, 1e-14);
  assert_near(sheet_real_of(s, "x", "financial"), 10 + 0.75 * 1 + 0.25 * 2, 1e-14);
  assert_near(sheet_real_of(s, "y", "non_financial"), 18, 1e-14);
  sheet_free(s);
  trial_free(&t);
}

static void weights_of_dimensions_need_no_sum_of_one(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s =
      RESULT(&t,
             HEAD "criteria:\n" OF("a", F, "")
                 OF("b", "trust", "") "dimensions: {financial: 3, trust: 1, non_financial: 0}\ncombine: from_ten\n",
             1, TEXTS("id", "x"), REALS("a", 4), REALS("b", 8));
  assert_near(sheet_real_of(s, "x", "score"), 15, 1e-14);
  assert_near(sheet_real_of(s, "x", "trust"), 18, 1e-14);
  assert_near(sheet_real_of(s, "x", "non_financial"), NAN, 0);
  sheet_free(s);
  trial_free(&t);
}

static void a_dimension_that_weighs_but_has_no_criteria_is_told(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s =
      RESULT(&t, HEAD "criteria:\n" OF("a", F, "") "dimensions: {financial: 60%, trust: 40%}\ncombine: from_ten\n", 1,
             TEXTS("id", "x"), REALS("a", 4));
  assert_near(sheet_real_of(s, "x", "score"), 14, 1e-14);
  assert_told(&t, "dimension 'trust' has weight but no criteria");
  assert_false(sheet_has(s, "trust"));
  sheet_free(s);
  trial_free(&t);
}

enum { PEOPLE = 500 };

typedef struct crowd {
  int64_t id[PEOPLE];
  double x[4][PEOPLE];
} crowd;

/* Four criteria, each missing for a fifth of the customers, so that some lack all four. */
static void make_crowd(crowd *c, double gaps)
{
  uint64_t seed = 20;
  for (int64_t i = 0; i < PEOPLE; i++) {
    c->id[i] = i;
    for (int k = 0; k < 4; k++) {
      double value = floor(100 * next_uniform(&seed)) / 8 + (k == 3 ? 1 : 0);
      c->x[k][i] = next_uniform(&seed) < gaps ? NAN : value;
    }
  }
  for (int k = 0; k < 4 && gaps > 0; k++) c->x[k][7] = NAN;
}

#define CROWD(c)                                                                         \
  {"id", "l", (c).id}, {"a", "g", (c).x[0]}, {"b", "g", (c).x[1]}, {"c", "g", (c).x[2]}, \
  {                                                                                      \
    "d", "g", (c).x[3]                                                                   \
  }

static void a_dimensions_score_is_that_of_a_profile_with_it_alone(void **state)
{
  static const char *const combiners[] = {"topsis", "weighted_sum"};
  crowd c;
  (void)state;
  make_crowd(&c, 0.2);
  for (int k = 0; k < 2; k++) {
    trial both, alone;
    char yaml[2000];
    trial_new(&both);
    trial_new(&alone);
    snprintf(yaml, sizeof yaml,
             HEAD "criteria:\n" OF("a", F, ", weight: 2") OF("b", F, ", weight: 3") OF("c", N, "")
                 OF("d", N, ", weight: 5") "dimensions: {financial: 0.7, non_financial: 0.3}\ncombine: %s\n",
             combiners[k]);
    sheet *s = RESULT(&both, yaml, PEOPLE, CROWD(c));
    snprintf(yaml, sizeof yaml, HEAD "criteria:\n" OF("a", F, ", weight: 2") OF("b", F, ", weight: 3") "combine: %s\n",
             combiners[k]);
    sheet *own = RESULT(&alone, yaml, PEOPLE, CROWD(c));
    for (int64_t i = 0; i < PEOPLE; i++) {
      const char *id = sheet_text(s, "customer", i);
      assert_near(sheet_real(s, "financial", i), sheet_real_of(own, id, "score"), 1e-14);
    }
    sheet_free(s);
    sheet_free(own);
    trial_free(&both);
    trial_free(&alone);
  }
}

/* ---- gaps ----------------------------------------------------------------------------------------------------------
 */

static const double weights[] = {0.2, 0.3, 0.1, 0.4};
static const char *const names[] = {"a", "b", "c", "d"};
#define FOUR                                                                                  \
  "criteria:\n" OF("a", F, ", weight: 2") OF("b", F, ", weight: 3") OF("c", N, ", weight: 1") \
      OF("d", N, ", weight: 4, better: less")

static double normalized_of(const sheet *s, const char *name, int64_t row)
{
  char column[40];
  snprintf(column, sizeof column, "%s_normalized", name);
  return sheet_real(s, column, row);
}

static double contribution_of(const sheet *s, const char *name, int64_t row)
{
  char column[40];
  snprintf(column, sizeof column, "%s_contribution", name);
  return sheet_real(s, column, row);
}

/* Values of one criterion brought to 0 … 1, as minmax says it does. */
static double minmax(const double *x, int64_t row, int cost)
{
  double least = INFINITY, most = -INFINITY;
  for (int64_t i = 0; i < PEOPLE; i++)
    if (!isnan(x[i])) least = fmin(least, x[i]), most = fmax(most, x[i]);
  return cost ? (most - x[row]) / (most - least) : (x[row] - least) / (most - least);
}

static void what_is_missing_leaves_its_weight_to_the_rest(void **state)
{
  crowd c;
  trial t;
  int lacking_all = 0;
  (void)state;
  make_crowd(&c, 0.2);
  trial_new(&t);
  sheet *s = RESULT(&t, HEAD FOUR "combine: weighted_sum\n", PEOPLE, CROWD(c));
  for (int64_t i = 0; i < PEOPLE; i++) {
    char id[8];
    double weight = 0, sum = 0, parts = 0;
    snprintf(id, sizeof id, "%lld", (long long)i);
    int64_t row = sheet_find(s, id);
    for (int k = 0; k < 4; k++)
      if (!isnan(c.x[k][i])) {
        weight += weights[k];
        sum += weights[k] * minmax(c.x[k], i, k == 3);
      }
    lacking_all += weight == 0;
    assert_near(sheet_real(s, "coverage", row), weight > 0.99 ? 1 : weight, 1e-15);
    assert_near(sheet_real(s, "score", row), weight > 0 ? sum / weight : NAN, 1e-14);
    for (int k = 0; k < 4; k++) {
      double part = contribution_of(s, names[k], row), expected = NAN;
      if (!isnan(c.x[k][i])) expected = weights[k] * minmax(c.x[k], i, k == 3) / weight;
      assert_near(part, expected, 1e-14);
      if (!isnan(part)) parts += part;
    }
    if (weight > 0) assert_near(parts, sheet_real(s, "score", row), 1e-14);
  }
  assert_in_range(lacking_all, 1, 20);
  sheet_free(s);
  trial_free(&t);
}

/* TOPSIS once more, as Hwang and Yoon (1981) write it, over the criteria that a customer has. */
static double topsis(const crowd *c, int64_t row, unsigned criteria)
{
  double sum = 0, near = 0, far = 0;
  for (int k = 0; k < 4; k++)
    if (criteria >> k & 1 && !isnan(c->x[k][row])) sum += weights[k];
  for (int k = 0; k < 4; k++) {
    double length = 0, least = INFINITY, most = -INFINITY;
    if (!(criteria >> k & 1) || isnan(c->x[k][row])) continue;
    for (int64_t i = 0; i < PEOPLE; i++)
      if (!isnan(c->x[k][i])) {
        length += c->x[k][i] * c->x[k][i];
        least = fmin(least, c->x[k][i]);
        most = fmax(most, c->x[k][i]);
      }
    double w = weights[k] / sum / sqrt(length), v = w * c->x[k][row];
    double best = w * (k == 3 ? least : most), worst = w * (k == 3 ? most : least);
    near += (v - best) * (v - best);
    far += (v - worst) * (v - worst);
  }
  return sum > 0 ? sqrt(far) / (sqrt(near) + sqrt(far)) : NAN;
}

static void topsis_with_gaps_is_topsis_over_what_is_there(void **state)
{
  crowd c;
  trial t;
  (void)state;
  make_crowd(&c, 0.2);
  trial_new(&t);
  sheet *s = RESULT(&t, HEAD FOUR "combine: topsis\n", PEOPLE, CROWD(c));
  for (int64_t i = 0; i < PEOPLE; i++) {
    char id[8];
    snprintf(id, sizeof id, "%lld", (long long)i);
    assert_near(sheet_real_of(s, id, "score"), topsis(&c, i, 15), 1e-13);
    assert_near(sheet_real_of(s, id, "financial"), topsis(&c, i, 3), 1e-13);
    assert_near(sheet_real_of(s, id, "non_financial"), topsis(&c, i, 12), 1e-13);
  }
  sheet_free(s);
  trial_free(&t);
}

static void a_customer_without_anything_stands_last_and_says_why(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s = RESULT(&t, HEAD "criteria:\n" OF("a", F, "") OF("b", N, "") "key_customers: {limit: 3}\n", 3,
                    TEXTS("id", "ann", "bob", "cid"), REALS("a", NAN, 1, 2), REALS("b", NAN, 5, NAN));
  assert_string_equal(sheet_text(s, "customer", 2), "ann");
  assert_near(sheet_real(s, "score", 2), NAN, 0);
  assert_near(sheet_real(s, "rank", 2), NAN, 0);
  assert_near(sheet_real(s, "financial", 2), NAN, 0);
  assert_near(sheet_real(s, "a", 2), NAN, 0);
  assert_near(sheet_real(s, "a_contribution", 2), NAN, 0);
  assert_near(sheet_real(s, "coverage", 2), 0, 0);
  assert_near(sheet_real(s, "key_customer", 2), 0, 0);
  assert_string_equal(sheet_text(s, "reason", 2), "no score: nothing that weighs could be measured");
  assert_near(sheet_real_of(s, "cid", "coverage"), 0.5, 0);
  assert_near(sheet_real_of(s, "cid", "non_financial"), NAN, 0);
  sheet_free(s);
  trial_free(&t);
}

static void a_criterion_that_nobody_has_changes_nothing(void **state)
{
  static const char *const rules[] = {"leave_out", "median", "worst"};
  (void)state;
  for (int k = 0; k < 3; k++) {
    trial t;
    char yaml[1000];
    trial_new(&t);
    snprintf(yaml, sizeof yaml, HEAD "missing: %s\ncriteria:\n" OF("a", F, "") OF("b", N, "") "combine: from_ten\n",
             rules[k]);
    sheet *s = RESULT(&t, yaml, 2, TEXTS("id", "x", "y"), REALS("a", 1, 2), REALS("b", NAN, NAN));
    assert_near(sheet_real_of(s, "x", "score"), 11, 0);
    assert_near(sheet_real_of(s, "y", "score"), 12, 0);
    assert_near(sheet_real_of(s, "x", "coverage"), 0.5, 0);
    assert_near(sheet_real_of(s, "x", "b_normalized"), NAN, 0);
    sheet_free(s);
    trial_free(&t);
  }
}

static void a_criterion_without_weight_is_not_missed(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s =
      RESULT(&t,
             HEAD "criteria:\n" OF("a", F, ", weight: 1") OF("b", F, ", weight: 1") OF("c", F, ", weight: 1")
                 OF("d", N, ", weight: 0") "combine: from_ten\n",
             2, TEXTS("id", "x", "y"), REALS("a", 1, NAN), REALS("b", 2, NAN), REALS("c", 6, NAN), REALS("d", NAN, 4));
  assert_near(sheet_real_of(s, "x", "coverage"), 1, 0);
  assert_near(sheet_real_of(s, "x", "score"), 13, 1e-14);
  /* y has but the criterion that weighs nothing */
  assert_near(sheet_real_of(s, "y", "score"), NAN, 0);
  assert_near(sheet_real_of(s, "y", "coverage"), 0, 0);
  sheet_free(s);
  trial_free(&t);
}

/* ---- `missing:` ----------------------------------------------------------------------------------------------------
 */

/* from_ten takes values as they are: what stands in for a gap shows as NAME_normalized. */
static double stands_in(const char *rule, const char *better, const double *values, int64_t rows)
{
  static const int64_t ids[] = {0, 1, 2, 3, 4, 5};
  trial t;
  char yaml[1000];
  trial_new(&t);
  snprintf(yaml, sizeof yaml,
           HEAD "criteria:\n" OF("a", F, "") "  b: {plugin: attribute, dimension: non_financial, input: {value: "
                                             "customers.b}, missing: %s, better: %s}\n"
                                             "combine: from_ten\n",
           rule, better);
  const given columns[] = {{"id", "l", ids}, {"a", "g", (const double[]){0, 0, 0, 0, 0, 0}}, {"b", "g", values}};
  sheet *s = result_of(&t, yaml, rows, columns, 3);
  double filled = sheet_real_of(s, "0", "b_normalized");
  assert_near(sheet_real_of(s, "0", "score"), 10 + filled / 2, fabs(filled) * 1e-15);
  assert_near(sheet_real_of(s, "0", "b"), NAN, 0);        /* the raw value stays absent */
  assert_near(sheet_real_of(s, "0", "coverage"), 0.5, 0); /* and is not counted as there */
  assert_near(sheet_real_of(s, "1", "b_normalized"), values[1], 0);
  sheet_free(s);
  trial_free(&t);
  return filled;
}

static void gaps_are_filled_as_the_profile_says(void **state)
{
  static const double odd[] = {NAN, 9, 1, 4}, even[] = {NAN, 9, 1, 4, 5, NAN}, huge[] = {NAN, 1.7e308, 1.6e308};
  (void)state;
  assert_near(stands_in("median", "more", odd, 4), 4, 0);
  assert_near(stands_in("median", "less", odd, 4), 4, 0);
  assert_near(stands_in("median", "more", even, 6), 4.5, 0);
  assert_near(stands_in("median", "more", huge, 3), 1.65e308, 1e293);
  assert_near(stands_in("worst", "more", even, 6), 1, 0);
  assert_near(stands_in("worst", "less", even, 6), 9, 0);
  assert_near(stands_in("-3.5", "more", even, 6), -3.5, 0);
  assert_near(stands_in("0", "less", odd, 4), 0, 0);
}

static void one_rule_for_all_yields_to_a_criterions_own(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s = RESULT(&t,
                    HEAD "missing: worst\ncriteria:\n" OF("a", F, "") OF("b", N, ", missing: leave_out")
                        OF("c", N, ", missing: 8") "combine: from_ten\n",
                    2, TEXTS("id", "x", "y"), REALS("a", NAN, 2), REALS("b", NAN, 3), REALS("c", NAN, 4));
  assert_near(sheet_real_of(s, "x", "a_normalized"), 2, 0);
  assert_near(sheet_real_of(s, "x", "b_normalized"), NAN, 0);
  assert_near(sheet_real_of(s, "x", "c_normalized"), 8, 0);
  assert_near(sheet_real_of(s, "x", "score"), 15, 0);
  sheet_free(s);
  trial_free(&t);
}

/* ---- normalizers ---------------------------------------------------------------------------------------------------
 */

static void a_criterions_normalizer_wins_over_the_profiles_over_the_combiners(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  sheet *s = RESULT(
      &t, HEAD "normalize: sum\ncriteria:\n" OF("a", F, "") OF("b", N, ", normalize: percentile") "combine: topsis\n",
      4, TEXTS("id", "w", "x", "y", "z"), REALS("a", 1, 2, 3, 4), REALS("b", 10, 30, 20, 1000));
  assert_near(normalized_of(s, "a", sheet_find(s, "y")), 0.3, 1e-15);
  assert_near(normalized_of(s, "b", sheet_find(s, "x")), 2.5 / 4, 1e-15);
  sheet *criteria = sheet_read(&t, "criteria");
  assert_string_equal(sheet_text_of(criteria, "a", "normalizer"), "sum");
  assert_string_equal(sheet_text_of(criteria, "b", "normalizer"), "percentile");
  sheet_free(criteria);
  sheet_free(s);
  trial_free(&t);
}

/* ---- a combiner's further outputs, and row numbers with gaps -------------------------------------------------------
 */

static void further_outputs_and_row_numbers_survive_gaps(void **state)
{
  crowd c;
  trial t;
  (void)state;
  make_crowd(&c, 0.3);
  trial_new(&t);
  t.options.batch = 7;
  sheet *s = RESULT(&t, HEAD FOUR "combine: by_row\n", PEOPLE, CROWD(c));
  for (int64_t i = 0; i < PEOPLE; i++) {
    double row = strtod(sheet_text(s, "customer", i), NULL);
    assert_near(sheet_real(s, "score_row", i), isnan(sheet_real(s, "score", i)) ? NAN : row, 0);
  }
  sheet_free(s);
  trial_free(&t);
}

static void a_combiner_over_some_criteria_alone_is_refused(void **state)
{
  static const char *const inputs[] = {"[a]", "[b, a]", "[a, b, a]", "[a, b, customers.a]"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    trial t;
    char yaml[1000];
    trial_new(&t);
    snprintf(yaml, sizeof yaml,
             HEAD "criteria:\n" OF("a", F, "") OF("b", N, "") "combine: {plugin: from_ten, input: {criteria: %s}}\n",
             inputs[i]);
    trial_open(&t, yaml);
    trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, NAN), REALS("b", 3, 4));
    assert_int_equal(trial_run(&t), TARAZU_FAULT_PROFILE);
    assert_int_equal(trial_errors(&t), 1);
    trial_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(topsis_gives_the_published_scores),
      cmocka_unit_test(the_weighted_sum_gives_the_published_scores),
      cmocka_unit_test(a_weight_is_its_dimensions_times_its_share),
      cmocka_unit_test(a_combiner_that_learns_weights_learns_each_dimensions),
      cmocka_unit_test(weights_of_dimensions_need_no_sum_of_one),
      cmocka_unit_test(a_dimension_that_weighs_but_has_no_criteria_is_told),
      cmocka_unit_test(a_dimensions_score_is_that_of_a_profile_with_it_alone),
      cmocka_unit_test(what_is_missing_leaves_its_weight_to_the_rest),
      cmocka_unit_test(topsis_with_gaps_is_topsis_over_what_is_there),
      cmocka_unit_test(a_customer_without_anything_stands_last_and_says_why),
      cmocka_unit_test(a_criterion_that_nobody_has_changes_nothing),
      cmocka_unit_test(a_criterion_without_weight_is_not_missed),
      cmocka_unit_test(gaps_are_filled_as_the_profile_says),
      cmocka_unit_test(one_rule_for_all_yields_to_a_criterions_own),
      cmocka_unit_test(a_criterions_normalizer_wins_over_the_profiles_over_the_combiners),
      cmocka_unit_test(further_outputs_and_row_numbers_survive_gaps),
      cmocka_unit_test(a_combiner_over_some_criteria_alone_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
