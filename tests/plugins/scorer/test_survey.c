/* The survey scorer: what an answer is worth, recency, shrinkage, and what is refused. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { SURVEY, ANSWERS };
enum { KIND, LEAST, MOST, HALF_LIFE, SHRINKAGE };

static rig *open_attributes(const double *answers, int64_t customers)
{
  rig *r = rig_open("scorer", "survey");
  rig_f64(r, "answer.answer", answers, customers);
  return r;
}

/* days: how long before as_of, NULL: undated. */
static rig *open_events(const int64_t *offsets, int64_t customers, const double *days, const double *answers)
{
  int64_t count = offsets[customers], *times = calloc((size_t)count + 1, sizeof *times);
  rig *r = rig_open("scorer", "survey");
  rig_events(r, "answers", offsets, customers);
  for (int64_t i = 0; days && i < count; i++) times[i] = r->as_of - (int64_t)llround(days[i] * (double)DAY);
  if (days) rig_i64(r, "time", times, count);
  rig_f64(r, "answers.answer", answers, count);
  rig_customers(r, customers);
  free(times);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

/* ---- what an answer is worth ---- */

static void promoters_are_9_and_10_and_detractors_0_to_6(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 11);
  score(r, "{kind: nps, shrinkage: 0}");
  for (int i = 0; i <= 10; i++) assert_near(rig_value(r, SURVEY, i), i >= 9 ? 100 : i <= 6 ? -100 : 0, 0);
  rig_close(r);
}

static void another_scale_is_stretched_to_that_of_nps(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){1, 2, 3, 4, 5}, 5);
  score(r, "{kind: nps, least: 1, most: 5, shrinkage: 0}");
  for (int i = 0; i < 5; i++) assert_near(rig_value(r, SURVEY, i), ((double[]){-100, -100, -100, 0, 100}[i]), 0);
  rig_close(r);
  r = open_attributes((double[]){0, 60, 61, 89.9, 90, 100}, 6);
  score(r, "{kind: nps, most: 100, shrinkage: 0}");
  for (int i = 0; i < 6; i++) assert_near(rig_value(r, SURVEY, i), ((double[]){-100, -100, 0, 0, 100, 100}[i]), 0);
  rig_close(r);
}

static void csat_is_the_share_of_the_two_highest_answers(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 5, 6, 8}, 3, NULL, (double[]){1, 2, 3, 4, 5, 3, 5, 4});
  score(r, "{kind: csat, shrinkage: 0}");
  assert_near(rig_value(r, SURVEY, 0), 40, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), 0, 0);
  assert_near(rig_value(r, SURVEY, 2), 100, 0);
  score(r, "{kind: csat, most: 7, shrinkage: 0}");
  assert_near(rig_value(r, SURVEY, 2), 0, 0);
  rig_close(r);
}

static void likert_is_the_mean_from_0_to_100(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 1, 2, 4}, 3, NULL, (double[]){1, 5, 2, 5});
  score(r, "{kind: likert, shrinkage: 0}");
  assert_near(rig_value(r, SURVEY, 0), 0, 0);
  assert_near(rig_value(r, SURVEY, 1), 100, 0);
  assert_near(rig_value(r, SURVEY, 2), 62.5, 1e-12);
  rig_close(r);
  r = open_attributes((double[]){-3, 0, 3}, 3);
  score(r, "{kind: likert, least: -3, most: 3, shrinkage: 0}");
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, SURVEY, i), 50 * i, 1e-12);
  rig_close(r);
}

/* ---- no answer, few answers, old answers ---- */

static void no_answer_is_null_and_not_the_middle(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 0, 2, 4, 5}, 4, NULL, (double[]){NAN, NAN, 4, NAN, 2});
  score(r, "{kind: likert, shrinkage: 0}");
  assert_true(isnan(rig_value(r, SURVEY, 0)));
  assert_true(isnan(rig_value(r, SURVEY, 1)));
  assert_near(rig_value(r, SURVEY, 2), 75, 0);
  for (int i = 0; i < 4; i++) assert_int_equal(rig_integer(r, ANSWERS, i), i > 1);
  assert_near(rig_fact(r, "responders")->value, 2, 0);
  assert_near(rig_fact(r, "response_rate")->value, 0.5, 0);
  rig_close(r);
}

/* Means 100 (of four), 0 (of one), 50 (of two): the population's is 50, each customer counting once. */
static void few_answers_are_pulled_toward_the_mean_of_all(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 4, 5, 7}, 3, NULL, (double[]){5, 5, 5, 5, 1, 1, 5});
  score(r, "{kind: likert}");
  assert_near(rig_fact(r, "population_mean")->value, 50, 1e-12);
  assert_near(rig_value(r, SURVEY, 0), (4 * 100 + 2 * 50) / 6.0, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), (0 + 2 * 50) / 3.0, 1e-12);
  assert_near(rig_value(r, SURVEY, 2), 50, 1e-12);
  score(r, "{kind: likert, shrinkage: 1000000}");
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, SURVEY, i), 50, 1e-3);
  rig_close(r);
}

/* Answers of worth 0 (20 days old), 100 (10 days) and 100 (now) weigh 1/4, 1/2 and 1. */
static void old_answers_weigh_less(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 3, 4}, 2, (double[]){20, 10, 0, 20}, (double[]){1, 5, 5, 1});
  score(r, "{kind: likert, half_life: 10 days, shrinkage: 0}");
  assert_near(rig_value(r, SURVEY, 0), 150 / 1.75, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), 0, 0);
  score(r, "{kind: likert, half_life: 10 days, shrinkage: 1}");
  double mean = (150 / 1.75 + 0) / 2;
  assert_near(rig_fact(r, "population_mean")->value, mean, 1e-12);
  assert_near(rig_value(r, SURVEY, 0), (150 + mean) / 2.75, 1e-12);
  assert_near(rig_value(r, SURVEY, 1), mean / 1.25, 1e-12);
  assert_int_equal(rig_integer(r, ANSWERS, 0), 3);
  rig_close(r);
}

static void an_answer_of_long_ago_still_says_what_it_said(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 2, 3}, 2, (double[]){20001, 20000, 0}, (double[]){1, 5, 3});
  score(r, "{kind: likert, half_life: 1 day, shrinkage: 0}");
  assert_near(rig_value(r, SURVEY, 0), 100 / 1.5, 1e-12);
  score(r, "{kind: likert, half_life: 1 day}");
  assert_near(rig_value(r, SURVEY, 0), rig_fact(r, "population_mean")->value, 1e-12);
  rig_close(r);
}

/* ---- facts ---- */

/* With a third each of promoters, passives and detractors, a 95 % interval is 2 * 1.96 * 100 * sqrt(2/3) / sqrt(n),
 * about 320 / sqrt(n), wide. */
static void the_net_promoter_score_comes_with_its_error(void **state)
{
  (void)state;
  double answers[300];
  for (int i = 0; i < 300; i++) answers[i] = (double[]){10, 8, 2}[i % 3];
  rig *r = open_attributes(answers, 300);
  score(r, "{kind: nps}");
  assert_near(rig_fact(r, "nps")->value, 0, 1e-12);
  assert_near(rig_fact(r, "nps")->error, 100 * sqrt(2 / 3.0 / 300), 1e-12);
  assert_near(rig_fact(r, "nps")->error * 2 * 1.96 * sqrt(300), 320, 0.1);
  assert_near(rig_fact(r, "population_mean")->error, 100 * sqrt(2 / 3.0 / 300), 1e-12);
  assert_near(rig_fact(r, "promoters")->value, 1 / 3.0, 1e-15);
  assert_near(rig_fact(r, "detractors")->value, 1 / 3.0, 1e-15);
  assert_near(rig_fact(r, "answers")->value, 300, 0);
  rig_close(r);
}

/* One customer answered 10 three times, another 0 once: the company's score is 100 * (3 - 1) / 4, but half of its
 * customers promote it and half do not. */
static void the_score_of_the_answers_and_the_mean_of_the_customers_are_two_things(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 3, 4}, 2, NULL, (double[]){10, 10, 10, 0});
  score(r, "{kind: nps}");
  assert_near(rig_fact(r, "nps")->value, 50, 1e-12);
  assert_near(rig_fact(r, "population_mean")->value, 0, 1e-12);
  rig_close(r);
}

static void nobody_answering_is_a_warning(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){NAN, NAN}, 2);
  score(r, "{kind: csat}");
  assert_true(isnan(rig_value(r, SURVEY, 0)));
  assert_int_equal(rig_fact(r, "responders")->level, 1);
  assert_null(rig_fact(r, "population_mean"));
  rig_f64(r, "answer.answer", NULL, 0);
  score(r, "{kind: csat}");
  rig_close(r);
  r = open_attributes((double[]){5}, 1);
  score(r, "{kind: csat}");
  assert_near(rig_value(r, SURVEY, 0), 100, 0);
  assert_true(rig_fact(r, "csat")->error < 0); /* one answer has no spread */
  rig_close(r);
}

/* ---- what is refused ---- */

static void exactly_one_input_is_bound(void **state)
{
  (void)state;
  rig *r = rig_open("scorer", "survey");
  assert_int_equal(rig_create(r, "{kind: nps}"), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "no input is bound"));
  rig_f64(r, "answer.answer", (double[]){4}, 1);
  assert_int_equal(rig_create(r, "{kind: nps}"), TARAZU_OK);
  rig_events(r, "answers", (int64_t[]){0, 1}, 1);
  rig_f64(r, "answers.answer", (double[]){4}, 1);
  assert_int_equal(rig_create(r, "{kind: nps}"), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "both inputs are bound"));
  rig_close(r);
}

static void senseless_parameters_are_refused_at_their_place(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){4}, 1);
  assert_int_equal(rig_create(r, "{}"), TARAZU_BAD_PARAMETER); /* the kind has no default */
  assert_int_equal(rig_create(r, "{kind: likert, half_life: 10 days}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, HALF_LIFE);
  assert_int_equal(rig_create(r, "{kind: likert, most: 1}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, MOST);
  assert_int_equal(rig_create(r, "{kind: likert, least: 9}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, LEAST);
  assert_int_equal(rig_create(r, "{kind: csat, least: 0, most: 1}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{kind: likert, least: 0, most: 1}"), TARAZU_OK);
  rig_close(r);
}

static void an_answer_off_the_scale_is_told_with_its_row(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 1, 3, 4}, 3, NULL, (double[]){10, 7, 11, 3});
  assert_int_equal(rig_create(r, "{kind: nps}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 1);
  assert_non_null(strstr(r->error.message, "11 is off the scale from 0 to 10"));
  rig_close(r);
  double *answers = calloc(70000, sizeof *answers);
  answers[69999] = -0.5;
  r = open_attributes(answers, 70000);
  assert_int_equal(rig_create(r, "{kind: nps}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 69999);
  rig_close(r);
  free(answers);
}

/* ---- learning, saving ---- */

static void a_saved_model_scores_alike_and_another_scale_refuses_it(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 4, 5, 7, 7}, 4, NULL, (double[]){5, 4, 5, 5, 1, 1, 5});
  score(r, "{kind: likert}");
  size_t count, other_count, saved_count;
  void *bytes = rig_bytes(r, &count), *saved;
  assert_int_equal(rig_save(r, &saved, &saved_count), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_OK);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 1), TARAZU_OK);
  void *other = rig_bytes(r, &other_count);
  assert_int_equal(count, other_count);
  assert_memory_equal(bytes, other, count);
  assert_int_equal(rig_load(r, saved, saved_count - 8), TARAZU_BAD_DATA);
  assert_int_equal(rig_create(r, "{kind: csat}"), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{kind: likert, most: 10}"), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_BAD_PARAMETER);
  free(bytes);
  free(other);
  free(saved);
  rig_close(r);
}

/* Answers that have since gone off the scale are found when a saved model scores, too. */
static void a_loaded_model_checks_the_scale_itself(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){5, 4}, 2);
  score(r, "{kind: likert}");
  assert_int_equal(rig_reload(r), TARAZU_OK);
  rig_f64(r, "answer.answer", (double[]){5, 6}, 2);
  assert_int_equal(rig_apply(r, 2), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, 1);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 2), TARAZU_BAD_DATA);
  assert_int_equal(r->error.row, -1);
  rig_close(r);
}

/* More than two shares of customers, against one plain loop. */
static void many_customers_agree_with_a_plain_loop(void **state)
{
  (void)state;
  enum { MANY = 140000 };
  int64_t *offsets = calloc(MANY + 1, sizeof *offsets), answers = 0, responders = 0;
  double *values = calloc(4 * MANY, sizeof *values), *days = calloc(4 * MANY, sizeof *days),
         *means = calloc(MANY, sizeof *means);
  double *weights = calloc(MANY, sizeof *weights);
  long double all = 0, squares = 0;
  srand(3);
  for (int c = 0; c < MANY; c++) {
    int64_t count = rand() % 4, first = offsets[c];
    long double sum = 0, weight = 0;
    for (int64_t i = first; i < first + count; i++) {
      values[i] = rand() % 11;
      days[i] = (double)(first + count - i) * 31 + rand() % 31;
      long double worth = values[i] >= 9 ? 100 : values[i] <= 6 ? -100 : 0, w = powl(0.5L, (long double)days[i] / 90);
      sum += w * worth;
      weight += w;
    }
    offsets[c + 1] = first + count;
    answers += count;
    means[c] = count ? (double)(sum / weight) : (double)NAN;
    weights[c] = (double)weight;
    if (!count) continue;
    responders++;
    all += sum / weight;
    squares += sum / weight * (sum / weight);
  }
  double mean = (double)(all / responders), spread = (double)(squares / responders) - mean * mean;
  rig *r = open_events(offsets, MANY, days, values);
  score(r, "{kind: nps, half_life: 90 days, shrinkage: 3}");
  assert_near(rig_fact(r, "answers")->value, (double)answers, 0);
  assert_near(rig_fact(r, "responders")->value, (double)responders, 0);
  assert_near(rig_fact(r, "population_mean")->value, mean, 1e-9);
  assert_near(rig_fact(r, "population_mean")->error, sqrt(spread / (double)responders), 1e-9);
  for (int c = 0; c < MANY; c++)
    assert_near(rig_value(r, SURVEY, c), (weights[c] * means[c] + 3 * mean) / (weights[c] + 3), 1e-9);
  size_t count, other_count;
  void *bytes = rig_bytes(r, &count);
  assert_int_equal(rig_apply(r, 77), TARAZU_OK);
  void *other = rig_bytes(r, &other_count);
  assert_memory_equal(bytes, other, count);
  free(other);
  free(bytes);
  rig_close(r);
  free(offsets);
  free(values);
  free(days);
  free(means);
  free(weights);
}

/* ---- explaining ---- */

static void an_explanation_tells_the_answers_and_the_pull(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){5, 3, NAN}, 3);
  score(r, "{kind: likert}");
  const double answers[] = {5, 0};
  const uint8_t none = 0;
  for (int i = 0; i < 2; i++) {
    const tarazu_column column = {
        .size = sizeof column, .type = TARAZU_F64, .values = &answers[i], .valid = i ? &none : NULL};
    assert_reasons(r, (const tarazu_column *const[]){&column, NULL, NULL, NULL, NULL, NULL}, 6,
                   i ? "never answered\n"
                     : "1 answer, mean 100; pulled toward the mean of all, 75, as by 2 more answers\n");
  }
  rig_close(r);
}

/* The latest three are those that weigh most; the fourth is left out, and so is the null. */
static void an_explanation_tells_the_latest_answers_and_what_they_weigh(void **state)
{
  (void)state;
  rig *r = open_events((int64_t[]){0, 5}, 1, (double[]){40, 30, 20, 10, 0}, (double[]){1, 2, 3, 4, NAN});
  score(r, "{kind: likert, half_life: 10 days, shrinkage: 0}");
  int64_t times[5];
  for (int i = 0; i < 5; i++) times[i] = r->as_of - (40 - 10 * i) * DAY;
  const double answers[] = {1, 2, 3, 4, 0};
  const int64_t offsets[] = {0, 5};
  const uint8_t valid = 0x0f;
  const tarazu_column time = {.size = sizeof time, .type = TARAZU_TIME, .values = times, .offsets = offsets};
  const tarazu_column column = {
      .size = sizeof column, .type = TARAZU_F64, .values = answers, .valid = &valid, .offsets = offsets};
  assert_reasons(r, (const tarazu_column *const[]){NULL, &time, &column, NULL, NULL, NULL}, 6,
                 "4 answers, mean 56.67, weight 0.938\n"
                 "latest on the scale from 1 to 5: 4 10 days ago, weight 0.5; 3 20 days ago, weight 0.25; "
                 "2 30 days ago, weight 0.12\n");
  rig_close(r);
}

static void the_count_may_be_unwanted(void **state)
{
  (void)state;
  rig *r = open_attributes((double[]){5, NAN}, 2);
  r->unwanted = 1u << ANSWERS;
  score(r, "{kind: likert}");
  assert_near(rig_value(r, SURVEY, 0), 100, 0);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(promoters_are_9_and_10_and_detractors_0_to_6),
      cmocka_unit_test(another_scale_is_stretched_to_that_of_nps),
      cmocka_unit_test(csat_is_the_share_of_the_two_highest_answers),
      cmocka_unit_test(likert_is_the_mean_from_0_to_100),
      cmocka_unit_test(no_answer_is_null_and_not_the_middle),
      cmocka_unit_test(few_answers_are_pulled_toward_the_mean_of_all),
      cmocka_unit_test(old_answers_weigh_less),
      cmocka_unit_test(an_answer_of_long_ago_still_says_what_it_said),
      cmocka_unit_test(the_net_promoter_score_comes_with_its_error),
      cmocka_unit_test(the_score_of_the_answers_and_the_mean_of_the_customers_are_two_things),
      cmocka_unit_test(nobody_answering_is_a_warning),
      cmocka_unit_test(exactly_one_input_is_bound),
      cmocka_unit_test(senseless_parameters_are_refused_at_their_place),
      cmocka_unit_test(an_answer_off_the_scale_is_told_with_its_row),
      cmocka_unit_test(a_saved_model_scores_alike_and_another_scale_refuses_it),
      cmocka_unit_test(a_loaded_model_checks_the_scale_itself),
      cmocka_unit_test(many_customers_agree_with_a_plain_loop),
      cmocka_unit_test(an_explanation_tells_the_answers_and_the_pull),
      cmocka_unit_test(an_explanation_tells_the_latest_answers_and_what_they_weigh),
      cmocka_unit_test(the_count_may_be_unwanted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
