/* What must hold for every segmenter that is installed. What is particular to one stands in a table; a segmenter that
 * is not in it fails. */
#include "support/segmented.h"

#include <dirent.h>
#include <stdio.h>

/* Beside a segment's text. */
enum {
  NAMES_MISSING = 1, /* the parameter `missing` names the segment of who lacks a value */
  COUNTS = 2,        /* facts customers_in_NAME say how many are in each */
  ANY_ORDER = 4,     /* a customer's segment does not depend on where her row stands */
  BY_VALUE = 8,      /* who has equal values is in one segment */
  MAY_REFUSE = 16,   /* values that are too large are an error with a message */
  USUAL = NAMES_MISSING | COUNTS | ANY_ORDER | BY_VALUE
};

/* The fields that are bound, each to a column of its own; and the parameters, without the braces. */
typedef struct known {
  const char *id, *params, *fields[4];
  int traits;
} known;

#define RFM                            \
  {                                    \
    "recency", "frequency", "monetary" \
  }
#define CELLS   "preset: krapfel"
#define FIFTEEN "groups: 15"

static const known table[] = {
    {"pareto", "cuts: [80%, 95%]", {"value"}, USUAL},
    {"quantiles", "groups: 4", {"value"}, USUAL},
    {"quantiles", FIFTEEN, {"value"}, USUAL},
    {"natural_breaks", "groups: 4", {"value"}, USUAL},
    {"natural_breaks", FIFTEEN, {"value"}, USUAL},
    {"natural_breaks", "goodness: 90%", {"value"}, USUAL},
    {"thresholds", "cuts: [0, 20], names: [low, medium, high]", {"value"}, USUAL},
    {"matrix", CELLS, {"x", "y"}, USUAL},
    {"matrix", "preset: turnbull_zolkiewski, y_by: mean", {"x", "y", "z"}, USUAL},
    {"rfm_grid", "binning: shares", RFM, USUAL},
    {"rfm_grid", "binning: shifted, recency_bins: 15", RFM, USUAL},
    {"rules", "rules: [{name: a, column: one, from: 10}, {name: b, column: two, below: 3}]", {"one", "two"}, USUAL},
    {"kmeans", "k: 3", {"one", "two"}, COUNTS | BY_VALUE | MAY_REFUSE},
    {"gaussian_mixture", "components: 3", {"one", "two"}, COUNTS | BY_VALUE | MAY_REFUSE},
};
enum { KNOWN = sizeof table / sizeof *table, MOST_FIELDS = 4 };

static uint32_t field_count(const known *k)
{
  uint32_t count = 0;
  while (count < MOST_FIELDS && k->fields[count]) count++;
  return count;
}

/* columns: one after another, of count rows each. */
static rig *made(const known *k, const char *more, const double *columns, int64_t count)
{
  char params[400];
  rig *r = rig_open("segmenter", k->id);
  for (uint32_t f = 0; f < field_count(k); f++) rig_f64(r, k->fields[f], columns ? columns + f * count : NULL, count);
  snprintf(params, sizeof params, "{%s%s}", k->params, more);
  if (rig_create(r, params)) fail_msg("%s %s: %s", k->id, params, r->error.message);
  return r;
}

/* NULL: it is refused, with a message, where that may be. */
static rig *run(const known *k, const char *more, const double *columns, int64_t count)
{
  rig *r = made(k, more, columns, count);
  tarazu_status status = rig_learn(r);
  if (status && (k->traits & MAY_REFUSE)) {
    assert_true(r->error.message[0] != 0);
    rig_close(r);
    return NULL;
  }
  if (status) fail_msg("%s {%s} learns: %s", k->id, k->params, r->error.message);
  if (rig_apply(r, 2048)) fail_msg("%s {%s} is applied: %s", k->id, k->params, r->error.message);
  return r;
}

/* Some null, many the same. */
static double *columns_of(const known *k, int64_t count, uint64_t seed)
{
  int64_t all = count * field_count(k);
  double *x = calloc((size_t)all + 1, sizeof *x);
  assert_non_null(x);
  for (int64_t i = 0; i < all; i++) {
    double even = next_uniform(&seed);
    x[i] = i % 17 == 16 ? (double)NAN : i % 3 ? floor(40 * even) : 300 * even * even - 30;
  }
  return x;
}

static int same_label(const char *a, const char *b)
{
  return a && b ? !strcmp(a, b) : a == b;
}

static void every_segmenter_is_known_here(void **state)
{
  (void)state;
  DIR *folder = opendir(BUILD_DIR "/plugins/segmenter");
  assert_non_null(folder);
  int found = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    size_t length = strlen(entry->d_name);
    if (length < 3 || strcmp(entry->d_name + length - 3, ".so")) continue;
    int here = 0;
    for (int i = 0; i < KNOWN; i++)
      here |= strlen(table[i].id) == length - 3 && !strncmp(table[i].id, entry->d_name, length - 3);
    if (!here) fail_msg("%s is not in this test's table", entry->d_name);
    found++;
  }
  closedir(folder);
  assert_true(found >= 7);
}

static void who_lacks_all_values_has_no_segment_unless_it_has_a_name(void **state)
{
  (void)state;
  for (const known *k = table; k < table + KNOWN; k++) {
    double x[4 * MOST_FIELDS];
    for (int i = 0; i < 4 * MOST_FIELDS; i++) x[i] = i % 4 == 1 ? (double)NAN : i % 4 * 7;
    rig *r = run(k, "", x, 4);
    if (!r) continue;
    if (rig_label(r, 0, 1)) fail_msg("%s {%s}: null is %s", k->id, k->params, rig_label(r, 0, 1));
    for (int i = 0; i < 4; i++)
      if (i != 1 && !rig_label(r, 0, i)) fail_msg("%s {%s}: customer %d has no segment", k->id, k->params, i);
    rig_close(r);
    if (!(k->traits & NAMES_MISSING)) continue;
    r = run(k, ", missing: nothing known", x, 4);
    assert_string_equal(rig_label(r, 0, 1), "nothing known");
    assert_near(fact_value(r, "customers_in_nothing known"), 1, 0);
    for (int i = 0; i < 4; i++) assert_true(i == 1 || strcmp(rig_label(r, 0, i), "nothing known") != 0);
    rig_close(r);
  }
}

static void nobody_one_customer_and_nothing_known_are_no_fault(void **state)
{
  (void)state;
  for (const known *k = table; k < table + KNOWN; k++) {
    double nothing[3 * MOST_FIELDS], one[MOST_FIELDS] = {4, 4, 4, 4};
    for (int i = 0; i < 3 * MOST_FIELDS; i++) nothing[i] = NAN;
    rig_close(run(k, "", NULL, 0));
    rig *r = run(k, "", one, 1);
    if (r && !rig_label(r, 0, 0)) fail_msg("%s {%s}: one customer has no segment", k->id, k->params);
    rig_close(r);
    r = run(k, "", nothing, 3);
    for (int i = 0; r && i < 3; i++)
      if (rig_label(r, 0, i)) fail_msg("%s {%s}: nothing known is %s", k->id, k->params, rig_label(r, 0, i));
    rig_close(r);
  }
}

static void constants_are_in_one_segment(void **state)
{
  (void)state;
  static const double constants[] = {0, 7, -3, 1e300, 5e-324};
  for (const known *k = table; k < table + KNOWN; k++)
    for (size_t c = 0; c < sizeof constants / sizeof *constants; c++) {
      double x[6 * MOST_FIELDS];
      for (int i = 0; i < 6 * MOST_FIELDS; i++) x[i] = constants[c];
      rig *r = run(k, "", x, 6);
      for (int i = 0; r && i < 6; i++)
        if (!rig_label(r, 0, i) || strcmp(rig_label(r, 0, i), rig_label(r, 0, 0)))
          fail_msg("%s {%s}: constants %g are not together", k->id, k->params, constants[c]);
      rig_close(r);
    }
}

/* Fifteen groups of two distinct values among them; -0 and 0 are one value. */
static void equal_customers_are_together(void **state)
{
  (void)state;
  enum { N = 400 };
  for (const known *k = table; k < table + KNOWN; k++) {
    if (!(k->traits & BY_VALUE)) continue;
    for (int distinct = 1; distinct <= 23; distinct += 11) {
      double x[N * MOST_FIELDS];
      uint64_t seed = 3;
      for (int i = 0; i < N; i++) {
        double value = floor((distinct + 1) * next_uniform(&seed));
        for (int f = 0; f < MOST_FIELDS; f++) x[f * N + i] = value <= 0 && i % 2 ? -0.0 : value;
      }
      rig *r = run(k, "", x, N);
      for (int i = 0; r && i < N; i++)
        for (int j = 0; j < i; j++)
          if (!(x[i] < x[j]) && !(x[i] > x[j]) && !same_label(rig_label(r, 0, i), rig_label(r, 0, j)))
            fail_msg("%s {%s}: two with %g are apart", k->id, k->params, x[i]);
      rig_close(r);
    }
  }
}

static void facts_count_the_segments(void **state)
{
  (void)state;
  enum { N = 500 };
  for (const known *k = table; k < table + KNOWN; k++) {
    if (!(k->traits & COUNTS)) continue;
    double *x = columns_of(k, N, 47);
    rig *r = run(k, "", x, N);
    for (int i = 0; r && i < N; i++) {
      const char *label = rig_label(r, 0, i);
      char name[200];
      int count = 0;
      for (int j = 0; label && j < N; j++) count += same_label(rig_label(r, 0, j), label);
      snprintf(name, sizeof name, "customers_in_%s", label ? label : "");
      if (label) assert_near(fact_value(r, name), count, 0);
    }
    rig_close(r);
    free(x);
  }
}

static void the_order_of_rows_does_not_show(void **state)
{
  (void)state;
  enum { N = 700 };
  for (const known *k = table; k < table + KNOWN; k++) {
    if (!(k->traits & ANY_ORDER)) continue;
    double *x = columns_of(k, N, 53), *turned = calloc(N * MOST_FIELDS, sizeof *turned);
    assert_non_null(turned);
    for (int i = 0; i < N; i++)
      for (uint32_t f = 0; f < field_count(k); f++) turned[f * N + (uint32_t)(i * 11 % N)] = x[f * N + (uint32_t)i];
    rig *r = run(k, "", x, N), *s = run(k, "", turned, N);
    for (int i = 0; r && s && i < N; i++)
      if (!same_label(rig_label(r, 0, i), rig_label(s, 0, i * 11 % N)))
        fail_msg("%s {%s}: customer %d changes with the order of rows", k->id, k->params, i);
    rig_close(r);
    rig_close(s);
    free(x);
    free(turned);
  }
}

/* Two shares and a rest; what is learned can be saved, and gives customers of no run the same. */
static void batches_and_a_loaded_model_give_the_same(void **state)
{
  (void)state;
  enum { N = 2 * TARAZU_SHARE + 777 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = columns_of(k, N, 41);
    rig *r = run(k, "", x, N);
    assert_non_null(r);
    check_batches(r);
    assert_non_null(r->strategy->save);
    check_reload(r);
    rig_close(r);
    free(x);
  }
}

/* The same columns learned again, and others in between, leave nothing behind. */
static void learning_anew_forgets(void **state)
{
  (void)state;
  enum { N = 300 };
  for (const known *k = table; k < table + KNOWN; k++) {
    double *x = columns_of(k, N, 43), other[N];
    size_t count, again_count;
    rig *r = run(k, "", x, N);
    assert_non_null(r);
    void *bytes = rig_bytes(r, &count);
    for (int turn = 0; turn < 2; turn++) {
      for (uint32_t f = 0; f < field_count(k); f++) {
        for (int i = 0; i < N; i++) other[i] = turn ? x[f * N + (uint32_t)i] : 1000 - x[f * N + (uint32_t)i];
        rig_f64(r, k->fields[f], other, N);
      }
      assert_int_equal(rig_learn(r), TARAZU_OK);
    }
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
      cmocka_unit_test(every_segmenter_is_known_here),
      cmocka_unit_test(who_lacks_all_values_has_no_segment_unless_it_has_a_name),
      cmocka_unit_test(nobody_one_customer_and_nothing_known_are_no_fault),
      cmocka_unit_test(constants_are_in_one_segment),
      cmocka_unit_test(equal_customers_are_together),
      cmocka_unit_test(facts_count_the_segments),
      cmocka_unit_test(the_order_of_rows_does_not_show),
      cmocka_unit_test(batches_and_a_loaded_model_give_the_same),
      cmocka_unit_test(learning_anew_forgets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
