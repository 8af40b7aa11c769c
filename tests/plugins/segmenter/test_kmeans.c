#include "support/blobs.h"

#include "../../../plugins/shared/lloyd.h"

#include <stdlib.h>

/* ---- peers and brute force --------------------------------------------------------------------------------- */

/* scikit-learn 1.9.1: KMeans(4, n_init=20, tol=1e-12) and silhouette_score, on columns standardized before. */
static void inertia_silhouette_and_centres_are_those_of_scikit_learn(void **state)
{
  (void)state;
  static const struct {
    const char *params;
    double inertia, silhouette;
  } peers[] = {{"{k: 4}", 125.0868112091861, 0.7683453173039427},
               {"{k: 4, standardize: range}", 4.739734552188118, 0.7848833115069244},
               {"{k: 4, standardize: none}", 1021.2596674416252, 0.7604836167510322}};
  static const double sizes[BLOBS] = {361, 139, 76, 24};
  static const double means[BLOBS][BLOB_COLUMNS] = {{-2.84305503e-02, -1.92251964e-01, -4.20523010e-04},
                                                    {5.97676490, 1.02047251, -2.05689888},
                                                    {-3.11660791, 7.75625314, 1.03023915},
                                                    {3.86514242, -5.98841683, 4.96582594}};
  blobs *b = blobs_new();
  for (int i = 0; i < 3; i++) {
    rig *r = grouped(blobs_rig("kmeans", peers[i].params, b, BLOB_ROWS));
    assert_near(fact_of(r, "inertia"), peers[i].inertia, peers[i].inertia * 1e-12);
    assert_near(fact_of(r, "silhouette"), peers[i].silhouette, 1e-12);
    for (int j = 0; j < BLOBS; j++) {
      char name[80];
      snprintf(name, sizeof name, "customers_in_cluster %d", j + 1);
      assert_near(fact_of(r, name), sizes[j], 0);
      for (int c = 0; c < BLOB_COLUMNS; c++) {
        snprintf(name, sizeof name, "mean_of_%c_in_cluster %d", 'a' + c, j + 1);
        assert_near(fact_of(r, name), means[j][c], 1e-8);
      }
    }
    rig_close(r);
  }
  test_free(b);
}

/* scikit-learn 1.9.1: KMeans(k, n_init=50, tol=0) and silhouette_score. */
static void the_silhouette_chooses_k_as_it_would_with_scikit_learn(void **state)
{
  (void)state;
  blobs *b = blobs_new();
  rig *r = grouped(blobs_rig("kmeans", "{k_most: 5, starts: 50, tolerance: 0}", b, BLOB_ROWS));
  assert_near(fact_of(r, "silhouette_of_2"), 0.5696329865938422, 1e-12);
  assert_near(fact_of(r, "silhouette_of_3"), 0.6969105395213065, 1e-12);
  assert_near(fact_of(r, "silhouette_of_4"), 0.7683453173039427, 1e-12);
  assert_near(fact_of(r, "silhouette_of_5"), 0.5108334266978377, 1e-12);
  assert_near(fact_of(r, "segments"), 4, 0);
  assert_near(fact_of(r, "silhouette"), 0.7683453173039427, 1e-12);
  rig_close(r);
  test_free(b);
}

/* The least inertia over all ways to put n points of two columns in k groups. */
static double least_inertia(const double *x, const double *y, int n, int k)
{
  double least = HUGE_VAL;
  long ways = 1;
  for (int i = 0; i < n; i++) ways *= k;
  for (long way = 0; way < ways; way++) {
    double count[4] = {0}, sum_x[4] = {0}, sum_y[4] = {0}, inertia = 0;
    long rest = way;
    for (int i = 0; i < n; i++, rest /= k) {
      count[rest % k]++;
      sum_x[rest % k] += x[i];
      sum_y[rest % k] += y[i];
    }
    rest = way;
    for (int i = 0; i < n; i++, rest /= k) {
      double off_x = x[i] - sum_x[rest % k] / count[rest % k], off_y = y[i] - sum_y[rest % k] / count[rest % k];
      inertia += off_x * off_x + off_y * off_y;
    }
    if (inertia < least) least = inertia;
  }
  return least;
}

static void the_inertia_is_the_least_of_all_partitions(void **state)
{
  (void)state;
  enum { N = 9 };
  uint64_t seed = 5;
  for (int round = 0; round < 20; round++) {
    double x[N], y[N];
    for (int i = 0; i < N; i++) x[i] = 10 * next_uniform(&seed), y[i] = 3 * next_uniform(&seed);
    for (int k = 1; k <= 3; k++) {
      char params[80];
      snprintf(params, sizeof params, "{k: %d, standardize: none, starts: 60}", k);
      rig *r = grouped_columns("kmeans", params, (const double *[]){x, y}, 2, N);
      assert_near(fact_of(r, "inertia"), least_inertia(x, y, N, k), 1e-12);
      rig_close(r);
    }
  }
}

/* ---- properties -------------------------------------------------------------------------------------------- */

enum { MANY = 9000 };

/* Of groups that overlap, in two columns. */
static rig *many_grouped(const char *params, double *x, double *y, int nulls)
{
  uint64_t seed = 77;
  for (int i = 0; i < MANY; i++) {
    int of = (int)(3 * next_uniform(&seed));
    x[i] = 100 * (of + next_uniform(&seed) + next_uniform(&seed));
    y[i] = of * of + 2 * next_uniform(&seed);
    if (nulls && i % 10 == 3) y[i] = (double)NAN;
  }
  return grouped_columns("kmeans", params, (const double *[]){x, y}, 2, MANY);
}

/* Where Lloyd's iterations end: each is nearest to the mean of her segment. Beyond 5,000 customers the silhouette is
 * the simplified one, of distances to these means. */
static void everybody_is_nearest_to_the_mean_of_her_segment(void **state)
{
  (void)state;
  double *x = test_calloc(MANY, sizeof *x), *y = test_calloc(MANY, sizeof *y);
  rig *r = many_grouped("{k: 3, standardize: none, tolerance: 0, names: [p, q, r]}", x, y, 0);
  double mean_x[3] = {0}, mean_y[3] = {0}, count[3] = {0}, silhouettes = 0, inertia = 0;
  for (int i = 0; i < MANY; i++) {
    int k = rig_label(r, 0, i)[0] - 'p';
    mean_x[k] += x[i], mean_y[k] += y[i], count[k]++;
  }
  assert_true(count[0] >= count[1] && count[1] >= count[2] && count[2] > 0);
  for (int k = 0; k < 3; k++) mean_x[k] /= count[k], mean_y[k] /= count[k];
  for (int i = 0; i < MANY; i++) {
    int own = rig_label(r, 0, i)[0] - 'p';
    double distance[3], other = HUGE_VAL;
    for (int k = 0; k < 3; k++) distance[k] = hypot(x[i] - mean_x[k], y[i] - mean_y[k]);
    for (int k = 0; k < 3; k++)
      if (k != own && distance[k] < other) other = distance[k];
    assert_true(distance[own] <= other + 1e-9);
    assert_near(rig_value(r, 1, i), distance[own], 1e-9);
    silhouettes += (other - distance[own]) / fmax(other, distance[own]);
    inertia += distance[own] * distance[own];
  }
  assert_near(fact_of(r, "simplified_silhouette"), silhouettes / MANY, 1e-9);
  assert_near(fact_of(r, "inertia"), inertia, inertia * 1e-12);
  assert_null(rig_fact(r, "silhouette"));
  assert_null(rig_fact(r, "convergence"));
  rig_close(r);
  test_free(x);
  test_free(y);
}

static void batches_threads_and_a_loaded_model_change_nothing(void **state)
{
  (void)state;
  double *x = test_calloc(MANY, sizeof *x), *y = test_calloc(MANY, sizeof *y);
  rig *r = many_grouped("{k_most: 4, starts: 3}", x, y, 1);
  check_batches(r);
  check_threads(r);
  check_reload(r);
  assert_near(rig_value(r, 1, 3), (double)NAN, 0);
  assert_null(rig_label(r, 0, 3));
  rig_close(r);
  test_free(x);
  test_free(y);
}

/* Powers of two, so that not even rounding differs. */
static void standardized_columns_may_have_any_unit(void **state)
{
  (void)state;
  static const char *const ways[] = {"{k: 5, starts: 2}", "{k: 5, starts: 2, standardize: range}"};
  blobs *b = blobs_new();
  for (int way = 0; way < 2; way++) {
    rig *one = grouped(blobs_rig("kmeans", ways[way], b, BLOB_ROWS));
    for (int i = 0; i < BLOB_ROWS; i++) b->x[1][i] *= 0x1p-400;
    rig *other = grouped(blobs_rig("kmeans", ways[way], b, BLOB_ROWS));
    for (int i = 0; i < BLOB_ROWS; i++) {
      assert_string_equal(rig_label(one, 0, i), rig_label(other, 0, i));
      assert_near(rig_value(one, 1, i), rig_value(other, 1, i), 0);
      b->x[1][i] *= 0x1p400;
    }
    rig_close(one);
    rig_close(other);
  }
  test_free(b);
}

static void more_clusters_have_less_inertia(void **state)
{
  (void)state;
  blobs *b = blobs_new();
  double before = HUGE_VAL;
  for (int k = 1; k <= 8; k++) {
    char params[40];
    snprintf(params, sizeof params, "{k: %d, starts: 20}", k);
    rig *r = grouped(blobs_rig("kmeans", params, b, BLOB_ROWS));
    assert_true(fact_of(r, "inertia") < before);
    before = fact_of(r, "inertia");
    rig_close(r);
  }
  test_free(b);
}

/* ---- names and their order --------------------------------------------------------------------------------- */

static void segments_stand_by_size_or_by_the_first_column(void **state)
{
  (void)state;
  const double x[] = {1, 1, 1, 9, 9, 5}, *columns[] = {x};
  rig *r = grouped_columns("kmeans", "{k: 3, names: [most, some, few]}", columns, 1, 6);
  static const char *const expected[] = {"most", "most", "most", "some", "some", "few"};
  for (int i = 0; i < 6; i++) assert_string_equal(rig_label(r, 0, i), expected[i]);
  rig_close(r);
  r = grouped_columns("kmeans", "{k: 3, order: first_column, names: [gold, silver, bronze]}", columns, 1, 6);
  assert_string_equal(rig_label(r, 0, 0), "bronze");
  assert_string_equal(rig_label(r, 0, 3), "gold");
  assert_string_equal(rig_label(r, 0, 5), "silver");
  rig_bound(r, "a")->better = -1;
  assert_int_equal(rig_create(r, "{k: 3, order: first_column, names: [gold, silver, bronze]}"), TARAZU_OK);
  grouped(r);
  assert_string_equal(rig_label(r, 0, 0), "gold");
  rig_close(r);
}

static void faults_of_the_profile_are_placed(void **state)
{
  (void)state;
  expect_refused_by("kmeans", "{k: 3, names: [a, b]}", 8, -1, "2 names for 3 segments");
  expect_refused_by("kmeans", "{k: 3, names: [a, b, a]}", 8, 2, "two segments are called 'a'");
  expect_refused_by("kmeans", "{names: [a, b]}", 8, -1, "names call for 'k'");
  expect_refused_by("kmeans", "{k_least: 5, k_most: 3}", 2, -1, "k_most is 3, less than k_least, 5");
  rig *r = rig_open("segmenter", "kmeans");
  assert_int_equal(rig_create(r, NULL), TARAZU_BAD_PARAMETER);
  assert_non_null(strstr(r->error.message, "no column to compare"));
  rig_close(r);
}

/* ---- odd data ---------------------------------------------------------------------------------------------- */

static void nobody_and_one_customer_are_no_fault(void **state)
{
  (void)state;
  const double one[] = {7}, none[] = {(double)NAN, (double)NAN};
  rig *r = grouped_columns("kmeans", NULL, (const double *[]){one}, 1, 0);
  assert_near(fact_of(r, "segments"), 0, 0);
  check_reload(r);
  rig_close(r);
  r = grouped_columns("kmeans", NULL, (const double *[]){none}, 1, 2);
  assert_null(rig_label(r, 0, 0));
  assert_near(fact_of(r, "customers"), 0, 0);
  assert_non_null(strstr(rig_fact(r, "left_out")->text, "2 customers lack a column"));
  rig_close(r);
  r = grouped_columns("kmeans", "{k: 1}", (const double *[]){one}, 1, 1);
  assert_string_equal(rig_label(r, 0, 0), "cluster 1");
  assert_near(rig_value(r, 1, 0), 0, 0);
  assert_near(fact_of(r, "mean_of_a_in_cluster 1"), 7, 0);
  rig_close(r);
}

static void customers_who_are_all_alike_are_one_segment(void **state)
{
  (void)state;
  const double same[] = {3, 3, 3, 3}, two[] = {1, 2, 1, 2};
  rig *r = grouped_columns("kmeans", "{k: 3}", (const double *[]){same, same}, 2, 4);
  assert_near(fact_of(r, "customers_in_cluster 1"), 4, 0);
  assert_near(fact_of(r, "inertia"), 0, 0);
  assert_int_equal(rig_fact(r, "constant_a")->level, 1);
  assert_non_null(strstr(rig_fact(r, "verdict")->text, "1 segments in place of 3"));
  rig_close(r);
  r = grouped_columns("kmeans", "{k: 3, names: [x, y, z]}", (const double *[]){two, same}, 2, 4);
  assert_near(fact_of(r, "segments"), 2, 0);
  assert_near(fact_of(r, "silhouette"), 1, 0);
  assert_string_equal(rig_label(r, 0, 0), rig_label(r, 0, 2));
  assert_string_not_equal(rig_label(r, 0, 0), rig_label(r, 0, 1));
  rig_close(r);
  r = grouped_columns("kmeans", NULL, (const double *[]){two}, 1, 4);
  assert_near(fact_of(r, "segments"), 2, 0);
  rig_close(r);
}

static void large_and_small_values_stay_numbers(void **state)
{
  (void)state;
  const double huge[] = {-1e140, 1e140, 0, 9e139}, tiny[] = {1e-300, 2e-300, 1.1e-300, 5e-300},
               beyond[] = {0, 1e141, 1, 2};
  for (int way = 0; way < 3; way++) {
    char params[60];
    snprintf(params, sizeof params, "{k: 2, standardize: %s}", (const char *[]){"zscore", "range", "none"}[way]);
    for (int i = 0; i < 2; i++) {
      rig *r = grouped_columns("kmeans", params, (const double *[]){i ? huge : tiny}, 1, 4);
      assert_string_equal(rig_label(r, 0, 1), rig_label(r, 0, i ? 3 : 0));
      assert_string_not_equal(rig_label(r, 0, 0), rig_label(r, 0, 3));
      assert_true(isfinite(fact_of(r, "inertia")));
      rig_f64(r, "a", (const double[]){1e308, -1e308}, 2);
      r->unknown_rows = 1;
      assert_int_equal(rig_apply(r, 2), TARAZU_OK);
      assert_true(isfinite(rig_value(r, 1, 0)) && isfinite(rig_value(r, 1, 1)));
      rig_close(r);
    }
  }
  rig *r = rig_open("segmenter", "kmeans");
  rig_f64(r, "a", beyond, 4);
  assert_int_equal(rig_create(r, "{k: 2}"), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_non_null(strstr(r->error.message, "column 'a' has values beyond 1e+140"));
  rig_close(r);
}

static void new_customers_go_to_the_nearest_centre(void **state)
{
  (void)state;
  const double x[] = {0, 2, 10, 12, 14}, *columns[] = {x};
  rig *r = grouped_columns("kmeans", "{k: 2, standardize: none, names: [high, low]}", columns, 1, 5);
  rig_f64(r, "a", (const double[]){6.4, 6.6, -100, (double)NAN}, 4);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 4), TARAZU_OK);
  assert_string_equal(rig_label(r, 0, 0), "low");
  assert_string_equal(rig_label(r, 0, 1), "high");
  assert_near(rig_value(r, 1, 0), 5.4, 1e-14);
  assert_near(rig_value(r, 1, 2), 101, 1e-13);
  assert_null(rig_label(r, 0, 3));
  rig_close(r);
}

static void it_can_be_cancelled_and_says_when_it_did_not_end(void **state)
{
  (void)state;
  blobs *b = blobs_new();
  rig *r = blobs_rig("kmeans", "{k: 4}", b, BLOB_ROWS);
  r->cancel_after = 3;
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  rig_close(r);
  r = grouped(blobs_rig("kmeans", "{k: 7, iterations: 1, starts: 1}", b, BLOB_ROWS));
  assert_int_equal(rig_fact(r, "convergence")->level, 1);
  assert_near(fact_of(r, "iterations"), 1, 0);
  rig_close(r);
  test_free(b);
}

/* ---- a centre that nobody is nearest to -------------------------------------------------------------------- */

static void one_by_one(const tarazu_host *host, int64_t count, void (*task)(void *argument, int64_t index),
                       void *argument)
{
  (void)host;
  for (int64_t i = 0; i < count; i++) task(argument, i);
}

static void a_centre_without_customers_goes_to_the_one_farthest_away(void **state)
{
  (void)state;
  const tarazu_host host = {.parallel = one_by_one};
  double tiles[TILE] = {0, 1, 2, 10, 11, 19};
  const points p = {&host, tiles, NULL, 6, TILE, 1, 1, 0};
  lloyd l;
  assert_true(lloyd_begin(&l, &p, 3));
  l.k = 3;
  memcpy(l.centres, (const double[]){1, 12, 1000}, 3 * sizeof *l.centres);
  assign(&l);
  assert_near(l.sizes[2], 0, 0);
  fill_empty(&l);
  assert_int_equal(l.label[5], 2);
  move_centres(&l);
  assert_near(l.centres[0], 1, 0);
  assert_near(l.centres[1], 10.5, 0);
  assert_near(l.centres[2], 19, 0);
  lloyd_free(&l);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(inertia_silhouette_and_centres_are_those_of_scikit_learn),
      cmocka_unit_test(the_silhouette_chooses_k_as_it_would_with_scikit_learn),
      cmocka_unit_test(the_inertia_is_the_least_of_all_partitions),
      cmocka_unit_test(everybody_is_nearest_to_the_mean_of_her_segment),
      cmocka_unit_test(batches_threads_and_a_loaded_model_change_nothing),
      cmocka_unit_test(standardized_columns_may_have_any_unit),
      cmocka_unit_test(more_clusters_have_less_inertia),
      cmocka_unit_test(segments_stand_by_size_or_by_the_first_column),
      cmocka_unit_test(faults_of_the_profile_are_placed),
      cmocka_unit_test(nobody_and_one_customer_are_no_fault),
      cmocka_unit_test(customers_who_are_all_alike_are_one_segment),
      cmocka_unit_test(large_and_small_values_stay_numbers),
      cmocka_unit_test(new_customers_go_to_the_nearest_centre),
      cmocka_unit_test(it_can_be_cancelled_and_says_when_it_did_not_end),
      cmocka_unit_test(a_centre_without_customers_goes_to_the_one_farthest_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
