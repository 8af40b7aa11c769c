/* The rfm scorer: bins by the plain definition, ties together, cut-offs told. */
#include "support/near.h"
#include "support/strategy.h"

#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

enum { RFM, RECENCY, FREQUENCY, MONETARY, RECENCY_BIN, FREQUENCY_BIN, MONETARY_BIN, OUTPUTS };

/* days: since the last order, NAN where there is none. Two fields are of one column: each gets a name to be bound by.
 */
static rig *open_rfm(const double *days, const int64_t *counts, const double *sums, int64_t customers)
{
  rig *r = rig_open("scorer", "rfm");
  r->bound[0].name = "last";
  r->bound[1].name = "count";
  int64_t *last = calloc((size_t)customers + 1, sizeof *last);
  for (int64_t i = 0; i < customers; i++)
    last[i] = isnan(days[i]) ? INT64_MIN : r->as_of - (int64_t)llround(days[i] * (double)DAY);
  rig_i64(r, "last", last, customers);
  rig_i64(r, "count", counts, customers);
  rig_f64(r, "amount", sums, customers);
  free(last);
  return r;
}

static void score(rig *r, const char *params)
{
  assert_int_equal(rig_create(r, params), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_OK);
  assert_int_equal(rig_apply(r, 2048), TARAZU_OK);
}

static void bins_hold_equally_many_where_nobody_is_tied(void **state)
{
  (void)state;
  double days[10], sums[10];
  int64_t counts[10];
  for (int i = 0; i < 10; i++) {
    days[i] = 10 + i; /* the first is the most recent */
    counts[i] = 1 + i;
    sums[i] = 100.0 * (i % 2 ? i : 9 - i) + i; /* 900, 101, 702, 303, 504, 505, 306, 707, 108, 909 */
  }
  rig *r = open_rfm(days, counts, sums, 10);
  score(r, NULL);
  static const int by_sum[10] = {5, 1, 4, 2, 3, 3, 2, 4, 1, 5};
  for (int i = 0; i < 10; i++) {
    assert_int_equal(rig_integer(r, RECENCY_BIN, i), 5 - i / 2);
    assert_int_equal(rig_integer(r, FREQUENCY_BIN, i), 1 + i / 2);
    assert_int_equal(rig_integer(r, MONETARY_BIN, i), by_sum[i]);
    assert_near(rig_value(r, RECENCY, i), 10 + i, 1e-9);
    assert_int_equal(rig_integer(r, FREQUENCY, i), 1 + i);
    assert_near(rig_value(r, MONETARY, i), sums[i], 0);
    assert_near(rig_value(r, RFM, i), (6 + by_sum[i]) / 3.0, 1e-15);
  }
  rig_close(r);
}

/* Six of ten bought once: none of them is better than anybody, so bin 1. Two of the three who bought twice... all three
 * have six of ten below them: 1 + floor(5 * 6 / 10) = 4; the last has nine: 5. */
static void equal_customers_share_the_bin_of_the_lowest(void **state)
{
  (void)state;
  const int64_t counts[10] = {1, 2, 1, 1, 7, 2, 1, 1, 2, 1};
  static const int expected[10] = {1, 4, 1, 1, 5, 4, 1, 1, 4, 1};
  double days[10], sums[10];
  for (int i = 0; i < 10; i++) days[i] = sums[i] = i;
  rig *r = open_rfm(days, counts, sums, 10);
  score(r, NULL);
  for (int i = 0; i < 10; i++) assert_int_equal(rig_integer(r, FREQUENCY_BIN, i), expected[i]);
  const tarazu_fact *filled = rig_fact(r, "frequency_bins_filled");
  assert_non_null(filled);
  assert_int_equal(filled->level, 1);
  assert_near(filled->value, 3, 0);
  assert_null(rig_fact(r, "recency_bins_filled"));
  rig_close(r);
}

static void one_who_bought_just_now_has_recency_0(void **state)
{
  (void)state;
  rig *r = open_rfm((double[]){0, 3.25}, (int64_t[]){1, 1}, (double[]){1, 1}, 2);
  score(r, "{bins: 2}");
  double recency = rig_value(r, RECENCY, 0), zero = 0;
  assert_memory_equal(&recency, &zero, sizeof zero);
  assert_near(rig_value(r, RECENCY, 1), 3.25, 0);
  assert_int_equal(rig_integer(r, RECENCY_BIN, 0), 2);
  assert_int_equal(rig_integer(r, RECENCY_BIN, 1), 1);
  rig_close(r);
}

static void customers_without_orders_are_null_and_move_no_bin(void **state)
{
  (void)state;
  rig *r =
      open_rfm((double[]){NAN, 5, NAN, 1, NAN, NAN}, (int64_t[]){0, 1, 0, 2, 0, 0}, (double[]){0, 10, 0, 20, 0, 0}, 6);
  score(r, "{bins: 2}");
  for (uint32_t o = 0; o < OUTPUTS; o++)
    for (int i = 0; i < 6; i++) assert_int_equal(isnan(rig_value(r, o, i)), i != 1 && i != 3);
  assert_near(rig_value(r, RFM, 1), 1, 0);
  assert_near(rig_value(r, RFM, 3), 2, 0);
  assert_near(rig_fact(r, "customers")->value, 2, 0);
  rig_close(r);
}

/* ---- against the definition ---- */

enum { MOST = 60 };

typedef struct history {
  double days[MOST], sums[MOST];
  int64_t counts[MOST];
} history;

static history some_history(int customers)
{
  history h;
  for (int i = 0; i < customers; i++) {
    int none = rand() % 8 == 0;
    h.days[i] = none ? (double)NAN : rand() % 20 * 0.5;
    h.counts[i] = none ? 0 : 1 + rand() % 4;
    h.sums[i] = none ? 0 : rand() % 9 * 1.1 - 3.3;
    if (!none && rand() % 10 == 0) h.sums[i] = -0.0;
  }
  return h;
}

static double good(const history *h, int measure, int i)
{
  return measure == 0 ? -h->days[i] : measure == 1 ? (double)h->counts[i] : h->sums[i];
}

/* Bin b: at least (b - 1) / bins of the customers with orders are worse. */
static int64_t plain_bin(const history *h, int customers, int64_t bins, int measure, int i)
{
  int64_t worse = 0, all = 0;
  for (int j = 0; j < customers; j++) {
    if (!h->counts[j]) continue;
    all++;
    worse += good(h, measure, j) < good(h, measure, i);
  }
  return 1 + bins * worse / all;
}

static void bins_are_those_of_the_plain_definition(void **state)
{
  (void)state;
  srand(11);
  for (int run = 0; run < 120; run++) {
    int customers = 1 + rand() % MOST;
    int64_t bins = 2 + rand() % 9;
    history h = some_history(customers);
    char params[40];
    snprintf(params, sizeof params, "{bins: %lld}", (long long)bins);
    rig *r = open_rfm(h.days, h.counts, h.sums, customers);
    score(r, params);
    for (int i = 0; i < customers; i++)
      for (int m = 0; m < 3; m++) {
        if (!h.counts[i]) assert_true(isnan(rig_value(r, (uint32_t)(RECENCY_BIN + m), i)));
        else assert_int_equal(rig_integer(r, (uint32_t)(RECENCY_BIN + m), i), plain_bin(&h, customers, bins, m, i));
      }
    rig_close(r);
  }
}

/* A told cut-off is the worst value of those whose bin is at least as high; there is none where nobody's is. */
static void cut_offs_are_the_worst_values_of_their_bins(void **state)
{
  (void)state;
  static const char *const names[] = {"recency", "frequency", "monetary"};
  srand(12);
  for (int run = 0; run < 50; run++) {
    int customers = 1 + rand() % MOST;
    history h = some_history(customers);
    rig *r = open_rfm(h.days, h.counts, h.sums, customers);
    score(r, NULL);
    for (int m = 0; m < 3; m++)
      for (int64_t b = 2; b <= 5; b++) {
        double worst = INFINITY;
        char name[40];
        for (int i = 0; i < customers; i++)
          if (h.counts[i] && plain_bin(&h, customers, 5, m, i) >= b) worst = fmin(worst, good(&h, m, i));
        snprintf(name, sizeof name, "%s_cut_%lld", names[m], (long long)b);
        const tarazu_fact *fact = rig_fact(r, name);
        assert_int_equal(fact == NULL, isinf(worst) != 0);
        if (fact) assert_near(fact->value, m ? worst : -worst, 1e-12);
      }
    rig_close(r);
  }
}

/* ---- edges ---- */

static void all_equal_are_all_in_the_lowest_bin(void **state)
{
  (void)state;
  rig *r = open_rfm((double[]){4, 4, 4}, (int64_t[]){2, 2, 2}, (double[]){-7, -7, -7}, 3);
  score(r, "{bins: 10}");
  for (int i = 0; i < 3; i++) assert_near(rig_value(r, RFM, i), 1, 0);
  assert_near(rig_fact(r, "monetary_bins_filled")->value, 1, 0);
  rig_close(r);
}

static void one_customer_no_order_and_no_row(void **state)
{
  (void)state;
  rig *r = open_rfm((double[]){4}, (int64_t[]){2}, (double[]){1e300}, 1);
  score(r, NULL);
  assert_near(rig_value(r, RFM, 0), 1, 0);
  rig_close(r);
  r = open_rfm((double[]){NAN, NAN}, (int64_t[]){0, 0}, (double[]){0, 0}, 2);
  score(r, NULL);
  assert_true(isnan(rig_value(r, RFM, 0)) && isnan(rig_value(r, RFM, 1)));
  assert_int_equal(rig_fact(r, "customers")->level, 1);
  rig_close(r);
  r = open_rfm(NULL, NULL, NULL, 0);
  score(r, NULL);
  rig_close(r);
}

static void huge_and_tiny_values_sort_as_numbers(void **state)
{
  (void)state;
  const double sums[8] = {1e308, -1e308, 0, 5e-324, -5e-324, -1, 1, 2};
  static const int expected[8] = {8, 1, 4, 5, 3, 2, 6, 7};
  const int64_t counts[8] = {1, 10, 100, 1000, 100000, 10000000, INT64_C(1) << 40, INT64_C(1) << 50};
  double days[8] = {0, 1, 2, 3, 4, 5, 6, 36500};
  rig *r = open_rfm(days, counts, sums, 8);
  score(r, "{bins: 8}");
  for (int i = 0; i < 8; i++) {
    assert_int_equal(rig_integer(r, MONETARY_BIN, i), expected[i]);
    assert_int_equal(rig_integer(r, FREQUENCY_BIN, i), i + 1);
    assert_int_equal(rig_integer(r, RECENCY_BIN, i), 8 - i);
    assert_int_equal(rig_integer(r, FREQUENCY, i), counts[i]);
  }
  rig_close(r);
}

static void a_saved_model_scores_alike_and_other_bins_refuse_it(void **state)
{
  (void)state;
  srand(13);
  history h = some_history(MOST);
  rig *r = open_rfm(h.days, h.counts, h.sums, MOST);
  score(r, "{bins: 4}");
  size_t count, other_count, saved_count;
  void *bytes = rig_bytes(r, &count), *saved;
  double cut = rig_fact(r, "recency_cut_3")->value;
  assert_int_equal(rig_save(r, &saved, &saved_count), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_OK);
  r->unknown_rows = 1;
  assert_int_equal(rig_apply(r, 7), TARAZU_OK);
  void *other = rig_bytes(r, &other_count);
  assert_int_equal(count, other_count);
  assert_memory_equal(bytes, other, count);
  assert_near(rig_fact(r, "recency_cut_3")->value, cut, 0);
  assert_int_equal(rig_load(r, saved, saved_count - 1), TARAZU_BAD_DATA);
  assert_int_equal(rig_create(r, "{bins: 5}"), TARAZU_OK);
  assert_int_equal(rig_load(r, saved, saved_count), TARAZU_BAD_PARAMETER);
  assert_int_equal(r->error.param, 0);
  free(bytes);
  free(other);
  free(saved);
  rig_close(r);
}

static void what_nobody_wants_is_left_out(void **state)
{
  (void)state;
  rig *r = open_rfm((double[]){1, 2, NAN}, (int64_t[]){2, 1, 0}, (double[]){3, 4, 0}, 3);
  r->unwanted = 0x7e;
  score(r, "{bins: 2}");
  assert_near(rig_value(r, RFM, 0), 5 / 3.0, 1e-15);
  assert_near(rig_value(r, RFM, 1), 4 / 3.0, 1e-15);
  assert_true(isnan(rig_value(r, RFM, 2)));
  rig_close(r);
}

/* ---- explaining ---- */

typedef struct lines {
  tarazu_writer writer;
  char text[1000];
} lines;

static int append(const tarazu_writer *writer, const void *bytes, size_t count)
{
  lines *l = (lines *)(uintptr_t)writer;
  strncat(l->text, bytes, count);
  return 1;
}

static void an_explanation_tells_each_bin_and_the_next(void **state)
{
  (void)state;
  rig *r = open_rfm((double[]){1.5, 9}, (int64_t[]){2, 2}, (double[]){300, 40}, 2);
  score(r, "{bins: 2}");
  void *saved, *self = calloc(1, r->strategy->self_size);
  size_t count;
  assert_int_equal(rig_save(r, &saved, &count), TARAZU_OK);
  const tarazu_value values[] = {{.given = 1, .integer = 2}, {0}};
  const tarazu_args args = {TARAZU_LIST(values)};
  const tarazu_context context = {
      .size = sizeof context, .as_of = r->as_of, .columns = {r->bound, r->bound_count, sizeof r->bound[0]}};
  assert_int_equal(r->strategy->create(self, &context, &args, &r->error), TARAZU_OK);
  assert_int_equal(r->strategy->load(self, saved, count, &r->error), TARAZU_OK);
  const int64_t last = r->as_of - 9 * DAY;
  const double sum = 300;
  const tarazu_explain *explain = r->strategy->extension("tarazu.explain/1");
  for (int64_t orders = 0; orders <= 2; orders += 2) {
    lines l = {.writer = {.size = sizeof l.writer, .write = append}};
    const tarazu_column held[] = {{.size = sizeof *held, .type = TARAZU_TIME, .values = &last},
                                  {.size = sizeof *held, .type = TARAZU_I64, .values = &orders},
                                  {.size = sizeof *held, .type = TARAZU_F64, .values = &sum}};
    const tarazu_column *const columns[] = {&held[0], &held[1], &held[2]};
    const tarazu_batch row = {.size = sizeof row, .first_row = -1, .rows = 1, .columns = columns, .column_count = 3};
    assert_int_equal(explain->reasons(self, &row, &l.writer, &r->error), TARAZU_OK);
    assert_string_equal(l.text, orders ? "recency: 9 days since the last order, bin 1 of 2; a better one at 1.5\n"
                                         "frequency: 2 orders, bin 1 of 2\n"
                                         "monetary: 300 in all, bin 2 of 2\n"
                                       : "no order\n");
  }
  assert_null(r->strategy->extension("tarazu.explain/2"));
  free(self);
  free(saved);
  rig_close(r);
}

static void a_user_can_cancel(void **state)
{
  (void)state;
  rig *r = open_rfm((double[]){1}, (int64_t[]){1}, (double[]){1}, 1);
  r->cancel_after = 1;
  assert_int_equal(rig_create(r, NULL), TARAZU_OK);
  assert_int_equal(rig_learn(r), TARAZU_CANCELLED);
  assert_int_equal(rig_create(r, "{bins: 11}"), TARAZU_BAD_PARAMETER);
  assert_int_equal(rig_create(r, "{bins: 1}"), TARAZU_BAD_PARAMETER);
  rig_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bins_hold_equally_many_where_nobody_is_tied),
      cmocka_unit_test(equal_customers_share_the_bin_of_the_lowest),
      cmocka_unit_test(one_who_bought_just_now_has_recency_0),
      cmocka_unit_test(customers_without_orders_are_null_and_move_no_bin),
      cmocka_unit_test(bins_are_those_of_the_plain_definition),
      cmocka_unit_test(cut_offs_are_the_worst_values_of_their_bins),
      cmocka_unit_test(all_equal_are_all_in_the_lowest_bin),
      cmocka_unit_test(one_customer_no_order_and_no_row),
      cmocka_unit_test(huge_and_tiny_values_sort_as_numbers),
      cmocka_unit_test(a_saved_model_scores_alike_and_other_bins_refuse_it),
      cmocka_unit_test(what_nobody_wants_is_left_out),
      cmocka_unit_test(an_explanation_tells_each_bin_and_the_next),
      cmocka_unit_test(a_user_can_cancel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
