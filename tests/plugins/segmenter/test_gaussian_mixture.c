#include "support/blobs.h"

#include <stdlib.h>

/* ---- peers ------------------------------------------------------------------------------------------------- */

enum { TWO_ROWS = 400 };

/* Two groups that overlap and slant in different directions. */
static void make_two(double *x, double *y)
{
  uint64_t seed = 31;
  for (int i = 0; i < TWO_ROWS; i++) {
    int near = next_uniform(&seed) < 0.6;
    double a = -2, b = -2;
    for (int u = 0; u < 4; u++) a += next_uniform(&seed);
    for (int u = 0; u < 4; u++) b += next_uniform(&seed);
    x[i] = near ? 2 * a : 1.5 + a;
    y[i] = near ? 1.5 * a + 0.5 * b : 1 - a + 0.7 * b;
  }
}

/* scikit-learn 1.9.1: GaussianMixture(2, covariance_type=…, tol=1e-14) on standardized columns; components by their
 * weights, probabilities of the first five rows. Where its iterations end differs by the tolerance. */
typedef struct peer {
  const char *covariance;
  double log_likelihood, bic, weight, mean_a[2], mean_b[2], probability[5];
  int customers, first[5]; /* of the first component; who belongs where */
} peer;

static const peer peers[] = {
    {"full",
     -778.144467457101,
     1622.1950449323897,
     0.5936097911391494,
     {0.09212574503326199, 1.5033196628602394},
     {0.07174864047189938, 0.9633943491147432},
     {0.9985815064317951, 0.9999148405402731, 0.9999956460884377, 0.9975596432965741, 0.9999999999999991},
     222,
     {1, 1, 1, 1, 0}},
    {"diagonal",
     -959.0536298597629,
     1972.0304406434975,
     0.7002753206905064,
     {1.2959145944093158, -0.8069935138561015},
     {0.8850963823405286, -0.6195900423555563},
     {0.9999477327886009, 0.9997080677281488, 0.9999790795262548, 0.9999412074432719, 0.9537061684206329},
     281,
     {0, 0, 0, 0, 1}},
    {"tied",
     -943.9432963552204,
     1935.8183090873047,
     0.7324339180385012,
     {1.2355853054213548, -0.894595639789928},
     {0.8428869821522349, -0.6848935680518469},
     {0.9999221538794246, 0.9997023968709964, 0.9999797605646776, 0.9996295207916954, 0.7828522442654637},
     294,
     {0, 0, 0, 0, 1}},
    {"spherical",
     -963.7249010683147,
     1969.3900539663853,
     0.7138425829002011,
     {1.2712319895018278, -0.8451236150376435},
     {0.870776009447644, -0.6552067438080817},
     {0.9999685214019833, 0.9997881886512373, 0.9999896561214172, 0.9999705836581447, 0.9261288254173526},
     285,
     {0, 0, 0, 0, 1}},
};

static void expect_peer(const peer *p, const double *const *columns)
{
  char params[120];
  snprintf(params, sizeof params, "{components: 2, covariance: %s, tolerance: 0.00000000000001, iterations: 100000}",
           p->covariance);
  rig *r = grouped_columns("gaussian_mixture", params, columns, 2, TWO_ROWS);
  assert_near(fact_of(r, "log_likelihood"), p->log_likelihood, 1e-8);
  assert_near(fact_of(r, "bic"), p->bic, 1e-8);
  assert_near(fact_of(r, "weight_of_cluster 1"), p->weight, 1e-5);
  assert_near(fact_of(r, "weight_of_cluster 2"), 1 - p->weight, 1e-5);
  assert_near(fact_of(r, "customers_in_cluster 1"), p->customers, 0);
  assert_near(fact_of(r, "mean_of_a_in_cluster 1"), p->mean_a[0], 1e-5);
  assert_near(fact_of(r, "mean_of_a_in_cluster 2"), p->mean_a[1], 1e-5);
  assert_near(fact_of(r, "mean_of_b_in_cluster 1"), p->mean_b[0], 1e-5);
  assert_near(fact_of(r, "mean_of_b_in_cluster 2"), p->mean_b[1], 1e-5);
  for (int i = 0; i < 5; i++) {
    assert_string_equal(rig_label(r, 0, i), p->first[i] ? "cluster 2" : "cluster 1");
    assert_near(rig_value(r, 1, i), p->probability[i], 1e-5);
  }
  rig_close(r);
}

static void mixtures_are_those_of_scikit_learn(void **state)
{
  (void)state;
  double x[TWO_ROWS], y[TWO_ROWS];
  make_two(x, y);
  for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) expect_peer(&peers[i], (const double *[]){x, y});
}

/* scikit-learn 1.9.1, on the columns as they are. */
static void columns_as_they_are_give_the_likelihood_in_their_units(void **state)
{
  (void)state;
  double x[TWO_ROWS], y[TWO_ROWS];
  make_two(x, y);
  rig *r = grouped_columns("gaussian_mixture",
                           "{components: 2, standardize: none, tolerance: 0.00000000000001, iterations: 100000}",
                           (const double *[]){x, y}, 2, TWO_ROWS);
  assert_near(fact_of(r, "log_likelihood"), -811.6452355618113, 1e-8);
  assert_near(fact_of(r, "bic"), 1689.1965811418104, 1e-8);
  rig_close(r);
}

/* scikit-learn 1.9.1: GaussianMixture(k, n_init=30, tol=1e-10).bic, for each covariance; up to the four that there are,
 * beyond which starts matter. */
static void the_bic_chooses_as_many_as_there_are(void **state)
{
  (void)state;
  static const struct {
    const char *covariance;
    double bic[4];
  } peer_bics[] = {{"full", {4784.123144126712, 3267.3039669243135, 2151.628153861503, 1480.9535567335588}},
                   {"diagonal", {5146.560297469019, 3984.080447848078, 3036.0622909262574, 1407.86181704878}},
                   {"tied", {4784.123144126711, 3453.145115001797, 2329.9548659285474, 1372.9748095826615}},
                   {"spherical", {5133.766438158586, 4265.49402131377, 3446.023244189299, 1671.0021145865198}}};
  blobs *b = blobs_new();
  for (int i = 0; i < 4; i++) {
    char params[120];
    int most = i == 3 ? 4 : 6; /* circles: scikit-learn, too, finds five and more of them likelier */
    snprintf(params, sizeof params, "{covariance: %s, components_most: %d, starts: 20, tolerance: 0.0000000001}",
             peer_bics[i].covariance, most);
    rig *r = grouped(blobs_rig("gaussian_mixture", params, b, BLOB_ROWS));
    for (int k = 1; k <= 4; k++) {
      char name[20];
      snprintf(name, sizeof name, "bic_of_%d", k);
      assert_near(fact_of(r, name), peer_bics[i].bic[k - 1], 1e-4);
    }
    assert_near(fact_of(r, "segments"), 4, 0);
    assert_near(fact_of(r, "bic"), peer_bics[i].bic[3], 1e-6);
    rig_close(r);
  }
  test_free(b);
}

/* ---- properties -------------------------------------------------------------------------------------------- */

/* One component is the sample's mean and deviation, and its likelihood is in closed form: -n/2 (log 2 pi + log s² + 1).
 */
static void one_component_is_the_normal_distribution(void **state)
{
  (void)state;
  const double x[] = {1, 2, 4, 9};
  rig *r = grouped_columns("gaussian_mixture", "{components: 1, standardize: none, regularization: 0}",
                           (const double *[]){x}, 1, 4);
  double variance = (9 + 4 + 0 + 25) / 4.0;
  assert_near(fact_of(r, "mean_of_a_in_cluster 1"), 4, 1e-14);
  assert_near(fact_of(r, "deviation_of_a_in_cluster 1"), sqrt(variance), 1e-13);
  assert_near(fact_of(r, "log_likelihood"), -2 * (log(2 * 3.14159265358979323846) + log(variance) + 1), 1e-12);
  assert_near(fact_of(r, "weight_of_cluster 1"), 1, 0);
  assert_near(rig_value(r, 1, 0), 1, 0);
  rig_close(r);
}

/* Probabilities by Bayes' rule out of the reported parameters, in one column. */
static void probabilities_follow_from_the_densities(void **state)
{
  (void)state;
  double x[TWO_ROWS], y[TWO_ROWS];
  make_two(x, y);
  rig *r = grouped_columns("gaussian_mixture", "{components: 3}", (const double *[]){y}, 1, TWO_ROWS);
  double weights = 0, likelihood = 0;
  for (int i = 0; i < TWO_ROWS; i++) {
    double density[3], sum = 0, largest = 0;
    for (int j = 0; j < 3; j++) {
      char weight[40], mean[40], deviation[40];
      snprintf(weight, sizeof weight, "weight_of_cluster %d", j + 1);
      snprintf(mean, sizeof mean, "mean_of_a_in_cluster %d", j + 1);
      snprintf(deviation, sizeof deviation, "deviation_of_a_in_cluster %d", j + 1);
      double s = fact_of(r, deviation), z = (y[i] - fact_of(r, mean)) / s;
      density[j] = fact_of(r, weight) * exp(-z * z / 2) / s / sqrt(2 * 3.14159265358979323846);
      sum += density[j];
      largest = fmax(largest, density[j]);
      weights += i ? 0 : fact_of(r, weight);
    }
    likelihood += log(sum);
    assert_near(rig_value(r, 1, i), largest / sum, 1e-9);
    assert_near(density[rig_label(r, 0, i)[8] - '1'], largest, 0);
  }
  double squares = 0, mean = 0; /* the fact is of the standardized column */
  for (int i = 0; i < TWO_ROWS; i++) mean += y[i] / TWO_ROWS;
  for (int i = 0; i < TWO_ROWS; i++) squares += (y[i] - mean) * (y[i] - mean);
  assert_near(fact_of(r, "log_likelihood"), likelihood + TWO_ROWS * log(sqrt(squares / TWO_ROWS)), 1e-8);
  assert_near(weights, 1, 1e-14);
  rig_close(r);
}

/* What expectation and maximization promises: the likelihood never falls (but for the regularization). */
static void more_iterations_are_never_less_likely(void **state)
{
  (void)state;
  double x[TWO_ROWS], y[TWO_ROWS], before = -HUGE_VAL;
  make_two(x, y);
  for (int iterations = 1; iterations <= 30; iterations++) {
    char params[120];
    snprintf(params, sizeof params, "{components: 3, starts: 1, regularization: 0, tolerance: 0, iterations: %d}",
             iterations);
    rig *r = grouped_columns("gaussian_mixture", params, (const double *[]){x, y}, 2, TWO_ROWS);
    assert_int_equal(rig_fact(r, "convergence")->level, 1);
    assert_near(fact_of(r, "iterations"), iterations, 0);
    assert_true(fact_of(r, "log_likelihood") > before - 1e-9);
    before = fact_of(r, "log_likelihood");
    rig_close(r);
  }
}

static void batches_threads_and_a_loaded_model_change_nothing(void **state)
{
  (void)state;
  enum { N = 9000 };
  double *x = test_calloc(N, sizeof *x), *y = test_calloc(N, sizeof *y);
  uint64_t seed = 41;
  for (int i = 0; i < N; i++) {
    double a = next_uniform(&seed), b = next_uniform(&seed);
    x[i] = i % 3 ? a + b : 1 + 2 * a;
    y[i] = i % 10 == 7 ? (double)NAN : i % 3 ? a - b : 4 * b;
  }
  for (int way = 0; way < 4; way++) {
    char params[80];
    snprintf(params, sizeof params, "{components_most: 3, starts: 1, covariance: %s}",
             (const char *[]){"full", "diagonal", "tied", "spherical"}[way]);
    rig *r = grouped_columns("gaussian_mixture", params, (const double *[]){x, y}, 2, N);
    check_batches(r);
    check_threads(r);
    check_reload(r);
    assert_null(rig_label(r, 0, 7));
    rig_close(r);
  }
  test_free(x);
  test_free(y);
}

static void standardized_columns_may_have_any_unit(void **state)
{
  (void)state;
  blobs *b = blobs_new();
  rig *one = grouped(blobs_rig("gaussian_mixture", "{components: 4}", b, BLOB_ROWS));
  for (int i = 0; i < BLOB_ROWS; i++) b->x[2][i] *= 0x1p-300;
  rig *other = grouped(blobs_rig("gaussian_mixture", "{components: 4}", b, BLOB_ROWS));
  for (int i = 0; i < BLOB_ROWS; i++) {
    assert_string_equal(rig_label(one, 0, i), rig_label(other, 0, i));
    assert_near(rig_value(one, 1, i), rig_value(other, 1, i), 0);
  }
  rig_close(one);
  rig_close(other);
  test_free(b);
}

/* ---- odd data and parameters ------------------------------------------------------------------------------- */

static void nobody_one_and_equal_customers_are_no_fault(void **state)
{
  (void)state;
  const double same[] = {3, 3, 3}, two[] = {1, 2, 1}, none[] = {(double)NAN, (double)NAN};
  rig *r = grouped_columns("gaussian_mixture", NULL, (const double *[]){same}, 1, 0);
  check_reload(r);
  rig_close(r);
  r = grouped_columns("gaussian_mixture", NULL, (const double *[]){none}, 1, 2);
  assert_null(rig_label(r, 0, 1));
  rig_close(r);
  r = grouped_columns("gaussian_mixture", "{components: 2}", (const double *[]){same}, 1, 1);
  assert_string_equal(rig_label(r, 0, 0), "cluster 1");
  assert_near(rig_value(r, 1, 0), 1, 0);
  check_reload(r);
  rig_close(r);
  r = grouped_columns("gaussian_mixture", "{components: 3}", (const double *[]){two, same}, 2, 3);
  assert_near(fact_of(r, "segments"), 2, 0);
  assert_int_equal(rig_fact(r, "constant_b")->level, 1);
  assert_non_null(strstr(rig_fact(r, "verdict")->text, "2 segments in place of 3"));
  assert_string_equal(rig_label(r, 0, 0), rig_label(r, 0, 2));
  rig_close(r);
}

/* Two columns of which one is the double of the other: all the density is on a line. */
static void columns_that_say_the_same_are_regularized(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 5, 8, 13}, y[] = {2, 4, 6, 10, 16, 26};
  rig *r = grouped_columns("gaussian_mixture", "{components: 1}", (const double *[]){x, y}, 2, 6);
  /* z = x standardized, in both: (z1 + z2)/sqrt 2 has variance 2 + e, (z1 - z2)/sqrt 2 has e */
  const double e = 1e-6, n = 6, squares = n * 2 / (2 + e);
  assert_near(fact_of(r, "log_likelihood"),
              -n * log(2 * 3.14159265358979323846) - n / 2 * log((2 + e) * e) - squares / 2, 1e-6);
  rig_close(r);
}

/* Two customers a segment, each pair equal: no spread at all. */
static void segments_without_spread_are_refused_without_regularization(void **state)
{
  (void)state;
  const double x[] = {1, 1, 5, 5};
  rig *r = grouped_columns("gaussian_mixture", "{components: 2}", (const double *[]){x}, 1, 4);
  assert_string_equal(rig_label(r, 0, 0), rig_label(r, 0, 1));
  assert_string_not_equal(rig_label(r, 0, 0), rig_label(r, 0, 2));
  assert_int_equal(rig_create(r, "{components: 2, regularization: 0}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.param, 8);
  rig_close(r);
}

static void far_away_customers_get_a_probability(void **state)
{
  (void)state;
  blobs *b = blobs_new();
  rig *r = grouped(blobs_rig("gaussian_mixture", "{components: 4}", b, BLOB_ROWS));
  for (int c = 0; c < BLOB_COLUMNS; c++)
    rig_f64(r, (const char *[]){"a", "b", "c"}[c], (const double[]){1e308, -1e308, 1e5}, 3);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 3), TARAZU_OK);
  for (int i = 0; i < 3; i++) assert_true(rig_value(r, 1, i) >= 0.25 && rig_value(r, 1, i) <= 1);
  rig_close(r);
  test_free(b);
}

static void faults_of_the_profile_are_placed_and_it_can_be_cancelled(void **state)
{
  (void)state;
  expect_refused_by("gaussian_mixture", "{components: 3, names: [a, b]}", 10, -1, "2 names for 3 segments");
  expect_refused_by("gaussian_mixture", "{names: [a, b]}", 10, -1, "names call for 'components'");
  expect_refused_by("gaussian_mixture", "{components_least: 5, components_most: 3}", 2, -1, "components_most is 3");
  blobs *b = blobs_new();
  rig *r = blobs_rig("gaussian_mixture", "{components: 4}", b, BLOB_ROWS);
  r->cancel_after = 5;
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
  test_free(b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mixtures_are_those_of_scikit_learn),
      cmocka_unit_test(columns_as_they_are_give_the_likelihood_in_their_units),
      cmocka_unit_test(the_bic_chooses_as_many_as_there_are),
      cmocka_unit_test(one_component_is_the_normal_distribution),
      cmocka_unit_test(probabilities_follow_from_the_densities),
      cmocka_unit_test(more_iterations_are_never_less_likely),
      cmocka_unit_test(batches_threads_and_a_loaded_model_change_nothing),
      cmocka_unit_test(standardized_columns_may_have_any_unit),
      cmocka_unit_test(nobody_one_and_equal_customers_are_no_fault),
      cmocka_unit_test(columns_that_say_the_same_are_regularized),
      cmocka_unit_test(segments_without_spread_are_refused_without_regularization),
      cmocka_unit_test(far_away_customers_get_a_probability),
      cmocka_unit_test(faults_of_the_profile_are_placed_and_it_can_be_cancelled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
