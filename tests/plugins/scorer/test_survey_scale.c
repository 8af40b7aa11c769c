/* The survey scorer where a scale has several items, where customers have groups, where invitations are known, and
 * where the answers say themselves how far they are to be believed. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { SURVEY, ANSWERS, ASKED };
enum { REVERSED = 5, SCALE, CREDIBILITY };
enum { WIDEST = 12 };

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static const char *item_name(int64_t item)
{
  static const char *const names[] = {"q01", "q02", "q03", "q04", "q05", "q06",
                                      "q07", "q08", "q09", "q10", "q11", "q12"};
  return names[item];
}

/* A row a customer, NAN: no answer; as events with an item column. */
static rig *open_matrix(const double *matrix, int64_t customers, int64_t items)
{
  int64_t *offsets = calloc((size_t)customers + 1, sizeof *offsets);
  const char **names = malloc((size_t)(customers * items + 1) * sizeof *names);
  for (int64_t i = 0; i <= customers; i++) offsets[i] = i * items;
  for (int64_t i = 0; i < customers * items; i++) names[i] = item_name(i % items);
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", offsets, customers);
  rig_f64(r, "answers.answer", matrix, customers * items);
  rig_text(r, "answers.item", names, customers * items);
  free(offsets);
  free((void *)names);
  return r;
}

/* The same as columns. */
static rig *open_columns(const double *matrix, int64_t customers, int64_t items)
{
  double *column = malloc((size_t)(customers + 1) * sizeof *column);
  rig *r = rig_open("scorer", "survey");
  for (int64_t k = 0; k < items; k++) {
    for (int64_t i = 0; i < customers; i++) column[i] = matrix[i * items + k];
    rig_f64(r, item_name(k), column, customers);
  }
  free(column);
  return r;
}

static double fact_of(const rig *r, const char *what, int64_t item)
{
  char name[60];
  snprintf(name, sizeof name, "%s.%s", what, item_name(item));
  const tarazu_fact *fact = rig_fact(r, name);
  return fact ? fact->value : (double)NAN;
}

/* ---- published figures ---- */

/* The data set cronbach_alpha of pingouin, 15 people and 10 items: alpha 0.592, interval 0.195 to 0.840 in its
 * documentation. More digits, item-total correlations and alphas without an item by pingouin 0.7.0 and numpy 2.4.6, the
 * interval's by scipy's F distribution. */
static const double pingouin_long[15][10] = {
    {3, 2, 4, 1, 4, 5, 1, 4, 3, 2}, {5, 4, 6, 3, 5, 1, 2, 5, 5, 5}, {7, 3, 5, 5, 6, 4, 3, 3, 6, 5},
    {2, 4, 3, 3, 2, 2, 2, 6, 6, 3}, {6, 5, 6, 5, 4, 4, 4, 6, 7, 5}, {1, 2, 3, 4, 2, 5, 2, 3, 5, 2},
    {4, 3, 5, 3, 5, 2, 1, 2, 4, 3}, {2, 4, 4, 3, 7, 2, 2, 4, 6, 5}, {6, 5, 5, 5, 1, 6, 5, 2, 3, 2},
    {5, 4, 6, 4, 3, 5, 3, 1, 7, 2}, {4, 3, 5, 2, 5, 3, 2, 3, 4, 1}, {4, 2, 3, 2, 5, 3, 4, 2, 3, 4},
    {5, 5, 6, 2, 3, 3, 2, 4, 4, 5}, {6, 5, 5, 4, 2, 2, 1, 4, 6, 5}, {4, 3, 5, 5, 3, 1, 3, 2, 3, 4}};

static void alpha_is_that_of_pingouins_documentation(void **state)
{
  (void)state;
  static const double correlations[] = {
      0.5747667919844912,   0.5678028417673684, 0.5213910754208803,  0.41760582412861474, -0.10758308249257417,
      -0.15723651965665178, 0.2610077350423379, 0.09217320282318567, 0.44337274599584026, 0.4336883559648062};
  static const double without[] = {0.46869032463399113, 0.5072805578342905, 0.5183498526654163, 0.5318291700241741,
                                   0.668489065606362,   0.6711414790996786, 0.5685063322572637, 0.6101190476190478,
                                   0.5194256756756759,  0.5225907821229049};
  for (int as_columns = 0; as_columns < 2; as_columns++) {
    rig *r = as_columns ? open_columns(&pingouin_long[0][0], 15, 10) : open_matrix(&pingouin_long[0][0], 15, 10);
    score(r, "{kind: likert, most: 7}");
    assert_near(rig_fact(r, "alpha")->value, 0.5917188485995826, 1e-12);
    assert_near(rig_fact(r, "alpha_lower")->value, 0.19492139066312175, 1e-9);
    assert_near(rig_fact(r, "alpha_upper")->value, 0.8398208146275432, 1e-9);
    assert_int_equal(rig_fact(r, "alpha")->level, 1);
    assert_non_null(strstr(rig_fact(r, "alpha_verdict")->text, "0.592 is below 0.7"));
    for (int k = 0; k < 10; k++) {
      assert_near(fact_of(r, "item_total", k), correlations[k], 1e-12);
      assert_near(fact_of(r, "alpha_without", k), without[k], 1e-12);
    }
    assert_non_null(strstr(rig_fact(r, "item_verdict.q05")->text, "does it belong in reversed?"));
    assert_null(rig_fact(r, "item_verdict.q08"));
    check_batches(r);
    check_reload(r);
    rig_close(r);
  }
}

/* The data set cronbach_wide_missing, of which 9 people answered all: alpha by listwise deletion in pingouin's
 * documentation. (Its interval there is of all 12 people; this one, of 9, is by scipy's F distribution.) */
static void who_did_not_answer_all_is_left_out_of_alpha(void **state)
{
  (void)state;
  static const double x[12][11] = {
      {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},   {1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0}, {NAN, 0, 1, 1, NAN, 1, 1, 1, 1, 0, 0},
      {1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0},   {1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0}, {0, 1, NAN, 0, 1, 1, 1, 1, 0, 0, 0},
      {1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0},   {1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0},
      {1, 0, 0, 1, 0, 1, 0, 0, NAN, 0, 0}, {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}};
  rig *r = open_matrix(&x[0][0], 12, 11);
  score(r, "{kind: likert, least: 0, most: 1}");
  assert_near(rig_fact(r, "complete_respondents")->value, 9, 0);
  assert_near(rig_fact(r, "alpha")->value, 0.8016949152542373, 1e-12);
  assert_near(rig_fact(r, "alpha_lower")->value, 0.5330031999132738, 1e-9);
  assert_near(rig_fact(r, "alpha_upper")->value, 0.9472079673390164, 1e-9);
  assert_int_equal(rig_fact(r, "alpha")->level, 0);
  assert_null(rig_fact(r, "alpha_verdict"));
  assert_near(fact_of(r, "item_total", 5), 0.7806708682974502, 1e-12); /* numpy 2.4.6 */
  assert_near(fact_of(r, "alpha_without", 5), 0.7475678443420379, 1e-12);
  assert_int_equal(rig_integer(r, ANSWERS, 2), 9);
  rig_close(r);
}

/* Section 6 of the Law School Admission Test, 1,000 people and 5 items (Bock, Lieberman 1970): how many gave each
 * pattern of right and wrong answers. Alpha and alphas without an item by pingouin 0.7.0. */
static void alpha_of_the_law_school_admission_test(void **state)
{
  (void)state;
  static const int patterns[32] = {3,  6,  2,  11, 1, 1,  3,  4,  1,  8,  0,  16,  0,  3,  2,  15,
                                   10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298};
  static const double without[] = {0.27535621079823347, 0.2375839046466807, 0.21679946294328234, 0.24593271043357104,
                                   0.26629441120825065};
  static double x[1000][5];
  for (int p = 0, i = 0; p < 32; p++)
    for (int n = 0; n < patterns[p]; n++, i++)
      for (int k = 0; k < 5; k++) x[i][k] = (p >> (4 - k)) & 1;
  rig *r = open_matrix(&x[0][0], 1000, 5);
  score(r, "{kind: likert, least: 0, most: 1}");
  assert_near(rig_fact(r, "alpha")->value, 0.2949971922159438, 1e-12);
  assert_near(rig_fact(r, "alpha_lower")->value, 0.22347378786273253, 1e-9);
  assert_near(rig_fact(r, "alpha_upper")->value, 0.36180253172622934, 1e-9);
  for (int k = 0; k < 5; k++) assert_near(fact_of(r, "alpha_without", k), without[k], 1e-12);
  static const double right[] = {0.924, 0.709, 0.553, 0.763, 0.870}; /* as the data are published */
  for (int k = 0; k < 5; k++) assert_near(fact_of(r, "item_mean", k), right[k], 1e-12);
  rig_close(r);
}

/* ---- reversed items ---- */

static void a_reversed_item_counts_as_if_asked_the_other_way_round(void **state)
{
  (void)state;
  double straight[20][4], turned[20][4];
  uint64_t seed = 5;
  for (int i = 0; i < 20; i++)
    for (int k = 0; k < 4; k++) {
      straight[i][k] = floor(1 + 3 * next_uniform(&seed) + (double)(i % 3));
      turned[i][k] = k == 1 || k == 3 ? 6 - straight[i][k] : straight[i][k];
    }
  for (int kind = 0; kind < 2; kind++) {
    rig *r = open_matrix(&straight[0][0], 20, 4), *t = open_matrix(&turned[0][0], 20, 4),
        *c = open_columns(&turned[0][0], 20, 4);
    score(r, kind ? "{kind: csat}" : "{kind: likert}");
    const char *params = kind ? "{kind: csat, reversed: [q04, q02]}" : "{kind: likert, reversed: [q04, q02]}";
    score(t, params);
    score(c, params);
    assert_near(rig_fact(t, "alpha")->value, rig_fact(r, "alpha")->value, 1e-12);
    for (int i = 0; i < 20; i++) {
      assert_near(rig_value(t, SURVEY, i), rig_value(r, SURVEY, i), 1e-12);
      assert_near(rig_value(c, SURVEY, i), rig_value(r, SURVEY, i), 1e-12);
    }
    check_batches(t);
    check_reload(t);
    void *saved;
    size_t count;
    assert_int_equal(rig_save(t, &saved, &count), TARAZU_OK);
    assert_int_equal(rig_create(t, kind ? "{kind: csat, reversed: [q04]}" : "{kind: likert}"), TARAZU_OK);
    assert_int_equal(rig_load(t, saved, count), TARAZU_BAD_PARAMETER);
    assert_int_equal(t->error.param, REVERSED);
    free(saved);
    rig_close(r);
    rig_close(t);
    rig_close(c);
  }
}

static void names_of_items_that_are_not_there_are_refused(void **state)
{
  (void)state;
  rig *r = open_matrix(&pingouin_long[0][0], 15, 10);
  assert_int_equal(rig_create(r, "{kind: likert, most: 7, reversed: [q02, q1]}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, REVERSED);
  assert_int_equal(r->error.item, 1);
  assert_non_null(strstr(r->error.message, "no answer is to an item 'q1'; there are answers to q01, q02"));
  assert_int_equal(rig_create(r, "{kind: likert, most: 7, scale: [q99]}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, SCALE);
  rig_close(r);
  r = open_columns(&pingouin_long[0][0], 15, 10);
  assert_int_equal(rig_create(r, "{kind: likert, most: 7, reversed: [q1]}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{kind: likert, most: 7, scale: [q01]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, SCALE);
  assert_int_equal(rig_create(r, "{kind: likert, most: 7, half_life: 9 days}"), TARAZU_BAD_PARAMETER);
  rig_f64(r, "answer.answer", (double[15]){0}, 15);
  assert_int_equal(rig_create(r, "{kind: likert, most: 7}"), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "both inputs are bound"));
  rig_close(r);
  r = rig_open("scorer", "survey");
  rig_f64(r, "answer.answer", (double[]){4}, 1);
  assert_int_equal(rig_create(r, "{kind: likert, reversed: [q01]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, REVERSED);
  assert_int_equal(rig_create(r, "{kind: likert, scale: [q01]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, SCALE);
  rig_close(r);
}

/* ---- what a customer's answers to several items come to ---- */

/* q01 twice (1, 5), q02 once (5): means 50 and 100. The answer without an item counts nowhere. */
static void every_item_counts_once_however_often_it_was_asked(void **state)
{
  (void)state;
  const char *items[] = {"q01", "q01", "q02", NULL, "q02"};
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", (int64_t[]){0, 4, 5}, 2);
  rig_f64(r, "answers.answer", (double[]){1, 5, 5, 3, 2}, 5);
  rig_text(r, "answers.item", items, 5);
  score(r, "{kind: likert, shrinkage: 0}");
  assert_near(rig_value(r, SURVEY, 0), 75, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), 25, 1e-12);
  assert_int_equal(rig_integer(r, ANSWERS, 0), 3);
  assert_near(rig_fact(r, "answers_without_item")->value, 1, 0);
  assert_int_equal(rig_fact(r, "answers_without_item")->level, 1);
  assert_int_equal(rig_fact(r, "alpha")->level, 1);
  assert_non_null(strstr(rig_fact(r, "alpha")->text, "fewer than two customers answered all items"));
  /* 1.5 and 0.5 of a questionnaire of two items; the mean of all is 50 */
  score(r, "{kind: likert, shrinkage: 1}");
  assert_near(rig_value(r, SURVEY, 0), (1.5 * 75 + 50) / 2.5, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), (0.5 * 25 + 50) / 1.5, 1e-12);
  score(r, "{kind: likert, shrinkage: 0, scale: [q02]}");
  assert_near(rig_value(r, SURVEY, 0), 100, 1e-12);
  assert_near(rig_fact(r, "answers_to_other_items")->value, 2, 0);
  assert_non_null(strstr(rig_fact(r, "alpha")->text, "there is one item"));
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

static void alpha_is_of_each_customers_latest_answers(void **state)
{
  (void)state;
  enum { PEOPLE = 15 };
  static int64_t offsets[PEOPLE + 1], times[PEOPLE * 20];
  static double answers[PEOPLE * 20];
  static const char *items[PEOPLE * 20];
  rig *r = rig_open("scorer", "survey");
  for (int i = 0; i < PEOPLE; i++) {
    offsets[i + 1] = 20 * (i + 1);
    for (int k = 0; k < 20; k++) {
      int at = 20 * i + k;
      times[at] = r->as_of - (k < 10 ? 400 : 20) * DAY;
      answers[at] = k < 10 ? 1 + (3 * i + k) % 7 : pingouin_long[i][k - 10];
      items[at] = item_name(k % 10);
    }
  }
  rig_events(r, "answers", offsets, PEOPLE);
  rig_i64(r, "answers.time", times, offsets[PEOPLE]);
  rig_f64(r, "answers.answer", answers, offsets[PEOPLE]);
  rig_text(r, "answers.item", items, offsets[PEOPLE]);
  score(r, "{kind: likert, most: 7, half_life: 20 days, shrinkage: 0}");
  assert_near(rig_fact(r, "alpha")->value, 0.5917188485995826, 1e-12);
  /* the older answers weigh 2^-19 of the newer ones */
  double w = exp2(-19), old = 0, new = 0;
  for (int k = 0; k < 20; k++) *(k < 10 ? &old : &new) += (answers[k] - 1) / 6 * 10;
  assert_near(rig_value(r, SURVEY, 0), (w * old + new) / (1 + w), 1e-9);
  rig_close(r);
}

static void scales_without_differences_have_no_alpha(void **state)
{
  (void)state;
  const double same[3][2] = {{4, 3.3}, {4, 3.3}, {4, 3.3}}, offset[3][2] = {{1, 5}, {2, 4}, {4, 2}};
  for (int i = 0; i < 2; i++) { /* nobody differs; items that offset each other */
    rig *r = open_matrix(i ? &offset[0][0] : &same[0][0], 3, 2);
    score(r, "{kind: likert}");
    assert_non_null(strstr(rig_fact(r, "alpha")->text, "do not differ"));
    assert_int_equal(rig_fact(r, "alpha")->level, 1);
    assert_null(rig_fact(r, "alpha_lower"));
    assert_int_equal(rig_create(r, "{kind: likert, credibility: estimated}"), TARAZU_OK);
    assert_int_equal(rig_learn(r), TARAZU_NO_RESULT);
    assert_int_equal(r->error.param, CREDIBILITY);
    rig_close(r);
  }
  for (int64_t customers = 0; customers < 2; customers++) { /* no answers */
    rig *r = open_matrix((double[]){NAN, NAN}, customers, 2);
    score(r, "{kind: likert, reversed: [q02]}");
    assert_int_equal(rig_fact(r, "responders")->level, 1);
    rig_close(r);
  }
}

static void an_answer_off_the_scale_is_told_with_its_item(void **state)
{
  (void)state;
  for (int as_columns = 0; as_columns < 2; as_columns++) {
    const double x[2][2] = {{1, 5}, {2, 6}};
    rig *r = as_columns ? open_columns(&x[0][0], 2, 2) : open_matrix(&x[0][0], 2, 2);
    assert_int_equal(rig_create(r, "{kind: likert}"), TARAZU_OK);
    assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
    assert_int_equal(r->error.row, 1);
    assert_non_null(strstr(r->error.message, "an answer of 6 to q02 is off the scale from 1 to 5"));
    rig_close(r);
  }
}

/* ---- against the plain definition ---- */

/* Alpha from the mean of variances and of covariances: k c / (v + (k - 1) c). */
static double plain_alpha(double x[][WIDEST], int n, int k, int but)
{
  double variances = 0, covariances = 0, mean[WIDEST] = {0};
  int items = k - (but >= 0);
  for (int i = 0; i < n; i++)
    for (int a = 0; a < k; a++) mean[a] += x[i][a] / n;
  for (int a = 0; a < k; a++)
    for (int b = 0; b < k; b++)
      for (int i = 0; i < n && a != but && b != but; i++)
        *(a == b ? &variances : &covariances) += (x[i][a] - mean[a]) * (x[i][b] - mean[b]) / (n - 1);
  double v = variances / items, c = covariances / (items * (items - 1.0));
  return items * c / (v + (items - 1) * c);
}

static void random_scales_agree_with_the_plain_definition(void **state)
{
  (void)state;
  uint64_t seed = 11;
  for (int run = 0; run < 40; run++) {
    int n = 5 + (int)(next_uniform(&seed) * 60), k = 3 + (int)(next_uniform(&seed) * 9), m = 0;
    double x[70 * WIDEST], complete[70][WIDEST];
    for (int i = 0; i < n; i++) {
      double level = next_uniform(&seed) * 4;
      int whole = i < 3 || next_uniform(&seed) < 0.7;
      for (int a = 0; a < k; a++) {
        x[i * k + a] = complete[m][a] = 1 + level + floor(20 * next_uniform(&seed)) / 4;
        if (!whole && a == i % k) x[i * k + a] = (double)NAN;
      }
      m += whole;
    }
    rig *r = open_matrix(x, n, k), *c = open_columns(x, n, k);
    score(r, "{kind: likert, most: 10}");
    score(c, "{kind: likert, most: 10}");
    assert_near(rig_fact(r, "complete_respondents")->value, m, 0);
    double alpha = plain_alpha(complete, m, k, -1);
    assert_near(rig_fact(r, "alpha")->value, alpha, 1e-9);
    assert_true(rig_fact(r, "alpha_lower")->value < alpha && alpha < rig_fact(r, "alpha_upper")->value);
    for (int a = 0; a < k; a++) assert_near(fact_of(r, "alpha_without", a), plain_alpha(complete, m, k, a), 1e-9);
    for (int i = 0; i < n; i++) {
      double sum = 0, weight = 0;
      for (int a = 0; a < k; a++) {
        if (isnan(x[i * k + a])) continue;
        sum += (x[i * k + a] - 1) / 9 * 100;
        weight++;
      }
      double mean = rig_fact(r, "population_mean")->value;
      assert_near(rig_value(r, SURVEY, i), (weight / k * (sum / weight) + 2 * mean) / (weight / k + 2), 1e-9);
      assert_near(rig_value(c, SURVEY, i), rig_value(r, SURVEY, i), 1e-12);
    }
    rig_close(r);
    rig_close(c);
  }
}

/* ---- groups, margins ---- */

/* a: 100, 100, 0 of one answer each; b: 0; no group: 50. The mean of all is 50. */
static void few_answers_are_pulled_toward_the_mean_of_the_group(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "survey");
  rig_f64(r, "answer.answer", (double[]){5, 5, 1, 1, 3, NAN}, 6);
  rig_text(r, "peer_group", (const char *[]){"a", "a", "a", "b", NULL, "b"}, 6);
  score(r, "{kind: likert, shrinkage: 1, group_shrinkage: 0}");
  double a = 200 / 3.0;
  assert_near(rig_value(r, SURVEY, 0), (100 + a) / 2, 1e-12);
  assert_near(rig_value(r, SURVEY, 2), a / 2, 1e-12);
  assert_near(rig_value(r, SURVEY, 3), 0, 1e-12);
  assert_near(rig_value(r, SURVEY, 4), 50, 1e-12);
  assert_true(isnan(rig_value(r, SURVEY, 5)));
  score(r, "{kind: likert, shrinkage: 1, group_shrinkage: 2}"); /* a: (200 + 2 * 50) / 5 = 60; b: 100 / 3 */
  assert_near(rig_value(r, SURVEY, 0), 80, 1e-12);
  assert_near(rig_value(r, SURVEY, 3), 100 / 6.0, 1e-12);
  assert_near(rig_fact(r, "groups")->value, 2, 0);
  assert_near(rig_fact(r, "likert.a")->value, a, 1e-12);
  assert_near(rig_fact(r, "likert.b")->value, 0, 0);
  check_batches(r);
  check_reload(r);
  const double one[] = {5};
  const int32_t code = 0;
  const char *text = "b";
  const tarazu_dictionary d = {.size = sizeof d, .count = 1, .offsets = (const int64_t[]){0, 1}, .bytes = text};
  const tarazu_column answer = {.size = sizeof answer, .type = TARAZU_F64, .values = one};
  const tarazu_column group = {.size = sizeof group, .type = TARAZU_TEXT, .values = &code, .dictionary = &d};
  assert_reasons(r, (const tarazu_column *const[]){&answer, NULL, NULL, NULL, NULL, &group}, 6,
                 "1 answer, mean 100; pulled toward the mean of b, 33.33, as by 1 more answer\n");
  rig_close(r);
}

/* 60 promoters, 25 passives, 15 detractors: 45 with a margin of 1.96 * 100 * sqrt((0.75 - 0.2025) / 100). */
static void the_net_promoter_score_has_a_margin_of_error_over_all_and_in_each_group(void **state)
{
  (void)state;
  double answers[200];
  const char *groups[200];
  for (int i = 0; i < 200; i++) {
    int k = i / 2;
    answers[i] = i % 2 ? 10 : k < 60 ? 9 : k < 85 ? 7 : 3;
    groups[i] = i % 2 ? "all promote" : "mixed";
  }
  rig *r = rig_open("scorer", "survey");
  rig_f64(r, "answer.answer", answers, 200);
  rig_text(r, "peer_group", groups, 200);
  score(r, "{kind: nps}");
  assert_near(rig_fact(r, "nps.mixed")->value, 45, 1e-12);
  assert_near(rig_fact(r, "margin_of_error.mixed")->value, 1.959963984540054 * 100 * sqrt(0.5475 / 100), 1e-9);
  assert_near(rig_fact(r, "margin_of_error.all promote")->value, 0, 0);
  double p = 0.8, d = 0.075;
  assert_near(rig_fact(r, "margin_of_error")->value, 195.9963984540054 * sqrt((p + d - (p - d) * (p - d)) / 200), 1e-9);
  rig_close(r);
}

/* ---- who was asked ---- */

static void who_was_asked_and_silent_is_told_from_who_was_not_asked(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", (int64_t[]){0, 2, 3, 3}, 3);
  rig_f64(r, "answers.answer", (double[]){5, NAN, NAN}, 3);
  score(r, "{kind: likert}");
  static const int asked[] = {2, 1, 0};
  for (int i = 0; i < 3; i++) assert_int_equal(rig_integer(r, ASKED, i), asked[i]);
  assert_true(isnan(rig_value(r, SURVEY, 1)) && isnan(rig_value(r, SURVEY, 2)));
  assert_near(rig_fact(r, "asked_customers")->value, 2, 0);
  assert_near(rig_fact(r, "response_rate_of_asked")->value, 0.5, 0);
  assert_near(rig_fact(r, "response_rate")->value, 1 / 3.0, 1e-15);
  rig_i64(r, "invitations.time", (int64_t[]){4, 3, 1}, 3);
  score(r, "{kind: likert}");
  for (int i = 0; i < 3; i++) assert_int_equal(rig_integer(r, ASKED, i), ((int[]){4, 3, 1}[i]));
  assert_near(rig_fact(r, "asked_customers")->value, 3, 0);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  r = rig_open("scorer", "survey"); /* a table of answers alone does not say who was asked */
  rig_events(r, "answers", (int64_t[]){0, 1, 1}, 2);
  rig_f64(r, "answers.answer", (double[]){5}, 1);
  score(r, "{kind: likert}");
  for (int i = 0; i < 2; i++) assert_true(rig_integer(r, ASKED, i) == INT64_MIN);
  assert_null(rig_fact(r, "asked_customers"));
  rig_close(r);
  r = rig_open("scorer", "survey");
  rig_f64(r, "answer.answer", (double[]){5, NAN}, 2);
  score(r, "{kind: likert}");
  for (int i = 0; i < 2; i++) assert_true(rig_integer(r, ASKED, i) == INT64_MIN);
  assert_null(rig_fact(r, "asked_customers"));
  rig_close(r);
}

/* ---- estimated shrinkage ---- */

/* Three customers of three answers: worth 0 25 50, 50 75 100, 25 25 25, of means 25, 75, 25. s^2 = (1250 + 1250 + 0) /
 * 6; a = ((3 * (16.67^2 + 33.33^2 + 16.67^2)) - 2 s^2) / (9 - 27 / 9). */
static void shrinkage_is_estimated_from_the_variances(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", (int64_t[]){0, 3, 6, 9}, 3);
  rig_f64(r, "answers.answer", (double[]){1, 2, 3, 3, 4, 5, 2, 2, 2}, 9);
  score(r, "{kind: likert, credibility: estimated}");
  double s2 = 2500 / 6.0, mean = 125 / 3.0;
  double between = 3 * (2 * (mean - 25) * (mean - 25) + (75 - mean) * (75 - mean));
  double k = s2 / ((between - 2 * s2) / 6);
  assert_near(rig_fact(r, "shrinkage")->value, k, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), (3 * 75 + k * mean) / (3 + k), 1e-12);
  check_batches(r);
  check_reload(r);
  rig_close(r);
}

/* Kelley's formula: the regressed score of one questionnaire is alpha m + (1 - alpha) M. */
static void a_scale_shrinks_by_its_own_reliability(void **state)
{
  (void)state;
  rig *r = open_matrix(&pingouin_long[0][0], 15, 10);
  score(r, "{kind: likert, most: 7, credibility: estimated}");
  double alpha = 0.5917188485995826, all = rig_fact(r, "population_mean")->value;
  assert_near(rig_fact(r, "shrinkage")->value, (1 - alpha) / alpha, 1e-12);
  for (int i = 0; i < 15; i++) {
    double m = 0;
    for (int k = 0; k < 10; k++) m += (pingouin_long[i][k] - 1) / 6 * 10;
    assert_near(rig_value(r, SURVEY, i), alpha * m + (1 - alpha) * all, 1e-9);
  }
  rig_close(r);
}

static void answers_that_tell_nobody_apart_leave_all_at_the_mean(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", (int64_t[]){0, 2, 4, 6}, 3);
  rig_f64(r, "answers.answer", (double[]){1, 5, 1, 5, 2, 4}, 6);
  score(r, "{kind: likert, credibility: estimated}");
  assert_int_equal(rig_fact(r, "shrinkage")->level, 1);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, SURVEY, i), 50, 1e-12);
  check_reload(r);
  rig_close(r);
  r = rig_open("scorer", "survey");
  rig_f64(r, "answer.answer", (double[]){1, 5}, 2);
  assert_int_equal(rig_create(r, "{kind: likert, credibility: estimated}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NO_RESULT);
  assert_non_null(strstr(r->error.message, "no customer answered more than once"));
  rig_close(r);
}

/* Customers drawn from a known spread: variance 1600 / 12 of answers around a customer, 400 / 12 of customers around
 * their group, 225 of the two groups around all. */
static void the_estimate_finds_the_ratio_that_the_data_were_drawn_with(void **state)
{
  (void)state;
  enum { PEOPLE = 20000, EACH = 4 };
  int64_t *offsets = calloc(PEOPLE + 1, sizeof *offsets);
  double *answers = calloc(PEOPLE * EACH, sizeof *answers);
  const char **groups = calloc(PEOPLE, sizeof *groups);
  uint64_t seed = 9;
  for (int i = 0; i < PEOPLE; i++) {
    offsets[i + 1] = EACH * (i + 1);
    groups[i] = i % 2 ? "high" : "low";
    double level = 50 + (i % 2 ? 15 : -15) + 20 * (next_uniform(&seed) - 0.5); /* variance 400 / 12 within a group */
    for (int k = 0; k < EACH; k++) answers[EACH * i + k] = level + 40 * (next_uniform(&seed) - 0.5); /* 1600 / 12 */
  }
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", offsets, PEOPLE);
  rig_f64(r, "answers.answer", answers, PEOPLE * EACH);
  score(r, "{kind: likert, least: 0, most: 100, credibility: estimated}");
  assert_near(rig_fact(r, "shrinkage")->value, (1600 / 12.0) / (400 / 12.0 + 225), 0.02);
  rig_text(r, "peer_group", groups, PEOPLE);
  score(r, "{kind: likert, least: 0, most: 100, credibility: estimated}");
  assert_near(rig_fact(r, "shrinkage")->value, 4, 0.2);
  rig_close(r);
  free(offsets);
  free(answers);
  free((void *)groups);
}

/* ---- explaining, limits ---- */

static void an_explanation_names_the_items(void **state)
{
  (void)state;
  const double x[2][2] = {{5, 1}, {3, 2}};
  rig *r = open_columns(&x[0][0], 2, 2);
  score(r, "{kind: likert, shrinkage: 0, reversed: [q02]}");
  const tarazu_column one = {.size = sizeof one, .type = TARAZU_F64, .values = &x[0][0]},
                      two = {.size = sizeof two, .type = TARAZU_F64, .values = &x[0][1]};
  assert_reasons(r, (const tarazu_column *const[]){NULL, NULL, NULL, NULL, NULL, NULL, &one, &two}, 8,
                 "2 answers, mean 100, weight 1\n"
                 "on the scale from 1 to 5: 5 to q01; 1 to q02 (reversed)\n");
  rig_close(r);
}

static void too_many_items_are_refused_with_the_reason(void **state)
{
  (void)state;
  enum { MANY = 201 };
  static char names[MANY][8];
  const char *items[MANY];
  double answers[MANY];
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof names[i], "i%d", i);
    items[i] = names[i];
    answers[i] = 3;
  }
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", (int64_t[]){0, MANY}, 1);
  rig_f64(r, "answers.answer", answers, MANY);
  rig_text(r, "answers.item", items, MANY);
  assert_int_equal(rig_create(r, "{kind: likert}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_non_null(strstr(r->error.message, "201 items"));
  assert_int_equal(rig_create(r, "{kind: likert, scale: [i7, i3, i7]}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  rig_close(r);
}

static void learning_can_be_cancelled(void **state)
{
  (void)state;
  rig *r = open_matrix(&pingouin_long[0][0], 15, 10);
  assert_int_equal(rig_create(r, "{kind: likert, most: 7}"), TARAZU_OK);
  r->cancel_after = 1;
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(alpha_is_that_of_pingouins_documentation),
      cmocka_unit_test(who_did_not_answer_all_is_left_out_of_alpha),
      cmocka_unit_test(alpha_of_the_law_school_admission_test),
      cmocka_unit_test(a_reversed_item_counts_as_if_asked_the_other_way_round),
      cmocka_unit_test(names_of_items_that_are_not_there_are_refused),
      cmocka_unit_test(every_item_counts_once_however_often_it_was_asked),
      cmocka_unit_test(alpha_is_of_each_customers_latest_answers),
      cmocka_unit_test(scales_without_differences_have_no_alpha),
      cmocka_unit_test(an_answer_off_the_scale_is_told_with_its_item),
      cmocka_unit_test(random_scales_agree_with_the_plain_definition),
      cmocka_unit_test(few_answers_are_pulled_toward_the_mean_of_the_group),
      cmocka_unit_test(the_net_promoter_score_has_a_margin_of_error_over_all_and_in_each_group),
      cmocka_unit_test(who_was_asked_and_silent_is_told_from_who_was_not_asked),
      cmocka_unit_test(shrinkage_is_estimated_from_the_variances),
      cmocka_unit_test(a_scale_shrinks_by_its_own_reliability),
      cmocka_unit_test(answers_that_tell_nobody_apart_leave_all_at_the_mean),
      cmocka_unit_test(the_estimate_finds_the_ratio_that_the_data_were_drawn_with),
      cmocka_unit_test(an_explanation_names_the_items),
      cmocka_unit_test(too_many_items_are_refused_with_the_reason),
      cmocka_unit_test(learning_can_be_cancelled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
