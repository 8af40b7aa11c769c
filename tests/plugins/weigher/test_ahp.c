#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* dimensions NULL: all in one. */
static rig *with(const char *const *names, const char *const *dimensions, uint32_t count, const char *params)
{
  rig *r = rig_open("weigher", "ahp");
  for (uint32_t c = 0; c < count; c++) {
    rig_f64(r, names[c], (double[]){1, NAN}, 2);
    rig_bound(r, names[c])->dimension = dimensions ? dimensions[c] : "financial";
  }
  rig_create(r, params);
  return r;
}

/* A matrix above its diagonal, row by row, as judgements. */
static char *written(const char *const *names, uint32_t count, const double *above, const char *rest)
{
  char *text = calloc(20000, 1);
  assert_non_null(text);
  strcat(text, "judgements:\n");
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t j = i + 1; j < count; j++)
      sprintf(text + strlen(text), "  - {criterion: %s, over: %s, times: %.17g}\n", names[i], names[j], *above++);
  strcat(text, rest);
  return text;
}

static const char *const letters[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

/* Buying a house, Saaty 1990, "How to make a decision": size, transportation, neighbourhood, age, yard, modern
 * facilities, condition, financing. */
static const double house[] = {5, 3, 7, 6,  6,       1.0 / 3, .25,     1.0 / 3, 5,  3,  3,       .2, 1.0 / 7, 6,
                               3, 4, 6, .2, 1.0 / 3, .25,     1.0 / 7, .125,    .5, .2, 1.0 / 6, .2, 1.0 / 6, .5};

static void the_house_of_the_paper(void **state)
{
  static const double expected[] = {.173, .054, .188, .018, .031, .036, .167, .333};
  char *params = written(letters, 8, house, "");
  double weights[8];
  (void)state;
  rig *r = with(letters, NULL, 8, params);
  if (r->error.status) fail_msg("%s", r->error.message);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (int c = 0; c < 8; c++) assert_near(weights[c], expected[c], 6e-4);
  assert_near(rig_fact(r, "lambda_max_criteria")->value, 9.669, 1e-3);
  assert_near(rig_fact(r, "consistency_ratio_criteria")->value, (9.669 - 8) / 7 / 1.3952, 2e-4);
  rig_close(r);
  free(params);
}

/* Saaty 2003 finds the judgement of neighbourhood over condition, 6, the most inconsistent one. */
static void the_judgement_that_hurts_most_is_named_with_a_better_value(void **state)
{
  char *params = written(letters, 8, house, "");
  (void)state;
  rig *r = with(letters, NULL, 8, params);
  const tarazu_fact *verdict = rig_fact(r, "verdict_criteria");
  assert_int_equal(verdict->level, 1);
  assert_non_null(strstr(verdict->text, "what hurts most is 'c' over 'g', 6 times; with 1/2 the ratio would be 0.0"));
  rig_close(r);
  free(params);

  params = written(letters, 8, house, "inconsistent: error\n");
  r = with(letters, NULL, 8, params);
  assert_int_equal(r->error.status, TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "the judgements on criteria contradict each other: consistency ratio 0.17"));
  assert_int_equal(r->error.param, 0);
  assert_int_equal(r->error.item, 7 + 6 + 3); /* the fourth judgement of c's row */
  rig_close(r);
  free(params);
}

static void consistent_judgements_give_the_weights_they_were_made_of(void **state)
{
  uint64_t seed = 1;
  (void)state;
  for (uint32_t n = 1; n <= 8; n++) {
    double w[8], above[28], weights[8], sum = 0;
    uint32_t k = 0;
    for (uint32_t c = 0; c < n; c++) sum += w[c] = 1 + 2 * next_uniform(&seed);
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t j = i + 1; j < n; j++) above[k++] = w[i] / w[j];
    char *params = n > 1 ? written(letters, n, above, "") : strdup("judgements: []");
    rig *r = with(letters, NULL, n, params);
    if (r->error.status) fail_msg("%s", r->error.message);
    assert_int_equal(rig_weights(r, weights), TARAZU_OK);
    for (uint32_t c = 0; c < n; c++) assert_near(weights[c], w[c] / sum, 1e-12);
    if (n > 2) assert_near(rig_fact(r, "consistency_ratio_criteria")->value, 0, 1e-12);
    rig_close(r);
    free(params);
  }
}

static void a_turned_judgement_is_the_same_one(void **state)
{
  double first[3], second[3];
  (void)state;
  rig *r = with(letters, NULL, 3,
                "judgements: [{criterion: a, over: b, times: 3}, {criterion: a, over: c, times: 5}, "
                "{criterion: b, over: c, times: 3}]");
  assert_int_equal(rig_weights(r, first), TARAZU_OK);
  /* Saaty 1980 by hand: the eigenvector of [1 3 5; 1/3 1 3; 1/5 1/3 1]. */
  assert_near(first[0], .6370, 5e-5);
  assert_near(first[1], .2583, 5e-5);
  assert_near(first[2], .1047, 5e-5);
  assert_near(rig_fact(r, "lambda_max_criteria")->value, 3.0385, 5e-5);
  rig_close(r);
  r = with(letters, NULL, 3,
           "judgements: [{criterion: b, over: a, times: 0.33333333333333331}, {criterion: c, over: a, times: 0.2}, "
           "{criterion: c, over: b, times: 0.33333333333333331}]");
  assert_int_equal(rig_weights(r, second), TARAZU_OK);
  for (int c = 0; c < 3; c++) assert_near(second[c], first[c], 1e-14);
  rig_close(r);
}

static void several_judges_meet_at_the_geometric_mean(void **state)
{
  double weights[2];
  (void)state;
  rig *r = with(
      letters, NULL, 2,
      "judgements: [{criterion: a, over: b, times: 8, judge: ann}, {criterion: b, over: a, times: 2, judge: bob}]");
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  assert_near(weights[0] / weights[1], 2, 1e-12); /* the mean of 8 and 1/2 */
  /* logarithms log 8 and -log 2: their standard deviation is log 16 / sqrt 2 */
  assert_near(rig_fact(r, "disagreement_a_over_b")->value, exp(log(16) / sqrt(2)), 1e-9);
  rig_close(r);
}

static const char *const kinds[] = {"financial", "financial", "non_financial", "non_financial", "non_financial"};

static void a_hierarchy_multiplies_its_levels(void **state)
{
  static const char within[] = "  - {criterion: a, over: b, times: 3}\n  - {criterion: c, over: d, times: 2}\n"
                               "  - {criterion: c, over: e, times: 4}\n  - {criterion: d, over: e, times: 2}\n";
  static const double shares[] = {.75, .25, 4.0 / 7, 2.0 / 7, 1.0 / 7};
  char params[600];
  double weights[5];
  (void)state;
  snprintf(params, sizeof params, "judgements:\n%s  - {criterion: financial, over: non_financial, times: 1.5}\n",
           within);
  rig *r = with(letters, kinds, 5, params);
  if (r->error.status) fail_msg("%s", r->error.message);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (int c = 0; c < 5; c++) assert_near(weights[c], (c < 2 ? .6 : .4) * shares[c], 1e-12);
  assert_near(rig_fact(r, "consistency_ratio_non_financial")->value, 0, 1e-12);
  rig_close(r);
  /* Nobody compares the dimensions: they weigh the same, and the profile's weights of dimensions are laid over that. */
  snprintf(params, sizeof params, "judgements:\n%s", within);
  r = with(letters, kinds, 5, params);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (int c = 0; c < 5; c++) assert_near(weights[c], .5 * shares[c], 1e-12);
  rig_close(r);
}

static void judgements_that_are_none_are_told(void **state)
{
  static const struct {
    const char *params, *words;
    int32_t item;
  } bad[] = {
      {"judgements: [{criterion: a, over: x, times: 3}]", "found 'x'; expected one of ", 0},
      {"judgements: [{criterion: a, over: a, times: 3}]", "'a' is compared with itself", 0},
      {"judgements: [{criterion: a, over: non_financial, times: 3}]", "one is a dimension, the other a criterion", 0},
      {"judgements: [{criterion: a, over: b, times: 3}, {criterion: b, over: a, times: 3}]",
       "'b' and 'a' are compared a second time", 1},
      {"judgements: [{criterion: c, over: d, times: 3}, {criterion: c, over: e, times: 3}]",
       "nobody compares 'a' with 'b' (of dimension 'financial'); every two are needed", -1},
      {"judgements: [{criterion: a, over: b, times: 3}, {criterion: a, over: c, times: 3}]",
       "nobody compares 'a' with 'd'; every two are needed", -1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rig *r = with(letters, kinds, 5, bad[i].params);
    assert_int_equal(r->error.status, TARAZU_BAD_PARAMETER);
    if (!strstr(r->error.message, bad[i].words)) fail_msg("%s: %s", bad[i].params, r->error.message);
    assert_int_equal(r->error.item, bad[i].item);
    rig_close(r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_house_of_the_paper),
      cmocka_unit_test(the_judgement_that_hurts_most_is_named_with_a_better_value),
      cmocka_unit_test(consistent_judgements_give_the_weights_they_were_made_of),
      cmocka_unit_test(a_turned_judgement_is_the_same_one),
      cmocka_unit_test(several_judges_meet_at_the_geometric_mean),
      cmocka_unit_test(a_hierarchy_multiplies_its_levels),
      cmocka_unit_test(judgements_that_are_none_are_told),
  };
  return cmocka_run_group_tests_name("ahp", tests, NULL, NULL);
}
