#include "support/near.h"
#include "support/properties.h"
#include "support/strategy.h"

#include <stdio.h>
#include <string.h>

static const char *const letters[] = {"a", "b", "c", "d", "e", "f"};
static const char *const kinds[] = {"financial", "financial", "financial", "other", "other", "other"};

static rig *with(uint32_t count, const char *params)
{
  rig *r = rig_open("weigher", "best_worst");
  for (uint32_t c = 0; c < count; c++) {
    rig_f64(r, letters[c], (double[]){1, NAN}, 2);
    rig_bound(r, letters[c])->dimension = kinds[c];
  }
  rig_create(r, params);
  return r;
}

static void add(char *params, const double *best_over, const double *over_worst, uint32_t first, uint32_t count,
                const char *judge)
{
  for (uint32_t j = 0; j < count; j++)
    sprintf(params + strlen(params), "  - {criterion: %s, best_over: %g, over_worst: %g%s%s}\n", letters[first + j],
            best_over[j], over_worst[j], judge ? ", judge: " : "", judge ? judge : "");
}

/* SciPy 1.17's linprog (HiGHS) on the same model. */
static void the_linear_model_is_solved(void **state)
{
  static const struct {
    uint32_t count;
    double best_over[6], over_worst[6], w[6], xi;
  } known[] = {
      {5,
       {2, 1, 4, 3, 8},
       {4, 8, 4, 2, 1},
       {0.246153846154, 0.430769230769, 0.123076923077, 0.153846153846, 0.0461538461538},
       0.0615384615385},
      {3, {8, 2, 1}, {1, 5, 8}, {0.0714285714286, 0.321428571429, 0.607142857143}, 0.0357142857143},
      {6,
       {1, 4, 3, 9, 5, 2},
       {9, 2, 4, 1, 2, 5},
       {0.405234276066, 0.10764035458, 0.143520472773, 0.0422119037569, 0.086112283664, 0.21528070916},
       0.0253271422541},
  };
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    char params[1000] = "judgements:\n";
    double weights[6];
    add(params, known[i].best_over, known[i].over_worst, 0, known[i].count, NULL);
    rig *r = with(known[i].count, params);
    if (r->error.status) fail_msg("%s", r->error.message);
    assert_int_equal(rig_weights(r, weights), TARAZU_OK);
    for (uint32_t c = 0; c < known[i].count; c++) assert_near(weights[c], known[i].w[c], 1e-10);
    assert_near(rig_fact(r, "xi")->value, known[i].xi, 1e-10);
    rig_close(r);
  }
}

static void consistent_judgements_give_the_weights_they_were_made_of(void **state)
{
  char params[1000] = "judgements:\n";
  double weights[4];
  static const double expected[] = {1, 8, 4, 2};
  (void)state;
  add(params, (double[]){8, 1, 2, 4}, (double[]){1, 8, 4, 2}, 0, 4, NULL);
  rig *r = with(4, params);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (int c = 0; c < 4; c++) assert_near(weights[c], expected[c] / 15, 1e-12);
  assert_near(rig_fact(r, "xi")->value, 0, 1e-12);
  assert_near(rig_fact(r, "consistency_ratio_criteria")->value, 0, 0);
  assert_null(rig_fact(r, "verdict_criteria"));
  rig_close(r);
}

/* Best over it 4 times, it over the worst 4 times, of 8 in all: |16 - 8| / (64 - 8) = 1/7; the threshold of 8 and five
 * criteria is .2958. With 7 and 7 it is 41/56. */
static void contradictions_are_measured_and_named(void **state)
{
  char params[1000] = "judgements:\n";
  (void)state;
  add(params, (double[]){2, 1, 4, 3, 8}, (double[]){4, 8, 4, 2, 1}, 0, 5, NULL);
  rig *r = with(5, params);
  assert_near(rig_fact(r, "consistency_ratio_criteria")->value, 1.0 / 7, 1e-15);
  assert_null(rig_fact(r, "verdict_criteria"));
  rig_close(r);

  strcpy(params, "judgements:\n");
  add(params, (double[]){2, 1, 7, 3, 8}, (double[]){4, 8, 7, 2, 1}, 0, 5, NULL);
  r = with(5, params);
  assert_near(rig_fact(r, "consistency_ratio_criteria")->value, 41.0 / 56, 1e-15);
  assert_non_null(strstr(rig_fact(r, "verdict_criteria")->text,
                         "contradict each other: consistency ratio 0.7321, above 0.2958; what hurts most is 'c'"));
  rig_close(r);

  strcat(params, "inconsistent: error\n");
  r = with(5, params);
  assert_int_equal(r->error.status, TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.item, 2);
  rig_close(r);
}

/* Thresholds by the best over the worst, five criteria (Liang, Brunelli, Rezaei 2020). */
static void thresholds_are_the_published_ones(void **state)
{
  static const double known[] = {.1667, .1898, .2306, .2643, .2819, .2958, .3062};
  (void)state;
  for (int whole = 3; whole <= 9; whole++) {
    double total = whole * whole - whole;
    for (int above = 0; above < 2; above++) {
      char params[1000] = "judgements:\n";
      /* a_Bj = 1.5, a_jW chosen so that the ratio falls just below or above the threshold */
      double ratio = known[whole - 3] + (above ? 1e-6 : -1e-6), product = whole - ratio * total;
      if (product < 1.5) product = whole + ratio * total;
      double best_over[] = {1, sqrt(product), 1, whole, whole}, over_worst[] = {whole, sqrt(product), whole, 1, 1};
      if (sqrt(product) > 9) fail_msg("not on the scale");
      for (int j = 0; j < 5; j++)
        sprintf(params + strlen(params), "  - {criterion: %s, best_over: %.17g, over_worst: %.17g}\n", letters[j],
                best_over[j], over_worst[j]);
      rig *r = with(5, params);
      if (r->error.status) fail_msg("%s", r->error.message);
      assert_int_equal(rig_fact(r, "verdict_criteria") != NULL, above);
      rig_close(r);
    }
  }
}

static void judges_meet_at_the_geometric_mean(void **state)
{
  char params[2000] = "judgements:\n";
  double weights[2];
  (void)state;
  add(params, (double[]){1, 8}, (double[]){8, 1}, 0, 2, "ann");
  add(params, (double[]){1, 2}, (double[]){2, 1}, 0, 2, "bob");
  rig *r = with(2, params);
  if (r->error.status) fail_msg("%s", r->error.message);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  assert_near(weights[0] / weights[1], 4, 1e-10); /* of 8 and 2 */
  /* b: 1/9 and 1/3 */
  assert_near(rig_fact(r, "disagreement_b")->value, exp(log(3) / sqrt(2)), 1e-9);
  rig_close(r);
}

static void each_dimension_may_have_its_own_best_and_worst(void **state)
{
  char params[2000] = "within: dimensions\njudgements:\n";
  double weights[6];
  static const double expected[] = {4.0 / 7, 2.0 / 7, 1.0 / 7, 1.0 / 13, 3.0 / 13, 9.0 / 13};
  (void)state;
  add(params, (double[]){1, 2, 4}, (double[]){4, 2, 1}, 0, 3, NULL);
  add(params, (double[]){9, 3, 1}, (double[]){1, 3, 9}, 3, 3, NULL);
  rig *r = with(6, params);
  if (r->error.status) fail_msg("%s", r->error.message);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  for (int c = 0; c < 6; c++) assert_near(weights[c], expected[c], 1e-12);
  rig_close(r);
}

static void judgements_that_are_none_are_told(void **state)
{
  static const struct {
    const char *params, *words;
    int32_t item;
  } bad[] = {
      {"judgements: [{criterion: a, best_over: 1, over_worst: 3}]", "criterion 'b' is not judged; every one is needed",
       -1},
      {"judgements: [{criterion: a, best_over: 1, over_worst: 3}, {criterion: a, best_over: 3, over_worst: 1}]",
       "criterion 'a' is judged a second time", 1},
      {"judgements: [{criterion: a, best_over: 2, over_worst: 3}, {criterion: b, best_over: 3, over_worst: 1}]",
       "no criterion has best_over: 1; the best one has", -1},
      {"judgements: [{criterion: a, best_over: 1, over_worst: 3}, {criterion: b, best_over: 3, over_worst: 2}]",
       "no criterion has over_worst: 1; the worst one has", -1},
      {"judgements: [{criterion: a, best_over: 1, over_worst: 3}, {criterion: b, best_over: 4, over_worst: 1}]",
       "'a', is 3 times as important as the worst, 'b', by the one's over_worst, and 4 times by the other's", 1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rig *r = with(2, bad[i].params);
    assert_int_equal(r->error.status, TARAZU_BAD_PARAMETER);
    if (!strstr(r->error.message, bad[i].words)) fail_msg("%s: %s", bad[i].params, r->error.message);
    assert_int_equal(r->error.item, bad[i].item);
    rig_close(r);
  }
}

static void one_criterion_has_all_the_weight(void **state)
{
  double weights[1];
  (void)state;
  rig *r = with(1, "judgements: [{criterion: a, best_over: 1, over_worst: 1}]");
  if (r->error.status) fail_msg("%s", r->error.message);
  assert_int_equal(rig_weights(r, weights), TARAZU_OK);
  assert_near(weights[0], 1, 1e-12);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_linear_model_is_solved),
      cmocka_unit_test(consistent_judgements_give_the_weights_they_were_made_of),
      cmocka_unit_test(contradictions_are_measured_and_named),
      cmocka_unit_test(thresholds_are_the_published_ones),
      cmocka_unit_test(judges_meet_at_the_geometric_mean),
      cmocka_unit_test(each_dimension_may_have_its_own_best_and_worst),
      cmocka_unit_test(judgements_that_are_none_are_told),
      cmocka_unit_test(one_criterion_has_all_the_weight),
  };
  return cmocka_run_group_tests_name("best_worst", tests, NULL, NULL);
}
