#include "support/criteria.h"
#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

/* Six customers, three criteria, the second one a cost. The figures are pymcdm 1.4.0's, PROMETHEE_II(function, p, q);
 * the gaussian ones were computed pair by pair with NumPy, which agrees with pymcdm on the others. */
static const double six[] = {3.1, 20, 5.5, 4.7, 35, 2.1, 2.2, 28, 7.9, 4.7, 15, 4.4, 6.0, 31, 3.3, 1.4, 22, 9.6};
static const int32_t second_is_cost[] = {1, -1, 1};
static const double weights[] = {.5, .3, .2};

static void every_preference_function_agrees_with_a_peer(void **state)
{
  static const char thresholds[] = "criteria:\n  - {criterion: c0, q: 0.5, p: 2, s: 2}\n"
                                   "  - {criterion: c1, q: 2, p: 10, s: 10}\n  - {criterion: c2, q: 1, p: 4, s: 4}\n";
  static const struct {
    const char *name;
    double net[6];
  } functions[] = {
      {"usual", {0.12, -0.3, -0.24, 0.46, 0.2, -0.24}},
      {"u_shape", {0.06, -0.3, -0.24, 0.46, 0.2, -0.18}},
      {"v_shape", {0.023, -0.18, -0.267, 0.415, 0.161, -0.152}},
      {"level", {0.02, -0.18, -0.26, 0.4, 0.15, -0.13}},
      {"linear", {-0.00683333333333, -0.1445, -0.274, 0.404, 0.147, -0.125666666667}},
      {"gaussian",
       {-0.00525359048911, -0.0864590001482, -0.177561198056, 0.256991800105, 0.137906938487, -0.125624949899}},
  };
  (void)state;
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
    const criteria c = {6, 3, six, weights, second_is_cost, NULL};
    char params[400];
    snprintf(params, sizeof params, "preference: %s\n%s", functions[f].name, thresholds);
    rig *r = combined_with("promethee", params, &c);
    for (int i = 0; i < 6; i++) assert_near(rig_value(r, 0, i), functions[f].net[i], 1e-11);
    rig_close(r);
  }
}

/* ---- against every pair ------------------------------------------------------------------------------------ */

enum { FUNCTIONS = 6 };
static const char *const names[FUNCTIONS] = {"usual", "u_shape", "v_shape", "level", "linear", "gaussian"};

/* The table of functions of Brans, Vincke and Mareschal. */
static double preference(int function, double d, double q, double p, double s)
{
  if (d <= 0) return 0;
  switch (function) {
  case 0: return 1;
  case 1: return d > q;
  case 2: return d < p ? d / p : 1;
  case 3: return d > p ? 1 : d > q ? 0.5 : 0;
  case 4: return d > p ? 1 : d > q ? (d - q) / (p - q) : 0;
  default: return 1 - exp(-d * d / (2 * s * s));
  }
}

typedef struct pair {
  double plus, minus;
} pair;

static pair by_pairs(const criteria *c, int64_t row, int function, double q, double p, double s)
{
  pair all = {0, 0};
  double total = 0;
  for (uint32_t k = 0; k < c->count; k++)
    if (!isnan(c->values[row * c->count + k])) total += c->weights[k];
  for (uint32_t k = 0; k < c->count; k++) {
    double a = c->values[row * c->count + k], plus = 0, minus = 0;
    int64_t others = -1;
    if (isnan(a)) continue;
    for (int64_t i = 0; i < c->rows; i++) {
      double b = c->values[i * c->count + k];
      if (isnan(b)) continue;
      others++;
      double d = c->better[k] < 0 ? b - a : a - b;
      plus += preference(function, d, q, p, s);
      minus += preference(function, -d, q, p, s);
    }
    if (others < 1) others = 1;
    all.plus += c->weights[k] / total * plus / (double)others;
    all.minus += c->weights[k] / total * minus / (double)others;
  }
  return all;
}

/* Values on a coarse grid, so that ties and differences of exactly q and p are many. */
static void any_data_agree_with_comparing_every_pair(void **state)
{
  static const double shares[] = {3, 0, 1, 2};
  static const int32_t better[] = {1, -1, -1, 1};
  (void)state;
  for (int function = 0; function < FUNCTIONS; function++)
    for (int trial = 0; trial < 6; trial++) {
      uint64_t seed = (uint64_t)(function * 10 + trial);
      criteria c = {trial < 2 ? trial + 1 : 150, 4, NULL, shares, better, NULL};
      double *x = calloc((size_t)c.rows * 4, sizeof *x), q = trial == 4 ? 0 : 0.25, p = 1, s = 0.5;
      char params[100];
      assert_non_null(x);
      for (int64_t i = 0; i < c.rows * 4; i++) {
        x[i] = trial == 5 ? next_uniform(&seed) * 4 - 2 : floor(next_uniform(&seed) * 16) / 8 - 1;
        if (trial == 3 && next_uniform(&seed) < 0.1) x[i] = (double)NAN;
      }
      c.values = x;
      snprintf(params, sizeof params, "{preference: %s, q: %g, p: %g, s: %g}", names[function], q, p, s);
      rig *r = combined_with("promethee", params, &c);
      for (int64_t i = 0; i < c.rows; i++) {
        pair expected = by_pairs(&c, i, function, q, p, s);
        assert_near(rig_value(r, 0, i), expected.plus - expected.minus, 1e-13);
        if (isnan(rig_value(r, 0, i))) continue;
        assert_near(rig_value(r, 1, i), expected.plus, 1e-13);
        assert_near(rig_value(r, 2, i), expected.minus, 1e-13);
      }
      check_batches(r);
      check_reload(r);
      rig_close(r);
      free(x);
    }
}

/* Thresholds that are tiny beside the values: sums of the whole column would lose them. */
static void small_thresholds_far_from_zero_keep_their_digits(void **state)
{
  const double one[] = {1};
  const int32_t more[] = {1};
  criteria c = {400, 1, NULL, one, more, NULL};
  double *x = calloc(400, sizeof *x);
  uint64_t seed = 5;
  (void)state;
  assert_non_null(x);
  for (int i = 0; i < 400; i++) x[i] = 1e9 + floor(next_uniform(&seed) * 1024) / 1024;
  c.values = x;
  rig *r = combined_with("promethee", "{preference: linear, q: 0.125, p: 0.25}", &c);
  for (int i = 0; i < 400; i++) {
    pair expected = by_pairs(&c, i, 4, 0.125, 0.25, 0);
    assert_near(rig_value(r, 0, i), expected.plus - expected.minus, 1e-13);
  }
  rig_close(r);
  free(x);
}

/* ---- properties -------------------------------------------------------------------------------------------- */

static void net_flows_add_up_to_zero(void **state)
{
  const criteria c = {6, 3, six, weights, second_is_cost, NULL};
  (void)state;
  for (int f = 0; f < FUNCTIONS; f++) {
    char params[100];
    double sum = 0;
    snprintf(params, sizeof params, "{preference: %s, q: 1, p: 5, s: 3}", names[f]);
    rig *r = combined_with("promethee", params, &c);
    for (int i = 0; i < 6; i++) sum += rig_value(r, 0, i);
    assert_near(sum, 0, 1e-15);
    rig_close(r);
  }
}

static void contributions_add_up_to_the_net_flow(void **state)
{
  const criteria c = {6, 3, six, weights, second_is_cost, NULL};
  (void)state;
  rig *r = combined_with("promethee", "{preference: linear, q: 1, p: 5}", &c);
  assert_int_equal(rig_contributions(r, 4), TARAZU_OK);
  for (int i = 0; i < 6; i++) {
    double sum = r->baseline;
    for (uint32_t k = 0; k < 3; k++) sum += rig_contribution(r, k, i);
    assert_near(sum, rig_value(r, 0, i), 1e-15);
  }
  rig_close(r);
}

/* A what-if with a customer's own values gives her own flow. */
static void rows_that_are_not_of_the_run_flow_like_those_that_are(void **state)
{
  const criteria c = {6, 3, six, weights, second_is_cost, NULL};
  (void)state;
  for (int f = 0; f < FUNCTIONS; f++) {
    char params[100];
    double before[6];
    snprintf(params, sizeof params, "{preference: %s, q: 1, p: 5, s: 3}", names[f]);
    rig *r = combined_with("promethee", params, &c);
    for (int i = 0; i < 6; i++) before[i] = rig_value(r, 0, i);
    r->unknown_rows = 1;
    assert_int_equal(rig_apply(r, 3), TARAZU_OK);
    for (int i = 0; i < 6; i++) assert_near(rig_value(r, 0, i), before[i], 0);
    rig_close(r);
  }
}

/* So many that their flows are put in order piece by piece: of different values, "usual" is a matter of ranks. Some
 * lack the criterion. */
static void each_of_many_customers_gets_her_own_flow(void **state)
{
  (void)state;
  enum { N = 200003, LACKING = 7 };
  double *x = test_calloc(N, sizeof *x);
  int64_t there = 0;
  for (int64_t i = 0; i < N; i++) x[i] = i % LACKING ? (double)(i * 7919 % N) : (double)NAN;
  int64_t *below = test_calloc(N + 1, sizeof *below);
  for (int64_t i = 0; i < N; i++)
    if (!isnan(x[i])) below[(int64_t)x[i] + 1] = 1;
  for (int64_t v = 0; v < N; v++) below[v + 1] += below[v];
  there = below[N];
  const criteria c = {N, 1, x, (const double[]){1}, (const int32_t[]){1}, NULL};
  rig *r = combined("promethee", &c);
  for (int64_t i = 0; i < N; i++) {
    if (isnan(x[i])) continue;
    double ahead = (double)below[(int64_t)x[i]], behind = (double)(there - 1) - ahead;
    assert_near(rig_value(r, 1, i), ahead / (double)(there - 1), 1e-15);
    assert_near(rig_value(r, 2, i), behind / (double)(there - 1), 1e-15);
  }
  rig_close(r);
  test_free(x);
  test_free(below);
}

static void a_better_value_never_flows_less(void **state)
{
  (void)state;
  for (int f = 0; f < FUNCTIONS; f++) {
    criteria c = {6, 3, six, weights, second_is_cost, NULL};
    char params[100];
    double last = -2;
    snprintf(params, sizeof params, "{preference: %s, q: 1, p: 5, s: 3}", names[f]);
    rig *r = combined_with("promethee", params, &c);
    r->unknown_rows = 1;
    for (int step = 0; step < 40; step++) {
      double moved[sizeof six / sizeof *six];
      memcpy(moved, six, sizeof six);
      moved[4] = 40 - step; /* the second customer's cost */
      c.values = moved;
      criteria_bind(r, &c);
      assert_int_equal(rig_apply(r, 6), TARAZU_OK);
      assert_true(rig_value(r, 0, 1) >= last);
      last = rig_value(r, 0, 1);
    }
    assert_true(last > -1);
    rig_close(r);
  }
}

/* ---- faults ------------------------------------------------------------------------------------------------ */

static void refused(const char *params, int32_t param, int32_t item, const char *words)
{
  const criteria c = {6, 3, six, weights, second_is_cost, NULL};
  rig *r = rig_open("combiner", "promethee");
  criteria_bind(r, &c);
  assert_int_equal(rig_create(r, params), TARAZU_BAD_PARAMETER);
  if (!strstr(r->error.message, words)) fail_msg("%s: %s", params, r->error.message);
  if (param >= 0) assert_int_equal(r->error.param, param);
  assert_int_equal(r->error.item, item);
  rig_close(r);
}

static void thresholds_that_a_function_needs_are_asked_for(void **state)
{
  (void)state;
  refused("preference: u_shape", 0, -1, "u_shape of criterion 'c0' needs q, the indifference threshold");
  refused("preference: v_shape", 0, -1, "needs p, the preference threshold");
  refused("{preference: v_shape, p: 0}", 0, -1, "needs p above 0");
  refused("{preference: gaussian}", 0, -1, "needs s, where the function bends");
  refused("{preference: linear, q: 2, p: 2}", 0, -1, "needs p above q");
  refused("criteria: [{criterion: c1, preference: level, q: 1}]", 4, 0, "level of criterion 'c1' needs p");
  refused("criteria: [{criterion: c1, q: 1}, {criterion: c1, q: 2}]", 4, 1, "'c1' stands here a second time");
}

static void pairs_of_too_many_values_are_refused(void **state)
{
  const double one[] = {1};
  double *x = calloc(10001, sizeof *x);
  (void)state;
  assert_non_null(x);
  for (int i = 0; i < 10001; i++) x[i] = i;
  const criteria c = {10001, 1, x, one, NULL, NULL};
  rig *r = rig_open("combiner", "promethee");
  criteria_bind(r, &c);
  assert_int_equal(rig_create(r, "{preference: gaussian, s: 1}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "'c0' has 10001 different values; the gaussian function must compare"));
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_preference_function_agrees_with_a_peer),
      cmocka_unit_test(any_data_agree_with_comparing_every_pair),
      cmocka_unit_test(small_thresholds_far_from_zero_keep_their_digits),
      cmocka_unit_test(net_flows_add_up_to_zero),
      cmocka_unit_test(contributions_add_up_to_the_net_flow),
      cmocka_unit_test(rows_that_are_not_of_the_run_flow_like_those_that_are),
      cmocka_unit_test(each_of_many_customers_gets_her_own_flow),
      cmocka_unit_test(a_better_value_never_flows_less),
      cmocka_unit_test(thresholds_that_a_function_needs_are_asked_for),
      cmocka_unit_test(pairs_of_too_many_values_are_refused),
  };
  return cmocka_run_group_tests_name("promethee", tests, NULL, NULL);
}
