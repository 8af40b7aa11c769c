#include "support/properties.h"

#include <stdlib.h>
#include <string.h>

static rig *learned(const double *x, const double *y, int64_t count, const char *params)
{
  rig *r = rig_open("segmenter", "matrix");
  rig_f64(r, "x", x, count);
  rig_f64(r, "y", y, count);
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
  return r;
}

static void expect(rig *r, const char *const *expected)
{
  for (int64_t i = 0; i < r->rows; i++) {
    const char *got = rig_label(r, 0, i);
    if (strcmp(got ? got : "-", expected[i]))
      fail_msg("customer %d is %s, not %s", (int)i, got ? got : "-", expected[i]);
  }
  rig_close(r);
}

static void both_values_are_halved_at_their_medians(void **state)
{
  (void)state;
  expect(learned((double[]){1, 2, 8, 9, NAN, 5}, (double[]){10, 90, 20, 80, 50, NAN}, 6, NULL),
         (const char *[]){"misers", "advocates", "affluents", "champions", "-", "-"});
}

/* Half of all have no referral at all: having one is what tells. */
static void a_value_on_the_cut_belongs_below_it(void **state)
{
  (void)state;
  expect(learned((double[]){1, 2, 3, 4}, (double[]){0, 0, 0, 1}, 4, NULL),
         (const char *[]){"misers", "misers", "affluents", "champions"});
  expect(learned((double[]){5, 5}, (double[]){5, 5}, 2, NULL), (const char *[]){"misers", "misers"});
}

static void quantiles_lie_between_neighbours_as_in_r(void **state)
{
  (void)state;
  /* R: quantile(c(1, 3, 4, 10), c(.1, .25, .9)) gives 1.6, 2.5, 8.2 */
  rig *r = learned((double[]){10, 1, 4, 3, NAN}, (double[]){1, 2, 3, 4, 5}, 5,
                   "{x_cuts: [10%, 25%, 90%], y_cuts: [], names: [a, b, c, d]}");
  assert_near(rig_fact(r, "x_cut_1")->value, 1.6, 1e-15);
  assert_near(rig_fact(r, "x_cut_2")->value, 2.5, 1e-15);
  assert_near(rig_fact(r, "x_cut_3")->value, 8.2, 4e-15);
  expect(r, (const char *[]){"d", "a", "c", "c", "-"});
}

static void equal_values_give_a_cut_on_them_to_the_bit(void **state)
{
  (void)state;
  double x[7] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
  rig *r = learned(x, x, 7, "{x_cuts: [30%], y_cuts: [70%]}");
  assert_near(rig_fact(r, "x_cut_1")->value, 0.1, 0);
  assert_near(rig_fact(r, "customers_in_misers")->value, 7, 0);
  rig_close(r);
}

static void absolute_cuts_replace_quantiles(void **state)
{
  (void)state;
  expect(
      learned((double[]){1, 2, 8, 9}, (double[]){1, 2, 3, 4}, 4, "{x_values: [8.5], y_cuts: [], names: [low, high]}"),
      (const char *[]){"low", "low", "low", "high"});
  expect(learned((double[]){1, 2}, (double[]){-1, 0}, 2,
                 "{x_values: [1.5], y_values: [-5, -0.5], names: [a, b, c, d, e, f]}"),
         (const char *[]){"c", "f"});
}

static void cells_of_one_name_are_one_segment(void **state)
{
  (void)state;
  rig *r = learned((double[]){1, 2, 8, 9}, (double[]){1, 9, 2, 8}, 4, "{names: [rest, rest, rest, key]}");
  assert_near(rig_fact(r, "customers_in_rest")->value, 3, 0);
  assert_near(rig_fact(r, "customers_in_key")->value, 1, 0);
  expect(r, (const char *[]){"rest", "rest", "rest", "key"});
}

static void faults_of_the_profile_are_placed(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "matrix");
  rig_f64(r, "x", (double[]){1}, 1);
  rig_f64(r, "y", (double[]){1}, 1);
  assert_int_equal(rig_create(r, "{x_cuts: [30%, 60%]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 4);
  assert_non_null(strstr(r->error.message, "4 names for 6 cells"));
  assert_int_equal(rig_create(r, "{y_cuts: [60%, 30%]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 1);
  assert_int_equal(r->error.item, 1);
  assert_int_equal(rig_create(r, "{x_values: [5, 5]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 2);
  rig_close(r);
}

static void no_values_give_no_cell(void **state)
{
  (void)state;
  expect(learned((double[]){NAN, NAN}, (double[]){1, NAN}, 2, NULL), (const char *[]){"-", "-"});
  expect(learned(NULL, NULL, 0, NULL), NULL);
  expect(learned((double[]){1}, (double[]){1}, 1, NULL), (const char *[]){"misers"});
}

static void any_batch_and_a_loaded_model_give_the_same(void **state)
{
  (void)state;
  enum { N = 70000 };
  double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
  uint64_t seed = 23;
  for (int i = 0; i < N; i++) {
    x[i] = i % 10 ? next_uniform(&seed) : (double)NAN;
    y[i] = floor(5 * next_uniform(&seed));
  }
  rig *r = learned(x, y, N, NULL);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(x);
  free(y);
}

/* Four customers, one in each corner: (low, low), (high, low), (low, high), (high, high). */
static rig *corners(const char *params)
{
  return learned((double[]){1, 9, 2, 8}, (double[]){1, 2, 9, 8}, 4, params);
}

/* Which corner has which name is the papers'; see the page for their axes. */
static void presets_name_the_corners_as_the_literature_does(void **state)
{
  (void)state;
  expect(corners("preset: fiocca"),
         (const char *[]){"non-key, easy", "non-key, difficult", "key, easy", "key, difficult"});
  expect(corners("preset: krapfel"), (const char *[]){"acquaintance", "friend", "rival", "partner"});
  rig *r = corners("preset: mcdonald");
  const char *const strategies[] = {"manage for cash", "maintain", "invest selectively", "invest for growth"};
  for (int i = 0; i < 4; i++) assert_string_equal(rig_label(r, 1, i), strategies[i]);
  expect(r, (const char *[]){"streamline", "status", "star", "strategic"});
  r = corners(NULL);
  for (int i = 0; i < 4; i++) assert_null(rig_label(r, 1, i));
  expect(r, (const char *[]){"misers", "affluents", "advocates", "champions"});
}

static rig *layered(const double *x, const double *y, const double *z, int64_t count, const char *params)
{
  rig *r = rig_open("segmenter", "matrix");
  rig_f64(r, "x", x, count);
  rig_f64(r, "y", y, count);
  if (z) rig_f64(r, "z", z, count);
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
  return r;
}

static void three_dimensions_have_layers(void **state)
{
  (void)state;
  const double x[] = {1, 9, 1, 9, 1, 9, 1, 9, 5}, y[] = {1, 1, 9, 9, 1, 1, 9, 9, 5},
               z[] = {1, 1, 1, 1, 9, 9, 9, 9, NAN};
  rig *r = layered(x, y, z, 9, "{preset: turnbull_zolkiewski, missing: unknown}");
  assert_near(rig_fact(r, "z_cut_1")->value, 5, 0);
  assert_near(rig_fact(r, "customers_in_unknown")->value, 1, 0);
  check_batches(r);
  check_reload(r);
  expect(r, (const char *[]){"bargain basement, low relationship value", "aggressive, low relationship value",
                             "passive, low relationship value", "carriage trade, low relationship value",
                             "bargain basement, high relationship value", "aggressive, high relationship value",
                             "passive, high relationship value", "carriage trade, high relationship value", "unknown"});
  expect(layered(x, y, z, 9, "{x_cuts: [], y_cuts: [], names: [under, over], z_values: [5]}"),
         (const char *[]){"under", "under", "under", "under", "over", "over", "over", "over", "-"});
}

/* The second step is of key accounts; without the first step's importance everybody is one. */
static void fiocca_s_second_step_is_of_key_accounts(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {6, 5, 4, 3, 2, 1}, z[] = {1, 0, 1, 0, 1, 0};
  expect(layered(x, y, z, 6, "preset: fiocca_key"),
         (const char *[]){"high attractiveness, weak relationship", "non-key",
                          "medium attractiveness, medium relationship", "non-key",
                          "low attractiveness, strong relationship", "non-key"});
  expect(layered(x, y, NULL, 6, "preset: fiocca_key"),
         (const char *[]){"high attractiveness, weak relationship", "high attractiveness, weak relationship",
                          "medium attractiveness, medium relationship", "medium attractiveness, medium relationship",
                          "low attractiveness, strong relationship", "low attractiveness, strong relationship"});
}

static void a_mean_can_be_the_cut(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 100}, y[] = {1e308, 1.6e308, 1.7e308, 1.7e308};
  rig *r = learned(x, y, 4, "{x_by: mean, y_by: mean}");
  assert_near(rig_fact(r, "x_cut_1")->value, 26.5, 0);
  assert_near(rig_fact(r, "y_cut_1")->value, 1.5e308, 1e293);
  expect(r, (const char *[]){"misers", "advocates", "advocates", "champions"});
  double same[] = {0.1, 0.1, 0.1};
  expect(learned(same, same, 3, "{x_by: mean, y_by: mean}"), (const char *[]){"misers", "misers", "misers"});
}

static void own_strategies_stand_beside_the_cells(void **state)
{
  (void)state;
  rig *r = corners("{names: [a, b, b, c], strategies: [harvest, expand, expand, protect]}");
  assert_string_equal(rig_label(r, 1, 0), "harvest");
  assert_string_equal(rig_label(r, 1, 2), "expand");
  assert_string_equal(rig_label(r, 1, 3), "protect");
  rig_close(r);
  /* names of another meaning do not keep the preset's strategies */
  r = corners("{preset: mcdonald, names: [a, b, c, d]}");
  assert_null(rig_label(r, 1, 0));
  rig_close(r);
}

static void faults_of_presets_and_layers_are_placed(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "matrix");
  rig_f64(r, "x", (double[]){1}, 1);
  rig_f64(r, "y", (double[]){1}, 1);
  assert_int_equal(rig_create(r, "preset: turnbull_zolkiewski"), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "bind the input z"));
  assert_int_equal(r->error.param, 5);
  assert_int_equal(rig_create(r, "z_cuts: [30%]"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 7);
  assert_int_equal(rig_create(r, "{x_by: mean, x_values: [3]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 2);
  assert_int_equal(rig_create(r, "strategies: [a, b]"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 6);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_values_are_halved_at_their_medians),
      cmocka_unit_test(a_value_on_the_cut_belongs_below_it),
      cmocka_unit_test(quantiles_lie_between_neighbours_as_in_r),
      cmocka_unit_test(equal_values_give_a_cut_on_them_to_the_bit),
      cmocka_unit_test(absolute_cuts_replace_quantiles),
      cmocka_unit_test(cells_of_one_name_are_one_segment),
      cmocka_unit_test(faults_of_the_profile_are_placed),
      cmocka_unit_test(no_values_give_no_cell),
      cmocka_unit_test(presets_name_the_corners_as_the_literature_does),
      cmocka_unit_test(three_dimensions_have_layers),
      cmocka_unit_test(fiocca_s_second_step_is_of_key_accounts),
      cmocka_unit_test(a_mean_can_be_the_cut),
      cmocka_unit_test(own_strategies_stand_beside_the_cells),
      cmocka_unit_test(faults_of_presets_and_layers_are_placed),
      cmocka_unit_test(any_batch_and_a_loaded_model_give_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
