/* What must hold for every combiner that is installed. What is particular to one stands in a table; a combiner that is
 * not in it fails. */
#include "support/combined.h"

#include <dirent.h>
#include <float.h>
#include <stdio.h>

/* What a combiner takes of costs: it wants none, or turns them itself. */
enum { NO_COSTS = 0, COSTS = 1 };
/* What a better value does to the score of a what-if; WITHIN: never lowers it, as long as nobody's best is passed. */
enum { MAY_LOWER = 0, NEVER_LOWERS = 1, WITHIN = 2 };
/* A column times 3 changes no score, no order, or anything. */
enum { SCALES = 2, KEEPS_ORDER = 1, NO_SCALE = 0 };

typedef struct known {
  const char *id, *params, *normalizer;
  int costs, better, scale;
  double equal; /* what each of four customers gets who are the same in all; NaN: of no interest */
  double alone; /* what one customer gets */
} known;

static const known table[] = {
    {"weighted_sum", NULL, "minmax", COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"weighted_sum", NULL, NULL, COSTS, NEVER_LOWERS, NO_SCALE, NAN, NAN},
    {"weighted_product", NULL, "max", NO_COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"waspas", NULL, "max", NO_COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"geometric", "floor: 0.05", "minmax", NO_COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"geometric", "over: criteria", "max", NO_COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"topsis", NULL, "vector", COSTS, MAY_LOWER, SCALES, .5, .5}, /* as the next one, beyond its ideal */
    {"topsis", NULL, NULL, COSTS, WITHIN, NO_SCALE, .5, .5},
    {"vikor", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"vikor", "v: 0", NULL, COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"promethee", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, 0, 0},
    {"promethee", "{preference: linear, q: 0.1, p: 3}", NULL, COSTS, NEVER_LOWERS, NO_SCALE, 0, 0},
    {"promethee", "{preference: gaussian, s: 2}", NULL, COSTS, NEVER_LOWERS, NO_SCALE, 0, 0},
    {"spotis", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"spotis", "criteria: [{criterion: c0, range: [0, 4]}]", NULL, COSTS, NEVER_LOWERS, NO_SCALE, NAN, NAN},
    {"rim", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"rim", "criteria: [{criterion: c0, ideal: [3, 4]}]", NULL, COSTS, MAY_LOWER, NO_SCALE, NAN, NAN},
    {"copras", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"aras", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, 1, 1},
    {"edas", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"codas", NULL, "max", NO_COSTS, MAY_LOWER, SCALES, 0, 0},
    {"mabac", NULL, "minmax", NO_COSTS, NEVER_LOWERS, SCALES, 0, 0},
    {"marcos", NULL, "max", NO_COSTS, NEVER_LOWERS, SCALES, 2. / 3, 2. / 3},
    {"moora", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, NAN, NAN},
    {"multimoora", NULL, NULL, COSTS, NEVER_LOWERS, KEEPS_ORDER, .5, .5},
    {"cocoso", NULL, "minmax", NO_COSTS, NEVER_LOWERS, SCALES, NAN, NAN},
    {"borda", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"copeland", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, 0, 0},
    {"median_rank", NULL, NULL, COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"owa", NULL, "minmax", COSTS, NEVER_LOWERS, SCALES, .5, .5},
    {"owa", "orness: 0", "minmax", COSTS, NEVER_LOWERS, SCALES, .5, .5},
};
enum { KNOWN = sizeof table / sizeof *table, COUNT = 4 };
static const double least = 0.5, most = 4; /* some customer of a sample has them in each criterion */

static const double weights[COUNT] = {3, 1, 2, 1};
static const int32_t directions[COUNT] = {1, -1, 1, -1};
static const int32_t benefits[COUNT] = {1, 1, 1, 1};

/* Without a normalizer costs come as costs to those that take them; with one they are turned round before. */
static criteria data(const known *k, const double *x, int64_t rows, uint32_t count)
{
  const int32_t *better = k->costs || k->normalizer ? directions : benefits;
  return (criteria){rows, count, x, weights, better, k->normalizer};
}

static const int32_t *seen_as(const known *k)
{
  return k->normalizer || !k->costs ? benefits : directions;
}

/* Above zero, many the same, some null. */
static double *sample(int64_t rows, uint32_t count, uint64_t seed, double gaps)
{
  double *x = calloc((size_t)rows * count + 1, sizeof *x);
  assert_non_null(x);
  for (int64_t i = 0; i < rows * count; i++) {
    double even = next_uniform(&seed);
    x[i] = i % 3 ? 0.5 + floor(8 * even) / 2 : 0.5 + 4 * even;
    if (next_uniform(&seed) < gaps) x[i] = (double)NAN;
  }
  return x;
}

static rig *run(const known *k, const double *x, int64_t rows, uint32_t count)
{
  const criteria c = data(k, x, rows, count);
  return combined_with(k->id, k->params, &c);
}

#define wrong(k, format, ...) fail_msg("%s {%s}: " format, (k)->id, (k)->params ? (k)->params : "", __VA_ARGS__)

static void every_combiner_is_known_here(void **state)
{
  (void)state;
  DIR *folder = opendir(BUILD_DIR "/plugins/combiner");
  assert_non_null(folder);
  int found = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    size_t length = strlen(entry->d_name);
    int known_here = 0;
    if (length < 3 || strcmp(entry->d_name + length - 3, ".so")) continue;
    for (int i = 0; i < KNOWN; i++)
      known_here |= strlen(table[i].id) == length - 3 && !strncmp(table[i].id, entry->d_name, length - 3);
    if (!known_here) fail_msg("%s is not in this test's table", entry->d_name);
    found++;
  }
  closedir(folder);
  assert_true(found >= 20);
}

static void equals_and_one_customer_get_what_is_documented(void **state)
{
  (void)state;
  for (const known *k = table; k < table + KNOWN; k++)
    for (uint32_t count = 1; count <= COUNT; count++) {
      double x[4 * COUNT];
      for (uint32_t i = 0; i < 4 * count; i++) x[i] = 2 + i % count;
      rig *r = run(k, x, 4, count), *one = run(k, x, 1, count);
      for (int i = 0; i < 4; i++) {
        assert_true(isfinite(rig_value(r, 0, i)));
        if (!isnan(k->equal) && !(fabs(rig_value(r, 0, i) - k->equal) < 1e-14))
          wrong(k, "equals of %u criteria get %g", count, rig_value(r, 0, i));
      }
      if (!isnan(k->alone) && !(fabs(rig_value(one, 0, 0) - k->alone) < 1e-14))
        wrong(k, "one customer of %u criteria gets %g", count, rig_value(one, 0, 0));
      rig_close(r);
      rig_close(one);
    }
}

/* Columns of zeros, with negatives, of the largest and the smallest numbers: a number for all, or a refusal with its
 * reason. */
static void any_column_gives_numbers_or_is_refused(void **state)
{
  (void)state;
  static const double columns[][4] = {{0, 0, 0, 0},      {0, 3, 1, 0},           {-2, 0, 5, 1},
                                      {-5, -1, -9, -1},  {1e-320, 1, 1e308, 0},  {-1e308, 1e308, 1.7e308, 3},
                                      {5e-324, 0, 0, 0}, {1e-310, 3e-310, 0, 0}, {1, 1 + DBL_EPSILON, 1, 1},
                                      {-1, 1, 1e-17, 0.}};
  int taken = 0;
  for (const known *k = table; k < table + KNOWN; k++)
    for (size_t a = 0; a < sizeof columns / sizeof *columns; a++)
      for (size_t b = 0; b < sizeof columns / sizeof *columns; b++) {
        double x[8];
        for (int i = 0; i < 4; i++) x[2 * i] = columns[a][i], x[2 * i + 1] = columns[b][i];
        criteria c = data(k, x, 4, 2);
        if (k->normalizer) c.better = benefits; /* some normalizers refuse costs of zero */
        if (k->normalizer && !strcmp(k->normalizer, "max") && (a > 1 || b > 1)) c.normalizer = "minmax";
        rig *r = rig_open("combiner", k->id);
        criteria_bind(r, &c);
        assert_int_equal(rig_create(r, k->params), TARAZU_OK);
        if (rig_learn(r)) {
          if (r->error.status != TARAZU_BAD_DATA && r->error.status != TARAZU_NUMERIC) wrong(k, "%s", r->error.message);
          assert_true(strstr(r->error.message, "criterion 'c") != NULL);
        } else {
          if (rig_apply(r, 3)) wrong(k, "%s of columns %zu and %zu", r->error.message, a, b);
          for (int i = 0; i < 4; i++) assert_true(isfinite(rig_value(r, 0, i)));
          taken++;
        }
        rig_close(r);
      }
  assert_true(taken > KNOWN * 30);
}

static void nulls_and_no_rows_are_no_fault(void **state)
{
  (void)state;
  for (const known *k = table; k < table + KNOWN; k++) {
    double x[6 * 3];
    for (int i = 0; i < 6; i++) x[3 * i] = 1 + i, x[3 * i + 1] = (double)NAN, x[3 * i + 2] = i % 2 ? 1 : (double)NAN;
    rig *r = run(k, x, 6, 3);
    for (int i = 0; i < 6; i++) assert_true(isfinite(rig_value(r, 0, i)));
    /* A what-if has what nobody had. */
    const criteria c = {1, 3, (double[]){2, 3, 1}, weights, seen_as(k), NULL};
    assert_true(isfinite(scored_what_if(r, c, c.values)));
    rig_close(r);
    for (int i = 0; i < 18; i++) x[i] = (double)NAN;
    r = run(k, x, 6, 3);
    for (int i = 0; i < 6; i++) assert_true(isnan(rig_value(r, 0, i)));
    assert_true(isfinite(scored_what_if(r, c, c.values)));
    rig_close(r);
    rig_close(run(k, x, 0, 3));
  }
}

static int in_order(double a, double b, double c, double d)
{
  double slack = 1e-13 * (fabs(a) + fabs(b) + fabs(c) + fabs(d));
  return !((a < b - slack && c > d + slack) || (a > b + slack && c < d - slack));
}

static void a_weight_of_zero_changes_nothing(void **state)
{
  (void)state;
  enum { N = 60 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = sample(N, 3, 7, 0.1), with[N * 4];
    uint64_t seed = 3;
    for (int i = 0; i < N; i++) {
      memcpy(with + 4 * i, x + 3 * i, 3 * sizeof *x);
      with[4 * i + 3] = next_uniform(&seed) + 0.5;
    }
    criteria c = data(k, with, N, 4);
    c.weights = (double[]){3, 1, 2, 0};
    rig *r = combined_with(k->id, k->params, &c), *without = run(k, x, N, 3);
    for (int i = 0; i < N; i++) {
      double a = rig_value(r, 0, i), b = rig_value(without, 0, i);
      if (isnan(a) && isnan(b)) continue;
      if (!(fabs(a - b) <= 1e-12 * (1 + fabs(b)))) wrong(k, "%.17g with a weightless criterion, %.17g without", a, b);
    }
    rig_close(r);
    rig_close(without);
    free(x);
  }
}

static void a_constant_criterion_changes_no_order(void **state)
{
  (void)state;
  enum { N = 40 };
  static const char *const excepted[] = {/* the order of mixtures of sums and products can turn */ "waspas", "cocoso",
                                         /* the part of the criteria that is decided by order statistics is another */
                                         "owa", "median_rank",
                                         /* means within a dimension, then a product */ "geometric",
                                         /* a constant cost moves all reciprocals nearer to each other */ "copras"};
  for (const known *k = table; k < table + KNOWN; k++) {
    int skip = k->params && strstr(k->params, "c0") != NULL;
    for (size_t e = 0; e < sizeof excepted / sizeof *excepted; e++) skip |= !strcmp(excepted[e], k->id);
    double *x = sample(N, 3, 11, 0), with[N * 4];
    for (int i = 0; i < N; i++) {
      memcpy(with + 4 * i, x + 3 * i, 3 * sizeof *x);
      with[4 * i + 3] = 2;
    }
    rig *r = run(k, with, N, 4), *without = run(k, x, N, 3);
    for (int i = 0; i < N; i++) assert_true(isfinite(rig_value(r, 0, i)));
    /* Distances that are counted with thresholds do change with their weight. */
    for (int i = 0; !skip && strcmp(k->id, "codas") && i < N; i++)
      for (int j = 0; j < i; j++)
        if (!in_order(rig_value(r, 0, i), rig_value(r, 0, j), rig_value(without, 0, i), rig_value(without, 0, j)))
          wrong(k, "a constant turns the order of %d and %d", i, j);
    rig_close(r);
    rig_close(without);
    free(x);
  }
}

static void thousands_of_ties_tie_to_the_bit(void **state)
{
  (void)state;
  enum { N = 6000 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = sample(N, COUNT, 13, 0);
    for (int i = 3; i < N; i++)
      if (i % 4) memcpy(x + (size_t)i * COUNT, x + (size_t)(i % 3) * COUNT, COUNT * sizeof *x);
    rig *r = run(k, x, N, COUNT);
    for (int i = 3; i < N; i++)
      if (i % 4 && rig_value(r, 0, i) != rig_value(r, 0, i % 3)) wrong(k, "rows %d and %d do not tie", i, i % 3);
    rig_close(r);
    free(x);
  }
}

/* What-ifs by what was learned, on the scale that the combiner sees: each row with one criterion a little, much, and
 * beyond everybody better. */
static void a_better_value_never_lowers_a_what_if(void **state)
{
  (void)state;
  enum { N = 80, STEPS = 4 };
  static const double steps[STEPS] = {1e-6, 0.03, 0.4, 50};
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = sample(N, COUNT, 17, 0.05), rows[N * COUNT], changed[N * COUNT];
    rig *r = run(k, x, N, COUNT);
    uint64_t seed = 19;
    int risen = 0;
    for (int i = 0; i < N * COUNT; i++) rows[i] = next_uniform(&seed);
    for (int i = 0; i < N * COUNT && !k->normalizer; i++)
      rows[i] = k->better == WITHIN ? least + (most - least) * rows[i] : 0.3 + 5 * rows[i];
    for (int c = 0; k->better && c < COUNT; c++)
      for (int s = 0; s < STEPS; s++) {
        criteria what = {N, COUNT, rows, weights, seen_as(k), NULL};
        double before[N];
        memcpy(changed, rows, sizeof rows);
        for (int i = 0; i < N; i++) {
          double *one = &changed[i * COUNT + c];
          *one += what.better[c] * steps[s];
          if (k->better == WITHIN) *one = fmin(fmax(*one, least), most);
        }
        r->unknown_rows = 1;
        criteria_bind(r, &what);
        assert_int_equal(rig_apply(r, 64), TARAZU_OK);
        for (int i = 0; i < N; i++) before[i] = rig_value(r, 0, i);
        what.values = changed;
        criteria_bind(r, &what);
        assert_int_equal(rig_apply(r, 64), TARAZU_OK);
        for (int i = 0; i < N; i++) {
          double after = rig_value(r, 0, i);
          if (after < before[i] - 1e-14 * (fabs(after) + fabs(before[i]) + 1))
            wrong(k, "c%d better by %g: from %.17g to %.17g", c, steps[s], before[i], after);
          risen += after > before[i];
        }
      }
    if (k->better && risen < N) wrong(k, "only %d what-ifs of %d have a higher score", risen, N * COUNT * STEPS);
    rig_close(r);
    free(x);
  }
}

static void the_unit_of_a_criterion_does_not_count(void **state)
{
  (void)state;
  enum { N = 100 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = sample(N, COUNT, 23, 0);
    rig *r = run(k, x, N, COUNT);
    for (int i = 0; i < N; i++) {
      x[i * COUNT] *= 4;
      x[i * COUNT + 1] *= 0x1p-9;
    }
    rig *scaled = run(k, x, N, COUNT);
    for (int i = 0; k->scale == SCALES && i < N; i++)
      if (!(fabs(rig_value(r, 0, i) - rig_value(scaled, 0, i)) <= 1e-11 * (1 + fabs(rig_value(r, 0, i)))))
        wrong(k, "%.17g, in other units %.17g", rig_value(r, 0, i), rig_value(scaled, 0, i));
    for (int i = 0; k->scale == KEEPS_ORDER && i < N; i++)
      for (int j = 0; j < i; j++)
        if (!in_order(rig_value(r, 0, i), rig_value(r, 0, j), rig_value(scaled, 0, i), rig_value(scaled, 0, j)))
          wrong(k, "other units turn the order of %d and %d", i, j);
    rig_close(r);
    rig_close(scaled);
    free(x);
  }
}

/* Also that outputs which nobody wants may be left out. */
static void batches_and_models_give_the_same_bytes(void **state)
{
  (void)state;
  enum { N = 70000 };
  for (const known *k = table; k < table + KNOWN; k++) {
    /* every two values are compared, or every score is of many thousands of steps */
    int64_t rows = k->params && strstr(k->params, "gaussian") ? 2000 : !strcmp(k->id, "copeland") ? 3000 : N;
    double *x = sample(rows, 3, 29, 0.1);
    if (rows == N) /* values enough for two shares of rows are taken, distinct ones are not needed */
      for (int64_t i = 0; i < rows * 3; i++) x[i] = floor(x[i] * 8) / 8;
    rig *r = run(k, x, rows, 3);
    double first = rig_value(r, 0, 0), last = rig_value(r, 0, rows - 1);
    check_batches(r);
    if (r->strategy->save && strcmp(k->id, "copeland")) check_reload(r);
    r->unwanted = ~UINT64_C(1);
    assert_int_equal(rig_apply(r, 1000), TARAZU_OK);
    assert_near(rig_value(r, 0, 0), first, 0);
    assert_near(rig_value(r, 0, rows - 1), last, 0);
    rig_close(r);
    free(x);
  }
}

static void contributions_add_up_to_the_score(void **state)
{
  (void)state;
  enum { N = 300 };
  int offered = 0;
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = sample(N, COUNT, 31, 0.1);
    rig *r = run(k, x, N, COUNT);
    const tarazu_explain *explain = r->strategy->extension ? r->strategy->extension("tarazu.explain/1") : NULL;
    if (explain && explain->contributions) {
      offered++;
      assert_int_equal(rig_contributions(r, 64), TARAZU_OK);
      for (int i = 0; i < N; i++) {
        double sum = r->baseline, score = rig_value(r, 0, i);
        for (int c = 0; c < COUNT; c++) {
          double part = rig_contribution(r, (uint32_t)c, i);
          if (isnan(score)) continue;
          if (isnan(part) != isnan(x[i * COUNT + c]))
            wrong(k, "c%d contributes %g where its value is %g", c, part, x[i * COUNT + c]);
          sum += isnan(part) ? 0 : part;
        }
        if (!isnan(score) && !(fabs(sum - score) <= 1e-13 * (1 + fabs(score))))
          wrong(k, "contributions of %.17g to a score of %.17g", sum, score);
      }
    }
    rig_close(r);
    free(x);
  }
  assert_true(offered >= 8);
}

/* Learning twice is learning once, and the flag says who must when weights change. */
static void learning_again_changes_nothing(void **state)
{
  (void)state;
  enum { N = 500 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = sample(N, COUNT, 37, 0.1);
    rig *r = run(k, x, N, COUNT);
    double before[N];
    for (int i = 0; i < N; i++) before[i] = rig_value(r, 0, i);
    assert_int_equal(rig_learn(r), TARAZU_OK);
    assert_int_equal(rig_apply(r, 77), TARAZU_OK);
    for (int i = 0; i < N; i++) assert_near(rig_value(r, 0, i), before[i], 0);
    const criteria other = {N, COUNT, x, (double[]){1, 1, 1, 5}, data(k, x, N, COUNT).better, k->normalizer};
    rig *learned = combined_with(k->id, k->params, &other);
    for (uint32_t c = 0; c < COUNT; c++) r->bound[c].weight = other.weights[c];
    if (!(r->strategy->flags & TARAZU_LEARNS_WEIGHTS)) {
      assert_int_equal(rig_apply(r, 77), TARAZU_OK);
      for (int i = 0; i < N; i++) assert_near(rig_value(r, 0, i), rig_value(learned, 0, i), 0);
    }
    rig_close(learned);
    rig_close(r);
    free(x);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_combiner_is_known_here),
      cmocka_unit_test(equals_and_one_customer_get_what_is_documented),
      cmocka_unit_test(any_column_gives_numbers_or_is_refused),
      cmocka_unit_test(nulls_and_no_rows_are_no_fault),
      cmocka_unit_test(a_weight_of_zero_changes_nothing),
      cmocka_unit_test(a_constant_criterion_changes_no_order),
      cmocka_unit_test(thousands_of_ties_tie_to_the_bit),
      cmocka_unit_test(a_better_value_never_lowers_a_what_if),
      cmocka_unit_test(the_unit_of_a_criterion_does_not_count),
      cmocka_unit_test(batches_and_models_give_the_same_bytes),
      cmocka_unit_test(contributions_add_up_to_the_score),
      cmocka_unit_test(learning_again_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
