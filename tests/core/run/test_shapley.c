/* Contributions of criteria where a combiner has no closed form, against the mean over all orders in which criteria can
 * join (Shapley 1953), and baselines. */
#include "config/yaml.h"
#include "support/properties.h"
#include "support/session.h"
#include <stdio.h>
#include <stdlib.h>

enum { PEOPLE = 41, MOST = 16 };

typedef struct crowd {
  uint32_t criteria;
  char ids[PEOPLE][4];
  const char *keys[PEOPLE];
  double x[MOST][PEOPLE];
} crowd;

static void make_crowd(crowd *c, uint32_t criteria, double gaps, uint64_t seed)
{
  c->criteria = criteria;
  for (int i = 0; i < PEOPLE; i++) {
    snprintf(c->ids[i], sizeof c->ids[i], "c%02d", i);
    c->keys[i] = c->ids[i];
    for (uint32_t k = 0; k < criteria; k++) {
      c->x[k][i] = next_uniform(&seed) * 10;
      if (next_uniform(&seed) < gaps) c->x[k][i] = NAN;
    }
  }
}

static const char *name_of(uint32_t criterion)
{
  static const char *const names[MOST] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                          "i", "j", "k", "l", "m", "n", "o", "p"};
  return names[criterion];
}

static sheet *run(trial *t, const crowd *c, const char *more)
{
  char yaml[6000] = "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncriteria:\n";
  given columns[MOST + 1] = {{"id", "u", c->keys}};
  for (uint32_t k = 0; k < c->criteria; k++) {
    char line[200];
    snprintf(line, sizeof line,
             "  %s: {plugin: attribute, dimension: financial, weight: %u, input: {value: customers.%s}}\n", name_of(k),
             k + 1, name_of(k));
    strcat(yaml, line);
    columns[k + 1] = (given){name_of(k), "g", c->x[k]};
  }
  strcat(yaml, more);
  assert_good(t, trial_open(t, yaml));
  assert_good(t, trial_push_as(t, "customers", PEOPLE, columns, c->criteria + 1, (arrival){0, NULL}));
  assert_good(t, trial_run(t));
  return sheet_read(t, "customers");
}

/* ---- TOPSIS as a game ----------------------------------------------------------------------------------------------
 */

typedef struct game {
  uint32_t players, player[MOST];
  double own[MOST], median[MOST], least[MOST], most[MOST], weight[MOST]; /* by criterion */
} game;

static double column_of(const sheet *s, uint32_t criterion, const char *ending, int64_t row)
{
  char column[40];
  snprintf(column, sizeof column, "%s_%s", name_of(criterion), ending);
  return sheet_real(s, column, row);
}

static int compare(const void *a, const void *b)
{
  return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

/* What the customer of a row brings, against what the median customer would bring. */
static void set_up(game *g, const sheet *s, const crowd *c, int64_t row)
{
  double sum = 0;
  *g = (game){0};
  for (uint32_t k = 0; k < c->criteria; k++) {
    double sorted[PEOPLE];
    int count = 0;
    for (int64_t i = 0; i < PEOPLE; i++) {
      double value = column_of(s, k, "normalized", i);
      if (!isnan(value)) sorted[count++] = value;
    }
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    g->least[k] = sorted[0];
    g->most[k] = sorted[count - 1];
    g->median[k] = count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    g->own[k] = column_of(s, k, "normalized", row);
    if (isnan(g->own[k])) continue;
    g->player[g->players++] = k;
    g->weight[k] = k + 1.0;
    sum += g->weight[k];
  }
  for (uint32_t k = 0; k < c->criteria; k++) g->weight[k] /= sum;
}

static double worth(const game *g, uint32_t members)
{
  double near = 0, far = 0;
  for (uint32_t i = 0; i < g->players; i++) {
    uint32_t k = g->player[i];
    double v = g->weight[k] * (members >> i & 1 ? g->own[k] : g->median[k]);
    near += pow(v - g->weight[k] * g->most[k], 2);
    far += pow(v - g->weight[k] * g->least[k], 2);
  }
  return sqrt(far) / (sqrt(near) + sqrt(far));
}

/* Goes through every order in which the players join, and sums what each adds; the number of orders. */
static int join(const game *g, uint32_t members, double before, double *phi)
{
  int orders = 0;
  if (members + 1 == 1u << g->players) return 1;
  for (uint32_t i = 0; i < g->players; i++) {
    if (members >> i & 1) continue;
    double after = worth(g, members | 1u << i);
    int below = join(g, members | 1u << i, after, phi);
    phi[i] += below * (after - before);
    orders += below;
  }
  return orders;
}

static void all_orders(const game *g, double *phi)
{
  memset(phi, 0, MOST * sizeof *phi);
  int orders = join(g, 0, worth(g, 0), phi), expected = 1;
  for (uint32_t i = 2; i <= g->players; i++) expected *= (int)i;
  assert_int_equal(orders, expected);
  for (uint32_t i = 0; i < g->players; i++) phi[i] /= orders;
}

/* The same by subsets, for more players than orders can be counted of. */
static void all_subsets(const game *g, double *phi)
{
  uint32_t n = g->players;
  double *worths = malloc((1u << n) * sizeof *worths), share[MOST + 1];
  for (uint32_t s = 0; s < 1u << n; s++) worths[s] = worth(g, s);
  share[0] = 1.0 / n;
  for (uint32_t s = 1; s < n; s++) share[s] = share[s - 1] * s / (n - s);
  memset(phi, 0, MOST * sizeof *phi);
  for (uint32_t s = 0; s < 1u << n; s++)
    for (uint32_t i = 0; i < n; i++)
      if (!(s >> i & 1)) phi[i] += share[__builtin_popcount(s)] * (worths[s | 1u << i] - worths[s]);
  free(worths);
}

static void assert_contributions(const sheet *s, const crowd *c, int64_t row, double tolerance)
{
  game g;
  double phi[MOST], sum = 0;
  set_up(&g, s, c, row);
  if (!g.players) return;
  if (g.players <= 7) all_orders(&g, phi);
  else all_subsets(&g, phi);
  uint32_t player = 0;
  for (uint32_t k = 0; k < c->criteria; k++) {
    double part = column_of(s, k, "contribution", row);
    assert_near(part, isnan(g.own[k]) ? NAN : phi[player], tolerance);
    if (isnan(g.own[k])) continue;
    sum += part;
    player++;
  }
  assert_near(sheet_real(s, "score", row), worth(&g, (1u << g.players) - 1), 1e-12);
  assert_near(sum, sheet_real(s, "score", row) - worth(&g, 0), 1e-12);
}

static void key_customers_contributions_are_the_mean_over_all_orders(void **state)
{
  (void)state;
  for (uint32_t criteria = 1; criteria <= 6; criteria++)
    for (int gaps = 0; gaps < 2; gaps++) {
      crowd c;
      trial t;
      make_crowd(&c, criteria, gaps ? 0.25 : 0, 10 * criteria);
      trial_new(&t);
      sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 9}\n");
      for (int64_t row = 0; row < PEOPLE; row++) {
        if (sheet_real(s, "key_customer", row) > 0) assert_contributions(s, &c, row, 1e-12);
        else
          for (uint32_t k = 0; k < criteria; k++) assert_near(column_of(s, k, "contribution", row), NAN, 0);
      }
      sheet_free(s);
      trial_free(&t);
    }
}

static void twelve_criteria_are_still_exact(void **state)
{
  crowd c;
  trial t;
  (void)state;
  make_crowd(&c, 12, 0, 3);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 2}\n");
  assert_contributions(s, &c, 0, 1e-12);
  assert_contributions(s, &c, 1, 1e-12);
  sheet_free(s);
  trial_free(&t);
}

static void more_are_sampled_and_still_add_up(void **state)
{
  crowd c;
  trial t;
  (void)state;
  make_crowd(&c, 15, 0.05, 4);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 4}\n");
  for (int64_t row = 0; row < 4; row++) assert_contributions(s, &c, row, 0.002);
  size_t count[2];
  char *bytes[2] = {sheet_bytes(s, &count[0]), NULL};
  sheet_free(s);
  s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 4}\n"); /* the same sample again */
  bytes[1] = sheet_bytes(s, &count[1]);
  assert_int_equal(count[0], count[1]);
  assert_memory_equal(bytes[0], bytes[1], count[0]);
  free(bytes[0]);
  free(bytes[1]);
  sheet_free(s);
  trial_free(&t);
}

static void one_who_is_asked_for_gets_hers_too(void **state)
{
  crowd c;
  trial t;
  const char *out[2];
  (void)state;
  make_crowd(&c, 4, 0.2, 8);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: topsis\nkey_customers: {limit: 2}\n");
  const char *customer = sheet_text(s, "customer", 20);
  assert_near(column_of(s, 0, "contribution", 20), NAN, 0);
  for (int i = 0; i < 3; i++) assert_good(&t, tarazu_explain_customer(t.session, customer, 1, &out[0]));
  sheet *after = sheet_read(&t, "customers");
  assert_contributions(after, &c, 20, 1e-12);
  assert_contributions(after, &c, 0, 1e-12);
  sheet_free(after);
  sheet_free(s);
  trial_free(&t);
}

/* ---- closed forms and combiners that have none --------------------------------------------------------------------
 */

static void without_row_numbers_there_are_none(void **state)
{
  crowd c;
  trial t;
  const char *out;
  (void)state;
  make_crowd(&c, 3, 0.2, 8);
  trial_new(&t);
  sheet *s = run(&t, &c, "combine: by_row\nkey_customers: {limit: 2}\n");
  for (int64_t row = 0; row < PEOPLE; row++)
    for (uint32_t k = 0; k < 3; k++) assert_near(column_of(s, k, "contribution", row), NAN, 0);
  assert_good(&t, tarazu_explain_customer(t.session, "c07", 0, &out));
  assert_words(tarazu_manifest(t.session), "\"contribution_baseline\": null");
  sheet_free(s);
  trial_free(&t);
}

static double baseline_of(trial *t)
{
  arena *memory = arena_new();
  problems *faults = problems_new();
  const char *manifest = tarazu_manifest(t->session);
  const node *value =
      node_get(yaml_parse("manifest", manifest, strlen(manifest), memory, faults), "contribution_baseline");
  assert_non_null(value);
  double baseline = strcmp(value->text, "null") ? strtod(value->text, NULL) : NAN;
  problems_free(faults);
  arena_free(memory);
  return baseline;
}

static void every_score_is_the_baseline_and_its_contributions(void **state)
{
  static const char *const combiners[] = {"weighted_sum", "from_ten", "topsis"};
  (void)state;
  for (int i = 0; i < 3; i++) {
    crowd c;
    trial t;
    char more[200];
    make_crowd(&c, 5, 0.1, 12);
    trial_new(&t);
    snprintf(more, sizeof more, "combine: %s\nkey_customers: {limit: 100%%}\n", combiners[i]);
    sheet *s = run(&t, &c, more);
    double baseline = baseline_of(&t);
    int complete = 0;
    if (i < 2) assert_near(baseline, 10 * i, 0);
    for (int64_t row = 0; row < PEOPLE; row++) {
      double sum = 0;
      if (sheet_real(s, "coverage", row) < 1) continue;
      for (uint32_t k = 0; k < 5; k++) sum += column_of(s, k, "contribution", row);
      assert_near(sheet_real(s, "score", row), baseline + sum, 1e-12);
      complete++;
    }
    assert_in_range(complete, 10, PEOPLE);
    sheet_free(s);
    trial_free(&t);
  }
}

static void a_baseline_needs_someone_who_has_everything(void **state)
{
  trial t;
  (void)state;
  trial_new(&t);
  assert_good(&t, trial_open(&t, "tarazu: 1\nas_of: 2020-01-01\ndata:\n  customers: {key: id}\ncombine: topsis\n"
                                 "criteria:\n"
                                 "  a: {plugin: attribute, dimension: financial, input: {value: customers.a}}\n"
                                 "  b: {plugin: attribute, dimension: financial, input: {value: customers.b}}\n"));
  assert_good(&t, trial_push(&t, "customers", 2, TEXTS("id", "x", "y"), REALS("a", 1, NAN), REALS("b", NAN, 1)));
  assert_good(&t, trial_run(&t));
  assert_near(baseline_of(&t), NAN, 0);
  trial_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(key_customers_contributions_are_the_mean_over_all_orders),
      cmocka_unit_test(twelve_criteria_are_still_exact),
      cmocka_unit_test(more_are_sampled_and_still_add_up),
      cmocka_unit_test(one_who_is_asked_for_gets_hers_too),
      cmocka_unit_test(without_row_numbers_there_are_none),
      cmocka_unit_test(every_score_is_the_baseline_and_its_contributions),
      cmocka_unit_test(a_baseline_needs_someone_who_has_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
