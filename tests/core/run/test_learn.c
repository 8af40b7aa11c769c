/* How strategies learn: in passes over fixed blocks, merged in order, whatever the batches of apply. */
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

/* The mean distance from the mean of 0 … rows - 1, the first `gaps` of them absent. */
static double distance_of(int64_t rows, int64_t gaps, int64_t batch, uint32_t threads)
{
  int64_t *ids = malloc((size_t)rows * sizeof *ids);
  double *values = malloc((size_t)rows * sizeof *values);
  trial t;
  for (int64_t i = 0; i < rows; i++) {
    ids[i] = i;
    values[i] = i < gaps ? NAN : (double)i;
  }
  const given columns[] = {{"id", "l", ids}, {"a", "g", values}};
  trial_new(&t);
  t.options.batch = batch;
  t.options.threads = threads;
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\n"
                                 "criteria:\n"
                                 "  d: {plugin: twice, dimension: financial, input: {value: customers.a}}\n"));
  assert_good(&t, trial_push_as(&t, "customers", rows, columns, 2, (arrival){0, NULL}));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  double distance = sheet_real(s, "d", 0);
  sheet_free(s);
  trial_free(&t);
  free(ids);
  free(values);
  return distance;
}

/* Of n numbers in a row: (n^2 - 1) / (4 n) where n is odd, n / 4 where it is even. */
static void two_passes_over_blocks_and_shares_see_everyone_once(void **state)
{
  static const int64_t rows[] = {1, 2, 2047, 2048, 2049, 65535, 65536, 65537, 140001};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    double n = (double)rows[i], expected = rows[i] % 2 ? (n * n - 1) / (4 * n) : n / 4;
    assert_near(distance_of(rows[i], 0, 0, 2), expected, 1e-9 * n);
  }
  assert_near(distance_of(10001, 0, 7, 8), (10001.0 * 10001 - 1) / (4 * 10001.0), 1e-6);
}

static void what_is_absent_is_not_learned_from(void **state)
{
  (void)state;
  assert_near(distance_of(5000, 3000, 0, 2), 500, 1e-9);
  assert_near(distance_of(3000, 3000, 0, 2), 0, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_passes_over_blocks_and_shares_see_everyone_once),
      cmocka_unit_test(what_is_absent_is_not_learned_from),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
