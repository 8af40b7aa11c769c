/* What must hold for every normalizer that is installed. What is particular to one stands in a table; a normalizer that
 * is not in it fails. */
#include "support/normalized.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Of the values that a normalizer takes. */
enum { ANY = 0, ABOVE_ONE = 1 };

typedef struct known {
  const char *id, *params;
  int better;
  int takes;
  double least, most;     /* of the results for the values that it takes */
  double constant, alone; /* what four customers with the same value get, and one */
  int scale, shift;       /* 1: a column times 3, or plus 5, gives the same */
} known;

#define HUGE_RANGE -1e300, 1e300
#define RISING     "points: [{x: -100, y: 0}, {x: 2, y: 0.6}, {x: 90, y: 1}]"
#define FALLING    "points: [{x: -100, y: 1}, {x: 2, y: 0.6}, {x: 90, y: 0}]"

static const known table[] = {
    {"minmax", NULL, 1, ANY, 0, 1, 0.5, 0.5, 1, 1},
    {"minmax", NULL, -1, ANY, 0, 1, 0.5, 0.5, 1, 1},
    {"max", NULL, 1, ANY, -1, 1, 1, 1, 1, 0},
    {"max", NULL, -1, ABOVE_ONE, 0, 1, 1, 1, 1, 0},
    {"max", "costs: mirror", -1, ANY, 0, 2, 0, 0, 1, 0},
    {"sum", NULL, 1, ABOVE_ONE, 0, 1, 0.25, 1, 1, 0},
    {"sum", NULL, -1, ABOVE_ONE, 0, 1, 0.25, 1, 1, 0},
    {"vector", NULL, 1, ANY, -1, 1, 0.5, 1, 1, 0},
    {"vector", NULL, -1, ANY, 0, 2, 0.5, 0, 1, 0},
    {"percentile", NULL, 1, ANY, 0, 1, 0.5, 0.5, 1, 1},
    {"percentile", NULL, -1, ANY, 0, 1, 0.5, 0.5, 1, 1},
    {"zscore", NULL, 1, ANY, HUGE_RANGE, 0, 0, 1, 1},
    {"zscore", NULL, -1, ANY, HUGE_RANGE, 0, 0, 1, 1},
    {"zscore", "{deviation: sample, clamp: 1.5}", 1, ANY, -1.5, 1.5, 0, 0, 1, 1},
    {"logarithmic", NULL, 1, ABOVE_ONE, 0, 1, 0.25, 1, 0, 0},
    {"logarithmic", NULL, -1, ABOVE_ONE, 0, 1, 0.25, 1, 0, 0},
    {"logarithmic", "form: modulus", 1, ANY, 0, 1, 0.5, 0.5, 0, 0},
    {"logarithmic", "form: modulus", -1, ANY, 0, 1, 0.5, 0.5, 0, 0},
    {"sigmoid", NULL, 1, ANY, 0, 1, 0.5, 0.5, 1, 1},
    {"sigmoid", NULL, -1, ANY, 0, 1, 0.5, 0.5, 1, 1},
    {"sigmoid", "{midpoint: 7, steepness: 0.01}", 1, ANY, 0, 1, 0.5, 0.5, 0, 0},
    {"piecewise", RISING, 1, ANY, 0, 1, 0.6 + 0.4 * 5 / 88, 0.6 + 0.4 * 5 / 88, 0, 0},
    {"piecewise", FALLING, -1, ANY, 0, 1, 0.6 - 0.6 * 5 / 88, 0.6 - 0.6 * 5 / 88, 0, 0},
    {"target", "ideal: [1000]", 1, ANY, 0, 1, 0, 0, 0, 0},
    {"target", "{ideal: [-1000, -900], sides: own}", -1, ANY, 0, 1, 0, 0, 0, 0},
    {"target", "{ideal: [900, 1000], scale: [-1000, 2000]}", 1, ANY, 0, 1, 1 - 893. / 3000, 1 - 893. / 3000, 0, 0},
};
enum { KNOWN = sizeof table / sizeof *table, CONSTANT = 7 };

/* Some null, many the same; of any sign, or above one. */
static double *column_of(const known *k, int64_t count, uint64_t seed)
{
  double *x = calloc((size_t)count + 1, sizeof *x);
  assert_non_null(x);
  for (int64_t i = 0; i < count; i++) {
    double even = next_uniform(&seed);
    x[i] = i % 13 == 12 ? (double)NAN : i % 3 ? floor(40 * even) : 300 * even * even;
    x[i] += k->takes == ABOVE_ONE ? 1.5 : -100;
  }
  return x;
}

static rig *run(const known *k, const double *x, int64_t count)
{
  return normalized(k->id, k->params, k->better, x, count);
}

static void every_normalizer_is_known_here(void **state)
{
  (void)state;
  DIR *folder = opendir(BUILD_DIR "/plugins/normalizer");
  assert_non_null(folder);
  int found = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    size_t length = strlen(entry->d_name);
    if (length < 3 || strcmp(entry->d_name + length - 3, ".so")) continue;
    int both = 0;
    for (int i = 0; i < KNOWN; i++)
      if (strlen(table[i].id) == length - 3 && !strncmp(table[i].id, entry->d_name, length - 3))
        both |= table[i].better > 0 ? 1 : 2;
    if (both != 3) fail_msg("%s is not in this test's table, as benefit and as cost", entry->d_name);
    found++;
  }
  closedir(folder);
  assert_true(found >= 10);
}

static void results_are_within_their_range_and_in_order(void **state)
{
  (void)state;
  enum { N = 1500 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = column_of(k, N, 31);
    rig *r = run(k, x, N);
    for (int64_t i = 0; i < N; i++) {
      double one = rig_value(r, 0, i);
      assert_true(isnan(one) == isnan(x[i]));
      if (isnan(one)) continue;
      if (one < k->least || one > k->most) fail_msg("%s {%s}: %g gives %g", k->id, k->params, x[i], one);
      for (int64_t j = 0; j < i; j++) {
        double other = rig_value(r, 0, j);
        if (isnan(other)) continue;
        int in_order = x[i] == x[j] ? one == other : ((x[i] > x[j]) == (k->better > 0) ? one >= other : one <= other);
        if (!in_order) fail_msg("%s {%s}: %g gives %.17g, %g %.17g", k->id, k->params, x[i], one, x[j], other);
      }
    }
    rig_close(r);
    free(x);
  }
}

/* Not only never worse: better, where the values are apart and nothing is clamped. */
static void who_is_clearly_better_gets_more(void **state)
{
  (void)state;
  for (const known *k = table; k < table + KNOWN; k++) {
    rig *r = run(k, (const double[]){20, 30, 24}, 3);
    double rises = rig_value(r, 0, 1) - rig_value(r, 0, 0), some = rig_value(r, 0, 2) - rig_value(r, 0, 0);
    if (!(rises * k->better > 0 && some * k->better > 0 && fabs(some) < fabs(rises)))
      fail_msg("%s {%s}: 20, 24, 30 differ by %g and %g", k->id, k->params, some, rises);
    rig_close(r);
  }
}

static void constants_and_one_customer_get_what_is_documented(void **state)
{
  (void)state;
  const double x[] = {CONSTANT, CONSTANT, NAN, CONSTANT, CONSTANT};
  for (const known *k = table; k < table + KNOWN; k++) {
    rig *r = run(k, x, 5);
    for (int i = 0; i < 5; i++) assert_near(rig_value(r, 0, i), isnan(x[i]) ? (double)NAN : k->constant, 1e-15);
    rig_close(r);
    r = run(k, x, 1);
    assert_near(rig_value(r, 0, 0), k->alone, 1e-15);
    rig_close(r);
  }
}

static void nulls_and_no_rows_are_no_fault(void **state)
{
  (void)state;
  for (const known *k = table; k < table + KNOWN; k++) {
    rig *r = run(k, (const double[]){NAN, NAN, NAN}, 3);
    for (int i = 0; i < 3; i++) assert_near(rig_value(r, 0, i), (double)NAN, 0);
    rig_close(r);
    rig_close(run(k, NULL, 0));
  }
}

/* Zeros alone, among others, and with negatives: a number for each, or a refusal that names the row. */
static void zeros_and_negatives_are_numbers_or_refused(void **state)
{
  (void)state;
  static const double columns[][3] = {{0, 0, -0.0}, {0, 3, 1}, {-2, 0, 5}, {-5, -1, -9}, {1e-320, 1, 1e308}};
  for (const known *k = table; k < table + KNOWN; k++)
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
      rig *r = normalizer_made(k->id, k->params, k->better, columns[c], 3);
      if (rig_learn(r)) {
        assert_int_equal(r->error.status, TARAZU_BAD_DATA);
        assert_true(k->takes == ABOVE_ONE && r->error.message[0]);
      } else {
        assert_int_equal(rig_apply(r, 2), TARAZU_OK);
        for (int i = 0; i < 3; i++) assert_true(isfinite(rig_value(r, 0, i)));
        if (!c) assert_true(rig_value(r, 0, 0) == rig_value(r, 0, 1) && rig_value(r, 0, 0) == rig_value(r, 0, 2));
      }
      rig_close(r);
    }
}

static void a_change_of_unit_or_origin_changes_nothing_where_so_documented(void **state)
{
  (void)state;
  enum { N = 400 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = column_of(k, N, 37), tripled[N], moved[N];
    for (int i = 0; i < N; i++) tripled[i] = 3 * x[i], moved[i] = x[i] + 5;
    rig *r = run(k, x, N), *s = run(k, tripled, N), *t = run(k, moved, N);
    double scale = 0, shift = 0;
    for (int i = 0; i < N; i++) {
      if (isnan(x[i])) continue;
      scale = fmax(scale, fabs(rig_value(r, 0, i) - rig_value(s, 0, i)));
      shift = fmax(shift, fabs(rig_value(r, 0, i) - rig_value(t, 0, i)));
    }
    if ((scale < 1e-12) != k->scale) fail_msg("%s {%s}: times 3 changes %g", k->id, k->params, scale);
    if ((shift < 1e-12) != k->shift) fail_msg("%s {%s}: plus 5 changes %g", k->id, k->params, shift);
    rig_close(r);
    rig_close(s);
    rig_close(t);
    free(x);
  }
}

/* Two shares and a rest, so that states are merged; a strategy without a model has nothing to reload. */
static void batches_and_a_loaded_model_give_the_same(void **state)
{
  (void)state;
  enum { N = 2 * TARAZU_SHARE + 777 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = column_of(k, N, 41);
    rig *r = run(k, x, N);
    check_batches(r);
    assert_int_equal(!r->strategy->save, !strcmp(k->id, "piecewise"));
    if (r->strategy->save) check_reload(r);
    rig_close(r);
    free(x);
  }
}

/* The same column learned again, and another one in between, leaves nothing behind. */
static void learning_anew_forgets(void **state)
{
  (void)state;
  enum { N = 300 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = column_of(k, N, 43), other[N];
    for (int i = 0; i < N; i++) other[i] = 1000 - x[i];
    size_t count, again_count;
    rig *r = run(k, x, N);
    void *bytes = rig_bytes(r, &count);
    rig_f64(r, "value", other, N);
    assert_int_equal(rig_learn(r), TARAZU_OK);
    rig_f64(r, "value", x, N);
    assert_int_equal(rig_learn(r), TARAZU_OK);
    assert_int_equal(rig_apply(r, 100), TARAZU_OK);
    void *again = rig_bytes(r, &again_count);
    if (count != again_count || memcmp(bytes, again, count)) fail_msg("%s {%s} remembers", k->id, k->params);
    free(bytes);
    free(again);
    rig_close(r);
    free(x);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_normalizer_is_known_here),
      cmocka_unit_test(results_are_within_their_range_and_in_order),
      cmocka_unit_test(who_is_clearly_better_gets_more),
      cmocka_unit_test(constants_and_one_customer_get_what_is_documented),
      cmocka_unit_test(nulls_and_no_rows_are_no_fault),
      cmocka_unit_test(zeros_and_negatives_are_numbers_or_refused),
      cmocka_unit_test(a_change_of_unit_or_origin_changes_nothing_where_so_documented),
      cmocka_unit_test(batches_and_a_loaded_model_give_the_same),
      cmocka_unit_test(learning_anew_forgets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
