/* The weighers that look at data, one by one: entropy, standard_deviation, gini, critic, merec, cilos, idocriw; and
 * equal. What holds for all weighers is in test_all.c. */
#include "support/properties.h"
#include "support/weighed.h"

static void check(const char *id, const char *params, const double *x, int64_t rows, uint32_t count,
                  const int32_t *better, const double *expected, double tolerance)
{
  double weights[MOST_WEIGHED];
  rig *r = weigher_made(id, params, x, rows, count, better);
  learn_weights(r, weights);
  for (uint32_t c = 0; c < count; c++) assert_near(weights[c], expected[c], tolerance);
  rig_close(r);
}

/* ---- published and peers' figures -------------------------------------------------------------------------- */

static void published_weights_are_reproduced(void **state)
{
  static const double critic[] = {61,  1.08, 4.33, 20.7, .26,  4.34, 16.3, 1.98, 2.53, 9,     3.29, 1.65,
                                  5.4, 2.77, 2.33, 4,    4.12, 1.21, -6.1, 3.52, 2.10, -34.6, 3.31, .98};
  (void)state;
  check("entropy", NULL, (double[]){1, 2, 4, 16}, 2, 2, NULL, (double[]){0.358889, 0.641111}, 5e-7);
  check("critic", NULL, critic, 8, 3, NULL, (double[]){.20222554, .48090173, .31687273}, 5e-9);
}

/* Six rows, the second and the fourth a cost. pymcdm 1.4.0, but critic: scikit-criteria 0.10, which turns costs round
 * as the paper does, and the deviations over range and mean: NumPy. */
static const double six[] = {3.1, 20, 5.5, 1.2, 4.7, 35, 2.1, 0.7, 2.2, 28, 7.9, 2.5,
                             4.6, 15, 4.4, 1.9, 6.0, 31, 3.3, 0.4, 1.4, 22, 9.6, 3.1};
static const int32_t costs[] = {1, -1, 1, -1};

static void peers_agree(void **state)
{
  static const struct {
    const char *id, *params;
    double weights[4];
  } known[] = {
      {"entropy", NULL, {0.227236309565, 0.0865074658238, 0.260810303765, 0.425445920846}},
      {"standard_deviation", "scale: none", {0.132311408812, 0.570585250167, 0.21657939173, 0.080523949292}},
      {"standard_deviation", NULL, {0.247973701034, 0.245955595419, 0.248955673648, 0.257115029899}},
      {"standard_deviation", "scale: mean", {0.244352439205, 0.153527316612, 0.26827818018, 0.333842064003}},
      {"gini", NULL, {0.243534914596, 0.154124538252, 0.267480039583, 0.334860507569}},
      {"critic", NULL, {0.226057371628, 0.227426349653, 0.300202088526, 0.246314190193}},
      {"critic", "correlation: spearman", {0.232536055602, 0.230643587499, 0.295712067434, 0.241108289465}},
      {"merec", NULL, {0.281073642311, 0.123150483173, 0.307270351867, 0.288505522649}},
      {"cilos", NULL, {0.30207295824, 0.260878210745, 0.255125546348, 0.181923284666}},
      {"idocriw", NULL, {0.291909852014, 0.0959733321506, 0.282968354472, 0.329148461363}},
      {"equal", NULL, {.25, .25, .25, .25}},
  };
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    check(known[i].id, known[i].params, six, 6, 4, costs, known[i].weights, 2e-12);
}

/* ---- single ones ------------------------------------------------------------------------------------------- */

static void values_that_a_measure_cannot_take_are_told(void **state)
{
  static const struct {
    const char *id;
    double x;
    int32_t better;
    const char *words;
  } bad[] = {
      {"entropy", -1, 1, "criterion 'c0' has the value -1; entropy is of shares of a whole, so of values from 0 on"},
      {"gini", -1, 1, "criterion 'c0' has the value -1; the Gini coefficient is of values from 0 on"},
      {"merec", 0, 1, "criterion 'c0' has the value 0; merec takes logarithms, so values above 0"},
      {"cilos", -2, 1, "criterion 'c0' has the value -2; a loss is a share, of values from 0 on"},
      {"cilos", 0, -1, "criterion 'c0' has the value 0; a loss is a share, of costs above 0"},
      {"idocriw", -2, 1, "criterion 'c0' has the value -2; entropy is of shares"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rig *r = weigher_made(bad[i].id, NULL, (double[]){bad[i].x, 1, 5, 2}, 2, 2, (int32_t[]){bad[i].better, 1});
    assert_int_equal(rig_learn(r), TARAZU_BAD_DATA);
    if (!strstr(r->error.message, bad[i].words)) fail_msg("%s: %s", bad[i].id, r->error.message);
    rig_close(r);
  }
}

/* 0 ln 0 is 0: of two shares 0 and 1 the entropy is 0, its complement 1. */
static void a_share_of_nothing_has_no_entropy(void **state)
{
  double weights[2];
  (void)state;
  rig *r = weigher_made("entropy", NULL, (double[]){0, 1, 1, 3}, 2, 2, NULL);
  learn_weights(r, weights);
  assert_near(rig_fact(r, "divergence_c0")->value, 1, 1e-15);
  assert_near(rig_fact(r, "divergence_c1")->value, 1 + (.25 * log(.25) + .75 * log(.75)) / log(2), 1e-15);
  rig_close(r);
}

/* A hundred thousand nearly equal values: one less a sum of logarithms would be left with rounding alone. */
static void small_divergences_keep_their_digits(void **state)
{
  enum { ROWS = 100000 };
  double *x = calloc(ROWS, sizeof *x), weights[1], expected = 0;
  uint64_t seed = 6;
  (void)state;
  assert_non_null(x);
  for (int i = 0; i < ROWS; i += 2) {
    double d = ldexp(next_uniform(&seed) - 0.5, -20);
    x[i] = 1 + d;
    x[i + 1] = 2 - x[i];
    d = x[i] - 1;
    /* (1 + d) ln(1 + d) + (1 - d) ln(1 - d) = d^2 + d^4 / 6 + … */
    expected += d * d + d * d * d * d / 6;
  }
  rig *r = weigher_made("entropy", NULL, x, ROWS, 1, NULL);
  learn_weights(r, weights);
  assert_near(rig_fact(r, "divergence_c0")->value / (expected / ROWS / log(ROWS)), 1, 1e-3);
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_weights_are_reproduced),           cmocka_unit_test(peers_agree),
      cmocka_unit_test(values_that_a_measure_cannot_take_are_told), cmocka_unit_test(a_share_of_nothing_has_no_entropy),
      cmocka_unit_test(small_divergences_keep_their_digits),
  };
  return cmocka_run_group_tests_name("objective weighers", tests, NULL, NULL);
}
