#include "experiment/measures.h"

#include "support/properties.h"
#include "twenty.h"
#include <string.h>

static judged money(void)
{
  return (judged){.customers = TWENTY, .score = twenty_score, .outcome = twenty_money, .chosen = twenty_first};
}

/* ---- figures of peers ------------------------------------------------------------------------------------------ */

static void ndcg_agrees_with_a_peer(void **state)
{
  static const struct {
    int64_t k;
    double linear, exponential;
  } expected[] = {{0, 0.768514022326748, 0.7570192674089442},
                  {3, 0.5876555307377921, 0.5536404977937038},
                  {5, 0.6279996459298816, 0.5580269133667858},
                  {6, 0.6426295486079712, 0.5972782227577156},
                  {8, 0.6862162885610679, 0.6747492785314848}};
  (void)state;
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    judged j = money();
    j.k = expected[i].k;
    assert_near(value_of(MEASURE_NDCG, j), expected[i].linear, 1e-14);
    j.outcome = twenty_grade;
    assert_near(value_of(MEASURE_NDCG_EXPONENTIAL, j), expected[i].exponential, 1e-14);
  }
}

/* Of an outcome of 0 or 1 it is 2 AUC - 1, whose figure is the peer's. */
static void normalized_gini_of_a_yes_or_no_is_known_from_auc(void **state)
{
  judged j = money();
  (void)state;
  j.outcome = twenty_kept;
  assert_near(value_of(MEASURE_NORMALIZED_GINI, j), 2 * 0.795 - 1, 1e-14);
}

/* ---- by hand --------------------------------------------------------------------------------------------------- */

/* 1,090 in all; 590 by the first five, 815 by the best five, of whom three are the same. */
static void lists_are_reckoned_as_by_hand(void **state)
{
  static const double spent[] = {10, 20, 30, 40, 50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  judged j = money();
  (void)state;
  j.cost = spent;
  assert_near(value_of(MEASURE_VALUE_CAPTURED, j), 590, 0);
  assert_near(value_of(MEASURE_SHARE_CAPTURED, j), 590.0 / 1090, 1e-15);
  assert_near(value_of(MEASURE_SHARE_OF_BEST, j), 590.0 / 815, 1e-15);
  assert_near(value_of(MEASURE_LIFT, j), 590.0 / 5 / (1090.0 / 20), 1e-14);
  assert_near(value_of(MEASURE_LIST_COST, j), 150, 0);
  assert_near(value_of(MEASURE_VALUE_PER_COST, j), 590.0 / 150, 1e-15);
  /* Of the best five four are sure, and one of two with 80: both of these are on the list, and count half each. */
  assert_near(value_of(MEASURE_PRECISION, j), 3.0 / 5, 1e-15);
  j.k = 10;
  assert_near(value_of(MEASURE_PRECISION, j), 4.0 / 5, 1e-15);
  assert_near(value_of(MEASURE_RECALL, j), 4.0 / 10, 1e-15);
}

/* Two places for three who tie by the baseline: two thirds of what the three have. */
static void a_tie_of_the_baseline_counts_by_its_mean(void **state)
{
  judged j = {.customers = 5,
              .chosen = (const uint8_t[]){1, 1, 1, 0, 0},
              .outcome = (const double[]){5, 7, 9, 20, 40},
              .baseline = (const double[]){3, 3, 8, 3, NAN}};
  (void)state;
  assert_near(value_of(MEASURE_AGAINST_BASELINE, j), 21 / (9 + 2.0 / 3 * (5 + 7 + 20)), 1e-15);
}

static void a_gains_curve_is_drawn_with_straight_ties(void **state)
{
  static const double score[] = {4, 3, 3, 1}, outcome[] = {1, 6, 2, 1};
  static const double gain[] = {.05, .1, .3, .5, .7, .9, .95, 1}, best[] = {.3, .6, .7, .8, .85, .9, .95, 1};
  gains_point points[8];
  measure *m = made(MEASURE_GINI, (judged){.customers = 4, .score = score, .outcome = outcome});
  (void)state;
  measure_gains(m, points, 8);
  for (int i = 0; i < 8; i++) {
    assert_near(points[i].share, (i + 1) / 8.0, 1e-15);
    assert_near(points[i].gain, gain[i], 1e-15);
    assert_near(points[i].best, best[i], 1e-15);
    assert_near(points[i].lift, points[i].gain / points[i].share, 1e-15);
  }
  measure_free(m);
}

/* ---- by definition ---------------------------------------------------------------------------------------------- */

typedef struct company {
  int count;
  double score[12], outcome[12], baseline[12], cost[12];
  uint8_t chosen[12], earlier[12];
} company;

static company draw(uint64_t *seed, int count)
{
  company c = {.count = count};
  for (int i = 0; i < count; i++) {
    c.score[i] = floor(next_uniform(seed) * 6);
    c.outcome[i] = floor(next_uniform(seed) * 5);
    c.baseline[i] = floor(next_uniform(seed) * 4);
    c.cost[i] = 1 + floor(next_uniform(seed) * 4);
    c.chosen[i] = next_uniform(seed) < 0.4;
    c.earlier[i] = next_uniform(seed) < 0.4;
  }
  return c;
}

static judged of(const company *c)
{
  return (judged){.customers = c->count,
                  .score = c->score,
                  .outcome = c->outcome,
                  .baseline = c->baseline,
                  .cost = c->cost,
                  .chosen = c->chosen,
                  .earlier = c->earlier};
}

/* Every list of the same size, of which the best is taken. */
static void the_best_list_is_the_best_of_all(void **state)
{
  uint64_t seed = 3;
  (void)state;
  for (int trial = 0; trial < 60; trial++) {
    company c = draw(&seed, 1 + trial % 10);
    double own = 0, best = 0;
    int size = 0;
    for (int i = 0; i < c.count; i++) {
      own += c.chosen[i] * c.outcome[i];
      size += c.chosen[i];
    }
    for (unsigned list = 0; list < 1u << c.count; list++) {
      double sum = 0;
      for (int i = 0; i < c.count; i++) sum += (list >> i & 1) * c.outcome[i];
      if (__builtin_popcount(list) == size && sum > best) best = sum;
    }
    assert_near(value_of(MEASURE_SHARE_OF_BEST, of(&c)), best > 0 ? own / best : NAN, 1e-14);
  }
}

/* The concentration index: half the mean over all pairs of what the one who scores more has more, in means. */
static void gini_agrees_with_comparing_every_pair(void **state)
{
  uint64_t seed = 5;
  (void)state;
  for (int trial = 0; trial < 60; trial++) {
    company c = draw(&seed, 1 + trial % 12);
    double sum = 0, total = 0;
    for (int i = 0; i < c.count; i++) {
      total += c.outcome[i];
      for (int k = 0; k < c.count; k++)
        sum += ((c.score[i] > c.score[k]) - (c.score[i] < c.score[k])) * (c.outcome[i] - c.outcome[k]);
    }
    assert_near(value_of(MEASURE_GINI, of(&c)), total > 0 ? sum / 2 / c.count / total : NAN, 1e-14);
  }
}

/* Each drawn so many times is a company of so many alike. */
static void a_sample_is_worth_what_its_customers_are(void **state)
{
  uint64_t seed = 7;
  int compared = 0;
  (void)state;
  for (int trial = 0; trial < 200; trial++) {
    company c = draw(&seed, 2 + trial % 5), drawn = {0};
    uint8_t counts[12] = {0};
    for (int i = 0; i < c.count; i++) counts[(int)(next_uniform(&seed) * c.count)]++;
    for (int i = 0; i < c.count; i++)
      for (int times = 0; times < counts[i]; times++, drawn.count++) {
        drawn.score[drawn.count] = c.score[i];
        drawn.outcome[drawn.count] = c.outcome[i];
        drawn.baseline[drawn.count] = c.baseline[i];
        drawn.cost[drawn.count] = c.cost[i];
        drawn.chosen[drawn.count] = c.chosen[i];
        drawn.earlier[drawn.count] = c.earlier[i];
      }
    for (measure_id id = 0; id < MEASURE_COUNT; id++) {
      if (id == MEASURE_AUC || id == MEASURE_BRIER || measure_list[id].kind == MEASURE_OF_BALANCE ||
          measure_list[id].needs & (MEASURE_NEEDS_LISTS | MEASURE_NEEDS_RUN))
        continue;
      judged whole = of(&c), part = of(&drawn);
      whole.k = part.k = trial % 4;
      assert_near(value_on(id, whole, counts), value_of(id, part), 1e-13);
      compared += !isnan(value_of(id, part));
    }
  }
  assert_true(compared > 2000);
}

/* ---- what must hold ---------------------------------------------------------------------------------------------- */

static void the_perfect_order_has_1_and_the_opposite_one_least(void **state)
{
  uint64_t seed = 11;
  (void)state;
  for (int trial = 0; trial < 50; trial++) {
    company c = draw(&seed, 12);
    double turned[12];
    c.outcome[0] = 9;
    judged perfect = of(&c), opposite = of(&c);
    perfect.score = c.outcome;
    for (int i = 0; i < 12; i++) turned[i] = -c.outcome[i];
    opposite.score = turned;
    assert_near(value_of(MEASURE_NORMALIZED_GINI, perfect), 1, 1e-14);
    assert_near(value_of(MEASURE_NORMALIZED_GINI, opposite), -1, 1e-14);
    assert_near(value_of(MEASURE_GINI, opposite), -value_of(MEASURE_GINI, perfect), 1e-14);
    for (int64_t k = 0; k < 15; k++) {
      perfect.k = opposite.k = k;
      assert_near(value_of(MEASURE_NDCG, perfect), 1, 1e-14);
      assert_near(value_of(MEASURE_NDCG_EXPONENTIAL, perfect), 1, 1e-14);
      double own = value_of(MEASURE_NDCG, of(&c)), least = value_of(MEASURE_NDCG, opposite);
      assert_true(least >= 0 && least <= value_of(MEASURE_NDCG, perfect));
      assert_true(own > 0 && own <= 1);
    }
  }
}

static void the_best_list_has_all_there_is_to_have(void **state)
{
  judged j = money();
  (void)state;
  j.chosen = twenty_best;
  assert_near(value_of(MEASURE_SHARE_OF_BEST, j), 1, 0);
  j.baseline = twenty_money;
  assert_near(value_of(MEASURE_AGAINST_BASELINE, j), 1, 0);
  j.k = 3; /* 310, 210 and 120 */
  assert_near(value_of(MEASURE_RECALL, j), 1, 0);
  assert_near(value_of(MEASURE_PRECISION, j), 3.0 / 5, 1e-15);
}

/* What ranks alone decide is not changed by another scale of scores. */
static void measures_of_an_order_do_not_see_the_scale(void **state)
{
  static const measure_id ids[] = {MEASURE_GINI, MEASURE_NORMALIZED_GINI, MEASURE_NDCG, MEASURE_SPEARMAN,
                                   MEASURE_KENDALL};
  double other[TWENTY];
  judged j = money(), k = money();
  (void)state;
  for (int i = 0; i < TWENTY; i++) other[i] = exp(9 * twenty_score[i]) - 5;
  k.score = other;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) assert_near(value_of(ids[i], j), value_of(ids[i], k), 0);
}

/* Money in cents is the same share, lift, order. */
static void measures_that_are_ratios_do_not_see_the_currency(void **state)
{
  static const measure_id ids[] = {MEASURE_SHARE_CAPTURED,  MEASURE_SHARE_OF_BEST, MEASURE_LIFT,     MEASURE_GINI,
                                   MEASURE_NORMALIZED_GINI, MEASURE_NDCG,          MEASURE_PRECISION};
  double cents[TWENTY];
  judged j = money(), k = money();
  (void)state;
  for (int i = 0; i < TWENTY; i++) cents[i] = 100 * twenty_money[i];
  k.outcome = cents;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) assert_near(value_of(ids[i], j), value_of(ids[i], k), 1e-14);
}

static void whose_outcome_is_not_known_is_left_out(void **state)
{
  static const double more_score[] = {3, 9, 2, 1}, more_outcome[] = {4, NAN, 1, 2};
  static const double score[] = {3, 2, 1}, outcome[] = {4, 1, 2};
  judged more = {.customers = 4, .score = more_score, .outcome = more_outcome, .chosen = (const uint8_t[]){1, 1, 0, 0}};
  judged less = {.customers = 3, .score = score, .outcome = outcome, .chosen = (const uint8_t[]){1, 0, 0}};
  (void)state;
  for (measure_id id = 0; id < MEASURE_COUNT; id++)
    if (!(measure_list[id].needs &
          ~(unsigned)(MEASURE_NEEDS_SCORE | MEASURE_NEEDS_OUTCOME | MEASURE_NEEDS_LIST | MEASURE_TAKES_K)) &&
        id != MEASURE_AUC && id != MEASURE_BRIER)
      assert_near(value_of(id, more), value_of(id, less), 1e-15);
  measure *m = made(MEASURE_LIFT, more);
  assert_int_equal(measure_customers(m), 3);
  measure_free(m);
}

/* Who has no score is chosen last. */
static void without_a_score_is_below_all(void **state)
{
  static const double none[] = {NAN, 5, -7, NAN}, low[] = {-8, 5, -7, -8}, outcome[] = {1, 2, 3, 4};
  static const measure_id ids[] = {MEASURE_GINI, MEASURE_NDCG, MEASURE_SPEARMAN, MEASURE_KENDALL};
  (void)state;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    assert_near(value_of(ids[i], (judged){.customers = 4, .score = none, .outcome = outcome}),
                value_of(ids[i], (judged){.customers = 4, .score = low, .outcome = outcome}), 0);
}

/* ---- nothing to be said ------------------------------------------------------------------------------------------ */

static void where_nothing_can_be_said_nothing_is(void **state)
{
  static const uint8_t nobody[TWENTY];
  static const double nothing[TWENTY];
  judged empty = money(), poor = money(), none = money(), one = money();
  (void)state;
  empty.chosen = nobody;
  poor.outcome = nothing;
  none.customers = 0;
  one.customers = 1;
  assert_near(value_of(MEASURE_VALUE_CAPTURED, empty), 0, 0);
  assert_near(value_of(MEASURE_SHARE_CAPTURED, empty), 0, 0);
  assert_near(value_of(MEASURE_SHARE_OF_BEST, empty), NAN, 0);
  assert_near(value_of(MEASURE_LIFT, empty), NAN, 0);
  assert_near(value_of(MEASURE_PRECISION, empty), NAN, 0);
  assert_near(value_of(MEASURE_VALUE_CAPTURED, poor), 0, 0);
  assert_near(value_of(MEASURE_SHARE_CAPTURED, poor), NAN, 0);
  assert_near(value_of(MEASURE_LIFT, poor), NAN, 0);
  assert_near(value_of(MEASURE_GINI, poor), NAN, 0);
  assert_near(value_of(MEASURE_NDCG, poor), NAN, 0);
  assert_near(value_of(MEASURE_PRECISION, poor), 5.0 / 20, 1e-15); /* as by lot: who is best is not known */
  assert_near(value_of(MEASURE_VALUE_CAPTURED, none), NAN, 0);
  assert_near(value_of(MEASURE_NDCG, none), NAN, 0);
  assert_near(value_of(MEASURE_SHARE_CAPTURED, one), 1, 0);
  assert_near(value_of(MEASURE_LIFT, one), 1, 0);
  assert_near(value_of(MEASURE_GINI, one), 0, 0);
  assert_near(value_of(MEASURE_NORMALIZED_GINI, one), NAN, 0);
  assert_near(value_of(MEASURE_NDCG, one), 1, 0);
  assert_near(value_of(MEASURE_PRECISION, one), 1, 0);
  one.outcome = (const double[]){-4};
  assert_near(value_of(MEASURE_SHARE_CAPTURED, one), NAN, 0); /* of a loss there is no share */
}

static void gains_of_nothing_are_not_known(void **state)
{
  static const double nothing[3];
  gains_point points[2];
  measure *m = made(MEASURE_GINI, (judged){.customers = 3, .score = nothing, .outcome = nothing});
  (void)state;
  measure_gains(m, points, 2);
  assert_near(points[1].gain, NAN, 0);
  assert_near(points[1].lift, NAN, 0);
  measure_free(m);
}

/* ---- dimensions -------------------------------------------------------------------------------------------------- */

static void dimensions_share_what_moves_the_list(void **state)
{
  static const double a[] = {3, -1, 50, NAN}, b[] = {1, 3, 50, 8}, c[] = {0, 0, 50, 0};
  judged j = {.customers = 4,
              .chosen = (const uint8_t[]){1, 1, 0, 1},
              .contributions = (const double *const[]){a, b, c},
              .dimensions = 3};
  (void)state;
  assert_near(value_of(MEASURE_DIMENSION_SHARE, j), 4.0 / 16, 1e-15);
  j.dimension = 1;
  assert_near(value_of(MEASURE_DIMENSION_SHARE, j), 12.0 / 16, 1e-15);
  j.dimension = 2;
  assert_near(value_of(MEASURE_DIMENSION_SHARE, j), 0, 0);
  assert_near(value_of(MEASURE_BALANCE, j), -(.25 * log(.25) + .75 * log(.75)) / log(3), 1e-15);
  j.contributions = (const double *const[]){b, b};
  j.dimensions = 2;
  assert_near(value_of(MEASURE_BALANCE, j), 1, 1e-15);
  j.contributions = (const double *const[]){c, b};
  assert_near(value_of(MEASURE_BALANCE, j), 0, 0);
  j.dimensions = 1;
  assert_near(value_of(MEASURE_BALANCE, j), NAN, 0);
}

/* ---- another list ------------------------------------------------------------------------------------------------ */

static void lists_of_two_dates_are_compared(void **state)
{
  judged j = {
      .customers = 6, .chosen = (const uint8_t[]){1, 1, 0, 0, 0, 1}, .earlier = (const uint8_t[]){1, 0, 1, 1, 0, 1}};
  (void)state;
  assert_near(value_of(MEASURE_OVERLAP, j), 2.0 / 4, 0);
  assert_near(value_of(MEASURE_TURNOVER, j), 2.0 / 4, 0);
  j.earlier = (const uint8_t[]){0, 0, 0, 0, 0, 0};
  assert_near(value_of(MEASURE_OVERLAP, j), 0, 0);
  assert_near(value_of(MEASURE_TURNOVER, j), NAN, 0);
}

/* ---- by name, and what is refused ---------------------------------------------------------------------------------
 */

static void measures_are_found_by_name(void **state)
{
  measure_id id;
  (void)state;
  for (measure_id i = 0; i < MEASURE_COUNT; i++) {
    assert_int_equal(measure_find(measure_list[i].name, &id), 1);
    assert_int_equal(id, i);
    assert_true(strlen(measure_list[i].help) > 10);
    assert_true(measure_list[i].needs != 0);
  }
  assert_int_equal(measure_find("share_caught", &id), 0);
  assert_string_equal(measure_nearest("share_capture"), "share_captured");
  assert_null(measure_nearest("zzzzzzzzzz"));
  assert_string_equal(measure_kind_name(measure_list[MEASURE_BALANCE].kind), "balance");
}

static void what_is_lacking_or_wrong_is_told(void **state)
{
  judged j = money();
  (void)state;
  expect_fault(MEASURE_LIST_COST, j, -1, "list_cost needs a cost");
  expect_fault(MEASURE_AGAINST_BASELINE, j, -1, "against_baseline needs a baseline");
  expect_fault(MEASURE_BALANCE, j, -1, "balance needs contributions by dimension");
  expect_fault(MEASURE_TURNOVER, j, -1, "turnover needs an earlier list");
  expect_fault(MEASURE_LIST_STABILITY, j, -1, "list_stability needs several lists: it is of repeats or dates");
  expect_fault(MEASURE_SECONDS, j, -1, "seconds needs a run: it is told by who ran");
  expect_fault(MEASURE_AUC, j, 0, "auc: the outcome is 120; expected 0 or 1");
  expect_fault(MEASURE_NDCG_EXPONENTIAL, j, 0,
               "ndcg_exponential: the outcome is 120; expected grades of at most 100, as its gain is 2^outcome - 1");
  j.k = -1;
  expect_fault(MEASURE_NDCG, j, -1, "ndcg: k is -1; expected 0 or more");
  j = money();
  j.customers = 2;
  j.score = (const double[]){1, 1.5};
  j.outcome = (const double[]){1, 0};
  expect_fault(MEASURE_BRIER, j, 1, "brier: the prediction is 1.5; expected a probability, 0 to 1");
  j.outcome = (const double[]){1, INFINITY};
  expect_fault(MEASURE_LIFT, j, 1, "lift: the outcome is infinite");
  j.outcome = NULL;
  expect_fault(MEASURE_LIFT, j, -1, "lift needs an outcome");
  j.chosen = NULL;
  expect_fault(MEASURE_LIFT, j, -1, "lift needs a list");
  j.chosen = (const uint8_t[]){0, 1};
  j.cost = (const double[]){NAN, NAN};
  expect_fault(MEASURE_LIST_COST, j, 1, "list_cost: a customer on the list has no cost; expected a number");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(ndcg_agrees_with_a_peer),
                                     cmocka_unit_test(normalized_gini_of_a_yes_or_no_is_known_from_auc),
                                     cmocka_unit_test(lists_are_reckoned_as_by_hand),
                                     cmocka_unit_test(a_tie_of_the_baseline_counts_by_its_mean),
                                     cmocka_unit_test(a_gains_curve_is_drawn_with_straight_ties),
                                     cmocka_unit_test(the_best_list_is_the_best_of_all),
                                     cmocka_unit_test(gini_agrees_with_comparing_every_pair),
                                     cmocka_unit_test(a_sample_is_worth_what_its_customers_are),
                                     cmocka_unit_test(the_perfect_order_has_1_and_the_opposite_one_least),
                                     cmocka_unit_test(the_best_list_has_all_there_is_to_have),
                                     cmocka_unit_test(measures_of_an_order_do_not_see_the_scale),
                                     cmocka_unit_test(measures_that_are_ratios_do_not_see_the_currency),
                                     cmocka_unit_test(whose_outcome_is_not_known_is_left_out),
                                     cmocka_unit_test(without_a_score_is_below_all),
                                     cmocka_unit_test(where_nothing_can_be_said_nothing_is),
                                     cmocka_unit_test(gains_of_nothing_are_not_known),
                                     cmocka_unit_test(dimensions_share_what_moves_the_list),
                                     cmocka_unit_test(lists_of_two_dates_are_compared),
                                     cmocka_unit_test(measures_are_found_by_name),
                                     cmocka_unit_test(what_is_lacking_or_wrong_is_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
