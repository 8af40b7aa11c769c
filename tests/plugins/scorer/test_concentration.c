/* The concentration scorer: known indices, properties of the measure, and orders that say nothing. */
#include "support/near.h"
#include "support/properties.h"
#include "support/reasons.h"
#include "support/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { CONCENTRATION, INDEX, EFFECTIVE, ENTROPY, CATEGORIES };

/* categories: a letter an order; ' ': not known. */
static rig *open_orders(const int64_t *offsets, int64_t customers, const char *letters, const double *amounts,
                        const double *days)
{
  static const char alphabet[] = "a\0b\0c\0d\0e\0f\0g\0h\0i\0j";
  int64_t count = offsets[customers], *times = calloc((size_t)count + 1, sizeof *times);
  const char **texts = calloc((size_t)count + 1, sizeof *texts);
  for (int64_t i = 0; i < count; i++) texts[i] = letters[i] == ' ' ? NULL : &alphabet[2 * (letters[i] - 'a')];
  rig *r = rig_open("scorer", "concentration");
  rig_events(r, "orders", offsets, customers);
  rig_text(r, "category", texts, count);
  if (amounts) rig_f64(r, "amount", amounts, count);
  for (int64_t i = 0; days && i < count; i++) times[i] = r->as_of - (int64_t)llround(days[i] * (double)DAY);
  if (days) rig_i64(r, "time", times, count);
  rig_customers(r, customers);
  free(texts);
  free(times);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

/* Shares of 30, 30, 20 and 20 % give an index of 0.26: the example of the Horizontal Merger Guidelines of the U.S.
 * Department of Justice and Federal Trade Commission (2,600 of 10,000 points). */
static void the_index_is_that_of_the_merger_guidelines(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 4}, 1, "abcd", (double[]){30, 30, 20, 20}, NULL);
  score(r, NULL);
  assert_near(rig_value(r, INDEX, 0), 0.26, 1e-15);
  assert_near(rig_value(r, EFFECTIVE, 0), 1 / 0.26, 1e-12);
  assert_near(rig_value(r, CONCENTRATION, 0), 0.01 / 0.75, 1e-15);
  double entropy = -(0.6 * log(0.3) + 0.4 * log(0.2)) / log(4);
  assert_near(rig_value(r, ENTROPY, 0), entropy, 1e-15);
  assert_int_equal(rig_integer(r, CATEGORIES, 0), 4);
  rig_close(r);
}

static void even_purchases_of_all_are_0_and_of_one_1(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 5, 7, 9}, 3, "abcdeaaab", (double[]){7, 7, 7, 7, 7, 1, 2, 3, 3}, NULL);
  score(r, NULL);
  static const double concentrations[] = {0, 1, 0.375}, effective[] = {5, 1, 2},
                      entropies[] = {1, 0, 0.43067655807339306};
  for (int i = 0; i < 3; i++) {
    assert_near(rig_value(r, CONCENTRATION, i), concentrations[i], 1e-15);
    assert_near(rig_value(r, EFFECTIVE, i), effective[i], 1e-12);
    assert_near(rig_value(r, ENTROPY, i), entropies[i], 1e-15); /* the last: ln 2 / ln 5 */
  }
  assert_near(rig_fact(r, "categories")->value, 5, 0);
  rig_close(r);
}

static void orders_are_counted_where_there_are_no_amounts(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 4, 4}, 2, "aaab", NULL, NULL);
  score(r, NULL);
  assert_near(rig_value(r, INDEX, 0), 0.625, 1e-15);
  assert_true(isnan(rig_value(r, CONCENTRATION, 1)) && isnan(rig_value(r, EFFECTIVE, 1)));
  assert_int_equal(rig_integer(r, CATEGORIES, 1), 0);
  rig_close(r);
}

static void what_is_not_known_or_was_returned_does_not_count(void **state)
{
  (void)state;
  const double amounts[] = {10, -10, 5, 5, 99, NAN, -3, 0, -1, 4};
  rig *r = open_orders((int64_t[]){0, 6, 9, 10}, 3, "aabc dabcb", amounts, NULL);
  score(r, NULL);
  assert_near(rig_value(r, INDEX, 0), 0.5, 1e-15); /* b and c */
  assert_true(isnan(rig_value(r, CONCENTRATION, 1)));
  assert_near(rig_value(r, CONCENTRATION, 2), 1, 0);
  assert_near(rig_fact(r, "orders_without_category_or_amount")->value, 2, 0);
  assert_near(rig_fact(r, "categories")->value, 2, 0);
  rig_close(r);
}

static void a_window_leaves_older_orders_out(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 4}, 1, "abcd", NULL, (double[]){40, 30, 29.9, 0});
  score(r, "{window: 30 days}");
  assert_int_equal(rig_integer(r, CATEGORIES, 0), 2);
  assert_near(rig_value(r, CONCENTRATION, 0), 0, 0);
  rig_close(r);
}

static void of_one_category_or_none_nothing_is_said(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 2}, 1, "aa", NULL, NULL);
  score(r, NULL);
  assert_true(isnan(rig_value(r, CONCENTRATION, 0)) && isnan(rig_value(r, ENTROPY, 0)));
  assert_near(rig_value(r, INDEX, 0), 1, 0);
  assert_int_equal(rig_fact(r, "categories")->level, 1);
  rig_close(r);
  for (int64_t customers = 0; customers < 2; customers++) {
    r = open_orders((int64_t[]){0, 0}, customers, "", NULL, NULL);
    score(r, NULL);
    assert_int_equal(rig_fact(r, "categories")->level, 1);
    rig_close(r);
  }
}

static void huge_and_tiny_amounts_have_shares(void **state)
{
  (void)state;
  const double amounts[] = {1e308, 1e308, 5e-324, 5e-324, 1e308, 5e-324};
  rig *r = open_orders((int64_t[]){0, 2, 4, 6}, 3, "ababab", amounts, NULL);
  score(r, NULL);
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, INDEX, i), i < 2 ? 0.5 : 1, 1e-15);
  rig_close(r);
  r = open_orders((int64_t[]){0, 1, 3}, 2, "aaa", (double[]){1, 1e308, 1e308}, NULL);
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_NUMERIC);
  assert_int_equal(r->error.row, 1);
  rig_close(r);
}

/* Against the plain definition; splitting an order, scaling all of them and renaming categories change nothing. */
static void the_index_is_that_of_the_plain_definition(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (int run = 0; run < 60; run++) {
    int64_t offsets[31] = {0}, count = 0;
    char letters[601], other[601];
    double amounts[600], scaled[600];
    for (int i = 0; i < 30; i++) {
      int orders = (int)(next_uniform(&seed) * 20);
      for (int k = 0; k < orders; k++, count++) {
        letters[count] = (char)('a' + (int)(next_uniform(&seed) * 8));
        other[count] = (char)('a' + 'h' - letters[count]);
        amounts[count] = next_uniform(&seed) * 100 - 10;
        scaled[count] = amounts[count] * 1024;
      }
      offsets[i + 1] = count;
    }
    rig *r = open_orders(offsets, 30, letters, amounts, NULL), *s = open_orders(offsets, 30, other, scaled, NULL);
    score(r, NULL);
    score(s, NULL);
    size_t bytes, same;
    void *first = rig_bytes(r, &bytes), *second = rig_bytes(s, &same);
    assert_int_equal(bytes, same);
    assert_memory_equal(first, second, bytes);
    for (int i = 0; i < 30; i++) {
      double sums[8] = {0}, total = 0, index = 0;
      for (int64_t k = offsets[i]; k < offsets[i + 1]; k++) sums[letters[k] - 'a'] += amounts[k];
      for (int k = 0; k < 8; k++) total += fmax(sums[k], 0);
      for (int k = 0; k < 8; k++) index += pow(fmax(sums[k], 0) / total, 2);
      assert_near(rig_value(r, INDEX, i), total > 0 ? index : (double)NAN, 1e-12);
      if (total > 0) assert_true(rig_value(r, EFFECTIVE, i) <= (double)rig_integer(r, CATEGORIES, i) + 1e-9);
    }
    check_batches(r);
    check_reload(r);
    free(first);
    free(second);
    rig_close(r);
    rig_close(s);
  }
}

static void an_explanation_tells_how_many_categories(void **state)
{
  (void)state;
  rig *r = open_orders((int64_t[]){0, 3}, 1, "abc", NULL, NULL);
  score(r, NULL);
  const int32_t codes[] = {0, 1, 1};
  for (int64_t n = 0; n <= 3; n += 3) {
    const int64_t offsets[] = {0, n};
    const tarazu_column category = {.size = sizeof category, .type = TARAZU_TEXT, .values = codes, .offsets = offsets};
    assert_reasons(r, (const tarazu_column *const[]){NULL, &category, NULL}, 3,
                   n ? "bought of 2 categories, as of 1.8 equal ones\n" : "bought nothing of a known category\n");
  }
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_index_is_that_of_the_merger_guidelines),
      cmocka_unit_test(even_purchases_of_all_are_0_and_of_one_1),
      cmocka_unit_test(orders_are_counted_where_there_are_no_amounts),
      cmocka_unit_test(what_is_not_known_or_was_returned_does_not_count),
      cmocka_unit_test(a_window_leaves_older_orders_out),
      cmocka_unit_test(of_one_category_or_none_nothing_is_said),
      cmocka_unit_test(huge_and_tiny_amounts_have_shares),
      cmocka_unit_test(the_index_is_that_of_the_plain_definition),
      cmocka_unit_test(an_explanation_tells_how_many_categories),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
