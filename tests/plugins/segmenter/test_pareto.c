#include "support/properties.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static rig *learned(const double *values, int64_t count, const char *params)
{
  rig *r = rig_open("segmenter", "pareto");
  rig_f64(r, "value", values, count);
  if (rig_create(r, params) || rig_learn(r) || rig_apply(r, 2048)) fail_msg("%s", r->error.message);
  return r;
}

/* expected: one letter a customer, '-' null. */
static void expect(const double *values, const char *expected, const char *params)
{
  int64_t count = (int64_t)strlen(expected);
  rig *r = learned(values, count, params);
  for (int64_t i = 0; i < count; i++) {
    const char *got = rig_label(r, 0, i);
    if ((got ? *got : '-') != expected[i]) fail_msg("customer %d is %s, not %c", (int)i, got ? got : "-", expected[i]);
  }
  rig_close(r);
}

static double fact(const rig *r, const char *name)
{
  const tarazu_fact *f = rig_fact(r, name);
  if (!f) fail_msg("no fact '%s'", name);
  return f->value;
}

static void the_fewest_who_reach_a_cut_are_in_its_class(void **state)
{
  (void)state;
  expect((double[]){5, 75, 10, 8, 2}, "BAABC", NULL);
  expect((double[]){80, 15, 5}, "ABC", NULL);
  expect((double[]){79, 16, 5}, "AAC", NULL);
  expect((double[]){NAN, 8, 1, NAN, 1}, "-AB-B", NULL);
}

static void equals_stay_together(void **state)
{
  (void)state;
  expect((double[]){5, 5, 5, 5}, "AAAA", NULL);
  expect((double[]){70, 10, 10, 10}, "AAAA", NULL);
  expect((double[]){90, 5, 5}, "ABB", NULL);
}

static void who_has_nothing_is_in_the_last_class(void **state)
{
  (void)state;
  expect((double[]){10, 0, -5, NAN}, "ACC-", NULL);
  rig *r = learned((double[]){10, 0, -5, NAN}, 4, NULL);
  assert_near(fact(r, "negative_values_counted_as_zero"), 1, 0);
  assert_near(fact(r, "total"), 10, 0);
  rig_close(r);
}

static void without_any_value_all_are_last_with_a_warning(void **state)
{
  (void)state;
  expect((double[]){0, -1, -0.0}, "CCC", NULL);
  rig *r = learned((double[]){0, -1}, 2, NULL);
  assert_int_equal(rig_fact(r, "verdict")->level, 1);
  rig_close(r);
  expect((double[]){NAN, NAN}, "--", NULL);
  expect(NULL, "", NULL);
}

static void one_customer_can_skip_a_class(void **state)
{
  (void)state;
  expect((double[]){99, 1}, "AC", NULL);
  rig *r = learned((double[]){99, 1}, 2, NULL);
  assert_near(fact(r, "customers_in_B"), 0, 0);
  assert_null(rig_fact(r, "least_value_in_B"));
  rig_close(r);
}

static void names_and_cuts_are_the_profiles(void **state)
{
  (void)state;
  const double x[] = {50, 30, 20};
  expect(x, "glo", "{cuts: [50%, 80%], names: [gold, l, other]}");
  expect(x, "tto", "{cuts: [0.6], names: [top, other]}");
  expect((const double[]){50, NAN, 1}, "AxC", "missing: x");
  expect((const double[]){50, NAN, 1}, "ACC", "missing: C");
}

static void cuts_that_make_no_sense_are_refused(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "pareto");
  rig_f64(r, "value", (double[]){1}, 1);
  assert_int_equal(rig_create(r, "{cuts: [95%, 80%]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 0);
  assert_int_equal(r->error.item, 1);
  assert_int_equal(rig_create(r, "{cuts: [0, 80%]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.item, 0);
  assert_int_equal(rig_create(r, "{names: [A, B]}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 1);
  rig_close(r);
}

static void rows_from_outside_are_placed_by_value(void **state)
{
  (void)state;
  rig *r = learned((double[]){75, 10, 8, 5, 2}, 5, NULL);
  rig_f64(r, "value", (double[]){100, 75, 74, 4.9, -1, 5}, 6);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 4), TARAZU_OK);
  for (int i = 0; i < 6; i++) assert_int_equal(rig_label(r, 0, i)[0], "AAACCB"[i]);
  rig_close(r);
}

static int descending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static void many_customers_agree_with_adding_up(void **state)
{
  (void)state;
  enum { N = 20000 };
  double *x = calloc(N, sizeof *x), *sorted = calloc(N, sizeof *sorted), top = 0;
  long double all = 0, before = 0;
  uint64_t seed = 19;
  for (int i = 0; i < N; i++) all += sorted[i] = x[i] = floor(1e5 * pow(next_uniform(&seed), 8)) / 100;
  qsort(sorted, N, sizeof *sorted, descending);
  rig *r = learned(x, N, NULL);
  for (int i = 0; i < N / 5; i++) top += sorted[i];
  assert_near(fact(r, "share_of_value_of_top_20_percent"), top / (double)all, 1e-12);
  double least[2] = {0, 0}; /* the last one before whom a cut was not reached */
  for (int i = 0; i < N; i++) {
    if (before < 0.8L * all) least[0] = sorted[i];
    if (before < 0.95L * all) least[1] = sorted[i];
    before += sorted[i];
  }
  double count[3] = {0}, sum[3] = {0};
  for (int i = 0; i < N; i++) {
    int class = x[i] >= least[0] ? 0 : x[i] >= least[1] ? 1 : 2;
    assert_int_equal(rig_label(r, 0, i)[0], "ABC"[class]);
    count[class]++;
    sum[class] += x[i];
  }
  assert_near(fact(r, "customers_in_A"), count[0], 0);
  assert_near(fact(r, "share_of_customers_in_B"), count[1] / N, 1e-15);
  assert_near(fact(r, "share_of_value_in_C"), sum[2] / (double)all, 1e-12);
  assert_near(fact(r, "least_value_in_A"), least[0], 0);
  assert_near(fact(r, "customers"), N, 0);
  check_batches(r);
  check_reload(r);
  rig_close(r);
  free(x);
  free(sorted);
}

static void a_sum_beyond_all_doubles_is_told(void **state)
{
  (void)state;
  rig *r = rig_open("segmenter", "pareto");
  rig_f64(r, "value", (double[]){DBL_MAX, DBL_MAX}, 2);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  rig_close(r);
}

/* Ten times a tenth is not one in binary: a share that is reached but for rounding is reached. */
static void rounding_decides_nothing(void **state)
{
  (void)state;
  double x[10];
  for (int i = 0; i < 10; i++) x[i] = 0.1 * (1 + 1e-14 * i);
  expect(x, "CBAAAAAAAA", "{cuts: [80%, 90%]}");
}

/* The first and the last field of every row of a data set, handed on; skips the test where it is not there. */
static int64_t each_row(const char *file, int64_t (*take)(double *values, const char *key, double last), double *values)
{
  char path[4096], line[4096];
  const char *folder = getenv("TARAZU_DATA");
  int64_t count = 0;
  snprintf(path, sizeof path, "%s/%s", folder ? folder : SOURCE_DIR "/../shared/data", file);
  FILE *data = fopen(path, "r");
  if (!data) {
    print_message("skipped: no %s\n", path);
    skip();
  }
  for (int first = 1; fgets(line, sizeof line, data); first = 0)
    if (!first) count = take(values, line, strtod(strrchr(line, ',') + 1, NULL));
  fclose(data);
  return count;
}

/* CDNOW's customers are numbered from 1 on. */
static int64_t add_to_customer(double *values, const char *key, double last)
{
  static int64_t most;
  int64_t customer = strtol(key, NULL, 10);
  values[customer - 1] += last;
  return most = customer > most ? customer : most;
}

static int64_t append(double *values, const char *key, double last)
{
  static int64_t count;
  (void)key;
  values[count] = last;
  return ++count;
}

static void the_top_fifth_of_cdnow_hold_two_thirds(void **state)
{
  (void)state;
  double *x = calloc(30000, sizeof *x);
  int64_t count = each_row("cdnow/orders.csv", add_to_customer, x);
  rig *r = learned(x, count, NULL);
  assert_int_equal(count, 23570);
  assert_near(fact(r, "total"), 2500315.63, 0.005);
  assert_near(fact(r, "share_of_value_of_top_20_percent"), 0.678, 0.0005);
  rig_close(r);
  free(x);
}

static void four_fifths_of_telco_revenue_need_two_fifths_of_its_customers(void **state)
{
  (void)state;
  double *x = calloc(30000, sizeof *x);
  int64_t count = each_row("telco/services.csv", append, x);
  rig *r = learned(x, count, NULL);
  assert_int_equal(count, 7043);
  assert_near(fact(r, "total"), 21371131.69, 0.005);
  assert_near(fact(r, "share_of_customers_in_A"), 0.408, 0.0005);
  rig_close(r);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_fewest_who_reach_a_cut_are_in_its_class),
      cmocka_unit_test(equals_stay_together),
      cmocka_unit_test(who_has_nothing_is_in_the_last_class),
      cmocka_unit_test(without_any_value_all_are_last_with_a_warning),
      cmocka_unit_test(one_customer_can_skip_a_class),
      cmocka_unit_test(names_and_cuts_are_the_profiles),
      cmocka_unit_test(cuts_that_make_no_sense_are_refused),
      cmocka_unit_test(rows_from_outside_are_placed_by_value),
      cmocka_unit_test(many_customers_agree_with_adding_up),
      cmocka_unit_test(a_sum_beyond_all_doubles_is_told),
      cmocka_unit_test(rounding_decides_nothing),
      cmocka_unit_test(the_top_fifth_of_cdnow_hold_two_thirds),
      cmocka_unit_test(four_fifths_of_telco_revenue_need_two_fifths_of_its_customers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
