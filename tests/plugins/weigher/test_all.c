/* What must hold for every weigher that is installed. What is particular to one stands in a table; a weigher that is
 * not in it fails. */
#include "support/properties.h"
#include "support/weighed.h"

#include <dirent.h>
#include <float.h>

enum { COUNT = 4 };

typedef struct known {
  const char *id, *params, *one; /* params for COUNT criteria, and for one */
  int looks;                     /* 1: weighs by the customers' values; 0: by what the profile says alone */
  int spreads;                   /* 1: has no scale of its own, so that a column times 3 weighs the same */
} known;

#define AHP_OF(criterion, over, times) "  - {criterion: " criterion ", over: " over ", times: " times "}\n"
#define BEST_WORST_OF(criterion, best_over, over_worst) \
  "  - {criterion: " criterion ", best_over: " best_over ", over_worst: " over_worst "}\n"

static const char ahp[] = "judgements:\n" AHP_OF("c0", "c1", "3") AHP_OF("c0", "c2", "2") AHP_OF("c0", "c3", "5")
    AHP_OF("c2", "c1", "2") AHP_OF("c1", "c3", "2") AHP_OF("c2", "c3", "3");
static const char best_worst[] = "judgements:\n" BEST_WORST_OF("c0", "1", "5") BEST_WORST_OF("c1", "3", "2")
    BEST_WORST_OF("c2", "2", "3") BEST_WORST_OF("c3", "5", "1");

static const known table[] = {
    {"manual", NULL, NULL, 0, 1},
    {"equal", NULL, NULL, 0, 1},
    {"rank_order", "order: [c0, c2, c1 = c3]", "order: [c0]", 0, 1},
    {"rank_order", "{order: [c3, c2, c1, c0], method: exponent}", "{order: [c0], method: exponent}", 0, 1},
    {"ahp", ahp, "judgements: []", 0, 1},
    {"best_worst", best_worst, "judgements: [{criterion: c0, best_over: 1, over_worst: 1}]", 0, 1},
    {"entropy", NULL, NULL, 1, 1},
    {"standard_deviation", NULL, NULL, 1, 1},
    {"standard_deviation", "scale: mean", "scale: mean", 1, 1},
    {"standard_deviation", "scale: none", "scale: none", 1, 0},
    {"gini", NULL, NULL, 1, 1},
    {"critic", NULL, NULL, 1, 1},
    {"critic", "correlation: spearman", "correlation: spearman", 1, 1},
    {"merec", NULL, NULL, 1, 1},
    {"cilos", NULL, NULL, 1, 1},
    {"idocriw", NULL, NULL, 1, 1},
};
enum { KNOWN = sizeof table / sizeof *table };
static const int32_t costs[COUNT] = {1, -1, 1, -1};

#define wrong(k, format, ...) fail_msg("%s {%s}: " format, (k)->id, (k)->params ? (k)->params : "", __VA_ARGS__)

static rig *made(const known *k, const double *x, int64_t rows)
{
  return weigher_made(k->id, k->params, x, rows, COUNT, costs);
}

static void weights_of(const known *k, const double *x, int64_t rows, double *weights)
{
  rig *r = made(k, x, rows);
  learn_weights(r, weights);
  rig_close(r);
}

static void expect_same(const known *k, const double *weights, const double *others, double tolerance)
{
  for (int c = 0; c < COUNT; c++)
    if (!(fabs(weights[c] - others[c]) <= tolerance)) wrong(k, "c%d weighs %.17g, not %.17g", c, weights[c], others[c]);
}

/* Above zero, no two alike, some null. */
static double *sample(int64_t rows, uint64_t seed, double gaps)
{
  double *x = calloc((size_t)rows * COUNT, sizeof *x);
  assert_non_null(x);
  for (int64_t i = 0; i < rows * COUNT; i++) {
    x[i] = 0.5 + next_uniform(&seed) * (double)(1 + i % COUNT);
    if (next_uniform(&seed) < gaps) x[i] = (double)NAN;
  }
  return x;
}

static void every_weigher_is_known_here(void **state)
{
  (void)state;
  DIR *folder = opendir(BUILD_DIR "/plugins/weigher");
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
  assert_true(found >= 12);
}

/* Columns of zeros, constants, negatives, of the largest and the smallest numbers: weights, or a refusal that names a
 * criterion. */
static void any_column_gives_weights_or_is_refused(void **state)
{
  (void)state;
  static const double columns[][4] = {{0, 0, 0, 0},
                                      {7, 7, 7, 7},
                                      {0, 3, 1, 0},
                                      {-2, 0, 5, 1},
                                      {-5, -1, -9, -1},
                                      {1e-320, 1, 1e308, 0},
                                      {-1e308, 1e308, 1.7e308, 3},
                                      {5e-324, 0, 0, 0},
                                      {1, 1 + DBL_EPSILON, 1, 1},
                                      {1, 2, NAN, NAN}};
  enum { COLUMNS = sizeof columns / sizeof *columns };
  int taken = 0;
  for (const known *k = table; k < table + KNOWN; k++)
    for (int a = 0; a < COLUMNS; a++)
      for (int b = 0; b < COLUMNS; b++) {
        double x[4 * COUNT], weights[COUNT];
        for (int i = 0; i < 4; i++) {
          x[COUNT * i] = columns[a][i], x[COUNT * i + 1] = columns[b][i];
          x[COUNT * i + 2] = 1 + i, x[COUNT * i + 3] = 5 + (double)(i % 3);
        }
        rig *r = made(k, x, 4);
        if (rig_learn(r)) {
          if (r->error.status != TARAZU_BAD_DATA && r->error.status != TARAZU_NUMERIC) wrong(k, "%s", r->error.message);
          if (!k->looks || !strstr(r->error.message, "criterion 'c")) wrong(k, "%s", r->error.message);
        } else {
          scaled_weights(r, weights);
          for (int c = 0; c < COUNT; c++)
            if (!(weights[c] >= 0 && weights[c] <= 1))
              wrong(k, "of columns %d and %d c%d weighs %g", a, b, c, weights[c]);
          taken++;
        }
        rig_close(r);
      }
  assert_true(taken > KNOWN * COLUMNS * COLUMNS / 3);
}

/* One customer, customers who are all alike, nobody, and nothing known of anybody: those that look weigh all the same
 * and warn of it, those that do not weigh as ever. */
static void where_nothing_tells_customers_apart_nothing_is_made_up(void **state)
{
  (void)state;
  static const double one[] = {1, 2, 3, 4}, none[] = {NAN, NAN, NAN, NAN}, alike[] = {1, 2, 3, 4, 1, 2, 3, 4};
  static const double even[] = {.25, .25, .25, .25};
  static const struct {
    const double *x;
    int64_t rows;
  } data[] = {{one, 1}, {none, 1}, {alike, 2}, {none, 0}};
  double *usual = sample(30, 8, 0), expected[COUNT], weights[COUNT];
  for (const known *k = table; k < table + KNOWN; k++)
    for (size_t d = 0; d < sizeof data / sizeof *data; d++) {
      rig *r = made(k, data[d].x, data[d].rows);
      learn_weights(r, weights);
      weights_of(k, usual, 30, expected);
      expect_same(k, weights, k->looks ? even : expected, 0);
      const tarazu_fact *verdict = rig_fact(r, "verdict");
      if (k->looks) {
        assert_string_equal(verdict->text, "no criterion tells customers apart, so all weigh the same");
        assert_int_equal(verdict->level, 1);
      }
      rig_close(r);
    }
  free(usual);
}

static void one_criterion_has_all_the_weight(void **state)
{
  (void)state;
  double weights[1];
  for (const known *k = table; k < table + KNOWN; k++) {
    rig *r = weigher_made(k->id, k->one, (double[]){1, 2, 5}, 3, 1, NULL);
    learn_weights(r, weights);
    assert_near(weights[0], 1, 0);
    rig_close(r);
  }
}

static void a_constant_criterion_weighs_nothing_to_those_that_look(void **state)
{
  (void)state;
  double *x = sample(50, 3, 0), weights[COUNT];
  for (int i = 0; i < 50; i++) x[i * COUNT + 2] = 7.3;
  for (const known *k = table; k < table + KNOWN; k++) {
    weights_of(k, x, 50, weights);
    for (int c = 0; c < COUNT; c++)
      if ((k->looks && c == 2) != (weights[c] < 1e-15)) wrong(k, "c%d weighs %g", c, weights[c]);
  }
  free(x);
}

/* The weight that the profile gives a criterion is manual's alone. */
static void a_weight_of_zero_is_a_matter_of_manual(void **state)
{
  (void)state;
  double *x = sample(40, 5, 0), expected[COUNT], weights[COUNT];
  for (const known *k = table; k < table + KNOWN; k++) {
    weights_of(k, x, 40, expected);
    rig *r = made(k, x, 40);
    rig_bound(r, "c1")->weight = 0;
    assert_int_equal(rig_create(r, k->params), TARAZU_OK);
    learn_weights(r, weights);
    if (!strcmp(k->id, "manual")) expect_same(k, weights, (double[]){1. / 3, 0, 1. / 3, 1. / 3}, 1e-15);
    else expect_same(k, weights, expected, 0);
    rig_close(r);
  }
  free(x);
}

/* Everybody a thousand times, one after the other or block by block: ties among thousands. */
static void thousands_of_ties_weigh_like_one_of_each(void **state)
{
  (void)state;
  enum { EACH = 1000, DIFFERENT = 7, ALL = EACH * DIFFERENT };
  double *x = sample(DIFFERENT, 9, 0), *y = calloc(ALL * COUNT, sizeof *y), expected[COUNT], weights[COUNT];
  assert_non_null(y);
  for (const known *k = table; k < table + KNOWN; k++)
    for (int blocks = 0; blocks < 2; blocks++) {
      for (int i = 0; i < ALL; i++)
        memcpy(y + i * COUNT, x + (blocks ? i / EACH : i % DIFFERENT) * COUNT, COUNT * sizeof *y);
      weights_of(k, x, DIFFERENT, expected);
      weights_of(k, y, ALL, weights);
      expect_same(k, weights, expected, 1e-12);
    }
  free(x);
  free(y);
}

static void units_do_not_weigh(void **state)
{
  (void)state;
  static const double unit[] = {1000, 0.25, 3, 7};
  double *x = sample(200, 1, 0.1), *y = sample(200, 1, 0.1), expected[COUNT], weights[COUNT];
  for (int i = 0; i < 200 * COUNT; i++) y[i] *= unit[i % COUNT];
  for (const known *k = table; k < table + KNOWN; k++) {
    weights_of(k, x, 200, expected);
    weights_of(k, y, 200, weights);
    if (k->spreads) expect_same(k, weights, expected, 1e-12);
    else assert_true(weights[0] > 0.9);
  }
  free(x);
  free(y);
}

/* The order of customers, as far as nobody is tied for the best. */
static void the_order_of_customers_does_not_weigh(void **state)
{
  (void)state;
  double *x = sample(200, 2, 0.1), *y = calloc(200 * COUNT, sizeof *y), expected[COUNT], weights[COUNT];
  assert_non_null(y);
  for (int i = 0; i < 200; i++) memcpy(y + (199 - i) * COUNT, x + i * COUNT, COUNT * sizeof *y);
  for (const known *k = table; k < table + KNOWN; k++) {
    weights_of(k, x, 200, expected);
    weights_of(k, y, 200, weights);
    expect_same(k, weights, expected, 1e-13);
  }
  free(x);
  free(y);
}

static void models_keep_the_weights(void **state)
{
  (void)state;
  double *x = sample(50, 4, 0.1), expected[COUNT], weights[COUNT];
  for (const known *k = table; k < table + KNOWN; k++) {
    rig *r = made(k, x, 50);
    learn_weights(r, expected);
    assert_int_equal(r->strategy->save != NULL, k->looks);
    if (k->looks) {
      assert_int_equal(rig_reload(r), TARAZU_OK);
      scaled_weights(r, weights);
      expect_same(k, weights, expected, 1e-15);
      assert_int_equal(rig_load(r, "x", 1), TARAZU_BAD_DATA);
    }
    rig_close(r);
  }
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_weigher_is_known_here),
      cmocka_unit_test(any_column_gives_weights_or_is_refused),
      cmocka_unit_test(where_nothing_tells_customers_apart_nothing_is_made_up),
      cmocka_unit_test(one_criterion_has_all_the_weight),
      cmocka_unit_test(a_constant_criterion_weighs_nothing_to_those_that_look),
      cmocka_unit_test(a_weight_of_zero_is_a_matter_of_manual),
      cmocka_unit_test(thousands_of_ties_weigh_like_one_of_each),
      cmocka_unit_test(units_do_not_weigh),
      cmocka_unit_test(the_order_of_customers_does_not_weigh),
      cmocka_unit_test(models_keep_the_weights),
  };
  return cmocka_run_group_tests_name("all weighers", tests, NULL, NULL);
}
