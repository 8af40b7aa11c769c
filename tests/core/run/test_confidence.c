/* How sure the list is: probabilities against exact volumes, calibrated, and the same however they are computed. */
#include "support/properties.h"
#include "support/session.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A score of 10 and the weighted sum of a, b and c as they are, and any of the rules. */
#define HEAD                                                                                    \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\ncriteria:\n" \
  "  a: {plugin: attribute, dimension: financial, weight: 2, input: {value: customers.a}}\n"    \
  "  b: {plugin: attribute, dimension: non_financial, weight: 1, input: {value: customers.b}}\n"
#define THIRD "  c: {plugin: attribute, dimension: non_financial, weight: 1, input: {value: customers.c}}\n"

/* Five standard errors of 10,000 draws. */
static double tolerance(double probability)
{
  return 5 * sqrt(fmax(probability * (1 - probability), 1e-4) / 10000);
}

#define assert_share(s, customer, column, expected) \
  assert_near(sheet_real_of(s, customer, column), expected, tolerance(expected))

static sheet *run_corners(trial *t, const char *more)
{
  char yaml[2000];
  snprintf(yaml, sizeof yaml, HEAD "%s", more);
  trial_new(t);
  assert_good(t, trial_open(t, yaml));
  assert_good(
      t, trial_push(t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("a", 1, 0.6, 0), REALS("b", 0, 0.6, 1)));
  assert_good(t, trial_run(t));
  return sheet_read(t, "customers");
}

static void finish(trial *t, sheet *s)
{
  sheet_free(s);
  trial_free(t);
}

/* ---- exact volumes -------------------------------------------------------------------------------------------------
 */

/* ann is first where w > 0.6, cid where 1 - w > 0.6, bob between; ann is last but one of three where w > 1/2. */
static void two_criteria_have_the_exact_lengths(void **state)
{
  trial t;
  (void)state;
  sheet *s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: any, bands: [1, 2]}\n");
  assert_share(s, "ann", "key_probability", 0.4);
  assert_share(s, "bob", "key_probability", 0.2);
  assert_share(s, "cid", "key_probability", 0.4);
  assert_share(s, "ann", "within_1", 0.4);
  assert_share(s, "ann", "within_2", 0.5);
  assert_share(s, "bob", "within_2", 1);
  assert_share(s, "cid", "within_2", 0.5);
  /* w is uniform in [0.6, 1] where ann is first; nobody else is on the list by the given weights */
  assert_near(sheet_real_of(s, "ann", "a_central_weight"), 0.8, 5 * 0.4 / sqrt(12 * 4000.0));
  assert_near(sheet_real_of(s, "ann", "b_central_weight"), 0.2, 5 * 0.4 / sqrt(12 * 4000.0));
  assert_true(isnan(sheet_real_of(s, "bob", "a_central_weight")));
  finish(&t, s);
}

/* a weighs 2, b 1: w is uniform in [1/2, 1]. */
static void an_order_alone_has_the_exact_lengths(void **state)
{
  trial t;
  (void)state;
  sheet *s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: order, bands: [2]}\n");
  assert_share(s, "ann", "key_probability", 0.8);
  assert_share(s, "bob", "key_probability", 0.2);
  assert_share(s, "cid", "key_probability", 0);
  assert_share(s, "ann", "within_2", 1);
  finish(&t, s);
}

static void intervals_have_the_exact_lengths(void **state)
{
  trial t;
  (void)state;
  sheet *s =
      run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: {intervals: {a: [30%, 70%]}}, bands: []}\n");
  assert_share(s, "ann", "key_probability", 0.25);
  assert_share(s, "bob", "key_probability", 0.5);
  assert_share(s, "cid", "key_probability", 0.25);
  assert_false(sheet_has(s, "within_10"));
  finish(&t, s);
}

/* A Dirichlet distribution of two is a beta distribution; with concentration 3 around 2/3 and 1/3 it is of 2 and 1,
 * whose distribution function is w^2. */
static void around_the_given_weights_has_the_exact_measure(void **state)
{
  trial t;
  (void)state;
  sheet *s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: {concentration: 3}}\n");
  assert_share(s, "ann", "key_probability", 1 - 0.36);
  assert_share(s, "bob", "key_probability", 0.36 - 0.16);
  assert_share(s, "cid", "key_probability", 0.16);
  finish(&t, s);
}

/* The part of the triangle of weights where the score p . w is at least q . w, cut from a polygon: Sutherland, Hodgman
 * (1974). */
typedef struct polygon {
  double at[64][2];
  int corners;
} polygon;

static double ahead(const double *p, const double *q, const double *at)
{
  return (p[0] - q[0]) * at[0] + (p[1] - q[1]) * at[1] + (p[2] - q[2]) * (1 - at[0] - at[1]);
}

static void cut(polygon *g, const double *p, const double *q)
{
  polygon out = {.corners = 0};
  for (int i = 0; i < g->corners; i++) {
    const double *here = g->at[i], *next = g->at[(i + 1) % g->corners];
    double x = ahead(p, q, here), y = ahead(p, q, next);
    if (x >= 0) {
      out.at[out.corners][0] = here[0];
      out.at[out.corners++][1] = here[1];
    }
    if ((x < 0) == (y < 0)) continue;
    double s = x / (x - y);
    out.at[out.corners][0] = here[0] + s * (next[0] - here[0]);
    out.at[out.corners++][1] = here[1] + s * (next[1] - here[1]);
  }
  *g = out;
}

static double area(const polygon *g)
{
  double sum = 0;
  for (int i = 0; i < g->corners; i++) {
    const double *here = g->at[i], *next = g->at[(i + 1) % g->corners];
    sum += here[0] * next[1] - next[0] * here[1];
  }
  return fabs(sum) / 2;
}

enum { CROWD = 60 };

/* Of weights that are uniform over the triangle, the share for which customer i is first; and for which i is first and
 * k second, so that the second places add up. */
static double first_share(double values[CROWD][3], int i, int without)
{
  polygon g = {{{1, 0}, {0, 1}, {0, 0}}, 3};
  for (int k = 0; k < CROWD && g.corners; k++)
    if (k != i && k != without) cut(&g, values[i], values[k]);
  return area(&g) / 0.5;
}

static double second_share(double values[CROWD][3], int i)
{
  double share = 0;
  for (int first = 0; first < CROWD; first++) {
    polygon g = {{{1, 0}, {0, 1}, {0, 0}}, 3};
    if (first == i) continue;
    cut(&g, values[first], values[i]);
    for (int k = 0; k < CROWD && g.corners; k++)
      if (k != i && k != first) cut(&g, values[i], values[k]);
    share += area(&g) / 0.5;
  }
  return share;
}

/* Customers on an eighth of a sphere, so that many of them are first somewhere. */
static void three_criteria_have_the_exact_areas(void **state)
{
  static double values[CROWD][3], columns[3][CROWD];
  static char names[CROWD][8];
  const char *ids[CROWD];
  uint64_t seed = 5;
  trial t;
  int seen = 0;
  (void)state;
  for (int i = 0; i < CROWD; i++) {
    double length = 0;
    for (int c = 0; c < 3; c++) {
      values[i][c] = 0.05 + next_uniform(&seed);
      length += values[i][c] * values[i][c];
    }
    for (int c = 0; c < 3; c++) columns[c][i] = values[i][c] /= sqrt(length);
    snprintf(names[i], sizeof names[i], "c%02d", i);
    ids[i] = names[i];
  }
  const given given_columns[] = {
      {"id", "u", ids}, {"a", "g", columns[0]}, {"b", "g", columns[1]}, {"c", "g", columns[2]}};
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD THIRD "key_customers: {limit: 2}\nconfidence: {weights: any, bands: [1]}\n"));
  assert_good(&t, trial_push_as(&t, "customers", CROWD, given_columns, 4, (arrival){0, NULL}));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  for (int i = 0; i < CROWD; i++) {
    double first = first_share(values, i, -1), second = second_share(values, i);
    assert_share(s, ids[i], "within_1", first);
    assert_share(s, ids[i], "key_probability", first + second);
    seen += first > 0.02;
  }
  assert_true(seen >= 8);
  finish(&t, s);
}

/* Two levels: the dimensions' weights are any, and within non_financial those of b and c. Of the three whoever has the
 * weight of one criterion as her score is first where that is above 0.4, but no two of them: u = w(financial), v the
 * share of b in the rest. */
static void dimensions_are_drawn_and_criteria_within(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD THIRD "dimensions: {financial: 50%, non_financial: 50%}\n"
                                            "key_customers: {limit: 1}\nconfidence: {weights: any}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "ann", "bob", "cid", "dan"), REALS("a", 1, 0, 0, 0.5),
                             REALS("b", 0, 1, 0, 0.5), REALS("c", 0, 0, 1, 0.5)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  /* (1 - u) v > 1/2: the integral of 1 - 1 / (2 (1 - u)) over u from 0 to 1/2 is (1 - ln 2) / 2 */
  double one = (1 - log(2)) / 2;
  assert_share(s, "ann", "key_probability", 0.5);
  assert_share(s, "bob", "key_probability", one);
  assert_share(s, "cid", "key_probability", one);
  assert_share(s, "dan", "key_probability", 0.5 - 2 * one);
  finish(&t, s);
}

/* Financial is held at its given half; of the rest b has from 60 % to 80 %. */
static void what_no_interval_names_keeps_its_weights(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD THIRD "dimensions: {financial: 50%, non_financial: 50%}\n"
                                            "key_customers: {limit: 1}\n"
                                            "confidence: {weights: {intervals: {b: [60%, 80%]}}}\n"));
  /* ann scores a half, bob the weight of b, which is from 0.3 to 0.4, times 10 / 7: more than a half in the upper half
   */
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "ann", "bob"), REALS("a", 1, 0), REALS("b", 0, 10. / 7),
                             REALS("c", 0, 0)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_share(s, "bob", "key_probability", 0.5);
  assert_near(sheet_real_of(s, "ann", "a_central_weight"), 0.5, 1e-9);
  assert_near(sheet_real_of(s, "ann", "b_central_weight"), 0.325, 0.002);
  finish(&t, s);
}

/* ---- what the profile decides --------------------------------------------------------------------------------------
 */

static void pins_exclusions_and_floors_hold_in_every_draw(void **state)
{
  trial t;
  (void)state;
  sheet *s = run_corners(&t, "key_customers: {limit: 2, pin: [{customer: cid, reason: r, author: x}]}\n"
                             "confidence: {weights: any, bands: [1]}\n");
  assert_near(sheet_real_of(s, "cid", "key_probability"), 1, 0);
  assert_string_equal(sheet_text_of(s, "cid", "confidence"), "firm");
  assert_true(isnan(sheet_real_of(s, "cid", "a_central_weight")));
  assert_share(s, "ann", "key_probability", 0.4); /* one seat is left, and cid is not in line for it */
  assert_share(s, "bob", "key_probability", 0.6);
  assert_share(s, "cid", "within_1", 0.4);
  finish(&t, s);
  s = run_corners(&t, "key_customers: {limit: 1, exclude: [{customer: ann, reason: r, author: x}],\n"
                      "  require: {non_financial: {least: 10.5, of: score}}}\nconfidence: {weights: any}\n");
  assert_near(sheet_real_of(s, "ann", "key_probability"), 0, 0);
  assert_share(s, "bob", "key_probability", 0.6);
  finish(&t, s);
  s = run_corners(&t, "key_customers: {limit: 1, require: {non_financial: {least: 10.9, of: score}}}\n"
                      "confidence: {weights: any}\n");
  assert_near(sheet_real_of(s, "cid", "key_probability"), 1, 0); /* nobody else meets the floor */
  assert_near(sheet_real_of(s, "bob", "key_probability"), 0, 0);
  finish(&t, s);
}

/* Two hours: bob takes both, ann and cid one each. Where bob is first nobody else goes in; ann and cid share where
 * either is first, unless bob is second: he does not fit then, and the other one does. */
static void a_capacity_is_filled_in_every_draw(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {capacity: {of: customers.hours, total: 2}}\n"
                                      "confidence: {weights: any}\n"));
  assert_good(&t, trial_push(&t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("a", 1, 0.6, 0),
                             REALS("b", 0, 0.6, 1), REALS("hours", 1, 2, 1)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_share(s, "bob", "key_probability", 0.2);
  assert_share(s, "ann", "key_probability", 0.8);
  assert_share(s, "cid", "key_probability", 0.8);
  finish(&t, s);
}

static void levels_are_firm_likely_and_open(void **state)
{
  trial t;
  (void)state;
  sheet *s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: order}\n");
  assert_string_equal(sheet_text_of(s, "ann", "confidence"), "likely"); /* 0.8 */
  assert_string_equal(sheet_text_of(s, "bob", "confidence"), "likely"); /* not on it, 0.2 */
  assert_null(sheet_text_of(s, "cid", "confidence"));                   /* far from it */
  assert_words(tarazu_manifest(t.session), "\"firm\": 0, \"likely\": 1, \"open\": 0, \"near\": 1, \"firm_share\": 0,");
  finish(&t, s);
  s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: any}\n");
  assert_string_equal(sheet_text_of(s, "ann", "confidence"), "open"); /* 0.4 */
  finish(&t, s);
  s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: {concentration: 5000}}\n");
  assert_string_equal(sheet_text_of(s, "ann", "confidence"), "firm");
  assert_null(sheet_text_of(s, "bob", "confidence"));
  finish(&t, s);
}

static void without_a_list_ranks_alone_are_told(void **state)
{
  trial t;
  (void)state;
  sheet *s = run_corners(&t, "confidence: {weights: any, bands: [1]}\n");
  assert_share(s, "ann", "within_1", 0.4);
  assert_false(sheet_has(s, "key_probability"));
  assert_false(sheet_has(s, "confidence"));
  finish(&t, s);
  s = run_corners(&t, "key_customers: {limit: 1}\n");
  assert_false(sheet_has(s, "key_probability"));
  assert_words(tarazu_manifest(t.session), "\"confidence\": null");
  finish(&t, s);
}

/* ---- edges ------------------------------------------------------------------------------------------------------ */

/* Three seats for four equals: each has three quarters of a place, whoever the list holds. */
static void equals_share_the_places(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 3}\nconfidence: {bands: [1, 4, 9]}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "x", "y", "z", "w"), REALS("a", 5, 5, 5, 5),
                             REALS("b", 5, 5, 5, 5)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  for (int64_t i = 0; i < 4; i++) {
    assert_near(sheet_real(s, "key_probability", i), 0.75, 1e-9);
    assert_near(sheet_real(s, "within_1", i), 0.25, 1e-9);
    assert_near(sheet_real(s, "within_4", i), 1, 0);
    assert_near(sheet_real(s, "within_9", i), 1, 0);
    assert_string_equal(sheet_text(s, "confidence", i), i < 3 ? "likely" : "open");
  }
  finish(&t, s);
}

/* Beside one who is always first, two equals at the edge of two seats. */
static void a_tie_at_the_edge_is_shared(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 2}\nconfidence: {weights: any}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "best", "one", "other", "last"), REALS("a", 9, 5, 5, 1),
                             REALS("b", 9, 4, 4, 0)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "best", "key_probability"), 1, 0);
  assert_near(sheet_real_of(s, "one", "key_probability"), 0.5, 1e-9);
  assert_near(sheet_real_of(s, "other", "key_probability"), 0.5, 1e-9);
  assert_near(sheet_real_of(s, "last", "key_probability"), 0, 0);
  finish(&t, s);
}

static void a_list_as_long_as_the_population_is_firm(void **state)
{
  trial t;
  (void)state;
  for (int limit = 3; limit <= 50; limit += 47) {
    char rule[200];
    snprintf(rule, sizeof rule, "key_customers: {limit: %d}\nconfidence: {weights: any, bands: [3]}\n", limit);
    sheet *s = run_corners(&t, rule);
    for (int64_t i = 0; i < 3; i++) {
      assert_near(sheet_real(s, "key_probability", i), 1, 0);
      assert_string_equal(sheet_text(s, "confidence", i), "firm");
      assert_near(sheet_real(s, "a_central_weight", i), 0.5, 5 * sqrt(1.0 / 12 / 10000)); /* the mean of all draws */
    }
    assert_words(tarazu_manifest(t.session), "\"firm_share\": 1,");
    finish(&t, s);
  }
}

static void one_customer_and_none(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 1}\nconfidence: {}\n"));
  assert_good(&t, trial_push(&t, "customers", 1, TEXTS("id", "ann"), REALS("a", 1), REALS("b", 0)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real(s, "key_probability", 0), 1, 0);
  sheet_free(s);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 1}\nconfidence: {}\n"));
  assert_good(&t,
              trial_push(&t, "customers", 2, TEXTS("id", "ann", "bob"), REALS("a", NAN, NAN), REALS("b", NAN, NAN)));
  assert_good(&t, trial_run(&t));
  s = sheet_read(&t, "customers");
  assert_near(sheet_real(s, "key_probability", 0), 0, 0); /* nobody has a score */
  assert_true(isnan(sheet_real(s, "within_10", 0)));
  assert_null(sheet_text(s, "confidence", 0));
  finish(&t, s);
}

/* Who lacks b stands on a alone, whatever it weighs: 0.7 is more than ann's w, bob's 0.6 and cid's 1 - w together where
 * w is between 0.3 and 0.7. */
static void a_missing_criterion_leaves_its_weight_to_the_others(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, HEAD "key_customers: {limit: 1}\nconfidence: {weights: any}\n"));
  assert_good(&t, trial_push(&t, "customers", 4, TEXTS("id", "ann", "bob", "cid", "dan"), REALS("a", 1, 0.6, 0, 0.7),
                             REALS("b", 0, 0.6, 1, NAN)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_share(s, "dan", "key_probability", 0.4);
  assert_share(s, "ann", "key_probability", 0.3);
  assert_share(s, "bob", "key_probability", 0);
  finish(&t, s);
}

/* ---- uncertain values ------------------------------------------------------------------------------------------ */

#define RANGED                                                               \
  "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncriteria:\n" \
  "  a: {plugin: ranged, dimension: financial, normalize: %s}\n"             \
  "combine: from_ten\nkey_customers: {limit: 1}\nconfidence: {weights: given, values: %s}\n"

/* ann's 10 has an interval of 1.645 standard deviations on either side, bob's 11 is certain. */
static void assert_ranged(const char *normalizer, const char *values, double upper, double expected)
{
  char yaml[1000];
  trial t;
  snprintf(yaml, sizeof yaml, RANGED, normalizer, values);
  trial_new(&t);
  assert_good(&t, trial_open(&t, yaml));
  assert_good(&t, trial_push(&t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("value", 10, 11, 0),
                             REALS("lower", 10 - 1.6448536269514722, NAN, 0), REALS("upper", upper, NAN, 30)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  /* cid reaches up to 30 with 5 %: a half normal of 30 / 1.645; ann and cid are independent */
  assert_share(s, "ann", "key_probability", expected);
  finish(&t, s);
}

static double above(double z)
{
  return 0.5 * erfc(z / sqrt(2));
}

/* ann > 11 and cid < ann, by a fine grid over ann's half normal. */
static double ann_is_first(double z, double sigma)
{
  double sum = 0, cid = 30 / z;
  for (double g = 1 / sigma + 0.0005; g < 8; g += 0.001)
    sum += 0.001 * exp(-g * g / 2) / sqrt(2 * acos(-1)) * (1 - above((10 + sigma * g) / cid));
  return sum;
}

static void values_are_drawn_within_their_intervals(void **state)
{
  static const char *const normalizers[] = {"zscore", "sum"};
  (void)state;
  for (int i = 0; i < 2; i++) {
    double z = 1.6448536269514722;
    assert_ranged(normalizers[i], "yes", 10 + z, ann_is_first(z, 1));
    assert_ranged(normalizers[i], "90%", 10 + 2 * z, ann_is_first(z, 2)); /* two halves of their own width */
    assert_ranged(normalizers[i], "80%", 10 + z, ann_is_first(1.2815515655446004, z / 1.2815515655446004));
  }
}

/* minmax holds what is beyond the best value that it learned, bob's 11, at that value: a tie, which is shared. */
static void a_drawn_value_is_normalized_as_any_other(void **state)
{
  double z = 1.6448536269514722, ann = above(1), cid = above(11 / (30 / z));
  (void)state;
  assert_ranged("minmax", "yes", 10 + z, ann * ((1 - cid) / 2 + cid / 3));
}

static void values_can_be_taken_as_they_are(void **state)
{
  char yaml[1000];
  trial t;
  (void)state;
  snprintf(yaml, sizeof yaml, RANGED, "minmax", "no");
  trial_new(&t);
  assert_good(&t, trial_open(&t, yaml));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "ann", "bob"), REALS("value", 10, 11),
                             REALS("lower", 0, 0), REALS("upper", 20, 20)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "bob", "key_probability"), 1, 0);
  assert_told(&t, "nothing was drawn");
  finish(&t, s);
}

static void a_combiner_of_the_runs_rows_gets_no_other_values(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncriteria:\n"
                                 "  a: {plugin: ranged, dimension: financial}\n"
                                 "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"
                                 "combine: by_row\nkey_customers: {limit: 1}\nconfidence: {weights: any}\n"));
  assert_good(&t, trial_push(&t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("value", 1, 0.6, 0),
                             REALS("b", 0, 0.6, 1), REALS("lower", 0, 0, 0), REALS("upper", 20, 20, 20)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_told(&t, "the values of 'a' are taken as they are, though it has intervals: 'by_row' can only");
  assert_share(s, "ann", "key_probability", 0.4);
  finish(&t, s);
}

/* ---- combiners -------------------------------------------------------------------------------------------------- */

/* One that scores by the weights that it learned: it learns again for each draw. */
static void a_combiner_that_learns_weights_learns_anew(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: relearned\n"
                                 "criteria:\n"
                                 "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                 "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"
                                 "key_customers: {limit: 1}\nconfidence: {weights: any, draws: 2500}\n"));
  assert_good(&t, trial_push(&t, "customers", 3, TEXTS("id", "ann", "bob", "cid"), REALS("a", 1, 0.6, 0),
                             REALS("b", 0, 0.6, 1)));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  assert_near(sheet_real_of(s, "ann", "key_probability"), 0.4, 5 * 0.01);
  assert_near(sheet_real_of(s, "bob", "key_probability"), 0.2, 5 * 0.008);
  assert_near(sheet_real_of(s, "ann", "score"), 10.5, 1e-12); /* the run's own weights are what they were */
  finish(&t, s);
}

/* Of one that learns from everyone at once a hundred draws are too much for 25,000 customers. */
static void learning_anew_is_limited(void **state)
{
  enum { CROWDED = 25000 };
  static char names[CROWDED][8];
  static const char *ids[CROWDED];
  static double values[2][CROWDED];
  uint64_t seed = 4;
  trial t;
  (void)state;
  for (int i = 0; i < CROWDED; i++) {
    snprintf(names[i], sizeof names[i], "r%05d", i);
    ids[i] = names[i];
    for (int k = 0; k < 2; k++) values[k][i] = next_uniform(&seed);
  }
  const given columns[] = {{"id", "u", ids}, {"a", "g", values[0]}, {"b", "g", values[1]}};
  trial_new(&t);
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: codas\n"
                                 "criteria:\n"
                                 "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                 "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"
                                 "key_customers: {limit: 1}\nconfidence: {}\n"));
  assert_good(&t, trial_push_as(&t, "customers", CROWDED, columns, 3, (arrival){0, NULL}));
  int status = trial_run(&t);
  assert_int_equal(status, TARAZU_FAULT_PROFILE);
  assert_told(&t,
              "'codas' learns anew for each draw of weights, which is too much for 25000 customers; expected at most "
              "14142");
  trial_free(&t);
}

/* ---- calibration ------------------------------------------------------------------------------------------------ */

enum { PEOPLE = 300, TRUTHS = 5000, SEATS = 20, FIGURES = 4 };

typedef struct company {
  char names[PEOPLE][8];
  const char *ids[PEOPLE];
  double values[FIGURES][PEOPLE];
} company;

static void make_company(company *c)
{
  uint64_t seed = 21;
  for (int i = 0; i < PEOPLE; i++) {
    snprintf(c->names[i], sizeof c->names[i], "p%03d", i);
    c->ids[i] = c->names[i];
    for (int k = 0; k < FIGURES; k++) c->values[k][i] = next_uniform(&seed);
  }
}

/* Whole numbers of a concentration of 20 around 0.4, 0.3, 0.2, 0.1 as shapes: a gamma variate of shape n is the sum of
 * n exponential ones. */
static void true_weights(double w[FIGURES], uint64_t *seed)
{
  static const int shapes[FIGURES] = {8, 6, 4, 2};
  double sum = 0;
  for (int k = 0; k < FIGURES; k++) {
    w[k] = 0;
    for (int i = 0; i < shapes[k]; i++) w[k] -= log(1 - next_uniform(seed));
    sum += w[k];
  }
  for (int k = 0; k < FIGURES; k++) w[k] /= sum;
}

static int falling(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static void count_true_list(const company *c, uint64_t *seed, int listed[PEOPLE])
{
  double w[FIGURES], scores[PEOPLE], sorted[PEOPLE];
  true_weights(w, seed);
  for (int i = 0; i < PEOPLE; i++) {
    scores[i] = 0;
    for (int k = 0; k < FIGURES; k++) scores[i] += w[k] * c->values[k][i];
    sorted[i] = scores[i];
  }
  qsort(sorted, PEOPLE, sizeof *sorted, falling);
  for (int i = 0; i < PEOPLE; i++) listed[i] += scores[i] >= sorted[SEATS - 1];
}

/* Of customers who are told a chance of 70 % about 70 % are on the list that the true weights make. */
static void probabilities_are_calibrated(void **state)
{
  static company c;
  static int listed[PEOPLE];
  enum { BINS = 10 };
  double told[BINS] = {0}, came[BINS] = {0}, count[BINS] = {0};
  uint64_t seed = 99;
  trial t;
  int used = 0;
  (void)state;
  make_company(&c);
  const given columns[] = {{"id", "u", c.ids},
                           {"a", "g", c.values[0]},
                           {"b", "g", c.values[1]},
                           {"c", "g", c.values[2]},
                           {"d", "g", c.values[3]}};
  trial_new(&t);
  assert_good(
      &t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: from_ten\ncriteria:\n"
                         "  a: {plugin: attribute, dimension: x, weight: 4, input: {value: customers.a}}\n"
                         "  b: {plugin: attribute, dimension: x, weight: 3, input: {value: customers.b}}\n"
                         "  c: {plugin: attribute, dimension: y, weight: 2, input: {value: customers.c}}\n"
                         "  d: {plugin: attribute, dimension: y, weight: 1, input: {value: customers.d}}\n"
                         "dimensions: {x: 70%, y: 30%}\nkey_customers: {limit: 20}\nconfidence: {}\n"));
  assert_good(&t, trial_push_as(&t, "customers", PEOPLE, columns, 5, (arrival){0, NULL}));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  for (int i = 0; i < TRUTHS; i++) count_true_list(&c, &seed, listed);
  for (int i = 0; i < PEOPLE; i++) {
    double p = sheet_real_of(s, c.ids[i], "key_probability");
    int bin = p >= 1 ? BINS - 1 : (int)(p * BINS);
    told[bin] += p;
    came[bin] += (double)listed[i] / TRUTHS;
    count[bin]++;
  }
  for (int b = 0; b < BINS; b++) {
    if (count[b] < 1) continue;
    assert_near(came[b] / count[b], told[b] / count[b], 5 * 0.5 / sqrt(TRUTHS));
    used++;
  }
  assert_true(used >= 7);
  finish(&t, s);
}

/* ---- the same however it is computed -------------------------------------------------------------------------- */

enum { MANY = 9000 };

static char *bytes_of_run(const char *combine, uint32_t threads, const int64_t *order, size_t *size)
{
  static char names[MANY][8], yaml[2000];
  static const char *ids[MANY];
  static double values[3][MANY], lower[MANY], upper[MANY];
  uint64_t seed = 3;
  trial t;
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof names[i], "m%04d", i);
    ids[i] = names[i];
    for (int k = 0; k < 3; k++) values[k][i] = k == 2 && i % 7 == 0 ? (double)NAN : next_uniform(&seed);
    lower[i] = i % 3 ? values[0][i] - 0.1 : (double)NAN;
    upper[i] = values[0][i] + 0.2;
  }
  const given columns[] = {{"id", "u", ids},      {"value", "g", values[0]}, {"b", "g", values[1]},
                           {"c", "g", values[2]}, {"lower", "g", lower},     {"upper", "g", upper}};
  snprintf(yaml, sizeof yaml,
           "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: %s\ncriteria:\n"
           "  a: {plugin: ranged, dimension: x}\n"
           "  b: {plugin: attribute, dimension: x, weight: 3, input: {value: customers.b}}\n"
           "  c: {plugin: attribute, dimension: y, weight: 2, input: {value: customers.c}}\n"
           "dimensions: {x: 70%%, y: 30%%}\nkey_customers: {limit: 40}\nconfidence: {draws: 300}\n",
           combine);
  trial_new(&t);
  t.options.threads = threads;
  assert_good(&t, trial_open(&t, yaml));
  assert_good(&t, trial_push_as(&t, "customers", MANY, columns, 6, (arrival){order ? 1000 : 0, order}));
  assert_good(&t, trial_run(&t));
  sheet *s = sheet_read(&t, "customers");
  char *bytes = sheet_bytes(s, size);
  finish(&t, s);
  return bytes;
}

static void threads_and_the_order_of_rows_do_not_show(void **state)
{
  static const char *const combiners[] = {"weighted_sum", "topsis"};
  static int64_t order[MANY];
  (void)state;
  for (int i = 0; i < MANY; i++) order[i] = MANY - 1 - i;
  for (int k = 0; k < 2; k++) {
    size_t size, other;
    char *one = bytes_of_run(combiners[k], 1, NULL, &size);
    for (uint32_t threads = 2; threads < 4; threads++) {
      char *again = bytes_of_run(combiners[k], threads, threads == 3 ? order : NULL, &other);
      assert_int_equal(other, size);
      assert_memory_equal(one, again, size);
      free(again);
    }
    free(one);
  }
}

/* With few places only those who may reach them are counted; with many, everyone: both say the same of the places that
 * they share. */
static void few_places_and_many_count_alike(void **state)
{
  static company c;
  trial t[2];
  sheet *s[2];
  static const char *const bands[] = {"[5]", "[5, 150, 299]"};
  (void)state;
  make_company(&c);
  const given columns[] = {{"id", "u", c.ids}, {"a", "g", c.values[0]}, {"b", "g", c.values[1]}};
  for (int i = 0; i < 2; i++) {
    char yaml[1000];
    snprintf(yaml, sizeof yaml, HEAD "key_customers: {limit: 5}\nconfidence: {weights: any, bands: %s}\n", bands[i]);
    trial_new(&t[i]);
    assert_good(&t[i], trial_open(&t[i], yaml));
    assert_good(&t[i], trial_push_as(&t[i], "customers", PEOPLE, columns, 3, (arrival){0, NULL}));
    assert_good(&t[i], trial_run(&t[i]));
    s[i] = sheet_read(&t[i], "customers");
  }
  double sum = 0;
  for (int i = 0; i < PEOPLE; i++) {
    assert_near(sheet_real(s[0], "within_5", i), sheet_real(s[1], "within_5", i), 0);
    assert_near(sheet_real(s[0], "key_probability", i), sheet_real(s[1], "key_probability", i), 0);
    assert_near(sheet_real(s[0], "within_5", i), sheet_real(s[0], "key_probability", i), 0);
    sum += sheet_real(s[1], "within_150", i);
  }
  assert_near(sum, 150, 1e-6); /* in each draw as many are within as there are places */
  for (int i = 0; i < 2; i++) finish(&t[i], s[i]);
}

/* ---- explained -------------------------------------------------------------------------------------------------- */

static void a_customer_s_page_tells_how_sure(void **state)
{
  trial t;
  const char *words;
  (void)state;
  sheet *s = run_corners(&t, "key_customers: {limit: 1}\nconfidence: {weights: order, bands: [2]}\n");
  assert_good(&t, tarazu_explain_customer(t.session, "ann", 0, &words));
  assert_words(words, "confidence: likely, on the list in ");
  assert_words(words, "of 10000 draws (standard error 0.4 %); among the first 2 in 100.0 %");
  assert_words(words, "mean weights of the draws with her on the list: a 0.");
  assert_good(&t, tarazu_explain_customer(t.session, "ann", 1, &words));
  assert_words(words, "\"confidence\": {\"draws\": 10000, \"key_probability\": 0.");
  assert_words(words, "\"level\": \"likely\", \"within\": {\"2\": 1}, \"central_weights\": {\"a\": 0.");
  assert_good(&t, tarazu_explain_customer(t.session, "cid", 1, &words));
  assert_words(words, "\"level\": null");
  assert_words(words, "\"central_weights\": {}");
  finish(&t, s);
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

static void assert_refused(const char *setting, const char *says)
{
  char yaml[2000];
  trial t;
  snprintf(yaml, sizeof yaml, HEAD THIRD "key_customers: {limit: 1}\nconfidence: %s\n", setting);
  trial_new(&t);
  assert_int_equal(trial_open(&t, yaml), TARAZU_FAULT_PROFILE);
  assert_told(&t, says);
  assert_int_equal(trial_errors(&t), 1);
  trial_free(&t);
}

static void settings_that_say_nothing_are_refused(void **state)
{
  (void)state;
  assert_refused("yes", "for the defaults: `confidence: {}`");
  assert_refused("{draw: 5}", "did you mean 'draws'?");
  assert_refused("{draws: 99}", "confidence.draws: found the number 99, expected a whole number from 100 to 1000000");
  assert_refused("{weights: ordr}", "did you mean 'order'?");
  assert_refused("{weights: concentration}", "say how: {concentration: 20}");
  assert_refused("{weights: {concentration: 0}}", "confidence.weights.concentration: found the number 0");
  assert_refused("{weights: {}}", "found an empty map, expected one of concentration, intervals");
  assert_refused("{weights: {concentration: 3, intervals: {a: [0, 1]}}}", "found both concentration and intervals");
  assert_refused("{weights: {intervals: {}}}", "there is none; expected at least one");
  assert_refused("{weights: {intervals: {aa: [0, 1]}}}", "did you mean 'a'?");
  assert_refused("{weights: {intervals: {financial: [0, 1]}}}",
                 "dimension 'financial' has no weight under 'dimensions'");
  assert_refused("{weights: {intervals: {a: 30%}}}", "expected two shares, such as [10%, 30%]");
  assert_refused("{weights: {intervals: {a: [30%, 20%]}}}", "found 30% above 20%, expected the lower end first");
  assert_refused("{weights: {intervals: {a: [60%, 70%], b: [50%, 80%]}}}",
                 "their lower ends add up to more than 100 %");
  assert_refused("{weights: {intervals: {a: [0, 20%], b: [0, 20%], c: [0, 20%]}}}",
                 "their upper ends add up to less than 100 %");
  assert_refused("{values: 3}", "such as 80%");
  assert_refused("{values: 100%}", "confidence.values");
  assert_refused("{bands: 10}", "expected a list of at most 16 ranks");
  assert_refused("{bands: [10, 10]}", "confidence.bands[1]: found 10 after 10, expected more");
  assert_refused("{bands: [0]}", "confidence.bands[0]: found the number 0");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_criteria_have_the_exact_lengths),
      cmocka_unit_test(an_order_alone_has_the_exact_lengths),
      cmocka_unit_test(intervals_have_the_exact_lengths),
      cmocka_unit_test(around_the_given_weights_has_the_exact_measure),
      cmocka_unit_test(three_criteria_have_the_exact_areas),
      cmocka_unit_test(dimensions_are_drawn_and_criteria_within),
      cmocka_unit_test(what_no_interval_names_keeps_its_weights),
      cmocka_unit_test(pins_exclusions_and_floors_hold_in_every_draw),
      cmocka_unit_test(a_capacity_is_filled_in_every_draw),
      cmocka_unit_test(levels_are_firm_likely_and_open),
      cmocka_unit_test(without_a_list_ranks_alone_are_told),
      cmocka_unit_test(equals_share_the_places),
      cmocka_unit_test(a_tie_at_the_edge_is_shared),
      cmocka_unit_test(a_list_as_long_as_the_population_is_firm),
      cmocka_unit_test(one_customer_and_none),
      cmocka_unit_test(a_missing_criterion_leaves_its_weight_to_the_others),
      cmocka_unit_test(values_are_drawn_within_their_intervals),
      cmocka_unit_test(a_drawn_value_is_normalized_as_any_other),
      cmocka_unit_test(values_can_be_taken_as_they_are),
      cmocka_unit_test(a_combiner_of_the_runs_rows_gets_no_other_values),
      cmocka_unit_test(a_combiner_that_learns_weights_learns_anew),
      cmocka_unit_test(learning_anew_is_limited),
      cmocka_unit_test(probabilities_are_calibrated),
      cmocka_unit_test(threads_and_the_order_of_rows_do_not_show),
      cmocka_unit_test(few_places_and_many_count_alike),
      cmocka_unit_test(a_customer_s_page_tells_how_sure),
      cmocka_unit_test(settings_that_say_nothing_are_refused),
  };
  return cmocka_run_group_tests_name("confidence", tests, NULL, NULL);
}
