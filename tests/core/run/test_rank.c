/* Ranks: the order of scores, ties, and those without a score. */
#include "run/engine.h"
#include "support/properties.h"
#include "support/session.h"
#include <stdlib.h>

/* ---- the order, against the C library's sort ----------------------------------------------------------------- */

typedef struct item {
  double value;
  int64_t row;
} item;

static int compare_items(const void *a, const void *b)
{
  const item *left = a, *right = b;
  if (left->value > right->value) return -1;
  if (left->value < right->value) return 1;
  return left->row < right->row ? -1 : left->row > right->row;
}

static void assert_ordered(const double *values, const uint8_t *valid, int64_t count)
{
  item *items = calloc((size_t)count + 1, sizeof *items);
  int64_t there, expected = 0, absent = 0;
  int64_t *order = order_descending(values, valid, count, &there);
  assert_non_null(items);
  assert_non_null(order);
  for (int64_t r = 0; r < count; r++)
    if (!valid || (valid[r >> 3] >> (r & 7) & 1)) items[expected++] = (item){values[r], r};
  qsort(items, (size_t)expected, sizeof *items, compare_items);
  assert_int_equal(there, expected);
  for (int64_t i = 0; i < there; i++)
    if (order[i] != items[i].row) fail_msg("place %lld holds row %lld", (long long)i, (long long)order[i]);
  for (int64_t r = 0; r < count; r++)
    if (valid && !(valid[r >> 3] >> (r & 7) & 1)) assert_int_equal(order[there + absent++], r);
  free(items);
  free(order);
}

static double any_double(uint64_t *state)
{
  double u = next_uniform(state);
  if (u < 0.1) return 0.0;
  if (u < 0.2) return -0.0;
  if (u < 0.4) return (double)(int64_t)(20 * next_uniform(state)) - 10; /* many ties */
  if (u < 0.6) return (next_uniform(state) - 0.5) * 1e-310;             /* subnormal */
  return (next_uniform(state) - 0.5) * pow(10, 600 * next_uniform(state) - 300);
}

static void random_doubles_stand_as_the_c_library_sorts_them(void **state)
{
  static const int64_t counts[] = {1, 2, 3, 63, 64, 65, 2047, 2048, 2049, 65537};
  uint64_t seed = 1;
  (void)state;
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
    int64_t count = counts[k];
    double *values = malloc((size_t)count * sizeof *values);
    uint8_t *valid = malloc((size_t)count / 8 + 1);
    for (int64_t r = 0; r < count; r++) values[r] = any_double(&seed);
    for (int64_t b = 0; b <= count / 8; b++) valid[b] = (uint8_t)(256 * next_uniform(&seed));
    assert_ordered(values, NULL, count);
    assert_ordered(values, valid, count);
    free(values);
    free(valid);
  }
}

static void nothing_and_all_absent_are_orders_too(void **state)
{
  double values[20] = {0};
  uint8_t none[3] = {0};
  int64_t there = 7;
  (void)state;
  int64_t *order = order_descending(NULL, NULL, 0, &there);
  assert_non_null(order);
  assert_int_equal(there, 0);
  free(order);
  assert_ordered(values, none, 20);
  assert_ordered(values, NULL, 20);
}

static void zeros_of_both_signs_are_one(void **state)
{
  const double values[] = {-0.0, 0.0, -0.0, 5e-324, -5e-324};
  static const int64_t expected[] = {3, 0, 1, 2, 4};
  int64_t there;
  (void)state;
  int64_t *order = order_descending(values, NULL, 5, &there);
  assert_memory_equal(order, expected, sizeof expected);
  free(order);
}

/* ---- ranks of a run ------------------------------------------------------------------------------------------ */

static const char one_criterion[] = "tarazu: 1\n"
                                    "as_of: 2020-01-01\n"
                                    "data:\n"
                                    "  customers: {key: id}\n"
                                    "criteria:\n"
                                    "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                    "combine: from_ten\n";

static void ties_share_the_smaller_rank_and_stand_by_key(void **state)
{
  static const char *const order[] = {"eva", "ann", "cid", "fay", "gil", "bob", "dan", "hal", "ida"};
  static const double ranks[] = {1, 2, 2, 4, 4, 6, 6, NAN, NAN};
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, one_criterion));
  assert_good(&t,
              trial_push(&t, "customers", 9, TEXTS("id", "ida", "hal", "gil", "fay", "eva", "dan", "cid", "bob", "ann"),
                         REALS("a", NAN, NAN, -0.0, 0.0, 9, -3, 2, -3, 2)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  for (int64_t i = 0; i < 9; i++) {
    assert_string_equal(sheet_text(s, "customer", i), order[i]);
    assert_near(sheet_real(s, "rank", i), ranks[i], 0);
  }
  sheet_free(s);
  trial_free(&t);
}

static void whole_number_keys_stand_by_value(void **state)
{
  static const char *const order[] = {"-5", "9", "10", "1000"};
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, one_criterion));
  assert_good(&t, trial_push(&t, "customers", 4, WHOLE("id", 1000, 9, 10, -5), REALS("a", 1, 1, 1, 1)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  for (int64_t i = 0; i < 4; i++) {
    assert_string_equal(sheet_text(s, "customer", i), order[i]);
    assert_near(sheet_real(s, "rank", i), 1, 0);
  }
  sheet_free(s);
  trial_free(&t);
}

static void one_customer_is_first(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, one_criterion));
  assert_good(&t, trial_push(&t, "customers", 1, TEXTS("id", "только она"), REALS("a", -1)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_int_equal(sheet_rows(s), 1);
  assert_near(sheet_real_of(s, "только она", "rank"), 1, 0);
  assert_near(sheet_real_of(s, "только она", "score"), 9, 0);
  sheet_free(s);
  trial_free(&t);
}

static void nobody_to_rank_is_an_error_of_the_data(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, one_criterion));
  assert_good(&t, trial_push(&t, "customers", 0, TEXTS("id", NULL), REALS("a", 0)));
  assert_int_equal(trial_run(&t), TARAZU_FAULT_DATA);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_doubles_stand_as_the_c_library_sorts_them),
      cmocka_unit_test(nothing_and_all_absent_are_orders_too),
      cmocka_unit_test(zeros_of_both_signs_are_one),
      cmocka_unit_test(ties_share_the_smaller_rank_and_stand_by_key),
      cmocka_unit_test(whole_number_keys_stand_by_value),
      cmocka_unit_test(one_customer_is_first),
      cmocka_unit_test(nobody_to_rank_is_an_error_of_the_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
